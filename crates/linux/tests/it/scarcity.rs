//! What the driver does where descriptors or threads have run out, which a program may bring about: it closes.
//!
//! The limits hold for a whole process, so this is a process of its own.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use sidegate_linux::dataplane::DataplaneError;
use sidegate_plan::{Plan, VpcPlan};

use super::network::{Build, Network, Outcome, TCP, all, at, port, vpc};
use super::sandbox::need_root;

/// Says that this is the process in which resources may run out.
const ALONE: &str = "SIDEGATE_TEST_SCARCITY";

/// The stacks of its threads: so large that none fits into [`MEMORY`], or into what the C library keeps of old ones.
const STACK: u64 = 256 << 20;

/// How much address space is left where threads have run out.
const MEMORY: u64 = 96 << 20;

#[test]
fn a_driver_without_descriptors_or_threads_revokes_all_the_same_or_closes() {
    need_root!();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "scarcity::in_a_process_of_its_own", "--ignored", "--nocapture"])
        .env(ALONE, "1")
        .env("RUST_MIN_STACK", STACK.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{errors}");
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn in_a_process_of_its_own() {
    if std::env::var_os(ALONE).is_none() {
        eprintln!("skipped: it would disturb the others");
        return;
    }
    let mut network = Network::new();
    let closed = vpc(1).table(1, false).program(1, at(1, 10), 1, 1).program(2, at(1, 11), 1, 1).egress(1, all());
    let open = closed.clone().ingress(1, port(TCP, "10.0.0.0/16", 7));
    let larger = open.clone().program(3, at(1, 12), 1, 1);
    network.set(&[&open]);
    let _server = network.server(2, 7);
    let passes = |network: &Network, wanted: bool| {
        let met = network.connect(1, at(1, 11), 7);
        assert_eq!(matches!(met, Outcome::Answer(_)), wanted, "{met:?}");
    };
    passes(&network, true);

    // What takes rights away needs no descriptor.
    without_descriptors(|| set(&mut network, &closed)).unwrap();
    passes(&network, false);
    network.set(&[&open]);
    passes(&network, true);

    // What gives some may; it fails, and what was there stays. But then nothing is known of the namespace.
    without_descriptors(|| set(&mut network, &larger)).unwrap_err();
    passes(&network, true);
    without_descriptors(|| set(&mut network, &closed)).unwrap_err();
    passes(&network, false);
    network.set(&[&larger]);
    passes(&network, true);

    without_threads(|| set(&mut network, &closed)).unwrap_err();
    passes(&network, false);
    network.set(&[&open]);
    passes(&network, true);
}

fn set(network: &mut Network, vpc: &VpcPlan) -> Result<(), DataplaneError> {
    let vpcs = [(vpc.vpc.clone(), Arc::new(vpc.clone()))].into_iter().collect();
    network.dataplane.set(&Plan { vpcs, ..Plan::default() }).map(drop)
}

fn without_descriptors<T>(work: impl FnOnce() -> T) -> T {
    limited(Resource::RLIMIT_NOFILE, 3, work)
}

fn without_threads<T>(work: impl FnOnce() -> T) -> T {
    let pages: u64 = fs::read_to_string("/proc/self/statm").unwrap().split(' ').next().unwrap().parse().unwrap();
    limited(Resource::RLIMIT_AS, pages * 4096 + MEMORY, work)
}

fn limited<T>(resource: Resource, limit: u64, work: impl FnOnce() -> T) -> T {
    let (soft, hard) = getrlimit(resource).unwrap();
    assert!(soft == RLIM_INFINITY || soft > limit);
    setrlimit(resource, limit, hard).unwrap();
    let result = work();
    setrlimit(resource, soft, hard).unwrap();
    result
}
