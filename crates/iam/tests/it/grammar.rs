//! What is a policy, and of which type, and what is said of a text that is none.

use sidegate_iam::{Fault, Policy, PolicyError, PolicyType, Position};

fn error(text: &str, kind: PolicyType) -> PolicyError {
    Policy::parse(text, kind).expect_err(text)
}

fn fault(statement: &str, kind: PolicyType) -> Fault {
    match error(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#), kind) {
        PolicyError::Grammar { fault, .. } => fault,
        other => panic!("{statement}: {other:?}"),
    }
}

const IDENTITY: &str = r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#;

fn with(more: &str) -> String {
    format!("{{{IDENTITY}, {more}}}")
}

#[test]
fn both_default_documents_of_endpoints_are_policies() {
    let interface = r#"{"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}"#;
    for kind in [PolicyType::Endpoint, PolicyType::GatewayEndpoint] {
        assert!(Policy::parse(Policy::DEFAULT, kind).is_ok() && Policy::parse(interface, kind).is_ok());
    }
}

#[test]
fn a_text_that_is_not_json_is_refused_with_its_place() {
    let error = error("{\n  \"Statement\": x\n}", PolicyType::Endpoint);
    assert_eq!(error.position(), Some(Position { line: 2, column: 16 }));
    assert_eq!(error.to_string(), "the policy is not valid JSON: a value is expected at line 2, column 16");
    assert_eq!(error.iam_message(), "Syntax errors in policy.");
    assert_eq!(error.ec2_message(), "The Policy Document is not valid. Syntax error at position (2,16)");
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let twice = r#"{"Statement": {"Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    assert!(matches!(error(twice, PolicyType::Identity), PolicyError::DuplicateKey { key, .. } if key == "Effect"));
    let cases = with(r#""Condition": {"StringEquals": {"aws:username": "a", "AWS:userName": "b"}}"#);
    assert!(matches!(fault(&cases, PolicyType::Identity), Fault::DuplicateConditionKey { .. }));
}

#[test]
fn a_fault_names_its_statement_and_element_and_has_the_words_of_iam() {
    let text = "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \
        \"*\"},\n  {\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"bucket\"}]}";
    let error = error(text, PolicyType::Identity);
    assert_eq!(
        error.to_string(),
        "the resource `bucket` is neither an ARN nor `*`, in `Resource` of statement 2 at line 3, column 53"
    );
    assert_eq!(error.iam_message(), "Resource bucket must be in ARN format or \"*\".");
}

#[test]
fn the_version_is_one_of_two_and_managed_policies_have_the_newer() {
    let of = |version: &str| format!(r#"{{{version} "Statement": {{{IDENTITY}}}}}"#);
    let unknown = error(&of(r#""Version": "2020-01-01","#), PolicyType::Identity);
    assert!(matches!(unknown, PolicyError::Grammar { fault: Fault::UnknownVersion { .. }, statement: None, .. }));
    for old in ["", r#""Version": "2008-10-17","#] {
        assert!(Policy::parse(&of(old), PolicyType::UserInline).is_ok());
        let refused = error(&of(old), PolicyType::Managed);
        assert_eq!(refused.iam_message(), "Policy document must be version 2012-10-17 or greater.");
    }
}

#[test]
fn identities_and_organizations_have_no_principal_and_resources_must_have_one() {
    for kind in [
        PolicyType::Identity,
        PolicyType::Managed,
        PolicyType::UserInline,
        PolicyType::RoleInline,
        PolicyType::GroupInline,
        PolicyType::Boundary,
        PolicyType::Session,
        PolicyType::ServiceControl,
    ] {
        assert_eq!(fault(&with(r#""Principal": "*""#), kind), Fault::Prohibited { element: "Principal" });
        assert_eq!(fault(&with(r#""NotPrincipal": "*""#), kind), Fault::Prohibited { element: "NotPrincipal" });
    }
    for kind in [
        PolicyType::Resource,
        PolicyType::Bucket,
        PolicyType::Secret,
        PolicyType::Key,
        PolicyType::Endpoint,
        PolicyType::GatewayEndpoint,
        PolicyType::ResourceControl,
    ] {
        assert_eq!(fault(&with(r#""Sid": "a""#), kind), Fault::Missing { element: "Principal" });
        assert!(fault(&with(r#""Principal": {}"#), kind) == Fault::Missing { element: "Principal" });
    }
}

#[test]
fn every_policy_but_that_of_an_organization_may_have_an_id() {
    let text = format!(r#"{{"Id": "x", "Version": "2012-10-17", "Statement": {{{IDENTITY}}}}}"#);
    for kind in [PolicyType::Identity, PolicyType::Managed, PolicyType::Boundary, PolicyType::Session] {
        assert!(Policy::parse(&text, kind).unwrap().to_string().contains(r#""Id":"x""#), "{kind:?}");
    }
    let refused = error(&text, PolicyType::ServiceControl);
    assert!(matches!(refused, PolicyError::Grammar { fault: Fault::Prohibited { element: "Id" }, .. }));
}

#[test]
fn a_trust_policy_has_no_resource_and_only_actions_of_sts() {
    let trust = |action: &str, more: &str| {
        format!(r#"{{"Effect": "Allow", "Principal": {{"Service": "ec2.amazonaws.com"}}, "Action": "{action}"{more}}}"#)
    };
    let parse = |text: &str| Policy::parse(&format!(r#"{{"Statement": {text}}}"#), PolicyType::RoleTrust);
    assert!(parse(&trust("sts:AssumeRole", "")).is_ok() && parse(&trust("sts:*", "")).is_ok());
    let resource = parse(&trust("sts:AssumeRole", r#", "Resource": "*""#)).unwrap_err();
    assert_eq!(resource.trust_message(), "Has prohibited field Resource");
    let other = parse(&trust("s3:GetObject", "")).unwrap_err();
    assert_eq!(other.trust_message(), "AssumeRole policy may only specify STS AssumeRole actions.");
    assert!(parse(&trust("*", "")).is_err());
    let except = r#"{"Effect": "Deny", "NotPrincipal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}"#;
    let refused = parse(except).unwrap_err();
    assert_eq!(refused.trust_message(), "AssumeRole policy must not contain NotPrincipal field.");
}

#[test]
fn a_resource_control_policy_denies_everyone_named_actions_or_allows_all() {
    let parse = |text: &str| Policy::parse(&format!(r#"{{"Statement": {{{text}}}}}"#), PolicyType::ResourceControl);
    assert!(parse(r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#).is_ok());
    assert!(parse(r#""Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*""#).is_ok());
    for refused in [
        r#""Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*""#,
        r#""Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*""#,
        r#""Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*""#,
        r#""Effect": "Deny", "Principal": {"AWS": "111111111111"}, "Action": "s3:*", "Resource": "*""#,
        r#""Effect": "Deny", "NotPrincipal": "*", "Action": "s3:*", "Resource": "*""#,
    ] {
        assert!(parse(refused).is_err(), "{refused}");
    }
}

#[test]
fn a_statement_of_a_resource_without_resource_speaks_of_the_resource_itself() {
    let text = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}}"#;
    assert!(Policy::parse(text, PolicyType::Resource).is_ok());
    for kind in [PolicyType::Bucket, PolicyType::Secret, PolicyType::Endpoint] {
        assert_eq!(error(text, kind).iam_message(), "Policy statement must contain resources.");
    }
}

#[test]
fn statement_ids_are_unique_and_of_letters_and_digits_where_iam_keeps_them() {
    assert!(matches!(fault(&with(r#""Sid": "a b""#), PolicyType::Identity), Fault::Sid { .. }));
    let bucket = |sid: &str| with(&format!(r#""Principal": "*", "Sid": "{sid}""#));
    let text = |sids: [&str; 2]| format!(r#"{{"Statement": [{}, {}]}}"#, bucket(sids[0]), bucket(sids[1]));
    assert!(Policy::parse(&text(["a b", "c"]), PolicyType::Bucket).is_ok());
    assert!(Policy::parse(&text(["", ""]), PolicyType::Bucket).is_ok());
    let twice = error(&text(["a", "a"]), PolicyType::Bucket);
    assert_eq!(twice.iam_message(), "Statement IDs (SID) in a single policy must be unique.");
    assert!(twice.to_string().contains("statement 2"), "{twice}");
}

#[test]
fn elements_are_known_and_exclude_their_opposites() {
    assert!(matches!(fault(&with(r#""Actions": "x""#), PolicyType::Identity), Fault::UnknownElement { .. }));
    assert!(matches!(fault(&with(r#""effect": "Deny""#), PolicyType::Identity), Fault::UnknownElement { .. }));
    assert_eq!(fault(&with(r#""NotAction": "x:y""#), PolicyType::Identity), Fault::BothForms { element: "Action" });
    assert_eq!(fault(&with(r#""NotResource": "*""#), PolicyType::Identity), Fault::BothForms { element: "Resource" });
    let missing = r#"{"Effect": "Allow", "Resource": "*"}"#;
    assert_eq!(fault(missing, PolicyType::Identity), Fault::Missing { element: "Action" });
    let empty = r#"{"Effect": "Allow", "Action": [], "Resource": "*"}"#;
    assert_eq!(fault(empty, PolicyType::Identity), Fault::Missing { element: "Action" });
    let effect = r#"{"Effect": "allow", "Action": "*", "Resource": "*"}"#;
    assert!(matches!(fault(effect, PolicyType::Identity), Fault::Effect { .. }));
    for text in
        ["[]", "{}", r#"{"Statement": []}"#, r#"{"Statement": [1]}"#, r#"{"Statement": {}, "x": 1}"#, "1", "null"]
    {
        assert!(matches!(error(text, PolicyType::Endpoint), PolicyError::Grammar { .. }), "{text}");
    }
}

#[test]
fn actions_name_a_service_and_resources_are_arns_of_a_partition() {
    let action = |text: &str| {
        fault(&format!(r#"{{"Effect": "Allow", "Action": "{text}", "Resource": "*"}}"#), PolicyType::Identity)
    };
    for text in ["GetObject", "s3", ":x", "s3:", "**"] {
        assert!(matches!(action(text), Fault::NoVendor { .. }), "{text}");
    }
    assert!(matches!(action("s 3:Get"), Fault::Vendor { .. }));
    let resource = |text: &str| {
        fault(&format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "{text}"}}"#), PolicyType::Identity)
    };
    assert!(matches!(resource(""), Fault::Resource { .. }) && matches!(resource("s3:::b"), Fault::Resource { .. }));
    assert!(matches!(resource("arn:mars:s3:::b"), Fault::ResourcePartition { .. }));
}

#[test]
fn condition_keys_may_lack_a_service_and_operators_their_keys_where_iam_keeps_the_policy() {
    let bare = with(r#""Condition": {"StringEquals": {"username": "a"}}"#);
    let empty = with(r#""Condition": {"Equals": {}}"#);
    let policy = |statement: &str| format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
    for kind in [PolicyType::Identity, PolicyType::Managed, PolicyType::Session, PolicyType::Simulated] {
        assert_eq!(Policy::parse(&policy(&bare), kind).unwrap().context_keys(), ["username"], "{kind:?}");
        assert_eq!(Policy::parse(&policy(&empty), kind).err(), None, "{kind:?}");
    }
    assert!(matches!(fault(&bare, PolicyType::ServiceControl), Fault::NoVendor { .. }));
    assert!(matches!(fault(&empty, PolicyType::ServiceControl), Fault::UnknownOperator { .. }));
}

#[test]
fn organizations_take_actions_of_one_colon_and_a_named_service() {
    let of = |kind, action: &str| {
        let principal = if kind == PolicyType::ResourceControl { r#""Principal": "*", "# } else { "" };
        let statement = format!(r#"{{"Effect": "Deny", {principal}"Action": "{action}", "Resource": "*"}}"#);
        Policy::parse_for_author(&format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#), kind)
    };
    for kind in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
        for action in ["s3:*", "s3:Get*", "s3:*Object", "s3:Get?bject"] {
            assert_eq!(of(kind, action).err(), None, "{action}");
        }
        for action in ["s3:Get:x", "*:Get", "s?:Get"] {
            assert!(of(kind, action).is_err(), "{action}");
        }
    }
}

#[test]
fn operators_that_are_none_are_refused_and_never_ignored() {
    for name in [
        "stringEquals",
        "StringEqual",
        "ForSomeValues:StringEquals",
        "NullIfExists",
        "ForAllValues:Null",
        "BinaryNotEquals",
    ] {
        let text = with(&format!(r#""Condition": {{"{name}": {{"aws:username": "a"}}}}"#));
        assert_eq!(fault(&text, PolicyType::Identity), Fault::UnknownOperator { operator: name.to_owned() });
    }
    for value in ["null", "{}", "[[\"a\"]]"] {
        let text = with(&format!(r#""Condition": {{"StringEquals": {{"aws:username": {value}}}}}"#));
        assert!(matches!(fault(&text, PolicyType::Identity), Fault::Type { .. }), "{value}");
    }
}

#[test]
fn principals_are_of_known_forms_and_have_no_wildcards() {
    let parse = |principal: &str| {
        let text = format!(r#"{{"Statement": {{{IDENTITY}, "Principal": {principal}}}}}"#);
        Policy::parse(&text, PolicyType::Bucket)
    };
    for fine in [
        r#""*""#,
        r#"{"AWS": "*"}"#,
        r#"{"AWS": ["111111111111", "arn:aws:iam::111111111111:root"]}"#,
        r#"{"AWS": "arn:aws:iam::111111111111:user/a/b"}"#,
        r#"{"AWS": "AROAEXAMPLEEXAMPLE123"}"#,
        r#"{"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}"#,
        r#"{"CanonicalUser": "79a59df900b949e5", "Service": ["a.amazonaws.com"], "Federated": "www.amazon.com"}"#,
    ] {
        assert!(parse(fine).is_ok(), "{fine}");
    }
    for bad in [
        r#""111111111111""#,
        r#"{"AWS": "arn:aws:iam::111111111111:user/*"}"#,
        r#"{"AWS": "arn:aws:iam::111111111111:group/g"}"#,
        r#"{"AWS": "arn:aws:s3:::bucket"}"#,
        r#"{"AWS": "ana"}"#,
        r#"{"User": "ana"}"#,
        r#"{"AWS": [1]}"#,
        "[\"*\"]",
    ] {
        assert!(matches!(parse(bad), Err(PolicyError::Grammar { .. })), "{bad}");
    }
}

#[test]
fn each_type_has_its_length_and_identities_do_not_count_white_space() {
    let padded = |length: usize, with: char| {
        let head = r#"{"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "arn:aws:s3:::"#;
        let tail = r#"" }}"#;
        head.to_owned() + &with.to_string().repeat(length - head.len() - tail.len()) + tail
    };
    let long = |kind, length| matches!(Policy::parse(&padded(length, 'ü'), kind), Err(PolicyError::TooLong { .. }));
    let spaces = padded(1_000, 'x').matches(' ').count();
    for (kind, limit, own_spaces) in [
        (PolicyType::UserInline, 2_048, spaces),
        (PolicyType::GroupInline, 5_120, spaces),
        (PolicyType::RoleInline, 10_240, spaces),
        (PolicyType::Session, 2_048, spaces),
        (PolicyType::Boundary, 6_144, spaces),
        (PolicyType::RoleTrust, 4_096, spaces),
        (PolicyType::ServiceControl, 10_240, 0),
        (PolicyType::ResourceControl, 5_120, 0),
        (PolicyType::Endpoint, 20_480, 0),
        (PolicyType::GatewayEndpoint, 20_480, 0),
        (PolicyType::Bucket, 20_480, 0),
        (PolicyType::Secret, 20_480, 0),
        (PolicyType::Key, 32_768, 0),
    ] {
        assert!(!long(kind, limit + own_spaces) && long(kind, limit + own_spaces + 1), "{kind:?}");
    }
    let spacious = padded(1_000, 'x').replace(": ", &format!(": {}", " ".repeat(20_000)));
    assert!(Policy::parse(&spacious, PolicyType::UserInline).is_ok());
    let error = error(&padded(20_481, 'x'), PolicyType::Endpoint);
    assert_eq!(error.to_string(), "the policy has 20481 characters; a policy of its type may have 20480");
    assert_eq!(error.ec2_message(), "The Policy Document exceeds the maximum of 20480 characters.");
    assert!(!long(PolicyType::AwsManaged, 200_000), "no quota binds what AWS manages");
}

#[test]
fn deep_nesting_is_refused_at_once() {
    let deep = format!("{{\"Statement\": {}", "[".repeat(20_000));
    assert!(matches!(error(&deep, PolicyType::Endpoint), PolicyError::TooDeep { .. }));
}

#[test]
fn a_policy_is_printed_in_one_form() {
    let text = r#"{"Statement": {"Condition": {"StringEquals": {"aws:username": ["a", "b"]}, "Bool": {"aws:SecureTransport": true}},
        "Resource": ["*"], "NotAction": ["s3:Get*", "s3:Put*"], "Effect": "Deny", "Sid": "x",
        "Principal": {"Service": "a.amazonaws.com", "AWS": ["*"]}}, "Id": "i", "Version": "2012-10-17"}"#;
    assert_eq!(
        Policy::parse(text, PolicyType::Bucket).unwrap().to_string(),
        concat!(
            r#"{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"x","Effect":"Deny","#,
            r#""Principal":{"AWS":"*","Service":"a.amazonaws.com"},"NotAction":["s3:Get*","s3:Put*"],"Resource":"*","#,
            r#""Condition":{"StringEquals":{"aws:username":["a","b"]},"Bool":{"aws:SecureTransport":"true"}}}]}"#,
        )
    );
}

#[test]
fn authors_of_endpoint_policies_keep_to_limits_that_its_evaluation_has_not() {
    let statement = |resource: &str, condition: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "*",
                "Resource": "{resource}", "Condition": {condition}}}]}}"#
        )
    };
    let taken = [
        ("*", r#"{"StringEquals": {"aws:PrincipalOrgID": "o-1a2b"}}"#),
        ("*", r#"{"StringLike": {"aws:PrincipalOrgID": "o-1a2b"}}"#),
        ("*", r#"{"StringLike": {"aws:PrincipalTag/team": ["storage-*", "*-storage", "${aws:username}*"]}}"#),
        ("*", r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1a2b/r-ab12/*"}}"#),
        ("arn:aws:s3:::a*", r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a*"}}"#),
        (
            "arn:aws:sqs:*:123456789012:a*",
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:*"}}"#,
        ),
    ];
    for (resource, condition) in taken {
        let text = statement(resource, condition);
        assert_eq!(Policy::parse_for_author(&text, PolicyType::Endpoint).err(), None, "{text}");
    }
    let refused = [
        ("*", r#"{"StringLike": {"AWS:principalorgid": "o-1a2b*"}}"#, "wildcards nor numeric"),
        ("*", r#"{"StringNotLikeIfExists": {"aws:SourceVpce": "*"}}"#, "wildcards nor numeric"),
        ("*", r#"{"NumericEquals": {"aws:PrincipalAccount": 123456789012}}"#, "wildcards nor numeric"),
        ("*", r#"{"StringLike": {"aws:PrincipalTag/team": "*"}}"#, "fewer than 6 characters"),
        ("*", r#"{"StringLike": {"aws:PrincipalTag/team": "storage-*ab*"}}"#, "fewer than 6 characters"),
        ("*", r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::1234*:role/a"}}"#, "a mixture of both"),
        ("arn:aws:sqs:*:1234*:a", "{}", "a mixture of both"),
    ];
    for (resource, condition, why) in refused {
        let text = statement(resource, condition);
        assert!(Policy::parse(&text, PolicyType::Endpoint).is_ok(), "{text}");
        let error = Policy::parse_for_author(&text, PolicyType::Endpoint).expect_err(&text);
        assert!(error.ec2_message().contains(&why.replace("a mixture", "no mixture")), "{error}");
        assert!(error.position().is_some_and(|position| position.line == 2), "{error}");
    }
}

#[test]
fn the_condition_keys_of_a_policy_are_told_as_they_are_written_and_once() {
    let keys = |version: &str, statements: &str| {
        let text = format!(r#"{{"Version": "{version}", "Statement": {statements}}}"#);
        let policy = Policy::parse(&text, PolicyType::Identity).unwrap();
        policy.context_keys().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let statements = r#"[
        {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::a/${aws:PrincipalTag/Team, 'none'}", "arn:aws:s3:::${*}/b"],
         "Condition": {"StringLike": {"aws:SourceVpce": ["${aws:userid}", "x"]}, "ArnLike": {"aws:SourceArn": "${stack:arn}"}}},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
         "Condition": {"Null": {"aws:SourceVpce": "true"}}}
    ]"#;
    assert_eq!(
        keys("2012-10-17", statements),
        ["aws:PrincipalTag/Team", "aws:SourceVpce", "aws:userid", "aws:SourceArn", "stack:arn"]
    );
    assert_eq!(
        keys("2008-10-17", statements),
        ["aws:SourceVpce", "aws:SourceArn"],
        "the older version has no variables"
    );
    let cases = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"Bool": {"stack:Key": "true"}, "Null": {"STACK:key": "false"}}}"#;
    assert_eq!(keys("2012-10-17", cases), ["stack:Key", "STACK:key"]);
}

#[test]
fn a_policy_for_a_simulation_may_be_long_and_have_an_id() {
    let statement = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    let text = format!(r#"{{"Id": "i", "Statement": [{}{statement}]}}"#, format!("{statement}, ").repeat(500));
    assert!(Policy::parse(&text, PolicyType::Simulated).is_ok());
    assert!(Policy::parse(&text, PolicyType::Identity).is_err());
    let of_resource = text.replace(r#""Action""#, r#""Principal": "*", "Action""#);
    assert!(Policy::parse(&of_resource, PolicyType::SimulatedResource).is_ok());
    assert!(Policy::parse(&of_resource, PolicyType::Simulated).is_err(), "an identity's policy names no principal");
}

#[test]
fn what_iam_is_given_has_actions_with_one_colon_and_arns_that_iam_takes() {
    let text = |action: &str, resource: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}]}}"#
        )
    };
    let role = "arn:aws:iam::111111111111:role/app";
    for (action, resource) in [
        ("*", "*"),
        ("s3:Get*", "arn:aws:s3:::docs/*"),
        ("iam:PassRole", role),
        ("iam:*", "arn:aws:iam::111111111111:*"),
        ("iam:*", "arn:aws:iam::111111111111:user/${aws:username}"),
        ("sqs:*", "arn:aws:sqs:us-east-1:111111111111:a:b"),
    ] {
        let text = text(action, resource);
        assert_eq!(Policy::parse_for_author(&text, PolicyType::Managed).err(), None, "{text}");
    }
    for (action, resource, message) in [
        ("s3:Get:Object", "*", "Actions/Condition can contain only one colon."),
        ("s*:GetObject", "*", "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards."),
        (
            "iam:PassRole",
            "arn:aws:iam:us-east-1:111111111111:role/app",
            "IAM resource arn:aws:iam:us-east-1:111111111111:role/app cannot contain region information.",
        ),
        (
            "s3:*",
            "arn:aws:s3:us-east-1::docs",
            "Resource arn:aws:s3:us-east-1::docs can not contain region information.",
        ),
        (
            "iam:*",
            "arn:aws:iam::111111111111:foo/x",
            "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, instance-profile/, \
             mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.",
        ),
    ] {
        let text = text(action, resource);
        assert!(Policy::parse(&text, PolicyType::Managed).is_ok(), "{text}");
        assert_eq!(Policy::parse_for_author(&text, PolicyType::Managed).expect_err(&text).iam_message(), message);
    }
}
