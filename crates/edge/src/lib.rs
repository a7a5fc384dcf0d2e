//! What a VPC sees of AWS: its resolver, TLS, HTTP, and the instance metadata service; and the public API's port.
//!
//! [`path`] says which endpoint a connection uses, [`gate`] takes a request from there to a service, [`connections`]
//! holds the sockets, and [`events`] are what is left of a request. The rest has no socket in it.

pub mod authority;
pub mod connections;
pub mod events;
pub mod gate;
mod limits;
pub mod metadata;
pub mod path;
pub mod resolver;
pub mod usage;
pub mod visit;

pub use limits::Limits;

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix time in milliseconds.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
