//! What leads out of the subnets with clients, and what an advice makes of it where that is not the same for all.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_advise::{Egress, FurtherNat, Nat, Network, Workload};
use sidegate_model::{Connectivity, Destination, NatGatewayId, NatGatewayState, RouteTarget, SubnetId, VpcId, World};

use super::listed;

/// What a subnet's default route leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// A NAT gateway of the VPC, to the internet.
    Nat(NatGatewayId),
    /// The VPC's internet gateway.
    Internet,
    /// Something else, such as a transit gateway, behind which nobody knows what there is.
    Else,
    /// There is none, or it leads nowhere.
    Nothing,
}

impl Way {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Nat(_) => "NAT gateways",
            Self::Internet => "an internet gateway",
            Self::Else => "a way of which it is not known whether it leads to public addresses",
            Self::Nothing => "no way out",
        }
    }
}

/// The way out of a subnet.
fn way(world: &World, subnet: &SubnetId) -> Way {
    let Some((table, _)) = world.route_table_of(subnet) else { return Way::Nothing };
    let is_default = |destination: &Destination| matches!(destination, Destination::Cidr(block) if block.length() == 0);
    let Some(route) = table.routes.iter().find(|route| is_default(&route.destination)) else { return Way::Nothing };
    match &route.target {
        RouteTarget::NatGateway(id) => match world.nat_gateways.get(id) {
            Some(gateway) if gateway.state != NatGatewayState::Available => Way::Nothing,
            Some(gateway) if gateway.connectivity == Connectivity::Public && gateway.vpc == table.vpc => {
                Way::Nat(id.clone())
            }
            Some(_) | None => Way::Else,
        },
        RouteTarget::InternetGateway(id) => match world.internet_gateways.get(id) {
            Some(gateway) if gateway.vpc.as_ref() != Some(&table.vpc) => Way::Nothing,
            Some(_) | None => Way::Internet,
        },
        RouteTarget::Local | RouteTarget::GatewayEndpoint(_) | RouteTarget::EgressOnlyInternetGateway(_) => {
            Way::Nothing
        }
        RouteTarget::Interface(_) | RouteTarget::VpnGateway(_) | RouteTarget::Peering(_) => Way::Else,
    }
}

/// Whether a subnet is routed to an internet gateway.
pub(super) fn is_public(world: &World, subnet: &SubnetId) -> bool {
    way(world, subnet) == Way::Internet
}

/// The NAT gateway that a subnet is routed to.
pub(super) fn nat_of(world: &World, subnet: &SubnetId) -> Option<NatGatewayId> {
    if let Way::Nat(id) = way(world, subnet) { Some(id) } else { None }
}

/// Gives a VPC what leads out of its subnets with clients, and its other NAT gateways.
pub(super) fn set_ways(world: &World, network: &mut Network, nat_may_go: bool) {
    let Some(vpc) = &network.id else { return };
    let clients = network.subnets.iter().filter_map(|subnet| subnet.id.as_ref());
    let (egress, leading) = egress(world, clients, nat_may_go);
    network.further_nat = further_nat(world, vpc, &leading);
    network.egress = egress;
}

/// What leads out of the subnets with clients, and the NAT gateways of that. It counts if all of them have it: those without
/// need endpoints.
fn egress<'s>(
    world: &World, clients: impl IntoIterator<Item = &'s SubnetId>, nat_may_go: bool,
) -> (Egress, BTreeSet<NatGatewayId>) {
    let ways: Vec<(&SubnetId, Way)> = clients.into_iter().map(|id| (id, way(world, id))).collect();
    let is_open = !ways.is_empty() && ways.iter().all(|(_, way)| matches!(way, Way::Nat(_) | Way::Internet));
    if !is_open {
        return (Egress::Closed, BTreeSet::new());
    }
    let zone = |id: &SubnetId| world.subnets.get(id).map(|subnet| subnet.zone);
    let mut gateways = BTreeSet::new();
    let mut crosses_zones = false;
    for (subnet, way) in &ways {
        let Way::Nat(id) = way else { continue };
        let at = world.nat_gateways.get(id).and_then(|gateway| zone(&gateway.subnet));
        crosses_zones |= at != zone(subnet);
        gateways.insert(id.clone());
    }
    if gateways.is_empty() {
        return (Egress::InternetGateway, gateways);
    }
    let count = u32::try_from(gateways.len()).unwrap_or(u32::MAX);
    (Egress::Nat(Nat { gateways: count, exist: true, stay: !nat_may_go, crosses_zones }), gateways)
}

/// The other NAT gateways of a VPC.
fn further_nat(world: &World, vpc: &VpcId, leading: &BTreeSet<NatGatewayId>) -> Vec<FurtherNat> {
    let used: BTreeSet<&NatGatewayId> = world
        .route_tables
        .of_vpc(vpc)
        .flat_map(|table| &table.routes)
        .filter_map(|route| if let RouteTarget::NatGateway(id) = &route.target { Some(id) } else { None })
        .collect();
    let present = world.nat_gateways.of_vpc(vpc).filter(|gateway| gateway.state == NatGatewayState::Available);
    let further = present.filter(|gateway| !leading.contains(&gateway.id));
    further
        .map(|gateway| FurtherNat {
            id: gateway.id.clone(),
            addresses: match gateway.connectivity {
                Connectivity::Public => u32::try_from(gateway.addresses.len()).unwrap_or(u32::MAX),
                Connectivity::Private => 0,
            },
            is_used: used.contains(&gateway.id),
        })
        .collect()
}

/// What is to be known of VPCs whose clients have different ways out, or one that an advice makes nothing of.
pub(crate) fn ways_out(world: &World, workloads: &[Workload]) -> Vec<String> {
    workloads.iter().flat_map(|workload| &workload.networks).filter_map(|network| of_vpc(world, network)).collect()
}

fn of_vpc(world: &World, network: &Network) -> Option<String> {
    let id: &VpcId = network.id.as_ref()?;
    let mut ways: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for subnet in network.subnets.iter().filter_map(|subnet| subnet.id.as_ref()) {
        ways.entry(way(world, subnet).as_str()).or_default().push(subnet.to_string());
    }
    if ways.len() < 2 && !ways.contains_key(Way::Else.as_str()) {
        return None;
    }
    let told: Vec<String> =
        ways.iter().map(|(way, subnets)| format!("those in {} have {way}", listed(subnets))).collect();
    let made = match network.egress {
        Egress::Closed => {
            "A way out counts only if all of them have it: services are led to by endpoints. The hours of the NAT gateways \
             that are there are in the totals before and after, their data is not."
        }
        Egress::Nat(_) | Egress::InternetGateway => {
            "All are taken as those behind NAT gateways, but for traffic that was seen to go over the internet gateway."
        }
    };
    Some(format!("Of the clients in {id}, {}. {made}", told.join(", ")))
}
