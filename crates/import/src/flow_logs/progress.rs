//! How far reading is.

/// How far a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// How many of its bytes are read, as they stand in the file.
    pub read: u64,
    /// How many it has, if that is known.
    pub length: Option<u64>,
    /// How many records were counted, of all files.
    pub records: u64,
}
