//! The state directory: where everything lies that a daemon keeps, for its owner alone.
//!
//! ```text
//! STATE/  0700
//!   lock                    held by the daemon for life
//!   state.sqlite            the world, accounts and access keys
//!   control.sock            the command line's way to the daemon
//!   holder.sock, holder.log the namespace holder (crates/linux)
//!   daemon.json             pid and address of the running daemon
//!   daemon.log              what a detached daemon prints
//!   metadata.key            signs the metadata service's tokens
//!   events.jsonl            the newest events, for after a restart
//!   authority/              the local certificate authority
//!   s3/, secretsmanager/    the services' own stores
//!   programs/ENI.lock       held by a `sidegate exec` for as long as it runs
//!   instances/ID/           pid, status, log and file layer of an instance
//! ```

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Why a state directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateDirError {
    /// It cannot be made or read.
    #[error("cannot use the state directory `{}` ({reason}); choose another with `--state DIR`", path.display())]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// Others than its owner may enter it.
    #[error("the state directory `{}` belongs to another user or may be entered by others; `chmod 700` your own, or choose another with `--state DIR`", path.display())]
    Exposed {
        /// The directory.
        path: PathBuf,
    },
    /// A daemon runs on it.
    #[error("a daemon runs on the state directory `{}` already; `sidegate status` tells of it, `sidegate down` ends it", path.display())]
    Taken {
        /// The directory.
        path: PathBuf,
    },
}

/// A state directory that exists and is private.
#[derive(Clone, Debug)]
pub(crate) struct StateDir(PathBuf);

impl StateDir {
    /// Where the state lies if nobody says: `SIDEGATE_STATE`, or `/var/lib/sidegate` for root, or below the user's home.
    pub(crate) fn default_path() -> PathBuf {
        if let Some(path) = std::env::var_os("SIDEGATE_STATE").filter(|p| !p.is_empty()) {
            return path.into();
        }
        let home = std::env::var_os("HOME").map(PathBuf::from);
        match (is_root(), home) {
            (false, Some(home)) => home.join(".local/state/sidegate"),
            _ => PathBuf::from("/var/lib/sidegate"),
        }
    }

    /// Opens the directory, and makes it if it does not exist.
    pub(crate) fn open(path: &Path) -> Result<Self, StateDirError> {
        let failed = |reason| StateDirError::Unusable { path: path.to_owned(), reason };
        if !path.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        }
        let path = path.canonicalize().map_err(failed)?;
        let meta = fs::metadata(&path).map_err(failed)?;
        let own = fs::metadata("/proc/self").map_err(failed)?.uid();
        if !meta.is_dir() || meta.uid() != own || meta.permissions().mode() & 0o077 != 0 {
            return Err(StateDirError::Exposed { path });
        }
        let dir = Self(path);
        for name in ["authority", "s3", "secretsmanager", "programs", "instances"] {
            let sub = dir.0.join(name);
            if !sub.exists() {
                DirBuilder::new().mode(0o700).create(&sub).map_err(failed)?;
            }
        }
        Ok(dir)
    }

    /// Takes the directory for a daemon, for as long as the file is open.
    pub(crate) fn lock(&self) -> Result<File, StateDirError> {
        let failed = |reason| StateDirError::Unusable { path: self.0.clone(), reason };
        let file =
            File::options().create(true).truncate(false).write(true).open(self.0.join("lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(StateDirError::Taken { path: self.0.clone() }),
            Err(fs::TryLockError::Error(reason)) => Err(failed(reason)),
        }
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A file or directory in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}
