//! Who may do what with tables, and how that is asked.

use super::*;

fn world() -> World {
    let world = World::new();
    world.table("Music");
    world.table("Films");
    world.put("Music", "a", "x");
    world
}

#[test]
fn every_operation_asks_for_its_actions_on_its_resources() {
    let world = world();
    let music = arn("Music");
    let on = |document: Value| {
        let mut document = document;
        document["TableName"] = json!("Music");
        document
    };
    let query = json!({"KeyConditionExpression": "kind = :k", "ExpressionAttributeValues": {":k": {"S": "k"}}});
    let mut by_index = on(query);
    by_index["IndexName"] = json!("byKind");
    let one = |operation: &str, document: Value, action: &str, resource: &str| {
        assert_eq!(world.asked(operation, document), [format!("dynamodb:{action} {resource}")]);
    };
    one("GetItem", on(json!({"Key": key("a", "x")})), "GetItem", &music);
    one("PutItem", on(json!({"Item": item("a", "x")})), "PutItem", &music);
    one("Query", by_index, "Query", &format!("{music}/index/byKind"));
    one("Scan", on(json!({"IndexName": "byKind"})), "Scan", &format!("{music}/index/byKind"));
    one("Scan", on(json!({})), "Scan", &music);
    one("DescribeTable", on(json!({})), "DescribeTable", &music);
    one("ListTables", json!({}), "ListTables", "*");
    one("DescribeLimits", json!({}), "DescribeLimits", "*");
    one("DescribeTimeToLive", on(json!({})), "DescribeTimeToLive", &music);
    one("ListTagsOfResource", json!({"ResourceArn": music}), "ListTagsOfResource", &music);
    one("GetItem", json!({"TableName": "Gone", "Key": key("a", "x")}), "GetItem", &arn("Gone"));
    let statement = |text: &str| json!({"Statement": text});
    one(
        "ExecuteStatement",
        statement("SELECT * FROM Music.byKind WHERE kind = 'k'"),
        "PartiQLSelect",
        &format!("{music}/index/byKind"),
    );
    one("ExecuteStatement", statement("DELETE FROM Music WHERE pk='z' AND sk='z'"), "PartiQLDelete", &music);
    let batch = json!({"RequestItems": {"Music": {"Keys": [key("a", "x")]}, "Films": {"Keys": [key("a", "x")]}}});
    let mut asked = world.asked("BatchGetItem", batch);
    asked.sort();
    assert_eq!(asked, [format!("dynamodb:BatchGetItem {}", arn("Films")), format!("dynamodb:BatchGetItem {music}")]);
    let transaction = json!({"TransactItems": [
        {"Put": {"TableName": "Music", "Item": item("b", "x")}},
        {"ConditionCheck": {"TableName": "Films", "Key": key("a", "x"), "ConditionExpression": "attribute_exists(pk)"}},
        {"Delete": {"TableName": "Music", "Key": key("c", "x")}},
    ]});
    let expected = [
        format!("dynamodb:PutItem {music}"),
        format!("dynamodb:ConditionCheckItem {}", arn("Films")),
        format!("dynamodb:DeleteItem {music}"),
    ];
    assert_eq!(world.asked("TransactWriteItems", transaction), expected);
}

#[test]
fn a_denial_names_what_was_asked_for_and_changes_nothing() {
    let world = world();
    let statement = json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": arn("Films")});
    let put = |table: &str| json!({"TableName": table, "Item": item("new", "x")});
    let (denied, _) = world.call_as(&user(OWNER), &statement, "PutItem", &put("Music"));
    let message = format!(
        "User: {} is not authorized to perform: dynamodb:PutItem on resource: {} because no identity-based policy allows \
         the dynamodb:PutItem action",
        user(OWNER),
        arn("Music")
    );
    assert_eq!(denied, (400, json!({"__type": "com.amazon.coral.service#AccessDeniedException", "Message": message})));
    assert_eq!(world.call_as(&user(OWNER), &statement, "PutItem", &put("Films")).0.0, 200);
    let batch = json!({"RequestItems": {
        "Films": [{"PutRequest": {"Item": item("two", "x")}}], "Music": [{"PutRequest": {"Item": item("two", "x")}}],
    }});
    assert_eq!(world.call_as(&user(OWNER), &statement, "BatchWriteItem", &batch).0.0, 400);
    assert_eq!(world.ok("Scan", json!({"TableName": "Films"}))["Count"], 1);
    assert_eq!(world.ok("Scan", json!({"TableName": "Music"}))["Count"], 1);
}

#[test]
fn leading_keys_are_those_of_all_items_that_are_read_or_written() {
    let world = world();
    let keys = |operation: &str, document: Value| world.key("dynamodb:LeadingKeys", operation, document);
    let some = |keys: &[&str]| Some(keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
    let get = json!({"TableName": "Music", "Key": key("a", "x")});
    assert_eq!(keys("GetItem", get), some(&["a"]));
    assert_eq!(keys("PutItem", json!({"TableName": "Music", "Item": item("b", "x")})), some(&["b"]));
    let query = json!({"TableName": "Music", "KeyConditionExpression": "#p = :p", "ExpressionAttributeNames": {"#p": "pk"},
        "ExpressionAttributeValues": {":p": {"S": "q"}}});
    assert_eq!(keys("Query", query), some(&["q"]));
    let old = json!({"TableName": "Music", "KeyConditions": {"pk": {"AttributeValueList": [{"S": "o"}], "ComparisonOperator": "EQ"}}});
    assert_eq!(keys("Query", old), some(&["o"]));
    let index = json!({"TableName": "Music", "IndexName": "byKind", "KeyConditionExpression": "kind = :k",
        "ExpressionAttributeValues": {":k": {"S": "kind"}}});
    assert_eq!(keys("Query", index), some(&["kind"]));
    let batch = json!({"RequestItems": {"Music": [
        {"PutRequest": {"Item": item("p", "x")}}, {"DeleteRequest": {"Key": key("d", "x")}},
    ]}});
    assert_eq!(keys("BatchWriteItem", batch), some(&["d", "p"]));
    let statement = json!({"Statement": "SELECT * FROM Music WHERE pk IN ['a', ?]", "Parameters": [{"S": "z"}]});
    assert_eq!(keys("ExecuteStatement", statement), some(&["a", "z"]));
    assert_eq!(keys("Scan", json!({"TableName": "Music"})), None);
}

#[test]
fn a_policy_confines_a_caller_to_items_and_attributes() {
    let world = world();
    world.put("Music", "b", "x");
    let may = |condition: Value, operation: &str, document: Value| {
        let statement = json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": condition});
        world.call_as(&user(OWNER), &statement, operation, &document).0.0 == 200
    };
    let own = json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["a"]}});
    let get = |pk: &str| json!({"TableName": "Music", "Key": key(pk, "x")});
    assert!(may(own.clone(), "GetItem", get("a")));
    assert!(!may(own.clone(), "GetItem", get("b")));
    let both = json!({"RequestItems": {"Music": {"Keys": [key("a", "x"), key("b", "x")]}}});
    assert!(!may(own.clone(), "BatchGetItem", both));
    // A query without the key is refused, and not taken for one of all.
    let none = json!({"TableName": "Music", "KeyConditionExpression": "sk = :s", "ExpressionAttributeValues": {":s": {"S": "x"}}});
    assert!(!may(own, "Query", none));
    let attributes = json!({
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "n"]},
        "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES", "dynamodb:ReturnValues": ["NONE", "UPDATED_NEW"]},
    });
    let projected =
        |expression: &str| json!({"TableName": "Music", "Key": key("a", "x"), "ProjectionExpression": expression});
    assert!(may(attributes.clone(), "GetItem", projected("n")));
    assert!(!may(attributes.clone(), "GetItem", projected("n, kind")));
    assert!(!may(attributes.clone(), "GetItem", get("a")), "all attributes");
    let update = |expression: &str, returned: &str| {
        json!({"TableName": "Music", "Key": key("a", "x"), "UpdateExpression": expression, "ReturnValues": returned,
            "ExpressionAttributeValues": {":v": {"N": "1"}}})
    };
    assert!(may(attributes.clone(), "UpdateItem", update("SET n = :v", "UPDATED_NEW")));
    assert!(!may(attributes.clone(), "UpdateItem", update("SET n = :v", "ALL_NEW")));
    assert!(!may(attributes, "UpdateItem", update("SET n = :v, secret = :v", "NONE")));
}

#[test]
fn transactions_and_scans_by_statements_can_be_told_apart() {
    let world = world();
    let transaction = json!({"TransactItems": [{"Put": {"TableName": "Music", "Item": item("t", "x")}}]});
    let enclosing = world.key("dynamodb:EnclosingOperation", "TransactWriteItems", transaction);
    assert_eq!(enclosing, Some(vec!["TransactWriteItems".to_owned()]));
    let put = json!({"TableName": "Music", "Item": item("t", "x")});
    assert_eq!(world.key("dynamodb:EnclosingOperation", "PutItem", put), None);
    let scans =
        |text: &str| world.key("dynamodb:FullTableScan", "ExecuteStatement", json!({"Statement": text})).unwrap();
    assert_eq!(scans("SELECT * FROM Music WHERE n = 1"), ["true"]);
    assert_eq!(scans("SELECT * FROM Music WHERE pk = 'a'"), ["false"]);
    let select = |document: Value| world.key("dynamodb:Select", "Scan", document).unwrap();
    assert_eq!(select(json!({"TableName": "Music"})), ["ALL_ATTRIBUTES"]);
    assert_eq!(select(json!({"TableName": "Music", "IndexName": "byKind"})), ["ALL_PROJECTED_ATTRIBUTES"]);
    assert_eq!(select(json!({"TableName": "Music", "Select": "COUNT"})), ["COUNT"]);
}

#[test]
fn tags_of_the_table_and_of_the_request_are_condition_keys() {
    let world = World::new();
    let mut tagged = table("Music");
    tagged["Tags"] = json!([{"Key": "team", "Value": "red"}]);
    assert_eq!(
        world.asked("CreateTable", tagged.clone()),
        [format!("dynamodb:CreateTable {}", arn("Music")), format!("dynamodb:TagResource {}", arn("Music"))]
    );
    let may = |condition: Value, operation: &str, document: &Value| {
        let statement = json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": condition});
        world.call_as(&user(OWNER), &statement, operation, document).0.0 == 200
    };
    let team = |name: &str| json!({"StringEquals": {"aws:ResourceTag/team": name}});
    let get = json!({"TableName": "Music", "Key": key("a", "x")});
    assert!(may(team("red"), "GetItem", &get) && !may(team("blue"), "GetItem", &get));
    tagged["TableName"] = json!("Other");
    let given = |name: &str| json!({"StringEquals": {"aws:RequestTag/team": name}});
    assert!(!may(given("blue"), "CreateTable", &tagged) && may(given("red"), "CreateTable", &tagged));
}
