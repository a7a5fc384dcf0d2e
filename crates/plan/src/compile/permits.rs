//! From rules that may overlap to permits that never do.
//!
//! A sweep over the peers' addresses: between two addresses at which some rule's peers begin or end, the same rules hold
//! for every peer, and what they let through is cut into boxes that do not overlap. A box that stays the same over such
//! a border goes on. The work grows with the number of ranges of peers, not with its square.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv6Addr;
use std::rc::Rc;

use sidegate_model::{AddressFamily, IpProtocol, IpRange, Ipv4Range, Ipv6Range, PortRange};

use crate::permit::icmp_of;
use crate::{Permit, Selector};

/// What one rule is about, whoever the peers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Traffic {
    /// Everything.
    All,
    /// Some destination ports of a protocol; all of them for one that has none.
    Ports { protocol: u8, ports: (u16, u16) },
    /// ICMP messages.
    Icmp { types: (u8, u8), codes: (u8, u8) },
}

/// All ports.
pub(super) const PORTS: (u16, u16) = (0, u16::MAX);

/// All values of a byte.
pub(super) const BYTES: (u8, u8) = (0, u8::MAX);

impl Traffic {
    /// What a rule is about over a family. ICMPv6 does not travel over IPv4, nor ICMP over IPv6.
    pub(crate) fn of(protocol: IpProtocol, ports: Option<PortRange>, family: AddressFamily) -> Option<Self> {
        match (protocol, ports) {
            (IpProtocol::All, _) => Some(Self::All),
            (IpProtocol::ICMP | IpProtocol::ICMPV6, _) if protocol != IpProtocol::Number(icmp_of(family)) => None,
            (IpProtocol::ICMP | IpProtocol::ICMPV6, ports) => {
                let PortRange { from, to } = ports.unwrap_or(PortRange { from: -1, to: -1 });
                Some(Self::Icmp { types: byte_or_all(from), codes: byte_or_all(to) })
            }
            (protocol @ (IpProtocol::TCP | IpProtocol::UDP), Some(PortRange { from, to })) => {
                let ports = (u16::try_from(from).ok()?, u16::try_from(to).ok()?);
                let IpProtocol::Number(protocol) = protocol else { return None };
                Some(Self::Ports { protocol, ports })
            }
            (IpProtocol::Number(protocol), _) => Some(Self::Ports { protocol, ports: PORTS }),
        }
    }
}

/// ICMP's type or code of a rule, where -1 stands for all.
fn byte_or_all(value: i32) -> (u8, u8) {
    u8::try_from(value).map_or(BYTES, |byte| (byte, byte))
}

/// A range of addresses of one family.
pub(super) trait AddressRange: Copy + Ord + Into<IpRange> {
    /// The family.
    const FAMILY: AddressFamily;

    /// A place among all addresses, or behind the last one.
    type Border: Copy + Ord + Default;

    /// Where it begins, and the place behind its end.
    fn borders(self) -> [Self::Border; 2];

    /// What lies between two places: from the first to before the second.
    fn between(first: Self::Border, behind: Self::Border) -> Self;

    /// Sorts ranges and joins those that overlap or touch.
    fn union(ranges: Vec<Self>) -> Vec<Self>;
}

impl AddressRange for Ipv4Range {
    const FAMILY: AddressFamily = AddressFamily::Ipv4;
    type Border = u64;

    fn borders(self) -> [u64; 2] {
        [u64::from(self.first), u64::from(self.last) + 1]
    }

    fn between(first: u64, behind: u64) -> Self {
        let bound = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Self { first: bound(first), last: bound(behind.saturating_sub(1)) }
    }

    fn union(ranges: Vec<Self>) -> Vec<Self> {
        Self::union(ranges)
    }
}

impl AddressRange for Ipv6Range {
    const FAMILY: AddressFamily = AddressFamily::Ipv6;
    /// Whether it is behind the last address, and the address.
    type Border = (bool, u128);

    fn borders(self) -> [(bool, u128); 2] {
        let behind = self.last.to_bits().checked_add(1);
        [(false, self.first.to_bits()), behind.map_or((true, 0), |behind| (false, behind))]
    }

    fn between((_, first): (bool, u128), (_, behind): (bool, u128)) -> Self {
        Self { first: Ipv6Addr::from_bits(first), last: Ipv6Addr::from_bits(behind.wrapping_sub(1)) }
    }

    fn union(ranges: Vec<Self>) -> Vec<Self> {
        Self::union(ranges)
    }
}

/// The union of what is granted, as sorted permits that do not overlap.
pub(super) fn permits<'a, R: AddressRange + 'a>(grants: impl IntoIterator<Item = (Traffic, &'a [R])>) -> Vec<Permit> {
    let mut by_traffic: BTreeMap<Traffic, Vec<R>> = BTreeMap::new();
    for (traffic, peers) in grants {
        by_traffic.entry(traffic).or_default().extend_from_slice(peers);
    }
    let (traffics, peers): (Vec<Traffic>, Vec<_>) = by_traffic.into_iter().unzip();
    sweep(peers, |active| boxes(active.filter_map(|index| traffics.get(index).copied())))
}

/// Permits of what holds between any two borders of the peers' ranges. `boxes` makes sorted boxes, which do not overlap,
/// of the places of those peers that are met there.
pub(super) fn sweep<R: AddressRange>(
    peers: Vec<Vec<R>>, boxes: impl Fn(&mut dyn Iterator<Item = usize>) -> Vec<Selector>,
) -> Vec<Permit> {
    let mut borders: Vec<(R::Border, usize)> = Vec::new();
    let count = peers.len();
    for (index, ranges) in peers.into_iter().enumerate() {
        for range in R::union(ranges) {
            borders.extend(range.borders().map(|border| (border, index)));
        }
    }
    borders.sort_unstable();
    let mut sweep = Sweep::<R> { active: vec![0; count.div_ceil(64)], ..Sweep::default() };
    for at_border in borders.chunk_by(|a, b| a.0 == b.0) {
        for (at, index) in at_border {
            sweep.toggle(*index);
            sweep.border = *at;
        }
        sweep.turn(count, &boxes);
    }
    sweep.permits.sort_unstable();
    sweep.permits
}

/// Where the sweep stands.
struct Sweep<R: AddressRange> {
    /// Where it stands.
    border: R::Border,
    /// Which traffics are let through from here on, one bit each.
    active: Vec<u64>,
    /// The boxes that are let through from here on.
    boxes: Rc<[Selector]>,
    /// The boxes of every combination that was met.
    known: HashMap<Vec<u64>, Rc<[Selector]>>,
    /// Where each of `boxes` began.
    begun: BTreeMap<Selector, R::Border>,
    /// What is finished.
    permits: Vec<Permit>,
}

impl<R: AddressRange> Default for Sweep<R> {
    fn default() -> Self {
        Self {
            border: R::Border::default(),
            active: Vec::new(),
            boxes: Rc::default(),
            known: HashMap::new(),
            begun: BTreeMap::new(),
            permits: Vec::new(),
        }
    }
}

impl<R: AddressRange> Sweep<R> {
    /// The ranges of one traffic do not touch, so a border of it always turns it on or off.
    fn toggle(&mut self, index: usize) {
        if let Some(word) = self.active.get_mut(index / 64) {
            *word ^= 1 << (index % 64);
        }
    }

    /// Ends the boxes that end here, and begins those that begin.
    fn turn(&mut self, count: usize, boxes: impl Fn(&mut dyn Iterator<Item = usize>) -> Vec<Selector>) {
        let next = match self.known.get(&self.active) {
            Some(boxes) => Rc::clone(boxes),
            None => {
                let is_active =
                    |index: usize| self.active.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1);
                let boxes: Rc<[Selector]> = boxes(&mut (0..count).filter(|&index| is_active(index))).into();
                self.known.insert(self.active.clone(), Rc::clone(&boxes));
                boxes
            }
        };
        // Both are sorted.
        for ended in self.boxes.iter().filter(|b| next.binary_search(b).is_err()) {
            if let Some(first) = self.begun.remove(ended) {
                let peers = R::between(first, self.border).into();
                self.permits.push(Permit { peers, selector: *ended });
            }
        }
        for begun in next.iter() {
            self.begun.entry(*begun).or_insert(self.border);
        }
        self.boxes = next;
    }
}

/// The union of what is let through, as sorted boxes that do not overlap.
fn boxes(traffics: impl Iterator<Item = Traffic>) -> Vec<Selector> {
    let mut ports: BTreeMap<u8, Vec<(u16, u16)>> = BTreeMap::new();
    let mut codes: BTreeMap<u8, Vec<(u16, u16)>> = BTreeMap::new();
    let mut all_icmp = false;
    for traffic in traffics {
        match traffic {
            Traffic::All => return vec![Selector::Ports { protocols: BYTES, ports: PORTS }],
            Traffic::Ports { protocol, ports: range } => ports.entry(protocol).or_default().push(range),
            Traffic::Icmp { types: BYTES, .. } => all_icmp = true,
            Traffic::Icmp { types: (kind, _), codes: (first, last) } => {
                codes.entry(kind).or_default().push((first.into(), last.into()));
            }
        }
    }
    let mut boxes: Vec<Selector> =
        rectangles(ports).into_iter().map(|(protocols, ports)| Selector::Ports { protocols, ports }).collect();
    if all_icmp {
        boxes.push(Selector::Icmp { types: BYTES, codes: BYTES });
    } else {
        let byte = |n: u16| u8::try_from(n).unwrap_or(u8::MAX);
        boxes.extend(
            rectangles(codes).into_iter().map(|(types, (a, b))| Selector::Icmp { types, codes: (byte(a), byte(b)) }),
        );
    }
    boxes.sort_unstable();
    boxes
}

/// Neighbouring rows, and the ranges that each of them has.
type Band = ((u8, u8), Vec<(u16, u16)>);

/// Rows of ranges as rectangles: neighbouring rows with the same ranges are one.
pub(super) fn rectangles(rows: BTreeMap<u8, Vec<(u16, u16)>>) -> Vec<((u8, u8), (u16, u16))> {
    let mut bands: Vec<Band> = Vec::new();
    for (row, ranges) in rows {
        let ranges = union(ranges);
        match bands.last_mut() {
            Some(((_, last), same)) if last.checked_add(1) == Some(row) && *same == ranges => *last = row,
            _ => bands.push(((row, row), ranges)),
        }
    }
    bands.into_iter().flat_map(|(rows, ranges)| ranges.into_iter().map(move |range| (rows, range))).collect()
}

/// Sorts ranges and joins those that overlap or touch.
fn union(mut ranges: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    ranges.sort_unstable();
    let mut joined: Vec<(u16, u16)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match joined.last_mut() {
            Some((_, end)) if u32::from(first) <= u32::from(*end) + 1 => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
