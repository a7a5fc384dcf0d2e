//! The command line's way to the daemon: the Unix socket `STATE/control.sock`.
//!
//! One JSON line asks, JSON lines answer. Only the owner of the state directory, and root, are listened to, and
//! neither from inside a sandbox.
//!
//! | file | about |
//! |---|---|
//! | `protocol.rs` | what both say to each other |
//! | `server.rs` | the daemon's side |
//! | `client.rs` | the command line's side |

mod client;
mod protocol;
mod server;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

pub(crate) use self::client::{Client, ControlError};
pub(crate) use self::protocol::{Access, Answer, Look, Network, Request, Status};
pub(crate) use self::server::{Control, listen, serve};

/// The name of the socket in the state directory.
pub(crate) const SOCKET: &str = "control.sock";

/// A path of the socket that is short enough for `sockaddr_un`, whatever the length of the real one, and the
/// descriptor that it depends on.
fn short_path(state: &Path) -> io::Result<(PathBuf, File)> {
    let dir = File::open(state)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", dir.as_raw_fd())), dir))
}
