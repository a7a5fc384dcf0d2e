//! What a benchmark needs of the kernel besides the data plane: sockets that are all of one kind, threads that stay on
//! one CPU, the CPU time of this process.

use std::fs;
use std::io;
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{
    AddressFamily, Backlog, Shutdown, SockFlag, SockProtocol, SockType, SockaddrIn, bind, getsockopt, listen,
    setsockopt, shutdown, socket, sockopt,
};
use nix::sys::statvfs::statvfs;
use nix::sys::time::{TimeVal, TimeValLike};
use nix::unistd::{Pid, gettid};

use crate::dataplane::choose_congestion_control;
use crate::netns::{NetNs, NetNsId};
use crate::sandbox::sys;

/// How often the processes in namespaces are looked for, until none is found: some are born meanwhile.
const ROUNDS: u32 = 50;

/// How long a connection may take to come about.
const CONNECTION_LIMIT: i64 = 5;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 4096;

/// The nice value that goes before all others (sched(7)).
const HIGHEST_PRIORITY: libc::c_int = -20;

/// A listener in the namespace of this thread, with the congestion control of the data plane's listeners.
///
/// # Errors
/// If the address is taken, or not one of this namespace.
pub fn listen_on(address: SocketAddrV4) -> io::Result<TcpListener> {
    let socket = tcp_socket()?;
    setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    bind(socket.as_raw_fd(), &SockaddrIn::from(address))?;
    listen(&socket, Backlog::new(BACKLOG)?)?;
    Ok(socket.into())
}

/// A connection from the namespace of this thread, with the congestion control of the data plane's listeners, and
/// without the delay that gathers small writes.
///
/// # Errors
/// If nothing answers within five seconds, or what answers refuses.
pub fn connect_to(address: SocketAddrV4) -> io::Result<TcpStream> {
    let socket = tcp_socket()?;
    setsockopt(&socket, sockopt::TcpNoDelay, &true)?;
    setsockopt(&socket, sockopt::SendTimeout, &TimeVal::seconds(CONNECTION_LIMIT))?;
    nix::sys::socket::connect(socket.as_raw_fd(), &SockaddrIn::from(address))?;
    // From here on no operation shall pay for a timer that others do not have.
    setsockopt(&socket, sockopt::SendTimeout, &TimeVal::seconds(0))?;
    Ok(socket.into())
}

fn tcp_socket() -> io::Result<std::os::fd::OwnedFd> {
    let socket = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, SockProtocol::Tcp)?;
    choose_congestion_control(&socket)?;
    Ok(socket)
}

/// Makes the close of a connection a reset, which leaves no port behind in `TIME_WAIT`.
///
/// # Errors
/// If the kernel refuses, which it does for no open socket.
pub fn reset_on_close(connection: &TcpStream) -> io::Result<()> {
    Ok(setsockopt(connection, sockopt::Linger, &libc::linger { l_onoff: 1, l_linger: 0 })?)
}

/// Ends a listener, and with an error the `accept` that waits on it in another thread.
pub fn stop_listening(listener: &TcpListener) {
    let _ = shutdown(listener.as_raw_fd(), Shutdown::Both);
}

/// A thread, of this process or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread(Pid);

impl Thread {
    /// The calling thread.
    pub fn current() -> Self {
        Self(gettid())
    }

    /// The thread with this id.
    pub fn of(id: i32) -> Self {
        Self(Pid::from_raw(id))
    }

    /// Lets the thread, and those that it will start, run before all others of the machine that are not real-time. What
    /// else goes on then disturbs a measurement less.
    ///
    /// # Errors
    /// If the thread has ended, or this process may not do so.
    #[expect(unsafe_code, reason = "setpriority is a foreign function")]
    pub fn prefer(self) -> io::Result<()> {
        let id = libc::id_t::try_from(self.0.as_raw()).map_err(io::Error::other)?;
        // SAFETY: `setpriority` takes any numbers and touches no memory of ours.
        match unsafe { libc::setpriority(libc::PRIO_PROCESS, id, HIGHEST_PRIORITY) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Keeps the thread, and those that it will start, on these CPUs.
    ///
    /// # Errors
    /// If the thread has ended, or none of the CPUs is there.
    pub fn keep_on(self, cpus: &[usize]) -> io::Result<()> {
        let mut set = CpuSet::new();
        for &cpu in cpus {
            set.set(cpu)?;
        }
        Ok(sched_setaffinity(self.0, &set)?)
    }
}

/// The CPUs that the calling thread may run on.
///
/// # Errors
/// If the kernel knows more CPUs than a set holds.
pub fn cpus() -> io::Result<Vec<usize>> {
    let set = sched_getaffinity(Pid::from_raw(0))?;
    Ok((0..CpuSet::count()).filter(|&cpu| set.is_set(cpu).unwrap_or(false)).collect())
}

/// The CPU time of this process so far, in user space and in the kernel.
///
/// # Errors
/// If the kernel refuses, which it does for no process.
pub fn cpu_time() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(microseconds).unwrap_or_default()))
}

/// The process that listens on a Unix socket.
///
/// # Errors
/// If nothing listens there.
pub fn listening_process(socket: &Path) -> io::Result<u32> {
    let stream = UnixStream::connect(socket)?;
    let credentials = getsockopt(&stream, sockopt::PeerCredentials)?;
    u32::try_from(credentials.pid()).map_err(io::Error::other)
}

/// Kills a process group. One that is gone already is no error.
pub fn end_group(leader: u32) {
    if let Ok(leader) = i32::try_from(leader) {
        let _ = kill(Pid::from_raw(-leader), Signal::SIGKILL);
    }
}

/// Kills every process in one of these namespaces, and waits until none is left.
pub fn end_all_in(namespaces: &[NetNs]) {
    let ids: Vec<NetNsId> = namespaces.iter().filter_map(|namespace| namespace.id().ok()).collect();
    let is_inside =
        |process: &Path| NetNs::open(&process.join("ns/net")).and_then(|of| of.id()).is_ok_and(|id| ids.contains(&id));
    for _ in 0..ROUNDS {
        let processes = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let mut found = false;
        for process in processes.filter(|process| is_inside(process)) {
            let pid = process.file_name().and_then(|name| name.to_str()?.parse().ok());
            // The descriptor means the process that was looked at, if that is still so with it open.
            if let Some(pidfd) = pid.and_then(|pid| sys::pidfd_open(Pid::from_raw(pid)).ok())
                && is_inside(&process)
            {
                found = true;
                let _ = sys::pidfd_send_signal(&pidfd, Signal::SIGKILL);
            }
        }
        if !found {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// From now on this process ends by itself alone: not with its terminal, nor because somebody asks it to.
pub fn ignore_endings() {
    let _ = sys::ignore_hangups();
}

/// Has the calling thread run before what else wants a processor.
///
/// # Errors
/// If this process may not.
pub fn take_precedence() -> io::Result<()> {
    sys::take_precedence(-10)
}

/// How many bytes are in use of the file system of a path.
///
/// # Errors
/// If the path does not exist.
pub fn used_space(path: &Path) -> io::Result<u64> {
    let found = statvfs(path)?;
    Ok(found.blocks().saturating_sub(found.blocks_free()) * found.fragment_size())
}

/// How many bytes the file system of a path has left for this user.
///
/// # Errors
/// If the path does not exist.
pub fn free_space(path: &Path) -> io::Result<u64> {
    let found = statvfs(path)?;
    Ok(found.blocks_available() * found.fragment_size())
}
