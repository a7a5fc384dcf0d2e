//! What is not known of a world, and which flows that leaves open.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sidegate_model::{Direction, IpCidr, IpProtocol, PortRange, VpcId};

/// Something that the files do not tell, or that the model has no place for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The id of the resource that it is about.
    pub resource: String,
    /// What of it is not known.
    pub what: String,
    /// Why.
    pub why: String,
    /// What the world holds in its place, where it has to hold something.
    pub assumed: Option<String>,
    /// Which flows it leaves open.
    pub bearing: Bearing,
}

/// Which flows something unknown leaves open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bearing {
    /// All that meet the resource.
    Flow,
    /// Those that the resource stopped: what is unknown can only let more through.
    Stopped,
    /// Those that the resource stopped, of the traffic that a rule is about.
    Rule(RuleTraffic),
    /// Those to an address in one of these blocks. For a route table: unless a longer route takes them.
    Destinations(Vec<IpCidr>),
    /// Those that a route table leads out of its VPC.
    Outward,
    /// Those to a service by its name: which address it has there is not known, and the one that stands for it here says
    /// nothing of blocks of public addresses. Of a security group, those that it stopped.
    Services,
    /// Those that begin with a name which the resolver of a VPC answers.
    Names,
    /// Those whose request the resource's policy, or that of its role, decides about.
    Requests,
    /// None. It is only not shown.
    Nothing,
}

/// The traffic that a rule of a security group is about, whoever is on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleTraffic {
    /// Whether it comes in or goes out.
    pub direction: Direction,
    /// The protocol.
    pub protocol: IpProtocol,
    /// The ports; of protocols without ports it says nothing.
    pub ports: Option<PortRange>,
}

/// A packet that a security group was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packet {
    /// Whether it comes in or goes out.
    pub direction: Direction,
    /// The protocol's number.
    pub protocol: u8,
    /// The destination port, of TCP and UDP.
    pub port: u16,
}

impl RuleTraffic {
    /// Whether a packet is of it.
    pub fn holds(&self, packet: &Packet) -> bool {
        let is_of_protocol = self.protocol == IpProtocol::All || self.protocol == IpProtocol::Number(packet.protocol);
        let has_ports = [IpProtocol::TCP, IpProtocol::UDP].contains(&self.protocol);
        let ports = self.ports.filter(|_| has_ports);
        let is_of_ports = ports.is_none_or(|own| own.from < 0 || (own.from..=own.to).contains(&packet.port.into()));
        self.direction == packet.direction && is_of_protocol && is_of_ports
    }
}

/// How a flow met a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It began or ended there, was let through, or was led on.
    Passed,
    /// It got no further.
    Stopped,
    /// The same, of which the packet is known.
    Refused(Packet),
    /// A name was resolved there.
    Resolved,
    /// A request was decided on there.
    Judged,
}

/// A resource that a flow met, by its id: an interface, instance, subnet, VPC, security group, network ACL, route table,
/// gateway, peering connection or endpoint. A name that was asked for in a VPC is one too: [`name_in`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met<'a> {
    /// The id of the resource.
    pub resource: &'a str,
    /// How.
    pub how: How,
}

/// A name as a resource that is met where a VPC's resolver is asked for it. A name that begins with `*.` stands for all below
/// it.
pub fn name_in(name: &str, vpc: &VpcId) -> String {
    format!("{name} in {vpc}")
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, what, why, .. } = self;
        write!(f, "{resource}: {what}: {why}")?;
        match &self.assumed {
            Some(assumed) => write!(f, "; taken for {assumed}"),
            None => Ok(()),
        }
    }
}

/// All that is unknown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unknowns {
    /// By resource, as it was found out.
    all: BTreeMap<String, Vec<Unknown>>,
    /// The same, to find out what is there already.
    known: BTreeSet<Unknown>,
}

impl Unknowns {
    /// Notes something, once.
    pub(crate) fn add(&mut self, unknown: Unknown) {
        if self.known.insert(unknown.clone()) {
            self.all.entry(unknown.resource.clone()).or_default().push(unknown);
        }
    }

    /// What is not known of a resource.
    pub(crate) fn of(&self, resource: &str) -> &[Unknown] {
        self.all.get(resource).map(Vec::as_slice).unwrap_or_default()
    }

    /// Everything, by resource.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Unknown> {
        self.all.values().flatten()
    }
}
