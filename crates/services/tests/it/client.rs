//! Real clients over HTTP: a service on a port, and scripts of boto3.

use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sidegate_services::Body;
use tokio::net::TcpListener;

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
