//! What a service asks once a connection has arrived: the port, the name, and whether the call is allowed.

use std::net::IpAddr;
use std::sync::Arc;

use sidegate_iam::{
    Attached, Context, Decision, Effect, Explanation, LayerExplained, Outcome, Path, Policies, Policy, PolicyKind,
    PolicyType, Request, Requirement, StatementExplained, explain, tells_endpoint_owner,
};
use sidegate_model::{AccountId, Catalog, Region, VpcEndpointId, World};

use super::flow::{Call, Flow};
use super::hop::{Deciding, Hop, LayerMet, Leg, Step};
use super::name::covering;
use super::{Code, Disposition, Unknown};
use crate::{Plan, SMTP_PORTS, VpcPlan, service_ports};

/// The port of HTTP without TLS.
pub(super) const PLAIN: u16 = 80;

/// Where a connection arrived: at a service, over an endpoint or not.
struct Arrival<'a> {
    service: &'static str,
    region: Region,
    source: IpAddr,
    endpoint: Option<(&'a VpcEndpointId, &'a VpcPlan)>,
    /// The names that are served there.
    hosts: Vec<String>,
}

/// What becomes of a flow that has come to `end`, where the client knows the other side by `name`.
pub(super) fn served(
    world: &World, plan: &Plan, flow: &Flow, name: Option<&str>, hops: &mut Vec<Hop>, end: Disposition,
) -> Disposition {
    let Some(arrival) = Arrival::of(world, plan, &end) else { return end };
    let port = flow.port;
    let service = Catalog::named(arrival.service);
    if port == PLAIN && !service.is_some_and(|service| service.speaks_plain_http()) {
        note(hops, Step::Listener { service: arrival.service, port });
        return refuse(hops, Code::PlainHttpNotServed);
    }
    // The kernel takes connections on the ports of all endpoints of the VPC.
    if !service_ports(arrival.service).any(|own| own == port) {
        note(hops, Step::Listener { service: arrival.service, port });
        return refuse(hops, Code::PortNotServed);
    }
    // Mail that begins without TLS is greeted before any name is told.
    if let Some(name) = name.filter(|_| !SMTP_PORTS.contains(&port)) {
        let covered_by = covering(name, &arrival.hosts).cloned();
        let is_served = covered_by.is_some();
        note(hops, Step::ServerName { name: name.to_owned(), service: arrival.service, port, covered_by });
        if !is_served {
            return refuse(hops, Code::TlsNameNotServed);
        }
    }
    let Some(call) = &flow.call else { return end };
    let context = arrival.context(call, port != PLAIN);
    let endpoint = arrival.endpoint.and_then(|(id, vpc)| vpc.endpoints.get(id)).map(|own| &own.policy);
    for requirement in &call.requirements {
        let policies = policies(call, requirement, endpoint);
        let request = Request { principal: &call.principal, context: &context, requirement };
        if let Some(end) = asked(hops, &explain(&request, &policies), &call.unknown) {
            return end;
        }
    }
    if call.unknown.is_empty() {
        return end;
    }
    Disposition::Undetermined { unknown: Unknown::Policies { layers: call.unknown.clone() } }
}

impl<'a> Arrival<'a> {
    fn of(world: &World, plan: &'a Plan, end: &'a Disposition) -> Option<Self> {
        match end {
            Disposition::Endpoint { endpoint, source } => {
                let vpc = plan.vpcs.get(&world.endpoints.get(endpoint)?.vpc)?;
                let own = vpc.endpoints.get(endpoint)?;
                Some(Self {
                    service: own.service,
                    region: vpc.scope.region,
                    source: *source,
                    endpoint: Some((endpoint, vpc)),
                    hosts: own.hosts.clone(),
                })
            }
            Disposition::Internet { service, region, source } => {
                let hosts = Catalog::named(service).map(|own| own.public_names(*region)).unwrap_or_default();
                Some(Self { service, region: *region, source: *source, endpoint: None, hosts })
            }
            _ => None,
        }
    }

    fn account(&self) -> Option<&'a AccountId> {
        self.endpoint.map(|(_, vpc)| &vpc.scope.account)
    }

    /// The condition keys that follow from the path, and those that were given.
    fn context(&self, call: &Call, is_secure: bool) -> Context {
        let path = match self.endpoint {
            Some((endpoint, vpc)) => {
                Path::Endpoint { vpc: vpc.vpc.clone(), endpoint: endpoint.clone(), source: self.source }
            }
            None => Path::Public { source: self.source },
        };
        let mut context = path
            .context()
            .with("aws:SecureTransport", is_secure.to_string())
            .with("aws:RequestedRegion", self.region.as_str())
            .with("aws:ViaAWSService", "false");
        if let Some(account) = self.account().filter(|_| tells_endpoint_owner(self.service)) {
            context = context.with("aws:VpceAccount", account.to_string());
            if let Path::Endpoint { vpc, .. } = &path {
                context = context.with("aws:SourceVpcArn", format!("arn:aws:ec2:{}:{account}:vpc/{vpc}", self.region));
            }
        }
        context.extend(&call.context);
        context
    }
}

/// The policies that a requirement is judged by. What nobody needs a permission for is judged by the endpoint's alone.
fn policies(call: &Call, requirement: &Requirement, endpoint: Option<&Arc<Policy>>) -> Policies {
    const ALL: &str = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let endpoint = endpoint.map(|own| Attached::from(Arc::clone(own)));
    if requirement.is_free {
        let all = Policy::parse(ALL, PolicyType::Identity).unwrap_or_else(|_| Policy::nothing());
        return Policies { identity: vec![Attached::named(all, "that nobody needs")], endpoint, ..Policies::default() };
    }
    Policies { endpoint, ..call.policies.clone() }
}

/// Notes what each layer says. `Some` if that ends the flow.
fn asked(hops: &mut Vec<Hop>, explanation: &Explanation<'_>, unknown: &[PolicyKind]) -> Option<Disposition> {
    let (kind, is_explicit) = match explanation.decision {
        Decision::Allowed(_) => (None, false),
        Decision::ExplicitlyDenied { kind, .. } => (Some(kind), true),
        Decision::ImplicitlyDenied { kind } => (Some(kind), false),
    };
    let is_open = |kind| !is_explicit && may_be_allowed(kind, unknown);
    let denied = kind.filter(|kind| !is_open(*kind));
    for layer in &explanation.layers {
        let met = met(explanation, layer);
        let decides = denied == Some(layer.kind) && decides(&met, is_explicit);
        note(hops, Step::Policy(met));
        if decides {
            return Some(refuse(hops, Code::of_policy(layer.kind, is_explicit)));
        }
    }
    // A layer without policies is told of no hop.
    denied.map(|kind| refuse(hops, Code::of_policy(kind, is_explicit)))
}

/// Whether a layer that is not known could still allow what lacks this one.
fn may_be_allowed(lacking: PolicyKind, unknown: &[PolicyKind]) -> bool {
    let own = [PolicyKind::Identity, PolicyKind::Boundary, PolicyKind::Session];
    let by_resource = own.contains(&lacking) && unknown.contains(&PolicyKind::Resource);
    unknown.contains(&lacking) || by_resource
}

/// Whether it is this layer, or this level of one, that decided.
fn decides(met: &LayerMet, is_explicit: bool) -> bool {
    match met.outcome {
        Some(Outcome::ExplicitlyDenied) => is_explicit,
        Some(Outcome::ImplicitlyDenied) | None => !is_explicit,
        Some(Outcome::Allowed) => false,
    }
}

fn met(explanation: &Explanation<'_>, layer: &LayerExplained<'_>) -> LayerMet {
    let statements = || layer.policies.iter().flat_map(|policy| &policy.statements);
    let has = |effect| statements().any(|own| own.effect == effect && own.matches());
    let outcome = match (has(Effect::Deny), has(Effect::Allow)) {
        _ if layer.policies.is_empty() => None,
        (true, _) => Some(Outcome::ExplicitlyDenied),
        (false, true) => Some(Outcome::Allowed),
        (false, false) => Some(Outcome::ImplicitlyDenied),
    };
    let deciding = match explanation.decision {
        Decision::ExplicitlyDenied { kind, place } if (kind, place.level) == (layer.kind, layer.level) => {
            let before = layer.policies.iter().take(place.policy).map(|policy| policy.statements.len());
            let listed = before.sum::<usize>() + place.statement;
            Some(Deciding { policy: place.policy, statement: place.statement, listed })
        }
        _ => None,
    };
    let text = |own: &StatementExplained<'_>| {
        let sid = own.sid.filter(|sid| !sid.is_empty()).map(|sid| format!("`{sid}` ")).unwrap_or_default();
        let said = own.to_string().lines().map(str::trim).collect::<Vec<_>>().join("; ");
        format!("{sid}{said}")
    };
    LayerMet {
        action: explanation.action.to_owned(),
        resource: explanation.resource.to_owned(),
        layer: layer.kind,
        level: layer.level,
        applies: layer.applies,
        outcome,
        deciding,
        statements: statements().map(text).collect(),
    }
}

fn note(hops: &mut Vec<Hop>, step: Step) {
    hops.push(Hop { leg: Leg::There, step, blocks: None, notes: Vec::new() });
}

fn refuse(hops: &mut [Hop], by: Code) -> Disposition {
    if let Some(hop) = hops.last_mut() {
        hop.blocks = Some(by);
    }
    Disposition::Blocked { by }
}
