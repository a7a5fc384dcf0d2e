//! What the front door asks: whose an access key is, and everything that policies say of its owner now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;

use super::access_key::Owner;
use super::directory::Directory;
use super::instance_profile::InstanceProfile;
use super::permissions::Permissions;
use super::policy::name_of;
use super::role::{ADMINISTRATOR, Role};
use super::secret::Secret;
use super::session::{InstanceFacts, Session};
use super::state::{Account, State};
use super::text::key;
use super::user::User;

/// Grants nothing. It stands for a session policy that is gone, which must not free the session of it.
static NOTHING: LazyLock<Arc<str>> = LazyLock::new(|| {
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"*","Resource":"*"}]}"#.into()
});

/// Who is behind an access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// The root user of the account.
    Root,
    /// A user, by its own access key or by credentials from `GetSessionToken`.
    User {
        /// Its path.
        path: String,
        /// Its name.
        name: String,
        /// Its unique id.
        id: String,
    },
    /// A session of a role.
    Session {
        /// The path of the role.
        role_path: String,
        /// The name of the role.
        role_name: String,
        /// The unique id of the role.
        role_id: String,
        /// The name of the session.
        session_name: String,
    },
    /// A session from `GetFederationToken`.
    FederatedUser {
        /// The name that was given to it.
        name: String,
        /// The unique id of the user that asked for it; `None` for the root user.
        by: Option<String>,
    },
}

/// Whose an access key is, with what verifies its signatures.
#[derive(Clone, Debug)]
pub struct KeyOwner {
    /// The id of the access key.
    pub access_key: String,
    /// Its secret.
    pub secret: Secret,
    /// The token that has to come with it, if it is temporary.
    pub session_token: Option<Secret>,
    /// When it stops being valid, if it is temporary: Unix time in milliseconds.
    pub expires: Option<i64>,
    /// The account.
    pub account: AccountId,
    /// Who.
    pub subject: Subject,
    /// The user that federated the session, where a policy of the session limits what is granted to the user.
    pub federated_by: Option<Subject>,
}

/// A policy document with what explanations call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The name of the policy.
    pub name: String,
    /// The ARN of a managed policy; `None` for an inline one.
    pub arn: Option<String>,
    /// The document.
    pub text: Arc<str>,
}

impl Document {
    /// Whether AWS manages it, so that no quota of the account binds it.
    pub fn is_of_aws(&self) -> bool {
        self.arn.as_deref().is_some_and(|arn| arn.starts_with("arn:aws:iam::aws:policy/"))
    }
}

/// Everything that policies and sessions say of an identity at this moment.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// The policies of the identity, those of a user's groups included. Nothing here is nothing allowed.
    pub identity: Vec<Document>,
    /// The permissions boundary.
    pub boundary: Option<Document>,
    /// The session policies, which are one ceiling together: what any of them allows. `None` if the session has none.
    pub session: Option<Vec<Document>>,
    /// The tags of the user or role, and over them those of the session: `aws:PrincipalTag/…`.
    pub principal_tags: BTreeMap<String, String>,
    /// The keys of the session tags that a next session inherits.
    pub transitive_tags: BTreeSet<String>,
    /// `aws:SourceIdentity`
    pub source_identity: Option<String>,
    /// When a device vouched for the session, in Unix milliseconds: `aws:MultiFactorAuthPresent`, and the age of it.
    pub mfa_time: Option<i64>,
    /// When temporary credentials were issued, in Unix milliseconds: `aws:TokenIssueTime`.
    pub token_issue_time: Option<i64>,
    /// The instance that the credentials were made for.
    pub instance: Option<InstanceFacts>,
    /// The ARN of the function that they were made for: `lambda:SourceFunctionArn`.
    pub function: Option<String>,
}

/// What others need to know of a role.
#[derive(Clone, Debug)]
pub struct RoleFacts {
    /// Its ARN.
    pub arn: String,
    /// Its path.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Its unique id.
    pub id: String,
    /// Its account.
    pub account: AccountId,
    /// Its trust policy.
    pub trust: Document,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The most seconds that a session lasts.
    pub max_session: i64,
}

impl RoleFacts {
    /// The subject that a session of this role has.
    pub fn session(&self, session_name: &str) -> Subject {
        Subject::Session {
            role_path: self.path.clone(),
            role_name: self.name.clone(),
            role_id: self.id.clone(),
            session_name: session_name.to_owned(),
        }
    }
}

/// What others need to know of an instance profile.
#[derive(Clone, Debug)]
pub struct ProfileFacts {
    /// Its ARN.
    pub arn: String,
    /// Its unique id.
    pub id: String,
    /// Its role.
    pub role: Option<RoleFacts>,
}

impl Subject {
    fn of_user(user: &User) -> Self {
        Self::User { path: user.path.clone(), name: user.name.clone(), id: user.id.clone() }
    }
}

impl Directory {
    /// The identity behind an access key of a user, of the root user or of a session. `None` if there is no such key,
    /// or it is inactive, or its session is over, or its user is gone.
    pub fn credential(&self, access_key: &str, now_ms: i64) -> Option<KeyOwner> {
        self.state().credential(access_key, now_ms)
    }

    /// Whether an access key is one of a session that is over, which AWS tells apart from an unknown one.
    pub fn is_expired(&self, access_key: &str, now_ms: i64) -> bool {
        self.state().sessions.get(access_key).is_some_and(|session| session.expires <= now_ms)
    }

    /// Everything that policies say of it now. Asked at each request, so that a change is in force for the next one.
    pub fn grants(&self, owner: &KeyOwner) -> Grants {
        let state = self.state();
        let account = state.account(&owner.account);
        let session = state.sessions.get(&owner.access_key);
        let mut grants = account.grants_of(&owner.account, &owner.subject, session);
        if let Some(session) = session {
            session.add_to(&mut grants, &account);
        }
        grants
    }

    /// The user of an account with this name.
    pub fn user_named(&self, account: &AccountId, name: &str) -> Option<Subject> {
        self.state().account(account).user(name).ok().map(Subject::of_user)
    }

    /// Everything that policies say now of an identity, without what a session adds to it.
    pub fn grants_of(&self, account: &AccountId, subject: &Subject) -> Grants {
        self.state().account(account).grants_of(account, subject, None)
    }

    /// The role with exactly this ARN.
    pub fn role(&self, arn: &str) -> Option<RoleFacts> {
        let mut parts = arn.splitn(6, ':').skip(4);
        let id: AccountId = parts.next()?.parse().ok()?;
        let account = self.state().account(&id);
        let role = account.role(name_of(parts.next()?)).ok()?;
        (role.arn(&id) == arn).then(|| role.facts(&id))
    }

    /// The role of an account with this name, whatever its path.
    pub fn role_named(&self, account: &AccountId, name: &str) -> Option<RoleFacts> {
        let state = self.state().account(account);
        state.role(name).ok().map(|role| role.facts(account))
    }

    /// The instance profile of an account with a name or an ARN.
    pub fn instance_profile(&self, account: &AccountId, name_or_arn: &str) -> Option<ProfileFacts> {
        let state = self.state().account(account);
        let profile = state.profiles.get(&key(name_of(name_or_arn)))?;
        if name_or_arn.starts_with("arn:") && profile.arn(account) != name_or_arn {
            return None;
        }
        Some(profile.facts(account, &state))
    }
}

impl State {
    pub(super) fn credential(&self, access_key: &str, now: i64) -> Option<KeyOwner> {
        self.permanent(access_key).or_else(|| self.temporary(access_key, now))
    }

    fn permanent(&self, access_key: &str) -> Option<KeyOwner> {
        let row = self.keys.get(access_key).filter(|row| row.active)?;
        let subject = match &row.owner {
            Owner::Root => Subject::Root,
            Owner::User(name) => Subject::of_user(self.accounts.get(&row.account)?.users.get(name)?),
        };
        Some(KeyOwner {
            access_key: access_key.to_owned(),
            secret: row.secret.clone(),
            session_token: None,
            expires: None,
            account: row.account.clone(),
            subject,
            federated_by: None,
        })
    }

    fn temporary(&self, access_key: &str, now: i64) -> Option<KeyOwner> {
        let session = self.sessions.get(access_key).filter(|session| session.expires > now)?;
        let subject = match &session.subject {
            // The user may have another name by now.
            Subject::User { name, id, .. } => Subject::of_user(self.accounts.get(&session.account)?.user_of(name, id)?),
            other => other.clone(),
        };
        let federated_by = match &subject {
            Subject::FederatedUser { by: Some(id), .. } if session.has_policies() => {
                self.accounts.get(&session.account)?.user_by_id(id).map(Subject::of_user)
            }
            _ => None,
        };
        Some(KeyOwner {
            access_key: access_key.to_owned(),
            secret: session.secret.clone(),
            session_token: Some(session.token.clone()),
            expires: Some(session.expires),
            account: session.account.clone(),
            subject,
            federated_by,
        })
    }
}

impl Account {
    fn grants_of(&self, id: &AccountId, subject: &Subject, session: Option<&Session>) -> Grants {
        match subject {
            Subject::Root => Grants { identity: self.documents(id, [ADMINISTRATOR]), ..Grants::default() },
            Subject::User { name, id: user, .. } => self.user_grants(id, self.user_of(name, user)),
            Subject::Session { role_name, role_id, .. } => match self.role(role_name) {
                // A role that was made anew under the name is another one.
                Ok(role) if role.id == *role_id => Grants {
                    identity: self.of_permissions(id, &role.permissions),
                    boundary: role.boundary.as_deref().map(|arn| self.document(id, arn)),
                    principal_tags: role.tags.clone(),
                    ..Grants::default()
                },
                _ => Grants::default(),
            },
            // Without a session policy there is nothing that both it and the user allow.
            Subject::FederatedUser { .. } if session.is_none_or(|session| !session.has_policies()) => Grants::default(),
            Subject::FederatedUser { by: Some(user), .. } => self.user_grants(id, self.user_by_id(user)),
            Subject::FederatedUser { by: None, .. } => self.grants_of(id, &Subject::Root, None),
        }
    }

    fn user_grants(&self, id: &AccountId, user: Option<&User>) -> Grants {
        let Some(user) = user else { return Grants::default() };
        let mut identity = self.of_permissions(id, &user.permissions);
        for (_, group) in self.groups_of(&user.id) {
            identity.extend(self.of_permissions(id, &group.permissions));
        }
        let boundary = user.boundary.as_deref().map(|arn| self.document(id, arn));
        Grants { identity, boundary, principal_tags: user.tags.clone(), ..Grants::default() }
    }

    fn of_permissions(&self, id: &AccountId, permissions: &Permissions) -> Vec<Document> {
        let inline = permissions.inline.iter();
        let inline = inline.map(|(name, text)| Document { name: name.clone(), arn: None, text: Arc::clone(text) });
        inline.chain(self.documents(id, permissions.attached.iter().map(String::as_str))).collect()
    }

    fn documents<'a>(&self, id: &AccountId, arns: impl IntoIterator<Item = &'a str>) -> Vec<Document> {
        arns.into_iter().map(|arn| self.document(id, arn)).collect()
    }

    /// A managed policy as it is in force. One that is gone grants nothing.
    fn document(&self, id: &AccountId, arn: &str) -> Document {
        let text = self.managed(id, arn).and_then(|policy| policy.document()).cloned();
        let text = text.unwrap_or_else(|| Arc::clone(&NOTHING));
        Document { name: name_of(arn).to_owned(), arn: Some(arn.to_owned()), text }
    }
}

impl Session {
    fn has_policies(&self) -> bool {
        !self.policies.is_empty() || !self.policy_arns.is_empty()
    }

    fn add_to(&self, grants: &mut Grants, account: &Account) {
        if self.has_policies() {
            let inline = self.policies.iter().map(|text| Document {
                name: "session policy".to_owned(),
                arn: None,
                text: Arc::clone(text),
            });
            let managed = account.documents(&self.account, self.policy_arns.iter().map(String::as_str));
            grants.session = Some(inline.chain(managed).collect());
        }
        for (name, value) in &self.tags {
            // Tag keys do not differ by case, and the session's win.
            grants.principal_tags.retain(|old, _| !old.eq_ignore_ascii_case(name));
            grants.principal_tags.insert(name.clone(), value.clone());
        }
        grants.transitive_tags.clone_from(&self.transitive);
        grants.source_identity.clone_from(&self.source_identity);
        grants.mfa_time = self.mfa.then_some(self.issued);
        grants.token_issue_time = Some(self.issued);
        grants.instance.clone_from(&self.instance);
        grants.function.clone_from(&self.function);
    }
}

impl Role {
    fn facts(&self, account: &AccountId) -> RoleFacts {
        RoleFacts {
            arn: self.arn(account),
            path: self.path.clone(),
            name: self.name.clone(),
            id: self.id.clone(),
            account: account.clone(),
            trust: Document { name: self.name.clone(), arn: None, text: Arc::clone(&self.trust) },
            tags: self.tags.clone(),
            max_session: self.max_session,
        }
    }
}

impl InstanceProfile {
    fn facts(&self, id: &AccountId, account: &Account) -> ProfileFacts {
        let role = self.role.as_deref().and_then(|role| account.roles.get(role));
        ProfileFacts { arn: self.arn(id), id: self.id.clone(), role: role.map(|role| role.facts(id)) }
    }
}
