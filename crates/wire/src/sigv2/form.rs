//! The signature of Version 2 of a form that a browser sends to S3: what is signed is the policy in the form, in base64.
//!
//! Source: S3 API reference, "Browser-Based Uploads Using POST (AWS Signature Version 2)".

use aws_lc_rs::{
    constant_time,
    hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::sigv4::{AuthError, SecretKey};

/// What a form presents as its signature, before it is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormSignature {
    access_key: String,
    signature: Vec<u8>,
    session_token: Option<String>,
}

impl FormSignature {
    /// Reads the signature of a form, of which `field` gives the fields. `None` if it has not all that belongs to one.
    ///
    /// # Errors
    /// [`AuthError::SignatureMismatch`] if the signature is none.
    pub fn of_form<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Result<Option<Self>, AuthError> {
        let (Some(access_key), Some(signature)) = (field("awsaccesskeyid"), field("signature")) else {
            return Ok(None);
        };
        Ok(Some(Self {
            access_key: access_key.to_owned(),
            signature: STANDARD.decode(signature).map_err(|_| AuthError::SignatureMismatch)?,
            session_token: field("x-amz-security-token").map(str::to_owned),
        }))
    }

    /// The access key whose secret made the signature.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The token of the session whose access key it is.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// Proves that the holder of the secret signed this policy.
    ///
    /// # Errors
    /// [`AuthError::SignatureMismatch`].
    pub fn prove(&self, policy: &str, secret: &SecretKey) -> Result<(), AuthError> {
        let key = hmac::Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.expose().as_bytes());
        let expected = hmac::sign(&key, policy.as_bytes());
        let proved = constant_time::verify_slices_are_equal(expected.as_ref(), &self.signature);
        proved.map_err(|_| AuthError::SignatureMismatch)
    }
}
