use std::net::Ipv4Addr;
use std::slice::from_ref;

use sidegate_model::{Attachment, NetworkInterfaceId, SubnetId};

use crate::account::{Account, SECRETS, instances, interface};
use crate::refused;

/// An account with the interfaces of an endpoint, a program and an instance in one subnet.
fn with_interfaces() -> (Account, SubnetId, [NetworkInterfaceId; 3]) {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let endpoint = account.endpoint(interface(&vpc, SECRETS, from_ref(&subnet)));
    let of_endpoint = account.interface_of(&endpoint).interfaces[&subnet].clone();
    let of_program = account.program(&subnet, &[]);
    let (_, ids) = account.run(|w, c| w.run_instances(c, &instances(&subnet, 1)));
    let of_instance = account.world.instances.get(&ids[0]).unwrap().interface.clone().unwrap();
    (account, subnet, [of_endpoint, of_program, of_instance])
}

#[test]
fn an_interface_gets_the_default_group_if_none_is_given_and_each_group_once() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let plain = account.program(&subnet, &[]);
    assert_eq!(account.nic(&plain).groups, [account.default_group(&vpc)]);
    let (a, b) = (account.group(&vpc, "a"), account.group(&vpc, "b"));
    let both = account.program(&subnet, &[b.clone(), a.clone(), b.clone()]);
    assert_eq!(account.nic(&both).groups, [b, a]);
}

#[test]
fn equal_combinations_of_groups_share_a_number_and_others_do_not() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let (a, b) = (account.group(&vpc, "a"), account.group(&vpc, "b"));
    let number = |account: &mut Account, groups: &[_]| {
        let id = account.program(&subnet, groups);
        (account.nic(&id).group_number, id)
    };
    let (ab, first) = number(&mut account, &[a.clone(), b.clone()]);
    let (ba, second) = number(&mut account, &[b.clone(), a.clone()]);
    let (only_a, _) = number(&mut account, from_ref(&a));
    assert_eq!((ab, ba, only_a), (1, 1, 2));
    account.world.detach_program(&first);
    assert_eq!(number(&mut account, from_ref(&b)).0, 3, "1 is still in use");
    account.world.detach_program(&second);
    assert_eq!(number(&mut account, &[]).0, 1);
}

#[test]
fn groups_of_another_vpc_and_more_than_five_are_refused() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let other = account.vpc("10.0.0.0/16");
    let foreign = account.group(&other, "a");
    refused!(
        account,
        |w, c| w.attach_program(c, &subnet, from_ref(&foreign)),
        "InvalidParameter",
        format!("Security group {foreign} and subnet {subnet} belong to different networks.")
    );
    let six: Vec<_> = (0..6).map(|i| account.group(&vpc, &format!("g{i}"))).collect();
    account.program(&subnet, &six[..5]);
    refused!(
        account,
        |w, c| w.attach_program(c, &subnet, &six),
        "SecurityGroupsPerInterfaceLimitExceeded",
        "The maximum number of security groups per interface has been reached."
    );
}

#[test]
fn a_wanted_address_must_be_in_the_subnet_not_reserved_and_free() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/28", "us-east-1a");
    let at = |address: [u8; 4]| {
        let mut wanted = instances(&subnet, 1);
        wanted.address = Some(Ipv4Addr::from(address));
        wanted
    };
    for bad in [[10, 0, 0, 16], [10, 1, 0, 4]] {
        let text = Ipv4Addr::from(bad);
        refused!(
            account,
            |w, c| w.run_instances(c, &at(bad)),
            "InvalidParameterValue",
            format!("Address {text} does not fall within the subnet's address range")
        );
    }
    for last in [0, 1, 2, 3, 15] {
        refused!(
            account,
            |w, c| w.run_instances(c, &at([10, 0, 0, last])),
            "InvalidParameterValue",
            format!("Address 10.0.0.{last} is in subnet's reserved address range")
        );
    }
    account.run(|w, c| w.run_instances(c, &at([10, 0, 0, 14])));
    refused!(
        account,
        |w, c| w.run_instances(c, &at([10, 0, 0, 14])),
        "InvalidIPAddress.InUse",
        "Address 10.0.0.14 is in use."
    );
}

#[test]
fn what_aws_manages_can_be_seen_and_tagged_but_not_changed() {
    let (mut account, _, [of_endpoint, of_program, of_instance]) = with_interfaces();
    for id in [&of_endpoint, &of_program] {
        assert!(account.nic(id).is_requester_managed());
        refused!(
            account,
            |w, c| w.modify_network_interface(c, id, None, Some("mine".to_owned()), None),
            "AuthFailure",
            "You do not have permission to access the specified resource."
        );
        let attachment = account.nic(id).attachment_id().unwrap();
        assert!(attachment.starts_with("ela-attach-"));
        refused!(
            account,
            |w, c| w.detach_network_interface(c, &attachment),
            "OperationNotPermitted",
            "You are not allowed to manage 'ela-attach' attachments."
        );
        account.run(|w, c| w.create_tags(c, &[id.to_string()], &[("a".to_owned(), "b".to_owned())]));
    }
    for id in [&of_endpoint, &of_program, &of_instance] {
        refused!(
            account,
            |w, c| w.delete_network_interface(c, id),
            "InvalidParameterValue",
            format!("Network interface '{id}' is currently in use.")
        );
    }
}

#[test]
fn the_first_interface_of_an_instance_cannot_be_detached() {
    let (mut account, _, [_, _, of_instance]) = with_interfaces();
    assert!(!account.nic(&of_instance).is_requester_managed());
    let attachment = account.nic(&of_instance).attachment_id().unwrap();
    assert!(attachment.starts_with("eni-attach-"));
    refused!(
        account,
        |w, c| w.detach_network_interface(c, &attachment),
        "OperationNotPermitted",
        "The network interface at device index 0 cannot be detached."
    );
    for unknown in ["eni-attach-12345678", "ela-attach-12345678"] {
        refused!(
            account,
            |w, c| w.detach_network_interface(c, unknown),
            "InvalidAttachmentID.NotFound",
            format!("The attachment ID '{unknown}' does not exist")
        );
    }
}

#[test]
fn an_instances_interface_gets_other_groups_description_and_check() {
    let (mut account, _, [_, _, id]) = with_interfaces();
    let vpc = account.nic(&id).vpc.clone();
    let group = account.group(&vpc, "web");
    let before = account.nic(&id).group_number;
    account
        .run(|w, c| w.modify_network_interface(c, &id, Some(from_ref(&group)), Some("mine".to_owned()), Some(false)));
    let nic = account.nic(&id);
    assert_eq!((nic.groups.as_slice(), nic.description.as_str(), nic.source_dest_check), (&[group][..], "mine", false));
    assert_ne!(nic.group_number, before);
    refused!(
        account,
        |w, c| w.modify_network_interface(c, &id, Some(&[]), None, None),
        "MissingParameter",
        "The request must contain the parameter groups"
    );
}

#[test]
fn only_a_programs_interface_is_taken_away_with_the_program() {
    let (mut account, _, [of_endpoint, of_program, of_instance]) = with_interfaces();
    for id in [&of_endpoint, &of_program, &of_instance] {
        account.world.detach_program(id);
    }
    assert!(account.world.interfaces.get(&of_endpoint).is_some());
    assert_eq!(account.world.interfaces.get(&of_program), None);
    assert!(account.world.interfaces.get(&of_instance).is_some());
}

#[test]
fn an_interface_has_a_locally_administered_mac_address_and_a_private_name() {
    let (account, _, [id, other, _]) = with_interfaces();
    let nic = account.nic(&id);
    assert!(matches!(nic.attachment, Attachment::Endpoint(_)));
    assert_eq!(nic.mac()[0], 0x02);
    assert_ne!(nic.mac(), account.nic(&other).mac());
    assert_eq!(nic.private_dns_name(), "ip-10-0-0-4.ec2.internal");
    let mut elsewhere = nic.clone();
    elsewhere.scope.region = "eu-west-1".parse().unwrap();
    assert_eq!(elsewhere.private_dns_name(), "ip-10-0-0-4.eu-west-1.compute.internal");
}

#[test]
fn functions_with_the_same_subnet_and_groups_share_an_interface_without_a_public_address_until_the_last_is_gone() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnet = account.subnet(&vpc, "10.0.0.0/24", "us-east-1a");
    let (a, b) = (account.group(&vpc, "a"), account.group(&vpc, "b"));
    let attach = |account: &mut Account, name: &str, groups: &[_]| {
        account.run(|w, c| w.attach_function(c, &subnet, groups, name, format!("AWS Lambda VPC ENI-{name}")))
    };
    let first = attach(&mut account, "one", &[a.clone(), b.clone()]);
    assert_eq!(attach(&mut account, "two", &[b.clone(), a.clone()]), first);
    let other = attach(&mut account, "one", from_ref(&a));
    assert_ne!(other, first);
    assert!(account.nic(&first).is_requester_managed() && account.nic(&first).automatic.address.is_none());
    assert_eq!(account.nic(&first).functions().unwrap().len(), 2);
    account.world.detach_function(&other, "one");
    assert!(account.world.interfaces.get(&other).is_none() && account.nic(&first).functions().unwrap().len() == 2);
    account.world.detach_function(&first, "one");
    account.world.detach_function(&first, "two");
    assert!(account.world.interfaces.get(&first).is_none());
}
