//! Lambda: functions, their versions, aliases and layers, and what runs them.

pub mod environment;
mod runtime;

pub use runtime::{ProvidedBase, Runtime};
