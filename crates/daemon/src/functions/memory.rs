//! How much memory execution environments take, and which take too much.
//!
//! Where the machine lets them, each is in a control group. The kernel counts and bounds it there, whatever other functions
//! do. Files in `/tmp` are in memory here and are none of the function's memory on AWS, so that the bound of the group lies
//! above that of the function: by what is in `/tmp`, and by some room for more until somebody has looked. One thread looks
//! at all groups, which takes a moment for each of them; who has passed its bound without `/tmp` is told.
//!
//! Elsewhere a thread of each environment looks at its processes in `/proc`, and rests longer the longer that took. What
//! comes and goes between two looks goes unseen then.

mod processes;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use sidegate_linux::cgroup::{Bounds, Group, Groups};
use sidegate_linux::workbench::{take_precedence, used_space};
use tokio::sync::Notify;

pub(crate) use self::processes::children;
use self::processes::{Taken, counted, exact, inside};
use crate::state_dir::StateDir;

const MIB: u64 = 1 << 20;

/// The pause between two rounds over all groups, while memory of one changes, and else.
const ROUND: Duration = Duration::from_millis(5);
const QUIET_ROUND: Duration = Duration::from_millis(10);

/// How much more than its memory and what is in `/tmp` the group of a function may have: what can be written there before
/// the bound has been raised, and what the kernel itself needs for processes.
const ROOM: u64 = 128 * MIB;

/// By how much the use of memory has to change before it is asked what it is made of.
const STEP: u64 = MIB;

/// How far the kernel's figures of what memory is made of may be behind, for each processor: it adds them up in batches.
const BATCH: u64 = 64 * 4096;

/// How many processes and threads a function has, and two processes that watch over it.
///
/// Source: Lambda developer guide, "Lambda quotas".
const TASKS: u64 = 1024 + 2;

/// The shortest pause between two looks at the processes of an environment.
const PAUSE: Duration = Duration::from_millis(20);

/// How many times as long as a look took the pause after it is, so that an environment costs a fifth of a processor at most.
const LEISURE: u32 = 4;

/// The most processes of an environment that are looked at: more than it may have.
const MOST_PROCESSES: usize = 2048;

/// How many are looked at where it is to take no time.
const FEW_PROCESSES: usize = 8;

/// Enough for a thread that looks.
const STACK: usize = 128 * 1024;

/// The memory of one environment.
#[derive(Debug)]
pub(super) struct Watched {
    /// The process that watches over the sandbox; its child is the first one inside.
    shim: u32,
    /// The most bytes.
    limit: u64,
    /// How many more may be due to figures that are not of one moment.
    slack: u64,
    group: Option<Grouped>,
    peak: AtomicU64,
    exceeded: AtomicBool,
    told: Notify,
}

/// A group, and what was seen of it.
#[derive(Debug)]
struct Grouped {
    group: Arc<Group>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Where `/tmp` is seen from outside, once it is known.
    temporary: Option<PathBuf>,
    /// What was in use at the last look.
    usage: u64,
    /// And when it was last asked what that is made of.
    composed: u64,
    /// The most that was seen in use.
    highest: u64,
    /// The bound that the kernel has.
    bound: u64,
}

impl Watched {
    /// The most bytes that were seen in use: at least some, for nothing runs in none.
    pub(super) fn peak(&self) -> u64 {
        let few = counted(&inside(self.shim, FEW_PROCESSES));
        let burst = match &self.group {
            Some(grouped) => {
                self.look_at_group(grouped, true);
                let highest = grouped.seen().highest;
                // What came and went between two looks.
                grouped.group.peak().unwrap_or_default().saturating_sub(highest)
            }
            None if self.peak.load(Ordering::Relaxed) == 0 => {
                self.peak.fetch_max(few.total(), Ordering::Relaxed);
                0
            }
            None => 0,
        };
        // Pages of files that several environments have belong to the group that was first; AWS shares none.
        let files = if self.group.is_some() { few.files } else { 0 };
        (self.peak.load(Ordering::Relaxed) + burst + files).min(self.limit).max(MIB)
    }

    /// Waits until it takes too much.
    pub(super) async fn exceeded(&self) {
        loop {
            let told = self.told.notified();
            if self.exceeded.load(Ordering::SeqCst) {
                return;
            }
            told.await;
        }
    }

    /// Whether it has taken too much until now.
    pub(super) fn has_exceeded(&self) -> bool {
        if let Some(grouped) = &self.group
            && grouped.group.kills().is_ok_and(|kills| kills > 0)
        {
            self.exceed();
        }
        self.exceeded.load(Ordering::SeqCst)
    }

    fn exceed(&self) {
        self.peak.fetch_max(self.limit, Ordering::Relaxed);
        if !self.exceeded.swap(true, Ordering::SeqCst) {
            self.told.notify_waiters();
            self.told.notify_one();
        }
    }

    fn note(&self, used: u64) {
        self.peak.fetch_max(used, Ordering::Relaxed);
        if used > self.limit + self.slack {
            self.exceed();
        }
    }

    /// Looks at the processes.
    fn look(&self) {
        let processes = inside(self.shim, MOST_PROCESSES);
        let Taken { mut own, files } = counted(&processes);
        // Who has forked has everything twice by that count.
        if processes.len() > 1 && own + files > self.peak.load(Ordering::Relaxed) {
            own = exact(&processes).unwrap_or(own);
        }
        self.note(own + files);
    }

    /// Looks at the group, and says whether something has changed.
    fn look_at_group(&self, grouped: &Grouped, is_thorough: bool) -> bool {
        let Ok(usage) = grouped.group.usage() else { return false };
        let mut seen = grouped.seen();
        let changed = usage != std::mem::replace(&mut seen.usage, usage);
        seen.highest = seen.highest.max(usage);
        if !changed && !is_thorough {
            return false;
        }
        if self.has_exceeded() || (usage.abs_diff(seen.composed) < STEP && !is_thorough) {
            return changed;
        }
        let Some(before) = seen.temporary(self.shim) else { return changed };
        let Ok(composition) = grouped.group.composition() else { return changed };
        let Some(after) = seen.temporary(self.shim) else { return changed };
        seen.composed = usage;
        // Files may come and go meanwhile.
        let temporary = before.max(after);
        seen.rebound(&grouped.group, bound(self.limit, temporary));
        drop(seen);
        self.note(composition.anonymous + composition.shared.saturating_sub(temporary));
        changed
    }
}

impl Grouped {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// How many bytes are in `/tmp`; `None` once nothing is there any more.
    fn temporary(&mut self, shim: u32) -> Option<u64> {
        if self.temporary.is_none() {
            let first = children(shim).into_iter().next();
            self.temporary = first.map(|first| PathBuf::from(format!("/proc/{first}/root/tmp")));
        }
        used_space(self.temporary.as_ref()?).ok()
    }

    fn rebound(&mut self, group: &Group, bound: u64) {
        if bound == self.bound {
            return;
        }
        match group.bound_memory(bound) {
            Ok(()) => self.bound = bound,
            // Less than is in use is tried again, when that has changed.
            Err(error) => tracing::debug!(%error, bound, "the memory of a function is not bounded anew"),
        }
    }
}

/// What the kernel bounds the group of a function to. Steps keep it from being written all the time.
fn bound(limit: u64, temporary: u64) -> u64 {
    limit + ROOM + temporary.next_multiple_of(8 * MIB)
}

/// The control groups of a daemon, where the machine has some for it. The log says which it is.
pub(super) fn control_groups(state: &StateDir) -> Option<Arc<Groups>> {
    let opened = state.id().and_then(|id| Groups::open(&format!("sidegate-{id}"), &state.join("groups")));
    match opened {
        Ok(groups) => {
            tracing::info!(directory = %groups.directory().display(), "control groups bound the memory of functions");
            Some(groups)
        }
        Err(error) => {
            tracing::info!(%error, "there are no control groups; the memory of functions is looked at from time to time");
            None
        }
    }
}

/// Whoever looks. The thread over all groups ends with this value, each other one with its environment.
#[derive(Debug)]
pub(super) struct MemoryWatch {
    groups: Option<Arc<Groups>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    watched: Mutex<List>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct List {
    all: Vec<Weak<Watched>>,
    is_running: bool,
    is_over: bool,
}

impl MemoryWatch {
    /// With groups where there are some, else by looking at processes.
    pub(super) fn new(groups: Option<Arc<Groups>>) -> Self {
        Self { groups, shared: Arc::default() }
    }

    /// Makes the group of an environment of so many bytes, where there are groups. What it gives may block.
    pub(super) fn group(&self, limit: u64) -> impl FnOnce() -> Option<Arc<Group>> + Send + use<> {
        let groups = self.groups.clone();
        move || {
            let made = groups?.group(Bounds { memory: bound(limit, 0), tasks: TASKS });
            let told = |error: &std::io::Error| tracing::warn!(%error, "a function has no control group");
            made.inspect_err(told).ok().map(Arc::new)
        }
    }

    /// Looks at an environment from now on, for as long as the value is kept.
    pub(super) fn watch(&self, shim: u32, limit: u64, group: Option<Arc<Group>>) -> Arc<Watched> {
        let grouped = |group| Grouped { group, seen: Mutex::new(Seen { bound: bound(limit, 0), ..Seen::default() }) };
        let processors = thread::available_parallelism().map_or(1, |count| u64::try_from(count.get()).unwrap_or(1));
        let watched = Arc::new(Watched {
            shim,
            limit,
            slack: if group.is_some() { MIB + BATCH * processors } else { 0 },
            group: group.map(grouped),
            peak: AtomicU64::default(),
            exceeded: AtomicBool::default(),
            told: Notify::new(),
        });
        let started = if watched.group.is_some() { self.watch_group(&watched) } else { watch_processes(&watched) };
        if let Err(error) = started {
            tracing::error!(%error, "no thread looks at the memory of a function");
        }
        watched
    }

    fn watch_group(&self, watched: &Arc<Watched>) -> std::io::Result<()> {
        let mut list = self.shared.list();
        list.all.push(Arc::downgrade(watched));
        if !list.is_running {
            let shared = Arc::clone(&self.shared);
            thread::Builder::new().name("memory".to_owned()).spawn(move || shared.run())?;
            list.is_running = true;
        }
        self.shared.changed.notify_one();
        Ok(())
    }

    /// Where the groups are, if there are some.
    #[cfg(test)]
    pub(super) fn directory(&self) -> Option<&std::path::Path> {
        self.groups.as_deref().map(Groups::directory)
    }

    /// Removes what is left of the groups. None can be made afterwards.
    pub(super) fn close(&self) {
        if let Some(groups) = &self.groups {
            groups.close();
        }
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        self.shared.list().is_over = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn list(&self) -> MutexGuard<'_, List> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        // Functions may take all processors, and are to wait for this.
        if let Err(error) = take_precedence() {
            tracing::debug!(%error, "the thread that looks at memory has no precedence");
        }
        while let Some(round) = self.next_round() {
            let looked = round.iter().filter_map(|one| Some(one.look_at_group(one.group.as_ref()?, false)));
            let has_changed = looked.fold(false, |any, changed| any | changed);
            drop(round);
            thread::sleep(if has_changed { ROUND } else { QUIET_ROUND });
        }
    }

    /// Whoever is to be looked at; waits until there is somebody. `None` at the end.
    fn next_round(&self) -> Option<Vec<Arc<Watched>>> {
        let mut list = self.list();
        loop {
            if list.is_over {
                return None;
            }
            list.all.retain(|watched| watched.strong_count() > 0);
            let round: Vec<_> = list.all.iter().filter_map(Weak::upgrade).collect();
            if !round.is_empty() {
                return Some(round);
            }
            list = self.changed.wait(list).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Looks at the processes of one environment, on a thread of its own: many processes are at its own cost.
fn watch_processes(watched: &Arc<Watched>) -> std::io::Result<()> {
    let watched = Arc::downgrade(watched);
    let look = move || {
        while let Some(watched) = watched.upgrade() {
            let begun = Instant::now();
            watched.look();
            drop(watched);
            thread::sleep(PAUSE.max(begun.elapsed() * LEISURE));
        }
    };
    thread::Builder::new().name("memory".to_owned()).stack_size(STACK).spawn(look).map(drop)
}

#[cfg(test)]
mod tests;
