//! Resource policies of tables and of streams: `PutResourcePolicy`, `GetResourcePolicy` and `DeleteResourcePolicy`.
//!
//! A policy is stored as it was put, but for the users and roles that it names. The policy of a table speaks of its indexes
//! as well.
//!
//! Source: API reference; developer guide, "Using resource-based policies for DynamoDB", "Considerations".

mod public;

use dynoxide::storage::Storage;
use serde_json::{Value, json};
use sidegate_iam::{Context, Decision, Policies, Policy, PolicyType, Principal, Request, Requirement, decide};

use super::engine::shown_label;
use super::fault::Fault;
use super::name::{Part, Resource, TableName};
use super::operation::{Asked, Prepared};
use super::place::{Room, in_transaction};
use super::table::{self, Table, id_of, policy_text};
use crate::iam::Names;
use crate::random;

/// The longest policy, in bytes. White space counts.
const LONGEST: usize = 20_480;

/// The revision that stands for no policy.
const NONE: &str = "NO_POLICY";

/// The policy of a request as it is kept.
pub(super) fn checked(names: &Names, table: &TableName, document: &str) -> Result<String, Fault> {
    if document.len() > LONGEST {
        let message = format!("Resource-based policy size exceeds the limit of {LONGEST} bytes");
        return Err(Fault::Validation(message));
    }
    let policy = Policy::parse(document, PolicyType::Resource)
        .map_err(|error| Fault::Validation(format!("Invalid policy document: {error}")))?;
    let arn = table.arn();
    let of_table = |resource: &str| {
        let rest = resource.strip_prefix(&arn);
        resource.contains('*') || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if !policy.resources().all(of_table) {
        let message = "Invalid policy document: a statement is about another resource than the table or its indexes";
        return Err(Fault::Validation(message.to_owned()));
    }
    if public::is_public(&policy) {
        let message = "Invalid policy document: the policy grants public access, which Block Public Access prevents";
        return Err(Fault::Validation(message.to_owned()));
    }
    names.keep(&table.account, document).map_err(|error| Fault::Validation(format!("Invalid policy document: {error}")))
}

/// Stores a policy, and returns its revision. The same policy keeps the revision that it has.
pub(super) fn write(storage: &Storage, id: &str, stream: &str, document: &str) -> Result<String, Fault> {
    if let Some((known, revision)) = policy_text(storage, id, stream)?
        && known == document
    {
        return Ok(revision);
    }
    // Revisions of DynamoDB are numbers of milliseconds, such as 1709841168699.
    let bits = u64::from_ne_bytes(random::bytes()?) % 9_000_000_000_000;
    let revision = (1_000_000_000_000 + bits).to_string();
    storage.conn().execute(
        r#"INSERT OR REPLACE INTO "sidegate:policy" (table_id, stream, document, revision) VALUES (?1, ?2, ?3, ?4)"#,
        [id, stream, document, &revision],
    )?;
    Ok(revision)
}

/// What a request about a policy is about.
struct Subject {
    arn: String,
    table: Table,
    /// The label of the stream; empty for the table.
    stream: String,
}

impl Subject {
    fn of(asked: &Asked) -> Result<Self, Fault> {
        let arn = asked.text("ResourceArn").unwrap_or_default().to_owned();
        let invalid = || Fault::Validation(format!("Invalid resource ARN: {arn}"));
        let Resource { table, part } = Resource::read(&arn).ok_or_else(invalid)?;
        if table.region != asked.scope().region {
            return Err(invalid());
        }
        let stream = match part {
            Part::Whole => String::new(),
            Part::Stream(label) => label,
            Part::Index(_) => return Err(invalid()),
        };
        let table = Table::find(&asked.places, table)?;
        Ok(Self { arn, table, stream })
    }

    fn requirement(&self, action: &str) -> Requirement {
        if self.stream.is_empty() { self.table.requirement(action) } else { self.table.on_stream(action, &self.stream) }
    }

    /// The unique id of the table, if it is there and has the stream.
    fn id(&self, storage: &Storage) -> Result<String, Fault> {
        let gone = || Fault::NotFound(format!("Requested resource not found: ResourceArn: {} not found", self.arn));
        let meta = storage.get_table_metadata(&self.table.name.name)?.ok_or_else(gone)?;
        let label = meta.stream_label.as_deref().filter(|_| meta.stream_enabled).map(shown_label);
        if !self.stream.is_empty() && label.as_deref() != Some(&self.stream) {
            return Err(gone());
        }
        Ok(id_of(&meta))
    }

    fn no_policy(&self) -> Fault {
        Fault::Missing(
            "PolicyNotFoundException",
            format!("Resource-based policy not found for the provided ResourceArn: {}", self.arn),
        )
    }
}

/// Checks the revision that a request expects.
fn check_revision(subject: &Subject, expected: Option<&str>, now: Option<&str>) -> Result<(), Fault> {
    match (expected, now) {
        (None, _) | (Some(NONE), None) => Ok(()),
        (Some(expected), Some(now)) if expected == now => Ok(()),
        _ => Err(Fault::Missing(
            "PolicyNotFoundException",
            format!(
                "Resource-based policy not found for the provided ResourceArn: {} Requested update for policy with revision \
             id {}",
                subject.arn,
                expected.unwrap_or_default()
            ),
        )),
    }
}

/// Whether a policy would keep its author from changing it.
fn locks_out(principal: &Principal, subject: &Subject, document: &str) -> bool {
    let Ok(policy) = Policy::parse(document, PolicyType::Resource) else { return false };
    let requirement = Requirement::new("dynamodb:PutResourcePolicy", subject.arn.clone()).under(policy);
    let request = Request { principal, context: &Context::new(), requirement: &requirement };
    matches!(decide(&request, &Policies::default()), Decision::ExplicitlyDenied { .. })
}

/// `PutResourcePolicy`
pub(super) fn put(asked: Asked) -> Result<Prepared, Fault> {
    let subject = Subject::of(&asked)?;
    let Some(document) = asked.text("Policy").map(str::to_owned) else {
        let message = "1 validation error detected: Value null at 'policy' failed to satisfy constraint: Member must not \
                       be null";
        return Err(Fault::Validation(message.to_owned()));
    };
    let kept = checked(&asked.names, &subject.table.name, &document)?;
    let expected = asked.text("ExpectedRevisionId").map(str::to_owned);
    let confirmed = asked.document.get("ConfirmRemoveSelfResourceAccess").and_then(Value::as_bool).unwrap_or(false);
    let requirements = vec![subject.requirement("PutResourcePolicy")];
    let principal = asked.caller.principal;
    Ok(Prepared::new(requirements, move |allowed| {
        if !confirmed && locks_out(&principal, &subject, &document) {
            let message = "The policy would keep you from changing it. Set ConfirmRemoveSelfResourceAccess to do so";
            return Err(Fault::Validation(message.to_owned()));
        }
        subject.table.place.write(allowed, Room::Taken, |storage| {
            in_transaction(storage, || {
                let id = subject.id(storage)?;
                let now = policy_text(storage, &id, &subject.stream)?.map(|(_, revision)| revision);
                check_revision(&subject, expected.as_deref(), now.as_deref())?;
                let revision = write(storage, &id, &subject.stream, &kept)?;
                Ok(json!({ "RevisionId": revision }).to_string())
            })
        })
    }))
}

/// `GetResourcePolicy`
pub(super) fn get(asked: Asked) -> Result<Prepared, Fault> {
    let subject = Subject::of(&asked)?;
    let requirements = vec![subject.requirement("GetResourcePolicy")];
    let names = asked.names;
    Ok(Prepared::new(requirements, move |_| {
        subject.table.place.read(|storage| {
            let id = subject.id(storage)?;
            let found = policy_text(storage, &id, &subject.stream)?;
            let (document, revision) = found.ok_or_else(|| subject.no_policy())?;
            Ok(json!({ "Policy": names.show(&document), "RevisionId": revision }).to_string())
        })
    }))
}

/// `DeleteResourcePolicy`
pub(super) fn delete(asked: Asked) -> Result<Prepared, Fault> {
    let subject = Subject::of(&asked)?;
    let expected = asked.text("ExpectedRevisionId").map(str::to_owned);
    let requirements = vec![subject.requirement("DeleteResourcePolicy")];
    Ok(Prepared::new(requirements, move |allowed| {
        subject.table.place.write(allowed, Room::Freed, |storage| {
            in_transaction(storage, || {
                let id = subject.id(storage)?;
                let now = policy_text(storage, &id, &subject.stream)?.map(|(_, revision)| revision);
                check_revision(&subject, expected.as_deref(), now.as_deref())?;
                table::remove_policy(storage, &id, &subject.stream)?;
                // Whoever deletes what is not there is told of no revision.
                Ok(match now {
                    Some(revision) => json!({ "RevisionId": revision }),
                    None => json!({}),
                }
                .to_string())
            })
        })
    }))
}
