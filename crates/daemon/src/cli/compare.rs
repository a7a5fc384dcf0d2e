//! `sidegate compare`: the two types of VPC endpoint side by side, of a running network, of one that files tell of, or of
//! an example.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use sidegate_model::Region;

use super::error::{CliError, NotExplained};
use super::prices::PriceFile;
use super::{StateArgs, explain, print};
use crate::compare::{Asked, Form, Told};
use crate::control::{Answer, Client, Request};
use crate::terminal;

/// The columns of what is no terminal.
const COLUMNS: usize = 120;

/// Arguments of `sidegate compare`.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 if there was something to compare, 3 if there is no answer.")]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    state: StateArgs,
    /// Compare the types of endpoint that this service has, such as s3 [default: of two services]
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Compare endpoints in this Region alone [of an example: us-east-1]
    #[arg(long, value_name = "REGION")]
    region: Option<Region>,
    /// Ask the files of this directory, the output of `aws ec2 describe-*`, and not a daemon
    #[arg(long, value_name = "DIR", conflicts_with = "state")]
    world: Option<PathBuf>,
    /// Ask an example network, which is built for it, and not a daemon
    #[arg(long, conflicts_with_all = ["state", "world"])]
    example: bool,
    /// How it is told
    #[arg(long, value_name = "FORM", value_enum, default_value = "text")]
    format: Form,
    /// Prices over the known ones (the form is that of crates/cost/src/prices/prices.tsv)
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
}

/// Asks, and prints the answer.
pub(super) fn run(args: &CompareArgs) -> Result<ExitCode, CliError> {
    let told = match answer(args) {
        Ok(told) => told,
        Err(error) => return Ok(explain::not_explained(&error)),
    };
    let text = match told {
        Told::Text(text) => text,
        Told::Whole(whole) => explain::json(&whole)?,
    };
    print(&text).map_err(|error| NotExplained::Print(error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

fn answer(args: &CompareArgs) -> Result<Told, NotExplained> {
    let asked = args.asked()?;
    if args.example {
        return Ok(asked.of_example()?);
    }
    if let Some(directory) = &args.world {
        return Ok(asked.of_files(&explain::imported(directory)?)?);
    }
    // What is wrong with the question is told before anyone is asked.
    asked.check()?;
    let mut client = Client::connect(&args.state.path())?;
    match client.ask(&Request::Compare(Box::new(asked)))? {
        Answer::Compared(told) => Ok(*told),
        other => Err(client.unexpected(&other).into()),
    }
}

impl CompareArgs {
    fn asked(&self) -> Result<Asked, NotExplained> {
        Ok(Asked {
            service: self.service.clone(),
            region: self.region,
            prices: self.prices.as_deref().map(PriceFile::read).transpose()?.map(|own| (own.name, own.text)),
            form: self.format,
            width: terminal::columns().unwrap_or(COLUMNS),
        })
    }
}
