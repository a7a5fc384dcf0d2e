//! Checksums that a request states in its headers.

use super::Store;

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
