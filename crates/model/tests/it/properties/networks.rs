//! Commands about what a VPC consists of besides subnets, tables and groups.

use sidegate_model::{
    Context, Direction, Error, IpCidr, IpProtocol, Ipv4Cidr, Ipv6Cidr, NetworkAclEntry, NetworkAclId, RuleAction, World,
};

use super::{ids, pick};

/// How many there are.
pub(super) const COMMANDS: u8 = 6;

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
        _ => {
            let associations: Vec<_> = world.subnets.iter().filter_map(|s| world.network_acl_of(s)).collect();
            let Some(association) = pick(&associations, b) else { return Ok(()) };
            world.replace_network_acl_association(context, &association.id, &acl).map(drop)
        }
    }
}
