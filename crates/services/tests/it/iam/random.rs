//! Random sequences of actions: whatever is asked for, and whatever of it is refused, what is left hangs together.

use std::collections::{BTreeMap, BTreeSet};

use super::{DOCUMENT, NOW, TRUST, World, arn};

/// A generator of numbers that is the same in each run (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn name(&mut self) -> String {
        ["a", "b", "c", "D"][usize::try_from(self.below(4)).unwrap()].to_owned()
    }
}

/// A random action. Names are few, so that they meet.
fn action(random: &mut Random) -> (&'static str, Vec<String>) {
    let (one, two) = (random.name(), random.name());
    let user = format!("UserName={one}");
    let group = format!("GroupName={two}");
    let role = format!("RoleName={one}");
    let profile = format!("InstanceProfileName={two}");
    let policy = format!("PolicyArn={}", arn(&format!("policy/{two}")));
    let boundary = format!("PermissionsBoundary={}", arn(&format!("policy/{two}")));
    let document = format!("PolicyDocument={DOCUMENT}");
    let inline = format!("PolicyName={two}");
    match random.below(31) {
        0 | 1 => ("CreateUser", vec![user]),
        2 => ("DeleteUser", vec![user]),
        3 => ("UpdateUser", vec![user, format!("NewUserName={two}")]),
        4 | 5 => ("CreateGroup", vec![group]),
        6 => ("DeleteGroup", vec![group]),
        7 => ("UpdateGroup", vec![group, format!("NewGroupName={one}")]),
        8 => ("AddUserToGroup", vec![user, group]),
        9 => ("RemoveUserFromGroup", vec![user, group]),
        10 | 11 => ("CreateRole", vec![role, format!("AssumeRolePolicyDocument={TRUST}")]),
        12 => ("DeleteRole", vec![role]),
        13 | 14 => ("CreatePolicy", vec![inline, document]),
        15 => ("DeletePolicy", vec![policy]),
        16 => ("CreatePolicyVersion", vec![policy, document, "SetAsDefault=true".into()]),
        17 => ("DeletePolicyVersion", vec![policy, format!("VersionId=v{}", random.below(4) + 1)]),
        18 => ("AttachUserPolicy", vec![user, policy]),
        19 => ("DetachUserPolicy", vec![user, policy]),
        20 => ("AttachGroupPolicy", vec![group, format!("PolicyArn={}", arn(&format!("policy/{one}")))]),
        21 => ("AttachRolePolicy", vec![role, policy]),
        22 => ("DetachRolePolicy", vec![role, policy]),
        23 => ("PutUserPolicy", vec![user, inline, document]),
        24 => ("DeleteUserPolicy", vec![user, inline]),
        25 => ("PutUserPermissionsBoundary", vec![user, boundary]),
        26 => ("DeleteUserPermissionsBoundary", vec![user]),
        27 => ("CreateAccessKey", vec![user]),
        28 => ("CreateInstanceProfile", vec![profile]),
        29 => ("AddRoleToInstanceProfile", vec![profile, role]),
        _ => ("RemoveRoleFromInstanceProfile", vec![profile, role]),
    }
}

/// What has to hold of everything that there is.
async fn check(world: &World, keys: &BTreeSet<String>) {
    let policies = world.iam("ListPolicies", &["Scope=Local"]).await.ok();
    let counted: BTreeMap<_, _> = policies
        .elements("Arn")
        .into_iter()
        .zip(policies.elements("AttachmentCount").into_iter().zip(policies.elements("PermissionsBoundaryUsageCount")))
        .collect();
    let (mut attached, mut limits) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    let users = world.iam("ListUsers", &[]).await.ok().elements("UserName");
    let lower: BTreeSet<_> = users.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(lower.len(), users.len(), "names are unique whatever their case");
    for (list, names, word) in [
        ("ListAttachedUserPolicies", users.clone(), "UserName"),
        ("ListAttachedGroupPolicies", world.iam("ListGroups", &[]).await.ok().elements("GroupName"), "GroupName"),
        ("ListAttachedRolePolicies", world.iam("ListRoles", &[]).await.ok().elements("RoleName"), "RoleName"),
    ] {
        for name in names {
            for arn in world.iam(list, &[&format!("{word}={name}")]).await.ok().elements("PolicyArn") {
                assert!(counted.contains_key(&arn), "{arn} is attached and exists");
                *attached.entry(arn).or_default() += 1;
            }
        }
    }
    for user in &users {
        for arn in world.iam("GetUser", &[&format!("UserName={user}")]).await.ok().elements("PermissionsBoundaryArn") {
            assert!(counted.contains_key(&arn), "{arn} is a boundary and exists");
            *limits.entry(arn).or_default() += 1;
        }
        assert!(
            world.iam("ListAccessKeys", &[&format!("UserName={user}")]).await.ok().elements("AccessKeyId").len() <= 2
        );
    }
    for (arn, (attachments, boundaries)) in counted {
        assert_eq!(attachments, attached.get(&arn).copied().unwrap_or(0).to_string(), "{arn}");
        assert_eq!(boundaries, limits.get(&arn).copied().unwrap_or(0).to_string(), "{arn}");
    }
    for group in world.iam("ListGroups", &[]).await.ok().elements("GroupName") {
        let members = world.iam("GetGroup", &[&format!("GroupName={group}")]).await.ok().elements("UserName");
        assert!(members.iter().all(|member| users.contains(member)), "{group} has no members that are gone");
    }
    let profiles = world.iam("ListInstanceProfiles", &[]).await.ok();
    for role in profiles.elements("RoleName") {
        world.iam("GetRole", &[&format!("RoleName={role}")]).await.ok();
    }
    for key in keys {
        assert!(world.iam.directory().credential(key, NOW).is_some(), "a user with a key is not deleted");
    }
}

#[tokio::test]
async fn random_actions_leave_nothing_dangling_before_and_after_a_restart() {
    for seed in 1..=4_u64 {
        let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let mut world = World::new();
        let mut keys = BTreeSet::new();
        for step in 0..240 {
            let (name, parameters) = action(&mut random);
            let answer = world.iam(name, &parameters.iter().map(String::as_str).collect::<Vec<_>>()).await;
            assert!(!answer.status.is_server_error(), "{name} {parameters:?} {}", answer.text);
            if name == "CreateAccessKey" && answer.status.is_success() {
                keys.insert(answer.element("AccessKeyId"));
            }
            if step % 20 == 19 {
                check(&world, &keys).await;
            }
        }
        let before = world.iam("GetAccountAuthorizationDetails", &[]).await.ok().text;
        world = world.restarted();
        assert_eq!(world.iam("GetAccountAuthorizationDetails", &[]).await.ok().text, before);
        check(&world, &keys).await;
    }
}
