//! Things: what there is in a world that has an id, and perhaps a name; and which of it is called nearly as something.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use sidegate_model::{Attachment, InstanceState, NetworkInterface, Service, VpcId};

use super::{End, Subjects};
use crate::diagram::clean;

/// Something with an id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Thing {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its id; of a function its ARN without version, of a service its short name.
    pub(crate) id: String,
    /// Its tag `Name`; of a function its name.
    pub(crate) name: Option<String>,
    /// Its VPC, if it is in one.
    pub(crate) vpc: Option<VpcId>,
}

/// What a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// An instance.
    Instance,
    /// A network interface.
    Interface,
    /// A subnet.
    Subnet,
    /// A function of Lambda.
    Function,
    /// A VPC endpoint.
    Endpoint,
    /// A VPC.
    Vpc,
    /// A security group.
    Group,
    /// A route table.
    RouteTable,
    /// A network ACL.
    Acl,
    /// An internet gateway.
    InternetGateway,
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway,
    /// A NAT gateway.
    NatGateway,
    /// A peering connection.
    Peering,
    /// A service.
    Service,
}

/// The most things that are told where nothing fits.
const MOST_NEAR: usize = 8;

impl Kind {
    /// Whether a path can have it at this end.
    pub(super) const fn is_end(self, end: End) -> bool {
        match self {
            Self::Instance | Self::Interface => true,
            Self::Subnet | Self::Function => matches!(end, End::Source),
            Self::Endpoint | Self::Service => matches!(end, End::Target),
            Self::Vpc
            | Self::Group
            | Self::RouteTable
            | Self::Acl
            | Self::InternetGateway
            | Self::EgressOnlyInternetGateway
            | Self::NatGateway
            | Self::Peering => false,
        }
    }
}

impl Subjects<'_> {
    /// All that there is but for services, in the order of kinds and ids.
    fn things(&self) -> impl Iterator<Item = Thing> {
        let world = self.world;
        let named = |kind, id: String, vpc: &VpcId| {
            let name = world.tags(&id).find(|(key, _)| *key == "Name").map(|(_, value)| value.to_owned());
            Thing { kind, name, vpc: Some(vpc.clone()), id }
        };
        let instances = world.instances.iter().filter(|own| self.holds(&own.scope));
        let instances = instances.filter(|own| own.state != InstanceState::Terminated);
        let interfaces = world.interfaces.iter().filter(|own| self.holds(&own.scope));
        let subnets = world.subnets.iter().filter(|own| self.holds(&own.scope));
        let endpoints = world.endpoints.iter().filter(|own| self.holds(&own.scope));
        let vpcs = world.vpcs.iter().filter(|own| self.holds(&own.scope));
        instances
            .map(move |own| named(Kind::Instance, own.id.to_string(), &own.vpc))
            .chain(interfaces.map(move |own| named(Kind::Interface, own.id.to_string(), &own.vpc)))
            .chain(subnets.map(move |own| named(Kind::Subnet, own.id.to_string(), &own.vpc)))
            .chain(self.functions())
            .chain(endpoints.map(move |own| named(Kind::Endpoint, own.id.to_string(), &own.vpc)))
            .chain(vpcs.map(move |own| named(Kind::Vpc, own.id.to_string(), &own.id)))
    }

    /// What is on paths, and is no end of one.
    fn places(&self) -> impl Iterator<Item = Thing> {
        let world = self.world;
        let named = |kind, id: String, vpc: Option<&VpcId>| {
            let name = world.tags(&id).find(|(key, _)| *key == "Name").map(|(_, value)| value.to_owned());
            Thing { kind, name, vpc: vpc.cloned(), id }
        };
        let groups = world.security_groups.iter().filter(|own| self.holds(&own.scope));
        let tables = world.route_tables.iter().filter(|own| self.holds(&own.scope));
        let acls = world.network_acls.iter().filter(|own| self.holds(&own.scope));
        let gateways = world.internet_gateways.iter().filter(|own| self.holds(&own.scope));
        let outward = world.egress_only_internet_gateways.iter().filter(|own| self.holds(&own.scope));
        let nats = world.nat_gateways.iter().filter(|own| self.holds(&own.scope));
        let peerings = world.peerings.iter();
        groups
            .map(move |own| named(Kind::Group, own.id.to_string(), Some(&own.vpc)))
            .chain(tables.map(move |own| named(Kind::RouteTable, own.id.to_string(), Some(&own.vpc))))
            .chain(acls.map(move |own| named(Kind::Acl, own.id.to_string(), Some(&own.vpc))))
            .chain(gateways.map(move |own| named(Kind::InternetGateway, own.id.to_string(), own.vpc.as_ref())))
            .chain(outward.map(move |own| named(Kind::EgressOnlyInternetGateway, own.id.to_string(), None)))
            .chain(nats.map(move |own| named(Kind::NatGateway, own.id.to_string(), Some(&own.vpc))))
            .chain(peerings.map(move |own| named(Kind::Peering, own.id.to_string(), None)))
    }

    /// What is on paths and is called so, by its id or its name.
    pub(super) fn place_called(&self, text: &str) -> Option<Thing> {
        let Wanted::Id(wanted) = written(text) else { return None };
        self.places().find(|own| own.id == wanted || own.name.as_deref() == Some(wanted))
    }

    /// The functions that have network interfaces.
    fn functions(&self) -> impl Iterator<Item = Thing> + use<> {
        let interfaces = self.world.interfaces.iter().filter(|own| self.holds(&own.scope));
        let mut seen = BTreeSet::new();
        for own in interfaces {
            let Attachment::Functions(arns) = &own.attachment else { continue };
            seen.extend(arns.iter().map(|arn| (arn.clone(), own.vpc.clone())));
        }
        seen.into_iter().map(|(id, vpc)| {
            let name = id.rsplit(':').next().map(str::to_owned);
            Thing { kind: Kind::Function, name, vpc: Some(vpc), id }
        })
    }

    /// What is called so, by its id, its ARN, its name or its address.
    pub(super) fn called(&self, text: &str) -> Vec<Thing> {
        let wanted = written(text);
        if let Wanted::Function(wanted) = &wanted {
            let is_wanted = |own: &Thing| own.id == *wanted || own.name.as_deref() == Some(wanted);
            return self.functions().filter(is_wanted).collect();
        }
        let Wanted::Id(wanted) = wanted else { return Vec::new() };
        if let Some(own) = self.things().find(|own| own.id == wanted) {
            return vec![own];
        }
        if let Ok(address) = wanted.parse() {
            let has = |own: &&NetworkInterface| self.holds(&own.scope) && self.has_address(own, address);
            let interfaces: BTreeSet<String> =
                self.world.interfaces.iter().filter(has).map(|own| own.id.to_string()).collect();
            return self.things().filter(|own| interfaces.contains(&own.id)).collect();
        }
        let mut found: Vec<Thing> =
            self.things().filter(|own| own.name.as_deref() == Some(wanted) && own.kind != Kind::Function).collect();
        // An instance and its own interfaces are one and the same here.
        let instances: BTreeSet<String> =
            found.iter().filter(|own| own.kind == Kind::Instance).map(|own| own.id.clone()).collect();
        found.retain(|own| !self.is_of(own, &instances));
        found
    }

    /// Whether a thing is an interface of one of these instances.
    fn is_of(&self, thing: &Thing, instances: &BTreeSet<String>) -> bool {
        let interface = (thing.kind == Kind::Interface).then(|| thing.id.parse().ok()).flatten();
        interface.and_then(|id| self.world.interfaces.get(&id)).is_some_and(|own| match &own.attachment {
            Attachment::Instance { instance, .. } => instances.contains(instance.as_str()),
            _ => false,
        })
    }

    /// Whether an interface has an address, in its VPC or on the internet.
    fn has_address(&self, own: &NetworkInterface, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => {
                let public = || self.world.public_addresses_of(&own.vpc);
                own.addresses().any(|known| known == address)
                    || public().any(|mapped| mapped.interface.id == own.id && mapped.public == address)
            }
            IpAddr::V6(address) => own.ipv6.contains(&address),
        }
    }

    /// What could have been meant: what is called nearly so, or begins so; of ids of a kind that few have, all.
    pub(super) fn near(&self, text: &str, end: End) -> Vec<Thing> {
        let text = match written(text) {
            Wanted::Id(text) | Wanted::Function(text) => text.to_lowercase(),
            Wanted::Nothing => return Vec::new(),
        };
        let mut ranked: Vec<(usize, Thing)> = self
            .things()
            .filter(|own| own.kind.is_end(end))
            .chain(services(end))
            .filter_map(|own| {
                let names = [Some(own.id.as_str()), own.name.as_deref()];
                let distance =
                    names.into_iter().flatten().filter_map(|name| distance(&text, &name.to_lowercase())).min();
                Some((distance?, own))
            })
            .collect();
        if ranked.is_empty()
            && let Some((prefix, _)) = text.split_once('-')
        {
            let alike =
                |own: &Thing| own.kind.is_end(end) && own.id.split_once('-').is_some_and(|(own, _)| own == prefix);
            ranked = self.things().filter(alike).take(MOST_NEAR).map(|own| (0, own)).collect();
        }
        ranked.sort();
        ranked.into_iter().map(|(_, own)| own).take(MOST_NEAR).collect()
    }
}

/// Those of some names that are called nearly as what was typed, the nearest first.
pub(crate) fn near<'a>(typed: &str, names: &[&'a str]) -> Vec<&'a str> {
    let typed = typed.to_lowercase();
    let ranked = names.iter().filter_map(|own| Some((distance(&typed, &own.to_lowercase())?, own.len(), *own)));
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(.., own)| own).collect()
}

/// The services, where a path can lead to them.
fn services(end: End) -> impl Iterator<Item = Thing> {
    let all = if end == End::Target { Service::all() } else { &[] };
    all.iter().map(|own| Thing { kind: Kind::Service, id: own.name.to_owned(), name: None, vpc: None })
}

/// What was written, without the ARN or the word around it.
enum Wanted<'a> {
    /// An id, a name or an address.
    Id(&'a str),
    /// A function, by its name or its ARN without version.
    Function(&'a str),
    /// An ARN of something that is no thing here.
    Nothing,
}

fn written(text: &str) -> Wanted<'_> {
    if let Some(name) = text.strip_prefix("lambda:") {
        return Wanted::Function(name);
    }
    if !text.starts_with("arn:") {
        return Wanted::Id(text);
    }
    let mut parts = text.splitn(6, ':').skip(2);
    match (parts.next(), parts.nth(2)) {
        (Some("ec2"), Some(resource)) => Wanted::Id(resource.rsplit('/').next().unwrap_or(resource)),
        (Some("lambda"), Some(resource)) => {
            // The version or alias is no part of what has interfaces.
            let name = resource.strip_prefix("function:").unwrap_or_default();
            let version = name.find(':').map_or(0, |at| name.len() - at);
            Wanted::Function(text.get(..text.len() - version).unwrap_or(text))
        }
        _ => Wanted::Nothing,
    }
}

/// How far a name is from what was typed; `None` if too far to have been meant. What begins so is nearest, and then what
/// has it somewhere.
fn distance(typed: &str, name: &str) -> Option<usize> {
    if typed.len() >= 2 && name.starts_with(typed) {
        return Some(0);
    }
    if typed.len() >= 3 && name.contains(typed) {
        return Some(1);
    }
    let limit = (typed.chars().count() / 3).clamp(1, 3);
    let changes = edits(typed, name, limit);
    (changes <= limit).then_some(changes)
}

/// How many letters have to be changed, added, left out or swapped with the next one; more than `limit` counts as
/// `limit + 1`.
fn edits(a: &str, b: &str, limit: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&row, j) + usize::from(x != y)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(limit + 1)
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Instance => "instance",
            Self::Interface => "network interface",
            Self::Subnet => "subnet",
            Self::Function => "function",
            Self::Endpoint => "VPC endpoint",
            Self::Vpc => "VPC",
            Self::Group => "security group",
            Self::RouteTable => "route table",
            Self::Acl => "network ACL",
            Self::InternetGateway => "internet gateway",
            Self::EgressOnlyInternetGateway => "egress-only internet gateway",
            Self::NatGateway => "NAT gateway",
            Self::Peering => "peering connection",
            Self::Service => "service",
        })
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, id, name, vpc } = self;
        write!(f, "{id}")?;
        if let Some(name) = name.as_deref().filter(|_| *kind != Kind::Function) {
            write!(f, " \"{}\"", clean(name))?;
        }
        write!(f, ", {kind}")?;
        match vpc {
            Some(vpc) if vpc.as_str() != id => write!(f, " in {vpc}"),
            _ => Ok(()),
        }
    }
}
