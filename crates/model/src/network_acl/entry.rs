//! Entries of network ACLs: what they match, and whether they let it through.
//!
//! Source: EC2 API reference, CreateNetworkAclEntry, `NetworkAclEntry`.

use serde::{Deserialize, Serialize};

use crate::{Direction, Error, IpCidr, IpProtocol, PortRange};

/// The number of the entry that denies what no other IPv4 entry matches. It is in every ACL and cannot be changed.
pub const FINAL_IPV4_ENTRY: u16 = 32_767;

/// The number of the entry that denies what no other IPv6 entry matches.
pub const FINAL_IPV6_ENTRY: u16 = 32_768;

/// An entry of an ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclEntry {
    /// Whether it is about what comes into the subnet or goes out of it.
    pub direction: Direction,
    /// Its number, 1 to 32766, unique in its direction. The lowest entry that matches decides.
    pub number: u16,
    /// What becomes of what it matches.
    pub action: RuleAction,
    /// The protocol.
    pub protocol: IpProtocol,
    /// The other side: where it comes from or goes to.
    pub cidr: IpCidr,
    /// The destination ports of TCP and UDP, or ICMP's type and code where -1 stands for all; `None` matches all.
    pub ports: Option<PortRange>,
}

/// What an entry does with what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleAction {
    /// It passes.
    Allow,
    /// It is dropped.
    Deny,
}

impl RuleAction {
    /// Parses `allow` or `deny`.
    ///
    /// # Errors
    /// `InvalidParameterValue`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "allow" => Ok(Self::Allow),
            "deny" => Ok(Self::Deny),
            _ => Err(Error::InvalidParameterValue(format!(
                "Value ({text}) for parameter ruleAction is invalid. Valid values are allow and deny."
            ))),
        }
    }

    /// The name, as the API has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

impl NetworkAclEntry {
    /// An entry that has been checked. `ports` and `icmp` are what was given as port range and as type and code; what
    /// the protocol has no use for is left out.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a number that is not an account's to use, for TCP or UDP without ports, for ICMP
    /// without type and code, and for ports, types and codes out of their range.
    pub fn new(
        direction: Direction, number: i32, action: RuleAction, protocol: IpProtocol, cidr: IpCidr,
        ports: Option<PortRange>, icmp: Option<PortRange>,
    ) -> Result<Self, Error> {
        let number = entry_number(number)?;
        let given = match protocol {
            IpProtocol::TCP | IpProtocol::UDP => {
                Some(ports.ok_or("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."))
            }
            IpProtocol::ICMP => Some(icmp.ok_or(NO_ICMP)),
            IpProtocol::ICMPV6 if cidr.is_ipv6() => Some(icmp.ok_or(NO_ICMP)),
            _ => None,
        };
        let given = given.transpose().map_err(|missing| Error::InvalidParameterValue(missing.to_owned()))?;
        let ports = given.map(|range| range.check(protocol)).transpose()?;
        Ok(Self { direction, number, action, protocol, cidr, ports })
    }

    /// An entry that lets through all of one family.
    pub(super) fn allow_all(direction: Direction, number: u16, cidr: IpCidr) -> Self {
        Self { direction, number, action: RuleAction::Allow, protocol: IpProtocol::All, cidr, ports: None }
    }
}

const NO_ICMP: &str = "Invalid value 'Must specify both type and code with ICMP.' for icmpTypeCode.";

/// The number of an entry that an account may make, change and delete.
pub(super) fn entry_number(number: i32) -> Result<u16, Error> {
    u16::try_from(number).ok().filter(|n| (1..FINAL_IPV4_ENTRY).contains(n)).ok_or_else(|| {
        Error::InvalidParameterValue(format!(
            "Value ({number}) for parameter ruleNumber is invalid. Rule numbers lie between 1 and 32766; those from \
             32767 on are reserved for internal use."
        ))
    })
}
