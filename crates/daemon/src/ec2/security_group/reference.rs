//! References between groups of peer VPCs: DescribeSecurityGroupReferences, DescribeStaleSecurityGroups.
//!
//! Within a VPC no rule is ever stale: a group that is referred to cannot be deleted.

use std::collections::BTreeSet;

use sidegate_model::{Direction, Peer, SecurityGroup, SecurityGroupId, SecurityGroupRule, VpcId, World};
use sidegate_wire::ec2::{
    DescribeSecurityGroupReferencesRequest, DescribeSecurityGroupReferencesResult, DescribeStaleSecurityGroupsRequest,
    DescribeStaleSecurityGroupsResult, IpPermission, SecurityGroupReference, StaleIpPermission, StaleSecurityGroup,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::{fault, ids, refused};
use super::permission;

impl Action for DescribeSecurityGroupReferencesRequest {
    type Answer = DescribeSecurityGroupReferencesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeSecurityGroupReferencesResult, Failure> {
        let world = call.world();
        if self.group_id.is_empty() {
            return Err(refused("MissingParameter", "The request must contain the parameter GroupId"));
        }
        let mut all = Vec::new();
        for id in ids::ids::<SecurityGroupId>(&self.group_id)? {
            let group = world.security_group(call.scope(), &id).map_err(|error| fault::of(&error))?;
            all.extend(references(&world, group));
        }
        Ok(DescribeSecurityGroupReferencesResult { security_group_reference_set: all })
    }
}

/// The VPCs beyond an active peering connection whose groups refer to a group, each once.
fn references(world: &World, group: &SecurityGroup) -> Vec<SecurityGroupReference> {
    let refers = |other: &&SecurityGroup| {
        other.vpc != group.vpc && other.rules.iter().any(|rule| rule.rule.peer == Peer::Group(group.id.clone()))
    };
    let vpcs: BTreeSet<&VpcId> = world.security_groups.iter().filter(refers).map(|other| &other.vpc).collect();
    let reference = |vpc: &VpcId| {
        let peering = world.active_peering(vpc, &group.vpc)?;
        Some(SecurityGroupReference {
            group_id: Some(group.id.to_string()),
            referencing_vpc_id: Some(vpc.to_string()),
            vpc_peering_connection_id: Some(peering.id.to_string()),
            ..SecurityGroupReference::default()
        })
    };
    vpcs.into_iter().filter_map(reference).collect()
}

impl Action for DescribeStaleSecurityGroupsRequest {
    type Answer = DescribeStaleSecurityGroupsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeStaleSecurityGroupsResult, Failure> {
        let id: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let world = call.world();
        world.vpc(call.scope(), &id).map_err(|error| fault::of(&error))?;
        let groups = world.security_groups.iter().filter(|group| group.vpc == id);
        let stale: Vec<_> = groups.filter_map(|group| stale_group(&world, group)).collect();
        let key = |group: &StaleSecurityGroup| group.group_id.clone().unwrap_or_default();
        let page = call.page(stale, key, self.max_results, self.next_token.as_deref(), (5, 255))?;
        Ok(DescribeStaleSecurityGroupsResult { next_token: page.next_token, stale_security_group_set: page.items })
    }
}

/// A group with its stale rules; `None` if it has none.
fn stale_group(world: &World, group: &SecurityGroup) -> Option<StaleSecurityGroup> {
    let (ingress, egress) = (stale(world, group, Direction::Ingress), stale(world, group, Direction::Egress));
    if ingress.is_empty() && egress.is_empty() {
        return None;
    }
    Some(StaleSecurityGroup {
        description: Some(group.description.clone()),
        group_id: Some(group.id.to_string()),
        group_name: Some(group.name.as_str().to_owned()),
        stale_ip_permissions: ingress,
        stale_ip_permissions_egress: egress,
        vpc_id: Some(group.vpc.to_string()),
    })
}

fn stale(world: &World, group: &SecurityGroup, direction: Direction) -> Vec<StaleIpPermission> {
    let is_stale = |rule: &&SecurityGroupRule| match (&rule.rule.peer, &rule.beyond) {
        (Peer::Group(id), Some(beyond)) if rule.rule.direction == direction => {
            world.peer_reference(group, id, beyond).is_stale()
        }
        _ => false,
    };
    let shown = |permission: IpPermission| StaleIpPermission {
        from_port: permission.from_port,
        ip_protocol: permission.ip_protocol,
        to_port: permission.to_port,
        user_id_group_pairs: permission.user_id_group_pairs,
        ..StaleIpPermission::default()
    };
    permission::join(world, group, group.rules.iter().filter(is_stale)).into_iter().map(shown).collect()
}
