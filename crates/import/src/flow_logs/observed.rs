//! What was seen in flow logs.

use std::net::IpAddr;

use serde::Serialize;
use sidegate_model::{NatGatewayId, VpcEndpointId};

use super::peer::{Direction, Family, Path, Peer};
use crate::Finding;

/// The traffic that flow logs tell of.
#[derive(Clone, Debug)]
pub struct Observed {
    /// What went between interfaces and their peers, the most bytes first.
    pub rows: Vec<Row>,
    /// What went by ways beyond [`Limits::rows`](super::Limits).
    pub other_rows: Totals,
    /// Who was talked with most, the most bytes first. If there were more than [`Limits::talkers`](super::Limits), what is
    /// told of one may lack what it had before it was among them. What was rejected does not count.
    pub talkers: Vec<Talker>,
    /// What went between all others.
    pub other_talkers: Totals,
    /// All flows, accepted and rejected.
    pub total: Totals,
    /// When the first packet came and the last one: Unix time in seconds. `None` if no record says so.
    pub span: Option<(u64, u64)>,
    /// How many files were given.
    pub files: u64,
    /// How many records say that there was no traffic.
    pub no_data: u64,
    /// How many records say that some traffic is missing.
    pub skipped: u64,
    /// How many lines or rows could not be read.
    pub malformed: u64,
    /// What is wrong with the files: the first thousand, in the order of the files.
    pub findings: Vec<Finding>,
    /// How many findings there are beyond those.
    pub further_findings: usize,
}

/// How much there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// The bytes.
    pub bytes: u64,
    /// The packets.
    pub packets: u64,
    /// The records: flows, each in one interval.
    pub flows: u64,
}

/// What went between an interface and one kind of peer by one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The interface.
    pub interface: Interface,
    /// The direction. `None` if neither the log nor the addresses tell it; the peer is the destination then.
    pub direction: Option<Direction>,
    /// Who is at the other end.
    pub peer: Peer,
    /// The family of its addresses.
    pub family: Family,
    /// The way, where it is told.
    pub path: Option<Path>,
    /// Whether it was let through.
    pub accepted: bool,
    /// How much there was.
    #[serde(flatten)]
    pub totals: Totals,
}

/// An interface whose traffic was recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Interface {
    /// Its id, as the log has it; `-` if there is none.
    pub id: String,
    /// Its subnet, as the log or the world has it.
    pub subnet: Option<String>,
    /// Its VPC, as the log or the world has it.
    pub vpc: Option<String>,
    /// What it belongs to, if that is something on the way of others. What passes such an interface is recorded at that of
    /// the client as well, if that is watched.
    pub owner: Option<Owner>,
}

/// What an interface belongs to that others' traffic passes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// An interface endpoint.
    Endpoint(VpcEndpointId),
    /// A NAT gateway.
    NatGateway(NatGatewayId),
    /// Something that the world does not know, and that passes on what others send, as the log itself tells: a NAT gateway,
    /// or an instance or appliance that does the same.
    Intermediate,
}

/// An address that an interface talked with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Talker {
    /// The id of the interface, as the log has it.
    pub interface: String,
    /// The address at the other end. `None` if the log does not say.
    pub address: Option<IpAddr>,
    /// How much there was, in both directions.
    #[serde(flatten)]
    pub totals: Totals,
}

impl Totals {
    /// Adds a flow.
    #[inline]
    pub(super) fn count(&mut self, bytes: u64, packets: u64) {
        self.add(&Self { bytes, packets, flows: 1 });
    }

    /// Adds others.
    #[inline]
    pub(super) fn add(&mut self, other: &Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.packets = self.packets.saturating_add(other.packets);
        self.flows = self.flows.saturating_add(other.flows);
    }
}
