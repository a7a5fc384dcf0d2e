//! A presigned URL of Version 2: what it presents, and its proof.

use aws_lc_rs::{
    constant_time,
    hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, Uri, header::AUTHORIZATION, request::Parts};

use super::{canonical, is_header, parameters};
use crate::sigv4::{AmzDate, AuthError, SecretKey};

const ACCESS_KEY: &str = "AWSAccessKeyId";
const EXPIRES: &str = "Expires";
const SIGNATURE: &str = "Signature";
const SECURITY_TOKEN: &str = "x-amz-security-token";

/// The bytes of an HMAC with SHA-1.
const SIGNATURE_BYTES: usize = 20;

/// What a URL presents as its signature, before any of it is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignedUrl {
    access_key: String,
    /// As it was sent, since it is signed so.
    expires: String,
    at: AmzDate,
    signature: [u8; SIGNATURE_BYTES],
    session_token: Option<String>,
}

impl PresignedUrl {
    /// Reads the signature of a request's URL. `None` if there is none of this version.
    ///
    /// # Errors
    /// [`AuthError::Ambiguous`] if the request is signed in another way as well, or with a parameter that stands there
    /// twice; [`AuthError::IncompleteUrl`], [`AuthError::InvalidExpires`] or [`AuthError::SignatureMismatch`] if the
    /// signature cannot be read.
    pub fn parse(parts: &Parts) -> Result<Option<Self>, AuthError> {
        let [mut access_key, mut expires, mut signature, mut token] = [const { None }; 4];
        let mut other = parts.headers.contains_key(AUTHORIZATION);
        for parameter in parameters(parts.uri.query().unwrap_or_default()) {
            let slot = match parameter.name.as_str() {
                ACCESS_KEY => &mut access_key,
                EXPIRES => &mut expires,
                SIGNATURE => &mut signature,
                SECURITY_TOKEN => &mut token,
                "X-Amz-Algorithm" | "X-Amz-Credential" | "X-Amz-Signature" => {
                    other = true;
                    continue;
                }
                _ => continue,
            };
            if slot.replace(parameter.value).is_some() {
                return Err(AuthError::Ambiguous);
            }
        }
        if access_key.is_none() && signature.is_none() {
            return Ok(None);
        }
        if other {
            return Err(AuthError::Ambiguous);
        }
        let (Some(access_key), Some(expires), Some(signature)) = (access_key, expires, signature) else {
            return Err(AuthError::IncompleteUrl);
        };
        let in_header = || parts.headers.get(SECURITY_TOKEN)?.to_str().ok().map(str::to_owned);
        let bytes = STANDARD.decode(&signature).ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Some(Self {
            at: seconds(&expires).ok_or_else(|| AuthError::InvalidExpires { value: expires.clone() })?,
            access_key,
            expires,
            signature: bytes.ok_or(AuthError::SignatureMismatch)?,
            session_token: token.or_else(in_header),
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

    /// Proves that the holder of the secret signed this request, and that it has not expired.
    ///
    /// `bucket` is the bucket that the request's host names, if it names one: the signature covers it, and not the
    /// host. `now` is in Unix seconds. That the session token is that of the access key is for the caller to check.
    ///
    /// # Errors
    /// [`AuthError::UrlExpired`] or [`AuthError::SignatureMismatch`].
    pub fn verify(&self, parts: &Parts, bucket: Option<&str>, secret: &SecretKey, now: i64) -> Result<(), AuthError> {
        let now = AmzDate::from_unix(now);
        if now > self.at {
            return Err(AuthError::UrlExpired { expires: self.at, now });
        }
        let key = hmac::Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.expose().as_bytes());
        let proves = |text: Vec<u8>| {
            constant_time::verify_slices_are_equal(hmac::sign(&key, &text).as_ref(), &self.signature).is_ok()
        };
        let mut texts = canonical::texts_to_sign(parts, &self.expires, bucket);
        texts.any(proves).then_some(()).ok_or(AuthError::SignatureMismatch)
    }

    /// Takes the proved signature off a request, which is then as it would be without one: the parameters that carry
    /// headers become the headers that they are.
    pub fn take_off(&self, parts: &mut Parts) {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        for parameter in parameters(&query).filter(|parameter| is_header(&parameter.name)) {
            let name = HeaderName::try_from(&parameter.name).ok().filter(|name| !parts.headers.contains_key(name));
            if let (Some(name), Ok(value)) = (name, HeaderValue::from_bytes(parameter.value.as_bytes())) {
                parts.headers.insert(name, value);
            }
        }
        let kept: Vec<&str> = query.split('&').filter(|pair| parameters(pair).all(|p| !is_taken(&p.name))).collect();
        let path = parts.uri.path();
        let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
        let mut uri = parts.uri.clone().into_parts();
        uri.path_and_query = target.parse().ok();
        if let Ok(uri) = Uri::from_parts(uri) {
            parts.uri = uri;
        }
    }
}

/// Whether a parameter belongs to the signature, and not to the operation. botocore puts `content-type` and
/// `content-md5` beside the headers that count from there; those two count as headers only.
fn is_taken(name: &str) -> bool {
    matches!(name, ACCESS_KEY | EXPIRES | SIGNATURE | "content-type" | "content-md5") || is_header(name)
}

fn seconds(text: &str) -> Option<AmzDate> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().map(AmzDate::from_unix)
}
