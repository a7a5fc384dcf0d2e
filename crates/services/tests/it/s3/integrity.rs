//! Checksums that a request states in its headers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use s3s::crypto::{Checksum as _, Md5};
use sidegate_services::BoxError;

use super::{Notes, Store, me, request};

#[tokio::test]
async fn a_stated_checksum_is_verified_and_kept() {
    let store = Store::with_bucket("docs").await;
    for (algorithm, right, wrong) in [
        ("crc32", "NhCmhg==", "NhCmhA=="),
        ("crc32c", "mnG7TA==", "mnG7TQ=="),
        ("crc64nvme", "M3eFcAZSQlc=", "M3eFcAZSQlY="),
        ("sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=", "qvTGHdzF6KLavt4PO0gs2a6pQ04="),
        ("sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCU="),
    ] {
        let name = format!("x-amz-checksum-{algorithm}");
        let made = store.put("/docs/key", &[(&name, right)], "hello").await.ok();
        assert_eq!(made.header(&name), Some(right));
        let head = store.head("/docs/key", &[("x-amz-checksum-mode", "ENABLED")]).await.ok();
        assert_eq!(head.header(&name), Some(right));
        assert_eq!(store.put("/docs/key", &[(&name, wrong)], "hello").await.error(), (400, "BadDigest".into()));
        assert_eq!(store.put("/docs/key", &[(&name, "AA")], "hello").await.error(), (400, "InvalidRequest".into()));
    }
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn content_md5_and_the_length_are_verified() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")], "hello").await.ok();
    let wrong = store.put("/docs/key", &[("content-md5", "XUFAKrxLKna5cZ2REBfFkw==")], "hello").await;
    assert_eq!(wrong.error(), (400, "BadDigest".into()));
    let invalid = store.put("/docs/key", &[("content-md5", "abc")], "hello").await;
    assert_eq!(invalid.error(), (400, "InvalidDigest".into()));
    let two = [("x-amz-checksum-crc32", "NhCmhg=="), ("x-amz-checksum-crc32c", "mnG7TA==")];
    assert_eq!(store.put("/docs/key", &two, "hello").await.error(), (400, "InvalidRequest".into()));
    let none = store.put("/docs/key", &[("x-amz-sdk-checksum-algorithm", "CRC32")], "hello").await;
    assert_eq!(none.error(), (400, "InvalidRequest".into()));

    let mut lying = super::request("PUT", "/docs/key", &[], "hello");
    for (length, error) in
        [("6", (400, "IncompleteBody")), ("4", (400, "IncompleteBody")), ("5368709121", (400, "EntityTooLarge"))]
    {
        lying.headers_mut().insert("content-length", length.parse().unwrap());
        let refused = store.send_as(&super::me(), &super::Notes::default(), lying).await;
        assert_eq!(refused.error(), (error.0, error.1.to_owned()), "{length}");
        lying = super::request("PUT", "/docs/key", &[], "hello");
    }
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn every_document_is_held_against_its_digest_before_anything_happens() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "kept").await.ok();
    let tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let versioning = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    let ownership =
        "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>";
    let delete = "<Delete><Object><Key>key</Key></Object></Delete>";
    for (method, uri, body) in [
        ("PUT", "/docs?tagging", tagging),
        ("PUT", "/docs/key?tagging", tagging),
        ("PUT", "/docs?versioning", versioning),
        ("PUT", "/docs?ownershipControls", ownership),
        ("POST", "/docs?delete", delete),
    ] {
        let other = BASE64.encode(Md5::checksum(b"another document"));
        let send = async |header: (&str, &str)| store.send(method, uri, &[header], body).await;
        assert_eq!(send(("content-md5", &other)).await.error(), (400, "BadDigest".into()), "{method} {uri}");
        assert_eq!(send(("content-md5", "xxxx")).await.error(), (400, "InvalidDigest".into()), "{method} {uri}");
        assert_eq!(
            send(("x-amz-checksum-crc32", "AAAAAA==")).await.error(),
            (400, "BadDigest".into()),
            "{method} {uri}"
        );
        assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "kept");
        let right = BASE64.encode(Md5::checksum(body.as_bytes()));
        send(("content-md5", &right)).await.ok();
    }
    assert_eq!(store.get("/docs/key", &[]).await.status, 404);
}

#[tokio::test]
async fn a_document_that_breaks_off_or_is_too_long_is_no_error_of_ours() {
    let store = Store::with_bucket("docs").await;
    for (pieces, code) in [(1, "IncompleteBody"), (10, "MaxMessageLengthExceeded")] {
        let piece = || Ok::<_, BoxError>(Frame::data(Bytes::from(vec![b' '; 1 << 20])));
        let mut frames: Vec<_> = std::iter::repeat_with(piece).take(pieces).collect();
        frames.push(Err("gone".into()));
        let body = StreamBody::new(futures::stream::iter(frames));
        let mut request = request("PUT", "/docs?tagging", &[("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")], "");
        request.headers_mut().insert("content-length", (20 << 20).to_string().parse().unwrap());
        *request.body_mut() = body.boxed_unsync();
        let answer = store.send_as(&me(), &Notes::default(), request).await;
        assert_eq!(answer.error(), (400, code.into()));
    }
}

#[tokio::test]
async fn a_carriage_return_in_a_key_comes_back_as_one() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/a%0Db", &[], "x").await.ok();
    assert_eq!(store.get("/docs?list-type=2", &[]).await.ok().element("Key").unwrap(), "a&#13;b");
}
