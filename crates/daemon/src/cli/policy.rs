//! `sidegate policy`: decisions as the policies in files make them. Neither the daemon nor any rights are needed.

mod by_hand;
mod case_text;
mod document;
mod error;
mod explain;
mod lines;
mod test;
mod verdict;

use std::process::ExitCode;

use clap::Subcommand;

use super::remark;

/// What can be asked of policies.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Run decision cases, one JSON object a line, and tell which do not come out as expected
    Test(test::TestArgs),
    /// Tell one decision and, of every statement, why it matched or did not
    Explain(Box<explain::ExplainArgs>),
}

/// Exit status of what could not be done, as with grep(1); clap ends with it, too. 1 is for what came out otherwise.
const NOT_DONE: u8 = 2;

/// Carries it out.
pub(super) fn run(command: &PolicyCommand) -> ExitCode {
    let outcome = match command {
        PolicyCommand::Test(args) => test::run(args),
        PolicyCommand::Explain(args) => explain::run(args),
    };
    outcome.unwrap_or_else(|error| {
        remark(&without_controls(&error.to_string()));
        ExitCode::from(NOT_DONE)
    })
}

/// A line as it may be printed: nothing of a file reaches the terminal as a command, or as a further line.
fn without_controls(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
