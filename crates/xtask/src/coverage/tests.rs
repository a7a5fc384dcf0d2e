use super::{
    check_names,
    operations::{Answer, Operation, Service, by_name, ec2, is_of_networks, s3},
    page::page,
    probes::{Polarity, Probe, scan},
    remarks,
};

/// The operations, polarities and tests that a source's markers name.
fn scanned(source: &str) -> Vec<(String, Polarity, String)> {
    let found = scan("x.rs", source).unwrap();
    found.into_iter().map(|p| (format!("{}:{}", p.service, p.operation), p.polarity, p.test)).collect()
}

fn probe(operation: &str, polarity: Polarity, test: &str) -> Probe {
    Probe {
        service: "ec2".to_owned(),
        operation: operation.to_owned(),
        polarity,
        test: test.to_owned(),
        file: "crates/daemon/tests/it/paths.rs".to_owned(),
        line: 1,
    }
}

fn service(operations: &[(&str, Answer)]) -> Service {
    Service {
        title: "EC2",
        prefix: "ec2",
        operations: operations
            .iter()
            .map(|(name, answer)| Operation { name: (*name).to_owned(), answer: *answer })
            .collect(),
        others: String::new(),
    }
}

/// The columns of an operation's row.
fn row(page: &str, operation: &str) -> Vec<String> {
    let line = page.lines().find(|line| line.starts_with(&format!("| {operation} |"))).unwrap();
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn a_marker_above_a_test_makes_a_probe() {
    let source = "\
        // enforces: ec2:CreateRoute (positive)\n\
        #[test]\n\
        fn a_route_leads() {}\n";
    assert_eq!(scanned(source), [("ec2:CreateRoute".to_owned(), Polarity::Positive, "a_route_leads".to_owned())]);
}

#[test]
fn markers_add_up_and_may_name_several_operations() {
    let source = "\
        /// Says more.\n    \
            // enforces: ec2:A, s3:B (positive)\n    \
            // enforces: ec2:C (negative)\n    \
            #[tokio::test(flavor = \"multi_thread\")]\n    \
            // And more.\n    \
            async fn works() {}\n";
    let operations: Vec<_> =
        scanned(source).into_iter().map(|(operation, polarity, _)| (operation, polarity)).collect();
    assert_eq!(
        operations,
        [
            ("ec2:A".to_owned(), Polarity::Positive),
            ("s3:B".to_owned(), Polarity::Positive),
            ("ec2:C".to_owned(), Polarity::Negative),
        ]
    );
}

#[test]
fn a_marker_counts_for_the_next_test_only() {
    let source = "// enforces: ec2:A (positive)\n#[test]\nfn first() {}\n#[test]\nfn second() {}\n";
    let tests: Vec<_> = scanned(source).into_iter().map(|(_, _, test)| test).collect();
    assert_eq!(tests, ["first"]);
}

#[test]
fn a_marker_that_is_not_above_a_test_is_an_error_with_its_line() {
    for source in [
        "\n// enforces: ec2:A (positive)\n\n#[test]\nfn test() {}",
        "\n// enforces: ec2:A (positive)\nfn helps() {}",
        "\n// enforces: ec2:A (positive)\nlet a = 1;",
        "\n// enforces: ec2:A (positive)",
    ] {
        assert_eq!(scan("x.rs", source).unwrap_err(), "x.rs:2: this marker is not directly above a test", "{source}");
    }
}

#[test]
fn an_ignored_test_shows_nothing() {
    let source = "// enforces: ec2:A (positive)\n#[test]\n#[ignore = \"slow\"]\nfn slow() {}";
    assert_eq!(scan("x.rs", source).unwrap_err(), "x.rs:1: `slow` is ignored, so it shows nothing");
}

#[test]
fn a_marker_without_operation_or_polarity_is_an_error() {
    for marker in ["ec2:A", "(positive)", "CreateRoute (negative)", "ec2:A (perhaps)"] {
        let source = format!("// enforces: {marker}\n#[test]\nfn test() {{}}");
        assert!(scan("x.rs", &source).unwrap_err().starts_with("x.rs:1: a marker has the form"), "{marker}");
    }
}

#[test]
fn ec2_actions_are_answered_when_they_are_dispatched() {
    let source = "macro_rules! dispatch { () => {} }\n\
        fn f() { dispatch! { request, call;\n CreateVpc // DeleteVpc\n CreateSubnet } }";
    let operations = ec2("DeleteVpc\nCreateVpc\nCreateSubnet\n", source).unwrap();
    let answers: Vec<_> = operations.iter().map(|o| (o.name.as_str(), o.answer)).collect();
    assert_eq!(answers, [("CreateSubnet", Answer::Real), ("CreateVpc", Answer::Real), ("DeleteVpc", Answer::None)]);
    assert!(ec2("CreateVpc\n", source).unwrap_err().contains("`CreateSubnet` is dispatched"));
}

#[test]
fn actions_about_networks_are_known_by_their_nouns() {
    for action in ["CreateFlowLogs", "AcceptVpcEndpointConnections", "AssociateNatGatewayAddress"] {
        assert!(is_of_networks(action), "{action}");
    }
    for action in ["CreateSnapshot", "RegisterImage", "RequestSpotInstances"] {
        assert!(!is_of_networks(action), "{action}");
    }
}

#[test]
fn s3_operations_are_those_of_the_list() {
    let source = "\noperations! {\n    get_object(GetObjectInput) -> GetObjectOutput = get::get_object;\n    \
        list_objects_v2(ListObjectsV2Input)\n        -> ListObjectsV2Output = list::v2;\n    \
        get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput = defaults::acl;\n}\n";
    let answers: Vec<_> = s3(source).into_iter().map(|o| (o.name, o.answer)).collect();
    assert_eq!(
        answers,
        [
            ("GetBucketAcl".to_owned(), Answer::Default),
            ("GetObject".to_owned(), Answer::Real),
            ("ListObjectsV2".to_owned(), Answer::Real),
        ]
    );
}

#[test]
fn operations_by_name_are_its_arms_and_the_unserved() {
    let source = "const UNSERVED: [&str; 1] = [\n    \"RotateSecret\",\n];\nmatch name {\n    \
        \"GetSecretValue\" => get(),\n    \"PutSecretValue\" if fits => put(),\n    \"notes\" => none(),\n}\nconst SERVED: [(&str, Act); 1] = [\n    (\"CreateUser\", user::create),\n];";
    let answers: Vec<_> = by_name(source).into_iter().map(|o| (o.name, o.answer)).collect();
    assert_eq!(
        answers,
        [
            ("CreateUser".to_owned(), Answer::Real),
            ("GetSecretValue".to_owned(), Answer::Real),
            ("PutSecretValue".to_owned(), Answer::Real),
            ("RotateSecret".to_owned(), Answer::None),
        ]
    );
}

#[test]
fn only_a_pair_of_probes_makes_an_operation_enforced() {
    let services = [service(&[("Both", Answer::Real), ("One", Answer::Real), ("Lacking", Answer::None)])];
    let probes = [
        probe("Both", Polarity::Positive, "comes"),
        probe("Both", Polarity::Negative, "stops"),
        probe("One", Polarity::Positive, "comes"),
    ];
    let said = remarks::scan("y.rs", "    // coverage: ec2:One, ec2:Other: stored; nothing more\n").unwrap();
    let page = page(&services, &probes, &said);
    let link = |test: &str| format!("[{test}](../crates/daemon/tests/it/paths.rs)");
    assert_eq!(row(&page, "Both"), ["Both", "**enforced**", &link("comes"), &link("stops"), ""]);
    assert_eq!(row(&page, "One"), ["One", "answered", &link("comes"), "–", "stored; nothing more"]);
    assert_eq!(row(&page, "Lacking"), ["Lacking", "not implemented", "–", "–", ""]);
    assert_eq!(row(&page, "EC2"), ["EC2", "1", "1", "0", "1"]);
}

#[test]
fn a_remark_names_operations_and_says_something() {
    let remarks = remarks::scan("y.rs", "fn f() {}\n  // coverage: ec2:A, s3:B: text: more\n").unwrap();
    let found: Vec<_> =
        remarks.iter().map(|r| (r.service.as_str(), r.operation.as_str(), r.text.as_str(), r.line)).collect();
    assert_eq!(found, [("ec2", "A", "text: more", 2), ("s3", "B", "text: more", 2)]);
    for wrong in ["// coverage: A: text", "// coverage: ec2:A:", "// coverage: ec2:A: a | b", "// coverage: text"] {
        assert!(remarks::scan("y.rs", wrong).unwrap_err().starts_with("y.rs:1: "), "{wrong}");
    }
}

#[test]
fn a_probe_of_what_is_not_answered_is_an_error() {
    let services = [service(&[("Lacking", Answer::None)])];
    for operation in ["Lacking", "Misspelt"] {
        let error =
            check_names(&services, &[("ec2".to_owned(), operation.to_owned(), "x.rs:1".to_owned())]).unwrap_err();
        assert!(error.ends_with(&format!("no service answers `ec2:{operation}`")), "{error}");
    }
}

#[test]
fn the_sources_of_this_workspace_can_be_read() {
    let services = super::operations::services(&crate::workspace_root()).unwrap();
    for (prefix, operation) in [
        ("ec2", "CreateVpcEndpoint"),
        ("s3", "GetObject"),
        ("secretsmanager", "GetSecretValue"),
        ("kms", "GenerateDataKeyPairWithoutPlaintext"),
        ("logs", "PutLogEvents"),
        ("sts", "GetCallerIdentity"),
    ] {
        let service = services.iter().find(|service| service.prefix == prefix).unwrap();
        assert!(service.operations.iter().any(|known| known.name == operation), "{prefix}:{operation}");
    }
}
