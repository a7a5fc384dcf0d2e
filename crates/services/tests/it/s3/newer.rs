//! What few ask of S3: a count of tags for whom may see them, locks that nobody set, encryption that a bucket does not allow,
//! and headers in the query of a presigned URL.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::crypto::{Checksum as _, Md5};
use sidegate_iam::{Denial, PolicyKind, Principal, Requirement};
use sidegate_services::Authorizer;

use super::signing::{Signer, signed};
use super::{Notes, Store, me, request};

/// Allows everything but one action.
struct Without(&'static str);

impl Authorizer for Without {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        match requirements.iter().find(|requirement| requirement.action == self.0) {
            None => Ok(()),
            Some(requirement) => Err(Denial {
                principal: Box::new(Principal::Anonymous),
                action: requirement.action.clone(),
                resource: requirement.resource.clone(),
                policy: PolicyKind::Identity,
                statement: None,
                name: None,
                matched: None,
                context: Box::default(),
                is_discreet: false,
            }),
        }
    }
}

#[tokio::test]
async fn the_number_of_tags_is_for_those_who_may_see_them() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[("x-amz-tagging", "a=1&b=2")], "x").await.ok();
    for method in ["GET", "HEAD"] {
        let seen = store.send(method, "/docs/key", &[], "").await.ok();
        assert_eq!(seen.header("x-amz-tagging-count"), Some("2"), "{method}");
        let plain = request(method, "/docs/key", &[], "");
        let unseen = store.send_as(&me(), &Without("s3:GetObjectTagging"), plain).await.ok();
        assert_eq!(unseen.header("x-amz-tagging-count"), None, "{method}");
    }
}

#[tokio::test]
async fn a_legal_hold_and_a_retention_that_nobody_set_are_not_there() {
    let store = Store::new();
    store.put("/docs", &[("x-amz-bucket-object-lock-enabled", "true")], "").await.ok();
    store.put("/docs/key", &[], "x").await.ok();
    for uri in ["/docs/key?legal-hold", "/docs/key?retention"] {
        assert_eq!(store.get(uri, &[]).await.error(), (404, "NoSuchObjectLockConfiguration".into()), "{uri}");
    }
    let hold = "<LegalHold><Status>OFF</Status></LegalHold>";
    store.put("/docs/key?legal-hold", &[], hold).await.ok();
    assert_eq!(store.get("/docs/key?legal-hold", &[]).await.ok().element("Status").unwrap(), "OFF");
    assert_eq!(store.head("/docs/key", &[]).await.ok().header("x-amz-object-lock-legal-hold"), Some("OFF"));
}

fn default_encryption(inside: &str) -> String {
    format!(
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
         </ApplyServerSideEncryptionByDefault>{inside}</Rule></ServerSideEncryptionConfiguration>"
    )
}

#[tokio::test]
async fn a_bucket_may_refuse_keys_of_its_customers() {
    let mut store = Store::with_bucket("docs").await;
    let key = [7_u8; 32];
    let customer = [
        ("x-amz-server-side-encryption-customer-algorithm", "AES256".to_owned()),
        ("x-amz-server-side-encryption-customer-key", BASE64.encode(key)),
        ("x-amz-server-side-encryption-customer-key-md5", BASE64.encode(Md5::checksum(&key))),
    ];
    let customer: Vec<_> = customer.iter().map(|(name, value)| (*name, value.as_str())).collect();
    store.put("/docs/before", &customer, "x").await.ok();
    let blocked = |name: &str| {
        default_encryption(&format!(
            "<BlockedEncryptionTypes><EncryptionType>{name}</EncryptionType></BlockedEncryptionTypes>"
        ))
    };
    assert_eq!(store.put("/docs?encryption", &[], blocked("SSE-KMS")).await.error(), (400, "MalformedXML".into()));
    store.put("/docs?encryption", &[], blocked("SSE-C")).await.ok();
    store.s3 = super::open(store.dir.path());
    let told = store.get("/docs?encryption", &[]).await.ok();
    assert_eq!(
        (told.element("SSEAlgorithm").unwrap(), told.element("EncryptionType").unwrap()),
        ("AES256".into(), "SSE-C".into())
    );
    assert_eq!(store.put("/docs/key", &customer, "x").await.error(), (403, "AccessDenied".into()));
    assert_eq!(store.send("POST", "/docs/key?uploads", &customer, "").await.error(), (403, "AccessDenied".into()));
    store.put("/docs/key", &[], "x").await.ok();
    let copy: Vec<_> = [("x-amz-copy-source", "docs/key")].into_iter().chain(customer.clone()).collect();
    assert_eq!(store.put("/docs/copy", &copy, "").await.error(), (403, "AccessDenied".into()));
    assert_eq!(store.get("/docs/before", &customer).await.ok().text(), "x");
    store.put("/docs?encryption", &[], blocked("NONE")).await.ok();
    assert_eq!(store.get("/docs?encryption", &[]).await.ok().element("EncryptionType").unwrap(), "NONE");
    store.put("/docs/key", &customer, "x").await.ok();
    store.put("/docs?encryption", &[], default_encryption("")).await.ok();
    assert_eq!(store.get("/docs?encryption", &[]).await.ok().element("EncryptionType"), None);
}

#[tokio::test]
async fn headers_in_the_query_of_a_presigned_url_count() {
    let store = Store::with_bucket("docs").await;
    let query = [("x-amz-meta-author", "Ada"), ("x-amz-storage-class", "STANDARD_IA"), ("x-amz-tagging", "a=b")];
    let put = Signer::new().presigned("PUT", "/docs/key", &query, "hello");
    store.send_as(&signed(), &Notes::default(), put).await.ok();
    let made = store.head("/docs/key", &[]).await.ok();
    assert_eq!(made.header("x-amz-meta-author"), Some("Ada"));
    assert_eq!(made.header("x-amz-storage-class"), Some("STANDARD_IA"));
    assert_eq!(made.header("x-amz-tagging-count"), None);
    let acl = Signer::new().presigned("PUT", "/docs/key", &[("x-amz-acl", "public-read")], "x");
    let refused = store.send_as(&signed(), &Notes::default(), acl).await;
    assert_eq!(refused.error(), (400, "AccessControlListNotSupported".into()));
    let wrong = [("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-sdk-checksum-algorithm", "CRC32")];
    let refused =
        store.send_as(&signed(), &Notes::default(), Signer::new().presigned("PUT", "/docs/key", &wrong, "x")).await;
    assert_eq!(refused.error(), (400, "BadDigest".into()));
    let copy = Signer::new().presigned("PUT", "/docs/copy", &[("x-amz-copy-source", "docs/key")], "");
    store.send_as(&signed(), &Notes::default(), copy).await.ok();
    assert_eq!(store.get("/docs/copy", &[]).await.ok().text(), "hello");
    let mut forged = Signer::new().presigned("PUT", "/docs/key", &[("x-amz-meta-author", "Ada")], "x");
    *forged.uri_mut() = forged.uri().to_string().replace("Ada", "Eve").parse().unwrap();
    assert_eq!(store.send_as(&signed(), &Notes::default(), forged).await.status, 403);
    store.put("/docs/plain?x-amz-meta-author=Ada", &[], "x").await.ok();
    assert_eq!(store.head("/docs/plain", &[]).await.ok().header("x-amz-meta-author"), None);
}

#[tokio::test]
async fn what_s3s_cannot_read_is_verified_like_everything_else() {
    let store = Store::with_bucket("docs").await;
    let hash = |text: &str| hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()));
    let put = Signer::new().put("/docs/key", &hash("hello"), &[("expires", "never")], "hello");
    store.send_as(&signed(), &Notes::default(), put).await.ok();
    assert_eq!(store.head("/docs/key", &[]).await.ok().header("expires"), Some("never"));
    let other = Signer::new().put("/docs/key", &hash("hello"), &[("expires", "never")], "hellO");
    let refused = store.send_as(&signed(), &Notes::default(), other).await;
    assert_eq!(refused.error(), (400, "XAmzContentSHA256Mismatch".into()));
    let mut altered = Signer::new().put("/docs/key", &hash("hello"), &[("expires", "never")], "hello");
    altered.headers_mut().insert("expires", "soon".parse().unwrap());
    assert_eq!(store.send_as(&signed(), &Notes::default(), altered).await.error().0, 403);
    let mut unproven = Signer::new().put("/docs/key", &hash("hello"), &[("expires", "never")], "hello");
    unproven.headers_mut().remove("authorization");
    assert_eq!(store.send_as(&signed(), &Notes::default(), unproven).await.error().0, 400);
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "hello");
}

#[tokio::test]
async fn a_section_of_cdata_in_a_document_is_the_text_that_it_is() {
    let store = Store::with_bucket("docs").await;
    for key in ["a", "dir/a"] {
        store.put(&format!("/docs/{key}"), &[], "kept").await.ok();
    }
    let batch = "<Delete><Object><Key><![CDATA[dir/]]>a</Key></Object></Delete>";
    let answer = store.send("POST", "/docs?delete", &[], batch).await.ok();
    assert_eq!(answer.element("Key").as_deref(), Some("dir/a"));
    assert_eq!(store.get("/docs/a", &[]).await.ok().text(), "kept");
    assert_eq!(store.get("/docs/dir/a", &[]).await.status, 404);
    let tagging =
        "<Tagging><TagSet><Tag><Key><![CDATA[te]]>am</Key><Value><![CDATA[a@b]]></Value></Tag></TagSet></Tagging>";
    store.put("/docs/a?tagging", &[], tagging).await.ok();
    let told = store.get("/docs/a?tagging", &[]).await.ok();
    assert_eq!((told.element("Key").as_deref(), told.element("Value").as_deref()), (Some("team"), Some("a@b")));
}

#[tokio::test]
async fn a_bucket_without_acls_takes_none_but_those_that_leave_everything_to_its_owner() {
    let store = Store::with_bucket("docs").await;
    for acl in ["bucket-owner-full-control", "private"] {
        store.put("/docs/a", &[("x-amz-acl", acl)], "x").await.ok();
    }
    for acl in ["bucket-owner-read", "log-delivery-write", "public-read", "authenticated-read"] {
        let refused = store.put("/docs/a", &[("x-amz-acl", acl)], "x").await;
        assert_eq!(refused.error(), (400, "AccessControlListNotSupported".into()), "{acl}");
    }
}

#[tokio::test]
async fn a_request_for_two_subresources_is_for_none() {
    let store = Store::with_bucket("docs").await;
    for (method, uri) in [("PUT", "/docs?object-lock&policy"), ("POST", "/docs/a?uploads&uploadId=x")] {
        let refused = store.send(method, uri, &[], "<x/>").await;
        assert_eq!(refused.error(), (400, "InvalidArgument".into()), "{uri}");
        assert!(refused.text().contains("Conflicting query string parameters"), "{}", refused.text());
    }
}
