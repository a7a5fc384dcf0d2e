//! Flow logs: what the filter counts at watched interfaces becomes records, and these go to log groups and buckets.
//!
//! | file | about |
//! |---|---|
//! | `aggregation.rs` | from counts to the records of an interval |
//! | `watching.rs` | what records tell of interfaces and of the ways of traffic |
//! | `delivery.rs` | who delivers, and where to |
//! | `log_group.rs`, `bucket.rs` | what goes to CloudWatch Logs, and to S3 |
//! | `permission.rs` | what makes buckets let deliveries in |
//!
//! Counts are taken from the kernel every second, so that the times in records are right to a second: a record's `start` is
//! the beginning of the second in which its first packet was counted, its `end` the end of that of the last one. What has
//! been taken and not been delivered is in memory alone: a daemon that is killed loses it, one that is stopped delivers it.

mod aggregation;
mod bucket;
mod delivery;
mod log_group;
mod permission;
mod watching;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sidegate_linux::dataplane::FlowCounts;
use sidegate_model::{FlowLog, FlowLogId, NetworkInterfaceId, World};
use sidegate_plan::{Plan, VpcPlan};
use tokio::sync::Mutex;

use self::aggregation::Aggregation;
pub(crate) use self::bucket::Buckets;
pub(crate) use self::delivery::Delivery;
pub(crate) use self::permission::NotAdmitted;
use crate::clock;
use crate::engine::Engine;
use crate::machine::Machine;

/// How often counts are taken.
const LOOK: Duration = Duration::from_secs(1);

/// All flow logs at work. Cloning it gives another handle.
#[derive(Clone)]
pub(crate) struct FlowLogs(Arc<Inner>);

struct Inner {
    engine: Engine,
    machine: Machine,
    work: Mutex<Work>,
}

/// What is under way.
struct Work {
    aggregation: Aggregation,
    delivery: Delivery,
    /// The flow logs that something is counted or kept for, those that were deleted until that is delivered.
    logs: BTreeMap<FlowLogId, FlowLog>,
    /// The world by which interfaces are followed.
    followed: Option<Arc<World>>,
    /// When counts were taken last: Unix time in milliseconds.
    taken: i64,
}

impl FlowLogs {
    /// Nothing is counted yet.
    pub(crate) fn new(engine: Engine, machine: Machine, delivery: Delivery) -> Self {
        let work = Work {
            aggregation: Aggregation::default(),
            delivery,
            logs: BTreeMap::new(),
            followed: None,
            taken: clock::now_ms(),
        };
        Self(Arc::new(Inner { engine, machine, work: Mutex::new(work) }))
    }

    /// Records and delivers for ever.
    pub(crate) async fn run(self) {
        let mut plans = self.0.engine.plan();
        loop {
            plans.mark_unchanged();
            if self.step(false).await {
                tokio::time::sleep(LOOK).await;
            } else if plans.changed().await.is_err() {
                return;
            }
        }
    }

    /// Ends all intervals now, and delivers all that there is.
    pub(crate) async fn flush(&self) {
        self.step(true).await;
    }

    /// Takes what was counted, ends intervals that are over, and delivers what is due; `all` of it even before its time.
    /// Whether there is anything to do later.
    async fn step(&self, all: bool) -> bool {
        let Inner { engine, machine, work } = &*self.0;
        let mut work = work.lock().await;
        let (world, plan) = (engine.world(), Arc::clone(&engine.plan().borrow()));
        if world.flow_logs.is_empty() && work.logs.is_empty() {
            return false;
        }
        work.follow(&world, &plan);
        let counted = machine.take_flows().await;
        let now = clock::now_ms();
        let between = (work.taken / 1000, now / 1000);
        work.taken = now;
        for (vpc, counts) in &counted {
            work.count(&plan, vpc, counts, between);
        }
        work.close(&world, now, all).await;
        // A new interval begins where one has ended.
        work.followed = work.followed.take().filter(|_| !all);
        work.follow(&world, &plan);
        work.logs.retain(|id, _| world.flow_logs.get(id).is_some());
        true
    }
}

impl Work {
    /// Follows the interfaces that are watched now.
    fn follow(&mut self, world: &Arc<World>, plan: &Plan) {
        if self.followed.as_ref().is_some_and(|followed| Arc::ptr_eq(followed, world)) {
            return;
        }
        let now = clock::now_ms() / 1000;
        for log in world.flow_logs.iter() {
            let watched: Vec<_> = world
                .interfaces
                .of_vpc(&log.vpc)
                .filter(|interface| log.watches(interface))
                .filter_map(|interface| watching::watched(world, plan, interface))
                .collect();
            self.aggregation.follow(&log.id, log.settings.interval.seconds(), watched.iter(), now);
            self.logs.entry(log.id.clone()).or_insert_with(|| log.clone());
        }
        self.followed = Some(Arc::clone(world));
    }

    /// Counts for each flow log what it records of a VPC.
    fn count(&mut self, plan: &Plan, vpc: &VpcPlan, counts: &FlowCounts, between: (i64, i64)) {
        let mut known = BTreeSet::new();
        for interface in counts.flows.iter().map(|count| &count.interface).chain(&counts.skipped) {
            if known.insert(interface) {
                self.notice(vpc, interface, between);
            }
        }
        for count in &counts.flows {
            let Some(flow) = watching::flow(plan, vpc, count, between) else { continue };
            for id in self.aggregation.counting(&count.interface) {
                if self.logs.get(&id).is_some_and(|log| log.settings.traffic.covers(flow.accepted)) {
                    self.aggregation.add(&id, &count.interface, &flow);
                }
            }
        }
        for interface in &counts.skipped {
            for id in self.aggregation.counting(interface) {
                self.aggregation.skip(&id, interface);
            }
        }
    }

    /// Follows an interface that has come and gone since the world was looked at.
    fn notice(&mut self, vpc: &VpcPlan, interface: &NetworkInterfaceId, (since, _): (i64, i64)) {
        if !self.aggregation.counting(interface).is_empty() {
            return;
        }
        let Some(watched) = watching::gone(vpc, interface) else { return };
        let (subnet, of) = (&watched.subnet, &watched.vpc);
        for log in self.logs.values().filter(|log| log.resource.has(interface, subnet, of)) {
            let seconds = log.settings.interval.seconds();
            self.aggregation.follow(&log.id, seconds, [&watched].into_iter(), since);
        }
    }

    /// Ends intervals, and delivers.
    async fn close(&mut self, world: &World, now: i64, all: bool) {
        let is_gone = |id: &FlowLogId| world.flow_logs.get(id).is_none();
        let mut due: BTreeSet<FlowLogId> = self.aggregation.due(now / 1000).into_iter().collect();
        due.extend(self.aggregation.logs().into_iter().filter(|id| all || is_gone(id)));
        if !due.is_empty() {
            self.followed = None;
        }
        for id in &due {
            let records = self.aggregation.close(id, now / 1000);
            let Some(log) = self.logs.get(id) else { continue };
            self.delivery.deliver(log, records, now).await;
        }
        for (id, log) in &self.logs {
            self.delivery.settle(log, now, all || is_gone(id)).await;
        }
    }
}
