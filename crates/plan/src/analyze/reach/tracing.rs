//! Traces of one for a whole class, over ranges of ports.

use sidegate_model::World;

use super::class::{Aim, Near};
use super::{Known, Query};
use crate::analyze::flow::{TCP, UDP};
use crate::analyze::source::Sender;
use crate::analyze::{Code, Disposition, Flow, Goal, Source, Trace, Unknown, trace_widely};
use crate::{Plan, service_ports};

/// Echo requests of both protocols of messages, as ports.
const ECHO: [(u8, u16); 2] = [(1, 8 << 8), (58, 128 << 8)];

/// What is traced, and in what.
pub(super) struct Tracing<'w> {
    pub(super) world: &'w World,
    pub(super) plan: &'w Plan,
    pub(super) query: &'w Query,
    pub(super) known: &'w dyn Known,
    /// Where something unknown begins or ends, in order.
    pub(super) ports: Vec<u16>,
}

/// What becomes of packets to a range of ports.
pub(super) struct Piece {
    pub(super) protocol: u8,
    pub(super) ports: (u16, u16),
    pub(super) end: End,
    pub(super) unknown: Vec<String>,
    pub(super) trace: Trace,
}

/// Whether they arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Reached,
    Undetermined,
    /// Somebody else takes them if nothing stops them.
    Unreached(Option<Code>),
}

impl Tracing<'_> {
    /// What becomes of all the traffic that is asked about.
    pub(super) fn pieces(&self, near: &Near, aim: &Aim) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for &protocol in &self.query.traffic.protocols {
            for (protocol, (first, last)) in self.asked(protocol, aim) {
                let mut next = Some(first);
                while let Some(port) = next {
                    let Some((piece, steady)) = self.piece(near, aim, protocol, port) else { break };
                    let border = self.ports.partition_point(|border| *border <= port);
                    let steady = self.ports.get(border).map_or(steady, |border| steady.min(border - 1));
                    let end = if [TCP, UDP].contains(&protocol) { steady.clamp(port, last) } else { last };
                    pieces.push(Piece { ports: (port, end), ..piece });
                    next = end.checked_add(1).filter(|next| *next <= last);
                }
            }
        }
        pieces
    }

    /// The ports that are asked about, in ranges.
    fn asked(&self, protocol: u8, aim: &Aim) -> Vec<(u8, (u16, u16))> {
        let (first, last) = self.query.traffic.ports;
        match (protocol, aim) {
            (TCP, Aim::Service(service)) => {
                let ports = service_ports(service).filter(|port| (first..=last).contains(port));
                ports.map(|port| (TCP, (port, port))).collect()
            }
            (_, Aim::Service(_)) => Vec::new(),
            (TCP | UDP, _) => vec![(protocol, (first, last))],
            (1, Aim::At { address, .. } | Aim::Gateway { address, .. } | Aim::Outside(address)) => {
                let is_ipv6 = usize::from(address.is_ipv6());
                ECHO.get(is_ipv6).map(|(protocol, echo)| (*protocol, (*echo, *echo))).into_iter().collect()
            }
            (other, _) => vec![(other, (0, 0))],
        }
    }

    /// What becomes of a packet, and the last port to which the same becomes of all. `None` if there is no such packet.
    fn piece(&self, near: &Near, aim: &Aim, protocol: u8, port: u16) -> Option<(Piece, u16)> {
        let (source, sender) = match near {
            Near::Interface(id) => (Source::Interface(id.clone()), Sender::Interface(id.clone())),
            Near::Outside(address) => (Source::Internet(*address), Sender::Outside(*address)),
        };
        let goal = match aim {
            Aim::At { address, .. } | Aim::Gateway { address, .. } | Aim::Outside(address) => Goal::Address(*address),
            Aim::Service(service) => Goal::Service((*service).to_owned()),
        };
        let flow = Flow { protocol, ..Flow::tcp(source, goal, port) };
        let (trace, (_, last)) = trace_widely(self.world, self.plan, &sender, &flow).ok()?;
        let mut unknown = self.known.open(&flow, &trace);
        let end = match end(aim, &trace.disposition) {
            _ if !unknown.is_empty() => End::Undetermined,
            End::Undetermined => {
                if let Disposition::Undetermined { unknown: own } = &trace.disposition {
                    unknown.push(told(own));
                }
                End::Undetermined
            }
            end => end,
        };
        Some((Piece { protocol, ports: (port, last), end, unknown, trace }, last))
    }
}

/// Whether packets that end so have arrived.
fn end(aim: &Aim, disposition: &Disposition) -> End {
    let is_there = match (aim, disposition) {
        (_, Disposition::Blocked { by }) => return End::Unreached(Some(*by)),
        (Aim::Outside(_), Disposition::Outside { .. }) => true,
        (_, Disposition::Undetermined { .. }) => return End::Undetermined,
        (Aim::At { interface, .. }, Disposition::Delivered { interface: own }) => interface == own,
        (Aim::At { endpoint, .. }, Disposition::Endpoint { endpoint: own, .. }) => endpoint.as_ref() == Some(own),
        (Aim::Gateway { endpoint, .. }, Disposition::Endpoint { endpoint: own, .. }) => endpoint == own,
        (Aim::Service(_), Disposition::Endpoint { .. } | Disposition::Internet { .. }) => true,
        _ => false,
    };
    if is_there { End::Reached } else { End::Unreached(None) }
}

/// What is not known, without what is of one member alone.
fn told(unknown: &Unknown) -> String {
    match unknown {
        Unknown::Address { .. } => {
            "which of the name's addresses the client tries: it arrives at some of them".to_owned()
        }
        other => other.to_string(),
    }
}
