//! Files whose lock says that a process lives.
//!
//! A process holds the lock of its file for life and writes its pid into it; the kernel gives the lock back however
//! the process ends. Shims hold that of an instance's pid file (crates/linux), the command line that of a program's.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use sidegate_linux::sandbox;

/// How often, and after how long each, a lock is tried that somebody only looks at.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// Enough for a thread that waits.
const STACK: usize = 64 * 1024;

/// Takes the lock of a file for this process; it is held for as long as the file is open.
pub(crate) fn take(path: &Path) -> io::Result<File> {
    let mut file = File::options().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.write_all(format!("{}\n", std::process::id()).as_bytes())?;
                return Ok(file);
            }
            // The daemon looks, and holds it for a moment.
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, format!("`{}` is held by another process", path.display())))
}

/// Whether a process holds the lock of a file. No file: no process.
pub(crate) fn is_held(path: &Path) -> io::Result<bool> {
    sandbox::is_running(path).map_err(io::Error::other)
}

/// Calls `then` when the lock of a file is free, or the file is not there; on a thread of its own, which nothing waits
/// for: it waits as long as the process that holds the lock lives.
pub(crate) fn when_free(path: PathBuf, then: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let wait = move || {
        match wait(&path) {
            Ok(()) => {}
            Err(error) => tracing::warn!(path = %path.display(), %error, "cannot wait for a lock"),
        }
        then();
    };
    thread::Builder::new().name("lock".to_owned()).stack_size(STACK).spawn(wait).map(drop)
}

fn wait(path: &Path) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    loop {
        match file.lock_shared() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    #[test]
    fn a_lock_is_held_until_its_file_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("eni-1.lock");
        assert!(!is_held(&path).unwrap());
        let lock = take(&path).unwrap();
        assert!(is_held(&path).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap().trim(), std::process::id().to_string());
        drop(lock);
        assert!(!is_held(&path).unwrap());
    }

    #[test]
    fn whoever_waits_for_a_lock_hears_when_it_is_free_and_not_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("eni-1.lock");
        let lock = take(&path).unwrap();
        let (sender, receiver) = mpsc::channel();
        when_free(path, move || sender.send(()).unwrap()).unwrap();
        assert!(receiver.try_recv().is_err());
        drop(lock);
        receiver.recv_timeout(LIMIT).unwrap();
    }

    #[test]
    fn a_file_that_is_not_there_counts_as_free() {
        let dir = tempfile::tempdir().unwrap();
        let (sender, receiver) = mpsc::channel();
        when_free(dir.path().join("none"), move || sender.send(()).unwrap()).unwrap();
        receiver.recv_timeout(LIMIT).unwrap();
    }
}
