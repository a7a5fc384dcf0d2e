//! Reach: everything that gets somewhere, as a person asks for it, and assertions about that. All but the last is pure.
//!
//! | file | about |
//! |---|---|
//! | `selector.rs` | what is typed for many ends at once, and what it stands for |
//! | `stand.rs` | the world that is asked, with what is not known of it |
//! | `file.rs` | files of assertions |
//! | `assertion.rs` | whether an assertion holds, and what shows that it does not |
//! | `bucket.rs` | whether a bucket lets in what does not come by an endpoint |
//! | `text.rs` | answers for people |
//! | `asking.rs` | how the running daemon is asked |

mod asking;
mod assertion;
mod bucket;
mod file;
mod selector;
mod stand;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sidegate_plan::analyze::reach::{Addresses, Ends, Query, Traffic, reach};

pub(crate) use self::asking::told;
pub(crate) use self::bucket::Buckets;
pub(crate) use self::file::{AssertionFile, FileError};
use self::selector::{SelectorError, Side, select};
pub(crate) use self::stand::Stand;
use crate::explain::WireProtocol;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    /// What gets from one end to another.
    Ends {
        /// A selector; all that begins connections if there is none.
        from: Option<String>,
        /// A selector; all that takes them if there is none.
        to: Option<String>,
        /// The protocol; TCP, UDP and ICMP if there is none, and no port.
        protocol: Option<WireProtocol>,
        /// The destination ports.
        ports: Option<(u16, u16)>,
    },
    /// Whether the assertions of a file hold.
    Assertions {
        /// The name of the file.
        name: String,
        /// What is in it.
        text: String,
    },
}

/// What comes of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Something gets there; all assertions hold.
    Yes,
    /// Nothing does; an assertion fails.
    No,
    /// It cannot be said.
    Undetermined,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// What comes of it.
    pub(crate) outcome: Outcome,
    /// The answer for people.
    pub(crate) text: String,
    /// The whole answer, by the names of docs/how-to/assert-reachability.md.
    pub(crate) whole: Value,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReachError {
    /// An end is not there.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// A file of assertions cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A port was said for what has none.
    #[error("{0} has no ports; leave the port out")]
    NoPorts(WireProtocol),
}

/// Answers a question.
///
/// # Errors
/// [`ReachError`] if an end is not there, or the file of assertions cannot be used.
pub(crate) fn answer(stand: &Stand<'_>, asked: &Asked, buckets: &Buckets) -> Result<Told, ReachError> {
    match asked {
        Asked::Ends { from, to, protocol, ports } => {
            ends(stand, (from.as_deref(), to.as_deref()), traffic(*protocol, *ports)?)
        }
        Asked::Assertions { name, text } => {
            let file = AssertionFile::parse(name, text)?;
            let judged = file.assertions.iter().map(|own| assertion::judge(stand, &file, own, buckets));
            let judged = judged.collect::<Result<Vec<_>, _>>()?;
            let outcomes: Vec<_> = judged.iter().map(|own| own.outcome).collect();
            let outcome = match () {
                () if outcomes.contains(&Outcome::No) => Outcome::No,
                () if outcomes.contains(&Outcome::Undetermined) => Outcome::Undetermined,
                () => Outcome::Yes,
            };
            let whole = json!({ "result": outcome, "assertions": judged });
            Ok(Told { outcome, text: text::assertions(stand, &judged), whole })
        }
    }
}

fn ends(stand: &Stand<'_>, (from, to): (Option<&str>, Option<&str>), traffic: Traffic) -> Result<Told, ReachError> {
    let world = stand.world();
    let chosen = |text: Option<&str>, side| text.map(|text| select(world, text, side)).transpose();
    let (from, to) = (chosen(from, Side::From)?, chosen(to, Side::To)?);
    let subnets = from.as_ref().map(|own| own.subnets.clone()).unwrap_or_default();
    let supposed = stand.with_programs(&subnets);
    let mut from = from.map_or_else(|| Ends::senders(world), |own| own.ends);
    from.interfaces.extend(supposed.programs().cloned());
    let to = to.map_or_else(|| targets_of(&supposed, &from), |own| own.ends);
    let query = Query { from: without(from, &to), to, traffic, addresses: Addresses::All };
    let found = reach(supposed.world(), supposed.plan(), &query, &supposed);
    let outcome = match (found.sets.is_empty(), found.undetermined.is_empty()) {
        (false, _) => Outcome::Yes,
        (true, true) => Outcome::No,
        (true, false) => Outcome::Undetermined,
    };
    let whole = json!({ "result": outcome, "reach": found });
    Ok(Told { outcome, text: text::reach(&supposed, &found, outcome), whole })
}

/// All that sources may get to. Services are asked for where there are few who ask.
fn targets_of(stand: &Stand<'_>, from: &Ends) -> Ends {
    let mut to = Ends::targets(stand.world());
    if let [one] = from.interfaces.iter().collect::<Vec<_>>()[..] {
        to.interfaces.remove(one);
    }
    to
}

/// Who asks, without the only one who is asked.
fn without(mut from: Ends, to: &Ends) -> Ends {
    if let [one] = to.interfaces.iter().collect::<Vec<_>>()[..] {
        from.interfaces.remove(one);
    }
    from
}

/// The traffic of a protocol and ports: all of TCP, UDP and ICMP if nothing is said, and TCP if only ports are.
fn traffic(protocol: Option<WireProtocol>, ports: Option<(u16, u16)>) -> Result<Traffic, ReachError> {
    let all = Traffic::all();
    match (protocol, ports) {
        (None, None) => Ok(all),
        (None, Some(ports)) => Ok(Traffic { protocols: BTreeSet::from([WireProtocol::TCP.0]), ports }),
        (Some(protocol), Some(_)) if !protocol.has_ports() => Err(ReachError::NoPorts(protocol)),
        (Some(protocol), ports) => {
            let number = if protocol == WireProtocol::ICMPV6 { WireProtocol::ICMP } else { protocol };
            Ok(Traffic { protocols: BTreeSet::from([number.0]), ports: ports.unwrap_or(all.ports) })
        }
    }
}

/// Ports as they are typed: `443`, or `8000-8100`.
pub(crate) fn ports(text: &str) -> Result<(u16, u16), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if 0 < first && first <= last => Ok((first, last)),
        _ => Err(format!("`{text}` is no port; one is a number from 1 to 65535, or two with a dash between")),
    }
}
