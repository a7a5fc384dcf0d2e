//! An event as one line for people.
//!
//! The daemon may be of another version, so every field may be missing; an event that is of another form altogether is
//! printed as it is.

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;

/// What is shown of an event of the edge.
#[derive(Debug, Deserialize)]
struct Event {
    time: i64,
    path: Path,
    #[serde(default)]
    host: Option<String>,
    #[serde(default)]
    method: String,
    #[serde(default)]
    uri_path: String,
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    operation: Option<String>,
    #[serde(default)]
    requirements: Vec<Judgement>,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    aborted: bool,
    #[serde(default)]
    probe: bool,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "over", rename_all = "lowercase")]
enum Path {
    Public {
        source: String,
    },
    Endpoint {
        endpoint: String,
        #[serde(default)]
        route_table: Option<String>,
    },
}

#[derive(Debug, Deserialize)]
struct Judgement {
    resource: String,
    allowed: bool,
    because: String,
}

/// The line of an event, with its end.
pub(super) fn of(value: &Value) -> String {
    let line = match Event::deserialize(value) {
        Ok(event) => event.line(),
        Err(_) => value.to_string(),
    };
    // What a client sends must not reach the terminal as a command.
    let mut safe: String = line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    safe.push('\n');
    safe
}

impl Event {
    fn line(&self) -> String {
        format!(
            "{}  {:<56}  {:<30}  {}  {}  {}",
            self.time(),
            self.path.text(),
            self.operation(),
            self.resource(),
            self.outcome(),
            self.decision()
        )
    }

    fn time(&self) -> String {
        let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        let nanoseconds = i128::from(self.time) * 1_000_000;
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok().and_then(|t| t.format(&form).ok());
        time.unwrap_or_else(|| self.time.to_string())
    }

    fn operation(&self) -> String {
        match (&self.service, &self.operation) {
            (Some(service), Some(operation)) => format!("{service}:{operation}"),
            (Some(service), None) => format!("{service}:{}", self.method),
            (None, _) => self.method.clone(),
        }
    }

    fn resource(&self) -> String {
        match self.requirements.first() {
            Some(first) if first.resource != "*" => first.resource.clone(),
            _ => format!("{}{}", self.host.as_deref().unwrap_or("-"), self.uri_path),
        }
    }

    fn outcome(&self) -> String {
        let status = self.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let error = self.error.iter().map(|error| format!(" {error}"));
        let aborted = self.aborted.then(|| " (broken off)".to_owned());
        let probe = self.probe.then(|| " (a probe: nothing was called)".to_owned());
        std::iter::once(status).chain(error).chain(aborted).chain(probe).collect()
    }

    fn decision(&self) -> String {
        if let Some(reason) = &self.reason {
            return reason.clone();
        }
        let denied = self.requirements.iter().find(|judgement| !judgement.allowed);
        match denied.or(self.requirements.first()) {
            Some(judgement) if judgement.allowed => format!("allowed: {}", judgement.because),
            Some(judgement) => format!("denied: {}", judgement.because),
            None => "-".to_owned(),
        }
    }
}

impl Path {
    fn text(&self) -> String {
        match self {
            Self::Public { source } => format!("public {source}"),
            Self::Endpoint { endpoint, route_table: Some(table) } => format!("gateway {endpoint} via {table}"),
            Self::Endpoint { endpoint, route_table: None } => format!("interface {endpoint}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(path: Value) -> Value {
        json!({
            "time": 1_700_000_000_123_i64, "request_id": "r", "path": path, "host": "docs.s3.us-east-1.amazonaws.com",
            "method": "PUT", "uri_path": "/a.md", "service": "s3", "operation": "PutObject",
            "requirements": [
                {"action": "s3:PutObject", "resource": "arn:aws:s3:::docs/a.md", "allowed": true, "because": "the root user may"}
            ],
            "status": 200
        })
    }

    #[test]
    fn a_request_through_a_gateway_endpoint_names_the_route_table_that_led_there() {
        let path =
            json!({"over": "endpoint", "endpoint": "vpce-1", "endpoint_type": "Gateway", "route_table": "rtb-1"});
        let line = of(&event(path));
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            words.join(" "),
            "2023-11-14T22:13:20.123Z gateway vpce-1 via rtb-1 s3:PutObject arn:aws:s3:::docs/a.md 200 allowed: the root user may"
        );
    }

    #[test]
    fn the_other_paths_are_named_and_a_refusal_says_why() {
        let path = json!({"over": "endpoint", "endpoint": "vpce-2", "route_table": null});
        assert!(of(&event(path)).contains(" interface vpce-2 "));
        let mut refused = event(json!({"over": "public", "source": "127.0.0.1"}));
        refused["status"] = json!(403);
        refused["error"] = json!("AccessDenied");
        refused["reason"] = json!("no identity-based policy allows it");
        let line = of(&refused);
        assert!(line.contains(" public 127.0.0.1 "), "{line}");
        assert!(line.ends_with("  403 AccessDenied  no identity-based policy allows it\n"), "{line}");
    }

    #[test]
    fn what_a_client_sent_cannot_command_the_terminal() {
        let mut evil = event(json!({"over": "public", "source": "127.0.0.1"}));
        evil["requirements"] = json!([]);
        evil["host"] = json!("\u{1b}[2Jx\nforged line");
        let line = of(&evil);
        assert_eq!(line.matches(char::is_control).count(), 1, "{line:?}");
    }

    #[test]
    fn an_event_of_another_form_is_printed_as_it_is() {
        assert_eq!(of(&json!({"n": 1})), "{\"n\":1}\n");
    }
}
