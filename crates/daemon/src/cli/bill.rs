//! `sidegate bill`: what AWS would charge for what the network used.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;
use sidegate_cost::{Item, Prices};
use sidegate_model::{AccountId, Region};

use super::error::CliError;
use super::{StateArgs, print, remark};
use crate::billing::{self, Comparison, Month, Period, PeriodError, Records, Statement, Wanted};
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
    let ToPrice { prices, known_as_of, own, unknown } = prices(args.prices.as_deref())?;
    let period = Period::of(args.month, args.as_of, clock::now_ms()).map_err(NotBilled::from)?;
    let records = records(args, period.from, period.until)?;
    let wanted = Wanted { account: args.account.clone(), region: args.region };
    let mut statement = Statement::of(&records, &period, &wanted, &prices);
    if own.is_none_or(|own| !statement.uses(&own, &prices)) {
        statement.prices_as_of = known_as_of;
    }
    statement.remarks = unknown;
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

/// What a bill is priced with.
struct ToPrice {
    /// All prices.
    prices: Prices,
    /// Of when Sidegate's own are.
    known_as_of: String,
    /// Those of the file.
    own: Option<Prices>,
    /// What the file has that is not known.
    unknown: Vec<String>,
}

/// Sidegate's own prices, with those of a file over them.
fn prices(path: Option<&Path>) -> Result<ToPrice, NotBilled> {
    let told = |errors: Vec<sidegate_cost::PriceError>| NotBilled::Prices {
        errors: errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    };
    let known = Prices::known().map_err(told)?;
    let known_as_of = known.as_of().to_owned();
    let Some(path) = path else { return Ok(ToPrice { prices: known, known_as_of, own: None, unknown: Vec::new() }) };
    let file = path.display().to_string();
    let text = read(path).map_err(|reason| NotBilled::Unreadable { path: path.to_owned(), reason })?;
    let own = Prices::read(&file, &text).map_err(told)?;
    let unknown = unknown_items(&file, &text, &own);
    Ok(ToPrice { prices: known.overridden(own.clone()), known_as_of, own: Some(own), unknown })
}

/// The text of a file that is not too long. Of one without an end, no more is read than tells that.
fn read(path: &Path) -> Result<String, String> {
    let mut text = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let length = file.take(MOST_BYTES + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if u64::try_from(length).is_ok_and(|length| length > MOST_BYTES) {
        return Err(format!("it has more than {MOST_BYTES} bytes"));
    }
    String::from_utf8(text).map_err(|_| "it is not text in UTF-8".to_owned())
}

/// The rows of items that are not known: those of a slip are used for nothing.
fn unknown_items(file: &str, text: &str, own: &Prices) -> Vec<String> {
    let unknown: BTreeSet<&str> =
        own.iter().map(|(item, ..)| item).filter(|item| matches!(item, Item::Other(_))).map(Item::as_str).collect();
    let rows = text.lines().zip(1_usize..).filter(|(line, _)| !line.starts_with('#'));
    let items = rows.filter_map(|(line, at)| line.split('\t').nth(1).map(|item| (item.trim(), at)));
    items
        .filter(|(item, _)| unknown.contains(item))
        .map(|(item, at)| {
            format!("{file}:{at}: `{item}` is no item that is known here, so that its price is used for nothing")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rows: &[&str]) -> String {
        let columns =
            "sidegate-prices\t1\t2026-11-30\nregion\titem\tunit\tusage\tabove\tusd\tstrength\tas of\tsource\n";
        let rows = rows.iter().map(|row| format!("us-east-1\t{row}\t0\t0.005\tgood\t-\tours\n"));
        columns.to_owned() + &rows.collect::<String>()
    }

    #[test]
    fn an_item_that_is_not_known_is_named_with_its_line() {
        let text = file(&["nat-gateway-hour\thour\tNatGateway-Hours", "nat-gatway-hour\thour\tNatGateway-Hours"]);
        let own = Prices::read("ours.tsv", &text).unwrap();
        let [told] = unknown_items("ours.tsv", &text, &own).try_into().unwrap();
        assert!(told.starts_with("ours.tsv:4: `nat-gatway-hour`"), "{told}");
    }

    #[test]
    fn a_file_without_an_end_is_not_read_to_it() {
        assert_eq!(read(Path::new("/dev/zero")), Err(format!("it has more than {MOST_BYTES} bytes")));
        assert!(read(Path::new("/nowhere")).is_err());
    }

    #[test]
    fn an_account_that_has_never_used_anything_is_told_of_with_those_that_have() {
        let account: AccountId = "111122223333".parse().unwrap();
        let told = unheard_of(&account, &Records::default()).unwrap();
        assert!(told.contains("no such account") && told.contains("111122223333"), "{told}");
    }
}
