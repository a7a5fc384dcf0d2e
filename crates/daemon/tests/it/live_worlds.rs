//! Random worlds on packets: whether what a trace tells and what the naive evaluator does is what packets and requests do.
//!
//! Many small worlds live in one daemon at a time, each with accounts of its own, so that a daemon's start is paid for once
//! for all of them. Every program in them answers with its own name, and tries what it was given. `scripts/worlds` runs
//! more of them, with another seed.

mod batch;
mod described;
mod functions;
mod judge;
mod kept;
mod town;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sidegate_model::World;

use self::batch::{live, now};
use self::judge::{Disagreement, judge};
use self::town::{Recipe, Town};
use crate::harness::need_root;
use crate::worlds::{Modification, Rule, Step, probes, steps};

/// How many worlds live if nobody says otherwise with `SIDEGATE_WORLDS`, and how many of them in one daemon.
const WORLDS: usize = 312;
const TOGETHER: usize = 39;

/// What begins the row of worlds if nobody says otherwise with `SIDEGATE_WORLDS_SEED`. The same number gives the same ones.
const SEED: u64 = 7;

/// The most random steps of a world, beyond those that furnish it, and the probes into it.
const STEPS: usize = 14;
const PROBES: usize = 24;

/// How many daemons run at once: one is set up while the other listens to silence.
const DAEMONS: usize = 2;

/// How many disagreements end a run.
const ENOUGH: usize = 3;

/// What has to have happened. Nothing can be tried from an instance that does not run, and the only end that is its own is
/// `BAD_STATE`.
const SEEN: [&str; 39] = [
    "delivered",
    "endpoint",
    "internet",
    "resolver",
    "metadata",
    "undetermined address",
    "undetermined appliance",
    "outside",
    "by a function: delivered",
    "by a function: blocked NO_ROUTE_TO_DESTINATION",
    "by a function: blocked SG_HAS_NO_RULES",
    "blocked BAD_STATE_ROUTE",
    "blocked DNS_NO_RECORD",
    "blocked DNS_NO_SUCH_NAME",
    "blocked DNS_SUPPORT_DISABLED",
    "blocked EIGW_REJECTS_INGRESS",
    "blocked ENDPOINT_POLICY_IMPLICIT_DENY",
    "blocked ENI_ADDRESS_RESTRICTION",
    "blocked ENI_SG_RULES_MISMATCH",
    "blocked ENI_SOURCE_DEST_CHECK_RESTRICTION",
    "blocked IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS",
    "blocked IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
    "blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    "blocked NO_POSSIBLE_DESTINATION",
    "blocked NO_ROUTE_TO_DESTINATION",
    "blocked PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
    "blocked PLAIN_HTTP_NOT_SERVED",
    "blocked PROTOCOL_RESTRICTION",
    "blocked RESOURCE_POLICY_EXPLICIT_DENY",
    "blocked RESOURCE_POLICY_IMPLICIT_DENY",
    "blocked RESPONSE_ACL_RESTRICTION",
    "blocked RESPONSE_NO_ROUTE",
    "blocked RESPONSE_ROUTE_REDIRECTION",
    "blocked ROUTE_LOOP",
    "blocked SG_HAS_NO_RULES",
    "blocked SUBNET_ACL_RESTRICTION",
    "blocked TLS_NAME_NOT_SERVED",
    "blocked VPCE_GATEWAY_PROTOCOL_RESTRICTION",
    "blocked IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS",
];

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    let text = std::env::var(name).ok();
    text.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// The worlds of a part of the row.
fn recipes(seed: u64, part: usize, count: usize) -> Vec<Recipe> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&u64::try_from(part).unwrap().to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let all = (steps(STEPS), probes(PROBES));
    let one = |place| {
        let choice = part * TOGETHER + place;
        let (mut steps, probes) = all.new_tree(&mut runner).unwrap().current();
        steps.extend(bent(choice));
        Recipe { steps, probes, choice }
    };
    (0..count).map(one).collect()
}

/// Steps that bend a world towards an end that random ones seldom come to, in turns.
fn bent(choice: usize) -> Vec<Step> {
    let which = u8::try_from(choice / 5 % 8).unwrap();
    let routes = |to, over| (0..3).map(move |table| Step::Route { table, to, over });
    match choice % 5 {
        0 => vec![Step::Modify { endpoint: which, change: Modification::Policy(2) }],
        1 => (0..4).map(|n| Step::Elastic { interface: which + n }).chain(routes(0, 12)).collect(),
        2 => vec![Step::Stop { instance: which }],
        3 => routes(4, 8).collect(),
        // Whoever is asked lets one address in, which may be one of a NAT gateway's.
        _ => (0..4).flat_map(|group| let_in_alone(group, which * 2 + group % 2)).collect(),
    }
}

/// Takes the rules of a group away, but lets everything out, and the address of one interface in.
fn let_in_alone(group: u8, interface: u8) -> Vec<Step> {
    let rule = |ingress, peer| Rule { ingress, traffic: 0, peer, which: interface };
    let mut steps = vec![Step::Revoke { group, rule: 0 }; 3];
    steps.extend([rule(false, 0), rule(true, 3)].map(|rule| Step::Authorize { group, rule }));
    steps
}

/// Worlds side by side; the numbers that tell them apart begin with `first`.
fn made(recipes: &[Recipe], first: usize) -> (Vec<Town>, World) {
    let mut all = World::default();
    let numbers = u64::try_from(first).unwrap()..;
    let towns = numbers.zip(recipes).map(|(number, recipe)| Town::make(recipe, &mut all, number, now())).collect();
    (towns, all)
}

/// Disagreements, by world and attempt.
type Found = BTreeMap<(usize, usize), Box<Disagreement>>;

/// Lets worlds live: how many attempts came to what, and what the three do not agree on.
fn lived_in(towns: &mut [Town], all: World) -> (BTreeMap<String, usize>, Found) {
    let happened = live(towns, all);
    let (mut seen, mut found) = (BTreeMap::new(), BTreeMap::new());
    for (n, town) in towns.iter().enumerate() {
        for at in 0..town.attempts.len() {
            match judge(&happened, towns, n, at) {
                Ok(Some(kind)) => {
                    if town.is_by_function(at) {
                        *seen.entry(format!("by a function: {kind}")).or_insert(0) += 1;
                    }
                    *seen.entry(kind).or_insert(0) += 1;
                }
                Ok(None) => {}
                Err(disagreement) => {
                    found.insert((n, at), disagreement);
                }
            }
        }
    }
    (seen, found)
}

#[test]
fn in_random_worlds_packets_do_what_a_trace_tells_and_what_the_naive_evaluator_does() {
    need_root!();
    kept::replay();
    let (count, seed) = (setting("SIDEGATE_WORLDS", WORLDS), setting("SIDEGATE_WORLDS_SEED", SEED));
    let parts = count.div_ceil(TOGETHER);
    let next = AtomicUsize::new(0);
    let (seen, found) = (Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..DAEMONS {
            scope.spawn(|| {
                while found.lock().unwrap().len() < ENOUGH {
                    let part = next.fetch_add(1, Ordering::Relaxed);
                    if part >= parts {
                        return;
                    }
                    let recipes = recipes(seed, part, TOGETHER.min(count - part * TOGETHER));
                    let (mut towns, all) = made(&recipes, part * TOGETHER);
                    let (some, differ) = lived_in(&mut towns, all);
                    let mut seen = seen.lock().unwrap();
                    some.into_iter().for_each(|(kind, count)| *seen.entry(kind).or_insert(0) += count);
                    for ((n, at), disagreement) in differ {
                        let name = format!("seed-{seed}-world-{}", part * TOGETHER + n);
                        found.lock().unwrap().push((name, recipes[n].clone(), towns[n].clone(), at, disagreement));
                    }
                }
            });
        }
    });
    let (seen, mut found) = (seen.into_inner().unwrap(), found.into_inner().unwrap());
    let report: String = seen.iter().map(|(kind, count)| format!("{count:>8}  {kind}\n")).collect();
    println!("{count} worlds, {} flows\n{report}", seen.values().sum::<usize>());
    for (name, _, town, at, own) in &found {
        eprintln!(
            "{name}: {:?}\ntrace: {}naive: {}\nhappened: {}\n",
            town.attempts[*at], own.trace, own.naive, own.happened
        );
    }
    if !found.is_empty() {
        let (count, (name, recipe, town, at, own)) = (found.len(), found.swap_remove(0));
        assert!(!town.is_by_function(at), "{name}: a function tried it, which no file can keep");
        let (town, at, own) = kept::shrunk(&recipe).unwrap_or((town, at, *own));
        let path = kept::keep(&name, &town, at, &own);
        panic!("{count} flows on which the three do not agree; one is kept in {}", path.display());
    }
    if seed == SEED && count >= WORLDS {
        for kind in SEEN {
            assert!(seen.contains_key(kind), "never seen: {kind}\n{report}");
        }
    }
}
