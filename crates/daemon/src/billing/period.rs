//! Months and moments, as they are typed, and which part of a month a bill is of. Months are those of UTC, as in AWS's
//! bills.

use std::fmt;
use std::str::FromStr;

use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, Time};

use crate::clock;

/// The years that a bill may be of: what lies beyond is a slip.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2999;

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Month {
    year: i32,
    month: time::Month,
}

/// A part of a month, from its beginning on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    /// The month.
    pub(crate) month: Month,
    /// Its beginning: Unix time in milliseconds.
    pub(crate) from: i64,
    /// The end of the part.
    pub(crate) until: i64,
    /// Whether that lies in the future, so that it is supposed that everything stays.
    pub(crate) is_supposed: bool,
}

/// Why there is no such part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PeriodError {
    /// The month begins later.
    #[error(
        "{month} has not begun, so that nothing is billed of it; add `--as-of` with a moment of it, such as `--as-of {end}`, for the bill that there is then if everything stays"
    )]
    NotBegun {
        /// The month.
        month: Month,
        /// Its end.
        end: String,
    },
    /// The moment lies before the month.
    #[error("{month} begins after the {as_of} of `--as-of`; say a moment of that month or after it, or another month")]
    AsOfBefore {
        /// The month.
        month: Month,
        /// The moment.
        as_of: String,
    },
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no month: `2026-11` is the form");
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        let is_number = |text: &str, digits| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(year, 4) || !is_number(month, 2) {
            return Err(wrong());
        }
        let number: u8 = month.parse().map_err(|_| wrong())?;
        let month = time::Month::try_from(number).map_err(|_| wrong())?;
        let year: i32 = year.parse().map_err(|_| wrong())?;
        if YEARS.contains(&year) { Ok(Self { year, month }) } else { Err(beyond(text)) }
    }
}

impl Month {
    /// The month of a moment.
    fn of(at: i64) -> Self {
        let at = OffsetDateTime::from_unix_timestamp(at.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self { year: at.year(), month: at.month() }
    }

    /// Its beginning: Unix time in milliseconds.
    fn begins(self) -> i64 {
        let first = Date::from_calendar_date(self.year, self.month, 1);
        first.map_or(0, |date| date.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp() * 1000)
    }

    fn next(self) -> Self {
        let year = if self.month == time::Month::December { self.year + 1 } else { self.year };
        Self { year, month: self.month.next() }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, u8::from(self.month))
    }
}

/// A moment as it is typed, in Unix milliseconds: `2026-12-01T12:00:00Z`, or a date for its beginning.
pub(crate) fn moment(text: &str) -> Result<i64, String> {
    let wrong =
        || format!("`{text}` is no moment: `2026-12-01T12:00:00Z` is the form, or `2026-12-01` for its beginning");
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let at = OffsetDateTime::parse(&whole, &Rfc3339).map_err(|_| wrong())?;
    if !YEARS.contains(&at.year()) {
        return Err(beyond(text));
    }
    Ok(at.unix_timestamp() * 1000 + i64::from(at.millisecond()))
}

fn beyond(text: &str) -> String {
    format!("`{text}` is beyond the years that a bill may be of, {} to {}", YEARS.start(), YEARS.end())
}

impl Period {
    /// The part of a month (of the one that there is then, if none is named) until a moment, which is now if none is named.
    ///
    /// # Errors
    /// [`PeriodError`] if there is no such part.
    pub(crate) fn of(month: Option<Month>, as_of: Option<i64>, now: i64) -> Result<Self, PeriodError> {
        let at = as_of.unwrap_or(now);
        let month = month.unwrap_or_else(|| Month::of(at));
        let (from, end) = (month.begins(), month.next().begins());
        let shown = |at| clock::rfc3339(at).unwrap_or_default();
        match as_of {
            _ if at >= from => {}
            None => return Err(PeriodError::NotBegun { month, end: shown(end) }),
            Some(as_of) => return Err(PeriodError::AsOfBefore { month, as_of: shown(as_of) }),
        }
        let until = at.min(end);
        Ok(Self { month, from, until, is_supposed: until > now })
    }
}
