//! DynamoDB: programs in a subnet put, get and query items through a gateway endpoint; where the engine behind it is installed
//! as a server of its own, the same of that over a bare link.

mod rival;

use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;

use self::rival::Rival;
use super::curl::{Client, Load, Sample};
use super::daemon::{Daemon, REGION};
use super::link::Link;
use super::report::{Cell, Report, Row, Table};
use super::sample::{Shuffle, median, median_ratio};
use super::{Bench, BenchError, Step as _, subnet};

/// Arguments of `sidegate bench dynamodb`.
#[derive(Debug, Args)]
pub(super) struct DynamodbArgs {
    /// How many clients there are at once, each with one connection and an item of its own
    #[arg(long, value_delimiter = ',', default_value = "1,4,16", value_parser = clap::value_parser!(u8).range(1..=64))]
    clients: Vec<u8>,
    /// How often everything is measured
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// One round
    #[arg(long)]
    quick: bool,
}

/// What every request has besides its operation and its document.
const JSON: &str = "--header content-type:application/x-amz-json-1.0";

const OPERATIONS: [&str; 3] = ["PutItem", "GetItem", "Query"];

/// How long the text of an item is.
const TEXT: usize = 400;

/// How many items of one partition a query finds.
const FOUND: usize = 10;

/// A server, and how to ask it.
struct Server<'a> {
    name: &'static str,
    client: Client<'a>,
}

/// An operation by so many clients, of each server.
struct Kind {
    operation: &'static str,
    loads: Vec<Load>,
    samples: Vec<Vec<Sample>>,
}

impl Kind {
    fn options(operation: &str) -> String {
        format!("{} --data-binary @{operation}-$number", target(operation))
    }
}

fn target(operation: &str) -> String {
    format!("--header x-amz-target:DynamoDB_20120810.{operation}")
}

/// Measures operations.
pub(super) fn measure(bench: &Bench, args: &DynamodbArgs) -> Result<Report, BenchError> {
    let rounds = if args.quick { 1 } else { args.rounds };
    let (daemon, _) = Daemon::start(&bench.exe)?;
    let subnet = subnet::behind_gateway_endpoint(bench, &daemon, "dynamodb")?;
    write_documents(&daemon, args)?;
    let link = Link::new(bench)?;
    let rival = Rival::start(&link)?;
    let own = |scheme| {
        let url = format!("{scheme}://dynamodb.{REGION}.amazonaws.com");
        Client::inside(&daemon, &subnet, "dynamodb", JSON, url)
    };
    let mut servers =
        vec![Server { name: "over TLS", client: own("https") }, Server { name: "over HTTP", client: own("http") }];
    make(bench, &own("https"), args)?;
    if let Some(rival) = &rival {
        let client = rival.client(&link, &daemon.work(), JSON);
        make(bench, &client, args)?;
        servers.push(Server { name: rival::NAME, client });
    }
    let kinds = sampled(bench, &servers, args, rounds)?;
    let mut report = Report::new("dynamodb");
    report.tables.push(table(&servers, &kinds));
    report.notes.push(note(rounds, rival.is_some()));
    drop(servers);
    drop(rival);
    daemon.stop()?;
    Ok(report)
}

fn note(rounds: u32, with_rival: bool) -> String {
    let first = format!(
        "Operations a second, and the ratio of Sidegate over HTTP to {}; {rounds} rounds, servers in a new order in each. Every \
         client is a curl with\none connection, in a subnet behind a gateway endpoint or at the other end of a bare link. A \
         sample lasts half a second at least. An item\nhas {TEXT} bytes of text, a query finds {FOUND}.",
        rival::NAME
    );
    if with_rival {
        format!("{first} {} is asked over plain HTTP, and decides no permissions.", rival::NAME)
    } else {
        format!("{first} {} is not installed: there is nothing to compare with.", rival::NAME)
    }
}

/// The documents that clients send.
fn write_documents(daemon: &Daemon, args: &DynamodbArgs) -> Result<(), BenchError> {
    let write = |name: String, document: serde_json::Value| {
        std::fs::write(daemon.work().join(name), document.to_string()).step("writing a document to send")
    };
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let attribute = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let table = json!({
        "TableName": "bench",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
        "AttributeDefinitions": [attribute("pk"), attribute("sk")],
    });
    write("CreateTable".to_owned(), table)?;
    write("DescribeTable".to_owned(), json!({"TableName": "bench"}))?;
    for number in 1..=most(args) {
        let text = |text: String| json!({"S": text});
        let (pk, sk) = (text(format!("client-{number}")), |at: usize| text(format!("item-{at}")));
        let item = |at| json!({"pk": pk, "sk": sk(at), "text": text("x".repeat(TEXT))});
        write(format!("PutItem-{number}"), json!({"TableName": "bench", "Item": item(0)}))?;
        let key = json!({"TableName": "bench", "Key": {"pk": pk, "sk": sk(0)}});
        write(format!("GetItem-{number}"), key)?;
        let condition = json!({"TableName": "bench", "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": pk}});
        write(format!("Query-{number}"), condition)?;
        let puts: Vec<_> = (0..FOUND).map(|at| json!({"PutRequest": {"Item": item(at)}})).collect();
        write(format!("BatchWriteItem-{number}"), json!({"RequestItems": {"bench": puts}}))?;
    }
    Ok(())
}

fn most(args: &DynamodbArgs) -> u8 {
    args.clients.iter().copied().max().unwrap_or_default()
}

/// Makes the table, and the items that are found.
fn make(bench: &Bench, client: &Client<'_>, args: &DynamodbArgs) -> Result<(), BenchError> {
    let ask = |operation: &str| {
        bench.interrupt.check()?;
        client.command(&format!("{} --data-binary @{operation} {}", target(operation), client.url()))
    };
    ask("CreateTable")?;
    while !ask("DescribeTable")?.contains("\"ACTIVE\"") {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let all = Load { clients: most(args), requests: 1 };
    client.sample(&Kind::options("BatchWriteItem"), "/", all).map(drop)
}

fn sampled(bench: &Bench, servers: &[Server<'_>], args: &DynamodbArgs, rounds: u32) -> Result<Vec<Kind>, BenchError> {
    let mut kinds = Vec::new();
    for operation in OPERATIONS {
        for clients in &args.clients {
            let mut loads = Vec::new();
            for Server { client, .. } in servers {
                bench.interrupt.check()?;
                loads.push(client.calibrate(&Kind::options(operation), "/", *clients, 20_000)?);
            }
            kinds.push(Kind { operation, loads, samples: vec![Vec::new(); servers.len()] });
        }
    }
    let mut shuffle = Shuffle::new();
    let progress = ProgressBar::new(u64::from(rounds) * kinds.len() as u64);
    for _ in 0..rounds {
        for index in shuffle.order(kinds.len()) {
            let Some(kind) = kinds.get_mut(index) else { continue };
            for at in shuffle.order(servers.len()) {
                bench.interrupt.check()?;
                if let (Some(server), Some(load)) = (servers.get(at), kind.loads.get(at)) {
                    let found = server.client.sample(&Kind::options(kind.operation), "/", *load)?;
                    kind.samples.get_mut(at).step("keeping a sample")?.push(found);
                }
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    Ok(kinds)
}

fn table(servers: &[Server<'_>], kinds: &[Kind]) -> Table {
    let row = |kind: &Kind| {
        let rates: Vec<Vec<f64>> = kind.samples.iter().map(|own| own.iter().map(Sample::rate).collect()).collect();
        let cell = |at: usize, own: &Vec<f64>| match (at, rates.get(2)) {
            (1, Some(rival)) => Cell::with_ratio(median(own), 0, median_ratio(own, rival)),
            _ => Cell::of(median(own), 0),
        };
        let mut cells: Vec<Cell> = rates.iter().enumerate().map(|(at, own)| cell(at, own)).collect();
        let cpu = kind.samples.first().map(|own| own.iter().map(Sample::cpu).collect::<Vec<_>>()).unwrap_or_default();
        cells.push(Cell::of(median(&cpu), 0));
        let clients = kind.loads.first().map_or(0, |load| load.clients);
        let plural = if clients == 1 { "" } else { "s" };
        Row { name: format!("{}, {clients} client{plural}", kind.operation), cells }
    };
    let columns = servers.iter().map(|server| server.name.to_owned()).chain(["CPU µs, TLS".to_owned()]).collect();
    Table { title: "Operations a second".to_owned(), columns, rows: kinds.iter().map(row).collect() }
}
