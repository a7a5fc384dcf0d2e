//! The page that says what is enforced, what is only answered, and what is missing: docs/coverage.md, generated.
//!
//! Which operations are answered stands in the sources ([`operations`]); which are enforced, in the tests ([`probes`](mod@probes)):
//! an operation whose effect on packets and requests has been shown by a test in which something comes through, and by
//! one in which it does not.

mod operations;
mod page;
mod probes;

use std::path::Path;

use self::{operations::Service, probes::Probe};
use crate::{read, rust_files, write};

const PAGE: &str = "docs/coverage.md";
const COMMAND: &str = "cargo run -p sidegate-xtask -- coverage";

/// The folder of this crate, whose own tests are full of markers.
const OWN: &str = "crates/xtask";

pub(crate) fn run(root: &Path) -> Result<String, String> {
    let text = generated(root)?;
    write(&root.join(PAGE), &text)?;
    Ok(format!("{PAGE}: {} lines", text.lines().count()))
}

pub(crate) fn check(root: &Path) -> Result<String, String> {
    if read(&root.join(PAGE)).unwrap_or_default() == generated(root)? {
        Ok(format!("{PAGE} is current"))
    } else {
        Err(format!("{PAGE} is not what the tests and sources make of it; run `{COMMAND}` and commit the result"))
    }
}

fn generated(root: &Path) -> Result<String, String> {
    let services = operations::services(root)?;
    let probes = probes(root)?;
    check_names(&services, &probes)?;
    Ok(page::page(&services, &probes))
}

/// The probes of all crates, by file and line.
fn probes(root: &Path) -> Result<Vec<Probe>, String> {
    let mut probes = Vec::new();
    let mut errors = Vec::new();
    for file in rust_files(root, Path::new("crates"))? {
        if file.starts_with(OWN) {
            continue;
        }
        match probes::scan(&file.display().to_string(), &read(&root.join(&file))?) {
            Ok(found) => probes.extend(found),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(probes) } else { Err(errors.join("\n")) }
}

/// Every probe is of an operation that exists and is answered: what answers `NotImplemented` enforces nothing.
fn check_names(services: &[Service], probes: &[Probe]) -> Result<(), String> {
    let is_answered = |probe: &&Probe| {
        services.iter().any(|service| {
            let names = service.operations.iter().filter(|operation| operation.is_answered()).map(|o| &o.name);
            service.prefix == probe.service && names.into_iter().any(|name| *name == probe.operation)
        })
    };
    let errors: Vec<String> = probes
        .iter()
        .filter(|probe| !is_answered(probe))
        .map(|probe| {
            let Probe { service, operation, .. } = probe;
            format!("{}:{}: no service answers `{service}:{operation}`", probe.file, probe.line)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

#[cfg(test)]
mod tests;
