//! Reachability: what comes of the analysis of a path, in the model's words, by traces of packets that the path is about.
//!
//! A path leaves open what a trace has to know: interfaces, addresses, ports. So one packet after the other is asked
//! whether it arrives, until of each kind of packets that rules and routes tell apart there was one
//! (`reachability/candidate.rs`). The path that is told is that of the packet with the fewest components; if none arrives,
//! what is told is what stopped the one that came farthest.
//!
//! Source: Reachability Analyzer guide, "How Reachability Analyzer works".

mod attempt;
mod candidate;
mod component;
mod end;
mod explain;
mod site;

use sidegate_model::{
    AnalysisOutcome, AnalysisSettings, Attachment, Component, ComponentId, Explanation, ExplanationCode,
    NetworkInsightsPath, NetworkInterfaceId, PathComponent, World,
};

use self::attempt::Attempt;
use self::site::Site;
use crate::{Plan, recompile};

/// What comes of an analysis of a path, where `plan` is that of `world`.
pub fn analyse(world: &World, plan: &Plan, path: &NetworkInsightsPath, settings: &AnalysisSettings) -> AnalysisOutcome {
    let supposed = supposed(world, plan, path);
    let (world, plan) = supposed.as_ref().map_or((world, plan), |(world, plan)| (world, plan));
    let site = Site { world, plan, path };
    site.outcome(settings).unwrap_or_else(|outcome| outcome)
}

/// The world in which a program runs behind the interfaces at the ends of a path that nothing has; `None` if something has
/// them. Of such interfaces AWS tells what would be.
fn supposed(world: &World, plan: &Plan, path: &NetworkInsightsPath) -> Option<(World, Plan)> {
    let ends = [Some(&path.definition.source), path.definition.destination.as_ref()].into_iter().flatten();
    let idle = ends.filter_map(|end| match &end.id {
        ComponentId::NetworkInterface(id) => world.interfaces.get(id).filter(|own| !own.is_attached()),
        _ => None,
    });
    let idle: Vec<NetworkInterfaceId> = idle.map(|own| own.id.clone()).collect();
    if idle.is_empty() {
        return None;
    }
    let mut supposed = world.clone();
    for id in idle {
        supposed.interfaces.update(&id, |own| own.attachment = Attachment::Program);
    }
    let plan = recompile(plan, world, &supposed);
    Some((supposed, plan))
}

/// A packet that was tried, with what it passed.
struct Tried<'w> {
    attempt: Attempt<'w>,
    forward: Vec<PathComponent>,
    back: Vec<PathComponent>,
}

impl Site<'_> {
    /// `Err` where there is nothing to trace.
    fn outcome(&self, settings: &AnalysisSettings) -> Result<AnalysisOutcome, AnalysisOutcome> {
        let senders = end::senders(self)?;
        let goal = end::goal(self, &senders)?;
        let found = candidate::candidates(self, &senders, &goal)?;
        let warning = found.warning();
        let tries = found.candidates.into_iter().filter_map(|candidate| Attempt::make(self, candidate, &goal));
        let tries: Vec<Tried<'_>> = tries.map(|attempt| self.tried(attempt)).collect();
        let (arrived, lost): (Vec<_>, Vec<_>) = tries.into_iter().partition(|tried| tried.refusal(self).is_none());
        let (kept, filtered): (Vec<_>, Vec<_>) =
            arrived.into_iter().partition(|tried| tried.filtered(settings).is_none());
        if let Some(Tried { forward, back, .. }) = kept.into_iter().min_by_key(|tried| tried.forward.len()) {
            return Ok(AnalysisOutcome::Reachable { forward, back, warning });
        }
        let filtered = filtered.into_iter().min_by_key(|tried| tried.forward.len());
        if let Some(explanation) = filtered.and_then(|tried| tried.filtered(settings)) {
            return Ok(unreachable(explanation));
        }
        // The first of those that came equally far.
        let farthest = lost.into_iter().rev().max_by_key(|tried| tried.attempt.hops.len());
        let Some(mut tried) = farthest else {
            return Ok(unreachable(Explanation::new(ExplanationCode::NoPath)));
        };
        let Some(refusal) = tried.refusal(self) else {
            return Ok(unreachable(Explanation::new(ExplanationCode::NoPath)));
        };
        tried.forward.retain(|own| own.component.component.scope == self.path.scope);
        let suggested_accounts = refusal.beyond.into_iter().filter(|own| *own != self.path.scope.account).collect();
        Ok(AnalysisOutcome::Unreachable {
            forward: tried.forward,
            explanations: vec![refusal.explanation],
            suggested_accounts,
            warning,
        })
    }

    fn tried<'w>(&self, attempt: Attempt<'w>) -> Tried<'w> {
        let forward = component::forward(self, &attempt);
        let back = component::back(self, &attempt, &forward);
        Tried { attempt, forward, back }
    }
}

impl Tried<'_> {
    /// Why the packet does not count as one that arrives.
    fn refusal(&self, site: &Site<'_>) -> Option<explain::Refusal> {
        // What lies in another account, or another Region, is nothing that the caller may look at.
        let beyond = self.forward.iter().find(|own| own.component.component.scope != site.path.scope);
        if let Some(beyond) = beyond {
            let own = self.forward.iter().rev().find(|own| own.component.component.scope == site.path.scope);
            let mut explanation = Explanation::new(ExplanationCode::NoPossibleDestination);
            explanation.component = own.map(|own| own.component.clone());
            let beyond = Some(beyond.component.component.scope.account.clone());
            return Some(explain::Refusal { explanation, beyond });
        }
        explain::refusal(site, &self.attempt).map(|explanation| explain::Refusal { explanation, beyond: None })
    }

    /// Why the filters of an analysis do not count it.
    fn filtered(&self, settings: &AnalysisSettings) -> Option<Explanation> {
        let passed: Vec<String> = self.forward.iter().flat_map(arns).collect();
        let explained = |code, arn: &String| {
            let mut explanation = Explanation::new(code);
            match Component::read(arn, &self.attempt.scope) {
                Ok(Some(component)) => explanation.component = Some(site::unnamed(component)),
                _ => explanation.missing = Some(arn.clone()),
            }
            explanation
        };
        let missed = settings.filter_in.iter().find(|arn| !passed.contains(arn));
        let met = settings.filter_out.iter().find(|arn| passed.contains(arn));
        let missed = missed.map(|arn| explained(ExplanationCode::ComponentFilterRestriction, arn));
        missed.or_else(|| met.map(|arn| explained(ExplanationCode::ComponentFilterRestrictionRemovedComponent, arn)))
    }
}

/// The ARNs of what a component is, is attached to, and is in.
fn arns(own: &PathComponent) -> impl Iterator<Item = String> {
    let about = [own.attached_to.as_ref(), own.subnet.as_ref(), own.vpc.as_ref()].into_iter().flatten();
    let between = own.between.iter().flatten();
    std::iter::once(&own.component).chain(about).chain(between).map(|named| named.component.arn().to_string())
}

fn unreachable(explanation: Explanation) -> AnalysisOutcome {
    AnalysisOutcome::Unreachable {
        forward: Vec::new(),
        explanations: vec![explanation],
        suggested_accounts: Vec::new(),
        warning: None,
    }
}

/// That a path is of a kind that cannot be analysed.
///
/// Source: Reachability Analyzer guide, "Troubleshooting".
fn unsupported() -> AnalysisOutcome {
    AnalysisOutcome::Failed("The network configuration is not supported".to_owned())
}
