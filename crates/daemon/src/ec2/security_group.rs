//! Security groups: CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroups. What is said about references
//! between groups is in `security_group/reference.rs`.

mod for_vpc;
pub(super) mod permission;
mod reference;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{Arn, Direction, Peer, Scope, SecurityGroup, SecurityGroupId, SecurityGroupRule, VpcId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{self, arn};
use super::{default_vpc, refused, tag, tagged};

/// The filters of DescribeSecurityGroups.
const FILTERS: &[&str] = &[
    "description",
    "egress.ip-permission.cidr",
    "egress.ip-permission.from-port",
    "egress.ip-permission.group-id",
    "egress.ip-permission.group-name",
    "egress.ip-permission.ipv6-cidr",
    "egress.ip-permission.prefix-list-id",
    "egress.ip-permission.protocol",
    "egress.ip-permission.to-port",
    "egress.ip-permission.user-id",
    "group-id",
    "group-name",
    "ip-permission.cidr",
    "ip-permission.from-port",
    "ip-permission.group-id",
    "ip-permission.group-name",
    "ip-permission.ipv6-cidr",
    "ip-permission.prefix-list-id",
    "ip-permission.protocol",
    "ip-permission.to-port",
    "ip-permission.user-id",
    "owner-id",
    "tag-key",
    "tag-value",
    "tag:",
    "vpc-id",
];

/// The group that is to be changed: by its id, or by its name if it is one of the default VPC.
pub(super) fn named(
    world: &World, scope: &Scope, id: Option<&str>, name: Option<&str>,
) -> Result<SecurityGroupId, Failure> {
    match (id, name) {
        (Some(_), Some(_)) => {
            let message = "The parameters groupId and groupName cannot be used together.";
            Err(refused("InvalidParameterCombination", message))
        }
        (Some(id), None) => ids::id(id),
        (None, Some(name)) => by_name(world, scope, name),
        (None, None) => Err(refused("MissingParameter", "The request must contain the parameter groupName or groupId")),
    }
}

/// The group of the default VPC that has this name.
pub(super) fn by_name(world: &World, scope: &Scope, name: &str) -> Result<SecurityGroupId, Failure> {
    match world.default_vpc(scope) {
        Some(vpc) => default_vpc::group(world, vpc, name),
        None => {
            let message = format!("The security group '{name}' does not exist in default VPC 'none'");
            Err(refused("InvalidGroup.NotFound", message))
        }
    }
}

impl Action for ec2::CreateSecurityGroupRequest {
    type Answer = ec2::CreateSecurityGroupResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let vpc = self.vpc_id.as_deref().map(|id| arn(scope, "vpc", id));
        std::iter::once(arn(scope, "security-group", "*")).chain(vpc).collect()
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateSecurityGroupResult, Failure> {
        let vpc: VpcId = match self.vpc_id.as_deref() {
            Some(vpc) => ids::id(vpc)?,
            None => default_vpc::of(&call.world(), call.scope())?.id.clone(),
        };
        let tags = tagged::specified(&self.tag_specifications, "security-group", &[])?;
        let (name, description) = (self.group_name.unwrap_or_default(), self.description.unwrap_or_default());
        let group = call
            .change(move |world, context| {
                let id = world.create_security_group(context, &vpc, &name, &description)?;
                tag::put(world, context, id.as_str(), &tags)?;
                Ok(render(world, world.security_group(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateSecurityGroupResult {
            group_id: group.group_id,
            tags: group.tags,
            security_group_arn: group.security_group_arn,
        })
    }
}

impl Action for ec2::DeleteSecurityGroupRequest {
    type Answer = ec2::DeleteSecurityGroupResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "security-group", self.group_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DeleteSecurityGroupResult, Failure> {
        let id = named(&call.world(), call.scope(), self.group_id.as_deref(), self.group_name.as_deref())?;
        let group_id = Some(id.to_string());
        call.change(move |world, context| world.delete_security_group(context, &id)).await?;
        Ok(ec2::DeleteSecurityGroupResult { r#return: Some(true), group_id })
    }
}

impl Action for ec2::DescribeSecurityGroupsRequest {
    type Answer = ec2::DescribeSecurityGroupsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeSecurityGroupsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        // A group of the default VPC may be given by its name, and any group by its id in the place of the name.
        let mut wanted: Vec<SecurityGroupId> = ids::ids(&self.group_ids)?;
        for name in &self.group_names {
            let is_id = name.starts_with(SecurityGroupId::PREFIX);
            wanted.push(if is_id { ids::id(name)? } else { by_name(&world, scope, name)? });
        }
        let mut groups =
            ids::chosen(&world.security_groups, &wanted, |group| group.scope == *scope, SecurityGroupId::not_found)?;
        groups.retain(|group| filters.pass(|filter| values(&world, group, filter)));
        let page = call.page(groups, |g| g.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeSecurityGroupsResult {
            next_token: page.next_token,
            security_groups: page.items.into_iter().map(|group| render(&world, group)).collect(),
        })
    }
}

/// A group as answers show it.
fn render(world: &World, group: &SecurityGroup) -> ec2::SecurityGroup {
    ec2::SecurityGroup {
        group_id: Some(group.id.to_string()),
        ip_permissions_egress: permission::render(world, group, Direction::Egress),
        tags: tagged::shown(world, group.id.as_str()),
        vpc_id: Some(group.vpc.to_string()),
        security_group_arn: Some(Arn::ec2(&group.scope, "security-group", &group.id).to_string()),
        owner_id: Some(group.scope.account.to_string()),
        group_name: Some(group.name.as_str().to_owned()),
        description: Some(group.description.clone()),
        ip_permissions: permission::render(world, group, Direction::Ingress),
    }
}

fn values<'r>(world: &'r World, group: &'r SecurityGroup, filter: &str) -> Vec<Cow<'r, str>> {
    if let Some(part) = filter.strip_prefix("ip-permission.") {
        return rule_values(world, group, Direction::Ingress, part);
    }
    if let Some(part) = filter.strip_prefix("egress.ip-permission.") {
        return rule_values(world, group, Direction::Egress, part);
    }
    match filter {
        "description" => one(group.description.as_str()),
        "group-id" => one(group.id.as_str()),
        "group-name" => one(group.name.as_str()),
        "owner-id" => one(group.scope.account.as_str()),
        "vpc-id" => one(group.vpc.as_str()),
        _ => tag_values(world, group.id.as_str(), filter).unwrap_or_default(),
    }
}

/// What the rules of a group have under a filter `ip-permission.…`.
fn rule_values<'r>(
    world: &'r World, group: &'r SecurityGroup, direction: Direction, filter: &str,
) -> Vec<Cow<'r, str>> {
    let rules = group.rules.iter().filter(|rule| rule.rule.direction == direction);
    let value = |rule: &'r SecurityGroupRule| match (filter, &rule.rule.peer) {
        ("protocol", _) => Some(rule.rule.protocol.to_string().into()),
        ("from-port", _) => rule.rule.ports.map(|ports| ports.from.to_string().into()),
        ("to-port", _) => rule.rule.ports.map(|ports| ports.to.to_string().into()),
        ("cidr", Peer::Cidr(cidr)) => Some(cidr.to_string().into()),
        ("ipv6-cidr", Peer::Cidr6(..)) => Some(rule.rule.peer.to_string().into()),
        ("prefix-list-id", Peer::PrefixList(list)) => Some(list.as_str().into()),
        ("group-id", Peer::Group(id)) => Some(id.as_str().into()),
        ("group-name", Peer::Group(id)) => {
            world.security_group(&group.scope, id).ok().map(|peer| peer.name.as_str().into())
        }
        ("user-id", Peer::Group(id)) => permission::reference(world, group, rule, id).user_id.map(Cow::Owned),
        _ => None,
    };
    rules.filter_map(value).collect()
}
