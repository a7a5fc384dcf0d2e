//! What somebody gets at who is confined to items or attributes and tries to get at others.

use super::*;

/// Two tables, each with an item of the caller's own and one of another.
fn world() -> World {
    let world = World::new();
    for name in ["Tab", "Secret"] {
        world.table(name);
        world.put(name, "mine", "x");
        world.put(name, "other", "x");
    }
    world
}

/// Everything, but of items those alone whose partition key is `mine`.
fn own() -> Value {
    json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]}, "Null": {"dynamodb:LeadingKeys": "false"}}})
}

impl World {
    fn tries(&self, statement: &Value, operation: &str, document: &Value) -> Answer {
        self.call_as(&user(OWNER), statement, operation, document).0
    }

    /// All that there is, but what belongs to the caller.
    fn others(&self) -> Vec<Value> {
        let mut items = Vec::new();
        for name in ["Tab", "Secret"] {
            let found = self.ok("Scan", json!({"TableName": name, "ConsistentRead": true}))["Items"].take();
            items.extend(found.as_array().unwrap().iter().filter(|item| item["pk"]["S"] != "mine").cloned());
        }
        items
    }
}

#[test]
fn statements_get_at_no_items_but_the_caller_s() {
    let world = world();
    let before = world.others();
    let statement = |text: &str| json!({"Statement": text});
    for text in [
        r#"UPDATE "Tab" SET open='H1' WHERE 'other'=pk AND sk='x'"#,
        r#"DELETE FROM "Tab" WHERE 'other'=pk AND sk='x'"#,
        r#"UPDATE "Tab" SET where='HACK' WHERE pk='other' AND sk='x'"#,
        r#"UPDATE "Tab" SET a=1 WHERE pk='mine' AND pk='other' AND sk='x'"#,
        r#"UPDATE "Tab" SET a=1 WHERE (pk='other') AND sk='x'"#,
        r#"DELETE FROM "Tab" WHERE sk='x' AND ('other'=("pk"))"#,
        r#"DELETE FROM "Tab" WHERE NOT pk<>'other' AND sk='x'"#,
        r#"INSERT INTO "Tab" VALUE {'pk':'mine','sk':'dup','pk':'other'}"#,
        r#"INSERT INTO "Tab" VALUE {'pk':'mine','sk':'dup',"pk":'other'}"#,
        r#"INSERT INTO "Tab" VALUE {pk:'other','sk':'dup'}"#,
        r#"INSERT INTO "Tab" VALUE {'sk':'dup'}"#,
        r#"SELECT * FROM "Tab" WHERE pk='mine' OR 'other'=pk"#,
        r#"SELECT * FROM "Tab""#,
        r#"SELECT * FROM "Tab"."byKind" WHERE kind='k'"#,
    ] {
        let (status, answer) = world.tries(&own(), "ExecuteStatement", &statement(text));
        assert_eq!(status, 400, "{text}: {answer}");
        let batch = json!({"Statements": [statement(text)]});
        let (_, answer) = world.tries(&own(), "BatchExecuteStatement", &batch);
        assert!(answer["Responses"][0].get("Item").is_none(), "{text}: {answer}");
        assert_ne!(world.tries(&own(), "ExecuteTransaction", &json!({"TransactStatements": [statement(text)]})).0, 200);
    }
    assert_eq!(world.others(), before);
    for text in [
        r#"UPDATE "Tab" SET open='H1' WHERE 'mine'=pk AND sk='x'"#,
        r#"INSERT INTO "Tab" VALUE {'pk':'mine','sk':'new'}"#,
        r#"SELECT * FROM "Tab" WHERE pk='mine'"#,
        r#"DELETE FROM "Tab" WHERE pk='mine' AND sk='new'"#,
    ] {
        let (status, answer) = world.tries(&own(), "ExecuteStatement", &statement(text));
        assert_eq!(status, 200, "{text}: {answer}");
    }
}

#[test]
fn what_is_asked_about_is_what_is_carried_out() {
    let world = world();
    let before = world.others();
    let put = |pk: &str| json!({"TableName": "Tab", "Item": item(pk, "dup")});
    // A key that is no member of PutItem, and values with members that are none.
    let mut keyed = put("other");
    keyed["Key"] = key("mine", "dup");
    let odd = json!({"TableName": "Tab", "Item": {"pk": {"A": "mine", "S": "other"}, "sk": {"S": "dup"}}});
    let null = json!({"TableName": "Tab", "Item": {"pk": {"B": null, "S": "other"}, "sk": {"S": "dup"}}});
    for document in [keyed, odd, null] {
        let (_, answer) = world.tries(&own(), "PutItem", &document);
        assert!(text(&answer["__type"]).ends_with("AccessDeniedException"), "{document}: {answer}");
    }
    let get = json!({"TableName": "Tab", "Key": key("mine", "x")});
    let secret = json!({"TableName": "Secret", "Item": item("stolen", "x")});
    let only = json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": arn("Tab")});
    for (first, second) in [("Get", "Put"), ("ConditionCheck", "Put"), ("Delete", "Put"), ("Nothing", "Put")] {
        let items = json!({"TransactItems": [{first: get, second: secret}]});
        assert_ne!(world.tries(&only, "TransactWriteItems", &items).0, 200, "{first}");
    }
    let get = json!({"TransactItems": [{"Get": get}]});
    assert_eq!(error(&world.tries(&only, "TransactWriteItems", &get)).0, "ValidationException");
    let both = json!({"RequestItems": {"Tab": [
        {"PutRequest": {"Item": item("mine", "b")}, "DeleteRequest": {"Key": key("other", "x")}}]}});
    let (code, message) = error(&world.tries(&own(), "BatchWriteItem", &both));
    assert_eq!(code, "ValidationException");
    assert!(message.contains("more than one datatypes"), "{message}");
    // A query that gives two keys, of whatever names.
    let query = json!({"TableName": "Tab", "KeyConditionExpression": "pk = :a AND #k = :b",
        "ExpressionAttributeNames": {"#k": "pk"}, "ExpressionAttributeValues": {":a": {"S": "mine"}, ":b": {"S": "other"}}});
    assert_ne!(world.tries(&own(), "Query", &query).0, 200);
    assert_eq!(world.others(), before);
}

#[test]
fn an_update_in_a_transaction_changes_no_key() {
    let world = world();
    let before = world.others();
    for expression in ["SET #k = :v", "SET n = :v, #k = :v", "REMOVE sk"] {
        let update = json!({"TableName": "Tab", "Key": key("mine", "x"), "UpdateExpression": expression,
            "ExpressionAttributeNames": {"#k": "pk"}, "ExpressionAttributeValues": {":v": {"S": "other"}}});
        let items = json!({"TransactItems": [
            {"Put": {"TableName": "Tab", "Item": item("mine", "y")}}, {"Update": update}]});
        let (status, answer) = world.tries(&own(), "TransactWriteItems", &items);
        let name = if expression.starts_with("REMOVE") { "sk" } else { "pk" };
        assert_eq!((status, error(&(status, answer.clone())).0.as_str()), (400, "TransactionCanceledException"));
        let reasons = &answer["CancellationReasons"];
        assert_eq!((&reasons[0]["Code"], &reasons[1]["Code"]), (&json!("None"), &json!("ValidationError")));
        assert_eq!(
            reasons[1]["Message"],
            format!(
                "One or more parameter values were invalid: Cannot update attribute {name}. This attribute is part of the key"
            )
        );
    }
    assert_eq!(world.others(), before);
    let left = world.ok(
        "Scan",
        json!({"TableName": "Tab", "FilterExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "mine"}}}),
    );
    assert_eq!(left["Count"], 1, "nothing of the transactions happened");
}

#[test]
fn an_item_that_comes_back_where_a_condition_fails_is_all_of_it() {
    let world = world();
    let visible = json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "n"]},
        "StringEqualsIfExists": {"dynamodb:ReturnValues": ["NONE", "UPDATED_OLD", "UPDATED_NEW"]}}});
    let part = |more: Value| {
        let mut part = json!({"TableName": "Tab", "ConditionExpression": "n = :v",
            "ExpressionAttributeValues": {":v": {"N": "7"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"});
        part.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        part
    };
    let keyed = json!({"Key": key("mine", "x")});
    let update = json!({"Key": key("mine", "x"), "UpdateExpression": "SET n = :v"});
    let put = json!({"Item": {"pk": {"S": "mine"}, "sk": {"S": "x"}}});
    for (operation, document) in
        [("PutItem", part(put)), ("UpdateItem", part(update)), ("DeleteItem", part(keyed.clone()))]
    {
        assert_eq!(world.key("dynamodb:ReturnValues", operation, document.clone()).unwrap(), ["ALL_OLD"]);
        assert_eq!(error(&world.tries(&visible, operation, &document)).0, "AccessDeniedException", "{operation}");
    }
    let items = json!({"TransactItems": [{"ConditionCheck": part(keyed)}]});
    assert_eq!(error(&world.tries(&visible, "TransactWriteItems", &items)).0, "AccessDeniedException");
    let statement = json!({"Statement": "DELETE FROM Tab WHERE pk='mine' AND sk='x' AND n=7",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"});
    assert_eq!(error(&world.tries(&visible, "ExecuteStatement", &statement)).0, "AccessDeniedException");
}

#[test]
fn conditions_of_transactions_of_statements_are_not_served() {
    let world = world();
    let statement = |text: &str| json!({"Statement": text});
    let document = json!({"TransactStatements": [
        statement("EXISTS(SELECT * FROM Tab WHERE pk='mine' AND sk='x')"),
        statement("DELETE FROM Tab WHERE pk='mine' AND sk='x'")]});
    assert_eq!(world.call(OWNER, "ExecuteTransaction", &document).0, 501);
}
