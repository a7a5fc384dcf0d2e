//! Route tables, their routes and associations.
//!
//! Source: VPC user guide, "Configure route tables", "Route priority"; PrivateLink guide, "Gateway endpoints".

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    AssociationId, Context, Endpoint, Entity, Error, Ipv4Cidr, NetworkInterfaceId, PrefixListId, RouteTableId, Scope,
    SubnetId, VpcEndpointId, VpcId, World,
};

/// The most route tables of a VPC, the main one included.
///
/// Source: VPC user guide, "Amazon VPC quotas".
const TABLE_LIMIT: usize = 200;

/// The most routes of a table.
///
/// Source: VPC user guide, "Amazon VPC quotas"; the page on prefix lists still says 50.
const ROUTE_LIMIT: usize = 500;

/// Where no route can lead.
///
/// Source: VPC user guide, "Configure route tables", rules and considerations.
const LINK_LOCAL: Ipv4Cidr = Ipv4Cidr::new(std::net::Ipv4Addr::new(169, 254, 168, 0), 22);

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// Its id.
    pub id: RouteTableId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its number in the VPC, by which packets are marked. Never 0.
    pub index: u16,
    /// The association that makes it the main table: the one of every subnet without an association of its own.
    pub main: Option<AssociationId>,
    /// The subnets that are associated with it.
    pub associations: BTreeMap<AssociationId, SubnetId>,
    /// The routes that the account made. The local route and those of gateway endpoints are not among them: they follow
    /// from the VPC and the endpoints.
    pub routes: Vec<Route>,
}

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
    /// A block.
    Cidr(Ipv4Cidr),
    /// A prefix list.
    PrefixList(PrefixListId),
}

/// The target of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RouteTarget {
    /// The VPC itself. Never stored.
    Local,
    /// A gateway endpoint. Never stored.
    GatewayEndpoint(VpcEndpointId),
    /// A network interface. If it is gone, the route is a black hole.
    Interface(NetworkInterfaceId),
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

/// How a subnet found its route table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Association<'a> {
    /// By an association of its own.
    Explicit(&'a AssociationId),
    /// It has none, and the table is the main one.
    Main,
}

impl Entity for RouteTable {
    type Id = RouteTableId;
    const KIND: &'static str = "route-table";

    fn id(&self) -> RouteTableId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(cidr) => write!(f, "{cidr}"),
            Self::PrefixList(list) => write!(f, "{list}"),
        }
    }
}

impl Destination {
    fn parameter(&self) -> &'static str {
        match self {
            Self::Cidr(_) => "destination-cidr-block",
            Self::PrefixList(_) => "destination-prefix-list-id",
        }
    }
}

impl RouteTable {
    /// The main table of a new VPC.
    pub(crate) fn main(context: &mut Context<'_>, vpc: &VpcId) -> Self {
        Self {
            id: RouteTableId::random(context.entropy),
            scope: context.scope.clone(),
            vpc: vpc.clone(),
            index: 1,
            main: Some(AssociationId::random(context.entropy)),
            associations: BTreeMap::new(),
            routes: Vec::new(),
        }
    }
}

impl World {
    /// The route table with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidRouteTableID.NotFound`.
    pub fn route_table(&self, scope: &Scope, id: &RouteTableId) -> Result<&RouteTable, Error> {
        self.route_tables.get(id).filter(|t| t.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The route table that a subnet's packets are routed by, and how the subnet found it.
    pub fn route_table_of(&self, subnet: &SubnetId) -> Option<(&RouteTable, Association<'_>)> {
        let vpc = &self.subnets.get(subnet)?.vpc;
        let mut main = None;
        for table in self.route_tables.iter().filter(|t| t.vpc == *vpc) {
            if let Some((id, _)) = table.associations.iter().find(|(_, s)| *s == subnet) {
                return Some((table, Association::Explicit(id)));
            }
            if table.main.is_some() {
                main = Some((table, Association::Main));
            }
        }
        main
    }

    /// All routes of a table, in the order that AWS lists them: the local one, those of the account as they were made,
    /// and those of gateway endpoints.
    pub fn routes(&self, table: &RouteTable) -> Vec<Route> {
        let here = |e: &&Endpoint| e.route_tables().is_some_and(|tables| tables.contains(&table.id));
        self.routes_with(table, self.endpoints.iter().filter(here).filter_map(Endpoint::gateway_route))
    }

    /// All routes of a table as [`World::routes`] tells them, where those of gateway endpoints are known already. Who
    /// asks for many tables finds them once, with [`World::endpoint_routes`].
    pub fn routes_with(&self, table: &RouteTable, of_endpoints: impl IntoIterator<Item = Route>) -> Vec<Route> {
        let local = self
            .vpcs
            .get(&table.vpc)
            .map(|v| Route { destination: Destination::Cidr(v.cidr), target: RouteTarget::Local });
        local.into_iter().chain(table.routes.iter().cloned()).chain(of_endpoints).collect()
    }

    /// The routes of all gateway endpoints, by their tables.
    pub fn endpoint_routes(&self) -> BTreeMap<&RouteTableId, Vec<Route>> {
        let mut routes: BTreeMap<_, Vec<Route>> = BTreeMap::new();
        for endpoint in self.endpoints.iter() {
            let (Some(route), Some(tables)) = (endpoint.gateway_route(), endpoint.route_tables()) else { continue };
            for table in tables {
                routes.entry(table).or_default().push(route.clone());
            }
        }
        routes
    }

    /// Makes a route table.
    ///
    /// # Errors
    /// If the VPC does not exist, and `RouteTableLimitExceeded` for its 201st table.
    pub fn create_route_table(&mut self, context: &mut Context<'_>, vpc: &VpcId) -> Result<RouteTableId, Error> {
        let last = self.vpc(&context.scope, vpc)?.last_table;
        let used: Vec<u16> = self.route_tables.iter().filter(|t| t.vpc == *vpc).map(|t| t.index).collect();
        let full = || Error::limit("RouteTableLimitExceeded", "route tables");
        if used.len() >= TABLE_LIMIT {
            return Err(full());
        }
        // A number is not used again soon, so that a connection which carries an old one is never taken for a new one.
        let index = (1..=u16::MAX)
            .map(|step| last.wrapping_add(step))
            .find(|n| (1..=30_000).contains(n) && !used.contains(n))
            .ok_or_else(full)?;
        self.vpcs.update(vpc, |v| v.last_table = index);
        let id = RouteTableId::random(context.entropy);
        self.route_tables.insert(RouteTable {
            id: id.clone(),
            scope: context.scope.clone(),
            vpc: vpc.clone(),
            index,
            main: None,
            associations: BTreeMap::new(),
            routes: Vec::new(),
        });
        Ok(id)
    }

    /// Deletes a route table. Gateway endpoints lose it.
    ///
    /// # Errors
    /// `DependencyViolation` while it is the main one or associated with a subnet.
    pub fn delete_route_table(&mut self, context: &Context<'_>, id: &RouteTableId) -> Result<(), Error> {
        let table = self.route_table(&context.scope, id)?;
        if table.main.is_some() || !table.associations.is_empty() {
            return Err(Error::DependencyViolation(format!(
                "The routeTable '{id}' has dependencies and cannot be deleted."
            )));
        }
        let endpoints: Vec<_> = self
            .endpoints
            .iter()
            .filter(|e| e.route_tables().is_some_and(|t| t.contains(id)))
            .map(|e| e.id.clone())
            .collect();
        for endpoint in endpoints {
            self.endpoints.update(&endpoint, |e| e.forget_route_table(id));
        }
        self.route_tables.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }

    /// Associates a subnet with a route table.
    ///
    /// # Errors
    /// `Resource.AlreadyAssociated` if the subnet has an association of its own.
    pub fn associate_route_table(
        &mut self, context: &mut Context<'_>, table: &RouteTableId, subnet: &SubnetId,
    ) -> Result<AssociationId, Error> {
        let vpc = self.route_table(&context.scope, table)?.vpc.clone();
        if self.subnet(&context.scope, subnet)?.vpc != vpc {
            return Err(Error::InvalidParameterValue(format!(
                "Route table {table} and subnet {subnet} belong to different networks"
            )));
        }
        if let Some((present, Association::Explicit(id))) = self.route_table_of(subnet) {
            if present.id == *table {
                return Ok(id.clone());
            }
            return Err(Error::AssociationExists { table: table.clone() });
        }
        let id = AssociationId::random(context.entropy);
        self.route_tables.update(table, |t| {
            t.associations.insert(id.clone(), subnet.clone());
        });
        Ok(id)
    }

    /// Ends the association of a subnet with a route table; the main one takes over.
    ///
    /// # Errors
    /// `InvalidParameterValue` for the association of a main table.
    pub fn disassociate_route_table(&mut self, context: &Context<'_>, id: &AssociationId) -> Result<(), Error> {
        let table = self.association_holder(&context.scope, id)?;
        if self.route_tables.get(&table).is_some_and(|t| t.main.as_ref() == Some(id)) {
            return Err(Error::InvalidParameterValue(format!(
                "cannot disassociate the main route table association {id}"
            )));
        }
        self.route_tables.update(&table, |t| {
            t.associations.remove(id);
        });
        Ok(())
    }

    /// Moves an association to another route table of the VPC: a subnet's, or the one of the VPC with its main table.
    /// It gets a new id.
    ///
    /// # Errors
    /// If the association or the table does not exist.
    pub fn replace_route_table_association(
        &mut self, context: &mut Context<'_>, id: &AssociationId, table: &RouteTableId,
    ) -> Result<AssociationId, Error> {
        let vpc = self.route_table(&context.scope, table)?.vpc.clone();
        let old = self.association_holder(&context.scope, id)?;
        let Some(holder) = self.route_tables.get(&old) else { return Err(id.not_found()) };
        if holder.vpc != vpc {
            return Err(Error::InvalidParameterValue(format!(
                "route table association {id} and route table {table} belong to different networks"
            )));
        }
        let is_main = holder.main.as_ref() == Some(id);
        let subnet = holder.associations.get(id).cloned();
        if old == *table {
            return Ok(id.clone());
        }
        let new = AssociationId::random(context.entropy);
        self.route_tables.update(&old, |t| {
            t.associations.remove(id);
            t.main = if is_main { None } else { t.main.take() };
        });
        self.route_tables.update(table, |t| {
            if is_main {
                t.main = Some(new.clone());
            }
            if let Some(subnet) = subnet {
                t.associations.insert(new.clone(), subnet);
            }
        });
        Ok(new)
    }

    fn association_holder(&self, scope: &Scope, id: &AssociationId) -> Result<RouteTableId, Error> {
        self.route_tables
            .iter()
            .find(|t| t.scope == *scope && (t.main.as_ref() == Some(id) || t.associations.contains_key(id)))
            .map(|t| t.id.clone())
            .ok_or_else(|| id.not_found())
    }

    /// Makes a route.
    ///
    /// # Errors
    /// `RouteAlreadyExists` if there is one to the same destination; `InvalidParameterValue` for a block inside the
    /// VPC's own; `RouteLimitExceeded` beyond 500 routes.
    pub fn create_route(&mut self, context: &Context<'_>, route: CreateRoute) -> Result<(), Error> {
        self.check_route(&context.scope, &route)?;
        let table = self.route_table(&context.scope, &route.table)?;
        for present in self.routes(table) {
            if present.destination != route.destination {
                continue;
            }
            return Err(match route.destination {
                Destination::Cidr(cidr) => Error::RouteExists(cidr),
                Destination::PrefixList(list) => Error::PrefixListRouteExists { table: route.table, list },
            });
        }
        self.room_for_routes(table, self.weight_of_route(table, &route.destination))?;
        self.route_tables.update(&route.table, |t| {
            t.routes.push(Route { destination: route.destination, target: route.target });
        });
        Ok(())
    }

    /// Gives a route another target.
    ///
    /// # Errors
    /// `InvalidRoute.NotFound` if there is no route to this destination.
    pub fn replace_route(&mut self, context: &Context<'_>, route: CreateRoute) -> Result<(), Error> {
        self.check_route(&context.scope, &route)?;
        let position = self.own_route(&context.scope, &route.table, &route.destination)?;
        self.route_tables.update(&route.table, |t| {
            if let Some(present) = t.routes.get_mut(position) {
                present.target = route.target;
            }
        });
        Ok(())
    }

    /// Deletes a route of the account's own.
    ///
    /// # Errors
    /// The local route and the routes of gateway endpoints cannot be deleted.
    pub fn delete_route(
        &mut self, context: &Context<'_>, table: &RouteTableId, destination: &Destination,
    ) -> Result<(), Error> {
        let position = self.own_route(&context.scope, table, destination)?;
        self.route_tables.update(table, |t| {
            t.routes.remove(position);
        });
        Ok(())
    }

    /// What a route counts: one, or what its prefix list does.
    fn weight_of_route(&self, table: &RouteTable, destination: &Destination) -> usize {
        match destination {
            Destination::Cidr(_) => 1,
            Destination::PrefixList(list) => self.prefix_list_weight(&table.scope, list).1 as usize,
        }
    }

    /// Whether a table can have so many more routes. The local one does not count; those of gateway endpoints do.
    pub(crate) fn room_for_routes(&self, table: &RouteTable, more: usize) -> Result<(), Error> {
        let routes = self.routes(table);
        let present: usize = routes
            .iter()
            .filter(|r| r.target != RouteTarget::Local)
            .map(|r| self.weight_of_route(table, &r.destination))
            .sum();
        if present + more > ROUTE_LIMIT {
            return Err(Error::limit("RouteLimitExceeded", "routes"));
        }
        Ok(())
    }

    fn own_route(&self, scope: &Scope, id: &RouteTableId, destination: &Destination) -> Result<usize, Error> {
        let table = self.route_table(scope, id)?;
        if let Some(position) = table.routes.iter().position(|r| r.destination == *destination) {
            return Ok(position);
        }
        match self.routes(table).into_iter().find(|r| r.destination == *destination) {
            Some(Route { target: RouteTarget::Local, .. }) => Err(Error::InvalidParameterValue(format!(
                "cannot remove local route {destination} in route table {id}"
            ))),
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

    fn check_route(&self, scope: &Scope, route: &CreateRoute) -> Result<(), Error> {
        let vpc = self.route_table(scope, &route.table)?.vpc.clone();
        match &route.destination {
            Destination::Cidr(cidr) => self.check_destination(&vpc, *cidr)?,
            Destination::PrefixList(list) => {
                self.prefix_list(scope, list).ok_or_else(|| list.not_found())?;
            }
        }
        match &route.target {
            RouteTarget::Interface(id) => {
                if self.interface(scope, id)?.vpc != vpc {
                    return Err(Error::InvalidParameterValue(format!(
                        "Route table {} and network interface {id} belong to different networks",
                        route.table
                    )));
                }
            }
            RouteTarget::GatewayEndpoint(id) => return Err(Error::RouteNotSupported(id.clone())),
            RouteTarget::Local => {
                return Err(Error::InvalidParameterValue("local is not a valid target for a new route".to_owned()));
            }
        }
        Ok(())
    }

    fn check_destination(&self, vpc: &VpcId, cidr: Ipv4Cidr) -> Result<(), Error> {
        if LINK_LOCAL.covers(cidr) {
            return Err(Error::InvalidParameterValue(format!(
                "The destination CIDR block {cidr} lies in {LINK_LOCAL}, which is reserved for services of AWS."
            )));
        }
        if !self.vpcs.get(vpc).is_some_and(|v| v.cidr.covers(cidr)) {
            return Ok(());
        }
        if self.subnets.iter().any(|s| s.vpc == *vpc && s.cidr == cidr) {
            return Err(Error::Unsupported(format!(
                "A route to {cidr}, the block of a subnet of this VPC, would send traffic within the VPC through an \
                 interface. Sidegate always routes it directly: leave the route out."
            )));
        }
        Err(Error::InvalidParameterValue(format!(
            "The destination CIDR block {cidr} is equal to or more specific than one of this VPC's CIDR blocks. This \
             route can target only an interface or an instance."
        )))
    }
}
