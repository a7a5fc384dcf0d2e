//! The directory: the state in memory, which readers take without waiting, and the store behind it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;

use super::fault::Fault;
use super::grants::Subject;
use super::identity::Identity;
use super::session::{NewSession, Session, SessionCredentials};
use super::state::State;
use super::store::{OpenError, Store, StoreError};
use crate::reserve::Reserve;
use crate::vault::Vault;
use crate::{Authorized, Caller};

/// How much later than the stored use of something a use must be to be stored: a minute.
const USE_IS_NEWS: i64 = 60_000;

/// When and for what an access key was used last, or a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastUse {
    pub(super) at: i64,
    pub(super) service: String,
    pub(super) region: String,
}

/// The last use of something, and when the one that is stored was.
struct Use {
    last: LastUse,
    stored: i64,
}

/// A use that is to be stored.
#[must_use]
pub struct NewUse {
    directory: Directory,
    used: String,
    last: LastUse,
}

impl NewUse {
    /// Stores it. Blocks.
    pub fn store(&self) {
        if let Err(error) = self.directory.0.store.writer().note_use(&self.used, &self.last) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last use of an access key was not stored");
        }
    }
}

/// Which action made a session that is none of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// `GetSessionToken`
    Session,
    /// `GetFederationToken`
    Federation,
}

impl TokenKind {
    /// Whether such a session may call an action of STS.
    ///
    /// Source: STS API reference, "GetSessionToken", "GetFederationToken".
    pub(crate) fn may_call(self, action: &str) -> bool {
        match self {
            Self::Session => ["AssumeRole", "GetCallerIdentity"].contains(&action),
            Self::Federation => action == "GetCallerIdentity",
        }
    }
}

/// What a session passes on to the next in a chain.
#[derive(Clone, Debug)]
pub(crate) struct Inherited {
    /// The transitive tags.
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) source_identity: Option<String>,
}

/// The identities of all accounts: a cheap handle, for IAM, STS and the front door.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    state: RwLock<Arc<State>>,
    /// By the id of an access key, or the unique id of a role.
    uses: Mutex<BTreeMap<String, Use>>,
    store: Store,
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Directory(..)")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Directory {
    pub(super) fn open(dir: &Path, reserve: Arc<Reserve>) -> Result<Self, OpenError> {
        let (store, state, uses) = Store::open(dir, reserve)?;
        let state = RwLock::new(Arc::new(state));
        let uses = uses.into_iter().map(|(used, last)| (used, Use { stored: last.at, last })).collect();
        Ok(Self(Arc::new(Inner { state, uses: Mutex::new(uses), store })))
    }

    /// The state as it is now.
    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(&self.0.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn vault(&self) -> &Vault {
        self.0.store.vault()
    }

    /// Changes something. It is durable when this returns. Blocks.
    pub(super) fn write<T>(
        &self, _allowed: &Authorized, change: impl Fn(&mut State) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.0.store.require()?;
        self.apply(&change)
    }

    /// Takes something away in the same way, also where the disk is full. Blocks.
    pub(super) fn free<T>(
        &self, _allowed: &Authorized, change: impl Fn(&mut State) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.0.store.freeing(|| self.apply(&change))
    }

    /// One change at a time: it is made in a copy, then it is durable, then it is seen.
    fn apply<T>(&self, change: &dyn Fn(&mut State) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut writer = self.0.store.writer();
        let before = self.state();
        let mut after = State::clone(&before);
        let outcome = change(&mut after)?;
        writer.save(&before, &after)?;
        *self.0.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(after);
        Ok(outcome)
    }

    /// Makes a session, for STS, instance metadata, or a program that runs with a role. Nobody is asked: whoever calls
    /// this has made sure that it may be. It is durable when this returns. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be stored.
    pub fn issue_session(&self, new: NewSession, now_ms: i64) -> Result<SessionCredentials, StoreError> {
        self.0.store.require()?;
        let (access_key, session) = Session::make(new, now_ms)?;
        let issue = |state: &mut State| {
            state.sweep(now_ms);
            state.sessions.insert(access_key.clone(), session.clone());
            Ok(())
        };
        self.make(&issue)?;
        Ok(session.credentials(&access_key))
    }

    /// Makes something that nobody was asked for.
    pub(super) fn make(&self, change: &dyn Fn(&mut State) -> Result<(), Fault>) -> Result<(), StoreError> {
        self.apply(change).map_err(|fault| match fault {
            Fault::Store(error) => error,
            _ => StoreError::Unreadable,
        })
    }

    /// Notes that an access key was used, and with it the role whose session it is. The region is that of the request.
    /// A use that is a minute newer than the one that is stored is given back, to be stored.
    pub fn note_use(&self, access_key: &str, service: &str, region: &str, now_ms: i64) -> Option<NewUse> {
        let state = self.state();
        let role = state.sessions.get(access_key).and_then(Session::role_id);
        if role.is_none() && !state.keys.contains(access_key) {
            return None;
        }
        let used = role.unwrap_or(access_key);
        let mut uses = lock(&self.0.uses);
        let before = uses.get(used);
        if before.is_some_and(|own| own.last.service == service && now_ms - own.last.at < USE_IS_NEWS) {
            return None;
        }
        let stored = before.map(|own| own.stored).filter(|stored| now_ms - stored < USE_IS_NEWS);
        let last = LastUse { at: now_ms, service: service.to_owned(), region: region.to_owned() };
        uses.insert(used.to_owned(), Use { last: last.clone(), stored: stored.unwrap_or(now_ms) });
        stored.is_none().then(|| NewUse { directory: self.clone(), used: used.to_owned(), last })
    }

    pub(super) fn last_use(&self, used: &str) -> Option<LastUse> {
        lock(&self.0.uses).get(used).map(|own| own.last.clone())
    }

    pub(super) fn forget_use(&self, used: &str) {
        lock(&self.0.uses).remove(used);
    }

    /// Whether an ARN names a managed policy of an account, or one of AWS.
    pub(crate) fn has_policy(&self, account: &AccountId, arn: &str) -> bool {
        self.state().account(account).managed(account, arn).is_some()
    }

    /// What a session that the caller asks for has from the caller's own; `None` for a caller without one.
    pub(crate) fn inherited(&self, caller: &Caller) -> Option<Inherited> {
        let state = self.state();
        let session = state.sessions.get(caller.access_key.as_deref()?)?;
        let mut tags = session.tags.clone();
        tags.retain(|key, _| session.transitive.iter().any(|name| name.eq_ignore_ascii_case(key)));
        Some(Inherited { tags, source_identity: session.source_identity.clone() })
    }

    /// The kind of the session from a token that a request is made in, if it is one.
    pub(crate) fn token(&self, caller: &Caller) -> Option<TokenKind> {
        let state = self.state();
        match state.sessions.get(caller.access_key.as_deref()?)?.subject {
            Subject::Root | Subject::User { .. } => Some(TokenKind::Session),
            Subject::FederatedUser { .. } => Some(TokenKind::Federation),
            Subject::Session { .. } => None,
        }
    }

    /// Whether a device vouched for the session that a request is made in.
    pub(crate) fn is_vouched_for(&self, caller: &Caller) -> bool {
        let state = self.state();
        let session = caller.access_key.as_deref().and_then(|key| state.sessions.get(key));
        session.is_some_and(|session| session.mfa)
    }

    /// Who makes a request.
    pub(crate) fn identity(&self, caller: &Caller) -> Identity {
        Identity::of(caller, &self.state())
    }
}
