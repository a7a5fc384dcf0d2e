use super::{SourceFile, Violation, manifest, source};

fn metadata(krate: &str, dependency: &str) -> String {
    format!(r#"{{"packages": [{{"manifest_path": "/w/crates/{krate}/Cargo.toml", "dependencies": [{dependency}]}}]}}"#)
}

fn manifest_violations(krate: &str, dependency: &str, text: &str) -> Vec<String> {
    let crates = manifest::parse(&metadata(krate, dependency)).unwrap();
    crates
        .iter()
        .flat_map(|krate| manifest::violations(krate, "Cargo.toml", text))
        .map(|violation| violation.to_string())
        .collect()
}

fn source_violations(sources: &[(&str, &str)]) -> Vec<Violation> {
    let sources: Vec<SourceFile> = sources
        .iter()
        .map(|(krate, text)| SourceFile {
            krate: (*krate).to_owned(),
            file: format!("{krate}.rs"),
            text: (*text).to_owned(),
        })
        .collect();
    source::violations(&sources)
}

/// The lines with a violation in the source of a crate.
fn lines(krate: &str, text: &str) -> Vec<usize> {
    source_violations(&[(krate, text)]).iter().map(|violation| violation.line).collect()
}

#[test]
fn an_edge_against_the_layers_is_found_at_its_line() {
    let found = manifest_violations(
        "model",
        r#"{"name": "sidegate-plan", "kind": null, "path": "/w/crates/plan"}"#,
        "[dependencies]\nserde = \"1\"\nsidegate-plan.workspace = true\n",
    );
    assert_eq!(found, ["Cargo.toml:3: `model` depends on `sidegate-plan` — the layers do not allow this edge"]);
}

#[test]
fn an_edge_of_the_layers_is_allowed() {
    let plan = r#"{"name": "sidegate-plan", "kind": null, "path": "/w/crates/plan"}"#;
    assert!(manifest_violations("linux", plan, "").is_empty());
    assert!(manifest_violations("daemon", plan, "").is_empty());
}

#[test]
fn a_dependency_of_tests_is_allowed_where_one_of_the_crate_is_not() {
    let kind = |kind: &str| format!(r#"{{"name": "tokio", "kind": {kind}, "path": null}}"#);
    assert!(manifest_violations("iam", &kind("\"dev\""), "").is_empty());
    assert_eq!(manifest_violations("iam", &kind("null"), "").len(), 1);
    assert_eq!(manifest_violations("iam", &kind("\"build\""), "").len(), 1);
}

#[test]
fn netlink_is_for_the_linux_crate() {
    let netlink = r#"{"name": "netlink-packet-route", "kind": null, "path": null}"#;
    assert_eq!(manifest_violations("edge", netlink, "").len(), 1);
    assert!(manifest_violations("linux", netlink, "").is_empty());
}

#[test]
fn a_crate_without_a_layer_is_found() {
    let found = manifest_violations("novel", "", "");
    assert!(found[0].contains("the crate `novel` has no layer"), "{found:?}");
}

#[test]
fn a_pure_crate_may_not_mention_effects() {
    assert_eq!(lines("plan", "fn f() {\n    std::fs::read(path);\n}"), [2]);
    assert_eq!(lines("model", "use std::time::SystemTime;"), [1]);
    assert_eq!(lines("iam", "use std::net::*;"), [1]);
    assert_eq!(lines("model", "use std::net::IpAddr;\nuse std::time::Duration;"), [0; 0]);
    assert_eq!(lines("services", "use std::time::SystemTime;"), [0; 0]);
}

#[test]
fn a_name_is_found_in_a_tree_of_uses() {
    let text = "use std::{\n    collections::BTreeMap,\n    net::{IpAddr, TcpStream},\n    time::{Duration, Instant as Moment},\n};";
    assert_eq!(lines("model", text), [3, 4]);
}

#[test]
fn a_name_is_traced_to_its_use() {
    assert_eq!(lines("model", "use std::time;\nfn now() { time::Instant::now(); }"), [2]);
    assert_eq!(lines("model", "use std::{self as s};\nfn now() { s::env::args(); }"), [2]);
    assert_eq!(lines("model", "use std::net::{self, IpAddr};\nfn f(_: net::UdpSocket) {}"), [2]);
}

#[test]
fn comments_and_literals_and_tests_do_not_count() {
    for text in [
        "//! Nothing of std::fs here.",
        "/* std::fs /* std::env */ std::fs */",
        "const A: &str = \"std::fs \\\" std::fs\";",
        "const A: &str = r#\"std::fs \" std::fs\"#;",
        "const A: [char; 2] = ['\"', '\\''];\n// std::fs\nconst B: char = '\"';",
        "#[cfg(test)]\nmod tests {\n    fn f() { std::fs::read(\"}\"); }\n}",
        "#[cfg(test)]\nuse std::fs;",
    ] {
        assert_eq!(lines("model", text), [0; 0], "{text}");
    }
}

#[test]
fn code_after_a_literal_or_a_test_counts() {
    for text in [
        "const A: char = '\"'; fn f() { std::fs::read(); }",
        "fn f<'a>(a: &'a str) { std::fs::read(a); }",
        "const A: &str = r\"\\\"; use std::fs;",
        "#[cfg(test)] mod tests; use std::fs;",
        "#[cfg(test)] mod tests { const A: [u8; 1] = [1]; } use std::fs;",
    ] {
        assert_eq!(lines("model", text), [1], "{text}");
    }
}

#[test]
fn namespaces_are_for_the_linux_crate() {
    let text = "use nix::sched::{CloneFlags, setns};";
    assert_eq!(source_violations(&[("daemon", text)]).len(), 2);
    assert_eq!(source_violations(&[("linux", text)]), []);
    assert_eq!(lines("edge", "fn f() { rtnetlink::new_connection(); }"), [1]);
    assert_eq!(lines("edge", "fn f() { netlink_packet_route::RouteNetlinkMessage; }"), [1]);
}

#[test]
fn only_the_daemon_names_the_ec2_wire_and_the_model() {
    let both = "use sidegate_model::Vpc;\nuse sidegate_wire::{ec2, query};";
    assert_eq!(lines("edge", both), [2]);
    assert_eq!(lines("daemon", both), [0; 0]);
    assert_eq!(lines("edge", "use sidegate_wire::ec2::Request;"), [0; 0]);
    assert_eq!(lines("edge", "use sidegate_wire::sigv4;\nuse sidegate_model::Vpc;"), [0; 0]);
}

#[test]
fn the_two_names_count_across_the_files_of_a_crate() {
    let found = source_violations(&[
        ("services", "use sidegate_model::Vpc;"),
        ("services", "fn f() { sidegate_wire::ec2::error(); }"),
    ]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].to_string(),
        "services.rs:1: `services` names `sidegate_wire::ec2::error` — only `crates/daemon` translates between the EC2 wire and the model"
    );
}
