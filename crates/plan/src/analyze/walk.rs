//! The walk of a packet through a plan, and of the answer to it. What is let through and where it goes is the plan's to
//! say; the world gives what decided a name.
//!
//! What lies behind the border of a VPC stands in `walk/beyond.rs`, the way back in `walk/back.rs`, and for which
//! other ports all would be the same in `walk/steady.rs`.

mod back;
mod beyond;
mod steady;

use std::net::{IpAddr, Ipv4Addr};

use sidegate_model::{self as model, Direction, NetworkInterfaceId, SubnetId, World};

use self::back::Back;
pub(crate) use self::beyond::is_let_out;
use super::disposition::{Disposition, Unknown};
use super::filter::{self, Packets};
use super::flow::{TCP, UDP};
use super::hop::{EndpointMet, Hop, Leg, Platform, Step};
use super::route::{self, Taken};
use super::{Code, Flow, Source};
use crate::{
    AclNumber, EndpointAddress, GroupNumber, IPV6_METADATA_ADDRESS, IPV6_RESOLVER, LINK_LOCAL_RESOLVER, Link,
    METADATA_ADDRESS, OPEN_GROUP, Passage, Plan, Route, RouteTarget, VpcPlan,
};

/// `Err` where the walk ends.
type Passed = Result<(), Disposition>;

/// A walk, as far as it has come.
#[derive(Clone)]
pub(super) struct Walk<'a> {
    world: &'a World,
    plan: &'a Plan,
    there: Packets,
    answer: Packets,
    /// The address that the source connects from, if it is said.
    from: Option<IpAddr>,
    /// The ports around the packet's own for which all was the same so far.
    pub(super) steady: (u16, u16),
    /// Where it has been.
    pub(super) hops: Vec<Hop>,
    /// What the answer will have to pass, the last first.
    back: Vec<Back<'a>>,
    /// The NAT gateways that were passed, by their interfaces.
    passed: Vec<&'a NetworkInterfaceId>,
    /// What was not known on the way, if it arrives.
    unknown: Option<Unknown>,
}

/// Where a packet stands that leaves an interface: the VPC, the interface's link, and the address that it comes from.
#[derive(Clone, Copy)]
struct At<'a> {
    vpc: &'a VpcPlan,
    link: &'a Link,
    from: IpAddr,
}

impl<'a> Walk<'a> {
    pub(super) fn new(world: &'a World, plan: &'a Plan, flow: &Flow) -> Self {
        Self {
            world,
            plan,
            there: Packets::there(flow.protocol, flow.port),
            answer: Packets::back(flow.protocol, flow.source_ports),
            from: match flow.source {
                Source::Address { address, .. } => Some(address),
                _ => None,
            },
            steady: if [TCP, UDP].contains(&flow.protocol) { (0, u16::MAX) } else { (flow.port, flow.port) },
            hops: Vec::new(),
            back: Vec::new(),
            passed: Vec::new(),
            unknown: None,
        }
    }

    /// The plan of the VPC of an interface, and its link if something runs behind it.
    pub(super) fn link_of(
        world: &World, plan: &'a Plan, interface: &NetworkInterfaceId,
    ) -> Option<(&'a VpcPlan, Option<(&'a NetworkInterfaceId, &'a Link)>)> {
        let vpc = plan.vpcs.get(&world.interfaces.get(interface)?.vpc)?;
        Some((vpc, vpc.links.get_key_value(interface)))
    }

    /// What becomes of a packet from an interface to an address.
    pub(super) fn by_interface(&mut self, interface: &NetworkInterfaceId, to: IpAddr) -> Disposition {
        match self.leave(interface, to) {
            Ok(at) => self.towards(at, to).unwrap_or_else(|end| end),
            Err(end) => end,
        }
    }

    /// What becomes of a packet from somebody on the internet.
    pub(super) fn by_internet(&mut self, source: IpAddr, to: IpAddr) -> Disposition {
        self.pass(Step::Outside { address: source });
        self.outside(source, to).unwrap_or_else(|end| end)
    }

    fn leave(&mut self, interface: &NetworkInterfaceId, to: IpAddr) -> Result<At<'a>, Disposition> {
        let found = Self::link_of(self.world, self.plan, interface);
        let Some((vpc, Some((id, link)))) = found else {
            if let Some(own) = self.world.interfaces.get(interface) {
                let (subnet, vpc) = (own.subnet.clone(), own.vpc.clone());
                let address = Some(self.from.unwrap_or(own.address.into()));
                self.pass(Step::Source { interface: interface.clone(), subnet, vpc, address });
            }
            return Err(self.refuse(Code::BadState));
        };
        let said = self.from.filter(|own| own.is_ipv4() == to.is_ipv4());
        let from = said.or_else(|| first_of_family(link, to));
        let (subnet, home) = (link.subnet.clone(), vpc.vpc.clone());
        self.pass(Step::Source { interface: id.clone(), subnet, vpc: home, address: from });
        // A program that asks for an address of its own never leaves its machine.
        if link.addresses().any(|own| own == to) {
            return Err(self.delivered(id, to));
        }
        let Some(from) = from else { return Err(self.refuse(Code::EniAddressRestriction)) };
        // Groups cannot keep anyone from the resolver and the metadata service.
        if let Some(end) = self.platform(vpc, to) {
            return Err(end);
        }
        self.groups(id, vpc, link.group, Direction::Egress, to)?;
        Ok(At { vpc, link, from })
    }

    /// What becomes of a packet to an address of the platform's own; `None` if it is none.
    fn platform(&mut self, vpc: &VpcPlan, to: IpAddr) -> Option<Disposition> {
        let Packets { protocol, ports: (port, _) } = self.there;
        let resolver = vpc.cidrs.first().map(|block| block.first()).and_then(resolver_of);
        let met = |what| Step::Platform { address: to, what };
        if vpc.resolvers().any(|own| own == to) {
            self.pass(met(Platform::Resolver));
            self.keep_between(&[53]);
            let asks = port == 53 && [TCP, UDP].contains(&protocol);
            return Some(if asks { Disposition::Resolver } else { self.refuse(Code::ProtocolRestriction) });
        }
        if to == METADATA_ADDRESS || (to == IPV6_METADATA_ADDRESS && vpc.router.contains(&to)) {
            self.pass(met(Platform::Metadata));
            self.keep_between(&[80]);
            let asks = protocol == TCP && port == 80;
            return Some(if asks { Disposition::Metadata } else { self.refuse(Code::ProtocolRestriction) });
        }
        (resolver == Some(to) || to == LINK_LOCAL_RESOLVER || to == IPV6_RESOLVER).then(|| {
            self.pass(met(Platform::Resolver));
            self.refuse(Code::DnsSupportDisabled)
        })
    }

    /// What becomes of a packet that leaves an interface, and may do so.
    fn towards(&mut self, at: At<'a>, to: IpAddr) -> Result<Disposition, Disposition> {
        let At { vpc, link, from, .. } = at;
        self.acl(vpc, &link.subnet, link.acl, Direction::Egress, to)?;
        self.back.push(Back::acl(vpc, &link.subnet, link.acl, Direction::Ingress, to));
        // Ways of the subnet's own to other parts of the VPC.
        let redirects = link.redirects.and_then(|number| vpc.redirects.get(&number));
        let redirect = redirects.and_then(|own| own.route_to(to));
        if let Some((block, route)) = redirect {
            let target = self.routes(Leg::There, &link.subnet, to, Taken::Route(block));
            match &route.target {
                RouteTarget::Interface { interface, .. } => {
                    let next = vpc.links.get_key_value(interface);
                    let Some((next, led)) = next else { return Err(self.refuse(Code::BadStateRoute)) };
                    if !led.addresses().any(|own| own == to) {
                        return self.onward(at, next, led, to);
                    }
                }
                _ => return Err(self.refuse(route::dead_end(self.world, target.as_ref()))),
            }
        }
        if vpc.cidrs.iter().any(|block| block.contains(to)) {
            // What stays in a subnet is not routed.
            if redirect.is_none() && !self.is_within(&link.subnet, to) {
                self.routes(Leg::There, &link.subnet, to, Taken::Local);
            }
            return self.inside(at, to);
        }
        if vpc.router.contains(&to) {
            self.pass(Step::Platform { address: to, what: Platform::Router });
            return Err(self.refuse(Code::NoPossibleDestination));
        }
        self.routed(at, from, to)
    }

    /// What becomes of a packet for an address of the VPC that it is in.
    fn inside(&mut self, at: At<'a>, to: IpAddr) -> Result<Disposition, Disposition> {
        let At { vpc, link, from, .. } = at;
        if let Some((id, target)) = vpc.link_at(to) {
            self.is_open_to_connections(target, id, to)?;
            self.acl(vpc, &target.subnet, target.acl, Direction::Ingress, from)?;
            self.back.push(Back::acl(vpc, &target.subnet, target.acl, Direction::Egress, from));
            let redirects = target.redirects.and_then(|number| vpc.redirects.get(&number));
            self.back.push(Back::Redirect { redirects, subnet: &target.subnet, address: from, link });
            self.groups(id, vpc, target.group, Direction::Ingress, from)?;
            self.zones(&link.subnet, &target.subnet);
            let end = self.delivered(id, to);
            return self.answered(end);
        }
        if let Some(door) = vpc.endpoint_addresses.get(&to) {
            let subnet = self.world.interfaces.get(&door.interface).map(|own| &own.subnet);
            let Some(subnet) = subnet else { return Err(self.refuse(Code::BadState)) };
            // A rule by the endpoint's own address.
            let redirects = vpc.redirects.values().find(|of| of.blocks.iter().any(|block| block.contains(to)));
            self.acl(vpc, subnet, door.acl, Direction::Ingress, from)?;
            self.back.push(Back::acl(vpc, subnet, door.acl, Direction::Egress, from));
            self.back.push(Back::Redirect { redirects, subnet, address: from, link });
            return self.at_door(vpc, door, &link.subnet, to, from);
        }
        Err(self.nobody(vpc, to))
    }

    /// What becomes of a packet at the network interface of an endpoint.
    fn at_door(
        &mut self, vpc: &'a VpcPlan, door: &'a EndpointAddress, near: &SubnetId, to: IpAddr, from: IpAddr,
    ) -> Result<Disposition, Disposition> {
        self.groups(&door.interface, vpc, door.group, Direction::Ingress, from)?;
        let subnet = self.world.interfaces.get(&door.interface).and_then(|own| self.world.subnets.get(&own.subnet));
        self.pass(Step::Endpoint(EndpointMet {
            endpoint: door.endpoint.clone(),
            service: vpc.endpoints.get(&door.endpoint).map_or("", |own| own.service),
            interface: Some(door.interface.clone()),
            zone: subnet.map(|own| own.zone.to_string()),
            address: to,
        }));
        if let Some(subnet) = subnet {
            self.zones(near, &subnet.id);
        }
        if !self.is_for_service(&vpc.service_ports()) {
            return Err(self.refuse(Code::ProtocolRestriction));
        }
        self.answered(Disposition::Endpoint { endpoint: door.endpoint.clone(), source: from })
    }

    /// Ends a walk at an address that nobody has, or behind which nothing runs.
    fn nobody(&mut self, vpc: &VpcPlan, to: IpAddr) -> Disposition {
        if vpc.router.contains(&to) {
            self.pass(Step::Platform { address: to, what: Platform::Router });
            return self.refuse(Code::NoPossibleDestination);
        }
        let has = |address| match address {
            IpAddr::V4(to) => self.world.interfaces.of_vpc(&vpc.vpc).find(|own| own.addresses().any(|own| own == to)),
            IpAddr::V6(to) => self.world.interfaces.of_vpc(&vpc.vpc).find(|own| own.ipv6.contains(&to)),
        };
        match has(to) {
            Some(own) => {
                self.pass(Step::Interface { interface: own.id.clone(), address: to });
                match self.unknown_service(own) {
                    Some(unknown) => Disposition::Undetermined { unknown },
                    None => self.refuse(Code::BadState),
                }
            }
            None => {
                self.pass(Step::Nobody { address: to });
                self.refuse(Code::NoPossibleDestination)
            }
        }
    }

    /// NAT gateways take no connections.
    fn is_open_to_connections(&mut self, link: &Link, id: &NetworkInterfaceId, to: IpAddr) -> Passed {
        let is_nat =
            matches!(self.plan.passages.get(&link.namespace).map(|own| &**own), Some(Passage::NatGateway { .. }));
        if !is_nat {
            return Ok(());
        }
        self.pass(Step::Interface { interface: id.clone(), address: to });
        Err(self.refuse(Code::NoPossibleDestination))
    }

    /// Asks an interface's groups of a packet.
    fn groups(
        &mut self, id: &NetworkInterfaceId, vpc: &VpcPlan, number: GroupNumber, direction: Direction, peer: IpAddr,
    ) -> Passed {
        if number == OPEN_GROUP {
            return Ok(());
        }
        let rules = vpc.groups.get(&number);
        let permits = rules.map_or(&[][..], |rules| match direction {
            Direction::Ingress => &rules.ingress,
            Direction::Egress => &rules.egress,
        });
        let is_let_through = !self.passing(permits, peer).is_empty();
        let own = self.world.interfaces.get(id);
        let rule = own.filter(|_| is_let_through);
        let rule = rule.and_then(|own| filter::rule(self.world, own, direction, peer, self.there));
        let groups = rules.map(|rules| rules.groups.clone()).unwrap_or_default();
        self.pass(Step::SecurityGroups { interface: id.clone(), direction, groups, peer, rule });
        if is_let_through {
            return Ok(());
        }
        let is_empty = own.is_some_and(|own| filter::has_no_rules(self.world, own, direction));
        Err(self.refuse(if is_empty { Code::SgHasNoRules } else { Code::EniSgRulesMismatch }))
    }

    /// Asks a subnet's network ACL of a packet on its way there. What stays in the subnet crosses no border.
    fn acl(
        &mut self, vpc: &VpcPlan, subnet: &SubnetId, number: Option<AclNumber>, direction: Direction, peer: IpAddr,
    ) -> Passed {
        if self.is_within(subnet, peer) {
            return Ok(());
        }
        let passing = self.met_acl(Leg::There, vpc, (subnet, number), direction, peer);
        if passing.is_empty() { Err(self.refuse(Code::SubnetAclRestriction)) } else { Ok(()) }
    }

    /// Notes an ACL, and tells which packets it lets through, by their ports.
    fn met_acl(
        &mut self, leg: Leg, vpc: &VpcPlan, (subnet, number): (&SubnetId, Option<AclNumber>), direction: Direction,
        peer: IpAddr,
    ) -> Vec<(u16, u16)> {
        let packets = match leg {
            Leg::There => self.there,
            Leg::Back => self.answer,
        };
        let passing = match number.map(|number| vpc.acls.get(&number)) {
            None => vec![packets.ports],
            Some(None) => Vec::new(),
            Some(Some(rules)) => {
                let permits = match direction {
                    Direction::Ingress => &rules.ingress,
                    Direction::Egress => &rules.egress,
                };
                match leg {
                    Leg::There => self.passing(permits, peer),
                    Leg::Back => filter::passing(permits, peer, packets),
                }
            }
        };
        let acl = self.world.subnets.get(subnet).and_then(|own| self.world.network_acl_of(own));
        if let Some(association) = acl {
            let entry = filter::entry(self.world, subnet, direction, peer, packets);
            let (acl, subnet) = (association.acl, subnet.clone());
            self.note(leg, Step::NetworkAcl { acl, subnet, direction, peer, entry });
        }
        passing
    }

    fn is_within(&self, subnet: &SubnetId, address: IpAddr) -> bool {
        self.world.subnets.get(subnet).is_some_and(|own| match address {
            IpAddr::V4(address) => own.cidr.contains(address),
            IpAddr::V6(address) => own.ipv6_cidr.as_ref().is_some_and(|own| own.cidr.contains(address)),
        })
    }

    /// Notes what a subnet's route table does with an address, and tells the target of the route that takes it.
    fn routes(&mut self, leg: Leg, subnet: &SubnetId, to: IpAddr, taken: Taken) -> Option<model::RouteTarget> {
        let (choice, target) = route::choice(self.world, subnet, to, taken)?;
        self.note(leg, Step::Routes(choice));
        target
    }

    /// Whether it is a connection that services take on these ports.
    fn is_for_service(&mut self, ports: &[u16]) -> bool {
        self.keep_between(ports);
        self.there.protocol == TCP && ports.contains(&self.there.ports.0)
    }

    fn delivered(&mut self, id: &NetworkInterfaceId, address: IpAddr) -> Disposition {
        self.pass(Step::Interface { interface: id.clone(), address });
        Disposition::Delivered { interface: id.clone() }
    }

    /// Notes at the last hop that the path crosses from one zone to another.
    fn zones(&mut self, near: &SubnetId, far: &SubnetId) {
        let zone = |id| self.world.subnets.get(id).map(|own| own.zone);
        let is_crossed = zone(near) != zone(far);
        if let Some(hop) = self.hops.last_mut().filter(|_| is_crossed) {
            hop.notes.push(Code::AvailabilityZoneCrossed);
        }
    }

    /// Notes a hop on the way there.
    fn pass(&mut self, step: Step) {
        self.note(Leg::There, step);
    }

    fn note(&mut self, leg: Leg, step: Step) {
        self.hops.push(Hop { leg, step, blocks: None, notes: Vec::new() });
    }

    /// Ends the walk at the last hop.
    fn refuse(&mut self, by: Code) -> Disposition {
        if let Some(hop) = self.hops.last_mut() {
            hop.blocks = Some(by);
        }
        Disposition::Blocked { by }
    }
}

/// The address that a program connects from if it says nothing: its first one of the family.
fn first_of_family(link: &Link, to: IpAddr) -> Option<IpAddr> {
    match to {
        IpAddr::V4(_) => Some(link.address.into()),
        IpAddr::V6(_) => link.ipv6.first().map(|own| (*own).into()),
    }
}

/// Where a VPC's resolver would be, by the first address of its block.
fn resolver_of(first: IpAddr) -> Option<IpAddr> {
    match first {
        IpAddr::V4(first) => Some(IpAddr::V4(Ipv4Addr::from_bits(first.to_bits().checked_add(2)?))),
        IpAddr::V6(_) => None,
    }
}

/// Whether a route leads over this passage.
fn leads_over(route: &Route, passage: &str) -> bool {
    matches!(&route.target, RouteTarget::Passage(name) if name == passage)
}
