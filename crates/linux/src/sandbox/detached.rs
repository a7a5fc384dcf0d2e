//! Programs that outlive their caller: whether one runs, how it ended, how to end it.
//!
//! A pid is not trusted: it may be another process by now. The shim holds a
//! lock on the pid file for as long as it lives; only while that is held does
//! the number in it mean the shim.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::error::Attempt;
use super::{SandboxError, sys};
use crate::netns::{NetNs, NetNsId};

/// How long the kernel may take to end what was killed.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// What became of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It ended by itself.
    Exited {
        /// Its exit status.
        code: i32,
    },
    /// A signal ended it.
    Killed {
        /// The number of the signal.
        signal: i32,
    },
    /// Its sandbox was ended before it.
    Terminated,
}

impl Outcome {
    /// The exit status that a shell would give.
    pub fn exit_status(self) -> i32 {
        match self {
            Self::Exited { code } => code,
            Self::Killed { signal } => 128 + signal,
            Self::Terminated => 128 + Signal::SIGKILL as i32,
        }
    }
}

/// How the program of a detached sandbox ended; nothing while it runs, and
/// nothing if its shim was killed or the machine went down under it.
pub fn status(status_file: &Path) -> Result<Option<Outcome>, SandboxError> {
    let action = format!("read the exit status `{}`", status_file.display());
    match fs::read(status_file) {
        Ok(json) => serde_json::from_slice(&json).attempt(&action).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SandboxError::system(action, &error)),
    }
}

/// Whether a detached sandbox is alive, be its program still running or not.
pub fn is_running(pid_file: &Path) -> Result<bool, SandboxError> {
    let action = format!("look at the lock of `{}`", pid_file.display());
    let file = match File::open(pid_file) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(SandboxError::system(action, &error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(fs::TryLockError::WouldBlock) => Ok(true),
        Err(fs::TryLockError::Error(error)) => Err(SandboxError::system(action, &error)),
    }
}

/// Ends a detached sandbox with everything inside, and waits for it. Programs
/// are asked first, and killed after `patience`. Nothing to do is success.
pub fn terminate(pid_file: &Path, patience: Duration) -> Result<(), SandboxError> {
    // The shim takes TERM as "ask everything inside to end", INT as "kill it". Only
    // a shim that does not even do that is killed itself; its init follows it.
    let steps = [(Signal::SIGTERM, patience), (Signal::SIGINT, KILL_LIMIT), (Signal::SIGKILL, KILL_LIMIT)];
    for (signal, patience) in steps {
        let Some(shim) = verified_shim(pid_file)? else {
            return Ok(());
        };
        match sys::pidfd_send_signal(&shim, signal) {
            Err(error) if error.raw_os_error() != Some(libc::ESRCH) => {
                return Err(SandboxError::system(format!("signal the program of `{}`", pid_file.display()), &error));
            }
            _ => {}
        }
        if ends_within(&shim, patience) && unlocks_within(pid_file, KILL_LIMIT)? {
            return Ok(());
        }
    }
    Err(SandboxError::NotTerminated {
        pid_file: pid_file.to_owned(),
        reason: "it does not react; it may wait for a disk or a network file system".to_owned(),
    })
}

/// A descriptor of the PID 1 inside, sure to mean it; nothing when it does not run.
pub(super) fn verified_init(pid_file: &Path) -> Result<Option<OwnedFd>, SandboxError> {
    let Some(shim) = verified_shim(pid_file)? else {
        return Ok(None);
    };
    let action = format!("find the program of `{}`", pid_file.display());
    let pid = fs::read_to_string(pid_file).attempt(&action)?;
    let pid = pid.trim();
    // A shim has one child, and while it lives, so does the number of that.
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).attempt(&action)?;
    let Some(init) = children.split_whitespace().next().and_then(|init| init.parse().ok()) else {
        return Ok(None);
    };
    let init = sys::pidfd_open(Pid::from_raw(init)).attempt(&action)?;
    // Neither has ended meanwhile, so both numbers meant what they should.
    let both_alive = !ends_within(&shim, Duration::ZERO) && !ends_within(&init, Duration::ZERO);
    Ok(both_alive.then_some(init))
}

/// The network that the sandbox of a process is in: of the shim of a detached program, or the caller of a foreground one,
/// whichever holds the lock of `pid_file`. Nothing if no such process lives, or it has no sandbox.
///
/// A namespace lives as long as a process is in it. So this finds it where nobody knows its name any more.
///
/// # Errors
/// If the process cannot be looked at.
pub fn network_of(pid_file: &Path) -> Result<Option<NetNs>, SandboxError> {
    let Some(keeper) = verified_shim(pid_file)? else {
        return Ok(None);
    };
    let action = format!("find the network of the program of `{}`", pid_file.display());
    let pid = fs::read_to_string(pid_file).attempt(&action)?;
    let own = NetNs::current().and_then(|own| own.id()).attempt(&action)?;
    let generations = generations(pid.trim());
    let found = generations.iter().find_map(|pid| other_network(pid, own));
    // Nobody's number has been given to another process meanwhile, if all are still each other's children.
    let unchanged = !ends_within(&keeper, Duration::ZERO) && self::generations(pid.trim()).starts_with(&generations);
    Ok(found.filter(|_| unchanged))
}

/// A process, its child, and the child of that: as far as it is from the caller of a foreground program to PID 1 inside.
fn generations(pid: &str) -> Vec<String> {
    let child = |pid: &String| {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        children.split_whitespace().next().map(ToOwned::to_owned)
    };
    std::iter::successors(Some(pid.to_owned()), child).take(3).collect()
}

/// The network of a process that is not in this one's, or which it is about to enter.
fn other_network(pid: &str, own: NetNsId) -> Option<NetNs> {
    let other = |path: &Path| NetNs::open(path).ok().filter(|network| network.id().is_ok_and(|id| id != own));
    let process = Path::new("/proc").join(pid);
    other(&process.join("ns/net")).or_else(|| {
        let descriptors = fs::read_dir(process.join("fd")).ok()?.filter_map(Result::ok);
        let mut paths = descriptors.map(|entry| entry.path());
        paths.find_map(|path| {
            let is_network =
                fs::read_link(&path).is_ok_and(|to| to.as_os_str().as_encoded_bytes().starts_with(b"net:["));
            is_network.then(|| other(&path)).flatten()
        })
    })
}

/// A descriptor of the shim, sure to mean it; nothing when it does not run.
fn verified_shim(pid_file: &Path) -> Result<Option<OwnedFd>, SandboxError> {
    let limit = Instant::now() + KILL_LIMIT;
    while is_running(pid_file)? {
        // Between lock and pid there is a moment in which the file is empty or old.
        let before = fs::read_to_string(pid_file).unwrap_or_default();
        if let Ok(pid) = before.trim().parse()
            && let Ok(pidfd) = sys::pidfd_open(Pid::from_raw(pid))
            && is_running(pid_file)?
            && fs::read_to_string(pid_file).is_ok_and(|after| after == before)
        {
            return Ok(Some(pidfd));
        }
        if Instant::now() > limit {
            return Err(SandboxError::NotTerminated {
                pid_file: pid_file.to_owned(),
                reason: "its lock is held, but the file names no process".to_owned(),
            });
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(None)
}

fn ends_within(process: &OwnedFd, patience: Duration) -> bool {
    let limit = Instant::now() + patience;
    loop {
        let left = limit.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(process.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(0) | Err(nix::Error::EINTR) if Instant::now() < limit => {}
            Ok(ready) => return ready > 0,
            Err(_) => return false,
        }
    }
}

fn unlocks_within(pid_file: &Path, patience: Duration) -> Result<bool, SandboxError> {
    let limit = Instant::now() + patience;
    while is_running(pid_file)? {
        if Instant::now() > limit {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(true)
}
