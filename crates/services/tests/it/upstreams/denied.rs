//! What is denied, or is not known, does not reach the server.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_denied_never_reaches_the_server() {
    let behind = Behind::start().await;
    let none = Engine::of(&json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    for (service, operation, document, asked) in [
        ("secretsmanager", "CreateSecret", json!({"Name": "a"}), &[][..]),
        ("secretsmanager", "GetSecretValue", json!({"SecretId": "a"}), &["DescribeSecret"]),
        ("secretsmanager", "ListSecrets", json!({}), &[]),
        ("kms", "CreateKey", json!({}), &[]),
        ("kms", "ScheduleKeyDeletion", json!({ "KeyId": id }), &["DescribeKey"]),
        (
            "logs",
            "PutLogEvents",
            json!({"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]}),
            &[],
        ),
        ("logs", "DeleteLogGroup", json!({"logGroupName": "g"}), &[]),
        (
            "monitoring",
            "PutMetricData",
            json!({"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1}]}),
            &[],
        ),
        ("monitoring", "DeleteAlarms", json!({"AlarmNames": ["a"]}), &[]),
    ] {
        let refused = ask(&behind.service(service), &none, service, operation, &document).await;
        assert_eq!(code(refused), "AccessDeniedException", "{operation}");
        assert_eq!(behind.operations(), asked, "{operation}: no more than what Sidegate itself asks");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_speaks_of_what_the_server_has_as_of_the_accounts_own() {
    let behind = Behind::start().await;
    let secrets = behind.service("secretsmanager");
    for name in ["app", "prod"] {
        ok(ask(
            &secrets,
            &Engine::all(),
            "secretsmanager",
            "CreateSecret",
            &json!({"Name": name, "SecretString": name}),
        )
        .await);
    }
    let one = Engine::of(&json!({"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
        "Resource": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app-??????"}));
    let read =
        async |named: &str| ask(&secrets, &one, "secretsmanager", "GetSecretValue", &json!({"SecretId": named})).await;
    assert_eq!(ok(read("app").await)["SecretString"], json!("app"));
    assert_eq!(code(read("prod").await), "AccessDeniedException");
    // Somebody else's, which only its policy could open, and nobody here knows that.
    let other = "arn:aws:secretsmanager:us-east-1:444455556666:secret:app-AbCdEf";
    let all = Engine::all();
    let read = ask(&secrets, &all, "secretsmanager", "GetSecretValue", &json!({ "SecretId": other })).await;
    assert_eq!(code(read), "AccessDeniedException");
    // A server of whose account nothing was said is not taken at its word.
    let url = format!("http://127.0.0.1:{}", behind.port);
    let origin = Origin::new(&url, KEY.to_owned(), SecretKey::new(SECRET), "eu-west-1".to_owned(), None).unwrap();
    let secrets = upstream("secretsmanager", origin);
    behind.got();
    let read = ask(&secrets, &all, "secretsmanager", "GetSecretValue", &json!({"SecretId": "app"})).await;
    assert_eq!(code(read), "InternalServiceError");
    assert_eq!(behind.operations(), ["DescribeSecret"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_known_is_not_sent_on() {
    let behind = Behind::start().await;
    let all = Engine::all();
    for (service, operation, document, refused) in [
        ("secretsmanager", "RemoveRegionsFromReplication", json!({"SecretId": "a"}), "NotImplemented"),
        ("secretsmanager", "Unheard", json!({}), "UnknownOperationException"),
        ("secretsmanager", "BatchGetSecretValue", json!({"Filters": []}), "NotImplemented"),
        ("kms", "CreateCustomKeyStore", json!({}), "NotImplemented"),
        ("logs", "StartQuery", json!({}), "NotImplemented"),
        (
            "logs",
            "PutSubscriptionFilter",
            json!({"logGroupName": "g", "filterName": "f", "filterPattern": "",
            "destinationArn": "arn:aws:logs:us-east-1:111122223333:destination:d"}),
            "NotImplemented",
        ),
        ("monitoring", "PutCompositeAlarm", json!({}), "NotImplemented"),
    ] {
        let answer = ask(&behind.service(service), &all, service, operation, &document).await;
        assert_eq!(code(answer), refused, "{operation}");
        let sent: Vec<_> = behind.operations().into_iter().filter(|own| own != "DescribeSecret").collect();
        assert!(sent.is_empty(), "{operation}: {sent:?}");
    }
    // Two readings of one document.
    let twice = r#"{"SecretId": "allowed", "SecretId": "denied"}"#;
    let twice = Request::post("/").header("x-amz-target", "secretsmanager.DescribeSecret").body(full(twice)).unwrap();
    call(&behind.service("secretsmanager"), &all, twice).await;
    assert!(behind.got().iter().all(|got| got.document() == json!({"SecretId": "denied"})));
    for (service, body) in
        SERVICES.into_iter().flat_map(|service| [(service, vec![b'{']), (service, vec![b' '; 9 << 20])])
    {
        let (operation, _) = simple(service);
        let (head, _) = request(service, operation, &json!({})).into_parts();
        let (status, ..) = call(&behind.service(service), &all, Request::from_parts(head, full(body))).await;
        assert!((400..500).contains(&status), "{service} {status}");
    }
    assert_eq!(behind.operations(), [""; 0]);
}
