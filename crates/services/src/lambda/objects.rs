//! Objects of S3 that hold code, read in the name of whoever calls.
//!
//! Source: API reference, "FunctionCode"; IAM user guide, "Forward access sessions".

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::escape::unescape;
use sidegate_iam::{Denial, Requirement};

use super::fault::Fault;
use crate::whole::{self, ReadError};
use crate::{Authorizer, Caller, ForwardedBy, Service};

/// What stands in the path of a request as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// What stands in a query as it is.
const PLAIN_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The largest archive that is read. What it may unpack to bounds it first.
const LARGEST: usize = 250 << 20;

/// The objects of all accounts and Regions.
#[derive(Clone)]
pub(super) struct Objects(Arc<dyn Service>);

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Objects(..)")
    }
}

impl Objects {
    /// Those of a service that is S3.
    pub(super) fn of(s3: Arc<dyn Service>) -> Self {
        Self(s3)
    }

    /// Reads an object, if the caller may.
    pub(super) async fn read(
        &self, caller: &Caller, authorizer: &dyn Authorizer, bucket: &str, key: &str, version: Option<&str>,
    ) -> Result<Bytes, Fault> {
        // It is Lambda that asks: nothing of the caller's request is on it.
        let caller = Caller { access_key: None, ..caller.clone() };
        let region = caller.scope.region;
        let query = version.map(|version| format!("?versionId={}", utf8_percent_encode(version, PLAIN_VALUE)));
        let (key, query) = (utf8_percent_encode(key, PLAIN), query.unwrap_or_default());
        let request = Request::builder()
            .method(Method::GET)
            .uri(format!("/{bucket}/{key}{query}"))
            .header("host", format!("s3.{region}.amazonaws.com"))
            .body(Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync())
            .map_err(|_| Fault::invalid("The key of the object is not one."))?;
        let forwarded = Forwarded { by: ForwardedBy { service: "lambda", region }, authorizer };
        let (head, body) = self.0.handle(request, &caller, &forwarded).await.into_parts();
        let body = whole::read(body, LARGEST).await.map_err(|error| match error {
            ReadError::TooLong => Fault::invalid(format!("Unzipped size must be smaller than {LARGEST} bytes")),
            ReadError::Broken(_) => Fault::Interrupted,
        })?;
        if head.status == StatusCode::OK { Ok(body) } else { Err(refused(head.status, &body)) }
    }
}

/// What S3 says, as Lambda passes it on.
///
/// Source: the errors that users of `CreateFunction` quote, see docs/claims.md.
fn refused(status: StatusCode, document: &[u8]) -> Fault {
    let document = String::from_utf8_lossy(document);
    let element = |name: &str| {
        let (_, rest) = document.split_once(&format!("<{name}>"))?;
        let (text, _) = rest.split_once('<')?;
        Some(unescape(text).map_or_else(|_| text.to_owned(), Cow::into_owned))
    };
    let code = element("Code").unwrap_or_else(|| status.as_u16().to_string());
    let message = element("Message").unwrap_or_default();
    if status == StatusCode::FORBIDDEN {
        return Fault::Told(
            super::fault::Code::AccessDenied,
            format!(
                "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for the object. S3 Error Code: {code}. S3 Error Message: {message}"
            ),
        );
    }
    Fault::invalid(format!("Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"))
}

/// Asks about what Lambda does in its caller's name.
struct Forwarded<'a> {
    by: ForwardedBy,
    authorizer: &'a dyn Authorizer,
}

impl Authorizer for Forwarded<'_> {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        self.authorizer.authorize_forwarded(&self.by, requirements)
    }

    fn authorize_forwarded(&self, by: &ForwardedBy, requirements: &[Requirement]) -> Result<(), Denial> {
        self.authorizer.authorize_forwarded(by, requirements)
    }
}
