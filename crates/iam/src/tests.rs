use crate::{Decision, Policy, PolicyError, PolicyKind, Principal, Requirement, decide};

fn root() -> Principal {
    Principal::Root("123456789012".parse().unwrap())
}

fn get(key: &str) -> Vec<Requirement> {
    vec![Requirement::new("s3:GetObject", format!("arn:aws:s3:::{key}"))]
}

fn policy(statement: &str) -> Policy {
    Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)).unwrap()
}

#[test]
fn the_default_policy_allows_the_root_user_everything() {
    let default = Policy::parse(Policy::DEFAULT).unwrap();
    assert_eq!(decide(&root(), Some(&default), &get("a/b")), Decision::Allow { endpoint_statement: Some(0) });
}

#[test]
fn an_anonymous_principal_gets_nothing_even_through_the_default_policy() {
    let default = Policy::parse(Policy::DEFAULT).unwrap();
    let Decision::Deny(denial) = decide(&Principal::Anonymous, Some(&default), &get("a/b")) else { panic!() };
    assert_eq!(denial.policy, PolicyKind::Identity);
}

#[test]
fn an_endpoint_policy_is_a_ceiling_and_its_denial_names_it() {
    let only_docs = policy(r#"{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::docs/*"}"#);
    assert!(matches!(decide(&root(), Some(&only_docs), &get("docs/a")), Decision::Allow { .. }));
    let Decision::Deny(denial) = decide(&root(), Some(&only_docs), &get("other/a")) else { panic!() };
    assert_eq!(
        denial.to_string(),
        "User: arn:aws:iam::123456789012:root is not authorized to perform: s3:GetObject on resource: \
         arn:aws:s3:::other/a because no VPC endpoint policy allows the s3:GetObject action"
    );
}

#[test]
fn an_explicit_deny_wins_over_an_allow() {
    let both = policy(
        r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
           {"Effect":"Deny","Principal":{"AWS":"*"},"Action":"S3:getobject","Resource":"arn:aws:s3:::secret/?"}"#,
    );
    let Decision::Deny(denial) = decide(&root(), Some(&both), &get("secret/x")) else { panic!() };
    assert_eq!(denial.statement, Some(1));
    assert!(denial.to_string().ends_with("with an explicit deny in a VPC endpoint policy"));
    assert!(matches!(decide(&root(), Some(&both), &get("secret/xy")), Decision::Allow { .. }));
}

#[test]
fn every_requirement_must_be_allowed() {
    let reads = policy(r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}"#);
    let copy =
        [Requirement::new("s3:GetObject", "arn:aws:s3:::a/b"), Requirement::new("s3:PutObject", "arn:aws:s3:::c/d")];
    let Decision::Deny(denial) = decide(&root(), Some(&reads), &copy) else { panic!() };
    assert_eq!(denial.requirement.action, "s3:PutObject");
}

#[test]
fn negated_elements_match_what_they_do_not_name() {
    let p = policy(r#"{"Effect":"Allow","Principal":"*","NotAction":"s3:Delete*","NotResource":"arn:aws:s3:::x/*"}"#);
    assert!(matches!(decide(&root(), Some(&p), &get("y/1")), Decision::Allow { .. }));
    assert!(matches!(decide(&root(), Some(&p), &get("x/1")), Decision::Deny(_)));
    let delete = [Requirement::new("s3:DeleteObject", "arn:aws:s3:::y/1")];
    assert!(matches!(decide(&root(), Some(&p), &delete), Decision::Deny(_)));
}

#[test]
fn what_is_not_evaluated_yet_is_refused_and_what_is_no_policy_says_where() {
    let parse = |s: &str| Policy::parse(s).unwrap_err();
    let condition = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{}}}"#;
    assert_eq!(parse(condition), PolicyError::Unsupported("Condition"));
    assert_eq!(parse("{\"Statement\": x}"), PolicyError::Syntax { line: 1, column: 15 });
    for bad in ["[]", "{}", r#"{"Statement":[]}"#, r#"{"Version":"2020","Statement":{}}"#, r#"{"Statement":{},"x":1}"#]
    {
        assert!(matches!(parse(bad), PolicyError::Grammar(_)), "{bad}");
    }
}
