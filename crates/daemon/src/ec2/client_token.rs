//! Tokens that make a call idempotent.

use std::fmt::Debug;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What a request asks for, without its token, in a short form in which equal requests are equal: it tells a repeated
/// call from another one with the same token.
pub(super) fn fingerprint(request: &impl Debug) -> String {
    STANDARD_NO_PAD.encode(digest::digest(&digest::SHA256, format!("{request:?}").as_bytes()))
}
