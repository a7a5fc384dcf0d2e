//! `AddPermission`, `RemovePermission` and `GetPolicy`: the policies of functions, versions and aliases, statement by
//! statement.
//!
//! A policy is stored as it was put, but for the users and roles that it names.
//!
//! Source: API reference; Lambda developer guide, "Viewing resource-based IAM policies in Lambda".

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sidegate_iam::{Policy, PolicyType};
use sidegate_model::AccountId;

use super::fault::{Code, Fault};
use super::name::{Named, Qualifier, is_plain};
use super::operation::{Answer, Call, present, present_version};
use super::store::Store;
use crate::constraint::{Constraint, length, required};
use crate::random::uuid;

/// The largest policy, in bytes.
///
/// Source: Lambda developer guide, "Lambda quotas".
const LARGEST: usize = 20 << 10;

/// The policy of a resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ResourcePolicy {
    /// Of a layer's policy. That of a function has the revision of the function, version or alias.
    pub(super) revision: String,
    /// As it is kept.
    document: String,
    /// As it decides, once it had to.
    #[serde(skip)]
    parsed: OnceLock<Arc<Policy>>,
}

impl ResourcePolicy {
    /// As it decides. One that can no longer be read denies everything.
    pub(super) fn parsed(&self) -> Arc<Policy> {
        let parse = || {
            let parsed = Policy::parse(&self.document, PolicyType::Resource);
            Arc::new(parsed.unwrap_or_else(|error| {
                tracing::error!(%error, "a policy that is stored cannot be read, and so denies everything");
                Policy::denying()
            }))
        };
        Arc::clone(self.parsed.get_or_init(parse))
    }

    /// As it is told.
    pub(super) fn shown(&self, store: &Store) -> String {
        store.names.show(&self.document).into_owned()
    }

    fn statements(&self) -> Vec<Value> {
        let document: Value = serde_json::from_str(&self.document).unwrap_or_default();
        document.get("Statement").and_then(Value::as_array).cloned().unwrap_or_default()
    }

    /// A policy of these statements.
    fn of(statements: Vec<Value>) -> Result<Self, Fault> {
        let document = json!({"Version": "2012-10-17", "Id": "default", "Statement": statements}).to_string();
        if document.len() > LARGEST {
            return Err(Fault::Told(
                Code::PolicyLengthExceeded,
                format!("The final policy size ({}) is bigger than the limit ({LARGEST}).", document.len()),
            ));
        }
        Ok(Self { revision: uuid()?, document, parsed: OnceLock::new() })
    }

    /// With one more statement, whose `Sid` nothing else has.
    pub(super) fn with(own: Option<&Self>, statement: Value) -> Result<Self, Fault> {
        let mut statements = own.map(Self::statements).unwrap_or_default();
        let sid = statement.get("Sid");
        if statements.iter().any(|other| other.get("Sid") == sid) {
            let sid = sid.and_then(Value::as_str).unwrap_or_default();
            return Err(Fault::conflict(format!(
                "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the \
                 existing statement."
            )));
        }
        statements.push(statement);
        Self::of(statements)
    }

    /// Without a statement; `None` if that was the last one.
    pub(super) fn without(&self, sid: &str) -> Result<Option<Self>, Fault> {
        let mut statements = self.statements();
        let before = statements.len();
        statements.retain(|statement| statement.get("Sid").and_then(Value::as_str) != Some(sid));
        if statements.len() == before {
            return Err(no_statement(sid));
        }
        if statements.is_empty() { Ok(None) } else { Self::of(statements).map(Some) }
    }
}

fn no_statement(sid: &str) -> Fault {
    Fault::not_found(format!("Statement {sid} is not found in resource policy."))
}

/// Refuses a change of a policy that rests on another revision than there is.
pub(super) fn check_policy_revision(given: Option<&str>, own: Option<&str>) -> Result<(), Fault> {
    match given {
        Some(_) if given != own => Err(Fault::Told(
            Code::PreconditionFailed,
            "The RevisionId provided does not match the latest RevisionId. Call the GetPolicy API to retrieve the latest \
             RevisionId"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Checks the id of a statement that is added. One that is removed may have a dot, by the model.
pub(super) fn check_statement_id(sid: &str) -> Result<(), Fault> {
    length("statementId", sid, 1, 100)?;
    if sid.bytes().all(is_plain) {
        return Ok(());
    }
    let pattern = "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)";
    Err(Constraint::of(sid, "statementId", pattern).into())
}

/// The statement as it is kept: who it names is kept by the unique id.
pub(super) fn kept(store: &Store, account: &AccountId, statement: &Value) -> Result<Value, Fault> {
    let wrong = || Fault::invalid("The provided principal was invalid. Please check the principal and try again.");
    let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    Policy::parse(&document, PolicyType::Resource).map_err(|_| wrong())?;
    let kept = store.names.keep(account, &document).map_err(|_| wrong())?;
    let kept: Value = serde_json::from_str(&kept)?;
    kept.get("Statement").and_then(|all| all.get(0)).cloned().ok_or_else(wrong)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddPermission {
    statement_id: Option<String>,
    action: Option<String>,
    principal: Option<String>,
    source_arn: Option<String>,
    source_account: Option<String>,
    event_source_token: Option<String>,
    revision_id: Option<String>,
    #[serde(rename = "PrincipalOrgID")]
    organization: Option<String>,
    function_url_auth_type: Option<String>,
    invoked_via_function_url: Option<bool>,
}

impl AddPermission {
    /// The statement, for the resource with this ARN.
    fn statement(&self, arn: &str) -> Result<Value, Fault> {
        let sid = required("statementId", self.statement_id.as_deref())?;
        check_statement_id(sid)?;
        let action = required("action", self.action.as_deref())?;
        let verb = action.strip_prefix("lambda:");
        let is_action =
            action == "*" || verb.is_some_and(|verb| verb == "*" || verb.bytes().all(|b| b.is_ascii_alphabetic()));
        if !is_action || verb == Some("") {
            let pattern = r"Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])";
            return Err(Constraint::of(action, "action", pattern).into());
        }
        let mut statement = json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": principal(required("principal", self.principal.as_deref())?)?,
            "Action": action,
            "Resource": arn,
        });
        let condition = self.condition()?;
        if let (false, Some(statement)) = (condition.is_empty(), statement.as_object_mut()) {
            statement.insert("Condition".to_owned(), condition.into());
        }
        Ok(statement)
    }

    fn condition(&self) -> Result<serde_json::Map<String, Value>, Fault> {
        let mut condition = serde_json::Map::new();
        let mut put = |operator: &str, key: &str, value: Value| {
            let operator = condition.entry(operator).or_insert_with(|| json!({}));
            if let Some(keys) = operator.as_object_mut() {
                keys.insert(key.to_owned(), value);
            }
        };
        if let Some(account) = &self.source_account {
            if account.parse::<AccountId>().is_err() {
                let pattern = r"Member must satisfy regular expression pattern: \d{12}";
                return Err(Constraint::of(account, "sourceAccount", pattern).into());
            }
            put("StringEquals", "AWS:SourceAccount", account.as_str().into());
        }
        if let Some(token) = &self.event_source_token {
            length("eventSourceToken", token, 0, 256)?;
            put("StringEquals", "lambda:EventSourceToken", token.as_str().into());
        }
        if let Some(organization) = &self.organization {
            length("principalOrgID", organization, 12, 34)?;
            put("StringEquals", "aws:PrincipalOrgID", organization.as_str().into());
        }
        if let Some(kind) = &self.function_url_auth_type {
            super::settings::one_of("functionUrlAuthType", kind, &["NONE", "AWS_IAM"])?;
            put("StringEquals", "lambda:FunctionUrlAuthType", kind.as_str().into());
        }
        if let Some(via) = self.invoked_via_function_url {
            put("Bool", "lambda:InvokedViaFunctionUrl", via.to_string().into());
        }
        if let Some(arn) = &self.source_arn {
            if !arn.starts_with("arn:") || arn.split(':').count() < 6 {
                let pattern = "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:\
                               ([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";
                return Err(Constraint::of(arn, "sourceArn", pattern).into());
            }
            put("ArnLike", "AWS:SourceArn", arn.as_str().into());
        }
        Ok(condition)
    }
}

/// Who is let in: everyone, a service, an account, or one of its users and roles.
fn principal(text: &str) -> Result<Value, Fault> {
    if text == "*" {
        return Ok("*".into());
    }
    if let Ok(account) = text.parse::<AccountId>() {
        return Ok(json!({"AWS": format!("arn:aws:iam::{account}:root")}));
    }
    if text.starts_with("arn:") {
        return Ok(json!({"AWS": text}));
    }
    let is_service =
        text.ends_with(".amazonaws.com") || text.ends_with(".amazon.com") || text.ends_with(".aws.internal");
    if is_service {
        return Ok(json!({"Service": text}));
    }
    Err(Fault::invalid("The provided principal was invalid. Please check the principal and try again."))
}

/// Whether something can have a policy of its own.
fn check_can_have_policy(named: &Named) -> Result<(), Fault> {
    match named.qualifier {
        Some(Qualifier::Latest) => Err(Fault::invalid("We currently do not support adding policies for $LATEST.")),
        _ => Ok(()),
    }
}

fn key_of(named: &Named) -> String {
    named.qualifier.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// `AddPermission`
pub(super) async fn add_permission(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: AddPermission = call.document()?;
    let named = call.named()?;
    let statement = input.statement(&named.arn())?;
    check_can_have_policy(&named)?;
    let function = call.store().function(&named.place);
    let mut needed = call.requirement(call.operation, &named, function.as_deref());
    if let Some(principal) = &input.principal {
        needed = needed.with("lambda:Principal", principal.as_str());
    }
    if let Some(kind) = &input.function_url_auth_type {
        needed = needed.with("lambda:FunctionUrlAuthType", kind.as_str());
    }
    let allowed = call.authorize(&[needed])?;
    let kept = kept(call.store(), &named.place.scope.account, &statement)?;
    let (own, revision) = (named.clone(), input.revision_id);
    call.store()
        .change_function(&allowed, &named.place, move |function| {
            let mut function = present(&own, function.as_ref())?.clone();
            present_version(&own, Some(&function))?;
            let qualifier = own.qualifier.as_ref();
            check_policy_revision(revision.as_deref(), function.revision(qualifier))?;
            let policy = ResourcePolicy::with(function.policy(qualifier), kept)?;
            function.renew(qualifier, &policy.revision);
            function.head.policies.insert(key_of(&own), policy);
            Ok((Some(function), ()))
        })
        .await?;
    Answer::created(&json!({"Statement": statement.to_string()}))
}

/// `RemovePermission`
pub(super) async fn remove_permission(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let sid = call.segment(1).to_owned();
    check_statement_id(&sid.replace('.', "-"))?;
    let function = call.store().function(&named.place);
    let allowed = call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    let (own, revision) = (named.clone(), call.parameter("RevisionId").map(str::to_owned));
    call.store()
        .change_function(&allowed, &named.place, move |function| {
            let mut function = present(&own, function.as_ref())?.clone();
            present_version(&own, Some(&function))?;
            let qualifier = own.qualifier.as_ref();
            check_policy_revision(revision.as_deref(), function.revision(qualifier))?;
            let policy = function.policy(qualifier).ok_or_else(Fault::no_resource)?.without(&sid)?;
            function.renew(qualifier, &uuid()?);
            match policy {
                Some(policy) => function.head.policies.insert(key_of(&own), policy),
                None => function.head.policies.remove(&key_of(&own)),
            };
            Ok((Some(function), ()))
        })
        .await?;
    Ok(Answer::nothing())
}

/// `GetPolicy`
pub(super) fn get_policy(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    present_version(&named, function.as_deref())?;
    let function = present(&named, function.as_deref())?;
    let qualifier = named.qualifier.as_ref();
    let policy = function.policy(qualifier).ok_or_else(Fault::no_resource)?;
    Answer::ok(&json!({"Policy": policy.shown(call.store()), "RevisionId": function.revision(qualifier)}))
}
