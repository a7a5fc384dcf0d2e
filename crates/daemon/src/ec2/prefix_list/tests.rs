//! Prefix lists over the API.

use super::super::tests::Api;

#[test]
fn terraform_finds_the_list_of_a_service_by_its_name_and_none_for_others() {
    let api = Api::new();
    let named = |name: &str| {
        api.ok("DescribePrefixLists", &[("Filter.1.Name", "prefix-list-name"), ("Filter.1.Value.1", name)])
    };
    let answer = named("com.amazonaws.us-east-1.s3");
    assert_eq!(answer.texts("prefixListId"), ["pl-63a5400a"]);
    assert_eq!(answer.text("cidrSet"), "<item>198.18.0.0/22</item><item>198.18.4.0/24</item>");
    assert!(named("com.amazonaws.us-east-1.secretsmanager").xml.contains("<prefixListSet/>"));
}

#[test]
fn an_unknown_and_a_malformed_id_are_told_apart() {
    let api = Api::new();
    for action in ["DescribePrefixLists", "DescribeManagedPrefixLists"] {
        assert_eq!(api.refused(action, &[("PrefixListId.1", "pl-00000000")]).0, "InvalidPrefixListID.NotFound");
        assert_eq!(api.refused(action, &[("PrefixListId.1", "list")]).0, "InvalidPrefixListId.Malformed");
    }
    assert_eq!(
        api.refused("GetManagedPrefixListEntries", &[("PrefixListId", "pl-00000000")]).0,
        "InvalidPrefixListID.NotFound"
    );
}

#[test]
fn a_managed_list_is_aws_own_and_has_no_version() {
    let api = Api::new();
    let answer = api.ok("DescribeManagedPrefixLists", &[("PrefixListId.1", "pl-63a5400a")]);
    assert_eq!(answer.text("ownerId"), "AWS");
    assert_eq!(answer.text("prefixListArn"), "arn:aws:ec2:us-east-1:aws:prefix-list/pl-63a5400a");
    assert_eq!(answer.text("addressFamily"), "IPv4");
    assert!(!answer.xml.contains("<version>") && !answer.xml.contains("<maxEntries>"));
    let version = [("PrefixListId", "pl-63a5400a"), ("TargetVersion", "1")];
    assert_eq!(api.refused("GetManagedPrefixListEntries", &version).0, "InvalidParameterValue");
}

#[test]
fn the_entries_of_a_list_come_in_pages() {
    let api = Api::new();
    let page = api.ok("GetManagedPrefixListEntries", &[("PrefixListId", "pl-63a5400a"), ("MaxResults", "1")]);
    assert_eq!(page.texts("cidr"), ["198.18.0.0/22"]);
    let token = page.text("nextToken");
    let rest = api.ok("GetManagedPrefixListEntries", &[("PrefixListId", "pl-63a5400a"), ("NextToken", &token)]);
    assert_eq!(rest.texts("cidr"), ["198.18.4.0/24"]);
    assert!(rest.text("nextToken").is_empty());
}

#[test]
fn lists_can_be_filtered_by_owner() {
    let api = Api::new();
    let owned = |owner: &str| {
        let parameters = [("Filter.1.Name", "owner-id"), ("Filter.1.Value.1", owner)];
        api.ok("DescribeManagedPrefixLists", &parameters).texts("prefixListId").len()
    };
    assert_eq!((owned("AWS"), owned("123456789012")), (2, 0));
}
