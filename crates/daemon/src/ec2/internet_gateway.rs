//! CreateInternetGateway, DeleteInternetGateway, AttachInternetGateway, DetachInternetGateway, DescribeInternetGateways.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{InternetGateway, InternetGatewayId, Scope, VpcId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{self, arn};
use super::{tag, tagged};

/// The filters of DescribeInternetGateways.
const FILTERS: &[&str] =
    &["attachment.state", "attachment.vpc-id", "internet-gateway-id", "owner-id", "tag-key", "tag-value", "tag:"];

/// The state of an attachment: EC2 calls it available and not attached.
pub(super) const ATTACHED: &str = "available";

impl Action for ec2::CreateInternetGatewayRequest {
    type Answer = ec2::CreateInternetGatewayResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "internet-gateway", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateInternetGatewayResult, Failure> {
        let tags = tagged::specified(&self.tag_specifications, "internet-gateway", &[])?;
        let gateway = call
            .change(move |world, context| {
                let id = world.create_internet_gateway(context)?;
                tag::put(world, context, id.as_str(), &tags)?;
                Ok(render(world, world.internet_gateway(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateInternetGatewayResult { internet_gateway: Some(gateway) })
    }
}

impl Action for ec2::DeleteInternetGatewayRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "internet-gateway", self.internet_gateway_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: InternetGatewayId = ids::given(self.internet_gateway_id.as_deref(), "InternetGatewayId")?;
        call.change(move |world, context| world.delete_internet_gateway(context, &id)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::AttachInternetGatewayRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        both(scope, self.internet_gateway_id.as_deref(), self.vpc_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let (id, vpc) = named(self.internet_gateway_id.as_deref(), self.vpc_id.as_deref())?;
        call.change(move |world, context| world.attach_internet_gateway(context, &id, &vpc)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DetachInternetGatewayRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        both(scope, self.internet_gateway_id.as_deref(), self.vpc_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let (id, vpc) = named(self.internet_gateway_id.as_deref(), self.vpc_id.as_deref())?;
        call.change(move |world, context| world.detach_internet_gateway(context, &id, &vpc)).await?;
        Ok(ec2::Return)
    }
}

fn both(scope: &Scope, gateway: Option<&str>, vpc: Option<&str>) -> Vec<String> {
    vec![arn(scope, "internet-gateway", gateway.unwrap_or("*")), arn(scope, "vpc", vpc.unwrap_or("*"))]
}

fn named(gateway: Option<&str>, vpc: Option<&str>) -> Result<(InternetGatewayId, VpcId), Failure> {
    Ok((ids::given(gateway, "InternetGatewayId")?, ids::given(vpc, "VpcId")?))
}

impl Action for ec2::DescribeInternetGatewaysRequest {
    type Answer = ec2::DescribeInternetGatewaysResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeInternetGatewaysResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut gateways = ids::chosen(
            &world.internet_gateways,
            &ids::ids(&self.internet_gateway_ids)?,
            |gateway| gateway.scope == *scope,
            InternetGatewayId::not_found,
        )?;
        gateways.retain(|gateway| filters.pass(|filter| values(&world, gateway, filter)));
        let page =
            call.page(gateways, |g| g.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeInternetGatewaysResult {
            next_token: page.next_token,
            internet_gateways: page.items.into_iter().map(|gateway| render(&world, gateway)).collect(),
        })
    }
}

fn render(world: &World, gateway: &InternetGateway) -> ec2::InternetGateway {
    let attachment = |vpc: &VpcId| ec2::InternetGatewayAttachment {
        state: Some(ATTACHED.to_owned()),
        vpc_id: Some(vpc.to_string()),
    };
    ec2::InternetGateway {
        attachments: gateway.vpc.iter().map(attachment).collect(),
        internet_gateway_id: Some(gateway.id.to_string()),
        owner_id: Some(gateway.scope.account.to_string()),
        tags: tagged::shown(world, gateway.id.as_str()),
    }
}

fn values<'r>(world: &'r World, gateway: &'r InternetGateway, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "attachment.state" => gateway.vpc.iter().map(|_| ATTACHED.into()).collect(),
        "attachment.vpc-id" => gateway.vpc.iter().map(|vpc| vpc.as_str().into()).collect(),
        "internet-gateway-id" => one(gateway.id.as_str()),
        "owner-id" => one(gateway.scope.account.as_str()),
        _ => tag_values(world, gateway.id.as_str(), filter).unwrap_or_default(),
    }
}
