//! STS through its trait.

use sidegate_services::iam::Subject;
use sidegate_services::sts;

use super::iam::{ACCOUNT, Answer, DOCUMENT, NOW, Notes, World, arn, caller, me, someone};

/// A world with a role that may be assumed for two hours.
async fn world() -> World {
    let world = World::new();
    world.role("app").await;
    world.iam("UpdateRole", &["RoleName=app", "MaxSessionDuration=7200"]).await.ok();
    world
}

impl World {
    /// Assumes a role as a user, who may.
    pub(crate) async fn assume(&self, parameters: &[&str]) -> Answer {
        self.sts_as(&someone(), &Notes::default(), "AssumeRole", parameters).await
    }
}

fn app() -> String {
    format!("RoleArn={}", arn("role/app"))
}

#[tokio::test]
async fn a_session_of_a_role_has_what_was_asked_for() {
    let world = world().await;
    let role = world.iam.directory().role(&arn("role/app")).unwrap();
    let policy = format!("Policy={DOCUMENT}");
    let policy_arn = "PolicyArns.member.1.arn=arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    let parameters = [
        &app(),
        "RoleSessionName=one",
        "DurationSeconds=7200",
        &policy,
        policy_arn,
        "Tags.member.1.Key=k",
        "Tags.member.1.Value=v",
        "TransitiveTagKeys.member.1=k",
        "SourceIdentity=alice",
        "ExternalId=x:/1",
    ];
    let notes = Notes::default();
    let answer = world.sts_as(&someone(), &notes, "AssumeRole", &parameters).await.ok();
    let required = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    let required = required.map(|action| format!("{action} {}", role.arn)).to_vec();
    assert_eq!(notes.asked.into_inner().unwrap(), [("AssumeRole".to_owned(), required)]);
    assert_eq!(answer.element("AssumedRoleId"), format!("{}:one", role.id));
    assert_eq!(answer.element("Arn"), format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/one"));
    assert_eq!(
        (answer.element("SourceIdentity"), answer.element("Expiration")),
        ("alice".into(), "2025-06-15T17:06:40Z".into())
    );
    let size: usize = answer.element("PackedPolicySize").parse().unwrap();
    assert!((1..=100).contains(&size));

    let directory = world.iam.directory();
    let owner = directory.credential(&answer.element("AccessKeyId"), NOW).unwrap();
    assert_eq!(owner.subject, role.session("one"));
    assert_eq!(owner.secret.reveal(), answer.element("SecretAccessKey"));
    assert_eq!(owner.session_token.as_ref().unwrap().reveal(), answer.element("SessionToken"));
    let grants = directory.grants(&owner);
    let limits: Vec<_> = grants.session.unwrap().into_iter().map(|document| document.name).collect();
    assert_eq!(limits, ["session policy", "AmazonS3ReadOnlyAccess"]);
    assert!(grants.transitive_tags.contains("k"));

    let plain = world.assume(&[&app(), "RoleSessionName=two"]).await.ok();
    assert!(plain.elements("PackedPolicySize").is_empty());
}

#[tokio::test]
async fn a_chain_passes_on_what_is_transitive_and_lasts_an_hour() {
    let world = world().await;
    let tags = [
        "Tags.member.1.Key=Kept",
        "Tags.member.1.Value=1",
        "Tags.member.2.Key=lost",
        "Tags.member.2.Value=2",
        "TransitiveTagKeys.member.1=Kept",
        "SourceIdentity=alice",
        "RoleSessionName=one",
    ];
    let role = app();
    let parameters: Vec<_> = [role.as_str()].into_iter().chain(tags).collect();
    let first = world.assume(&parameters).await.ok().element("AccessKeyId");
    let inside = caller(ACCOUNT, Some(&first));
    let assume = async |more: &[&str]| {
        let parameters: Vec<_> = [role.as_str(), "RoleSessionName=two"].iter().chain(more).copied().collect();
        world.sts_as(&inside, &Notes::default(), "AssumeRole", &parameters).await
    };
    let second = assume(&[]).await.ok().element("AccessKeyId");
    let directory = world.iam.directory();
    let grants = directory.grants(&directory.credential(&second, NOW).unwrap());
    assert_eq!(grants.principal_tags, [("Kept".to_owned(), "1".to_owned())].into());
    assert_eq!(grants.source_identity.as_deref(), Some("alice"));
    let refused = assume(&["Tags.member.1.Key=kept", "Tags.member.1.Value=x"]).await;
    let message = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    assert_eq!(refused.error(), (400, "InvalidParameterValue".into(), message.into()));
    let refused = assume(&["DurationSeconds=3601"]).await.error();
    assert!(refused.2.contains("1 hour session limit for roles assumed by role chaining"), "{refused:?}");
    assert_eq!(assume(&["SourceIdentity=bob"]).await.error().1, "AccessDenied");
}

#[tokio::test]
async fn what_cannot_be_assumed_is_refused_in_the_words_of_aws() {
    let world = world().await;
    let gone = arn("role/gone");
    let user = arn("user/someone");
    let name = "RoleSessionName=one";
    let value = "1 validation error detected: Value ";
    let many = format!("Policy={}", DOCUMENT.replace("s3:*", &"s".repeat(2048)));
    for (parameters, status, code, message) in [
        (vec![format!("RoleArn={gone}"), name.into()], 403, "AccessDenied", format!("User: {user} is not authorized to perform: sts:AssumeRole on resource: {gone}")),
        (vec!["RoleArn=nothing-valid-in-here".into(), name.into()], 400, "ValidationError", "nothing-valid-in-here is invalid".into()),
        (vec![app(), "RoleSessionName=Session1:2".into()], 400, "ValidationError", format!(r"{value}'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*")),
        (vec![app()], 400, "ValidationError", format!("{value}null at 'roleSessionName' failed to satisfy constraint: Member must not be null")),
        (vec![app(), name.into(), "DurationSeconds=899".into()], 400, "ValidationError", format!("{value}'899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900")),
        (vec![app(), name.into(), "DurationSeconds=7201".into()], 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.".into()),
        (vec![app(), name.into(), "Policy=x".into()], 400, "MalformedPolicyDocument", "Syntax errors in policy.".into()),
        (vec![app(), name.into(), many], 400, "ValidationError", format!("{value}at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048")),
        (vec![app(), name.into(), "Tags.member.1.Key=aws:a".into(), "Tags.member.1.Value=v".into()], 400, "InvalidParameterValue", "The tag key prefix aws: is reserved. You cannot pass session tags with it.".into()),
        (vec![app(), name.into(), "TransitiveTagKeys.member.1=k".into()], 400, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.".into()),
        (vec![app(), name.into(), "SerialNumber=arn:aws:iam::111122223333:mfa/x".into(), "TokenCode=123456".into()], 403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.".into()),
    ] {
        let answer = world.assume(&parameters.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert_eq!(answer.error(), (status, code.to_owned(), message), "{parameters:?}");
    }
    let denies = Notes::denying(me().principal);
    let denied = world.sts_as(&someone(), &denies, "AssumeRole", &[&app(), name]).await;
    assert_eq!(denied.error().1, "AccessDenied");
}

#[tokio::test]
async fn everyone_is_told_who_they_are() {
    let world = world().await;
    world.iam("CreateUser", &["UserName=alice", "Path=/dev/"]).await.ok();
    let key = world.key("alice").await;
    let ask = async |key: Option<&str>| {
        let notes = Notes::default();
        let answer = world.sts_as(&caller(ACCOUNT, key), &notes, "GetCallerIdentity", &[]).await.ok();
        let asked = notes.asked.into_inner().unwrap();
        assert_eq!(asked, [("GetCallerIdentity".to_owned(), vec!["sts:GetCallerIdentity *".to_owned()])]);
        (answer.element("Arn"), answer.element("UserId"))
    };
    assert_eq!(ask(None).await, (arn("root"), ACCOUNT.to_owned()));
    let (alice, id) = ask(Some(&key)).await;
    assert!(alice == arn("user/dev/alice") && id.starts_with("AIDA") && id.len() == 21, "{alice} {id}");
    let session = world.assume(&[&app(), "RoleSessionName=one"]).await.ok().element("AccessKeyId");
    let (assumed, id) = ask(Some(&session)).await;
    assert!(assumed.ends_with(":assumed-role/app/one") && id.starts_with("AROA") && id.ends_with(":one"), "{id}");
    let token = world.sts_as(&caller(ACCOUNT, Some(&key)), &Notes::default(), "GetSessionToken", &[]).await.ok();
    assert_eq!(ask(Some(&token.element("AccessKeyId"))).await.0, alice);
    let federated =
        world.sts_as(&caller(ACCOUNT, Some(&key)), &Notes::default(), "GetFederationToken", &["Name=fed"]).await.ok();
    let who = ask(Some(&federated.element("AccessKeyId"))).await;
    assert_eq!(who, (format!("arn:aws:sts::{ACCOUNT}:federated-user/fed"), format!("{ACCOUNT}:fed")));
    let mut nobody = me();
    nobody.principal = sidegate_iam::Principal::Anonymous;
    let answer = world.sts_as(&nobody, &Notes::default(), "GetCallerIdentity", &[]).await;
    assert_eq!(answer.error().1, "MissingAuthenticationToken");
}

#[tokio::test]
async fn a_federated_user_has_what_its_user_and_its_policy_both_allow_and_nothing_without_one() {
    let world = world().await;
    world.users(&["alice"]).await;
    world.iam("AttachUserPolicy", &["UserName=alice", "PolicyArn=arn:aws:iam::aws:policy/PowerUserAccess"]).await.ok();
    let alice = caller(ACCOUNT, Some(&world.key("alice").await));
    let directory = world.iam.directory();
    let grants = async |parameters: &[&str]| {
        let notes = Notes::default();
        let answer = world.sts_as(&alice, &notes, "GetFederationToken", parameters).await.ok();
        let required = format!("sts:GetFederationToken arn:aws:sts::{ACCOUNT}:federated-user/fed");
        assert_eq!(notes.asked.into_inner().unwrap()[0].1[0], required);
        let owner = directory.credential(&answer.element("AccessKeyId"), NOW).unwrap();
        assert!(matches!(&owner.subject, Subject::FederatedUser { name, by: Some(_) } if name == "fed"));
        directory.grants(&owner)
    };
    assert!(grants(&["Name=fed"]).await.identity.is_empty());
    let both = grants(&["Name=fed", &format!("Policy={DOCUMENT}")]).await;
    assert_eq!((both.identity[0].name.as_str(), both.session.unwrap().len()), ("PowerUserAccess", 1));
}

#[tokio::test]
async fn a_federated_user_has_its_users_tags_and_is_named_by_its_user_only_with_a_policy() {
    let world = world().await;
    world.users(&["alice"]).await;
    let tags = ["UserName=alice", "Tags.member.1.Key=team", "Tags.member.1.Value=blue"];
    world.iam("TagUser", &[&tags[..], &["Tags.member.2.Key=site", "Tags.member.2.Value=north"]].concat()).await.ok();
    let alice = caller(ACCOUNT, Some(&world.key("alice").await));
    let directory = world.iam.directory();
    let owner = async |parameters: &[&str]| {
        let answer = world.sts_as(&alice, &Notes::default(), "GetFederationToken", parameters).await.ok();
        directory.credential(&answer.element("AccessKeyId"), NOW).unwrap()
    };
    let policy = format!("Policy={DOCUMENT}");
    let limited = owner(&["Name=fed", &policy, "Tags.member.1.Key=Team", "Tags.member.1.Value=red"]).await;
    let tags: Vec<_> = directory.grants(&limited).principal_tags.into_iter().collect();
    assert_eq!(tags, [("Team".to_owned(), "red".to_owned()), ("site".to_owned(), "north".to_owned())]);
    assert!(matches!(limited.federated_by, Some(Subject::User { name, .. }) if name == "alice"));
    assert!(owner(&["Name=fed"]).await.federated_by.is_none());
}

#[tokio::test]
async fn sessions_from_tokens_call_nothing_of_iam_and_little_of_sts() {
    let world = world().await;
    world.users(&["alice"]).await;
    let alice = caller(ACCOUNT, Some(&world.key("alice").await));
    let named = ["Name=fed"];
    for (token, parameters) in [("GetSessionToken", &[][..]), ("GetFederationToken", &named[..])] {
        let answer = world.sts_as(&alice, &Notes::default(), token, parameters).await.ok();
        let inside = caller(ACCOUNT, Some(&answer.element("AccessKeyId")));
        world.sts_as(&inside, &Notes::default(), "GetCallerIdentity", &[]).await.ok();
        let asked = ["AccessKeyId=AKIAIOSFODNN7EXAMPLE"];
        let refused = world.sts_as(&inside, &Notes::default(), "GetAccessKeyInfo", &asked).await;
        let message = "Cannot call GetAccessKeyInfo with session credentials";
        assert_eq!(refused.error(), (403, "AccessDenied".into(), message.into()));
        let refused = world.iam_as(&inside, &Notes::default(), "ListUsers", &[]).await;
        let message = "The security token included in the request is invalid";
        assert_eq!(refused.error(), (403, "InvalidClientTokenId".into(), message.into()));
        let role = format!("RoleArn=arn:aws:iam::{ACCOUNT}:role/none");
        let assumed = world.sts_as(&inside, &Notes::default(), "AssumeRole", &[&role, "RoleSessionName=s1"]).await;
        let (_, _, message) = assumed.error();
        assert_eq!(message.contains("with session credentials"), token == "GetFederationToken", "{message}");
    }
}

#[tokio::test]
async fn sessions_get_no_further_sessions_by_token_and_the_root_user_gets_an_hour() {
    let world = world().await;
    let token = world.sts("GetSessionToken", &["DurationSeconds=129600"]).await.ok();
    assert_eq!(token.element("Expiration"), "2025-06-15T16:06:40Z");
    let inside = caller(ACCOUNT, Some(&token.element("AccessKeyId")));
    for action in ["GetSessionToken", "GetFederationToken"] {
        let answer = world.sts_as(&inside, &Notes::default(), action, &["Name=fed"]).await;
        let message = format!("Cannot call {action} with session credentials");
        assert_eq!(answer.error(), (403, "AccessDenied".into(), message));
    }
}

#[tokio::test]
async fn a_message_is_decoded_by_who_encoded_it() {
    let world = world().await;
    let json = r#"{"allowed":false,"explicitDeny":true}"#;
    let message = sts::encode(&world.iam.directory(), json).unwrap();
    assert_eq!(sts::decode(&world.iam.directory(), &message).unwrap(), json);
    let answer = world.sts("DecodeAuthorizationMessage", &[&format!("EncodedMessage={message}")]).await.ok();
    assert_eq!(answer.element("DecodedMessage"), json);
    let other = World::new();
    let answer = other.sts("DecodeAuthorizationMessage", &[&format!("EncodedMessage={message}")]).await;
    assert_eq!(answer.error(), (400, "InvalidAuthorizationMessageException".into(), "Message is not valid".into()));
}

#[tokio::test]
async fn the_account_of_a_key_is_told_even_if_the_key_is_unknown() {
    let key = world().await.sts("GetSessionToken", &[]).await.ok().element("AccessKeyId");
    let answer = World::new().sts("GetAccessKeyInfo", &[&format!("AccessKeyId={key}")]).await.ok();
    assert_eq!(answer.element("Account"), ACCOUNT);
}
