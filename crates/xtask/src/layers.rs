//! The architecture of the workspace, checked: which crate may depend on which, and which names a
//! crate may not say.
//!
//! Only what is built for production counts; tests may use whatever they need.

mod manifest;
mod rules;
mod source;

use std::{fmt, path::Path, process::Command};

use crate::{read, rust_files};

/// A place in the workspace that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    file: String,
    line: usize,
    what: String,
    why: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} — {}", self.file, self.line, self.what, self.why)
    }
}

/// A file of a crate that is not a test, as text.
struct SourceFile {
    /// The name of the crate's folder in `crates`.
    krate: String,
    file: String,
    text: String,
}

pub(crate) fn run(root: &Path) -> Result<String, String> {
    let crates = manifest::parse(&metadata(root)?)?;
    let mut violations = Vec::new();
    let mut sources = Vec::new();
    for krate in &crates {
        let folder = Path::new("crates").join(&krate.name);
        let manifest = folder.join("Cargo.toml");
        let text = read(&root.join(&manifest))?;
        violations.extend(manifest::violations(krate, &manifest.display().to_string(), &text));
        for file in rust_files(root, &folder.join("src"))?.into_iter().filter(|file| !is_test(file)) {
            sources.push(SourceFile {
                krate: krate.name.clone(),
                text: read(&root.join(&file))?,
                file: file.display().to_string(),
            });
        }
    }
    violations.extend(source::violations(&sources));
    violations.sort();
    if violations.is_empty() {
        return Ok(format!("{} crates, {} source files: the layers hold", crates.len(), sources.len()));
    }
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    Err(lines.join("\n"))
}

fn metadata(root: &Path) -> Result<String, String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}

/// Whether a file below a crate's `src` is a module of tests.
fn is_test(path: &Path) -> bool {
    path.with_extension("").components().any(|part| part.as_os_str() == "tests")
}

#[cfg(test)]
mod tests;
