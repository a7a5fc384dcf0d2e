//! Multipart uploads.

use super::{Answer, Store};

const PART: usize = 5 << 20;

async fn begin(store: &Store, headers: &[(&str, &str)]) -> String {
    store.send("POST", "/docs/big?uploads", headers, "").await.ok().element("UploadId").unwrap()
}

async fn part(store: &Store, upload: &str, number: u32, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    store.put(&format!("/docs/big?partNumber={number}&uploadId={upload}"), headers, body).await
}

/// Completes with these numbers, ETags and further elements.
async fn complete(store: &Store, upload: &str, headers: &[(&str, &str)], parts: &[(u32, &str, String)]) -> Answer {
    let parts: String = parts
        .iter()
        .map(|(number, etag, more)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>{more}</Part>"))
        .collect();
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    store.send("POST", &format!("/docs/big?uploadId={upload}"), headers, body).await
}

fn etag(answer: &Answer) -> String {
    answer.header("etag").unwrap().to_owned()
}

#[tokio::test]
async fn parts_become_an_object_without_being_moved() {
    let store = Store::with_bucket("docs").await;
    let upload = begin(&store, &[("content-type", "text/plain"), ("x-amz-meta-author", "Ada")]).await;
    let first = part(&store, &upload, 1, &[], vec![b'a'; PART]).await.ok();
    part(&store, &upload, 2, &[], vec![b'x'; PART]).await.ok();
    let second = part(&store, &upload, 2, &[], vec![b'b'; PART]).await.ok();
    let third = part(&store, &upload, 7, &[], b"end".to_vec()).await.ok();
    part(&store, &upload, 9, &[], b"not used".to_vec()).await.ok();
    assert_eq!(store.get("/docs/big", &[]).await.error(), (404, "NoSuchKey".into()));
    let listed = store.get(&format!("/docs/big?uploadId={upload}&max-parts=2"), &[]).await.ok();
    assert_eq!(
        (listed.elements("PartNumber"), listed.element("IsTruncated")),
        (vec!["1".into(), "2".into()], Some("true".into()))
    );
    let rest = store.get(&format!("/docs/big?uploadId={upload}&part-number-marker=2"), &[]).await.ok();
    assert_eq!(rest.elements("PartNumber"), ["7", "9"]);
    let before = store.files();

    let parts = [(1, etag(&first)), (2, etag(&second)), (7, etag(&third))];
    let parts = parts.each_ref().map(|(number, etag)| (*number, etag.as_str(), String::new()));
    let made = complete(&store, &upload, &[], &parts).await.ok();
    assert_eq!(made.element("ChecksumType").unwrap(), "FULL_OBJECT");
    assert!(made.element("ETag").unwrap().ends_with("-3\""));
    assert!(store.files().is_subset(&before));
    assert_eq!(store.files().len(), 3);

    let whole = [vec![b'a'; PART], vec![b'b'; PART], b"end".to_vec()].concat();
    let got = store.get("/docs/big", &[("x-amz-checksum-mode", "ENABLED")]).await.ok();
    assert_eq!(got.body, whole);
    assert_eq!((got.header("content-type"), got.header("x-amz-meta-author")), (Some("text/plain"), Some("Ada")));
    store.put("/docs/same", &[], whole.clone()).await.ok();
    let same = store.head("/docs/same", &[("x-amz-checksum-mode", "ENABLED")]).await.ok();
    assert_eq!(got.header("x-amz-checksum-crc64nvme"), same.header("x-amz-checksum-crc64nvme"));

    let across = format!("bytes={}-{}", PART - 2, 2 * PART + 1);
    let across = store.get("/docs/big", &[("range", &across)]).await;
    assert_eq!(across.body, whole[PART - 2..2 * PART + 2]);
    let by_part = store.get("/docs/big?partNumber=7", &[]).await;
    assert_eq!((by_part.status.as_u16(), by_part.text().as_str()), (206, "end"));
    assert_eq!(by_part.header("x-amz-mp-parts-count"), Some("3"));
    let attributes = [("x-amz-object-attributes", "ObjectParts")];
    let attributes = store.get("/docs/big?attributes", &attributes).await.ok();
    assert_eq!(attributes.elements("PartNumber"), ["1", "2", "7"]);
    assert_eq!(store.send("DELETE", &format!("/docs/big?uploadId={upload}"), &[], "").await.error().0, 404);

    let copied = store.put("/docs/copy", &[("x-amz-copy-source", "docs/big")], "").await.ok();
    assert_eq!(copied.element("ETag").as_deref(), same.header("etag"), "a copy is one part, with the MD5 of its bytes");
    store.delete("/docs/big").await.ok();
    assert_eq!(store.get("/docs/copy", &[]).await.ok().body, whole);
}

#[tokio::test]
async fn a_completion_names_parts_that_exist_in_their_order() {
    let store = Store::with_bucket("docs").await;
    let upload = begin(&store, &[]).await;
    let small = etag(&part(&store, &upload, 1, &[], b"small".to_vec()).await.ok());
    let other = etag(&part(&store, &upload, 2, &[], b"other".to_vec()).await.ok());
    let (small, other) = ((1, small.as_str(), String::new()), (2, other.as_str(), String::new()));
    for (parts, code) in [
        (vec![], "MalformedXML"),
        (vec![other.clone(), small.clone()], "InvalidPartOrder"),
        (vec![small.clone(), small.clone()], "InvalidPartOrder"),
        (vec![small.clone(), other.clone()], "EntityTooSmall"),
        (vec![(1, other.1, String::new())], "InvalidPart"),
        (vec![(3, other.1, String::new())], "InvalidPart"),
        (vec![(1, small.1, "<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>".into())], "InvalidPart"),
    ] {
        assert_eq!(complete(&store, &upload, &[], &parts).await.error(), (400, code.to_owned()));
    }
    for number in [0, 10_001] {
        assert_eq!(part(&store, &upload, number, &[], vec![]).await.error(), (400, "InvalidArgument".into()));
    }
    let size = complete(&store, &upload, &[("x-amz-mp-object-size", "6")], std::slice::from_ref(&other)).await;
    assert_eq!(size.error(), (400, "InvalidRequest".into()));
    store.put("/docs/big", &[], "there").await.ok();
    let conditional = complete(&store, &upload, &[("if-none-match", "*")], std::slice::from_ref(&other)).await;
    assert_eq!(conditional.error(), (412, "PreconditionFailed".into()));
    complete(&store, &upload, &[("x-amz-mp-object-size", "5")], &[other]).await.ok();
    assert_eq!(store.get("/docs/big", &[]).await.ok().text(), "other");
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn checksums_of_parts_are_composite_or_of_the_whole() {
    let store = Store::with_bucket("docs").await;
    let sum = "NhCmhg==";
    let stated = [("x-amz-checksum-crc32", sum)];
    let upload = begin(&store, &[("x-amz-checksum-algorithm", "CRC32")]).await;
    let without = part(&store, &upload, 1, &[], b"hello".to_vec()).await;
    assert_eq!(without.error(), (400, "InvalidRequest".into()));
    assert!(without.text().contains("expected checksum Type: crc32, actual checksum Type: null"));
    let made = part(&store, &upload, 1, &stated, b"hello".to_vec()).await.ok();
    assert_eq!(made.header("x-amz-checksum-crc32"), Some(sum));
    let tag = etag(&made);
    assert_eq!(
        complete(&store, &upload, &[], &[(1, &tag, String::new())]).await.error(),
        (400, "InvalidRequest".into())
    );
    let element = format!("<ChecksumCRC32>{sum}</ChecksumCRC32>");
    let done = complete(&store, &upload, &[], &[(1, &tag, element.clone())]).await.ok();
    assert_eq!(done.element("ChecksumType").unwrap(), "COMPOSITE");
    let composite = done.element("ChecksumCRC32").unwrap();
    assert!(composite.ends_with("-1") && !composite.starts_with(sum));
    let by_part = store.get("/docs/big?partNumber=1", &[("x-amz-checksum-mode", "ENABLED")]).await;
    assert_eq!(by_part.header("x-amz-checksum-crc32"), Some(sum));

    let whole = [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT")];
    let upload = begin(&store, &whole).await;
    let tag = etag(&part(&store, &upload, 1, &[], b"hello".to_vec()).await.ok());
    let parts = [(1, tag.as_str(), String::new())];
    let wrong = complete(&store, &upload, &[("x-amz-checksum-crc32", "NhCmhA==")], &parts).await;
    assert_eq!(wrong.error(), (400, "BadDigest".into()));
    let kind = complete(&store, &upload, &[("x-amz-checksum-type", "COMPOSITE")], &parts).await;
    assert_eq!(kind.error(), (400, "InvalidRequest".into()));
    let done = complete(&store, &upload, &[("x-amz-checksum-crc32", sum)], &parts).await.ok();
    assert_eq!(done.element("ChecksumCRC32").unwrap(), sum);

    for (algorithm, kind) in [("SHA256", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE")] {
        let headers = [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", kind)];
        assert_eq!(store.send("POST", "/docs/big?uploads", &headers, "").await.error(), (400, "InvalidRequest".into()));
    }
}

#[tokio::test]
async fn a_part_may_be_copied_from_a_range_of_an_object() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/source", &[], "0123456789").await.ok();
    let upload = begin(&store, &[]).await;
    let uri = format!("/docs/big?partNumber=1&uploadId={upload}");
    let ranged = |range| [("x-amz-copy-source", "docs/source"), ("x-amz-copy-source-range", range)];
    for range in ["bytes=5-10", "bytes=5-", "5-6"] {
        assert_eq!(store.put(&uri, &ranged(range), "").await.error(), (400, "InvalidArgument".into()), "{range}");
    }
    let copied = store.put(&uri, &ranged("bytes=3-5"), "").await.ok();
    let tag = copied.element("ETag").unwrap();
    complete(&store, &upload, &[], &[(1, &tag, String::new())]).await.ok();
    assert_eq!(store.get("/docs/big", &[]).await.ok().text(), "345");
}

#[tokio::test]
async fn uploads_are_listed_and_aborted() {
    let store = Store::with_bucket("docs").await;
    let mut ids = Vec::new();
    for key in ["a", "b/1", "b/2", "c", "c"] {
        let made = store.send("POST", &format!("/docs/{key}?uploads"), &[], "").await.ok();
        ids.push(made.element("UploadId").unwrap());
    }
    let all = store.get("/docs?uploads", &[]).await.ok();
    assert_eq!(all.elements("Key"), ["a", "b/1", "b/2", "c", "c"]);
    let rolled = store.get("/docs?uploads&delimiter=/", &[]).await.ok();
    assert_eq!(rolled.elements("Key"), ["a", "c", "c"]);
    assert!(rolled.text().contains("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>"));
    let mut listed = Vec::new();
    let mut going_on = String::new();
    loop {
        let page = store.get(&format!("/docs?uploads&max-uploads=1{going_on}"), &[]).await.ok();
        listed.extend(page.elements("UploadId"));
        let Some(key) = page.element("NextKeyMarker") else { break };
        going_on = format!("&key-marker={key}&upload-id-marker={}", page.element("NextUploadIdMarker").unwrap());
    }
    ids.sort();
    listed.sort();
    assert_eq!(listed, ids);

    let upload = begin(&store, &[]).await;
    part(&store, &upload, 1, &[], b"x".to_vec()).await.ok();
    assert_eq!(store.delete(&format!("/docs/big?uploadId={upload}")).await.status, 204);
    assert_eq!(store.delete(&format!("/docs/big?uploadId={upload}")).await.error(), (404, "NoSuchUpload".into()));
    assert_eq!(part(&store, &upload, 1, &[], b"x".to_vec()).await.error(), (404, "NoSuchUpload".into()));
    assert!(store.files().is_empty());
    let upload = begin(&store, &[]).await;
    part(&store, &upload, 1, &[], b"x".to_vec()).await.ok();
    assert_eq!(store.delete("/docs").await.status, 204);
    assert!(store.files().is_empty());
}

#[tokio::test]
async fn a_completion_whose_answer_was_lost_is_answered_again() {
    let store = Store::with_bucket("docs").await;
    let id = begin(&store, &[]).await;
    let etag = part(&store, &id, 1, &[], b"x".to_vec()).await.ok().header("etag").unwrap().to_owned();
    let first = complete(&store, &id, &[], &[(1, &etag, String::new())]).await.ok();
    let again = complete(&store, &id, &[], &[(1, &etag, String::new())]).await.ok();
    assert_eq!(first.element("ETag"), again.element("ETag"));
    store.put("/docs/big", &[], "another").await.ok();
    assert_eq!(complete(&store, &id, &[], &[(1, &etag, String::new())]).await.error(), (404, "NoSuchUpload".into()));
}
