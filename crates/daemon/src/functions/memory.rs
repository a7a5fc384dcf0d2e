//! How much memory the processes of execution environments take, and which take too much.
//!
//! One thread looks at all of them in turn, and sleeps longer where a round takes long. What it counts is what the
//! processes have of their own, and the largest share of files that one of them has mapped. A fork has everything twice
//! by that count, so that before anybody is ended the kernel is asked for the exact one, which costs more.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// The shortest pause between two rounds.
const PAUSE: Duration = Duration::from_millis(20);

/// How many times as long as a round took the pause after it is, so that looking takes a fifth of a processor at most.
const LEISURE: u32 = 4;

/// The most processes of an environment that are looked at: more than it may have.
const MOST_PROCESSES: usize = 2048;

/// The memory of one environment.
#[derive(Debug)]
pub(super) struct Watched {
    /// The process that watches over the sandbox; its child is the first one inside.
    shim: u32,
    /// The most bytes.
    limit: u64,
    peak: AtomicU64,
    exceeded: AtomicBool,
    told: Notify,
}

impl Watched {
    /// The most bytes that were seen in use.
    pub(super) fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed).min(self.limit)
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

    fn look(&self) {
        let processes = inside(self.shim);
        let mut used = counted(&processes);
        if used > self.limit {
            used = exact(&processes).unwrap_or(used);
        }
        self.peak.fetch_max(used, Ordering::Relaxed);
        if used > self.limit && !self.exceeded.swap(true, Ordering::SeqCst) {
            self.told.notify_waiters();
            self.told.notify_one();
        }
    }
}

/// The thread that looks. It ends with this value.
#[derive(Debug, Default)]
pub(super) struct MemoryWatch(Arc<Shared>);

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
    /// Looks at an environment from now on, for as long as the value is kept.
    pub(super) fn watch(&self, shim: u32, limit: u64) -> Arc<Watched> {
        let watched = Arc::new(Watched {
            shim,
            limit,
            peak: AtomicU64::default(),
            exceeded: AtomicBool::default(),
            told: Notify::new(),
        });
        let mut list = self.0.watched.lock().unwrap_or_else(PoisonError::into_inner);
        list.all.push(Arc::downgrade(&watched));
        if !list.is_running {
            let shared = Arc::clone(&self.0);
            let started = thread::Builder::new().name("memory".to_owned()).spawn(move || shared.run());
            match started {
                Ok(_) => list.is_running = true,
                Err(error) => tracing::error!(%error, "no thread looks at the memory of functions"),
            }
        }
        self.0.changed.notify_one();
        watched
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
        self.0.changed.notify_one();
    }
}

impl Shared {
    fn run(&self) {
        while let Some(round) = self.next_round() {
            let begun = Instant::now();
            for watched in round {
                watched.look();
            }
            thread::sleep(PAUSE.max(begun.elapsed() * LEISURE));
        }
    }

    /// Whoever is to be looked at; waits until there is somebody. `None` at the end.
    fn next_round(&self) -> Option<Vec<Arc<Watched>>> {
        let mut list = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
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

/// The processes of a sandbox but for its first, which is ours.
fn inside(shim: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut waiting: Vec<u32> = children(shim).into_iter().flat_map(children).collect();
    while let Some(process) = waiting.pop() {
        if found.len() == MOST_PROCESSES {
            break;
        }
        found.push(process);
        waiting.extend(children(process));
    }
    found
}

/// The children of a process, by whichever of its threads.
pub(crate) fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    let lists = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect()
}

/// What the processes have of their own, and the most that one has mapped of files.
fn counted(processes: &[u32]) -> u64 {
    let (mut own, mut files) = (0, 0);
    for process in processes {
        // One that has ended meanwhile has nothing.
        let Ok(status) = fs::read_to_string(format!("/proc/{process}/status")) else { continue };
        own += field(&status, "RssAnon:").unwrap_or_default() + field(&status, "RssShmem:").unwrap_or_default();
        files = files.max(field(&status, "RssFile:").unwrap_or_default());
    }
    own + files
}

/// What the processes take together, what they share counted once.
fn exact(processes: &[u32]) -> Option<u64> {
    let shares = processes.iter().filter_map(|process| {
        let map = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        field(&map, "Pss:")
    });
    Some(shares.sum()).filter(|sum| *sum > 0)
}

/// A field of a file of `/proc` that has kilobytes, as bytes.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_in_bytes() {
        let status = "Name:\tpython3\nRssAnon:\t    5120 kB\nRssFile:\t  10 kB\n";
        assert_eq!(field(status, "RssAnon:"), Some(5120 * 1024));
        assert_eq!(field(status, "RssShmem:"), None);
    }

    #[test]
    fn what_a_process_takes_is_seen() {
        let own = std::process::id();
        let before = counted(&[own]);
        let taken = vec![1_u8; 64 * 1024 * 1024];
        assert!(taken.iter().map(|byte| u64::from(*byte)).sum::<u64>() > 0);
        assert!(counted(&[own]) > before + 32 * 1024 * 1024);
        assert!(exact(&[own]).unwrap() > 0);
    }
}
