//! `sidegate reach`: everything that gets to something, or that something gets to, and assertions about that for CI.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::error::{CliError, NotExplained};
use super::{StateArgs, explain, print};
use crate::control::{Answer, Client, Request};
use crate::explain::WireProtocol;
use crate::reach::{self, Asked, AssertionFile, Buckets, Outcome, Stand, Told};

/// Exit status where nothing gets there, or an assertion fails.
const NOTHING: u8 = 1;

/// Exit status where nobody can say.
const UNDETERMINED: u8 = 2;

/// The most bytes that a file of assertions may have, since the daemon is asked in one line.
const MOST_BYTES: u64 = 48 * 1024;

/// Arguments of `sidegate reach`.
#[derive(Debug, Args)]
#[command(
    after_help = "A selector is internet, service NAME, or an id, a name, tag:KEY=VALUE or *, with the kind before it: vpc, \
                  subnet, group, instance, function, interface, endpoint.\n\nExit status: 0 if something gets there, or all \
                  assertions hold; 1 if nothing does, or one fails; 2 if it cannot be determined; 3 if there is no answer."
)]
pub(crate) struct ReachArgs {
    #[command(flatten)]
    state: StateArgs,
    /// What is reached [default: everything]
    #[arg(long, value_name = "SELECTOR", required_unless_present_any = ["from", "assert"])]
    to: Option<String>,
    /// What reaches it [default: everything]
    #[arg(long, value_name = "SELECTOR")]
    from: Option<String>,
    /// tcp, udp or icmp [default: all three, and tcp with --port]
    #[arg(long, value_name = "PROTOCOL")]
    protocol: Option<WireProtocol>,
    /// The destination port, or ports as in 8000-8100 [default: all]
    #[arg(long, value_name = "PORT", value_parser = reach::ports)]
    port: Option<(u16, u16)>,
    /// Judge the assertions of this file (docs/how-to/assert-reachability.md)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to", "from", "protocol", "port"])]
    assert: Option<PathBuf>,
    /// Ask the files of this directory, the output of `aws ec2 describe-*`, and not a daemon
    #[arg(long, value_name = "DIR", conflicts_with = "state")]
    world: Option<PathBuf>,
    /// Print the whole answer as JSON
    #[arg(long)]
    json: bool,
}

/// Asks, and prints the answer.
pub(super) fn run(args: &ReachArgs) -> Result<ExitCode, CliError> {
    let told = match answer(args) {
        Ok(told) => told,
        Err(error) => return Ok(explain::not_explained(&error)),
    };
    let text = if args.json { explain::json(&told.whole)? } else { told.text };
    print(&text).map_err(|error| NotExplained::Print(error.to_string()))?;
    Ok(match told.outcome {
        Outcome::Yes => ExitCode::SUCCESS,
        Outcome::No => ExitCode::from(NOTHING),
        Outcome::Undetermined => ExitCode::from(UNDETERMINED),
    })
}

fn answer(args: &ReachArgs) -> Result<Told, NotExplained> {
    let asked = args.asked()?;
    let Some(directory) = &args.world else {
        let mut client = Client::connect(&args.state.path())?;
        return match client.ask(&Request::Reach(Box::new(asked)))? {
            Answer::Reached(told) => Ok(*told),
            other => Err(client.unexpected(&other).into()),
        };
    };
    let imported = explain::imported(directory)?;
    let plan = sidegate_plan::compile(imported.world());
    Ok(reach::answer(&Stand::read(&imported, &plan), &asked, &Buckets::new())?)
}

impl ReachArgs {
    fn asked(&self) -> Result<Asked, NotExplained> {
        let Some(path) = &self.assert else {
            let (from, to) = (self.from.clone(), self.to.clone());
            return Ok(Asked::Ends { from, to, protocol: self.protocol, ports: self.port });
        };
        let unreadable = |reason: String| NotExplained::Assertions { path: path.clone(), reason };
        let length = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if length > MOST_BYTES {
            return Err(unreadable(format!("it has more than {MOST_BYTES} bytes; make several of it")));
        }
        let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        let name = path.display().to_string();
        // What is wrong with the file is told before anyone is asked.
        AssertionFile::parse(&name, &text).map_err(reach::ReachError::from)?;
        Ok(Asked::Assertions { name, text })
    }
}
