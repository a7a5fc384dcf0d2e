//! Keys that the customer brings with each request: SSE-C. They are kept nowhere; what is kept shows only whether it is the
//! same one again.
//!
//! Source: S3 user guide, "Using server-side encryption with customer-provided keys (SSE-C)".

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use s3s::S3ErrorCode;
use s3s::crypto::{Checksum as _, Md5};

use super::super::attributes::text;
use super::super::fault::Fault;
use super::super::store::{DataKey, random_name};
use super::{Encrypting, Encryption, invalid};

/// The only algorithm.
pub(super) const ALGORITHM: &str = "AES256";

/// Whose key a request brings, and in what headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::s3) enum Whose {
    /// Of the object that is written or read.
    Object,
    /// Of the object that is copied.
    Source,
    /// Of the object that an upload makes.
    Upload,
}

impl Whose {
    fn header(self, name: &str) -> String {
        let copied = if self == Self::Source { "copy-source-" } else { "" };
        format!("x-amz-{copied}server-side-encryption-customer-{name}")
    }

    pub(super) fn missing(self) -> Fault {
        Fault::invalid_request(match self {
            Self::Upload => {
                "The multipart upload initiate requested encryption. Subsequent part requests must include the \
                 appropriate encryption parameters."
            }
            Self::Object | Self::Source => {
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided \
                 to retrieve the object."
            }
        })
    }

    pub(super) fn not_applicable(self) -> Fault {
        Fault::invalid_request(match self {
            Self::Upload => {
                "The multipart upload initiate did not request encryption. Please resend the request without sending \
                 encryption parameters."
            }
            Self::Object | Self::Source => "The encryption parameters are not applicable to this object.",
        })
    }

    fn other(self) -> Fault {
        match self {
            Self::Upload => {
                Fault::invalid_request("The provided encryption parameters did not match the ones used originally.")
            }
            Self::Object | Self::Source => Fault::access_denied(),
        }
    }
}

/// A key that a request brought.
pub(in crate::s3) struct CustomerKey {
    key: DataKey,
    md5: String,
}

impl CustomerKey {
    /// The key that a request brings, if it brings one.
    pub(in crate::s3) fn of(headers: &HeaderMap, whose: Whose) -> Result<Option<Self>, Fault> {
        let [algorithm, key, md5] = ["algorithm", "key", "key-md5"].map(|name| text(headers, &whose.header(name)));
        if algorithm.is_none() && key.is_none() && md5.is_none() {
            return Ok(None);
        }
        let Some(algorithm) = algorithm else {
            return Err(invalid(
                "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption \
                 algorithm.",
            ));
        };
        if algorithm != ALGORITHM {
            return Err(Fault::new(
                S3ErrorCode::InvalidEncryptionAlgorithmError,
                "The Encryption request you specified is not valid. Supported value: AES256.",
            )
            .with("ArgumentName", "x-amz-server-side-encryption")
            .with("ArgumentValue", algorithm));
        }
        let Some(key) = key else {
            return Err(invalid(
                "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate \
                 secret key.",
            ));
        };
        let Some(md5) = md5 else {
            return Err(invalid(
                "Requests specifying Server Side Encryption with Customer provided keys must provide the client \
                 calculated MD5 of the secret key.",
            ));
        };
        let bytes = BASE64.decode(key).unwrap_or_default();
        let key =
            DataKey::of(&bytes).ok_or_else(|| invalid("The secret key was invalid for the specified algorithm."))?;
        if BASE64.encode(Md5::checksum(&bytes)) != md5 {
            return Err(invalid("The calculated MD5 hash of the key did not match the hash that was provided."));
        }
        Ok(Some(Self { key, md5 }))
    }

    /// A data key for a new object.
    pub(super) fn encrypting(self) -> Result<Encrypting, Fault> {
        let salt = random_name()?;
        let (key, proof) = self.derived(&salt)?;
        let encryption = Encryption::Customer { salt, proof: hex::encode(proof), md5: self.md5 };
        Ok(Encrypting { key, encryption })
    }

    /// The data key of an object that is there.
    pub(super) fn opening(&self, salt: &str, proof: &str, whose: Whose) -> Result<DataKey, Fault> {
        let (key, own) = self.derived(salt)?;
        let known = hex::decode(proof).unwrap_or_default();
        verify_slices_are_equal(&own, &known).map_err(|_| whose.other())?;
        Ok(key)
    }

    fn derived(&self, salt: &str) -> Result<(DataKey, [u8; 32]), Fault> {
        let key = self.key.derived(salt.as_bytes(), b"the data key of an object")?;
        let proof = self.key.derived(salt.as_bytes(), b"a proof of the key")?;
        let key = DataKey::of(&key).ok_or_else(super::damaged)?;
        Ok((key, proof))
    }
}
