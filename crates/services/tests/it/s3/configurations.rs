//! The configurations of buckets, and cross-origin requests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sidegate_iam::Principal;

use super::{Notes, Store, caller, me, open, request};

const CORS: &str = "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example.com</AllowedOrigin>\
    <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>X-Amz-*</AllowedHeader>\
    <AllowedHeader>content-type</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>300</MaxAgeSeconds>\
    </CORSRule><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>\
    </CORSConfiguration>";

const LIFECYCLE: &str = "<LifecycleConfiguration><Rule><Filter><Prefix>a</Prefix></Filter><Status>Enabled</Status>\
    <Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";

fn md5(body: &str) -> String {
    use s3s::crypto::Checksum as _;
    BASE64.encode(s3s::crypto::Md5::checksum(body.as_bytes()))
}

async fn with_cors() -> Store {
    let store = Store::with_bucket("docs").await;
    store.put("/docs?cors", &[("content-md5", &md5(CORS))], CORS).await.ok();
    store
}

#[tokio::test]
async fn a_browser_that_asks_is_told_what_the_first_rule_that_covers_its_request_allows() {
    let store = with_cors().await;
    // The query of a presigned URL is that of the request that is asked about, and proves nothing.
    let uri = "/docs/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00";
    let asks = [
        ("origin", "https://a.example.com"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "X-Amz-Meta-A, Content-Type"),
    ];
    let told = store.send("OPTIONS", uri, &asks, "").await.ok();
    let of = |name| told.header(name);
    assert_eq!(of("access-control-allow-origin"), Some("https://a.example.com"));
    assert_eq!(of("access-control-allow-methods"), Some("GET, PUT"));
    assert_eq!(of("access-control-allow-headers"), Some("x-amz-meta-a, content-type"));
    assert_eq!(of("access-control-expose-headers"), Some("ETag"));
    assert_eq!(of("access-control-max-age"), Some("300"));
    assert_eq!(of("access-control-allow-credentials"), Some("true"));
    assert_eq!(of("vary"), Some("Origin, Access-Control-Request-Headers, Access-Control-Request-Method"));
    let anyone = [("origin", "http://b"), ("access-control-request-method", "GET")];
    let told = store.send("OPTIONS", "/docs", &anyone, "").await.ok();
    assert_eq!(told.header("access-control-allow-origin"), Some("*"));
    assert_eq!(told.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn a_browser_is_refused_what_no_rule_allows() {
    let store = with_cors().await;
    store.put("/plain", &[], "").await.ok();
    let put = ("access-control-request-method", "PUT");
    let origin = ("origin", "https://a.example.com");
    for (uri, headers, message, resource) in [
        ("/docs/key", vec![("origin", "http://b"), put], "CORSResponse: This CORS request is not allowed.", "OBJECT"),
        (
            "/docs",
            vec![origin, put, ("access-control-request-headers", "authorization")],
            "CORSResponse: This CORS request is not allowed.",
            "BUCKET",
        ),
        ("/plain/key", vec![origin, put], "CORSResponse: CORS is not enabled for this bucket.", "OBJECT"),
        ("/none", vec![origin, put], "CORSResponse: Bucket not found", "BUCKET"),
    ] {
        let refused = store.send("OPTIONS", uri, &headers, "").await;
        assert_eq!(refused.error(), (403, "AccessForbidden".into()), "{uri}");
        assert!(refused.element("Message").unwrap().starts_with(message), "{}", refused.text());
        assert_eq!(refused.element("Method").as_deref(), Some("PUT"));
        assert_eq!(refused.element("ResourceType").as_deref(), Some(resource));
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    for headers in [vec![put], vec![origin], vec![origin, ("access-control-request-method", "PATCH")]] {
        assert_eq!(store.send("OPTIONS", "/docs", &headers, "").await.error(), (400, "BadRequest".into()));
    }
}

#[tokio::test]
async fn an_answer_to_another_origin_bears_the_headers_of_its_rule_whatever_the_answer_is() {
    let store = with_cors().await;
    store.put("/docs/key", &[], "hello").await.ok();
    let origin = [("origin", "https://a.example.com")];
    let read = store.get("/docs/key", &origin).await.ok();
    assert_eq!((read.header("access-control-allow-origin"), read.text().as_str()), (Some(origin[0].1), "hello"));
    let missing = store.get("/docs/none", &origin).await;
    assert_eq!(missing.error(), (404, "NoSuchKey".into()));
    assert_eq!(missing.header("access-control-allow-origin"), Some(origin[0].1));
    assert_eq!(store.get("/docs/key", &[]).await.header("access-control-allow-origin"), None);
    let head = store.head("/docs/key", &[("origin", "http://b")]).await.ok();
    assert_eq!(head.header("access-control-allow-origin"), None, "no rule is for HEAD");
    store.delete("/docs?cors").await.ok();
    assert_eq!(store.get("/docs/key", &origin).await.ok().header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_document_is_held_against_its_digest_and_some_are_refused_without() {
    let store = Store::with_bucket("docs").await;
    for (uri, body) in [("/docs?lifecycle", LIFECYCLE), ("/docs?cors", CORS)] {
        let refused = store.put(uri, &[], body).await;
        assert_eq!(refused.error(), (400, "InvalidRequest".into()));
        assert!(refused.element("Message").unwrap().starts_with("Missing required header for this request"));
        let wrong = md5("something else");
        assert_eq!(store.put(uri, &[("content-md5", &wrong)], body).await.error(), (400, "BadDigest".into()));
        assert_eq!(store.put(uri, &[("content-md5", "x")], body).await.error(), (400, "InvalidDigest".into()));
        let sum = [("x-amz-checksum-crc32", "AAAAAA==")];
        assert_eq!(store.put(uri, &sum, body).await.error(), (400, "BadDigest".into()));
        assert_eq!(store.get(uri, &[]).await.status, 404, "{uri}");
        store.put(uri, &[("content-md5", &md5(body))], body).await.ok();
        store.get(uri, &[]).await.ok();
    }
    let website = "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>";
    store.put("/docs?website", &[], website).await.ok();
    let wrong = [("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")];
    assert_eq!(store.put("/docs?website", &wrong, website).await.error(), (400, "BadDigest".into()));
}

#[tokio::test]
async fn a_document_that_is_none_changes_nothing() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs?lifecycle", &[("content-md5", &md5(LIFECYCLE))], LIFECYCLE).await.ok();
    let before = store.get("/docs?lifecycle", &[]).await.ok().text();
    let control = LIFECYCLE.replace("<Prefix>a", "<Prefix>&#1;");
    for body in ["<", "<CORSConfiguration/>", "<LifecycleConfiguration/>", control.as_str()] {
        let refused = store.put("/docs?lifecycle", &[("content-md5", &md5(body))], body.to_owned()).await;
        assert_eq!(refused.error(), (400, "MalformedXML".into()), "{body}");
    }
    assert_eq!(store.get("/docs?lifecycle", &[]).await.ok().text(), before);
}

#[tokio::test]
async fn each_configuration_asks_for_its_own_actions() {
    let store = Store::with_bucket("docs").await;
    let replication = "<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule>\
        <Status>Enabled</Status><Prefix></Prefix><Destination><Bucket>arn:aws:s3:::docs</Bucket></Destination></Rule>\
        </ReplicationConfiguration>";
    let metrics = "<MetricsConfiguration><Id>m</Id></MetricsConfiguration>";
    let accelerate = "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>";
    for (method, query, body, action) in [
        ("PUT", "lifecycle", LIFECYCLE, "PutLifecycleConfiguration"),
        ("DELETE", "lifecycle", "", "PutLifecycleConfiguration"),
        ("PUT", "cors", CORS, "PutBucketCORS"),
        ("DELETE", "cors", "", "PutBucketCORS"),
        ("PUT", "notification", "<NotificationConfiguration/>", "PutBucketNotification"),
        ("DELETE", "website", "", "DeleteBucketWebsite"),
        ("PUT", "logging", "<BucketLoggingStatus/>", "PutBucketLogging"),
        ("PUT", "accelerate", accelerate, "PutAccelerateConfiguration"),
        ("DELETE", "encryption", "", "PutEncryptionConfiguration"),
        ("PUT", "metrics&id=m", metrics, "PutMetricsConfiguration"),
        ("GET", "metrics&id=m", "", "GetMetricsConfiguration"),
        ("GET", "metrics", "", "GetMetricsConfiguration"),
        ("DELETE", "metrics&id=m", "", "PutMetricsConfiguration"),
        ("GET", "inventory", "", "GetInventoryConfiguration"),
        ("GET", "analytics", "", "GetAnalyticsConfiguration"),
        ("GET", "intelligent-tiering", "", "GetIntelligentTieringConfiguration"),
        ("PUT", "replication", replication, "PutReplicationConfiguration"),
    ] {
        let notes = Notes::default();
        let request = request(method, &format!("/docs?{query}"), &[("content-md5", &md5(body))], body);
        store.send_as(&me(), &notes, request).await;
        let asked = notes.asked.into_inner().unwrap();
        let mut expected = vec![format!("s3:{action} arn:aws:s3:::docs")];
        if query == "replication" {
            expected.push("iam:PassRole arn:aws:iam::111122223333:role/r".to_owned());
        }
        assert_eq!(asked.into_iter().map(|(_, asked)| asked).collect::<Vec<_>>(), [expected], "{method} {query}");
        let denied = Notes::denying(Principal::Anonymous);
        let request = super::request(method, &format!("/docs?{query}"), &[("content-md5", &md5(body))], body);
        assert_eq!(store.send_as(&me(), &denied, request).await.error(), (403, "AccessDenied".into()));
    }
}

#[tokio::test]
async fn where_the_requester_pays_others_have_to_say_that_they_do() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "hello").await.ok();
    let payer = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>";
    store.put("/docs?requestPayment", &[], payer).await.ok();
    store.get("/docs/key", &[]).await.ok();
    let other = caller("444455556666", "us-east-1");
    let get = |headers: &[(&str, &str)]| request("GET", "/docs/key", headers, "");
    let allowing = Notes::default();
    assert_eq!(store.send_as(&other, &allowing, get(&[])).await.error(), (403, "AccessDenied".into()));
    store.send_as(&other, &allowing, get(&[("x-amz-request-payer", "requester")])).await.ok();
    store.put("/docs?requestPayment", &[], payer.replace("Requester", "BucketOwner")).await.ok();
    store.send_as(&other, &allowing, get(&[])).await.ok();
}

#[tokio::test]
async fn configurations_outlive_the_process_and_an_index_without_them_gets_room() {
    let store = with_cors().await;
    store.put("/docs/key", &[], "kept").await.ok();
    let reopened = Store { s3: open(store.dir.path()), dir: store.dir };
    assert_eq!(reopened.get("/docs?cors", &[]).await.ok().elements("AllowedOrigin").len(), 2);
    let Store { s3, dir } = reopened;
    drop(s3);
    let index = rusqlite::Connection::open(dir.path().join("s3.sqlite")).unwrap();
    // As the layout before had it, whose bytes were not encrypted.
    let bodies = dir.path().join("objects");
    let file: String = index.query_row("SELECT file FROM piece", [], |row| row.get(0)).unwrap();
    std::fs::write(bodies.join(&file[..2]).join(&file), "kept").unwrap();
    index
        .execute_batch(
            "DROP TABLE configuration; DROP TABLE past; DROP TABLE vault; DROP TABLE event;
             ALTER TABLE object DROP COLUMN version; ALTER TABLE object DROP COLUMN encryption;
             ALTER TABLE object DROP COLUMN lock; ALTER TABLE upload DROP COLUMN encryption;
             ALTER TABLE upload DROP COLUMN lock; PRAGMA user_version = 2;",
        )
        .unwrap();
    drop(index);
    let store = Store { s3: open(dir.path()), dir };
    assert_eq!(store.get("/docs?cors", &[]).await.error(), (404, "NoSuchCORSConfiguration".into()));
    store.put("/docs?cors", &[("content-md5", &md5(CORS))], CORS).await.ok();
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "kept");
}
