//! When a secret is rotated: the rules as they are given, and the windows that follow from them.
//!
//! A rotation takes place at some time in its window. Here it is when the window opens.
//!
//! Source: user guide, "Rotation schedules"; API reference, "RotationRulesType".

use serde::{Deserialize, Serialize};

use super::cron::Cron;
use crate::constraint::{Constraint, characters, length, within};
use crate::secretsmanager::fault::Fault;

pub(super) const HOUR: i64 = 3_600_000;
pub(super) const DAY: i64 = 24 * HOUR;

/// How many hours have to lie between two rotations.
const LEAST_HOURS: i64 = 4;

/// The longest time between two rotations at a rate, in days.
const LONGEST_RATE: i64 = 999;

/// Rules of rotation, as they are given, kept and shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::secretsmanager) struct Rules {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::secretsmanager) automatically_after_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_expression: Option<String>,
}

/// When a window opens and closes, in Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::secretsmanager) struct Window {
    pub(in crate::secretsmanager) opens: i64,
    pub(in crate::secretsmanager) closes: i64,
}

/// Rules that have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::secretsmanager) struct Schedule {
    every: Every,
    /// How long a window is open, if that was given.
    open_for: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Every {
    Days(i64),
    Hours(i64),
    Cron(Cron),
}

impl Rules {
    /// Checks them; `None` if they have no schedule.
    pub(in crate::secretsmanager) fn schedule(&self) -> Result<Option<Schedule>, Fault> {
        self.check_constraints()?;
        let refuse = |text: &str| Err(Fault::InvalidParameter(text.to_owned()));
        let every = match (self.automatically_after_days, self.schedule_expression.as_deref()) {
            (Some(_), Some(_)) => {
                return refuse("You cannot specify both rotation frequency and schedule expression together.");
            }
            (Some(days), None) => Every::Days(days),
            (None, Some(text)) => match Every::parse(text) {
                Some(every) => every,
                None => return refuse("The ScheduleExpression isn't a valid cron() or rate() expression."),
            },
            (None, None) if self.duration.is_some() => {
                return refuse("You can't specify a Duration without AutomaticallyAfterDays or a ScheduleExpression.");
            }
            (None, None) => return Ok(None),
        };
        if every.is_too_often() {
            return refuse("You can rotate a secret at most once every four hours.");
        }
        let hours = self.duration.as_deref().and_then(|text| text.strip_suffix('h')).and_then(|n| n.parse().ok());
        if hours.is_some_and(|hours| !(1..=every.longest_window()).contains(&hours)) {
            return refuse("The rotation window must not extend into the next rotation window or the next UTC day.");
        }
        Ok(Some(Schedule { every, open_for: hours.map(|hours| hours * HOUR) }))
    }

    fn check_constraints(&self) -> Result<(), Constraint> {
        if let Some(days) = self.automatically_after_days {
            within("rotationRules.automaticallyAfterDays", days, 1, 1000)?;
        }
        if let Some(text) = &self.duration {
            const MEMBER: &str = "rotationRules.duration";
            length(MEMBER, text, 2, 3)?;
            let digits = text.strip_suffix('h').unwrap_or_default();
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                let pattern = "Member must satisfy regular expression pattern: [0-9]+h";
                return Err(Constraint::of(text, MEMBER, pattern));
            }
        }
        if let Some(text) = &self.schedule_expression {
            const MEMBER: &str = "rotationRules.scheduleExpression";
            length(MEMBER, text, 1, 256)?;
            let allowed = |c: char| c.is_ascii_alphanumeric() || "()#?*-/, ".contains(c);
            characters(MEMBER, text, r"[0-9A-Za-z\(\)#\?\*\-\/, ]+", allowed)?;
        }
        Ok(())
    }

    /// The rules as they are shown, with the days between rotations that were calculated.
    pub(in crate::secretsmanager) fn shown(mut self, days: Option<i64>) -> Self {
        self.automatically_after_days = self.automatically_after_days.or(days);
        self
    }
}

impl Every {
    fn parse(text: &str) -> Option<Self> {
        let inner = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(cron) = inner("cron") {
            return Cron::parse(cron).map(Self::Cron);
        }
        let (value, unit) = inner("rate")?.split_once(' ')?;
        let value = Some(value).filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
        match unit {
            "day" | "days" if (1..=LONGEST_RATE).contains(&value) => Some(Self::Days(value)),
            "hour" | "hours" if (1..=LONGEST_RATE * 24).contains(&value) => Some(Self::Hours(value)),
            _ => None,
        }
    }

    fn is_too_often(&self) -> bool {
        match self {
            Self::Days(_) => false,
            Self::Hours(hours) => *hours < LEAST_HOURS,
            Self::Cron(cron) => shortest_gap(cron).is_some_and(|hours| hours < LEAST_HOURS),
        }
    }

    /// For how many hours a window may be open.
    fn longest_window(&self) -> i64 {
        match self {
            Self::Days(_) => 24,
            Self::Hours(hours) => *hours,
            Self::Cron(cron) => {
                let last = cron.hours().last().copied().unwrap_or_default();
                shortest_gap(cron).unwrap_or(24).min(24 - last)
            }
        }
    }

    /// For how long a window is open if nobody says.
    fn usual_window(&self, opens: i64) -> i64 {
        match self {
            Self::Hours(_) => HOUR,
            Self::Cron(cron) if cron.hours().len() > 1 => HOUR,
            Self::Days(_) | Self::Cron(_) => DAY - opens.rem_euclid(DAY),
        }
    }
}

/// The least hours between two windows of a day.
fn shortest_gap(cron: &Cron) -> Option<i64> {
    cron.hours().windows(2).map(|pair| pair.iter().rev().copied().reduce(|b, a| b - a).unwrap_or_default()).min()
}

impl Schedule {
    /// The next window after now. `from` is when the secret was last rotated, or the schedule made; `before` is when the
    /// last window opened, if one has.
    pub(in crate::secretsmanager) fn next(&self, from: i64, before: Option<i64>, now: i64) -> Option<Window> {
        let midnight = |at: i64| at - at.rem_euclid(DAY);
        let opens = match &self.every {
            Every::Days(days) => Some(midnight(from) + days * DAY).filter(|opens| *opens > now).unwrap_or_else(|| {
                // It should have been rotated long ago.
                midnight(now) + DAY
            }),
            Every::Hours(hours) => {
                let (first, step) = (before.unwrap_or_else(|| midnight(from.min(now))), hours * HOUR);
                first + ((now - first).div_euclid(step) + 1) * step
            }
            Every::Cron(cron) => cron.next(now)?,
        };
        Some(Window { opens, closes: opens + self.open_for.unwrap_or_else(|| self.every.usual_window(opens)) })
    }

    /// Whether the next window depends on when the secret was last rotated.
    pub(in crate::secretsmanager) fn follows_rotations(&self) -> bool {
        matches!(self.every, Every::Days(_))
    }

    /// How many days lie between rotations, of which the next one is to be in this window.
    pub(in crate::secretsmanager) fn days(&self, from: i64, next: Window) -> i64 {
        match &self.every {
            Every::Days(days) => *days,
            Every::Hours(hours) => (hours + 23) / 24,
            Every::Cron(_) => ((next.opens - from + DAY - 1) / DAY).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules(days: Option<i64>, schedule: Option<&str>, duration: Option<&str>) -> Rules {
        Rules {
            automatically_after_days: days,
            duration: duration.map(str::to_owned),
            schedule_expression: schedule.map(str::to_owned),
        }
    }

    fn schedule(text: &str, duration: Option<&str>) -> Schedule {
        rules(None, Some(text), duration).schedule().unwrap().unwrap()
    }

    /// The 3rd of February 2026, 17:34 UTC.
    const NOW: i64 = 1_770_140_042_000;
    const MIDNIGHT: i64 = NOW - NOW.rem_euclid(DAY);

    #[test]
    fn days_are_counted_from_the_day_of_the_last_rotation_and_the_window_is_a_day() {
        let window = rules(Some(30), None, None).schedule().unwrap().unwrap().next(NOW, None, NOW).unwrap();
        assert_eq!(window, Window { opens: MIDNIGHT + 30 * DAY, closes: MIDNIGHT + 31 * DAY });
        let late = schedule("rate(10 days)", Some("3h")).next(NOW - 40 * DAY, None, NOW).unwrap();
        assert_eq!(late, Window { opens: MIDNIGHT + DAY, closes: MIDNIGHT + DAY + 3 * HOUR });
    }

    #[test]
    fn hours_are_counted_from_midnight_and_then_from_the_window_before() {
        let rate = schedule("rate(5 hours)", None);
        let first = rate.next(NOW, None, NOW).unwrap();
        assert_eq!(first, Window { opens: MIDNIGHT + 20 * HOUR, closes: MIDNIGHT + 21 * HOUR });
        let second = rate.next(first.opens, Some(first.opens), first.opens).unwrap();
        assert_eq!(second.opens, MIDNIGHT + 25 * HOUR);
    }

    #[test]
    fn a_cron_expression_of_days_closes_with_the_day_and_one_of_hours_after_one() {
        let daily = schedule("cron(0 20 * * ? *)", None).next(NOW, None, NOW).unwrap();
        assert_eq!(daily, Window { opens: MIDNIGHT + 20 * HOUR, closes: MIDNIGHT + DAY });
        let hourly = schedule("cron(0 2/10 * * ? *)", None).next(NOW, None, NOW).unwrap();
        assert_eq!(hourly, Window { opens: MIDNIGHT + 22 * HOUR, closes: MIDNIGHT + 23 * HOUR });
    }

    #[test]
    fn rules_that_contradict_themselves_or_the_limits_are_refused() {
        let both = rules(Some(1), Some("rate(1 day)"), None).schedule().unwrap_err();
        assert_eq!(both.to_string(), "You cannot specify both rotation frequency and schedule expression together.");
        for (days, text, duration) in [
            (Some(0), None, None),
            (Some(1001), None, None),
            (Some(1), None, Some("25h")),
            (Some(1), None, Some("0h")),
            (Some(1), None, Some("h1")),
            (Some(1), None, Some("123h")),
            (None, None, Some("3h")),
            (None, Some("rate(3 hours)"), None),
            (None, Some("rate(4 hours)"), Some("5h")),
            (None, Some("rate(0 days)"), None),
            (None, Some("rate(1000 days)"), None),
            (None, Some("rate(5 minutes)"), None),
            (None, Some("rate(-5 days)"), None),
            (None, Some("cron(0 * * * ? *)"), None),
            (None, Some("cron(0 22 * * ? *)"), Some("3h")),
            (None, Some("cron(0 8,12 * * ? *)"), Some("5h")),
            (None, Some("at(now)"), None),
            (None, Some("rate(1 day); "), None),
        ] {
            assert!(rules(days, text, duration).schedule().is_err(), "{days:?} {text:?} {duration:?}");
        }
        assert_eq!(Rules::default().schedule().unwrap(), None);
    }

    proptest! {
        #[test]
        fn the_next_window_is_always_ahead(
            from in 0_i64..2_000_000_000_000, wait in 0_i64..100_000_000_000, hours in 4_i64..2000, days in 1_i64..=999,
        ) {
            let now = from + wait;
            for text in [format!("rate({hours} hours)"), format!("rate({days} days)"), "cron(0 8 ? * MON *)".to_owned()] {
                let window = schedule(&text, None).next(from, None, now).unwrap();
                prop_assert!(window.opens > now && window.closes > window.opens, "{text}");
            }
        }
    }
}
