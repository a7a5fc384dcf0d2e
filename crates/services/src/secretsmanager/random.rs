//! Choices among characters, by chance.

use super::fault::Fault;
use crate::random::bytes;

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A number below `bound`, each as likely as any other; 0 if there is none.
pub(super) fn below(bound: usize) -> Result<usize, Fault> {
    let bound = bound as u64;
    if bound <= 1 {
        return Ok(0);
    }
    // Numbers from the last, incomplete run of `bound` would come up too often.
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let number = u64::from_ne_bytes(bytes()?);
        if number < fair {
            return Ok((number % bound) as usize);
        }
    }
}

/// The six characters that the ARN of a new secret ends with.
pub(super) fn suffix() -> Result<String, Fault> {
    (0..6)
        .map(|_| below(ALPHANUMERIC.len()).map(|i| ALPHANUMERIC.get(i).map_or('A', |byte| char::from(*byte))))
        .collect()
}
