//! What an operation is, and what operations have in common: who asks, in which organization, and with what right.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sidegate_iam::Requirement;
use sidegate_model::AccountId;

use super::fault::Fault;
use super::organization::Organization;
use super::store::Store;
use super::world::World;
use crate::{Authorized, Caller, iam};

/// An operation, in the form of its document.
pub(super) trait Operation: DeserializeOwned + Send + 'static {
    /// Its name.
    const NAME: &'static str;
    /// The operation, checked.
    type Ready: Send + 'static;

    /// Checks the document, and finds out what has to be allowed.
    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault>;

    /// Does it, and gives the document that answers it. Blocks.
    fn act(ready: Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault>;
}

/// An operation that waits to be allowed.
pub(super) struct Prepared<R> {
    pub(super) ready: R,
    pub(super) requirements: Vec<Requirement>,
}

impl<R> Prepared<R> {
    /// An operation that tags what it makes needs `TagResource` as well.
    pub(super) fn tagging(
        mut self, view: &View<'_>, tagged: bool, arn: impl Fn(&Organization, &R) -> String,
    ) -> Result<Self, Fault> {
        if tagged {
            let organization = view.world.organization_of(&view.caller.scope.account);
            let resource = organization.map_or_else(|| "*".to_owned(), |organization| arn(organization, &self.ready));
            self.requirements.push(Requirement::new(action("TagResource"), resource));
        }
        Ok(self)
    }
}

/// What a request is checked against.
pub(super) struct View<'a> {
    pub(super) caller: &'a Caller,
    pub(super) world: &'a World,
}

impl View<'_> {
    /// An operation that needs what its name says, on everything.
    #[expect(clippy::unused_self, reason = "it reads like its sibling")]
    pub(super) fn anywhere<R>(&self, operation: &str, ready: R) -> Result<Prepared<R>, Fault> {
        Ok(Prepared { ready, requirements: vec![Requirement::new(action(operation), "*")] })
    }

    /// An operation that needs what its name says on one resource of the caller's organization.
    pub(super) fn on<R>(
        &self, operation: &str, ready: R, arn: impl Fn(&Organization, &R) -> String,
    ) -> Result<Prepared<R>, Fault> {
        self.on_all(operation, ready, |organization, ready| vec![arn(organization, ready)])
    }

    /// The same on several resources.
    pub(super) fn on_all<R>(
        &self, operation: &str, ready: R, arns: impl Fn(&Organization, &R) -> Vec<String>,
    ) -> Result<Prepared<R>, Fault> {
        let Some(organization) = self.world.organization_of(&self.caller.scope.account) else {
            return self.anywhere(operation, ready);
        };
        let arns = arns(organization, &ready);
        let requirements = arns.into_iter().map(|arn| Requirement::new(action(operation), arn)).collect();
        Ok(Prepared { ready, requirements })
    }
}

fn action(operation: &str) -> String {
    format!("organizations:{operation}")
}

/// An operation that is allowed.
pub(super) struct Turn<'a> {
    pub(super) allowed: &'a Authorized,
    pub(super) caller: &'a Caller,
    pub(super) store: &'a Store,
    /// The identities of the accounts, where there are any.
    pub(super) identities: Option<&'a iam::Directory>,
}

impl Turn<'_> {
    /// The account that asks.
    pub(super) fn account(&self) -> &AccountId {
        &self.caller.scope.account
    }

    /// Unix time in milliseconds.
    pub(super) fn now(&self) -> i64 {
        self.caller.now
    }

    /// The caller's organization.
    pub(super) fn member(&self) -> Result<Arc<Organization>, Fault> {
        self.store.world().organization_of(self.account()).cloned().ok_or(Fault::NotInUse)
    }

    /// The caller's organization, for who may look at all of it: the management account, and every account that
    /// administers a service.
    pub(super) fn overseer(&self) -> Result<Arc<Organization>, Fault> {
        let organization = self.member()?;
        let account = self.account();
        if organization.head.management != *account && !organization.is_delegate(account) {
            return Err(Fault::AccessDenied);
        }
        Ok(organization)
    }

    /// Changes the organization, as only its management account may.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Organization) -> Result<T, Fault>) -> Result<T, Fault> {
        self.change_world(|world| {
            self.check_manages(world)?;
            change(world.change(self.account())?)
        })
    }

    /// Takes something away from the organization, as only its management account may.
    pub(super) fn shrink<T>(&self, change: impl FnOnce(&mut Organization) -> Result<T, Fault>) -> Result<T, Fault> {
        self.store.free(self.allowed, |world| {
            self.check_manages(world)?;
            change(world.change(self.account())?)
        })
    }

    /// Changes more than the caller's organization.
    pub(super) fn change_world<T>(&self, change: impl FnOnce(&mut World) -> Result<T, Fault>) -> Result<T, Fault> {
        self.store.write(self.allowed, change)
    }

    /// Checks that the caller is the management account of its organization.
    pub(super) fn check_manages(&self, world: &World) -> Result<(), Fault> {
        let organization = world.organization_of(self.account()).ok_or(Fault::NotInUse)?;
        if organization.head.management == *self.account() { Ok(()) } else { Err(Fault::AccessDenied) }
    }
}

/// The answer of an operation that has nothing to say.
pub(super) fn done() -> Value {
    Value::Object(serde_json::Map::new())
}
