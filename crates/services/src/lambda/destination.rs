//! Destinations of asynchronous invocations, and dead letter queues: what they get, and how it gets there.
//!
//! Everything is sent in the name of the execution role, by a request that its policies decide: to another function, into
//! a bucket, and to SQS, SNS and EventBridge where another server answers for them.
//!
//! Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations", "Adding a dead-letter queue".

use http::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Inner;
use super::fault::Fault;
use super::function::timestamp;
use super::name::Named;
use super::operation::requirement;
use super::queue::{NO_CONCURRENCY, Outcome, now};
use super::store::Waiting;
use crate::random::uuid;

/// How many functions may hand an event on to the next one. AWS stops a loop after about as many.
///
/// Source: Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops".
pub(super) const MOST_HOPS: u32 = 16;
/// What stands in a form as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The most bytes of the reason in a dead letter. Source: "Adding a dead-letter queue": "The first 1 KB".
const LONGEST_REASON: usize = 1024;

/// An event that has come to its end, and whose it was.
pub(super) struct Letter<'a> {
    pub(super) named: &'a Named,
    /// The execution role.
    pub(super) role: &'a str,
    /// Whether functions may hand it on to one another without end.
    pub(super) allows_loops: bool,
    pub(super) waiting: &'a Waiting,
    pub(super) outcome: &'a Outcome<'a>,
}

/// A request to the service of a destination.
struct Parcel {
    service: &'static str,
    request: Request<Vec<u8>>,
}

impl Inner {
    /// Sends the record of an event to a destination.
    pub(super) async fn deliver(&self, letter: &Letter<'_>, arn: &str) -> Result<(), Fault> {
        let record = letter.record();
        match service_of(arn) {
            "lambda" => self.hand_on(letter, arn, &record).await,
            _ => self.send(letter, arn, "the destination", Parcel::of_record(letter, arn, &record)?).await,
        }
    }

    /// Sends the event itself to the dead letter queue.
    pub(super) async fn bury(&self, letter: &Letter<'_>, arn: &str) -> Result<(), Fault> {
        self.send(letter, arn, "the dead letter queue", Parcel::of_event(letter, arn)).await
    }

    /// Invokes another function with the record, if the execution role may.
    async fn hand_on(&self, letter: &Letter<'_>, arn: &str, record: &Value) -> Result<(), Fault> {
        let Letter { named, role, waiting, .. } = letter;
        let scope = &named.place.scope;
        if waiting.hops >= MOST_HOPS && !letter.allows_loops {
            tracing::warn!(function = named.arn(), id = waiting.id, "a loop of destinations is stopped");
            return Ok(());
        }
        let target = Named::parse_in(scope, arn)?;
        let there = self.store.function(&target.place);
        let needed = requirement("Invoke", &target, there.as_deref());
        if !self.pools.environments().may(scope, role, &needed).await {
            letter.lost(arn, "the destination", "the execution role may not call it");
            return Ok(());
        }
        let next = Waiting {
            id: uuid()?,
            scope: target.place.scope.clone(),
            function: target.place.name.clone(),
            qualifier: target.qualifier.as_ref().map(ToString::to_string),
            payload: record.to_string().into_bytes(),
            client_context: None,
            trace_id: waiting.trace_id.clone(),
            since: now(),
            failures: 0,
            throttles: 0,
            hops: waiting.hops + 1,
            due: now(),
        };
        self.store.put_event(next).await?;
        self.queue.wake.notify_one();
        Ok(())
    }

    /// Sends a request in the name of the execution role. What is not taken is lost, as on AWS, and told in the log.
    async fn send(&self, letter: &Letter<'_>, arn: &str, what: &str, parcel: Option<Parcel>) -> Result<(), Fault> {
        let Some(Parcel { service, request }) = parcel else {
            letter.lost(arn, what, "nothing can be sent there");
            return Ok(());
        };
        let scope = &letter.named.place.scope;
        match self.pools.environments().call(scope, letter.role, service, request).await {
            Some(status) if status.is_success() => {}
            Some(status) => letter.lost(arn, what, &format!("the service answers with {status}")),
            None => letter.lost(arn, what, "the service is not emulated, and no other server answers for it"),
        }
        Ok(())
    }
}

impl Letter<'_> {
    /// Says in the log that something did not arrive.
    fn lost(&self, arn: &str, what: &str, reason: &str) {
        let (function, id) = (self.named.arn(), &self.waiting.id);
        tracing::warn!(function, id, to = arn, reason, "{what} of an event does not get it");
    }

    /// The record of the invocation.
    fn record(&self) -> Value {
        let Self { waiting, outcome, .. } = self;
        let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_else(|_| json!({}));
        let attempts = match outcome.condition {
            "Success" => waiting.failures + 1,
            NO_CONCURRENCY => 0,
            _ => waiting.failures,
        };
        let mut record = json!({
            "version": "1.0",
            "timestamp": timestamp(now()).replace("+0000", "Z"),
            "requestContext": {
                "requestId": waiting.id,
                "functionArn": self.function_arn(),
                "condition": outcome.condition,
                "approximateInvokeCount": attempts,
            },
            "requestPayload": parsed(&waiting.payload),
        });
        if let (Some(invoked), Some(record)) = (outcome.invoked, record.as_object_mut()) {
            let mut context = json!({"statusCode": 200, "executedVersion": invoked.version});
            if let (true, Some(context)) = (invoked.error.is_some(), context.as_object_mut()) {
                context.insert("functionError".to_owned(), "Unhandled".into());
            }
            record.insert("responseContext".to_owned(), context);
            record.insert("responsePayload".to_owned(), parsed(&invoked.payload));
        }
        record
    }

    fn function_arn(&self) -> String {
        match &self.named.qualifier {
            Some(_) => self.named.arn(),
            None => self.named.place.qualified_arn("$LATEST"),
        }
    }

    /// The attributes of a dead letter: which request it was, and what became of it.
    fn attributes(&self) -> [(&'static str, &'static str, String); 3] {
        let invoked = self.outcome.invoked;
        let document = invoked.and_then(|invoked| serde_json::from_slice::<Value>(&invoked.payload).ok());
        let message = document.as_ref().and_then(|document| document.get("errorMessage")?.as_str());
        let reason = message.unwrap_or(self.outcome.condition);
        let end =
            reason.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= LONGEST_REASON).last();
        let reason = reason.get(..end.unwrap_or_default()).unwrap_or_default();
        // An error of the function is an answer like any other: 200.
        let code = if invoked.is_some() { "200" } else { "429" };
        [
            ("RequestID", "String", self.waiting.id.clone()),
            ("ErrorCode", "Number", code.to_owned()),
            ("ErrorMessage", "String", reason.to_owned()),
        ]
    }
}

impl Parcel {
    /// What brings a record to a destination that is no function. `None` where nothing can.
    fn of_record(letter: &Letter<'_>, arn: &str, record: &Value) -> Result<Option<Self>, Fault> {
        let region = region_of(letter, arn);
        Ok(match service_of(arn) {
            "s3" => {
                let at = now();
                let time = timestamp(at);
                let (day, clock) = (time.get(..10).unwrap_or_default(), time.get(11..19).unwrap_or_default());
                let (function, uuid) = (&letter.named.place.name, uuid()?);
                let key = format!(
                    "aws/lambda/async/{function}/{}/{day}T{}-{uuid}",
                    day.replace('-', "/"),
                    clock.replace(':', ".")
                );
                let bucket = arn.rsplit(':').next().unwrap_or_default();
                Self::put(&region, &format!("/{bucket}/{key}"), record.to_string())
            }
            "sqs" => Self::message(&region, arn, &record.to_string(), &json!({})),
            "sns" => Self::publication(&region, arn, &record.to_string(), &[]),
            "events" => {
                let is_success = letter.outcome.condition == "Success";
                let end = if is_success { "Success" } else { "Failure" };
                let detail = format!("Lambda Function Invocation Result - {end}");
                let entry = json!({
                    "Source": "lambda", "DetailType": detail, "Detail": record.to_string(), "EventBusName": arn,
                    "Resources": [arn, letter.function_arn()],
                });
                Self::json("events", &region, "1.1", "AWSEvents.PutEvents", &json!({"Entries": [entry]}))
            }
            _ => None,
        })
    }

    /// What brings the event itself to a dead letter queue.
    fn of_event(letter: &Letter<'_>, arn: &str) -> Option<Self> {
        let region = region_of(letter, arn);
        let payload = &letter.waiting.payload;
        let event = if payload.is_empty() { "{}".into() } else { String::from_utf8_lossy(payload) };
        let attributes = letter.attributes();
        match service_of(arn) {
            "sqs" => {
                let told = attributes
                    .into_iter()
                    .map(|(name, kind, value)| (name.to_owned(), json!({"DataType": kind, "StringValue": value})));
                Self::message(&region, arn, &event, &Value::Object(told.collect()))
            }
            "sns" => Self::publication(&region, arn, &event, &attributes),
            _ => None,
        }
    }

    /// `SendMessage` to the queue of an ARN.
    fn message(region: &str, arn: &str, body: &str, attributes: &Value) -> Option<Self> {
        let mut parts = arn.split(':').skip(4);
        let (account, queue) = (parts.next()?, parts.next()?);
        let url = format!("https://sqs.{region}.amazonaws.com/{account}/{queue}");
        let input = json!({"QueueUrl": url, "MessageBody": body, "MessageAttributes": attributes});
        Self::json("sqs", region, "1.0", "AmazonSQS.SendMessage", &input)
    }

    /// `Publish` to a topic.
    fn publication(
        region: &str, arn: &str, message: &str, attributes: &[(&'static str, &'static str, String)],
    ) -> Option<Self> {
        let mut form = vec![
            ("Action".to_owned(), "Publish"),
            ("Version".to_owned(), "2010-03-31"),
            ("TopicArn".to_owned(), arn),
            ("Message".to_owned(), message),
        ];
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

    fn json(service: &'static str, region: &str, version: &str, target: &str, input: &Value) -> Option<Self> {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/")
            .header("host", format!("{service}.{region}.amazonaws.com"))
            .header("content-type", format!("application/x-amz-json-{version}"))
            .header("x-amz-target", target);
        Some(Self { service, request: request.body(input.to_string().into_bytes()).ok()? })
    }

    /// `PutObject`
    fn put(region: &str, path: &str, body: String) -> Option<Self> {
        let request = Request::builder()
            .method(Method::PUT)
            .uri(path)
            .header("host", format!("s3.{region}.amazonaws.com"))
            .header("content-type", "application/json");
        Some(Self { service: "s3", request: request.body(body.into_bytes()).ok()? })
    }
}

/// The service in an ARN.
fn service_of(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

/// The Region in an ARN; the function's own where there is none.
fn region_of(letter: &Letter<'_>, arn: &str) -> String {
    let told = arn.split(':').nth(3).filter(|region| !region.is_empty());
    told.map_or_else(|| letter.named.place.scope.region.to_string(), str::to_owned)
}
