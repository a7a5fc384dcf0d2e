//! Steps: what a picture tells of each hop.

use std::net::IpAddr;

use sidegate_model::{Direction, NetworkInterfaceId, RouteTableId, RuleAction, SecurityGroupId};
use sidegate_plan::analyze::{
    Candidate, Code, EndpointMet, Entry, Hop, IngressChoice, NameOrigin, Platform, Resolution, RouteChoice, Rule, Step,
    server_name,
};

use super::names::{Names, joined, service_name, told};
use super::{Kind, Stage, State};

/// The target of the route that keeps a packet in its VPC.
const LOCAL: &str = "local";

impl Names<'_> {
    /// The stages of a hop, the last of which is where it ends if it ends there.
    pub(super) fn stages(self, hop: &Hop) -> Vec<Stage> {
        let mut stages = match (&hop.step, hop.blocks) {
            (Step::Endpoint(met), None) if met.interface.is_some() => {
                vec![self.stage(&hop.step), private_link(met)]
            }
            _ => vec![self.stage(&hop.step)],
        };
        if let Some(first) = stages.first_mut() {
            let notes = hop.notes.iter().map(|note| note.meaning());
            *first = notes.fold(first.clone(), Stage::with);
        }
        if let (Some(code), Some(last)) = (hop.blocks, stages.last_mut()) {
            *last = last.clone().with(format!("{code}: {}", code.meaning())).being(State::Blocked);
        }
        stages
    }

    fn stage(self, step: &Step) -> Stage {
        match step {
            Step::Name(resolution) => self.name(resolution),
            Step::Source { interface, subnet, address, .. } => {
                let own = address.map_or_else(|| "no address of the family".to_owned(), |own| own.to_string());
                let stage = Stage::new(Kind::Source, self.program(interface));
                self.within(subnet, stage.with(format!("{own}, in {}", self.subnet(subnet))))
            }
            Step::Outside { address } => Stage::new(Kind::Source, "somebody on the internet").with(address.to_string()),
            Step::SecurityGroups { interface, direction, groups, peer, rule } => {
                self.beside(interface, self.groups(*direction, groups, *peer, rule.as_ref()))
            }
            Step::NetworkAcl { acl, subnet, direction, peer, entry } => {
                let title = format!("network ACL {}, {}", self.of(acl), way(*direction));
                self.within(subnet, Stage::new(Kind::Acl, title).with(entry_of(entry.as_ref(), *direction, *peer)))
            }
            Step::Routes(choice) => self.routes(choice),
            Step::IngressRoutes(choice) => self.ingress_routes(choice),
            Step::NatGateway { gateway, interface, lent } => {
                let stage = Stage::new(Kind::Gateway, format!("NAT gateway {}", self.of(gateway)));
                let stage = match lent {
                    Some(lent) => stage.with(format!("from here on as {lent}")),
                    None => stage.with("it lends no address"),
                };
                self.beside(interface, stage.with("charged per hour, and per GB"))
            }
            Step::InternetGateway { gateway, direction, private, public } => {
                let public = public.map_or_else(|| "no public address".to_owned(), |own| own.to_string());
                let stage = Stage::new(Kind::Gateway, format!("internet gateway {}", self.of(gateway)));
                stage.with(match direction {
                    Direction::Egress => format!("{private} → {public}"),
                    Direction::Ingress => format!("{public} → {private}"),
                })
            }
            Step::EgressOnlyInternetGateway { gateway, address } => {
                Stage::new(Kind::Gateway, format!("egress-only internet gateway {}", self.of(gateway)))
                    .with(address.to_string())
            }
            Step::Peering { peering, to } => {
                Stage::new(Kind::Gateway, format!("peering connection {}", self.of(peering)))
                    .with(format!("to {}", self.vpc(to)))
            }
            Step::Appliance { interface } => {
                let stage = Stage::new(Kind::Interface, format!("{}, which forwards", self.program(interface)));
                self.beside(interface, stage)
            }
            Step::Interface { interface, address } => self.interface(interface, *address),
            Step::Endpoint(met) => self.endpoint(met),
            other => beyond(other),
        }
    }

    fn name(self, resolution: &Resolution) -> Stage {
        let Resolution { name, origin, addresses, passed_over, vpc, .. } = resolution;
        let decides = matches!(origin, NameOrigin::PrivateDns(_) | NameOrigin::EndpointName(_));
        let stage = Stage::new(Kind::Name, format!("DNS: {name}"));
        let stage = stage.with(match addresses.as_slice() {
            [] => "→ no address".to_owned(),
            [first, rest @ ..] => {
                let others = rest.iter().map(|address| format!(", {address}")).collect::<String>();
                format!("→ {}{others}", told(*first))
            }
        });
        let stage = stage.with(match origin {
            NameOrigin::PrivateDns(id) => format!("private DNS of {}", self.of(id)),
            NameOrigin::HostNames => "the VPC's host names".to_owned(),
            NameOrigin::EndpointName(id) => format!("the own name of {}", self.of(id)),
            NameOrigin::GatewayRecords(id) => format!("public DNS, with the records that {} has", self.of(id)),
            NameOrigin::PublicHostName => "the host name of a public address".to_owned(),
            NameOrigin::PublicDns => "public DNS".to_owned(),
            NameOrigin::Loopback => "the client itself".to_owned(),
            NameOrigin::Nobody => "nobody answers".to_owned(),
            NameOrigin::OtherServers(servers) => match servers.first() {
                Some(first) => format!("{first}, of the DHCP options"),
                None => "no name server".to_owned(),
            },
        });
        let lost = passed_over.iter().map(|(endpoint, code)| format!("not {}: {code}", self.of(endpoint)));
        let stage = lost.fold(stage, Stage::without).at(&vpc.as_ref().map(|id| self.vpc(id)).unwrap_or_default(), "");
        if decides { stage.being(State::Decides) } else { stage }
    }

    fn groups(self, direction: Direction, groups: &[SecurityGroupId], peer: IpAddr, rule: Option<&Rule>) -> Stage {
        let noun = if groups.len() == 1 { "security group" } else { "security groups" };
        let names = joined(groups.iter().map(|group| self.of(group)));
        let stage = Stage::new(Kind::Group, format!("{noun} {names}, {}", way(direction)));
        stage.with(match rule {
            Some(rule) if groups.len() > 1 => format!("{} of {}: {}", rule.id, rule.group, rule.text),
            Some(rule) => format!("{}: {}", rule.id, rule.text),
            None => format!("no rule lets it {}", passing(direction, peer)),
        })
    }

    fn routes(self, choice: &RouteChoice) -> Stage {
        let RouteChoice { table, is_main, subnet, chosen, lost, address } = choice;
        let main = if *is_main { ", the main one" } else { "" };
        let table = format!("{}{main}", self.of(table));
        let vpc = self.0.subnets.get(subnet).map(|own| self.vpc(&own.vpc)).unwrap_or_default();
        self.routed(&table, chosen.as_ref(), lost, *address).at(&vpc, "")
    }

    fn ingress_routes(self, choice: &IngressChoice) -> Stage {
        let IngressChoice { gateway, table, chosen, lost, address } = choice;
        let vpc = self.0.internet_gateways.get(gateway).and_then(|own| own.vpc.as_ref());
        let vpc = vpc.map(|own| self.vpc(own)).unwrap_or_default();
        let table = format!("{} of {}", self.of(table), self.of(gateway));
        self.routed(&table, chosen.as_ref(), lost, *address).at(&vpc, "")
    }

    /// What a table does with an address.
    fn routed(self, table: &str, chosen: Option<&Candidate>, lost: &[(Candidate, Code)], address: IpAddr) -> Stage {
        let wins = if lost.is_empty() { "" } else { ", the most specific wins" };
        let lost = |stage| {
            let routes = lost.iter().map(|(own, code)| format!("not {}: {code}", self.candidate(own)));
            routes.fold(stage, Stage::without)
        };
        match chosen {
            Some(own) if own.target == LOCAL => {
                let stage = Stage::new(Kind::Local, "local route of the VPC");
                lost(stage.with(format!("{} in {table}", self.candidate(own))))
            }
            Some(own) => {
                let stage = Stage::new(Kind::Routes, format!("route table {table}"));
                lost(stage.with(format!("{}{wins}", self.candidate(own)))).being(State::Decides)
            }
            None => Stage::new(Kind::Routes, format!("route table {table}")).with(format!("no route to {address}")),
        }
    }

    /// What a route table does with an answer.
    pub(super) fn chosen(self, table: &RouteTableId, chosen: Option<&Candidate>, address: IpAddr) -> String {
        let route = chosen.map(|own| self.candidate(own));
        let route = route.unwrap_or_else(|| format!("no route to {address}"));
        format!("route table {}: {route}", self.of(table))
    }

    fn candidate(self, candidate: &Candidate) -> String {
        let Candidate { destination, block, target } = candidate;
        let target = if target == LOCAL { target.clone() } else { self.of(target) };
        let destination = self.of(destination);
        if candidate.destination == block.to_string() {
            format!("{destination} → {target}")
        } else {
            format!("{destination} → {target}, by {block}")
        }
    }

    fn interface(self, interface: &NetworkInterfaceId, address: IpAddr) -> Stage {
        let id = self.of(interface);
        let stage = Stage::new(Kind::Interface, format!("network interface {id}"));
        let program = self.program(interface);
        let behind = format!("{address}, {program}");
        let at = if program.ends_with(&id) { address.to_string() } else { behind };
        self.beside(interface, stage.with(at))
    }

    fn endpoint(self, met: &EndpointMet) -> Stage {
        let EndpointMet { endpoint, interface, zone, address, .. } = met;
        let is_made = self.0.endpoints.get(endpoint).is_some();
        let id = self.of(endpoint);
        let Some(interface) = interface else {
            let title = if is_made { format!("gateway endpoint {id}") } else { "a new gateway endpoint".to_owned() };
            let stage = Stage::new(Kind::Gateway, title);
            let vpc = self.0.endpoints.get(endpoint).map(|own| self.vpc(&own.vpc)).unwrap_or_default();
            return stage.with("no network interface, no security group of its own").at(&vpc, "");
        };
        let (own, of) = if is_made {
            (format!("network interface {}", self.of(interface)), format!("of interface endpoint {id}"))
        } else {
            ("a new network interface".to_owned(), "of a new interface endpoint".to_owned())
        };
        let zone = zone.as_ref().map(|zone| format!(" in {zone}")).unwrap_or_default();
        let stage = Stage::new(Kind::Interface, own).with(format!("{address}{zone}")).with(of);
        self.beside(interface, stage)
    }
}

/// What lies outside of a VPC, or behind the connection.
fn beyond(step: &Step) -> Stage {
    match step {
        Step::Platform { address, what } => {
            let what = match what {
                Platform::Resolver => "the VPC's resolver",
                Platform::Metadata => "the instance metadata service",
                Platform::Router => "the VPC's router",
            };
            Stage::new(Kind::Service, what).with(address.to_string())
        }
        Step::Nobody { address } => Stage::new(Kind::Internet, address.to_string()).with("nobody is known to have it"),
        Step::Internet { address } => {
            Stage::new(Kind::Internet, "the internet").with(format!("{address}; who is there is not known"))
        }
        Step::Service { service, region, address } => {
            let stage = Stage::new(Kind::Internet, "the internet");
            stage.with(match (service, region) {
                (Some(service), Some(region)) => {
                    format!("{address}, the public address of {} in {region}", service_name(service))
                }
                _ => format!("{address}, where no service is"),
            })
        }
        Step::Listener { service, port } => Stage::new(Kind::Tls, format!("port {port} of {}", service_name(service))),
        Step::ServerName { name, port, covered_by, .. } => {
            let stage = Stage::new(Kind::Tls, format!("{} {name}", server_name(*port)));
            stage.with(match covered_by {
                Some(pattern) => format!("served as {pattern}"),
                None => "not served here".to_owned(),
            })
        }
        // The rest is of a VPC.
        other => Stage::new(Kind::Policy, other.to_string()),
    }
}

fn private_link(met: &EndpointMet) -> Stage {
    Stage::new(Kind::PrivateLink, "PrivateLink").with(format!("to {}, on AWS's network", service_name(met.service)))
}

/// What an entry of a network ACL says.
pub(super) fn entry_of(entry: Option<&Entry>, direction: Direction, peer: IpAddr) -> String {
    match entry {
        Some(entry) if entry.action == RuleAction::Allow => format!("entry {}: allow {}", entry.number, entry.text),
        Some(entry) => format!("entry {}: deny {}", entry.number, entry.text),
        None => format!("entry *: nothing lets it {}", passing(direction, peer)),
    }
}

/// Which way, as people say it of groups.
pub(super) const fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    }
}

fn passing(direction: Direction, peer: IpAddr) -> String {
    match direction {
        Direction::Ingress => format!("in from {peer}"),
        Direction::Egress => format!("out to {peer}"),
    }
}
