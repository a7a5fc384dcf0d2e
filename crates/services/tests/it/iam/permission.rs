//! What the authorizer is asked, and what its answer does.

use std::sync::Mutex;

use sidegate_iam::{Denial, Requirement};
use sidegate_services::Authorizer;

use super::{ACCOUNT, DOCUMENT, Notes, TRUST, World, arn, caller, me};

#[tokio::test]
async fn every_action_asks_once_for_all_it_requires() {
    let world = World::new();
    world.iam("CreateUser", &["UserName=alice", "Path=/dev/"]).await.ok();
    world.role("app").await;
    world.iam("CreateGroup", &["GroupName=admins", "Path=/g/"]).await.ok();
    world.iam("CreateInstanceProfile", &["InstanceProfileName=ip"]).await.ok();
    let key = world.key("alice").await;
    let policy = world.policy("p").await;
    let (policy_arn, trust) = (format!("PolicyArn={policy}"), format!("AssumeRolePolicyDocument={TRUST}"));
    let (document, key_id) = (format!("PolicyDocument={DOCUMENT}"), format!("AccessKeyId={key}"));
    let tag = ["Tags.member.1.Key=a", "Tags.member.1.Value=b"];
    let alice = arn("user/dev/alice");
    let cases: Vec<(&str, Vec<&str>, Vec<String>)> = vec![
        (
            "CreateUser",
            vec!["UserName=x", "Path=/a/", tag[0], tag[1]],
            vec![format!("iam:CreateUser {}", arn("user/a/x")), format!("iam:TagUser {}", arn("user/a/x"))],
        ),
        ("GetUser", vec!["UserName=alice"], vec![format!("iam:GetUser {alice}")]),
        ("GetUser", vec![], vec![format!("iam:GetUser {}", arn("root"))]),
        ("ListUsers", vec![], vec![format!("iam:ListUsers {}", arn("user/"))]),
        ("UpdateUser", vec!["UserName=alice"], vec![format!("iam:UpdateUser {alice}")]),
        (
            "UpdateUser",
            vec!["UserName=x", "NewPath=/b/"],
            vec![format!("iam:UpdateUser {}", arn("user/a/x")), format!("iam:UpdateUser {}", arn("user/b/x"))],
        ),
        ("TagUser", vec!["UserName=alice", tag[0], tag[1]], vec![format!("iam:TagUser {alice}")]),
        ("ListAccessKeys", vec!["UserName=alice"], vec![format!("iam:ListAccessKeys {alice}")]),
        ("GetAccessKeyLastUsed", vec![&key_id], vec![format!("iam:GetAccessKeyLastUsed {alice}")]),
        (
            "PutUserPolicy",
            vec!["UserName=alice", "PolicyName=i", &document],
            vec![format!("iam:PutUserPolicy {alice}")],
        ),
        ("AttachUserPolicy", vec!["UserName=alice", &policy_arn], vec![format!("iam:AttachUserPolicy {alice}")]),
        (
            "AddUserToGroup",
            vec!["GroupName=admins", "UserName=alice"],
            vec![format!("iam:AddUserToGroup {}", arn("group/g/admins"))],
        ),
        ("ListGroupsForUser", vec!["UserName=alice"], vec![format!("iam:ListGroupsForUser {alice}")]),
        ("CreateRole", vec!["RoleName=r", &trust], vec![format!("iam:CreateRole {}", arn("role/r"))]),
        ("ListRoles", vec!["PathPrefix=/x/"], vec![format!("iam:ListRoles {}", arn("role/x/"))]),
        (
            "AddRoleToInstanceProfile",
            vec!["InstanceProfileName=ip", "RoleName=app"],
            vec![
                format!("iam:AddRoleToInstanceProfile {}", arn("instance-profile/ip")),
                format!("iam:PassRole {}", arn("role/app")),
            ],
        ),
        ("CreatePolicyVersion", vec![&policy_arn, &document], vec![format!("iam:CreatePolicyVersion {policy}")]),
        ("ListPolicies", vec![], vec!["iam:ListPolicies *".to_owned()]),
        ("GetAccountSummary", vec![], vec!["iam:GetAccountSummary *".to_owned()]),
        (
            "CreateServiceLinkedRole",
            vec!["AWSServiceName=ecs.amazonaws.com"],
            vec![format!(
                "iam:CreateServiceLinkedRole {}",
                arn("role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS")
            )],
        ),
        (
            "CreateVirtualMFADevice",
            vec!["VirtualMFADeviceName=phone", "Path=/d/", tag[0], tag[1]],
            vec![
                format!("iam:CreateVirtualMFADevice {}", arn("mfa/d/phone")),
                format!("iam:TagMFADevice {}", arn("mfa/d/phone")),
            ],
        ),
        ("ListMFADevices", vec!["UserName=alice"], vec![format!("iam:ListMFADevices {alice}")]),
        ("ListVirtualMFADevices", vec![], vec!["iam:ListVirtualMFADevices *".to_owned()]),
        ("ListSSHPublicKeys", vec!["UserName=alice"], vec![format!("iam:ListSSHPublicKeys {alice}")]),
        ("ListServerCertificates", vec![], vec!["iam:ListServerCertificates *".to_owned()]),
        ("GenerateCredentialReport", vec![], vec!["iam:GenerateCredentialReport *".to_owned()]),
        (
            "CreateOpenIDConnectProvider",
            vec!["Url=https://a.example"],
            vec![format!("iam:CreateOpenIDConnectProvider {}", arn("oidc-provider/a.example"))],
        ),
    ];
    for (action, parameters, required) in cases {
        let notes = Notes::default();
        world.iam_as(&me(), &notes, action, &parameters).await.ok();
        assert_eq!(notes.asked.into_inner().unwrap(), [(action.to_owned(), required)]);
    }
    let notes = Notes::default();
    world.iam_as(&caller(ACCOUNT, Some(&key)), &notes, "CreateAccessKey", &[]).await.ok();
    let required = vec![format!("iam:CreateAccessKey {alice}")];
    assert_eq!(notes.asked.into_inner().unwrap(), [("CreateAccessKey".to_owned(), required)], "the caller is meant");
}

#[tokio::test]
async fn a_denial_is_the_answer_and_nothing_happens() {
    let world = World::new();
    world.users(&["alice"]).await;
    let policy = format!("PolicyArn={}", world.policy("p").await);
    for (action, parameters) in [
        ("CreateUser", vec!["UserName=bob"]),
        ("DeleteUser", vec!["UserName=alice"]),
        ("GetUser", vec!["UserName=alice"]),
        ("GetUser", vec!["UserName=nobody"]),
        ("CreateAccessKey", vec!["UserName=alice"]),
        ("AttachUserPolicy", vec!["UserName=alice", &policy]),
        ("DeletePolicy", vec![&policy]),
        ("GetAccountAuthorizationDetails", vec![]),
    ] {
        let notes = Notes::denying(me().principal);
        let (status, code, message) = world.iam_as(&me(), &notes, action, &parameters).await.error();
        assert_eq!((status, code.as_str()), (403, "AccessDenied"), "{action}");
        assert!(message.contains(&format!("is not authorized to perform: iam:{action} on resource: ")), "{message}");
    }
    assert_eq!(world.iam("ListUsers", &[]).await.ok().elements("UserName"), ["alice"]);
    assert!(world.iam("ListAccessKeys", &["UserName=alice"]).await.ok().elements("AccessKeyId").is_empty());
    world.iam("GetPolicy", &[&policy]).await.ok();
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let world = World::new();
    world.users(&["alice"]).await;
    let policy = format!("PolicyArn={}", world.policy("p").await);
    let other = caller("444455556666", None);
    let ask =
        async |action: &str, parameters: &[&str]| world.iam_as(&other, &Notes::default(), action, parameters).await;
    assert_eq!(ask("GetUser", &["UserName=alice"]).await.status, 404);
    assert_eq!(ask("GetPolicy", &[&policy]).await.status, 404);
    ask("CreateUser", &["UserName=alice"]).await.ok();
    assert_eq!(ask("AttachUserPolicy", &["UserName=alice", &policy]).await.status, 404);
    assert_eq!(ask("ListPolicies", &["Scope=Local"]).await.ok().elements("Arn"), Vec::<String>::new());
}

/// Notes the condition keys of what it is asked.
#[derive(Default)]
struct Keys(Mutex<Vec<String>>);

impl Authorizer for Keys {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        for requirement in requirements {
            let keys =
                requirement.context.iter().map(|(key, values)| format!(" {key}={}", values.as_slice().join(",")));
            self.0.lock().unwrap().push(requirement.action.clone() + &keys.collect::<String>());
        }
        Ok(())
    }
}

#[tokio::test]
async fn requirements_have_the_condition_keys_of_the_request_and_of_what_it_is_about() {
    let world = World::new();
    let limit = world.policy("limit").await;
    let boundary = format!("PermissionsBoundary={limit}");
    let tag = ["Tags.member.1.Key=team", "Tags.member.1.Value=red"];
    world.iam("CreateUser", &["UserName=alice", &boundary, tag[0], tag[1]]).await.ok();
    world.role("app").await;
    world.iam("CreateInstanceProfile", &["InstanceProfileName=ip"]).await.ok();
    let of_alice = "aws:resourcetag/team=red";
    let boundary_key = format!("iam:permissionsboundary={limit}");
    let request = "aws:requesttag/team=red aws:tagkeys=team";
    let policy_arn = format!("PolicyArn={limit}");
    let cases: Vec<(&str, Vec<&str>, Vec<String>)> = vec![
        (
            "CreateUser",
            vec!["UserName=bob", &boundary, tag[0], tag[1]],
            vec![format!("iam:CreateUser {request} {boundary_key}"), format!("iam:TagUser {request}")],
        ),
        ("GetUser", vec!["UserName=alice"], vec![format!("iam:GetUser {of_alice} iam:resourcetag/team=red")]),
        (
            "AttachUserPolicy",
            vec!["UserName=alice", &policy_arn],
            vec![format!(
                "iam:AttachUserPolicy {of_alice} {boundary_key} iam:policyarn={limit} iam:resourcetag/team=red"
            )],
        ),
        (
            "UntagUser",
            vec!["UserName=alice", "TagKeys.member.1=none"],
            vec![format!("iam:UntagUser {of_alice} aws:tagkeys=none iam:resourcetag/team=red")],
        ),
        (
            "PutRolePermissionsBoundary",
            vec!["RoleName=app", &boundary],
            vec![format!("iam:PutRolePermissionsBoundary {boundary_key}")],
        ),
        (
            "AddRoleToInstanceProfile",
            vec!["InstanceProfileName=ip", "RoleName=app"],
            vec![
                "iam:AddRoleToInstanceProfile".to_owned(),
                "iam:PassRole iam:passedtoservice=ec2.amazonaws.com".to_owned(),
            ],
        ),
        (
            "CreateServiceLinkedRole",
            vec!["AWSServiceName=ecs.amazonaws.com"],
            vec!["iam:CreateServiceLinkedRole iam:awsservicename=ecs.amazonaws.com".to_owned()],
        ),
    ];
    for (action, parameters, asked) in cases {
        let keys = Keys::default();
        world.iam_as(&me(), &keys, action, &parameters).await.ok();
        assert_eq!(keys.0.into_inner().unwrap(), asked);
    }
}
