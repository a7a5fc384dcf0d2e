//! Decisions as data: a line of JSON each.

use std::collections::BTreeSet;

use sidegate_iam::Case;

const OPEN: &str = include_str!("../../cases/open.jsonl");
const OWN: &str = include_str!("../../cases/own.jsonl");

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty())
}

/// The failures, each with its explanation.
fn failures(text: &str) -> Vec<String> {
    let failure = |line: &str| match Case::parse(line) {
        Ok(case) if case.passes() => None,
        Ok(case) => Some(format!("{} expected {:?}, got {}", case.id, case.expect, case.explain())),
        Err(error) => {
            Some(format!("{line}: {error}: {:?}", std::error::Error::source(&error).map(ToString::to_string)))
        }
    };
    lines(text).filter_map(failure).collect()
}

#[test]
fn the_open_cases_come_out_as_documented() {
    assert_eq!(lines(OPEN).count(), 65);
    let failures = failures(OPEN);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn our_own_cases_come_out_as_documented() {
    let failures = failures(OWN);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn our_own_cases_have_names_titles_and_sources_of_their_own() {
    let mut seen = BTreeSet::new();
    for line in lines(OWN) {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(seen.insert(case["id"].as_str().unwrap().to_owned()), "{line}");
        assert!(!case["title"].as_str().unwrap().is_empty() && !case["source"].as_str().unwrap().is_empty(), "{line}");
        assert!(case["expect"].is_string(), "{line}");
    }
    assert!(seen.len() >= 120, "{}", seen.len());
}
