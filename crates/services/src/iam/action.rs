//! What an action of IAM is: its parameters are checked and its requirements said, then it waits to be allowed.

use std::sync::Arc;

use sidegate_iam::Requirement;
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::condition_keys;
use super::directory::Directory;
use super::fault::Fault;
use super::form::Form;
use super::identity::Identity;
use super::state::{Account, State};
use crate::{Authorized, Caller, organizations};

/// What an action answers; `None` where its model has no result.
pub(super) type Answer = Option<Content>;

/// Prepares an action.
pub(super) type Prepare = fn(&Call<'_>) -> Result<Prepared, Fault>;

type Act = Box<dyn FnOnce(&Turn<'_>) -> Result<Answer, Fault> + Send>;

/// An action that waits to be allowed.
pub(super) struct Prepared {
    pub(super) requirements: Vec<Requirement>,
    act: Act,
}

impl Prepared {
    pub(super) fn new(
        requirements: Vec<Requirement>, act: impl FnOnce(&Turn<'_>) -> Result<Answer, Fault> + Send + 'static,
    ) -> Self {
        Self { requirements, act: Box::new(act) }
    }

    /// Does it. Blocks.
    pub(super) fn act(self, turn: &Turn<'_>) -> Result<Answer, Fault> {
        (self.act)(turn)
    }
}

/// A call whose action is known.
pub(super) struct Call<'a> {
    pub(super) action: &'static str,
    pub(super) form: Form<'a>,
    pub(super) caller: &'a Caller,
    /// What the requirements rest on.
    pub(super) state: Arc<State>,
}

impl Call<'_> {
    pub(super) fn account_id(&self) -> &AccountId {
        &self.caller.scope.account
    }

    pub(super) fn account(&self) -> Account {
        self.state.account(self.account_id())
    }

    /// What has to be allowed for this action on a resource.
    pub(super) fn needs(&self, resource: impl Into<String>) -> Requirement {
        self.needs_for(self.action, resource.into())
    }

    /// What has to be allowed for an action that goes with this one.
    pub(super) fn needs_for(&self, action: &str, resource: String) -> Requirement {
        let context = condition_keys::of(self, action, &resource);
        Requirement { context, ..Requirement::new(format!("iam:{action}"), resource) }
    }

    /// The same, and that what is made may be given its tags.
    pub(super) fn needs_with_tags(&self, resource: String, tag: &str, tags: &[(String, String)]) -> Vec<Requirement> {
        let mut requirements = vec![self.needs(resource.clone())];
        if !tags.is_empty() {
            requirements.push(self.needs_for(tag, resource));
        }
        requirements
    }

    pub(super) fn identity(&self) -> Identity {
        Identity::of(self.caller, &self.state)
    }

    /// A prepared action that asks one thing, and only looks something up.
    pub(super) fn looks_up(
        &self, requirement: Requirement,
        look: impl FnOnce(&Account, &AccountId) -> Result<Content, Fault> + Send + 'static,
    ) -> Result<Prepared, Fault> {
        self.looks_around(requirement, |state, id| look(&state.account(id), id))
    }

    /// The same, of what is shown with what other accounts have.
    pub(super) fn looks_around(
        &self, requirement: Requirement,
        look: impl FnOnce(&State, &AccountId) -> Result<Content, Fault> + Send + 'static,
    ) -> Result<Prepared, Fault> {
        self.form.sound()?;
        Ok(Prepared::new(vec![requirement], |turn| look(&turn.state(), turn.account_id).map(Some)))
    }

    /// A prepared action that asks one thing, and changes an account without an answer.
    pub(super) fn changes(
        &self, requirement: Requirement, change: impl Fn(&mut Account) -> Result<(), Fault> + Send + 'static,
    ) -> Result<Prepared, Fault> {
        self.form.sound()?;
        Ok(Prepared::new(vec![requirement], move |turn| turn.write(change).map(|()| None)))
    }

    /// The same, of something that is taken away, which also works where the disk is full.
    pub(super) fn frees(
        &self, requirement: Requirement, change: impl Fn(&mut Account) -> Result<(), Fault> + Send + 'static,
    ) -> Result<Prepared, Fault> {
        self.form.sound()?;
        Ok(Prepared::new(vec![requirement], move |turn| turn.free(change).map(|()| None)))
    }
}

/// An action's turn: it was allowed.
pub(super) struct Turn<'a> {
    /// The proof of it.
    pub(super) allowed: &'a Authorized,
    pub(super) directory: &'a Directory,
    /// The organizations of all accounts, where somebody knows them.
    pub(super) organizations: Option<&'a organizations::Directory>,
    pub(super) account_id: &'a AccountId,
    /// Unix time in milliseconds.
    pub(super) now: i64,
}

impl Turn<'_> {
    /// The account as it is now.
    pub(super) fn account(&self) -> Account {
        self.state().account(self.account_id)
    }

    pub(super) fn state(&self) -> Arc<State> {
        self.directory.state()
    }

    /// Changes the account. It is durable when this returns. Blocks.
    pub(super) fn write<T>(&self, change: impl Fn(&mut Account) -> Result<T, Fault>) -> Result<T, Fault> {
        self.write_all(|state| change(state.account_mut(self.account_id)))
    }

    /// Changes anything. Blocks.
    pub(super) fn write_all<T>(&self, change: impl Fn(&mut State) -> Result<T, Fault>) -> Result<T, Fault> {
        self.directory.write(self.allowed, change)
    }

    /// Takes something away from the account. Blocks.
    pub(super) fn free<T>(&self, change: impl Fn(&mut Account) -> Result<T, Fault>) -> Result<T, Fault> {
        self.free_all(|state| change(state.account_mut(self.account_id)))
    }

    /// Takes anything away. Blocks.
    pub(super) fn free_all<T>(&self, change: impl Fn(&mut State) -> Result<T, Fault>) -> Result<T, Fault> {
        self.directory.free(self.allowed, change)
    }
}
