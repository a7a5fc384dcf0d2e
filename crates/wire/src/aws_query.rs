//! The awsQuery protocol, as IAM and STS speak it: its lists in requests, and its answers. The parameters themselves are
//! read by [`crate::query`].
//!
//! See <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>.

use std::collections::BTreeMap;

use http::{Response, StatusCode};

use crate::{
    protocol::{Failure, answer, set},
    query::Params,
    rest_xml::escape,
};

/// The XML namespace of STS.
pub const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The XML namespace of IAM.
pub const IAM: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// The XML namespace of CloudWatch.
pub const CLOUDWATCH: &str = "http://monitoring.amazonaws.com/doc/2010-08-01/";

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

/// How deep parameters may be nested.
const MAX_DEPTH: usize = 16;

/// The parameters as the document that they would be in JSON, in which every scalar is a text: `A.B=1` is a member of a
/// structure, `A.member.1=x` an item of a list, and `A.entry.1.key=k` with `A.entry.1.value=v` an entry of a map. `Action`
/// and `Version` are no parameters. An empty list is an empty text.
///
/// ```
/// use sidegate_wire::{aws_query::document, query::Params};
///
/// let params = Params::parse(b"Action=A&L.member.2=b&L.member.1=a&S.T=1&M.entry.1.key=k&M.entry.1.value=v")?;
/// let expected = serde_json::json!({"L": ["a", "b"], "M": {"k": "v"}, "S": {"T": "1"}});
/// assert_eq!(document(&params), Some(expected));
/// assert_eq!(document(&Params::parse(b"A=1&A.B=2")?), None, "a scalar and a structure at once");
/// # Ok::<(), sidegate_wire::query::QueryError>(())
/// ```
pub fn document(params: &Params) -> Option<serde_json::Value> {
    let mut root = Node::default();
    for (name, value) in params.iter().filter(|(name, _)| !matches!(*name, "Action" | "Version")) {
        let mut node = &mut root;
        if name.split('.').count() > MAX_DEPTH {
            return None;
        }
        for part in name.split('.') {
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.text = Some(value.to_owned());
    }
    root.into_document()
}

/// A parameter, or what begins with its name.
#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn into_document(mut self) -> Option<serde_json::Value> {
        match self.text {
            Some(text) if self.children.is_empty() => return Some(text.into()),
            Some(_) => return None,
            None => {}
        }
        if self.children.len() == 1 {
            if let Some(members) = self.children.remove("member") {
                return members.numbered()?.into_iter().map(Self::into_document).collect();
            }
            if let Some(entries) = self.children.remove("entry") {
                return entries.numbered()?.into_iter().map(Self::into_entry).collect();
            }
        }
        self.children.into_iter().map(|(name, node)| Some((name, node.into_document()?))).collect()
    }

    fn into_entry(mut self) -> Option<(String, serde_json::Value)> {
        let key = self.children.remove("key")?.text?;
        Some((key, self.children.remove("value")?.into_document()?))
    }

    /// The children in the order of the numbers that they are called by.
    fn numbered(self) -> Option<Vec<Self>> {
        let numbered = self.children.into_iter().map(|(name, node)| Some((name.parse().ok()?, node)));
        let numbered = numbered.collect::<Option<BTreeMap<u32, _>>>()?;
        Some(numbered.into_values().collect())
    }
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

    /// Adds text, which is escaped, outside of any element of its own.
    pub fn characters(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&escape(text));
        self
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

/// Says in an answer of another protocol which code the query protocol has for its error: `code` of a service that had it
/// first.
///
/// Source: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait>.
pub fn tell_code(response: &mut Response<Vec<u8>>, code: &str) {
    let fault = if response.status().is_server_error() { "Receiver" } else { "Sender" };
    set(response.headers_mut(), "x-amzn-query-error", &format!("{code};{fault}"));
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
