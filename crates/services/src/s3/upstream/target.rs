//! What a request is about: a bucket, and an object in it; and how it is written for the server.

use http::header::HOST;
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use s3s::S3ErrorCode;

use super::super::attributes::text;
use super::super::fault::Fault;
use super::super::host::addressed;
use super::super::name::is_bucket_name;

/// What stands as it is.
pub(super) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The longest key, in bytes.
const LONGEST_KEY: usize = 1024;

/// A bucket, or an object in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) bucket: String,
    /// Empty where it is the bucket.
    pub(super) key: String,
}

impl Target {
    /// What the head of a request names; `None` if it names no bucket.
    pub(super) fn of(head: &Parts) -> Result<Option<Self>, Fault> {
        let host = text(&head.headers, HOST.as_str()).unwrap_or_default();
        let path = head.uri.path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = match addressed(&host)? {
            Some(bucket) => (bucket, path),
            None if path.is_empty() => return Ok(None),
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                (decoded(bucket)?, key)
            }
        };
        Self::new(bucket, decoded(key)?).map(Some)
    }

    /// Refuses what names no bucket, and what a server could take for another object.
    pub(super) fn new(bucket: String, key: String) -> Result<Self, Fault> {
        if !is_bucket_name(&bucket) {
            let fault = Fault::new(S3ErrorCode::InvalidBucketName, "The specified bucket is not valid.");
            return Err(fault.with("BucketName", bucket));
        }
        if key.len() > LONGEST_KEY {
            return Err(Fault::new(S3ErrorCode::KeyTooLongError, "Your key is too long"));
        }
        if key.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(Fault::not_implemented(
                "A key with a period or two between slashes is not sent on to another server",
            ));
        }
        Ok(Self { bucket, key })
    }

    /// The path, as it is sent. A slash behind another is encoded, so that nobody takes both for one.
    pub(super) fn path(&self) -> String {
        let mut path = format!("/{}", self.bucket);
        let mut empty = false;
        for segment in self.key.split('/') {
            if path.len() == self.bucket.len() + 1 && segment.is_empty() && self.key.is_empty() {
                break;
            }
            path.push_str(if empty { "%2F" } else { "/" });
            path.extend(utf8_percent_encode(segment, RESERVED));
            empty = segment.is_empty();
        }
        path
    }
}

fn decoded(text: &str) -> Result<String, Fault> {
    let decoded = percent_decode_str(text).decode_utf8();
    let invalid = |_| Fault::new(S3ErrorCode::InvalidURI, "Couldn't parse the specified URI.");
    decoded.map(std::borrow::Cow::into_owned).map_err(invalid)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn of(host: &str, uri: &str) -> Result<Option<String>, String> {
        let (head, ()) = Request::builder().uri(uri).header("host", host).body(()).unwrap().into_parts();
        let found = Target::of(&head).map_err(|fault| fault.into_parts().0.code().as_str().to_owned())?;
        Ok(found.map(|found| found.path()))
    }

    #[test]
    fn what_is_sent_names_what_was_decided_about() {
        for (uri, path) in [
            ("/docs", "/docs"),
            ("/docs/", "/docs"),
            ("/docs/a b", "/docs/a%20b"),
            ("/docs/a%2Fb", "/docs/a/b"),
            ("/docs/a+b?x", "/docs/a%2Bb"),
            ("/docs/%3Fpolicy", "/docs/%3Fpolicy"),
            ("/docs/a//b/", "/docs/a/%2Fb/"),
            ("/docs//a", "/docs/%2Fa"),
            ("/docs/%2F%2Fa", "/docs/%2F%2Fa"),
            ("/docs/a.b/...", "/docs/a.b/..."),
        ] {
            let uri = uri.replace(' ', "%20");
            assert_eq!(of("127.0.0.1", &uri), Ok(Some(path.to_owned())), "{uri}");
        }
        assert_eq!(of("127.0.0.1", "/"), Ok(None));
        assert_eq!(of("docs.s3.amazonaws.com", "/"), Ok(Some("/docs".to_owned())));
        assert_eq!(of("docs.s3.amazonaws.com", "//a"), Ok(Some("/docs/%2Fa".to_owned())));
    }

    #[test]
    fn what_names_no_bucket_or_could_be_another_object_is_refused() {
        for (uri, code) in [
            ("/bk%2Fsecret%2Fx", "InvalidBucketName"),
            ("//docs/a", "InvalidBucketName"),
            ("/..", "InvalidBucketName"),
            ("/docs/mine/../secret", "NotImplemented"),
            ("/docs/mine/%2e%2e/secret", "NotImplemented"),
            ("/docs/.", "NotImplemented"),
            ("/docs/%FF", "InvalidURI"),
        ] {
            assert_eq!(of("127.0.0.1", uri), Err(code.to_owned()), "{uri}");
        }
        let endpoint = "a.accesspoint.vpce-0a.s3.us-east-1.vpce.amazonaws.com";
        assert_eq!(of(endpoint, "/docs/a"), Err("NotImplemented".to_owned()));
    }
}
