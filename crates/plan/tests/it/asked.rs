//! Packets that random worlds are asked about, and whether what a trace tells of them is what the naive evaluator does.
//!
//! Only the crates of the engine and the standard library, so that other crates' tests can include this file.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use sidegate_iam::PolicyKind;
use sidegate_model::{Catalog, NetworkInterfaceId, Service, World};
use sidegate_plan::analyze::{Code, Disposition, Flow, Goal, Source, Step, Trace, Unknown};

use crate::naive::{self, Outcome, TCP};
use crate::worlds::Probe;

/// The port that the naive evaluator's clients connect from.
pub(crate) const EPHEMERAL: u16 = 30_000;

/// How many addresses a NAT gateway of these worlds has at most.
pub(crate) const TURNS: usize = 4;

/// A packet to trace.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) source: Option<NetworkInterfaceId>,
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    pub(crate) protocol: u8,
    pub(crate) port: u16,
}

impl Asked {
    pub(crate) fn flow(&self) -> Flow {
        let source = match &self.source {
            Some(id) => Source::Interface(id.clone()),
            None => Source::Internet(self.from),
        };
        Flow {
            source,
            goal: Goal::Address(self.to),
            protocol: self.protocol,
            port: self.port,
            source_ports: (EPHEMERAL, EPHEMERAL),
            server_name: None,
            call: None,
        }
    }

    /// What should come of it, for each address that a NAT gateway may lend.
    pub(crate) fn outcomes(&self, world: &World) -> Vec<Outcome> {
        let flow = |turn| naive::Flow {
            source: self.source.clone().unwrap_or_else(|| "eni-00000000000000000".parse().unwrap()),
            destination: self.to,
            protocol: self.protocol,
            port: self.port,
            turn,
        };
        match &self.source {
            Some(_) => (0..TURNS).map(|turn| naive::outcome(world, &flow(turn))).collect(),
            None => vec![naive::outside(world, self.from, self.to, &flow(0))],
        }
    }
}

/// Whether a trace tells what should be.
pub(crate) fn agrees(trace: &Trace, asked: &Asked, outcomes: &[Outcome]) -> Result<(), String> {
    let all = |fits: &dyn Fn(&Outcome) -> bool| outcomes.iter().all(fits);
    let is_refused = |outcome: &Outcome| *outcome == Outcome::Refused;
    let agrees = match &trace.disposition {
        Disposition::Delivered { interface } => all(&|o| *o == Outcome::Interface(interface.clone())),
        Disposition::Endpoint { endpoint, source } => {
            all(&|o| matches!(o, Outcome::Endpoint(id, _) if id == endpoint))
                && outcomes.contains(&Outcome::Endpoint(endpoint.clone(), *source))
        }
        Disposition::Internet { service, region, source } => {
            all(&|o| matches!(o, Outcome::Internet(_)))
                && outcomes.contains(&Outcome::Internet(*source))
                && service_at(asked.to).is_some_and(|(r, s)| (r, s.name) == (*region, *service))
        }
        Disposition::Outside { address, source } => {
            *address == asked.to
                && all(&|o| matches!(o, Outcome::Outside(_)))
                && outcomes.contains(&Outcome::Outside(*source))
        }
        Disposition::Resolver => all(&|o| *o == Outcome::Resolver),
        Disposition::Metadata => all(&|o| *o == Outcome::Metadata),
        // What the edge asks of what arrives, the naive evaluator does not know of.
        Disposition::Blocked { by: Code::PlainHttpNotServed } => {
            asked.port == 80 && all(&|o| matches!(o, Outcome::Endpoint(..) | Outcome::Internet(_)))
        }
        Disposition::Blocked { by: Code::NoPossibleDestination } => {
            all(&is_refused) || (all(&|o| matches!(o, Outcome::Internet(_))) && service_at(asked.to).is_none())
        }
        Disposition::Blocked { .. } => all(&is_refused),
        Disposition::Undetermined { unknown: Unknown::Appliance { .. } } => all(&is_refused),
        // Two gateways on the way take their turns independently.
        Disposition::Undetermined { unknown: Unknown::NatAddress { .. } } => {
            let gateways = trace.hops.iter().filter(|hop| matches!(hop.step, Step::NatGateway { .. })).count();
            let refused = outcomes.iter().filter(|o| is_refused(o)).count();
            gateways > 1 || (refused > 0 && refused < outcomes.len())
        }
        Disposition::Undetermined { .. } => false,
    };
    if agrees { Ok(()) } else { Err(format!("{asked:?}: {outcomes:?}, but {trace:#?}")) }
}

pub(crate) fn service_at(address: IpAddr) -> Option<(sidegate_model::Region, &'static Service)> {
    match address {
        IpAddr::V4(address) => Catalog::at(address),
        IpAddr::V6(address) => Catalog::at_ipv6(address),
    }
}

/// Addresses that no probe is aimed at, but for public ones of interfaces.
const ELSEWHERE: [&str; 4] = ["100.64.0.9", "203.0.113.9", "10.99.0.1", "172.16.0.9"];

/// The packets that probes stand for in a world, and some to and from the internet.
pub(crate) fn packets(world: &World, probes: &[Probe], outside: &[IpAddr]) -> Vec<Asked> {
    let from = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let placed = probes.iter().filter_map(|probe| probe.place(world));
    let mut all: Vec<_> =
        placed.map(|(source, to, protocol, port)| Asked { source: Some(source), from, to, protocol, port }).collect();
    let mut public: Vec<IpAddr> = world.public_addresses().map(|mapped| mapped.public.into()).collect();
    public.extend(world.interfaces.iter().filter_map(|own| own.ipv6.first()).map(|own| IpAddr::from(*own)));
    let sources: Vec<_> = all.iter().filter_map(|asked| asked.source.clone()).collect();
    let aims = public.iter().copied().chain(ELSEWHERE.map(|to| to.parse().unwrap()));
    all.extend(sources.into_iter().zip(aims).map(|(source, to)| Asked {
        source: Some(source),
        from,
        to,
        protocol: TCP,
        port: 443,
    }));
    for &from in outside {
        let some = public.iter().filter(|to| to.is_ipv4() == from.is_ipv4()).take(3);
        all.extend(some.map(|&to| Asked { source: None, from, to, protocol: TCP, port: 443 }));
    }
    all
}

/// Whether a call arrives that is made to a name at an address, and is allowed; `None` if it is not the same for all
/// addresses that a NAT gateway may lend. `lets` is what the resource's policy says.
pub(crate) fn arrives(
    world: &World, asked: &Asked, name: &str, action: &str, lets: impl Fn(&Outcome) -> bool,
) -> Option<bool> {
    let ends = asked.outcomes(world).into_iter().map(|outcome| match &outcome {
        Outcome::Endpoint(id, _) => {
            let endpoint = world.endpoints.get(id).unwrap();
            let (service, region) = (endpoint.service().unwrap(), endpoint.scope.region);
            let own = endpoint.own_names(world).into_iter().map(|(name, _)| name);
            let mut served: Vec<String> = own.chain(service.private_names(region)).collect();
            if endpoint.interface().is_none() || service.private_names(region).is_empty() {
                served.extend(service.public_names(region));
            }
            // Those of random worlds allow one action, or cannot be read.
            let policy = endpoint.policy.as_ref().filter(|_| service.policy);
            let allows = policy.is_none_or(|text| text.contains(action));
            covers(&served, name) && allows && lets(&outcome)
        }
        Outcome::Internet(_) => {
            let there = service_at(asked.to);
            there.is_some_and(|(region, service)| covers(&service.public_names(region), name)) && lets(&outcome)
        }
        Outcome::Interface(_) | Outcome::Outside(_) | Outcome::Resolver | Outcome::Metadata => true,
        Outcome::Refused => false,
    });
    let ends: BTreeSet<bool> = ends.collect();
    if ends.len() == 1 { ends.into_iter().next() } else { None }
}

pub(crate) fn covers(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_prefix("*.") {
        Some(above) => name.ends_with(&format!(".{above}")),
        None => pattern == name,
    })
}

/// Whether what a trace tells of a call to a name is what comes of it at each of the addresses, where `None` is what
/// depends on a NAT gateway's turn. `unknown` are the layers of policies that were not given.
pub(crate) fn agrees_on_name(disposition: &Disposition, ends: &[Option<bool>], unknown: &[PolicyKind]) -> bool {
    let all = |wanted| ends.iter().all(|end| *end == Some(wanted));
    match disposition {
        // Some of a NAT gateway's addresses do, and some do not.
        _ if ends.contains(&None) => true,
        Disposition::Blocked { by: Code::DnsNoRecord } => ends.is_empty(),
        Disposition::Undetermined { unknown: Unknown::Address { .. } } => !all(true) && !all(false),
        Disposition::Undetermined { unknown: Unknown::Policies { layers } } => {
            ends.contains(&Some(true)) && *layers == unknown
        }
        // Nobody but a service asks for policies.
        Disposition::Delivered { .. } | Disposition::Outside { .. } => !ends.is_empty() && all(true),
        other if other.is_reached() => !ends.is_empty() && all(true) && unknown.is_empty(),
        _ => all(false) || !unknown.is_empty(),
    }
}

pub(crate) fn kind(disposition: &Disposition) -> String {
    match disposition {
        Disposition::Delivered { .. } => "delivered".to_owned(),
        Disposition::Endpoint { .. } => "endpoint".to_owned(),
        Disposition::Internet { .. } => "internet".to_owned(),
        Disposition::Outside { .. } => "outside".to_owned(),
        Disposition::Resolver => "resolver".to_owned(),
        Disposition::Metadata => "metadata".to_owned(),
        Disposition::Blocked { by } => format!("blocked {by}"),
        Disposition::Undetermined { unknown } => match unknown {
            Unknown::Appliance { .. } => "undetermined appliance",
            Unknown::SourcePort { .. } => "undetermined source port",
            Unknown::NatAddress { .. } => "undetermined NAT address",
            Unknown::Address { .. } => "undetermined address",
            Unknown::NameServers { .. } => "undetermined name servers",
            Unknown::Undescribed { .. } => "undetermined for want of a description",
            Unknown::Policies { .. } => "undetermined policies",
        }
        .to_owned(),
    }
}
