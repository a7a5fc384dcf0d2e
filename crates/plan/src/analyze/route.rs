//! Routes: which one a table has for an address is in the plan; what its target is, and which others lost, in the world.

use std::cmp::Reverse;
use std::net::IpAddr;

use sidegate_model::{
    Association, Attachment, Destination, InternetGatewayId, IpCidr, NatGateway, NetworkInterface, NetworkInterfaceId,
    RouteTable, RouteTarget, SubnetId, VpcId, World,
};

use super::Code;
use super::hop::{Candidate, IngressChoice, RouteChoice};
use crate::compile::blocks_of;

/// What a table does with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The route to this block takes it.
    Route(IpCidr),
    /// The local route does.
    Local,
    /// None does.
    Nothing,
}

/// A route that holds an address, and where the world says that it leads.
struct Found {
    candidate: Candidate,
    target: RouteTarget,
    /// Whether it names a block and no prefix list.
    is_static: bool,
}

/// What the table of a subnet has for an address, with the target of the route that takes it. `None` if the subnet has
/// no table.
pub(super) fn choice(
    world: &World, subnet: &SubnetId, address: IpAddr, taken: Taken,
) -> Option<(RouteChoice, Option<RouteTarget>)> {
    let (table, association) = world.route_table_of(subnet)?;
    let Chosen { chosen, lost, target } = chosen(world, table, address, taken);
    let is_main = association == Association::Main;
    let (table, subnet) = (table.id.clone(), subnet.clone());
    Some((RouteChoice { table, is_main, subnet, address, chosen, lost }, target))
}

/// What the table of an internet gateway has for an address, with the target of the route that takes it. `None` if the
/// gateway has no table.
pub(super) fn ingress(
    world: &World, (vpc, gateway): (&VpcId, &InternetGatewayId), address: IpAddr, taken: Taken,
) -> Option<(IngressChoice, Option<RouteTarget>)> {
    let (table, _) = world.route_table_of_gateway(vpc, gateway)?;
    let Chosen { chosen, lost, target } = chosen(world, table, address, taken);
    let (table, gateway) = (table.id.clone(), gateway.clone());
    Some((IngressChoice { gateway, table, address, chosen, lost }, target))
}

/// The route of a table that takes an address, with its target, and those that lost.
struct Chosen {
    chosen: Option<Candidate>,
    lost: Vec<(Candidate, Code)>,
    target: Option<RouteTarget>,
}

fn chosen(world: &World, table: &RouteTable, address: IpAddr, taken: Taken) -> Chosen {
    let mut found = holding(world, table, address);
    // The longest prefix, then a static route; of prefix lists, that of an endpoint and then the older route.
    found.sort_by_key(|own| (Reverse(own.candidate.block.length()), !own.is_static));
    let place = match taken {
        Taken::Route(block) => {
            found.iter().position(|own| own.candidate.block == block && own.target != RouteTarget::Local)
        }
        Taken::Local => found.iter().position(|own| own.target == RouteTarget::Local),
        Taken::Nothing => None,
    };
    let chosen = place.map(|place| found.remove(place));
    let length = chosen.as_ref().map(|own| own.candidate.block.length());
    let code = |own: &Found| {
        if length.is_some_and(|length| own.candidate.block.length() < length) {
            Code::MoreSpecificRoute
        } else {
            Code::HigherPriorityRoute
        }
    };
    let lost = found.into_iter().map(|own| (code(&own), own.candidate)).map(|(code, own)| (own, code)).collect();
    let (chosen, target) = chosen.map(|own| (own.candidate, own.target)).unzip();
    Chosen { chosen, lost, target }
}

/// The routes of a table that hold an address: the local one, those of endpoints, those of the account.
fn holding(world: &World, table: &RouteTable, address: IpAddr) -> Vec<Found> {
    let mut found = Vec::new();
    let mut note = |destination: String, block: IpCidr, target: RouteTarget, is_static| {
        if block.contains(address) {
            let candidate = Candidate { destination, block, target: text(&target) };
            found.push(Found { candidate, target, is_static });
        }
    };
    if let Some(vpc) = world.vpcs.get(&table.vpc) {
        let ipv6 = vpc.ipv6_cidrs.iter().map(|own| IpCidr::from(own.cidr));
        for block in vpc.cidrs().map(IpCidr::from).chain(ipv6) {
            note(block.to_string(), block, RouteTarget::Local, true);
        }
    }
    for endpoint in world.endpoints.of_vpc(&table.vpc) {
        if endpoint.route_tables().is_some_and(|tables| tables.contains(&table.id)) {
            for list in endpoint.gateway_lists() {
                for block in blocks_of(&list) {
                    note(list.id.to_string(), block, RouteTarget::GatewayEndpoint(endpoint.id.clone()), false);
                }
            }
        }
    }
    for route in &table.routes {
        let destination = route.destination.to_string();
        match &route.destination {
            Destination::Cidr(block) => note(destination, (*block).into(), route.target.clone(), true),
            Destination::Ipv6(block) => note(destination, (*block).into(), route.target.clone(), true),
            Destination::PrefixList(id) => {
                for block in world.prefix_list(&table.scope, id).iter().flat_map(blocks_of) {
                    note(destination.clone(), block, route.target.clone(), false);
                }
            }
        }
    }
    found
}

/// A target as people know it: an id, or `local`.
pub(super) fn text(target: &RouteTarget) -> String {
    match target {
        RouteTarget::Local => "local".to_owned(),
        RouteTarget::GatewayEndpoint(id) => id.to_string(),
        RouteTarget::Interface(id) => id.to_string(),
        RouteTarget::InternetGateway(id) => id.to_string(),
        RouteTarget::EgressOnlyInternetGateway(id) => id.to_string(),
        RouteTarget::VpnGateway(id) => target.unknown_name().unwrap_or(id.as_str()).to_owned(),
        RouteTarget::NatGateway(id) => id.to_string(),
        RouteTarget::Peering(id) => id.to_string(),
    }
}

/// Why a route to a target leads nowhere.
pub(super) fn dead_end(world: &World, target: Option<&RouteTarget>) -> Code {
    match target {
        // Nothing lies behind one that is there.
        Some(RouteTarget::VpnGateway(id)) if world.vpn_gateways.get(id).is_some_and(|own| own.vpc.is_some()) => {
            Code::NoPossibleDestination
        }
        Some(RouteTarget::Interface(id)) => match world.interfaces.get(id) {
            Some(interface) if interface.is_attached() && interface.source_dest_check => {
                Code::EniSourceDestCheckRestriction
            }
            _ => Code::BadStateRoute,
        },
        _ => Code::BadStateRoute,
    }
}

/// Why a route of a gateway's table to a target leads nowhere. A program that forwards gets nothing of IPv4 over an internet
/// gateway while its interface has no public address.
///
/// Source: VPC user guide, "Gateway route tables"; Reachability Analyzer guide, "Explanation codes".
pub(super) fn dead_end_of_ingress(world: &World, target: Option<&RouteTarget>, to: IpAddr) -> Code {
    let interface = match target {
        Some(RouteTarget::Interface(id)) => world.interfaces.get(id),
        _ => None,
    };
    let is_public =
        |own: &NetworkInterface| world.public_addresses_of(&own.vpc).any(|mapped| mapped.interface.id == own.id);
    match interface {
        Some(own) if own.is_attached() && !own.source_dest_check && to.is_ipv4() && !is_public(own) => {
            Code::IngressRtbNoPublicIp
        }
        _ => dead_end(world, target),
    }
}

/// The NAT gateway whose interface this is.
pub(super) fn nat_gateway<'w>(world: &'w World, interface: &NetworkInterfaceId) -> Option<&'w NatGateway> {
    match &world.interfaces.get(interface)?.attachment {
        Attachment::NatGateway(id) => world.nat_gateways.get(id),
        _ => None,
    }
}
