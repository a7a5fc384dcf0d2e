//! The few system calls that no library wraps safely. Every `unsafe` of the
//! sandbox and the holder is here, in `seccomp.rs` or in `launch.rs`.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal};
use nix::unistd::{ForkResult, Pid};

fn checked(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Forks a process that has a single thread; the child gets `None`.
#[expect(unsafe_code, reason = "fork is unsafe in a process with several threads")]
pub(crate) fn fork() -> io::Result<Option<Pid>> {
    // SAFETY: holder and shim are started by exec, run no other thread at this
    // point, and so the child finds every lock of the process free.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Some(child)),
        ForkResult::Child => Ok(None),
    }
}

/// Ends the process without running destructors or flushing the parent's buffers.
#[expect(unsafe_code, reason = "_exit is a foreign function")]
pub(crate) fn exit_now(status: i32) -> ! {
    // SAFETY: `_exit` takes any number and does not return.
    unsafe { libc::_exit(status) }
}

/// Closes every descriptor from `first` upwards.
#[expect(unsafe_code, reason = "closing by number")]
pub(crate) fn close_descriptors_from(first: u32) -> io::Result<()> {
    // SAFETY: callers hold no `OwnedFd` at or above `first` that they use afterwards.
    checked(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) })?;
    Ok(())
}

/// Sets the nice value of the calling thread, as Linux has one for each.
#[expect(unsafe_code, reason = "setpriority is a foreign function")]
pub(crate) fn take_precedence(nice: i32) -> io::Result<()> {
    // SAFETY: it takes any numbers and touches no memory.
    checked(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, nice) }.into()).map(drop)
}

/// Takes possession of a descriptor that was passed by number over exec.
#[expect(unsafe_code, reason = "a descriptor passed by number over exec")]
pub(crate) fn inherit(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: fcntl on any number is harmless: it fails when that is not open.
    checked(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) }.into())?;
    // SAFETY: it is open (above); it was opened for us by the caller of exec, and nothing else here knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Survives the end of the terminal.
#[expect(unsafe_code, reason = "changing a signal's disposition")]
pub(crate) fn ignore_hangups() -> io::Result<()> {
    let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    for signal in [Signal::SIGHUP, Signal::SIGPIPE] {
        // SAFETY: ignoring a signal runs no code.
        unsafe { nix::sys::signal::sigaction(signal, &ignore) }?;
    }
    Ok(())
}

/// Gives signals their default disposition: ignored ones are inherited over exec.
#[expect(unsafe_code, reason = "changing a signal's disposition")]
pub(super) fn default_signals(signals: impl Iterator<Item = Signal>) {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    for signal in signals {
        // SAFETY: the default disposition runs no code; KILL and STOP are refused, which is fine.
        let _ = unsafe { nix::sys::signal::sigaction(signal, &default) };
    }
}

/// Adds attributes (`MOUNT_ATTR_*`) to the mount at `path`, keeping its others.
#[expect(unsafe_code, reason = "mount_setattr has no wrapper")]
pub(super) fn add_mount_attributes(path: &Path, attributes: u64) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let change = libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: `path` is a C string and `change` a whole `mount_attr` of the size given; both outlive the call.
    checked(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            0,
            &raw const change,
            size_of::<libc::mount_attr>(),
        )
    })?;
    Ok(())
}

/// A descriptor of a process, which never comes to mean another one.
#[expect(unsafe_code, reason = "pidfd_open has no wrapper")]
pub(crate) fn pidfd_open(pid: Pid) -> io::Result<OwnedFd> {
    // SAFETY: takes two numbers.
    let fd = checked(unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) })?;
    let fd = RawFd::try_from(fd).map_err(io::Error::other)?;
    // SAFETY: the kernel has just made this descriptor for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Sends a signal to the process of a [`pidfd_open`].
#[expect(unsafe_code, reason = "pidfd_send_signal has no wrapper")]
pub(crate) fn pidfd_send_signal(pidfd: &impl AsFd, signal: Signal) -> io::Result<()> {
    let fd = pidfd.as_fd().as_raw_fd();
    // SAFETY: an open descriptor, a number, no siginfo.
    checked(unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, fd, signal as i32, std::ptr::null::<libc::siginfo_t>(), 0)
    })?;
    Ok(())
}

/// Takes a capability out of the bounding set; says whether the kernel knows it.
#[expect(unsafe_code, reason = "this prctl has no wrapper")]
pub(super) fn drop_from_bounding_set(capability: u32) -> io::Result<bool> {
    let number = libc::c_ulong::from(capability);
    // SAFETY: takes numbers.
    match checked(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, number, 0, 0, 0) }.into()) {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Empties the ambient set.
#[expect(unsafe_code, reason = "this prctl has no wrapper")]
pub(super) fn clear_ambient_set() -> io::Result<()> {
    let clear = libc::PR_CAP_AMBIENT_CLEAR_ALL as libc::c_ulong;
    // SAFETY: takes numbers.
    checked(unsafe { libc::prctl(libc::PR_CAP_AMBIENT, clear, 0, 0, 0) }.into())?;
    Ok(())
}

/// Sets permitted and effective capabilities to `mask`, inheritable to none.
#[expect(unsafe_code, reason = "capset has no wrapper")]
pub(super) fn set_capabilities(mask: u64) -> io::Result<()> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    #[repr(C)]
    struct Set {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    const VERSION_3: u32 = 0x2008_0522;
    let half = |shift: u32| {
        let bits = u32::try_from((mask >> shift) & u64::from(u32::MAX)).unwrap_or_default();
        Set { effective: bits, permitted: bits, inheritable: 0 }
    };
    let header = Header { version: VERSION_3, pid: 0 };
    let sets = [half(0), half(32)];
    // SAFETY: version 3 of the call reads one header and two sets, which is what stands there.
    checked(unsafe { libc::syscall(libc::SYS_capset, &raw const header, sets.as_ptr()) })?;
    Ok(())
}

/// Marks every descriptor from `first` upwards to be closed when a program is executed.
#[expect(unsafe_code, reason = "close_range by number")]
pub(super) fn close_descriptors_on_exec(first: u32) -> io::Result<()> {
    // SAFETY: no descriptor is closed here, only flagged.
    checked(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) })?;
    Ok(())
}
