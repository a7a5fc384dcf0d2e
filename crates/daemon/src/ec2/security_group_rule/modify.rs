//! ModifySecurityGroupRules, and UpdateSecurityGroupRuleDescriptionsIngress and -Egress: rules that keep their ids and
//! tags and get other contents.

use sidegate_model::{
    Direction, Error, IpProtocol, NewRule, Peer, PortRange, Scope, SecurityGroup, SecurityGroupId, SecurityGroupRule,
    SecurityGroupRuleId,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};
use super::super::security_group::permission::{self, note};
use super::super::{refused, security_group};

/// What a rule shall be. Its direction stays.
struct Content {
    protocol: IpProtocol,
    ports: Option<PortRange>,
    peer: Peer,
    description: Option<String>,
}

impl Content {
    /// Reads it. It is whole: what is not given is not kept.
    fn read(request: &ec2::SecurityGroupRuleRequest) -> Result<Self, Failure> {
        let protocol = permission::protocol(request.ip_protocol.as_deref())?;
        Ok(Self {
            protocol,
            ports: permission::ports(protocol, request.from_port, request.to_port),
            peer: peer(request)?,
            description: note(&request.description),
        })
    }

    fn rule(self, direction: Direction) -> Result<NewRule, Error> {
        NewRule::new(direction, self.protocol, self.ports, self.peer, self.description)
    }
}

/// The one other side that a request names.
fn peer(request: &ec2::SecurityGroupRuleRequest) -> Result<Peer, Failure> {
    let lists = request.prefix_list_id.as_deref();
    let groups = request.referenced_group_id.as_deref();
    match (request.cidr_ipv4.as_deref(), request.cidr_ipv6.as_deref(), lists, groups) {
        (Some(cidr), None, None, None) => permission::cidr(Some(cidr)),
        (None, Some(cidr), None, None) => permission::ipv6(Some(cidr)),
        (None, None, Some(list), None) => Ok(Peer::PrefixList(ids::id(list)?)),
        (None, None, None, Some(group)) => Ok(Peer::Group(ids::id(group)?)),
        (None, None, None, None) => {
            let message = "The request must contain exactly one of cidrIpv4, cidrIpv6, prefixListId, referencedGroupId";
            Err(refused("MissingParameter", message))
        }
        _ => {
            let message = "The request must contain exactly one of cidrIpv4, cidrIpv6, prefixListId, referencedGroupId";
            Err(refused("InvalidParameterCombination", message))
        }
    }
}

impl Action for ec2::ModifySecurityGroupRulesRequest {
    type Answer = ec2::ModifySecurityGroupRulesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "security-group", self.group_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let id: SecurityGroupId = ids::given(self.group_id.as_deref(), "GroupId")?;
        let mut contents = Vec::with_capacity(self.security_group_rules.len());
        for update in &self.security_group_rules {
            let rule: SecurityGroupRuleId =
                ids::given(update.security_group_rule_id.as_deref(), "SecurityGroupRuleId")?;
            let Some(request) = &update.security_group_rule else {
                let message = "The request must contain the parameter SecurityGroupRule.SecurityGroupRule";
                return Err(refused("MissingParameter", message));
            };
            contents.push((rule, Content::read(request)?));
        }
        call.change(move |world, context| {
            let group = world.security_group(&context.scope, &id)?;
            let changes = contents
                .into_iter()
                .map(|(rule, content)| {
                    let direction = find(group, &rule)?.rule.direction;
                    Ok((rule, content.rule(direction)?))
                })
                .collect::<Result<Vec<_>, Error>>()?;
            world.modify_security_group_rules(context, &id, changes)
        })
        .await?;
        Ok(ec2::ModifySecurityGroupRulesResult { r#return: Some(true) })
    }
}

fn find<'g>(group: &'g SecurityGroup, id: &SecurityGroupRuleId) -> Result<&'g SecurityGroupRule, Error> {
    group.rules.iter().find(|rule| rule.id == *id).ok_or_else(|| id.not_found())
}

impl Action for ec2::UpdateSecurityGroupRuleDescriptionsIngressRequest {
    type Answer = ec2::UpdateSecurityGroupRuleDescriptionsIngressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "security-group", self.group_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let (id, name) = (self.group_id.as_deref(), self.group_name.as_deref());
        let id = security_group::named(&call.world(), call.scope(), id, name)?;
        let descriptions = &self.security_group_rule_descriptions;
        describe(call, Direction::Ingress, id, &self.ip_permissions, descriptions).await?;
        Ok(ec2::UpdateSecurityGroupRuleDescriptionsIngressResult { r#return: Some(true) })
    }
}

impl Action for ec2::UpdateSecurityGroupRuleDescriptionsEgressRequest {
    type Answer = ec2::UpdateSecurityGroupRuleDescriptionsEgressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "security-group", self.group_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let (id, name) = (self.group_id.as_deref(), self.group_name.as_deref());
        let id = security_group::named(&call.world(), call.scope(), id, name)?;
        let descriptions = &self.security_group_rule_descriptions;
        describe(call, Direction::Egress, id, &self.ip_permissions, descriptions).await?;
        Ok(ec2::UpdateSecurityGroupRuleDescriptionsEgressResult { r#return: Some(true) })
    }
}

/// Gives rules other descriptions: those that the permissions name, or those with certain ids. A description that is
/// not given is taken away.
async fn describe(
    call: &Call<'_>, direction: Direction, id: SecurityGroupId, permissions: &[ec2::IpPermission],
    descriptions: &[ec2::SecurityGroupRuleDescription],
) -> Result<(), Failure> {
    if descriptions.is_empty() {
        let rules = permission::rules(&call.world(), call.scope(), direction, &id, permissions)?;
        return call
            .change(move |world, context| {
                let changes = by_content(world.security_group(&context.scope, &id)?, rules)?;
                world.modify_security_group_rules(context, &id, changes)
            })
            .await;
    }
    if !permissions.is_empty() {
        let message = "The parameter ipPermissions cannot be used together with securityGroupRuleDescriptions.";
        return Err(refused("InvalidParameterCombination", message));
    }
    let mut notes = Vec::with_capacity(descriptions.len());
    for entry in descriptions {
        let rule: SecurityGroupRuleId = ids::given(entry.security_group_rule_id.as_deref(), "SecurityGroupRuleId")?;
        notes.push((rule, note(&entry.description)));
    }
    call.change(move |world, context| {
        let changes = by_id(world.security_group(&context.scope, &id)?, direction, notes)?;
        world.modify_security_group_rules(context, &id, changes)
    })
    .await
}

/// The rules of a group that let through the same as these, with the descriptions of these.
fn by_content(group: &SecurityGroup, rules: Vec<NewRule>) -> Result<Vec<(SecurityGroupRuleId, NewRule)>, Error> {
    let change = |rule: NewRule| {
        let present = group.rules.iter().find(|present| present.rule.is_same(&rule));
        Ok((present.ok_or(Error::RuleNotFound)?.id.clone(), rule))
    };
    rules.into_iter().map(change).collect()
}

/// The rules of a group in one direction with these ids, with these descriptions.
fn by_id(
    group: &SecurityGroup, direction: Direction, notes: Vec<(SecurityGroupRuleId, Option<String>)>,
) -> Result<Vec<(SecurityGroupRuleId, NewRule)>, Error> {
    let change = |(id, note): (SecurityGroupRuleId, Option<String>)| {
        let NewRule { direction: present, protocol, ports, peer, .. } = find(group, &id)?.rule.clone();
        if present != direction {
            return Err(id.not_found());
        }
        Ok((id, NewRule::new(direction, protocol, ports, peer, note)?))
    };
    notes.into_iter().map(change).collect()
}
