//! The gate without sockets: a request and how it arrived in, an answer and an event out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body::{Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use sidegate_edge::Limits;
use sidegate_edge::events::{EndpointType, EventPath};
use sidegate_edge::gate::{Arrival, PathGone, Reply};
use sidegate_edge::path::CurrentPlan;
use sidegate_model::Catalog;
use sidegate_services::s3::{S3, SecretText};
use sidegate_services::{BoxError, Service};

use super::world::{
    self, ACCESS_KEY, Answer, DENY_LISTING, FIRST, GATEWAY, INTERFACE, Kept, OTHER_GATEWAY, OWN_HOST, S3_ADDRESS,
    S3_HOST, SECOND, SECRET, SECRETS_ADDRESS, SECRETS_HOST, arrival, get_object, head, list_secrets, public, sign,
};

struct Test {
    events: Arc<Kept>,
    gate: Arc<sidegate_edge::gate::Gate>,
    plans: CurrentPlan,
}

impl Test {
    fn new() -> Self {
        let events = Arc::new(Kept::default());
        let gate = world::gate(&events);
        Self { events, gate, plans: CurrentPlan::new(world::plan_of(world::vpc())) }
    }

    fn secrets(&self) -> Arrival {
        arrival(&self.plans, FIRST, SECRETS_ADDRESS)
    }

    fn s3(&self) -> Arrival {
        arrival(&self.plans, FIRST, S3_ADDRESS)
    }

    async fn serve(&self, request: Request<Full<Bytes>>, arrival: &Arrival) -> Result<Response<Reply>, PathGone> {
        self.gate.serve(request, arrival).await
    }

    async fn send(&self, request: Request<Full<Bytes>>, arrival: &Arrival) -> Answer {
        Answer::of(self.serve(request, arrival).await.unwrap()).await
    }
}

/// A request without a body.
fn request(line: &str, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    Request::from_parts(head(line, headers), Full::default())
}

#[tokio::test]
async fn a_signed_request_through_an_endpoint_reaches_its_service_and_leaves_one_event() {
    let test = Test::new();
    let answer = test.send(list_secrets(SECRETS_HOST), &test.secrets()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let told: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(told["account"], "111122223333");
    assert_eq!(told["body"], r#"{"MaxResults":1}"#);

    let event = test.events.one();
    assert_eq!(answer.headers["x-amzn-requestid"], event.request_id.as_str());
    assert_eq!((event.status, event.error.as_deref(), event.aborted), (Some(200), None, false));
    assert_eq!((event.service.as_deref(), event.operation.as_deref()), (Some("secretsmanager"), Some("ListSecrets")));
    assert_eq!((event.region.as_deref(), event.host.as_deref()), (Some("us-east-1"), Some(SECRETS_HOST)));
    assert_eq!(event.principal.as_deref(), Some("arn:aws:iam::111122223333:root"));
    assert_eq!((event.bytes_in, event.bytes_out), (16, answer.body.len() as u64));
    let [judgement] = &event.requirements[..] else { panic!("{event:?}") };
    assert_eq!((judgement.action.as_str(), judgement.allowed), ("secretsmanager:ListSecrets", true));
    assert!(judgement.because.starts_with("statement 1 of the VPC endpoint policy"), "{judgement:?}");
    let EventPath::Endpoint { endpoint, endpoint_type, source, interface, destination, route_table, .. } = event.path
    else {
        panic!("{:?}", event.path)
    };
    assert_eq!((endpoint.as_str(), endpoint_type), (INTERFACE, EndpointType::Interface));
    assert_eq!(
        (source, destination, interface.as_str()),
        (FIRST.into(), SECRETS_ADDRESS.into(), "eni-0000000000000000a")
    );
    assert_eq!(route_table, None);
}

#[tokio::test]
async fn two_gateway_endpoints_for_one_address_are_told_apart_by_the_route_table() {
    let test = Test::new();
    for (source, expected, table) in
        [(FIRST, GATEWAY, "rtb-00000000000000001"), (SECOND, OTHER_GATEWAY, "rtb-00000000000000002")]
    {
        let arrival = arrival(&test.plans, source, S3_ADDRESS);
        test.send(get_object(S3_HOST, "/bytes/3"), &arrival).await;
        let event = test.events.0.lock().unwrap().pop().unwrap();
        let EventPath::Endpoint { endpoint, endpoint_type, route_table, endpoint_service, .. } = event.path else {
            panic!("{:?}", event.path)
        };
        assert_eq!((endpoint.as_str(), endpoint_type), (expected, EndpointType::Gateway));
        assert_eq!((route_table.unwrap().as_str(), endpoint_service.as_str()), (table, "s3"));
    }
}

#[tokio::test]
async fn an_endpoint_serves_its_own_names_and_misdirects_all_others() {
    let test = Test::new();
    for host in [SECRETS_HOST, OWN_HOST, "SecretsManager.us-east-1.amazonaws.com.:443"] {
        assert_eq!(test.send(list_secrets(host), &test.secrets()).await.status, 200, "{host}");
    }
    for host in [
        S3_HOST,
        "secretsmanager.eu-west-1.amazonaws.com",
        "x.secretsmanager.us-east-1.amazonaws.com",
        "vpce-0ffff-1.secretsmanager.us-east-1.vpce.amazonaws.com",
        "10.0.1.20",
        "localhost",
    ] {
        let answer = test.send(list_secrets(host), &test.secrets()).await;
        answer.assert_error(421, "MisdirectedRequest");
        assert!(answer.body.contains("it leads to secretsmanager in us-east-1"), "{}", answer.body);
    }
    let answer = test.send(get_object(SECRETS_HOST, "/bytes/1"), &test.s3()).await;
    answer.assert_error(421, "MisdirectedRequest");
    assert!(answer.headers.contains_key("x-amz-request-id"));
    let event = test.events.0.lock().unwrap().pop().unwrap();
    assert_eq!((event.status, event.error.as_deref()), (Some(421), Some("MisdirectedRequest")));
    assert_eq!(event.principal, None);
}

#[tokio::test]
async fn a_request_with_two_hosts_or_none_is_for_no_endpoint() {
    let test = Test::new();
    let mut twice = list_secrets(SECRETS_HOST);
    twice.headers_mut().append("host", HeaderValue::from_static(SECRETS_HOST));
    test.send(twice, &test.secrets()).await.assert_error(421, "MisdirectedRequest");
    let mut none = list_secrets(SECRETS_HOST);
    none.headers_mut().remove("host");
    test.send(none, &test.secrets()).await.assert_error(400, "InvalidRequest");
    let differing = request(&format!("GET https://{S3_HOST}/bytes/1"), &[("host", "docs.s3.us-east-1.amazonaws.com")]);
    test.send(differing, &test.s3()).await.assert_error(421, "MisdirectedRequest");
}

#[tokio::test]
async fn a_signature_has_to_hold_and_errors_are_those_of_the_protocol() {
    let test = Test::new();
    let json = |change: &dyn Fn(&mut Request<Full<Bytes>>)| {
        let mut request = list_secrets(SECRETS_HOST);
        change(&mut request);
        request
    };
    let replaced = |from: &'static str, to: &'static str| {
        move |request: &mut Request<Full<Bytes>>| {
            let text = request.headers()["authorization"].to_str().unwrap().replacen(from, to, 1);
            request.headers_mut().insert("authorization", text.parse().unwrap());
        }
    };
    let header = |name: &'static str, value: &'static str| {
        move |request: &mut Request<Full<Bytes>>| {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    };
    let cases: [(Request<Full<Bytes>>, &str); 7] = [
        (json(&header("content-type", "application/x-amz-json-1.0")), "InvalidSignatureException"),
        (json(&header("x-amz-added", "later")), "InvalidSignatureException"),
        (json(&replaced(ACCESS_KEY, "AKIANOBODY")), "UnrecognizedClientException"),
        (json(&replaced("us-east-1", "eu-west-1")), "InvalidSignatureException"),
        (json(&replaced("us-east-1", "us-nowhere-1")), "InvalidSignatureException"),
        (json(&replaced("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")), "IncompleteSignatureException"),
        (json(&|r| *r.body_mut() = Full::new(Bytes::from_static(b"{}"))), "InvalidSignatureException"),
    ];
    for (request, code) in cases {
        test.send(request, &test.secrets()).await.assert_error(400, code);
        let event = test.events.0.lock().unwrap().pop().unwrap();
        assert_eq!((event.error.as_deref(), event.principal.as_deref()), (Some(code), None));
        assert!(event.requirements.is_empty());
    }
}

#[tokio::test]
async fn a_clock_that_is_too_far_off_is_refused_as_the_service_does_it() {
    let test = Test::new();
    let mut skewed = head("GET /bytes/1", &[("host", S3_HOST)]);
    sign(&mut skewed, "s3", None, -3600);
    let answer = test.send(Request::from_parts(skewed, Full::default()), &test.s3()).await;
    answer.assert_error(403, "RequestTimeTooSkewed");
    let mut ahead = head("POST /", &[("host", SECRETS_HOST), ("x-amz-target", "secretsmanager.ListSecrets")]);
    sign(&mut ahead, "secretsmanager", Some(b""), 3600);
    let answer = test.send(Request::from_parts(ahead, Full::default()), &test.secrets()).await;
    answer.assert_error(400, "InvalidSignatureException");
}

#[tokio::test]
async fn s3_in_the_wrong_region_is_told_the_right_one() {
    let test = Test::new();
    let mut wrong = head("GET /bytes/1", &[("host", S3_HOST)]);
    let secret = sidegate_wire::sigv4::SecretKey::new(SECRET);
    let signer = sidegate_wire::sigv4::Signer {
        access_key: ACCESS_KEY,
        secret: &secret,
        session_token: None,
        region: "eu-west-1",
        service: "s3",
    };
    signer.sign(&mut wrong, sidegate_wire::sigv4::PayloadHash::Header, world::now()).unwrap();
    let answer = test.send(Request::from_parts(wrong, Full::default()), &test.s3()).await;
    answer.assert_error(400, "AuthorizationHeaderMalformed");
    assert!(answer.body.contains("<Region>us-east-1</Region>"), "{}", answer.body);
}

#[tokio::test]
async fn a_session_token_is_refused_for_a_key_that_has_no_session() {
    let test = Test::new();
    let mut with_token = head("GET /bytes/1", &[("host", S3_HOST)]);
    let secret = sidegate_wire::sigv4::SecretKey::new(SECRET);
    let signer = sidegate_wire::sigv4::Signer {
        access_key: ACCESS_KEY,
        secret: &secret,
        session_token: Some("FwoGZXIvYXdzEXAMPLE"),
        region: "us-east-1",
        service: "s3",
    };
    signer.sign(&mut with_token, sidegate_wire::sigv4::PayloadHash::Header, world::now()).unwrap();
    let answer = test.send(Request::from_parts(with_token, Full::default()), &test.s3()).await;
    answer.assert_error(400, "InvalidToken");
}

#[tokio::test]
async fn only_s3_may_be_asked_without_a_signature_and_the_policy_step_denies_it() {
    let test = Test::new();
    let answer = test.send(request("GET /bytes/1", &[("host", S3_HOST)]), &test.s3()).await;
    answer.assert_error(403, "AccessDenied");
    let event = test.events.0.lock().unwrap().pop().unwrap();
    assert_eq!(event.principal.as_deref(), Some("anonymous"));
    assert_eq!(event.requirements[0].because, "no resource-based policy allows it");
    let target = ("x-amz-target", "secretsmanager.ListSecrets");
    let answer = test.send(request("POST /", &[("host", SECRETS_HOST), target]), &test.secrets()).await;
    answer.assert_error(400, "MissingAuthenticationTokenException");
}

#[tokio::test]
async fn the_policy_of_the_endpoint_denies_in_the_words_of_aws_from_the_next_request_on() {
    let test = Test::new();
    let connection = test.secrets();
    assert_eq!(test.send(list_secrets(SECRETS_HOST), &connection).await.status, 200);
    test.plans.replace(world::with_policy(INTERFACE, DENY_LISTING));
    let answer = test.send(list_secrets(SECRETS_HOST), &connection).await;
    answer.assert_error(400, "AccessDeniedException");
    let words = "User: arn:aws:iam::111122223333:root is not authorized to perform: secretsmanager:ListSecrets on \
                 resource: * with an explicit deny in a VPC endpoint policy";
    assert!(answer.body.contains(words), "{}", answer.body);
    let event = test.events.0.lock().unwrap().pop().unwrap();
    assert_eq!(event.error.as_deref(), Some("AccessDeniedException"));
    assert_eq!(event.reason.as_deref(), Some(words));
    let [judgement] = &event.requirements[..] else { panic!("{event:?}") };
    assert_eq!(
        (judgement.allowed, judgement.because.as_str()),
        (false, "statement 2 of the VPC endpoint policy denies it")
    );
    // The endpoint's policy says nothing of the same request over another path.
    assert_eq!(test.send(list_secrets("localhost:4566"), &public()).await.status, 200);
}

#[tokio::test]
async fn a_connection_whose_path_has_changed_gets_no_answer() {
    let test = Test::new();
    let (s3, secrets) = (test.s3(), test.secrets());
    let mut vpc = world::vpc();
    vpc.tables.insert(1, world::table(1, OTHER_GATEWAY));
    test.plans.replace(world::plan_of(vpc));
    assert_eq!(test.serve(get_object(S3_HOST, "/bytes/1"), &s3).await.err(), Some(PathGone));
    assert_eq!(test.send(list_secrets(SECRETS_HOST), &secrets).await.status, 200);
    let mut vpc = world::vpc();
    vpc.links.remove(&"eni-0000000000000000a".parse().unwrap());
    test.plans.replace(world::plan_of(vpc));
    assert_eq!(test.serve(list_secrets(SECRETS_HOST), &secrets).await.err(), Some(PathGone));
}

#[tokio::test]
async fn an_api_key_of_bedrock_is_refused_in_its_own_words_and_form() {
    let test = Test::new();
    for (host, line, service) in [
        ("127.0.0.1:4566", "POST /model/m/converse", "bedrock-runtime"),
        ("127.0.0.1:4566", "GET /foundation-models", "bedrock"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "POST /model/m/invoke", "bedrock-runtime"),
    ] {
        for (key, words) in [
            ("Bearer bedrock-api-key-YmVkcm9jaw==", "Authentication failed: Please make sure your API Key is valid."),
            ("bearer ABSKQmVkcm9jaw==", "Authentication failed: Please make sure your API Key is valid."),
            ("Bearer", "Invalid API Key format: Must start with pre-defined prefix"),
            ("Bearer sk-1", "Invalid API Key format: Must start with pre-defined prefix"),
        ] {
            let answer = test.send(request(line, &[("host", host), ("authorization", key)]), &public()).await;
            answer.assert_error(403, "AccessDeniedException");
            assert_eq!(answer.body, serde_json::json!({ "message": words }).to_string());
            let event = test.events.0.lock().unwrap().pop().unwrap();
            assert_eq!((event.service.as_deref(), event.principal), (Some(service), None));
        }
    }
    // Other services know no such keys.
    let other = [("host", "127.0.0.1:4566"), ("authorization", "Bearer bedrock-api-key-x")];
    test.send(request("GET /docs/key", &other), &public()).await.assert_error(400, "InvalidRequest");
}

#[tokio::test]
async fn the_public_port_finds_the_service_by_signature_target_host_and_action() {
    let test = Test::new();
    let host = ("host", "127.0.0.1:4566");
    let answer = test.send(list_secrets("127.0.0.1:4566"), &public()).await;
    assert_eq!(answer.status, 200);
    let answer = test.send(get_object("127.0.0.1:4566", "/bytes/5"), &public()).await;
    assert_eq!(answer.body.len(), 5);
    // Without a signature, the form of the error tells which service was found.
    let target = ("x-amz-target", "secretsmanager.ListSecrets");
    test.send(request("POST /", &[host, target]), &public())
        .await
        .assert_error(400, "MissingAuthenticationTokenException");
    let query = "GET /?Action=GetCallerIdentity&Version=2011-06-15";
    test.send(request(query, &[host]), &public()).await.assert_error(403, "MissingAuthenticationToken");
    let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let mut post = request("POST /", &[host, form]);
    *post.body_mut() = Full::new(Bytes::from_static(b"Action=GetCallerIdentity&Version=2011-06-15"));
    test.send(post, &public()).await.assert_error(403, "MissingAuthenticationToken");
    test.send(request("GET /docs/key", &[host]), &public()).await.assert_error(403, "AccessDenied");
    let events = test.events.0.lock().unwrap();
    let found: Vec<_> = events.iter().map(|e| e.service.as_deref().unwrap()).collect();
    assert_eq!(found, ["secretsmanager", "s3", "secretsmanager", "sts", "sts", "s3"]);
    assert!(events.iter().all(|e| matches!(e.path, EventPath::Public { .. })));
}

#[tokio::test]
async fn a_query_service_is_authenticated_with_its_form_and_any_known_region() {
    let test = Test::new();
    const FORM: &str = "Action=GetCallerIdentity&Version=2011-06-15";
    let headers = [("host", "localhost:4566"), ("content-type", "application/x-www-form-urlencoded")];
    let mut parts = head("POST /", &headers);
    sign(&mut parts, "sts", Some(FORM.as_bytes()), 0);
    let answer = test.send(Request::from_parts(parts, Full::new(Bytes::from_static(FORM.as_bytes()))), &public()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.contains("<Arn>arn:aws:iam::111122223333:root</Arn>"));
    let event = test.events.one();
    assert_eq!(event.operation.as_deref(), Some("GetCallerIdentity"));
    assert_eq!(event.requirements[0].because, "nobody who is known needs a permission for it");
}

#[tokio::test]
async fn a_request_in_cbor_is_found_by_its_path_and_refused_in_cbor() {
    let test = Test::new();
    let path = "POST /service/GraniteServiceVersion20100801/operation/ListMetrics";
    let cbor = [("host", "localhost:4566"), ("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
    let unsigned = test.send(request(path, &cbor), &public()).await;
    let mut forged = head(path, &cbor);
    sign(&mut forged, "monitoring", Some(b"\xa0"), 0);
    let forged = test.send(Request::from_parts(forged, Full::new(Bytes::from_static(b"\xa1"))), &public()).await;
    for (answer, code) in [(unsigned, "MissingAuthenticationTokenException"), (forged, "InvalidSignatureException")] {
        assert_eq!((answer.status, answer.headers["smithy-protocol"].as_bytes()), (400, &b"rpc-v2-cbor"[..]));
        assert_eq!(answer.headers["content-type"], "application/cbor");
        assert!(answer.body.contains("__type") && answer.body.contains(code), "{}", answer.body);
        let event = test.events.0.lock().unwrap().remove(0);
        assert_eq!((event.service.as_deref(), event.operation.as_deref()), (Some("monitoring"), Some("ListMetrics")));
    }
    let mut known = head(path, &cbor);
    sign(&mut known, "monitoring", Some(b"\xa0"), 0);
    let answer = test.send(Request::from_parts(known, Full::new(Bytes::from_static(b"\xa0"))), &public()).await;
    assert!(answer.status == 501 && answer.body.contains("NotImplemented"), "{answer:?}");
}

#[tokio::test]
async fn a_service_that_is_not_there_says_so_in_a_form_of_aws() {
    let test = Test::new();
    let host = ("host", "localhost:4566");
    let mut kms = head("POST /", &[host, ("x-amz-target", "TrentService.ListKeys")]);
    sign(&mut kms, "kms", Some(b""), 0);
    let answer = test.send(Request::from_parts(kms, Full::default()), &public()).await;
    answer.assert_error(501, "NotImplemented");
    assert!(answer.body.contains("Sidegate does not emulate kms yet."), "{}", answer.body);
    let mut unknown = head("POST /", &[host, ("content-type", "application/x-www-form-urlencoded")]);
    sign(&mut unknown, "unheard", Some(b""), 0);
    let answer = test.send(Request::from_parts(unknown, Full::default()), &public()).await;
    answer.assert_error(501, "NotImplemented");
    assert!(answer.body.contains("<ErrorResponse") && answer.body.contains("the service `unheard`"), "{}", answer.body);
}

#[tokio::test]
async fn a_service_that_is_not_emulated_says_so_in_its_own_protocol() {
    let test = Test::new();
    let host = ("host", "localhost:4566");
    for (signing, service, line, header, form) in [
        ("ecs", "ecs", "POST /", ("x-amz-target", "AmazonEC2ContainerServiceV20141113.ListClusters"), "{\"__type\""),
        ("sqs", "sqs", "POST /", ("x-amz-target", "AmazonSQS.ListQueues"), "{\"__type\""),
        (
            "sqs",
            "sqs",
            "POST /",
            ("content-type", "application/x-www-form-urlencoded"),
            "http://queue.amazonaws.com/doc/",
        ),
        ("sqs", "sqs", "GET /1/q?Action=SendMessage", ("accept", "*/*"), "http://queue.amazonaws.com/doc/2012-11-05/"),
        (
            "sns",
            "sns",
            "POST /",
            ("content-type", "application/x-www-form-urlencoded"),
            "http://sns.amazonaws.com/doc/",
        ),
        ("route53", "route53", "GET /2013-04-01/hostedzone", ("accept", "*/*"), "https://route53.amazonaws.com/doc/"),
        ("execute-api", "execute-api", "POST /", ("content-type", "application/x-www-form-urlencoded"), "{\"message\""),
        ("lambda", "lambda", "GET /2015-03-31/functions/", ("accept", "*/*"), "{"),
        (
            "cloudtrail",
            "cloudtrail",
            "POST /",
            ("x-amz-target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"),
            "{\"__type\"",
        ),
        ("cassandra", "cassandra", "POST /", ("x-amz-target", "KeyspacesService.ListKeyspaces"), "{\"__type\""),
        ("ses", "email", "GET /v2/email/identities", ("accept", "*/*"), "{"),
        (
            "ses",
            "email",
            "POST /",
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            "http://ses.amazonaws.com/doc/2010-12-01/",
        ),
    ] {
        let mut asked = head(line, &[host, header]);
        sign(&mut asked, signing, Some(b""), 0);
        let answer = test.send(Request::from_parts(asked, Full::default()), &public()).await;
        answer.assert_error(501, "NotImplemented");
        assert!(answer.body.contains(form), "{service}: {}", answer.body);
        assert!(
            answer.body.contains(&format!("Sidegate does not emulate {service} yet.")),
            "{service}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn kinesis_that_is_asked_in_cbor_says_in_cbor_that_it_is_not_emulated() {
    let test = Test::new();
    let target = ("x-amz-target", "Kinesis_20131202.ListStreams");
    for (line, more, kind) in [
        ("POST /", [target, ("content-type", "application/x-amz-cbor-1.1")], "application/x-amz-cbor-1.1"),
        (
            "POST /service/Kinesis_20131202/operation/ListStreams",
            [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")],
            "application/cbor",
        ),
    ] {
        let mut asked = head(line, &[&[("host", "localhost:4566")], &more[..]].concat());
        sign(&mut asked, "kinesis", Some(b""), 0);
        let answer = test.send(Request::from_parts(asked, Full::default()), &public()).await;
        assert_eq!((answer.status, answer.headers["content-type"].as_bytes()), (501, kind.as_bytes()));
        assert!(answer.body.contains("f__typenNotImplementedgmessage"), "{:?}", answer.body);
        let unsigned = test.send(request(line, &[&[("host", "localhost:4566")], &more[..]].concat()), &public()).await;
        assert_eq!((unsigned.status, unsigned.headers["content-type"].as_bytes()), (400, kind.as_bytes()));
    }
}

#[tokio::test]
async fn a_service_that_others_than_aws_sign_for_says_to_anyone_that_it_is_not_emulated() {
    let test = Test::new();
    let there = |service: &str| Arrival::Internet {
        source: "198.18.15.9".parse().unwrap(),
        service: Catalog::named(service).unwrap(),
        region: "us-east-1".parse().unwrap(),
        tls: None,
    };
    for (service, host, credential) in [
        ("execute-api", "abc.execute-api.us-east-1.amazonaws.com", ("accept", "*/*")),
        ("ecr.dkr", "111122223333.dkr.ecr.us-east-1.amazonaws.com", ("authorization", "Basic QVdTOng=")),
        ("appsync-api", "abc.appsync-api.us-east-1.amazonaws.com", ("x-api-key", "da2-x")),
        ("email-smtp", "email-smtp.us-east-1.amazonaws.com", ("accept", "*/*")),
        ("ssmmessages", "ssmmessages.us-east-1.amazonaws.com", ("accept", "*/*")),
    ] {
        let answer = test.send(request("GET /prod", &[("host", host), credential]), &there(service)).await;
        answer.assert_error(501, "NotImplemented");
        assert!(
            answer.body.contains(&format!("requests to {service} over the emulated internet but does not")),
            "{answer:?}"
        );
    }
    // What is signed in any spelling is no request of anyone's.
    let host = ("host", "abc.execute-api.us-east-1.amazonaws.com");
    let scheme = |scheme: &'static str| [host, ("authorization", "Bearer x"), ("authorization", scheme)];
    for (line, headers) in [
        ("GET /prod", &scheme("AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request")[..]),
        ("GET /prod", &scheme("aws4-hmac-sha256 x")[..]),
        ("GET /prod?X-Amz-Signatur%65=a", &[host]),
    ] {
        let answer = test.send(request(line, headers), &there("execute-api")).await;
        assert!((400..404).contains(&answer.status), "{line}: {answer:?}");
    }
    let mut asked = head("GET /2021-01-01/domain", &[("host", "es.us-east-1.amazonaws.com")]);
    sign(&mut asked, "es", Some(b""), 0);
    let answer = test.send(Request::from_parts(asked, Full::default()), &there("es")).await;
    answer.assert_error(501, "NotImplemented");
    assert!(answer.body.contains("since no VPC endpoint leads there"), "{answer:?}");
    let answer = test.send(request("GET /", &[("host", "sqs.us-east-1.amazonaws.com")]), &there("sqs")).await;
    assert!(answer.body.contains("MissingAuthenticationToken"), "{answer:?}");
}

#[tokio::test]
async fn of_the_services_with_xml_s3_alone_may_be_asked_by_anyone() {
    let test = Test::new();
    let answer =
        test.send(request("GET /2013-04-01/hostedzone", &[("host", "route53.amazonaws.com")]), &public()).await;
    answer.assert_error(403, "MissingAuthenticationToken");
    let mut forged = head("POST /2013-04-01/hostedzone", &[("host", "route53.amazonaws.com")]);
    sign(&mut forged, "route53", Some(b"<a/>"), 0);
    let answer = test.send(Request::from_parts(forged, Full::new(Bytes::from_static(b"<b/>"))), &public()).await;
    answer.assert_error(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn what_is_out_of_bounds_is_refused_before_anything_else() {
    let test = Test::new();
    let mut large = list_secrets(SECRETS_HOST);
    large.headers_mut().insert("x-large", "x".repeat(40_000).parse().unwrap());
    test.send(large, &test.secrets()).await.assert_error(431, "RequestHeaderSectionTooLarge");
    let mut large = get_object(S3_HOST, "/bytes/1");
    large.headers_mut().insert("x-amz-meta-large", "x".repeat(8_300).parse().unwrap());
    let answer = test.send(large, &test.s3()).await;
    answer.assert_error(400, "RequestHeaderSectionTooLarge");
    assert!(answer.body.contains("<MaxSizeAllowed>8192</MaxSizeAllowed>"), "{answer:?}");
    let mut many = get_object(S3_HOST, "/bytes/1");
    for number in 0..120 {
        many.headers_mut().insert(http::HeaderName::try_from(format!("x-{number}")).unwrap(), "1".parse().unwrap());
    }
    test.send(many, &test.s3()).await.assert_error(400, "RequestHeaderSectionTooLarge");
    let long = request(&format!("GET /{}", "k".repeat(20_000)), &[("host", S3_HOST)]);
    test.send(long, &test.s3()).await.assert_error(414, "RequestURITooLong");
    let mut body = list_secrets(SECRETS_HOST);
    *body.body_mut() = Full::new(vec![b' '; 2 * 1024 * 1024].into());
    test.send(body, &test.secrets()).await.assert_error(400, "SerializationException");
    let mut nowhere = request("GET /docs/key", &[]);
    nowhere.headers_mut().remove("host");
    test.send(nowhere, &test.s3()).await.assert_error(400, "InvalidRequest");
    let answer = test.send(request("OPTIONS *", &[("host", S3_HOST)]), &test.s3()).await;
    answer.assert_error(400, "InvalidURI");
    assert!(answer.body.contains("<Message>The target `*`"), "{answer:?}");
    assert_eq!(test.events.0.lock().unwrap().len(), 7);
}

/// A gate whose bodies may take 64 KiB together, with S3 behind it.
fn narrow(dir: &std::path::Path) -> Test {
    let secrets = |key: &str| (key == ACCESS_KEY).then(|| SecretText::new(SECRET));
    let services: Vec<Arc<dyn Service>> =
        vec![Arc::new(world::Secrets), Arc::new(world::sts()), Arc::new(S3::open(dir, Arc::new(secrets)).unwrap())];
    let limits = Limits { bodies: 64 * 1024, bodies_patience: Duration::from_millis(50), ..Limits::default() };
    let events = Arc::new(Kept::default());
    let gate = world::gate_within(&events, services, &limits);
    Test { events, gate, plans: CurrentPlan::new(world::plan_of(world::vpc())) }
}

fn signed_put(path: &str) -> Request<Full<Bytes>> {
    let mut parts = head(&format!("PUT {path}"), &[("host", S3_HOST), ("content-length", "0")]);
    sign(&mut parts, "s3", None, 0);
    Request::from_parts(parts, Full::default())
}

/// A body that says how long it is, and does not come.
fn endless(length: u64) -> UnsyncBoxBody<Bytes, BoxError> {
    let frames = futures::stream::pending::<Result<Frame<Bytes>, BoxError>>();
    Sized(StreamBody::new(frames).boxed_unsync(), length).boxed_unsync()
}

struct Sized(UnsyncBoxBody<Bytes, BoxError>, u64);

impl http_body::Body for Sized {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.1)
    }
}

#[tokio::test]
async fn bodies_that_are_held_whole_have_bounds_together_and_each_service_says_so_in_its_own_words() {
    let dir = tempfile::tempdir().unwrap();
    let test = narrow(dir.path());
    let bucket = test.send(signed_put("/docs"), &test.s3()).await;
    assert_eq!(bucket.status, 200, "{bucket:?}");
    let (gate, arrival) = (Arc::clone(&test.gate), test.secrets());
    let held = tokio::spawn(async move {
        let request = list_secrets(SECRETS_HOST).map(|_| endless(60 * 1024));
        let _ = gate.serve(request, &arrival).await;
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    let large = vec![b' '; 10_000];

    let mut parts = list_secrets(SECRETS_HOST).into_parts().0;
    sign(&mut parts, "secretsmanager", Some(&large), 0);
    let request = Request::from_parts(parts, Full::new(large.clone().into()));
    test.send(request, &test.secrets()).await.assert_error(400, "ThrottlingException");

    let form = ("content-type", "application/x-www-form-urlencoded");
    for (service, status, code) in [("ec2", 503, "RequestLimitExceeded"), ("sts", 400, "Throttling")] {
        let mut parts = head("POST /", &[("host", "localhost:4566"), form]);
        sign(&mut parts, service, Some(&large), 0);
        let request = Request::from_parts(parts, Full::new(large.clone().into()));
        test.send(request, &public()).await.assert_error(status, code);
    }

    let delete = || {
        let mut parts = head("POST /docs?delete", &[("host", S3_HOST), ("content-length", "10000")]);
        sign(&mut parts, "s3", Some(&large), 0);
        Request::from_parts(parts, Full::new(large.clone().into()))
    };
    test.send(delete(), &test.s3()).await.assert_error(503, "SlowDown");
    // What streams takes no part of it, nor what is small enough for the rest.
    let mut parts = head("PUT /docs/key", &[("host", S3_HOST), ("content-length", "10000")]);
    sign(&mut parts, "s3", Some(&large), 0);
    let put = test.send(Request::from_parts(parts, Full::new(large.clone().into())), &test.s3()).await;
    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!(test.send(list_secrets(SECRETS_HOST), &test.secrets()).await.status, 200);

    held.abort();
    let _ = held.await;
    test.send(delete(), &test.s3()).await.assert_error(400, "MalformedXML");
    assert_eq!(test.gate.room_for_bodies(), 64 * 1024);
}

#[tokio::test]
async fn a_presigned_url_is_a_signature_and_its_event_has_no_query() {
    let test = Test::new();
    let uri = presigned("/bytes/7", S3_HOST, 0, 600);
    let answer = test.send(request(&format!("GET {uri}"), &[("host", S3_HOST)]), &test.s3()).await;
    assert_eq!((answer.status, answer.body.len()), (200, 7), "{answer:?}");
    let event = test.events.one();
    assert_eq!(event.uri_path, "/bytes/7");
    let text = serde_json::to_string(&event).unwrap();
    for secret in ["X-Amz-Signature", "Credential", SECRET, ACCESS_KEY] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let late = presigned("/bytes/7", S3_HOST, -700, 600);
    let answer = test.send(request(&format!("GET {late}"), &[("host", S3_HOST)]), &test.s3()).await;
    answer.assert_error(403, "AccessDenied");
    let other = uri.replace("/bytes/7", "/bytes/8");
    let answer = test.send(request(&format!("GET {other}"), &[("host", S3_HOST)]), &test.s3()).await;
    answer.assert_error(403, "SignatureDoesNotMatch");
}

/// A presigned path and query for a GET of S3.
pub(crate) fn presigned(path: &str, host: &str, seconds: i64, expires: u32) -> String {
    use aws_lc_rs::{digest, hmac};
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let date = sidegate_wire::sigv4::AmzDate::from_unix(world::now() + seconds);
    let scope = format!("{}/us-east-1/s3/aws4_request", date.day());
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCESS_KEY}%2F{}&X-Amz-Date={date}&X-Amz-Expires={expires}\
         &X-Amz-SignedHeaders=host",
        scope.replace('/', "%2F")
    );
    let canonical = format!("GET\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
    let digest = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in scope.split('/') {
        key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
    }
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}");
    let signature = hex(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), text.as_bytes()).as_ref());
    format!("{path}?{query}&X-Amz-Signature={signature}")
}

/// The path and query of a URL for a GET that is presigned with Version 2.
fn presigned_v2(bucket: &str, path: &str, seconds: i64) -> String {
    use aws_lc_rs::hmac;
    let expires = world::now() + seconds;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes());
    let text = format!("GET\n\n\n{expires}\n{bucket}{path}");
    let signature: String = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
    let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("{path}?AWSAccessKeyId={ACCESS_KEY}&Signature={signature}&Expires={expires}")
}

#[tokio::test]
async fn a_url_presigned_with_version_2_opens_an_object_of_s3_and_nothing_else() {
    let events = Arc::new(Kept::default());
    let dir = tempfile::tempdir().unwrap();
    let secrets = |key: &str| (key == ACCESS_KEY).then(|| SecretText::new(SECRET));
    let s3 = S3::open(dir.path(), Arc::new(secrets)).unwrap();
    let gate = world::gate_with(&events, vec![Arc::new(s3)]);
    let plans = CurrentPlan::new(world::plan_of(world::vpc()));
    let connection = arrival(&plans, FIRST, S3_ADDRESS);
    let send = async |request: Request<Full<Bytes>>| Answer::of(gate.serve(request, &connection).await.unwrap()).await;
    let signed = |line: &str, body: &'static [u8]| {
        let mut parts = head(line, &[("host", S3_HOST), ("content-length", &body.len().to_string())]);
        sign(&mut parts, "s3", Some(body), 0);
        Request::from_parts(parts, Full::new(Bytes::from_static(body)))
    };
    assert_eq!(send(signed("PUT /docs", b"")).await.status, 200);
    assert_eq!(send(signed("PUT /docs/a/key", b"hello")).await.status, 200);

    let get = |uri: &str, host: &str| request(&format!("GET {uri}"), &[("host", host)]);
    let docs = "docs.s3.us-east-1.amazonaws.com";
    let url = presigned_v2("/docs", "/a/key", 600);
    assert_eq!(send(get(&url, docs)).await.body, "hello");
    let range = request(&format!("GET {url}"), &[("host", docs), ("range", "bytes=1-2")]);
    assert_eq!(send(range).await.body, "el");
    assert_eq!(send(get(&presigned_v2("", "/docs/a/key", 600), S3_HOST)).await.body, "hello");

    send(get(&url, "other.s3.us-east-1.amazonaws.com")).await.assert_error(403, "SignatureDoesNotMatch");
    send(get(&url.replace("/a/key", "/a/other"), docs)).await.assert_error(403, "SignatureDoesNotMatch");
    send(get(&format!("{url}&acl"), docs)).await.assert_error(403, "SignatureDoesNotMatch");
    send(request(&format!("DELETE {url}"), &[("host", docs)])).await.assert_error(403, "SignatureDoesNotMatch");
    send(get(&presigned_v2("/docs", "/a/key", -1), docs)).await.assert_error(403, "AccessDenied");
    let nobody = url.replace(ACCESS_KEY, "AKIANOBODYNOBODYNOBO");
    send(get(&nobody, docs)).await.assert_error(403, "InvalidAccessKeyId");
    let in_header = request("GET /docs/a/key", &[("host", S3_HOST), ("authorization", "AWS AKIA:c2ln")]);
    send(in_header).await.assert_error(400, "InvalidRequest");
    let events = events.0.lock().unwrap();
    let principals: Vec<bool> = events.iter().take(5).map(|event| event.principal.is_some()).collect();
    assert_eq!(principals, [true; 5]);
}

#[tokio::test]
async fn an_answer_that_is_dropped_half_way_is_an_aborted_event() {
    let test = Test::new();
    let response = test.serve(get_object(S3_HOST, "/bytes/1000000"), &test.s3()).await.unwrap();
    let mut body = response.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap().len();
    assert!(test.events.0.lock().unwrap().is_empty());
    drop(body);
    let event = test.events.one();
    assert_eq!((event.aborted, event.bytes_out, event.status), (true, first as u64, Some(200)));
}

#[tokio::test]
async fn s3_itself_works_behind_the_gate_and_verifies_the_body() {
    let events = Arc::new(Kept::default());
    let dir = tempfile::tempdir().unwrap();
    let secrets = |key: &str| (key == ACCESS_KEY).then(|| SecretText::new(SECRET));
    let s3 = S3::open(dir.path(), Arc::new(secrets)).unwrap();
    let gate = world::gate_with(&events, vec![Arc::new(s3)]);
    let plans = CurrentPlan::new(world::plan_of(world::vpc()));
    let connection = arrival(&plans, FIRST, S3_ADDRESS);
    let send = async |line: &str, host: &str, body: &'static str, signed: Option<&[u8]>| {
        let mut parts = head(line, &[("host", host), ("content-length", &body.len().to_string())]);
        sign(&mut parts, "s3", signed, 0);
        let request = Request::from_parts(parts, Full::new(Bytes::from_static(body.as_bytes())));
        Answer::of(gate.serve(request, &connection).await.unwrap()).await
    };
    assert_eq!(send("PUT /docs", S3_HOST, "", None).await.status, 200);
    let docs = "docs.s3.us-east-1.amazonaws.com";
    assert_eq!(send("PUT /a/key", docs, "hello", Some(b"hello")).await.status, 200);
    assert_eq!(send("GET /docs/a/key", S3_HOST, "", None).await.body, "hello");
    let forged = send("PUT /a/key", docs, "hellO", Some(b"hello")).await;
    forged.assert_error(400, "XAmzContentSHA256Mismatch");
    assert_eq!(send("HEAD /a/key", docs, "", None).await.status, 200);
    let missing = send("GET /none", docs, "", None).await;
    missing.assert_error(404, "NoSuchKey");
    let events = events.0.lock().unwrap();
    let told: Vec<_> = events.iter().map(|e| (e.operation.as_deref(), e.error.as_deref(), e.aborted)).collect();
    assert_eq!(
        told,
        [
            (Some("CreateBucket"), None, false),
            (Some("PutObject"), None, false),
            (Some("GetObject"), None, false),
            (Some("PutObject"), Some("XAmzContentSHA256Mismatch"), false),
            (Some("HeadObject"), None, false),
            (Some("GetObject"), Some("NoSuchKey"), false),
        ]
    );
    assert_eq!((events[1].bytes_in, events[2].bytes_out), (5, 5));
}
