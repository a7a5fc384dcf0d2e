//! The sockets of a VPC and of the public API, over loopback.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use sidegate_edge::Limits;
use sidegate_edge::connections::serve_api;
use sidegate_edge::events::EventPath;
use sidegate_plan::METADATA_ADDRESS;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::world::{
    self, Answer, Client, DENY_LISTING, FIRST, INTERFACE, Kept, OTHER_GATEWAY, Running, S3_ADDRESS, S3_HOST, SECOND,
    SECRETS_ADDRESS, SECRETS_HOST, facts, get_object, head, list_secrets, sign, vpc_id,
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

const LARGE: usize = 64 * 1024 * 1024;

/// Reads until the connection is over, and tells how it ended.
async fn end_of(stream: &mut TcpStream) -> Result<Vec<u8>, ErrorKind> {
    let mut rest = Vec::new();
    let end = timeout(LONG, stream.read_to_end(&mut rest)).await.expect("an end");
    end.map(|_| rest).map_err(|error| error.kind())
}

#[tokio::test]
async fn a_secret_is_asked_for_over_tls_and_http_2() {
    let running = Running::new().await;
    let stream = running.secure(facts(FIRST, SECRETS_ADDRESS), SECRETS_HOST).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let of_http_2 = |host: &str| {
        let mut request = list_secrets(host);
        request.headers_mut().remove("host");
        *request.uri_mut() = format!("https://{host}/").parse().unwrap();
        request
    };
    let answer = Answer::of(sender.send_request(of_http_2(SECRETS_HOST)).await.unwrap()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.contains(&format!(r#""host":"{SECRETS_HOST}""#)), "{}", answer.body);
    // The authority of every request counts, and not the name that the connection was opened with.
    let answer = Answer::of(sender.send_request(of_http_2(S3_HOST)).await.unwrap()).await;
    answer.assert_error(421, "MisdirectedRequest");
}

#[tokio::test]
async fn s3_speaks_http_1_over_tls_and_without() {
    let running = Running::new().await;
    let stream = running.secure(facts(FIRST, S3_ADDRESS), "docs.s3.us-east-1.amazonaws.com").await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let answer = Client::over(stream).await.send(get_object(S3_HOST, "/bytes/9")).await;
    assert_eq!((answer.status, answer.body.len()), (200, 9));
    let plain = running.dial(running.http, facts(FIRST, S3_ADDRESS)).await;
    let answer = Client::over(plain).await.send(get_object(S3_HOST, "/bytes/8")).await;
    assert_eq!((answer.status, answer.body.len()), (200, 8));
}

#[tokio::test]
async fn a_service_without_plain_http_is_closed_on_port_80() {
    let running = Running::new().await;
    let mut stream = running.dial(running.http, facts(FIRST, SECRETS_ADDRESS)).await;
    assert_eq!(end_of(&mut stream).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_name_that_the_endpoint_does_not_have_is_an_unrecognized_one() {
    let running = Running::new().await;
    for name in [SECRETS_HOST, "sts.us-east-1.amazonaws.com", "example.com"] {
        let stream = running.dial(running.tls, facts(FIRST, S3_ADDRESS)).await;
        let refused = running.connector(&[], true).connect(name.try_into().unwrap(), stream).await.unwrap_err();
        assert!(refused.to_string().contains("UnrecognisedName"), "{name}: {refused}");
    }
    let stream = running.dial(running.tls, facts(FIRST, S3_ADDRESS)).await;
    let nameless = running.connector(&[], false).connect(S3_HOST.try_into().unwrap(), stream).await.unwrap();
    assert_eq!(Client::over(nameless).await.send(get_object(S3_HOST, "/bytes/1")).await.status, 200);
}

#[tokio::test]
async fn a_connection_without_standing_is_reset() {
    let running = Running::new().await;
    let nowhere = Ipv4Addr::new(198, 18, 200, 1);
    let stranger = Ipv4Addr::new(10, 0, 1, 99);
    // The kernel went by another route table than the plan has for the subnet, as it does while a change is made.
    let mut stale = facts(FIRST, S3_ADDRESS);
    stale.mark = 2;
    for facts in [facts(FIRST, nowhere), facts(stranger, SECRETS_ADDRESS), stale] {
        let mut stream = running.dial(running.tls, facts).await;
        assert_eq!(end_of(&mut stream).await, Err(ErrorKind::ConnectionReset), "{facts:?}");
    }
    assert_eq!(running.edge.connections(&vpc_id()), 0);
}

#[tokio::test]
async fn a_change_of_route_ends_the_connections_over_it_and_no_others() {
    let running = Running::new().await;
    let mut idle = running.dial(running.tls, facts(FIRST, S3_ADDRESS)).await;
    let mut busy = running.client(facts(FIRST, S3_ADDRESS), S3_HOST).await;
    let mut other = running.client(facts(SECOND, S3_ADDRESS), S3_HOST).await;
    let mut secrets = running.client_of_secrets(FIRST).await;
    let mut body = busy.begin(get_object(S3_HOST, &format!("/bytes/{LARGE}"))).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    assert_eq!(other.send(get_object(S3_HOST, "/bytes/1")).await.status, 200);
    while running.edge.connections(&vpc_id()) < 4 {
        tokio::task::yield_now().await;
    }

    let mut vpc = world::vpc();
    vpc.tables.insert(1, world::table(1, OTHER_GATEWAY));
    assert_eq!(running.edge.apply(world::plan_of(vpc)).await, 2);
    assert_eq!(running.edge.connections(&vpc_id()), 2);
    let cut = running.events.0.lock().unwrap().iter().any(|e| e.aborted && e.uri_path == format!("/bytes/{LARGE}"));
    assert!(cut, "the event is there when the change is applied");
    assert_eq!(end_of(&mut idle).await, Err(ErrorKind::ConnectionReset));
    let mut got = 0;
    let broken = loop {
        match body.frame().await {
            Some(Ok(frame)) => got += frame.into_data().unwrap().len(),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken && got < LARGE);
    assert_eq!(other.send(get_object(S3_HOST, "/bytes/2")).await.body.len(), 2);
    assert_eq!(secrets.send(list_secrets(SECRETS_HOST)).await.status, 200);

    // A new connection takes the new way.
    let mut again = running.client(facts(FIRST, S3_ADDRESS), S3_HOST).await;
    assert_eq!(again.send(get_object(S3_HOST, "/bytes/3")).await.status, 200);
    let event = running.events.0.lock().unwrap().pop().unwrap();
    let EventPath::Endpoint { endpoint, .. } = event.path else { panic!("{:?}", event.path) };
    assert_eq!(endpoint.as_str(), OTHER_GATEWAY);
}

#[tokio::test]
async fn connections_end_with_their_interface_their_endpoint_and_their_vpc() {
    let running = Running::new().await;
    let mut streams = Vec::new();
    for facts in [facts(FIRST, SECRETS_ADDRESS), facts(SECOND, SECRETS_ADDRESS), facts(SECOND, METADATA_ADDRESS)] {
        let port = if facts.destination == METADATA_ADDRESS { running.http } else { running.tls };
        streams.push(running.dial(port, facts).await);
    }
    while running.edge.connections(&vpc_id()) < 3 {
        tokio::task::yield_now().await;
    }
    let mut vpc = world::vpc();
    vpc.links.remove(&"eni-0000000000000000a".parse().unwrap());
    assert_eq!(running.edge.apply(world::plan_of(vpc.clone())).await, 1);
    vpc.endpoint_addresses.clear();
    vpc.endpoints.remove(&INTERFACE.parse().unwrap());
    assert_eq!(running.edge.apply(world::plan_of(vpc.clone())).await, 1);
    assert_eq!(running.edge.apply(world::plan_of(vpc)).await, 0);
    assert_eq!(running.edge.apply(Arc::default()).await, 1);
    for stream in &mut streams {
        assert_eq!(end_of(stream).await, Err(ErrorKind::ConnectionReset));
    }
}

#[tokio::test]
async fn a_vpc_can_be_let_go_and_taken_on_again() {
    let running = Running::new().await;
    let mut client = running.dial(running.tls, facts(FIRST, S3_ADDRESS)).await;
    while running.edge.connections(&vpc_id()) < 1 {
        tokio::task::yield_now().await;
    }
    running.edge.stop_vpc(&vpc_id()).await;
    assert_eq!(end_of(&mut client).await, Err(ErrorKind::ConnectionReset));
    assert_eq!(TcpStream::connect(running.tls).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert!(running.edge.serving().is_empty());
    let listen = async |address| TcpListener::bind(address).await.unwrap();
    let listeners = sidegate_edge::connections::Listeners {
        tls: vec![listen(running.tls).await],
        http: vec![listen(running.http).await],
        smtp: Vec::new(),
        smtps: Vec::new(),
        dns_udp: Vec::new(),
        dns_tcp: Vec::new(),
    };
    running.edge.serve_vpc(vpc_id(), listeners);
    let mut client = running.client(facts(FIRST, S3_ADDRESS), S3_HOST).await;
    assert_eq!(client.send(get_object(S3_HOST, "/bytes/1")).await.status, 200);
}

#[tokio::test]
async fn a_policy_is_in_force_for_the_next_request_on_an_open_connection() {
    let running = Running::new().await;
    let mut client = running.client_of_secrets(FIRST).await;
    assert_eq!(client.send(list_secrets(SECRETS_HOST)).await.status, 200);
    assert_eq!(running.edge.apply(world::with_policy(INTERFACE, DENY_LISTING)).await, 0);
    client.send(list_secrets(SECRETS_HOST)).await.assert_error(400, "AccessDeniedException");
    running.edge.apply(world::plan_of(world::vpc())).await;
    assert_eq!(client.send(list_secrets(SECRETS_HOST)).await.status, 200);
}

#[tokio::test]
async fn connections_to_endpoints_are_counted_with_their_bytes() {
    let running = Running::new().await;
    let mut client = running.client_of_secrets(FIRST).await;
    assert_eq!(client.send(list_secrets(SECRETS_HOST)).await.status, 200);
    drop(running.client(facts(FIRST, S3_ADDRESS), S3_HOST).await);
    let mut used = running.edge.take_usage();
    used.sort_by_key(|(place, _)| place.interface.is_none());
    let [(place, first), (gateway, _)] = &used[..] else { panic!("{used:?}") };
    assert_eq!((place.vpc.clone(), place.endpoint.to_string()), (vpc_id(), INTERFACE.to_owned()));
    assert_eq!(place.interface.as_ref().map(ToString::to_string).as_deref(), Some("eni-0000000000000000c"));
    assert_ne!(gateway.endpoint, place.endpoint, "a gateway endpoint has no interface");
    // A greeting of TLS with its certificate, a request and its answer.
    assert!((first.active, first.opened) == (1, 1) && (1_000..20_000).contains(&first.bytes), "{first:?}");
    assert_eq!(client.send(list_secrets(SECRETS_HOST)).await.status, 200);
    let again = running.edge.take_usage();
    let (_, again) = again.iter().find(|(again, _)| again == place).unwrap();
    assert!((again.active, again.opened) == (1, 0) && (100..first.bytes).contains(&again.bytes), "{again:?}");
    drop(client);
    let ended = timeout(LONG, async {
        while running.edge.take_usage().iter().any(|(_, used)| used.active > 0) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    ended.await.expect("the connection is counted no more");
    assert_eq!(running.edge.take_usage(), []);
    let unbilled = running.edge.take_unbilled();
    let bytes = unbilled.iter().find(|(own, _)| own == place).map(|(_, bytes)| *bytes).unwrap();
    assert!(bytes >= first.bytes + again.bytes, "the bill is told of all of them: {unbilled:?}");
}

#[tokio::test]
async fn large_bodies_stream_both_ways_in_small_frames() {
    let running = Running::new().await;
    let mut client = running.client(facts(FIRST, S3_ADDRESS), S3_HOST).await;
    let mut body = client.begin(get_object(S3_HOST, &format!("/bytes/{LARGE}"))).await.unwrap().into_body();
    let mut got = 0;
    while let Some(frame) = body.frame().await {
        got += frame.unwrap().into_data().unwrap().len();
    }
    assert_eq!(got, LARGE);
    let mut parts = head("PUT /object", &[("host", S3_HOST), ("content-length", &LARGE.to_string())]);
    sign(&mut parts, "s3", None, 0);
    let chunk = Bytes::from(vec![0; 1024 * 1024]);
    let frames =
        futures::stream::iter((0..64).map(move |_| Ok::<_, std::io::Error>(http_body::Frame::data(chunk.clone()))));
    let told = Answer::of(client.begin(Request::from_parts(parts, StreamBody::new(frames))).await.unwrap()).await.body;
    let told: Vec<&str> = told.split(' ').collect();
    assert_eq!((told[0], told[2]), (LARGE.to_string().as_str(), world::ACCESS_KEY));
    let largest: usize = told[1].parse().unwrap();
    assert!(largest <= 1024 * 1024, "a frame of {largest} bytes");
    let events = running.events.0.lock().unwrap();
    let moved: Vec<_> = events.iter().map(|e| (e.bytes_in, e.bytes_out, e.aborted)).collect();
    assert_eq!(moved[0], (0, LARGE as u64, false));
    assert_eq!(moved[1].0, LARGE as u64);
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let running = Running::new().await;
    let stream = running.dial(running.http, facts(FIRST, S3_ADDRESS)).await;
    let (mut from, mut to) = stream.into_split();
    let sending = tokio::spawn(async move {
        let head = format!("PUT /object HTTP/1.1\r\nhost: {S3_HOST}\r\ncontent-length: {LARGE}\r\n\r\n");
        let _ = to.write_all(head.as_bytes()).await;
        let _ = to.write_all(&vec![0; 8 * 1024 * 1024]).await;
        to
    });
    let mut answer = Vec::new();
    timeout(LONG, from.read_to_end(&mut answer)).await.expect("an end").expect("no reset");
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403") && answer.ends_with("</Error>"), "{answer}");
    drop(sending.await.unwrap());
}

#[tokio::test]
async fn whoever_is_slow_to_begin_is_let_go() {
    let limit = Duration::from_millis(200);
    let running = Running::with(Limits { handshake: limit, head: limit, ..Limits::default() }).await;
    for (port, begun) in [
        (running.http, &b""[..]),
        (running.http, b"GET / HT"),
        (running.http, b"GET /bytes/1 HTTP/1.1\r\nhost: s3.us-east-1.amazonaws.com\r\nx-slow: "),
        (running.tls, b""),
        (running.tls, b"\x16\x03\x01\x02"),
    ] {
        let mut stream = running.dial(port, facts(FIRST, S3_ADDRESS)).await;
        stream.write_all(begun).await.unwrap();
        // However it is done, the connection is over, and nothing was served.
        let end = end_of(&mut stream).await.unwrap_or_default();
        assert!(!String::from_utf8_lossy(&end).contains(" 200 "));
    }
    assert!(running.events.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_idle_connection_is_let_go() {
    let idle = Duration::from_millis(100);
    let running = Running::with(Limits { head: idle, idle, ..Limits::default() }).await;
    let stream = running.secure(facts(FIRST, SECRETS_ADDRESS), SECRETS_HOST).await;
    let handshake =
        hyper::client::conn::http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.unwrap();
    let _ = timeout(LONG, connection).await.expect("an end");
    assert!(sender.is_closed());
}

#[tokio::test]
async fn one_program_cannot_take_all_connections() {
    let running = Running::with(Limits { connections_per_source: 1, connections: 2, ..Limits::default() }).await;
    let first = running.client(facts(FIRST, S3_ADDRESS), S3_HOST).await;
    let mut second = running.dial(running.tls, facts(FIRST, S3_ADDRESS)).await;
    assert_eq!(end_of(&mut second).await, Err(ErrorKind::ConnectionReset));
    let mut other = running.client(facts(SECOND, S3_ADDRESS), S3_HOST).await;
    assert_eq!(other.send(get_object(S3_HOST, "/bytes/1")).await.status, 200);
    drop(first);
    while running.edge.connections(&vpc_id()) > 1 {
        tokio::task::yield_now().await;
    }
    running.client(facts(FIRST, S3_ADDRESS), S3_HOST).await;
}

#[tokio::test]
async fn the_metadata_service_answers_on_port_80_to_whoever_shows_a_token() {
    let running = Running::new().await;
    let mut client = Client::over(running.dial(running.http, facts(FIRST, METADATA_ADDRESS)).await).await;
    let host = ("host", "169.254.169.254");
    let mut ask = async |line: &str, header: (&str, &str)| {
        client.send(Request::from_parts(head(line, &[host, header]), Full::default())).await
    };
    assert_eq!(ask("GET /latest/meta-data/", ("accept", "*/*")).await.status, 401);
    let token = ask("PUT /latest/api/token", ("x-aws-ec2-metadata-token-ttl-seconds", "60")).await;
    assert_eq!(token.status, 200);
    let address = ask("GET /latest/meta-data/local-ipv4", ("x-aws-ec2-metadata-token", &token.body)).await;
    assert_eq!(address.body, FIRST.to_string());
    // Another program cannot use the token.
    let mut client = Client::over(running.dial(running.http, facts(SECOND, METADATA_ADDRESS)).await).await;
    let theirs = head("GET /latest/meta-data/local-ipv4", &[host, ("x-aws-ec2-metadata-token", &token.body)]);
    assert_eq!(client.send(Request::from_parts(theirs, Full::default())).await.status, 401);
    assert!(running.events.0.lock().unwrap().is_empty(), "the metadata service is no API");
}

#[tokio::test]
async fn the_public_api_takes_both_versions_of_http() {
    let events = Arc::new(Kept::default());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = tokio::spawn(serve_api(listener, world::gate(&events), Limits::default()));
    let mut client = Client::over(TcpStream::connect(address).await.unwrap()).await;
    assert_eq!(client.send(list_secrets("127.0.0.1:4566")).await.status, 200);

    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let mut request = list_secrets("127.0.0.1:4566");
    request.headers_mut().remove("host");
    *request.uri_mut() = "http://127.0.0.1:4566/".parse().unwrap();
    assert_eq!(Answer::of(sender.send_request(request).await.unwrap()).await.status, 200);

    let mut garbage = TcpStream::connect(address).await.unwrap();
    garbage.write_all(b"\0\x01 not HTTP at all\r\n\r\n").await.unwrap();
    assert!(String::from_utf8_lossy(&end_of(&mut garbage).await.unwrap()).starts_with("HTTP/1.1 400"));
    let paths: Vec<_> = events.0.lock().unwrap().iter().map(|e| e.path.clone()).collect();
    let public = EventPath::Public { source: Ipv4Addr::LOCALHOST.into() };
    assert_eq!(paths, [public.clone(), public]);
    api.abort();
    assert!(api.await.unwrap_err().is_cancelled());
    assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

/// One answer with its length told, read off a connection that may go on.
async fn answer_on(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        let mut byte = [0; 1];
        let read = timeout(LONG, stream.read(&mut byte)).await.expect("an answer").unwrap();
        assert_eq!(read, 1, "the connection ended in {}", String::from_utf8_lossy(&text));
        text.push(byte[0]);
        let Some(head) =
            String::from_utf8_lossy(&text).split_once("\r\n\r\n").map(|(head, _)| head.to_ascii_lowercase())
        else {
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        timeout(LONG, stream.read_exact(&mut body)).await.expect("a body").unwrap();
        return head;
    }
}

#[tokio::test]
async fn a_body_that_nobody_read_is_never_taken_for_the_next_request_nor_the_request_for_the_body() {
    let events = Arc::new(Kept::default());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = tokio::spawn(serve_api(listener, world::gate(&events), Limits::default()));
    // Both are refused before anybody looks at the body.
    let put =
        |headers: &str| format!("PUT /b/k HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: AWS a:b\r\n{headers}\r\n");
    let next = b"GET /b/k HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: AWS a:b\r\n\r\n";

    let mut small = TcpStream::connect(address).await.unwrap();
    small.write_all(put("content-length: 5\r\n").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    small.write_all(b"hello").await.unwrap();
    let answer = answer_on(&mut small).await;
    assert!(answer.starts_with("http/1.1 400") && !answer.contains("connection: close"), "{answer}");
    small.write_all(next).await.unwrap();
    assert!(answer_on(&mut small).await.starts_with("http/1.1 400"));

    // This client waits to be told to send, and never is.
    let mut asking = TcpStream::connect(address).await.unwrap();
    asking.write_all(put("content-length: 5\r\nexpect: 100-continue\r\n").as_bytes()).await.unwrap();
    let answer = answer_on(&mut asking).await;
    assert!(answer.starts_with("http/1.1 400") && answer.contains("connection: close"), "{answer}");
    assert_eq!(end_of(&mut asking).await, Ok(Vec::new()));

    // Neither is this one, which has nothing to send: botocore would take the answer for that to its next request too.
    let mut empty = TcpStream::connect(address).await.unwrap();
    empty.write_all(put("content-length: 0\r\nexpect: 100-continue\r\n").as_bytes()).await.unwrap();
    let answer = answer_on(&mut empty).await;
    assert!(answer.starts_with("http/1.1 400") && answer.contains("connection: close"), "{answer}");
    assert_eq!(end_of(&mut empty).await, Ok(Vec::new()));

    let mut large = TcpStream::connect(address).await.unwrap();
    large.write_all(put("content-length: 999999999\r\n").as_bytes()).await.unwrap();
    let answer = answer_on(&mut large).await;
    assert!(answer.contains("connection: close"), "{answer}");
    let methods: Vec<String> = events.0.lock().unwrap().iter().map(|event| event.method.clone()).collect();
    assert_eq!(methods, ["PUT", "GET", "PUT", "PUT", "PUT"]);
    api.abort();
}
