//! Ranges that lie within each other, flattened to a table without overlaps.

use super::Label;

/// Where there is no range.
const NONE: u32 = u32::MAX;

/// Addresses and what has them: each entry from its address until that of the next.
#[derive(Clone, Debug)]
pub(super) struct Table<A> {
    starts: Vec<A>,
    labels: Vec<u32>,
}

impl<A> Default for Table<A> {
    fn default() -> Self {
        Self { starts: Vec::new(), labels: Vec::new() }
    }
}

/// An unsigned number that an address is.
pub(super) trait Bits: Copy + Ord {
    /// The next one, unless it is the last.
    fn next(self) -> Option<Self>;
}

impl Bits for u32 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Bits for u128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

/// How much a service says: a range of `AMAZON` is one of any service, one of `EC2` may be of a service that runs there.
fn rank(label: &Label) -> u8 {
    match label.service.as_str() {
        "AMAZON" => 0,
        "EC2" => 1,
        _ => 2,
    }
}

impl<A: Bits> Table<A> {
    /// The table of ranges, each with its first and last address, its length and the place of its label.
    pub(super) fn new(mut ranges: Vec<(A, A, u8, u32)>, labels: &[Label]) -> Self {
        let label = |place: u32| labels.get(place as usize);
        let rank_of = |place: u32| label(place).map_or(0, rank);
        ranges.sort_by_key(|(first, _, length, place)| (*first, *length, rank_of(*place)));
        let mut table = Self::default();
        // The ranges that hold the one at hand, the widest first, each with its last address.
        let mut around: Vec<(A, u32)> = Vec::new();
        for (first, last, _, place) in ranges {
            table.leave(&mut around, Some(first));
            let outer = around.last().map_or(NONE, |(_, outer)| *outer);
            // What a service has stays its own where all that is said of a part of it is that it is AWS's.
            let is_told = rank_of(outer) > rank_of(place)
                && label(outer).zip(label(place)).is_some_and(|(outer, own)| outer.region == own.region);
            let place = if is_told { outer } else { place };
            table.push(first, place);
            around.push((last, place));
        }
        table.leave(&mut around, None);
        table
    }

    /// Ends the ranges that end before an address, or all.
    fn leave(&mut self, around: &mut Vec<(A, u32)>, before: Option<A>) {
        while let Some(&(last, _)) = around.last() {
            if before.is_some_and(|before| last >= before) {
                break;
            }
            around.pop();
            if let Some(next) = last.next() {
                self.push(next, around.last().map_or(NONE, |(_, outer)| *outer));
            }
        }
    }

    /// From an address on, a label holds.
    fn push(&mut self, start: A, label: u32) {
        if self.starts.last() == Some(&start) {
            if let Some(last) = self.labels.last_mut() {
                *last = label;
            }
        } else {
            self.starts.push(start);
            self.labels.push(label);
        }
    }

    /// The place of the label of an address.
    pub(super) fn find(&self, address: A) -> Option<usize> {
        let place = self.starts.partition_point(|start| *start <= address).checked_sub(1)?;
        self.labels.get(place).filter(|label| **label != NONE).map(|label| *label as usize)
    }
}
