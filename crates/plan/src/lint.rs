//! What must be true of every plan, whatever world it is of.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use sidegate_model::IpRange;

use crate::{
    EndpointKind, GroupNumber, IPV6_METADATA_ADDRESS, LAST_REDIRECT, LINK_LOCAL_RESOLVER, METADATA_ADDRESS, Names,
    OPEN_GROUP, Passage, Permit, Plan, Redirected, Redirects, RouteTarget, TableIndex, VpcPlan,
};

/// What is wrong with a plan, a line for each; nothing of a plan that [`compile`](crate::compile) made.
pub fn lint(plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, vpc) in &plan.vpcs {
        let mut lint = Lint { vpc, wrong: Vec::new() };
        lint.check(*id == vpc.vpc, || format!("stands under the id {id}"));
        lint.router();
        lint.tables();
        lint.redirects();
        lint.groups();
        lint.links();
        lint.endpoints();
        lint.zones();
        lint.metadata();
        wrong.extend(lint.wrong.into_iter().map(|line| format!("{id}: {line}")));
    }
    for (name, passage) in &plan.passages {
        if let Passage::NatGateway { addresses, draining } = &**passage {
            wrong.extend(amiss(plan, name, addresses, draining).map(|line| format!("{name}: {line}")));
        }
    }
    for (name, addresses) in plan.endpoint_names.iter() {
        if addresses.is_empty() || *name != name.to_ascii_lowercase() || name.ends_with('.') {
            wrong.push(format!("the endpoint name {name} is not lower case, ends in a dot or leads nowhere"));
        }
    }
    for (name, leads) in plan.public_names.iter() {
        let is_private = |address| matches!(address, IpAddr::V4(address) if address.is_private());
        if is_private(leads.public) || leads.private == Some(leads.public) || !plan.vpcs.contains_key(&leads.vpc) {
            wrong.push(format!("the public name {name} leads to no public address, or is of no VPC"));
        }
    }
    wrong
}

/// What is wrong with the addresses of a NAT gateway: those of its link, each once, with the link's first one in front.
fn amiss<'a>(
    plan: &'a Plan, name: &str, addresses: &'a [Ipv4Addr], draining: &'a [Ipv4Addr],
) -> impl Iterator<Item = String> {
    let link = plan.vpcs.values().flat_map(|vpc| vpc.links.values()).find(|link| link.namespace == name);
    let all: BTreeSet<Ipv4Addr> = addresses.iter().chain(draining).copied().collect();
    let is_whole = link.is_some_and(|link| {
        let own: BTreeSet<Ipv4Addr> = link.secondary.iter().copied().chain([link.address]).collect();
        addresses.first() == Some(&link.address) && own == all && all.len() == addresses.len() + draining.len()
    });
    (!is_whole).then(|| "has other addresses than its link".to_owned()).into_iter()
}

/// The most characters of a link's name.
const LINK_NAME_LIMIT: usize = 15;

struct Lint<'a> {
    vpc: &'a VpcPlan,
    wrong: Vec<String>,
}

impl Lint<'_> {
    fn check(&mut self, holds: bool, wrong: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(wrong());
        }
    }

    fn router(&mut self) {
        let vpc = self.vpc;
        let fixed = [LINK_LOCAL_RESOLVER.into(), METADATA_ADDRESS.into()];
        let ipv6 = vpc.has_ipv6().then_some(IpAddr::from(IPV6_METADATA_ADDRESS));
        for address in fixed.into_iter().chain(ipv6).chain(vpc.resolvers()) {
            self.check(vpc.router.contains(&address), || format!("the router lacks {address}"));
        }
        self.check(!vpc.cidrs.is_empty(), || "has no block".to_owned());
    }

    fn known_table(&mut self, index: TableIndex, who: &str) {
        self.check(self.vpc.tables.contains_key(&index), || format!("{who} has the table {index}, which is not there"));
    }

    fn known_group(&mut self, number: GroupNumber, who: &str) {
        self.check(number == OPEN_GROUP || self.vpc.groups.contains_key(&number), || {
            format!("{who} has the group {number}, which is not there")
        });
    }

    fn tables(&mut self) {
        let vpc = self.vpc;
        let mut ids = BTreeSet::new();
        for (index, table) in &vpc.tables {
            self.check(*index != 0, || format!("{} has the number 0", table.id));
            self.check(ids.insert(&table.id), || format!("{} stands there twice", table.id));
            for (block, route) in &table.routes {
                let RouteTarget::GatewayEndpoint(id) = &route.target else { continue };
                let gateway = vpc.endpoints.get(id).is_some_and(|e| e.kind == EndpointKind::Gateway);
                self.check(gateway, || format!("{} leads {block} to {id}, which is no gateway endpoint", table.id));
                let known = vpc.gateway_prefixes.iter().any(|prefix| prefix.covers(*block));
                self.check(known, || format!("{} leads {block}, which no service has, to {id}", table.id));
            }
        }
    }

    fn redirects(&mut self) {
        let vpc = self.vpc;
        for (number, Redirects { from, table, blocks, routes }) in &vpc.redirects {
            let who = from.as_str();
            match from {
                Redirected::Subnet(_) => {
                    self.check((1..LAST_REDIRECT).contains(number), || format!("{who} has the number {number}"));
                    self.known_table(*table, who);
                }
                Redirected::Gateway(_) => {
                    self.check(*number == LAST_REDIRECT, || format!("{who} has the number {number}"));
                    let own = vpc.passages.get(who);
                    self.check(own.is_some_and(|own| own.table == *table), || format!("{who} has the table {table}"));
                }
            }
            for (block, route) in routes {
                let inside = vpc.cidrs.iter().any(|own| own.covers(*block));
                self.check(inside, || format!("{who} redirects {block}, which is outside"));
                let stays = blocks.iter().any(|own| own.covers(*block));
                let leads = matches!(route.target, RouteTarget::Interface { .. } | RouteTarget::Blackhole);
                self.check(leads || route.target == RouteTarget::Local, || format!("{who} redirects {block} out"));
                self.check(!(stays && leads), || format!("{who} redirects {block}, which is its own"));
            }
        }
        let number_of =
            |id: &str| vpc.redirects.iter().find(|(_, of)| of.from.as_str() == id).map(|(number, _)| *number);
        for (id, link) in &vpc.links {
            let own = number_of(link.subnet.as_str());
            self.check(link.redirects == own, || format!("{id} has other redirects than its subnet"));
        }
        for (id, link) in &vpc.passages {
            self.check(link.redirects == number_of(id), || format!("{id} has other redirects than its gateway"));
        }
    }

    fn groups(&mut self) {
        for (number, rules) in &self.vpc.groups {
            self.check(*number != 0, || format!("the groups {:?} have the number 0", rules.groups));
            self.check(rules.groups.is_sorted(), || format!("the groups of {number} are not sorted"));
            self.permits(&rules.ingress, &format!("ingress of group {number}"));
            self.permits(&rules.egress, &format!("egress of group {number}"));
        }
    }

    fn permits(&mut self, permits: &[Permit], whose: &str) {
        self.check(permits.is_sorted(), || format!("{whose} is not sorted"));
        let mut open: Vec<&Permit> = Vec::new();
        for permit in permits {
            let empty = match permit.peers {
                IpRange::V4(range) => range.first > range.last,
                IpRange::V6(range) => range.first > range.last,
            };
            self.check(!empty, || format!("{whose}: {permit} is empty"));
            open.retain(|earlier| match (earlier.peers, permit.peers) {
                (IpRange::V4(earlier), IpRange::V4(range)) => earlier.last >= range.first,
                (IpRange::V6(earlier), IpRange::V6(range)) => earlier.last >= range.first,
                _ => false,
            });
            if let Some(other) = open.iter().find(|earlier| earlier.overlaps(permit)) {
                self.wrong.push(format!("{whose}: {other} and {permit} overlap"));
            }
            open.push(permit);
        }
    }

    fn links(&mut self) {
        let vpc = self.vpc;
        let (mut names, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for (id, link) in &vpc.links {
            let name = &link.name;
            let fits = (1..=LINK_NAME_LIMIT).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric());
            self.check(fits, || format!("{id} has a link called {name}, which no link can be called"));
            self.check(names.insert(name), || format!("two links are called {name}"));
            let first = |other: &crate::Link| other.device == 0 && other.namespace == link.namespace;
            let into = if link.device == 0 { link.namespace == id.as_str() } else { vpc.links.values().any(first) };
            self.check(into, || format!("{id} leads into {}", link.namespace));
            self.check(vpc.router.contains(&link.gateway.into()), || {
                format!("{id} has a gateway that is not the router's")
            });
            for address in link.addresses() {
                self.check(addresses.insert(address), || format!("two links have {address}"));
                self.check(!vpc.router.contains(&address), || format!("{id} has the router's {address}"));
                let inside = vpc.cidrs.iter().any(|cidr| cidr.contains(address));
                self.check(inside, || format!("{id} has {address}, which is outside"));
            }
            self.known_table(link.table, id.as_str());
            self.known_group(link.group, id.as_str());
        }
        for (address, at) in &vpc.endpoint_addresses {
            self.check(!addresses.contains(address), || format!("{} has the address of a link", at.interface));
        }
    }

    fn endpoints(&mut self) {
        let vpc = self.vpc;
        for (address, at) in &vpc.endpoint_addresses {
            let who = &at.interface;
            let known = vpc.endpoints.get(&at.endpoint).is_some_and(|e| e.kind == EndpointKind::Interface);
            self.check(known, || format!("{who} belongs to {}, which is no interface endpoint", at.endpoint));
            self.check(!vpc.router.contains(address), || format!("{who} has the router's {address}"));
            let inside = vpc.cidrs.iter().any(|cidr| cidr.contains(*address));
            self.check(inside, || format!("{who} has {address}, which is outside"));
            self.known_group(at.group, who.as_str());
            self.known_table(at.table, who.as_str());
        }
        for (id, endpoint) in &vpc.endpoints {
            self.check(!endpoint.hosts.is_empty(), || format!("{id} serves no name"));
            self.check(endpoint.hosts.is_sorted(), || format!("the names of {id} are not sorted"));
        }
    }

    fn zones(&mut self) {
        let vpc = self.vpc;
        self.check(vpc.resolver.is_some() || vpc.zones.is_empty(), || "has zones and no resolver".to_owned());
        self.check(vpc.zones.is_sorted_by(|a, b| a.name < b.name), || "has zones out of order".to_owned());
        for zone in &vpc.zones {
            self.records(&zone.name, &zone.records);
        }
    }

    fn records(&mut self, zone: &str, records: &Names) {
        for (name, addresses) in records {
            let inside = name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            self.check(inside, || format!("{name} is not in its zone {zone}"));
            self.check(!addresses.is_empty(), || format!("{name} leads nowhere"));
            self.check(*name == name.to_ascii_lowercase(), || format!("{name} is not in lower case"));
        }
    }

    fn metadata(&mut self) {
        let vpc = self.vpc;
        // Nothing runs behind a NAT gateway's link that would ask.
        let asking = vpc.links.values().filter(|link| link.group != OPEN_GROUP).count();
        self.check(vpc.metadata.len() == asking, || "tells not every link of itself".to_owned());
        for (address, told) in &vpc.metadata {
            let own = vpc.links.get(&told.interface).is_some_and(|link| link.address == *address);
            self.check(own && told.address == *address, || format!("tells {address} of {}", told.interface));
        }
    }
}
