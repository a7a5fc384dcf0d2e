//! Archives in the zip format, made in memory.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

/// An archive of these files, which everyone may read.
///
/// # Errors
/// If a name or a text does not fit into the format.
pub(super) fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Vec<u8>, ZipError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name, SimpleFileOptions::default().unix_permissions(0o644))?;
        writer.write_all(bytes)?;
    }
    writer.finish().map(Cursor::into_inner)
}
