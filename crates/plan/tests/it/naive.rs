//! What a connection should do, straight from the world: the second opinion on the compiler and on the kernel.
//!
//! It asks the documentation's questions one after the other and shares no code with what it judges. Only the model and
//! the standard library, so that other crates' tests can include this file.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use sidegate_model::{
    Attachment, Destination, Direction, Endpoint, EndpointKind, InstanceState, InternetGatewayId, IpAddressType,
    IpCidr, IpProtocol, Ipv6Cidr, NatGatewayState, NetworkAclEntry, NetworkInterface, NetworkInterfaceId, Peer,
    PeeringState, PortRange, PrefixList, PrefixListId, RecordFamilies, Region, RouteTable, RouteTarget, RuleAction,
    Scope, SecurityGroupRule, Service, SubnetId, Vpc, VpcEndpointId, VpcId, VpcPeeringConnectionId, World,
};

/// The services whose public names random worlds ask for.
pub(crate) const ASKED: [&str; 5] = ["secretsmanager", "s3", "dynamodb", "monitoring", "ecr.dkr"];

pub(crate) const ICMP: u8 = 1;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const ICMPV6: u8 = 58;

/// The first packet of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    /// The interface that it leaves by.
    pub(crate) source: NetworkInterfaceId,
    pub(crate) destination: IpAddr,
    pub(crate) protocol: u8,
    /// The destination port; for ICMP the type times 256 plus the code; 0 for what has neither.
    pub(crate) port: u16,
    /// Which of its addresses a NAT gateway on the way lends: the one at this place, counted round. They are lent in turn,
    /// so that every place comes up.
    pub(crate) turn: usize,
}

/// Who opens a connection, at a stage of its way: an interface, and which of its addresses.
#[derive(Clone, Copy)]
struct From<'w> {
    interface: &'w NetworkInterface,
    address: IpAddr,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Silence.
    Refused,
    /// It reaches the program behind this interface, which may have nobody listening.
    Interface(NetworkInterfaceId),
    /// It is accepted by this endpoint, where it comes from this address.
    Endpoint(VpcEndpointId, IpAddr),
    /// The resolver takes it.
    Resolver,
    /// The metadata service takes it.
    Metadata,
    /// A service takes it on the internet, where it comes from this address.
    Internet(IpAddr),
    /// It leaves for somebody on the internet who is nobody here, and answers get back; it comes from this address.
    Outside(IpAddr),
}

/// What the resolver answers to questions for A and AAAA records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Addresses(BTreeSet<IpAddr>),
    /// The name exists and has no such record.
    NoData,
    /// NXDOMAIN.
    NoSuchName,
    /// Nobody answers: `enableDnsSupport` is off.
    Silence,
}

/// What a connection should do. `Refused` too if nothing can run behind the source.
pub(crate) fn outcome(world: &World, flow: &Flow) -> Outcome {
    let Some(source) = world.interfaces.get(&flow.source).filter(|i| is_inhabited(world, i)) else {
        return Outcome::Refused;
    };
    let Some(vpc) = world.vpcs.get(&source.vpc) else { return Outcome::Refused };
    let to = flow.destination;

    // A program that asks for an address of its own never leaves its machine; one without one of the family cannot.
    if has(source, to) {
        return Outcome::Interface(source.id.clone());
    }
    let Some(from) = address_towards(source, to) else { return Outcome::Refused };

    // Groups cannot keep anyone from the resolver and the metadata service.
    let own_resolver = Ipv4Addr::from_bits(vpc.cidr.first().to_bits() + 2);
    let resolvers = [own_resolver.into(), Ipv4Addr::new(169, 254, 169, 253).into(), platform(0x253)];
    if resolvers.contains(&to) {
        let asks = vpc.dns_support && flow.port == 53 && [TCP, UDP].contains(&flow.protocol);
        return if asks { Outcome::Resolver } else { Outcome::Refused };
    }
    if to == Ipv4Addr::new(169, 254, 169, 254) || to == platform(0x254) {
        // Whether an instance has it turned on for IPv6 is asked behind the packets.
        return if flow.protocol == TCP && flow.port == 80 { Outcome::Metadata } else { Outcome::Refused };
    }

    if !permitted(world, source, Direction::Egress, to, flow) {
        return Outcome::Refused;
    }
    towards(world, From { interface: source, address: from }, flow, 0)
}

/// What becomes of a connection that leaves an interface, and may do so.
fn towards(world: &World, from: From<'_>, flow: &Flow, nats: usize) -> Outcome {
    let source = from.interface;
    let Some(vpc) = world.vpcs.get(&source.vpc) else { return Outcome::Refused };
    let to = flow.destination;
    if !holds(vpc, to) {
        return routed(world, from, flow, nats);
    }
    let Some(target) = world.interfaces.iter().find(|i| i.vpc == vpc.id && has(i, to)) else {
        return match redirected(world, source, to).and_then(|target| nat_of(world, &target)) {
            Some(nat) => translated(world, from, nat, flow, nats),
            None => Outcome::Refused,
        };
    };
    // Within the VPC the local route holds, unless the table has another to this part of it. What is behind interfaces
    // forwards nothing in these worlds, but takes what is for it.
    if let Some(way) = redirected(world, source, to) {
        if let Some(nat) = nat_of(world, &way).filter(|nat| nat.id != target.id) {
            return translated(world, from, nat, flow, nats);
        }
        if !is_way_to(world, &way, target) {
            return Outcome::Refused;
        }
    }
    if !permitted(world, target, Direction::Ingress, from.address, flow)
        || !crosses(world, from, Some(target), to, flow)
        || !comes_back(world, target, from)
    {
        return Outcome::Refused;
    }
    match &target.attachment {
        Attachment::Endpoint(id) if flow.protocol == TCP && [80, 443].contains(&flow.port) => {
            Outcome::Endpoint(id.clone(), from.address)
        }
        Attachment::Endpoint(_) => Outcome::Refused,
        _ if is_inhabited(world, target) => Outcome::Interface(target.id.clone()),
        _ => Outcome::Refused,
    }
}

/// Where a route of the table of an interface's subnet leads what is for another part of the VPC, whether that is there or
/// gone. What stays in a subnet is not routed.
fn redirected(world: &World, source: &NetworkInterface, to: IpAddr) -> Option<RouteTarget> {
    let (vpc, subnet) = (world.vpcs.get(&source.vpc)?, world.subnets.get(&source.subnet)?);
    let stays = match to {
        IpAddr::V4(to) => subnet.cidr.contains(to),
        IpAddr::V6(to) => subnet.ipv6_cidr.as_ref().is_some_and(|own| own.cidr.contains(to)),
    };
    if stays {
        return None;
    }
    inside(vpc, table_of(world, source)?, to)
}

/// Where the most specific route of a table to a part of its VPC leads an address.
fn inside(vpc: &Vpc, table: &RouteTable, to: IpAddr) -> Option<RouteTarget> {
    let routes = table.routes.iter().filter_map(|route| match &route.destination {
        Destination::Cidr(block) if vpc.cidrs().any(|own| own.covers(*block)) => {
            Some((IpCidr::V4(*block), &route.target))
        }
        Destination::Ipv6(block) if vpc.ipv6_cidrs.iter().any(|own| own.cidr.covers(*block)) => {
            Some((IpCidr::V6(*block), &route.target))
        }
        _ => None,
    });
    // No other target is taken; but a route may be older than the VPC's block.
    let about = routes.filter(|(_, target)| matches!(target, RouteTarget::Interface(_) | RouteTarget::NatGateway(_)));
    let about = about.filter(|(block, _)| block.contains(to));
    about.max_by_key(|(block, _)| block.length()).map(|(_, target)| target.clone())
}

/// Whether what comes in over an internet gateway for an address of an interface gets there: the gateway's own route table
/// may lead it elsewhere.
fn comes_in(world: &World, gateway: &InternetGatewayId, target: &NetworkInterface, address: IpAddr) -> bool {
    let Some(vpc) = world.vpcs.get(&target.vpc) else { return false };
    let tables = world.route_tables.iter().filter(|table| table.vpc == vpc.id);
    let table = tables.into_iter().find(|table| table.gateways.values().any(|own| own == gateway));
    let way = table.and_then(|table| inside(vpc, table, address));
    way.is_none_or(|way| is_way_to(world, &way, target))
}

/// Whether the internet knows an address of IPv6 by an internet gateway: some route of its table leads there.
fn is_known_by(world: &World, gateway: &InternetGatewayId, target: &NetworkInterface) -> bool {
    let routes = table_of(world, target).map(|table| all_routes(world, table)).unwrap_or_default();
    let gateway = RouteTarget::InternetGateway(gateway.clone());
    routes.iter().any(|(block, _, target)| block.is_ipv6() && *target == gateway)
}

/// Whether what a route leads this way gets to an interface whose own address it is for.
fn is_way_to(world: &World, way: &RouteTarget, target: &NetworkInterface) -> bool {
    let is_inhabited = is_inhabited(world, target);
    match way {
        RouteTarget::Interface(id) if is_inhabited => *id == target.id,
        _ => nat_of(world, way).is_some_and(|nat| nat.id == target.id),
    }
}

/// Whether an answer gets from who was asked to the address that asked.
fn comes_back(world: &World, target: &NetworkInterface, from: From<'_>) -> bool {
    redirected(world, target, from.address).is_none_or(|way| is_way_to(world, &way, from.interface))
}

/// The interface of the NAT gateway that a route leads to.
fn nat_of<'w>(world: &'w World, target: &RouteTarget) -> Option<&'w NetworkInterface> {
    let id = match target {
        RouteTarget::NatGateway(id) => id,
        RouteTarget::Interface(id) => match &world.interfaces.get(id)?.attachment {
            Attachment::NatGateway(id) => id,
            _ => return None,
        },
        _ => return None,
    };
    let nat = world.nat_gateways.get(id).filter(|nat| nat.state == NatGatewayState::Available)?;
    world.interfaces.get(nat.interface.as_ref()?)
}

/// The address under which a NAT gateway lets a connection out. One that is being taken off serves no new connections.
fn lent(world: &World, nat: &NetworkInterface, turn: usize) -> Option<IpAddr> {
    let gateway = world.nat_gateways.iter().find(|gateway| gateway.interface.as_ref() == Some(&nat.id))?;
    let stays = gateway.addresses.iter().filter(|address| address.draining.is_none());
    let addresses: Vec<_> = stays.filter_map(|address| address.private).collect();
    addresses.get(turn % addresses.len()).map(|address| (*address).into())
}

/// What becomes of a connection that goes by way of a NAT gateway, which is for IPv4 alone.
fn translated(world: &World, from: From<'_>, nat: &NetworkInterface, flow: &Flow, nats: usize) -> Outcome {
    let (to, source) = (flow.destination, from.interface);
    let Some(lent) = lent(world, nat, flow.turn).filter(|_| to.is_ipv4()) else { return Outcome::Refused };
    let is_there = nat.vpc == source.vpc && nat.id != source.id && nats < NATS;
    if !is_there || !crosses(world, from, Some(nat), to, flow) || !comes_back(world, nat, from) {
        return Outcome::Refused;
    }
    towards(world, From { interface: nat, address: lent }, flow, nats + 1)
}

/// An address of the platform's that is the same in every VPC.
fn platform(host: u16) -> IpAddr {
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, host).into()
}

/// Whether an address lies in a block of a VPC.
fn holds(vpc: &Vpc, address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => vpc.cidrs().any(|block| block.contains(address)),
        IpAddr::V6(address) => vpc.ipv6_cidrs.iter().any(|block| block.cidr.contains(address)),
    }
}

/// Whether an interface has an address.
fn has(interface: &NetworkInterface, address: IpAddr) -> bool {
    interface.addresses().any(|own| own == address) || has_ipv6(interface, address)
}

fn has_ipv6(interface: &NetworkInterface, address: IpAddr) -> bool {
    interface.ipv6.iter().any(|own| *own == address)
}

/// The address that a program connects from: its first one of the family.
fn address_towards(source: &NetworkInterface, to: IpAddr) -> Option<IpAddr> {
    match to {
        IpAddr::V4(_) => Some(source.address.into()),
        IpAddr::V6(_) => source.ipv6.first().map(|own| (*own).into()),
    }
}

/// How many NAT gateways a connection may pass: more than any world of these tests has.
const NATS: usize = 8;

/// What becomes of a connection that leaves the VPC by the route table of this interface's subnet.
fn routed(world: &World, from: From<'_>, flow: &Flow, nats: usize) -> Outcome {
    let (to, source) = (flow.destination, from.interface);
    let is_service = flow.protocol == TCP && [80, 443].contains(&flow.port);
    match leads(world, source, to) {
        Some(RouteTarget::GatewayEndpoint(id)) if is_service && crosses(world, from, None, to, flow) => {
            Outcome::Endpoint(id, from.address)
        }
        Some(RouteTarget::Peering(id)) => beyond(world, from, &id, flow),
        Some(RouteTarget::InternetGateway(id)) => {
            let is_attached = world.internet_gateways.get(&id).is_some_and(|own| own.vpc.as_ref() == Some(&source.vpc));
            let public = match to {
                IpAddr::V4(_) => public_of(world, from).map(IpAddr::from),
                IpAddr::V6(_) => Some(from.address),
            };
            match public {
                Some(public)
                    if is_attached
                        && crosses(world, from, None, to, flow)
                        && comes_in(world, &id, source, from.address) =>
                {
                    outside(world, public, to, flow)
                }
                _ => Outcome::Refused,
            }
        }
        Some(RouteTarget::EgressOnlyInternetGateway(id)) => {
            let gateway = world.egress_only_internet_gateways.get(&id);
            // The answer comes in over an internet gateway, where one is known for the address.
            let other = world.internet_gateways.iter().find(|own| own.vpc.as_ref() == Some(&source.vpc));
            let other = other.filter(|own| is_known_by(world, &own.id, source));
            let comes_in = other.is_none_or(|own| comes_in(world, &own.id, source, from.address));
            match Some(from.address).filter(IpAddr::is_ipv6) {
                Some(own)
                    if comes_in
                        && gateway.is_some_and(|own| own.vpc == source.vpc)
                        && crosses(world, from, None, to, flow) =>
                {
                    outside(world, own, to, flow)
                }
                _ => Outcome::Refused,
            }
        }
        // No VPN connection leads to one.
        Some(RouteTarget::VpnGateway(_)) => Outcome::Refused,
        Some(target) => match nat_of(world, &target) {
            Some(nat) => translated(world, from, nat, flow, nats),
            None => Outcome::Refused,
        },
        None => Outcome::Refused,
    }
}

/// The public address of a private one: an Elastic IP address, or else the automatic one, which only a primary one has.
fn public_of(world: &World, From { interface, address }: From<'_>) -> Option<Ipv4Addr> {
    let mut associated = world.elastic_ips.iter().filter_map(|own| Some((own.address, own.association.as_ref()?)));
    let found = associated.find(|(_, own)| own.interface == interface.id && address == own.private);
    found.map(|(public, _)| public).or(interface.automatic.address.filter(|_| address == interface.address))
}

/// The public addresses of the services of all Regions.
static OF_SERVICES: LazyLock<BTreeSet<IpAddr>> = LazyLock::new(|| {
    let of = |region: Region, service: &Service| {
        let ipv4 = service.public_addresses(region).into_iter().map(IpAddr::from);
        ipv4.chain(service.public_ipv6(region).map(IpAddr::from)).collect::<Vec<_>>()
    };
    Region::all().flat_map(|region| Service::public_in(region).flat_map(move |service| of(region, service))).collect()
});

/// Whether an address of the internet is given neither to accounts nor to services.
pub(crate) fn is_strangers(to: IpAddr) -> bool {
    match to {
        IpAddr::V4(own) => {
            let [first, second, ..] = own.octets();
            let is_special = own.is_private() || own.is_link_local() || own.is_loopback() || [0, 10].contains(&first);
            let is_shared = first == 100 && (64..128).contains(&second);
            let is_given = Region::all().any(|region| region.public_block().contains(own));
            !(is_special || is_shared || is_given || first >= 224)
        }
        IpAddr::V6(own) => {
            let is_given =
                |region: Region| region.public_ipv6_block().contains(own) || region.ipv6_block().contains(own);
            own.segments()[0] >> 13 == 1 && !Region::all().any(is_given)
        }
    }
}

/// What becomes of a connection on the internet, where it comes from this address. Services are there, and what has a public
/// address behind an internet gateway.
pub(crate) fn outside(world: &World, from: IpAddr, to: IpAddr, flow: &Flow) -> Outcome {
    if OF_SERVICES.contains(&to) {
        let is_service = flow.protocol == TCP && [80, 443].contains(&flow.port);
        return if is_service { Outcome::Internet(from) } else { Outcome::Refused };
    }
    let has_it = |interface: &&NetworkInterface| match to {
        IpAddr::V4(to) => interface
            .addresses()
            .any(|address| public_of(world, From { interface, address: address.into() }) == Some(to)),
        IpAddr::V6(_) => has_ipv6(interface, to),
    };
    let found = world.interfaces.iter().find(has_it);
    if found.is_none() && is_strangers(to) {
        return Outcome::Outside(from);
    }
    let Some(target) = found.filter(|i| is_inhabited(world, i)) else { return Outcome::Refused };
    let gateway = world.internet_gateways.iter().find(|own| own.vpc.as_ref() == Some(&target.vpc));
    let Some(id) = gateway.map(|own| &own.id) else { return Outcome::Refused };
    let gateway = RouteTarget::InternetGateway(id.clone());
    let is_known = to.is_ipv4() || is_known_by(world, id, target);
    let inside = match to {
        IpAddr::V4(to) => {
            let mut own = target.addresses().map(IpAddr::from);
            own.find(|&address| public_of(world, From { interface: target, address }) == Some(to))
        }
        IpAddr::V6(_) => Some(to),
    };
    let is_led_aside = inside.is_none_or(|inside| !comes_in(world, id, target, inside));
    // Over an egress-only gateway of the VPC an answer gets out too.
    let speaks = |id| world.egress_only_internet_gateways.get(id).is_some_and(|own| own.vpc == target.vpc);
    let comes_back = match leads(world, target, from) {
        Some(RouteTarget::EgressOnlyInternetGateway(id)) => to.is_ipv6() && speaks(&id),
        other => other == Some(gateway),
    };
    let subnet = &target.subnet;
    let there = (flow.protocol, flow.port);
    let crosses = passes(world, subnet, Direction::Ingress, from, there)
        && passes(world, subnet, Direction::Egress, from, answer(flow));
    let is_let_in = permitted(world, target, Direction::Ingress, from, flow);
    if is_known && !is_led_aside && comes_back && crosses && is_let_in {
        Outcome::Interface(target.id.clone())
    } else {
        Outcome::Refused
    }
}

/// What becomes of a connection that is routed over a peering connection.
fn beyond(world: &World, from: From<'_>, id: &VpcPeeringConnectionId, flow: &Flow) -> Outcome {
    let source = from.interface;
    let active = world.peerings.get(id).filter(|peering| peering.state == PeeringState::Active);
    let sides = active.map(|peering| (&peering.requester.vpc, &peering.accepter.vpc));
    let peer = match sides {
        Some((one, other)) if *one == source.vpc => other,
        Some((one, other)) if *other == source.vpc => one,
        _ => return Outcome::Refused,
    };
    // Nothing of the peer is reached but its interfaces: no gateway, no resolver.
    let there = world.interfaces.iter().find(|i| i.vpc == *peer && has(i, flow.destination));
    let Some(target) = there else { return Outcome::Refused };
    let is_let_in = permitted(world, target, Direction::Ingress, from.address, flow);
    // The answer is routed by the peer's own table.
    let comes_back = leads(world, target, from.address) == Some(RouteTarget::Peering(id.clone()));
    if !is_let_in || !comes_back || !crosses(world, from, Some(target), flow.destination, flow) {
        return Outcome::Refused;
    }
    let is_service = flow.protocol == TCP && [80, 443].contains(&flow.port);
    match &target.attachment {
        Attachment::Endpoint(id) if is_service => Outcome::Endpoint(id.clone(), from.address),
        Attachment::Endpoint(_) => Outcome::Refused,
        _ if is_inhabited(world, target) => Outcome::Interface(target.id.clone()),
        _ => Outcome::Refused,
    }
}

/// Whether a program runs behind an interface.
fn is_inhabited(world: &World, interface: &NetworkInterface) -> bool {
    match &interface.attachment {
        Attachment::Endpoint(_) => false,
        Attachment::Program | Attachment::Functions(_) => true,
        Attachment::NatGateway(_) | Attachment::None => false,
        Attachment::Instance { instance, .. } => world
            .instances
            .get(instance)
            .is_some_and(|i| !matches!(i.state, InstanceState::Stopped | InstanceState::Terminated)),
    }
}

/// Whether a rule of some group of an interface allows this.
fn permitted(world: &World, interface: &NetworkInterface, direction: Direction, peer: IpAddr, flow: &Flow) -> bool {
    interface.groups.iter().filter_map(|id| world.security_groups.get(id)).any(|group| {
        group
            .rules
            .iter()
            .any(|rule| rule.rule.direction == direction && is_about(rule, flow) && names(world, interface, rule, peer))
    })
}

fn is_about(rule: &SecurityGroupRule, flow: &Flow) -> bool {
    matches((rule.rule.protocol, rule.rule.ports), flow.destination, flow.protocol, flow.port)
}

/// Whether protocol and ports of a rule or an entry are those of a packet of the family of an address.
fn matches((protocol, ports): (IpProtocol, Option<PortRange>), family: IpAddr, of: u8, port: u16) -> bool {
    let number = match protocol {
        IpProtocol::All => return true,
        // ICMPv6 does not travel over IPv4, nor ICMP over IPv6.
        IpProtocol::Number(ICMPV6) if family.is_ipv4() => return false,
        IpProtocol::Number(ICMP) if family.is_ipv6() => return false,
        IpProtocol::Number(number) => number,
    };
    if number != of {
        return false;
    }
    match (number, ports) {
        (TCP | UDP, Some(PortRange { from, to })) => (from..=to).contains(&i32::from(port)),
        (ICMP | ICMPV6, Some(PortRange { from: kind, to: code })) => {
            (kind == -1 || kind == i32::from(port >> 8)) && (code == -1 || code == i32::from(port & 255))
        }
        _ => true,
    }
}

/// The port that a program connects from, as far as an entry of a network ACL can tell it.
const EPHEMERAL: u16 = 30_000;

/// Whether the packet and the answer to it get over the borders of the subnets of both sides. A gateway endpoint has no
/// subnet.
fn crosses(world: &World, from: From<'_>, target: Option<&NetworkInterface>, to: IpAddr, flow: &Flow) -> bool {
    let source = from.interface;
    let (there, back) = ((flow.protocol, flow.port), answer(flow));
    let passes = |subnet, direction, peer, packet| passes(world, subnet, direction, peer, packet);
    passes(&source.subnet, Direction::Egress, to, there)
        && target.is_none_or(|target| passes(&target.subnet, Direction::Ingress, from.address, there))
        && target.is_none_or(|target| passes(&target.subnet, Direction::Egress, from.address, back))
        && passes(&source.subnet, Direction::Ingress, to, back)
}

/// Protocol and port of what answers a packet.
fn answer(flow: &Flow) -> (u8, u16) {
    match flow.protocol {
        TCP | UDP => (flow.protocol, EPHEMERAL),
        ICMPV6 => (ICMPV6, 129 << 8),
        other => (other, 0),
    }
}

/// Whether a packet gets over the border of a subnet. What stays in the subnet crosses none.
fn passes(world: &World, subnet: &SubnetId, direction: Direction, peer: IpAddr, packet: (u8, u16)) -> bool {
    let within = world.subnets.get(subnet).is_some_and(|subnet| match peer {
        IpAddr::V4(peer) => subnet.cidr.contains(peer),
        IpAddr::V6(peer) => subnet.ipv6_cidr.as_ref().is_some_and(|own| own.cidr.contains(peer)),
    });
    within || first_entry(world, subnet, direction, peer, packet) == Some(RuleAction::Allow)
}

/// What the first entry says that is about a packet.
fn first_entry(
    world: &World, subnet: &SubnetId, direction: Direction, peer: IpAddr, (protocol, port): (u8, u16),
) -> Option<RuleAction> {
    let acl = world.network_acl_of(world.subnets.get(subnet)?)?.acl;
    let mut entries: Vec<_> = world.network_acls.get(&acl)?.entries().iter().collect();
    entries.sort_by_key(|entry| entry.number);
    let about = |entry: &&&NetworkAclEntry| {
        let named = entry.cidr.contains(peer);
        named && entry.direction == direction && matches((entry.protocol, entry.ports), peer, protocol, port)
    };
    entries.iter().find(about).map(|entry| entry.action)
}

fn names(world: &World, interface: &NetworkInterface, rule: &SecurityGroupRule, peer: IpAddr) -> bool {
    match &rule.rule.peer {
        Peer::Cidr(block) => IpCidr::V4(*block).contains(peer),
        Peer::Cidr6(address, length) => IpCidr::V6(Ipv6Cidr::new(*address, *length)).contains(peer),
        Peer::Group(id) => world.interfaces.iter().any(|i| {
            let is_near = i.vpc == interface.vpc || are_peers(world, &i.vpc, &interface.vpc);
            is_near && has(i, peer) && i.groups.contains(id)
        }),
        Peer::PrefixList(id) => blocks(world, &interface.scope, id).iter().any(|block| block.contains(peer)),
    }
}

fn are_peers(world: &World, one: &VpcId, other: &VpcId) -> bool {
    world.peerings.iter().filter(|peering| peering.state == PeeringState::Active).any(|peering| {
        let sides = [&peering.requester.vpc, &peering.accepter.vpc];
        sides == [one, other] || sides == [other, one]
    })
}

/// The blocks of a prefix list that an account may name: AWS's, or its own at the current version.
fn blocks(world: &World, scope: &Scope, id: &PrefixListId) -> Vec<IpCidr> {
    let managed = PrefixList::managed(scope.region).into_iter().filter(|list| list.id == *id);
    let own = world.prefix_lists.iter().filter(|list| list.id == *id && list.scope == *scope);
    let own = own.flat_map(|list| &list.entries).map(|entry| entry.block);
    managed.flat_map(all_blocks).chain(own).collect()
}

fn all_blocks(list: PrefixList) -> Vec<IpCidr> {
    list.cidrs.into_iter().map(IpCidr::V4).chain(list.cidrs6.into_iter().map(IpCidr::V6)).collect()
}

/// Where the route table of an interface's subnet leads an address outside the VPC to, whether that is there or gone.
fn leads(world: &World, source: &NetworkInterface, to: IpAddr) -> Option<RouteTarget> {
    let table = table_of(world, source)?;
    // Longest prefix first, and of equal ones the static route before that of a prefix list. Which of several prefix
    // lists wins is not documented: here an endpoint's before others, and the older route before the newer.
    all_routes(world, table)
        .into_iter()
        .rev()
        .filter(|(block, ..)| block.contains(to))
        .max_by_key(|(block, is_static, _)| (block.length(), *is_static))
        .map(|(.., target)| target)
}

/// The route table of an interface's subnet.
fn table_of<'w>(world: &'w World, source: &NetworkInterface) -> Option<&'w RouteTable> {
    let tables = || world.route_tables.iter().filter(|t| t.vpc == source.vpc);
    let own = tables().find(|t| t.associations.values().any(|subnet| *subnet == source.subnet));
    own.or_else(|| tables().find(|t| t.main.is_some()))
}

/// The routes of a table but the local one: block, whether it is static, target.
fn all_routes(world: &World, table: &RouteTable) -> Vec<(IpCidr, bool, RouteTarget)> {
    let mut all = Vec::new();
    for endpoint in world.endpoints.iter() {
        if let EndpointKind::Gateway { route_tables } = &endpoint.kind
            && route_tables.contains(&table.id)
            && let Some(service) = service(endpoint)
        {
            let region = endpoint.scope.region;
            let ipv4 = (endpoint.ip_address_type != IpAddressType::Ipv6).then(|| PrefixList::of(service, region));
            let ipv6 = (endpoint.ip_address_type != IpAddressType::Ipv4).then(|| PrefixList::ipv6_of(service, region));
            for block in ipv4.into_iter().chain(ipv6.flatten()).flat_map(all_blocks) {
                all.push((block, false, RouteTarget::GatewayEndpoint(endpoint.id.clone())));
            }
        }
    }
    for route in &table.routes {
        match &route.destination {
            Destination::Cidr(block) => all.push((IpCidr::V4(*block), true, route.target.clone())),
            Destination::Ipv6(block) => all.push((IpCidr::V6(*block), true, route.target.clone())),
            Destination::PrefixList(id) => {
                all.extend(
                    blocks(world, &table.scope, id).into_iter().map(|block| (block, false, route.target.clone())),
                );
            }
        }
    }
    all
}

fn service(endpoint: &Endpoint) -> Option<&'static Service> {
    Service::all().iter().find(|s| s.name == endpoint.service)
}

/// What the resolver of a VPC answers to questions for the A and AAAA records of a name, in lower case and without a final dot.
/// Names below `localhost` and `in-addr.arpa` are not asked.
pub(crate) fn resolve(world: &World, vpc: &VpcId, name: &str) -> Answer {
    let Some(vpc) = world.vpcs.get(vpc).filter(|vpc| vpc.dns_support) else { return Answer::Silence };

    // The most specific private zone wins, and what it lacks does not exist.
    let mut zones: BTreeMap<String, Records> = BTreeMap::new();
    if vpc.dns_hostnames {
        for endpoint in world.endpoints.iter().filter(|e| e.vpc == vpc.id) {
            for (record, addresses) in private_records(world, endpoint) {
                let zone = record.trim_start_matches("*.").to_owned();
                zones.entry(zone).or_default().push((record, addresses));
            }
        }
        let hosts = match vpc.scope.region.as_str() {
            "us-east-1" => "ec2.internal".to_owned(),
            region => format!("{region}.compute.internal"),
        };
        let own = world.interfaces.iter().filter(|i| i.vpc == vpc.id).flat_map(NetworkInterface::addresses);
        let records = own.map(|address| {
            let label = address.to_string().replace('.', "-");
            (format!("ip-{label}.{hosts}"), BTreeSet::from([address.into()]))
        });
        zones.insert(hosts.clone(), records.collect());
    }
    let zone = zones.iter().filter(|(zone, _)| is_in(name, zone)).max_by_key(|(zone, _)| zone.len());
    if let Some((zone, records)) = zone {
        return match look(records, name) {
            Answer::NoSuchName if name == zone => Answer::NoData,
            answer => answer,
        };
    }

    // Public DNS: the names of public addresses and of endpoints of every account, and those of all services.
    let mut public: Records = Vec::new();
    for interface in world.interfaces.iter() {
        let own = interface.addresses().map(|address| From { interface, address: address.into() });
        public.extend(own.filter_map(|own| public_host(world, vpc, own)));
    }
    for endpoint in world.endpoints.iter() {
        public.extend(public_records(world, endpoint));
    }
    match look(&public, name) {
        Answer::Addresses(found) => return Answer::Addresses(found),
        _ => {
            // A gateway endpoint may say which records the names of its service have in its VPC.
            for endpoint in world.endpoints.iter().filter(|e| e.vpc == vpc.id) {
                if let (Some(records), Some(service)) = (endpoint.public_records(), service(endpoint)) {
                    let region = endpoint.scope.region;
                    let ipv4 = service.public_addresses(region).into_iter().filter(|_| records.ipv4);
                    let ipv6 = service.public_ipv6(region).into_iter().filter(|_| records.ipv6);
                    let both: BTreeSet<IpAddr> = ipv4.map(IpAddr::from).chain(ipv6.map(IpAddr::from)).collect();
                    public.extend(service.public_names(region).into_iter().map(|name| (name, both.clone())));
                }
            }
            for region in Region::all() {
                // The names that are asked for are of these, and to look at all of them for each would take long.
                for service in Service::all_in(region).filter(|service| ASKED.contains(&service.name)) {
                    let ipv4: BTreeSet<IpAddr> =
                        service.public_addresses(region).into_iter().map(IpAddr::from).collect();
                    let both: BTreeSet<IpAddr> =
                        ipv4.iter().copied().chain(service.public_ipv6(region).map(IpAddr::from)).collect();
                    let dualstack = service.public_names6(region);
                    public.extend(service.public_names(region).into_iter().map(|name| {
                        let addresses = if dualstack.contains(&name) { both.clone() } else { ipv4.clone() };
                        (name, addresses)
                    }));
                }
            }
        }
    }
    look(&public, name)
}

/// The name of the public address of a private one, and where it leads in a VPC: to the private address if that is the
/// interface's own VPC, or a peer of it that may see it.
fn public_host(world: &World, asking: &Vpc, from: From<'_>) -> Option<(String, BTreeSet<IpAddr>)> {
    let (public, interface) = (public_of(world, from)?, from.interface);
    let home = world.vpcs.get(&interface.vpc).filter(|home| home.dns_hostnames)?;
    let dashes = public.to_string().replace('.', "-");
    let name = match interface.scope.region.as_str() {
        "us-east-1" => format!("ec2-{dashes}.compute-1.amazonaws.com"),
        region => format!("ec2-{dashes}.{region}.compute.amazonaws.com"),
    };
    let both_have_names = [home, asking].iter().all(|vpc| vpc.dns_hostnames && vpc.dns_support);
    let is_shown = world.peerings.iter().filter(|peering| peering.state == PeeringState::Active).any(|peering| {
        let (one, other) = (&peering.requester, &peering.accepter);
        (one.vpc == home.id && other.vpc == asking.id && one.remote_dns)
            || (other.vpc == home.id && one.vpc == asking.id && other.remote_dns)
    });
    let is_private = home.id == asking.id || (both_have_names && is_shown);
    Some((name, BTreeSet::from([if is_private { from.address } else { public.into() }])))
}

/// Names, some of which begin with `*.`, and where they lead.
type Records = Vec<(String, BTreeSet<IpAddr>)>;

fn look(records: &Records, name: &str) -> Answer {
    let exact = records.iter().find(|(record, _)| record == name);
    let covering = || {
        let stars = records.iter().filter_map(|(record, to)| Some((record.strip_prefix("*.")?, to)));
        stars.filter(|(above, _)| name != *above && is_in(name, above)).max_by_key(|(above, _)| above.len())
    };
    match exact.map(|(_, to)| to).or_else(|| covering().map(|(_, to)| to)) {
        Some(addresses) => Answer::Addresses(addresses.clone()),
        None if records.iter().any(|(record, _)| is_in(record, name)) => Answer::NoData,
        None => Answer::NoSuchName,
    }
}

fn is_in(name: &str, zone: &str) -> bool {
    name == zone || name.ends_with(&format!(".{zone}"))
}

/// The names of its service that lead to an endpoint with private DNS, in its VPC.
fn private_records(world: &World, endpoint: &Endpoint) -> Records {
    let EndpointKind::Interface(own) = &endpoint.kind else { return Vec::new() };
    if !own.private_dns || own.inbound_resolver_only || own.interfaces.is_empty() {
        return Vec::new();
    }
    let addresses: BTreeSet<_> = own
        .interfaces
        .values()
        .filter_map(|id| world.interfaces.get(id))
        .flat_map(|i| recorded(endpoint.private_records(), i))
        .collect();
    let names = service(endpoint).map(|s| s.private_names(endpoint.scope.region)).unwrap_or_default();
    names.into_iter().map(|name| (name, addresses.clone())).collect()
}

/// The addresses of an endpoint's interface that names with these records have.
fn recorded(records: RecordFamilies, interface: &NetworkInterface) -> BTreeSet<IpAddr> {
    let ipv4 = records.ipv4.then(|| interface.address.into());
    let ipv6 = interface.ipv6.iter().filter(|_| records.ipv6).map(|own| IpAddr::from(*own));
    ipv4.into_iter().chain(ipv6).collect()
}

/// The names of an endpoint itself: one for the Region, one for each zone.
fn public_records(world: &World, endpoint: &Endpoint) -> Records {
    let (EndpointKind::Interface(own), Some(service)) = (&endpoint.kind, service(endpoint)) else { return Vec::new() };
    let star = if service.name == "s3" { "*." } else { "" };
    let tail = service.endpoint_domain(endpoint.scope.region);
    let stem = format!("{star}{}-{}", endpoint.id, own.suffix);
    let mut everywhere = BTreeSet::new();
    let mut records = Vec::new();
    for (subnet, interface) in &own.interfaces {
        if let (Some(subnet), Some(interface)) = (world.subnets.get(subnet), world.interfaces.get(interface)) {
            let addresses = recorded(endpoint.records(), interface);
            everywhere.extend(addresses.iter().copied());
            records.push((format!("{stem}-{}.{tail}", subnet.zone), addresses));
        }
    }
    if !everywhere.is_empty() {
        records.push((format!("{stem}.{tail}"), everywhere));
    }
    records
}
