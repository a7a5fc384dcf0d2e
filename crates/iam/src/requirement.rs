//! What must be allowed for an operation to happen, and the path on which the request came.

use std::net::IpAddr;

use sidegate_model::{VpcEndpointId, VpcId};

/// One action on one resource that must be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The action, such as `s3:GetObject`.
    pub action: String,
    /// The resource's ARN, or `*` for an action that has none.
    pub resource: String,
}

impl Requirement {
    /// A requirement.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

/// How a request reached the service. The condition keys of the network come from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Over the API's own address on the machine, which stands for the internet.
    Public {
        /// The client's address: `aws:SourceIp`.
        source: IpAddr,
    },
    /// Through a VPC endpoint: `aws:SourceVpc`, `aws:SourceVpce`, `aws:VpcSourceIp`.
    Endpoint {
        /// The VPC that the request came from.
        vpc: VpcId,
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The client's private address.
        source: IpAddr,
    },
}
