//! The last line of the canonical request: what the signature says of the body.

use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, request::Parts};

use super::{AuthError, canonical::form_decode, error::Placement, header};

/// Where the hash of the body is to be taken from.
#[derive(Debug, Clone, Copy)]
pub enum PayloadHash<'a> {
    /// From the body itself, which is here as a whole. A hash in the request has to agree with it.
    OfBody(&'a [u8]),
    /// From the request, because the body is yet to be read. The caller has to hold the body to
    /// [`super::Presented::content_sha256`].
    Header,
}

/// What a request says of its body in `x-amz-content-sha256`.
///
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentSha256 {
    /// The body has this SHA-256.
    Hash([u8; 32]),
    /// The body is not signed.
    Unsigned,
    /// The body comes as `aws-chunked`.
    Streaming {
        /// Whether each chunk carries a signature.
        signed: bool,
        /// Whether headers follow the last chunk.
        trailer: bool,
    },
}

impl ContentSha256 {
    pub(super) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

    /// Reads the value of the header.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let streaming = |signed, trailer| Some(Self::Streaming { signed, trailer });
        match text {
            Self::UNSIGNED => Some(Self::Unsigned),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => streaming(false, true),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => streaming(true, false),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => streaming(true, true),
            _ => {
                let mut hash = [0; 32];
                hex::decode_to_slice(text, &mut hash).ok()?;
                Some(Self::Hash(hash))
            }
        }
    }

    /// What the request says, and its text; none if it says nothing.
    pub(super) fn of(parts: &Parts, placement: Placement) -> Result<Option<(Self, String)>, AuthError> {
        let from_query = || match placement {
            Placement::Header => None,
            Placement::Query => query_value(parts, "X-Amz-Content-Sha256"),
        };
        let text = match single(&parts.headers, header::CONTENT_SHA256) {
            Ok(Some(text)) => text.to_owned(),
            Ok(None) => match from_query() {
                Some(text) => text,
                None => return Ok(None),
            },
            Err(()) => return Err(AuthError::InvalidContentSha256),
        };
        let content = Self::parse(&text).ok_or(AuthError::InvalidContentSha256)?;
        Ok(Some((content, text)))
    }
}

/// The canonical request's last line.
pub(super) fn line(
    parts: &Parts, placement: Placement, s3: bool, payload: PayloadHash<'_>,
) -> Result<String, AuthError> {
    let claimed = ContentSha256::of(parts, placement)?;
    let of_body = match payload {
        PayloadHash::OfBody(body) => Some(digest(&SHA256, body)),
        PayloadHash::Header => None,
    };
    match (claimed, of_body) {
        (Some((ContentSha256::Hash(hash), _)), Some(body)) if body.as_ref() != hash => {
            Err(AuthError::ContentSha256Mismatch)
        }
        (Some((ContentSha256::Hash(_), text)), _) => Ok(text),
        (Some((_, text)), _) if s3 => Ok(text),
        (None, _) if s3 => match placement {
            Placement::Header => Err(AuthError::MissingContentSha256),
            Placement::Query => Ok(ContentSha256::UNSIGNED.to_owned()),
        },
        // Only S3 leaves a body out of the signature.
        (Some(_), _) => Err(AuthError::InvalidContentSha256),
        (None, Some(body)) => Ok(hex::encode(body)),
        (None, None) => Err(AuthError::MissingContentSha256),
    }
}

/// The header's only value as text; an error if it is repeated or no text.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

fn query_value(parts: &Parts, wanted: &str) -> Option<String> {
    let pairs = parts.uri.query()?.split('&');
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(name, _)| form_decode(name) == wanted.as_bytes())
        .map(|(_, value)| String::from_utf8_lossy(&form_decode(value)).into_owned())
}
