//! What of a prompt is the question, and what is the text to answer it from.
//!
//! Documents that came as such are text. In the words of the prompt, text is told by elements (`<document>`, `<context>`),
//! by labels (`Context:`, `Document 2:`, `[guide.md]`), or by there being nothing else; the question by its element or
//! label, or by its question mark, or by standing last.

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

/// Elements that hold text.
const ELEMENTS: [&str; 17] = [
    "article",
    "chunk",
    "context",
    "doc",
    "docs",
    "document",
    "documents",
    "excerpt",
    "file",
    "item",
    "page",
    "passage",
    "result",
    "search_result",
    "search_results",
    "source",
    "sources",
];

/// Those that hold others.
const CONTAINERS: [&str; 4] = ["docs", "documents", "search_results", "sources"];

/// Elements that hold the question.
const QUESTIONS: [&str; 4] = ["query", "question", "user_query", "user_question"];

/// Elements in one that holds text which are its name, and its text.
const NAMES: [&str; 4] = ["title", "source", "name", "id"];
const CONTENTS: [&str; 4] = ["document_content", "content", "text", "page_content"];

/// Attributes that name a text, the best first.
const ATTRIBUTES: [&str; 8] = ["title", "name", "source", "file", "path", "id", "index", "href"];

/// Labels before a question, in lower case.
const ASKS: [&str; 7] = ["question", "q", "query", "user question", "user query", "my question", "user"];

/// Labels before text.
const GIVES: [&str; 11] = [
    "context",
    "documents",
    "document",
    "sources",
    "passages",
    "text",
    "excerpts",
    "search results",
    "background",
    "content",
    "reference",
];

/// The longest name of a source in brackets.
const LONGEST_NAME: usize = 120;

/// Tells the question of a prompt from its text.
pub(super) fn gather(prompt: &Prompt) -> Reading {
    let mut sources = Vec::new();
    let mut loose = Vec::new();
    let mut question = None;
    for text in &prompt.system {
        let read = Words::read(text);
        sources.extend(read.sources);
        loose.extend(read.loose);
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
    Reading { question, sources }
}

/// Takes the question out of paragraphs: the last one that ends with a question mark, or the last.
fn take_question(paragraphs: &mut Vec<String>) -> String {
    let at =
        paragraphs.iter().rposition(|paragraph| paragraph.contains('?')).or_else(|| paragraphs.len().checked_sub(1));
    let Some(at) = at else { return String::new() };
    let paragraph = paragraphs.remove(at);
    let Some((before, _)) = paragraph.rsplit_once('?') else { return paragraph };
    // The sentence alone: what is before it may be text, or how to answer.
    let ends = before.char_indices().zip(before.chars().skip(1));
    let ends = ends.filter(|((_, sign), next)| *sign == '\n' || (".!:".contains(*sign) && next.is_whitespace()));
    let from = ends.last().map_or(0, |((at, _), _)| at + 1);
    let (rest, question) = before.split_at_checked(from).unwrap_or(("", before));
    if !rest.trim().is_empty() {
        paragraphs.insert(at, rest.trim().to_owned());
    }
    format!("{}?", question.trim())
}

/// Without the sentences that tell a model what to do, which are nothing to quote.
fn without_instructions(paragraph: &str) -> String {
    const FIRST: [&str; 19] = [
        "you are",
        "you're",
        "your task",
        "your job",
        "answer",
        "use the",
        "use only",
        "using",
        "please",
        "do not",
        "don't",
        "respond",
        "reply",
        "if you",
        "if the answer",
        "be concise",
        "keep",
        "based on",
        "given the",
    ];
    let lines = paragraph.lines().map(|line| {
        let sentences = line.split_inclusive(". ").filter(|sentence| {
            let sentence = sentence.trim_start().to_lowercase();
            !FIRST.iter().any(|first| sentence.starts_with(first))
        });
        sentences.collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What a text is made of.
#[derive(Debug, Default)]
struct Words {
    sources: Vec<Source>,
    question: Option<String>,
    /// Paragraphs that are neither.
    loose: Vec<String>,
}

impl Words {
    fn read(text: &str) -> Self {
        let mut words = Self::default();
        let rest = words.take_elements(text);
        words.take_lines(&rest);
        words
    }

    /// Takes out elements, and returns what is outside of them.
    fn take_elements(&mut self, text: &str) -> String {
        let mut outside = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            outside.push_str(before);
            match Element::parse(from) {
                Some(element) if QUESTIONS.contains(&element.name.as_str()) => {
                    self.question = Some(element.inner.trim().to_owned());
                    rest = element.after;
                }
                Some(element) if ELEMENTS.contains(&element.name.as_str()) => {
                    self.take_source(&element);
                    // Text on both sides of an element is not of one paragraph.
                    outside.push_str("\n\n");
                    rest = element.after;
                }
                _ => {
                    outside.push('<');
                    rest = from.get(1..).unwrap_or_default();
                }
            }
        }
        outside.push_str(rest);
        outside
    }

    /// A source, or the sources in an element.
    fn take_source(&mut self, element: &Element<'_>) {
        let child = |names: &[&str]| names.iter().find_map(|name| Element::child(element.inner, name));
        let content = child(&CONTENTS);
        let named = child(&NAMES).filter(|text| text.len() <= LONGEST_NAME && !text.contains('<'));
        if element.holds_others() || (named.is_none() && content.is_none()) {
            let mut inner = Self::default();
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

/// What stands behind one of these labels at the beginning of a line.
fn labelled<'a>(line: &'a str, labels: &[&str]) -> Option<&'a str> {
    let line = line.trim_start_matches(['#', '*', ' ']);
    let (label, rest) = line.split_once(':')?;
    let label = label.trim_matches(['*', ' ']).to_lowercase();
    labels.contains(&label.as_str()).then(|| rest.trim_matches(['*', ' ']))
}

/// The name of a source that begins with this line, and what of it is in the line: `[name] text`, `Document 2: text`,
/// `Source: name`.
fn marked(line: &str) -> Option<(String, &str)> {
    if let Some((name, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !rest.starts_with(['(', '['])
    {
        return Some((name.to_owned(), rest.trim_start_matches([':', ' '])));
    }
    let (label, rest) = line.split_once(':')?;
    let label = label.trim_matches(['#', '*', '-', ' ']);
    let mut words = label.split_whitespace();
    let first = words.next()?.to_lowercase();
    let (second, third) = (words.next(), words.next());
    let rest = rest.trim_matches(['*', ' ']);
    let is_name = matches!(first.as_str(), "source" | "file" | "title" | "filename");
    match second {
        None if is_name && !rest.is_empty() && rest.len() <= LONGEST_NAME => Some((rest.to_owned(), "")),
        Some(number)
            if third.is_none() && matches!(first.as_str(), "document" | "source" | "passage" | "chunk" | "doc") =>
        {
            let digits = number.trim_matches(['(', ')', '#', '[', ']']);
            (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| (digits.to_owned(), rest))
        }
        _ => None,
    }
}

/// An element of the kind that prompts are marked up with. It is no XML: nothing in it is escaped.
struct Element<'a> {
    name: String,
    attributes: &'a str,
    inner: &'a str,
    after: &'a str,
}

impl<'a> Element<'a> {
    /// The element that a text begins with.
    fn parse(text: &'a str) -> Option<Self> {
        let (tag, after) = text.strip_prefix('<')?.split_once('>')?;
        let end = tag.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at_checked(end)?;
        if name.is_empty() || attributes.ends_with('/') {
            return None;
        }
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        // Its end is that of the same depth.
        let (mut depth, mut at) = (1_usize, 0);
        loop {
            let rest = after.get(at..)?;
            let closes = rest.find(&close)?;
            let opens = rest.find(&open).filter(|opens| *opens < closes && is_tag(rest, *opens + open.len()));
            match opens {
                Some(opens) => {
                    depth += 1;
                    at += opens + open.len();
                }
                None => {
                    depth -= 1;
                    if depth == 0 {
                        let (inner, after) = (after.get(..at + closes)?, after.get(at + closes + close.len()..)?);
                        return Some(Self { name: name.to_ascii_lowercase(), attributes, inner, after });
                    }
                    at += closes + close.len();
                }
            }
        }
    }

    /// Whether what it holds is in elements of its own.
    fn holds_others(&self) -> bool {
        let holds =
            |name: &&str| self.inner.contains(&format!("<{name}>")) || self.inner.contains(&format!("<{name} "));
        CONTAINERS.contains(&self.name.as_str()) || ELEMENTS.iter().filter(|name| !NAMES.contains(name)).any(holds)
    }

    /// The text of an element within a text.
    fn child(text: &'a str, name: &str) -> Option<&'a str> {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(inner, _)| inner)
    }

    /// The attribute that names it.
    fn attribute(&self) -> Option<String> {
        let value = |name: &&str| {
            let (before, rest) = self.attributes.split_once(&format!("{name}="))?;
            if !before.ends_with(char::is_whitespace) {
                return None;
            }
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let value = match quote {
                Some(quote) => rest.get(1..)?.split(quote).next()?,
                None => rest.split_whitespace().next()?,
            };
            Some(value.trim().to_owned()).filter(|value| !value.is_empty() && value.len() <= LONGEST_NAME)
        };
        ATTRIBUTES.iter().find_map(value)
    }
}

/// Whether the name of a tag ends here.
fn is_tag(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(|c| c == '>' || c.is_whitespace())
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
