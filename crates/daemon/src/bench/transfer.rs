//! Much data: the daemon's memory while it flows, and how long ten terabytes take by each way to S3, with what AWS charges.

mod cost;

use clap::Args;
use indicatif::ProgressBar;
use sidegate_linux::workbench;

use self::cost::{Bill, Way, duration};
use super::curl::{Client, Load, Sample};
use super::daemon::{Daemon, REGION};
use super::process::{forget_peak, memory_of};
use super::report::{Bound, Cell, Goal, Report, Row, Table};
use super::s3::{BUCKET, UNSIGNED};
use super::sample::{Shuffle, median, median_ratio};
use super::size::{GIB, MIB, Size};
use super::{Bench, BenchError, Step as _, subnet};

/// Arguments of `sidegate bench transfer`.
#[derive(Debug, Args)]
pub(super) struct TransferArgs {
    /// How much flows while the daemon's memory is watched, half of it in and half of it out
    #[arg(long, value_name = "BYTES", default_value = "20GiB")]
    flow: Size,
    /// The size of one object that streams in and out while the daemon's memory is watched; at most 5GiB
    #[arg(long, value_name = "BYTES", default_value = "2GiB")]
    size: Size,
    /// How many clients there are at once, each with one connection
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u8).range(2..=64))]
    clients: u8,
    /// How often each way is measured
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// One round, and little that flows
    #[arg(long)]
    quick: bool,
}

/// The size of the objects that many clients carry. Each has one, so that what is on the disk is bounded.
const OBJECT: Size = Size(64 * MIB);

/// How many requests a client makes in a slice of what flows, after each of which the memory is looked at.
const REQUESTS: u32 = 2;

/// The most that one large object, and that much after little, may add to the daemon's memory, in MiB.
const LARGE_GOAL: f64 = 64.0;
const FLOW_GOAL: f64 = 32.0;

/// What is measured.
struct Plan {
    flow: u64,
    large: Size,
    clients: u8,
    rounds: u32,
}

/// Measures.
pub(super) fn measure(bench: &Bench, args: &TransferArgs) -> Result<Report, BenchError> {
    let mut plan = Plan { flow: args.flow.0, large: args.size, clients: args.clients, rounds: args.rounds };
    if args.quick {
        plan = Plan { flow: GIB, large: Size(256 * MIB), clients: 4, rounds: 1 };
    }
    let mut report = Report::new("transfer");
    let (daemon, _) = Daemon::start(&bench.exe)?;
    check_space(&daemon, &plan)?;
    for (name, size) in [("object", OBJECT), ("large", plan.large)] {
        const STEP: &str = "making a file to upload";
        let file = std::fs::File::create(daemon.work().join(name)).step(STEP)?;
        file.set_len(size.0).step(STEP)?;
    }
    let ways = ways(bench, &daemon)?;
    let Some((_, gateway)) = ways.first() else { return Ok(report) };
    gateway.command(&format!("--request PUT {}/", gateway.url())).step("creating a bucket")?;
    // Memory first: what a daemon has once had it keeps for a while.
    large(bench, &daemon, gateway, plan.large, &mut report)?;
    flow(bench, &daemon, gateway, &plan, &mut report)?;
    let samples = interleave(bench, &ways, &plan)?;
    report.tables.push(extrapolated(&ways, &samples));
    daemon.stop()?;
    report.notes.push(format!(
        "{} clients with objects of {OBJECT}, over TLS; {} rounds, ways in a new order in each. Hours are those of this \
         machine, where clients and\nserver share the processors: they tell the ways apart, and are no forecast for AWS. \
         Dollars are AWS's, in one zone of us-east-1, for the\nbytes and for the hours that it took here (GET). An endpoint \
         or a gateway that stays costs 730 hours a month: 7.30 $ for an interface\nendpoint, 32.85 $ for a NAT gateway.",
        plan.clients, plan.rounds
    ));
    Ok(report)
}

fn check_space(daemon: &Daemon, plan: &Plan) -> Result<(), BenchError> {
    // An object that is being replaced is there twice; so is a large one with its source.
    let needed = (2 * u64::from(plan.clients) * OBJECT.0).max(2 * plan.large.0) + OBJECT.0;
    let free = workbench::free_space(&daemon.work()).step("looking at the free space")?;
    if needed <= free {
        return Ok(());
    }
    let reason = format!("{} MiB are left and {} are needed; set TMPDIR, or ask for less", free / MIB, needed / MIB);
    Err(BenchError::Step { step: "making room for objects".to_owned(), reason })
}

/// A client for each way.
fn ways<'a>(bench: &Bench, daemon: &'a Daemon) -> Result<Vec<(Way, Client<'a>)>, BenchError> {
    let public = format!("https://{BUCKET}.s3.{REGION}.amazonaws.com");
    let make = |way| {
        let (subnet, url) = match way {
            Way::GatewayEndpoint => (subnet::behind_gateway_endpoint(bench, daemon, "s3")?, public.clone()),
            Way::InterfaceEndpoint => {
                let (subnet, name) = subnet::behind_interface_endpoint(bench, daemon, "s3")?;
                (subnet, format!("https://{}/{BUCKET}", name.replace('*', "bucket")))
            }
            Way::NatGateway => (subnet::behind_nat_gateway(bench, daemon)?, public.clone()),
        };
        Ok((way, Client::inside(daemon, &subnet, "s3", UNSIGNED, url)))
    };
    Way::ALL.into_iter().map(make).collect()
}

/// A figure of the daemon's memory, in MiB.
fn mib(daemon: &Daemon, figure: &str) -> f64 {
    memory_of(daemon.process(), figure).unwrap_or_default() as f64 / MIB as f64
}

fn watch(daemon: &Daemon) -> Result<(), BenchError> {
    forget_peak(daemon.process()).step("watching the daemon's memory")
}

/// One large object in and out.
fn large(
    bench: &Bench, daemon: &Daemon, client: &Client<'_>, size: Size, report: &mut Report,
) -> Result<(), BenchError> {
    let once = Load { clients: 1, requests: 1 };
    let mut rows = Vec::new();
    for (name, options) in [("PUT", "--upload-file large"), ("GET", "")] {
        bench.interrupt.check()?;
        let before = mib(daemon, "VmRSS");
        watch(daemon)?;
        let sample = client.sample(options, "/large", once)?;
        let peak = mib(daemon, "VmHWM");
        let cells = vec![Cell::of(before, 1), Cell::of(peak, 1), Cell::of(speed(&sample, size), 2)];
        rows.push(Row { name: name.to_owned(), cells });
        let goal = format!("{name} of {size}: what it adds to the daemon's memory, MiB");
        report.goals.push(Goal::new(goal, Bound::AtMost(LARGE_GOAL), (peak - before).max(0.0)));
    }
    client.sample("--request DELETE", "/large", once)?;
    report.tables.push(Table {
        title: format!("One object of {size}"),
        columns: ["daemon before, MiB", "daemon at its peak, MiB", "GB/s"].map(str::to_owned).to_vec(),
        rows,
    });
    Ok(())
}

/// Much, in and out at once, in slices. What is there after the first says what clients cost; what more there is after the
/// last, what the data does.
fn flow(
    bench: &Bench, daemon: &Daemon, client: &Client<'_>, plan: &Plan, report: &mut Report,
) -> Result<(), BenchError> {
    let load = Load { clients: plan.clients, requests: REQUESTS };
    client.sample("--upload-file object", "/object-$number", Load { requests: 1, ..load })?;
    let slice = u64::from(load.clients) * u64::from(load.requests) * OBJECT.0;
    let slices = plan.flow.div_ceil(slice).max(2);
    // Half of the clients write what they and the other half read.
    let (put, get) = (
        client.requests("--upload-file object", "/object-$number", REQUESTS),
        client.requests("", "/object-$number", REQUESTS),
    );
    let mixed = format!("if [ $((number % 2)) = 0 ]; then {put}; else {get}; fi");
    let before = mib(daemon, "VmRSS");
    let (mut peaks, mut speeds) = (Vec::new(), Vec::new());
    let progress = ProgressBar::new(slices);
    for _ in 0..slices {
        bench.interrupt.check()?;
        watch(daemon)?;
        speeds.push(speed(&client.mixed(&mixed, load)?, OBJECT));
        peaks.push(mib(daemon, "VmHWM"));
        progress.inc(1);
    }
    progress.finish_and_clear();
    let first = peaks.first().copied().unwrap_or(f64::NAN);
    let most = peaks.iter().copied().fold(f64::NAN, f64::max);
    let gib = |slices: u64| slices as f64 * slice as f64 / GIB as f64;
    let row = |name: String, value, digits| Row { name, cells: vec![Cell::of(value, digits)] };
    report.tables.push(Table {
        title: format!("{} clients, of whom every second writes, objects of {OBJECT}", plan.clients),
        columns: vec!["daemon, MiB".to_owned()],
        rows: vec![
            row("before".to_owned(), before, 1),
            row(format!("peak of the first {:.0} GiB", gib(1)), first, 1),
            row(format!("peak of all {:.0} GiB", gib(slices)), most, 1),
            row("GB/s".to_owned(), median(&speeds), 2),
        ],
    });
    let goal = format!("{:.0} GiB: what they add to the peak of the first {:.0}, MiB", gib(slices), gib(1));
    report.goals.push(Goal::new(goal, Bound::AtMost(FLOW_GOAL), (most - first).max(0.0)));
    Ok(())
}

/// Gigabytes in a second.
fn speed(sample: &Sample, size: Size) -> f64 {
    sample.rate() * size.0 as f64 / 1e9
}

/// For each way, the speeds of PUT and of GET.
type Speeds = Vec<[Vec<f64>; 2]>;

fn interleave(bench: &Bench, ways: &[(Way, Client<'_>)], plan: &Plan) -> Result<Speeds, BenchError> {
    let load = Load { clients: plan.clients, requests: 1 };
    let mut found: Speeds = ways.iter().map(|_| Default::default()).collect();
    let mut shuffle = Shuffle::new();
    let progress = ProgressBar::new(u64::from(plan.rounds) * ways.len() as u64);
    for _ in 0..plan.rounds {
        for index in shuffle.order(ways.len()) {
            let (Some((_, client)), Some(speeds)) = (ways.get(index), found.get_mut(index)) else { continue };
            for (options, speeds) in ["--upload-file object", ""].into_iter().zip(speeds) {
                bench.interrupt.check()?;
                speeds.push(speed(&client.sample(options, "/object-$number", load)?, OBJECT));
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    Ok(found)
}

/// What ten terabytes take and cost.
fn extrapolated(ways: &[(Way, Client<'_>)], found: &Speeds) -> Table {
    let base = found.first();
    let rows = ways.iter().zip(found).map(|((way, _), [put, get])| {
        let speed = |own: &[f64], base: Option<&Vec<f64>>| {
            Cell::with_ratio(median(own), 2, median_ratio(own, base.map_or(&[][..], Vec::as_slice)))
        };
        let took = |speeds: &[f64]| duration(median(speeds));
        let hours = |speeds: &[f64]| Cell::of(took(speeds).as_secs_f64() / 3600.0, 1);
        let Bill { data, hours: by_hours } = way.bill(took(get));
        let cells = vec![
            speed(get, base.map(|[_, get]| get)),
            hours(get),
            speed(put, base.map(|[put, _]| put)),
            hours(put),
            Cell::of(data, 2),
            Cell::of(by_hours, 2),
            Cell::of(data + by_hours, 2),
        ];
        Row { name: way.name().to_owned(), cells }
    });
    Table {
        title: "Ten terabytes, by what was measured, and the ratio to the gateway endpoint".to_owned(),
        columns: ["GET, GB/s", "hours", "PUT, GB/s", "hours", "$ for bytes", "$ for hours", "$"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    }
}
