//! An advice as headings, tables and lists.

use sidegate_advise::{Advice, Before, Choice, Recommendation, State, Workload, gigabytes, range};
use sidegate_cost::{Bill, HOURS_PER_MONTH, Money};

use super::section;

/// A part of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What follows is about this.
    Heading(String),
    /// Sentences below a title.
    List {
        /// The title.
        title: String,
        /// The sentences.
        items: Vec<String>,
    },
    /// A table.
    Table {
        /// What the columns are called.
        header: Vec<&'static str>,
        /// The rows.
        rows: Vec<Vec<String>>,
    },
}

/// The columns of the table of services.
const COLUMNS: [&str; 6] = ["service", "endpoint type", "why", "monthly cost", "instead of", "break-even"];

/// The report of advices.
pub(crate) fn report(advices: &[(Workload, Advice)], remarks: &[String]) -> Vec<Part> {
    let mut parts = Vec::new();
    for (workload, advice) in advices {
        for (network, vpc) in workload.networks.iter().zip(&advice.vpcs) {
            parts.push(Part::Heading(section::heading(network, vpc, advice)));
            if !vpc.recommendations.is_empty() {
                let rows = vpc.recommendations.iter().map(|one| row(one, advice)).collect();
                parts.push(Part::Table { header: COLUMNS.to_vec(), rows });
            }
            let mut list = |title: &str, items: Vec<String>| {
                if !items.is_empty() {
                    parts.push(Part::List { title: title.to_owned(), items });
                }
            };
            list("Exceptions", vpc.exceptions.iter().map(ToString::to_string).collect());
            list("Zones", section::zones(vpc));
            list("In place of NAT gateways", section::together(vpc));
            list("What remains on NAT gateways", section::rest(vpc));
        }
        let items = section::hub(advice);
        if !items.is_empty() {
            parts.push(Part::List { title: "One set of endpoints in each VPC, or a central one".to_owned(), items });
        }
        parts.push(Part::List { title: "Total".to_owned(), items: totals(advice) });
    }
    if !remarks.is_empty() {
        parts.push(Part::List { title: "Remarks".to_owned(), items: remarks.to_vec() });
    }
    parts
}

/// An amount.
pub(super) fn money(amount: &Money) -> String {
    format!("${}", amount.rounded(2))
}

/// An amount, or that there is none.
pub(super) fn money_or_unknown(amount: Option<&Money>) -> String {
    amount.map_or_else(|| "unknown".to_owned(), money)
}

fn row(one: &Recommendation, advice: &Advice) -> Vec<String> {
    let mut service = one.service.name.to_owned();
    if one.region != advice.region {
        service.push_str(&format!(" in {}", one.region));
    }
    let mut kind = one.choice.as_str().to_owned();
    match one.state {
        State::Present => kind.push_str(" (is there)"),
        State::Extended => kind.push_str(" (to complete)"),
        State::New | State::Kept => {}
    }
    let why: Vec<String> = one.why.iter().map(ToString::to_string).collect();
    let cost = match one.choice {
        Choice::Nothing => "-".to_owned(),
        // What is not known costs as many hours, and some gigabytes.
        _ if one.bytes.is_none() && one.cost.as_ref().is_some_and(|cost| !cost.is_zero()) => {
            format!("{} and its traffic", money_or_unknown(one.cost.as_ref()))
        }
        _ => money_or_unknown(one.cost.as_ref()),
    };
    let instead = one.instead.as_ref().map(|instead| {
        let name = match instead.choice {
            Choice::Nat => "NAT traffic",
            Choice::InternetGateway => "internet gateway",
            other => other.as_str(),
        };
        match &instead.cost {
            Some(cost) => format!("{name} {}", money(cost)),
            None => name.to_owned(),
        }
    });
    let even = one.break_even.as_ref().map(range);
    vec![
        service,
        kind,
        why.join("; "),
        cost,
        instead.unwrap_or_else(|| "-".to_owned()),
        even.unwrap_or_else(|| "-".to_owned()),
    ]
}

fn totals(advice: &Advice) -> Vec<String> {
    let totals = &advice.totals;
    let mut items = Vec::new();
    let before = match totals.before_is {
        Before::Today => "as it is",
        Before::OverNat => "over NAT gateways instead",
    };
    match (&totals.before, &totals.after) {
        (Some(old), Some(new)) => {
            let change = match new.total.cmp(&old.total) {
                std::cmp::Ordering::Less => format!("{} less", money(&(&old.total - &new.total))),
                std::cmp::Ordering::Equal => "the same".to_owned(),
                std::cmp::Ordering::Greater => format!("{} more", money(&(&new.total - &old.total))),
            };
            items.push(format!(
                "{} a month as recommended, {} {before}: {change}.",
                money(&new.total),
                money(&old.total)
            ));
        }
        (None, Some(new)) => items.push(format!("{} a month as recommended.", money(&new.total))),
        (_, None) => items.push("It is unknown, since prices are missing.".to_owned()),
    }
    let has_tiers = |bill: &&Bill| bill.lines.iter().any(|line| line.charges.len() > 1);
    if [&totals.before, &totals.after].into_iter().flatten().any(|bill| has_tiers(&bill)) {
        items.push(
            "Here all traffic of a price counts together for its tiers; each row above is computed as if its service were alone, \
             so that the rows add up to more."
                .to_owned(),
        );
    }
    let is_doubtful =
        [&totals.before, &totals.after].iter().any(|bill| bill.as_ref().is_some_and(sidegate_cost::Bill::is_doubtful));
    items.push(format!(
        "In US dollars without taxes, at prices of {}, for months of {HOURS_PER_MONTH} hours{}.",
        advice.prices_as_of,
        if is_doubtful { "; some of the prices are doubtful, which --format json tells of each" } else { "" }
    ));
    for (item, region) in &advice.missing {
        items.push(format!("No price is known for {item} in {region}; a file with --prices can say it."));
    }
    items
}

/// Bytes as people read them.
pub(super) fn gb(bytes: u64) -> String {
    gigabytes(bytes.into())
}
