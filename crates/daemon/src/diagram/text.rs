//! Pictures as text: a line down the left side joins the stages, and its sign tells what each does to the path.

use super::line::{columns, fitted};
use super::{Kind, Picture, Stage, State};

/// The narrowest picture, in columns.
const NARROWEST: usize = 20;

/// The narrowest and the widest picture that stands beside another, and what is free between them.
const NARROW: usize = 46;
const WIDE: usize = 76;
const GAP: usize = 4;

/// How many parts a picture has.
const PARTS: usize = 4;

impl Picture {
    /// The picture as lines of at most this many columns, each with its end. A width below 20 is 20.
    pub(crate) fn text(&self, width: usize) -> String {
        self.parts(width).concat().iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// The lines of each part.
    fn parts(&self, width: usize) -> [Vec<String>; PARTS] {
        let mut pen = Pen { width: width.max(NARROWEST), lines: Vec::new() };
        let mut parts: [Vec<String>; PARTS] = Default::default();
        pen.put("", "", &self.title);
        let result = if self.result.is_empty() { String::new() } else { format!(": {}", self.result) };
        pen.put("", "", &format!("{}{result}", self.outcome.called()));
        pen.lines.push(String::new());
        let mut part = 0;
        for (at, stage) in self.stages.iter().enumerate() {
            let next = self.stages.get(at + 1);
            if let Some(lines) = parts.get_mut(part) {
                lines.append(&mut pen.lines);
            }
            part = part.max(stage.kind.part());
            pen.stage(stage, next);
        }
        if !self.changes.is_empty() {
            pen.lines.push(String::new());
            pen.put("", "", "to change:");
        }
        for (at, change) in self.changes.iter().enumerate() {
            let number = format!("{}.", at + 1);
            pen.put(&format!("{number:<3} now: "), "    ", &change.current);
            pen.put("    needed: ", "    ", &change.needed);
        }
        if let Some(lines) = parts.get_mut(part) {
            lines.append(&mut pen.lines);
        }
        parts
    }
}

/// Lines that come to be.
struct Pen {
    width: usize,
    lines: Vec<String>,
}

impl Pen {
    /// Puts a text, with something before its first line and something else before the others.
    fn put(&mut self, first: &str, rest: &str, text: &str) {
        let before = columns(first).max(columns(rest));
        for (at, line) in fitted(text, self.width.saturating_sub(before)).into_iter().enumerate() {
            self.lines.push(format!("{}{line}", if at == 0 { first } else { rest }));
        }
    }

    fn stage(&mut self, stage: &Stage, next: Option<&Stage>) {
        let rail = rail(stage, next);
        self.put(&format!("{} ", sign(stage.state)), &format!("{rail} "), &stage.title);
        let branches = stage.kind == Kind::Routes && next.is_some();
        for (at, detail) in stage.details.iter().enumerate() {
            let first =
                if branches && at == 0 && stage.state == State::Decides { "├── " } else { &format!("{rail}   ") };
            self.put(first, &format!("{rail}   "), detail);
        }
        for way in &stage.aside {
            self.put(if next.is_some() { "├╌╌ " } else { "╰╌╌ " }, &format!("{rail}   "), way);
        }
        if let Some(next) = next {
            let is_first_beyond = next.state == State::Beyond && stage.state != State::Beyond;
            match (is_first_beyond, next.state) {
                (true, _) => self.put("▽ ", "  ", "as it is intended:"),
                (_, State::Beyond) => self.lines.push("▽".to_owned()),
                _ => self.lines.push("▼".to_owned()),
            }
        }
    }
}

/// The line that leads on from a stage.
fn rail(stage: &Stage, next: Option<&Stage>) -> char {
    match next {
        None => ' ',
        Some(next) if next.state == State::Beyond => '┊',
        Some(_) if stage.kind == Kind::PrivateLink => '║',
        Some(_) => '│',
    }
}

const fn sign(state: State) -> char {
    match state {
        State::Passed => '○',
        State::Decides => '◆',
        State::Blocked => '×',
        State::Beyond => '·',
        State::Unknown => '?',
    }
}

/// Pictures beside each other as far as the width allows, and else below each other. Those beside each other have their
/// parts at the same height. Lines are at most `width` columns wide, or 20.
pub(crate) fn side_by_side(pictures: &[Picture], width: usize) -> String {
    let beside = ((width + GAP) / (NARROW + GAP)).clamp(1, pictures.len().max(1));
    if beside == 1 {
        return pictures.iter().map(|picture| picture.text(width)).collect::<Vec<_>>().join("\n");
    }
    let column = ((width + GAP) / beside - GAP).min(WIDE);
    let rows = pictures.chunks(beside).map(|row| {
        let columns: Vec<_> = row.iter().map(|picture| picture.parts(column)).collect();
        (0..PARTS).map(|part| joined(&columns, part, column)).collect::<String>()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// A part of several pictures.
fn joined(pictures: &[[Vec<String>; PARTS]], part: usize, column: usize) -> String {
    let parts = || pictures.iter().filter_map(|parts| parts.get(part));
    let height = parts().map(Vec::len).max().unwrap_or_default();
    let cells: Vec<_> = parts().map(|lines| stretched(lines, height)).collect();
    let cell = |lines: &Vec<String>, row: usize| {
        let line = lines.get(row).map(String::as_str).unwrap_or_default();
        format!("{line}{}", " ".repeat((column + GAP).saturating_sub(columns(line))))
    };
    let row = |row: usize| cells.iter().map(|lines| cell(lines, row)).collect::<String>();
    (0..height).map(|at| format!("{}\n", row(at).trim_end())).collect()
}

/// Lines that are so many: what leads on to the next part is longer.
fn stretched(lines: &[String], height: usize) -> Vec<String> {
    let missing = height.saturating_sub(lines.len());
    let Some((last, before)) = lines.split_last() else { return Vec::new() };
    let rail = match last.chars().next() {
        Some('▼') => "│",
        Some('▽') => "┊",
        _ => return lines.to_vec(),
    };
    before.iter().cloned().chain(vec![rail.to_owned(); missing]).chain([last.clone()]).collect()
}
