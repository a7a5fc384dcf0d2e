//! AWS Signature Version 4: how a request is signed, whether the signature holds, and signing one.
//!
//! Verification takes two steps, because the secret is looked up between them. [`Presented::parse`]
//! reads what a request claims, cheaply; [`Presented::verify`] proves it with the secret. Whether
//! the access key exists and whether the scope is the one that was asked for is known to the
//! caller, who has the same [`AuthError`] to say so. The canonical form is that of botocore, which
//! follows <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
//!
//! The signatures of the chunks of a streamed body are proved by a [`ChunkChain`].
//!
//! ```
//! use sidegate_wire::sigv4::{AuthError, PayloadHash, Presented, SecretKey, Signer};
//!
//! let now = 1_767_269_045;
//! let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
//! let signer = Signer {
//!     access_key: "AKIAIOSFODNN7EXAMPLE",
//!     secret: &secret,
//!     session_token: None,
//!     region: "us-east-1",
//!     service: "sts",
//! };
//! let body = b"Action=GetCallerIdentity&Version=2011-06-15";
//! let request = http::Request::post("https://sts.us-east-1.amazonaws.com/").body(())?;
//! let (mut parts, ()) = request.into_parts();
//! signer.sign(&mut parts, PayloadHash::OfBody(body), now)?;
//!
//! let presented = Presented::parse(&parts)?;
//! let signature = presented.signature().ok_or(AuthError::Missing)?;
//! assert_eq!(signature.access_key(), "AKIAIOSFODNN7EXAMPLE");
//! signature.check_scope("us-east-1", "sts")?;
//! presented.verify(&parts, PayloadHash::OfBody(body), &secret, now)?;
//! assert_eq!(
//!     presented.verify(&parts, PayloadHash::OfBody(b"Action=Other"), &secret, now),
//!     Err(AuthError::SignatureMismatch),
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod canonical;
mod chunk;
mod date;
mod error;
mod form;
mod key;
mod payload;
mod presented;
mod sign;
mod verify;

pub use self::{
    canonical::normalized_path,
    chunk::ChunkChain,
    date::AmzDate,
    error::{AuthError, Placement, ScopePart},
    key::SecretKey,
    payload::{ContentSha256, PayloadHash},
    presented::{MAX_AUTHORIZATION_BYTES, MAX_SIGNED_HEADERS, Presented, Signature},
    sign::Signer,
    verify::{MAX_EXPIRES, MAX_SKEW},
};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";

/// The service whose paths are canonical as they are sent, and whose bodies may be unsigned.
const S3: &str = "s3";

mod header {
    pub(super) const DATE: &str = "x-amz-date";
    pub(super) const CONTENT_SHA256: &str = "x-amz-content-sha256";
    pub(super) const SECURITY_TOKEN: &str = "x-amz-security-token";
}
