//! Routes: what they are, and making, replacing and deleting them. Which of them AWS takes is in `check.rs`.
//!
//! Source: VPC user guide, "Configure route tables", "Replace or restore the target for a local route"; EC2 API
//! reference, CreateRoute, ReplaceRoute, DeleteRoute, `Route`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::RouteTable;
use crate::{
    AddressFamily, Attachment, Context, EgressOnlyInternetGatewayId, Error, InternetGatewayId, Ipv4Cidr, Ipv6Cidr,
    NatGateway, NatGatewayId, NetworkInterfaceId, PrefixListId, RouteTableId, Scope, VpcEndpointId, VpcId,
    VpcPeeringConnectionId, VpnGatewayId, World,
};

/// The most routes of a table for each of IPv4 and IPv6.
///
/// Source: VPC user guide, "Amazon VPC quotas"; the page on prefix lists still says 50.
const ROUTE_LIMIT: usize = 500;

/// A route of the account's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Where to.
    pub destination: Destination,
    /// Over what.
    pub target: RouteTarget,
}

/// The destination of a route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Destination {
    /// An IPv4 block.
    Cidr(Ipv4Cidr),
    /// A prefix list.
    PrefixList(PrefixListId),
    /// An IPv6 block.
    Ipv6(Ipv6Cidr),
}

/// The target of a route. If it is gone or does not forward, the route is a black hole: [`World::route_state`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RouteTarget {
    /// The VPC itself. Never stored.
    Local,
    /// A gateway endpoint. Never stored.
    GatewayEndpoint(VpcEndpointId),
    /// A network interface.
    Interface(NetworkInterfaceId),
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    /// A virtual private gateway. Nothing lies behind it, so that what goes there is lost even while it is attached.
    VpnGateway(VpnGatewayId),
    /// A NAT gateway.
    NatGateway(NatGatewayId),
    /// A VPC peering connection.
    Peering(VpcPeeringConnectionId),
}

/// What the id of a target begins with that the model has no kind for.
const UNKNOWN: &str = "?";

impl RouteTarget {
    /// A target of a kind that the model does not have, such as a transit gateway, by its name. It is kept as a virtual
    /// private gateway that nobody can make, since as little is known to lie behind either: no packet gets further.
    pub fn unknown(name: &str) -> Self {
        Self::VpnGateway(VpnGatewayId::derived(&[UNKNOWN, name].concat()))
    }

    /// The name of the target, if it is of a kind that the model does not have. Where its packets get to is not known then.
    pub fn unknown_name(&self) -> Option<&str> {
        let Self::VpnGateway(id) = self else { return None };
        id.as_str().strip_prefix(VpnGatewayId::PREFIX)?.strip_prefix(UNKNOWN)
    }
}

/// Whether a route leads anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RouteState {
    /// It does.
    Active,
    /// Its target is gone or does not forward. The route still takes its packets, and they are lost.
    Blackhole,
}

impl RouteState {
    /// The state in AWS's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blackhole => "blackhole",
        }
    }
}

/// What a route that is to be made should lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRoute {
    /// The route table.
    pub table: RouteTableId,
    /// Where to.
    pub destination: Destination,
    /// Over what.
    pub target: RouteTarget,
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(cidr) => write!(f, "{cidr}"),
            Self::PrefixList(list) => write!(f, "{list}"),
            Self::Ipv6(cidr) => write!(f, "{cidr}"),
        }
    }
}

impl Destination {
    /// Whether the other destination lies wholly in this one; prefix lists lie nowhere.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cidr(outer), Self::Cidr(inner)) => outer.covers(*inner),
            (Self::Ipv6(outer), Self::Ipv6(inner)) => outer.covers(*inner),
            _ => false,
        }
    }

    /// Whether it is one of IPv6. Every prefix list that a route can lead to is of IPv4.
    pub(super) fn is_ipv6(&self) -> bool {
        matches!(self, Self::Ipv6(_))
    }

    fn parameter(&self) -> &'static str {
        match self {
            Self::Cidr(_) => "destination-cidr-block",
            Self::PrefixList(_) => "destination-prefix-list-id",
            Self::Ipv6(_) => "destination-ipv6-cidr-block",
        }
    }
}

impl World {
    /// Whether a route of a table leads anywhere.
    pub fn route_state(&self, table: &RouteTable, target: &RouteTarget) -> RouteState {
        let forwards = match target {
            RouteTarget::Local | RouteTarget::GatewayEndpoint(_) => true,
            RouteTarget::Interface(id) => self.forwards_from(id),
            RouteTarget::InternetGateway(id) => {
                self.internet_gateways.get(id).is_some_and(|gateway| gateway.vpc.as_ref() == Some(&table.vpc))
            }
            RouteTarget::EgressOnlyInternetGateway(id) => self.egress_only_internet_gateways.get(id).is_some(),
            RouteTarget::VpnGateway(id) => {
                self.vpn_gateways.get(id).is_some_and(|gateway| gateway.vpc.as_ref() == Some(&table.vpc))
            }
            RouteTarget::NatGateway(id) => self.nat_gateways.get(id).is_some_and(NatGateway::is_available),
            RouteTarget::Peering(id) => self.peering_joins(&table.vpc, id),
        };
        if forwards { RouteState::Active } else { RouteState::Blackhole }
    }

    /// Whether something stands behind an interface.
    fn forwards_from(&self, id: &NetworkInterfaceId) -> bool {
        self.interfaces.get(id).is_some_and(|interface| match &interface.attachment {
            Attachment::Instance { instance, .. } => self.instances.get(instance).is_some(),
            Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::Program | Attachment::Functions(_) => {
                true
            }
            Attachment::None => false,
        })
    }

    /// Whether a peering connection joins a VPC to another one: it is active and the VPC is one of its two.
    fn peering_joins(&self, vpc: &VpcId, id: &VpcPeeringConnectionId) -> bool {
        self.peerings.get(id).is_some_and(|peering| peering.is_active() && peering.beyond(vpc).is_some())
    }

    /// Makes a route.
    ///
    /// # Errors
    /// `RouteAlreadyExists` if there is one to the same destination; `InvalidParameterValue` for what lies in a block of
    /// the VPC's own and is not a subnet's, and for a target of another VPC; `RouteLimitExceeded` beyond 500 routes.
    pub fn create_route(&mut self, context: &Context<'_>, route: CreateRoute) -> Result<(), Error> {
        self.check_route(&context.scope, &route)?;
        let table = self.route_table(&context.scope, &route.table)?;
        if self.routes(table).iter().any(|present| present.destination == route.destination) {
            return Err(match route.destination {
                Destination::PrefixList(list) => Error::PrefixListRouteExists { table: route.table, list },
                destination => Error::RouteExists(destination),
            });
        }
        self.room_for_route(table, &route.destination)?;
        self.route_tables.update(&route.table, |t| {
            t.routes.push(Route { destination: route.destination, target: route.target });
        });
        Ok(())
    }

    /// Gives a route another target. A local route can be led to what [`World::create_route`] takes for a subnet's
    /// block, and back: with the target [`RouteTarget::Local`].
    ///
    /// # Errors
    /// `InvalidRoute.NotFound` if there is no route to this destination.
    pub fn replace_route(&mut self, context: &Context<'_>, route: CreateRoute) -> Result<(), Error> {
        if route.target == RouteTarget::Local {
            return self.restore_local_route(&context.scope, &route);
        }
        self.check_route(&context.scope, &route)?;
        let table = self.route_table(&context.scope, &route.table)?;
        if self.is_local(table, &route.destination) {
            let redirected = Route { destination: route.destination, target: route.target };
            self.route_tables.update(&route.table, |t| {
                t.routes.retain(|present| present.destination != redirected.destination);
                t.routes.push(redirected);
            });
            return Ok(());
        }
        let position = self.own_route(&context.scope, &route.table, &route.destination)?;
        self.route_tables.update(&route.table, |t| {
            if let Some(present) = t.routes.get_mut(position) {
                present.target = route.target;
            }
        });
        Ok(())
    }

    /// Leads a local route to its own target again.
    fn restore_local_route(&mut self, scope: &Scope, route: &CreateRoute) -> Result<(), Error> {
        let table = self.route_table(scope, &route.table)?;
        if !self.is_local(table, &route.destination) {
            return Err(Error::InvalidParameterValue(format!(
                "The route to {} in route table {} is not the local route and cannot have the target local.",
                route.destination, route.table
            )));
        }
        self.route_tables.update(&route.table, |t| t.routes.retain(|r| r.destination != route.destination));
        Ok(())
    }

    /// Deletes a route of the account's own.
    ///
    /// # Errors
    /// Local routes and the routes of gateway endpoints cannot be deleted.
    pub fn delete_route(
        &mut self, context: &Context<'_>, table: &RouteTableId, destination: &Destination,
    ) -> Result<(), Error> {
        let position = self.own_route(&context.scope, table, destination)?;
        self.route_tables.update(table, |t| {
            t.routes.remove(position);
        });
        Ok(())
    }

    /// What a route counts, and for which family: one, or what its prefix list does.
    fn weight_of_route(&self, table: &RouteTable, destination: &Destination) -> (AddressFamily, usize) {
        match destination {
            Destination::Cidr(_) => (AddressFamily::Ipv4, 1),
            Destination::Ipv6(_) => (AddressFamily::Ipv6, 1),
            Destination::PrefixList(list) => {
                let (family, weight) = self.prefix_list_weight(&table.scope, list);
                (family, weight as usize)
            }
        }
    }

    /// Whether a table can have one more route to a destination.
    pub(crate) fn room_for_route(&self, table: &RouteTable, destination: &Destination) -> Result<(), Error> {
        let (family, weight) = self.weight_of_route(table, destination);
        self.room_for_routes(table, family, weight)
    }

    /// Whether a table can have so many more routes of a family. Local ones do not count; those of gateway endpoints do.
    pub(crate) fn room_for_routes(&self, table: &RouteTable, family: AddressFamily, more: usize) -> Result<(), Error> {
        let routes = self.routes(table);
        let counted = routes.iter().filter(|route| !self.is_local(table, &route.destination));
        let weights = counted.map(|route| self.weight_of_route(table, &route.destination));
        let present: usize = weights.filter(|(of, _)| *of == family).map(|(_, weight)| weight).sum();
        if present + more > ROUTE_LIMIT {
            return Err(Error::limit("RouteLimitExceeded", "routes"));
        }
        Ok(())
    }

    fn own_route(&self, scope: &Scope, id: &RouteTableId, destination: &Destination) -> Result<usize, Error> {
        let table = self.route_table(scope, id)?;
        if self.is_local(table, destination) {
            return Err(Error::InvalidParameterValue(format!(
                "cannot remove local route {destination} in route table {id}"
            )));
        }
        if let Some(position) = table.routes.iter().position(|r| r.destination == *destination) {
            return Ok(position);
        }
        match self.routes(table).into_iter().find(|r| r.destination == *destination) {
            Some(Route { destination: Destination::PrefixList(list), .. }) => {
                Err(Error::EndpointRoute { table: id.clone(), list })
            }
            _ => Err(Error::RouteNotFound {
                kind: destination.parameter(),
                destination: destination.to_string(),
                table: id.clone(),
            }),
        }
    }
}
