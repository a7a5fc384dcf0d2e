//! What the kernel and the edge do with a plan, step by step, as the driver renders it.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use sidegate_model::{Region, Service, VpcId};
use sidegate_plan::{
    AclNumber, GroupNumber, LINK_LOCAL_RESOLVER, METADATA_ADDRESS, Names, Permit, Plan, RouteTarget, SERVICE_PORTS,
    Selector, VpcPlan,
};

use crate::naive::{Answer, Flow, ICMP, Outcome, TCP, UDP};

/// What becomes of a connection.
pub(crate) fn outcome(plan: &Plan, flow: &Flow) -> Outcome {
    let here = plan.vpcs.values().find_map(|vpc| Some((vpc, vpc.links.get(&flow.source)?)));
    let Some((vpc, link)) = here else { return Outcome::Refused };
    let to = flow.destination;
    if to == link.address {
        return Outcome::Interface(flow.source.clone());
    }
    if let Some(platform) = platform(vpc, flow) {
        return platform;
    }
    if !permits(vpc, link.group, Side::Egress, to, flow) {
        return Outcome::Refused;
    }
    let is_service = flow.protocol == TCP && SERVICE_PORTS.contains(&flow.port);
    // The shared table, which every packet looks up first.
    if let Some((id, target)) = vpc.link_at(to) {
        let lets_in = permits(vpc, target.group, Side::Ingress, link.address, flow);
        let crosses = crosses(vpc, [link.acl, target.acl], [link.address, to], flow);
        return if lets_in && crosses { Outcome::Interface(id.clone()) } else { Outcome::Refused };
    }
    if let Some(at) = vpc.endpoint_addresses.get(&to) {
        let lets_in = is_service && permits(vpc, at.group, Side::Ingress, link.address, flow);
        let crosses = crosses(vpc, [link.acl, at.acl], [link.address, to], flow);
        return if lets_in && crosses { Outcome::Endpoint(at.endpoint.clone()) } else { Outcome::Refused };
    }
    if vpc.router.contains(&to) || vpc.cidrs.iter().any(|cidr| cidr.contains(to)) {
        return Outcome::Refused;
    }
    // The table that the mark names.
    let route = vpc.tables.get(&link.table).and_then(|table| table.lookup(to));
    let is_prefix = vpc.gateway_prefixes.iter().any(|prefix| prefix.contains(to));
    match route.map(|route| &route.target) {
        Some(RouteTarget::GatewayEndpoint(id))
            if is_prefix && is_service && crosses(vpc, [link.acl, None], [link.address, to], flow) =>
        {
            Outcome::Endpoint(id.clone())
        }
        _ => Outcome::Refused,
    }
}

fn platform(vpc: &VpcPlan, flow: &Flow) -> Option<Outcome> {
    let own = vpc.resolver.into_iter().flat_map(|own| [own, LINK_LOCAL_RESOLVER]);
    if own.into_iter().any(|a| a == flow.destination) && flow.port == 53 && [TCP, UDP].contains(&flow.protocol) {
        return Some(Outcome::Resolver);
    }
    let asks = flow.destination == METADATA_ADDRESS && flow.protocol == TCP && flow.port == 80;
    asks.then_some(Outcome::Metadata)
}

enum Side {
    Ingress,
    Egress,
}

fn permits(vpc: &VpcPlan, group: GroupNumber, side: Side, peer: Ipv4Addr, flow: &Flow) -> bool {
    let rules = vpc.groups.get(&group).expect("a group that is there");
    let permits = match side {
        Side::Ingress => &rules.ingress,
        Side::Egress => &rules.egress,
    };
    any(permits, peer, (flow.protocol, flow.port))
}

fn any(permits: &[Permit], peer: Ipv4Addr, (protocol, port): (u8, u16)) -> bool {
    permits.iter().any(|Permit { peers, selector }| {
        (peers.first..=peers.last).contains(&peer.to_bits())
            && match *selector {
                Selector::Ports { protocols: (a, b), ports: (c, d) } => {
                    (a..=b).contains(&protocol) && (c..=d).contains(&port)
                }
                Selector::Icmp { types: (a, b), codes: (c, d) } => {
                    protocol == ICMP
                        && (u16::from(a)..=u16::from(b)).contains(&(port >> 8))
                        && (u16::from(c)..=u16::from(d)).contains(&(port & 255))
                }
            }
    })
}

/// Whether a packet passes the network ACLs of both sides, and the answer to it passes them back.
fn crosses(vpc: &VpcPlan, acls: [Option<AclNumber>; 2], [from, to]: [Ipv4Addr; 2], flow: &Flow) -> bool {
    let there = (flow.protocol, flow.port);
    let back = if [TCP, UDP].contains(&flow.protocol) { (flow.protocol, 30_000) } else { (flow.protocol, 0) };
    let [near, far] = acls.map(|acl| acl.map(|acl| vpc.acls.get(&acl).expect("an ACL that is there")));
    near.is_none_or(|acl| any(&acl.egress, to, there) && any(&acl.ingress, to, back))
        && far.is_none_or(|acl| any(&acl.ingress, from, there) && any(&acl.egress, from, back))
}

/// What the resolver answers, as the edge looks names up.
pub(crate) fn resolve(plan: &Plan, vpc: &VpcId, name: &str) -> Answer {
    let Some(vpc) = plan.vpcs.get(vpc).filter(|vpc| vpc.resolver.is_some()) else { return Answer::Silence };
    if let Some(zone) = vpc.zones.iter().filter(|z| is_in(name, &z.name)).max_by_key(|z| z.name.len()) {
        return match find(&zone.records, name) {
            Some(found) => Answer::Addresses(found),
            None if name == zone.name || has_below(&zone.records, name) => Answer::NoData,
            None => Answer::NoSuchName,
        };
    }
    let mut public = Names::new();
    for region in Region::all() {
        for service in Service::all() {
            public.extend(service.public_names(region).into_iter().map(|n| (n, service.public_addresses(region))));
        }
    }
    let names = &plan.endpoint_names;
    match find(names, name).or_else(|| find(&public, name)) {
        Some(found) => Answer::Addresses(found),
        None if has_below(names, name) || has_below(&public, name) => Answer::NoData,
        None => Answer::NoSuchName,
    }
}

fn is_in(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn has_below(names: &Names, name: &str) -> bool {
    names.keys().any(|n| is_in(n, name))
}

fn find(names: &Names, name: &str) -> Option<BTreeSet<Ipv4Addr>> {
    let mut found = names.get(name);
    let mut rest = name;
    while let (None, Some((_, above))) = (found, rest.split_once('.')) {
        found = names.get(&format!("*.{above}"));
        rest = above;
    }
    found.map(|addresses| addresses.iter().copied().collect())
}
