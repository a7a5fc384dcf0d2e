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
fn a_service_has_a_list_of_ipv6_too() {
    let api = Api::new();
    let named = [("Filter.1.Name", "prefix-list-name"), ("Filter.1.Value.1", "com.amazonaws.us-east-1.ipv6.s3")];
    let answer = api.ok("DescribePrefixLists", &named);
    assert_eq!(answer.text("cidrSet"), "<item>2001:2::/60</item>");
    let managed = api.ok("DescribeManagedPrefixLists", &named);
    assert_eq!((managed.text("addressFamily"), managed.text("ownerId")), ("IPv6".to_owned(), "AWS".to_owned()));
    let entries = api.ok("GetManagedPrefixListEntries", &[("PrefixListId", &answer.text("prefixListId"))]);
    assert_eq!(entries.texts("cidr"), ["2001:2::/60"]);
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

/// How many lists AWS has: of S3 and DynamoDB for both families, and of S3 Express One Zone.
const AWS_LISTS: usize = 5;

#[test]
fn lists_can_be_filtered_by_owner() {
    let api = Api::new();
    let owned = |owner: &str| {
        let parameters = [("Filter.1.Name", "owner-id"), ("Filter.1.Value.1", owner)];
        api.ok("DescribeManagedPrefixLists", &parameters).texts("prefixListId").len()
    };
    assert_eq!((owned("AWS"), owned("123456789012")), (AWS_LISTS, 0));
}

const OFFICES: [(&str, &str); 7] = [
    ("PrefixListName", "offices"),
    ("AddressFamily", "IPv4"),
    ("MaxEntries", "5"),
    ("Entry.1.Cidr", "192.0.2.0/24"),
    ("Entry.1.Description", "Berlin"),
    ("TagSpecification.1.ResourceType", "prefix-list"),
    ("TagSpecification.1.Tag.1.Key", "Team"),
];

fn made(api: &Api) -> String {
    api.ok("CreateManagedPrefixList", &OFFICES).text("prefixListId")
}

#[test]
fn a_list_is_answered_in_progress_and_described_complete() {
    let api = Api::new();
    let answer = api.ok("CreateManagedPrefixList", &OFFICES);
    let id = answer.text("prefixListId");
    let shown = |state: &str| {
        format!(
            "<prefixListId>{id}</prefixListId><addressFamily>IPv4</addressFamily><state>{state}</state>\
             <prefixListArn>arn:aws:ec2:us-east-1:123456789012:prefix-list/{id}</prefixListArn>\
             <prefixListName>offices</prefixListName><maxEntries>5</maxEntries><version>1</version>\
             <tagSet><item><key>Team</key><value></value></item></tagSet><ownerId>123456789012</ownerId>"
        )
    };
    assert_eq!(answer.text("prefixList"), shown("create-in-progress"));
    let described = api.ok("DescribeManagedPrefixLists", &[("PrefixListId.1", &id)]);
    assert_eq!(described.text("prefixListSet"), format!("<item>{}</item>", shown("create-complete")));
    let entries = api.ok("GetManagedPrefixListEntries", &[("PrefixListId", &id)]);
    assert_eq!(entries.text("entrySet"), "<item><cidr>192.0.2.0/24</cidr><description>Berlin</description></item>");
    assert!(!api.ok("DescribePrefixLists", &[]).xml.contains(&id));
}

#[test]
fn the_same_token_makes_one_list() {
    let api = Api::new();
    let with = |more: &[(&'static str, &'static str)]| [&OFFICES[..], &[("ClientToken", "t")], more].concat();
    let first = api.ok("CreateManagedPrefixList", &with(&[])).text("prefixListId");
    assert_eq!(api.ok("CreateManagedPrefixList", &with(&[])).text("prefixListId"), first);
    let other = with(&[("Entry.2.Cidr", "198.51.100.0/24")]);
    assert_eq!(api.refused("CreateManagedPrefixList", &other).0, "IdempotentParameterMismatch");
}

#[test]
fn parameters_that_a_list_must_have_are_asked_for() {
    let api = Api::new();
    for missing in ["PrefixListName", "AddressFamily", "MaxEntries"] {
        let rest: Vec<_> = OFFICES.into_iter().filter(|(name, _)| *name != missing).collect();
        let message = format!("The request must contain the parameter {missing}");
        assert_eq!(api.refused("CreateManagedPrefixList", &rest), ("MissingParameter".to_owned(), message));
    }
    let bad = |name: &'static str, value: &'static str| {
        let with: Vec<_> = OFFICES.into_iter().map(|pair| if pair.0 == name { (name, value) } else { pair }).collect();
        api.refused("CreateManagedPrefixList", &with).0
    };
    assert_eq!(bad("AddressFamily", "ipv4"), "InvalidParameterValue");
    assert_eq!(bad("Entry.1.Cidr", "192.0.2.0/33"), "InvalidParameterValue");
    assert_eq!(bad("TagSpecification.1.ResourceType", "vpc"), "InvalidParameterValue");
    let dry = [&OFFICES[..], &[("DryRun", "true")]].concat();
    assert_eq!(api.refused("CreateManagedPrefixList", &dry).0, "DryRunOperation");
    assert_eq!(api.ok("DescribeManagedPrefixLists", &[]).texts("prefixListId").len(), AWS_LISTS);
}

#[test]
fn a_modified_list_is_answered_as_it_was_and_described_as_it_is() {
    let api = Api::new();
    let id = made(&api);
    let modify =
        |more: &[(&str, &str)]| api.ok("ModifyManagedPrefixList", &[&[("PrefixListId", id.as_str())], more].concat());
    let answer = modify(&[
        ("CurrentVersion", "1"),
        ("AddEntry.1.Cidr", "198.51.100.0/24"),
        ("RemoveEntry.1.Cidr", "192.0.2.0/24"),
        ("PrefixListName", "homes"),
    ]);
    assert_eq!((answer.text("state"), answer.text("version")), ("modify-in-progress".to_owned(), "1".to_owned()));
    let described = api.ok("DescribeManagedPrefixLists", &[("PrefixListId.1", &id)]);
    for (element, value) in [("state", "modify-complete"), ("version", "2"), ("prefixListName", "homes")] {
        assert_eq!(described.text(element), value, "{element}");
    }
    let of_version = |version| {
        api.ok("GetManagedPrefixListEntries", &[("PrefixListId", id.as_str()), ("TargetVersion", version)]).text("cidr")
    };
    assert_eq!((of_version("1"), of_version("2")), ("192.0.2.0/24".to_owned(), "198.51.100.0/24".to_owned()));
    let restored = api.ok(
        "RestoreManagedPrefixListVersion",
        &[("PrefixListId", &id), ("PreviousVersion", "1"), ("CurrentVersion", "2")],
    );
    assert_eq!((restored.text("state"), restored.text("version")), ("restore-in-progress".to_owned(), "2".to_owned()));
    assert_eq!(of_version("3"), "192.0.2.0/24");
    let answer = modify(&[("MaxEntries", "9")]);
    assert_eq!((answer.text("state"), answer.text("maxEntries")), ("modify-in-progress".to_owned(), "5".to_owned()));
    assert_eq!(api.ok("DescribeManagedPrefixLists", &[("PrefixListId.1", &id)]).text("maxEntries"), "9");
    let answer = modify(&[("PrefixListName", "offices")]);
    assert_eq!(answer.text("state"), "modify-complete");
    let stale = [("PrefixListId", id.as_str()), ("CurrentVersion", "1"), ("AddEntry.1.Cidr", "203.0.113.0/24")];
    assert_eq!(api.refused("ModifyManagedPrefixList", &stale).0, "PrefixListVersionMismatch");
}

#[test]
fn who_names_a_list_is_told_and_keeps_it_from_being_deleted() {
    let api = Api::new();
    let network = api.network();
    let id = made(&api);
    let rule = [
        ("GroupId", network.groups[1].as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.PrefixListIds.1.PrefixListId", id.as_str()),
    ];
    api.ok("AuthorizeSecurityGroupIngress", &rule);
    let associations = || api.ok("GetManagedPrefixListAssociations", &[("PrefixListId", &id)]);
    assert_eq!(
        associations().text("prefixListAssociationSet"),
        format!(
            "<item><resourceId>{}</resourceId><resourceOwner>123456789012</resourceOwner></item>",
            network.groups[1]
        )
    );
    assert_eq!(api.ok("DeleteManagedPrefixList", &[("PrefixListId", &id)]).text("state"), "delete-in-progress");
    let described = api.ok("DescribeManagedPrefixLists", &[("PrefixListId.1", &id)]);
    assert_eq!(described.text("state"), "delete-failed");
    assert!(described.text("stateMessage").contains(&network.groups[1]));
    api.ok("RevokeSecurityGroupIngress", &rule);
    assert_eq!(associations().text("prefixListAssociationSet"), "");
    api.ok("DeleteManagedPrefixList", &[("PrefixListId", &id)]);
    assert_eq!(api.refused("DescribeManagedPrefixLists", &[("PrefixListId.1", &id)]).0, "InvalidPrefixListID.NotFound");
}

#[test]
fn lists_are_found_by_name_owner_and_tag_and_another_account_sees_none_of_them() {
    let mut api = Api::new();
    let id = made(&api);
    let found = |api: &Api, name: &str, value: &str| {
        let parameters = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeManagedPrefixLists", &parameters).texts("prefixListId")
    };
    for (name, value) in [
        ("owner-id", "123456789012"),
        ("prefix-list-name", "off*"),
        ("prefix-list-id", id.as_str()),
        ("tag-key", "Team"),
        ("tag:Team", "*"),
    ] {
        assert_eq!(found(&api, name, value), [id.as_str()], "{name}");
    }
    api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Cost"), ("Tag.1.Value", "1")]);
    assert_eq!(found(&api, "tag:Cost", "1"), [id.as_str()]);
    api.switch_account("210987654321");
    assert_eq!(api.refused("GetManagedPrefixListEntries", &[("PrefixListId", &id)]).0, "InvalidPrefixListID.NotFound");
    assert_eq!(api.ok("DescribeManagedPrefixLists", &[]).texts("prefixListId").len(), AWS_LISTS);
}

#[test]
fn a_route_leads_to_a_list() {
    let api = Api::new();
    let network = api.network();
    let id = made(&api);
    let subnet = network.subnets[0].parse().unwrap();
    let target = api.change(move |world, context| world.attach_program(context, &subnet, &[])).to_string();
    let parameters = [
        ("RouteTableId", network.table.as_str()),
        ("DestinationPrefixListId", id.as_str()),
        ("NetworkInterfaceId", target.as_str()),
    ];
    api.ok("CreateRoute", &parameters);
    let shown = api.ok("DescribeRouteTables", &[("RouteTableId.1", &network.table)]);
    assert_eq!(shown.text("destinationPrefixListId"), id);
    let users = api.ok("GetManagedPrefixListAssociations", &[("PrefixListId", &id)]);
    assert_eq!(users.text("resourceId"), network.table);
}
