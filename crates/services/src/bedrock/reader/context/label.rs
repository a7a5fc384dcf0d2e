//! Labels, by which prompts tell texts and questions: `Context:`, `Document 2:`, `[guide.md]`.

use super::element::LONGEST_NAME;

/// Labels before a question, in lower case.
pub(super) const ASKS: [&str; 7] = ["question", "q", "query", "user question", "user query", "my question", "user"];

/// Labels before an answer, which end a question. What a prompt ends with is such a label with nothing behind it.
pub(super) const ANSWERS: [&str; 8] =
    ["answer", "a", "helpful answer", "your answer", "final answer", "response", "assistant", "output"];

/// Labels before text.
pub(super) const GIVES: [&str; 14] = [
    "article",
    "context",
    "documents",
    "document",
    "sources",
    "paragraph",
    "passage",
    "passages",
    "text",
    "excerpts",
    "search results",
    "background",
    "content",
    "reference",
];

/// Labels that begin a text or a question within a line, behind the end of a sentence.
const INLINE: [&str; 9] =
    ["Answer:", "Article:", "Context:", "Document:", "Paragraph:", "Passage:", "Query:", "Question:", "Text:"];

/// A line for each label within a line that begins a text or a question.
pub(super) fn at_labels(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, sign) in text.char_indices() {
        let begins = sign.is_ascii_uppercase()
            && before == ' '
            && text.get(at..).is_some_and(|rest| INLINE.iter().any(|label| rest.starts_with(label)))
            && lines.trim_end_matches(' ').ends_with(['.', '?', '!', ':', '"', '”']);
        if begins {
            lines.push('\n');
        }
        lines.push(sign);
        before = sign;
    }
    lines
}

/// What stands behind one of these labels at the beginning of a line.
pub(super) fn labelled<'a>(line: &'a str, labels: &[&str]) -> Option<&'a str> {
    let line = line.trim_start_matches(['#', '*', ' ']);
    let (label, rest) = line.split_once(':')?;
    let label = label.trim_matches(['*', ' ']).to_lowercase();
    labels.contains(&label.as_str()).then(|| rest.trim_matches(['*', ' ']))
}

/// The name of a source that begins with this line, and what of it is in the line: `[name] text`, `Document 2: text`,
/// `Source: name`.
pub(super) fn marked(line: &str) -> Option<(String, &str)> {
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
