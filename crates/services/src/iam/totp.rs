//! Codes of devices that count time: RFC 6238 with SHA-1, six digits and steps of thirty seconds, as AWS's virtual devices
//! have them.

use aws_lc_rs::hmac;

use super::random::BASE_32;

/// How long a code is the current one, in milliseconds.
const STEP: i64 = 30_000;

/// How many codes there are.
const CODES: u32 = 1_000_000;

/// By how many steps a device's clock may be off when it is enabled or synchronized.
const FAR: i64 = 10;

/// By how many steps it may be off later.
const NEAR: i64 = 1;

/// The number of the step in which a time lies, in milliseconds since 1970.
fn step_of(now: i64) -> i64 {
    now.div_euclid(STEP)
}

/// The code of a step; `None` if the seed is none.
fn code(seed: &str, step: i64) -> Option<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes(seed)?);
    let tag = hmac::sign(&key, &u64::try_from(step).ok()?.to_be_bytes());
    // RFC 4226, section 5.3: the last four bits tell where the code's bytes are.
    let offset = usize::from(tag.as_ref().last()? & 0xf);
    let four: [u8; 4] = tag.as_ref().get(offset..offset + 4)?.try_into().ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % CODES))
}

/// The bytes that a text in base 32 stands for.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for character in text.bytes() {
        let digit = BASE_32.iter().position(|known| *known == character)?;
        held = held << 5 | u32::try_from(digit).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

/// What two codes in a row tell: the step of the later one.
pub(super) fn synchronize(seed: &str, first: &str, second: &str, now: i64) -> Option<i64> {
    let around = step_of(now);
    let steps = (around - FAR..around + FAR)
        .find(|step| code(seed, *step).as_deref() == Some(first) && code(seed, *step + 1).as_deref() == Some(second));
    steps.map(|step| step + 1)
}

/// By how many steps a device is ahead whose code of a step was made at a time.
pub(super) fn drift(step: i64, now: i64) -> i64 {
    step - step_of(now)
}

/// The step of a code that was made after another step, by a device that is ahead by so many.
pub(super) fn verify(seed: &str, given: &str, drift: i64, after: i64, now: i64) -> Option<i64> {
    let around = step_of(now) + drift;
    (around - NEAR..=around + NEAR).find(|step| *step > after && code(seed, *step).as_deref() == Some(given))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of the examples of RFC 6238: `12345678901234567890`.
    const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_the_last_six_digits_of_those_in_rfc_6238() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SEED, step_of(seconds * 1000)).as_deref(), Some(expected), "{seconds}");
        }
        assert_eq!(code("0189", 1), None);
    }

    #[test]
    fn a_code_is_good_once_and_for_a_device_whose_clock_is_known() {
        let now = 1_750_000_000_123;
        let ahead = |steps: i64| code(SEED, step_of(now) + steps).unwrap();
        let step = synchronize(SEED, &ahead(-6), &ahead(-5), now).unwrap();
        assert_eq!(drift(step, now), -5);
        assert_eq!(synchronize(SEED, &ahead(-5), &ahead(-5), now), None, "two codes in a row are asked for");
        assert_eq!(synchronize(SEED, &ahead(40), &ahead(41), now), None, "the clock is off by too much");
        assert_eq!(verify(SEED, &ahead(-5), -5, step, now), None, "it was used");
        assert_eq!(verify(SEED, &ahead(-4), -5, step, now), Some(step + 1));
        assert_eq!(verify(SEED, &ahead(0), -5, step, now), None);
        assert_eq!(verify(SEED, &ahead(0), 0, step, now), Some(step + 5));
    }
}
