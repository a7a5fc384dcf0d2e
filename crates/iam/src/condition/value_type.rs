//! The types of condition keys, and which texts are values of them.
//!
//! Source: IAM API reference, "ContextEntry"; recorded answers of `SimulateCustomPolicy`.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::moment::Moment;
use super::number;

/// The type of a condition key's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Any text.
    String,
    /// A number.
    Numeric,
    /// A truth value. Another text is one that nothing matches.
    Boolean,
    /// An address.
    Ip,
    /// Bytes in Base64.
    Binary,
    /// A date.
    Date,
}

impl ValueType {
    /// Whether a text is a value of this type.
    ///
    /// ```
    /// use sidegate_iam::ValueType;
    ///
    /// assert!(ValueType::Date.admits("2026-05-01T12:00:00Z") && !ValueType::Date.admits("tomorrow"));
    /// ```
    pub fn admits(self, text: &str) -> bool {
        match self {
            Self::String | Self::Boolean => true,
            Self::Numeric => number::is_number(text),
            Self::Ip => text.parse::<IpAddr>().is_ok(),
            Self::Binary => STANDARD.decode(text).is_ok(),
            Self::Date => Moment::parse(text).is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ValueType::{Binary, Boolean, Date, Ip, Numeric, String};

    #[test]
    fn a_text_is_a_value_of_its_type_or_none() {
        for (kind, values) in [
            (String, &["", "x"][..]),
            (Numeric, &["01.00", "+1", "1e2", "1e9999", "-.5"]),
            (Boolean, &["TRUE", "yes"]),
            (Ip, &["192.0.2.1", "2001:db8::1"]),
            (Binary, &["YQ==", ""]),
            (Date, &["2035", "2035-01-02", "2035-01-02T03:04:05.123+02:00", "1735787045"]),
        ] {
            assert!(values.iter().all(|value| kind.admits(value)), "{kind:?}");
        }
        for (kind, values) in [
            (Numeric, &["abc", "NaN", "Infinity", "0x10", " 1 ", "", "1e", "."][..]),
            (Ip, &["999.0.0.1", ""]),
            (Binary, &["!base64"]),
            (Date, &["tomorrow", ""]),
        ] {
            assert!(!values.iter().any(|value| kind.admits(value)), "{kind:?}");
        }
    }
}
