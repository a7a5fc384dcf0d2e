//! `sidegate events`: the requests that reached the edge, each with its path and what was decided.

mod line;

use std::process::ExitCode;

use clap::Args;

use super::error::CliError;
use super::{StateArgs, print};
use crate::control::{Answer, Client, Request};

/// Arguments of `sidegate events`.
#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    #[command(flatten)]
    state: StateArgs,
    /// How many of the newest events to print; the newest comes last
    #[arg(long, value_name = "N", default_value_t = 20)]
    last: usize,
    /// Go on printing events as they happen
    #[arg(long, short)]
    follow: bool,
    /// Print each event as a line of JSON
    #[arg(long)]
    json: bool,
}

/// Asks the daemon, and prints one line per event.
pub(super) fn run(args: &EventsArgs) -> Result<ExitCode, CliError> {
    let mut client = Client::connect(&args.state.path())?;
    let mut answer = Some(client.ask(&Request::Events { last: args.last, follow: args.follow })?);
    if args.follow {
        client.wait_for_ever()?;
    }
    while let Some(present) = answer {
        match present {
            Answer::Event(event) if args.json => print(&format!("{event}\n"))?,
            Answer::Event(event) => print(&line::of(&event))?,
            Answer::Done => break,
            other => return Err(client.unexpected(&other).into()),
        }
        answer = client.next()?;
    }
    Ok(ExitCode::SUCCESS)
}
