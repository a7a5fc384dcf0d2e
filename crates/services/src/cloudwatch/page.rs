//! Pages of lists. A token is the place where a page ends, encrypted for the request that goes on from there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;
use crate::vault::Vault;

/// A token for what comes after a place. `context` is everything about the request that has to be the same on the next
/// page.
pub(super) fn token(vault: &Vault, context: &str, place: &impl Serialize) -> Result<String, Fault> {
    Ok(URL_SAFE_NO_PAD.encode(vault.seal(context, serde_json::to_vec(place)?)?))
}

/// The place that a token is for.
pub(super) fn place<P: DeserializeOwned>(
    vault: &Vault, context: &str, token: Option<&str>,
) -> Result<Option<P>, Fault> {
    let Some(token) = token else { return Ok(None) };
    let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| Fault::InvalidNextToken)?;
    let plain = vault.open_sealed(context, sealed).ok_or(Fault::InvalidNextToken)?;
    serde_json::from_slice(&plain).map(Some).map_err(|_| Fault::InvalidNextToken)
}
