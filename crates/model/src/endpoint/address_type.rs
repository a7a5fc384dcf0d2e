//! The families of an endpoint's addresses, and of the records that its names have.
//!
//! Source: PrivateLink guide, "IP address type" and "DNS record IP type" of interface and of gateway endpoints; S3 user
//! guide, "AWS PrivateLink for Amazon S3".

use serde::{Deserialize, Serialize};

use super::Endpoint;
use crate::Error;

/// The families of an endpoint's addresses: of its interfaces, or of the prefix lists that it takes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum IpAddressType {
    /// IPv4.
    #[default]
    Ipv4,
    /// IPv6.
    Ipv6,
    /// Both.
    Dualstack,
}

/// Which DNS records are made for an endpoint's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DnsRecordIpType {
    /// A records.
    Ipv4,
    /// AAAA records.
    Ipv6,
    /// Both.
    Dualstack,
    /// Those that the service decides on.
    ServiceDefined,
}

/// Which records a name has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordFamilies {
    /// A records.
    pub ipv4: bool,
    /// AAAA records.
    pub ipv6: bool,
}

impl IpAddressType {
    /// Parses `ipv4`, `ipv6` or `dualstack`.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "ipv4" => Ok(Self::Ipv4),
            "ipv6" => Ok(Self::Ipv6),
            "dualstack" => Ok(Self::Dualstack),
            other => Err(Error::InvalidParameter(format!(
                "Value ({other}) for parameter IpAddressType is invalid. Valid values: ipv4, dualstack, ipv6."
            ))),
        }
    }

    /// The name, as the API has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Dualstack => "dualstack",
        }
    }

    /// Whether it has IPv4 addresses.
    pub const fn has_ipv4(self) -> bool {
        matches!(self, Self::Ipv4 | Self::Dualstack)
    }

    /// Whether it has IPv6 addresses.
    pub const fn has_ipv6(self) -> bool {
        matches!(self, Self::Ipv6 | Self::Dualstack)
    }
}

impl DnsRecordIpType {
    /// Parses `ipv4`, `ipv6`, `dualstack` or `service-defined`.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "ipv4" => Ok(Self::Ipv4),
            "ipv6" => Ok(Self::Ipv6),
            "dualstack" => Ok(Self::Dualstack),
            "service-defined" => Ok(Self::ServiceDefined),
            other => Err(Error::InvalidParameter(format!(
                "Value ({other}) for parameter DnsRecordIpType is invalid. Valid values: ipv4, dualstack, ipv6, \
                 service-defined."
            ))),
        }
    }

    /// The name, as the API has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Dualstack => "dualstack",
            Self::ServiceDefined => "service-defined",
        }
    }

    /// What an endpoint has that does not say.
    pub(super) const fn by_default(interface: bool, addresses: IpAddressType) -> Self {
        match addresses {
            _ if !interface => Self::ServiceDefined,
            IpAddressType::Ipv4 => Self::Ipv4,
            IpAddressType::Ipv6 => Self::Ipv6,
            IpAddressType::Dualstack => Self::Dualstack,
        }
    }

    /// Whether an endpoint with such addresses can have such records. The records that a service defines are for gateway
    /// endpoints and for interface endpoints with addresses of both families.
    pub(super) const fn fits(self, interface: bool, addresses: IpAddressType) -> bool {
        match self {
            Self::Ipv4 => addresses.has_ipv4(),
            Self::Ipv6 => addresses.has_ipv6(),
            Self::Dualstack => matches!(addresses, IpAddressType::Dualstack),
            Self::ServiceDefined => !interface || matches!(addresses, IpAddressType::Dualstack),
        }
    }

    /// The families that it names; `None` if the service decides.
    const fn families(self) -> Option<RecordFamilies> {
        match self {
            Self::Ipv4 => Some(RecordFamilies { ipv4: true, ipv6: false }),
            Self::Ipv6 => Some(RecordFamilies { ipv4: false, ipv6: true }),
            Self::Dualstack => Some(RecordFamilies { ipv4: true, ipv6: true }),
            Self::ServiceDefined => None,
        }
    }
}

impl Endpoint {
    /// The records of an interface endpoint's own names, the regional and the zonal ones. Those that a service defines are
    /// of every family that the endpoint has addresses of.
    pub fn records(&self) -> RecordFamilies {
        let all = RecordFamilies { ipv4: self.ip_address_type.has_ipv4(), ipv6: self.ip_address_type.has_ipv6() };
        self.dns_record_ip_type.families().unwrap_or(all)
    }

    /// The records of the service's names that private DNS gives to an interface endpoint. Those that a service defines
    /// are A records.
    ///
    /// Source: CDK API reference, `VpcEndpointDnsRecordIpType.SERVICE_DEFINED`.
    pub fn private_records(&self) -> RecordFamilies {
        self.dns_record_ip_type.families().unwrap_or(RecordFamilies { ipv4: true, ipv6: false })
    }

    /// The records that the VPC's resolver gives of all the service's public names because of a gateway endpoint. `None`
    /// for what public DNS has of each name, which is what a gateway endpoint leaves as it is by default.
    ///
    /// Source: S3 user guide, "DNS record IP types for VPC endpoints".
    pub fn public_records(&self) -> Option<RecordFamilies> {
        self.route_tables()?;
        self.dns_record_ip_type.families()
    }
}
