use std::slice::from_ref;

use sidegate_model::{
    Association, HostnameType, Instance, Ipv6Cidr, SubnetAttribute, SubnetCidrAssociationId, SubnetId, VpcId, Zone,
};

use crate::account::{Account, SECRETS, cidr, instances, interface};
use crate::refused;

#[test]
fn a_subnet_lies_in_its_vpc_and_between_16_and_28() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/20");
    for good in ["10.0.0.0/28", "10.0.1.0/24", "10.0.8.0/21"] {
        account.subnet(&vpc, good, "us-east-1a");
    }
    for bad in ["10.0.2.0/29", "10.1.0.0/24", "10.0.0.0/16", "10.0.0.0/19"] {
        refused!(
            account,
            |w, c| w.create_subnet(c, &vpc, cidr(bad), None),
            "InvalidSubnet.Range",
            format!("The CIDR '{bad}' is invalid.")
        );
    }
}

#[test]
fn a_subnet_may_be_the_whole_vpc() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    account.subnet(&vpc, "10.0.0.0/16", "us-east-1a");
}

#[test]
fn subnets_of_a_vpc_do_not_overlap() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    account.subnet(&vpc, "10.0.4.0/22", "us-east-1a");
    for bad in ["10.0.4.0/22", "10.0.5.0/24", "10.0.0.0/20"] {
        refused!(
            account,
            |w, c| w.create_subnet(c, &vpc, cidr(bad), None),
            "InvalidSubnet.Conflict",
            format!("The CIDR '{bad}' conflicts with another subnet")
        );
    }
    let other = account.vpc("10.0.0.0/16");
    account.subnet(&other, "10.0.4.0/22", "us-east-1a");
}

#[test]
fn a_zone_is_named_or_given_by_its_id_and_an_unknown_one_is_refused_with_those_there_are() {
    let mut account = Account::of("111122223333", "eu-west-1");
    let vpc = account.vpc("10.0.0.0/16");
    let by_name = account.subnet(&vpc, "10.0.0.0/24", "eu-west-1b");
    let by_id = account.subnet(&vpc, "10.0.1.0/24", "euw1-az2");
    let zone = |id| account.world.subnets.get(id).unwrap().zone;
    assert_eq!(zone(&by_name), zone(&by_id));
    refused!(
        account,
        |w, c| w.create_subnet(c, &vpc, cidr("10.0.2.0/24"), Some("us-east-1a")),
        "InvalidParameterValue",
        "Value (us-east-1a) for parameter availabilityZone is invalid. Subnets can currently only be created in the \
         following availability zones: eu-west-1a, eu-west-1b, eu-west-1c."
    );
}

#[test]
fn the_first_four_addresses_and_the_last_are_not_given_out() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.subnet(&vpc, "10.0.0.16/28", "us-east-1a");
    let subnet = account.world.subnets.get(&id).unwrap().clone();
    assert_eq!(subnet.gateway().to_string(), "10.0.0.17");
    assert_eq!(account.world.free_addresses(&subnet), 11);
    let programs: Vec<_> = (0..11).map(|_| account.program(&id, &[])).collect();
    let given: Vec<_> = programs.iter().map(|i| account.nic(i).address.to_string()).collect();
    assert_eq!((given[0].as_str(), given[10].as_str()), ("10.0.0.20", "10.0.0.30"));
    assert_eq!(account.world.free_addresses(&subnet), 0);
    refused!(
        account,
        |w, c| w.attach_program(c, &id, &[]),
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request."
    );
}

#[test]
fn a_freed_address_is_given_out_again() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let id = account.subnet(&vpc, "10.0.0.0/28", "us-east-1a");
    let programs: Vec<_> = (0..11).map(|_| account.program(&id, &[])).collect();
    let address = account.nic(&programs[3]).address;
    account.world.detach_program(&programs[3]);
    let next = account.program(&id, &[]);
    assert_eq!(account.nic(&next).address, address);
}

#[test]
fn a_subnet_with_an_interface_stays() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let message = format!("The subnet '{subnet}' has dependencies and cannot be deleted.");
    let program = account.program(&subnet, &[]);
    refused!(account, |w, c| w.delete_subnet(c, &subnet), "DependencyViolation", &message);
    account.world.detach_program(&program);
    let endpoint = account.endpoint(interface(&vpc, SECRETS, from_ref(&subnet)));
    refused!(account, |w, c| w.delete_subnet(c, &subnet), "DependencyViolation", &message);
    account.run(|w, c| w.delete_vpc_endpoint(c, &endpoint));
    account.run(|w, c| w.delete_subnet(c, &subnet));
    refused!(
        account,
        |w, c| w.delete_subnet(c, &subnet),
        "InvalidSubnetID.NotFound",
        format!("The subnet ID '{subnet}' does not exist")
    );
}

#[test]
fn a_subnet_takes_its_association_along() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let table = account.table(&vpc);
    account.run(|w, c| w.associate_route_table(c, &table, &subnet));
    account.run(|w, c| w.delete_subnet(c, &subnet));
    account.run(|w, c| w.delete_route_table(c, &table));
    assert_eq!(account.world.route_table_of(&subnet), None::<(_, Association<'_>)>);
}

/// Gives a VPC an IPv6 block, and a subnet the first part of it.
fn with_ipv6(account: &mut Account, vpc: &VpcId, subnet: &SubnetId) -> SubnetCidrAssociationId {
    account.run(|w, c| w.associate_vpc_ipv6_cidr_block(c, vpc));
    let block = Ipv6Cidr::new(account.world.vpcs.get(vpc).unwrap().ipv6_cidrs[0].cidr.first(), 64);
    account.run(|w, c| w.associate_subnet_cidr_block(c, subnet, block))
}

#[test]
fn an_ipv6_block_stays_while_its_addresses_are_given_or_used() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let id = with_ipv6(&mut account, &vpc, &subnet);
    let in_use = |why: &str| {
        format!("The subnet IPv6 CIDR block with association ID {id} may not be disassociated, because {why}.")
    };
    account.run(|w, c| w.modify_subnet_attribute(c, &subnet, SubnetAttribute::Ipv6Addresses(true)));
    refused!(
        account,
        |w, c| w.disassociate_subnet_cidr_block(c, &id),
        "InvalidCidrBlock.InUse",
        in_use("its subnet has assign-ipv6-address-on-creation set to true")
    );
    account.run(|w, c| w.modify_subnet_attribute(c, &subnet, SubnetAttribute::Ipv6Addresses(false)));
    let (_, launched) = account.run(|w, c| w.run_instances(c, &instances(&subnet, 1)));
    let nic = account.world.instances.get(&launched[0]).unwrap().interface.clone().unwrap();
    let got = account.run(|w, c| w.assign_ipv6_addresses(c, &nic, &[], 1));
    refused!(
        account,
        |w, c| w.disassociate_subnet_cidr_block(c, &id),
        "InvalidCidrBlock.InUse",
        in_use("it has assigned IPv6 addresses")
    );
    account.run(|w, c| w.unassign_ipv6_addresses(c, &nic, &got));
    account.run(|w, c| w.disassociate_subnet_cidr_block(c, &id));
}

#[test]
fn a_name_by_the_id_has_ipv6_addresses_where_it_is_asked_for_and_there_are_some() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    with_ipv6(&mut account, &vpc, &subnet);
    let launch = |account: &mut Account| {
        let (_, launched) = account.run(|w, c| w.run_instances(c, &instances(&subnet, 1)));
        account.world.instances.get(&launched[0]).unwrap().clone()
    };
    let before = launch(&mut account);
    account.run(|w, c| w.modify_subnet_attribute(c, &subnet, SubnetAttribute::ResourceNameAaaa(true)));
    let after = launch(&mut account);
    let names = |account: &Account, instance: &Instance| {
        account.world.resolved_ipv6_host_names(account.nic(instance.interface.as_ref().unwrap()))
    };
    assert!(names(&account, &after).is_empty(), "it has no address");
    for instance in [&before, &after] {
        let nic = instance.interface.clone().unwrap();
        account.run(|w, c| w.assign_ipv6_addresses(c, &nic, &[], 1));
    }
    assert!(names(&account, &before).is_empty(), "it keeps what its subnet said when it was launched");
    assert_eq!(names(&account, &after), [format!("{}.ec2.internal", after.id)]);
    let by_address = account.nic(after.interface.as_ref().unwrap()).private_dns_name();
    assert_eq!(account.world.resolved_host_names(account.nic(after.interface.as_ref().unwrap())), [by_address]);
}

#[test]
fn each_attribute_of_a_subnet_is_changed_alone() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    refused!(
        account,
        |w, c| w.modify_subnet_attribute(c, &subnet, SubnetAttribute::Ipv6Addresses(true)),
        "InvalidParameterValue",
        format!(
            "Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation to \
             true unless the subnet ({subnet}) has an IPv6 CIDR block associated with it."
        )
    );
    with_ipv6(&mut account, &vpc, &subnet);
    let shown = |account: &Account| {
        let subnet = account.world.subnets.get(&subnet).unwrap();
        let names = subnet.host_names;
        (
            subnet.public_addresses,
            subnet.ipv6_addresses,
            names.kind.as_str(),
            names.resource_name_a,
            names.resource_name_aaaa,
            subnet.dns64,
        )
    };
    assert_eq!(shown(&account), (false, false, "ip-name", false, false, false));
    let steps = [
        (SubnetAttribute::PublicAddresses(true), (true, false, "ip-name", false, false, false)),
        (SubnetAttribute::Ipv6Addresses(true), (true, true, "ip-name", false, false, false)),
        (SubnetAttribute::HostnameType(HostnameType::ResourceName), (true, true, "resource-name", false, false, false)),
        (SubnetAttribute::ResourceNameA(true), (true, true, "resource-name", true, false, false)),
        (SubnetAttribute::ResourceNameAaaa(true), (true, true, "resource-name", true, true, false)),
        (SubnetAttribute::PublicAddresses(false), (false, true, "resource-name", true, true, false)),
        (SubnetAttribute::Dns64(true), (false, true, "resource-name", true, true, true)),
    ];
    for (attribute, expected) in steps {
        account.run(|w, c| w.modify_subnet_attribute(c, &subnet, attribute));
        assert_eq!(shown(&account), expected);
    }
}

#[test]
fn the_201st_subnet_of_a_vpc_is_refused() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    for i in 0..200 {
        account.subnet(&vpc, &format!("10.0.{i}.0/28"), "us-east-1a");
    }
    refused!(
        account,
        |w, c| w.create_subnet(c, &vpc, cidr("10.0.250.0/28"), None),
        "SubnetLimitExceeded",
        "The maximum number of subnets has been reached."
    );
}

#[test]
fn a_zone_of_an_account_elsewhere_has_any_letter() {
    let region = "us-west-2".parse().unwrap();
    assert_eq!(Zone::named(region, "us-west-2d").unwrap().name(), "us-west-2d");
    assert_eq!(Zone::named(region, "us-west-2a"), Zone::find(region, "us-west-2a").ok());
    for other in ["us-west-2", "us-west-2A", "us-west-2-lax-1a", "us-east-1a", "us-west-2ab"] {
        assert_eq!(Zone::named(region, other), None, "{other}");
    }
}
