//! What the processes of a sandbox take, as `/proc` tells it.

use std::fs;

/// The memory of a sandbox's processes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// What they have of their own.
    pub(super) own: u64,
    /// The most that one of them has mapped of files.
    pub(super) files: u64,
}

impl Taken {
    pub(super) fn total(self) -> u64 {
        self.own + self.files
    }
}

/// The processes of a sandbox but for its first, which is ours: so many at most.
pub(super) fn inside(shim: u32, most: usize) -> Vec<u32> {
    let mut found = Vec::new();
    let mut waiting: Vec<u32> = children(shim).into_iter().flat_map(children).collect();
    while let Some(process) = waiting.pop() {
        if found.len() == most {
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

/// What processes take, where what they share is counted in each of them.
pub(super) fn counted(processes: &[u32]) -> Taken {
    let mut taken = Taken::default();
    for process in processes {
        // One that has ended meanwhile has nothing.
        let Ok(status) = fs::read_to_string(format!("/proc/{process}/status")) else { continue };
        taken.own += field(&status, "RssAnon:").unwrap_or_default() + field(&status, "RssShmem:").unwrap_or_default();
        taken.files = taken.files.max(field(&status, "RssFile:").unwrap_or_default());
    }
    taken
}

/// The same, where what processes share, as forks do, is counted once: each has its part of it (PSS). It costs more.
pub(super) fn exact(processes: &[u32]) -> Option<u64> {
    let shares = processes.iter().filter_map(|process| {
        let map = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        Some(field(&map, "Pss_Anon:")? + field(&map, "Pss_Shmem:")?)
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
        let after = counted(&[own]);
        assert!(after.own > before.own + 32 * 1024 * 1024 && after.files > 0, "{after:?}");
        assert!(exact(&[own]).unwrap() > before.own);
    }
}
