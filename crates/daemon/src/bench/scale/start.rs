//! The daemon's start and its memory, with nothing stored and with a thousand resources.

use std::time::Duration;

use indicatif::ProgressBar;

use crate::bench::daemon::Daemon;
use crate::bench::process::memory_of;
use crate::bench::report::{Bound, Cell, Goal, Report, Row, Table};
use crate::bench::sample::median_ms;
use crate::bench::{Bench, BenchError, Step as _};

/// How many resources are stored: a VPC, subnets, security groups.
const SUBNETS: usize = 150;
const GROUPS: usize = 849;

/// The most that a start may take, in milliseconds.
const START_GOAL: f64 = 500.0;

/// Measures starts.
pub(super) fn measure(bench: &Bench, report: &mut Report, rounds: u32) -> Result<(), BenchError> {
    let mut fresh = Starts::default();
    for _ in 0..rounds {
        bench.interrupt.check()?;
        let (daemon, took) = Daemon::start(&bench.exe)?;
        fresh.note(&daemon, took);
        daemon.stop()?;
    }
    let mut full = Starts::default();
    let (mut daemon, _) = Daemon::start(&bench.exe)?;
    store(bench, &daemon)?;
    for _ in 0..rounds {
        bench.interrupt.check()?;
        let took = daemon.restart()?;
        full.note(&daemon, took);
    }
    daemon.stop()?;

    let stored = format!("{} resources stored", 1 + SUBNETS + GROUPS);
    report.tables.push(Table {
        title: "The daemon, from its start until it serves".to_owned(),
        columns: ["start, ms", "resident, MiB"].map(str::to_owned).to_vec(),
        rows: vec![fresh.row("nothing stored"), full.row(&stored)],
    });
    for (name, starts) in [("nothing stored", &fresh), (&*stored, &full)] {
        report.goals.push(Goal::new(
            format!("start with {name}, ms"),
            Bound::AtMost(START_GOAL),
            median_ms(&starts.took),
        ));
    }
    Ok(())
}

/// Some starts.
#[derive(Default)]
struct Starts {
    took: Vec<Duration>,
    resident: Vec<f64>,
}

impl Starts {
    fn note(&mut self, daemon: &Daemon, took: Duration) {
        self.took.push(took);
        let resident = memory_of(daemon.process(), "VmRSS").unwrap_or_default();
        self.resident.push(resident as f64 / 1024.0 / 1024.0);
    }

    fn row(&self, name: &str) -> Row {
        let resident = crate::bench::sample::median(&self.resident);
        Row { name: name.to_owned(), cells: vec![Cell::of(median_ms(&self.took), 0), Cell::of(resident, 1)] }
    }
}

fn store(bench: &Bench, daemon: &Daemon) -> Result<(), BenchError> {
    let progress = ProgressBar::new((SUBNETS + GROUPS) as u64);
    progress.set_message("storing resources");
    let call = |action: &str, parameters: &[(&str, &str)]| {
        bench.interrupt.check()?;
        bench.runtime.block_on(daemon.client.ec2(action, parameters)).step(action)
    };
    let vpc = call("CreateVpc", &[("CidrBlock", "10.90.0.0/16")])?;
    let vpc = vpc.text("vpcId").step("reading the VPC's id")?;
    for number in 0..SUBNETS {
        call("CreateSubnet", &[("VpcId", vpc), ("CidrBlock", &format!("10.90.{number}.0/24"))])?;
        progress.inc(1);
    }
    for number in 0..GROUPS {
        let name = format!("group {number}");
        call("CreateSecurityGroup", &[("VpcId", vpc), ("GroupName", &name), ("GroupDescription", "one of many")])?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(())
}
