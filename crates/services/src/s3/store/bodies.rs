//! The files that hold the bytes of objects and of parts.
//!
//! A file is written in `incoming`, made durable, and then moved to its place under `objects`; it never changes after
//! that. A file that nothing in the index names is waste, and is swept when the store is opened.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::rand;

use crate::reserve::Reserve;

/// The name of a file: 128 random bits in hexadecimal digits.
pub(crate) fn random_name() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("the system has no randomness"))?;
    Ok(hex::encode(bytes))
}

/// The directory of the bodies.
#[derive(Debug)]
pub(crate) struct Bodies {
    objects: PathBuf,
    incoming: PathBuf,
    pub(crate) reserve: Arc<Reserve>,
}

impl Bodies {
    /// Opens the directory, and makes what is missing of it.
    pub(crate) fn open(dir: &Path, reserve: Arc<Reserve>) -> io::Result<Arc<Self>> {
        let bodies = Self { objects: dir.join("objects"), incoming: dir.join("incoming"), reserve };
        for first in 0..=u8::MAX {
            fs::create_dir_all(bodies.objects.join(hex::encode([first])))?;
        }
        fs::create_dir_all(&bodies.incoming)?;
        for made in [&bodies.objects, &bodies.incoming, dir] {
            sync_dir(made)?;
        }
        Ok(Arc::new(bodies))
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.objects.join(shard(file)).join(file)
    }

    /// Begins a file.
    pub(crate) fn draft(self: &Arc<Self>) -> io::Result<(Draft, File)> {
        self.reserve.require()?;
        let name = random_name()?;
        let path = self.incoming.join(&name);
        let file = File::options().write(true).create_new(true).open(&path)?;
        Ok((Draft { bodies: Arc::clone(self), unfinished: Unfinished { path: Some(path) }, name }, file))
    }

    /// Makes another name for the bytes of a file; where the file system cannot, copies them.
    pub(crate) fn link(self: &Arc<Self>, file: &str) -> io::Result<Published> {
        let name = random_name()?;
        let path = self.path(&name);
        match fs::hard_link(self.path(file), &path) {
            Ok(()) => {
                let published = Published::new(name, path);
                published.sync_dir()?;
                Ok(published)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
            Err(_) => {
                let (draft, mut to) = self.draft()?;
                io::copy(&mut File::open(self.path(file))?, &mut to)?;
                draft.publish(&to)
            }
        }
    }

    /// Removes files that nothing names any longer, which may make room for what is to be set aside. One that stays is swept at the next start.
    pub(crate) fn remove(&self, files: &[String]) {
        for file in files {
            if let Err(error) = fs::remove_file(self.path(file))
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(file, %error, "cannot remove a body");
            }
        }
        // Before others take it.
        let _ = self.reserve.require();
    }

    /// Removes everything but the files that are named.
    pub(crate) fn sweep(&self, named: &HashSet<u128>) -> io::Result<usize> {
        let mut swept = 0;
        for entry in fs::read_dir(&self.incoming)? {
            fs::remove_file(entry?.path())?;
            swept += 1;
        }
        for first in 0..=u8::MAX {
            for entry in fs::read_dir(self.objects.join(hex::encode([first])))? {
                let entry = entry?;
                let known = entry.file_name().to_str().and_then(parse_name).is_some_and(|n| named.contains(&n));
                if !known {
                    fs::remove_file(entry.path())?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}

/// The number that a name stands for.
pub(crate) fn parse_name(name: &str) -> Option<u128> {
    u128::from_str_radix(name, 16).ok().filter(|_| name.len() == 32)
}

fn shard(file: &str) -> &str {
    file.get(..2).unwrap_or("00")
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// A path that is removed unless it is kept.
#[derive(Debug)]
struct Unfinished {
    path: Option<PathBuf>,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            // If this fails, the next start sweeps it.
            let _ = fs::remove_file(path);
        }
    }
}

/// A file that is being written. Dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Draft {
    bodies: Arc<Bodies>,
    name: String,
    unfinished: Unfinished,
}

impl Draft {
    /// Whether more may be written: not into the room that is set aside.
    pub(crate) fn require_room(&self) -> io::Result<()> {
        self.bodies.reserve.require()
    }

    /// Makes the file, which has all its bytes, durable in its place.
    pub(crate) fn publish(mut self, file: &File) -> io::Result<Published> {
        file.sync_all()?;
        let path = self.bodies.path(&self.name);
        if let Some(draft) = &self.unfinished.path {
            fs::rename(draft, &path)?;
            self.unfinished.path = None;
        }
        let published = Published::new(std::mem::take(&mut self.name), path);
        published.sync_dir()?;
        Ok(published)
    }
}

/// A durable file that no row names yet. Dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Published {
    name: String,
    unfinished: Unfinished,
}

impl Published {
    fn new(name: String, path: PathBuf) -> Self {
        Self { name, unfinished: Unfinished { path: Some(path) } }
    }

    fn sync_dir(&self) -> io::Result<()> {
        match self.unfinished.path.as_deref().and_then(Path::parent) {
            Some(dir) => sync_dir(dir),
            None => Ok(()),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The row that names it is committed.
    pub(crate) fn keep(mut self) {
        self.unfinished.path = None;
    }
}
