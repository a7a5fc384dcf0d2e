use sidegate_iam::Path;

use super::*;
use crate::s3::store::Settings;

fn bucket() -> Bucket {
    Bucket {
        name: "docs".to_owned(),
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        created: 0,
        tags: std::collections::BTreeMap::new(),
        policy: None,
        settings: Settings::default(),
        encryption: None,
        acl: None,
    }
}

fn origin() -> Origin {
    let account: sidegate_model::AccountId = "111122223333".parse().unwrap();
    let caller = crate::Caller {
        request_id: "7A1B".to_owned(),
        principal: Principal::Root(account.clone().into()),
        scope: sidegate_model::Scope { account, region: "eu-west-1".parse().unwrap() },
        access_key: None,
        path: Path::Public { source: [10, 0, 0, 7].into() },
        now: 1_750_000_000_123,
    };
    Origin::of(&Call::new(caller).0)
}

#[test]
fn a_record_has_the_members_that_the_guide_lists() {
    let (origin, version) = (origin(), VersionId::random().unwrap());
    let put = Event {
        happening: Happening::Put,
        origin: &origin,
        key: "a/red flower+ü.jpg",
        size: Some(7),
        etag: Some("e"),
        version: Some(&version),
    };
    let document = put.document(&bucket(), "new", 26);
    let record = &document["Records"][0];
    assert_eq!(record["eventVersion"], "2.1");
    assert_eq!(record["eventSource"], "aws:s3");
    assert_eq!(record["awsRegion"], "eu-west-1");
    assert_eq!(record["eventTime"], "2025-06-15T15:06:40.123Z");
    assert_eq!(record["eventName"], "ObjectCreated:Put");
    assert_eq!(record["userIdentity"]["principalId"], "AWS:111122223333");
    assert_eq!(record["requestParameters"]["sourceIPAddress"], "10.0.0.7");
    assert_eq!(record["responseElements"]["x-amz-request-id"], "7A1B");
    assert_eq!(record["responseElements"]["x-amz-id-2"].as_str().unwrap().len(), 44);
    let s3 = &record["s3"];
    assert_eq!((&s3["s3SchemaVersion"], &s3["configurationId"]), (&json!("1.0"), &json!("new")));
    assert_eq!((&s3["bucket"]["name"], &s3["bucket"]["arn"]), (&json!("docs"), &json!("arn:aws:s3:::docs")));
    let owner = s3["bucket"]["ownerIdentity"]["principalId"].as_str().unwrap();
    assert!(owner.len() == 14 && owner.starts_with('A'), "{owner}");
    let object = json!({"key": "a/red+flower%2B%C3%BC.jpg", "size": 7, "eTag": "e", "versionId": version.as_str(),
        "sequencer": "00000000000000001A"});
    assert_eq!(s3["object"], object);
}

#[test]
fn what_is_not_known_of_an_object_is_left_out() {
    let (origin, null) = (origin(), VersionId::null());
    let event =
        |happening| Event { happening, origin: &origin, key: "k", size: None, etag: None, version: Some(&null) };
    let object = |happening| event(happening).document(&bucket(), "c", 1)["Records"][0]["s3"]["object"].clone();
    assert_eq!(object(Happening::Deleted), json!({"key": "k", "sequencer": "000000000000000001"}));
    assert_eq!(object(Happening::Marked)["eTag"], OF_NOTHING);
    let tagged = event(Happening::Tagged).document(&bucket(), "c", 1);
    assert_eq!(tagged["Records"][0]["eventVersion"], "2.3");
    assert_eq!(tagged["Records"][0]["s3"]["object"], json!({"key": "k"}));
}
