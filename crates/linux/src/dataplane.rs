//! The data plane: what a plan says, made true in the kernel.
//!
//! A VPC is a network namespace, kept by the [holder](crate::holder). Its [`Objects`] are rendered from the plan, compared
//! with what the kernel has, and the [difference](diff) is carried out in an order that fails closed. [`Dataplane::set`]
//! is idempotent: it may be called again after any failure, and by a process that knows nothing of the one before.

mod apply;
mod bare_link;
mod conntrack;
mod diff;
mod error;
#[cfg(test)]
mod fake;
mod listeners;
mod netlink;
mod nftables;
mod objects;
mod program_end;
mod read;
mod render;
mod rtnetlink;
mod ruleset;
mod sysctl;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use sidegate_model::VpcId;
use sidegate_plan::{LINK_LOCAL_RESOLVER, Plan, VpcPlan};

use self::apply::{Executor, Failed};
use self::ruleset::Structure;
use crate::holder::Client;
use crate::netns::NetNs;

pub use bare_link::{BareEnd, join};
pub use diff::{Difference, Step, diff};
pub use error::{DataplaneError, VpcError};
pub(crate) use listeners::choose_congestion_control;
pub use listeners::{Listeners, mark_of};
pub use objects::{
    Direction, Element, FIRST_TABLE, Foreign, ForeignKind, LAST_METRIC, LinkEnds, LinkName, MTU, Objects,
    ROUTE_PROTOCOL, RouteKey, RouteKind, Rule, Ruleset, SHARED_TABLE, TABLE_MASK, group_mark, group_of_mark,
};
pub use render::{RenderError, render};

/// The driver: the plan of all VPCs goes in, and their namespaces become it.
#[derive(Debug)]
pub struct Dataplane {
    holder: Client,
    /// The VPCs that have a namespace. `None` until the holder was asked.
    networks: Option<BTreeMap<VpcId, Network>>,
    /// What the filter's fixed part looks like when the kernel describes it.
    reference: Option<Structure>,
}

/// A VPC's namespace, and what is believed of it.
#[derive(Debug)]
struct Network {
    netns: NetNs,
    /// The plan that was last carried out.
    plan: Option<Arc<VpcPlan>>,
    /// What the kernel has. `None` if that must be read.
    objects: Option<Objects>,
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
        Self { holder, networks: None, reference: None }
    }

    /// Makes the kernel what the plan says.
    ///
    /// What is not known of a namespace is read first; only differences are carried out, and none where the plan of a
    /// VPC is the same value as before. A VPC without links gets no namespace; one that has a namespace is set in it.
    /// Whatever a VPC that left the plan has is removed, up to its namespace, which is [swept](Self::sweep).
    ///
    /// A failure in one VPC does not stop the others. That VPC then lets nothing through that the plan forbids: if need
    /// be, nothing at all.
    pub fn set(&mut self, plan: &Plan) -> Result<Applied, DataplaneError> {
        let mut applied = Applied::default();
        let mut failures = BTreeMap::new();
        let gone: Vec<VpcId> = self.networks()?.keys().filter(|vpc| !plan.vpcs.contains_key(*vpc)).cloned().collect();
        for vpc in gone {
            let result = self.set_objects(&vpc, Ok(render::emptied()), &mut applied);
            failures.extend(result.err().map(|reason| (vpc, reason)));
        }
        for (vpc, plan) in &plan.vpcs {
            let network = self.networks()?.get(vpc);
            let is_set = match network {
                Some(network) => {
                    network.objects.is_some() && network.plan.as_ref().is_some_and(|known| Arc::ptr_eq(known, plan))
                }
                None => plan.links.is_empty(),
            };
            if is_set {
                continue;
            }
            match self.set_objects(vpc, render(plan), &mut applied) {
                Ok(()) => {
                    if let Some(network) = self.networks()?.get_mut(vpc) {
                        network.plan = Some(Arc::clone(plan));
                    }
                }
                Err(reason) => {
                    failures.insert(vpc.clone(), reason);
                }
            }
        }
        if failures.is_empty() { Ok(applied) } else { Err(DataplaneError::Incomplete { applied, failures }) }
    }

    /// What the kernel has, for comparison with what [`render`] wants. `None` if the VPC has no namespace.
    pub fn read(&mut self, vpc: &VpcId) -> Result<Option<Objects>, DataplaneError> {
        let Some(network) = self.networks()?.get(vpc) else { return Ok(None) };
        let failed = |reason| DataplaneError::Vpc { vpc: vpc.clone(), reason };
        let netns = network.netns.try_clone().map_err(|e| failed(e.into()))?;
        let (holder, reference) = (&self.holder, &mut self.reference);
        let objects = netns.run(|| read_here(holder, reference)).map_err(|e| failed(e.into()))?;
        objects.map(Some).map_err(failed)
    }

    /// Lets go of the namespaces of this state directory that the plan does not name, and returns their names. Those of
    /// VPCs without links are among them.
    ///
    /// They are gone when no process and no socket uses them any more, so whoever holds [`Listeners`] in one of them
    /// must close these. Call this once the plan was [set](Self::set): then they are empty before.
    pub fn sweep(&mut self, plan: &Plan) -> Result<Vec<String>, DataplaneError> {
        let mut wanted = BTreeSet::new();
        for (vpc, plan) in plan.vpcs.iter().filter(|(_, plan)| !plan.links.is_empty()) {
            wanted.insert(vpc.to_string());
            wanted.extend(plan.links.values().map(|link| link.namespace.clone()));
        }
        let mut swept = self.holder.list()?;
        swept.retain(|name| !wanted.contains(name));
        for name in &swept {
            self.holder.drop_namespace(name)?;
            if let (Ok(vpc), Some(networks)) = (name.parse::<VpcId>(), &mut self.networks) {
                networks.remove(&vpc);
            }
        }
        Ok(swept)
    }

    /// Opens the sockets of a VPC's namespace. Those of the resolver are there even where the VPC has none: then the
    /// filter lets nothing come to them.
    pub fn listeners(&self, vpc: &VpcId) -> Result<Listeners, DataplaneError> {
        let network = self.networks.as_ref().and_then(|networks| networks.get(vpc));
        let network = network.ok_or_else(|| DataplaneError::NoNamespace { vpc: vpc.clone() })?;
        let resolvers: Vec<_> = network.plan.as_deref().map(resolvers).unwrap_or_default();
        let failed = |reason| DataplaneError::Vpc { vpc: vpc.clone(), reason };
        let listeners = network.netns.run(|| Listeners::open(&resolvers)).map_err(|e| failed(e.into()))?;
        listeners.map_err(failed)
    }

    /// The VPCs that have a namespace.
    fn networks(&mut self) -> Result<&mut BTreeMap<VpcId, Network>, DataplaneError> {
        if self.networks.is_none() {
            let mut networks = BTreeMap::new();
            for name in self.holder.list()?.into_iter().filter(|name| name.starts_with(VpcId::PREFIX)) {
                if let (Ok(vpc), Some(netns)) = (name.parse(), self.holder.get(&name)?) {
                    networks.insert(vpc, Network { netns, plan: None, objects: None });
                }
            }
            self.networks = Some(networks);
        }
        Ok(self.networks.get_or_insert_default())
    }

    fn set_objects(
        &mut self, vpc: &VpcId, wanted: Result<Objects, RenderError>, applied: &mut Applied,
    ) -> Result<(), VpcError> {
        let Self { holder, networks, reference } = self;
        let networks = networks.get_or_insert_default();
        // A plan that cannot be rendered still takes away what the one before allowed.
        let (wanted, unrendered) = match wanted {
            Ok(objects) => (objects, None),
            Err(error) if networks.contains_key(vpc) => (render::emptied(), Some(error)),
            Err(error) => return Err(error.into()),
        };
        let network = match networks.entry(vpc.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let (netns, created) = holder.ensure(vpc.as_str())?;
                applied.namespaces.extend(created.then(|| vpc.to_string()));
                place.insert(Network { netns, plan: None, objects: None })
            }
        };
        network.plan = None;
        let known = network.objects.take();
        let outcome = network.netns.run(|| carry_out(holder, reference, known, &wanted, &mut applied.namespaces))?;
        let changes = outcome?;
        network.objects = Some(wanted);
        if changes > 0 {
            applied.changes.insert(vpc.clone(), changes);
        }
        unrendered.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// The addresses of a VPC's resolver, whether it is on or off.
fn resolvers(plan: &VpcPlan) -> Vec<Ipv4Addr> {
    let own = plan.resolver.or_else(|| plan.cidrs.first().and_then(|block| block.nth(2)));
    own.into_iter().chain([LINK_LOCAL_RESOLVER]).collect()
}

fn read_here(holder: &Client, reference: &mut Option<Structure>) -> Result<Objects, VpcError> {
    read::read(holder, || {
        if let Some(known) = reference {
            return Ok(known.clone());
        }
        let made = Structure::reference()?.map_err(VpcError::read("what the filter must be"))?;
        Ok(reference.insert(made).clone())
    })
}

/// Makes the namespace of this thread what is wanted, and returns how much changed.
///
/// What is believed of it may be wrong by now; so after a failure that rests on belief it is read, and tried once more.
fn carry_out(
    holder: &Client, reference: &mut Option<Structure>, known: Option<Objects>, wanted: &Objects,
    created: &mut Vec<String>,
) -> Result<usize, VpcError> {
    let mut executor = Executor::open(holder)?;
    if let Some(known) = known {
        let difference = diff(&known, wanted);
        let result = executor.run(&difference.steps);
        created.append(&mut executor.created);
        match result {
            Ok(()) => return Ok(difference.changes()),
            Err(Failed { reason, .. }) => tracing::warn!(%reason, "a change failed; reading the namespace back"),
        }
    }
    let found = read_here(holder, reference).inspect_err(|_| close(&mut executor))?;
    let difference = diff(&found, wanted);
    let result = executor.run(&difference.steps);
    created.append(&mut executor.created);
    match result {
        Ok(()) => Ok(difference.changes()),
        Err(Failed { done, reason }) => {
            if done < difference.revoking {
                close(&mut executor);
            }
            Err(reason)
        }
    }
}

fn close(executor: &mut Executor<'_>) {
    if let Err(error) = executor.close() {
        tracing::error!(%error, "a namespace could not be closed");
    }
}
