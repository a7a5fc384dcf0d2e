//! Who is behind an access key, and what policies say of it: the keys of root users, and the identities of IAM.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sidegate_edge::gate::{Credential, Credentials, Grants, Membership, NoCredential};
use sidegate_iam::{Attached, Context, Policies, Policy, PolicyType, Principal};
use sidegate_model::AccountId;
use sidegate_services::iam::{self, Directory, Document, Subject};
use sidegate_services::organizations;
use sidegate_wire::sigv4::SecretKey;

use crate::accounts::Accounts;
use crate::clock::rfc3339;

/// How many parsed documents are kept before all are forgotten.
const MOST_PARSED: usize = 4096;

/// All identities. Cloning it gives another handle.
#[derive(Clone)]
pub(crate) struct Identities {
    accounts: Accounts,
    directory: Directory,
    organizations: organizations::Directory,
    parsed: Arc<Parsed>,
}

impl Identities {
    /// The identities of these accounts.
    pub(crate) fn new(accounts: Accounts, directory: Directory, organizations: organizations::Directory) -> Self {
        Self { accounts, directory, organizations, parsed: Arc::default() }
    }

    /// The secret of an access key, for those services whose protocol layer verifies again.
    pub(crate) fn secret(&self, access_key: &str, now: i64) -> Option<String> {
        let of_session = || self.directory.credential(access_key, now).map(|owner| owner.secret.reveal().to_owned());
        self.accounts.access_key(access_key).map(|key| key.secret).or_else(of_session)
    }

    fn attached(&self, document: &Document, kind: PolicyType) -> Attached {
        let name = document.arn.as_ref().unwrap_or(&document.name);
        let kind = if document.is_of_aws() { PolicyType::AwsManaged } else { kind };
        Attached::named(self.parsed.policy(&document.text, kind), name.as_str())
    }

    /// A subject of an account as policies know it, and what they say of it, in a session that begins now and has what `session`
    /// says.
    pub(crate) fn suppose(
        &self, account: &AccountId, subject: &Subject, session: SessionFacts, now: i64,
    ) -> (Principal, Grants) {
        let is_session = matches!(subject, Subject::Session { .. });
        let SessionFacts { instance, function } = session;
        let token_issue_time = is_session.then_some(now);
        let own = self.directory.grants_of(account, subject);
        let told = iam::Grants { token_issue_time, instance, function, ..own };
        (principal_of(account, subject.clone(), None), self.attach(told, is_session, now))
    }

    /// What policies say, with their documents parsed.
    fn attach(&self, told: iam::Grants, is_temporary: bool, now: i64) -> Grants {
        let iam::Grants {
            identity,
            boundary,
            session,
            principal_tags,
            source_identity,
            mfa_time,
            token_issue_time,
            instance,
            function,
            ..
        } = told;
        let all = |documents: &[Document], kind| -> Vec<Attached> {
            documents.iter().map(|document| self.attached(document, kind)).collect()
        };
        let policies = Policies {
            identity: all(&identity, PolicyType::Identity),
            boundary: boundary.map(|boundary| self.attached(&boundary, PolicyType::Boundary)),
            session: all(session.as_deref().unwrap_or_default(), PolicyType::Session),
            ..Policies::default()
        };
        let mut context = Context::new();
        for (key, value) in &principal_tags {
            context = context.with(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        if let Some(source) = source_identity {
            context = context.with("aws:SourceIdentity", source);
        }
        // Those of users and roles alike; a permanent key says nothing of devices.
        if is_temporary {
            context = context.with("aws:MultiFactorAuthPresent", if mfa_time.is_some() { "true" } else { "false" });
        }
        if let Some(time) = mfa_time {
            context = context.with("aws:MultiFactorAuthAge", ((now - time).max(0) / 1000).to_string());
        }
        if let Some(time) = token_issue_time.and_then(rfc3339) {
            context = context.with("aws:TokenIssueTime", time);
        }
        if let Some(instance) = instance {
            context = of_instance(context, &instance);
        }
        // Source: Lambda developer guide, "Using source function ARN to control function access behavior".
        if let Some(function) = function {
            context = context.with("lambda:SourceFunctionArn", function);
        }
        Grants { policies, context }
    }
}

/// What is known of the session of a role beside the role.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionFacts {
    /// The instance that it is for.
    pub(crate) instance: Option<iam::InstanceFacts>,
    /// The ARN of the function that it is for.
    pub(crate) function: Option<String>,
}

/// The keys of credentials that an instance was given.
///
/// Source: IAM user guide, "AWS global condition context keys": `aws:Ec2InstanceSourceVpc`.
fn of_instance(context: Context, instance: &iam::InstanceFacts) -> Context {
    let iam::InstanceFacts { arn, vpc, private_ipv4, role_delivery } = instance;
    let mut context =
        context.with("ec2:SourceInstanceArn", arn.as_str()).with("ec2:RoleDelivery", role_delivery.as_str());
    if let Some(vpc) = vpc {
        context = context.with("aws:Ec2InstanceSourceVpc", vpc.as_str());
    }
    if let Some(address) = private_ipv4 {
        context = context.with("aws:Ec2InstanceSourcePrivateIPv4", address.to_string());
    }
    context
}

fn principal_of(id: &AccountId, subject: Subject, federated_by: Option<Subject>) -> Principal {
    let account = id.clone().into();
    let of_user = |subject: Option<Subject>| match subject {
        Some(Subject::User { path, name, id: user }) => {
            Some(Box::new(Principal::User { account: id.clone().into(), path, name, id: Some(user) }))
        }
        _ => None,
    };
    match subject {
        Subject::Root => Principal::Root(account),
        Subject::User { path, name, id } => Principal::User { account, path, name, id: Some(id) },
        Subject::Session { role_path, role_name, role_id, session_name } => Principal::AssumedRole {
            account,
            role_path: Some(role_path),
            role: role_name,
            role_id: Some(role_id),
            session: session_name,
        },
        Subject::FederatedUser { name, .. } => Principal::FederatedUser { account, name, by: of_user(federated_by) },
    }
}

impl Credentials for Identities {
    fn credential(&self, access_key: &str, now: i64) -> Result<Credential, NoCredential> {
        if let Some(key) = self.accounts.access_key(access_key) {
            let account: AccountId = key.account.parse().map_err(|_| NoCredential::Unknown)?;
            return Ok(Credential {
                secret: SecretKey::new(&key.secret),
                session_token: None,
                principal: Principal::Root(account.clone().into()),
                account,
                grants: Grants::default(),
            });
        }
        let Some(owner) = self.directory.credential(access_key, now) else {
            let is_expired = self.directory.is_expired(access_key, now);
            return Err(if is_expired { NoCredential::Expired } else { NoCredential::Unknown });
        };
        Ok(Credential {
            secret: SecretKey::new(owner.secret.reveal()),
            session_token: owner.session_token.as_ref().map(|token| SecretKey::new(token.reveal())),
            principal: principal_of(&owner.account, owner.subject.clone(), owner.federated_by.clone()),
            account: owner.account.clone(),
            grants: self.attach(self.directory.grants(&owner), owner.session_token.is_some(), now),
        })
    }

    fn membership(&self, account: &AccountId) -> Option<Arc<Membership>> {
        let organizations::Membership { organization, path, service_control, resource_control, .. } =
            self.organizations.membership(account)?;
        let levels = |levels: Vec<Vec<organizations::Document>>, kind| -> Vec<Vec<Attached>> {
            let attached = |own: organizations::Document| Attached::named(self.parsed.policy(&own.text, kind), own.arn);
            levels.into_iter().map(|level| level.into_iter().map(attached).collect()).collect()
        };
        Some(Arc::new(Membership {
            organization,
            path,
            service_control: levels(service_control, PolicyType::ServiceControl),
            resource_control: levels(resource_control, PolicyType::ResourceControl),
        }))
    }

    fn note_use(&self, access_key: &str, service: &str, region: &str, now: i64) {
        if let Some(news) = self.directory.note_use(access_key, service, region, now) {
            tokio::task::spawn_blocking(move || news.store());
        }
    }
}

/// Documents that were parsed. A document is told by where it lies, and kept, so that nothing else comes to lie there.
#[derive(Default)]
struct Parsed(Mutex<HashMap<(usize, PolicyType), ParsedDocument>>);

/// A document, and what it says.
struct ParsedDocument {
    text: Arc<str>,
    policy: Arc<Policy>,
}

impl Parsed {
    /// A document as a policy. One that is none any longer denies everything.
    fn policy(&self, text: &Arc<str>, kind: PolicyType) -> Arc<Policy> {
        let mut parsed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (Arc::as_ptr(text).addr(), kind);
        if let Some(ParsedDocument { policy, text: known }) = parsed.get(&at)
            && Arc::ptr_eq(known, text)
        {
            return Arc::clone(policy);
        }
        if parsed.len() >= MOST_PARSED {
            parsed.clear();
        }
        let policy = Arc::new(Policy::parse(text, kind).unwrap_or_else(|error| {
            tracing::error!(%error, "a policy that is stored cannot be read, and so denies everything");
            Policy::denying()
        }));
        parsed.insert(at, ParsedDocument { text: Arc::clone(text), policy: Arc::clone(&policy) });
        policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_policy_that_is_none_any_longer_denies_everything() {
        let parsed = Parsed::default();
        let broken: Arc<str> =
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"None": {}}}"#.into();
        assert!(parsed.policy(&broken, PolicyType::Identity).to_string().contains("\"Effect\":\"Deny\""));
        let sound: Arc<str> = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#.into();
        assert!(parsed.policy(&sound, PolicyType::Identity).to_string().contains("\"Effect\":\"Allow\""));
    }
}
