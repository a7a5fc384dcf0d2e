//! The sessions that bearers get, over an IAM of the test's own.

use http::Request;
use http_body_util::{BodyExt as _, Full};
use sidegate_edge::gate::Credentials as _;
use sidegate_iam::{Denial, Path, Principal, Requirement};
use sidegate_services::iam::Iam;
use sidegate_services::organizations::Organizations;
use sidegate_services::reserve::Reserve;
use sidegate_services::{Authorizer, Body, Caller, Service as _};

use super::*;
use crate::identities::Identities;

pub(crate) const ACCOUNT: &str = "123456789012";

/// What EC2 needs to have a role.
pub(crate) const TRUST: &str = r#"{"Version": "2012-10-17", "Statement":
    [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

const NOW: i64 = 1_700_000_000_000;
const HOUR: i64 = 3_600_000;

struct Permissive;

impl Authorizer for Permissive {
    fn authorize(&self, _: &str, _: &[Requirement]) -> Result<(), Denial> {
        Ok(())
    }
}

/// Calls IAM as the root user, which must succeed: the document of the answer.
pub(crate) async fn call(iam: &Iam, action: &str, parameters: &[(&str, &str)]) -> String {
    let mut form = format!("Action={action}&Version=2010-05-08");
    for (name, value) in parameters {
        let escaped: String = value.bytes().map(|b| format!("%{b:02X}")).collect();
        form.push_str(&format!("&{name}={escaped}"));
    }
    let body: Body = Full::new(form.into()).map_err(|never| match never {}).boxed_unsync();
    let scope = Scope { account: ACCOUNT.parse().unwrap(), region: "us-east-1".parse().unwrap() };
    let caller = Caller {
        request_id: "req-1".to_owned(),
        principal: Principal::Root(scope.account.clone().into()),
        scope,
        access_key: None,
        path: Path::Public { source: [127, 0, 0, 1].into() },
        now: NOW,
    };
    let answer = iam.handle(Request::post("/").body(body).unwrap(), &caller, &Permissive).await;
    let status = answer.status();
    let document = answer.into_body().collect().await.unwrap().to_bytes();
    let document = String::from_utf8(document.to_vec()).unwrap();
    assert!(status.is_success(), "{action}: {document}");
    document
}

/// Makes a role that trusts EC2, and a profile of its name with it.
pub(crate) async fn make_role(iam: &Iam, name: &str) {
    call(iam, "CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).await;
    call(iam, "CreateInstanceProfile", &[("InstanceProfileName", name)]).await;
    call(iam, "AddRoleToInstanceProfile", &[("InstanceProfileName", name), ("RoleName", name)]).await;
}

/// An IAM with the role and profile `app`, and the sessions over it.
struct Site {
    iam: Iam,
    sessions: RoleSessions,
    account: AccountId,
    vpc: sidegate_model::VpcId,
    interface: NetworkInterfaceId,
    _directory: tempfile::TempDir,
}

impl Site {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let iam = Iam::open(directory.path(), Reserve::of(directory.path())).unwrap();
        make_role(&iam, "app").await;
        Self {
            sessions: RoleSessions::new(iam.directory()),
            iam,
            account: ACCOUNT.parse().unwrap(),
            vpc: "vpc-0123456789abcdef0".parse().unwrap(),
            interface: "eni-0123456789abcdef0".parse().unwrap(),
            _directory: directory,
        }
    }

    fn profile(&self) -> RoleSource {
        let profile = self.iam.directory().instance_profile(&self.account, "app").unwrap();
        RoleSource::Profile { arn: profile.arn.into(), id: profile.id.into() }
    }

    fn bearer<'a>(&'a self, source: &'a RoleSource, has_token: bool) -> Bearer<'a> {
        Bearer {
            account: &self.account,
            region: "us-east-1".parse().unwrap(),
            vpc: &self.vpc,
            interface: &self.interface,
            instance: "i-0123456789abcdef0",
            address: [10, 0, 1, 5].into(),
            source,
            has_token,
        }
    }

    fn session(&self, source: &RoleSource, now: i64) -> Result<RoleSession, NoSession> {
        self.sessions.session(&self.bearer(source, true), now)
    }

    fn found(&self, source: &RoleSource) -> FoundRole {
        self.sessions.role(&self.account, source)
    }
}

#[tokio::test]
async fn credentials_last_six_hours_and_new_ones_come_an_hour_before_that() {
    let site = Site::new().await;
    let profile = site.profile();
    let first = site.session(&profile, NOW).unwrap();
    assert_eq!((first.issued, first.expires), (NOW, NOW + 6 * HOUR));
    assert_eq!(site.session(&profile, NOW + 5 * HOUR - 1).unwrap().access_key, first.access_key);
    let next = site.session(&profile, NOW + 5 * HOUR).unwrap();
    assert_ne!(next.access_key, first.access_key);
    assert_eq!(next.expires, NOW + 11 * HOUR);
    let known = |key: &str, now| site.iam.directory().credential(key, now).is_some();
    assert!(known(&first.access_key, NOW + 6 * HOUR - 1), "the old ones are good to their end");
    assert!(!known(&first.access_key, NOW + 6 * HOUR));
    assert!(!format!("{next:?}").contains(next.secret.expose()), "no secret in a log");
}

#[tokio::test]
async fn a_session_is_of_the_role_under_the_instances_id_and_knows_the_instance() {
    let site = Site::new().await;
    let profile = site.profile();
    let delivered = |has_token| {
        let session = site.sessions.session(&site.bearer(&profile, has_token), NOW).unwrap();
        let store = Arc::new(crate::store::Store::open(std::path::Path::new(":memory:")).unwrap());
        let accounts = crate::accounts::Accounts::open(store, &crate::accounts::Wanted::default(), Box::new(|| 7));
        let directory = tempfile::tempdir().unwrap();
        let organizations = Organizations::open(directory.path(), Reserve::none()).unwrap().directory();
        let identities = Identities::new(accounts.unwrap(), site.iam.directory(), organizations);
        let credential = identities.credential(&session.access_key, NOW).unwrap();
        assert_eq!(credential.secret.expose(), session.secret.expose());
        assert_eq!(credential.session_token.unwrap().expose(), session.session_token.expose());
        let keys = credential.grants.context.iter().map(|(key, values)| format!("{key} {values:?}"));
        (credential.principal.to_string(), keys.collect::<Vec<_>>().join("\n"))
    };
    let (who, keys) = delivered(true);
    assert_eq!(who, "arn:aws:sts::123456789012:assumed-role/app/i-0123456789abcdef0");
    for value in
        ["arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0", "vpc-0123456789abcdef0", "10.0.1.5"]
    {
        assert!(keys.contains(value), "{keys}");
    }
    assert!(keys.contains("\"2.0\"") && delivered(false).1.contains("\"1.0\""), "{keys}");
}

#[tokio::test]
async fn a_role_that_does_not_trust_ec2_is_not_given_and_one_of_a_program_is() {
    let site = Site::new().await;
    let profile = site.profile();
    let trust = TRUST.replace("ec2.", "lambda.");
    call(&site.iam, "UpdateAssumeRolePolicy", &[("RoleName", "app"), ("PolicyDocument", &trust)]).await;
    assert_eq!(site.session(&profile, NOW).unwrap_err(), NoSession::Unauthorized);
    assert_eq!(site.found(&profile), FoundRole::Named("app".to_owned()));
    let role = RoleSource::Role("arn:aws:iam::123456789012:role/app".into());
    site.session(&role, NOW).unwrap();
    let gone = RoleSource::Role("arn:aws:iam::123456789012:role/gone".into());
    assert_eq!(site.session(&gone, NOW).unwrap_err(), NoSession::Unauthorized);
    assert_eq!(site.found(&gone), FoundRole::Named("gone".to_owned()));
}

#[tokio::test]
async fn another_role_in_the_profile_has_credentials_of_its_own() {
    let site = Site::new().await;
    let profile = site.profile();
    let first = site.session(&profile, NOW).unwrap();
    let member = [("InstanceProfileName", "app"), ("RoleName", "app")];
    call(&site.iam, "RemoveRoleFromInstanceProfile", &member).await;
    assert_eq!(site.found(&profile), FoundRole::Missing);
    assert_eq!(site.session(&profile, NOW).unwrap_err(), NoSession::Unauthorized);
    make_role(&site.iam, "other").await;
    call(&site.iam, "AddRoleToInstanceProfile", &[("InstanceProfileName", "app"), ("RoleName", "other")]).await;
    assert_eq!(site.found(&profile), FoundRole::Named("other".to_owned()));
    assert_ne!(site.session(&profile, NOW).unwrap().access_key, first.access_key);
}

#[tokio::test]
async fn a_profile_that_was_made_again_is_another_one() {
    let site = Site::new().await;
    let profile = site.profile();
    let member = [("InstanceProfileName", "app"), ("RoleName", "app")];
    call(&site.iam, "RemoveRoleFromInstanceProfile", &member).await;
    call(&site.iam, "DeleteInstanceProfile", &member[..1]).await;
    assert_eq!(site.found(&profile), FoundRole::NoProfile);
    call(&site.iam, "CreateInstanceProfile", &member[..1]).await;
    call(&site.iam, "AddRoleToInstanceProfile", &member).await;
    assert_eq!(site.found(&profile), FoundRole::NoProfile);
    assert_eq!(site.session(&profile, NOW).unwrap_err(), NoSession::Unauthorized);
    assert_eq!(site.found(&site.profile()), FoundRole::Named("app".to_owned()));
}
