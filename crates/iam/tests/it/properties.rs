//! What holds for all policies and requests.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use sidegate_iam::{Case, Effect, Explanation, Outcome, Policy, PolicyKind, PolicyType};

use crate::naive;

const ACCOUNTS: [&str; 2] = ["111111111111", "222222222222"];

fn one_of(list: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(list).prop_map(str::to_owned)
}

fn some_of(list: &'static [&'static str]) -> impl Strategy<Value = Value> {
    subsequence(list, 1..=2).prop_map(|list| if list.len() == 1 { json!(list[0]) } else { json!(list) })
}

fn principal() -> impl Strategy<Value = String> {
    one_of(&[
        "arn:aws:iam::111111111111:user/ana",
        "arn:aws:iam::111111111111:root",
        "arn:aws:sts::111111111111:assumed-role/app/s1",
        "arn:aws:sts::111111111111:assumed-role/app/s2",
        "arn:aws:iam::222222222222:user/bob",
        "lambda.amazonaws.com",
        "ANON",
    ])
}

fn grantees() -> impl Strategy<Value = Value> {
    let aws = some_of(&[
        "*",
        "111111111111",
        "arn:aws:iam::111111111111:root",
        "arn:aws:iam::111111111111:user/ana",
        "arn:aws:iam::111111111111:role/app",
        "arn:aws:sts::111111111111:assumed-role/app/s1",
        "arn:aws:iam::222222222222:user/bob",
    ]);
    prop_oneof![
        Just(json!("*")),
        aws.prop_map(|aws| json!({"AWS": aws})),
        Just(json!({"Service": "lambda.amazonaws.com"}))
    ]
}

const STRINGS: &[&str] =
    &["", "ana", "a*", "A?a", "${aws:username}", "${aws:PrincipalTag/team}", "${x:none, 'ana'}", "${*}", "blue"];
const ARNS: &[&str] = &["*", "arn:aws:iam::*:user/*", "arn:aws:iam::111111111111:role/a?p", "arn:aws:iam::1*:*"];

fn condition() -> impl Strategy<Value = (String, Value)> {
    let set = one_of(&["", "", "ForAllValues:", "ForAnyValue:"]);
    let if_exists = one_of(&["", "", "IfExists"]);
    let strings = (
        one_of(&["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"]),
        one_of(&["aws:PrincipalTag/team", "aws:TagKeys", "aws:username", "x:missing", "aws:ResourceAccount"]),
        some_of(STRINGS),
    );
    let arns = (one_of(&["ArnLike", "ArnNotEquals"]), one_of(&["aws:PrincipalArn", "x:missing"]), some_of(ARNS));
    let numbers = (
        one_of(&["NumericEquals", "NumericNotEquals", "NumericLessThan"]),
        one_of(&["x:size"]),
        some_of(&["5", "10.0", "ten"]),
    );
    let booleans = (one_of(&["Bool"]), one_of(&["aws:SecureTransport"]), some_of(&["true", "FALSE"]));
    let tested = prop_oneof![4 => (set, if_exists, strings), 1 => (Just(String::new()), one_of(&["", "IfExists"]), arns),
        1 => (one_of(&["", "ForAnyValue:"]), Just(String::new()), numbers),
        1 => (Just(String::new()), one_of(&["", "IfExists"]), booleans)];
    let tested = tested
        .prop_map(|(set, if_exists, (name, key, values))| (format!("{set}{name}{if_exists}"), json!({key: values})));
    let null = (one_of(&["aws:TagKeys", "x:missing"]), select(&[true, false][..]));
    prop_oneof![6 => tested, 1 => null.prop_map(|(key, absent)| ("Null".to_owned(), json!({key: absent.to_string()})))]
}

fn statement(with_principal: bool) -> impl Strategy<Value = Value> {
    let action = some_of(&["*", "s3:*", "s3:Get*", "S3:getobjec?", "kms:*", "s3:PutObject"]);
    let resource = some_of(&[
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:s3:::b/${aws:PrincipalTag/team, 'ana'}/?",
        "arn:aws:kms:*:111111111111:key/*",
        "arn:aws:s3",
    ]);
    let conditions = prop_oneof![2 => Just(Vec::new()), 2 => condition().prop_map(|one| vec![one]),
        1 => proptest::collection::vec(condition(), 2)];
    let (effect, negated) = (select(&["Allow", "Allow", "Deny"][..]), select(&[0_u8, 0, 0, 1, 2, 4][..]));
    (effect, action, resource, conditions, grantees(), negated).prop_map(
        move |(effect, action, resource, conditions, grantees, negated)| {
            let name =
                |bit: u8, element: &str| if negated & bit != 0 { format!("Not{element}") } else { element.to_owned() };
            let mut statement = json!({"Effect": effect});
            statement[name(1, "Action")] = action;
            statement[name(2, "Resource")] = resource;
            if with_principal {
                statement[name(4, "Principal")] = grantees;
            }
            for (operator, keys) in conditions {
                statement["Condition"][operator] = keys;
            }
            statement
        },
    )
}

fn policy(with_principal: bool) -> impl Strategy<Value = Value> {
    let version = select(&["2012-10-17", "2012-10-17", "2008-10-17"][..]);
    let policy = (version, proptest::collection::vec(statement(with_principal), 1..4));
    policy.prop_map(|(version, statements)| json!({"Version": version, "Statement": statements}))
}

/// Now and then a policy that allows all, so that not everything is denied.
fn often_open(with_principal: bool) -> impl Strategy<Value = Value> {
    let mut open = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    if with_principal {
        open["Principal"] = json!("*");
    }
    prop_oneof![Just(json!({"Version": "2012-10-17", "Statement": [open]})), policy(with_principal)]
}

fn context() -> impl Strategy<Value = Value> {
    let tags = proptest::collection::vec(one_of(&["ana", "a*", "blue", ""]), 0..3);
    (
        proptest::option::of(one_of(&["ana", "a*", "blue", "*", ""])),
        proptest::option::of(tags),
        proptest::option::of(one_of(&["5", "10", "many"])),
        proptest::option::of(one_of(&["true", "false"])),
    )
        .prop_map(|(team, tags, size, secure)| {
            let mut context = json!({});
            let mut set = |key: &str, value: Option<Value>| {
                if let Some(value) = value {
                    context[key] = value;
                }
            };
            set("aws:PrincipalTag/Team", team.map(Value::from));
            set("aws:tagkeys", tags.map(Value::from));
            set("x:size", size.map(Value::from));
            set("aws:SecureTransport", secure.map(Value::from));
            context
        })
}

/// A case with some of the layers.
fn case() -> impl Strategy<Value = Value> {
    let asked = prop_oneof![
        3 => (one_of(&["s3:GetObject", "s3:PutObject"]), one_of(&["arn:aws:s3:::b/ana/x", "arn:aws:s3:::b/blue/x", "arn:aws:s3:::c"])),
        1 => (one_of(&["kms:Decrypt"]), one_of(&["arn:aws:kms:us-east-1:111111111111:key/k"])),
    ];
    let layers = (
        proptest::collection::vec(often_open(false), 0..3),
        proptest::option::of(often_open(true)),
        proptest::option::weighted(0.3, often_open(true)),
        proptest::option::weighted(0.3, often_open(false)),
        proptest::collection::vec(often_open(false), 0..2),
        proptest::collection::vec(proptest::collection::vec(often_open(false), 0..3), 0..2),
    );
    (principal(), asked, select(&ACCOUNTS[..]), context(), layers).prop_map(
        |(principal, (action, resource), owner, context, (identity, on_resource, endpoint, boundary, session, scp))| {
            let owner = if action.starts_with("kms:") { ACCOUNTS[0] } else { owner };
            json!({
                "id": "random",
                "request": {"principal": principal, "action": action, "resource": resource, "resourceAccount": owner,
                    "context": context},
                "identity": identity, "resourcePolicy": on_resource, "endpoint": endpoint, "boundary": boundary,
                "session": session, "scp": scp,
            })
        },
    )
}

fn parse(case: &Value) -> Case {
    Case::parse(&case.to_string()).unwrap_or_else(|error| panic!("{error:?}: {case}"))
}

/// The outcome that follows from what an explanation says of the statements alone.
fn denied_by_a_statement(explanation: &Explanation<'_>) -> bool {
    let layers = explanation.layers.iter().filter(|layer| layer.applies);
    let mut statements = layers.flat_map(|layer| &layer.policies).flat_map(|policy| &policy.statements);
    statements.any(|statement| statement.effect == Effect::Deny && statement.matches())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_decides_as_the_naive_evaluator_does(case in case()) {
        let request = &case["request"];
        let text = |key: &str| request[key].as_str().unwrap().to_owned();
        let context: BTreeMap<_, _> =
            request["context"].as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        // Accounts in a gateway endpoint's policy are another matter, which cases of our own cover.
        let mut case = case.clone();
        if case["endpoint"].to_string().contains("111111111111") {
            case["endpoint"] = Value::Null;
        }
        let asked = naive::Asked {
            principal: text("principal"), action: text("action"), resource: text("resource"),
            owner: text("resourceAccount"), context,
        };
        let parsed = parse(&case);
        prop_assert_eq!(parsed.decide().outcome().as_str(), naive::outcome(&case, &asked), "{}\n{}", case, parsed.explain());
    }

    #[test]
    fn an_explanation_decides_the_same_and_its_statements_agree(case in case()) {
        let case = parse(&case);
        let explanation = case.explain();
        prop_assert_eq!(explanation.decision, case.decide());
        prop_assert_eq!(denied_by_a_statement(&explanation), explanation.decision.outcome() == Outcome::ExplicitlyDenied);
        prop_assert!(serde_json::to_string(&explanation).is_ok() && !explanation.to_string().is_empty());
        let denial = explanation.decision.denial(&case.request(), &case.policies);
        prop_assert_eq!(denial.is_none(), explanation.decision.is_allowed());
    }

    #[test]
    fn a_further_denial_never_allows(
        case in case(), statement in statement(false),
        layer in select(&["identity", "session", "boundary"][..]), at_front in any::<bool>(),
    ) {
        let before = parse(&case).decide();
        let mut more = case.clone();
        let mut statement = statement;
        statement["Effect"] = json!("Deny");
        // A new session policy or boundary would limit anyway.
        let list = match &mut more[layer] {
            Value::Array(list) if !list.is_empty() => &mut list[0]["Statement"],
            Value::Object(_) => &mut more[layer]["Statement"],
            _ => return Ok(()),
        };
        let list = list.as_array_mut().unwrap();
        list.insert(if at_front { 0 } else { list.len() }, statement);
        prop_assert!(before.is_allowed() || !parse(&more).decide().is_allowed(), "{}", more);
    }

    #[test]
    fn the_order_of_statements_and_policies_changes_no_outcome(case in case()) {
        let mut turned = case.clone();
        for layer in ["identity", "resourcePolicy", "endpoint", "boundary", "session"] {
            if let Value::Array(list) = &mut turned[layer] {
                list.reverse();
            }
            let policies = match &mut turned[layer] {
                Value::Array(list) => list.iter_mut().collect(),
                Value::Null => Vec::new(),
                one => vec![one],
            };
            for policy in policies {
                policy["Statement"].as_array_mut().unwrap().reverse();
            }
        }
        prop_assert_eq!(parse(&case).decide().outcome(), parse(&turned).decide().outcome(), "{}", case);
    }

    #[test]
    fn a_printed_policy_is_read_as_the_same_policy(policy in policy(true)) {
        let read = Policy::parse(&policy.to_string(), PolicyType::Resource).unwrap();
        let printed = read.to_string();
        let again = Policy::parse(&printed, PolicyType::Resource).unwrap();
        prop_assert_eq!(&again, &read);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn nothing_that_is_given_as_a_policy_or_a_case_brings_the_reader_down(
        bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in any::<prop::sample::Index>(), case in case(),
    ) {
        let text = String::from_utf8_lossy(&bytes);
        let whole = case.to_string();
        let end = whole.char_indices().map(|(at, _)| at).nth(cut.index(whole.chars().count())).unwrap();
        for text in [&*text, &whole[..end], &format!("{}{text}", &whole[..end])] {
            let _ = Case::parse(text);
            for kind in [PolicyType::Identity, PolicyType::Endpoint, PolicyType::RoleTrust, PolicyType::ResourceControl] {
                if let Err(error) = Policy::parse(text, kind) {
                    prop_assert!(!error.to_string().is_empty() && !error.iam_message().is_empty());
                }
            }
        }
    }
}

#[test]
fn the_random_cases_have_all_outcomes_and_layers_decide() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut outcomes, mut kinds) = (BTreeMap::new(), BTreeMap::new());
    for _ in 0..2000 {
        let case = parse(&case().new_tree(&mut runner).unwrap().current());
        let decision = case.decide();
        *outcomes.entry(decision.outcome().as_str()).or_insert(0) += 1;
        if let Some(denial) = decision.denial(&case.request(), &case.policies) {
            *kinds.entry(denial.policy).or_insert(0) += 1;
        }
    }
    assert!(outcomes.len() == 3 && outcomes.values().all(|count| *count > 200), "{outcomes:?}");
    let all = [
        PolicyKind::Endpoint,
        PolicyKind::ServiceControl,
        PolicyKind::Resource,
        PolicyKind::Identity,
        PolicyKind::Boundary,
        PolicyKind::Session,
    ];
    assert!(all.iter().all(|kind| kinds.get(kind) > Some(&10)), "{kinds:?}");
}
