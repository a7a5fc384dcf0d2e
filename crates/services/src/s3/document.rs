//! The document of a request: that it is the one which the client meant.
//!
//! s3s reads a document whole and does not hold it against `Content-MD5` or `x-amz-checksum-*`. So its bytes are digested
//! on their way to s3s, and held against what the headers say before the operation begins.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use s3s::S3ErrorCode;
use s3s::crypto::{Checksum as _, Sha256};

use super::LARGEST_XML;
use super::attributes::text;
use super::checksum::{Algorithm, Digest, Digested};
use super::claimed;
use super::fault::Fault;
use super::receive::wrong_hash;
use crate::upstream::parameters;
use crate::{Body, BoxError};

/// The sub-resources that have a document.
const WITH_DOCUMENT: [&str; 22] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "retention",
    "tagging",
    "versioning",
    "website",
];

/// What is known of a document once it has been read.
#[derive(Clone, Debug, Default)]
pub(super) struct Document(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    digested: Option<Digested>,
    /// Whether `x-amz-checksum-*` is of something else: of the object that a completion makes.
    of_object: bool,
    failure: Option<Failure>,
}

/// Why a document was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Broken,
    TooLong,
}

/// Whether the body of a request is a document.
pub(super) fn is_one(method: &Method, query: &str) -> bool {
    let has = |names: &[&str]| parameters(query).any(|(_, name, _)| names.contains(&name.as_str()));
    *method == Method::PUT && has(&WITH_DOCUMENT) || *method == Method::POST && has(&["delete", "restore", "uploadId"])
}

/// The body of a request, which is digested if its operation will ask.
pub(super) fn watched(method: &Method, query: &str, headers: &HeaderMap, body: Body) -> (Body, Document) {
    let document = Document::default();
    let has = |names: &[&str]| parameters(query).any(|(_, name, _)| names.contains(&name.as_str()));
    let completes = *method == Method::POST && has(&["uploadId"]);
    if !is_one(method, query) {
        return (body, document);
    }
    document.state().of_object = completes;
    // It may stand in the query of a presigned URL.
    let in_query = |header: &str| parameters(query).any(|(_, name, _)| name.eq_ignore_ascii_case(header));
    let claimed = Algorithm::ALL
        .into_iter()
        .find(|algorithm| headers.contains_key(algorithm.header()) || in_query(algorithm.header()));
    let digest = Some(Digest::new(claimed.as_slice()));
    let body = Watched { body, read: 0, digest, document: document.clone() }.boxed_unsync();
    (body, document)
}

impl Document {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be told of a document that was not read. s3s takes it for an error of ours.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.state().failure.map(|failure| match failure {
            Failure::Broken => Fault::new(
                S3ErrorCode::IncompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ),
            Failure::TooLong => Fault::new(S3ErrorCode::MaxMessageLengthExceeded, "Your request was too big."),
        })
    }

    /// Holds the document against what the headers say of it, if it was read.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Fault> {
        let (digested, of_object) = {
            let mut state = self.state();
            (state.digested.take(), state.of_object)
        };
        match digested {
            Some(digested) => check(&digested, headers, of_object),
            None => Ok(()),
        }
    }
}

/// Refuses a request whose document has to come with a digest and does not. Not every operation of which the SDKs' model
/// says that a checksum is required is refused without one.
///
/// Source: S3 API reference, "DeleteObjects", "PutBucketCors", "PutBucketLifecycleConfiguration", "PutBucketReplication",
/// "PutBucketTagging"; what S3 is on record with for these and for PutObjectLockConfiguration, PutObjectLegalHold and
/// PutObjectRetention.
pub(super) fn require_digest(headers: &HeaderMap) -> Result<(), Fault> {
    let claims = text(headers, "content-md5").is_some()
        || Algorithm::ALL.into_iter().any(|own| text(headers, own.header()).is_some());
    if claims {
        return Ok(());
    }
    Err(Fault::invalid_request("Missing required header for this request: Content-MD5 OR x-amz-checksum-*"))
}

/// Holds a document against what the headers of its request say of it.
///
/// Source: S3 API reference, "Checking object integrity".
fn check(digested: &Digested, headers: &HeaderMap, of_object: bool) -> Result<(), Fault> {
    if let Some(md5) = text(headers, "content-md5") {
        let bytes = BASE64.decode(md5).ok().filter(|bytes| bytes.len() == 16);
        let invalid = || Fault::new(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified was invalid.");
        if bytes.ok_or_else(invalid)? != digested.md5 {
            let message = "The Content-MD5 you specified did not match what we received.";
            return Err(Fault::new(S3ErrorCode::BadDigest, message));
        }
    }
    if of_object {
        return Ok(());
    }
    let found = claimed::in_headers(headers)?;
    if !headers.contains_key("x-amz-trailer") {
        claimed::check_sdk(headers, found.as_ref().map(|(algorithm, _)| *algorithm))?;
    }
    match found {
        Some((algorithm, bytes)) if digested.checksum(algorithm) != Some(bytes.as_slice()) => {
            let name = algorithm.as_str();
            let message = format!("The {name} you specified did not match the calculated checksum.");
            Err(Fault::new(S3ErrorCode::BadDigest, message))
        }
        _ => Ok(()),
    }
}

/// Holds a document that was read here against what the headers of its request say of it. `of_object` is whether
/// `x-amz-checksum-*` is of the object that a completion makes.
pub(super) fn check_whole(document: &[u8], headers: &HeaderMap, of_object: bool) -> Result<(), Fault> {
    let hash = text(headers, "x-amz-content-sha256").filter(|hash| hash.len() == 64);
    if hash.is_some_and(|hash| !hash.eq_ignore_ascii_case(&hex::encode(Sha256::checksum(document)))) {
        return Err(wrong_hash());
    }
    let claimed = Algorithm::ALL.into_iter().find(|algorithm| headers.contains_key(algorithm.header()));
    let mut digest = Digest::new(claimed.as_slice());
    digest.update(document);
    check(&digest.finish(), headers, of_object)
}

/// A body that is digested as it is read.
struct Watched {
    body: Body,
    /// How many bytes came.
    read: usize,
    /// None once it has ended.
    digest: Option<Digest>,
    document: Document,
}

impl Watched {
    fn settle(&mut self) {
        if let Some(digest) = self.digest.take() {
            self.document.state().digested = Some(digest.finish());
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let (Some(data), Some(digest)) = (frame.data_ref(), &mut self.digest) {
                    digest.update(data);
                }
                self.read += frame.data_ref().map_or(0, Bytes::len);
                if self.read > LARGEST_XML {
                    self.document.state().failure = Some(Failure::TooLong);
                }
            }
            Some(Err(_)) => self.document.state().failure = Some(Failure::Broken),
            None => {}
        }
        if frame.is_none() || self.body.is_end_stream() {
            self.settle();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
