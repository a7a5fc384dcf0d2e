//! Network ACLs: CreateNetworkAcl, DeleteNetworkAcl, DescribeNetworkAcls.
//!
//! Source: VPC user guide, "Network ACLs"; EC2 API reference, `NetworkAcl`.

mod association;
mod entry;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;

use sidegate_model::{NetworkAcl, NetworkAclAssociationId, NetworkAclId, Scope, SubnetId, VpcId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, flag, one, tag_values};
use super::ids::{self, arn};
use super::{client_token, tag, tagged};

/// The name under which tokens of CreateNetworkAcl are kept.
const CREATE: &str = "CreateNetworkAcl";

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

impl Action for ec2::CreateNetworkAclRequest {
    type Answer = ec2::CreateNetworkAclResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "network-acl", "*"), arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(mut self, call: &Call<'_>) -> Result<ec2::CreateNetworkAclResult, Failure> {
        self.dry_run = None;
        let client_token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        let vpc: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let tags = tagged::specified(&self.tag_specifications, "network-acl", &[])?;
        let token = client_token.clone();
        let acl = call
            .change(move |world, context| {
                if let Some(token) = &token
                    && let Some(made) = world.replay(context, CREATE, token, &parameters)?
                {
                    let made = world.network_acl(&context.scope, &made.parse()?)?;
                    return Ok(Acls::of(world, &context.scope).render(made));
                }
                let id = world.create_network_acl(context, &vpc)?;
                tag::put(world, context, id.as_str(), &tags)?;
                if let Some(token) = &token {
                    world.remember(context, CREATE, token, &parameters, id.as_str());
                }
                Ok(Acls::of(world, &context.scope).render(world.network_acl(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateNetworkAclResult { network_acl: Some(acl), client_token })
    }
}

impl Action for ec2::DeleteNetworkAclRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "network-acl", self.network_acl_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: NetworkAclId = ids::given(self.network_acl_id.as_deref(), "NetworkAclId")?;
        call.change(move |world, context| world.delete_network_acl(context, &id)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DescribeNetworkAclsRequest {
    type Answer = ec2::DescribeNetworkAclsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeNetworkAclsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut chosen = ids::chosen(
            &world.network_acls,
            &ids::ids(&self.network_acl_ids)?,
            |acl| acl.scope == *scope,
            NetworkAclId::not_found,
        )?;
        let acls = Acls::of(&world, scope);
        chosen.retain(|acl| filters.pass(|filter| acls.values(acl, filter)));
        let position = |acl: &&NetworkAcl| acl.id.to_string();
        let page = call.page(chosen, position, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeNetworkAclsResult {
            next_token: page.next_token,
            network_acls: page.items.into_iter().map(|acl| acls.render(acl)).collect(),
        })
    }
}

/// The world with the associations of all subnets found once.
struct Acls<'w> {
    world: &'w World,
    associations: HashMap<NetworkAclId, Vec<(NetworkAclAssociationId, &'w SubnetId)>>,
}

impl<'w> Acls<'w> {
    fn of(world: &'w World, scope: &Scope) -> Self {
        let mut associations: HashMap<_, Vec<_>> = HashMap::new();
        for subnet in world.subnets.iter().filter(|subnet| subnet.scope == *scope) {
            if let Some(association) = world.network_acl_of(subnet) {
                associations.entry(association.acl).or_default().push((association.id, &subnet.id));
            }
        }
        Self { world, associations }
    }

    fn associations(&self, acl: &NetworkAcl) -> &[(NetworkAclAssociationId, &'w SubnetId)] {
        self.associations.get(&acl.id).map(Vec::as_slice).unwrap_or_default()
    }

    /// An ACL as answers show it.
    fn render(&self, acl: &NetworkAcl) -> ec2::NetworkAcl {
        let association = |(id, subnet): &(NetworkAclAssociationId, &SubnetId)| ec2::NetworkAclAssociation {
            network_acl_association_id: Some(id.to_string()),
            network_acl_id: Some(acl.id.to_string()),
            subnet_id: Some(subnet.to_string()),
        };
        ec2::NetworkAcl {
            associations: self.associations(acl).iter().map(association).collect(),
            entries: entry::render(self.world, acl),
            is_default: Some(acl.is_default),
            network_acl_id: Some(acl.id.to_string()),
            tags: tagged::shown(self.world, acl.id.as_str()),
            vpc_id: Some(acl.vpc.to_string()),
            owner_id: Some(acl.scope.account.to_string()),
        }
    }

    fn values<'r>(&'r self, acl: &'r NetworkAcl, filter: &str) -> Vec<Cow<'r, str>> {
        if let Some(part) = filter.strip_prefix("entry.") {
            let entries = entry::render(self.world, acl).into_iter();
            return entries.flat_map(|entry| entry::values(entry, part)).map(Cow::Owned).collect();
        }
        let associations = self.associations(acl).iter();
        match filter {
            "association.association-id" => associations.map(|(id, _)| Cow::Borrowed(id.as_str())).collect(),
            "association.network-acl-id" => associations.map(|_| Cow::Borrowed(acl.id.as_str())).collect(),
            "association.subnet-id" => associations.map(|(_, subnet)| Cow::Borrowed(subnet.as_str())).collect(),
            "default" => flag(acl.is_default),
            "network-acl-id" => one(acl.id.as_str()),
            "owner-id" => one(acl.scope.account.as_str()),
            "vpc-id" => one(acl.vpc.as_str()),
            _ => tag_values(self.world, acl.id.as_str(), filter).unwrap_or_default(),
        }
    }
}
