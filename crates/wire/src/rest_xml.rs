//! The errors of S3, which speaks the restXml protocol with a document of its own.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA512, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Response;

use crate::{
    aws_query::Content,
    protocol::{Failure, set},
};

/// The answer that tells an error.
pub fn error(failure: &Failure, request_id: &str, resource: &str) -> Response<Vec<u8>> {
    let host_id = host_id(request_id);
    let mut content = Content::default();
    content.text("Code", &failure.code).text("Message", &failure.message);
    for (name, text) in &failure.details {
        content.text(name, text);
    }
    content.text("Resource", resource).text("RequestId", request_id).text("HostId", &host_id);
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{}</Error>", content.as_str(),);
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = failure.status;
    let headers = response.headers_mut();
    set(headers, "content-type", "application/xml");
    set(headers, "x-amz-request-id", request_id);
    set(headers, "x-amz-id-2", &host_id);
    response
}

/// The second id of a request, `x-amz-id-2`. S3 makes it of what only S3 can read; here it follows
/// from the first.
pub fn host_id(request_id: &str) -> String {
    STANDARD.encode(digest(&SHA512, request_id.as_bytes()))
}

/// Escapes text for XML. Characters that XML 1.0 cannot have become U+FFFD.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    let needs = |byte: u8| matches!(byte, 0..=0x1f | b'&' | b'<' | b'>' | b'"' | 0xef);
    if !text.bytes().any(needs) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(character),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}
