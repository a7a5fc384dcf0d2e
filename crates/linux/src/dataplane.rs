//! The data plane: what a plan says, made true in the kernel.
//!
//! A VPC is a network namespace, kept by the [holder](crate::holder). Its [`Objects`] are rendered from the plan, compared
//! with what the kernel has, and the [difference](diff()) is carried out in an order that fails closed. [`Dataplane::set`]
//! is idempotent: it may be called again after any failure, and by a process that knows nothing of the one before.

mod address;
mod apply;
mod bare_link;
mod conntrack;
mod custody;
mod diff;
mod error;
#[cfg(test)]
mod fake;
mod flows;
mod legs;
mod listeners;
mod netlink;
mod network;
mod nftables;
mod objects;
mod part;
mod passage;
mod program_end;
mod read;
mod render;
mod rtnetlink;
mod ruleset;
mod survey;
mod sysctl;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use sidegate_model::VpcId;
use sidegate_plan::{Passage, Plan, VpcPlan};

use self::legs::Legs;
use self::network::{Common, Network};
use crate::holder::Client;
use crate::netns::NetNs;

pub use bare_link::{BareEnd, join};
pub use custody::Custodian;
pub use diff::{Difference, Step, diff};
pub use error::{DataplaneError, VpcError};
pub use flows::{FlowCount, FlowCounts};
pub(crate) use listeners::choose_congestion_control;
pub use listeners::{Listeners, mark_of};
pub use objects::{
    ANSWERED, Direction, Element, FIRST_REDIRECTS, FIRST_TABLE, Foreign, ForeignKind, GUARDED, LAST_METRIC, LinkEnds,
    LinkName, MTU, Objects, REDIRECTS_MASK, REDIRECTS_SHIFT, ROUTE_PROTOCOL, RouteKey, RouteKind, Rule, Ruleset,
    SHARED_TABLE, TABLE_MASK, group_class, group_of_class,
};
pub use passage::function_uplink::{
    FunctionNetwork, MOST_ENVIRONMENTS, RUNTIME_API, address_on_internet, function_network,
    function_uplink_on_internet, make_function_uplink,
};
pub use passage::{INTERNET, INTERNET_HOSTS, INTERNET_HOSTS_IPV6, INTERNET_RESOLVER, Reading};
pub use render::{RenderError, render};
pub(crate) use ruleset::{Form, load as load_ruleset};
pub use survey::{Lead, Survey, SurveyedLink, SurveyedRoute, survey};

/// The driver: the plan of all VPCs goes in, and their namespaces become it.
#[derive(Debug)]
pub struct Dataplane {
    common: Common,
    /// The VPCs that have a namespace. `None` until the holder was asked.
    networks: Option<BTreeMap<VpcId, Network>>,
    /// The passages that are set, by the names of their namespaces.
    passages: BTreeMap<String, SetPassage>,
    /// Which VPCs lead to them.
    legs: Legs,
    /// Passages that VPCs may not lead to any more, until [`Dataplane::release`] has looked.
    forsaken: BTreeSet<String>,
    /// VPCs that were set since [`Dataplane::release`] has looked at them.
    touched: BTreeSet<VpcId>,
    /// The plan that everything is set by, as far as one knows: of the next one, only what differs has to be looked at.
    settled: Option<Plan>,
    /// What passages had let through that are gone, until [`Dataplane::readings`] tells it.
    last_readings: Vec<Reading>,
    /// The emulated internet, once it is served.
    internet: Option<NetNs>,
    /// The holder that keeps them.
    keeper: Option<u64>,
    custodian: Option<Box<dyn Custodian>>,
}

/// A passage that is set.
#[derive(Debug)]
struct SetPassage {
    passage: Arc<Passage>,
    /// The VPCs that it has links to: those that have a namespace.
    legs: BTreeSet<VpcId>,
    /// Its own namespace, and the internet's where it leads there.
    namespaces: Vec<NetNs>,
}

/// What [`Dataplane::set`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many objects changed, for each VPC where any did.
    pub changes: BTreeMap<VpcId, usize>,
    /// The namespaces that were newly made, of VPCs (which want [`Dataplane::listeners`]) and of programs.
    pub namespaces: Vec<String>,
}

impl Dataplane {
    /// A driver of the namespaces that a holder keeps. Nothing is touched yet.
    pub fn new(holder: Client) -> Self {
        Self {
            common: Common::new(holder),
            networks: None,
            passages: BTreeMap::new(),
            legs: Legs::default(),
            forsaken: BTreeSet::new(),
            touched: BTreeSet::new(),
            settled: None,
            last_readings: Vec::new(),
            internet: None,
            keeper: None,
            custodian: None,
        }
    }

    /// Makes the kernel what the plan says.
    ///
    /// What is not known of a namespace is read first; only differences are carried out, and none where the plan of a
    /// VPC is the same value as before. A VPC that is not inhabited gets no namespace; one that has a namespace is set in
    /// it.
    /// Whatever a VPC that left the plan has is removed, up to its namespace, which is [swept](Self::sweep).
    ///
    /// A failure in one VPC does not stop the others. That VPC then lets nothing through that the plan forbids: if what
    /// takes rights away could not be carried out, nothing at all, not even live flows; if only what gives some could not,
    /// it has a part of that. What takes rights away needs no holder either. A VPC whose netlink sockets are open (they are from the first `set` that reaches it, for
    /// life) is closed even where no descriptor and no thread is to be had. Where they cannot be opened at all, its
    /// namespace stays what it was.
    ///
    /// What is foreign in a namespace is removed when it is read: at the first `set` and after a failure.
    pub fn set(&mut self, plan: &Plan) -> Result<Applied, DataplaneError> {
        let mut applied = Applied::default();
        let mut failures = BTreeMap::new();
        let attended = self.attend_holder();
        if self.networks.is_none() {
            attended?;
        } else if let Err(error) = attended {
            // What takes rights away needs no holder.
            tracing::warn!(%error, "the holder of the namespaces could not be heard; doing without it what can be");
        }
        self.networks()?;
        let settled = self.settled.take();
        let Self { common, networks, touched, .. } = self;
        let networks = networks.get_or_insert_default();
        let concerned: BTreeSet<VpcId> = match &settled {
            Some(settled) => settled.changed_vpcs(plan).cloned().collect(),
            None => networks.keys().chain(plan.vpcs.keys()).cloned().collect(),
        };
        touched.extend(concerned.iter().cloned());
        for vpc in concerned.iter().filter(|vpc| !plan.vpcs.contains_key(*vpc)) {
            let Some(network) = networks.get_mut(vpc) else { continue };
            let result = network.empty(common, &mut applied.namespaces);
            note(vpc, result, &mut applied, &mut failures);
        }
        for vpc in &concerned {
            let Some(plan) = plan.vpcs.get(vpc) else { continue };
            let network = match networks.entry(vpc.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(_) if !plan.is_inhabited() => continue,
                Entry::Vacant(place) => match common.holder.ensure(vpc.as_str()) {
                    Ok((netns, created)) => {
                        applied.namespaces.extend(created.then(|| vpc.to_string()));
                        place.insert(Network::new(netns))
                    }
                    Err(error) => {
                        failures.insert(vpc.clone(), error.into());
                        continue;
                    }
                },
            };
            if !network.is_set(plan) {
                let result = network.set(common, plan, &mut applied.namespaces);
                note(vpc, result, &mut applied, &mut failures);
            }
        }
        self.set_passages(plan, settled.as_ref(), &mut failures);
        if !failures.is_empty() {
            return Err(DataplaneError::Incomplete { applied, failures });
        }
        self.settled = Some(plan.clone());
        Ok(applied)
    }

    /// Sets the passages, each as a whole. One that cannot be set lets nothing pass.
    fn set_passages(&mut self, plan: &Plan, settled: Option<&Plan>, failures: &mut BTreeMap<VpcId, VpcError>) {
        let touched = self.legs.follow(plan);
        self.forsaken.extend(touched.iter().cloned());
        let concerned: BTreeSet<&String> = match settled {
            Some(settled) => settled.changed_passages(plan).chain(&touched).collect(),
            None => plan.passages.keys().collect(),
        };
        for name in concerned {
            let (Some(passage), Some(legs)) = (plan.passages.get(name), self.legs.of(name)) else { continue };
            if self.passages.get(name).is_some_and(|known| known.passage == *passage && known.legs == *legs) {
                continue;
            }
            let legs = legs.clone();
            self.passages.remove(name);
            match self.common.attended().and_then(|()| passage::set(&self.common.holder, name, passage)) {
                Ok(namespaces) => {
                    let set = SetPassage { passage: Arc::clone(passage), legs, namespaces };
                    self.passages.insert(name.clone(), set);
                }
                Err(reason) => {
                    if let Err(error) = passage::close(&self.common.holder, name) {
                        tracing::error!(%error, name, "a passage could not be closed");
                    }
                    for vpc in legs {
                        let reason = VpcError::Passage { name: name.clone(), reason: reason.to_string() };
                        failures.entry(vpc).or_insert(reason);
                    }
                }
            }
        }
    }

    /// Opens the sockets on which services are reached over the emulated internet, which this makes if it is not there.
    pub fn internet_listeners(&mut self) -> Result<Listeners, VpcError> {
        let (internet, listeners) = passage::listeners(&self.common.holder)?;
        self.internet = Some(internet);
        Ok(listeners)
    }

    /// The private addresses of a NAT gateway under which connections go out that have not ended, by the name of its
    /// passage; `None` while that is not set.
    pub fn lent_addresses(&self, gateway: &str) -> Result<Option<BTreeSet<Ipv4Addr>>, VpcError> {
        let namespace = self.passages.get(gateway).and_then(|set| set.namespaces.first());
        namespace.map(passage::lent_addresses).transpose()
    }

    /// What the passages have let through that is billed by the byte: those that are set, and once more those that are gone
    /// since this was called last. What cannot be read is told by a later call.
    pub fn readings(&mut self) -> Vec<Reading> {
        let mut readings = std::mem::take(&mut self.last_readings);
        let present = self.passages.iter().filter_map(|(name, set)| read(name, set, false));
        readings.extend(present);
        readings
    }

    /// What was counted at watched interfaces since this was called last, each time with the plan of its VPC that was in force
    /// then. What cannot be read stays where it is, until the next call.
    pub fn take_flows(&mut self) -> Vec<(Arc<VpcPlan>, FlowCounts)> {
        self.networks.iter_mut().flatten().flat_map(|(_, network)| network.take_flows()).collect()
    }

    /// What the kernel has, for comparison with what [`render`] wants. `None` if the VPC has no namespace.
    pub fn read(&mut self, vpc: &VpcId) -> Result<Option<Objects>, DataplaneError> {
        self.attend_holder()?;
        self.networks()?;
        let network = self.networks.as_ref().and_then(|networks| networks.get(vpc));
        let objects = network.map(|network| network.read(&mut self.common)).transpose();
        objects.map_err(|reason| DataplaneError::Vpc { vpc: vpc.clone(), reason })
    }

    /// Lets go of the namespaces of this state directory that the plan does not name, and returns their names. Those of
    /// VPCs that are not inhabited are among them.
    ///
    /// They are gone when no process and no socket uses them any more, so whoever holds [`Listeners`] in one of them
    /// must close these. Call this once the plan was [set](Self::set): then they are empty before.
    pub fn sweep(&mut self, plan: &Plan) -> Result<Vec<String>, DataplaneError> {
        let mut wanted = BTreeSet::new();
        for (vpc, plan) in plan.vpcs.iter().filter(|(_, plan)| plan.is_inhabited()) {
            wanted.insert(vpc.to_string());
            wanted.extend(plan.links.values().map(|link| link.namespace.clone()));
            wanted.extend(plan.passages.keys().cloned());
        }
        wanted.insert(passage::INTERNET.to_owned());
        self.attend_holder()?;
        let mut swept = self.common.holder.list()?;
        swept.retain(|name| !wanted.contains(name));
        for name in &swept {
            let reading = self.reading_of_swept(name);
            self.common.holder.drop_namespace(name)?;
            self.last_readings.extend(reading);
            if let (Ok(vpc), Some(networks)) = (name.parse::<VpcId>(), &mut self.networks) {
                networks.remove(&vpc);
            }
        }
        Ok(swept)
    }

    /// What was let through in a namespace that a driver before this one has set, and that is about to go.
    fn reading_of_swept(&self, name: &str) -> Option<Reading> {
        // VPCs have no counters.
        let namespace = if name.starts_with(VpcId::PREFIX) { None } else { self.common.holder.get(name).ok()? };
        read_in(name, &namespace?, true)
    }

    /// Lets go of the namespaces that what was [set](Self::set) last has left without use, and returns their names: those
    /// of VPCs that are gone or have no link any more, and those of programs whose link is gone.
    ///
    /// Call this after each `set`, whether it failed or not, once the [`Listeners`] in VPCs that nobody is in are closed: an
    /// open socket would keep its namespace. It is cheap: the holder is asked nothing if nothing was left. Only what this
    /// driver has set itself is known; what is older is [swept](Self::sweep). What the holder does not let go of is tried
    /// again with the next call.
    pub fn release(&mut self) -> Result<Vec<String>, DataplaneError> {
        let Self { common, networks, passages, forsaken, touched, settled, last_readings, .. } = self;
        let mut released = Vec::new();
        for vpc in touched.iter() {
            let network = networks.as_mut().and_then(|networks| networks.get_mut(vpc));
            let Some(left) = network.and_then(Network::left) else { continue };
            while let Some(name) = left.first().cloned() {
                common.holder.drop_namespace(&name)?;
                left.remove(&name);
                released.push(name);
            }
        }
        let known = |vpc: &VpcId| networks.as_ref().and_then(|networks| networks.get(vpc));
        let is_left = |name: &str, set: &SetPassage| !set.legs.iter().filter_map(known).any(|vpc| vpc.leads_to(name));
        for name in forsaken.iter() {
            if let Some(set) = passages.get(name).filter(|set| is_left(name, set)) {
                let reading = read(name, set, true);
                common.holder.drop_namespace(name)?;
                last_readings.extend(reading);
                passages.remove(name);
                released.push(name.clone());
            }
        }
        if settled.is_some() {
            forsaken.clear();
        }
        let Some(networks) = networks else { return Ok(released) };
        for vpc in touched.iter() {
            if networks.get(vpc).is_some_and(Network::is_vacant) {
                common.holder.drop_namespace(vpc.as_str())?;
                networks.remove(vpc);
                // Its ends of links are gone, and with them what passages that are still there knew of them.
                passages.values_mut().for_each(|set| _ = set.legs.remove(vpc));
                released.push(vpc.to_string());
            }
        }
        // What is not known to be as it was set is looked at again.
        touched.retain(|vpc| networks.get_mut(vpc).is_some_and(|network| network.left().is_none()));
        Ok(released)
    }

    /// Opens the sockets of a VPC's namespace. Those of the resolver are there even where the VPC has none: then the
    /// filter lets nothing come to them.
    pub fn listeners(&self, vpc: &VpcId) -> Result<Listeners, DataplaneError> {
        let network = self.networks.as_ref().and_then(|networks| networks.get(vpc));
        let network = network.ok_or_else(|| DataplaneError::NoNamespace { vpc: vpc.clone() })?;
        network.listeners().map_err(|reason| DataplaneError::Vpc { vpc: vpc.clone(), reason })
    }

    /// The VPCs that have a namespace.
    fn networks(&mut self) -> Result<&mut BTreeMap<VpcId, Network>, DataplaneError> {
        if self.networks.is_none() {
            let mut networks = BTreeMap::new();
            for name in self.common.holder.list()?.into_iter().filter(|name| name.starts_with(VpcId::PREFIX)) {
                if let (Ok(vpc), Some(netns)) = (name.parse(), self.common.holder.get(&name)?) {
                    networks.insert(vpc, Network::new(netns));
                }
            }
            self.networks = Some(networks);
        }
        Ok(self.networks.get_or_insert_default())
    }
}

/// What a passage has let through, if that is counted and can be read.
fn read(name: &str, set: &SetPassage, is_last: bool) -> Option<Reading> {
    read_in(name, set.namespaces.first()?, is_last)
}

fn read_in(name: &str, namespace: &NetNs, is_last: bool) -> Option<Reading> {
    let read = passage::reading(name, namespace, is_last);
    read.unwrap_or_else(|error| {
        tracing::warn!(%error, name, "what a gateway has let through cannot be read");
        None
    })
}

/// Whether a VPC has a link to this passage, or is one itself. One that is not inhabited leads nowhere: its namespace goes.
fn leads_to(vpc: &VpcPlan, passage: &str) -> bool {
    let has_link = |name: &str| vpc.links.values().any(|link| link.namespace == name);
    vpc.is_inhabited() && (vpc.passages.contains_key(passage) || has_link(passage))
}

fn note(vpc: &VpcId, result: Result<usize, VpcError>, applied: &mut Applied, failures: &mut BTreeMap<VpcId, VpcError>) {
    match result {
        Ok(0) => {}
        Ok(changes) => {
            applied.changes.insert(vpc.clone(), changes);
        }
        Err(reason) => {
            failures.insert(vpc.clone(), reason);
        }
    }
}
