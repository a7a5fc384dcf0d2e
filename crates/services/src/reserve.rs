//! Room on the disk that is set aside, so that deleting works where the disk is full.
//!
//! A deletion writes before it frees anything: its database's log grows. So a file of some MiB lies in the state
//! directory. What only takes away may use its room while it is written; what adds may not, and is refused for as long as
//! the file is not whole again. Otherwise nobody could make room through the API.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How much is set aside: the logs of three databases may grow by 4 MiB each, of which a deletion takes some pages.
pub const BYTES: u64 = 8 << 20;

/// How much is written at once.
const BLOCK: usize = 64 << 10;

/// The name of the file.
const NAME: &str = "reserve";

/// The room that is set aside in a directory.
#[derive(Debug)]
pub struct Reserve {
    /// `None` where nothing is ever set aside.
    path: Option<PathBuf>,
    /// Whether all of it is there, as far as one knows.
    whole: AtomicBool,
    filling: Mutex<()>,
    /// Held by who uses it.
    turn: Mutex<()>,
}

impl Reserve {
    /// The reserve of a directory, as it was left. Nothing is set aside or given back yet.
    pub fn of(directory: &Path) -> Arc<Self> {
        let path = directory.join(NAME);
        let whole = fs::metadata(&path).is_ok_and(|file| file.len() == BYTES);
        Arc::new(Self::new(Some(path), whole))
    }

    /// No reserve: all room may be taken by anything.
    pub fn none() -> Arc<Self> {
        Arc::new(Self::new(None, true))
    }

    fn new(path: Option<PathBuf>, whole: bool) -> Self {
        Self { path, whole: AtomicBool::new(whole), filling: Mutex::default(), turn: Mutex::default() }
    }

    /// Gives the room back to the disk, and says whether there was any. [`Reserve::fill`] takes it again.
    pub fn lend(&self) -> bool {
        let _turn = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = &self.path else { return false };
        self.whole.store(false, Ordering::SeqCst);
        fs::remove_file(path).is_ok()
    }

    /// Sets aside what is missing, as far as there is room, and says whether all is there.
    pub fn fill(&self) -> bool {
        let _turn = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = &self.path else { return true };
        let whole = match fill(path) {
            Ok(()) => true,
            Err(error) if is_full(&error) => false,
            Err(error) => {
                // Better without a reserve than without the use of the disk.
                tracing::warn!(path = %path.display(), %error, "cannot set room aside on the disk");
                true
            }
        };
        self.whole.store(whole, Ordering::SeqCst);
        whole
    }

    /// For whoever is about to take room: whether what is set aside is whole, or can be made so.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] if it cannot: then only what frees room may go on.
    pub fn require(&self) -> io::Result<()> {
        if self.whole.load(Ordering::SeqCst) || self.fill() {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full but for what is set aside for deletions"))
    }

    /// Does what frees room, and a second time with what is set aside if the disk was full. `settle` comes after that: it
    /// gives back room that is not needed for good.
    ///
    /// # Errors
    /// What `work` fails with at last.
    pub fn freeing<T, E>(
        &self, mut work: impl FnMut() -> Result<T, E>, is_full: impl Fn(&E) -> bool, settle: impl FnOnce(),
    ) -> Result<T, E> {
        match work() {
            Err(error) if is_full(&error) && self.path.is_some() => {
                let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
                self.lend();
                tracing::warn!("the disk is full; a deletion is made in the room that is set aside for it");
                let outcome = work();
                settle();
                self.fill();
                outcome
            }
            outcome => outcome,
        }
    }
}

/// Whether an error says that the disk has no room.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Whether a database's error says, or may mean, that the disk has no room: where the shared memory beside a log cannot
/// grow, it is an error of input and output.
pub fn database_is_full(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::SystemIoFailure | rusqlite::ErrorCode::CannotOpen)
    )
}

fn fill(path: &Path) -> io::Result<()> {
    let mut file = File::options().append(true).create(true).open(path)?;
    let mut length = file.metadata()?.len();
    let mut block = vec![0; BLOCK];
    while length < BYTES {
        // File systems that compress would make nothing of zeros.
        aws_lc_rs::rand::fill(&mut block).map_err(|_| io::Error::other("the system has no randomness"))?;
        let part = usize::try_from(BYTES - length).unwrap_or(BLOCK).min(BLOCK);
        length += file.write(block.get(..part).unwrap_or_default())? as u64;
    }
    // Where room is given out late, it is missed here and not by whoever counts on it.
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_aside_is_lent_to_what_frees_room_and_to_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let reserve = Reserve::of(directory.path());
        assert!(reserve.fill());
        let path = directory.path().join(NAME);
        assert_eq!(fs::metadata(&path).unwrap().len(), BYTES);
        let mut tries = 0;
        let deletion = || {
            tries += 1;
            if path.exists() { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(tries) }
        };
        assert_eq!(reserve.freeing(deletion, is_full, || {}).unwrap(), 2);
        assert_eq!(fs::metadata(&path).unwrap().len(), BYTES, "it is whole again");
        let refused = reserve.freeing(|| Err::<(), _>(io::Error::other("no")), is_full, || {});
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::Other);
        reserve.lend();
        assert!(!path.exists());
        reserve.require().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), BYTES);
    }
}
