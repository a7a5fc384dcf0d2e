//! What the kernel and the edge do with a plan, step by step, as the driver renders it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use sidegate_model::{Catalog, IpCidr, Region, Service, VpcId};
use sidegate_plan::{
    AclNumber, AclRules, GroupNumber, IPV6_METADATA_ADDRESS, Link, METADATA_ADDRESS, Names, Passage, Permit, Plan,
    Route, RouteTarget, SERVICE_PORTS, Selector, VpcPlan,
};

use crate::naive::{ASKED, Answer, Flow, ICMP, ICMPV6, Outcome, TCP, UDP, is_strangers};

/// What becomes of a connection.
pub(crate) fn outcome(plan: &Plan, flow: &Flow) -> Outcome {
    let here = plan.vpcs.values().find_map(|vpc| Some((vpc, vpc.links.get(&flow.source)?)));
    let Some((vpc, link)) = here else { return Outcome::Refused };
    let to = flow.destination;
    if link.addresses().any(|own| own == to) {
        return Outcome::Interface(flow.source.clone());
    }
    let Some(from) = from(link, to) else { return Outcome::Refused };
    if let Some(platform) = platform(vpc, flow) {
        return platform;
    }
    if !permits(vpc, link.group, Side::Egress, to, flow) {
        return Outcome::Refused;
    }
    towards(plan, (vpc, link), from, flow, 0)
}

/// What becomes of a connection that leaves a link, from this address of its.
fn towards(plan: &Plan, (vpc, link): (&VpcPlan, &Link), from: IpAddr, flow: &Flow, hops: usize) -> Outcome {
    let to = flow.destination;
    let is_service = flow.protocol == TCP && SERVICE_PORTS.contains(&flow.port);
    // The redirects of the link's subnet, which its mark names.
    let redirect = link.redirects.and_then(|number| vpc.redirects[&number].lookup(to));
    match redirect.map(|route| &route.target) {
        Some(RouteTarget::Interface { interface, .. }) => {
            let next = &vpc.links[interface];
            assert!(next.forwards);
            if !next.addresses().any(|own| own == to) {
                return onward(plan, (vpc, link), from, next, flow, hops);
            }
        }
        Some(_) => return Outcome::Refused,
        None => {}
    }
    // The shared table, which every other packet looks up first.
    if let Some((id, target)) = vpc.link_at(to) {
        if plan.passages.contains_key(&target.namespace) {
            return Outcome::Refused;
        }
        let lets_in = permits(vpc, target.group, Side::Ingress, from, flow);
        let crosses = crosses(vpc, [link.acl, target.acl], [from, to], flow);
        let answer = target.redirects.and_then(|number| vpc.redirects[&number].lookup(from));
        let reached = lets_in && crosses && leads_to(vpc, answer, link);
        return if reached { Outcome::Interface(id.clone()) } else { Outcome::Refused };
    }
    if let Some(at) = vpc.endpoint_addresses.get(&to) {
        let lets_in = is_service && permits(vpc, at.group, Side::Ingress, from, flow);
        let crosses = crosses(vpc, [link.acl, at.acl], [from, to], flow);
        // A rule by the endpoint's own address.
        let own = vpc.redirects.values().find(|of| of.blocks.iter().any(|block| block.contains(to)));
        let reached = lets_in && crosses && leads_to(vpc, own.and_then(|own| own.lookup(from)), link);
        return if reached { Outcome::Endpoint(at.endpoint.clone(), from) } else { Outcome::Refused };
    }
    if vpc.router.contains(&to) || vpc.cidrs.iter().any(|cidr| cidr.contains(to)) {
        return Outcome::Refused;
    }
    routed(plan, (vpc, link), from, flow, hops)
}

/// Whether an answer that takes this route, or else the local one, gets to a link.
fn leads_to(vpc: &VpcPlan, answer: Option<&Route>, link: &Link) -> bool {
    match answer.map(|route| &route.target) {
        Some(RouteTarget::Interface { interface, .. }) => vpc.links[interface].name == link.name,
        Some(_) => false,
        None => true,
    }
}

/// What becomes of a connection that a route leads to a link which is not its destination. What is behind interfaces
/// forwards nothing in these tests; a NAT gateway does, under the one of its addresses whose turn it is.
fn onward(plan: &Plan, (vpc, link): (&VpcPlan, &Link), from: IpAddr, next: &Link, flow: &Flow, hops: usize) -> Outcome {
    let to = flow.destination;
    let Some(Passage::NatGateway { addresses, .. }) = plan.passages.get(&next.namespace).map(|passage| &**passage)
    else {
        return Outcome::Refused;
    };
    let lent = addresses[flow.turn % addresses.len()];
    assert!(next.addresses().any(|own| own == lent));
    let answer = next.redirects.and_then(|number| vpc.redirects[&number].lookup(from));
    let is_there = to.is_ipv4() && hops < 8 && next.name != link.name;
    if !is_there || !crosses(vpc, [link.acl, next.acl], [from, to], flow) || !leads_to(vpc, answer, link) {
        return Outcome::Refused;
    }
    towards(plan, (vpc, next), lent.into(), flow, hops + 1)
}

/// The address that a program connects from.
fn from(link: &Link, to: IpAddr) -> Option<IpAddr> {
    match to {
        IpAddr::V4(_) => Some(link.address.into()),
        IpAddr::V6(_) => link.ipv6.first().map(|own| (*own).into()),
    }
}

/// What becomes of a connection by the table that the link's mark names.
fn routed(plan: &Plan, (vpc, link): (&VpcPlan, &Link), from: IpAddr, flow: &Flow, hops: usize) -> Outcome {
    let to = flow.destination;
    let is_service = flow.protocol == TCP && SERVICE_PORTS.contains(&flow.port);
    let route = vpc.tables.get(&link.table).and_then(|table| table.lookup(to));
    let is_prefix = vpc.gateway_prefixes.iter().any(|prefix| prefix.contains(to));
    match route.map(|route| &route.target) {
        Some(RouteTarget::GatewayEndpoint(id))
            if is_prefix && is_service && crosses(vpc, [link.acl, None], [from, to], flow) =>
        {
            Outcome::Endpoint(id.clone(), from)
        }
        Some(RouteTarget::Passage(name)) => match &*plan.passages[name] {
            Passage::InternetGateway { .. } | Passage::EgressOnlyInternetGateway { .. } => {
                match out_of(&plan.passages[name], from) {
                    Some(public)
                        if crosses(vpc, [link.acl, None], [from, to], flow) && is_answered(plan, vpc, name, from) =>
                    {
                        outside(plan, public, flow)
                    }
                    _ => Outcome::Refused,
                }
            }
            _ => over(plan, name, (vpc, link), from, flow),
        },
        Some(RouteTarget::Interface { interface, .. }) => {
            let next = &vpc.links[interface];
            assert!(next.forwards);
            onward(plan, (vpc, link), from, next, flow, hops)
        }
        _ => Outcome::Refused,
    }
}

/// Whether the answer to what goes out over a gateway gets to who asked. The internet leads what an internet gateway knows over
/// that one.
fn is_answered(plan: &Plan, vpc: &VpcPlan, name: &str, from: IpAddr) -> bool {
    let knows = |name: &&String| {
        matches!(&*plan.passages[*name], Passage::InternetGateway { .. })
            && out_of(&plan.passages[*name], from).is_some()
    };
    let by = vpc.passages.keys().find(knows).map_or(name, String::as_str);
    comes_in(vpc, by, from)
}

/// Whether what comes in over a gateway gets to an address, and not to somebody else by the gateway's redirects.
fn comes_in(vpc: &VpcPlan, name: &str, to: IpAddr) -> bool {
    let redirects = vpc.passages[name].redirects.map(|number| &vpc.redirects[&number]);
    match redirects.and_then(|own| own.lookup(to)).map(|route| &route.target) {
        Some(RouteTarget::Interface { interface, .. }) => {
            let next = &vpc.links[interface];
            assert!(next.forwards);
            next.addresses().any(|own| own == to)
        }
        Some(_) => false,
        None => true,
    }
}

/// What becomes of a connection on the internet, which leads each address over the gateway that knows it.
fn outside(plan: &Plan, from: IpAddr, flow: &Flow) -> Outcome {
    let to = flow.destination;
    if is_on_the_internet(to) {
        let is_service = flow.protocol == TCP && SERVICE_PORTS.contains(&flow.port);
        return if is_service { Outcome::Internet(from) } else { Outcome::Refused };
    }
    let private = |passage: &Passage| match (passage, to) {
        (Passage::InternetGateway { public, .. }, IpAddr::V4(to)) => {
            public.iter().find(|(_, own)| **own == to).map(|(private, _)| IpAddr::V4(*private))
        }
        (Passage::InternetGateway { ipv6, .. }, IpAddr::V6(own)) => ipv6.contains(&own).then_some(to),
        _ => None,
    };
    let found = plan.passages.iter().find_map(|(name, passage)| Some((name, private(passage)?)));
    let Some((name, private)) = found else {
        return if is_strangers(to) { Outcome::Outside(from) } else { Outcome::Refused };
    };
    let vpc = plan.vpcs.values().find(|vpc| vpc.passages.contains_key(name)).expect("a VPC behind a gateway");
    let Some((id, target)) = vpc.link_at(private).filter(|(_, link)| !plan.passages.contains_key(&link.namespace))
    else {
        return Outcome::Refused;
    };
    let comes_back = match vpc.tables[&target.table].lookup(from).map(|route| &route.target) {
        Some(RouteTarget::Passage(other)) => {
            other == name
                || matches!(&*plan.passages[other], Passage::EgressOnlyInternetGateway { .. })
                    && out_of(&plan.passages[other], private).is_some()
        }
        _ => false,
    };
    let crosses = target.acl.is_none_or(|acl| passes(&vpc.acls[&acl], Way::In, from, flow));
    let lets_in = permits(vpc, target.group, Side::Ingress, from, flow);
    if comes_back && crosses && lets_in && comes_in(vpc, name, private) {
        Outcome::Interface(id.clone())
    } else {
        Outcome::Refused
    }
}

/// The address under which one inside is known outside of a gateway.
fn out_of(gateway: &Passage, from: IpAddr) -> Option<IpAddr> {
    match (gateway, from) {
        (Passage::InternetGateway { public, .. }, IpAddr::V4(from)) => public.get(&from).map(|own| (*own).into()),
        (Passage::InternetGateway { ipv6, .. } | Passage::EgressOnlyInternetGateway { ipv6, .. }, IpAddr::V6(own)) => {
            ipv6.contains(&own).then_some(from)
        }
        _ => None,
    }
}

/// Whether a service listens at a public address.
fn is_on_the_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => Catalog::at(address).is_some(),
        IpAddr::V6(address) => Catalog::at_ipv6(address).is_some(),
    }
}

/// What becomes of a connection over a peering connection.
fn over(plan: &Plan, name: &str, (vpc, link): (&VpcPlan, &Link), from: IpAddr, flow: &Flow) -> Outcome {
    let to = flow.destination;
    let Some(Passage::Peering { requester, accepter }) = plan.passages.get(name).map(|passage| &**passage) else {
        return Outcome::Refused;
    };
    let own = &vpc.passages[name];
    let peer = &plan.vpcs[own.peer.as_ref().expect("a VPC beyond")];
    assert_ne!(own.end, peer.passages[name].end);
    let sides = if own.end == "eth0" { [requester, accepter] } else { [accepter, requester] };
    let is_in = |blocks: &[IpCidr], address| blocks.iter().any(|block| block.contains(address));
    if !is_in(sides[0], from) || !is_in(sides[1], to) {
        return Outcome::Refused;
    }
    let comes_back = |table| {
        let route = peer.tables.get(table).and_then(|table| table.lookup(from));
        route.is_some_and(|route| route.target == RouteTarget::Passage(name.to_owned()))
    };
    let crosses = |far| {
        let near = link.acl.is_none_or(|acl| passes(&vpc.acls[&acl], Way::Out, to, flow));
        near && far
    };
    if let Some((id, target)) = peer.link_at(to) {
        if plan.passages.contains_key(&target.namespace) {
            return Outcome::Refused;
        }
        let lets_in = permits(peer, target.group, Side::Ingress, from, flow) && comes_back(&target.table);
        let far = target.acl.is_none_or(|acl| passes(&peer.acls[&acl], Way::In, from, flow));
        return if lets_in && crosses(far) { Outcome::Interface(id.clone()) } else { Outcome::Refused };
    }
    if let Some(at) = peer.endpoint_addresses.get(&to) {
        let is_service = flow.protocol == TCP && SERVICE_PORTS.contains(&flow.port);
        let lets_in = is_service && permits(peer, at.group, Side::Ingress, from, flow) && comes_back(&at.table);
        let far = at.acl.is_none_or(|acl| passes(&peer.acls[&acl], Way::In, from, flow));
        return if lets_in && crosses(far) { Outcome::Endpoint(at.endpoint.clone(), from) } else { Outcome::Refused };
    }
    Outcome::Refused
}

fn platform(vpc: &VpcPlan, flow: &Flow) -> Option<Outcome> {
    if vpc.resolvers().any(|own| own == flow.destination) && flow.port == 53 && [TCP, UDP].contains(&flow.protocol) {
        return Some(Outcome::Resolver);
    }
    let told = [METADATA_ADDRESS.into(), IPV6_METADATA_ADDRESS.into()];
    let asks = told.contains(&flow.destination) && flow.protocol == TCP && flow.port == 80;
    asks.then_some(Outcome::Metadata)
}

enum Side {
    Ingress,
    Egress,
}

fn permits(vpc: &VpcPlan, group: GroupNumber, side: Side, peer: IpAddr, flow: &Flow) -> bool {
    let rules = vpc.groups.get(&group).expect("a group that is there");
    let permits = match side {
        Side::Ingress => &rules.ingress,
        Side::Egress => &rules.egress,
    };
    any(permits, peer, (flow.protocol, flow.port))
}

fn any(permits: &[Permit], peer: IpAddr, (protocol, port): (u8, u16)) -> bool {
    permits.iter().any(|Permit { peers, selector }| {
        peers.contains(peer)
            && match *selector {
                Selector::Ports { protocols: (a, b), ports: (c, d) } => {
                    (a..=b).contains(&protocol) && (c..=d).contains(&port)
                }
                Selector::Icmp { types: (a, b), codes: (c, d) } => {
                    protocol == if peer.is_ipv4() { ICMP } else { ICMPV6 }
                        && (u16::from(a)..=u16::from(b)).contains(&(port >> 8))
                        && (u16::from(c)..=u16::from(d)).contains(&(port & 255))
                }
            }
    })
}

/// Whether a packet passes the network ACLs of both sides, and the answer to it passes them back.
fn crosses(vpc: &VpcPlan, acls: [Option<AclNumber>; 2], [from, to]: [IpAddr; 2], flow: &Flow) -> bool {
    let [near, far] = acls.map(|acl| acl.map(|acl| vpc.acls.get(&acl).expect("an ACL that is there")));
    near.is_none_or(|acl| passes(acl, Way::Out, to, flow)) && far.is_none_or(|acl| passes(acl, Way::In, from, flow))
}

/// Over which side of a subnet's border a connection begins.
enum Way {
    In,
    Out,
}

/// Whether a network ACL lets a packet pass, and the answer to it back.
fn passes(acl: &AclRules, way: Way, peer: IpAddr, flow: &Flow) -> bool {
    let there = (flow.protocol, flow.port);
    let back = match flow.protocol {
        TCP | UDP => (flow.protocol, 30_000),
        ICMPV6 => (ICMPV6, 129 << 8),
        other => (other, 0),
    };
    match way {
        Way::Out => any(&acl.egress, peer, there) && any(&acl.ingress, peer, back),
        Way::In => any(&acl.ingress, peer, there) && any(&acl.egress, peer, back),
    }
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
        // The names that are asked for are of these, and to look at all of them for each would take long.
        for service in Service::all_in(region).filter(|service| ASKED.contains(&service.name)) {
            let ipv4: Vec<IpAddr> = service.public_addresses(region).into_iter().map(IpAddr::from).collect();
            public.extend(service.public_names(region).into_iter().map(|name| (name, ipv4.clone())));
            let both: Vec<IpAddr> = ipv4.into_iter().chain(service.public_ipv6(region).map(IpAddr::from)).collect();
            public.extend(service.public_names6(region).into_iter().map(|name| (name, both.clone())));
        }
    }
    for (name, leads) in plan.public_names.iter() {
        public.insert(name.clone(), vec![*vpc.address_of(leads)]);
    }
    let names = &plan.endpoint_names;
    match find(names, name).or_else(|| find(&vpc.service_names, name)).or_else(|| find(&public, name)) {
        Some(found) if found.is_empty() => Answer::NoData,
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

fn find(names: &Names, name: &str) -> Option<BTreeSet<IpAddr>> {
    let mut found = names.get(name);
    let mut rest = name;
    while let (None, Some((_, above))) = (found, rest.split_once('.')) {
        found = names.get(&format!("*.{above}"));
        rest = above;
    }
    found.map(|addresses| addresses.iter().copied().collect())
}
