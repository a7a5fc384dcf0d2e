//! Chores of the workspace: generating code from API models, checking its architecture, and listing what its tests
//! prove.

mod coverage;
mod generate;
mod layers;
mod model;
mod trim;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

const USAGE: &str = "\
usage: cargo run -p sidegate-xtask -- <chore>

chores:
  trim-model --from PATH   cut crates/wire/models/ec2.json from botocore's service-2.json(.gz)
  generate [--check]       write crates/wire/src/ec2/generated.rs, or check that it is current
  coverage [--check]       write docs/coverage.md from the tests and sources, or check that it is current
  layers                   check that the crates depend on one another as they should";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = workspace_root();
    let outcome = match arguments.as_slice() {
        ["trim-model", "--from", path] => trim::run(&root, Path::new(path)),
        ["generate"] => generate::run(&root),
        ["generate", "--check"] => generate::check(&root),
        ["coverage"] => coverage::run(&root),
        ["coverage", "--check"] => coverage::check(&root),
        ["layers"] => layers::run(&root),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Where the workspace lies: two folders above this crate.
fn workspace_root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_path_buf()
}

/// What went wrong with a file, for the person at the terminal.
fn at(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| at(path, error))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| at(path, error))
}

/// The Rust files below a folder, relative to the workspace, sorted.
fn rust_files(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(root.join(folder)).map_err(|error| at(folder, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| at(folder, error))?;
        let path = folder.join(entry.file_name());
        let kind = entry.file_type().map_err(|error| at(&path, error))?;
        if kind.is_dir() {
            found.extend(rust_files(root, &path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
