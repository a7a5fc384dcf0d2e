//! What the simulator refuses, in AWS's words.

use super::super::{World, arn};
use super::{A, allow, ask, custom, entry, list, of_resource, one};

#[track_caller]
fn assert_told(answer: &super::Answer, code: &str, message: &str) {
    assert_eq!(answer.error(), (400, code.to_owned(), message.to_owned()));
}

#[tokio::test]
async fn policies_that_are_none_are_refused_by_their_numbers() {
    let world = World::new();
    let get = allow("s3:GetObject");
    for bad in ["{", r#"{"Version":"2099-01-01","Statement":[]}"#, r#"{"Version":"2012-10-17"}"#] {
        let answer = custom(&world, &[&get, bad], &[]).await;
        assert_told(&answer, "InvalidInput", "Policy input list item 2 has invalid content");
    }
    let boundaries = list("PermissionsBoundaryPolicyInputList", &[&get, &get]);
    let message = "The list of Permissions Boundary policies cannot exceed 1 items.";
    assert_told(&custom(&world, &[&get], &[boundaries]).await, "InvalidInput", message);
    let boundary = list("PermissionsBoundaryPolicyInputList", &["[]"]);
    let message = "Permissions boundary policy input list item 1 has invalid content";
    assert_told(&custom(&world, &[&get], &[boundary]).await, "InvalidInput", message);
    // A policy that names a principal is one of a resource, and the other way round.
    let answer = custom(&world, &[&of_resource("Allow", "*")], &[]).await;
    assert_told(&answer, "InvalidInput", "Policy input list item 1 has invalid content");
    let more =
        [one(format!("ResourcePolicy={get}")), one(format!("CallerArn={}", arn("user/b"))), list("ResourceArns", &[A])];
    let answer = custom(&world, &[&get], &more).await;
    assert_told(&answer, "InvalidInput", "Resource policy has invalid content");
}

#[tokio::test]
async fn actions_and_resources_have_their_forms() {
    let world = World::new();
    let get = allow("s3:GetObject");
    let parameters = [list("PolicyInputList", &[&get]), list("ActionNames", &["s3:GetObject", "GetObject"])];
    let answer = ask(&world, "SimulateCustomPolicy", &parameters).await;
    assert_told(&answer, "InvalidInput", "The action is invalid since it is missing names");
    for resources in [&["not-an-arn"][..], &[A, "arn:aws:s3"], &["arn::s3:::name"], &["arn:aws:s3:::"], &[A, "*"]] {
        let bad = resources.last().unwrap();
        let answer = custom(&world, &[&get], &[list("ResourceArns", resources)]).await;
        let message = format!("ResourceNames are not in a valid ARN format: {bad}.");
        assert_told(&answer, "InvalidInput", &message);
    }
    let option = |option: &str| one(format!("ResourceHandlingOption={option}"));
    let instance = list("ResourceArns", &["arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0"]);
    let run = async |action: &str, more: &[Vec<String>]| {
        let mut parameters = vec![list("PolicyInputList", &[&allow("*")]), list("ActionNames", &[action])];
        parameters.extend_from_slice(more);
        ask(&world, "SimulateCustomPolicy", &parameters).await
    };
    let message = |action: &str| {
        format!("Invalid input resource handling options. Action does not support resource handling options: {action}.")
    };
    run("ec2:RunInstances", &[option("EC2-VPC-EBS-Subnet"), instance.clone()]).await.ok();
    let answer = run("ec2:StopInstances", &[option("EC2-VPC-EBS-Subnet"), instance.clone()]).await;
    assert_told(&answer, "InvalidInput", &message("ec2:StopInstances"));
    let answer = run("ec2:RunInstances", &[option("fictional"), instance]).await;
    assert_told(&answer, "InvalidInput", &message("ec2:RunInstances"));
    run("ec2:RunInstances", &[option("fictional")]).await.ok();
}

#[tokio::test]
async fn condition_keys_have_a_name_a_type_and_values_of_it() {
    let world = World::new();
    let get = allow("s3:GetObject");
    let name = "ContextEntries.member.1.ContextKeyName=stack:key";
    let kind = "ContextEntries.member.1.ContextKeyType=string";
    let value = "ContextEntries.member.1.ContextKeyValues.member.1=yes";
    let empty = "ContextEntries.member.1.ContextKeyValues=";
    for (parameters, message) in [
        (&[name, value][..], "Context key stack:key has invalid type null."),
        (&[name, kind], "Context values for context key stack:key cannot be null or empty."),
        (&[name, kind, empty], "Context values for context key stack:key cannot be null or empty."),
        (&[kind, value], "ContextKeyName cannot be null or empty."),
    ] {
        let parameters: Vec<_> = parameters.iter().map(|parameter| (*parameter).to_owned()).collect();
        assert_told(&custom(&world, &[&get], &[parameters]).await, "InvalidInput", message);
    }
    for (kind, values, message) in [
        ("string", &["a", "b"][..], "Context key string expected a single value, but received 2."),
        ("numeric", &["abc"], "Invalid context value for key stack:key: expected numeric format."),
        ("numericList", &["1", "0x10"], "Invalid context value for key stack:key: expected numeric format."),
        ("date", &["tomorrow"], "Invalid context value for key stack:key: expected DateTime format."),
        ("ip", &["999.0.0.1"], "Invalid context value for key stack:key: expected IP address."),
        ("binary", &["!base64"], "Invalid context value for key stack:key: expected base-64 encoded binary format."),
    ] {
        let answer = custom(&world, &[&get], &[entry(1, "stack:key", kind, values)]).await;
        assert_told(&answer, "InvalidInput", message);
    }
    let twice = [entry(1, "stack:key", "string", &["a"]), entry(2, "STACK:KEY", "string", &["b"])];
    assert_told(&custom(&world, &[&get], &twice).await, "InvalidInput", "Duplicate context key: STACK:KEY.");
    let answer = custom(&world, &[&get], &[entry(1, "stack:key", "unknown", &["a"])]).await;
    let message = "1 validation error detected: Value at 'contextEntries.1.member.contextKeyType' failed to satisfy \
                   constraint: Member must satisfy enum value set: [binary, ipList, booleanList, ip, boolean, \
                   numericList, dateList, numeric, date, stringList, string, binaryList]";
    assert_told(&answer, "ValidationError", message);
}

#[tokio::test]
async fn callers_owners_and_policies_of_resources_have_to_fit() {
    let world = World::new();
    let get = allow("s3:GetObject");
    let caller = |arn: &str| one(format!("CallerArn={arn}"));
    let (bob, named) = (arn("user/bob"), list("ResourceArns", &[A]));
    let granted = one(format!("ResourcePolicy={}", of_resource("Allow", &bob)));
    let answer = custom(&world, &[&get], &[granted.clone(), named.clone()]).await;
    assert_told(&answer, "InvalidInput", "Invalid caller - Caller cannot be null or empty.");
    let session = "arn:aws:sts::111122223333:assumed-role/app/session";
    for bad in [&arn("root"), session, "bob", "arn:aws:iam::111122223333:policy/p", "arn:aws:iam::1:user/bob"] {
        let message = "Invalid caller - Caller must be an IAM user, role or group in this context.";
        assert_told(&custom(&world, &[&get], &[caller(bad)]).await, "InvalidInput", message);
    }
    for resources in [vec![], list("ResourceArns", &["*"])] {
        let answer = custom(&world, &[&get], &[granted.clone(), caller(&bob), resources]).await;
        let message = "Invalid Entity Arn: * does not clearly define entity type and name.";
        assert_told(&answer, "InvalidInput", message);
    }
    let everything = granted[0].replace("arn:aws:s3:::simulation/*", "*");
    let answer = custom(&world, &[&get], &[one(everything), caller(&bob), named]).await;
    assert_told(&answer, "InvalidInput", "ResourceNames are not in a valid ARN format: *.");
    for owner in ["123456789012", "not-an-arn", "arn:aws:s3:::a"] {
        let answer = custom(&world, &[&get], &[one(format!("ResourceOwner={owner}"))]).await;
        assert_told(&answer, "InvalidInput", &format!("'{owner}' is not a valid as a Resource Owner."));
    }
}

#[tokio::test]
async fn the_source_of_policies_is_a_user_group_or_role_of_the_account() {
    let world = World::new();
    world.users(&["bob"]).await;
    for action in ["SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy"] {
        let of = async |source: &str| {
            let parameters = [one(format!("PolicySourceArn={source}")), list("ActionNames", &["s3:GetObject"])];
            ask(&world, action, &parameters).await
        };
        of(&arn("user/bob")).await.ok();
        for missing in ["user/eve", "group/bob", "role/bob"] {
            let told = (404, "NoSuchEntity".to_owned(), "Unable to retrieve specified IAM entity.".to_owned());
            assert_eq!(of(&arn(missing)).await.error(), told, "{missing}");
        }
        let session = "arn:aws:sts::111122223333:assumed-role/app/session";
        for bad in [&arn("root"), session, "not-an-arn-but-long-enough", &arn("policy/bob"), &arn("user/")] {
            let message = format!("Invalid ARN provided in the request: {bad}");
            assert_told(&of(bad).await, "InvalidInput", &message);
        }
        let message = "Invalid Policy Source Arn: caller's account 111122223333 does not have access to policies in \
                       account 999999999999.";
        assert_told(&of("arn:aws:iam::999999999999:user/bob").await, "InvalidInput", message);
    }
}

#[tokio::test]
async fn bounds_are_those_of_the_model() {
    let world = World::new();
    let get = allow("s3:GetObject");
    let bound = |member: &str, constraint: &str| {
        format!("1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}")
    };
    let most = one("MaxItems=1001");
    let message = bound("maxItems", "Member must have value less than or equal to 1000");
    assert_told(&custom(&world, &[&get], &[most]).await, "ValidationError", &message);
    let long = one(format!("ResourceHandlingOption={}", "x".repeat(65)));
    let message = bound("resourceHandlingOption", "Member must have length less than or equal to 64");
    assert_told(&custom(&world, &[&get], &[long]).await, "ValidationError", &message);
    let short = entry(1, "x", "string", &["a"]);
    let message = bound("contextEntries.1.member.contextKeyName", "Member must have length greater than or equal to 5");
    assert_told(&custom(&world, &[&get], &[short]).await, "ValidationError", &message);
    let answer = custom(&world, &[&"x".repeat(131_073)], &[]).await;
    let lengths = "Member must satisfy constraint: [Member must have length less than or equal to 131072, Member must \
                   have length greater than or equal to 1, Member must satisfy regular expression pattern: \
                   [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+]";
    assert_told(&answer, "ValidationError", &bound("policyInputList", lengths));
    let answer = ask(&world, "SimulateCustomPolicy", &[list("ActionNames", &["s3:GetObject"])]).await;
    assert_told(&answer, "ValidationError", &bound("policyInputList", "Member must not be null"));
    let answer = ask(&world, "SimulatePrincipalPolicy", &[one(format!("PolicySourceArn={}", arn("user/bob")))]).await;
    assert_told(&answer, "ValidationError", &bound("actionNames", "Member must not be null"));
    let source = [one("PolicySourceArn=short"), list("ActionNames", &["s3:GetObject"])];
    let answer = ask(&world, "SimulatePrincipalPolicy", &source).await;
    let message = bound("policySourceArn", "Member must have length greater than or equal to 20");
    assert_told(&answer, "ValidationError", &message);
}

#[tokio::test]
async fn what_newer_clients_may_say_and_nobody_here_hears_is_told() {
    let world = World::new();
    let controls = "OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList.member.1";
    let answer = custom(&world, &[&allow("s3:*")], &[one(format!("{controls}={}", allow("*")))]).await;
    let message = "Sidegate does not implement the IAM action SimulateCustomPolicy with \
                   OrderedOrganizationPolicyInputList yet.";
    assert_eq!(answer.error(), (501, "NotImplemented".to_owned(), message.to_owned()));
    let source = one(format!("PolicySourceArn={}", arn("user/bob")));
    let excluded = one("PolicyExclusionList.member.1.PolicyType=inline");
    let parameters = [source, list("ActionNames", &["s3:GetObject"]), excluded];
    assert_eq!(ask(&world, "SimulatePrincipalPolicy", &parameters).await.error().0, 501);
}
