//! `ListKeys`

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::operation::{Operation, Prepared};
use super::page::{Paging, limit};
use super::store::{Store, StoredKey};
use super::subject::caller_account;
use crate::{Authorized, Caller};

/// `ListKeys`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListKeys {
    limit: Option<i64>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Keys {
    keys: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key_id: String,
    key_arn: String,
}

impl Operation for ListKeys {
    const NAME: &'static str = "ListKeys";
    type Ready = Paging;
    type Answer = Keys;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Paging>, Fault> {
        let limit = limit(self.limit, 1000, 100)?;
        let context = serde_json::to_string(&(Self::NAME, &caller.scope))?;
        let paging = Paging::of(&store.vault, context, limit, self.marker.as_deref())?;
        Ok(Prepared::one(paging, caller_account(Requirement::new("kms:ListKeys", "*"), caller)))
    }

    fn act(paging: Paging, _: &Authorized, caller: &Caller, store: &Store) -> Result<Keys, Fault> {
        let ids = store.read(|connection| {
            StoredKey::ids(connection, caller.now, &caller.scope, &paging.after, paging.limit + 1)
        })?;
        let page = paging.page(&store.vault, ids, |id| id.as_str())?;
        let entry = |id: super::id::KeyId| Entry { key_arn: id.arn(&caller.scope), key_id: id.as_str().to_owned() };
        let truncated = page.next.is_some();
        Ok(Keys { keys: page.items.into_iter().map(entry).collect(), next_marker: page.next, truncated })
    }
}
