//! The words in which requests are refused.

use serde_json::{Value, json};

use super::{ROLE, World, function};

#[tokio::test]
async fn all_that_is_wrong_is_told_together() {
    let world = World::new();
    let mut wrong = function("f");
    wrong["Timeout"] = json!(0);
    wrong["MemorySize"] = json!(1);
    wrong["KMSKeyArn"] = json!("foo");
    let (_, code, message) = world.call("POST /2015-03-31/functions", &wrong).await.error();
    assert_eq!(code, "ValidationException");
    assert_eq!(
        message,
        "3 validation errors detected: Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater \
         than or equal to 1; Value '1' at 'memorySize' failed to satisfy constraint: Member must have value greater than or \
         equal to 128; Value 'foo' at 'kMSKeyArn' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"
    );
    let mut wrong = function("f");
    wrong["Architectures"] = json!(["foo"]);
    let (_, _, message) = world.call("POST /2015-03-31/functions", &wrong).await.error();
    assert_eq!(
        message,
        "1 validation error detected: Value '[foo]' at 'architectures' failed to satisfy constraint: Member must satisfy \
         constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
    );
}

#[tokio::test]
async fn a_handler_is_one_word() {
    let world = World::new();
    world.function("f").await;
    for handler in ["", "two words"] {
        let mut wrong = function("g");
        wrong["Handler"] = json!(handler);
        for (line, document) in [
            ("POST /2015-03-31/functions", wrong),
            ("PUT /2015-03-31/functions/f/configuration", json!({"Handler": handler})),
        ] {
            let (_, code, message) = world.call(line, &document).await.error();
            assert_eq!(code, "ValidationException");
            let told =
                format!("1 validation error detected: Value '{handler}' at 'handler' failed to satisfy constraint");
            assert_eq!(message, format!(r"{told}: Member must satisfy regular expression pattern: [^\s]+"), "{line}");
        }
    }
}

#[tokio::test]
async fn what_a_role_may_not_send_to_is_no_dead_letter_queue() {
    let world = World::new();
    let plain = ROLE.replace("role/f", "role/plain");
    for (target, told) in [
        ("arn:aws:sqs:us-east-1:111122223333:q", "SendMessage on SQS"),
        ("arn:aws:sns:us-east-1:111122223333:t", "Publish on SNS"),
    ] {
        let mut document = function("f");
        document["DeadLetterConfig"] = json!({"TargetArn": target});
        document["Role"] = json!(plain);
        let (_, code, message) = world.call("POST /2015-03-31/functions", &document).await.error();
        assert_eq!(code, "InvalidParameterValueException");
        assert_eq!(message, format!("The provided execution role does not have permissions to call {told}"));
    }
    let target = json!({"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:111122223333:q"}});
    world.function_of("f", target).await;
    let (_, code, _) = world.call("PUT /2015-03-31/functions/f/configuration", &json!({"Role": plain})).await.error();
    assert_eq!(code, "InvalidParameterValueException", "another role has to have the right as well");
}

#[tokio::test]
async fn values_of_lists_and_statements_have_the_bounds_of_the_model() {
    let world = World::new();
    world.function("f").await;
    for (line, status) in [
        ("GET /2018-10-31/layers?MaxItems=51", 400),
        ("GET /2018-10-31/layers?MaxItems=50", 200),
        ("GET /2018-10-31/layers/l/versions?MaxItems=51", 400),
        ("GET /2019-09-25/functions/f/event-invoke-config/list?MaxItems=51", 400),
        ("GET /2019-09-30/functions/f/provisioned-concurrency?List=ALL&MaxItems=51", 400),
        ("GET /2015-03-31/functions?MaxItems=51", 200),
        ("GET /2015-03-31/functions?MasterRegion=ALL", 200),
        ("GET /2015-03-31/functions?MasterRegion=us-gov-west-1", 200),
        ("GET /2015-03-31/functions?MasterRegion=nowhere", 400),
    ] {
        let answer = world.call(line, &Value::Null).await;
        assert_eq!(answer.status, status, "{line}");
        if status == 400 {
            assert_eq!(answer.error().1, "ValidationException", "{line}");
        }
    }
    let mut permission =
        json!({"StatementId": "a.b", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"});
    let line = "POST /2015-03-31/functions/f/policy";
    assert_eq!(world.call(line, &permission).await.error().1, "ValidationException");
    permission["StatementId"] = json!("a-b_c");
    world.administer(line, &permission).await;
    // The model lets one be removed whose name has a dot.
    let gone = world.call("DELETE /2015-03-31/functions/f/policy/a.b", &Value::Null).await.error();
    assert_eq!(gone.1, "ResourceNotFoundException");
    let mut document = function("g");
    document["VpcConfig"] = json!({"SubnetIds": ["subnet-2"], "SecurityGroupIds": ["sg-1"]});
    let (_, _, message) = world.call("POST /2015-03-31/functions", &document).await.error();
    assert!(
        message.starts_with("Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound."),
        "{message}"
    );
}
