//! How much endpoints are used: connections and bytes, counted at the sockets on which the edge takes them.
//!
//! What the kernel drops, and resets that peers send, are not seen here, and so not counted. Two ask for it, CloudWatch's
//! metrics and the bill, and each is told everything once. Gateway endpoints are no network interfaces, and CloudWatch has
//! nothing of theirs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sidegate_model::{NetworkInterfaceId, VpcEndpointId, VpcId};

/// Where connections lead to: a network interface of an endpoint, or a gateway endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The VPC.
    pub vpc: VpcId,
    /// The endpoint.
    pub endpoint: VpcEndpointId,
    /// The network interface, which is in one subnet. `None` of a gateway endpoint.
    pub interface: Option<NetworkInterfaceId>,
}

/// What was counted of a place since it was asked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// How many connections there are now.
    pub active: u64,
    /// How many were accepted.
    pub opened: u64,
    /// How many bytes went over them, in both directions.
    pub bytes: u64,
}

/// What is counted of all places.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<BTreeMap<Place, Arc<Counters>>>);

#[derive(Debug, Default)]
struct Counters {
    active: AtomicU64,
    opened: AtomicU64,
    bytes: AtomicU64,
    /// The bytes that the bill has not been told of.
    unbilled: AtomicU64,
}

impl Usage {
    /// A connection to a place has been accepted. It lasts as long as what is returned.
    pub(crate) fn open(&self, place: Place) -> Meter {
        // Counted under the lock: else the place could be forgotten between the two.
        let mut places = self.places();
        let counters = Arc::clone(places.entry(place).or_default());
        counters.active.fetch_add(1, Ordering::Relaxed);
        counters.opened.fetch_add(1, Ordering::Relaxed);
        Meter(counters)
    }

    /// What was counted since this was called last, of the places that were used or have connections. Those of which nobody
    /// will ask anything more are forgotten.
    pub(crate) fn take(&self) -> Vec<(Place, Used)> {
        let used = self.take_by(Counters::take);
        used.into_iter().filter(|(_, used)| *used != Used::default()).collect()
    }

    /// The bytes that were counted since this was called last, whatever [`Self::take`] has told of them.
    pub(crate) fn take_unbilled(&self) -> Vec<(Place, u64)> {
        let bytes = self.take_by(|counters| counters.unbilled.swap(0, Ordering::Relaxed));
        bytes.into_iter().filter(|(_, bytes)| *bytes > 0).collect()
    }

    fn take_by<T>(&self, take: impl Fn(&Counters) -> T) -> Vec<(Place, T)> {
        let mut places = self.places();
        let taken = places.iter().map(|(place, counters)| (place.clone(), take(counters))).collect();
        places.retain(|_, counters| !counters.is_spent());
        taken
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<Place, Arc<Counters>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counters {
    fn take(&self) -> Used {
        Used {
            active: self.active.load(Ordering::Relaxed),
            opened: self.opened.swap(0, Ordering::Relaxed),
            bytes: self.bytes.swap(0, Ordering::Relaxed),
        }
    }

    /// Whether there is no connection, and nothing that somebody has not been told.
    fn is_spent(&self) -> bool {
        // The end of a connection is seen after all that it counted.
        self.active.load(Ordering::Acquire) == 0
            && [&self.opened, &self.bytes, &self.unbilled].iter().all(|count| count.load(Ordering::Relaxed) == 0)
    }
}

/// A connection that is counted.
#[derive(Debug)]
pub(crate) struct Meter(Arc<Counters>);

impl Meter {
    /// Bytes went over it.
    pub(crate) fn moved(&self, bytes: usize) {
        self.0.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.0.unbilled.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(interface: u8) -> Place {
        Place {
            vpc: "vpc-0123456789abcdef0".parse().unwrap(),
            endpoint: "vpce-0123456789abcdef0".parse().unwrap(),
            interface: Some(format!("eni-0123456789abcdef{interface}").parse().unwrap()),
        }
    }

    #[test]
    fn what_was_counted_is_told_once_and_live_connections_stay() {
        let usage = Usage::default();
        assert_eq!(usage.take(), []);
        let (first, second) = (usage.open(place(1)), usage.open(place(1)));
        let other = usage.open(place(2));
        first.moved(10);
        second.moved(5);
        drop(second);
        let used = |active, opened, bytes| Used { active, opened, bytes };
        assert_eq!(usage.take(), [(place(1), used(1, 2, 15)), (place(2), used(1, 1, 0))]);
        first.moved(1);
        drop(other);
        assert_eq!(usage.take(), [(place(1), used(1, 0, 1))]);
        assert_eq!(usage.take(), [(place(1), used(1, 0, 0))], "it has a connection");
        first.moved(2);
        drop(first);
        assert_eq!(usage.take(), [(place(1), used(0, 0, 2))], "bytes of a connection that has ended are not lost");
        assert_eq!(usage.take(), []);
        assert_eq!(usage.places().len(), 1, "the bill was not told of the one that has bytes");
        assert_eq!(usage.take_unbilled(), [(place(1), 18)]);
        assert!(usage.places().is_empty());
    }

    #[test]
    fn the_bill_is_told_every_byte_once_whatever_metrics_were_told() {
        let usage = Usage::default();
        let open = usage.open(place(1));
        open.moved(10);
        assert_eq!(usage.take_unbilled(), [(place(1), 10)]);
        assert_eq!(usage.take_unbilled(), []);
        open.moved(5);
        assert_eq!(usage.take(), [(place(1), Used { active: 1, opened: 1, bytes: 15 })]);
        drop(open);
        assert_eq!(usage.take(), []);
        assert_eq!(usage.take_unbilled(), [(place(1), 5)]);
        assert!(usage.places().is_empty());
    }
}
