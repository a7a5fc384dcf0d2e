//! Instance profiles of instances. The world knows which instance has which; whether there is such a profile, and with
//! which role, IAM is asked when it is given.
//!
//! Source: EC2 API reference, `AssociateIamInstanceProfile`, `DescribeIamInstanceProfileAssociations`,
//! `DisassociateIamInstanceProfile`, `ReplaceIamInstanceProfileAssociation`; IAM user guide, "Grant a user permissions to
//! pass a role to an AWS service".

use sidegate_iam::Requirement;
use sidegate_model::{Instance, InstanceId, InstanceProfile, InstanceProfileAssociation, Scope};
use sidegate_services::Authorized;
use sidegate_services::iam::{ProfileFacts, RoleFacts};
use sidegate_wire::ec2::{self, IamInstanceProfileSpecification, Timestamp};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one};
use super::ids::{arn, given, required};
use super::{denial, fault, refused};
use crate::role_sessions::EC2;

/// The filters of DescribeIamInstanceProfileAssociations.
const FILTERS: &[&str] = &["instance-id", "state"];

/// The state of an association that there is. Nothing takes time here.
const ASSOCIATED: &str = "associated";

/// The profile that a request names, whose role the caller may pass to the instance with this id; `*` stands for one that
/// is still to be made. `None` if the request names none: Terraform sends empty names.
///
/// # Errors
/// `InvalidParameterValue` if there is no such profile, or no role in it; `UnauthorizedOperation` without
/// `iam:PassRole`.
pub(super) fn passed(
    call: &Call<'_>, operation: &str, named: Option<&IamInstanceProfileSpecification>, instance: &str,
) -> Result<Option<InstanceProfile>, Failure> {
    let Some((profile, role)) = found(call, named)? else { return Ok(None) };
    require_pass(call, operation, &role, instance)?;
    Ok(Some(profile))
}

/// The same where it was asked for before whether the caller may pass the role.
///
/// # Errors
/// `InvalidParameterValue` if there is no such profile, or no role in it.
pub(super) fn passed_before(
    call: &Call<'_>, named: Option<&IamInstanceProfileSpecification>,
) -> Result<Option<InstanceProfile>, Failure> {
    Ok(found(call, named)?.map(|(profile, _)| profile))
}

/// The profile that a request names, and its role.
fn found(
    call: &Call<'_>, named: Option<&IamInstanceProfileSpecification>,
) -> Result<Option<(InstanceProfile, RoleFacts)>, Failure> {
    let text = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
    let Some((arn, name)) = named.map(|named| (text(&named.arn), text(&named.name))) else { return Ok(None) };
    let profile = match (arn, name) {
        (None, None) => return Ok(None),
        (Some(arn), name) => by_arn(call, &arn, name.as_deref())?,
        (None, Some(name)) => by_name(call, &name)?,
    };
    let Some(role) = profile.role else {
        let message = format!("IAM Instance Profile \"{}\" has no associated IAM Roles", profile.arn);
        return Err(refused("InvalidParameterValue", message));
    };
    Ok(Some((InstanceProfile { arn: profile.arn.into(), id: profile.id.into() }, role)))
}

fn by_name(call: &Call<'_>, name: &str) -> Result<ProfileFacts, Failure> {
    let found = call.directory.instance_profile(&call.scope().account, name);
    found.filter(|profile| profile.arn.rsplit('/').next() == Some(name)).ok_or_else(|| {
        let message = format!(
            "Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
        );
        refused("InvalidParameterValue", message)
    })
}

/// By its ARN, and by its name if both are given: then they have to be of one profile.
fn by_arn(call: &Call<'_>, arn: &str, name: Option<&str>) -> Result<ProfileFacts, Failure> {
    let found = call.directory.instance_profile(&call.scope().account, arn).filter(|profile| profile.arn == arn);
    let profile = found.ok_or_else(|| {
        let message =
            format!("Value ({arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN");
        refused("InvalidParameterValue", message)
    })?;
    if name.is_some_and(|name| profile.arn.rsplit('/').next() != Some(name)) {
        let message = "The parameter 'iamInstanceProfile.name' may not be used in combination with \
                       'iamInstanceProfile.arn'";
        return Err(refused("InvalidParameterCombination", message));
    }
    Ok(profile)
}

/// Whether the caller may pass a role to an instance. The action itself was authorised before; this is asked apart from
/// it, since which role it is about, only IAM knows.
fn require_pass(call: &Call<'_>, operation: &str, role: &RoleFacts, instance: &str) -> Result<(), Failure> {
    let requirement = Requirement::new("iam:PassRole", role.arn.as_str())
        .with("iam:PassedToService", EC2)
        .with("iam:AssociatedResourceArn", arn(call.scope(), "instance", instance));
    let requirement = role.tags.iter().fold(requirement, |requirement, (key, value)| {
        let tag = format!("ResourceTag/{key}");
        requirement.with(&format!("aws:{tag}"), value.as_str()).with(&format!("iam:{tag}"), value.as_str())
    });
    let allowed = Authorized::by(call.authorizer, operation, &[requirement]);
    allowed.map(drop).map_err(|denial| denial::failure(call.directory, &denial))
}

/// The profile of a request that must name one.
fn must_be_passed(
    call: &Call<'_>, operation: &str, named: Option<&IamInstanceProfileSpecification>, instance: &str,
) -> Result<InstanceProfile, Failure> {
    passed(call, operation, named, instance)?.ok_or_else(|| {
        let message = "The request must contain the parameter iamInstanceProfile.arn or iamInstanceProfile.name";
        refused("MissingParameter", message)
    })
}

/// A profile as instances show it.
pub(super) fn shown(profile: &InstanceProfile) -> ec2::IamInstanceProfile {
    ec2::IamInstanceProfile { arn: Some(profile.arn.to_string()), id: Some(profile.id.to_string()) }
}

/// An association, in a state that is told of it.
fn told(
    instance: &InstanceId, association: &InstanceProfileAssociation, state: &str,
) -> ec2::IamInstanceProfileAssociation {
    ec2::IamInstanceProfileAssociation {
        association_id: Some(association.id.to_string()),
        instance_id: Some(instance.to_string()),
        iam_instance_profile: Some(shown(&association.profile)),
        state: Some(state.to_owned()),
        timestamp: Some(Timestamp::from_unix_millis(association.since)),
    }
}

impl Action for ec2::AssociateIamInstanceProfileRequest {
    type Answer = ec2::AssociateIamInstanceProfileResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "instance", self.instance_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::AssociateIamInstanceProfileResult, Failure> {
        let instance: InstanceId = given(self.instance_id.as_deref(), "InstanceId")?;
        call.world().instance(call.scope(), &instance).map_err(|error| fault::of(&error))?;
        let named = self.iam_instance_profile.as_ref();
        let profile = must_be_passed(call, "AssociateIamInstanceProfile", named, instance.as_str())?;
        let of = instance.clone();
        let made = call.change(move |world, context| world.associate_instance_profile(context, &of, profile)).await?;
        let association = Some(told(&instance, &made, "associating"));
        Ok(ec2::AssociateIamInstanceProfileResult { iam_instance_profile_association: association })
    }
}

impl Action for ec2::DisassociateIamInstanceProfileRequest {
    type Answer = ec2::DisassociateIamInstanceProfileResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "instance", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DisassociateIamInstanceProfileResult, Failure> {
        let id = required(self.association_id.as_deref(), "AssociationId")?.to_owned();
        let taken = call.change(move |world, context| world.disassociate_instance_profile(context, &id));
        let (instance, association) = taken.await?;
        let association = Some(told(&instance, &association, "disassociating"));
        Ok(ec2::DisassociateIamInstanceProfileResult { iam_instance_profile_association: association })
    }
}

impl Action for ec2::ReplaceIamInstanceProfileAssociationRequest {
    type Answer = ec2::ReplaceIamInstanceProfileAssociationResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "instance", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::ReplaceIamInstanceProfileAssociationResult, Failure> {
        let id = required(self.association_id.as_deref(), "AssociationId")?.to_owned();
        let instance = {
            let world = call.world();
            let found = world.instance_profile_association(call.scope(), &id).map_err(|error| fault::of(&error))?;
            found.0.id.clone()
        };
        let named = self.iam_instance_profile.as_ref();
        let profile = must_be_passed(call, "ReplaceIamInstanceProfileAssociation", named, instance.as_str())?;
        let replaced = call.change(move |world, context| world.replace_instance_profile(context, &id, profile));
        let (instance, association) = replaced.await?;
        let association = Some(told(&instance, &association, "associating"));
        Ok(ec2::ReplaceIamInstanceProfileAssociationResult { iam_instance_profile_association: association })
    }
}

impl Action for ec2::DescribeIamInstanceProfileAssociationsRequest {
    type Answer = ec2::DescribeIamInstanceProfileAssociationsResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeIamInstanceProfileAssociationsResult, Failure> {
        let filters = Filters::read(&self.filters, FILTERS)?;
        let (world, scope) = (call.world(), call.scope());
        let associated = |instance: &Instance| instance.scope == *scope && instance.profile.is_some();
        let mut found: Vec<(&Instance, &InstanceProfileAssociation)> = if self.association_ids.is_empty() {
            let all = world.instances.iter().filter(|instance| associated(instance));
            all.filter_map(|instance| Some((instance, instance.profile.as_ref()?))).collect()
        } else {
            let named = self.association_ids.iter().map(|id| world.instance_profile_association(scope, id));
            named.collect::<Result<_, _>>().map_err(|error| fault::of(&error))?
        };
        found.retain(|(instance, _)| {
            filters.pass(|filter| match filter {
                "instance-id" => one(instance.id.as_str()),
                "state" => one(ASSOCIATED),
                _ => Vec::new(),
            })
        });
        found.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
        found.dedup_by(|(_, a), (_, b)| a.id == b.id);
        let key = |(_, association): &(&Instance, &InstanceProfileAssociation)| association.id.to_string();
        let page = call.page(found, key, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeIamInstanceProfileAssociationsResult {
            iam_instance_profile_associations: page
                .items
                .into_iter()
                .map(|(instance, association)| told(&instance.id, association, ASSOCIATED))
                .collect(),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests;
