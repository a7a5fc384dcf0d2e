//! What authorization adds to a request: a small object of S3, read over one connection by principals that more and more
//! policies speak of.

use std::time::Instant;

use clap::Args;
use http::Method;
use indicatif::ProgressBar;
use serde_json::json;

use super::daemon::Daemon;
use super::report::{Cell, Report, Row, Table};
use super::sample::{Shuffle, lower_quartile, median_ratio};
use super::{Bench, BenchError, Step as _};
use crate::client::Client;
use crate::store::AccessKey;

/// Arguments of `sidegate bench policies`.
#[derive(Debug, Args)]
pub(super) struct PoliciesArgs {
    /// How often everything is measured
    #[arg(long, default_value_t = 31, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Three rounds
    #[arg(long)]
    quick: bool,
}

/// How many requests a principal makes in a round.
const REQUESTS: u32 = 200;

/// The size of the object.
const BYTES: usize = 1024;

/// The account that everything belongs to.
const ACCOUNT: &str = crate::accounts::FIRST_ACCOUNT;

/// A principal that reads an object.
struct Reader {
    name: &'static str,
    client: Client,
    path: String,
}

/// Measures requests.
pub(super) fn measure(bench: &Bench, args: &PoliciesArgs) -> Result<Report, BenchError> {
    let rounds = if args.quick { 3 } else { args.rounds };
    let (daemon, _) = Daemon::start(&bench.exe)?;
    let readers = readers(bench, &daemon)?;
    let mut samples = vec![Vec::new(); readers.len()];
    let mut shuffle = Shuffle::new();
    let progress = ProgressBar::new(u64::from(rounds));
    progress.set_message("requests");
    for _ in 0..rounds {
        for index in shuffle.order(readers.len()) {
            bench.interrupt.check()?;
            if let (Some(reader), Some(samples)) = (readers.get(index), samples.get_mut(index)) {
                samples.push(bench.runtime.block_on(read(reader))?);
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    daemon.stop()?;
    let mut report = Report::new("policies");
    report.tables.push(table(&readers, &samples));
    report.notes.push(format!(
        "{rounds} rounds of {REQUESTS} requests, one after the other over one connection of plain HTTP on the loopback; \
         the principals take turns in a new order in each round.\nA request: its signature, the decision, the object of \
         {BYTES} bytes from its file, the answer. Figures are lower quartiles, ratios medians of those within a round."
    ));
    Ok(report)
}

/// Microseconds for each of some requests.
async fn read(reader: &Reader) -> Result<f64, BenchError> {
    let begin = Instant::now();
    for _ in 0..REQUESTS {
        reader.client.s3(Method::GET, &reader.path, "").await.step(reader.name)?;
    }
    Ok(begin.elapsed().as_secs_f64() * 1e6 / f64::from(REQUESTS))
}

fn readers(bench: &Bench, daemon: &Daemon) -> Result<Vec<Reader>, BenchError> {
    let admin = &daemon.client;
    let iam =
        |action: &str, parameters: &[(&str, &str)]| bench.runtime.block_on(admin.iam(action, parameters)).step(action);
    let s3 = |path: &str, body: &str| bench.runtime.block_on(admin.s3(Method::PUT, path, body)).step(path);
    for bucket in ["/open", "/guarded"] {
        s3(bucket, "")?;
        s3(&format!("{bucket}/object"), &"x".repeat(BYTES))?;
    }
    s3("/guarded?policy", &guard())?;
    let user = |name: &str, statements: usize| -> Result<Client, BenchError> {
        let policy = permissions(statements);
        iam("CreateUser", &[("UserName", name)])?;
        iam("PutUserPolicy", &[("UserName", name), ("PolicyName", "reads"), ("PolicyDocument", &policy)])?;
        let answer = iam("CreateAccessKey", &[("UserName", name)])?;
        let text = |element: &str| answer.text(element).map(str::to_owned).step("reading an access key");
        let key = AccessKey { id: text("AccessKeyId")?, secret: text("SecretAccessKey")?, account: ACCOUNT.to_owned() };
        Ok(admin.with_key(key))
    };
    let (few, many) = (user("few", 1)?, user("many", 8)?);
    let boundary = [("PolicyName", "boundary"), ("PolicyDocument", &permissions(8))];
    let arn = iam("CreatePolicy", &boundary)?.text("Arn").map(str::to_owned).step("reading a policy's ARN")?;
    iam("PutUserPermissionsBoundary", &[("UserName", "many"), ("PermissionsBoundary", &arn)])?;
    let (open, guarded) = ("/open/object".to_owned(), "/guarded/object".to_owned());
    let root = daemon.client.with_key(daemon.key().clone());
    Ok(vec![
        Reader { name: "the root user, no policy", client: root, path: open.clone() },
        Reader { name: "a user, one statement", client: few, path: open },
        Reader { name: "a user with boundary and bucket policy, 19 statements", client: many, path: guarded },
    ])
}

/// An identity policy of so many statements, of which the last is the one that allows the reads.
fn permissions(statements: usize) -> String {
    let statement = |at: usize| {
        let resource =
            if at + 1 == statements { "arn:aws:s3:::*/object".to_owned() } else { format!("arn:aws:s3:::team-{at}/*") };
        let condition = json!({"StringNotEquals": {"aws:PrincipalTag/team": format!("none-{at}")}});
        json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": resource, "Condition": condition})
    };
    json!({"Version": "2012-10-17", "Statement": (0..statements).map(statement).collect::<Vec<_>>()}).to_string()
}

/// A bucket policy that keeps strangers and strange paths out.
fn guard() -> String {
    let denial = |condition: serde_json::Value| {
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::guarded/*",
            "Condition": condition})
    };
    let denials = [
        denial(json!({"Bool": {"aws:SecureTransport": "false"}})),
        denial(json!({"StringNotEqualsIfExists": {"aws:PrincipalAccount": ACCOUNT}})),
        denial(json!({"NotIpAddressIfExists": {"aws:SourceIp": ["127.0.0.0/8", "198.18.0.0/15"]}})),
    ];
    json!({"Version": "2012-10-17", "Statement": denials}).to_string()
}

fn table(readers: &[Reader], samples: &[Vec<f64>]) -> Table {
    let base = samples.first().map_or(&[][..], Vec::as_slice);
    let row = |(reader, samples): (&Reader, &Vec<f64>)| {
        let found = lower_quartile(samples);
        let cells =
            vec![Cell::with_ratio(found, 1, median_ratio(samples, base)), Cell::of(found - lower_quartile(base), 1)];
        Row { name: reader.name.to_owned(), cells }
    };
    Table {
        title: "GetObject, µs a request, and its ratio to that of the root user".to_owned(),
        columns: vec!["a request".to_owned(), "more than root".to_owned()],
        rows: readers.iter().zip(samples).map(row).collect(),
    }
}
