//! Flow logs: what the filter counts at watched interfaces becomes records, and these go to log groups and buckets.
//!
//! | file | about |
//! |---|---|
//! | `ledger.rs` | what was counted is entered for each flow log |
//! | `aggregation.rs` | from counts to the records of an interval |
//! | `watching.rs` | what records tell of interfaces and of the ways of traffic |
//! | `queue.rs`, `spool.rs` | what waits for its delivery, in memory and in the state directory |
//! | `courier.rs` | the deliveries that are under way, one of each flow log |
//! | `delivery.rs` | who delivers, and where to |
//! | `log_group.rs`, `bucket.rs` | what goes to CloudWatch Logs, and to S3 |
//! | `permission.rs` | what makes buckets let deliveries in |
//!
//! Counts are taken from the kernel every second, whatever becomes of deliveries, so that the times in records are right to a
//! second: a record's `start` is the beginning of the second in which its first packet was counted, its `end` the end of that
//! of the last one. The interval that goes on is in memory alone: a daemon that is killed loses it, and says so with SKIPDATA
//! records when it is back. What waits for its delivery lies in the state directory too.

mod aggregation;
mod bucket;
mod courier;
mod delivery;
mod ledger;
mod log_group;
mod permission;
mod queue;
mod spool;
mod watching;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::Instant;

pub(crate) use self::bucket::Buckets;
use self::courier::Couriers;
pub(crate) use self::delivery::Delivery;
use self::ledger::{Ends, Ledger, Look};
pub(crate) use self::permission::NotAdmitted;
use self::spool::Spool;
pub(crate) use self::spool::{read_json, write_json};
use crate::clock;
use crate::engine::Engine;
use crate::machine::Machine;

/// How often counts are taken.
const LOOK: Duration = Duration::from_secs(1);

/// How many looks wait to be entered. When there are more, the next one is late, and the kernel goes on counting.
const MOST_LOOKS: usize = 4;

/// How long the end of all intervals waits for the deliveries.
const PATIENCE: Duration = Duration::from_secs(10);

/// All flow logs at work. Cloning it gives another handle.
#[derive(Clone)]
pub(crate) struct FlowLogs(Arc<Inner>);

struct Inner {
    engine: Engine,
    machine: Machine,
    couriers: Couriers,
    looks: mpsc::Sender<Look>,
    taken: Mutex<Taken>,
}

/// What is known of the counts that were taken last.
struct Taken {
    /// When that was: Unix time in milliseconds.
    at: i64,
    /// Whether there were flow logs then.
    had_logs: bool,
    /// Whether it was for the last time.
    is_over: bool,
}

impl FlowLogs {
    /// Nothing is counted yet; what waits in the directory is delivered.
    pub(crate) fn new(engine: Engine, machine: Machine, delivery: Delivery, dir: PathBuf) -> Self {
        let spool = Spool::at(dir);
        let lost = spool.open();
        let couriers = Couriers::new(delivery, spool);
        let (looks, entered) = mpsc::channel(MOST_LOOKS);
        tokio::spawn(Ledger::new(couriers.clone(), lost).run(entered));
        let taken = Mutex::new(Taken { at: clock::now_ms(), had_logs: false, is_over: false });
        Self(Arc::new(Inner { engine, machine, couriers, looks, taken }))
    }

    /// Records for ever.
    pub(crate) async fn run(self) {
        let mut plans = self.0.engine.plan();
        let mut next = Instant::now();
        loop {
            plans.mark_unchanged();
            if self.look(Ends::InTime, None).await {
                // At the same pace, however long it takes; one that is late is not made up for.
                next = (next + LOOK).max(Instant::now());
                tokio::time::sleep_until(next).await;
            } else if plans.changed().await.is_err() {
                return;
            } else {
                next = Instant::now();
            }
        }
    }

    /// Ends all intervals now, and tries to deliver all that there is; `false` if not all of it was tried in time.
    pub(crate) async fn flush(&self) -> bool {
        self.deliver(Ends::Now).await
    }

    /// The same, after which nothing more is recorded.
    pub(crate) async fn end(&self) -> bool {
        self.deliver(Ends::ForGood).await
    }

    async fn deliver(&self, ends: Ends) -> bool {
        let delivered = async {
            let (done, entered) = oneshot::channel();
            if self.look(ends, Some(done)).await {
                // It fails if nothing is entered any more.
                let _ = entered.await;
            }
            self.0.couriers.flush().await;
        };
        tokio::time::timeout(PATIENCE, delivered).await.is_ok()
    }

    /// Takes what was counted, and has it entered. Whether there is anything to do later.
    async fn look(&self, ends: Ends, done: Option<oneshot::Sender<()>>) -> bool {
        let Inner { engine, machine, looks, taken, .. } = &*self.0;
        let mut taken = taken.lock().await;
        if taken.is_over {
            return false;
        }
        taken.is_over = ends == Ends::ForGood;
        let (world, plan) = (engine.world(), Arc::clone(&engine.plan().borrow()));
        let has_logs = !world.flow_logs.is_empty();
        if !has_logs && !taken.had_logs {
            taken.at = clock::now_ms();
            return false;
        }
        let counted = machine.take_flows().await;
        let now = clock::now_ms();
        let between = (taken.at / 1000, now / 1000);
        (taken.at, taken.had_logs) = (now, has_logs);
        looks.send(Look { world, plan, counted, between, ends, done }).await.is_ok()
    }
}
