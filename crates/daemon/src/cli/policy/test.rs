//! `sidegate policy test`: decision cases, each of which passes or fails.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::NOT_DONE;
use super::error::PolicyCommandError;
use super::lines::Lines;
use super::verdict::Verdict;
use crate::cli::error::CliError;
use crate::cli::{Reader, print, remark};

/// Arguments of `sidegate policy test`.
#[derive(Debug, Args)]
#[command(
    after_help = "The exit status is 0 if all cases passed, 1 if one failed, and 2 if a file cannot be read.\n\nExample:\n  sidegate policy test cases.jsonl\n\nThe form of a case: docs/how-to/test-policies.md"
)]
pub(crate) struct TestArgs {
    /// Files with a case on each line; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Print a JSON object for each case, and a last one with the numbers
    #[arg(long)]
    json: bool,
    /// Print only what failed, and the numbers
    #[arg(long, short)]
    quiet: bool,
}

/// How many cases came out which way.
#[derive(Debug, Default, Serialize)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// Runs the cases of all files.
pub(super) fn run(args: &TestArgs) -> Result<ExitCode, PolicyCommandError> {
    let mut tally = Tally::default();
    for path in &args.files {
        let lines = Lines::open(path)?;
        let file = lines.name();
        for line in lines {
            let verdict = Verdict::of(&file, line?);
            verdict.remarks().for_each(|text| remark(&text));
            *(if verdict.ok { &mut tally.passed } else { &mut tally.failed }) += 1;
            if verdict.ok && args.quiet {
                continue;
            }
            let printed = if args.json { json(&verdict)? } else { verdict.text() };
            if print(&printed)? == Reader::Gone {
                // The rest may fail. As after a broken pipe elsewhere, this is no success.
                return Ok(ExitCode::from(NOT_DONE));
            }
        }
    }
    let Tally { passed, failed } = tally;
    if passed + failed == 0 {
        remark("there was no case to run; a case is a line of JSON, see docs/how-to/test-policies.md");
    }
    print(&if args.json { json(&tally)? } else { format!("{passed} passed, {failed} failed\n") })?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn json(value: &impl Serialize) -> Result<String, CliError> {
    let json = serde_json::to_string(value).map_err(|e| CliError::system("print the outcome of a case", &e))?;
    Ok(json + "\n")
}
