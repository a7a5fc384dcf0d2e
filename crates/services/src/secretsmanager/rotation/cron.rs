//! Expressions of the form `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, in UTC.
//!
//! Windows open on the hour and recur every year, so that the first field is 0 and the last one `*`.
//!
//! Source: user guide, "Rotation schedules", "Cron expressions".

use time::{Date, Month};

use super::schedule::{DAY, HOUR};

/// For how many days a time is looked for: the 29th of February may be eight years away.
const FARTHEST: i64 = 366 * 9;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// An expression that has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    /// The hours, a bit each.
    hours: u32,
    days: Vec<DayRule>,
    /// The months from 1 on, a bit each.
    months: u32,
}

/// On which days of its months a window opens. A day that one rule has is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DayRule {
    /// These days of the month, a bit each.
    OfMonth(u32),
    LastOfMonth,
    /// These days of the week from Sunday as 1 on, a bit each.
    OfWeek(u32),
    /// The last such day of the week in the month.
    LastOfWeek(u8),
    /// A day of the week, and which one of the month.
    Nth(u8, u8),
}

impl Cron {
    /// The expression between the parentheses; `None` if it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split(' ').filter(|field| !field.is_empty()).collect();
        let ["0", hours, of_month, month, of_week, "*"] = fields.as_slice() else { return None };
        let days = match (*of_month, *of_week) {
            ("?", "?") | ("*", "*") => return None,
            ("?", "*") | ("*", "?") => vec![DayRule::OfMonth(u32::MAX)],
            // That the other field is `*` where one has a value is not allowed any longer, but was once an example.
            ("?" | "*", days) => days.split(',').map(day_of_week).collect::<Option<_>>()?,
            (days, "?" | "*") => days.split(',').map(day_of_month).collect::<Option<_>>()?,
            _ => return None,
        };
        let cron = Self { hours: mask(hours, 0, 23, &[])?, days, months: mask(month, 1, 12, &MONTHS)? };
        cron.next(0).map(|_| cron)
    }

    /// The hours at which windows open, in their order.
    pub(super) fn hours(&self) -> Vec<i64> {
        (0..24).filter(|hour| self.hours & (1 << hour) != 0).collect()
    }

    /// The first time after one, in Unix milliseconds.
    pub(super) fn next(&self, after: i64) -> Option<i64> {
        let today = after.div_euclid(DAY);
        (today..today + FARTHEST)
            .filter(|day| self.has_day(*day))
            .find_map(|day| self.hours().into_iter().map(|hour| day * DAY + hour * HOUR).find(|at| *at > after))
    }

    fn has_day(&self, day: i64) -> bool {
        let Some(date) = date(day) else { return false };
        let month = u32::from(u8::from(date.month()));
        self.months & (1 << month) != 0 && self.days.iter().any(|rule| rule.has(date))
    }
}

/// A date by its number since 1970.
fn date(day: i64) -> Option<Date> {
    const OF_1970: i64 = 2_440_588;
    Date::from_julian_day(i32::try_from(day + OF_1970).ok()?).ok()
}

impl DayRule {
    fn has(self, date: Date) -> bool {
        let (day, weekday) = (date.day(), date.weekday().number_from_sunday());
        let last = length(date.month(), date.year());
        match self {
            Self::OfMonth(days) => days & (1 << day) != 0,
            Self::LastOfMonth => day == last,
            Self::OfWeek(days) => days & (1 << weekday) != 0,
            Self::LastOfWeek(of) => weekday == of && day + 7 > last,
            Self::Nth(of, nth) => weekday == of && (day - 1) / 7 + 1 == nth,
        }
    }
}

fn length(month: Month, year: i32) -> u8 {
    month.length(year)
}

fn day_of_month(item: &str) -> Option<DayRule> {
    if item == "L" { Some(DayRule::LastOfMonth) } else { range(item, 1, 31, &[]).map(DayRule::OfMonth) }
}

fn day_of_week(item: &str) -> Option<DayRule> {
    let named = |text: &str| value(text, 1, 7, &WEEKDAYS).and_then(|day| u8::try_from(day).ok());
    match (item.split_once('#'), item.strip_suffix('L')) {
        (Some((day, nth)), _) => {
            let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth))?;
            Some(DayRule::Nth(named(day)?, nth))
        }
        // The last day of the week is Saturday.
        (None, Some("")) => Some(DayRule::OfWeek(1 << 7)),
        (None, Some(day)) => named(day).map(DayRule::LastOfWeek),
        (None, None) => range(item, 1, 7, &WEEKDAYS).map(DayRule::OfWeek),
    }
}

/// The values of a field, a bit each.
fn mask(field: &str, least: u32, most: u32, names: &[&str]) -> Option<u32> {
    field.split(',').try_fold(0, |mask, item| Some(mask | range(item, least, most, names)?))
}

/// The values of one item of a field: `*`, `a`, `a-b`, and each of these with an increment, `/n`.
fn range(item: &str, least: u32, most: u32, names: &[&str]) -> Option<u32> {
    let (part, step) = match item.split_once('/') {
        Some((part, step)) => (part, Some(step.parse::<u32>().ok().filter(|step| (1..=most).contains(step))?)),
        None => (item, None),
    };
    let number = |text: &str| value(text, least, most, names);
    let (first, last) = match part.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None if part == "*" || part.is_empty() && step.is_some() => (least, most),
        None => (number(part)?, if step.is_some() { most } else { number(part)? }),
    };
    if first > last {
        return None;
    }
    let every = usize::try_from(step.unwrap_or(1)).ok()?;
    Some((first..=last).step_by(every).fold(0, |mask, value| mask | 1 << value))
}

fn value(text: &str, least: u32, most: u32, names: &[&str]) -> Option<u32> {
    let named = names.iter().position(|name| *name == text).and_then(|at| u32::try_from(at).ok());
    let given = || text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    named.map(|at| at + least).or_else(given).filter(|value| (least..=most).contains(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    fn ms(text: &str) -> i64 {
        OffsetDateTime::parse(text, &Rfc3339).unwrap().unix_timestamp() * 1000
    }

    fn next(cron: &str, after: &str) -> String {
        let at = Cron::parse(cron).unwrap().next(ms(after)).unwrap();
        OffsetDateTime::from_unix_timestamp(at / 1000).unwrap().format(&Rfc3339).unwrap()
    }

    #[test]
    fn windows_open_when_the_examples_of_the_user_guide_say() {
        // The 29th of November 2026 is a Sunday.
        let now = "2026-11-29T11:00:00Z";
        for (cron, opens) in [
            ("0 10 * * ? *", "2026-11-30T10:00:00Z"),
            ("0 18 ? * SAT *", "2026-12-05T18:00:00Z"),
            ("0 8 1 * ? *", "2026-12-01T08:00:00Z"),
            ("0 1 ? 1/3 SUN#1 *", "2027-01-03T01:00:00Z"),
            ("0 17 L * ? *", "2026-11-30T17:00:00Z"),
            ("0 8 ? * MON-FRI *", "2026-11-30T08:00:00Z"),
            ("0 16 1,15 * ? *", "2026-12-01T16:00:00Z"),
            ("0 0 ? * SUN#1 *", "2026-12-06T00:00:00Z"),
            ("0 2/10 * * ? *", "2026-11-29T12:00:00Z"),
            ("0 /8 * * ? *", "2026-11-29T16:00:00Z"),
            ("0 9 ? * SUNL *", "2026-12-27T09:00:00Z"),
            ("0 9 ? * L *", "2026-12-05T09:00:00Z"),
            ("0 9 29 FEB ? *", "2028-02-29T09:00:00Z"),
            ("0 1 * 1/3 SUN *", "2027-01-03T01:00:00Z"),
        ] {
            assert_eq!(next(cron, now), opens, "{cron}");
        }
    }

    #[test]
    fn a_window_that_opens_now_is_not_the_next_one() {
        assert_eq!(next("0 11 * * ? *", "2026-11-29T11:00:00Z"), "2026-11-30T11:00:00Z");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for cron in [
            "5 10 * * ? *",
            "0 10 * * ? 2027",
            "0 24 * * ? *",
            "0 10 1 * MON *",
            "0 10 ? * ? *",
            "0 10 * * * *",
            "0 10 0 * ? *",
            "0 10 32 * ? *",
            "0 10 ? 13 * *",
            "0 10 ? * SUN#6 *",
            "0 10 ? * 8 *",
            "0 10 31 FEB ? *",
            "0 10 9-3 * ? *",
            "0 10 1/0 * ? *",
            "0 10 * * ?",
            "0  * * ? *",
            "0 +1 * * ? *",
            "",
        ] {
            assert_eq!(Cron::parse(cron), None, "{cron}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "[0-9A-Z()#?*/, -]{0,40}") {
            let _ = Cron::parse(&text);
        }

        #[test]
        fn the_next_time_is_on_the_hour_and_later_and_nothing_lies_between(
            hour in 0_u32..24, day in 1_u32..=28, after in 0_i64..4_000_000_000_000,
        ) {
            let cron = Cron::parse(&format!("0 {hour} {day} * ? *")).unwrap();
            let at = cron.next(after).unwrap();
            prop_assert!(at > after && at % HOUR == 0 && at - after <= 31 * DAY);
            prop_assert_eq!(cron.next(at - 1), Some(at));
        }
    }
}
