//! Pages of lists. A marker is the place where a page ends, encrypted for the list that goes on from there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::fault::Fault;
use super::operation::Call;
use crate::constraint::{Constraint, within};

/// The most that `MaxItems` may ask for, of lists whose pages have at most 50.
///
/// Source: API reference, "ListFunctions": "…only returns a maximum of 50 items in each response".
const MOST_ASKED: i64 = 10_000;

/// Lists of which no more than a page may be asked for.
///
/// Source: the API's model, `MaxLayerListItems` and its like.
const SHORT: [&str; 5] = [
    "ListFunctionEventInvokeConfigs",
    "ListFunctionUrlConfigs",
    "ListLayerVersions",
    "ListLayers",
    "ListProvisionedConcurrencyConfigs",
];

/// The page of a request and the marker of the next one. Items come with what they are sorted by, which each has its own
/// of.
pub(super) fn page<T>(
    call: &Call<'_>, mut items: Vec<(String, T)>, most: usize,
) -> Result<(Vec<T>, Option<String>), Fault> {
    let vault = &call.store().vault;
    let limit = match call.parameter("MaxItems") {
        None => most,
        Some(text) => {
            let pattern = "Member must be an integer";
            let asked: i64 = text.parse().map_err(|_| Constraint::of(text, "maxItems", pattern))?;
            within("maxItems", asked, 1, if SHORT.contains(&call.operation) { 50 } else { MOST_ASKED })?;
            usize::try_from(asked).unwrap_or(most).min(most)
        }
    };
    let scope = &call.caller.scope;
    let context = format!("{}/{}/{}/{}", call.operation, scope.account, scope.region, call.segment(0));
    let after = match call.parameter("Marker").filter(|marker| !marker.is_empty()) {
        None => None,
        Some(marker) => {
            let sealed = URL_SAFE_NO_PAD.decode(marker).ok();
            let opened = sealed.and_then(|sealed| vault.open_sealed(&context, sealed));
            let place = opened.and_then(|plain| String::from_utf8(plain).ok());
            Some(place.ok_or_else(|| Fault::invalid("The provided pagination marker is invalid."))?)
        }
    };
    items.retain(|(place, _)| after.as_ref().is_none_or(|after| place > after));
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let more = items.len() > limit;
    items.truncate(limit);
    let marker = match items.last() {
        Some((last, _)) if more => Some(URL_SAFE_NO_PAD.encode(vault.seal(&context, last.clone().into_bytes())?)),
        _ => None,
    };
    Ok((items.into_iter().map(|(_, item)| item).collect(), marker))
}
