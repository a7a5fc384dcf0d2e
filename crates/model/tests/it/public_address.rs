//! Public addresses that AWS assigns by itself.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use sidegate_model::{
    AllocationId, InstanceId, InstanceState, InterfaceLimits, NetworkInterfaceId, RunInstance, SecondaryAddresses,
    SubnetAttribute, SubnetId, VpcId,
};

use crate::account::{Account, instances};
use crate::refused;

const LAST: Ipv4Addr = Ipv4Addr::new(198, 18, 15, 254);
const LAST_BUT_ONE: Ipv4Addr = Ipv4Addr::new(198, 18, 15, 253);
const LIMITS: InterfaceLimits = InterfaceLimits { interfaces: 4, addresses: 10 };

/// A VPC with an internet gateway, and a subnet that gives public addresses.
fn public(account: &mut Account) -> (VpcId, SubnetId) {
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.1.0/24", "us-east-1a");
    account.internet_gateway(&vpc);
    account.run(|w, c| w.modify_subnet_attribute(c, &subnet, SubnetAttribute::PublicAddresses(true)));
    (vpc, subnet)
}

fn launched(account: &mut Account, wanted: &RunInstance) -> (InstanceId, NetworkInterfaceId) {
    let id = account.run(|w, c| w.run_instances(c, wanted)).1.remove(0);
    note(account, &id, InstanceState::Running);
    let interface = account.world.instances.get(&id).unwrap().interface.clone().unwrap();
    (id, interface)
}

fn note(account: &mut Account, id: &InstanceId, state: InstanceState) {
    let now = account.now;
    account.world.instance_is(now, id, state, None);
}

fn stop(account: &mut Account, id: &InstanceId) {
    account.run(|w, c| w.stop_instance(c, id));
    note(account, id, InstanceState::Stopped);
}

fn start(account: &mut Account, id: &InstanceId) {
    account.run(|w, c| w.start_instance(c, id));
    note(account, id, InstanceState::Running);
}

fn automatic(account: &Account, interface: &NetworkInterfaceId) -> Option<Ipv4Addr> {
    account.nic(interface).automatic.address
}

fn elastic(account: &mut Account, with: &NetworkInterfaceId, private: Option<Ipv4Addr>) -> AllocationId {
    let id = account.run(|w, c| w.allocate_address(c, None));
    account.run(|w, c| w.associate_address(c, &id, with, private, false));
    id
}

fn disassociate(account: &mut Account, id: &AllocationId) {
    let own = account.world.elastic_ips.get(id).unwrap().association.clone().unwrap();
    account.run(|w, c| w.disassociate_address(c, &own.id));
}

#[test]
fn a_launch_gets_a_public_address_where_the_subnet_or_the_call_says_so() {
    let mut account = Account::new();
    let (vpc, public) = public(&mut account);
    let private = account.subnet(&vpc, "10.0.2.0/24", "us-east-1a");
    let mut got = |subnet: &SubnetId, says: Option<bool>| {
        let wanted = RunInstance { public_address: says, ..instances(subnet, 1) };
        let interface = launched(&mut account, &wanted).1;
        automatic(&account, &interface)
    };
    assert_eq!(got(&public, None), Some(LAST));
    assert_eq!(got(&public, Some(false)), None);
    assert_eq!(got(&private, None), None);
    assert_eq!(got(&private, Some(true)), Some(LAST_BUT_ONE));
    // No Elastic IP address is one of them.
    refused!(
        account,
        |w, c| w.allocate_address(c, Some(LAST)),
        "InvalidAddress.NotFound",
        "Address '198.18.15.254' not found."
    );
}

#[test]
fn a_program_gets_a_public_address_where_its_subnet_gives_them() {
    let mut account = Account::new();
    let (vpc, public) = public(&mut account);
    let private = account.subnet(&vpc, "10.0.2.0/24", "us-east-1a");
    let (inside, hidden) = (account.program(&public, &[]), account.program(&private, &[]));
    assert_eq!((automatic(&account, &inside), automatic(&account, &hidden)), (Some(LAST), None));
    account.world.detach_program(&inside);
    let next = account.program(&public, &[]);
    assert_eq!(automatic(&account, &next), Some(LAST), "what has ended has given its address back");
}

#[test]
fn an_instance_that_stops_gives_its_public_address_back_and_starts_with_another() {
    let mut account = Account::new();
    let (_, subnet) = public(&mut account);
    let (id, interface) = launched(&mut account, &instances(&subnet, 1));
    account.run(|w, c| w.stop_instance(c, &id));
    assert_eq!(automatic(&account, &interface), Some(LAST), "it stops, and has not stopped");
    note(&mut account, &id, InstanceState::Stopped);
    assert_eq!(automatic(&account, &interface), None);
    start(&mut account, &id);
    assert_eq!(automatic(&account, &interface), Some(LAST_BUT_ONE));
    account.run(|w, c| w.reboot_instance(c, &id));
    assert_eq!(automatic(&account, &interface), Some(LAST_BUT_ONE), "a reboot changes nothing");
    account.run(|w, c| w.terminate_instance(c, &id));
    note(&mut account, &id, InstanceState::Terminated);
    assert!(account.world.public_addresses().next().is_none());
}

#[test]
fn an_elastic_address_takes_the_place_of_the_automatic_one_and_a_new_one_comes_after_it() {
    let mut account = Account::new();
    let (_, subnet) = public(&mut account);
    let ((_, one), (_, two)) =
        (launched(&mut account, &instances(&subnet, 1)), launched(&mut account, &instances(&subnet, 1)));
    // An automatic address is not one that has to be reassociated.
    let id = elastic(&mut account, &one, None);
    assert_eq!(automatic(&account, &one), None);
    let mapped: Vec<_> = account.world.public_addresses().filter(|mapped| mapped.interface.id == one).collect();
    assert_eq!(mapped.iter().map(|mapped| mapped.public).collect::<Vec<_>>(), [Ipv4Addr::new(198, 18, 12, 1)]);
    // It moves, so that the first gets an automatic one again, and the second loses it.
    account.run(|w, c| w.associate_address(c, &id, &two, None, true));
    assert_eq!((automatic(&account, &one), automatic(&account, &two)), (Some(LAST_BUT_ONE), None));
    disassociate(&mut account, &id);
    assert_eq!(automatic(&account, &two), Some(LAST), "the highest that is free and that it did not have last");
    // What was launched without one gets none.
    let wanted = RunInstance { public_address: Some(false), ..instances(&subnet, 1) };
    let (_, without) = launched(&mut account, &wanted);
    let id = elastic(&mut account, &without, None);
    disassociate(&mut account, &id);
    assert_eq!(automatic(&account, &without), None);
}

#[test]
fn a_public_address_that_was_released_does_not_come_back_beside_a_second_interface_or_an_elastic_address() {
    let mut account = Account::new();
    let (_, subnet) = public(&mut account);
    let more = SecondaryAddresses { ipv4_count: 1, ..SecondaryAddresses::default() };
    let (id, interface) = launched(&mut account, &RunInstance { more_addresses: more, ..instances(&subnet, 1) });
    let secondary = account.nic(&interface).secondary[0];
    let second = elastic(&mut account, &interface, Some(secondary));
    assert_eq!(automatic(&account, &interface), Some(LAST), "the primary address keeps its own");
    stop(&mut account, &id);
    start(&mut account, &id);
    assert_eq!(automatic(&account, &interface), None);
    disassociate(&mut account, &second);
    assert_eq!(automatic(&account, &interface), Some(LAST_BUT_ONE));

    let none = SecondaryAddresses::default();
    let other = account.run(|w, c| w.create_network_interface(c, &subnet, None, &[], String::new(), &none));
    assert_eq!(automatic(&account, &other), None, "it is of nothing that runs");
    account.run(|w, c| w.attach_network_interface(c, &other, &id, 1, LIMITS));
    assert_eq!(automatic(&account, &interface), Some(LAST_BUT_ONE));
    stop(&mut account, &id);
    start(&mut account, &id);
    assert_eq!(automatic(&account, &interface), None);
}

#[test]
fn an_interface_may_be_told_later_to_have_a_public_address_or_none() {
    let mut account = Account::new();
    let (vpc, public) = public(&mut account);
    let private = account.subnet(&vpc, "10.0.2.0/24", "us-east-1a");
    let (_, interface) = launched(&mut account, &instances(&private, 1));
    account.run(|w, c| w.modify_automatic_address(c, &interface, true));
    assert_eq!(automatic(&account, &interface), Some(LAST));
    account.run(|w, c| w.modify_automatic_address(c, &interface, false));
    assert_eq!(automatic(&account, &interface), None);
    // One that is there before its instance gets it with the instance, and gives it back with it.
    let none = SecondaryAddresses::default();
    let own = account.run(|w, c| w.create_network_interface(c, &public, None, &[], String::new(), &none));
    account.run(|w, c| w.modify_automatic_address(c, &own, true));
    assert_eq!(automatic(&account, &own), None);
    let (id, _) = launched(&mut account, &RunInstance { interface: Some(own.clone()), ..instances(&public, 1) });
    assert_eq!(automatic(&account, &own), Some(LAST));
    note(&mut account, &id, InstanceState::Terminated);
    assert_eq!(automatic(&account, &own), None);
    let program = account.program(&public, &[]);
    refused!(
        account,
        |w, c| w.modify_automatic_address(c, &program, false),
        "AuthFailure",
        "You do not have permission to access the specified resource."
    );
}

#[test]
fn a_gateway_stays_while_something_has_a_public_address() {
    let mut account = Account::new();
    let (vpc, subnet) = public(&mut account);
    let (id, _) = launched(&mut account, &instances(&subnet, 1));
    let gateway = account.world.internet_gateway_of(&vpc).unwrap().id.clone();
    refused!(
        account,
        |w, c| w.detach_internet_gateway(c, &gateway, &vpc),
        "DependencyViolation",
        format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching \
             the gateway."
        )
    );
    stop(&mut account, &id);
    account.run(|w, c| w.detach_internet_gateway(c, &gateway, &vpc));
    // An automatic address asks for no gateway.
    start(&mut account, &id);
    assert_eq!(account.world.public_addresses().count(), 1);
}

#[test]
fn a_region_without_free_addresses_launches_nothing_that_needs_one_and_takes_back_what_an_account_gives() {
    let mut account = Account::new();
    let (vpc, subnet) = public(&mut account);
    let (_, interface) = launched(&mut account, &instances(&subnet, 1));
    let id = elastic(&mut account, &interface, None);
    let big = account.subnet(&vpc, "10.0.16.0/20", "us-east-1a");
    let all = RunInstance { public_address: Some(true), ..instances(&big, 1021) };
    account.run(|w, c| w.run_instances(c, &all));
    let mapped: BTreeSet<_> = account.world.public_addresses().map(|mapped| mapped.public).collect();
    assert_eq!(mapped.len(), 1022, "each has one of its own");
    refused!(
        account,
        |w, c| w.run_instances(c, &instances(&subnet, 1)),
        "InsufficientAddressCapacity",
        "Not enough available addresses to satisfy your minimum request."
    );
    disassociate(&mut account, &id);
    assert_eq!(automatic(&account, &interface), None, "none is left for it");
}
