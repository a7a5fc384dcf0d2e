//! A VPC with many interfaces: ten of them share a group, and a group has ten rules.

use sidegate_model::{
    Context, Direction, Error, IpProtocol, Ipv4Cidr, NetworkInterfaceId, NewRule, Peer, PortRange, SecurityGroupId,
    SubnetId, VpcId, World,
};

/// How many interfaces share a group, and how many rules it has.
const MEMBERS: usize = 10;
const RULES: u8 = 10;

/// The port on which interfaces take round trips and packets.
pub(super) const PORT: u16 = 9_000;

/// A crowded VPC.
pub(super) struct Crowd {
    pub(super) vpc: VpcId,
    pub(super) subnet: SubnetId,
    pub(super) groups: Vec<SecurityGroupId>,
    pub(super) interfaces: Vec<NetworkInterfaceId>,
}

impl Crowd {
    /// Makes the VPC. `number` tells the VPCs of a site apart.
    pub(super) fn make(world: &mut World, context: &mut Context<'_>, number: u8, size: u16) -> Result<Self, Error> {
        let block = parsed(&format!("10.{}.0.0/16", 80 + number))?;
        let vpc = world.create_vpc(context, block, "default")?;
        let subnet = world.create_subnet(context, &vpc, block, None)?;
        let size = usize::from(size);
        let mut groups = Vec::with_capacity(size.div_ceil(MEMBERS));
        for index in 0..size.div_ceil(MEMBERS) {
            let group = world.create_security_group(context, &vpc, &format!("group {index}"), "ten interfaces")?;
            world.authorize(context, &group, rules(block, index)?)?;
            groups.push(group);
        }
        let mut interfaces = Vec::with_capacity(size);
        for group in groups.iter().flat_map(|group| std::iter::repeat_n(group, MEMBERS)).take(size) {
            interfaces.push(world.attach_program(context, &subnet, std::slice::from_ref(group))?);
        }
        Ok(Self { vpc, subnet, groups, interfaces })
    }
}

/// Ten rules, of which one lets packets in and one connections; the others are a group's own.
fn rules(block: Ipv4Cidr, index: usize) -> Result<Vec<NewRule>, Error> {
    let port = i32::from(PORT);
    let mut rules = vec![rule(IpProtocol::UDP, port, block)?, rule(IpProtocol::TCP, port, block)?];
    let [high, low] = u16::try_from(index).unwrap_or_default().to_be_bytes();
    for number in 2..RULES {
        let peer = parsed(&format!("172.{}.{high}.{}/32", 16 + number, low))?;
        rules.push(rule(IpProtocol::TCP, 1_000 + i32::from(number), peer)?);
    }
    Ok(rules)
}

/// A rule that lets one port in from a block.
pub(super) fn rule(protocol: IpProtocol, port: i32, from: Ipv4Cidr) -> Result<NewRule, Error> {
    NewRule::new(Direction::Ingress, protocol, Some(PortRange { from: port, to: port }), Peer::Cidr(from), None)
}

fn parsed(block: &str) -> Result<Ipv4Cidr, Error> {
    block.parse().map_err(|_| Error::InvalidParameterValue(block.to_owned()))
}
