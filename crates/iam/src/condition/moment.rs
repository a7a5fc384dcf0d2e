//! Dates of conditions.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators" (the W3C's profile of ISO 8601, or seconds
//! since 1970); W3C note "Date and Time Formats". Dates that IAM was recorded to take and to refuse (moto's
//! test_iam_policies.py, 2025) are those that the parser of Joda-Time reads: parts may be missing at the end, numbers may
//! have one digit, and years are as long as milliseconds in 64 bits can count.

/// A moment: seconds since 1970 and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i64, u32);

/// The first and the last year.
const YEARS: std::ops::RangeInclusive<i64> = -292_275_054..=292_278_993;

/// Whether a text is a date.
pub(crate) fn is_date(text: &str) -> bool {
    Moment::parse(text).is_some()
}

impl Moment {
    /// Reads a date, or seconds since 1970. Four digits are a year.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_year = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
        if !is_year && !text.contains(['T', 't', '-']) {
            return Self::epoch(text);
        }
        let (date, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
        let (seconds, nanoseconds) = clock(time)?;
        Some(Self(calendar(date)? * 86_400 + seconds, nanoseconds))
    }

    fn epoch(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let nanoseconds = nanoseconds(fraction)?;
        let seconds: i64 = whole.parse().ok()?;
        (seconds >= 0 && !whole.starts_with('+')).then_some(Self(seconds, nanoseconds))
    }
}

/// Digits, of which there may be so many, as a number between bounds.
fn digits(text: &str, many: usize, least: i64, most: i64) -> Option<i64> {
    let sound = (1..=many).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let number = sound.then(|| text.parse().ok())??;
    (least..=most).contains(&number).then_some(number)
}

/// The days since 1970 of a date, of which month and day may be missing.
fn calendar(date: &str) -> Option<i64> {
    let (sign, date) = date.strip_prefix('-').map_or((1, date), |rest| (-1, rest));
    let mut parts = date.splitn(3, '-');
    let year = sign * digits(parts.next()?, 9, 0, i64::MAX)?;
    let mut part = |most| digits(parts.next().unwrap_or("1"), 2, 1, most);
    let (month, day) = (part(12)?, part(31)?);
    if YEARS.contains(&year) { days(year, month, day) } else { None }
}

fn nanoseconds(fraction: &str) -> Option<u32> {
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let kept = fraction.get(..9).unwrap_or(fraction);
    let scale = 10_u32.checked_pow(9_u32.checked_sub(u32::try_from(kept.len()).ok()?)?)?;
    kept.parse::<u32>().ok()?.checked_mul(scale)
}

/// The days since 1970 of a date of the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day > length {
        return None;
    }
    // The year is taken to begin in March, so that the leap day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Seconds and nanoseconds of a time of the day with its zone: `hh:mm:ss.s`, which may end earlier or be missing, then `Z`
/// or `±hh:mm`. A time without a zone is one in UTC.
fn clock(text: &str) -> Option<(i64, u32)> {
    let (time, zone) = text.split_at(text.find(['Z', 'z', '+', '-']).unwrap_or(text.len()));
    let ahead = zone_seconds(zone)?;
    if time.is_empty() {
        return Some((-ahead, 0));
    }
    let mut parts = time.split(':');
    let hours = digits(parts.next()?, 2, 0, 23)?;
    let minutes = digits(parts.next().unwrap_or("0"), 2, 0, 59)?;
    let (seconds, fraction) = parts.next().map_or(("0", "0"), |last| last.split_once('.').unwrap_or((last, "0")));
    if parts.next().is_some() || fraction.len() > 9 {
        return None;
    }
    Some((hours * 3600 + minutes * 60 + digits(seconds, 2, 0, 59)? - ahead, nanoseconds(fraction)?))
}

/// By how many seconds a zone is ahead of UTC: hours of two digits, and minutes that may be missing.
fn zone_seconds(zone: &str) -> Option<i64> {
    let sign = match zone {
        "" | "Z" | "z" => return Some(0),
        _ if zone.starts_with('-') => -1,
        _ => 1,
    };
    let (hours, minutes) = zone.get(1..)?.split_at_checked(2)?;
    let minutes = match minutes.strip_prefix(':').unwrap_or(minutes) {
        "" if minutes.is_empty() => "00",
        minutes => minutes,
    };
    (minutes.len() == 2).then_some(sign * (digits(hours, 2, 0, 23)? * 3600 + digits(minutes, 2, 0, 59)? * 60))
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn all_forms_of_one_moment_are_equal() {
        let moment = |text: &str| Moment::parse(text).unwrap();
        for same in [
            "2020-04-01T00:00:00Z",
            "2020-04-01T00:00Z",
            "2020-04-01T02:00:00+02:00",
            "2020-04-01t2:0:0.0+02",
            "2020-03-31T19:00:00.000-0500",
            "2020-04-01",
            "2020-4-1",
            "2020-04-01T00Z",
            "2020-04T00:00Z",
            "2020-04T",
            "2020-04",
            "1585699200",
            "1585699200.0",
        ] {
            assert_eq!(moment(same), Moment(1_585_699_200, 0), "{same}");
        }
        assert_eq!(moment("1970"), Moment(0, 0));
        assert_eq!(moment("1969-12-31T23:59:59Z"), Moment(-1, 0));
        assert_eq!(moment("2000-02-29T00:00:00.5Z"), Moment(951_782_400, 500_000_000));
        assert!(moment("2020-04-01T00:00:00.1Z") > moment("2020-04-01T00:00:00Z"));
    }

    #[test]
    fn years_are_as_long_as_milliseconds_can_count_and_may_lie_before_the_first() {
        let moment = |text: &str| Moment::parse(text).unwrap();
        assert!(
            moment("-292275054") < moment("-1")
                && moment("-1") < moment("0-12-31")
                && moment("0-12-31") < moment("01T")
        );
        assert!(moment("01T") < moment("9223372036854775807") && moment("292278993-01-01") > moment("2020"));
        for text in ["-292275055", "292278994-01-01", "9223372036854775808"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "x",
            "-",
            "T",
            "tomorrow",
            "2020-13-01",
            "2021-02-29",
            "2020-04-01T24:00:00Z",
            "2020-04-01T00:00:60Z",
            "2020-04-01T00:00:00:00Z",
            "2020-04-01T00:00:00.1234567890Z",
            "2020-04-01T00:00:00+1",
            "2020-04-01T00:00:00+01:",
            "2020-04-01T00:00:00+24",
            "2020-04-01-01",
            "+1",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
