//! Which routes AWS takes.
//!
//! Source: VPC user guide, "Configure route tables", "Gateway route tables"; EC2 API reference, CreateRoute.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{CreateRoute, Destination, RouteTable, RouteTarget, local_destinations};
use crate::{Error, Ipv4Cidr, Ipv6Cidr, Scope, Subnet, VpcId, World};

/// Where no route can lead.
///
/// Source: VPC user guide, "Configure route tables", rules and considerations.
const RESERVED: [Destination; 2] = [
    Destination::Cidr(Ipv4Cidr::new(Ipv4Addr::new(169, 254, 168, 0), 22)),
    Destination::Ipv6(Ipv6Cidr::new(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0), 32)),
];

/// The blocks of a subnet, as routes can lead to them.
fn blocks(subnet: &Subnet) -> Vec<Destination> {
    let ipv6 = subnet.ipv6_cidr.as_ref().map(|own| Destination::Ipv6(own.cidr));
    [Destination::Cidr(subnet.cidr)].into_iter().chain(ipv6).collect()
}

impl World {
    /// Whether a route could be made or replaced, but for others in its table.
    pub(super) fn check_route(&self, scope: &Scope, route: &CreateRoute) -> Result<(), Error> {
        let table = self.route_table(scope, &route.table)?;
        if let Destination::PrefixList(list) = &route.destination {
            self.prefix_list(scope, list).ok_or_else(|| list.not_found())?;
        }
        if let Some(reserved) = RESERVED.iter().find(|reserved| reserved.covers(&route.destination)) {
            return Err(Error::InvalidParameterValue(format!(
                "The destination CIDR block {} lies in {reserved}, which is reserved for services of AWS.",
                route.destination
            )));
        }
        self.check_target(scope, table, route)?;
        self.check_inside(table, &route.destination, &route.target)?;
        if table.gateways.is_empty() {
            return Ok(());
        }
        self.check_gateway_route(table, &route.destination, &route.target)
    }

    /// Whether the target exists, is of the same VPC, and takes packets of this family.
    fn check_target(&self, scope: &Scope, table: &RouteTable, route: &CreateRoute) -> Result<(), Error> {
        let (vpc, named) = self.target(scope, table, &route.target)?;
        if vpc != Some(&table.vpc) {
            let table = &route.table;
            return Err(Error::InvalidParameterValue(match route.target {
                RouteTarget::Interface(_) => format!("Route table {table} and {named} belong to different networks"),
                _ => format!("route table {table} and {named} belong to different networks"),
            }));
        }
        if matches!(route.target, RouteTarget::EgressOnlyInternetGateway(_)) && !route.destination.is_ipv6() {
            return Err(Error::InvalidParameterValue(format!(
                "The {named} takes IPv6 traffic only. Route {} to another target.",
                route.destination
            )));
        }
        Ok(())
    }

    /// The VPC in which a target forwards, if it does in one, and the target in AWS's words.
    fn target<'a>(
        &'a self, scope: &Scope, table: &'a RouteTable, target: &RouteTarget,
    ) -> Result<(Option<&'a VpcId>, String), Error> {
        let missing = |code, noun, id: &dyn std::fmt::Display| Error::NotFound { code, noun, id: id.to_string() };
        match target {
            RouteTarget::Interface(id) => {
                Ok((Some(&self.interface(scope, id)?.vpc), format!("network interface {id}")))
            }
            RouteTarget::InternetGateway(id) => {
                let gateway = self.internet_gateway(scope, id);
                let gateway = gateway.map_err(|_| missing("InvalidGatewayID.NotFound", "gateway ID", id))?;
                Ok((gateway.vpc.as_ref(), format!("network gateway {id}")))
            }
            RouteTarget::EgressOnlyInternetGateway(id) => {
                let gateway = self.egress_only_internet_gateway(scope, id);
                let gateway = gateway.map_err(|_| missing("InvalidGatewayID.NotFound", "gateway ID", id))?;
                Ok((Some(&gateway.vpc), format!("egress-only internet gateway {id}")))
            }
            RouteTarget::VpnGateway(id) => {
                let gateway = self.vpn_gateway(scope, id).ok().filter(|gateway| gateway.is_available());
                let gateway = gateway.ok_or_else(|| missing("InvalidGatewayID.NotFound", "gateway ID", id))?;
                Ok((gateway.vpc.as_ref(), format!("network gateway {id}")))
            }
            RouteTarget::NatGateway(id) => {
                let gateway = self.nat_gateway(scope, id).ok().filter(|gateway| gateway.is_available());
                let gateway = gateway.ok_or_else(|| missing("InvalidNatGatewayID.NotFound", "natGateway ID", id))?;
                Ok((Some(&gateway.vpc), format!("NAT gateway {id}")))
            }
            RouteTarget::Peering(id) => {
                let peering = self.peerings.get(id).filter(|peering| peering.is_routable(scope));
                let peering = peering.ok_or_else(|| id.not_found())?;
                let here = peering.beyond(&table.vpc).map(|_| &table.vpc);
                Ok((here, format!("VPC peering connection {id}")))
            }
            RouteTarget::GatewayEndpoint(id) => Err(Error::RouteNotSupported(id.clone())),
            RouteTarget::Local => {
                Err(Error::InvalidParameterValue("local is not a valid target for a new route".to_owned()))
            }
        }
    }

    /// Whether the destination, if it lies in a block of the VPC, is one that can have a route of its own: a whole block
    /// of the VPC, where [`World::create_route`] finds the local route, or of a subnet.
    fn check_inside(&self, table: &RouteTable, to: &Destination, target: &RouteTarget) -> Result<(), Error> {
        let Some(vpc) = self.vpcs.get(&table.vpc) else { return Ok(()) };
        let local = local_destinations(vpc);
        if !local.iter().any(|block| block.covers(to)) {
            return Ok(());
        }
        if !matches!(target, RouteTarget::Interface(_) | RouteTarget::NatGateway(_)) {
            return Err(Error::InvalidParameterValue(format!(
                "The destination CIDR block {to} is equal to or more specific than one of this VPC's CIDR blocks. This \
                 route can target only an interface or an instance."
            )));
        }
        if local.contains(to) || self.is_subnets(&table.vpc, to) {
            return Ok(());
        }
        Err(Error::InvalidParameterValue("Route destination doesn't match any subnet CIDR blocks.".to_owned()))
    }

    /// Whether this is a whole block of a subnet.
    fn is_subnets(&self, vpc: &VpcId, to: &Destination) -> bool {
        self.subnets.iter().any(|subnet| subnet.vpc == *vpc && blocks(subnet).contains(to))
    }

    /// Whether a table that is associated with a gateway can have this route.
    pub(crate) fn check_gateway_route(
        &self, table: &RouteTable, to: &Destination, target: &RouteTarget,
    ) -> Result<(), Error> {
        let refused = |why: &str| {
            let id = &table.id;
            Err(Error::InvalidParameterValue(format!(
                "The route to {to} cannot be in route table {id}, which is for a gateway: {why}"
            )))
        };
        if !matches!(target, RouteTarget::Interface(_) | RouteTarget::Local) {
            return refused("its target can be only local, a network interface or a Gateway Load Balancer endpoint.");
        }
        if matches!(to, Destination::PrefixList(_)) {
            return refused("its destination cannot be a prefix list.");
        }
        let inside =
            self.vpcs.get(&table.vpc).is_some_and(|v| local_destinations(v).iter().any(|block| block.covers(to)));
        if inside { Ok(()) } else { refused("its destination is not in the CIDR blocks of the VPC.") }
    }
}
