//! Sessions: temporary credentials, kept so that they outlive the daemon.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;

use super::grants::Subject;
use super::random;
use super::secret::Secret;
use super::state::{Row, State};
use crate::vault::NoRandomness;

/// How long an expired session is still known as expired.
const KEPT: i64 = 24 * 3_600_000;

/// The instance that a session's credentials were made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceFacts {
    /// Its ARN: `ec2:SourceInstanceARN`.
    pub arn: String,
    /// Its VPC: `aws:Ec2InstanceSourceVpc`.
    pub vpc: Option<String>,
    /// Its primary private address: `aws:Ec2InstanceSourcePrivateIPv4`.
    pub private_ipv4: Option<Ipv4Addr>,
    /// The version of the metadata service that gave them: `ec2:RoleDelivery`.
    pub role_delivery: String,
}

/// A session to be made.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its account.
    pub account: AccountId,
    /// Whose session it is.
    pub subject: Subject,
    /// The inline session policies.
    pub policies: Vec<Arc<str>>,
    /// The ARNs of managed policies that are session policies.
    pub policy_arns: Vec<String>,
    /// Its session tags, those that it inherits included.
    pub tags: BTreeMap<String, String>,
    /// The keys of the tags that the next session in a chain inherits.
    pub transitive: BTreeSet<String>,
    /// Its source identity.
    pub source_identity: Option<String>,
    /// Whether a device vouched for whoever asked for it.
    pub mfa: bool,
    /// The instance that it is for.
    pub instance: Option<InstanceFacts>,
    /// The ARN of the function of Lambda that it is for, without a version: `lambda:SourceFunctionArn`.
    pub function: Option<String>,
    /// How long it lasts.
    pub seconds: i64,
}

impl NewSession {
    /// A session with nothing but what every session has.
    pub fn of(account: AccountId, subject: Subject, seconds: i64) -> Self {
        Self {
            account,
            subject,
            policies: Vec::new(),
            policy_arns: Vec::new(),
            tags: BTreeMap::new(),
            transitive: BTreeSet::new(),
            source_identity: None,
            mfa: false,
            instance: None,
            function: None,
            seconds,
        }
    }
}

/// The credentials of a session, for whoever asked for it.
#[derive(Clone, Debug)]
pub struct SessionCredentials {
    /// The id of the access key.
    pub access_key: String,
    /// Its secret.
    pub secret: Secret,
    /// The token that goes with each request.
    pub session_token: Secret,
    /// When they stop being valid: Unix time in milliseconds.
    pub expires: i64,
}

/// A session. The id of its access key is its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) account: AccountId,
    pub(super) subject: Subject,
    pub(super) secret: Secret,
    pub(super) token: Secret,
    pub(super) issued: i64,
    pub(super) expires: i64,
    pub(super) policies: Vec<Arc<str>>,
    pub(super) policy_arns: Vec<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) transitive: BTreeSet<String>,
    pub(super) source_identity: Option<String>,
    /// Whether a device vouched for it when it was issued.
    #[serde(default)]
    pub(super) mfa: bool,
    pub(super) instance: Option<InstanceFacts>,
    #[serde(default)]
    pub(super) function: Option<String>,
}

impl Row for Session {
    const KIND: &'static str = "session";
    const SEALED: bool = true;
}

impl Session {
    /// A session, with the id of its access key.
    pub(super) fn make(new: NewSession, now: i64) -> Result<(String, Self), NoRandomness> {
        let id = random::access_key_id("ASIA", &new.account)?;
        let session = Self {
            secret: Secret::new(random::secret()?),
            token: Secret::new(random::session_token()?),
            issued: now,
            // The end has whole seconds, as it is told.
            expires: (now + new.seconds * 1000) / 1000 * 1000,
            account: new.account,
            subject: new.subject,
            policies: new.policies,
            policy_arns: new.policy_arns,
            tags: new.tags,
            transitive: new.transitive,
            source_identity: new.source_identity,
            mfa: new.mfa,
            instance: new.instance,
            function: new.function,
        };
        Ok((id, session))
    }

    /// The unique id of the role whose session it is.
    pub(super) fn role_id(&self) -> Option<&str> {
        match &self.subject {
            Subject::Session { role_id, .. } => Some(role_id),
            _ => None,
        }
    }

    pub(super) fn credentials(&self, access_key: &str) -> SessionCredentials {
        SessionCredentials {
            access_key: access_key.to_owned(),
            secret: self.secret.clone(),
            session_token: self.token.clone(),
            expires: self.expires,
        }
    }
}

impl State {
    /// Takes away the sessions that have been over for long.
    pub(super) fn sweep(&mut self, now: i64) {
        let over = self.sessions.iter().filter(|(_, session)| session.expires + KEPT <= now);
        for id in over.map(|(id, _)| id.to_owned()).collect::<Vec<_>>() {
            self.sessions.remove(&id);
        }
    }
}
