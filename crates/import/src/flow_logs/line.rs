//! The fields of a line of text.

use super::cell::{Cell, Cells};
use super::columns::{Columns, Slot};

/// The most fields of a line. AWS has 42.
const MOST: usize = 128;

/// The longest line that is read, in bytes.
pub(super) const LONGEST: usize = 1 << 15;

/// Where the fields of a line end.
pub(super) struct Ends([u16; MOST]);

impl Default for Ends {
    fn default() -> Self {
        Self([0; MOST])
    }
}

/// A line and where its fields end.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    text: &'a [u8],
    ends: &'a [u16],
    columns: &'a Columns,
}

/// A space in every byte.
const SPACES: u64 = u64::from_le_bytes([b' '; 8]);

/// All bits of every byte but the highest.
const LOW: u64 = u64::from_le_bytes([0x7f; 8]);

impl Ends {
    /// Finds the fields of a line, eight bytes at a time. `None` if there are too many.
    #[inline]
    pub(super) fn find<'a>(&'a mut self, text: &'a [u8], columns: &'a Columns) -> Option<Line<'a>> {
        let mut count = 0;
        let mut end = |at: usize| match self.0.get_mut(count) {
            Some(slot) => {
                *slot = at as u16;
                count += 1;
                true
            }
            None => false,
        };
        let (words, rest) = text.as_chunks::<8>();
        let mut at = 0;
        for word in words {
            let differing = u64::from_le_bytes(*word) ^ SPACES;
            // The highest bit of a byte is set where it is a space, and nowhere else.
            let mut spaces = !((differing & LOW).wrapping_add(LOW) | differing | LOW);
            while spaces != 0 {
                if !end(at + (spaces.trailing_zeros() / 8) as usize) {
                    return None;
                }
                spaces &= spaces - 1;
            }
            at += 8;
        }
        for (place, byte) in rest.iter().enumerate() {
            if *byte == b' ' && !end(at + place) {
                return None;
            }
        }
        if !end(text.len()) {
            return None;
        }
        Some(Line { text, ends: self.0.get(..count)?, columns })
    }
}

impl<'a> Line<'a> {
    /// How many fields it has.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a field.
    #[inline]
    pub(super) fn field(&self, place: usize) -> Option<&'a [u8]> {
        let end = usize::from(*self.ends.get(place)?);
        self.text.get(self.begin(place)..end)
    }

    /// Where a field begins, from 0.
    #[inline]
    pub(super) fn begin(&self, place: usize) -> usize {
        let before = place.checked_sub(1).and_then(|before| self.ends.get(before));
        before.map_or(0, |end| usize::from(*end) + 1)
    }

    /// The place of a field that is looked at, counted from 0.
    pub(super) fn place(&self, slot: Slot) -> Option<usize> {
        self.columns.place(slot).map(|place| place + usize::from(self.columns.has_time))
    }
}

impl<'a> Cells<'a> for Line<'a> {
    #[inline]
    fn cell(&self, slot: Slot) -> Cell<'a> {
        match self.place(slot).and_then(|place| self.field(place)) {
            Some(b"-") | None => Cell::Missing,
            Some(text) => Cell::Text(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sidegate_model::LogFormat;

    use super::*;

    proptest! {
        #[test]
        fn fields_are_what_stands_between_spaces(text in prop::collection::vec(prop_oneof![Just(b' '), any::<u8>()], 0..120)) {
            let columns = Columns::of(&LogFormat::default());
            let (mut ends, mut begin) = (Ends::default(), 0);
            let fields: Vec<&[u8]> = text.split(|byte| *byte == b' ').collect();
            let line = ends.find(&text, &columns).unwrap();
            prop_assert_eq!(line.count(), fields.len());
            for (place, field) in fields.iter().enumerate() {
                prop_assert_eq!(line.field(place), Some(*field));
                prop_assert_eq!(line.begin(place), begin);
                begin += field.len() + 1;
            }
            prop_assert_eq!(line.field(fields.len()), None);
        }
    }

    #[test]
    fn a_line_of_too_many_fields_has_none() {
        let columns = Columns::of(&LogFormat::default());
        assert!(Ends::default().find(&[b' '; MOST - 1], &columns).is_some());
        assert!(Ends::default().find(&[b' '; MOST], &columns).is_none());
    }
}
