//! What the records of a table's stream show, as a request asks for it.
//!
//! Source: API reference, "StreamSpecification"; docs/claims.md, DDB-29.

use serde_json::Value;

use super::fault::Fault;
use super::operation::Asked;

/// The views of streams, as DynamoDB lists them, and the one that has both images.
const VIEWS: [&str; 4] = ["OLD_IMAGE", "KEYS_ONLY", BOTH_IMAGES, "NEW_IMAGE"];
const BOTH_IMAGES: &str = "NEW_AND_OLD_IMAGES";

/// Has the engine make records with both images, and says which of them are wanted. `needed` and `idle` are what is told of a
/// view that is not given with a stream, and of one that is given without.
///
/// # Errors
/// These two, and a view that is none.
pub(super) fn take(asked: &mut Asked, needed: &str, idle: &str) -> Result<Option<String>, Fault> {
    let invalid = |told: &str| Fault::Validation(format!("One or more parameter values were invalid: {told}"));
    let Some(stream) = asked.document.get_mut("StreamSpecification") else { return Ok(None) };
    let is_on = stream.get("StreamEnabled").and_then(Value::as_bool);
    let Some(view) = stream.get_mut("StreamViewType").filter(|view| !view.is_null()) else {
        return if is_on == Some(true) { Err(invalid(needed)) } else { Ok(None) };
    };
    let Some(wanted) = view.as_str().map(str::to_owned) else { return Ok(None) };
    if !VIEWS.contains(&wanted.as_str()) {
        return Err(Fault::Validation(format!(
            "1 validation error detected: Value '{wanted}' at 'streamSpecification.streamViewType' failed to satisfy \
             constraint: Member must satisfy enum value set: [{}]",
            VIEWS.join(", ")
        )));
    }
    if is_on == Some(false) {
        return Err(invalid(idle));
    }
    *view = BOTH_IMAGES.into();
    Ok(Some(wanted).filter(|wanted| wanted != BOTH_IMAGES))
}
