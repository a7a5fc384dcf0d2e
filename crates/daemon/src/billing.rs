//! The bill: what stood from when until when, how many bytes went over it, and what AWS would charge for that.
//!
//! The daemon keeps records of use beside the world; `sidegate bill` asks for them and prices them.
//!
//! | file | about |
//! |---|---|
//! | `standing.rs` | what of a world is billed, and what of that a change begins and ends |
//! | `ledger.rs` | since when and until when something stood, and the bytes of each hour: what is stored |
//! | `meter.rs` | from the counters of the edge and the kernel into the ledger |
//! | `period.rs` | months and moments, as they are typed |
//! | `statement.rs` | the bill: lines, subtotals and their sum |
//! | `comparison.rs` | the same traffic by other ways |
//! | `text.rs`, `csv.rs` | the bill for people, and for spreadsheets |

mod comparison;
mod csv;
mod ledger;
mod meter;
mod period;
mod standing;
mod statement;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use self::comparison::Comparison;
pub(crate) use self::csv::csv;
pub(crate) use self::ledger::{Records, SCHEMA, record, take_back};
pub(crate) use self::meter::Meter;
pub(crate) use self::period::{Month, Period, PeriodError, moment};
pub(crate) use self::standing::Kind;
pub(crate) use self::statement::{Statement, Subtotal, Wanted};
pub(crate) use self::text::{bytes, cents, comparison as comparison_text, text};
