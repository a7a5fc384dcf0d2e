//! DescribeNetworkAcls: each VPC has its default network ACL, which lets everything through, and all its subnets are
//! associated with it.
//!
//! Source: VPC user guide, "Default network ACL".

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use sidegate_model::{NetworkAclId, Subnet, Vpc, VpcId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, flag, one, tag_values};
use super::page::Page;
use super::parameter::digits;
use super::{fault, ids, tagged};

/// The filters of DescribeNetworkAcls.
const FILTERS: &[&str] = &[
    "association.association-id",
    "association.network-acl-id",
    "association.subnet-id",
    "default",
    "entry.cidr",
    "entry.egress",
    "entry.icmp.code",
    "entry.icmp.type",
    "entry.ipv6-cidr",
    "entry.port-range.from",
    "entry.port-range.to",
    "entry.protocol",
    "entry.rule-action",
    "entry.rule-number",
    "network-acl-id",
    "owner-id",
    "tag-key",
    "tag-value",
    "tag:",
    "vpc-id",
];

/// The entries of a default network ACL: whether for what goes out, number, action.
const ENTRIES: [(bool, i32, &str); 4] =
    [(true, 100, "allow"), (true, 32_767, "deny"), (false, 100, "allow"), (false, 32_767, "deny")];

impl Action for ec2::DescribeNetworkAclsRequest {
    type Answer = ec2::DescribeNetworkAclsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeNetworkAclsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut acls: BTreeMap<&NetworkAclId, &Vpc> =
            world.vpcs.iter().filter(|vpc| vpc.scope == *scope).map(|vpc| (&vpc.network_acl, vpc)).collect();
        let wanted: Vec<NetworkAclId> = ids::ids(&self.network_acl_ids)?;
        if let Some(missing) = wanted.iter().find(|id| !acls.contains_key(id)) {
            return Err(fault::of(&missing.not_found()));
        }
        acls.retain(|id, _| wanted.is_empty() || wanted.contains(id));
        let mut subnets: HashMap<&VpcId, Vec<&Subnet>> = HashMap::new();
        for subnet in world.subnets.iter() {
            subnets.entry(&subnet.vpc).or_default().push(subnet);
        }
        let subnets = |vpc: &Vpc| subnets.get(&vpc.id).map(Vec::as_slice).unwrap_or_default();
        let passing =
            acls.into_values().filter(|vpc| filters.pass(|filter| values(&world, vpc, subnets(vpc), filter))).collect();
        let position = |vpc: &&Vpc| vpc.network_acl.to_string();
        let page = Page::cut(passing, position, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeNetworkAclsResult {
            next_token: page.next_token,
            network_acls: page.items.into_iter().map(|vpc| render(&world, vpc, subnets(vpc))).collect(),
        })
    }
}

/// The id of the association of a subnet with the default network ACL.
fn association(subnet: &Subnet) -> String {
    format!("aclassoc-{}", digits(subnet.id.as_str()))
}

fn render(world: &World, vpc: &Vpc, subnets: &[&Subnet]) -> ec2::NetworkAcl {
    let acl = &vpc.network_acl;
    ec2::NetworkAcl {
        associations: subnets
            .iter()
            .map(|subnet| ec2::NetworkAclAssociation {
                network_acl_association_id: Some(association(subnet)),
                network_acl_id: Some(acl.to_string()),
                subnet_id: Some(subnet.id.to_string()),
            })
            .collect(),
        entries: ENTRIES.iter().map(entry).collect(),
        is_default: Some(true),
        network_acl_id: Some(acl.to_string()),
        tags: tagged::shown(world, acl.as_str()),
        vpc_id: Some(vpc.id.to_string()),
        owner_id: Some(vpc.scope.account.to_string()),
    }
}

fn entry((egress, number, action): &(bool, i32, &str)) -> ec2::NetworkAclEntry {
    ec2::NetworkAclEntry {
        cidr_block: Some("0.0.0.0/0".to_owned()),
        egress: Some(*egress),
        protocol: Some("-1".to_owned()),
        rule_action: Some((*action).to_owned()),
        rule_number: Some(*number),
        ..Default::default()
    }
}

fn values<'r>(world: &'r World, vpc: &'r Vpc, subnets: &[&'r Subnet], filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "association.association-id" => subnets.iter().map(|subnet| association(subnet).into()).collect(),
        "association.network-acl-id" => subnets.iter().map(|_| vpc.network_acl.as_str().into()).collect(),
        "association.subnet-id" => subnets.iter().map(|subnet| subnet.id.as_str().into()).collect(),
        "default" => flag(true),
        "entry.cidr" => one("0.0.0.0/0"),
        "entry.egress" => [flag(true), flag(false)].concat(),
        "entry.protocol" => one("-1"),
        "entry.rule-action" => ENTRIES.iter().map(|(_, _, action)| (*action).into()).collect(),
        "entry.rule-number" => ENTRIES.iter().map(|(_, number, _)| number.to_string().into()).collect(),
        "network-acl-id" => one(vpc.network_acl.as_str()),
        "owner-id" => one(vpc.scope.account.as_str()),
        "vpc-id" => one(vpc.id.as_str()),
        // No entry is about ICMP, ports or IPv6, so that nothing passes a filter about them.
        _ => tag_values(world, vpc.network_acl.as_str(), filter).unwrap_or_default(),
    }
}
