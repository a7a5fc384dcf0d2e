//! The sockets of the edge: those of each VPC, and the public API's port.
//!
//! An [`Edge`] serves any number of VPCs, each from the sockets that were opened in its namespace, and can take a VPC
//! on and let it go at any time. It owns the plan that is in force: [`Edge::apply`] puts another one in force, and ends
//! the connections that have no right to exist in it before it returns.

mod accept;
mod api;
mod dns;
mod http;
mod internet;
mod live;
mod service;
mod smtp;
mod socket;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sidegate_model::VpcId;
use sidegate_plan::Plan;
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

pub use api::serve_api;

use crate::Limits;
use crate::authority::Authority;
use crate::gate::Gate;
use crate::metadata::Tokens;
use crate::path::{CurrentPlan, FactsOf};
use crate::usage::{Place, Usage, Used};
use live::Live;
use service::{Port, Serving};

/// The sockets of a VPC, or of the emulated internet, opened in its namespace.
#[derive(Debug)]
pub struct Listeners {
    /// Take connections to port 443 of any address that ends in the VPC, one for each family.
    pub tls: Vec<TcpListener>,
    /// Take connections to port 80: plain HTTP, and the metadata service.
    pub http: Vec<TcpListener>,
    /// Take connections to the ports of SMTP that begin without TLS, where the VPC has them.
    pub smtp: Vec<TcpListener>,
    /// The same that begin with TLS.
    pub smtps: Vec<TcpListener>,
    /// The resolver's sockets for datagrams, one for each of its addresses.
    pub dns_udp: Vec<UdpSocket>,
    /// The resolver's sockets for connections.
    pub dns_tcp: Vec<TcpListener>,
}

impl Listeners {
    /// Takes out those for services, each with its port.
    fn services(&mut self) -> impl Iterator<Item = (TcpListener, Port)> + use<> {
        let all = [
            (&mut self.tls, Port::Tls),
            (&mut self.http, Port::Http),
            (&mut self.smtp, Port::Smtp),
            (&mut self.smtps, Port::Smtps),
        ];
        let all = all.map(|(listeners, port)| (std::mem::take(listeners), port));
        all.into_iter().flat_map(|(listeners, port)| listeners.into_iter().map(move |listener| (listener, port)))
    }
}

/// What all VPCs are served with.
pub struct Edge {
    shared: Arc<Shared>,
    vpcs: Mutex<HashMap<VpcId, Server>>,
    /// What serves the public addresses.
    internet: Mutex<JoinSet<()>>,
    /// Held while a plan is applied, so that plans come into force one after the other.
    applying: tokio::sync::Mutex<()>,
}

/// What every connection needs.
struct Shared {
    gate: Arc<Gate>,
    authority: Arc<Authority>,
    tokens: Arc<Tokens>,
    facts: FactsOf,
    limits: Limits,
    plans: CurrentPlan,
    usage: Arc<Usage>,
}

/// A VPC that is being served. Its tasks end when this is dropped.
struct Server {
    live: Arc<Live>,
    tasks: JoinSet<()>,
}

impl Edge {
    /// An edge that serves nothing yet, with a plan in which there is nothing. `facts` tells what the kernel says of a
    /// socket that was accepted.
    pub fn new(
        gate: Arc<Gate>, authority: Arc<Authority>, tokens: Arc<Tokens>, facts: FactsOf, limits: Limits,
    ) -> Self {
        let (plans, usage) = (CurrentPlan::default(), Arc::default());
        let shared = Shared { gate, authority, tokens, facts, limits, plans, usage };
        Self {
            shared: Arc::new(shared),
            vpcs: Mutex::default(),
            internet: Mutex::default(),
            applying: tokio::sync::Mutex::default(),
        }
    }

    /// Serves a VPC from these sockets from now on. If it is being served already, from the new sockets instead; the
    /// connections that came over the old ones stay. Has to be called within a Tokio runtime.
    pub fn serve_vpc(&self, vpc: VpcId, mut listeners: Listeners) {
        let mut vpcs = self.vpcs();
        let live = match vpcs.get(&vpc) {
            Some(server) => Arc::clone(&server.live),
            None => {
                let usage = Arc::clone(&self.shared.usage);
                Arc::new(Live::new(vpc.clone(), self.shared.plans.clone(), self.shared.limits, usage))
            }
        };
        let mut tasks = JoinSet::new();
        for (listener, port) in listeners.services() {
            let serving = Arc::new(Serving { shared: Arc::clone(&self.shared), vpc: vpc.clone(), port });
            tasks.spawn(service::accept(listener, Arc::clone(&live), serving));
        }
        self.serve_dns(&mut tasks, Some(&vpc), listeners.dns_udp, listeners.dns_tcp);
        vpcs.insert(vpc, Server { live, tasks });
    }

    /// Serves the services' public addresses and public DNS from these sockets, for as long as the edge lives. Has to be
    /// called within a Tokio runtime.
    pub fn serve_internet(&self, mut listeners: Listeners) {
        let mut tasks = JoinSet::new();
        for (listener, port) in listeners.services() {
            tasks.spawn(internet::serve(listener, port, Arc::clone(&self.shared)));
        }
        self.serve_dns(&mut tasks, None, listeners.dns_udp, listeners.dns_tcp);
        *self.internet.lock().unwrap_or_else(PoisonError::into_inner) = tasks;
    }

    fn serve_dns(
        &self, tasks: &mut JoinSet<()>, vpc: Option<&VpcId>, datagrams: Vec<UdpSocket>, connections: Vec<TcpListener>,
    ) {
        let resolver = dns::Resolver { plans: self.shared.plans.clone(), vpc: vpc.cloned() };
        for socket in datagrams {
            tasks.spawn(dns::serve_udp(socket, resolver.clone()));
        }
        for listener in connections {
            tasks.spawn(dns::serve_tcp(listener, resolver.clone(), self.shared.limits));
        }
    }

    /// Closes the sockets on which a VPC is served. The connections that came over them stay.
    pub async fn stop_listening(&self, vpc: &VpcId) {
        let tasks = self.vpcs().get_mut(vpc).map(|server| std::mem::take(&mut server.tasks));
        if let Some(mut tasks) = tasks {
            tasks.shutdown().await;
        }
    }

    /// Stops serving a VPC: closes its sockets, and resets its connections. All that is done when this returns.
    pub async fn stop_vpc(&self, vpc: &VpcId) {
        let server = self.vpcs().remove(vpc);
        if let Some(Server { live, mut tasks }) = server {
            tasks.shutdown().await;
            live.close().await;
        }
    }

    /// Puts a plan in force, and resets the connections whose standing it changes: those whose network interface is
    /// gone, and those that would lead to another endpoint or to none. All that is done when this returns. Other
    /// connections go on, with the policies of the new plan from their next request on.
    ///
    /// Returns how many connections were reset. Must not be awaited by the task of a connection, which may be one of
    /// them.
    pub async fn apply(&self, plan: Arc<Plan>) -> usize {
        let _one_at_a_time = self.applying.lock().await;
        let old = self.shared.plans.replace(Arc::clone(&plan));
        let mut concerned: BTreeSet<&VpcId> = old.changed_vpcs(&plan).collect();
        let plans = concerned.iter().flat_map(|vpc| [old.vpcs.get(*vpc), plan.vpcs.get(*vpc)]).flatten();
        let peers: Vec<&VpcId> = plans.flat_map(|vpc| vpc.peers()).collect();
        concerned.extend(peers);
        let concerned: Vec<Arc<Live>> = {
            let vpcs = self.vpcs();
            concerned.into_iter().filter_map(|vpc| vpcs.get(vpc)).map(|server| Arc::clone(&server.live)).collect()
        };
        let mut ended = 0;
        for live in concerned {
            ended += live.review().await;
        }
        ended
    }

    /// The plan that is in force.
    pub fn plan(&self) -> Arc<Plan> {
        self.shared.plans.load()
    }

    /// The VPCs that are being served.
    pub fn serving(&self) -> Vec<VpcId> {
        let mut vpcs: Vec<_> = self.vpcs().keys().cloned().collect();
        vpcs.sort();
        vpcs
    }

    /// How many connections a VPC has now, those to the resolver left out.
    pub fn connections(&self, vpc: &VpcId) -> usize {
        self.vpcs().get(vpc).map_or(0, |server| server.live.count())
    }

    /// How much endpoints were used since this was called last.
    pub fn take_usage(&self) -> Vec<(Place, Used)> {
        self.shared.usage.take()
    }

    /// How many bytes went over endpoints since this was called last, whatever [`Self::take_usage`] has told of them.
    pub fn take_unbilled(&self) -> Vec<(Place, u64)> {
        self.shared.usage.take_unbilled()
    }

    fn vpcs(&self) -> MutexGuard<'_, HashMap<VpcId, Server>> {
        self.vpcs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
