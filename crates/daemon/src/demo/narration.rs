//! What the demo says: titles, steps with their progress, and details. It plays to its end also if nobody listens any more.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::DemoError;

/// The narrator. On a terminal a step that takes time shows that it goes on.
pub(super) struct Narration;

impl Narration {
    pub(super) fn new() -> Self {
        Self
    }

    /// Begins a part.
    pub(super) fn title(&self, title: &str) {
        say(&format!("\n{title}\n{}", "─".repeat(title.chars().count())));
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

    /// Says something as it stands.
    pub(super) fn text(&self, text: &str) {
        for line in text.lines() {
            say(format!("  {line}").trim_end());
        }
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
