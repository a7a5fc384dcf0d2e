//! Judges: what asks something of an address on the way of a packet, and for which addresses it says the same.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use sidegate_model::{Direction, IpCidr, IpRange, VpcId, World};

use crate::{GroupNumber, Permit, Plan, VpcPlan};

/// Something that asks an address: where what it says changes, in the order of addresses, of IPv4 and of IPv6. What it says
/// is a number, 0 where it has nothing to say.
pub(super) struct Judge([Vec<(u128, u32)>; 2]);

/// The family's place in pairs, and the address as a number.
pub(super) fn placed(address: IpAddr) -> (usize, u128) {
    match address {
        IpAddr::V4(own) => (0, own.to_bits().into()),
        IpAddr::V6(own) => (1, own.to_bits()),
    }
}

/// The address of a place.
pub(super) fn address((family, bits): (usize, u128)) -> IpAddr {
    match u32::try_from(bits) {
        Ok(bits) if family == 0 => Ipv4Addr::from_bits(bits).into(),
        _ => Ipv6Addr::from_bits(bits).into(),
    }
}

/// The last address of a family.
pub(super) const LAST: [u128; 2] = [u32::MAX as u128, u128::MAX];

fn ends(range: IpRange) -> (usize, u128, u128) {
    match range {
        IpRange::V4(own) => (0, own.first.into(), own.last.into()),
        IpRange::V6(own) => (1, own.first.to_bits(), own.last.to_bits()),
    }
}

/// The ends of a block: its family, and the first and last address.
pub(super) fn ends_of(block: IpCidr) -> (usize, u128, u128) {
    ends(block.range())
}

impl Judge {
    /// What permits let through of the traffic with an address.
    fn of_permits(permits: &[Permit]) -> Self {
        Self::of_ranges(permits.iter().map(|permit| (permit.peers, permit.selector)))
    }

    /// Which of these blocks hold an address.
    fn of_blocks(blocks: impl Iterator<Item = IpCidr>) -> Self {
        Self::of_ranges(blocks.enumerate().map(|(at, block)| (block.range(), at)))
    }

    fn of_ranges<T: Copy + Ord + std::hash::Hash>(ranges: impl Iterator<Item = (IpRange, T)>) -> Self {
        let mut borders: [BTreeMap<u128, Vec<(T, bool)>>; 2] = [BTreeMap::new(), BTreeMap::new()];
        for (range, said) in ranges {
            let (family, first, last) = ends(range);
            let Some(own) = borders.get_mut(family) else { continue };
            own.entry(first).or_default().push((said, true));
            if let Some(behind) = last.checked_add(1) {
                own.entry(behind).or_default().push((said, false));
            }
        }
        let mut numbers: HashMap<Vec<T>, u32> = HashMap::from([(Vec::new(), 0)]);
        Self(borders.map(|borders| {
            let mut steps: Vec<(u128, u32)> = Vec::new();
            let mut holding: BTreeMap<T, usize> = BTreeMap::new();
            for (at, changes) in borders {
                for (said, begins) in changes {
                    let count = holding.entry(said).or_insert(0);
                    *count = if begins { *count + 1 } else { count.saturating_sub(1) };
                }
                holding.retain(|_, count| *count > 0);
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                let number = *numbers.entry(holding.keys().copied().collect()).or_insert(next);
                if steps.last().is_none_or(|(_, last)| *last != number) {
                    steps.push((at, number));
                }
            }
            steps
        }))
    }

    /// Which of these blocks a table chooses for an address.
    fn of_routes(blocks: impl Iterator<Item = IpCidr>, choose: impl Fn(IpAddr) -> Option<IpCidr>) -> Self {
        let mut borders: [Vec<u128>; 2] = [Vec::new(), Vec::new()];
        for block in blocks {
            let (family, first, last) = ends_of(block);
            let Some(own) = borders.get_mut(family) else { continue };
            own.push(first);
            own.extend(last.checked_add(1).filter(|behind| LAST.get(family).is_some_and(|last| behind <= last)));
        }
        let mut numbers: HashMap<Option<IpCidr>, u32> = HashMap::from([(None, 0)]);
        let mut family = 0;
        Self(borders.map(|mut borders| {
            borders.sort_unstable();
            borders.dedup();
            let steps = borders.into_iter().map(|at| {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                (at, *numbers.entry(choose(address((family, at)))).or_insert(next))
            });
            let steps = steps.collect();
            family += 1;
            steps
        }))
    }

    /// What it says of an address.
    pub(super) fn says(&self, address: IpAddr) -> u32 {
        let (family, bits) = placed(address);
        let Some(steps) = self.0.get(family) else { return 0 };
        let behind = steps.partition_point(|(first, _)| *first <= bits);
        behind.checked_sub(1).and_then(|at| steps.get(at)).map_or(0, |(_, said)| *said)
    }

    /// Where what it says changes.
    pub(super) fn borders(&self, family: usize) -> impl Iterator<Item = u128> {
        self.0.get(family).into_iter().flatten().map(|(at, _)| *at)
    }
}

/// All judges of a plan, made when they are asked for.
pub(super) struct Judges<'w> {
    world: &'w World,
    plan: &'w Plan,
    /// Blocks that judge everywhere.
    blocks: Vec<IpCidr>,
    of_vpcs: HashMap<VpcId, Rc<Vec<Judge>>>,
    of_groups: HashMap<(VpcId, GroupNumber, bool), Rc<Judge>>,
}

/// Those that may be met.
pub(super) struct Bench(Vec<Rc<Vec<Judge>>>, Vec<Rc<Judge>>);

impl Bench {
    pub(super) fn judges(&self) -> impl Iterator<Item = &Judge> {
        self.0.iter().flat_map(|own| own.iter()).chain(self.1.iter().map(|own| &**own))
    }

    /// What they all say of an address.
    pub(super) fn say(&self, address: IpAddr) -> Vec<u32> {
        self.judges().map(|judge| judge.says(address)).collect()
    }
}

impl<'w> Judges<'w> {
    pub(super) fn new(world: &'w World, plan: &'w Plan, blocks: Vec<IpCidr>) -> Self {
        Self { world, plan, blocks, of_vpcs: HashMap::new(), of_groups: HashMap::new() }
    }

    /// The network ACLs, routes and blocks of VPCs, and some of their combinations of security groups.
    pub(super) fn bench(&mut self, vpcs: &[&'w VpcPlan], groups: &[(&'w VpcPlan, GroupNumber, Direction)]) -> Bench {
        let of_vpcs = vpcs.iter().map(|vpc| self.of_vpc(vpc)).collect();
        let of_groups = groups.iter().map(|(vpc, number, direction)| self.of_group(vpc, *number, *direction)).collect();
        Bench(of_vpcs, of_groups)
    }

    fn of_vpc(&mut self, vpc: &VpcPlan) -> Rc<Vec<Judge>> {
        if let Some(known) = self.of_vpcs.get(&vpc.vpc) {
            return Rc::clone(known);
        }
        let acls = vpc.acls.values().flat_map(|own| [&own.ingress, &own.egress]);
        let mut all: Vec<_> = acls.map(|permits| Judge::of_permits(permits)).collect();
        let tables = vpc.tables.values().filter(|own| !own.routes.is_empty());
        let block = |found: Option<(IpCidr, &crate::Route)>| found.map(|(block, _)| block);
        all.extend(tables.map(|own| Judge::of_routes(own.routes.keys().copied(), |to| block(own.route_to(to)))));
        let redirects = vpc.redirects.values();
        all.extend(redirects.map(|own| Judge::of_routes(own.routes.keys().copied(), |to| block(own.route_to(to)))));
        let passages = vpc.passages.keys().filter_map(|name| self.plan.passages.get(name));
        let peered = passages.filter_map(|own| match &**own {
            crate::Passage::Peering { requester, accepter } => Some(requester.iter().chain(accepter)),
            _ => None,
        });
        let subnets = self.world.subnets.of_vpc(&vpc.vpc).flat_map(|own| {
            let ipv6 = own.ipv6_cidr.as_ref().map(|own| IpCidr::from(own.cidr));
            [Some(IpCidr::from(own.cidr)), ipv6].into_iter().flatten()
        });
        let own = vpc.cidrs.iter().chain(&self.blocks).chain(peered.flatten()).copied();
        all.push(Judge::of_blocks(own.chain(subnets)));
        let all = Rc::new(all);
        self.of_vpcs.insert(vpc.vpc.clone(), Rc::clone(&all));
        all
    }

    fn of_group(&mut self, vpc: &VpcPlan, number: GroupNumber, direction: Direction) -> Rc<Judge> {
        let key = (vpc.vpc.clone(), number, direction == Direction::Ingress);
        let made = self.of_groups.entry(key).or_insert_with(|| {
            let rules = vpc.groups.get(&number);
            let permits = rules.map_or(&[][..], |rules| match direction {
                Direction::Ingress => &rules.ingress,
                Direction::Egress => &rules.egress,
            });
            Rc::new(Judge::of_permits(permits))
        });
        Rc::clone(made)
    }
}
