//! Filters of paths: what packets are at one end.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What the packets of a path are at one of its ends. What is not said may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathFilter {
    /// Where they come from.
    pub source_address: Option<Ipv4Addr>,
    /// The ports that they come from.
    pub source_ports: Option<PortSpan>,
    /// Where they go to.
    pub destination_address: Option<Ipv4Addr>,
    /// The ports that they go to.
    pub destination_ports: Option<PortSpan>,
}

/// Ports of TCP or UDP from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PortSpan {
    /// The first.
    pub from: u16,
    /// The last, not below the first.
    pub to: u16,
}

impl PortSpan {
    /// All ports.
    pub const ALL: Self = Self { from: 0, to: u16::MAX };

    /// Ports from the first to the last, by the name of the parameter that says so.
    ///
    /// # Errors
    /// `InvalidParameterValue` for numbers that are no ports, or in the wrong order.
    pub fn new(from: i32, to: i32, parameter: &str) -> Result<Self, Error> {
        let refused = |why: &str| {
            Err(Error::InvalidParameterValue(format!(
                "Value ({from}-{to}) for parameter {parameter} is invalid. {why}"
            )))
        };
        match (u16::try_from(from), u16::try_from(to)) {
            (Ok(from), Ok(to)) if from <= to => Ok(Self { from, to }),
            (Ok(_), Ok(_)) => refused("The first port must not be above the last."),
            _ => refused("Ports are 0 to 65535."),
        }
    }

    /// Whether it has a port.
    pub const fn contains(self, port: u16) -> bool {
        self.from <= port && port <= self.to
    }

    /// The ports that two spans have in common.
    pub fn common(self, other: Self) -> Option<Self> {
        let common = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (common.from <= common.to).then_some(common)
    }
}
