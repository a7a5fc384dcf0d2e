//! The log of a process that runs for long: its standard error, a file of bounded size with one older file beside it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use nix::sys::stat::fstat;
use nix::unistd::{dup2_stderr, dup2_stdout};

/// The largest log, in bytes. The older one beside it may have as many.
pub const LARGEST: u64 = 8 * 1024 * 1024;

/// Opens a log, to which whoever starts a process gives it.
pub fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// Puts what is in a log aside, in the place of what was put aside before.
///
/// Only for whoever knows that no process writes to it.
pub fn put_aside(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if there.len() > 0 => fs::rename(path, older(path)),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn older(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".1");
    name.into()
}

/// The standard error of this process. Where it is a log, that is bounded.
#[derive(Debug)]
pub struct StandardError {
    log: Option<PathBuf>,
    largest: u64,
    /// Held while something is written, so that one thread puts a full log aside.
    writing: Mutex<()>,
}

impl StandardError {
    /// The standard error, which may be this log, or something else, as for a process at a terminal.
    pub fn of(log: &Path, largest: u64) -> Self {
        let same = is_same(&io::stderr(), log).unwrap_or(false);
        Self { log: same.then(|| log.to_owned()), largest, writing: Mutex::default() }
    }

    /// Puts aside what earlier processes have written, so that the log begins with this one.
    pub fn begin(&self) {
        if let Some(log) = &self.log {
            let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            renew(log);
        }
    }

    /// Writes a line or several.
    pub fn write(&self, text: &[u8]) -> io::Result<()> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = io::stderr();
        if let Some(log) = &self.log {
            // Asked each time, since a panic writes to it as well.
            let has = fstat(out.as_fd()).map_or(0, |stat| u64::try_from(stat.st_size).unwrap_or_default());
            if has > 0 && has + text.len() as u64 > self.largest {
                renew(log);
            }
        }
        out.write_all(text)
    }
}

/// Goes on in a new file. If that cannot be, the full one is emptied: a log is not worth the disk.
fn renew(log: &Path) {
    let renewed = match is_same(&io::stderr(), log) {
        Ok(true) => put_aside(log).and_then(|()| take(log)),
        // Somebody has put it aside already, or the directory is gone.
        _ => take(log),
    };
    if renewed.is_err()
        && let Ok(full) = io::stderr().as_fd().try_clone_to_owned()
    {
        let _ = File::from(full).set_len(0);
    }
}

fn take(log: &Path) -> io::Result<()> {
    let file = open(log)?;
    dup2_stderr(&file)?;
    dup2_stdout(&file)?;
    Ok(())
}

fn is_same(descriptor: &impl AsFd, path: &Path) -> io::Result<bool> {
    let (open, named) = (fstat(descriptor.as_fd())?, fs::metadata(path)?);
    Ok((open.st_dev, open.st_ino) == (named.dev(), named.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_aside_before_goes_and_an_empty_log_takes_nothing_away() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("daemon.log");
        put_aside(&log).unwrap();
        for text in ["first", "second"] {
            open(&log).unwrap().write_all(text.as_bytes()).unwrap();
            put_aside(&log).unwrap();
            open(&log).unwrap();
            put_aside(&log).unwrap();
        }
        assert_eq!(fs::read_to_string(dir.path().join("daemon.log.1")).unwrap(), "second");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_log_is_told_from_a_terminal_and_from_another_file() {
        let dir = tempfile::tempdir().unwrap();
        let (log, other) = (dir.path().join("log"), dir.path().join("other"));
        let file = open(&log).unwrap();
        open(&other).unwrap();
        assert!(is_same(&file, &log).unwrap() && !is_same(&file, &other).unwrap());
        assert!(StandardError::of(&other, LARGEST).log.is_none());
    }
}
