//! Commands about what a VPC consists of besides subnets, tables and groups.

use std::net::Ipv4Addr;

use sidegate_model::{
    AggregationInterval, AnalysisOutcome, AnalysisSettings, Component, ComponentId, Context, DhcpConfiguration,
    Direction, Error, FlowLogDestination, FlowLogResource, FlowLogSettings, IpCidr, IpProtocol, Ipv4Cidr, Ipv6Cidr,
    LogFormat, NetworkAclEntry, NetworkAclId, PathDefinition, PathFilter, PathProtocol, RuleAction, S3Folder, Scope,
    TrafficType, Vpc, World,
};

use super::{ids, pick};

/// How many there are.
pub(super) const COMMANDS: u8 = 20;

/// Runs one; whether it was refused does not matter.
pub(super) fn run(
    world: &mut World, context: &mut Context<'_>, kind: u8, [a, b, c, d, _]: [u8; 5],
) -> Result<(), Error> {
    let vpc = pick(&ids(&world.vpcs, "vpc-0"), a).unwrap();
    let acl: NetworkAclId = pick(&ids(&world.network_acls, "acl-0"), a).unwrap();
    let direction = if c % 2 == 0 { Direction::Egress } else { Direction::Ingress };
    let number = i32::from(b % 4) * 100;
    let entry = || {
        let action = if d % 2 == 0 { RuleAction::Allow } else { RuleAction::Deny };
        let cidr = if d % 3 == 0 { IpCidr::V6(Ipv6Cidr::ANY) } else { IpCidr::V4(Ipv4Cidr::ANY) };
        NetworkAclEntry::new(direction, number, action, IpProtocol::All, cidr, None, None)
    };
    match kind {
        0 => world.create_network_acl(context, &vpc).map(drop),
        1 => world.delete_network_acl(context, &acl),
        2 => world.create_network_acl_entry(context, &acl, entry()?),
        3 => world.replace_network_acl_entry(context, &acl, entry()?),
        4 => world.delete_network_acl_entry(context, &acl, direction, number),
        5 => {
            let associations: Vec<_> = world.subnets.iter().filter_map(|s| world.network_acl_of(s)).collect();
            let Some(association) = pick(&associations, b) else { return Ok(()) };
            world.replace_network_acl_association(context, &association.id, &acl).map(drop)
        }
        6 => {
            let block = Ipv4Cidr::new(Ipv4Addr::new(10, b % 3, c & 0xc0, 0), 18);
            world.associate_vpc_cidr_block(context, &vpc, block).map(drop)
        }
        7 => world.associate_vpc_ipv6_cidr_block(context, &vpc).map(drop),
        8 => {
            let block = |vpc: &Vpc| match (b % 2, vpc.ipv6_cidrs.first()) {
                (0, Some(block)) => Some(block.id.clone()),
                _ => pick(&vpc.cidr_blocks(), c).map(|block| block.id),
            };
            let Some(id) = world.vpcs.get(&vpc).and_then(block) else { return Ok(()) };
            world.disassociate_vpc_cidr_block(context, &id).map(drop)
        }
        9 => {
            let subnet = pick(&ids(&world.subnets, "subnet-0"), a).unwrap();
            let of_vpc = world.subnets.get(&subnet).and_then(|s| world.vpcs.get(&s.vpc)?.ipv6_cidrs.first());
            let range = of_vpc.map_or(context.scope.region.ipv6_block(), |block| block.cidr);
            let first = range.nth(u128::from(b % 4) << 64).unwrap();
            world.associate_subnet_cidr_block(context, &subnet, Ipv6Cidr::new(first, 64)).map(drop)
        }
        10 => {
            let blocks: Vec<_> = world.subnets.iter().filter_map(|s| s.ipv6_cidr.clone()).collect();
            let Some(block) = pick(&blocks, b) else { return Ok(()) };
            world.disassociate_subnet_cidr_block(context, &block.id).map(drop)
        }
        11 => world.create_dhcp_options(context, DhcpConfiguration::default()).map(drop),
        12 => world.delete_dhcp_options(context, &pick(&ids(&world.dhcp_options, "dopt-0"), a).unwrap()),
        13 if world.vpcs.len() < 4 => world.create_default_vpc(context).map(drop),
        14 => {
            let zones: Vec<_> = context.scope.region.zones().collect();
            world.create_default_subnet(context, pick(&zones, b).unwrap()).map(drop)
        }
        15 => flow_log(world, context, [a, b, c, d]),
        16 => world.delete_flow_logs(context, &[pick(&ids(&world.flow_logs, "fl-0"), a).unwrap()]),
        17 => {
            let path = world.create_network_insights_path(context, &definition(world, &context.scope, [a, b, c, d]))?;
            let outcome = AnalysisOutcome::Failed("nothing was looked at".to_owned());
            let settings = AnalysisSettings::default();
            if b % 2 == 0 {
                Ok(())
            } else {
                world.start_network_insights_analysis(context, &path, settings, outcome).map(drop)
            }
        }
        18 if b % 2 == 0 => {
            let id = pick(&ids(&world.network_insights_analyses, "nia-0"), a).unwrap();
            world.delete_network_insights_analysis(context, &id)
        }
        18 => {
            let id = pick(&ids(&world.network_insights_paths, "nip-0"), a).unwrap();
            world.delete_network_insights_path(context, &id)
        }
        _ => {
            let set = pick(&ids(&world.dhcp_options, "dopt-0"), b).unwrap();
            world.associate_dhcp_options(context, &vpc, (c % 3 > 0).then_some(&set))
        }
    }
}

/// A path between what there is, or is not.
fn definition(world: &World, scope: &Scope, [a, b, c, d]: [u8; 4]) -> PathDefinition {
    let end = |a: u8, b: u8| {
        let id = match b % 4 {
            0 => ComponentId::from(pick(&ids(&world.endpoints, "vpce-0"), a).unwrap()),
            _ => pick(&ids(&world.interfaces, "eni-0"), a).unwrap().into(),
        };
        Component::new(scope, id)
    };
    PathDefinition {
        source: end(a, b),
        destination: (d % 8 > 0).then(|| end(c, d)),
        source_ip: None,
        destination_ip: None,
        protocol: PathProtocol::Tcp,
        destination_port: (c % 2 == 0).then_some(443),
        filter_at_source: (c % 5 == 0).then(PathFilter::default),
        filter_at_destination: None,
    }
}

fn flow_log(world: &mut World, context: &mut Context<'_>, [a, b, c, d]: [u8; 4]) -> Result<(), Error> {
    let resource = match b % 3 {
        0 => FlowLogResource::Vpc(pick(&ids(&world.vpcs, "vpc-0"), a).unwrap()),
        1 => FlowLogResource::Subnet(pick(&ids(&world.subnets, "subnet-0"), a).unwrap()),
        _ => FlowLogResource::NetworkInterface(pick(&ids(&world.interfaces, "eni-0"), a).unwrap()),
    };
    let folder = S3Folder::at(["arn:aws:s3:::records", "arn:aws:s3:::records/a/"][usize::from(c % 2)])?;
    let settings = FlowLogSettings {
        traffic: [TrafficType::All, TrafficType::Accept, TrafficType::Reject][usize::from(d % 3)],
        interval: AggregationInterval::Minute,
        destination: FlowLogDestination::S3 { folder, partitions: None },
        format: LogFormat::default(),
    };
    world.create_flow_log(context, &resource, &settings).map(drop)
}
