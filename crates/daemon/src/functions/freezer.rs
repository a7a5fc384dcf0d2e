//! Between events the processes of an environment stand still, as on AWS: what a function has left running goes on with the
//! next event.
//!
//! Source: Lambda developer guide, "Understanding the Lambda execution environment lifecycle".

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sidegate_linux::sandbox::Running;
use tokio::task::AbortHandle;

use super::runtime_api::RuntimeApi;

/// Stops the processes of an environment, and has them go on.
#[derive(Debug)]
pub(super) struct Freezer {
    running: Arc<Mutex<Running>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether there is no event.
    is_resting: bool,
    /// Waits until the runtime asks for the next one.
    waiting: Option<AbortHandle>,
}

impl Freezer {
    pub(super) fn new(running: Arc<Mutex<Running>>) -> Arc<Self> {
        Arc::new(Self { running, state: Mutex::default() })
    }

    /// An event is over: everything stops as soon as the runtime asks for the next one, which it may have done.
    pub(super) fn rest(self: &Arc<Self>, api: &Arc<RuntimeApi>) {
        self.state().is_resting = true;
        if api.is_waiting() {
            self.freeze();
            return;
        }
        let (own, api) = (Arc::downgrade(self), Arc::clone(api));
        let waiting = tokio::spawn(async move {
            api.waits().await;
            if let Some(own) = own.upgrade() {
                own.freeze();
            }
        });
        self.state().waiting = Some(waiting.abort_handle());
    }

    /// An event is to come: everything goes on.
    pub(super) fn wake(&self) {
        let mut state = self.state();
        if let Some(waiting) = state.waiting.take() {
            waiting.abort();
        }
        if std::mem::take(&mut state.is_resting)
            && let Err(error) = self.running().thaw()
        {
            tracing::error!(%error, "an execution environment does not go on");
        }
    }

    fn freeze(&self) {
        // Held meanwhile, so that who wakes it comes before or after.
        let state = self.state();
        if state.is_resting
            && let Err(error) = self.running().freeze()
        {
            tracing::warn!(%error, "an execution environment does not stand still");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Freezer {
    fn drop(&mut self) {
        if let Some(waiting) = self.state().waiting.take() {
            waiting.abort();
        }
    }
}
