//! The awsQuery protocol, as IAM and STS speak it: its lists in requests, and its answers. The parameters themselves are
//! read by [`crate::query`].
//!
//! See <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>.

use http::{Response, StatusCode};

use crate::{
    protocol::{Failure, answer},
    query::Params,
    rest_xml::escape,
};

/// The XML namespace of STS.
pub const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The XML namespace of IAM.
pub const IAM: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

const CONTENT_TYPE: &str = "text/xml";

/// The names under which the members of a list were sent, in the order of their numbers.
///
/// ```
/// use sidegate_wire::{aws_query::members, query::Params};
///
/// let params = Params::parse(b"Keys.member.10=c&Keys.member.2.Name=b&Keys.member.2.Value=&Keys.member.x=d")?;
/// assert_eq!(members(&params, "Keys"), ["Keys.member.2", "Keys.member.10"]);
/// # Ok::<(), sidegate_wire::query::QueryError>(())
/// ```
pub fn members(params: &Params, list: &str) -> Vec<String> {
    let prefix = format!("{list}.member.");
    let number = |(name, _): (&str, &str)| name.strip_prefix(&prefix)?.split('.').next()?.parse::<u32>().ok();
    let mut numbers: Vec<_> = params.starting_with(&prefix).filter_map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.into_iter().map(|number| format!("{prefix}{number}")).collect()
}

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
///     })
///     .list("Keys", ["a", "b"], |key, name| {
///         key.text("Name", name);
///     });
/// assert_eq!(
///     content.as_str(),
///     "<PackedPolicySize>6</PackedPolicySize>\
///      <Credentials><AccessKeyId>ASIA&lt;1&gt;</AccessKeyId></Credentials>\
///      <Keys><member><Name>a</Name></member><member><Name>b</Name></member></Keys>",
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

    /// Adds an element with text if there is one.
    pub fn optional(&mut self, name: &str, text: Option<impl ToString>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// Adds an element with what `fill` puts into it.
    pub fn nested(&mut self, name: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::default();
        fill(&mut inner);
        self.wrapped(name, &inner.0)
    }

    /// Adds an element with content that was made before.
    pub fn within(&mut self, name: &str, content: &Self) -> &mut Self {
        self.wrapped(name, &content.0)
    }

    /// Adds a list with a member for each item, made of what `fill` puts into it.
    pub fn list<T>(
        &mut self, name: &str, items: impl IntoIterator<Item = T>, mut fill: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.nested(name, |list| {
            for item in items {
                list.nested("member", |member| fill(member, item));
            }
        })
    }

    /// Adds a list whose members are texts.
    pub fn texts(&mut self, name: &str, texts: impl IntoIterator<Item = impl ToString>) -> &mut Self {
        self.nested(name, |list| {
            for text in texts {
                list.text("member", text);
            }
        })
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
    let result = format!("<{action}Result>{}</{action}Result>", result.as_str());
    wrapped(namespace, action, &result, request_id)
}

/// The answer to an action that succeeded and whose model has no result.
pub fn empty(namespace: &str, action: &str, request_id: &str) -> Response<Vec<u8>> {
    wrapped(namespace, action, "", request_id)
}

fn wrapped(namespace: &str, action: &str, result: &str, request_id: &str) -> Response<Vec<u8>> {
    let mut metadata = Content::default();
    metadata.text("RequestId", request_id);
    let body = format!(
        "<{action}Response xmlns=\"{namespace}\">{result}\
         <ResponseMetadata>{metadata}</ResponseMetadata></{action}Response>",
        namespace = escape(namespace),
        metadata = metadata.as_str(),
    );
    answer(StatusCode::OK, CONTENT_TYPE, request_id, body.into_bytes())
}

/// The answer that tells an error, in the namespace of STS.
pub fn error(failure: &Failure, request_id: &str) -> Response<Vec<u8>> {
    error_in(STS, failure, request_id)
}

/// The answer that tells an error, in the namespace of a service.
pub fn error_in(namespace: &str, failure: &Failure, request_id: &str) -> Response<Vec<u8>> {
    let fault = if failure.status.is_server_error() { "Receiver" } else { "Sender" };
    let mut content = Content::default();
    content
        .nested("Error", |error| {
            error.text("Type", fault).text("Code", &failure.code).text("Message", &failure.message);
        })
        .text("RequestId", request_id);
    let body = format!("<ErrorResponse xmlns=\"{}\">{}</ErrorResponse>", escape(namespace), content.as_str());
    answer(failure.status, CONTENT_TYPE, request_id, body.into_bytes())
}
