//! Route tables, their routes and associations.
//!
//! Source: VPC user guide, "Configure route tables", "Route priority"; PrivateLink guide, "Gateway endpoints".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::route::{CreateRoute, Destination, Route, RouteState, RouteTarget};
use crate::{
    AssociationId, Context, Endpoint, Entity, Error, InternetGatewayId, RouteTableId, Scope, SubnetId, Vpc, VpcId,
    VpnGatewayId, World,
};

mod association;
mod check;
mod propagation;
mod route;

/// The most route tables of a VPC, the main one included.
///
/// Source: VPC user guide, "Amazon VPC quotas".
const TABLE_LIMIT: usize = 200;

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
    /// The gateways that it is associated with: it routes what comes into the VPC through them.
    #[serde(default)]
    pub gateways: BTreeMap<AssociationId, InternetGatewayId>,
    /// The virtual private gateway of its VPC, if that one may propagate routes to it. It never has any to propagate.
    #[serde(default)]
    pub propagating: Option<VpnGatewayId>,
    /// The routes that the account made, and local routes that it gave another target. Other local routes and those of gateway endpoints are not among them: they follow
    /// from the VPC and the endpoints.
    pub routes: Vec<Route>,
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

    fn vpc(&self) -> Option<&VpcId> {
        Some(&self.vpc)
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
            gateways: BTreeMap::new(),
            propagating: None,
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
        for table in self.route_tables.of_vpc(vpc) {
            if let Some((id, _)) = table.associations.iter().find(|(_, s)| *s == subnet) {
                return Some((table, Association::Explicit(id)));
            }
            if table.main.is_some() {
                main = Some((table, Association::Main));
            }
        }
        main
    }

    /// All routes of a table, in the order that AWS lists them: the local ones, those of the account as they were made,
    /// and those of gateway endpoints.
    pub fn routes(&self, table: &RouteTable) -> Vec<Route> {
        let here = |e: &&Endpoint| e.route_tables().is_some_and(|tables| tables.contains(&table.id));
        self.routes_with(table, self.endpoints.iter().filter(here).flat_map(Endpoint::gateway_routes))
    }

    /// All routes of a table as [`World::routes`] tells them, where those of gateway endpoints are known already. Who
    /// asks for many tables finds them once, with [`World::endpoint_routes`].
    pub fn routes_with(&self, table: &RouteTable, of_endpoints: impl IntoIterator<Item = Route>) -> Vec<Route> {
        let local = self.vpcs.get(&table.vpc).into_iter().flat_map(local_destinations);
        local
            .map(|destination| match table.routes.iter().find(|route| route.destination == destination) {
                Some(redirected) => redirected.clone(),
                None => Route { destination, target: RouteTarget::Local },
            })
            .chain(table.routes.iter().filter(|route| !self.is_local(table, &route.destination)).cloned())
            .chain(of_endpoints)
            .collect()
    }

    /// Whether a table has a local route to this destination, whatever its target is by now.
    pub fn is_local(&self, table: &RouteTable, destination: &Destination) -> bool {
        self.vpcs.get(&table.vpc).is_some_and(|vpc| local_destinations(vpc).contains(destination))
    }

    /// The routes of all gateway endpoints, by their tables.
    pub fn endpoint_routes(&self) -> BTreeMap<&RouteTableId, Vec<Route>> {
        let mut routes: BTreeMap<_, Vec<Route>> = BTreeMap::new();
        for endpoint in self.endpoints.iter() {
            let of_endpoint = endpoint.gateway_routes();
            for table in endpoint.route_tables().into_iter().flatten() {
                routes.entry(table).or_default().extend(of_endpoint.iter().cloned());
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
        let used: Vec<u16> = self.route_tables.of_vpc(vpc).map(|t| t.index).collect();
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
            gateways: BTreeMap::new(),
            propagating: None,
            routes: Vec::new(),
        });
        Ok(id)
    }

    /// Deletes a route table. Gateway endpoints lose it.
    ///
    /// # Errors
    /// `DependencyViolation` while it is the main one or associated with a subnet or a gateway.
    pub fn delete_route_table(&mut self, context: &Context<'_>, id: &RouteTableId) -> Result<(), Error> {
        let table = self.route_table(&context.scope, id)?;
        if table.main.is_some() || !table.associations.is_empty() || !table.gateways.is_empty() {
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
}

/// Where the local routes of a VPC's tables lead: each of its blocks.
pub(crate) fn local_destinations(vpc: &Vpc) -> Vec<Destination> {
    let ipv6 = vpc.ipv6_cidrs.iter().map(|block| Destination::Ipv6(block.cidr));
    vpc.cidrs().map(Destination::Cidr).chain(ipv6).collect()
}
