//! What a text is made of: headings, paragraphs, rows of tables and lines of code, without the signs of Markdown.

use crate::bedrock::reader::table::{Row, Table, is_rule};

/// A part of a text.
pub(super) enum Block {
    /// With its level, from 1.
    Heading(usize, String),
    Paragraph(String),
    Row(Row),
    Code(String),
}

/// The headings, paragraphs, rows and lines of code of a text, in plain words. An entry of a list is a paragraph.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open = String::new();
    let close = |open: &mut String, blocks: &mut Vec<Block>| {
        if !open.is_empty() {
            blocks.push(Block::Paragraph(std::mem::take(open)));
        }
    };
    let mut table = Table::default();
    let mut is_fenced = false;
    let mut lines = text.lines().peekable();
    while let Some(raw) = lines.next() {
        let line = raw.trim();
        if !line.starts_with('|') {
            table = Table::default();
        }
        if line.starts_with(FENCE) {
            close(&mut open, &mut blocks);
            is_fenced = !is_fenced;
        } else if line.is_empty() || is_rule(line) {
            close(&mut open, &mut blocks);
        } else if is_fenced || raw.starts_with("    ") || raw.starts_with('\t') {
            close(&mut open, &mut blocks);
            blocks.push(Block::Code(plain(line)));
        } else if line.starts_with('#') {
            close(&mut open, &mut blocks);
            let text = line.trim_start_matches('#');
            blocks.push(Block::Heading(line.len() - text.len(), plain(text)));
        } else if line.starts_with('|') {
            close(&mut open, &mut blocks);
            blocks.extend(table.take(line, lines.peek().map(|next| next.trim()), plain).map(Block::Row));
        } else {
            let entry = entry(line);
            if entry.is_some() {
                close(&mut open, &mut blocks);
            }
            if !open.is_empty() {
                open.push(' ');
            }
            open.push_str(&plain(entry.unwrap_or(line)));
        }
    }
    close(&mut open, &mut blocks);
    blocks
}

/// What code begins and ends with.
const FENCE: &str = "```";

/// What stands behind the sign of an entry of a list.
fn entry(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).or_else(|| line.strip_prefix("• "))
    {
        return Some(rest);
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == line.len() { None } else { rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") ")) }
}

/// Without the signs of Markdown: emphasis, code, and the targets of links.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.trim();
    while let Some((before, behind)) = rest.split_once('[') {
        text.push_str(before);
        // The words of a link have no brackets in them, so that no bracket is looked for beyond the next one.
        let words = behind.find(['[', ']']).and_then(|at| behind.split_at_checked(at));
        match words.and_then(|(words, rest)| Some((words, rest.strip_prefix("](")?))) {
            Some((words, target)) => {
                // Where no target ends here, none does further on.
                let Some((_, after)) = target.split_once(')') else {
                    text.push('[');
                    rest = behind;
                    break;
                };
                text.push_str(words);
                rest = after;
            }
            None => {
                text.push('[');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
    text.replace("**", "").replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_that_are_no_links_are_left_as_they_are() {
        assert_eq!(plain("[a](b) [[c](d)] [e] (f)[g](h"), "a [c] [e] (f)[g](h");
        assert_eq!(plain("see [the [guide](x)](y)"), "see [the guide](y)");
    }
}
