//! `sidegate status`: how the daemon is.

use std::process::ExitCode;

use clap::Args;

use super::error::CliError;
use super::{StateArgs, print};
use crate::clock;
use crate::control::{Answer, Client, Network, Request, Status};

/// Arguments of `sidegate status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    state: StateArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks the daemon, and prints its answer.
pub(super) fn run(args: &StatusArgs) -> Result<ExitCode, CliError> {
    let mut client = Client::connect(&args.state.path())?;
    let status = match client.ask(&Request::Status)? {
        Answer::Status(status) => status,
        other => return Err(client.unexpected(&other).into()),
    };
    if args.json {
        let json = serde_json::to_string_pretty(&status).map_err(|e| CliError::system("print the status", &e))?;
        print(&format!("{json}\n"))?;
    } else {
        print(&table(&status, clock::now_ms()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The status as lines of a name and a value.
pub(super) fn table(status: &Status, now: i64) -> String {
    let network = match status.network {
        Network::Applied => "as the API says",
        Network::Behind => "behind: the last change could not be carried out; see the daemon's log",
        Network::Changing => "being changed",
    };
    let endpoints = status.gateway_endpoints + status.interface_endpoints;
    let rows = [
        (
            "daemon",
            format!("running, pid {}, version {}, since {}", status.pid, status.version, age(now - status.started)),
        ),
        ("API", status.endpoint.clone()),
        ("state", status.state.display().to_string()),
        ("account", status.account.clone()),
        ("Region", status.region.clone()),
        ("network", network.to_owned()),
        ("VPCs", format!("{}, with {}", status.vpcs, count(status.subnets, "subnet"))),
        (
            "endpoints",
            format!("{endpoints}: {} gateway, {} interface", status.gateway_endpoints, status.interface_endpoints),
        ),
        ("running", format!("{}, {}", count(status.instances, "instance"), count(status.programs, "program"))),
    ];
    rows.iter().map(|(name, value)| format!("{name:<10} {value}\n")).collect()
}

/// A number of things.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A time that has passed, in milliseconds, for people.
fn age(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, s) => format!("{m} min {s} s"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (d, h, _, _) => format!("{d} d {h} h"),
    }
}
