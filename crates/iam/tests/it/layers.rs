//! What the layers say by themselves, against what they decide together.

use sidegate_iam::{
    Account, Case, Context, Decision, Effect, Outcome, Policies, Policy, PolicyKind, PolicyType, Principal, Request,
    Requirement, decide, layers,
};

const CASES: &str = concat!(include_str!("../../cases/open.jsonl"), include_str!("../../cases/own.jsonl"));

#[test]
fn a_request_is_explicitly_denied_if_and_only_if_a_layer_denies_it_and_what_decided_is_told() {
    let mut told = 0;
    for case in CASES.lines().filter_map(|line| Case::parse(line).ok()) {
        let said = layers(&case.request(), &case.policies);
        let denies = said.iter().any(|layer| layer.outcome == Outcome::ExplicitlyDenied);
        let decision = case.decide();
        assert_eq!(denies, decision.outcome() == Outcome::ExplicitlyDenied, "{}", case.id);
        let has = |kind, wanted| {
            said.iter().any(|layer| layer.kind == kind && layer.matched.iter().any(|(place, _)| *place == wanted))
        };
        match decision {
            Decision::ExplicitlyDenied { kind, place } => assert!(has(kind, place), "{}", case.id),
            Decision::Allowed(by) => {
                assert!(by.identity.is_none_or(|place| has(PolicyKind::Identity, place)), "{}", case.id);
                let resource = [PolicyKind::Resource, PolicyKind::RoleTrust];
                let names = |place| resource.into_iter().any(|kind| has(kind, place));
                assert!(by.resource.is_none_or(names), "{}", case.id);
            }
            // The layer for lack of which it is denied allows nothing, if it says anything at all.
            Decision::ImplicitlyDenied { kind: PolicyKind::Boundary } => {
                let boundary = said.iter().find(|layer| layer.kind == PolicyKind::Boundary);
                assert_eq!(boundary.map(|layer| layer.outcome), Some(Outcome::ImplicitlyDenied), "{}", case.id);
            }
            Decision::ImplicitlyDenied { .. } => {}
        }
        told += 1;
    }
    assert!(told >= 200, "{told}");
}

#[test]
fn every_statement_that_speaks_of_a_request_is_told() {
    let line = r#"{"request": {"principal": "arn:aws:iam::111111111111:user/ana", "action": "s3:GetObject", "resource": "arn:aws:s3:::docs/a"},
        "identity": [{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}]}, {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]}"#;
    let case = Case::parse(&line.replace('\n', "")).unwrap();
    let said = layers(&case.request(), &case.policies);
    let [identity] = said.as_slice() else { panic!("{said:?}") };
    let matched: Vec<_> =
        identity.matched.iter().map(|(place, effect)| (place.policy, place.statement, *effect)).collect();
    assert_eq!(matched, [(0, 0, Effect::Allow), (0, 2, Effect::Deny), (1, 0, Effect::Allow)]);
    assert_eq!(identity.outcome, Outcome::ExplicitlyDenied);
}

#[test]
fn someone_unnamed_has_an_account_and_policies_and_nothing_else() {
    let account: Account = "111111111111".parse().unwrap();
    let principal = Principal::Unnamed(account);
    let (requirement, context) = (Requirement::new("s3:GetObject", "arn:aws:s3:::docs/a"), Context::new());
    let allowed = |statement: &str, resource: Option<&str>| {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
        let identity = vec![Policy::parse(&text, PolicyType::Identity).unwrap().into()];
        let mut requirement = requirement.clone();
        if let Some(resource) = resource {
            requirement = requirement.under(Policy::parse(resource, PolicyType::Resource).unwrap());
        }
        let request = Request { principal: &principal, context: &context, requirement: &requirement };
        decide(&request, &Policies { identity, ..Policies::default() }).is_allowed()
    };
    let with = |condition: &str| {
        format!(r#"{{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {condition}}}"#)
    };
    assert!(allowed(&with(r#"{"StringEquals": {"aws:PrincipalAccount": "111111111111"}}"#), None));
    for key in ["aws:PrincipalArn", "aws:username", "aws:userid", "aws:PrincipalType"] {
        assert!(allowed(&with(&format!(r#"{{"Null": {{"{key}": "true"}}}}"#)), None), "{key}");
    }
    let nothing = r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}"#;
    let grant = |principal: &str| {
        format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "*", "Resource": "*"}}}}"#
        )
    };
    assert!(allowed(nothing, Some(&grant("*"))));
    assert!(!allowed(nothing, Some(&grant("111111111111"))), "the account only delegates");
    assert!(!allowed(nothing, Some(&grant("arn:aws:iam::111111111111:user/ana"))));
}

#[test]
fn of_what_nobody_can_say_a_statement_allows_all_or_nothing_and_denies_if_it_denies_any() {
    let principal: Principal = "arn:aws:iam::111111111111:user/ana".parse().unwrap();
    let context = Context::new();
    let allowed = |action: &str, statements: &str| {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let identity = vec![Policy::parse(&text, PolicyType::Identity).unwrap().into()];
        let requirement = Requirement::open(action);
        let request = Request { principal: &principal, context: &context, requirement: &requirement };
        decide(&request, &Policies { identity, ..Policies::default() }).is_allowed()
    };
    let allow = |actions: &str, resources: &str| format!(r#"{{"Effect": "Allow", {actions}, {resources}}}"#);
    let deny = |actions: &str, resources: &str| {
        format!(r#"{}, {{"Effect": "Deny", {actions}, {resources}}}"#, allow(r#""Action": "*""#, r#""Resource": "*""#))
    };
    let (all, one) = (r#""Resource": "*""#, r#""Resource": "arn:aws:lambda:us-east-1:111111111111:function:f""#);
    let (not_all, but_one) = (r#""NotResource": "*""#, &one.replace("Resource", "NotResource"));
    for (action, statements, expected) in [
        ("lambda:*", allow(r#""Action": "lambda:*""#, all), true),
        ("lambda:*", allow(r#""Action": "*""#, all), true),
        ("lambda:*", allow(r#""Action": ["lambda:Get*", "lambda:InvokeFunction"]"#, all), false),
        ("lambda:*", allow(r#""Action": "lambda:?""#, all), false),
        ("lambda:*", allow(r#""NotAction": "lambda:DeleteFunction""#, all), false),
        ("lambda:*", allow(r#""NotAction": "iam:*""#, all), true),
        ("lambda:*", allow(r#""Action": "lambda:*""#, one), false),
        ("lambda:*", allow(r#""Action": "lambda:*""#, but_one), false),
        ("lambda:*", deny(r#""Action": "lambda:DeleteFunction""#, one), false),
        ("lambda:*", deny(r#""Action": "*:Delete*""#, all), false),
        ("lambda:*", deny(r#""Action": "s3:*""#, all), true),
        ("lambda:*", deny(r#""NotAction": "lambda:Get*""#, all), false),
        ("lambda:*", deny(r#""NotAction": "lambda:*""#, all), true),
        ("lambda:*", deny(r#""Action": "lambda:*""#, but_one), false),
        ("lambda:*", deny(r#""Action": "lambda:*""#, not_all), true),
        ("sqs:SendMessage", allow(r#""Action": "sqs:Send*""#, all), true),
        ("sqs:SendMessage", allow(r#""Action": "sqs:SendMessage""#, all), true),
        ("sqs:SendMessage", allow(r#""Action": "sqs:SendMessage""#, one), false),
        ("sqs:SendMessage", allow(r#""NotAction": "sqs:DeleteMessage""#, all), true),
        ("sqs:SendMessage", deny(r#""Action": "sqs:SendMessage""#, one), false),
        ("sqs:SendMessage", deny(r#""Action": "sqs:DeleteMessage""#, all), true),
    ] {
        assert_eq!(allowed(action, &statements), expected, "{action}: {statements}");
    }
}
