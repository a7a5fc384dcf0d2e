//! AuthorizeSecurityGroupIngress, AuthorizeSecurityGroupEgress.

use sidegate_model::{Direction, Scope};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::arn;
use super::super::{security_group, tag, tagged};
use super::{Flat, flat, render};

impl Action for ec2::AuthorizeSecurityGroupIngressRequest {
    type Answer = ec2::AuthorizeSecurityGroupIngressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "security-group", self.group_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let permissions = flat!(self).or(call, Direction::Ingress, &self.ip_permissions)?;
        let group = (self.group_id.as_deref(), self.group_name.as_deref());
        let rules = authorize(call, Direction::Ingress, group, &permissions, &self.tag_specifications).await?;
        Ok(ec2::AuthorizeSecurityGroupIngressResult { r#return: Some(true), security_group_rules: rules })
    }
}

impl Action for ec2::AuthorizeSecurityGroupEgressRequest {
    type Answer = ec2::AuthorizeSecurityGroupEgressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "security-group", self.group_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Self::Answer, Failure> {
        let permissions = flat!(self).or(call, Direction::Egress, &self.ip_permissions)?;
        let group = (self.group_id.as_deref(), None);
        let rules = authorize(call, Direction::Egress, group, &permissions, &self.tag_specifications).await?;
        Ok(ec2::AuthorizeSecurityGroupEgressResult { r#return: Some(true), security_group_rules: rules })
    }
}

/// Adds rules to a group that is given by its id or its name, and puts the same tags on each.
async fn authorize(
    call: &Call<'_>, direction: Direction, (id, name): (Option<&str>, Option<&str>), permissions: &[ec2::IpPermission],
    tag_specifications: &[ec2::TagSpecification],
) -> Result<Vec<ec2::SecurityGroupRule>, Failure> {
    let (world, scope) = (call.world(), call.scope());
    let id = security_group::named(&world, scope, id, name)?;
    let rules = security_group::permission::rules(&world, scope, direction, &id, permissions)?;
    let tags = tagged::specified(tag_specifications, "security-group-rule", &[])?;
    call.change(move |world, context| {
        let made = world.authorize(context, &id, rules)?;
        for rule in &made {
            tag::put(world, context, rule.as_str(), &tags)?;
        }
        let group = world.security_group(&context.scope, &id)?;
        let new = group.rules.iter().filter(|rule| made.contains(&rule.id));
        Ok(new.map(|rule| render(world, group, rule)).collect())
    })
    .await
}
