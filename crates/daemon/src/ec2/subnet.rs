//! Subnets: CreateSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute.

// coverage: ec2:AssociateSubnetCidrBlock, ec2:CreateSubnet: no subnet is of IPv6 alone
// coverage: ec2:ModifySubnetAttribute: EnableDns64 is stored

mod attribute;
mod cidr_block;
mod reservation;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{Arn, Region, Scope, Subnet, SubnetId, VpcId, World, Zone};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, flag, one, tag_values};
use super::ids::{self, arn};
use super::parameter::{self, absent};
use super::{refused, tag, tagged};

/// The filters of DescribeSubnets.
const FILTERS: &[&str] = &[
    "availability-zone",
    "availability-zone-id",
    "availabilityZone",
    "availabilityZoneId",
    "available-ip-address-count",
    "cidr",
    "cidr-block",
    "cidrBlock",
    "customer-owned-ipv4-pool",
    "default-for-az",
    "defaultForAz",
    "enable-dns64",
    "enable-lni-at-device-index",
    "ipv6-cidr-block-association.association-id",
    "ipv6-cidr-block-association.ipv6-cidr-block",
    "ipv6-cidr-block-association.state",
    "ipv6-native",
    "map-customer-owned-ip-on-launch",
    "map-public-ip-on-launch",
    "outpost-arn",
    "owner-id",
    "private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
    "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record",
    "private-dns-name-options-on-launch.hostname-type",
    "state",
    "subnet-arn",
    "subnet-id",
    "tag-key",
    "tag-value",
    "tag:",
    "vpc-id",
];

impl Action for ec2::CreateSubnetRequest {
    type Answer = ec2::CreateSubnetResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "subnet", "*"), arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateSubnetResult, Failure> {
        refuse_what_is_not_there(&self)?;
        let vpc: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let Some(cidr) = self.cidr_block.as_deref() else {
            let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.";
            return Err(refused("MissingParameter", message));
        };
        let cidr = parameter::cidr("cidrBlock", cidr)?;
        let ipv6 = self.ipv6_cidr_block.as_deref();
        let ipv6 = ipv6.map(|text| parameter::ipv6_cidr("ipv6CidrBlock", text)).transpose()?;
        let zone = zone(call.scope().region, self.availability_zone.as_deref(), self.availability_zone_id.as_deref())?;
        let tags = tagged::specified(&self.tag_specifications, "subnet", &[])?;
        let subnet = call
            .change(move |world, context| {
                let id = world.create_subnet(context, &vpc, cidr, zone.as_deref())?;
                if let Some(cidr) = ipv6 {
                    world.associate_subnet_cidr_block(context, &id, cidr)?;
                }
                tag::put(world, context, id.as_str(), &tags)?;
                Ok(render(world, world.subnet(&context.scope, &id)?))
            })
            .await?;
        // Source: EC2 API reference, `CreateSubnet`.
        let subnet = ec2::Subnet { state: Some("pending".to_owned()), ..subnet };
        Ok(ec2::CreateSubnetResult { subnet: Some(subnet) })
    }
}

fn refuse_what_is_not_there(request: &ec2::CreateSubnetRequest) -> Result<(), Failure> {
    let pools = "there are no address pools in Sidegate";
    let asked = [
        ("Ipv6Native", request.ipv6_native == Some(true), "every subnet in Sidegate has an IPv4 block"),
        ("Ipv6IpamPoolId", request.ipv6_ipam_pool_id.is_some(), pools),
        ("Ipv6NetmaskLength", request.ipv6_netmask_length.is_some(), pools),
        ("Ipv4IpamPoolId", request.ipv4_ipam_pool_id.is_some(), pools),
        ("Ipv4NetmaskLength", request.ipv4_netmask_length.is_some(), pools),
        ("OutpostArn", request.outpost_arn.is_some(), "there are no Outposts in Sidegate"),
    ];
    match asked.into_iter().find(|(_, is_asked, _)| *is_asked) {
        Some((parameter, _, why)) => Err(absent(parameter, why)),
        None => Ok(()),
    }
}

/// The name of the zone that a request asks for, by its name or by its id.
pub(super) fn zone(region: Region, name: Option<&str>, id: Option<&str>) -> Result<Option<String>, Failure> {
    let (parameter, wanted, key): (_, _, fn(Zone) -> String) = match (name, id) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let message = "The parameters availabilityZone and availabilityZoneId cannot be used together.";
            return Err(refused("InvalidParameterCombination", message));
        }
        (Some(name), None) => ("availabilityZone", name, Zone::name),
        (None, Some(id)) => ("availabilityZoneId", id, Zone::id),
    };
    match region.zones().find(|zone| key(*zone) == wanted) {
        Some(zone) => Ok(Some(zone.name())),
        None => {
            let known: Vec<_> = region.zones().map(key).collect();
            let known = known.join(", ");
            let message = format!(
                "Value ({wanted}) for parameter {parameter} is invalid. Subnets can currently only be created in the \
                 following availability zones: {known}."
            );
            Err(refused("InvalidParameterValue", message))
        }
    }
}

impl Action for ec2::DeleteSubnetRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "subnet", self.subnet_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: SubnetId = ids::given(self.subnet_id.as_deref(), "SubnetId")?;
        call.change(move |world, context| world.delete_subnet(context, &id)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DescribeSubnetsRequest {
    type Answer = ec2::DescribeSubnetsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeSubnetsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut subnets = ids::chosen(
            &world.subnets,
            &ids::ids(&self.subnet_ids)?,
            |subnet| subnet.scope == *scope,
            SubnetId::not_found,
        )?;
        subnets.retain(|subnet| filters.pass(|filter| values(&world, subnet, filter)));
        let page = call.page(subnets, |s| s.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeSubnetsResult {
            next_token: page.next_token,
            subnets: page.items.into_iter().map(|subnet| render(&world, subnet)).collect(),
        })
    }
}

fn subnet_arn(subnet: &Subnet) -> String {
    Arn::ec2(&subnet.scope, "subnet", &subnet.id).to_string()
}

/// A subnet as answers show it. A change is applied before it is answered, so a subnet is never pending.
pub(super) fn render(world: &World, subnet: &Subnet) -> ec2::Subnet {
    ec2::Subnet {
        availability_zone_id: Some(subnet.zone.id()),
        map_customer_owned_ip_on_launch: Some(false),
        owner_id: Some(subnet.scope.account.to_string()),
        assign_ipv6_address_on_creation: Some(subnet.ipv6_addresses),
        ipv6_cidr_block_association_set: cidr_block::shown(subnet),
        tags: tagged::shown(world, subnet.id.as_str()),
        subnet_arn: Some(subnet_arn(subnet)),
        enable_dns64: Some(subnet.dns64),
        ipv6_native: Some(false),
        private_dns_name_options_on_launch: Some(ec2::PrivateDnsNameOptionsOnLaunch {
            hostname_type: Some(subnet.host_names.kind.as_str().to_owned()),
            enable_resource_name_dns_a_record: Some(subnet.host_names.resource_name_a),
            enable_resource_name_dns_aaaa_record: Some(subnet.host_names.resource_name_aaaa),
        }),
        block_public_access_states: Some(ec2::BlockPublicAccessStates {
            internet_gateway_block_mode: Some("off".to_owned()),
        }),
        subnet_id: Some(subnet.id.to_string()),
        state: Some("available".to_owned()),
        vpc_id: Some(subnet.vpc.to_string()),
        cidr_block: Some(subnet.cidr.to_string()),
        available_ip_address_count: Some(i32::try_from(world.free_addresses(subnet)).unwrap_or(i32::MAX)),
        availability_zone: Some(subnet.zone.name()),
        default_for_az: Some(subnet.is_default),
        map_public_ip_on_launch: Some(subnet.public_addresses),
        ..Default::default()
    }
}

fn values<'r>(world: &'r World, subnet: &'r Subnet, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "availability-zone" | "availabilityZone" => one(subnet.zone.name()),
        "availability-zone-id" | "availabilityZoneId" => one(subnet.zone.id()),
        "available-ip-address-count" => one(world.free_addresses(subnet).to_string()),
        "cidr" | "cidr-block" | "cidrBlock" => one(subnet.cidr.to_string()),
        "default-for-az" | "defaultForAz" => flag(subnet.is_default),
        "enable-dns64" => flag(subnet.dns64),
        "ipv6-native" | "map-customer-owned-ip-on-launch" => flag(false),
        "private-dns-name-options-on-launch.enable-resource-name-dns-a-record" => {
            flag(subnet.host_names.resource_name_a)
        }
        "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record" => {
            flag(subnet.host_names.resource_name_aaaa)
        }
        "map-public-ip-on-launch" => flag(subnet.public_addresses),
        "owner-id" => one(subnet.scope.account.as_str()),
        "private-dns-name-options-on-launch.hostname-type" => one(subnet.host_names.kind.as_str()),
        "state" => one("available"),
        "subnet-arn" => one(subnet_arn(subnet)),
        "subnet-id" => one(subnet.id.as_str()),
        "vpc-id" => one(subnet.vpc.as_str()),
        // There are no Outposts and pools, so that nothing passes a filter about them.
        _ => cidr_block::values(subnet, filter)
            .or_else(|| tag_values(world, subnet.id.as_str(), filter))
            .unwrap_or_default(),
    }
}
