//! Objects in the archives, which are restored before they are read.

use sidegate_services::Caller;

use super::{Answer, Notes, Store, me, request};

fn at(seconds: i64) -> Caller {
    let me = me();
    Caller { now: me.now + seconds * 1000, ..me }
}

async fn send(store: &Store, seconds: i64, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let request = request(method, uri, headers, body.to_owned());
    store.send_as(&at(seconds), &Notes::default(), request).await
}

fn restore(days: &str, tier: &str) -> String {
    format!(
        "<RestoreRequest><Days>{days}</Days><GlacierJobParameters><Tier>{tier}</Tier></GlacierJobParameters></RestoreRequest>"
    )
}

#[tokio::test]
async fn an_archived_object_is_read_while_it_is_restored() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[("x-amz-storage-class", "GLACIER")], "hello").await.ok();
    let refused = store.get("/docs/key", &[]).await;
    assert_eq!(refused.error(), (403, "InvalidObjectState".into()));
    assert_eq!(refused.element("StorageClass").as_deref(), Some("GLACIER"));
    let head = store.head("/docs/key", &[]).await.ok();
    assert_eq!((head.header("x-amz-storage-class"), head.header("x-amz-restore")), (Some("GLACIER"), None));
    let copy = [("x-amz-copy-source", "docs/key")];
    assert_eq!(store.put("/docs/copy", &copy, "").await.error(), (403, "InvalidObjectState".into()));
    assert_eq!(store.get("/docs", &[]).await.ok().element("StorageClass").unwrap(), "GLACIER");

    let asked = send(&store, 0, "POST", "/docs/key?restore", &[], &restore("1", "Standard")).await;
    assert_eq!(asked.status, 202);
    let head = send(&store, 4, "HEAD", "/docs/key", &[], "").await.ok();
    assert_eq!(head.header("x-amz-restore"), Some("ongoing-request=\"true\""));
    assert_eq!(send(&store, 4, "GET", "/docs/key", &[], "").await.error().0, 403);
    let again = send(&store, 4, "POST", "/docs/key?restore", &[], &restore("1", "Standard")).await;
    assert_eq!(again.error(), (409, "RestoreAlreadyInProgress".into()));

    // Listings tell of it where they are asked.
    let asking = [("x-amz-optional-object-attributes", "RestoreStatus")];
    for uri in ["/docs", "/docs?list-type=2", "/docs?versions"] {
        assert_eq!(send(&store, 4, "GET", uri, &[], "").await.ok().element("IsRestoreInProgress"), None, "{uri}");
        let during = send(&store, 4, "GET", uri, &asking, "").await.ok();
        assert_eq!(during.element("IsRestoreInProgress").as_deref(), Some("true"), "{uri}");
        assert_eq!(during.element("RestoreExpiryDate"), None, "{uri}");
        let after = send(&store, 5, "GET", uri, &asking, "").await.ok();
        assert_eq!(after.element("IsRestoreInProgress").as_deref(), Some("false"), "{uri}");
        assert!(after.element("RestoreExpiryDate").unwrap().starts_with("2025-06-17T00:00:00"), "{uri}");
    }

    let read = send(&store, 5, "GET", "/docs/key", &[], "").await.ok();
    assert_eq!(read.text(), "hello");
    let until = "ongoing-request=\"false\", expiry-date=\"Tue, 17 Jun 2025 00:00:00 GMT\"";
    assert_eq!(read.header("x-amz-restore"), Some(until));
    send(&store, 5, "PUT", "/docs/copy", &copy, "").await.ok();
    assert_eq!(store.get("/docs/copy", &[]).await.ok().text(), "hello");
    let longer = send(&store, 6, "POST", "/docs/key?restore", &[], &restore("3", "Standard")).await;
    assert_eq!(longer.status, 200);
    send(&store, 3 * 86_400, "GET", "/docs/key", &[], "").await.ok();
    assert_eq!(send(&store, 5 * 86_400, "GET", "/docs/key", &[], "").await.error().0, 403);
    assert_eq!(send(&store, 5 * 86_400, "HEAD", "/docs/key", &[], "").await.ok().header("x-amz-restore"), None);
}

#[tokio::test]
async fn what_cannot_be_restored_is_refused() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "hello").await.ok();
    store.put("/docs/deep", &[("x-amz-storage-class", "DEEP_ARCHIVE")], "hello").await.ok();
    for (uri, body, expected) in [
        ("/docs/key", restore("1", "Standard"), (403, "InvalidObjectState")),
        ("/docs/none", restore("1", "Standard"), (404, "NoSuchKey")),
        ("/docs/deep", restore("1", "Expedited"), (400, "InvalidArgument")),
        ("/docs/deep", restore("0", "Bulk"), (400, "MalformedXML")),
        ("/docs/deep", restore("x", "Bulk"), (400, "MalformedXML")),
        ("/docs/deep", restore("1", "Someday"), (400, "MalformedXML")),
        ("/docs/deep", String::new(), (400, "MalformedXML")),
    ] {
        let refused = store.send("POST", &format!("{uri}?restore"), &[], body.clone()).await;
        assert_eq!(refused.error(), (expected.0, expected.1.into()), "{uri}: {body}");
    }
    let notes = Notes::default();
    let asked = request("POST", "/docs/deep?restore", &[], restore("1", "Bulk"));
    assert_eq!(store.send_as(&me(), &notes, asked).await.status, 202);
    let first = notes.asked.lock().unwrap().first().cloned();
    assert_eq!(first, Some(("RestoreObject".to_owned(), vec!["s3:RestoreObject arn:aws:s3:::docs/deep".to_owned()])));
}
