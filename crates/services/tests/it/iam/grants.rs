//! What the front door is told: whose a key is, and what policies say of its owner.

use std::os::unix::fs::PermissionsExt as _;

use sidegate_services::iam::{InstanceFacts, NewSession, Subject};

use super::{ACCOUNT, DOCUMENT, NOW, World, arn};

#[tokio::test]
async fn a_key_is_known_while_it_is_active_and_its_secret_lies_nowhere_in_clear() {
    let world = World::new();
    world.users(&["alice"]).await;
    let made = world.iam("CreateAccessKey", &["UserName=alice"]).await.ok();
    let (id, secret) = (made.element("AccessKeyId"), made.element("SecretAccessKey"));
    let key = format!("AccessKeyId={id}");
    let directory = world.iam.directory();
    let owner = directory.credential(&id, NOW).unwrap();
    assert_eq!((owner.secret.reveal(), owner.account.as_str()), (secret.as_str(), ACCOUNT));
    assert!(matches!(&owner.subject, Subject::User { name, .. } if name == "alice"));
    assert!(!format!("{owner:?} {directory:?}").contains(&secret));
    for file in std::fs::read_dir(world.dir.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
        if path.extension().is_some_and(|extension| extension == "key") {
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    let world = world.restarted();
    let directory = world.iam.directory();
    assert_eq!(directory.credential(&id, NOW).unwrap().secret.reveal(), secret);
    world.iam("UpdateAccessKey", &["UserName=alice", &key, "Status=Inactive"]).await.ok();
    assert!(directory.credential(&id, NOW).is_none());
    world.iam("UpdateAccessKey", &["UserName=alice", &key, "Status=Active"]).await.ok();
    assert!(directory.credential(&id, NOW).is_some());
    world.iam("DeleteAccessKey", &["UserName=alice", &key]).await.ok();
    assert!(directory.credential(&id, NOW).is_none());
}

#[tokio::test]
async fn a_user_has_its_own_policies_and_those_of_its_groups_from_the_next_request_on() {
    let world = World::new();
    world.users(&["alice"]).await;
    let policy = world.policy("p").await;
    let policy_arn = format!("PolicyArn={policy}");
    let directory = world.iam.directory();
    let owner = directory.credential(&world.key("alice").await, NOW).unwrap();
    let names = || {
        let grants = directory.grants(&owner);
        grants.identity.into_iter().map(|document| document.name).collect::<Vec<_>>()
    };
    assert!(names().is_empty());
    let inline = ["UserName=alice", "PolicyName=inline", &format!("PolicyDocument={DOCUMENT}")];
    world.iam("PutUserPolicy", &inline).await.ok();
    world.iam("AttachUserPolicy", &["UserName=alice", "PolicyArn=arn:aws:iam::aws:policy/AWSDenyAll"]).await.ok();
    world.iam("CreateGroup", &["GroupName=g"]).await.ok();
    world.iam("AttachGroupPolicy", &["GroupName=g", &policy_arn]).await.ok();
    world.iam("AddUserToGroup", &["GroupName=g", "UserName=alice"]).await.ok();
    assert_eq!(names(), ["inline", "AWSDenyAll", "p"]);
    world.iam("RemoveUserFromGroup", &["GroupName=g", "UserName=alice"]).await.ok();
    assert_eq!(names(), ["inline", "AWSDenyAll"]);
    world.iam("PutUserPermissionsBoundary", &["UserName=alice", &format!("PermissionsBoundary={policy}")]).await.ok();
    world.iam("TagUser", &["UserName=alice", "Tags.member.1.Key=team", "Tags.member.1.Value=x"]).await.ok();
    let grants = directory.grants(&owner);
    assert_eq!(grants.boundary.unwrap().arn, Some(policy));
    assert_eq!(grants.principal_tags["team"], "x");
    assert_eq!((grants.session, grants.token_issue_time), (None, None));
}

#[tokio::test]
async fn a_policy_in_force_is_its_default_version() {
    let world = World::new();
    world.role("app").await;
    let policy = format!("PolicyArn={}", world.policy("p").await);
    world.iam("AttachRolePolicy", &["RoleName=app", &policy]).await.ok();
    let directory = world.iam.directory();
    let role = directory.role(&arn("role/app")).unwrap();
    let new = NewSession::of(role.account.clone(), role.session("one"), 3600);
    let session = directory.issue_session(new, NOW).unwrap();
    let owner = directory.credential(&session.access_key, NOW).unwrap();
    let text = || directory.grants(&owner).identity[0].text.to_string();
    assert_eq!(text(), DOCUMENT);
    let other = DOCUMENT.replace("s3", "sqs");
    world.iam("CreatePolicyVersion", &[&policy, &format!("PolicyDocument={other}"), "SetAsDefault=true"]).await.ok();
    assert_eq!(text(), other);
    world.iam("SetDefaultPolicyVersion", &[&policy, "VersionId=v1"]).await.ok();
    assert_eq!(text(), DOCUMENT);
}

#[tokio::test]
async fn a_session_outlives_a_restart_ends_in_time_and_has_nothing_of_a_role_that_was_made_anew() {
    let world = World::new();
    world.role("app").await;
    world.iam("TagRole", &["RoleName=app", "Tags.member.1.Key=Team", "Tags.member.1.Value=role"]).await.ok();
    world.iam("PutRolePolicy", &["RoleName=app", "PolicyName=i", &format!("PolicyDocument={DOCUMENT}")]).await.ok();
    let directory = world.iam.directory();
    let role = directory.role(&arn("role/app")).unwrap();
    let instance = InstanceFacts {
        arn: format!("arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"),
        vpc: Some("vpc-1".to_owned()),
        private_ipv4: Some([10, 0, 0, 4].into()),
        role_delivery: "2.0".to_owned(),
    };
    let new = NewSession {
        tags: [("team".to_owned(), "session".to_owned())].into(),
        transitive: ["team".to_owned()].into(),
        source_identity: Some("alice".to_owned()),
        instance: Some(instance.clone()),
        policy_arns: vec![arn("policy/gone")],
        ..NewSession::of(role.account.clone(), role.session("i-1"), 900)
    };
    let session = directory.issue_session(new, NOW).unwrap();
    assert_eq!(session.expires, (NOW + 900_000) / 1000 * 1000);
    drop(directory);
    let world = world.restarted();
    let directory = world.iam.directory();
    let owner = directory.credential(&session.access_key, session.expires - 1).unwrap();
    assert_eq!(owner.session_token, Some(session.session_token));
    let grants = directory.grants(&owner);
    assert_eq!(grants.identity.len(), 1);
    assert_eq!(grants.principal_tags, [("team".to_owned(), "session".to_owned())].into());
    assert_eq!((grants.instance, grants.source_identity.as_deref()), (Some(instance), Some("alice")));
    assert_eq!(grants.token_issue_time, Some(NOW));
    let limits = grants.session.unwrap();
    assert!(limits[0].text.contains("\"NotAction\":\"*\""), "a session policy that is gone allows nothing");
    assert!(directory.credential(&session.access_key, session.expires).is_none());
    assert!(directory.is_expired(&session.access_key, session.expires));

    world.iam("DeleteRolePolicy", &["RoleName=app", "PolicyName=i"]).await.ok();
    world.iam("DeleteRole", &["RoleName=app"]).await.ok();
    world.role("app").await;
    world.iam("PutRolePolicy", &["RoleName=app", "PolicyName=i", &format!("PolicyDocument={DOCUMENT}")]).await.ok();
    assert!(directory.grants(&owner).identity.is_empty());
}

#[tokio::test]
async fn sessions_that_have_been_over_for_a_day_are_swept() {
    let world = World::new();
    let directory = world.iam.directory();
    let issue = |now| {
        directory.issue_session(NewSession::of(ACCOUNT.parse().unwrap(), Subject::Root, 900), now).unwrap().access_key
    };
    let first = issue(NOW);
    let day = 24 * 3_600_000;
    issue(NOW + day);
    assert!(directory.is_expired(&first, NOW + day));
    issue(NOW + day + 900_001);
    assert!(!directory.is_expired(&first, NOW + day), "it is not known any more");
}

#[tokio::test]
async fn an_instance_profile_is_found_by_name_and_by_arn() {
    let world = World::new();
    world.role("app").await;
    world.iam("CreateInstanceProfile", &["InstanceProfileName=ip", "Path=/x/"]).await.ok();
    world.iam("AddRoleToInstanceProfile", &["InstanceProfileName=ip", "RoleName=app"]).await.ok();
    let directory = world.iam.directory();
    let account = ACCOUNT.parse().unwrap();
    let found = directory.instance_profile(&account, "ip").unwrap();
    assert_eq!((found.arn, found.role.unwrap().name), (arn("instance-profile/x/ip"), "app".into()));
    assert!(directory.instance_profile(&account, &arn("instance-profile/x/ip")).is_some());
    assert!(directory.instance_profile(&account, &arn("instance-profile/ip")).is_none());
    assert!(directory.role(&arn("role/x/app")).is_none(), "the path is a part of the ARN");
    assert!(directory.role(&arn("role/App")).is_none(), "and so is the case");
}

#[tokio::test]
async fn the_last_use_of_a_key_and_of_a_role_is_told_after_a_restart_too() {
    let world = World::new();
    world.users(&["alice"]).await;
    world.role("app").await;
    let key = world.key("alice").await;
    let directory = world.iam.directory();
    let role = directory.role(&arn("role/app")).unwrap();
    let session = directory.issue_session(NewSession::of(role.account.clone(), role.session("s"), 900), NOW).unwrap();
    directory.note_use(&key, "s3", "eu-west-1", NOW).unwrap().store();
    directory.note_use(&session.access_key, "s3", "us-east-1", NOW).unwrap().store();
    assert!(directory.note_use("AKIAUNKNOWN", "s3", "us-east-1", NOW).is_none());
    drop(directory);
    let world = world.restarted();
    let last = world.iam("GetAccessKeyLastUsed", &[&format!("AccessKeyId={key}")]).await.ok();
    assert_eq!((last.element("ServiceName"), last.element("Region")), ("s3".into(), "eu-west-1".into()));
    assert_eq!(world.iam("GetRole", &["RoleName=app"]).await.ok().element("LastUsedDate"), "2025-06-15T15:06:40Z");
}
