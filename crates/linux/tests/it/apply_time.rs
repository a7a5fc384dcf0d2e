//! How long changes take as a VPC grows. It judges nothing, and is run by hand:
//! `cargo test -p sidegate-linux --test it apply_time -- --ignored --nocapture`.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use sidegate_model::Ipv4Range;
use sidegate_plan::VpcPlan;

use super::network::{Build, Network, TCP, all, ports, vpc};
use super::sandbox::need_root;

/// How often each change is measured.
const ROUNDS: usize = 15;

/// A VPC with this many programs; ten share a combination of groups, which has ten rules each way.
fn large(programs: u32) -> VpcPlan {
    let mut plan = vpc(1).table(1, true).table(2, false);
    for number in 1..=programs {
        plan = plan.program(number, address(number), 1, group(number));
    }
    for group in 1..=group(programs) {
        plan = plan.egress(group, all());
        for rule in 0..10 {
            plan = plan.ingress(group, ports(TCP, everybody(), (1000 + 10 * rule, 1001 + 10 * rule)));
        }
    }
    plan
}

fn group(number: u32) -> u16 {
    u16::try_from(number / 10 + 1).unwrap()
}

fn address(number: u32) -> Ipv4Addr {
    let [.., high, low] = (256 + number / 200 * 256 + 10 + number % 200).to_be_bytes();
    Ipv4Addr::new(10, 0, high, low)
}

fn everybody() -> Ipv4Range {
    Ipv4Range { first: 0, last: u32::MAX }
}

/// The time that this process was computing, in the kernel too: the one that other processes do not disturb.
fn computing() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let micros = |time: TimeVal| u64::try_from(time.num_microseconds()).unwrap();
    Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time()))
}

/// How long it takes, and how much of that is computing.
fn timed(network: &mut Network, plan: &VpcPlan) -> (Duration, Duration) {
    let plan = Arc::new(plan.clone());
    let vpcs = [(plan.vpc.clone(), plan)].into_iter().collect();
    let plan = sidegate_plan::Plan { vpcs, ..Default::default() };
    let (start, computed) = (Instant::now(), computing());
    network.dataplane.set(&plan).unwrap();
    (start.elapsed(), computing() - computed)
}

#[test]
#[ignore = "a measurement, which takes a minute"]
fn apply_time() {
    need_root!();
    let sizes = [10, 1000, 5000];
    let mut networks: Vec<(u32, VpcPlan, Network)> = Vec::new();
    for size in sizes {
        let (plan, mut network) = (large(size), Network::new());
        let full = timed(&mut network, &plan);
        let again = timed(&mut network, &plan);
        network.restart();
        let read = timed(&mut network, &plan);
        println!("{size} links: full apply {full:?}; equal plan {again:?}; after a restart {read:?}");
        networks.push((size, plan, network));
    }
    let mut times: [[Vec<(Duration, Duration)>; 5]; 3] = Default::default();
    for round in 0..ROUNDS {
        for ((_, plan, network), times) in networks.iter_mut().zip(&mut times) {
            let next = 6000 + u32::try_from(round).unwrap();
            let more = plan.clone().program(next, address(next), 1, 1);
            let permitted = plan.clone().ingress(1, ports(TCP, everybody(), (5000, 5000)));
            let rerouted = plan.clone().table(2, true);
            times[0].push(timed(network, &more));
            times[1].push(timed(network, plan));
            times[2].push(timed(network, &permitted));
            times[3].push(timed(network, plan));
            times[4].push(timed(network, &rerouted));
            timed(network, plan);
        }
    }
    let names = ["a link more", "a link less", "a permit more", "a permit less", "a route more"];
    for ((size, ..), times) in networks.iter().zip(&mut times) {
        for (name, times) in names.iter().zip(times) {
            let mut computed: Vec<_> = times.iter().map(|(_, computed)| *computed).collect();
            times.sort_unstable();
            computed.sort_unstable();
            let at = |part: usize| times[(times.len() - 1) * part / 100].0;
            let (median, late) = (at(50), at(90));
            println!("{size} links, {name}: median {median:?} (computing {:?}), 90 % {late:?}", computed[ROUNDS / 2]);
        }
    }
}
