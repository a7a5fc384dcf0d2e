//! What the server is told, and what it tells.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_decided_about_by_the_arn_and_the_tags_that_the_server_tells() {
    let behind = Behind::start().await;
    let secrets = behind.service("secretsmanager");
    let ask = async |engine: &Engine, operation: &str, document: Value| {
        super::ask(&secrets, engine, "secretsmanager", operation, &document).await
    };
    let engine = Engine::all();
    let tags = json!([{"Key": "team", "Value": "a"}]);
    let made = ok(ask(&engine, "CreateSecret", json!({"Name": "db", "SecretString": "x", "Tags": tags})).await);
    let arn = made["ARN"].as_str().unwrap().to_owned();
    assert!(arn.starts_with("arn:aws:secretsmanager:eu-west-1:000000000000:secret:db-"), "{arn}");
    let own = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-";
    let expected =
        [format!("secretsmanager:CreateSecret {own}??????"), format!("secretsmanager:TagResource {own}??????")];
    assert_eq!(engine.asked(), expected);
    assert_eq!(behind.operations(), ["CreateSecret"]);

    // By its name, its ARN, and a part of that: what is decided about is the same, and what is done.
    let own = arn.replace("eu-west-1:000000000000", "us-east-1:111122223333");
    for named in ["db", &arn, arn.get(..arn.len() - 7).unwrap()] {
        let engine = Engine::all();
        let read = ok(ask(&engine, "GetSecretValue", json!({"SecretId": named})).await);
        assert_eq!((&read["SecretString"], &read["ARN"]), (&json!("x"), &json!(arn)), "{named}");
        assert_eq!(engine.asked(), [format!("secretsmanager:GetSecretValue {own}")], "{named}");
        let context = engine.asked.lock().unwrap()[0].context.clone();
        let values = |key: &str| context.values(key).map(|values| format!("{values:?}")).unwrap_or_default();
        assert!(values("aws:ResourceTag/team").contains("\"a\""), "{context:?}");
        let got = behind.got();
        assert_eq!(got.iter().map(Got::operation).collect::<Vec<_>>(), ["DescribeSecret", "GetSecretValue"]);
        assert_eq!(got[1].document(), json!({"SecretId": arn}));
        assert_eq!(got[1].header("x-amz-security-token"), "", "what proved the caller does not go on");
    }
    let by_tag = Engine::of(&json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}},
    ]));
    assert_eq!(code(ask(&by_tag, "GetSecretValue", json!({"SecretId": "db"})).await), "AccessDeniedException");
    assert_eq!(behind.operations(), ["DescribeSecret"]);
    let batch = json!({"SecretIdList": ["db", arn]});
    assert_eq!(
        ok(ask(&Engine::all(), "BatchGetSecretValue", batch).await)["SecretValues"].as_array().unwrap().len(),
        2
    );
    behind.got();

    // One that is not there is not sent on, and is told of only to whoever may ask.
    assert_eq!(code(ask(&engine, "GetSecretValue", json!({"SecretId": "none"})).await), "ResourceNotFoundException");
    let none = Engine::of(&json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    assert_eq!(code(ask(&none, "GetSecretValue", json!({"SecretId": "none"})).await), "AccessDeniedException");
    assert_eq!(behind.operations(), ["DescribeSecret", "DescribeSecret"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_in_lists_are_the_servers() {
    let behind = Behind::start().await;
    let engine = Engine::all();
    let secrets = behind.service("secretsmanager");
    let keys = behind.service("kms");
    let groups = behind.service("logs");
    for name in ["a", "b"] {
        let group = json!({ "logGroupName": name });
        ok(ask(&secrets, &engine, "secretsmanager", "CreateSecret", &json!({ "Name": name })).await);
        ok(ask(&keys, &engine, "kms", "CreateKey", &json!({})).await);
        assert_eq!(ask(&groups, &engine, "logs", "CreateLogGroup", &group).await.0, 200);
    }
    for (service, name, operation, most, next, token) in [
        (&secrets, "secretsmanager", "ListSecrets", "MaxResults", "NextToken", "NextToken"),
        (&keys, "kms", "ListKeys", "Limit", "NextMarker", "Marker"),
        (&groups, "logs", "DescribeLogGroups", "limit", "nextToken", "nextToken"),
    ] {
        let first = ok(ask(service, &engine, name, operation, &json!({most: 1})).await);
        let second = ok(ask(service, &engine, name, operation, &json!({most: 1, token: first[next]})).await);
        assert_ne!(first, second, "{operation}");
        assert_eq!(second.get(next), None, "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_decided_about_whatever_names_it() {
    let behind = Behind::start().await;
    let keys = behind.service("kms");
    let ask = async |engine: &Engine, operation: &str, document: Value| {
        super::ask(&keys, engine, "kms", operation, &document).await
    };
    let engine = Engine::all();
    let tags = json!([{"TagKey": "team", "TagValue": "a"}]);
    let key = ok(ask(&engine, "CreateKey", json!({ "Tags": tags })).await)["KeyMetadata"].clone();
    let (id, arn) = (key["KeyId"].as_str().unwrap(), key["Arn"].as_str().unwrap());
    ok(ask(&engine, "CreateAlias", json!({"AliasName": "alias/app", "TargetKeyId": id})).await);
    behind.got();
    let own = format!("arn:aws:kms:us-east-1:111122223333:key/{id}");
    let mut text = Value::Null;
    for named in [id, arn, "alias/app", "arn:aws:kms:eu-west-1:000000000000:alias/app"] {
        let engine = Engine::all();
        let sealed = ok(ask(&engine, "Encrypt", json!({"KeyId": named, "Plaintext": "aGk="})).await);
        text = sealed["CiphertextBlob"].clone();
        assert_eq!(engine.asked(), [format!("kms:Encrypt {own}")], "{named}");
        let asked = engine.asked.lock().unwrap()[0].context.clone();
        for (condition, value) in [
            ("aws:ResourceTag/team", "a"),
            ("kms:ResourceAliases", "alias/app"),
            ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
            ("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
        ] {
            let values = asked.values(condition).map(|values| format!("{values:?}")).unwrap_or_default();
            assert!(values.contains(&format!("\"{value}\"")), "{condition} {values}");
        }
        let got = behind.got();
        let operations: Vec<_> = got.iter().map(Got::operation).collect();
        assert_eq!(operations, ["DescribeKey", "ListAliases", "ListResourceTags", "Encrypt"]);
        let expected = if named.contains("alias/") { arn } else { named };
        assert_eq!(got[3].document()["KeyId"], json!(expected));
    }
    // A ciphertext names its key, and the server is told which key was decided about.
    let engine = Engine::all();
    assert_eq!(ok(ask(&engine, "Decrypt", json!({ "CiphertextBlob": text })).await)["Plaintext"], json!("aGk="));
    assert_eq!(engine.asked(), [format!("kms:Decrypt {own}")]);
    assert_eq!(behind.got().last().unwrap().document()["KeyId"], json!(arn));
    let moved = json!({"CiphertextBlob": text, "DestinationKeyId": "alias/app"});
    ok(ask(&engine, "ReEncrypt", moved).await);
    assert_eq!(behind.got().last().unwrap().document()["DestinationKeyId"], json!(arn));
    // One that does not is refused rather than guessed at; one that only seems to name a key is another's.
    let unknown = json!({"CiphertextBlob": "AQICAHg="});
    assert_eq!(code(ask(&engine, "Decrypt", unknown).await), "NotImplemented");
    let other = ok(ask(&engine, "CreateKey", json!({})).await)["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    behind.got();
    use base64::Engine as _;
    let forged = base64::engine::general_purpose::STANDARD.encode(format!("{other}and what it is not"));
    ask(&engine, "Decrypt", json!({ "CiphertextBlob": forged })).await;
    assert_eq!(behind.got().last().unwrap().document()["KeyId"], json!(other));
    assert_eq!(
        code(ask(&engine, "Encrypt", json!({"KeyId": "alias/none", "Plaintext": "aGk="})).await),
        "NotFoundException"
    );
    let grant = ask(&engine, "RetireGrant", json!({"GrantToken": "t"})).await;
    assert_eq!(code(grant), "NotImplemented");
    assert_eq!(behind.operations(), ["DescribeKey"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_groups_are_told_by_the_request_alone() {
    let behind = Behind::start().await;
    let groups = behind.service("logs");
    let engine = Engine::all();
    let ask = async |operation: &str, document: Value| super::ask(&groups, &engine, "logs", operation, &document).await;
    assert_eq!(ask("CreateLogGroup", json!({"logGroupName": "g"})).await.0, 200);
    assert_eq!(ask("CreateLogStream", json!({"logGroupName": "g", "logStreamName": "s"})).await.0, 200);
    let events = json!([{"timestamp": client::now(), "message": "hello ä"}]);
    ok(ask("PutLogEvents", json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events})).await);
    let there = "arn:aws:logs:eu-west-1:000000000000:log-group:g";
    let read = ok(ask("GetLogEvents", json!({"logGroupIdentifier": there, "logStreamName": "s"})).await);
    assert_eq!(read["events"][0]["message"], json!("hello ä"));
    assert_eq!(ask("TagResource", json!({"resourceArn": there, "tags": {"a": "b"}})).await.0, 200);
    let stream = "arn:aws:logs:us-east-1:111122223333:log-group:g:log-stream:s";
    let asked = engine.asked();
    assert_eq!(asked[2..4], [format!("logs:PutLogEvents {stream}"), format!("logs:GetLogEvents {stream}")]);
    assert_eq!(asked[4], "logs:TagResource arn:aws:logs:us-east-1:111122223333:log-group:g");
    let got = behind.operations();
    assert_eq!(got, ["CreateLogGroup", "CreateLogStream", "PutLogEvents", "GetLogEvents", "TagResource"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_sent_on_in_each_protocol_without_what_was_not_judged() {
    let behind = Behind::start().await;
    let metrics = behind.service("monitoring");
    let engine = Engine::all();
    let datum = json!([{"MetricName": "m", "Value": 1.5}]);
    let put =
        ask(&metrics, &engine, "monitoring", "PutMetricData", &json!({"Namespace": "n", "MetricData": datum})).await;
    assert_eq!(put.0, 200);
    behind.got();
    // Parameters beside a form would be read by some servers; what is packed might be read in part.
    use flate2::Compression;
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
    let datum = "MetricData.member.1.MetricName=q&MetricData.member.1.Value=2";
    write!(packed, "Action=PutMetricData&Version=2010-08-01&Namespace=n&{datum}").unwrap();
    let form = Request::post("/?Action=DeleteAlarms&AlarmNames.member.1=a")
        .header("content-encoding", "gzip")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(full(packed.finish().unwrap()))
        .unwrap();
    assert_eq!(call(&metrics, &engine, form).await.0, 200);
    let got = behind.got();
    assert_eq!((got[0].head.uri.to_string().as_str(), got[0].header("content-encoding")), ("/", ""));
    assert!(got[0].body.starts_with(b"Action=PutMetricData&"), "{:?}", got[0].body);
    let get = Request::get("/?Action=ListMetrics&Version=2010-08-01&X-Amz-Signature=a").body(full("")).unwrap();
    let (status, _, body) = call(&metrics, &engine, get).await;
    assert_eq!(status, 200);
    let text = String::from_utf8_lossy(&body).into_owned();
    assert!(text.contains("<MetricName>m</MetricName>") && text.contains("<MetricName>q</MetricName>"), "{text}");
    assert_eq!(behind.got()[0].head.uri.to_string(), "/?Action=ListMetrics&Version=2010-08-01");
    let cbor = Request::post("/service/GraniteServiceVersion20100801/operation/ListMetrics")
        .header("smithy-protocol", "rpc-v2-cbor")
        .header("x-amz-target", "GraniteServiceVersion20100801.DeleteAlarms")
        .body(full(&b"\xa0"[..]))
        .unwrap();
    let (status, headers, _) = call(&metrics, &engine, cbor).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "application/cbor"));
    assert_eq!(behind.got()[0].header("x-amz-target"), "");
    let arn = "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:a";
    ask(&metrics, &engine, "monitoring", "ListTagsForResource", &json!({ "ResourceARN": arn })).await;
    let last = engine.asked().pop().unwrap();
    assert_eq!(last, "cloudwatch:ListTagsForResource arn:aws:cloudwatch:us-east-1:111122223333:alarm:a");
}
