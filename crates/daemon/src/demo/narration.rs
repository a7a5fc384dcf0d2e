//! What the demo says: titles, steps with their progress, and details. It plays to its end also if nobody listens any more.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::DemoError;
use crate::diagram::{clean, columns, fitted};
use crate::terminal;

/// How wide it is where there is no terminal, and the narrowest terminal.
const WITHOUT_TERMINAL: usize = 118;
const NARROWEST: usize = 40;

/// How wide text is at most.
const PROSE: usize = 100;

/// How far everything but titles is from the left, and what came of a step.
const MARGIN: usize = 2;
const DETAIL: usize = 6;

/// How wide the name of a labelled text is.
const LABEL: usize = 9;

/// The narrator. On a terminal a step that takes time shows that it goes on.
pub(super) struct Narration {
    /// The columns of the terminal.
    columns: usize,
}

impl Narration {
    pub(super) fn new() -> Self {
        Self { columns: terminal::columns().map_or(WITHOUT_TERMINAL, |own| own.max(NARROWEST)) }
    }

    /// How wide what stands as it is may be.
    pub(super) fn width(&self) -> usize {
        self.columns - MARGIN
    }

    /// How wide text is.
    pub(super) fn prose(&self) -> usize {
        self.width().min(PROSE)
    }

    /// Begins a part.
    pub(super) fn title(&self, title: &str) {
        let lines = wrapped(title, self.prose());
        let widest = lines.iter().map(|line| columns(line)).max().unwrap_or_default();
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
        let said = format!("{step}: {mark} ({:.1} s)", start.elapsed().as_secs_f64());
        self.text(&fitted(&said, self.width()).join("\n"));
        outcome
    }

    /// Says what came of a step.
    pub(super) fn detail(&self, text: &str) {
        // What fits stands as it is: it may have columns of its own.
        let width = self.columns - DETAIL;
        let lines = if columns(text) <= width { vec![text.to_owned()] } else { wrapped(text, width) };
        for line in lines {
            say(&format!("{:DETAIL$}{line}", ""));
        }
    }

    /// Says what came of a step, a line each.
    pub(super) fn details(&self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            self.detail(&line);
        }
    }

    /// Says what came of a step, with what it is.
    pub(super) fn labelled(&self, label: &str, text: &str) {
        self.details(labelled(label, text, (self.columns - DETAIL).min(PROSE)));
    }

    /// Says something as it stands.
    pub(super) fn text(&self, text: &str) {
        if text.is_empty() {
            say("");
        }
        for line in text.lines() {
            say(format!("{:MARGIN$}{line}", "").trim_end());
        }
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// A text in lines of a width. What stands on lines of its own stays so, and nothing in it commands a terminal.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    text.lines().flat_map(|line| fitted(&clean(line), width)).collect()
}

/// A text with a name before it, in lines of a width.
pub(super) fn labelled(label: &str, text: &str, width: usize) -> Vec<String> {
    let lines = wrapped(text, width.saturating_sub(LABEL)).into_iter().enumerate();
    lines.map(|(at, line)| format!("{:LABEL$}{line}", if at == 0 { label } else { "" })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_wrapped_between_words_and_cannot_command_a_terminal() {
        assert_eq!(wrapped("one two three\n\nfour\u{1b}[2J", 8), ["one two", "three", "", "four\u{fffd}[2J"]);
        assert_eq!(wrapped("", 8), Vec::<String>::new());
        assert_eq!(labelled("sources", "a.md b.md", 14), ["sources  a.md", "         b.md"]);
    }
}
