//! What a path passes: a component, what decided there, and the packet as it leaves.

use serde::{Deserialize, Serialize};

use super::ExplanationCode;
use crate::{Component, Ipv4Cidr, NetworkAclEntry, NewRule, PortSpan, Route, RouteState, SecurityGroupId};

/// A component with the name that it had when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedComponent {
    /// The component.
    #[serde(flatten)]
    pub component: Component,
    /// The value of its tag `Name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A component of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathComponent {
    /// The component.
    pub component: NamedComponent,
    /// What it is attached to: an interface to an instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_to: Option<NamedComponent>,
    /// Its subnet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<NamedComponent>,
    /// Its VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<NamedComponent>,
    /// Of a peering connection, the VPC that the packet comes from and the one that it goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between: Option<[NamedComponent; 2]>,
    /// What lets the packet pass, or decides where it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deciding: Option<Deciding>,
    /// The packet as it comes in: at the destination, and at a gateway where the path begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound: Option<PacketHeader>,
    /// The packet as it leaves: at the source, and where it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<PacketHeader>,
    /// The service that an endpoint leads to, such as `com.amazonaws.us-east-1.s3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,
    /// What else is worth knowing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<ExplanationCode>,
}

/// What decides at a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deciding {
    /// An entry of a network ACL.
    Acl(NetworkAclEntry),
    /// A rule of a security group.
    SecurityGroup {
        /// The group.
        group: SecurityGroupId,
        /// The rule.
        rule: NewRule,
    },
    /// A route.
    Route(MetRoute),
}

/// A route as it was when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetRoute {
    /// The route.
    pub route: Route,
    /// Its state.
    pub state: RouteState,
}

/// The header of a packet that was looked at, or of all those that take the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketHeader {
    /// IANA's number of the protocol.
    pub protocol: u8,
    /// Where it comes from.
    pub source: Ipv4Cidr,
    /// The ports that it comes from.
    pub source_ports: PortSpan,
    /// Where it goes to.
    pub destination: Ipv4Cidr,
    /// The ports that it goes to.
    pub destination_ports: PortSpan,
}

impl PathComponent {
    /// A component of which nothing else is known yet.
    pub const fn new(component: NamedComponent) -> Self {
        Self {
            component,
            attached_to: None,
            subnet: None,
            vpc: None,
            between: None,
            deciding: None,
            inbound: None,
            outbound: None,
            service_name: None,
            details: Vec::new(),
        }
    }
}

impl PacketHeader {
    /// The header of the answers.
    #[must_use]
    pub const fn answered(&self) -> Self {
        Self {
            protocol: self.protocol,
            source: self.destination,
            source_ports: self.destination_ports,
            destination: self.source,
            destination_ports: self.source_ports,
        }
    }
}
