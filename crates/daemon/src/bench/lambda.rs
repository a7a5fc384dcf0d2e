//! What an invocation of Lambda takes: one after the other in an environment that waits, in one that has to be made, and
//! many at once. Of a function that does nothing, so that what is measured is Sidegate's.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use http::Method;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::daemon::Daemon;
use super::report::{Cell, Report, Row, Table};
use super::sample::{Shuffle, median, percentile};
use super::{Bench, BenchError, Step as _, subnet};
use crate::client::Client;

/// Arguments of `sidegate bench lambda`.
#[derive(Debug, Args)]
pub(super) struct LambdaArgs {
    /// How often everything is measured
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// How many invocations there are at once
    #[arg(long, visible_alias = "concurrency", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=250))]
    at_once: u32,
    /// Two rounds
    #[arg(long)]
    quick: bool,
}

/// How many warm invocations there are in a round.
const WARM: u32 = 100;

/// How often many at once are measured.
const CROWDS: u32 = 5;

/// How long a function sleeps where many are wanted at once, so that no environment serves two of them.
const SLEEP: Duration = Duration::from_secs(2);

/// How long a function may take to become ready.
const READY_LIMIT: Duration = Duration::from_secs(30);

const CODE: &str =
    "import time\n\ndef handler(event, context):\n    time.sleep(event.get('seconds', 0))\n    return event\n";

/// Writes an archive of a file that everybody may read, as the function has to.
const PACK: &str = r"
import sys, zipfile
file = zipfile.ZipInfo('app.py')
file.external_attr = 0o644 << 16
with zipfile.ZipFile(sys.argv[1], 'w') as archive:
    archive.writestr(file, sys.argv[2])
";

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement":
    [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

const MAY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", "Action":
    ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "ec2:CreateNetworkInterface",
     "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]}]}"#;

/// A function, and how long its invocations took, in milliseconds.
struct Function {
    name: &'static str,
    title: &'static str,
    warm: Vec<f64>,
    cold: Vec<f64>,
    /// Of as many as are wanted at once: in new environments, and then in the same.
    crowds: [Vec<f64>; 2],
}

impl Function {
    fn new(name: &'static str, title: &'static str) -> Self {
        Self { name, title, warm: Vec::new(), cold: Vec::new(), crowds: [Vec::new(), Vec::new()] }
    }

    fn path(&self, rest: &str) -> String {
        format!("/2015-03-31/functions/{}/{rest}", self.name)
    }
}

/// Measures invocations.
pub(super) fn measure(bench: &Bench, args: &LambdaArgs) -> Result<Report, BenchError> {
    let (rounds, crowds) = if args.quick { (2, 1) } else { (args.rounds, CROWDS) };
    let (daemon, _) = Daemon::start(&bench.exe)?;
    let client = Arc::new(daemon.client.with_key(daemon.key().clone()));
    let mut functions = make(bench, &daemon, &client)?;
    let mut shuffle = Shuffle::new();
    let progress = ProgressBar::new(u64::from(rounds + crowds));
    for round in 0..rounds {
        for index in shuffle.order(functions.len()) {
            bench.interrupt.check()?;
            if let Some(function) = functions.get_mut(index) {
                bench.runtime.block_on(one_by_one(&client, function, round))?;
            }
        }
        progress.inc(1);
    }
    for crowd in 0..crowds {
        for index in shuffle.order(functions.len()) {
            bench.interrupt.check()?;
            if let Some(function) = functions.get_mut(index) {
                bench.runtime.block_on(at_once(&client, function, rounds + crowd, args.at_once))?;
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    daemon.stop()?;
    let mut report = Report::new("lambda");
    report.tables.extend(tables(&functions, args.at_once));
    report.notes.push(format!(
        "{rounds} rounds of one cold and {WARM} warm invocations of each function, one after the other over one connection of \
         plain HTTP on the loopback;\n{crowds} rounds of {} at once, each of which sleeps {} s, which is taken off. The functions \
         take turns in a new order in each round. A cold invocation\ncomes after a change of the function, once that is \
         done; it has the start of the sandbox and of Python in it.",
        args.at_once,
        SLEEP.as_secs()
    ));
    Ok(report)
}

/// Makes a function on the internet and the same in a subnet.
fn make(bench: &Bench, daemon: &Daemon, client: &Client) -> Result<Vec<Function>, BenchError> {
    let iam =
        |action: &str, parameters: &[(&str, &str)]| bench.runtime.block_on(client.iam(action, parameters)).step(action);
    let role = iam("CreateRole", &[("RoleName", "bench"), ("AssumeRolePolicyDocument", TRUST)])?;
    let role = role.text("Arn").map(str::to_owned).step("reading the ARN of a role")?;
    iam("PutRolePolicy", &[("RoleName", "bench"), ("PolicyName", "own"), ("PolicyDocument", MAY)])?;
    let (subnet, group) = subnet::of_functions(bench, daemon)?;
    let archive = STANDARD.encode(archive(daemon)?);
    let functions = vec![Function::new("open", "no VPC"), Function::new("private", "in a subnet")];
    for function in &functions {
        let mut document = json!({
            "FunctionName": function.name,
            "Role": role,
            "Runtime": "python3.12",
            "Handler": "app.handler",
            "Timeout": 60,
            "Code": {"ZipFile": archive},
        });
        if let (Some(members), "private") = (document.as_object_mut(), function.name) {
            members.insert("VpcConfig".to_owned(), json!({"SubnetIds": [subnet], "SecurityGroupIds": [group]}));
        }
        let document = document.to_string();
        let made = client.lambda(Method::POST, "/2015-03-31/functions", &document);
        bench.runtime.block_on(made).step("making a function")?;
        bench.runtime.block_on(ready(client, function))?;
    }
    Ok(functions)
}

/// The code as an archive, which Python writes, since it has to be there to run it.
fn archive(daemon: &Daemon) -> Result<Vec<u8>, BenchError> {
    const STEP: &str = "packing a function with python3";
    let path = daemon.work().join("function.zip");
    let output = Command::new("python3").args(["-c", PACK]).arg(&path).arg(CODE).output().step(STEP)?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(BenchError::Step { step: STEP.to_owned(), reason });
    }
    fs::read(path).step(STEP)
}

/// Waits until a function can be invoked, and no change is under way.
async fn ready(client: &Client, function: &Function) -> Result<(), BenchError> {
    let limit = Instant::now() + READY_LIMIT;
    loop {
        let told = client.lambda(Method::GET, &function.path("configuration"), "").await.step(function.title)?;
        let told: Value = serde_json::from_str(&told).step(function.title)?;
        let is = |member: &str, value: &str| told.get(member).and_then(Value::as_str) == Some(value);
        if is("State", "Active") && is("LastUpdateStatus", "Successful") {
            return Ok(());
        }
        if Instant::now() > limit {
            return Err(BenchError::Step { step: "waiting for a function".to_owned(), reason: told.to_string() });
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Changes a function, so that it gets new environments.
async fn renew(client: &Client, function: &Function, number: u32) -> Result<(), BenchError> {
    let change = json!({"Description": number.to_string()}).to_string();
    client.lambda(Method::PUT, &function.path("configuration"), &change).await.step("changing a function")?;
    ready(client, function).await?;
    // What ended before is out of the way.
    tokio::time::sleep(Duration::from_millis(200)).await;
    Ok(())
}

/// Invokes a function, whose answer must be the event, and tells how many milliseconds that took.
async fn invoke(client: &Client, path: &str, event: &str) -> Result<f64, BenchError> {
    let begin = Instant::now();
    let answer = client.lambda(Method::POST, path, event).await.step("invoking a function")?;
    let took = begin.elapsed().as_secs_f64() * 1e3;
    if serde_json::from_str::<Value>(&answer).ok() == serde_json::from_str(event).ok() {
        return Ok(took);
    }
    Err(BenchError::Step { step: "invoking a function".to_owned(), reason: answer })
}

async fn one_by_one(client: &Client, function: &mut Function, number: u32) -> Result<(), BenchError> {
    renew(client, function, number).await?;
    let path = function.path("invocations");
    function.cold.push(invoke(client, &path, "{}").await?);
    for _ in 0..WARM {
        function.warm.push(invoke(client, &path, "{}").await?);
    }
    Ok(())
}

async fn at_once(client: &Arc<Client>, function: &mut Function, number: u32, many: u32) -> Result<(), BenchError> {
    renew(client, function, number).await?;
    let path = function.path("invocations");
    for crowd in &mut function.crowds {
        let begin = Instant::now();
        let mut running = JoinSet::new();
        for _ in 0..many {
            let (client, path) = (Arc::clone(client), path.clone());
            let event = json!({"seconds": SLEEP.as_secs()}).to_string();
            running.spawn(async move { invoke(&client, &path, &event).await });
        }
        while let Some(done) = running.join_next().await {
            done.step("invoking a function")??;
        }
        crowd.push(begin.elapsed().saturating_sub(SLEEP).as_secs_f64() * 1e3);
    }
    // Its environments make room for those of the next.
    renew(client, function, number + CROWDS).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(())
}

fn tables(functions: &[Function], many: u32) -> [Table; 2] {
    let row = |name: String, samples: &[f64]| {
        let cells = [0.5, 0.99].map(|share| Cell::of(percentile(samples, share), 2)).to_vec();
        Row { name, cells }
    };
    let warm = functions.iter().map(|own| row(format!("warm, {}", own.title), &own.warm));
    let cold = functions.iter().map(|own| row(format!("cold, {}", own.title), &own.cold));
    let crowds = functions.iter().map(|own| {
        let cells = own.crowds.iter().map(|took| Cell::of(median(took), 0)).collect();
        Row { name: own.title.to_owned(), cells }
    });
    [
        Table {
            title: "An invocation, ms".to_owned(),
            columns: ["p50", "p99"].map(str::to_owned).to_vec(),
            rows: warm.chain(cold).collect(),
        },
        Table {
            title: format!("{many} invocations at once, ms until the last is answered"),
            columns: ["cold", "warm"].map(str::to_owned).to_vec(),
            rows: crowds.collect(),
        },
    ]
}
