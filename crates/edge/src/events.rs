//! Events: what is kept of each request that reached the gate.
//!
//! An event never has a secret in it: no header but the host, no query, no body.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use sidegate_model::{NetworkInterfaceId, RouteTableId, SubnetId, VpcEndpointId, VpcId};

/// The most that an event takes as JSON, in bytes.
pub const LONGEST: usize = 80 * 1024;

/// Takes events.
pub trait Events: Send + Sync {
    /// Takes one. It is called once a request is over, on the task that served it, and so must not block.
    fn record(&self, event: Event);
}

/// A request that is over: its answer has been sent, or the client has gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When its head had arrived: Unix time in milliseconds.
    pub time: i64,
    /// The id that the client was told.
    pub request_id: String,
    /// The path on which it came.
    pub path: EventPath,
    /// The host that it was for, as the client wrote it.
    pub host: Option<String>,
    /// The method.
    pub method: String,
    /// The path of the URL, without the query.
    pub uri_path: String,
    /// The service that it was for.
    pub service: Option<String>,
    /// The Region that it was for.
    pub region: Option<String>,
    /// The API's name of the operation, as far as it was found out.
    pub operation: Option<String>,
    /// The principal that the signature proved, by its ARN; `anonymous` for a request that was not signed and need not
    /// be; `None` where it came to no proof.
    pub principal: Option<String>,
    /// What the operation required, each with the decision.
    pub requirements: Vec<Judgement>,
    /// How many more requirements were decided on than are listed.
    pub requirements_left_out: usize,
    /// The status of the answer; `None` if there was none before the client or the path was gone.
    pub status: Option<u16>,
    /// The error code of the answer.
    pub error: Option<String>,
    /// Why it was refused, where the gate or a policy refused it.
    pub reason: Option<String>,
    /// How each policy was gone through for the first requirement that was denied.
    #[serde(default)]
    pub explanation: Option<String>,
    /// How many bytes of the request's body were read.
    pub bytes_in: u64,
    /// How many bytes of the answer's body were handed to the connection.
    pub bytes_out: u64,
    /// How long it took from its head to the end of the answer, in microseconds.
    pub duration_us: u64,
    /// Whether it ended before its answer did.
    pub aborted: bool,
    /// Whether it was a probe of the daemon's own, which was decided and called nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub probe: bool,
}

/// The most bytes of JSON of each text that a client has a hand in. An S3 key of 1024 plain characters fits, as a
/// resource and, percent-encoded, as a path.
const LONGEST_NAME: usize = 256;
const LONGEST_HOST: usize = 1024;
const LONGEST_PATH: usize = 4096;
const LONGEST_RESOURCE: usize = 1280;
const LONGEST_BECAUSE: usize = LONGEST_NAME;
const LONGEST_REASON: usize = 3072;
const LONGEST_EXPLANATION: usize = 16 * 1024;

/// The most bytes of JSON of all requirements together.
const LONGEST_REQUIREMENTS: usize = 48 * 1024;

impl Event {
    /// Makes the event fit into [`LONGEST`] bytes: cuts texts, and leaves out the last requirements, so that no request
    /// goes without an event however large it is. What is cut ends with an ellipsis.
    pub(crate) fn fit(&mut self) {
        cut(&mut self.method, LONGEST_NAME);
        cut(&mut self.request_id, LONGEST_NAME);
        cut(&mut self.uri_path, LONGEST_PATH);
        let texts = [
            (&mut self.host, LONGEST_HOST),
            (&mut self.service, LONGEST_NAME),
            (&mut self.region, LONGEST_NAME),
            (&mut self.operation, LONGEST_NAME),
            (&mut self.principal, LONGEST_HOST),
            (&mut self.error, LONGEST_NAME),
            (&mut self.reason, LONGEST_REASON),
            (&mut self.explanation, LONGEST_EXPLANATION),
        ];
        for (text, most) in texts {
            text.iter_mut().for_each(|text| cut(text, most));
        }
        let (mut bytes, before) = (0, self.requirements.len());
        for requirement in &mut self.requirements {
            cut(&mut requirement.action, LONGEST_NAME);
            cut(&mut requirement.resource, LONGEST_RESOURCE);
            cut(&mut requirement.because, LONGEST_BECAUSE);
        }
        self.requirements.retain(|requirement| {
            bytes += requirement.json_bytes();
            bytes <= LONGEST_REQUIREMENTS
        });
        self.requirements_left_out += before - self.requirements.len();
    }
}

impl Judgement {
    fn json_bytes(&self) -> usize {
        const NAMES: usize = r#"{"action":"","resource":"","allowed":false,"because":""},"#.len();
        NAMES
            + [&self.action, &self.resource, &self.because]
                .map(|text| text.chars().map(json_bytes).sum::<usize>())
                .iter()
                .sum::<usize>()
    }
}

/// How many bytes a character takes in JSON.
fn json_bytes(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    }
}

/// Cuts a text to so many bytes of JSON.
fn cut(text: &mut String, most: usize) {
    const MARK: char = '…';
    // A byte takes six at most.
    if text.len() <= most / 6 {
        return;
    }
    let (mut bytes, mut fits) = (0, 0);
    for (at, c) in text.char_indices() {
        bytes += json_bytes(c);
        if bytes > most {
            text.truncate(fits);
            text.push(MARK);
            return;
        }
        if bytes + MARK.len_utf8() <= most {
            fits = at + c.len_utf8();
        }
    }
}

/// The path on which a request came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "over", rename_all = "lowercase")]
pub enum EventPath {
    /// Over the public API's port.
    Public {
        /// The client's address.
        source: IpAddr,
    },
    /// Through a VPC endpoint.
    Endpoint {
        /// The VPC.
        vpc: VpcId,
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The endpoint's type: `Gateway` or `Interface`.
        endpoint_type: EndpointType,
        /// The service that the endpoint leads to.
        endpoint_service: String,
        /// The program's private address.
        source: IpAddr,
        /// The program's network interface.
        interface: NetworkInterfaceId,
        /// The program's subnet.
        subnet: SubnetId,
        /// The address that it connected to.
        destination: IpAddr,
        /// The route table that led to a gateway endpoint.
        route_table: Option<RouteTableId>,
    },
}

/// The type of an endpoint, as the EC2 API has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointType {
    /// A gateway endpoint.
    Gateway,
    /// An interface endpoint.
    Interface,
}

/// A requirement of an operation, and what was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The action, such as `s3:GetObject`.
    pub action: String,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// Whether it was allowed.
    pub allowed: bool,
    /// What decided.
    pub because: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str, requirements: usize) -> Event {
        let text = || text.to_owned();
        let judgement = Judgement { action: text(), resource: text(), allowed: false, because: text() };
        Event {
            time: i64::MIN,
            request_id: text(),
            path: EventPath::Public { source: "::1".parse().unwrap() },
            host: Some(text()),
            method: text(),
            uri_path: text(),
            service: Some(text()),
            region: Some(text()),
            operation: Some(text()),
            principal: Some(text()),
            requirements: vec![judgement; requirements],
            requirements_left_out: 1,
            status: Some(200),
            error: Some(text()),
            reason: Some(text()),
            explanation: Some(text()),
            bytes_in: u64::MAX,
            bytes_out: u64::MAX,
            duration_us: u64::MAX,
            aborted: true,
            probe: true,
        }
    }

    #[test]
    fn an_event_fits_whatever_the_client_wrote() {
        for text in ["\u{1}", "a", "…", "\"", "\u{10348}", "\n\u{7f}"] {
            let mut event = event(&text.repeat(40_000), 32);
            event.fit();
            let json = serde_json::to_string(&event).unwrap();
            assert!(json.len() <= LONGEST, "{text:?}: {}", json.len());
            assert_eq!(event.requirements.len() + event.requirements_left_out, 33);
            assert!(event.requirements.len() >= 25, "{text:?}: {}", event.requirements.len());
            assert!(event.uri_path.ends_with('…') && event.uri_path.len() > 500);
            let written = serde_json::to_string(&event.requirements).unwrap().len();
            let counted: usize = event.requirements.iter().map(Judgement::json_bytes).sum();
            assert_eq!(written, counted + 1, "{text:?}");
        }
    }

    #[test]
    fn what_fits_is_left_as_it_is() {
        let text = "k".repeat(LONGEST_NAME);
        let mut cut = event(&text, 32);
        cut.fit();
        assert_eq!(cut, event(&text, 32));
    }
}
