//! The account of what is recorded: what was counted goes to each flow log's interval, and an interval that is over to the
//! flow log's queue. It waits for no destination.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sidegate_linux::dataplane::FlowCounts;
use sidegate_model::flow_record::{Record, Seen};
use sidegate_model::{FlowLog, FlowLogId, NetworkInterfaceId, World};
use sidegate_plan::{Plan, VpcPlan};
use tokio::sync::{mpsc, oneshot};

use super::aggregation::Aggregation;
use super::courier::Couriers;
use super::spool::Open;
use super::watching;

/// The longest interval, in seconds.
///
/// Source: VPC user guide, "Aggregation interval": at an interface of an instance of the Nitro system it is a minute or less,
/// whatever the flow log says. All interfaces here count as such, as they do where records tell the way of traffic.
const LONGEST_INTERVAL: u32 = 60;

/// What was counted, and the world and the plan by which it is told.
pub(super) struct Look {
    pub(super) world: Arc<World>,
    pub(super) plan: Arc<Plan>,
    pub(super) counted: Vec<(Arc<VpcPlan>, FlowCounts)>,
    /// Between when it was counted: Unix time in seconds.
    pub(super) between: (i64, i64),
    pub(super) ends: Ends,
    /// Told when its records are on their way.
    pub(super) done: Option<oneshot::Sender<()>>,
}

/// Which intervals end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// Those that are over.
    InTime,
    /// All of them, and others begin.
    Now,
    /// All of them, and no others begin.
    ForGood,
}

/// What is under way.
pub(super) struct Ledger {
    aggregation: Aggregation,
    couriers: Couriers,
    /// The flow logs that something is counted for, those that were deleted until their last interval has ended.
    logs: BTreeMap<FlowLogId, FlowLog>,
    /// The world by which interfaces are followed.
    followed: Option<Arc<World>>,
    /// The intervals that went on when the daemon was killed, of which nothing is known any more.
    lost: Open,
    /// The intervals that are known to go on.
    open: Open,
}

impl Ledger {
    /// Nothing is counted yet; these intervals were lost.
    pub(super) fn new(couriers: Couriers, lost: Open) -> Self {
        let open = lost.clone();
        Self { aggregation: Aggregation::default(), couriers, logs: BTreeMap::new(), followed: None, lost, open }
    }

    /// Takes in what is counted, for ever.
    pub(super) async fn run(mut self, mut looks: mpsc::Receiver<Look>) {
        while let Some(look) = looks.recv().await {
            self.enter(look);
        }
    }

    fn enter(&mut self, look: Look) {
        let Look { world, plan, counted, between, ends, done } = look;
        self.follow(&world, &plan, between.1);
        for (vpc, counts) in &counted {
            self.count(&plan, vpc, counts, between);
        }
        self.close(&world, between.1, ends != Ends::InTime);
        if ends != Ends::ForGood {
            // A new interval begins where one has ended.
            self.follow(&world, &plan, between.1);
        }
        self.logs.retain(|id, _| {
            let is_there = world.flow_logs.get(id).is_some();
            if !is_there {
                self.couriers.end(id);
            }
            is_there
        });
        let open = self.aggregation.open();
        if open != self.open {
            self.couriers.note_open(open.clone());
            self.open = open;
        }
        if let Some(done) = done {
            // Whoever waited may be gone.
            let _ = done.send(());
        }
    }

    /// Follows the interfaces that are watched now.
    fn follow(&mut self, world: &Arc<World>, plan: &Plan, now: i64) {
        if self.followed.as_ref().is_some_and(|followed| Arc::ptr_eq(followed, world)) {
            return;
        }
        for log in world.flow_logs.iter() {
            let watched: Vec<_> = world
                .interfaces
                .of_vpc(&log.vpc)
                .filter(|interface| log.watches(interface))
                .filter_map(|interface| watching::watched(world, plan, interface))
                .collect();
            if let Some((start, end)) = self.lost.remove(&log.id) {
                let seen = Seen::SkipData(start, end.min(now).max(start));
                let lost = watched.iter().map(|watched| Record { watched: Arc::clone(watched), seen: seen.clone() });
                self.couriers.put(log, lost.collect());
            }
            self.aggregation.follow(&log.id, interval(log), watched.iter(), now);
            self.logs.entry(log.id.clone()).or_insert_with(|| log.clone());
        }
        self.followed = Some(Arc::clone(world));
    }

    /// Counts for each flow log what it records of a VPC.
    fn count(&mut self, plan: &Plan, vpc: &VpcPlan, counts: &FlowCounts, between: (i64, i64)) {
        let mut counting: BTreeMap<&NetworkInterfaceId, Vec<FlowLogId>> = BTreeMap::new();
        for interface in counts.flows.iter().map(|count| &count.interface).chain(&counts.skipped) {
            if !counting.contains_key(interface) {
                self.notice(vpc, interface, between);
                counting.insert(interface, self.aggregation.counting(interface));
            }
        }
        for count in &counts.flows {
            let Some(flow) = watching::flow(plan, vpc, count, between) else { continue };
            for id in counting.get(&count.interface).into_iter().flatten() {
                if self.logs.get(id).is_some_and(|log| log.settings.traffic.covers(flow.accepted)) {
                    self.aggregation.add(id, &count.interface, &flow);
                }
            }
        }
        for interface in &counts.skipped {
            for id in counting.get(interface).into_iter().flatten() {
                self.aggregation.skip(id, interface);
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
            self.aggregation.follow(&log.id, interval(log), [&watched].into_iter(), since);
        }
    }

    /// Ends intervals: those that are over, or `all`.
    fn close(&mut self, world: &World, now: i64, all: bool) {
        let is_gone = |id: &FlowLogId| world.flow_logs.get(id).is_none();
        let mut due: BTreeSet<FlowLogId> = self.aggregation.due(now).into_iter().collect();
        due.extend(self.aggregation.logs().into_iter().filter(|id| all || is_gone(id)));
        if !due.is_empty() {
            self.followed = None;
        }
        for id in &due {
            let records = self.aggregation.close(id, now);
            if let Some(log) = self.logs.get(id) {
                self.couriers.put(log, records);
            }
        }
    }
}

/// How long the intervals of a flow log last here, in seconds.
fn interval(log: &FlowLog) -> u32 {
    log.settings.interval.seconds().min(LONGEST_INTERVAL)
}

#[cfg(test)]
mod tests {
    use sidegate_model::AggregationInterval;

    use super::super::queue::tests::{log, to_group};
    use super::*;

    #[test]
    fn an_interval_is_a_minute_or_less() {
        let mut log = log(to_group());
        for asked in [AggregationInterval::Minute, AggregationInterval::TenMinutes] {
            log.settings.interval = asked;
            assert_eq!(interval(&log), 60);
        }
    }
}
