//! Requests that bring something to a queue, a topic, an event bus or a bucket, as services of AWS make them.

use http::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// What stands in a form as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request to the service of a destination.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) service: &'static str,
    pub(crate) request: Request<Vec<u8>>,
}

/// The service in an ARN.
pub(crate) fn service_of(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

impl Parcel {
    /// `SendMessage` to the queue of an ARN.
    pub(crate) fn message(region: &str, arn: &str, body: &str, attributes: &Value) -> Option<Self> {
        let mut parts = arn.split(':').skip(4);
        let (account, queue) = (parts.next()?, parts.next()?);
        let url = format!("https://sqs.{region}.amazonaws.com/{account}/{queue}");
        let input = json!({"QueueUrl": url, "MessageBody": body, "MessageAttributes": attributes});
        Self::json("sqs", region, "1.0", "AmazonSQS.SendMessage", &input)
    }

    /// `Publish` to a topic.
    pub(crate) fn publication(
        region: &str, arn: &str, subject: Option<&str>, message: &str,
        attributes: &[(&'static str, &'static str, String)],
    ) -> Option<Self> {
        let mut form = vec![
            ("Action".to_owned(), "Publish"),
            ("Version".to_owned(), "2010-03-31"),
            ("TopicArn".to_owned(), arn),
            ("Message".to_owned(), message),
        ];
        form.extend(subject.map(|subject| ("Subject".to_owned(), subject)));
        for (number, (name, kind, value)) in attributes.iter().enumerate() {
            let entry = format!("MessageAttributes.entry.{}", number + 1);
            form.push((format!("{entry}.Name"), name));
            form.push((format!("{entry}.Value.DataType"), kind));
            form.push((format!("{entry}.Value.StringValue"), value));
        }
        let form = form.into_iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, PLAIN)));
        let body = form.collect::<Vec<_>>().join("&");
        let request = Request::builder()
            .method(Method::POST)
            .uri("/")
            .header("host", format!("sns.{region}.amazonaws.com"))
            .header("content-type", "application/x-www-form-urlencoded");
        Some(Self { service: "sns", request: request.body(body.into_bytes()).ok()? })
    }

    /// An operation of a service that speaks JSON.
    pub(crate) fn json(
        service: &'static str, region: &str, version: &str, target: &str, input: &Value,
    ) -> Option<Self> {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/")
            .header("host", format!("{service}.{region}.amazonaws.com"))
            .header("content-type", format!("application/x-amz-json-{version}"))
            .header("x-amz-target", target);
        Some(Self { service, request: request.body(input.to_string().into_bytes()).ok()? })
    }

    /// `PutObject`
    pub(crate) fn put(region: &str, path: &str, body: String) -> Option<Self> {
        let request = Request::builder()
            .method(Method::PUT)
            .uri(path)
            .header("host", format!("s3.{region}.amazonaws.com"))
            .header("content-type", "application/json");
        Some(Self { service: "s3", request: request.body(body.into_bytes()).ok()? })
    }
}
