//! Route tables, their associations and routes.
//!
//! Source: EC2 API reference, `RouteTable`, `RouteTableAssociation`, `Route`.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{
    AssociationId, Destination, InternetGatewayId, IpCidr, PrefixListId, Route, RouteTable, RouteTableId, RouteTarget,
    SubnetId, VpcId, VpnGatewayId,
};

use super::element::{Element, Fault};
use super::page::Page;
use super::reading::Reading;
use super::route_target;
use crate::Bearing;

/// A route as its table tells of it.
#[derive(Clone)]
pub(super) struct ToldRoute {
    /// The table.
    pub(super) table: RouteTableId,
    /// Where to, and over what.
    pub(super) route: Route,
    /// Whether its state is `active`.
    pub(super) is_active: bool,
}

/// What a route table is associated with.
enum Associated {
    Main(AssociationId),
    Subnet(AssociationId, SubnetId),
    InternetGateway(AssociationId, InternetGatewayId),
    /// A gateway of another kind, whose table the model does not know.
    Other(String),
    /// Nothing any more, or not yet.
    Nothing(Option<SubnetId>, String),
}

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: RouteTableId = element.required("RouteTableId")?;
    let scope = reading.scope(element, page)?;
    let vpc: VpcId = element.required("VpcId")?;
    let mut table = RouteTable {
        id: id.clone(),
        scope: scope.clone(),
        vpc,
        index: 0,
        main: None,
        associations: BTreeMap::new(),
        gateways: BTreeMap::new(),
        propagating: None,
        routes: Vec::new(),
    };
    let associations = reading.each(page, id.as_str(), &Bearing::Flow, element.list("Associations"), association);
    for associated in associations {
        associate(reading, &mut table, associated);
    }
    let propagating = reading.each(page, id.as_str(), &Bearing::Nothing, element.list("PropagatingVgws"), |one| {
        one.required::<VpnGatewayId>("GatewayId")
    });
    table.propagating = propagating.into_iter().next();
    let mut destinations = BTreeSet::new();
    for told in reading.each(page, id.as_str(), &Bearing::Flow, element.told_list("Routes"), |one| route(one, &id)) {
        let is_first = destinations.insert(told.route.destination.clone());
        take(reading, &mut table, told, is_first);
    }
    reading.told_destinations.entry(id.clone()).or_default().extend(destinations);
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.route_tables, table);
    Ok(())
}

fn association(one: &Element<'_>) -> Result<Associated, Fault> {
    let state = one.object("AssociationState")?.map(|state| state.text("State")).transpose()?.flatten();
    let subnet: Option<SubnetId> = one.optional("SubnetId")?;
    if let Some(state) = state.filter(|state| *state != "associated") {
        return Ok(Associated::Nothing(subnet, state.to_owned()));
    }
    let id: AssociationId = one.required("RouteTableAssociationId")?;
    if one.flag("Main")?.unwrap_or_default() {
        return Ok(Associated::Main(id));
    }
    match (subnet, one.text("GatewayId")?) {
        (Some(subnet), _) => Ok(Associated::Subnet(id, subnet)),
        (None, Some(gateway)) => Ok(match gateway.parse() {
            Ok(gateway) => Associated::InternetGateway(id, gateway),
            Err(_) => Associated::Other(gateway.to_owned()),
        }),
        (None, None) => Err(one.fault("names neither a subnet nor a gateway")),
    }
}

fn associate(reading: &mut Reading, table: &mut RouteTable, associated: Associated) {
    match associated {
        Associated::Main(id) => table.main = Some(id),
        Associated::Subnet(id, subnet) => {
            table.associations.insert(id, subnet);
        }
        Associated::InternetGateway(id, gateway) => {
            table.gateways.insert(id, gateway);
        }
        Associated::Other(gateway) => {
            let why = format!("{} is its route table, as in the model only internet gateways have one", table.id);
            reading.open(&gateway, "how it routes what comes in", why, Bearing::Flow);
        }
        Associated::Nothing(Some(subnet), state) if state != "disassociated" => {
            let why = format!("the state of its association with {} is {state}", table.id);
            reading.open(subnet.as_str(), "its route table", why, Bearing::Flow);
        }
        Associated::Nothing(..) => {}
    }
}

fn route(one: &Element<'_>, table: &RouteTableId) -> Result<ToldRoute, Fault> {
    let ipv4 = one.optional("DestinationCidrBlock")?.map(Destination::Cidr);
    let ipv6 = one.optional("DestinationIpv6CidrBlock")?.map(Destination::Ipv6);
    let list = one.optional::<PrefixListId>("DestinationPrefixListId")?.map(Destination::PrefixList);
    let destination = ipv4.or(ipv6).or(list).ok_or_else(|| one.fault("has no destination"))?;
    let is_active = one.text("State")? != Some("blackhole");
    // The target of a black hole may be gone without leaving a name.
    let target = match route_target::read(one)? {
        Some(target) => target,
        None if !is_active => RouteTarget::unknown("nothing"),
        None => return Err(one.fault("has no target that is known")),
    };
    Ok(ToldRoute { table: table.clone(), route: Route { destination, target }, is_active })
}

/// Takes a route. What is local follows from the VPC, and what leads to gateway endpoints from those; both are compared
/// with what is told once everything is read.
fn take(reading: &mut Reading, table: &mut RouteTable, told: ToldRoute, is_first: bool) {
    match (&told.route.target, &told.route.destination) {
        (RouteTarget::Local, _) => {}
        (RouteTarget::GatewayEndpoint(endpoint), Destination::PrefixList(list)) => {
            let routes = reading.endpoint_routes.entry(endpoint.clone()).or_default();
            routes.insert((told.table.clone(), list.clone()));
        }
        (RouteTarget::GatewayEndpoint(_), _) => {}
        _ if is_first => table.routes.push(told.route.clone()),
        _ => {}
    }
    reading.routes.push(told);
}

/// What goes to a destination, as something unknown that bears on it: all that leaves the VPC, if it is a list of which the
/// blocks are not known.
pub(super) fn bearing(destination: &Destination, list: Option<&sidegate_model::PrefixList>) -> Bearing {
    match (destination, list) {
        (Destination::Cidr(block), _) => Bearing::Destinations(vec![(*block).into()]),
        (Destination::Ipv6(block), _) => Bearing::Destinations(vec![(*block).into()]),
        (Destination::PrefixList(_), Some(list)) => {
            let ipv4 = list.cidrs.iter().map(|&block| IpCidr::from(block));
            Bearing::Destinations(ipv4.chain(list.cidrs6.iter().map(|&block| block.into())).collect())
        }
        (Destination::PrefixList(_), None) => Bearing::Outward,
    }
}
