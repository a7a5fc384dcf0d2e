//! API keys of Amazon Bedrock, which programs send in place of a signature. Nobody can have one made here, so that none is
//! valid.
//!
//! Sources: Bedrock user guide, "Amazon Bedrock API keys"; the words are those that users quote, see docs/claims.md.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::refusal::Refusal;

/// The services that take them.
const TAKING: [&str; 2] = ["bedrock", "bedrock-runtime"];

/// What the keys for long and those for short begin with.
const BEGINNINGS: [&str; 2] = ["ABSK", "bedrock-api-key-"];

/// The key that a request presents.
pub(super) fn presented(headers: &HeaderMap) -> Option<&str> {
    let presented = headers.get(AUTHORIZATION)?.to_str().ok()?;
    // An empty key leaves the scheme alone.
    let (scheme, key) = presented.split_once(' ').unwrap_or((presented, ""));
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// Refuses the key of a request to a service that takes keys.
pub(super) fn check(service: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(key) = presented(headers).filter(|_| TAKING.contains(&service)) else { return Ok(()) };
    let message = if BEGINNINGS.iter().any(|beginning| key.starts_with(beginning)) {
        "Authentication failed: Please make sure your API Key is valid."
    } else {
        "Invalid API Key format: Must start with pre-defined prefix"
    };
    Err(Refusal::ApiKey(message))
}
