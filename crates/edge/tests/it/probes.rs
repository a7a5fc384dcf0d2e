//! Probes: what the gate decides without calling anything, and what a token is worth to whoever has it.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use sidegate_edge::gate::{AskedProbe, Gate, Grants, Question};
use sidegate_edge::path::CurrentPlan;
use sidegate_iam::{Path, PolicyKind, Principal, Requirement};

use super::world::{
    self, Answer, DENY_LISTING, FIRST, INTERFACE, Kept, S3_HOST, SECRETS_ADDRESS, SECRETS_HOST, arrival, head,
    list_secrets, public,
};

struct Test {
    events: Arc<Kept>,
    gate: Arc<Gate>,
    plans: CurrentPlan,
}

impl Test {
    fn new() -> Self {
        let events = Arc::new(Kept::default());
        let gate = world::gate(&events);
        Self { events, gate, plans: CurrentPlan::new(world::plan_of(world::vpc())) }
    }

    /// Asks whether the root user may list secrets.
    fn asks(&self) -> AskedProbe {
        let principal = Principal::Root("111122223333".parse().unwrap());
        let requirements = vec![Requirement::new("secretsmanager:ListSecrets", "*")];
        let operation = "ListSecrets".to_owned();
        self.gate.probes().ask(Question { principal, grants: Grants::default(), operation, requirements }).unwrap()
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let arrival = arrival(&self.plans, FIRST, SECRETS_ADDRESS);
        Answer::of(self.gate.serve(request, &arrival).await.unwrap()).await
    }
}

/// A request that bears a token and nothing else.
fn bearing(host: &str, token: &str) -> Request<Full<Bytes>> {
    Request::from_parts(head("GET /", &[("host", host), ("x-sidegate-probe", token)]), Full::default())
}

#[tokio::test]
async fn a_probe_is_decided_on_its_path_and_calls_nothing() {
    let test = Test::new();
    let asked = test.asks();
    let answer = test.send(bearing(SECRETS_HOST, &asked.token())).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""), "nothing is told to who holds the connection");
    let verdict = asked.verdict().unwrap();
    assert!(verdict.denial.is_none(), "{verdict:?}");
    assert!(
        matches!(&verdict.path, Path::Endpoint { endpoint, source, .. } if endpoint.as_str() == INTERFACE && *source == FIRST)
    );
    let event = test.events.one();
    assert!(event.probe);
    assert_eq!((event.status, event.operation.as_deref()), (Some(204), Some("ListSecrets")));
    assert_eq!(event.principal.as_deref(), Some("arn:aws:iam::111122223333:root"));
    let [judgement] = &event.requirements[..] else { panic!("{event:?}") };
    assert!(judgement.allowed && judgement.because.starts_with("statement 1 of the VPC endpoint policy"));
}

#[tokio::test]
async fn a_probe_is_denied_by_what_would_deny_the_call_and_is_answered_alike() {
    let test = Test::new();
    test.plans.replace(world::with_policy(INTERFACE, DENY_LISTING));
    let asked = test.asks();
    let answer = test.send(bearing(SECRETS_HOST, &asked.token())).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let denial = asked.verdict().unwrap().denial.unwrap();
    assert_eq!((denial.policy, denial.statement.is_some()), (PolicyKind::Endpoint, true));
    assert!(test.events.one().reason.unwrap().ends_with("with an explicit deny in a VPC endpoint policy"));
}

#[tokio::test]
async fn a_token_is_spent_once_and_no_request_is_changed_by_one_that_is_none() {
    let test = Test::new();
    let asked = test.asks();
    let token = asked.token();
    assert_eq!(test.send(bearing(SECRETS_HOST, &token)).await.status, 204);
    let again = test.send(bearing(SECRETS_HOST, &token)).await;
    again.assert_error(400, "MissingAuthenticationTokenException");
    let (mut head, body) = list_secrets(SECRETS_HOST).into_parts();
    head.headers.insert("x-sidegate-probe", "00".repeat(16).parse().unwrap());
    let answer = test.send(Request::from_parts(head, body)).await;
    assert_eq!(answer.status, 200, "it is a request like any other: {answer:?}");
    let probes = test.events.0.lock().unwrap().iter().map(|event| event.probe).collect::<Vec<_>>();
    assert_eq!(probes, [true, false, false]);
}

#[tokio::test]
async fn a_probe_for_another_name_or_on_the_public_port_is_not_decided() {
    let test = Test::new();
    let asked = test.asks();
    assert_eq!(test.send(bearing(S3_HOST, &asked.token())).await.status, 421);
    let local = bearing("secretsmanager.localhost", &asked.token());
    let answer = Answer::of(test.gate.serve(local, &public()).await.unwrap()).await;
    assert!(answer.status >= 400, "{answer:?}");
    assert!(test.events.0.lock().unwrap().iter().all(|event| !event.probe));
    assert!(asked.verdict().is_none());
}
