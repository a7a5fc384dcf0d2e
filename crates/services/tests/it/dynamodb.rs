//! DynamoDB through its trait.

mod access;
mod confinement;
mod durability;
mod indexes;
mod items;
mod policies;
mod refusals;
mod streams;
mod tables;

use std::sync::Mutex;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Context, Denial, Path, Policies, Policy, PolicyType, Principal, Requirement, decide};
use sidegate_model::Scope;
use sidegate_services::dynamodb::DynamoDb;
use sidegate_services::kms::Kms;
use sidegate_services::{Authorizer, Body, Caller, Service};
use tempfile::TempDir;

const OWNER: &str = "111122223333";
const STRANGER: &str = "444455556666";

/// Decides by one policy of the principal and that of the resource.
struct Engine {
    principal: Principal,
    policies: Policies,
    asked: Mutex<Vec<Requirement>>,
}

impl Authorizer for Engine {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        self.asked.lock().unwrap().extend(requirements.iter().cloned());
        for requirement in requirements {
            let request = sidegate_iam::Request { principal: &self.principal, context: &Context::new(), requirement };
            if let Some(denial) = decide(&request, &self.policies).denial(&request, &self.policies) {
                return Err(denial);
            }
        }
        Ok(())
    }
}

/// The tables and keys of a directory, at a time.
struct World {
    dir: TempDir,
    kms: Kms,
    dynamodb: DynamoDb,
    /// Unix milliseconds.
    now: i64,
}

/// The status, and the document of an answer.
type Answer = (u16, Value);

impl World {
    fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Self::at(TempDir::new().unwrap(), i64::try_from(now.as_millis()).unwrap())
    }

    fn at(dir: TempDir, now: i64) -> Self {
        let kms = Kms::open(&dir.path().join("kms")).unwrap();
        let dynamodb = DynamoDb::open(&dir.path().join("dynamodb")).unwrap().with_keys(kms.keys());
        Self { dir, kms, dynamodb, now }
    }

    /// The same after a restart.
    fn reopened(self) -> Self {
        let Self { dir, kms, dynamodb, now } = self;
        drop((kms, dynamodb));
        Self::at(dir, now)
    }

    /// A call of somebody who has one policy with this statement. What was asked comes with the answer.
    fn call_as(&self, who: &str, statement: &Value, operation: &str, document: &Value) -> (Answer, Vec<Requirement>) {
        let engine = engine(who, statement);
        let caller = self.caller(&engine.principal);
        let is_stream = matches!(operation, "ListStreams" | "DescribeStream" | "GetShardIterator" | "GetRecords");
        let streams = self.dynamodb.streams();
        let (service, target): (&dyn Service, _) =
            if is_stream { (&streams, "DynamoDBStreams_20120810") } else { (&self.dynamodb, "DynamoDB_20120810") };
        let (answer, _) = ask(service, &caller, &engine, &format!("{target}.{operation}"), document.to_string().into());
        (answer, engine.asked.into_inner().unwrap())
    }

    fn caller(&self, principal: &Principal) -> Caller {
        Caller {
            request_id: "6f1a0d3e-0000-4000-8000-000000000001".to_owned(),
            principal: principal.clone(),
            scope: Scope { account: principal.account().unwrap().clone(), region: "us-east-1".parse().unwrap() },
            access_key: None,
            path: Path::Public { source: [127, 0, 0, 1].into() },
            now: self.now,
        }
    }

    /// A call of a user of an account who may do everything.
    fn call(&self, account: &str, operation: &str, document: &Value) -> Answer {
        self.call_as(&user(account), &all("*"), operation, document).0
    }

    #[track_caller]
    fn ok(&self, operation: &str, document: Value) -> Value {
        let (status, answer) = self.call(OWNER, operation, &document);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// The code and the message of the error of such a call.
    #[track_caller]
    fn refused(&self, operation: &str, document: Value) -> (String, String) {
        let answer = self.call(OWNER, operation, &document);
        assert_ne!(answer.0, 200, "{operation}: {}", answer.1);
        error(&answer)
    }

    #[track_caller]
    fn code(&self, operation: &str, document: Value) -> String {
        self.refused(operation, document).0
    }

    /// Makes a table with a partition key `pk`, a sort key `sk` and an index `byKind` on `kind`.
    #[track_caller]
    fn table(&self, name: &str) -> Value {
        self.ok("CreateTable", table(name))
    }

    #[track_caller]
    fn put(&self, table: &str, pk: &str, sk: &str) {
        self.ok("PutItem", json!({"TableName": table, "Item": item(pk, sk)}));
    }

    /// What an operation asks for, as actions on resources.
    #[track_caller]
    fn asked(&self, operation: &str, document: Value) -> Vec<String> {
        let (answer, asked) = self.call_as(&user(OWNER), &all("*"), operation, &document);
        assert!(!asked.is_empty(), "{operation}: {answer:?}");
        asked.iter().map(|requirement| format!("{} {}", requirement.action, requirement.resource)).collect()
    }

    /// The values of a condition key in the first of what an operation asks for.
    #[track_caller]
    fn key(&self, key: &str, operation: &str, document: Value) -> Option<Vec<String>> {
        let (_, asked) = self.call_as(&user(OWNER), &all("*"), operation, &document);
        let values = asked[0].context.values(key)?;
        Some(values.as_slice().iter().map(ToString::to_string).collect())
    }
}

fn table(name: &str) -> Value {
    json!({
        "TableName": name,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "kind", "AttributeType": "S"},
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "byKind",
            "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
        "BillingMode": "PAY_PER_REQUEST",
    })
}

fn item(pk: &str, sk: &str) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": sk}, "kind": {"S": "k"}, "n": {"N": "1"}})
}

fn key(pk: &str, sk: &str) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": sk}})
}

fn arn(table: &str) -> String {
    format!("arn:aws:dynamodb:us-east-1:{OWNER}:table/{table}")
}

fn user(account: &str) -> String {
    format!("arn:aws:iam::{account}:user/caller")
}

/// One call to a service, with the headers of the answer.
fn ask(service: &dyn Service, caller: &Caller, engine: &Engine, target: &str, document: Bytes) -> (Answer, HeaderMap) {
    let body: Body = Full::new(document).map_err(|never| match never {}).boxed_unsync();
    let request = Request::post("/").header("x-amz-target", target).body(body).unwrap();
    block_on(async {
        let answer = service.handle(request, caller, engine).await;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let document = if body.is_empty() { json!({}) } else { serde_json::from_slice(&body).unwrap() };
        ((status, document), headers)
    })
}

fn engine(who: &str, statement: &Value) -> Engine {
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let policy = Policy::parse(&policy, PolicyType::Identity).unwrap();
    let policies = Policies { identity: vec![policy.into()], ..Policies::default() };
    Engine { principal: who.parse().unwrap(), policies, asked: Mutex::default() }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn all(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

/// The code, without what stands before it, and the message.
fn error((_, answer): &Answer) -> (String, String) {
    let kind = text(&answer["__type"]);
    let message = answer.get("message").or_else(|| answer.get("Message")).map(text).unwrap_or_default();
    (kind.rsplit('#').next().unwrap_or_default().to_owned(), message)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
