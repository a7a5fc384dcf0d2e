//! The state that data points put an alarm in. Pure.
//!
//! Source: CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data", whose
//! tables are the test below.

use serde::{Deserialize, Serialize};

use super::State;

/// How a value is compared with the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum Comparison {
    GreaterOrEqual,
    Greater,
    Less,
    LessOrEqual,
}

/// How missing data points are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum Missing {
    Breaching,
    NotBreaching,
    Ignore,
    /// Left as missing.
    Unfilled,
}

impl Comparison {
    /// As the API names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GreaterOrEqual => "GreaterThanOrEqualToThreshold",
            Self::Greater => "GreaterThanThreshold",
            Self::Less => "LessThanThreshold",
            Self::LessOrEqual => "LessThanOrEqualToThreshold",
        }
    }

    /// The one with a name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::GreaterOrEqual, Self::Greater, Self::Less, Self::LessOrEqual].into_iter().find(|own| own.name() == name)
    }

    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::GreaterOrEqual => "greater than or equal to",
            Self::Greater => "greater than",
            Self::Less => "less than",
            Self::LessOrEqual => "less than or equal to",
        }
    }

    /// Whether a value breaches a threshold.
    pub(super) fn is_breached(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterOrEqual => value >= threshold,
            Self::Greater => value > threshold,
            Self::Less => value < threshold,
            Self::LessOrEqual => value <= threshold,
        }
    }
}

impl Missing {
    /// As the API names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
            Self::Ignore => "ignore",
            Self::Unfilled => "missing",
        }
    }

    /// The one with a name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::Breaching, Self::NotBreaching, Self::Ignore, Self::Unfilled].into_iter().find(|own| own.name() == name)
    }
}

/// The state for what is known of the periods of the evaluation range, the oldest first: whether each breaches, `None` if
/// it has no data. `needed` of the last `periods` have to breach. `None` if the alarm stays in its state.
pub(super) fn judge(range: &[Option<bool>], needed: usize, periods: usize, missing: Missing) -> Option<State> {
    let known: Vec<bool> = range.iter().rev().filter_map(|point| *point).take(periods).collect();
    let breaching = known.iter().filter(|breaches| **breaches).count();
    let filled = periods - known.len().min(periods);
    let alarm_if = |holds: bool| Some(if holds { State::Alarm } else { State::Ok });
    match missing {
        Missing::Breaching => return alarm_if(breaching + filled >= needed),
        Missing::NotBreaching => return alarm_if(breaching >= needed),
        Missing::Ignore | Missing::Unfilled => {}
    }
    if breaching >= needed {
        return Some(State::Alarm);
    }
    if breaching < known.len() {
        return Some(State::Ok);
    }
    match missing {
        Missing::Unfilled if known.is_empty() => Some(State::InsufficientData),
        // All that is known breaches, and there is too little of it: an alarm once the oldest of it is old enough.
        Missing::Unfilled => {
            let last = range.iter().rev().take(periods);
            let oldest = last.enumerate().filter(|(_, point)| point.is_some()).map(|(age, _)| age + 1).max();
            oldest.filter(|age| *age >= needed).map(|_| State::Alarm)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The state for points as the user guide writes them: `0` is within the threshold, `X` breaches it, `-` is missing.
    fn of(points: &str, needed: usize, missing: Missing) -> &'static str {
        let point = |c| match c {
            '0' => Some(Some(false)),
            'X' => Some(Some(true)),
            '-' => Some(None),
            _ => None,
        };
        let range: Vec<_> = points.chars().filter_map(point).collect();
        judge(&range, needed, 3, missing).map_or("as it was", State::name)
    }

    #[test]
    fn alarms_are_judged_as_the_tables_of_the_user_guide_say() {
        for (needed, points, [missing, ignore, breaching, not_breaching]) in [
            (3, "0 - X - X", ["OK", "OK", "OK", "OK"]),
            (3, "0 - - - -", ["OK", "OK", "OK", "OK"]),
            (3, "- - - - -", ["INSUFFICIENT_DATA", "as it was", "ALARM", "OK"]),
            (3, "0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            (3, "- - X - -", ["ALARM", "as it was", "ALARM", "OK"]),
            (2, "0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            (2, "0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            (2, "0 - X - -", ["OK", "OK", "ALARM", "OK"]),
            (2, "- - - - 0", ["OK", "OK", "ALARM", "OK"]),
            (2, "- - - X -", ["ALARM", "as it was", "ALARM", "OK"]),
            (3, "- - - - X", ["as it was", "as it was", "ALARM", "OK"]),
        ] {
            for (treated, expected) in [
                (Missing::Unfilled, missing),
                (Missing::Ignore, ignore),
                (Missing::Breaching, breaching),
                (Missing::NotBreaching, not_breaching),
            ] {
                assert_eq!(of(points, needed, treated), expected, "{needed} of 3, {points}, {}", treated.name());
            }
        }
    }

    #[test]
    fn each_comparison_has_its_own_edge() {
        let at = |comparison: Comparison| [1.0, 2.0, 3.0].map(|value| comparison.is_breached(value, 2.0));
        assert_eq!(at(Comparison::GreaterOrEqual), [false, true, true]);
        assert_eq!(at(Comparison::Greater), [false, false, true]);
        assert_eq!(at(Comparison::Less), [true, false, false]);
        assert_eq!(at(Comparison::LessOrEqual), [true, true, false]);
    }
}
