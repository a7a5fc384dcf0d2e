//! A report as text and as Markdown.

use super::report::Part;
use super::table::table;
use crate::diagram::{clean, fitted};

/// A report as text of a width.
pub(crate) fn text(parts: &[Part], width: usize) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push('\n');
        }
        match part {
            Part::Heading(title) => wrapped(&mut text, title, "", "", width),
            Part::List { title, items } => {
                wrapped(&mut text, title, "", "", width);
                for item in items {
                    wrapped(&mut text, item, "- ", "  ", width);
                }
            }
            Part::Table { header, rows } => {
                let header: Vec<String> = header.iter().map(|name| name.to_uppercase()).collect();
                let header: Vec<&str> = header.iter().map(String::as_str).collect();
                let rows: Vec<Vec<String>> =
                    rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
                text.push_str(&table(&header, &rows, width));
            }
        }
    }
    text
}

fn wrapped(text: &mut String, told: &str, first: &str, further: &str, width: usize) {
    for (at, line) in fitted(&clean(told), width.saturating_sub(first.len())).iter().enumerate() {
        text.push_str(if at == 0 { first } else { further });
        text.push_str(line);
        text.push('\n');
    }
}

/// A report as Markdown.
pub(crate) fn markdown(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push('\n');
        }
        match part {
            Part::Heading(title) => text.push_str(&format!("## {}\n", escaped(title))),
            Part::List { title, items } => {
                text.push_str(&format!("### {}\n\n", escaped(title)));
                for item in items {
                    text.push_str(&format!("- {}\n", escaped(item)));
                }
            }
            Part::Table { header, rows } => {
                text.push_str(&format!("| {} |\n|{}\n", header.join(" | "), "---|".repeat(header.len())));
                for row in rows {
                    let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
                    text.push_str(&format!("| {} |\n", cells.join(" | ")));
                }
            }
        }
    }
    text
}

/// A text in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
