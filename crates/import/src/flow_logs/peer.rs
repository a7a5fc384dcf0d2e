//! Who is at the other end of a flow, and by which way.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;
use sidegate_model::{VpcEndpointId, VpcId};

/// Whether a flow went into an interface or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// Into it.
    Ingress,
    /// Out of it.
    Egress,
}

/// The family of the addresses of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Family {
    /// IPv4, also where the log does not say.
    #[default]
    Ipv4,
    /// IPv6. No NAT gateway is on its way.
    Ipv6,
    /// IPv6 with an address that stands for one of IPv4: a NAT gateway translates it (NAT64).
    Translated,
}

/// Who is at the other end, as seen from the interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Peer {
    /// An interface endpoint of the world.
    Endpoint {
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// Its service, by the last part of its endpoint service name.
        service: String,
    },
    /// A service at its public addresses.
    Service {
        /// The service: `s3`, `dynamodb` and what the world's emulated addresses stand for by the last part of the endpoint
        /// service name, every other as the published ranges have it. `AMAZON` is one that they do not name.
        service: String,
        /// Its Region as the published ranges have it, which may be `GLOBAL`, if they have it.
        region: Option<String>,
    },
    /// Something else in a VPC of the world.
    Vpc {
        /// The VPC.
        vpc: VpcId,
    },
    /// A private address that the world does not know.
    Private,
    /// An address of the link, or of a group.
    Local,
    /// Something on the internet.
    Internet,
    /// The log does not say.
    Untold,
}

/// By which way what left an interface went.
///
/// Source: VPC user guide, "Available fields", `traffic-path`. The last one is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Path {
    /// 1: to something else in the VPC, that may be a NAT gateway on the way.
    SameVpc,
    /// 2: through an internet gateway or a gateway endpoint.
    InternetGatewayOrEndpoint,
    /// 3: through a virtual private gateway.
    VirtualPrivateGateway,
    /// 4: over a peering connection in the Region.
    Peering,
    /// 5: over a peering connection to another Region.
    PeeringBetweenRegions,
    /// 6: through a local gateway.
    LocalGateway,
    /// 7: through a gateway endpoint.
    GatewayEndpoint,
    /// 8: through an internet gateway.
    InternetGateway,
    /// To or from an interface endpoint of the world.
    InterfaceEndpoint,
    /// A number that is not known.
    Other,
}

impl Family {
    /// That of flows with an address.
    pub(super) fn of(address: Option<IpAddr>) -> Self {
        match address {
            None | Some(IpAddr::V4(_)) => Self::Ipv4,
            Some(IpAddr::V6(_)) if address.and_then(translated).is_some() => Self::Translated,
            Some(IpAddr::V6(_)) => Self::Ipv6,
        }
    }
}

/// The address of IPv4 that one of IPv6 stands for: one of 64:ff9b::/96.
///
/// Source: RFC 6052; VPC user guide, "DNS64 and NAT64".
pub(super) fn translated(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(address) = address else { return None };
    let bits = address.to_bits();
    (bits >> 32 == 0x0064_ff9b << 64).then(|| Ipv4Addr::from_bits(bits as u32))
}

impl Path {
    /// The way that a number of `traffic-path` stands for.
    pub(super) fn numbered(number: u8) -> Self {
        match number {
            1 => Self::SameVpc,
            2 => Self::InternetGatewayOrEndpoint,
            3 => Self::VirtualPrivateGateway,
            4 => Self::Peering,
            5 => Self::PeeringBetweenRegions,
            6 => Self::LocalGateway,
            7 => Self::GatewayEndpoint,
            8 => Self::InternetGateway,
            _ => Self::Other,
        }
    }
}
