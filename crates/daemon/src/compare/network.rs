//! Networks: the world that is asked, with its plan, and what is not known of it.

use serde::Serialize;
use sidegate_import::Imported;
use sidegate_model::{VpcId, World};
use sidegate_plan::analyze::{self, Flow, Trace};
use sidegate_plan::{Plan, VpcPlan};

use crate::advise::{Untold, is_taken_as_on};
use crate::explain::{Open, open};

/// A world with its plan.
#[derive(Clone, Copy)]
pub(super) struct Network<'a> {
    pub(super) world: &'a World,
    pub(super) plan: &'a Plan,
    /// What the files do not tell, if it was read from some.
    pub(super) files: Option<&'a Imported>,
    /// The DNS attributes that these do not tell, which are taken as on.
    pub(super) untold: Option<&'a Untold>,
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

    /// What a path rests on and files do not tell, but for what is taken as on.
    pub(super) fn open(&self, flow: &Flow, trace: &Trace) -> Vec<Open> {
        let mut unknown = self.files.map(|files| open(self.world, files, flow, trace)).unwrap_or_default();
        unknown.retain(|own| !is_taken_as_on(&own.what));
        unknown
    }

    pub(super) fn vpc(&self, id: &VpcId) -> Option<&'a VpcPlan> {
        self.plan.vpcs.get(id).map(|own| &**own)
    }

    /// The same with another world and its plan.
    pub(super) const fn with<'b>(&'b self, world: &'b World, plan: &'b Plan) -> Network<'b> {
        Network { world, plan, ..*self }
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
