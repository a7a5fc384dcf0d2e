//! Bodies that are being read keep their files until they have been read, though their object is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::bodies::Bodies;

/// Which bodies are being read.
#[derive(Debug)]
pub(crate) struct Pins {
    bodies: Arc<Bodies>,
    /// Held for reading from the lookup of a row until its body is pinned, so that whoever removed the row cannot find
    /// the body unpinned in between.
    lookups: RwLock<()>,
    held: Mutex<HashMap<String, Held>>,
}

#[derive(Debug, Default)]
struct Held {
    count: usize,
    doomed: Vec<String>,
}

/// A body that keeps its files while this lives.
#[derive(Debug)]
pub(crate) struct Pin {
    pins: Arc<Pins>,
    body: String,
}

impl Pins {
    pub(crate) fn new(bodies: Arc<Bodies>) -> Arc<Self> {
        Arc::new(Self { bodies, lookups: RwLock::default(), held: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks an object up and pins its body.
    pub(crate) fn pinned<T, E>(
        self: &Arc<Self>, look_up: impl FnOnce() -> Result<T, E>, body: impl FnOnce(&T) -> &str,
    ) -> Result<(T, Pin), E> {
        let _looking = self.lookups.read().unwrap_or_else(PoisonError::into_inner);
        let found = look_up()?;
        let body = body(&found).to_owned();
        self.held().entry(body.clone()).or_default().count += 1;
        let pin = Pin { pins: Arc::clone(self), body };
        Ok((found, pin))
    }

    /// Removes the files of a body that has no row any longer, as soon as nobody reads it.
    pub(crate) fn release(&self, body: &str, files: Vec<String>) {
        // Lookups that may have seen the row are over once this lock has been had.
        drop(self.lookups.write().unwrap_or_else(PoisonError::into_inner));
        if let Some(held) = self.held().get_mut(body) {
            held.doomed.extend(files);
            return;
        }
        self.bodies.remove(&files);
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut all = self.pins.held();
        let Some(held) = all.get_mut(&self.body) else { return };
        held.count = held.count.saturating_sub(1);
        if held.count > 0 {
            return;
        }
        let doomed = all.remove(&self.body).map(|held| held.doomed).unwrap_or_default();
        drop(all);
        if doomed.is_empty() {
            return;
        }
        let bodies = Arc::clone(&self.pins.bodies);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || bodies.remove(&doomed))),
            Err(_) => bodies.remove(&doomed),
        }
    }
}
