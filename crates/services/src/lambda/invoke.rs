//! `Invoke`, and how an invocation is carried out.
//!
//! Source: API reference, "Invoke"; Lambda developer guide, "Invoking Lambda functions".

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::json;

use super::Inner;
use super::account::{CONCURRENCY, reserved};
use super::complaint::complaint;
use super::destination::MOST_HOPS;
use super::environment::{Completion, Event, Report, exited};
use super::fault::{Code, Fault};
use super::function::{Function, State, Version};
use super::lineage;
use super::name::{Named, Qualifier};
use super::operation::{Answer, Call, present, present_version};
use super::pool::{Key, Slot};
use super::settings::one_of;
use super::store::{Waiting, blocking};
use crate::random::bytes;

/// The largest document of an invocation that waits for its answer, in bytes.
///
/// Source: Lambda developer guide, "Lambda quotas": 6 MB.
const LARGEST_SYNCHRONOUS: usize = 6_291_456;
/// The largest answer, in bytes. Source: an error of Lambda's that names it.
const LARGEST_ANSWER: usize = 6_291_556;
/// The largest document of an invocation that does not wait, in bytes.
///
/// Source: Lambda developer guide, "Lambda quotas" (2026): 1 MB; 256 KB in earlier editions.
const LARGEST_ASYNCHRONOUS: usize = 1 << 20;
/// The longest client context, encoded, in bytes.
///
/// Source: API reference, "Invoke": "Up to 3,583 bytes of base64-encoded data".
const LONGEST_CONTEXT: usize = 3583;
/// How much longer than it may take an invocation is waited for. Whoever runs it ends it in time; this is for the case that
/// it does not.
const GRACE: Duration = Duration::from_secs(60);

/// What an invocation is to be of.
#[derive(Clone, Debug)]
pub(super) struct Target {
    named: Named,
    version: Version,
    reserved: Option<u32>,
    allows_loops: bool,
}

/// What came of an invocation.
#[derive(Debug)]
pub(super) struct Invoked {
    /// The version that did it.
    pub(super) version: String,
    pub(super) payload: Vec<u8>,
    /// The type of the error, if it was one.
    pub(super) error: Option<String>,
    log_tail: Vec<u8>,
}

impl Target {
    /// The version that is meant; of an alias with two, one by chance.
    pub(super) fn of(named: &Named, function: Option<&Function>) -> Result<Self, Fault> {
        let function = present(named, function)?;
        let mut version = present_version(named, Some(function))?;
        if let Some(Qualifier::Alias(name)) = &named.qualifier
            && let Some((other, weight)) =
                function.head.aliases.get(name).and_then(|alias| alias.weights.first_key_value())
            && chance()? < *weight
        {
            version = function.version_named(other).unwrap_or(version);
        }
        let state = match &version.state {
            State::Active => {
                let (reserved, allows_loops) = (function.head.reserved, function.head.allows_loops);
                return Ok(Self { named: named.clone(), version: version.clone(), reserved, allows_loops });
            }
            State::Pending => "Pending",
            State::Failed(_) => "Failed",
        };
        Err(Fault::conflict(format!(
            "The operation cannot be performed at this time. The function is currently in the following state: {state}"
        )))
    }
}

/// A number from 0 to 1, by chance.
fn chance() -> Result<f64, Fault> {
    Ok(f64::from(u32::from_ne_bytes(bytes()?)) / (f64::from(u32::MAX) + 1.0))
}

/// The id of a trace, for an invocation that comes without one.
///
/// Source: X-Ray developer guide, "Tracing header".
pub(super) fn trace_id(now: i64) -> Result<String, Fault> {
    let (root, parent) = (hex::encode(bytes::<12>()?), hex::encode(bytes::<8>()?));
    Ok(format!("Root=1-{:08x}-{root};Parent={parent};Sampled=0", now.div_euclid(1000)))
}

impl Inner {
    /// One more invocation at once.
    pub(super) fn enter(self: &Arc<Self>, target: &Target) -> Result<Slot, Fault> {
        let shared = CONCURRENCY.saturating_sub(reserved(&self.store, &target.named.place.scope, None));
        self.concurrency.enter(&target.named.place, target.reserved, shared)
    }

    /// Carries out an invocation. It goes on if nobody waits for it any longer.
    pub(super) async fn run(self: &Arc<Self>, target: Target, event: Event, slot: Slot) -> Result<Invoked, Fault> {
        let inner = Arc::clone(self);
        let invocation = tokio::spawn(async move {
            let _slot = slot;
            inner.carry_out(&target, event).await
        });
        invocation.await.map_err(|_| Fault::Interrupted)?
    }

    async fn carry_out(self: &Arc<Self>, target: &Target, event: Event) -> Result<Invoked, Fault> {
        let version = &target.version;
        let place = &target.named.place;
        let key = Key { place: place.clone(), version: version.number, generation: version.generation };
        let mut lease = match self.pools.warm(&key) {
            Some(lease) => lease,
            None => {
                let digests: Vec<String> = version.layers.iter().map(|layer| layer.digest.clone()).collect();
                let code = version.package.digest.clone();
                let pin = self.packages.pin(digests.iter().cloned().chain([code.clone()]));
                let packages = Arc::clone(&self.packages);
                let files = blocking(move || Ok((packages.unpacked(&code)?, packages.merged(&digests)?)));
                let (code, layers) = files.await?;
                let blueprint = version.blueprint(place, code, layers)?;
                self.pools.lease(&key, &blueprint, pin).await?
            }
        };
        let (id, timeout) = (event.request_id.clone(), event.timeout);
        let longest = timeout + super::environment::INIT_TIMEOUT + GRACE;
        let environment = lease.environment().ok_or(Fault::Interrupted)?;
        let report = match tokio::time::timeout(longest, environment.invoke(event)).await {
            Ok(report) => report,
            Err(_) => Report {
                completion: Completion::TimedOut,
                log_tail: Vec::new(),
                is_reusable: false,
                duration: timeout,
                init_duration: None,
            },
        };
        lease.give_back(report.is_reusable);
        Ok(Invoked::of(report, version, &id, timeout))
    }

    /// The event of an invocation of this target, which has come by so many functions.
    pub(super) fn event(
        target: &Target, request_id: &str, payload: Vec<u8>, client_context: Option<String>, trace_id: &str, hops: u32,
    ) -> Event {
        Event {
            request_id: request_id.to_owned(),
            payload: if payload.is_empty() { b"{}".to_vec() } else { payload },
            invoked_arn: target.named.arn(),
            client_context,
            timeout: target.version.timeout(),
            trace_id: lineage::handed(trace_id, &target.named.place.function_arn(), hops, target.allows_loops),
        }
    }
}

impl Invoked {
    /// Source: Lambda developer guide, "Troubleshoot invocation issues in Lambda"; error documents that users quote, see
    /// docs/claims.md.
    fn of(report: Report, version: &Version, id: &str, timeout: Duration) -> Self {
        let document = |kind: &str, message: String| {
            let document = json!({"errorType": kind, "errorMessage": format!("RequestId: {id} Error: {message}")});
            (document.to_string().into_bytes(), Some(kind.to_owned()))
        };
        let (payload, error) = match report.completion {
            Completion::Returned { payload } if payload.len() > LARGEST_ANSWER => {
                let message =
                    format!("Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes).");
                let kind = "Function.ResponseSizeTooLarge";
                let document = json!({"errorType": kind, "errorMessage": message});
                (document.to_string().into_bytes(), Some(kind.to_owned()))
            }
            Completion::Returned { payload } => (payload, None),
            Completion::Failed { payload, error_type } => (payload, Some(error_type)),
            Completion::TimedOut => {
                document("Sandbox.Timedout", format!("Task timed out after {:.2} seconds", timeout.as_secs_f64()))
            }
            Completion::Crashed { status } => document("Runtime.ExitError", exited(&status)),
            Completion::OutOfMemory => document("Runtime.OutOfMemory", exited("signal: killed")),
            Completion::InitFailed { payload: Some(payload), error_type, .. } => (payload, Some(error_type)),
            Completion::InitFailed { payload: None, error_type, message } => document(&error_type, message),
        };
        Self { version: version.name(), payload, error, log_tail: report.log_tail }
    }
}

/// What a request says of its invocation.
struct Asked {
    kind: Kind,
    wants_log: bool,
    client_context: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    RequestResponse,
    Event,
    DryRun,
}

impl Asked {
    fn of(call: &Call<'_>) -> Result<Self, Fault> {
        let kind = call.header("x-amz-invocation-type").unwrap_or("RequestResponse");
        one_of("invocationType", kind, &["Event", "RequestResponse", "DryRun"])?;
        let log = call.header("x-amz-log-type").unwrap_or("None");
        one_of("logType", log, &["None", "Tail"])?;
        for (header, what) in
            [("x-amz-durable-execution-name", "durable executions"), ("x-amz-tenant-id", "the isolation of tenants")]
        {
            if call.header(header).is_some() {
                return Err(Fault::Unserved(what));
            }
        }
        let kind = match kind {
            "Event" => Kind::Event,
            "DryRun" => Kind::DryRun,
            _ => Kind::RequestResponse,
        };
        let client_context = call.header("x-amz-client-context").map(client_context).transpose()?;
        Ok(Self { kind, wants_log: log == "Tail", client_context })
    }
}

/// The client context of a header, decoded.
fn client_context(encoded: &str) -> Result<String, Fault> {
    let wrong = || {
        Fault::Told(
            Code::InvalidRequestContent,
            "Client context must be a valid Base64-encoded JSON object.".to_owned(),
        )
    };
    if encoded.len() > LONGEST_CONTEXT {
        return Err(wrong());
    }
    let decoded = STANDARD.decode(encoded).map_err(|_| wrong())?;
    let text = String::from_utf8(decoded).map_err(|_| wrong())?;
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text).map_err(|_| wrong())?;
    Ok(text)
}

/// Checks the document of an invocation.
fn check_payload(payload: &[u8], kind: Kind) -> Result<(), Fault> {
    let too_large = |message: String| Err(Fault::Told(Code::RequestTooLarge, message));
    if payload.len() > LARGEST_SYNCHRONOUS {
        return too_large(format!(
            "Request must be smaller than {LARGEST_SYNCHRONOUS} bytes for the InvokeFunction operation"
        ));
    }
    if kind == Kind::Event && payload.len() > LARGEST_ASYNCHRONOUS {
        return too_large(format!(
            "{} byte payload is too large for the Event invocation type (limit {LARGEST_ASYNCHRONOUS} bytes)",
            payload.len()
        ));
    }
    if payload.is_empty() {
        return Ok(());
    }
    complaint(payload).map_or(Ok(()), |why| {
        Err(Fault::Told(
            Code::InvalidRequestContent,
            format!("Could not parse request body into json: Could not parse payload into json: {why}"),
        ))
    })
}

/// The words are those of the API's model.
fn recursive() -> Fault {
    Fault::Told(
        Code::RecursiveInvocation,
        "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources and \
         stopped your function's invocation."
            .to_owned(),
    )
}

/// `Invoke`
pub(super) async fn invoke(call: &Call<'_>) -> Result<Answer, Fault> {
    let asked = Asked::of(call)?;
    let named = call.named()?;
    let function = call.store().function(&named.place);
    let allowed = call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    check_payload(&call.body, asked.kind)?;
    let inner = &call.lambda.inner;
    let trace = match call.header("x-amzn-trace-id") {
        Some(given) => given.to_owned(),
        None => trace_id(call.caller.now)?,
    };
    let hops = lineage::hops(&trace);
    if asked.kind == Kind::Event {
        present_version(&named, function.as_deref())?;
        let waiting = Waiting {
            id: call.caller.request_id.clone(),
            scope: named.place.scope.clone(),
            function: named.place.name.clone(),
            qualifier: named.qualifier.as_ref().map(ToString::to_string),
            payload: call.body.to_vec(),
            client_context: asked.client_context,
            trace_id: trace,
            since: call.caller.now,
            failures: 0,
            throttles: 0,
            hops,
            due: call.caller.now,
        };
        inner.queue.put(&inner.store, &allowed, waiting).await?;
        return Ok(Answer { status: StatusCode::ACCEPTED, headers: Vec::new(), body: Vec::new() });
    }
    let target = Target::of(&named, function.as_deref())?;
    if asked.kind == Kind::DryRun {
        return Ok(Answer::nothing());
    }
    if hops >= MOST_HOPS && function.is_none_or(|function| !function.head.allows_loops) {
        return Err(recursive());
    }
    let slot = inner.enter(&target)?;
    let id = &call.caller.request_id;
    let event = Inner::event(&target, id, call.body.to_vec(), asked.client_context, &trace, hops);
    let invoked = inner.run(target, event, slot).await?;
    let mut answer = Answer { status: StatusCode::OK, headers: Vec::new(), body: invoked.payload }
        .with("x-amz-executed-version", &invoked.version)
        .with("x-amzn-trace-id", &trace);
    if invoked.error.is_some() {
        answer = answer.with("x-amz-function-error", "Unhandled");
    }
    if asked.wants_log {
        answer = answer.with("x-amz-log-result", &STANDARD.encode(&invoked.log_tail));
    }
    Ok(answer)
}
