//! S3 over TLS through a gateway endpoint, against nginx that serves files over TLS on a bare link; over plain HTTP against
//! another server of S3, where one is installed; and what of it is cryptography.

mod cryptography;
mod nginx;
mod rival;

use std::path::Path;

use clap::Args;
use indicatif::ProgressBar;
use sidegate_linux::workbench;

use self::cryptography::shares;
use self::nginx::Nginx;
use self::rival::Rival;
use super::curl::{Client, Load, Sample};
use super::daemon::{Daemon, REGION};
use super::link::Link;
use super::report::{Cell, Report, Row, Table};
use super::sample::{Shuffle, median, median_ratio};
use super::size::{GIB, KIB, MIB, Size};
use super::{Bench, BenchError, Step as _, subnet};

/// Arguments of `sidegate bench s3`.
#[derive(Debug, Args)]
pub(super) struct S3Args {
    /// The sizes of the objects
    #[arg(long, value_name = "BYTES", value_delimiter = ',', default_value = "4KiB,64KiB,1MiB,64MiB,1GiB")]
    sizes: Vec<Size>,
    /// How many clients there are at once, each with one connection
    #[arg(long, value_delimiter = ',', default_value = "1,4,16", value_parser = clap::value_parser!(u8).range(1..=64))]
    clients: Vec<u8>,
    /// How many bytes travel at most in a sample; what cannot be had with so many is left out
    #[arg(long, value_name = "BYTES", default_value = "4GiB")]
    most: Size,
    /// How often everything is measured; samples of more than a gibibyte once
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// One round with small objects
    #[arg(long)]
    quick: bool,
}

/// The bucket.
pub(super) const BUCKET: &str = "sidegate-bench-objects";

/// Signed, as every request of S3 is, but for the body.
pub(super) const UNSIGNED: &str = "--header x-amz-content-sha256:UNSIGNED-PAYLOAD";

/// The largest objects that are measured over plain HTTP.
const LARGEST_PLAIN: u64 = 64 * MIB;

/// Which way objects go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    /// To the server.
    Put,
    /// From it.
    Get,
}

/// A server, and how to ask it.
struct Server<'a> {
    name: String,
    client: Client<'a>,
}

/// What is measured, of some servers. The first is Sidegate; the second is what it is compared with.
struct Matrix<'a> {
    servers: Vec<Server<'a>>,
    sizes: Vec<Size>,
    clients: Vec<u8>,
    most: u64,
    rounds: u32,
}

/// The rows of both directions, and what a request of Sidegate's costs in CPU by direction and size.
#[derive(Default)]
struct Found {
    put: Vec<Row>,
    get: Vec<Row>,
    costs: Vec<(Direction, Size, f64)>,
}

/// Measures objects.
pub(super) fn measure(bench: &Bench, args: &S3Args) -> Result<Report, BenchError> {
    let mut report = Report::new("s3");
    let (sizes, clients, rounds) = if args.quick {
        (vec![Size(4 * KIB), Size(16 * MIB)], vec![1, 4], 1)
    } else {
        (args.sizes.clone(), args.clients.clone(), args.rounds)
    };
    let (daemon, _) = Daemon::start(&bench.exe)?;
    check_space(&daemon.work(), &sizes, &clients, args.most.0)?;
    let subnet = subnet::behind_gateway_endpoint(bench, &daemon, "s3")?;
    let gateway = |scheme| {
        let url = format!("{scheme}://{BUCKET}.s3.{REGION}.amazonaws.com");
        Client::inside(&daemon, &subnet, "s3", UNSIGNED, url)
    };
    let tls = gateway("https");
    tls.command(&format!("--request PUT {}/", tls.url())).step("creating a bucket")?;
    for size in &sizes {
        source(&daemon.work(), *size)?;
    }
    let link = Link::new(bench)?;
    let nginx = Nginx::start(&link, &daemon.work())?;
    let rival = Rival::start(&link, &daemon.work())?;

    let mut servers = vec![Server { name: "Sidegate".to_owned(), client: tls }];
    servers.extend(nginx.as_ref().map(|nginx| {
        let client = nginx.client(&link, &daemon.work());
        Server { name: "nginx".to_owned(), client }
    }));
    let matrix = Matrix { servers, sizes: sizes.clone(), clients: clients.clone(), most: args.most.0, rounds };
    let found = matrix.measure(bench)?;
    report.tables.extend(shares(&found.costs));
    matrix.show("over TLS", found, &mut report);
    if let Some(rival) = &rival {
        let other = Server { name: rival::NAME.to_owned(), client: rival.client(&link, &daemon.work()) };
        let servers = vec![Server { name: "Sidegate".to_owned(), client: gateway("http") }, other];
        let sizes = sizes.into_iter().filter(|size| size.0 <= LARGEST_PLAIN).collect();
        let matrix = Matrix { servers, sizes, clients, most: args.most.0.min(GIB), rounds };
        let found = matrix.measure(bench)?;
        matrix.show("over plain HTTP", found, &mut report);
    }
    note(&mut report, rounds, nginx.is_some(), rival.is_some());
    drop((nginx, rival));
    daemon.stop()?;
    Ok(report)
}

fn note(report: &mut Report, rounds: u32, with_nginx: bool, with_rival: bool) {
    report.notes.push(format!(
        "Requests a second, and the ratio to the other server; {rounds} rounds, servers in a new order in each. Every client \
         is a curl with one\nconnection, in a subnet behind a gateway endpoint or at the other end of a bare link. A sample \
         lasts half a second at least, with the start\nof the clients in it. Each client has one object, which it overwrites. \
         GB/s and CPU (of the server's processes alone) with the most\nclients.\nSidegate encrypts every object, computes an \
         MD5 (the ETag) and a CRC of what comes in, and writes it and its row through to the disk\nbefore it answers; nginx \
         does none of it. Its GET reads from the page cache, as Sidegate's does."
    ));
    if !with_nginx {
        report
            .notes
            .push("nginx is not installed, or has no TLS or WebDAV: there is nothing to compare with.".to_owned());
    }
    report.notes.push(if with_rival {
        format!(
            "{} keeps objects as files; it computes an MD5, and neither encrypts nor writes through to the disk.",
            rival::NAME
        )
    } else {
        format!("{} is not installed: plain HTTP is left out.", rival::NAME)
    });
}

/// Refuses to begin what the disk has no room for: a source of each size, and all objects of the largest on two servers.
fn check_space(path: &Path, sizes: &[Size], clients: &[u8], most: u64) -> Result<(), BenchError> {
    let clients = u64::from(clients.iter().copied().max().unwrap_or_default());
    let objects = |size: &Size| (size.0 * clients).min(most.max(size.0));
    let needed = sizes.iter().map(|size| size.0).sum::<u64>() + 3 * sizes.iter().map(objects).max().unwrap_or_default();
    let free = workbench::free_space(path).step("looking at the free space")?;
    if needed <= free {
        return Ok(());
    }
    let reason = format!(
        "`{}` has {} MiB left and {} are needed; ask for less with `--sizes` and `--most`, or set TMPDIR",
        path.display(),
        free / MIB,
        needed / MIB
    );
    Err(BenchError::Step { step: "making room for objects".to_owned(), reason })
}

/// A file to upload.
fn source(directory: &Path, size: Size) -> Result<(), BenchError> {
    const STEP: &str = "making a file to upload";
    let file = std::fs::File::create(directory.join(size.0.to_string())).step(STEP)?;
    file.set_len(size.0).step(STEP)
}

impl Matrix<'_> {
    fn measure(&self, bench: &Bench) -> Result<Found, BenchError> {
        let mut found = Found::default();
        let progress = ProgressBar::new((self.sizes.len() * self.clients.len() * 2) as u64);
        for size in &self.sizes {
            for direction in [Direction::Put, Direction::Get] {
                let mut cells = Vec::new();
                for clients in &self.clients {
                    cells.push(self.sample(bench, direction, *size, *clients)?);
                    progress.inc(1);
                }
                self.add(&mut found, direction, *size, &cells);
            }
            self.clear(*size)?;
        }
        progress.finish_and_clear();
        Ok(found)
    }

    /// The samples of each server; none if too many bytes would travel.
    fn sample(
        &self, bench: &Bench, direction: Direction, size: Size, clients: u8,
    ) -> Result<Option<Vec<Vec<Sample>>>, BenchError> {
        let once = size.0 * u64::from(clients);
        let most = u32::try_from(self.most / once).unwrap_or(u32::MAX).min(100_000);
        if most == 0 {
            return Ok(None);
        }
        let (options, path) = (direction.options(size), Direction::path(size));
        let mut loads: Vec<Load> = Vec::new();
        for Server { client, .. } in &self.servers {
            bench.interrupt.check()?;
            loads.push(client.calibrate(&options, &path, clients, most)?);
        }
        let mut samples = vec![Vec::new(); self.servers.len()];
        let mut shuffle = Shuffle::new();
        for _ in 0..if once > GIB { 1 } else { self.rounds } {
            for index in shuffle.order(self.servers.len()) {
                bench.interrupt.check()?;
                let parts = (self.servers.get(index), loads.get(index), samples.get_mut(index));
                if let (Some(server), Some(load), Some(samples)) = parts {
                    samples.push(server.client.sample(&options, &path, *load)?);
                }
            }
        }
        Ok(Some(samples))
    }

    /// Adds the rows of a size, a cell for each number of clients.
    fn add(&self, found: &mut Found, direction: Direction, size: Size, cells: &[Option<Vec<Vec<Sample>>>]) {
        for (index, server) in self.servers.iter().enumerate() {
            let of = |samples: &[Vec<Sample>], at: usize, figure: fn(&Sample) -> f64| -> Vec<f64> {
                samples.get(at).into_iter().flatten().map(figure).collect()
            };
            let rates = cells.iter().map(|cell| {
                let Some(samples) = cell else { return Cell::default() };
                let own = of(samples, index, Sample::rate);
                let digits = if median(&own) < 10.0 { 2 } else { 0 };
                let base = of(samples, 1, Sample::rate);
                let ratio = if index == 0 { median_ratio(&own, &base) } else { f64::NAN };
                Cell::with_ratio(median(&own), digits, ratio)
            });
            let last = cells.iter().flatten().next_back().map_or(&[][..], Vec::as_slice);
            let cpu = median(&of(last, index, Sample::cpu));
            let mut row: Vec<Cell> = rates.collect();
            row.push(Cell::of(median(&of(last, index, Sample::rate)) * size.0 as f64 / 1e9, 3));
            row.push(Cell::of(cpu, 0));
            if index == 0 {
                found.costs.push((direction, size, cpu));
            }
            let rows = if direction == Direction::Put { &mut found.put } else { &mut found.get };
            rows.push(Row { name: format!("{size}, {}", server.name), cells: row });
        }
    }

    fn show(&self, how: &str, found: Found, report: &mut Report) {
        let clients = self.clients.iter().map(|n| if *n == 1 { "1 client".to_owned() } else { format!("{n} clients") });
        let columns: Vec<String> = clients.chain(["GB/s", "CPU, µs"].map(str::to_owned)).collect();
        for (name, rows) in [("GET", found.get), ("PUT", found.put)] {
            report.tables.push(Table { title: format!("{name} {how}"), columns: columns.clone(), rows });
        }
    }

    /// Removes the objects of a size.
    fn clear(&self, size: Size) -> Result<(), BenchError> {
        let fits = |n: &u8| u64::from(*n) * size.0 <= self.most;
        let Some(clients) = self.clients.iter().copied().filter(fits).max() else { return Ok(()) };
        for Server { client, .. } in &self.servers {
            client.sample("--request DELETE", &Direction::path(size), Load { clients, requests: 1 })?;
        }
        Ok(())
    }
}

impl Direction {
    /// curl's options, with a file of this size to send.
    fn options(self, size: Size) -> String {
        match self {
            Self::Put => format!("--upload-file {}", size.0),
            Self::Get => String::new(),
        }
    }

    /// Each client's own object of this size.
    fn path(size: Size) -> String {
        format!("/{}-$number", size.0)
    }
}
