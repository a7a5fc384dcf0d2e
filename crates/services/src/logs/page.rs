//! Pages of lists. A token is the place where a page ends, encrypted for the request that goes on from there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;
use crate::constraint::{length, within};
use crate::vault::Vault;

/// How long a token is good for, in milliseconds.
///
/// Source: API reference, "The token expires after 24 hours."
const LIFETIME: i64 = 86_400_000;

/// A token as it is before it is encrypted.
type Plain<P> = (i64, P);

/// The token of a place, for the request that this context tells of.
pub(super) fn seal<P: Serialize>(vault: &Vault, context: &str, now: i64, place: &P) -> Result<String, Fault> {
    let plain: Plain<&P> = (now, place);
    Ok(URL_SAFE_NO_PAD.encode(vault.seal(context, serde_json::to_vec(&plain)?)?))
}

/// The place of a token.
pub(super) fn open<P: DeserializeOwned>(vault: &Vault, context: &str, now: i64, token: &str) -> Result<P, Fault> {
    length("nextToken", token, 1, 4096)?;
    let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| Fault::InvalidNextToken)?;
    let plain = vault.open_sealed(context, sealed).ok_or(Fault::InvalidNextToken)?;
    let (made, place): Plain<P> = serde_json::from_slice(&plain).map_err(|_| Fault::InvalidNextToken)?;
    if now.saturating_sub(made) > LIFETIME { Err(Fault::InvalidNextToken) } else { Ok(place) }
}

/// How many items a page has.
pub(super) fn limit(asked: Option<i64>, most: i64, default: i64) -> Result<usize, Fault> {
    let asked = asked.unwrap_or(default);
    within("limit", asked, 1, most)?;
    Ok(usize::try_from(asked).unwrap_or(1))
}

/// Which part of a list of names is asked for.
pub(super) struct Names {
    context: String,
    pub(super) after: String,
    pub(super) limit: usize,
}

impl Names {
    /// The part of a request, whose context is all that has to be the same on the next page.
    pub(super) fn of(
        vault: &Vault, context: String, now: i64, token: Option<&str>, limit: usize,
    ) -> Result<Self, Fault> {
        let after = token.map(|token| open::<String>(vault, &context, now, token)).transpose()?;
        Ok(Self { context, after: after.unwrap_or_default(), limit })
    }

    /// The page of what was found after the place, which may be one more than it has, and the token for the next one.
    pub(super) fn page<T>(
        &self, vault: &Vault, now: i64, mut found: Vec<T>, name: impl Fn(&T) -> &str,
    ) -> Result<(Vec<T>, Option<String>), Fault> {
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let token = match found.last() {
            Some(last) if more => Some(seal(vault, &self.context, now, &name(last))?),
            _ => None,
        };
        Ok((found, token))
    }
}
