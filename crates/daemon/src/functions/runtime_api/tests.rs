//! The Runtime API over a real socket, asked by a runtime that behaves and by one that does not.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

async fn served() -> (Arc<RuntimeApi>, mpsc::UnboundedReceiver<Told>, SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (api, told) = RuntimeApi::new();
    let serving = Arc::clone(&api).serve(listener);
    (api, told, address, serving)
}

async fn ask(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

fn event(id: &str) -> Event {
    Event {
        request_id: id.to_owned(),
        payload: b"{\"a\":1}".to_vec(),
        invoked_arn: "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
        client_context: None,
        timeout: Duration::from_secs(3),
        trace_id: "Root=1-2-3".to_owned(),
    }
}

#[tokio::test]
async fn an_event_is_handed_over_once_and_answered_once() {
    let (api, mut told, address, _serving) = served().await;
    let asking = tokio::spawn(ask(address, "GET", "invocation/next", b""));
    assert!(matches!(told.recv().await, Some(Told::Ready)));
    api.offer(event("r-1"));
    let (status, answer) = asking.await.unwrap();
    assert_eq!(status, 200);
    assert!(answer.contains("lambda-runtime-aws-request-id: r-1\r\n") && answer.ends_with("{\"a\":1}"), "{answer}");
    assert!(answer.contains("lambda-runtime-deadline-ms: ") && answer.contains("lambda-runtime-trace-id: Root=1-2-3"));

    let (status, answer) = ask(address, "GET", "invocation/next", b"").await;
    assert!(status == 403 && answer.contains("InvalidStateTransition"), "{answer}");
    let (status, answer) = ask(address, "POST", "invocation/r-2/response", b"{}").await;
    assert!(status == 400 && answer.contains("InvalidRequestID"), "{answer}");
    assert_eq!(ask(address, "POST", "invocation/r-1/response", b"42").await.0, 202);
    assert!(
        matches!(told.recv().await, Some(Told::Returned { request, payload }) if request == "r-1" && payload == b"42")
    );
    let (status, answer) = ask(address, "POST", "invocation/r-1/response", b"43").await;
    assert!(status == 403 && answer.contains("InvalidStateTransition"), "{answer}");
}

#[tokio::test]
async fn a_response_that_is_too_long_is_a_failure_of_the_function() {
    let (api, mut told, address, _serving) = served().await;
    api.offer(event("r-1"));
    assert_eq!(ask(address, "GET", "invocation/next", b"").await.0, 200);
    assert!(matches!(told.recv().await, Some(Told::Ready)));
    let (status, answer) = ask(address, "POST", "invocation/r-1/response", &vec![b'1'; 2 * LARGEST_RESPONSE]).await;
    assert!(status == 413 && answer.contains("RequestEntityTooLarge"), "{answer}");
    assert!(matches!(told.recv().await, Some(Told::TooLarge { request }) if request == "r-1"));
}

#[tokio::test]
async fn an_error_has_the_type_of_its_header_or_document() {
    let (api, mut told, address, _serving) = served().await;
    let (status, _) = ask(address, "POST", "init/error", b"{\"errorType\":\"Oh.No\"}").await;
    assert_eq!(status, 202);
    assert!(matches!(told.recv().await, Some(Told::InitFailed { error_type, .. }) if error_type == "Oh.No"));
    assert_eq!(ask(address, "GET", "invocation/next", b"").await.0, 403);
    api.offer(event("r-1"));
    assert_eq!(ask(address, "POST", "invocation/r-1/error", b"{}").await.0, 403);
    assert_eq!(ask(address, "DELETE", "init/error", b"").await.0, 405);
    assert_eq!(ask(address, "GET", "elsewhere", b"").await.0, 404);
}
