//! The state directory: where everything lies that a daemon keeps, for its owner alone.
//!
//! ```text
//! STATE/  0700
//!   lock                    held by the daemon for life
//!   state.sqlite            the world, accounts and access keys; its log is beside it
//!   control.sock            the command line's way to the daemon
//!   holder.sock, .lock      the namespace holder (crates/linux)
//!   holder.log, .log.1      what it says
//!   daemon.json             pid and address of the running daemon
//!   daemon.log, .log.1      what detached daemons print, one after the other; what is older than 8 MiB
//!   reserve                 room that is set aside for deletions on a full disk
//!   metadata.key            signs the metadata service's tokens
//!   events.jsonl, .jsonl.1  the newest events, for after a restart
//!   authority/              the local certificate authority
//!   s3/, secretsmanager/, kms/, dynamodb/, iam/, organizations/, cloudwatch/, lambda/
//!                           the services' own stores
//!   groups                  where the control groups of functions are
//!   programs/ENI.lock       held by a `sidegate exec` for as long as it runs
//!   flow-logs/              what flow logs recorded and was not delivered yet
//!   instances/ID/           pid, status, log and file layer of an instance
//! ```

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::shell;

/// Where state directories are announced: in memory, so that it is empty after the machine's start.
const ANNOUNCED: &str = "/run/sidegate";

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
    #[error("a daemon runs on the state directory `{}` already; `{}` tells of it, `{}` ends it", path.display(), command(path, "status"), command(path, "down"))]
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
        const NAMES: [&str; 13] = [
            "authority",
            "s3",
            "secretsmanager",
            "kms",
            "lambda",
            "logs",
            "dynamodb",
            "cloudwatch",
            "iam",
            "organizations",
            "flow-logs",
            "programs",
            "instances",
        ];
        for name in NAMES {
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

    /// Makes the directory known to all daemons of this machine, so that programs inside find it empty wherever they run.
    /// What was announced and is gone is forgotten.
    pub(crate) fn announce(&self) -> io::Result<()> {
        self.announce_in(Path::new(ANNOUNCED))
    }

    fn announce_in(&self, known: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(known)?;
        forget_gone(known)?;
        let name = known.join(announced_name(&self.0)?);
        match std::os::unix::fs::symlink(&self.0, &name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if fs::read_link(&name)? == self.0 {
                    return Ok(());
                }
                fs::remove_file(&name)?;
                std::os::unix::fs::symlink(&self.0, &name)
            }
            other => other,
        }
    }

    /// Forgets what was announced on this machine and is gone, as far as that can be done.
    pub(crate) fn forget_gone() {
        let _ = forget_gone(Path::new(ANNOUNCED));
    }

    /// The state directories that were announced on this machine and still exist.
    pub(crate) fn announced() -> Vec<PathBuf> {
        announced_in(Path::new(ANNOUNCED))
    }

    /// What no other directory of this machine is named by.
    pub(crate) fn id(&self) -> io::Result<String> {
        announced_name(&self.0)
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

/// What is typed to ask the daemon of a state directory for something: the directory is named unless it is the one that is
/// meant anyway.
pub(crate) fn command(directory: &Path, subcommand: &str) -> String {
    command_beside(&StateDir::default_path(), directory, subcommand)
}

fn command_beside(default: &Path, directory: &Path, subcommand: &str) -> String {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if real(default) == real(directory) {
        return format!("sidegate {subcommand}");
    }
    format!("sidegate {subcommand} --state {}", shell::word(&real(directory).to_string_lossy()))
}

/// One name for each directory, however often it is announced.
fn announced_name(directory: &Path) -> io::Result<String> {
    let meta = fs::metadata(directory)?;
    Ok(format!("{:x}-{:x}", meta.dev(), meta.ino()))
}

fn announced_in(known: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(known).into_iter().flatten().flatten();
    entries.filter_map(|entry| fs::read_link(entry.path()).ok()).filter(|path| path.is_dir()).collect()
}

/// Removes the links to directories that are gone, or that others have taken the place of. Those of daemons that are down
/// stay for as long as there is something to hide.
fn forget_gone(known: &Path) -> io::Result<()> {
    for entry in fs::read_dir(known)?.flatten() {
        let Ok(directory) = fs::read_link(entry.path()) else { continue };
        let is_gone = match announced_name(&directory) {
            Ok(name) => entry.file_name() != name.as_str(),
            Err(error) => matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
        };
        if is_gone {
            // Another daemon may have done so meanwhile.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_others_may_enter_is_refused_and_a_locked_one_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        let state = StateDir::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let lock = state.lock().unwrap();
        assert!(matches!(state.lock(), Err(StateDirError::Taken { .. })));
        drop(lock);
        state.lock().unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(matches!(StateDir::open(&path), Err(StateDirError::Exposed { .. })));
    }

    #[test]
    fn a_command_names_the_directory_unless_it_is_meant_anyway() {
        let directory = tempfile::tempdir().unwrap();
        let other = directory.path().canonicalize().unwrap().join("a b");
        fs::create_dir(&other).unwrap();
        assert_eq!(command_beside(Path::new("/no/such"), Path::new("/no/such"), "down"), "sidegate down");
        assert_eq!(command_beside(&other.join("../a b"), &other, "down"), "sidegate down");
        let named = format!("sidegate down --state '{}'", other.display());
        assert_eq!(command_beside(Path::new("/no/such"), &other, "down"), named);
        let taken = StateDirError::Taken { path: other.clone() }.to_string();
        assert!(taken.contains(&named), "{taken}");
    }

    #[test]
    fn an_announced_directory_is_known_to_all_until_it_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let known = directory.path().join("known");
        let links = || fs::read_dir(&known).unwrap().count();
        let state = StateDir::open(&directory.path().join("state")).unwrap();
        state.announce_in(&known).unwrap();
        state.announce_in(&known).unwrap();
        assert_eq!(announced_in(&known), [state.path()]);
        fs::remove_dir_all(state.path()).unwrap();
        assert_eq!(announced_in(&known), [] as [PathBuf; 0]);

        // Of those that come and go there is no link left, and those that are only down stay hidden.
        let down = StateDir::open(&directory.path().join("down")).unwrap();
        down.announce_in(&known).unwrap();
        for _ in 0..3 {
            let next = StateDir::open(&directory.path().join("next")).unwrap();
            next.announce_in(&known).unwrap();
            assert!(announced_in(&known).iter().any(|path| path == down.path()));
            assert_eq!(links(), 2);
            fs::remove_dir_all(next.path()).unwrap();
            // Else the next one may have the same number.
            fs::create_dir(directory.path().join(format!("other-{}", fs::read_dir(directory.path()).unwrap().count())))
                .unwrap();
        }
    }
}
