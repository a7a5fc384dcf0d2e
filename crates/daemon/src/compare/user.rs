//! Users: from where an endpoint can be used: zones of its VPC, peered VPCs, networks elsewhere.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use sidegate_model::{
    CreateRoute, Destination, Direction, Endpoint, Error, IpCidr, IpProtocol, Ipv4Cidr, NewRule, Peer, PeeringState,
    PortRange, RouteTableId, RouteTarget, SubnetId, VpcId, World,
};
use sidegate_plan::analyze::{Flow, Goal, Source};
use sidegate_plan::{Held, lookup};

use super::choice::{Choice, HTTPS, groups_of, own_name};
use super::end::End;
use super::name::names_of;
use super::network::Network;
use super::supposed::suppose;

/// Of how many subnets of a zone, and peered VPCs, each is asked.
const ASKED: usize = 4;

/// Blocks that a supposed VPC may have: one that the VPC's own do not overlap is taken.
const FREE: [[u8; 2]; 3] = [[10, 254], [172, 31], [192, 168]];

/// From where an endpoint can be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Users {
    /// What becomes of the same flow from each zone of the VPC that has subnets: from the subnet there that gets furthest.
    zones: BTreeMap<String, End>,
    peers: Vec<Peered>,
    outside: Outside,
}

/// A VPC that is peered with the endpoint's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Peered {
    /// The VPC; `None` if it is supposed, with routes to and fro, and a rule of the endpoint's group for it.
    vpc: Option<VpcId>,
    /// What becomes of a flow from there.
    end: End,
}

/// What a network elsewhere could ask for, if it were joined with the VPC by a VPN or Direct Connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outside {
    /// The name that it would ask for.
    name: Option<String>,
    /// What public DNS answers.
    addresses: Vec<IpAddr>,
    /// Whether these are addresses of the VPC, so that a way into it leads to the endpoint.
    in_vpc: bool,
    /// From which blocks beyond the VPC and its peers the endpoint's groups let in TCP to port 443.
    lets_in: Vec<String>,
}

impl Users {
    pub(super) fn of(network: &Network<'_>, choice: &Choice<'_>) -> Self {
        let endpoint = choice.endpoint;
        Self { zones: zones(network, choice), peers: peers(network, endpoint), outside: Outside::of(network, choice) }
    }

    /// The zones of the VPC.
    pub(super) fn zone_lines(&self) -> Vec<String> {
        // Zones of which the same is to be said stand together.
        let mut told: Vec<(Vec<&str>, &str)> = Vec::new();
        for (zone, end) in &self.zones {
            match told.iter_mut().find(|(_, words)| *words == end.words) {
                Some((zones, _)) => zones.push(zone),
                None => told.push((vec![zone], &end.words)),
            }
        }
        told.into_iter().map(|(zones, words)| format!("{}: {words}", zones.join(", "))).collect()
    }

    /// Peered VPCs.
    pub(super) fn peer_lines(&self) -> Vec<String> {
        let line = |peered: &Peered| match &peered.vpc {
            Some(vpc) => format!("{vpc}: {}", peered.end.words),
            None => format!("if one were, with routes and a rule for it: {}", peered.end.words),
        };
        if self.peers.is_empty() {
            vec!["no VPC could be supposed".to_owned()]
        } else {
            self.peers.iter().map(line).collect()
        }
    }

    /// Networks elsewhere.
    pub(super) fn outside_lines(&self) -> Vec<String> {
        let Outside { name, addresses, in_vpc, .. } = &self.outside;
        let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        let name = match name {
            Some(name) if !addresses.is_empty() => format!("{name} is {} in public DNS", addresses.join(", ")),
            Some(name) => format!("public DNS has no address of {name}"),
            None => "no name in public DNS".to_owned(),
        };
        if *in_vpc {
            let open = format!("over what joins it with the VPC: {name}");
            match &self.outside.lets_in {
                lets_in if lets_in.is_empty() => {
                    vec![format!("only with a rule for tcp {HTTPS} from there, which its groups lack; then {open}")]
                }
                lets_in => vec![format!("yes, from {}, as its groups let in, {open}", lets_in.join(", "))],
            }
        } else {
            vec![format!("no: it has no address in the VPC; {name}")]
        }
    }
}

/// What becomes of the flow from each zone.
fn zones(network: &Network<'_>, choice: &Choice<'_>) -> BTreeMap<String, End> {
    let (flow, endpoint) = (&choice.flow, choice.endpoint);
    let mut subnets: BTreeMap<String, Vec<SubnetId>> = BTreeMap::new();
    for subnet in network.world.subnets.of_vpc(&endpoint.vpc) {
        subnets.entry(subnet.zone.to_string()).or_default().push(subnet.id.clone());
    }
    let groups = groups_of(network, &flow.source);
    let from = |subnet: SubnetId| {
        let source = Source::Subnet { subnet, groups: groups.clone() };
        let flow = Flow { source, ..flow.clone() };
        let trace = network.trace(&flow)?;
        Some(End::of(network, &flow, &trace, &endpoint.id))
    };
    let ends = subnets.into_iter().filter_map(|(zone, subnets)| {
        let mut ends = subnets.into_iter().take(ASKED).filter_map(from);
        let first = ends.next()?;
        let best = if first.arrives == Some(true) { None } else { ends.find(|end| end.arrives == Some(true)) };
        Some((zone, best.unwrap_or(first)))
    });
    ends.collect()
}

/// The VPCs that are peered, or one that is supposed to be.
fn peers(network: &Network<'_>, endpoint: &Endpoint) -> Vec<Peered> {
    let active = network.world.peerings.iter().filter(|own| own.state == PeeringState::Active);
    let others = active.filter_map(|own| match (&own.requester.vpc, &own.accepter.vpc) {
        (one, other) if *one == endpoint.vpc => Some(other.clone()),
        (other, one) if *one == endpoint.vpc => Some(other.clone()),
        _ => None,
    });
    let from = |network: &Network<'_>, vpc: VpcId, is_supposed: bool| {
        let subnet = network.world.subnets.of_vpc(&vpc).next()?.id.clone();
        let source = Source::Subnet { subnet, groups: Vec::new() };
        let own = own_name(network, endpoint);
        let goal = own.map_or_else(|| Goal::Service(endpoint.service.clone()), Goal::Name);
        let flow = Flow::tcp(source, goal, HTTPS);
        let trace = network.trace(&flow)?;
        Some(Peered { vpc: (!is_supposed).then_some(vpc), end: End::of(network, &flow, &trace, &endpoint.id) })
    };
    let found: Vec<Peered> = others.take(ASKED).filter_map(|vpc| from(network, vpc, false)).collect();
    if !found.is_empty() {
        return found;
    }
    let Ok((world, plan, vpc)) = suppose(network, &endpoint.scope, |world, context| peer(world, context, endpoint))
    else {
        return Vec::new();
    };
    from(&network.with(&world, &plan), vpc, true).into_iter().collect()
}

/// Makes a VPC that is peered with the endpoint's, with all that lets it use the endpoint if anything does: routes to the
/// VPC and to what the endpoint's own routes divert, routes back, and a rule of the endpoint's group.
fn peer(world: &mut World, context: &mut sidegate_model::Context<'_>, endpoint: &Endpoint) -> Result<VpcId, Error> {
    let own: Vec<Ipv4Cidr> = world.vpcs.get(&endpoint.vpc).into_iter().flat_map(sidegate_model::Vpc::cidrs).collect();
    let is_free = |block: &Ipv4Cidr| !own.iter().any(|own| own.overlaps(*block));
    let block = FREE.iter().map(|[a, b]| Ipv4Cidr::new([*a, *b, 0, 0].into(), 16)).find(is_free);
    let block = block.ok_or_else(|| Error::InvalidParameterValue("no block is free".to_owned()))?;
    let vpc = world.create_vpc(context, block, "default")?;
    world.create_subnet(context, &vpc, block, None)?;
    let peering = world.create_peering(context, &vpc, &endpoint.vpc, None, None)?;
    world.accept_peering(context, &peering)?;
    let tables = |world: &World, vpc: &VpcId| -> Vec<RouteTableId> {
        world.route_tables.of_vpc(vpc).map(|own| own.id.clone()).collect()
    };
    let diverted = endpoint.gateway_lists().into_iter().flat_map(|list| list.cidrs);
    let there: Vec<Ipv4Cidr> = own.iter().copied().chain(diverted).collect();
    let there = tables(world, &vpc).into_iter().flat_map(|table| there.iter().map(move |to| (table.clone(), *to)));
    let back = tables(world, &endpoint.vpc).into_iter().map(|table| (table, block));
    for (table, to) in there.chain(back).collect::<Vec<_>>() {
        let target = RouteTarget::Peering(peering.clone());
        let route = CreateRoute { table, destination: Destination::Cidr(to), target };
        world.create_route(context, route)?;
    }
    if let Some(group) = endpoint.groups().first() {
        let ports = Some(PortRange { from: HTTPS.into(), to: HTTPS.into() });
        let rule = NewRule::new(Direction::Ingress, IpProtocol::TCP, ports, Peer::Cidr(block), None)?;
        world.authorize(context, group, vec![rule])?;
    }
    Ok(vpc)
}

impl Outside {
    fn of(network: &Network<'_>, choice: &Choice<'_>) -> Self {
        let endpoint = choice.endpoint;
        let service = || names_of(choice.service, endpoint.scope.region).into_iter().next();
        let name = own_name(network, endpoint).or_else(service);
        let addresses = match name.as_deref().map(|name| lookup(name, None, network.plan).held) {
            Some(Held::Addresses(addresses)) => addresses.to_vec(),
            _ => Vec::new(),
        };
        let blocks: &[IpCidr] = network.vpc(&endpoint.vpc).map_or(&[], |own| &own.cidrs);
        let is_own = |address: &IpAddr| blocks.iter().any(|block| block.contains(*address));
        let in_vpc = !addresses.is_empty() && addresses.iter().all(is_own);
        Self { name, addresses, in_vpc, lets_in: lets_in(network, endpoint) }
    }
}

/// From which blocks that are neither of the VPC nor of its peers the endpoint's groups let in TCP to port 443; prefix
/// lists by their ids.
fn lets_in(network: &Network<'_>, endpoint: &Endpoint) -> Vec<String> {
    let world = network.world;
    let peers = world
        .peerings
        .iter()
        .filter(|own| own.state == PeeringState::Active)
        .flat_map(|own| [&own.requester.vpc, &own.accepter.vpc].into_iter().filter_map(|vpc| world.vpcs.get(vpc)));
    let near: Vec<Ipv4Cidr> =
        world.vpcs.get(&endpoint.vpc).into_iter().chain(peers).flat_map(sidegate_model::Vpc::cidrs).collect();
    let groups = endpoint.groups().iter().filter_map(|id| world.security_groups.get(id));
    let rules = groups.flat_map(|group| &group.rules).map(|own| &own.rule).filter(|rule| {
        let has_port = rule.ports.is_none_or(|ports| (ports.from..=ports.to).contains(&HTTPS.into()));
        rule.direction == Direction::Ingress && matches!(rule.protocol, IpProtocol::All | IpProtocol::TCP) && has_port
    });
    let blocks = rules.filter_map(|rule| match &rule.peer {
        Peer::Cidr(block) => (!near.iter().any(|near| near.covers(*block))).then(|| block.to_string()),
        Peer::PrefixList(list) => Some(list.to_string()),
        Peer::Cidr6(..) | Peer::Group(_) => None,
    });
    let mut blocks: Vec<String> = blocks.collect();
    blocks.sort();
    blocks.dedup();
    blocks
}
