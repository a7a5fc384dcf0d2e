//! CreateVpnGateway, DeleteVpnGateway, AttachVpnGateway, DetachVpnGateway, DescribeVpnGateways.

// coverage: ec2:CreateVpnGateway: no VPN connection leads to one, so that nothing comes by it and what is routed to it is lost

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{AmazonSideAsn, Scope, VpcId, VpnGateway, VpnGatewayId, World, Zone};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{self, arn, required};
use super::{fault, refused, tag, tagged};

/// The kind of these resources in ARNs and tag specifications.
const KIND: &str = "vpn-gateway";

/// The one type of VPN connections that there is.
const TYPE: &str = "ipsec.1";

/// The filters of DescribeVpnGateways.
const FILTERS: &[&str] = &[
    "amazon-side-asn",
    "attachment.state",
    "attachment.vpc-id",
    "availability-zone",
    "state",
    "tag-key",
    "tag-value",
    "tag:",
    "type",
    "vpn-gateway-id",
];

impl Action for ec2::CreateVpnGatewayRequest {
    type Answer = ec2::CreateVpnGatewayResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateVpnGatewayResult, Failure> {
        let kind = required(self.r#type.as_deref(), "Type")?;
        if kind != TYPE {
            let message = format!("Value ({kind}) for parameter type is invalid. The valid value is {TYPE}.");
            return Err(refused("InvalidParameterValue", message));
        }
        let asn = self.amazon_side_asn.map(AmazonSideAsn::new).transpose().map_err(|error| fault::of(&error))?;
        // Terraform's provider sends an empty one where it has none.
        let zone = self.availability_zone.as_deref().filter(|name| !name.is_empty());
        let zone = zone.map(|name| self::zone(call.scope(), name)).transpose()?;
        let tags = tagged::specified(&self.tag_specifications, KIND, &[])?;
        let now = call.caller.now;
        let gateway = call
            .change(move |world, context| {
                let id = world.create_vpn_gateway(context, asn.unwrap_or_default(), zone)?;
                tag::put(world, context, id.as_str(), &tags)?;
                Ok(render(world, now, world.vpn_gateway(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateVpnGatewayResult { vpn_gateway: Some(gateway) })
    }
}

/// The zone of this name.
fn zone(scope: &Scope, name: &str) -> Result<Zone, Failure> {
    Zone::find(scope.region, name)
        .map_err(|_| refused("InvalidZone.NotFound", format!("The zone '{name}' does not exist.")))
}

impl Action for ec2::DeleteVpnGatewayRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, self.vpn_gateway_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: VpnGatewayId = ids::given(self.vpn_gateway_id.as_deref(), "VpnGatewayId")?;
        call.change(move |world, context| world.delete_vpn_gateway(context, &id)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::AttachVpnGatewayRequest {
    type Answer = ec2::AttachVpnGatewayResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        both(scope, self.vpn_gateway_id.as_deref(), self.vpc_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::AttachVpnGatewayResult, Failure> {
        let (id, vpc) = named(self.vpn_gateway_id.as_deref(), self.vpc_id.as_deref())?;
        let attached = vpc.clone();
        call.change(move |world, context| world.attach_vpn_gateway(context, &id, &vpc)).await?;
        // It is attached by now, but AWS answers at the beginning.
        Ok(ec2::AttachVpnGatewayResult { vpc_attachment: Some(attachment(&attached, "attaching")) })
    }
}

impl Action for ec2::DetachVpnGatewayRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        both(scope, self.vpn_gateway_id.as_deref(), self.vpc_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let (id, vpc) = named(self.vpn_gateway_id.as_deref(), self.vpc_id.as_deref())?;
        call.change(move |world, context| world.detach_vpn_gateway(context, &id, &vpc)).await?;
        Ok(ec2::Return)
    }
}

fn both(scope: &Scope, gateway: Option<&str>, vpc: Option<&str>) -> Vec<String> {
    vec![arn(scope, KIND, gateway.unwrap_or("*")), arn(scope, "vpc", vpc.unwrap_or("*"))]
}

fn named(gateway: Option<&str>, vpc: Option<&str>) -> Result<(VpnGatewayId, VpcId), Failure> {
    Ok((ids::given(gateway, "VpnGatewayId")?, ids::given(vpc, "VpcId")?))
}

impl Action for ec2::DescribeVpnGatewaysRequest {
    type Answer = ec2::DescribeVpnGatewaysResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeVpnGatewaysResult, Failure> {
        let (world, scope, now) = (call.world(), call.scope(), call.caller.now);
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut gateways = ids::chosen(
            &world.vpn_gateways,
            &ids::ids(&self.vpn_gateway_ids)?,
            |gateway| gateway.scope == *scope && gateway.is_shown(now),
            VpnGatewayId::not_found,
        )?;
        gateways.retain(|gateway| filters.pass(|filter| values(&world, now, gateway, filter)));
        Ok(ec2::DescribeVpnGatewaysResult {
            vpn_gateways: gateways.into_iter().map(|gateway| render(&world, now, gateway)).collect(),
        })
    }
}

fn state(gateway: &VpnGateway) -> &'static str {
    if gateway.is_available() { "available" } else { "deleted" }
}

/// The VPC of an attachment and its state; one that has ended is shown for a while.
fn attached(gateway: &VpnGateway, now: i64) -> Option<(&VpcId, &'static str)> {
    let former = || gateway.shown_former(now).map(|former| (&former.vpc, "detached"));
    gateway.vpc.as_ref().map(|vpc| (vpc, "attached")).or_else(former)
}

fn attachment(vpc: &VpcId, state: &str) -> ec2::VpcAttachment {
    ec2::VpcAttachment { vpc_id: Some(vpc.to_string()), state: Some(state.to_owned()) }
}

fn render(world: &World, now: i64, gateway: &VpnGateway) -> ec2::VpnGateway {
    ec2::VpnGateway {
        amazon_side_asn: Some(gateway.asn.into()),
        tags: tagged::shown(world, gateway.id.as_str()),
        vpn_gateway_id: Some(gateway.id.to_string()),
        state: Some(state(gateway).to_owned()),
        r#type: Some(TYPE.to_owned()),
        availability_zone: gateway.zone.map(Zone::name),
        vpc_attachments: attached(gateway, now).map(|(vpc, state)| attachment(vpc, state)).into_iter().collect(),
    }
}

fn values<'r>(world: &'r World, now: i64, gateway: &'r VpnGateway, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "amazon-side-asn" => one(gateway.asn.to_string()),
        "attachment.state" => attached(gateway, now).map(|(_, state)| state.into()).into_iter().collect(),
        "attachment.vpc-id" => attached(gateway, now).map(|(vpc, _)| vpc.as_str().into()).into_iter().collect(),
        "availability-zone" => gateway.zone.map(|zone| zone.name().into()).into_iter().collect(),
        "state" => one(state(gateway)),
        "type" => one(TYPE),
        "vpn-gateway-id" => one(gateway.id.as_str()),
        _ => tag_values(world, gateway.id.as_str(), filter).unwrap_or_default(),
    }
}
