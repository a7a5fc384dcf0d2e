//! The page that says what is enforced, what is only answered, and what is missing: docs/coverage.md, generated.
//!
//! Which operations are answered stands in the sources ([`operations`]); which are enforced, in the tests ([`probes`](mod@probes)):
//! an operation whose effect on packets and requests has been shown by a test in which something comes through, and by
//! one in which it does not.

mod operations;
mod page;
mod probes;
mod remarks;

use std::path::Path;

use self::{operations::Service, probes::Probe, remarks::Remark};
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
    let (probes, remarks) = markers(root)?;
    let of_probe = |p: &Probe| (p.service.clone(), p.operation.clone(), format!("{}:{}", p.file, p.line));
    let of_remark = |r: &Remark| (r.service.clone(), r.operation.clone(), format!("{}:{}", r.file, r.line));
    let named: Vec<_> = probes.iter().map(of_probe).chain(remarks.iter().map(of_remark)).collect();
    check_names(&services, &named)?;
    Ok(page::page(&services, &probes, &remarks))
}

/// The probes and remarks of all crates, by file and line.
fn markers(root: &Path) -> Result<(Vec<Probe>, Vec<Remark>), String> {
    let (mut probes, mut remarks) = (Vec::new(), Vec::new());
    let mut errors = Vec::new();
    for file in rust_files(root, Path::new("crates"))? {
        if file.starts_with(OWN) {
            continue;
        }
        let (name, source) = (file.display().to_string(), read(&root.join(&file))?);
        match probes::scan(&name, &source) {
            Ok(found) => probes.extend(found),
            Err(error) => errors.push(error),
        }
        match remarks::scan(&name, &source) {
            Ok(found) => remarks.extend(found),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok((probes, remarks)) } else { Err(errors.join("\n")) }
}

/// Every probe and every remark is of an operation that exists and is answered: what answers `NotImplemented` enforces
/// nothing. Each is given by service, operation and place.
fn check_names(services: &[Service], named: &[(String, String, String)]) -> Result<(), String> {
    let is_answered = |prefix: &str, wanted: &str| {
        services.iter().any(|service| {
            let mut names = service.operations.iter().filter(|operation| operation.is_answered()).map(|o| &o.name);
            service.prefix == prefix && names.any(|name| *name == wanted)
        })
    };
    let wrong = named.iter().filter(|(service, operation, _)| !is_answered(service, operation));
    let errors: Vec<String> = wrong
        .map(|(service, operation, place)| format!("{place}: no service answers `{service}:{operation}`"))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

#[cfg(test)]
mod tests;
