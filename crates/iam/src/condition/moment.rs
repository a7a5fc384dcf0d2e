//! Dates of conditions.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators" (the W3C's profile of ISO 8601, or seconds
//! since 1970); W3C note "Date and Time Formats".

/// A moment: seconds since 1970 and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i64, u32);

impl Moment {
    /// Reads a date in one of the W3C's forms, or seconds since 1970. Four digits are a year.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, time) = match text.split_once(['T', 't']) {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut parts = date.splitn(3, '-');
        let year = parts.next()?;
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            return Self::epoch(text);
        }
        let (month, day) = (parts.next(), parts.next());
        if time.is_some() && day.is_none() {
            return None;
        }
        let days =
            days(year.parse().ok()?, digits(month.unwrap_or("01"), 1, 12)?, digits(day.unwrap_or("01"), 1, 31)?)?;
        let (seconds, nanoseconds) = time.map_or(Some((0, 0)), clock)?;
        Some(Self(days * 86_400 + seconds, nanoseconds))
    }

    fn epoch(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let nanoseconds = nanoseconds(fraction)?;
        let seconds: i64 = whole.parse().ok()?;
        (seconds >= 0 && !whole.starts_with('+')).then_some(Self(seconds, nanoseconds))
    }
}

/// Two digits between bounds.
fn digits(text: &str, least: i64, most: i64) -> Option<i64> {
    let number = (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())??;
    (least..=most).contains(&number).then_some(number)
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

/// Seconds and nanoseconds of a time of the day with its zone: `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s`, then `Z` or `±hh:mm`.
/// A time without a zone is one in UTC.
fn clock(text: &str) -> Option<(i64, u32)> {
    let (time, zone) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, "Z"),
    };
    let mut parts = time.split(':');
    let (hours, minutes) = (digits(parts.next()?, 0, 23)?, digits(parts.next()?, 0, 59)?);
    let (seconds, fraction) = match parts.next() {
        Some(seconds) => seconds.split_once('.').map_or((seconds, "0"), |(whole, fraction)| (whole, fraction)),
        None => ("00", "0"),
    };
    if parts.next().is_some() {
        return None;
    }
    let ahead = match zone {
        "Z" | "z" => 0,
        _ => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let zone = zone.get(1..)?;
            let (hours, minutes) = zone.split_once(':').or_else(|| zone.split_at_checked(2))?;
            sign * (digits(hours, 0, 23)? * 3600 + digits(minutes, 0, 59)? * 60)
        }
    };
    Some((hours * 3600 + minutes * 60 + digits(seconds, 0, 60)? - ahead, nanoseconds(fraction)?))
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
            "2020-03-31T19:00:00.000-0500",
            "2020-04-01",
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
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "x",
            "2020-13-01",
            "2021-02-29",
            "2020-04-01T24:00:00Z",
            "2020-4-1",
            "2020-04T00:00Z",
            "-1",
            "2020-04-01T00Z",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
