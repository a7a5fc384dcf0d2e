//! Ctrl-C, SIGTERM and SIGHUP: a benchmark looks here between two samples, so that all it made is removed as at any other end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;

use super::{BenchError, Step as _};
use crate::interruption::Interruption;

/// Whether the benchmark shall end.
#[derive(Clone, Debug)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to listen.
    pub(super) fn listen(runtime: &Handle) -> Result<Self, BenchError> {
        let _inside = runtime.enter();
        let mut interruption = Interruption::listen().step("listening for signals")?;
        let flag = Arc::new(AtomicBool::new(false));
        let raised = Arc::clone(&flag);
        runtime.spawn(async move {
            interruption.comes().await;
            raised.store(true, Ordering::Relaxed);
        });
        Ok(Self(flag))
    }

    /// An error once the benchmark shall end.
    pub(super) fn check(&self) -> Result<(), BenchError> {
        if self.0.load(Ordering::Relaxed) { Err(BenchError::Interrupted) } else { Ok(()) }
    }
}
