//! Batches of deletions: each object is decided about, and what is denied is an entry of the result.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response};
use http_body_util::{BodyExt as _, Full};
use s3s::dto::{Delete, ETag, ObjectIdentifier};
use sidegate_iam::Requirement;

use super::super::answer::escaped;
use super::super::call::Call;
use super::super::delete::{MOST_KEYS, refuse_unsupported};
use super::super::fault::Fault;
use super::super::lock::may_bypass;
use super::super::requirement::Named;
use super::super::{LARGEST_XML, plain};
use super::decision::asks_to_bypass;
use super::unavailable;
use crate::upstream::Unanswered;
use crate::{Authorized, Body, whole};

const OPERATION: &str = "DeleteObjects";

/// A batch that was decided about.
pub(super) struct Decided {
    /// What may be deleted.
    pub(super) batch: Delete,
    /// None if it is nothing.
    pub(super) allowed: Option<Authorized>,
    /// Whether all of it may be deleted in spite of a retention in governance mode.
    pub(super) bypasses: bool,
    /// The elements of what is denied.
    errors: String,
}

/// Asks for all at once, which is most often allowed, and otherwise for each.
pub(super) async fn decide(call: &Call, named: &Named, headers: &HeaderMap, batch: Delete) -> Result<Decided, Fault> {
    if batch.objects.is_empty() || batch.objects.len() > MOST_KEYS {
        return Err(Fault::malformed());
    }
    let mut decided = Decided {
        batch: Delete { objects: Vec::new(), ..batch },
        allowed: None,
        bypasses: false,
        errors: String::new(),
    };
    let mut asked = Vec::new();
    for object in batch.objects {
        match refuse_unsupported(&object) {
            Ok(()) => asked.push(object),
            Err(fault) => decided.errors.push_str(&error_of(&object, fault)),
        }
    }
    let all: Vec<_> = asked.iter().flat_map(|object| requirements(named, object)).collect();
    if asked.is_empty() {
        return Ok(decided);
    }
    match call.authorize(OPERATION, all).await {
        Ok(allowed) => {
            decided.allowed = Some(allowed);
            decided.batch.objects = asked;
        }
        Err(fault) if !fault.is_access_denied() => return Err(fault),
        Err(_) => {
            for object in asked {
                match call.authorize(OPERATION, requirements(named, &object)).await {
                    Ok(allowed) => {
                        decided.allowed = Some(allowed);
                        decided.batch.objects.push(object);
                    }
                    Err(fault) if fault.is_access_denied() => decided.errors.push_str(&error_of(&object, fault)),
                    Err(fault) => return Err(fault),
                }
            }
        }
    }
    decided.bypasses = asks_to_bypass(headers) && decided.allowed.is_some();
    for object in &decided.batch.objects {
        if !decided.bypasses {
            break;
        }
        decided.bypasses = may_bypass(call, named, OPERATION, &object.key, true).await;
    }
    Ok(decided)
}

fn requirements(named: &Named, object: &ObjectIdentifier) -> Vec<Requirement> {
    let requirement = named.on_version("DeleteObject", &object.key, object.version_id.as_deref());
    named.removing(requirement, &object.key, object.e_tag.as_ref().map(ETag::value))
}

/// What is denied, as an entry of the result.
fn error_of(object: &ObjectIdentifier, fault: Fault) -> String {
    let (error, _) = fault.into_parts();
    let element = |name: &str, text: &str| format!("<{name}>{}</{name}>", text_of(text));
    let version = object.version_id.as_deref().map(|version| element("VersionId", version)).unwrap_or_default();
    let (key, code) = (element("Key", &object.key), element("Code", error.code().as_str()));
    format!("<Error>{key}{version}{code}{}</Error>", element("Message", error.message().unwrap_or_default()))
}

fn text_of(text: &str) -> String {
    escaped(text).replace('\r', "&#13;")
}

impl Decided {
    /// The answer where nothing is sent on.
    pub(super) fn answer_of_none(&self) -> Response<Body> {
        self.answer(Response::new(()), "")
    }

    /// The answer of the server, with what is denied.
    pub(super) async fn added_to(self, answer: Response<Body>) -> Result<Response<Body>, Fault> {
        if self.errors.is_empty() || !answer.status().is_success() {
            return Ok(answer);
        }
        let garbled = || unavailable(&Unanswered::because("answers DeleteObjects with what is no result"));
        let (head, body) = answer.into_parts();
        let document = whole::read(body, LARGEST_XML).await.map_err(|_| garbled())?;
        let document = plain::plain(&document, "DeleteResult").map_err(|_| garbled())?;
        let inside = document.split_once('>').and_then(|(_, rest)| rest.strip_suffix("</DeleteResult>"));
        Ok(self.answer(Response::from_parts(head, ()), inside.ok_or_else(garbled)?))
    }

    fn answer(&self, answer: Response<()>, before: &str) -> Response<Body> {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             {before}{}</DeleteResult>",
            self.errors
        );
        let mut answer = answer.map(|()| Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync());
        answer.headers_mut().remove(CONTENT_LENGTH);
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        answer
    }
}
