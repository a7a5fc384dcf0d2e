//! The configurations of a bucket: what is put is held against AWS's rules, kept, and given back.
//!
//! What they ask for is not all done: cross-origin requests, who pays and notifications are in force; lifecycle rules,
//! logs, replication, tiering and reports are kept only.

pub(super) mod accelerate;
pub(super) mod cors;
pub(super) mod encryption;
pub(super) mod lifecycle;
pub(super) mod listed;
pub(super) mod logging;
pub(super) mod notification;
pub(super) mod payment;
pub(super) mod replication;
mod rules;
pub(super) mod website;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::S3ErrorCode;
use s3s::xml::{Deserialize, Deserializer, Serialize, Serializer};

use super::call::Call;
use super::fault::Fault;
use super::store::{Addressed, AllowedBucket, Store, Which};
use crate::random;

/// A configuration, of which there is one of each kind, or one for each id.
pub(super) trait Configuration: Serialize + for<'xml> Deserialize<'xml> + Send + 'static {
    /// The name under which it is kept.
    const KIND: &'static str;
}

/// What an operation asks before it touches a configuration.
#[derive(Clone, Copy)]
struct Asked<'a> {
    operation: &'static str,
    action: &'static str,
    bucket: &'a str,
    owner: Option<&'a str>,
}

impl Asked<'_> {
    /// The bucket, if the caller may do this to it.
    async fn open(self, store: &Arc<Store>, call: &Call) -> Result<AllowedBucket, Fault> {
        let named = store.named(call, self.bucket, None).await?;
        let allowed = call.authorize_in(&named, self.operation, [named.on_bucket(self.action)]).await?;
        named.open(&allowed, call, self.owner, Addressed::InItsRegion)
    }
}

/// The configuration of a bucket that has no id.
pub(super) async fn read<C: Configuration>(store: &Arc<Store>, bucket: &AllowedBucket) -> Result<Option<C>, Fault> {
    let name = bucket.name().to_owned();
    store.run(move |store| load(store, &name, "")).await
}

/// A configuration, by the names of its bucket and its id. Blocks.
pub(super) fn load<C: Configuration>(store: &Store, bucket: &str, id: &str) -> Result<Option<C>, Fault> {
    let body = store.index.configuration(Which { bucket, kind: C::KIND, id })?;
    Ok(body.and_then(|body| parse(&body)))
}

/// Puts the configuration of a bucket that has no id.
async fn write<C: Configuration>(store: &Arc<Store>, bucket: AllowedBucket, configuration: &C) -> Result<(), Fault> {
    let body = document(configuration)?;
    store
        .run(move |store| {
            let which = Which { bucket: bucket.name(), kind: C::KIND, id: "" };
            store.index.put_configuration(which, &body, u32::MAX).map(drop)
        })
        .await
}

/// Takes the configuration of a bucket away that has no id, if there is one.
async fn remove<C: Configuration>(store: &Arc<Store>, bucket: AllowedBucket) -> Result<(), Fault> {
    store
        .run(move |store| {
            let which = Which { bucket: bucket.name(), kind: C::KIND, id: "" };
            store.index.remove_configuration(which).map(drop)
        })
        .await
}

fn document<C: Configuration>(configuration: &C) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    let written = configuration.serialize(&mut Serializer::new(&mut bytes));
    let text = written.ok().and_then(|()| String::from_utf8(bytes).ok());
    // What is kept has to be read again: the characters that XML cannot write are refused here.
    text.filter(|text| parse::<C>(text).is_some()).ok_or_else(Fault::malformed)
}

/// A configuration as it is kept; `None` if it cannot be read.
pub(super) fn parse<C: Configuration>(body: &str) -> Option<C> {
    let parsed = C::deserialize(&mut Deserializer::new(body.as_bytes()));
    parsed.inspect_err(|error| tracing::error!(%error, kind = C::KIND, "a configuration cannot be read")).ok()
}

/// Refuses what the schema does not allow.
fn require(holds: bool) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::malformed()) }
}

/// What is there if nobody configured it.
fn missing(bucket: &AllowedBucket, code: S3ErrorCode, message: &'static str) -> Fault {
    Fault::new(code, message).with("BucketName", bucket.name())
}

/// An id for a rule that came without one.
fn rule_id() -> Result<String, Fault> {
    Ok(BASE64.encode(random::uuid().map_err(|_| Fault::Interrupted)?))
}

/// An argument that is refused, where the message is all that is said of it.
fn argument(message: impl Into<std::borrow::Cow<'static, str>>) -> Fault {
    Fault::new(S3ErrorCode::InvalidArgument, message)
}
