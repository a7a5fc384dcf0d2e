//! Ctrl-C, SIGTERM and SIGHUP: a benchmark looks here between two samples, so that all it made is removed as at any other end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

use super::{BenchError, Step as _};

/// Whether the benchmark shall end.
#[derive(Clone, Debug)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to listen.
    pub(super) fn listen(runtime: &Handle) -> Result<Self, BenchError> {
        let _inside = runtime.enter();
        let mut interrupted = signal(SignalKind::interrupt()).step("listening for signals")?;
        let mut terminated = signal(SignalKind::terminate()).step("listening for signals")?;
        let mut hung_up = signal(SignalKind::hangup()).step("listening for signals")?;
        let flag = Arc::new(AtomicBool::new(false));
        let raised = Arc::clone(&flag);
        runtime.spawn(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
                _ = hung_up.recv() => {}
            }
            raised.store(true, Ordering::Relaxed);
        });
        Ok(Self(flag))
    }

    /// An error once the benchmark shall end.
    pub(super) fn check(&self) -> Result<(), BenchError> {
        if self.0.load(Ordering::Relaxed) { Err(BenchError::Interrupted) } else { Ok(()) }
    }
}
