//! Why a server gave no answer, as clients are told it.

use http::StatusCode;
use serde_json::Value as Json;

use crate::bedrock::fault::Fault;
use crate::upstream::Unanswered;

/// How much of an error's text is repeated to the client, in characters.
const LONGEST_ERROR: usize = 300;

/// That a server was not heard.
pub(super) fn unanswered(error: &Unanswered) -> Fault {
    tracing::warn!(reason = error.reason(), "the server that answers for models");
    if error.is_late() { Fault::TimedOut } else { Fault::Unavailable }
}

/// That a server said what is no answer.
pub(super) fn garbled(why: &str) -> Fault {
    tracing::warn!(why, "the server that answers for models gave an answer that cannot be read");
    Fault::Model { message: "The model gave an answer that cannot be read.".to_owned(), status: None }
}

/// What a client is told of an error of the server.
pub(super) fn refused(status: StatusCode, body: &[u8]) -> Fault {
    let document: Json = serde_json::from_slice(body).unwrap_or_default();
    let message = error_of(&document).unwrap_or_default();
    tracing::warn!(%status, message, "the server that answers for models refuses");
    match status.as_u16() {
        400 | 413 | 422 => Fault::by_model(message),
        // The key of the configuration is at fault, and none of the caller's.
        401 | 403 => Fault::Internal,
        408 | 504 => Fault::TimedOut,
        429 => Fault::Throttled,
        503 => Fault::NotReady,
        status => {
            let message = format!("The model returned an error. {message}").trim_end().to_owned();
            Fault::Model { message, status: Some(status) }
        }
    }
}

/// The text of an error, of the forms in which servers tell one.
pub(super) fn error_of(document: &Json) -> Option<String> {
    let error = document.get("error");
    let message = error.and_then(|own| own.get("message")).or(error).or_else(|| document.get("message"));
    let text = message.and_then(Json::as_str)?;
    Some(text.chars().take(LONGEST_ERROR).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_servers_are_those_that_a_client_expects() {
        let told = |status: u16, body: &str| {
            let fault = refused(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            format!("{}: {fault}", fault.code())
        };
        let long = told(400, r#"{"error": {"message": "context length exceeded"}}"#);
        assert_eq!(long, "ValidationException: The model returned the following errors: context length exceeded");
        assert!(told(503, r#"{"error": {"message": "Loading model"}}"#).starts_with("ModelNotReadyException"));
        assert!(told(429, "").starts_with("ThrottlingException"));
        assert!(told(401, "").starts_with("InternalServerException"));
        assert!(told(504, "").starts_with("ModelTimeoutException"));
        assert_eq!(
            told(404, r#"{"error": "no such model"}"#),
            "ModelErrorException: The model returned an error. no such model"
        );
        assert_eq!(told(500, "<html>"), "ModelErrorException: The model returned an error.");
    }
}
