//! A world that was read from files, with what the files leave open.

use std::net::IpAddr;

use sidegate_model::{Destination, IpCidr, Region, RouteTable, RouteTableId, RouteTarget, SecurityGroupId, World};

use crate::finding::Findings;
use crate::unknown::Unknowns;
use crate::{Bearing, Finding, How, Met, Unknown};

/// What was read from the files of an account, or of several.
#[derive(Clone, Debug)]
pub struct Imported {
    pub(crate) world: World,
    pub(crate) findings: Findings,
    pub(crate) unknown: Unknowns,
}

impl Imported {
    /// The world, as far as it is known. What is found out from it holds only if [`Imported::undetermined`] has nothing to
    /// say about what it rests on.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What is wrong with the files: the first thousand, in the order of the files.
    pub fn findings(&self) -> &[Finding] {
        &self.findings.first
    }

    /// How many findings there are beyond those.
    pub fn further_findings(&self) -> usize {
        self.findings.more
    }

    /// Everything that is not known, by resource.
    pub fn unknown(&self) -> impl Iterator<Item = &Unknown> {
        self.unknown.iter()
    }

    /// What is not known of a resource, named by its id.
    pub fn unknown_of(&self, resource: &str) -> &[Unknown] {
        self.unknown.of(resource)
    }

    /// What could make a flow go otherwise than the world says, if it met these resources on its way to an address. A flow
    /// for which this is not empty is undetermined, whatever came of it.
    ///
    /// A flow has met the resource that stopped it, the table that routed it and, where names were asked for, the VPC. The
    /// address is that which it had when it was routed; `None` where it has none yet.
    pub fn undetermined<'a>(&self, to: Option<IpAddr>, met: impl IntoIterator<Item = Met<'a>>) -> Vec<&Unknown> {
        let mut open: Vec<&Unknown> = Vec::new();
        for Met { resource, how } in met {
            let is_stopped = matches!(how, How::Stopped | How::Refused(_));
            let bears = |unknown: &&Unknown| match &unknown.bearing {
                Bearing::Flow => true,
                Bearing::Stopped => is_stopped,
                Bearing::Rule(traffic) => match how {
                    How::Refused(packet) => traffic.holds(&packet),
                    _ => is_stopped,
                },
                Bearing::Destinations(blocks) => self.is_open(resource, blocks, to),
                Bearing::Outward => self.is_outward(resource, to),
                Bearing::Services => {
                    let stopped = is_stopped || !resource.starts_with(SecurityGroupId::PREFIX);
                    stopped && to.is_none_or(stands_for_a_service)
                }
                Bearing::Names => how == How::Resolved,
                Bearing::Requests => how == How::Judged,
                Bearing::Nothing => false,
            };
            for unknown in self.unknown.of(resource).iter().filter(bears) {
                if !open.contains(&unknown) {
                    open.push(unknown);
                }
            }
        }
        open
    }

    /// Whether it is not known where a route of a table leads. What is told of it stays as it is: to replace it would be to
    /// take away what nobody knows.
    pub fn is_open_route(&self, table: &RouteTableId, destination: &Destination) -> bool {
        let own = self.world.route_tables.get(table);
        let blocks = own.map(|own| self.blocks_of(own, destination)).unwrap_or_default();
        self.unknown.of(table.as_str()).iter().any(|unknown| match &unknown.bearing {
            Bearing::Flow => true,
            Bearing::Destinations(open) => blocks.iter().any(|block| open.contains(block)),
            Bearing::Outward => matches!(destination, Destination::PrefixList(_)),
            _ => false,
        })
    }

    /// Whether one of these blocks may decide about what goes to an address: of a route table, if no longer route takes it.
    /// What has no address yet went nowhere that somebody could have, and is led by no table that is known.
    fn is_open(&self, resource: &str, blocks: &[IpCidr], to: Option<IpAddr>) -> bool {
        let Some(to) = to else { return resource.starts_with(RouteTableId::PREFIX) };
        let Some(longest) = blocks.iter().filter(|block| block.contains(to)).map(|block| block.length()).max() else {
            return false;
        };
        let table = resource.parse::<RouteTableId>().ok().and_then(|id| self.world.route_tables.get(&id));
        table.is_none_or(|table| self.route_length(table, to) <= Some(longest))
    }

    /// Whether a table leads what goes to an address out of its VPC. What stands for a service, and is led to that service's
    /// gateway endpoint, is not unknown, whatever blocks a list has.
    fn is_outward(&self, resource: &str, to: Option<IpAddr>) -> bool {
        let table = resource.parse::<RouteTableId>().ok().and_then(|id| self.world.route_tables.get(&id));
        let (Some(table), Some(to)) = (table, to) else { return true };
        let vpc = self.world.vpcs.get(&table.vpc);
        let ipv4 = vpc.into_iter().flat_map(|vpc| vpc.cidrs()).map(IpCidr::from);
        let ipv6 = vpc.into_iter().flat_map(|vpc| &vpc.ipv6_cidrs).map(|block| IpCidr::from(block.cidr));
        let is_inside = ipv4.chain(ipv6).any(|block| block.contains(to));
        let is_endpoints = || {
            self.world.routes(table).iter().any(|route| {
                matches!(route.target, RouteTarget::GatewayEndpoint(_))
                    && self.blocks_of(table, &route.destination).iter().any(|block| block.contains(to))
            })
        };
        !(is_inside || stands_for_a_service(to) && is_endpoints())
    }

    /// The length of the longest block that a table has a route to and that holds an address.
    fn route_length(&self, table: &RouteTable, to: IpAddr) -> Option<u8> {
        let routes = self.world.routes(table);
        let blocks = routes.iter().flat_map(|route| self.blocks_of(table, &route.destination));
        blocks.filter(|block| block.contains(to)).map(IpCidr::length).max()
    }

    fn blocks_of(&self, table: &RouteTable, destination: &Destination) -> Vec<IpCidr> {
        match destination {
            Destination::Cidr(block) => vec![(*block).into()],
            Destination::Ipv6(block) => vec![(*block).into()],
            Destination::PrefixList(id) => {
                let list = self.world.prefix_list(&table.scope, id);
                let ipv4 = list.iter().flat_map(|list| &list.cidrs).map(|&block| IpCidr::from(block));
                ipv4.chain(list.iter().flat_map(|list| &list.cidrs6).map(|&block| block.into())).collect()
            }
        }
    }
}

/// Whether an address is one of those under which services are found here, and nowhere else.
pub fn stands_for_a_service(address: IpAddr) -> bool {
    Region::all().any(|region| match address {
        IpAddr::V4(address) => region.public_block().contains(address),
        IpAddr::V6(address) => region.public_ipv6_block().contains(address),
    })
}
