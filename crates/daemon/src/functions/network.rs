//! The networks of execution environments: the interfaces that functions share in their subnets, and which environments
//! are behind each.
//!
//! An interface is made before a function that needs it can be invoked, and goes with the last function that has it. One
//! that only functions have which are not there any more goes after a while in which no environment was behind it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sidegate_linux::dataplane::{self, FunctionNetwork, INTERNET, MOST_ENVIRONMENTS};
use sidegate_linux::holder;
use sidegate_linux::netns::NetNs;
use sidegate_model::{NetworkInterface, NetworkInterfaceId, Scope, SecurityGroupId, SubnetId, World};
use sidegate_services::lambda::environment::{Blueprint, Network, NetworkError, StartError};

use super::random_uuid;
use crate::engine::{ChangeError, Engine};
use crate::programs::NETWORK_PATIENCE;
use crate::programs::furniture::Place;

/// How long an interface stays that no environment is behind and no function needs.
///
/// Source: Lambda developer guide, "Understanding Hyperplane ENIs": deleting or updating takes up to 20 minutes.
const IDLE: Duration = Duration::from_secs(20 * 60);

/// How often it is looked for such interfaces.
const ROUND: Duration = Duration::from_secs(60);

/// The networks of all functions.
pub(super) struct Networks {
    engine: Engine,
    holder: holder::Client,
    authority: String,
    uplinks: Mutex<HashMap<Uplink, Behind>>,
    /// The functions that need their interfaces, whether or not they have environments, by their ARNs.
    needing: Mutex<BTreeSet<String>>,
    /// Held by who makes an interface or an uplink.
    making: tokio::sync::Mutex<()>,
}

/// What environments are behind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Uplink {
    Internet,
    Interface(NetworkInterfaceId),
}

/// An uplink's namespace, and the numbers of its environments.
struct Behind {
    namespace: Arc<NetNs>,
    numbers: HashSet<u32>,
    next: u32,
    /// When the last environment came or went.
    used: Instant,
}

/// A place behind an uplink, for as long as it is kept.
pub(super) struct Lease {
    networks: Arc<Networks>,
    uplink: Uplink,
    number: u32,
}

/// Where an environment is to be.
pub(super) struct Located {
    pub(super) lease: Lease,
    /// What it is told of its network.
    pub(super) place: Place,
    namespace: Arc<NetNs>,
}

impl Located {
    /// Makes its network. Blocks.
    pub(super) fn open(&self) -> Result<FunctionNetwork, StartError> {
        dataplane::function_network(&self.namespace, self.lease.number)
            .map_err(|error| StartError::Failed(error.to_string()))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(behind) = self.networks.uplinks().get_mut(&self.uplink) {
            behind.numbers.remove(&self.number);
            behind.used = Instant::now();
        }
    }
}

impl Networks {
    pub(super) fn new(engine: Engine, holder: holder::Client, authority: String) -> Arc<Self> {
        let (uplinks, needing, making) = (Mutex::default(), Mutex::default(), tokio::sync::Mutex::default());
        Arc::new(Self { engine, holder, authority, uplinks, needing, making })
    }

    /// The namespaces of interfaces, which no process is in, by their names.
    pub(super) fn living(&self) -> Vec<(String, NetNs)> {
        let uplinks = self.uplinks();
        let interfaces = uplinks.iter().filter_map(|(uplink, behind)| match uplink {
            Uplink::Interface(id) => Some((id.to_string(), behind.namespace.try_clone().ok()?)),
            Uplink::Internet => None,
        });
        interfaces.collect()
    }

    /// A place for an environment. Of several subnets it is the one in which the function has the fewest environments.
    pub(super) async fn locate(self: &Arc<Self>, blueprint: &Blueprint) -> Result<Located, StartError> {
        match &blueprint.network {
            None => self.locate_on_internet(blueprint).await,
            Some(network) => self.locate_in_vpc(blueprint, network).await,
        }
    }

    async fn locate_on_internet(self: &Arc<Self>, blueprint: &Blueprint) -> Result<Located, StartError> {
        if !self.uplinks().contains_key(&Uplink::Internet) {
            let _making = self.making.lock().await;
            if !self.uplinks().contains_key(&Uplink::Internet) {
                let holder = self.holder.clone();
                let made = blocking(move || {
                    let internet = holder.wait_for(INTERNET, NETWORK_PATIENCE).map_err(failed)?;
                    let internet =
                        internet.ok_or_else(|| StartError::Failed("there is no internet here".to_owned()))?;
                    dataplane::function_uplink_on_internet(&internet).map_err(failed)
                });
                let namespace = made.await?;
                self.uplinks().insert(Uplink::Internet, Behind::new(namespace));
            }
        }
        let place = Place::on_internet(blueprint.scope.region, &self.authority);
        self.lease(Uplink::Internet, place)
    }

    async fn locate_in_vpc(self: &Arc<Self>, blueprint: &Blueprint, network: &Network) -> Result<Located, StartError> {
        let (subnets, groups) = parsed(network).map_err(|error| StartError::NoNetwork(error.to_string()))?;
        let function = unversioned(blueprint);
        let interfaces = self.interfaces(&blueprint.scope, &function, &subnets, &groups).await?;
        let id = {
            let uplinks = self.uplinks();
            let count = |id: &NetworkInterfaceId| {
                uplinks.get(&Uplink::Interface(id.clone())).map_or(0, |behind| behind.numbers.len())
            };
            interfaces.into_iter().min_by_key(count)
        };
        let id = id.ok_or(StartError::NoAddress)?;
        let world = self.engine.world();
        let gone = || StartError::NoNetwork(format!("the network interface {id} is gone"));
        let interface = world.interfaces.get(&id).ok_or_else(gone)?;
        let place = Place::of(&world, interface, &self.authority).ok_or_else(gone)?;
        let uplink = Uplink::Interface(id.clone());
        if !self.uplinks().contains_key(&uplink) {
            let _making = self.making.lock().await;
            if !self.uplinks().contains_key(&uplink) {
                let (holder, address, name) = (self.holder.clone(), interface.address, id.to_string());
                let made = blocking(move || {
                    let namespace = holder.wait_for(&name, NETWORK_PATIENCE).map_err(failed)?;
                    let namespace =
                        namespace.ok_or_else(|| StartError::Failed(format!("the network of {name} was not made")))?;
                    dataplane::make_function_uplink(&namespace, address).map_err(failed)?;
                    Ok(namespace)
                });
                let namespace = made.await?;
                self.uplinks().insert(uplink.clone(), Behind::new(namespace));
            }
        }
        self.lease(uplink, place)
    }

    /// The interfaces of a function, one in each subnet that has room for one. Those that lack are made.
    async fn interfaces(
        &self, scope: &Scope, function: &str, subnets: &[SubnetId], groups: &[SecurityGroupId],
    ) -> Result<Vec<NetworkInterfaceId>, StartError> {
        let (mut found, lacking) = present(&self.engine.world(), scope, subnets, groups, function);
        if lacking.is_empty() {
            return Ok(found);
        }
        let _making = self.making.lock().await;
        let (again, lacking) = present(&self.engine.world(), scope, subnets, groups, function);
        found = again;
        let mut refusal = None;
        for subnet in lacking {
            let name = function.rsplit(':').next().unwrap_or_default();
            let description = format!("AWS Lambda VPC ENI-{name}-{}", random_uuid());
            let (function, groups, id) = (function.to_owned(), groups.to_vec(), subnet.clone());
            let made = self.engine.change(scope.clone(), move |world, context| {
                world.attach_function(context, &id, &groups, &function, description)
            });
            match made.await {
                Ok(interface) => found.push(interface),
                Err(error) => refusal = Some(explain(error)),
            }
        }
        match refusal {
            Some(refusal) if found.is_empty() => Err(refusal),
            _ => Ok(found),
        }
    }

    fn lease(self: &Arc<Self>, uplink: Uplink, place: Place) -> Result<Located, StartError> {
        let mut uplinks = self.uplinks();
        let behind = uplinks.get_mut(&uplink).ok_or_else(|| StartError::NoNetwork("it is being removed".to_owned()))?;
        let number = behind.take_number().ok_or_else(|| {
            StartError::NoRoom(format!("{MOST_ENVIRONMENTS} environments are behind one network interface"))
        })?;
        let namespace = Arc::clone(&behind.namespace);
        drop(uplinks);
        Ok(Located { lease: Lease { networks: Arc::clone(self), uplink, number }, place, namespace })
    }

    /// The VPC of a network that a function is to have.
    pub(super) fn check(&self, scope: &Scope, network: &Network) -> Result<String, NetworkError> {
        let (subnets, groups) = parsed(network)?;
        let world = self.engine.world();
        let mut vpcs = HashSet::new();
        for id in &subnets {
            let subnet = world.subnets.get(id).filter(|subnet| subnet.scope == *scope);
            let subnet = subnet.ok_or_else(|| NetworkError::NoSubnet(id.to_string()))?;
            if network.is_dual_stack && subnet.ipv6_cidr.is_none() {
                return Err(NetworkError::NoIpv6(id.to_string()));
            }
            vpcs.insert(subnet.vpc.clone());
        }
        for id in &groups {
            let group = world.security_groups.get(id).filter(|group| group.scope == *scope);
            vpcs.insert(group.ok_or_else(|| NetworkError::NoSecurityGroup(id.to_string()))?.vpc.clone());
        }
        let mut vpcs = vpcs.into_iter();
        match (vpcs.next(), vpcs.next()) {
            (Some(vpc), None) => Ok(vpc.to_string()),
            _ => Err(NetworkError::DifferentVpcs),
        }
    }

    /// Has a function's interfaces made and kept. It is enough that one subnet of a network has room.
    pub(super) async fn attach(&self, scope: &Scope, function: &str, networks: &[Network]) -> Result<(), StartError> {
        self.needing().insert(function.to_owned());
        for network in networks {
            let (subnets, groups) = parsed(network).map_err(|error| StartError::NoNetwork(error.to_string()))?;
            self.interfaces(scope, function, &subnets, &groups).await?;
        }
        Ok(())
    }

    /// Takes a function from the interfaces that it shares and none of these networks needs, and lets go of those that nobody
    /// has any more.
    pub(super) async fn release(&self, scope: &Scope, function: &str, networks: &[Network]) {
        if networks.is_empty() {
            self.needing().remove(function);
        }
        let _making = self.making.lock().await;
        let world = self.engine.world();
        let mut needed = HashSet::new();
        for (subnets, groups) in networks.iter().filter_map(|network| parsed(network).ok()) {
            needed.extend(present(&world, scope, &subnets, &groups, function).0);
        }
        let has = |i: &&NetworkInterface| i.functions().is_some_and(|functions| functions.contains(function));
        let had = world.interfaces.iter().filter(has).map(|i| i.id.clone());
        let had: Vec<NetworkInterfaceId> = had.filter(|id| !needed.contains(id)).collect();
        if had.is_empty() {
            return;
        }
        let (name, ids) = (function.to_owned(), had.clone());
        let noted = self.engine.note(move |world, _| ids.iter().for_each(|id| world.detach_function(id, &name)));
        if let Err(error) = noted.await {
            tracing::error!(%error, function, "the network interfaces of a function cannot be removed");
        }
        self.let_go(had).await;
    }

    /// Lets go of interfaces that no function needs and no environment has been behind for a while, for ever.
    pub(super) async fn keep(&self) {
        let begun = Instant::now();
        loop {
            tokio::time::sleep(ROUND).await;
            let idle = self.idle(begun);
            if idle.is_empty() {
                continue;
            }
            let _making = self.making.lock().await;
            // Some may have been taken meanwhile.
            let still = self.idle(begun);
            let going: Vec<_> = idle.into_iter().filter(|id| still.contains(id)).collect();
            let named = going.clone();
            let noted = self.engine.note(move |world, _| {
                for id in &named {
                    world.reclaim_function_interface(id);
                }
            });
            if let Err(error) = noted.await {
                tracing::error!(%error, "idle network interfaces of functions cannot be removed; it will be tried again");
            }
            self.let_go(going).await;
        }
    }

    fn idle(&self, begun: Instant) -> Vec<NetworkInterfaceId> {
        let world = self.engine.world();
        let uplinks = self.uplinks();
        let needing = self.needing();
        let is_idle = |interface: &&NetworkInterface| {
            let behind = uplinks.get(&Uplink::Interface(interface.id.clone()));
            let since = behind.map_or(begun, |behind| behind.used);
            interface.functions().is_some_and(|functions| functions.is_disjoint(&needing))
                && behind.is_none_or(|behind| behind.numbers.is_empty())
                && since.elapsed() > IDLE
        };
        world.interfaces.iter().filter(is_idle).map(|interface| interface.id.clone()).collect()
    }

    /// Forgets the namespaces of interfaces that are gone.
    async fn let_go(&self, ids: Vec<NetworkInterfaceId>) {
        let world = self.engine.world();
        for id in ids.into_iter().filter(|id| world.interfaces.get(id).is_none()) {
            self.uplinks().remove(&Uplink::Interface(id.clone()));
            let holder = self.holder.clone();
            let dropped = blocking(move || holder.drop_namespace(id.as_str()).map_err(failed)).await;
            if let Err(error) = dropped {
                tracing::warn!(%error, "the namespace of a function's network interface cannot be let go of");
            }
        }
    }

    fn needing(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.needing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn uplinks(&self) -> MutexGuard<'_, HashMap<Uplink, Behind>> {
        self.uplinks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Behind {
    fn new(namespace: NetNs) -> Self {
        Self { namespace: Arc::new(namespace), numbers: HashSet::new(), next: 0, used: Instant::now() }
    }

    /// A free number; one that became free lately comes last.
    fn take_number(&mut self) -> Option<u32> {
        self.used = Instant::now();
        for _ in 0..MOST_ENVIRONMENTS {
            let number = self.next;
            self.next = (self.next + 1) % MOST_ENVIRONMENTS;
            if self.numbers.insert(number) {
                return Some(number);
            }
        }
        None
    }
}

/// The interfaces that a function has in these subnets, and the subnets in which it has none. By zone, so that the order
/// does not follow chance.
fn present(
    world: &World, scope: &Scope, subnets: &[SubnetId], groups: &[SecurityGroupId], function: &str,
) -> (Vec<NetworkInterfaceId>, Vec<SubnetId>) {
    let mut found = BTreeMap::new();
    let mut lacking = Vec::new();
    for subnet in subnets {
        let interface = world.function_interface(scope, subnet, groups);
        match interface.filter(|i| i.functions().is_some_and(|functions| functions.contains(function))) {
            Some(interface) => drop(found.insert(subnet.clone(), interface.id.clone())),
            None => lacking.push(subnet.clone()),
        }
    }
    (found.into_values().collect(), lacking)
}

/// The function's ARN without its version.
fn unversioned(blueprint: &Blueprint) -> String {
    let end = format!(":{}", blueprint.version);
    blueprint.function_arn.strip_suffix(&end).unwrap_or(&blueprint.function_arn).to_owned()
}

fn parsed(network: &Network) -> Result<(Vec<SubnetId>, Vec<SecurityGroupId>), NetworkError> {
    let subnets = network.subnets.iter().map(|id| id.parse().map_err(|_| NetworkError::NoSubnet(id.clone())));
    let groups =
        network.security_groups.iter().map(|id| id.parse().map_err(|_| NetworkError::NoSecurityGroup(id.clone())));
    Ok((subnets.collect::<Result<_, _>>()?, groups.collect::<Result<_, _>>()?))
}

fn explain(error: ChangeError) -> StartError {
    match error {
        ChangeError::Refused(sidegate_model::Error::InsufficientFreeAddresses(_)) => StartError::NoAddress,
        ChangeError::Refused(reason) => StartError::NoNetwork(reason.to_string()),
        other => StartError::Failed(other.to_string()),
    }
}

fn failed(error: impl std::fmt::Display) -> StartError {
    StartError::Failed(error.to_string())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StartError> + Send + 'static,
) -> Result<T, StartError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(failed(error)))
}
