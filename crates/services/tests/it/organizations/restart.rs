//! What is left after a restart, and after a crash.

use std::sync::Arc;

use serde_json::json;

use super::{Fixture, MASTER, OTHER, RCP, SCP};

#[tokio::test]
async fn a_restart_gives_the_same() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let unit = fixture.unit(&root, "unit").await;
    let account = fixture.account("dev").await;
    let moved = json!({ "AccountId": account, "SourceParentId": root, "DestinationParentId": unit });
    fixture.ok("MoveAccount", moved).await;
    fixture.ok("EnablePolicyType", json!({ "RootId": root, "PolicyType": RCP })).await;
    let policy = fixture.policy(SCP, "deny").await;
    fixture.ok("AttachPolicy", json!({ "PolicyId": policy, "TargetId": unit })).await;
    fixture.ok("DetachPolicy", json!({ "PolicyId": "p-FullAWSAccess", "TargetId": unit })).await;
    fixture.ok("TagResource", json!({ "ResourceId": root, "Tags": [{ "Key": "a", "Value": "b" }] })).await;
    fixture.ok("EnableAWSServiceAccess", json!({ "ServicePrincipal": "config.amazonaws.com" })).await;
    let delegate = json!({ "AccountId": account, "ServicePrincipal": "config.amazonaws.com" });
    fixture.ok("RegisterDelegatedAdministrator", delegate).await;
    fixture.ok("PutResourcePolicy", json!({ "Content": "{}" })).await;
    fixture.ok("InviteAccountToOrganization", json!({ "Target": { "Type": "ACCOUNT", "Id": OTHER } })).await;
    let gone = fixture.unit(&root, "gone").await;
    fixture.ok("DeleteOrganizationalUnit", json!({ "OrganizationalUnitId": gone })).await;
    let leaver = fixture.account("leaver").await;
    fixture.ok_as(&leaver, "LeaveOrganization", json!({})).await;

    let asked = [
        ("DescribeOrganization", json!({})),
        ("ListRoots", json!({})),
        ("ListAccounts", json!({})),
        ("ListOrganizationalUnitsForParent", json!({ "ParentId": root })),
        ("ListPolicies", json!({ "Filter": SCP })),
        ("ListTargetsForPolicy", json!({ "PolicyId": policy })),
        ("ListPoliciesForTarget", json!({ "TargetId": unit, "Filter": SCP })),
        ("ListTagsForResource", json!({ "ResourceId": root })),
        ("ListAWSServiceAccessForOrganization", json!({})),
        ("ListDelegatedAdministrators", json!({})),
        ("ListHandshakesForOrganization", json!({})),
        ("ListCreateAccountStatus", json!({})),
        ("DescribeResourcePolicy", json!({})),
    ];
    let mut before = Vec::new();
    for (operation, document) in &asked {
        before.push(fixture.ok(operation, document.clone()).await);
    }
    let members = [MASTER, OTHER, &account, &leaver].map(|account| fixture.membership(account));
    let fixture = fixture.reopened();
    for ((operation, document), before) in asked.iter().zip(before) {
        assert_eq!(fixture.ok(operation, document.clone()).await, before, "{operation}");
    }
    assert_eq!([MASTER, OTHER, &account, &leaver].map(|account| fixture.membership(account)), members);
    // Its name is known still.
    let again = json!({ "AccountName": "again", "Email": "leaver@example.com" });
    assert_eq!(
        fixture.ok("CreateAccount", again).await["CreateAccountStatus"]["FailureReason"],
        "EMAIL_ALREADY_EXISTS"
    );
}

#[tokio::test]
async fn what_was_answered_is_on_disk_and_a_deleted_organization_is_gone() {
    let fixture = Fixture::with_organization().await;
    let copy = tempfile::tempdir().unwrap();
    let account = fixture.account("dev").await;
    // As a crash would leave it: nothing is closed, and the log is not merged.
    for file in std::fs::read_dir(fixture.directory.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let none = sidegate_services::reserve::Reserve::none;
    let crashed = sidegate_services::organizations::Organizations::open(copy.path(), none()).unwrap();
    let id: sidegate_model::AccountId = account.parse().unwrap();
    assert_eq!(crashed.directory().membership(&id), fixture.membership(&account));

    fixture.ok("RemoveAccountFromOrganization", json!({ "AccountId": account })).await;
    fixture.ok("DeleteOrganization", json!({})).await;
    let fixture = fixture.reopened();
    assert!(fixture.membership(MASTER).is_none());
    fixture.ok("CreateOrganization", json!({})).await;
}

#[tokio::test]
async fn changes_at_the_same_time_all_happen() {
    let fixture = Arc::new(Fixture::with_organization().await);
    let root = fixture.root().await;
    let made: Vec<_> = (0..12)
        .map(|number| {
            let (fixture, root) = (Arc::clone(&fixture), root.clone());
            tokio::spawn(async move { fixture.unit(&root, &format!("u{number}")).await })
        })
        .collect();
    for unit in made {
        unit.await.unwrap();
    }
    let asked = json!({ "ParentId": root });
    assert_eq!(fixture.all("ListOrganizationalUnitsForParent", asked, "OrganizationalUnits").await.len(), 12);
}
