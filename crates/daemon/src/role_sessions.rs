//! The credentials that the metadata service tells: sessions of roles, kept until new ones are due.
//!
//! Source: EC2 user guide, "Retrieve security credentials from instance metadata": "We make new credentials available at
//! least five minutes before the expiration of the old credentials"; IAM user guide, "Use an IAM role to grant permissions
//! to applications running on Amazon EC2 instances".

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sidegate_edge::metadata::{Bearer, FoundRole, NoSession, RoleCredentials, RoleSession};
use sidegate_iam::{Context, Policies, Policy, PolicyType, Principal, Request, Requirement, decide};
use sidegate_model::{AccountId, Arn, NetworkInterfaceId, Scope};
use sidegate_plan::RoleSource;
use sidegate_services::iam::{Directory, InstanceFacts, NewSession, ProfileFacts, RoleFacts};
use sidegate_wire::sigv4::SecretKey;

use crate::clock::rfc3339;

/// How long credentials last, in seconds.
const LIFETIME: i64 = 6 * 3_600;

/// How long before their end new ones take their place, in milliseconds.
const RENEWAL: i64 = 3_600_000;

/// The service that has the roles of instances.
pub(crate) const EC2: &str = "ec2.amazonaws.com";

/// The sessions of roles that were given out.
pub(crate) struct RoleSessions {
    directory: Directory,
    /// What each bearer has. It is locked while a session is stored, so that nobody gets two.
    kept: Mutex<HashMap<Holding, RoleSession>>,
}

/// Who has a session of which role. A role that is made again is another one.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Holding {
    interface: NetworkInterfaceId,
    role: String,
    has_token: bool,
}

impl RoleSessions {
    /// Gives out none yet.
    pub(crate) fn new(directory: Directory) -> Self {
        Self { directory, kept: Mutex::default() }
    }

    /// The profile that an association names, if there is still this one.
    fn profile(&self, account: &AccountId, arn: &str, id: &str) -> Option<ProfileFacts> {
        self.directory.instance_profile(account, arn).filter(|profile| profile.id == id)
    }

    /// The role that a bearer may have. The owner of the daemon gives one to a program without a trust policy's consent.
    fn granted(&self, bearer: &Bearer<'_>, now: i64) -> Option<RoleFacts> {
        match bearer.source {
            RoleSource::Profile { arn, id } => {
                self.profile(bearer.account, arn, id)?.role.filter(|role| trusts_ec2(role, now))
            }
            RoleSource::Role(arn) => self.directory.role(arn),
        }
    }

    fn issue(&self, bearer: &Bearer<'_>, role: &RoleFacts, now: i64) -> Result<RoleSession, NoSession> {
        let instance = Some(facts(bearer));
        let new = NewSession::of(role.account.clone(), role.session(bearer.instance), LIFETIME);
        let made = self.directory.issue_session(NewSession { instance, ..new }, now).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, role = %role.arn, "no credentials can be stored");
            NoSession::Unavailable
        })?;
        Ok(RoleSession {
            access_key: made.access_key,
            secret: SecretKey::new(made.secret.reveal()),
            session_token: SecretKey::new(made.session_token.reveal()),
            issued: now,
            expires: made.expires,
        })
    }
}

impl RoleCredentials for RoleSessions {
    fn role(&self, account: &AccountId, source: &RoleSource) -> FoundRole {
        match source {
            RoleSource::Role(arn) => FoundRole::Named(arn.rsplit('/').next().unwrap_or_default().to_owned()),
            RoleSource::Profile { arn, id } => match self.profile(account, arn, id) {
                None => FoundRole::NoProfile,
                Some(profile) => profile.role.map_or(FoundRole::Missing, |role| FoundRole::Named(role.name)),
            },
        }
    }

    fn session(&self, bearer: &Bearer<'_>, now: i64) -> Result<RoleSession, NoSession> {
        let role = self.granted(bearer, now).ok_or(NoSession::Unauthorized)?;
        let holding =
            Holding { interface: bearer.interface.clone(), role: role.id.clone(), has_token: bearer.has_token };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = kept.get(&holding).filter(|session| session.expires - RENEWAL > now) {
            return Ok(session.clone());
        }
        let session = self.issue(bearer, &role, now)?;
        kept.retain(|_, old| old.expires > now);
        kept.insert(holding, session.clone());
        Ok(session)
    }
}

/// Whether a role's trust policy lets EC2 have it.
pub(crate) fn trusts_ec2(role: &RoleFacts, now: i64) -> bool {
    let Ok(trust) = Policy::parse(&role.trust.text, PolicyType::RoleTrust) else { return false };
    let mut context = Context::new().with("aws:EpochTime", (now / 1000).to_string());
    if let Some(time) = rfc3339(now) {
        context = context.with("aws:CurrentTime", time);
    }
    let requirement = Requirement::new("sts:AssumeRole", role.arn.as_str()).under(Arc::new(trust));
    let principal = Principal::Service(EC2.to_owned());
    let request = Request { principal: &principal, context: &context, requirement: &requirement };
    decide(&request, &Policies::default()).is_allowed()
}

/// What conditions may ask of the instance.
fn facts(bearer: &Bearer<'_>) -> InstanceFacts {
    let scope = Scope { account: bearer.account.clone(), region: bearer.region };
    InstanceFacts {
        arn: Arn::ec2(&scope, "instance", &bearer.instance).to_string(),
        vpc: Some(bearer.vpc.to_string()),
        private_ipv4: Some(bearer.address),
        role_delivery: if bearer.has_token { "2.0" } else { "1.0" }.to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
