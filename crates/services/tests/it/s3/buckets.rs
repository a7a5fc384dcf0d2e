//! Buckets.

use std::sync::Arc;

use sidegate_services::s3::{S3, SecretText};

use super::{Notes, Store, caller, me, request};

#[tokio::test]
async fn a_bucket_is_created_found_and_deleted() {
    let store = Store::new();
    let made = store.put("/docs", &[], "").await.ok();
    assert_eq!(made.header("location"), Some("/docs"));
    let found = store.head("/docs", &[]).await.ok();
    assert_eq!(found.header("x-amz-bucket-region"), Some("us-east-1"));
    let listed = store.get("/", &[]).await.ok();
    assert_eq!(listed.elements("Name"), ["docs"]);
    assert_eq!(listed.element("CreationDate").unwrap(), "2025-06-15T15:06:40.123Z");
    assert!(store.get("/docs?location", &[]).await.ok().text().contains("LocationConstraint"));

    store.put("/docs/a", &[], "x").await.ok();
    assert_eq!(store.delete("/docs").await.error(), (409, "BucketNotEmpty".into()));
    store.delete("/docs/a").await.ok();
    assert_eq!(store.delete("/docs").await.status, 204);
    assert_eq!(store.head("/docs", &[]).await.status, 404);
    let missing = store.delete("/docs").await;
    assert_eq!(missing.error(), (404, "NoSuchBucket".into()));
    assert_eq!(missing.element("BucketName").unwrap(), "docs");
    assert_eq!(missing.element("Resource").unwrap(), "/docs");
    assert_eq!(missing.element("RequestId").unwrap(), me().request_id);
}

#[tokio::test]
async fn names_are_valid_and_belong_to_one_account() {
    let store = Store::new();
    for name in ["ab", "Docs", "a_b", "192.168.0.1", "xn--a", "a..b"] {
        assert_eq!(store.put(&format!("/{name}"), &[], "").await.error(), (400, "InvalidBucketName".into()), "{name}");
    }
    store.put("/docs", &[], "").await.ok();
    store.put("/docs", &[], "").await.ok();
    let other = caller("444455556666", "us-east-1");
    let again = store.send_as(&other, &Notes::default(), request("PUT", "/docs", &[], "")).await;
    assert_eq!(again.error(), (409, "BucketAlreadyExists".into()));
    let listed = store.send_as(&other, &Notes::default(), request("GET", "/", &[], "")).await.ok();
    assert!(listed.elements("Name").is_empty());
    let owner = [("x-amz-expected-bucket-owner", "444455556666")];
    assert_eq!(store.get("/docs", &owner).await.error(), (403, "AccessDenied".into()));
}

#[tokio::test]
async fn a_bucket_is_in_the_region_of_its_request() {
    let store = Store::new();
    let irish = caller("111122223333", "eu-west-1");
    let body = |region: &str| {
        format!(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>{region}\
             </LocationConstraint></CreateBucketConfiguration>"
        )
    };
    let put = |caller, text: String| {
        let store = &store;
        async move { store.send_as(&caller, &Notes::default(), request("PUT", "/docs", &[], text)).await }
    };
    let illegal = (400, "IllegalLocationConstraintException".to_owned());
    assert_eq!(put(irish.clone(), String::new()).await.error(), illegal);
    assert_eq!(put(irish.clone(), body("eu-central-1")).await.error(), illegal);
    // The endpoint of us-east-1 is the global one.
    put(me(), body("eu-west-1")).await.ok();
    assert_eq!(put(me(), body("us-east-1")).await.error(), (400, "InvalidLocationConstraint".into()));
    assert_eq!(put(me(), body("mars-1")).await.error(), (400, "InvalidLocationConstraint".into()));
    let own = request("PUT", "/own", &[], body("eu-west-1"));
    store.send_as(&irish, &Notes::default(), own).await.ok();
    assert_eq!(put(irish.clone(), body("eu-west-1")).await.error(), (409, "BucketAlreadyOwnedByYou".into()));
    assert_eq!(put(me(), String::new()).await.error(), (409, "BucketAlreadyOwnedByYou".into()));

    let there = store.get("/docs/key", &[]).await;
    assert_eq!(there.error(), (301, "PermanentRedirect".into()));
    assert_eq!(there.header("x-amz-bucket-region"), Some("eu-west-1"));
    assert_eq!(there.element("Endpoint").unwrap(), "docs.s3.eu-west-1.amazonaws.com");
    assert_eq!(store.head("/docs", &[]).await.header("x-amz-bucket-region"), Some("eu-west-1"));
    assert!(store.get("/docs?location", &[]).await.ok().text().contains(">eu-west-1</LocationConstraint>"));
    assert_eq!(store.get("/?bucket-region=eu-west-1", &[]).await.ok().elements("Name"), ["docs", "own"]);
    assert!(store.get("/?bucket-region=us-east-1", &[]).await.ok().elements("Name").is_empty());
}

#[tokio::test]
async fn a_directory_bucket_is_refused_and_none_is_made() {
    let store = Store::new();
    for part in [
        "<Location><Name>use1-az1</Name><Type>AvailabilityZone</Type></Location>",
        "<Bucket><DataRedundancy>SingleAvailabilityZone</DataRedundancy><Type>Directory</Type></Bucket>",
    ] {
        let body = format!(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{part}\
             </CreateBucketConfiguration>"
        );
        let refused = store.put("/docs", &[], body).await;
        assert_eq!(refused.error(), (501, "NotImplemented".into()), "{part}");
    }
    assert!(store.get("/", &[]).await.ok().elements("Name").is_empty());
}

#[tokio::test]
async fn an_index_of_a_later_version_is_refused_and_left_alone() {
    let store = Store::with_bucket("docs").await;
    let path = store.dir.path().join("s3.sqlite");
    let index = rusqlite::Connection::open(&path).unwrap();
    index.pragma_update(None, "user_version", 1000).unwrap();
    let reopened = S3::open(store.dir.path(), Arc::new(|_: &str| None::<SecretText>));
    let error = reopened.err().unwrap();
    assert_eq!(error.to_string(), "the index of the objects has layout 1000, and this version of Sidegate knows 4");
    let layout: i64 = index.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(layout, 1000);
}

#[tokio::test]
async fn the_host_may_name_the_bucket() {
    let store = Store::with_bucket("my.docs").await;
    let virtual_host = |host: &str| {
        let mut request = request("PUT", "/my.docs/key", &[], host.to_owned());
        request.headers_mut().insert("host", host.parse().unwrap());
        request
    };
    for (host, key) in [
        ("my.docs.s3.us-east-1.amazonaws.com", "my.docs/key"),
        ("my.docs.bucket.vpce-0a-b.s3.us-east-1.vpce.amazonaws.com", "my.docs/key"),
        ("bucket.vpce-0a-b.s3.us-east-1.vpce.amazonaws.com", "key"),
        ("s3.us-east-1.amazonaws.com", "key"),
    ] {
        store.send_as(&me(), &Notes::default(), virtual_host(host)).await.ok();
        assert_eq!(store.get(&format!("/my.docs/{key}"), &[]).await.ok().text(), host);
    }
}

#[tokio::test]
async fn buckets_are_listed_in_pages_by_prefix() {
    let store = Store::new();
    for name in ["logs-a", "docs-c", "docs-a", "docs-b"] {
        store.put(&format!("/{name}"), &[], "").await.ok();
    }
    let first = store.get("/?prefix=docs-&max-buckets=2", &[]).await.ok();
    assert_eq!(first.elements("Name"), ["docs-a", "docs-b"]);
    let token = first.element("ContinuationToken").unwrap();
    let second = store.get(&format!("/?prefix=docs-&max-buckets=2&continuation-token={token}"), &[]).await.ok();
    assert_eq!(second.elements("Name"), ["docs-c"]);
    assert_eq!(second.element("ContinuationToken"), None);
    assert_eq!(store.get("/?continuation-token=!", &[]).await.error(), (400, "InvalidArgument".into()));
    assert_eq!(store.get("/?max-buckets=0", &[]).await.error(), (400, "InvalidArgument".into()));
}

#[tokio::test]
async fn a_bucket_answers_what_aws_answers_when_nothing_is_configured() {
    let store = Store::with_bucket("docs").await;
    for (query, sign) in [
        ("versioning", "<VersioningConfiguration"),
        ("acl", "<Permission>FULL_CONTROL</Permission>"),
        ("encryption", "<SSEAlgorithm>AES256</SSEAlgorithm>"),
        ("ownershipControls", "BucketOwnerEnforced"),
        ("publicAccessBlock", "<BlockPublicPolicy>true</BlockPublicPolicy>"),
        ("requestPayment", "BucketOwner"),
        ("logging", "<BucketLoggingStatus"),
        ("notification", "<NotificationConfiguration"),
        ("accelerate", "<AccelerateConfiguration"),
    ] {
        let answer = store.get(&format!("/docs?{query}"), &[]).await.ok();
        assert!(answer.text().contains(sign), "{query}: {}", answer.text());
    }
    for (query, code) in [
        ("policy", "NoSuchBucketPolicy"),
        ("tagging", "NoSuchTagSet"),
        ("cors", "NoSuchCORSConfiguration"),
        ("lifecycle", "NoSuchLifecycleConfiguration"),
        ("website", "NoSuchWebsiteConfiguration"),
        ("replication", "ReplicationConfigurationNotFoundError"),
        ("object-lock", "ObjectLockConfigurationNotFoundError"),
        ("policyStatus", "NoSuchBucketPolicy"),
    ] {
        assert_eq!(store.get(&format!("/docs?{query}"), &[]).await.error(), (404, code.to_owned()));
    }
}

#[tokio::test]
async fn what_is_not_implemented_says_so_and_has_no_effect() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "kept").await.ok();
    let versioning =
        "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>";
    for (method, uri, body) in [
        ("PUT", "/docs?versioning", versioning),
        ("DELETE", "/docs?abac", ""),
        ("PUT", "/docs?metadataConfiguration", ""),
        ("PUT", "/docs/key?renameObject", ""),
        ("PUT", "/docs/key?encryption", ""),
        ("POST", "/docs/key?select&select-type=2", ""),
    ] {
        let answer = store.send(method, uri, &[], body).await;
        assert_ne!(answer.status, 200, "{method} {uri}");
        assert_eq!(answer.status.as_u16() / 100 * 100, if answer.status == 501 { 500 } else { 400 }, "{method} {uri}");
    }
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "kept");
}

#[tokio::test]
async fn a_bucket_keeps_its_tags() {
    let store = Store::with_bucket("docs").await;
    let tagging = "<Tagging><TagSet><Tag><Key>team</Key><Value>a+b</Value></Tag></TagSet></Tagging>";
    store.put("/docs?tagging", &[], tagging).await.ok();
    let read = store.get("/docs?tagging", &[]).await.ok();
    assert_eq!(read.elements("Key"), ["team"]);
    assert_eq!(read.elements("Value"), ["a+b"]);
    store.delete("/docs?tagging").await.ok();
    assert_eq!(store.get("/docs?tagging", &[]).await.error(), (404, "NoSuchTagSet".into()));
}
