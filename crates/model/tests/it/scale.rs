//! Five thousand interfaces in one VPC. The times are printed, not asserted: `cargo test -p sidegate-model scale --
//! --nocapture`.

use std::slice::from_ref;
use std::time::Instant;

use sidegate_model::{Direction, Peer};

use crate::account::{Account, SECRETS, cidr, interface, tcp};

const INTERFACES: usize = 5_000;

#[test]
fn five_thousand_interfaces_get_addresses_of_their_own_and_one_more_is_one_change() {
    let mut account = Account::new();
    let vpc = account.vpc("10.0.0.0/16");
    let subnets: Vec<_> =
        (0..8).map(|i| account.subnet(&vpc, &format!("10.0.{}.0/19", i * 32), "us-east-1a")).collect();
    let groups: Vec<_> = (0..500).map(|i| account.group(&vpc, &format!("g{i}"))).collect();

    let start = Instant::now();
    for i in 0..INTERFACES {
        // Most fill one subnet; ten share a group.
        let subnet = &subnets[if i % 4 == 0 { i % 8 } else { 1 }];
        account.program(subnet, &[groups[i / 10].clone()]);
    }
    println!("{INTERFACES} interfaces: {:?}", start.elapsed());

    let addresses: std::collections::BTreeSet<_> = account.world.interfaces.iter().map(|i| i.address).collect();
    assert_eq!(addresses.len(), INTERFACES);
    let numbers: std::collections::BTreeSet<_> = account.world.interfaces.iter().map(|i| i.group_number).collect();
    assert_eq!(numbers.len(), 500);

    let before = account.world.clone();
    let start = Instant::now();
    let program = account.program(&subnets[1], from_ref(&groups[0]));
    println!("one more: {:?}", start.elapsed());
    let start = Instant::now();
    assert_eq!(before.interfaces.changes(&account.world.interfaces).len(), 1);
    println!("what changed: {:?}", start.elapsed());
    let start = Instant::now();
    account.world.detach_program(&program);
    println!("one less: {:?}", start.elapsed());
    assert_eq!(before, account.world);

    let start = Instant::now();
    let endpoint = account.endpoint(interface(&vpc, SECRETS, from_ref(&subnets[1])));
    println!("an interface endpoint: {:?}", start.elapsed());
    let start = Instant::now();
    account.run(|w, c| w.delete_vpc_endpoint(c, &endpoint));
    println!("its deletion: {:?}", start.elapsed());
    let start = Instant::now();
    let rule = tcp(Direction::Ingress, 443, Peer::Cidr(cidr("10.0.0.0/8")));
    account.run(|w, c| w.authorize(c, &groups[7], vec![rule]));
    println!("a rule: {:?}", start.elapsed());
    let start = Instant::now();
    account.try_run(|w, c| w.delete_security_group(c, &groups[499])).unwrap_err();
    account.try_run(|w, c| w.delete_subnet(c, &subnets[1])).unwrap_err();
    account.try_run(|w, c| w.detach_network_interface(c, "eni-attach-12345678")).unwrap_err();
    println!("three refusals: {:?}", start.elapsed());
    let start = Instant::now();
    let free: u64 = account.world.subnets.iter().map(|s| account.world.free_addresses(s)).sum();
    println!("free addresses of eight subnets: {:?}", start.elapsed());
    assert_eq!(free, 8 * (8_192 - 5) - INTERFACES as u64);
}
