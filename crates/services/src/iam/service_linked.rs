//! Service-linked roles, which a service owns.

mod template;

use std::sync::Arc;

use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::aws_managed;
use super::fault::Fault;
use super::form::{DESCRIPTION, ROLE, SERVICE, SUFFIX, TASK};
use super::permissions::Permissions;
use super::role::{Role, View};
use super::text::{arn, key};
use crate::random::uuid;
use template::Template;

/// How many deletions are remembered.
const DELETIONS: usize = 100;

/// The service has no such role. The reference lists no error for this; AWS answers as if it were forbidden.
///
/// Source: answers of AWS that others quote.
fn no_template(service: &str) -> Fault {
    Fault::AccessDenied(format!("Cannot find Service Linked Role template for {service}"))
}

/// `CreateServiceLinkedRole`. The role has its service's policy from the start.
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let service = call.form.required("AWSServiceName", &SERVICE);
    let description = call.form.text("Description", &DESCRIPTION).filter(|text| !text.is_empty());
    let suffix = call.form.text("CustomSuffix", &SUFFIX);
    call.form.sound()?;
    let template = Template::of(&service).ok_or_else(|| no_template(&service))?;
    if suffix.is_some() && !template.takes_suffix {
        return Err(Fault::InvalidInput(format!("Custom suffix is not allowed for {service}")));
    }
    let name = template.role_name(suffix.as_deref());
    let path = format!("/aws-service-role/{service}/");
    let requirements = vec![call.needs(arn(call.account_id(), "role", &path, &name))];
    Ok(Prepared::new(requirements, move |turn| {
        let trust: Arc<str> = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{{"Service":["{service}"]}}}}]}}"#
        )
        .into();
        let attached = [aws_managed::of_service(template.policy)].into();
        let permissions = Permissions { attached, ..Permissions::default() };
        let role = Role { description, service: Some(service), permissions, ..Role::new(name, path, trust, turn.now)? };
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
