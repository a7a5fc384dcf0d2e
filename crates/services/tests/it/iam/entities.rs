//! What becomes of entities that are changed.

use super::{DOCUMENT, TRUST, World, arn};

#[tokio::test]
async fn a_user_with_another_name_keeps_what_it_has() {
    let world = World::new();
    world.users(&["alice"]).await;
    let key = world.key("alice").await;
    world.iam("CreateGroup", &["GroupName=g"]).await.ok();
    world.iam("AddUserToGroup", &["GroupName=g", "UserName=alice"]).await.ok();
    world.iam("UpdateUser", &["UserName=alice", "NewUserName=Bob", "NewPath=/x/"]).await.ok();
    assert_eq!(world.iam("GetUser", &["UserName=alice"]).await.status, 404);
    let user = world.iam("GetUser", &["UserName=bob"]).await.ok();
    assert_eq!((user.element("UserName"), user.element("Arn")), ("Bob".into(), arn("user/x/Bob")));
    assert_eq!(world.iam("ListAccessKeys", &["UserName=bob"]).await.ok().elements("AccessKeyId"), [key.as_str()]);
    assert_eq!(world.iam("GetGroup", &["GroupName=g"]).await.ok().elements("UserName"), ["Bob"]);
    let owner = world.iam.directory().credential(&key, super::NOW).unwrap();
    assert!(format!("{:?}", owner.subject).contains("Bob"));
    world.iam("UpdateUser", &["UserName=bob", "NewUserName=BOB"]).await.ok();
    assert_eq!(world.iam("GetUser", &["UserName=bob"]).await.ok().element("UserName"), "BOB");
}

#[tokio::test]
async fn an_answer_has_as_much_of_a_role_as_that_of_aws() {
    let world = World::new();
    let trust = format!("AssumeRolePolicyDocument={TRUST}");
    let parameters = [
        "RoleName=r",
        &trust,
        "Description=d",
        "MaxSessionDuration=7200",
        "Tags.member.1.Key=a",
        "Tags.member.1.Value=b",
    ];
    let has = |answer: &super::Answer| {
        ["Description", "MaxSessionDuration", "Tags", "RoleLastUsed"].map(|name| !answer.elements(name).is_empty())
    };
    let made = world.iam("CreateRole", &parameters).await.ok();
    assert_eq!(made.document("AssumeRolePolicyDocument"), TRUST);
    assert_eq!(has(&made), [false, false, true, false]);
    assert_eq!(has(&world.iam("GetRole", &["RoleName=r"]).await.ok()), [true, true, true, true]);
    assert_eq!(has(&world.iam("ListRoles", &[]).await.ok()), [true, true, false, false]);
    let described = world.iam("UpdateRoleDescription", &["RoleName=r", "Description=e"]).await.ok();
    assert_eq!(has(&described), [true, false, false, false]);
}

#[tokio::test]
async fn a_policy_counts_its_versions_on_and_its_uses() {
    let world = World::new();
    world.users(&["alice"]).await;
    let policy = format!("PolicyArn={}", world.policy("p").await);
    let other = format!("PolicyDocument={}", DOCUMENT.replace("s3", "sqs"));
    let made = world.iam("CreatePolicyVersion", &[&policy, &other, "SetAsDefault=true"]).await.ok();
    assert_eq!((made.element("VersionId"), made.element("IsDefaultVersion")), ("v2".into(), "true".into()));
    world.iam("DeletePolicyVersion", &[&policy, "VersionId=v1"]).await.ok();
    let made = world.iam("CreatePolicyVersion", &[&policy, &other]).await.ok();
    assert_eq!(made.element("VersionId"), "v3");
    assert_eq!(world.iam("ListPolicyVersions", &[&policy]).await.ok().elements("VersionId"), ["v3", "v2"]);
    world.iam("AttachUserPolicy", &["UserName=alice", &policy]).await.ok();
    world.iam("AttachUserPolicy", &["UserName=alice", &policy]).await.ok();
    let facts = world.iam("GetPolicy", &[&policy]).await.ok();
    assert_eq!((facts.element("AttachmentCount"), facts.element("DefaultVersionId")), ("1".into(), "v2".into()));
    assert_eq!(facts.elements("Tags"), [""], "tags are told even where there are none");
    let managed = "PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess";
    assert_eq!(world.iam("DeletePolicy", &[managed]).await.error().1, "AccessDenied");
    assert_eq!(world.iam("TagPolicy", &[managed, "Tags.member.1.Key=a", "Tags.member.1.Value=b"]).await.status, 404);
}

#[tokio::test]
async fn a_service_linked_role_is_its_services_own() {
    let world = World::new();
    let service = "AWSServiceName=autoscaling.amazonaws.com";
    let made = world.iam("CreateServiceLinkedRole", &[service, "CustomSuffix=x"]).await.ok();
    assert_eq!(made.element("RoleName"), "AWSServiceRoleForAutoScaling_x");
    let role = "RoleName=AWSServiceRoleForAutoScaling_x";
    let taken = world.iam("CreateServiceLinkedRole", &[service, "CustomSuffix=x"]).await;
    assert_eq!(taken.error().1, "InvalidInput");
    for (action, parameters) in [
        ("DeleteRole", vec![role]),
        ("UpdateAssumeRolePolicy", vec![role, "PolicyDocument={}"]),
        ("AttachRolePolicy", vec![role, "PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess"]),
    ] {
        assert_eq!(world.iam(action, &parameters).await.error().1, "UnmodifiableEntity", "{action}");
    }
    let policy = "PolicyArn=arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy";
    let detached = world.iam("DetachRolePolicy", &[role, policy]).await;
    let protected = "Cannot perform the operation on the protected role 'AWSServiceRoleForAutoScaling_x' - this role is \
                     only modifiable by AWS";
    assert_eq!(detached.error(), (400, "UnmodifiableEntity".into(), protected.into()));
    assert_eq!(world.iam("GetPolicy", &[policy]).await.ok().element("AttachmentCount"), "1");
    world.iam("UpdateRole", &[role, "Description=mine"]).await.ok();
    let task = world.iam("DeleteServiceLinkedRole", &[role]).await.ok().element("DeletionTaskId");
    let status = world.iam("GetServiceLinkedRoleDeletionStatus", &[&format!("DeletionTaskId={task}")]).await.ok();
    assert_eq!(status.element("Status"), "SUCCEEDED");
    assert_eq!(world.iam("GetRole", &[role]).await.status, 404);
}

#[tokio::test]
async fn the_role_of_a_service_has_the_name_and_the_policy_that_aws_gives_it() {
    let world = World::new();
    for (service, name, policy) in [
        ("spot", "EC2Spot", "AWSEC2SpotServiceRolePolicy"),
        ("es", "AmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy"),
        ("eks-nodegroup", "AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"),
        (
            "dynamodb.application-autoscaling",
            "ApplicationAutoScaling_DynamoDBTable",
            "AWSApplicationAutoscalingDynamoDBTablePolicy",
        ),
        ("cks.kms", "KeyManagementServiceCustomKeyStores", "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"),
        ("elasticmapreduce", "EMRCleanup", "AmazonEMRCleanupPolicy"),
        ("replication.ecr", "ECRReplication", "ECRReplicationServiceRolePolicy"),
    ] {
        let service = format!("AWSServiceName={service}.amazonaws.com");
        let made = world.iam("CreateServiceLinkedRole", &[&service]).await.ok();
        assert_eq!(made.element("RoleName"), format!("AWSServiceRoleFor{name}"));
        let role = format!("RoleName={}", made.element("RoleName"));
        let attached = world.iam("ListAttachedRolePolicies", &[&role]).await.ok();
        let policy = format!("arn:aws:iam::aws:policy/aws-service-role/{policy}");
        assert_eq!(attached.elements("PolicyArn"), [policy.as_str()]);
        let policy = world.iam("GetPolicy", &[&format!("PolicyArn={policy}")]).await.ok();
        assert_eq!(policy.element("Path"), "/aws-service-role/");
    }
}

#[tokio::test]
async fn a_service_without_such_a_role_and_a_suffix_where_there_is_none_are_refused() {
    let world = World::new();
    let create = async |parameters: &[&str]| world.iam("CreateServiceLinkedRole", parameters).await.error();
    let none = "Cannot find Service Linked Role template for account.amazonaws.com";
    assert_eq!(create(&["AWSServiceName=account.amazonaws.com"]).await, (403, "AccessDenied".into(), none.into()));
    // The names of services differ by case.
    assert_eq!(create(&["AWSServiceName=Spot.amazonaws.com"]).await.1, "AccessDenied");
    let suffix = "Custom suffix is not allowed for es.amazonaws.com";
    let answer = create(&["AWSServiceName=es.amazonaws.com", "CustomSuffix=x"]).await;
    assert_eq!(answer, (400, "InvalidInput".into(), suffix.into()));
    for service in ["connect", "lexv2"] {
        let service = format!("AWSServiceName={service}.amazonaws.com");
        world.iam("CreateServiceLinkedRole", &[&service, "CustomSuffix=x"]).await.ok();
    }
}

#[tokio::test]
async fn the_policy_of_a_services_role_is_attached_to_nothing_else() {
    let world = World::new();
    world.users(&["alice"]).await;
    world.role("app").await;
    let policy = "PolicyArn=arn:aws:iam::aws:policy/aws-service-role/AWSEC2SpotServiceRolePolicy";
    let refused = world.iam("AttachRolePolicy", &["RoleName=app", policy]).await.error();
    let words = "Cannot attach a Service Role Policy to a Customer Role.";
    assert_eq!(refused, (400, "PolicyNotAttachable".into(), words.into()));
    assert_eq!(world.iam("AttachUserPolicy", &["UserName=alice", policy]).await.error().1, "PolicyNotAttachable");
    let limit = policy.replace("PolicyArn", "PermissionsBoundary");
    for (action, whom) in
        [("PutRolePermissionsBoundary", "RoleName=app"), ("PutUserPermissionsBoundary", "UserName=alice")]
    {
        assert_eq!(world.iam(action, &[whom, &limit]).await.error().1, "PolicyNotAttachable", "{action}");
    }
    assert_eq!(world.iam("CreateUser", &["UserName=bob", &limit]).await.error().1, "NoSuchEntity");
}

#[tokio::test]
async fn the_policies_that_aws_manages_are_listed_read_and_attached() {
    let world = World::new();
    world.role("app").await;
    let (mut listed, mut marker) = (Vec::new(), None);
    loop {
        let mut parameters = vec!["Scope=AWS".to_owned(), "MaxItems=200".to_owned()];
        parameters.extend(marker.map(|marker| format!("Marker={marker}")));
        let page = world.iam("ListPolicies", &parameters.iter().map(String::as_str).collect::<Vec<_>>()).await.ok();
        listed.extend(page.elements("Arn"));
        marker = page.elements("Marker").pop();
        if marker.is_none() {
            break;
        }
    }
    assert!(listed.len() > 500, "{}", listed.len());
    for policy in [
        "job-function/Billing",
        "ReadOnlyAccess",
        "service-role/AmazonECSTaskExecutionRolePolicy",
        "AWSOrganizationsFullAccess",
        "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
        "root-task/IAMAuditRootUserCredentials",
        "aws-service-role/AWSSupportServiceRolePolicy",
    ] {
        assert!(listed.contains(&format!("arn:aws:iam::aws:policy/{policy}")), "{policy}");
    }
    let policy = "PolicyArn=arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    let facts = world.iam("GetPolicy", &[policy]).await.ok();
    assert_eq!(facts.element("CreateDate"), "2017-11-16T18:48:22Z");
    let version = format!("VersionId={}", facts.element("DefaultVersionId"));
    let document = world.iam("GetPolicyVersion", &[policy, &version]).await.ok().document("Document");
    assert!(document.contains("ecr:GetAuthorizationToken"), "{document}");
    world.iam("AttachRolePolicy", &["RoleName=app", policy]).await.ok();
    // What is detached may be one that Sidegate does not have: it is not attached in any case.
    let unknown = "PolicyArn=arn:aws:iam::aws:policy/AWSNoSuchPolicy";
    let answer = world.iam("DetachRolePolicy", &["RoleName=app", unknown]).await.error();
    assert_eq!(answer.2, "Policy arn:aws:iam::aws:policy/AWSNoSuchPolicy was not found.");
    let answer = world.iam("AttachRolePolicy", &["RoleName=app", unknown]).await.error();
    let words = "Policy arn:aws:iam::aws:policy/AWSNoSuchPolicy does not exist or is not attachable.";
    assert_eq!(answer.2, format!("{words} Sidegate has only some of the policies that AWS manages."));
}

#[tokio::test]
async fn a_password_has_to_be_as_the_account_wants_it() {
    let world = World::new();
    world.users(&["alice"]).await;
    let create = async |password: &str| {
        world.iam("CreateLoginProfile", &["UserName=alice", &format!("Password={password}")]).await.status.as_u16()
    };
    assert_eq!((create("short1!").await, create("longbutplain").await), (400, 400));
    world.iam("UpdateAccountPasswordPolicy", &["MinimumPasswordLength=6"]).await.ok();
    assert_eq!((create("five5").await, create("simple").await, create("simple").await), (400, 200, 409));
    let files = std::fs::read(world.dir.path().join("iam.sqlite")).unwrap();
    assert!(!files.windows(6).any(|bytes| bytes == b"simple"), "no password is kept");
}
