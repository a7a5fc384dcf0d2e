//! Indexes that do not have all of an item.

use super::*;

/// A table with a local index `byRank` and a global one `byKind`, which have keys and `note` alone.
fn world() -> World {
    let world = World::new();
    let mut document = table("Music");
    let narrow = json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]});
    document["GlobalSecondaryIndexes"][0]["Projection"] = narrow.clone();
    document["AttributeDefinitions"]
        .as_array_mut()
        .unwrap()
        .push(json!({"AttributeName": "rank", "AttributeType": "N"}));
    document["LocalSecondaryIndexes"] = json!([{
        "IndexName": "byRank",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "rank", "KeyType": "RANGE"}],
        "Projection": narrow,
    }]);
    world.ok("CreateTable", document);
    for rank in 1..=3 {
        world.ok("PutItem", json!({"TableName": "Music", "Item": ranked(rank)}));
    }
    world.put("Music", "a", "without a rank");
    world
}

fn ranked(rank: u32) -> Value {
    let mut item = item("a", &format!("{}", 10 - rank));
    item["rank"] = json!({"N": rank.to_string()});
    item["note"] = json!({"S": "x"});
    item["more"] = json!({"M": {"l": {"L": [{"N": "1"}, {"N": rank.to_string()}]}, "t": {"S": "x".repeat(5000)}}});
    item
}

fn with(document: &Value, more: &Value) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

fn query() -> Value {
    json!({"TableName": "Music", "IndexName": "byRank", "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}}})
}

#[test]
fn what_a_local_index_does_not_have_comes_from_the_table() {
    let world = world();
    let scan = json!({"TableName": "Music", "IndexName": "byRank"});
    let lists = json!([1, 2, 3].map(|rank| json!({"more": {"M": {"l": {"L": [{"N": rank.to_string()}]}}}})));
    let all = json!([ranked(1), ranked(2), ranked(3)]);
    let ranks = json!({"ProjectionExpression": "#m.l[1]", "ExpressionAttributeNames": {"#m": "more"}});
    let whole = json!({"Select": "ALL_ATTRIBUTES"});
    for (operation, document) in [("Query", query()), ("Scan", scan.clone())] {
        let items = |more: &Value| world.ok(operation, with(&document, more))["Items"].clone();
        assert_eq!(items(&ranks), lists, "{operation}");
        assert_eq!(items(&whole), all, "{operation}");
        let entry = items(&json!({}))[0].clone();
        assert_eq!(entry.get("more"), None, "{operation}: what it has is enough where nothing else is asked for");
        // What comes from the table does not stay.
        assert_eq!(items(&ranks), lists, "{operation}");
    }
    let old = world.ok("Scan", with(&scan, &json!({"AttributesToGet": ["n", "note"]})))["Items"].clone();
    assert_eq!(old[2], json!({"n": {"N": "1"}, "note": {"S": "x"}}));
}

#[test]
fn pages_filters_and_capacity_are_those_of_the_index_and_of_the_table() {
    let world = world();
    let filter = json!({"ProjectionExpression": "n, #r", "FilterExpression": "note = :x",
        "ExpressionAttributeNames": {"#r": "rank"},
        "ExpressionAttributeValues": {":p": {"S": "a"}, ":x": {"S": "x"}}, "Limit": 2, "ReturnConsumedCapacity": "INDEXES"});
    let first = world.ok("Query", with(&query(), &filter));
    let found = |page: &Value| -> Vec<String> {
        page["Items"].as_array().unwrap().iter().map(|item| text(&item["rank"]["N"])).collect()
    };
    assert_eq!((found(&first), &first["ScannedCount"]), (vec!["1".to_owned(), "2".to_owned()], &json!(2)));
    assert_eq!(first["Items"][0]["n"]["N"], "1");
    let more = with(&filter, &json!({"ExclusiveStartKey": first["LastEvaluatedKey"]}));
    assert_eq!(found(&world.ok("Query", with(&query(), &more))), ["3"]);
    let capacity = &first["ConsumedCapacity"];
    let (index, table) = (
        capacity["LocalSecondaryIndexes"]["byRank"]["CapacityUnits"].as_f64().unwrap(),
        capacity["Table"]["CapacityUnits"].as_f64().unwrap(),
    );
    // Two entries of some 30 bytes, and two items of some 5 KB.
    assert_eq!((index, table), (0.5, 1.5));
    assert_eq!(capacity["CapacityUnits"].as_f64(), Some(2.0));
}

#[test]
fn what_a_global_index_does_not_have_cannot_be_asked_for() {
    let world = world();
    let query = json!({"TableName": "Music", "IndexName": "byKind", "KeyConditionExpression": "kind = :k",
        "ExpressionAttributeValues": {":k": {"S": "k"}}});
    let scan = json!({"TableName": "Music", "IndexName": "byKind"});
    let told = "One or more parameter values were invalid: Global secondary index byKind does not project [n, more]";
    for (operation, document) in [("Query", query), ("Scan", scan)] {
        let fine = with(&document, &json!({"ProjectionExpression": "pk, sk, kind, note"}));
        assert_eq!(world.ok(operation, fine)["Count"], 4);
        let lacking = with(&document, &json!({"ProjectionExpression": "n, note, more.l, more.t"}));
        assert_eq!(world.refused(operation, lacking), ("ValidationException".to_owned(), told.to_owned()));
    }
}

#[test]
fn statements_find_what_a_local_index_does_not_have() {
    let world = world();
    let statement = "SELECT n FROM \"Music\".\"byRank\" WHERE pk = 'a' AND rank = 2";
    let found = world.ok("ExecuteStatement", json!({"Statement": statement}));
    assert_eq!(found["Items"], json!([{"n": {"N": "1"}}]));
}

#[test]
fn no_key_that_is_looked_for_is_empty() {
    let world = world();
    let told = |key: &str| {
        format!(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string \
             value. Key: {key}"
        )
    };
    let query = |condition: &str| {
        json!({"TableName": "Music", "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {":p": {"S": "a"}, ":e": {"S": ""}}})
    };
    assert_eq!(world.refused("Query", query("pk = :e AND sk = :p")).1, told("pk"));
    assert_eq!(world.refused("Query", query("pk = :p AND sk = :e")).1, told("sk"));
    let old = json!({"TableName": "Music", "KeyConditions":
        {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": ""}]}}});
    assert_eq!(world.refused("Query", old).1, told("pk"));
}
