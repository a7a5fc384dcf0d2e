//! What an operation is, and what the answers of operations have in common.

use serde::de::DeserializeOwned;
use sidegate_iam::Requirement;
use sidegate_model::Scope;
use sidegate_wire::document::Value;

use super::fault::Fault;
use super::store::Store;
use crate::{Authorized, Caller};

/// An operation, in the form of its document.
pub(super) trait Operation: DeserializeOwned + Send + 'static {
    /// Its name.
    const NAME: &'static str;
    /// The operation, checked, with the facts that its requirements rest on.
    type Ready: Send + 'static;

    /// Checks the document, and finds out what has to be allowed. Blocks.
    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault>;

    /// Does it. Blocks.
    fn act(ready: Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault>;
}

/// An operation that waits to be allowed.
pub(super) struct Prepared<R> {
    pub(super) ready: R,
    pub(super) requirements: Vec<Requirement>,
}

impl<R> Prepared<R> {
    /// One that requires one thing.
    pub(super) fn one(ready: R, requirement: Requirement) -> Self {
        Self { ready, requirements: vec![requirement] }
    }

    /// One whose action has no resource.
    pub(super) fn of_all(ready: R, operation: &str) -> Self {
        Self::one(ready, requirement(operation, "*"))
    }
}

/// What must be allowed.
pub(super) fn requirement(operation: &str, resource: impl Into<String>) -> Requirement {
    Requirement::new(format!("cloudwatch:{operation}"), resource)
}

/// The ARN of an alarm.
///
/// Source: Service Authorization Reference, "Amazon CloudWatch", resource types.
pub(super) fn alarm_arn(scope: &Scope, name: &str) -> String {
    format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", scope.region, scope.account)
}

/// The ARN of a dashboard, which is in no Region.
pub(super) fn dashboard_arn(scope: &Scope, name: &str) -> String {
    format!("arn:aws:cloudwatch::{}:dashboard/{name}", scope.account)
}

/// What an operation answers.
pub(super) struct Answer {
    /// `None` where the API's model has no result.
    pub(super) result: Option<Value>,
    /// What was wrong with an entity although the metrics were taken.
    pub(super) entity_failure: Option<&'static str>,
}

impl Answer {
    /// That it is done.
    pub(super) fn done() -> Self {
        Self { result: None, entity_failure: None }
    }

    /// A result with these members. Those that are not there are left out.
    pub(super) fn of(members: Vec<(&'static str, Option<Value>)>) -> Self {
        Self { result: Some(structure(members)), entity_failure: None }
    }
}

/// A structure with the members that are there.
pub(super) fn structure(members: Vec<(&'static str, Option<Value>)>) -> Value {
    Value::Structure(members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

/// A text.
pub(super) fn text(text: impl Into<String>) -> Option<Value> {
    Some(Value::Text(text.into()))
}

/// A list of texts.
pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> Option<Value> {
    Some(Value::List(texts.into_iter().map(|text| Value::Text(text.clone())).collect()))
}
