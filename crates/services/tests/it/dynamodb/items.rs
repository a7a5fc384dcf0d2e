//! Items: written, read and queried, one by one, in batches, in transactions and by statements.

use super::*;

#[test]
fn an_item_is_written_read_changed_and_deleted() {
    let world = World::new();
    world.table("Music");
    world.put("Music", "a", "b");
    let here = json!({"TableName": "Music", "Key": key("a", "b")});
    assert_eq!(world.ok("GetItem", here.clone())["Item"], item("a", "b"));
    let mut update = here.clone();
    update["UpdateExpression"] = json!("ADD n :one");
    update["ExpressionAttributeValues"] = json!({":one": {"N": "1"}});
    update["ReturnValues"] = json!("UPDATED_NEW");
    assert_eq!(world.ok("UpdateItem", update)["Attributes"], json!({"n": {"N": "2"}}));
    let again =
        json!({"TableName": "Music", "Item": item("a", "b"), "ConditionExpression": "attribute_not_exists(pk)"});
    assert_eq!(world.code("PutItem", again), "ConditionalCheckFailedException");
    world.ok("DeleteItem", here.clone());
    assert!(world.ok("GetItem", here).get("Item").is_none());
}

#[test]
fn an_answer_bears_its_checksum_and_the_id_of_its_request() {
    let world = World::new();
    let engine = engine(&user(OWNER), &all("*"));
    let caller = world.caller(&engine.principal);
    let told = |target: &str, body: &'static str| ask(&world.dynamodb, &caller, &engine, target, body.into());
    let ((status, document), headers) = told("DynamoDB_20120810.ListTables", "{}");
    assert_eq!((status, document), (200, json!({"TableNames": []})));
    // That of `{"TableNames":[]}`, by another program.
    assert_eq!(headers["x-amz-crc32"], "1315925753");
    assert_eq!(headers["x-amzn-requestid"], caller.request_id.as_str());
    assert_eq!(headers["content-type"], "application/x-amz-json-1.0");
    for body in ["", "{", "[]", "\"\""] {
        let (answer, headers) = told("DynamoDB_20120810.ListTables", body);
        assert_eq!(answer, (400, json!({"__type": "com.amazon.coral.service#SerializationException"})), "{body}");
        assert!(headers.contains_key("x-amz-crc32"));
    }
    let unknown = json!({"__type": "com.amazon.coral.service#UnknownOperationException"});
    for target in ["DynamoDB_20120810.Nothing", "DynamoDBStreams_20120810.ListStreams", "x"] {
        assert_eq!(told(target, "{}").0, (400, unknown.clone()), "{target}");
    }
}

#[test]
fn a_value_of_the_wrong_type_is_refused_in_the_words_of_dynamodb() {
    let world = World::new();
    let told = |document: Value| world.refused("GetItem", document);
    let (code, message) = told(json!({"TableName": 23, "Key": {}}));
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("SerializationException", "NUMBER_VALUE cannot be converted to String")
    );
    assert_eq!(told(json!({"TableName": "ab", "Key": {}})).0, "ValidationException");
    assert_eq!(told(json!({"Key": {}})).0, "ValidationException");
    assert_eq!(told(json!({"TableName": "Music", "Key": key("a", "b")})).0, "ResourceNotFoundException");
}

#[test]
fn a_document_that_writes_items_may_be_large_and_others_not() {
    let world = World::new();
    world.table("Music");
    let large = "x".repeat(300_000);
    let put =
        |n: usize| json!({"PutRequest": {"Item": {"pk": {"S": n.to_string()}, "sk": {"S": "x"}, "t": {"S": large}}}});
    let puts: Vec<_> = (0..25).map(put).collect();
    world.ok("BatchWriteItem", json!({"RequestItems": {"Music": puts}}));
    let mut item = item("a", "x");
    item["t"] = json!({"S": "x".repeat(410_000)});
    assert_eq!(world.code("PutItem", json!({"TableName": "Music", "Item": item})), "ValidationException");
    let scan = json!({"TableName": "Music", "FilterExpression": "x".repeat(1_100_000)});
    assert_eq!(world.code("Scan", scan), "SerializationException");
}

#[test]
fn a_query_finds_the_items_of_a_partition_in_the_table_and_in_an_index() {
    let world = World::new();
    world.table("Music");
    for (pk, sk) in [("a", "1"), ("a", "2"), ("b", "1")] {
        world.put("Music", pk, sk);
    }
    let query = json!({"TableName": "Music", "KeyConditionExpression": "pk = :p AND sk > :s",
        "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"S": "1"}}});
    assert_eq!(world.ok("Query", query)["Items"], json!([item("a", "2")]));
    let by_kind = json!({"TableName": "Music", "IndexName": "byKind", "KeyConditionExpression": "kind = :k",
        "ExpressionAttributeValues": {":k": {"S": "k"}}, "Select": "COUNT"});
    assert_eq!(world.ok("Query", by_kind)["Count"], 3);
    let first = world.ok("Scan", json!({"TableName": "Music", "Limit": 2}));
    let next = json!({"TableName": "Music", "ExclusiveStartKey": first["LastEvaluatedKey"]});
    assert_eq!(world.ok("Scan", next)["Count"], 1);
}

#[test]
fn what_was_looked_at_is_what_was_found_where_nothing_filters_and_ends_with_a_page_of_a_megabyte() {
    let world = World::new();
    world.table("Music");
    for n in 0..20 {
        let mut large = item("a", &format!("{n:02}"));
        large["t"] = json!({"S": "x".repeat(100_000)});
        world.ok("PutItem", json!({"TableName": "Music", "Item": large}));
    }
    let query = json!({"TableName": "Music", "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}}});
    let filtered = json!({"TableName": "Music", "KeyConditionExpression": "pk = :p", "FilterExpression": "sk <> :s OR attribute_exists(n)",
        "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"S": "none"}}});
    let with = |document: &Value, more: Value| {
        let mut document = document.clone();
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    };
    let scan = json!({"TableName": "Music"});
    let filtered_scan = json!({"TableName": "Music", "FilterExpression": "n = :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}}});
    let count = json!({"Select": "COUNT"});
    for (operation, document) in [
        ("Query", query.clone()),
        ("Query", with(&query, count.clone())),
        ("Query", with(&query, json!({"Limit": 4}))),
        ("Scan", scan.clone()),
        ("Scan", with(&scan, count)),
        ("Scan", with(&filtered_scan, json!({"Limit": 4}))),
        ("Scan", filtered_scan),
    ] {
        let (mut document, mut seen) = (document, 0);
        loop {
            let page = world.ok(operation, document.clone());
            assert_eq!(page["Count"], page["ScannedCount"], "{operation} {document}");
            seen += page["Count"].as_u64().unwrap();
            if page.get("LastEvaluatedKey").is_none() {
                break;
            }
            document["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
        }
        assert_eq!(seen, 20, "{operation} {document}");
    }
    assert_eq!(world.refused("Query", filtered).0, "ValidationException", "a filter has no attributes of the key");
}

#[test]
fn a_batch_is_about_several_tables() {
    let world = World::new();
    world.table("Music");
    world.table("Films");
    let put = |pk: &str| json!({"PutRequest": {"Item": item(pk, "x")}});
    world.ok("BatchWriteItem", json!({"RequestItems": {"Music": [put("a"), put("b")], "Films": [put("c")]}}));
    let keys = |pks: &[&str]| json!({"Keys": pks.iter().map(|pk| key(pk, "x")).collect::<Vec<_>>()});
    let wanted = json!({"RequestItems": {"Music": keys(&["a", "b"]), arn("Films"): keys(&["c", "d"])}});
    let found = world.ok("BatchGetItem", wanted)["Responses"].clone();
    assert_eq!(found["Music"].as_array().map(Vec::len), Some(2));
    assert_eq!(found[arn("Films")], json!([item("c", "x")]));
    assert_eq!(world.code("BatchGetItem", json!({"RequestItems": {}})), "ValidationException");
    assert_eq!(
        world.code("BatchGetItem", json!({"RequestItems": {"Gone": keys(&["a"])}})),
        "ResourceNotFoundException"
    );
}

#[test]
fn a_transaction_is_done_as_a_whole_and_once_for_its_token() {
    let world = World::new();
    world.table("Music");
    world.put("Music", "count", "x");
    let add = json!({"Update": {"TableName": "Music", "Key": key("count", "x"), "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}}}});
    let request = json!({"TransactItems": [add], "ClientRequestToken": "t"});
    world.ok("TransactWriteItems", request.clone());
    world.ok("TransactWriteItems", request.clone());
    let world = world.reopened();
    let mut again = request;
    again["ReturnConsumedCapacity"] = json!("TOTAL");
    let read = world.ok("TransactWriteItems", again);
    assert_eq!(read["ConsumedCapacity"][0]["CapacityUnits"], 2.0, "a transactional read of one item");
    let count = |world: &World| {
        world.ok("GetItem", json!({"TableName": "Music", "Key": key("count", "x")}))["Item"]["n"]["N"].clone()
    };
    assert_eq!(count(&world), "2");
    let other =
        json!({"TransactItems": [{"Put": {"TableName": "Music", "Item": item("z", "z")}}], "ClientRequestToken": "t"});
    assert_eq!(world.code("TransactWriteItems", other.clone()), "IdempotentParameterMismatchException");
    let world = World { now: world.now + 11 * 60 * 1000, ..world };
    world.ok("TransactWriteItems", other);
    let failing = json!({"TransactItems": [
        {"Put": {"TableName": "Music", "Item": item("new", "x")}},
        {"ConditionCheck": {"TableName": "Music", "Key": key("gone", "x"), "ConditionExpression": "attribute_exists(pk)"}},
    ]});
    let (_, answer) = world.call(OWNER, "TransactWriteItems", &failing);
    assert_eq!(answer["CancellationReasons"][1]["Code"], "ConditionalCheckFailed", "{answer}");
    let got = world.ok(
        "TransactGetItems",
        json!({"TransactItems": [
            {"Get": {"TableName": arn("Music"), "Key": key("new", "x")}},
            {"Get": {"TableName": "Music", "Key": key("count", "x")}},
        ]}),
    );
    assert_eq!(got["Responses"][0], json!({}));
    assert_eq!(got["Responses"][1]["Item"]["n"]["N"], "2");
}

#[test]
fn what_a_token_has_done_already_costs_reading_what_was_there() {
    let world = World::new();
    world.table("Music");
    let mut large = item("a", "x");
    large["text"] = json!({"S": "x".repeat(9000)});
    world.ok("PutItem", json!({"TableName": "Music", "Item": large}));
    let delete = |mode: &str| {
        json!({"TransactItems": [{"Delete": {"TableName": "Music", "Key": key("a", "x")}}], "ClientRequestToken": "d",
            "ReturnConsumedCapacity": mode})
    };
    world.ok("TransactWriteItems", delete("NONE"));
    let again = world.ok("TransactWriteItems", delete("TOTAL"))["ConsumedCapacity"][0].clone();
    assert_eq!((&again["CapacityUnits"], &again["ReadCapacityUnits"]), (&json!(6.0), &json!(6.0)));
    let unknown = world.refused("TransactWriteItems", delete("BOGUS")).1;
    assert!(unknown.contains("at 'returnConsumedCapacity'"), "{unknown}");
    // So do statements, of which NONE says nothing.
    let mut insert = json!({"TransactStatements": [{"Statement": "INSERT INTO Music VALUE {'pk': 'b', 'sk': 'x', 'text': ?}",
        "Parameters": [{"S": "x".repeat(5000)}]}], "ClientRequestToken": "i", "ReturnConsumedCapacity": "TOTAL"});
    let first = world.ok("ExecuteTransaction", insert.clone())["ConsumedCapacity"][0].clone();
    assert_eq!((&first["WriteCapacityUnits"], first.get("ReadCapacityUnits")), (&json!(10.0), None));
    insert["TransactStatements"][0]["ReturnValuesOnConditionCheckFailure"] = json!("NONE");
    let again = world.ok("ExecuteTransaction", insert.clone())["ConsumedCapacity"][0].clone();
    assert_eq!((&again["ReadCapacityUnits"], again.get("WriteCapacityUnits")), (&json!(4.0), None));
    insert["ReturnConsumedCapacity"] = json!("NONE");
    assert!(world.ok("ExecuteTransaction", insert.clone()).get("ConsumedCapacity").is_none());
    insert["ReturnConsumedCapacity"] = json!("TOTALS");
    assert_eq!(world.code("ExecuteTransaction", insert), "ValidationException");
}

#[test]
fn a_request_has_the_content_type_of_the_protocol_and_its_answer_the_same() {
    let world = World::new();
    let engine = engine(&user(OWNER), &all("*"));
    let caller = world.caller(&engine.principal);
    let of = |content_type: &str| {
        let body: Body = Full::new(Bytes::from_static(b"{}")).map_err(|never| match never {}).boxed_unsync();
        let request = Request::post("/")
            .header("x-amz-target", "DynamoDB_20120810.ListTables")
            .header("content-type", content_type)
            .body(body)
            .unwrap();
        block_on(async {
            let answer = world.dynamodb.handle(request, &caller, &engine).await;
            let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
            (answer.status().as_u16(), kind)
        })
    };
    for (given, told) in [
        ("application/x-amz-json-1.0; charset=utf-8", "application/x-amz-json-1.0"),
        ("APPLICATION/JSON", "application/json"),
    ] {
        assert_eq!(of(given), (200, Some(told.to_owned())), "{given}");
    }
    for none in ["application/x-amz-json-1.1", "text/plain"] {
        assert_eq!(of(none), (404, None), "{none}");
    }
}

#[test]
fn statements_of_partiql_read_and_write_items() {
    let world = World::new();
    world.table("Music");
    let run = |statement: &str| world.ok("ExecuteStatement", json!({"Statement": statement}));
    run("INSERT INTO \"Music\" VALUE {'pk': 'a', 'sk': 'x', 'n': 1}");
    run("UPDATE \"Music\" SET n = 5 WHERE pk = 'a' AND sk = 'x'");
    let found = run("SELECT n FROM \"Music\" WHERE pk = 'a'");
    assert_eq!(found["Items"], json!([{"n": {"N": "5"}}]));
    let parameters =
        json!({"Statement": "SELECT * FROM Music WHERE pk = ? AND sk = ?", "Parameters": [{"S": "a"}, {"S": "x"}]});
    assert_eq!(world.ok("ExecuteStatement", parameters)["Items"][0]["n"]["N"], "5");
    let batch = json!({"Statements": [{"Statement": "SELECT * FROM Music WHERE pk = 'a' AND sk = 'x'"}]});
    assert_eq!(world.ok("BatchExecuteStatement", batch)["Responses"][0]["Item"]["n"]["N"], "5");
    let transaction = json!({"TransactStatements": [
        {"Statement": "INSERT INTO Music VALUE {'pk': 'b', 'sk': 'x'}"},
        {"Statement": "DELETE FROM Music WHERE pk = 'a' AND sk = 'x'"},
    ]});
    world.ok("ExecuteTransaction", transaction);
    assert_eq!(run("SELECT * FROM Music")["Items"], json!([{"pk": {"S": "b"}, "sk": {"S": "x"}}]));
    let batch = json!({"Statements": [{"Statement": "SELECT"}, {"Statement": "SELECT * FROM Music WHERE pk = 'b' AND sk = 'x'"}]});
    let answers = world.ok("BatchExecuteStatement", batch)["Responses"].clone();
    assert_eq!(
        (&answers[0]["Error"]["Code"], &answers[1]["Item"]["pk"]["S"]),
        (&json!("ValidationError"), &json!("b"))
    );
    assert_eq!(world.code("ExecuteStatement", json!({"Statement": "SELECT * FROM T"})), "ResourceNotFoundException");
    for statement in ["SELECT", "DROP TABLE Music", "SELECT * FROM my-music"] {
        assert_eq!(
            world.code("ExecuteStatement", json!({"Statement": statement})),
            "ValidationException",
            "{statement}"
        );
    }
}

#[test]
fn a_select_has_pages_of_a_megabyte() {
    let world = World::new();
    world.table("Music");
    let text_of = |bytes: usize| "x".repeat(bytes);
    for at in 0..30 {
        let mut item = item("a", &format!("{at:02}"));
        item["text"] = json!({"S": text_of(100_000)});
        world.ok("PutItem", json!({"TableName": "Music", "Item": item}));
    }
    let statement = "SELECT sk FROM Music WHERE pk = 'a'";
    let (mut found, mut pages) = (Vec::new(), Vec::new());
    let mut token = Value::Null;
    loop {
        let mut document = json!({"Statement": statement, "ReturnConsumedCapacity": "TOTAL"});
        if !token.is_null() {
            document["NextToken"] = token;
        }
        let page = world.ok("ExecuteStatement", document);
        let items = page["Items"].as_array().unwrap().clone();
        pages.push(items.len());
        let units = page["ConsumedCapacity"]["CapacityUnits"].as_f64().unwrap();
        let expected = (items.len() as f64 * 100_050.0 / 8192.0).floor();
        assert!((expected..expected + 5.0).contains(&units), "{units} for {}", items.len());
        found.extend(items.iter().map(|item| text(&item["sk"]["S"])));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(found, (0..30).map(|at| format!("{at:02}")).collect::<Vec<_>>());
    assert!(pages.len() >= 3, "{pages:?}");
    let limited = world.ok("ExecuteStatement", json!({"Statement": statement, "Limit": 7}));
    assert_eq!(limited["Items"].as_array().unwrap().len(), 7);
    assert!(limited["NextToken"].is_string() && limited.get("ConsumedCapacity").is_none());
}

#[test]
fn an_undefined_value_of_a_filter_is_told_of_the_filter() {
    let world = World::new();
    world.table("Music");
    world.put("Music", "a", "x");
    let (_, message) = world.refused(
        "Scan",
        json!({"TableName": "Music", "FilterExpression": "n = :none",
        "ExpressionAttributeValues": {":n": {"N": "1"}}}),
    );
    let told = "Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: \
                :none";
    assert_eq!(message, told);
    let list = (0..101).map(|at| format!(":v{at}")).collect::<Vec<_>>();
    let values: serde_json::Map<_, _> = list.iter().map(|name| (name.clone(), json!({"N": "1"}))).collect();
    let wide = json!({"TableName": "Music", "Item": item("b", "x"), "ExpressionAttributeValues": values,
        "ConditionExpression": format!("n IN ({})", list.join(","))});
    let items = json!({"TransactItems": [{"Put": wide.clone()}]});
    assert!(world.refused("PutItem", wide).1.contains("too many operands"));
    assert!(world.refused("TransactWriteItems", items).1.contains("too many operands"));
}
