//! Secret access keys, and the signing keys derived from them.

use std::fmt;

use aws_lc_rs::{
    constant_time,
    hmac::{self, HMAC_SHA256},
};

use super::{AmzDate, TERMINATOR};

/// A secret access key. Its debug form shows nothing of it.
#[derive(Clone)]
pub struct SecretKey(String);

impl SecretKey {
    /// The key of this text.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The key itself, for the answer that hands it out and for storing it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey(…)")
    }
}

/// A key that signs for one day, Region and service.
pub(super) struct SigningKey(hmac::Key);

impl SigningKey {
    pub(super) fn derive(secret: &SecretKey, date: AmzDate, region: &str, service: &str) -> Self {
        let first = hmac::Key::new(HMAC_SHA256, format!("AWS4{}", secret.0).as_bytes());
        let key = [date.day().as_str(), region, service, TERMINATOR]
            .iter()
            .fold(first, |key, part| hmac::Key::new(HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref()));
        Self(key)
    }

    pub(super) fn sign(&self, string_to_sign: &str) -> String {
        hex::encode(hmac::sign(&self.0, string_to_sign.as_bytes()))
    }

    /// Whether this is the signature, in a time that tells nothing of the right one.
    pub(super) fn proves(&self, string_to_sign: &str, signature: &[u8; 32]) -> bool {
        let expected = hmac::sign(&self.0, string_to_sign.as_bytes());
        constant_time::verify_slices_are_equal(expected.as_ref(), signature).is_ok()
    }
}

/// The text that is signed, from the digest of the canonical request.
pub(super) fn string_to_sign(date: AmzDate, region: &str, service: &str, canonical_request: &str) -> String {
    format!(
        "{algorithm}\n{date}\n{day}/{region}/{service}/{TERMINATOR}\n{canonical_request}",
        algorithm = super::ALGORITHM,
        day = date.day(),
    )
}
