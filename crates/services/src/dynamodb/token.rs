//! Tokens of transactions: the same request with the same token within ten minutes is carried out once.
//!
//! They lie beside the tables, so that a client that asks again after a restart is answered as before. A token is written
//! right after the transaction that it is for; one whose answer a crash kept from being given, and whose token it kept from
//! being written, is carried out again.
//!
//! Source: API reference, "TransactWriteItems", `ClientRequestToken`.

use aws_lc_rs::digest::{SHA256, digest};
use dynoxide::storage::Storage;
use rusqlite::{OptionalExtension as _, params};
use serde_json::Value;

use super::fault::Fault;
use super::operation::Asked;

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

/// A document in a form that does not depend on the order of members.
fn canonical(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
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

/// Does something unless it was done already for the same token. What was answered then comes back.
pub(super) fn once(
    storage: &Storage, once: Option<&Once>, act: impl FnOnce() -> Result<String, Fault>,
) -> Result<String, Fault> {
    match known(storage, once)? {
        Some(answer) => Ok(answer),
        None => {
            let answer = act()?;
            note(storage, once, &answer)?;
            Ok(answer)
        }
    }
}

/// What was answered to a request with the same token.
pub(super) fn known(storage: &Storage, once: Option<&Once>) -> Result<Option<String>, Fault> {
    let Some(Once { operation, token, digest, now }) = once else { return Ok(None) };
    let mut statement = storage.conn().prepare_cached(
        r#"SELECT digest, answer FROM "sidegate:token" WHERE operation = ?1 AND token = ?2 AND at > ?3"#,
    )?;
    let known = statement.query_row(params![operation, token, now - LIFETIME], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?))
    });
    match known.optional()? {
        Some((known, answer)) if known == *digest => Ok(Some(answer)),
        Some(_) => Err(Fault::TokenTaken),
        None => Ok(None),
    }
}

/// Notes what a request was answered.
pub(super) fn note(storage: &Storage, once: Option<&Once>, answer: &str) -> Result<(), Fault> {
    let Some(Once { operation, token, digest, now }) = once else { return Ok(()) };
    storage.conn().prepare_cached(
        r#"INSERT OR REPLACE INTO "sidegate:token" (operation, token, digest, answer, at) VALUES (?1, ?2, ?3, ?4, ?5)"#,
    )?
    .execute(params![operation, token, digest, answer, now])?;
    Ok(())
}

/// Forgets the tokens whose time is over.
pub(super) fn forget(storage: &Storage, now: i64) -> Result<(), Fault> {
    storage.conn().execute(r#"DELETE FROM "sidegate:token" WHERE at <= ?1"#, [now - LIFETIME])?;
    Ok(())
}
