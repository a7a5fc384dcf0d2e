//! An answer as it is shown: with its sources, who gave it and how long it took.

use super::function::Reply;
use super::{DemoError, function, narration};

/// The answer with its sources, and who gave it.
pub(super) fn answered(reply: &Reply, width: usize) -> Result<Vec<String>, DemoError> {
    let told = &reply.told;
    let (Some(answer), None) = (&told.answer, &told.error) else {
        let found = told.error.as_ref().map_or_else(
            || "it did not say why".to_owned(),
            |error| format!("{} {} ended with {}: {}", error.service, error.operation, error.code, error.message),
        );
        return Err(DemoError::Untrue { claim: "the function should have answered", found });
    };
    // The sources stand below in any case.
    let answer = answer.rsplit_once("\n\nSource").map_or(answer.as_str(), |(answer, _)| answer);
    let names: Vec<(&String, String)> = told.sources.iter().map(|name| (name, in_one_line(name))).collect();
    let bracketed = |name: &str| format!("[{name}]");
    let answer =
        names.iter().fold(answer.to_owned(), |text, (name, safe)| text.replace(&bracketed(name), &bracketed(safe)));
    let mut lines = narration::wrapped(&answer, width);
    lines.push(String::new());
    let sources = names.into_iter().map(|(_, safe)| safe).collect::<Vec<_>>().join(", ");
    let sources = if sources.is_empty() { "none".to_owned() } else { sources };
    lines.extend(narration::labelled("sources", &sources, width));
    lines.extend(narration::labelled("model", &model(told), width));
    let start = reply
        .cold
        .as_ref()
        .map_or_else(|| "warm start".to_owned(), |ms| format!("cold start, of which {ms} ms began the environment"));
    lines.extend(narration::labelled("time", &format!("{:.2} s, {start}", reply.took.as_secs_f64()), width));
    Ok(lines)
}

/// The name of a document, which may have line breaks and the like in it, so that it tears no line.
fn in_one_line(name: &str) -> String {
    let tears = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    name.chars().map(|c| if tears(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// Which model was asked, and who answered.
fn model(told: &function::Told) -> String {
    let asked = told.model.clone().unwrap_or_default();
    let by =
        told.calls.iter().rev().find(|call| call.operation == "Converse").and_then(|call| call.answered_by.as_ref());
    match by {
        Some(by) if by.starts_with("sidegate.") => {
            format!("{asked} was asked; {by} answered, which quotes the sentences that fit and is no language model")
        }
        Some(by) => format!("{asked} was asked; {by} answered"),
        None => asked,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_document_whose_name_has_line_breaks_tears_no_line() {
        let name = "notes/a\nb\u{2028}c.md";
        let told = serde_json::from_value(serde_json::json!({
            "answer": format!("\"It is so.\" [{name}]\n\nSource: [{name}]"),
            "sources": [name, "plain é.md"],
            "model": "m",
            "calls": [],
        }));
        let reply = Reply { told: told.unwrap(), took: Duration::from_millis(10), cold: None };
        let lines = answered(&reply, 100).unwrap();
        assert_eq!(lines[0], "\"It is so.\" [notes/a\\nb\\u{2028}c.md]");
        assert_eq!(lines[2], "sources  notes/a\\nb\\u{2028}c.md, plain é.md");
        assert_eq!(lines.len(), 5, "{lines:?}");
    }
}
