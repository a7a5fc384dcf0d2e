//! What has a price.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// What a price is for one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// An hour of one resource; of an endpoint, in one zone.
    #[serde(rename = "hour")]
    Hour,
    /// 2³⁰ bytes.
    #[serde(rename = "GB")]
    Gigabyte,
    /// One, of what the item's name says.
    #[serde(rename = "each")]
    Each,
}

impl Unit {
    /// Its name in files of prices.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Gigabyte => "GB",
            Self::Each => "each",
        }
    }

    /// How many of what is counted (hours, bytes, things) are one.
    pub(crate) fn counted(self) -> u128 {
        match self {
            Self::Gigabyte => 1 << 30,
            Self::Hour | Self::Each => 1,
        }
    }
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Hour, Self::Gigabyte, Self::Each];
        let unit = all.into_iter().find(|unit| unit.as_str() == text);
        unit.ok_or_else(|| format!("`{text}` is no unit: hour, GB or each is expected"))
    }
}

/// Defines the items that the ways know, each with its name in files of prices and its unit.
macro_rules! items {
    ($($(#[$doc:meta])* $item:ident = $name:literal, $unit:ident;)*) => {
        /// Something that is used and has a price.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Item {
            $($(#[$doc])* $item,)*
            /// Something else that a file of prices has, by its name there.
            Other(Arc<str>),
        }

        impl Item {
            /// Every item that has a meaning here.
            pub const ALL: &[Self] = &[$(Self::$item),*];

            /// Its name in files of prices.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$item => $name,)*
                    Self::Other(name) => name,
                }
            }

            /// What it is counted in. `None` for what only a file of prices knows.
            pub fn unit(&self) -> Option<Unit> {
                match self {
                    $(Self::$item => Some(Unit::$unit),)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

items! {
    /// A gateway endpoint's hour.
    GatewayEndpointHour = "gateway-endpoint-hour", Hour;
    /// What passes a gateway endpoint, in both directions.
    GatewayEndpointData = "gateway-endpoint-data", Gigabyte;
    /// An interface endpoint's hour in one zone.
    InterfaceEndpointHour = "interface-endpoint-hour", Hour;
    /// What passes interface endpoints, in both directions.
    InterfaceEndpointData = "interface-endpoint-data", Gigabyte;
    /// The hour of a Gateway Load Balancer endpoint in one zone.
    LoadBalancerEndpointHour = "gateway-load-balancer-endpoint-hour", Hour;
    /// What passes Gateway Load Balancer endpoints, in both directions.
    LoadBalancerEndpointData = "gateway-load-balancer-endpoint-data", Gigabyte;
    /// A resource endpoint's hour.
    ResourceEndpointHour = "resource-endpoint-hour", Hour;
    /// A NAT gateway's hour.
    NatGatewayHour = "nat-gateway-hour", Hour;
    /// What passes NAT gateways, in both directions.
    NatGatewayData = "nat-gateway-data", Gigabyte;
    /// The hour of a transit gateway's attachment.
    TransitGatewayHour = "transit-gateway-hour", Hour;
    /// What attachments send to a transit gateway.
    TransitGatewayData = "transit-gateway-data", Gigabyte;
    /// What goes from one zone to another, once where it is sent and once where it is received.
    ZoneData = "zone-data", Gigabyte;
    /// What goes to another zone over a peering connection, where it is sent.
    PeeringDataOut = "peering-data-out", Gigabyte;
    /// What comes from another zone over a peering connection, where it is received.
    PeeringDataIn = "peering-data-in", Gigabyte;
    /// What goes to another Region.
    RegionData = "region-data", Gigabyte;
    /// What goes to the internet.
    InternetData = "internet-data", Gigabyte;
    /// The hour of a public IPv4 address that something has.
    PublicAddressHour = "public-ipv4-hour", Hour;
    /// The hour of an Elastic IP address that nothing has.
    IdleAddressHour = "public-ipv4-idle-hour", Hour;
}

impl FromStr for Item {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_name = |text: &str| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        match Self::ALL.iter().find(|item| item.as_str() == text) {
            Some(item) => Ok(item.clone()),
            None if is_name(text) => Ok(Self::Other(text.into())),
            None => Err(format!("`{text}` is no item: lower-case letters, digits and hyphens are expected")),
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
