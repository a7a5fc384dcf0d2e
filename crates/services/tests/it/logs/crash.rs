//! What was acknowledged is there after the process was killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::*;

/// The directory that the process which is to be killed writes to.
const DIRECTORY: &str = "SIDEGATE_TEST_LOGS_CRASH";

/// Writes without end, and says of each upload that it was acknowledged. It runs in a process of its own.
#[test]
fn writes_until_it_is_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let kept = Logs::open(std::path::Path::new(&directory)).unwrap();
    let world = World { logs: kept, ..World::new() };
    world.group("g");
    for n in 0..100_000 {
        let messages: Vec<String> = (0..20).map(|at| format!("{n}.{at}")).collect();
        let events: Vec<(i64, &str)> = messages.iter().map(|message| (i64::from(n), message.as_str())).collect();
        world.put("g", "s", &events);
        println!("acknowledged {n}");
    }
}

#[test]
fn every_acknowledged_event_is_there_after_a_kill_and_no_half_of_an_upload() {
    let directory = TempDir::new().unwrap();
    let logs = directory.path().join("logs");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["logs::crash::writes_until_it_is_killed", "--exact", "--nocapture"])
        .env(DIRECTORY, &logs)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = None;
    for line in lines.map_while(Result::ok) {
        last = line.rsplit_once("acknowledged ").and_then(|(_, n)| n.parse::<usize>().ok()).or(last);
        if last >= Some(40) {
            child.kill().unwrap();
            break;
        }
    }
    child.wait().unwrap();
    let last = last.unwrap();
    let world = World { logs: Logs::open(&logs).unwrap(), ..World::new() };
    let found = world.messages("g");
    assert!(found.len() >= (last + 1) * 20 && found.len().is_multiple_of(20), "{} of {last}", found.len());
    let expected: Vec<String> =
        (0..found.len() / 20).flat_map(|n| (0..20).map(move |at| format!("{n}.{at}"))).collect();
    assert_eq!(found, expected);
    world.put("g", "s", &[(1_000_000, "after")]);
}
