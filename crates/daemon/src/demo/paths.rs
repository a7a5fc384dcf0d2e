//! The two paths as they were taken: told from the events of real requests, beside each other.

use std::net::Ipv4Addr;

use serde_json::Value;

use super::DemoError;
use super::stage::{Network, Stage};

/// How wide the column of one path is, and how much of it text may take.
const WIDTH: usize = 50;
const TEXT: usize = WIDTH - 3;

/// One request through each type of endpoint: parts of a column, which stand beside each other.
pub(super) struct Taken {
    gateway: Vec<Vec<String>>,
    interface: Vec<Vec<String>>,
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
            gateway: column(
                &gateway,
                vec![
                    format!("route table {}", short(&text(&gateway, "/path/route_table"))),
                    format!("  {} → {}", network.prefix_list, short(&network.gateway)),
                    "gateway endpoint: no interface, no group".to_owned(),
                ],
                "no hourly charge, no data charge",
            ),
            interface: column(
                &interface,
                vec![
                    "local route of the VPC".to_owned(),
                    format!("security group of {}, ingress 443", short(&network.interface)),
                    format!("interface {} of the endpoint", text(&interface, "/path/destination")),
                    "PrivateLink".to_owned(),
                ],
                "charged per zone and hour, and per GB",
            ),
        })
    }

    /// Both, beside each other.
    pub(super) fn side_by_side(&self) -> String {
        let mut lines = String::new();
        for (left, right) in self.gateway.iter().zip(&self.interface) {
            for row in 0..left.len().max(right.len()) {
                let cell = |part: &[String]| part.get(row).cloned().unwrap_or_default();
                let cut: String = cell(left).chars().take(WIDTH - 2).collect();
                lines.push_str(format!("{cut:WIDTH$}{}", cell(right)).trim_end());
                lines.push('\n');
            }
        }
        lines
    }
}

/// What an event tells, with what lies between the program and the service on that type of path.
fn column(event: &Value, between: Vec<String>, charge: &str) -> Vec<Vec<String>> {
    let name = format!("{} endpoint", text(event, "/path/endpoint_type")).to_uppercase();
    let mut decision = vec![format!("{} {}", verdict(event), text(event, "/requirements/0/action"))];
    decision.extend(wrapped(&text(event, "/requirements/0/because")));
    vec![
        vec![
            name,
            format!("program {} in {}", text(event, "/path/source"), short(&text(event, "/path/subnet"))),
            format!("  DNS: {}", text(event, "/host")),
            format!("       → {}", address(&text(event, "/path/destination"))),
            "security group of the program, egress".to_owned(),
        ],
        between,
        decision,
        vec![
            format!("{} {} → {}", service(&text(event, "/service")), text(event, "/operation"), status(event)),
            charge.to_owned(),
        ],
    ]
}

/// An address, and whether a private network may have it.
fn address(address: &str) -> String {
    match address.parse::<Ipv4Addr>() {
        Ok(parsed) if parsed.is_private() => format!("{address} (private)"),
        _ => format!("{address} (public)"),
    }
}

/// The name of a service.
fn service(id: &str) -> &str {
    match id {
        "s3" => "S3",
        "secretsmanager" => "Secrets Manager",
        other => other,
    }
}

/// A text in lines that fit into a column, a little to the right.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + word.chars().count() + 3 > TEXT {
            lines.push(format!("  {line}"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(format!("  {line}"));
    lines
}

fn text(event: &Value, pointer: &str) -> String {
    event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn status(event: &Value) -> String {
    event.get("status").map(Value::to_string).unwrap_or_default()
}

/// Whether the first requirement of a request was allowed.
fn verdict(event: &Value) -> &'static str {
    match event.pointer("/requirements/0/allowed").and_then(Value::as_bool) {
        Some(true) => "allowed:",
        _ => "denied:",
    }
}

/// An id that fits into a column.
fn short(id: &str) -> String {
    match id.get(..id.len().min(13)) {
        Some(start) if start.len() < id.len() => format!("{start}…"),
        _ => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_says_what_the_event_says_and_fits() {
        let event = serde_json::json!({
            "service": "s3", "operation": "GetObject", "status": 200, "host": "s3.us-east-1.amazonaws.com",
            "path": { "endpoint_type": "Gateway", "destination": "198.18.0.7", "source": "10.0.0.4", "subnet": "subnet-1" },
            "requirements": [{ "action": "s3:GetObject", "allowed": true,
                "because": "statement 1 of the VPC endpoint policy allows it, and the root user may do everything" }],
        });
        let lines = column(&event, vec!["a route".to_owned()], "free").concat();
        assert_eq!(
            lines,
            [
                "GATEWAY ENDPOINT",
                "program 10.0.0.4 in subnet-1",
                "  DNS: s3.us-east-1.amazonaws.com",
                "       → 198.18.0.7 (public)",
                "security group of the program, egress",
                "a route",
                "allowed: s3:GetObject",
                "  statement 1 of the VPC endpoint policy allows",
                "  it, and the root user may do everything",
                "S3 GetObject → 200",
                "free",
            ]
        );
        assert_eq!(address("10.79.1.5"), "10.79.1.5 (private)");
    }
}
