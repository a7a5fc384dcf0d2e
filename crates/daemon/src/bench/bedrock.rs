//! What an interface endpoint adds to a stream of Converse: a program in a subnet asks a model over TLS, for which another
//! server answers; and that server itself is asked in its own protocol.

mod upstream;

use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;
use sidegate_linux::netns::NetNs;

use self::upstream::Upstream;
use super::curl::{Client, Load, Sample};
use super::daemon::Daemon;
use super::report::{Cell, Report, Row, Table};
use super::sample::{Shuffle, median, median_ratio};
use super::{Bench, BenchError, Step as _, subnet};

/// Arguments of `sidegate bench bedrock`.
#[derive(Debug, Args)]
pub(super) struct BedrockArgs {
    /// How many tokens an answer has; the stream of one token is over with its first
    #[arg(long, value_delimiter = ',', default_value = "1,100", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    tokens: Vec<u32>,
    /// How often everything is measured
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Two rounds
    #[arg(long)]
    quick: bool,
}

/// A model whose id needs no escape in a path, for which clients differ.
const MODEL: &str = "amazon.titan-text-express-v1";

const JSON: &str = "--header content-type:application/json --no-buffer";

/// What is asked, by either way.
const QUESTION: &str = "Why does Bedrock use an interface endpoint?";

/// So many tokens, by each way.
struct Kind {
    tokens: u32,
    loads: [Load; 2],
    /// Directly, and through the endpoint.
    samples: [Vec<Sample>; 2],
}

impl Kind {
    /// Options and path, directly and through the endpoint.
    fn asks(tokens: u32) -> [(String, String); 2] {
        let body = |way: &str| format!("--data-binary @{way}-{tokens}");
        [
            (body("direct"), "/v1/chat/completions".to_owned()),
            (body("endpoint"), format!("/model/{MODEL}/converse-stream")),
        ]
    }
}

/// Measures streams.
pub(super) fn measure(bench: &Bench, args: &BedrockArgs) -> Result<Report, BenchError> {
    let rounds = if args.quick { 2 } else { args.rounds };
    let upstream = Upstream::start()?;
    let config = format!(
        "[service.bedrock-runtime]\nupstream = \"http://{}/v1\"\n[service.bedrock-runtime.models]\n\"{MODEL}\" = \"bench\"\n",
        upstream.address()
    );
    let (daemon, _) = Daemon::configured(&bench.exe, &config)?;
    let (subnet, name) = subnet::behind_interface_endpoint(bench, &daemon, "bedrock-runtime")?;
    let own = NetNs::current().step("opening the machine's own network")?;
    // Its CPU is of no interest, and not told.
    let server = std::process::id();
    let clients = [
        Client::bare(&own, &daemon.work(), JSON, format!("http://{}", upstream.address()), server),
        Client::inside(&daemon, &subnet, "bedrock", JSON, format!("https://{name}")),
    ];
    let mut kinds = Vec::new();
    for tokens in &args.tokens {
        kinds.push(prepare(bench, &daemon, &clients, *tokens)?);
    }
    let mut shuffle = Shuffle::new();
    let progress = ProgressBar::new(u64::from(rounds) * kinds.len() as u64);
    for _ in 0..rounds {
        for index in shuffle.order(kinds.len()) {
            bench.interrupt.check()?;
            if let Some(kind) = kinds.get_mut(index) {
                sample(kind, &clients, &mut shuffle)?;
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    daemon.stop()?;
    let mut report = Report::new("bedrock");
    report.tables.push(table(&kinds));
    report.notes.push(format!(
        "{rounds} rounds, both ways in turns in a new order in each; a sample lasts half a second at least. Each is a curl with \
         one connection, which asks for one\nstream after the other: on the host, over plain HTTP, or in a subnet, over TLS \
         through an interface endpoint, with its signature, permission\nand translation. The server of the model answers at \
         once, a token in each of its writes. Ratios are medians of those within a round."
    ));
    Ok(report)
}

/// Writes what is asked, and finds how many requests last long enough.
fn prepare(bench: &Bench, daemon: &Daemon, clients: &[Client<'_>; 2], tokens: u32) -> Result<Kind, BenchError> {
    const STEP: &str = "writing a document to send";
    let chat = json!({"model": "bench", "stream": true, "max_tokens": tokens,
        "stream_options": {"include_usage": true}, "messages": [{"role": "user", "content": QUESTION}]});
    let converse = json!({"messages": [{"role": "user", "content": [{"text": QUESTION}]}],
        "inferenceConfig": {"maxTokens": tokens}});
    for (way, document) in [("direct", chat), ("endpoint", converse)] {
        std::fs::write(daemon.work().join(format!("{way}-{tokens}")), document.to_string()).step(STEP)?;
    }
    let [direct, endpoint] = Kind::asks(tokens);
    let [first, second] = clients;
    let load = |client: &Client<'_>, (options, path): &(String, String)| {
        bench.interrupt.check()?;
        client.calibrate(options, path, 1, 10_000)
    };
    let loads = [load(first, &direct)?, load(second, &endpoint)?];
    Ok(Kind { tokens, loads, samples: [Vec::new(), Vec::new()] })
}

fn sample(kind: &mut Kind, clients: &[Client<'_>; 2], shuffle: &mut Shuffle) -> Result<(), BenchError> {
    let asks = Kind::asks(kind.tokens);
    for way in shuffle.order(clients.len()) {
        let (Some(client), Some((options, path)), Some(load)) = (clients.get(way), asks.get(way), kind.loads.get(way))
        else {
            continue;
        };
        let found = client.sample(options, path, *load)?;
        if let Some(samples) = kind.samples.get_mut(way) {
            samples.push(found);
        }
    }
    Ok(())
}

fn table(kinds: &[Kind]) -> Table {
    let row = |kind: &Kind| {
        let [direct, endpoint] =
            kind.samples.each_ref().map(|own| own.iter().map(|sample| 1e3 / sample.rate()).collect::<Vec<_>>());
        let ratio = median_ratio(&endpoint, &direct);
        let added = median(&endpoint) - median(&direct);
        let cells =
            vec![Cell::of(median(&direct), 2), Cell::with_ratio(median(&endpoint), 2, ratio), Cell::of(added, 2)];
        let name = match kind.tokens {
            1 => "to the first token".to_owned(),
            tokens => format!("{tokens} tokens"),
        };
        Row { name, cells }
    };
    Table {
        title: "A stream, ms".to_owned(),
        columns: ["the server alone", "ConverseStream, and its ratio", "more"].map(str::to_owned).to_vec(),
        rows: kinds.iter().map(row).collect(),
    }
}
