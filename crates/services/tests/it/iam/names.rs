//! The users and roles that policies of resources name: kept by their unique ids, and shown by their ARNs.

use sidegate_services::iam::UnknownPrincipal;

use super::{ACCOUNT, TRUST, World, arn};

const OTHER: &str = "444455556666";

fn naming(principal: &str) -> String {
    format!(
        r#"{{ "Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {{"AWS": "{principal}"}}}} }}"#
    )
}

impl World {
    async fn trusting(&self, role: &str, principal: &str) -> super::Answer {
        let document = format!("AssumeRolePolicyDocument={}", naming(principal));
        self.iam("CreateRole", &[&format!("RoleName={role}"), &document]).await
    }

    async fn trust_of(&self, role: &str) -> String {
        self.iam("GetRole", &[&format!("RoleName={role}")]).await.ok().document("AssumeRolePolicyDocument")
    }
}

#[tokio::test]
async fn a_trust_policy_speaks_of_whom_it_was_given_for_whatever_they_are_called_later() {
    let world = World::new();
    let id = world.iam("CreateUser", &["UserName=alice", "Path=/a/"]).await.ok().element("UserId");
    let made = world.trusting("app", &arn("user/a/alice")).await.ok();
    assert_eq!(made.document("AssumeRolePolicyDocument"), naming(&arn("user/a/alice")));
    let kept = world.iam.directory().role(&arn("role/app")).unwrap().trust.text;
    assert_eq!(*kept, *naming(&id));
    world.iam("UpdateUser", &["UserName=alice", "NewUserName=bob", "NewPath=/b/"]).await.ok();
    assert_eq!(world.trust_of("app").await, naming(&arn("user/b/bob")));
    world.iam("CreateUser", &["UserName=alice", "Path=/a/"]).await.ok();
    assert_eq!(world.trust_of("app").await, naming(&arn("user/b/bob")));
    world.iam("DeleteUser", &["UserName=bob"]).await.ok();
    world.iam("CreateUser", &["UserName=bob", "Path=/b/"]).await.ok();
    let world = world.restarted();
    assert_eq!(world.trust_of("app").await, naming(&id), "nobody has the id any longer");

    // Every answer that shows a role shows it so.
    world.trusting("of-bob", &arn("user/b/bob")).await.ok();
    world.iam("CreateInstanceProfile", &["InstanceProfileName=p"]).await.ok();
    world.iam("AddRoleToInstanceProfile", &["InstanceProfileName=p", "RoleName=of-bob"]).await.ok();
    for (action, parameters) in [
        ("GetInstanceProfile", &["InstanceProfileName=p"][..]),
        ("ListInstanceProfiles", &[]),
        ("ListInstanceProfilesForRole", &["RoleName=of-bob"]),
        ("UpdateRoleDescription", &["RoleName=of-bob", "Description=x"]),
        ("GetRole", &["RoleName=of-bob"]),
    ] {
        let shown = world.iam(action, parameters).await.ok().document("AssumeRolePolicyDocument");
        assert_eq!(shown, naming(&arn("user/b/bob")), "{action}");
    }
    for action in ["ListRoles", "GetAccountAuthorizationDetails"] {
        let answer = world.iam(action, &[]).await.ok();
        assert!(!answer.text.contains("AIDA") || answer.text.matches("AIDA").count() < 5, "{action}: {}", answer.text);
        assert!(answer.text.contains("user%2Fb%2Fbob"), "{action}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_trust_policy_that_names_nobody_is_refused_and_the_former_one_stays() {
    let world = World::new();
    world.users(&["alice"]).await;
    world.role("app").await;
    let id = world.iam("GetUser", &["UserName=alice"]).await.ok().element("UserId");
    let elsewhere = format!("arn:aws:iam::{OTHER}:role/x");
    for nobody in [
        arn("user/bob"),
        arn("user/Alice"),
        arn("user/path/alice"),
        arn("role/alice"),
        arn("role/new"),
        arn("user/alice").replace("arn:aws:", "arn:aws-cn:"),
        "AIDAIOSFODNN7EXAMPLE00".to_owned(),
        "AKIAIOSFODNN7EXAMPLE".to_owned(),
    ] {
        let message = format!("Invalid principal in policy: \"AWS\":\"{nobody}\"");
        let refused = (400, "MalformedPolicyDocument".to_owned(), message);
        assert_eq!(world.trusting("new", &nobody).await.error(), refused);
        let document = format!("PolicyDocument={}", naming(&nobody));
        assert_eq!(world.iam("UpdateAssumeRolePolicy", &["RoleName=app", &document]).await.error(), refused);
    }
    assert_eq!(world.trust_of("app").await, TRUST);
    for (at, somebody) in
        [arn("user/alice"), arn("role/app"), id, ACCOUNT.to_owned(), arn("root"), elsewhere.clone()].iter().enumerate()
    {
        world.trusting(&format!("r{at}"), somebody).await.ok();
    }
    assert_eq!(world.trust_of("r2").await, naming(&arn("user/alice")), "an id of somebody is shown as the ARN");
    // A role may trust itself, once it is there.
    world
        .iam("UpdateAssumeRolePolicy", &["RoleName=app", &format!("PolicyDocument={}", naming(&arn("role/app")))])
        .await
        .ok();

    // Of an account of which nothing is known, anybody may be there.
    let names = world.iam.directory().names();
    let own = ACCOUNT.parse().unwrap();
    assert_eq!(names.keep(&own, &naming(&elsewhere)), Ok(naming(&elsewhere)));
    assert_eq!(names.keep(&OTHER.parse().unwrap(), &naming(&elsewhere)), Err(UnknownPrincipal(elsewhere.clone())));
    let there = super::caller(OTHER, None);
    let notes = super::Notes::default();
    world.iam_as(&there, &notes, "CreateUser", &["UserName=someone"]).await.ok();
    assert_eq!(names.keep(&own, &naming(&elsewhere)), Err(UnknownPrincipal(elsewhere)));
}
