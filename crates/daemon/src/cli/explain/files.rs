//! The files of a directory that has the output of describe calls.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Files by their names below the directory.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// How deep directories may lie in each other: by account, by Region, and some more.
const DEEPEST: usize = 8;

/// The most bytes that all files may have together.
const MOST_BYTES: u64 = 1 << 30;

/// Why a directory has no world.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorldError {
    /// It cannot be read.
    #[error("cannot read the directory `{}` ({reason})", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's answer.
        reason: String,
    },
    /// There is more in it than anyone described.
    #[error("the files of `{}` have more than {} MiB; name the directory of the described account alone", .0.display(), MOST_BYTES >> 20)]
    TooMuch(PathBuf),
    /// No VPC is described in it.
    #[error("no file of `{}` describes a VPC; write there what `aws ec2 describe-vpcs` and its like print (docs/how-to/explain-a-path.md)", .0.display())]
    NoVpc(PathBuf),
}

/// Reads what is in a directory and below it, in the order of names. Of what cannot be read, `tell` is told.
///
/// # Errors
/// If the directory cannot be read, or has too much in it.
pub(super) fn read(directory: &Path, mut tell: impl FnMut(&Path, &io::Error)) -> Result<Files, WorldError> {
    let mut places = Vec::new();
    list(directory, DEEPEST, &mut places, &mut tell)
        .map_err(|error| WorldError::Directory { path: directory.to_owned(), reason: error.to_string() })?;
    let mut files = Files::new();
    let mut bytes = 0;
    for path in places {
        // Only of files is the size known before they are read: a pipe may have no end.
        match fs::metadata(&path) {
            Ok(meta) if meta.is_file() => bytes += meta.len(),
            Ok(_) => continue,
            Err(error) => {
                tell(&path, &error);
                continue;
            }
        }
        if bytes > MOST_BYTES {
            return Err(WorldError::TooMuch(directory.to_owned()));
        }
        match fs::read(&path) {
            Ok(content) => {
                let name = path.strip_prefix(directory).unwrap_or(&path);
                files.push((name.to_string_lossy().into_owned(), content));
            }
            Err(error) => tell(&path, &error),
        }
    }
    Ok(files)
}

/// The paths of what is in a directory and below it, but for what begins with a dot.
fn list(
    directory: &Path, depth: usize, places: &mut Vec<PathBuf>, tell: &mut impl FnMut(&Path, &io::Error),
) -> io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // A link to a directory may lead in a circle.
        if entry.file_type()?.is_dir() {
            if depth == 0 {
                tell(&path, &io::Error::other("it lies too deep"));
            } else if let Err(error) = list(&path, depth - 1, places, tell) {
                tell(&path, &error);
            }
        } else {
            places.push(path);
        }
    }
    Ok(())
}
