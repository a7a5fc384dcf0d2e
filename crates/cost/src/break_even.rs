//! From which volume on one way costs no more than another.

use serde::Serialize;

use crate::{Curve, Money};

/// For which volumes one way costs no more than another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BreakEven {
    /// The volumes in bytes, each range from its first to its last; without a last one, for all beyond. In rising order, with
    /// gaps between.
    pub ranges: Vec<(u128, Option<u128>)>,
}

impl BreakEven {
    /// Whether it never costs more.
    pub fn is_always(&self) -> bool {
        self.ranges == [(0, None)]
    }

    /// Whether it always costs more.
    pub fn is_never(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The fewest bytes with which it costs no more.
    pub fn from(&self) -> Option<u128> {
        self.ranges.first().map(|(from, _)| *from)
    }
}

/// For which volumes `this` costs no more than `that`. In each part in which neither rate changes, costs meet where
/// `(fixed − fixed′) / (rate′ − rate)`.
pub fn break_even(this: &Curve, that: &Curve) -> BreakEven {
    let mut starts: Vec<u128> = this.starts().chain(that.starts()).collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| Some(next - 1)).chain([None]);
    let mut ranges: Vec<(u128, Option<u128>)> = Vec::new();
    for (&start, end) in starts.iter().zip(ends) {
        let (rate, other) = (rate(this, start), rate(that, start));
        let Some((from, until)) = within(&this.at(start), &that.at(start), &rate, &other) else { continue };
        let from = start.saturating_add(from);
        let last = until.map(|until| start.saturating_add(until));
        let last = match (last, end) {
            (Some(last), Some(end)) => Some(last.min(end)),
            (last, end) => last.or(end),
        };
        if last.is_some_and(|last| last < from) {
            continue;
        }
        match ranges.last_mut() {
            Some((_, Some(before))) if before.checked_add(1) == Some(from) => {
                if let Some(range) = ranges.last_mut() {
                    range.1 = last;
                }
            }
            _ => ranges.push((from, last)),
        }
    }
    BreakEven { ranges }
}

/// For which volumes beyond a point the first costs no more, if it costs `this` there and rises at `rate`.
fn within(this: &Money, that: &Money, rate: &Money, other: &Money) -> Option<(u128, Option<u128>)> {
    let (is_less, is_flatter) = (this <= that, rate <= other);
    match (is_less, is_flatter) {
        (true, true) => Some((0, None)),
        (false, true) => (this - that).bytes_at(&(other - rate)).map(|from| (from, None)),
        (true, false) => {
            let (ahead, loss) = (that - this, rate - other);
            let Some(bytes) = ahead.bytes_at(&loss) else { return Some((0, None)) };
            let until = if loss.for_bytes(bytes) > ahead { bytes.saturating_sub(1) } else { bytes };
            Some((0, Some(until)))
        }
        (false, false) => None,
    }
}

/// What 2³⁰ bytes cost beyond a volume.
fn rate(curve: &Curve, at: u128) -> Money {
    let found = curve.segments().find(|(from, end, _)| (*from..*end).contains(&at));
    found.map_or_else(Money::zero, |(.., price)| price.clone())
}

#[cfg(test)]
mod tests;
