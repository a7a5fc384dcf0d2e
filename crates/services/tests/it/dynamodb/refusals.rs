//! What is refused whatever items there are, in the words of AWS.

use super::*;

#[test]
fn nothing_is_told_in_the_words_of_our_reader() {
    let world = World::new();
    world.table("Music");
    let key = key("a", "b");
    for (operation, document) in [
        ("BatchGetItem", json!({})),
        ("BatchGetItem", json!({"RequestItems": {"Music": {}}})),
        ("BatchWriteItem", json!({})),
        ("BatchWriteItem", json!({"RequestItems": {"Music": [{"PutRequest": {}}]}})),
        ("BatchExecuteStatement", json!({})),
        ("BatchExecuteStatement", json!({"Statements": [{}]})),
        ("CreateTable", json!({"TableName": "Films", "StreamSpecification": {}})),
        ("ExecuteStatement", json!({})),
        ("ExecuteTransaction", json!({})),
        ("ExecuteTransaction", json!({"TransactStatements": [{}]})),
        ("TransactGetItems", json!({})),
        ("TransactGetItems", json!({"TransactItems": [{"Get": {"Key": key}}]})),
        ("TransactWriteItems", json!({})),
        ("TransactWriteItems", json!({"TransactItems": [{"Put": {"TableName": "Music"}}]})),
        ("TransactWriteItems", json!({"TransactItems": [{"ConditionCheck": {"TableName": "Music", "Key": key}}]})),
        ("TransactWriteItems", json!({"TransactItems": [{"Update": {"TableName": "Music", "Key": key}}]})),
        ("UpdateTable", json!({"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Create": {}}]})),
        ("UpdateTable", json!({"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Update": {}}]})),
        ("UpdateTable", json!({"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Delete": {}}]})),
        ("UpdateTable", json!({"TableName": "Music", "StreamSpecification": {}})),
        ("UpdateTimeToLive", json!({})),
        ("UpdateTimeToLive", json!({"TableName": "Music"})),
        ("UpdateTimeToLive", json!({"TableName": "Music", "TimeToLiveSpecification": {"Enabled": true}})),
    ] {
        let (code, message) = world.refused(operation, document.clone());
        assert_eq!(code, "ValidationException", "{operation} {document}");
        assert!(message.contains("Member must not be null"), "{operation} {document}: {message}");
    }
}

#[test]
fn what_a_stream_shows_is_one_of_four() {
    let world = World::new();
    let stream = |stream: &Value| {
        let mut document = table("Music");
        document["StreamSpecification"] = stream.clone();
        document
    };
    let wrong = "1 validation error detected: Value 'X' at 'streamSpecification.streamViewType' failed to satisfy constraint: \
                 Member must satisfy enum value set: [OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, NEW_IMAGE]";
    let invalid = |told: &str| format!("One or more parameter values were invalid: {told}");
    let cases = [
        (json!({"StreamEnabled": true, "StreamViewType": "X"}), wrong.to_owned(), wrong.to_owned()),
        (
            json!({"StreamEnabled": true}),
            invalid("Table is being created with a stream enabled, UpdateViewType is required"),
            invalid("If stream is being enabled then UpdateViewType is required"),
        ),
        (
            json!({"StreamEnabled": false, "StreamViewType": "NEW_IMAGE"}),
            invalid("Table is being created with a stream disabled, UpdateViewType should not be specified"),
            invalid("If stream is being disabled, then UpdateViewType must not be specified"),
        ),
    ];
    for (specification, told, _) in &cases {
        assert_eq!(&world.refused("CreateTable", stream(specification)).1, told);
    }
    world.table("Music");
    for (specification, _, told) in &cases {
        let update = json!({"TableName": "Music", "StreamSpecification": specification});
        assert_eq!(&world.refused("UpdateTable", update).1, told);
    }
}

#[test]
fn expressions_that_no_item_could_meet_are_refused() {
    let world = World::new();
    world.table("Music");
    let values = json!({":x": {"BOOL": true}, ":n": {"N": "1"}});
    let used = |text: &str| -> Value {
        values
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| text.contains(name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let scan = |filter: &str| {
        let mut document = json!({"TableName": "Music", "FilterExpression": filter});
        if filter.contains(':') {
            document["ExpressionAttributeValues"] = used(filter);
        }
        world.refused("Scan", document).1
    };
    assert_eq!(
        scan("n < :x"),
        "Invalid FilterExpression: Incorrect operand type for operator or function; operator or function: <, operand type: \
         BOOL"
    );
    assert_eq!(
        scan("n = n"),
        "Invalid FilterExpression: The first operand must be distinct from the remaining operands for this operator or \
         function; operator: =, first operand: [n]"
    );
    assert_eq!(
        scan("a[99999999999] = :n"),
        "Invalid FilterExpression: List index is not within the allowable range; index: [99999999999]"
    );
    let conflict = "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, k], \
                    path two: [m, [0]]";
    let here = json!({"TableName": "Music", "Key": key("a", "b"), "ProjectionExpression": "m.k, m[0]"});
    assert_eq!(world.refused("GetItem", here.clone()).1, format!("Invalid ProjectionExpression: {conflict}"));
    let items = json!({"TransactItems": [{"Get": here}]});
    assert_eq!(world.refused("TransactGetItems", items).1, format!("Invalid ProjectionExpression: {conflict}"));
    let batch = json!({"RequestItems": {"Music": {"Keys": [key("a", "b")], "ProjectionExpression": "m.k, m[0]"}}});
    assert_eq!(world.refused("BatchGetItem", batch).1, format!("Invalid ProjectionExpression: {conflict}"));
    let update = json!({"TableName": "Music", "Key": key("a", "b"), "UpdateExpression": "SET m.k = :n, m[0] = :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}}});
    let told = format!("Invalid UpdateExpression: {conflict}");
    assert_eq!(world.refused("UpdateItem", update.clone()).1, format!("1 validation error detected: {told}"));
    assert_eq!(world.refused("TransactWriteItems", json!({"TransactItems": [{"Update": update}]})).1, told);
    let delete = json!({"TableName": "Music", "Key": key("a", "b"), "UpdateExpression": "DELETE n :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}}});
    let told = "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: \
                ALLOWED_FOR_DELETE_OPERAND";
    assert!(world.refused("UpdateItem", delete).1.ends_with(told));
}

#[test]
fn a_batch_has_no_key_twice_however_its_numbers_are_written() {
    let world = World::new();
    world.ok(
        "CreateTable",
        json!({"TableName": "Ranks", "KeySchema": [{"AttributeName": "r", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "r", "AttributeType": "N"}], "BillingMode": "PAY_PER_REQUEST"}),
    );
    let keys = |numbers: [&str; 2]| json!({"RequestItems": {"Ranks": {"Keys": numbers.map(|number| json!({"r": {"N": number}}))}}});
    world.ok("BatchGetItem", keys(["1", "2"]));
    for same in [["1", "1.0"], ["10", "1e1"], ["3", "3"]] {
        let told = world.refused("BatchGetItem", keys(same)).1;
        assert_eq!(told, "Provided list of item keys contains duplicates", "{same:?}");
    }
}

#[test]
fn a_key_has_two_attributes() {
    let world = World::new();
    let told = |names: &[&str]| {
        let definitions: Vec<_> =
            names.iter().map(|name| json!({"AttributeName": name, "AttributeType": "S"})).collect();
        let twice = json!([{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}]);
        let document = json!({"TableName": "Music", "KeySchema": twice, "AttributeDefinitions": definitions,
            "BillingMode": "PAY_PER_REQUEST"});
        world.refused("CreateTable", document).1
    };
    let same = "Both the Hash Key and the Range Key element in the KeySchema have the same name";
    assert_eq!(told(&["pk", "sk"]), same);
    let undefined = "Invalid KeySchema: Some index key attribute have no definition";
    assert_eq!((told(&["pk"]).as_str(), told(&["sk", "kind"]).as_str()), (undefined, undefined));
}

#[test]
fn a_name_is_shorter_than_64_kilobytes() {
    let world = World::new();
    world.table("Music");
    let put = |length: usize| {
        let mut item = item("a", "b");
        item["x".repeat(length)] = json!({"S": "x"});
        json!({"TableName": "Music", "Item": item})
    };
    world.ok("PutItem", put(65_535));
    let told = "Attribute name is too large, must be less than 65536 bytes";
    assert_eq!(world.refused("PutItem", put(65_536)).1, told);
}

#[test]
fn another_request_with_a_token_is_refused_in_words_of_its_own() {
    let world = World::new();
    world.table("Music");
    let put = |pk: &str| json!({"TransactItems": [{"Put": {"TableName": "Music", "Item": item(pk, "x")}}], "ClientRequestToken": "t"});
    world.ok("TransactWriteItems", put("a"));
    let (code, message) = world.refused("TransactWriteItems", put("b"));
    assert_eq!(code, "IdempotentParameterMismatchException");
    assert!(message.starts_with("DynamoDB rejected the request because you retried"), "{message}");
}

#[test]
fn more_parameters_than_a_statement_has_are_not_looked_at() {
    let world = World::new();
    world.table("Music");
    world.put("Music", "a", "b");
    let select =
        |parameters: &[Value]| json!({"Statement": "SELECT * FROM Music WHERE pk = ?", "Parameters": parameters});
    let (a, b) = (json!({"S": "a"}), json!({"S": "b"}));
    assert_eq!(world.ok("ExecuteStatement", select(&[a, b]))["Items"].as_array().unwrap().len(), 1);
    let few = json!({"Statement": "SELECT * FROM Music WHERE pk = ?"});
    assert_eq!(world.refused("ExecuteStatement", few).1, "Number of parameters in request and statement don't match.");
}
