//! Data keys under keys of KMS, which S3 asks for in its caller's name.
//!
//! Source: S3 user guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)".

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::super::call::Call;
use super::super::fault::Fault;
use super::super::store::DataKey;
use super::{Encrypting, Encryption, Place, damaged};
use crate::kms::EncryptionContext;

/// The key that is meant where a request names none.
const DEFAULT_KEY: &str = "alias/aws/s3";

/// What S3 adds to the encryption context: the object or, with a bucket key, the bucket.
const ARN: &str = "aws:s3:arn";

/// What a request, or the bucket, asks of KMS.
#[derive(Clone, Debug, Default)]
pub(in crate::s3) struct WantedKms {
    pub(super) dual: bool,
    pub(super) key: Option<String>,
    pub(super) bucket_key: bool,
    pub(super) context: BTreeMap<String, String>,
}

pub(super) async fn encrypting(call: &Call, wanted: WantedKms, place: Place<'_>) -> Result<Encrypting, Fault> {
    let WantedKms { dual, key, bucket_key, mut context } = wanted;
    let object = if bucket_key { String::new() } else { format!("/{}", place.key) };
    context.entry(ARN.to_owned()).or_insert_with(|| format!("arn:aws:s3:::{}{object}", place.bucket));
    let name = key.unwrap_or_else(|| DEFAULT_KEY.to_owned());
    let made = call.data_key(name, in_kms(&context)).await?;
    let encryption =
        Encryption::Kms { dual, key_id: made.key, key: BASE64.encode(&made.ciphertext), bucket_key, context };
    Ok(Encrypting { key: DataKey::of(&made.plaintext).ok_or_else(damaged)?, encryption })
}

pub(super) async fn opening(call: &Call, key: &str, context: &BTreeMap<String, String>) -> Result<DataKey, Fault> {
    let ciphertext = BASE64.decode(key).map_err(|_| damaged())?;
    let opened = call.opened_key(ciphertext, in_kms(context)).await?;
    DataKey::of(&opened.plaintext).ok_or_else(damaged)
}

fn in_kms(context: &BTreeMap<String, String>) -> EncryptionContext {
    context.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The encryption context that a client gave, as it gives it.
pub(super) fn shown(context: &BTreeMap<String, String>) -> Option<String> {
    let given: BTreeMap<_, _> = context.iter().filter(|(name, _)| *name != ARN).collect();
    if given.is_empty() {
        return None;
    }
    serde_json::to_string(&given).ok().map(|json| BASE64.encode(json))
}
