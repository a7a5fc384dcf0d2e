//! Packages of code: archives of functions and layers, which are kept by their digest, and what they unpack to.
//!
//! ```text
//! code/DIGEST.zip      as it was uploaded; on disk before anybody is answered
//! unpacked/DIGEST/     its files; made anew after every start, when they are first wanted
//! merged/DIGEST/       layers over one another, of links to those files
//! ```
//!
//! Sources: Lambda developer guide, "Lambda quotas", "Working with .zip file archives", "Managing layers".

mod archive;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use crate::random::uuid;

/// The largest archive that a request may bring itself, in bytes.
pub(super) const LARGEST_INLINE: usize = 50 << 20;
/// The most that the files of a function and its layers may have together, in bytes.
pub(super) const LARGEST_UNZIPPED: u64 = 250 << 20;

/// What is known of an archive that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Package {
    /// SHA-256, in hexadecimal digits.
    pub(super) digest: String,
    /// The size of the archive in bytes.
    pub(super) size: u64,
    /// What its files have together, in bytes.
    pub(super) unzipped: u64,
}

impl Package {
    /// The digest as the API tells it.
    pub(super) fn code_sha256(&self) -> String {
        STANDARD.encode(hex::decode(&self.digest).unwrap_or_default())
    }
}

/// The packages of all accounts and Regions.
#[derive(Debug)]
pub(super) struct Packages {
    directory: PathBuf,
    /// What must not be swept, and how often somebody says so.
    pins: Mutex<BTreeMap<String, usize>>,
    /// Held by who unpacks or sweeps.
    turn: Mutex<()>,
}

/// Keeps packages from being swept for as long as it exists.
#[derive(Debug)]
pub(super) struct Pin {
    packages: Arc<Packages>,
    digests: Vec<String>,
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pins = lock(&self.packages.pins);
        for digest in &self.digests {
            if let Some(count) = pins.get_mut(digest) {
                *count -= 1;
                if *count == 0 {
                    pins.remove(digest);
                }
            }
        }
    }
}

impl Packages {
    /// The packages in a directory. What was unpacked before is forgotten: a crash may have left a part of it. Blocks.
    pub(super) fn open(directory: &Path) -> io::Result<Arc<Self>> {
        for part in ["unpacked", "merged"] {
            remove(&directory.join(part))?;
        }
        for part in ["code", "unpacked", "merged"] {
            DirBuilder::new().recursive(true).mode(0o700).create(directory.join(part))?;
        }
        for entry in fs::read_dir(directory.join("code"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "new") {
                fs::remove_file(path)?;
            }
        }
        let directory = directory.to_owned();
        Ok(Arc::new(Self { directory, pins: Mutex::default(), turn: Mutex::default() }))
    }

    /// Checks an archive and keeps it. It stays for as long as the pin, or something that the sweep is told of, has it.
    /// Blocks.
    pub(super) fn add(self: &Arc<Self>, zip: &[u8]) -> Result<(Package, Pin), Fault> {
        let digest = hex::encode(digest(&SHA256, zip));
        let pin = self.pin([digest.clone()]);
        let _turn = lock(&self.turn);
        let unpacked = self.unpacked_path(&digest);
        let unzipped = if unpacked.is_dir() {
            size_of(&unpacked)?
        } else {
            self.aside(&unpacked, |aside| archive::unpack(io::Cursor::new(zip), aside))?
        };
        let kept = self.zip_path(&digest);
        if !kept.is_file() {
            write_durably(&kept, zip)?;
        }
        Ok((Package { digest, size: zip.len() as u64, unzipped }, pin))
    }

    /// Keeps these from being swept.
    pub(super) fn pin(self: &Arc<Self>, digests: impl IntoIterator<Item = String>) -> Pin {
        let digests: Vec<String> = digests.into_iter().collect();
        let mut pins = lock(&self.pins);
        for digest in &digests {
            *pins.entry(digest.clone()).or_default() += 1;
        }
        Pin { packages: Arc::clone(self), digests }
    }

    /// The archive of a package, as it was uploaded. Blocks.
    pub(super) fn archive(&self, digest: &str) -> Result<Vec<u8>, Fault> {
        Ok(fs::read(self.zip_path(digest))?)
    }

    /// The files of a package. Blocks.
    pub(super) fn unpacked(&self, digest: &str) -> Result<PathBuf, Fault> {
        let _turn = lock(&self.turn);
        self.unpack(digest)
    }

    fn unpack(&self, digest: &str) -> Result<PathBuf, Fault> {
        let path = self.unpacked_path(digest);
        if !path.is_dir() {
            let zip = File::open(self.zip_path(digest))?;
            self.aside(&path, |aside| archive::unpack(io::BufReader::new(zip), aside))?;
        }
        Ok(path)
    }

    /// The files of layers, where what is in a later one is in the place of what is in those before. Blocks.
    ///
    /// Source: Lambda developer guide, "Adding layers to functions": the merge order.
    pub(super) fn merged(&self, layers: &[String]) -> Result<Option<PathBuf>, Fault> {
        if layers.is_empty() {
            return Ok(None);
        }
        let name = hex::encode(digest(&SHA256, layers.join("\n").as_bytes()));
        let path = self.directory.join("merged").join(name);
        let _turn = lock(&self.turn);
        if !path.is_dir() {
            let parts = layers.iter().map(|layer| self.unpack(layer)).collect::<Result<Vec<_>, _>>()?;
            self.aside(&path, |aside| {
                parts.iter().try_for_each(|part| archive::lay_over(part, aside).map_err(Fault::from))
            })?;
        }
        Ok(Some(path))
    }

    /// Fills a directory aside and moves it into its place, so that there is never a part of one.
    fn aside<T>(&self, path: &Path, fill: impl FnOnce(&Path) -> Result<T, Fault>) -> Result<T, Fault> {
        let aside = self.directory.join("unpacked").join(format!(".{}", uuid()?));
        DirBuilder::new().mode(0o755).create(&aside)?;
        let filled = fill(&aside).and_then(|value| {
            fs::set_permissions(&aside, fs::Permissions::from_mode(0o755))?;
            fs::rename(&aside, path)?;
            Ok(value)
        });
        if filled.is_err() {
            remove(&aside)?;
        }
        filled
    }

    /// Removes packages that nobody has. `used` is asked when nothing can be added any more. Blocks.
    pub(super) fn sweep(&self, used: impl FnOnce() -> BTreeSet<String>) -> Result<(), Fault> {
        let _turn = lock(&self.turn);
        let pinned: BTreeSet<String> = lock(&self.pins).keys().cloned().collect();
        // Asked after the pins: whatever lets go of one has published what it is for.
        let used = used();
        let is_used = |name: &str| used.contains(name) || pinned.contains(name);
        let mut has_removed = false;
        for entry in fs::read_dir(self.directory.join("code"))? {
            let path = entry?.path();
            let Some(digest) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
            if !is_used(digest) {
                remove(&self.unpacked_path(digest))?;
                fs::remove_file(&path)?;
                has_removed = true;
            }
        }
        // What is merged is links alone, and those that environments use are in use: they are left until the next start.
        if has_removed && pinned.is_empty() {
            for entry in fs::read_dir(self.directory.join("merged"))? {
                remove(&entry?.path())?;
            }
        }
        Ok(())
    }

    fn zip_path(&self, digest: &str) -> PathBuf {
        self.directory.join("code").join(format!("{digest}.zip"))
    }

    fn unpacked_path(&self, digest: &str) -> PathBuf {
        self.directory.join("unpacked").join(digest)
    }
}

/// What the files below a directory have together, in bytes.
fn size_of(directory: &Path) -> io::Result<u64> {
    let mut size = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            size += size_of(&entry.path())?;
        } else if kind.is_file() {
            size += entry.metadata()?.len();
        }
    }
    Ok(size)
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        // What is left takes room that may be all that is missing.
        let _ = fs::remove_file(&aside);
    }
    written?;
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Removes a directory with all that is in it, if there is one.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
