//! Randomness, for ids and account numbers.

use sidegate_model::AccountId;

use super::fault::Fault;
use crate::random::bytes;

/// Lower-case letters and digits.
pub(super) fn text(length: usize) -> Result<String, Fault> {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..length)
        .map(|_| {
            let digit = number()? % ALPHABET.len() as u64;
            let byte = usize::try_from(digit).ok().and_then(|at| ALPHABET.get(at));
            Ok(byte.map_or('a', |byte| char::from(*byte)))
        })
        .collect()
}

/// A number for a new account.
pub(super) fn account() -> Result<AccountId, Fault> {
    // Never with a zero in front, which careless clients take for a number and drop.
    let digits = 100_000_000_000 + number()? % 900_000_000_000;
    digits.to_string().parse().map_err(|_| Fault::NoRandomness)
}

/// 64 random bits: far more than is asked of them, so that each remainder is as likely as any other.
fn number() -> Result<u64, Fault> {
    bytes().map(u64::from_ne_bytes).map_err(|_| Fault::NoRandomness)
}
