//! `PutResourcePolicy`, `DescribeResourcePolicies` and `DeleteResourcePolicy`
//!
//! These policies speak of services of AWS alone, which write in their own names: AWS does not hold users or roles to
//! them, of whatever account. Nothing here calls as such a service, so that they are kept and shown.
//!
//! Source: API reference, "PutResourcePolicy".

use serde::{Deserialize, Serialize};
use sidegate_iam::{Policy, PolicyType, Requirement};

use super::fault::{Fault, Kind};
use super::id::GroupId;
use super::operation::{Act, Done, Operation, Prepared, Subject};
use super::page::{self, Names};
use super::store::{ResourcePolicy, Store};
use crate::Caller;
use crate::constraint::{Constraint, length, required};
use crate::random::bytes;

/// The most policies of an account in a Region.
const MOST: usize = 10;

/// What has to be allowed, for the account's policies or for that of a log group.
fn requirement(subject: Option<&Subject>, operation: &str) -> Requirement {
    let any = || Requirement::new(format!("logs:{operation}"), "*");
    subject.map_or_else(any, |subject| subject.requirement(operation))
}

/// The log group that a request names by its ARN.
fn subject(caller: &Caller, store: &Store, arn: Option<&str>) -> Result<Option<Subject>, Fault> {
    let id = |arn| {
        GroupId::of_arn(&caller.scope, arn).ok_or_else(|| Fault::invalid("The specified resourceArn is invalid."))
    };
    arn.map(|arn| Subject::find(store, id(arn)?)).transpose()
}

/// The number of the log group that policies are of; 0 where they are the account's.
fn number(subject: Option<&Subject>, act: &Act<'_>, connection: &rusqlite::Connection) -> Result<i64, Fault> {
    subject.map_or(Ok(0), |subject| Ok(subject.group(act.allowed, connection)?.number))
}

/// A policy, as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    policy_name: String,
    policy_document: String,
    last_updated_time: i64,
    policy_scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_id: Option<String>,
}

impl Shown {
    fn of(policy: ResourcePolicy, subject: Option<&Subject>) -> Self {
        Self {
            policy_name: policy.name,
            policy_document: policy.document,
            last_updated_time: policy.updated,
            policy_scope: if subject.is_some() { "RESOURCE" } else { "ACCOUNT" },
            resource_arn: subject.map(|subject| subject.id.arn()),
            revision_id: policy.revision,
        }
    }
}

/// Whether a request knows the policy that it changes.
fn check_revision(old: Option<&ResourcePolicy>, expected: Option<&str>) -> Result<(), Fault> {
    let revision = old.and_then(|old| old.revision.as_deref());
    if revision == expected { Ok(()) } else { Err(Fault::OtherRevision) }
}

/// `PutResourcePolicy`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutResourcePolicy {
    policy_name: Option<String>,
    policy_document: Option<String>,
    resource_arn: Option<String>,
    expected_revision_id: Option<String>,
}

/// A policy that was checked.
pub(super) struct New {
    subject: Option<Subject>,
    name: String,
    document: String,
    expected: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Put {
    resource_policy: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_id: Option<String>,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Ready = New;
    type Answer = Put;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<New>, Fault> {
        let name = required("policyName", self.policy_name)?;
        length("policyName", &name, 1, 255)?;
        let document = required("policyDocument", self.policy_document)?;
        length("policyDocument", &document, 1, 51_200)?;
        if document.len() > 5_120 && self.resource_arn.is_none() {
            return Err(Fault::LimitExceeded);
        }
        if Policy::parse(&document, PolicyType::Resource).is_err() {
            return Err(Fault::invalid("Invalid policy document."));
        }
        let subject = subject(caller, store, self.resource_arn.as_deref())?;
        let requirements = vec![requirement(subject.as_ref(), Self::NAME)];
        let ready = New { subject, name, document, expected: self.expected_revision_id };
        Ok(Prepared { ready, requirements })
    }

    fn act(new: New, act: &Act<'_>) -> Result<Put, Fault> {
        let New { subject, name, document, expected } = new;
        let (scope, now) = (&act.caller.scope, act.caller.now);
        let policy = act.store.write(act.allowed, now, |transaction| {
            let group = number(subject.as_ref(), act, transaction)?;
            let others = ResourcePolicy::all(transaction, scope, group)?;
            let mut revision = None;
            if group == 0 {
                if others.iter().filter(|other| other.name != name).count() >= MOST {
                    return Err(Fault::LimitExceeded);
                }
            } else {
                check_revision(others.first(), expected.as_deref())?;
                others.iter().try_for_each(|old| old.remove(transaction, scope))?;
                revision = Some(hex::encode(bytes::<16>()?));
            }
            let policy = ResourcePolicy { group, name, updated: now, document, revision };
            policy.put(transaction, scope)?;
            Ok(policy)
        })?;
        let revision_id = policy.revision.clone();
        Ok(Put { resource_policy: Shown::of(policy, subject.as_ref()), revision_id })
    }
}

/// `DeleteResourcePolicy`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteResourcePolicy {
    policy_name: Option<String>,
    resource_arn: Option<String>,
    expected_revision_id: Option<String>,
}

/// The policy that is to go.
pub(super) struct Old {
    subject: Option<Subject>,
    name: Option<String>,
    expected: Option<String>,
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Ready = Old;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Old>, Fault> {
        let subject = subject(caller, store, self.resource_arn.as_deref())?;
        // A log group has one policy, which its ARN names as well.
        let name = if subject.is_none() { Some(required("policyName", self.policy_name)?) } else { self.policy_name };
        let requirements = vec![requirement(subject.as_ref(), Self::NAME)];
        Ok(Prepared { ready: Old { subject, name, expected: self.expected_revision_id }, requirements })
    }

    fn act(old: Old, act: &Act<'_>) -> Result<Done, Fault> {
        let scope = &act.caller.scope;
        act.store.free(act.allowed, |transaction| {
            let group = number(old.subject.as_ref(), act, transaction)?;
            let mut policies = ResourcePolicy::all(transaction, scope, group)?.into_iter();
            let named = |policy: &ResourcePolicy| old.name.as_ref().is_none_or(|name| policy.name == *name);
            let policy = policies.find(named).ok_or(Fault::None(Kind::ResourcePolicy))?;
            if group != 0 {
                check_revision(Some(&policy), old.expected.as_deref())?;
            }
            policy.remove(transaction, scope)?;
            Ok(Done {})
        })
    }
}

/// `DescribeResourcePolicies`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeResourcePolicies {
    next_token: Option<String>,
    limit: Option<i64>,
    resource_arn: Option<String>,
    policy_scope: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PoliciesPage {
    resource_policies: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeResourcePolicies {
    const NAME: &'static str = "DescribeResourcePolicies";
    type Ready = (Option<Subject>, Names);
    type Answer = PoliciesPage;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        match self.policy_scope.as_deref() {
            None | Some("ACCOUNT" | "RESOURCE") => {}
            Some(other) => {
                let bound = "Member must satisfy enum value set: [ACCOUNT, RESOURCE]";
                return Err(Constraint::of(other, "policyScope", bound).into());
            }
        }
        if self.policy_scope.as_deref() == Some("RESOURCE") && self.resource_arn.is_none() {
            return Err(Fault::invalid("The resourceArn is required for policies of the RESOURCE scope."));
        }
        let subject = subject(caller, store, self.resource_arn.as_deref())?;
        let limit = page::limit(self.limit, 50, 50)?;
        let (scope, of) = (&caller.scope, self.resource_arn.unwrap_or_default());
        let context = format!("{} {}/{} {of}", Self::NAME, scope.account, scope.region);
        let names = Names::of(&store.vault, context, caller.now, self.next_token.as_deref(), limit)?;
        let requirements = vec![requirement(subject.as_ref(), Self::NAME)];
        Ok(Prepared { ready: (subject, names), requirements })
    }

    fn act((subject, names): Self::Ready, act: &Act<'_>) -> Result<PoliciesPage, Fault> {
        let found = act.store.read(|connection| {
            let group = number(subject.as_ref(), act, connection)?;
            ResourcePolicy::all(connection, &act.caller.scope, group)
        })?;
        let found = found.into_iter().filter(|policy| policy.name > names.after);
        let shown = found.map(|policy| Shown::of(policy, subject.as_ref())).collect();
        let (vault, now) = (&act.store.vault, act.caller.now);
        let (resource_policies, next_token) = names.page(vault, now, shown, |shown: &Shown| &shown.policy_name)?;
        Ok(PoliciesPage { resource_policies, next_token })
    }
}
