//! Clients: who picked the port that an answer goes to, which a network ACL has to let through.

use std::net::IpAddr;

use sidegate_model::{Direction, NetworkInterfaceId, World};

use crate::analyze::flow::{EPHEMERAL_PORTS, TCP, UDP};
use crate::analyze::hop::{Hop, Leg, Step};
use crate::analyze::{Flow, Trace};

/// The ports of which NAT gateways, load balancers, functions and other systems than Linux pick.
///
/// Source: VPC user guide, "Control subnet traffic with network access control lists", "Ephemeral ports".
const WIDE_PORTS: (u16, u16) = (1_024, u16::MAX);

/// Who picks the port that an answer goes to.
pub(super) enum Client {
    /// One of which the flow tells the ports.
    Told((u16, u16)),
    /// One that picks among many, by its name for people.
    Wide(&'static str),
    /// A program on Linux.
    Linux,
}

impl Client {
    /// The client of the answer that a network ACL stops at a hop: for what comes into a subnet somebody in it, and else
    /// the peer.
    pub(super) fn of(world: &World, flow: &Flow, trace: &Trace, hop: &Hop) -> Self {
        let Step::NetworkAcl { subnet, direction, peer, .. } = &hop.step else { return Self::Told(flow.source_ports) };
        if hop.leg == Leg::There || flow.source_ports != EPHEMERAL_PORTS {
            return Self::Told(flow.source_ports);
        }
        let is_it = |id: &NetworkInterfaceId| {
            world.interfaces.get(id).is_some_and(|own| match direction {
                Direction::Ingress => own.subnet == *subnet,
                Direction::Egress => own.addresses().any(|address| IpAddr::from(address) == *peer),
            })
        };
        let is_nat = trace.hops.iter().any(|met| match &met.step {
            Step::NatGateway { interface, lent, .. } => {
                is_it(interface)
                    || (*direction == Direction::Egress && lent.is_some_and(|lent| IpAddr::from(lent) == *peer))
            }
            _ => false,
        });
        let is_function = |id: &NetworkInterfaceId| {
            world.interfaces.get(id).is_some_and(|own| own.functions().is_some()) && is_it(id)
        };
        match &trace.source {
            _ if is_nat => Self::Wide("a NAT gateway"),
            None => Self::Wide("clients on the internet, of any system,"),
            Some(id) if is_function(id) => Self::Wide("functions of Lambda"),
            Some(_) => Self::Linux,
        }
    }

    /// The ports that it picks from.
    pub(super) const fn ports(&self) -> (u16, u16) {
        match self {
            Self::Told(ports) => *ports,
            Self::Wide(_) => WIDE_PORTS,
            Self::Linux => EPHEMERAL_PORTS,
        }
    }

    /// Why these ports, as the end of a sentence; nothing for a protocol without ports.
    pub(super) fn reason(&self, protocol: u8) -> String {
        match self {
            _ if ![TCP, UDP].contains(&protocol) => String::new(),
            Self::Told(_) => ", the ports that the client connects from".to_owned(),
            Self::Wide(who) => format!(", the ports that {who} may connect from"),
            Self::Linux => {
                ", the ports that Linux connects from; of other systems, and behind a NAT gateway, a load balancer or Lambda, \
                 1024-65535"
                    .to_owned()
            }
        }
    }
}
