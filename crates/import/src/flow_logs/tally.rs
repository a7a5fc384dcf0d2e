//! Counting: from records to rows, each an interface, a peer and a way.

use std::hash::Hash;
use std::net::IpAddr;

use foldhash::{HashMap, HashMapExt as _};
use sidegate_model::Catalog;

use super::Limits;
use super::direct::Direct;
use super::observed::{Interface, Observed, Row, Talker, Totals};
use super::peer::{Direction, Path, Peer};
use super::places::Places;
use super::ranges::Ranges;
use super::record::Record;
use super::talkers::Talkers;
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
    /// The first of the interfaces that are in the same VPC: they see the same peers.
    sight: u32,
}

/// Who is at the other end, as records say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Other {
    /// [`Watched::sight`] of the interface that sees it.
    sight: u32,
    address: Option<IpAddr>,
    service: u16,
}

/// What makes a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct RowKey {
    interface: u32,
    peer: u32,
    direction: Option<Direction>,
    path: Option<Path>,
    accepted: bool,
}

/// What a record says of the ends of a flow: enough to tell its row and its talker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    interface: u32,
    address: Option<IpAddr>,
    /// The service that the log names, by its place from 1; 0 for none.
    service: u16,
    direction: Option<Direction>,
    path: Option<u8>,
    accepted: bool,
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
            None => self.enter(bits, ends),
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
            direction(own, source?, destination?)
        });
        let (address, service) = match direction {
            Some(Direction::Ingress) => (record.packet_source.or(source), record.source_service),
            Some(Direction::Egress) | None => (record.packet_destination.or(destination), record.destination_service),
        };
        let service = service.map_or(0, |name| self.service(name));
        Ends { interface, address, service, direction, path: record.path, accepted: record.accepted }
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
        self.interfaces.push(Watched { interface, addresses, sight });
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
    fn enter(&mut self, bits: u64, ends: Ends) -> (u32, u32) {
        let peer = self.known_peer(&ends);
        let owner = self.interfaces.get(ends.interface as usize).and_then(|watched| watched.interface.owner.as_ref());
        let is_endpoint = matches!(owner, Some(super::Owner::Endpoint(_)))
            || matches!(self.peers.get(peer as usize), Some(Peer::Endpoint { .. }));
        let path = if is_endpoint { Some(Path::InterfaceEndpoint) } else { ends.path.map(Path::numbered) };
        let Ends { interface, address, direction, accepted, .. } = ends;
        let row = match interface {
            OTHER => OTHER,
            _ => {
                let key = RowKey { interface, peer, direction, path, accepted };
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
        let vpc = self.interfaces.get(ends.interface as usize).and_then(|own| own.interface.vpc.as_deref());
        if let Some(peer) = self.places.peer(vpc, address) {
            return peer;
        }
        let label = self.ranges.label(address);
        let region = label.map(|label| label.region.clone());
        if let Some(service) = told.as_deref().filter(|name| *name != "AMAZON") {
            return Peer::Service { service: named(service), region };
        }
        let emulated = match address {
            IpAddr::V4(address) => Catalog::at(address),
            IpAddr::V6(address) => Catalog::at_ipv6(address),
        };
        if let Some((region, service)) = emulated {
            return Peer::Service { service: service.name.to_owned(), region: Some(region.to_string()) };
        }
        match label.map(|label| label.service.clone()).or(told) {
            Some(service) => Peer::Service { service: named(&service), region },
            None if is_private(address) => Peer::Private,
            None if is_local(address) => Peer::Local,
            None => Peer::Internet,
        }
    }

    /// What was seen.
    pub(super) fn finish(self, files: u64, malformed: u64, findings: Findings) -> Observed {
        let interface = |place: u32| self.interfaces.get(place as usize).map(|watched| &watched.interface);
        let mut rows: Vec<Row> = self
            .rows
            .iter()
            .filter_map(|(key, totals)| {
                let RowKey { direction, path, accepted, .. } = *key;
                let (interface, peer) = (interface(key.interface)?.clone(), self.peers.get(key.peer as usize)?.clone());
                Some(Row { interface, direction, peer, path, accepted, totals: *totals })
            })
            .collect();
        rows.sort_by(|a, b| {
            let key = |row: &Row| (row.interface.id.clone(), row.peer.clone(), row.direction, row.path, row.accepted);
            b.totals.cmp(&a.totals).then_with(|| key(a).cmp(&key(b)))
        });
        let (talkers, other_talkers) = self.talkers.finish();
        let talkers = talkers.into_iter().map(|((place, address), totals)| {
            let interface = interface(place).map_or_else(|| "-".to_owned(), |interface| interface.id.clone());
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

impl Ends {
    /// Its bits, mixed.
    #[inline]
    fn bits(&self) -> u64 {
        let way =
            u64::from(self.service) << 12 | u64::from(self.path.unwrap_or(0)) << 4 | u64::from(self.accepted) << 2;
        let direction = self.direction.map_or(0, |direction| direction as u64 + 1);
        address_bits(self.address) ^ (u64::from(self.interface) << 32) ^ way ^ direction
    }
}

/// The bits of an address, mixed.
#[inline]
fn address_bits(address: Option<IpAddr>) -> u64 {
    let bits = match address {
        Some(IpAddr::V4(address)) => address.to_bits().into(),
        Some(IpAddr::V6(address)) => {
            let bits = address.to_bits();
            (bits >> 64) as u64 ^ (bits as u64).rotate_left(17)
        }
        None => 0,
    };
    bits.wrapping_mul(0xff51_afd7_ed55_8ccd)
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

/// A short text as numbers. `None` for a longer one, or an empty one.
#[inline]
fn short(text: &[u8]) -> Option<[u64; 3]> {
    if text.is_empty() || text.len() > 24 {
        return None;
    }
    let mut bytes = [0; 24];
    bytes.get_mut(..text.len())?.copy_from_slice(text);
    let (words, _) = bytes.as_chunks::<8>();
    let mut numbers = [0; 3];
    for (number, word) in numbers.iter_mut().zip(words) {
        *number = u64::from_le_bytes(*word);
    }
    Some(numbers)
}

/// The direction of a flow, by the interface's own addresses, or else by which end is private.
#[inline]
fn direction(own: &[IpAddr], source: IpAddr, destination: IpAddr) -> Option<Direction> {
    match (own.contains(&source), own.contains(&destination)) {
        (true, false) => return Some(Direction::Egress),
        (false, true) => return Some(Direction::Ingress),
        _ => {}
    }
    match (is_private(source), is_private(destination)) {
        (true, false) => Some(Direction::Egress),
        (false, true) => Some(Direction::Ingress),
        _ => None,
    }
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

/// Whether an address is one of private networks: RFC 1918, RFC 6598, RFC 4193.
#[inline]
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.to_bits() & 0xffc0_0000 == 0x6440_0000,
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

/// Whether an address is of the link, of a group, or of nobody.
fn is_local(address: IpAddr) -> bool {
    let is_link = match address {
        IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    is_link || address.is_multicast() || address.is_loopback() || address.is_unspecified()
}
