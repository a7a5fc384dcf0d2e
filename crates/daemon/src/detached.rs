//! A daemon as a process of its own, in the background of the one that starts it.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use sidegate_linux::log_file;

use crate::daemon::Note;
use crate::state_dir::{self, StateDir};

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
    #[error("interrupted: the daemon (pid {pid}) did not serve yet and was ended; `{down}` ends what it began")]
    Interrupted {
        /// Its number.
        pid: u32,
        /// The command that ends the rest.
        down: String,
    },
    /// It took too long, and was ended.
    #[error("the daemon did not serve within {} seconds and was ended; `{}` may tell why, and `{down}` ends what it began", limit.as_secs(), log.display())]
    Late {
        /// How long it had.
        limit: Duration,
        /// Its log.
        log: PathBuf,
        /// The command that ends the rest.
        down: String,
    },
}

impl Detached {
    /// Starts a daemon; `command` is `sidegate up` for this state directory.
    pub(crate) fn start(state: StateDir, mut command: Command) -> Result<Self, DetachedError> {
        let path = state.join(LOG);
        let (begins, for_errors, log) =
            open_log(&path).map_err(|reason| DetachedError::Log { path: path.clone(), reason })?;
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
        DetachedError::Late { limit, down: self.down(), log: self.log }
    }

    /// Ends a daemon that the user did not want to wait for.
    pub(crate) fn break_off(mut self) -> DetachedError {
        self.kill();
        DetachedError::Interrupted { pid: self.child.id(), down: self.down() }
    }

    fn down(&self) -> String {
        state_dir::command(self.state.path(), "down")
    }

    fn last_words(&self, status: ExitStatus) -> String {
        let said = fs::read(&self.log).unwrap_or_default();
        let said = said.get(usize::try_from(self.begins).unwrap_or(usize::MAX)..).unwrap_or_default();
        let said = String::from_utf8_lossy(said);
        let said = said.trim().trim_start_matches("sidegate: ");
        if said.is_empty() { format!("it ended with {status}") } else { said.to_owned() }
    }
}

/// The log, for standard output and error, and where the new daemon's part begins in it. What earlier daemons wrote stays
/// before that, so that whatever ended them can still be read after several starts; a daemon puts it aside once it is full.
fn open_log(path: &Path) -> io::Result<(u64, fs::File, fs::File)> {
    let log = log_file::open(path)?;
    Ok((log.metadata()?.len(), log.try_clone()?, log))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Starts what says its last words and ends, as a daemon that cannot go on does.
    fn said(directory: &Path, words: &str) -> String {
        let mut command = Command::new("sh");
        command.args(["-c", "echo \"sidegate: $0\" >&2; exit 1", words]);
        let mut started = Detached::start(StateDir::open(directory).unwrap(), command).unwrap();
        let limit = Instant::now() + Duration::from_secs(20);
        loop {
            match started.serves() {
                Err(DetachedError::Ended(said)) => return said,
                Ok(None) if Instant::now() < limit => std::thread::sleep(Duration::from_millis(10)),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn why_a_daemon_ended_is_still_in_the_log_after_several_starts_and_only_the_last_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        for words in ["the disk is gone", "the port is taken", "the lock is held"] {
            assert_eq!(said(&state, words), words);
        }
        let log = fs::read_to_string(state.join(LOG)).unwrap();
        assert_eq!(log, "sidegate: the disk is gone\nsidegate: the port is taken\nsidegate: the lock is held\n");
    }
}
