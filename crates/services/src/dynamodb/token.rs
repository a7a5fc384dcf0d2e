//! Tokens of transactions: the same request with the same token within ten minutes is carried out once.
//!
//! They lie beside the tables, so that a client that asks again after a restart is answered as before. A token is written
//! right after the transaction that it is for; one whose answer a crash kept from being given, and whose token it kept from
//! being written, is carried out again.
//!
//! Source: API reference, "TransactWriteItems", `ClientRequestToken`.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use dynoxide::storage::Storage;
use rusqlite::{OptionalExtension as _, params};
use serde_json::Value;

use super::fault::Fault;
use super::operation::Asked;
use super::replay::Outcome;

/// For how long a token stands for a request, in milliseconds.
const LIFETIME: i64 = 10 * 60 * 1000;

/// The longest token.
const LONGEST: usize = 36;

/// A request that bears a token.
pub(super) struct Once {
    operation: &'static str,
    token: String,
    /// Of what is asked for.
    digest: Vec<u8>,
    now: i64,
}

impl Once {
    /// The token of a request, whose `member` says what is asked for. A token that is too long the engine refuses.
    pub(super) fn of(asked: &Asked, member: &str) -> Option<Self> {
        let token = asked.text("ClientRequestToken").filter(|token| token.chars().count() <= LONGEST)?;
        let mut text = Vec::new();
        canonical(asked.document.get(member)?, &mut text);
        let digest = digest(&SHA256, &text).as_ref().to_vec();
        Some(Self { operation: asked.operation, token: token.to_owned(), digest, now: asked.caller.now })
    }
}

/// What says nothing where it says so.
const ON_FAILURE: &str = "ReturnValuesOnConditionCheckFailure";

/// A document in a form that does not depend on the order of members, nor on whether what is NONE is said.
fn canonical(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let is_said = |(name, value): &(&String, &Value)| *name != ON_FAILURE || *value != "NONE";
            let mut members: Vec<_> = members.iter().filter(is_said).collect();
            members.sort_by_key(|(name, _)| *name);
            text.push(b'{');
            for (name, member) in members {
                text.extend(Value::from(name.as_str()).to_string().bytes());
                text.push(b':');
                canonical(member, text);
                text.push(b',');
            }
            text.push(b'}');
        }
        Value::Array(items) => {
            text.push(b'[');
            for item in items {
                canonical(item, text);
                text.push(b',');
            }
            text.push(b']');
        }
        value => text.extend(value.to_string().bytes()),
    }
}

/// What came of a request with the same token.
///
/// # Errors
/// [`Fault::TokenTaken`] if it asked for something else.
pub(super) fn known(storage: &Storage, once: &Once) -> Result<Option<Outcome>, Fault> {
    let Once { operation, token, digest, now } = once;
    let mut statement = storage.conn().prepare_cached(
        r#"SELECT digest, answer FROM "sidegate:token" WHERE operation = ?1 AND token = ?2 AND at > ?3"#,
    )?;
    let known = statement.query_row(params![operation, token, now - LIFETIME], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?))
    });
    match known.optional()? {
        Some((known, outcome)) if known == *digest => Ok(Some(serde_json::from_str(&outcome).unwrap_or_default())),
        Some(_) => Err(Fault::TokenTaken),
        None => Ok(None),
    }
}

/// Notes what came of a request: what it was answered, and what it would cost to read its items.
pub(super) fn note(storage: &Storage, once: &Once, answer: &str, units: HashMap<String, f64>) -> Result<(), Fault> {
    let Once { operation, token, digest, now } = once;
    let outcome = serde_json::to_string(&Outcome { answer: serde_json::from_str(answer)?, units })?;
    storage.conn().prepare_cached(
        r#"INSERT OR REPLACE INTO "sidegate:token" (operation, token, digest, answer, at) VALUES (?1, ?2, ?3, ?4, ?5)"#,
    )?
    .execute(params![operation, token, digest, outcome, now])?;
    Ok(())
}

/// Forgets the tokens whose time is over.
pub(super) fn forget(storage: &Storage, now: i64) -> Result<(), Fault> {
    storage.conn().execute(r#"DELETE FROM "sidegate:token" WHERE at <= ?1"#, [now - LIFETIME])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(document: &Value) -> String {
        let mut text = Vec::new();
        canonical(document, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_order_of_members_and_what_is_none_make_no_other_request() {
        let one = json!([{"Statement": "x", "ReturnValuesOnConditionCheckFailure": "NONE"}]);
        assert_eq!(form(&one), form(&json!([{"Statement": "x"}])));
        assert_eq!(form(&json!({"a": 1, "b": 2})), form(&json!({"b": 2, "a": 1})));
        assert_ne!(form(&one), form(&json!([{"Statement": "x", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}])));
        assert_ne!(form(&json!(["a", "b"])), form(&json!(["b", "a"])));
    }
}
