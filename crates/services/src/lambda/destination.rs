//! Destinations of asynchronous invocations, and dead letter queues: what they get, and how it gets there.
//!
//! Everything is sent in the name of the execution role, by a request that its policies decide: to another function, into
//! a bucket, and to SQS, SNS and EventBridge where another server answers for them.
//!
//! Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations", "Adding a dead-letter queue".

use http::HeaderValue;
use serde_json::{Value, json};

use super::Inner;
use super::fault::Fault;
use super::function::timestamp;
use super::lineage;
use super::name::Named;
use super::operation::requirement;
use super::queue::{LOOP, NO_CONCURRENCY, Outcome, now};
use super::store::Waiting;
use crate::parcel::{Parcel, service_of};
use crate::random::uuid;

/// By how many functions an event may have come. AWS stops a loop after about as many.
///
/// Source: Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops".
pub(super) const MOST_HOPS: u32 = 16;
/// The most bytes of the reason in a dead letter. Source: "Adding a dead-letter queue": "The first 1 KB".
const LONGEST_REASON: usize = 1024;

/// An event that has come to its end, and whose it was.
pub(super) struct Letter<'a> {
    pub(super) named: &'a Named,
    /// The execution role.
    pub(super) role: &'a str,
    pub(super) allows_loops: bool,
    pub(super) waiting: &'a Waiting,
    pub(super) outcome: &'a Outcome<'a>,
}

impl Inner {
    /// Sends the record of an event to a destination.
    pub(super) async fn deliver(&self, letter: &Letter<'_>, arn: &str) -> Result<(), Fault> {
        let record = letter.record();
        match service_of(arn) {
            "lambda" => self.hand_on(letter, arn, &record).await,
            _ => self.send(letter, arn, "the destination", letter.record_for(arn, &record)?).await,
        }
    }

    /// Sends the event itself to the dead letter queue.
    pub(super) async fn bury(&self, letter: &Letter<'_>, arn: &str) -> Result<(), Fault> {
        self.send(letter, arn, "the dead letter queue", letter.event_for(arn)).await
    }

    /// Invokes another function with the record, if the execution role may.
    async fn hand_on(&self, letter: &Letter<'_>, arn: &str, record: &Value) -> Result<(), Fault> {
        let Letter { named, role, .. } = letter;
        let scope = &named.place.scope;
        if letter.outcome.condition == LOOP {
            letter.lost(arn, "the destination", "it is a function, and a loop of functions was stopped");
            return Ok(());
        }
        let target = Named::parse_in(scope, arn)?;
        let there = self.store.function(&target.place);
        let needed = requirement("Invoke", &target, there.as_deref());
        if !self.pools.environments().may(scope, role, &needed).await {
            letter.lost(arn, "the destination", "the execution role may not call it");
            return Ok(());
        }
        let trace_id = letter.trace();
        let next = Waiting {
            id: uuid()?,
            scope: target.place.scope.clone(),
            function: target.place.name.clone(),
            qualifier: target.qualifier.as_ref().map(ToString::to_string),
            payload: record.to_string().into_bytes(),
            client_context: None,
            hops: lineage::hops(&trace_id),
            trace_id,
            since: now(),
            failures: 0,
            throttles: 0,
            due: now(),
        };
        self.store.put_event(next).await?;
        self.queue.wake.notify_one();
        Ok(())
    }

    /// Sends a request in the name of the execution role. What is not taken is lost, as on AWS, and told in the log.
    async fn send(&self, letter: &Letter<'_>, arn: &str, what: &str, parcel: Option<Parcel>) -> Result<(), Fault> {
        let Some(Parcel { service, mut request }) = parcel else {
            letter.lost(arn, what, "nothing can be sent there");
            return Ok(());
        };
        if let Ok(trace) = HeaderValue::try_from(letter.trace()) {
            request.headers_mut().insert("x-amzn-trace-id", trace);
        }
        let scope = &letter.named.place.scope;
        match self.pools.environments().call(scope, letter.role, service, request).await {
            Some(answer) if answer.status().is_success() => {}
            Some(answer) => letter.lost(arn, what, &format!("the service answers with {}", answer.status())),
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

    /// The trace that what is sent for it bears, so that a loop through it is seen.
    fn trace(&self) -> String {
        let Self { named, waiting, allows_loops, .. } = self;
        let trace = lineage::handed(&waiting.trace_id, &named.place.function_arn(), waiting.hops, *allows_loops);
        if self.outcome.condition == LOOP { lineage::of_stopped(&trace) } else { trace }
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
        let code = match invoked {
            Some(_) => "200",
            None if self.outcome.condition == LOOP => "400",
            None => "429",
        };
        [
            ("RequestID", "String", self.waiting.id.clone()),
            ("ErrorCode", "Number", code.to_owned()),
            ("ErrorMessage", "String", reason.to_owned()),
        ]
    }

    /// What brings a record to a destination that is no function. `None` where nothing can.
    fn record_for(&self, arn: &str, record: &Value) -> Result<Option<Parcel>, Fault> {
        let region = region_of(self, arn);
        Ok(match service_of(arn) {
            "s3" => {
                let at = now();
                let time = timestamp(at);
                let (day, clock) = (time.get(..10).unwrap_or_default(), time.get(11..19).unwrap_or_default());
                let (function, uuid) = (&self.named.place.name, uuid()?);
                let key = format!(
                    "aws/lambda/async/{function}/{}/{day}T{}-{uuid}",
                    day.replace('-', "/"),
                    clock.replace(':', ".")
                );
                let bucket = arn.rsplit(':').next().unwrap_or_default();
                Parcel::put(&region, &format!("/{bucket}/{key}"), record.to_string())
            }
            "sqs" => Parcel::message(&region, arn, &record.to_string(), &json!({})),
            "sns" => Parcel::publication(&region, arn, None, &record.to_string(), &[]),
            "events" => {
                let is_success = self.outcome.condition == "Success";
                let end = if is_success { "Success" } else { "Failure" };
                let detail = format!("Lambda Function Invocation Result - {end}");
                let entry = json!({
                    "Source": "lambda", "DetailType": detail, "Detail": record.to_string(), "EventBusName": arn,
                    "Resources": [arn, self.function_arn()],
                });
                Parcel::json("events", &region, "1.1", "AWSEvents.PutEvents", &json!({"Entries": [entry]}))
            }
            _ => None,
        })
    }

    /// What brings the event itself to a dead letter queue.
    fn event_for(&self, arn: &str) -> Option<Parcel> {
        let region = region_of(self, arn);
        let payload = &self.waiting.payload;
        let event = if payload.is_empty() { "{}".into() } else { String::from_utf8_lossy(payload) };
        let attributes = self.attributes();
        match service_of(arn) {
            "sqs" => {
                let told = attributes
                    .into_iter()
                    .map(|(name, kind, value)| (name.to_owned(), json!({"DataType": kind, "StringValue": value})));
                Parcel::message(&region, arn, &event, &Value::Object(told.collect()))
            }
            "sns" => Parcel::publication(&region, arn, None, &event, &attributes),
            _ => None,
        }
    }
}

/// The Region in an ARN; the function's own where there is none.
fn region_of(letter: &Letter<'_>, arn: &str) -> String {
    let told = arn.split(':').nth(3).filter(|region| !region.is_empty());
    told.map_or_else(|| letter.named.place.scope.region.to_string(), str::to_owned)
}
