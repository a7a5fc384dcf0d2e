//! Programs that a benchmark starts, and what the kernel says of processes.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sidegate_linux::netns::NetNs;
use sidegate_linux::workbench::{self, Thread};

use super::{BenchError, Step as _};

/// What a tick of `/proc/PID/stat` is (`USER_HZ` of proc(5), the same on every architecture that has this program).
const TICK: Duration = Duration::from_millis(10);

/// A program in a process group of its own, so that the terminal's Ctrl-C comes to the benchmark alone. Dropping it
/// ends the group.
#[derive(Debug)]
pub(super) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts a program in a namespace. What it says goes to the file `log`.
    pub(super) fn start_in(
        namespace: &NetNs, name: &str, mut command: Command, log: &Path,
    ) -> Result<Self, BenchError> {
        let step = || format!("starting {name}");
        let log = fs::File::options().create(true).append(true).open(log).step(step())?;
        command.stdin(Stdio::null()).stdout(log.try_clone().step(step())?).stderr(log).process_group(0);
        let child = namespace.run(|| command.spawn()).step(step())?.step(step())?;
        Ok(Self { name: name.to_owned(), child })
    }

    /// Its id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error if it has ended.
    pub(super) fn check(&mut self, log: &Path) -> Result<(), BenchError> {
        match self.child.try_wait().step(&*self.name)? {
            None => Ok(()),
            Some(status) => {
                let said = fs::read_to_string(log).unwrap_or_default();
                Err(BenchError::Step { step: self.name.clone(), reason: format!("{status}: {}", said.trim()) })
            }
        }
    }

    /// Keeps it, and what it will start, on these CPUs.
    pub(super) fn keep_on(&self, cpus: &[usize]) {
        for thread in threads(self.id()) {
            // One that has ended meanwhile needs no place.
            let _ = Thread::of(thread).keep_on(cpus);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        workbench::end_group(self.id());
        let _ = self.child.wait();
    }
}

fn threads(process: u32) -> Vec<i32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok()).collect()
}

fn children(process: u32) -> Vec<u32> {
    let of_thread = |thread| fs::read_to_string(format!("/proc/{process}/task/{thread}/children")).unwrap_or_default();
    let lists: Vec<String> = threads(process).into_iter().map(of_thread).collect();
    lists.iter().flat_map(|list| list.split_ascii_whitespace().filter_map(|id| id.parse().ok())).collect()
}

/// The CPU time of a process with its children, those that have ended too; in steps of ten milliseconds.
pub(super) fn cpu_time_of(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name may hold spaces and parentheses. After it, `utime` to `cstime` are the 12th to the 15th.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
    let ticks: u32 = fields.skip(11).take(4).filter_map(|field| field.parse::<u32>().ok()).sum();
    children(process).into_iter().map(cpu_time_of).fold(TICK * ticks, |sum, time| sum + time)
}

/// A figure of `/proc/PID/status`, in bytes: `VmRSS` and the like.
pub(super) fn memory_of(process: u32, figure: &str) -> Option<u64> {
    kilobytes(&fs::read_to_string(format!("/proc/{process}/status")).ok()?, figure)
}

/// The sum of figures of `/proc/meminfo`, in bytes.
pub(super) fn memory_of_kernel(figures: &[&str]) -> u64 {
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    figures.iter().filter_map(|figure| kilobytes(&info, figure)).sum()
}

/// Refuses what takes more memory than is available; `option` bounds it.
pub(super) fn check_memory(of: &str, needed: u64, option: &str) -> Result<(), BenchError> {
    let available = memory_of_kernel(&["MemAvailable"]);
    if needed <= available {
        return Ok(());
    }
    let mib = |bytes: u64| bytes / (1024 * 1024);
    Err(BenchError::Step {
        step: format!("making room for the {of}"),
        reason: format!(
            "they take about {} MiB of memory and {} MiB are available; ask for fewer with `{option}`",
            mib(needed),
            mib(available)
        ),
    })
}

fn kilobytes(text: &str, figure: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|n| n * 1024)
}

/// Lets the peak of a process's memory begin anew.
pub(super) fn forget_peak(process: u32) -> io::Result<()> {
    fs::write(format!("/proc/{process}/clear_refs"), "5")
}

/// The CPU time that this process and the kernel's own network threads use.
///
/// A packet over a veth is mostly carried by the thread that sent it, and so counted there. What the kernel puts off
/// runs in `ksoftirqd`.
#[derive(Debug)]
pub(super) struct OwnTime {
    kernel_threads: Vec<String>,
}

impl OwnTime {
    /// Finds the kernel's threads.
    pub(super) fn new() -> Self {
        let processes = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
        let is_softirq = |path: &Path| fs::read_to_string(path.join("comm")).is_ok_and(|c| c.starts_with("ksoftirqd/"));
        let paths = processes.map(|entry| entry.path()).filter(|path| is_softirq(path));
        Self { kernel_threads: paths.map(|path| path.join("schedstat").display().to_string()).collect() }
    }

    /// The time so far.
    pub(super) fn now(&self) -> io::Result<Duration> {
        let nanoseconds =
            |path: &String| -> Option<u64> { fs::read_to_string(path).ok()?.split(' ').next()?.parse().ok() };
        let kernel = self.kernel_threads.iter().filter_map(nanoseconds).sum();
        Ok(workbench::cpu_time()? + Duration::from_nanos(kernel))
    }
}

/// Whether a program is installed.
pub(super) fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    directories.into_iter().any(|directory| directory.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_memory_and_time() {
        let this = std::process::id();
        assert!(memory_of(this, "VmRSS").unwrap() > 100_000);
        assert_eq!(memory_of(this, "VmNothing"), None);
        assert!(memory_of_kernel(&["MemTotal", "MemFree"]) > memory_of_kernel(&["MemTotal"]));
        let own = OwnTime::new();
        let before = own.now().unwrap();
        let mut sum = 0_u64;
        while own.now().unwrap() - before < TICK * 3 {
            sum = sum.wrapping_add(1);
        }
        assert!(cpu_time_of(this) >= TICK, "{sum}");
        assert!(installed("sh") && !installed("no-such-program"));
    }
}
