//! Many VPCs on one machine: what they take, what one change costs beside them, and how long a start takes.
//!
//! Two daemons stand side by side, one with few VPCs and one with many, each VPC the same; changes are made in turns.

mod changes;
mod fleet;

use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;

use self::changes::{KINDS, Samples};
use self::fleet::{Fleet, INTERFACES};
use super::process::check_memory;
use super::report::{Bound, Cell, Goal, Report, Row, Table};
use super::sample::{Shuffle, median, median_ms, median_ratio};
use super::{Bench, BenchError};

/// Arguments of `sidegate bench vpcs`.
#[derive(Debug, Args)]
pub(super) struct VpcsArgs {
    /// How many VPCs the larger daemon has
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(11..=1_400))]
    vpcs: u16,
    /// How often changes are measured
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// At most 30 VPCs, three rounds
    #[arg(long)]
    quick: bool,
}

/// How many VPCs the smaller daemon has.
const FEW: u16 = 10;

/// How often each daemon is killed and started again.
const RESTARTS: usize = 3;

/// What a VPC with its instances takes of the machine's memory, and something to spare, in bytes.
const MEMORY_OF_VPC: u64 = 14 * 1024 * 1024;

/// How much more a change may cost beside many VPCs than beside few.
const FLAT: f64 = 1.2;

/// Measures changes and starts.
pub(super) fn measure(bench: &Bench, args: &VpcsArgs) -> Result<Report, BenchError> {
    let (many, rounds) = if args.quick { (args.vpcs.min(30), 3) } else { (args.vpcs, args.rounds) };
    check_memory("VPCs", u64::from(FEW + many) * MEMORY_OF_VPC, "--vpcs")?;
    let mut report = Report::new("vpcs");
    let mut fleets = [Fleet::build(bench, FEW)?, Fleet::build(bench, many)?];
    let mut samples = [Samples::default(), Samples::default()];
    let mut shuffle = Shuffle::new();
    let progress = ProgressBar::new(u64::from(rounds));
    progress.set_message("changes");
    for round in 0..rounds {
        for index in shuffle.order(fleets.len()) {
            bench.interrupt.check()?;
            if let (Some(fleet), Some(samples)) = (fleets.get(index), samples.get_mut(index)) {
                samples.take(bench, fleet, round)?;
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    let mut restarts = [Vec::new(), Vec::new()];
    for _ in 0..RESTARTS {
        for (fleet, took) in fleets.iter_mut().zip(&mut restarts) {
            bench.interrupt.check()?;
            took.push(fleet.crash_and_start()?);
        }
    }
    standing(&mut report, &fleets, &restarts);
    changing(&mut report, &fleets, &samples);
    for fleet in fleets {
        let (size, begin) = (fleet.size, Instant::now());
        fleet.stop()?;
        report.notes.push(format!("`down` ended all of the {size} VPCs in {:.1} s.", begin.elapsed().as_secs_f64()));
    }
    Ok(report)
}

/// What each daemon is and takes.
fn standing(report: &mut Report, fleets: &[Fleet; 2], restarts: &[Vec<Duration>; 2]) {
    let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
    let row = |(fleet, restarts): (&Fleet, &Vec<Duration>)| {
        let [daemon, holder, kernel, all] = fleet.memory.map(mib);
        let cells = vec![
            Cell::of(fleet.made.as_secs_f64() * 1e3 / f64::from(fleet.size), 0),
            Cell::of(daemon, 0),
            Cell::of(holder, 1),
            Cell::of(kernel, 0),
            Cell::of(all, 0),
            Cell::of(median_ms(restarts), 0),
        ];
        Row { name: name(fleet), cells }
    };
    let columns =
        ["making a VPC, ms", "daemon, MiB", "holder, MiB", "kernel, MiB", "all in all, MiB", "start after a kill, ms"];
    report.tables.push(Table {
        title: format!("VPCs with {INTERFACES} interfaces each"),
        columns: columns.map(str::to_owned).to_vec(),
        rows: fleets.iter().zip(restarts).map(row).collect(),
    });
    report.notes.push(
        "A VPC has a subnet, an internet gateway, a gateway and an interface endpoint, an instance with eight interfaces \
         and one with one.\nDaemon and holder: resident memory. Kernel: what does not go back under pressure. All in \
         all: what is less available than before,\nthe instances' own processes with it.\nStart: from exec until all of \
         it is read back and served."
            .to_owned(),
    );
}

/// What a change costs.
fn changing(report: &mut Report, fleets: &[Fleet; 2], samples: &[Samples; 2]) {
    let ([few, many], [few_samples, many_samples]) = (fleets, samples);
    let mut rows = Vec::new();
    for (kind, (few_took, many_took)) in KINDS.iter().zip(few_samples.each().zip(many_samples.each())) {
        let ratio = median_ratio(many_took, few_took);
        rows.push(Row {
            name: (*kind).to_owned(),
            cells: vec![Cell::of(median(few_took) * 1e3, 2), Cell::with_ratio(median(many_took) * 1e3, 2, ratio)],
        });
        let what = format!("{kind}: beside {} VPCs to that beside {}", many.size, few.size);
        report.goals.push(Goal::new(what, Bound::AtMost(FLAT), ratio));
    }
    report.tables.push(Table {
        title: "One change over the API, ms, on disk and in force; and its ratio to that beside few VPCs".to_owned(),
        columns: vec![name(few), name(many)],
        rows,
    });
}

fn name(fleet: &Fleet) -> String {
    format!("{} VPCs", fleet.size)
}
