//! Event notifications: which events reach which function, that none is lost, and which configurations are refused.

use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use sidegate_model::Scope;
use sidegate_services::elsewhere::Elsewhere;
use sidegate_services::functions::{Functions, Invocation, InvokeError, Outcome};
use tokio::task::JoinHandle;

use super::{Notes, Store, caller, me, open, request};
use crate::client;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";

/// A Lambda that has two functions, of which one lets nobody in.
#[derive(Default)]
struct Lambda {
    calls: Mutex<Vec<(Invocation, Value, Option<String>)>>,
    is_closed: AtomicBool,
    is_away: AtomicBool,
}

#[async_trait]
impl Functions for Lambda {
    async fn check(&self, invocation: &Invocation) -> Result<(), InvokeError> {
        match invocation.function.as_str() {
            FUNCTION if !self.is_closed.load(Ordering::SeqCst) => Ok(()),
            name if name.ends_with(":none") => Err(InvokeError::NoFunction),
            _ => Err(InvokeError::Denied),
        }
    }

    async fn invoke(&self, _: &Invocation, _: Vec<u8>) -> Result<Outcome, InvokeError> {
        panic!("nobody waits for a function");
    }

    async fn send(&self, invocation: &Invocation, payload: Vec<u8>, trace: Option<&str>) -> Result<(), InvokeError> {
        self.check(invocation).await?;
        if self.is_away.load(Ordering::SeqCst) {
            return Err(InvokeError::Unavailable("the disk is full".to_owned()));
        }
        let document = serde_json::from_slice(&payload).unwrap();
        self.calls.lock().unwrap().push((invocation.clone(), document, trace.map(str::to_owned)));
        Ok(())
    }
}

impl Lambda {
    /// Waits until it was told so many events, and returns their records.
    async fn told(&self, count: usize) -> Vec<Value> {
        for _ in 0..2000 {
            if self.calls.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // One more than is awaited would come by now.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let calls = self.calls.lock().unwrap();
        let records: Vec<Value> = calls.iter().map(|(_, document, _)| document["Records"][0].clone()).collect();
        assert_eq!(records.len(), count, "{records:?}");
        records
    }
}

/// A bucket beside functions.
struct World {
    store: Arc<Store>,
    lambda: Arc<Lambda>,
}

impl World {
    async fn new() -> Self {
        let Store { dir, s3 } = Store::with_bucket("docs").await;
        let lambda = Arc::new(Lambda::default());
        let s3 = s3.with_functions(Arc::clone(&lambda) as _);
        Self { store: Arc::new(Store { dir, s3 }), lambda }
    }

    async fn notify(&self, configurations: &str) {
        let document = format!("<NotificationConfiguration>{configurations}</NotificationConfiguration>");
        self.store.put("/docs?notification", &[], document).await.ok();
    }

    fn telling(&self) -> JoinHandle<()> {
        let store = Arc::clone(&self.store);
        tokio::spawn(async move { store.s3.tell().await })
    }

    /// The same after a stop.
    fn again(self) -> Self {
        let Store { dir, s3 } = Arc::into_inner(self.store).unwrap();
        drop(s3);
        let s3 = open(dir.path()).with_functions(Arc::clone(&self.lambda) as _);
        Self { store: Arc::new(Store { dir, s3 }), lambda: self.lambda }
    }
}

/// A notification of a function.
fn of(arn: &str, events: &[&str], filter: &[(&str, &str)]) -> String {
    let events: String = events.iter().map(|event| format!("<Event>s3:{event}</Event>")).collect();
    let rules = filter
        .iter()
        .map(|(name, value)| format!("<FilterRule><Name>{name}</Name><Value>{value}</Value></FilterRule>"));
    let rules: String = rules.collect();
    format!(
        "<CloudFunctionConfiguration><Id>own</Id><CloudFunction>{arn}</CloudFunction>{events}\
         <Filter><S3Key>{rules}</S3Key></Filter></CloudFunctionConfiguration>"
    )
}

const ALL: [&str; 4] = ["ObjectCreated:*", "ObjectRemoved:*", "ObjectTagging:*", "ObjectAcl:Put"];

fn names(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["eventName"].as_str().unwrap()).collect()
}

const TAGGING: &str = "<Tagging><TagSet><Tag><Key>n</Key><Value>9</Value></Tag></TagSet></Tagging>";
const ACLS: &str =
    "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>";

#[tokio::test]
async fn each_way_to_make_change_and_remove_an_object_is_told_by_its_name() {
    let world = World::new().await;
    let store = &world.store;
    store.put("/docs?ownershipControls", &[("content-md5", &super::md5_of(ACLS.as_bytes()))], ACLS).await.ok();
    store.put("/docs?publicAccessBlock", &[], "<PublicAccessBlockConfiguration/>").await.ok();
    store.put("/docs/before", &[], "x").await.ok();
    world.notify(&of(FUNCTION, &ALL, &[])).await;
    let telling = world.telling();
    let put = store.put("/docs/a%20b", &[], "seven b").await.ok();
    store.put("/docs/copy", &[("x-amz-copy-source", "docs/a%20b")], "").await.ok();
    let upload = store.send("POST", "/docs/parts?uploads", &[], "").await.ok().element("UploadId").unwrap();
    let part = store.put(&format!("/docs/parts?uploadId={upload}&partNumber=1"), &[], "part").await.ok();
    let etag = part.header("etag").unwrap();
    let parts = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    store.send("POST", &format!("/docs/parts?uploadId={upload}"), &[], parts).await.ok();
    store.put("/docs/copy?tagging", &[], TAGGING).await.ok();
    store.delete("/docs/copy?tagging").await.ok();
    store.put("/docs/copy?acl", &[("x-amz-acl", "public-read")], "").await.ok();
    // An ACL that is the one before, and an object that is not there, are nothing to tell of.
    store.put("/docs/copy?acl", &[("x-amz-acl", "public-read")], "").await.ok();
    store.delete("/docs/none").await.ok();
    store.delete("/docs/copy").await.ok();
    let both = "<Delete><Object><Key>before</Key></Object><Object><Key>none</Key></Object></Delete>";
    store.send("POST", "/docs?delete", &[], both).await.ok();
    let told = world.lambda.told(8).await;
    telling.abort();
    let made = ["ObjectCreated:Put", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload"];
    let changed = ["ObjectTagging:Put", "ObjectTagging:Delete", "ObjectAcl:Put"];
    let expected: Vec<&str> = made.into_iter().chain(changed).chain(["ObjectRemoved:Delete"; 2]).collect();
    assert_eq!(names(&told), expected);
    let object = &told[0]["s3"]["object"];
    assert_eq!((&object["key"], &object["size"]), (&"a+b".into(), &7.into()));
    assert_eq!(format!("\"{}\"", object["eTag"].as_str().unwrap()), put.header("etag").unwrap());
    assert_eq!(told[0]["s3"]["configurationId"], "own");
    assert_eq!(told[7]["s3"]["object"]["key"], "before");
    let numbers: Vec<&str> = told.iter().filter_map(|record| record["s3"]["object"]["sequencer"].as_str()).collect();
    assert!(numbers.len() == 5 && numbers.is_sorted(), "{numbers:?}");
    let (invocation, _, trace) = world.lambda.calls.lock().unwrap()[0].clone();
    assert_eq!((invocation.function.as_str(), invocation.principal), (FUNCTION, "s3.amazonaws.com"));
    assert_eq!(
        (invocation.source_arn.as_str(), invocation.source_account.as_str()),
        ("arn:aws:s3:::docs", "111122223333")
    );
    assert_eq!(trace, None);
}

#[tokio::test]
async fn versions_are_told_with_their_ids_and_delete_markers_by_their_own_name() {
    let world = World::new().await;
    let store = &world.store;
    let enable = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    store.put("/docs?versioning", &[], enable).await.ok();
    world.notify(&of(FUNCTION, &ALL, &[])).await;
    let telling = world.telling();
    let id = |answer: super::Answer| answer.ok().header("x-amz-version-id").unwrap().to_owned();
    let one = id(store.put("/docs/key", &[], "one").await);
    let marker = id(store.delete("/docs/key").await);
    store.delete(&format!("/docs/key?versionId={one}")).await.ok();
    store.delete(&format!("/docs/key?versionId={one}")).await.ok();
    store.delete(&format!("/docs/key?versionId={marker}")).await.ok();
    let told = world.lambda.told(4).await;
    telling.abort();
    let removed = ["ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:Delete", "ObjectRemoved:Delete"];
    assert_eq!(names(&told), ["ObjectCreated:Put"].into_iter().chain(removed).collect::<Vec<_>>());
    let ids: Vec<&str> = told.iter().map(|told| told["s3"]["object"]["versionId"].as_str().unwrap()).collect();
    assert_eq!(ids, [one.as_str(), &marker, &one, &marker]);
}

#[tokio::test]
async fn a_restoration_is_told_when_it_begins_and_again_when_the_object_can_be_read() {
    let world = World::new().await;
    world.store.put("/docs/key", &[("x-amz-storage-class", "GLACIER")], "hello").await.ok();
    world.notify(&of(FUNCTION, &["ObjectRestore:*"], &[])).await;
    let telling = world.telling();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let caller = sidegate_services::Caller { now: i64::try_from(now).unwrap(), ..me() };
    let asked = "<RestoreRequest><Days>1</Days><Tier>Expedited</Tier></RestoreRequest>";
    let restore = async || {
        let request = request("POST", "/docs/key?restore", &[], asked);
        world.store.send_as(&caller, &Notes::default(), request).await
    };
    assert_eq!(restore().await.status, 202);
    // One that is under way is refused, and none.
    assert_eq!(restore().await.status, 409);
    let told = world.lambda.told(1).await;
    assert_eq!(names(&told), ["ObjectRestore:Post"]);
    assert_eq!(told[0]["userIdentity"]["principalId"], "AWS:111122223333");
    assert_eq!(told[0].get("glacierEventData"), None);
    let told = world.lambda.told(2).await;
    telling.abort();
    assert_eq!(names(&told), ["ObjectRestore:Post", "ObjectRestore:Completed"]);
    let done = &told[1];
    assert_eq!((&done["eventVersion"], &done["s3"]["object"]["size"]), (&json!("2.1"), &json!(5)));
    let restored = &done["glacierEventData"]["restoreEventData"];
    assert_eq!(restored["lifecycleRestoreStorageClass"], "GLACIER");
    assert!(restored["lifecycleRestorationExpiryTime"].as_str().unwrap().ends_with("T00:00:00.000Z"), "{restored}");
    assert!(done["eventTime"].as_str() > told[0]["eventTime"].as_str(), "{done}");
}

#[tokio::test]
async fn only_what_a_notification_names_is_told() {
    let world = World::new().await;
    world.notify(&of(FUNCTION, &["ObjectCreated:Put"], &[("prefix", "in/"), ("suffix", ".jpg")])).await;
    let telling = world.telling();
    for key in ["in/a.png", "a.jpg", "out/in/a.jpg"] {
        world.store.put(&format!("/docs/{key}"), &[], "x").await.ok();
    }
    world.store.put("/docs/in/copy.jpg", &[("x-amz-copy-source", "docs/a.jpg")], "").await.ok();
    world.store.put("/docs/in/a.jpg", &[], "x").await.ok();
    world.store.delete("/docs/in/a.jpg").await.ok();
    let told = world.lambda.told(1).await;
    assert_eq!(told[0]["s3"]["object"]["key"], "in/a.jpg");
    world.notify("").await;
    world.store.put("/docs/in/b.jpg", &[], "x").await.ok();
    world.lambda.told(1).await;
    telling.abort();
}

#[tokio::test]
async fn what_was_not_told_before_a_stop_is_told_after_it_and_once() {
    let world = World::new().await;
    world.notify(&of(FUNCTION, &ALL, &[])).await;
    world.store.put("/docs/key", &[("x-amzn-trace-id", "Root=1;Lineage=3:0:3")], "x").await.ok();
    let world = world.again();
    let telling = world.telling();
    world.lambda.told(1).await;
    assert_eq!(world.lambda.calls.lock().unwrap()[0].2.as_deref(), Some("Root=1;Lineage=3:0:3"));
    telling.abort();
    let _ = telling.await;
    let world = world.again();
    let telling = world.telling();
    world.lambda.told(1).await;
    telling.abort();
}

#[tokio::test]
async fn what_cannot_be_handed_over_waits_and_holds_nobody_up_and_what_is_denied_is_lost() {
    let world = World::new().await;
    world.notify(&of(FUNCTION, &ALL, &[])).await;
    let telling = world.telling();
    let mut now = me();
    now.now = client::now();
    let put = async |key: &str| {
        let put = request("PUT", &format!("/docs/{key}"), &[], "x");
        world.store.send_as(&now, &Notes::default(), put).await.ok();
    };
    world.lambda.is_away.store(true, Ordering::SeqCst);
    put("waits").await;
    world.lambda.told(0).await;
    world.lambda.is_away.store(false, Ordering::SeqCst);
    world.lambda.told(1).await;
    world.lambda.is_closed.store(true, Ordering::SeqCst);
    put("denied").await;
    world.lambda.told(1).await;
    world.lambda.is_closed.store(false, Ordering::SeqCst);
    put("after").await;
    let told = world.lambda.told(2).await;
    assert_eq!(told[1]["s3"]["object"]["key"], "after");
    telling.abort();
}

#[tokio::test]
async fn a_store_from_before_there_were_events_is_brought_up() {
    let world = World::new().await;
    world.store.put("/docs/key", &[], "kept").await.ok();
    let path = world.store.dir.path().join("s3.sqlite");
    let index = rusqlite::Connection::open(path).unwrap();
    index.execute_batch("DROP TABLE event; PRAGMA user_version = 3;").unwrap();
    drop(index);
    let world = world.again();
    assert_eq!(world.store.get("/docs/key", &[]).await.ok().text(), "kept");
    world.notify(&of(FUNCTION, &ALL, &[])).await;
    let telling = world.telling();
    world.store.put("/docs/new", &[], "x").await.ok();
    world.lambda.told(1).await;
    telling.abort();
}

#[tokio::test]
async fn destinations_that_are_not_there_or_let_nobody_in_are_refused_together() {
    let world = World::new().await;
    let own = of(FUNCTION, &["ObjectRemoved:*"], &[]);
    world.notify(&own).await;
    let none = "arn:aws:lambda:us-east-1:111122223333:function:none";
    let queue = "<QueueConfiguration><Queue>arn:aws:sqs:us-east-1:111122223333:q</Queue>\
        <Event>s3:ObjectTagging:*</Event></QueueConfiguration>";
    let topic = "<TopicConfiguration><Topic>arn:aws:sns:us-east-1:111122223333:t</Topic>\
        <Event>s3:ObjectAcl:Put</Event></TopicConfiguration>";
    let bridge = "<EventBridgeConfiguration/>";
    let refused = of(none, &["ObjectCreated:*"], &[]);
    let document = format!("<NotificationConfiguration>{topic}{queue}{refused}{bridge}</NotificationConfiguration>");
    let answer = world.store.put("/docs?notification", &[], document.clone()).await;
    assert_eq!(answer.error(), (400, "InvalidArgument".into()));
    let message = "Unable to validate the following destination configurations";
    assert_eq!(answer.element("Message").as_deref(), Some(message));
    let argument = |number: u32| {
        let of = |what: &str| answer.element(&format!("Argument{what}{number}")).unwrap_or_default();
        (of("Name"), of("Value"))
    };
    let told = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(argument(1), told("arn:aws:sqs:us-east-1:111122223333:q", "The destination queue does not exist"));
    assert_eq!(argument(2), told("arn:aws:sns:us-east-1:111122223333:t", "The destination topic does not exist"));
    assert_eq!(argument(3), told(&format!("{none}, null"), &format!("Not authorized to invoke function [{none}]")));
    assert_eq!(argument(4), told("EventBridgeConfiguration", "The destination event bus does not exist"));
    assert!(world.store.get("/docs?notification", &[]).await.ok().text().contains(FUNCTION), "nothing has changed");
    let skip = [("x-amz-skip-destination-validation", "true")];
    world.store.put("/docs?notification", &skip, document).await.ok();
    assert!(world.store.get("/docs?notification", &[]).await.ok().text().contains(none));
    // What nobody can be told of is lost.
    let telling = world.telling();
    world.store.put("/docs/key", &[], "x").await.ok();
    world.lambda.told(0).await;
    telling.abort();
}

#[tokio::test]
async fn a_bucket_of_another_account_is_told_as_its_own() {
    let world = World::new().await;
    let stranger = caller("444455556666", "us-east-1");
    let send = async |uri: &str, body: String| {
        world.store.send_as(&stranger, &Notes::default(), request("PUT", uri, &[], body)).await.ok();
    };
    send("/theirs", String::new()).await;
    let own = of(FUNCTION, &ALL, &[]);
    send("/theirs?notification", format!("<NotificationConfiguration>{own}</NotificationConfiguration>")).await;
    send("/theirs/key", "x".to_owned()).await;
    let telling = world.telling();
    world.lambda.told(1).await;
    telling.abort();
    let calls = world.lambda.calls.lock().unwrap();
    assert_eq!(calls[0].0.source_account.as_str(), "444455556666");
    assert_eq!(calls[0].0.source_arn, "arn:aws:s3:::theirs");
}

/// Other servers, which note what they get: the service, and the body of the request.
#[derive(Default)]
struct Servers {
    requests: Mutex<Vec<(String, String)>>,
    status: AtomicU16,
}

#[async_trait]
impl Elsewhere for Servers {
    async fn call(
        &self, principal: &'static str, scope: &Scope, service: &str, request: Request<Vec<u8>>,
    ) -> Option<StatusCode> {
        assert_eq!((principal, scope.account.as_str()), ("s3.amazonaws.com", "111122223333"));
        let body = String::from_utf8(request.into_body()).unwrap();
        self.requests.lock().unwrap().push((service.to_owned(), body));
        StatusCode::from_u16(self.status.load(Ordering::SeqCst)).ok()
    }
}

impl Servers {
    /// Waits until there are so many requests, and takes them.
    async fn taken(&self, count: usize) -> Vec<(String, String)> {
        for _ in 0..1000 {
            if self.requests.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let taken = std::mem::take(&mut *self.requests.lock().unwrap());
        assert_eq!(taken.len(), count, "{taken:?}");
        taken
    }
}

const QUEUE: &str = "<QueueConfiguration><Queue>arn:aws:sqs:us-east-1:111122223333:q</Queue>\
    <Event>s3:ObjectCreated:*</Event></QueueConfiguration>";
const TOPIC: &str = "<TopicConfiguration><Topic>arn:aws:sns:us-east-1:111122223333:t</Topic>\
    <Event>s3:ObjectRemoved:*</Event></TopicConfiguration>";

#[tokio::test]
async fn queues_topics_and_the_event_bus_are_told_where_other_servers_answer_for_them() {
    let world = World::new().await;
    let servers = Arc::new(Servers::default());
    servers.status.store(200, Ordering::SeqCst);
    world.store.s3.send_by(Arc::clone(&servers) as _);
    world.notify(&format!("{TOPIC}{QUEUE}<EventBridgeConfiguration/>")).await;
    let tested = servers.taken(3).await;
    assert_eq!(tested.iter().map(|(service, _)| service.as_str()).collect::<Vec<_>>(), ["sqs", "sns", "events"]);
    let message: Value = serde_json::from_str(&tested[0].1).unwrap();
    let document: Value = serde_json::from_str(message["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!((&document["Service"], &document["Event"]), (&"Amazon S3".into(), &"s3:TestEvent".into()));
    assert_eq!(document["Bucket"], "docs");
    let telling = world.telling();
    world.store.put("/docs/a%20b", &[], "seven b").await.ok();
    let told = servers.taken(2).await;
    let message: Value = serde_json::from_str(&told[0].1).unwrap();
    let document: Value = serde_json::from_str(message["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(document["Records"][0]["s3"]["object"]["key"], "a+b");
    let entry = &serde_json::from_str::<Value>(&told[1].1).unwrap()["Entries"][0];
    assert_eq!((&entry["Source"], &entry["DetailType"]), (&"aws.s3".into(), &"Object Created".into()));
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!((&detail["object"]["key"], &detail["object"]["size"]), (&"a b".into(), &7.into()));
    assert_eq!((&detail["reason"], &detail["requester"]), (&"PutObject".into(), &"111122223333".into()));
    world.store.delete("/docs/a%20b").await.ok();
    let told = servers.taken(2).await;
    assert!(told[0].0 == "sns" && told[0].1.contains("&Subject=Amazon%20S3%20Notification"), "{told:?}");
    assert!(told[1].1.contains("Permanently Deleted"), "{told:?}");
    world.lambda.told(0).await;
    telling.abort();
}

#[tokio::test]
async fn a_destination_that_another_server_refuses_is_refused_and_one_that_is_away_is_tried_again() {
    let world = World::new().await;
    let servers = Arc::new(Servers::default());
    world.store.s3.send_by(Arc::clone(&servers) as _);
    servers.status.store(403, Ordering::SeqCst);
    let document = format!("<NotificationConfiguration>{QUEUE}</NotificationConfiguration>");
    let refused = world.store.put("/docs?notification", &[], document).await;
    let why = "Permissions on the destination queue do not allow S3 to publish notifications from this bucket";
    assert_eq!((refused.error().0, refused.element("ArgumentValue1").as_deref()), (400, Some(why)));
    servers.status.store(200, Ordering::SeqCst);
    world.notify(QUEUE).await;
    servers.taken(2).await;
    servers.status.store(503, Ordering::SeqCst);
    let telling = world.telling();
    let mut now = me();
    now.now = client::now();
    world.store.send_as(&now, &Notes::default(), request("PUT", "/docs/key", &[], "x")).await.ok();
    servers.taken(1).await;
    servers.status.store(200, Ordering::SeqCst);
    servers.taken(1).await;
    telling.abort();
}
