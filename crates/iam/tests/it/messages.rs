//! What a caller is told of a denial, and what an explanation shows.

use sidegate_iam::{Attached, Case, Context, Policies, Policy, PolicyType, Principal, Request, Requirement, decide};

fn policy(kind: PolicyType, statement: &str) -> Policy {
    Policy::parse(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#), kind).unwrap()
}

const ALLOW: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
const DENY: &str = r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#;
const NOTHING: &str = r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}"#;
const ALLOW_ALL: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
const DENY_ALL: &str = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}"#;

fn named(kind: PolicyType, statement: &str, name: &str) -> Attached {
    Attached::named(policy(kind, statement), name)
}

/// The message, from the last words that are the same for all on.
fn message(principal: &str, requirement: &Requirement, policies: &Policies) -> String {
    let (principal, context) = (Principal::parse(principal).unwrap(), Context::new());
    let request = Request { principal: &principal, context: &context, requirement };
    let message = decide(&request, policies).denial(&request, policies).unwrap().to_string();
    let Requirement { action, resource, .. } = requirement;
    let start = format!("User: {principal} is not authorized to perform: {action} on resource: {resource} ");
    message.strip_prefix(&start).unwrap_or_else(|| panic!("{message}")).to_owned()
}

const ANA: &str = "arn:aws:iam::111111111111:user/ana";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/app/s1";

fn object() -> Requirement {
    Requirement::new("s3:GetObject", "arn:aws:s3:::b/k")
}

fn open() -> Policies {
    Policies { identity: vec![policy(PolicyType::Identity, ALLOW).into()], ..Policies::default() }
}

#[test]
fn a_missing_permission_names_the_kind_of_policy_that_must_allow() {
    let said = |requirement: &Requirement, policies: &Policies| message(ANA, requirement, policies);
    let because = |kind: &str| format!("because no {kind} allows the s3:GetObject action");
    assert_eq!(said(&object(), &Policies::default()), because("identity-based policy"));
    let boundary = Some(policy(PolicyType::Boundary, NOTHING).into());
    assert_eq!(said(&object(), &Policies { boundary, ..open() }), because("permissions boundary"));
    let session = vec![policy(PolicyType::Session, NOTHING).into()];
    assert_eq!(message(SESSION, &object(), &Policies { session, ..open() }), because("session policy"));
    let service_control = vec![vec![policy(PolicyType::ServiceControl, NOTHING).into()]];
    assert_eq!(said(&object(), &Policies { service_control, ..open() }), because("service control policy"));
    let nothing = r#"{"Effect": "Allow", "Principal": "*", "Action": "ec2:*", "Resource": "*"}"#;
    let endpoint = Some(policy(PolicyType::Endpoint, nothing).into());
    assert_eq!(said(&object(), &Policies { endpoint, ..open() }), because("VPC endpoint policy"));
    let elsewhere = object().owned_by("222222222222".parse().unwrap());
    assert_eq!(said(&elsewhere, &open()), because("resource-based policy"));
    let role = Requirement::new("sts:AssumeRole", "arn:aws:iam::111111111111:role/app");
    assert_eq!(said(&role, &open()), "because no role trust policy allows the sts:AssumeRole action");
}

#[test]
fn an_explicit_denial_names_the_kind_and_the_arn_where_the_kind_has_one() {
    let arn = "arn:aws:iam::111111111111:policy/no";
    let said = |policies: Policies| message(SESSION, &object(), &policies);
    let with = |kind: &str| format!("with an explicit deny in {kind}");
    let identity = vec![named(PolicyType::Identity, DENY, arn)];
    assert_eq!(said(Policies { identity, ..open() }), with("an identity-based policy: ") + arn);
    let identity = vec![named(PolicyType::Identity, DENY, "inline")];
    assert_eq!(said(Policies { identity, ..open() }), with("an identity-based policy"));
    let boundary = Some(named(PolicyType::Boundary, DENY, arn));
    assert_eq!(said(Policies { boundary, ..open() }), with("a permissions boundary: ") + arn);
    let session = vec![named(PolicyType::Session, DENY, arn)];
    assert_eq!(said(Policies { session, ..open() }), with("a session policy: ") + arn);
    let service_control = vec![vec![named(PolicyType::ServiceControl, DENY, arn)]];
    assert_eq!(said(Policies { service_control, ..open() }), with("a service control policy: ") + arn);
    let resource_control = vec![vec![named(PolicyType::ResourceControl, DENY_ALL, arn)]];
    assert_eq!(said(Policies { resource_control, ..open() }), with("a resource control policy: ") + arn);
    let endpoint = Some(named(PolicyType::Endpoint, DENY_ALL, arn));
    assert_eq!(said(Policies { endpoint, ..open() }), with("a VPC endpoint policy"));
    let locked = object().under(policy(PolicyType::Bucket, DENY_ALL));
    assert_eq!(message(ANA, &locked, &open()), with("a resource-based policy"));
    let deny = r#"{"Effect": "Deny", "Principal": "*", "Action": "sts:*"}"#;
    let role = Requirement::new("sts:AssumeRole", "arn:aws:iam::111111111111:role/app");
    let role = role.under(policy(PolicyType::RoleTrust, deny));
    assert_eq!(message(ANA, &role, &open()), with("the role trust policy"));
}

#[test]
fn of_several_denials_the_first_layer_is_named_and_an_explicit_one_before_a_missing_permission() {
    let all = |endpoint| Policies {
        identity: vec![policy(PolicyType::Identity, DENY).into()],
        boundary: Some(policy(PolicyType::Boundary, DENY).into()),
        session: vec![policy(PolicyType::Session, DENY).into()],
        service_control: vec![vec![policy(PolicyType::ServiceControl, DENY).into()]],
        resource_control: vec![vec![policy(PolicyType::ResourceControl, DENY_ALL).into()]],
        endpoint: Some(policy(PolicyType::Endpoint, endpoint).into()),
    };
    let locked = object().under(policy(PolicyType::Bucket, DENY_ALL));
    let said = |policies: &Policies| message(SESSION, &locked, policies).replace("with an explicit deny in ", "");
    let mut policies = all(DENY_ALL);
    assert_eq!(said(&policies), "a VPC endpoint policy");
    policies.endpoint = None;
    assert_eq!(said(&policies), "a resource control policy");
    policies.resource_control.clear();
    assert_eq!(said(&policies), "a service control policy");
    policies.service_control.clear();
    assert_eq!(said(&policies), "a resource-based policy");
    let said = |policies: &Policies| message(SESSION, &object(), policies).replace("with an explicit deny in ", "");
    assert_eq!(said(&policies), "an identity-based policy");
    policies.identity.clear();
    assert_eq!(said(&policies), "a permissions boundary");
    policies.boundary = None;
    assert_eq!(said(&policies), "a session policy");
    let nothing = r#"{"Effect": "Allow", "Principal": "*", "Action": "ec2:*", "Resource": "*"}"#;
    assert_eq!(said(&Policies { session: Vec::new(), ..all(nothing) }), "a resource control policy");
}

#[test]
fn the_default_endpoint_policy_leaves_the_root_user_everything() {
    let root = Principal::parse("arn:aws:iam::111111111111:root").unwrap();
    let default = Policy::parse(Policy::DEFAULT, PolicyType::GatewayEndpoint).unwrap();
    let (policies, context, requirement) = (Policies::through(Some(default.into())), Context::new(), object());
    let request = Request { principal: &root, context: &context, requirement: &requirement };
    let decision = decide(&request, &policies);
    assert!(decision.is_allowed());
    assert_eq!(
        decision.reason(&request, &policies),
        "statement 1 of the VPC endpoint policy allows it, and the root user may do everything in its account"
    );
    let closed = Policies::through(Some(Policy::nothing().into()));
    assert_eq!(decide(&request, &closed).reason(&request, &closed), "no VPC endpoint policy allows it");
}

#[test]
fn an_explanation_reads_as_a_person_would_want_it() {
    let case = Case::parse(
        r#"{"id": "x", "request": {"principal": "arn:aws:sts::111111111111:assumed-role/app/s1",
            "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k",
            "context": {"aws:SourceVpce": "vpce-2b", "aws:TagKeys": ["a", "b"], "x:none": []}},
          "endpoint": {"Version": "2012-10-17", "Statement": [
            {"Sid": "Ours", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
             "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}]},
          "scp": [[{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]],
          "resourcePolicy": {"Version": "2012-10-17", "Statement": [
            {"Sid": "Lock", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
             "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-2b"}}},
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/other"}, "Action": "s3:PutObject",
             "NotResource": ["arn:aws:s3:::b/*"]}]},
          "identity": [
            {"Version": "2012-10-17", "Statement": [
              {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}/*"},
              {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {
                "NumericLessThan": {"x:size": "ten"}, "ForAnyValue:StringLike": {"aws:TagKeys": ["c*", "d*"]},
                "StringLike": {"x:none": "*"}}}]},
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]}"#,
    )
    .unwrap();
    assert_eq!(
        case.explain().to_string(),
        "\
ImplicitlyDenied: no VPC endpoint policy allows it
  arn:aws:sts::111111111111:assumed-role/app/s1 asks for s3:GetObject on arn:aws:s3:::b/k
  VPC endpoint policy
    statement 1 `Ours` does not allow it
      StringEquals aws:PrincipalOrgID `o-1`: the request does not have the key
  service control policy, level 1
    statement 1 allows it
  resource-based policy
    statement 1 `Lock` does not deny it
      StringNotEquals aws:SourceVpce `vpce-2b`: the request has `vpce-2b`
    statement 2 does not allow it
      Principal `arn:aws:iam::111111111111:role/other`: the request has `arn:aws:sts::111111111111:assumed-role/app/s1`
      Action `s3:PutObject`: the request has `s3:GetObject`
      NotResource `arn:aws:s3:::b/*`: the request has `arn:aws:s3:::b/k`
  identity-based policy
    policy 1
    statement 1 does not allow it
      Resource `arn:aws:s3:::b/${aws:username}/*`: the request has `arn:aws:s3:::b/k`; the policy variable \
         `aws:username` has no value
    statement 2 does not allow it
      NumericLessThan x:size `ten`: the request does not have the key; `ten` is not a value of this operator
      ForAnyValue:StringLike aws:TagKeys `c*`, `d*`: the request has `a`, `b`
      StringLike x:none `*`: the request has an empty set
    policy 2
    statement 1 allows it
"
    );
    let json = serde_json::to_value(case.explain()).unwrap();
    assert_eq!(json["decision"]["ImplicitlyDenied"]["kind"], "endpoint");
    assert_eq!(json["layers"][0]["policies"][0]["statements"][0]["mismatches"][0]["key"], "aws:PrincipalOrgID");
}

#[test]
fn a_case_that_cannot_be_read_says_what_of_it() {
    let error = |line: &str| {
        let error = Case::parse(line).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        format!("{error}; {source}")
    };
    assert_eq!(error("{]"), "the case is not valid JSON at column 2: a key in quotation marks is expected; ");
    assert_eq!(error("{}"), "`request` of the case must be an object; ");
    assert!(error(r#"{"request": {"principal": "ana", "action": "a:b"}}"#).contains("`ana` is not a principal"));
    let policy = format!(
        r#"{{"request": {{"principal": "{ANA}", "action": "a:b"}}, "identity": [{{"Statement": [{ALLOW_ALL}]}}]}}"#
    );
    assert!(error(&policy).contains("must not have `Principal`, in `Principal` of statement 1"), "{}", error(&policy));
    assert!(error(&policy).starts_with("the policy `identity` of the case cannot be read; "));
}
