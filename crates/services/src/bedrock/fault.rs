//! What can go wrong, with the code and the words of Bedrock where they are known.

use http::header::CONTENT_LENGTH;
use http::{Response, StatusCode};
use serde_json::{Value as Json, json};
use sidegate_iam::Denial;
use sidegate_wire::event_stream::Message;
use sidegate_wire::protocol::{Failure, Protocol};

use crate::constraint::Constraint;

/// Why a request has no answer, or none to its end. No message has a part of a prompt in it, but for names.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Validation(String),
    #[error(transparent)]
    Constraint(#[from] Constraint),
    /// A document that is none, or has members of other types.
    #[error("{0}")]
    Serialization(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{}", .0.to_string().replace(" on resource: *", ""))]
    Denied(Box<Denial>),
    /// There is the model, and nobody who answers for it.
    #[error("You don't have access to the model with the specified model ID.")]
    NoAccess,
    #[error("Too many requests, please wait before trying again.")]
    Throttled,
    #[error("The model is not ready for inference. Wait and try your request again.")]
    NotReady,
    #[error("Model has timed out in processing the request. Try your request again.")]
    TimedOut,
    /// What answers for the model failed, with the status that it gave.
    #[error("{message}")]
    Model { message: String, status: Option<u16> },
    #[error("Bedrock is unable to process your request.")]
    Unavailable,
    #[error("The system encountered an unexpected error during processing. Try your request again.")]
    Internal,
    #[error("Sidegate does not implement {0} of Amazon Bedrock yet.")]
    Unserved(&'static str),
    #[error("The requested operation is not recognized by the service.")]
    UnknownOperation,
}

impl Fault {
    /// A body that is not of the form of its family.
    ///
    /// Source: errors that users quote, see docs/claims.md.
    pub(super) fn malformed(what: impl std::fmt::Display) -> Self {
        Self::Validation(format!("Malformed input request: {what}, please reformat your input and try again."))
    }

    /// What the model itself says against a conversation.
    ///
    /// Source: errors that users quote, see docs/claims.md.
    pub(super) fn by_model(told: impl std::fmt::Display) -> Self {
        Self::Validation(format!("The model returned the following errors: {told}"))
    }

    /// A field that the model has no use for.
    ///
    /// Source: errors that users quote, see docs/claims.md.
    pub(super) fn unsupported(field: &str) -> Self {
        Self::Validation(format!("This model doesn't support the {field} field. Remove {field} and try again."))
    }

    /// A model whose tokens cannot be counted.
    ///
    /// Source: errors that users quote, see docs/claims.md.
    pub(super) fn uncounted() -> Self {
        Self::Validation("The provided model doesn't support counting tokens.".to_owned())
    }

    /// An identifier of no model that can be asked here.
    pub(super) fn no_model() -> Self {
        Self::Validation("The provided model identifier is invalid.".to_owned())
    }

    /// The code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Validation(_) | Self::Constraint(_) => "ValidationException",
            Self::Serialization(_) => "SerializationException",
            Self::NotFound(_) => "ResourceNotFoundException",
            Self::Denied(_) | Self::NoAccess => "AccessDeniedException",
            Self::Throttled => "ThrottlingException",
            Self::NotReady => "ModelNotReadyException",
            Self::TimedOut => "ModelTimeoutException",
            Self::Model { .. } => "ModelErrorException",
            Self::Unavailable => "ServiceUnavailableException",
            Self::Internal => "InternalServerException",
            Self::Unserved(_) => "NotImplemented",
            Self::UnknownOperation => "UnknownOperationException",
        }
    }

    /// The status that goes with the code.
    ///
    /// Source: the API model of `bedrock-runtime`.
    fn status(&self) -> StatusCode {
        match self {
            Self::Validation(_) | Self::Constraint(_) | Self::Serialization(_) => StatusCode::BAD_REQUEST,
            Self::NotFound(_) | Self::UnknownOperation => StatusCode::NOT_FOUND,
            Self::Denied(_) | Self::NoAccess => StatusCode::FORBIDDEN,
            Self::Throttled | Self::NotReady => StatusCode::TOO_MANY_REQUESTS,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Model { .. } => StatusCode::FAILED_DEPENDENCY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unserved(_) => StatusCode::NOT_IMPLEMENTED,
        }
    }

    /// The answer that tells it.
    pub(super) fn response(&self, request_id: &str) -> Response<Vec<u8>> {
        let failure = Failure::new(self.status(), self.code(), self.to_string());
        let mut response = Protocol::RestJson.render_error(&failure, request_id, "");
        if let Self::Model { message, status: Some(status) } = self {
            *response.body_mut() = json!({"message": message, "originalStatusCode": status}).to_string().into_bytes();
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        response
    }

    /// The message of an event stream that tells it, and that ends the stream. `times_out` says whether the stream has an
    /// error of its own for a model that is too slow.
    ///
    /// Source: the API model of `bedrock-runtime`: the members of `ResponseStream` and `ConverseStreamOutput`.
    pub(super) fn message(&self, times_out: bool) -> Message {
        let text = self.to_string();
        let (name, document) = match self {
            Self::Validation(_) | Self::Constraint(_) => ("validationException", json!({"message": text})),
            Self::Throttled | Self::NotReady => ("throttlingException", json!({"message": text})),
            Self::TimedOut if times_out => ("modelTimeoutException", json!({"message": text})),
            Self::Unavailable => ("serviceUnavailableException", json!({"message": text})),
            Self::Model { status, .. } => ("modelStreamErrorException", broken(&text, *status)),
            Self::TimedOut => ("modelStreamErrorException", broken(&text, None)),
            _ => ("internalServerException", json!({"message": text})),
        };
        Message::exception(name, document.to_string().into_bytes())
    }
}

/// The document of an error that broke a stream off.
fn broken(text: &str, status: Option<u16>) -> Json {
    match status {
        Some(status) => json!({"message": text, "originalStatusCode": status, "originalMessage": text}),
        None => json!({"message": text}),
    }
}
