use std::net::Ipv4Addr;

use sidegate_model::{
    AddressAssociationId, AllocationId, AssignNatAddresses, AssociateNatAddresses, CreateNatGateway, DrainDuration,
    NatGateway, NatGatewayId, NatGatewayState, NatSources, SubnetId,
};

use crate::account::Account;
use crate::refused;

/// A subnet 10.0.0.0/24 of a VPC with an internet gateway.
fn public_subnet(account: &mut Account) -> SubnetId {
    let vpc = account.vpc_with_dns("10.0.0.0/24");
    let gateway = account.run(|w, c| w.create_internet_gateway(c));
    account.run(|w, c| w.attach_internet_gateway(c, &gateway, &vpc));
    account.subnet(&vpc, "10.0.0.0/24", "us-east-1a")
}

fn allocated<const N: usize>(account: &mut Account) -> [AllocationId; N] {
    [(); N].map(|()| account.run(|w, c| w.allocate_address(c, None)))
}

fn public(subnet: &SubnetId, allocation: &AllocationId, secondary: AssociateNatAddresses) -> CreateNatGateway {
    let sources = NatSources::Public { allocation: allocation.clone(), secondary };
    CreateNatGateway { subnet: subnet.clone(), private: None, sources }
}

fn private(subnet: &SubnetId, secondary: AssignNatAddresses) -> CreateNatGateway {
    CreateNatGateway { subnet: subnet.clone(), private: None, sources: NatSources::Private(secondary) }
}

fn of(allocations: &[&AllocationId]) -> AssociateNatAddresses {
    AssociateNatAddresses { allocations: allocations.iter().copied().cloned().collect(), private: Vec::new() }
}

fn certain(addresses: &[Ipv4Addr]) -> AssignNatAddresses {
    AssignNatAddresses { private: addresses.to_vec(), count: 0 }
}

fn at(host: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, host)
}

fn gateway(account: &Account, id: &NatGatewayId) -> NatGateway {
    account.world.nat_gateways.get(id).unwrap().clone()
}

fn privates(account: &Account, id: &NatGatewayId) -> Vec<Ipv4Addr> {
    gateway(account, id).addresses.iter().filter_map(|address| address.private).collect()
}

/// The addresses of a gateway's interface, the primary one first.
fn of_interface(account: &Account, id: &NatGatewayId) -> Vec<Ipv4Addr> {
    account.world.interfaces.get(&gateway(account, id).interface.unwrap()).unwrap().addresses().collect()
}

fn association(account: &Account, id: &NatGatewayId, place: usize) -> AddressAssociationId {
    gateway(account, id).addresses[place].association.clone().unwrap()
}

/// Ends what drains whatever its connections are: of an hour later.
fn later(account: &mut Account, id: &NatGatewayId) {
    account.run(|w, c| {
        w.release_nat_addresses(id, c.now + 3_600_000, |_| false);
        Ok(())
    });
}

#[test]
fn a_public_gateway_is_made_with_two_addresses_each_with_a_private_one_of_its_own() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let [first, second] = allocated(&mut account);
    let wanted = AssociateNatAddresses { allocations: vec![second.clone()], private: vec![at(4)] };
    let id = account.run(|w, c| w.create_nat_gateway(c, public(&subnet, &first, wanted)));
    // The lowest free address is wanted for the other one.
    assert_eq!(privates(&account, &id), [at(5), at(4)]);
    assert_eq!(of_interface(&account, &id), privates(&account, &id));
    for (place, allocation) in [&first, &second].into_iter().enumerate() {
        let own = gateway(&account, &id).addresses[place].clone();
        let elastic = account.world.elastic_ips.get(allocation).unwrap();
        assert_eq!((own.allocation.as_ref(), own.public), (Some(allocation), Some(elastic.address)));
        let associated = elastic.association.clone().unwrap();
        assert_eq!((Some(associated.id), Some(associated.private)), (own.association, own.private));
    }
    account.run(|w, c| w.delete_nat_gateway(c, &id));
    assert!(account.world.elastic_ips.iter().all(|elastic| elastic.association.is_none()));
    assert!(account.world.interfaces.is_empty());
}

#[test]
fn a_gateway_fails_if_one_of_its_public_addresses_is_taken_and_leaves_nothing_behind() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let [first, second] = allocated(&mut account);
    account.run(|w, c| w.create_nat_gateway(c, public(&subnet, &second, of(&[]))));
    let before = account.world.interfaces.clone();
    for (primary, secondary) in [(&first, &second), (&first, &first)] {
        let wanted = public(&subnet, primary, of(&[secondary]));
        let id = account.run(|w, c| w.create_nat_gateway(c, wanted));
        let failed = gateway(&account, &id);
        let NatGatewayState::Failed { code, message } = failed.state else { panic!("{failed:?}") };
        assert_eq!(code, "Resource.AlreadyAssociated");
        assert_eq!(message, format!("Elastic IP address {secondary} is already associated"));
        assert_eq!((failed.interface, failed.addresses.len()), (None, 2));
    }
    assert_eq!(account.world.interfaces, before);
}

#[test]
fn a_gateway_for_whose_addresses_the_subnet_is_too_small_fails_and_leaves_nothing_behind() {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/24");
    let subnet = account.subnet(&vpc, "10.0.0.0/28", "us-east-1a");
    for _ in 0..6 {
        account.run(|w, c| w.attach_program(c, &subnet, &[]));
    }
    let wanted = private(&subnet, AssignNatAddresses { private: Vec::new(), count: 5 });
    let id = account.run(|w, c| w.create_nat_gateway(c, wanted));
    let NatGatewayState::Failed { code, .. } = gateway(&account, &id).state else { panic!("it is there") };
    assert_eq!(code, "InsufficientFreeAddressesInSubnet");
    assert_eq!(account.world.interfaces.len(), 6);
}

#[test]
fn a_private_gateway_has_eight_addresses_and_no_more() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let count = |count| AssignNatAddresses { private: Vec::new(), count };
    let limit = "The maximum number of private IP addresses per NAT gateway has been reached.";
    refused!(
        account,
        |w, c| w.create_nat_gateway(c, private(&subnet, count(8))),
        "PrivateIpAddressLimitExceeded",
        limit
    );
    let id = account.run(|w, c| w.create_nat_gateway(c, private(&subnet, count(5))));
    let added = account.run(|w, c| w.assign_private_nat_gateway_address(c, &id, &certain(&[at(100)])));
    assert_eq!(added.iter().map(|address| address.private).collect::<Vec<_>>(), [Some(at(100))]);
    account.run(|w, c| w.assign_private_nat_gateway_address(c, &id, &count(1)));
    assert_eq!(privates(&account, &id), [4, 5, 6, 7, 8, 9, 100, 10].map(at));
    assert_eq!(of_interface(&account, &id), privates(&account, &id));
    refused!(
        account,
        |w, c| w.assign_private_nat_gateway_address(c, &id, &count(1)),
        "PrivateIpAddressLimitExceeded",
        limit
    );
}

#[test]
fn a_public_gateway_has_two_elastic_addresses_and_no_more() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let [first, second, third] = allocated(&mut account);
    let limit = "The maximum number of Elastic IP addresses per public NAT gateway has been reached.";
    let three = public(&subnet, &first, of(&[&second, &third]));
    refused!(account, |w, c| w.create_nat_gateway(c, three), "AddressLimitExceeded", limit);
    let id = account.run(|w, c| w.create_nat_gateway(c, public(&subnet, &first, of(&[]))));
    account.run(|w, c| w.associate_nat_gateway_address(c, &id, &of(&[&second])));
    refused!(account, |w, c| w.associate_nat_gateway_address(c, &id, &of(&[&third])), "AddressLimitExceeded", limit);
}

#[test]
fn what_does_not_go_together_or_cannot_be_had_is_refused() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let [first, second, used] = allocated(&mut account);
    let program = account.run(|w, c| w.attach_program(c, &subnet, &[]));
    account.run(|w, c| w.associate_address(c, &used, &program, None, true));
    let nat = account.run(|w, c| w.create_nat_gateway(c, public(&subnet, &first, of(&[]))));
    let inner = account.run(|w, c| w.create_nat_gateway(c, private(&subnet, certain(&[]))));
    let with = |private: &[Ipv4Addr]| AssociateNatAddresses { private: private.to_vec(), ..of(&[&second]) };
    let unknown: AllocationId = "eipalloc-0123456789abcdef0".parse().unwrap();
    for (wanted, code) in [
        (of(&[]), "MissingParameter"),
        (of(&[&unknown]), "InvalidAllocationID.NotFound"),
        (of(&[&used]), "Resource.AlreadyAssociated"),
        (of(&[&second, &second]), "Resource.AlreadyAssociated"),
        (with(&[at(50), at(51)]), "InvalidParameterCombination"),
        (with(&[Ipv4Addr::new(10, 0, 9, 1)]), "InvalidParameterValue"),
        (with(&[at(3)]), "InvalidParameterValue"),
        (with(&[at(4)]), "InvalidIPAddress.InUse"),
    ] {
        let refused = account.try_run(|w, c| w.associate_nat_gateway_address(c, &nat, &wanted)).unwrap_err();
        assert_eq!(refused.code(), code, "{wanted:?}: {refused}");
    }
    let both = AssignNatAddresses { private: vec![at(60)], count: 1 };
    for (wanted, code) in [
        (certain(&[]), "MissingParameter"),
        (both, "InvalidParameterCombination"),
        (certain(&[at(60), at(60)]), "InvalidIPAddress.InUse"),
        (certain(&[at(255)]), "InvalidParameterValue"),
    ] {
        let refused = account.try_run(|w, c| w.assign_private_nat_gateway_address(c, &inner, &wanted)).unwrap_err();
        assert_eq!(refused.code(), code, "{wanted:?}: {refused}");
    }
    refused!(
        account,
        |w, c| w.associate_nat_gateway_address(c, &inner, &of(&[&second])),
        "InvalidParameter",
        format!("The NAT gateway {inner} is private and has no Elastic IP addresses.")
    );
    refused!(
        account,
        |w, c| w.assign_private_nat_gateway_address(c, &nat, &certain(&[at(60)])),
        "InvalidParameter",
        format!("The NAT gateway {nat} is public. Its private addresses come and go with its Elastic IP addresses.")
    );
}

#[test]
fn an_address_that_is_taken_off_drains_and_goes_when_it_is_idle_or_its_time_is_over() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let [first, second] = allocated(&mut account);
    let id = account.run(|w, c| w.create_nat_gateway(c, public(&subnet, &first, of(&[&second]))));
    let own = association(&account, &id, 1);
    let minute = DrainDuration::of_seconds(60).unwrap();
    let drained = account.run(|w, c| w.disassociate_nat_gateway_address(c, &id, std::slice::from_ref(&own), minute));
    let until = account.now + 60_000;
    assert_eq!(drained.iter().map(|address| address.draining).collect::<Vec<_>>(), [Some(until)]);
    let lent = |account: &Account| gateway(account, &id).lent().collect::<Vec<_>>();
    assert_eq!((lent(&account), gateway(&account, &id).drained().collect::<Vec<_>>()), (vec![at(4)], vec![at(5)]));
    // Nothing else can be changed meanwhile, and the address is not free.
    let message = format!("Service is currently DISASSOCIATING the following EIPs: [{second}].");
    refused!(
        account,
        |w, c| w.associate_nat_gateway_address(c, &id, &of(&[&second])),
        "OperationInProgress",
        message.as_str()
    );
    refused!(
        account,
        |w, c| w.disassociate_nat_gateway_address(c, &id, &[own], minute),
        "OperationInProgress",
        message.as_str()
    );
    assert_eq!(account.try_run(|w, c| w.release_address(c, &second)).unwrap_err().code(), "InvalidIPAddress.InUse");
    let at_time = |account: &mut Account, now: i64, is_idle: bool| {
        account.run(|w, _| {
            w.release_nat_addresses(&id, now, |_| is_idle);
            Ok(())
        });
        privates(account, &id).len()
    };
    let before = account.world.clone();
    assert_eq!(at_time(&mut account, until - 1, false), 2);
    assert_eq!(at_time(&mut account, until, false), 1);
    account.world = before;
    assert_eq!(at_time(&mut account, until - 59_000, true), 1);
    assert_eq!(of_interface(&account, &id), [at(4)]);
    account.run(|w, c| w.release_address(c, &second));
    assert_eq!(account.world.draining_nat_gateways().count(), 0);
}

#[test]
fn an_address_of_a_private_gateway_drains_and_goes_and_the_primary_one_stays() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let id = account.run(|w, c| w.create_nat_gateway(c, private(&subnet, certain(&[at(40), at(41)]))));
    let unassigned = |account: &mut Account, addresses: &[Ipv4Addr]| {
        account.try_run(|w, c| {
            w.unassign_private_nat_gateway_address(c, &id, addresses, DrainDuration::default()).map(drop)
        })
    };
    for (addresses, code, message) in [
        (vec![], "MissingParameter", "The request must contain the parameter PrivateIpAddress".to_owned()),
        (
            vec![at(4)],
            "InvalidParameterValue",
            format!("The primary private IP address 10.0.0.4 of {id} cannot be unassigned."),
        ),
        (
            vec![at(41), at(42)],
            "InvalidParameterValue",
            format!("Some of [10.0.0.42] are not assigned to NAT gateway {id}"),
        ),
    ] {
        let refused = unassigned(&mut account, &addresses).unwrap_err();
        assert_eq!((refused.code(), refused.to_string()), (code, message));
    }
    unassigned(&mut account, &[at(40)]).unwrap();
    let until = gateway(&account, &id).addresses[1].draining;
    assert_eq!(until, Some(account.now + 350_000), "the default");
    let refused = unassigned(&mut account, &[at(41)]).unwrap_err();
    assert_eq!(refused.to_string(), "Service is currently UNASSIGNING the following private IPs: [10.0.0.40].");
    later(&mut account, &id);
    assert_eq!((privates(&account, &id), of_interface(&account, &id)), (vec![at(4), at(41)], vec![at(4), at(41)]));
    unassigned(&mut account, &[at(41)]).unwrap();
}

#[test]
fn the_primary_public_address_and_those_of_others_cannot_be_taken_off() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let [first, second, third] = allocated(&mut account);
    let id = account.run(|w, c| w.create_nat_gateway(c, public(&subnet, &first, of(&[&second]))));
    let other = account.run(|w, c| w.create_nat_gateway(c, public(&subnet, &third, of(&[]))));
    let primary = association(&account, &id, 0);
    let message =
        format!("The primary Elastic IP address of {id}, with the association {primary}, cannot be disassociated.");
    let [secondary, foreign] = [association(&account, &id, 1), association(&account, &other, 0)];
    let off = |account: &mut Account, associations: &[AddressAssociationId]| {
        let duration = DrainDuration::default();
        account.try_run(|w, c| w.disassociate_nat_gateway_address(c, &id, associations, duration).map(drop))
    };
    let refused = off(&mut account, &[secondary, primary]).unwrap_err();
    assert_eq!((refused.code(), refused.to_string()), ("InvalidParameterValue", message));
    assert_eq!(off(&mut account, &[foreign]).unwrap_err().code(), "InvalidAssociationID.NotFound");
    assert_eq!(off(&mut account, &[]).unwrap_err().code(), "MissingParameter");
}

#[test]
fn a_gateway_may_be_deleted_while_an_address_drains_and_takes_no_addresses_then() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let [first, second] = allocated(&mut account);
    let id = account.run(|w, c| w.create_nat_gateway(c, public(&subnet, &first, of(&[&second]))));
    let own = association(&account, &id, 1);
    account.run(|w, c| w.disassociate_nat_gateway_address(c, &id, &[own], DrainDuration::default()));
    account.run(|w, c| w.delete_nat_gateway(c, &id));
    assert_eq!(account.world.draining_nat_gateways().count(), 0);
    later(&mut account, &id);
    assert_eq!(privates(&account, &id).len(), 2, "what it had is shown on");
    refused!(
        account,
        |w, c| w.associate_nat_gateway_address(c, &id, &of(&[&second])),
        "IncorrectState",
        format!("The NAT gateway {id} is in the state 'deleted', in which its addresses stay as they are")
    );
    for elastic in [first, second] {
        account.run(|w, c| w.release_address(c, &elastic));
    }
}

#[test]
fn an_address_drains_from_1_to_4000_seconds() {
    for seconds in [1, 4000] {
        assert!(DrainDuration::of_seconds(seconds).is_ok());
    }
    for seconds in [-1, 0, 4001, 70_000] {
        let refused = DrainDuration::of_seconds(seconds).unwrap_err();
        let message =
            format!("Value ({seconds}) for parameter MaxDrainDurationSeconds is invalid. It must be from 1 to 4000.");
        assert_eq!((refused.code(), refused.to_string()), ("InvalidParameterValue", message));
    }
}

#[test]
fn a_gateway_that_was_stored_before_addresses_drained_is_read() {
    let mut account = Account::new();
    let subnet = public_subnet(&mut account);
    let id = account.run(|w, c| w.create_nat_gateway(c, private(&subnet, certain(&[]))));
    let now = gateway(&account, &id);
    let mut stored = serde_json::to_value(&now).unwrap();
    assert!(stored["addresses"][0].as_object_mut().unwrap().remove("draining").is_some());
    assert_eq!(serde_json::from_value::<NatGateway>(stored).unwrap(), now);
}
