//! Deliveries under way: what is recorded of each flow log waits in a queue of its own and is delivered by a task of its own,
//! so that a destination that is slow, or takes nothing, holds up no other one and no counting. What it does not take is tried
//! again, after ever longer pauses.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sidegate_model::flow_record::Record;
use sidegate_model::{DeliveryError, FlowLog, FlowLogId};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;

use super::delivery::{Delivery, Streams};
use super::queue::{Changes, Line, Queue, interfaces};
use super::spool::{Open, Spool};
use crate::clock;

/// The first pause before something is tried again, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long a destination may take for one parcel.
const LONGEST_DELIVERY: Duration = Duration::from_secs(120);

/// The deliveries of all flow logs. Cloning it gives another handle.
#[derive(Clone)]
pub(super) struct Couriers {
    all: Arc<Mutex<BTreeMap<FlowLogId, Arc<Courier>>>>,
    delivery: Arc<Delivery>,
    spool: Spool,
    jobs: mpsc::UnboundedSender<Job>,
}

/// What is to be written down, one after the other.
enum Job {
    Records(Box<FlowLog>, Vec<Record>),
    Open(Open),
    Gone(FlowLogId),
    Barrier(oneshot::Sender<()>),
}

/// The delivery of one flow log.
struct Courier {
    queue: Mutex<Queue>,
    /// That there is something new for it.
    news: Notify,
    /// How often all was to be delivered at once, and how often it has been tried.
    wanted: watch::Sender<u64>,
    tried: watch::Sender<u64>,
    /// Whether the flow log was deleted.
    is_gone: AtomicBool,
}

impl Couriers {
    /// Goes on with what waits in the state directory.
    pub(super) fn new(delivery: Delivery, spool: Spool) -> Self {
        let (jobs, todo) = mpsc::unbounded_channel();
        let couriers = Self { all: Arc::default(), delivery: Arc::new(delivery), spool, jobs };
        for (log, parcels) in couriers.spool.waiting() {
            couriers.start(Queue::new(log, parcels));
        }
        tokio::spawn(couriers.clone().write_down(todo));
        couriers
    }

    /// Takes the records of an interval in.
    pub(super) fn put(&self, log: &FlowLog, records: Vec<Record>) {
        if !records.is_empty() {
            self.job(Job::Records(Box::new(log.clone()), records));
        }
    }

    /// Notes which intervals go on.
    pub(super) fn note_open(&self, open: Open) {
        self.job(Job::Open(open));
    }

    /// Ends the delivery of a flow log that was deleted, once what waits has been delivered, which is done at once.
    pub(super) fn end(&self, log: &FlowLogId) {
        self.job(Job::Gone(log.clone()));
    }

    /// Tries at once to deliver all that was taken in. It comes back when each has been tried.
    pub(super) async fn flush(&self) {
        let (sender, passed) = oneshot::channel();
        self.job(Job::Barrier(sender));
        // It fails if nothing is written down any more.
        let _ = passed.await;
        let couriers: Vec<_> = self.all().values().cloned().collect();
        let waited: Vec<_> = couriers
            .iter()
            .map(|courier| {
                let mut wanted = 0;
                courier.wanted.send_modify(|count| {
                    *count += 1;
                    wanted = *count;
                });
                courier.news.notify_one();
                (wanted, courier.tried.subscribe())
            })
            .collect();
        for (wanted, mut tried) in waited {
            let _ = tried.wait_for(|count| *count >= wanted).await;
        }
    }

    fn job(&self, job: Job) {
        // There is nobody to take it when the daemon ends.
        let _ = self.jobs.send(job);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<FlowLogId, Arc<Courier>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what comes in, in its order, beside the runtime.
    async fn write_down(self, mut todo: mpsc::UnboundedReceiver<Job>) {
        while let Some(job) = todo.recv().await {
            let own = self.clone();
            let runtime = tokio::runtime::Handle::current();
            let done = tokio::task::spawn_blocking(move || {
                let _inside = runtime.enter();
                own.carry_out(job);
            });
            if let Err(error) = done.await {
                tracing::error!(%error, "records of flow logs were not written down");
            }
        }
    }

    fn carry_out(&self, job: Job) {
        match job {
            Job::Records(log, records) => {
                let lines: Vec<_> = records.iter().map(|record| Line::of(&log, record)).collect();
                let interfaces = interfaces(&records);
                let known = self.all().get(&log.id).cloned();
                let courier = known.unwrap_or_else(|| self.start(Queue::new(*log, Vec::new())));
                let mut queue = courier.queue();
                let changes = queue.put(lines, &interfaces);
                self.keep(&queue, changes);
                drop(queue);
                courier.news.notify_one();
            }
            Job::Open(open) => self.spool.note_open(&open),
            Job::Gone(log) => {
                if let Some(courier) = self.all().get(&log) {
                    courier.is_gone.store(true, Ordering::Relaxed);
                    courier.news.notify_one();
                }
            }
            Job::Barrier(passed) => drop(passed.send(())),
        }
    }

    /// Keeps a queue for after a crash as it is now.
    fn keep(&self, queue: &Queue, changes: Changes) {
        for number in changes.dropped {
            self.spool.remove(&queue.log().id, number);
        }
        for (number, since) in changes.grown {
            if let Some(parcel) = queue.parcel(number) {
                self.spool.add(queue.log(), parcel, since);
            }
        }
    }

    fn start(&self, queue: Queue) -> Arc<Courier> {
        let id = queue.log().id.clone();
        let is_gone = AtomicBool::new(!self.delivery.is_there(&id));
        let (wanted, tried) = (watch::Sender::new(0), watch::Sender::new(0));
        let courier = Arc::new(Courier { queue: Mutex::new(queue), news: Notify::new(), wanted, tried, is_gone });
        self.all().insert(id, Arc::clone(&courier));
        tokio::spawn(self.clone().run(Arc::clone(&courier)));
        courier
    }

    /// Delivers what is due, until the flow log is deleted and all of it is delivered.
    async fn run(self, courier: Arc<Courier>) {
        let mut streams = Streams::default();
        let (mut pause, mut not_before) = (FIRST_PAUSE, Instant::now());
        loop {
            let wanted = *courier.wanted.borrow();
            let is_hurried = wanted > *courier.tried.borrow();
            if is_hurried || Instant::now() >= not_before {
                let all = is_hurried || courier.is_gone.load(Ordering::Relaxed);
                if self.deliver(&courier, all, &mut streams).await {
                    pause = FIRST_PAUSE;
                } else {
                    not_before = Instant::now() + pause;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
            courier.tried.send_replace(wanted);
            if self.has_ended(&courier) {
                courier.tried.send_replace(u64::MAX);
                return;
            }
            let until = not_before.max(courier.due());
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = courier.news.notified() => {}
            }
        }
    }

    /// Delivers what is due, or `all`. Whether all of it was taken.
    async fn deliver(&self, courier: &Courier, all: bool, streams: &mut Streams) -> bool {
        let (log, last) = {
            let mut queue = courier.queue();
            let changes = queue.tell_lost();
            self.keep(&queue, changes);
            (queue.log().clone(), all.then(|| queue.next()))
        };
        let mut left = Vec::new();
        loop {
            let taken = courier.queue().take(clock::now_ms() / 1000, last);
            let Some(mut parcel) = taken else { break };
            let delivered = self.delivery.deliver(&log, &parcel, streams);
            let (rest, outcome) = tokio::time::timeout(LONGEST_DELIVERY, delivered)
                .await
                .unwrap_or_else(|_| (parcel.lines.clone(), Err(DeliveryError::Unknown)));
            self.delivery.note(&log.id, outcome);
            if rest.is_empty() {
                self.spool.remove(&log.id, parcel.number);
                continue;
            }
            let is_part = rest.len() < parcel.lines.len();
            parcel.keep(rest);
            if is_part {
                self.spool.replace(&log, &parcel);
            }
            left.push(parcel);
            // One stream, or one folder, may be denied and not another. A destination that is away takes nothing else.
            if outcome != Err(DeliveryError::Access) {
                break;
            }
        }
        let is_all = left.is_empty();
        let mut queue = courier.queue();
        for parcel in left {
            let number = parcel.number;
            if !queue.put_back(parcel, clock::now_ms() / 1000) {
                self.spool.remove(&log.id, number);
            }
        }
        is_all
    }

    /// Whether nothing more comes: then it is forgotten.
    fn has_ended(&self, courier: &Arc<Courier>) -> bool {
        let mut all = self.all();
        let queue = courier.queue();
        if !courier.is_gone.load(Ordering::Relaxed) || queue.due().is_some() {
            return false;
        }
        let id = &queue.log().id;
        all.remove(id);
        self.spool.forget(id);
        true
    }
}

impl Courier {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When something is due next.
    fn due(&self) -> Instant {
        const LONG: Duration = Duration::from_secs(24 * 3600);
        let due = self.queue().due();
        let in_ms = due.map(|due| due.saturating_mul(1000).saturating_sub(clock::now_ms()).max(0));
        let wait = in_ms.and_then(|ms| u64::try_from(ms).ok()).map_or(LONG, Duration::from_millis);
        Instant::now() + wait.min(LONG)
    }
}
