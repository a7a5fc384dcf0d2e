//! The organization itself, and its units.

use serde_json::json;

use super::{Fixture, MASTER, OTHER, text, texts};

#[tokio::test]
async fn an_organization_is_made_shown_and_deleted() {
    let fixture = Fixture::new();
    assert_eq!(fixture.fails("DescribeOrganization", json!({})).await, "AWSOrganizationsNotInUse");
    assert_eq!(fixture.fails("DeleteOrganization", json!({})).await, "AWSOrganizationsNotInUse");
    let bad = json!({ "FeatureSet": "SOME" });
    assert_eq!(fixture.fails("CreateOrganization", bad).await, "InvalidInput/INVALID_ENUM");

    let made = fixture.ok("CreateOrganization", json!({ "FeatureSet": "ALL" })).await;
    let organization = &made["Organization"];
    let id = text(&organization["Id"]);
    assert!(id.starts_with("o-") && id.len() == 12);
    assert_eq!(organization["Arn"], format!("arn:aws:organizations::{MASTER}:organization/{id}"));
    assert_eq!(organization["MasterAccountArn"], format!("arn:aws:organizations::{MASTER}:account/{id}/{MASTER}"));
    assert_eq!(organization["MasterAccountId"], MASTER);
    assert_eq!(organization["FeatureSet"], "ALL");
    assert_eq!(fixture.ok("DescribeOrganization", json!({})).await, made);
    assert_eq!(fixture.fails("CreateOrganization", json!({})).await, "AlreadyInOrganization");

    let roots = fixture.ok("ListRoots", json!({})).await;
    let root = &roots["Roots"][0];
    assert_eq!(root["Name"], "Root");
    assert_eq!(root["PolicyTypes"], json!([]));
    assert_eq!(root["Arn"], format!("arn:aws:organizations::{MASTER}:root/{id}/{}", text(&root["Id"])));

    let member = fixture.account("member").await;
    assert_eq!(fixture.fails_as(&member, "DeleteOrganization", json!({})).await, "AccessDenied");
    assert_eq!(fixture.fails("DeleteOrganization", json!({})).await, "OrganizationNotEmpty");
    fixture.ok("RemoveAccountFromOrganization", json!({ "AccountId": member })).await;
    assert_eq!(fixture.ok("DeleteOrganization", json!({})).await, json!({}));
    assert!(fixture.membership(MASTER).is_none());
}

#[tokio::test]
async fn several_organizations_do_not_see_each_other() {
    let fixture = Fixture::with_organization().await;
    fixture.ok_as(OTHER, "CreateOrganization", json!({ "FeatureSet": "CONSOLIDATED_BILLING" })).await;
    let unit = fixture.unit(&fixture.root().await, "mine").await;
    let asked = json!({ "OrganizationalUnitId": unit });
    assert_eq!(fixture.fails_as(OTHER, "DescribeOrganizationalUnit", asked).await, "OrganizationalUnitNotFound");
    let (mine, theirs) = (fixture.membership(MASTER).unwrap(), fixture.membership(OTHER).unwrap());
    assert_ne!(mine.organization, theirs.organization);
    assert_eq!(theirs.management_account.as_str(), OTHER);
}

#[tokio::test]
async fn units_are_made_renamed_listed_and_deleted() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let made = fixture.ok("CreateOrganizationalUnit", json!({ "ParentId": root, "Name": "a" })).await;
    let unit = text(&made["OrganizationalUnit"]["Id"]);
    assert!(unit.starts_with(&format!("ou-{}-", root.trim_start_matches("r-"))));
    let organization = fixture.membership(MASTER).unwrap().organization;
    assert_eq!(made["OrganizationalUnit"]["Arn"], format!("arn:aws:organizations::{MASTER}:ou/{organization}/{unit}"));
    assert_eq!(made["OrganizationalUnit"]["Path"], format!("{organization}/{root}/{unit}/"));
    let own = json!({ "OrganizationalUnitId": unit });
    assert_eq!(fixture.ok("DescribeOrganizationalUnit", own.clone()).await, made);

    let again = json!({ "ParentId": root, "Name": "a" });
    assert_eq!(fixture.fails("CreateOrganizationalUnit", again).await, "DuplicateOrganizationalUnit");
    let other = fixture.unit(&root, "b").await;
    let rename = json!({ "OrganizationalUnitId": other, "Name": "a" });
    assert_eq!(fixture.fails("UpdateOrganizationalUnit", rename).await, "DuplicateOrganizationalUnit");
    let rename = json!({ "OrganizationalUnitId": other, "Name": "c" });
    assert_eq!(fixture.ok("UpdateOrganizationalUnit", rename).await["OrganizationalUnit"]["Name"], "c");

    let inner = fixture.unit(&unit, "a").await;
    let listed =
        fixture.all("ListOrganizationalUnitsForParent", json!({ "ParentId": unit }), "OrganizationalUnits").await;
    assert_eq!(texts(&listed, "Id"), [inner.as_str()]);
    let parents = fixture.ok("ListParents", json!({ "ChildId": inner })).await;
    assert_eq!(parents["Parents"], json!([{ "Id": unit, "Type": "ORGANIZATIONAL_UNIT" }]));
    let parents = fixture.ok("ListParents", json!({ "ChildId": unit })).await;
    assert_eq!(parents["Parents"], json!([{ "Id": root, "Type": "ROOT" }]));

    assert_eq!(fixture.fails("DeleteOrganizationalUnit", own.clone()).await, "OrganizationalUnitNotEmpty");
    fixture.ok("DeleteOrganizationalUnit", json!({ "OrganizationalUnitId": inner })).await;
    fixture.ok("DeleteOrganizationalUnit", own.clone()).await;
    assert_eq!(fixture.fails("DeleteOrganizationalUnit", own.clone()).await, "OrganizationalUnitNotFound");
    assert_eq!(fixture.fails("DescribeOrganizationalUnit", own).await, "OrganizationalUnitNotFound");
}

#[tokio::test]
async fn units_are_nested_five_deep_and_no_deeper() {
    let fixture = Fixture::with_organization().await;
    let mut parent = fixture.root().await;
    for _ in 0..5 {
        parent = fixture.unit(&parent, "next").await;
    }
    let deeper = json!({ "ParentId": parent, "Name": "next" });
    let fails = fixture.fails("CreateOrganizationalUnit", deeper).await;
    assert_eq!(fails, "ConstraintViolation/OU_DEPTH_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn what_a_unit_cannot_be_is_refused() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    for (document, expected) in [
        (json!({ "Name": "a" }), "InvalidInput/INPUT_REQUIRED"),
        (json!({ "ParentId": root }), "InvalidInput/INPUT_REQUIRED"),
        (json!({ "ParentId": "x", "Name": "a" }), "InvalidInput/INVALID_PATTERN"),
        (json!({ "ParentId": root, "Name": "" }), "InvalidInput/MIN_LENGTH_EXCEEDED"),
        (json!({ "ParentId": root, "Name": "n".repeat(129) }), "InvalidInput/MAX_LENGTH_EXCEEDED"),
        (json!({ "ParentId": "r-zzzz", "Name": "a" }), "ParentNotFound"),
        (json!({ "ParentId": "ou-zzzz-00000000", "Name": "a" }), "ParentNotFound"),
    ] {
        assert_eq!(fixture.fails("CreateOrganizationalUnit", document).await, expected);
    }
    for operation in ["ListOrganizationalUnitsForParent", "ListAccountsForParent"] {
        assert_eq!(fixture.fails(operation, json!({ "ParentId": "ou-zzzz-00000000" })).await, "ParentNotFound");
    }
    let children = json!({ "ParentId": "ou-zzzz-00000000", "ChildType": "ACCOUNT" });
    assert_eq!(fixture.fails("ListChildren", children).await, "ParentNotFound");
    let children = json!({ "ParentId": root, "ChildType": "CHILD" });
    assert_eq!(fixture.fails("ListChildren", children).await, "InvalidInput/INVALID_ENUM");
    assert_eq!(fixture.fails("ListParents", json!({ "ChildId": "999999999999" })).await, "ChildNotFound");
    assert_eq!(fixture.fails("ListParents", json!({ "ChildId": root })).await, "InvalidInput/INVALID_PATTERN");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    for number in 0..23 {
        fixture.unit(&root, &format!("u{number}")).await;
    }
    let list = "ListOrganizationalUnitsForParent";
    let asked = json!({ "ParentId": root });
    let first = fixture.ok(list, asked.clone()).await;
    assert_eq!(first["OrganizationalUnits"].as_array().unwrap().len(), 20);
    for size in [1, 7, 20] {
        let sized = json!({ "ParentId": root, "MaxResults": size });
        let mut names = texts(&fixture.all(list, sized, "OrganizationalUnits").await, "Name");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 23);
    }
    let children = json!({ "ParentId": root, "ChildType": "ORGANIZATIONAL_UNIT", "MaxResults": 5 });
    assert_eq!(fixture.all("ListChildren", children, "Children").await.len(), 23);
    for (more, expected) in [
        (json!({ "MaxResults": 0 }), "InvalidInput/MIN_VALUE_EXCEEDED"),
        (json!({ "MaxResults": 21 }), "InvalidInput/MAX_VALUE_EXCEEDED"),
        (json!({ "NextToken": "nonsense" }), "InvalidInput/INVALID_NEXT_TOKEN"),
    ] {
        assert_eq!(fixture.fails("ListAccounts", more).await, expected);
    }
    let foreign = json!({ "NextToken": first["NextToken"] });
    assert_eq!(fixture.fails("ListAccounts", foreign).await, "InvalidInput/INVALID_NEXT_TOKEN");
}
