//! Pages of lists. A marker is the place where a page ends, encrypted for the request that goes on from there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::fault::Fault;
use crate::constraint::{length, within};
use crate::vault::Vault;

/// Which part of a list is asked for.
#[derive(Debug)]
pub(super) struct Paging {
    /// Everything about the request that has to be the same on the next page.
    context: String,
    /// How many entries a page has.
    pub(super) limit: usize,
    /// The entry after which the page begins; before all others if it is empty.
    pub(super) after: String,
}

/// A page.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

impl Paging {
    /// What a request asks for of a list that this `context` tells from all others.
    pub(super) fn of(vault: &Vault, context: String, limit: usize, marker: Option<&str>) -> Result<Self, Fault> {
        let after = match marker {
            None => String::new(),
            Some(marker) => {
                length("marker", marker, 1, 1024)?;
                let sealed = URL_SAFE_NO_PAD.decode(marker).map_err(|_| Fault::InvalidMarker)?;
                let plain = vault.open_sealed(&context, sealed).ok_or(Fault::InvalidMarker)?;
                String::from_utf8(plain).map_err(|_| Fault::InvalidMarker)?
            }
        };
        Ok(Self { context, limit, after })
    }

    /// A page of entries that follow the place, of which there is one more than a page has if there is another page.
    pub(super) fn page<T>(
        &self, vault: &Vault, mut items: Vec<T>, place: impl Fn(&T) -> &str,
    ) -> Result<Page<T>, Fault> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next = match items.last() {
            Some(last) if more => {
                Some(URL_SAFE_NO_PAD.encode(vault.seal(&self.context, place(last).as_bytes().to_vec())?))
            }
            _ => None,
        };
        Ok(Page { items, next })
    }

    /// The same of a whole list, in the order of the places.
    pub(super) fn page_of_all<T>(
        &self, vault: &Vault, mut items: Vec<T>, place: impl Fn(&T) -> &str,
    ) -> Result<Page<T>, Fault> {
        items.retain(|item| place(item) > self.after.as_str());
        items.sort_by(|a, b| place(a).cmp(place(b)));
        self.page(vault, items, place)
    }
}

/// How many entries a page has.
pub(super) fn limit(asked: Option<i64>, most: i64, usual: i64) -> Result<usize, Fault> {
    let asked = asked.unwrap_or(usual);
    within("limit", asked, 1, most)?;
    Ok(usize::try_from(asked).unwrap_or(1))
}
