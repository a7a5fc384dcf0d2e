use sidegate_model::{Direction, IpProtocol, Peer, VpcAttribute};

use crate::account::{Account, DYNAMODB, SECRETS, cidr, gateway, interface};
use crate::refused;

#[test]
fn a_vpc_comes_with_a_main_table_a_default_group_and_dns_support_but_no_host_names() {
    let mut account = Account::new();
    let id = account.vpc("10.0.0.0/16");
    let vpc = account.world.vpc(&account.scope, &id).unwrap();
    assert!(vpc.dns_support && !vpc.dns_hostnames && !vpc.usage_metrics);
    assert_eq!((vpc.cidr, vpc.tenancy.as_str()), (cidr("10.0.0.0/16"), "default"));
    let tables: Vec<_> = account.world.route_tables.iter().filter(|t| t.vpc == id).collect();
    assert_eq!(tables.len(), 1);
    assert!(tables[0].main.is_some());
    let group = account.world.default_group(&id).unwrap();
    assert_eq!((group.name.as_str(), group.description.as_str()), ("default", "default VPC security group"));
    let rules: Vec<_> = group.rules.iter().map(|r| (r.rule.direction, r.rule.protocol, r.rule.peer.clone())).collect();
    assert_eq!(
        rules,
        [
            (Direction::Ingress, IpProtocol::All, Peer::Group(group.id.clone())),
            (Direction::Egress, IpProtocol::All, Peer::Cidr(cidr("0.0.0.0/0"))),
        ]
    );
}

#[test]
fn a_block_between_16_and_28_is_taken_and_any_other_is_refused() {
    let mut account = Account::new();
    for good in ["10.0.0.0/16", "10.0.0.0/28", "172.16.0.0/20", "203.0.113.0/24"] {
        account.vpc(good);
    }
    for bad in
        ["10.0.0.0/15", "10.0.0.0/29", "0.0.0.0/0", "10.0.0.0/8", "127.0.0.0/16", "169.254.0.0/24", "224.0.0.0/16"]
    {
        refused!(
            account,
            |w, c| w.create_vpc(c, cidr(bad), "default"),
            "InvalidVpc.Range",
            format!("The CIDR '{bad}' is invalid.")
        );
    }
}

#[test]
fn two_vpcs_may_have_the_same_block() {
    let mut account = Account::new();
    assert_ne!(account.vpc("10.0.0.0/16"), account.vpc("10.0.0.0/16"));
}

#[test]
fn the_block_of_the_emulated_public_addresses_is_refused_with_the_reason() {
    let mut account = Account::new();
    let error = account.try_run(|w, c| w.create_vpc(c, cidr("198.18.0.0/16"), "default")).unwrap_err();
    assert_eq!(error.code(), "UnsupportedOperation");
    assert!(error.to_string().contains("198.18.0.0/15"));
}

#[test]
fn a_tenancy_that_does_not_exist_is_refused() {
    let mut account = Account::new();
    account.run(|w, c| w.create_vpc(c, cidr("10.0.0.0/16"), "dedicated"));
    refused!(
        account,
        |w, c| w.create_vpc(c, cidr("10.0.0.0/16"), "host"),
        "InvalidParameterValue",
        "Value (host) for parameter instanceTenancy is invalid. Valid values are default and dedicated."
    );
}

#[test]
fn a_tenancy_becomes_default_and_nothing_else() {
    let mut account = Account::new();
    let vpc = account.run(|w, c| w.create_vpc(c, cidr("10.0.0.0/16"), "dedicated"));
    refused!(
        account,
        |w, c| w.modify_vpc_tenancy(c, &vpc, "dedicated"),
        "UnsupportedTenancy",
        "The tenancy value dedicated is not supported."
    );
    account.run(|w, c| w.modify_vpc_tenancy(c, &vpc, "default"));
    assert_eq!(account.world.vpcs.get(&vpc).unwrap().tenancy, "default");
}

#[test]
fn vpcs_of_other_accounts_and_regions_are_not_found() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    for (number, region) in [("444455556666", "us-east-1"), ("111122223333", "eu-west-1")] {
        let mut other = Account::of(number, region);
        other.world = account.world.clone();
        refused!(
            other,
            |w, c| w.delete_vpc(c, &vpc),
            "InvalidVpcID.NotFound",
            format!("The vpc ID '{vpc}' does not exist")
        );
    }
}

#[test]
fn each_attribute_is_changed_alone() {
    let mut account = Account::new();
    let id = account.vpc("10.0.0.0/16");
    let attributes = |account: &Account| {
        let vpc = account.world.vpcs.get(&id).unwrap();
        (vpc.dns_support, vpc.dns_hostnames, vpc.usage_metrics)
    };
    account.run(|w, c| w.modify_vpc_attribute(c, &id, VpcAttribute::DnsHostnames(true)));
    assert_eq!(attributes(&account), (true, true, false));
    account.run(|w, c| w.modify_vpc_attribute(c, &id, VpcAttribute::UsageMetrics(true)));
    assert_eq!(attributes(&account), (true, true, true));
    account.run(|w, c| w.modify_vpc_attribute(c, &id, VpcAttribute::DnsSupport(false)));
    assert_eq!(attributes(&account), (false, true, true));
}

#[test]
fn dns_host_names_need_dns_support() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    account.run(|w, c| w.modify_vpc_attribute(c, &vpc, VpcAttribute::DnsSupport(false)));
    refused!(
        account,
        |w, c| w.modify_vpc_attribute(c, &vpc, VpcAttribute::DnsHostnames(true)),
        "InvalidParameterValue",
        format!("enableDnsHostnames can be set to true only if enableDnsSupport is true for {vpc}")
    );
    account.run(|w, c| w.modify_vpc_attribute(c, &vpc, VpcAttribute::DnsHostnames(false)));
}

#[test]
fn turning_dns_off_under_private_dns_is_accepted_and_its_names_are_answered_no_more() {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let mut wanted = interface(&vpc, SECRETS, &[subnet]);
    wanted.private_dns = Some(true);
    let id = account.endpoint(wanted);
    let name = ["secretsmanager.us-east-1.amazonaws.com"];
    assert_eq!(account.endpoint_of(&id).resolved_names(&account.world), name);
    account.run(|w, c| w.modify_vpc_attribute(c, &vpc, VpcAttribute::DnsHostnames(false)));
    assert_eq!(account.endpoint_of(&id).private_names(), name);
    assert!(account.endpoint_of(&id).resolved_names(&account.world).is_empty());
}

#[test]
fn a_vpc_takes_its_default_resources_and_their_tags_along() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let tagged = [vpc.to_string(), account.main_table(&vpc).to_string(), account.default_group(&vpc).to_string()];
    account.run(|w, c| w.create_tags(c, &tagged, &[("a".to_owned(), "b".to_owned())]));
    account.run(|w, c| w.delete_vpc(c, &vpc));
    assert_eq!(account.world, sidegate_model::World::default());
}

#[test]
fn a_vpc_with_something_in_it_stays() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let message = format!("The vpc '{vpc}' has dependencies and cannot be deleted.");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    refused!(account, |w, c| w.delete_vpc(c, &vpc), "DependencyViolation", &message);
    account.run(|w, c| w.delete_subnet(c, &subnet));
    let table = account.table(&vpc);
    refused!(account, |w, c| w.delete_vpc(c, &vpc), "DependencyViolation", &message);
    account.run(|w, c| w.delete_route_table(c, &table));
    let group = account.group(&vpc, "web");
    refused!(account, |w, c| w.delete_vpc(c, &vpc), "DependencyViolation", &message);
    account.run(|w, c| w.delete_security_group(c, &group));
    let endpoint = account.endpoint(gateway(&vpc, DYNAMODB, &[]));
    refused!(account, |w, c| w.delete_vpc(c, &vpc), "DependencyViolation", &message);
    account.run(|w, c| w.delete_vpc_endpoint(c, &endpoint));
    account.run(|w, c| w.delete_vpc(c, &vpc));
}

#[test]
fn the_501st_vpc_of_an_account_in_a_region_is_refused() {
    let mut account = Account::new();
    for _ in 0..500 {
        account.vpc("10.0.0.0/28");
    }
    refused!(
        account,
        |w, c| w.create_vpc(c, cidr("10.0.0.0/28"), "default"),
        "VpcLimitExceeded",
        "The maximum number of VPCs has been reached."
    );
    let mut other = Account::of("444455556666", "us-east-1");
    other.world = account.world.clone();
    other.vpc("10.0.0.0/28");
}
