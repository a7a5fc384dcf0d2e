//! Randomness: bytes, choices among characters, and version ids.

use super::fault::Fault;
use crate::vault::NoRandomness;

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn bytes<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

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

/// A UUID of version 4 (RFC 9562).
pub(super) fn uuid() -> Result<String, Fault> {
    let bits = u128::from_ne_bytes(bytes()?) & !(0xf << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let digits = format!("{bits:032x}");
    let group = |from, to| digits.get(from..to).unwrap_or_default();
    Ok([group(0, 8), group(8, 12), group(12, 16), group(16, 20), group(20, 32)].join("-"))
}
