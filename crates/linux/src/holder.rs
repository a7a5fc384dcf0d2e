//! The holder: one small process per state directory that keeps the network
//! namespaces alive while the daemon is stopped, upgraded or killed.
//!
//! It knows names and descriptors and nothing else: no link, address or
//! sysctl is its business. [`spawn`] starts it, [`Client`] talks to it,
//! [`main`] is its body, called by the hidden subcommand `holder`.

mod client;
pub(crate) mod passing;
mod protocol;
mod server;

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub use client::Client;
pub use server::main;

use crate::log_file;

/// How long [`spawn`] waits for the holder to answer.
const START_LIMIT: Duration = Duration::from_secs(10);

/// Why the holder could not be started or did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HolderError {
    /// A name that the holder would not take.
    #[error(
        "`{name}` cannot name a namespace: use 1 to 128 printable ASCII characters without spaces, quotes and backslashes"
    )]
    Name {
        /// What was given.
        name: String,
    },
    /// The holder cannot be reached.
    #[error(
        "cannot reach the namespace holder at `{socket}` ({reason}); a running daemon starts another within seconds, so try again; if none runs, start it with `sidegate up`"
    )]
    Unreachable {
        /// The socket of the holder.
        socket: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// Somebody else listens there.
    #[error(
        "user {user} listens at `{socket}`, where the namespace holder should: nothing was said to it; see who may write to the directory, and remove the socket"
    )]
    Stranger {
        /// The socket of the holder.
        socket: PathBuf,
        /// Whose process listens; neither root nor the owner of the directory.
        user: u32,
    },
    /// The conversation broke off.
    #[error("the namespace holder at `{socket}` broke off the conversation ({reason})")]
    Conversation {
        /// The socket of the holder.
        socket: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The holder refused or failed.
    #[error("the namespace holder could not do it: {reason}")]
    Refused {
        /// The holder's words.
        reason: String,
    },
    /// The holder could not be started.
    #[error("cannot start the namespace holder with `{exe}` ({reason}); its log is `{log}`")]
    Start {
        /// The program that was to become the holder.
        exe: PathBuf,
        /// What went wrong.
        reason: String,
        /// Where the holder writes.
        log: PathBuf,
    },
}

/// The socket of the holder of a state directory.
pub fn socket_path(state_dir: &Path) -> PathBuf {
    state_dir.join("holder.sock")
}

/// Makes sure that the state directory has a holder, and returns a client of it.
///
/// `exe` is run as `exe holder --socket SOCKET`; it must call [`main`]. Calling
/// this any number of times, also at once from several processes, leaves one
/// holder: the holder itself takes a lock for life, and a second one gives way.
pub fn spawn(state_dir: &Path, exe: &Path) -> Result<Client, HolderError> {
    let socket = socket_path(state_dir);
    let log = state_dir.join("holder.log");
    let client = Client::new(&socket);
    if client.list().is_ok() {
        return Ok(client);
    }
    let failed = |reason: String| HolderError::Start { exe: exe.to_owned(), reason, log: log.clone() };
    ensure_private_dir(state_dir).map_err(|e| failed(format!("state directory `{}`: {e}", state_dir.display())))?;
    start(&socket, &log, exe).map_err(failed)?;

    let limit = Instant::now() + START_LIMIT;
    loop {
        match client.list() {
            Ok(_) => return Ok(client),
            Err(error) if Instant::now() >= limit => {
                return Err(failed(format!("no answer in time: {error}")));
            }
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn start(socket: &Path, log: &Path, exe: &Path) -> Result<(), String> {
    let log_file = log_file::open(log).map_err(|e| format!("log: {e}"))?;
    let error_file = log_file.try_clone().map_err(|e| format!("log: {e}"))?;
    let status = Command::new(exe)
        .arg("holder")
        .arg("--socket")
        .arg(socket)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log_file)
        .stderr(error_file)
        .status()
        .map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("it ended with {status}")) }
}

fn ensure_private_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() { Ok(()) } else { DirBuilder::new().recursive(true).mode(0o700).create(path) }
}
