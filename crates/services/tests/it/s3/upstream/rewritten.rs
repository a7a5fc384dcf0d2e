//! What reaches the server: that which was decided about, and nothing else.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::Full;
use sidegate_services::Insecure;

use super::*;

/// A request as the server saw it.
#[derive(Clone, Debug)]
struct Seen {
    line: String,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

type All = Arc<Mutex<Vec<Seen>>>;

/// A server that keeps what it is sent and answers so.
async fn recording(
    status: u16, headers: &'static [(&'static str, &'static str)], answer: &'static str,
) -> (Upstream, All) {
    let all = All::default();
    let seen = Arc::clone(&all);
    let port = client::serve(move |request: Request<Body>| {
        let seen = Arc::clone(&seen);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(|all| all.to_bytes()).unwrap_or_default();
            let (line, body) = (format!("{} {}", head.method, head.uri), String::from_utf8_lossy(&body).into_owned());
            seen.lock().unwrap().push(Seen { line, headers: head.headers, body });
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            response
                .body(Full::new(Bytes::from_static(answer.as_bytes())).map_err(|never| match never {}).boxed_unsync())
                .unwrap()
        }
    })
    .await;
    (upstream(port), all)
}

async fn quiet() -> (Upstream, All) {
    recording(200, &[], "").await
}

/// Allows all but actions and resources that contain a text.
struct Without(&'static str, Mutex<Vec<Requirement>>);

impl Without {
    fn new(text: &'static str) -> Self {
        Self(text, Mutex::default())
    }

    fn all() -> Self {
        Self::new("none of them")
    }

    fn asked(&self) -> Vec<String> {
        self.1.lock().unwrap().iter().map(|one| format!("{} {}", one.action, one.resource)).collect()
    }

    /// Of how many requirements a condition key was there.
    fn having(&self, key: &str) -> usize {
        self.1.lock().unwrap().iter().filter(|one| one.context.values(key).is_some()).count()
    }
}

impl Authorizer for Without {
    fn authorize(&self, operation: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        self.1.lock().unwrap().extend(requirements.iter().cloned());
        let denied = |one: &&Requirement| format!("{} {}", one.action, one.resource).contains(self.0);
        match requirements.iter().find(denied) {
            None => Ok(()),
            Some(denied) => Notes::denying(Principal::Root("111122223333".parse().unwrap()))
                .authorize(operation, std::slice::from_ref(denied)),
        }
    }
}

async fn code(upstream: &Upstream, authorizer: &dyn Authorizer, request: Request<Body>) -> (u16, String) {
    let (status, text) = send(upstream, authorizer, request).await;
    let code = text.split("<Code>").nth(1).and_then(|rest| rest.split("</Code>").next()).unwrap_or_default();
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_could_be_two_is_none() {
    let (upstream, seen) = quiet().await;
    for (method, uri, expected) in [
        ("PUT", "/docs?object-lock&policy", "InvalidArgument"),
        ("PUT", "/docs?tagging&versioning", "InvalidArgument"),
        ("PUT", "/docs/a?tagging&legal-hold", "InvalidArgument"),
        ("POST", "/docs/a?uploads&uploadId=x", "InvalidArgument"),
        ("POST", "/docs/a?restore&uploadId=x", "InvalidArgument"),
        ("DELETE", "/docs?publicAccessBlock&website", "InvalidArgument"),
        ("PUT", "/docs/a?uploadId=1", "InvalidArgument"),
        ("GET", "/docs?prefix=a&prefix=b", "InvalidArgument"),
        ("GET", "/docs/a?versionId=", "InvalidArgument"),
        ("GET", "/bk%2Fsecret%2Fx", "InvalidBucketName"),
        ("GET", "/docs/mine/../secret", "NotImplemented"),
        ("GET", "/docs/mine/%2e%2e/secret", "NotImplemented"),
        ("PUT", "/docs/a?renameObject", "NotImplemented"),
        ("PUT", "/docs?abac", "NotImplemented"),
        ("GET", "/docs?session", "NotImplemented"),
        ("PATCH", "/docs/a", "MethodNotAllowed"),
    ] {
        let (status, code) = code(&upstream, &Notes::default(), request(method, uri, &[], "<x/>")).await;
        assert!(status >= 400 && code == expected, "{method} {uri}: {status} {code}");
    }
    let twice = [("x-amz-acl", "private"), ("x-amz-acl", "public-read")];
    assert_eq!(code(&upstream, &Notes::default(), request("PUT", "/docs/a", &twice, "x")).await.1, "InvalidArgument");
    for (header, value) in [
        ("x-amz-copy-source", "/docs/a?x#y"),
        ("x-amz-copy-source", "/docs/a/../secret"),
        ("x-amz-copy-source", "arn:aws:s3:us-east-1:111122223333:accesspoint/mine/object/a"),
        ("x-amz-write-offset-bytes", "5"),
    ] {
        let (status, _) = code(&upstream, &Notes::default(), request("PUT", "/docs/b", &[(header, value)], "")).await;
        assert!(status >= 400, "{header}: {value}");
    }
    assert!(seen.lock().unwrap().is_empty(), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_has_the_parameters_and_headers_of_its_operation_and_no_others() {
    let (upstream, seen) = quiet().await;
    let headers = [
        ("connection", "x-amz-server-side-encryption, if-none-match"),
        ("x-amz-server-side-encryption", "AES256"),
        ("if-none-match", "*"),
        ("x-amz-meta-a", "1"),
        ("cookie", "a=b"),
        ("x-forwarded-for", "198.18.0.1"),
        ("x-amz-copy-source-range", "bytes=0-1"),
        ("x-amz-tagging", "a=b%20c&d"),
    ];
    let put = request("PUT", "/docs/a%20b//c?x-id=PutObject&prefix=z&other=1", &headers, "text");
    assert_eq!(send(&upstream, &Notes::default(), put).await.0, 200);
    let acl = [("x-amz-acl", "public-read"), ("x-amz-tagging", "a=b")];
    let part = request("PUT", "/docs/a?partNumber=1&uploadId=u%2Bv&acl-not=1", &acl, "text");
    assert_eq!(send(&upstream, &Notes::default(), part).await.0, 200);
    let copy = [("x-amz-copy-source", "docs/%61%3Fb//c?versionId=v")];
    assert_eq!(send(&upstream, &Notes::default(), request("PUT", "/docs/to", &copy, "")).await.0, 200);
    let list = request("GET", "/docs?list-type=2&prefix=a+b%26c&uploadId=1&max-keys=5", &[], "");
    assert_eq!(send(&upstream, &Notes::default(), list).await.0, 200);
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen[0].line, "PUT /docs/a%20b/%2Fc");
    assert_eq!(seen[0].header("x-amz-server-side-encryption"), Some("AES256"));
    assert_eq!((seen[0].header("if-none-match"), seen[0].header("x-amz-meta-a")), (Some("*"), Some("1")));
    assert_eq!(seen[0].header("x-amz-tagging"), Some("a=b%20c&d="));
    for name in ["cookie", "x-forwarded-for", "x-amz-copy-source-range", "connection"] {
        assert_eq!(seen[0].header(name), None, "{name}");
    }
    assert_eq!(seen[0].body, "text");
    assert_eq!(seen[1].line, "PUT /docs/a?partNumber=1&uploadId=u%2Bv");
    assert_eq!((seen[1].header("x-amz-acl"), seen[1].header("x-amz-tagging")), (None, None));
    assert_eq!(seen[2].header("x-amz-copy-source"), Some("/docs/a%3Fb/%2Fc?versionId=v"));
    assert_eq!(seen[3].line, "GET /docs?list-type=2&max-keys=5&prefix=a%20b%26c");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_require_in_front_what_they_require_of_s3_itself() {
    let (upstream, _) = quiet().await;
    let retention =
        "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2099-01-01T00:00:00Z</RetainUntilDate></Retention>";
    let role = "<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><Status>Enabled</Status>\
                <Destination><Bucket>arn:aws:s3:::to</Bucket></Destination></Rule></ReplicationConfiguration>";
    let (docs, a) = ("arn:aws:s3:::docs", "arn:aws:s3:::docs/a");
    let lock = [("x-amz-bucket-object-lock-enabled", "true"), ("x-amz-object-ownership", "ObjectWriter")];
    for (method, uri, headers, body, expected) in [
        (
            "GET",
            "/docs/a?attributes",
            &[("x-amz-object-attributes", "ETag")][..],
            "",
            vec![format!("s3:GetObject {a}"), format!("s3:GetObjectAttributes {a}")],
        ),
        (
            "PUT",
            "/docs",
            &lock[..],
            "",
            vec![
                format!("s3:CreateBucket {docs}"),
                format!("s3:PutBucketOwnershipControls {docs}"),
                format!("s3:PutBucketVersioning {docs}"),
                format!("s3:PutBucketObjectLockConfiguration {docs}"),
            ],
        ),
        (
            "PUT",
            "/docs/a?legal-hold&versionId=v",
            &[],
            "<LegalHold><Status>ON</Status></LegalHold>",
            vec![format!("s3:PutObjectLegalHold {a}")],
        ),
        ("PUT", "/docs/a?retention&versionId=v", &[], retention, vec![format!("s3:PutObjectRetention {a}")]),
        ("GET", "/docs/a?retention&versionId=v", &[], "", vec![format!("s3:GetObjectRetention {a}")]),
        ("GET", "/docs/a?versionId=v", &[], "", vec![format!("s3:GetObjectVersion {a}")]),
        ("DELETE", "/docs?cors", &[], "", vec![format!("s3:PutBucketCORS {docs}")]),
        (
            "POST",
            "/docs/a?restore",
            &[],
            "<RestoreRequest><Days>1</Days></RestoreRequest>",
            vec![format!("s3:RestoreObject {a}")],
        ),
        (
            "DELETE",
            "/docs/a",
            &[("if-match", "\"e\"")],
            "",
            vec![format!("s3:DeleteObject {a}"), format!("s3:GetObject {a}")],
        ),
        (
            "PUT",
            "/docs/a",
            &[("x-amz-copy-source", "/from/b?versionId=1"), ("x-amz-acl", "private")],
            "",
            vec![
                "s3:GetObjectVersion arn:aws:s3:::from/b".to_owned(),
                format!("s3:PutObject {a}"),
                format!("s3:PutObjectAcl {a}"),
            ],
        ),
    ] {
        let allowing = Without::all();
        let (status, text) = send(&upstream, &allowing, request(method, uri, headers, body)).await;
        assert_eq!(status, 200, "{method} {uri}: {text}");
        assert_eq!(allowing.asked(), expected, "{method} {uri}");
        assert!(allowing.having("s3:ResourceAccount") > 0 || method == "PUT" && uri == "/docs", "{method} {uri}");
    }
    let allowing = Without::all();
    let digest = super::super::md5_of(role.as_bytes());
    let digest = [("content-md5", digest.as_str())];
    let (status, text) = send(&upstream, &allowing, request("PUT", "/docs?replication", &digest, role)).await;
    assert_eq!(status, 200, "{text}");
    assert_eq!(allowing.asked()[1], "iam:PassRole arn:aws:iam::111122223333:role/r");
    let allowing = Without::all();
    send(&upstream, &allowing, request("PUT", "/docs/a?retention", &[], retention)).await;
    assert_eq!(allowing.having("s3:object-lock-mode"), 1);
    assert_eq!(allowing.having("s3:object-lock-remaining-retention-days"), 1);
    let tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let allowing = Without::all();
    assert_eq!(send(&upstream, &allowing, request("PUT", "/docs/a?tagging", &[], tagging)).await.0, 200);
    assert_eq!(allowing.having("s3:RequestObjectTag/a"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retention_in_governance_mode_is_passed_by_with_its_permission_alone() {
    let batch = "<Delete><Object><Key>a</Key></Object></Delete>";
    let bypass = [("x-amz-bypass-governance-retention", "true")];
    let digest = super::super::md5_of(batch.as_bytes());
    let with_digest = [bypass[0], ("content-md5", digest.as_str())];
    for (denied, expected) in [("none of them", Some("true")), ("BypassGovernanceRetention", None)] {
        let (upstream, seen) = recording(200, &[], "<DeleteResult/>").await;
        let authorizer = Without::new(denied);
        assert_eq!(send(&upstream, &authorizer, request("DELETE", "/docs/a", &bypass, "")).await.0, 200);
        let request = request("POST", "/docs?delete", &with_digest, batch);
        assert_eq!(send(&upstream, &authorizer, request).await.0, 200);
        for seen in seen.lock().unwrap().iter() {
            assert_eq!(seen.header("x-amz-bypass-governance-retention"), expected, "{}", seen.line);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_sent_as_it_was_decided_about() {
    let (upstream, seen) = recording(200, &[], "<DeleteResult/>").await;
    for (document, key) in [
        ("<Delete><Object><Key><![CDATA[dir/]]>a&#13;</Key></Object></Delete>", "arn:aws:s3:::docs/dir/a\r"),
        (
            "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a&amp;b</Key></Object><X/></Delete>",
            "arn:aws:s3:::docs/a&b",
        ),
    ] {
        let authorizer = Without::all();
        let (status, text) = send(&upstream, &authorizer, request("POST", "/docs?delete", &[], document)).await;
        assert_eq!(status, 200, "{text}");
        assert_eq!(authorizer.asked(), [format!("s3:DeleteObject {key}")]);
    }
    let bodies: Vec<String> = seen.lock().unwrap().iter().map(|seen| seen.body.clone()).collect();
    assert!(bodies[0].contains("<Key>dir/a&#13;</Key>") && bodies[1].contains("<Key>a&amp;b</Key>"), "{bodies:?}");
    assert!(!bodies[1].contains('X'), "{bodies:?}");
    for bad in [
        "<Delete><Object><Key>a</Key></Object></Delete><Delete><Object><Key>b</Key></Object></Delete>",
        "<Delete xmlns:s=\"u\"><s:Object><s:Key>a</s:Key></s:Object><Object><Key>b</Key></Object></Delete>",
        "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
    ] {
        let answer = code(&upstream, &Notes::default(), request("POST", "/docs?delete", &[], bad)).await;
        assert_eq!(answer, (400, "MalformedXML".to_owned()), "{bad}");
    }
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_of_the_file_is_no_matter_of_the_client_and_neither_are_other_headers() {
    let (upstream, _) =
        recording(403, &[], "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message></Error>").await;
    let answer = code(&upstream, &Notes::default(), request("GET", "/docs/a", &[], "")).await;
    assert_eq!(answer, (503, "ServiceUnavailable".to_owned()));
    let headers = &[
        ("set-cookie", "a=b"),
        ("alt-svc", "h3"),
        ("location", "http://198.18.0.1/"),
        ("access-control-allow-origin", "*"),
        ("etag", "\"e\""),
    ];
    let error = "<Error><Code>NoSuchKey</Code><Message>m</Message><Key>a</Key><RequestId>theirs</RequestId></Error>";
    let (refusing, _) = recording(404, headers, error).await;
    let (giving, _) = recording(200, headers, "text").await;
    for upstream in [&refusing, &giving] {
        let answer = upstream.handle(request("GET", "/docs/a", &[], ""), &caller(), &Notes::default()).await;
        for name in ["set-cookie", "alt-svc", "location", "access-control-allow-origin"] {
            assert!(!answer.headers().contains_key(name), "{name}");
        }
        assert_eq!(
            (&answer.headers()["etag"], &answer.headers()["server"]),
            (&"\"e\"".parse().unwrap(), &"AmazonS3".parse().unwrap())
        );
    }
    let (status, text) = send(&refusing, &Notes::default(), request("GET", "/docs/a", &[], "")).await;
    let id = format!("<RequestId>{}</RequestId>", me().request_id);
    assert!(status == 404 && text.contains(&id) && !text.contains("theirs") && text.contains("<Key>a</Key>"), "{text}");
    let (elsewhere, _) = recording(307, &[("location", "http://198.18.0.1/")], "").await;
    assert_eq!(send(&elsewhere, &Notes::default(), request("GET", "/docs/a", &[], "")).await.0, 503);
    let (page, _) = recording(502, &[], "<html>").await;
    assert_eq!(send(&page, &Notes::default(), request("GET", "/docs/a", &[], "")).await.0, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preflight_is_passed_on_with_what_it_asks() {
    let headers = &[("access-control-allow-origin", "http://a"), ("vary", "Origin"), ("set-cookie", "a")];
    let (upstream, seen) = recording(200, headers, "").await;
    let asking = [("origin", "http://a"), ("access-control-request-method", "PUT"), ("cookie", "c")];
    let answer = upstream.handle(request("OPTIONS", "/docs/a", &asking, ""), &caller(), &Without::new("s3:")).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-origin"]),
        (200, &"http://a".parse().unwrap())
    );
    assert!(!answer.headers().contains_key("set-cookie"));
    let get = upstream.handle(request("GET", "/docs/a", &asking[..1], ""), &caller(), &Notes::default()).await;
    assert!(get.headers().contains_key("access-control-allow-origin"));
    let seen = seen.lock().unwrap();
    assert_eq!((seen[0].line.as_str(), seen[0].header("cookie")), ("OPTIONS /docs/a", None));
    assert_eq!(seen[0].header("access-control-request-method"), Some("PUT"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_kms_and_of_customers_are_looked_after() {
    let (upstream, seen) = quiet().await;
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let headers = [("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-aws-kms-key-id", id)];
    let authorizer = Without::new("kms:GenerateDataKey");
    assert_eq!(send(&upstream, &authorizer, request("PUT", "/docs/a", &headers, "x")).await.0, 403);
    assert_eq!(authorizer.asked()[1], format!("kms:GenerateDataKey arn:aws:kms:us-east-1:111122223333:key/{id}"));
    assert!(seen.lock().unwrap().is_empty());
    assert_eq!(send(&upstream, &Notes::default(), request("PUT", "/docs/a", &headers, "x")).await.0, 200);
    let told = &[("x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:us-east-1:111122223333:key/k")];
    let (upstream, _) = recording(200, told, "text").await;
    let (status, text) = send(&upstream, &Without::new("kms:Decrypt"), request("GET", "/docs/a", &[], "")).await;
    assert!(status == 403 && !text.contains("text<"), "{text}");
    assert_eq!(send(&upstream, &Notes::default(), request("GET", "/docs/a", &[], "")).await, (200, "text".to_owned()));
    let customer = [("x-amz-server-side-encryption-customer-key", "a")];
    let (status, text) = send(&upstream, &Notes::default(), request("GET", "/docs/a", &customer, "")).await;
    assert!(status == 400 && text.contains("secure connection"), "{text}");
    let mut insecure = request("GET", "/docs/a", &customer, "");
    insecure.extensions_mut().insert(Insecure);
    assert_eq!(send(&upstream, &Notes::default(), insecure).await.0, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_let_in_by_the_policy_of_the_bucket_that_the_server_has() {
    let delivery = Caller { principal: Principal::Service("delivery.logs.amazonaws.com".to_owned()), ..caller() };
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
        "Principal": {"Service": "delivery.logs.amazonaws.com"}}]}"#;
    let (upstream, seen) = recording(200, &[], policy).await;
    let authorizer = Without::all();
    let put = request("PUT", "/docs/a", &[("x-amz-acl", "bucket-owner-full-control")], "text");
    assert_eq!(upstream.handle(put, &delivery, &authorizer).await.status(), 200);
    assert_eq!(authorizer.asked(), ["s3:PutObject arn:aws:s3:::docs/a"]);
    assert!(authorizer.1.lock().unwrap()[0].resource_policy.is_some());
    let lines: Vec<_> = seen.lock().unwrap().iter().map(|seen| seen.line.clone()).collect();
    assert_eq!(lines, ["GET /docs?policy", "PUT /docs/a"]);
    let (upstream, seen) = recording(404, &[], "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>").await;
    let answer = upstream.handle(request("PUT", "/docs/a", &[], "text"), &delivery, &Notes::default()).await;
    assert_eq!((answer.status().as_u16(), seen.lock().unwrap().len()), (404, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_upload_is_not_cut_off_and_one_that_stands_still_is() {
    let (port, store) = {
        let store = Arc::new(Store::with_bucket("docs").await);
        (serve(Arc::clone(&store)).await, store)
    };
    let origin = |patience| {
        let url = format!("http://127.0.0.1:{port}");
        let secret = SecretKey::new(SECRET);
        let origin = Origin::new(&url, ACCESS_KEY.to_owned(), secret, "us-east-1".to_owned(), None).unwrap();
        Upstream::new(origin.answering_within(patience), Arc::new(|_: &str| None))
    };
    let slow = |pause: Duration| {
        let frames = futures::stream::unfold(0, move |at| async move {
            tokio::time::sleep(pause).await;
            (at < 5).then(|| (Ok(http_body::Frame::data(Bytes::from_static(b"x"))), at + 1))
        });
        http_body_util::StreamBody::new(frames).boxed_unsync()
    };
    let put = |pause| {
        let mut put = request("PUT", "/docs/a", &[], "xxxxx");
        *put.body_mut() = slow(pause);
        put
    };
    let upstream = origin(Duration::from_millis(700));
    let (status, text) = send(&upstream, &Notes::default(), put(Duration::from_millis(300))).await;
    assert_eq!(status, 200, "{text}");
    assert_eq!(store.get("/docs/a", &[]).await.ok().text(), "xxxxx");
    assert_eq!(send(&upstream, &Notes::default(), put(Duration::from_millis(1500))).await.0, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_stops_is_not_waited_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await.unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    let url = format!("http://127.0.0.1:{port}");
    let origin =
        Origin::new(&url, ACCESS_KEY.to_owned(), SecretKey::new(SECRET), "us-east-1".to_owned(), None).unwrap();
    let upstream = Upstream::new(origin.answering_within(Duration::from_millis(300)), Arc::new(|_: &str| None));
    let answer = upstream.handle(request("GET", "/docs/key", &[], ""), &caller(), &Notes::default()).await;
    let read = tokio::time::timeout(Duration::from_secs(5), answer.into_body().collect()).await;
    assert!(read.unwrap().is_err(), "the answer fails");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chunks_that_are_not_as_long_as_was_said_are_not_stored() {
    let store = Arc::new(Store::with_bucket("docs").await);
    let upstream = upstream(serve(Arc::clone(&store)).await);
    let body = "5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    for (length, expected) in [("11", 200), ("5", 400), ("20", 400)] {
        let headers = [
            ("content-encoding", "aws-chunked"),
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", length),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        let (status, code) = code(&upstream, &Notes::default(), request("PUT", "/docs/a", &headers, body)).await;
        assert_eq!(status, expected, "{length}: {code}");
        assert!(status == 200 || code == "IncompleteBody", "{code}");
    }
    assert_eq!(store.get("/docs/a", &[]).await.ok().text(), "hello world");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_presigned_url_says_in_its_query_counts_as_a_header() {
    let (upstream, seen) = quiet().await;
    let authorizer = Without::all();
    let uri = "/docs/a?X-Amz-Signature=1&X-Amz-Date=2&x-amz-acl=public-read&X-Amz-Meta-B=c&x-amz-expected-bucket-owner=111122223333";
    let (status, text) = send(&upstream, &authorizer, request("PUT", uri, &[], "x")).await;
    assert_eq!(status, 200, "{text}");
    assert_eq!(authorizer.asked(), ["s3:PutObject arn:aws:s3:::docs/a", "s3:PutObjectAcl arn:aws:s3:::docs/a"]);
    let seen = seen.lock().unwrap();
    assert_eq!((seen[0].line.as_str(), seen[0].header("x-amz-acl")), ("PUT /docs/a", Some("public-read")));
    assert_eq!(seen[0].header("x-amz-meta-b"), Some("c"));
}
