//! What Sidegate's own models work: on threads that may wait, for so long, and only as long as somebody waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::fault::Fault;

/// How long a model may work on one request. Clients of AWS wait for 60 seconds if they are told nothing else, and are to
/// hear of it before.
pub(super) const LONGEST: Duration = Duration::from_secs(50);

/// Says that nobody waits any more, when whoever waited is gone.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Does a piece of work, which is told by a function whether it is over: because it took too long, or because the client
/// went. It then ends with nothing.
///
/// # Errors
/// [`Fault::TimedOut`] if it takes longer than it may.
pub(super) async fn bounded<T: Send + 'static>(
    longest: Duration, work: impl FnOnce(&dyn Fn() -> bool) -> Option<T> + Send + 'static,
) -> Result<T, Fault> {
    let is_over = Arc::new(AtomicBool::new(false));
    let _waiting = Waiting(Arc::clone(&is_over));
    let done = spawn_blocking(move || {
        let is_over = || is_over.load(Ordering::Relaxed);
        // It may have waited for a thread until nobody waited for it.
        if is_over() { None } else { work(&is_over) }
    });
    match timeout(longest, done).await {
        Ok(Ok(Some(done))) => Ok(done),
        Ok(Ok(None)) | Err(_) => Err(Fault::TimedOut),
        Ok(Err(_)) => Err(Fault::Internal),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread::sleep;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(30);

    /// Works until it is over, and tells that it has ended.
    fn endless(ended: mpsc::Sender<()>) -> impl FnOnce(&dyn Fn() -> bool) -> Option<()> + Send + 'static {
        move |is_over| {
            while !is_over() {
                sleep(Duration::from_millis(1));
            }
            ended.send(()).unwrap();
            None
        }
    }

    #[tokio::test]
    async fn work_that_takes_too_long_is_an_error_and_ends() {
        let (sender, ended) = mpsc::channel();
        let fault = bounded(SHORT, endless(sender)).await.unwrap_err();
        assert_eq!(fault.code(), "ModelTimeoutException");
        ended.recv_timeout(LONG).unwrap();
        assert_eq!(bounded(LONG, |_| Some(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn work_ends_when_nobody_waits_for_it() {
        let (sender, ended) = mpsc::channel();
        let work = bounded(LONG, endless(sender));
        assert!(timeout(SHORT, work).await.is_err(), "the client goes");
        ended.recv_timeout(LONG).unwrap();
    }
}
