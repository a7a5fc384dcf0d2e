use std::net::Ipv4Addr;

use sidegate_model::{
    AddressAssociationId, AllocationId, AssociateNatAddresses, CreateNatGateway, InstanceId, InstanceState, NatSources,
    NetworkInterfaceId, Region, Service, SubnetId, VpcId,
};

use crate::account::{Account, instances};
use crate::refused;

/// A VPC with an internet gateway, and a subnet in it.
fn public(account: &mut Account, cidr: &str) -> (VpcId, SubnetId) {
    let vpc = account.vpc_with_dns(cidr);
    let subnet = account.subnet(&vpc, cidr, "us-east-1a");
    let gateway = account.run(|w, c| w.create_internet_gateway(c));
    account.run(|w, c| w.attach_internet_gateway(c, &gateway, &vpc));
    (vpc, subnet)
}

fn instance(account: &mut Account, subnet: &SubnetId) -> (InstanceId, NetworkInterfaceId) {
    let id = account.run(|w, c| w.run_instances(c, &instances(subnet, 1))).1.remove(0);
    let interface = account.world.instances.get(&id).unwrap().interface.clone().unwrap();
    (id, interface)
}

fn allocated(account: &mut Account) -> AllocationId {
    account.run(|w, c| w.allocate_address(c, None))
}

fn associated(account: &mut Account, address: &AllocationId, with: &NetworkInterfaceId) -> AddressAssociationId {
    account.run(|w, c| w.associate_address(c, address, with, None, true))
}

fn address(account: &Account, id: &AllocationId) -> Ipv4Addr {
    account.world.elastic_ips.get(id).unwrap().address
}

#[test]
fn no_two_accounts_have_one_address_and_no_service_has_one_that_is_given_out() {
    let mut account = Account::new();
    let first = allocated(&mut account);
    account.scope.account = "999988887777".parse().unwrap();
    let second = allocated(&mut account);
    assert_eq!(address(&account, &first), Ipv4Addr::new(198, 18, 12, 1));
    assert_eq!(address(&account, &second), Ipv4Addr::new(198, 18, 12, 2));
    let taken = address(&account, &first);
    refused!(
        account,
        |w, c| w.allocate_address(c, Some(taken)),
        "InvalidAddress.NotFound",
        "Address '198.18.12.1' not found."
    );
    for region in Region::all() {
        account.scope.region = region;
        let given = allocated(&mut account);
        let given = address(&account, &given);
        assert!(region.public_block().contains(given));
        let services = Service::all().iter().flat_map(|service| service.public_addresses(region));
        let last_quarter = region.public_block().first().to_bits() + 0x0c00;
        assert!(services.into_iter().all(|service| service.to_bits() < last_quarter && service != given), "{region}");
    }
}

#[test]
fn a_certain_address_is_had_if_it_is_free_and_what_is_given_back_is_free_again() {
    let mut account = Account::new();
    let wanted = Ipv4Addr::new(198, 18, 15, 254);
    let id = account.run(|w, c| w.allocate_address(c, Some(wanted)));
    assert_eq!(address(&account, &id), wanted);
    account.run(|w, c| w.create_tags(c, &[id.to_string()], &[("a".to_owned(), "b".to_owned())]));
    account.run(|w, c| w.release_address(c, &id));
    assert!(account.world.tags.is_empty());
    account.run(|w, c| w.allocate_address(c, Some(wanted)));
    for outside in [Ipv4Addr::new(198, 18, 12, 0), Ipv4Addr::new(198, 18, 15, 255), Ipv4Addr::new(198, 18, 0, 16)] {
        let refused = account.try_run(|w, c| w.allocate_address(c, Some(outside))).unwrap_err();
        assert_eq!(refused.code(), "InvalidAddress.NotFound", "{outside}");
    }
    refused!(
        account,
        |w, c| w.release_address(c, &id),
        "InvalidAllocationID.NotFound",
        format!("The allocation ID '{id}' does not exist")
    );
}

#[test]
fn an_account_has_500_addresses_and_a_region_1022() {
    let mut account = Account::new();
    account.run(|w, c| (0..500).try_for_each(|_| w.allocate_address(c, None).map(drop)));
    refused!(
        account,
        |w, c| w.allocate_address(c, None),
        "AddressLimitExceeded",
        "The maximum number of addresses has been reached."
    );
    account.scope.account = "222222222222".parse().unwrap();
    account.run(|w, c| (0..500).try_for_each(|_| w.allocate_address(c, None).map(drop)));
    account.scope.account = "333333333333".parse().unwrap();
    account.run(|w, c| (0..22).try_for_each(|_| w.allocate_address(c, None).map(drop)));
    let refused = account.try_run(|w, c| w.allocate_address(c, None)).unwrap_err();
    assert_eq!(refused.code(), "InsufficientAddressCapacity");
}

#[test]
fn an_address_is_associated_moved_and_taken_away() {
    let mut account = Account::new();
    let (_, subnet) = public(&mut account, "10.0.0.0/24");
    let ((_, one), (_, two)) = (instance(&mut account, &subnet), instance(&mut account, &subnet));
    let elastic = allocated(&mut account);
    let first = associated(&mut account, &elastic, &one);
    let private = account.world.interfaces.get(&one).unwrap().address;
    assert_eq!(account.world.elastic_ip_of(&one, private).map(|e| &e.id), Some(&elastic));
    assert_eq!(associated(&mut account, &elastic, &one), first, "what is so already stays so");
    let public = address(&account, &elastic);
    refused!(
        account,
        |w, c| w.release_address(c, &elastic),
        "InvalidIPAddress.InUse",
        format!("Address {public} is in use.")
    );
    refused!(
        account,
        |w, c| w.associate_address(c, &elastic, &two, None, false),
        "Resource.AlreadyAssociated",
        format!("resource {elastic} is already associated with associate-id {first}")
    );
    let second = associated(&mut account, &elastic, &two);
    assert!(second != first && account.world.elastic_ip_of(&one, private).is_none());
    // The address that was there before makes room, or is in the way.
    let other = allocated(&mut account);
    let private = account.world.interfaces.get(&two).unwrap().address;
    refused!(
        account,
        |w, c| w.associate_address(c, &other, &two, None, false),
        "Resource.AlreadyAssociated",
        format!("resource {two} and {private} is already associated with public address {public}")
    );
    let third = associated(&mut account, &other, &two);
    assert_eq!(account.world.elastic_ips.get(&elastic).unwrap().association, None);
    account.run(|w, c| w.disassociate_address(c, &third));
    assert!(account.world.elastic_ip_of(&two, private).is_none());
    refused!(
        account,
        |w, c| w.disassociate_address(c, &third),
        "InvalidAssociationID.NotFound",
        format!("The association ID '{third}' does not exist")
    );
}

#[test]
fn an_association_needs_a_gateway_an_address_of_the_interface_and_an_interface_of_the_accounts() {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/24");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let (_, interface) = instance(&mut account, &subnet);
    let elastic = allocated(&mut account);
    refused!(
        account,
        |w, c| w.associate_address(c, &elastic, &interface, None, true),
        "Gateway.NotAttached",
        format!("Network {vpc} is not attached to any internet gateway")
    );
    let gateway = account.run(|w, c| w.create_internet_gateway(c));
    account.run(|w, c| w.attach_internet_gateway(c, &gateway, &vpc));
    refused!(
        account,
        |w, c| w.associate_address(c, &elastic, &interface, Some(Ipv4Addr::new(10, 0, 0, 99)), true),
        "InvalidParameterValue",
        format!("10.0.0.99 is not mapped to the interface {interface}")
    );
    let unknown: NetworkInterfaceId = "eni-00000000000000000".parse().unwrap();
    refused!(
        account,
        |w, c| w.associate_address(c, &elastic, &unknown, None, true),
        "InvalidNetworkInterfaceID.NotFound",
        "The networkInterface ID 'eni-00000000000000000' does not exist"
    );
    let mine = account.scope.account.clone();
    account.scope.account = "999988887777".parse().unwrap();
    let foreign = account.try_run(|w, c| w.associate_address(c, &elastic, &interface, None, true)).unwrap_err();
    assert_eq!(foreign.code(), "InvalidAllocationID.NotFound");
    account.scope.account = mine;
    // What a NAT gateway has is no business of the account's.
    let sources = NatSources::Public { allocation: elastic.clone(), secondary: AssociateNatAddresses::default() };
    let nat = CreateNatGateway { subnet: subnet.clone(), private: None, sources };
    let nat = account.run(|w, c| w.create_nat_gateway(c, nat));
    let made = account.world.nat_gateways.get(&nat).unwrap().clone();
    let (of_nat, association) = (made.interface.unwrap(), made.addresses[0].association.clone().unwrap());
    let other = allocated(&mut account);
    let denied = "You do not have permission to access the specified resource.";
    refused!(account, |w, c| w.associate_address(c, &other, &of_nat, None, true), "AuthFailure", denied);
    refused!(account, |w, c| w.associate_address(c, &elastic, &interface, None, true), "AuthFailure", denied);
    refused!(account, |w, c| w.disassociate_address(c, &association), "AuthFailure", denied);
    account.run(|w, c| w.delete_nat_gateway(c, &nat));
    account.run(|w, c| w.release_address(c, &elastic));
}

#[test]
fn what_ends_gives_its_address_back_and_until_then_the_gateway_stays() {
    let mut account = Account::new();
    let (vpc, subnet) = public(&mut account, "10.0.0.0/24");
    let (id, interface) = instance(&mut account, &subnet);
    let program = account.run(|w, c| w.attach_program(c, &subnet, &[]));
    let (one, two) = (allocated(&mut account), allocated(&mut account));
    associated(&mut account, &one, &interface);
    associated(&mut account, &two, &program);
    let gateway = account.world.internet_gateway_of(&vpc).unwrap().id.clone();
    let detached = |account: &mut Account| account.try_run(|w, c| w.detach_internet_gateway(c, &gateway, &vpc));
    account.run(|w, _| {
        w.detach_program(&program);
        Ok(())
    });
    assert_eq!(detached(&mut account).unwrap_err().code(), "DependencyViolation");
    account.run(|w, c| {
        w.instance_is(c.now, &id, InstanceState::Terminated, None);
        Ok(())
    });
    assert!(account.world.elastic_ips.iter().all(|elastic| elastic.association.is_none()));
    detached(&mut account).unwrap();
}

#[test]
fn public_host_names_are_those_of_aws() {
    let name = |region: &str| region.parse::<Region>().unwrap().public_host_name(Ipv4Addr::new(198, 18, 12, 1));
    assert_eq!(name("us-east-1"), "ec2-198-18-12-1.compute-1.amazonaws.com");
    assert_eq!(name("eu-west-3"), "ec2-198-18-12-1.eu-west-3.compute.amazonaws.com");
}
