//! What is simulated, and what the policy engine decides of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use sidegate_iam::{
    Attached, Context, Decision, Effect, LayerDecision, Outcome, Place, Policies, Policy, PolicyKind, PolicyType,
    Request, Requirement, decide, layers,
};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::super::fault::Fault;
use super::Simulated;
use super::caller::SimulatedCaller;
use super::outcome::{BOUNDARY, Found, IDENTITY, Outcomes, RESOURCE};
use super::source::Source;
use super::target::Resources;

/// How long the answer to one action may be, in bytes. Whoever asks for more is told to ask for less.
const LONGEST: usize = 16 * 1024 * 1024;

/// The policies of a simulation, and whose its resources are.
pub(super) struct Supposal {
    pub(super) identity: Vec<Source>,
    pub(super) boundary: Option<Source>,
    /// The policy of every resource.
    pub(super) resource: Option<Source>,
    /// Whose the resources are whose ARNs do not tell it.
    pub(super) owner: Option<AccountId>,
}

/// Everything that is supposed but the actions and the resources.
pub(super) struct Scenario {
    caller: SimulatedCaller,
    /// What the caller gave, over what follows from who is simulated to ask.
    context: Context,
    identity: Vec<Source>,
    boundary: Option<Source>,
    resource: Option<Source>,
    owner: Option<AccountId>,
    /// Whether the simulated account is in an organization.
    is_member: bool,
    policies: Policies,
    /// Stands for the policy of a resource that is not part of the simulation: it leaves all to the caller's account.
    delegating: Arc<Policy>,
    /// The keys that policies use and that were not given.
    missing: Vec<String>,
}

impl Scenario {
    pub(super) fn new(
        caller: SimulatedCaller, given: Context, supposal: Supposal, controls: Option<Vec<Vec<Attached>>>,
    ) -> Result<Self, Fault> {
        let Supposal { identity, boundary, resource, owner } = supposal;
        let delegating = delegating(&caller)?;
        let is_member = controls.is_some();
        let missing = missing(identity.iter().chain(&boundary).chain(&resource), &given);
        let mut context = caller.context.clone();
        context.extend(&given);
        let policies = Policies {
            identity: identity.iter().map(|source| Arc::clone(&source.policy).into()).collect(),
            boundary: boundary.as_ref().map(|source| Arc::clone(&source.policy).into()),
            service_control: controls.unwrap_or_default(),
            ..Policies::default()
        };
        Ok(Self { caller, context, identity, boundary, resource, owner, is_member, policies, delegating, missing })
    }

    /// How many statements each resource is compared with.
    pub(super) fn statements(&self) -> usize {
        let sources = self.identity.iter().chain(&self.boundary).chain(&self.resource);
        sources.map(|source| source.policy.statement_count()).sum()
    }

    /// Simulates an action on all resources.
    pub(super) fn simulate(&self, action: &str, resources: &Resources<'_>) -> Simulated {
        let mut outcomes = Outcomes::new();
        match resources {
            Resources::All => outcomes.add(&self.decide(action, "*")),
            Resources::Named(arns) => {
                let mut specific = Content::default();
                for arn in *arns {
                    let found = self.decide(action, arn);
                    specific.nested("member", |content| found.render_specific(content, arn, self));
                    outcomes.add(&found);
                    if specific.as_str().len() > LONGEST {
                        return Err(Fault::PolicyEvaluation(format!(
                            "The simulation of {action} has a longer answer than there can be. Simulate fewer resources \
                             at a time."
                        )));
                    }
                }
                outcomes.specific = Some(specific);
            }
        }
        Ok(outcomes.render(action, resources.name(), self))
    }

    /// Decides of one resource.
    fn decide(&self, action: &str, resource: &str) -> Found {
        let is_simulated = !is_trust(action, resource);
        let policy = self.resource.as_ref().filter(|_| is_simulated).map(|source| &source.policy);
        let mut requirement = Requirement::new(action, resource);
        if !names_owner(resource) {
            requirement.resource_account = self.owner.clone();
        }
        let own = self.caller.principal.account();
        let is_cross_account = policy.is_some() && requirement.owner().is_some_and(|owner| Some(&owner) != own);
        requirement.resource_policy = Some(Arc::clone(policy.unwrap_or(&self.delegating)));
        let principal = &self.caller.principal;
        let request = Request { principal, context: &self.context, requirement: &requirement };
        let decision = decide(&request, &self.policies);
        let layers = layers(&request, &self.policies);
        self.found(decision, &layers, policy.is_some(), is_cross_account)
    }

    fn found(
        &self, decision: Decision, layers: &[LayerDecision], has_resource_policy: bool, is_cross_account: bool,
    ) -> Found {
        let outcome_of = |kind| layers.iter().find(|layer| layer.kind == kind).map(|layer| layer.outcome);
        let mut controls = layers.iter().filter(|layer| layer.kind == PolicyKind::ServiceControl);
        let organizations = self.is_member.then(|| controls.all(|layer| layer.outcome == Outcome::Allowed));
        let mut found = Found { outcome: decision.outcome(), organizations, ..Found::default() };
        // Where the organization refuses, AWS looks no further.
        if let Decision::ExplicitlyDenied { kind, .. } | Decision::ImplicitlyDenied { kind } = decision
            && kind == PolicyKind::ServiceControl
        {
            return found;
        }
        let boundary = outcome_of(PolicyKind::Boundary).filter(|_| self.boundary.is_some());
        found.boundary = boundary.map(|outcome| outcome == Outcome::Allowed);
        let settling = match found.outcome {
            Outcome::Allowed => Some(Effect::Allow),
            Outcome::ExplicitlyDenied => Some(Effect::Deny),
            Outcome::ImplicitlyDenied => None,
        };
        for layer in layers {
            // A boundary grants nothing.
            let tells = match layer.kind {
                PolicyKind::Identity => true,
                PolicyKind::Resource | PolicyKind::RoleTrust => has_resource_policy,
                PolicyKind::Boundary => found.outcome == Outcome::ExplicitlyDenied,
                _ => false,
            };
            let settled = layer.matched.iter().filter(|(_, effect)| tells && Some(*effect) == settling);
            found.matched.extend(settled.map(|(place, _)| (layer.kind, *place)));
        }
        if is_cross_account {
            let resource = outcome_of(PolicyKind::Resource).unwrap_or(Outcome::ImplicitlyDenied);
            let identity = outcome_of(PolicyKind::Identity).unwrap_or(Outcome::ImplicitlyDenied);
            found.details.extend([(IDENTITY, identity), (RESOURCE, resource)]);
            found.details.extend(boundary.map(|outcome| (BOUNDARY, outcome)));
        }
        found
    }

    /// The keys that policies use and that are not given, if they are told at all.
    pub(super) fn missing(&self, are_told: bool) -> &[String] {
        if are_told { &self.missing } else { &[] }
    }

    /// The policy that a statement of a layer stands in.
    pub(super) fn source(&self, kind: PolicyKind, place: Place) -> Option<&Source> {
        match kind {
            PolicyKind::Identity => self.identity.get(place.policy),
            PolicyKind::Boundary => self.boundary.as_ref(),
            _ => self.resource.as_ref(),
        }
    }
}

/// The policy of a resource that leaves all to the caller's account, so that the caller's own policies decide.
fn delegating(caller: &SimulatedCaller) -> Result<Arc<Policy>, Fault> {
    let account = caller.principal.account().map(ToString::to_string).unwrap_or_default();
    let text = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":"*","Resource":"*"}}}}"#
    );
    let policy = Policy::parse(&text, PolicyType::SimulatedResource);
    policy.map(Arc::new).map_err(|error| Fault::PolicyEvaluation(error.to_string()))
}

/// The keys that policies use and that are not given, each as it is written and once.
///
/// What follows from the caller counts as not given, although it has a value.
fn missing<'a>(sources: impl Iterator<Item = &'a Source>, given: &Context) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for key in sources.flat_map(|source| source.policy.context_keys()) {
        if given.values(key).is_none() && seen.insert(key) {
            missing.push(key.to_owned());
        }
    }
    missing
}

/// Whether a request is one for a session of a role, whose trust policy AWS does not simulate.
fn is_trust(action: &str, resource: &str) -> bool {
    let is_sts = action.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("sts:"));
    let mut parts = resource.splitn(6, ':').skip(2);
    is_sts && parts.next() == Some("iam") && parts.nth(2).is_some_and(|rest| rest.starts_with("role/"))
}

/// Whether the ARN of a resource names its account.
fn names_owner(resource: &str) -> bool {
    resource.split(':').nth(4).is_some_and(|account| account.parse::<AccountId>().is_ok())
}
