//! CreateNatGateway, DeleteNatGateway, DescribeNatGateways. What changes the addresses of a gateway that is there is in
//! `nat_gateway/address.rs`.

// coverage: ec2:CreateNatGateway: regional ones are refused

mod address;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{
    AssignNatAddresses, AssociateNatAddresses, Connectivity, CreateNatGateway, NatGateway, NatGatewayId,
    NatGatewayState, NatSources, Scope, SubnetId, World,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{self, arn};
use super::parameter::absent;
use super::{client_token, refused, tag, tagged};

/// The name under which tokens of CreateNatGateway are kept, and the kind of its resources.
const CREATE: &str = "CreateNatGateway";
const KIND: &str = "natgateway";

/// The filters of DescribeNatGateways.
const FILTERS: &[&str] = &["nat-gateway-id", "state", "subnet-id", "tag-key", "tag-value", "tag:", "vpc-id"];

const NO_REGIONAL: &str = "a NAT gateway is in one zone here";

impl Action for ec2::CreateNatGatewayRequest {
    type Answer = ec2::CreateNatGatewayResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        [
            arn(scope, KIND, "*"),
            arn(scope, "subnet", self.subnet_id.as_deref().unwrap_or("*")),
            arn(scope, "elastic-ip", self.allocation_id.as_deref().unwrap_or("*")),
        ]
        .into_iter()
        .chain(self.secondary_allocation_ids.iter().map(|id| arn(scope, "elastic-ip", id)))
        .collect()
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
                    return Ok(created(world, world.nat_gateway(&context.scope, &made.parse()?)?));
                }
                let id = world.create_nat_gateway(context, wanted)?;
                tag::put(world, context, id.as_str(), &tags)?;
                if let Some(token) = &token {
                    world.remember(context, CREATE, token, &parameters, id.as_str());
                }
                Ok(created(world, world.nat_gateway(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateNatGatewayResult { client_token, nat_gateway: Some(gateway) })
    }
}

/// A gateway in the answer of the call that made it: it is pending there. One that could not be made says so at once.
///
/// Source: EC2 API reference, sample of `CreateNatGateway`.
fn created(world: &World, gateway: &NatGateway) -> ec2::NatGateway {
    let shown = render(world, gateway);
    match gateway.state {
        NatGatewayState::Available => ec2::NatGateway { state: Some("pending".to_owned()), ..shown },
        NatGatewayState::Failed { .. } | NatGatewayState::Deleted => shown,
    }
}

/// What a request asks for.
fn wanted(request: &ec2::CreateNatGatewayRequest) -> Result<CreateNatGateway, Failure> {
    if request.availability_mode.as_deref().is_some_and(|mode| mode != "zonal") || request.vpc_id.is_some() {
        return Err(absent("AvailabilityMode", NO_REGIONAL));
    }
    if !request.availability_zone_addresses.is_empty() {
        return Err(absent("AvailabilityZoneAddress", NO_REGIONAL));
    }
    let subnet: SubnetId = ids::given(request.subnet_id.as_deref(), "SubnetId")?;
    let sources = match request.connectivity_type.as_deref().unwrap_or("public") {
        "public" => public(request)?,
        "private" => private(request)?,
        other => {
            let message = format!(
                "Value ({other}) for parameter connectivityType is invalid. Valid values are public and private."
            );
            return Err(refused("InvalidParameterValue", message));
        }
    };
    let private = request.private_ip_address.as_deref().map(address::ipv4).transpose()?;
    Ok(CreateNatGateway { subnet, private, sources })
}

/// The addresses of a public gateway.
fn public(request: &ec2::CreateNatGatewayRequest) -> Result<NatSources, Failure> {
    let allocation = request
        .allocation_id
        .as_deref()
        .ok_or_else(|| refused("MissingParameter", "The request must contain the parameter AllocationId"))?;
    if request.secondary_private_ip_address_count.is_some() {
        let message = "SecondaryPrivateIpAddressCount cannot be specified for a public NAT gateway.";
        return Err(refused("InvalidParameter", message));
    }
    let (allocations, private) = (&request.secondary_allocation_ids, &request.secondary_private_ip_addresses);
    let secondary =
        AssociateNatAddresses { allocations: ids::ids(allocations)?, private: address::addresses(private)? };
    Ok(NatSources::Public { allocation: ids::id(allocation)?, secondary })
}

/// The addresses of a private gateway beside the primary one.
fn private(request: &ec2::CreateNatGatewayRequest) -> Result<NatSources, Failure> {
    let public = [
        ("AllocationId", request.allocation_id.is_some()),
        ("SecondaryAllocationId", !request.secondary_allocation_ids.is_empty()),
    ];
    if let Some((name, _)) = public.into_iter().find(|(_, given)| *given) {
        return Err(refused("InvalidParameter", format!("{name} cannot be specified for a private NAT gateway.")));
    }
    let private = address::addresses(&request.secondary_private_ip_addresses)?;
    let count = address::count("SecondaryPrivateIpAddressCount", request.secondary_private_ip_address_count)?;
    Ok(NatSources::Private(AssignNatAddresses { private, count }))
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
        let page =
            call.page(gateways, |g| g.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 1000))?;
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
    ec2::NatGateway {
        create_time: Some(ec2::Timestamp::from_unix_millis(gateway.created)),
        delete_time: gateway.ended.map(ec2::Timestamp::from_unix_millis),
        failure_code,
        failure_message,
        nat_gateway_addresses: gateway.addresses.iter().map(|own| address::shown(world, gateway, own)).collect(),
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
