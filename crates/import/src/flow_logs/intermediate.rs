//! Interfaces that pass on what others send, told by how much they have on each side.
//!
//! Logs of version 2 do not have the packets' own addresses. But what comes to a NAT gateway from private addresses leaves it
//! for public ones and the other way round, packet by packet. Other interfaces have other numbers on each side.

use super::observed::Totals;
use super::peer::{Family, Peer};

/// What an interface had on each side.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sides {
    private: Totals,
    public: Totals,
}

/// By how much the sides may differ, as a part of the greater: flows are cut at the ends of intervals.
const PART: u64 = 100;

impl Sides {
    /// Counts what went between the interface and a peer.
    pub(super) fn count(&mut self, peer: &Peer, family: Family, totals: &Totals) {
        match peer {
            Peer::Vpc { .. } | Peer::Private | Peer::Endpoint { .. } => self.private.add(totals),
            Peer::Service { .. } | Peer::Internet if family == Family::Ipv4 => self.public.add(totals),
            Peer::Service { .. } | Peer::Internet | Peer::Local | Peer::Untold => {}
        }
    }

    /// Whether as many packets and bytes went on one side as on the other.
    pub(super) fn are_even(&self) -> bool {
        let is_near = |a: u64, b: u64| a.abs_diff(b) <= a.max(b) / PART;
        let Self { private, public } = self;
        private.bytes > 0 && is_near(private.bytes, public.bytes) && is_near(private.packets, public.packets)
    }
}
