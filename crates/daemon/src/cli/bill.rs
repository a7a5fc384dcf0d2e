//! `sidegate bill`: what AWS would charge for what the network used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;
use sidegate_cost::Prices;
use sidegate_model::{AccountId, Region};

use super::error::CliError;
use super::{StateArgs, print};
use crate::billing::{self, Comparison, Month, Period, PeriodError, Statement, Wanted};
use crate::clock;
use crate::control::{Answer, Client, Request};

/// The most bytes that a file of prices may have.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Arguments of `sidegate bill`.
#[derive(Debug, Args)]
#[command(
    after_help = "Hours are those of AWS: each that began counts as a whole one, for each interface endpoint in each zone. \
                  docs/how-to/read-the-bill.md says what is counted, and what is not."
)]
pub(crate) struct BillArgs {
    #[command(flatten)]
    state: StateArgs,
    /// Bill this month, of UTC [default: that of --as-of, or the present one]
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<Month>,
    /// Bill what there is at this moment: a later one supposes that everything stays [default: now]
    #[arg(long, value_name = "TIME", value_parser = billing::moment)]
    as_of: Option<i64>,
    /// Price the same traffic by other ways, too: gateway and interface endpoints, NAT gateways, a hub
    #[arg(long)]
    compare: bool,
    /// How to print it: rounded for people, or exactly
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// A file of prices; what it says takes the place of Sidegate's own
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Bill this account alone
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// Bill this Region alone
    #[arg(long)]
    region: Option<Region>,
}

/// A form of the bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// Everything, with the source of each price.
    Json,
    /// A row for each tier of each line.
    Csv,
}

/// Why there is no bill.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotBilled {
    /// The file of prices cannot be read.
    #[error("cannot read the prices of `{}` ({reason})", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It is not what it should be.
    #[error("{errors}\nnothing of the file of prices was used; mend it, or leave `--prices` out for Sidegate's own")]
    Prices {
        /// What is wrong, line by line.
        errors: String,
    },
    /// There is no such part of a month.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// CSV has no place for it.
    #[error(
        "a comparison has other columns than the bill, so that `--format csv` has no place for it; use `--format json`"
    )]
    ComparisonAsCsv,
}

/// Asks for what was used, prices it, and prints the bill.
pub(super) fn run(args: &BillArgs) -> Result<ExitCode, CliError> {
    if args.compare && args.format == Format::Csv {
        return Err(NotBilled::ComparisonAsCsv.into());
    }
    // What is wrong with what was typed is told before anyone is asked.
    let prices = prices(args.prices.as_deref())?;
    let period = Period::of(args.month, args.as_of, clock::now_ms()).map_err(NotBilled::from)?;
    let mut client = Client::connect(&args.state.path())?;
    let records = match client.ask(&Request::Records { from: period.from, until: period.until })? {
        Answer::Records(records) => *records,
        other => return Err(client.unexpected(&other).into()),
    };
    let wanted = Wanted { account: args.account.clone(), region: args.region };
    let statement = Statement::of(&records, &period, &wanted, &prices);
    let comparison = args.compare.then(|| Comparison::of(&records, &period, &wanted, &prices, &statement));
    let text = match args.format {
        Format::Table => {
            let compared = comparison.as_ref().map(billing::comparison_text).unwrap_or_default();
            billing::text(&statement) + &compared
        }
        Format::Csv => billing::csv(&statement),
        Format::Json => {
            let mut whole = json!(statement);
            if let (Some(comparison), Some(members)) = (comparison, whole.as_object_mut()) {
                members.insert("comparison".to_owned(), json!(comparison));
            }
            let text = serde_json::to_string_pretty(&whole);
            text.map_err(|error| CliError::system("print the bill", &error))? + "\n"
        }
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Sidegate's own prices, with those of a file over them.
fn prices(path: Option<&Path>) -> Result<Prices, NotBilled> {
    let told = |errors: Vec<sidegate_cost::PriceError>| NotBilled::Prices {
        errors: errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    };
    let known = Prices::known().map_err(told)?;
    let Some(path) = path else { return Ok(known) };
    let unreadable = |reason: String| NotBilled::Unreadable { path: path.to_owned(), reason };
    let length = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if length > MOST_BYTES {
        return Err(unreadable(format!("it has more than {MOST_BYTES} bytes")));
    }
    let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let own = Prices::read(&path.display().to_string(), &text).map_err(told)?;
    Ok(known.overridden(own))
}
