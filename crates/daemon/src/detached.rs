//! A daemon as a process of its own, in the background of the one that starts it.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use sidegate_linux::log_file;

use crate::daemon::Note;
use crate::state_dir::StateDir;

/// The name of its log in the state directory.
pub(crate) const LOG: &str = "daemon.log";

/// A daemon that was started, and may not serve yet. Dropping this leaves it running.
#[derive(Debug)]
pub(crate) struct Detached {
    child: Child,
    state: StateDir,
    log: PathBuf,
    /// Where in the log its own part begins.
    begins: u64,
}

/// Why there is no daemon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DetachedError {
    /// Its log cannot be written.
    #[error("cannot start the daemon (its log `{}`: {reason})", path.display())]
    Log {
        /// The log.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// It cannot be started or watched.
    #[error("cannot start the daemon ({0})")]
    Process(io::Error),
    /// It ended.
    #[error("cannot start the daemon ({0})")]
    Ended(String),
    /// The user broke off the start, and it was ended.
    #[error("interrupted: the daemon (pid {pid}) did not serve yet and was ended; `sidegate down` ends what it began")]
    Interrupted {
        /// Its number.
        pid: u32,
    },
    /// It took too long, and was ended.
    #[error("the daemon did not serve within {} seconds and was ended; `{}` may tell why, and `sidegate down` ends what it began", limit.as_secs(), log.display())]
    Late {
        /// How long it had.
        limit: Duration,
        /// Its log.
        log: PathBuf,
    },
}

impl Detached {
    /// Starts a daemon; `command` is `sidegate up` for this state directory.
    pub(crate) fn start(state: StateDir, mut command: Command) -> Result<Self, DetachedError> {
        let path = state.join(LOG);
        let (begins, for_errors, log) =
            open_log(&state, &path).map_err(|reason| DetachedError::Log { path: path.clone(), reason })?;
        command.stdin(Stdio::null()).stderr(for_errors).stdout(log);
        // A group of its own: what is typed at the caller's terminal is not for the daemon.
        let child = command.process_group(0).spawn().map_err(DetachedError::Process)?;
        Ok(Self { child, state, log: path, begins })
    }

    /// Its note, once it serves.
    ///
    /// # Errors
    /// If it has ended.
    pub(crate) fn serves(&mut self) -> Result<Option<Note>, DetachedError> {
        if let Some(note) = Note::read(&self.state).filter(|note| note.pid == self.child.id()) {
            return Ok(Some(note));
        }
        match self.child.try_wait().map_err(DetachedError::Process)? {
            Some(status) => Err(DetachedError::Ended(self.last_words(status))),
            None => Ok(None),
        }
    }

    /// Whether it has ended by now.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Kills it. What runs inside goes on.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends a daemon that does not serve in time, so that another try finds none.
    pub(crate) fn give_up(mut self, limit: Duration) -> DetachedError {
        self.kill();
        DetachedError::Late { limit, log: self.log }
    }

    /// Ends a daemon that the user did not want to wait for.
    pub(crate) fn break_off(mut self) -> DetachedError {
        self.kill();
        DetachedError::Interrupted { pid: self.child.id() }
    }

    fn last_words(&self, status: ExitStatus) -> String {
        let said = fs::read(&self.log).unwrap_or_default();
        let said = said.get(usize::try_from(self.begins).unwrap_or(usize::MAX)..).unwrap_or_default();
        let said = String::from_utf8_lossy(said);
        let said = said.trim().trim_start_matches("sidegate: ");
        if said.is_empty() { format!("it ended with {status}") } else { said.to_owned() }
    }
}

/// A new log, for standard output and error, and where the new daemon's part begins in it. If there is a daemon already,
/// which the new one will say, the log is that one's.
fn open_log(state: &StateDir, path: &Path) -> io::Result<(u64, fs::File, fs::File)> {
    if let Ok(_nobody_else) = state.lock() {
        log_file::put_aside(path)?;
    }
    let log = log_file::open(path)?;
    Ok((log.metadata()?.len(), log.try_clone()?, log))
}
