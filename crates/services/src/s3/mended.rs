//! Requests that S3 takes and s3s does not, or not as a whole: dates and conditions that are none, documents with elements
//! that it does not know or sections of CDATA, and headers that stand in the query of a presigned URL. s3s verifies such a request as it came;
//! then what it would stumble over is set aside, and it reads the rest once more, without a signature.
//!
//! Source: RFC 9111, 5.3 (`Expires`); RFC 9110, 13.1 (conditions); S3 API reference, "CompleteMultipartUpload",
//! "PutBucketEncryption".

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, EXPIRES, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use http::header::{HeaderName, IF_UNMODIFIED_SINCE};
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Uri};
use http_body_util::BodyExt as _;
use s3s::dto::{ETagCondition, Timestamp, TimestampFormat};
use s3s::route::S3Route;
use s3s::service::S3Service;
use s3s::{Body, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, TrailingHeaders};

use super::LARGEST_XML;
use super::answer::element;
use super::call::{Call, reserve, signer_is};
use super::checksum::{Algorithm, IN_PLACE};
use super::document;
use super::fault::Fault;
use super::plain;
use super::receive::{fault_of_text, incomplete};
use super::resource::Level;
use crate::upstream::parameters;
use crate::whole::{self, ReadError};

const CONTENT_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// What the document of a default encryption says besides what s3s knows.
pub(super) const BLOCKED: (&str, &str) = ("<BlockedEncryptionTypes>", "</BlockedEncryptionTypes>");

/// What a request says that s3s does not see.
#[derive(Clone, Debug, Default)]
pub(super) struct SetAside {
    /// Headers, which operations find where they belong.
    pub(super) headers: HeaderMap,
    /// Those after the body, which s3s has verified.
    pub(super) trailers: Option<TrailingHeaders>,
    /// The content of an element that s3s does not know.
    pub(super) element: Option<String>,
}

/// The second reading.
pub(super) struct Mended(pub(super) S3Service);

/// A document that is read for something to set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    Completion,
    Encryption,
    /// Any other of XML.
    Other,
}

impl Document {
    fn of(method: &Method, uri: &Uri) -> Option<Self> {
        let has = |name: &str| parameters(uri.query().unwrap_or_default()).any(|(_, known, _)| known == name);
        if *method == Method::POST && has("uploadId") {
            Some(Self::Completion)
        } else if *method == Method::PUT && has("encryption") {
            Some(Self::Encryption)
        } else {
            let is_one = document::is_one(method, uri.query().unwrap_or_default()) && !has("policy");
            is_one.then_some(Self::Other)
        }
    }
}

/// Parameters of a presigned URL that stand for nothing but its signature.
const OF_SIGNATURE: [&str; 8] = [
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// The headers that stand in the query of a presigned URL. S3 takes them for headers, but for the tags.
///
/// Source: the signers of AWS's SDKs, which move headers there; aws/aws-sdk-go-v2, pull request 1017 (`x-amz-tagging`
/// "is ignored"); smithy-lang/smithy-typescript, pull request 1421 (`x-amz-server-side-encryption` is not).
pub(super) fn hoisted(uri: &Uri) -> HeaderMap {
    let all: Vec<_> = parameters(uri.query().unwrap_or_default()).collect();
    let mut found = HeaderMap::new();
    if !all.iter().any(|(_, name, _)| name == "X-Amz-Signature") {
        return found;
    }
    for (_, name, value) in all {
        let name = name.to_ascii_lowercase();
        if !name.starts_with("x-amz-") || OF_SIGNATURE.contains(&name.as_str()) || name == "x-amz-tagging" {
            continue;
        }
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes())) {
            found.entry(name).or_insert(value);
        }
    }
    found
}

/// The headers that s3s cannot read, and that mean nothing or something to S3 nevertheless.
fn unreadable(method: &Method, headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let reads = *method == Method::GET || *method == Method::HEAD;
    let is_date = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| Timestamp::parse(TimestampFormat::HttpDate, text).is_ok())
    };
    let is_condition = |value: &HeaderValue| ETagCondition::parse_http_header(value.as_bytes()).is_ok();
    let source = |name: &'static str| HeaderName::from_static(name);
    let dates = if reads {
        vec![IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE]
    } else {
        vec![EXPIRES, source("x-amz-copy-source-if-modified-since"), source("x-amz-copy-source-if-unmodified-since")]
    };
    let conditions = if reads {
        vec![IF_MATCH, IF_NONE_MATCH]
    } else {
        vec![source("x-amz-copy-source-if-match"), source("x-amz-copy-source-if-none-match")]
    };
    let none = |name: &HeaderName, is_one: &dyn Fn(&HeaderValue) -> bool| {
        let values: Vec<_> = headers.get_all(name).iter().filter(|value| !value.is_empty()).collect();
        values.len() > 1 || values.iter().any(|value| !is_one(value))
    };
    let dates: Vec<_> = dates.into_iter().filter(|name| none(name, &is_date)).collect();
    let conditions: Vec<_> = conditions.into_iter().filter(|name| none(name, &is_condition)).collect();
    dates.into_iter().chain(conditions)
}

#[async_trait]
impl S3Route for Mended {
    fn is_match(&self, method: &Method, uri: &Uri, headers: &HeaderMap, _: &mut Extensions) -> bool {
        Document::of(method, uri).is_some() || !hoisted(uri).is_empty() || unreadable(method, headers).next().is_some()
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        let signer = request.credentials.as_ref().map(|credentials| credentials.access_key.as_str());
        signer_is(signer, &request.extensions)
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let S3Request { input: mut body, method, uri, mut headers, mut extensions, trailing_headers, .. } = request;
        let mut aside = SetAside { trailers: trailing_headers, ..SetAside::default() };
        for (name, value) in &hoisted(&uri) {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        // What does not stream is held whole, here or by s3s.
        let streams = method == Method::PUT
            && Level::of(&uri, &headers) == Level::Object
            && !document::is_one(&method, uri.query().unwrap_or_default());
        if !streams {
            reserve(&method, &headers, &mut extensions).await?;
        }
        match Document::of(&method, &uri) {
            Some(Document::Completion) => {
                let document = legible(whole(body, &headers).await?);
                body = sized(renamed(&document), &mut headers);
            }
            Some(Document::Other) => body = sized(legible(whole(body, &headers).await?), &mut headers),
            Some(Document::Encryption) => {
                let document = legible(whole(body, &headers).await?);
                body = match std::str::from_utf8(&document) {
                    Ok(text) => {
                        let (rest, element) = cut(text);
                        aside.element = element;
                        sized(rest.into(), &mut headers)
                    }
                    Err(_) => sized(document, &mut headers),
                };
            }
            None => {}
        }
        for name in unreadable(&method, &headers).collect::<Vec<_>>() {
            for value in headers.get_all(&name) {
                aside.headers.append(name.clone(), value.clone());
            }
            headers.remove(&name);
        }
        // It has been verified, and is not to be again. What it says of the body's bytes policies may ask for.
        headers.remove(AUTHORIZATION);
        if let (Some(call), Some(hash)) = (extensions.get_mut::<Call>(), headers.remove(CONTENT_HASH)) {
            call.content_hash = Some(String::from_utf8_lossy(hash.as_bytes()).into_owned());
        }
        extensions.insert(Arc::new(aside));
        let mut again = Request::new(body);
        *again.method_mut() = method;
        *again.uri_mut() = unsigned(&uri)?;
        *again.headers_mut() = headers;
        *again.extensions_mut() = extensions;
        let answer = self.0.call(again).await.map_err(|error| {
            let error: s3s::StdError = error.into();
            S3Error::with_source(S3ErrorCode::InternalError, error)
        })?;
        let (head, body) = answer.into_parts();
        let mut response = S3Response::with_status(body, head.status);
        (response.headers, response.extensions) = (head.headers, head.extensions);
        Ok(response)
    }
}

/// A document of which s3s leaves nothing out.
fn legible(document: Bytes) -> Bytes {
    plain::without_cdata(&document).map_or(document, Bytes::from)
}

/// The document of a request, for which there is room.
async fn whole(body: Body, headers: &HeaderMap) -> S3Result<Bytes> {
    let framed = headers.get("x-amz-decoded-content-length");
    let stated =
        framed.or_else(|| headers.get(CONTENT_LENGTH)).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let read = whole::read(body.boxed_unsync(), LARGEST_XML).await.map_err(|error| match error {
        ReadError::TooLong => Fault::new(S3ErrorCode::MaxMessageLengthExceeded, "Your request was too big."),
        ReadError::Broken(error) => fault_of_text(&error.to_string()).unwrap_or_else(incomplete),
    });
    let whole =
        read.and_then(|read| if stated.is_some_and(|it| it != read.len()) { Err(incomplete()) } else { Ok(read) });
    whole.map_err(|fault| fault.into_parts().0)
}

fn sized(document: Bytes, headers: &mut HeaderMap) -> Body {
    if headers.contains_key(CONTENT_LENGTH) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(document.len()));
    }
    document.into()
}

/// The address without the signature of a presigned URL.
fn unsigned(uri: &Uri) -> S3Result<Uri> {
    let Some(query) = uri.query().filter(|query| query.contains("X-Amz-")) else { return Ok(uri.clone()) };
    let kept: Vec<&str> =
        parameters(query).filter(|(_, name, _)| !name.starts_with("X-Amz-")).map(|(pair, ..)| pair).collect();
    let path = if kept.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), kept.join("&")) };
    let mut parts = uri.clone().into_parts();
    let invalid = |_| S3Error::new(S3ErrorCode::InvalidURI);
    parts.path_and_query = Some(path.parse::<PathAndQuery>().map_err(invalid)?);
    Uri::from_parts(parts).map_err(|_| S3Error::new(S3ErrorCode::InvalidURI))
}

/// The document of a completion, in which the checksums that s3s does not know stand in the place of another.
fn renamed(document: &Bytes) -> Bytes {
    let Ok(text) = std::str::from_utf8(document) else { return document.clone() };
    let in_place = element(IN_PLACE);
    let by_s3s =
        [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme, Algorithm::Sha1, Algorithm::Sha256].map(element);
    let others = Algorithm::ALL.map(element).into_iter().filter(|name| !by_s3s.contains(name));
    let renamed = others.fold(text.to_owned(), |text, name| {
        if text.contains(&name) {
            text.replace(&format!("<{name}>"), &format!("<{in_place}>"))
                .replace(&format!("</{name}>"), &format!("</{in_place}>"))
        } else {
            text
        }
    });
    renamed.into()
}

/// A document without the element that s3s does not know, and what stands in that.
pub(super) fn cut(document: &str) -> (String, Option<String>) {
    let found = document.split_once(BLOCKED.0).and_then(|(before, rest)| Some((before, rest.split_once(BLOCKED.1)?)));
    match found {
        Some((before, (inside, after))) => (format!("{before}{after}"), Some(inside.to_owned())),
        None => (document.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_s3s_cannot_read_is_set_aside() {
        let names = |method: Method, headers: &[(&'static str, &str)]| {
            let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            let found: Vec<_> = unreadable(&method, &headers.collect()).map(|name| name.to_string()).collect();
            found
        };
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        assert!(names(Method::GET, &[("if-modified-since", date), ("if-none-match", "\"a\"")]).is_empty());
        assert_eq!(names(Method::GET, &[("if-modified-since", "yesterday")]), ["if-modified-since"]);
        assert_eq!(names(Method::PUT, &[("expires", "0"), ("if-match", "\"a\", \"b\"")]), ["expires"]);
    }

    #[test]
    fn headers_stand_in_the_query_of_a_presigned_url_only() {
        let found = |uri: &str| hoisted(&uri.parse().unwrap());
        let presigned = found(
            "/docs/a?X-Amz-Signature=1&X-Amz-Date=2&x-amz-acl=private&X-Amz-Meta-A=%C3%A4&x-amz-tagging=a%3Db&x=1",
        );
        assert_eq!(presigned.len(), 2);
        assert_eq!(presigned["x-amz-acl"], "private");
        assert_eq!(presigned["x-amz-meta-a"].as_bytes(), "\u{e4}".as_bytes());
        assert!(found("/docs/a?x-amz-acl=private").is_empty());
    }

    #[test]
    fn the_signature_goes_from_an_address_and_nothing_else() {
        let uri: Uri = "/docs/a?versionId=1&X-Amz-Signature=2&X-Amz-Date=3&x-id=GetObject".parse().unwrap();
        assert_eq!(unsigned(&uri).unwrap(), "/docs/a?versionId=1&x-id=GetObject");
        assert_eq!(unsigned(&"/docs?X-Amz-Signature=2".parse().unwrap()).unwrap(), "/docs");
    }

    #[test]
    fn an_element_is_cut_out_whole_or_not_at_all() {
        let whole =
            "<Rule><BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>";
        let (rest, element) = cut(whole);
        assert_eq!(rest, "<Rule></Rule>");
        assert_eq!(element.as_deref(), Some("<EncryptionType>SSE-C</EncryptionType>"));
        let half = "<Rule><BlockedEncryptionTypes></Rule>";
        assert_eq!(cut(half), (half.to_owned(), None));
    }
}
