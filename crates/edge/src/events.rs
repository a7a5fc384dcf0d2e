//! Events: what is kept of each request that reached the gate.
//!
//! An event never has a secret in it: no header but the host, no query, no body.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};
use sidegate_model::{NetworkInterfaceId, RouteTableId, SubnetId, VpcEndpointId, VpcId};

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
    /// How many bytes of the request's body were read.
    pub bytes_in: u64,
    /// How many bytes of the answer's body were handed to the connection.
    pub bytes_out: u64,
    /// How long it took from its head to the end of the answer, in microseconds.
    pub duration_us: u64,
    /// Whether it ended before its answer did.
    pub aborted: bool,
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
        source: Ipv4Addr,
        /// The program's network interface.
        interface: NetworkInterfaceId,
        /// The program's subnet.
        subnet: SubnetId,
        /// The address that it connected to.
        destination: Ipv4Addr,
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
    pub by: String,
}
