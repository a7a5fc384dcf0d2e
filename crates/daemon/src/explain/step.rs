//! Steps of a path in words: what each is, what decided there, and what lost.

use std::fmt::Display;
use std::net::IpAddr;

use sidegate_iam::Outcome;
use sidegate_model::{Direction, RuleAction};
use sidegate_plan::analyze::{
    EndpointMet, Entry, IngressChoice, LayerMet, Leg, NameOrigin, Platform, Resolution, RouteChoice, Step, Trace,
    server_name,
};

/// What a step is, in a word or two, and what decided there.
pub(super) fn shown(step: &Step) -> (&'static str, String) {
    match step {
        Step::Name(resolution) => ("name", name(resolution)),
        Step::Source { interface, subnet, vpc, address } => {
            let address = address.map(|own| format!(", as {own}")).unwrap_or_default();
            ("from", format!("{interface} in {subnet} of {vpc}{address}"))
        }
        Step::Outside { address } => ("from", format!("the internet, as {address}")),
        Step::SecurityGroups { interface, direction, groups, peer, rule } => {
            let said = match rule {
                Some(rule) => format!("{} of {} lets {}", rule.id, rule.group, rule.text),
                None => format!("no rule lets it {}", way(*direction, *peer)),
            };
            (by(*direction, "groups out", "groups in"), format!("{} of {interface}: {said}", joined(groups)))
        }
        Step::NetworkAcl { acl, subnet, direction, peer, entry } => {
            let said = match entry {
                Some(Entry { number, action: RuleAction::Allow, text }) => format!("entry {number} allows {text}"),
                Some(Entry { number, action: RuleAction::Deny, text }) => format!("entry {number} denies {text}"),
                None => "no entry is about it, so that it is denied".to_owned(),
            };
            let way = way(*direction, *peer);
            (by(*direction, "ACL out", "ACL in"), format!("{acl} of {subnet}, {way}: {said}"))
        }
        Step::Routes(choice) => ("route", route(choice)),
        Step::IngressRoutes(choice) => ("gateway's route", ingress_route(choice)),
        Step::NatGateway { gateway, interface, lent } => {
            let lent = lent.map_or("no address".to_owned(), |own| own.to_string());
            ("NAT gateway", format!("{gateway} with {interface} lends {lent}"))
        }
        Step::InternetGateway { gateway, direction, private, public } => {
            let public = public.map_or("no public address".to_owned(), |own| own.to_string());
            let said = match direction {
                Direction::Egress => format!("{private} goes out as {public}"),
                Direction::Ingress => format!("{public} leads to {private}"),
            };
            ("internet gateway", format!("{gateway}: {said}"))
        }
        Step::EgressOnlyInternetGateway { gateway, address } => {
            ("egress-only gateway", format!("{gateway}: {address}"))
        }
        Step::Peering { peering, to } => ("peering", format!("{peering} to {to}")),
        Step::Appliance { interface } => ("appliance", format!("{interface} gets it, to send it on")),
        Step::Interface { interface, address } => ("to", format!("{interface} at {address}")),
        Step::Endpoint(met) => ("endpoint", endpoint(met)),
        Step::Platform { address, what } => ("to", format!("{} at {address}", platform(*what))),
        Step::Nobody { address } => ("to", format!("{address}, which nobody has")),
        Step::Internet { address } => ("to", format!("{address} on the internet; who is there is not known")),
        Step::Service { service, region, address } => match (service, region) {
            (Some(service), Some(region)) => ("service", format!("{service} in {region} at {address}")),
            _ => ("to", format!("{address} on the internet, where no service is")),
        },
        Step::Listener { service, port } => ("port", format!("{service} at port {port}")),
        Step::ServerName { name, service, port, covered_by } => {
            let said = match covered_by {
                Some(pattern) if pattern == name => format!("{name}, which {service} serves here"),
                Some(pattern) => format!("{name}, which {service} serves here as {pattern}"),
                None => format!("{name}, which {service} does not serve here"),
            };
            (server_name(*port), said)
        }
        Step::Policy(layer) => ("policy", policy(layer)),
    }
}

/// What a path passes on its way there, in a word or two each.
pub(crate) fn labelled(trace: &Trace) -> Vec<&'static str> {
    let there = trace.hops.iter().filter(|hop| hop.leg == Leg::There && !matches!(hop.step, Step::Source { .. }));
    there.map(|hop| shown(&hop.step).0).collect()
}

/// What lost, or did not decide.
pub(super) fn notes(step: &Step) -> Vec<String> {
    match step {
        Step::Name(resolution) => {
            let passed = resolution.passed_over.iter();
            passed.map(|(endpoint, code)| format!("not {endpoint}: {code}: {}", code.meaning())).collect()
        }
        Step::Routes(RouteChoice { lost, .. }) | Step::IngressRoutes(IngressChoice { lost, .. }) => {
            let lost = lost.iter();
            lost.map(|(candidate, code)| format!("not {candidate}: {code}")).collect()
        }
        Step::Policy(layer) => {
            let statements = layer.statements.iter().enumerate();
            statements
                .map(|(at, statement)| {
                    let decides = layer.deciding.is_some_and(|deciding| deciding.listed == at);
                    format!("statement {}{}: {statement}", at + 1, if decides { ", which decides" } else { "" })
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

fn name(resolution: &Resolution) -> String {
    let Resolution { name, zone, origin, addresses, .. } = resolution;
    let found = if addresses.is_empty() { String::new() } else { format!(" is {}", joined(addresses)) };
    let why = match origin {
        NameOrigin::PrivateDns(id) => format!(", by private DNS of {id}: its zone {zone} wins over public DNS"),
        NameOrigin::HostNames => format!(", by the VPC's host names: zone {zone}"),
        NameOrigin::EndpointName(id) => format!(", the own name of {id}"),
        NameOrigin::GatewayRecords(id) => format!(", by public DNS, with the records that {id} has"),
        NameOrigin::PublicHostName => ", the host name of a public address".to_owned(),
        NameOrigin::PublicDns => ", by public DNS".to_owned(),
        NameOrigin::Loopback => ", the client itself".to_owned(),
        NameOrigin::Nobody => ", which nobody answers".to_owned(),
        NameOrigin::OtherServers(servers) if servers.is_empty() => {
            ", for which the DHCP options name no server".to_owned()
        }
        NameOrigin::OtherServers(servers) => format!(", by {}, which the VPC's DHCP options name", joined(servers)),
    };
    format!("{name}{found}{why}")
}

fn route(choice: &RouteChoice) -> String {
    let RouteChoice { table, is_main, subnet, address, chosen, .. } = choice;
    let main = if *is_main { ", the main table" } else { "" };
    match chosen {
        Some(chosen) => format!("{table}{main} of {subnet}: {chosen}"),
        None => format!("{table}{main} of {subnet}: no route to {address}"),
    }
}

fn ingress_route(choice: &IngressChoice) -> String {
    let IngressChoice { gateway, table, address, chosen, .. } = choice;
    match chosen {
        Some(chosen) => format!("{table} of {gateway}: {chosen}"),
        None => format!("{table} of {gateway}: no route to {address}"),
    }
}

fn endpoint(met: &EndpointMet) -> String {
    let EndpointMet { endpoint, service, interface, zone, address } = met;
    match (interface, zone) {
        (Some(interface), Some(zone)) => {
            format!("{endpoint}, interface endpoint of {service}: {interface} in {zone} at {address}, then PrivateLink")
        }
        _ => format!("{endpoint}, gateway endpoint of {service}, at {address}"),
    }
}

const fn platform(what: Platform) -> &'static str {
    match what {
        Platform::Resolver => "the VPC's resolver",
        Platform::Metadata => "the instance metadata service",
        Platform::Router => "the VPC's router",
    }
}

fn policy(layer: &LayerMet) -> String {
    let LayerMet { action, resource, layer, level, applies, outcome, .. } = layer;
    let call = format!("{action} on {resource}");
    let said = match outcome {
        _ if !applies => "does not speak of this principal".to_owned(),
        None => format!("there is none for {call}"),
        Some(Outcome::Allowed) => format!("allows {call}"),
        Some(Outcome::ExplicitlyDenied) => format!("denies {call}"),
        Some(Outcome::ImplicitlyDenied) => format!("does not allow {call}"),
    };
    let level = if *level > 0 { format!(", level {level}") } else { String::new() };
    format!("{}{level}: {said}", layer.as_str())
}

const fn by(direction: Direction, egress: &'static str, ingress: &'static str) -> &'static str {
    match direction {
        Direction::Egress => egress,
        Direction::Ingress => ingress,
    }
}

fn way(direction: Direction, peer: IpAddr) -> String {
    match direction {
        Direction::Ingress => format!("in from {peer}"),
        Direction::Egress => format!("out to {peer}"),
    }
}

fn joined<T: Display>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
