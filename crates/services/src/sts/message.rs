//! Encoded authorization messages: what was decided, encrypted so that only who may decode it learns it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sidegate_iam::Requirement;
use sidegate_wire::aws_query::Content;

use super::{Call, Prepared};
use crate::iam::{Directory, Fault, StoreError, Text};

/// What messages are sealed for.
const BOUND_TO: &str = "authorization message";

const MESSAGE: Text = Text::length(1, 10_240);

/// Encodes a message, which is a JSON document, for an error that a service gives.
///
/// # Errors
/// [`StoreError`] if the system has no randomness.
pub fn encode(directory: &Directory, json: &str) -> Result<String, StoreError> {
    Ok(URL_SAFE_NO_PAD.encode(directory.vault().seal(BOUND_TO, json.as_bytes().to_vec())?))
}

/// Decodes a message; `None` if this is not one that [`encode`] made.
pub fn decode(directory: &Directory, message: &str) -> Option<String> {
    let sealed = URL_SAFE_NO_PAD.decode(message).ok()?;
    String::from_utf8(directory.vault().open_sealed(BOUND_TO, sealed)?).ok()
}

/// `DecodeAuthorizationMessage`
pub(super) fn prepare(call: &Call<'_>) -> Result<Prepared, Fault> {
    let encoded = call.form.required("EncodedMessage", &MESSAGE);
    call.form.sound()?;
    Ok(Prepared::new(vec![Requirement::new("sts:DecodeAuthorizationMessage", "*")], move |_, directory| {
        let message = decode(directory, &encoded).ok_or(Fault::InvalidAuthorizationMessage)?;
        let mut content = Content::default();
        content.text("DecodedMessage", message);
        Ok(content)
    }))
}
