//! Event source mappings: streams of DynamoDB whose records functions get.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use serde_json::{Value, json};
use sidegate_services::dynamodb::DynamoDb;

use super::services::ask_as;
use super::{OWNER, STRANGER, World, all, arn};

const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

/// A table with a stream, and functions that may read it.
struct Sources {
    world: World,
    dynamodb: DynamoDb,
    stream: String,
}

impl Sources {
    async fn new() -> Self {
        let world = World::new();
        let dynamodb = DynamoDb::open(&world.dir.path().join("dynamodb")).unwrap();
        let made = table(&dynamodb).await;
        let stream = made["TableDescription"]["LatestStreamArn"].as_str().unwrap().to_owned();
        let sources = Self { world: woken(world, &dynamodb), dynamodb, stream };
        sources.world.function("f").await;
        sources
    }

    /// The same state after a stop.
    async fn again(self) -> Self {
        let Self { world, dynamodb, stream } = self;
        Self { world: woken(world.again().await, &dynamodb), dynamodb, stream }
    }

    fn run(&self) -> tokio::task::JoinHandle<()> {
        let lambda = self.world.lambda.clone();
        tokio::spawn(async move { lambda.run().await })
    }

    async fn put(&self, ids: &[&str]) {
        for id in ids {
            let item = json!({"id": {"S": id}, "n": {"N": "1"}});
            dynamodb(&self.dynamodb, "PutItem", json!({"TableName": "orders", "Item": item})).await;
        }
    }

    fn asked(&self, more: Value) -> Value {
        let mut document =
            json!({"FunctionName": "f", "EventSourceArn": self.stream, "StartingPosition": "TRIM_HORIZON"});
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    }

    async fn map(&self, more: Value) -> Value {
        self.world.administer(&format!("POST {MAPPINGS}"), &self.asked(more)).await
    }

    async fn refused(&self, more: Value) -> (u16, String, String) {
        self.world.call(&format!("POST {MAPPINGS}"), &self.asked(more)).await.error()
    }

    /// Waits until a mapping is in a state.
    async fn settled(&self, id: &str, state: &str) -> Value {
        for _ in 0..1000 {
            let told = self.world.administer(&format!("GET {MAPPINGS}/{id}"), &Value::Null).await;
            if told["State"] == state {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{id} is not {state}");
    }

    /// The ids of the items in the events that functions got.
    fn had(&self) -> Vec<Vec<String>> {
        let events = self.world.fake.events.lock().unwrap();
        let ids = |event: &sidegate_services::lambda::environment::Event| {
            let document: Value = serde_json::from_slice(&event.payload).unwrap();
            let records = document["Records"].as_array().unwrap().iter();
            records.map(|record| record["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap().to_owned()).collect()
        };
        events.iter().map(ids).collect()
    }

    /// Waits until the last event has this item last.
    async fn until(&self, last: &str) -> Vec<Vec<String>> {
        for _ in 0..2000 {
            let had = self.had();
            if had.last().and_then(|event| event.last()).is_some_and(|id| id == last) {
                // What comes behind it would come soon.
                tokio::time::sleep(Duration::from_millis(60)).await;
                return self.had();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{last} did not come: {:?}", self.had());
    }

    /// Waits until there were so many events.
    async fn count(&self, count: usize) -> Vec<Vec<String>> {
        for _ in 0..2000 {
            if self.had().len() >= count {
                // What comes behind them would come soon.
                tokio::time::sleep(Duration::from_millis(100)).await;
                return self.had();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{count} events did not come: {:?}", self.had());
    }

    fn calls(&self) -> Vec<(String, String, String)> {
        self.world.fake.calls.lock().unwrap().clone()
    }
}

/// With the streams of the tables, which tell of writes.
fn woken(mut world: World, tables: &DynamoDb) -> World {
    *world.fake.streams.lock().unwrap() = Some(Arc::new(tables.streams()));
    world.lambda = world.lambda.woken_by(tables.writes());
    world
}

async fn dynamodb(tables: &DynamoDb, operation: &str, document: Value) -> Value {
    let request = Request::post("/")
        .header("host", "dynamodb.us-east-1.amazonaws.com")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .body(document.to_string().into_bytes());
    let (status, body) = ask_as(tables, request.unwrap(), true).await;
    assert_eq!(status, 200, "{operation}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

async fn table(tables: &DynamoDb) -> Value {
    let document = json!({
        "TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    });
    dynamodb(tables, "CreateTable", document).await
}

fn ids(told: &[Vec<String>]) -> Vec<&str> {
    told.iter().flatten().map(String::as_str).collect()
}

#[tokio::test]
async fn a_mapping_is_told_as_aws_tells_it_and_goes_through_its_states() {
    let sources = Sources::new().await;
    let made = sources.map(json!({"Tags": {"a": "1"}})).await;
    let id = made["UUID"].as_str().unwrap().to_owned();
    let mapping = format!("arn:aws:lambda:us-east-1:{OWNER}:event-source-mapping:{id}");
    let mut told = made.clone();
    assert!(told["LastModified"].is_f64());
    told.as_object_mut().unwrap().remove("LastModified");
    let expected = json!({
        "UUID": id, "StartingPosition": "TRIM_HORIZON", "BatchSize": 100, "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1, "EventSourceArn": sources.stream, "FunctionArn": arn("f"),
        "LastProcessingResult": "No records processed", "State": "Creating", "StateTransitionReason": "User action",
        "DestinationConfig": {"OnFailure": {}}, "MaximumRecordAgeInSeconds": -1, "BisectBatchOnFunctionError": false,
        "MaximumRetryAttempts": -1, "TumblingWindowInSeconds": 0, "FunctionResponseTypes": [],
        "EventSourceMappingArn": mapping,
    });
    assert_eq!(told, expected);
    // Nothing goes on yet, so that it is on its way.
    let line = format!("{MAPPINGS}/{id}");
    for (method, what) in [("PUT", "update"), ("DELETE", "delete")] {
        let refused = sources.world.call(&format!("{method} {line}"), &json!({})).await.error();
        let words = format!("Cannot {what} the event source mapping because it is in use.");
        assert_eq!(refused, (400, "ResourceInUseException".to_owned(), words));
    }
    let running = sources.run();
    sources.settled(&id, "Enabled").await;
    let disabling = sources.world.administer(&format!("PUT {line}"), &json!({"Enabled": false, "BatchSize": 5})).await;
    assert_eq!((disabling["State"].as_str(), disabling["BatchSize"].as_u64()), (Some("Disabling"), Some(5)));
    sources.settled(&id, "Disabled").await;
    let updating = sources.world.administer(&format!("PUT {line}"), &json!({"MaximumRetryAttempts": 3})).await;
    assert_eq!((updating["State"].as_str(), updating["BatchSize"].as_u64()), (Some("Updating"), Some(5)));
    sources.settled(&id, "Disabled").await;
    let enabling = sources.world.administer(&format!("PUT {line}"), &json!({"Enabled": true})).await;
    assert_eq!(enabling["State"], "Enabling");
    sources.settled(&id, "Enabled").await;
    let deleting = sources.world.administer(&format!("DELETE {line}"), &Value::Null).await;
    assert_eq!(deleting["State"], "Deleting");
    for _ in 0..1000 {
        if sources.world.call(&format!("GET {line}"), &Value::Null).await.status == 404 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let gone = sources.world.call(&format!("GET {line}"), &Value::Null).await.error();
    assert_eq!(gone.2, "The resource you requested does not exist.");
    running.abort();
}

#[tokio::test]
async fn what_is_no_mapping_is_refused_in_the_words_of_aws() {
    let sources = Sources::new().await;
    let made = sources.map(json!({"Enabled": false})).await;
    let (status, code, words) = sources.refused(json!({})).await;
    assert_eq!((status, code.as_str()), (409, "ResourceConflictException"));
    let expected = format!(
        "The event source arn (\" {} \") and function (\" f \") provided mapping already exists. Please update or delete the \
         existing mapping with UUID {}",
        sources.stream,
        made["UUID"].as_str().unwrap()
    );
    assert_eq!(words, expected);
    let invalid = "InvalidParameterValueException";
    for (more, code, words) in [
        (json!({"StartingPosition": null}), invalid, "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.".to_owned()),
        (json!({"StartingPosition": "0"}), "ValidationException", "1 validation error detected: Value '0' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]".to_owned()),
        (json!({"StartingPosition": "AT_TIMESTAMP"}), invalid, format!("Unsupported starting position for arn type: {}", sources.stream)),
        (json!({"StartingPosition": "LATEST", "StartingPositionTimestamp": 1.0}), invalid, "Timestamp only valid with StartingPosition AT_TIMESTAMP".to_owned()),
        (json!({"FunctionName": "g"}), invalid, "Function does not exist".to_owned()),
        (json!({"EventSourceArn": null}), invalid, "Unrecognized event source.".to_owned()),
        (json!({"EventSourceArn": "arn:aws:dynamodb:us-east-1:111122223333:table/orders"}), invalid, "Unrecognized event source, must be kinesis, dynamodb stream or sqs.".to_owned()),
        (json!({"EventSourceArn": "orders"}), "ValidationException", String::new()),
        (json!({"FunctionName": null}), "ValidationException", "1 validation error detected: Value null at 'functionName' failed to satisfy constraint: Member must not be null".to_owned()),
        (json!({"EventSourceArn": format!("{}9", sources.stream)}), invalid, format!("Stream not found: {}9", sources.stream)),
        (json!({"EventSourceArn": sources.stream.replace("us-east-1", "eu-west-1")}), invalid, String::new()),
        (json!({"EventSourceArn": "arn:aws:sqs:us-east-1:111122223333:q"}), "NotImplemented", String::new()),
        (json!({"EventSourceArn": "arn:aws:kinesis:us-east-1:111122223333:stream/s"}), "NotImplemented", String::new()),
        (json!({"SelfManagedEventSource": {}}), "NotImplemented", String::new()),
    ] {
        let (_, told, why) = sources.refused(more.clone()).await;
        assert_eq!(told, code, "{more}: {why}");
        assert!(words.is_empty() || why == words, "{more}: {why}");
    }
    let (_, _, why) = sources.refused(json!({"EventSourceArn": "arn:aws:sqs:us-east-1:111122223333:q"})).await;
    assert!(
        why.starts_with("Sidegate does not implement queues of SQS as event sources of Lambda. Streams of DynamoDB"),
        "{why}"
    );
}

#[tokio::test]
async fn a_role_that_may_not_read_the_stream_or_send_to_the_destination_is_refused() {
    let sources = Sources::new().await;
    let role = |name: &str| json!({"Role": format!("arn:aws:iam::{OWNER}:role/{name}")});
    sources.world.function_of("blind", role("blind")).await;
    let (_, code, why) = sources.refused(json!({"FunctionName": "blind"})).await;
    let words = format!(
        "Cannot access stream {}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and \
         ListStreams Actions on your stream in IAM.",
        sources.stream
    );
    assert_eq!((code.as_str(), why), ("InvalidParameterValueException", words));
    sources.world.function_of("plain", role("plain")).await;
    let queue = json!({"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:111122223333:q"}});
    let (_, _, why) = sources.refused(json!({"FunctionName": "plain", "DestinationConfig": queue})).await;
    assert_eq!(why, "The provided execution role does not have permissions to call SendMessage on SQS");
    sources.map(json!({"FunctionName": "f", "DestinationConfig": queue})).await;
}

#[tokio::test]
async fn policies_of_callers_see_the_mapping_its_function_and_its_tags() {
    let sources = Sources::new().await;
    let world = &sources.world;
    let of = |function: &str| {
        json!({"Effect": "Allow", "Action": "lambda:*", "Resource": "*",
            "Condition": {"ArnEquals": {"lambda:FunctionArn": arn(function)}}})
    };
    world.function("g").await;
    let create = format!("POST {MAPPINGS}");
    assert_eq!(world.call_as(OWNER, &of("g"), &create, &sources.asked(json!({}))).await.status, 403);
    let made = world.call_as(OWNER, &of("f"), &create, &sources.asked(json!({"Enabled": false}))).await;
    assert_eq!(made.status, 202);
    let (id, own) = (made.document()["UUID"].clone(), made.document()["EventSourceMappingArn"].clone());
    let (id, own) = (id.as_str().unwrap(), own.as_str().unwrap());
    let line = format!("{MAPPINGS}/{id}");
    let running = sources.run();
    sources.settled(id, "Disabled").await;
    running.abort();
    assert_eq!(world.call_as(OWNER, &of("g"), &format!("GET {line}"), &Value::Null).await.status, 403);
    assert_eq!(world.call_as(OWNER, &of("f"), &format!("GET {line}"), &Value::Null).await.status, 200);
    let change = json!({"FunctionName": "g"});
    assert_eq!(world.call_as(OWNER, &of("f"), &format!("PUT {line}"), &change).await.status, 403, "g is asked for too");
    let tags = format!("/2017-03-31/tags/{}", own.replace(':', "%3A"));
    assert_eq!(world.call(&format!("POST {tags}"), &json!({"Tags": {"team": "a", "b": "2"}})).await.status, 204);
    assert_eq!(world.call(&format!("DELETE {tags}?tagKeys=b"), &Value::Null).await.status, 204);
    assert_eq!(world.administer(&format!("GET {tags}"), &Value::Null).await, json!({"Tags": {"team": "a"}}));
    let by_tag = |team: &str| {
        json!({"Effect": "Allow", "Action": "lambda:GetEventSourceMapping", "Resource": own,
            "Condition": {"StringEquals": {"aws:ResourceTag/team": team}}})
    };
    assert_eq!(world.call_as(OWNER, &by_tag("b"), &format!("GET {line}"), &Value::Null).await.status, 403);
    assert_eq!(world.call_as(OWNER, &by_tag("a"), &format!("GET {line}"), &Value::Null).await.status, 200);
    // Another account sees nothing of it, under no name.
    for (method, document) in [("GET", Value::Null), ("PUT", json!({})), ("DELETE", Value::Null)] {
        let other = world.call_as(STRANGER, &all("*"), &format!("{method} {line}"), &document).await;
        assert_eq!(other.status, 404, "{method}");
    }
    let theirs = tags.replace(OWNER, STRANGER);
    let told = world.call_as(STRANGER, &all("*"), &format!("POST {theirs}"), &json!({"Tags": {"x": "1"}})).await;
    assert_eq!(told.status, 404);
}

#[tokio::test]
async fn mappings_are_listed_by_stream_and_function_in_pages() {
    let sources = Sources::new().await;
    for name in ["g", "h"] {
        sources.world.function(name).await;
        sources.map(json!({"FunctionName": name, "Enabled": false})).await;
    }
    let list = |query: String| {
        let line = format!("GET {MAPPINGS}?{query}");
        let world = &sources.world;
        async move { world.administer(&line, &Value::Null).await }
    };
    let first = list("MaxItems=1".to_owned()).await;
    assert_eq!(first["EventSourceMappings"].as_array().unwrap().len(), 1);
    let rest = list(format!("MaxItems=5&Marker={}", first["NextMarker"].as_str().unwrap())).await;
    assert_eq!((rest["EventSourceMappings"].as_array().unwrap().len(), &rest["NextMarker"]), (1, &Value::Null));
    let of_g = list("FunctionName=g".to_owned()).await;
    assert_eq!(of_g["EventSourceMappings"][0]["FunctionArn"], arn("g"));
    assert_eq!(of_g["EventSourceMappings"].as_array().unwrap().len(), 1);
    let escaped = sources.stream.replace(':', "%3A").replace('/', "%2F");
    assert_eq!(list(format!("EventSourceArn={escaped}")).await["EventSourceMappings"].as_array().unwrap().len(), 2);
    assert_eq!(list(format!("EventSourceArn={escaped}9")).await, json!({"EventSourceMappings": []}));
}

#[tokio::test]
async fn a_function_gets_the_records_that_a_filter_lets_through_in_order_and_from_where_it_is_said() {
    let sources = Sources::new().await;
    sources.put(&["a", "b"]).await;
    sources.world.function("late").await;
    let running = sources.run();
    let pattern = r#"{"eventName": ["INSERT"], "dynamodb": {"Keys": {"id": {"S": [{"anything-but": "b"}]}}}}"#;
    let made = sources.map(json!({"BatchSize": 2, "FilterCriteria": {"Filters": [{"Pattern": pattern}]}})).await;
    sources.put(&["c", "d", "a", "e"]).await;
    let had = sources.until("e").await;
    assert_eq!(ids(&had), ["a", "c", "d", "e"]);
    assert!(had.iter().all(|event| event.len() <= 2), "{had:?}");
    let told = sources.settled(made["UUID"].as_str().unwrap(), "Enabled").await;
    assert_eq!(
        (&told["LastProcessingResult"], &told["FilterCriteria"]["Filters"][0]["Pattern"]),
        (&json!("OK"), &json!(pattern))
    );
    let event = sources.world.fake.events.lock().unwrap()[0].clone();
    assert_eq!(event.invoked_arn, arn("f"));
    let record = serde_json::from_slice::<Value>(&event.payload).unwrap()["Records"][0].clone();
    assert_eq!(record["eventSourceARN"], sources.stream);
    assert_eq!((&record["eventSource"], &record["awsRegion"]), (&json!("aws:dynamodb"), &json!("us-east-1")));
    assert_eq!(record["dynamodb"]["NewImage"]["n"], json!({"N": "1"}));
    assert!(record["dynamodb"]["ApproximateCreationDateTime"].is_i64());
    sources.map(json!({"FunctionName": "late", "StartingPosition": "LATEST"})).await;
    sources.put(&["z"]).await;
    sources.until("z").await;
    let late = sources.world.fake.events.lock().unwrap().clone();
    let late: Vec<_> = late.iter().filter(|event| event.invoked_arn == arn("late")).collect();
    assert_eq!(late.len(), 1, "what was there before is not told");
    running.abort();
}

#[tokio::test]
async fn a_batch_that_fails_is_split_and_the_bucket_gets_the_one_record_that_fails() {
    let sources = Sources::new().await;
    sources.put(&["a", "bad", "c", "d"]).await;
    let bucket = json!({"OnFailure": {"Destination": "arn:aws:s3:::lost"}});
    let made = sources
        .map(json!({"BisectBatchOnFunctionError": true, "MaximumRetryAttempts": 1, "DestinationConfig": bucket}))
        .await;
    let running = sources.run();
    let had = sources.count(6).await;
    assert_eq!(
        had,
        [vec!["a", "bad", "c", "d"], vec!["a", "bad"], vec!["a"], vec!["bad"], vec!["bad"], vec!["c", "d"]]
    );
    let calls = sources.calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    let (id, (service, told, body)) = (made["UUID"].as_str().unwrap(), calls[0].clone());
    assert_eq!(service, "s3");
    assert!(told.contains(&format!("PUT s3.us-east-1.amazonaws.com /lost/aws/lambda/{id}/shardId-")), "{told}");
    let record: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(record["requestContext"]["functionArn"], arn("f"));
    let response = json!({"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"});
    assert_eq!(record["responseContext"], response);
    let info = &record["DDBStreamBatchInfo"];
    assert_eq!((&info["batchSize"], &info["streamArn"]), (&json!(1), &json!(sources.stream)));
    assert_eq!(info["startSequenceNumber"], info["endSequenceNumber"]);
    let payload: Value = serde_json::from_str(record["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["Records"][0]["dynamodb"]["Keys"]["id"]["S"], "bad");
    running.abort();
}

#[tokio::test]
async fn a_function_that_reports_what_failed_gets_the_rest_again() {
    let sources = Sources::new().await;
    sources.put(&["a", "b", "part", "d"]).await;
    let types = json!(["ReportBatchItemFailures"]);
    let queue = json!({"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:111122223333:lost"}});
    sources.map(json!({"FunctionResponseTypes": types, "MaximumRetryAttempts": 1, "DestinationConfig": queue})).await;
    let running = sources.run();
    sources.until("d").await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    sources.put(&["e"]).await;
    assert_eq!(sources.until("e").await, [vec!["a", "b", "part", "d"], vec!["part", "d"], vec!["e"]]);
    let (service, _, body) = sources.calls()[0].clone();
    let message: Value = serde_json::from_str(&body).unwrap();
    let record: Value = serde_json::from_str(message["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!((service.as_str(), &record["DDBStreamBatchInfo"]["batchSize"]), ("sqs", &json!(2)));
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!((record.get("payload"), record["responseContext"].get("functionError")), (None, None));
    running.abort();
}

#[tokio::test]
async fn a_mapping_goes_on_after_a_stop_where_it_was_and_not_while_it_is_disabled() {
    let sources = Sources::new().await;
    let made = sources.map(json!({})).await;
    let id = made["UUID"].as_str().unwrap().to_owned();
    let running = sources.run();
    sources.put(&["a"]).await;
    sources.until("a").await;
    running.abort();
    let sources = sources.again().await;
    sources.put(&["b"]).await;
    let running = sources.run();
    assert_eq!(sources.until("b").await, [["b"]], "what was handled is not handled again");
    let line = format!("PUT {MAPPINGS}/{id}");
    sources.world.administer(&line, &json!({"Enabled": false})).await;
    sources.settled(&id, "Disabled").await;
    sources.put(&["c"]).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(sources.had().len(), 1);
    sources.world.administer(&line, &json!({"Enabled": true})).await;
    assert_eq!(ids(&sources.until("c").await), ["b", "c"]);
    running.abort();
}

#[tokio::test]
async fn a_throttled_function_gets_its_records_later_and_one_that_is_gone_is_told_by_the_mapping() {
    let sources = Sources::new().await;
    let concurrency = |count: u32| json!({"ReservedConcurrentExecutions": count});
    let line = "PUT /2017-10-31/functions/f/concurrency";
    sources.world.administer(line, &concurrency(0)).await;
    let made = sources.map(json!({"MaximumRetryAttempts": 0})).await;
    let id = made["UUID"].as_str().unwrap();
    let running = sources.run();
    sources.put(&["a"]).await;
    let result = |wanted: &'static str| {
        let sources = &sources;
        async move {
            for _ in 0..1000 {
                let told = sources.settled(id, "Enabled").await;
                if told["LastProcessingResult"] == wanted {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            panic!("{wanted} is not told");
        }
    };
    result("PROBLEM: Function call failed").await;
    assert_eq!(sources.had().len(), 0);
    sources.world.administer(line, &concurrency(5)).await;
    assert_eq!(sources.until("a").await, [["a"]], "a throttle is no attempt");
    result("OK").await;
    assert_eq!(sources.world.call("DELETE /2015-03-31/functions/f", &Value::Null).await.status, 204);
    sources.put(&["b"]).await;
    result("PROBLEM: Function call failed").await;
    sources.world.function("f").await;
    assert_eq!(ids(&sources.until("b").await), ["a", "b"], "the mapping outlives its function");
    running.abort();
}

#[tokio::test]
async fn items_are_handled_side_by_side_each_in_order() {
    let sources = Sources::new().await;
    let names: Vec<String> = (0..12).map(|number| format!("i{}", number % 4)).collect();
    for (at, name) in names.iter().enumerate() {
        let item = json!({"id": {"S": name}, "n": {"N": at.to_string()}});
        dynamodb(&sources.dynamodb, "PutItem", json!({"TableName": "orders", "Item": item})).await;
    }
    sources.map(json!({"ParallelizationFactor": 4, "BatchSize": 3})).await;
    let running = sources.run();
    for _ in 0..1000 {
        if ids(&sources.had()).len() >= 12 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let events = sources.world.fake.events.lock().unwrap().clone();
    let mut seen: std::collections::BTreeMap<String, Vec<u32>> = std::collections::BTreeMap::new();
    for event in &events {
        let document: Value = serde_json::from_slice(&event.payload).unwrap();
        for record in document["Records"].as_array().unwrap() {
            let image = &record["dynamodb"]["NewImage"];
            let number = image["n"]["N"].as_str().unwrap().parse().unwrap();
            seen.entry(image["id"]["S"].as_str().unwrap().to_owned()).or_default().push(number);
        }
    }
    assert_eq!(seen.values().map(Vec::len).sum::<usize>(), 12, "{seen:?}");
    assert!(seen.values().all(|numbers| numbers.is_sorted()), "{seen:?}");
    running.abort();
}
