//! The two paths as they were taken: told from the events of real requests, beside each other.

use serde_json::Value;

use super::DemoError;
use super::stage::{Network, Stage};

/// How wide the column of one path is.
const WIDTH: usize = 50;

/// One request through each type of endpoint.
pub(super) struct Taken {
    gateway: Vec<String>,
    interface: Vec<String>,
}

impl Taken {
    /// Finds the requests among the daemon's events.
    pub(super) async fn of(stage: &Stage, network: &Network) -> Result<Self, DemoError> {
        let events = stage.events().await?;
        let last = |operation: &str, endpoint: &str| {
            let found = events
                .iter()
                .rev()
                .find(|event| text(event, "/operation") == operation && text(event, "/path/endpoint") == endpoint);
            found.cloned().ok_or_else(|| DemoError::Untrue {
                claim: "each request should have left an event with its path",
                found: format!("there is none of {operation} through {endpoint}"),
            })
        };
        let gateway = last("GetObject", &network.gateway)?;
        let interface = last("GetSecretValue", &network.interface)?;
        Ok(Self {
            gateway: vec![
                "GATEWAY ENDPOINT".to_owned(),
                format!("program {} in {}", text(&gateway, "/path/source"), short(&text(&gateway, "/path/subnet"))),
                format!("  DNS: {}", text(&gateway, "/host")),
                format!("       → {} (public)", text(&gateway, "/path/destination")),
                "security group of the program, egress".to_owned(),
                format!("route table {}", short(&text(&gateway, "/path/route_table"))),
                format!("  {} → {}", network.prefix_list, short(&network.gateway)),
                "gateway endpoint: no interface, no group".to_owned(),
                String::new(),
                "endpoint policy".to_owned(),
                format!("  {}", decision(&gateway)),
                format!("S3 {} → {}", text(&gateway, "/operation"), status(&gateway)),
                "no hourly charge, no data charge".to_owned(),
            ],
            interface: vec![
                "INTERFACE ENDPOINT".to_owned(),
                format!("program {} in {}", text(&interface, "/path/source"), short(&text(&interface, "/path/subnet"))),
                format!("  DNS: {}", text(&interface, "/host")),
                format!("       → {} (private)", text(&interface, "/path/destination")),
                "security group of the program, egress".to_owned(),
                "local route of the VPC".to_owned(),
                format!("security group of {}, ingress 443", short(&network.interface)),
                format!("interface {} of the endpoint", text(&interface, "/path/destination")),
                "PrivateLink".to_owned(),
                "endpoint policy".to_owned(),
                format!("  {}", decision(&interface)),
                format!("Secrets Manager {} → {}", text(&interface, "/operation"), status(&interface)),
                "charged per zone and hour, and per GB".to_owned(),
            ],
        })
    }

    /// Both, beside each other.
    pub(super) fn side_by_side(&self) -> String {
        let mut lines = String::new();
        for (left, right) in self.gateway.iter().zip(&self.interface) {
            let cut: String = left.chars().take(WIDTH - 2).collect();
            lines.push_str(format!("{cut:WIDTH$}{right}").trim_end());
            lines.push('\n');
        }
        lines
    }
}

fn text(event: &Value, pointer: &str) -> String {
    event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn status(event: &Value) -> String {
    event.get("status").map(Value::to_string).unwrap_or_default()
}

/// What decided on the first requirement of a request.
fn decision(event: &Value) -> String {
    let action = text(event, "/requirements/0/action");
    let allowed = event.pointer("/requirements/0/allowed").and_then(Value::as_bool) == Some(true);
    let verdict = if allowed { "allows" } else { "does not allow" };
    format!("{verdict} {action}")
}

/// An id that fits into a column.
fn short(id: &str) -> String {
    match id.get(..id.len().min(13)) {
        Some(start) if start.len() < id.len() => format!("{start}…"),
        _ => id.to_owned(),
    }
}
