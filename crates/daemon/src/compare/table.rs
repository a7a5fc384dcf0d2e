//! Tables: rows of two columns as text of a width, and as Markdown.

use super::comparison::Row;
use crate::diagram::{columns, fitted};

/// From this width on the columns stand beside each other.
const WIDE: usize = 84;

/// The narrowest text.
const NARROWEST: usize = 24;

/// What is free between columns, and the width of the titles.
const GAP: usize = 2;
const TITLE: usize = 14;

/// What the columns are called.
const HEADS: [&str; 2] = ["gateway endpoint", "interface endpoint"];

/// The rows as text of so many columns: beside each other where there is room, and else below each other.
pub(super) fn text(rows: &[Row], width: usize) -> String {
    if width < WIDE { below(rows, width.max(NARROWEST)) } else { beside(rows, width) }
}

fn beside(rows: &[Row], width: usize) -> String {
    let cell = (width - TITLE - 2 * GAP) / 2;
    let line = |parts: [&str; 3]| {
        let [title, gateway, interface] = parts;
        let pad = |text: &str, to: usize| " ".repeat((to + GAP).saturating_sub(columns(text)));
        let line = format!("{title}{}{gateway}{}{interface}", pad(title, TITLE), pad(gateway, cell));
        format!("{}\n", line.trim_end())
    };
    let (first, other) = ("─".repeat(TITLE), "─".repeat(cell));
    let rule = line([&first, &other, &other]);
    let [gateway, interface] = HEADS;
    let mut text = line(["", gateway, interface]);
    for row in rows {
        text.push_str(&rule);
        let title = fitted(row.title, TITLE);
        let [gateway, interface] = row.cells.each_ref().map(|lines| hanging(lines, cell));
        let height = title.len().max(gateway.len()).max(interface.len());
        for at in 0..height {
            let of = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            text.push_str(&line([&of(&title), &of(&gateway), &of(&interface)]));
        }
    }
    text
}

fn below(rows: &[Row], width: usize) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&format!("{}\n", row.title));
        for (head, lines) in HEADS.iter().zip(&row.cells) {
            text.push_str(&format!("  {head}\n"));
            for line in hanging(lines, width - 4) {
                text.push_str(&format!("    {line}\n"));
            }
        }
    }
    text
}

/// Texts in lines of a width, each with its further lines set in.
fn hanging(texts: &[String], width: usize) -> Vec<String> {
    let lines = texts.iter().flat_map(|text| {
        let fitted = fitted(text, width.saturating_sub(GAP));
        fitted.into_iter().enumerate().map(|(at, line)| if at == 0 { line } else { format!("  {line}") })
    });
    lines.collect()
}

/// Texts in lines of a width.
pub(super) fn paragraphs(texts: &[String], width: usize) -> String {
    let lines = texts.iter().flat_map(|text| fitted(text, width.max(NARROWEST)));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The rows as a table of Markdown.
pub(super) fn markdown(rows: &[Row]) -> String {
    let cell = |lines: &Vec<String>| lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br>");
    let [gateway, interface] = HEADS;
    let head = format!("| | {gateway} | {interface} |\n|---|---|---|\n");
    let rows = rows.iter().map(|row| {
        let [gateway, interface] = row.cells.each_ref().map(cell);
        format!("| {} | {gateway} | {interface} |\n", row.title)
    });
    head + &rows.collect::<String>()
}

/// A text of which nothing is taken for Markdown.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' => {
                safe.push('\\');
                safe.push(c);
            }
            other => safe.push(other),
        }
    }
    safe
}
