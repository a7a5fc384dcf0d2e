//! Volumes as people write them: gigabytes of a month.

use toml::de::DeValue;

/// The most gigabytes of a month that anyone has: an exabyte. Beyond that it is a mistake.
const MOST: f64 = 1_073_741_824.0;

/// The same in bytes.
pub(super) const MOST_BYTES: u64 = 1 << 60;

/// What is said of more.
pub(super) const BEYOND: &str = "is more than an exabyte a month, which nobody has";

/// The bytes of a gigabyte, as AWS bills it.
const GIGABYTE: f64 = 1_073_741_824.0;

/// The bytes of a number of gigabytes; what is wrong with it.
pub(super) fn bytes(value: &DeValue<'_>) -> Result<u64, String> {
    let number = match value {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().replace('_', "").parse::<f64>(),
        DeValue::Float(number) => number.as_str().replace('_', "").parse::<f64>(),
        other => return Err(format!("a number of gigabytes is expected, not {}", article(other.type_str()))),
    };
    let number = number.map_err(|_| "this is no number of gigabytes".to_owned())?;
    match number {
        number if number.is_nan() || number.is_infinite() => Err("this is no volume".to_owned()),
        number if number < 0.0 => Err("a volume is not negative".to_owned()),
        number if number > MOST => {
            Err("this is more than an exabyte a month, which nobody has; volumes are in gigabytes".to_owned())
        }
        number => Ok((number * GIGABYTE).round() as u64),
    }
}

/// A type of TOML with its article.
fn article(name: &str) -> String {
    let is_vowel = name.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {name}", if is_vowel { "an" } else { "a" })
}
