//! What of a prompt is the question, and what is the text to answer it from.
//!
//! Documents that came as such are text. In the words of the prompt, text is told by elements (`<document>`, `<context>`),
//! by labels (`Context:`, `Document 2:`, `[guide.md]`), or by there being nothing else; the question by its element or
//! label, or by its question mark, or by standing last.

mod element;
mod instruction;
mod label;

use element::{CONTENTS, ELEMENTS, Element, Elements, LONGEST_NAME, NAMES, QUESTIONS, lone_tag};
use instruction::without_instructions;
use label::{ANSWERS, ASKS, GIVES, at_labels, labelled, marked};

use super::terms;
use crate::bedrock::prompt::{Part, Prompt, Role};

/// A text to answer from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) name: Option<String>,
    pub(super) text: String,
}

/// A question, and the texts that came with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) question: String,
    pub(super) sources: Vec<Source>,
}

/// What questions may begin with before they ask: `based on the passage, who …`.
const PREAMBLES: [&str; 7] =
    ["according to ", "based on ", "from the ", "given ", "in the following ", "in the given ", "using "];

/// How deep elements may lie in each other, and how many there may be at most, before they are text.
const DEEPEST: usize = 8;
const MOST_ELEMENTS: usize = 2000;

/// The least words of a system prompt that may be text to answer from.
const LEAST_OF_SYSTEM: usize = 3;

/// Tells the question of a prompt from its text.
pub(super) fn gather(prompt: &Prompt) -> Reading {
    let mut sources = Vec::new();
    let mut loose = Vec::new();
    let mut question = None;
    for text in &prompt.system {
        let read = Words::read(text);
        sources.extend(read.sources);
        let tells = |paragraph: &String| !paragraph.is_ascii() || terms::words(paragraph).count() >= LEAST_OF_SYSTEM;
        loose.extend(read.loose.into_iter().filter(tells));
    }
    let last = prompt.turns.iter().rposition(|turn| turn.role == Role::User);
    let mut asked = Vec::new();
    for (at, turn) in prompt.turns.iter().enumerate().filter(|(_, turn)| turn.role == Role::User) {
        for part in &turn.parts {
            match part {
                Part::Document(own) => sources.push(Source { name: Some(own.title.clone()), text: own.text.clone() }),
                Part::Text(text) => {
                    let read = Words::read(text);
                    sources.extend(read.sources);
                    if Some(at) == last {
                        question = read.question.or(question);
                        asked.extend(read.loose);
                    } else {
                        loose.extend(read.loose);
                    }
                }
            }
        }
    }
    let question = question.unwrap_or_else(|| take_question(&mut asked));
    if sources.is_empty() {
        loose.extend(asked);
        let text = loose.iter().map(|paragraph| without_instructions(paragraph)).filter(|text| !text.is_empty());
        let text = text.collect::<Vec<_>>().join("\n\n");
        sources = if text.is_empty() { Vec::new() } else { vec![Source { name: Some("context".to_owned()), text }] };
    }
    sources.retain(|source| !source.text.trim().is_empty());
    Reading { question: without_preamble(&question), sources }
}

/// Takes the question out of paragraphs: the last one that ends with a question mark, or the last. What stands around it is
/// text, or tells how to answer.
fn take_question(paragraphs: &mut Vec<String>) -> String {
    let asks = |paragraph: &String| paragraph.contains(MARKS);
    let at = paragraphs.iter().rposition(asks).or_else(|| paragraphs.len().checked_sub(1));
    let Some(at) = at else { return String::new() };
    let paragraph = paragraphs.remove(at);
    let Some((before, after)) = paragraph.rfind(MARKS).and_then(|mark| {
        let length = paragraph.get(mark..)?.chars().next()?.len_utf8();
        paragraph.split_at_checked(mark + length)
    }) else {
        return paragraph;
    };
    // The sentence alone.
    let asked = before.trim_end_matches(MARKS);
    let ends = asked.char_indices().zip(asked.chars().skip(1).chain([' ']));
    let ends =
        ends.filter(|((_, sign), next)| "\n。！？".contains(*sign) || (".!:?".contains(*sign) && next.is_whitespace()));
    let from = ends.last().map_or(0, |((at, sign), _)| at + sign.len_utf8());
    let (rest, question) = before.split_at_checked(from).unwrap_or(("", before));
    let around = [after.trim(), rest.trim()];
    for text in around.into_iter().filter(|text| !text.is_empty()) {
        paragraphs.insert(at, text.to_owned());
    }
    question.trim().to_owned()
}

/// What questions end with.
const MARKS: [char; 2] = ['?', '？'];

/// The question itself, without what says whence the answer is to come.
fn without_preamble(question: &str) -> String {
    let lower = question.to_lowercase();
    let rest = question
        .split_once(", ")
        .map(|(_, rest)| rest)
        .filter(|_| lower.len() == question.len() && PREAMBLES.iter().any(|preamble| lower.starts_with(preamble)));
    rest.unwrap_or(question).to_owned()
}

/// What a text is made of.
#[derive(Debug, Default)]
struct Words {
    sources: Vec<Source>,
    question: Option<String>,
    /// Paragraphs that are neither.
    loose: Vec<String>,
    /// How deep in elements it is.
    depth: usize,
}

impl Words {
    fn read(text: &str) -> Self {
        let mut words = Self::default();
        let rest = words.take_elements(text);
        words.take_lines(&at_labels(&rest));
        words
    }

    /// Takes out elements, and returns what is outside of them.
    fn take_elements(&mut self, text: &str) -> String {
        let elements = if self.depth < DEEPEST { Elements::of(text) } else { Elements::default() };
        let mut outside = String::new();
        let mut left = MOST_ELEMENTS;
        let mut at = 0;
        while let Some((before, from)) = text.get(at..).and_then(|rest| rest.split_at_checked(rest.find('<')?)) {
            outside.push_str(before);
            at += before.len();
            let Some(element) = elements.at(text, at).filter(|_| left > 0) else {
                match lone_tag(from) {
                    Some(length) => at += length,
                    None => {
                        outside.push('<');
                        at += 1;
                    }
                }
                continue;
            };
            left -= 1;
            at = element.end;
            if QUESTIONS.contains(&element.name.as_str()) {
                self.question = Some(element.inner.trim().to_owned());
            } else if ELEMENTS.contains(&element.name.as_str()) {
                self.take_source(&element);
                // Text on both sides of an element is not of one paragraph.
                outside.push_str("\n\n");
            } else {
                // Of any other element the words are text, and its tags are nothing to quote.
                self.depth += 1;
                let inner = self.take_elements(element.inner);
                self.depth -= 1;
                outside.push_str(&inner);
            }
        }
        outside.push_str(text.get(at..).unwrap_or_default());
        outside
    }

    /// A source, or the sources in an element.
    fn take_source(&mut self, element: &Element<'_>) {
        let child = |names: &[&str]| names.iter().find_map(|name| Element::child(element.inner, name));
        let content = child(&CONTENTS);
        let named = child(&NAMES).filter(|text| text.len() <= LONGEST_NAME && !text.contains('<'));
        if element.holds_others() || (named.is_none() && content.is_none()) {
            let mut inner = Self { depth: self.depth + 1, ..Self::default() };
            let rest = inner.take_elements(element.inner);
            if inner.sources.is_empty() {
                inner.take_lines(&rest);
            }
            if !inner.sources.is_empty() {
                self.sources.extend(inner.sources);
                return;
            }
        }
        let name = named.map(str::trim).map(str::to_owned).or_else(|| element.attribute());
        let text = match (content, named) {
            (Some(content), _) => content.to_owned(),
            (None, Some(named)) => element.inner.split_once(named).map_or(element.inner, |(_, rest)| rest).to_owned(),
            (None, None) => element.inner.to_owned(),
        };
        let text = text.trim().trim_start_matches("</title>").trim_start_matches("</source>");
        let text = text.trim_start_matches("</name>").trim_start_matches("</id>").trim().to_owned();
        self.sources.push(Source { name, text });
    }

    /// Takes lines by their labels.
    fn take_lines(&mut self, text: &str) {
        let mut to = To::Loose;
        let mut is_new = true;
        for line in text.lines() {
            let trimmed = line.trim();
            if let Some(rest) = labelled(trimmed, &ASKS) {
                self.question = Some(rest.to_owned());
                to = To::Question;
            } else if let Some(rest) = labelled(trimmed, &ANSWERS) {
                to = To::Loose;
                if !rest.is_empty() {
                    self.add_loose(rest, true);
                }
            } else if let Some((name, rest)) = marked(trimmed) {
                self.sources.push(Source { name: Some(name), text: format!("{rest}\n") });
                to = To::Source;
            } else if let Some(rest) = labelled(trimmed, &GIVES) {
                self.sources.push(Source { name: None, text: format!("{rest}\n") });
                to = To::Source;
            } else if trimmed.is_empty() {
                is_new = true;
                match to {
                    // A question has an end, and what is behind it tells how to answer.
                    To::Question if self.question.as_ref().is_some_and(|own| !own.is_empty()) => to = To::Loose,
                    To::Source => self.add_to_source(""),
                    _ => {}
                }
                continue;
            } else {
                match to {
                    To::Question => self.add_to_question(trimmed),
                    To::Source => self.add_to_source(line),
                    To::Loose => self.add_loose(line, is_new),
                }
            }
            is_new = false;
        }
        self.sources.retain(|source| !source.text.trim().is_empty());
    }

    fn add_to_question(&mut self, line: &str) {
        let question = self.question.get_or_insert_default();
        if !question.is_empty() {
            question.push(' ');
        }
        question.push_str(line);
    }

    fn add_to_source(&mut self, line: &str) {
        if let Some(source) = self.sources.last_mut() {
            source.text.push_str(line);
            source.text.push('\n');
        }
    }

    fn add_loose(&mut self, line: &str, is_new: bool) {
        match self.loose.last_mut().filter(|_| !is_new) {
            Some(paragraph) => {
                paragraph.push('\n');
                paragraph.push_str(line);
            }
            None => self.loose.push(line.to_owned()),
        }
    }
}

/// What the next line belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    Question,
    Source,
    Loose,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bedrock::prompt::{Document, Settings, Turn};

    fn read(text: &str) -> (String, Vec<(Option<String>, String)>) {
        let Reading { question, sources } = gather(&Prompt::of_text(text, Settings::default()));
        (question, sources.into_iter().map(|own| (own.name, own.text.trim().to_owned())).collect())
    }

    fn source(name: &str, text: &str) -> (Option<String>, String) {
        (Some(name.to_owned()).filter(|name| !name.is_empty()), text.to_owned())
    }

    #[test]
    fn elements_hold_texts_and_questions() {
        let text = "Answer from the documents.\n<documents><document index=\"1\"><source>guide.md</source>\
                    <document_content>One.</document_content></document>\n<document title='b'>Two.</document></documents>\n\
                    <question>Which?</question>";
        assert_eq!(read(text), ("Which?".to_owned(), vec![source("guide.md", "One."), source("b", "Two.")]));
        let text = "<context>\nAll of it.\n</context>\n\nUse it. What is in it? Be brief.";
        assert_eq!(read(text), ("What is in it?".to_owned(), vec![source("", "All of it.")]));
        assert_eq!(
            read("<text>The king is Bob. The queen is Eve.</text> Who is the queen?"),
            ("Who is the queen?".to_owned(), vec![source("", "The king is Bob. The queen is Eve.")])
        );
        assert_eq!(
            read("<note>The king is Bob.</note></text> Who is the king?"),
            ("Who is the king?".to_owned(), vec![source("context", "The king is Bob.")])
        );
        let nested = format!("{}a{} What?", "<context>".repeat(5000), "</context>".repeat(5000));
        assert_eq!(read(&nested).0, "What?");
        // What is no element is text.
        assert_eq!(read("Context: a < b <i>c\nQuestion: x").1, [source("", "a < b <i>c")]);
    }

    #[test]
    fn labels_begin_texts_and_questions() {
        let text = "Context:\n[guide.md] One.\nMore of it.\n\n[2] Two.\n\nQuestion: Which\nof them?\n\nHelpful answer:";
        let sources = vec![source("guide.md", "One.\nMore of it."), source("2", "Two.")];
        assert_eq!(read(text), ("Which of them?".to_owned(), sources));
        let text = "Source: a.txt\nOne.\n\nDocument 2: Two.\n\nQ: Which?";
        assert_eq!(read(text), ("Which?".to_owned(), vec![source("a.txt", "One."), source("2", "Two.")]));
    }

    #[test]
    fn a_label_of_an_answer_ends_a_question_and_is_none_of_it() {
        let chain = "Use the following pieces of context to answer the question at the end. If you don't know the answer, \
                     just say that you don't know.\n\nThe king is Bob. The queen is Eve.\n\nQuestion: Who is the queen?\n\
                     Helpful Answer:";
        let expected = ("Who is the queen?".to_owned(), vec![source("context", "The king is Bob. The queen is Eve.")]);
        assert_eq!(read(chain), expected);
        let index = "Context information is below.\n---------------------\nThe king is Bob.\n---------------------\n\
                     Given the context information and not prior knowledge, answer the query.\nQuery: Who is the king?\nAnswer: ";
        let (question, sources) = read(index);
        assert_eq!(question, "Who is the king?");
        assert!(sources[0].1.contains("The king is Bob.") && !sources[0].1.contains("prior"), "{sources:?}");
    }

    #[test]
    fn text_stands_around_the_question_as_well() {
        let (question, sources) = read("What color is the sky? The sky is blue. Grass is green.");
        assert_eq!(
            (question.as_str(), sources[0].1.as_str()),
            ("What color is the sky?", "The sky is blue. Grass is green.")
        );
        let text = "Based on the following passage, who is the queen? Passage: The king is Bob. The queen is Eve.";
        let expected = ("who is the queen?".to_owned(), vec![source("", "The king is Bob. The queen is Eve.")]);
        assert_eq!(read(text), expected);
        let (question, sources) = read("京都は日本にあります。京都はどこにありますか？");
        assert_eq!((question.as_str(), sources[0].1.as_str()), ("京都はどこにありますか？", "京都は日本にあります。"));
        let prompt =
            Prompt { system: vec!["x".to_owned()], ..Prompt::of_text("Who is the king?", Settings::default()) };
        assert!(gather(&prompt).sources.is_empty(), "a word is no text to answer from");
    }

    #[test]
    fn sentences_that_look_like_instructions_and_tell_of_the_world_are_text() {
        let text =
            "Based on the census, the town has 512 inhabitants. It lies in Norway.\n\nHow many inhabitants are there?";
        let (_, sources) = read(text);
        assert_eq!(sources[0].1, "Based on the census, the town has 512 inhabitants. It lies in Norway.");
    }

    #[test]
    fn without_marks_the_question_is_what_asks_and_the_rest_is_text() {
        let text = "You are an assistant. Answer briefly.\n\nA gateway endpoint is a route. It costs nothing.\n\nWhat is free?";
        let expected = source("context", "A gateway endpoint is a route. It costs nothing.");
        assert_eq!(read(text), ("What is free?".to_owned(), vec![expected]));
        assert_eq!(read("What is free?"), ("What is free?".to_owned(), Vec::new()));
        assert_eq!(read("").0, "");
    }

    #[test]
    fn documents_of_earlier_turns_are_texts_too() {
        let turn = |role, parts| Turn { role, parts };
        let document = Document { title: "a".to_owned(), text: "One.".to_owned() };
        let prompt = Prompt {
            system: vec!["Be brief.".to_owned()],
            turns: vec![
                turn(Role::User, vec![Part::Document(document), Part::Text("First?".to_owned())]),
                turn(Role::Assistant, vec![Part::Text("Yes.".to_owned())]),
                turn(Role::User, vec![Part::Text("Second?".to_owned())]),
            ],
            settings: Settings::default(),
        };
        let Reading { question, sources } = gather(&prompt);
        assert_eq!((question.as_str(), sources.len(), sources[0].text.as_str()), ("Second?", 1, "One."));
    }
}
