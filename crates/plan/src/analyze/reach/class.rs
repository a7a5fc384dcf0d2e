//! Classes: ends that nothing on the way can tell from each other.
//!
//! A packet is judged by its subnet's table and ACL, by the groups of both interfaces, by gateways, and by what each of
//! these says of the address of the other end. Two ends for which all that is equal have equal paths. An interface that a
//! route leads to, and one of which something is not known, is a class of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::net::IpAddr;

use sidegate_model::{
    Attachment, Direction, IpCidr, NetworkInterface, NetworkInterfaceId, SubnetId, VpcEndpointId, VpcId, World,
};

use super::judge::{Bench, Judges};
use super::outside;
use super::{Addresses, Known, Member, Query};
use crate::{GroupNumber, Passage, Plan, RouteTarget, VpcPlan};

/// Who asks.
pub(super) enum Near {
    Interface(NetworkInterfaceId),
    Outside(IpAddr),
}

/// Who is asked.
#[derive(Clone)]
pub(super) enum Aim {
    At { interface: NetworkInterfaceId, address: IpAddr, endpoint: Option<VpcEndpointId> },
    Gateway { endpoint: VpcEndpointId, address: IpAddr },
    Service(&'static str),
    Outside(IpAddr),
}

/// Ends of which one stands for all.
pub(super) struct Class<E> {
    pub(super) ends: Vec<E>,
    pub(super) members: Vec<Member>,
}

/// Where the ends are that are asked.
pub(super) enum Far<'w> {
    Vpc(&'w VpcId),
    Internet,
    Service(&'static str),
    Gateway(&'w VpcEndpointId),
}

/// What is told apart of who asks.
#[derive(PartialEq, Eq, Hash)]
struct NearKey {
    alone: Option<NetworkInterfaceId>,
    subnet: SubnetId,
    group: Option<GroupNumber>,
    said: [Option<Vec<u32>>; 2],
    /// For each passage, what is said of the address outside, of IPv4 and of IPv6.
    outside: Vec<[Option<Vec<u32>>; 2]>,
}

/// What is told apart of who is asked.
#[derive(PartialEq, Eq, Hash)]
struct AimKey {
    alone: Option<NetworkInterfaceId>,
    subnet: SubnetId,
    group: Option<GroupNumber>,
    endpoint: Option<VpcEndpointId>,
    family: bool,
    is_public: bool,
    said: Vec<u32>,
    /// What is said of the private address, where what comes in for it may be led aside.
    inside: Option<Vec<u32>>,
    /// Whether each passage leads to it.
    led: Vec<bool>,
}

/// An address of an interface.
struct Asked<'w> {
    own: &'w NetworkInterface,
    address: IpAddr,
    private: IpAddr,
    is_public: bool,
}

/// The ends of a query, by their VPCs.
pub(super) struct Classes<'w> {
    plan: &'w Plan,
    query: &'w Query,
    known: &'w dyn Known,
    sources: BTreeMap<&'w VpcId, Vec<&'w NetworkInterface>>,
    targets: BTreeMap<&'w VpcId, Vec<Asked<'w>>>,
    gateways: BTreeMap<&'w VpcEndpointId, IpAddr>,
    /// The public addresses that interfaces have, and the blocks of VPCs' addresses of IPv6.
    taken: Vec<IpCidr>,
}

impl Near {
    pub(super) const fn interface(&self) -> Option<&NetworkInterfaceId> {
        match self {
            Self::Interface(id) => Some(id),
            Self::Outside(_) => None,
        }
    }
}

impl Aim {
    pub(super) const fn interface(&self) -> Option<&NetworkInterfaceId> {
        match self {
            Self::At { interface, .. } => Some(interface),
            Self::Gateway { .. } | Self::Service(_) | Self::Outside(_) => None,
        }
    }
}

impl<'w> Classes<'w> {
    pub(super) fn new(world: &'w World, plan: &'w Plan, query: &'w Query, known: &'w dyn Known) -> Self {
        let of = |ids: &'w BTreeSet<NetworkInterfaceId>| ids.iter().filter_map(|id| world.interfaces.get(id));
        let mut sources: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for own in of(&query.from.interfaces) {
            sources.entry(&own.vpc).or_default().push(own);
        }
        let mut public: HashMap<&NetworkInterfaceId, Vec<(IpAddr, IpAddr)>> = HashMap::new();
        let blocks = world.vpcs.iter().flat_map(|vpc| vpc.ipv6_cidrs.iter().map(|own| IpCidr::from(own.cidr)));
        let mut taken: Vec<IpCidr> = blocks.collect();
        for mapped in world.public_addresses() {
            taken.push(IpCidr::host(mapped.public.into()));
            let pair = (mapped.public.into(), mapped.private.into());
            public.entry(&mapped.interface.id).or_default().push(pair);
        }
        let mut targets: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for own in of(&query.to.interfaces) {
            let at = |(address, private, is_public)| Asked { own, address, private, is_public };
            let inside = own.addresses().map(|own| (own.into(), own.into(), false));
            let ipv6 = own.ipv6.iter().map(|own| ((*own).into(), (*own).into(), false));
            let outside = public.get(&own.id).into_iter().flatten().map(|(public, own)| (*public, *own, true));
            targets.entry(&own.vpc).or_default().extend(inside.chain(ipv6).chain(outside).map(at));
        }
        let address = |id: &'w VpcEndpointId| {
            let lists = world.endpoints.get(id)?.gateway_lists();
            let first = lists.iter().flat_map(|list| list.cidrs.iter().map(|block| block.first())).next()?;
            // The first address of a block may be nobody's.
            Some((id, IpAddr::V4((first.to_bits() + 1).into())))
        };
        let gateways = query.to.gateways.iter().filter_map(address).collect();
        Self { plan, query, known, sources, targets, gateways, taken }
    }

    /// The VPCs of those who ask.
    pub(super) fn homes(&self) -> impl Iterator<Item = &'w VpcId> {
        self.sources.keys().copied()
    }

    /// The interfaces that have no address by which somebody on the internet could ask for them, each with its own.
    pub(super) fn hidden(&self) -> impl Iterator<Item = (&'w NetworkInterfaceId, IpAddr)> {
        let mut seen: BTreeMap<&NetworkInterfaceId, (IpAddr, bool)> = BTreeMap::new();
        for asked in self.targets.values().flatten() {
            let is_outer = asked.is_public || asked.address.is_ipv6();
            seen.entry(&asked.own.id).or_insert((asked.own.address.into(), false)).1 |= is_outer;
        }
        seen.into_iter().filter(|(_, (_, is_outer))| !is_outer).map(|(id, (address, _))| (id, address))
    }

    /// Where those are whom somebody of a VPC, or of the internet, may ask.
    pub(super) fn aimed_at(&self, near: Option<&VpcId>) -> Vec<Far<'w>> {
        let mut far: Vec<_> = self.targets.keys().map(|vpc| Far::Vpc(vpc)).collect();
        if near.is_some() {
            far.extend(self.query.to.internet.then_some(Far::Internet));
            far.extend(self.query.to.services.iter().map(|service| Far::Service(service)));
            far.extend(self.gateways.keys().map(|id| Far::Gateway(id)));
        }
        far
    }

    /// The classes of both ends, as they tell each other apart.
    pub(super) fn between(
        &self, judges: &mut Judges<'w>, near: Option<&VpcId>, far: &Far<'w>,
    ) -> (Vec<Class<Near>>, Vec<Class<Aim>>) {
        let vpc_of = |id: &VpcId| self.plan.vpcs.get(id).map(|own| &**own);
        let (home, away) = (
            near.and_then(vpc_of),
            match far {
                Far::Vpc(id) => vpc_of(id),
                Far::Internet | Far::Service(_) | Far::Gateway(_) => None,
            },
        );
        let vpcs: Vec<_> =
            home.into_iter().chain(away.filter(|own| home.is_none_or(|home| home.vpc != own.vpc))).collect();
        let asking = near.and_then(|id| self.sources.get(id)).map(Vec::as_slice).unwrap_or_default();
        let asked: Vec<&Asked<'w>> = match far {
            Far::Vpc(id) => {
                self.targets.get(*id).into_iter().flatten().filter(|own| self.is_asked(own, near)).collect()
            }
            Far::Internet | Far::Service(_) | Far::Gateway(_) => Vec::new(),
        };
        let appliances: BTreeSet<_> = vpcs.iter().flat_map(|vpc| led_to(vpc)).collect();
        let mut guards: Vec<_> = Vec::new();
        for vpc in &vpcs {
            let met = vpc.links.iter().filter(|(id, _)| appliances.contains(id)).map(|(_, link)| link.group);
            let doors = vpc.endpoint_addresses.values().map(|door| door.group);
            let doors = doors.filter(|_| matches!(far, Far::Service(_)));
            guards.extend(met.chain(doors).map(|number| (*vpc, number)));
        }
        guards.extend(
            away.into_iter().flat_map(|vpc| asked.iter().filter_map(move |own| Some((vpc, group_of(vpc, own.own)?)))),
        );
        let mut leaving: Vec<_> = home
            .into_iter()
            .flat_map(|vpc| asking.iter().filter_map(move |own| Some((vpc, group_of(vpc, own)?))))
            .collect();
        for all in [&mut guards, &mut leaving] {
            all.sort_by_key(|(vpc, number)| (&vpc.vpc, *number));
            all.dedup_by_key(|(vpc, number)| (&vpc.vpc, *number));
        }
        let with = |all: Vec<(&'w VpcPlan, GroupNumber)>, direction| -> Vec<_> {
            all.into_iter().map(|(vpc, number)| (vpc, number, direction)).collect()
        };
        let of_sources = judges.bench(&vpcs, &with(guards, Direction::Ingress));
        let of_targets = judges.bench(&vpcs, &with(leaving, Direction::Egress));
        let sources = match home {
            Some(home) => self.sources_in(home, asking, &appliances, &of_sources),
            None => outsiders(away, &of_sources, &self.taken, Near::Outside),
        };
        let targets = match far {
            Far::Vpc(_) => away.map(|away| self.targets_in(away, &asked, &appliances, &of_targets)).unwrap_or_default(),
            Far::Internet => outsiders(home, &of_targets, &outside::given_out(), Aim::Outside),
            Far::Service(service) => {
                vec![Class { ends: vec![Aim::Service(service)], members: vec![Member::Service { service }] }]
            }
            Far::Gateway(id) => self
                .gateways
                .get(*id)
                .map(|address| Class {
                    ends: vec![Aim::Gateway { endpoint: (*id).clone(), address: *address }],
                    members: vec![Member::Gateway { endpoint: (*id).clone() }],
                })
                .into_iter()
                .collect(),
        };
        (sources, targets)
    }

    /// Whether an address is one that somebody of a VPC, or of the internet, is asked about.
    fn is_asked(&self, asked: &Asked<'_>, near: Option<&VpcId>) -> bool {
        let is_outer = asked.is_public || asked.address.is_ipv6();
        match (self.query.addresses, near) {
            (Addresses::All, Some(_)) => true,
            (Addresses::Primary, Some(_)) => asked.address == IpAddr::V4(asked.own.address),
            (_, None) => is_outer,
        }
    }

    fn sources_in(
        &self, vpc: &'w VpcPlan, asking: &[&'w NetworkInterface], appliances: &BTreeSet<&NetworkInterfaceId>,
        bench: &Bench,
    ) -> Vec<Class<Near>> {
        let passages: Vec<_> = vpc.passages.keys().filter_map(|name| self.plan.passages.get(name)).collect();
        let key = |own: &NetworkInterface| {
            let ipv6 = own.ipv6.first().map(|own| IpAddr::V6(*own));
            let addresses = [Some(IpAddr::V4(own.address)), ipv6];
            let said = |address: Option<IpAddr>| address.map(|address| bench.say(address));
            let outside = |passage: &Passage| addresses.map(|address| said(public(passage, address?)));
            NearKey {
                alone: self.alone(&own.id, appliances),
                subnet: own.subnet.clone(),
                group: group_of(vpc, own),
                said: addresses.map(said),
                outside: passages.iter().map(|own| outside(own)).collect(),
            }
        };
        let member = |own: &NetworkInterface| Member::Interface { interface: own.id.clone(), address: None };
        let all = asking.iter().map(|own| (key(own), Near::Interface(own.id.clone()), member(own)));
        classed(all)
    }

    fn targets_in(
        &self, vpc: &'w VpcPlan, asked: &[&Asked<'w>], appliances: &BTreeSet<&NetworkInterfaceId>, bench: &Bench,
    ) -> Vec<Class<Aim>> {
        let passages: Vec<_> = vpc.passages.keys().filter_map(|name| self.plan.passages.get(name)).collect();
        let is_led_aside = vpc.passages.values().any(|link| link.redirects.is_some());
        let all = asked.iter().map(|asked| {
            let Asked { own, address, private, is_public } = **asked;
            let endpoint = match &own.attachment {
                Attachment::Endpoint(id) => Some(id.clone()),
                _ => None,
            };
            let key = AimKey {
                alone: self.alone(&own.id, appliances),
                subnet: own.subnet.clone(),
                group: group_of(vpc, own),
                endpoint: endpoint.clone(),
                family: address.is_ipv6(),
                is_public,
                said: bench.say(address),
                inside: is_led_aside.then(|| bench.say(private)),
                led: passages.iter().map(|passage| public(passage, private).is_some()).collect(),
            };
            let aim = Aim::At { interface: own.id.clone(), address, endpoint };
            (key, aim, Member::Interface { interface: own.id.clone(), address: Some(address) })
        });
        classed(all)
    }

    fn alone(&self, id: &NetworkInterfaceId, appliances: &BTreeSet<&NetworkInterfaceId>) -> Option<NetworkInterfaceId> {
        (appliances.contains(id) || self.known.is_open(id)).then(|| id.clone())
    }
}

/// Ends by their keys, in the order of their first ones.
fn classed<K: Eq + Hash, E>(all: impl Iterator<Item = (K, E, Member)>) -> Vec<Class<E>> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut classes: Vec<Class<E>> = Vec::new();
    for (key, end, member) in all {
        let place = *places.entry(key).or_insert(classes.len());
        match classes.get_mut(place) {
            Some(class) => {
                class.ends.push(end);
                class.members.push(member);
            }
            None => classes.push(Class { ends: vec![end], members: vec![member] }),
        }
    }
    classes
}

/// Those on the internet, as a VPC's judges tell them apart.
fn outsiders<E>(vpc: Option<&VpcPlan>, bench: &Bench, taken: &[IpCidr], end: impl Fn(IpAddr) -> E) -> Vec<Class<E>> {
    let all = vpc.map(|vpc| outside::classes(vpc, bench, taken)).unwrap_or_default();
    let class = |ranges: Vec<(IpAddr, IpAddr)>| {
        let first = ranges.first().map(|(first, _)| *first)?;
        Some(Class { ends: vec![end(first)], members: vec![Member::Internet { ranges }] })
    };
    all.into_iter().filter_map(class).collect()
}

/// The combination of groups of what runs behind an interface, or of an endpoint there; `None` if nothing does.
fn group_of(vpc: &VpcPlan, own: &NetworkInterface) -> Option<GroupNumber> {
    let link = vpc.links.get(&own.id).map(|link| link.group);
    link.or_else(|| Some(vpc.endpoint_addresses.get(&own.address.into())?.group))
}

/// The address that something has outside a gateway.
fn public(passage: &Passage, own: IpAddr) -> Option<IpAddr> {
    match (passage, own) {
        (Passage::InternetGateway { public, .. }, IpAddr::V4(own)) => public.get(&own).map(|own| IpAddr::from(*own)),
        (
            Passage::InternetGateway { ipv6, .. } | Passage::EgressOnlyInternetGateway { ipv6, .. },
            IpAddr::V6(address),
        ) => ipv6.contains(&address).then_some(own),
        _ => None,
    }
}

/// The interfaces that routes of a VPC lead to.
fn led_to(vpc: &VpcPlan) -> impl Iterator<Item = &NetworkInterfaceId> {
    let routes = vpc.tables.values().flat_map(|own| own.routes.values());
    let routes = routes.chain(vpc.redirects.values().flat_map(|own| own.routes.values()));
    routes.filter_map(|route| match &route.target {
        RouteTarget::Interface { interface, .. } => Some(interface),
        _ => None,
    })
}
