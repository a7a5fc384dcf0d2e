//! Remedies: the fewest settings to change so that a flow arrives, found by changing them in the model and tracing again.
//!
//! What there is to change for a hop that blocks stands in `remedy/candidate.rs`; how a change is made in
//! `remedy/change.rs`.

mod candidate;
mod change;
mod clause;
mod client;
mod way;

use std::collections::VecDeque;

use serde::Serialize;
use sidegate_model::{VpcEndpointId, World};

pub use self::change::{Change, Setting};
use super::{Disposition, Flow, FlowError, Trace, trace};
use crate::{Plan, recompile};

/// What to change so that a flow arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remedy {
    /// The settings, in the order in which the flow meets them. There is no smaller set among those that were tried.
    pub settings: Vec<Setting>,
    /// The intended path: that of the flow once they are changed.
    pub path: Trace,
}

impl Remedy {
    /// Without the settings that a later one made needless, such as a rule for a port that the client no longer asks at.
    fn without_needless(mut self, world: &World, plan: &Plan, flow: &Flow) -> Self {
        for at in (0..self.settings.len()).rev() {
            let mut less = self.clone();
            less.settings.remove(at);
            let Some((after, changed)) = less.apply(world, flow) else { continue };
            if let Ok(path) = trace(&after, &recompile(plan, world, &after), &changed)
                && path.disposition.is_reached()
            {
                self = Self { path, ..less };
            }
        }
        self
    }

    /// The world and the flow with all settings changed; `None` if one cannot be, since the world is another by now.
    pub fn apply(&self, world: &World, flow: &Flow) -> Option<(World, Flow)> {
        let first = (world.clone(), flow.clone());
        self.settings.iter().try_fold(first, |(world, flow), setting| setting.change.apply(&world, &flow))
    }
}

/// The most settings of a remedy.
const MOST_SETTINGS: usize = 8;

/// The most sets of settings that are tried.
const MOST_TRIES: usize = 160;

/// Settings that were changed, what came of them, and what is left to be done.
struct Tried {
    world: World,
    plan: Plan,
    flow: Flow,
    settings: Vec<Setting>,
    trace: Trace,
}

/// The smallest set of settings that lets a flow arrive, with the path that it then takes: `None` if it arrives as it is,
/// or if nothing that is known helps.
///
/// The settings are changed in a copy of the world, by the commands that a client's calls become, so that what AWS would
/// refuse is not proposed. It takes time in proportion to the VPCs on the path for each set that is tried.
///
/// # Errors
/// [`FlowError`] as for [`trace`].
pub fn remedy(world: &World, plan: &Plan, flow: &Flow) -> Result<Option<Remedy>, FlowError> {
    remedy_among(world, plan, flow, |_| true)
}

/// The same, of changes that may be made: what is not known of a world may speak against others.
///
/// # Errors
/// [`FlowError`] as for [`trace`].
pub fn remedy_among(
    world: &World, plan: &Plan, flow: &Flow, may_be: impl Fn(&Change) -> bool,
) -> Result<Option<Remedy>, FlowError> {
    let trace = trace(world, plan, flow)?;
    if trace.disposition.is_reached() {
        return Ok(None);
    }
    let first = || Tried {
        world: world.clone(),
        plan: plan.clone(),
        flow: flow.clone(),
        settings: Vec::new(),
        trace: trace.clone(),
    };
    // Whoever denies something means it, so that this is taken away only where nothing else helps.
    let found = search(first(), |change| !matches!(change, Change::Except { .. }) && may_be(change));
    let found = found.or_else(|| search(first(), &may_be));
    Ok(found.map(|remedy| remedy.without_needless(world, plan, flow)))
}

/// The setting that has a flow take a gateway endpoint, where a route table leads it elsewhere: the endpoint associated with
/// the table, or the route away that beats the endpoint's. `None` if it takes it as it is, or if neither helps.
///
/// # Errors
/// [`FlowError`] as for [`trace`].
pub fn remedy_by(
    world: &World, plan: &Plan, flow: &Flow, endpoint: &VpcEndpointId,
) -> Result<Option<Remedy>, FlowError> {
    let trace = trace(world, plan, flow)?;
    let takes = |end: &Disposition| matches!(end, Disposition::Endpoint { endpoint: own, .. } if own == endpoint);
    if takes(&trace.disposition) {
        return Ok(None);
    }
    let settings = way::by_endpoint(world, &trace, endpoint);
    let first = Tried { world: world.clone(), plan: plan.clone(), flow: flow.clone(), settings: Vec::new(), trace };
    let mut tries = settings.into_iter().filter_map(|setting| first.with(setting));
    let found = tries.find(|tried| takes(&tried.trace.disposition));
    Ok(found.map(|tried| Remedy { settings: tried.settings, path: tried.trace }))
}

/// The first set of settings, by their number, that lets a flow arrive, among changes that are wanted.
fn search(first: Tried, is_wanted: impl Fn(&Change) -> bool) -> Option<Remedy> {
    let mut open = VecDeque::from([first]);
    let mut tries = 0;
    while let Some(tried) = open.pop_front() {
        if tried.settings.len() == MOST_SETTINGS {
            continue;
        }
        let settings = candidate::candidates(&tried.world, &tried.flow, &tried.trace);
        for setting in settings.into_iter().filter(|setting| is_wanted(&setting.change)) {
            if tries == MOST_TRIES {
                return None;
            }
            tries += 1;
            let Some(next) = tried.with(setting) else { continue };
            if next.trace.disposition.is_reached() {
                return Some(Remedy { settings: next.settings, path: next.trace });
            }
            open.push_back(next);
        }
    }
    None
}

impl Tried {
    /// With one more setting changed; `None` if it cannot be.
    fn with(&self, setting: Setting) -> Option<Self> {
        if self.settings.iter().any(|own| own.change == setting.change) {
            return None;
        }
        let (world, flow) = setting.change.apply(&self.world, &self.flow)?;
        let plan = recompile(&self.plan, &self.world, &world);
        let trace = trace(&world, &plan, &flow).ok()?;
        // What changes nothing of the path leads nowhere, unless something else needs it.
        if trace == self.trace && !matches!(setting.change, Change::DnsHostnames { .. }) {
            return None;
        }
        let settings = self.settings.iter().cloned().chain([setting]).collect();
        Some(Self { world, plan, flow, settings, trace })
    }
}
