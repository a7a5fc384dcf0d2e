//! `sidegate env`: the variables that lead AWS clients to the daemon, for a shell to evaluate.

use std::process::ExitCode;

use clap::Args;
use sidegate_model::AccountId;

use super::error::CliError;
use super::{StateArgs, print};
use crate::control::{Access, Answer, Client, Request};
use crate::shell;

/// Arguments of `sidegate env`.
#[derive(Debug, Args)]
pub(crate) struct EnvArgs {
    #[command(flatten)]
    state: StateArgs,
    /// Print the access key of another account, which is made if there is none
    #[arg(long, value_name = "ID", conflicts_with = "unset")]
    account: Option<AccountId>,
    /// Print what takes the variables away again
    #[arg(long)]
    unset: bool,
}

const VARIABLES: [&str; 5] =
    ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"];

/// A token belongs to the key that it came with, and would spoil ours.
const TOKENS: &str = "unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN\n";

/// Asks the daemon, and prints the variables.
pub(super) fn run(args: &EnvArgs) -> Result<ExitCode, CliError> {
    if args.unset {
        print(&format!("unset {}\n", VARIABLES.join(" ")))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut client = Client::connect(&args.state.path())?;
    let access = match client.ask(&Request::Access { account: args.account.clone() })? {
        Answer::Access(access) => access,
        other => return Err(client.unexpected(&other).into()),
    };
    print(&exports(&access))?;
    Ok(ExitCode::SUCCESS)
}

/// The variables in the syntax of sh.
pub(super) fn exports(access: &Access) -> String {
    let values = [&access.endpoint, &access.key.id, &access.key.secret, &access.region, &access.region];
    let exports = VARIABLES.iter().zip(values).map(|(name, value)| format!("export {name}={}\n", shell::word(value)));
    exports.chain([TOKENS.to_owned()]).collect()
}
