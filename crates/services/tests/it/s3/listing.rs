//! Listings.

use super::{Answer, Store};

async fn filled() -> Store {
    let store = Store::with_bucket("docs").await;
    for key in ["a", "b/1", "b/2", "b/c/3", "d", "e/4", "f"] {
        store.put(&format!("/docs/{key}"), &[], key).await.ok();
    }
    store
}

/// What a listing says, prefixes in brackets.
fn said(answer: &Answer) -> Vec<String> {
    let prefixes = answer.elements("CommonPrefixes");
    let prefixes = prefixes.iter().map(|p| format!("[{}]", p.replace("<Prefix>", "").replace("</Prefix>", "")));
    answer.elements("Key").into_iter().chain(prefixes).collect()
}

#[tokio::test]
async fn a_delimiter_rolls_keys_up() {
    let store = filled().await;
    assert_eq!(said(&store.get("/docs?list-type=2", &[]).await.ok()).len(), 7);
    let top = store.get("/docs?list-type=2&delimiter=/", &[]).await.ok();
    assert_eq!(said(&top), ["a", "d", "f", "[b/]", "[e/]"]);
    assert_eq!(top.element("KeyCount").unwrap(), "5");
    let inside = store.get("/docs?list-type=2&delimiter=/&prefix=b/", &[]).await.ok();
    assert_eq!(said(&inside), ["b/1", "b/2", "[b/c/]"]);
    assert_eq!(said(&store.get("/docs?list-type=2&prefix=e", &[]).await.ok()), ["e/4"]);
    assert_eq!(said(&store.get("/docs?list-type=2&start-after=d", &[]).await.ok()), ["e/4", "f"]);
    assert_eq!(said(&store.get("/docs?list-type=2&max-keys=0", &[]).await.ok()), [""; 0]);
    assert_eq!(store.get("/docs?list-type=2&max-keys=-1", &[]).await.error(), (400, "InvalidArgument".into()));
    assert_eq!(store.get("/none?list-type=2", &[]).await.error(), (404, "NoSuchBucket".into()));
}

#[tokio::test]
async fn pages_of_every_size_together_are_the_whole() {
    let store = filled().await;
    for size in 1..=6 {
        let mut all = Vec::new();
        let mut token = None;
        loop {
            let going_on = token.map(|t| format!("&continuation-token={t}")).unwrap_or_default();
            let uri = format!("/docs?list-type=2&delimiter=/&max-keys={size}{going_on}");
            let page = store.get(&uri, &[]).await.ok();
            assert!(said(&page).len() <= size);
            all.extend(said(&page));
            token = page.element("NextContinuationToken");
            assert_eq!(page.element("IsTruncated").unwrap(), token.is_some().to_string());
            if token.is_none() {
                break;
            }
        }
        all.sort();
        assert_eq!(all, ["[b/]", "[e/]", "a", "d", "f"], "{size}");
    }
    let wrong = store.get("/docs?list-type=2&continuation-token=abc", &[]).await;
    assert_eq!(wrong.error(), (400, "InvalidArgument".into()));
}

#[tokio::test]
async fn the_first_version_of_the_listing_goes_on_after_a_marker() {
    let store = filled().await;
    let first = store.get("/docs?delimiter=/&max-keys=2", &[]).await.ok();
    assert_eq!(said(&first), ["a", "[b/]"]);
    assert_eq!(first.element("NextMarker").unwrap(), "b/");
    let second = store.get("/docs?delimiter=/&max-keys=2&marker=b/", &[]).await.ok();
    assert_eq!(said(&second), ["d", "[e/]"]);
    let third = store.get("/docs?delimiter=/&max-keys=2&marker=e/", &[]).await.ok();
    assert_eq!((said(&third), third.element("IsTruncated").unwrap().as_str()), (vec!["f".to_owned()], "false"));
    let plain = store.get("/docs?max-keys=2&marker=b/1", &[]).await.ok();
    assert_eq!((said(&plain), plain.element("NextMarker")), (vec!["b/2".to_owned(), "b/c/3".to_owned()], None));
}

#[tokio::test]
async fn keys_are_ordered_by_their_bytes_and_encoded_on_request() {
    let store = Store::with_bucket("docs").await;
    for key in ["%C3%A4", "z", "%F0%9F%98%80", "%EF%BF%BD", "a%20b%26", "A", "x%01y"] {
        store.put(&format!("/docs/{key}"), &[], "x").await.ok();
    }
    let encoded = store.get("/docs?list-type=2&encoding-type=url", &[]).await.ok();
    assert_eq!(encoded.elements("Key"), ["A", "a%20b%26", "x%01y", "z", "%C3%A4", "%EF%BF%BD", "%F0%9F%98%80"]);
    store.delete("/docs/x%01y").await.ok();
    let plain = store.get("/docs?list-type=2", &[]).await.ok();
    assert_eq!(plain.elements("Key"), ["A", "a b&amp;", "z", "ä", "\u{FFFD}", "😀"]);
    let wrong = store.get("/docs?list-type=2&encoding-type=xml", &[]).await;
    assert_eq!(wrong.error(), (400, "InvalidArgument".into()));
}

#[tokio::test]
async fn every_object_has_one_version() {
    let store = filled().await;
    let first = store.get("/docs?versions&max-keys=5", &[]).await.ok();
    assert_eq!(first.elements("VersionId"), ["null"; 5]);
    assert_eq!(first.element("NextKeyMarker").unwrap(), "d");
    let rest = store.get("/docs?versions&key-marker=d&version-id-marker=null", &[]).await.ok();
    assert_eq!(said(&rest), ["e/4", "f"]);
    assert_eq!(store.delete("/docs/f?versionId=null").await.status, 204);
    assert_eq!(store.get("/docs/a?versionId=null", &[]).await.ok().text(), "a");
    assert_eq!(store.get("/docs/a?versionId=x", &[]).await.error(), (400, "InvalidArgument".into()));
}
