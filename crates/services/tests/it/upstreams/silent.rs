//! Servers that are not there, say nothing, or say what nobody understands.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A server that answers every request with these bytes, and then hangs up or waits.
async fn saying(bytes: &'static [u8], waits: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 65_536]).await;
                let _ = stream.write_all(bytes).await;
                if waits {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            });
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// The status and the code that each service has for what is its own fault.
fn own_fault(service: &str) -> (u16, &'static str) {
    match service {
        "kms" => (500, "KMSInternalException"),
        "logs" => (503, "ServiceUnavailableException"),
        "monitoring" => (500, "InternalServiceFault"),
        _ => (500, "InternalServiceError"),
    }
}

async fn fails(url: &str) {
    for service in SERVICES {
        let (operation, document) = simple(service);
        let upstream = upstream(service, origin(url).answering_within(SOON));
        let (status, answer) = ask(&upstream, &Engine::all(), service, operation, &document).await;
        let (expected, code) = own_fault(service);
        assert_eq!((status, answer["__type"].as_str()), (expected, Some(code)), "{service} {url}");
        assert!(!answer.to_string().contains("127.0.0.1"), "the client is not told where the server is: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_an_error_that_clients_try_again_on() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    fails(&format!("http://127.0.0.1:{port}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_says_nothing_is_not_waited_for() {
    fails(&saying(b"", true).await).await;
    fails(&saying(b"HTTP/1.1 200 OK\r\ncontent-le", true).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_answer_is_an_error() {
    fails(&saying(b"", false).await).await;
    fails(&saying(b"SSH-2.0-OpenSSH_9.9\r\n", false).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_on_where_the_server_does_not_tell_what_was_asked() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"ARN\"",
        b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 400 Bad Request\r\ncontent-length: 34\r\n\r\n{\"__type\":\"AccessDeniedException\"}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 31\r\n\r\n{\"ARN\":\"arn:aws:x\",\"Name\":\"db\"} ",
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    ] {
        let url = saying(answer, false).await;
        for (service, operation, document) in [
            ("secretsmanager", "GetSecretValue", json!({"SecretId": "db"})),
            ("kms", "Encrypt", json!({"KeyId": "alias/a", "Plaintext": "aGk="})),
        ] {
            let engine = Engine::all();
            let upstream = upstream(service, origin(&url).answering_within(SOON));
            let (status, told) = ask(&upstream, &engine, service, operation, &document).await;
            let shown = String::from_utf8_lossy(answer);
            assert_eq!((status, told["__type"].as_str()), (500, Some(own_fault(service).1)), "{service} {shown}");
            assert!(engine.asked().is_empty(), "nothing is decided about what is not known");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_streams_as_the_server_gives_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (go, gone) = tokio::sync::oneshot::channel::<()>();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 65_536]).await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: a/b\r\nkeep-alive: timeout=5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n";
        stream.write_all(head).await.unwrap();
        gone.await.unwrap();
        stream.write_all(b"4\r\nlast\r\n0\r\n\r\n").await.unwrap();
    });
    let logs = upstream("logs", origin(&format!("http://127.0.0.1:{port}")).answering_within(SOON));
    let answer = logs.handle(request("logs", "DescribeLogGroups", &json!({})), &caller(HERE), &Engine::all()).await;
    assert_eq!(answer.headers()["content-type"], "a/b");
    assert!(!answer.headers().contains_key("keep-alive") && !answer.headers().contains_key("transfer-encoding"));
    let mut body = answer.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "first", "before the last was sent");
    go.send(()).unwrap();
    assert_eq!(body.collect().await.unwrap().to_bytes(), "last");
}
