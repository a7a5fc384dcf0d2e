//! Cutting a service model down to the operations that are served.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde_json::{Map, Value};

use crate::{
    at,
    model::{ACTIONS, MODEL, Model, OPERATIONS, Reference, Shape},
    read, write,
};

pub(crate) fn run(root: &Path, from: &Path) -> Result<String, String> {
    let full: Model = serde_json::from_str(&decompressed(from)?).map_err(|error| at(from, error))?;
    let operations = read(&root.join(OPERATIONS))?;
    let operations: BTreeSet<&str> = operations.lines().filter(|line| !line.is_empty()).collect();
    let trimmed = trim(&full, &operations)?;

    let mut text = serde_json::to_string_pretty(&trimmed).map_err(|error| error.to_string())?;
    text.push('\n');
    write(&root.join(MODEL), &text)?;
    let actions: String = full.operations.keys().map(|name| format!("{name}\n")).collect();
    write(&root.join(ACTIONS), &actions)?;
    Ok(format!(
        "{MODEL}: {} operations, {} shapes; {ACTIONS}: {} actions",
        trimmed.operations.len(),
        trimmed.shapes.len(),
        full.operations.len(),
    ))
}

/// The model with only these operations and what they reach.
fn trim(full: &Model, keep: &BTreeSet<&str>) -> Result<Model, String> {
    let mut operations = BTreeMap::new();
    let mut reached = BTreeSet::new();
    for name in keep {
        let operation =
            full.operations.get(*name).ok_or_else(|| format!("{OPERATIONS}: the service has no operation `{name}`"))?;
        for shape in operation.input.iter().chain(&operation.output) {
            full.reach(&shape.shape, &mut reached)?;
        }
        operations.insert((*name).to_owned(), operation.clone());
    }
    let mut shapes = BTreeMap::new();
    for name in reached {
        let shape = match full.shape(&name)? {
            Shape::Structure { required, .. } => {
                Shape::Structure { required: required.clone(), members: trimmed_members(&full.members(&name)?)? }
            }
            other => other.clone(),
        };
        shapes.insert(name, shape);
    }
    Ok(Model { operations, shapes })
}

/// The members without documentation and whatever else [`Reference`] does not have.
fn trimmed_members(members: &[(String, Reference)]) -> Result<Map<String, Value>, String> {
    members
        .iter()
        .map(|(name, reference)| match serde_json::to_value(reference) {
            Ok(value) => Ok((name.clone(), value)),
            Err(error) => Err(error.to_string()),
        })
        .collect()
}

fn decompressed(path: &Path) -> Result<String, String> {
    if path.extension().is_none_or(|extension| extension != "gz") {
        return read(path);
    }
    let output = Command::new("gzip")
        .arg("--decompress")
        .arg("--stdout")
        .arg(path)
        .output()
        .map_err(|error| format!("gzip: {error}"))?;
    if !output.status.success() {
        return Err(at(path, String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|error| at(path, error))
}
