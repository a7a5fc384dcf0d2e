//! Archives in the zip format, of which nothing is believed: what they unpack to is bounded as it comes out, and stays in
//! the directory that it is for.
//!
//! Sources: APPNOTE.TXT of the format; Lambda developer guide, "Lambda quotas", "Troubleshoot deployment issues in Lambda".

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Seek, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::LARGEST_UNZIPPED;
use crate::lambda::fault::Fault;

/// The most entries of an archive. An archive of the largest size has fewer, unless it is made to have more.
const MOST_ENTRIES: usize = 100_000;
/// The longest target of a symbolic link, in bytes.
const LONGEST_TARGET: u64 = 4096;

/// The modes of what has none.
const FILE_MODE: u32 = 0o644;
const DIRECTORY_MODE: u32 = 0o755;

fn unreadable() -> Fault {
    Fault::invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

fn too_large() -> Fault {
    Fault::invalid(format!("Unzipped size must be smaller than {LARGEST_UNZIPPED} bytes"))
}

/// Unpacks an archive into an empty directory, and says how many bytes its files have. Blocks.
pub(super) fn unpack(archive: impl Read + Seek, into: &Path) -> Result<u64, Fault> {
    let mut archive = ZipArchive::new(archive).map_err(|_| unreadable())?;
    if archive.is_empty() {
        return Err(Fault::invalid("Uploaded file must be a non-empty zip"));
    }
    if archive.len() > MOST_ENTRIES {
        return Err(too_large());
    }
    let mut room = LARGEST_UNZIPPED;
    // Links come last: nothing is written through one.
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| unreadable())?;
        let path = inside(&entry)?;
        if path.as_os_str().is_empty() {
            continue;
        }
        if entry.is_symlink() {
            links.push((path, target(&mut entry)?));
            continue;
        }
        let mode = entry.unix_mode().map_or(0, |mode| mode & 0o777);
        if entry.is_dir() {
            make_directories(into, &path)?;
            // Whoever unpacked it has to be able to remove it.
            let mode = if mode == 0 { DIRECTORY_MODE } else { mode | 0o700 };
            fs::set_permissions(into.join(&path), fs::Permissions::from_mode(mode))?;
            continue;
        }
        if let Some(parent) = path.parent() {
            make_directories(into, parent)?;
        }
        room = write(&mut entry, &into.join(&path), if mode == 0 { FILE_MODE } else { mode }, room)?;
    }
    for (path, target) in links {
        if let Some(parent) = path.parent() {
            make_directories(into, parent)?;
        }
        symlink(std::ffi::OsStr::from_bytes(&target), into.join(&path)).map_err(in_the_way)?;
    }
    Ok(LARGEST_UNZIPPED - room)
}

/// The path of an entry, if it leads nowhere else.
fn inside<R: Read>(entry: &ZipFile<'_, R>) -> Result<PathBuf, Fault> {
    // An absolute path would be taken for one in the directory.
    let path = entry.enclosed_name().filter(|_| !entry.name_raw().starts_with(b"/")).ok_or_else(unreadable)?;
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    if is_plain && !entry.encrypted() { Ok(path) } else { Err(unreadable()) }
}

fn target<R: Read>(entry: &mut ZipFile<'_, R>) -> Result<Vec<u8>, Fault> {
    let mut target = Vec::new();
    entry.take(LONGEST_TARGET + 1).read_to_end(&mut target).map_err(|_| unreadable())?;
    let is_one = !target.is_empty() && target.len() as u64 <= LONGEST_TARGET && !target.contains(&0);
    if is_one { Ok(target) } else { Err(unreadable()) }
}

/// Writes the file of an entry, and says how much room is left.
fn write<R: Read>(entry: &mut ZipFile<'_, R>, path: &Path, mode: u32, room: u64) -> Result<u64, Fault> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(mode | 0o200).open(path).map_err(in_the_way)?;
    let mut block = vec![0; 64 << 10];
    let mut left = room;
    loop {
        let count = entry.read(&mut block).map_err(|_| unreadable())?;
        if count == 0 {
            break;
        }
        left = left.checked_sub(count as u64).ok_or_else(too_large)?;
        file.write_all(block.get(..count).unwrap_or_default())?;
    }
    // Not what the umask has left of it.
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(left)
}

/// Makes the directories of a path, where nothing else stands in their place.
fn make_directories(into: &Path, path: &Path) -> Result<(), Fault> {
    let mut directory = into.to_owned();
    for part in path.components() {
        directory.push(part);
        match DirBuilder::new().mode(DIRECTORY_MODE).create(&directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if !fs::symlink_metadata(&directory)?.is_dir() {
                    return Err(unreadable());
                }
            }
            made => made.map_err(in_the_way)?,
        }
    }
    Ok(())
}

/// What an archive does that has a file in the place of a directory, or names that no file can have.
fn in_the_way(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::AlreadyExists
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput => unreadable(),
        _ => error.into(),
    }
}

/// Lays links to all that is in a directory over what is in another one. Blocks.
pub(super) fn lay_over(from: &Path, onto: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, own) = (entry.file_type()?, entry.path());
        let place = onto.join(entry.file_name());
        let there = fs::symlink_metadata(&place).ok();
        if kind.is_dir() {
            match &there {
                Some(there) if there.is_dir() => {}
                other => {
                    if other.is_some() {
                        fs::remove_file(&place)?;
                    }
                    fs::create_dir(&place)?;
                }
            }
            fs::set_permissions(&place, entry.metadata()?.permissions())?;
            lay_over(&own, &place)?;
            continue;
        }
        match &there {
            Some(there) if there.is_dir() => fs::remove_dir_all(&place)?,
            Some(_) => fs::remove_file(&place)?,
            None => {}
        }
        if kind.is_symlink() {
            symlink(fs::read_link(&own)?, &place)?;
        } else {
            fs::hard_link(&own, &place)?;
        }
    }
    Ok(())
}
