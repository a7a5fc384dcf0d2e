//! A file that is held whole: a policy, or a case that a person wrote over several lines.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::error::PolicyCommandError;
use super::lines::{BYTE_ORDER_MARK, LONGEST_MEBIBYTES, is_standard_input};

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<String, PolicyCommandError> {
    let mut bytes = Vec::new();
    let longest = LONGEST_MEBIBYTES << 20;
    let bound = u64::try_from(longest + 1).unwrap_or(u64::MAX);
    let mut read_from = |input: &mut dyn Read| input.take(bound).read_to_end(&mut bytes);
    let read = match is_standard_input(path) {
        true => read_from(&mut io::stdin().lock()),
        false => File::open(path).and_then(|mut file| read_from(&mut file)),
    };
    read.map_err(PolicyCommandError::unreadable(path))?;
    if bytes.len() > longest {
        return Err(PolicyCommandError::TooLong { path: path.to_owned(), mebibytes: LONGEST_MEBIBYTES });
    }
    let text = String::from_utf8(bytes).map_err(|_| PolicyCommandError::NotUtf8 { path: path.to_owned() })?;
    Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text))
}
