//! What a request asks for the encryption of the object that it makes, and what its bucket says where it asks nothing.
//!
//! Source: S3 API reference, "PutObject"; S3 user guide, "Setting default server-side encryption behavior for Amazon S3
//! buckets".

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use s3s::S3ErrorCode;

use super::super::attributes::text;
use super::super::fault::Fault;
use super::customer::{CustomerKey, Whose};
use super::invalid;
use super::kms::WantedKms;

/// What an object is to be encrypted with.
pub(in crate::s3) enum Wanted {
    /// A key of S3's own.
    Own,
    /// A key of KMS.
    Kms(WantedKms),
    /// The customer's key.
    Customer(CustomerKey),
}

/// What a bucket says where a request says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::s3) struct DefaultEncryption {
    /// Whether it is with a key of KMS; in two layers, if so and so.
    pub(in crate::s3) kms: Option<Layers>,
    /// The key of KMS.
    pub(in crate::s3) key: Option<String>,
    /// Whether a key of the bucket stands between it and the objects'.
    pub(in crate::s3) bucket_key: bool,
    /// Whether keys of the customer are refused.
    pub(in crate::s3) blocks_customer_keys: bool,
}

/// How often bytes are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::s3) enum Layers {
    /// SSE-KMS.
    One,
    /// DSSE-KMS.
    Two,
}

impl Wanted {
    /// What a request asks, in a bucket with this default.
    pub(in crate::s3) fn by(headers: &HeaderMap, default: &DefaultEncryption) -> Result<Self, Fault> {
        let asked = text(headers, "x-amz-server-side-encryption");
        let customer = CustomerKey::of(headers, Whose::Object)?;
        let key = text(headers, "x-amz-server-side-encryption-aws-kms-key-id");
        let context = text(headers, "x-amz-server-side-encryption-context");
        let bucket_key = bucket_key(headers)?;
        let layers = match asked.as_deref() {
            None | Some("AES256") => None,
            Some("aws:kms") => Some(Layers::One),
            Some("aws:kms:dsse") => Some(Layers::Two),
            Some(other) => {
                return Err(Fault::new(
                    S3ErrorCode::InvalidEncryptionAlgorithmError,
                    "The encryption request you specified is not valid. The valid value is AES256.",
                )
                .with("ArgumentValue", other));
            }
        };
        if let Some(customer) = customer {
            if asked.is_some() {
                return Err(invalid(
                    "Server Side Encryption with Customer provided key is incompatible with the encryption method \
                     specified",
                ));
            }
            if default.blocks_customer_keys {
                return Err(Fault::new(S3ErrorCode::AccessDenied, "The bucket does not allow objects with SSE-C"));
            }
            return Ok(Self::Customer(customer));
        }
        if layers.is_none() && (key.is_some() || context.is_some()) {
            return Err(invalid(
                "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : \
                 aws:kms",
            ));
        }
        match (layers, asked) {
            (Some(layers), _) => Ok(Self::Kms(WantedKms {
                dual: layers == Layers::Two,
                key,
                bucket_key: layers == Layers::One && bucket_key.unwrap_or(default.bucket_key),
                context: context.map(|context| given_context(&context)).transpose()?.unwrap_or_default(),
            })),
            (None, Some(_)) => Ok(Self::Own),
            (None, None) => Ok(Self::default_of(default, bucket_key)),
        }
    }

    fn default_of(default: &DefaultEncryption, bucket_key: Option<bool>) -> Self {
        match default.kms {
            None => Self::Own,
            Some(layers) => Self::Kms(WantedKms {
                dual: layers == Layers::Two,
                key: default.key.clone(),
                bucket_key: layers == Layers::One && bucket_key.unwrap_or(default.bucket_key),
                context: BTreeMap::new(),
            }),
        }
    }
}

fn bucket_key(headers: &HeaderMap) -> Result<Option<bool>, Fault> {
    match text(headers, "x-amz-server-side-encryption-bucket-key-enabled").map(|value| value.to_ascii_lowercase()) {
        None => Ok(None),
        Some(value) if value == "true" => Ok(Some(true)),
        Some(value) if value == "false" => Ok(Some(false)),
        Some(value) => Err(Fault::invalid_argument(
            "x-amz-server-side-encryption-bucket-key-enabled",
            value,
            "The bucket key enabled header is not valid",
        )),
    }
}

/// The encryption context of a header.
fn given_context(header: &str) -> Result<BTreeMap<String, String>, Fault> {
    let json = BASE64.decode(header).ok();
    json.and_then(|json| serde_json::from_slice(&json).ok()).ok_or_else(|| {
        Fault::invalid_argument(
            "x-amz-server-side-encryption-context",
            header,
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which \
             represents a string-string map",
        )
    })
}
