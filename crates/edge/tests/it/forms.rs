//! Forms of browsers through the gate: whose they are, and what a browser may ask before it sends one.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use sidegate_edge::gate::Gate;
use sidegate_edge::path::CurrentPlan;
use sidegate_services::s3::{S3, SecretText};

use super::world::{self, ACCESS_KEY, Answer, FIRST, Kept, S3_ADDRESS, S3_HOST, SECRET, arrival, head, sign};

const POLICY: &str = r#"{"expiration": "2100-01-01T00:00:00Z", "conditions": [{"bucket": "docs"},
    ["starts-with", "$key", "up/"], ["starts-with", "$x-amz-credential", ""], ["starts-with", "$x-amz-date", ""],
    ["starts-with", "$x-amz-algorithm", ""]]}"#;

struct Test {
    gate: Arc<Gate>,
    events: Arc<Kept>,
    plans: CurrentPlan,
    _dir: tempfile::TempDir,
}

impl Test {
    async fn new() -> Self {
        let (events, dir) = (Arc::new(Kept::default()), tempfile::tempdir().unwrap());
        let secrets = |key: &str| (key == ACCESS_KEY).then(|| SecretText::new(SECRET));
        let s3 = S3::open(dir.path(), Arc::new(secrets)).unwrap();
        let gate = world::gate_with(&events, vec![Arc::new(s3)]);
        let plans = CurrentPlan::new(world::plan_of(world::vpc()));
        let test = Self { gate, events, plans, _dir: dir };
        assert_eq!(test.signed("PUT /docs", "", &[]).await.status, 200);
        test
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let arrival = arrival(&self.plans, FIRST, S3_ADDRESS);
        Answer::of(self.gate.serve(request, &arrival).await.unwrap()).await
    }

    async fn signed(&self, line: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let length = body.len().to_string();
        let headers: Vec<_> = headers.iter().copied().chain([("host", S3_HOST), ("content-length", &length)]).collect();
        let mut parts = head(line, &headers);
        sign(&mut parts, "s3", Some(body.as_bytes()), 0);
        self.send(Request::from_parts(parts, Full::new(Bytes::from(body.to_owned())))).await
    }

    async fn form(&self, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut body = String::new();
        for (name, value) in fields {
            body += &format!("--b0\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        body += "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhello\r\n--b0--\r\n";
        let length = body.len().to_string();
        let own = [("content-type", "multipart/form-data; boundary=b0"), ("content-length", &length)];
        let headers: Vec<_> = own.into_iter().chain(headers.iter().copied()).collect();
        let parts = head("POST /", &headers);
        self.send(Request::from_parts(parts, Full::new(Bytes::from(body)))).await
    }
}

const DOCS: (&str, &str) = ("host", "docs.s3.us-east-1.amazonaws.com");

/// The signature of Version 4 of a policy, made now by hand.
fn v4(policy: &str, region: &str) -> Vec<(&'static str, String)> {
    let date = time::OffsetDateTime::now_utc();
    let day = format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day());
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in [day.as_str(), region, "s3", "aws4_request", policy] {
        let signing = hmac::Key::new(hmac::HMAC_SHA256, &key);
        key = hmac::sign(&signing, part.as_bytes()).as_ref().to_vec();
    }
    let signature: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        ("policy", policy.to_owned()),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential", format!("{ACCESS_KEY}/{day}/{region}/s3/aws4_request")),
        ("x-amz-date", format!("{day}T000000Z")),
        ("x-amz-signature", signature),
    ]
}

fn with_key<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    std::iter::once(("Key", "up/a")).chain(fields.iter().map(|(name, value)| (*name, value.as_str()))).collect()
}

#[tokio::test]
async fn a_form_is_that_of_whoever_signed_its_policy() {
    let test = Test::new().await;
    let policy = STANDARD.encode(POLICY);
    let answer = test.form(&with_key(&v4(&policy, "us-east-1")), &[DOCS]).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(test.signed("GET /docs/up/a", "", &[]).await.body, "hello");
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes());
    let signature = STANDARD.encode(hmac::sign(&key, policy.as_bytes()));
    let old =
        STANDARD.encode(r#"{"expiration": "2100-01-01T00:00:00Z", "conditions": [{"bucket": "docs"}, {"key": "b"}]}"#);
    let of_old = STANDARD.encode(hmac::sign(&key, old.as_bytes()));
    let fields = [("AWSAccessKeyId", ACCESS_KEY), ("policy", &old), ("signature", &of_old), ("key", "b")];
    assert_eq!(test.form(&fields, &[DOCS]).await.status, 204);
    let forged = [("AWSAccessKeyId", ACCESS_KEY), ("policy", &old), ("signature", &signature), ("key", "b")];
    test.form(&forged, &[DOCS]).await.assert_error(403, "SignatureDoesNotMatch");
    let events = test.events.0.lock().unwrap();
    let told: Vec<_> = events.iter().map(|event| (event.operation.as_deref(), event.principal.as_deref())).collect();
    let root = Some("arn:aws:iam::111122223333:root");
    assert_eq!(told[1], (Some("PutObject"), root));
    assert_eq!(told[3], (Some("PutObject"), root));
}

#[tokio::test]
async fn a_form_with_another_signature_key_token_or_scope_is_refused() {
    let test = Test::new().await;
    let policy = STANDARD.encode(POLICY);
    let good = v4(&policy, "us-east-1");
    let with = |name: &str, value: &str| {
        let changed = good.iter().map(|(own, kept)| (*own, if *own == name { value.to_owned() } else { kept.clone() }));
        changed.collect::<Vec<_>>()
    };
    let other = STANDARD.encode(POLICY.replace("up/", ""));
    test.form(&with_key(&with("policy", &other)), &[DOCS]).await.assert_error(403, "SignatureDoesNotMatch");
    let nobody = good[2].1.replace(ACCESS_KEY, "AKIANOBODYNOBODYNOBO");
    test.form(&with_key(&with("x-amz-credential", &nobody)), &[DOCS]).await.assert_error(403, "InvalidAccessKeyId");
    let token = [&good[..], &[("x-amz-security-token", "x".to_owned())]].concat();
    assert_eq!(test.form(&with_key(&token), &[DOCS]).await.status, 400);
    assert_eq!(test.form(&with_key(&v4(&policy, "eu-west-1")), &[DOCS]).await.status, 400);
    let twice = [
        DOCS,
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=a/20250101/us-east-1/s3/aws4_request, \
        SignedHeaders=host, Signature=0000000000000000000000000000000000000000000000000000000000000000",
        ),
    ];
    assert!(test.form(&with_key(&good), &twice).await.status >= 400);
    let unsigned = &good[..4];
    test.form(&with_key(unsigned), &[DOCS]).await.assert_error(400, "InvalidArgument");
    test.form(&[("key", "up/a")], &[DOCS]).await.assert_error(403, "AccessDenied");
    let missing = test.signed("GET /docs/up/a", "", &[]).await;
    missing.assert_error(404, "NoSuchKey");
}

#[tokio::test]
async fn a_browser_asks_without_proof_also_where_the_url_is_presigned() {
    let test = Test::new().await;
    let cors = "<CORSConfiguration><CORSRule><AllowedOrigin>http://a.test</AllowedOrigin><AllowedMethod>PUT\
        </AllowedMethod></CORSRule></CORSConfiguration>";
    let digest = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, cors.as_bytes()));
    let put = test.signed("PUT /docs?cors", cors, &[("x-amz-checksum-sha256", &digest)]).await;
    assert_eq!(put.status, 200, "{put:?}");
    let presigned = format!(
        "OPTIONS /key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCESS_KEY}%2F20250101%2Fus-east-1%2Fs3%2F\
         aws4_request&X-Amz-Date=20250101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
    );
    let asks = |origin| {
        let headers = [DOCS, ("origin", origin), ("access-control-request-method", "PUT")];
        Request::from_parts(head(&presigned, &headers), Full::default())
    };
    let told = test.send(asks("http://a.test")).await;
    assert_eq!((told.status, told.headers["access-control-allow-origin"].to_str().unwrap()), (200, "http://a.test"));
    test.send(asks("http://b.test")).await.assert_error(403, "AccessForbidden");
}
