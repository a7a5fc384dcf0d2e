//! The number of an event, and of the place between two events: its time and its place in the order of arrival in one
//! number of 56 digits, as ids and tokens of CloudWatch Logs have it.

/// How many digits there are.
const DIGITS: usize = 56;

/// How many bits the place in the order of arrival takes, below the time.
const BITS: u32 = 144;

/// Where an event stands among those of its log group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EventId {
    /// Its timestamp: Unix milliseconds.
    pub(super) at: i64,
    /// Its number in the order of arrival.
    pub(super) sequence: i64,
}

impl EventId {
    /// Before everything.
    pub(super) const FIRST: Self = Self { at: 0, sequence: 0 };

    /// Before everything of a time.
    pub(super) fn before(at: i64) -> Self {
        Self { at: at.max(0), sequence: 0 }
    }

    /// The number of 56 digits.
    pub(super) fn digits(self) -> String {
        let (at, sequence) = (u64::try_from(self.at).unwrap_or(0), u64::try_from(self.sequence).unwrap_or(0));
        // Limbs of 32 bits, the most significant first: 64 bits of time from bit 144 on, 64 of the sequence at the
        // bottom.
        let shifted = u128::from(at) << (BITS % 32);
        let limb = |value: u128, at: u32| u32::try_from(value >> (32 * at) & 0xffff_ffff).unwrap_or(0);
        let mut limbs = [limb(shifted, 2), limb(shifted, 1), limb(shifted, 0), 0, 0]
            .into_iter()
            .chain([limb(sequence.into(), 1), limb(sequence.into(), 0)])
            .collect::<Vec<_>>();
        let mut digits = String::new();
        for _ in 0..DIGITS {
            let mut rest = 0;
            for limb in &mut limbs {
                let value = rest << 32 | u64::from(*limb);
                *limb = u32::try_from(value / 10).unwrap_or(0);
                rest = value % 10;
            }
            digits.insert(0, char::from(b'0' + u8::try_from(rest).unwrap_or(0)));
        }
        digits
    }

    /// Reads a number of 56 digits; `None` if it is none that stands for an event.
    pub(super) fn parse(digits: &str) -> Option<Self> {
        if digits.len() != DIGITS {
            return None;
        }
        let mut limbs = [0_u32; 7];
        for digit in digits.bytes() {
            let mut carry = u64::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
            for limb in limbs.iter_mut().rev() {
                let value = u64::from(*limb) * 10 + carry;
                *limb = u32::try_from(value & 0xffff_ffff).ok()?;
                carry = value >> 32;
            }
            if carry != 0 {
                return None;
            }
        }
        let [a, b, c, zero, none, high, low] = limbs;
        let at = (u128::from(a) << 64 | u128::from(b) << 32 | u128::from(c)) >> (BITS % 32);
        let sequence = u64::from(high) << 32 | u64::from(low);
        let id = Self { at: i64::try_from(at).ok()?, sequence: i64::try_from(sequence).ok()? };
        (zero == 0 && none == 0 && id.digits() == digits).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_56_digits_and_is_read_again() {
        for (at, sequence) in [(0, 0), (1_750_000_000_123, 1), (1_750_000_000_123, i64::MAX), (4_102_444_800_000, 77)] {
            let id = EventId { at, sequence };
            assert_eq!(id.digits().len(), 56);
            assert_eq!(EventId::parse(&id.digits()), Some(id));
        }
        // An id that AWS's reference shows: of December 2014.
        assert!(EventId { at: 1_396_035_394_000, sequence: 0 }.digits().starts_with("3113"));
    }

    #[test]
    fn ids_are_in_the_order_of_time_and_then_of_arrival() {
        let ids = [(1, 9), (2, 1), (2, 2), (10, 0)].map(|(at, sequence)| EventId { at, sequence }.digits());
        assert!(ids.is_sorted());
    }

    #[test]
    fn what_is_no_id_is_none() {
        for text in ["", "1", &"9".repeat(56), &"x".repeat(56), &format!("{}1", "0".repeat(30))] {
            assert_eq!(EventId::parse(text), None, "{text}");
        }
    }
}
