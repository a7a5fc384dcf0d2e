//! The lines of a file of cases: one at a time, so that a file may be longer than the memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::error::PolicyCommandError;

/// How long a line may be, in MiB.
pub(super) const LONGEST_MEBIBYTES: usize = 4;
const LONGEST: usize = LONGEST_MEBIBYTES << 20;

/// Some editors begin a file with it.
pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A line that should be a case.
#[derive(Debug)]
pub(super) struct Line {
    /// The line's number, from 1.
    pub(super) number: usize,
    /// The text, without the end of the line.
    pub(super) text: Result<String, LineFault>,
}

/// Why a line has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineFault {
    #[error("the line is longer than {LONGEST_MEBIBYTES} MiB")]
    TooLong,
    #[error("the line is not in UTF-8")]
    NotUtf8,
}

/// What is read line by line.
pub(super) struct Lines {
    path: PathBuf,
    input: Box<dyn BufRead>,
    number: usize,
}

impl Lines {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(path: &Path) -> Result<Self, PolicyCommandError> {
        let input: Box<dyn BufRead> = match is_standard_input(path) {
            true => Box::new(io::stdin().lock()),
            false => Box::new(BufReader::new(File::open(path).map_err(PolicyCommandError::unreadable(path))?)),
        };
        Ok(Self { path: path.to_owned(), input, number: 0 })
    }

    /// What the lines are of, as it stands before their numbers.
    pub(super) fn name(&self) -> String {
        name(&self.path)
    }

    /// The next line that is no remark.
    fn read(&mut self) -> io::Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let bound = u64::try_from(LONGEST + 1).unwrap_or(u64::MAX);
            if self.input.by_ref().take(bound).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let is_too_long = bytes.len() > LONGEST && bytes.last() != Some(&b'\n');
            if is_too_long {
                self.input.skip_until(b'\n')?;
            }
            if self.number == 1 && bytes.starts_with(BYTE_ORDER_MARK.as_bytes()) {
                bytes.drain(..BYTE_ORDER_MARK.len());
            }
            // A remark need not even be text.
            if is_remark(&String::from_utf8_lossy(&bytes)) {
                continue;
            }
            let text = match is_too_long {
                true => Err(LineFault::TooLong),
                false => String::from_utf8(bytes).map_err(|_| LineFault::NotUtf8),
            };
            return Ok(Some(Line { number: self.number, text: text.map(|text| text.trim_end().to_owned()) }));
        }
    }
}

/// The lines that should be cases: neither empty ones nor remarks.
impl Iterator for Lines {
    type Item = Result<Line, PolicyCommandError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().map_err(PolicyCommandError::unreadable(&self.path)).transpose()
    }
}

/// Whether a line says nothing, or nothing but to people.
pub(super) fn is_remark(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#') || line.starts_with("//")
}

/// Whether this stands for standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// What a file is called before the number of a line.
pub(super) fn name(path: &Path) -> String {
    if is_standard_input(path) { "stdin".to_owned() } else { path.display().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: impl Into<Vec<u8>>) -> Vec<(usize, Result<String, LineFault>)> {
        let input = Box::new(io::Cursor::new(text.into()));
        let lines = Lines { path: "cases.jsonl".into(), input, number: 0 };
        lines.map(Result::unwrap).map(|line| (line.number, line.text)).collect()
    }

    #[test]
    fn remarks_and_empty_lines_count_and_are_left_out() {
        let text = "\u{feff}# cases\r\n\r\n  // of buckets\n{\"id\": \"a\"}\r\n \t\n{}";
        assert_eq!(lines(text), [(4, Ok("{\"id\": \"a\"}".to_owned())), (6, Ok("{}".to_owned()))]);
        assert_eq!(lines("\u{feff}{}\n\u{feff}{}"), [(1, Ok("{}".to_owned())), (2, Ok("\u{feff}{}".to_owned()))]);
        assert_eq!(lines(""), []);
    }

    #[test]
    fn a_line_that_is_too_long_or_no_text_is_told_and_the_next_one_is_read() {
        let mut text = vec![b'x'; LONGEST];
        text.extend(b"\n");
        text.extend(vec![b'x'; 3 * LONGEST]);
        text.extend(b"\n# \xff\n\xff\n{}\n");
        let read = lines(text);
        let [(1, Ok(longest)), rest @ ..] = read.as_slice() else { panic!() };
        assert_eq!(longest.len(), LONGEST);
        assert_eq!(rest, [(2, Err(LineFault::TooLong)), (4, Err(LineFault::NotUtf8)), (5, Ok("{}".to_owned()))]);
    }
}
