//! Accounts: making, moving, closing and letting go of them.

use serde_json::json;

use super::{Fixture, MASTER, OTHER, text, texts};

#[tokio::test]
async fn an_account_is_made_at_once_and_found_in_every_list() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let made = fixture.ok("CreateAccount", json!({ "AccountName": "Dev", "Email": "dev@example.com" })).await;
    let status = &made["CreateAccountStatus"];
    assert_eq!(status["State"], "SUCCEEDED");
    let (request, id) = (text(&status["Id"]), text(&status["AccountId"]));
    assert!(request.starts_with("car-") && id.len() == 12);
    let asked = json!({ "CreateAccountRequestId": request });
    assert_eq!(fixture.ok("DescribeCreateAccountStatus", asked).await, made);

    let organization = fixture.membership(MASTER).unwrap().organization;
    let shown = fixture.ok("DescribeAccount", json!({ "AccountId": id })).await;
    let account = &shown["Account"];
    assert_eq!(account["Arn"], format!("arn:aws:organizations::{MASTER}:account/{organization}/{id}"));
    assert_eq!((&account["Name"], &account["Email"]), (&json!("Dev"), &json!("dev@example.com")));
    assert_eq!((&account["Status"], &account["State"]), (&json!("ACTIVE"), &json!("ACTIVE")));
    assert_eq!((&account["JoinedMethod"], &account["JoinedTimestamp"]), (&json!("CREATED"), &json!(1_750_000_000.123)));
    assert_eq!(account["Paths"], json!([format!("{organization}/{root}/{id}/")]));
    let all = fixture.all("ListAccounts", json!({}), "Accounts").await;
    assert_eq!(all.len(), 2);
    assert!(all.contains(account));
    assert_eq!(fixture.all("ListAccountsForParent", json!({ "ParentId": root }), "Accounts").await, all);
    let children = fixture.all("ListChildren", json!({ "ParentId": root, "ChildType": "ACCOUNT" }), "Children").await;
    assert!(children.contains(&json!({ "Id": id, "Type": "ACCOUNT" })));
    let account: sidegate_model::AccountId = id.parse().unwrap();
    assert_eq!(fixture.service.directory().access_role(&account).unwrap(), "OrganizationAccountAccessRole");
}

#[tokio::test]
async fn an_address_makes_one_account_only() {
    let fixture = Fixture::with_organization().await;
    fixture.account("dev").await;
    let again = json!({ "AccountName": "Other", "Email": "DEV@example.com" });
    let failed = fixture.ok("CreateAccount", again).await;
    assert_eq!(failed["CreateAccountStatus"]["State"], "FAILED");
    assert_eq!(failed["CreateAccountStatus"]["FailureReason"], "EMAIL_ALREADY_EXISTS");
    let list = "ListCreateAccountStatus";
    let failures = fixture.all(list, json!({ "States": ["FAILED"] }), "CreateAccountStatuses").await;
    assert_eq!(failures, [failed["CreateAccountStatus"].clone()]);
    assert_eq!(fixture.all(list, json!({}), "CreateAccountStatuses").await.len(), 2);
    assert!(fixture.all(list, json!({ "States": ["IN_PROGRESS"] }), "CreateAccountStatuses").await.is_empty());
    assert_eq!(fixture.fails(list, json!({ "States": ["DONE"] })).await, "InvalidInput/INVALID_ENUM");
}

#[tokio::test]
async fn what_an_account_cannot_be_is_refused() {
    let fixture = Fixture::with_organization().await;
    for (document, expected) in [
        (json!({ "AccountName": "a" }), "InvalidInput/INPUT_REQUIRED"),
        (json!({ "Email": "a@example.com" }), "InvalidInput/INPUT_REQUIRED"),
        (json!({ "AccountName": "a", "Email": "nonsense" }), "InvalidInput/INVALID_PATTERN"),
        (json!({ "AccountName": "a", "Email": "a@b" }), "InvalidInput/MIN_LENGTH_EXCEEDED"),
        (json!({ "AccountName": "ä", "Email": "a@example.com" }), "InvalidInput/INVALID_PATTERN"),
        (json!({ "AccountName": "n".repeat(51), "Email": "a@example.com" }), "InvalidInput/MAX_LENGTH_EXCEEDED"),
        (
            json!({ "AccountName": "a", "Email": "a@example.com", "RoleName": "AWSServiceRoleForX" }),
            "InvalidInput/INVALID_ROLE_NAME",
        ),
        (
            json!({ "AccountName": "a", "Email": "a@example.com", "IamUserAccessToBilling": "MAYBE" }),
            "InvalidInput/INVALID_ENUM",
        ),
    ] {
        assert_eq!(fixture.fails("CreateAccount", document).await, expected);
    }
    let asked = json!({ "CreateAccountRequestId": "car-00000000" });
    assert_eq!(fixture.fails("DescribeCreateAccountStatus", asked).await, "CreateAccountStatusNotFound");
    for operation in ["DescribeAccount", "CloseAccount", "RemoveAccountFromOrganization"] {
        assert_eq!(fixture.fails(operation, json!({ "AccountId": "999999999999" })).await, "AccountNotFound");
        assert_eq!(fixture.fails(operation, json!({ "AccountId": "9" })).await, "InvalidInput/INVALID_PATTERN");
    }
}

#[tokio::test]
async fn an_account_moves_from_where_it_is() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let (unit, id) = (fixture.unit(&root, "unit").await, fixture.account("dev").await);
    let from = |from: &str, to: &str| json!({ "AccountId": id, "SourceParentId": from, "DestinationParentId": to });
    assert_eq!(fixture.ok("MoveAccount", from(&root, &unit)).await, json!({}));
    let organization = fixture.membership(MASTER).unwrap().organization;
    assert_eq!(fixture.membership(&id).unwrap().path, format!("{organization}/{root}/{unit}/"));
    for (document, expected) in [
        (from(&root, &unit), "AccountNotFound"),
        (from(&unit, &unit), "DuplicateAccount"),
        (from("ou-zzzz-00000000", &unit), "SourceParentNotFound"),
        (from(&unit, "ou-zzzz-00000000"), "DestinationParentNotFound"),
    ] {
        assert_eq!(fixture.fails("MoveAccount", document).await, expected);
    }
    let parents = fixture.ok("ListParents", json!({ "ChildId": id })).await;
    assert_eq!(texts(parents["Parents"].as_array().unwrap(), "Id"), [unit.as_str()]);
    let delete = json!({ "OrganizationalUnitId": unit });
    assert_eq!(fixture.fails("DeleteOrganizationalUnit", delete).await, "OrganizationalUnitNotEmpty");
}

#[tokio::test]
async fn an_account_is_closed_once_and_stays() {
    let fixture = Fixture::with_organization().await;
    let id = fixture.account("dev").await;
    let own = json!({ "AccountId": id });
    let master = json!({ "AccountId": MASTER });
    let fails = fixture.fails("CloseAccount", master).await;
    assert_eq!(fails, "ConstraintViolation/CANNOT_CLOSE_MANAGEMENT_ACCOUNT");
    assert_eq!(fixture.ok("CloseAccount", own.clone()).await, json!({}));
    assert_eq!(fixture.ok("DescribeAccount", own.clone()).await["Account"]["Status"], "SUSPENDED");
    assert_eq!(fixture.fails("CloseAccount", own).await, "AccountAlreadyClosed");
}

#[tokio::test]
async fn an_account_leaves_or_is_removed_but_never_the_management_account() {
    let fixture = Fixture::with_organization().await;
    let (first, second) = (fixture.account("first").await, fixture.account("second").await);
    assert_eq!(fixture.fails("LeaveOrganization", json!({})).await, "MasterCannotLeaveOrganization");
    let master = json!({ "AccountId": MASTER });
    assert_eq!(fixture.fails("RemoveAccountFromOrganization", master).await, "MasterCannotLeaveOrganization");
    assert_eq!(fixture.fails_as(OTHER, "LeaveOrganization", json!({})).await, "AWSOrganizationsNotInUse");
    fixture.ok_as(&first, "LeaveOrganization", json!({})).await;
    fixture.ok("RemoveAccountFromOrganization", json!({ "AccountId": second })).await;
    assert!(fixture.membership(&first).is_none() && fixture.membership(&second).is_none());
    assert_eq!(fixture.fails("DescribeAccount", json!({ "AccountId": first })).await, "AccountNotFound");
    assert_eq!(fixture.fails_as(&first, "DescribeOrganization", json!({})).await, "AWSOrganizationsNotInUse");
}
