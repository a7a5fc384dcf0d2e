use super::breadth::is_broad;
use super::*;

fn policy(statement: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#)
}

#[test]
fn what_is_no_policy_of_a_secret_is_refused_in_the_words_of_secrets_manager() {
    let refusal = |statement: &str| checked(Some(policy(statement))).unwrap_err().to_string();
    let wrong = r#"{"Effect": "AllowSomething", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}"#;
    assert_eq!(refusal(wrong), "This resource policy contains a syntax error.");
    let nobody =
        r#"{"Effect": "Allow", "Principal": {"AWS": "nobody"}, "Action": "secretsmanager:*", "Resource": "*"}"#;
    assert_eq!(refusal(nobody), "This resource policy contains an unsupported principal.");
    let long = checked(Some(" ".repeat(LONGEST + 1))).unwrap_err().to_string();
    assert!(long.ends_with("Member must have length less than or equal to 20480"), "{long}");
}

#[test]
fn a_grant_to_everyone_is_broad_unless_a_condition_holds_it_to_known_callers() {
    let grant = |principal: &str, condition: &str| {
        is_broad(&policy(&format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "secretsmanager:*", "Resource": "*"{condition}}}"#
        )))
    };
    assert!(grant(r#""*""#, "") && grant(r#"{"AWS": ["*"]}"#, ""));
    assert!(!grant(r#"{"AWS": "arn:aws:iam::123456789012:root"}"#, ""));
    let held = |operator: &str, key: &str, value: &str| {
        !grant(r#""*""#, &format!(r#", "Condition": {{"{operator}": {{"{key}": "{value}"}}}}"#))
    };
    assert!(held("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"));
    assert!(held("IpAddress", "aws:SourceIp", "198.51.100.0/24") && !held("IpAddress", "aws:SourceIp", "0.0.0.0/0"));
    assert!(!held("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/a"));
    assert!(!held("StringEqualsIfExists", "aws:SourceVpce", "vpce-0123456789abcdef0"));
    assert!(!held("StringEquals", "secretsmanager:VersionStage", "AWSCURRENT"));
}

#[test]
fn a_denial_of_everything_to_everyone_locks_its_author_out_and_a_conditional_one_does_not() {
    let author = Principal::Root("123456789012".parse().unwrap());
    let denial = r#"{"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}"#;
    assert!(locks_out(&author, None, &policy(denial)));
    let conditional = denial.replace(
        r#""Resource": "*""#,
        r#""Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "red"}}"#,
    );
    assert!(!locks_out(&author, None, &policy(&conditional)));
}
