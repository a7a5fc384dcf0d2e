use std::slice::from_ref;

use sidegate_model::Error;

use crate::account::{Account, S3, SECRETS, gateway, interface};
use crate::refused;

fn tag(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

fn tags(account: &Account, id: &str) -> Vec<(String, String)> {
    account.world.tags(id).map(|(k, v)| tag(k, v)).collect()
}

#[test]
fn resources_of_every_kind_can_be_tagged() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let group = account.default_group(&vpc);
    let endpoint = account.endpoint(gateway(&vpc, S3, &[]));
    let other = account.endpoint(interface(&vpc, SECRETS, from_ref(&subnet)));
    let nic = account.interface_of(&other).interfaces[&subnet].clone();
    let rule = account.world.security_groups.get(&group).unwrap().rules[0].id.clone();
    let acl = account.world.vpcs.get(&vpc).unwrap().network_acl.clone();
    let ids: Vec<String> = vec![
        vpc.to_string(),
        subnet.to_string(),
        account.main_table(&vpc).to_string(),
        group.to_string(),
        rule.to_string(),
        endpoint.to_string(),
        nic.to_string(),
        acl.to_string(),
    ];
    account.run(|w, c| w.create_tags(c, &ids, &[tag("Name", "x"), tag("empty", "")]));
    for id in &ids {
        assert_eq!(tags(&account, id), [tag("Name", "x"), tag("empty", "")]);
    }
}

#[test]
fn what_does_not_exist_cannot_be_tagged() {
    let mut account = Account::new();
    let put = |account: &mut Account, id: &str| -> Error {
        account.try_run(|w, c| w.create_tags(c, &[id.to_owned()], &[tag("a", "b")])).unwrap_err()
    };
    for (id, code, message) in [
        ("vpc-12345678", "InvalidVpcID.NotFound", "The vpc ID 'vpc-12345678' does not exist"),
        ("subnet-1", "InvalidSubnetID.NotFound", "The subnet ID 'subnet-1' does not exist"),
        ("rtb-1", "InvalidRouteTableID.NotFound", "The routeTable ID 'rtb-1' does not exist"),
        ("sg-1", "InvalidGroup.NotFound", "The security group 'sg-1' does not exist"),
        ("sgr-1", "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID 'sgr-1' does not exist"),
        ("eni-1", "InvalidNetworkInterfaceID.NotFound", "The networkInterface ID 'eni-1' does not exist"),
        ("vpce-1", "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id 'vpce-1' does not exist"),
        ("i-1", "InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist"),
        ("acl-1", "InvalidNetworkAclID.NotFound", "The networkAcl ID 'acl-1' does not exist"),
        ("pl-63a5400a", "InvalidID", "The ID 'pl-63a5400a' is not valid"),
        ("nonsense", "InvalidID", "The ID 'nonsense' is not valid"),
    ] {
        let error = put(&mut account, id);
        assert_eq!((error.code(), error.to_string().as_str()), (code, message));
    }
}

#[test]
fn keys_and_values_have_their_limits_and_aws_is_reserved() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16").to_string();
    account.run(|w, c| w.create_tags(c, from_ref(&vpc), &[tag(&"ü".repeat(127), &"ü".repeat(256))]));
    for (bad, message) in [
        (tag("", "x"), "Tag key cannot be empty"),
        (tag(&"k".repeat(128), "x"), "Tag key exceeds the maximum length of 127 characters"),
        (tag("k", &"v".repeat(257)), "Tag value exceeds the maximum length of 256 characters"),
        (tag("aws:name", "x"), "Tag keys starting with 'aws:' are reserved for internal use"),
        (tag("AWS:name", "x"), "Tag keys starting with 'aws:' are reserved for internal use"),
    ] {
        refused!(account, |w, c| w.create_tags(c, from_ref(&vpc), from_ref(&bad)), "InvalidParameterValue", message);
    }
}

#[test]
fn a_resource_has_at_most_fifty_tags() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16").to_string();
    let fifty: Vec<_> = (0..50).map(|i| tag(&format!("k{i}"), "v")).collect();
    account.run(|w, c| w.create_tags(c, from_ref(&vpc), &fifty));
    account.run(|w, c| w.create_tags(c, from_ref(&vpc), &[tag("k7", "other")]));
    assert!(account.world.tags(&vpc).any(|t| t == ("k7", "other")));
    refused!(
        account,
        |w, c| w.create_tags(c, from_ref(&vpc), &[tag("one more", "")]),
        "TagLimitExceeded",
        format!("More than 50 tags specified for resource {vpc}")
    );
}

#[test]
fn tags_are_taken_off_by_key_by_key_and_value_or_all() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16").to_string();
    let all = [tag("a", "1"), tag("b", "2"), tag("c", "3")];
    account.run(|w, c| w.create_tags(c, from_ref(&vpc), &all));
    account
        .run(|w, c| w.delete_tags(c, from_ref(&vpc), &[("a".to_owned(), None), ("b".to_owned(), Some(String::new()))]));
    assert_eq!(tags(&account, &vpc), [tag("b", "2"), tag("c", "3")]);
    account.run(|w, c| w.delete_tags(c, from_ref(&vpc), &[("b".to_owned(), Some("2".to_owned()))]));
    assert_eq!(tags(&account, &vpc), [tag("c", "3")]);
    account.run(|w, c| w.delete_tags(c, from_ref(&vpc), &[]));
    assert!(account.world.tags.is_empty());
}

#[test]
fn the_tags_of_what_is_deleted_go_with_it() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let endpoint = account.endpoint(interface(&vpc, SECRETS, from_ref(&subnet)));
    let nic = account.interface_of(&endpoint).interfaces[&subnet].clone();
    account.run(|w, c| w.create_tags(c, &[endpoint.to_string(), nic.to_string()], &[tag("a", "b")]));
    account.run(|w, c| w.delete_vpc_endpoint(c, &endpoint));
    assert!(account.world.tags.is_empty());
}
