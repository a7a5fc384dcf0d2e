//! Secrets Manager with keys of KMS: values are encrypted in the name of whoever calls.

use serde_json::json;
use sidegate_services::secretsmanager::SecretsManager;

use super::*;

/// Secrets beside keys.
struct Secrets {
    world: World,
    service: SecretsManager,
}

impl Secrets {
    fn new() -> Self {
        let world = World::new();
        let service = SecretsManager::open(&world.dir.path().join("secrets")).unwrap();
        Self { service: service.with_keys(world.kms.keys()), world }
    }

    fn call(&self, account: &str, statement: &Value, operation: &str, document: &Value) -> (Answer, Vec<Requirement>) {
        let engine = engine(&format!("arn:aws:iam::{account}:user/caller"), statement);
        let caller = self.world.caller(&engine.principal);
        let body: Body = Full::new(Bytes::from(document.to_string())).map_err(|never| match never {}).boxed_unsync();
        let target = format!("secretsmanager.{operation}");
        let request = Request::post("/").header("x-amz-target", target).body(body).unwrap();
        let answer = block_on(async {
            let answer = self.service.handle(request, &caller, &engine).await;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            (status, serde_json::from_slice(&body).unwrap())
        });
        (answer, engine.asked.into_inner().unwrap())
    }

    #[track_caller]
    fn ok(&self, operation: &str, document: &Value) -> Value {
        let ((status, answer), _) = self.call(OWNER, &all("*"), operation, document);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }
}

#[test]
fn a_value_is_encrypted_under_the_key_of_its_secret_with_the_permissions_of_the_caller() {
    let secrets = Secrets::new();
    let key = secrets.world.key(&json!({}));
    let made = json!({"Name": "db", "SecretString": "s", "KmsKeyId": key});
    let ((status, answer), asked) = secrets.call(OWNER, &all("*"), "CreateSecret", &made);
    assert_eq!(status, 200, "{answer}");
    let (arn, version) = (text(&answer["ARN"]), text(&answer["VersionId"]));
    let actions: Vec<_> = asked.iter().map(|own| own.action.as_str()).collect();
    let expected = ["secretsmanager:CreateSecret", "kms:GenerateDataKey", "kms:Decrypt", "kms:GenerateDataKey"];
    assert_eq!(actions, expected);
    let trial = value(&asked, 1, "kms:EncryptionContext:SecretVersionId");
    assert_eq!(trial.as_deref(), Some("RequestToValidateKeyAccess"));
    assert_eq!(value(&asked, 3, "kms:EncryptionContext:SecretVersionId"), Some(version));
    assert_eq!(value(&asked, 3, "kms:EncryptionContext:SecretARN"), Some(arn));
    let via = value(&asked, 3, "kms:ViaService");
    assert_eq!(
        (asked[3].resource.as_str(), via.as_deref()),
        (key.as_str(), Some("secretsmanager.us-east-1.amazonaws.com"))
    );

    let get = json!({"SecretId": "db"});
    let through = json!([all("secretsmanager:*"), {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
        "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}}]);
    let ((status, answer), _) = secrets.call(OWNER, &through, "GetSecretValue", &get);
    assert_eq!((status, &answer["SecretString"]), (200, &json!("s")));
    let (denied, _) = secrets.call(OWNER, &all("secretsmanager:*"), "GetSecretValue", &get);
    assert_eq!(error(&denied), ("AccessDeniedException".into(), "Access to KMS is not allowed".into()));
    let batch = json!({"SecretIdList": ["db"]});
    let ((_, answer), _) = secrets.call(OWNER, &all("secretsmanager:*"), "BatchGetSecretValue", &batch);
    assert_eq!(answer["Errors"][0]["Message"], "Access to KMS is not allowed");
    assert_eq!(secrets.ok("DescribeSecret", &get)["KmsKeyId"], json!(key));
    assert_eq!(secrets.ok("ListSecretVersionIds", &get)["Versions"][0]["KmsKeyIds"], json!([key]));

    secrets.world.ok("DisableKey", &id(&key));
    let (failed, _) = secrets.call(OWNER, &all("*"), "GetSecretValue", &get);
    assert_eq!(error(&failed).0, "DecryptionFailure");
    let (failed, _) = secrets.call(OWNER, &all("*"), "PutSecretValue", &json!({"SecretId": "db", "SecretString": "t"}));
    assert_eq!(error(&failed).0, "EncryptionFailure");
}

#[test]
fn a_secret_without_a_key_has_that_of_its_account_which_nobody_else_can_use() {
    let secrets = Secrets::new();
    // It takes no permission of KMS.
    let own = all("secretsmanager:*");
    let made = json!({"Name": "db", "SecretString": "s"});
    let (created, _) = secrets.call(OWNER, &own, "CreateSecret", &made);
    let arn = text(&created.1["ARN"]);
    let get = json!({"SecretId": arn});
    let ((_, answer), _) = secrets.call(OWNER, &own, "GetSecretValue", &get);
    assert_eq!(answer["SecretString"], "s");
    assert!(secrets.ok("DescribeSecret", &get).get("KmsKeyId").is_none());
    assert_eq!(secrets.ok("ListSecretVersionIds", &get)["Versions"][0]["KmsKeyIds"], json!(["DefaultEncryptionKey"]));
    let managed = secrets.world.ok("DescribeKey", &id("alias/aws/secretsmanager"));
    assert_eq!(managed["KeyMetadata"]["KeyManager"], "AWS");
    let shared = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{STRANGER}:root")}, "Action": "secretsmanager:*", "Resource": "*"}]});
    secrets.ok("PutResourcePolicy", &json!({"SecretId": "db", "ResourcePolicy": shared.to_string()}));
    let (denied, _) = secrets.call(STRANGER, &all("*"), "GetSecretValue", &get);
    assert_eq!(error(&denied), ("AccessDeniedException".into(), "Access to KMS is not allowed".into()));
}

#[test]
fn another_key_is_that_of_new_versions_and_of_the_labelled_ones() {
    let secrets = Secrets::new();
    let (first, second) = (secrets.world.key(&json!({})), secrets.world.key(&json!({})));
    let token = "0123456789abcdef0123456789abcdef";
    let made = json!({"Name": "db", "SecretString": "s", "KmsKeyId": first, "ClientRequestToken": token});
    secrets.ok("CreateSecret", &made);
    secrets.ok("CreateSecret", &made);
    secrets.ok("PutSecretValue", &json!({"SecretId": "db", "SecretString": "t"}));
    secrets.ok("PutSecretValue", &json!({"SecretId": "db", "SecretString": "u"}));
    secrets.ok("UpdateSecret", &json!({"SecretId": "db", "KmsKeyId": second}));
    assert_eq!(secrets.ok("DescribeSecret", &json!({"SecretId": "db"}))["KmsKeyId"], json!(second));
    secrets.world.ok("DisableKey", &id(&first));
    let get = |label: &str| {
        secrets.call(OWNER, &all("*"), "GetSecretValue", &json!({"SecretId": "db", "VersionStage": label})).0
    };
    assert_eq!(get("AWSCURRENT").1["SecretString"], "u");
    assert_eq!(get("AWSPREVIOUS").1["SecretString"], "t");
    // The version without a label has the key that it had.
    let old = json!({"SecretId": "db", "VersionId": token});
    assert_eq!(error(&secrets.call(OWNER, &all("*"), "GetSecretValue", &old).0).0, "DecryptionFailure");
    let disabled = json!({"SecretId": "db", "KmsKeyId": first});
    assert_eq!(error(&secrets.call(OWNER, &all("*"), "UpdateSecret", &disabled).0).0, "EncryptionFailure");
    secrets.ok("UpdateSecret", &json!({"SecretId": "db", "KmsKeyId": ""}));
    assert!(secrets.ok("DescribeSecret", &json!({"SecretId": "db"})).get("KmsKeyId").is_none());
    secrets.world.ok("DisableKey", &id(&second));
    assert_eq!(get("AWSCURRENT").1["SecretString"], "u");
    let none = json!({"Name": "other", "SecretString": "s", "KmsKeyId": "alias/none"});
    assert_eq!(error(&secrets.call(OWNER, &all("*"), "CreateSecret", &none).0).0, "EncryptionFailure");
}

#[test]
fn who_may_not_encrypt_under_the_new_key_leaves_the_versions_under_the_old_one() {
    let secrets = Secrets::new();
    let (first, second) = (secrets.world.key(&json!({})), secrets.world.key(&json!({})));
    secrets.ok("CreateSecret", &json!({"Name": "db", "SecretString": "s", "KmsKeyId": first}));
    let statement = json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"},
    ]);
    let update = json!({"SecretId": "db", "KmsKeyId": second});
    assert_eq!(secrets.call(OWNER, &statement, "UpdateSecret", &update).0.0, 200);
    secrets.world.ok("DisableKey", &id(&first));
    let get = json!({"SecretId": "db"});
    assert_eq!(error(&secrets.call(OWNER, &all("*"), "GetSecretValue", &get).0).0, "DecryptionFailure");
}

#[test]
fn without_kms_a_secret_names_no_key() {
    let dir = TempDir::new().unwrap();
    let world = World::new();
    let secrets = Secrets { service: SecretsManager::open(&dir.path().join("secrets")).unwrap(), world };
    secrets.ok("CreateSecret", &json!({"Name": "db", "SecretString": "s"}));
    assert_eq!(secrets.ok("GetSecretValue", &json!({"SecretId": "db"}))["SecretString"], "s");
    let named = json!({"Name": "other", "SecretString": "s", "KmsKeyId": "alias/app"});
    assert_eq!(secrets.call(OWNER, &all("*"), "CreateSecret", &named).0.0, 501);
}

#[test]
fn values_from_before_there_were_keys_are_read_as_they_are() {
    let secrets = Secrets::new();
    let path = secrets.world.dir.path().join("secrets");
    let Secrets { world, service } = secrets;
    drop(service);
    let old = Secrets { service: SecretsManager::open(&path).unwrap(), world };
    old.ok("CreateSecret", &json!({"Name": "db", "SecretString": "s"}));
    let Secrets { world, service } = old;
    drop(service);
    let database = rusqlite::Connection::open(path.join("secretsmanager.sqlite")).unwrap();
    let layout = "ALTER TABLE secret DROP COLUMN kms_key; ALTER TABLE version DROP COLUMN key;
        ALTER TABLE version DROP COLUMN wrapped; PRAGMA user_version = 2;";
    database.execute_batch(layout).unwrap();
    drop(database);
    let new = Secrets { service: SecretsManager::open(&path).unwrap().with_keys(world.kms.keys()), world };
    assert_eq!(new.ok("GetSecretValue", &json!({"SecretId": "db"}))["SecretString"], "s");
    new.ok("PutSecretValue", &json!({"SecretId": "db", "SecretString": "t"}));
    assert_eq!(new.ok("GetSecretValue", &json!({"SecretId": "db"}))["SecretString"], "t");
}

#[test]
fn what_only_ends_like_the_default_key_is_not_the_default_key() {
    let secrets = Secrets::new();
    let made = |name: &str, key: &str| {
        let asked = json!({"Name": name, "SecretString": "s", "KmsKeyId": key});
        secrets.call(OWNER, &all("*"), "CreateSecret", &asked).0.0
    };
    let default = |region: &str, account: &str| format!("arn:aws:kms:{region}:{account}:alias/aws/secretsmanager");
    assert_eq!(made("a", &default("us-east-1", STRANGER)), 400);
    assert_eq!(made("b", &default("eu-west-1", OWNER)), 400);
    assert_eq!(made("c", "garbage:alias/aws/secretsmanager"), 400);
    assert_eq!((made("d", "alias/aws/secretsmanager"), made("e", &default("us-east-1", OWNER))), (200, 200));
    assert!(secrets.ok("DescribeSecret", &json!({"SecretId": "e"})).get("KmsKeyId").is_none());
}
