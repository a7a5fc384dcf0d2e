//! Money: US dollars, decimal and exact.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Sub};

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, Zero as _};
use serde::{Serialize, Serializer};

/// The most digits before the point, and behind it, of an amount that is read.
const DIGITS: usize = 12;

/// An amount of US dollars. Nothing is rounded but what [`Money::rounded`] shows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(BigDecimal);

impl Money {
    /// Nothing.
    pub fn zero() -> Self {
        Self(BigDecimal::zero())
    }

    /// Reads digits with at most one point: `0.045`. `None` for anything else, a sign or an exponent included.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let is_number =
            |digits: &str| (1..=DIGITS).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        (is_number(whole) && is_number(part)).then(|| text.parse().ok().map(Self)).flatten()
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// The amount with so many digits behind the point; what is half or more is rounded away from zero.
    pub fn rounded(&self, places: u8) -> String {
        self.0.with_scale_round(places.into(), RoundingMode::HalfUp).to_plain_string()
    }

    /// For so many of 2³⁰ bytes.
    pub(crate) fn for_bytes(&self, bytes: u128) -> Self {
        Self(&self.0 * gigabytes(bytes))
    }

    /// For so many seconds at this price for an hour, and the hours, which are rounded to ten digits.
    pub(crate) fn for_seconds(&self, seconds: u64) -> (String, Self) {
        let hours = (BigDecimal::from(seconds) / BigDecimal::from(3_600)).with_scale_round(10, RoundingMode::HalfUp);
        let hours = hours.normalized();
        (hours.to_plain_string(), Self(&self.0 * &hours))
    }

    /// How many bytes cost at least this much, where 2³⁰ bytes cost so much: the smallest whole number. `None` if they cost
    /// nothing, or if there are too many.
    pub(crate) fn bytes_at(&self, price: &Self) -> Option<u128> {
        if price.0 <= BigDecimal::zero() {
            return None;
        }
        let bytes = &self.0 * BigDecimal::from(1_u64 << 30) / &price.0;
        let whole = bytes.with_scale_round(0, RoundingMode::Ceiling).into_bigint_and_exponent().0;
        u128::try_from(whole.max(BigInt::zero())).ok()
    }
}

/// So many bytes in gigabytes of 2³⁰: exact, since 2 divides 10.
pub(crate) fn gigabytes(bytes: u128) -> BigDecimal {
    // 2⁻³⁰ = 5³⁰ · 10⁻³⁰.
    BigDecimal::from_bigint(BigInt::from(bytes) * BigInt::from(5).pow(30), 30).normalized()
}

impl Add for &Money {
    type Output = Money;

    fn add(self, other: Self) -> Money {
        Money(&self.0 + &other.0)
    }
}

impl Sub for &Money {
    type Output = Money;

    fn sub(self, other: Self) -> Money {
        Money(&self.0 - &other.0)
    }
}

impl Mul<u128> for &Money {
    type Output = Money;

    fn mul(self, times: u128) -> Money {
        Money(&self.0 * BigDecimal::from(times))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::zero(), |sum, one| &sum + &one)
    }
}

impl<'a> Sum<&'a Self> for Money {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        all.fold(Self::zero(), |sum, one| &sum + one)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.normalized().to_plain_string())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Money {
    /// As text, since a number of JSON would be rounded by who reads it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    #[test]
    fn amounts_are_digits_with_at_most_one_point() {
        for (text, shown) in
            [("0", "0"), ("0.045", "0.045"), ("7.30", "7.3"), ("100", "100"), ("0.0000004", "0.0000004")]
        {
            assert_eq!(usd(text).to_string(), shown);
        }
        for bad in
            ["", ".", "1.", ".5", "-1", "+1", "1e3", "1_000", "1,5", " 1", "0x1", "1.2.3", "NaN", "1234567890123", "٣"]
        {
            assert_eq!(Money::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_byte_has_its_exact_share_of_a_gigabyte() {
        assert_eq!(usd("0.01").for_bytes(1).to_string(), "0.00000000000931322574615478515625");
        assert_eq!(usd("0.045").for_bytes(1 << 30).to_string(), "0.045");
        assert_eq!(usd("0.01").for_bytes(10 << 40).to_string(), "102.4");
    }

    #[test]
    fn what_is_shown_is_rounded_at_the_half() {
        assert_eq!(usd("2.345").rounded(2), "2.35");
        assert_eq!(usd("2.3449").rounded(2), "2.34");
        assert_eq!(usd("7.3").rounded(2), "7.30");
        assert_eq!((&usd("1") - &usd("2.345")).rounded(2), "-1.35");
    }

    #[test]
    fn seconds_are_hours_with_ten_digits() {
        assert_eq!(usd("0.005").for_seconds(1_800), ("0.5".to_owned(), usd("0.0025")));
        assert_eq!(usd("0.005").for_seconds(1), ("0.0002777778".to_owned(), usd("0.000001388889")));
    }

    #[test]
    fn bytes_are_the_fewest_that_cost_as_much() {
        // 7.30 at 0.035 are 208.571428… GB.
        let bytes = usd("7.30").bytes_at(&usd("0.035")).unwrap();
        assert_eq!(bytes, 223_951_866_149);
        assert!(usd("0.035").for_bytes(bytes) >= usd("7.30") && usd("0.035").for_bytes(bytes - 1) < usd("7.30"));
        assert_eq!(usd("0.035").bytes_at(&usd("0.035")), Some(1 << 30), "a whole number stays one");
        assert_eq!(usd("1").bytes_at(&Money::zero()), None);
    }
}
