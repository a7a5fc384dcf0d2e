//! Objects: writing, reading, conditions, copies, deletion.

use http_body_util::BodyExt as _;
use sidegate_services::Service as _;

use super::{Notes, Store, me, request};

const HELLO_MD5: &str = "\"5d41402abc4b2a76b9719d911017c592\"";

#[tokio::test]
async fn an_expires_header_that_is_no_date_is_kept_as_it_is() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[("expires", "soon")], "hello").await.ok();
    store.put("/docs/copy", &[("x-amz-copy-source", "docs/key")], "").await.ok();
    for uri in ["/docs/key", "/docs/copy"] {
        let read = store.get(uri, &[]).await.ok();
        assert_eq!((read.header("expires"), read.text().as_str()), (Some("soon"), "hello"), "{uri}");
        assert_eq!(store.head(uri, &[]).await.ok().header("expires"), Some("soon"), "{uri}");
    }
    let asked = store.get("/docs/key?response-expires=Wed,%2021%20Oct%202026%2007:28:00%20GMT", &[]).await.ok();
    assert_eq!(asked.headers.get_all("expires").iter().count(), 1);
    assert_eq!(asked.header("expires"), Some("Wed, 21 Oct 2026 07:28:00 GMT"));
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let store = Store::with_bucket("docs").await;
    let headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "max-age=60"),
        ("content-encoding", "aws-chunked,gzip"),
        ("content-disposition", "attachment"),
        ("expires", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("x-amz-meta-author", "Ada"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("x-amz-tagging", "a=1&b=two+words"),
    ];
    let put = store.put("/docs/a%20b/%C3%A4+.txt", &headers, "hello").await.ok();
    assert_eq!(put.header("etag"), Some(HELLO_MD5));
    assert_eq!(put.header("x-amz-server-side-encryption"), Some("AES256"));
    assert_eq!(put.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    assert!(put.header("x-amz-checksum-crc64nvme").is_some());
    let got = store.get("/docs/a%20b/%C3%A4+.txt", &[]).await.ok();
    assert_eq!(got.text(), "hello");
    let head = store.head("/docs/a%20b/%C3%A4+.txt", &[]).await.ok();
    for answer in [&got, &head] {
        for (name, value) in [
            ("content-type", "text/plain; charset=utf-8"),
            ("cache-control", "max-age=60"),
            ("content-encoding", "gzip"),
            ("content-disposition", "attachment"),
            ("content-length", "5"),
            ("expires", "Wed, 21 Oct 2026 07:28:00 GMT"),
            ("last-modified", "Sun, 15 Jun 2025 15:06:40 GMT"),
            ("etag", HELLO_MD5),
            ("accept-ranges", "bytes"),
            ("x-amz-meta-author", "Ada"),
            ("x-amz-storage-class", "STANDARD_IA"),
            ("x-amz-tagging-count", "2"),
            ("x-amz-server-side-encryption", "AES256"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert_eq!(answer.header("x-amz-checksum-crc64nvme"), None);
    }
    let tags = store.get("/docs/a%20b/%C3%A4+.txt?tagging", &[]).await.ok();
    assert_eq!(
        (tags.elements("Key"), tags.elements("Value")),
        (vec!["a".into(), "b".into()], vec!["1".into(), "two words".into()])
    );
    let uri = "/docs/a%20b/%C3%A4+.txt?response-content-type=text/html&response-cache-control=no-store";
    assert_eq!(store.get(uri, &[]).await.ok().header("content-type"), Some("text/html"));
    assert_eq!(store.head(uri, &[]).await.ok().header("cache-control"), Some("no-store"));
    let missing = store.get("/docs/other", &[]).await;
    assert_eq!((missing.error(), missing.element("Key")), ((404, "NoSuchKey".into()), Some("other".into())));
    assert_eq!(store.head("/docs/other", &[]).await.status, 404);
    store.put("/docs/plain", &[], "").await.ok();
    assert_eq!(store.get("/docs/plain", &[]).await.ok().header("content-type"), Some("binary/octet-stream"));
}

#[tokio::test]
async fn a_range_is_a_part_of_the_bytes() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "0123456789").await.ok();
    store.put("/docs/empty", &[], "").await.ok();
    for (range, bytes, content_range) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=8-", "89", "bytes 8-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=-99", "0123456789", "bytes 0-9/10"),
    ] {
        let part = store.get("/docs/key", &[("range", range), ("x-amz-checksum-mode", "ENABLED")]).await;
        assert_eq!((part.status.as_u16(), part.text().as_str()), (206, bytes), "{range}");
        assert_eq!(part.header("content-range"), Some(content_range));
        assert_eq!(part.header("x-amz-checksum-crc64nvme"), None);
        let head = store.head("/docs/key", &[("range", range)]).await;
        assert_eq!((head.status.as_u16(), head.header("content-range")), (206, Some(content_range)));
    }
    for (key, range) in [("key", "bytes=10-"), ("key", "bytes=-0"), ("empty", "bytes=0-"), ("empty", "bytes=-1")] {
        let refused = store.get(&format!("/docs/{key}"), &[("range", range)]).await;
        assert_eq!(refused.error(), (416, "InvalidRange".into()), "{range}");
        assert_eq!(refused.element("RangeRequested").unwrap(), range);
    }
    assert_eq!(store.get("/docs/key?partNumber=1", &[]).await.status, 206);
    assert_eq!(store.get("/docs/key?partNumber=2", &[]).await.error(), (416, "InvalidRange".into()));
    for range in ["bits=0-1", "bytes=0-1,3-4", "bytes=3-1", "bytes=a-b", ""] {
        let whole = store.get("/docs/key", &[("range", range)]).await.ok();
        assert_eq!(whole.header("content-range"), None, "`{range}` is no range");
    }
}

#[tokio::test]
async fn reads_obey_conditions_in_the_order_of_aws() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "hello").await.ok();
    let (same, other) = (HELLO_MD5, "\"00000000000000000000000000000000\"");
    let (before, at, after) =
        ("Sun, 15 Jun 2025 15:06:39 GMT", "Sun, 15 Jun 2025 15:06:40 GMT", "Sun, 15 Jun 2025 15:06:41 GMT");
    let cases: [(&[(&str, &str)], u16); 14] = [
        (&[("if-match", same)], 200),
        (&[("if-match", "5d41402abc4b2a76b9719d911017c592")], 200),
        (&[("if-match", "*")], 200),
        (&[("if-match", other)], 412),
        (&[("if-none-match", same)], 304),
        (&[("if-none-match", other)], 200),
        (&[("if-modified-since", before)], 200),
        (&[("if-modified-since", at)], 304),
        (&[("if-unmodified-since", at)], 200),
        (&[("if-unmodified-since", before)], 412),
        (&[("if-match", same), ("if-unmodified-since", before)], 200),
        (&[("if-none-match", same), ("if-modified-since", before)], 304),
        (&[("if-none-match", other), ("if-modified-since", after)], 200),
        (&[("if-match", other), ("if-none-match", same)], 412),
    ];
    for (headers, status) in cases {
        let got = store.get("/docs/key", headers).await;
        assert_eq!(got.status.as_u16(), status, "{headers:?}");
        assert_eq!(store.head("/docs/key", headers).await.status.as_u16(), status, "{headers:?}");
        if status == 304 {
            assert_eq!((got.header("etag"), got.body.len()), (Some(same), 0));
            assert_eq!(got.header("last-modified"), Some(at));
        }
    }
}

#[tokio::test]
async fn writes_obey_conditions() {
    let store = Store::with_bucket("docs").await;
    let fresh = [("if-none-match", "*")];
    store.put("/docs/key", &fresh, "hello").await.ok();
    let refused = store.put("/docs/key", &fresh, "second").await;
    assert_eq!(refused.error(), (412, "PreconditionFailed".into()));
    assert_eq!(refused.element("Condition").unwrap(), "If-None-Match");
    assert_eq!(
        store.put("/docs/key", &[("if-match", "\"00\"")], "x").await.error(),
        (412, "PreconditionFailed".into())
    );
    assert_eq!(store.put("/docs/none", &[("if-match", "\"00\"")], "x").await.error(), (404, "NoSuchKey".into()));
    assert_eq!(
        store.put("/docs/key", &[("if-none-match", HELLO_MD5)], "x").await.error(),
        (501, "NotImplemented".into())
    );
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "hello");
    store.put("/docs/key", &[("if-match", HELLO_MD5)], "third").await.ok();
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "third");
    assert_eq!(store.files().len(), 1);
    let stale = store.send("DELETE", "/docs/key", &[("if-match", HELLO_MD5)], "").await;
    assert_eq!(stale.error(), (412, "PreconditionFailed".into()));
}

#[tokio::test]
async fn what_is_asked_for_and_not_kept_is_refused() {
    let store = Store::with_bucket("docs").await;
    for (header, code) in [
        (("x-amz-acl", "public-read"), "AccessControlListNotSupported"),
        (("x-amz-grant-read", "id=1"), "AccessControlListNotSupported"),
        (("x-amz-server-side-encryption", "aws:kms"), "NotImplemented"),
        (("x-amz-server-side-encryption-customer-algorithm", "AES256"), "InvalidArgument"),
        (("x-amz-server-side-encryption-aws-kms-key-id", "1"), "InvalidArgument"),
        (("x-amz-server-side-encryption", "AES512"), "InvalidEncryptionAlgorithmError"),
        (("x-amz-object-lock-mode", "GOVERNANCE"), "InvalidRequest"),
        (("x-amz-storage-class", "OUTPOSTS"), "NotImplemented"),
        (("x-amz-storage-class", "GOLD"), "InvalidStorageClass"),
        (("x-amz-meta-big", &*"x".repeat(2048)), "MetadataTooLarge"),
        (("x-amz-tagging", "a=1&a=2"), "InvalidTag"),
        (("x-amz-tagging", "a&b&c&d&e&f&g&h&i&j&k"), "BadRequest"),
    ] {
        assert_eq!(store.put("/docs/key", &[header], "x").await.error().1, code, "{header:?}");
    }
    let long = "k".repeat(1025);
    assert_eq!(store.put(&format!("/docs/{long}"), &[], "x").await.error(), (400, "KeyTooLongError".into()));
    store.put(&format!("/docs/{}", &long[1..]), &[], "x").await.ok();
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn an_object_that_is_being_read_outlives_its_replacement() {
    let store = Store::with_bucket("docs").await;
    let old = vec![7_u8; 3 << 20];
    store.put("/docs/key", &[], old.clone()).await.ok();
    let reading = store.s3.handle(request("GET", "/docs/key", &[], ""), &me(), &Notes::default()).await;
    store.put("/docs/key", &[], "new").await.ok();
    assert_eq!(reading.into_body().collect().await.unwrap().to_bytes(), old);
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "new");
    for _ in 0..100 {
        if store.files().len() == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the old body is gone once it has been read");
}

#[tokio::test]
async fn a_copy_shares_the_bytes_and_keeps_or_replaces_the_metadata() {
    let store = Store::with_bucket("docs").await;
    store.put("/archive", &[], "").await.ok();
    let headers = [("content-type", "text/plain"), ("x-amz-meta-author", "Ada"), ("x-amz-tagging", "a=1")];
    store.put("/docs/a%20b", &headers, "hello").await.ok();
    let copied = store.put("/archive/copy", &[("x-amz-copy-source", "/docs/a%20b")], "").await.ok();
    assert_eq!(copied.element("ETag").unwrap(), HELLO_MD5);
    let got = store.get("/archive/copy", &[]).await.ok();
    assert_eq!((got.text().as_str(), got.header("x-amz-meta-author")), ("hello", Some("Ada")));
    assert_eq!((got.header("content-type"), got.header("x-amz-tagging-count")), (Some("text/plain"), Some("1")));
    store.delete("/docs/a%20b").await.ok();
    assert_eq!(store.get("/archive/copy", &[]).await.ok().text(), "hello");

    let itself = ("x-amz-copy-source", "archive/copy");
    assert_eq!(store.put("/archive/copy", &[itself], "").await.error(), (400, "InvalidRequest".into()));
    let replace = [itself, ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-author", "Bob")];
    store.put("/archive/copy", &replace, "").await.ok();
    let got = store.get("/archive/copy", &[]).await.ok();
    assert_eq!((got.text().as_str(), got.header("x-amz-meta-author")), ("hello", Some("Bob")));
    assert_eq!(got.header("content-type"), Some("binary/octet-stream"));

    let sha = [itself, ("x-amz-checksum-algorithm", "SHA256")];
    let summed = store.put("/archive/summed", &sha, "").await.ok();
    assert_eq!(summed.element("ChecksumSHA256").unwrap(), "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");

    for (header, value) in [
        ("x-amz-copy-source-if-match", "\"00\""),
        ("x-amz-copy-source-if-none-match", HELLO_MD5),
        ("x-amz-copy-source-if-modified-since", "Sun, 15 Jun 2025 15:06:40 GMT"),
        ("x-amz-copy-source-if-unmodified-since", "Sun, 15 Jun 2025 15:06:39 GMT"),
        ("if-none-match", "*"),
    ] {
        let refused = store.put("/archive/summed", &[itself, (header, value)], "").await;
        assert_eq!(refused.error(), (412, "PreconditionFailed".into()), "{header}");
    }
    let missing = store.put("/archive/x", &[("x-amz-copy-source", "docs/none")], "").await;
    assert_eq!(missing.error(), (404, "NoSuchKey".into()));
}

#[tokio::test]
async fn deletion_is_idempotent_and_comes_in_batches() {
    let store = Store::with_bucket("docs").await;
    for key in ["a", "b", "c"] {
        store.put(&format!("/docs/{key}"), &[], key).await.ok();
    }
    assert_eq!(store.delete("/docs/none").await.status, 204);
    let batch = "<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object><Object><Key>b</Key>\
                 <VersionId>xyz</VersionId></Object></Delete>";
    let deleted = store.send("POST", "/docs?delete", &[], batch).await.ok();
    assert_eq!(deleted.elements("Key"), ["a", "none", "b"]);
    assert_eq!(deleted.elements("Code"), ["InvalidArgument"]);
    let quiet = "<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>";
    assert!(store.send("POST", "/docs?delete", &[], quiet).await.ok().elements("Key").is_empty());
    assert_eq!(store.get("/docs", &[]).await.ok().elements("Key"), ["c"]);
    let many: String = (0..1001).map(|i| format!("<Object><Key>{i}</Key></Object>")).collect();
    let refused = store.send("POST", "/docs?delete", &[], format!("<Delete>{many}</Delete>")).await;
    assert_eq!(refused.error(), (400, "MalformedXML".into()));
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn tags_of_an_object_are_replaced_and_removed() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[("x-amz-tagging", "a=1")], "x").await.ok();
    let tagging = "<Tagging><TagSet><Tag><Key>b</Key><Value>2</Value></Tag></TagSet></Tagging>";
    store.put("/docs/key?tagging", &[], tagging).await.ok();
    assert_eq!(store.get("/docs/key?tagging", &[]).await.ok().elements("Key"), ["b"]);
    assert_eq!(store.delete("/docs/key?tagging").await.status, 204);
    assert!(store.get("/docs/key?tagging", &[]).await.ok().elements("Key").is_empty());
    assert_eq!(store.get("/docs/none?tagging", &[]).await.error(), (404, "NoSuchKey".into()));
}

#[tokio::test]
async fn the_attributes_of_an_object_are_those_that_are_asked_for() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "hello").await.ok();
    let asked = [("x-amz-object-attributes", "ETag,ObjectSize,Checksum,StorageClass,ObjectParts")];
    let all = store.get("/docs/key?attributes", &asked).await.ok();
    assert_eq!(all.element("ObjectSize").unwrap(), "5");
    assert_eq!(all.element("StorageClass").unwrap(), "STANDARD");
    assert!(all.element("ChecksumCRC64NVME").is_some() && all.element("ETag").is_some());
    let few = store.get("/docs/key?attributes", &[("x-amz-object-attributes", "ObjectSize")]).await.ok();
    assert_eq!((few.element("ETag"), few.element("ChecksumCRC64NVME")), (None, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_conditional_writes_one_wins() {
    let store = std::sync::Arc::new(Store::with_bucket("docs").await);
    let writers: Vec<_> = (0..20)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move { store.put("/docs/key", &[("if-none-match", "*")], format!("{i}")).await.status })
        })
        .collect();
    let mut won = 0;
    for writer in writers {
        won += u32::from(writer.await.unwrap().is_success());
    }
    assert_eq!(won, 1);
    assert_eq!(store.files().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_sees_one_of_the_writes_and_never_a_mixture() {
    let store = std::sync::Arc::new(Store::with_bucket("docs").await);
    store.put("/docs/key", &[], vec![0; 600_000]).await.ok();
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for round in 1..60 {
                store.put("/docs/key", &[], vec![round; 600_000]).await.ok();
            }
        })
    };
    while !writer.is_finished() {
        let got = store.get("/docs/key", &[]).await.ok().body;
        assert_eq!(got.len(), 600_000);
        assert!(got.iter().all(|byte| *byte == got[0]));
    }
    writer.await.unwrap();
    assert_eq!(store.get("/docs/key", &[]).await.ok().body[0], 59);
}
