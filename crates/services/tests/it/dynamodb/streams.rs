//! Streams of tables.

use super::*;

fn world() -> (World, String) {
    let world = World::new();
    let mut document = table("Music");
    document["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"});
    let made = world.ok("CreateTable", document);
    let stream = text(&made["TableDescription"]["LatestStreamArn"]);
    assert!(stream.starts_with(&format!("{}/stream/2", arn("Music"))), "{stream}");
    (world, stream)
}

fn iterator(world: &World, stream: &str) -> Value {
    let shards = world.ok("DescribeStream", json!({"StreamArn": stream}))["StreamDescription"]["Shards"].clone();
    let wanted = json!({"StreamArn": stream, "ShardId": shards[0]["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
    world.ok("GetShardIterator", wanted)["ShardIterator"].clone()
}

#[test]
fn a_stream_tells_of_every_change_in_order() {
    let (world, stream) = world();
    world.put("Music", "a", "x");
    world.ok("DeleteItem", json!({"TableName": "Music", "Key": key("a", "x")}));
    let listed = world.ok("ListStreams", json!({"TableName": "Music"}));
    assert_eq!(listed["Streams"][0]["StreamArn"], stream.as_str());
    let read = world.ok("GetRecords", json!({"ShardIterator": iterator(&world, &stream)}));
    let names: Vec<_> = read["Records"].as_array().unwrap().iter().map(|record| text(&record["eventName"])).collect();
    assert_eq!(names, ["INSERT", "REMOVE"]);
    let first = &read["Records"][0];
    assert_eq!((&first["awsRegion"], &first["dynamodb"]["NewImage"]), (&json!("us-east-1"), &item("a", "x")));
    world.put("Music", "b", "x");
    let next = world.ok("GetRecords", json!({"ShardIterator": read["NextShardIterator"]}));
    assert_eq!(next["Records"][0]["dynamodb"]["Keys"], key("b", "x"));
    let old = World { now: world.now + 16 * 60 * 1000, ..world };
    assert_eq!(old.code("GetRecords", json!({"ShardIterator": read["NextShardIterator"]})), "ExpiredIteratorException");
}

#[test]
fn a_stream_is_asked_about_on_its_own_and_has_a_policy_of_its_own() {
    let (world, stream) = world();
    let position = iterator(&world, &stream);
    let read = json!({"ShardIterator": position});
    assert_eq!(world.asked("GetRecords", read.clone()), [format!("dynamodb:GetRecords {stream}")]);
    assert_eq!(world.asked("ListStreams", json!({})), ["dynamodb:ListStreams *"]);
    assert_eq!(world.call(STRANGER, "GetRecords", &read).0, 400);
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": STRANGER}, "Action": "dynamodb:GetRecords", "Resource": stream}});
    world.ok("PutResourcePolicy", json!({"ResourceArn": stream, "Policy": policy.to_string()}));
    assert_eq!(world.call(STRANGER, "GetRecords", &read).0, 200);
    assert_eq!(world.code("GetResourcePolicy", json!({"ResourceArn": arn("Music")})), "PolicyNotFoundException");
    for wrong in [json!({"ShardIterator": "x"}), json!({})] {
        assert_eq!(world.code("GetRecords", wrong), "ValidationException");
    }
}

#[test]
fn a_stream_that_is_switched_off_is_gone() {
    let (world, stream) = world();
    let position = iterator(&world, &stream);
    world.ok("UpdateTable", json!({"TableName": "Music", "StreamSpecification": {"StreamEnabled": false}}));
    assert_eq!(world.code("DescribeStream", json!({"StreamArn": stream})), "ResourceNotFoundException");
    assert_eq!(world.code("GetRecords", json!({"ShardIterator": position})), "ResourceNotFoundException");
    assert_eq!(world.code("DescribeStream", json!({"StreamArn": arn("Music")})), "ValidationException");
}
