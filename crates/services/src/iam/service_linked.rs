//! Service-linked roles, which a service owns.

use std::sync::Arc;

use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{DESCRIPTION, ROLE, SERVICE, SUFFIX, TASK};
use super::role::{Role, View};
use super::text::{arn, key};
use crate::random::uuid;

/// What the role of a service is called, where it is not the service's own name.
///
/// Source: IAM user guide, "AWS services that work with IAM", and the services' own pages on service-linked roles.
const NAMES: [(&str, &str); 22] = [
    ("autoscaling", "AutoScaling"),
    ("ec2", "EC2"),
    ("ecs", "ECS"),
    ("ecs.application-autoscaling", "ApplicationAutoScaling_ECSService"),
    ("dynamodb.application-autoscaling", "ApplicationAutoScaling_DynamoDBTable"),
    ("eks", "AmazonEKS"),
    ("eks-nodegroup", "AmazonEKSNodegroup"),
    ("elasticache", "ElastiCache"),
    ("elasticbeanstalk", "ElasticBeanstalk"),
    ("elasticloadbalancing", "ElasticLoadBalancing"),
    ("es", "AmazonElasticsearchService"),
    ("opensearchservice", "AmazonOpenSearchService"),
    ("globalaccelerator", "GlobalAccelerator"),
    ("guardduty", "AmazonGuardDuty"),
    ("lex", "LexBots"),
    ("ops.apigateway", "APIGateway"),
    ("organizations", "Organizations"),
    ("rds", "RDS"),
    ("spot", "EC2Spot"),
    ("spotfleet", "EC2SpotFleet"),
    ("transitgateway", "VPCTransitGateway"),
    ("vpc-lattice", "VpcLattice"),
];

/// How many deletions are remembered.
const DELETIONS: usize = 100;

/// The name of the role of a service; `None` for what is no service of AWS.
fn role_name(service: &str, suffix: Option<&str>) -> Option<String> {
    let short = service.strip_suffix(".amazonaws.com").filter(|short| !short.is_empty())?;
    let known = NAMES.iter().find(|(name, _)| *name == short).map(|(_, role)| (*role).to_owned());
    let name = known.unwrap_or_else(|| {
        let mut characters = short.chars().filter(char::is_ascii_alphanumeric);
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect()
    });
    let suffix = suffix.map(|suffix| format!("_{suffix}")).unwrap_or_default();
    Some(format!("AWSServiceRoleFor{name}{suffix}"))
}

/// `CreateServiceLinkedRole`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let service = call.form.required("AWSServiceName", &SERVICE);
    let description = call.form.text("Description", &DESCRIPTION).filter(|text| !text.is_empty());
    let suffix = call.form.text("CustomSuffix", &SUFFIX);
    call.form.sound()?;
    let name = role_name(&service, suffix.as_deref())
        .ok_or_else(|| Fault::InvalidInput(format!("{service} is not the name of a service of AWS.")))?;
    let path = format!("/aws-service-role/{service}/");
    let requirements = vec![call.needs(arn(call.account_id(), "role", &path, &name))];
    Ok(Prepared::new(requirements, move |turn| {
        let trust: Arc<str> = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{{"Service":["{service}"]}}}}]}}"#
        )
        .into();
        let role = Role { description, service: Some(service), ..Role::new(name, path, trust, turn.now)? };
        turn.write_all(|state| {
            if state.account(turn.account_id).role(&role.name).is_ok() {
                return Err(Fault::InvalidInput(format!(
                    "Service role name {} has been taken in this account, please try a different suffix.",
                    role.name
                )));
            }
            state.add_role(turn.account_id, role.clone())
        })?;
        let mut content = Content::default();
        content.nested("Role", |content| role.render(content, &turn.state(), turn.account_id, View::Made));
        Ok(Some(content))
    }))
}

/// `DeleteServiceLinkedRole`. No service of Sidegate uses one, so it is gone at once.
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("RoleName", &ROLE);
    call.form.sound()?;
    let requirements = vec![call.needs(call.account().role_arn(call.account_id(), &name))];
    Ok(Prepared::new(requirements, move |turn| {
        let uuid = uuid()?;
        let task = turn.free(|account| {
            let role = account.role(&name)?;
            let Some(service) = &role.service else {
                return Err(Fault::InvalidInput(format!("Role {name} is not a service-linked role.")));
            };
            let task = format!("task/aws-service-role/{service}/{}/{uuid}", role.name);
            account.roles.remove(&key(&name));
            let deletions = &mut account.settings_mut().deletions;
            if deletions.len() >= DELETIONS {
                deletions.pop_first();
            }
            deletions.insert(task.clone());
            Ok(task)
        })?;
        let mut content = Content::default();
        content.text("DeletionTaskId", task);
        Ok(Some(content))
    }))
}

/// `GetServiceLinkedRoleDeletionStatus`
pub(super) fn deletion_status(call: &Call<'_>) -> Result<Prepared, Fault> {
    let task = call.form.required("DeletionTaskId", &TASK);
    call.form.sound()?;
    let resource = match task.split('/').collect::<Vec<_>>().as_slice() {
        ["task", "aws-service-role", service, role, _] => {
            arn(call.account_id(), "role", &format!("/aws-service-role/{service}/"), role)
        }
        _ => return Err(Fault::InvalidInput(format!("Deletion task ID {task} is not valid."))),
    };
    call.looks_up(call.needs(resource), move |account, _| {
        if !account.settings().deletions.contains(&task) {
            return Err(Fault::NoSuchEntity(format!("Deletion task {task} cannot be found.")));
        }
        let mut content = Content::default();
        content.text("Status", "SUCCEEDED");
        Ok(content)
    })
}
