//! The Runtime API: what a runtime asks to get events, and tells what came of them. It is asked by the function's own
//! process, which is not trusted.
//!
//! ```text
//! Starting ──next──> Ready ──event──> Working ──response, error──> Done ──next──> Ready
//!     └──init/error──> Failed
//! ```
//!
//! Source: Lambda developer guide, "Using the Lambda runtime API for custom runtimes", and the OpenAPI specification that it
//! links to.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sidegate_services::lambda::environment::Event;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};

use crate::clock;

/// The most bytes of a response.
///
/// Source: Lambda developer guide, "Lambda quotas"; the figure stands in the error that AWS gives.
pub(super) const LARGEST_RESPONSE: usize = 6_291_556;

/// How much is read of a body that is too long, before the connection is closed all the same.
const MOST_DISCARDED: usize = 1 << 30;

/// How many connections an environment can have to it; more wait.
const MOST_CONNECTIONS: usize = 16;

const FUNCTION_ERROR_TYPE: &str = "lambda-runtime-function-error-type";

/// What a runtime told.
#[derive(Debug)]
pub(super) enum Told {
    /// It waits for an event.
    Ready,
    /// The function returned.
    Returned { request: String, payload: Vec<u8> },
    /// The function, or the runtime, tells an error.
    Failed { request: String, payload: Vec<u8>, error_type: String },
    /// The function returned more than fits.
    TooLarge { request: String },
    /// It cannot be initialised.
    InitFailed { payload: Vec<u8>, error_type: String },
}

/// Where a runtime is.
#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    Ready,
    Working(String),
    Done,
    Failed,
}

impl Phase {
    fn name(&self) -> &'static str {
        match self {
            Self::Starting => "Starting",
            Self::Ready => "Ready",
            Self::Working(_) => "Running",
            Self::Done => "InvocationResponseSent",
            Self::Failed => "InitError",
        }
    }
}

/// The Runtime API of one environment.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    state: Mutex<State>,
    offered: Notify,
    /// Told when the runtime asks for an event.
    asked: Notify,
    told: mpsc::UnboundedSender<Told>,
    /// Bodies are read one at a time.
    reading: Semaphore,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    offer: Option<Offer>,
}

/// An event that waits to be fetched.
#[derive(Debug)]
struct Offer {
    event: Event,
    /// Unix time in milliseconds.
    deadline: i64,
}

impl RuntimeApi {
    /// One that nobody has asked yet. Each step of a runtime is told once, so that no runtime fills the queue.
    pub(super) fn new() -> (Arc<Self>, mpsc::UnboundedReceiver<Told>) {
        let (told, hearing) = mpsc::unbounded_channel();
        let state = Mutex::new(State { phase: Phase::Starting, offer: None });
        (
            Arc::new(Self { state, offered: Notify::new(), asked: Notify::new(), told, reading: Semaphore::new(1) }),
            hearing,
        )
    }

    /// Has the runtime get an event, which it has so long for.
    pub(super) fn offer(&self, event: Event) {
        let timeout = i64::try_from(event.timeout.as_millis()).unwrap_or(i64::MAX);
        let deadline = clock::now_ms().saturating_add(timeout);
        self.state().offer = Some(Offer { event, deadline });
        self.offered.notify_one();
    }

    /// Whether the runtime waits for an event.
    pub(super) fn is_waiting(&self) -> bool {
        self.state().phase == Phase::Ready
    }

    /// Returns when the runtime waits for an event.
    pub(super) async fn waits(&self) {
        loop {
            let asked = self.asked.notified();
            if self.is_waiting() {
                return;
            }
            asked.await;
        }
    }

    /// Answers on a socket until the task is aborted.
    pub(super) fn serve(self: Arc<Self>, listener: TcpListener) -> JoinHandle<()> {
        tokio::spawn(async move {
            let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
            // Dropped with this task, and all connections with it.
            let mut connections = JoinSet::new();
            loop {
                let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                let _ = stream.set_nodelay(true);
                while connections.try_join_next().is_some() {}
                let api = Arc::clone(&self);
                connections.spawn(async move {
                    let answer = service_fn(move |request| {
                        let api = Arc::clone(&api);
                        async move { Ok::<_, Infallible>(api.answer(request).await) }
                    });
                    // What breaks off is the function's own affair.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                    drop(permit);
                });
            }
        })
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().trim_matches('/').to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["2018-06-01", "runtime", "invocation", "next"]) => self.next().await,
            (&Method::POST, ["2018-06-01", "runtime", "invocation", id, "response"]) => self.respond(id, request).await,
            (&Method::POST, ["2018-06-01", "runtime", "invocation", id, "error"]) => self.fail(id, request).await,
            (&Method::POST, ["2018-06-01", "runtime", "init", "error"]) => self.fail_init(request).await,
            (_, ["2018-06-01", "runtime", "invocation", "next"])
            | (_, ["2018-06-01", "runtime", "invocation", _, "response" | "error"])
            | (_, ["2018-06-01", "runtime", "init", "error"]) => {
                refused(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "Method Not Allowed")
            }
            _ => refused(StatusCode::NOT_FOUND, "NotFound", "There is no such part of the Runtime API"),
        }
    }

    /// Waits for an event for as long as it takes.
    async fn next(&self) -> Response<Full<Bytes>> {
        {
            let mut state = self.state();
            match state.phase {
                Phase::Starting | Phase::Done => {
                    state.phase = Phase::Ready;
                    let _ = self.told.send(Told::Ready);
                    self.asked.notify_waiters();
                }
                Phase::Ready => {}
                Phase::Working(_) | Phase::Failed => return no_transition(&state.phase, "Ready"),
            }
        }
        loop {
            let offered = self.offered.notified();
            if let Some(Offer { event, deadline }) = self.take() {
                return hand_over(event, deadline);
            }
            offered.await;
        }
    }

    fn take(&self) -> Option<Offer> {
        let mut state = self.state();
        let offer = state.offer.take()?;
        state.phase = Phase::Working(offer.event.request_id.clone());
        Some(offer)
    }

    async fn respond(&self, id: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if let Err(refusal) = self.is_working_on(id, "InvocationResponse") {
            return refusal;
        }
        let body = self.read(request.into_body(), LARGEST_RESPONSE).await;
        let told = match &body {
            Ok(payload) => Told::Returned { request: id.to_owned(), payload: payload.to_vec() },
            Err(Unread::TooLong) => Told::TooLarge { request: id.to_owned() },
            Err(Unread::BrokenOff) => return broken_off(),
        };
        if let Err(refusal) = self.finish(id, "InvocationResponse", told) {
            return refusal;
        }
        body.map_or_else(|_| too_long(), |_| accepted())
    }

    async fn fail(&self, id: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if let Err(refusal) = self.is_working_on(id, "InvocationErrorResponse") {
            return refusal;
        }
        let (head, body) = request.into_parts();
        let read = self.read(body, LARGEST_RESPONSE).await;
        let told = match &read {
            Ok(payload) => {
                let error_type = error_type(&head.headers, payload);
                Told::Failed { request: id.to_owned(), payload: payload.to_vec(), error_type }
            }
            Err(Unread::TooLong) => Told::TooLarge { request: id.to_owned() },
            Err(Unread::BrokenOff) => return broken_off(),
        };
        if let Err(refusal) = self.finish(id, "InvocationErrorResponse", told) {
            return refusal;
        }
        read.map_or_else(|_| too_long(), |_| accepted())
    }

    async fn fail_init(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let payload = match self.read(body, LARGEST_RESPONSE).await {
            Ok(payload) => payload.to_vec(),
            // The document is lost, and why the initialisation has failed is not.
            Err(Unread::TooLong) => {
                let kind = error_type(&head.headers, &[]);
                json!({"errorMessage": "The error is too long to be told.", "errorType": kind}).to_string().into_bytes()
            }
            Err(Unread::BrokenOff) => return broken_off(),
        };
        let error_type = error_type(&head.headers, &payload);
        let mut state = self.state();
        if state.phase != Phase::Starting {
            return no_transition(&state.phase, "InitError");
        }
        state.phase = Phase::Failed;
        let _ = self.told.send(Told::InitFailed { payload, error_type });
        accepted()
    }

    /// Whether this is what the runtime works on.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer")]
    fn is_working_on(&self, id: &str, wanted: &str) -> Result<(), Response<Full<Bytes>>> {
        match &self.state().phase {
            Phase::Working(own) if own == id => Ok(()),
            Phase::Working(_) => Err(refused(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")),
            other => Err(no_transition(other, wanted)),
        }
    }

    /// Tells what came of an event, unless that was told meanwhile.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer")]
    fn finish(&self, id: &str, wanted: &str, told: Told) -> Result<(), Response<Full<Bytes>>> {
        self.is_working_on(id, wanted)?;
        self.state().phase = Phase::Done;
        let _ = self.told.send(told);
        Ok(())
    }

    /// Reads a body. What is too long is read to its end too, since a runtime that is still sending would not read the
    /// answer, and takes a closed connection for its own end.
    async fn read(&self, mut body: Incoming, most: usize) -> Result<Bytes, Unread> {
        let _turn = self.reading.acquire().await.map_err(|_| Unread::BrokenOff)?;
        let (mut kept, mut length) = (Vec::new(), 0_usize);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Unread::BrokenOff)?.into_data() else { continue };
            length = length.saturating_add(data.len());
            if length <= most {
                kept.extend_from_slice(&data);
            } else if length > MOST_DISCARDED {
                return Err(Unread::TooLong);
            }
        }
        if length <= most { Ok(kept.into()) } else { Err(Unread::TooLong) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a body was not read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unread {
    TooLong,
    BrokenOff,
}

fn hand_over(event: Event, deadline: i64) -> Response<Full<Bytes>> {
    let Event { request_id, payload, invoked_arn, client_context, trace_id, .. } = event;
    let mut response = Response::new(Full::from(payload));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let told = [
        ("lambda-runtime-aws-request-id", Some(request_id)),
        ("lambda-runtime-deadline-ms", Some(deadline.to_string())),
        ("lambda-runtime-invoked-function-arn", Some(invoked_arn)),
        ("lambda-runtime-trace-id", Some(trace_id)),
        ("lambda-runtime-client-context", client_context.as_deref().map(in_one_line)),
    ];
    for (name, value) in told {
        // What cannot stand in a header is left out.
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// A document of JSON without spaces between its parts, and in ASCII, as a header can bear it.
fn in_one_line(document: &str) -> String {
    let mut line = String::with_capacity(document.len());
    let (mut is_inside, mut is_escaped) = (false, false);
    for letter in document.chars() {
        if !is_inside && letter.is_ascii_whitespace() {
            continue;
        }
        if letter == '"' && !is_escaped {
            is_inside = !is_inside;
        }
        is_escaped = letter == '\\' && !is_escaped;
        if letter.is_ascii_graphic() || letter == ' ' {
            line.push(letter);
        } else {
            let mut units = [0; 2];
            line.extend(letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    line
}

/// The type of an error, as its header says, or else its document.
fn error_type(headers: &HeaderMap, document: &[u8]) -> String {
    let header = headers.get(FUNCTION_ERROR_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let stated = || {
        let document: Value = serde_json::from_slice(document).ok()?;
        document.get("errorType")?.as_str().map(str::to_owned)
    };
    let mut found = header.or_else(stated).unwrap_or_else(|| "Unhandled".to_owned());
    found.truncate(found.floor_char_boundary(128));
    found
}

fn accepted() -> Response<Full<Bytes>> {
    document(StatusCode::ACCEPTED, &json!({"status": "OK"}))
}

fn no_transition(from: &Phase, to: &str) -> Response<Full<Bytes>> {
    let message = format!(
        "State transition from {} to {to} failed for runtime. Error: State transition is not allowed",
        from.name()
    );
    refused(StatusCode::FORBIDDEN, "InvalidStateTransition", &message)
}

fn too_long() -> Response<Full<Bytes>> {
    let message = format!("Exceeded maximum allowed payload size ({LARGEST_RESPONSE} bytes).");
    refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
}

fn broken_off() -> Response<Full<Bytes>> {
    refused(StatusCode::BAD_REQUEST, "InvalidRequest", "The request broke off")
}

fn refused(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    document(status, &json!({"errorMessage": message, "errorType": error_type}))
}

fn document(status: StatusCode, document: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(document.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests;
