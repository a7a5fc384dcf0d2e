//! Route tables: CreateRouteTable, DeleteRouteTable, DescribeRouteTables.

mod association;
mod propagation;
mod route;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use sidegate_model::{Route, RouteTable, RouteTableId, Scope, VpcId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, flag, one, tag_values};
use super::ids::{self, arn};
use super::{client_token, tag, tagged};

/// The name under which tokens of CreateRouteTable are kept.
const CREATE: &str = "CreateRouteTable";

/// The filters of DescribeRouteTables.
const FILTERS: &[&str] = &[
    "association.gateway-id",
    "association.main",
    "association.route-table-association-id",
    "association.route-table-id",
    "association.subnet-id",
    "owner-id",
    "route-table-id",
    "route.destination-cidr-block",
    "route.destination-ipv6-cidr-block",
    "route.destination-prefix-list-id",
    "route.egress-only-internet-gateway-id",
    "route.gateway-id",
    "route.instance-id",
    "route.nat-gateway-id",
    "route.origin",
    "route.state",
    "route.transit-gateway-id",
    "route.vpc-peering-connection-id",
    "tag-key",
    "tag-value",
    "tag:",
    "vpc-id",
];

impl Action for ec2::CreateRouteTableRequest {
    type Answer = ec2::CreateRouteTableResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "route-table", "*"), arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(mut self, call: &Call<'_>) -> Result<ec2::CreateRouteTableResult, Failure> {
        self.dry_run = None;
        let client_token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        let vpc: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let tags = tagged::specified(&self.tag_specifications, "route-table", &[])?;
        let token = client_token.clone();
        let table = call
            .change(move |world, context| {
                if let Some(token) = &token
                    && let Some(made) = world.replay(context, CREATE, token, &parameters)?
                {
                    return Ok(Routing::of(world).table(world.route_table(&context.scope, &made.parse()?)?));
                }
                let id = world.create_route_table(context, &vpc)?;
                tag::put(world, context, id.as_str(), &tags)?;
                if let Some(token) = &token {
                    world.remember(context, CREATE, token, &parameters, id.as_str());
                }
                Ok(Routing::of(world).table(world.route_table(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateRouteTableResult { route_table: Some(table), client_token })
    }
}

impl Action for ec2::DeleteRouteTableRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "route-table", self.route_table_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: RouteTableId = ids::given(self.route_table_id.as_deref(), "RouteTableId")?;
        call.change(move |world, context| world.delete_route_table(context, &id)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DescribeRouteTablesRequest {
    type Answer = ec2::DescribeRouteTablesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeRouteTablesResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut tables = ids::chosen(
            &world.route_tables,
            &ids::ids(&self.route_table_ids)?,
            |table| table.scope == *scope,
            RouteTableId::not_found,
        )?;
        let routing = Routing::of(&world);
        tables.retain(|table| filters.pass(|filter| routing.values(table, filter)));
        let page = call.page(tables, |t| t.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 100))?;
        Ok(ec2::DescribeRouteTablesResult {
            next_token: page.next_token,
            route_tables: page.items.into_iter().map(|table| routing.table(table)).collect(),
        })
    }
}

/// The world with the routes of its gateway endpoints found once, since looking through all endpoints for each table
/// would be quadratic.
struct Routing<'w> {
    world: &'w World,
    endpoints: BTreeMap<&'w RouteTableId, Vec<Route>>,
}

impl<'w> Routing<'w> {
    fn of(world: &'w World) -> Self {
        Self { world, endpoints: world.endpoint_routes() }
    }

    fn routes(&self, table: &RouteTable) -> Vec<ec2::Route> {
        let of_endpoints = self.endpoints.get(&table.id).cloned().unwrap_or_default();
        let routes = self.world.routes_with(table, of_endpoints);
        routes.iter().map(|route| route::render(self.world, table, route)).collect()
    }

    /// A table as answers show it.
    fn table(&self, table: &RouteTable) -> ec2::RouteTable {
        ec2::RouteTable {
            associations: association::render(table),
            propagating_vgws: propagation::render(table),
            route_table_id: Some(table.id.to_string()),
            routes: self.routes(table),
            tags: tagged::shown(self.world, table.id.as_str()),
            vpc_id: Some(table.vpc.to_string()),
            owner_id: Some(table.scope.account.to_string()),
        }
    }

    fn values<'r>(&'r self, table: &'r RouteTable, filter: &str) -> Vec<Cow<'r, str>> {
        if let Some(part) = filter.strip_prefix("route.") {
            return self
                .routes(table)
                .into_iter()
                .filter_map(|route| route::value(route, part))
                .map(Cow::Owned)
                .collect();
        }
        let associations = table.associations.keys().chain(table.gateways.keys()).chain(&table.main);
        match filter {
            "association.gateway-id" => table.gateways.values().map(|id| Cow::Borrowed(id.as_str())).collect(),
            "association.main" => {
                let each = table.associations.keys().chain(table.gateways.keys()).map(|_| flag(false));
                each.chain(table.main.iter().map(|_| flag(true))).flatten().collect()
            }
            "association.route-table-association-id" => associations.map(|id| Cow::Borrowed(id.as_str())).collect(),
            "association.route-table-id" => associations.map(|_| Cow::Borrowed(table.id.as_str())).collect(),
            "association.subnet-id" => table.associations.values().map(|id| Cow::Borrowed(id.as_str())).collect(),
            "owner-id" => one(table.scope.account.as_str()),
            "route-table-id" => one(table.id.as_str()),
            "vpc-id" => one(table.vpc.as_str()),
            _ => tag_values(self.world, table.id.as_str(), filter).unwrap_or_default(),
        }
    }
}
