//! Paths: a trace as a picture, and behind where it ends what the intended path has.

use sidegate_iam::PolicyKind;
use sidegate_model::{VpcEndpointId, World};
use sidegate_plan::analyze::{Disposition, Hop, IngressChoice, Leg, Remedy, RouteChoice, Step, Trace, Unknown};

use super::names::{Names, service_name};
use super::steps::{entry_of, way};
use super::{Kind, Outcome, Picture, Stage, State, policies};

impl Picture {
    /// The picture of a trace. Where it is blocked and a remedy is known, the intended path goes on behind where it ends,
    /// and the settings to change stand below. `world` is the one in which the trace was made: it gives names to ids.
    pub(crate) fn of(world: &World, trace: &Trace, remedy: Option<&Remedy>) -> Self {
        let names = Names(world);
        let mut stages = names.path(&trace.hops, unsaid(&trace.disposition));
        mark_unknown(&mut stages, &trace.disposition);
        // What is reached and has a remedy came another way than it was to.
        if remedy.is_none() || trace.disposition.is_reached() {
            stages.extend(names.end(trace));
        }
        stages.extend(remedy.into_iter().flat_map(|remedy| names.intended(trace, remedy)));
        names.settle(&mut stages);
        let title = names.title(remedy.map_or(trace, |remedy| &remedy.path));
        let (outcome, result) = told(&trace.disposition);
        let settings = remedy.map(|remedy| remedy.settings.as_slice()).unwrap_or_default();
        let picture = Self::new(&title, outcome, &result, stages);
        settings.iter().fold(picture, |picture, setting| picture.changing(&setting.current, &setting.needed))
    }
}

/// What becomes of a trace, and in words.
fn told(disposition: &Disposition) -> (Outcome, String) {
    match disposition {
        Disposition::Blocked { by } => (Outcome::Blocked, format!("{by}: {}", by.meaning())),
        Disposition::Undetermined { unknown } => (Outcome::Undetermined, format!("it depends on {unknown}")),
        _ => (Outcome::Reached, String::new()),
    }
}

/// The layers of policies of which nobody knows what they say.
fn unsaid(disposition: &Disposition) -> &[PolicyKind] {
    match disposition {
        Disposition::Undetermined { unknown: Unknown::Policies { layers } } => layers,
        _ => &[],
    }
}

/// Marks the stage that nobody can tell of, or adds one.
fn mark_unknown(stages: &mut Vec<Stage>, disposition: &Disposition) {
    let Disposition::Undetermined { unknown } = disposition else { return };
    let (kind, text) = match unknown {
        Unknown::Appliance { .. } => (Kind::Interface, "what it does with the packet is not known".to_owned()),
        Unknown::SourcePort { .. } => (Kind::Back, format!("it depends on {unknown}")),
        Unknown::NatAddress { .. } => (Kind::Gateway, format!("it depends on {unknown}")),
        Unknown::Undescribed { .. } => (Kind::Source, format!("it depends on {unknown}")),
        Unknown::Address { .. } | Unknown::NameServers { .. } => (Kind::Name, format!("it depends on {unknown}")),
        Unknown::Policies { layers } => {
            let kinds = layers.iter().map(|layer| layer.as_str());
            stages.push(Stage::new(Kind::Policy, super::names::joined(kinds)));
            (Kind::Policy, "nobody told what they say".to_owned())
        }
    };
    if let Some(stage) = stages.iter_mut().rfind(|stage| stage.kind == kind) {
        *stage = stage.clone().with(text).being(State::Unknown);
    }
}

impl Names<'_> {
    /// The stages of hops, without the layers of which nobody knows what they say. The source stands before the name that
    /// it asks for, and what the answer passes is one stage.
    fn path(self, hops: &[Hop], unsaid: &[PolicyKind]) -> Vec<Stage> {
        let is_source = |hop: &Hop| matches!(hop.step, Step::Source { .. } | Step::Outside { .. });
        let mut stages = Vec::new();
        let mut rest = hops;
        if let [name, source, tail @ ..] = hops
            && matches!(name.step, Step::Name(_))
            && is_source(source)
            && source.blocks.is_none()
        {
            stages.extend(self.stages(source));
            stages.extend(self.stages(name));
            rest = tail;
        }
        for run in rest.chunk_by(|one, other| class(one) == class(other)) {
            match run.first().map(class) {
                Some(Class::Back) => stages.push(self.back(run)),
                Some(Class::Policy) => {
                    let layers = run.iter().filter_map(|hop| match &hop.step {
                        Step::Policy(layer) if layer.outcome.is_some() || !unsaid.contains(&layer.layer) => {
                            Some((hop, layer))
                        }
                        _ => None,
                    });
                    stages.extend(policies::stages(&layers.collect::<Vec<_>>()));
                }
                _ => stages.extend(run.iter().flat_map(|hop| self.stages(hop))),
            }
        }
        stages
    }

    /// What the answer passes.
    fn back(self, hops: &[Hop]) -> Stage {
        let mut stage = Stage::new(Kind::Back, "the answer, past what has no state");
        for hop in hops {
            stage = stage.with(match &hop.step {
                Step::NetworkAcl { acl, direction, peer, entry, .. } => {
                    let said = entry_of(entry.as_ref(), *direction, *peer);
                    format!("network ACL {}, {}: {said}", self.of(acl), way(*direction))
                }
                Step::Routes(RouteChoice { table, chosen, address, .. })
                | Step::IngressRoutes(IngressChoice { table, chosen, address, .. }) => {
                    self.chosen(table, chosen.as_ref(), *address)
                }
                other => other.to_string(),
            });
            if let Some(code) = hop.blocks {
                stage = stage.with(format!("{code}: {}", code.meaning())).being(State::Blocked);
            }
        }
        stage
    }

    /// What the intended path has behind where a trace ends, or behind where the two part.
    fn intended(self, trace: &Trace, remedy: &Remedy) -> Vec<Stage> {
        let (taken, wanted) = (&trace.hops, &remedy.path.hops);
        let common = taken.iter().zip(wanted).take_while(|(one, other)| one.blocks.is_none() && one.step == other.step);
        let common = common.count();
        let ends_there = common + 1 == taken.len();
        let is_same =
            |(one, other): (&Hop, &Hop)| ends_there && one.leg == other.leg && is_same_place(&one.step, &other.step);
        let meets = taken.get(common).zip(wanted.get(common)).is_some_and(is_same);
        let rest = wanted.get(common + usize::from(meets)..).unwrap_or_default();
        // Who sends is the same.
        let stages =
            self.path(rest, &[]).into_iter().filter(|stage| stage.kind != Kind::Source).chain(self.end(&remedy.path));
        stages.map(|stage| stage.being(State::Beyond)).collect()
    }

    /// The stage behind the last hop: the service that takes the connection.
    fn end(self, trace: &Trace) -> Option<Stage> {
        match &trace.disposition {
            Disposition::Endpoint { endpoint, source } => {
                let met = trace.hops.iter().find_map(|hop| match &hop.step {
                    Step::Endpoint(met) if met.endpoint == *endpoint => Some(met),
                    _ => None,
                })?;
                let charge = match met.interface {
                    None => "no hourly charge, no charge for data",
                    Some(_) => "charged per zone and hour, and per GB",
                };
                let stage = Stage::new(Kind::Service, service_name(met.service));
                Some(stage.with(format!("it sees {source}")).with(charge))
            }
            Disposition::Internet { service, region, source } => {
                let stage = Stage::new(Kind::Service, format!("{} in {region}", service_name(service)));
                Some(stage.with(format!("it sees {source}, and no endpoint")))
            }
            _ => None,
        }
    }

    /// The way that a path takes.
    fn title(self, trace: &Trace) -> String {
        let last = |title: &dyn Fn(&Step) -> Option<String>| {
            trace.hops.iter().rev().filter(|hop| hop.leg == Leg::There).find_map(|hop| title(&hop.step))
        };
        let endpoint = |id: &VpcEndpointId, kind: &str| match self.0.endpoints.get(id) {
            Some(_) => format!("{kind} endpoint {}", self.of(id)),
            None => format!("{kind} endpoint"),
        };
        let found = last(&|step| match step {
            Step::Endpoint(met) if met.interface.is_none() => Some(endpoint(&met.endpoint, "Gateway")),
            Step::Endpoint(met) => Some(endpoint(&met.endpoint, "Interface")),
            _ => None,
        });
        let found = found.or_else(|| {
            last(&|step| match step {
                Step::NatGateway { gateway, .. } => Some(format!("NAT gateway {}", self.of(gateway))),
                Step::Peering { peering, .. } => Some(format!("Peering connection {}", self.of(peering))),
                _ => None,
            })
        });
        let found = found.or_else(|| {
            last(&|step| match step {
                Step::InternetGateway { gateway, .. } => Some(format!("Internet gateway {}", self.of(gateway))),
                Step::EgressOnlyInternetGateway { gateway, .. } => {
                    Some(format!("Egress-only internet gateway {}", self.of(gateway)))
                }
                Step::Outside { .. } => Some("From the internet".to_owned()),
                _ => None,
            })
        });
        let is_inside =
            || trace.hops.iter().any(|hop| matches!(hop.step, Step::Interface { .. } | Step::Platform { .. }));
        found.unwrap_or_else(|| if is_inside() { "Within the VPC" } else { "No way out" }.to_owned())
    }

    /// Puts the resolver where the program is that asks it.
    fn settle(self, stages: &mut [Stage]) {
        let place = stages.iter().find(|stage| stage.kind == Kind::Source).map(|stage| stage.place.clone());
        for stage in stages.iter_mut().filter(|stage| stage.kind == Kind::Name) {
            stage.place = place.clone().unwrap_or_default();
        }
    }
}

/// What is told together.
#[derive(PartialEq, Eq)]
enum Class {
    There,
    Back,
    Policy,
}

fn class(hop: &Hop) -> Class {
    match (&hop.step, hop.leg) {
        (Step::Policy(_), _) => Class::Policy,
        (_, Leg::Back) => Class::Back,
        (_, Leg::There) => Class::There,
    }
}

/// Whether two steps are the same place, whatever is decided there.
fn is_same_place(one: &Step, other: &Step) -> bool {
    match (one, other) {
        (Step::Name(one), Step::Name(other)) => one.name == other.name,
        (Step::Source { interface: one, .. }, Step::Source { interface: other, .. }) => one == other,
        (
            Step::SecurityGroups { interface: one, direction, peer, .. },
            Step::SecurityGroups { interface: other, direction: to, peer: with, .. },
        ) => (one, direction, peer) == (other, to, with),
        (
            Step::NetworkAcl { subnet: one, direction, peer, .. },
            Step::NetworkAcl { subnet: other, direction: to, peer: with, .. },
        ) => (one, direction, peer) == (other, to, with),
        (Step::Routes(one), Step::Routes(other)) => (&one.subnet, one.address) == (&other.subnet, other.address),
        (Step::IngressRoutes(one), Step::IngressRoutes(other)) => {
            (&one.gateway, one.address) == (&other.gateway, other.address)
        }
        (Step::Policy(one), Step::Policy(other)) => {
            (one.layer, one.level, &one.action, &one.resource)
                == (other.layer, other.level, &other.action, &other.resource)
        }
        (Step::ServerName { name: one, .. }, Step::ServerName { name: other, .. }) => one == other,
        (one, other) => one == other,
    }
}
