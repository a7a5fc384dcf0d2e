//! Control groups (cgroups(7)): the kernel bounds the memory and the processes of what is in them, whatever others do.
//!
//! A machine may have the old hierarchies, the unified one or none that can be written to, as in many containers. Which
//! holds is found out by trying. Swapping is off in every group.

mod place;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use self::place::{Form, Place};
use crate::sandbox::enter_groups;

/// How often, and after how long each, the removal of a group is tried whose last process is ending.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// What a trial group has: enough for a shell.
const TRIAL: Bounds = Bounds { memory: 64 << 20, tasks: 16 };

/// The most that a group has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of memory, with files that are kept in memory. Who takes more is killed.
    pub memory: u64,
    /// Processes and threads.
    pub tasks: u64,
}

/// What the memory of a group is made of, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Composition {
    /// What processes have of their own.
    pub anonymous: u64,
    /// What they share, and what is in file systems that are in memory.
    pub shared: u64,
}

/// The directory of a daemon's groups. It is removed with this value.
#[derive(Debug)]
pub struct Groups {
    form: Form,
    memory: PathBuf,
    /// Where the tasks of groups are counted, if not in the same place or nowhere.
    tasks: Option<PathBuf>,
    /// What the names of this value's groups begin with.
    prefix: String,
    next: AtomicU64,
}

impl Groups {
    /// Makes a directory of this name where this process may have groups. `record` is a file that says where it was, so
    /// that what a process that was killed has left behind is removed by the next one.
    ///
    /// # Errors
    /// Why there are no groups on this machine for this process.
    pub fn open(name: &str, record: &Path) -> io::Result<Arc<Self>> {
        let mounts = fs::read_to_string("/proc/self/mountinfo")?;
        let own = fs::read_to_string("/proc/self/cgroup")?;
        Self::open_in(&place::places(&mounts, &own), name, record)
    }

    fn open_in(places: &[Place], name: &str, record: &Path) -> io::Result<Arc<Self>> {
        let mut reason = io::Error::new(io::ErrorKind::NotFound, "no hierarchy with memory is mounted");
        for place in places {
            match Self::try_in(place, name) {
                Ok(groups) => {
                    let left = fs::read_to_string(record).unwrap_or_default();
                    let own: Vec<PathBuf> = groups.directories().cloned().collect();
                    let lines: Vec<String> = own.iter().map(|path| path.display().to_string()).collect();
                    fs::write(record, lines.join("\n"))?;
                    let left: Vec<PathBuf> = left.lines().map(PathBuf::from).filter(|path| is_of(path, name)).collect();
                    let prefix = groups.prefix.clone();
                    let swept = move || sweep(&left, &own, &prefix);
                    thread::Builder::new().name("groups".to_owned()).spawn(swept)?;
                    return Ok(Arc::new(groups));
                }
                Err(error) => reason = io::Error::new(error.kind(), format!("{}: {error}", place.memory.display())),
            }
        }
        Err(reason)
    }

    /// Makes the directory, and a group as a trial that a process is in for a moment.
    fn try_in(place: &Place, name: &str) -> io::Result<Self> {
        let memory = place.memory.join(name);
        let tasks = match place.form {
            Form::Unified => {
                allow_controllers(&place.memory, place.is_own)?;
                None
            }
            Form::Separate => place.tasks.as_ref().map(|tasks| tasks.join(name)),
        };
        // Pids are used again, some of them soon.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let prefix = format!("{}-{since:x}-", std::process::id());
        let groups = Self { form: place.form, memory, tasks, prefix, next: AtomicU64::new(0) };
        for directory in groups.directories() {
            make(directory)?;
        }
        if groups.form == Form::Unified {
            allow_controllers(&groups.memory, true)?;
        }
        let groups = Arc::new(groups);
        let trial = groups.group(TRIAL)?;
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", ":"]).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        enter_groups(&mut shell, trial.doors()?);
        let status = shell.status()?;
        if !status.success() || trial.kills()? > 0 {
            return Err(io::Error::other(format!(
                "a process in a group of {} bytes ended with {status}",
                TRIAL.memory
            )));
        }
        trial.usage()?;
        trial.composition()?;
        drop(trial);
        Arc::into_inner(groups).ok_or_else(|| io::Error::other("the trial has not ended"))
    }

    /// Makes a group.
    ///
    /// # Errors
    /// If the kernel refuses one more, or its bounds.
    pub fn group(self: &Arc<Self>, bounds: Bounds) -> io::Result<Group> {
        let name = format!("{}{}", self.prefix, self.next.fetch_add(1, Ordering::Relaxed));
        let memory = self.memory.join(&name);
        let tasks = self.tasks.as_ref().map(|tasks| tasks.join(&name));
        let made = Made([Some(memory.clone()), tasks.clone()].into_iter().flatten().collect());
        for directory in &made.0 {
            make(directory)?;
        }
        let (usage, events) = match self.form {
            Form::Separate => ("memory.usage_in_bytes", "memory.oom_control"),
            Form::Unified => ("memory.current", "memory.events"),
        };
        let (usage, events) = (File::open(memory.join(usage))?, File::open(memory.join(events))?);
        let group = Group { memory, usage, events, made, groups: Arc::clone(self) };
        group.bound_memory(bounds.memory)?;
        match self.form {
            // Of a group alone it means that it does not swap; see the kernel's "Memory Resource Controller", 5.3.
            Form::Separate => group.write("memory.swappiness", 0)?,
            Form::Unified if group.memory.join("memory.swap.max").exists() => group.write("memory.swap.max", 0)?,
            Form::Unified => {}
        }
        let counted = tasks.as_ref().unwrap_or(&group.memory);
        if tasks.is_some() || self.form == Form::Unified {
            write(&counted.join("pids.max"), bounds.tasks)?;
        }
        Ok(group)
    }

    /// Where its groups are.
    pub fn directory(&self) -> &Path {
        &self.memory
    }

    /// Removes the directories, if no group is left in them. None can be made afterwards.
    pub fn close(&self) {
        for directory in self.directories() {
            let _ = fs::remove_dir(directory);
        }
    }

    fn directories(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.memory).chain(&self.tasks)
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        self.close();
    }
}

/// A control group. It is removed with this value, for which its processes have to have ended.
#[derive(Debug)]
pub struct Group {
    memory: PathBuf,
    usage: File,
    events: File,
    made: Made,
    /// Goes after what is in it.
    groups: Arc<Groups>,
}

impl Group {
    /// What a process writes to so that it is in the group.
    pub(crate) fn doors(&self) -> io::Result<Vec<File>> {
        self.made.0.iter().map(|path| OpenOptions::new().write(true).open(path.join("cgroup.procs"))).collect()
    }

    /// Bytes of memory in use, with files that are kept in memory and could be dropped.
    ///
    /// # Errors
    /// What the kernel answers.
    pub fn usage(&self) -> io::Result<u64> {
        let text = reread(&self.usage)?;
        text.trim().parse().map_err(io::Error::other)
    }

    /// The most that were ever in use, where the kernel tells it.
    ///
    /// # Errors
    /// What the kernel answers.
    pub fn peak(&self) -> io::Result<u64> {
        let name = match self.groups.form {
            Form::Separate => "memory.max_usage_in_bytes",
            Form::Unified => "memory.peak",
        };
        fs::read_to_string(self.memory.join(name))?.trim().parse().map_err(io::Error::other)
    }

    /// How many processes were killed since they were out of memory.
    ///
    /// # Errors
    /// What the kernel answers.
    pub fn kills(&self) -> io::Result<u64> {
        Ok(value(&reread(&self.events)?, "oom_kill").unwrap_or_default())
    }

    /// What the memory is made of.
    ///
    /// # Errors
    /// What the kernel answers.
    pub fn composition(&self) -> io::Result<Composition> {
        let text = fs::read_to_string(self.memory.join("memory.stat"))?;
        let (anonymous, shared) = match self.groups.form {
            Form::Separate => ("total_rss", "total_shmem"),
            Form::Unified => ("anon", "shmem"),
        };
        let value = |name: &str| {
            value(&text, name).ok_or_else(|| io::Error::other(format!("`memory.stat` does not tell `{name}`")))
        };
        Ok(Composition { anonymous: value(anonymous)?, shared: value(shared)? })
    }

    /// Bounds the memory anew.
    ///
    /// # Errors
    /// If more is in use and cannot be dropped, or what else the kernel answers.
    pub fn bound_memory(&self, bytes: u64) -> io::Result<()> {
        let name = match self.groups.form {
            Form::Separate => "memory.limit_in_bytes",
            Form::Unified => "memory.max",
        };
        self.write(name, bytes)
    }

    fn write(&self, name: &str, number: u64) -> io::Result<()> {
        write(&self.memory.join(name), number)
    }
}

/// The directories of a group.
#[derive(Debug)]
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.0 {
            remove(path);
        }
    }
}

/// Removes what others than this prefix have left in these directories, and those that are not one's own.
fn sweep(directories: &[PathBuf], own: &[PathBuf], prefix: &str) {
    for directory in directories {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        let groups = entries.map(|entry| entry.path()).filter(|path| {
            path.is_dir() && !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        });
        groups.for_each(|group| remove(&group));
        if !own.contains(directory) {
            let _ = fs::remove_dir(directory);
        }
    }
}

/// Removes a group as soon as its last process has ended, and gives up after a while.
fn remove(group: &Path) {
    for _ in 0..TRIES {
        match fs::remove_dir(group) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => thread::sleep(PAUSE),
            _ => return,
        }
    }
}

/// Whether a path that was recorded is of a directory of this name.
fn is_of(path: &Path, name: &str) -> bool {
    path.is_absolute() && path.file_name().is_some_and(|last| last == name)
}

/// Has the groups in this one bounded, which is only changed if it is one's own.
fn allow_controllers(group: &Path, is_own: bool) -> io::Result<()> {
    let path = group.join("cgroup.subtree_control");
    let allowed = fs::read_to_string(&path)?;
    if ["memory", "pids"].iter().all(|name| allowed.split_whitespace().any(|one| one == *name)) {
        return Ok(());
    }
    if !is_own {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the groups in it are not bounded"));
    }
    OpenOptions::new().write(true).open(path)?.write_all(b"+memory +pids")
}

fn make(directory: &Path) -> io::Result<()> {
    match fs::create_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Writes a file that the kernel has made.
fn write(path: &Path, number: u64) -> io::Result<()> {
    let told = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut file = OpenOptions::new().write(true).open(path).map_err(told)?;
    file.write_all(number.to_string().as_bytes()).map_err(told)
}

/// Reads a small file of the kernel's once more.
fn reread(file: &File) -> io::Result<String> {
    let mut text = [0; 512];
    let length = file.read_at(&mut text, 0)?;
    Ok(String::from_utf8_lossy(text.get(..length).unwrap_or_default()).into_owned())
}

/// A number by its name, in a file that has one of each on a line.
fn value(text: &str, name: &str) -> Option<u64> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.find(|(own, _)| *own == name)?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests;
