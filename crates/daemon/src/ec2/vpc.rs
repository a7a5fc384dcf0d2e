//! VPCs: CreateVpc, DeleteVpc, DescribeVpcs, ModifyVpcAttribute, DescribeVpcAttribute.

mod cidr_block;
mod tenancy;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{Scope, Vpc, VpcAttribute, VpcId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use self::cidr_block::Ipv6Wanted;
use super::action::{Action, Call};
use super::filter::{Filters, flag, one, tag_values};
use super::ids::{self, arn};
use super::parameter::{self, absent, sole};
use super::{fault, refused, tag, tagged};

/// The filters of DescribeVpcs; `isDefault`, which the AWS CDK sends, is the older spelling.
const FILTERS: &[&str] = &[
    "cidr",
    "cidr-block",
    "cidrBlock",
    "cidr-block-association.association-id",
    "cidr-block-association.cidr-block",
    "cidr-block-association.state",
    "dhcp-options-id",
    "ipv6-cidr-block-association.association-id",
    "ipv6-cidr-block-association.ipv6-cidr-block",
    "ipv6-cidr-block-association.ipv6-pool",
    "ipv6-cidr-block-association.state",
    "is-default",
    "isDefault",
    "owner-id",
    "state",
    "tag-key",
    "tag-value",
    "tag:",
    "vpc-id",
];

impl Action for ec2::CreateVpcRequest {
    type Answer = ec2::CreateVpcResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "vpc", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateVpcResult, Failure> {
        refuse_what_is_not_there(&self)?;
        let ipv6 = ipv6_wanted(&self).check(call.scope().region)?;
        let Some(cidr) = self.cidr_block.as_deref() else {
            let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.";
            return Err(refused("MissingParameter", message));
        };
        let cidr = parameter::cidr("cidrBlock", cidr)?;
        let tags = tagged::specified(&self.tag_specifications, "vpc", &[])?;
        let tenancy = self.instance_tenancy.unwrap_or_else(|| "default".to_owned());
        let vpc = call
            .change(move |world, context| {
                let id = world.create_vpc(context, cidr, &tenancy)?;
                if ipv6 {
                    world.associate_vpc_ipv6_cidr_block(context, &id)?;
                }
                tag::put(world, context, id.as_str(), &tags)?;
                Ok(created(render(world, world.vpc(&context.scope, &id)?)))
            })
            .await?;
        Ok(ec2::CreateVpcResult { vpc: Some(vpc) })
    }
}

/// A VPC in the answer that made it.
///
/// Source: EC2 API reference, `CreateVpc`: it is pending there.
pub(super) fn created(vpc: ec2::Vpc) -> ec2::Vpc {
    ec2::Vpc { state: Some("pending".to_owned()), ..vpc }
}

fn refuse_what_is_not_there(request: &ec2::CreateVpcRequest) -> Result<(), Failure> {
    let pools = "there are no address pools in Sidegate";
    let asked = [
        ("Ipv4IpamPoolId", request.ipv4_ipam_pool_id.is_some(), pools),
        ("Ipv4NetmaskLength", request.ipv4_netmask_length.is_some(), pools),
        (
            "VpcEncryptionControl",
            request.vpc_encryption_control.is_some(),
            "there is no encryption control in Sidegate",
        ),
    ];
    match asked.into_iter().find(|(_, is_asked, _)| *is_asked) {
        Some((parameter, _, why)) => Err(absent(parameter, why)),
        None => Ok(()),
    }
}

fn ipv6_wanted(request: &ec2::CreateVpcRequest) -> Ipv6Wanted<'_> {
    Ipv6Wanted {
        amazon_provided: request.amazon_provided_ipv6_cidr_block,
        border_group: request.ipv6_cidr_block_network_border_group.as_deref(),
        pool: request.ipv6_pool.as_deref(),
        cidr: request.ipv6_cidr_block.as_deref(),
        ipam_pool: request.ipv6_ipam_pool_id.as_deref(),
        netmask_length: request.ipv6_netmask_length,
    }
}

impl Action for ec2::DeleteVpcRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        call.change(move |world, context| world.delete_vpc(context, &id)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DescribeVpcsRequest {
    type Answer = ec2::DescribeVpcsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeVpcsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut vpcs =
            ids::chosen(&world.vpcs, &ids::ids(&self.vpc_ids)?, |vpc| vpc.scope == *scope, VpcId::not_found)?;
        vpcs.retain(|vpc| filters.pass(|filter| values(&world, vpc, filter)));
        let page =
            call.page(vpcs, |vpc| vpc.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeVpcsResult {
            next_token: page.next_token,
            vpcs: page.items.into_iter().map(|vpc| render(&world, vpc)).collect(),
        })
    }
}

impl Action for ec2::ModifyVpcAttributeRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let mut given = Vec::new();
        let mut take = |name, value: &Option<ec2::AttributeBooleanValue>, attribute: fn(bool) -> VpcAttribute| {
            given.extend(value.as_ref().map(|value| (name, value.value.map(attribute))));
        };
        take("enableDnsHostnames", &self.enable_dns_hostnames, VpcAttribute::DnsHostnames);
        take("enableDnsSupport", &self.enable_dns_support, VpcAttribute::DnsSupport);
        take(
            "enableNetworkAddressUsageMetrics",
            &self.enable_network_address_usage_metrics,
            VpcAttribute::UsageMetrics,
        );
        let Some(attribute) = sole(given)? else {
            return Err(refused("MissingParameter", "The request must contain the parameter Value"));
        };
        call.change(move |world, context| world.modify_vpc_attribute(context, &id, attribute)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DescribeVpcAttributeRequest {
    type Answer = ec2::DescribeVpcAttributeResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeVpcAttributeResult, Failure> {
        let id: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let world = call.world();
        let vpc = world.vpc(call.scope(), &id).map_err(|error| fault::of(&error))?;
        let mut answer = ec2::DescribeVpcAttributeResult { vpc_id: Some(id.to_string()), ..Default::default() };
        let value = |on| Some(ec2::AttributeBooleanValue { value: Some(on) });
        match self.attribute.as_deref().unwrap_or_default() {
            "enableDnsSupport" => answer.enable_dns_support = value(vpc.dns_support),
            "enableDnsHostnames" => answer.enable_dns_hostnames = value(vpc.dns_hostnames),
            "enableNetworkAddressUsageMetrics" => {
                answer.enable_network_address_usage_metrics = value(vpc.usage_metrics);
            }
            other => {
                let message =
                    format!("Value ({other}) for parameter attribute is invalid. Unknown VPC attribute {other}.");
                return Err(refused("InvalidParameterValue", message));
            }
        }
        Ok(answer)
    }
}

/// A VPC as answers show it. A change is applied before it is answered, so a VPC is never pending.
pub(super) fn render(world: &World, vpc: &Vpc) -> ec2::Vpc {
    ec2::Vpc {
        owner_id: Some(vpc.scope.account.to_string()),
        instance_tenancy: Some(vpc.tenancy.clone()),
        ipv6_cidr_block_association_set: cidr_block::ipv6(vpc),
        cidr_block_association_set: cidr_block::ipv4(vpc),
        is_default: Some(vpc.is_default),
        encryption_control: None,
        tags: tagged::shown(world, vpc.id.as_str()),
        block_public_access_states: Some(ec2::BlockPublicAccessStates {
            internet_gateway_block_mode: Some("off".to_owned()),
        }),
        vpc_id: Some(vpc.id.to_string()),
        state: Some("available".to_owned()),
        cidr_block: Some(vpc.cidr.to_string()),
        dhcp_options_id: Some(vpc.dhcp_options_id()),
    }
}

fn values<'r>(world: &'r World, vpc: &'r Vpc, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "cidr" | "cidr-block" | "cidrBlock" => one(vpc.cidr.to_string()),
        "dhcp-options-id" => one(vpc.dhcp_options_id()),
        "is-default" | "isDefault" => flag(vpc.is_default),
        "owner-id" => one(vpc.scope.account.as_str()),
        "state" => one("available"),
        "vpc-id" => one(vpc.id.as_str()),
        _ => cidr_block::values(vpc, filter).or_else(|| tag_values(world, vpc.id.as_str(), filter)).unwrap_or_default(),
    }
}
