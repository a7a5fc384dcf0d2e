//! PutLogEvents: programs in a subnet write to CloudWatch Logs over TLS, through an interface endpoint.

use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;

use super::curl::{Client, Load, Sample};
use super::daemon::{Daemon, REGION};
use super::report::{Cell, Report, Row, Table};
use super::sample::{Shuffle, median};
use super::{Bench, BenchError, Step as _, subnet};
use crate::clock;

/// Arguments of `sidegate bench logs`.
#[derive(Debug, Args)]
pub(super) struct LogsArgs {
    /// How many events a request has
    #[arg(long, value_delimiter = ',', default_value = "1,100,1000", value_parser = clap::value_parser!(u32).range(1..=5000))]
    events: Vec<u32>,
    /// How many clients there are at once, each with one connection and a log stream of its own
    #[arg(long, value_delimiter = ',', default_value = "1,4,16", value_parser = clap::value_parser!(u8).range(1..=64))]
    clients: Vec<u8>,
    /// How often everything is measured
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// One round
    #[arg(long)]
    quick: bool,
}

const GROUP: &str = "bench";

/// How long a message is: a line as servers log it.
const MESSAGE: usize = 120;

/// What every request has besides its operation and its document.
const JSON: &str = "--header content-type:application/x-amz-json-1.1";

/// What is measured: so many clients with so many events in a request.
struct Kind {
    events: u32,
    load: Load,
    samples: Vec<Sample>,
}

impl Kind {
    fn options(events: u32) -> String {
        format!("{} --data-binary @events-{events}-$number", target("PutLogEvents"))
    }
}

fn target(operation: &str) -> String {
    format!("--header x-amz-target:Logs_20140328.{operation}")
}

/// Measures requests.
pub(super) fn measure(bench: &Bench, args: &LogsArgs) -> Result<Report, BenchError> {
    let rounds = if args.quick { 1 } else { args.rounds };
    let (daemon, _) = Daemon::start(&bench.exe)?;
    let (subnet, name) = subnet::behind_interface_endpoint(bench, &daemon, "logs")?;
    let client = Client::inside(&daemon, &subnet, "logs", JSON, format!("https://{name}"));
    prepare(&daemon, &client, args)?;
    let mut kinds = Vec::new();
    for events in &args.events {
        for clients in &args.clients {
            bench.interrupt.check()?;
            let load = client.calibrate(&Kind::options(*events), "/", *clients, 10_000)?;
            kinds.push(Kind { events: *events, load, samples: Vec::new() });
        }
    }
    let mut shuffle = Shuffle::new();
    let progress = ProgressBar::new(u64::from(rounds) * kinds.len() as u64);
    for _ in 0..rounds {
        for index in shuffle.order(kinds.len()) {
            bench.interrupt.check()?;
            if let Some(kind) = kinds.get_mut(index) {
                kind.samples.push(client.sample(&Kind::options(kind.events), "/", kind.load)?);
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    daemon.stop()?;
    let mut report = Report::new("logs");
    report.tables.push(table(&kinds));
    report.notes.push(format!(
        "{rounds} rounds, in a new order in each; a sample lasts half a second at least. Every client is a curl with one \
         connection of TLS in a subnet,\nthrough an interface endpoint, and writes to a log stream of its own. Messages have \
         {MESSAGE} bytes. Events are on the disk before the answer."
    ));
    Ok(report)
}

/// Makes the log group, a log stream for each client, and the documents that they send.
fn prepare(daemon: &Daemon, client: &Client<'_>, args: &LogsArgs) -> Result<(), BenchError> {
    let clients = args.clients.iter().copied().max().unwrap_or_default();
    let write = |name: String, document: serde_json::Value| {
        std::fs::write(daemon.work().join(name), document.to_string()).step("writing a document to send")
    };
    write("group".to_owned(), json!({"logGroupName": GROUP}))?;
    let now = clock::now_ms();
    for number in 1..=clients {
        let stream = format!("client-{number}");
        write(format!("stream-{number}"), json!({"logGroupName": GROUP, "logStreamName": stream}))?;
        for events in &args.events {
            let event = |at: u32| json!({"timestamp": now + i64::from(at), "message": message(at)});
            let document = json!({
                "logGroupName": GROUP,
                "logStreamName": stream,
                "logEvents": (0..*events).map(event).collect::<Vec<_>>(),
            });
            write(format!("events-{events}-{number}"), document)?;
        }
    }
    let one = Load { clients: 1, requests: 1 };
    client.sample(&format!("{} --data-binary @group", target("CreateLogGroup")), "/", one)?;
    let streams = format!("{} --data-binary @stream-$number", target("CreateLogStream"));
    client.sample(&streams, "/", Load { clients, requests: 1 }).map(drop)
}

fn message(at: u32) -> String {
    format!("{:<MESSAGE$}", format!("127.0.0.1 - - \"GET /documents/{at} HTTP/1.1\" 200 5316 {REGION}"))
}

fn table(kinds: &[Kind]) -> Table {
    let row = |kind: &Kind| {
        let rates: Vec<f64> = kind.samples.iter().map(Sample::rate).collect();
        let cpu: Vec<f64> = kind.samples.iter().map(Sample::cpu).collect();
        let (rate, events) = (median(&rates), f64::from(kind.events));
        let cells = vec![Cell::of(rate, 0), Cell::of(rate * events, 0), Cell::of(median(&cpu), 0)];
        let Kind { events, load: Load { clients, .. }, .. } = kind;
        let plural = |n: u32| if n == 1 { "" } else { "s" };
        let name = format!("{events} event{}, {clients} client{}", plural(*events), plural((*clients).into()));
        Row { name, cells }
    };
    Table {
        title: "PutLogEvents".to_owned(),
        columns: ["requests/s", "events/s", "CPU µs a request"].map(str::to_owned).to_vec(),
        rows: kinds.iter().map(row).collect(),
    }
}
