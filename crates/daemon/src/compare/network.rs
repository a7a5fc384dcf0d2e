//! Networks: the world that is asked, with its plan, and what is not known of it.

use serde::Serialize;
use sidegate_import::Imported;
use sidegate_model::{VpcId, World};
use sidegate_plan::analyze::{self, Flow, Trace};
use sidegate_plan::{Plan, VpcPlan};

/// A world with its plan.
#[derive(Clone, Copy)]
pub(super) struct Network<'a> {
    pub(super) world: &'a World,
    pub(super) plan: &'a Plan,
    /// What the files do not tell, if it was read from some.
    pub(super) files: Option<&'a Imported>,
    pub(super) origin: Origin,
}

/// Where a world is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Origin {
    /// The running daemon.
    Running,
    /// Files.
    Described,
    /// An example, built for it.
    Example,
}

impl<'a> Network<'a> {
    /// The path of a flow; `None` if nothing could send it.
    pub(super) fn trace(&self, flow: &Flow) -> Option<Trace> {
        analyze::trace(self.world, self.plan, flow).ok()
    }

    pub(super) fn vpc(&self, id: &VpcId) -> Option<&'a VpcPlan> {
        self.plan.vpcs.get(id).map(|own| &**own)
    }

    /// The same with another world and its plan.
    pub(super) const fn with<'b>(&'b self, world: &'b World, plan: &'b Plan) -> Network<'b> {
        Network { world, plan, files: self.files, origin: self.origin }
    }
}

impl Origin {
    /// What it is called.
    pub(super) const fn called(self) -> &'static str {
        match self {
            Self::Running => "the running network",
            Self::Described => "the network that files tell of",
            Self::Example => "an example network",
        }
    }
}
