//! IAM: users, groups, roles, policies, access keys, instance profiles and providers, and the sessions of STS.
//!
//! A request goes through `action`: its parameters are checked and what it requires is said from the state as it is, the
//! authorizer is asked once, and only with its token does the [`Directory`] change anything. The state is a value in
//! memory; the store has a row for each entity. What a policy means is not decided here: the directory says at each
//! request which documents count for whom ([`Directory::grants`]).
//!
//! Of devices for multi-factor authentication there are virtual ones alone. Signing certificates, credentials of single
//! services and reports of what was accessed are not served.

mod access_key;
mod action;
mod actions;
mod aws_managed;
mod boundary;
mod certificate;
mod condition_keys;
mod context_keys;
mod credential_report;
mod denied;
mod details;
mod directory;
pub mod document;
mod fault;
mod form;
mod grants;
mod group;
mod identity;
mod instance_profile;
mod login_profile;
mod mfa;
mod names;
mod nothing;
mod oidc;
mod page;
mod permissions;
mod policy;
mod random;
mod role;
mod saml;
mod secret;
mod service_linked;
mod session;
mod settings;
mod simulate;
mod ssh_key;
mod state;
mod store;
mod tags;
mod text;
mod totp;
mod user;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};
use sidegate_wire::aws_query;
use sidegate_wire::query::Params;
use tokio::task::spawn_blocking;

pub(crate) use directory::Inherited;
pub use directory::{Directory, NewUse};
pub(crate) use fault::Fault;
pub(crate) use form::{ACCESS_KEY, ARN, DOCUMENT, Form, Text};
pub use grants::{Document, Grants, KeyOwner, ProfileFacts, RoleFacts, Subject};
pub(crate) use identity::Identity;
pub(crate) use mfa::Proof;
pub use names::{Names, UnknownPrincipal};
pub(crate) use random::account_of;
pub use secret::Secret;
pub use session::{InstanceFacts, NewSession, SessionCredentials};
pub use store::{OpenError, StoreError};
pub(crate) use tags::is_reserved;
pub(crate) use text::date;

use crate::reserve::Reserve;
use crate::{Authorized, Authorizer, Body, Caller, Service, Supposed, organizations, whole};
use action::{Call, Prepare, Turn};
use actions::{SERVED, UNSERVED};

/// The version of the API.
const VERSION: &str = "2010-05-08";

/// The IAM service of all accounts.
#[derive(Debug)]
pub struct Iam {
    directory: Directory,
    organizations: Option<organizations::Directory>,
}

impl Iam {
    /// Opens the store in a directory, and makes its database and its key if they do not exist. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the key in it cannot be used.
    pub fn open(dir: &Path, reserve: Arc<Reserve>) -> Result<Self, OpenError> {
        Directory::open(dir, reserve).map(|directory| Self { directory, organizations: None })
    }

    /// The service beside these organizations, whose service control policies the policy simulator knows.
    #[must_use]
    pub fn with_organizations(self, organizations: organizations::Directory) -> Self {
        Self { organizations: Some(organizations), ..self }
    }

    /// The identities, for STS and the front door.
    pub fn directory(&self) -> Directory {
        self.directory.clone()
    }

    async fn answer(
        &self, params: &Params, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Vec<u8>>, Fault> {
        let (action, prepare) = find(params)?;
        // Sessions from tokens may not call IAM, but for those of GetSessionToken that a device vouched for.
        if self.directory.token(caller).is_some() && !self.directory.is_vouched_for(caller) {
            return Err(Fault::TokenRefused);
        }
        let prepared = {
            let form = Form::of_iam(params);
            prepare(&Call { action, form, caller, state: self.directory.state() })?
        };
        let allowed = Authorized::by(authorizer, action, &prepared.requirements)
            .map_err(|denial| Fault::Denied(Box::new(denied::told(denial))))?;
        let (directory, account, now) = (self.directory.clone(), caller.scope.account.clone(), caller.now);
        let organizations = self.organizations.clone();
        let work = move || {
            let organizations = organizations.as_ref();
            prepared.act(&Turn { allowed: &allowed, directory: &directory, organizations, account_id: &account, now })
        };
        Ok(match spawn_blocking(work).await.map_err(|_| Fault::Interrupted)?? {
            Some(content) => aws_query::response(aws_query::IAM, action, &content, &caller.request_id),
            None => aws_query::empty(aws_query::IAM, action, &caller.request_id),
        })
    }
}

/// The action that a request names.
fn find(params: &Params) -> Result<(&'static str, Prepare), Fault> {
    let action = params.get("Action").ok_or(Fault::MissingAction)?;
    let version = params.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
    if version == VERSION {
        if let Some(served) = SERVED.iter().find(|(name, _)| *name == action) {
            return Ok(*served);
        }
        if UNSERVED.contains(&action) {
            return Err(Fault::Unserved { service: "IAM", action: action.to_owned() });
        }
    }
    Err(Fault::UnknownAction { action: action.to_owned(), version: version.to_owned() })
}

#[async_trait]
impl Service for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let answer = match whole::query(request).await {
            Ok(params) => self.answer(&params, caller, authorizer).await,
            Err(failure) => Err(failure.into()),
        };
        whole::answer(answer.unwrap_or_else(|fault| fault.response(aws_query::IAM, &caller.request_id)))
    }

    async fn suppose(&self, action: &str, resource: &str, _caller: &Caller) -> Result<Supposed, String> {
        Ok(Supposed::plain(action, resource))
    }
}
