//! What holds data, who may use it, and what runs: roles, bucket, key, table, secret and log groups; then the policies that
//! name the endpoints.

use http::Method;
use serde_json::{Value, json};

use super::network::Endpoints;
use super::place::{REGION, Stage};
use super::policies::{self, Names};
use super::{DemoError, Models, Step as _};

/// What all names begin with, and the name of the function.
pub(super) const NAME: &str = "document-qa";

/// The role, and the profile, of the instance.
pub(super) const INSTANCE_PROFILE: &str = "document-qa-instance";

/// The models of Bedrock that answer, and that compare passages with the question.
const MODEL: &str = "amazon.nova-lite-v1:0";
const EMBEDDING_MODEL: &str = "amazon.titan-embed-text-v2:0";

/// Sidegate's own, which goes on answering when another server has the models.
const OWN_EMBEDDING_MODEL: &str = "sidegate.hash-embedding-v1:0";

impl Models {
    /// A configuration of the daemon that lets the server answer for the model.
    pub(super) fn config(&self) -> String {
        // A string of JSON is one of TOML.
        let quoted = |text: &str| Value::from(text).to_string();
        let mut config = format!("[service.bedrock-runtime]\nupstream = {}\n", quoted(&self.upstream));
        if let Some(file) = &self.api_key_file {
            config.push_str(&format!("api_key_file = {}\n", quoted(&file.to_string_lossy())));
        }
        let (id, name) = (quoted(MODEL), quoted(&self.model));
        config.push_str(&format!("\n[service.bedrock-runtime.models]\n{id} = {name}\n"));
        config
    }
}

/// Makes all of it that needs no endpoint.
pub(super) async fn build(stage: &Stage, models: Option<&Models>) -> Result<Names, DemoError> {
    let account = stage.account.clone();
    let embedding = if models.is_some() { OWN_EMBEDDING_MODEL } else { EMBEDDING_MODEL };
    let key = json!({ "Description": "Confidential documents and settings of the demo" });
    let key = found(&stage.client.kms("CreateKey", &key.to_string()).await.step("CreateKey")?, "/KeyMetadata/Arn")?;
    let rotation = json!({ "KeyId": key }).to_string();
    stage.client.kms("EnableKeyRotation", &rotation).await.step("EnableKeyRotation")?;
    let role = |name: &str| format!("arn:aws:iam::{account}:role/{name}");
    let mut names = Names {
        function_role: role(&function_role()),
        instance_role: role(INSTANCE_PROFILE),
        administrator: format!("arn:aws:iam::{account}:root"),
        bucket: format!("{NAME}-{account}-{REGION}"),
        table: format!("{NAME}-exchanges"),
        key,
        secret: String::new(),
        exchanges_log: format!("/{NAME}/exchanges"),
        function_log: format!("/aws/lambda/{NAME}"),
        models: vec![MODEL.to_owned(), embedding.to_owned()],
        account,
    };
    bucket(stage, &names).await?;
    table(stage, &names).await?;
    for group in [&names.exchanges_log, &names.function_log] {
        let group = json!({ "logGroupName": group }).to_string();
        stage.client.logs("CreateLogGroup", &group).await.step("CreateLogGroup")?;
    }
    names.secret = secret(stage, &names, embedding).await?;
    roles(stage, &names).await?;
    Ok(names)
}

/// Puts the policies in force that name endpoints.
pub(super) async fn guard(stage: &Stage, names: &Names, endpoints: &Endpoints) -> Result<(), DemoError> {
    put_bucket_policy(stage, names, &endpoints.s3).await?;
    put_key_policy(stage, names, &endpoints.kms).await
}

/// Lets documents be read and written through this endpoint.
pub(super) async fn put_bucket_policy(stage: &Stage, names: &Names, endpoint: &str) -> Result<(), DemoError> {
    let policy = policies::bucket_policy(names, endpoint).to_string();
    let path = format!("/{}?policy", names.bucket);
    stage.client.s3(Method::PUT, &path, &policy).await.step("PutBucketPolicy").map(drop)
}

/// Lets documents be decrypted through this endpoint.
pub(super) async fn put_key_policy(stage: &Stage, names: &Names, endpoint: &str) -> Result<(), DemoError> {
    let policy = policies::key_policy(names, endpoint).to_string();
    let input = json!({ "KeyId": names.key, "PolicyName": "default", "Policy": policy }).to_string();
    stage.client.kms("PutKeyPolicy", &input).await.step("PutKeyPolicy").map(drop)
}

async fn bucket(stage: &Stage, names: &Names) -> Result<(), DemoError> {
    let path = format!("/{}", names.bucket);
    stage.client.s3(Method::PUT, &path, "").await.step("CreateBucket")?;
    let settings = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
    let settings: String = settings.iter().map(|name| format!("<{name}>true</{name}>")).collect();
    let block = format!(
        r#"<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{settings}</PublicAccessBlockConfiguration>"#
    );
    let path = format!("{path}?publicAccessBlock");
    stage.client.s3(Method::PUT, &path, &block).await.step("PutPublicAccessBlock").map(drop)
}

async fn table(stage: &Stage, names: &Names) -> Result<(), DemoError> {
    let table = json!({
        "TableName": names.table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
    });
    stage.client.dynamodb("CreateTable", &table.to_string()).await.step("CreateTable")?;
    let expiry = json!({ "AttributeName": "expires_at", "Enabled": true });
    let expiry = json!({ "TableName": names.table, "TimeToLiveSpecification": expiry });
    stage.client.dynamodb("UpdateTimeToLive", &expiry.to_string()).await.step("UpdateTimeToLive").map(drop)
}

/// The secret with the settings of the function: its ARN.
async fn secret(stage: &Stage, names: &Names, embedding: &str) -> Result<String, DemoError> {
    let settings = json!({
        "bucket": names.bucket,
        "table": names.table,
        "key": names.key,
        "model": MODEL,
        "embedding_model": embedding,
        "passages": 6,
        "keep_days": 90,
    });
    let secret = json!({ "Name": settings_secret(), "KmsKeyId": names.key, "SecretString": settings.to_string() });
    found(&stage.client.secrets_manager("CreateSecret", &secret.to_string()).await.step("CreateSecret")?, "/ARN")
}

async fn roles(stage: &Stage, names: &Names) -> Result<(), DemoError> {
    let function = function_role();
    for (role, service) in [(function.as_str(), "lambda.amazonaws.com"), (INSTANCE_PROFILE, "ec2.amazonaws.com")] {
        let trust = policies::trust(service).to_string();
        iam(stage, "CreateRole", &[("RoleName", role), ("AssumeRolePolicyDocument", &trust)]).await?;
    }
    for (role, name, policy) in [
        (function.as_str(), "what-the-function-calls", policies::function_policy(names)),
        (function.as_str(), "network-interfaces", policies::network_policy(names)),
        (INSTANCE_PROFILE, "what-the-instance-calls", policies::instance_policy(names)),
    ] {
        let policy = policy.to_string();
        let put = [("RoleName", role), ("PolicyName", name), ("PolicyDocument", &policy)];
        iam(stage, "PutRolePolicy", &put).await?;
    }
    iam(stage, "CreateInstanceProfile", &[("InstanceProfileName", INSTANCE_PROFILE)]).await?;
    let added = [("InstanceProfileName", INSTANCE_PROFILE), ("RoleName", INSTANCE_PROFILE)];
    iam(stage, "AddRoleToInstanceProfile", &added).await
}

async fn iam(stage: &Stage, action: &'static str, parameters: &[(&str, &str)]) -> Result<(), DemoError> {
    stage.client.iam(action, parameters).await.step(action).map(drop)
}

/// The name of the function's role.
fn function_role() -> String {
    format!("{NAME}-function")
}

/// The name of the secret with the function's settings.
pub(super) fn settings_secret() -> String {
    format!("{NAME}/settings")
}

/// A text of an answer in JSON.
fn found(answer: &str, pointer: &str) -> Result<String, DemoError> {
    let value: Value = serde_json::from_str(answer).step("reading an answer")?;
    let text = value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| DemoError::step("reading an answer", format!("it has no {pointer}: {answer}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_daemon_takes_the_configuration_for_another_server() {
        let directory = tempfile::tempdir().unwrap();
        let (key, file) = (directory.path().join("a \"key\""), directory.path().join("sidegate.toml"));
        std::fs::write(&key, "secret\n").unwrap();
        let models = |upstream: &str, api_key_file| Models {
            upstream: upstream.to_owned(),
            model: "qwen2.5:14b \\ \"x\"".to_owned(),
            api_key_file,
        };
        for wanted in [models("http://127.0.0.1:11434/v1", None), models("http://127.0.0.1:1", Some(key))] {
            std::fs::write(&file, wanted.config()).unwrap();
            assert!(Config::read(&file).unwrap().models().unwrap().is_some(), "{}", wanted.config());
        }
        std::fs::write(&file, models("no server", None).config()).unwrap();
        assert!(Config::read(&file).unwrap().models().is_err());
    }
}
