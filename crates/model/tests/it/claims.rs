//! What docs/claims.md says of tests: each that it names is there, in whichever crate.

use std::collections::BTreeSet;
use std::path::Path;

/// The tests in the sources below a directory, as `file::test`. A file called `tests.rs` goes by the directory that it
/// is in, and by the crate's where that is `src`.
fn tests(directory: &Path, found: &mut BTreeSet<String>) {
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let file = match name(&path).as_str() {
                "tests" if directory.ends_with("src") => name(directory.parent().unwrap()),
                "tests" => name(directory),
                other => other.to_owned(),
            };
            let mut is_test = false;
            for line in std::fs::read_to_string(&path).unwrap().lines().map(str::trim_start) {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    is_test = true;
                } else if let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ")
                    && std::mem::take(&mut is_test)
                    && let Some((test, _)) = rest.split_once('(')
                {
                    found.insert(format!("{file}::{test}"));
                }
            }
        }
    }
}

#[test]
fn every_test_that_the_claims_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut known = BTreeSet::new();
    tests(&root.join("crates"), &mut known);
    let claims = std::fs::read_to_string(root.join("docs/claims.md")).unwrap();
    let (mut ids, mut named, mut wrong) = (BTreeSet::new(), 0, Vec::new());
    for row in claims.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")) {
        let cells: Vec<_> = row.split(" | ").collect();
        let [id, .., tests] = cells[..] else { panic!("{row}") };
        let is_claim = id.rsplit_once('-').is_some_and(|(_, number)| number.parse::<u16>().is_ok());
        if !is_claim {
            continue;
        }
        assert_eq!(cells.len(), 5, "{row}");
        assert!(ids.insert(id), "{id} is given twice");
        for item in tests.split(", ").filter(|item| *item != "–") {
            named += 1;
            let test = item.strip_prefix('`').and_then(|item| item.strip_suffix('`'));
            if !test.is_some_and(|test| known.contains(test)) {
                wrong.push(format!("{id}: {item}"));
            }
        }
    }
    assert!(named > 300, "only {named} names were found");
    assert!(wrong.is_empty(), "docs/claims.md names tests that are not there: {wrong:#?}");
}
