//! The policy simulator: what it decides, what it tells of it, and what it refuses.

mod cases;
mod limits;
mod organizations;
mod principals;
mod refusals;

use super::{ACCOUNT, Answer, World, arn};

/// A policy with one statement, in the form in which AWS's answers were recorded.
fn policy(effect: &str, action: &str, resource: &str, more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"{more}}}]}}"#
    )
}

fn allow(action: &str) -> String {
    policy("Allow", action, "*", "")
}

fn deny(action: &str) -> String {
    policy("Deny", action, "*", "")
}

/// A policy that allows on a condition.
fn allow_if(condition: &str) -> String {
    policy("Allow", "s3:GetObject", "*", &format!(r#","Condition":{condition}"#))
}

const A: &str = "arn:aws:s3:::simulation/a";
const B: &str = "arn:aws:s3:::simulation/b";

/// A list of parameters.
fn list(name: &str, values: &[&str]) -> Vec<String> {
    values.iter().enumerate().map(|(at, value)| format!("{name}.member.{}={value}", at + 1)).collect()
}

/// A condition key that is given.
fn entry(at: usize, name: &str, kind: &str, values: &[&str]) -> Vec<String> {
    let prefix = format!("ContextEntries.member.{at}");
    let mut entry = list(&format!("{prefix}.ContextKeyValues"), values);
    entry.extend([format!("{prefix}.ContextKeyName={name}"), format!("{prefix}.ContextKeyType={kind}")]);
    entry
}

async fn ask(world: &World, action: &str, parameters: &[Vec<String>]) -> Answer {
    let parameters: Vec<_> = parameters.iter().flatten().map(String::as_str).collect();
    world.iam(action, &parameters).await
}

/// `SimulateCustomPolicy` of `s3:GetObject` with these policies and more parameters.
async fn custom(world: &World, policies: &[&str], more: &[Vec<String>]) -> Answer {
    let mut parameters = vec![list("PolicyInputList", policies), list("ActionNames", &["s3:GetObject"])];
    parameters.extend_from_slice(more);
    ask(world, "SimulateCustomPolicy", &parameters).await
}

fn one(parameter: impl Into<String>) -> Vec<String> {
    vec![parameter.into()]
}

/// A statement that matched, as answers have it.
fn matched(id: &str, kind: &str, start: (usize, usize), end: (usize, usize)) -> String {
    let position = |name, (line, column)| format!("<{name}><Line>{line}</Line><Column>{column}</Column></{name}>");
    format!(
        "<member><SourcePolicyId>{id}</SourcePolicyId><SourcePolicyType>{kind}</SourcePolicyType>{}{}</member>",
        position("StartPosition", start),
        position("EndPosition", end)
    )
}

fn statements(members: &[String]) -> String {
    format!("<MatchedStatements>{}</MatchedStatements>", members.concat())
}

/// The decision of the first action.
fn decision(answer: &Answer) -> String {
    answer.element("EvalDecision")
}

#[track_caller]
fn has(answer: &Answer, part: &str) {
    assert!(answer.text.contains(part), "no {part} in {}", answer.text);
}

#[track_caller]
fn lacks(answer: &Answer, part: &str) {
    assert!(!answer.text.contains(part), "{part} in {}", answer.text);
}

#[tokio::test]
async fn a_simulation_tells_the_decision_and_the_statements_that_settled_it_by_their_places() {
    let world = World::new();
    let get = allow("s3:GetObject");
    let answer = custom(&world, &[&get], &[]).await.ok();
    let first = matched("PolicyInputList.1", "IAM Policy", (1, 38), (1, 95));
    let expected = format!(
        "<SimulateCustomPolicyResult><EvaluationResults><member><EvalActionName>s3:GetObject</EvalActionName>\
         <EvalResourceName>*</EvalResourceName><EvalDecision>allowed</EvalDecision>{}\
         <MissingContextValues></MissingContextValues></member></EvaluationResults><IsTruncated>false</IsTruncated>\
         </SimulateCustomPolicyResult>",
        statements(std::slice::from_ref(&first))
    );
    has(&answer, &expected);

    // What allows is told as a whole, what denies alone.
    let both = custom(&world, &[&get, &get], &[]).await.ok();
    has(&both, &statements(&[first.clone(), matched("PolicyInputList.2", "IAM Policy", (1, 38), (1, 95))]));
    let denied = custom(&world, &[&get, &deny("s3:GetObject")], &[]).await.ok();
    assert_eq!(decision(&denied), "explicitDeny");
    has(&denied, &statements(&[matched("PolicyInputList.2", "IAM Policy", (1, 38), (1, 94))]));
    let silent = custom(&world, &[&allow("s3:PutObject")], &[]).await.ok();
    assert_eq!(decision(&silent), "implicitDeny");
    has(&silent, "<MatchedStatements></MatchedStatements>");
    // A list without policies is one; botocore sends it so.
    let parameters = [one("PolicyInputList="), list("ActionNames", &["s3:GetObject"])];
    assert_eq!(decision(&ask(&world, "SimulateCustomPolicy", &parameters).await.ok()), "implicitDeny");

    let broad = "{\n  \"Statement\": {\n    \"Effect\": \"Allow\",\n    \"Action\": \"s3:GetObject\",\n    \"Resource\": \"*\"\n  }\n}";
    let alone = custom(&world, &[broad], &[]).await.ok();
    has(&alone, &statements(&[matched("PolicyInputList.1", "IAM Policy", (2, 17), (6, 4))]));
}

#[tokio::test]
async fn resources_have_results_of_their_own_and_the_strictest_is_that_of_the_action() {
    let world = World::new();
    let resources = list("ResourceArns", &[A, B]);
    let on_a = policy("Allow", "s3:GetObject", A, "");
    let answer = custom(&world, &[&on_a], std::slice::from_ref(&resources)).await.ok();
    let place = matched("PolicyInputList.1", "IAM Policy", (1, 38), (1, 95 + A.len() - 1));
    has(
        &answer,
        &format!(
            "<EvalResourceName>*</EvalResourceName><EvalDecision>implicitDeny</EvalDecision>{0}\
             <MissingContextValues></MissingContextValues><EvalDecisionDetails></EvalDecisionDetails>\
             <ResourceSpecificResults><member><EvalResourceName>{A}</EvalResourceName>\
             <EvalResourceDecision>allowed</EvalResourceDecision>{0}</member>\
             <member><EvalResourceName>{B}</EvalResourceName>\
             <EvalResourceDecision>implicitDeny</EvalResourceDecision></member></ResourceSpecificResults>",
            statements(std::slice::from_ref(&place))
        ),
    );
    let deny_b = policy("Deny", "s3:GetObject", B, "");
    let answer = custom(&world, &[&on_a, &deny_b], &[resources]).await.ok();
    assert_eq!(decision(&answer), "explicitDeny");
    let denial = matched("PolicyInputList.2", "IAM Policy", (1, 38), (1, 94 + B.len() - 1));
    has(&answer, &format!("<EvalDecision>explicitDeny</EvalDecision>{}", statements(&[denial])));
    // One resource names the result; the same one twice has two results, and one statement.
    let answer = custom(&world, &[&on_a], &[list("ResourceArns", &[A])]).await.ok();
    assert_eq!(answer.elements("EvalResourceName"), [A, A]);
    let answer = custom(&world, &[&on_a], &[list("ResourceArns", &[A, A])]).await.ok();
    assert_eq!(answer.elements("EvalResourceDecision"), ["allowed", "allowed"]);
    has(&answer, &format!("<EvalDecision>allowed</EvalDecision>{}", statements(&[place])));
}

#[tokio::test]
async fn actions_are_compared_as_they_stand_and_each_has_a_result() {
    let world = World::new();
    let decide = async |policy: &str, action: &str| {
        let parameters = [list("PolicyInputList", &[policy]), list("ActionNames", &[action])];
        decision(&ask(&world, "SimulateCustomPolicy", &parameters).await.ok())
    };
    let get = allow("s3:GetObject");
    assert_eq!(decide(&get, "S3:gEtObJeCt").await, "allowed");
    for action in ["s3:*", "madeup:Action", "s3:MadeUp", "s3:", "s3:Get Object"] {
        assert_eq!(decide(&get, action).await, "implicitDeny", "{action}");
        assert_eq!(decide(&allow("*"), action).await, "allowed", "{action}");
    }
    let actions = list("ActionNames", &["s3:GetObject", "s3:GetObject", "s3:PutObject"]);
    let answer = ask(&world, "SimulateCustomPolicy", &[list("PolicyInputList", &[&get]), actions]).await.ok();
    assert_eq!(answer.elements("EvalActionName"), ["s3:GetObject", "s3:GetObject", "s3:PutObject"]);
    assert_eq!(answer.elements("EvalDecision"), ["allowed", "allowed", "implicitDeny"]);
}

#[tokio::test]
async fn a_boundary_limits_and_its_denial_is_told_with_that_of_the_policies() {
    let world = World::new();
    let get = allow("s3:GetObject");
    let with = async |policy: &str, boundary: &str| {
        custom(&world, &[policy], &[list("PermissionsBoundaryPolicyInputList", &[boundary])]).await.ok()
    };
    let detail = |allows: bool| {
        format!(
            "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>{allows}</AllowedByPermissionsBoundary>"
        )
    };
    let allowed = with(&get, &get).await;
    assert_eq!(decision(&allowed), "allowed");
    has(&allowed, &detail(true));
    has(&allowed, &statements(&[matched("PolicyInputList.1", "IAM Policy", (1, 38), (1, 95))]));
    let limited = with(&get, &allow("s3:PutObject")).await;
    assert_eq!(decision(&limited), "implicitDeny");
    has(&limited, &detail(false));
    has(&limited, "<MatchedStatements></MatchedStatements>");
    let denied = with(&deny("s3:GetObject"), &deny("s3:GetObject")).await;
    assert_eq!(decision(&denied), "explicitDeny");
    let boundary = "PermissionsBoundaryPolicyInputList.1";
    has(
        &denied,
        &statements(&[
            matched("PolicyInputList.1", "IAM Policy", (1, 38), (1, 94)),
            matched(boundary, "Permissions Boundary Policy", (1, 38), (1, 94)),
        ]),
    );
    let resources = [list("PermissionsBoundaryPolicyInputList", &[&get]), list("ResourceArns", &[A])];
    let specific = custom(&world, &[&get], &resources).await.ok();
    assert_eq!(specific.elements("AllowedByPermissionsBoundary"), ["true", "true"]);
    lacks(&custom(&world, &[&get], &[]).await.ok(), "PermissionsBoundaryDecisionDetail");
}

#[tokio::test]
async fn keys_of_every_type_are_compared_and_those_of_a_list_are_a_set() {
    let world = World::new();
    let decide = async |condition: &str, kind: &str, values: &[&str]| {
        let policy = allow_if(condition);
        decision(&custom(&world, &[&policy], &[entry(1, "stack:key", kind, values)]).await.ok())
    };
    for (condition, kind, meets, fails) in [
        (r#"{"StringEquals":{"stack:key":"yes"}}"#, "string", "yes", "no"),
        (r#"{"NumericLessThan":{"stack:key":"10"}}"#, "numeric", "9.5", "10"),
        (r#"{"Bool":{"stack:key":"true"}}"#, "boolean", "TRUE", "yes"),
        (r#"{"IpAddress":{"stack:key":"192.0.2.0/24"}}"#, "ip", "192.0.2.7", "198.51.100.7"),
        (r#"{"BinaryEquals":{"stack:key":"eWVz"}}"#, "binary", "eWVz", "bm8="),
        (r#"{"DateGreaterThan":{"stack:key":"2026-01-01T00:00:00Z"}}"#, "date", "2026-05-01", "2025-05-01T12:00:00Z"),
    ] {
        assert_eq!(decide(condition, kind, &[meets]).await, "allowed", "{kind}");
        assert_eq!(decide(condition, kind, &[fails]).await, "implicitDeny", "{kind}");
        let (any, all) = (condition.replace("{\"", "{\"ForAnyValue:"), condition.replace("{\"", "{\"ForAllValues:"));
        let quantified =
            |text: &str| text.replace("{\"ForAnyValue:stack", "{\"stack").replace("{\"ForAllValues:stack", "{\"stack");
        let list = format!("{kind}List");
        assert_eq!(decide(&quantified(&any), &list, &[fails, meets]).await, "allowed", "{list}");
        assert_eq!(decide(&quantified(&all), &list, &[fails, meets]).await, "implicitDeny", "{list}");
    }
    // A variable has the value of a single-valued key, and none of a set.
    let variable = policy("Allow", "s3:GetObject", "arn:aws:s3:::simulation/${stack:key}", "");
    for (kind, expected) in [("string", "allowed"), ("stringList", "implicitDeny")] {
        let parameters = [entry(1, "stack:key", kind, &["a"]), list("ResourceArns", &[A])];
        assert_eq!(decision(&custom(&world, &[&variable], &parameters).await.ok()), expected, "{kind}");
    }
}

#[tokio::test]
async fn keys_that_were_not_given_are_told_where_nothing_allows_and_nothing_denies() {
    let world = World::new();
    let conditional = |effect: &str, action: &str, key: &str| {
        policy(effect, action, "*", &format!(r#","Condition":{{"StringEquals":{{"{key}":"yes"}}}}"#))
    };
    let missing = async |policies: &[&str], more: &[Vec<String>]| {
        let answer = custom(&world, policies, more).await.ok();
        let list = answer.element("MissingContextValues");
        let keys = list.split("<member>").skip(1).map(|key| key.split('<').next().unwrap().to_owned());
        (decision(&answer), keys.collect::<Vec<_>>())
    };
    let told = |decision: &str, keys: &[&str]| {
        (decision.to_owned(), keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>())
    };
    let get = conditional("Allow", "s3:GetObject", "stack:missing");
    assert_eq!(missing(&[&get], &[]).await, told("implicitDeny", &["stack:missing"]));
    let other = conditional("Deny", "s3:PutObject", "stack:other");
    assert_eq!(missing(&[&get, &other], &[]).await, told("implicitDeny", &["stack:missing", "stack:other"]));
    assert_eq!(missing(&[&get, &allow("s3:GetObject")], &[]).await, told("allowed", &[]));
    assert_eq!(missing(&[&get, &deny("s3:GetObject")], &[]).await, told("explicitDeny", &[]));
    // A key that was given is not missing, whatever its case; one in two cases is told in both.
    let given = entry(1, "STACK:Missing", "string", &["no"]);
    assert_eq!(missing(&[&get], &[given]).await, told("implicitDeny", &[]));
    let cases = conditional("Allow", "s3:GetObject", "STACK:missing");
    assert_eq!(missing(&[&get, &cases], &[]).await, told("implicitDeny", &["stack:missing", "STACK:missing"]));
    // A variable uses its key, with a default as well; a boundary's keys count.
    let variable = policy("Allow", "s3:GetObject", "arn:aws:s3:::x/${stack:key, 'none'}", "");
    assert_eq!(missing(&[&variable], &[]).await, told("implicitDeny", &["stack:key"]));
    let boundary = list("PermissionsBoundaryPolicyInputList", &[&get]);
    assert_eq!(missing(&[&allow("*")], &[boundary]).await, told("implicitDeny", &["stack:missing"]));
    // So does what follows from the caller, although it has a value.
    let account = allow_if(r#"{"StringEquals":{"aws:PrincipalAccount":"000000000000"}}"#);
    assert_eq!(missing(&[&account], &[]).await, told("implicitDeny", &["aws:PrincipalAccount"]));
    let answer = custom(&world, &[&get], &[list("ResourceArns", &[A])]).await.ok();
    let keys = "<MissingContextValues><member>stack:missing</member></MissingContextValues>";
    assert_eq!(answer.text.matches(keys).count(), 2, "of the resource as well: {}", answer.text);
}

#[tokio::test]
async fn what_follows_from_the_caller_is_known_and_can_be_supposed_otherwise() {
    let world = World::new();
    let meets = async |condition: &str, more: &[Vec<String>]| {
        decision(&custom(&world, &[&allow_if(condition)], more).await.ok()) == "allowed"
    };
    let equals = |key: &str, value: &str| format!(r#"{{"StringEquals":{{"{key}":"{value}"}}}}"#);
    let absent = |key: &str| format!(r#"{{"Null":{{"{key}":"true"}}}}"#);
    // Nobody is named: someone of the account.
    for key in ["aws:PrincipalArn", "aws:username"] {
        assert!(meets(&absent(key), &[]).await, "{key}");
    }
    assert!(meets(&equals("aws:PrincipalAccount", ACCOUNT), &[]).await);
    assert!(meets(&equals("aws:userid", "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR"), &[]).await);
    for (caller, name) in [("user/dev/bob", Some("bob")), ("role/dev/app", None), ("group/dev/admins", None)] {
        let caller = arn(caller);
        let named = [one(format!("CallerArn={caller}"))];
        assert!(meets(&equals("aws:PrincipalArn", &caller), &named).await, "{caller}");
        assert!(meets(&equals("aws:userid", &caller), &named).await, "{caller}");
        assert!(meets(&equals("aws:PrincipalAccount", ACCOUNT), &named).await, "{caller}");
        match name {
            Some(name) => assert!(meets(&equals("aws:username", name), &named).await),
            None => assert!(meets(&absent("aws:username"), &named).await, "{caller}"),
        }
        let supposed = [named[0].clone(), entry(1, "aws:username", "string", &["other"])];
        assert!(meets(&equals("aws:username", "other"), &supposed).await, "{caller}");
    }
}

/// A policy of a resource that allows `s3:GetObject` below a bucket.
fn of_resource(effect: &str, principal: &str) -> String {
    let more = format!(r#","Principal":{{"AWS":"{principal}"}}"#);
    policy(effect, "s3:GetObject", "arn:aws:s3:::simulation/*", &more)
}

#[tokio::test]
async fn a_policy_of_the_resource_may_be_enough_in_one_account() {
    let world = World::new();
    let bob = arn("user/bob");
    let with = async |identity: &str, resource: &str| {
        let more =
            [one(format!("CallerArn={bob}")), one(format!("ResourcePolicy={resource}")), list("ResourceArns", &[A])];
        custom(&world, &[identity], &more).await.ok()
    };
    let (get, none) = (allow("s3:GetObject"), allow("ec2:*"));
    let granted = with(&none, &of_resource("Allow", &bob)).await;
    assert_eq!(decision(&granted), "allowed");
    let length = of_resource("Allow", &bob).len() - 1;
    has(&granted, &statements(&[matched("ResourcePolicy", "Resource Policy", (1, 38), (1, length))]));
    has(&granted, "<EvalDecisionDetails></EvalDecisionDetails>");
    let both = with(&get, &of_resource("Allow", &bob)).await;
    assert_eq!(both.elements("SourcePolicyId").len(), 4, "of both sides, for the action and the resource");
    // The account is left to decide; another one is nobody here.
    let delegated = of_resource("Allow", &arn("root"));
    assert_eq!(decision(&with(&none, &delegated).await), "implicitDeny");
    assert_eq!(decision(&with(&get, &delegated).await), "allowed");
    assert_eq!(decision(&with(&get, &of_resource("Deny", &bob)).await), "explicitDeny");
    assert_eq!(decision(&with(&none, &of_resource("Allow", &arn("user/ana"))).await), "implicitDeny");
}

#[tokio::test]
async fn two_accounts_are_both_asked_and_the_types_of_policies_told_apart() {
    let world = World::new();
    let arnav = arn("user/arnav");
    let owner = one("ResourceOwner=arn:aws:iam::123456789012:root");
    let with = async |identity: &str, boundary: Option<&str>, resource: &str| {
        let mut more = vec![
            one(format!("CallerArn={arnav}")),
            one(format!("ResourcePolicy={resource}")),
            list("ResourceArns", &[A]),
        ];
        more.push(owner.clone());
        more.extend(boundary.map(|boundary| list("PermissionsBoundaryPolicyInputList", &[boundary])));
        custom(&world, &[identity], &more).await.ok()
    };
    let details = |entries: &[(&str, &str)]| {
        let entry = |(key, value): &(&str, &str)| format!("<entry><key>{key}</key><value>{value}</value></entry>");
        format!("<EvalDecisionDetails>{}</EvalDecisionDetails>", entries.iter().map(entry).collect::<String>())
    };
    // The example of the API reference: neither the identity's policy nor its boundary speak of S3.
    let (iam, granted) = (allow("iam:*"), of_resource("Allow", &arnav));
    let answer = with(&iam, Some(&iam), &granted).await;
    assert_eq!(decision(&answer), "implicitDeny");
    let expected = details(&[
        ("IAM Policy", "implicitDeny"),
        ("Permissions Boundary Policy", "implicitDeny"),
        ("Resource Policy", "allowed"),
    ]);
    assert_eq!(answer.text.matches(&expected).count(), 2, "{}", answer.text);
    assert_eq!(answer.elements("AllowedByPermissionsBoundary"), ["false", "false"]);
    has(&answer, "<MatchedStatements></MatchedStatements>");
    let get = allow("s3:GetObject");
    let answer = with(&get, None, &granted).await;
    assert_eq!(decision(&answer), "allowed");
    has(&answer, &details(&[("IAM Policy", "allowed"), ("Resource Policy", "allowed")]));
    assert_eq!(answer.elements("SourcePolicyId").len(), 4);
    let answer = with(&get, None, &of_resource("Allow", &arn("user/ana"))).await;
    assert_eq!(decision(&answer), "implicitDeny");
    has(&answer, &details(&[("IAM Policy", "allowed"), ("Resource Policy", "implicitDeny")]));
    // An ARN that names its account needs no owner, and takes none.
    let queue = "arn:aws:sqs:us-east-1:444455556666:jobs";
    let of_queue = policy("Allow", "sqs:SendMessage", queue, &format!(r#","Principal":{{"AWS":"{arnav}"}}"#));
    let parameters = [
        list("PolicyInputList", &[&allow("sqs:*")]),
        list("ActionNames", &["sqs:SendMessage"]),
        list("ResourceArns", &[queue]),
        one(format!("CallerArn={arnav}")),
        one(format!("ResourcePolicy={of_queue}")),
        one(format!("ResourceOwner={}", arn("root"))),
    ];
    let answer = ask(&world, "SimulateCustomPolicy", &parameters).await.ok();
    has(&answer, &details(&[("IAM Policy", "allowed"), ("Resource Policy", "allowed")]));
}

#[tokio::test]
async fn the_side_of_the_resource_is_not_simulated_without_its_policy_nor_the_trust_of_a_role() {
    let world = World::new();
    let decide = async |action: &str, resource: &str, more: &[Vec<String>]| {
        let mut parameters = vec![
            list("PolicyInputList", &[&allow("*")]),
            list("ActionNames", &[action]),
            list("ResourceArns", &[resource]),
            one(format!("CallerArn={}", arn("user/bob"))),
        ];
        parameters.extend_from_slice(more);
        decision(&ask(&world, "SimulateCustomPolicy", &parameters).await.ok())
    };
    for (action, resource) in [
        ("sts:AssumeRole", "arn:aws:iam::444455556666:role/app"),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-1:444455556666:jobs"),
        ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/0"),
    ] {
        assert_eq!(decide(action, resource, &[]).await, "allowed", "{action}");
    }
    let role = arn("role/app");
    let trust = |effect: &str| {
        one(format!(
            r#"ResourcePolicy={{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Principal":"*","Action":"sts:AssumeRole"}}}}"#
        ))
    };
    assert_eq!(decide("sts:AssumeRole", &role, &[trust("Deny")]).await, "allowed");
    assert_eq!(decide("sts:AssumeRoleWithSAML", &role, &[trust("Deny")]).await, "allowed");
    assert_eq!(decide("sts:GetCallerIdentity", A, &[trust("Deny")]).await, "allowed");
}

#[tokio::test]
async fn results_come_in_pages_of_actions_which_may_change_between_them() {
    let world = World::new();
    let page = async |actions: &[&str], more: &[Vec<String>]| {
        let mut parameters = vec![list("PolicyInputList", &[&allow("*")]), list("ActionNames", actions)];
        parameters.extend_from_slice(more);
        ask(&world, "SimulateCustomPolicy", &parameters).await
    };
    let actions = ["s3:PutObject", "iam:GetUser", "s3:GetObject"];
    let resources = list("ResourceArns", &[A, B]);
    let first = page(&actions, &[one("MaxItems=1"), resources.clone()]).await.ok();
    assert_eq!(first.elements("EvalActionName"), ["s3:PutObject"]);
    assert_eq!(first.elements("EvalResourceDecision").len(), 2);
    assert_eq!(first.element("IsTruncated"), "true");
    let marker = one(format!("Marker={}", first.element("Marker")));
    let rest = page(&actions, &[marker.clone(), resources]).await.ok();
    assert_eq!(rest.elements("EvalActionName"), ["iam:GetUser", "s3:GetObject"]);
    assert_eq!(rest.element("IsTruncated"), "false");
    assert_eq!(rest.elements("Marker"), Vec::<String>::new());
    let changed = page(&["a:One", "a:Two"], std::slice::from_ref(&marker)).await.ok();
    assert_eq!(changed.elements("EvalActionName"), ["a:Two"]);
    let many: Vec<_> = (0..101).map(|number| format!("a:Action{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let usual = page(&many, &[]).await.ok();
    assert_eq!((usual.elements("EvalActionName").len(), usual.element("IsTruncated").as_str()), (100, "true"));
    for marker in ["nonsense", "TGlzdFVzZXJzCjE"] {
        let (status, code, message) = page(&actions, &[one(format!("Marker={marker}"))]).await.error();
        assert_eq!((status, code.as_str(), message.as_str()), (400, "InvalidInput", "Invalid marker for pagination."));
    }
}

#[tokio::test]
async fn the_keys_that_policies_use_are_told_once() {
    let world = World::new();
    // The example of the AWS CLI.
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"}}}}"#;
    let keys = |answer: &Answer| answer.elements("member");
    let answer = ask(&world, "GetContextKeysForCustomPolicy", &[list("PolicyInputList", &[policy, policy])]).await.ok();
    assert_eq!(keys(&answer), ["aws:username", "aws:CurrentTime"]);
    let (status, code, message) =
        ask(&world, "GetContextKeysForCustomPolicy", &[list("PolicyInputList", &[policy, "{"])]).await.error();
    let told = (400, "InvalidInput", "Policy input list item 2 has invalid content");
    assert_eq!((status, code.as_str(), message.as_str()), told);
    let none = ask(&world, "GetContextKeysForCustomPolicy", &[list("PolicyInputList", &[&allow("*")])]).await.ok();
    assert_eq!(keys(&none), Vec::<String>::new());
}
