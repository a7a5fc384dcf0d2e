//! A cache in which each key has one place, so that finding one costs as much as reading it.

/// A cache of a fixed size. A key that comes to a place drives out what was there.
#[derive(Clone, Debug)]
pub(super) struct Direct<K, V> {
    places: Vec<Option<(K, V)>>,
}

/// The number of places: a power of two.
const PLACES: usize = 1 << 13;

impl<K: PartialEq, V: Copy> Direct<K, V> {
    pub(super) fn new() -> Self {
        let mut places = Vec::new();
        places.resize_with(PLACES, || None);
        Self { places }
    }

    /// The value of a key whose mixed bits these are.
    #[inline]
    pub(super) fn find(&self, bits: u64, key: &K) -> Option<V> {
        match self.places.get(place(bits)) {
            Some(Some((own, value))) if own == key => Some(*value),
            _ => None,
        }
    }

    /// Keeps a value.
    pub(super) fn keep(&mut self, bits: u64, key: K, value: V) {
        if let Some(slot) = self.places.get_mut(place(bits)) {
            *slot = Some((key, value));
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.places.iter_mut().for_each(|place| *place = None);
    }
}

/// The place of a key: the highest bits of a product, on which all of its bits have a say.
#[inline]
fn place(bits: u64) -> usize {
    (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACES.trailing_zeros())) as usize
}
