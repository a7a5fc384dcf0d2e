//! Text, taken apart into sentences, with the headings that they stand under.

mod block;
mod heading;

use std::collections::BTreeSet;
use std::rc::Rc;

use block::{Block, blocks};
use heading::Above;

use super::context::Source;
use super::table::Row;
use super::terms;

/// The longest sentence that is quoted whole, in characters. What is longer, a row of a table or a line of code, is cut.
const LONGEST: usize = 600;

/// The least words of a sentence that a paragraph begins with: less is what stands before it in bold, as a heading does.
/// Words of other scripts need not be told apart by spaces.
const SHORTEST: usize = 3;

/// Words with a full stop behind them that end no sentence.
const ABBREVIATIONS: [&str; 18] = [
    "approx", "cf", "co", "dr", "e.g", "eg", "etc", "fig", "i.e", "ie", "inc", "mr", "mrs", "ms", "no", "st", "u.s",
    "vs",
];

/// What sentences end with.
const ENDS: [char; 11] = ['.', '?', '!', '。', '？', '！', '"', '\'', ')', '”', '’'];

/// What sentences begin with that are about what the one before is about.
const LEANING: [&str; 16] = [
    "both", "he", "it", "its", "she", "so", "such", "that", "the same", "their", "then", "there", "these", "they",
    "this", "those",
];

/// A sentence of a source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sentence {
    /// The position of the source.
    pub(super) source: usize,
    /// The paragraph of the source that it is in.
    pub(super) paragraph: usize,
    pub(super) text: String,
    /// The stems of its words, in their order.
    pub(super) terms: Vec<String>,
    /// Those of the heading right above it.
    pub(super) nearest: Rc<[String]>,
    /// Those of all headings that it stands under.
    pub(super) headings: Rc<[String]>,
    pub(super) form: Form,
    /// The row of a table that it is.
    pub(super) row: Option<Row>,
    /// The stems of the headings of that row's columns.
    pub(super) heads: Vec<String>,
    /// Whether it cannot be read without the sentence before it, which is of the same paragraph.
    pub(super) leans: bool,
}

/// What a sentence looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// It ends as sentences do.
    Whole,
    Fragment,
    /// A row of a table.
    Row,
    /// A line of code, or of a picture.
    Code,
}

impl Sentence {
    /// Whether two sentences say the same in the same words.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let all = self.terms.len().max(other.terms.len());
        if self.text == other.text {
            return true;
        }
        // Those of a sentence that is much shorter cannot be nearly all of the other's.
        if all == 0 || self.terms.len().min(other.terms.len()) * 10 < all * 9 {
            return false;
        }
        let others: BTreeSet<&String> = other.terms.iter().collect();
        self.terms.iter().filter(|term| others.contains(term)).count() * 10 >= all * 9
    }
}

/// The sentences of a source, in their order.
pub(super) fn of_source(at: usize, source: &Source) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut above = Above::default();
    for (paragraph, block) in blocks(&source.text).into_iter().enumerate() {
        let mut add = |text: &str, terms: Vec<String>, (nearest, headings), form, leans| {
            if !terms.is_empty() {
                let text = shortened(text);
                let (row, heads) = (None, Vec::new());
                sentences.push(Sentence {
                    source: at,
                    paragraph,
                    text,
                    terms,
                    nearest,
                    headings,
                    form,
                    row,
                    heads,
                    leans,
                });
            }
        };
        match block {
            Block::Heading(level, text) => above.enter(level, terms::telling(&text)),
            Block::Row(row) => {
                add(&row.text, row.terms(), above.terms(), Form::Row, false);
                let last = sentences.last_mut().filter(|last| (last.source, last.paragraph) == (at, paragraph));
                if let Some(sentence) = last {
                    sentence.heads = row.of_heads();
                    sentence.row = Some(row);
                }
            }
            Block::Code(text) => add(&text, terms::telling(&text), above.terms(), Form::Code, false),
            Block::Paragraph(text) => {
                let (mut nearest, mut headings) = above.terms();
                let parts = split(&text);
                let mut is_first = true;
                for (number, text) in parts.iter().enumerate() {
                    let mut terms = terms::telling(text);
                    terms.extend(of_codes(text));
                    let is_short = text.is_ascii() && terms::words(text).count() < SHORTEST;
                    if number == 0 && parts.len() > 1 && is_short {
                        nearest = nearest.iter().chain(&terms).cloned().collect();
                        headings = headings.iter().cloned().chain(terms).collect();
                        continue;
                    }
                    let form = if text.ends_with(ENDS) { Form::Whole } else { Form::Fragment };
                    let leans = !is_first && leans(text);
                    is_first &= terms.is_empty();
                    add(text, terms, (nearest.clone(), headings.clone()), form, leans);
                }
            }
        }
    }
    sentences
}

/// The least words of a code that count as those of a sentence: `RouteAlreadyExists`. Names have fewer.
const WORDS: usize = 3;

/// The stems of the words that codes are made of.
fn of_codes(text: &str) -> Vec<String> {
    let begins = |(a, b): &(char, char)| a.is_ascii_uppercase() && b.is_ascii_lowercase();
    let is_code = |word: &&str| word.chars().zip(word.chars().skip(1)).filter(begins).count() >= WORDS;
    let codes = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_code);
    let spaced = |code: &str| {
        let mut words = String::new();
        for c in code.chars() {
            if c.is_ascii_uppercase() {
                words.push(' ');
            }
            words.push(c);
        }
        terms::telling(&words)
    };
    codes.flat_map(spaced).collect()
}

/// Whether a sentence begins with a word that stands for something before.
fn leans(text: &str) -> bool {
    let lower = text.to_lowercase();
    let begins = |word: &&str| lower.strip_prefix(*word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    LEANING.iter().any(begins)
}

/// What is quoted of a text that may be too long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
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
    fn what_stands_before_a_paragraph_in_bold_is_its_heading_and_lines_of_code_stand_alone() {
        let text = "**Restart.** The daemon may be killed at any moment.\n\n    run one\n    run two";
        assert_eq!(told(text), ["The daemon may be killed at any moment.", "run one", "run two"]);
        let source = Source { name: None, text: text.to_owned() };
        let sentences = of_source(0, &source);
        assert_eq!((&sentences[0].nearest[..], sentences[1].form), (&["restart".to_owned()][..], Form::Code));
    }

    #[test]
    fn the_words_of_a_code_count_as_those_of_its_sentence() {
        let source = Source { name: None, text: "It ends with `RouteAlreadyExists` in DynamoDB.".to_owned() };
        let terms = &of_source(0, &source)[0].terms;
        assert!(terms.contains(&terms::stem("route")) && terms.contains(&terms::stem("exists")), "{terms:?}");
        assert_eq!(of_codes("CloudWatch, HTTP, DynamoDB and a word"), Vec::<String>::new());
    }

    #[test]
    fn markdown_becomes_plain_words_under_their_headings() {
        let text = "# Endpoints\n\nA **gateway** endpoint\nis a `route`.\n\n- see [the guide](http://x/y)\n\n| a | b |\n|---|---|\n\
                    | one | two |\n";
        assert_eq!(told(text), ["A gateway endpoint is a route.", "see the guide", "a: one; b: two"]);
        let source = Source { name: None, text: text.to_owned() };
        let sentences = of_source(0, &source);
        assert_eq!((&sentences[0].nearest[..], sentences[0].form), (&["endpoint".to_owned()][..], Form::Whole));
        assert_eq!(sentences[2].form, Form::Row, "it is no sentence");
        assert!(told(&"word ".repeat(1000))[0].chars().count() <= LONGEST + 1);
    }

    #[test]
    fn a_sentence_stands_under_all_headings_above_it_and_may_lean_on_the_one_before() {
        let text = "# Costs\n\n## Gateways\n\nA route is free. It costs nothing. Items are dear.\n\n## Code\n\n```\nIt is one\n```\n\nThis begins.";
        let source = Source { name: None, text: text.to_owned() };
        let sentences = of_source(0, &source);
        assert_eq!(sentences.iter().map(|own| own.leans).collect::<Vec<_>>(), [false, true, false, false, false]);
        assert_eq!(
            (&sentences[0].headings.join(" ")[..], &sentences[0].nearest.join(" ")[..]),
            ("cost gatewa", "gatewa")
        );
        assert_eq!((sentences[3].headings.join(" "), sentences[3].form), ("cost cod".to_owned(), Form::Code));
    }
}
