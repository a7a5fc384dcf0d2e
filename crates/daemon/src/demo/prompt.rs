//! Questions from the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// The longest question, in characters.
///
/// Source: `LONGEST_QUESTION` in `examples/document-qa/function/handler.py`.
pub(super) const LONGEST: usize = 2_000;

/// Whether the function takes a text for a question.
pub(super) fn is_question(text: &str) -> bool {
    (1..=LONGEST).contains(&text.trim().chars().count())
}

/// Whether somebody is there who can ask.
pub(super) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The next question; none once the user has had enough. It is read on a thread of its own that nobody waits for, so that an
/// interruption need not wait for the user to type.
pub(super) async fn question() -> Option<String> {
    let (sender, line) = tokio::sync::oneshot::channel();
    let read = move || {
        let _ = write!(io::stdout(), "\nquestion> ").and_then(|()| io::stdout().flush());
        let mut line = Vec::new();
        if io::stdin().lock().read_until(b'\n', &mut line).is_ok() {
            let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
        }
    };
    std::thread::Builder::new().name("prompt".to_owned()).spawn(read).ok()?;
    asked(&line.await.ok()?)
}

/// The question of a line, without what keys such as the arrows send; none if the line is empty.
fn asked(line: &str) -> Option<String> {
    let question: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let question = question.trim();
    (!question.is_empty()).then(|| question.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_ends_the_questions_and_keys_are_no_text() {
        assert_eq!(asked("  \n"), None);
        assert_eq!(asked(" What is a VPC?\n"), Some("What is a VPC?".to_owned()));
        assert_eq!(asked("What\u{1b}[A?\n").unwrap(), "What [A?");
        assert!(is_question("a") && !is_question("  ") && !is_question(&"x".repeat(2_001)));
    }
}
