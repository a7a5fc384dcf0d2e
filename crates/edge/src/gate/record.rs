//! The event of a request while it is being made, and the answer's body, whose end is the event's.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Method, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use sidegate_services::{Body, BoxError};
use sidegate_wire::protocol::Failure;

use super::authorization::Notes;
use super::host;
use crate::events::{Event, EventPath, Events};

/// The event of a request, recorded when this is dropped: once, however the request ends.
pub(super) struct Record {
    events: Arc<dyn Events>,
    pub(super) event: Event,
    pub(super) notes: Arc<Mutex<Notes>>,
    pub(super) read: Arc<AtomicU64>,
    began: Instant,
    complete: bool,
}

impl Record {
    /// Begins the event of a request.
    pub(super) fn new(events: Arc<dyn Events>, head: &Parts, path: EventPath, time: i64) -> Self {
        let event = Event {
            time,
            request_id: String::new(),
            path,
            host: host::host(head).map(str::to_owned),
            method: head.method.as_str().to_owned(),
            uri_path: head.uri.path().to_owned(),
            service: None,
            region: None,
            operation: None,
            principal: None,
            requirements: Vec::new(),
            requirements_left_out: 0,
            status: None,
            error: None,
            reason: None,
            explanation: None,
            bytes_in: 0,
            bytes_out: 0,
            duration_us: 0,
            aborted: false,
            probe: false,
        };
        Self { events, event, notes: Arc::default(), read: Arc::default(), began: Instant::now(), complete: false }
    }

    /// Notes that the gate refused the request.
    pub(super) fn refuse(&mut self, failure: &Failure) {
        self.event.error = Some(failure.code.clone().into_owned());
        self.event.reason = Some(failure.message.clone());
    }

    /// The answer, with a body at whose end the event is complete.
    pub(super) fn finish(mut self, response: Response<Body>, method: &Method) -> Response<Reply> {
        let status = response.status();
        self.event.status = Some(status.as_u16());
        // The body of such an answer is never asked for.
        let bodiless = *method == Method::HEAD || status.is_informational() || matches!(status.as_u16(), 204 | 304);
        self.complete = bodiless;
        let failed = status.is_client_error() || status.is_server_error();
        if failed && self.event.error.is_none() {
            let header = response.headers().get("x-amzn-errortype").and_then(|value| value.to_str().ok());
            self.event.error = header.and_then(error_code::plain);
        }
        let reads_error = failed && self.event.error.is_none();
        let length = response.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        response.map(|body| Reply { body, record: self, length, reads_error })
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let event = &mut self.event;
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(operation) = notes.operation.take() {
            event.operation = Some(operation);
        }
        event.requirements = std::mem::take(&mut notes.judgements);
        event.requirements_left_out = notes.left_out;
        event.reason = event.reason.take().or_else(|| notes.denial.take());
        event.explanation = notes.explanation.take();
        drop(notes);
        event.bytes_in = self.read.load(Ordering::Relaxed);
        event.duration_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        event.aborted = !self.complete;
        event.fit();
        self.events.record(event.clone());
    }
}

/// The body of an answer.
pub struct Reply {
    body: Body,
    record: Record,
    /// The length that the head announced. A connection may drop the body once it has so many bytes.
    length: Option<u64>,
    /// Whether the error code has to be read from the document.
    reads_error: bool,
}

impl HttpBody for Reply {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            None => self.record.complete = true,
            Some(Err(_)) => {}
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.record.event.bytes_out += data.len() as u64;
                    if std::mem::take(&mut self.reads_error) {
                        self.record.event.error = error_code::in_document(data);
                    }
                }
                self.record.complete |= self.body.is_end_stream();
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.record.complete |= self.body.is_end_stream() || self.length == Some(self.record.event.bytes_out);
    }
}

/// The code in the document of an error.
mod error_code {
    /// How much of a document is searched.
    const MOST: usize = 4096;

    /// The longest code.
    const LONGEST: usize = 128;

    /// A code without the namespace before and the URL after it.
    pub(super) fn plain(text: &str) -> Option<String> {
        let code = text.split(':').next()?.rsplit('#').next()?;
        let named = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        (!code.is_empty() && code.len() <= LONGEST && code.bytes().all(named)).then(|| code.to_owned())
    }

    /// The code in XML or JSON.
    pub(super) fn in_document(document: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(document.get(..MOST).unwrap_or(document));
        let xml = || text.split_once("<Code>")?.1.split_once("</Code>").map(|(code, _)| code);
        let json = || text.split_once("\"__type\":\"")?.1.split_once('"').map(|(code, _)| code);
        plain(xml().or_else(json)?)
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn the_code_is_found_in_each_form_of_error() {
            let of = |text: &str| super::in_document(text.as_bytes());
            assert_eq!(of("<Error><Code>NoSuchKey</Code></Error>").as_deref(), Some("NoSuchKey"));
            assert_eq!(of(r#"{"__type":"com.amazonaws#NotFound","Message":"x"}"#).as_deref(), Some("NotFound"));
            assert_eq!(of("<html>"), None);
            assert_eq!(super::plain("Nope:http://internal/").as_deref(), Some("Nope"));
        }
    }
}
