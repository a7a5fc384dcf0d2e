//! One change at a time: from a command to a world that is stored, planned, applied and seen.
//!
//! The world is an immutable value behind a pointer: readers take the pointer and never wait. A change works on a copy;
//! it is durable before the copy is planned and applied, and applied before it is seen and answered.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use async_trait::async_trait;
use sidegate_model::{Context, Error, Scope, World};
use sidegate_plan::Plan;
use tokio::sync::watch;

use crate::clock;
use crate::store::Store;

/// Carries plans out: makes the kernel and the edge what a plan says.
#[async_trait]
pub(crate) trait Actuator: Send + Sync {
    /// Applies a plan, the one before it being known or not. What was withdrawn has no effect any more when this
    /// returns, and what was granted has.
    async fn apply(&self, plan: &Arc<Plan>) -> Result<(), String>;
}

/// The engine. Cloning it gives another handle of the same one.
#[derive(Clone)]
pub(crate) struct Engine(Arc<Inner>);

struct Inner {
    world: RwLock<Arc<World>>,
    plan: watch::Sender<Arc<Plan>>,
    store: Arc<Store>,
    /// Set once, after everything that stands between the engine and the machine has been put together.
    actuator: OnceLock<Box<dyn Actuator>>,
    /// Held by whoever changes the world.
    turn: tokio::sync::Mutex<Turn>,
    entropy: Mutex<Box<dyn FnMut() -> u64 + Send>>,
}

/// What only the one whose turn it is may know.
#[derive(Default)]
struct Turn {
    /// Whether the last plan could not be carried out, so that it has to be tried again.
    behind: bool,
}

/// Why a change did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// The model refuses it. Nothing changed.
    #[error(transparent)]
    Refused(#[from] Error),
    /// It could not be stored, and nothing changed; or it was stored and could not be applied, and will be tried again.
    #[error("{0}")]
    Failed(String),
}

impl Engine {
    /// An engine over a store, with the world that it holds. Nothing is applied yet.
    pub(crate) fn open(
        store: Arc<Store>, entropy: Box<dyn FnMut() -> u64 + Send>,
    ) -> Result<Self, crate::store::StoreError> {
        let world = store.world()?;
        let plan = Arc::new(sidegate_plan::compile(&world));
        Ok(Self(Arc::new(Inner {
            world: RwLock::new(Arc::new(world)),
            plan: watch::Sender::new(plan),
            store,
            actuator: OnceLock::new(),
            turn: tokio::sync::Mutex::default(),
            entropy: Mutex::new(entropy),
        })))
    }

    /// Says who carries plans out, once.
    pub(crate) fn drive(&self, actuator: Box<dyn Actuator>) {
        // A second driver would not know what the first has done.
        let _ = self.0.actuator.set(actuator);
    }

    /// The world as it is now.
    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.0.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The plan that is in force, now and after each change.
    pub(crate) fn plan(&self) -> watch::Receiver<Arc<Plan>> {
        self.0.plan.subscribe()
    }

    /// Runs a command on a copy of the world. If it succeeds, the copy is stored durably, planned, applied and becomes
    /// the world before this returns; if it is refused, nothing changed.
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
    pub(crate) async fn reconcile(&self) -> Result<(), ChangeError> {
        let mut turn = self.0.turn.lock().await;
        let plan = Arc::clone(&self.0.plan.borrow());
        self.apply(&mut turn, &plan).await
    }

    /// Whether the last plan could not be carried out.
    pub(crate) async fn is_behind(&self) -> bool {
        self.0.turn.lock().await.behind
    }

    async fn change_at<T: Send + 'static>(
        &self, command: impl FnOnce(&mut World, i64, &mut dyn FnMut() -> u64) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, ChangeError> {
        // A client that hangs up must not leave a change between its parts.
        let engine = self.clone();
        let change = tokio::spawn(async move { engine.change_whole(command).await });
        change.await.unwrap_or_else(|error| Err(ChangeError::Failed(error.to_string())))
    }

    async fn change_whole<T: Send + 'static>(
        &self, command: impl FnOnce(&mut World, i64, &mut dyn FnMut() -> u64) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, ChangeError> {
        let mut turn = self.0.turn.lock().await;
        let old = self.world();
        let mut new = World::clone(&old);
        let made = {
            let mut entropy = self.0.entropy.lock().unwrap_or_else(PoisonError::into_inner);
            command(&mut new, clock::now_ms(), &mut **entropy)?
        };
        let (store, before) = (Arc::clone(&self.0.store), Arc::clone(&old));
        let new = Arc::new(new);
        let after = Arc::clone(&new);
        let (previous, from) = (Arc::clone(&self.0.plan.borrow()), Arc::clone(&old));
        let planned = tokio::task::spawn_blocking(move || {
            store.write(&before, &after)?;
            Ok::<_, crate::store::StoreError>(sidegate_plan::recompile(&previous, &from, &after))
        })
        .await;
        let plan = match planned {
            Ok(Ok(plan)) => Arc::new(plan),
            Ok(Err(error)) => return Err(ChangeError::Failed(error.to_string())),
            Err(error) => return Err(ChangeError::Failed(error.to_string())),
        };
        let outcome = self.apply(&mut turn, &plan).await;
        *self.0.world.write().unwrap_or_else(PoisonError::into_inner) = new;
        outcome.map(|()| made)
    }

    async fn apply(&self, turn: &mut Turn, plan: &Arc<Plan>) -> Result<(), ChangeError> {
        self.0.plan.send_replace(Arc::clone(plan));
        let outcome = match self.0.actuator.get() {
            Some(actuator) => actuator.apply(plan).await,
            None => Err("nothing carries plans out yet".to_owned()),
        };
        turn.behind = outcome.is_err();
        outcome.map_err(ChangeError::Failed)
    }
}
