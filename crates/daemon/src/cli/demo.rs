//! `sidegate demo`: both paths, end to end.

use std::process::ExitCode;

use super::error::CliError;
use super::{DemoArgs, runtime};
use crate::demo;

/// Plays the demo.
pub(super) fn run(args: &DemoArgs) -> Result<ExitCode, CliError> {
    let exe = std::env::current_exe().map_err(|e| CliError::system("find this program's file", &e))?;
    runtime()?.block_on(demo::play(&exe, args.keep))?;
    Ok(ExitCode::SUCCESS)
}
