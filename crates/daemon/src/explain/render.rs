//! Lines: a tree as a terminal shows it, as wide as that is.

use super::Verdict;
use super::tree::{Mark, Node, Note, Section, Tree};
use crate::diagram::{clean, columns};

/// What a tree is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    /// How many columns it has.
    pub(crate) width: usize,
    /// Whether it shows colours.
    pub(crate) colour: bool,
}

/// The narrowest screen that lines are broken for; on one that is narrower yet, the terminal breaks them.
const NARROWEST: usize = 40;

/// From this width on, labels stand beside the texts and not above them.
const WIDE: usize = 72;

/// The columns that branches take.
const BRANCH: usize = 4;

/// Colours and weights, as ANSI has them.
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BOLD: &str = "1";
const FAINT: &str = "2";

/// The lines of a tree.
pub(crate) fn rendered(tree: &Tree, screen: Screen) -> String {
    let mut page = Page { screen: Screen { width: screen.width.max(NARROWEST), ..screen }, text: String::new() };
    let colour = match tree.verdict {
        Verdict::Reached => GREEN,
        Verdict::Blocked => RED,
        Verdict::Undetermined => YELLOW,
    };
    let word = tree.verdict.as_str();
    let indent = word.len() + 2;
    for (at, line) in tree.heading.iter().enumerate() {
        let first = if at == 0 { format!("{}: ", page.painted(word, &[BOLD, colour])) } else { " ".repeat(indent) };
        page.paragraph(&first, &" ".repeat(indent), indent, line, &[]);
    }
    for section in &tree.sections {
        page.section(section, colour);
    }
    page.text
}

struct Page {
    screen: Screen,
    text: String,
}

impl Page {
    fn section(&mut self, section: &Section, colour: &str) {
        self.text.push('\n');
        self.paragraph("", "", 0, &format!("{}:", section.title), &[BOLD]);
        let widest = section.nodes.iter().map(|node| columns(&node.label)).max().unwrap_or_default();
        // Beside wide labels there is no place for a text.
        let beside = self.screen.width >= WIDE && widest * 3 <= self.screen.width;
        for (at, node) in section.nodes.iter().enumerate() {
            let is_last = at + 1 == section.nodes.len();
            self.node(node, is_last, beside.then_some(widest), colour);
        }
    }

    fn node(&mut self, node: &Node, is_last: bool, beside: Option<usize>, colour: &str) {
        let branch = match (node.mark, is_last) {
            (Mark::Aside, _) => "    ",
            (Mark::Ends, true) => "└─✗ ",
            (Mark::Ends, false) => "├─✗ ",
            (_, true) => "└── ",
            (_, false) => "├── ",
        };
        let stem = if is_last || node.mark == Mark::Aside { "    " } else { "│   " };
        let paint: &[&str] = match node.mark {
            Mark::Ends => &[BOLD, colour],
            Mark::Beyond => &[FAINT],
            Mark::Passed | Mark::Aside => &[],
        };
        let label = clean(&node.label);
        let (first, below, indent) = match beside {
            Some(widest) => {
                let padded = format!("{label}{}  ", " ".repeat(widest.saturating_sub(columns(&label))));
                let first = format!("{}{}", self.painted(branch, paint), self.painted(&padded, &[BOLD]));
                (first, format!("{stem}{}", " ".repeat(widest + 2)), BRANCH + widest + 2)
            }
            None => {
                let line = format!("{}{}\n", self.painted(branch, paint), self.painted(&label, &[BOLD]));
                self.text.push_str(&line);
                (format!("{stem}  "), format!("{stem}  "), BRANCH + 2)
            }
        };
        self.paragraph(&first, &below, indent, &node.text, paint);
        for note in &node.notes {
            match note {
                Note::Text(text) => {
                    self.paragraph(&format!("{below}  "), &format!("{below}    "), indent + 4, text, paint);
                }
                Note::Command(command) => self.command(&format!("{below}  "), indent + 2, command),
            }
        }
    }

    /// A text that begins after `first` and goes on after `below`, which take at most `indent` columns.
    fn paragraph(&mut self, first: &str, below: &str, indent: usize, text: &str, paint: &[&str]) {
        let lines = wrapped(&clean(text), self.screen.width.saturating_sub(indent), Words::Split);
        for (at, line) in lines.iter().enumerate() {
            let line = self.painted(line, paint);
            self.text.push_str(if at == 0 { first } else { below });
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    /// A command for a shell, which may be copied with its lines: no word of it is split, however long.
    fn command(&mut self, before: &str, indent: usize, command: &str) {
        let lines = wrapped(&clean(command), self.screen.width.saturating_sub(indent + 4), Words::Whole);
        for (at, line) in lines.iter().enumerate() {
            let more = if at + 1 < lines.len() { " \\" } else { "" };
            let begin = if at == 0 { "" } else { "  " };
            self.text.push_str(&format!("{before}{begin}{line}{more}\n"));
        }
    }

    fn painted(&self, text: &str, paint: &[&str]) -> String {
        if !self.screen.colour || paint.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{}m{text}\u{1b}[0m", paint.join(";"))
    }
}

/// What becomes of a word that is longer than a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    /// It goes on in the next line.
    Split,
    /// The line becomes longer.
    Whole,
}

/// A text in lines of at most so many columns. Words stay whole where they can.
fn wrapped(text: &str, limit: usize, words: Words) -> Vec<String> {
    let limit = limit.max(1);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let apart = usize::from(!line.is_empty());
        if columns(&line) + apart + columns(word) <= limit {
            if apart == 1 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if words == Words::Whole {
            line.push_str(word);
            continue;
        }
        for c in word.chars() {
            if columns(&line) + columns(c.encode_utf8(&mut [0; 4])) > limit {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_no_line_is_too_long() {
        assert_eq!(wrapped("one two three", 7, Words::Split), ["one two", "three"]);
        assert_eq!(wrapped("abcdefgh ij", 4, Words::Split), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("ij abcdefgh k", 4, Words::Whole), ["ij", "abcdefgh", "k"]);
        assert_eq!(wrapped("", 4, Words::Split), [""]);
        for limit in 1..30 {
            let lines =
                wrapped("routes of 日本語の名前 and e\u{301}tudes, and-one-word-that-is-long", limit, Words::Split);
            assert!(lines.iter().all(|line| columns(line) <= limit.max(2)), "{limit}: {lines:?}");
        }
    }
}
