//! The machine that carries plans out: the kernel's networks and the edge.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use sidegate_edge::connections::{Edge, Listeners};
use sidegate_edge::usage::{Place, Used};
use sidegate_linux::dataplane::{self, Dataplane, DataplaneError, FlowCounts, Reading};
use sidegate_model::VpcId;
use sidegate_plan::{Passage, Plan, VpcPlan};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::Notify;

use crate::engine::{Actuator, ApplyError};

/// The kernel and the edge of this machine. Cloning it gives another handle.
#[derive(Clone)]
pub(crate) struct Machine(Arc<Inner>);

struct Inner {
    dataplane: Mutex<Dataplane>,
    edge: Edge,
    open: Mutex<Open>,
    /// Whether the services' public addresses are served.
    on_internet: AtomicBool,
    /// Whether the kernel has been made what a plan says since the start.
    has_set: AtomicBool,
    /// Tells that namespaces were let go of.
    released: Notify,
}

/// What has sockets.
#[derive(Default)]
struct Open {
    /// The VPCs that do, and which.
    vpcs: BTreeMap<VpcId, Sockets>,
    /// The plan by which all that shall have sockets has them: of the next one, only what differs is looked at.
    settled: Option<Arc<Plan>>,
}

/// Which sockets a VPC has besides those that all have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sockets {
    /// Those of IPv6.
    ipv6: bool,
    /// Those of SMTP.
    mail: bool,
}

impl Sockets {
    fn of(vpc: &VpcPlan) -> Self {
        Self { ipv6: vpc.has_ipv6(), mail: vpc.has_mail() }
    }
}

impl Machine {
    /// A machine on which nothing is applied yet.
    pub(crate) fn new(dataplane: Dataplane, edge: Edge) -> Self {
        let (open, on_internet, has_set) = (Mutex::default(), AtomicBool::default(), AtomicBool::default());
        let (dataplane, released) = (Mutex::new(dataplane), Notify::new());
        Self(Arc::new(Inner { dataplane, edge, open, on_internet, has_set, released }))
    }

    /// How much endpoints were used since this was called last.
    pub(crate) fn take_usage(&self) -> Vec<(Place, Used)> {
        self.0.edge.take_usage()
    }

    /// How many bytes went over endpoints since this was called last, whatever [`Self::take_usage`] has told of them.
    pub(crate) fn take_unbilled(&self) -> Vec<(Place, u64)> {
        self.0.edge.take_unbilled()
    }

    /// What the passages have let through that is billed by the byte, with what those had that are gone since this was called
    /// last.
    pub(crate) async fn readings(&self) -> Vec<Reading> {
        let inner = Arc::clone(&self.0);
        blocking(move || Ok(inner.dataplane().readings())).await.unwrap_or_default()
    }

    /// Returns when namespaces have been let go of, whose last counts are in memory alone until [`Self::readings`] is called.
    pub(crate) async fn released(&self) {
        self.0.released.notified().await;
    }

    /// Lets go of what is left over from before this start. Only for a plan that has been applied.
    pub(crate) async fn sweep(&self, plan: Arc<Plan>) -> Result<Vec<String>, String> {
        let inner = Arc::clone(&self.0);
        blocking(move || inner.dataplane().sweep(&plan).map_err(|e| e.to_string())).await
    }

    /// Opens the sockets of VPCs that are inhabited now, or speak IPv6 or SMTP now, and closes those of VPCs that are not any more.
    async fn open_and_close(&self, plan: &Arc<Plan>) -> BTreeMap<VpcId, String> {
        let concerned = self.0.open().concerned(plan);
        let mut failures = BTreeMap::new();
        let wanted = |vpc: &VpcId| plan.vpcs.get(vpc).filter(|vpc| vpc.is_inhabited()).map(|vpc| Sockets::of(vpc));
        for (vpc, present) in &concerned {
            match (present, wanted(vpc)) {
                (present, wanted) if *present == wanted => {}
                (_, None) => {
                    self.0.edge.stop_vpc(vpc).await;
                    self.0.open().vpcs.remove(vpc);
                }
                (_, Some(sockets)) => {
                    // The old sockets have the ports.
                    self.0.edge.stop_listening(vpc).await;
                    match self.listeners(vpc).await {
                        Ok(listeners) => {
                            self.0.edge.serve_vpc(vpc.clone(), listeners);
                            self.0.open().vpcs.insert(vpc.clone(), sockets);
                        }
                        Err(reason) => drop(failures.insert(vpc.clone(), reason)),
                    }
                }
            }
        }
        let leads_there = |vpc: &VpcPlan| vpc.passages.keys().any(|name| leads_to_internet(plan, name));
        if !self.0.on_internet.load(Ordering::Relaxed)
            && let Some(vpc) = plan.vpcs.values().find(|vpc| vpc.is_inhabited() && leads_there(vpc))
            && let Err(reason) = self.open_internet().await
        {
            failures.entry(vpc.vpc.clone()).or_insert(reason);
        }
        if failures.is_empty() {
            self.0.open().settled = Some(Arc::clone(plan));
        }
        failures
    }

    /// Serves the services' public addresses on the emulated internet, from when the first VPC leads there.
    pub(crate) async fn open_internet(&self) -> Result<(), String> {
        if self.0.on_internet.load(Ordering::Relaxed) {
            return Ok(());
        }
        let inner = Arc::clone(&self.0);
        let opened = blocking(move || inner.dataplane().internet_listeners().map_err(|e| e.to_string())).await?;
        self.0.edge.serve_internet(taken_over(opened)?);
        self.0.on_internet.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Lets go of the namespaces that nothing uses any more, whose sockets are closed by now.
    async fn release(&self) {
        let inner = Arc::clone(&self.0);
        match blocking(move || inner.dataplane().release().map_err(|e| e.to_string())).await {
            Ok(released) if released.is_empty() => {}
            Ok(_) => self.0.released.notify_one(),
            Err(error) => {
                tracing::warn!(error, "namespaces that nothing uses cannot be let go of; this is tried again");
                self.0.released.notify_one();
            }
        }
    }

    /// Puts another holder in the place of one that died, and says whether one has: then the plan is to be applied again.
    pub(crate) async fn follow_holder(&self) -> Result<bool, String> {
        let inner = Arc::clone(&self.0);
        blocking(move || inner.dataplane().follow_holder().map_err(|e| e.to_string())).await
    }

    /// The private addresses of a NAT gateway under which connections go out that have not ended, by the name of its passage;
    /// `None` while that is not set.
    pub(crate) async fn lent_addresses(&self, gateway: String) -> Result<Option<BTreeSet<Ipv4Addr>>, String> {
        let inner = Arc::clone(&self.0);
        blocking(move || inner.dataplane().lent_addresses(&gateway).map_err(|e| e.to_string())).await
    }

    /// What was counted at watched interfaces since this was called last, with the plans that were in force then.
    pub(crate) async fn take_flows(&self) -> Vec<(Arc<VpcPlan>, FlowCounts)> {
        let inner = Arc::clone(&self.0);
        blocking(move || Ok(inner.dataplane().take_flows())).await.unwrap_or_default()
    }

    async fn listeners(&self, vpc: &VpcId) -> Result<Listeners, String> {
        let (inner, id) = (Arc::clone(&self.0), vpc.clone());
        let opened = blocking(move || inner.dataplane().listeners(&id).map_err(|e| e.to_string())).await?;
        taken_over(opened)
    }
}

impl Open {
    /// The VPCs that a plan may say something new of, those whose sockets are to be closed first; and what sockets each
    /// has. Until all is settled again by a plan, that is all of them.
    fn concerned(&mut self, plan: &Plan) -> Vec<(VpcId, Option<Sockets>)> {
        let concerned: BTreeSet<VpcId> = match self.settled.take() {
            Some(settled) => settled.changed_vpcs(plan).cloned().collect(),
            None => self.vpcs.keys().chain(plan.vpcs.keys()).cloned().collect(),
        };
        let is_wanted = |vpc: &VpcId| plan.vpcs.get(vpc).is_some_and(|vpc| vpc.is_inhabited());
        let (kept, left): (Vec<_>, Vec<_>) = concerned.into_iter().partition(is_wanted);
        let present = |vpc: VpcId| (vpc.clone(), self.vpcs.get(&vpc).copied());
        left.into_iter().chain(kept).map(present).collect()
    }
}

impl Inner {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the kernel what the plan says. The first time tells how far it was from that.
    fn set(&self, plan: &Plan) -> Result<(), DataplaneError> {
        let applied = self.dataplane().set(plan)?;
        if !self.has_set.swap(true, Ordering::Relaxed) {
            let (changes, namespaces) = (applied.changes.values().sum::<usize>(), applied.namespaces.len());
            tracing::info!(changes, namespaces, "the stored networks are applied");
        }
        Ok(())
    }

    fn dataplane(&self) -> MutexGuard<'_, Dataplane> {
        self.dataplane.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Actuator for Machine {
    /// The kernel first: what it does not carry any more, the edge need not end twice. The edge gets the plan even if
    /// the kernel refuses a part of it, since a revocation must not wait for that.
    async fn apply(&self, plan: &Arc<Plan>) -> Result<(), ApplyError> {
        let (inner, wanted) = (Arc::clone(&self.0), Arc::clone(plan));
        let kernel = tokio::task::spawn_blocking(move || inner.set(&wanted)).await;
        self.0.edge.apply(Arc::clone(plan)).await;
        let mut error = ApplyError { vpcs: self.open_and_close(plan).await, whole: None };
        self.release().await;
        match kernel {
            Ok(Ok(())) => {}
            Ok(Err(DataplaneError::Incomplete { failures, .. })) => {
                error.vpcs.extend(failures.into_iter().map(|(vpc, reason)| (vpc, reason.to_string())));
            }
            Ok(Err(other)) => error.whole = Some(other.to_string()),
            Err(broken) => error.whole = Some(broken.to_string()),
        }
        if error == ApplyError::default() { Ok(()) } else { Err(error) }
    }
}

/// Sockets as the runtime has them.
fn taken_over(opened: dataplane::Listeners) -> Result<Listeners, String> {
    let dataplane::Listeners { tls, http, smtp, smtps, dns_udp, dns_tcp } = opened;
    let all = |opened: Vec<_>| opened.into_iter().map(TcpListener::from_std).collect::<Result<_, _>>();
    let taken = || {
        Ok(Listeners {
            tls: all(tls)?,
            http: all(http)?,
            smtp: all(smtp)?,
            smtps: all(smtps)?,
            dns_udp: dns_udp.into_iter().map(|(_, socket)| UdpSocket::from_std(socket)).collect::<Result<_, _>>()?,
            dns_tcp: dns_tcp
                .into_iter()
                .map(|(_, listener)| TcpListener::from_std(listener))
                .collect::<Result<_, _>>()?,
        })
    };
    taken().map_err(|error: std::io::Error| error.to_string())
}

/// Whether a passage is an internet gateway, of either kind.
fn leads_to_internet(plan: &Plan, name: &str) -> bool {
    plan.passages.get(name).is_some_and(|passage| match **passage {
        Passage::InternetGateway { .. } | Passage::EgressOnlyInternetGateway { .. } => true,
        Passage::NatGateway { .. } | Passage::Peering { .. } => false,
    })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(error.to_string()))
}
