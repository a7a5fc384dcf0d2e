//! Directories of benchmarks and demos, and what goes with them when their owner is killed.
//!
//! Whatever a benchmark or a demo starts belongs to its directory: a daemon with its holder, a holder alone, and the
//! programs in the namespaces of that. The owner removes all of it at its end. For the case that it has none, because it
//! is killed, there are two more:
//!
//! - a *guardian*, a process that waits for nothing but the end of its input, which is a pipe from the owner, and then
//!   clears the directory;
//! - the next start, which clears directories of its kind whose owner is gone, for when the guardian was killed as well.
//!
//! The owner holds the lock of the file `owner` for life, so that its pid need not be believed.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use sidegate_linux::holder;
use sidegate_linux::workbench;

use crate::state_dir::StateDir;

/// The file whose lock says that the owner lives.
const OWNER: &str = "owner";

/// Its name until it is locked.
const OWNER_TO_BE: &str = "owner.new";

/// How often, and after how long each, the lock of an owner that has ended is tried: its descriptors are closed one after
/// another.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// How long after the end of a killed owner something of it may still begin.
const AFTERMATH: Duration = Duration::from_secs(2);

/// A directory of its own. Dropping it removes it with all that is in it, and ends what still belongs to it.
#[derive(Debug)]
pub(crate) struct OwnDirectory {
    path: PathBuf,
    owner: Option<File>,
    guardian: Child,
}

impl OwnDirectory {
    /// Makes one among the temporary files, `sidegate-KIND-PID` and perhaps a number, once those of owners that are gone
    /// are cleared. `exe` is this program.
    ///
    /// # Errors
    /// If it cannot be made, or nobody can be started to guard it.
    pub(crate) fn create(kind: &str, exe: &Path) -> io::Result<Self> {
        // Sandboxes know directories by their real names.
        let parent = std::env::temp_dir().canonicalize()?;
        sweep(&parent, &format!("sidegate-{kind}-"), exe);
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = match NUMBER.fetch_add(1, Ordering::Relaxed) {
            0 => format!("sidegate-{kind}-{}", std::process::id()),
            number => format!("sidegate-{kind}-{}-{number}", std::process::id()),
        };
        let path = parent.join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        let made = owned(&path).and_then(|owner| Ok((owner, guardian(exe, &path)?)));
        match made {
            Ok((owner, guardian)) => Ok(Self { path, owner: Some(owner), guardian }),
            Err(error) => {
                let _ = fs::remove_dir_all(path);
                Err(error)
            }
        }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves it and what runs in it to the user.
    ///
    /// # Errors
    /// If the mark of its owner cannot be removed.
    pub(crate) fn keep(self) -> io::Result<()> {
        fs::remove_file(self.path.join(OWNER))
    }

    /// Removes it.
    ///
    /// # Errors
    /// If something in it cannot be removed.
    pub(crate) fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(&self.path)?;
        StateDir::forget_gone();
        Ok(())
    }
}

impl Drop for OwnDirectory {
    fn drop(&mut self) {
        // The guardian knows best what is to be done; it finds nothing where all is done already.
        drop(self.owner.take());
        if let Some(mut word) = self.guardian.stdin.take() {
            let _ = word.write_all(b"\n");
        }
        let _ = self.guardian.wait();
    }
}

/// The lock of a new directory. Whoever sweeps sees it locked or not at all.
fn owned(directory: &Path) -> io::Result<File> {
    let before = directory.join(OWNER_TO_BE);
    let file = File::options().write(true).create_new(true).open(&before)?;
    file.try_lock()?;
    fs::rename(before, directory.join(OWNER))?;
    Ok(file)
}

fn guardian(exe: &Path, directory: &Path) -> io::Result<Child> {
    let mut command = Command::new(exe);
    command.arg("guardian").arg(directory).current_dir("/");
    // What ends the owner, a terminal's Ctrl-C or its end, must not end its guardian.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn()
}

/// The body of the guardian: waits for the end of the input, and clears the directory if its owner has not.
pub(crate) fn guard(directory: &Path, exe: &Path) {
    workbench::ignore_endings();
    let mut word = Vec::new();
    let _ = io::stdin().lock().read_to_end(&mut word);
    for _ in 0..TRIES {
        match orphaned(directory) {
            Orphaned::Yes(owner) => {
                clear(directory, exe);
                drop(owner);
                break;
            }
            Orphaned::Gone => return,
            Orphaned::No => thread::sleep(PAUSE),
        }
    }
    if word.is_empty() {
        // The owner said nothing, so that it was killed; perhaps just when it had started a daemon, which makes its state
        // directory only now.
        thread::sleep(AFTERMATH);
        if directory.is_dir() {
            clear(directory, exe);
        }
    }
}

/// Clears the directories of one kind whose owners are gone.
fn sweep(parent: &Path, prefix: &str, exe: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().filter_map(Result::ok);
    for entry in entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix))) {
        if let Orphaned::Yes(_owner) = orphaned(&entry.path()) {
            clear(&entry.path(), exe);
        }
    }
}

/// Whether a directory has lost its owner.
enum Orphaned {
    /// It has, and this is the lock that the owner had.
    Yes(File),
    No,
    /// There is no such directory, it is none of this user's, or nobody's by design.
    Gone,
}

fn orphaned(directory: &Path) -> Orphaned {
    // Among the temporary files, others may have put anything of that name.
    let is_own =
        |meta: &fs::Metadata| meta.is_dir() && fs::metadata("/proc/self").is_ok_and(|own| own.uid() == meta.uid());
    if !fs::symlink_metadata(directory).is_ok_and(|meta| is_own(&meta)) {
        return Orphaned::Gone;
    }
    let Ok(owner) = File::options().write(true).open(directory.join(OWNER)) else { return Orphaned::Gone };
    if owner.try_lock().is_ok() { Orphaned::Yes(owner) } else { Orphaned::No }
}

/// Ends all that belongs to a directory, and removes it.
fn clear(directory: &Path, exe: &Path) {
    let state = directory.join("state");
    if state.is_dir() {
        let mut down = Command::new(exe);
        down.arg("down").arg("--state").arg(&state).process_group(0);
        let _ = down.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
    let holder = holder::Client::new(&holder::socket_path(directory));
    if let Ok(names) = holder.list() {
        let namespaces: Vec<_> = names.iter().filter_map(|name| holder.get(name).ok().flatten()).collect();
        workbench::end_all_in(&namespaces);
        let _ = holder.stop();
    }
    let _ = fs::remove_dir_all(directory);
    StateDir::forget_gone();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_orphaned_when_the_lock_of_its_owner_is_free_and_never_when_it_is_kept() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("sidegate-test-1");
        fs::create_dir(&directory).unwrap();
        assert!(matches!(orphaned(&directory), Orphaned::Gone), "it has no owner yet");
        let owner = owned(&directory).unwrap();
        assert!(matches!(orphaned(&directory), Orphaned::No));
        sweep(parent.path(), "sidegate-test-", Path::new("/bin/true"));
        assert!(directory.exists());
        drop(owner);
        assert!(matches!(orphaned(&directory), Orphaned::Yes(_)));
        fs::create_dir(directory.join("state")).unwrap();
        std::os::unix::fs::symlink(&directory, parent.path().join("sidegate-test-2")).unwrap();
        assert!(matches!(orphaned(&parent.path().join("sidegate-test-2")), Orphaned::Gone));
        sweep(parent.path(), "sidegate-test-", Path::new("/bin/true"));
        assert!(!directory.exists());
    }
}
