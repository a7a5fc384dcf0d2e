//! The terminal that the user reads.

use std::env;
use std::ffi::OsStr;
use std::io;

/// How many columns it has. Where standard output is no terminal, that is what the variable `COLUMNS` says; `None` if it says
/// nothing.
pub(crate) fn columns() -> Option<usize> {
    let terminal = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    terminal.or_else(|| said(env::var_os("COLUMNS")?.as_os_str()))
}

/// The most columns that are believed.
const WIDEST: usize = 10_000;

/// Source: POSIX.1-2017, 8.3: COLUMNS is a decimal integer greater than zero; anything else counts as not set.
fn said(columns: &OsStr) -> Option<usize> {
    columns.to_str()?.parse().ok().filter(|columns| (1..=WIDEST).contains(columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_says_a_number_of_columns_or_nothing() {
        assert_eq!(said(OsStr::new("80")), Some(80));
        for nothing in ["", "0", "-80", "wide", "99999999999999999999"] {
            assert_eq!(said(OsStr::new(nothing)), None, "{nothing}");
        }
    }
}
