//! Services that are not emulated: what is decided about them, and what goes on.

use sidegate_model::Catalog;
use sidegate_services::upstream::Relay;

use super::*;

/// A server that keeps what reaches it and answers `there`.
async fn there() -> (Arc<Mutex<Vec<Got>>>, u16) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept: Arc<Mutex<Vec<Got>>> = Arc::clone(&got);
    let port = client::serve(move |request| {
        let got = Arc::clone(&kept);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            got.lock().unwrap().push(Got { head, body });
            Response::builder().header("x-of-the-server", "1").body(full("there")).unwrap()
        }
    })
    .await;
    (got, port)
}

fn relay(name: &str, port: u16) -> Arc<dyn Service> {
    Arc::new(Relay::new(Catalog::named(name).unwrap(), origin(&format!("http://127.0.0.1:{port}"))))
}

fn asked(line: &str, headers: &[(&str, &str)], body: &'static str) -> Request<Body> {
    let (method, uri) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(uri).header("x-amz-security-token", "of the caller");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(full(body)).unwrap()
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operation_is_decided_about_where_the_protocol_names_it_and_else_all_of_the_service() {
    let (got, port) = there().await;
    for (service, request, action, line) in [
        ("sqs", asked("POST /", &[("x-amz-target", "AmazonSQS.SendMessage")], "{}"), "sqs:SendMessage", "POST /"),
        (
            "sqs",
            asked("POST /000000000000/q", &[FORM], "Action=SendMessage&MessageBody=m&Version=2012-11-05"),
            "sqs:SendMessage",
            "POST /000000000000/q",
        ),
        (
            "sqs",
            asked("GET /000000000000/q?Action=ReceiveMessage&X-Amz-Signature=s", &[], ""),
            "sqs:ReceiveMessage",
            "GET /000000000000/q?Action=ReceiveMessage",
        ),
        (
            "kinesis-streams",
            asked(
                "POST /",
                &[("x-amz-target", "Kinesis_20131202.ListStreams"), ("content-type", "application/x-amz-cbor-1.1")],
                "\u{a0}",
            ),
            "kinesis:ListStreams",
            "POST /",
        ),
        ("sns", asked("POST /", &[FORM], "Action=Publish&Version=1"), "sns:Publish", "POST /"),
        (
            "sns",
            asked("GET /?Action=ListTopics&X-Amz-Signature=s", &[], ""),
            "sns:ListTopics",
            "GET /?Action=ListTopics",
        ),
        (
            "gamelift",
            asked("POST /service/GameLift/operation/ListFleets", &[("smithy-protocol", "rpc-v2-cbor")], ""),
            "gamelift:ListFleets",
            "POST /service/GameLift/operation/ListFleets",
        ),
        (
            "lambda",
            asked("DELETE /2015-03-31/functions/f?Qualifier=1", &[], ""),
            "lambda:*",
            "DELETE /2015-03-31/functions/f?Qualifier=1",
        ),
        ("route53", asked("GET /2013-04-01/hostedzone", &[], ""), "route53:*", "GET /2013-04-01/hostedzone"),
        (
            "iot.data",
            asked("POST /topics/a", &[("x-amz-target", "AmazonSQS.DeleteQueue")], "m"),
            "iot:*",
            "POST /topics/a",
        ),
    ] {
        let engine = Engine::all();
        let (status, headers, body) = call(&relay(service, port), &engine, request).await;
        assert_eq!((status, &body[..], headers.contains_key("x-of-the-server")), (200, &b"there"[..], false));
        assert_eq!(engine.asked(), [format!("{action} *")]);
        let got = got.lock().unwrap().pop().unwrap();
        assert_eq!(format!("{} {}", got.head.method, got.head.uri), line);
        assert_eq!(proved(&got.head, &got.body), Catalog::named(service).unwrap().signing);
        assert!(service != "iot.data" || got.header("x-amz-target").is_empty());
        assert!(service != "kinesis-streams" || got.header("content-type") == "application/x-amz-cbor-1.1");
        assert_eq!(got.header("x-amz-security-token"), "");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_denied_or_names_no_operation_of_the_service_is_not_sent_on() {
    let (got, port) = there().await;
    let sending =
        Engine::of(&json!({"Effect": "Allow", "Action": ["sqs:SendMessage", "lambda:Get*"], "Resource": "*"}));
    let all = Engine::all();
    let but_one = Engine::of(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "lambda:DeleteFunction", "Resource": "arn:aws:lambda:*:*:function:prod"}]));
    let twice = "Action=ListTopics&Action=DeleteTopic";
    for (service, engine, request, wanted) in [
        ("sqs", &sending, asked("POST /", &[("x-amz-target", "AmazonSQS.DeleteQueue")], "{}"), "AccessDeniedException"),
        ("lambda", &sending, asked("GET /2015-03-31/functions", &[], ""), "AccessDeniedException"),
        ("lambda", &but_one, asked("GET /2015-03-31/functions", &[], ""), "AccessDeniedException"),
        ("sns", &sending, asked("POST /", &[FORM], "Action=Publish"), "AccessDenied"),
        ("route53", &sending, asked("GET /2013-04-01/hostedzone", &[], ""), "AccessDenied"),
        ("sqs", &all, asked("POST /", &[("x-amz-target", "TrentService.ListKeys")], "{}"), "UnknownOperationException"),
        ("sqs", &all, asked("POST /", &[], "{}"), "UnknownOperationException"),
        ("sns", &all, asked("POST /", &[FORM], twice), "MalformedQueryString"),
        ("sns", &all, asked("POST /", &[FORM], "Action=Publish&action=DeleteTopic"), "UnknownOperationException"),
        ("sns", &all, asked("DELETE /?Action=Publish", &[], ""), "UnknownOperationException"),
    ] {
        let (status, headers, body) = call(&relay(service, port), engine, request).await;
        let text = String::from_utf8_lossy(&body).into_owned();
        let told = headers.get("x-amzn-errortype").map_or("", |value| value.to_str().unwrap());
        assert!(status >= 400 && (text.contains(wanted) || told == wanted), "{service}: {status} {told} {text}");
    }
    assert!(got.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_told_in_the_services_form() {
    let (status, _, body) =
        call(&relay("sqs", 1), &Engine::all(), asked("POST /", &[("x-amz-target", "AmazonSQS.ListQueues")], "{}"))
            .await;
    assert_eq!(
        (status, serde_json::from_slice::<Value>(&body).unwrap()["__type"].clone()),
        (503, json!("ServiceUnavailable"))
    );
}

/// A caller that nobody here knows, and what decides about it: the policy of the endpoint on the path.
fn stranger(statements: &Value) -> (Caller, Engine) {
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = Policy::parse(&policy, PolicyType::Endpoint).unwrap();
    let policies = Policies { endpoint: Some(Arc::new(policy).into()), ..Policies::default() };
    let source = [10, 0, 1, 5].into();
    let (vpc, endpoint) = ("vpc-0123456789abcdef0".parse().unwrap(), "vpce-0123456789abcdef0".parse().unwrap());
    let path = Path::Endpoint { vpc, endpoint, source };
    let caller = Caller { principal: Principal::Anonymous, path, ..caller(HERE) };
    let principal = caller.principal.clone();
    (caller, Engine { principal, policies, asked: Mutex::default() })
}

const API: &str = "abc.execute-api.us-east-1.amazonaws.com";

/// A registry that leads elsewhere, as ECR does for layers.
async fn registry() -> (Arc<Mutex<Vec<Got>>>, u16) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept: Arc<Mutex<Vec<Got>>> = Arc::clone(&got);
    let port = client::serve(move |request| {
        let got = Arc::clone(&kept);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            got.lock().unwrap().push(Got { head, body });
            let answer = Response::builder().status(307).header("location", "https://elsewhere/layer");
            answer
                .header("docker-content-digest", "sha256:0a")
                .header("keep-alive", "timeout=5")
                .body(full(""))
                .unwrap()
        }
    })
    .await;
    (got, port)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_with_a_proof_of_its_own_goes_on_as_it_came_and_so_comes_the_answer() {
    let (got, port) = registry().await;
    let (caller, engine) = stranger(&json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}));
    let ask = |service: &'static str, request| {
        let (relay, caller, engine) = (relay(service, port), &caller, &engine);
        async move { relay.handle(request, caller, engine).await }
    };
    let host = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
    let long = "x".repeat(7 * 1024 * 1024);
    let request = Request::patch("/v2/app/blobs/uploads/1?_state=s%2F&signature=kept")
        .header("host", host)
        .header("authorization", "Basic QVdTOng=")
        .header("cookie", "a=b")
        .header("cookie", "c=d")
        .header("connection", "x-hop")
        .header("x-hop", "1")
        .header("x-forwarded-host", "forged")
        .body(full(long.clone()))
        .unwrap();
    let answer = ask("ecr.dkr", request).await;
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()["location"], "https://elsewhere/layer");
    assert_eq!(answer.headers()["docker-content-digest"], "sha256:0a");
    assert_eq!(answer.headers()["x-amzn-requestid"], ID);
    assert!(!answer.headers().contains_key("keep-alive"));
    assert_eq!(engine.asked(), ["ecr:UploadLayerPart arn:aws:ecr:us-east-1:111122223333:repository/app"]);
    let sent = got.lock().unwrap().pop().unwrap();
    assert_eq!(
        format!("{} {}", sent.head.method, sent.head.uri),
        "PATCH /v2/app/blobs/uploads/1?_state=s%2F&signature=kept"
    );
    for (name, value) in [
        ("host", host),
        ("authorization", "Basic QVdTOng="),
        ("cookie", "a=b; c=d"),
        ("x-hop", ""),
        ("x-forwarded-host", host),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "10.0.1.5"),
    ] {
        assert_eq!(sent.header(name), value, "{name}");
    }
    assert_eq!(sent.body.len(), long.len(), "more than a signed request may have");

    let named = [("host", "vpce-0a.execute-api.us-east-1.vpce.amazonaws.com"), ("x-apigw-api-id", "abc")];
    // Nothing goes on that could make another request of it, and what offers another protocol is no more than an offer.
    let misleading = [
        ("x-amz-target", "DynamoDB_20120810.DeleteTable"),
        ("x-http-method-override", "DELETE"),
        ("x-original-url", "/prod/b"),
        ("forwarded", "for=10.9.9.9"),
        ("x-forwarded-port", "80"),
        ("upgrade", "h2c"),
    ];
    ask("execute-api", asked("GET /prod/a", &[&named[..], &misleading].concat(), "")).await;
    let sent = got.lock().unwrap().pop().unwrap();
    assert_eq!((sent.header("host"), sent.header("x-forwarded-host")), (API, named[0].1));
    for (name, _) in misleading.iter().chain(&named[1..]) {
        assert_eq!(sent.header(name), "", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_request_to_an_api_is_signed_anew_for_the_host_that_it_named() {
    let (got, port) = there().await;
    let signed = [
        ("host", API),
        ("authorization", "AWS4-HMAC-SHA256 of the caller"),
        ("x-amz-date", "20260101T000000Z"),
        ("x-api-key", "k"),
    ];
    let engine = Engine::of(&json!({"Effect": "Allow", "Action": "execute-api:Invoke",
        "Resource": "arn:aws:execute-api:us-east-1:111122223333:abc/prod/GET/*"}));
    let line = "GET /prod/a?b=c&X-Amz-Signature=s";
    let (status, ..) = call(&relay("execute-api", port), &engine, asked(line, &signed, "")).await;
    assert_eq!(status, 200);
    let sent = got.lock().unwrap().pop().unwrap();
    assert_eq!(proved(&sent.head, &sent.body), "execute-api");
    assert_eq!((sent.header("host"), sent.header("x-api-key"), sent.header("x-amz-security-token")), (API, "k", ""));
    assert_eq!(sent.head.uri, "/prod/a?b=c");
    let (status, ..) = call(&relay("execute-api", port), &engine, asked("GET /test/a", &signed, "")).await;
    assert_eq!((status, got.lock().unwrap().len()), (403, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_endpoints_policy_does_not_let_a_stranger_do_is_not_sent_on() {
    let (got, port) = there().await;
    let pull = json!({"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage", "execute-api:Invoke"],
        "Resource": ["arn:aws:ecr:*:*:repository/app", "arn:aws:execute-api:*:*:abc/prod/GET/open/*"]});
    let known = json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"});
    let registry = [("host", "111122223333.dkr.ecr.us-east-1.amazonaws.com")];
    let upgrade = [("host", API), ("connection", "upgrade"), ("upgrade", "websocket")];
    let api = [("host", API)];
    let denied = r#""code":"DENIED""#;
    for (service, policy, request, status, wanted) in [
        ("ecr.dkr", &pull, asked("GET /v2/", &registry, ""), 200, "there"),
        ("ecr.dkr", &pull, asked("GET /v2/app/manifests/1", &registry, ""), 200, "there"),
        ("ecr.dkr", &pull, asked("GET /v2/other/manifests/1", &registry, ""), 403, denied),
        ("ecr.dkr", &pull, asked("PUT /v2/app/manifests/1", &registry, ""), 403, denied),
        ("ecr.dkr", &known, asked("GET /v2/app/manifests/1", &registry, ""), 403, denied),
        ("execute-api", &pull, asked("GET /prod/open/a", &api, ""), 200, "there"),
        ("execute-api", &pull, asked("GET /prod/shut/a", &api, ""), 403, "User: anonymous is not authorized"),
        ("execute-api", &pull, asked("GET /prod/open/%2e%2e/shut", &api, ""), 400, "leads elsewhere"),
        ("execute-api", &pull, asked("GET /prod/open/a", &upgrade, ""), 501, "WebSocket"),
    ] {
        let (caller, engine) = stranger(policy);
        let answer = relay(service, port).handle(request, &caller, &engine).await;
        let (head, body) = answer.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        assert!(head.status == status && text.contains(wanted), "{service}: {} {text}", head.status);
    }
    assert_eq!(got.lock().unwrap().len(), 3);
}
