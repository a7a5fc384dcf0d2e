//! What the demo says: titles, steps with their progress, and details. It plays to its end also if nobody listens any more.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::DemoError;

/// How wide text is.
pub(super) const WIDTH: usize = 100;

/// How wide the name of a labelled text is.
const LABEL: usize = 9;

/// The narrator. On a terminal a step that takes time shows that it goes on.
pub(super) struct Narration;

impl Narration {
    pub(super) fn new() -> Self {
        Self
    }

    /// Begins a part.
    pub(super) fn title(&self, title: &str) {
        let lines = wrapped(title, WIDTH);
        let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
        say(&format!("\n{}\n{}", lines.join("\n"), "─".repeat(widest)));
    }

    /// Does a step, and says how long it took.
    pub(super) async fn during<T>(
        &self, step: &str, work: impl Future<Output = Result<T, DemoError>>,
    ) -> Result<T, DemoError> {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} …") {
            bar.set_style(style);
        }
        bar.set_message(step.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        let start = Instant::now();
        let outcome = work.await;
        bar.finish_and_clear();
        let mark = if outcome.is_ok() { "done" } else { "FAILED" };
        say(&format!("  {step}: {mark} ({:.1} s)", start.elapsed().as_secs_f64()));
        outcome
    }

    /// Says what came of a step.
    pub(super) fn detail(&self, text: &str) {
        say(&format!("      {text}"));
    }

    /// Says what came of a step, a line each.
    pub(super) fn details(&self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            self.detail(&line);
        }
    }

    /// Says something as it stands.
    pub(super) fn text(&self, text: &str) {
        if text.is_empty() {
            say("");
        }
        for line in text.lines() {
            say(format!("  {line}").trim_end());
        }
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// A text in lines of a width. What stands on lines of its own stays so, and nothing in it commands a terminal.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for given in text.lines() {
        let safe: String = given.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let mut line = String::new();
        for word in safe.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// A text with a name before it, in lines.
pub(super) fn labelled(label: &str, text: &str) -> Vec<String> {
    let lines = wrapped(text, WIDTH - LABEL).into_iter().enumerate();
    lines.map(|(at, line)| format!("{:LABEL$}{line}", if at == 0 { label } else { "" })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_wrapped_between_words_and_cannot_command_a_terminal() {
        assert_eq!(wrapped("one two three\n\nfour\u{1b}[2J", 8), ["one two", "three", "", "four\u{fffd}[2J"]);
        assert_eq!(wrapped("", 8), Vec::<String>::new());
        assert_eq!(labelled("sources", "a.md"), ["sources  a.md"]);
    }
}
