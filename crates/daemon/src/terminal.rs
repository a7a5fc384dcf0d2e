//! The terminal that the user reads.

use std::io;

/// How many columns it has; `None` if standard output is none.
pub(crate) fn columns() -> Option<usize> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
}
