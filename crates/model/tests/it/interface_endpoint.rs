use std::net::Ipv4Addr;
use std::slice::from_ref;

use sidegate_model::{
    Attachment, CreateVpcEndpoint, DnsEntry, FixedAddresses, ModifyVpcEndpoint, SubnetId, VpcEndpointId, VpcId,
};

use crate::account::{Account, DYNAMODB, S3, SECRETS, gateway, interface};
use crate::refused;

fn change() -> ModifyVpcEndpoint {
    ModifyVpcEndpoint::default()
}

fn with_private_dns(vpc: &VpcId, service: &str) -> CreateVpcEndpoint {
    CreateVpcEndpoint { private_dns: Some(true), ..interface(vpc, service, &[]) }
}

/// An account with a VPC that has DNS, and a subnet in each of two zones.
fn with_subnets() -> (Account, VpcId, SubnetId, SubnetId) {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    let a = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let b = account.subnet(&vpc, "10.0.1.0/24", "us-east-1b");
    (account, vpc, a, b)
}

fn address(account: &Account, id: &VpcEndpointId, subnet: &SubnetId) -> Ipv4Addr {
    account.nic(&account.interface_of(id).interfaces[subnet]).address
}

#[test]
fn each_subnet_gets_an_interface_that_belongs_to_the_endpoint() {
    let (mut account, vpc, a, b) = with_subnets();
    let id = account.endpoint(interface(&vpc, SECRETS, &[a.clone(), b.clone()]));
    assert_eq!(account.interface_of(&id).interfaces.len(), 2);
    for subnet in [&a, &b] {
        let nic = account.nic(&account.interface_of(&id).interfaces[subnet]);
        assert_eq!(nic.attachment, Attachment::Endpoint(id.clone()));
        assert_eq!(nic.description, format!("VPC Endpoint Interface {id}"));
        assert_eq!(nic.groups, [account.default_group(&vpc)]);
        assert_eq!((&nic.subnet, &nic.vpc), (subnet, &vpc));
    }
    account.run(|w, c| w.delete_vpc_endpoint(c, &id));
    assert!(account.world.interfaces.is_empty());
}

#[test]
fn no_subnets_are_legal_and_give_no_names() {
    let (mut account, vpc, ..) = with_subnets();
    let id = account.endpoint(with_private_dns(&vpc, SECRETS));
    assert!(account.interface_of(&id).interfaces.is_empty());
    assert_eq!(account.interface_of(&id).groups, [account.default_group(&vpc)]);
    assert!(account.endpoint_of(&id).dns_entries(&account.world).is_empty());
}

#[test]
fn two_subnets_give_a_regional_and_two_zonal_names_and_the_private_ones_follow() {
    let (mut account, vpc, a, b) = with_subnets();
    let mut wanted = with_private_dns(&vpc, SECRETS);
    wanted.subnets = vec![b.clone(), a.clone()];
    let id = account.endpoint(wanted);
    let endpoint = account.endpoint_of(&id);
    let suffix = &account.interface_of(&id).suffix;
    let zone = "Z7HUB22UULQXV";
    let entries: Vec<_> =
        endpoint.dns_entries(&account.world).into_iter().map(|DnsEntry { name, zone }| (name, zone)).collect();
    let domain = "secretsmanager.us-east-1.vpce.amazonaws.com";
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0], (format!("{id}-{suffix}.{domain}"), zone.to_owned()));
    assert_eq!(entries[1], (format!("{id}-{suffix}-us-east-1a.{domain}"), zone.to_owned()));
    assert_eq!(entries[2], (format!("{id}-{suffix}-us-east-1b.{domain}"), zone.to_owned()));
    assert_eq!(entries[3].0, "secretsmanager.us-east-1.amazonaws.com");
    assert_ne!(entries[3].1, zone);
    let names = endpoint.own_names(&account.world);
    assert_eq!(names[0].1.len(), 2);
    assert_eq!((&names[1].1, &names[2].1), (&vec![a], &vec![b]));
}

#[test]
fn the_names_of_s3_begin_with_a_star() {
    let (mut account, vpc, a, _) = with_subnets();
    let id = account.endpoint(interface(&vpc, S3, &[a]));
    let entries = account.endpoint_of(&id).dns_entries(&account.world);
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|e| e.name.starts_with(&format!("*.{id}-"))));
}

#[test]
fn a_second_subnet_in_a_zone_is_refused_unless_the_first_leaves_in_the_same_call() {
    let (mut account, vpc, a, _) = with_subnets();
    let again = account.subnet(&vpc, "10.0.2.0/24", "us-east-1a");
    let message = format!(
        "Found another VPC endpoint subnet in the availability zone of {again}. VPC endpoint subnets should be in \
         different availability zones supported by the VPC endpoint service."
    );
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, interface(&vpc, SECRETS, &[a.clone(), again.clone()])),
        "DuplicateSubnetsInSameZone",
        &message
    );
    let id = account.endpoint(interface(&vpc, SECRETS, from_ref(&a)));
    let mut both = ModifyVpcEndpoint { add_subnets: vec![again.clone()], ..change() };
    refused!(account, |w, c| w.modify_vpc_endpoint(c, &id, both.clone()), "DuplicateSubnetsInSameZone", &message);
    both.remove_subnets = vec![a];
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, both));
    assert_eq!(account.interface_of(&id).interfaces.keys().collect::<Vec<_>>(), [&again]);
    assert_eq!(account.world.interfaces.len(), 1);
}

#[test]
fn a_subnet_must_exist_be_of_the_vpc_and_have_room() {
    let (mut account, vpc, ..) = with_subnets();
    let other = account.vpc("10.0.0.0/16");
    let foreign = account.subnet(&other, "10.0.0.0/24", "us-east-1a");
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, interface(&vpc, SECRETS, from_ref(&foreign))),
        "InvalidParameter",
        format!("Subnet {foreign} and VPC endpoint belong to different networks.")
    );
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, interface(&vpc, SECRETS, &["subnet-1".parse().unwrap()])),
        "InvalidSubnetID.NotFound",
        "The subnet ID 'subnet-1' does not exist"
    );
    let small = account.subnet(&vpc, "10.0.9.0/28", "us-east-1c");
    (0..11).for_each(|_| drop(account.program(&small, &[])));
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, interface(&vpc, SECRETS, from_ref(&small))),
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request."
    );
}

#[test]
fn a_fixed_address_is_taken_and_one_for_a_present_subnet_replaces_its_interface() {
    let (mut account, vpc, a, _) = with_subnets();
    let fixed = |last| FixedAddresses { ipv4: Some(Ipv4Addr::new(10, 0, 0, last)), ipv6: None };
    let at = |last: u8| [(a.clone(), fixed(last))].into();
    let mut wanted = interface(&vpc, SECRETS, from_ref(&a));
    wanted.addresses = at(50);
    let id = account.endpoint(wanted);
    assert_eq!(address(&account, &id, &a), Ipv4Addr::new(10, 0, 0, 50));
    let nic = account.interface_of(&id).interfaces[&a].clone();
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, ModifyVpcEndpoint { addresses: at(50), ..change() }));
    assert_eq!(account.interface_of(&id).interfaces[&a], nic);
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, ModifyVpcEndpoint { addresses: at(51), ..change() }));
    assert_eq!(address(&account, &id, &a), Ipv4Addr::new(10, 0, 0, 51));
    assert_ne!(account.interface_of(&id).interfaces[&a], nic);
    let taken = account.program(&a, &[]);
    assert_eq!(account.nic(&taken).address, Ipv4Addr::new(10, 0, 0, 4));
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &id, ModifyVpcEndpoint { addresses: at(4), ..change() }),
        "InvalidIPAddress.InUse",
        "Address 10.0.0.4 is in use."
    );
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &id, ModifyVpcEndpoint { addresses: at(3), ..change() }),
        "InvalidParameterValue",
        "Address 10.0.0.3 is in subnet's reserved address range"
    );
}

#[test]
fn an_address_stays_while_other_things_of_the_endpoint_change() {
    let (mut account, vpc, a, b) = with_subnets();
    let group = account.group(&vpc, "web");
    let id = account.endpoint(interface(&vpc, SECRETS, from_ref(&a)));
    let before = account.interface_of(&id).interfaces[&a].clone();
    let more = ModifyVpcEndpoint { add_subnets: vec![b, a.clone()], add_groups: vec![group], ..change() };
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, more));
    assert_eq!(account.interface_of(&id).interfaces[&a], before);
}

#[test]
fn its_groups_are_those_of_its_interfaces_and_one_must_stay() {
    let (mut account, vpc, a, b) = with_subnets();
    let (web, db) = (account.group(&vpc, "web"), account.group(&vpc, "db"));
    let mut wanted = interface(&vpc, SECRETS, &[a, b]);
    wanted.groups = vec![web.clone()];
    let id = account.endpoint(wanted);
    let swap = ModifyVpcEndpoint { add_groups: vec![db.clone()], remove_groups: vec![web.clone()], ..change() };
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, swap));
    assert_eq!(account.interface_of(&id).groups, from_ref(&db));
    for nic in account.interface_of(&id).interfaces.values() {
        assert_eq!(account.nic(nic).groups, from_ref(&db));
    }
    account.run(|w, c| w.delete_security_group(c, &web));
    refused!(
        account,
        |w, c| w.modify_vpc_endpoint(c, &id, ModifyVpcEndpoint { remove_groups: vec![db.clone()], ..change() }),
        "InvalidParameter",
        "A VPC endpoint of type Interface must have at least one security group."
    );
}

#[test]
fn groups_of_another_vpc_and_unknown_ones_are_refused() {
    let (mut account, vpc, ..) = with_subnets();
    let other = account.vpc("10.0.0.0/16");
    let foreign = account.group(&other, "web");
    let with = |group| CreateVpcEndpoint { groups: vec![group], ..interface(&vpc, SECRETS, &[]) };
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, with(foreign.clone())),
        "InvalidParameter",
        format!("Security group {foreign} and VPC {vpc} belong to different networks.")
    );
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, with("sg-1".parse().unwrap())),
        "InvalidGroup.NotFound",
        "The security group 'sg-1' does not exist"
    );
}

#[test]
fn route_tables_are_refused() {
    let (mut account, vpc, ..) = with_subnets();
    let table = account.main_table(&vpc);
    let message = "Route table IDs are only supported for Gateway type VPC Endpoint.";
    let mut wanted = interface(&vpc, SECRETS, &[]);
    wanted.route_tables = vec![table.clone()];
    refused!(account, |w, c| w.create_vpc_endpoint(c, wanted), "InvalidParameter", message);
    let id = account.endpoint(interface(&vpc, SECRETS, &[]));
    let add = ModifyVpcEndpoint { add_route_tables: vec![table], ..change() };
    refused!(account, |w, c| w.modify_vpc_endpoint(c, &id, add), "InvalidParameter", message);
}

#[test]
fn private_dns_needs_both_attributes_of_the_vpc() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let message = format!(
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {vpc}"
    );
    refused!(account, |w, c| w.create_vpc_endpoint(c, with_private_dns(&vpc, SECRETS)), "InvalidParameter", &message);
    let id = account.endpoint(interface(&vpc, SECRETS, &[]));
    let on = ModifyVpcEndpoint { private_dns: Some(true), ..change() };
    refused!(account, |w, c| w.modify_vpc_endpoint(c, &id, on), "InvalidParameter", &message);
}

#[test]
fn two_endpoints_of_a_vpc_cannot_claim_one_name() {
    let (mut account, vpc, ..) = with_subnets();
    let first = account.endpoint(with_private_dns(&vpc, SECRETS));
    let message = format!(
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for \
         secretsmanager.us-east-1.amazonaws.com in the VPC {vpc}"
    );
    refused!(account, |w, c| w.create_vpc_endpoint(c, with_private_dns(&vpc, SECRETS)), "InvalidParameter", &message);
    let second = account.endpoint(interface(&vpc, SECRETS, &[]));
    let on = ModifyVpcEndpoint { private_dns: Some(true), ..change() };
    refused!(account, |w, c| w.modify_vpc_endpoint(c, &second, on.clone()), "InvalidParameter", &message);
    account.run(|w, c| w.modify_vpc_endpoint(c, &first, on.clone()));
    let off = ModifyVpcEndpoint { private_dns: Some(false), ..change() };
    account.run(|w, c| w.modify_vpc_endpoint(c, &first, off));
    account.run(|w, c| w.modify_vpc_endpoint(c, &second, on));
    let other = account.vpc_with_dns("10.0.0.0/16");
    account.endpoint(with_private_dns(&other, SECRETS));
}

#[test]
fn a_service_without_a_private_name_has_no_private_dns() {
    let (mut account, vpc, ..) = with_subnets();
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, with_private_dns(&vpc, DYNAMODB)),
        "InvalidParameter",
        "Private DNS can't be enabled because the service com.amazonaws.us-east-1.dynamodb does not provide a private \
         DNS name."
    );
    account.endpoint(interface(&vpc, DYNAMODB, &[]));
}

#[test]
fn private_dns_that_is_left_out_is_on_where_it_can_be() {
    let (mut account, vpc, ..) = with_subnets();
    let open = |vpc: &VpcId, service| CreateVpcEndpoint { private_dns: None, ..interface(vpc, service, &[]) };
    let on = |account: &mut Account, vpc: &VpcId, service| {
        let id = account.endpoint(open(vpc, service));
        account.interface_of(&id).private_dns
    };
    assert!(on(&mut account, &vpc, SECRETS));
    assert!(!on(&mut account, &vpc, SECRETS), "the name is taken");
    assert!(!on(&mut account, &vpc, DYNAMODB), "there is no name");
    assert!(!on(&mut account, &vpc, S3), "there is no gateway endpoint");
    account.endpoint(gateway(&vpc, S3, &[]));
    assert!(on(&mut account, &vpc, S3));
    let without_dns = account.vpc("10.0.0.0/16");
    assert!(!on(&mut account, &without_dns, SECRETS));
}

#[test]
fn private_dns_of_s3_is_for_inbound_resolvers_and_demands_a_gateway_endpoint_unless_told_otherwise() {
    let (mut account, vpc, ..) = with_subnets();
    let message = format!(
        "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {vpc} must have a Gateway endpoint for the \
         service."
    );
    refused!(account, |w, c| w.create_vpc_endpoint(c, with_private_dns(&vpc, S3)), "InvalidParameter", &message);
    let everywhere = CreateVpcEndpoint { inbound_resolver_only: Some(false), ..with_private_dns(&vpc, S3) };
    let id = account.endpoint(everywhere);
    assert!(account.endpoint_of(&id).resolved_names(&account.world).contains(&"s3.us-east-1.amazonaws.com".to_owned()));
    let only = ModifyVpcEndpoint { inbound_resolver_only: Some(true), ..change() };
    refused!(account, |w, c| w.modify_vpc_endpoint(c, &id, only.clone()), "InvalidParameter", &message);
    account.endpoint(gateway(&vpc, S3, &[]));
    account.run(|w, c| w.modify_vpc_endpoint(c, &id, only));
    assert!(account.interface_of(&id).inbound_resolver_only);
    assert!(!account.endpoint_of(&id).private_names().is_empty());
    assert!(account.endpoint_of(&id).resolved_names(&account.world).is_empty());
    account.run(|w, c| w.delete_vpc_endpoint(c, &id));
    let by_default = account.endpoint(with_private_dns(&vpc, S3));
    assert!(account.interface_of(&by_default).inbound_resolver_only);
}

#[test]
fn the_inbound_resolver_option_is_refused_for_services_with_interface_endpoints_only() {
    let (mut account, vpc, ..) = with_subnets();
    for set in [true, false] {
        let wanted = CreateVpcEndpoint { inbound_resolver_only: Some(set), ..with_private_dns(&vpc, SECRETS) };
        refused!(
            account,
            |w, c| w.create_vpc_endpoint(c, wanted),
            "InvalidParameter",
            "PrivateDnsOnlyForInboundResolverEndpoint not supported for this service."
        );
    }
}

#[test]
fn the_51st_interface_endpoint_of_a_vpc_is_refused() {
    let (mut account, vpc, ..) = with_subnets();
    for _ in 0..50 {
        account.endpoint(interface(&vpc, SECRETS, &[]));
    }
    refused!(
        account,
        |w, c| w.create_vpc_endpoint(c, interface(&vpc, SECRETS, &[])),
        "VpcEndpointLimitExceeded",
        "The maximum number of VPC endpoints has been reached."
    );
    account.endpoint(gateway(&vpc, S3, &[]));
    let other = account.vpc("10.0.0.0/16");
    account.endpoint(interface(&other, SECRETS, &[]));
}
