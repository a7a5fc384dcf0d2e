//! Elements, by which prompts mark up texts and questions.

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
    pub(super) after: &'a str,
}

impl<'a> Element<'a> {
    /// The element that a text begins with.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
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

/// Whether the name of a tag ends here.
fn is_tag(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(|c| c == '>' || c.is_whitespace())
}

/// What is behind a tag of the elements that prompts are marked up with, whose other one is missing.
pub(super) fn lone_tag(text: &str) -> Option<&str> {
    let (tag, after) = text.strip_prefix('<')?.split_once('>')?;
    let name = tag.trim_start_matches('/').split_whitespace().next()?.to_ascii_lowercase();
    let is_known = ELEMENTS.contains(&name.as_str()) || QUESTIONS.contains(&name.as_str());
    is_known.then_some(after)
}
