//! Versions of objects and delete markers.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Answer, S3, Store, open};

const ENABLE: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const SUSPEND: &str = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";

async fn versioned() -> Store {
    let store = Store::with_bucket("docs").await;
    store.put("/docs?versioning", &[], ENABLE).await.ok();
    store
}

fn version(answer: &Answer) -> String {
    answer.header("x-amz-version-id").unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_bucket_that_was_never_versioned_speaks_of_no_versions() {
    let store = Store::with_bucket("docs").await;
    assert!(!store.get("/docs?versioning", &[]).await.ok().text().contains("Status"));
    assert_eq!(store.put("/docs/key", &[], "a").await.ok().header("x-amz-version-id"), None);
    assert_eq!(store.get("/docs/key", &[]).await.ok().header("x-amz-version-id"), None);
    assert_eq!(store.get("/docs/key?versionId=null", &[]).await.ok().text(), "a");
    assert_eq!(store.delete("/docs/key").await.ok().header("x-amz-delete-marker"), None);
    assert!(store.get("/docs?versions", &[]).await.ok().elements("Version").is_empty());
}

#[tokio::test]
async fn an_object_that_is_overwritten_or_deleted_is_still_there_by_its_version() {
    let store = versioned().await;
    assert_eq!(store.get("/docs?versioning", &[]).await.ok().element("Status").unwrap(), "Enabled");
    let one = version(&store.put("/docs/key", &[("x-amz-meta-n", "1")], "one").await.ok());
    let two = version(&store.put("/docs/key", &[], "two").await.ok());
    assert_ne!(one, two);
    let read = store.get("/docs/key", &[]).await.ok();
    assert_eq!((read.text().as_str(), version(&read)), ("two", two.clone()));
    let read = store.get(&format!("/docs/key?versionId={one}"), &[]).await.ok();
    assert_eq!((read.text().as_str(), read.header("x-amz-meta-n")), ("one", Some("1")));

    let deleted = store.delete("/docs/key").await.ok();
    let marker = version(&deleted);
    assert_eq!(deleted.header("x-amz-delete-marker"), Some("true"));
    let gone = store.get("/docs/key", &[]).await;
    assert_eq!(gone.error(), (404, "NoSuchKey".into()));
    assert_eq!((gone.header("x-amz-delete-marker"), version(&gone)), (Some("true"), marker.clone()));
    let named = store.get(&format!("/docs/key?versionId={marker}"), &[]).await;
    assert_eq!(named.error(), (405, "MethodNotAllowed".into()));
    assert_eq!((named.header("x-amz-delete-marker"), named.header("allow")), (Some("true"), Some("DELETE")));
    assert!(named.header("last-modified").is_some());
    assert_eq!(store.head(&format!("/docs/key?versionId={marker}"), &[]).await.status, 405);
    assert!(store.get("/docs?list-type=2", &[]).await.ok().elements("Key").is_empty());
    assert_eq!(store.delete("/docs").await.error(), (409, "BucketNotEmpty".into()));

    let undone = store.delete(&format!("/docs/key?versionId={marker}")).await.ok();
    assert_eq!((undone.header("x-amz-delete-marker"), version(&undone)), (Some("true"), marker));
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "two");
    assert_eq!(store.files().len(), 2);
    let removed = store.delete(&format!("/docs/key?versionId={two}")).await.ok();
    assert_eq!((removed.header("x-amz-delete-marker"), version(&removed)), (None, two.clone()));
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "one");
    assert_eq!(store.get(&format!("/docs/key?versionId={two}"), &[]).await.error(), (404, "NoSuchVersion".into()));
    store.delete(&format!("/docs/key?versionId={one}")).await.ok();
    assert!(store.files().is_empty());
    store.delete("/docs").await.ok();
}

#[tokio::test]
async fn without_versioning_there_is_one_version_that_is_null() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "before").await.ok();
    store.put("/docs?versioning", &[], ENABLE).await.ok();
    assert_eq!(version(&store.head("/docs/key", &[]).await.ok()), "null");
    let kept = version(&store.put("/docs/key", &[], "kept").await.ok());
    assert_eq!(store.get("/docs/key?versionId=null", &[]).await.ok().text(), "before");
    store.put("/docs?versioning", &[], SUSPEND).await.ok();
    assert_eq!(version(&store.put("/docs/key", &[], "after").await.ok()), "null");
    assert_eq!(store.get("/docs/key?versionId=null", &[]).await.ok().text(), "after");
    assert_eq!(store.get(&format!("/docs/key?versionId={kept}"), &[]).await.ok().text(), "kept");
    assert_eq!(store.files().len(), 2);
    let deleted = store.delete("/docs/key").await.ok();
    assert_eq!((deleted.header("x-amz-delete-marker"), version(&deleted).as_str()), (Some("true"), "null"));
    assert_eq!(store.get("/docs/key?versionId=null", &[]).await.error(), (405, "MethodNotAllowed".into()));
    let listed = store.get("/docs?versions", &[]).await.ok();
    assert!(["null".to_owned(), kept].iter().all(|id| listed.elements("VersionId").contains(id)));
    assert_eq!(listed.elements("VersionId").len(), 2);
}

#[tokio::test]
async fn tags_copies_and_attributes_are_of_a_version() {
    let store = versioned().await;
    let one = version(&store.put("/docs/key", &[("x-amz-tagging", "n=1")], "one").await.ok());
    let two = version(&store.put("/docs/key", &[("x-amz-tagging", "n=2")], "two").await.ok());
    let tags = store.get(&format!("/docs/key?tagging&versionId={one}"), &[]).await.ok();
    assert_eq!((tags.element("Value").unwrap().as_str(), version(&tags)), ("1", one.clone()));
    let tagging = "<Tagging><TagSet><Tag><Key>n</Key><Value>9</Value></Tag></TagSet></Tagging>";
    assert_eq!(version(&store.put(&format!("/docs/key?tagging&versionId={one}"), &[], tagging).await.ok()), one);
    assert_eq!(store.get("/docs/key?tagging", &[]).await.ok().element("Value").unwrap(), "2");
    let source = format!("docs/key?versionId={one}");
    let copied = store.put("/docs/key", &[("x-amz-copy-source", &source)], "").await.ok();
    assert_eq!(copied.header("x-amz-copy-source-version-id"), Some(one.as_str()));
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "one");
    assert_ne!(version(&copied), two);
    let attributes =
        store.get(&format!("/docs/key?attributes&versionId={two}"), &[("x-amz-object-attributes", "ObjectSize")]).await;
    assert_eq!(version(&attributes.ok()), two);
    let marker = version(&store.delete("/docs/key").await.ok());
    let source = format!("docs/key?versionId={marker}");
    let refused = store.put("/docs/other", &[("x-amz-copy-source", &source)], "").await;
    assert_eq!(refused.error(), (400, "InvalidRequest".into()));
    assert_eq!(
        store.put("/docs/other", &[("x-amz-copy-source", "docs/key")], "").await.error(),
        (404, "NoSuchKey".into())
    );
}

#[tokio::test]
async fn an_action_on_a_version_is_asked_for_by_its_own_name() {
    let store = versioned().await;
    let id = version(&store.put("/docs/key", &[], "one").await.ok());
    let notes = super::Notes::default();
    for (method, uri, action) in [
        ("GET", format!("/docs/key?versionId={id}"), "s3:GetObjectVersion"),
        ("GET", format!("/docs/key?tagging&versionId={id}"), "s3:GetObjectVersionTagging"),
        ("GET", "/docs?versions".to_owned(), "s3:ListBucketVersions"),
        ("DELETE", "/docs/key".to_owned(), "s3:DeleteObject"),
        ("DELETE", format!("/docs/key?versionId={id}"), "s3:DeleteObjectVersion"),
    ] {
        store.send_as(&super::me(), &notes, super::request(method, &uri, &[], "")).await.ok();
        let asked = notes.asked.lock().unwrap().pop().unwrap();
        assert!(asked.1[0].starts_with(&format!("{action} ")), "{asked:?}");
    }
}

#[tokio::test]
async fn a_batch_removes_versions_and_makes_markers() {
    let store = versioned().await;
    let one = version(&store.put("/docs/a", &[], "one").await.ok());
    store.put("/docs/b", &[], "two").await.ok();
    let body = format!(
        "<Delete><Object><Key>a</Key><VersionId>{one}</VersionId></Object><Object><Key>b</Key></Object>\
         <Object><Key>c</Key><VersionId>nope</VersionId></Object></Delete>"
    );
    let answer = store.send("POST", "/docs?delete", &[("content-md5", "x")], "").await;
    assert!(!answer.status.is_success());
    let answer = store.send("POST", "/docs?delete", &[], body).await.ok();
    assert_eq!(answer.elements("VersionId"), [one, "nope".into()]);
    assert_eq!(answer.elements("DeleteMarker"), ["true"]);
    assert_eq!(answer.elements("DeleteMarkerVersionId").len(), 1);
    assert_eq!(answer.elements("Code"), ["InvalidArgument"]);
    assert_eq!(store.files().len(), 1);
}

#[tokio::test]
async fn all_versions_are_listed_page_by_page_though_they_are_removed_meanwhile() {
    let store = versioned().await;
    for round in 0..3 {
        for key in ["a", "b/1", "b/2", "c"] {
            store.put(&format!("/docs/{key}"), &[], format!("{round}")).await.ok();
        }
    }
    store.delete("/docs/c").await.ok();
    let all = store.get("/docs?versions", &[]).await.ok();
    assert_eq!(all.elements("Version").len(), 12);
    assert_eq!(all.elements("DeleteMarker").len(), 1);
    assert_eq!(all.elements("IsLatest").iter().filter(|latest| *latest == "true").count(), 4);
    let rolled = store.get("/docs?versions&delimiter=/", &[]).await.ok();
    assert!(rolled.elements("Prefix").contains(&"b/".to_owned()));
    assert_eq!(rolled.elements("VersionId").len(), 7);
    assert_eq!(store.get("/docs?versions&version-id-marker=null", &[]).await.error(), (400, "InvalidArgument".into()));

    let (mut seen, mut marker) = (Vec::new(), String::new());
    for page in 0.. {
        assert!(page < 20, "the pages end");
        let answer = store.get(&format!("/docs?versions&max-keys=2{marker}"), &[]).await.ok();
        let (keys, ids) = (answer.elements("Key"), answer.elements("VersionId"));
        for (key, id) in keys.iter().zip(&ids) {
            seen.push((key.clone(), id.clone()));
            store.delete(&format!("/docs/{key}?versionId={id}")).await.ok();
        }
        if answer.element("IsTruncated").unwrap() == "false" {
            break;
        }
        let next = |name: &str| answer.element(name).unwrap();
        marker = format!("&key-marker={}&version-id-marker={}", next("NextKeyMarker"), next("NextVersionIdMarker"));
    }
    assert_eq!(seen.len(), 13);
    assert!(store.files().is_empty());
    store.delete("/docs").await.ok();
}

/// What a bucket does, said as plainly as can be: for each key its versions, the newest last.
#[derive(Default)]
struct Plain {
    state: Option<bool>,
    keys: BTreeMap<u8, Vec<(String, Option<String>)>>,
}

impl Plain {
    fn add(&mut self, key: u8, id: String, body: Option<String>) {
        let versions = self.keys.entry(key).or_default();
        if id == "null" {
            versions.retain(|(other, _)| other != "null");
        }
        versions.push((id, body));
    }
}

#[derive(Clone, Debug)]
enum Deed {
    Enable,
    Suspend,
    Put(u8),
    Delete(u8),
    Remove(u8, u8),
    Reopen,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => Just(Deed::Enable),
        1 => Just(Deed::Suspend),
        6 => (0..3_u8).prop_map(Deed::Put),
        4 => (0..3_u8).prop_map(Deed::Delete),
        5 => (0..3_u8, 0..5_u8).prop_map(|(key, which)| Deed::Remove(key, which)),
        1 => Just(Deed::Reopen),
    ]
}

async fn carried_out(deeds: Vec<Deed>) {
    let mut store = Store::with_bucket("docs").await;
    let mut plain = Plain::default();
    for (number, deed) in deeds.into_iter().enumerate() {
        match deed {
            Deed::Enable => {
                store.put("/docs?versioning", &[], ENABLE).await.ok();
                plain.state = Some(true);
            }
            Deed::Suspend => {
                store.put("/docs?versioning", &[], SUSPEND).await.ok();
                plain.state = Some(false);
            }
            Deed::Put(key) => {
                let body = number.to_string();
                let answer = store.put(&format!("/docs/{key}"), &[], body.clone()).await.ok();
                let id = if plain.state == Some(true) { version(&answer) } else { "null".to_owned() };
                plain.add(key, id, Some(body));
            }
            Deed::Delete(key) => {
                let answer = store.delete(&format!("/docs/{key}")).await.ok();
                match plain.state {
                    None => plain.keys.entry(key).or_default().clear(),
                    Some(true) => plain.add(key, version(&answer), None),
                    Some(false) => plain.add(key, "null".to_owned(), None),
                }
            }
            Deed::Remove(key, which) => {
                let versions = plain.keys.entry(key).or_default();
                if usize::from(which) < versions.len() {
                    let (id, _) = versions.remove(which.into());
                    store.delete(&format!("/docs/{key}?versionId={id}")).await.ok();
                }
            }
            Deed::Reopen => {
                let Store { dir, s3 } = store;
                drop::<S3>(s3);
                store = Store { s3: open(dir.path()), dir };
            }
        }
        for key in 0..3 {
            let versions = plain.keys.get(&key).map(Vec::as_slice).unwrap_or_default();
            let read = store.get(&format!("/docs/{key}"), &[]).await;
            match versions.last() {
                Some((_, Some(body))) => assert_eq!(read.ok().text(), *body),
                _ => assert_eq!(read.status, 404),
            }
            for (id, body) in versions {
                let read = store.get(&format!("/docs/{key}?versionId={id}"), &[]).await;
                match body {
                    Some(body) => assert_eq!(read.ok().text(), *body),
                    None => assert_eq!(read.status, 405),
                }
            }
        }
        let count =
            |is_object: bool| plain.keys.values().flatten().filter(|(_, body)| body.is_some() == is_object).count();
        let listed = store.get("/docs?versions", &[]).await.ok();
        assert_eq!(listed.elements("Version").len(), count(true));
        assert_eq!(listed.elements("DeleteMarker").len(), count(false));
        assert_eq!(store.files().len(), count(true));
        let current = plain.keys.values().filter(|all| matches!(all.last(), Some((_, Some(_))))).count();
        assert_eq!(store.get("/docs?list-type=2", &[]).await.ok().elements("Contents").len(), current);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_done_the_versions_are_those_of_a_plain_list(deeds in prop::collection::vec(deed(), 1..25)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(carried_out(deeds));
    }
}
