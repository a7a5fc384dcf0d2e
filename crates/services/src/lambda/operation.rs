//! A request whose operation is known, and what operations have in common.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sidegate_iam::Requirement;
use sidegate_wire::aws_json;

use super::fault::Fault;
use super::function::{Function, Shown, Version};
use super::name::{Named, Place};
use super::store::Store;
use super::{LARGEST_BODY, Lambda};
use crate::kms::{EncryptionContext, OnBehalf};
use crate::{Authorized, Authorizer, Caller, ForwardedBy};

/// A request whose operation is known.
pub(super) struct Call<'a> {
    pub(super) lambda: &'a Lambda,
    pub(super) caller: &'a Caller,
    pub(super) authorizer: &'a dyn Authorizer,
    /// The name of the operation.
    pub(super) operation: &'static str,
    /// What stands in the path for its parameters.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    /// Whether it came by TLS.
    pub(super) is_secure: bool,
    pub(super) body: Bytes,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// One with a document.
    pub(super) fn of(status: StatusCode, document: &impl Serialize) -> Result<Self, Fault> {
        Ok(Self { status, headers: Vec::new(), body: serde_json::to_vec(document)? })
    }

    /// One with a document and status 200.
    pub(super) fn ok(document: &impl Serialize) -> Result<Self, Fault> {
        Self::of(StatusCode::OK, document)
    }

    /// One with a document and status 201.
    pub(super) fn created(document: &impl Serialize) -> Result<Self, Fault> {
        Self::of(StatusCode::CREATED, document)
    }

    /// One that has nothing to say.
    pub(super) fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: Vec::new(), body: Vec::new() }
    }

    /// With a header; a value that no header can have is left out.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// As it goes out.
    pub(super) fn response(self, request_id: &str) -> Response<Vec<u8>> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert("x-amzn-requestid", id);
        }
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response
    }
}

impl<'a> Call<'a> {
    pub(super) fn store(&self) -> &'a std::sync::Arc<Store> {
        &self.lambda.inner.store
    }

    /// A parameter of the path.
    pub(super) fn segment(&self, index: usize) -> &str {
        self.path.get(index).map_or("", String::as_str)
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A header that is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The document.
    pub(super) fn document<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        Ok(aws_json::parse_within(&self.body, LARGEST_BODY)?)
    }

    /// The function of the path, with the qualifier of the name and of the query.
    pub(super) fn named(&self) -> Result<Named, Fault> {
        Named::parse(self.caller, self.segment(0))?.qualified(self.parameter("Qualifier"))
    }

    /// The function of the path, which this operation knows as a whole.
    pub(super) fn place(&self) -> Result<Place, Fault> {
        Ok(Named::parse(self.caller, self.segment(0))?.place)
    }

    /// The same for an operation that no version and no alias takes.
    ///
    /// Source: Lambda API reference, "PutFunctionConcurrency": "Concurrency settings apply to the function as a whole, including
    /// all published versions and the unpublished version"; the words are those that others were told.
    pub(super) fn unqualified_place(&self) -> Result<Place, Fault> {
        let Named { place, qualifier } = self.named()?;
        if qualifier.is_some() {
            return Err(Fault::invalid(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
                 Please specify either a function name or an unqualified function ARN.",
            ));
        }
        Ok(place)
    }

    /// Asks the authorizer.
    pub(super) fn authorize(&self, requirements: &[Requirement]) -> Result<Authorized, Fault> {
        Authorized::by(self.authorizer, self.operation, requirements).map_err(|denial| Fault::Denied(Box::new(denial)))
    }

    /// What has to be allowed for an action on a function, or on one of its versions or aliases.
    ///
    /// Source: Service authorization reference, "Actions, resources, and condition keys for AWS Lambda".
    pub(super) fn requirement(&self, action: &str, named: &Named, function: Option<&Function>) -> Requirement {
        requirement(action, named, function)
    }

    /// The same on the function as a whole.
    pub(super) fn whole_requirement(&self, place: &Place, function: Option<&Function>) -> Requirement {
        let named = Named { place: place.clone(), qualifier: None };
        self.requirement(self.operation, &named, function)
    }

    /// In whose name a service is asked.
    pub(super) fn on_behalf(&self) -> OnBehalf<'a> {
        let by = ForwardedBy { service: "lambda", region: self.caller.scope.region };
        OnBehalf { caller: self.caller, authorizer: self.authorizer, by }
    }

    /// How the caller is told the variables of a version.
    pub(super) async fn shown(&self, place: &Place, version: &Version) -> Shown {
        let Some(key) = version.key.as_ref().filter(|_| version.variables.is_some()) else { return Shown::Variables };
        let refused = |code: &str| {
            let message = format!(
                "Lambda was unable to decrypt your environment variables because the KMS access was denied. Please check \
                 your KMS permissions. KMS Exception: {code}"
            );
            Shown::Error(code.to_owned(), message)
        };
        let Some(keys) = &self.lambda.keys else { return refused("KMSNotFoundException") };
        match keys.decrypt(self.on_behalf(), &key.wrapped, key_context(place)).await {
            Ok(_) => Shown::Variables,
            Err(error) => refused(error.code()),
        }
    }

    /// The configuration of a version as the caller is told it.
    pub(super) async fn configuration(&self, place: &Place, version: &Version, qualified: bool) -> Value {
        version.document(place, qualified, &self.shown(place, version).await)
    }

    /// A page of a list.
    pub(super) fn page<T>(&self, items: Vec<(String, T)>, most: usize) -> Result<(Vec<T>, Option<String>), Fault> {
        super::page::page(self, items, most)
    }
}

/// The encryption context of a function's variables.
///
/// Source: Lambda developer guide, "Securing Lambda environment variables".
pub(super) fn key_context(place: &Place) -> EncryptionContext {
    [("aws:lambda:FunctionArn", place.function_arn().as_str())].into_iter().collect()
}

/// What has to be allowed for an action on a function, or on one of its versions or aliases. The policies of those are each
/// their own.
pub(super) fn requirement(action: &str, named: &Named, function: Option<&Function>) -> Requirement {
    let action = match action {
        // The one operation whose action has another name.
        "Invoke" => "InvokeFunction",
        other => other,
    };
    let requirement =
        Requirement::new(format!("lambda:{action}"), named.arn()).owned_by(named.place.scope.account.clone());
    let Some(function) = function else { return requirement };
    let requirement = with_tags(requirement, &function.head.tags);
    let qualifier = named.qualifier.as_ref();
    match function.policy(qualifier) {
        Some(policy) => requirement.under(policy.parsed()),
        None => requirement,
    }
}

fn with_tags(mut requirement: Requirement, tags: &BTreeMap<String, String>) -> Requirement {
    for (key, value) in tags {
        requirement = requirement.with(&format!("aws:ResourceTag/{key}"), value.as_str());
    }
    requirement
}

/// The function, or the fault that it is not there.
pub(super) fn present<'f>(named: &Named, function: Option<&'f Function>) -> Result<&'f Function, Fault> {
    function.ok_or_else(|| Fault::no_function(&named.arn()))
}

/// The version that a qualifier stands for, or the fault that it is not there.
pub(super) fn present_version<'f>(named: &Named, function: Option<&'f Function>) -> Result<&'f Version, Fault> {
    let found = function.and_then(|function| function.qualified(named.qualifier.as_ref()));
    found.ok_or_else(|| Fault::no_function(&named.arn()))
}

/// Refuses a change that rests on another revision than there is.
pub(super) fn check_revision(given: Option<&str>, own: &str) -> Result<(), Fault> {
    match given {
        Some(given) if given != own => Err(Fault::Told(
            super::fault::Code::PreconditionFailed,
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve \
             the latest Revision Id"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

/// A list under its name, with the marker of the next page.
pub(super) fn listed(name: &str, items: Vec<Value>, marker: Option<String>) -> Value {
    let mut document = json!({ name: items });
    if let (Some(marker), Some(document)) = (marker, document.as_object_mut()) {
        document.insert("NextMarker".to_owned(), marker.into());
    }
    document
}
