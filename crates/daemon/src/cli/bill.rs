//! `sidegate bill`: what AWS would charge for what the network used.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;
use sidegate_cost::Prices;
use sidegate_model::{AccountId, Region};

use super::error::CliError;
use super::prices::{NotPriced, PriceFile};
use super::{StateArgs, print, remark};
use crate::billing::{self, Comparison, Month, Period, PeriodError, Records, Statement, Wanted};
use crate::clock;
use crate::control::{Answer, Client, Request};

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
    /// The prices cannot be used.
    #[error(transparent)]
    Prices(#[from] NotPriced),
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
    let known = Prices::known().map_err(|errors| NotBilled::from(NotPriced::from(errors)))?;
    let own = args.prices.as_deref().map(PriceFile::read).transpose().map_err(NotBilled::from)?;
    let known_as_of = known.as_of().to_owned();
    let prices = match &own {
        Some(own) => known.overridden(own.prices.clone()),
        None => known,
    };
    let period = Period::of(args.month, args.as_of, clock::now_ms()).map_err(NotBilled::from)?;
    let records = records(args, period.from, period.until)?;
    let wanted = Wanted { account: args.account.clone(), region: args.region };
    let mut statement = Statement::of(&records, &period, &wanted, &prices);
    if own.as_ref().is_none_or(|own| !statement.uses(&own.prices, &prices)) {
        statement.prices_as_of = known_as_of;
    }
    statement.remarks = own.map(|own| own.unknown_items()).unwrap_or_default();
    if let Some(account) = wanted.account.as_ref().filter(|_| statement.lines.is_empty()) {
        let ever = self::records(args, 0, clock::now_ms())?;
        statement.remarks.extend(unheard_of(account, &ever));
    }
    let comparison = args.compare.then(|| Comparison::of(&records, &period, &wanted, &prices, &statement));
    let text = match args.format {
        Format::Table => {
            let compared = comparison.as_ref().map(billing::comparison_text).unwrap_or_default();
            billing::text(&statement) + &compared
        }
        Format::Csv => {
            for text in &statement.remarks {
                remark(text);
            }
            billing::csv(&statement)
        }
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

/// Asks for what was used from one moment until another. A connection is for one request.
fn records(args: &BillArgs, from: i64, until: i64) -> Result<Records, CliError> {
    let mut client = Client::connect(&args.state.path())?;
    match client.ask(&Request::Records { from, until })? {
        Answer::Records(records) => Ok(*records),
        other => Err(client.unexpected(&other).into()),
    }
}

/// What there is to say of an account that has never used anything.
fn unheard_of(account: &AccountId, ever: &Records) -> Option<String> {
    let accounts: BTreeSet<&AccountId> = ever.intervals.iter().map(|own| &own.standing.scope.account).collect();
    if accounts.contains(account) {
        return None;
    }
    let others: Vec<_> = accounts.iter().map(ToString::to_string).collect();
    let others = if others.is_empty() { "no account has".to_owned() } else { others.join(", ") };
    Some(format!("no such account: nothing that is billed was ever of {account}; of these it was: {others}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_has_never_used_anything_is_told_of_with_those_that_have() {
        let account: AccountId = "111122223333".parse().unwrap();
        let told = unheard_of(&account, &Records::default()).unwrap();
        assert!(told.contains("no such account") && told.contains("111122223333"), "{told}");
    }
}
