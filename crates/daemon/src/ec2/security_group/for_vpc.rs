//! GetSecurityGroupsForVpc: the groups that interfaces of a VPC can have, which are its own.

use std::borrow::Cow;

use sidegate_model::{SecurityGroup, VpcId};
use sidegate_wire::ec2::{GetSecurityGroupsForVpcRequest, GetSecurityGroupsForVpcResult, SecurityGroupForVpc};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::{Filters, one};
use super::super::{fault, ids, tagged};

const FILTERS: &[&str] = &["description", "group-id", "group-name", "owner-id", "primary-vpc-id"];

impl Action for GetSecurityGroupsForVpcRequest {
    type Answer = GetSecurityGroupsForVpcResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<GetSecurityGroupsForVpcResult, Failure> {
        let vpc: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let filters = Filters::read(&self.filters, FILTERS)?;
        let world = call.world();
        world.vpc(call.scope(), &vpc).map_err(|error| fault::of(&error))?;
        let groups: Vec<&SecurityGroup> = world
            .security_groups
            .iter()
            .filter(|group| group.vpc == vpc && filters.pass(|filter| values(group, filter)))
            .collect();
        let page = call.page(groups, |g| g.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 1000))?;
        let shown = |group: &SecurityGroup| SecurityGroupForVpc {
            description: Some(group.description.clone()),
            group_name: Some(group.name.as_str().to_owned()),
            owner_id: Some(group.scope.account.to_string()),
            group_id: Some(group.id.to_string()),
            tags: tagged::shown(&world, group.id.as_str()),
            primary_vpc_id: Some(group.vpc.to_string()),
        };
        Ok(GetSecurityGroupsForVpcResult {
            next_token: page.next_token,
            security_group_for_vpcs: page.items.into_iter().map(shown).collect(),
        })
    }
}

fn values<'g>(group: &'g SecurityGroup, filter: &str) -> Vec<Cow<'g, str>> {
    match filter {
        "description" => one(group.description.as_str()),
        "group-id" => one(group.id.as_str()),
        "group-name" => one(group.name.as_str()),
        "owner-id" => one(group.scope.account.as_str()),
        "primary-vpc-id" => one(group.vpc.as_str()),
        _ => Vec::new(),
    }
}
