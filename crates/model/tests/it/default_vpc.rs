use sidegate_model::{RouteTarget, VpcDhcpOptions, Zone};

use crate::account::Account;
use crate::refused;

fn zone(name: &str) -> Zone {
    Zone::find("us-east-1".parse().unwrap(), name).unwrap()
}

#[test]
fn a_region_is_opened_once_with_a_default_vpc_that_leads_to_the_internet() {
    let mut account = Account::new();
    assert!(!account.world.is_opened(&account.scope));
    account.run(|w, c| w.open_region(c));
    let vpc = account.world.default_vpc(&account.scope).unwrap().clone();
    assert_eq!((vpc.cidr.to_string().as_str(), vpc.dns_support, vpc.dns_hostnames), ("172.31.0.0/16", true, true));
    assert_eq!(vpc.dhcp_options, VpcDhcpOptions::Default);
    let subnets = account.world.default_subnets(&vpc.id);
    let shown: Vec<_> = subnets.iter().map(|s| (s.zone.name(), s.cidr.to_string(), s.public_addresses)).collect();
    let expected = ["a", "b", "c", "d", "e", "f"].into_iter().enumerate();
    let expected: Vec<_> =
        expected.map(|(n, zone)| (format!("us-east-1{zone}"), format!("172.31.{}.0/20", n * 16), true)).collect();
    assert_eq!(shown, expected);
    let gateway = account.world.internet_gateway_of(&vpc.id).unwrap().id.clone();
    let main = account.world.route_tables.get(&account.main_table(&vpc.id)).unwrap();
    let routes: Vec<_> =
        account.world.routes(main).into_iter().map(|r| (r.destination.to_string(), r.target)).collect();
    let expected = [
        ("172.31.0.0/16".to_owned(), RouteTarget::Local),
        ("0.0.0.0/0".to_owned(), RouteTarget::InternetGateway(gateway)),
    ];
    assert_eq!(routes, expected);
    let whole = account.world.clone();
    account.run(|w, c| w.open_region(c));
    assert_eq!(account.world, whole, "the second time nothing is made");
}

#[test]
fn what_is_deleted_of_it_stays_away_until_it_is_asked_for() {
    let mut account = Account::new();
    account.run(|w, c| w.open_region(c));
    let vpc = account.world.default_vpc(&account.scope).unwrap().id.clone();
    refused!(
        account,
        |w, c| w.create_default_vpc(c),
        "DefaultVpcAlreadyExists",
        "A Default VPC already exists for this account in this region."
    );
    let message = format!("The vpc '{vpc}' has dependencies and cannot be deleted.");
    refused!(account, |w, c| w.delete_vpc(c, &vpc), "DependencyViolation", &message);
    let subnets: Vec<_> = account.world.default_subnets(&vpc).into_iter().map(|s| s.id.clone()).collect();
    subnets.iter().for_each(|id| account.run(|w, c| w.delete_subnet(c, id)));
    refused!(account, |w, c| w.delete_vpc(c, &vpc), "DependencyViolation", &message);
    let gateway = account.world.internet_gateway_of(&vpc).unwrap().id.clone();
    account.run(|w, c| w.detach_internet_gateway(c, &gateway, &vpc));
    account.run(|w, c| w.delete_internet_gateway(c, &gateway));
    account.run(|w, c| w.delete_vpc(c, &vpc));
    account.run(|w, c| w.open_region(c));
    assert!(account.world.vpcs.is_empty());
    refused!(
        account,
        |w, c| w.create_default_subnet(c, zone("us-east-1a")),
        "DefaultVpcDoesNotExist",
        "No default VPC exists for this account in this region."
    );
    let again = account.run(|w, c| w.create_default_vpc(c));
    assert_eq!(account.world.default_vpc(&account.scope).unwrap().id, again);
}

#[test]
fn a_default_subnet_takes_the_first_part_that_is_free() {
    let mut account = Account::new();
    let vpc = account.run(|w, c| w.create_default_vpc(c));
    let of = |account: &Account, name: &str| {
        let subnets = account.world.default_subnets(&vpc);
        let subnet = subnets.into_iter().find(|s| s.zone == zone(name)).unwrap();
        (subnet.id.clone(), subnet.cidr.to_string())
    };
    let (first, _) = of(&account, "us-east-1a");
    refused!(
        account,
        |w, c| w.create_default_subnet(c, zone("us-east-1a")),
        "DefaultSubnetAlreadyExistsInAvailabilityZone",
        format!("'{first}' is already the default subnet in us-east-1a.")
    );
    let (fourth, _) = of(&account, "us-east-1d");
    account.run(|w, c| w.delete_subnet(c, &first));
    account.run(|w, c| w.delete_subnet(c, &fourth));
    account.subnet(&vpc, "172.31.3.0/24", "us-east-1a");
    account.run(|w, c| w.create_default_subnet(c, zone("us-east-1a")));
    assert_eq!(of(&account, "us-east-1a").1, "172.31.48.0/20", "the first part has a subnet in it");
    account.subnet(&vpc, "172.31.96.0/19", "us-east-1a");
    account.subnet(&vpc, "172.31.128.0/17", "us-east-1a");
    refused!(
        account,
        |w, c| w.create_default_subnet(c, zone("us-east-1d")),
        "InvalidSubnet.Conflict",
        "The CIDR '172.31.0.0/20' conflicts with another subnet"
    );
}

#[test]
fn each_account_has_one_in_each_region_it_uses() {
    let mut account = Account::of("111122223333", "us-east-1");
    account.run(|w, c| w.open_region(c));
    let mut other = Account::of("111122223333", "eu-west-1");
    other.world = account.world.clone();
    assert!(other.world.default_vpc(&other.scope).is_none());
    other.restart();
    other.run(|w, c| w.open_region(c));
    let vpc = other.world.default_vpc(&other.scope).unwrap().id.clone();
    assert_eq!(other.world.default_subnets(&vpc).len(), 3);
    assert_eq!(other.world.vpcs.len(), 2);
}
