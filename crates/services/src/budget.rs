//! How much memory all the bodies together may take that are held whole.
//!
//! Each of them is bounded, but a client can begin thousands at once, and most are held before anybody knows whose they
//! are.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// By how much the share of a body grows whose length is not known.
const STEP: usize = 64 * 1024;

/// The bytes that all bodies together may take. Copies of it are the same budget.
#[derive(Clone, Debug)]
pub struct Budget {
    free: Arc<Semaphore>,
    patience: Duration,
}

/// There is no room for a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bodies of other requests take all the memory that there is for them; try again")]
pub struct Exhausted;

/// The part of a budget that a body has. It goes back when this is dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    permit: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// A budget of so many bytes. A body waits for its share for no longer than `patience`.
    pub fn new(bytes: usize, patience: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))), patience }
    }

    /// A share of so many bytes, once there are as many. Whoever asked first has it first.
    ///
    /// # Errors
    /// [`Exhausted`] if there is none in time.
    pub async fn reserve(&self, bytes: usize) -> Result<Share, Exhausted> {
        let mut share = Share { budget: self.clone(), permit: None };
        share.take(bytes).await?;
        Ok(share)
    }

    /// How many bytes are free.
    pub fn free(&self) -> usize {
        self.free.available_permits()
    }
}

impl Share {
    /// Makes it one of at least so many bytes.
    ///
    /// # Errors
    /// [`Exhausted`] if there is no room in time. It keeps what it has.
    pub async fn grow_to(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let has = self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        if bytes <= has {
            return Ok(());
        }
        self.take((bytes - has).next_multiple_of(STEP)).await
    }

    async fn take(&mut self, bytes: usize) -> Result<(), Exhausted> {
        if bytes == 0 {
            return Ok(());
        }
        let bytes = u32::try_from(bytes).map_err(|_| Exhausted)?;
        let room = Arc::clone(&self.budget.free).acquire_many_owned(bytes);
        let Ok(Ok(more)) = tokio::time::timeout(self.budget.patience, room).await else { return Err(Exhausted) };
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            None => self.permit = Some(more),
        }
        Ok(())
    }

    /// These bytes, which keep the share for as long as a copy of them exists.
    pub fn keep(self, bytes: Bytes) -> Bytes {
        match self.permit {
            Some(permit) => Bytes::from_owner(Held { bytes, _permit: permit }),
            None => bytes,
        }
    }
}

struct Held {
    bytes: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(bytes: usize) -> Budget {
        Budget::new(bytes, Duration::from_millis(10))
    }

    #[tokio::test]
    async fn what_is_reserved_comes_back_with_the_last_copy_of_the_bytes() {
        let budget = budget(10);
        let share = budget.reserve(6).await.unwrap();
        assert_eq!(budget.reserve(5).await.err(), Some(Exhausted));
        let bytes = share.keep(Bytes::from_static(b"abcdef"));
        let part = bytes.slice(2..3);
        drop(bytes);
        assert_eq!((budget.free(), &part[..]), (4, &b"c"[..]));
        drop(part);
        assert_eq!(budget.free(), 10);
    }

    #[tokio::test]
    async fn a_body_of_unknown_length_grows_in_steps_until_there_is_no_room() {
        let budget = budget(2 * STEP);
        let mut share = budget.reserve(0).await.unwrap();
        assert_eq!(budget.free(), 2 * STEP);
        share.grow_to(1).await.unwrap();
        share.grow_to(STEP).await.unwrap();
        assert_eq!(budget.free(), STEP);
        share.grow_to(STEP + 1).await.unwrap();
        assert_eq!(share.grow_to(2 * STEP + 1).await, Err(Exhausted));
        drop(share);
        assert_eq!(budget.free(), 2 * STEP);
    }

    #[tokio::test]
    async fn whoever_waits_is_let_in_as_soon_as_there_is_room() {
        let budget = Budget::new(8, Duration::from_secs(60));
        let first = budget.reserve(8).await.unwrap();
        let waiting = tokio::spawn({
            let budget = budget.clone();
            async move { budget.reserve(8).await.is_ok() }
        });
        tokio::task::yield_now().await;
        drop(first);
        assert!(waiting.await.unwrap());
    }
}
