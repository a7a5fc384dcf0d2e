//! The requests of a question: what the function called, and on which path the daemon saw it.

use std::time::{Duration, Instant};

use sidegate_edge::events::{EndpointType, Event, EventPath};

use super::DemoError;
use super::function::Call;
use super::place::Stage;
use crate::diagram::service_name;

/// How long events may take to be recorded: that happens once a request is over, perhaps after its answer was read.
const RECORDED_LIMIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(10);

/// Each request that a question took, in its order, as the daemon saw it.
pub(super) struct Taken(pub(super) Vec<Request>);

/// A request through an endpoint.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) operation: String,
    pub(super) service: String,
    pub(super) endpoint_type: EndpointType,
    pub(super) event: Event,
}

/// Requests that are the same but for what they were about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) operation: String,
    pub(super) count: usize,
    pub(super) service: String,
    pub(super) endpoint_type: EndpointType,
    /// What led to the endpoint, and the endpoint.
    pub(super) path: String,
    pub(super) decided_by: String,
    /// The status with which it failed.
    pub(super) failed: Option<u16>,
    /// What else was decided: the action, and by what.
    pub(super) besides: Vec<(String, String)>,
    /// Bytes of bodies that the function sent, and got.
    pub(super) sent: u64,
    pub(super) received: u64,
}

impl Taken {
    /// Finds the events of what the function called. Each call that was answered has to have one, and a path through an
    /// endpoint.
    pub(super) async fn of(stage: &Stage, calls: &[Call]) -> Result<Self, DemoError> {
        let limit = Instant::now() + RECORDED_LIMIT;
        loop {
            let events = stage.events().await?;
            match joined(calls, &events) {
                Err(_) if Instant::now() < limit => tokio::time::sleep(PAUSE).await,
                other => return other.map(Self),
            }
        }
    }
}

/// Calls with their events, by the ids of the requests.
fn joined(calls: &[Call], events: &[Event]) -> Result<Vec<Request>, DemoError> {
    let answered = calls.iter().filter_map(|call| Some((call, call.request_id.as_deref()?)));
    let request = |(call, id): (&Call, &str)| {
        let event = events.iter().rev().find(|event| event.request_id == id);
        let untrue = |found: String| DemoError::Untrue {
            claim: "each request of the function should have come through an endpoint",
            found,
        };
        let name = format!("{} {}", call.service, call.operation);
        let event = event.ok_or_else(|| untrue(format!("there is no event of {name} ({id})")))?;
        let EventPath::Endpoint { endpoint_type, .. } = event.path else {
            return Err(untrue(format!("{name} ({id}) came over the public path")));
        };
        let (operation, service) = (call.operation.clone(), call.service.clone());
        Ok(Request { operation, service, endpoint_type, event: event.clone() })
    };
    answered.map(request).collect()
}

/// Requests in rows: those that are alike count together, in the order of the first of each.
pub(super) fn folded(requests: &[Request]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for request in requests {
        let row = request.row();
        let same = |other: &&mut Row| {
            (&other.operation, &other.service, &other.path, &other.decided_by, other.failed, &other.besides)
                == (&row.operation, &row.service, &row.path, &row.decided_by, row.failed, &row.besides)
        };
        match rows.iter_mut().find(same) {
            Some(known) => {
                known.count += 1;
                known.sent += row.sent;
                known.received += row.received;
            }
            None => rows.push(row),
        }
    }
    rows
}

impl Request {
    fn row(&self) -> Row {
        let mut decisions = self.event.requirements.iter().map(|judgement| {
            (judgement.action.clone(), short_decision(&judgement.because, resource_policy(&judgement.action)))
        });
        Row {
            operation: self.operation.clone(),
            count: 1,
            service: service_name(&self.service).to_owned(),
            endpoint_type: self.endpoint_type,
            path: way(&self.event.path),
            decided_by: decisions.next().map(|(_, decided_by)| decided_by).unwrap_or_default(),
            failed: self.event.status.filter(|status| *status >= 400),
            besides: decisions.collect(),
            sent: self.event.bytes_in,
            received: self.event.bytes_out,
        }
    }
}

/// What led to an endpoint, and the endpoint.
fn way(path: &EventPath) -> String {
    let EventPath::Endpoint { endpoint, destination, route_table, .. } = path else { return "public".to_owned() };
    let led = route_table.as_ref().map_or_else(|| destination.to_string(), |table| short(table.as_str()));
    format!("{led} → {}", short(endpoint.as_str()))
}

/// The first eight digits of an id.
pub(super) fn short(id: &str) -> String {
    match id.split_once('-') {
        Some((kind, digits)) => format!("{kind}-{}", digits.get(..8).unwrap_or(digits)),
        None => id.to_owned(),
    }
}

/// A decision in few words: of each policy that allowed it the kind, and the number of the statement. What is of another form
/// stays as it is.
fn short_decision(because: &str, resource: &str) -> String {
    let part = |part: &str| {
        let (number, policy) = part.trim().strip_prefix("statement ")?.split_once(" of ")?;
        let kind = match policy {
            "the VPC endpoint policy" => "endpoint",
            "the resource-based policy" => resource,
            other if other.starts_with("identity-based policy ") => "role",
            _ => return None,
        };
        Some(format!("{kind} {number}"))
    };
    let parts = because.strip_suffix(" allow it").or_else(|| because.strip_suffix(" allows it"));
    let parts = parts.and_then(|parts| parts.split(" and ").map(part).collect::<Option<Vec<_>>>());
    parts.map_or_else(|| because.to_owned(), |parts| parts.join(", "))
}

/// What the policy of the resource is called that an action is about.
fn resource_policy(action: &str) -> &'static str {
    match action.split_once(':') {
        Some(("s3", _)) => "bucket",
        Some(("kms", _)) => "key",
        Some(("secretsmanager", _)) => "secret",
        Some(("dynamodb", _)) => "table",
        _ => "resource",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// A request that came by one of the two types of endpoint.
    pub(in crate::demo) fn request(service: &str, operation: &str, table: Option<&str>, because: &[&str]) -> Request {
        let destination = if table.is_some() { "198.18.0.16" } else { "10.79.2.4" };
        let requirements: Vec<_> = because
            .iter()
            .map(|because| json!({ "action": format!("{service}:{operation}"), "resource": "*", "allowed": true, "because": because }))
            .collect();
        let event = json!({
            "time": 0, "request_id": format!("of-{operation}"),
            "path": {
                "over": "endpoint", "vpc": "vpc-0123456789abcdef0", "endpoint": "vpce-0a1b2c3d4e5f60718",
                "endpoint_type": if table.is_some() { "Gateway" } else { "Interface" }, "endpoint_service": service,
                "source": "10.79.1.9", "interface": "eni-0123456789abcdef0", "subnet": "subnet-0123456789abcdef0",
                "destination": destination, "route_table": table,
            },
            "host": format!("{service}.us-east-1.amazonaws.com"), "method": "POST", "uri_path": "/", "service": service,
            "region": "us-east-1", "operation": operation, "principal": null, "requirements": requirements,
            "requirements_left_out": 0, "status": 200, "error": null, "reason": null,
            "bytes_in": 1_000, "bytes_out": 4_383, "duration_us": 1, "aborted": false,
        });
        let event: Event = serde_json::from_value(event).unwrap();
        let EventPath::Endpoint { endpoint_type, .. } = event.path else { unreachable!() };
        Request { operation: operation.to_owned(), service: service.to_owned(), endpoint_type, event }
    }

    const ALLOWED: &str = "statement 2 of the VPC endpoint policy and statement 5 of identity-based policy 2 what-the-function-calls allow it";

    #[test]
    fn requests_that_are_alike_are_one_row_with_what_they_have_in_all() {
        let table = Some("rtb-0123456789abcdef0");
        let requests = [
            request("s3", "ListObjectsV2", table, &[ALLOWED]),
            request("s3", "GetObject", table, &[ALLOWED]),
            request("kms", "Decrypt", None, &[ALLOWED, "statement 1 of the resource-based policy allows it"]),
            request("s3", "GetObject", table, &[ALLOWED]),
            request("s3", "GetObject", table, &["something else"]),
        ];
        let rows = folded(&requests);
        let told: Vec<_> = rows
            .iter()
            .map(|row| format!("{} {} {} {}", row.operation, row.count, row.received, row.decided_by))
            .collect();
        assert_eq!(
            told,
            [
                "ListObjectsV2 1 4383 endpoint 2, role 5",
                "GetObject 2 8766 endpoint 2, role 5",
                "Decrypt 1 4383 endpoint 2, role 5",
                "GetObject 1 4383 something else",
            ]
        );
        assert!(rows.iter().all(|row| row.failed.is_none()));
        assert_eq!(rows[1].path, "rtb-01234567 → vpce-0a1b2c3d");
        assert_eq!(rows[2].path, "10.79.2.4 → vpce-0a1b2c3d");
        assert_eq!(rows[2].besides, [("kms:Decrypt".to_owned(), "key 1".to_owned())]);
    }

    #[test]
    fn a_call_that_has_no_event_or_came_over_the_public_path_is_not_joined() {
        let call = |id: Option<&str>| Call {
            service: "s3".to_owned(),
            operation: "GetObject".to_owned(),
            request_id: id.map(str::to_owned),
            answered_by: None,
        };
        let mut event = request("s3", "GetObject", None, &[]).event;
        assert_eq!(joined(&[call(Some("of-GetObject")), call(None)], &[event.clone()]).unwrap().len(), 1);
        let error = joined(&[call(Some("other"))], &[event.clone()]).unwrap_err().to_string();
        assert!(error.contains("there is no event of s3 GetObject (other)"), "{error}");
        event.path = EventPath::Public { source: [127, 0, 0, 1].into() };
        let error = joined(&[call(Some("of-GetObject"))], &[event]).unwrap_err().to_string();
        assert!(error.contains("came over the public path"), "{error}");
    }
}
