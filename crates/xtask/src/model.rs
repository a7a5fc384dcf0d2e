//! The service model in botocore's form, with only the parts that the generator reads.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{at, read};

/// The trimmed model, relative to the workspace.
pub(crate) const MODEL: &str = "crates/wire/models/ec2.json";
/// The operations to keep, one a line.
pub(crate) const OPERATIONS: &str = "crates/wire/models/ec2.operations";
/// The names of all operations of the service, sorted, one a line.
pub(crate) const ACTIONS: &str = "crates/wire/models/ec2.actions";

/// An API: its operations, and the shapes that they name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Model {
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Operation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Reference>,
}

/// A shape as another one names it, with the names that it goes by on the wire there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) shape: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) query_name: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Shape {
    Structure {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        required: Vec<String>,
        /// Name to [`Reference`]; a [`Map`] since the order of the members is the order on the wire.
        members: Map<String, Value>,
    },
    List {
        member: Reference,
    },
    String,
    Boolean,
    Integer,
    Long,
    Double,
    Float,
    Timestamp,
    Blob,
    /// Not a thing of the EC2 protocol in the operations that we know.
    Map,
}

impl Model {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        serde_json::from_str(&read(path)?).map_err(|error| at(path, error))
    }

    pub(crate) fn shape(&self, name: &str) -> Result<&Shape, String> {
        self.shapes.get(name).ok_or_else(|| format!("the model names the shape `{name}` and does not have it"))
    }

    /// The members of a structure in the order of the model; nothing for any other shape.
    pub(crate) fn members(&self, shape: &str) -> Result<Vec<(String, Reference)>, String> {
        let Shape::Structure { members, .. } = self.shape(shape)? else {
            return Ok(Vec::new());
        };
        members
            .iter()
            .map(|(name, value)| match serde_json::from_value(value.clone()) {
                Ok(reference) => Ok((name.clone(), reference)),
                Err(error) => Err(format!("member `{name}` of `{shape}`: {error}")),
            })
            .collect()
    }

    /// The names of the shapes that are `start` or below it, added to `reached`.
    pub(crate) fn reach(&self, start: &str, reached: &mut std::collections::BTreeSet<String>) -> Result<(), String> {
        if !reached.insert(start.to_owned()) {
            return Ok(());
        }
        if let Shape::List { member } = self.shape(start)? {
            self.reach(&member.shape, reached)?;
        }
        for (_, member) in self.members(start)? {
            self.reach(&member.shape, reached)?;
        }
        Ok(())
    }
}
