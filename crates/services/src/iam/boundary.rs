//! Permissions boundaries of users and roles.

use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::aws_managed;
use super::fault::Fault;
use super::form::{ARN, ROLE, USER};
use super::permissions::Holder;
use super::policy::is_policy_arn;
use super::state::Account;

/// The element that names a boundary.
pub(super) fn render(content: &mut Content, boundary: Option<&str>) {
    if let Some(arn) = boundary {
        content.nested("PermissionsBoundary", |content| {
            content.text("PermissionsBoundaryType", "Policy").text("PermissionsBoundaryArn", arn);
        });
    }
}

/// Whether an ARN names a policy that can be a boundary in the account.
pub(super) fn check(account: &Account, id: &AccountId, arn: &str) -> Result<(), Fault> {
    if !is_policy_arn(arn) {
        return Err(Fault::InvalidInput(format!("ARN {arn} is not valid.")));
    }
    if account.managed(id, arn).is_some() && !aws_managed::is_of_service(arn) {
        return Ok(());
    }
    Err(Fault::NoSuchEntity(format!("Scope ARN: {arn} does not exist or is not attachable.")))
}

/// `PutUserPermissionsBoundary`
pub(super) fn put_user(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("UserName", &USER);
    let arn = call.form.required("PermissionsBoundary", &ARN);
    let id = call.account_id().clone();
    call.changes(call.needs(call.account().user_arn(&id, &name)), move |account| {
        account.user(&name)?;
        Holder::User.check_not_of_service(&arn)?;
        check(account, &id, &arn)?;
        account.user_mut(&name)?.boundary = Some(arn.clone());
        Ok(())
    })
}

/// `DeleteUserPermissionsBoundary`
pub(super) fn delete_user(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("UserName", &USER);
    call.frees(call.needs(call.account().user_arn(call.account_id(), &name)), move |account| {
        account.user_mut(&name)?.boundary = None;
        Ok(())
    })
}

/// `PutRolePermissionsBoundary`
pub(super) fn put_role(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("RoleName", &ROLE);
    let arn = call.form.required("PermissionsBoundary", &ARN);
    let id = call.account_id().clone();
    call.changes(call.needs(call.account().role_arn(&id, &name)), move |account| {
        account.own_role_mut(&name)?;
        Holder::Role.check_not_of_service(&arn)?;
        check(account, &id, &arn)?;
        account.own_role_mut(&name)?.boundary = Some(arn.clone());
        Ok(())
    })
}

/// `DeleteRolePermissionsBoundary`
pub(super) fn delete_role(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("RoleName", &ROLE);
    call.frees(call.needs(call.account().role_arn(call.account_id(), &name)), move |account| {
        account.own_role_mut(&name)?.boundary = None;
        Ok(())
    })
}
