//! Object Lock.

use super::{Answer, Notes, Store, me, request};

const LOCKS: (&str, &str) = ("x-amz-bucket-object-lock-enabled", "true");

/// A year after the time of the tests.
const LATER: &str = "2026-06-15T00:00:00Z";

/// Of what the tests keep: a request that speaks of a lock has to have a digest.
const MD5: (&str, &str) = ("content-md5", "TYtghPPRZ7dsrGaiKpG+Ag==");

async fn locked() -> Store {
    let store = Store::new();
    store.put("/docs", &[LOCKS], "").await.ok();
    store
}

fn version(answer: &Answer) -> String {
    answer.header("x-amz-version-id").unwrap_or_default().to_owned()
}

fn retention(mode: &str, until: &str) -> String {
    format!("<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>")
}

#[tokio::test]
async fn a_bucket_with_object_lock_keeps_versions_and_says_so() {
    let store = locked().await;
    assert_eq!(store.get("/docs?versioning", &[]).await.ok().element("Status").unwrap(), "Enabled");
    let read = store.get("/docs?object-lock", &[]).await.ok();
    assert_eq!(read.element("ObjectLockEnabled").unwrap(), "Enabled");
    let suspend = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    assert_eq!(store.put("/docs?versioning", &[], suspend).await.error(), (409, "InvalidBucketState".into()));
    store.put("/plain", &[], "").await.ok();
    assert_eq!(
        store.get("/plain?object-lock", &[]).await.error(),
        (404, "ObjectLockConfigurationNotFoundError".into())
    );
    let rule = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
    assert_eq!(store.put("/plain?object-lock", &[], rule).await.error(), (409, "InvalidBucketState".into()));
    let headers = [("x-amz-object-lock-mode", "GOVERNANCE"), ("x-amz-object-lock-retain-until-date", LATER)];
    assert_eq!(store.put("/plain/key", &headers, "x").await.error(), (400, "InvalidRequest".into()));
}

#[tokio::test]
async fn a_retention_keeps_a_version_until_its_time() {
    let store = locked().await;
    let headers = [("x-amz-object-lock-mode", "COMPLIANCE"), ("x-amz-object-lock-retain-until-date", LATER), MD5];
    let id = version(&store.put("/docs/key", &headers, "kept").await.ok());
    let removal = format!("/docs/key?versionId={id}");
    assert_eq!(store.delete(&removal).await.error(), (403, "AccessDenied".into()));
    let bypass = [("x-amz-bypass-governance-retention", "true")];
    assert_eq!(store.send("DELETE", &removal, &bypass, "").await.error(), (403, "AccessDenied".into()));
    // A delete marker takes nothing away.
    store.delete("/docs/key").await.ok();
    let read = store.get(&removal, &[]).await.ok();
    assert_eq!(read.header("x-amz-object-lock-mode"), Some("COMPLIANCE"));
    assert_eq!(read.header("x-amz-object-lock-retain-until-date"), Some("2026-06-15T00:00:00.000Z"));
    let mut caller = me();
    caller.now += 366 * 86_400_000;
    let late = store.send_as(&caller, &Notes::default(), request("DELETE", &removal, &[], "")).await;
    late.ok();
}

#[tokio::test]
async fn a_retention_is_lengthened_by_all_and_shortened_only_where_it_may_be_passed_by() {
    let store = locked().await;
    let id = version(&store.put("/docs/key", &[], "kept").await.ok());
    let uri = format!("/docs/key?retention&versionId={id}");
    assert_eq!(store.get(&uri, &[]).await.error(), (404, "NoSuchObjectLockConfiguration".into()));
    assert_eq!(store.put(&uri, &[], retention("GOVERNANCE", "2020-01-01T00:00:00Z")).await.error().0, 400);
    store.put(&uri, &[], retention("GOVERNANCE", LATER)).await.ok();
    assert_eq!(store.get(&uri, &[]).await.ok().element("Mode").unwrap(), "GOVERNANCE");
    let shorter = retention("GOVERNANCE", "2025-07-01T00:00:00Z");
    assert_eq!(store.put(&uri, &[], shorter.clone()).await.error(), (403, "AccessDenied".into()));
    store.put(&uri, &[], retention("GOVERNANCE", "2027-01-01T00:00:00Z")).await.ok();
    let bypass = [("x-amz-bypass-governance-retention", "true")];
    store.put(&uri, &bypass, shorter).await.ok();
    store.put(&uri, &bypass, retention("COMPLIANCE", LATER)).await.ok();
    assert_eq!(
        store.put(&uri, &bypass, retention("GOVERNANCE", "2027-01-01T00:00:00Z")).await.error(),
        (403, "AccessDenied".into())
    );
    assert_eq!(store.put(&uri, &bypass, "<Retention/>").await.error(), (403, "AccessDenied".into()));
    assert_eq!(store.put(&uri, &bypass, retention("SOME", LATER)).await.error(), (400, "MalformedXML".into()));
}

#[tokio::test]
async fn a_governed_version_is_removed_only_by_whoever_may_pass_it_by() {
    let store = locked().await;
    let headers = [("x-amz-object-lock-mode", "GOVERNANCE"), ("x-amz-object-lock-retain-until-date", LATER), MD5];
    let id = version(&store.put("/docs/key", &headers, "kept").await.ok());
    let removal = format!("/docs/key?versionId={id}");
    assert_eq!(store.delete(&removal).await.error(), (403, "AccessDenied".into()));
    let bypass = [("x-amz-bypass-governance-retention", "true")];
    let notes = Notes::default();
    store.send_as(&me(), &notes, request("DELETE", &removal, &bypass, "")).await.ok();
    let asked = notes.asked.lock().unwrap();
    assert!(asked.iter().any(|(_, all)| all[0].starts_with("s3:BypassGovernanceRetention ")), "{asked:?}");
}

#[tokio::test]
async fn a_legal_hold_keeps_a_version_until_it_is_taken_off() {
    let store = locked().await;
    let id = version(&store.put("/docs/key", &[("x-amz-object-lock-legal-hold", "ON"), MD5], "kept").await.ok());
    let removal = format!("/docs/key?versionId={id}");
    assert_eq!(store.head("/docs/key", &[]).await.ok().header("x-amz-object-lock-legal-hold"), Some("ON"));
    assert_eq!(store.delete(&removal).await.error(), (403, "AccessDenied".into()));
    let hold = |status: &str| format!("<LegalHold><Status>{status}</Status></LegalHold>");
    assert_eq!(store.get("/docs/key?legal-hold", &[]).await.ok().element("Status").unwrap(), "ON");
    assert_eq!(store.put("/docs/key?legal-hold", &[], hold("MAYBE")).await.error(), (400, "MalformedXML".into()));
    store.put("/docs/key?legal-hold", &[], hold("OFF")).await.ok();
    store.delete(&removal).await.ok();
}

#[tokio::test]
async fn an_object_that_is_to_be_locked_comes_with_a_digest() {
    let store = locked().await;
    let headers = [("x-amz-object-lock-mode", "GOVERNANCE"), ("x-amz-object-lock-retain-until-date", LATER)];
    assert_eq!(store.put("/docs/key", &headers, "kept").await.error(), (400, "InvalidRequest".into()));
}

#[tokio::test]
async fn a_bucket_gives_its_retention_to_new_versions() {
    let store = locked().await;
    let rule = |inner: &str| {
        format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>{inner}\
             </DefaultRetention></Rule></ObjectLockConfiguration>"
        )
    };
    for (inner, code) in [
        ("<Mode>GOVERNANCE</Mode><Days>0</Days>", "InvalidArgument"),
        ("<Mode>GOVERNANCE</Mode><Days>36501</Days>", "InvalidArgument"),
        ("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>", "MalformedXML"),
        ("<Mode>GOVERNANCE</Mode>", "MalformedXML"),
        ("<Mode>SOME</Mode><Days>1</Days>", "MalformedXML"),
    ] {
        assert_eq!(store.put("/docs?object-lock", &[], rule(inner)).await.error(), (400, code.into()), "{inner}");
    }
    store.put("/docs?object-lock", &[], rule("<Mode>COMPLIANCE</Mode><Days>1</Days>")).await.ok();
    assert_eq!(store.get("/docs?object-lock", &[]).await.ok().element("Days").unwrap(), "1");
    // What is kept comes with a digest, whoever says that it is kept.
    assert_eq!(store.put("/docs/key", &[], "kept").await.error(), (400, "InvalidRequest".into()));
    let digest = super::md5_of(b"kept");
    let id = version(&store.put("/docs/key", &[("content-md5", &*digest)], "kept").await.ok());
    let read = store.head("/docs/key", &[]).await.ok();
    assert_eq!(read.header("x-amz-object-lock-retain-until-date"), Some("2025-06-16T15:06:40.123Z"));
    assert_eq!(store.delete(&format!("/docs/key?versionId={id}")).await.error(), (403, "AccessDenied".into()));
    let upload = store.send("POST", "/docs/big?uploads", &[], "").await.ok().element("UploadId").unwrap();
    let part = store.put(&format!("/docs/big?partNumber=1&uploadId={upload}"), &[], "x").await.ok();
    let etag = part.header("etag").unwrap();
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    store.send("POST", &format!("/docs/big?uploadId={upload}"), &[], body).await.ok();
    assert_eq!(store.head("/docs/big", &[]).await.ok().header("x-amz-object-lock-mode"), Some("COMPLIANCE"));
}
