//! The policies of users, groups and roles.

use super::super::{Notes, TRUST, World, arn, me};
use super::{
    A, B, allow, ask, custom, decision, deny, entry, has, lacks, list, matched, of_resource, one, policy, statements,
};

/// A policy over several lines.
fn broad(action: &str, resource: &str) -> String {
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\n      \"Effect\": \"Allow\",\n      \"Action\": \
         \"{action}\",\n      \"Resource\": \"{resource}\"\n    }}\n  ]\n}}"
    )
}

/// A user in a group, and a role, each with an inline policy and the same managed one.
async fn entities() -> World {
    let world = World::new();
    let path = "Path=/simulation/";
    world.iam("CreateUser", &["UserName=bob", path]).await.ok();
    world.iam("CreateGroup", &["GroupName=admins", path]).await.ok();
    world.iam("CreateRole", &["RoleName=app", path, &format!("AssumeRolePolicyDocument={TRUST}")]).await.ok();
    let managed = format!("PolicyDocument={}", broad("s3:DeleteObject", "*"));
    let managed = world.iam("CreatePolicy", &["PolicyName=managed", path, &managed]).await.ok().element("Arn");
    for (kind, name, action, resource) in [
        ("User", "bob", "s3:GetObject", A),
        ("Group", "admins", "s3:PutObject", B),
        ("Role", "app", "s3:GetObject", "*"),
    ] {
        let who = format!("{kind}Name={name}");
        let document = format!("PolicyDocument={}", broad(action, resource));
        world.iam(&format!("Put{kind}Policy"), &[&who, "PolicyName=inline", &document]).await.ok();
        world.iam(&format!("Attach{kind}Policy"), &[&who, &format!("PolicyArn={managed}")]).await.ok();
    }
    world.iam("AddUserToGroup", &["GroupName=admins", "UserName=bob"]).await.ok();
    world
}

fn of(source: &str) -> Vec<String> {
    one(format!("PolicySourceArn={}", arn(source)))
}

#[tokio::test]
async fn a_principal_is_simulated_with_all_its_policies_by_the_names_that_aws_gives_them() {
    let world = entities().await;
    let actions = list("ActionNames", &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    let simulate = async |source: &str| {
        let parameters = [of(source), actions.clone(), list("ResourceArns", &[A, B])];
        ask(&world, "SimulatePrincipalPolicy", &parameters).await.ok()
    };
    let place = |id: &str| matched(id, "IAM Policy", (3, 17), (8, 6));
    let user = simulate("user/simulation/bob").await;
    assert_eq!(user.elements("EvalDecision"), ["implicitDeny", "implicitDeny", "allowed"]);
    let specific = ["allowed", "implicitDeny", "implicitDeny", "allowed", "allowed", "allowed"];
    assert_eq!(user.elements("EvalResourceDecision"), specific);
    for id in ["user_bob_inline", "group_admins_inline", "managed"] {
        has(&user, &statements(&[place(id)]));
    }
    lacks(&user, "OrganizationsDecisionDetail");
    let group = simulate("group/simulation/admins").await;
    assert_eq!(group.elements("EvalDecision"), ["implicitDeny", "implicitDeny", "allowed"]);
    has(&group, &statements(&[place("group_admins_inline")]));
    let role = simulate("role/simulation/app").await;
    assert_eq!(role.elements("EvalDecision"), ["allowed", "implicitDeny", "allowed"]);
    has(&role, &statements(&[place("role_app_inline")]));
    // The name tells the entity, whatever path the ARN has; names that differ in case alone are the same.
    assert_eq!(simulate("user/elsewhere/BOB").await.elements("EvalDecision"), user.elements("EvalDecision"));
    // What is given comes on top.
    let more = [of("user/bob"), actions.clone(), list("PolicyInputList", &[&allow("*")])];
    let more = ask(&world, "SimulatePrincipalPolicy", &more).await.ok();
    assert_eq!(more.elements("EvalDecision"), ["allowed", "allowed", "allowed"]);
    has(&more, &statements(&[place("managed"), matched("PolicyInputList.1", "IAM Policy", (1, 38), (1, 84))]));
    // A change counts for the next simulation.
    world.iam("RemoveUserFromGroup", &["GroupName=admins", "UserName=bob"]).await.ok();
    lacks(&simulate("user/bob").await, "group_admins_inline");
}

#[tokio::test]
async fn the_boundary_of_a_principal_counts_until_another_is_given() {
    let world = entities().await;
    let document = format!("PolicyDocument={}", allow("s3:GetObject"));
    let limit = world.iam("CreatePolicy", &["PolicyName=limit", &document]).await.ok().element("Arn");
    let boundary = format!("PermissionsBoundary={limit}");
    world.iam("PutUserPermissionsBoundary", &["UserName=bob", &boundary]).await.ok();
    let simulate = async |more: &[Vec<String>]| {
        let mut parameters = vec![of("user/bob"), list("ActionNames", &["s3:DeleteObject"])];
        parameters.extend_from_slice(more);
        ask(&world, "SimulatePrincipalPolicy", &parameters).await.ok()
    };
    let limited = simulate(&[]).await;
    assert_eq!(
        (decision(&limited).as_str(), limited.element("AllowedByPermissionsBoundary").as_str()),
        ("implicitDeny", "false")
    );
    let other = simulate(&[list("PermissionsBoundaryPolicyInputList", &[&allow("s3:*")])]).await;
    assert_eq!(
        (decision(&other).as_str(), other.element("AllowedByPermissionsBoundary").as_str()),
        ("allowed", "true")
    );
    let version =
        [format!("PolicyArn={limit}"), format!("PolicyDocument={}", deny("s3:*")), "SetAsDefault=true".to_owned()];
    let version: Vec<_> = version.iter().map(String::as_str).collect();
    world.iam("CreatePolicyVersion", &version).await.ok();
    let denied = simulate(&[]).await;
    assert_eq!(decision(&denied), "explicitDeny");
    has(&denied, &statements(&[matched("limit", "Permissions Boundary Policy", (1, 38), (1, 86))]));
}

#[tokio::test]
async fn a_principal_asks_as_itself_unless_another_is_to() {
    let world = entities().await;
    let name = |name: &str| {
        list(
            "PolicyInputList",
            &[&policy(
                "Allow",
                "s3:ListBucket",
                "*",
                &format!(r#","Condition":{{"StringEquals":{{"aws:username":"{name}"}}}}"#),
            )],
        )
    };
    let simulate = async |source: &str, more: &[Vec<String>]| {
        let mut parameters = vec![of(source), list("ActionNames", &["s3:ListBucket"])];
        parameters.extend_from_slice(more);
        decision(&ask(&world, "SimulatePrincipalPolicy", &parameters).await.ok())
    };
    assert_eq!(simulate("user/bob", &[name("bob")]).await, "allowed");
    let caller = one(format!("CallerArn={}", arn("user/ana")));
    assert_eq!(simulate("user/bob", &[name("bob"), caller.clone()]).await, "implicitDeny");
    assert_eq!(simulate("user/bob", &[name("ana"), caller]).await, "allowed");
    assert_eq!(simulate("user/bob", &[name("eve"), entry(1, "aws:username", "string", &["eve"])]).await, "allowed");
    assert_eq!(simulate("role/app", &[name("app")]).await, "implicitDeny");
    // The policy of a resource has somebody to name, also where the source is a role or a group.
    for (source, principal, expected) in [
        ("user/bob", arn("user/simulation/bob"), "allowed"),
        ("role/app", arn("role/simulation/app"), "allowed"),
        ("role/app", arn("role/app"), "implicitDeny"),
        ("group/admins", "*".to_owned(), "allowed"),
        ("group/admins", arn("user/simulation/bob"), "implicitDeny"),
    ] {
        let resource = of_resource("Allow", &principal).replace("s3:GetObject", "s3:ListBucket");
        let more = [one(format!("ResourcePolicy={resource}")), list("ResourceArns", &[A])];
        assert_eq!(simulate(source, &more).await, expected, "{source} {principal}");
    }
}

#[tokio::test]
async fn the_keys_of_a_principal_are_those_of_its_policies_its_groups_and_its_boundary() {
    let world = World::new();
    world.users(&["bob"]).await;
    world.iam("CreateGroup", &["GroupName=admins"]).await.ok();
    world.iam("AddUserToGroup", &["GroupName=admins", "UserName=bob"]).await.ok();
    let with = |key: &str| {
        let condition = format!(r#","Condition":{{"Null":{{"{key}":"true"}}}}"#);
        format!("PolicyDocument={}", policy("Allow", "s3:*", "*", &condition))
    };
    world.iam("PutUserPolicy", &["UserName=bob", "PolicyName=p", &with("stack:user")]).await.ok();
    world.iam("PutGroupPolicy", &["GroupName=admins", "PolicyName=p", &with("stack:group")]).await.ok();
    let limit = world.iam("CreatePolicy", &["PolicyName=limit", &with("stack:limit")]).await.ok().element("Arn");
    world.iam("PutUserPermissionsBoundary", &["UserName=bob", &format!("PermissionsBoundary={limit}")]).await.ok();
    let given = with("stack:given").replace("PolicyDocument=", "");
    let keys = async |source: &str| {
        let parameters = [of(source), list("PolicyInputList", &[&given])];
        ask(&world, "GetContextKeysForPrincipalPolicy", &parameters).await.ok().elements("member")
    };
    assert_eq!(keys("user/bob").await, ["stack:user", "stack:group", "stack:limit", "stack:given"]);
    assert_eq!(keys("group/admins").await, ["stack:group", "stack:given"]);
}

#[tokio::test]
async fn who_simulates_a_principal_needs_a_permission_for_it() {
    let world = entities().await;
    let custom_policies = list("PolicyInputList", &[&allow("*")]);
    let actions = list("ActionNames", &["s3:GetObject"]);
    let bob = arn("user/simulation/bob");
    let cases = [
        ("SimulateCustomPolicy", vec![custom_policies.clone(), actions.clone()], "*".to_owned()),
        ("SimulatePrincipalPolicy", vec![of("user/bob"), actions.clone()], bob.clone()),
        ("SimulatePrincipalPolicy", vec![of("role/app"), actions.clone()], arn("role/simulation/app")),
        ("SimulatePrincipalPolicy", vec![of("group/admins"), actions], arn("group/simulation/admins")),
        ("GetContextKeysForCustomPolicy", vec![custom_policies], "*".to_owned()),
        ("GetContextKeysForPrincipalPolicy", vec![of("user/bob")], bob),
    ];
    for (action, parameters, resource) in cases {
        let parameters: Vec<_> = parameters.iter().flatten().map(String::as_str).collect();
        let notes = Notes::default();
        world.iam_as(&me(), &notes, action, &parameters).await.ok();
        let required = vec![format!("iam:{action} {resource}")];
        assert_eq!(notes.asked.into_inner().unwrap(), [(action.to_owned(), required)]);
        let notes = Notes::denying(me().principal);
        let (status, code, _) = world.iam_as(&me(), &notes, action, &parameters).await.error();
        assert_eq!((status, code.as_str()), (403, "AccessDenied"), "{action}");
    }
    // Whether the entity exists is told only to who may know.
    let notes = Notes::denying(me().principal);
    let nobody = [of("user/nobody")[0].clone(), "ActionNames.member.1=s3:GetObject".to_owned()];
    let nobody: Vec<_> = nobody.iter().map(String::as_str).collect();
    assert_eq!(world.iam_as(&me(), &notes, "SimulatePrincipalPolicy", &nobody).await.error().0, 403);
    assert_eq!(decision(&custom(&world, &[&allow("*")], &[]).await.ok()), "allowed");
}
