//! Moments, as the AWS CLI and boto3 write them.

/// Unix time in milliseconds of a text such as `2020-05-09T05:01:39+00:00`, with a `T` or a blank in the middle, with
/// parts of seconds or without.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', ' '])?;
    let mut date = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    if !((1970..10_000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)) {
        return None;
    }
    let (clock, offset) = match time.find(['Z', '+', '-']) {
        Some(at) => (time.get(..at)?, offset(time.get(at..)?)?),
        None => (time, 0),
    };
    let mut clock = clock.splitn(3, ':');
    let (hour, minute) = (clock.next()?.parse::<i64>().ok()?, clock.next()?.parse::<i64>().ok()?);
    let (second, part) = clock.next().map(|rest| rest.split_once('.').unwrap_or((rest, "")))?;
    let (second, part) = (second.parse::<i64>().ok()?, thousandths(part)?);
    if !((0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second)) {
        return None;
    }
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - offset;
    Some(seconds * 1000 + part)
}

/// The seconds by which a clock is ahead: of `Z`, `+02:00` or `-0500`.
fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.as_bytes() {
        [b'Z'] => return Some(0),
        [b'+', ..] => (1, text.get(1..)?),
        [b'-', ..] => (-1, text.get(1..)?),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let number: i64 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

fn thousandths(part: &str) -> Option<i64> {
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    digits.parse().ok()
}

/// The days from 1970 on.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin with March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn moments_are_read_in_the_forms_of_the_clients() {
        for text in ["2020-05-09T05:01:39+00:00", "2020-05-09 05:01:39+00:00", "2020-05-09T07:01:39+02:00"] {
            assert_eq!(parse(text), Some(1_589_000_499_000), "{text}");
        }
        assert_eq!(parse("2020-05-09T05:01:39.25Z"), Some(1_589_000_499_250));
        assert_eq!(parse("2020-05-09T05:01:39.000Z"), Some(1_589_000_499_000));
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2000-02-29T23:59:59-0100"), Some(951_872_399_000));
        for text in
            ["", "yesterday", "2020-05-09", "2020-13-09T05:01:39Z", "2020-05-09T25:01:39Z", "2020-05-09Té:01:39Z"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_that_no_moment_has_are_refused_before_anything_is_computed_of_them() {
        let (most, least) = (i64::MAX, i64::MIN);
        for text in [
            format!("{most}-05-09T05:01:39Z"),
            format!("2020-{most}-09T05:01:39Z"),
            format!("2020-05-{most}T05:01:39Z"),
            format!("2020-05-09T{most}:01:39Z"),
            format!("2020-05-09T05:{most}:39Z"),
            format!("2020-05-09T05:01:{most}Z"),
            format!("{least}-05-09T05:01:39Z"),
            format!("2020-05-09T{least}:01:39Z"),
            format!("2020-05-09T05:01:39+{most}"),
        ] {
            assert_eq!(parse(&text), None, "{text}");
        }
    }
}
