//! A number of bytes, as people write it.

use std::fmt;
use std::str::FromStr;

pub(super) const KIB: u64 = 1 << 10;
pub(super) const MIB: u64 = 1 << 20;
pub(super) const GIB: u64 = 1 << 30;

/// A number of bytes, of which there is at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size(pub(super) u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("KiB", KIB), ("MiB", MIB), ("GiB", GIB)];
        let unit = units.into_iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)));
        let (number, unit) = unit.unwrap_or((text, 1));
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        bytes
            .map(Self)
            .filter(|size| size.0 > 0)
            .ok_or_else(|| "give a number of bytes, such as 64MiB or 5GiB".to_owned())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self.0 {
            n if n % GIB == 0 => (n / GIB, " GiB"),
            n if n % MIB == 0 => (n / MIB, " MiB"),
            n if n % KIB == 0 => (n / KIB, " KiB"),
            n => (n, " bytes"),
        };
        write!(f, "{number}{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!("5GiB".parse(), Ok(Size(5 * GIB)));
        assert_eq!("64MiB".parse(), Ok(Size(64 * MIB)));
        assert_eq!("1000".parse(), Ok(Size(1000)));
        for wrong in ["", "0", "GiB", "5GB", "-1", "99999999999GiB"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
        assert_eq!(Size(5 * GIB).to_string(), "5 GiB");
        assert_eq!(Size(1000).to_string(), "1000 bytes");
    }
}
