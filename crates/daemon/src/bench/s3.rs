//! S3 over TLS through a gateway endpoint, against nginx that serves files over TLS on a bare link; and the daemon's
//! memory while a large object streams in and out.

mod client;
mod nginx;

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::str::FromStr;

use clap::Args;
use indicatif::ProgressBar;
use sidegate_linux::workbench;

use self::client::{Client, Direction, Sample};
use self::nginx::Nginx;
use super::daemon::{Daemon, REGION};
use super::process::{forget_peak, memory_of};
use super::report::{Bound, Cell, Goal, Report, Row, Table};
use super::sample::{Shuffle, median, median_ratio};
use super::{Bench, BenchError, Step as _};

/// Arguments of `sidegate bench s3`.
#[derive(Debug, Args)]
pub(super) struct S3Args {
    /// The size of the objects whose speed is measured
    #[arg(long, value_name = "BYTES", default_value = "1GiB")]
    object: Size,
    /// The size of the object that streams in and out while the daemon's memory is watched; at most 5GiB
    #[arg(long, value_name = "BYTES", default_value = "5GiB")]
    size: Size,
    /// How many objects travel at once
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    streams: u8,
    /// How often everything is measured
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// One round with small objects
    #[arg(long)]
    quick: bool,
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size(u64);

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("KiB", KIB), ("MiB", MIB), ("GiB", GIB)];
        let unit = units.into_iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)));
        let (number, unit) = unit.unwrap_or((text, 1));
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        bytes
            .map(Self)
            .filter(|size| size.0 > 0)
            .ok_or_else(|| "give a number of bytes, such as 64MiB or 5GiB".to_owned())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self.0 {
            n if n % GIB == 0 => (n / GIB, " GiB"),
            n if n % MIB == 0 => (n / MIB, " MiB"),
            n if n % KIB == 0 => (n / KIB, " KiB"),
            n => (n, " bytes"),
        };
        write!(f, "{number}{unit}")
    }
}

/// The bucket.
const BUCKET: &str = "sidegate-bench-objects";

/// The most that a large object may add to the daemon's memory, in MiB.
const MEMORY_GOAL: f64 = 64.0;

/// Measures objects.
pub(super) fn measure(bench: &Bench, args: &S3Args) -> Result<Report, BenchError> {
    let mut report = Report::new("s3");
    let (object, size, rounds) =
        if args.quick { (Size(64 * MIB), Size(256 * MIB), 1) } else { (args.object, args.size, args.rounds) };
    let (daemon, _) = Daemon::start(&bench.exe)?;
    check_space(&daemon.work(), u64::from(args.streams) * 3 * object.0 + size.0)?;
    let subnet = network(bench, &daemon)?;
    let file = |name: &str, size: Size| -> Result<(), BenchError> {
        let file = File::create(daemon.work().join(name)).step("making a file to upload")?;
        file.set_len(size.0).step("making a file to upload")
    };
    file("object", object)?;
    file("large", size)?;
    let gateway = Client::gateway(&daemon, &subnet);
    gateway.command(&format!("--request PUT {}/", gateway.url())).step("creating a bucket")?;
    let nginx = Nginx::start(bench, &daemon.work())?;

    let mut servers = vec![("sidegate, gateway endpoint", gateway)];
    servers.extend(nginx.as_ref().map(|nginx| ("nginx, bare link", nginx.client(&daemon.work()))));
    let found = interleave(bench, &servers, rounds, args.streams, object)?;
    if nginx.is_none() {
        report
            .notes
            .push("nginx is not installed, or has no TLS or WebDAV: there is nothing to compare with.".to_owned());
    }
    report.tables.push(speeds(&servers, &found, object, args.streams));
    if let Some((_, gateway)) = servers.first() {
        memory(bench, &daemon, gateway, size, &mut report)?;
    }
    drop(nginx);
    daemon.stop()?;
    report.notes.push(format!(
        "{rounds} rounds, servers and directions in a new order in each; curl as the client, TLS 1.3. CPU is that of the \
         server's processes alone.\nSidegate computes an MD5 (the ETag) of what comes in, and writes it through to the disk before it \
         answers; nginx does neither."
    ));
    Ok(report)
}

fn check_space(path: &Path, needed: u64) -> Result<(), BenchError> {
    let free = workbench::free_space(path).step("looking at the free space")?;
    if needed <= free {
        return Ok(());
    }
    let reason = format!(
        "`{}` has {} MiB left and {} are needed; ask for less with `--object` and `--size`, or set TMPDIR",
        path.display(),
        free / MIB,
        needed / MIB
    );
    Err(BenchError::Step { step: "making room for objects".to_owned(), reason })
}

/// A VPC with a gateway endpoint for S3; returns its subnet.
fn network(bench: &Bench, daemon: &Daemon) -> Result<String, BenchError> {
    let make = |action: &'static str, parameters: &[(&str, &str)], id: &str| -> Result<String, BenchError> {
        let answer = bench.runtime.block_on(daemon.client.ec2(action, parameters)).step(action)?;
        answer.text(id).map(str::to_owned).step(format!("reading {id} of {action}"))
    };
    let vpc = make("CreateVpc", &[("CidrBlock", "10.78.0.0/16")], "vpcId")?;
    let subnet = make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.78.1.0/24")], "subnetId")?;
    let table = make("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId")?;
    make("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &subnet)], "associationId")?;
    let service = format!("com.amazonaws.{REGION}.s3");
    let endpoint = [("VpcId", vpc.as_str()), ("ServiceName", &service), ("RouteTableId.1", &table)];
    make("CreateVpcEndpoint", &endpoint, "vpcEndpointId")?;
    Ok(subnet)
}

/// For each server, the samples of PUT and of GET.
type Found = Vec<[Vec<Sample>; 2]>;

fn interleave(
    bench: &Bench, servers: &[(&str, Client)], rounds: u32, streams: u8, object: Size,
) -> Result<Found, BenchError> {
    let progress = ProgressBar::new(u64::from(rounds) * servers.len() as u64 * 2);
    let mut found: Found = servers.iter().map(|_| Default::default()).collect();
    let mut shuffle = Shuffle::new();
    for _ in 0..rounds {
        for index in shuffle.order(servers.len()) {
            let (Some((_, client)), Some(samples)) = (servers.get(index), found.get_mut(index)) else { continue };
            for (direction, samples) in [Direction::Put, Direction::Get].into_iter().zip(samples) {
                bench.interrupt.check()?;
                samples.push(client.transfer(direction, "object", streams, object.0)?);
                progress.inc(1);
            }
        }
    }
    progress.finish_and_clear();
    Ok(found)
}

fn speeds(servers: &[(&str, Client)], found: &Found, object: Size, streams: u8) -> Table {
    let mut rows = Vec::new();
    for (at, direction) in ["PUT", "GET"].into_iter().enumerate() {
        let base = found.get(1).and_then(|nginx| nginx.get(at));
        for ((name, _), samples) in servers.iter().zip(found) {
            let Some(samples) = samples.get(at) else { continue };
            let cell = |of: fn(&Sample) -> f64, digits| {
                let values: Vec<f64> = samples.iter().map(of).collect();
                match base {
                    Some(base) => {
                        let base: Vec<f64> = base.iter().map(of).collect();
                        Cell::with_ratio(median(&values), digits, median_ratio(&values, &base))
                    }
                    None => Cell::of(median(&values), digits),
                }
            };
            let cells = vec![cell(Sample::speed, 2), cell(Sample::cost, 2)];
            rows.push(Row { name: format!("{direction}, {name}"), cells });
        }
    }
    Table {
        title: format!("{streams} objects of {object} at once, and the ratio to nginx"),
        columns: ["GB/s", "server's CPU s/GB"].map(str::to_owned).to_vec(),
        rows,
    }
}

fn memory(bench: &Bench, daemon: &Daemon, gateway: &Client, size: Size, report: &mut Report) -> Result<(), BenchError> {
    let mib = |figure| memory_of(daemon.process(), figure).unwrap_or_default() as f64 / MIB as f64;
    let mut rows = Vec::new();
    for (name, direction) in [("PUT", Direction::Put), ("GET", Direction::Get)] {
        bench.interrupt.check()?;
        let before = mib("VmRSS");
        forget_peak(daemon.process()).step("watching the daemon's memory")?;
        let sample = gateway.transfer(direction, "large", 1, size.0)?;
        let peak = mib("VmHWM");
        rows.push(Row {
            name: name.to_owned(),
            cells: vec![Cell::of(before, 1), Cell::of(peak, 1), Cell::of(sample.speed(), 2)],
        });
        let goal = format!("{name} of {size}: what it adds to the daemon's memory, MiB");
        report.goals.push(Goal::new(goal, Bound::AtMost(MEMORY_GOAL), (peak - before).max(0.0)));
    }
    report.tables.push(Table {
        title: format!("One object of {size}"),
        columns: ["daemon before, MiB", "daemon at its peak, MiB", "GB/s"].map(str::to_owned).to_vec(),
        rows,
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!("5GiB".parse(), Ok(Size(5 * GIB)));
        assert_eq!("64MiB".parse(), Ok(Size(64 * MIB)));
        assert_eq!("1000".parse(), Ok(Size(1000)));
        for wrong in ["", "0", "GiB", "5GB", "-1", "99999999999GiB"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
        assert_eq!(Size(5 * GIB).to_string(), "5 GiB");
        assert_eq!(Size(1000).to_string(), "1000 bytes");
    }
}
