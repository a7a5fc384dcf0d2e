//! Documents that IAM refuses, each with the words in which it does, and documents that it takes.

use serde_json::Value;
use sidegate_iam::{Policy, PolicyType};

const REFUSALS: &str = include_str!("../../cases/refusals.jsonl");

struct Document {
    kind: PolicyType,
    title: String,
    text: String,
    /// `None` for one that is taken.
    message: Option<String>,
}

fn documents() -> impl Iterator<Item = Document> {
    REFUSALS.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let kind = match line["kind"].as_str().unwrap() {
            "Managed" => PolicyType::Managed,
            "UserInline" => PolicyType::UserInline,
            "RoleInline" => PolicyType::RoleInline,
            "Session" => PolicyType::Session,
            "RoleTrust" => PolicyType::RoleTrust,
            other => panic!("{other}"),
        };
        let document = &line["document"];
        Document {
            kind,
            title: line["title"].as_str().unwrap().to_owned(),
            text: document.as_str().map_or_else(|| document.to_string(), str::to_owned),
            message: line["message"].as_str().map(str::to_owned),
        }
    })
}

fn message(document: &Document) -> Option<String> {
    let error = Policy::parse_for_author(&document.text, document.kind).err()?;
    Some(if document.kind == PolicyType::RoleTrust { error.trust_message() } else { error.iam_message() })
}

#[test]
fn what_iam_refuses_is_refused_in_its_words_and_what_it_takes_is_taken() {
    let wrong: Vec<_> = documents()
        .filter(|document| message(document) != document.message)
        .map(|document| {
            let Document { title, text, message: expected, .. } = &document;
            format!("{title}: {text}\n  expected {expected:?}\n  got      {:?}", message(&document))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_refusal_tells_the_author_where_and_why() {
    let refused = documents().filter(|document| document.message.is_some());
    for document in refused {
        let error = Policy::parse_for_author(&document.text, document.kind).unwrap_err();
        assert!(error.position().is_some() && error.to_string().contains(" at line "), "{}: {error}", document.title);
    }
}

#[test]
fn what_iam_takes_can_be_evaluated() {
    for document in documents().filter(|document| document.message.is_none()) {
        assert_eq!(Policy::parse(&document.text, document.kind).err(), None, "{}", document.title);
    }
}

#[test]
fn titles_are_unique_and_every_line_has_a_source() {
    let mut seen = std::collections::BTreeSet::new();
    for line in REFUSALS.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(seen.insert((line["kind"].to_string(), line["title"].to_string())), "{line}");
        let source = line["source"].as_str().unwrap();
        assert!(["recorded", "quoted", "documented", "decided"].contains(&source), "{line}");
    }
}
