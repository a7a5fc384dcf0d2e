//! What s3s writes otherwise than S3, or has no name for. An operation says so on its answer, and here it is set right.

use http::{HeaderName, Response, StatusCode};
use s3s::S3Response;

use super::super::checksum::{Algorithm, IN_PLACE};

/// How an answer is to be spelled.
#[derive(Clone, Debug, Default)]
pub(in crate::s3) struct Spelling {
    /// Whether its ETag stands without quotation marks, as that of GetObjectAttributes.
    bare_etag: bool,
    /// An element of a rule of default encryption.
    blocked: Option<String>,
    /// Its status, where s3s knows one alone.
    status: Option<StatusCode>,
    /// The algorithm of its checksums, where s3s does not know it and they stand in the place of another.
    algorithm: Option<Algorithm>,
}

impl Spelling {
    /// That of an answer with checksums of one algorithm.
    pub(in crate::s3) fn of(algorithm: impl Into<Option<Algorithm>>) -> Self {
        let by_s3s = |algorithm: &Algorithm| {
            matches!(
                algorithm,
                Algorithm::Crc32 | Algorithm::Crc32c | Algorithm::Crc64Nvme | Algorithm::Sha1 | Algorithm::Sha256
            )
        };
        Self { algorithm: algorithm.into().filter(|algorithm| !by_s3s(algorithm)), ..Self::default() }
    }

    /// With an ETag without quotation marks.
    pub(in crate::s3) fn with_bare_etag(self) -> Self {
        Self { bare_etag: true, ..self }
    }

    /// With an element that s3s does not know in its rule.
    pub(in crate::s3) fn with_blocked(self, blocked: Option<String>) -> Self {
        Self { blocked, ..self }
    }

    /// With a status that s3s does not give.
    pub(in crate::s3) fn with_status(self, status: StatusCode) -> Self {
        Self { status: Some(status), ..self }
    }

    /// An answer that is spelled so.
    pub(in crate::s3) fn on<T>(self, output: T) -> S3Response<T> {
        let mut answer = S3Response::new(output);
        answer.extensions.insert(self);
        answer
    }

    fn document(&self, xml: &str) -> String {
        let mut xml = xml.to_owned();
        if self.bare_etag {
            for quote in ["&quot;", "\""] {
                xml = xml.replace(&format!("<ETag>{quote}"), "<ETag>").replace(&format!("{quote}</ETag>"), "</ETag>");
            }
        }
        if let Some(blocked) = &self.blocked {
            xml = xml.replacen("</Rule>", &format!("{blocked}</Rule>"), 1);
        }
        if let Some(algorithm) = self.algorithm {
            let (other, own) = (element(IN_PLACE), element(algorithm));
            xml = xml.replace(&format!("<{other}>"), &format!("<{own}>"));
            xml = xml.replace(&format!("</{other}>"), &format!("</{own}>"));
        }
        xml
    }
}

/// The element of a document that holds a checksum of an algorithm.
pub(in crate::s3) fn element(algorithm: Algorithm) -> String {
    format!("Checksum{}", algorithm.as_str())
}

/// The answer in S3's spelling.
pub(super) fn respelled(answer: Response<s3s::Body>) -> Response<s3s::Body> {
    let (mut head, body) = answer.into_parts();
    let Some(spelling) = head.extensions.remove::<Spelling>() else {
        return Response::from_parts(head, body);
    };
    if let Some(status) = spelling.status {
        head.status = status;
    }
    if let Some(algorithm) = spelling.algorithm
        && let Some(value) = head.headers.remove(IN_PLACE.header())
    {
        head.headers.insert(HeaderName::from_static(algorithm.header()), value);
    }
    // A body that streams is an object, and no document.
    let body = match body.bytes() {
        Some(bytes) if head.headers.get(http::header::CONTENT_TYPE).is_some_and(|kind| kind == "application/xml") => {
            s3s::Body::from(spelling.document(&String::from_utf8_lossy(&bytes)))
        }
        Some(bytes) => bytes.into(),
        None => body,
    };
    Response::from_parts(head, body)
}
