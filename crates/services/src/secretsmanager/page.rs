//! Pages of lists. A token is the place where a page ends, encrypted for the request that goes on from there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::fault::Fault;
use crate::constraint::within;
use crate::vault::Vault;

/// Where an item stands in the order of a list: what it is sorted by, and what tells equals apart.
pub(super) type Place = (i64, String);

/// Which part of a list is asked for.
#[derive(Debug)]
pub(super) struct Paging<'a> {
    /// Everything about the request that has to be the same on the next page.
    pub(super) context: String,
    pub(super) descending: bool,
    pub(super) limit: usize,
    pub(super) token: Option<&'a str>,
}

impl Paging<'_> {
    /// The page, and the token for the next one.
    pub(super) fn page<T>(&self, vault: &Vault, mut items: Vec<(Place, T)>) -> Result<(Vec<T>, Option<String>), Fault> {
        let after = self.token.map(|token| self.open(vault, token)).transpose()?;
        let ordered = |a: &Place, b: &Place| if self.descending { b.cmp(a) } else { a.cmp(b) };
        items.retain(|(place, _)| after.as_ref().is_none_or(|after| ordered(after, place).is_lt()));
        items.sort_by(|(a, _), (b, _)| ordered(a, b));
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let token = match items.last() {
            Some((last, _)) if more => Some(self.seal(vault, last)?),
            _ => None,
        };
        Ok((items.into_iter().map(|(_, item)| item).collect(), token))
    }

    fn seal(&self, vault: &Vault, place: &Place) -> Result<String, Fault> {
        Ok(URL_SAFE_NO_PAD.encode(vault.seal(&self.context, serde_json::to_vec(place)?)?))
    }

    fn open(&self, vault: &Vault, token: &str) -> Result<Place, Fault> {
        let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| Fault::InvalidNextToken)?;
        let plain = vault.open_sealed(&self.context, sealed).ok_or(Fault::InvalidNextToken)?;
        serde_json::from_slice(&plain).map_err(|_| Fault::InvalidNextToken)
    }
}

/// How many items a page has.
pub(super) fn limit(asked: Option<i64>, most: i64) -> Result<usize, Fault> {
    let asked = asked.unwrap_or(most);
    within("maxResults", asked, 1, most)?;
    Ok(usize::try_from(asked).unwrap_or(1))
}
