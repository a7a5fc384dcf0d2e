//! What becomes of a flow.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;
use sidegate_iam::PolicyKind;
use sidegate_model::{NatGatewayId, NetworkAclId, NetworkInterfaceId, Region, VpcEndpointId};

use super::Code;

/// What becomes of a flow. There is nothing else that could.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "disposition", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Disposition {
    /// It reaches what runs behind a network interface, where somebody may or may not listen.
    Delivered {
        /// The interface.
        interface: NetworkInterfaceId,
    },
    /// A VPC endpoint takes it, and where a call was asked about, the call is allowed.
    Endpoint {
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The address that it comes from, as the endpoint sees it.
        source: IpAddr,
    },
    /// A service takes it at its public address, and where a call was asked about, the call is allowed.
    Internet {
        /// The service.
        service: &'static str,
        /// Its Region.
        region: Region,
        /// The address that it comes from, as the internet sees it.
        source: IpAddr,
    },
    /// It leaves for the internet with an address that answers get back to. Who has the address there, and whether anybody
    /// does, is nothing of these accounts.
    Outside {
        /// The address on the internet.
        address: IpAddr,
        /// The address that it comes from, as the internet sees it.
        source: IpAddr,
    },
    /// The VPC's resolver takes it.
    Resolver,
    /// The instance metadata service takes it.
    Metadata,
    /// It does not arrive, or the call is denied.
    Blocked {
        /// Why.
        by: Code,
    },
    /// It cannot be said.
    Undetermined {
        /// What is not known.
        unknown: Unknown,
    },
}

/// What is not known of a flow, so that nobody can say what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "unknown", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Unknown {
    /// What the program does that a route leads the packet to: it may send it on.
    Appliance {
        /// Its interface.
        interface: NetworkInterfaceId,
    },
    /// Which port the client picks: a network ACL lets answers to some of them through.
    SourcePort {
        /// The network ACL.
        acl: NetworkAclId,
        /// The ports that it lets answers through to.
        passing: Vec<(u16, u16)>,
    },
    /// Which of its addresses a NAT gateway lends.
    NatAddress {
        /// The gateway.
        gateway: NatGatewayId,
        /// The private addresses with which the flow arrives.
        passing: Vec<Ipv4Addr>,
        /// Those with which it does not.
        lost: Vec<Ipv4Addr>,
    },
    /// What name servers answer that are not AWS's, which the VPC's DHCP options name; or whom the client asks, where they name
    /// none.
    NameServers {
        /// The name that is asked for.
        name: String,
        /// The servers.
        servers: Vec<IpAddr>,
    },
    /// Which of a name's addresses the client tries.
    Address {
        /// The addresses at which the flow arrives.
        passing: Vec<IpAddr>,
        /// Those at which it does not.
        lost: Vec<IpAddr>,
    },
    /// What was not told of the world: what it holds in its place is no evidence. Of the worlds that commands make no trace
    /// ends so; those who have a world from elsewhere may say it of others.
    Undescribed {
        /// What was not told, in words.
        what: String,
    },
    /// What policies say that were not given.
    Policies {
        /// Their layers.
        layers: Vec<PolicyKind>,
    },
}

impl Disposition {
    /// Whether the flow arrives, and the call is allowed.
    pub const fn is_reached(&self) -> bool {
        match self {
            Self::Delivered { .. }
            | Self::Endpoint { .. }
            | Self::Internet { .. }
            | Self::Outside { .. }
            | Self::Resolver
            | Self::Metadata => true,
            Self::Blocked { .. } | Self::Undetermined { .. } => false,
        }
    }

    /// What blocks it.
    pub const fn blocked_by(&self) -> Option<Code> {
        match self {
            Self::Blocked { by } => Some(*by),
            _ => None,
        }
    }
}
