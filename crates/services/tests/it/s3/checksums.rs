//! The checksums of requests: which of them may come, of what algorithm, and how the newer algorithms come back.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};
use xxhash_rust::xxh64::xxh64;

use super::{Store, md5_of};

const CRC32_OF_HELLO: &str = "NhCmhg==";

/// The sums of some bytes in the algorithms that s3s does not know, by other implementations where there is one.
fn newer(bytes: &[u8]) -> [(&'static str, String); 5] {
    [
        ("MD5", md5_of(bytes)),
        ("SHA512", BASE64.encode(digest::digest(&digest::SHA512, bytes))),
        ("XXHASH64", BASE64.encode(xxh64(bytes, 0).to_be_bytes())),
        ("XXHASH3", BASE64.encode(xxh3_64(bytes).to_be_bytes())),
        ("XXHASH128", BASE64.encode(xxh3_128(bytes).to_be_bytes())),
    ]
}

fn header(name: &str) -> String {
    format!("x-amz-checksum-{}", name.to_ascii_lowercase())
}

#[tokio::test]
async fn every_algorithm_is_verified_kept_and_told() {
    let store = Store::with_bucket("docs").await;
    for ((name, sum), (_, wrong)) in newer(b"hello").into_iter().zip(newer(b"hellO")) {
        let own = header(name);
        let refused = store.put("/docs/key", &[(&own, &wrong)], "hello").await;
        assert_eq!(refused.error(), (400, "BadDigest".into()), "{name}");
        let told = refused.element("Message").unwrap();
        assert_eq!(told, format!("The {name} you specified did not match the calculated checksum."));
        let put = store.put("/docs/key", &[(&own, &sum)], "hello").await.ok();
        assert_eq!(put.header(&own), Some(sum.as_str()), "{name}");
        assert_eq!(put.header("x-amz-checksum-sha256"), None, "{name}");
        let asked = [("x-amz-checksum-mode", "ENABLED")];
        for answer in [store.get("/docs/key", &asked).await.ok(), store.head("/docs/key", &asked).await.ok()] {
            assert_eq!(answer.header(&own), Some(sum.as_str()), "{name}");
            assert_eq!(answer.header("x-amz-checksum-type"), Some("FULL_OBJECT"), "{name}");
        }
        let told = store.get("/docs/key?attributes", &[("x-amz-object-attributes", "Checksum")]).await.ok();
        assert_eq!(told.element(&format!("Checksum{name}")), Some(sum.clone()), "{name}");
        assert!(store.get("/docs", &[]).await.ok().text().contains(&format!("<ChecksumAlgorithm>{name}</")), "{name}");
        let copy = [("x-amz-copy-source", "docs/key")];
        let copied = store.put("/docs/copy", &copy, "").await.ok();
        assert_eq!(copied.element(&format!("Checksum{name}")), Some(sum.clone()), "{name}");
        let copy = [("x-amz-copy-source", "docs/key"), ("x-amz-checksum-algorithm", "SHA1")];
        store.put("/docs/copy", &copy, "").await.ok().element("ChecksumSHA1").unwrap();
        let copy = [("x-amz-copy-source", "docs/copy"), ("x-amz-checksum-algorithm", name)];
        let copied = store.put("/docs/again", &copy, "").await.ok();
        assert_eq!(copied.element(&format!("Checksum{name}")), Some(sum), "{name}");
    }
}

#[tokio::test]
async fn an_upload_may_keep_every_algorithm() {
    let store = Store::with_bucket("docs").await;
    for (name, sum) in newer(b"hello") {
        let own = header(name);
        let begun = store.send("POST", "/docs/big?uploads", &[("x-amz-checksum-algorithm", name)], "").await.ok();
        assert_eq!(begun.header("x-amz-checksum-type"), Some("COMPOSITE"), "{name}");
        let upload = begun.element("UploadId").unwrap();
        let uri = format!("/docs/big?partNumber=1&uploadId={upload}");
        let part = store.put(&uri, &[(&own, &sum)], "hello").await.ok();
        assert_eq!(part.header(&own), Some(sum.as_str()), "{name}");
        let etag = part.header("etag").unwrap();
        let uri = format!("/docs/big?uploadId={upload}");
        assert_eq!(store.get(&uri, &[]).await.ok().element(&format!("Checksum{name}")), Some(sum.clone()), "{name}");
        let complete = |sum: &str| {
            format!(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag><Checksum{name}>{sum}\
                 </Checksum{name}></Part></CompleteMultipartUpload>"
            )
        };
        let (_, wrong) = newer(b"hellO").into_iter().find(|(known, _)| *known == name).unwrap();
        let refused = store.send("POST", &uri, &[], complete(&wrong)).await;
        assert_eq!(refused.error(), (400, "InvalidPart".into()), "{name}");
        let made = store.send("POST", &uri, &[], complete(&sum)).await.ok();
        let raw = BASE64.decode(&sum).unwrap();
        let (_, of_sums) = newer(&raw).into_iter().find(|(known, _)| *known == name).unwrap();
        assert_eq!(made.element(&format!("Checksum{name}")), Some(format!("{of_sums}-1")), "{name}");
        assert_eq!(made.element("ChecksumType").unwrap(), "COMPOSITE", "{name}");
        let told = store.get("/docs/big?attributes", &[("x-amz-object-attributes", "ObjectParts")]).await.ok();
        assert_eq!(told.element(&format!("Checksum{name}")), Some(sum), "{name}");
        let whole = [("x-amz-checksum-algorithm", name), ("x-amz-checksum-type", "FULL_OBJECT")];
        let refused = store.send("POST", "/docs/big?uploads", &whole, "").await;
        assert_eq!(refused.error(), (400, "InvalidRequest".into()), "{name}");
    }
}

#[tokio::test]
async fn a_checksum_comes_alone_in_a_form_that_can_be_and_of_the_algorithm_that_is_named() {
    let store = Store::with_bucket("docs").await;
    let sdk = "x-amz-sdk-checksum-algorithm";
    let crc = ("x-amz-checksum-crc32", CRC32_OF_HELLO);
    let sha1 = ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=");
    for (headers, message) in [
        (vec![crc, sha1], "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."),
        (vec![("x-amz-checksum-crc32", "bad")], "Value for x-amz-checksum-crc32 header is invalid."),
        (vec![("x-amz-checksum-sha512", "AAAA")], "Value for x-amz-checksum-sha512 header is invalid."),
        (
            vec![("x-amz-checksum-blake3", "AAAA")],
            "The algorithm type you specified in x-amz-checksum- header is invalid.",
        ),
        (vec![crc, (sdk, "SHA256")], "Value for x-amz-sdk-checksum-algorithm header is invalid."),
        (vec![crc, (sdk, "BOGUS")], "Value for x-amz-sdk-checksum-algorithm header is invalid."),
        (
            vec![(sdk, "CRC32")],
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers \
             were found.",
        ),
    ] {
        let tagging = "<Tagging><TagSet/></Tagging>";
        let refused = store.put("/docs/key", &headers, "hello").await;
        assert_eq!(
            (refused.error(), refused.element("Message").unwrap()),
            ((400, "InvalidRequest".into()), message.into())
        );
        let refused = store.put("/docs?versioning", &headers, tagging).await;
        assert_eq!(refused.status, 400, "{headers:?}");
    }
    let twice = store.put("/docs/key", &[crc, ("x-amz-checksum-crc32", "AAAAAA==")], "hello").await;
    assert_eq!(twice.error(), (400, "InvalidArgument".into()));
    assert!(store.files().is_empty());
    for name in ["CRC32", "crc32"] {
        store.put("/docs/key", &[crc, (sdk, name)], "hello").await.ok();
    }
    let begun = store.send("POST", "/docs/big?uploads", &[("x-amz-checksum-algorithm", "BOGUS")], "").await;
    assert_eq!(begun.error(), (400, "InvalidRequest".into()));
}
