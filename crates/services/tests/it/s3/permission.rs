//! What the authorizer is asked, and what its answer does.

use http::Request;
use sidegate_iam::Principal;
use sidegate_services::Body;

use super::{Notes, Store, me, request};

#[tokio::test]
async fn every_operation_asks_once_for_all_it_requires() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "x").await.ok();
    let upload = store.send("POST", "/docs/big?uploads", &[], "").await.ok().element("UploadId").unwrap();
    let delete = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";
    let copy = [("x-amz-copy-source", "docs/key")];
    let tagged = [("x-amz-tagging", "a=1")];
    let attributes = [("x-amz-object-attributes", "ETag")];
    let tags = "<Tagging><TagSet/></Tagging>";
    let part = format!("/docs/big?partNumber=1&uploadId={upload}");
    let of_upload = format!("/docs/big?uploadId={upload}");
    let cases: Vec<(Request<Body>, &str, &[&str])> = vec![
        (request("GET", "/", &[], ""), "ListBuckets", &["s3:ListAllMyBuckets *"]),
        (request("PUT", "/new", &[], ""), "CreateBucket", &["s3:CreateBucket arn:aws:s3:::new"]),
        (request("HEAD", "/docs", &[], ""), "HeadBucket", &["s3:ListBucket arn:aws:s3:::docs"]),
        (request("GET", "/docs", &[], ""), "ListObjects", &["s3:ListBucket arn:aws:s3:::docs"]),
        (request("GET", "/docs?list-type=2", &[], ""), "ListObjectsV2", &["s3:ListBucket arn:aws:s3:::docs"]),
        (request("GET", "/docs?versions", &[], ""), "ListObjectVersions", &["s3:ListBucketVersions arn:aws:s3:::docs"]),
        (request("GET", "/docs?location", &[], ""), "GetBucketLocation", &["s3:GetBucketLocation arn:aws:s3:::docs"]),
        (
            request("GET", "/docs?encryption", &[], ""),
            "GetBucketEncryption",
            &["s3:GetEncryptionConfiguration arn:aws:s3:::docs"],
        ),
        (
            request("GET", "/docs?uploads", &[], ""),
            "ListMultipartUploads",
            &["s3:ListBucketMultipartUploads arn:aws:s3:::docs"],
        ),
        (request("GET", "/docs/key", &[], ""), "GetObject", &["s3:GetObject arn:aws:s3:::docs/key"]),
        (
            request("GET", "/docs/key?versionId=null", &[], ""),
            "GetObject",
            &["s3:GetObjectVersion arn:aws:s3:::docs/key"],
        ),
        (request("HEAD", "/docs/key", &[], ""), "HeadObject", &["s3:GetObject arn:aws:s3:::docs/key"]),
        (
            request("GET", "/docs/key?attributes", &attributes, ""),
            "GetObjectAttributes",
            &["s3:GetObject arn:aws:s3:::docs/key", "s3:GetObjectAttributes arn:aws:s3:::docs/key"],
        ),
        (
            request("GET", "/docs/key?tagging", &[], ""),
            "GetObjectTagging",
            &["s3:GetObjectTagging arn:aws:s3:::docs/key"],
        ),
        (
            request("PUT", "/docs/key?tagging", &[], tags),
            "PutObjectTagging",
            &["s3:PutObjectTagging arn:aws:s3:::docs/key"],
        ),
        (request("PUT", "/docs/%C3%A4%20b", &[], ""), "PutObject", &["s3:PutObject arn:aws:s3:::docs/ä b"]),
        (
            request("PUT", "/docs/t", &tagged, ""),
            "PutObject",
            &["s3:PutObject arn:aws:s3:::docs/t", "s3:PutObjectTagging arn:aws:s3:::docs/t"],
        ),
        (
            request("PUT", "/docs/copy", &copy, ""),
            "CopyObject",
            &["s3:GetObject arn:aws:s3:::docs/key", "s3:PutObject arn:aws:s3:::docs/copy"],
        ),
        (
            request("POST", "/docs/other?uploads", &[], ""),
            "CreateMultipartUpload",
            &["s3:PutObject arn:aws:s3:::docs/other"],
        ),
        (request("PUT", &part, &[], "x"), "UploadPart", &["s3:PutObject arn:aws:s3:::docs/big"]),
        (
            request("PUT", &part, &copy, ""),
            "UploadPartCopy",
            &["s3:GetObject arn:aws:s3:::docs/key", "s3:PutObject arn:aws:s3:::docs/big"],
        ),
        (request("GET", &of_upload, &[], ""), "ListParts", &["s3:ListMultipartUploadParts arn:aws:s3:::docs/big"]),
        (
            request("DELETE", &of_upload, &[], ""),
            "AbortMultipartUpload",
            &["s3:AbortMultipartUpload arn:aws:s3:::docs/big"],
        ),
        (
            request("POST", "/docs?delete", &[], delete),
            "DeleteObjects",
            &["s3:DeleteObject arn:aws:s3:::docs/a", "s3:DeleteObject arn:aws:s3:::docs/b"],
        ),
        (request("DELETE", "/docs/key", &[], ""), "DeleteObject", &["s3:DeleteObject arn:aws:s3:::docs/key"]),
        (request("DELETE", "/new", &[], ""), "DeleteBucket", &["s3:DeleteBucket arn:aws:s3:::new"]),
    ];
    for (request, operation, required) in cases {
        let notes = Notes::default();
        store.send_as(&me(), &notes, request).await.ok();
        let asked = notes.asked.into_inner().unwrap();
        let required = required.iter().map(|r| (*r).to_owned()).collect::<Vec<_>>();
        assert_eq!(asked, [(operation.to_owned(), required)]);
    }
}

#[tokio::test]
async fn a_denial_is_the_answer_and_nothing_happens() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "kept").await.ok();
    let denies = || Notes::denying(Principal::Anonymous);
    let copy = [("x-amz-copy-source", "docs/key")];
    let delete = "<Delete><Object><Key>key</Key></Object></Delete>";
    for request in [
        request("PUT", "/docs/key", &[], "changed"),
        request("PUT", "/docs/new", &[], "new"),
        request("PUT", "/docs/copy", &copy, ""),
        request("DELETE", "/docs/key", &[], ""),
        request("PUT", "/other", &[], ""),
        request("GET", "/docs/key", &[], ""),
        request("GET", "/none/key", &[], ""),
        request("GET", "/", &[], ""),
    ] {
        let denied = store.send_as(&me(), &denies(), request).await;
        assert_eq!(denied.error(), (403, "AccessDenied".into()));
    }
    let of_batch = store.send_as(&me(), &denies(), request("POST", "/docs?delete", &[], delete)).await.ok();
    assert_eq!((of_batch.elements("Code"), of_batch.elements("Deleted")), (vec!["AccessDenied".to_owned()], vec![]));
    let denied = store.send_as(&me(), &denies(), request("GET", "/docs/key", &[], "")).await;
    assert_eq!(denied.element("Message").unwrap(), "Access Denied", "the authorizer denied someone unknown");
    assert_eq!(store.get("/docs", &[]).await.ok().elements("Key"), ["key"]);
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "kept");
    assert_eq!(store.get("/", &[]).await.ok().elements("Name"), ["docs"]);
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn an_unsigned_request_is_for_the_authorizer_to_decide() {
    let store = Store::with_bucket("docs").await;
    let mut anonymous = me();
    anonymous.principal = Principal::Anonymous;
    let denies = Notes::denying(Principal::Anonymous);
    let denied = store.send_as(&anonymous, &denies, request("GET", "/docs/key", &[], "")).await;
    assert_eq!(denied.error(), (403, "AccessDenied".into()));
    assert_eq!(denies.asked.into_inner().unwrap().len(), 1);
}

#[tokio::test]
async fn a_request_that_only_s3s_takes_for_signed_is_refused() {
    let store = Store::with_bucket("docs").await;
    // Signature version 2, which the front door does not know.
    let uri = "/docs/key?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=4000000000&Signature=abc";
    let notes = Notes::default();
    let refused = store.send_as(&me(), &notes, request("GET", uri, &[], "")).await;
    assert_eq!(refused.status.as_u16() / 100, 4);
    assert!(notes.asked.into_inner().unwrap().is_empty());
    let mut signed = me();
    signed.access_key = Some(super::ACCESS_KEY.to_owned());
    let notes = Notes::default();
    let refused = store.send_as(&signed, &notes, request("GET", "/docs/key", &[], "")).await;
    assert_eq!(refused.error(), (400, "InvalidRequest".into()));
    assert!(notes.asked.into_inner().unwrap().is_empty());
}
