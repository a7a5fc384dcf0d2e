//! Other ways: what endpoints and routes could lead a packet past where it ends.

use std::net::IpAddr;

use sidegate_model::{
    Catalog, Connectivity, Destination, IpCidr, PrefixList, RouteTable, RouteTarget, Service, Subnet, SubnetId,
    VpcEndpointId, VpcId, World,
};

use super::candidate::{everywhere, managed, service_at};
use super::change::{Change, Setting};
use crate::analyze::Code;
use crate::analyze::hop::{Candidate, Hop, Leg, RouteChoice, Step};
use crate::analyze::route;
use crate::analyze::{NameOrigin, Trace};
use crate::compile::blocks_of;

/// Other ways for a packet whose trace ends at a hop.
pub(super) fn candidates(world: &World, trace: &Trace, hop: &Hop, code: Code) -> Vec<Setting> {
    match (&hop.step, hop.leg) {
        (Step::Routes(choice), Leg::Back) => back(world, trace, choice, code),
        (_, Leg::Back) => Vec::new(),
        // Groups and ACLs stop it on any way.
        (Step::SecurityGroups { .. } | Step::NetworkAcl { .. }, _) if !comes_from_internet(trace) => Vec::new(),
        _ => there(world, trace, code),
    }
}

/// What would have the table that decided lead to a gateway endpoint.
pub(super) fn by_endpoint(world: &World, trace: &Trace, endpoint: &VpcEndpointId) -> Vec<Setting> {
    let Some(ways) = Ways::of(world, trace.hops.iter(), Code::NoRouteToDestination) else { return Vec::new() };
    ways.associated(endpoint).into_iter().chain(ways.shorter()).collect()
}

fn comes_from_internet(trace: &Trace) -> bool {
    trace.source.is_none()
}

/// The last table that was asked on the way there, and ways that it could have.
fn there(world: &World, trace: &Trace, code: Code) -> Vec<Setting> {
    let Some(ways) = Ways::of(world, trace.hops.iter().rev(), code) else { return Vec::new() };
    let mut all = Vec::new();
    all.extend(ways.gateway_endpoint());
    all.extend(ways.peering());
    all.extend(ways.shorter());
    // Of two ways that change as much, the one that stays private comes first.
    all.extend(ways.interface_endpoint(trace));
    all.extend(ways.internet());
    all
}

/// Without a route that led past a gateway endpoint.
pub(super) fn to_endpoint(world: &World, trace: &Trace) -> Option<Setting> {
    let choice = trace.hops.iter().find_map(|hop| match &hop.step {
        Step::Routes(choice) if hop.leg == Leg::There => Some(choice),
        _ => None,
    })?;
    let (next, code) = choice.lost.first()?;
    let (subnet, table) = (world.subnets.get(&choice.subnet)?, world.route_tables.get(&choice.table)?);
    let is_endpoint = next.target.starts_with(VpcEndpointId::PREFIX);
    Ways { world, choice, subnet, table, code: *code }.shorter().filter(|_| is_endpoint)
}

/// The subnet whose table decided, and what it decided.
struct Ways<'a> {
    world: &'a World,
    choice: &'a RouteChoice,
    subnet: &'a Subnet,
    table: &'a RouteTable,
    code: Code,
}

impl<'a> Ways<'a> {
    /// Those of the first table among these hops that was asked on the way there.
    fn of(world: &'a World, mut hops: impl Iterator<Item = &'a Hop>, code: Code) -> Option<Self> {
        let choice = hops.find_map(|hop| match (&hop.step, hop.leg) {
            (Step::Routes(choice), Leg::There) => Some(choice),
            _ => None,
        })?;
        let (subnet, table) = (world.subnets.get(&choice.subnet)?, world.route_tables.get(&choice.table)?);
        Some(Self { world, choice, subnet, table, code })
    }
}

impl Ways<'_> {
    fn address(&self) -> IpAddr {
        self.choice.address
    }

    fn current(&self) -> String {
        let id = &self.table.id;
        match &self.choice.chosen {
            Some(Candidate { destination, target, .. }) => format!("{id} leads {destination} to {target}"),
            None => format!("{id} has no route to {}", self.address()),
        }
    }

    /// A gateway endpoint for the service of the address.
    fn gateway_endpoint(&self) -> Option<Setting> {
        let own = || Some((managed(self.subnet.scope.region, self.address())?, service_at(self.address())?.1));
        let (list, service) = own().or_else(|| self.observed())?;
        let table = self.table.id.clone();
        let endpoints = self.world.endpoints.of_vpc(&self.subnet.vpc);
        let mut gateways = endpoints.filter(|own| own.service == service.name && own.route_tables().is_some());
        let current = self.current();
        let Some(endpoint) = gateways.next() else {
            let service = service.endpoint_name(self.subnet.scope.region);
            return Some(Setting {
                code: self.code,
                current,
                needed: format!("a gateway endpoint for {service}, to which {table} leads {}", list.id),
                change: Change::CreateGatewayEndpoint { vpc: self.subnet.vpc.clone(), service, table },
            });
        };
        self.associated(&endpoint.id)
    }

    /// The table among those of a gateway endpoint, if it is not.
    fn associated(&self, id: &VpcEndpointId) -> Option<Setting> {
        let list = managed(self.subnet.scope.region, self.address())?;
        let (endpoint, table) = (self.world.endpoints.get(id)?, self.table.id.clone());
        let tables = endpoint.route_tables().filter(|_| endpoint.vpc == self.subnet.vpc)?;
        (!tables.contains(&table)).then(|| Setting {
            code: self.code,
            current: format!("{id} is not associated with {table}"),
            needed: format!("{id} is associated with {table}, which then leads {} to it", list.id),
            change: Change::AssociateEndpoint { endpoint: id.clone(), table },
        })
    }

    /// The service whose prefix list has the address, by what an account elsewhere told of it.
    fn observed(&self) -> Option<(PrefixList, &'static Service)> {
        let holds = |list: &&PrefixList| blocks_of(list).any(|block| block.contains(self.address()));
        let lists = self.world.observed_prefix_lists.iter().filter(holds);
        let of = |list: &PrefixList| Catalog::find(self.subnet.scope.region, &list.name).filter(|own| own.gateway());
        lists.filter_map(|list| Some((list.clone(), of(list)?))).next()
    }

    /// A route over the peering connection with the VPC of the address.
    fn peering(&self) -> Option<Setting> {
        let beyond = self.world.active_peerings().filter_map(|own| Some((own, own.beyond(&self.subnet.vpc)?)));
        let mut holding = beyond.filter_map(|(own, side)| Some((own, self.block_of(&side.vpc)?)));
        let (peering, block) = holding.next()?;
        self.led(destination(block), RouteTarget::Peering(peering.id.clone()))
    }

    /// The block of a VPC that holds the address.
    fn block_of(&self, vpc: &VpcId) -> Option<IpCidr> {
        block_of(self.world, vpc, self.address())
    }

    /// Without the route that takes it, another one does.
    fn shorter(&self) -> Option<Setting> {
        let chosen = self.choice.chosen.as_ref()?;
        let (next, _) = self.choice.lost.first()?;
        let destination = self.own_destination(chosen)?;
        let table = self.table.id.clone();
        Some(Setting {
            code: if next.block.length() < chosen.block.length() {
                Code::MoreSpecificRoute
            } else {
                Code::HigherPriorityRoute
            },
            current: self.current(),
            needed: format!(
                "{table} has no route to {destination}, so that {} to {} holds",
                next.destination, next.target
            ),
            change: Change::DeleteRoute { table, destination },
        })
    }

    /// The destination of a route, if it is one of the account's own.
    fn own_destination(&self, chosen: &Candidate) -> Option<Destination> {
        let is_it = |own: &&sidegate_model::Route| {
            own.destination.to_string() == chosen.destination && route::text(&own.target) == chosen.target
        };
        self.table.routes.iter().find(is_it).map(|own| own.destination.clone())
    }

    /// Ways to the internet that the VPC has.
    fn internet(&self) -> Vec<Setting> {
        let (vpc, address) = (&self.subnet.vpc, self.address());
        if matches!(address, IpAddr::V4(address) if address.is_private()) {
            return Vec::new();
        }
        let mut targets = Vec::new();
        if address.is_ipv4() {
            let gateways = self.world.nat_gateways.of_vpc(vpc);
            // One that stands in a subnet of this very table would lead back to itself.
            let leads = |subnet: &SubnetId| {
                self.world.route_table_of(subnet).is_some_and(|(table, _)| table.id != self.table.id)
            };
            let public = gateways
                .filter(|own| own.is_available() && own.connectivity == Connectivity::Public && leads(&own.subnet));
            targets.extend(public.map(|own| RouteTarget::NatGateway(own.id.clone())));
        } else {
            let gateways = self.world.egress_only_internet_gateways.of_vpc(vpc);
            targets.extend(gateways.map(|own| RouteTarget::EgressOnlyInternetGateway(own.id.clone())));
        }
        targets.extend(self.world.internet_gateway_of(vpc).map(|own| RouteTarget::InternetGateway(own.id.clone())));
        targets.into_iter().filter_map(|target| self.led(everywhere(address), target)).collect()
    }

    /// A route of the table to a target: another one, or in place of the one that takes the address.
    fn led(&self, destination: Destination, target: RouteTarget) -> Option<Setting> {
        let table = self.table.id.clone();
        let taking = self.choice.chosen.as_ref().and_then(|chosen| self.own_destination(chosen));
        let present = self.table.routes.iter().any(|own| own.destination == destination);
        let destination = taking.clone().unwrap_or(destination);
        let needed = format!("{table} leads {destination} to {}", route::text(&target));
        let change = if taking.is_some() || present {
            Change::ReplaceRoute { table, destination, target }
        } else {
            Change::CreateRoute { table, destination, target }
        };
        Some(Setting { code: self.code, current: self.current(), needed, change })
    }

    /// An interface endpoint for the service of a name that led to a public address, if the VPC has none.
    fn interface_endpoint(&self, trace: &Trace) -> Option<Setting> {
        let is_public_name = trace.hops.iter().any(|hop| {
            matches!(&hop.step, Step::Name(name) if name.origin == NameOrigin::PublicDns && name.passed_over.is_empty())
        });
        let (region, service) = service_at(self.address()).filter(|_| is_public_name)?;
        let is_here = region == self.subnet.scope.region && service.interface() && !service.gateway();
        let (vpc, subnet) = (self.subnet.vpc.clone(), self.subnet.id.clone());
        let service = service.endpoint_name(region);
        // Without host names there is no private DNS.
        if is_here && self.world.vpcs.get(&vpc).is_some_and(|own| !own.dns_hostnames) {
            return Some(Setting {
                code: Code::DnsHostnamesDisabled,
                current: format!("enableDnsHostnames of {vpc} is off"),
                needed: format!("enableDnsHostnames of {vpc} is on"),
                change: Change::DnsHostnames { vpc },
            });
        }
        is_here.then(|| Setting {
            code: self.code,
            current: self.current(),
            needed: format!("an interface endpoint for {service} in {subnet}, with private DNS"),
            change: Change::CreateInterfaceEndpoint { vpc, service, subnet },
        })
    }
}

/// What would lead an answer back.
fn back(world: &World, trace: &Trace, choice: &RouteChoice, code: Code) -> Vec<Setting> {
    let (Some(subnet), Some(table)) = (world.subnets.get(&choice.subnet), world.route_tables.get(&choice.table)) else {
        return Vec::new();
    };
    let ways = Ways { world, choice, subnet, table, code };
    let mut all: Vec<Setting> = ways.shorter().into_iter().collect();
    let chosen = choice.chosen.as_ref().and_then(|chosen| ways.own_destination(chosen));
    if code == Code::ResponseRouteRedirection && all.is_empty() {
        all.extend(chosen.map(|destination| Setting {
            code,
            current: ways.current(),
            needed: format!("{} has no route to {destination}, so that the local one holds", table.id),
            change: Change::DeleteRoute { table: table.id.clone(), destination },
        }));
        return all;
    }
    // The way that the packet came.
    let came = trace.hops.iter().rev().find_map(|hop| match &hop.step {
        Step::Peering { peering, .. } => Some(RouteTarget::Peering(peering.clone())),
        Step::InternetGateway { gateway, .. } => Some(RouteTarget::InternetGateway(gateway.clone())),
        _ => None,
    });
    let block = match &came {
        Some(RouteTarget::Peering(id)) => {
            let sides = world.peerings.get(id).map(|own| [own.requester.vpc.clone(), own.accepter.vpc.clone()]);
            sides.into_iter().flatten().find_map(|vpc| block_of(world, &vpc, choice.address)).map(destination)
        }
        _ => Some(everywhere(choice.address)),
    };
    if let (Some(target), Some(block)) = (came, block) {
        all.extend(ways.led(block, target));
    }
    all
}

/// The block of a VPC that holds an address.
fn block_of(world: &World, vpc: &VpcId, address: IpAddr) -> Option<IpCidr> {
    let own = world.vpcs.get(vpc)?;
    let ipv6 = own.ipv6_cidrs.iter().map(|block| IpCidr::from(block.cidr));
    own.cidrs().map(IpCidr::from).chain(ipv6).find(|block| block.contains(address))
}

fn destination(block: IpCidr) -> Destination {
    match block {
        IpCidr::V4(block) => Destination::Cidr(block),
        IpCidr::V6(block) => Destination::Ipv6(block),
    }
}
