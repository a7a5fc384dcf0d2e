//! The document of a request: that it is the one which the client meant.
//!
//! s3s reads a document whole and does not hold it against `Content-MD5` or `x-amz-checksum-*`. So its bytes are digested
//! on their way to s3s, and the operation asks.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use s3s::S3ErrorCode;

use super::attributes::text;
use super::call::Call;
use super::checksum::{Algorithm, Digest, Digested};
use super::fault::Fault;
use crate::{Body, BoxError};

/// The sub-resources whose operations ask.
const ASKED: [&str; 12] = [
    "accelerate",
    "analytics",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "lifecycle",
    "logging",
    "metrics",
    "replication",
    "requestPayment",
    "website",
];

/// What is known of a document once it has been read.
#[derive(Clone, Debug, Default)]
pub(super) struct Document(Arc<Mutex<Option<Digested>>>);

/// Whether a document has to come with a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// It is held against one that is there.
    Optional,
    /// It is refused without.
    Required,
}

/// The body of a request, which is digested if its operation will ask.
pub(super) fn watched(method: &Method, query: &str, headers: &HeaderMap, body: Body) -> (Body, Document) {
    let document = Document::default();
    let names = |pair: &str| ASKED.contains(&pair.split('=').next().unwrap_or_default());
    if *method != Method::PUT || !query.split('&').any(names) {
        return (body, document);
    }
    let claimed = Algorithm::ALL.into_iter().find(|algorithm| headers.contains_key(algorithm.header()));
    let digest = Some(Digest::new(claimed.as_slice()));
    let body = Watched { body, digest, document: document.clone() }.boxed_unsync();
    (body, document)
}

impl Demand {
    /// Holds the document of a request against what its headers say of it.
    ///
    /// Source: S3 API reference, "Checking object integrity"; PutBucketCors, PutBucketLifecycleConfiguration.
    pub(super) fn check(self, call: &Call, headers: &HeaderMap) -> Result<(), Fault> {
        let md5 = text(headers, "content-md5");
        let claimed = Algorithm::ALL.into_iter().find_map(|own| text(headers, own.header()).map(|value| (own, value)));
        if self == Self::Required && md5.is_none() && claimed.is_none() {
            return Err(Fault::invalid_request(
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
            ));
        }
        let digested = call.document.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(md5) = md5 {
            let bytes =
                BASE64.decode(md5).ok().filter(|bytes| bytes.len() == 16).ok_or_else(|| {
                    Fault::new(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified was invalid.")
                })?;
            if digested.as_ref().is_some_and(|digested| bytes != digested.md5) {
                let message = "The Content-MD5 you specified did not match what we received.";
                return Err(Fault::new(S3ErrorCode::BadDigest, message));
            }
        }
        if let Some((algorithm, value)) = claimed {
            let bytes = algorithm.decode(&value).ok_or_else(|| {
                Fault::invalid_request(format!("Value for {} header is invalid.", algorithm.header()))
            })?;
            let held = digested.as_ref().and_then(|digested| digested.checksum(algorithm));
            if held.is_some_and(|held| held != bytes.as_slice()) {
                let name = algorithm.as_str();
                let message = format!("The {name} you specified did not match the calculated checksum.");
                return Err(Fault::new(S3ErrorCode::BadDigest, message));
            }
        }
        Ok(())
    }
}

/// A body that is digested as it is read.
struct Watched {
    body: Body,
    /// None once it has ended.
    digest: Option<Digest>,
    document: Document,
}

impl Watched {
    fn settle(&mut self) {
        if let Some(digest) = self.digest.take() {
            *self.document.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest.finish());
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let (Some(Ok(frame)), Some(digest)) = (&frame, &mut self.digest)
            && let Some(data) = frame.data_ref()
        {
            digest.update(data);
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
