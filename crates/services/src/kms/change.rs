//! What is changed of a key that goes on: `EnableKey`, `DisableKey` and `UpdateKeyDescription`.

use serde::Deserialize;

use super::create::LONGEST_DESCRIPTION;
use super::fault::Fault;
use super::operation::{Done, Operation, Prepared};
use super::store::Store;
use super::subject::Subject;
use crate::constraint::{length, required};
use crate::{Authorized, Caller};

/// `EnableKey`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EnableKey {
    key_id: Option<String>,
}

/// `DisableKey`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DisableKey {
    key_id: Option<String>,
}

fn switch(
    subject: &Subject, enabled: bool, allowed: &Authorized, caller: &Caller, store: &Store,
) -> Result<Done, Fault> {
    store.write(allowed, caller.now, |transaction| {
        let mut stored = subject.key(allowed, caller, transaction)?;
        stored.key.check_own()?;
        stored.key.check_switchable(caller.now)?;
        stored.key.enabled = enabled;
        stored.update(transaction)?;
        Ok(Done {})
    })
}

impl Operation for EnableKey {
    const NAME: &'static str = "EnableKey";
    type Ready = Subject;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one(subject, requirement))
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        switch(&subject, true, allowed, caller, store)
    }
}

impl Operation for DisableKey {
    const NAME: &'static str = "DisableKey";
    type Ready = Subject;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one(subject, requirement))
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        switch(&subject, false, allowed, caller, store)
    }
}

/// `UpdateKeyDescription`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateKeyDescription {
    key_id: Option<String>,
    description: Option<String>,
}

impl Operation for UpdateKeyDescription {
    const NAME: &'static str = "UpdateKeyDescription";
    type Ready = (Subject, String);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let description = required("description", self.description)?;
        length("description", &description, 0, LONGEST_DESCRIPTION)?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one((subject, description), requirement))
    }

    fn act(
        (subject, description): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_own()?;
            stored.key.check_kept(caller.now)?;
            stored.key.description = description;
            stored.update(transaction)?;
            Ok(Done {})
        })
    }
}
