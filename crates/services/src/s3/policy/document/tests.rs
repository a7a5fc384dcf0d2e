use super::parse;

fn message(text: &str) -> String {
    let fault = parse(text, "docs").err().unwrap_or_else(|| panic!("accepted: {text}"));
    let (error, _) = fault.into_parts();
    assert_eq!(
        (error.code().as_str(), error.status_code().map(|s| s.as_u16())),
        ("MalformedPolicy", Some(400)),
        "{text}"
    );
    error.message().unwrap_or_default().to_owned()
}

fn statement(rest: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{rest}}}]}}"#)
}

/// A statement on the bucket and its objects whose actions are bound by a condition key.
fn conditional(actions: &str, key: &str) -> String {
    let on = r#""Resource":["arn:aws:s3:::docs","arn:aws:s3:::docs/*"]"#;
    statement(&format!(
        r#""Principal":{{"AWS":"111122223333"}},"Action":{actions},{on},"Condition":{{"StringEquals":{{"{key}":"a"}}}}"#
    ))
}

#[test]
fn a_condition_key_goes_with_the_actions_that_have_it_and_with_patterns_that_cover_one() {
    for (actions, key) in [
        (r#""s3:ListBucket""#, "s3:prefix"),
        (r#""s3:List*""#, "s3:prefix"),
        (r#"["s3:GetObject", "s3:GetObjectVersion"]"#, "s3:ExistingObjectTag/team"),
        (r#"["s3:GetObject", "s3:ListBucket"]"#, "aws:SourceVpce"),
        (r#""s3:*""#, "s3:x-amz-acl"),
        (r#""*""#, "s3:DataAccessPointAccount"),
    ] {
        parse(&conditional(actions, key), "docs").unwrap_or_else(|fault| panic!("{actions} {key}: {fault}"));
    }
    let objects = conditional(r#""s3:*""#, "s3:prefix").replace(r#""arn:aws:s3:::docs","#, "");
    assert!(message(&objects).starts_with("Conditions do not apply"), "no action on objects has a prefix");
}

#[test]
fn each_mistake_gets_the_words_of_s3() {
    let who = r#""Principal":{"AWS":"111122223333"}"#;
    let what = r#""Action":"s3:GetObject""#;
    let on = r#""Resource":"arn:aws:s3:::docs/*""#;
    let first_byte = "Policies must be valid JSON and the first byte must be '{'";
    let invalid_resource = "Policy has invalid resource";
    let invalid_key = "Policy has an invalid condition key";
    let no_combination = "Conditions do not apply to combination of actions and resources in statement";
    let no_resource = "Action does not apply to any resource(s) in statement";
    for (text, expected) in [
        (String::new(), first_byte),
        ("[]".to_owned(), first_byte),
        (" {}".to_owned(), first_byte),
        (r#"{"Statement":"#.to_owned(), "This policy contains invalid Json"),
        (r#"{"Version":"2012-10-17"}"#.to_owned(), "Missing required field Statement"),
        (r#"{"Statement":[]}"#.to_owned(), "Could not parse the policy: Statement is empty!"),
        (r#"{"Version":"2020-01-01","Statement":[{}]}"#.to_owned(), "The policy must contain a valid version string"),
        (statement(&format!("{what},{on}")), "Missing required field Principal"),
        (statement(&format!("{who},{on}")), "Missing required field Action"),
        (statement(&format!("{who},{what}")), "Missing required field Resource"),
        (statement(&format!("{who},{what},{on},\"Foo\":1")), "Unknown field Foo"),
        (statement(&format!(r#""Principal":"arn:aws:iam::111122223333:root",{what},{on}"#)), "Invalid policy syntax."),
        (statement(&format!(r#""Principal":{{"AWS":"bob"}},{what},{on}"#)), "Invalid principal in policy"),
        (statement(&format!(r#""Principal":{{"Foo":"bob"}},{what},{on}"#)), "Invalid principal in policy"),
        (statement(&format!(r#"{who},"Action":"s3:GetObjects",{on}"#)), "Policy has invalid action"),
        (statement(&format!(r#"{who},"Action":"GetObject",{on}"#)), "Policy has invalid action"),
        (statement(&format!(r#"{who},"Action":["s3:GetObject","ec2:*"],{on}"#)), "Policy has invalid action"),
        (statement(&format!(r#"{who},{what},"Resource":"docs/*""#)), invalid_resource),
        (statement(&format!(r#"{who},{what},"Resource":"*""#)), invalid_resource),
        (statement(&format!(r#"{who},{what},"Resource":"arn:aws:s3:::*""#)), invalid_resource),
        (statement(&format!(r#"{who},{what},"Resource":"arn:aws:s3:::docs2/*""#)), invalid_resource),
        (
            statement(&format!(r#"{who},{what},"Resource":["arn:aws:s3:::docs/*","arn:aws:s3:::other"]"#)),
            invalid_resource,
        ),
        (statement(&format!(r#"{who},{what},"Resource":"arn:aws:s3:::docs""#)), no_resource),
        (statement(&format!(r#"{who},"Action":"s3:ListBucket",{on}"#)), no_resource),
        (statement(&format!(r#"{who},{what},{on},"Condition":{{"StringEquals":{{"vpce":"a"}}}}"#)), invalid_key),
        (conditional(r#""s3:GetObject""#, "s3:prefixes"), invalid_key),
        (conditional(r#""s3:GetObject""#, "aws:SourceVpcee"), invalid_key),
        (conditional(r#""s3:GetObject""#, "s3:prefix"), no_combination),
        (conditional(r#"["s3:ListBucket", "s3:GetObject"]"#, "s3:prefix"), no_combination),
        (conditional(r#"["s3:PutObject", "s3:GetObject*"]"#, "s3:x-amz-acl"), no_combination),
    ] {
        assert_eq!(message(&text), expected, "{text}");
    }
    let long = statement(&format!(r#""Sid":"{}",{who},{what},{on}"#, "a".repeat(20_480)));
    assert!(message(&long).contains("20480"));
}

#[test]
fn what_an_action_cannot_be_on_is_told_with_its_place() {
    let text = statement(r#""Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::docs/*""#);
    let (_, details) = parse(&text, "docs").err().unwrap().into_parts();
    assert_eq!(details, [("Detail", r#"Action "s3:ListBucket" in Statement "NO_ID-0""#.to_owned())]);
}

#[test]
fn what_s3_accepts_is_accepted() {
    for rest in [
        r#""Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::docs","arn:aws:s3:::docs/*"]"#,
        r#""Principal":{"AWS":"*"},"Action":"s3:*","Resource":"arn:aws:s3:::docs/*""#,
        r#""Principal":{"AWS":"111122223333"},"Action":"*","Resource":"arn:aws:s3:::docs*""#,
        r#""Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::docs/home/${aws:username}/*""#,
        r#""Principal":{"AWS":"111122223333"},"NotAction":"s3:DeleteBucket","NotResource":"arn:aws:s3:::docs/secret/*""#,
    ] {
        parse(&statement(rest), "docs").unwrap_or_else(|fault| panic!("{rest}: {fault}"));
    }
}
