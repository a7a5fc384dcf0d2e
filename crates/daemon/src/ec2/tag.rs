//! Tags: CreateTags, DeleteTags, DescribeTags.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use sidegate_model::{Context, Error, Scope, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one};
use super::ids::arn;
use super::refused;

/// The prefixes of ids, with the type that resources have in tag specifications, filters and ARNs.
///
/// Source: EC2 API reference, `TagSpecification`.
const TYPES: &[(&str, &str)] = &[
    ("acl-", "network-acl"),
    ("dopt-", "dhcp-options"),
    ("eigw-", "egress-only-internet-gateway"),
    ("eipalloc-", "elastic-ip"),
    ("eni-", "network-interface"),
    ("fl-", "vpc-flow-log"),
    ("i-", "instance"),
    ("igw-", "internet-gateway"),
    ("key-", "key-pair"),
    ("nat-", "natgateway"),
    ("nia-", "network-insights-analysis"),
    ("nip-", "network-insights-path"),
    ("pcx-", "vpc-peering-connection"),
    ("pl-", "prefix-list"),
    ("rtb-", "route-table"),
    ("scr-", "subnet-cidr-reservation"),
    ("sg-", "security-group"),
    ("sgr-", "security-group-rule"),
    ("subnet-", "subnet"),
    ("vgw-", "vpn-gateway"),
    ("vol-", "volume"),
    ("vpc-", "vpc"),
    ("vpce-", "vpc-endpoint"),
];

/// The most resources of one CreateTags or DeleteTags.
const RESOURCE_LIMIT: usize = 1000;

/// The filters of DescribeTags.
const FILTERS: &[&str] = &["key", "resource-id", "resource-type", "tag:", "value"];

/// The type of the resource with this id; empty if no id begins so.
pub(super) fn resource_type(id: &str) -> &'static str {
    TYPES.iter().find(|(prefix, _)| id.starts_with(prefix)).map_or("", |(_, name)| name)
}

/// Tags as keys and values. A value that is not given is empty; a key must be given, and only once.
fn pairs(tags: &[ec2::Tag], parameter: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut read = BTreeMap::new();
    for tag in tags {
        let Some(key) = tag.key.clone() else {
            return Err(refused("MissingParameter", format!("The request must contain the parameter {parameter}")));
        };
        if let Some((key, _)) = read.get_key_value(&key) {
            return Err(refused("InvalidParameterValue", format!("Duplicate tag key '{key}' specified.")));
        }
        read.insert(key, tag.value.clone().unwrap_or_default());
    }
    Ok(read.into_iter().collect())
}

/// Puts the tags on what was made, in the same command.
pub(super) fn put(world: &mut World, context: &Context<'_>, id: &str, tags: &[(String, String)]) -> Result<(), Error> {
    if tags.is_empty() { Ok(()) } else { world.create_tags(context, &[id.to_owned()], tags) }
}

fn arns(scope: &Scope, resources: &[String]) -> Vec<String> {
    let arn_of = |id: &String| match resource_type(id) {
        "" => "*".to_owned(),
        kind => arn(scope, kind, id),
    };
    resources.iter().map(arn_of).collect()
}

fn check_count(resources: &[String]) -> Result<(), Failure> {
    if resources.len() > RESOURCE_LIMIT {
        let message = format!("The maximum number of resources of one request, {RESOURCE_LIMIT}, is exceeded");
        return Err(refused("InvalidParameterValue", message));
    }
    Ok(())
}

impl Action for ec2::CreateTagsRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        arns(scope, &self.resources)
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        check_count(&self.resources)?;
        let tags = pairs(&self.tags, "Tag.Key")?;
        call.change(move |world, context| world.create_tags(context, &self.resources, &tags)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DeleteTagsRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        arns(scope, &self.resources)
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        check_count(&self.resources)?;
        let mut tags = Vec::with_capacity(self.tags.len());
        for tag in self.tags {
            let Some(key) = tag.key else {
                return Err(refused("MissingParameter", "The request must contain the parameter Tag.Key"));
            };
            tags.push((key, tag.value));
        }
        call.change(move |world, context| world.delete_tags(context, &self.resources, &tags)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DescribeTagsRequest {
    type Answer = ec2::DescribeTagsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeTagsResult, Failure> {
        let world = call.world();
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mine = world.tags.iter().filter(|entry| entry.scope == *call.scope());
        let all = mine.flat_map(|entry| entry.tags.iter().map(|(key, value)| (entry.resource_id(), key, value)));
        let passing =
            all.filter(|(resource, key, value)| filters.pass(|filter| values(resource, key, value, filter))).collect();
        // No id and no key has this character, so that the order of the keys is that of the pairs.
        let position = |(resource, key, _): &(&str, &String, &String)| format!("{resource}\0{key}");
        let page = call.page(passing, position, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        let description = |(resource, key, value): (&str, &String, &String)| ec2::TagDescription {
            key: Some(key.clone()),
            resource_id: Some(resource.to_owned()),
            resource_type: Some(resource_type(resource).to_owned()),
            value: Some(value.clone()),
        };
        Ok(ec2::DescribeTagsResult {
            next_token: page.next_token,
            tags: page.items.into_iter().map(description).collect(),
        })
    }
}

fn values<'r>(resource: &'r str, key: &'r str, value: &'r str, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "key" => one(key),
        "resource-id" => one(resource),
        "resource-type" => one(resource_type(resource)),
        "value" => one(value),
        _ if filter.strip_prefix("tag:") == Some(key) => one(value),
        _ => Vec::new(),
    }
}
