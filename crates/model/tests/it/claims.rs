//! What docs/claims.md says of tests: each that it names is there.

use std::collections::BTreeSet;
use std::path::Path;

/// The names of functions in the sources below a directory, as `file::function`.
fn functions(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let names =
                text.lines().filter_map(|line| line.trim_start().trim_start_matches("async ").strip_prefix("fn "));
            found.extend(names.filter_map(|rest| Some(format!("{file}::{}", rest.split_once('(')?.0))));
        }
    }
}

#[test]
fn every_test_that_the_claims_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut known = BTreeSet::new();
    functions(&root.join("crates"), &mut known);
    let claims = std::fs::read_to_string(root.join("docs/claims.md")).unwrap();
    let rows = claims.lines().filter(|line| line.starts_with("| ") && line.ends_with(" |"));
    let named: Vec<_> = rows
        .filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next())
        .flat_map(|cell| cell.split(", "))
        .filter_map(|item| item.strip_prefix('`')?.strip_suffix('`'))
        .collect();
    assert!(named.len() > 50);
    let missing: Vec<_> = named.into_iter().filter(|name| !known.contains(*name)).collect();
    assert!(missing.is_empty(), "docs/claims.md names tests that are not there: {missing:#?}");
}
