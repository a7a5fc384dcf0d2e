//! Traces and remedies as text, a line for each hop.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;

use sidegate_iam::Outcome;
use sidegate_model::Direction;

use super::call::PLAIN;
use super::hop::{Candidate, EndpointMet, IngressChoice, LayerMet, NameOrigin, Platform, Resolution, RouteChoice};
use super::{Disposition, Leg, Remedy, Setting, Step, Trace, Unknown};

impl Display for Trace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.disposition)?;
        let mut back = false;
        for hop in &self.hops {
            if !back && hop.leg == Leg::Back {
                writeln!(f, "  the answer:")?;
            }
            back = hop.leg == Leg::Back;
            let indent = if back { "    " } else { "  " };
            writeln!(f, "{indent}{}", hop.step)?;
            if let Step::Routes(RouteChoice { lost, .. }) | Step::IngressRoutes(IngressChoice { lost, .. }) = &hop.step
            {
                for (lost, code) in lost {
                    writeln!(f, "{indent}  not {lost}: {code}")?;
                }
            }
            if let Step::Name(resolution) = &hop.step {
                for (endpoint, code) in &resolution.passed_over {
                    writeln!(f, "{indent}  not {endpoint}: {code}")?;
                }
            }
            if let Step::Policy(layer) = &hop.step {
                for (at, statement) in layer.statements.iter().enumerate() {
                    writeln!(f, "{indent}  statement {}: {statement}", at + 1)?;
                }
            }
            for note in &hop.notes {
                writeln!(f, "{indent}  note {note}")?;
            }
            if let Some(code) = hop.blocks {
                writeln!(f, "{indent}  ends here: {code}: {}", code.meaning())?;
            }
        }
        Ok(())
    }
}

impl Display for Disposition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered { interface } => write!(f, "reached: it gets to {interface}"),
            Self::Endpoint { endpoint, source } => write!(f, "reached: {endpoint} takes it from {source}"),
            Self::Internet { service, region, source } => {
                write!(f, "reached: {service} in {region} takes it over the internet, from {source}")
            }
            Self::Outside { address, source } => {
                write!(f, "reached: it leaves for {address} on the internet, as {source}; who is there is not known")
            }
            Self::Resolver => f.write_str("reached: the resolver takes it"),
            Self::Metadata => f.write_str("reached: the metadata service takes it"),
            Self::Blocked { by } => write!(f, "blocked: {by}"),
            Self::Undetermined { unknown } => write!(f, "undetermined: {unknown}"),
        }
    }
}

impl Display for Unknown {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Appliance { interface } => write!(f, "what the program behind {interface} does with it"),
            Self::SourcePort { acl, passing } => {
                let ports = passing.iter().map(|(first, last)| format!("{first}-{last}"));
                write!(f, "which port the client picks; {acl} lets answers to {} through", joined(ports))
            }
            Self::NatAddress { gateway, passing, lost } => write!(
                f,
                "which address {gateway} lends; it arrives from {}, not from {}",
                joined(passing.iter()),
                joined(lost.iter())
            ),
            Self::Address { passing, lost } => write!(
                f,
                "which address the client tries; it arrives at {}, not at {}",
                joined(passing.iter()),
                joined(lost.iter())
            ),
            Self::NameServers { name, servers } if servers.is_empty() => {
                write!(f, "whom the client asks for {name}: the VPC's DHCP options name no server")
            }
            Self::NameServers { name, servers } => {
                write!(f, "what {} answers to {name}, which the VPC's DHCP options name", joined(servers.iter()))
            }
            Self::Undescribed { what } => f.write_str(what),
            Self::Policies { layers } => {
                write!(f, "what is said by the {}", joined(layers.iter().map(|layer| layer.as_str())))
            }
        }
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(resolution) => resolution.fmt(f),
            Self::Source { interface, subnet, address, .. } => match address {
                Some(address) => write!(f, "from {interface} in {subnet}, as {address}"),
                None => write!(f, "from {interface} in {subnet}"),
            },
            Self::Outside { address } => write!(f, "from the internet, as {address}"),
            Self::SecurityGroups { interface, direction, groups, peer, rule } => {
                write!(f, "security groups {} of {interface}, {}: ", joined(groups.iter()), way(*direction, *peer))?;
                match rule {
                    Some(rule) => write!(f, "{} of {}, {}", rule.id, rule.group, rule.text),
                    None => f.write_str("no rule"),
                }
            }
            Self::NetworkAcl { acl, subnet, direction, peer, entry } => {
                write!(f, "network ACL {acl} of {subnet}, {}: ", way(*direction, *peer))?;
                match entry {
                    Some(entry) => write!(f, "entry {}, {} {}", entry.number, entry.action.as_str(), entry.text),
                    None => f.write_str("entry *, deny"),
                }
            }
            Self::Routes(choice) => choice.fmt(f),
            Self::IngressRoutes(choice) => choice.fmt(f),
            Self::NatGateway { gateway, lent, .. } => match lent {
                Some(lent) => write!(f, "NAT gateway {gateway}, from here on as {lent}"),
                None => write!(f, "NAT gateway {gateway}"),
            },
            Self::InternetGateway { gateway, direction, private, public } => {
                let (inside, outside) =
                    (private.to_string(), public.map_or("nobody".to_owned(), |own| own.to_string()));
                match direction {
                    Direction::Egress => write!(f, "internet gateway {gateway}, {inside} as {outside}"),
                    Direction::Ingress => write!(f, "internet gateway {gateway}, {outside} to {inside}"),
                }
            }
            Self::EgressOnlyInternetGateway { gateway, address } => {
                write!(f, "egress-only internet gateway {gateway}, {address}")
            }
            Self::Peering { peering, to } => write!(f, "peering connection {peering} to {to}"),
            Self::Appliance { interface } => write!(f, "the program behind {interface}"),
            Self::Interface { interface, address } => write!(f, "to {interface}, {address}"),
            Self::Endpoint(met) => met.fmt(f),
            Self::Platform { address, what } => {
                let what = match what {
                    Platform::Resolver => "resolver",
                    Platform::Metadata => "metadata service",
                    Platform::Router => "router",
                };
                write!(f, "the {what} at {address}")
            }
            Self::Nobody { address } => write!(f, "to {address}, which nobody has"),
            Self::Internet { address } => write!(f, "to {address} on the internet"),
            Self::Service { service, region, address } => match (service, region) {
                (Some(service), Some(region)) => write!(f, "{service} in {region} at {address}"),
                _ => write!(f, "to {address}, where no service is"),
            },
            Self::Listener { service, port } => write!(f, "port {port} of {service}"),
            Self::ServerName { name, service, port, covered_by } => {
                let asked = server_name(*port);
                match covered_by {
                    Some(pattern) => write!(f, "{asked} {name}, served by {service} as {pattern}"),
                    None => write!(f, "{asked} {name}, which {service} does not serve here"),
                }
            }
            Self::Policy(layer) => layer.fmt(f),
        }
    }
}

/// What a name is that a service is asked for at a port.
pub fn server_name(port: u16) -> &'static str {
    if port == PLAIN { "HTTP host" } else { "TLS name" }
}

impl Display for Resolution {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { name, zone, origin, addresses, .. } = self;
        write!(f, "name {name}")?;
        if !addresses.is_empty() {
            write!(f, " at {}", joined(addresses.iter()))?;
        }
        match origin {
            NameOrigin::PrivateDns(id) => write!(f, ", by private DNS of {id} (zone {zone})"),
            NameOrigin::HostNames => write!(f, ", by the VPC's host names (zone {zone})"),
            NameOrigin::EndpointName(id) => write!(f, ", the own name of {id}"),
            NameOrigin::GatewayRecords(id) => write!(f, ", by public DNS with the records that {id} has"),
            NameOrigin::PublicHostName => f.write_str(", the host name of a public address"),
            NameOrigin::PublicDns => f.write_str(", by public DNS"),
            NameOrigin::Loopback => f.write_str(", the client itself"),
            NameOrigin::Nobody => f.write_str(", which nobody answers"),
            NameOrigin::OtherServers(servers) if servers.is_empty() => f.write_str(", by no name server"),
            NameOrigin::OtherServers(servers) => write!(f, ", by {} of the VPC's DHCP options", joined(servers.iter())),
        }
    }
}

impl Display for RouteChoice {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let main = if self.is_main { ", the main one" } else { "" };
        write!(f, "route table {} of {}{main}, to {}: ", self.table, self.subnet, self.address)?;
        match &self.chosen {
            Some(chosen) => chosen.fmt(f),
            None => f.write_str("no route"),
        }
    }
}

impl Display for IngressChoice {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "route table {} of {}, to {}: ", self.table, self.gateway, self.address)?;
        match &self.chosen {
            Some(chosen) => chosen.fmt(f),
            None => f.write_str("no route"),
        }
    }
}

impl Display for Candidate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { destination, block, target } = self;
        if *destination == block.to_string() {
            write!(f, "{destination} to {target}")
        } else {
            write!(f, "{block} of {destination} to {target}")
        }
    }
}

impl Display for EndpointMet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { endpoint, service, interface, zone, address } = self;
        match (interface, zone) {
            (Some(interface), Some(zone)) => {
                write!(
                    f,
                    "interface endpoint {endpoint} for {service}, {interface} in {zone} at {address}, PrivateLink"
                )
            }
            _ => write!(f, "gateway endpoint {endpoint} for {service}, at {address}"),
        }
    }
}

impl Display for LayerMet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { action, resource, layer, applies, outcome, .. } = self;
        let said = match outcome {
            _ if !applies => "does not speak of this principal",
            None => "none",
            Some(Outcome::Allowed) => "allows",
            Some(Outcome::ExplicitlyDenied) => "denies",
            Some(Outcome::ImplicitlyDenied) => "does not allow",
        };
        write!(f, "{} for {action} on {resource}: {said}", layer.as_str())
    }
}

impl Display for Setting {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { code, current, needed, .. } = self;
        write!(f, "{code}\n     now: {current}\n     needed: {needed}")
    }
}

impl Display for Remedy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "to change:")?;
        for (at, setting) in self.settings.iter().enumerate() {
            writeln!(f, "  {}. {setting}", at + 1)?;
        }
        write!(f, "then {}", self.path)
    }
}

/// Whether the other side of a packet is where it comes from or goes to.
fn way(direction: Direction, peer: IpAddr) -> String {
    match direction {
        Direction::Ingress => format!("in from {peer}"),
        Direction::Egress => format!("out to {peer}"),
    }
}

fn joined<T: Display>(all: impl Iterator<Item = T>) -> String {
    all.map(|one| one.to_string()).collect::<Vec<_>>().join(", ")
}
