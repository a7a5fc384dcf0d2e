//! Where a route leads, by the one of its members that says so.
//!
//! Source: EC2 API reference, `Route`.

use sidegate_model::{
    EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, NetworkInterfaceId, RouteTarget, VpcEndpointId,
    VpcPeeringConnectionId, VpnGatewayId,
};

use super::element::{Element, Fault, shown};

/// The members that name targets which the model has none of.
const OTHERS: [&str; 6] =
    ["TransitGatewayId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn", "OdbNetworkArn", "InstanceId"];

/// The target of a route; nothing for one without.
pub(super) fn read(route: &Element<'_>) -> Result<Option<RouteTarget>, Fault> {
    // A route to an instance names its interface too.
    if let Some(interface) = route.optional::<NetworkInterfaceId>("NetworkInterfaceId")? {
        return Ok(Some(RouteTarget::Interface(interface)));
    }
    if let Some(gateway) = route.optional::<NatGatewayId>("NatGatewayId")? {
        return Ok(Some(RouteTarget::NatGateway(gateway)));
    }
    if let Some(peering) = route.optional::<VpcPeeringConnectionId>("VpcPeeringConnectionId")? {
        return Ok(Some(RouteTarget::Peering(peering)));
    }
    if let Some(gateway) = route.optional::<EgressOnlyInternetGatewayId>("EgressOnlyInternetGatewayId")? {
        return Ok(Some(RouteTarget::EgressOnlyInternetGateway(gateway)));
    }
    if let Some(text) = route.text("GatewayId")? {
        return gateway(route, text).map(Some);
    }
    for key in OTHERS {
        if let Some(name) = route.text(key)? {
            return Ok(Some(RouteTarget::unknown(&shown(name))));
        }
    }
    Ok(None)
}

/// What a gateway is, by its id: of a VPC, a virtual private one, or an endpoint.
fn gateway(route: &Element<'_>, text: &str) -> Result<RouteTarget, Fault> {
    if text == "local" {
        return Ok(RouteTarget::Local);
    }
    if text.starts_with(InternetGatewayId::PREFIX) {
        return Ok(RouteTarget::InternetGateway(route.required("GatewayId")?));
    }
    if text.starts_with(VpnGatewayId::PREFIX) {
        return Ok(RouteTarget::VpnGateway(route.required("GatewayId")?));
    }
    if text.starts_with(VpcEndpointId::PREFIX) {
        return Ok(RouteTarget::GatewayEndpoint(route.required("GatewayId")?));
    }
    Ok(RouteTarget::unknown(&shown(text)))
}

/// The id of what a route leads to.
pub(super) fn name(target: &RouteTarget) -> String {
    match target {
        RouteTarget::Local => "local".to_owned(),
        RouteTarget::GatewayEndpoint(id) => id.to_string(),
        RouteTarget::Interface(id) => id.to_string(),
        RouteTarget::InternetGateway(id) => id.to_string(),
        RouteTarget::EgressOnlyInternetGateway(id) => id.to_string(),
        RouteTarget::VpnGateway(id) => target.unknown_name().map_or_else(|| id.to_string(), str::to_owned),
        RouteTarget::NatGateway(id) => id.to_string(),
        RouteTarget::Peering(id) => id.to_string(),
    }
}
