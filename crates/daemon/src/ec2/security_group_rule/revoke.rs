//! RevokeSecurityGroupIngress, RevokeSecurityGroupEgress.
//!
//! In a VPC that is not the default one a rule that does not exist is an error and nothing is revoked. In the default VPC
//! the rest is revoked, and the answer tells which permissions were unknown.

use sidegate_model::{Direction, NewRule, Peer, Scope, SecurityGroup, SecurityGroupRule, SecurityGroupRuleId};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};
use super::super::{refused, security_group};
use super::{Flat, flat, ports};

impl Action for ec2::RevokeSecurityGroupIngressRequest {
    type Answer = ec2::RevokeSecurityGroupIngressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "security-group", self.group_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let permissions = flat!(self).or(call, Direction::Ingress, &self.ip_permissions)?;
        let group = (self.group_id.as_deref(), self.group_name.as_deref());
        let (revoked, unknown) =
            revoke(call, Direction::Ingress, group, &permissions, &self.security_group_rule_ids).await?;
        Ok(ec2::RevokeSecurityGroupIngressResult {
            r#return: Some(true),
            unknown_ip_permissions: unknown,
            revoked_security_group_rules: revoked,
        })
    }
}

impl Action for ec2::RevokeSecurityGroupEgressRequest {
    type Answer = ec2::RevokeSecurityGroupEgressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "security-group", self.group_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let permissions = flat!(self).or(call, Direction::Egress, &self.ip_permissions)?;
        let group = (self.group_id.as_deref(), None);
        let (revoked, unknown) =
            revoke(call, Direction::Egress, group, &permissions, &self.security_group_rule_ids).await?;
        Ok(ec2::RevokeSecurityGroupEgressResult {
            r#return: Some(true),
            unknown_ip_permissions: unknown,
            revoked_security_group_rules: revoked,
        })
    }
}

/// The rules that were revoked, and the permissions that were not known.
type Revoked = (Vec<ec2::RevokedSecurityGroupRule>, Vec<ec2::IpPermission>);

/// Takes rules from a group: those with these ids, or those that let through what the permissions say.
async fn revoke(
    call: &Call<'_>, direction: Direction, (id, name): (Option<&str>, Option<&str>), permissions: &[ec2::IpPermission],
    rule_ids: &[String],
) -> Result<Revoked, Failure> {
    let (present, scope) = (call.world(), call.scope());
    let id = security_group::named(&present, scope, id, name)?;
    if rule_ids.is_empty() {
        let rules = security_group::permission::rules(&present, scope, direction, &id, permissions)?;
        return call
            .change(move |world, context| {
                let group = world.security_group(&context.scope, &id)?;
                let is_default = world.default_vpc(&context.scope).is_some_and(|vpc| vpc.id == group.vpc);
                let is_known = |wanted: &NewRule| group.rules.iter().any(|rule| wanted.is_same(&rule.rule));
                let (known, unknown): (Vec<_>, Vec<_>) =
                    rules.into_iter().partition(|wanted| !is_default || is_known(wanted));
                let named = |rule: &&SecurityGroupRule| known.iter().any(|wanted| wanted.is_same(&rule.rule));
                let revoked = group.rules.iter().filter(named).map(|rule| render(group, rule)).collect();
                let unknown = security_group::permission::of_rules(world, group, unknown);
                world.revoke(context, &id, &known)?;
                Ok((revoked, unknown))
            })
            .await;
    }
    if !permissions.is_empty() {
        let message = "The parameter securityGroupRuleIds cannot be used together with ipPermissions.";
        return Err(refused("InvalidParameterCombination", message));
    }
    let rule_ids: Vec<SecurityGroupRuleId> = ids::ids(rule_ids)?;
    call.change(move |world, context| {
        let group = world.security_group(&context.scope, &id)?;
        let named = |rule: &&SecurityGroupRule| rule_ids.contains(&rule.id);
        let revoked = group.rules.iter().filter(named).map(|rule| render(group, rule)).collect();
        world.revoke_by_id(context, &id, direction, &rule_ids)?;
        Ok((revoked, Vec::new()))
    })
    .await
}

/// A rule that was revoked, as the answer shows it.
fn render(group: &SecurityGroup, rule: &SecurityGroupRule) -> ec2::RevokedSecurityGroupRule {
    let (from_port, to_port) = ports(rule);
    let mut answer = ec2::RevokedSecurityGroupRule {
        security_group_rule_id: Some(rule.id.to_string()),
        group_id: Some(group.id.to_string()),
        is_egress: Some(rule.rule.direction == Direction::Egress),
        ip_protocol: Some(rule.rule.protocol.to_string()),
        from_port: Some(from_port),
        to_port: Some(to_port),
        description: rule.rule.description.clone(),
        ..Default::default()
    };
    match &rule.rule.peer {
        Peer::Cidr(cidr) => answer.cidr_ipv4 = Some(cidr.to_string()),
        Peer::Cidr6(..) => answer.cidr_ipv6 = Some(rule.rule.peer.to_string()),
        Peer::PrefixList(list) => answer.prefix_list_id = Some(list.to_string()),
        Peer::Group(id) => answer.referenced_group_id = Some(id.to_string()),
    }
    answer
}
