//! How the bytes of an object are encrypted: with a key of S3's own, under a key of KMS, or with a key that the customer
//! brings with each request. An object's files are encrypted under a data key of its own, and what is kept of that key is
//! here.
//!
//! Source: S3 user guide, "Protecting data with server-side encryption".

mod customer;
mod kms;
mod wanted;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use s3s::S3ErrorCode;
use s3s::dto::ServerSideEncryption;
use serde::{Deserialize, Serialize};

pub(super) use customer::{CustomerKey, Whose};
pub(super) use wanted::{DefaultEncryption, Layers, Wanted};

use super::call::Call;
use super::fault::Fault;
use super::store::{DataKey, Store};

/// What a data key of S3's own is sealed for.
const OWN: &str = "the data key of an object";

/// How an object is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Encryption {
    /// SSE-S3.
    Own {
        /// The data key, encrypted under the store's, in base64.
        key: String,
    },
    /// SSE-KMS, and DSSE-KMS.
    Kms {
        /// Whether it is DSSE-KMS.
        dual: bool,
        /// The ARN of the key of KMS.
        key_id: String,
        /// The data key, encrypted under it, in base64.
        key: String,
        /// Whether a key of the bucket stands between the two.
        bucket_key: bool,
        /// The encryption context.
        context: BTreeMap<String, String>,
    },
    /// SSE-C.
    Customer {
        /// What the data key is derived with from the customer's, in hexadecimal digits.
        salt: String,
        /// What shows that it is the same key again, in hexadecimal digits.
        proof: String,
        /// The MD5 of the customer's key, in base64, which clients get to see.
        md5: String,
    },
}

/// A data key, and what is kept of it.
pub(super) struct Encrypting {
    pub(super) key: DataKey,
    pub(super) encryption: Encryption,
}

/// What an answer says of an object's encryption.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) algorithm: Option<ServerSideEncryption>,
    pub(super) key_id: Option<String>,
    pub(super) bucket_key: Option<bool>,
    pub(super) customer_algorithm: Option<String>,
    pub(super) customer_md5: Option<String>,
    /// The encryption context that the client gave, as it gives it.
    pub(super) context: Option<String>,
}

impl Encryption {
    /// What answers say of it.
    pub(super) fn shown(&self) -> Shown {
        match self {
            Self::Own { .. } => Shown { algorithm: Some(named(ServerSideEncryption::AES256)), ..Shown::default() },
            Self::Kms { dual, key_id, bucket_key, context, .. } => Shown {
                algorithm: Some(named(if *dual {
                    ServerSideEncryption::AWS_KMS_DSSE
                } else {
                    ServerSideEncryption::AWS_KMS
                })),
                key_id: Some(key_id.clone()),
                bucket_key: bucket_key.then_some(true),
                context: kms::shown(context),
                ..Shown::default()
            },
            Self::Customer { md5, .. } => Shown {
                customer_algorithm: Some(customer::ALGORITHM.to_owned()),
                customer_md5: Some(md5.clone()),
                ..Shown::default()
            },
        }
    }

    /// Whether the ETag of an object that is encrypted so is the MD5 of its bytes.
    ///
    /// Source: S3 API reference, "Object".
    pub(super) fn shows_md5(&self) -> bool {
        matches!(self, Self::Own { .. })
    }

    /// The ETag of bytes with this MD5, in hexadecimal digits, under this data key.
    pub(super) fn etag(&self, key: &DataKey, md5: String) -> Result<String, Fault> {
        if self.shows_md5() {
            return Ok(md5);
        }
        let mut etag = hex::encode(key.derived(md5.as_bytes(), b"the ETag of an object")?);
        etag.truncate(md5.len());
        Ok(etag)
    }
}

fn named(name: &'static str) -> ServerSideEncryption {
    ServerSideEncryption::from_static(name)
}

/// What is said of an object without encryption, from a store of before there was any, as of one with S3's own.
pub(super) fn shown(encryption: Option<&Encryption>) -> Shown {
    let own = || Shown { algorithm: Some(named(ServerSideEncryption::AES256)), ..Shown::default() };
    encryption.map_or_else(own, Encryption::shown)
}

/// Where an object is.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
}

/// Makes the data key of a new object.
pub(super) async fn encrypting(
    store: &Arc<Store>, call: &Call, wanted: Wanted, place: Place<'_>,
) -> Result<Encrypting, Fault> {
    match wanted {
        Wanted::Own => own(store),
        Wanted::Kms(wanted) => kms::encrypting(call, wanted, place).await,
        Wanted::Customer(key) => key.encrypting(),
    }
}

fn own(store: &Store) -> Result<Encrypting, Fault> {
    let key = DataKey::random()?;
    let sealed =
        store.vault.seal(OWN, key.bytes().to_vec()).map_err(|error| Fault::Storage(std::io::Error::other(error)))?;
    Ok(Encrypting { key, encryption: Encryption::Own { key: BASE64.encode(sealed) } })
}

/// The data key of an object that is read, or of an upload that goes on; `None` where its bytes are not encrypted.
/// `whose` are the headers that bring a key of the customer.
pub(super) async fn opening(
    store: &Arc<Store>, call: &Call, encryption: Option<&Encryption>, headers: &HeaderMap, whose: Whose,
) -> Result<Option<DataKey>, Fault> {
    let brought = CustomerKey::of(headers, whose)?;
    match encryption {
        Some(Encryption::Customer { salt, proof, .. }) => match brought {
            Some(key) => key.opening(salt, proof, whose).map(Some),
            None => Err(whose.missing()),
        },
        _ if brought.is_some() => Err(whose.not_applicable()),
        None => Ok(None),
        Some(Encryption::Own { key }) => {
            let sealed = BASE64.decode(key).ok().and_then(|sealed| store.vault.open_sealed(OWN, sealed));
            let key = sealed.as_deref().and_then(DataKey::of).ok_or_else(damaged)?;
            Ok(Some(key))
        }
        Some(Encryption::Kms { key, context, .. }) => kms::opening(call, key, context).await.map(Some),
    }
}

/// Holds the key of the customer, if there is one, against that of an object of which no byte is read: KMS is not asked.
pub(super) async fn show_key(
    store: &Arc<Store>, call: &Call, encryption: Option<&Encryption>, headers: &HeaderMap,
) -> Result<(), Fault> {
    if matches!(encryption, Some(Encryption::Kms { .. })) {
        return Ok(());
    }
    opening(store, call, encryption, headers, Whose::Object).await.map(drop)
}

fn damaged() -> Fault {
    Fault::Storage(std::io::Error::other("the data key of an object cannot be opened"))
}

/// A refusal of what a request says of encryption.
fn invalid(message: &'static str) -> Fault {
    Fault::new(S3ErrorCode::InvalidArgument, message).with("ArgumentName", "x-amz-server-side-encryption")
}
