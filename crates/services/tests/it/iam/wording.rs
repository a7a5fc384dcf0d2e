//! AWS's errors: status, code and words.

use super::{ACCOUNT, DOCUMENT, Notes, TRUST, World, arn, caller, me};

/// A world with something of everything in it.
async fn full() -> World {
    let world = World::new();
    world.users(&["alice", "bob"]).await;
    world.role("app").await;
    world.iam("CreateGroup", &["GroupName=admins"]).await.ok();
    world.policy("p").await;
    world.iam("CreateInstanceProfile", &["InstanceProfileName=ip"]).await.ok();
    world
}

#[tokio::test]
async fn what_does_not_exist_is_told_in_the_words_of_aws() {
    let world = full().await;
    let gone = arn("policy/gone");
    let policy = format!("PolicyArn={}", arn("policy/p"));
    let policy_gone = format!("PolicyArn={gone}");
    let boundary_gone = format!("PermissionsBoundary={gone}");
    let document = format!("PolicyDocument={DOCUMENT}");
    let cases: Vec<(&str, Vec<&str>, String)> = vec![
        ("GetUser", vec!["UserName=x"], "The user with name x cannot be found.".into()),
        ("DeleteUser", vec!["UserName=x"], "The user with name x cannot be found.".into()),
        ("CreateAccessKey", vec!["UserName=x"], "The user with name x cannot be found.".into()),
        ("GetGroup", vec!["GroupName=x"], "The group with name x cannot be found.".into()),
        ("AddUserToGroup", vec!["GroupName=x", "UserName=alice"], "The group with name x cannot be found.".into()),
        ("AddUserToGroup", vec!["GroupName=x", "UserName=y"], "The user with name y cannot be found.".into()),
        ("GetRole", vec!["RoleName=x"], "The role with name x cannot be found.".into()),
        (
            "TagRole",
            vec!["RoleName=x", "Tags.member.1.Key=a", "Tags.member.1.Value=b"],
            "The role with name x cannot be found.".into(),
        ),
        ("GetInstanceProfile", vec!["InstanceProfileName=x"], "Instance Profile x cannot be found.".into()),
        (
            "GetUserPolicy",
            vec!["UserName=alice", "PolicyName=x"],
            "The user policy with name x cannot be found.".into(),
        ),
        (
            "DeleteRolePolicy",
            vec!["RoleName=app", "PolicyName=x"],
            "The role policy with name x cannot be found.".into(),
        ),
        (
            "GetGroupPolicy",
            vec!["GroupName=admins", "PolicyName=x"],
            "The group policy with name x cannot be found.".into(),
        ),
        (
            "PutUserPolicy",
            vec!["UserName=x", "PolicyName=x", &document],
            "The user with name x cannot be found.".into(),
        ),
        ("GetPolicy", vec![&policy_gone], format!("Policy {gone} was not found.")),
        ("DeletePolicy", vec![&policy_gone], format!("Policy {gone} was not found.")),
        (
            "AttachUserPolicy",
            vec!["UserName=alice", &policy_gone],
            format!("Policy {gone} does not exist or is not attachable."),
        ),
        ("DetachRolePolicy", vec!["RoleName=app", &policy], format!("Policy {} was not found.", arn("policy/p"))),
        (
            "GetPolicyVersion",
            vec![&policy, "VersionId=v9"],
            format!("Policy {} version v9 does not exist or is not attachable.", arn("policy/p")),
        ),
        (
            "SetDefaultPolicyVersion",
            vec![&policy_gone, "VersionId=v1"],
            format!("Policy {gone} version v1 does not exist or is not attachable."),
        ),
        (
            "PutUserPermissionsBoundary",
            vec!["UserName=alice", &boundary_gone],
            format!("Scope ARN: {gone} does not exist or is not attachable."),
        ),
        ("GetLoginProfile", vec!["UserName=alice"], "Login Profile for User alice cannot be found.".into()),
        (
            "UpdateAccessKey",
            vec!["UserName=alice", "AccessKeyId=AKIAIOSFODNN7EXAMPLE", "Status=Active"],
            "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.".into(),
        ),
        (
            "GetAccountPasswordPolicy",
            vec![],
            format!("The Password Policy with domain name {ACCOUNT} cannot be found."),
        ),
        ("DeleteAccountPasswordPolicy", vec![], "The account policy with name PasswordPolicy cannot be found.".into()),
    ];
    for (action, parameters, message) in cases {
        let answer = world.iam(action, &parameters).await;
        assert_eq!(answer.error(), (404, "NoSuchEntity".into(), message), "{action} {parameters:?}");
    }
}

#[tokio::test]
async fn a_policy_of_aws_that_sidegate_lacks_says_so() {
    let world = full().await;
    let answer = world.iam("GetPolicy", &["PolicyArn=arn:aws:iam::aws:policy/AmazonWorkMailFullAccess"]).await;
    let (status, code, message) = answer.error();
    assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
    assert!(message.ends_with("Sidegate has only some of the policies that AWS manages."), "{message}");
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case() {
    let world = full().await;
    let trust = format!("AssumeRolePolicyDocument={TRUST}");
    let document = format!("PolicyDocument={DOCUMENT}");
    for (action, parameters, message) in [
        ("CreateUser", vec!["UserName=ALICE"], "User with name ALICE already exists."),
        ("UpdateUser", vec!["UserName=alice", "NewUserName=Bob"], "User with name Bob already exists."),
        ("CreateGroup", vec!["GroupName=Admins", "Path=/x/"], "Group with name Admins already exists."),
        ("CreateRole", vec!["RoleName=App", &trust], "Role with name App already exists."),
        (
            "CreatePolicy",
            vec!["PolicyName=P", &document],
            "A policy called P already exists. Duplicate names are not allowed.",
        ),
        ("CreateInstanceProfile", vec!["InstanceProfileName=IP"], "Instance Profile IP already exists."),
    ] {
        let answer = world.iam(action, &parameters).await;
        assert_eq!(answer.error(), (409, "EntityAlreadyExists".into(), message.into()), "{action}");
    }
}

#[tokio::test]
async fn what_is_in_use_is_not_deleted() {
    let world = full().await;
    let policy = format!("PolicyArn={}", arn("policy/p"));
    let document = format!("PolicyDocument={DOCUMENT}");
    let detach = "Cannot delete entity, must detach all policies first.";
    let inline = "Cannot delete entity, must delete policies first.";
    let members = "Cannot delete entity, must remove users from group first.";
    let profile = "Cannot delete entity, must remove roles from instance profile first.";
    let password = "Password=correct Horse 1";
    let cases = [
        ("AttachUserPolicy", vec!["UserName=alice", &policy], "DeleteUser", vec!["UserName=alice"], detach),
        ("DetachUserPolicy", vec!["UserName=alice", &policy], "DeleteUser", vec!["UserName=x"], ""),
        (
            "PutUserPolicy",
            vec!["UserName=alice", "PolicyName=i", &document],
            "DeleteUser",
            vec!["UserName=alice"],
            inline,
        ),
        ("AttachGroupPolicy", vec!["GroupName=admins", &policy], "DeleteGroup", vec!["GroupName=admins"], detach),
        ("AddUserToGroup", vec!["GroupName=admins", "UserName=bob"], "DeleteGroup", vec!["GroupName=admins"], members),
        ("GetUser", vec!["UserName=bob"], "DeleteUser", vec!["UserName=bob"], members),
        (
            "CreateLoginProfile",
            vec!["UserName=bob", password],
            "DeleteUser",
            vec!["UserName=bob"],
            "Cannot delete entity, must delete login profile first.",
        ),
        (
            "CreateAccessKey",
            vec!["UserName=bob"],
            "DeleteUser",
            vec!["UserName=bob"],
            "Cannot delete entity, must delete access keys first.",
        ),
        ("PutRolePolicy", vec!["RoleName=app", "PolicyName=i", &document], "DeleteRole", vec!["RoleName=app"], inline),
        (
            "AddRoleToInstanceProfile",
            vec!["InstanceProfileName=ip", "RoleName=app"],
            "DeleteRole",
            vec!["RoleName=app"],
            profile,
        ),
        ("GetRole", vec!["RoleName=app"], "DeleteInstanceProfile", vec!["InstanceProfileName=ip"], profile),
    ];
    for (before, with, action, parameters, message) in cases {
        world.iam(before, &with).await.ok();
        let answer = world.iam(action, &parameters).await;
        if message.is_empty() {
            assert_eq!(answer.status, 404);
        } else {
            assert_eq!(answer.error(), (409, "DeleteConflict".into(), message.into()), "{action} after {before}");
        }
    }
    let answer = world.iam("DeletePolicy", &[&policy]).await;
    assert_eq!(answer.error(), (409, "DeleteConflict".into(), "Cannot delete a policy attached to entities.".into()));
    world.iam("DetachGroupPolicy", &["GroupName=admins", &policy]).await.ok();
    world.iam("CreatePolicyVersion", &[&policy, &document]).await.ok();
    assert!(
        world.iam("DeletePolicy", &[&policy]).await.error().2.starts_with("This policy has more than one version.")
    );
    let answer = world.iam("DeletePolicyVersion", &[&policy, "VersionId=v1"]).await;
    assert_eq!(answer.error().2, "Cannot delete the default version of a policy.");
    world.iam("DeletePolicyVersion", &[&policy, "VersionId=v2"]).await.ok();
    world
        .iam("PutUserPermissionsBoundary", &["UserName=bob", &policy.replace("PolicyArn", "PermissionsBoundary")])
        .await
        .ok();
    assert_eq!(world.iam("DeletePolicy", &[&policy]).await.status, 409, "it is a boundary");
    world.iam("DeleteUserPermissionsBoundary", &["UserName=bob"]).await.ok();
    world.iam("DeletePolicy", &[&policy]).await.ok();
}

#[tokio::test]
async fn quotas_are_those_of_aws() {
    let world = full().await;
    world.key("alice").await;
    world.key("alice").await;
    let exceeded = |answer: super::Answer, message: &str| {
        assert_eq!(answer.error(), (409, "LimitExceeded".into(), message.into()));
    };
    exceeded(world.iam("CreateAccessKey", &["UserName=alice"]).await, "Cannot exceed quota for AccessKeysPerUser: 2");
    for number in 0..11 {
        let name = format!("q{number}");
        let policy = world.policy(&name).await;
        let answer = world.iam("AttachRolePolicy", &["RoleName=app", &format!("PolicyArn={policy}")]).await;
        if number < 10 {
            answer.ok();
        } else {
            exceeded(answer, "Cannot exceed quota for PoliciesPerRole: 10");
        }
        world.iam("CreateGroup", &[&format!("GroupName=g{number}")]).await.ok();
        let answer = world.iam("AddUserToGroup", &[&format!("GroupName=g{number}"), "UserName=alice"]).await;
        if number < 10 {
            answer.ok();
        } else {
            exceeded(answer, "Cannot exceed quota for GroupsPerUser: 10");
        }
    }
    let policy = format!("PolicyArn={}", arn("policy/p"));
    let document = format!("PolicyDocument={DOCUMENT}");
    for _ in 0..4 {
        world.iam("CreatePolicyVersion", &[&policy, &document]).await.ok();
    }
    exceeded(
        world.iam("CreatePolicyVersion", &[&policy, &document]).await,
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
    );
    let long = |size: usize| {
        let statement = r#""Effect": "Allow", "Action": "*", "Resource""#;
        let resource = format!("arn:aws:s3:::{}", "y".repeat(size));
        format!(r#"PolicyDocument={{"Version": "2012-10-17", "Statement": {{{statement}: "{resource}"}}}}"#)
    };
    exceeded(
        world.iam("PutUserPolicy", &["UserName=alice", "PolicyName=a", &long(2048)]).await,
        "Maximum policy size of 2048 bytes exceeded for user alice",
    );
    world.iam("PutUserPolicy", &["UserName=alice", "PolicyName=a", &long(1100)]).await.ok();
    exceeded(
        world.iam("PutUserPolicy", &["UserName=alice", "PolicyName=b", &long(1100)]).await,
        "Maximum policy size of 2048 bytes exceeded for user alice",
    );
    exceeded(
        world.iam("CreatePolicy", &["PolicyName=long", &long(6144)]).await,
        "Cannot exceed quota for PolicySize: 6144",
    );
    exceeded(
        world.iam("UpdateAssumeRolePolicy", &["RoleName=app", &long(2048)]).await,
        "Cannot exceed quota for ACLSizePerRole: 2048",
    );
    world.iam("AddRoleToInstanceProfile", &["InstanceProfileName=ip", "RoleName=app"]).await.ok();
    world.role("other").await;
    exceeded(
        world.iam("AddRoleToInstanceProfile", &["InstanceProfileName=ip", "RoleName=other"]).await,
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
    );
}

#[tokio::test]
async fn what_a_request_has_wrong_is_told_by_the_bounds_of_the_model() {
    let world = full().await;
    let long = format!("UserName={}", "u".repeat(65));
    let value = |member: &str, constraint: &str| {
        format!("1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}")
    };
    let names = |member: &str| {
        format!(
            "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-"
        )
    };
    let tag = r"Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]";
    for (action, parameters, message) in [
        ("CreateUser", vec!["UserName=a/b"], names("userName")),
        ("UpdateUser", vec!["UserName=alice", "NewUserName=a/b"], names("newUserName")),
        ("GetGroup", vec!["GroupName=a/b"], names("groupName")),
        ("DeleteRole", vec!["RoleName=arn:aws:iam::111111111111:role/app"], names("roleName")),
        ("DeleteUserPolicy", vec!["UserName=alice", "PolicyName=a/b"], names("policyName")),
        ("GetInstanceProfile", vec!["InstanceProfileName=a/b"], names("instanceProfileName")),
        ("CreateUser", vec![&*long], value("userName", "Member must have length less than or equal to 64")),
        ("CreateUser", vec![], value("userName", "Member must not be null")),
        (
            "CreateUser",
            vec!["UserName=a", "Path=x"],
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters."
                .into(),
        ),
        (
            "ListUsers",
            vec!["PathPrefix=x"],
            "The specified value for pathPrefix is invalid. It must begin with the / character and contain only \
             alphanumeric characters and/or / characters."
                .into(),
        ),
        ("ListUsers", vec!["MaxItems=1001"], value("maxItems", "Member must have value less than or equal to 1000")),
        (
            "GetPolicyVersion",
            vec!["PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess", "VersionId=1"],
            value("versionId", r"Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"),
        ),
        (
            "TagUser",
            vec!["UserName=alice", "Tags.member.1.Key=a!", "Tags.member.1.Value=b"],
            value("tags.1.member.key", r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+"),
        ),
        ("UntagUser", vec!["UserName=alice", "TagKeys.member.1=a!"], value("tagKeys", tag)),
        ("ListPolicies", vec!["Scope=Mine"], value("scope", "Member must satisfy enum value set: [All, AWS, Local]")),
        ("ListUsers", vec!["Marker=AAAA"], "Invalid Marker.".into()),
        (
            "AttachUserPolicy",
            vec!["UserName=alice", "PolicyArn=longpolicynamebutnoarn"],
            "ARN longpolicynamebutnoarn is not valid.".into(),
        ),
        ("CreateOpenIDConnectProvider", vec!["Url=http://x"], "Invalid Open ID Connect Provider URL".into()),
    ] {
        let answer = world.iam(action, &parameters).await;
        assert_eq!(answer.error(), (400, "ValidationError".into(), message), "{action} {parameters:?}");
    }
    let many: Vec<_> =
        (0..51).flat_map(|n| [format!("Tags.member.{n}.Key=k{n}"), format!("Tags.member.{n}.Value=v")]).collect();
    let parameters: Vec<_> = ["UserName=alice"].into_iter().chain(many.iter().map(String::as_str)).collect();
    assert_eq!(
        world.iam("TagUser", &parameters).await.error().2,
        value("tags", "Member must have length less than or equal to 50")
    );
    for (tags, message) in [
        (["k", "K"], "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
        (["aws:x", "y"], "The tag key prefix aws: is reserved. You cannot add, edit or delete tags with it."),
    ] {
        let [first, second] = tags.map(|key| key.to_owned());
        let parameters = [
            "UserName=alice".to_owned(),
            format!("Tags.member.1.Key={first}"),
            "Tags.member.1.Value=".to_owned(),
            format!("Tags.member.2.Key={second}"),
            "Tags.member.2.Value=".to_owned(),
        ];
        let answer = world.iam("TagUser", &parameters.each_ref().map(String::as_str)).await;
        assert_eq!(answer.error(), (400, "InvalidInput".into(), message.into()));
    }
}

#[tokio::test]
async fn a_document_that_is_no_policy_is_malformed() {
    let world = full().await;
    for (action, parameters, message) in [
        ("CreatePolicy", vec!["PolicyName=x", "PolicyDocument=[]"], "Syntax errors in policy."),
        ("PutRolePolicy", vec!["RoleName=app", "PolicyName=x", "PolicyDocument={"], "Syntax errors in policy."),
        ("CreateRole", vec!["RoleName=x", "AssumeRolePolicyDocument=x"], "This policy contains invalid Json"),
        ("UpdateAssumeRolePolicy", vec!["RoleName=app", "PolicyDocument=x"], "This policy contains invalid Json"),
        (
            "UpdateAssumeRolePolicy",
            vec![
                "RoleName=app",
                r#"PolicyDocument={"Statement":{"Effect":"Allow","Principal":{"Service":"foo"},"Action":"sts:AssumeRole"}}"#,
            ],
            r#"Invalid principal in policy: "SERVICE":"foo""#,
        ),
        (
            "PutUserPolicy",
            vec![
                "UserName=alice",
                "PolicyName=x",
                r#"PolicyDocument={"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3::docs"}}"#,
            ],
            "The policy failed legacy parsing",
        ),
    ] {
        let answer = world.iam(action, &parameters).await;
        assert_eq!(answer.error(), (400, "MalformedPolicyDocument".into(), message.into()), "{action}");
    }
}

#[tokio::test]
async fn an_unknown_action_is_told_apart_from_one_that_is_not_served() {
    let world = World::new();
    assert_eq!(world.iam("GenerateOrganizationsAccessReport", &[]).await.error().1, "NotImplemented");
    assert_eq!(world.iam("ListOrganizationsFeatures", &[]).await.status, 501);
    assert_eq!(world.iam("MakeTea", &[]).await.error().1, "InvalidAction");
    assert_eq!(world.sts("AssumeRoleWithSAML", &[]).await.error().1, "NotImplemented");
    let answer = world.iam("GetUser", &["UserName=x"]).await;
    assert!(
        answer.text.starts_with(
            r#"<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>"#
        )
    );
}

#[tokio::test]
async fn nobody_learns_whether_an_access_key_exists_and_only_users_are_meant_without_a_name() {
    let world = full().await;
    let answer = world.iam("GetAccessKeyLastUsed", &["AccessKeyId=AKIAIOSFODNN7EXAMPLE"]).await;
    let message = format!(
        "User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access \
         key AKIAIOSFODNN7EXAMPLE"
    );
    assert_eq!(answer.error(), (403, "AccessDenied".into(), message));
    let role = format!("RoleArn={}", arn("role/app"));
    let session = world.assume(&[&role, "RoleSessionName=one"]).await.ok().element("AccessKeyId");
    let inside = caller(ACCOUNT, Some(&session));
    let answer = world.iam_as(&inside, &Notes::default(), "GetUser", &[]).await;
    let message = "Must specify userName when calling with non-User credentials";
    assert_eq!(answer.error(), (400, "ValidationError".into(), message.into()));
    assert_eq!(world.iam_as(&me(), &Notes::default(), "GetUser", &[]).await.ok().element("UserId"), ACCOUNT);
}
