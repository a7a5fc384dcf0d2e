//! The path of a connection: what the kernel says of its socket, and which endpoint that makes it use in a plan.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use sidegate_model::{NetworkInterfaceId, VpcEndpointId, VpcId};
use sidegate_plan::{IPV6_METADATA_ADDRESS, Link, METADATA_ADDRESS, Plan, VpcPlan};
use tokio::net::TcpStream;

/// What the kernel says of an accepted socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Facts {
    /// The program's private address.
    pub source: IpAddr,
    /// The address that the program connected to: an endpoint's private address, or a public one of the service.
    pub destination: IpAddr,
    /// The firewall mark that the socket took over from the first packet: it names the route table of the subnet.
    pub mark: u32,
}

impl Facts {
    /// Reads both addresses of a socket whose mark is known.
    ///
    /// # Errors
    /// If the socket is no longer connected.
    pub fn read(stream: &TcpStream, mark: u32) -> io::Result<Self> {
        Ok(Self { source: stream.peer_addr()?.ip(), destination: stream.local_addr()?.ip(), mark })
    }
}

/// How the facts of an accepted socket are had.
pub type FactsOf = Arc<dyn Fn(&TcpStream) -> io::Result<Facts> + Send + Sync>;

/// The plan that is in force, shared by all who look things up in it.
#[derive(Clone, Debug, Default)]
pub struct CurrentPlan(Arc<RwLock<Arc<Plan>>>);

impl CurrentPlan {
    /// A plan that is in force from now on.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self(Arc::new(RwLock::new(plan)))
    }

    /// The plan that is in force.
    pub fn load(&self) -> Arc<Plan> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another plan in force, and returns the one before.
    pub fn replace(&self, plan: Arc<Plan>) -> Arc<Plan> {
        std::mem::replace(&mut self.0.write().unwrap_or_else(PoisonError::into_inner), plan)
    }
}

/// What a connection may do: from which interface it comes, and where it leads. A connection lasts as long as its
/// standing is the one that it was accepted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The network interface that it comes from.
    pub interface: NetworkInterfaceId,
    /// Where it leads.
    pub target: Target,
}

/// Where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a VPC endpoint.
    Endpoint(VpcEndpointId),
    /// To the instance metadata service.
    Metadata,
}

impl Standing {
    /// The standing of a connection in a VPC of a plan, going by the route table that its subnet has there: a socket keeps
    /// the mark that it was accepted with, so that the mark says nothing of later changes. `None` if it has no right to
    /// exist.
    pub fn of(plan: &Plan, vpc: &VpcId, facts: &Facts) -> Option<Self> {
        let (vpc, (interface, link)) = (plan.vpcs.get(vpc)?, sender(plan, vpc, facts.source)?);
        // A table of another VPC says nothing here: of what is here, peers reach interface endpoints alone.
        let is_own = vpc.links.contains_key(interface);
        let target = target(vpc, facts.destination, if is_own { u32::from(link.table) } else { 0 })?;
        if facts.destination == IPV6_METADATA_ADDRESS && !vpc.metadata_of(facts.source)?.over_ipv6 {
            return None;
        }
        (is_own || target != Target::Metadata).then(|| Self { interface: interface.clone(), target })
    }

    /// The standing of a connection that is being accepted. The kernel has to have routed it by the same plan, which it
    /// has not while a change is being made.
    pub fn on_accept(plan: &Plan, vpc: &VpcId, facts: &Facts) -> Option<Self> {
        let routed = target(plan.vpcs.get(vpc)?, facts.destination, facts.mark)?;
        Self::of(plan, vpc, facts).filter(|standing| standing.target == routed)
    }
}

/// The interface that a connection to a VPC comes from: one of its own, or of a VPC that is peered with it, whose
/// addresses are others.
///
/// Source: PrivateLink guide, "Access an AWS service through an interface endpoint": from peered VPCs, too; "Gateway
/// endpoints": from there never.
pub(crate) fn sender<'p>(plan: &'p Plan, vpc: &VpcId, source: IpAddr) -> Option<(&'p NetworkInterfaceId, &'p Link)> {
    let own = plan.vpcs.get(vpc)?;
    let peers = || own.peers().filter_map(|peer| plan.vpcs.get(peer));
    own.link_at(source).or_else(|| peers().find_map(|peer| peer.link_at(source)))
}

fn target(vpc: &VpcPlan, destination: IpAddr, mark: u32) -> Option<Target> {
    if destination == METADATA_ADDRESS || destination == IPV6_METADATA_ADDRESS {
        return Some(Target::Metadata);
    }
    vpc.classify(destination, mark).cloned().map(Target::Endpoint)
}
