//! A `Range` that is none.
//!
//! A range of another unit, of several parts or with its ends the wrong way round is no range that S3 knows, and is
//! ignored: the answer is the whole object. s3s refuses it instead.
//!
//! Source: RFC 9110, 14.2; S3 API reference, `GetObject`: "Amazon S3 doesn't support retrieving multiple ranges of data
//! per GET request."

use http::header::{AUTHORIZATION, RANGE};
use http::request::Parts;
use http::{HeaderValue, Method};
use s3s::dto::Range;

/// Takes a `Range` that is none off a read. Returns whether the signature had to go with it, since it covers the header.
pub(super) fn ignored(head: &mut Parts) -> bool {
    let reads = head.method == Method::GET || head.method == Method::HEAD;
    let is_range = |value: &HeaderValue| value.to_str().is_ok_and(|text| Range::parse(text).is_ok());
    let mut values = head.headers.get_all(RANGE).iter();
    let usable = match (values.next(), values.next()) {
        (None, _) => true,
        (Some(value), None) => is_range(value),
        (Some(_), Some(_)) => false,
    };
    if !reads || usable {
        return false;
    }
    head.headers.remove(RANGE);
    head.headers.remove(AUTHORIZATION).is_some()
}
