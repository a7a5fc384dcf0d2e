//! A real client: boto3 over HTTP.

use std::sync::Arc;

use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sidegate_services::Service as _;
use tokio::net::TcpListener;

use super::{ACCESS_KEY, Notes, SECRET, Store, me};

/// Serves S3 on a port of 127.0.0.1, to whoever signs with the one key.
async fn serve(store: Arc<Store>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let store = Arc::clone(&store);
            let service = service_fn(move |request: Request<Incoming>| {
                let store = Arc::clone(&store);
                async move {
                    let mut caller = me();
                    caller.now = i64::try_from(
                        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis(),
                    )
                    .unwrap();
                    let presigned = request.uri().query().is_some_and(|query| query.contains("X-Amz-Credential"));
                    if presigned || request.headers().contains_key("authorization") {
                        caller.access_key = Some(ACCESS_KEY.to_owned());
                    }
                    let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
                    Ok::<_, std::convert::Infallible>(store.s3.handle(request, &caller, &Notes::default()).await)
                }
            });
            tokio::spawn(async move {
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_works_unmodified() {
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
        return;
    }
    let store = Arc::new(Store::new());
    let port = serve(Arc::clone(&store)).await;
    let output = python(include_str!("session.py"))
        .env("SIDEGATE_ENDPOINT", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{text}", String::from_utf8_lossy(&output.stdout));
    assert!(store.files().is_empty(), "what was deleted is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "serves until it is killed, for measurements by hand"]
async fn serves_until_it_is_killed() {
    let store = Arc::new(Store::new());
    let port = serve(Arc::clone(&store)).await;
    println!("listening on 127.0.0.1:{port}, objects in {}", store.dir.path().display());
    std::future::pending::<()>().await;
}
