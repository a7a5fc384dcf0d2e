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
fn a_stream_that_is_switched_off_or_whose_table_is_gone_is_read_for_a_day() {
    let (world, stream) = world();
    world.put("Music", "a", "x");
    let early = iterator(&world, &stream);
    world.put("Music", "b", "x");
    let off = world.ok("UpdateTable", json!({"TableName": "Music", "StreamSpecification": {"StreamEnabled": false}}));
    let told = world.ok("DescribeTable", json!({"TableName": "Music"}))["Table"].clone();
    for told in [&off["TableDescription"], &told] {
        assert_eq!(text(&told["LatestStreamArn"]), stream, "it is still the latest");
        assert!(stream.ends_with(&text(&told["LatestStreamLabel"])));
        assert_eq!(told.get("StreamSpecification"), None);
    }
    world.put("Music", "unseen", "x");
    let keys = |read: &Value| -> Vec<String> {
        let records = read["Records"].as_array().unwrap();
        records.iter().map(|record| text(&record["dynamodb"]["Keys"]["pk"]["S"])).collect()
    };
    for position in [early, iterator(&world, &stream)] {
        let first = world.ok("GetRecords", json!({"ShardIterator": position, "Limit": 1}));
        assert_eq!(keys(&first), ["a"]);
        assert_eq!(first["Records"][0]["dynamodb"]["NewImage"], item("a", "x"));
        let rest = world.ok("GetRecords", json!({"ShardIterator": first["NextShardIterator"]}));
        assert_eq!((keys(&rest), rest.get("NextShardIterator")), (vec!["b".to_owned()], None), "the shard is closed");
    }
    let told = world.ok("DescribeStream", json!({"StreamArn": stream}))["StreamDescription"].clone();
    assert_eq!((&told["StreamStatus"], &told["StreamArn"]), (&json!("DISABLED"), &json!(stream)));
    assert!(told["Shards"][0]["SequenceNumberRange"]["EndingSequenceNumber"].is_string());
    let on =
        json!({"TableName": "Music", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}});
    let next = text(&world.ok("UpdateTable", on)["TableDescription"]["LatestStreamArn"]);
    world.put("Music", "c", "x");
    world.ok("DeleteTable", json!({"TableName": "Music"}));
    world.table("Music");
    let listed = world.ok("ListStreams", json!({"TableName": "Music"}))["Streams"].clone();
    let arns: Vec<_> = listed.as_array().unwrap().iter().map(|own| text(&own["StreamArn"])).collect();
    assert_eq!(arns, [stream.clone(), next.clone()]);
    let page = world.ok("ListStreams", json!({"Limit": 1}));
    assert_eq!(page["LastEvaluatedStreamArn"], stream.as_str());
    let rest = world.ok("ListStreams", json!({"ExclusiveStartStreamArn": stream}));
    assert_eq!((rest["Streams"].as_array().unwrap().len(), rest.get("LastEvaluatedStreamArn")), (1, None));
    assert_eq!(keys(&world.ok("GetRecords", json!({"ShardIterator": iterator(&world, &next)}))), ["c"]);
    assert_eq!(world.code("DescribeStream", json!({"StreamArn": arn("Music")})), "ValidationException");
    let day = 25 * 60 * 60 * 1000;
    block_on(world.dynamodb.keep(world.now + day)).unwrap();
    assert_eq!(world.code("DescribeStream", json!({"StreamArn": stream})), "ResourceNotFoundException");
}

#[test]
fn an_item_whose_time_is_over_is_removed_by_dynamodb() {
    let (world, stream) = world();
    world.ok(
        "UpdateTimeToLive",
        json!({"TableName": "Music", "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": true}}),
    );
    let mut old = item("a", "x");
    old["until"] = json!({"N": (world.now / 1000 - 60).to_string()});
    world.ok("PutItem", json!({"TableName": "Music", "Item": old}));
    block_on(world.dynamodb.keep(world.now)).unwrap();
    let read = world.ok("GetRecords", json!({"ShardIterator": iterator(&world, &stream)}));
    let last = read["Records"].as_array().unwrap().last().unwrap();
    let dynamodb = json!({"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"});
    assert_eq!((&last["eventName"], &last["userIdentity"]), (&json!("REMOVE"), &dynamodb));
    // What somebody deletes afterwards is not DynamoDB's.
    world.put("Music", "b", "x");
    world.ok("DeleteItem", json!({"TableName": "Music", "Key": key("b", "x")}));
    let read = world.ok("GetRecords", json!({"ShardIterator": iterator(&world, &stream)}));
    let last = read["Records"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["eventName"], last.get("userIdentity")), (&json!("REMOVE"), None));
}

#[test]
fn a_stream_is_switched_on_and_off_once() {
    let (world, _) = world();
    let set = |enabled: bool| match enabled {
        true => {
            json!({"TableName": "Music", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}})
        }
        false => json!({"TableName": "Music", "StreamSpecification": {"StreamEnabled": false}}),
    };
    assert_eq!(world.code("UpdateTable", set(true)), "ValidationException");
    world.ok("UpdateTable", set(false));
    assert_eq!(world.code("UpdateTable", set(false)), "ValidationException");
    let made = world.ok("UpdateTable", set(true))["TableDescription"].clone();
    assert_eq!(made["StreamSpecification"]["StreamViewType"], "KEYS_ONLY");
    assert_eq!(world.code("ListStreams", json!({"Limit": 0})), "ValidationException");
}

#[test]
fn a_write_that_changes_nothing_makes_no_record_whatever_the_view() {
    for (view, images) in [
        ("KEYS_ONLY", (false, false)),
        ("NEW_IMAGE", (true, false)),
        ("OLD_IMAGE", (false, true)),
        ("NEW_AND_OLD_IMAGES", (true, true)),
    ] {
        let world = World::new();
        let mut document = table("Music");
        document["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": view});
        let made = world.ok("CreateTable", document)["TableDescription"].clone();
        let stream = text(&made["LatestStreamArn"]);
        let mut wide = item("a", "x");
        wide["m"] = json!({"M": {"b": {"L": [{"N": "1"}]}, "a": {"SS": ["x", "y"]}, "c": {"BOOL": true}}});
        let put = |item: &Value| world.ok("PutItem", json!({"TableName": "Music", "Item": item}));
        put(&wide);
        for _ in 0..5 {
            put(&wide);
        }
        let update = json!({"TableName": "Music", "Key": key("a", "x"), "UpdateExpression": "SET n = :n",
            "ExpressionAttributeValues": {":n": {"N": "1"}}});
        world.ok("UpdateItem", update);
        wide["m"]["M"]["b"]["L"][0]["N"] = json!("2");
        put(&wide);
        let read = world.ok("GetRecords", json!({"ShardIterator": iterator(&world, &stream)}))["Records"].take();
        let names: Vec<_> = read.as_array().unwrap().iter().map(|record| text(&record["eventName"])).collect();
        assert_eq!(names, ["INSERT", "MODIFY"], "{view}");
        let change = &read[1]["dynamodb"];
        assert_eq!(change["StreamViewType"], view);
        assert_eq!((change.get("NewImage").is_some(), change.get("OldImage").is_some()), images, "{view}");
        let told = world.ok("DescribeStream", json!({"StreamArn": stream}));
        assert_eq!(told["StreamDescription"]["StreamViewType"], view);
        let table = world.ok("DescribeTable", json!({"TableName": "Music"}));
        assert_eq!(table["Table"]["StreamSpecification"]["StreamViewType"], view);
    }
}

#[test]
fn the_size_of_a_record_is_that_of_its_keys_and_images() {
    let world = World::new();
    let document = |view: &str| {
        json!({"TableName": view, "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "N"}], "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": view}})
    };
    let image = |message: &str| json!({"Id": {"N": "101"}, "Message": {"S": message}});
    // Those with images are the example of the API reference, "GetRecords".
    for (view, sizes) in [("NEW_AND_OLD_IMAGES", [26, 59]), ("KEYS_ONLY", [5, 5]), ("NEW_IMAGE", [26, 38])] {
        let made = world.ok("CreateTable", document(view));
        let stream = text(&made["TableDescription"]["LatestStreamArn"]);
        for message in ["New item!", "This item has changed"] {
            world.ok("PutItem", json!({"TableName": view, "Item": image(message)}));
        }
        let read = || {
            let read = world.ok("GetRecords", json!({"ShardIterator": iterator(&world, &stream)}));
            read["Records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|record| record["dynamodb"]["SizeBytes"].as_u64().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(read(), sizes, "{view}");
        world.ok("UpdateTable", json!({"TableName": view, "StreamSpecification": {"StreamEnabled": false}}));
        assert_eq!(read(), sizes, "{view}, switched off");
    }
}

#[test]
fn the_limit_of_records_is_told() {
    let (world, stream) = world();
    let read =
        |limit: i64| world.refused("GetRecords", json!({"ShardIterator": iterator(&world, &stream), "Limit": limit})).1;
    let told = |limit: i64, bound: &str| {
        format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value \
             {bound}"
        )
    };
    assert_eq!(read(1001), told(1001, "less than or equal to 1000"));
    assert_eq!(read(0), told(0, "greater than or equal to 1"));
    assert_eq!(read(-1), told(-1, "greater than or equal to 1"));
}
