//! Accounts that exist already and join, and the agreement to all features.

use serde_json::{Value, json};

use super::{DAY, Fixture, MASTER, OTHER, SCP, text, texts};

async fn invited(fixture: &Fixture, account: &str) -> String {
    let target = json!({ "Target": { "Type": "ACCOUNT", "Id": account }, "Notes": "come" });
    text(&fixture.ok("InviteAccountToOrganization", target).await["Handshake"]["Id"])
}

fn own(id: &str) -> Value {
    json!({ "HandshakeId": id })
}

#[tokio::test]
async fn an_account_joins_by_accepting_an_invitation() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let tags = json!([{ "Key": "team", "Value": "a" }]);
    let target = json!({ "Target": { "Type": "ACCOUNT", "Id": OTHER }, "Notes": "come", "Tags": tags });
    let made = fixture.ok("InviteAccountToOrganization", target.clone()).await;
    let handshake = &made["Handshake"];
    let id = text(&handshake["Id"]);
    let organization = fixture.membership(MASTER).unwrap().organization;
    assert_eq!(handshake["Arn"], format!("arn:aws:organizations::{MASTER}:handshake/{organization}/invite/{id}"));
    assert_eq!((&handshake["State"], &handshake["Action"]), (&json!("OPEN"), &json!("INVITE")));
    assert_eq!(handshake["ExpirationTimestamp"], json!(1_750_000_000.123 + 15.0 * 86_400.0));
    let parties = json!([{ "Id": organization, "Type": "ORGANIZATION" }, { "Id": OTHER, "Type": "ACCOUNT" }]);
    assert_eq!(handshake["Parties"], parties);
    assert_eq!(fixture.fails("InviteAccountToOrganization", target).await, "DuplicateHandshake");
    assert_eq!(fixture.ok_as(OTHER, "DescribeHandshake", own(&id)).await, made);
    let listed = fixture.ok_as(OTHER, "ListHandshakesForAccount", json!({})).await;
    assert_eq!(listed["Handshakes"], json!([handshake]));
    assert_eq!(
        fixture.all("ListHandshakesForOrganization", json!({}), "Handshakes").await,
        std::slice::from_ref(handshake)
    );

    assert_eq!(fixture.fails("AcceptHandshake", own(&id)).await, "AccessDenied");
    assert_eq!(fixture.fails_as("777777777777", "AcceptHandshake", own(&id)).await, "HandshakeNotFound");
    let accepted = fixture.ok_as(OTHER, "AcceptHandshake", own(&id)).await;
    assert_eq!(accepted["Handshake"]["State"], "ACCEPTED");
    assert_eq!(fixture.fails_as(OTHER, "AcceptHandshake", own(&id)).await, "HandshakeAlreadyInState");
    assert_eq!(fixture.fails_as(OTHER, "DeclineHandshake", own(&id)).await, "InvalidHandshakeTransition");
    assert_eq!(fixture.fails("CancelHandshake", own(&id)).await, "InvalidHandshakeTransition");

    let account = fixture.ok("DescribeAccount", json!({ "AccountId": OTHER })).await;
    assert_eq!(account["Account"]["JoinedMethod"], "INVITED");
    assert_eq!(fixture.ok("ListTagsForResource", json!({ "ResourceId": OTHER })).await["Tags"], tags);
    let membership = fixture.membership(OTHER).unwrap();
    assert_eq!(membership.path, format!("{organization}/{root}/"));
    assert_eq!(membership.service_control.len(), 2);
    let again = json!({ "Target": { "Type": "ACCOUNT", "Id": OTHER } });
    let fails = fixture.fails("InviteAccountToOrganization", again).await;
    assert_eq!(fails, "HandshakeConstraintViolation/ALREADY_IN_AN_ORGANIZATION");
}

#[tokio::test]
async fn an_invitation_to_an_address_is_for_the_account_that_has_it() {
    let fixture = Fixture::with_organization().await;
    let member = fixture.account("dev").await;
    fixture.ok_as(&member, "LeaveOrganization", json!({})).await;
    let target = json!({ "Target": { "Type": "EMAIL", "Id": "dev@example.com" } });
    let made = fixture.ok("InviteAccountToOrganization", target).await;
    let id = text(&made["Handshake"]["Id"]);
    assert_eq!(fixture.fails_as(OTHER, "AcceptHandshake", own(&id)).await, "HandshakeNotFound");
    fixture.ok_as(&member, "AcceptHandshake", own(&id)).await;
    let account = fixture.ok("DescribeAccount", json!({ "AccountId": member })).await;
    assert_eq!(account["Account"]["Name"], "dev", "its name is not forgotten");
}

#[tokio::test]
async fn an_invitation_is_declined_canceled_or_expires() {
    let mut fixture = Fixture::with_organization().await;
    let declined = invited(&fixture, OTHER).await;
    let answer = fixture.ok_as(OTHER, "DeclineHandshake", own(&declined)).await;
    assert_eq!(answer["Handshake"]["State"], "DECLINED");
    let canceled = invited(&fixture, OTHER).await;
    assert_eq!(fixture.fails_as(OTHER, "CancelHandshake", own(&canceled)).await, "AccessDenied");
    assert_eq!(fixture.ok("CancelHandshake", own(&canceled)).await["Handshake"]["State"], "CANCELED");
    let expired = invited(&fixture, OTHER).await;
    fixture.now += 15 * DAY;
    assert_eq!(fixture.ok("DescribeHandshake", own(&expired)).await["Handshake"]["State"], "EXPIRED");
    assert_eq!(fixture.fails_as(OTHER, "AcceptHandshake", own(&expired)).await, "InvalidHandshakeTransition");
    assert_eq!(fixture.all("ListHandshakesForOrganization", json!({}), "Handshakes").await.len(), 3);
    fixture.now += 30 * DAY;
    assert!(fixture.all("ListHandshakesForOrganization", json!({}), "Handshakes").await.is_empty());
    assert_eq!(fixture.fails("DescribeHandshake", own(&expired)).await, "HandshakeNotFound");
}

#[tokio::test]
async fn a_member_of_one_organization_cannot_join_another() {
    let fixture = Fixture::with_organization().await;
    fixture.ok_as(OTHER, "CreateOrganization", json!({})).await;
    let id = invited(&fixture, OTHER).await;
    let fails = fixture.fails_as(OTHER, "AcceptHandshake", own(&id)).await;
    assert_eq!(fails, "HandshakeConstraintViolation/ALREADY_IN_AN_ORGANIZATION");
    assert_eq!(fixture.ok("DescribeHandshake", own(&id)).await["Handshake"]["State"], "OPEN", "nothing happened");
}

#[tokio::test]
async fn all_features_come_when_every_invited_account_agrees() {
    let fixture = Fixture::new();
    fixture.ok("CreateOrganization", json!({ "FeatureSet": "CONSOLIDATED_BILLING" })).await;
    let id = invited(&fixture, OTHER).await;
    fixture.ok_as(OTHER, "AcceptHandshake", own(&id)).await;
    let made = fixture.ok("EnableAllFeatures", json!({})).await;
    let all = text(&made["Handshake"]["Id"]);
    assert_eq!(
        (&made["Handshake"]["State"], &made["Handshake"]["Action"]),
        (&json!("REQUESTED"), &json!("ENABLE_ALL_FEATURES"))
    );
    let fails = fixture.fails("EnableAllFeatures", json!({})).await;
    assert_eq!(fails, "HandshakeConstraintViolation/ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION");
    let target = json!({ "Target": { "Type": "ACCOUNT", "Id": "777777777777" } });
    let fails = fixture.fails("InviteAccountToOrganization", target).await;
    assert_eq!(fails, "HandshakeConstraintViolation/INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES");
    assert_eq!(fixture.fails("AcceptHandshake", own(&all)).await, "InvalidHandshakeTransition");

    let filter = json!({ "Filter": { "ParentHandshakeId": all } });
    let parts = fixture.all("ListHandshakesForOrganization", filter, "Handshakes").await;
    assert_eq!(texts(&parts, "Action"), ["APPROVE_ALL_FEATURES"]);
    let part = text(&parts[0]["Id"]);
    fixture.ok_as(OTHER, "AcceptHandshake", own(&part)).await;
    assert_eq!(fixture.ok("DescribeHandshake", own(&all)).await["Handshake"]["State"], "OPEN");
    fixture.ok("AcceptHandshake", own(&all)).await;
    assert_eq!(fixture.ok("DescribeOrganization", json!({})).await["Organization"]["FeatureSet"], "ALL");
    let fails = fixture.fails("EnableAllFeatures", json!({})).await;
    assert_eq!(fails, "HandshakeConstraintViolation/ORGANIZATION_ALREADY_HAS_ALL_FEATURES");
    let root = fixture.root().await;
    fixture.ok("EnablePolicyType", json!({ "RootId": root, "PolicyType": SCP })).await;
}

#[tokio::test]
async fn what_cannot_be_invited_is_refused() {
    let fixture = Fixture::with_organization().await;
    for (target, expected) in [
        (json!({}), "InvalidInput/INPUT_REQUIRED"),
        (json!({ "Target": { "Id": OTHER } }), "InvalidInput/INPUT_REQUIRED"),
        (json!({ "Target": { "Id": "1", "Type": "ACCOUNT" } }), "InvalidInput/INVALID_PATTERN"),
        (json!({ "Target": { "Id": "o-1", "Type": "ORGANIZATION" } }), "InvalidInput/INVALID_PARTY_TYPE_TARGET"),
        (json!({ "Target": { "Id": "x", "Type": "PERSON" } }), "InvalidInput/INVALID_ENUM"),
        (json!({ "Target": { "Id": "nobody", "Type": "EMAIL" } }), "InvalidInput/INVALID_PATTERN"),
    ] {
        assert_eq!(fixture.fails("InviteAccountToOrganization", target).await, expected);
    }
    for operation in ["AcceptHandshake", "DeclineHandshake", "CancelHandshake", "DescribeHandshake"] {
        assert_eq!(fixture.fails(operation, own("h-00000000")).await, "HandshakeNotFound");
        assert_eq!(fixture.fails(operation, own("nonsense")).await, "InvalidInput/INVALID_PATTERN");
    }
    let both = json!({ "Filter": { "ActionType": "INVITE", "ParentHandshakeId": "h-00000000" } });
    assert_eq!(fixture.fails("ListHandshakesForAccount", both).await, "InvalidInput/MAX_LIMIT_EXCEEDED_FILTER");
}
