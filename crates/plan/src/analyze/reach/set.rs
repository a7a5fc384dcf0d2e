//! Sets: members of classes that get there by the same rules, joined.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};
use sidegate_model::IpProtocol;

use super::class::Class;
use super::judge::{address, placed};
use super::member::{Decided, Member};
use super::tracing::{End, Piece};
use super::{Query, Reach};
use crate::analyze::{Code, Trace};

/// Ports from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub u16, pub u16);

/// Ends that get to others: each of them to each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Set {
    /// Who asks.
    pub from: Vec<Member>,
    /// Who is asked.
    pub to: Vec<Member>,
    /// The protocol.
    #[serde(serialize_with = "name")]
    pub protocol: u8,
    /// The destination ports, in order; for messages of ICMP the type times 256 plus the code.
    pub ports: Vec<Span>,
    /// What decided.
    pub by: Vec<Decided>,
    /// What is not known; empty if they arrive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// The path of one of them, to the first of the ports.
    pub path: Trace,
}

/// Ends that do not get to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unreached {
    /// Who asks.
    pub from: Vec<Member>,
    /// Who is asked.
    pub to: Vec<Member>,
    /// What stops them; `None` if somebody else takes what they send.
    pub code: Option<Code>,
    /// The path of one of them.
    pub path: Trace,
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == self.1 { self.0.fmt(f) } else { write!(f, "{}-{}", self.0, self.1) }
    }
}

fn name<S: Serializer>(protocol: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&IpProtocol::Number(*protocol))
}

/// What distinguishes sets beside their members.
type Key = (bool, u8, Vec<Span>, Vec<Decided>, Vec<String>);

/// What distinguishes what becomes of packets to ranges of ports: whether they arrive, the protocol, what decided, what is
/// not known.
type Way = (bool, u8, Vec<Decided>, Vec<String>);

/// What stops some, and those of one end.
type Stop = (Option<Code>, Vec<Member>);

/// Those of the other end, and the path of one.
type Joined = (Vec<Member>, Trace);

/// What has been found, class by class.
#[derive(Default)]
pub(super) struct Gathered {
    found: BTreeMap<(Key, Vec<Member>), Joined>,
    unreached: BTreeMap<Stop, Joined>,
}

impl Gathered {
    /// Takes what was found of two classes.
    pub(super) fn take<N, A>(&mut self, from: &Class<N>, to: &Class<A>, pieces: Vec<Piece>) {
        let is_met = |piece: &Piece| !matches!(piece.end, End::Unreached(_));
        if !pieces.iter().any(is_met) {
            // The one that gets farthest tells most.
            let Some(piece) = pieces.into_iter().rev().max_by_key(|piece| piece.trace.hops.len()) else { return };
            let End::Unreached(code) = piece.end else { return };
            let key = (code, to.members.clone());
            let (members, _) = self.unreached.entry(key).or_insert((Vec::new(), piece.trace));
            members.extend(from.members.iter().cloned());
            return;
        }
        let mut own: BTreeMap<Way, (Vec<Span>, Trace)> = BTreeMap::new();
        for piece in pieces.into_iter().filter(is_met) {
            let by = Decided::all(&piece.trace.hops);
            let key = (piece.end == End::Reached, piece.protocol, by, piece.unknown);
            let (spans, _) = own.entry(key).or_insert((Vec::new(), piece.trace));
            let (first, last) = piece.ports;
            match spans.last_mut() {
                Some(Span(_, end)) if end.checked_add(1) == Some(first) => *end = last,
                _ => spans.push(Span(first, last)),
            }
        }
        for ((is_reached, protocol, by, unknown), (spans, trace)) in own {
            let key = ((is_reached, protocol, spans, by, unknown), to.members.clone());
            let (members, _) = self.found.entry(key).or_insert((Vec::new(), trace));
            members.extend(from.members.iter().cloned());
        }
    }

    /// Takes one that another cannot so much as ask.
    pub(super) fn bar(&mut self, from: Member, to: Member, by: Code, path: Trace) {
        let (members, _) = self.unreached.entry((Some(by), vec![to])).or_insert((Vec::new(), path));
        members.push(from);
    }

    /// Joins what gets to others in the same way.
    pub(super) fn settle(self, query: &Query) -> Reach {
        let mut joined: BTreeMap<(Key, Vec<Member>), Joined> = BTreeMap::new();
        for ((key, to), (from, trace)) in self.found {
            let (members, _) = joined.entry((key, settled(from))).or_insert((Vec::new(), trace));
            members.extend(to);
        }
        let (mut sets, mut undetermined) = (Vec::new(), Vec::new());
        for (((is_reached, protocol, ports, by, unknown), from), (to, path)) in joined {
            let set = Set { from, to: settled(to), protocol, ports, by, unknown, path };
            if is_reached { sets.push(set) } else { undetermined.push(set) }
        }
        let met = Met::of(query, sets.iter().chain(&undetermined));
        let mut stopped: BTreeMap<Stop, Joined> = BTreeMap::new();
        for ((code, to), (from, trace)) in self.unreached {
            let (members, _) = stopped.entry((code, met.rest_of_senders(from))).or_insert((Vec::new(), trace));
            members.extend(met.rest_of_targets(to));
        }
        let mut unreached: BTreeMap<Stop, Joined> = BTreeMap::new();
        for ((code, from), (to, trace)) in stopped {
            if !from.is_empty() && !to.is_empty() {
                let (members, _) = unreached.entry((code, settled(to))).or_insert((Vec::new(), trace));
                members.extend(from);
            }
        }
        let unreached =
            unreached.into_iter().map(|((code, to), (from, path))| Unreached { from: settled(from), to, code, path });
        Reach { sets, undetermined, unreached: unreached.collect() }
    }
}

/// Who has arrived at some address of the only one that is asked, or has been asked by the only one who asks: that another
/// address of theirs does not do is no news.
struct Met {
    senders: BTreeSet<Member>,
    targets: BTreeSet<sidegate_model::NetworkInterfaceId>,
}

impl Met {
    fn of<'s>(query: &Query, sets: impl Iterator<Item = &'s Set>) -> Self {
        let mut met = Self { senders: BTreeSet::new(), targets: BTreeSet::new() };
        let (one_sender, one_target) = (is_one(&query.from), is_one(&query.to));
        for set in sets {
            if one_target {
                met.senders.extend(set.from.iter().filter(|own| own.interface().is_some()).cloned());
            }
            if one_sender {
                met.targets.extend(set.to.iter().filter_map(Member::interface).cloned());
            }
        }
        met
    }

    fn rest_of_senders(&self, mut all: Vec<Member>) -> Vec<Member> {
        all.retain(|own| !self.senders.contains(own));
        settled(all)
    }

    fn rest_of_targets(&self, mut all: Vec<Member>) -> Vec<Member> {
        all.retain(|own| own.interface().is_none_or(|id| !self.targets.contains(id)));
        all
    }
}

fn is_one(ends: &super::Ends) -> bool {
    ends.interfaces.len() == 1 && !ends.internet && ends.services.is_empty() && ends.gateways.is_empty()
}

/// Members in order, each once, with all ranges of the internet in one.
fn settled(members: Vec<Member>) -> Vec<Member> {
    let mut ranges = Vec::new();
    let mut rest = BTreeSet::new();
    for member in members {
        match member {
            Member::Internet { ranges: own } => ranges.extend(own),
            other => drop(rest.insert(other)),
        }
    }
    ranges.sort_unstable();
    let mut joined: Vec<(std::net::IpAddr, std::net::IpAddr)> = Vec::new();
    for (first, last) in ranges {
        match joined.last_mut() {
            Some((_, end)) if touches(*end, first) => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    let outside = (!joined.is_empty()).then_some(Member::Internet { ranges: joined });
    outside.into_iter().chain(rest).collect()
}

/// Whether a range that begins at `first` goes on from one that ends at `end`.
fn touches(end: std::net::IpAddr, first: std::net::IpAddr) -> bool {
    let ((family, bits), (other, _)) = (placed(end), placed(first));
    family == other && (first <= end || bits.checked_add(1).is_some_and(|next| address((family, next)) == first))
}
