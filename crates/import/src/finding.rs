//! What is wrong with the files, and where.

use std::fmt;

/// Something in a file that cannot be used as it stands. It is left out, and all else is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the file, as it was given.
    pub file: String,
    /// Where in the file.
    pub place: Place,
    /// What is wrong, and what becomes of it.
    pub message: String,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A place in its text, where it is no JSON. Both count from 1.
    Text {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A value in it, such as `Vpcs[3].CidrBlock`.
    Value(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, message } = self;
        match place {
            Place::File => write!(f, "{file}: {message}"),
            Place::Text { line, column } => write!(f, "{file}:{line}:{column}: {message}"),
            Place::Value(path) => write!(f, "{file}: {path}: {message}"),
        }
    }
}

/// How many findings are kept. A file that is wrong in every line need not be told of in full.
const LIMIT: usize = 1_000;

/// The findings of one reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    /// The first of them, in the order in which they were found.
    pub(crate) first: Vec<Finding>,
    /// How many came after those.
    pub(crate) more: usize,
}

impl Findings {
    /// Notes one.
    pub(crate) fn add(&mut self, file: &str, place: Place, message: impl Into<String>) {
        if self.first.len() < LIMIT {
            self.first.push(Finding { file: file.to_owned(), place, message: message.into() });
        } else {
            self.more += 1;
        }
    }
}
