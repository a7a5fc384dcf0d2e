//! `sidegate bench`: measures, and prints the report.

use std::process::ExitCode;

use super::error::CliError;
use super::print;
use crate::bench::{self, BenchArgs};

/// Runs a benchmark.
pub(super) fn run(args: &BenchArgs) -> Result<ExitCode, CliError> {
    let report = bench::run(args)?;
    print(&format!("{}\n", report.trim_end()))?;
    Ok(ExitCode::SUCCESS)
}
