//! Text, taken apart into sentences, with the headings that they stand under.

use super::context::Source;
use super::terms;

/// The longest sentence that is quoted whole, in characters. What is longer, a table or a line of code, is cut.
const LONGEST: usize = 600;

/// Words with a full stop behind them that end no sentence.
const ABBREVIATIONS: [&str; 18] = [
    "approx", "cf", "co", "dr", "e.g", "eg", "etc", "fig", "i.e", "ie", "inc", "mr", "mrs", "ms", "no", "st", "u.s",
    "vs",
];

/// A sentence of a source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sentence {
    /// The position of the source.
    pub(super) source: usize,
    /// Its position in the source.
    pub(super) position: usize,
    /// The paragraph of the source that it is in.
    pub(super) paragraph: usize,
    pub(super) text: String,
    /// The stems of its words, in their order.
    pub(super) terms: Vec<String>,
    /// Those of the heading above it.
    pub(super) heading: Vec<String>,
}

impl Sentence {
    /// Whether two sentences say the same in the same words.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let shared = self.terms.iter().filter(|term| other.terms.contains(term)).count();
        let all = self.terms.len().max(other.terms.len());
        self.text == other.text || (all > 0 && shared * 10 >= all * 9)
    }
}

/// The sentences of a source, in their order.
pub(super) fn of_source(at: usize, source: &Source) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut heading: Vec<String> = Vec::new();
    for (paragraph, block) in blocks(&source.text).into_iter().enumerate() {
        let text = match block {
            Block::Heading(text) => {
                heading = terms::telling(&text);
                continue;
            }
            Block::Paragraph(text) => text,
        };
        for text in split(&text) {
            let terms = terms::telling(text);
            if !terms.is_empty() {
                let (position, heading) = (sentences.len(), heading.clone());
                let text = shortened(text);
                sentences.push(Sentence { source: at, position, paragraph, text, terms, heading });
            }
        }
    }
    sentences
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

enum Block {
    Heading(String),
    Paragraph(String),
}

/// The headings and paragraphs of a text, in plain words: an entry of a list, and a row of a table, is a paragraph.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open = String::new();
    let close = |open: &mut String, blocks: &mut Vec<Block>| {
        if !open.is_empty() {
            blocks.push(Block::Paragraph(std::mem::take(open)));
        }
    };
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || is_rule(line) {
            close(&mut open, &mut blocks);
        } else if line.starts_with('#') {
            close(&mut open, &mut blocks);
            blocks.push(Block::Heading(plain(line.trim_start_matches('#'))));
        } else if let Some(row) = line.strip_prefix('|') {
            close(&mut open, &mut blocks);
            let cells = row.trim_end_matches('|').split('|').map(plain).filter(|cell| !cell.is_empty());
            blocks.push(Block::Paragraph(cells.collect::<Vec<_>>().join("; ")));
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

/// A line of nothing but signs, as there are under headings, between rows of tables and around code.
fn is_rule(line: &str) -> bool {
    line.starts_with("```") || line.chars().all(|c| matches!(c, '-' | '=' | '*' | '_' | '|' | ':' | '+' | ' '))
}

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
    while let Some((before, link)) = rest.split_once('[') {
        text.push_str(before);
        match link.split_once("](").and_then(|(words, target)| Some((words, target.split_once(')')?.1))) {
            Some((words, after)) if !words.contains(['[', ']']) => {
                text.push_str(words);
                rest = after;
            }
            _ => {
                text.push('[');
                rest = link;
            }
        }
    }
    text.push_str(rest);
    text.replace("**", "").replace('`', "")
}

/// The sentences of a paragraph.
fn split(paragraph: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut from = 0;
    let mut characters = paragraph.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if !matches!(character, '.' | '?' | '!' | '。' | '？' | '！') {
            continue;
        }
        let mut end = at + character.len_utf8();
        while let Some((at, _)) = characters.next_if(|(_, next)| matches!(next, '"' | '\'' | ')' | ']' | '”' | '’'))
        {
            end = at + paragraph.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        }
        let before = paragraph.get(from..at).unwrap_or_default();
        let rest = paragraph.get(end..).unwrap_or_default();
        if ends_here(character, before, rest) {
            sentences.push(paragraph.get(from..end).unwrap_or_default().trim());
            from = end;
        }
    }
    sentences.push(paragraph.get(from..).unwrap_or_default().trim());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Whether a sentence ends with a sign between these.
fn ends_here(sign: char, before: &str, rest: &str) -> bool {
    if !sign.is_ascii() {
        return true;
    }
    let mut next = rest.chars();
    if !next.next().is_none_or(char::is_whitespace) {
        return false;
    }
    // A sentence begins with anything but a small letter.
    if next.find(|c| !c.is_whitespace()).is_some_and(char::is_lowercase) {
        return false;
    }
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let word = word.trim_start_matches(['(', '"', '\'']).to_lowercase();
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    sign != '.' || !(is_initial || ABBREVIATIONS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let source = Source { name: None, text: text.to_owned() };
        of_source(0, &source).into_iter().map(|sentence| sentence.text).collect()
    }

    #[test]
    fn sentences_end_where_a_reader_would_say_so() {
        let text = "Version 3.5 is out, e.g. for Linux. See fig. 2 of J. Doe! (It is \"short.\") Costs $0.01 per hour";
        let expected = [
            "Version 3.5 is out, e.g. for Linux.",
            "See fig. 2 of J. Doe!",
            "(It is \"short.\")",
            "Costs $0.01 per hour",
        ];
        assert_eq!(told(text), expected);
        assert_eq!(told("一つ。二つ。"), ["一つ。", "二つ。"]);
    }

    #[test]
    fn markdown_becomes_plain_words_under_their_headings() {
        let text = "# Endpoints\n\nA **gateway** endpoint\nis a `route`.\n\n- see [the guide](http://x/y)\n\n| a | b |\n|---|---|\n\
                    | one | two |\n";
        assert_eq!(told(text), ["A gateway endpoint is a route.", "see the guide", "a; b", "one; two"]);
        let source = Source { name: None, text: text.to_owned() };
        assert_eq!(of_source(0, &source)[0].heading, ["endpoint"]);
        assert!(told(&"word ".repeat(1000))[0].chars().count() <= LONGEST + 1);
    }
}
