//! Secrets Manager through its trait: who may do what with a secret, by its own policy and by what is known of it.

mod rotation;
mod rotation_clients;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Context, Denial, Path, Policies, Policy, PolicyType, Principal, Requirement, decide};
use sidegate_model::Scope;
use sidegate_services::secretsmanager::SecretsManager;
use sidegate_services::{Authorizer, Body, Caller, Service as _};
use tempfile::TempDir;

const OWNER: &str = "111122223333";
const STRANGER: &str = "444455556666";

/// Decides by one policy of the principal and that of the resource.
struct Engine {
    principal: Principal,
    policies: Policies,
}

impl Authorizer for Engine {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        for requirement in requirements {
            let request = sidegate_iam::Request { principal: &self.principal, context: &Context::new(), requirement };
            if let Some(mut denial) = decide(&request, &self.policies).denial(&request, &self.policies) {
                denial.is_discreet = requirement.owner().as_ref() != self.principal.account();
                return Err(denial);
            }
        }
        Ok(())
    }
}

struct World {
    _dir: TempDir,
    service: SecretsManager,
}

/// The status, and the document of an answer.
type Answer = (u16, Value);

impl World {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let service = SecretsManager::open(&dir.path().join("secrets")).unwrap();
        Self { _dir: dir, service }
    }

    /// A call of the user `caller` of an account, which has one policy with this statement.
    fn call(&self, account: &str, statement: &Value, operation: &str, document: &Value) -> Answer {
        let policies = Policies { identity: vec![identity(statement).into()], ..Policies::default() };
        self.call_under(account, policies, operation, document)
    }

    /// A call of the user `caller` of an account under these policies.
    fn call_under(&self, account: &str, policies: Policies, operation: &str, document: &Value) -> Answer {
        let principal: Principal = format!("arn:aws:iam::{account}:user/caller").parse().unwrap();
        let caller = Caller {
            request_id: "6f1a0d3e-0000-4000-8000-000000000001".to_owned(),
            principal: principal.clone(),
            scope: Scope { account: account.parse().unwrap(), region: "us-east-1".parse().unwrap() },
            access_key: None,
            path: Path::Public { source: [127, 0, 0, 1].into() },
            now: 1_750_000_000_123,
        };
        let body: Body = Full::new(Bytes::from(document.to_string())).map_err(|never| match never {}).boxed_unsync();
        let target = format!("secretsmanager.{operation}");
        let request = Request::post("/").header("x-amz-target", target).body(body).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let answer = self.service.handle(request, &caller, &Engine { principal, policies }).await;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            (status, serde_json::from_slice(&body).unwrap())
        })
    }

    #[track_caller]
    fn administer(&self, operation: &str, document: &Value) -> Value {
        let (status, answer) = self.call(OWNER, &all("secretsmanager:*"), operation, document);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    fn secret(&self, tags: &Value) -> String {
        let secret = json!({"Name": "db", "SecretString": "s", "Tags": tags});
        self.administer("CreateSecret", &secret)["ARN"].as_str().unwrap().to_owned()
    }
}

/// The policy of an identity with these statements.
fn identity(statement: &Value) -> Policy {
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    Policy::parse(&policy, PolicyType::Identity).unwrap()
}

fn all(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

/// The code and the message of an error.
fn error((status, answer): &Answer) -> (u16, String, String) {
    let text = |names: [&str; 2]| {
        let value = names.iter().find_map(|name| answer[name].as_str());
        value.unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned()
    };
    (*status, text(["__type", "__type"]), text(["Message", "message"]))
}

fn get(id: &str) -> Value {
    json!({"SecretId": id})
}

#[test]
fn a_policy_that_speaks_of_other_things_is_taken_and_decides_nothing() {
    let world = World::new();
    let arn = world.secret(&json!([]));
    let other = "arn:aws:secretsmanager:us-east-1:111122223333:secret:other-AAAAAA";
    for (action, resource, allowed) in [
        ("s3:GetObject", "*", false),
        ("secretsmanager:GetSecretValue", other, false),
        ("secretsmanager:GetSecretValue", "*", true),
    ] {
        let principal = json!({"AWS": format!("arn:aws:iam::{STRANGER}:root")});
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource});
        let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        world.administer("PutResourcePolicy", &json!({"SecretId": "db", "ResourcePolicy": policy}));
        let (status, answer) = world.call(STRANGER, &all("secretsmanager:*"), "GetSecretValue", &get(&arn));
        assert_eq!(status == 200, allowed, "{action} on {resource}: {answer}");
    }
}

#[test]
fn a_policy_is_kept_returned_in_force_and_taken_away() {
    let world = World::new();
    let arn = world.secret(&json!([]));
    assert!(world.administer("GetResourcePolicy", &get("db")).get("ResourcePolicy").is_none());
    let user = format!("arn:aws:iam::{OWNER}:user/caller");
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": user}, "Action": "secretsmanager:GetSecretValue", "Resource": "*",
    }]})
    .to_string();
    let put = world.administer("PutResourcePolicy", &json!({"SecretId": "db", "ResourcePolicy": policy}));
    assert_eq!((put["ARN"].as_str(), put["Name"].as_str()), (Some(arn.as_str()), Some("db")));
    assert_eq!(world.administer("GetResourcePolicy", &get("db"))["ResourcePolicy"], policy.as_str());
    // In its own account the policy of the secret is enough.
    assert_eq!(world.call(OWNER, &all("s3:*"), "GetSecretValue", &get(&arn)).0, 200);
    world.administer("DeleteResourcePolicy", &get("db"));
    let denied = error(&world.call(OWNER, &all("s3:*"), "GetSecretValue", &get(&arn)));
    let message = format!(
        "User: {user} is not authorized to perform: secretsmanager:GetSecretValue on resource: {arn} because no \
         identity-based policy allows the secretsmanager:GetSecretValue action"
    );
    assert_eq!(denied, (400, "AccessDeniedException".to_owned(), message));
}

#[test]
fn a_denial_names_the_secret_as_the_request_does_and_nothing_where_there_is_no_resource() {
    let world = World::new();
    world.secret(&json!([]));
    let message = error(&world.call(OWNER, &all("s3:*"), "GetSecretValue", &get("db"))).2;
    assert!(message.contains("on resource: db because no identity-based policy"), "{message}");
    let message = error(&world.call(OWNER, &all("s3:*"), "ListSecrets", &json!({}))).2;
    assert!(message.contains("secretsmanager:ListSecrets because no identity-based policy"), "{message}");
}

#[test]
fn a_secret_of_another_account_takes_both_sides_and_its_whole_arn() {
    let world = World::new();
    let arn = world.secret(&json!([]));
    let allowed = all("secretsmanager:GetSecretValue");
    let refused = error(&world.call(STRANGER, &allowed, "GetSecretValue", &get(&arn)));
    assert_eq!(refused.1, "AccessDeniedException");
    assert!(refused.2.ends_with("because no resource-based policy allows the secretsmanager:GetSecretValue action"));
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{STRANGER}:root")},
        "Action": "secretsmanager:GetSecretValue", "Resource": "*",
    }]});
    world.administer("PutResourcePolicy", &json!({"SecretId": "db", "ResourcePolicy": policy.to_string()}));
    let (status, value) = world.call(STRANGER, &allowed, "GetSecretValue", &get(&arn));
    assert_eq!((status, value["SecretString"].as_str()), (200, Some("s")));
    let refused = error(&world.call(STRANGER, &all("s3:*"), "GetSecretValue", &get(&arn))).2;
    assert!(refused.contains("no identity-based policy"), "{refused}");
    // By a part of its ARN, and by one that nobody has.
    for id in [arn.rsplit_once('-').unwrap().0.to_owned(), arn.replace(":db-", ":no-")] {
        assert_eq!(error(&world.call(STRANGER, &allowed, "GetSecretValue", &get(&id))).1, "AccessDeniedException");
    }
}

#[test]
fn the_keys_of_a_request_and_of_its_secret_are_known() {
    let world = World::new();
    let arn = world.secret(&json!([{"Key": "team", "Value": "red"}]));
    let may = |key: &str, value: &str, operation: &str, document: &Value| {
        let operator = if key.ends_with("TagKeys") { "ForAnyValue:StringEquals" } else { "StringEquals" };
        let statement = json!({"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*",
            "Condition": {operator: {key: value}}});
        world.call(OWNER, &statement, operation, document).0 == 200
    };
    let both = |key: &str, value: &str, operation: &str, document: &Value| {
        may(key, value, operation, document) && !may(key, "other", operation, document)
    };
    assert!(both("aws:ResourceTag/team", "red", "GetSecretValue", &get("db")));
    assert!(both("secretsmanager:ResourceTag/team", "red", "DescribeSecret", &get("db")));
    assert!(both("secretsmanager:SecretId", &arn, "GetSecretValue", &get("db")));
    let staged = json!({"SecretId": "db", "VersionStage": "AWSCURRENT"});
    assert!(both("secretsmanager:VersionStage", "AWSCURRENT", "GetSecretValue", &staged));
    assert!(!may("secretsmanager:VersionStage", "AWSCURRENT", "GetSecretValue", &get("db")));
    let tags = json!({"SecretId": "db", "Tags": [{"Key": "cost", "Value": "1"}]});
    assert!(
        both("aws:RequestTag/cost", "1", "TagResource", &tags) && both("aws:TagKeys", "cost", "TagResource", &tags)
    );
    let untag = json!({"SecretId": "db", "TagKeys": ["cost"]});
    assert!(both("aws:TagKeys", "cost", "UntagResource", &untag));
    let described = json!({"SecretId": "db", "Description": "d"});
    assert!(both("secretsmanager:Description", "d", "UpdateSecret", &described));
    let new = json!({"Name": "new", "Tags": [{"Key": "team", "Value": "blue"}]});
    assert!(
        !may("aws:RequestTag/team", "red", "CreateSecret", &new)
            && may("aws:RequestTag/team", "blue", "CreateSecret", &new)
    );
    let named = json!({"Name": "named"});
    assert!(!may("secretsmanager:Name", "other", "CreateSecret", &named));
    assert!(may("secretsmanager:Name", "named", "CreateSecret", &named));
    let deletion = json!({"SecretId": "new", "RecoveryWindowInDays": 9});
    assert!(!may("secretsmanager:RecoveryWindowInDays", "7", "DeleteSecret", &deletion));
    assert!(may("secretsmanager:RecoveryWindowInDays", "9", "DeleteSecret", &deletion));
    let forced = json!({"SecretId": "named", "ForceDeleteWithoutRecovery": true});
    assert!(!may("secretsmanager:ForceDeleteWithoutRecovery", "false", "DeleteSecret", &forced));
    assert!(may("secretsmanager:ForceDeleteWithoutRecovery", "true", "DeleteSecret", &forced));
}

#[test]
fn a_policy_for_everyone_is_refused_where_that_is_asked_for_and_one_that_locks_out_always() {
    let world = World::new();
    world.secret(&json!([]));
    let policy = |effect: &str| {
        json!({"Version": "2012-10-17", "Statement": [{
            "Effect": effect, "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}]})
        .to_string()
    };
    let put = |document: &Value| world.call(OWNER, &all("secretsmanager:*"), "PutResourcePolicy", document);
    let open = json!({"SecretId": "db", "ResourcePolicy": policy("Allow"), "BlockPublicPolicy": true});
    assert_eq!(error(&put(&open)).1, "PublicPolicyException");
    let closed = json!({"SecretId": "db", "ResourcePolicy": policy("Deny")});
    assert_eq!(
        error(&put(&closed)).2,
        "Your requested changes will not allow you to manage this secret in the future."
    );
    let broken = json!({"SecretId": "db", "ResourcePolicy": "{"});
    assert_eq!(error(&put(&broken)).1, "MalformedPolicyDocumentException");
    let valid = |effect: &str| {
        let document = json!({"SecretId": "db", "ResourcePolicy": policy(effect)});
        let answer = world.administer("ValidateResourcePolicy", &document);
        (answer["PolicyValidationPassed"].as_bool().unwrap(), answer["ValidationErrors"].as_array().unwrap().len())
    };
    assert_eq!((valid("Allow"), valid("Deny")), ((false, 1), (false, 1)));
    let open = json!({"SecretId": "db", "ResourcePolicy": policy("Allow")});
    assert_eq!(put(&open).0, 200);
}

#[test]
fn a_secret_of_a_batch_that_may_not_be_read_is_among_its_errors() {
    let world = World::new();
    let make = |name: &str| {
        let made = world.administer("CreateSecret", &json!({"Name": name, "SecretString": format!("value of {name}")}));
        made["ARN"].as_str().unwrap().to_owned()
    };
    let [own, others] = ["own", "others"].map(make);
    let statement = json!([
        {"Effect": "Allow", "Action": ["secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"],
         "Resource": "*"},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": own},
    ]);
    let named = json!({"SecretIdList": ["own", "others", "none"]});
    let filtered = json!({"Filters": [{"Key": "name", "Values": ["own", "others"]}]});
    for (document, errors) in [(named, 2), (filtered, 1)] {
        let (status, answer) = world.call(OWNER, &statement, "BatchGetSecretValue", &document);
        assert_eq!(status, 200, "{answer}");
        let values = answer["SecretValues"].as_array().unwrap();
        assert_eq!(values.iter().map(|value| value["SecretString"].clone()).collect::<Vec<_>>(), ["value of own"]);
        let errors_told = answer["Errors"].as_array().unwrap();
        assert_eq!(errors_told.len(), errors, "{answer}");
        let denied = &errors_told[0];
        assert_eq!(denied["ErrorCode"], "AccessDeniedException");
        let message = denied["Message"].as_str().unwrap();
        assert!(message.contains(&format!("secretsmanager:GetSecretValue on resource: {others}")), "{message}");
    }
    // Who may not read in batches is told so, whatever the secrets are.
    let document = json!({"SecretIdList": ["own"]});
    let denied = error(&world.call(OWNER, &all("secretsmanager:GetSecretValue"), "BatchGetSecretValue", &document));
    assert_eq!((denied.0, denied.1.as_str()), (400, "AccessDeniedException"), "{}", denied.2);
}

#[test]
fn a_batch_that_an_endpoint_does_not_let_through_whole_is_denied_whole() {
    let world = World::new();
    world.administer("CreateSecret", &json!({"Name": "own", "SecretString": "s"}));
    let arn = world.administer("DescribeSecret", &get("own"))["ARN"].as_str().unwrap().to_owned();
    let endpoint = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": arn},
    ]});
    let endpoint = Policy::parse(&endpoint.to_string(), PolicyType::Endpoint).unwrap();
    let policies = Policies {
        identity: vec![identity(&all("secretsmanager:*")).into()],
        endpoint: Some(endpoint.into()),
        ..Policies::default()
    };
    let document = json!({"SecretIdList": ["own", "none"]});
    let denied = error(&world.call_under(OWNER, policies, "BatchGetSecretValue", &document));
    assert_eq!((denied.0, denied.1.as_str()), (400, "AccessDeniedException"));
    assert!(denied.2.ends_with("with an explicit deny in a VPC endpoint policy"), "{}", denied.2);
}

#[test]
fn a_secret_has_at_most_100_versions_and_labels_that_go_together() {
    let world = World::new();
    world.administer("CreateSecret", &json!({"Name": "db", "SecretString": "0"}));
    for number in 1..100 {
        world.administer("PutSecretValue", &json!({"SecretId": "db", "SecretString": number.to_string()}));
    }
    let put = |document: &Value| error(&world.call(OWNER, &all("secretsmanager:*"), "PutSecretValue", document));
    assert_eq!(put(&json!({"SecretId": "db", "SecretString": "100"})).1, "LimitExceededException");
    world.administer("CreateSecret", &json!({"Name": "other", "SecretString": "0"}));
    let both = json!({"SecretId": "other", "SecretString": "1", "VersionStages": ["AWSCURRENT", "AWSPREVIOUS"]});
    assert_eq!(put(&both).1, "InvalidParameterException");
}
