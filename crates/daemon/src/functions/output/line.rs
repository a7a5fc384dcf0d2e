//! Lines of a function's output: judged whole, and logged in parts where they are longer than an event may be.
//!
//! A carriage return within a line stands for a line feed: with it, a runtime keeps a message of several lines together.

use super::super::log_stream::{LONGEST_EVENT, LogStream};

/// The most bytes of a line that wait for its end. A longer one is judged by its beginning. The number is ours.
const LONGEST_LINE: usize = 4 * LONGEST_EVENT;

/// A line that has no end yet.
#[derive(Debug, Default)]
pub(super) struct Line {
    bytes: Vec<u8>,
    /// Whether it is logged, once it is longer than what waits.
    is_logged: Option<bool>,
}

impl Line {
    /// Takes what comes next, and logs the lines that end in it.
    pub(super) fn take(&mut self, mut bytes: &[u8], log: &LogStream) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            self.bytes.extend_from_slice(line);
            self.end(log);
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.bytes.extend_from_slice(bytes);
        while self.bytes.len() > LONGEST_LINE {
            let rest = self.bytes.split_off(LONGEST_LINE);
            let is_logged =
                self.is_logged.unwrap_or_else(|| log.takes_beginning(&String::from_utf8_lossy(&self.bytes)));
            self.is_logged = Some(is_logged);
            self.write(is_logged, log);
            self.bytes = rest;
        }
    }

    /// Logs what there is of it.
    pub(super) fn end(&mut self, log: &LogStream) {
        let known = self.is_logged.take();
        let is_logged = known.unwrap_or_else(|| log.takes(&String::from_utf8_lossy(&self.bytes)));
        self.write(is_logged, log);
    }

    fn write(&mut self, is_logged: bool, log: &LogStream) {
        let line = std::mem::take(&mut self.bytes);
        for part in line.chunks(LONGEST_EVENT).filter(|_| is_logged) {
            let text = String::from_utf8_lossy(part);
            let text = text.trim_end_matches('\r').replace('\r', "\n");
            // CloudWatch Logs has no empty events.
            if !text.is_empty() {
                log.write(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::level::Level;
    use super::*;

    /// How many bytes of these lines are logged where so much is left out; they come in pieces as a pipe has them.
    fn logged(least: Level, lines: &str) -> Vec<usize> {
        let log = LogStream::unsent(Some(least));
        let mut line = Line::default();
        for piece in lines.as_bytes().chunks(64 * 1024) {
            line.take(piece, &log);
        }
        line.end(&log);
        log.written().iter().map(String::len).collect()
    }

    /// A line of JSON with a message of so many bytes.
    fn json(level: &str, length: usize) -> String {
        let message = "m".repeat(length);
        format!(r#"{{"timestamp":"2024-11-02T16:51:31Z","level":"{level}","message":"{message}"}}"#)
    }

    #[test]
    fn a_line_that_is_longer_than_an_event_is_judged_whole() {
        let error = json("ERROR", 2 * LONGEST_EVENT);
        let parts = vec![LONGEST_EVENT, LONGEST_EVENT, error.len() - 2 * LONGEST_EVENT];
        assert_eq!(logged(Level::Warn, &error), parts);
        assert_eq!(logged(Level::Warn, &format!("{error}\n")), parts);
        for left_out in [json("DEBUG", 2 * LONGEST_EVENT), "m".repeat(2 * LONGEST_EVENT)] {
            assert_eq!(logged(Level::Warn, &format!("{left_out}\nplain\n{error}\n")), parts);
        }
    }

    #[test]
    fn of_a_line_that_is_too_long_to_be_judged_no_part_is_lost() {
        let error = json("ERROR", 2 * LONGEST_LINE);
        let debug = json("DEBUG", 10);
        let told: usize = logged(Level::Fatal, &format!("{error}\n{debug}\n")).iter().sum();
        assert_eq!(told, error.len(), "the next line is judged anew");
        assert!(logged(Level::Warn, &"m".repeat(2 * LONGEST_LINE + 1)).is_empty(), "text is no object");
        assert_eq!(logged(Level::Info, &"m".repeat(LONGEST_LINE + 1)).iter().sum::<usize>(), LONGEST_LINE + 1);
    }

    #[test]
    fn a_carriage_return_keeps_lines_together_and_what_is_empty_is_no_event() {
        let log = LogStream::unsent(None);
        let mut line = Line::default();
        line.take(b"one\rtwo\r\n\r\n\nthr", &log);
        line.take(b"ee", &log);
        assert_eq!(log.written(), ["one\ntwo"]);
        line.end(&log);
        line.end(&log);
        assert_eq!(log.written(), ["one\ntwo", "three"]);
    }
}
