//! Batches of deletions: each object is decided about, and what is denied is an entry of the result.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response};
use http_body_util::{BodyExt as _, Full};
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{Delete, ObjectIdentifier};
use s3s::xml::{Deserialize as _, Deserializer, Serialize as _, Serializer};

use super::super::answer::escaped;
use super::super::fault::Fault;
use super::operation::Operation;
use super::{unavailable, whole};
use crate::upstream::Unanswered;
use crate::{Authorized, Authorizer, Body, Caller};

/// The largest number of objects in a batch.
const MOST_KEYS: usize = 1000;

const BEGIN: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
const END: &str = "</DeleteResult>";

/// A batch that was decided about.
pub(super) struct Decided {
    batch: Delete,
    /// The elements of what is denied.
    errors: String,
}

/// Asks for all at once, which is most often allowed, and otherwise for each.
pub(super) fn decide(
    operation: &Operation, document: &[u8], headers: &HeaderMap, caller: &Caller, authorizer: &dyn Authorizer,
) -> Result<Decided, Fault> {
    let mut batch = Delete::deserialize(&mut Deserializer::new(document)).map_err(|_| Fault::malformed())?;
    if batch.objects.is_empty() || batch.objects.len() > MOST_KEYS {
        return Err(Fault::malformed());
    }
    let requirements = |object: &ObjectIdentifier| operation.requirement_of(headers, object, caller.now);
    let all: Vec<_> = batch.objects.iter().flat_map(requirements).collect();
    let mut errors = String::new();
    if Authorized::by(authorizer, operation.name(), &all).is_err() {
        batch.objects.retain(|object| {
            let asked = Authorized::by(authorizer, operation.name(), &requirements(object));
            asked.map_err(|denial| errors.push_str(&error_of(object, Fault::denied(&denial)))).is_ok()
        });
    }
    Ok(Decided { batch, errors })
}

/// What is denied, as an entry of the result.
fn error_of(object: &ObjectIdentifier, fault: Fault) -> String {
    let (error, _) = fault.into_parts();
    let element = |name: &str, text: &str| format!("<{name}>{}</{name}>", escaped(text));
    let version = object.version_id.as_deref().map(|version| element("VersionId", version)).unwrap_or_default();
    let (key, code) = (element("Key", &object.key), element("Code", error.code().as_str()));
    format!("<Error>{key}{version}{code}{}</Error>", element("Message", error.message().unwrap_or_default()))
}

impl Decided {
    /// The document that is sent on, with headers that fit it: the one that came where nothing is denied. `None` if all
    /// is.
    pub(super) fn document(&self, came: Bytes, headers: &mut HeaderMap) -> Result<Option<Bytes>, Fault> {
        if self.errors.is_empty() {
            return Ok(Some(came));
        }
        if self.batch.objects.is_empty() {
            return Ok(None);
        }
        let mut document = Vec::new();
        self.batch.serialize(&mut Serializer::new(&mut document)).map_err(|_| Fault::Interrupted)?;
        let of_checksum = |name: &HeaderName| name.as_str().starts_with("x-amz-checksum-");
        let others: Vec<_> = headers.keys().filter(|name| of_checksum(name)).cloned().collect();
        others.iter().for_each(|name| drop(headers.remove(name)));
        headers.remove("x-amz-sdk-checksum-algorithm");
        let md5 = BASE64.encode(Md5::checksum(&document));
        let sha256 = hex::encode(digest(&SHA256, &document));
        let length = document.len().to_string();
        let own = [("content-md5", md5), ("x-amz-content-sha256", sha256), (CONTENT_LENGTH.as_str(), length)];
        for (name, value) in own {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        Ok(Some(document.into()))
    }

    /// The answer where nothing is sent on.
    pub(super) fn answer_of_none(&self) -> Result<Response<Body>, Fault> {
        Ok(self.answer(Response::new(()), format!("{BEGIN}{}{END}", self.errors)))
    }

    /// The answer of the server, with what is denied.
    pub(super) async fn added_to(self, answer: Response<Body>) -> Result<Response<Body>, Fault> {
        if self.errors.is_empty() || !answer.status().is_success() {
            return Ok(answer);
        }
        let garbled = || unavailable(&Unanswered::because("answers DeleteObjects with what is no result"));
        let (head, body) = answer.into_parts();
        let document = whole(body).await.map_err(|_| garbled())?;
        let document = std::str::from_utf8(&document).map_err(|_| garbled())?.trim_end();
        let text = match document.strip_suffix(END) {
            Some(text) => format!("{text}{}{END}", self.errors),
            // A result without entries.
            None if document.ends_with("/>") && document.contains("<DeleteResult") => {
                format!("{BEGIN}{}{END}", self.errors)
            }
            None => return Err(garbled()),
        };
        Ok(self.answer(Response::from_parts(head, ()), text))
    }

    fn answer(&self, answer: Response<()>, text: String) -> Response<Body> {
        let mut answer = answer.map(|()| Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync());
        answer.headers_mut().remove(CONTENT_LENGTH);
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        answer
    }
}
