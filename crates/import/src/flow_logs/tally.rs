//! Counting: from records to rows, each an interface, a peer and a way.

use std::cmp::Ordering;
use std::hash::Hash;
use std::net::IpAddr;

use foldhash::{HashMap, HashMapExt as _};

use super::direct::Direct;
use super::intermediate::Sides;
use super::key::{Ends, Other, RowKey, address_bits, short};
use super::observed::{Interface, Observed, Owner, Row, Talker, Totals};
use super::peer::{Direction, Family, Path, Peer, translated};
use super::places::Places;
use super::ranges::Ranges;
use super::record::Record;
use super::talkers::Talkers;
use super::{Limits, ends};
use crate::finding::Findings;

/// The most services that logs name by themselves. What is named beyond is as if it were not.
const MOST_SERVICES: usize = 256;

/// The place of what is counted with all others.
const OTHER: u32 = u32::MAX;

/// What was counted so far.
#[derive(Debug)]
pub(super) struct Tally {
    places: Places,
    ranges: Ranges,
    limits: Limits,
    interfaces: Vec<Watched>,
    by_id: HashMap<Box<[u8]>, u32>,
    by_vpc: HashMap<String, u32>,
    recent: Direct<[u64; 3], u32>,
    services: Vec<Box<[u8]>>,
    peers: Vec<Peer>,
    by_peer: HashMap<Peer, u32>,
    known: Direct<Other, u32>,
    ranks: Direct<IpAddr, u8>,
    rows: Vec<(RowKey, Totals)>,
    by_key: HashMap<RowKey, u32>,
    other_rows: Totals,
    talkers: Talkers,
    seen: Direct<Ends, (u32, u32)>,
    pub(super) total: Totals,
    span: Option<(u64, u64)>,
    pub(super) no_data: u64,
    pub(super) skipped: u64,
}

/// An interface that records are of.
#[derive(Debug)]
struct Watched {
    interface: Interface,
    addresses: Vec<IpAddr>,
    /// Its own address as its first flow told it.
    own: Option<IpAddr>,
    /// Whether it may belong to something on the way of others.
    may_forward: bool,
    /// Whether a flow passed it on the way to somebody else.
    is_between: bool,
    /// The first of the interfaces that are in the same VPC: they see the same peers.
    sight: u32,
}

impl Tally {
    pub(super) fn new(places: Places, ranges: Ranges, limits: Limits) -> Self {
        Self {
            places,
            ranges,
            limits,
            interfaces: Vec::new(),
            by_id: HashMap::new(),
            by_vpc: HashMap::new(),
            recent: Direct::new(),
            services: Vec::new(),
            peers: Vec::new(),
            by_peer: HashMap::new(),
            known: Direct::new(),
            ranks: Direct::new(),
            rows: Vec::new(),
            by_key: HashMap::new(),
            other_rows: Totals::default(),
            talkers: Talkers::new(limits.talkers),
            seen: Direct::new(),
            total: Totals::default(),
            span: None,
            no_data: 0,
            skipped: 0,
        }
    }

    /// Counts a flow.
    #[inline]
    pub(super) fn count(&mut self, record: &Record<'_>) {
        let ends = self.ends(record);
        let bits = ends.bits();
        let (row, talker) = match self.seen.find(bits, &ends) {
            Some(places) => places,
            None => self.enter(record, bits, ends),
        };
        let totals = self.rows.get_mut(row as usize).map_or(&mut self.other_rows, |(_, totals)| totals);
        totals.count(record.bytes, record.packets);
        if record.accepted {
            self.talkers.count(talker, record.bytes, record.packets);
        }
        self.total.count(record.bytes, record.packets);
        if let (Some(start), Some(end)) = (record.start, record.end) {
            let (first, last) = self.span.unwrap_or((start, end));
            self.span = Some((first.min(start), last.max(end)));
        }
    }

    /// Who the ends of a flow are.
    #[inline]
    fn ends(&mut self, record: &Record<'_>) -> Ends {
        let interface = self.interface(record);
        let (source, destination) =
            (record.source.or(record.packet_source), record.destination.or(record.packet_destination));
        let direction = record.direction.or_else(|| {
            let own = self.interfaces.get(interface as usize).map_or(&[][..], |watched| watched.addresses.as_slice());
            let (source, destination) = (source?, destination?);
            ends::direction(own, source, destination)
                .or_else(|| self.among_alike(interface, record, source, destination))
        });
        let (address, service) = match direction {
            Some(Direction::Ingress) => (record.packet_source.or(source), record.source_service),
            Some(Direction::Egress) | None => (record.packet_destination.or(destination), record.destination_service),
        };
        let service = service.map_or(0, |name| self.service(name));
        let is_between = ends::is_between(record, direction);
        Ends { interface, address, service, direction, path: record.path, accepted: record.accepted, is_between }
    }

    /// The direction of a flow both of whose ends are private, or neither: by the address that the interface had before, by
    /// the packets' own addresses, or else by which end is rather that of a service.
    #[inline(never)]
    fn among_alike(
        &mut self, interface: u32, record: &Record<'_>, source: IpAddr, destination: IpAddr,
    ) -> Option<Direction> {
        let own = self.interfaces.get(interface as usize).and_then(|watched| watched.own);
        match own {
            Some(own) if own == source => return Some(Direction::Egress),
            Some(own) if own == destination => return Some(Direction::Ingress),
            _ => {}
        }
        let told = ends::by_packets(record);
        if told.is_some() || ends::is_private(source) {
            return told;
        }
        match self.rank(source).cmp(&self.rank(destination)) {
            Ordering::Less => Some(Direction::Egress),
            Ordering::Greater => Some(Direction::Ingress),
            Ordering::Equal => None,
        }
    }

    /// How likely an address is that of a service.
    fn rank(&mut self, address: IpAddr) -> u8 {
        let bits = address_bits(Some(address));
        if let Some(rank) = self.ranks.find(bits, &address) {
            return rank;
        }
        let rank = ends::rank(&self.places, &self.ranges, address);
        self.ranks.keep(bits, address, rank);
        rank
    }

    /// The number of the interface that a record is of.
    #[inline]
    fn interface(&mut self, record: &Record<'_>) -> u32 {
        let key = short(record.interface);
        let bits = key.map_or(0, |[a, b, c]| a ^ b.rotate_left(21) ^ c.rotate_left(42));
        if let Some(place) = key.and_then(|key| self.recent.find(bits, &key)) {
            return place;
        }
        let place = match self.by_id.get(record.interface) {
            Some(place) => *place,
            None if self.interfaces.len() < self.limits.rows => self.enter_interface(record),
            None => OTHER,
        };
        if let Some(key) = key {
            self.recent.keep(bits, key, place);
        }
        place
    }

    fn enter_interface(&mut self, record: &Record<'_>) -> u32 {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let id = text(record.interface);
        let known = self.places.interface(&id);
        let interface = Interface {
            subnet: record.subnet.map(text).or_else(|| known.map(|known| known.subnet.clone())),
            vpc: record.vpc.map(text).or_else(|| known.map(|known| known.vpc.clone())),
            owner: known.and_then(|known| known.owner.clone()),
            id,
        };
        let addresses = known.map_or_else(Vec::new, |known| known.addresses.clone());
        let place = u32::try_from(self.interfaces.len()).unwrap_or(OTHER);
        let sight = match &interface.vpc {
            Some(vpc) => *self.by_vpc.entry(vpc.clone()).or_insert(place),
            None => OTHER,
        };
        let may_forward = interface.owner.is_none() && interface.id != "-" && known.is_none_or(|known| known.forwards);
        let watched = Watched { interface, addresses, own: None, may_forward, is_between: false, sight };
        self.interfaces.push(watched);
        self.by_id.insert(record.interface.into(), place);
        place
    }

    /// The place, from 1, of a service that logs name.
    fn service(&mut self, name: &[u8]) -> u16 {
        let found = self.services.iter().position(|own| **own == *name);
        let place = found.or_else(|| {
            let has_room = self.services.len() < MOST_SERVICES && name.len() <= 64;
            has_room.then(|| {
                self.services.push(name.into());
                self.services.len() - 1
            })
        });
        place.and_then(|place| u16::try_from(place + 1).ok()).unwrap_or(0)
    }

    /// The places of the row and the talker of a flow that is not among those that were seen lately.
    #[cold]
    fn enter(&mut self, record: &Record<'_>, bits: u64, ends: Ends) -> (u32, u32) {
        if let Some(watched) = self.interfaces.get_mut(ends.interface as usize) {
            watched.is_between |= ends.is_between;
            let own = match ends.direction {
                Some(Direction::Ingress) => record.destination,
                Some(Direction::Egress) => record.source,
                None => None,
            };
            watched.own = watched.own.or(own);
        }
        let peer = self.known_peer(&ends);
        let owner = self.interfaces.get(ends.interface as usize).and_then(|watched| watched.interface.owner.as_ref());
        let is_endpoint = matches!(owner, Some(super::Owner::Endpoint(_)))
            || matches!(self.peers.get(peer as usize), Some(Peer::Endpoint { .. }));
        let path = if is_endpoint { Some(Path::InterfaceEndpoint) } else { ends.path.map(Path::numbered) };
        let Ends { interface, address, direction, accepted, .. } = ends;
        let row = match interface {
            OTHER => OTHER,
            _ => {
                let key = RowKey { interface, peer, direction, family: Family::of(address), path, accepted };
                place(&mut self.by_key, &mut self.rows, key, self.limits.rows, |key| (*key, Totals::default()))
            }
        };
        // What was rejected did not talk.
        let (talker, is_changed) = if accepted { self.talkers.enter((interface, address)) } else { (OTHER, false) };
        if is_changed {
            self.seen.clear();
        }
        self.seen.keep(bits, ends, (row, talker));
        (row, talker)
    }

    /// The place of who is at the other end of a flow.
    fn known_peer(&mut self, ends: &Ends) -> u32 {
        let sight = self.interfaces.get(ends.interface as usize).map_or(OTHER, |watched| watched.sight);
        let other = Other { sight, address: ends.address, service: ends.service };
        let bits = address_bits(other.address) ^ u64::from(sight) << 32 ^ u64::from(other.service);
        if let Some(place) = self.known.find(bits, &other) {
            return place;
        }
        let peer = self.peer(ends);
        let place = place(&mut self.by_peer, &mut self.peers, peer, usize::MAX, Peer::clone);
        self.known.keep(bits, other, place);
        place
    }

    /// Who is at the other end of a flow.
    fn peer(&self, ends: &Ends) -> Peer {
        let told = usize::from(ends.service).checked_sub(1).and_then(|place| self.services.get(place));
        let told = told.map(|name| String::from_utf8_lossy(name).into_owned());
        let Some(address) = ends.address else {
            return told.map_or(Peer::Untold, |service| Peer::Service { service: named(&service), region: None });
        };
        let address = translated(address).map_or(address, IpAddr::V4);
        let vpc = self.interfaces.get(ends.interface as usize).and_then(|own| own.interface.vpc.as_deref());
        if let Some(peer) = self.places.peer(vpc, address) {
            return peer;
        }
        let label = self.ranges.label(address);
        let region = label.map(|label| label.region.clone());
        if let Some(service) = told.as_deref().filter(|name| *name != "AMAZON") {
            return Peer::Service { service: named(service), region };
        }
        if let Some((region, service)) = ends::emulated(address) {
            return Peer::Service { service: service.name.to_owned(), region: Some(region.to_string()) };
        }
        match label.map(|label| label.service.clone()).or(told) {
            Some(service) => Peer::Service { service: named(&service), region },
            None if ends::is_private(address) => Peer::Private,
            None if ends::is_local(address) => Peer::Local,
            None => Peer::Internet,
        }
    }

    /// Which interfaces belong to something on the way of others, though nobody said so.
    fn between(&self) -> Vec<bool> {
        let mut sides = vec![Sides::default(); self.interfaces.len()];
        for (key, totals) in self.rows.iter().filter(|(key, _)| key.accepted) {
            if let (Some(sides), Some(peer)) =
                (sides.get_mut(key.interface as usize), self.peers.get(key.peer as usize))
            {
                sides.count(peer, key.family, totals);
            }
        }
        let all = self.interfaces.iter().zip(&sides);
        all.map(|(watched, sides)| watched.may_forward && (watched.is_between || sides.are_even())).collect()
    }

    /// What was seen.
    pub(super) fn finish(self, files: u64, malformed: u64, findings: Findings) -> Observed {
        let between = self.between();
        let interface = |place: u32| {
            let own = &self.interfaces.get(place as usize)?.interface;
            let is_between = between.get(place as usize).is_some_and(|is_between| *is_between);
            let owner = own.owner.clone().or(is_between.then_some(Owner::Intermediate));
            Some(Interface { owner, ..own.clone() })
        };
        let mut rows: Vec<Row> = self
            .rows
            .iter()
            .filter_map(|(key, totals)| {
                let RowKey { direction, family, path, accepted, .. } = *key;
                let (interface, peer) = (interface(key.interface)?, self.peers.get(key.peer as usize)?.clone());
                Some(Row { interface, direction, peer, family, path, accepted, totals: *totals })
            })
            .collect();
        rows.sort_by(|a, b| {
            let key = |row: &Row| {
                (row.interface.id.clone(), row.peer.clone(), row.direction, row.family, row.path, row.accepted)
            };
            b.totals.cmp(&a.totals).then_with(|| key(a).cmp(&key(b)))
        });
        let (talkers, other_talkers) = self.talkers.finish();
        let talkers = talkers.into_iter().map(|((place, address), totals)| {
            let interface = interface(place).map_or_else(|| "-".to_owned(), |interface| interface.id);
            Talker { interface, address, totals }
        });
        Observed {
            rows,
            other_rows: self.other_rows,
            talkers: talkers.collect(),
            other_talkers,
            total: self.total,
            span: self.span,
            files,
            no_data: self.no_data,
            skipped: self.skipped,
            malformed,
            findings: findings.first,
            further_findings: findings.more,
        }
    }
}

/// The place of a value in a list of at most so many, where each stands once.
fn place<K: Clone + Eq + Hash, V>(
    places: &mut HashMap<K, u32>, all: &mut Vec<V>, key: K, limit: usize, value: impl FnOnce(&K) -> V,
) -> u32 {
    if let Some(place) = places.get(&key) {
        return *place;
    }
    if all.len() >= limit {
        return OTHER;
    }
    let place = u32::try_from(all.len()).unwrap_or(OTHER);
    all.push(value(&key));
    places.insert(key, place);
    place
}

/// A service as the catalog has it, where its published name is that of an endpoint's service. `EC2` is not: those are the
/// addresses of instances.
fn named(service: &str) -> String {
    match service {
        "S3" => "s3".to_owned(),
        "DYNAMODB" => "dynamodb".to_owned(),
        other => other.to_owned(),
    }
}
