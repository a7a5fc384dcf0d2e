//! The benchmarks: what the paths cost, how that grows, and how fast objects travel.
//!
//! Each part makes all it measures (networks, daemons, servers to compare with), measures alternatives in turns within
//! one run, and takes everything away again, also when it fails or is interrupted. docs/benchmarks.md has the figures.

mod bedrock;
mod curl;
mod daemon;
mod dynamodb;
mod interrupt;
mod kms;
mod lambda;
mod link;
mod logs;
mod network;
mod policies;
mod process;
mod proxy;
mod report;
mod s3;
mod sample;
mod scale;
mod site;
mod size;
mod subnet;
mod traffic;
mod transfer;
mod vpcs;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sidegate_linux::workbench::Thread;

use self::interrupt::Interrupt;
use self::report::Report;

/// Arguments of `sidegate bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    part: Part,
    /// Print the report as JSON
    #[arg(long, global = true)]
    json: bool,
}

/// What is measured.
#[derive(Debug, Subcommand)]
enum Part {
    /// Round trips, connections and CPU per byte of each path, against a bare link and against proxies
    Network(network::NetworkArgs),
    /// The cost of packets and of changes as interfaces get many; the daemon's start and memory
    Scale(scale::ScaleArgs),
    /// Many VPCs: their memory, what one change costs beside them, and the start of the daemon
    Vpcs(vpcs::VpcsArgs),
    /// S3 over TLS through a gateway endpoint, against nginx over a bare link; over plain HTTP against another server of S3
    S3(s3::S3Args),
    /// The daemon's memory while much flows, and what ten terabytes take and cost by each way to S3
    Transfer(transfer::TransferArgs),
    /// What policies add to a request for a small object
    Policies(policies::PoliciesArgs),
    /// Requests of KMS, one after the other
    Kms(kms::KmsArgs),
    /// PutLogEvents over TLS through an interface endpoint, by the number of events and of clients
    Logs(logs::LogsArgs),
    /// DynamoDB through a gateway endpoint, against the engine behind it alone where that is installed
    Dynamodb(dynamodb::DynamodbArgs),
    /// What an interface endpoint adds to a ConverseStream, against the server that answers for the model
    Bedrock(bedrock::BedrockArgs),
    /// Invocations of a function, warm, cold and many at once
    Lambda(lambda::LambdaArgs),
}

/// Why a benchmark came to no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// Someone stopped it.
    #[error("the benchmark was interrupted; what it made is removed")]
    Interrupted,
    /// A step needs what the machine does not have, or was refused.
    #[error("{step}: {reason}")]
    Step {
        /// What was to be done.
        step: String,
        /// Why it was not.
        reason: String,
    },
}

/// What a step needs to say why it failed.
trait Step<T> {
    /// Names the step.
    fn step(self, step: impl Into<String>) -> Result<T, BenchError>;
}

impl<T, E: std::fmt::Display> Step<T> for Result<T, E> {
    fn step(self, step: impl Into<String>) -> Result<T, BenchError> {
        self.map_err(|reason| BenchError::Step { step: step.into(), reason: reason.to_string() })
    }
}

impl<T> Step<T> for Option<T> {
    fn step(self, step: impl Into<String>) -> Result<T, BenchError> {
        self.ok_or_else(|| BenchError::Step { step: step.into(), reason: "there is none".to_owned() })
    }
}

/// What every part works with.
struct Bench {
    /// This program, which is also the holder and the daemon.
    exe: PathBuf,
    runtime: tokio::runtime::Runtime,
    interrupt: Interrupt,
}

/// Measures, and returns the report as text or JSON.
///
/// # Errors
/// If something cannot be made or measured, or the benchmark is interrupted.
pub(crate) fn run(args: &BenchArgs) -> Result<String, BenchError> {
    // All threads and processes from here on take after this one. What the machine does besides then disturbs less.
    Thread::current().prefer().step("going before other programs (run as root)")?;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).enable_all().build().step("starting the runtime")?;
    let interrupt = Interrupt::listen(runtime.handle())?;
    let exe = std::env::current_exe().step("finding this program's file")?;
    let bench = Bench { exe, runtime, interrupt };
    let outcome = match &args.part {
        Part::Network(args) => network::measure(&bench, args),
        Part::Scale(args) => scale::measure(&bench, args),
        Part::Vpcs(args) => vpcs::measure(&bench, args),
        Part::S3(args) => s3::measure(&bench, args),
        Part::Transfer(args) => transfer::measure(&bench, args),
        Part::Policies(args) => policies::measure(&bench, args),
        Part::Kms(args) => kms::measure(&bench, args),
        Part::Logs(args) => logs::measure(&bench, args),
        Part::Dynamodb(args) => dynamodb::measure(&bench, args),
        Part::Bedrock(args) => bedrock::measure(&bench, args),
        Part::Lambda(args) => lambda::measure(&bench, args),
    };
    // What an interrupt broke fails in many ways.
    bench.interrupt.check()?;
    let report: Report = outcome?;
    if args.json { serde_json::to_string_pretty(&report).step("writing the report") } else { Ok(report.to_string()) }
}
