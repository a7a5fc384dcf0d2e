//! Errors of the model and the engine in AWS's form.

use http::StatusCode;
use sidegate_model::Error;
use sidegate_wire::protocol::Failure;

use crate::engine::ChangeError;

/// A refusal of the model.
pub(super) fn of(error: &Error) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, error.code(), error.to_string())
}

/// Why a change did not happen.
pub(super) fn of_change(error: ChangeError) -> Failure {
    match error {
        ChangeError::Refused(error) => of(&error),
        ChangeError::Store(error) if error.is_disk_full() => {
            tracing::error!(%error, "a change failed");
            let message = "An internal error has occurred: the disk of Sidegate's state directory is full. Delete objects, \
                           secrets or networks, or make room on it.";
            Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
        }
        // Nothing changed, so that a client may well try again.
        error => {
            tracing::error!(%error, "a change failed");
            Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "An internal error has occurred")
        }
    }
}

/// What EC2 can do and Sidegate cannot.
pub(super) fn unsupported(reason: impl Into<String>) -> Failure {
    of(&Error::Unsupported(reason.into()))
}
