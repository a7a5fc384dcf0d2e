//! What an organization lets its accounts do.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_services::organizations::Organizations;
use sidegate_services::reserve::Reserve;
use sidegate_services::{Body, Caller, Service as _};

use super::super::{ACCOUNT, Answer, Notes, World, arn, caller, send};
use super::{allow, decision, has, lacks, list, one};

const MASTER: &str = "999999999999";
const SCP: &str = "SERVICE_CONTROL_POLICY";

/// An organization in which the account is a member.
struct Organization(Organizations);

impl Organization {
    async fn call(&self, account: &str, operation: &str, document: Value) -> Value {
        let request: Request<Body> = Request::post("/")
            .header("x-amz-target", format!("AWSOrganizationsV20161128.{operation}"))
            .body(Full::new(Bytes::from(document.to_string())).map_err(|never| match never {}).boxed_unsync())
            .unwrap();
        let answer = self.0.handle(request, &caller(account, None), &Notes::default()).await;
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        assert!(head.status.is_success(), "{operation}: {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    }

    async fn with_member() -> (Self, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let own = Self(Organizations::open(directory.path(), Reserve::none()).unwrap());
        own.call(MASTER, "CreateOrganization", json!({})).await;
        let roots = own.call(MASTER, "ListRoots", json!({})).await;
        own.call(MASTER, "EnablePolicyType", json!({ "RootId": roots["Roots"][0]["Id"], "PolicyType": SCP })).await;
        let target = json!({ "Target": { "Id": ACCOUNT, "Type": "ACCOUNT" } });
        let invited = own.call(MASTER, "InviteAccountToOrganization", target).await;
        own.call(ACCOUNT, "AcceptHandshake", json!({ "HandshakeId": invited["Handshake"]["Id"] })).await;
        (own, directory)
    }

    /// Attaches a policy to the account, beside the one that allows everything.
    async fn attach(&self, name: &str, content: &str) {
        let document = json!({ "Name": name, "Description": "", "Type": SCP, "Content": content });
        let policy = self.call(MASTER, "CreatePolicy", document).await;
        let id = &policy["Policy"]["PolicySummary"]["Id"];
        self.call(MASTER, "AttachPolicy", json!({ "PolicyId": id, "TargetId": ACCOUNT })).await;
    }
}

/// The simulation of the user's policies.
async fn simulate(world: &World, caller: &Caller, action: &str) -> Answer {
    let mut parameters = vec![list("ActionNames", &["s3:GetObject"])];
    parameters.push(match action {
        "SimulateCustomPolicy" => list("PolicyInputList", &[&allow("s3:*")]),
        _ => one(format!("PolicySourceArn=arn:aws:iam::{}:user/bob", caller.scope.account)),
    });
    let parameters: Vec<_> = parameters.iter().flatten().map(String::as_str).collect();
    let request = super::super::request("2010-05-08", action, &parameters);
    send(&world.iam, caller, &Notes::default(), request).await.ok()
}

#[tokio::test]
async fn service_control_policies_bind_the_principals_of_a_member() {
    let (organization, _directory) = Organization::with_member().await;
    let mut world = World::new();
    world.iam = world.iam.with_organizations(organization.0.directory());
    let (member, master) = (caller(ACCOUNT, None), caller(MASTER, None));
    for account in [&member, &master] {
        for (action, parameters) in [
            ("CreateUser", vec!["UserName=bob"]),
            ("PutUserPolicy", vec!["UserName=bob", "PolicyName=p", &format!("PolicyDocument={}", allow("s3:*"))]),
        ] {
            world.iam_as(account, &Notes::default(), action, &parameters).await.ok();
        }
    }
    let detail = |allows: bool| {
        format!("<OrganizationsDecisionDetail><AllowedByOrganizations>{allows}</AllowedByOrganizations>")
    };
    let answer = simulate(&world, &member, "SimulatePrincipalPolicy").await;
    assert_eq!(decision(&answer), "allowed");
    has(&answer, &detail(true));
    // Policies alone are simulated without the organization.
    lacks(&simulate(&world, &member, "SimulateCustomPolicy").await, "OrganizationsDecisionDetail");

    let condition = r#","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#;
    organization.attach("region", &super::policy("Deny", "s3:*", "*", condition)).await;
    assert_eq!(decision(&simulate(&world, &member, "SimulatePrincipalPolicy").await), "allowed");
    organization.attach("no-s3", &super::deny("s3:*")).await;
    let answer = simulate(&world, &member, "SimulatePrincipalPolicy").await;
    assert_eq!(decision(&answer), "explicitDeny");
    has(&answer, &detail(false));
    has(&answer, "<MatchedStatements></MatchedStatements><MissingContextValues></MissingContextValues>");

    // They do not bind the management account, which is in the organization all the same.
    let answer = simulate(&world, &master, "SimulatePrincipalPolicy").await;
    assert_eq!(decision(&answer), "allowed");
    has(&answer, &detail(true));
    lacks(&answer, &arn("user/bob"));
}
