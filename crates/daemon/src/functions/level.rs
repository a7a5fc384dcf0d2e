//! Which lines of a function's own are written into a log that is in JSON: those of a level and above.
//!
//! Source: Lambda developer guide, "Log-level filtering".

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// The names of its time that a line may have, by the runtimes' customs.
const TIMES: [&str; 2] = ["timestamp", "time"];
/// Those of its level. The second is what AWS's client for Python gives an error of the function.
const LEVELS: [&str; 2] = ["level", "log_level"];

impl Level {
    /// A level by its name: Lambda's own, or that of Python.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "TRACE" => Self::Trace,
            "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" => Self::Error,
            "FATAL" | "CRITICAL" => Self::Fatal,
            _ => return None,
        })
    }

    /// That of a line: what it says if it is an object that says when it was, too, and `INFO` else.
    pub(super) fn of(line: &str) -> Self {
        let told = || {
            let line = line.trim();
            let object: Map<String, Value> = line.starts_with('{').then(|| serde_json::from_str(line).ok())??;
            let text = |names: [&str; 2]| names.into_iter().find_map(|name| object.get(name)?.as_str());
            OffsetDateTime::parse(text(TIMES)?, &Rfc3339).ok()?;
            Self::named(text(LEVELS)?)
        };
        told().unwrap_or(Self::Info)
    }

    /// The highest that a line may have that begins so: what is no object has that of `INFO`.
    pub(super) fn at_most(beginning: &str) -> Self {
        if beginning.trim_start().starts_with('{') { Self::Fatal } else { Self::Info }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_level_that_it_tells_with_a_time_and_else_that_of_information() {
        for (line, level) in [
            // The guide's own.
            (r#"{"level": "debug", "msg": "my debug log", "timestamp": "2024-11-02T16:51:31.587199Z"}"#, Level::Debug),
            (r#"{"level":"WARNING","message":"m","timestamp":"2024-11-02T16:51:31Z","logger":"root"}"#, Level::Warn),
            (r#"{"time":"2024-11-02T16:51:31+01:00","level":"ERROR","msg":"m"}"#, Level::Error),
            (r#"{"timestamp":"2024-11-02T16:51:31Z","log_level":"ERROR","errorMessage":"m"}"#, Level::Error),
            (r#"{"timestamp":"2024-11-02T16:51:31Z","level":"CRITICAL"}"#, Level::Fatal),
            (r#"{"timestamp":"2024-11-02T16:51:31Z","level":"trace"}"#, Level::Trace),
            (r#"{"level":"error","msg":"without a time"}"#, Level::Info),
            (r#"{"level":"error","msg":"m","timestamp":"yesterday"}"#, Level::Info),
            (r#"{"level":"loud","timestamp":"2024-11-02T16:51:31Z"}"#, Level::Info),
            (r#"{"level":50,"timestamp":"2024-11-02T16:51:31Z"}"#, Level::Info),
            (r#"{"level":"error","#, Level::Info),
            ("[ERROR] plain", Level::Info),
            ("", Level::Info),
        ] {
            assert_eq!(Level::of(line), level, "{line}");
        }
        assert!(Level::Trace < Level::Debug && Level::Info < Level::Warn && Level::Error < Level::Fatal);
    }
}
