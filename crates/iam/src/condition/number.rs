//! Numbers of conditions, compared exactly.

/// A decimal number, in units of 10^-18.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decimal(i128);

/// How many digits after the point are told apart.
const DIGITS: usize = 18;

impl Decimal {
    /// Reads an integer or a decimal number; `None` if it is none, or too large or too fine to be told from others.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (digits, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all(whole) || !all(fraction) {
            return None;
        }
        let mut units = 0_i128;
        for digit in whole.bytes().chain(fraction.bytes()) {
            units = units.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        }
        let shift =
            i32::try_from(DIGITS).ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?.checked_add(exponent)?;
        if units != 0 {
            let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
            units = match shift {
                0.. => units.checked_mul(factor)?,
                _ if units % factor == 0 => units / factor,
                _ => return None,
            };
        }
        Some(Self(if negative { -units } else { units }))
    }
}

/// Whether a text is a decimal number, whatever its size, without white space around it.
pub(super) fn is_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_one = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    whole.len() + fraction.len() > 0 && digits(whole) && digits(fraction) && exponent_is_one
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn numbers_are_compared_by_value() {
        let number = |text: &str| Decimal::parse(text).unwrap();
        assert_eq!(number("10"), number("10.0"));
        assert_eq!(number("010"), number("1e1"));
        assert_eq!(number("-0"), number("0"));
        assert_eq!(number(".5"), number("5e-1"));
        assert!(number("10") > number("9") && number("-10") < number("-9") && number("0.1") < number("0.11"));
        assert!(number("9007199254740993") > number("9007199254740992"));
    }

    #[test]
    fn what_is_no_number_is_told_from_zero() {
        for text in ["", "-", ".", "ten", "1x", "0x10", "1e", "1e999", "1e-30", "NaN", "1,000", "--1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
