use sidegate_iam::{Policy, PolicyType};

use super::is_public;

fn policy(grantee: &str, condition: &str) -> bool {
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{grantee},"Action":"s3:GetObject",
        "Resource":"arn:aws:s3:::docs/*"{condition}}}]}}"#
    );
    is_public(&Policy::parse(&text, PolicyType::Bucket).unwrap())
}

#[test]
fn a_grant_to_everyone_is_public_and_one_to_somebody_is_not() {
    for public in [
        r#""Principal":"*""#,
        r#""Principal":{"AWS":"*"}"#,
        r#""Principal":{"AWS":["111122223333","*"]}"#,
        r#""Principal":{"Service":"*"}"#,
        r#""NotPrincipal":{"AWS":"111122223333"}"#,
    ] {
        assert!(policy(public, ""), "{public}");
    }
    for fixed in [
        r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/reader"}"#,
        r#""Principal":{"AWS":["111122223333","444455556666"]}"#,
        r#""Principal":{"Service":"logging.s3.amazonaws.com"}"#,
        r#""Principal":{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
    ] {
        assert!(!policy(fixed, ""), "{fixed}");
    }
}

#[test]
fn fixed_values_of_some_keys_make_a_grant_to_everyone_not_public() {
    for narrow in [
        r#"{"StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#,
        r#"{"StringEquals":{"AWS:SourceVpc":["vpc-91237329","vpc-91237330"]}}"#,
        r#"{"StringLike":{"aws:PrincipalOrgID":"o-a1b2c3"},"Bool":{"aws:SecureTransport":"true"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/reader"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","10.0.0.0/8","2001:db8::/32","192.0.2.7"]}}"#,
        r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-a/r-b/"}}"#,
        r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}"#,
    ] {
        assert!(!policy(r#""Principal":"*""#, narrow), "{narrow}");
    }
    for broad in [
        r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#,
        r#"{"StringEquals":{"aws:SourceVpce":["vpce-1a2b3c4d","*"]}}"#,
        r#"{"StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}}"#,
        r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#,
        r#"{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#,
        r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-a/r-b/"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","10.0.0.0/7"]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"2001::/16"}}"#,
        r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/16"}}"#,
        r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:*:accesspoint/one"}}"#,
    ] {
        assert!(policy(r#""Principal":"*""#, broad), "{broad}");
    }
}

#[test]
fn what_denies_is_not_public_and_one_public_statement_is_enough() {
    let denies =
        r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::docs/*"}]}"#;
    assert!(!is_public(&Policy::parse(denies, PolicyType::Bucket).unwrap()));
    let mixed = r#"{"Statement":[
        {"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"arn:aws:s3:::docs/*"},
        {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::docs/*"}]}"#;
    assert!(is_public(&Policy::parse(mixed, PolicyType::Bucket).unwrap()));
}
