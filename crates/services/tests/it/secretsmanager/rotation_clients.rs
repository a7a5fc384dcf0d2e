//! Rotation as a real client sees it.

use std::sync::Arc;

use sidegate_iam::{Path, Principal};
use sidegate_model::Scope;
use sidegate_services::secretsmanager::SecretsManager;
use sidegate_services::{Caller, Service as _};
use tempfile::TempDir;

use super::OWNER;
use super::rotation::{FUNCTION, Lambda};
use crate::client::{boto3, now, serve};
use crate::notes::Notes;

const SCRIPT: &str = r#"
import os, time
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

sm = boto3.client("secretsmanager", endpoint_url=os.environ["SIDEGATE_ENDPOINT"], region_name="us-east-1",
                  aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x",
                  config=Config(retries={"max_attempts": 0}))
function = os.environ["FUNCTION"]
sm.create_secret(Name="db", SecretString="s")
assert "RotationEnabled" not in sm.describe_secret(SecretId="db")

def error(call, **parameters):
    try:
        call(**parameters)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"]["Message"]
    raise AssertionError("it succeeded")

code, message = error(sm.rotate_secret, SecretId="db", RotationLambdaARN=function + "-none",
                      RotationRules={"AutomaticallyAfterDays": 1})
assert code == "AccessDeniedException" and message.startswith("Secrets Manager cannot invoke the specified"), message
rotated = sm.rotate_secret(SecretId="db", RotationLambdaARN=function,
                           RotationRules={"ScheduleExpression": "rate(10 days)", "Duration": "3h"})
for _ in range(200):
    described = sm.describe_secret(SecretId="db")
    if "LastRotatedDate" in described:
        break
    time.sleep(0.05)
assert described["RotationEnabled"] and described["RotationLambdaARN"] == function
assert described["RotationRules"] == {"AutomaticallyAfterDays": 10, "ScheduleExpression": "rate(10 days)",
                                      "Duration": "3h"}, described
assert described["NextRotationDate"] > described["LastRotatedDate"]
value = sm.get_secret_value(SecretId="db")
assert value["VersionId"] == rotated["VersionId"] and value["SecretString"] == "s+"
assert sm.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "s"
listed = sm.list_secrets(SortBy="name", SortOrder="desc")["SecretList"]
assert listed[0]["RotationEnabled"] and listed[0]["NextRotationDate"] == described["NextRotationDate"]
code, _ = error(sm.list_secrets, SortBy="size")
assert code == "ValidationException", code
assert sm.cancel_rotate_secret(SecretId="db")["Name"] == "db"
assert sm.describe_secret(SecretId="db")["RotationEnabled"] is False
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_turns_rotation_on_sees_a_secret_rotated_and_turns_it_off() {
    let dir = TempDir::new().unwrap();
    let lambda = Arc::new(Lambda::default());
    let service = SecretsManager::open(&dir.path().join("secrets")).unwrap().with_functions(Arc::clone(&lambda) as _);
    let service = Arc::new(service);
    lambda.service.set(Arc::downgrade(&service)).unwrap();
    let principal: Principal = format!("arn:aws:iam::{OWNER}:user/caller").parse().unwrap();
    let port = serve(move |request| {
        let (service, principal) = (Arc::clone(&service), principal.clone());
        async move {
            let caller = Caller {
                request_id: "6f1a0d3e-0000-4000-8000-000000000001".to_owned(),
                principal,
                scope: Scope { account: OWNER.parse().unwrap(), region: "us-east-1".parse().unwrap() },
                access_key: None,
                path: Path::Public { source: [127, 0, 0, 1].into() },
                now: now(),
            };
            service.handle(request, &caller, &Notes::default()).await
        }
    })
    .await;
    boto3(SCRIPT, port, &[("FUNCTION", FUNCTION)]).await;
}
