//! For which ports around a packet's own all would be the same: what lets one know of ranges by a walk for each.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::Walk;
use crate::Permit;
use crate::analyze::filter::{self, Packets};
use crate::analyze::flow::{TCP, UDP};

impl Walk<'_> {
    /// Whether permits let the packet through, as its ports or none; and for which ports around its own that is the same.
    pub(super) fn passing(&mut self, permits: &[Permit], peer: IpAddr) -> Vec<(u16, u16)> {
        let own @ Packets { protocol, ports: (port, _) } = self.there;
        if ![TCP, UDP].contains(&protocol) {
            return filter::passing(permits, peer, own);
        }
        let all = filter::passing(permits, peer, Packets { ports: (0, u16::MAX), ..own });
        let before = all.iter().take_while(|(_, last)| *last < port).last().map_or(0, |(_, last)| last + 1);
        match all.iter().find(|(_, last)| *last >= port) {
            Some(&(first, last)) if first <= port => {
                self.keep((first, last));
                vec![own.ports]
            }
            next => {
                self.keep((before, next.map_or(u16::MAX, |(first, _)| first - 1)));
                Vec::new()
            }
        }
    }

    /// Notes that what comes of the packet is the same for these ports, as far as was asked.
    pub(super) fn keep(&mut self, (first, last): (u16, u16)) {
        self.steady = (self.steady.0.max(first), self.steady.1.min(last));
    }

    /// Notes that something is asked of each of these ports alone, and of no other.
    pub(super) fn keep_between(&mut self, alone: &[u16]) {
        let port = self.there.ports.0;
        for &own in alone {
            self.keep(match own.cmp(&port) {
                Ordering::Less => (own + 1, u16::MAX),
                Ordering::Equal => (own, own),
                Ordering::Greater => (0, own - 1),
            });
        }
    }
}
