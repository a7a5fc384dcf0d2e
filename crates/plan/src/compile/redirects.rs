//! Routes to parts of the VPC, which win over the local one.
//!
//! Source: VPC user guide, "Subnet route tables": traffic between two subnets can be led through an appliance. Within a
//! subnet nothing is routed. "Gateway route tables": so can what comes into the VPC.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use sidegate_model::{self as model, AddressFamily, InternetGateway, IpCidr, NetworkInterfaceId, RouteTable, Subnet};

use super::Parts;
use super::routes::{BySubnet, block_of, is_inside, target_of};
use crate::{LAST_REDIRECT, Link, OPEN_GROUP, PassageLink, RedirectNumber, Redirected, Redirects, Route, RouteTarget};

/// The length of the smallest block that a subnet can have.
const SMALLEST: u8 = 28;

/// The redirects of each subnet that has any, and those of the internet gateway.
pub(super) fn redirects(
    parts: &Parts<'_>, tables: &BySubnet<'_>, links: &BTreeMap<NetworkInterfaceId, Link>,
    passages: &BTreeMap<String, PassageLink>, resolver: Option<Ipv4Addr>,
) -> BTreeMap<RedirectNumber, Redirects> {
    let resolver = resolver.map(IpAddr::from);
    let of_subnet = |subnet: &&Subnet| {
        let &table = tables.get(&subnet.id)?;
        let blocks: Vec<IpCidr> =
            [subnet.cidr.into()].into_iter().chain(subnet.ipv6_cidr.as_ref().map(|own| own.cidr.into())).collect();
        let own = parts.tables.iter().find(|own| own.index == table)?;
        let mut routes = own_routes(parts, own, &blocks, links, &|_, link, _| link.forwards);
        if routes.is_empty() {
            return None;
        }
        let locals = blocks.iter().copied().chain(resolver.map(IpCidr::host));
        let locals: Vec<_> = locals.filter(|local| routes.keys().any(|block| block.covers(*local))).collect();
        routes.extend(locals.into_iter().map(|block| (block, local(block))));
        let from = Redirected::Subnet(subnet.id.clone());
        Some((number_of(parts, subnet)?, Redirects { from, table, blocks, routes }))
    };
    let of_gateway = |gateway: &&InternetGateway| {
        let link = passages.get(gateway.id.as_str())?;
        let own = parts.tables.iter().find(|table| table.gateways.values().any(|id| *id == gateway.id))?;
        let public: BTreeSet<_> =
            parts.world.public_addresses_of(&parts.vpc.id).map(|mapped| &mapped.interface.id).collect();
        let routes = own_routes(parts, own, &[], links, &|id, link, family| {
            // A NAT gateway takes what is for itself alone, and of IPv4 an appliance gets nothing without a public address.
            let is_public = family == AddressFamily::Ipv6 || public.contains(id);
            link.forwards && link.group != OPEN_GROUP && is_public
        });
        let from = Redirected::Gateway(gateway.id.clone());
        let redirects = Redirects { from, table: link.table, blocks: Vec::new(), routes };
        (!redirects.routes.is_empty()).then_some((LAST_REDIRECT, redirects))
    };
    let of_subnets = parts.subnets.iter().filter_map(of_subnet);
    of_subnets.chain(parts.internet_gateways.iter().filter_map(of_gateway)).collect()
}

/// Tells links that their subnet or gateway has redirects.
pub(super) fn number(
    links: &mut BTreeMap<NetworkInterfaceId, Link>, passages: &mut BTreeMap<String, PassageLink>,
    redirects: &BTreeMap<RedirectNumber, Redirects>,
) {
    for (&number, own) in redirects {
        match &own.from {
            Redirected::Subnet(subnet) => {
                for link in links.values_mut().filter(|link| link.subnet == *subnet) {
                    link.redirects = Some(number);
                }
            }
            Redirected::Gateway(gateway) => {
                if let Some(link) = passages.get_mut(gateway.as_str()) {
                    link.redirects = Some(number);
                }
            }
        }
    }
}

fn local(block: IpCidr) -> Route {
    Route { target: RouteTarget::Local, named: block.to_string() }
}

/// Whether an interface takes what a route of a family leads to it and is not for its own addresses.
type Takes<'a> = &'a dyn Fn(&NetworkInterfaceId, &Link, AddressFamily) -> bool;

/// The routes of a table to what is in the VPC, as they are for a subnet with these blocks, or for a gateway, which has none.
/// A route whose target no command takes for such a destination, since the VPC got the block only later, leaves the local
/// route in force.
fn own_routes(
    parts: &Parts<'_>, table: &RouteTable, blocks: &[IpCidr], links: &BTreeMap<NetworkInterfaceId, Link>,
    takes: Takes<'_>,
) -> BTreeMap<IpCidr, Route> {
    let own = table.routes.iter().filter_map(|route| {
        let cidr = block_of(&route.destination)?;
        let is_own = is_inside(parts, cidr) && !blocks.iter().any(|own| own.covers(cidr));
        let leads = matches!(route.target, model::RouteTarget::Interface(_) | model::RouteTarget::NatGateway(_));
        (is_own && leads).then_some((cidr, &route.target))
    });
    let own: Vec<_> = own.collect();
    let is_taken_by = |id: &NetworkInterfaceId, family| links.get(id).is_some_and(|link| takes(id, link, family));
    // No route is to a passage, so none is needed here.
    let leads = |target: &model::RouteTarget, family| match target {
        model::RouteTarget::Interface(id) if !is_taken_by(id, family) => RouteTarget::Blackhole,
        // The table of a gateway has no such route.
        model::RouteTarget::NatGateway(_) if blocks.is_empty() => RouteTarget::Blackhole,
        target => target_of(parts, links, &BTreeMap::new(), target, family),
    };
    let mut routes: BTreeMap<_, _> = own
        .iter()
        .map(|&(cidr, target)| (cidr, Route { target: leads(target, cidr.family()), named: cidr.to_string() }))
        .collect();
    // An interface whose check is on takes what is for its own addresses, and that alone.
    let most_specific =
        |address: IpAddr| own.iter().filter(|(cidr, _)| cidr.contains(address)).max_by_key(|(cidr, _)| cidr.length());
    let mut kept = Vec::new();
    for (cidr, target) in &own {
        let model::RouteTarget::Interface(id) = target else { continue };
        let Some(link) = links.get(id).filter(|_| !is_taken_by(id, cidr.family())) else { continue };
        let is_taken = |address: &IpAddr| most_specific(*address).is_some_and(|(taken, _)| taken == cidr);
        kept.extend(link.addresses().filter(is_taken).map(IpCidr::host));
    }
    routes.extend(kept.into_iter().map(|host| (host, local(host))));
    routes
}

/// The number of a subnet: the place of its block among the smallest that fit in the VPC's blocks. So it stays the same
/// while the subnet is there, and no other subnet has it.
fn number_of(parts: &Parts<'_>, subnet: &Subnet) -> Option<RedirectNumber> {
    let places = |addresses: u64| addresses >> (32 - SMALLEST);
    let mut before = 1;
    for block in parts.vpc.cidrs() {
        if block.covers(subnet.cidr) {
            let offset = u64::from(subnet.cidr.first().to_bits() - block.first().to_bits());
            let number = RedirectNumber::try_from(before + places(offset)).ok();
            return number.filter(|number| *number < LAST_REDIRECT);
        }
        before += places(block.size()).max(1);
    }
    None
}
