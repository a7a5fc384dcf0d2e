//! Numbers as people read them.

use std::fmt;

use sidegate_cost::BreakEven;

/// The bytes of what AWS bills as a gigabyte.
const GIGABYTE: u128 = 1 << 30;

/// Bytes in gigabytes of 2³⁰, with at most two digits behind the point: `1,536 GB`. What is there is never shown as
/// nothing.
pub fn gigabytes(bytes: u128) -> String {
    let hundredths = (bytes.saturating_mul(100) + GIGABYTE / 2) / GIGABYTE;
    if hundredths == 0 && bytes > 0 {
        return "<0.01 GB".to_owned();
    }
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let shown = match part {
        0 => grouped(whole),
        part if part % 10 == 0 => format!("{}.{}", grouped(whole), part / 10),
        part => format!("{}.{part:02}", grouped(whole)),
    };
    format!("{shown} GB")
}

/// For which volumes something costs no more: `from 209 GB`. Ends are whole gigabytes within the range.
pub fn range(even: &BreakEven) -> String {
    if even.is_always() {
        return "any volume".to_owned();
    }
    let shown = even.ranges.iter().map(|(from, last)| {
        let from = from.div_ceil(GIGABYTE);
        match last {
            None => format!("from {} GB", grouped(from)),
            Some(last) if from == 0 => format!("up to {} GB", grouped(last / GIGABYTE)),
            Some(last) => format!("{} to {} GB", grouped(from), grouped(last / GIGABYTE)),
        }
    });
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() { "never".to_owned() } else { shown.join(", ") }
}

/// A whole number with a comma before each three digits.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Words with commas and an `and` between them.
pub(crate) struct List<'a, T>(pub(crate) &'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.iter().enumerate() {
            match at {
                0 => {}
                at if at + 1 == self.0.len() => f.write_str(" and ")?,
                _ => f.write_str(", ")?,
            }
            word.fmt(f)?;
        }
        Ok(())
    }
}

/// `1 zone`, `2 zones`.
pub(crate) fn counted(count: u32, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_gigabytes_with_two_digits_at_most() {
        let gb = |hundredths: u128| gigabytes(hundredths * GIGABYTE / 100);
        assert_eq!(
            [0, 1, 150, 50_000, 153_600, 12_345_678].map(gb),
            ["0 GB", "0.01 GB", "1.5 GB", "500 GB", "1,536 GB", "123,456.78 GB"]
        );
        assert_eq!(gigabytes(1), "<0.01 GB");
    }

    #[test]
    fn ranges_end_in_whole_gigabytes_within_them() {
        let even = |ranges: &[(u128, Option<u128>)]| range(&BreakEven { ranges: ranges.to_vec() });
        assert_eq!(even(&[(0, None)]), "any volume");
        assert_eq!(even(&[]), "never");
        assert_eq!(even(&[(208 * GIGABYTE + 1, None)]), "from 209 GB");
        assert_eq!(even(&[(0, Some(5_840 * GIGABYTE + 9))]), "up to 5,840 GB");
        assert_eq!(even(&[(0, Some(0)), (GIGABYTE, Some(3 * GIGABYTE))]), "up to 0 GB, 1 to 3 GB");
    }
}
