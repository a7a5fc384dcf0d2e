//! Server-sent events, of which only the data counts.
//!
//! Source: HTML Living Standard, 9.2.6, "Interpreting an event stream".

use std::collections::VecDeque;

/// The longest line, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// The data of events, as their lines arrive.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The beginning of a line.
    open: Vec<u8>,
    /// The lines of data of the event that is not complete.
    event: Vec<String>,
    ready: VecDeque<String>,
}

/// A line that goes on and on.
#[derive(Debug, thiserror::Error)]
#[error("a line is too long")]
pub(super) struct TooLong;

impl Lines {
    /// Takes what has arrived.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.open);
                self.line(&String::from_utf8_lossy(&line));
            } else if self.open.len() == LONGEST {
                return Err(TooLong);
            } else {
                self.open.push(*byte);
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &str) {
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            if !self.event.is_empty() {
                self.ready.push_back(std::mem::take(&mut self.event).join("\n"));
            }
        } else if let Some(data) = line.strip_prefix("data:") {
            self.event.push(data.strip_prefix(' ').unwrap_or(data).to_owned());
        }
    }

    /// The data of the next event.
    pub(super) fn next(&mut self) -> Option<String> {
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = ": a comment\r\nevent: x\r\ndata: {\"a\":\r\ndata: \"ä\"}\r\n\r\n\ndata:[DONE]\n\ndata: cut";
        let mut whole = Lines::default();
        whole.push(text.as_bytes()).unwrap();
        let mut pieces = Lines::default();
        text.as_bytes().chunks(1).for_each(|piece| pieces.push(piece).unwrap());
        for mut lines in [whole, pieces] {
            assert_eq!(lines.next().as_deref(), Some("{\"a\":\n\"ä\"}"));
            assert_eq!(lines.next().as_deref(), Some("[DONE]"));
            assert_eq!(lines.next(), None);
        }
        assert!(Lines::default().push(&vec![b'a'; LONGEST + 1]).is_err());
    }
}
