//! A private directory that goes when the benchmark ends.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::{BenchError, Step as _};

/// A directory of its own. Dropping it removes it with all that is in it.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    /// Makes one among the temporary files.
    pub(super) fn create() -> Result<Self, BenchError> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Sandboxes know directories by their real names.
        let parent = std::env::temp_dir().canonicalize().step("finding the directory of temporary files")?;
        let path = parent.join(format!("sidegate-bench-{}-{number}", std::process::id()));
        std::fs::DirBuilder::new().mode(0o700).create(&path).step(format!("making `{}`", path.display()))?;
        Ok(Self(path))
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
