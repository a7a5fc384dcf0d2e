//! `AddLayerVersionPermission`, `RemoveLayerVersionPermission` and `GetLayerVersionPolicy`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use sidegate_model::AccountId;

use super::{Layer, in_path, no_version, requirement};
use crate::constraint::{Constraint, length, required};
use crate::lambda::fault::Fault;
use crate::lambda::operation::{Answer, Call};
use crate::lambda::permission::{ResourcePolicy, check_policy_revision, check_statement_id, kept};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddLayerVersionPermission {
    statement_id: Option<String>,
    action: Option<String>,
    principal: Option<String>,
    organization_id: Option<String>,
}

impl AddLayerVersionPermission {
    fn statement(&self, arn: &str) -> Result<Value, Fault> {
        let sid = required("statementId", self.statement_id.as_deref())?;
        check_statement_id(sid)?;
        let action = required("action", self.action.as_deref())?;
        if action != "lambda:GetLayerVersion" {
            let pattern = "Member must satisfy regular expression pattern: lambda:GetLayerVersion";
            return Err(Constraint::of(action, "action", pattern).into());
        }
        let principal = required("principal", self.principal.as_deref())?;
        let named = match principal {
            "*" => Value::from("*"),
            text if text.parse::<AccountId>().is_ok() => json!({"AWS": format!("arn:aws:iam::{text}:root")}),
            text if text.starts_with("arn:") && text.ends_with(":root") => json!({"AWS": text}),
            _ => {
                let pattern =
                    r"Member must satisfy regular expression pattern: \d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root";
                return Err(Constraint::of(principal, "principal", pattern).into());
            }
        };
        let mut statement =
            json!({"Sid": sid, "Effect": "Allow", "Principal": named, "Action": action, "Resource": arn});
        if let Some(organization) = &self.organization_id {
            length("organizationId", organization, 0, 34)?;
            if principal != "*" {
                return Err(Fault::invalid("The principal must be * where an organization is given."));
            }
            if let Some(statement) = statement.as_object_mut() {
                let condition = json!({"StringEquals": {"aws:PrincipalOrgID": organization}});
                statement.insert("Condition".to_owned(), condition);
            }
        }
        Ok(statement)
    }
}

/// Changes the policy of a version.
fn with_policy(
    layer: Option<Layer>, number: u64,
    change: impl FnOnce(Option<&ResourcePolicy>) -> Result<Option<ResourcePolicy>, Fault>,
) -> Result<(Option<Layer>, String), Fault> {
    let mut layer = layer.ok_or_else(|| no_version(number))?;
    let version = layer.versions.get(&number).ok_or_else(|| no_version(number))?;
    let mut version = version.as_ref().clone();
    version.policy = change(version.policy.as_ref())?;
    let revision = version.policy.as_ref().map(|policy| policy.revision.clone()).unwrap_or_default();
    layer.versions.insert(number, Arc::new(version));
    Ok((Some(layer), revision))
}

/// `AddLayerVersionPermission`
pub(in crate::lambda) async fn add_layer_version_permission(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: AddLayerVersionPermission = call.document()?;
    let (place, number) = in_path(call)?;
    let statement = input.statement(&format!("{}:{number}", place.layer_arn()))?;
    let allowed = call.authorize(&[requirement(call.store(), call.operation, &place, number)])?;
    let kept = kept(call.store(), &place.scope.account, &statement)?;
    let revision = call.parameter("RevisionId").map(str::to_owned);
    let revision = call
        .store()
        .change_layer(&allowed, &place, move |layer| {
            with_policy(layer, number, |policy| {
                check_policy_revision(revision.as_deref(), policy.map(|own| own.revision.as_str()))?;
                ResourcePolicy::with(policy, kept).map(Some)
            })
        })
        .await?;
    Answer::created(&json!({"Statement": statement.to_string(), "RevisionId": revision}))
}

/// `RemoveLayerVersionPermission`
pub(in crate::lambda) async fn remove_layer_version_permission(call: &Call<'_>) -> Result<Answer, Fault> {
    let (place, number) = in_path(call)?;
    let sid = call.segment(2).to_owned();
    check_statement_id(&sid)?;
    let allowed = call.authorize(&[requirement(call.store(), call.operation, &place, number)])?;
    let revision = call.parameter("RevisionId").map(str::to_owned);
    call.store()
        .change_layer(&allowed, &place, move |layer| {
            with_policy(layer, number, |policy| {
                check_policy_revision(revision.as_deref(), policy.map(|own| own.revision.as_str()))?;
                policy.ok_or_else(Fault::no_resource)?.without(&sid)
            })
        })
        .await?;
    Ok(Answer::nothing())
}

/// `GetLayerVersionPolicy`
pub(in crate::lambda) fn get_layer_version_policy(call: &Call<'_>) -> Result<Answer, Fault> {
    let (place, number) = in_path(call)?;
    call.authorize(&[requirement(call.store(), call.operation, &place, number)])?;
    let layer = call.store().layer(&place);
    let version = layer.as_ref().and_then(|layer| layer.versions.get(&number)).ok_or_else(|| no_version(number))?;
    let policy = version.policy.as_ref().ok_or_else(Fault::no_resource)?;
    Answer::ok(&json!({"Policy": policy.shown(call.store()), "RevisionId": policy.revision}))
}
