//! What the demo's endpoints would cost at AWS: for what they carried, and for a month of standing there.

use sidegate_cost::{HOURS_PER_MONTH, Money, Prices};

use super::place::Stage;
use super::{DemoError, Step as _};
use crate::billing::{Kind, Period, Records, Statement, Subtotal, Wanted, bytes, cents};
use crate::clock;

/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;

/// What it costs, a line for each endpoint, each of at most `width` columns where that is possible, and a sentence.
pub(super) async fn of(stage: &Stage) -> Result<Vec<String>, DemoError> {
    const STEP: &str = "reading the bill";
    let now = clock::now_ms();
    let records = stage.records(0, now).await?;
    let prices = Prices::known().map_err(|_| DemoError::step(STEP, "Sidegate's own prices cannot be read"))?;
    let begun = records.intervals.iter().map(|interval| interval.began).min().unwrap_or(now);
    let bill = |until: i64| {
        let period = Period::of(None, Some(until), now).step(STEP)?;
        // The demo may begin in one month and end in another.
        Ok::<_, DemoError>(Statement::of(&records, &Period { from: 0, until, ..period }, &Wanted::default(), &prices))
    };
    let month = begun.saturating_add(i64::from(HOURS_PER_MONTH) * HOUR);
    Ok(lines(&records, &bill(now)?, &bill(month)?.total))
}

fn lines(records: &Records, statement: &Statement, month: &Money) -> Vec<String> {
    let line = |own: &Subtotal| {
        let moved: u64 = records
            .intervals
            .iter()
            .filter(|interval| interval.standing.resource == own.resource)
            .filter_map(|interval| records.bytes.get(&interval.standing.point))
            .sum();
        let about = statement.lines.iter().find(|line| line.resource == own.resource).map(|line| line.about.as_str());
        let kind = if own.kind == Kind::GatewayEndpoint { "gateway" } else { "interface" };
        let (about, moved, cost) = (about.unwrap_or_default(), bytes(moved), cents(&own.amount));
        format!("{about:<16}{kind:<10}{moved:>9}{cost:>7} USD")
    };
    let mut lines: Vec<String> = statement.resources.iter().map(line).collect();
    lines.push(format!(
        "In all {} USD, most of it for hours, of which each that began counts as a whole one in each zone; a month of {HOURS_PER_MONTH} \
         hours would be {} USD, with these bytes. Gateway endpoints cost nothing. `sidegate bill` has the lines.",
        cents(&statement.total),
        cents(month)
    ));
    lines
}
