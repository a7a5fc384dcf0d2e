//! What requests of KMS take, one after the other over one connection, by what they do.

use std::time::Instant;

use clap::Args;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::daemon::Daemon;
use super::report::{Cell, Report, Row, Table};
use super::sample::{Shuffle, lower_quartile};
use super::{Bench, BenchError, Step as _};
use crate::client::Client;

/// Arguments of `sidegate bench kms`.
#[derive(Debug, Args)]
pub(super) struct KmsArgs {
    /// How often everything is measured
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Three rounds
    #[arg(long)]
    quick: bool,
}

/// How many requests of a kind there are in a round.
const REQUESTS: u32 = 100;

/// A request that is made again and again.
struct Kind {
    name: String,
    operation: &'static str,
    document: String,
}

/// Measures requests.
pub(super) fn measure(bench: &Bench, args: &KmsArgs) -> Result<Report, BenchError> {
    let rounds = if args.quick { 3 } else { args.rounds };
    let (daemon, _) = Daemon::start(&bench.exe)?;
    let client = daemon.client.with_key(daemon.key().clone());
    let kinds = bench.runtime.block_on(kinds(&client))?;
    let mut samples = vec![Vec::new(); kinds.len()];
    let mut shuffle = Shuffle::new();
    let progress = ProgressBar::new(u64::from(rounds));
    progress.set_message("requests");
    for _ in 0..rounds {
        for index in shuffle.order(kinds.len()) {
            bench.interrupt.check()?;
            if let (Some(kind), Some(samples)) = (kinds.get(index), samples.get_mut(index)) {
                samples.push(bench.runtime.block_on(ask(&client, kind))?);
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    daemon.stop()?;
    let mut report = Report::new("kms");
    report.tables.push(table(&kinds, &samples));
    report.notes.push(format!(
        "{rounds} rounds of {REQUESTS} requests of each kind, one after the other over one connection of plain HTTP on the \
         loopback, in a new order in each round.\nA request: its signature, the decision under the key's policy, the key \
         and its material from the database, the operation, the answer. Figures are lower quartiles."
    ));
    Ok(report)
}

/// Microseconds for each of some requests.
async fn ask(client: &Client, kind: &Kind) -> Result<f64, BenchError> {
    let begin = Instant::now();
    for _ in 0..REQUESTS {
        client.kms(kind.operation, &kind.document).await.step(kind.name.as_str())?;
    }
    Ok(begin.elapsed().as_secs_f64() * 1e6 / f64::from(REQUESTS))
}

async fn call(client: &Client, operation: &str, document: &Value) -> Result<Value, BenchError> {
    let answer = client.kms(operation, &document.to_string()).await.step(operation)?;
    serde_json::from_str(&answer).step(operation)
}

/// A new key.
async fn key(client: &Client, spec: &str, usage: &str) -> Result<String, BenchError> {
    let made = call(client, "CreateKey", &json!({"KeySpec": spec, "KeyUsage": usage})).await?;
    made.pointer("/KeyMetadata/KeyId").and_then(Value::as_str).map(str::to_owned).step("reading the id of a key")
}

async fn kinds(client: &Client) -> Result<Vec<Kind>, BenchError> {
    let symmetric = key(client, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").await?;
    let mac = key(client, "HMAC_256", "GENERATE_VERIFY_MAC").await?;
    let curve = key(client, "ECC_NIST_P256", "SIGN_VERIFY").await?;
    let rsa = key(client, "RSA_2048", "SIGN_VERIFY").await?;
    // 1 KiB of zeros in base64.
    let content = format!("{}AA==", "AAAA".repeat(341));
    let context = json!({"purpose": "bench"});
    let encryption = json!({"KeyId": symmetric, "Plaintext": content, "EncryptionContext": context});
    let sealed = call(client, "Encrypt", &encryption).await?;
    let sealed = sealed.get("CiphertextBlob").cloned().unwrap_or_default();
    let kind = |name: &str, operation, document: Value| Kind {
        name: name.to_owned(),
        operation,
        document: document.to_string(),
    };
    let sign = |key: &str, algorithm| json!({"KeyId": key, "Message": content, "SigningAlgorithm": algorithm});
    Ok(vec![
        kind("Encrypt 1 KiB", "Encrypt", encryption),
        kind("Decrypt 1 KiB", "Decrypt", json!({"CiphertextBlob": sealed, "EncryptionContext": context})),
        kind("GenerateDataKey", "GenerateDataKey", json!({"KeyId": symmetric, "KeySpec": "AES_256"})),
        kind("GenerateMac", "GenerateMac", json!({"KeyId": mac, "Message": content, "MacAlgorithm": "HMAC_SHA_256"})),
        kind("Sign, P-256", "Sign", sign(&curve, "ECDSA_SHA_256")),
        kind("Sign, RSA 2048", "Sign", sign(&rsa, "RSASSA_PSS_SHA_256")),
        kind("DescribeKey", "DescribeKey", json!({"KeyId": symmetric})),
        kind("CreateKey, durable", "CreateKey", json!({})),
    ])
}

fn table(kinds: &[Kind], samples: &[Vec<f64>]) -> Table {
    let row = |(kind, samples): (&Kind, &Vec<f64>)| {
        let found = lower_quartile(samples);
        Row { name: kind.name.clone(), cells: vec![Cell::of(found, 1), Cell::of(1e6 / found, 0)] }
    };
    Table {
        title: "A request".to_owned(),
        columns: vec!["µs".to_owned(), "each second".to_owned()],
        rows: kinds.iter().zip(samples).map(row).collect(),
    }
}
