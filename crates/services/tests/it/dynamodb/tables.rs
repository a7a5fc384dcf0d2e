//! Tables: made, described, changed and deleted.

use std::collections::BTreeSet;

use super::*;

#[test]
fn a_table_is_made_described_and_deleted_under_the_names_of_its_account() {
    let world = World::new();
    let made = world.table("Music")["TableDescription"].clone();
    assert_eq!((text(&made["TableArn"]), text(&made["TableStatus"])), (arn("Music"), "CREATING".to_owned()));
    let found = world.ok("DescribeTable", json!({"TableName": "Music"}))["Table"].clone();
    assert_eq!(found["TableStatus"], "ACTIVE");
    assert_eq!(found["GlobalSecondaryIndexes"][0]["IndexArn"], format!("{}/index/byKind", arn("Music")));
    assert_eq!(world.ok("DescribeTable", json!({"TableName": arn("Music")}))["Table"], found);
    assert_eq!(world.ok("ListTables", json!({}))["TableNames"], json!(["Music"]));
    assert_eq!(world.code("CreateTable", table("Music")), "ResourceInUseException");
    // Nobody sees the tables of another account or Region.
    assert_eq!(world.call(STRANGER, "ListTables", &json!({})).1["TableNames"], json!([]));
    assert_eq!(
        error(&world.call(STRANGER, "DescribeTable", &json!({"TableName": "Music"}))).0,
        "ResourceNotFoundException"
    );
    world.ok("DeleteTable", json!({"TableName": "Music"}));
    let (code, message) = world.refused("DescribeTable", json!({"TableName": "Music"}));
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(message, "Requested resource not found: Table: Music not found");
}

#[test]
fn what_is_not_served_is_refused_and_not_forgotten_about() {
    let world = World::new();
    let with = |member: &str, value: Value| {
        let mut document = table("Music");
        document[member] = value;
        document
    };
    assert_eq!(world.code("CreateTable", with("WarmThroughput", json!({"ReadUnitsPerSecond": 1}))), "NotImplemented");
    world.table("Music");
    let replica = json!({"TableName": "Music", "ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]});
    assert_eq!(world.code("UpdateTable", replica), "NotImplemented");
    for operation in ["CreateBackup", "ExportTableToPointInTime", "UpdateContributorInsights"] {
        assert_eq!(world.call(OWNER, operation, &json!({})).0, 501, "{operation}");
    }
    assert_eq!(world.code("DropTable", json!({})), "UnknownOperationException");
    let backups = json!({"TableName": "Music"});
    let told = world.ok("DescribeContinuousBackups", backups)["ContinuousBackupsDescription"].clone();
    assert_eq!(told["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "DISABLED");
    let off = json!({"TableName": "Music", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": false}});
    world.ok("UpdateContinuousBackups", off);
    let wanted =
        json!({"TableName": "Music", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}});
    assert_eq!(world.code("UpdateContinuousBackups", wanted), "NotImplemented");
}

#[test]
fn names_that_the_engine_cannot_tell_apart_are_refused_and_leave_nothing() {
    let world = World::new();
    world.table("Music");
    for name in ["music", "_tables", "_Stream_Records", "sqlite_master"] {
        assert_eq!(world.code("CreateTable", table(name)), "NotImplemented", "{name}");
    }
    assert_eq!(world.ok("ListTables", json!({}))["TableNames"], json!(["Music"]));
    world.put("Music", "a", "b");
}

#[test]
fn a_protected_table_stays_until_the_protection_is_taken_away() {
    let world = World::new();
    world.table("Music");
    world.ok("UpdateTable", json!({"TableName": "Music", "DeletionProtectionEnabled": true}));
    assert_eq!(world.code("DeleteTable", json!({"TableName": "Music"})), "ValidationException");
    world.ok("UpdateTable", json!({"TableName": "Music", "DeletionProtectionEnabled": false}));
    world.ok("DeleteTable", json!({"TableName": "Music"}));
}

#[test]
fn tags_are_put_on_a_table_listed_and_taken_off() {
    let world = World::new();
    world.table("Music");
    let tags = json!([{"Key": "team", "Value": "blue"}, {"Key": "cost", "Value": "1"}]);
    world.ok("TagResource", json!({"ResourceArn": arn("Music"), "Tags": tags}));
    world.ok("UntagResource", json!({"ResourceArn": arn("Music"), "TagKeys": ["cost"]}));
    let listed = world.ok("ListTagsOfResource", json!({"ResourceArn": arn("Music")}));
    assert_eq!(listed["Tags"], json!([{"Key": "team", "Value": "blue"}]));
    let gone = json!({"ResourceArn": arn("Gone"), "Tags": [{"Key": "a", "Value": "b"}], "TagKeys": ["a"]});
    for operation in ["ListTagsOfResource", "TagResource", "UntagResource"] {
        assert_eq!(
            world.refused(operation, gone.clone()),
            (
                "ResourceNotFoundException".to_owned(),
                format!("Requested resource not found: ResourcArn: {} not found", arn("Gone"))
            ),
            "{operation}"
        );
    }
    assert_eq!(world.code("TagResource", json!({"ResourceArn": "arn:aws:s3:::b", "Tags": []})), "ValidationException");
}

#[test]
fn items_go_when_their_time_to_live_is_over() {
    let world = World::new();
    world.table("Music");
    let specification = json!({"AttributeName": "until", "Enabled": true});
    world.ok("UpdateTimeToLive", json!({"TableName": "Music", "TimeToLiveSpecification": specification}));
    let told = world.ok("DescribeTimeToLive", json!({"TableName": "Music"}));
    assert_eq!(told["TimeToLiveDescription"]["AttributeName"], "until");
    let seconds = world.now / 1000;
    let year = 366 * 24 * 60 * 60;
    // What is over for more than five years is no date, such as AWS's own example.
    let ages = [("old", seconds - 60), ("older", seconds - 4 * year), ("new", seconds + 3600), ("none", 1_171_734_022)];
    for (pk, until) in ages.into_iter().chain([("zero", 0), ("oldest", seconds - 5 * year)]) {
        let mut item = item(pk, "x");
        item["until"] = json!({"N": until.to_string()});
        world.ok("PutItem", json!({"TableName": "Music", "Item": item}));
    }
    block_on(world.dynamodb.keep(world.now)).unwrap();
    let left = world.ok("Scan", json!({"TableName": "Music"}))["Items"].as_array().unwrap().clone();
    let left: BTreeSet<_> = left.iter().map(|item| item["pk"]["S"].as_str().unwrap()).collect();
    assert_eq!(left, BTreeSet::from(["new", "none", "oldest", "zero"]));
}

#[test]
fn a_table_has_a_key_of_kms_that_its_callers_have_to_be_allowed_to_use() {
    let world = World::new();
    let mut document = table("Music");
    document["SSESpecification"] = json!({"Enabled": true, "SSEType": "KMS"});
    let made = world.ok("CreateTable", document)["TableDescription"]["SSEDescription"].clone();
    assert_eq!((&made["Status"], &made["SSEType"]), (&json!("ENABLED"), &json!("KMS")));
    world.put("Music", "a", "b");
    let get = json!({"TableName": "Music", "Key": key("a", "b")});
    let only = |actions: Value| json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let (denied, _) = world.call_as(&user(OWNER), &only(json!(["dynamodb:*"])), "GetItem", &get);
    // The key's own policy lets in who calls through DynamoDB, as that of a key that AWS manages does.
    assert_eq!(denied.0, 200, "{denied:?}");
    world.ok("UpdateTable", json!({"TableName": "Music", "SSESpecification": {"Enabled": false}}));
    let now = world.ok("DescribeTable", json!({"TableName": "Music"}));
    assert!(now["Table"].get("SSEDescription").is_none());
    let wrong = json!({"TableName": "Music", "SSESpecification": {"Enabled": true, "KMSMasterKeyId": "alias/none"}});
    assert_eq!(world.code("UpdateTable", wrong), "AccessDeniedException");
}

#[test]
fn of_what_nobody_can_make_there_is_nothing() {
    let world = World::new();
    world.table("Music");
    assert_eq!(world.ok("ListBackups", json!({})), json!({"BackupSummaries": []}));
    assert_eq!(world.ok("ListExports", json!({})), json!({"ExportSummaries": []}));
    assert_eq!(world.ok("ListImports", json!({})), json!({"ImportSummaryList": []}));
    assert_eq!(world.ok("ListGlobalTables", json!({})), json!({"GlobalTables": []}));
    let backup = format!("{}/backup/01489602797149-73d8d5bc", arn("Music"));
    for operation in ["DescribeBackup", "DeleteBackup", "RestoreTableFromBackup"] {
        let told = world.refused(operation, json!({ "BackupArn": backup }));
        assert_eq!(told, ("BackupNotFoundException".to_owned(), format!("Backup not found: {backup}")), "{operation}");
        assert_eq!(world.asked(operation, json!({ "BackupArn": backup })), [format!("dynamodb:{operation} {backup}")]);
        assert_eq!(world.code(operation, json!({})), "ValidationException");
    }
    for (operation, member, kind) in [
        ("DescribeExport", "ExportArn", "ExportNotFoundException"),
        ("DescribeImport", "ImportArn", "ImportNotFoundException"),
        ("DescribeGlobalTable", "GlobalTableName", "GlobalTableNotFoundException"),
    ] {
        assert_eq!(world.code(operation, json!({member: "Music"})), kind);
    }
    let of = |name: &str| json!({"TableName": name});
    let insights = world.ok("DescribeContributorInsights", of("Music"));
    assert_eq!(insights, json!({"TableName": "Music", "ContributorInsightsStatus": "DISABLED"}));
    let kinesis = world.ok("DescribeKinesisStreamingDestination", of("Music"));
    assert_eq!(kinesis, json!({"TableName": "Music", "KinesisDataStreamDestinations": []}));
    assert_eq!(world.code("DescribeKinesisStreamingDestination", of("Gone")), "ResourceNotFoundException");
}

#[test]
fn a_table_says_how_it_is_billed_and_since_when() {
    let world = World::new();
    let mut unsaid = table("Music");
    unsaid.as_object_mut().unwrap().remove("BillingMode");
    let (code, message) = world.refused("CreateTable", unsaid);
    assert_eq!(code, "ValidationException");
    assert!(message.contains("ReadCapacityUnits and WriteCapacityUnits must both be specified"), "{message}");
    let made = world.table("Music")["TableDescription"].clone();
    let since = |table: &Value| table["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"].clone();
    assert!(made["CreationDateTime"].is_number());
    assert_eq!(since(&made), made["CreationDateTime"]);
    let capacity = json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1});
    let index = json!([{"Update": {"IndexName": "byKind", "ProvisionedThroughput": capacity}}]);
    world.ok(
        "UpdateTable",
        json!({"TableName": "Music", "BillingMode": "PROVISIONED", "ProvisionedThroughput": capacity,
        "GlobalSecondaryIndexUpdates": index}),
    );
    let later = World { now: world.now + 5000, ..world };
    later.ok("UpdateTable", json!({"TableName": "Music", "BillingMode": "PAY_PER_REQUEST"}));
    let told = later.ok("DescribeTable", json!({"TableName": "Music"}))["Table"].clone();
    assert_eq!(since(&told).as_f64(), Some(later.now as f64 / 1000.0));
}

#[test]
fn the_throughput_of_an_index_is_asked_for_kept_and_given_up() {
    let world = World::new();
    let units = |n: u64| json!({"ReadCapacityUnits": n, "WriteCapacityUnits": n + 1});
    let mut document = table("Music");
    document["BillingMode"] = json!("PROVISIONED");
    document["ProvisionedThroughput"] = units(5);
    let lacking = |index: &str| {
        format!("One or more parameter values were invalid: ProvisionedThroughput must be specified for index: {index}")
    };
    assert_eq!(world.refused("CreateTable", document.clone()).1, lacking("byKind"));
    assert_eq!(world.code("DescribeTable", json!({"TableName": "Music"})), "ResourceNotFoundException");
    document["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] = units(5);
    world.ok("CreateTable", document);
    let update = |updates: Value| {
        json!({"TableName": "Music", "GlobalSecondaryIndexUpdates": updates,
            "AttributeDefinitions": [{"AttributeName": "n", "AttributeType": "N"}]})
    };
    let mut new = json!({"Create": {"IndexName": "byNumber", "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"}}});
    assert_eq!(world.refused("UpdateTable", update(json!([new]))).1, lacking("byNumber"));
    new["Create"]["ProvisionedThroughput"] = units(6);
    let two = update(json!([new, {"Delete": {"IndexName": "byKind"}}]));
    assert_eq!(world.code("UpdateTable", two), "LimitExceededException");
    let of = |table: &Value, index: &str| {
        let indexes = table["GlobalSecondaryIndexes"].as_array().unwrap();
        let index = indexes.iter().find(|own| own["IndexName"] == index).unwrap();
        let units = &index["ProvisionedThroughput"];
        (units["ReadCapacityUnits"].as_u64().unwrap(), units["WriteCapacityUnits"].as_u64().unwrap())
    };
    let made = world.ok("UpdateTable", update(json!([new])))["TableDescription"].clone();
    assert_eq!((of(&made, "byNumber"), of(&made, "byKind")), ((6, 7), (5, 6)));
    let more = json!([{"Update": {"IndexName": "byKind", "ProvisionedThroughput": units(9)}}]);
    world.ok("UpdateTable", update(more));
    let told = || world.ok("DescribeTable", json!({"TableName": "Music"}))["Table"].clone();
    assert_eq!((of(&told(), "byKind"), of(&told(), "byNumber")), ((9, 10), (6, 7)));
    world.ok("UpdateTable", json!({"TableName": "Music", "BillingMode": "PAY_PER_REQUEST"}));
    assert_eq!((of(&told(), "byKind"), of(&told(), "byNumber")), ((0, 0), (0, 0)));
    let back = json!({"TableName": "Music", "BillingMode": "PROVISIONED", "ProvisionedThroughput": units(5),
        "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "byKind", "ProvisionedThroughput": units(1)}}]});
    assert_eq!(world.refused("UpdateTable", back).1, lacking("byNumber"));
}

#[test]
fn a_time_to_live_is_changed_and_not_set_again() {
    let world = World::new();
    world.table("Music");
    let set = |attribute: &str, enabled: bool| json!({"TableName": "Music", "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": enabled}});
    let told = |document: Value| world.refused("UpdateTimeToLive", document).1;
    assert_eq!(told(set("until", false)), "TimeToLive is already disabled");
    world.ok("UpdateTimeToLive", set("until", true));
    assert_eq!(told(set("until", true)), "TimeToLive is already enabled");
    let other = "TimeToLive is active on a different AttributeName: current AttributeName is until";
    assert_eq!((told(set("other", true)), told(set("other", false))), (other.to_owned(), other.to_owned()));
    world.ok("UpdateTimeToLive", set("until", false));
}

#[test]
fn what_is_missing_or_given_twice_is_named() {
    let world = World::new();
    world.table("Music");
    let gone = json!({"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "byName"}}]});
    let told = (
        "ResourceNotFoundException".to_owned(),
        "Requested resource not found: Index byName for table Music".to_owned(),
    );
    assert_eq!(world.refused("UpdateTable", gone), told);
    let twice = json!([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]);
    assert_eq!(world.code("TagResource", json!({"ResourceArn": arn("Music"), "Tags": twice})), "ValidationException");
}
