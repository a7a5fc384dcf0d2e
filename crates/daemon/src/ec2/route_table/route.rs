//! Routes: CreateRoute, ReplaceRoute, DeleteRoute.

// coverage: ec2:CreateRoute, ec2:ReplaceRoute: a route of IPv6 to a NAT gateway, for NAT64, is a black hole

use sidegate_model::{
    Attachment, CreateRoute, Destination, EgressOnlyInternetGatewayId, InstanceId, InternetGatewayId, NatGatewayId,
    Route, RouteTable, RouteTableId, RouteTarget, Scope, VpcEndpointId, VpnGatewayId, World,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};
use super::super::parameter::{self, absent};
use super::super::{fault, refused};

/// A route of a table as answers show it.
pub(super) fn render(world: &World, table: &RouteTable, route: &Route) -> ec2::Route {
    let mut answer = ec2::Route {
        origin: Some("CreateRoute".to_owned()),
        state: Some(world.route_state(table, &route.target).as_str().to_owned()),
        ..Default::default()
    };
    if world.is_local(table, &route.destination) {
        answer.origin = Some("CreateRouteTable".to_owned());
    }
    match &route.destination {
        Destination::Cidr(cidr) => answer.destination_cidr_block = Some(cidr.to_string()),
        Destination::Ipv6(cidr) => answer.destination_ipv6_cidr_block = Some(cidr.to_string()),
        Destination::PrefixList(list) => answer.destination_prefix_list_id = Some(list.to_string()),
    }
    match &route.target {
        RouteTarget::Local => answer.gateway_id = Some("local".to_owned()),
        RouteTarget::GatewayEndpoint(endpoint) => answer.gateway_id = Some(endpoint.to_string()),
        RouteTarget::InternetGateway(gateway) => answer.gateway_id = Some(gateway.to_string()),
        RouteTarget::VpnGateway(gateway) => answer.gateway_id = Some(gateway.to_string()),
        RouteTarget::EgressOnlyInternetGateway(gateway) => {
            answer.egress_only_internet_gateway_id = Some(gateway.to_string());
        }
        RouteTarget::NatGateway(gateway) => answer.nat_gateway_id = Some(gateway.to_string()),
        RouteTarget::Peering(peering) => answer.vpc_peering_connection_id = Some(peering.to_string()),
        RouteTarget::Interface(id) => {
            answer.network_interface_id = Some(id.to_string());
            if let Some(interface) = world.interfaces.get(id)
                && let Attachment::Instance { instance, .. } = &interface.attachment
            {
                answer.instance_id = Some(instance.to_string());
                answer.instance_owner_id = Some(interface.scope.account.to_string());
            }
        }
    }
    answer
}

/// The value that a route has under a filter `route.…`.
pub(super) fn value(route: ec2::Route, filter: &str) -> Option<String> {
    match filter {
        "destination-cidr-block" => route.destination_cidr_block,
        "destination-ipv6-cidr-block" => route.destination_ipv6_cidr_block,
        "destination-prefix-list-id" => route.destination_prefix_list_id,
        "egress-only-internet-gateway-id" => route.egress_only_internet_gateway_id,
        "gateway-id" => route.gateway_id,
        "instance-id" => route.instance_id,
        "nat-gateway-id" => route.nat_gateway_id,
        "origin" => route.origin,
        "state" => route.state,
        "vpc-peering-connection-id" => route.vpc_peering_connection_id,
        // There are no transit gateways here.
        _ => None,
    }
}

/// The targets that the requests of CreateRoute and ReplaceRoute name, by the parameter's name.
macro_rules! targets {
    ($request:expr) => {
        [
            ("gatewayId", $request.gateway_id.as_deref()),
            ("natGatewayId", $request.nat_gateway_id.as_deref()),
            ("networkInterfaceId", $request.network_interface_id.as_deref()),
            ("instanceId", $request.instance_id.as_deref()),
            ("vpcEndpointId", $request.vpc_endpoint_id.as_deref()),
            ("vpcPeeringConnectionId", $request.vpc_peering_connection_id.as_deref()),
            ("egressOnlyInternetGatewayId", $request.egress_only_internet_gateway_id.as_deref()),
            ("transitGatewayId", $request.transit_gateway_id.as_deref()),
            ("localGatewayId", $request.local_gateway_id.as_deref()),
            ("carrierGatewayId", $request.carrier_gateway_id.as_deref()),
            ("coreNetworkArn", $request.core_network_arn.as_deref()),
            ("odbNetworkArn", $request.odb_network_arn.as_deref()),
        ]
    };
}

/// The parameters that name the destination.
macro_rules! destinations {
    ($request:expr) => {
        [
            ("destinationCidrBlock", $request.destination_cidr_block.as_deref()),
            ("destinationIpv6CidrBlock", $request.destination_ipv6_cidr_block.as_deref()),
            ("destinationPrefixListId", $request.destination_prefix_list_id.as_deref()),
        ]
    };
}

/// What Sidegate does not have as a target, with AWS's code and noun for one that does not exist. Of other targets the
/// code is not documented.
///
/// Source: EC2 API reference, "Error codes".
const ABSENT: &[(&str, &str, &str)] = &[
    ("transitGatewayId", "InvalidTransitGatewayID.NotFound", "transitGateway ID"),
    ("carrierGatewayId", "InvalidCarrierGatewayID.NotFound", "carrierGateway ID"),
];

/// The one parameter of several that is given.
fn exactly_one<'r, const N: usize>(
    parameters: [(&'static str, Option<&'r str>); N],
) -> Result<(&'static str, &'r str), Failure> {
    let mut given = parameters.iter().filter_map(|(name, value)| value.map(|value| (*name, value)));
    match (given.next(), given.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => {
            let names = parameters.map(|(name, _)| name).join(", ");
            Err(refused("MissingParameter", format!("The request must contain exactly one of {names}")))
        }
        (Some(_), Some(_)) => {
            let names = parameters.map(|(name, _)| name).join(", ");
            Err(refused("InvalidParameterCombination", format!("The request must contain exactly one of {names}")))
        }
    }
}

/// The destination.
fn destination((parameter, text): (&'static str, &str)) -> Result<Destination, Failure> {
    match parameter {
        "destinationPrefixListId" => Ok(Destination::PrefixList(ids::id(text)?)),
        "destinationIpv6CidrBlock" => Ok(Destination::Ipv6(parameter::ipv6_cidr(parameter, text)?)),
        _ => Ok(Destination::Cidr(parameter::cidr(parameter, text)?)),
    }
}

/// The target that a parameter names.
fn target(call: &Call<'_>, (parameter, text): (&'static str, &str)) -> Result<RouteTarget, Failure> {
    match parameter {
        "networkInterfaceId" => Ok(RouteTarget::Interface(ids::id(text)?)),
        "instanceId" => instance(call, &ids::id(text)?),
        "gatewayId" if text == "local" => Ok(RouteTarget::Local),
        "gatewayId" if text.starts_with(VpcEndpointId::PREFIX) => endpoint(call, text),
        "gatewayId" if text.starts_with(InternetGatewayId::PREFIX) => Ok(RouteTarget::InternetGateway(ids::id(text)?)),
        // EC2 takes any gateway here, and shows it by its kind.
        "gatewayId" if text.starts_with(NatGatewayId::PREFIX) => Ok(RouteTarget::NatGateway(ids::id(text)?)),
        "gatewayId" if text.starts_with(EgressOnlyInternetGatewayId::PREFIX) => {
            Ok(RouteTarget::EgressOnlyInternetGateway(ids::id(text)?))
        }
        "gatewayId" if text.starts_with(VpnGatewayId::PREFIX) => Ok(RouteTarget::VpnGateway(ids::id(text)?)),
        "gatewayId" => Err(refused("InvalidParameterValue", format!("invalid value for parameter gateway-id: {text}"))),
        "natGatewayId" => Ok(RouteTarget::NatGateway(ids::id(text)?)),
        "egressOnlyInternetGatewayId" => Ok(RouteTarget::EgressOnlyInternetGateway(ids::id(text)?)),
        "vpcPeeringConnectionId" => Ok(RouteTarget::Peering(ids::id(text)?)),
        "vpcEndpointId" => endpoint(call, text),
        _ => {
            let known = ABSENT.iter().find(|(name, ..)| *name == parameter);
            Err(match known {
                Some((_, code, noun)) => refused(code, format!("The {noun} '{text}' does not exist")),
                None => absent(&capitalised(parameter), "Sidegate has no such targets of routes"),
            })
        }
    }
}

/// A parameter's name as requests have it.
fn capitalised(parameter: &str) -> String {
    let mut characters = parameter.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

/// An endpoint as a target. The model refuses every kind that there is; one that does not exist is refused first.
fn endpoint(call: &Call<'_>, text: &str) -> Result<RouteTarget, Failure> {
    let id: VpcEndpointId = ids::id(text)?;
    call.world().endpoint(call.scope(), &id).map_err(|error| fault::of(&error))?;
    Ok(RouteTarget::GatewayEndpoint(id))
}

/// The one interface of an instance.
fn instance(call: &Call<'_>, id: &InstanceId) -> Result<RouteTarget, Failure> {
    let world = call.world();
    let instance = world.instance(call.scope(), id).map_err(|error| fault::of(&error))?;
    match &instance.interface {
        Some(interface) => Ok(RouteTarget::Interface(interface.clone())),
        None => {
            let message = format!("There are no interfaces attached to instance '{id}'.");
            Err(refused("InvalidInstanceID", message))
        }
    }
}

impl Action for ec2::CreateRouteRequest {
    type Answer = ec2::CreateRouteResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "route-table", self.route_table_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateRouteResult, Failure> {
        let table: RouteTableId = ids::given(self.route_table_id.as_deref(), "RouteTableId")?;
        let destination = destination(exactly_one(destinations!(self))?)?;
        let target = target(call, exactly_one(targets!(self))?)?;
        let route = CreateRoute { table, destination, target };
        call.change(move |world, context| world.create_route(context, route)).await?;
        Ok(ec2::CreateRouteResult { r#return: Some(true) })
    }
}

impl Action for ec2::ReplaceRouteRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "route-table", self.route_table_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let table: RouteTableId = ids::given(self.route_table_id.as_deref(), "RouteTableId")?;
        let destination = destination(exactly_one(destinations!(self))?)?;
        let target = match (self.local_target == Some(true), targets!(self).iter().any(|(_, t)| t.is_some())) {
            (true, true) => {
                let message = "The parameter localTarget cannot be used together with another target.";
                return Err(refused("InvalidParameterCombination", message));
            }
            (true, false) => RouteTarget::Local,
            (false, _) => target(call, exactly_one(targets!(self))?)?,
        };
        let route = CreateRoute { table, destination, target };
        call.change(move |world, context| world.replace_route(context, route)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DeleteRouteRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "route-table", self.route_table_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let table: RouteTableId = ids::given(self.route_table_id.as_deref(), "RouteTableId")?;
        let destination = destination(exactly_one(destinations!(self))?)?;
        call.change(move |world, context| world.delete_route(context, &table, &destination)).await?;
        Ok(ec2::Return)
    }
}
