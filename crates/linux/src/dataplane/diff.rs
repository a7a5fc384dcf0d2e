//! From what the kernel has to what it shall have, as steps in an order that fails closed. Pure.
//!
//! 1. The filter's fixed part where it is not as it must be (it then has no elements, and lets nothing through), settings,
//!    and the removal of what is foreign.
//! 2. Routes of tables that no packet is led to yet, and the rules that will lead there: so re-associating a subnet leaves
//!    no gap. They give nothing yet: no packet has their mark before the next step.
//! 3. The filter's elements, those that go and those that come, in one transaction. What it newly lets through gets no
//!    further than routes and links that were there before.
//! 4. What takes away: rules, routes, addresses, links, and the tracked flows of addresses that have lost their owner. With
//!    that all is [revoked](Difference::revoking).
//! 5. What gives: addresses, links, and all other routes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use sidegate_model::IpCidr;

use super::objects::{
    Element, Foreign, ForeignKind, LinkEnds, LinkName, Objects, RouteKey, RouteKind, Rule, Ruleset, SHARED_TABLE,
};

/// One change to a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Puts the filter's fixed part in place, in one of its forms, without elements.
    LoadRuleset(Ruleset),
    /// Gives the filter its other form. Elements stay.
    ChangeRuleset(Ruleset),
    /// Changes a setting.
    SetSysctl(&'static str, Cow<'static, str>),
    /// Sets `lo` up.
    RaiseLoopback,
    /// Removes what is not ours.
    RemoveForeign(Foreign),
    /// Changes the filter's elements, all at once.
    Filter {
        /// Those that go.
        remove: BTreeSet<Element>,
        /// Those that come.
        add: BTreeSet<Element>,
    },
    /// Removes a rule.
    RemoveRule(Rule),
    /// Removes a route.
    RemoveRoute(RouteKey, RouteKind),
    /// Removes an address of the router.
    RemoveAddress(IpAddr),
    /// Removes a link, with both of its ends.
    RemoveLink(LinkName),
    /// Forgets the tracked flows from and to addresses that have lost their owner.
    Forget(BTreeSet<IpAddr>),
    /// Makes a link. It is down.
    AddLink(LinkName, LinkEnds),
    /// Sets up both ends of a link as they must be.
    SettleLink(LinkName, LinkEnds),
    /// Adds an address of the router.
    AddAddress(IpAddr),
    /// Adds a route.
    AddRoute(RouteKey, RouteKind),
    /// Adds a rule.
    AddRule(Rule),
}

/// The steps from one state to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// How many of the first steps it takes until nothing passes any more that must not.
    pub revoking: usize,
}

impl Difference {
    /// How many objects change.
    pub fn changes(&self) -> usize {
        let count = |step: &Step| match step {
            Step::Filter { remove, add } => remove.len() + add.len(),
            // A consequence of a change that is counted.
            Step::Forget(_) => 0,
            _ => 1,
        };
        self.steps.iter().map(count).sum()
    }
}

/// The steps that lead from `old` to `new`.
pub fn diff(old: &Objects, new: &Objects) -> Difference {
    let links = LinkChanges::between(old, new);
    let routes = RouteChanges::between(old, new, &links);
    let mut steps = Vec::new();
    let change = (old.ruleset != new.ruleset).then(|| match old.ruleset.is_ours() && new.ruleset.is_ours() {
        true => Step::ChangeRuleset(new.ruleset),
        false => Step::LoadRuleset(new.ruleset),
    });
    // What only the form has that counts is taken out of it before it goes.
    let (late_change, change) = match change {
        Some(change @ Step::ChangeRuleset(Ruleset::Current)) => (Some(change), None),
        other => (None, other),
    };
    steps.extend(change);
    let sysctls = new.sysctls.iter().filter(|(path, value)| old.sysctls.get(*path) != Some(*value));
    steps.extend(sysctls.map(|(path, value)| Step::SetSysctl(path, value.clone())));
    if new.loopback && !old.loopback {
        steps.push(Step::RaiseLoopback);
    }
    steps.extend(old.foreign.difference(&new.foreign).cloned().map(Step::RemoveForeign));
    // A link that is to come leads nowhere yet.
    let is_there = |kind: RouteKind| kind.link().is_none_or(|name| !links.settled.contains_key(&name));
    let (early, late): (Vec<_>, Vec<_>) = routes
        .added
        .into_iter()
        .partition(|(key, kind)| is_unused(old, key) && !old.routes.contains_key(key) && is_there(*kind));
    steps.extend(early.into_iter().map(|(key, kind)| Step::AddRoute(key, kind)));
    let rules = new.rules.difference(&old.rules).copied();
    steps.extend(rules.map(Step::AddRule));

    steps.extend(filter(old, new));
    steps.extend(late_change);
    steps.extend(old.rules.difference(&new.rules).copied().map(Step::RemoveRule));
    steps.extend(routes.removed.into_iter().map(|(key, kind)| Step::RemoveRoute(key, kind)));
    steps.extend(old.addresses.difference(&new.addresses).copied().map(Step::RemoveAddress));
    steps.extend(links.removed.into_iter().map(Step::RemoveLink));
    let lost = lost_addresses(old, new);
    if !lost.is_empty() {
        steps.push(Step::Forget(lost));
    }
    let revoking = steps.len();

    steps.extend(new.addresses.difference(&old.addresses).copied().map(Step::AddAddress));
    steps.extend(links.added.iter().map(|(&name, ends)| Step::AddLink(name, (*ends).clone())));
    steps.extend(links.settled.iter().map(|(&name, ends)| Step::SettleLink(name, (*ends).clone())));
    steps.extend(late.into_iter().map(|(key, kind)| Step::AddRoute(key, kind)));
    Difference { steps, revoking }
}

fn filter(old: &Objects, new: &Objects) -> Option<Step> {
    let (remove, add) = if old.ruleset.is_ours() && new.ruleset.is_ours() {
        let gone = old.elements.difference(&new.elements).copied().collect();
        (gone, new.elements.difference(&old.elements).copied().collect())
    } else {
        (BTreeSet::new(), new.elements.clone())
    };
    (!remove.is_empty() || !add.is_empty()).then_some(Step::Filter { remove, add })
}

/// Whether a kernel table is none that packets are led to.
fn is_unused(old: &Objects, key: &RouteKey) -> bool {
    if key.table == SHARED_TABLE {
        return false;
    }
    let family = key.destination.family();
    !old.rules.iter().any(|rule| rule.family() == family && rule.table() == key.table)
}

/// What happens to links. One that changes goes and comes back.
struct LinkChanges<'a> {
    removed: BTreeSet<LinkName>,
    added: BTreeMap<LinkName, &'a LinkEnds>,
    settled: BTreeMap<LinkName, &'a LinkEnds>,
}

impl<'a> LinkChanges<'a> {
    fn between(old: &Objects, new: &'a Objects) -> Self {
        let same = |name: &LinkName, ends: &LinkEnds| old.links.get(name).is_some_and(|old| old.is_same_link(ends));
        let removed =
            old.links.iter().filter(|(name, old)| !new.links.get(name).is_some_and(|new| new.is_same_link(old)));
        let added = new.links.iter().filter(|(name, ends)| !same(name, ends));
        let settled = new.links.iter().filter(|(name, ends)| old.links.get(name) != Some(*ends));
        Self {
            removed: removed.map(|(&name, _)| name).collect(),
            added: added.map(|(&name, ends)| (name, ends)).collect(),
            settled: settled.map(|(&name, ends)| (name, ends)).collect(),
        }
    }
}

/// What happens to routes.
struct RouteChanges {
    removed: Vec<(RouteKey, RouteKind)>,
    added: Vec<(RouteKey, RouteKind)>,
}

impl RouteChanges {
    fn between(old: &Objects, new: &Objects, links: &LinkChanges<'_>) -> Self {
        // The routes over a link go with it, and would be missed when it comes back.
        let is_interrupted = |kind: &RouteKind| {
            kind.link().is_some_and(|name| links.removed.contains(&name) || links.added.contains_key(&name))
        };
        let stays = |key: &RouteKey, kind: &RouteKind| {
            let in_both = [old, new].iter().all(|objects| objects.routes.get(key) == Some(kind));
            in_both && !is_interrupted(kind)
        };
        // Gone already, with a link that is none of ours. Links that are equal may be in neither.
        let links = old.foreign.iter().filter(|foreign| foreign.kind == ForeignKind::Link);
        let foreign: BTreeSet<&str> = links.map(|foreign| foreign.name.as_str()).collect();
        let is_foreign = |kind: &RouteKind| kind.link().is_some_and(|name| foreign.contains(name.as_str()));
        let pick = |from: &Objects| -> Vec<_> {
            let all = from.routes.iter().map(|(&key, &kind)| (key, kind));
            all.filter(|(key, kind)| !stays(key, kind)).collect()
        };
        let mut removed = pick(old);
        removed.retain(|(_, kind)| !is_foreign(kind));
        Self { removed, added: pick(new) }
    }
}

/// The addresses of programs and endpoints that go, or go to somebody else.
fn lost_addresses(old: &Objects, new: &Objects) -> BTreeSet<IpAddr> {
    let (before, after) = (owners(old), owners(new));
    before
        .into_iter()
        .filter(|(address, owner)| after.get(address) != Some(owner))
        .map(|(address, _)| address)
        .collect()
}

#[derive(PartialEq, Eq)]
enum Owner<'a> {
    Program(&'a str),
    Endpoint,
}

fn owners(objects: &Objects) -> BTreeMap<IpAddr, Owner<'_>> {
    let endpoints = objects
        .routes
        .iter()
        .filter(|(key, kind)| key.table == SHARED_TABLE && **kind == RouteKind::Local && key.destination.is_host());
    let endpoints = endpoints.map(|(key, _)| (key.destination.first(), Owner::Endpoint));
    let programs = objects
        .links
        .values()
        .flat_map(|ends| ends.addresses().map(|address| (address, Owner::Program(&ends.namespace))));
    endpoints.chain(programs).collect()
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoadRuleset(Ruleset::Counting) => f.write_str("load ruleset that counts"),
            Self::LoadRuleset(_) => f.write_str("load ruleset"),
            Self::ChangeRuleset(ruleset) => write!(f, "change ruleset to {ruleset}"),
            Self::SetSysctl(path, value) => write!(f, "set sysctl {path} {value}"),
            Self::RaiseLoopback => f.write_str("raise loopback"),
            Self::RemoveForeign(foreign) => write!(f, "remove foreign {foreign}"),
            Self::Filter { remove, add } => {
                let removed = remove.iter().map(|element| format!("remove {element}"));
                let lines: Vec<_> = removed.chain(add.iter().map(|element| format!("add {element}"))).collect();
                write!(f, "filter: {}", lines.join("; "))
            }
            Self::RemoveRule(rule) => write!(f, "remove {rule}"),
            Self::RemoveRoute(key, kind) => write!(f, "remove route {key} {kind}"),
            Self::RemoveAddress(address) => write!(f, "remove address {} dev lo", IpCidr::host(*address)),
            Self::RemoveLink(name) => write!(f, "remove link {name}"),
            Self::Forget(addresses) => {
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                write!(f, "forget the flows of {}", addresses.join(" "))
            }
            Self::AddLink(name, ends) => write!(f, "add link {name} {ends}"),
            Self::SettleLink(name, _) => write!(f, "settle link {name}"),
            Self::AddAddress(address) => write!(f, "add address {} dev lo", IpCidr::host(*address)),
            Self::AddRoute(key, kind) => write!(f, "add route {key} {kind}"),
            Self::AddRule(rule) => write!(f, "add {rule}"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

#[cfg(test)]
mod tests;
