//! Real clients over HTTP: a service on a port, and scripts of boto3.

use std::sync::Arc;

use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sidegate_iam::{Path, Principal};
use sidegate_model::Scope;
use sidegate_services::{Body, Caller, Service};
use tokio::net::TcpListener;

use crate::notes::Notes;

/// Unix time in milliseconds.
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// Answers requests on a port of 127.0.0.1.
pub(crate) async fn serve<F>(answer: impl Fn(Request<Body>) -> F + Clone + Send + Sync + 'static) -> u16
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let answer = answer.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let reply = answer(request.map(|body| body.map_err(Into::into).boxed_unsync()));
                async move { Ok::<_, std::convert::Infallible>(reply.await) }
            });
            tokio::spawn(async move {
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            });
        }
    });
    port
}

/// Serves a service on a port of 127.0.0.1 to a user of an account, who may do everything.
pub(crate) async fn serve_to_user<S: Service + 'static>(service: S, account: &str) -> u16 {
    let service = Arc::new(service);
    let principal: Principal = format!("arn:aws:iam::{account}:user/caller").parse().unwrap();
    let scope = Scope { account: account.parse().unwrap(), region: "us-east-1".parse().unwrap() };
    serve(move |request| {
        let (service, scope, principal) = (Arc::clone(&service), scope.clone(), principal.clone());
        async move {
            let caller = Caller {
                request_id: "6f1a0d3e-0000-4000-8000-000000000001".to_owned(),
                principal,
                scope,
                access_key: None,
                path: Path::Public { source: [127, 0, 0, 1].into() },
                now: now(),
            };
            service.handle(request, &caller, &Notes::default()).await
        }
    })
    .await
}

/// Runs a script of boto3 against a port, with these variables; it must end well. `false` where there is no boto3.
pub(crate) async fn boto3(script: &str, port: u16, variables: &[(&str, &str)]) -> bool {
    let python = |script: &str| {
        let mut command = tokio::process::Command::new("python3");
        command.args(["-c", script]);
        for (name, _) in std::env::vars_os() {
            let lower = name.to_string_lossy().to_ascii_lowercase();
            if lower.ends_with("_proxy") || lower.starts_with("aws_") {
                command.env_remove(name);
            }
        }
        command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command
    };
    if !python("import boto3").output().await.is_ok_and(|out| out.status.success()) {
        eprintln!("skipped: python3 has no boto3");
        return false;
    }
    let endpoint = format!("http://127.0.0.1:{port}");
    let mut command = python(script);
    let output = command.env("SIDEGATE_ENDPOINT", endpoint).envs(variables.iter().copied()).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{text}", String::from_utf8_lossy(&output.stdout));
    true
}
