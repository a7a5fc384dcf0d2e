//! Policies that organizations use: each statement speaks of the requests that it is meant for, and of no others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sidegate_iam::{
    Attached, Case, LayerExplained, Policies, Policy, PolicyType, Principal, Request, Requirement, explain,
};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// The policies by their paths, with the placeholders filled in.
fn documents() -> BTreeMap<String, String> {
    let placeholders = std::fs::read_to_string(directory().join("data-perimeter-placeholders.json")).unwrap();
    let placeholders: BTreeMap<String, String> = serde_json::from_str(&placeholders).unwrap();
    let root = directory().join("data-perimeter");
    let mut documents = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                let mut text = std::fs::read_to_string(path).unwrap();
                for (placeholder, value) in &placeholders {
                    text = text.replace(placeholder, value);
                }
                documents.insert(name, text);
            }
        }
    }
    documents
}

fn kind(name: &str) -> PolicyType {
    match name {
        _ if name.starts_with("vpc_endpoint_policies") => PolicyType::Endpoint,
        _ if name.starts_with("service_control_policies") => PolicyType::ServiceControl,
        // The controls of single services are policies of their resources.
        _ if name.contains("service_specific_controls") => PolicyType::Resource,
        _ => PolicyType::ResourceControl,
    }
}

#[test]
fn every_policy_is_read_and_keeps_its_meaning_when_it_is_printed() {
    let documents = documents();
    assert_eq!(documents.len(), 29);
    for (name, text) in documents {
        let policy = Policy::parse(&text, kind(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(Policy::parse(&policy.to_string(), kind(&name)).unwrap(), policy, "{name}");
        if kind(&name) == PolicyType::Endpoint {
            assert_eq!(Policy::parse_for_author(&text, PolicyType::Endpoint).err(), None, "{name}");
        }
    }
}

#[test]
fn every_statement_speaks_of_the_requests_it_is_meant_for_and_of_no_others() {
    let documents = documents();
    let mut untested: BTreeSet<(String, String)> = BTreeSet::new();
    for (name, text) in &documents {
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        for statement in document["Statement"].as_array().unwrap() {
            untested.insert((name.clone(), statement["Sid"].as_str().unwrap().to_owned()));
        }
    }
    let requests = std::fs::read_to_string(directory().join("data-perimeter.jsonl")).unwrap();
    let mut wrong = Vec::new();
    for line in requests.lines() {
        let request: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| request[key].as_str().unwrap();
        let (name, sid) = (text("policy"), text("sid"));
        let policy = Policy::parse(&documents[name], kind(name)).unwrap();
        untested.remove(&(name.to_owned(), sid.to_owned()));
        if speaks(policy, sid, &request) != request["matches"].as_bool().unwrap() {
            wrong.push(format!("{name} {sid}, {}: {line}", text("why")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(untested.is_empty(), "{untested:?}");
}

/// Whether the statement with this `Sid` speaks of a request of a user.
fn speaks(policy: Policy, sid: &str, line: &serde_json::Value) -> bool {
    let case = serde_json::json!({"request": {"principal": "arn:aws:iam::111111111111:user/ana",
        "action": line["action"], "resource": line["resource"], "context": line["context"]}});
    let Case { context, requirement, .. } = Case::parse(&case.to_string()).unwrap();
    let Requirement { action, resource, .. } = requirement;
    let principal = Principal::parse("arn:aws:iam::111111111111:user/ana").unwrap();
    let requirement = Requirement::new(action, resource);
    let request = Request { principal: &principal, context: &context, requirement: &requirement };
    let policies = Policies { endpoint: Some(Attached::from(policy)), ..Policies::default() };
    let explanation = explain(&request, &policies);
    let LayerExplained { policies, .. } = &explanation.layers[0];
    policies[0].statements.iter().find(|statement| statement.sid == Some(sid)).unwrap().matches()
}
