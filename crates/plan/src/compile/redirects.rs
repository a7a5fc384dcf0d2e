//! Routes to parts of the VPC, which win over the local one.
//!
//! Source: VPC user guide, "Subnet route tables": traffic between two subnets can be led through an appliance. Within a
//! subnet nothing is routed.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use sidegate_model::{self as model, IpCidr, NetworkInterfaceId, Subnet};

use super::Parts;
use super::routes::{BySubnet, block_of, is_inside, target_of};
use crate::{LAST_REDIRECT, Link, RedirectNumber, Redirects, Route, RouteTarget};

/// The length of the smallest block that a subnet can have.
const SMALLEST: u8 = 28;

/// The redirects of each subnet that has any.
pub(super) fn redirects(
    parts: &Parts<'_>, tables: &BySubnet<'_>, links: &BTreeMap<NetworkInterfaceId, Link>, resolver: Option<Ipv4Addr>,
) -> BTreeMap<RedirectNumber, Redirects> {
    let resolver = resolver.map(IpAddr::from);
    let of_subnet = |subnet: &&Subnet| {
        let &table = tables.get(&subnet.id)?;
        let blocks: Vec<IpCidr> =
            [subnet.cidr.into()].into_iter().chain(subnet.ipv6_cidr.as_ref().map(|own| own.cidr.into())).collect();
        let mut routes = own_routes(parts, table, &blocks, links);
        if routes.is_empty() {
            return None;
        }
        let locals = blocks.iter().copied().chain(resolver.map(IpCidr::host));
        let locals: Vec<_> = locals.filter(|local| routes.keys().any(|block| block.covers(*local))).collect();
        routes.extend(locals.into_iter().map(|block| (block, local(block))));
        Some((number_of(parts, subnet)?, Redirects { subnet: subnet.id.clone(), table, blocks, routes }))
    };
    parts.subnets.iter().filter_map(of_subnet).collect()
}

/// Tells links that their subnet has redirects.
pub(super) fn number(links: &mut BTreeMap<NetworkInterfaceId, Link>, redirects: &BTreeMap<RedirectNumber, Redirects>) {
    for (&number, of_subnet) in redirects {
        for link in links.values_mut().filter(|link| link.subnet == of_subnet.subnet) {
            link.redirects = Some(number);
        }
    }
}

fn local(block: IpCidr) -> Route {
    Route { target: RouteTarget::Local, named: block.to_string() }
}

/// The routes of a table to what is in the VPC, as they are for a subnet with these blocks. A route whose target no command
/// takes for such a destination, since the VPC got the block only later, leaves the local route in force.
fn own_routes(
    parts: &Parts<'_>, table: u16, blocks: &[IpCidr], links: &BTreeMap<NetworkInterfaceId, Link>,
) -> BTreeMap<IpCidr, Route> {
    let table = parts.tables.iter().filter(|own| own.index == table);
    let own = table.flat_map(|table| &table.routes).filter_map(|route| {
        let cidr = block_of(&route.destination)?;
        let is_own = is_inside(parts, cidr) && !blocks.iter().any(|own| own.covers(cidr));
        let leads = matches!(route.target, model::RouteTarget::Interface(_) | model::RouteTarget::NatGateway(_));
        (is_own && leads).then_some((cidr, &route.target))
    });
    let own: Vec<_> = own.collect();
    // No route is to a passage, so none is needed here.
    let leads = |target, family| target_of(parts, links, &BTreeMap::new(), target, family);
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
        let Some(link) = links.get(id).filter(|link| !link.forwards) else { continue };
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
            return number.filter(|number| *number <= LAST_REDIRECT);
        }
        before += places(block.size()).max(1);
    }
    None
}
