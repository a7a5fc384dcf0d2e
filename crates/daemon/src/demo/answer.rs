//! An answer as it is shown: with its sources, who gave it and how long it took; or why there is none, and what to do.

use super::function::{Failure, Reply};
use super::{DemoError, function, narration};

/// The answer with its sources, and who gave it; or what failed.
pub(super) fn told(reply: &Reply, width: usize) -> Result<Vec<String>, DemoError> {
    let told = &reply.told;
    if let Some(failure) = &told.error {
        return Ok(unanswered(failure, width));
    }
    let answer = told.answer.as_ref().ok_or_else(|| DemoError::Untrue {
        claim: "the function should have answered",
        found: "it did not say why".to_owned(),
    })?;
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

/// Why there is no answer, in the service's own words, and what to do.
fn unanswered(failure: &Failure, width: usize) -> Vec<String> {
    let mut lines = narration::labelled("failed", &failure.to_string(), width);
    lines.extend(narration::labelled("to do", what_to_do(failure), width));
    lines
}

fn what_to_do(failure: &Failure) -> &'static str {
    if !failure.is_of_model() {
        return "start the demo with --keep, and see with `sidegate events` what became of the call and what decided";
    }
    match failure.code.as_str() {
        "ThrottlingException" => "ask again later: what answers for the model takes no more requests for now",
        "ModelNotReadyException" => "ask again once what answers for the model is ready",
        "ModelTimeoutException" | "ReadTimeoutError" => {
            "ask again, or name a model with --model that answers sooner: this one took too long"
        }
        "ServiceUnavailableException" => "see that the server of --models runs and can be reached, and ask again",
        "InternalServerException" => "see that the server of --models takes the key of --api-key-file, and ask again",
        _ => "see the log of what answers for the model, or name another one with --model",
    }
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
        let lines = super::told(&reply, 100).unwrap();
        assert_eq!(lines[0], "\"It is so.\" [notes/a\\nb\\u{2028}c.md]");
        assert_eq!(lines[2], "sources  notes/a\\nb\\u{2028}c.md, plain é.md");
        assert_eq!(lines.len(), 5, "{lines:?}");
    }

    #[test]
    fn a_failure_is_told_in_the_services_words_with_what_to_do() {
        let lines = |operation: &str, code: &str, message: &str| {
            let error = serde_json::json!({
                "service": "bedrock-runtime", "operation": operation, "code": code, "message": message,
            });
            let told = serde_json::from_value(serde_json::json!({ "error": error, "calls": [] })).unwrap();
            super::told(&Reply { told, took: Duration::ZERO, cold: None }, 200).unwrap()
        };
        assert_eq!(
            lines("Converse", "ThrottlingException", "Too many requests, please wait before trying again."),
            [
                "failed   bedrock-runtime Converse ended with ThrottlingException: Too many requests, please wait before trying again.",
                "to do    ask again later: what answers for the model takes no more requests for now",
            ]
        );
        assert!(lines("Converse", "ModelErrorException", "boom")[1].contains("--model"));
        // No server is asked for the path.
        for (operation, code) in [("Converse", "ConnectTimeoutError"), ("InvokeModel", "ThrottlingException")] {
            assert!(lines(operation, code, "x")[1].contains("sidegate events"), "{operation} {code}");
        }
    }
}
