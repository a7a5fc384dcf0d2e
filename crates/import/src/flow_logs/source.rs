//! What a file is, by how it begins, and how many of its bytes are read.

use std::io::{self, Chain, Cursor, Read, Seek, SeekFrom};

/// How gzip begins: RFC 1952.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How Parquet begins, and ends.
const PARQUET: [u8; 4] = *b"PAR1";

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Text.
    Text,
    /// Text in gzip.
    Gzip,
    /// Parquet.
    Parquet,
}

/// What is known of a file before it is read.
pub(super) struct Told {
    /// What it is.
    pub(super) kind: Form,
    /// How many bytes it has, if that is known.
    pub(super) length: Option<u64>,
}

/// What a file is; it stands at its beginning again afterwards.
pub(super) fn form(source: &mut (impl Read + Seek)) -> io::Result<Told> {
    let length = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(0))?;
    let kind = begin(&mut *source)?.0;
    source.seek(SeekFrom::Start(0))?;
    Ok(Told { kind, length: Some(length) })
}

/// A stream of which the beginning has been read.
pub(super) type Begun<S> = Chain<Cursor<Vec<u8>>, S>;

/// What a stream is, and the whole of it.
pub(super) fn begin<S: Read>(mut source: S) -> io::Result<(Form, Begun<S>)> {
    let mut start = Vec::with_capacity(PARQUET.len());
    (&mut source).take(PARQUET.len() as u64).read_to_end(&mut start)?;
    let form = match start.as_slice() {
        start if start == PARQUET => Form::Parquet,
        start if start.starts_with(&GZIP) => Form::Gzip,
        _ => Form::Text,
    };
    Ok((form, Cursor::new(start).chain(source)))
}

/// Counts what is read.
pub(super) struct Counted<S> {
    pub(super) source: S,
    pub(super) read: u64,
}

impl<S: Read> Read for Counted<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}
