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
