//! A mapping from a stream to a function, as it is kept and as the API tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::settings::Settings;
use crate::asked::seconds;
use crate::lambda::fault::Fault;
use crate::lambda::name::Named;

/// What is told of a mapping that has read nothing yet.
pub(crate) const NOTHING_YET: &str = "No records processed";

/// A mapping. Times are Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mapping {
    pub(crate) id: String,
    pub(crate) scope: Scope,
    /// The ARN of the stream.
    pub(crate) source: String,
    /// The ARN of the function, with a version or an alias if one was named.
    pub(crate) function: String,
    /// `LATEST` or `TRIM_HORIZON`.
    pub(crate) starting_position: String,
    /// Where it begins to read the shards that there were when it was made; others it reads from their first record on.
    pub(crate) begins: BTreeMap<String, Position>,
    pub(crate) settings: Settings,
    pub(crate) tags: BTreeMap<String, String>,
    /// Whether it is to read.
    pub(crate) is_enabled: bool,
    pub(crate) step: Step,
    /// When somebody changed it last.
    pub(crate) modified: i64,
    /// What came of what it did last.
    pub(crate) result: String,
}

/// How far a change of a mapping has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Creating,
    Enabling,
    Disabling,
    Updating,
    Deleting,
    /// It is as it is to be.
    Settled,
}

/// How far a shard has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Position {
    /// Not at all: the oldest record that is there comes next.
    Horizon,
    /// All records up to the one with this sequence number.
    After(String),
    /// It is closed, and all of it has been read.
    End,
}

impl Mapping {
    pub(crate) fn arn(&self) -> String {
        arn(&self.scope, &self.id)
    }

    /// Source: API reference, "EventSourceMappingConfiguration", `State`.
    pub(crate) fn state(&self) -> &'static str {
        match self.step {
            Step::Creating => "Creating",
            Step::Enabling => "Enabling",
            Step::Disabling => "Disabling",
            Step::Updating => "Updating",
            Step::Deleting => "Deleting",
            Step::Settled if self.is_enabled => "Enabled",
            Step::Settled => "Disabled",
        }
    }

    /// Whether it reads its stream.
    pub(crate) fn is_reading(&self) -> bool {
        self.is_enabled && self.step == Step::Settled
    }

    /// Whether it does the same as another one, whatever came of it.
    pub(crate) fn does_as(&self, other: &Self) -> bool {
        let of = |mapping: &Self| (mapping.step, mapping.is_enabled, mapping.modified);
        of(self) == of(other) && self.function == other.function && self.settings == other.settings
    }

    /// The function.
    pub(crate) fn named(&self) -> Result<Named, Fault> {
        Named::parse_in(&self.scope, &self.function)
    }

    /// The document `EventSourceMappingConfiguration`.
    pub(crate) fn document(&self) -> Value {
        let mut document = Map::new();
        for (name, value) in [
            ("UUID", self.id.as_str().into()),
            ("StartingPosition", self.starting_position.as_str().into()),
            ("EventSourceArn", self.source.as_str().into()),
            ("FunctionArn", self.function.as_str().into()),
            ("LastModified", seconds(self.modified).into()),
            ("LastProcessingResult", self.result.as_str().into()),
            ("State", self.state().into()),
            ("StateTransitionReason", "User action".into()),
            ("EventSourceMappingArn", self.arn().into()),
        ] {
            document.insert(name.to_owned(), value);
        }
        self.settings.tell(&mut document);
        Value::Object(document)
    }

    /// What has to be allowed for an action on it.
    ///
    /// Source: Service authorization reference, "Actions, resources, and condition keys for AWS Lambda".
    pub(crate) fn requirement(&self, action: &str) -> Requirement {
        let needed = Requirement::new(format!("lambda:{action}"), self.arn())
            .owned_by(self.scope.account.clone())
            .with("lambda:FunctionArn", self.function.as_str());
        let tags = self.tags.iter();
        tags.fold(needed, |needed, (key, value)| needed.with(&format!("aws:ResourceTag/{key}"), value.as_str()))
    }
}

/// The ARN of the mapping with an id.
pub(crate) fn arn(scope: &Scope, id: &str) -> String {
    format!("arn:aws:lambda:{}:{}:event-source-mapping:{id}", scope.region, scope.account)
}
