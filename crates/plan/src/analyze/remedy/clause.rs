//! Clauses: what a layer of policies would have to say.

use std::sync::Arc;

use sidegate_iam::{Attached, Outcome, Policy, PolicyKind, PolicyType, Principal, Requirement};
use sidegate_model::{ModifyVpcEndpoint, PolicyChange, VpcEndpointId, World};

use super::change::{Change, Setting, command};
use crate::analyze::hop::{Deciding, LayerMet, Step};
use crate::analyze::{Call, Code, Flow, Trace};

/// What a layer that denies could say instead.
pub(super) fn candidates(flow: &Flow, trace: &Trace, layer: &LayerMet, code: Code) -> Vec<Setting> {
    let Some(call) = &flow.call else { return Vec::new() };
    let is_it = |own: &Requirement| own.action == layer.action && own.resource == layer.resource;
    let Some(place) = call.requirements.iter().position(is_it) else { return Vec::new() };
    let Some(requirement) = call.requirements.get(place) else { return Vec::new() };
    let endpoint = trace.hops.iter().rev().find_map(|hop| match &hop.step {
        Step::Endpoint(met) => Some(met.endpoint.clone()),
        _ => None,
    });
    let whose = match (layer.layer, &endpoint) {
        (PolicyKind::Endpoint, Some(id)) => format!("the endpoint policy of {id}"),
        (kind, _) => format!("the {}", kind.as_str()),
    };
    let (kind, level) = (layer.layer, layer.level);
    let found = match (layer.outcome, layer.deciding) {
        (Some(Outcome::ExplicitlyDenied), Some(deciding)) => {
            let said = denying(call, requirement, layer, deciding).unwrap_or_default();
            let exception = endpoint.as_ref().map_or_else(String::new, |id| {
                format!(": beside its conditions, StringNotEquals aws:SourceVpce `{id}`")
            });
            Some(Setting {
                code,
                current: format!("statement {} of {whose}: {said}", deciding.statement + 1),
                needed: format!("a statement that leaves this call out{exception}"),
                change: Change::Except {
                    layer: kind,
                    level,
                    endpoint,
                    requirement: place,
                    policy: deciding.policy,
                    statement: deciding.statement,
                },
            })
        }
        (Some(Outcome::ImplicitlyDenied) | None, _) => {
            let statement = allowing(kind, &call.principal, requirement);
            Some(Setting {
                code,
                current: format!("no statement of {whose} allows {} on {}", layer.action, layer.resource),
                needed: format!("a statement of {whose}: {statement}"),
                change: Change::Allow { layer: kind, level, endpoint, requirement: place, statement },
            })
        }
        _ => None,
    };
    found.into_iter().collect()
}

/// The statement that denies, as JSON. That of an endpoint's policy is in the world, and told by its place alone.
fn denying(call: &Call, requirement: &Requirement, layer: &LayerMet, deciding: Deciding) -> Option<String> {
    let policies = &call.policies;
    let attached = match layer.layer {
        PolicyKind::Resource | PolicyKind::RoleTrust => {
            return requirement.resource_policy.as_ref()?.statement_text(deciding.statement);
        }
        PolicyKind::Identity => policies.identity.get(deciding.policy)?,
        PolicyKind::Session => policies.session.get(deciding.policy)?,
        PolicyKind::Boundary => policies.boundary.as_ref()?,
        PolicyKind::ServiceControl => policies.service_control.get(layer.level)?.get(deciding.policy)?,
        PolicyKind::ResourceControl => policies.resource_control.get(layer.level)?.get(deciding.policy)?,
        _ => return layer.statements.get(deciding.listed).cloned(),
    };
    attached.policy.statement_text(deciding.statement)
}

/// A statement that allows what is required, as JSON.
fn allowing(kind: PolicyKind, principal: &Principal, requirement: &Requirement) -> String {
    let who = match kind {
        PolicyKind::Endpoint => Some(r#""*""#.to_owned()),
        PolicyKind::Resource | PolicyKind::RoleTrust => Some(match principal {
            Principal::Service(name) => format!(r#"{{"Service":"{name}"}}"#),
            Principal::Federated(name) => format!(r#"{{"Federated":"{name}"}}"#),
            other => match other.role_arn().or_else(|| other.arn()) {
                Some(arn) => format!(r#"{{"AWS":"{arn}"}}"#),
                None => r#""*""#.to_owned(),
            },
        }),
        _ => None,
    };
    let who = who.map(|who| format!(r#""Principal":{who},"#)).unwrap_or_default();
    let what = match kind {
        PolicyKind::RoleTrust => String::new(),
        _ => format!(r#","Resource":"{}""#, requirement.resource),
    };
    format!(r#"{{"Effect":"Allow",{who}"Action":"{}"{what}}}"#, requirement.action)
}

/// Makes a change of policies; `None` if it cannot be made.
pub(super) fn apply(change: &Change, world: &mut World, flow: &mut Flow) -> Option<()> {
    let call = flow.call.as_mut()?;
    match change {
        Change::Allow { layer, level, endpoint, requirement, statement } => {
            let layer = Layer { kind: *layer, level: *level, policy: 0, endpoint, requirement: *requirement };
            layer.change(world, call, |present, kind| {
                let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
                let more = Policy::parse(&document, kind).ok()?;
                Some(present.map_or_else(|| more.clone(), |present| present.joined(&more)))
            })
        }
        Change::Except { layer, level, endpoint, requirement, policy, statement } => {
            let layer = Layer { kind: *layer, level: *level, policy: *policy, endpoint, requirement: *requirement };
            layer.change(world, call, |present, _| Some(present?.without(*statement)))
        }
        _ => None,
    }
}

/// A policy of a layer.
struct Layer<'a> {
    kind: PolicyKind,
    level: usize,
    policy: usize,
    endpoint: &'a Option<VpcEndpointId>,
    requirement: usize,
}

impl Layer<'_> {
    /// Puts what `change` makes of the policy in its place, given what there is and of which type it is.
    fn change(
        &self, world: &mut World, call: &mut Call, change: impl Fn(Option<&Policy>, PolicyType) -> Option<Policy>,
    ) -> Option<()> {
        let policies = &mut call.policies;
        match self.kind {
            PolicyKind::Endpoint => {
                let id = self.endpoint.as_ref()?;
                let endpoint = world.endpoints.get(id)?;
                let is_gateway = endpoint.route_tables().is_some();
                let kind = if is_gateway { PolicyType::GatewayEndpoint } else { PolicyType::Endpoint };
                let present = Policy::parse(endpoint.policy.as_deref().unwrap_or(Policy::DEFAULT), kind).ok();
                let text = change(present.as_ref(), kind)?.to_string();
                let scope = endpoint.scope.clone();
                let wanted = ModifyVpcEndpoint { policy: PolicyChange::Replace(text), ..ModifyVpcEndpoint::default() };
                command(world, scope, |world, context| world.modify_vpc_endpoint(context, id, wanted)).ok()
            }
            PolicyKind::Resource | PolicyKind::RoleTrust => {
                let requirement = call.requirements.get_mut(self.requirement)?;
                let kind =
                    if self.kind == PolicyKind::RoleTrust { PolicyType::RoleTrust } else { PolicyType::Resource };
                let after = change(requirement.resource_policy.as_deref(), kind)?;
                requirement.resource_policy = Some(Arc::new(after));
                Some(())
            }
            PolicyKind::Identity => put(&mut policies.identity, self.policy, PolicyType::Identity, change),
            PolicyKind::Session => put(&mut policies.session, self.policy, PolicyType::Session, change),
            PolicyKind::Boundary => {
                let own = policies.boundary.as_mut()?;
                own.policy = Arc::new(change(Some(&own.policy), PolicyType::Boundary)?);
                Some(())
            }
            PolicyKind::ServiceControl => {
                let level = policies.service_control.get_mut(self.level)?;
                put(level, self.policy, PolicyType::ServiceControl, change)
            }
            PolicyKind::ResourceControl => {
                let level = policies.resource_control.get_mut(self.level)?;
                put(level, self.policy, PolicyType::ResourceControl, change)
            }
            _ => None,
        }
    }
}

fn put(
    list: &mut Vec<Attached>, place: usize, kind: PolicyType,
    change: impl Fn(Option<&Policy>, PolicyType) -> Option<Policy>,
) -> Option<()> {
    match list.get_mut(place) {
        Some(own) => own.policy = Arc::new(change(Some(&own.policy), kind)?),
        None => list.push(Attached::from(change(None, kind)?)),
    }
    Some(())
}
