//! Randomness from the operating system, for what the services make ids and secrets of.

use crate::vault::NoRandomness;

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A UUID of version 4 (RFC 9562).
pub(crate) fn uuid() -> Result<String, NoRandomness> {
    let bits = u128::from_ne_bytes(bytes()?) & !(0xf << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let digits = format!("{bits:032x}");
    let group = |from, to| digits.get(from..to).unwrap_or_default();
    Ok([group(0, 8), group(8, 12), group(12, 16), group(16, 20), group(20, 32)].join("-"))
}
