//! A real client: boto3 over HTTP, against IAM and STS.

use std::sync::Arc;

use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sidegate_services::{Body, Caller, Service};
use tokio::net::TcpListener;

use super::{Notes, World, me};

/// The access key and the service in the signature of a request, which nobody verifies here.
fn signed(request: &Request<Incoming>) -> Option<(String, String)> {
    let header = request.headers().get("authorization")?.to_str().ok()?;
    let mut scope = header.split_once("Credential=")?.1.split(',').next()?.split('/');
    Some((scope.next()?.to_owned(), scope.nth(2)?.to_owned()))
}

fn whose(world: &World, request: &Request<Incoming>) -> (Caller, bool) {
    let mut caller = me();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    caller.now = i64::try_from(since.as_millis()).unwrap();
    let (key, service) = signed(request).unwrap_or_default();
    if let Some(owner) = world.iam.directory().credential(&key, caller.now) {
        caller.scope.account = owner.account;
        caller.access_key = Some(key);
    }
    (caller, service == "sts")
}

/// Serves IAM and STS on a port of 127.0.0.1. Whose a request is follows from its access key alone.
async fn serve(world: Arc<World>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let world = Arc::clone(&world);
            let service = service_fn(move |request: Request<Incoming>| {
                let world = Arc::clone(&world);
                async move {
                    let (caller, is_sts) = whose(&world, &request);
                    let request: Request<Body> = request.map(|body| body.map_err(Into::into).boxed_unsync());
                    let service: &dyn Service = if is_sts { &world.sts } else { &world.iam };
                    Ok::<_, std::convert::Infallible>(service.handle(request, &caller, &Notes::default()).await)
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
    let port = serve(Arc::new(World::new())).await;
    let output = python(include_str!("session.py"))
        .env("SIDEGATE_ENDPOINT", format!("http://127.0.0.1:{port}"))
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{text}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "serves until it is killed, for clients that are tried by hand"]
async fn serves_until_it_is_killed() {
    let world = Arc::new(World::new());
    let port = serve(Arc::clone(&world)).await;
    println!("listening on 127.0.0.1:{port}, identities in {}", world.dir.path().display());
    std::future::pending::<()>().await;
}
