//! Environments that run nothing: what becomes of an invocation is what its event says.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use sidegate_iam::Requirement;
use sidegate_model::Scope;
use sidegate_services::Service;
use sidegate_services::lambda::Runtime;
use sidegate_services::lambda::environment::{
    Blueprint, Completion, Environment, Environments, Event, Network, NetworkError, Report, RoleError, StartError,
};

/// What was asked of it, and what it says.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) started: Mutex<Vec<Blueprint>>,
    pub(super) events: Mutex<Vec<Event>>,
    pub(super) attached: Mutex<Vec<(String, Vec<Network>)>>,
    pub(super) released: Mutex<Vec<(String, Vec<Network>)>>,
    /// Requests in the name of roles: the service, whose and where to, and the body.
    pub(super) calls: Mutex<Vec<(String, String, String)>>,
    /// The trace that each of them bears.
    pub(super) traces: Mutex<Vec<String>>,
    pub(super) living: AtomicUsize,
    /// How many events have been handled at once at most.
    pub(super) busiest: AtomicUsize,
    busy: AtomicUsize,
    /// How many further events fail, whatever they say.
    pub(super) failing: AtomicUsize,
    pub(super) refuses_roles: AtomicBool,
    /// What answers calls in the name of roles; nothing else does but by saying that all is well.
    pub(super) streams: Mutex<Option<Arc<dyn Service>>>,
}

/// Environments that all note what they are asked.
#[derive(Clone, Default)]
pub(super) struct Fake(Arc<Seen>);

impl std::ops::Deref for Fake {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.0
    }
}

struct FakeEnvironment {
    fake: Fake,
    blueprint: Blueprint,
    is_alive: bool,
}

impl Drop for FakeEnvironment {
    fn drop(&mut self) {
        self.fake.living.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Environments for Fake {
    async fn start(&self, blueprint: &Blueprint) -> Result<Box<dyn Environment>, StartError> {
        if blueprint.handler == "no.room" {
            return Err(StartError::NoRoom("of no kind".to_owned()));
        }
        assert!(blueprint.code.is_dir(), "the code is unpacked");
        self.started.lock().unwrap().push(blueprint.clone());
        self.living.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(FakeEnvironment { fake: self.clone(), blueprint: blueprint.clone(), is_alive: true }))
    }

    async fn check_network(&self, _: &Scope, network: &Network) -> Result<String, NetworkError> {
        match network.subnets.iter().find(|subnet| !subnet.starts_with("subnet-1")) {
            Some(other) => Err(NetworkError::NoSubnet(other.clone())),
            None => Ok("vpc-1".to_owned()),
        }
    }

    async fn may(&self, _: &Scope, role: &str, requirement: &Requirement) -> bool {
        !role.ends_with("/plain")
            || !["ec2:", "sns:", "sqs:", "lambda:"].iter().any(|own| requirement.action.starts_with(own))
    }

    async fn call(
        &self, _: &Scope, role: &str, service: &str, request: http::Request<Vec<u8>>,
    ) -> Option<http::Response<Bytes>> {
        let (head, body) = request.into_parts();
        let told = format!("{role} {} {} {}", head.method, head.headers["host"].to_str().unwrap(), head.uri);
        if head.method == http::Method::HEAD {
            let mut answer = http::Response::<Bytes>::default();
            if head.uri.path() == "/nowhere" {
                *answer.status_mut() = http::StatusCode::NOT_FOUND;
            }
            return Some(answer);
        }
        let streams = self.streams.lock().unwrap().clone().filter(|own| own.name() == service);
        if let Some(streams) = streams {
            let request = http::Request::from_parts(head, body);
            let (status, body) = super::services::ask_as(streams.as_ref(), request, !role.ends_with("/blind")).await;
            let mut answer = http::Response::new(Bytes::from(body));
            *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
            return Some(answer);
        }
        let trace = head.headers.get("x-amzn-trace-id").map(|trace| trace.to_str().unwrap().to_owned());
        self.traces.lock().unwrap().push(trace.unwrap_or_default());
        self.calls.lock().unwrap().push((service.to_owned(), told, String::from_utf8(body).unwrap()));
        (service != "events").then(http::Response::default)
    }

    async fn check_role(&self, _: &Scope, _: &str) -> Result<(), RoleError> {
        if self.refuses_roles.load(Ordering::SeqCst) { Err(RoleError::NotAssumable) } else { Ok(()) }
    }

    fn has(&self, _: Runtime) -> bool {
        true
    }

    async fn attach(&self, _: &Scope, function_arn: &str, networks: &[Network]) -> Result<(), StartError> {
        let full = networks.iter().any(|network| network.subnets.iter().any(|subnet| subnet == "subnet-1full"));
        self.attached.lock().unwrap().push((function_arn.to_owned(), networks.to_vec()));
        if full { Err(StartError::NoAddress) } else { Ok(()) }
    }

    async fn release(&self, _: &Scope, function_arn: &str, networks: &[Network]) {
        self.released.lock().unwrap().push((function_arn.to_owned(), networks.to_vec()));
    }
}

impl FakeEnvironment {
    fn completion(&self, event: &Event, document: &Value) -> Completion {
        let take = |left: usize| left.checked_sub(1);
        let fails = self.fake.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok();
        let failed = || Completion::Failed {
            payload: json!({"errorMessage": "no", "errorType": "ValueError"}).to_string().into_bytes(),
            error_type: "ValueError".to_owned(),
        };
        let ids = |what: &str| {
            let records = document["Records"].as_array().into_iter().flatten();
            let meant =
                records.filter(|record| record["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap().starts_with(what));
            meant.map(|record| record["dynamodb"]["SequenceNumber"].clone()).collect::<Vec<_>>()
        };
        let reported: Vec<Value> = ids("part").into_iter().map(|id| json!({"itemIdentifier": id})).collect();
        match document["do"].as_str() {
            _ if fails || !ids("bad").is_empty() => failed(),
            _ if !reported.is_empty() => {
                let report = json!({"batchItemFailures": reported});
                Completion::Returned { payload: report.to_string().into_bytes() }
            }
            Some("fail") => failed(),
            Some("time out") => Completion::TimedOut,
            Some("crash") => Completion::Crashed { status: "exit status 1".to_owned() },
            Some("eat memory") => Completion::OutOfMemory,
            Some("no init") => Completion::InitFailed {
                payload: None,
                error_type: "Runtime.ExitError".to_owned(),
                message: "Runtime exited with error: exit status 2".to_owned(),
            },
            Some("talk") => Completion::Returned { payload: vec![b'1'; 7 << 20] },
            Some("where") => Completion::Returned {
                payload: json!({"version": self.blueprint.version, "arn": event.invoked_arn}).to_string().into_bytes(),
            },
            _ => Completion::Returned { payload: event.payload.clone() },
        }
    }
}

#[async_trait]
impl Environment for FakeEnvironment {
    async fn invoke(&mut self, event: Event) -> Report {
        let document: Value = serde_json::from_slice(&event.payload).unwrap();
        self.fake.events.lock().unwrap().push(event.clone());
        let busy = self.fake.busy.fetch_add(1, Ordering::SeqCst) + 1;
        self.fake.busiest.fetch_max(busy, Ordering::SeqCst);
        if let Some(milliseconds) = document["sleep"].as_u64() {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        self.fake.busy.fetch_sub(1, Ordering::SeqCst);
        let completion = self.completion(&event, &document);
        let is_reusable = matches!(completion, Completion::Returned { .. } | Completion::Failed { .. });
        self.is_alive = is_reusable;
        Report {
            completion,
            log_tail: format!("START RequestId: {}\n", event.request_id).into_bytes(),
            is_reusable,
            duration: Duration::from_millis(1),
            init_duration: None,
        }
    }

    fn is_alive(&self) -> bool {
        self.is_alive
    }

    async fn stop(self: Box<Self>) {}
}
