//! Whether a version can be invoked, and how its last change went.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::environment::StartError;

/// Whether a version can be invoked.
///
/// Source: Lambda developer guide, "Lambda function states".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// It is being made.
    Pending,
    Active,
    /// It could not be made.
    Failed(Failure),
}

/// How the last change went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Update {
    InProgress,
    Successful,
    Failed(Failure),
}

/// Why a version cannot be invoked, or is not what it was to become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    /// A `StateReasonCode` of the API.
    pub(super) code: String,
    pub(super) reason: String,
}

impl Failure {
    /// What is not known more exactly.
    pub(super) fn internal(reason: &str) -> Self {
        Self { code: "InternalError".to_owned(), reason: reason.to_owned() }
    }
}

/// Source: API reference, "FunctionConfiguration", `StateReasonCode`.
impl From<&StartError> for Failure {
    fn from(error: &StartError) -> Self {
        let code = match error {
            StartError::NoAddress => "SubnetOutOfIPAddresses",
            StartError::NoNetwork(_) => "InvalidSubnet",
            _ => return Self::internal(&error.to_string()),
        };
        Self { code: code.to_owned(), reason: error.to_string() }
    }
}

/// Tells them in the document of a function.
pub(super) fn add(document: &mut Map<String, Value>, state: &State, update: &Update) {
    let mut put = |name: &str, value: &str| document.insert(name.to_owned(), value.into());
    match state {
        State::Pending => {
            put("State", "Pending");
            put("StateReason", "The function is being created.");
            put("StateReasonCode", "Creating");
        }
        State::Active => {
            put("State", "Active");
        }
        State::Failed(Failure { code, reason }) => {
            put("State", "Failed");
            put("StateReason", reason);
            put("StateReasonCode", code);
        }
    }
    match update {
        // While it is being made, nothing is updated.
        _ if *state == State::Pending => {}
        Update::InProgress => {
            put("LastUpdateStatus", "InProgress");
            put("LastUpdateStatusReason", "The function is being created.");
            put("LastUpdateStatusReasonCode", "Creating");
        }
        Update::Successful => {
            put("LastUpdateStatus", "Successful");
        }
        Update::Failed(Failure { code, reason }) => {
            put("LastUpdateStatus", "Failed");
            put("LastUpdateStatusReason", reason);
            put("LastUpdateStatusReasonCode", code);
        }
    }
}
