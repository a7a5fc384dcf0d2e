//! CreateNatGateway, DeleteNatGateway, DescribeNatGateways.

// coverage: ec2:CreateNatGateway: one address each; regional ones are refused

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::net::Ipv4Addr;

use sidegate_model::{
    AllocationId, Connectivity, CreateNatGateway, NatGateway, NatGatewayAddress, NatGatewayId, NatGatewayState, Scope,
    SubnetId, World, Zone,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{self, arn};
use super::page::Page;
use super::parameter::absent;
use super::{client_token, refused, tag, tagged};

/// The name under which tokens of CreateNatGateway are kept, and the kind of its resources.
const CREATE: &str = "CreateNatGateway";
const KIND: &str = "natgateway";

/// The filters of DescribeNatGateways.
const FILTERS: &[&str] = &["nat-gateway-id", "state", "subnet-id", "tag-key", "tag-value", "tag:", "vpc-id"];

const NO_SECONDARY: &str = "a NAT gateway has one address here";
const NO_REGIONAL: &str = "a NAT gateway is in one zone here";

impl Action for ec2::CreateNatGatewayRequest {
    type Answer = ec2::CreateNatGatewayResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![
            arn(scope, KIND, "*"),
            arn(scope, "subnet", self.subnet_id.as_deref().unwrap_or("*")),
            arn(scope, "elastic-ip", self.allocation_id.as_deref().unwrap_or("*")),
        ]
    }

    async fn act(mut self, call: &Call<'_>) -> Result<ec2::CreateNatGatewayResult, Failure> {
        self.dry_run = None;
        let client_token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        let wanted = wanted(&self)?;
        let tags = tagged::specified(&self.tag_specifications, KIND, &[])?;
        let token = client_token.clone();
        let gateway = call
            .change(move |world, context| {
                let known = match &token {
                    Some(token) => world.replay(context, CREATE, token, &parameters)?,
                    None => None,
                };
                if let Some(made) = known {
                    return Ok(render(world, world.nat_gateway(&context.scope, &made.parse()?)?));
                }
                let id = world.create_nat_gateway(context, wanted)?;
                tag::put(world, context, id.as_str(), &tags)?;
                if let Some(token) = &token {
                    world.remember(context, CREATE, token, &parameters, id.as_str());
                }
                Ok(render(world, world.nat_gateway(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateNatGatewayResult { client_token, nat_gateway: Some(gateway) })
    }
}

/// What a request asks for.
fn wanted(request: &ec2::CreateNatGatewayRequest) -> Result<CreateNatGateway, Failure> {
    let secondary = [
        ("SecondaryAllocationId", !request.secondary_allocation_ids.is_empty()),
        ("SecondaryPrivateIpAddress", !request.secondary_private_ip_addresses.is_empty()),
        ("SecondaryPrivateIpAddressCount", request.secondary_private_ip_address_count.is_some_and(|n| n != 0)),
    ];
    if let Some((name, _)) = secondary.into_iter().find(|(_, given)| *given) {
        return Err(absent(name, NO_SECONDARY));
    }
    if request.availability_mode.as_deref().is_some_and(|mode| mode != "zonal") || request.vpc_id.is_some() {
        return Err(absent("AvailabilityMode", NO_REGIONAL));
    }
    if !request.availability_zone_addresses.is_empty() {
        return Err(absent("AvailabilityZoneAddress", NO_REGIONAL));
    }
    let subnet: SubnetId = ids::given(request.subnet_id.as_deref(), "SubnetId")?;
    let allocation = request.allocation_id.as_deref().map(ids::id::<AllocationId>).transpose()?;
    match (request.connectivity_type.as_deref().unwrap_or("public"), &allocation) {
        ("public", Some(_)) | ("private", None) => {}
        ("public", None) => {
            return Err(refused("MissingParameter", "The request must contain the parameter AllocationId"));
        }
        ("private", Some(_)) => {
            let message = "AllocationId cannot be specified for a private NAT gateway.";
            return Err(refused("InvalidParameter", message));
        }
        (other, _) => {
            let message = format!(
                "Value ({other}) for parameter connectivityType is invalid. Valid values are public and private."
            );
            return Err(refused("InvalidParameterValue", message));
        }
    }
    let private = request.private_ip_address.as_deref().map(address).transpose()?;
    Ok(CreateNatGateway { subnet, allocation, private })
}

fn address(text: &str) -> Result<Ipv4Addr, Failure> {
    text.parse().map_err(|_| {
        refused("InvalidParameterValue", format!("Value ({text}) for parameter privateIpAddress is invalid."))
    })
}

impl Action for ec2::DeleteNatGatewayRequest {
    type Answer = ec2::DeleteNatGatewayResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, self.nat_gateway_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DeleteNatGatewayResult, Failure> {
        let id: NatGatewayId = ids::given(self.nat_gateway_id.as_deref(), "NatGatewayId")?;
        let name = id.to_string();
        call.change(move |world, context| world.delete_nat_gateway(context, &id)).await?;
        Ok(ec2::DeleteNatGatewayResult { nat_gateway_id: Some(name) })
    }
}

impl Action for ec2::DescribeNatGatewaysRequest {
    type Answer = ec2::DescribeNatGatewaysResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeNatGatewaysResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let now = call.caller.now;
        let filters = Filters::read(&self.filter, FILTERS)?;
        let missing = |id: &NatGatewayId| sidegate_model::Error::NatGatewayNotFound(id.clone());
        let mut gateways = ids::chosen(
            &world.nat_gateways,
            &ids::ids(&self.nat_gateway_ids)?,
            |gateway| gateway.scope == *scope && gateway.is_shown(now),
            missing,
        )?;
        gateways.retain(|gateway| filters.pass(|filter| values(&world, gateway, filter)));
        let page = Page::cut(gateways, |g| g.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeNatGatewaysResult {
            next_token: page.next_token,
            nat_gateways: page.items.into_iter().map(|gateway| render(&world, gateway)).collect(),
        })
    }
}

fn state(gateway: &NatGateway) -> &'static str {
    match gateway.state {
        NatGatewayState::Available => "available",
        NatGatewayState::Failed { .. } => "failed",
        NatGatewayState::Deleted => "deleted",
    }
}

fn render(world: &World, gateway: &NatGateway) -> ec2::NatGateway {
    let (failure_code, failure_message) = match &gateway.state {
        NatGatewayState::Failed { code, message } => (Some(code.clone()), Some(message.clone())),
        NatGatewayState::Available | NatGatewayState::Deleted => (None, None),
    };
    let zone = world.subnets.get(&gateway.subnet).map(|subnet| subnet.zone);
    let address = |(place, address): (usize, &NatGatewayAddress)| ec2::NatGatewayAddress {
        allocation_id: address.allocation.as_ref().map(ToString::to_string),
        association_id: address.association.as_ref().map(ToString::to_string),
        network_interface_id: gateway.interface.as_ref().map(ToString::to_string),
        private_ip: address.private.as_ref().map(ToString::to_string),
        public_ip: address.public.as_ref().map(ToString::to_string),
        is_primary: Some(place == 0),
        status: Some(if gateway.is_available() { "succeeded" } else { "failed" }.to_owned())
            .filter(|_| gateway.state != NatGatewayState::Deleted),
        failure_message: failure_message.clone(),
        availability_zone: zone.map(Zone::name),
        availability_zone_id: zone.map(Zone::id),
    };
    ec2::NatGateway {
        create_time: Some(ec2::Timestamp::from_unix_millis(gateway.created)),
        delete_time: gateway.ended.map(ec2::Timestamp::from_unix_millis),
        failure_code,
        failure_message: failure_message.clone(),
        nat_gateway_addresses: gateway.addresses.iter().enumerate().map(address).collect(),
        nat_gateway_id: Some(gateway.id.to_string()),
        state: Some(state(gateway).to_owned()),
        subnet_id: Some(gateway.subnet.to_string()),
        vpc_id: Some(gateway.vpc.to_string()),
        tags: tagged::shown(world, gateway.id.as_str()),
        connectivity_type: Some(
            match gateway.connectivity {
                Connectivity::Public => "public",
                Connectivity::Private => "private",
            }
            .to_owned(),
        ),
        availability_mode: Some("zonal".to_owned()),
        ..ec2::NatGateway::default()
    }
}

fn values<'r>(world: &'r World, gateway: &'r NatGateway, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "nat-gateway-id" => one(gateway.id.as_str()),
        "state" => one(state(gateway)),
        "subnet-id" => one(gateway.subnet.as_str()),
        "vpc-id" => one(gateway.vpc.as_str()),
        _ => tag_values(world, gateway.id.as_str(), filter).unwrap_or_default(),
    }
}
