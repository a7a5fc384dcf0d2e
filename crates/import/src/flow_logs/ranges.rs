//! The address ranges that AWS publishes, and which service has an address.
//!
//! Only some services are named; the ranges of all others are `AMAZON`, which is also said of every range that a service
//! has. So an address belongs to the longest range that has it, and to a service rather than to `AMAZON` or `EC2`.
//!
//! Source: VPC user guide, "AWS IP address ranges"; <https://ip-ranges.amazonaws.com/ip-ranges.json>.

mod table;

use std::net::IpAddr;

use serde::Deserialize;
use sidegate_model::IpCidr;

use self::table::Table;
use crate::{Finding, Place};

/// The published ranges.
#[derive(Clone, Debug, Default)]
pub struct Ranges {
    /// When they were published, as the file says it.
    created: Option<String>,
    labels: Vec<Label>,
    ipv4: Table<u32>,
    ipv6: Table<u128>,
}

/// What a range says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Label {
    /// The service, as it is published.
    pub(super) service: String,
    /// The Region, or `GLOBAL`.
    pub(super) region: String,
}

/// Why a file of ranges cannot be used at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangesError(pub Finding);

#[derive(Deserialize)]
struct File {
    #[serde(rename = "createDate")]
    created: Option<String>,
    #[serde(default)]
    prefixes: Vec<serde_json::Value>,
    #[serde(default)]
    ipv6_prefixes: Vec<serde_json::Value>,
}

/// The most labels: there are some thousand pairs of service and Region.
const MOST_LABELS: usize = 1 << 16;

impl Ranges {
    /// Reads `ip-ranges.json`. What it says of a range that cannot be read is a finding, and left out.
    ///
    /// # Errors
    /// [`RangesError`] if it is no such file.
    pub fn read(file: &str, bytes: &[u8]) -> Result<(Self, Vec<Finding>), RangesError> {
        let finding = |place, message: String| Finding { file: file.to_owned(), place, message };
        let parsed: File = serde_json::from_slice(bytes).map_err(|error| {
            let place = match error.line() {
                0 => Place::File,
                line => Place::Text { line, column: error.column() },
            };
            RangesError(finding(place, format!("it is not the published ranges: {error}")))
        })?;
        if parsed.prefixes.is_empty() && parsed.ipv6_prefixes.is_empty() {
            return Err(RangesError(finding(Place::File, "it has no `prefixes`".to_owned())));
        }
        let (mut labels, mut findings) = (Labels::default(), Vec::new());
        let (mut ipv4, mut ipv6) = (Vec::new(), Vec::new());
        let lists =
            [("prefixes", "ip_prefix", &parsed.prefixes), ("ipv6_prefixes", "ipv6_prefix", &parsed.ipv6_prefixes)];
        for (list, key, prefixes) in lists {
            for (place, value) in prefixes.iter().enumerate() {
                let path = format!("{list}[{place}]");
                match prefix(value, key, &mut labels) {
                    Ok((IpCidr::V4(block), label)) => {
                        ipv4.push((block.first().to_bits(), block.last().to_bits(), block.length(), label));
                    }
                    Ok((IpCidr::V6(block), label)) => {
                        ipv6.push((block.first().to_bits(), block.last().to_bits(), block.length(), label));
                    }
                    Err((part, message)) => findings.push(finding(Place::Value(format!("{path}.{part}")), message)),
                }
            }
        }
        let labels = labels.all;
        let (ipv4, ipv6) = (Table::new(ipv4, &labels), Table::new(ipv6, &labels));
        Ok((Self { created: parsed.created, labels, ipv4, ipv6 }, findings))
    }

    /// When they were published, as the file says it.
    pub fn created(&self) -> Option<&str> {
        self.created.as_deref()
    }

    /// The service and the Region that have an address, as they are published.
    pub fn find(&self, address: IpAddr) -> Option<(&str, &str)> {
        let label = self.label(address)?;
        Some((&label.service, &label.region))
    }

    pub(super) fn label(&self, address: IpAddr) -> Option<&Label> {
        let index = match address {
            IpAddr::V4(address) => self.ipv4.find(address.to_bits()),
            IpAddr::V6(address) => self.ipv6.find(address.to_bits()),
        };
        self.labels.get(index?)
    }
}

/// The labels, each once.
#[derive(Default)]
struct Labels {
    all: Vec<Label>,
    places: std::collections::HashMap<Label, u32>,
}

impl Labels {
    fn place(&mut self, label: Label) -> Option<u32> {
        if let Some(place) = self.places.get(&label) {
            return Some(*place);
        }
        let place = u32::try_from(self.all.len()).ok().filter(|_| self.all.len() < MOST_LABELS)?;
        self.all.push(label.clone());
        self.places.insert(label, place);
        Some(place)
    }
}

/// A range and the place of its label; what is wrong with it, and in which part.
fn prefix(
    value: &serde_json::Value, key: &'static str, labels: &mut Labels,
) -> Result<(IpCidr, u32), (&'static str, String)> {
    let text = |key: &'static str| {
        let text = value.get(key).and_then(|value| value.as_str());
        text.ok_or_else(|| (key, "it is missing, or no text".to_owned()))
    };
    let block = text(key)?;
    let cidr: IpCidr = block.parse().map_err(|_| (key, format!("`{block}` is no block of addresses")))?;
    if cidr.is_ipv6() != (key == "ipv6_prefix") {
        return Err((key, format!("`{block}` is of the other family")));
    }
    let label = Label { service: text("service")?.to_owned(), region: text("region")?.to_owned() };
    let place = labels.place(label).ok_or_else(|| ("service", "there are too many services".to_owned()))?;
    Ok((cidr, place))
}

impl std::fmt::Display for RangesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for RangesError {}

#[cfg(test)]
mod tests;
