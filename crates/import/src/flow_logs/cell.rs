//! A value in a log, and what it means.

use std::net::{IpAddr, Ipv4Addr};

use super::columns::Slot;

/// A value as it stands in a log.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    /// There is none.
    Missing,
    /// Text.
    Text(&'a [u8]),
    /// A number, in Parquet.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "text has none"))]
    Number(i64),
}

/// The values of one record.
pub(super) trait Cells<'a> {
    /// The value of a field.
    fn cell(&self, slot: Slot) -> Cell<'a>;
}

impl<'a> Cell<'a> {
    /// The text, if there is any.
    #[inline]
    pub(super) fn text(self) -> Option<&'a [u8]> {
        match self {
            Self::Text(text) => Some(text),
            Self::Missing | Self::Number(_) => None,
        }
    }

    /// As it is shown in a finding: not all of a long one.
    pub(super) fn shown(self) -> String {
        match self {
            Self::Missing => "-".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => {
                let shown: String = String::from_utf8_lossy(text).chars().take(40).collect();
                shown.escape_debug().to_string()
            }
        }
    }
}

/// A number of digits alone. `None` for anything else, and for one that is too large.
#[inline]
pub(super) fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let (mut number, mut rest) = (0_u64, text);
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        number = number.checked_mul(100_000_000)?.checked_add(eight(*word)?)?;
        rest = after;
    }
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    Some(number)
}

/// The most digits of a number of 64 bits.
const LONGEST: usize = 20;

/// A byte in every byte.
const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Eight digits at once: neighbours make pairs, pairs make fours, and these the whole.
#[inline]
fn eight(word: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(word);
    let upper = |word: u64| word & every(0xf0);
    // The upper half of a digit is 3, and stays it where 6 is added.
    if upper(word) | upper(word.wrapping_add(every(6))) >> 4 != every(0x33) {
        return None;
    }
    let digits = word.wrapping_sub(every(b'0'));
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let in_place = |shift: u32| pairs >> shift & 0x0000_00ff_0000_00ff;
    let whole =
        in_place(0).wrapping_mul(100 + (1_000_000 << 32)).wrapping_add(in_place(16).wrapping_mul(1 + (10_000 << 32)));
    Some(whole >> 32)
}

/// An address.
#[inline]
pub(super) fn address(text: &[u8]) -> Option<IpAddr> {
    match ipv4(text) {
        Some(address) => Some(IpAddr::V4(address)),
        None if text.len() <= 45 && text.contains(&b':') => {
            std::str::from_utf8(text).ok()?.parse().ok().map(IpAddr::V6)
        }
        None => None,
    }
}

/// Four numbers with points between, without leading zeros.
#[inline]
fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    if text.len() > 15 {
        return None;
    }
    let (mut address, mut part, mut digits, mut points) = (0_u32, 0_u32, 0_u32, 0_u32);
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            if digits > 0 && part == 0 {
                return None;
            }
            part = part * 10 + u32::from(digit);
            digits += 1;
            if digits > 3 {
                return None;
            }
        } else if byte == b'.' && digits > 0 && part <= 255 && points < 3 {
            address = address << 8 | part;
            (part, digits) = (0, 0);
            points += 1;
        } else {
            return None;
        }
    }
    (points == 3 && digits > 0 && part <= 255).then(|| Ipv4Addr::from_bits(address << 8 | part))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn addresses_are_those_that_the_standard_library_reads(text in "[0-9]{0,4}(\\.[0-9]{0,4}){2,4}|[0-9.:a-f]{0,20}") {
            prop_assert_eq!(address(text.as_bytes()), text.parse::<IpAddr>().ok());
        }

        #[test]
        fn every_address_is_read_as_it_is_written(four in any::<u32>(), six in any::<u128>()) {
            for written in [IpAddr::from(four.to_be_bytes()), IpAddr::from(six.to_be_bytes())] {
                prop_assert_eq!(address(written.to_string().as_bytes()), Some(written));
            }
        }

        #[test]
        fn eight_bytes_are_a_number_where_all_are_digits(word in any::<[u8; 8]>(), digits in "[0-9]{8}", place in 0..8_usize) {
            let expected = |word: &[u8]| std::str::from_utf8(word).ok()?.bytes().all(|byte| byte.is_ascii_digit()).then(|| {
                word.iter().fold(0, |number: u64, byte| number * 10 + u64::from(byte - b'0'))
            });
            let mut near: [u8; 8] = digits.as_bytes().try_into().unwrap();
            prop_assert_eq!(eight(near), expected(&near));
            near[place] = word[0];
            prop_assert_eq!(eight(near), expected(&near));
            prop_assert_eq!(eight(word), expected(&word));
        }

        #[test]
        fn numbers_are_those_that_the_standard_library_reads(text in "[0-9]{0,22}|[0-9+.x -]{0,5}") {
            let own = text.parse::<u64>().ok().filter(|_| !text.starts_with('+') && text.len() <= 20);
            prop_assert_eq!(number(text.as_bytes()), own);
        }
    }

    #[test]
    fn the_greatest_number_is_read_and_the_next_is_not() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(number(b"18446744073709551616"), None);
    }
}
