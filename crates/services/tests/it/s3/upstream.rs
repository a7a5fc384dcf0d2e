//! S3 that another server answers.

mod rewritten;

use std::sync::Arc;

use http::Request;
use http_body_util::BodyExt as _;
use sidegate_iam::{Denial, Principal, Requirement};
use sidegate_services::s3::{SecretText, Upstream};
use sidegate_services::upstream::Origin;
use sidegate_services::{Authorizer, Body, Caller, Service as _};
use sidegate_wire::sigv4::SecretKey;

use super::boto3::serve;
use super::signing::{Signer, signed};
use super::{ACCESS_KEY, Notes, SECRET, Store, me, request};
use crate::client;

fn upstream(port: u16) -> Upstream {
    let url = format!("http://127.0.0.1:{port}");
    let secret = SecretKey::new(SECRET);
    let origin = Origin::new(&url, ACCESS_KEY.to_owned(), secret, "us-east-1".to_owned(), None).unwrap();
    Upstream::new(origin, Arc::new(|key: &str| (key == ACCESS_KEY).then(|| SecretText::new(SECRET))))
}

fn caller() -> Caller {
    Caller { now: client::now(), ..me() }
}

async fn send(upstream: &Upstream, authorizer: &dyn Authorizer, request: Request<Body>) -> (u16, String) {
    let (head, body) = upstream.handle(request, &caller(), authorizer).await.into_parts();
    assert_eq!(head.headers["x-amz-request-id"], me().request_id);
    (head.status.as_u16(), String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_works_unmodified_through_another_server() {
    let store = Arc::new(Store::new());
    let behind = serve(Arc::clone(&store)).await;
    let upstream = Arc::new(upstream(behind));
    let port = client::serve(move |request: Request<Body>| {
        let upstream = Arc::clone(&upstream);
        async move { upstream.handle(request, &caller(), &Notes::default()).await }
    })
    .await;
    // Another key than that of the server behind, which does not know it.
    let key = [
        ("AWS_ACCESS_KEY_ID", "AKIAI44QH8DHBEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "je7MtGbClwBF2Zp9Utkh3yCo8nvbEXAMPLEKEY"),
        ("SIDEGATE_UNVERIFIED", "1"),
    ];
    if client::boto3(include_str!("session.py"), port, &key).await {
        assert!(store.files().is_empty(), "what was deleted is gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_denied_never_reaches_the_server() {
    let store = Arc::new(Store::with_bucket("docs").await);
    store.put("/docs/key", &[], "kept").await.ok();
    let upstream = upstream(serve(Arc::clone(&store)).await);
    let denying = Notes::denying(Principal::Root("111122223333".parse().unwrap()));
    let batch = "<Delete><Object><Key>key</Key></Object></Delete>";
    for (method, uri, body) in [("GET", "/docs/key", ""), ("DELETE", "/docs/key", ""), ("PUT", "/docs/key", "x")] {
        let (status, text) = send(&upstream, &denying, request(method, uri, &[], body)).await;
        assert_eq!(status, 403, "{method} {uri}");
        assert!(text.contains("<Code>AccessDenied</Code>"), "{text}");
    }
    let (status, text) = send(&upstream, &denying, request("POST", "/docs?delete", &[], batch)).await;
    assert!(status == 200 && text.contains("<Error><Key>key</Key><Code>AccessDenied</Code>"), "{status} {text}");
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "kept");
    let notes = Notes::default();
    assert_eq!(send(&upstream, &notes, request("GET", "/docs/key", &[], "")).await, (200, "kept".to_owned()));
    assert_eq!(send(&upstream, &notes, request("POST", "/docs?delete", &[], batch)).await.0, 200);
    let asked = notes.asked.into_inner().unwrap();
    assert_eq!(asked[0], ("GetObject".to_owned(), vec!["s3:GetObject arn:aws:s3:::docs/key".to_owned()]));
    assert_eq!(asked[1], ("DeleteObjects".to_owned(), vec!["s3:DeleteObject arn:aws:s3:::docs/key".to_owned()]));
    assert_eq!(store.get("/docs/key", &[]).await.status, 404);
}

/// Denies what ends in `secret`, and allows all else.
struct Sparing;

impl Authorizer for Sparing {
    fn authorize(&self, operation: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        let spared: Vec<_> = requirements.iter().filter(|own| own.resource.ends_with("secret")).cloned().collect();
        if spared.is_empty() {
            return Ok(());
        }
        Notes::denying(Principal::Root("111122223333".parse().unwrap())).authorize(operation, &spared)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_batch_only_what_may_be_deleted_is_sent_on() {
    let store = Arc::new(Store::with_bucket("docs").await);
    for key in ["a", "b%20%26%20c", "secret"] {
        store.put(&format!("/docs/{key}"), &[], "kept").await.ok();
    }
    let upstream = upstream(serve(Arc::clone(&store)).await);
    let objects = |keys: &[&str]| {
        let objects: String = keys.iter().map(|key| format!("<Object><Key>{key}</Key></Object>")).collect();
        format!("<Delete>{objects}</Delete>")
    };
    let batch = objects(&["a", "secret", "b &amp; c"]);
    // What was said of the document that came is held against that one, and not against what is sent.
    let forged = [("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")];
    assert_eq!(send(&upstream, &Sparing, request("POST", "/docs?delete", &forged, batch.clone())).await.0, 400);
    assert_eq!(store.get("/docs/a", &[]).await.status, 200);
    use base64::Engine as _;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, batch.as_bytes());
    let digest = base64::engine::general_purpose::STANDARD.encode(digest);
    let headers = [("x-amz-checksum-sha256", digest.as_str()), ("x-amz-sdk-checksum-algorithm", "SHA256")];
    let (status, text) = send(&upstream, &Sparing, request("POST", "/docs?delete", &headers, batch)).await;
    assert_eq!(status, 200, "{text}");
    let denied = "<Error><Key>secret</Key><Code>AccessDenied</Code><Message>";
    assert!(text.contains("<Key>a</Key>") && text.contains(denied) && text.ends_with("</DeleteResult>"), "{text}");
    assert!(text.contains("<Key>b &amp; c</Key>"), "{text}");
    for (key, status) in [("a", 404), ("b%20%26%20c", 404), ("secret", 200)] {
        assert_eq!(store.get(&format!("/docs/{key}"), &[]).await.status, status, "{key}");
    }
    // A server that has nothing to say, since it was to be quiet.
    store.put("/docs/a", &[], "kept").await.ok();
    let quiet = objects(&["secret", "a"]).replace("</Delete>", "<Quiet>true</Quiet></Delete>");
    let (status, text) = send(&upstream, &Sparing, request("POST", "/docs?delete", &[], quiet)).await;
    assert!(status == 200 && text.contains(denied) && !text.contains("<Deleted>"), "{status} {text}");
    assert_eq!(store.get("/docs/a", &[]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_of_a_bucket_becomes_a_path_and_errors_are_those_of_the_server() {
    let store = Arc::new(Store::with_bucket("docs").await);
    let upstream = upstream(serve(Arc::clone(&store)).await);
    let mut put = request("PUT", "/a%20b", &[("x-amz-meta-n", "1")], "text");
    put.headers_mut().insert("host", "docs.s3.us-east-1.amazonaws.com".parse().unwrap());
    assert_eq!(send(&upstream, &Notes::default(), put).await.0, 200);
    let read = store.get("/docs/a%20b", &[]).await.ok();
    assert_eq!((read.text().as_str(), read.header("x-amz-meta-n")), ("text", Some("1")));
    let (status, text) = send(&upstream, &Notes::default(), request("GET", "/docs/none", &[], "")).await;
    assert_eq!(status, 404);
    assert!(text.contains("<Code>NoSuchKey</Code>"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signed_chunks_are_proved_before_they_are_sent_on() {
    let store = Arc::new(Store::with_bucket("docs").await);
    let upstream = upstream(serve(Arc::clone(&store)).await);
    let send = async |forged: bool| {
        let headers = [("content-encoding", "aws-chunked,gzip"), ("x-amz-decoded-content-length", "9100")];
        let mut signer = Signer::new();
        let mut put = signer.put("/docs/key", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", &headers, "");
        let mut body: String =
            ["a".repeat(9000), "b".repeat(100), String::new()].iter().map(|data| signer.chunk(data)).collect();
        if forged {
            body = body.replacen('b', "c", 1);
        }
        *put.body_mut() = http_body_util::Full::new(body.into()).map_err(|never| match never {}).boxed_unsync();
        let caller = Caller { now: client::now(), ..signed() };
        let (head, body) = upstream.handle(put, &caller, &Notes::default()).await.into_parts();
        (head.status.as_u16(), String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned())
    };
    let (status, text) = send(true).await;
    assert!(status == 403 && text.contains("<Code>SignatureDoesNotMatch</Code>"), "{status} {text}");
    assert_eq!(store.get("/docs/key", &[]).await.status, 404);
    assert_eq!(send(false).await.0, 200);
    let read = store.get("/docs/key", &[]).await.ok();
    assert_eq!(read.text(), format!("{}{}", "a".repeat(9000), "b".repeat(100)));
    assert_eq!(read.header("content-encoding"), Some("gzip"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_an_error_that_clients_try_again_on() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (status, text) = send(&upstream(port), &Notes::default(), request("GET", "/docs/key", &[], "")).await;
    assert_eq!(status, 503);
    assert!(text.contains("<Code>ServiceUnavailable</Code>"), "{text}");
    // One that hangs up in the middle of its answer.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await.unwrap();
    });
    let answer = upstream(port).handle(request("GET", "/docs/key", &[], ""), &caller(), &Notes::default()).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.into_body().collect().await.is_err(), "the answer breaks off");
}
