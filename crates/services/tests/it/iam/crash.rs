//! What is left after a restart, and after a crash.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use super::{DOCUMENT, World};

/// Everything that IAM tells of an account.
async fn told(world: &World) -> Vec<String> {
    let mut told = Vec::new();
    for action in [
        "GetAccountAuthorizationDetails",
        "ListUsers",
        "ListPolicies",
        "ListInstanceProfiles",
        "GetAccountSummary",
        "ListAccountAliases",
        "GetAccountPasswordPolicy",
        "ListOpenIDConnectProviders",
    ] {
        told.push(world.iam(action, &[]).await.ok().text);
    }
    told
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let world = World::new();
    world.users(&["alice", "bob"]).await;
    world.role("app").await;
    world.iam("CreateGroup", &["GroupName=g"]).await.ok();
    world.iam("AddUserToGroup", &["GroupName=g", "UserName=alice"]).await.ok();
    let policy = format!("PolicyArn={}", world.policy("p").await);
    world.iam("AttachGroupPolicy", &["GroupName=g", &policy]).await.ok();
    world.iam("PutRolePolicy", &["RoleName=app", "PolicyName=i", &format!("PolicyDocument={DOCUMENT}")]).await.ok();
    world.iam("CreateInstanceProfile", &["InstanceProfileName=ip"]).await.ok();
    world.iam("AddRoleToInstanceProfile", &["InstanceProfileName=ip", "RoleName=app"]).await.ok();
    world.iam("CreateAccountAlias", &["AccountAlias=alias"]).await.ok();
    world.iam("UpdateAccountPasswordPolicy", &["MinimumPasswordLength=9"]).await.ok();
    world.iam("CreateOpenIDConnectProvider", &["Url=https://a.example"]).await.ok();
    world.key("alice").await;
    world.iam("DeleteUser", &["UserName=bob"]).await.ok();
    let before = told(&world).await;
    let world = world.restarted();
    assert_eq!(told(&world).await, before);
}

#[tokio::test]
async fn a_store_without_its_key_or_with_another_one_is_not_opened() {
    let world = World::new();
    world.users(&["alice"]).await;
    let World { dir, iam, sts } = world;
    drop((iam, sts));
    let key = dir.path().join("iam.key");
    std::fs::remove_file(&key).unwrap();
    let open = || sidegate_services::iam::Iam::open(dir.path(), sidegate_services::reserve::Reserve::none());
    assert!(open().is_err());
    std::fs::write(&key, [0; 32]).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert!(open().is_err());
}

/// Runs in a process of its own, which is killed: makes users with keys and groups, renames them, and says what has been
/// acknowledged.
#[tokio::test]
#[ignore = "is run by the test that kills it"]
async fn changes_until_it_is_killed() {
    let Ok(dir) = std::env::var("SIDEGATE_IAM_CRASH_DIR") else { return };
    let iam = super::open(std::path::Path::new(&dir));
    let sts = sidegate_services::sts::Sts::new(iam.directory());
    let world = World { dir: tempfile::tempdir().unwrap(), iam, sts };
    let say = |what: &str| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {what}").unwrap();
        out.flush().unwrap();
    };
    if world.iam("GetGroup", &["GroupName=g"]).await.status == 404 {
        world.iam("CreateGroup", &["GroupName=g"]).await.ok();
    }
    let run = std::process::id();
    for round in 0_u32.. {
        let (name, new) = (format!("UserName=u-{run}-{round}"), format!("NewUserName=v-{run}-{round}"));
        world.iam("CreateUser", &[&name]).await.ok();
        world.iam("AddUserToGroup", &["GroupName=g", &name]).await.ok();
        let key = world.iam("CreateAccessKey", &[&name]).await.ok().element("AccessKeyId");
        say(&format!("key {key}"));
        world.iam("UpdateUser", &[&name, &new]).await.ok();
        say(&format!("user v-{run}-{round}"));
    }
}

#[tokio::test]
async fn whatever_was_acknowledged_before_a_kill_is_there_and_nothing_is_half_made() {
    let dir = tempfile::tempdir().unwrap();
    let (mut keys, mut users) = (Vec::new(), Vec::new());
    for lines_before_kill in [5, 12, 20] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "iam::crash::changes_until_it_is_killed", "--ignored", "--nocapture"])
            .env("SIDEGATE_IAM_CRASH_DIR", dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut note = |line: String| {
            let words: Vec<_> = line.split(' ').collect();
            if let [.., "key", key] = words.as_slice() {
                keys.push((*key).to_owned());
            } else if let [.., "user", user] = words.as_slice() {
                users.push((*user).to_owned());
            }
        };
        for line in lines.by_ref().take(lines_before_kill + 4) {
            note(line.unwrap());
        }
        child.kill().unwrap();
        lines.map_while(Result::ok).for_each(&mut note);
        child.wait().unwrap();

        let iam = super::open(dir.path());
        let directory = iam.directory();
        let sts = sidegate_services::sts::Sts::new(iam.directory());
        let world = World { dir: tempfile::tempdir().unwrap(), iam, sts };
        assert!(!keys.is_empty() && !users.is_empty());
        for key in &keys {
            assert!(directory.credential(key, super::NOW).is_some(), "{key} has its user");
        }
        let there = world.iam("ListUsers", &["MaxItems=1000"]).await.ok().elements("UserName");
        for user in &users {
            assert!(there.contains(user), "{user}");
        }
        let members = world.iam("GetGroup", &["GroupName=g", "MaxItems=1000"]).await.ok().elements("UserName");
        assert!(members.iter().all(|member| there.contains(member)));
    }
}
