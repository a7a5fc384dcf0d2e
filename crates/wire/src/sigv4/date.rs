//! The dates of signatures: `20260101T120405Z`, or what a `Date` header has.

use std::fmt;

use time::{
    OffsetDateTime, PrimitiveDateTime, UtcDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc2822},
    macros::format_description,
};

const BASIC: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

/// The last second of the year 9999; later ones have no four-digit year.
const LAST: i64 = 253_402_300_799;

/// The second at which a request was signed. Its [`fmt::Display`] is the form of `X-Amz-Date`.
///
/// ```
/// use sidegate_wire::sigv4::AmzDate;
///
/// assert_eq!(AmzDate::from_unix(1_767_269_045).to_string(), "20260101T120405Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AmzDate(i64);

impl AmzDate {
    /// The date of a Unix time in seconds; times outside 1970 to 9999 become the nearest of them.
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds.clamp(0, LAST))
    }

    /// Unix time in seconds.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// The day, as a credential scope has it: `20260101`.
    pub fn day(self) -> String {
        let mut text = self.to_string();
        text.truncate(8);
        text
    }

    /// The time so many seconds later, or earlier.
    pub(super) fn plus(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_add(seconds))
    }

    /// Reads the basic ISO form of `X-Amz-Date`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() != 16 || !text.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let date = PrimitiveDateTime::parse(text, BASIC).ok()?;
        Self::within(date.assume_utc().unix_timestamp())
    }

    /// Reads a `Date` header, which may have either form.
    pub(super) fn parse_http(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| {
            let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
            Self::within(date.unix_timestamp())
        })
    }

    fn within(seconds: i64) -> Option<Self> {
        (0..=LAST).contains(&seconds).then_some(Self(seconds))
    }

    fn utc(self) -> UtcDateTime {
        UtcDateTime::from_unix_timestamp(self.0).unwrap_or(UtcDateTime::UNIX_EPOCH)
    }

    /// The extended form that S3's errors have: `2026-01-01T12:04:05Z`.
    pub(super) fn extended(self) -> String {
        const EXTENDED: &[BorrowedFormatItem<'_>] =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        self.utc().format(EXTENDED).unwrap_or_default()
    }
}

impl fmt::Display for AmzDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.utc().format(BASIC).map_err(|_| fmt::Error)?)
    }
}
