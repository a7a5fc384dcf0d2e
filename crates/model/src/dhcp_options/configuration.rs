//! The options of a set: their names, their values, and what values they can have.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The most addresses of one family that an option can have; Amazon's name server counts as one of IPv4.
///
/// Source: VPC user guide, "Create a DHCP option set".
const ADDRESS_LIMIT: usize = 4;

/// The name of Amazon's name server.
const AMAZON: &str = "AmazonProvidedDNS";

/// Types of NetBIOS nodes.
///
/// Source: RFC 2132, 8.7.
const NODE_TYPES: [u8; 4] = [1, 2, 4, 8];

/// How many seconds an IPv6 lease can last.
const LEASES: std::ops::RangeInclusive<u32> = 140..=2_147_483_647;

/// The options of a set; what is not given is absent or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpConfiguration {
    /// `domain-name`: the domain in which short names are looked up; several are separated by spaces.
    pub domain_name: Option<String>,
    /// `domain-name-servers`.
    pub domain_name_servers: Vec<NameServer>,
    /// `ntp-servers`.
    pub ntp_servers: Vec<IpAddr>,
    /// `netbios-name-servers`.
    pub netbios_name_servers: Vec<Ipv4Addr>,
    /// `netbios-node-type`.
    pub netbios_node_type: Option<u8>,
    /// `ipv6-address-preferred-lease-time`, in seconds.
    pub ipv6_preferred_lease_time: Option<u32>,
}

/// A name server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameServer {
    /// Amazon's own, at the VPC's base + 2.
    AmazonProvided,
    /// One at an address.
    Address(IpAddr),
}

impl FromStr for NameServer {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == AMAZON { Ok(Self::AmazonProvided) } else { text.parse().map(Self::Address).map_err(drop) }
    }
}

impl fmt::Display for NameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AmazonProvided => f.write_str(AMAZON),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl NameServer {
    fn is_ipv6(&self) -> bool {
        matches!(self, Self::Address(IpAddr::V6(_)))
    }
}

impl DhcpConfiguration {
    /// Reads options by their names.
    ///
    /// # Errors
    /// `MissingParameter` for no option at all, `InvalidParameterValue` for a name that is not one, a name that is given
    /// twice, and a value that the option cannot have.
    pub fn parse(options: &[(String, Vec<String>)]) -> Result<Self, Error> {
        if options.is_empty() {
            return Err(Error::MissingParameter("dhcpConfiguration"));
        }
        let mut read = Self::default();
        for (i, (key, values)) in options.iter().enumerate() {
            if options.iter().take(i).any(|(other, _)| other == key) {
                return Err(Error::InvalidParameterValue(format!("Duplicate DHCP option '{key}' specified.")));
            }
            read.set(key, values)?;
        }
        Ok(read)
    }

    fn set(&mut self, key: &str, values: &[String]) -> Result<(), Error> {
        match key {
            "domain-name" => self.domain_name = Some(sole(key, values)?.to_owned()),
            "domain-name-servers" => self.domain_name_servers = list(key, values, NameServer::is_ipv6)?,
            "ntp-servers" => self.ntp_servers = list(key, values, IpAddr::is_ipv6)?,
            "netbios-name-servers" => self.netbios_name_servers = list(key, values, |_: &Ipv4Addr| false)?,
            "netbios-node-type" => {
                let text = sole(key, values)?;
                let kind = text.parse().ok().filter(|kind| NODE_TYPES.contains(kind));
                self.netbios_node_type = Some(kind.ok_or_else(|| invalid(key, text))?);
            }
            "ipv6-address-preferred-lease-time" => {
                let text = sole(key, values)?;
                let seconds = text.parse().ok().filter(|seconds| LEASES.contains(seconds));
                self.ipv6_preferred_lease_time = Some(seconds.ok_or_else(|| invalid(key, text))?);
            }
            _ => {
                return Err(Error::InvalidParameterValue(format!(
                    "Value ({key}) for parameter dhcpConfiguration is invalid. Unknown DHCP option."
                )));
            }
        }
        Ok(())
    }

    /// The options that are given, by their names.
    pub fn options(&self) -> Vec<(&'static str, Vec<String>)> {
        fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
            values.into_iter().map(|value| value.to_string()).collect()
        }
        let all = [
            ("domain-name", texts(&self.domain_name)),
            ("domain-name-servers", texts(&self.domain_name_servers)),
            ("ntp-servers", texts(&self.ntp_servers)),
            ("netbios-name-servers", texts(&self.netbios_name_servers)),
            ("netbios-node-type", texts(self.netbios_node_type)),
            ("ipv6-address-preferred-lease-time", texts(self.ipv6_preferred_lease_time)),
        ];
        all.into_iter().filter(|(_, values)| !values.is_empty()).collect()
    }
}

fn invalid(key: &str, value: &str) -> Error {
    Error::InvalidParameterValue(format!("Value ({value}) for parameter {key} is invalid."))
}

fn sole<'v>(key: &str, values: &'v [String]) -> Result<&'v str, Error> {
    match values {
        [value] if !value.is_empty() => Ok(value),
        _ => Err(Error::InvalidParameterValue(format!("The DHCP option {key} must have exactly one value."))),
    }
}

fn list<T: FromStr>(key: &str, values: &[String], is_ipv6: impl Fn(&T) -> bool) -> Result<Vec<T>, Error> {
    let read = values.iter().map(|text| text.parse().map_err(|_| invalid(key, text))).collect::<Result<Vec<T>, _>>()?;
    let ipv6 = read.iter().filter(|value| is_ipv6(value)).count();
    if read.is_empty() || ipv6 > ADDRESS_LIMIT || read.len() - ipv6 > ADDRESS_LIMIT {
        return Err(Error::InvalidParameterValue(format!(
            "The DHCP option {key} must have between one and {ADDRESS_LIMIT} addresses of a family."
        )));
    }
    Ok(read)
}
