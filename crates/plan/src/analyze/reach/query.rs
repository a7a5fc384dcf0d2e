//! Queries: which ends, by which traffic.

use std::collections::BTreeSet;

use sidegate_model::{Attachment, IpCidr, NetworkInterfaceId, Service, VpcEndpointId, World};

use crate::analyze::flow::{TCP, UDP};
use crate::analyze::{Flow, Trace};

/// What is asked: whether each of some ends gets to each of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Who asks.
    pub from: Ends,
    /// Who is asked.
    pub to: Ends,
    /// By what.
    pub traffic: Traffic,
    /// At which addresses interfaces are asked.
    pub addresses: Addresses,
}

/// What packets begin or end at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Network interfaces.
    pub interfaces: BTreeSet<NetworkInterfaceId>,
    /// Anybody on the internet who is none of these accounts' interfaces.
    pub internet: bool,
    /// Services by their short names, asked by the name that SDKs call. They begin nothing.
    pub services: BTreeSet<&'static str>,
    /// Gateway endpoints, asked at an address of their service. They begin nothing.
    pub gateways: BTreeSet<VpcEndpointId>,
}

/// By what packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// TCP (6), UDP (17) and ICMP (1), of which echo requests are asked about, of ICMPv6 where the address is one of IPv6.
    pub protocols: BTreeSet<u8>,
    /// The destination ports, the first and the last.
    pub ports: (u16, u16),
}

/// At which addresses an interface is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// At each that it has: private, public and of IPv6.
    All,
    /// At its primary private one; by somebody on the internet at its public one.
    Primary,
}

/// What is not known of a world, and so leaves open what comes of a trace.
pub trait Known {
    /// What the trace of a flow rests on that is not known.
    fn open(&self, flow: &Flow, trace: &Trace) -> Vec<String>;

    /// The ports from which on something else may be unknown than of those before, in any order.
    fn ports(&self) -> Vec<u16>;

    /// Whether something is not known of this interface alone.
    fn is_open(&self, interface: &NetworkInterfaceId) -> bool;

    /// The blocks that something unknown is about.
    fn blocks(&self) -> Vec<IpCidr>;
}

/// A world of which everything is known.
#[derive(Clone, Copy, Debug)]
pub struct Whole;

impl Known for Whole {
    fn open(&self, _flow: &Flow, _trace: &Trace) -> Vec<String> {
        Vec::new()
    }

    fn ports(&self) -> Vec<u16> {
        Vec::new()
    }

    fn is_open(&self, _interface: &NetworkInterfaceId) -> bool {
        false
    }

    fn blocks(&self) -> Vec<IpCidr> {
        Vec::new()
    }
}

impl Ends {
    /// The internet alone.
    pub fn internet() -> Self {
        Self { internet: true, ..Self::default() }
    }

    /// Interfaces.
    pub fn of(interfaces: impl IntoIterator<Item = NetworkInterfaceId>) -> Self {
        Self { interfaces: interfaces.into_iter().collect(), ..Self::default() }
    }

    /// All that may begin a connection: interfaces but AWS's own, and the internet.
    pub fn senders(world: &World) -> Self {
        let begins =
            |attachment: &Attachment| !matches!(attachment, Attachment::Endpoint(_) | Attachment::NatGateway(_));
        let own = world.interfaces.iter().filter(|own| begins(&own.attachment));
        Self { internet: true, ..Self::of(own.map(|own| own.id.clone())) }
    }

    /// All that may be connected to: interfaces but those of NAT gateways, gateway endpoints, services, and the internet.
    pub fn targets(world: &World) -> Self {
        let takes = |attachment: &Attachment| !matches!(attachment, Attachment::NatGateway(_));
        let own = world.interfaces.iter().filter(|own| takes(&own.attachment));
        let gateways = world.endpoints.iter().filter(|own| own.route_tables().is_some());
        Self {
            internet: true,
            services: Service::all().iter().map(|own| own.name).collect(),
            gateways: gateways.map(|own| own.id.clone()).collect(),
            ..Self::of(own.map(|own| own.id.clone()))
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.interfaces.is_empty() && !self.internet && self.services.is_empty() && self.gateways.is_empty()
    }
}

impl Traffic {
    /// TCP, UDP and ICMP, to all ports.
    pub fn all() -> Self {
        Self { protocols: [TCP, UDP, 1].into(), ports: (0, u16::MAX) }
    }

    /// TCP to one port.
    pub fn tcp(port: u16) -> Self {
        Self { protocols: [TCP].into(), ports: (port, port) }
    }
}
