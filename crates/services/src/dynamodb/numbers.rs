//! Numbers as `BatchWriteItem` reads them, which is by an older reader than other operations have.
//!
//! Source: what DynamoDB was seen to answer, in the public suite dynamodb-conformance.

use serde_json::Value;

use super::fault::Fault;

const NO_NUMBER: &str = "The parameter cannot be converted to a numeric value";
const UNDERFLOW: &str = "Number underflow. Attempting to store a number with magnitude smaller than supported range";

/// Refuses a number in a value that this reader refuses in other words than the engine.
///
/// # Errors
/// The first such number.
pub(super) fn check(value: &Value) -> Result<(), Fault> {
    let text = |value: &Value| value.as_str().and_then(told);
    let list = |kind: &str| value.get(kind).and_then(Value::as_array).into_iter().flatten();
    if let Some(told) = value.get("N").and_then(text).or_else(|| list("NS").find_map(text)) {
        return Err(Fault::Validation(told));
    }
    let map = value.get("M").and_then(Value::as_object).into_iter().flat_map(|members| members.values());
    map.chain(list("L")).try_for_each(check)
}

/// What is told of a number. It has an exponent and a scale of 32 bits each, and what comes to the end of these is taken for
/// one that is too small.
fn told(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some(NO_NUMBER.to_owned());
    }
    let (coefficient, exponent) = parts(text)?;
    let (_, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
    let digits = coefficient.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count().max(1);
    let scale = exponent
        .parse::<i32>()
        .ok()
        .and_then(|exponent| i32::try_from(i64::try_from(fraction.len()).ok()? - i64::from(exponent)).ok());
    let Some(scale) = scale else { return Some(format!("{NO_NUMBER}: {text}")) };
    (i64::try_from(digits).ok()? - i64::from(scale) >= i64::from(i32::MAX)).then(|| UNDERFLOW.to_owned())
}

/// The coefficient of a number without its sign, and its exponent. `None` for what is none, of which the engine tells.
fn parts(text: &str) -> Option<(&str, &str)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (coefficient, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_number = are_digits(whole) && are_digits(fraction) && whole.len() + fraction.len() > 0;
    (is_number && are_digits(digits) && !digits.is_empty()).then_some((coefficient, exponent))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_is_told_of_as_the_older_reader_does() {
        let of =
            |text: &str| check(&json!({"M": {"x": {"L": [{"NS": ["1", text]}]}}})).err().map(|fault| fault.to_string());
        assert_eq!(of("").as_deref(), Some(NO_NUMBER));
        assert_eq!(of("1e2147483647").as_deref(), Some(UNDERFLOW));
        assert_eq!(of("1e99999999999"), Some(format!("{NO_NUMBER}: 1e99999999999")));
        assert_eq!(of("1.5e-2147483648"), Some(format!("{NO_NUMBER}: 1.5e-2147483648")));
        // Of these the engine tells, if anything is wrong with them.
        for text in ["1", "-1.5e+3", ".5", "5.", "abc", "1e126", "1e-131", "1.2.3", "0x10"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
