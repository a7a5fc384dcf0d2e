//! The awsQuery protocol's answers, as STS gives them. Requests are read by [`crate::query`].
//!
//! See <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>.

use http::{Response, StatusCode};

use crate::{
    protocol::{Failure, answer},
    rest_xml::escape,
};

/// The XML namespace of STS.
pub const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

const CONTENT_TYPE: &str = "text/xml";

/// The content of a result: elements with text and elements with elements.
///
/// ```
/// use sidegate_wire::aws_query::Content;
///
/// let mut content = Content::default();
/// content
///     .text("PackedPolicySize", 6)
///     .nested("Credentials", |credentials| {
///         credentials.text("AccessKeyId", "ASIA<1>");
///     });
/// assert_eq!(
///     content.as_str(),
///     "<PackedPolicySize>6</PackedPolicySize>\
///      <Credentials><AccessKeyId>ASIA&lt;1&gt;</AccessKeyId></Credentials>",
/// );
/// ```
#[derive(Debug, Clone, Default)]
pub struct Content(String);

impl Content {
    /// Adds an element with text, which is escaped.
    pub fn text(&mut self, name: &str, text: impl ToString) -> &mut Self {
        let text = text.to_string();
        self.wrapped(name, &escape(&text))
    }

    /// Adds an element with what `fill` puts into it.
    pub fn nested(&mut self, name: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::default();
        fill(&mut inner);
        self.wrapped(name, &inner.0)
    }

    /// The XML so far.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn wrapped(&mut self, name: &str, content: &str) -> &mut Self {
        for part in ["<", name, ">", content, "</", name, ">"] {
            self.0.push_str(part);
        }
        self
    }
}

/// The answer to an action that succeeded.
pub fn response(namespace: &str, action: &str, result: &Content, request_id: &str) -> Response<Vec<u8>> {
    let mut metadata = Content::default();
    metadata.text("RequestId", request_id);
    let body = format!(
        "<{action}Response xmlns=\"{namespace}\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata>{metadata}</ResponseMetadata></{action}Response>",
        namespace = escape(namespace),
        result = result.as_str(),
        metadata = metadata.as_str(),
    );
    answer(StatusCode::OK, CONTENT_TYPE, request_id, body.into_bytes())
}

/// The answer that tells an error, in the namespace of STS.
pub fn error(failure: &Failure, request_id: &str) -> Response<Vec<u8>> {
    let fault = if failure.status.is_server_error() { "Receiver" } else { "Sender" };
    let mut content = Content::default();
    content
        .nested("Error", |error| {
            error.text("Type", fault).text("Code", &failure.code).text("Message", &failure.message);
        })
        .text("RequestId", request_id);
    let body = format!("<ErrorResponse xmlns=\"{STS}\">{}</ErrorResponse>", content.as_str());
    answer(failure.status, CONTENT_TYPE, request_id, body.into_bytes())
}
