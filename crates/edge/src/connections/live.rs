//! The live connections of a VPC, and the end of those that lose their right to exist.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sidegate_model::VpcId;
use sidegate_plan::Plan;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::socket::{End, Socket, reset};
use crate::Limits;
use crate::path::{CurrentPlan, Facts, Standing, Target};
use crate::usage::{Meter, Place, Usage};

/// The live connections of a VPC.
pub(super) struct Live {
    vpc: VpcId,
    plans: CurrentPlan,
    limits: Limits,
    usage: Arc<Usage>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    closed: bool,
    connections: HashMap<u64, Connection>,
    by_source: HashMap<IpAddr, usize>,
}

/// A connection.
struct Connection {
    facts: Facts,
    standing: Standing,
    end: End,
    task: JoinHandle<()>,
}

impl Live {
    pub(super) fn new(vpc: VpcId, plans: CurrentPlan, limits: Limits, usage: Arc<Usage>) -> Self {
        Self { vpc, plans, limits, usage, open: Mutex::default() }
    }

    /// Serves a connection on a task of its own, or resets it if it has no right to exist or there are too many.
    ///
    /// The plan is read under the lock that [`Self::review`] takes after it has been replaced: either the connection
    /// is judged by the new plan, or the review finds it. `serve` says what there is to do for the connection; if that
    /// is nothing, it is closed.
    pub(super) fn admit<F>(
        self: &Arc<Self>, stream: TcpStream, facts: Facts, serve: impl FnOnce(Socket, &Plan, &Standing) -> Option<F>,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut open = self.open();
        let plan = self.plans.load();
        let standing = Standing::on_accept(&plan, &self.vpc, &facts);
        let (Some(standing), true) = (standing, open.has_room(&facts, &self.limits)) else {
            reset(&stream);
            return;
        };
        let end = End::default();
        let socket = Socket::new(stream, end.clone(), self.limits).counted(self.meter(&plan, &facts, &standing));
        let Some(served) = serve(socket, &plan, &standing) else { return };
        let id = open.next;
        open.next += 1;
        let live = Arc::clone(self);
        let task = tokio::spawn(async move {
            let _leave = Leave { live, id };
            served.await;
        });
        *open.by_source.entry(facts.source).or_default() += 1;
        open.connections.insert(id, Connection { facts, standing, end, task });
    }

    /// Counts a connection if it is one to an endpoint.
    fn meter(&self, plan: &Plan, facts: &Facts, standing: &Standing) -> Option<Meter> {
        let Target::Endpoint(endpoint) = &standing.target else { return None };
        let address = plan.vpcs.get(&self.vpc)?.endpoint_addresses.get(&facts.destination);
        let (vpc, interface) = (self.vpc.clone(), address.map(|address| address.interface.clone()));
        Some(self.usage.open(Place { vpc, endpoint: endpoint.clone(), interface }))
    }

    /// Ends the connections that do not have the standing any more which they were accepted with. They are gone when
    /// this returns, which says how many they were.
    pub(super) async fn review(&self) -> usize {
        let ended = {
            let mut open = self.open();
            let plan = self.plans.load();
            let stands = |c: &Connection| Standing::of(&plan, &self.vpc, &c.facts).as_ref() == Some(&c.standing);
            let fallen: Vec<u64> = open.connections.iter().filter(|(_, c)| !stands(c)).map(|(id, _)| *id).collect();
            open.take(fallen)
        };
        end(ended).await
    }

    /// Ends all connections, and takes no more.
    pub(super) async fn close(&self) {
        let ended = {
            let mut open = self.open();
            open.closed = true;
            let all = open.connections.keys().copied().collect();
            open.take(all)
        };
        end(ended).await;
    }

    /// How many connections there are.
    pub(super) fn count(&self) -> usize {
        self.open().connections.len()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resets connections, and waits until their tasks, and with them their sockets, are gone.
async fn end(connections: Vec<Connection>) -> usize {
    for connection in &connections {
        connection.end.set();
        connection.task.abort();
    }
    let count = connections.len();
    for connection in connections {
        // The only error is that the task was aborted, or panicked: it is gone either way.
        let _ = connection.task.await;
    }
    count
}

impl Open {
    fn has_room(&self, facts: &Facts, limits: &Limits) -> bool {
        let of_source = self.by_source.get(&facts.source).copied().unwrap_or_default();
        !self.closed && self.connections.len() < limits.connections && of_source < limits.connections_per_source
    }

    fn take(&mut self, ids: Vec<u64>) -> Vec<Connection> {
        ids.into_iter().filter_map(|id| self.remove(id)).collect()
    }

    fn remove(&mut self, id: u64) -> Option<Connection> {
        let connection = self.connections.remove(&id)?;
        if let Some(count) = self.by_source.get_mut(&connection.facts.source) {
            *count -= 1;
            if *count == 0 {
                self.by_source.remove(&connection.facts.source);
            }
        }
        Some(connection)
    }
}

/// Takes a connection off the list when its task ends. It is made inside of the task, so that a task that is dropped
/// where it is spawned, under the lock, does not ask for the lock.
struct Leave {
    live: Arc<Live>,
    id: u64,
}

impl Drop for Leave {
    fn drop(&mut self) {
        drop(self.live.open().remove(self.id));
    }
}
