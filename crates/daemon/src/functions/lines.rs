//! What Lambda itself writes into the log of a function.
//!
//! Source: Lambda developer guide, "View CloudWatch logs for Lambda functions", "Lambda system log", "Telemetry API event
//! schema reference".

use std::time::Duration;

use serde_json::{Value, json};
use sidegate_services::lambda::environment::{Blueprint, LogFormat};
use time::OffsetDateTime;
use time::macros::format_description;

/// What became of an invocation or an initialisation, as the log says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// All went well, or the function itself told an error.
    Success,
    /// The runtime ended, or could not begin.
    Error,
    /// Time was over.
    TimedOut,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::TimedOut => "timeout",
        }
    }
}

/// What the last line about an invocation tells.
#[derive(Clone, Debug)]
pub(super) struct Figures<'a> {
    pub(super) duration: Duration,
    pub(super) init: Option<Duration>,
    /// Bytes.
    pub(super) peak: u64,
    pub(super) status: Status,
    pub(super) error_type: Option<&'a str>,
}

/// Writes the lines of one version of a function.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    is_json: bool,
    /// Whether what is no fault is written.
    is_told: bool,
    function: String,
    version: String,
    /// MiB.
    memory: u32,
}

impl Lines {
    pub(super) fn of(blueprint: &Blueprint) -> Self {
        let is_json = blueprint.logging.format == LogFormat::Json;
        let is_quiet = blueprint.logging.system_level.as_deref() == Some("WARN");
        Self {
            is_json,
            is_told: !(is_json && is_quiet),
            function: blueprint.function.clone(),
            version: blueprint.version.clone(),
            memory: blueprint.memory,
        }
    }

    /// An environment begins. The version is that of the interpreter on this machine, which has no ARN.
    pub(super) fn init_start(&self, runtime: &str) -> Option<String> {
        self.told(
            || format!("INIT_START Runtime Version: {runtime}"),
            "platform.initStart",
            || {
                json!({
                    "initializationType": "on-demand", "phase": "init", "runtimeVersion": runtime,
                    "functionName": self.function, "functionVersion": self.version,
                })
            },
        )
    }

    /// An initialisation has failed.
    pub(super) fn init_report(&self, took: Duration, status: Status, error_type: &str) -> Option<String> {
        let (duration, word) = (milliseconds(took), status.as_str());
        self.told(
            || {
                let error = if error_type.is_empty() { String::new() } else { format!("\tError Type: {error_type}") };
                format!("INIT_REPORT Init Duration: {duration:.2} ms\tPhase: init\tStatus: {word}{error}")
            },
            "platform.initReport",
            || {
                let mut record = json!({
                    "initializationType": "on-demand", "phase": "init", "status": word,
                    "metrics": {"durationMs": rounded(duration)},
                });
                if let (false, Some(map)) = (error_type.is_empty(), record.as_object_mut()) {
                    map.insert("errorType".to_owned(), error_type.into());
                }
                record
            },
        )
    }

    /// An invocation begins.
    pub(super) fn start(&self, request: &str) -> Option<String> {
        self.told(
            || format!("START RequestId: {request} Version: {}", self.version),
            "platform.start",
            || json!({"requestId": request, "version": self.version}),
        )
    }

    /// An invocation is over; in JSON nothing says so but the report.
    pub(super) fn end(&self, request: &str) -> Option<String> {
        (!self.is_json).then(|| format!("END RequestId: {request}"))
    }

    /// What an invocation took.
    pub(super) fn report(&self, request: &str, figures: &Figures<'_>) -> Option<String> {
        let duration = milliseconds(figures.duration);
        let init = figures.init.map(milliseconds);
        // Whatever runs is billed for a millisecond at least.
        let billed = (duration + init.unwrap_or_default()).ceil().max(1.0);
        let peak = figures.peak.div_ceil(1024 * 1024);
        let text = || {
            let mut line = format!(
                "REPORT RequestId: {request}\tDuration: {duration:.2} ms\tBilled Duration: {billed:.0} ms\tMemory Size: {} \
                 MB\tMax Memory Used: {peak} MB\t",
                self.memory
            );
            if let Some(init) = init {
                line.push_str(&format!("Init Duration: {init:.2} ms\t"));
            }
            if figures.status != Status::Success {
                line.push_str(&format!("Status: {}\t", figures.status.as_str()));
            }
            if let Some(error) = figures.error_type {
                line.push_str(&format!("Error Type: {error}\t"));
            }
            line
        };
        self.told(text, "platform.report", || {
            let mut metrics = json!({
                "durationMs": rounded(duration), "billedDurationMs": billed, "memorySizeMB": self.memory,
                "maxMemoryUsedMB": peak,
            });
            if let (Some(init), Some(map)) = (init, metrics.as_object_mut()) {
                map.insert("initDurationMs".to_owned(), rounded(init).into());
            }
            let mut record = json!({"requestId": request, "metrics": metrics, "status": figures.status.as_str()});
            if let (Some(error), Some(map)) = (figures.error_type, record.as_object_mut()) {
                map.insert("errorType".to_owned(), error.into());
            }
            record
        })
    }

    /// A fault that ended an invocation, which is written whatever the level.
    pub(super) fn fault(&self, request: &str, message: &str, error_type: &str) -> String {
        if self.is_json {
            let record = json!({"requestId": request, "errorType": error_type, "errorMessage": message});
            return event("platform.fault", record);
        }
        match error_type {
            "" => format!("{} {request} {message}", now()),
            error_type => format!("RequestId: {request} Error: {message}\n{error_type}"),
        }
    }

    fn told(&self, text: impl FnOnce() -> String, kind: &str, record: impl FnOnce() -> Value) -> Option<String> {
        match (self.is_told, self.is_json) {
            (false, _) => None,
            (true, true) => Some(event(kind, record())),
            (true, false) => Some(text()),
        }
    }
}

fn event(kind: &str, record: Value) -> String {
    json!({"time": now(), "type": kind, "record": record}).to_string()
}

/// The time, as Lambda writes it.
pub(super) fn now() -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::now_utc().format(form).unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn rounded(milliseconds: f64) -> f64 {
    (milliseconds * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use sidegate_model::{Region, Scope};
    use sidegate_services::lambda::{ProvidedBase, Runtime};

    use super::*;

    fn lines(change: impl FnOnce(&mut Blueprint)) -> Lines {
        let scope = Scope { account: "123456789012".parse().unwrap(), region: "us-east-1".parse::<Region>().unwrap() };
        let runtime = Runtime::Provided(ProvidedBase::Al2023);
        let mut blueprint = Blueprint::new(scope, "f", "$LATEST", runtime, "", "arn", "/code".into());
        change(&mut blueprint);
        Lines::of(&blueprint)
    }

    fn figures() -> Figures<'static> {
        Figures {
            duration: Duration::from_micros(1_234),
            init: Some(Duration::from_millis(100)),
            peak: 40 * 1024 * 1024 + 1,
            status: Status::Success,
            error_type: None,
        }
    }

    #[test]
    fn a_text_log_has_the_lines_of_aws() {
        let lines = lines(|_| {});
        assert_eq!(lines.start("r-1").unwrap(), "START RequestId: r-1 Version: $LATEST");
        assert_eq!(
            lines.report("r-1", &figures()).unwrap(),
            "REPORT RequestId: r-1\tDuration: 1.23 ms\tBilled Duration: 102 ms\tMemory Size: 128 MB\tMax Memory Used: \
             41 MB\tInit Duration: 100.00 ms\t"
        );
        let nothing = Figures { duration: Duration::ZERO, init: None, ..figures() };
        assert!(lines.report("r-1", &nothing).unwrap().contains("Duration: 0.00 ms\tBilled Duration: 1 ms\t"));
        assert_eq!(
            lines.fault("r-1", "Runtime exited with error: exit status 1", "Runtime.ExitError"),
            "RequestId: r-1 Error: Runtime exited with error: exit status 1\nRuntime.ExitError"
        );
    }

    #[test]
    fn a_json_log_has_events_and_at_warn_none_but_faults() {
        let json = lines(|blueprint| blueprint.logging.format = LogFormat::Json);
        let report: Value = serde_json::from_str(&json.report("r-1", &figures()).unwrap()).unwrap();
        assert_eq!(report["type"], "platform.report");
        assert_eq!(report["record"]["metrics"]["billedDurationMs"], 102.0);
        assert_eq!(json.end("r-1"), None);
        let quiet = lines(|blueprint| {
            blueprint.logging.format = LogFormat::Json;
            blueprint.logging.system_level = Some("WARN".to_owned());
        });
        assert_eq!(quiet.start("r-1"), None);
        assert!(quiet.fault("r-1", "x", "y").contains("platform.fault"));
    }
}
