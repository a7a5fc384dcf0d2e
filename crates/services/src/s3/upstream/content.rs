//! The body of a request: the bytes of an object, which stream, or a document, which is read, held against what the request
//! says of it, and written anew.

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body::Body as _;
use s3s::S3ErrorCode;
use s3s::dto::{
    CreateBucketConfiguration, Delete, ObjectLockLegalHold, ObjectLockRetention, ReplicationConfiguration, Tagging,
};
use s3s::xml::{Deserialize, Deserializer, Serialize, Serializer};
use sidegate_wire::sigv4::{ChunkChain, SecretKey, Signature};

use super::super::attributes::{text, without_chunking};
use super::super::call::Call;
use super::super::chunked::{self, Form};
use super::super::document::{check_whole, require_digest};
use super::super::fault::Fault;
use super::super::lock;
use super::super::plain::plain;
use super::super::receive::{Claims, LARGEST_BODY, fault_of_text, incomplete};
use super::super::{LARGEST_XML, Secrets};
use super::classified::Classified;
use super::operation::{Content, Kind};
use crate::whole::{self, ReadError};
use crate::{Body, Budget, Share};

/// What a document says that decides, or what it is.
pub(super) enum Document {
    /// There is none, or nothing in it decides.
    Other(Bytes),
    Create(Option<CreateBucketConfiguration>, Bytes),
    Tagging(Tagging, Bytes),
    Retention(ObjectLockRetention, Bytes),
    LegalHold(ObjectLockLegalHold, Bytes),
    Replication(Box<ReplicationConfiguration>, Bytes),
    Batch(Delete),
}

impl Document {
    /// The document that is sent.
    pub(super) fn sent(self) -> Bytes {
        match self {
            Self::Other(sent)
            | Self::Create(_, sent)
            | Self::Tagging(_, sent)
            | Self::Retention(_, sent)
            | Self::LegalHold(_, sent)
            | Self::Replication(_, sent) => sent,
            Self::Batch(batch) => written(&batch).unwrap_or_default(),
        }
    }
}

/// A document as s3s writes it. Carriage returns are written so that nobody takes them for ends of lines.
pub(super) fn written(document: &impl Serialize) -> Result<Bytes, Fault> {
    let mut bytes = Vec::new();
    document.serialize(&mut Serializer::new(&mut bytes)).map_err(|_| Fault::Interrupted)?;
    let text = String::from_utf8(bytes).map_err(|_| Fault::Interrupted)?;
    Ok(if text.contains('\r') { text.replace('\r', "&#13;").into() } else { text.into() })
}

fn read<'xml, T: Deserialize<'xml>>(text: &'xml str) -> Result<T, Fault> {
    T::deserialize(&mut Deserializer::new(text.as_bytes())).map_err(|_| Fault::malformed())
}

/// Proves the chunks of bodies.
pub(super) struct Prover<'a> {
    pub(super) secrets: &'a Secrets,
    pub(super) call: &'a Call,
    /// The signature of the request, which begins the chain.
    pub(super) signature: Option<&'a Signature>,
}

impl Prover<'_> {
    /// The body of an object as it is sent on. Chunks that are signed are proved and lose their frames; those that are not
    /// are counted.
    pub(super) fn bytes(&self, classified: &mut Classified, body: Body) -> Result<Body, Fault> {
        let headers = &mut classified.headers;
        let claims = Claims::of(self.call, headers, None)?;
        if lock::is_asked(headers) {
            lock::require_digest_of(&claims)?;
        }
        let form = chunked::form(headers);
        let length = match form {
            Some(_) => chunked::decoded_length(headers),
            None => text(headers, CONTENT_LENGTH.as_str()).map_or(body.size_hint().exact(), |text| text.parse().ok()),
        };
        let missing =
            || Fault::new(S3ErrorCode::MissingContentLength, "You must provide the Content-Length HTTP header.");
        let length = length.ok_or_else(missing)?;
        if length > LARGEST_BODY {
            return Err(Fault::too_large(length, LARGEST_BODY));
        }
        match form {
            Some(Form::Signed) => self.proved(classified, body),
            Some(Form::Unsigned) => Ok(chunked::counted(headers, body)),
            None => {
                headers.remove("x-amz-decoded-content-length");
                headers.remove("x-amz-trailer");
                headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
                without_chunks(classified);
                Ok(body)
            }
        }
    }

    fn proved(&self, classified: &mut Classified, body: Body) -> Result<Body, Fault> {
        if classified.headers.contains_key("x-amz-trailer") {
            return Err(Fault::not_implemented(
                "A body with signed chunks and a trailer is not sent on to another server: let its trailer be unsigned",
            ));
        }
        let secret = self.call.caller.access_key.as_deref().and_then(|key| (self.secrets)(key));
        let Some((signature, secret)) = self.signature.zip(secret) else {
            return Err(Fault::new(S3ErrorCode::AccessDenied, "Chunks that are signed want a signed request"));
        };
        let chain = ChunkChain::new(signature, &SecretKey::new(secret.0));
        without_chunks(classified);
        Ok(chunked::proved(&mut classified.headers, body, chain))
    }

    /// The document of a request, for which there is room.
    pub(super) async fn document(
        &self, classified: &mut Classified, body: Body, budget: Option<Budget>,
    ) -> Result<(Document, Option<Share>), Fault> {
        let length = text(&classified.headers, CONTENT_LENGTH.as_str()).and_then(|text| text.parse().ok());
        let room = LARGEST_XML.min(length.unwrap_or(LARGEST_XML));
        let busy = |_| Fault::new(S3ErrorCode::SlowDown, "Please reduce your request rate.");
        let share = match budget.filter(|_| room > 0) {
            Some(budget) => Some(budget.reserve(room).await.map_err(busy)?),
            None => None,
        };
        let document = self.whole(classified, body).await?;
        let completes = classified.operation.kind == Kind::Complete;
        check_whole(&document, &classified.headers, completes)?;
        if wants_digest(classified) {
            require_digest(&classified.headers)?;
        }
        Ok((of_bytes(classified, document)?, share))
    }

    async fn whole(&self, classified: &mut Classified, body: Body) -> Result<Bytes, Fault> {
        let (body, trailer) = match chunked::form(&classified.headers) {
            None => (body, None),
            Some(Form::Signed) => (self.proved(classified, body)?, None),
            Some(Form::Unsigned) => {
                let (body, trailer) = chunked::unframed(&mut classified.headers, body);
                (body, Some(trailer))
            }
        };
        let read = whole::read(body, LARGEST_XML).await.map_err(|error| match error {
            ReadError::TooLong => Fault::new(S3ErrorCode::MaxMessageLengthExceeded, "Your request was too big."),
            ReadError::Broken(error) => fault_of_text(&error.to_string()).unwrap_or_else(incomplete),
        })?;
        if let Some(trailing) = trailer.as_ref().and_then(chunked::Trailer::headers) {
            classified.headers.extend(trailing.clone());
        }
        classified.headers.remove("x-amz-trailer");
        let stated = text(&classified.headers, CONTENT_LENGTH.as_str());
        if stated.is_some_and(|stated| stated != read.len().to_string()) {
            return Err(incomplete());
        }
        Ok(read)
    }
}

/// Takes the name of the frames off, which are no encoding of the object.
fn without_chunks(classified: &mut Classified) {
    let kept = text(&classified.headers, CONTENT_ENCODING.as_str()).and_then(|encodings| without_chunking(&encodings));
    classified.headers.remove(CONTENT_ENCODING);
    if let Some(Ok(kept)) = kept.map(HeaderValue::try_from) {
        classified.headers.insert(CONTENT_ENCODING, kept);
    }
}

/// Whether S3 demands a digest of the document.
fn wants_digest(classified: &Classified) -> bool {
    const NAMES: [&str; 8] = [
        "DeleteObjects",
        "PutBucketCors",
        "PutBucketLifecycleConfiguration",
        "PutBucketReplication",
        "PutBucketTagging",
        "PutObjectLegalHold",
        "PutObjectLockConfiguration",
        "PutObjectRetention",
    ];
    NAMES.contains(&classified.operation.name)
}

fn of_bytes(classified: &Classified, document: Bytes) -> Result<Document, Fault> {
    let (root, optional) = match classified.operation.content {
        Content::Xml(root) => (root, false),
        Content::OptionalXml(root) => (root, true),
        Content::Json => return Ok(Document::Other(document)),
        Content::None | Content::Bytes => return Ok(Document::Other(Bytes::new())),
    };
    if optional && document.is_empty() {
        let creates = classified.operation.kind == Kind::Create;
        return Ok(if creates { Document::Create(None, document) } else { Document::Other(document) });
    }
    let text = plain(&document, root)?;
    Ok(match classified.operation.kind {
        Kind::Create => {
            let read: CreateBucketConfiguration = read(&text)?;
            let sent = written(&read)?;
            Document::Create(Some(read), sent)
        }
        Kind::Tagging => {
            let read: Tagging = read(&text)?;
            let sent = written(&read)?;
            Document::Tagging(read, sent)
        }
        Kind::Retention => {
            let read: ObjectLockRetention = read(&text)?;
            let sent = written(&read)?;
            Document::Retention(read, sent)
        }
        Kind::LegalHold => {
            let read: ObjectLockLegalHold = read(&text)?;
            let sent = written(&read)?;
            Document::LegalHold(read, sent)
        }
        Kind::Replication => {
            let read: ReplicationConfiguration = read(&text)?;
            let sent = written(&read)?;
            Document::Replication(Box::new(read), sent)
        }
        Kind::Batch => Document::Batch(read(&text)?),
        _ => Document::Other(text.into()),
    })
}
