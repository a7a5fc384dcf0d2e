//! How much interface endpoints are used: connections and bytes, counted at the sockets on which the edge takes them.
//!
//! What the kernel drops, and resets that peers send, are not seen here, and so not counted. Gateway endpoints are no
//! network interfaces, and AWS counts nothing of theirs either.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sidegate_model::{NetworkInterfaceId, VpcEndpointId, VpcId};

/// Where connections lead to: a network interface of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The VPC.
    pub vpc: VpcId,
    /// The endpoint.
    pub endpoint: VpcEndpointId,
    /// The network interface, which is in one subnet.
    pub interface: NetworkInterfaceId,
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

    /// What was counted since this was called last, of the places that were used or have connections. Others are
    /// forgotten.
    pub(crate) fn take(&self) -> Vec<(Place, Used)> {
        let mut places = self.places();
        let used: Vec<_> = places.iter().map(|(place, counters)| (place.clone(), counters.take())).collect();
        places.retain(|_, counters| counters.active.load(Ordering::Relaxed) > 0);
        used.into_iter().filter(|(_, used)| *used != Used::default()).collect()
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
}

/// A connection that is counted.
#[derive(Debug)]
pub(crate) struct Meter(Arc<Counters>);

impl Meter {
    /// Bytes went over it.
    pub(crate) fn moved(&self, bytes: usize) {
        self.0.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(interface: u8) -> Place {
        Place {
            vpc: "vpc-0123456789abcdef0".parse().unwrap(),
            endpoint: "vpce-0123456789abcdef0".parse().unwrap(),
            interface: format!("eni-0123456789abcdef{interface}").parse().unwrap(),
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
        assert!(usage.places().is_empty());
    }
}
