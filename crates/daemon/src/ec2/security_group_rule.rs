//! Rules of security groups: DescribeSecurityGroupRules, and the actions that add, take away and change them.

mod authorize;
mod modify;
mod revoke;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;

use sidegate_model::{Arn, Direction, Peer, SecurityGroup, SecurityGroupRule, SecurityGroupRuleId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::security_group::permission::reference;
use super::{fault, ids, refused, security_group, tagged};

/// The filters of DescribeSecurityGroupRules.
const FILTERS: &[&str] = &["group-id", "security-group-rule-id", "tag-key", "tag-value", "tag:"];

impl Action for ec2::DescribeSecurityGroupRulesRequest {
    type Answer = ec2::DescribeSecurityGroupRulesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeSecurityGroupRulesResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let wanted: BTreeSet<SecurityGroupRuleId> = ids::ids(&self.security_group_rule_ids)?.into_iter().collect();
        let groups = world.security_groups.iter().filter(|group| group.scope == *scope);
        let mut rules: Vec<_> = groups
            .flat_map(|group| group.rules.iter().map(move |rule| (group, rule)))
            .filter(|(_, rule)| wanted.is_empty() || wanted.contains(&rule.id))
            .collect();
        if rules.len() < wanted.len() {
            let found: BTreeSet<_> = rules.iter().map(|(_, rule)| &rule.id).collect();
            let missing = wanted.iter().find(|id| !found.contains(id));
            return Err(missing.map_or_else(|| refused("InternalError", ""), |id| fault::of(&id.not_found())));
        }
        rules.retain(|(group, rule)| filters.pass(|filter| values(&world, group, rule, filter)));
        rules.sort_unstable_by(|(_, a), (_, b)| a.id.cmp(&b.id));
        let position = |(_, rule): &(&SecurityGroup, &SecurityGroupRule)| rule.id.to_string();
        let page = call.page(rules, position, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeSecurityGroupRulesResult {
            next_token: page.next_token,
            security_group_rules: page.items.into_iter().map(|(group, rule)| render(&world, group, rule)).collect(),
        })
    }
}

/// A rule as answers show it.
fn render(world: &World, group: &SecurityGroup, rule: &SecurityGroupRule) -> ec2::SecurityGroupRule {
    let (from_port, to_port) = ports(rule);
    let mut answer = ec2::SecurityGroupRule {
        security_group_rule_id: Some(rule.id.to_string()),
        group_id: Some(group.id.to_string()),
        group_owner_id: Some(group.scope.account.to_string()),
        is_egress: Some(rule.rule.direction == Direction::Egress),
        ip_protocol: Some(rule.rule.protocol.to_string()),
        from_port: Some(from_port),
        to_port: Some(to_port),
        description: rule.rule.description.clone(),
        tags: tagged::shown(world, rule.id.as_str()),
        security_group_rule_arn: Some(Arn::ec2(&group.scope, "security-group-rule", &rule.id).to_string()),
        ..Default::default()
    };
    match &rule.rule.peer {
        Peer::Cidr(cidr) => answer.cidr_ipv4 = Some(cidr.to_string()),
        Peer::Cidr6(..) => answer.cidr_ipv6 = Some(rule.rule.peer.to_string()),
        Peer::PrefixList(list) => answer.prefix_list_id = Some(list.to_string()),
        Peer::Group(id) => {
            answer.referenced_group_info = Some(reference(world, group, rule, id));
        }
    }
    answer
}

/// The ports of a rule in this form of it, where -1 stands for none.
fn ports(rule: &SecurityGroupRule) -> (i32, i32) {
    rule.rule.ports.map_or((-1, -1), |ports| (ports.from, ports.to))
}

fn values<'r>(
    world: &'r World, group: &'r SecurityGroup, rule: &'r SecurityGroupRule, filter: &str,
) -> Vec<Cow<'r, str>> {
    match filter {
        "group-id" => one(group.id.as_str()),
        "security-group-rule-id" => one(rule.id.as_str()),
        _ => tag_values(world, rule.id.as_str(), filter).unwrap_or_default(),
    }
}

/// The flat parameters of a request, which stand for one permission without a description. `None` if none is given.
///
/// Source: EC2 API reference, AuthorizeSecurityGroupIngress: the name of a source group stands for one of the default VPC,
/// excludes a block, a protocol and ports, and grants full ICMP, UDP and TCP access.
struct Flat<'r> {
    protocol: Option<&'r str>,
    from_port: Option<i32>,
    to_port: Option<i32>,
    cidr: Option<&'r str>,
    source_group: Option<&'r str>,
    source_owner: Option<&'r str>,
}

/// Takes the flat parameters out of a request that has them.
macro_rules! flat {
    ($request:expr) => {
        Flat {
            protocol: $request.ip_protocol.as_deref(),
            from_port: $request.from_port,
            to_port: $request.to_port,
            cidr: $request.cidr_ip.as_deref(),
            source_group: $request.source_security_group_name.as_deref(),
            source_owner: $request.source_security_group_owner_id.as_deref(),
        }
    };
}
use flat;

impl Flat<'_> {
    fn is_given(&self) -> bool {
        self.protocol.is_some()
            || self.from_port.is_some()
            || self.to_port.is_some()
            || self.cidr.is_some()
            || self.source_group.is_some()
            || self.source_owner.is_some()
    }

    /// The permissions of a request: those of its list, or the one that the flat parameters stand for.
    fn or(
        &self, call: &Call<'_>, direction: Direction, listed: &[ec2::IpPermission],
    ) -> Result<Vec<ec2::IpPermission>, Failure> {
        if !self.is_given() {
            return Ok(listed.to_vec());
        }
        if direction == Direction::Egress {
            let message = "The parameters ipProtocol, fromPort, toPort, cidrIp, sourceSecurityGroupName and \
                           sourceSecurityGroupOwnerId are not supported for egress rules. Use ipPermissions instead.";
            return Err(refused("InvalidParameterValue", message));
        }
        if !listed.is_empty() {
            let message = "The parameter ipPermissions cannot be used together with ipProtocol, fromPort, toPort, \
                           cidrIp or sourceSecurityGroupName.";
            return Err(refused("InvalidParameterCombination", message));
        }
        match (self.source_group, self.source_owner) {
            (Some(name), _) => return self.permission_of_group(call, name),
            (None, Some(_)) => return Err(refused("MissingParameter", "Source group ID missing.")),
            (None, None) => {}
        }
        let ranges = self.cidr.map(|cidr| ec2::IpRange { description: None, cidr_ip: Some(cidr.to_owned()) });
        Ok(vec![ec2::IpPermission {
            ip_protocol: self.protocol.map(str::to_owned),
            from_port: self.from_port,
            to_port: self.to_port,
            ip_ranges: ranges.into_iter().collect(),
            ..Default::default()
        }])
    }
}

impl Flat<'_> {
    /// What the name of a source group stands for, which must be one of the default VPC.
    fn permission_of_group(&self, call: &Call<'_>, name: &str) -> Result<Vec<ec2::IpPermission>, Failure> {
        if self.protocol.is_some() || self.from_port.is_some() || self.to_port.is_some() || self.cidr.is_some() {
            let message = "The parameter sourceSecurityGroupName cannot be used together with ipProtocol, fromPort, \
                           toPort or cidrIp.";
            return Err(refused("InvalidParameterCombination", message));
        }
        let (world, scope) = (call.world(), call.scope());
        if self.source_owner.is_some_and(|owner| owner != scope.account.as_str()) || world.default_vpc(scope).is_none()
        {
            return Err(not_by_name(name));
        }
        let id = security_group::by_name(&world, scope, name)?;
        let all = |protocol: &str, from: i32, to: i32| ec2::IpPermission {
            ip_protocol: Some(protocol.to_owned()),
            from_port: Some(from),
            to_port: Some(to),
            user_id_group_pairs: vec![ec2::UserIdGroupPair { group_id: Some(id.to_string()), ..Default::default() }],
            ..Default::default()
        };
        Ok(vec![all("tcp", 0, 65_535), all("udp", 0, 65_535), all("icmp", -1, -1)])
    }
}

/// The refusal of a source group by its name: only a group of a default VPC can be given so.
fn not_by_name(name: &str) -> Failure {
    let message = format!(
        "Invalid value '{name}' for groupName. You may not reference Amazon VPC security groups by name. Please use the \
         corresponding id for this operation."
    );
    refused("InvalidParameterValue", message)
}
