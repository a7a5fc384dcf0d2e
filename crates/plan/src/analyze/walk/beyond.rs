//! Beyond the border of a VPC: gateways, peering connections, NAT, and the internet.

use std::net::{IpAddr, Ipv4Addr};

use sidegate_model::{
    Attachment, Catalog, Direction, IpCidr, Ipv4Cidr, NetworkInterface, NetworkInterfaceId, Region, SubnetId,
};

use super::{At, Back, Disposition, Leg, Passed, Taken, Unknown, Walk};
use crate::analyze::Code;
use crate::analyze::hop::{EndpointMet, Step};
use crate::analyze::internet::is_on_internet;
use crate::analyze::route;
use crate::{Link, Passage, RouteTarget, SERVICE_PORTS, TableIndex, VpcPlan};

impl<'a> Walk<'a> {
    /// What becomes of a packet by the table that its interface's subnet has.
    pub(super) fn routed(&mut self, at: At<'a>, from: IpAddr, to: IpAddr) -> Result<Disposition, Disposition> {
        let At { vpc, link, .. } = at;
        let found = vpc.tables.get(&link.table).and_then(|table| table.route_to(to));
        let taken = found.map_or(Taken::Nothing, |(block, _)| Taken::Route(block));
        let target = self.routes(Leg::There, &link.subnet, to, taken);
        let Some((_, route)) = found else { return Err(self.refuse(Code::NoRouteToDestination)) };
        match &route.target {
            RouteTarget::GatewayEndpoint(id) => {
                let service = vpc.endpoints.get(id).map_or("", |own| own.service);
                let (endpoint, interface, zone) = (id.clone(), None, None);
                self.pass(Step::Endpoint(EndpointMet { endpoint, service, interface, zone, address: to }));
                if !self.is_for_service(&vpc.service_ports()) {
                    return Err(self.refuse(Code::VpceGatewayProtocolRestriction));
                }
                self.answered(Disposition::Endpoint { endpoint: id.clone(), source: from })
            }
            RouteTarget::Interface { interface, .. } => match vpc.links.get_key_value(interface) {
                Some((next, led)) => self.onward(at, next, led, to),
                None => Err(self.refuse(Code::BadStateRoute)),
            },
            RouteTarget::Passage(name) => self.over(at, name, to),
            RouteTarget::Local | RouteTarget::Blackhole => {
                Err(self.refuse(route::dead_end(self.world, target.as_ref())))
            }
        }
    }

    fn over(&mut self, at: At<'a>, name: &'a str, to: IpAddr) -> Result<Disposition, Disposition> {
        let from = at.from;
        match self.plan.passages.get(name).map(|own| &**own) {
            Some(Passage::InternetGateway { public, ipv6, .. }) => {
                let public = match from {
                    IpAddr::V4(from) => public.get(&from).map(|own| IpAddr::from(*own)),
                    IpAddr::V6(own) => ipv6.contains(&own).then_some(from),
                };
                if let Ok(gateway) = name.parse() {
                    self.back.push(Back::Gateway { vpc: at.vpc, name, address: from, peer: to });
                    self.pass(Step::InternetGateway { gateway, direction: Direction::Egress, private: from, public });
                }
                if let Some(code) = is_let_out(to) {
                    return Err(self.refuse(code));
                }
                match public {
                    Some(public) => self.outside(public, to),
                    None => Err(self.refuse(Code::IgwPublicIpAssociationForEgress)),
                }
            }
            Some(Passage::EgressOnlyInternetGateway { ipv6, .. }) => {
                if let Ok(gateway) = name.parse() {
                    self.pass(Step::EgressOnlyInternetGateway { gateway, address: from });
                }
                match from {
                    IpAddr::V6(own) if ipv6.contains(&own) => {
                        // The answer comes in over the internet gateway, if the address is known by that one too.
                        self.back.extend(self.internet_gateway_to(at.vpc, from).map(|name| Back::Gateway {
                            vpc: at.vpc,
                            name,
                            address: from,
                            peer: to,
                        }));
                        self.outside(from, to)
                    }
                    _ => Err(self.refuse(Code::IgwPublicIpAssociationForEgress)),
                }
            }
            Some(Passage::Peering { requester, accepter }) => {
                let is_requester = at.vpc.passages.get(name).is_some_and(|own| own.end == "eth0");
                let (requester, accepter) = (requester.as_slice(), accepter.as_slice());
                let sides = if is_requester { [requester, accepter] } else { [accepter, requester] };
                self.beyond(at, name, sides, to)
            }
            Some(Passage::NatGateway { .. }) | None => Err(self.refuse(Code::BadStateRoute)),
        }
    }

    /// What becomes of a packet on the internet, where it comes from this address.
    pub(super) fn outside(&mut self, source: IpAddr, to: IpAddr) -> Result<Disposition, Disposition> {
        if is_of_services(to) {
            let found = match to {
                IpAddr::V4(to) => Catalog::at(to),
                IpAddr::V6(to) => Catalog::at_ipv6(to),
            };
            let (region, service) = found.map(|(region, service)| (region, service.name)).unzip();
            self.pass(Step::Service { service, region, address: to });
            let is_for_service = self.is_for_service(&SERVICE_PORTS);
            return match (service, region) {
                (Some(service), Some(region)) if is_for_service => {
                    self.answered(Disposition::Internet { service, region, source })
                }
                (Some(_), Some(_)) => Err(self.refuse(Code::ProtocolRestriction)),
                _ => Err(self.refuse(Code::NoPossibleDestination)),
            };
        }
        match self.owner(to) {
            Some((vpc, name, private)) => self.enter(vpc, name, source, (to, private)),
            None if self.is_of_accounts(to) => {
                self.pass(Step::Nobody { address: to });
                Err(self.refuse(Code::IgwPrivateIpAssociationForIngress))
            }
            None if !is_on_internet(to) => {
                self.pass(Step::Nobody { address: to });
                Err(self.refuse(Code::NoPossibleDestination))
            }
            None => {
                self.pass(Step::Internet { address: to });
                self.answered(Disposition::Outside { address: to, source })
            }
        }
    }

    /// That an interface is of an endpoint for a service that nobody here knows: one of another account.
    pub(super) fn unknown_service(&self, interface: &NetworkInterface) -> Option<Unknown> {
        let Attachment::Endpoint(id) = &interface.attachment else { return None };
        let endpoint = self.world.endpoints.get(id).filter(|own| own.service().is_none())?;
        let what = format!("what takes it behind {id}: nothing is known of the service {}", endpoint.service);
        Some(Unknown::Undescribed { what })
    }

    /// Who has a public address, over which gateway, and the private one that belongs to it.
    fn owner(&self, public: IpAddr) -> Option<(&'a VpcPlan, &'a str, IpAddr)> {
        let (home, private) = match public {
            IpAddr::V4(public) => {
                let mapped = self.world.public_addresses().find(|mapped| mapped.public == public)?;
                (&mapped.interface.vpc, mapped.private.into())
            }
            IpAddr::V6(own) => (&self.world.interfaces.iter().find(|other| other.ipv6.contains(&own))?.vpc, public),
        };
        let vpc = self.plan.vpcs.get(home)?;
        let only_out = |name: &&String| match (self.plan.passages.get(*name).map(|own| &**own), private) {
            (Some(Passage::EgressOnlyInternetGateway { ipv6, .. }), IpAddr::V6(private)) => ipv6.contains(&private),
            _ => false,
        };
        let name = self.internet_gateway_to(vpc, private);
        let name = name.or_else(|| vpc.passages.keys().find(only_out).map(String::as_str))?;
        Some((vpc, name, private))
    }

    /// The internet gateway by which an address of a VPC is known outside.
    fn internet_gateway_to(&self, vpc: &'a VpcPlan, private: IpAddr) -> Option<&'a str> {
        let leads = |name: &&String| match self.plan.passages.get(*name).map(|own| &**own) {
            Some(Passage::InternetGateway { public: all, ipv6, .. }) => match private {
                IpAddr::V4(private) => all.contains_key(&private),
                IpAddr::V6(private) => ipv6.contains(&private),
            },
            _ => false,
        };
        vpc.passages.keys().find(leads).map(String::as_str)
    }

    /// Whether an address is one of those that are given to accounts: nothing else than an interface could have it.
    fn is_of_accounts(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => Region::all().any(|region| region.public_block().contains(address)),
            IpAddr::V6(own) => {
                Region::all().any(|region| region.ipv6_block().contains(own))
                    || self.world.interfaces.iter().any(|other| other.ipv6.contains(&own))
            }
        }
    }

    /// What becomes of a packet that comes into a VPC over a gateway.
    fn enter(
        &mut self, vpc: &'a VpcPlan, name: &'a str, source: IpAddr, (public, private): (IpAddr, IpAddr),
    ) -> Result<Disposition, Disposition> {
        let Ok(gateway) = name.parse() else {
            if let Ok(gateway) = name.parse() {
                self.pass(Step::EgressOnlyInternetGateway { gateway, address: private });
            }
            return Err(self.refuse(Code::EigwRejectsIngress));
        };
        let direction = Direction::Ingress;
        self.pass(Step::InternetGateway { gateway, direction, private, public: Some(public) });
        if let Some((id, next)) = self.aside(Leg::There, vpc, name, private)? {
            return self.appliance(vpc, id, next, source);
        }
        let Some((id, target)) = vpc.link_at(private) else { return Err(self.nobody(vpc, private)) };
        self.is_open_to_connections(target, id, private)?;
        self.reach(vpc, target, source)?;
        self.back.push(Back::Over {
            vpc,
            table: target.table,
            subnet: &target.subnet,
            address: source,
            passage: name,
            from: private,
        });
        self.groups(id, vpc, target.group, Direction::Ingress, source)?;
        let end = self.delivered(id, private);
        self.answered(end)
    }

    /// The program to which the route table of a gateway leads what comes in for an address, if it is another one's.
    pub(super) fn aside(
        &mut self, leg: Leg, vpc: &'a VpcPlan, gateway: &str, to: IpAddr,
    ) -> Result<Option<(&'a NetworkInterfaceId, &'a Link)>, Disposition> {
        let found = vpc.redirects_of(gateway).and_then(|own| own.route_to(to));
        let taken = found.map_or(Taken::Local, |(block, _)| Taken::Route(block));
        let id = gateway.parse().ok();
        let choice = id.and_then(|id| route::ingress(self.world, (&vpc.vpc, &id), to, taken));
        let target = choice.and_then(|(choice, target)| {
            self.note(leg, Step::IngressRoutes(choice));
            target
        });
        let Some((_, route)) = found else { return Ok(None) };
        let next = match &route.target {
            RouteTarget::Interface { interface, .. } => vpc.links.get_key_value(interface),
            _ => None,
        };
        let Some((id, next)) = next else {
            return Err(self.refuse(route::dead_end_of_ingress(self.world, target.as_ref(), to)));
        };
        Ok((!next.addresses().any(|own| own == to)).then_some((id, next)))
    }

    /// What becomes of a packet at a program that it is not for: it may send it on.
    fn appliance(
        &mut self, vpc: &'a VpcPlan, id: &'a NetworkInterfaceId, next: &'a Link, from: IpAddr,
    ) -> Result<Disposition, Disposition> {
        self.reach(vpc, next, from)?;
        self.groups(id, vpc, next.group, Direction::Ingress, from)?;
        self.pass(Step::Appliance { interface: id.clone() });
        Err(Disposition::Undetermined { unknown: Unknown::Appliance { interface: id.clone() } })
    }

    /// Asks the ACL of a link's subnet of what comes to it, and later of the answer.
    fn reach(&mut self, vpc: &'a VpcPlan, target: &'a Link, from: IpAddr) -> Passed {
        self.acl(vpc, &target.subnet, target.acl, Direction::Ingress, from)?;
        self.back.push(Back::acl(vpc, &target.subnet, target.acl, Direction::Egress, from));
        Ok(())
    }

    /// What becomes of a packet over a peering connection between these blocks, the own ones first.
    fn beyond(
        &mut self, at: At<'a>, name: &'a str, sides: [&[IpCidr]; 2], to: IpAddr,
    ) -> Result<Disposition, Disposition> {
        let from = at.from;
        let peer = at.vpc.passages.get(name).and_then(|own| own.peer.as_ref());
        let peer = peer.and_then(|id| self.plan.vpcs.get(id));
        let (Some(peer), Ok(peering)) = (peer, name.parse()) else { return Err(self.refuse(Code::BadStateRoute)) };
        self.pass(Step::Peering { peering, to: peer.vpc.clone() });
        let is_in = |blocks: &[IpCidr], address| blocks.iter().any(|block| block.contains(address));
        let [near, far] = sides;
        if !is_in(near, from) || !is_in(far, to) {
            return Err(self.refuse(Code::PcxRequiresAddressInVpcCidr));
        }
        let back = |table: TableIndex, subnet: &'a SubnetId| Back::Over {
            vpc: peer,
            table,
            subnet,
            address: from,
            passage: name,
            // No egress-only gateway leads back to a peer.
            from: Ipv4Addr::UNSPECIFIED.into(),
        };
        if let Some((id, target)) = peer.link_at(to) {
            self.is_open_to_connections(target, id, to)?;
            self.reach(peer, target, from)?;
            self.back.push(back(target.table, &target.subnet));
            self.groups(id, peer, target.group, Direction::Ingress, from)?;
            let end = self.delivered(id, to);
            return self.answered(end);
        }
        let Some(door) = peer.endpoint_addresses.get(&to) else { return Err(self.nobody(peer, to)) };
        let subnet = self.world.interfaces.get(&door.interface).map(|own| &own.subnet);
        let Some(subnet) = subnet else { return Err(self.refuse(Code::BadState)) };
        self.acl(peer, subnet, door.acl, Direction::Ingress, from)?;
        self.back.push(Back::acl(peer, subnet, door.acl, Direction::Egress, from));
        self.back.push(back(door.table, subnet));
        self.at_door(peer, door, &at.link.subnet, to, from)
    }

    /// What becomes of a packet that a route leads to a link which is not its destination.
    pub(super) fn onward(
        &mut self, at: At<'a>, id: &'a NetworkInterfaceId, next: &'a Link, to: IpAddr,
    ) -> Result<Disposition, Disposition> {
        let At { vpc, from, .. } = at;
        let Some(Passage::NatGateway { addresses, .. }) = self.plan.passages.get(&next.namespace).map(|own| &**own)
        else {
            return self.appliance(vpc, id, next, from);
        };
        self.reach(vpc, next, from)?;
        let redirects = next.redirects.and_then(|number| vpc.redirects.get(&number));
        self.back.push(Back::Redirect { redirects, subnet: &next.subnet, address: from, link: at.link });
        let Some(gateway) = route::nat_gateway(self.world, id).map(|own| own.id.clone()) else {
            return Err(self.refuse(Code::BadStateRoute));
        };
        let met = |lent| Step::NatGateway { gateway: gateway.clone(), interface: id.clone(), lent };
        if to.is_ipv6() || self.passed.contains(&id) || addresses.is_empty() {
            self.pass(met(None));
            return Err(self.refuse(match to {
                IpAddr::V6(_) => Code::ProtocolRestriction,
                IpAddr::V4(_) if addresses.is_empty() => Code::BadState,
                IpAddr::V4(_) => Code::RouteLoop,
            }));
        }
        self.passed.push(id);
        let tries = addresses.iter().map(|&lent| {
            let mut walk = self.clone();
            walk.pass(met(Some(lent)));
            let end = walk.towards(At { vpc, link: next, from: lent.into() }, to).unwrap_or_else(|end| end);
            (lent, walk, end)
        });
        let tries: Vec<_> = tries.collect();
        let steady: Vec<_> = tries.iter().map(|(_, walk, _)| walk.steady).collect();
        let (reached, mut lost): (Vec<_>, Vec<_>) = tries.into_iter().partition(|(.., end)| end.is_reached());
        lost.sort_by_key(|(.., end)| end.blocked_by().is_some());
        let addresses_of = |all: &[(Ipv4Addr, Self, Disposition)]| all.iter().map(|(lent, ..)| *lent).collect();
        let is_mixed = !reached.is_empty() && !lost.is_empty();
        let (passing, lost_addresses) = (addresses_of(&reached), addresses_of(&lost));
        let Some((_, walk, end)) = lost.into_iter().chain(reached).next() else {
            return Err(self.refuse(Code::BadState));
        };
        *self = walk;
        steady.into_iter().for_each(|ports| self.keep(ports));
        if is_mixed {
            let unknown = Unknown::NatAddress { gateway, passing, lost: lost_addresses };
            return Err(Disposition::Undetermined { unknown });
        }
        Ok(end)
    }
}

/// Why an internet gateway lets nothing out to an address; `None` if it does.
pub(crate) fn is_let_out(to: IpAddr) -> Option<Code> {
    /// What carriers share. Source: RFC 6598.
    const SHARED: Ipv4Cidr = Ipv4Cidr::new(Ipv4Addr::new(100, 64, 0, 0), 10);
    match to {
        IpAddr::V4(to) if to.is_private() => Some(Code::IgwDestinationAddressNotInRfc1918Egress),
        IpAddr::V4(to) if SHARED.contains(to) => Some(Code::IgwDestinationAddressNotInRfc6598Egress),
        _ => None,
    }
}

/// Whether a public address lies where those of services are: of IPv4 the first three quarters of a Region's block.
fn is_of_services(address: IpAddr) -> bool {
    /// Where the addresses begin that are given to accounts.
    const GIVEN_OUT: u32 = 0xc00;
    Region::all().any(|region| match address {
        IpAddr::V4(address) => {
            let block = region.public_block();
            block.contains(address) && address.to_bits() - block.first().to_bits() < GIVEN_OUT
        }
        IpAddr::V6(address) => region.public_ipv6_block().contains(address),
    })
}
