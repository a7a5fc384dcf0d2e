//! How many invocations there are at once, of a function and of an account.
//!
//! Source: Lambda developer guide, "Understanding Lambda function scaling", "Configuring reserved concurrency".

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use sidegate_model::Scope;

use crate::lambda::fault::{Fault, Throttle};
use crate::lambda::name::Place;

/// How many invocations there are now.
#[derive(Debug, Default)]
pub(crate) struct Concurrency(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// Of functions for which some are set aside.
    reserved: BTreeMap<Place, u32>,
    /// Of all others of an account in a Region.
    shared: BTreeMap<Scope, u32>,
}

/// The right to one invocation, which ends with this.
#[derive(Debug)]
pub(crate) struct Slot {
    concurrency: Arc<Concurrency>,
    counted: Counted,
}

#[derive(Debug)]
enum Counted {
    Reserved(Place),
    Shared(Scope),
}

impl Concurrency {
    /// One more invocation of a function. `reserved` is what is set aside for it, `shared` what all others have together.
    ///
    /// # Errors
    /// That it would be one too many.
    pub(crate) fn enter(self: &Arc<Self>, place: &Place, reserved: Option<u32>, shared: u32) -> Result<Slot, Fault> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = match reserved {
            Some(most) => {
                let count = counts.reserved.entry(place.clone()).or_default();
                if *count >= most {
                    return Err(Fault::TooMany(Throttle::Reserved));
                }
                *count += 1;
                Counted::Reserved(place.clone())
            }
            None => {
                let count = counts.shared.entry(place.scope.clone()).or_default();
                if *count >= shared {
                    return Err(Fault::TooMany(Throttle::Account));
                }
                *count += 1;
                Counted::Shared(place.scope.clone())
            }
        };
        drop(counts);
        Ok(Slot { concurrency: Arc::clone(self), counted })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        fn leave<K: Ord>(counts: &mut BTreeMap<K, u32>, key: &K) {
            if let Some(count) = counts.get_mut(key) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    counts.remove(key);
                }
            }
        }
        let mut counts = self.concurrency.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.counted {
            Counted::Reserved(place) => leave(&mut counts.reserved, place),
            Counted::Shared(scope) => leave(&mut counts.shared, scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_for_a_function_is_its_own_and_its_most() {
        let concurrency = Arc::new(Concurrency::default());
        let place = |name: &str| Place {
            scope: Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() },
            name: name.to_owned(),
        };
        let enter = |name: &str, reserved| concurrency.enter(&place(name), reserved, 2);
        let held = [enter("a", None).unwrap(), enter("b", None).unwrap()];
        assert!(matches!(enter("c", None), Err(Fault::TooMany(Throttle::Account))));
        let own = enter("d", Some(1)).unwrap();
        assert!(matches!(enter("d", Some(1)), Err(Fault::TooMany(Throttle::Reserved))));
        drop(held);
        assert!(enter("c", None).is_ok());
        drop(own);
        assert!(enter("d", Some(1)).is_ok());
        assert!(matches!(enter("e", Some(0)), Err(Fault::TooMany(Throttle::Reserved))));
    }
}
