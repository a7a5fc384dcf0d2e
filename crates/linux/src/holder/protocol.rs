//! What client and holder say to each other: one JSON line each way per
//! connection; a descriptor travels with the answer.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use serde::{Deserialize, Serialize};

/// The longest request or piece of an answer that is read at once.
pub(super) const LONGEST_REQUEST: usize = 4096;

/// The longest name of a namespace.
const LONGEST_NAME: usize = 128;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    Ensure {
        name: String,
    },
    Get {
        name: String,
    },
    List,
    Drop {
        name: String,
    },
    /// Keep the namespace whose descriptor travels along, in the place of what has that name.
    Adopt {
        name: String,
    },
    Stop,
}

/// What the holder sends.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    /// Tells one holder from those before and after it. Earlier versions say nothing.
    #[serde(default)]
    pub(super) holder: u64,
    #[serde(flatten)]
    pub(super) response: Response,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Response {
    /// The namespace, whose descriptor travels along, and whether it is new.
    Namespace {
        created: bool,
    },
    Names {
        names: Vec<String>,
    },
    /// Whether the name was known.
    Known {
        known: bool,
    },
    Failed {
        reason: String,
    },
}

/// Whether the holder takes `name`: short, printable, safe in a log line.
pub(super) fn is_valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\'' && b != b'\\')
}

/// A path of a socket that is short enough for `sockaddr_un`, whatever the
/// length of the real one, and the descriptor that it depends on.
pub(super) fn short_path(socket: &Path) -> io::Result<(PathBuf, OwnedFd)> {
    let (Some(dir), Some(name)) = (socket.parent(), socket.file_name()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a path of a socket in a directory"));
    };
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let fd = open(dir, OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
    let path = Path::new("/proc/self/fd").join(fd.as_raw_fd().to_string()).join(name);
    Ok((path, fd))
}
