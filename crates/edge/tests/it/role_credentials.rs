//! The credentials of roles, as the metadata service tells them.

use std::sync::{Arc, Mutex};

use http::StatusCode;
use sidegate_edge::metadata::{Bearer, FoundRole, NoSession, RoleCredentials, RoleSession, Tokens};
use sidegate_model::AccountId;
use sidegate_plan::{RoleSource, VpcPlan};
use sidegate_wire::sigv4::SecretKey;

use crate::metadata::{NOW, SOURCE, TOKEN, send, text, token, vpc};

/// Finds this behind every source, and gives one session or none. It keeps who asked.
pub(crate) struct Roles {
    found: FoundRole,
    answer: Result<(), NoSession>,
    asked: Mutex<Vec<String>>,
}

impl Roles {
    pub(crate) fn new(found: FoundRole, answer: Result<(), NoSession>) -> Arc<Self> {
        Arc::new(Self { found, answer, asked: Mutex::default() })
    }

    fn app() -> Arc<Self> {
        Self::new(FoundRole::Named("app".to_owned()), Ok(()))
    }
}

impl RoleCredentials for Roles {
    fn role(&self, _: &AccountId, _: &RoleSource) -> FoundRole {
        self.found.clone()
    }

    fn session(&self, bearer: &Bearer<'_>, now: i64) -> Result<RoleSession, NoSession> {
        let Bearer { account, region, vpc, interface, instance, address, has_token, .. } = bearer;
        let asked = format!("{account} {region} {vpc} {interface} {instance} {address} {has_token}");
        self.asked.lock().unwrap().push(asked);
        self.answer.map(|()| RoleSession {
            access_key: "ASIAIOSFODNN7EXAMPLE".to_owned(),
            secret: SecretKey::new("the \"secret\""),
            session_token: SecretKey::new("the token"),
            issued: now,
            expires: now + 21_600_000,
        })
    }
}

fn of_profile(tokens_required: bool) -> VpcPlan {
    let mut vpc = vpc(tokens_required);
    let arn = "arn:aws:iam::123456789012:instance-profile/web".into();
    vpc.metadata.get_mut(&SOURCE).unwrap().role = Some(RoleSource::Profile { arn, id: "AIPAEXAMPLE".into() });
    vpc
}

/// What is told below `iam/` to who shows a token.
fn told(vpc: &VpcPlan, roles: Arc<Roles>, path: &str) -> (StatusCode, String) {
    let service = Tokens::new(&[7; 32], roles);
    let token = token(&service, vpc, 60);
    let line = format!("GET /latest/meta-data/iam{path}");
    let reply = send(&service, vpc, SOURCE, &line, &[(TOKEN, &token)], NOW);
    (reply.status(), text(&reply).to_owned())
}

#[test]
fn an_instance_with_a_profile_is_told_its_role_and_the_roles_credentials() {
    let vpc = of_profile(true);
    let told = |path: &str| {
        let (status, body) = told(&vpc, Roles::app(), path);
        assert_eq!(status, StatusCode::OK, "{path}");
        body
    };
    assert_eq!(told("/"), "info\nsecurity-credentials/");
    assert_eq!(told("/security-credentials/"), "app");
    assert_eq!(
        told("/security-credentials/app"),
        r#"{
  "Code" : "Success",
  "LastUpdated" : "2023-11-14T22:13:20Z",
  "Type" : "AWS-HMAC",
  "AccessKeyId" : "ASIAIOSFODNN7EXAMPLE",
  "SecretAccessKey" : "the \"secret\"",
  "Token" : "the token",
  "Expiration" : "2023-11-15T04:13:20Z"
}"#
    );
    assert_eq!(
        told("/info"),
        r#"{
  "Code" : "Success",
  "LastUpdated" : "2023-11-14T22:13:20Z",
  "InstanceProfileArn" : "arn:aws:iam::123456789012:instance-profile/web",
  "InstanceProfileId" : "AIPAEXAMPLE"
}"#
    );
}

#[test]
fn whoever_gives_out_credentials_knows_who_asks_and_how() {
    let roles = Roles::app();
    let (required, optional) = (of_profile(true), of_profile(false));
    told(&required, Arc::clone(&roles), "/security-credentials/app");
    let service = Tokens::new(&[7; 32], Arc::clone(&roles) as _);
    let line = "GET /latest/meta-data/iam/security-credentials/app";
    assert_eq!(send(&service, &required, SOURCE, line, &[], NOW).status(), StatusCode::UNAUTHORIZED);
    assert_eq!(send(&service, &optional, SOURCE, line, &[], NOW).status(), StatusCode::OK);
    let who = |has_token: bool| {
        let vpc = &required.vpc;
        let account = &required.scope.account;
        format!("{account} us-east-1 {vpc} eni-0000000000000000a i-0123456789abcdef0 10.0.1.5 {has_token}")
    };
    assert_eq!(*roles.asked.lock().unwrap(), [who(true), who(false)]);
}

#[test]
fn what_ec2_may_not_have_or_nobody_has_is_told_in_ec2s_words() {
    let vpc = of_profile(true);
    let app = FoundRole::Named("app".to_owned());
    let refused = Roles::new(app.clone(), Err(NoSession::Unauthorized));
    let (status, body) = told(&vpc, Arc::clone(&refused), "/security-credentials/app");
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("\"Code\" : \"AssumeRoleUnauthorizedAccess\""), "{body}");
    assert!(body.contains("\"Message\" : \"EC2 cannot assume the role app.  Please see documentation at "), "{body}");
    assert_eq!(told(&vpc, refused, "/security-credentials/other").0, StatusCode::NOT_FOUND);
    let full = Roles::new(app, Err(NoSession::Unavailable));
    assert_eq!(told(&vpc, full, "/security-credentials/app").0, StatusCode::INTERNAL_SERVER_ERROR);

    let without = || Roles::new(FoundRole::Missing, Ok(()));
    assert_eq!(told(&vpc, without(), "/").1, "info");
    assert_eq!(told(&vpc, without(), "/security-credentials/").0, StatusCode::NOT_FOUND);
    let (_, body) = told(&vpc, without(), "/info");
    assert!(body.contains("\"Success\"") && body.contains("Instance Profile does not contain a role."), "{body}");
    let deleted = || Roles::new(FoundRole::NoProfile, Ok(()));
    assert_eq!(told(&vpc, deleted(), "/security-credentials/").0, StatusCode::NOT_FOUND);
    let (_, body) = told(&vpc, deleted(), "/info");
    assert!(body.contains("\"Code\" : \"InstanceProfileNotFound\""), "{body}");
    assert!(body.contains("Instance Profile with Id AIPAEXAMPLE cannot be found."), "{body}");
}

#[test]
fn a_program_with_a_role_has_no_profile_and_one_without_has_nothing() {
    let mut with_role = vpc(true);
    let role = RoleSource::Role("arn:aws:iam::123456789012:role/app".into());
    with_role.metadata.get_mut(&SOURCE).unwrap().role = Some(role);
    assert_eq!(told(&with_role, Roles::app(), "/").1, "security-credentials/");
    assert!(told(&with_role, Roles::app(), "/security-credentials/app").1.contains("\"Success\""));
    assert_eq!(told(&with_role, Roles::app(), "/info").0, StatusCode::NOT_FOUND);
    for path in ["", "/info", "/security-credentials/", "/security-credentials/app"] {
        assert_eq!(told(&vpc(true), Roles::app(), path).0, StatusCode::NOT_FOUND, "{path}");
    }
}
