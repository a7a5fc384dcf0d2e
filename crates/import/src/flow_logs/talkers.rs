//! Who was talked with most, in bounded memory.

use std::cmp::Ordering;
use std::net::IpAddr;

use foldhash::{HashMap, HashMapExt as _};

use super::observed::Totals;

/// An interface, by its number, and the address at the other end.
type Pair = (u32, Option<IpAddr>);

/// The pairs with the most bytes. There are at most twice as many as are asked for; then the lesser half gives way, and
/// what it had is counted with all others.
#[derive(Clone, Debug)]
pub(super) struct Talkers {
    limit: usize,
    places: HashMap<Pair, u32>,
    all: Vec<(Pair, Totals)>,
    pub(super) other: Totals,
}

impl Talkers {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), places: HashMap::new(), all: Vec::new(), other: Totals::default() }
    }

    /// The place of a pair, and whether the places of all others have changed.
    pub(super) fn enter(&mut self, pair: Pair) -> (u32, bool) {
        if let Some(place) = self.places.get(&pair) {
            return (*place, false);
        }
        let is_full = self.all.len() >= self.limit.saturating_mul(2);
        if is_full {
            self.shorten();
            self.places = self.all.iter().zip(0..).map(|((pair, _), place)| (*pair, place)).collect();
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.places.insert(pair, place);
        self.all.push((pair, Totals::default()));
        (place, is_full)
    }

    /// Counts a flow of the pair at a place.
    #[inline]
    pub(super) fn count(&mut self, place: u32, bytes: u64, packets: u64) {
        let totals = self.all.get_mut(place as usize).map_or(&mut self.other, |(_, totals)| totals);
        totals.count(bytes, packets);
    }

    /// The pairs with the most bytes, and what all others had.
    pub(super) fn finish(mut self) -> (Vec<(Pair, Totals)>, Totals) {
        self.shorten();
        self.all.sort_unstable_by(most);
        (self.all, self.other)
    }

    /// Leaves the pairs with the most bytes, in no order.
    fn shorten(&mut self) {
        if self.all.len() <= self.limit {
            return;
        }
        self.all.select_nth_unstable_by(self.limit, most);
        for (_, totals) in self.all.drain(self.limit..) {
            self.other.add(&totals);
        }
    }
}

/// The order of pairs: first those with the most bytes.
fn most((pair, a): &(Pair, Totals), (other, b): &(Pair, Totals)) -> Ordering {
    b.cmp(a).then(pair.cmp(other))
}
