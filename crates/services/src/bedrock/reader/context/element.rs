//! Elements, by which prompts mark up texts and questions.

use std::collections::BTreeMap;
use std::ops::Range;

/// Elements that hold text.
pub(super) const ELEMENTS: [&str; 21] = [
    "article",
    "chunk",
    "content",
    "context",
    "doc",
    "docs",
    "document",
    "documents",
    "excerpt",
    "file",
    "item",
    "page",
    "paragraph",
    "passage",
    "result",
    "search_result",
    "search_results",
    "source",
    "sources",
    "text",
    "transcript",
];

/// Those that hold others.
pub(super) const CONTAINERS: [&str; 4] = ["docs", "documents", "search_results", "sources"];

/// Elements that hold the question.
pub(super) const QUESTIONS: [&str; 4] = ["query", "question", "user_query", "user_question"];

/// Elements in one that holds text which are its name, and its text.
pub(super) const NAMES: [&str; 4] = ["title", "source", "name", "id"];
pub(super) const CONTENTS: [&str; 4] = ["document_content", "content", "text", "page_content"];

/// Attributes that name a text, the best first.
pub(super) const ATTRIBUTES: [&str; 8] = ["title", "name", "source", "file", "path", "id", "index", "href"];

/// The longest name of a source in brackets.
pub(super) const LONGEST_NAME: usize = 120;

/// An element of the kind that prompts are marked up with. It is no XML: nothing in it is escaped.
pub(super) struct Element<'a> {
    pub(super) name: String,
    attributes: &'a str,
    pub(super) inner: &'a str,
    /// Where it ends in the text.
    pub(super) end: usize,
}

/// The elements of a text, by where they begin. They are found in one pass, however many of them have no end.
#[derive(Debug, Default)]
pub(super) struct Elements(BTreeMap<usize, Span>);

/// Where the words of an element are, and where it ends.
#[derive(Debug)]
struct Span {
    inner: Range<usize>,
    end: usize,
}

impl Elements {
    pub(super) fn of(text: &str) -> Self {
        let mut spans = BTreeMap::new();
        let mut open: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, _) in text.match_indices('<') {
            let Some(tag) = text.get(at..).and_then(tag) else { continue };
            let end = at + tag.len() + "<>".len();
            if let Some(name) = tag.strip_prefix('/') {
                // Its beginning is that of the same depth.
                if let Some((begin, inner)) = open.get_mut(name).and_then(Vec::pop) {
                    spans.insert(begin, Span { inner: inner..at, end });
                }
            } else if let Some((name, _)) = opened(tag) {
                open.entry(name).or_default().push((at, end));
            }
        }
        Self(spans)
    }

    /// The element that begins at a place in the text.
    pub(super) fn at<'a>(&self, text: &'a str, at: usize) -> Option<Element<'a>> {
        let Span { inner, end } = self.0.get(&at)?;
        let (name, attributes) = opened(tag(text.get(at..)?)?)?;
        Some(Element { name: name.to_ascii_lowercase(), attributes, inner: text.get(inner.clone())?, end: *end })
    }
}

/// What stands in the tag that a text begins with.
fn tag(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('<')?;
    let (tag, end) = rest.split_at_checked(rest.find(['<', '>'])?)?;
    end.starts_with('>').then_some(tag)
}

/// The name and the attributes of a tag that begins an element.
fn opened(tag: &str) -> Option<(&str, &str)> {
    let end = tag.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(tag.len());
    let (name, attributes) = tag.split_at_checked(end)?;
    let is_one =
        !name.is_empty() && !attributes.ends_with('/') && attributes.chars().next().is_none_or(char::is_whitespace);
    is_one.then_some((name, attributes))
}

impl<'a> Element<'a> {
    /// Whether what it holds is in elements of its own.
    pub(super) fn holds_others(&self) -> bool {
        let holds =
            |name: &&str| self.inner.contains(&format!("<{name}>")) || self.inner.contains(&format!("<{name} "));
        CONTAINERS.contains(&self.name.as_str())
            || ELEMENTS.iter().filter(|name| !NAMES.contains(name) && !CONTENTS.contains(name)).any(holds)
    }

    /// The text of an element within a text.
    pub(super) fn child(text: &'a str, name: &str) -> Option<&'a str> {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(inner, _)| inner)
    }

    /// The attribute that names it.
    pub(super) fn attribute(&self) -> Option<String> {
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

/// How long a tag of the elements that prompts are marked up with is, whose other one is missing.
pub(super) fn lone_tag(text: &str) -> Option<usize> {
    let tag = tag(text)?;
    let name = tag.trim_start_matches('/').split_whitespace().next()?.to_ascii_lowercase();
    let is_known = ELEMENTS.contains(&name.as_str()) || QUESTIONS.contains(&name.as_str());
    is_known.then_some(tag.len() + "<>".len())
}
