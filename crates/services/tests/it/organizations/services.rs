//! Services that work with an organization, who administers them, tags, and the resource policy.

use serde_json::json;

use super::{CONTENT, Fixture, MASTER, SCP, text, texts};

const CONFIG: &str = "config.amazonaws.com";

#[tokio::test]
async fn a_service_is_let_in_and_out() {
    let fixture = Fixture::with_organization().await;
    let service = json!({ "ServicePrincipal": CONFIG });
    assert_eq!(fixture.ok("EnableAWSServiceAccess", service.clone()).await, json!({}));
    fixture.ok("EnableAWSServiceAccess", service.clone()).await;
    let listed = fixture.all("ListAWSServiceAccessForOrganization", json!({}), "EnabledServicePrincipals").await;
    assert_eq!(listed, [json!({ "ServicePrincipal": CONFIG, "DateEnabled": 1_750_000_000.123 })]);
    fixture.ok("DisableAWSServiceAccess", service).await;
    let none = fixture.all("ListAWSServiceAccessForOrganization", json!({}), "EnabledServicePrincipals").await;
    assert!(none.is_empty());
    for operation in ["EnableAWSServiceAccess", "DisableAWSServiceAccess"] {
        // A service of AWS need not be one that works with organizations.
        for principal in ["nonsense", "lambda.amazonaws.com", "frobnicator.amazonaws.com"] {
            let fails = fixture.fails(operation, json!({ "ServicePrincipal": principal })).await;
            assert_eq!(fails, "InvalidInput/UNRECOGNIZED_SERVICE_PRINCIPAL", "{principal}");
        }
        let fails = fixture.fails(operation, json!({ "ServicePrincipal": "a/b" })).await;
        assert_eq!(fails, "InvalidInput/INVALID_PATTERN");
    }
}

#[tokio::test]
async fn a_member_administers_a_service_and_looks_at_everything() {
    let fixture = Fixture::with_organization().await;
    let (member, other) = (fixture.account("dev").await, fixture.account("other").await);
    let of = |account: &str| json!({ "AccountId": account, "ServicePrincipal": CONFIG });
    let register = "RegisterDelegatedAdministrator";
    assert_eq!(fixture.fails(register, of(&member)).await, "ConstraintViolation/SERVICE_ACCESS_NOT_ENABLED");
    let unknown = json!({ "AccountId": member, "ServicePrincipal": "lambda.amazonaws.com" });
    assert_eq!(fixture.fails(register, unknown).await, "InvalidInput/UNRECOGNIZED_SERVICE_PRINCIPAL");
    fixture.ok("EnableAWSServiceAccess", json!({ "ServicePrincipal": CONFIG })).await;
    assert_eq!(fixture.fails_as(&member, "ListAccounts", json!({})).await, "AccessDenied");
    fixture.ok(register, of(&member)).await;
    assert_eq!(fixture.fails(register, of(&member)).await, "AccountAlreadyRegistered");
    assert_eq!(fixture.fails(register, of("999999999999")).await, "AccountNotFound");
    let fails = fixture.fails(register, of(MASTER)).await;
    assert_eq!(fails, "ConstraintViolation/CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR");

    assert_eq!(fixture.ok_as(&member, "ListAccounts", json!({})).await["Accounts"].as_array().unwrap().len(), 3);
    assert_eq!(fixture.fails_as(&member, "CloseAccount", json!({ "AccountId": other })).await, "AccessDenied");
    let asked = json!({ "ServicePrincipal": CONFIG });
    let listed = fixture.all("ListDelegatedAdministrators", asked, "DelegatedAdministrators").await;
    assert_eq!(texts(&listed, "Id"), [member.as_str()]);
    let own = json!({ "AccountId": member });
    let services = fixture.all("ListDelegatedServicesForAccount", own.clone(), "DelegatedServices").await;
    assert_eq!(texts(&services, "ServicePrincipal"), [CONFIG]);
    let fails = fixture.fails("ListDelegatedServicesForAccount", json!({ "AccountId": other })).await;
    assert_eq!(fails, "AccountNotRegistered");
    let fails = fixture.fails("RemoveAccountFromOrganization", own).await;
    assert_eq!(fails, "ConstraintViolation/CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG");

    fixture.ok("DeregisterDelegatedAdministrator", of(&member)).await;
    assert_eq!(fixture.fails("DeregisterDelegatedAdministrator", of(&member)).await, "AccountNotRegistered");
    fixture.ok("CloseAccount", json!({ "AccountId": other })).await;
    let fails = fixture.fails(register, of(&other)).await;
    assert_eq!(fails, "ConstraintViolation/CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR");
}

#[tokio::test]
async fn everything_that_can_have_tags_has_them() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let ids = [
        root.clone(),
        fixture.unit(&root, "unit").await,
        fixture.account("dev").await,
        fixture.policy(SCP, "deny").await,
    ];
    let (a, b) = (json!({ "Key": "a", "Value": "1" }), json!({ "Key": "b", "Value": "" }));
    for id in &ids {
        let tagged = json!({ "ResourceId": id, "Tags": [a, b] });
        assert_eq!(fixture.ok("TagResource", tagged).await, json!({}));
        let own = json!({ "ResourceId": id });
        assert_eq!(fixture.all("ListTagsForResource", own.clone(), "Tags").await, [a.clone(), b.clone()]);
        fixture.ok("UntagResource", json!({ "ResourceId": id, "TagKeys": ["a", "none"] })).await;
        assert_eq!(fixture.all("ListTagsForResource", own, "Tags").await, std::slice::from_ref(&b));
    }
    let tag = |key: &str| json!({ "ResourceId": root, "Tags": [{ "Key": key, "Value": "" }] });
    let many: Vec<_> = (0..51).map(|n| json!({ "Key": n.to_string(), "Value": "" })).collect();
    for (document, expected) in [
        (tag("aws:own"), "InvalidInput/INVALID_SYSTEM_TAGS_PARAMETER"),
        (tag(""), "InvalidInput/MIN_LENGTH_EXCEEDED"),
        (tag("a*"), "InvalidInput/INVALID_PATTERN"),
        (json!({ "ResourceId": root, "Tags": [a, a] }), "InvalidInput/DUPLICATE_TAG_KEY"),
        (json!({ "ResourceId": root, "Tags": many }), "ConstraintViolation/MAX_TAG_LIMIT_EXCEEDED"),
        (json!({ "ResourceId": "nonsense", "Tags": [a] }), "InvalidInput/INVALID_PATTERN"),
        (json!({ "ResourceId": "r-zzzz", "Tags": [a] }), "TargetNotFound"),
        (json!({ "ResourceId": root }), "InvalidInput/INPUT_REQUIRED"),
    ] {
        assert_eq!(fixture.fails("TagResource", document).await, expected);
    }
    let none = json!({ "ResourceId": "999999999999" });
    assert_eq!(fixture.fails("ListTagsForResource", none).await, "TargetNotFound");
}

#[tokio::test]
async fn tags_come_with_what_is_made() {
    let fixture = Fixture::with_organization().await;
    let root = fixture.root().await;
    let tags = json!([{ "Key": "a", "Value": "1" }]);
    let unit = json!({ "ParentId": root, "Name": "unit", "Tags": tags });
    let account = json!({ "AccountName": "dev", "Email": "dev@example.com", "Tags": tags });
    let policy = json!({ "Type": SCP, "Name": "p", "Description": "", "Content": CONTENT, "Tags": tags });
    let unit = fixture.ok("CreateOrganizationalUnit", unit).await;
    let account = fixture.ok("CreateAccount", account).await;
    let policy = fixture.ok("CreatePolicy", policy).await;
    for id in [
        &unit["OrganizationalUnit"]["Id"],
        &account["CreateAccountStatus"]["AccountId"],
        &policy["Policy"]["PolicySummary"]["Id"],
    ] {
        assert_eq!(fixture.ok("ListTagsForResource", json!({ "ResourceId": id })).await["Tags"], tags);
    }
}

#[tokio::test]
async fn the_resource_policy_is_kept() {
    let fixture = Fixture::with_organization().await;
    assert_eq!(fixture.fails("DescribeResourcePolicy", json!({})).await, "ResourcePolicyNotFound");
    assert_eq!(fixture.fails("DeleteResourcePolicy", json!({})).await, "ResourcePolicyNotFound");
    let bad = json!({ "Content": "[]" });
    assert_eq!(fixture.fails("PutResourcePolicy", bad).await, "InvalidInput/INVALID_RESOURCE_POLICY_JSON");
    let first = fixture.ok("PutResourcePolicy", json!({ "Content": CONTENT })).await;
    let second = fixture.ok("PutResourcePolicy", json!({ "Content": "{}" })).await;
    let summary = &second["ResourcePolicy"]["ResourcePolicySummary"];
    assert_eq!(&first["ResourcePolicy"]["ResourcePolicySummary"], summary, "it is the same one");
    let organization = fixture.membership(MASTER).unwrap().organization;
    let arn = format!("arn:aws:organizations::{MASTER}:resourcepolicy/{organization}/{}", text(&summary["Id"]));
    assert_eq!(summary["Arn"], arn);
    assert_eq!(fixture.ok("DescribeResourcePolicy", json!({})).await, second);
    fixture.ok("DeleteResourcePolicy", json!({})).await;
    assert_eq!(fixture.fails("DescribeResourcePolicy", json!({})).await, "ResourcePolicyNotFound");
}
