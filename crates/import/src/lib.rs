//! Accounts elsewhere, read from what was written down of them, as a [`World`](sidegate_model::World).
//!
//! A world that commands made is whole. One that is read from files is not: files are damaged or missing, and an account
//! has things that the model does not know. What is left open is an [`Unknown`], and who asks something of an [`Imported`]
//! world asks [`Imported::undetermined`] whether the answer rests on one. Where something is unknown, the world holds what
//! lets least through.
//!
//! What happened in an account is read as well: [`flow_logs`] tell what went where.
//!
//! Everything here is pure: names and bytes go in, a value comes out.

pub mod describe;
mod finding;
pub mod flow_logs;
mod imported;
mod summary;
mod unknown;

pub use finding::{Finding, Place};
pub use imported::{Imported, stands_for_a_service};
pub use unknown::{Bearing, How, Met, Packet, RuleTraffic, Unknown, name_in};
