//! A network namespace as a file descriptor: make one, name the current one,
//! run code inside one.
//!
//! A thread that has once entered another namespace is never reused: each
//! operation gets a thread of its own, so that neither the caller nor a thread
//! pool can be left behind in the wrong network.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;

use nix::sched::{CloneFlags, setns, unshare};

/// Why a network namespace could not be made or entered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetNsError {
    /// The kernel refused to make a namespace.
    #[error(
        "cannot create a network namespace ({reason}); run as root, and see whether `sysctl user.max_net_namespaces` is above zero"
    )]
    Create {
        /// The kernel's answer.
        reason: io::Error,
    },
    /// The descriptor of a namespace could not be opened.
    #[error("cannot open the network namespace `{path}` ({reason})")]
    Open {
        /// The file that stands for the namespace.
        path: String,
        /// The kernel's answer.
        reason: io::Error,
    },
    /// The namespace could not be entered.
    #[error("cannot enter the network namespace ({reason}); entering needs CAP_SYS_ADMIN, run as root")]
    Enter {
        /// The kernel's answer.
        reason: io::Error,
    },
    /// No thread could be started.
    #[error("cannot start a thread for the network namespace ({reason})")]
    Thread {
        /// The system's answer.
        reason: io::Error,
    },
}

/// An open network namespace. It lives at least as long as this value.
#[derive(Debug)]
pub struct NetNs {
    fd: OwnedFd,
}

/// What tells one network namespace from another while either exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NetNsId {
    /// The device of the namespace file system.
    pub device: u64,
    /// The inode within it.
    pub inode: u64,
}

impl NetNs {
    /// Creates an empty namespace. The calling thread stays where it is.
    pub fn create() -> Result<Self, NetNsError> {
        on_fresh_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| NetNsError::Create { reason: errno.into() })?;
            Self::current()
        })
    }

    /// The namespace of the calling thread.
    pub fn current() -> Result<Self, NetNsError> {
        Self::open(Path::new("/proc/thread-self/ns/net"))
    }

    /// Opens the namespace that a file stands for, as in `/run/netns` or `/proc/PID/ns/net`.
    pub fn open(path: &Path) -> Result<Self, NetNsError> {
        let file = File::open(path).map_err(|reason| NetNsError::Open { path: path.display().to_string(), reason })?;
        Ok(Self { fd: file.into() })
    }

    /// Runs `work` inside the namespace, on a thread of its own, and waits for it.
    ///
    /// Sockets opened and programs started there belong to the namespace.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, NetNsError> {
        on_fresh_thread(|| {
            setns(&self.fd, CloneFlags::CLONE_NEWNET).map_err(|errno| NetNsError::Enter { reason: errno.into() })?;
            Ok(work())
        })
    }

    /// The identity of the namespace.
    pub fn id(&self) -> Result<NetNsId, NetNsError> {
        let failed = |reason| NetNsError::Open { path: format!("fd {}", self.fd.as_raw_fd()), reason };
        let file = File::from(self.fd.try_clone().map_err(failed)?);
        let meta = file.metadata().map_err(failed)?;
        Ok(NetNsId { device: meta.dev(), inode: meta.ino() })
    }

    /// The inode of the namespace, as `readlink /proc/PID/ns/net` shows it.
    pub fn inode(&self) -> Result<u64, NetNsError> {
        Ok(self.id()?.inode)
    }

    /// Another descriptor of the same namespace.
    pub fn try_clone(&self) -> Result<Self, NetNsError> {
        let failed = |reason| NetNsError::Open { path: format!("fd {}", self.fd.as_raw_fd()), reason };
        Ok(Self { fd: self.fd.try_clone().map_err(failed)? })
    }
}

impl From<OwnedFd> for NetNs {
    fn from(fd: OwnedFd) -> Self {
        Self { fd }
    }
}

impl From<NetNs> for OwnedFd {
    fn from(netns: NetNs) -> Self {
        netns.fd
    }
}

impl AsFd for NetNs {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Runs `work` inside one namespace after another, on one thread, and waits for all. `work` is told which of them it is.
///
/// For many short visits: a thread for each would cost more than the visit.
pub(crate) fn run_in_each<T: Send>(
    namespaces: &[&NetNs], mut work: impl FnMut(usize) -> T + Send,
) -> Result<Vec<T>, NetNsError> {
    on_fresh_thread(|| {
        let visit = |(place, namespace): (usize, &&NetNs)| {
            setns(&namespace.fd, CloneFlags::CLONE_NEWNET)
                .map_err(|errno| NetNsError::Enter { reason: errno.into() })?;
            Ok(work(place))
        };
        namespaces.iter().enumerate().map(visit).collect()
    })
}

/// Runs `work` on a new thread; a panic in it continues in the caller.
fn on_fresh_thread<T: Send>(work: impl FnOnce() -> Result<T, NetNsError> + Send) -> Result<T, NetNsError> {
    thread::scope(|scope| {
        let started = thread::Builder::new().name("netns".to_owned()).spawn_scoped(scope, work);
        let thread = started.map_err(|reason| NetNsError::Thread { reason })?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
