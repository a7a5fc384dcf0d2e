//! Pages of lists. A token is the place where a page ends, with what the list was asked for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::{Fault, Input};

/// The most entries of a page, and how many one has of which nobody says it.
const LARGEST: i64 = 20;

/// Which part of a list is asked for.
#[derive(Debug)]
pub(super) struct Paging {
    limit: usize,
    /// The operation and its parameters, which have to be the same on the next page.
    context: String,
    /// The place that the page before ended with.
    after: Option<Place>,
}

/// Where an item stands in the order of a list: since when it is there, and what tells equals apart.
pub(super) type Place = (i64, String);

/// The members that the document of every list has.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PageInput {
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl PageInput {
    /// Checks them. `parameters` is what else was asked for.
    pub(super) fn paging(&self, operation: &str, parameters: &str) -> Result<Paging, Fault> {
        let limit = match self.max_results.unwrap_or(LARGEST) {
            ..1 => return Err(Input::TooSmall.into()),
            limit if limit > LARGEST => return Err(Input::TooLarge.into()),
            limit => usize::try_from(limit).unwrap_or(1),
        };
        let context = format!("{operation} {parameters}");
        let token = self.next_token.as_deref();
        let after = token.map(|token| open(token, &context).ok_or(Fault::Input(Input::NextToken))).transpose()?;
        Ok(Paging { limit, context, after })
    }
}

impl Paging {
    /// The answer with a page of these items.
    pub(super) fn answer(&self, member: &str, mut items: Vec<(Place, Value)>) -> Result<Value, Fault> {
        items.sort_by(|(a, _), (b, _)| a.cmp(b));
        items.retain(|(place, _)| self.after.as_ref().is_none_or(|after| place > after));
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let token = match items.last() {
            Some((last, _)) if more => Some(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(&self.context, last))?)),
            _ => None,
        };
        let items: Vec<_> = items.into_iter().map(|(_, item)| item).collect();
        let mut answer = json!({});
        if let Some(answer) = answer.as_object_mut() {
            answer.insert(member.to_owned(), Value::Array(items));
            answer.extend(token.map(|token| ("NextToken".to_owned(), Value::String(token))));
        }
        Ok(answer)
    }
}

fn open(token: &str, context: &str) -> Option<Place> {
    let (own, place): (String, Place) = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    (own == context).then_some(place)
}
