//! Making, reading, changing and deleting functions.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use sidegate_services::lambda::environment::Network;

use super::{OWNER, ROLE, STRANGER, World, all, arn, function, zip};

const CREATE: &str = "POST /2015-03-31/functions";

#[tokio::test]
async fn a_function_is_made_pending_becomes_active_and_is_told_as_aws_tells_it() {
    let world = World::new();
    let made = world.call(CREATE, &function("f")).await;
    let document = made.document();
    assert_eq!(made.status, 201, "{document}");
    assert_eq!((&document["State"], &document["StateReasonCode"]), (&json!("Pending"), &json!("Creating")));
    let configuration = world.settled("f").await;
    for (member, value) in [
        ("FunctionName", json!("f")),
        ("FunctionArn", json!(arn("f"))),
        ("Runtime", json!("python3.12")),
        ("Role", json!(ROLE)),
        ("Handler", json!("app.handler")),
        ("Description", json!("")),
        ("Timeout", json!(3)),
        ("MemorySize", json!(128)),
        ("Version", json!("$LATEST")),
        ("TracingConfig", json!({"Mode": "PassThrough"})),
        ("PackageType", json!("Zip")),
        ("Architectures", json!(["x86_64"])),
        ("EphemeralStorage", json!({"Size": 512})),
        ("SnapStart", json!({"ApplyOn": "None", "OptimizationStatus": "Off"})),
        ("LoggingConfig", json!({"LogFormat": "Text", "LogGroup": "/aws/lambda/f"})),
    ] {
        assert_eq!(configuration[member], value, "{member}");
    }
    assert!(configuration["LastModified"].as_str().unwrap().ends_with("+0000"));
    assert_eq!(configuration["CodeSha256"].as_str().unwrap().len(), 44);
    assert!(configuration.get("Environment").is_none() && configuration.get("VpcConfig").is_none());
    let again = world.call(CREATE, &function("f")).await.error();
    assert_eq!(again, (409, "ResourceConflictException".to_owned(), "Function already exist: f".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_with_a_function_is_told_in_the_words_of_aws() {
    let world = World::new();
    let refused = async |member: &str, value: Value| {
        let mut document = function("f");
        document[member] = value;
        let (_, code, message) = world.call(CREATE, &document).await.error();
        format!("{code}: {message}")
    };
    for (member, value, told) in [
        ("MemorySize", json!(127), "ValidationException: 1 validation error detected: Value '127' at 'memorySize'"),
        ("Timeout", json!(901), "ValidationException: 1 validation error detected: Value '901' at 'timeout'"),
        ("EphemeralStorage", json!({"Size": 100}), "ValidationException"),
        ("Role", json!("nobody"), "ValidationException: 1 validation error detected: Value 'nobody' at 'role'"),
        ("Runtime", json!("python3.99"), "InvalidParameterValueException: Value python3.99 at 'runtime'"),
        (
            "Runtime",
            json!("python2.7"),
            "InvalidParameterValueException: The runtime parameter of python2.7 is no longer",
        ),
        ("PackageType", json!("Image"), "NotImplemented: Sidegate does not implement container images"),
        ("SnapStart", json!({"ApplyOn": "PublishedVersions"}), "NotImplemented"),
        ("Code", json!({}), "InvalidParameterValueException: Please provide a source for function code."),
        ("Code", json!({"ZipFile": "AAAA"}), "InvalidParameterValueException: Could not unzip uploaded file."),
        ("Code", json!({"ZipFile": zip(&[])}), "InvalidParameterValueException: Uploaded file must be a non-empty zip"),
        ("Code", json!({"ZipFile": 1}), "SerializationException"),
        ("Handler", Value::Null, "InvalidParameterValueException: Runtime and Handler are mandatory"),
        ("Environment", json!({"Variables": {"AWS_REGION": "x"}}), "InvalidParameterValueException: Lambda was unable"),
        ("Environment", json!({"Variables": {"1": "x"}}), "ValidationException"),
        ("Environment", json!({"Variables": {"AB": "x".repeat(4100)}}), "InvalidParameterValueException: Lambda was"),
        ("Layers", json!(["l"]), "ValidationException"),
        (
            "VpcConfig",
            json!({"SubnetIds": ["subnet-1"]}),
            "InvalidParameterValueException: Security Groups and Subnets",
        ),
        (
            "VpcConfig",
            json!({"SubnetIds": ["subnet-2"], "SecurityGroupIds": ["sg-1"]}),
            "InvalidParameterValueException: Error occurred while DescribeSubnets. EC2 Error Code: \
             InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-2' does not exist",
        ),
        ("Tags", json!({"aws:a": "b"}), "InvalidParameterValueException"),
        ("LoggingConfig", json!({"LogFormat": "Text", "SystemLogLevel": "INFO"}), "InvalidParameterValueException"),
    ] {
        let found = refused(member, value.clone()).await;
        assert!(found.starts_with(told), "{member}: {value}: {found}");
    }
    world.fake.refuses_roles.store(true, Ordering::SeqCst);
    let found = world.call(CREATE, &function("f")).await.error().2;
    assert_eq!(found, "The role defined for the function cannot be assumed by Lambda.");
    assert_eq!(world.call("GET /2015-03-31/functions/f", &Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_function_is_found_by_its_name_its_arn_and_its_versions() {
    let world = World::new();
    world.function_of("f", json!({"Publish": true, "Tags": {"team": "red"}})).await;
    let found = world.administer("GET /2015-03-31/functions/f", &Value::Null).await;
    assert_eq!((&found["Tags"], &found["Code"]), (&json!({"team": "red"}), &json!({"RepositoryType": "S3"})));
    let escaped = arn("f").replace(':', "%3A");
    for (path, told) in [
        (escaped.clone(), arn("f")),
        ("f?Qualifier=1".to_owned(), arn("f:1")),
        (format!("{escaped}%3A1"), arn("f:1")),
        ("f?Qualifier=$LATEST".to_owned(), arn("f:$LATEST")),
    ] {
        let found = world.administer(&format!("GET /2015-03-31/functions/{path}"), &Value::Null).await;
        assert_eq!(found["Configuration"]["FunctionArn"], told, "{path}");
    }
    let none = world.call("GET /2015-03-31/functions/f?Qualifier=9", &Value::Null).await.error();
    let message = format!("Function not found: {}", arn("f:9"));
    assert_eq!(none, (404, "ResourceNotFoundException".to_owned(), message));
}

#[tokio::test]
async fn functions_are_listed_by_pages_each_of_its_own_account() {
    let world = World::new();
    for name in ["c", "a", "b"] {
        world.function(name).await;
    }
    let names = |list: &Value| {
        let all = list["Functions"].as_array().unwrap();
        all.iter().map(|one| one["FunctionName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = world.administer("GET /2015-03-31/functions?MaxItems=2", &Value::Null).await;
    assert_eq!(names(&first), ["a", "b"]);
    let marker = first["NextMarker"].as_str().unwrap();
    let line = format!("GET /2015-03-31/functions?MaxItems=2&Marker={marker}");
    let rest = world.administer(&line, &Value::Null).await;
    assert_eq!((names(&rest), rest.get("NextMarker")), (vec!["c".to_owned()], None));
    let wrong = world.call("GET /2015-03-31/functions?Marker=x", &Value::Null).await.error();
    assert_eq!(wrong.1, "InvalidParameterValueException");
    let theirs = world.call_as(STRANGER, &all("*"), "GET /2015-03-31/functions", &Value::Null).await;
    assert_eq!(theirs.document(), json!({"Functions": []}));
}

#[tokio::test]
async fn code_and_configuration_are_changed_and_a_revision_guards_them() {
    let world = World::new();
    world.function("f").await;
    let before = world.settled("f").await;
    let revision = before["RevisionId"].as_str().unwrap();
    let change = json!({"Timeout": 10, "Environment": {"Variables": {"AB": "1"}}, "RevisionId": revision});
    let line = "PUT /2015-03-31/functions/f/configuration";
    let changed = world.administer(line, &change).await;
    assert_eq!((&changed["Timeout"], &changed["LastUpdateStatus"]), (&json!(10), &json!("InProgress")));
    let after = world.settled("f").await;
    assert_eq!(after["Environment"], json!({"Variables": {"AB": "1"}}));
    assert_eq!(after["Handler"], "app.handler", "what is not spoken of stays");
    let stale = world.call(line, &change).await.error();
    assert_eq!((stale.0, stale.1.as_str()), (412, "PreconditionFailedException"));

    let code = json!({"ZipFile": zip(&[("app.py", b"new = 1\n")]), "DryRun": true});
    let trial = world.administer("PUT /2015-03-31/functions/f/code", &code).await;
    assert_ne!(trial["CodeSha256"], after["CodeSha256"]);
    assert_eq!(world.settled("f").await["CodeSha256"], after["CodeSha256"], "a dry run changes nothing");
    let code = json!({"ZipFile": zip(&[("app.py", b"new = 1\n")]), "Publish": true});
    let published = world.administer("PUT /2015-03-31/functions/f/code", &code).await;
    assert_eq!((&published["Version"], &published["CodeSha256"]), (&json!("1"), &trial["CodeSha256"]));
    world.settled("f").await;
    let none = world.administer(line, &json!({"Environment": {"Variables": {}}})).await;
    assert!(none.get("Environment").is_none());
    let version = world.call("PUT /2015-03-31/functions/f%3A1/configuration", &json!({"Timeout": 1})).await;
    assert_eq!(version.error().1, "InvalidParameterValueException");
}

#[tokio::test]
async fn functions_survive_a_stop_with_all_that_they_have() {
    let world = World::new();
    world.function_of("f", json!({"Publish": true, "Environment": {"Variables": {"SECRET": "rosebud"}}})).await;
    world.administer("PUT /2017-10-31/functions/f/concurrency", &json!({"ReservedConcurrentExecutions": 5})).await;
    let before = world.settled("f").await;
    let world = world.again().await;
    assert_eq!(world.settled("f").await, before);
    let reserved = world.administer("GET /2019-09-30/functions/f/concurrency", &Value::Null).await;
    assert_eq!(reserved["ReservedConcurrentExecutions"], 5);
    assert_eq!(world.invoke("f%3A1", &json!({"a": 1})).await.document(), json!({"a": 1}));
    // What is on disk tells nothing.
    for entry in std::fs::read_dir(world.dir.path().join("lambda")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(7).any(|part| part == b"rosebud"), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn a_deleted_function_is_gone_with_its_environments_and_its_code() {
    let world = World::new();
    world.function("f").await;
    world.invoke("f", &json!({})).await;
    assert_eq!(world.fake.living.load(Ordering::SeqCst), 1);
    let deleted = world.call("DELETE /2015-03-31/functions/f", &Value::Null).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    for _ in 0..200 {
        if world.fake.living.load(Ordering::SeqCst) == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(world.fake.released.lock().unwrap().last(), Some(&(arn("f"), Vec::new())));
    assert_eq!(world.fake.living.load(Ordering::SeqCst), 0);
    assert_eq!(world.call("DELETE /2015-03-31/functions/f", &Value::Null).await.status, 404);
    let code = world.dir.path().join("lambda/code");
    for _ in 0..200 {
        if std::fs::read_dir(&code).unwrap().count() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the code is still there");
}

#[tokio::test]
async fn making_a_function_takes_the_right_to_pass_its_role() {
    let world = World::new();
    let denied = world.call_as(OWNER, &all("lambda:*"), CREATE, &function("f")).await.error();
    let message = format!(
        "User: arn:aws:iam::{OWNER}:user/caller is not authorized to perform: iam:PassRole on resource: {ROLE} because no \
         identity-based policy allows the iam:PassRole action"
    );
    assert_eq!(denied, (403, "AccessDeniedException".to_owned(), message));
    let passing = json!([all("lambda:*"), {"Effect": "Allow", "Action": "iam:PassRole", "Resource": ROLE,
        "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}]);
    assert_eq!(world.call_as(OWNER, &passing, CREATE, &function("f")).await.status, 201);
    let mut other = function("g");
    other["Role"] = json!("arn:aws:iam::444455556666:role/f");
    let refused = world.call(CREATE, &other).await.error();
    assert_eq!(refused.2, "Cross-account pass role is not allowed.");
}

#[tokio::test]
async fn the_network_of_a_function_is_in_the_conditions_and_needs_a_role_that_may_make_interfaces() {
    let world = World::new();
    let mut document = function("f");
    document["VpcConfig"] = json!({"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]});
    let only = |vpc: &str| {
        json!([all("iam:*"), {"Effect": "Allow", "Action": "lambda:*", "Resource": "*",
            "Condition": {"StringEquals": {"lambda:VpcIds": vpc},
                "ForAllValues:StringEquals": {"lambda:SubnetIds": ["subnet-1"]}}}])
    };
    assert_eq!(world.call_as(OWNER, &only("vpc-2"), CREATE, &document).await.status, 403);
    let made = world.call_as(OWNER, &only("vpc-1"), CREATE, &document).await;
    assert_eq!(made.document()["VpcConfig"]["VpcId"], "vpc-1");
    document["FunctionName"] = json!("g");
    document["Role"] = json!(format!("arn:aws:iam::{OWNER}:role/plain"));
    let refused = world.call(CREATE, &document).await.error();
    assert_eq!(
        refused.2,
        "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
    );
    world.settled("f").await;
    let none = json!({"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}});
    let changed = world.administer("PUT /2015-03-31/functions/f/configuration", &none).await;
    assert!(changed.get("VpcConfig").is_none());
}

#[tokio::test]
async fn tags_are_put_taken_away_and_listed() {
    let world = World::new();
    world.function("f").await;
    let path = format!("/2017-03-31/tags/{}", arn("f").replace(':', "%3A"));
    let tagged = world.call(&format!("POST {path}"), &json!({"Tags": {"a": "1", "b": "2"}})).await;
    assert_eq!(tagged.status, 204);
    assert_eq!(world.call(&format!("DELETE {path}?tagKeys=a&tagKeys=c"), &Value::Null).await.status, 204);
    let listed = world.administer(&format!("GET {path}"), &Value::Null).await;
    assert_eq!(listed, json!({"Tags": {"b": "2"}}));
    let many: serde_json::Map<String, Value> = (0..50).map(|i| (format!("k{i}"), json!(""))).collect();
    let refused = world.call(&format!("POST {path}"), &json!({"Tags": many})).await.error();
    assert_eq!(refused.1, "InvalidParameterValueException");
    let by_tag = json!({"Effect": "Allow", "Action": "lambda:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/b": "2"}}});
    assert_eq!(world.call_as(OWNER, &by_tag, "GET /2015-03-31/functions/f", &Value::Null).await.status, 200);
    let version = path.clone() + "%3A1";
    assert_eq!(world.call(&format!("GET {version}"), &Value::Null).await.status, 400);
}

#[tokio::test]
async fn what_is_not_served_says_so_and_what_nobody_has_is_none() {
    let world = World::new();
    world.function("f").await;
    for (line, status, code) in [
        ("POST /2021-10-31/functions/f/url", 501, "NotImplemented"),
        ("POST /2014-11-13/functions/f/invoke-async", 501, "NotImplemented"),
        ("POST /2021-11-15/functions/f/response-streaming-invocations", 501, "NotImplemented"),
        ("GET /2021-10-31/functions/f/url", 404, "ResourceNotFoundException"),
        ("GET /2019-09-30/functions/f/provisioned-concurrency", 404, "ProvisionedConcurrencyConfigNotFoundException"),
        ("GET /2015-03-31/event-source-mappings/x", 404, "ResourceNotFoundException"),
        ("DELETE /2015-03-31/event-source-mappings/x", 404, "ResourceNotFoundException"),
        ("DELETE /2021-10-31/functions/f/url", 404, "ResourceNotFoundException"),
        ("DELETE /2019-09-30/functions/f/provisioned-concurrency?Qualifier=9", 404, "ResourceNotFoundException"),
        ("DELETE /2019-09-30/functions/f/provisioned-concurrency", 400, "InvalidParameterValueException"),
        ("GET /2015-03-31/nothing", 403, "AccessDeniedException"),
    ] {
        let (found, told, _) = world.call(line, &json!({})).await.error();
        assert_eq!((found, told.as_str()), (status, code), "{line}");
    }
    let (_, _, why) = world.call("POST /2021-10-31/functions/f/url", &json!({})).await.error();
    assert_eq!(why, "Sidegate does not implement CreateFunctionUrlConfig of Lambda.");
    let none = world.administer("GET /2015-03-31/event-source-mappings", &Value::Null).await;
    assert_eq!(none, json!({"EventSourceMappings": []}));
    let none = world.administer("GET /2020-06-30/functions/f/code-signing-config", &Value::Null).await;
    assert_eq!(none, json!({"FunctionName": "f"}));
    let gone = world.call("DELETE /2020-06-30/functions/f/code-signing-config", &Value::Null).await;
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    let none = world.administer("GET /2020-04-22/code-signing-configs", &Value::Null).await;
    assert_eq!(none, json!({"CodeSigningConfigs": []}));
    world.administer("POST /2015-03-31/functions/f/versions", &json!({})).await;
    let line = "DELETE /2019-09-30/functions/f/provisioned-concurrency?Qualifier=1";
    assert_eq!(world.call(line, &Value::Null).await.status, 204);
}

#[tokio::test]
async fn a_network_is_released_with_the_last_environment_from_before_a_change_however_much_the_function_is_used() {
    let world = World::new();
    let config = |subnet: &str| json!({"VpcConfig": {"SubnetIds": [subnet], "SecurityGroupIds": ["sg-1"]}});
    world.function_of("f", config("subnet-1a")).await;
    let released = || -> Vec<Vec<String>> {
        let all = world.fake.released.lock().unwrap();
        all.iter().map(|(_, networks)| networks.iter().flat_map(|network| network.subnets.clone()).collect()).collect()
    };
    while released().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    world.fake.released.lock().unwrap().clear();
    let event = json!({"sleep": 1_000});
    let before = world.invoke("f", &event);
    let change = async {
        while world.fake.events.lock().unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        world.administer("PUT /2015-03-31/functions/f/configuration", &config("subnet-1b")).await;
        world.settled("f").await;
        world.invoke("f", &json!({})).await;
        assert_eq!(released(), [] as [Vec<String>; 0], "an environment from before is in use");
    };
    tokio::join!(before, change);
    for _ in 0..200 {
        if !released().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(released(), [["subnet-1b"]]);
    assert_eq!(world.fake.living.load(Ordering::SeqCst), 1, "the one from after the change waits");
}

#[tokio::test]
async fn a_function_has_its_interfaces_before_it_is_active_and_those_of_its_versions_for_as_long_as_they_are_there() {
    let world = World::new();
    let config = |subnet: &str| json!({"VpcConfig": {"SubnetIds": [subnet], "SecurityGroupIds": ["sg-1"]}});
    world.function_of("f", config("subnet-1a")).await;
    let subnets = |all: &[(String, Vec<Network>)]| -> Vec<String> {
        let last = all.last().map(|(_, networks)| networks.as_slice()).unwrap_or_default();
        last.iter().flat_map(|network| network.subnets.clone()).collect()
    };
    assert_eq!(subnets(&world.fake.attached.lock().unwrap()), ["subnet-1a"]);
    world.administer("POST /2015-03-31/functions/f/versions", &json!({})).await;
    world.administer("PUT /2015-03-31/functions/f/configuration", &config("subnet-1b")).await;
    world.settled("f").await;
    assert_eq!(subnets(&world.fake.attached.lock().unwrap()), ["subnet-1b", "subnet-1a"]);
    world.administer("DELETE /2015-03-31/functions/f?Qualifier=1", &Value::Null).await;
    let released = || subnets(&world.fake.released.lock().unwrap());
    for _ in 0..200 {
        if released() == ["subnet-1b"] {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(released(), ["subnet-1b"]);

    let mut full = function("g");
    full.as_object_mut().unwrap().extend(config("subnet-1full").as_object().unwrap().clone());
    world.administer("POST /2015-03-31/functions", &full).await;
    for _ in 0..200 {
        let found = world.administer("GET /2015-03-31/functions/g/configuration", &Value::Null).await;
        if found["State"] == "Failed" {
            assert_eq!(found["StateReasonCode"], "SubnetOutOfIPAddresses");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("a function without an address is active");
}

#[tokio::test]
async fn a_key_that_is_no_arn_and_a_name_with_a_qualifier_are_refused() {
    let world = World::new();
    let with = |member: &str, value: &str| {
        let mut document = function("f");
        document[member] = json!(value);
        document
    };
    let line = "POST /2015-03-31/functions";
    let refused = world.call(line, &with("KMSKeyArn", "foo")).await.error();
    assert_eq!(refused.1, "ValidationException");
    assert!(refused.2.starts_with("1 validation error detected: Value 'foo' at 'kMSKeyArn'"), "{}", refused.2);
    for name in ["f:1", "f:live", "f:$LATEST"] {
        let refused = world.call(line, &with("FunctionName", name)).await.error();
        assert_eq!(refused.1, "InvalidParameterValueException", "{name}");
    }
    assert_eq!(world.call("GET /2015-03-31/functions/f", &Value::Null).await.status, 404);
}
