//! One change at a time: from a command to a world that is stored, planned, applied and seen.
//!
//! The world is an immutable value behind a pointer: readers take the pointer and never wait. A change works on a copy;
//! it is planned first, then durable, then applied, and only then seen and answered. A change that cannot be applied
//! is taken back, so that an error always means that nothing happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use async_trait::async_trait;
use sidegate_model::{Context, Error, Scope, VpcId, World};
use sidegate_plan::Plan;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use crate::clock;
use crate::store::{Store, StoreError};

#[cfg(test)]
mod tests;

/// Carries plans out: makes the kernel and the edge what a plan says.
#[async_trait]
pub(crate) trait Actuator: Send + Sync {
    /// Applies a plan, the one before it being known or not. What was withdrawn has no effect any more when this
    /// returns, and what was granted has; but for the VPCs that the error names, in which nothing is let through that
    /// the plan forbids.
    async fn apply(&self, plan: &Arc<Plan>) -> Result<(), ApplyError>;
}

/// What could not be applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ApplyError {
    /// The VPCs that are not as the plan says, each with the reason.
    pub(crate) vpcs: BTreeMap<VpcId, String>,
    /// Why nothing could be applied, if that is so.
    pub(crate) whole: Option<String>,
}

impl ApplyError {
    /// Nothing could be applied.
    pub(crate) fn whole(reason: impl ToString) -> Self {
        Self { vpcs: BTreeMap::new(), whole: Some(reason.to_string()) }
    }

    /// Whether one of these VPCs is concerned.
    fn concerns(&self, vpcs: &BTreeSet<VpcId>) -> bool {
        self.whole.is_some() || self.vpcs.keys().any(|vpc| vpcs.contains(vpc))
    }
}

impl std::fmt::Display for ApplyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut reasons: Vec<String> = self.whole.iter().cloned().collect();
        reasons.extend(self.vpcs.iter().map(|(vpc, reason)| format!("{vpc}: {reason}")));
        f.write_str(&reasons.join("; "))
    }
}

/// The engine. Cloning it gives another handle of the same one.
#[derive(Clone)]
pub(crate) struct Engine(Arc<Inner>);

struct Inner {
    world: RwLock<Arc<World>>,
    plan: watch::Sender<Arc<Plan>>,
    store: Arc<Store>,
    /// Set once, after everything that stands between the engine and the machine has been put together.
    actuator: OnceLock<Arc<dyn Actuator>>,
    /// Held by whoever changes the world.
    turn: tokio::sync::Mutex<Turn>,
    entropy: Mutex<Box<dyn FnMut() -> u64 + Send>>,
}

/// What only the one whose turn it is may know.
struct Turn {
    /// What of the plan is not applied. Before the first apply, all of it.
    behind: Option<ApplyError>,
}

/// Why a change did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// The model refuses it.
    #[error(transparent)]
    Refused(#[from] Error),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be applied, and was taken back.
    #[error("the change could not be applied ({0})")]
    Apply(ApplyError),
    /// It could not be applied, and that could not be undone in the store: it holds, and is tried again.
    #[error("the change is stored and could not be applied ({apply}), nor taken back ({store})")]
    Stuck {
        /// Why it could not be applied.
        apply: ApplyError,
        /// Why it could not be taken back.
        store: StoreError,
    },
    /// A part of this program broke off.
    #[error("the change broke off ({0})")]
    Broken(tokio::task::JoinError),
}

impl Engine {
    /// An engine over a store, with the world that it holds. Nothing is applied yet.
    pub(crate) fn open(store: Arc<Store>, entropy: Box<dyn FnMut() -> u64 + Send>) -> Result<Self, StoreError> {
        let world = store.world()?;
        store.settle_ledger(&world, clock::now_ms())?;
        let plan = Arc::new(sidegate_plan::compile(&world));
        Ok(Self(Arc::new(Inner {
            world: RwLock::new(Arc::new(world)),
            plan: watch::Sender::new(plan),
            store,
            actuator: OnceLock::new(),
            turn: tokio::sync::Mutex::new(Turn { behind: Some(ApplyError::whole("nothing was applied yet")) }),
            entropy: Mutex::new(entropy),
        })))
    }

    /// Says who carries plans out, once.
    pub(crate) fn drive(&self, actuator: Arc<dyn Actuator>) {
        // A second driver would not know what the first has done.
        let _ = self.0.actuator.set(actuator);
    }

    /// The world as it is now.
    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.0.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The plan of the world, now and after each change: it is told as soon as the world of it is seen.
    pub(crate) fn plan(&self) -> watch::Receiver<Arc<Plan>> {
        self.0.plan.subscribe()
    }

    /// The world with its plan. Waits for a change that is being made.
    pub(crate) async fn settled(&self) -> (Arc<World>, Arc<Plan>) {
        let _turn = self.0.turn.lock().await;
        (self.world(), Arc::clone(&self.0.plan.borrow()))
    }

    /// Runs a command on a copy of the world. If it succeeds, the copy is stored durably, planned, applied and becomes
    /// the world before this returns; in case of an error nothing changed, but for [`ChangeError::Stuck`].
    pub(crate) async fn change<T: Send + 'static>(
        &self, scope: Scope, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, ChangeError> {
        self.change_at(move |world, now, entropy| command(world, &mut Context { scope, now, entropy })).await
    }

    /// Runs a command that is nobody's, such as noting that a program ended.
    pub(crate) async fn note(&self, command: impl FnOnce(&mut World, i64) + Send + 'static) -> Result<(), ChangeError> {
        self.change_at(move |world, now, _| {
            command(world, now);
            Ok(())
        })
        .await
    }

    /// Applies the plan in force, as at the start of the daemon, or again after it could not be carried out.
    pub(crate) async fn reconcile(&self) -> Result<(), ApplyError> {
        let mut turn = self.0.turn.lock().await;
        let plan = Arc::clone(&self.0.plan.borrow());
        self.apply(&mut turn, &plan).await
    }

    /// What of the plan is not applied. Waits for a change that is being made.
    pub(crate) async fn behind(&self) -> Option<ApplyError> {
        self.0.turn.lock().await.behind.clone()
    }

    async fn change_at<T: Send + 'static>(
        &self, command: impl FnOnce(&mut World, i64, &mut dyn FnMut() -> u64) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, ChangeError> {
        // A client that hangs up must not leave a change between its parts.
        let engine = self.clone();
        let change = tokio::spawn(async move { engine.change_whole(command).await });
        change.await.unwrap_or_else(|error| Err(ChangeError::Broken(error)))
    }

    async fn change_whole<T: Send + 'static>(
        &self, command: impl FnOnce(&mut World, i64, &mut dyn FnMut() -> u64) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, ChangeError> {
        let mut turn = self.0.turn.lock().await;
        let old = Step { world: self.world(), plan: Arc::clone(&self.0.plan.borrow()) };
        let (mut world, now) = (World::clone(&old.world), clock::now_ms());
        let made = {
            let mut entropy = self.0.entropy.lock().unwrap_or_else(PoisonError::into_inner);
            command(&mut world, now, &mut **entropy)?
        };
        // Planned before it is stored: what cannot be planned has not happened.
        let (before, world) = (old.clone(), Arc::new(world));
        let plan = spawn_blocking({
            let world = Arc::clone(&world);
            move || sidegate_plan::recompile(&before.plan, &before.world, &world)
        });
        let new = Step { world, plan: Arc::new(plan.await.map_err(ChangeError::Broken)?) };
        self.store(&old, &new, now, Store::write).await??;
        let outcome = self.apply(&mut turn, &new.plan).await;
        match outcome {
            Err(error) if error.concerns(&touched(&old.plan, &new.plan)) => {
                Err(self.take_back(&mut turn, old, new, now, error).await)
            }
            // What failed elsewhere is not this change's business; it is tried again.
            _ => {
                self.publish(new);
                Ok(made)
            }
        }
    }

    /// Undoes a change of the time `at` that is stored and could not be applied.
    async fn take_back(&self, turn: &mut Turn, old: Step, new: Step, at: i64, apply: ApplyError) -> ChangeError {
        match self.store(&new, &old, at, Store::write_back).await {
            Ok(Ok(())) => {
                // The old plan may fail as well; what is behind then is tried again.
                let _ = self.apply(turn, &old.plan).await;
                ChangeError::Apply(apply)
            }
            Ok(Err(store)) => {
                self.publish(new);
                ChangeError::Stuck { apply, store }
            }
            Err(broken) => {
                self.publish(new);
                broken
            }
        }
    }

    async fn store(
        &self, from: &Step, to: &Step, at: i64, write: fn(&Store, &World, &World, i64) -> Result<(), StoreError>,
    ) -> Result<Result<(), StoreError>, ChangeError> {
        let (store, from, to) = (Arc::clone(&self.0.store), Arc::clone(&from.world), Arc::clone(&to.world));
        spawn_blocking(move || write(&store, &from, &to, at)).await.map_err(ChangeError::Broken)
    }

    fn publish(&self, step: Step) {
        *self.0.world.write().unwrap_or_else(PoisonError::into_inner) = step.world;
        self.0.plan.send_replace(step.plan);
    }

    async fn apply(&self, turn: &mut Turn, plan: &Arc<Plan>) -> Result<(), ApplyError> {
        let Some(actuator) = self.0.actuator.get().cloned() else {
            return Err(ApplyError::whole("nothing carries plans out yet"));
        };
        turn.behind = Some(ApplyError::whole("a change is under way"));
        let wanted = Arc::clone(plan);
        // On a task of its own, so that not even a panic in it leaves the engine between two worlds.
        let applied = tokio::spawn(async move { actuator.apply(&wanted).await }).await;
        let outcome = applied.unwrap_or_else(|broken| Err(ApplyError::whole(broken)));
        turn.behind = outcome.as_ref().err().cloned();
        outcome
    }
}

/// A world and its plan.
#[derive(Clone)]
struct Step {
    world: Arc<World>,
    plan: Arc<Plan>,
}

/// The VPCs that two plans say different things of.
fn touched(old: &Plan, new: &Plan) -> BTreeSet<VpcId> {
    old.changed_vpcs(new).cloned().collect()
}
