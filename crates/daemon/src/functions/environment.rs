//! One execution environment: initialised, handed one event after another, ended.
//!
//! Source: Lambda developer guide, "Understanding the Lambda execution environment lifecycle".

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::json;
use sidegate_services::lambda::environment::{Blueprint, Completion, Environment, Event, Report, exited};
use tokio::sync::OwnedSemaphorePermit;

use super::lines::{Figures, Lines, Status};
use super::log_stream::LogStream;
use super::process::{Happening, Process, described};
use super::runtime_api::{LARGEST_RESPONSE, Told};
use super::{Inner, Kit, NotStarted};

/// How long a runtime gets to ask for its next event, after it has told what came of the last one, before the answer goes
/// out without that.
const NEXT_PATIENCE: Duration = Duration::from_millis(100);

const EXIT_ERROR: &str = "Runtime.ExitError";
const INVALID_ENTRYPOINT: &str = "Runtime.InvalidEntrypoint";
const OUT_OF_MEMORY: &str = "Runtime.OutOfMemory";
const TIMED_OUT: &str = "Sandbox.Timedout";
const TOO_LARGE: &str = "Function.ResponseSizeTooLarge";

/// An execution environment that was begun.
pub(super) struct Begun {
    shared: Arc<Inner>,
    blueprint: Blueprint,
    /// Sessions, networks and interpreters, for another process.
    kit: Kit,
    process: Process,
    log: Arc<LogStream>,
    lines: Lines,
    /// Whether the runtime waits for an event.
    is_ready: bool,
    /// How long the initialisation took, until it is told.
    init: Option<Duration>,
    /// Held while it is initialised, so that not too many are at once.
    turn: Option<OwnedSemaphorePermit>,
    /// When its session nears its end.
    expires: Instant,
}

/// Why an initialisation failed.
enum InitFault {
    TimedOut,
    OutOfMemory,
    Ended(i32),
    Told { payload: Vec<u8>, error_type: String },
}

/// What came of an event.
struct Outcome {
    completion: Completion,
    status: Status,
    error_type: Option<String>,
    is_reusable: bool,
}

impl Outcome {
    fn fatal(completion: Completion, status: Status, error_type: &str) -> Self {
        Self { completion, status, error_type: Some(error_type.to_owned()), is_reusable: false }
    }
}

impl Begun {
    pub(super) fn new(
        shared: Arc<Inner>, blueprint: Blueprint, kit: Kit, process: Process, log: Arc<LogStream>,
        turn: OwnedSemaphorePermit,
    ) -> Self {
        let lines = Lines::of(&blueprint);
        let expires = Instant::now() + kit.usable;
        let (is_ready, init, turn) = (false, None, Some(turn));
        Self { shared, blueprint, kit, process, log, lines, is_ready, init, turn, expires }
    }

    fn write(&self, line: Option<String>) {
        if let Some(line) = line {
            self.log.write(line);
        }
    }

    /// Waits until the runtime asks for its first event.
    async fn initialise(&mut self, until: Instant) -> Result<(), InitFault> {
        let outcome = match self.process.next(until).await {
            Happening::Told(Told::Ready) => {
                self.is_ready = true;
                self.init = Some(self.process.started.elapsed());
                Ok(())
            }
            Happening::Told(Told::InitFailed { payload, error_type }) => Err(InitFault::Told { payload, error_type }),
            Happening::Told(_) => Err(InitFault::Ended(1)),
            Happening::Ended(status) => Err(InitFault::Ended(status)),
            Happening::OutOfMemory => Err(InitFault::OutOfMemory),
            Happening::TimedOut => Err(InitFault::TimedOut),
        };
        self.turn = None;
        outcome
    }

    /// Sees to it that the runtime is initialised: within the time for that, or else, in another process, within the time
    /// of the event. Tells since when the time of the event runs: from then on if so, else from when it is handed over.
    ///
    /// Source: Lambda developer guide, "Init phase": "Lambda retries the Init phase at the time of the first function
    /// invocation with the configured function timeout".
    async fn ready(&mut self, event: &Event) -> Result<Option<Instant>, InitFault> {
        if self.is_ready {
            return Ok(None);
        }
        let until = self.process.started + self.blueprint.init_timeout;
        let Err(fault) = self.initialise(until).await else { return Ok(None) };
        self.tell_init(&fault).await;
        if !matches!(fault, InitFault::TimedOut) {
            return Err(fault);
        }
        self.process.end().await;
        let begun = Instant::now();
        match self.shared.process(&self.blueprint, &self.kit, &self.log).await {
            Ok(process) => self.process = process,
            Err(error) => {
                tracing::error!(%error, function = self.blueprint.function, "a function cannot be started again");
                return Err(InitFault::Ended(1));
            }
        }
        self.initialise(begun + event.timeout).await?;
        // It is a part of the invocation, and has no time of its own.
        self.init = None;
        Ok(Some(begun))
    }

    /// Logs that the initialisation has failed.
    async fn tell_init(&self, fault: &InitFault) {
        self.process.output.drain().await;
        let (status, error_type) = match fault {
            InitFault::TimedOut => (Status::TimedOut, ""),
            InitFault::OutOfMemory => (Status::Error, OUT_OF_MEMORY),
            InitFault::Ended(_) => (Status::Error, EXIT_ERROR),
            InitFault::Told { error_type, .. } => (Status::Error, error_type.as_str()),
        };
        self.write(self.lines.init_report(self.process.started.elapsed(), status, error_type));
    }

    fn init_failed(&self, fault: InitFault, event: &Event) -> Outcome {
        let (payload, error_type, message) = match fault {
            InitFault::Told { payload, error_type } => (Some(payload), error_type, String::new()),
            InitFault::OutOfMemory => (None, OUT_OF_MEMORY.to_owned(), exited(&described(137))),
            InitFault::Ended(status) => (None, EXIT_ERROR.to_owned(), exited(&described(status))),
            InitFault::TimedOut => return self.timed_out(event),
        };
        if payload.is_none() {
            self.log.write(self.lines.fault(&event.request_id, &message, &error_type));
        }
        let told = error_type.clone();
        Outcome::fatal(Completion::InitFailed { payload, error_type, message }, Status::Error, &told)
    }

    fn timed_out(&self, event: &Event) -> Outcome {
        let message = format!("Task timed out after {:.2} seconds", event.timeout.as_secs_f64());
        self.log.write(self.lines.fault(&event.request_id, &message, ""));
        Outcome::fatal(Completion::TimedOut, Status::TimedOut, TIMED_OUT)
    }

    /// Hands an event over, and waits for what comes of it. Its time runs since a moment.
    async fn work(&mut self, event: &Event, since: Instant) -> Outcome {
        let until = since + event.timeout;
        self.is_ready = false;
        let left = until.saturating_duration_since(Instant::now());
        self.process.offer(Event { timeout: left, ..event.clone() });
        loop {
            match self.process.next(until).await {
                // That of a runtime which took its time after the event before.
                Happening::Told(Told::Ready | Told::InitFailed { .. }) => {}
                Happening::Told(Told::Returned { request, payload }) if request == event.request_id => {
                    return self.settle(Completion::Returned { payload }, None).await;
                }
                Happening::Told(Told::Failed { request, payload, error_type }) if request == event.request_id => {
                    let told = error_type.clone();
                    return self.settle(Completion::Failed { payload, error_type }, Some(told)).await;
                }
                Happening::Told(Told::TooLarge { request }) if request == event.request_id => {
                    let message = format!(
                        "Response payload size exceeded maximum allowed payload size ({LARGEST_RESPONSE} bytes)."
                    );
                    let payload = json!({"errorMessage": message, "errorType": TOO_LARGE}).to_string().into_bytes();
                    let completion = Completion::Failed { payload, error_type: TOO_LARGE.to_owned() };
                    return self.settle(completion, Some(TOO_LARGE.to_owned())).await;
                }
                Happening::Told(_) => {}
                Happening::Ended(status) => return self.crashed(event, &described(status)).await,
                Happening::OutOfMemory => {
                    self.process.end().await;
                    self.process.output.drain().await;
                    let message = exited(&described(137));
                    self.log.write(self.lines.fault(&event.request_id, &message, EXIT_ERROR));
                    return Outcome::fatal(Completion::OutOfMemory, Status::Error, OUT_OF_MEMORY);
                }
                Happening::TimedOut => {
                    // Else what it still writes stands behind the line that says that its time is over.
                    self.process.end().await;
                    self.process.output.drain().await;
                    return self.timed_out(event);
                }
            }
        }
    }

    /// The process ended in the midst of an event.
    async fn crashed(&self, event: &Event, status: &str) -> Outcome {
        self.process.output.drain().await;
        let message = exited(status);
        self.log.write(self.lines.fault(&event.request_id, &message, EXIT_ERROR));
        Outcome::fatal(Completion::Crashed { status: status.to_owned() }, Status::Error, EXIT_ERROR)
    }

    /// After an answer: whether the runtime asks for more.
    async fn settle(&mut self, completion: Completion, error_type: Option<String>) -> Outcome {
        let is_reusable = match self.process.next(Instant::now() + NEXT_PATIENCE).await {
            Happening::Told(Told::Ready) => {
                self.is_ready = true;
                true
            }
            // It may still clean up; the next event waits for it.
            Happening::TimedOut | Happening::Told(_) => {
                self.is_ready = true;
                true
            }
            Happening::Ended(_) | Happening::OutOfMemory => false,
        };
        Outcome { completion, status: Status::Success, error_type, is_reusable }
    }
}

#[async_trait]
impl Environment for Begun {
    async fn invoke(&mut self, event: Event) -> Report {
        self.log.begin_tail();
        let ready = self.ready(&event).await;
        let initialised = self.process.started.elapsed();
        if ready.is_err() {
            self.process.output.drain().await;
        }
        self.write(self.lines.start(&event.request_id));
        let (outcome, mut duration) = match ready {
            Ok(since) => {
                let begun = since.unwrap_or_else(Instant::now);
                let outcome = self.work(&event, begun).await;
                (outcome, begun.elapsed())
            }
            // On AWS it is tried again as a part of the invocation, and takes that time of it.
            Err(fault) => (self.init_failed(fault, &event), initialised.min(event.timeout)),
        };
        if matches!(outcome.completion, Completion::TimedOut) {
            duration = event.timeout;
        }
        self.process.output.drain().await;
        let init = self.init.take();
        self.write(self.lines.end(&event.request_id));
        let figures = Figures {
            duration,
            init,
            peak: self.process.memory.peak(),
            status: outcome.status,
            error_type: outcome.error_type.as_deref().filter(|_| outcome.status == Status::Error),
        };
        self.write(self.lines.report(&event.request_id, &figures));
        if outcome.is_reusable {
            self.process.rest();
        } else {
            self.process.end().await;
        }
        Report {
            completion: outcome.completion,
            log_tail: self.log.end_tail(),
            is_reusable: outcome.is_reusable && self.is_alive(),
            duration,
            init_duration: init,
        }
    }

    fn is_alive(&self) -> bool {
        self.process.is_alive() && Instant::now() < self.expires
    }

    async fn stop(self: Box<Self>) {
        self.process.end().await;
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.log.close();
    }
}

/// An environment whose code has no program to start, which each invocation is told.
pub(super) struct Stillborn {
    lines: Lines,
    log: Arc<LogStream>,
}

impl Stillborn {
    pub(super) fn new(blueprint: &Blueprint, log: Arc<LogStream>) -> Self {
        Self { lines: Lines::of(blueprint), log }
    }
}

#[async_trait]
impl Environment for Stillborn {
    async fn invoke(&mut self, event: Event) -> Report {
        let (error_type, message) = (INVALID_ENTRYPOINT, NotStarted::Entrypoint.to_string());
        let figures = Figures {
            duration: Duration::ZERO,
            init: None,
            peak: 0,
            status: Status::Error,
            error_type: Some(error_type),
        };
        self.log.begin_tail();
        let lines = [
            self.lines.start(&event.request_id),
            Some(self.lines.fault(&event.request_id, &message, error_type)),
            self.lines.end(&event.request_id),
            self.lines.report(&event.request_id, &figures),
        ];
        lines.into_iter().flatten().for_each(|line| self.log.write(line));
        Report {
            completion: Completion::InitFailed { payload: None, error_type: error_type.to_owned(), message },
            log_tail: self.log.end_tail(),
            is_reusable: false,
            duration: Duration::ZERO,
            init_duration: None,
        }
    }

    fn is_alive(&self) -> bool {
        false
    }

    async fn stop(self: Box<Self>) {}
}

impl Drop for Stillborn {
    fn drop(&mut self) {
        self.log.close();
    }
}
