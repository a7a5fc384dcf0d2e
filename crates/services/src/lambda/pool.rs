//! The environments that live: those that wait for an invocation, and how many invocations there are at once.
//!
//! Environments belong to one version of a function in one form of its configuration; what is changed gets new ones. One
//! that has answered waits for the next invocation for some minutes. There are at most so many at once on this machine;
//! where one more is wanted, one that waits for another function makes room.
//!
//! Source: Lambda developer guide, "Understanding the Lambda execution environment lifecycle", "Lambda function scaling".

mod concurrency;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

pub(super) use concurrency::{Concurrency, Slot};

use super::environment::{Blueprint, Environment, Environments, StartError};
use super::name::Place;
use super::package::Pin;
use super::store::Store;

/// How long an environment waits for another invocation.
const IDLE: Duration = Duration::from_secs(300);
/// How long an invocation waits for an environment where the machine has no room for one.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many environments may live at once. AWS has no such limit, a machine has.
pub(super) const MOST_LIVING: usize = 256;

/// What environments are of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) place: Place,
    /// `None` of `$LATEST`.
    pub(super) version: Option<u64>,
    /// Of the configuration.
    pub(super) generation: u64,
}

/// An environment in the hands of an invocation. One that is not given back ends.
pub(super) struct Lease {
    pools: Arc<Pools>,
    held: Option<(Box<dyn Environment>, Room)>,
}

impl Lease {
    /// The environment; `None` if it has been given back.
    pub(super) fn environment(&mut self) -> Option<&mut (dyn Environment + '_)> {
        match &mut self.held {
            Some((environment, _)) => Some(environment.as_mut()),
            None => None,
        }
    }

    /// Gives it back.
    pub(super) fn give_back(mut self, is_reusable: bool) {
        if let Some((environment, room)) = self.held.take() {
            self.pools.take_back(environment, room, is_reusable);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((environment, room)) = self.held.take() {
            self.pools.end(environment, room);
        }
    }
}

/// What an environment has for as long as it lives.
struct Room {
    key: Key,
    /// Keeps its code.
    _pin: Pin,
    _permit: OwnedSemaphorePermit,
}

struct Idle {
    environment: Box<dyn Environment>,
    room: Room,
    since: Instant,
}

#[derive(Default)]
struct State {
    /// The newest comes last.
    idle: BTreeMap<Key, Vec<Idle>>,
    /// How many environments there are, in whatever state.
    living: BTreeMap<Key, usize>,
    is_closed: bool,
}

/// All environments.
pub(super) struct Pools {
    store: Arc<Store>,
    environments: OnceLock<Arc<dyn Environments>>,
    state: Mutex<State>,
    room: Arc<Semaphore>,
    /// Told whenever an environment begins to wait or ends.
    changed: Notify,
    /// Whether one has ended since somebody asked.
    has_ended: AtomicBool,
}

/// Stands where nothing runs functions.
struct NoEnvironments;

#[async_trait::async_trait]
impl Environments for NoEnvironments {
    async fn start(&self, _: &Blueprint) -> Result<Box<dyn Environment>, StartError> {
        Err(StartError::Failed("nothing runs functions here".to_owned()))
    }

    async fn check_network(
        &self, _: &sidegate_model::Scope, _: &super::environment::Network,
    ) -> Result<String, super::environment::NetworkError> {
        Err(super::environment::NetworkError::Failed("there are no networks here".to_owned()))
    }

    async fn may(&self, _: &sidegate_model::Scope, _: &str, _: &sidegate_iam::Requirement) -> bool {
        false
    }

    async fn call(
        &self, _: &sidegate_model::Scope, _: &str, _: &str, _: http::Request<Vec<u8>>,
    ) -> Option<http::Response<Bytes>> {
        None
    }

    async fn check_role(&self, _: &sidegate_model::Scope, _: &str) -> Result<(), super::environment::RoleError> {
        Ok(())
    }

    fn has(&self, _: super::runtime::Runtime) -> bool {
        false
    }

    async fn attach(
        &self, _: &sidegate_model::Scope, _: &str, _: &[super::environment::Network],
    ) -> Result<(), StartError> {
        Ok(())
    }

    async fn release(&self, _: &sidegate_model::Scope, _: &str, _: &[super::environment::Network]) {}
}

impl Pools {
    /// Pools that are empty. `most` environments may live at once.
    pub(super) fn new(store: Arc<Store>, most: usize) -> Arc<Self> {
        Arc::new(Self {
            store,
            environments: OnceLock::new(),
            state: Mutex::default(),
            room: Arc::new(Semaphore::new(most)),
            changed: Notify::new(),
            has_ended: AtomicBool::new(false),
        })
    }

    /// Says what runs functions, once.
    pub(super) fn run_in(&self, environments: Arc<dyn Environments>) {
        // Another one would not know the environments of the first.
        let _ = self.environments.set(environments);
    }

    /// What runs functions.
    pub(super) fn environments(&self) -> Arc<dyn Environments> {
        self.environments.get().cloned().unwrap_or_else(|| Arc::new(NoEnvironments))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An environment that waits.
    pub(super) fn warm(self: &Arc<Self>, key: &Key) -> Option<Lease> {
        let mut dead = Vec::new();
        let mut state = self.state();
        let mut found = None;
        if let Some(waiting) = state.idle.get_mut(key) {
            while let Some(idle) = waiting.pop() {
                if idle.environment.is_alive() {
                    found = Some((idle.environment, idle.room));
                    break;
                }
                dead.push(idle);
            }
            if waiting.is_empty() {
                state.idle.remove(key);
            }
        }
        drop(state);
        dead.into_iter().for_each(|idle| self.end(idle.environment, idle.room));
        found.map(|held| Lease { pools: Arc::clone(self), held: Some(held) })
    }

    /// An environment that waits, or a new one of what `blueprint` says.
    pub(super) async fn lease(
        self: &Arc<Self>, key: &Key, blueprint: &Blueprint, pin: Pin,
    ) -> Result<Lease, StartError> {
        let until = Instant::now() + PATIENCE;
        let permit = loop {
            let changed = self.changed.notified();
            if let Some(lease) = self.warm(key) {
                return Ok(lease);
            }
            if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
                break permit;
            }
            self.make_room();
            if tokio::time::timeout_at(until, changed).await.is_err() {
                return Err(StartError::NoRoom("all that may live at once are busy".to_owned()));
            }
        };
        {
            let mut state = self.state();
            if state.is_closed {
                return Err(StartError::Failed("functions are being stopped".to_owned()));
            }
            *state.living.entry(key.clone()).or_default() += 1;
        }
        let room = Room { key: key.clone(), _pin: pin, _permit: permit };
        let begun = Begun { pools: Arc::clone(self), room: Some(room) };
        let environment = self.environments().start(blueprint).await?;
        begun.done(environment)
    }

    /// Ends the environment that has waited for the longest time.
    fn make_room(self: &Arc<Self>) {
        let mut state = self.state();
        let oldest = state.idle.iter().filter_map(|(key, waiting)| Some((waiting.first()?.since, key.clone()))).min();
        let Some((_, key)) = oldest else { return };
        let Some(waiting) = state.idle.get_mut(&key) else { return };
        let idle = waiting.remove(0);
        if waiting.is_empty() {
            state.idle.remove(&key);
        }
        drop(state);
        self.end(idle.environment, idle.room);
    }

    /// Takes an environment back from an invocation.
    fn take_back(self: &Arc<Self>, environment: Box<dyn Environment>, room: Room, is_reusable: bool) {
        let keeps = is_reusable && environment.is_alive() && self.is_current(&room.key);
        let mut state = self.state();
        if !keeps || state.is_closed {
            drop(state);
            self.end(environment, room);
            return;
        }
        let idle = Idle { environment, since: Instant::now(), room };
        state.idle.entry(idle.room.key.clone()).or_default().push(idle);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Whether a version is still configured like this.
    fn is_current(&self, key: &Key) -> bool {
        let function = self.store.function(&key.place);
        let version = function.as_ref().and_then(|function| function.version(key.version));
        version.is_some_and(|version| version.generation == key.generation)
    }

    /// Ends an environment, without waiting for it.
    fn end(self: &Arc<Self>, environment: Box<dyn Environment>, room: Room) {
        let pools = Arc::clone(self);
        // Without a runtime everything ends, and what is dropped ends too.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move { pools.end_and_wait(environment, room).await });
    }

    /// Ends an environment, and waits until nothing of it is left.
    async fn end_and_wait(&self, environment: Box<dyn Environment>, room: Room) {
        environment.stop().await;
        self.ended(room).await;
    }

    async fn ended(&self, room: Room) {
        let key = room.key.clone();
        drop(room);
        self.has_ended.store(true, Ordering::Release);
        let releases = {
            let mut state = self.state();
            let count = state.living.get_mut(&key);
            let left = count.map_or(0, |count| {
                *count = count.saturating_sub(1);
                *count
            });
            if left == 0 {
                state.living.remove(&key);
            }
            // What those need that are current stays, so that the end of one of them changes nothing.
            let may_release = !self.is_current(&key) || !state.living.keys().any(|other| other.place == key.place);
            left == 0 && may_release && !self.has_outdated(&state, &key.place)
        };
        self.changed.notify_waiters();
        if releases {
            self.release(&key.place).await;
        }
    }

    /// Whether an environment lives of what a function was before.
    fn has_outdated(&self, state: &State, place: &Place) -> bool {
        state.living.keys().any(|key| key.place == *place && !self.is_current(key))
    }

    /// Has given up what is kept for a function and it does not need any more, now that no environment lives
    /// of what it was before.
    async fn release(&self, place: &Place) {
        let networks = self.store.function(place).map(|function| function.networks()).unwrap_or_default();
        self.environments().release(&place.scope, &place.function_arn(), &networks).await;
    }

    /// Ends what waits for versions of a function that are gone or configured otherwise, and waits until it has ended.
    pub(super) async fn retire(self: &Arc<Self>, place: &Place) {
        let mut outdated = Vec::new();
        let has_no_outdated = {
            let mut state = self.state();
            let keys: Vec<Key> = state.idle.keys().filter(|key| key.place == *place).cloned().collect();
            for key in keys.into_iter().filter(|key| !self.is_current(key)) {
                outdated.extend(state.idle.remove(&key).unwrap_or_default());
            }
            !self.has_outdated(&state, place)
        };
        if has_no_outdated {
            self.release(place).await;
        }
        join_all(outdated.into_iter().map(|idle| self.end_and_wait(idle.environment, idle.room))).await;
    }

    /// Ends what has waited for too long, or has ended by itself.
    pub(super) fn reap(self: &Arc<Self>) {
        let mut ended = Vec::new();
        let mut state = self.state();
        for waiting in state.idle.values_mut() {
            let (keep, end) = std::mem::take(waiting)
                .into_iter()
                .partition(|idle: &Idle| idle.since.elapsed() < IDLE && idle.environment.is_alive());
            *waiting = keep;
            ended.extend::<Vec<Idle>>(end);
        }
        state.idle.retain(|_, waiting| !waiting.is_empty());
        drop(state);
        ended.into_iter().for_each(|idle| self.end(idle.environment, idle.room));
    }

    /// Ends all environments that wait, lets no new one begin, and returns when none lives or the time is over.
    pub(super) async fn close(self: &Arc<Self>, patience: Duration) {
        let waiting = {
            let mut state = self.state();
            state.is_closed = true;
            std::mem::take(&mut state.idle)
        };
        waiting.into_values().flatten().for_each(|idle| self.end(idle.environment, idle.room));
        let until = Instant::now() + patience;
        loop {
            let changed = self.changed.notified();
            if self.state().living.is_empty() || tokio::time::timeout_at(until, changed).await.is_err() {
                return;
            }
        }
    }

    /// Whether no environment begins any more.
    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    /// Whether an environment has ended since this was asked last, so that code may be in nobody's use any more.
    pub(super) fn take_ended(&self) -> bool {
        self.has_ended.swap(false, Ordering::AcqRel)
    }

    /// How many environments live.
    pub(super) fn living(&self) -> usize {
        self.state().living.values().sum()
    }
}

/// An environment that is being made: what it has is given back if it does not come to be.
struct Begun {
    pools: Arc<Pools>,
    room: Option<Room>,
}

impl Begun {
    fn done(mut self, environment: Box<dyn Environment>) -> Result<Lease, StartError> {
        let room = self.room.take().ok_or_else(|| StartError::Failed("it has been given up".to_owned()))?;
        Ok(Lease { pools: Arc::clone(&self.pools), held: Some((environment, room)) })
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let Some(room) = self.room.take() else { return };
        let pools = Arc::clone(&self.pools);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { pools.ended(room).await });
        }
    }
}
