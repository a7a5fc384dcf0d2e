//! Delivery to CloudWatch Logs, in the name of the flow log's role: a stream for each interface, in a group that is made if
//! there is none.
//!
//! Source: VPC user guide, "Publish flow logs to CloudWatch Logs", "IAM role for publishing flow logs to CloudWatch Logs";
//! CloudWatch Logs API reference, `PutLogEvents`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use sidegate_model::flow_record::Record;
use sidegate_model::{DeliveryError, FlowLog, LogGroup, Scope};
use sidegate_services::Service;

use crate::asker::{Answer, Asker};
use crate::log_uploads::{Event, uploads};

/// Writes records to a log group.
pub(super) struct LogGroupWriter<'a> {
    pub(super) logs: &'a Arc<dyn Service>,
    pub(super) asker: &'a Asker<'a>,
    pub(super) group: &'a LogGroup,
    /// The streams that are known to be there.
    pub(super) known: &'a mut BTreeSet<(Scope, String, String)>,
}

/// The events of each stream, in the order of their times.
pub(super) fn streams(log: &FlowLog, records: &[Record]) -> BTreeMap<String, Vec<Event>> {
    let (version, fields) = (log.version(), log.settings.format.fields());
    let traffic = log.settings.traffic.as_str().to_ascii_lowercase();
    let mut streams: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for record in records {
        let stream = format!("{}-{traffic}", record.watched.interface);
        streams.entry(stream).or_default().push((record.start() * 1000, record.line(version, fields)));
    }
    for events in streams.values_mut() {
        events.sort_by_key(|(at, _)| *at);
    }
    streams
}

impl LogGroupWriter<'_> {
    /// Writes the events of a stream.
    pub(super) async fn write(&mut self, stream: &str, events: &[Event]) -> Result<(), DeliveryError> {
        for upload in uploads(events) {
            self.ensure(stream).await?;
            if !self.put(stream, upload).await? {
                // Somebody has removed it since.
                self.known.remove(&self.place(stream));
                self.ensure(stream).await?;
                if !self.put(stream, upload).await? {
                    return Err(DeliveryError::Access);
                }
            }
        }
        Ok(())
    }

    /// Whether there was a stream to put it in.
    async fn put(&self, stream: &str, events: &[Event]) -> Result<bool, DeliveryError> {
        let events: Vec<_> = events.iter().map(|(at, text)| json!({"timestamp": at, "message": text})).collect();
        let input = json!({"logGroupName": self.group.name, "logStreamName": stream, "logEvents": events});
        let answer = self.ask("PutLogEvents", &input).await;
        if is_fault(&answer, "ResourceNotFoundException") { Ok(false) } else { checked(answer).map(|_| true) }
    }

    /// Makes the stream, and the group, if there is none.
    async fn ensure(&mut self, stream: &str) -> Result<(), DeliveryError> {
        let place = self.place(stream);
        if self.known.contains(&place) {
            return Ok(());
        }
        let group = self.group.name.as_str();
        let groups = self.ask("DescribeLogGroups", &json!({"logGroupNamePrefix": group, "limit": 1})).await;
        if !names(&checked(groups)?, "logGroups", "logGroupName", group) {
            self.make("CreateLogGroup", &json!({"logGroupName": group})).await?;
        }
        let wanted = json!({"logGroupName": group, "logStreamNamePrefix": stream, "limit": 1});
        let streams = checked(self.ask("DescribeLogStreams", &wanted).await)?;
        if !names(&streams, "logStreams", "logStreamName", stream) {
            self.make("CreateLogStream", &json!({"logGroupName": group, "logStreamName": stream})).await?;
        }
        self.known.insert(place);
        Ok(())
    }

    fn place(&self, stream: &str) -> (Scope, String, String) {
        (self.asker.scope.clone(), self.group.name.clone(), stream.to_owned())
    }

    async fn make(&self, operation: &str, input: &Value) -> Result<(), DeliveryError> {
        let answer = self.ask(operation, input).await;
        // What somebody else has made in the meantime is there.
        if is_fault(&answer, "ResourceAlreadyExistsException") { Ok(()) } else { checked(answer).map(drop) }
    }

    async fn ask(&self, operation: &str, input: &Value) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/")
            .header("host", format!("logs.{}.amazonaws.com", self.asker.scope.region))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("Logs_20140328.{operation}"));
        self.asker.call(self.logs, request, input.to_string().into_bytes()).await
    }
}

/// Whether an answer has the thing itself first, of those whose names begin like it.
fn names(answer: &Value, list: &str, name: &str, wanted: &str) -> bool {
    answer
        .get(list)
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|one| one.get(name).is_some_and(|own| own == wanted)))
}

fn is_fault(answer: &Answer, code: &str) -> bool {
    !answer.status.is_success() && answer.text().contains(code)
}

fn checked(answer: Answer) -> Result<Value, DeliveryError> {
    if answer.status.is_success() {
        return Ok(serde_json::from_slice(&answer.body).unwrap_or_default());
    }
    let code = |code| is_fault(&answer, code);
    if code("AccessDenied") || code("ResourceNotFoundException") {
        return Err(DeliveryError::Access);
    }
    if code("LimitExceededException") || code("Throttling") || answer.status == StatusCode::TOO_MANY_REQUESTS {
        return Err(DeliveryError::RateLimited);
    }
    tracing::warn!(status = %answer.status, answer = %answer.text(), "records of a flow log were not taken");
    Err(DeliveryError::Unknown)
}
