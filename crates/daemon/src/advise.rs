//! Advice on endpoints: from what a workload is read, and how it is told. Pure.
//!
//! | file | about |
//! |---|---|
//! | `file.rs`, `volume.rs` | the short file that says what a workload needs |
//! | `network.rs`, `ways.rs` | the VPCs of a world, as an advice sees them, and what leads out of them |
//! | `attributes.rs` | DNS attributes that nobody told |
//! | `seen.rs` | traffic that was seen, by VPC and service |
//! | `logged.rs`, `crossing.rs`, `told.rs` | what flow logs tell of it, what of it they tell more than once, and remarks |
//! | `alone.rs` | workloads of flow logs alone |
//! | `happened.rs` | what events tell of it |
//! | `report.rs`, `section.rs` | an advice as headings, tables and lists |
//! | `table.rs` | tables of a width |
//! | `render.rs` | a report as text and as Markdown |

mod alone;
mod attributes;
mod crossing;
mod file;
mod happened;
mod logged;
mod network;
mod render;
mod report;
mod section;
mod seen;
mod table;
#[cfg(test)]
mod tests;
mod told;
mod volume;
mod ways;

use std::fmt;

use serde::{Deserialize, Serialize};
use sidegate_advise::Workload;

pub(crate) use self::alone::apart;
pub(crate) use self::attributes::{Untold, is_taken_as_on, untold, with_names};
pub(crate) use self::file::{FileWorkload, read, read_beside};
pub(crate) use self::happened::happened;
pub(crate) use self::logged::logged;
pub(crate) use self::network::workloads;
pub(crate) use self::render::{markdown, text};
pub(crate) use self::report::report;
pub(crate) use self::seen::{considered, scale};
pub(crate) use self::ways::ways_out;

/// What is wrong with something that was given, and where. It is left out, and the rest is considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The file, with the line if there is one.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// The workloads of a running daemon, by account and Region, with the traffic that its events tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running {
    /// The workloads.
    pub(crate) workloads: Vec<Workload>,
    /// What is to be known of them.
    pub(crate) remarks: Vec<String>,
}

/// The most names of a list that are told.
const MOST_LISTED: usize = 5;

/// The first names of a list, and how many there are beyond.
pub(crate) fn listed(names: &[String]) -> String {
    let first = names.get(..MOST_LISTED).unwrap_or(names).join(", ");
    match names.len().saturating_sub(MOST_LISTED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
