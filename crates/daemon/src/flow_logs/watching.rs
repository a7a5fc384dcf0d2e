//! What records tell of an interface and of the way of its traffic, as the world and the plan have it.

use std::net::IpAddr;
use std::sync::Arc;

use sidegate_linux::dataplane::{Direction, FlowCount};
use sidegate_model::flow_record::{Flow, Total, Watched, told_flags};
use sidegate_model::{Attachment, Catalog, NetworkInterface, NetworkInterfaceId, Region, World};
use sidegate_plan::{Passage, Plan, RouteTarget, VpcPlan};

/// An interface as its records tell of it.
pub(super) fn watched(world: &World, plan: &Plan, interface: &NetworkInterface) -> Option<Arc<Watched>> {
    let subnet = world.subnets.get(&interface.subnet)?;
    let told = plan.vpcs.get(&interface.vpc).and_then(|vpc| vpc.metadata_of(interface.address.into()));
    let instance = match &interface.attachment {
        Attachment::Instance { instance, .. } => Some(instance.to_string()),
        Attachment::Program => told.map(|told| told.instance.clone()),
        Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::Functions(_) | Attachment::None => None,
    };
    let is_requester_managed = matches!(interface.attachment, Attachment::Endpoint(_));
    Some(Arc::new(Watched {
        interface: interface.id.clone(),
        account: (!is_requester_managed).then(|| interface.scope.account.clone()),
        vpc: interface.vpc.clone(),
        subnet: interface.subnet.clone(),
        instance,
        region: interface.scope.region,
        zone: subnet.zone.id(),
        address: interface.address.into(),
    }))
}

/// An interface that the world does not have any more, as the plan had it that was in force when something was counted there.
pub(super) fn gone(vpc: &VpcPlan, interface: &NetworkInterfaceId) -> Option<Arc<Watched>> {
    let link = vpc.links.get(interface)?;
    let told = vpc.metadata.get(&link.address)?;
    Some(Arc::new(Watched {
        interface: interface.clone(),
        account: Some(vpc.scope.account.clone()),
        vpc: vpc.vpc.clone(),
        subnet: link.subnet.clone(),
        instance: Some(told.instance.clone()),
        region: vpc.scope.region,
        zone: told.zone_id.clone(),
        address: link.address.into(),
    }))
}

/// A flow that was counted between two times (Unix seconds). `None` for what no flow log tells: packets to groups, which no
/// VPC carries.
pub(super) fn flow(plan: &Plan, vpc: &VpcPlan, counted: &FlowCount, (start, end): (i64, i64)) -> Option<Flow> {
    let FlowCount { direction, accepted, source, destination, protocol, ports, flags, packets, bytes, .. } = *counted;
    if destination.is_multicast() || is_link_local(source) || is_link_local(destination) {
        return None;
    }
    let ingress = direction == Direction::Ingress;
    let path = if ingress { None } else { path_to(plan, vpc, &counted.interface, destination) };
    Some(Flow {
        ingress,
        accepted,
        source,
        destination,
        protocol,
        ports,
        total: Total { packets, bytes, flags: told_flags(flags), start, end },
        path,
        services: (service_at(source), service_at(destination)),
    })
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// The ways that egress takes.
///
/// Source: VPC user guide, "Flow log records", `traffic-path`.
const OF_THE_VPC: u8 = 1;
const INTRA_REGION_PEERING: u8 = 4;
const INTER_REGION_PEERING: u8 = 5;
const GATEWAY_ENDPOINT: u8 = 7;
const INTERNET_GATEWAY: u8 = 8;

/// The way from an interface to an address.
fn path_to(plan: &Plan, vpc: &VpcPlan, interface: &NetworkInterfaceId, to: IpAddr) -> Option<u8> {
    if vpc.cidrs.iter().any(|block| block.contains(to)) {
        return Some(OF_THE_VPC);
    }
    let of_link = vpc.links.get(interface).map(|link| link.table);
    let of_endpoint = || vpc.endpoint_addresses.values().find(|at| at.interface == *interface).map(|at| at.table);
    let table = vpc.tables.get(&of_link.or_else(of_endpoint)?)?;
    match &table.lookup(to)?.target {
        RouteTarget::GatewayEndpoint(_) => Some(GATEWAY_ENDPOINT),
        RouteTarget::Interface { .. } | RouteTarget::Local => Some(OF_THE_VPC),
        RouteTarget::Blackhole => None,
        RouteTarget::Passage(name) => match &**plan.passages.get(name)? {
            Passage::InternetGateway { .. } | Passage::EgressOnlyInternetGateway { .. } => Some(INTERNET_GATEWAY),
            Passage::NatGateway { .. } => Some(OF_THE_VPC),
            Passage::Peering { .. } => {
                let peer = vpc.passages.get(name)?.peer.as_ref()?;
                let is_near = plan.vpcs.get(peer)?.scope.region == vpc.scope.region;
                Some(if is_near { INTRA_REGION_PEERING } else { INTER_REGION_PEERING })
            }
        },
    }
}

/// The service that has a public address, as records call it.
///
/// Source: VPC user guide, "Flow log records", `pkt-src-aws-service`.
fn service_at(address: IpAddr) -> Option<&'static str> {
    let (service, is_of_region) = match address {
        IpAddr::V4(address) => {
            (Catalog::at(address), Region::all().any(|region| region.public_block().contains(address)))
        }
        IpAddr::V6(address) => {
            (Catalog::at_ipv6(address), Region::all().any(|region| region.public_ipv6_block().contains(address)))
        }
    };
    match service.map(|(_, service)| service.name) {
        Some("s3") => Some("S3"),
        Some("dynamodb") => Some("DYNAMODB"),
        Some(_) => Some("AMAZON"),
        // What is not a service's is lent to instances.
        None => is_of_region.then_some("EC2"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_services_are_known() {
        let region: Region = "us-east-1".parse().unwrap();
        let of = |name: &str| service_at(Catalog::named(name).unwrap().public_addresses(region)[0].into());
        assert_eq!(["s3", "dynamodb", "kms"].map(of), [Some("S3"), Some("DYNAMODB"), Some("AMAZON")]);
        assert_eq!(service_at("10.0.0.1".parse().unwrap()), None);
        let block = region.public_block();
        assert_eq!(service_at(std::net::Ipv4Addr::from_bits(block.first().to_bits() + 0xf00).into()), Some("EC2"));
    }
}
