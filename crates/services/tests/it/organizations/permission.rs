//! What the authorizer is asked, what its answer does, and who else may not do what.

use http::StatusCode;
use serde_json::{Value, json};
use sidegate_iam::Principal;

use super::{CONTENT, Fixture, MASTER, Notes, OTHER, SCP, text};

#[tokio::test]
async fn every_operation_asks_once_for_all_it_requires() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let (unit, account) = (fixture.unit(&root, "unit").await, fixture.account("dev").await);
    let policy = fixture.policy(SCP, "deny").await;
    let invite = json!({ "Target": { "Type": "ACCOUNT", "Id": OTHER } });
    let handshake = text(&fixture.ok("InviteAccountToOrganization", invite).await["Handshake"]["Id"]);
    let organization = fixture.membership(MASTER).unwrap().organization;
    let arn = |kind: &str, id: &str| format!("arn:aws:organizations::{MASTER}:{kind}/{organization}/{id}");
    let (root_arn, unit_arn, account_arn) = (arn("root", &root), arn("ou", &unit), arn("account", &account));
    let policy_arn = arn("policy", &format!("service_control_policy/{policy}"));
    let managed = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess".to_owned();
    let everything = "*".to_owned();
    let config = "config.amazonaws.com";
    let cases: Vec<(&str, Value, Vec<String>)> = vec![
        ("DescribeOrganization", json!({}), vec![everything.clone()]),
        ("ListRoots", json!({}), vec![everything.clone()]),
        ("ListAccounts", json!({}), vec![everything.clone()]),
        ("ListPolicies", json!({ "Filter": SCP }), vec![everything.clone()]),
        ("ListHandshakesForAccount", json!({}), vec![everything.clone()]),
        ("ListHandshakesForOrganization", json!({}), vec![everything.clone()]),
        ("EnableAWSServiceAccess", json!({ "ServicePrincipal": config }), vec![everything.clone()]),
        ("CreateAccount", json!({ "AccountName": "x", "Email": "x@example.com" }), vec![everything.clone()]),
        ("DescribeAccount", json!({ "AccountId": account }), vec![account_arn.clone()]),
        ("ListParents", json!({ "ChildId": account }), vec![account_arn.clone()]),
        ("ListChildren", json!({ "ParentId": root, "ChildType": "ACCOUNT" }), vec![root_arn.clone()]),
        ("ListAccountsForParent", json!({ "ParentId": unit }), vec![unit_arn.clone()]),
        ("ListOrganizationalUnitsForParent", json!({ "ParentId": unit }), vec![unit_arn.clone()]),
        ("CreateOrganizationalUnit", json!({ "ParentId": unit, "Name": "in" }), vec![unit_arn.clone()]),
        ("DescribeOrganizationalUnit", json!({ "OrganizationalUnitId": unit }), vec![unit_arn.clone()]),
        ("UpdateOrganizationalUnit", json!({ "OrganizationalUnitId": unit }), vec![unit_arn.clone()]),
        ("DescribePolicy", json!({ "PolicyId": "p-FullAWSAccess" }), vec![managed]),
        ("UpdatePolicy", json!({ "PolicyId": policy, "Name": "n" }), vec![policy_arn.clone()]),
        ("AttachPolicy", json!({ "PolicyId": policy, "TargetId": unit }), vec![policy_arn.clone(), unit_arn.clone()]),
        ("DetachPolicy", json!({ "PolicyId": policy, "TargetId": unit }), vec![policy_arn.clone(), unit_arn.clone()]),
        ("ListTargetsForPolicy", json!({ "PolicyId": policy }), vec![policy_arn.clone()]),
        ("ListPoliciesForTarget", json!({ "TargetId": account, "Filter": SCP }), vec![account_arn.clone()]),
        ("ListTagsForResource", json!({ "ResourceId": policy }), vec![policy_arn]),
        (
            "MoveAccount",
            json!({ "AccountId": account, "SourceParentId": root, "DestinationParentId": unit }),
            vec![account_arn.clone(), root_arn.clone(), unit_arn],
        ),
        ("EnablePolicyType", json!({ "RootId": root, "PolicyType": "TAG_POLICY" }), vec![root_arn.clone()]),
        ("DisablePolicyType", json!({ "RootId": root, "PolicyType": "TAG_POLICY" }), vec![root_arn]),
        (
            "DescribeHandshake",
            json!({ "HandshakeId": handshake }),
            vec![arn("handshake", &format!("invite/{handshake}"))],
        ),
        ("CloseAccount", json!({ "AccountId": account }), vec![account_arn.clone()]),
        ("RemoveAccountFromOrganization", json!({ "AccountId": account }), vec![account_arn]),
    ];
    for (operation, document, resources) in cases {
        let notes = Notes::default();
        let (status, answer) = fixture.send(MASTER, &notes, operation, document).await;
        assert!(status.is_success(), "{operation} {answer}");
        let required = resources.iter().map(|resource| format!("organizations:{operation} {resource}")).collect();
        assert_eq!(notes.asked.into_inner().unwrap(), [(operation.to_owned(), required)]);
    }
}

#[tokio::test]
async fn tagging_what_is_made_is_asked_for_too() {
    let fixture = Fixture::with_organization().await;
    let tags = json!([{ "Key": "a", "Value": "b" }]);
    let policy = json!({ "Type": SCP, "Name": "p", "Description": "", "Content": CONTENT, "Tags": tags });
    let notes = Notes::default();
    fixture.send(MASTER, &notes, "CreatePolicy", policy).await;
    let organization = fixture.membership(MASTER).unwrap().organization;
    let tagged = format!("arn:aws:organizations::{MASTER}:policy/{organization}/service_control_policy/*");
    let required = vec!["organizations:CreatePolicy *".to_owned(), format!("organizations:TagResource {tagged}")];
    assert_eq!(notes.asked.into_inner().unwrap(), [("CreatePolicy".to_owned(), required)]);
}

#[tokio::test]
async fn a_denial_is_the_answer_and_nothing_happens() {
    let fixture = Fixture::new();
    let denies = Notes::denying(Principal::Anonymous);
    let (status, answer) = fixture.send(MASTER, &denies, "CreateOrganization", json!({})).await;
    assert_eq!((status, &answer["__type"]), (StatusCode::BAD_REQUEST, &json!("AccessDeniedException")));
    assert!(fixture.membership(MASTER).is_none());
}

#[tokio::test]
async fn most_is_for_the_management_account_alone() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let (member, other) = (fixture.account("dev").await, fixture.account("other").await);
    let cases = [
        ("ListRoots", json!({})),
        ("ListAccounts", json!({})),
        ("DescribeAccount", json!({ "AccountId": other })),
        ("CreateAccount", json!({ "AccountName": "x", "Email": "x@example.com" })),
        ("CreateOrganizationalUnit", json!({ "ParentId": root, "Name": "u" })),
        ("CreatePolicy", json!({ "Type": SCP, "Name": "p", "Description": "", "Content": CONTENT })),
        ("AttachPolicy", json!({ "PolicyId": "p-FullAWSAccess", "TargetId": root })),
        ("DetachPolicy", json!({ "PolicyId": "p-FullAWSAccess", "TargetId": member })),
        ("DisablePolicyType", json!({ "RootId": root, "PolicyType": SCP })),
        ("RemoveAccountFromOrganization", json!({ "AccountId": other })),
        ("InviteAccountToOrganization", json!({ "Target": { "Type": "ACCOUNT", "Id": OTHER } })),
        ("EnableAWSServiceAccess", json!({ "ServicePrincipal": "config.amazonaws.com" })),
        ("TagResource", json!({ "ResourceId": root, "Tags": [] })),
        ("EnableAllFeatures", json!({})),
    ];
    for (operation, document) in cases {
        assert_eq!(fixture.fails_as(&member, operation, document.clone()).await, "AccessDenied", "{operation}");
        assert_eq!(fixture.fails_as(OTHER, operation, document).await, "AWSOrganizationsNotInUse", "{operation}");
    }
    fixture.ok_as(&member, "DescribeOrganization", json!({})).await;
}

#[tokio::test]
async fn what_is_no_operation_or_no_document_is_refused() {
    let fixture = Fixture::with_organization().await;
    let notes = Notes::default();
    let (status, answer) = fixture.send(MASTER, &notes, "CreateGovCloudAccount", json!({})).await;
    assert_eq!((status, &answer["__type"]), (StatusCode::NOT_IMPLEMENTED, &json!("NotImplemented")));
    let (_, answer) = fixture.send(MASTER, &notes, "Nonsense", json!({})).await;
    assert_eq!(answer["__type"], "UnknownOperationException");
    let (_, answer) = fixture.send(MASTER, &notes, "ListAccounts", json!({ "MaxResults": "x" })).await;
    assert_eq!(answer["__type"], "SerializationException");
    assert!(notes.asked.into_inner().unwrap().is_empty());
}
