//! Why something reaches something else or does not: what the running daemon knows of it.
//!
//! | file | about |
//! |---|---|
//! | `grounds.rs` | what it stands on: the parts of the daemon |
//! | `call.rs` | what applies to a call from a source, as the gate finds it |
//! | `caller.rs` | who calls from a source, and what policies say of the caller |
//! | `looked.rs` | a look that the control socket asks for |
//! | `live.rs` | looking, with packets, whether it is as it was explained |
//! | `vantage.rs` | the network that it is looked from |
//! | `seen.rs` | what was seen, and where that differs from a trace |

pub(crate) mod call;
mod caller;
mod grounds;
pub(crate) mod live;
mod looked;
mod seen;
mod vantage;

pub(crate) use self::grounds::Grounds;
pub(crate) use self::looked::look;
