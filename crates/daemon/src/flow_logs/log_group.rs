//! Delivery to CloudWatch Logs, in the name of the flow log's role: a stream for each interface, in a group that is made if
//! there is none.
//!
//! Source: VPC user guide, "Publish flow logs to CloudWatch Logs", "IAM role for publishing flow logs to CloudWatch Logs";
//! CloudWatch Logs API reference, `PutLogEvents`.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use sidegate_model::{DeliveryError, FlowLog, LogGroup, Scope};
use sidegate_services::Service;

use super::delivery::Streams;
use super::queue::Line;
use crate::asker::{Answer, Asker};

/// The most events and bytes of one upload, and what each event counts beside its text.
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1_000_000;
const BESIDE_TEXT: usize = 26;

/// The longest time that the events of one upload span, in seconds: less than 24 hours.
const LONGEST_SPAN: i64 = 24 * 3600 - 1;

/// Writes records to a log group.
pub(super) struct LogGroupWriter<'a> {
    pub(super) logs: &'a Arc<dyn Service>,
    pub(super) asker: &'a Asker<'a>,
    pub(super) group: &'a LogGroup,
    /// The streams that are known to be there.
    pub(super) known: &'a mut Streams,
}

/// The events of each stream, in the order of their times.
pub(super) fn streams<'a>(log: &FlowLog, lines: &'a [Line]) -> BTreeMap<String, Vec<&'a Line>> {
    let traffic = log.settings.traffic.as_str().to_ascii_lowercase();
    let mut streams: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        streams.entry(format!("{}-{traffic}", line.interface)).or_default().push(line);
    }
    for events in streams.values_mut() {
        events.sort_by_key(|line| line.start);
    }
    streams
}

/// Splits events into uploads.
fn uploads<'a, 'b>(events: &'b [&'a Line]) -> Vec<&'b [&'a Line]> {
    let mut uploads = Vec::new();
    let (mut rest, mut count, mut bytes) = (events, 0, 0);
    for line in events {
        let size = line.text.len() + BESIDE_TEXT;
        let is_long = rest.first().is_some_and(|first| line.start - first.start > LONGEST_SPAN);
        if count == MOST_EVENTS || (count > 0 && (bytes + size > MOST_BYTES || is_long)) {
            let (upload, behind) = rest.split_at(count);
            uploads.push(upload);
            (rest, count, bytes) = (behind, 0, 0);
        }
        (count, bytes) = (count + 1, bytes + size);
    }
    uploads.extend((count > 0).then_some(rest));
    uploads
}

/// What became of an upload.
enum Upload {
    /// It was taken.
    Taken,
    /// It was taken, but for events that the service refuses for their times, today and later.
    TakenInPart,
    /// There is no such stream.
    NoStream,
}

impl LogGroupWriter<'_> {
    /// Writes the events of a stream, and tells how many of them need not be written again, and how it went.
    pub(super) async fn write(&mut self, stream: &str, events: &[&Line]) -> (usize, Result<(), DeliveryError>) {
        let (mut taken, mut outcome) = (0, Ok(()));
        for upload in uploads(events) {
            match self.upload(stream, upload).await {
                Ok(Upload::Taken) => {}
                Ok(Upload::TakenInPart) => outcome = Err(DeliveryError::Unknown),
                Ok(Upload::NoStream) => return (taken, Err(DeliveryError::Access)),
                Err(error) => return (taken, Err(error)),
            }
            taken += upload.len();
        }
        (taken, outcome)
    }

    async fn upload(&mut self, stream: &str, upload: &[&Line]) -> Result<Upload, DeliveryError> {
        self.ensure(stream).await?;
        match self.put(stream, upload).await? {
            Upload::NoStream => {
                // Somebody has removed it since.
                self.known.remove(&self.place(stream));
                self.ensure(stream).await?;
                self.put(stream, upload).await
            }
            done => Ok(done),
        }
    }

    async fn put(&self, stream: &str, events: &[&Line]) -> Result<Upload, DeliveryError> {
        let events: Vec<_> =
            events.iter().map(|line| json!({"timestamp": line.start * 1000, "message": line.text})).collect();
        let input = json!({"logGroupName": self.group.name, "logStreamName": stream, "logEvents": events});
        let answer = self.ask("PutLogEvents", &input).await;
        if is_fault(&answer, "ResourceNotFoundException") {
            return Ok(Upload::NoStream);
        }
        match checked(answer)?.get("rejectedLogEventsInfo").filter(|rejected| rejected.is_object()) {
            Some(rejected) => {
                tracing::warn!(stream, %rejected, "records of a flow log are too old, or too new, for the log group");
                Ok(Upload::TakenInPart)
            }
            None => Ok(Upload::Taken),
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(texts: impl Iterator<Item = (i64, usize)>) -> Vec<Line> {
        let interface: sidegate_model::NetworkInterfaceId = "eni-0123456789abcdef1".parse().unwrap();
        texts
            .map(|(start, length)| Line {
                interface: interface.clone(),
                start,
                end: start + 1,
                text: "a".repeat(length),
            })
            .collect()
    }

    proptest! {
        #[test]
        fn uploads_are_within_bounds_and_leave_nothing_out(
            lengths in prop::collection::vec((0_i64..60_000, 1_usize..300_000), 0..30),
        ) {
            let mut at = 0;
            let lines = lines(lengths.into_iter().map(|(pause, length)| { at += pause; (at, length) }));
            let events: Vec<&Line> = lines.iter().collect();
            let uploads = uploads(&events);
            let together: Vec<&Line> = uploads.iter().flat_map(|upload| upload.iter().copied()).collect();
            prop_assert_eq!(&together, &events);
            for upload in uploads {
                let bytes: usize = upload.iter().map(|line| line.text.len() + BESIDE_TEXT).sum();
                prop_assert!(!upload.is_empty() && bytes <= MOST_BYTES);
                prop_assert!(upload[upload.len() - 1].start - upload[0].start < 24 * 3600);
            }
        }
    }

    #[test]
    fn an_upload_has_so_many_events_and_no_more() {
        let lines = lines((0..=MOST_EVENTS * 2).map(|_| (0, 1)));
        let events: Vec<&Line> = lines.iter().collect();
        assert_eq!(
            uploads(&events).iter().map(|upload| upload.len()).collect::<Vec<_>>(),
            [MOST_EVENTS, MOST_EVENTS, 1]
        );
    }
}
