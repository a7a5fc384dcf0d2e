//! What carries rotations out: the calls of the secret's function, and what follows from them.
//!
//! An attempt is noted before its first call, so that one that a crash interrupts is made again, with the same version. A
//! rotation that fails is tried four more times, and after that with the next window.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use sidegate_model::AccountId;
use tokio::task::JoinSet;

use super::{GoingOn, Rotation, Rules};
use crate::functions::{Functions, Invocation, Outcome};
use crate::random::uuid;
use crate::secretsmanager::blocking;
use crate::secretsmanager::fault::Fault;
use crate::secretsmanager::id::VersionId;
use crate::secretsmanager::labels::{CURRENT, Labels, PENDING};
use crate::secretsmanager::store::{Secret, Store, Version};

/// Who calls the functions.
pub(in crate::secretsmanager) const PRINCIPAL: &str = "secretsmanager.amazonaws.com";

const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/// What is called to test how a rotation is configured.
const TEST: [&str; 1] = ["testSecret"];

/// How often a rotation is tried before it waits for the next window. AWS says "multiple times".
const MOST_ATTEMPTS: i64 = 5;

/// How long the first pause is; each that follows is twice as long.
const PAUSE: i64 = 60_000;

/// How many rotations are begun at a time, and how many of them at once.
const BATCH: usize = 256;
const AT_ONCE: usize = 8;

/// Carries out the rotations of all accounts and Regions.
pub(in crate::secretsmanager) struct Rotator {
    store: Arc<Store>,
    functions: Arc<dyn Functions>,
    /// The secrets whose functions are being called.
    busy: Mutex<BTreeSet<String>>,
}

/// The document that a function is called with.
///
/// Source: user guide, "Rotation by Lambda function".
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Event<'a> {
    step: &'a str,
    secret_id: &'a str,
    client_request_token: &'a str,
    rotation_token: &'a str,
}

/// An attempt that has been noted.
struct Attempt {
    invocation: Invocation,
    on: GoingOn,
}

/// How an attempt ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Each call succeeded.
    Done,
    Failed,
    /// It was cancelled, or the secret is gone.
    Stopped,
}

impl Rotator {
    pub(in crate::secretsmanager) fn new(store: Arc<Store>, functions: Arc<dyn Functions>) -> Self {
        Self { store, functions, busy: Mutex::default() }
    }

    pub(in crate::secretsmanager) fn functions(&self) -> &dyn Functions {
        &*self.functions
    }

    /// Begins and carries out what is due by now.
    pub(in crate::secretsmanager) async fn run(self: &Arc<Self>, now: i64) -> Result<(), Fault> {
        let store = Arc::clone(&self.store);
        let mut due =
            blocking(move || store.read(|connection| Rotation::due(connection, now, BATCH))).await?.into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < AT_ONCE
                && let Some(arn) = due.next()
            {
                let rotator = Arc::clone(self);
                running.spawn(async move { rotator.attempt(&arn, now).await });
            }
            match running.join_next().await {
                None => return Ok(()),
                Some(ended) => ended.unwrap_or(Err(Fault::Interrupted)).unwrap_or_else(|error| {
                    tracing::error!(error = &error as &dyn std::error::Error, "a rotation could not be carried out");
                }),
            }
        }
    }

    /// Makes one attempt for a secret, unless one is being made.
    async fn attempt(self: &Arc<Self>, arn: &str, now: i64) -> Result<(), Fault> {
        let Some(_busy) = Busy::begin(self, arn) else { return Ok(()) };
        let (store, own) = (Arc::clone(&self.store), arn.to_owned());
        let Some(attempt) = blocking(move || begin(&store, &own, now)).await? else { return Ok(()) };
        let end = self.call(arn, &attempt).await?;
        let (store, own) = (Arc::clone(&self.store), arn.to_owned());
        blocking(move || finish(&store, &own, &attempt.on, end, now)).await
    }

    /// Calls the function for one step after the other.
    async fn call(&self, arn: &str, attempt: &Attempt) -> Result<End, Fault> {
        let steps: &[&str] = if attempt.on.is_test { &TEST } else { &STEPS };
        for step in steps {
            let (store, own, version) = (Arc::clone(&self.store), arn.to_owned(), attempt.on.version.clone());
            if !blocking(move || is_going_on(&store, &own, &version)).await? {
                return Ok(End::Stopped);
            }
            let event = Event {
                step,
                secret_id: arn,
                client_request_token: attempt.on.version.as_str(),
                rotation_token: &attempt.on.token,
            };
            match self.functions.invoke(&attempt.invocation, serde_json::to_vec(&event)?).await {
                Ok(Outcome::Returned(_)) => {}
                Ok(Outcome::Failed(kind)) => {
                    tracing::warn!(arn, step, kind, "the function that rotates a secret failed");
                    return Ok(End::Failed);
                }
                Err(error) => {
                    tracing::warn!(arn, step, %error, "the function that rotates a secret was not called");
                    return Ok(End::Failed);
                }
            }
        }
        Ok(End::Done)
    }
}

/// That a secret's function is being called.
struct Busy<'a> {
    rotator: &'a Rotator,
    arn: &'a str,
}

impl<'a> Busy<'a> {
    fn begin(rotator: &'a Rotator, arn: &'a str) -> Option<Self> {
        let is_new = rotator.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(arn.to_owned());
        is_new.then_some(Self { rotator, arn })
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.rotator.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(self.arn);
    }
}

/// Notes an attempt; `None` if there is nothing to do.
fn begin(store: &Store, arn: &str, now: i64) -> Result<Option<Attempt>, Fault> {
    store.upkeep(now, |transaction| {
        let secret = Secret::by_arn(transaction, now, arn)?.filter(|secret| secret.deletion.is_none());
        let rotation = Rotation::read(transaction, arn)?.filter(|rotation| rotation.enabled);
        let (Some(_), Some(mut rotation)) = (secret, rotation) else { return Ok(None) };
        if rotation.due.is_none_or(|due| due > now) {
            return Ok(None);
        }
        let labels = Labels::read(transaction, arn)?;
        let pending = labels.version(PENDING).filter(|pending| labels.version(CURRENT) != Some(pending)).cloned();
        let unfinished = rotation.going_on.take().filter(|on| {
            // Somebody has taken the label away, and with it the version, or has put the label elsewhere.
            pending.as_ref() == Some(&on.version)
        });
        match (unfinished, pending) {
            (Some(on), _) if on.attempts < MOST_ATTEMPTS => rotation.going_on = Some(on),
            (Some(on), _) => rotation.going_on = Some(GoingOn { attempts: 0, ..on }),
            (None, _) if rotation.next.is_none_or(|window| window.opens > now) => {
                rotation.due = rotation.next.map(|window| window.opens);
                rotation.write(transaction, arn)?;
                return Ok(None);
            }
            (None, Some(version)) => {
                rotation.going_on = Some(GoingOn { version, is_test: false, token: uuid()?, attempts: 0 });
            }
            (None, None) => {
                let id = VersionId::given_or_new(None)?;
                rotation.start(transaction, arn, &id, false, now)?;
            }
        }
        let Some(on) = &mut rotation.going_on else { return Ok(None) };
        on.attempts += 1;
        let attempt = Attempt { invocation: invocation(&rotation.function, arn)?, on: on.clone() };
        rotation.due = if attempt.on.attempts < MOST_ATTEMPTS {
            Some(now + (PAUSE << (attempt.on.attempts - 1)))
        } else {
            rotation.later(now)?
        };
        rotation.write(transaction, arn)?;
        Ok(Some(attempt))
    })
}

impl Rotation {
    /// When the next window after now opens, whatever became of the last one.
    fn later(&self, now: i64) -> Result<Option<i64>, Fault> {
        let schedule = self.rules.as_ref().map(Rules::schedule).transpose()?.flatten();
        let before = self.next.map(|window| window.opens).filter(|opens| *opens <= now);
        let window = schedule.and_then(|schedule| schedule.next(self.last.unwrap_or(now), before, now));
        Ok(window.map(|window| window.opens))
    }
}

/// A call of a function for a secret.
pub(in crate::secretsmanager) fn invocation(function: &str, arn: &str) -> Result<Invocation, Fault> {
    let account: AccountId = arn.split(':').nth(4).unwrap_or_default().parse().map_err(|_| Fault::Interrupted)?;
    Ok(Invocation {
        function: function.to_owned(),
        principal: PRINCIPAL,
        source_account: account,
        source_arn: arn.to_owned(),
    })
}

/// Whether the rotation that makes a version is still wanted.
fn is_going_on(store: &Store, arn: &str, version: &VersionId) -> Result<bool, Fault> {
    store.read(|connection| {
        let rotation = Rotation::read(connection, arn)?;
        let on = rotation.filter(|rotation| rotation.enabled).and_then(|rotation| rotation.going_on);
        Ok(on.is_some_and(|on| on.version == *version))
    })
}

/// Notes how an attempt ended.
fn finish(store: &Store, arn: &str, on: &GoingOn, end: End, now: i64) -> Result<(), Fault> {
    store.upkeep(now, |transaction| {
        let Some(mut rotation) = Rotation::read(transaction, arn)?.filter(|rotation| rotation.enabled) else {
            return Ok(());
        };
        if rotation.going_on.as_ref().is_none_or(|own| own.version != on.version) || end == End::Stopped {
            return Ok(());
        }
        let mut labels = Labels::read(transaction, arn)?;
        if on.is_test {
            labels.take_off(PENDING, &on.version);
            labels.write(transaction, arn)?;
            if labels.of(&on.version).is_empty() && Version::remove(transaction, arn, &on.version)? {
                store.erasing();
            }
        } else {
            // A function may end well without having made the new version the current one.
            let pending = labels.version(PENDING);
            let is_over = end == End::Done && (pending.is_none() || pending == labels.version(CURRENT));
            if !is_over {
                return Ok(());
            }
            let before = rotation.next.map(|window| window.opens).filter(|opens| *opens <= now);
            rotation.schedule_next(now, before, now)?;
            let schedule = rotation.rules.as_ref().map(Rules::schedule).transpose()?.flatten();
            rotation.days = schedule.zip(rotation.next).map(|(schedule, next)| schedule.days(now, next));
            rotation.last = Some(now);
        }
        rotation.going_on = None;
        rotation.due = rotation.next.map(|window| window.opens);
        rotation.write(transaction, arn)
    })
}
