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

/// A value in so many maps, as text, which no reader of JSON has to follow.
fn nested(levels: usize) -> String {
    format!("{}{{\"S\":\"x\"}}{}", "{\"M\":{\"n\":".repeat(levels), "}}".repeat(levels))
}

/// The code and the message of what a document is told that has `DEEP` in it, for a value in so many maps.
fn told_of(world: &World, operation: &str, levels: usize, document: &Value) -> (String, String) {
    let engine = engine(&user(OWNER), &all("*"));
    let caller = world.caller(&engine.principal);
    let body = document.to_string().replace("\"DEEP\"", &nested(levels));
    let (answer, _) = ask(&world.dynamodb, &caller, &engine, &format!("DynamoDB_20120810.{operation}"), body.into());
    if answer.0 == 200 { ("none".to_owned(), answer.1.to_string()) } else { error(&answer) }
}

const NESTED: &str =
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";

#[test]
fn what_is_nested_beyond_reading_is_told_by_its_depth() {
    let world = World::new();
    world.table("Music");
    let named = format!("ExpressionAttributeValues contains invalid value: {NESTED} for key :d");
    let condition = json!({"TableName": "Music", "Key": key("a", "b"), "ConditionExpression": "d = :d",
        "ExpressionAttributeValues": {":d": "DEEP"}});
    let with = |document: &Value, member: &str, value: &str| {
        let mut document = document.clone();
        document[member] = value.into();
        document
    };
    let choice = |value: &str, member: &str, of: &str| {
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: [{of}]"
        )
    };
    let put = json!({"TableName": "Music", "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}, "d": "DEEP"}});
    let returned = "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW";
    for (operation, document, message) in [
        ("PutItem", put.clone(), NESTED.to_owned()),
        ("PutItem", with(&put, "ConditionalOperator", "XOR"), choice("XOR", "conditionalOperator", "OR, AND")),
        ("DeleteItem", condition.clone(), named.clone()),
        ("DeleteItem", with(&condition, "ReturnValues", "BOGUS"), choice("BOGUS", "returnValues", returned)),
        (
            "DeleteItem",
            with(&condition, "ReturnValues", "UPDATED_NEW"),
            "ReturnValues can only be ALL_OLD or NONE".to_owned(),
        ),
        (
            "Scan",
            json!({"TableName": "Music", "ExclusiveStartKey": {"pk": "DEEP"}}),
            format!("The provided starting key is invalid: {NESTED}"),
        ),
        ("BatchGetItem", json!({"RequestItems": {"Music": {"Keys": [{"pk": "DEEP"}]}}}), NESTED.to_owned()),
        (
            "BatchWriteItem",
            json!({"RequestItems": {"Music": [{"PutRequest": {"Item": {"pk": "DEEP"}}}]},
                "ReturnConsumedCapacity": "BOGUS"}),
            choice("BOGUS", "returnConsumedCapacity", "INDEXES, TOTAL, NONE"),
        ),
        (
            "ExecuteStatement",
            json!({"Statement": "SELECT * FROM Music WHERE pk = ?", "Parameters": ["DEEP"]}),
            NESTED.to_owned(),
        ),
    ] {
        for levels in [63, 100, 1500] {
            let told = told_of(&world, operation, levels, &document);
            assert_eq!(told, ("ValidationException".to_owned(), message.clone()), "{operation} {levels} {document}");
        }
    }
    assert_eq!(told_of(&world, "PutItem", 3000, &put).0, "SerializationException");
    assert_eq!(told_of(&world, "PutItem", 31, &put).0, "none");
    assert_eq!(
        told_of(&world, "PutItem", 100, &json!({"TableName": "Music", "Junk": "DEEP"})).0,
        "SerializationException"
    );
    let within = json!({"Statement": "SELECT * FROM Music WHERE pk = ?",
        "Parameters": [{"M": {"bad": {"N": "abc"}, "d": "DEEP"}}]});
    let told = told_of(&world, "ExecuteStatement", 100, &within).1;
    assert_eq!(told, "The parameter cannot be converted to a numeric value: abc", "it comes first");
    let batch = json!({"Statements": [
        {"Statement": "SELECT * FROM Music WHERE pk = 'a' AND sk = 'b'"},
        {"Statement": "SELECT * FROM Music WHERE pk = 'a' AND sk = ?", "Parameters": ["DEEP"]},
    ]});
    let (_, answers) = told_of(&world, "BatchExecuteStatement", 100, &batch);
    let answers: Value = serde_json::from_str(&answers).unwrap();
    assert_eq!(answers["Responses"][0]["Item"]["pk"]["S"], "a");
    assert_eq!(answers["Responses"][1]["Error"]["Message"], NESTED);
}

#[test]
fn the_parts_of_a_transaction_are_told_of_in_their_order() {
    let world = World::new();
    let put = |item: Value| json!({"Put": {"TableName": "Music", "Item": item}});
    let deep = || put(json!({"pk": {"S": "a"}, "d": "DEEP"}));
    let unnamed = || put(json!({"pk": {"S": "b"}, "": {"S": "x"}}));
    let condition =
        |key: Value| json!({"Delete": {"TableName": "Music", "Key": key, "ConditionExpression": "a = = b"}});
    let within = put(json!({"pk": {"S": "a"}, "m": {"M": {"": {"S": "x"}}}, "d": "DEEP"}));
    let syntax = "Invalid ConditionExpression: Syntax error; token: \"=\", near: \"= = b\"";
    for (items, told) in [
        (json!([deep(), unnamed()]), NESTED),
        (json!([unnamed(), deep()]), "Empty attribute name"),
        (json!([put(json!({"pk": {"S": "a"}, "d": "DEEP", "": {"S": "x"}}))]), "Empty attribute name"),
        (json!([within]), NESTED),
        (json!([deep(), condition(key("a", "b"))]), NESTED),
        (json!([condition(json!({"pk": "DEEP"}))]), syntax),
        (json!([condition(key("a", "b")), deep()]), syntax),
    ] {
        for levels in [40, 100] {
            let document = json!({"TransactItems": items});
            assert_eq!(told_of(&world, "TransactWriteItems", levels, &document).1, told, "{levels} {items}");
        }
    }
    let wrong = json!({"TransactItems": [unnamed(), deep()], "ReturnConsumedCapacity": "BOGUS"});
    assert!(told_of(&world, "TransactWriteItems", 100, &wrong).1.contains("'returnConsumedCapacity'"));
}

#[test]
fn a_member_of_the_wrong_type_is_told_before_anything_else() {
    let world = World::new();
    let with = |member: &str, value: Value| {
        let mut document = table("Music");
        document[member] = value;
        document
    };
    for (operation, document, told) in [
        ("CreateTable", with("KeySchema", json!("x")), "Unexpected field type"),
        ("CreateTable", with("DeletionProtectionEnabled", json!(1)), "NUMBER_VALUE cannot be converted to Boolean"),
        ("CreateTable", with("SSESpecification", json!("x")), "Unexpected field type"),
        ("TagResource", json!({"ResourceArn": arn("Music"), "Tags": [5]}), "Unexpected value type in payload"),
        ("Query", json!({"TableName": "No", "Limit": "5"}), "STRING_VALUE cannot be converted to Integer"),
    ] {
        let refused = world.refused(operation, document.clone());
        assert_eq!(refused, ("SerializationException".to_owned(), told.to_owned()), "{operation} {document}");
    }
}

#[test]
fn statements_are_told_of_as_they_were_sent_and_where_they_are() {
    let world = World::new();
    world.table("Music");
    let statements = |all: &[&str]| {
        let all: Vec<Value> = all.iter().map(|text| json!({ "Statement": text })).collect();
        json!({ "Statements": all })
    };
    let read = "SELECT * FROM Music WHERE pk = 'a' AND sk = 'b'";
    let told = world.refused("BatchExecuteStatement", statements(&[read, ""])).1;
    assert!(told.starts_with("1 validation error detected: Value '' at 'statements.2.member.statement'"), "{told}");
    let mut many = statements(&["", ""]);
    many["ReturnConsumedCapacity"] = json!("BOGUS");
    let told = world.refused("BatchExecuteStatement", many).1;
    assert!(told.starts_with("3 validation errors detected: Value 'BOGUS' at 'returnConsumedCapacity'"), "{told}");
    let told = world.refused("BatchExecuteStatement", statements(&[read; 26])).1;
    assert!(told.contains(&format!("(statement={read}, ")), "{told}");
    let statement = "SELECT  *  FROM Music WHERE pk = 'a' ORDER BY m.x";
    let told = world.refused("ExecuteStatement", json!({ "Statement": statement })).1;
    let place = statement.find("m.x").unwrap() + 1;
    assert!(told.contains(&format!(" at 1:{place}:")), "{told}");
}

#[test]
fn what_is_no_number_is_told_by_a_batch_in_the_words_of_its_reader() {
    let world = World::new();
    world.table("Music");
    let told = |number: &str| {
        let mut item = item("a", "b");
        item["n"] = json!({ "N": number });
        world.refused("BatchWriteItem", json!({"RequestItems": {"Music": [{"PutRequest": {"Item": item}}]}})).1
    };
    assert_eq!(told(""), "The parameter cannot be converted to a numeric value");
    assert_eq!(told("abc"), "The parameter cannot be converted to a numeric value: abc");
    assert!(told("1e2147483647").starts_with("Number underflow."));
    assert!(told("1e126").starts_with("Number overflow."));
}

#[test]
fn the_tags_of_a_table_of_another_account_are_its_own() {
    let world = World::new();
    assert_eq!(world.call(STRANGER, "CreateTable", &table("Music")).0, 200);
    for name in ["Music", "Gone"] {
        let arn = format!("arn:aws:dynamodb:us-east-1:{STRANGER}:table/{name}");
        let document = json!({ "ResourceArn": arn });
        assert_eq!(world.asked("ListTagsOfResource", document.clone()), [format!("dynamodb:ListTagsOfResource {arn}")]);
        assert_eq!(world.code("ListTagsOfResource", document), "AccessDeniedException", "{name}");
    }
}

#[test]
fn an_expression_that_is_too_long_is_told_so_before_it_is_counted() {
    let world = World::new();
    world.table("Music");
    let condition = ["a = :v"; 400].join(" AND ");
    let update = json!({"TableName": "Music", "Key": key("a", "b"), "ConditionExpression": condition,
        "UpdateExpression": "SET x = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}});
    let told = world.refused("UpdateItem", update).1;
    assert!(told.contains("Expression size has exceeded the maximum allowed size"), "{told}");
}

#[test]
fn what_is_wrong_with_a_request_is_told_before_its_table_is_looked_for() {
    let world = World::new();
    world.table("Music");
    let told = |operation: &str, document: Value| world.refused(operation, document).1;
    let billing = told("UpdateTable", json!({"TableName": "Gone", "BillingMode": "X"}));
    assert!(billing.starts_with("1 validation error detected: Value 'X' at 'billingMode'"), "{billing}");
    assert_eq!(
        told("UpdateTable", json!({"TableName": "Gone", "BillingMode": "PAY_PER_REQUEST"})),
        "Requested resource not found: Table: Gone not found"
    );
    let capacity = told(
        "ExecuteStatement",
        json!({"Statement": "SELECT * FROM Music WHERE pk = ?", "ReturnConsumedCapacity": "BOGUS"}),
    );
    assert!(capacity.starts_with("1 validation error detected: Value 'BOGUS'"), "{capacity}");
}
