//! Policies, what they are attached to, and what the edge is told of them.

use serde_json::json;
use sidegate_services::organizations::Document;

use super::{CONTENT, Fixture, MASTER, OTHER, RCP, SCP, text, texts};

/// Another policy than [`CONTENT`].
const OTHER_CONTENT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"ec2:*","Resource":"*"}}"#;

fn names(levels: &[Vec<Document>]) -> Vec<Vec<&str>> {
    levels.iter().map(|level| level.iter().map(|document| document.name.as_str()).collect()).collect()
}

#[tokio::test]
async fn a_policy_is_made_shown_changed_and_deleted() {
    let fixture = Fixture::with_organization().await;
    let document = json!({ "Type": SCP, "Name": "deny", "Description": "no S3", "Content": CONTENT });
    let made = fixture.ok("CreatePolicy", document.clone()).await;
    let summary = &made["Policy"]["PolicySummary"];
    let id = text(&summary["Id"]);
    let organization = fixture.membership(MASTER).unwrap().organization;
    let arn = format!("arn:aws:organizations::{MASTER}:policy/{organization}/service_control_policy/{id}");
    assert_eq!(summary["Arn"], arn);
    assert_eq!((&summary["AwsManaged"], &summary["Type"]), (&json!(false), &json!(SCP)));
    assert_eq!(made["Policy"]["Content"], CONTENT);
    let own = json!({ "PolicyId": id });
    assert_eq!(fixture.ok("DescribePolicy", own.clone()).await, made);
    assert_eq!(fixture.fails("CreatePolicy", document).await, "DuplicatePolicy");
    // Each type has names of its own.
    let tag = json!({ "Type": "TAG_POLICY", "Name": "deny", "Description": "", "Content": r#"{"tags":{}}"# });
    fixture.ok("CreatePolicy", tag).await;

    let changed = json!({ "PolicyId": id, "Name": "new", "Content": OTHER_CONTENT });
    let changed = fixture.ok("UpdatePolicy", changed).await;
    assert_eq!(changed["Policy"]["PolicySummary"]["Name"], "new");
    assert_eq!(changed["Policy"]["PolicySummary"]["Description"], "no S3");
    assert_eq!(changed["Policy"]["Content"], OTHER_CONTENT);
    let policies = fixture.all("ListPolicies", json!({ "Filter": SCP, "MaxResults": 1 }), "Policies").await;
    // In the order of their ids, of which one is random.
    let mut names = texts(&policies, "Name");
    names.sort_unstable();
    assert_eq!(names, ["FullAWSAccess", "new"]);

    assert_eq!(fixture.ok("DeletePolicy", own.clone()).await, json!({}));
    for operation in ["DeletePolicy", "DescribePolicy", "UpdatePolicy", "ListTargetsForPolicy"] {
        assert_eq!(fixture.fails(operation, own.clone()).await, "PolicyNotFound");
    }
}

#[tokio::test]
async fn the_policies_of_aws_are_everywhere_and_nobodys_to_change() {
    let fixture = Fixture::with_organization().await;
    let own = json!({ "PolicyId": "p-FullAWSAccess" });
    let shown = fixture.ok("DescribePolicy", own.clone()).await;
    let arn = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
    assert_eq!(shown["Policy"]["PolicySummary"]["Arn"], arn);
    assert_eq!(shown["Policy"]["PolicySummary"]["AwsManaged"], true);
    for operation in ["UpdatePolicy", "DeletePolicy"] {
        assert_eq!(fixture.fails(operation, own.clone()).await, "InvalidInput/IMMUTABLE_POLICY");
    }
    let root = fixture.root().await;
    let (unit, account) = (fixture.unit(&root, "unit").await, fixture.account("dev").await);
    let targets = fixture.all("ListTargetsForPolicy", own, "Targets").await;
    let mut ids = texts(&targets, "TargetId");
    let mut expected = [root, unit, account, MASTER.to_owned()];
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
    let kinds = texts(&targets, "Type");
    assert!(["ROOT", "ORGANIZATIONAL_UNIT", "ACCOUNT"].iter().all(|kind| kinds.contains(&(*kind).to_owned())));
}

#[tokio::test]
async fn what_a_policy_cannot_be_is_refused() {
    let fixture = Fixture::with_organization().await;
    let document =
        |kind: &str, content: &str| json!({ "Type": kind, "Name": "p", "Description": "", "Content": content });
    let padded = |length: usize| format!("{}{CONTENT}", " ".repeat(length - CONTENT.len()));
    for (document, expected) in [
        (document("NO_POLICY", CONTENT), "InvalidInput/INVALID_ENUM_POLICY_TYPE"),
        (document(SCP, ""), "InvalidInput/MIN_LENGTH_EXCEEDED"),
        (document(SCP, "nonsense"), "MalformedPolicyDocument"),
        (document(SCP, "[]"), "MalformedPolicyDocument"),
        (document(SCP, &CONTENT.replace("2012-10-17", "2008-10-17")), "MalformedPolicyDocument"),
        (document(SCP, &CONTENT.replace("\"Version\"", "\"Id\"")), "MalformedPolicyDocument"),
        (document(SCP, &padded(10_241)), "ConstraintViolation/POLICY_CONTENT_LIMIT_EXCEEDED"),
        (document(RCP, &padded(5_121)), "ConstraintViolation/POLICY_CONTENT_LIMIT_EXCEEDED"),
        (json!({ "Type": SCP, "Name": "p", "Content": CONTENT }), "InvalidInput/INPUT_REQUIRED"),
        (json!({ "Type": SCP, "Name": "FullAWSAccess", "Description": "", "Content": CONTENT }), "DuplicatePolicy"),
    ] {
        assert_eq!(fixture.fails("CreatePolicy", document).await, expected);
    }
    fixture.ok("CreatePolicy", document(SCP, &padded(10_240))).await;
    let bad = json!({ "PolicyId": "nonsense" });
    assert_eq!(fixture.fails("DescribePolicy", bad).await, "InvalidInput/INVALID_PATTERN");
    let bad = json!({ "Filter": "NO_POLICY" });
    assert_eq!(fixture.fails("ListPolicies", bad).await, "InvalidInput/INVALID_ENUM_POLICY_TYPE");
}

#[tokio::test]
async fn a_policy_binds_what_is_below_its_targets() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let (unit, account) = (fixture.unit(&root, "unit").await, fixture.account("dev").await);
    let moved = json!({ "AccountId": account, "SourceParentId": root, "DestinationParentId": unit });
    fixture.ok("MoveAccount", moved).await;
    let policy = fixture.policy(SCP, "deny").await;
    let attach = json!({ "PolicyId": policy, "TargetId": unit });
    assert_eq!(fixture.ok("AttachPolicy", attach.clone()).await, json!({}));
    assert_eq!(fixture.fails("AttachPolicy", attach.clone()).await, "DuplicatePolicyAttachment");
    assert_eq!(fixture.fails("DeletePolicy", json!({ "PolicyId": policy })).await, "PolicyInUse");

    let membership = fixture.membership(&account).unwrap();
    // Those of one level have no order.
    let mut found = names(&membership.service_control);
    found.iter_mut().for_each(|level| level.sort_unstable());
    assert_eq!(found, [vec!["FullAWSAccess"], vec!["FullAWSAccess", "deny"], vec!["FullAWSAccess"]]);
    let deny = membership.service_control[1].iter().find(|own| own.name == "deny").unwrap();
    assert!(deny.arn.ends_with(&format!("service_control_policy/{policy}")));
    assert_eq!(&*deny.text, CONTENT);
    assert!(membership.resource_control.is_empty());
    let master = fixture.membership(MASTER).unwrap();
    assert!(master.service_control.is_empty() && master.resource_control.is_empty());
    assert!(fixture.membership(OTHER).is_none());

    let asked = json!({ "TargetId": unit, "Filter": SCP });
    let listed = fixture.all("ListPoliciesForTarget", asked, "Policies").await;
    // In the order of their ids, of which one is random.
    let mut listed = texts(&listed, "Name");
    listed.sort_unstable();
    assert_eq!(listed, ["FullAWSAccess", "deny"]);
    let targets = fixture.ok("ListTargetsForPolicy", json!({ "PolicyId": policy })).await;
    assert_eq!(targets["Targets"][0]["TargetId"], unit);
    assert_eq!(targets["Targets"][0]["Name"], "unit");

    let full = json!({ "PolicyId": "p-FullAWSAccess", "TargetId": unit });
    fixture.ok("DetachPolicy", full.clone()).await;
    assert_eq!(fixture.fails("DetachPolicy", full).await, "PolicyNotAttached");
    let (code, reason, message) = fixture.err_as(MASTER, "DetachPolicy", attach).await;
    assert_eq!(
        (code.as_str(), reason.as_str()),
        ("ConstraintViolationException", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    );
    let expected = "You cannot remove the last policy attached to the specified target. You must have at least one \
                    attached at all times.";
    assert_eq!(message, expected);
}

#[tokio::test]
async fn a_target_takes_ten_service_control_policies_and_five_of_resources() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    fixture.ok("EnablePolicyType", json!({ "RootId": root, "PolicyType": RCP })).await;
    for (kind, most) in [(SCP, 10), (RCP, 5)] {
        // One is there already: AWS's.
        for number in 1..=most {
            let policy = fixture.policy(kind, &format!("p{number}")).await;
            let attach = json!({ "PolicyId": policy, "TargetId": root });
            if number < most {
                fixture.ok("AttachPolicy", attach).await;
            } else {
                let fails = fixture.fails("AttachPolicy", attach).await;
                assert_eq!(fails, "ConstraintViolation/MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED");
            }
        }
    }
}

#[tokio::test]
async fn a_type_of_policies_is_enabled_and_disabled() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let account = fixture.account("dev").await;
    let policy = fixture.policy(RCP, "own").await;
    let attach = json!({ "PolicyId": policy, "TargetId": account });
    assert_eq!(fixture.fails("AttachPolicy", attach.clone()).await, "PolicyTypeNotEnabled");
    let rcp = json!({ "RootId": root, "PolicyType": RCP });
    assert_eq!(fixture.fails("DisablePolicyType", rcp.clone()).await, "PolicyTypeNotEnabled");
    let enabled = fixture.ok("EnablePolicyType", rcp.clone()).await;
    let both = json!([{ "Type": SCP, "Status": "ENABLED" }, { "Type": RCP, "Status": "ENABLED" }]);
    assert_eq!(enabled["Root"]["PolicyTypes"], both);
    assert_eq!(fixture.fails("EnablePolicyType", rcp.clone()).await, "PolicyTypeAlreadyEnabled");
    fixture.ok("AttachPolicy", attach).await;
    let membership = fixture.membership(&account).unwrap();
    let mut found = names(&membership.resource_control);
    found.iter_mut().for_each(|level| level.sort_unstable());
    assert_eq!(found, [vec!["RCPFullAWSAccess"], vec!["RCPFullAWSAccess", "own"]]);
    let detach = json!({ "PolicyId": "p-RCPFullAWSAccess", "TargetId": account });
    assert_eq!(fixture.fails("DetachPolicy", detach).await, "InvalidInput/NON_DETACHABLE_POLICY");

    fixture.ok("DisablePolicyType", rcp).await;
    assert!(fixture.membership(&account).unwrap().resource_control.is_empty());
    assert!(
        fixture.ok("ListTargetsForPolicy", json!({ "PolicyId": policy })).await["Targets"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let scp = json!({ "RootId": root, "PolicyType": SCP });
    fixture.ok("DisablePolicyType", scp.clone()).await;
    assert!(fixture.membership(&account).unwrap().service_control.is_empty());
    fixture.ok("EnablePolicyType", scp).await;
    assert_eq!(names(&fixture.membership(&account).unwrap().service_control), [["FullAWSAccess"], ["FullAWSAccess"]]);
    let other = json!({ "RootId": "r-zzzz", "PolicyType": RCP });
    assert_eq!(fixture.fails("EnablePolicyType", other.clone()).await, "RootNotFound");
    assert_eq!(fixture.fails("DisablePolicyType", other).await, "RootNotFound");
}

#[tokio::test]
async fn what_cannot_be_attached_is_refused() {
    let fixture = Fixture::with_organization().await;
    let policy = fixture.policy(SCP, "p").await;
    for operation in ["AttachPolicy", "DetachPolicy"] {
        for (policy, target, expected) in [
            ("p-00000000", MASTER, "PolicyNotFound"),
            (policy.as_str(), "999999999999", "TargetNotFound"),
            (policy.as_str(), "r-zzzz", "TargetNotFound"),
            (policy.as_str(), "ou-zzzz-00000000", "TargetNotFound"),
            (policy.as_str(), "nonsense", "InvalidInput/INVALID_PATTERN_TARGET_ID"),
            ("nonsense", MASTER, "InvalidInput/INVALID_PATTERN"),
        ] {
            let document = json!({ "PolicyId": policy, "TargetId": target });
            assert_eq!(fixture.fails(operation, document).await, expected);
        }
    }
    let asked = json!({ "TargetId": "999999999999", "Filter": SCP });
    assert_eq!(fixture.fails("ListPoliciesForTarget", asked).await, "TargetNotFound");
}

#[tokio::test]
async fn billing_alone_knows_no_policies() {
    let fixture = Fixture::new();
    fixture.ok("CreateOrganization", json!({ "FeatureSet": "CONSOLIDATED_BILLING" })).await;
    let root = fixture.root().await;
    let account = fixture.account("dev").await;
    assert!(fixture.membership(&account).unwrap().service_control.is_empty());
    let document = json!({ "Type": SCP, "Name": "p", "Description": "", "Content": CONTENT });
    assert_eq!(fixture.fails("CreatePolicy", document).await, "PolicyTypeNotAvailableForOrganization");
    let scp = json!({ "RootId": root, "PolicyType": SCP });
    assert_eq!(fixture.fails("EnablePolicyType", scp).await, "PolicyTypeNotAvailableForOrganization");
    let fails = fixture.fails("CloseAccount", json!({ "AccountId": account })).await;
    assert_eq!(fails, "ConstraintViolation/ORGANIZATION_NOT_IN_ALL_FEATURES_MODE");
}

#[tokio::test]
async fn an_effective_policy_is_only_of_a_type_that_is_inherited() {
    let fixture = Fixture::with_organization().await;
    let operation = "DescribeEffectivePolicy";
    let asked = |kind: &str, target: &str| json!({ "PolicyType": kind, "TargetId": target });
    let root = fixture.root().await;
    for (document, expected) in [
        (asked(SCP, MASTER), "InvalidInput/INVALID_ENUM_POLICY_TYPE"),
        (asked("TAG_POLICY", &root), "InvalidInput/TARGET_NOT_SUPPORTED"),
        (asked("TAG_POLICY", "999999999999"), "TargetNotFound"),
        (asked("TAG_POLICY", MASTER), "EffectivePolicyNotFound"),
    ] {
        assert_eq!(fixture.fails(operation, document).await, expected);
    }
}
