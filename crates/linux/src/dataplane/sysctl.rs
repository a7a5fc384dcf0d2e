//! Settings of the kernel below `/proc/sys`, each written and read back in the namespace of the calling thread: a
//! refused setting can report success, and most are inherited from the host in ways that depend on its distribution.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

/// The settings of a VPC's namespace.
pub(super) const NAMESPACE: &[(&str, &str)] = &[
    // First, since the kernel resets others when it becomes a router.
    ("net/ipv4/ip_forward", "1"),
    // Debian and Ubuntu may have 2. Spoofed sources are the filter's business.
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/lo/rp_filter", "0"),
    // What an endpoint answers may come back from an appliance that is on its way.
    ("net/ipv4/conf/all/accept_local", "1"),
    ("net/ipv4/conf/all/src_valid_mark", "0"),
    ("net/ipv4/conf/default/src_valid_mark", "0"),
    ("net/ipv4/conf/all/send_redirects", "0"),
    ("net/ipv4/conf/default/send_redirects", "0"),
    // Senders do not choose the way.
    ("net/ipv4/conf/all/accept_redirects", "0"),
    ("net/ipv4/conf/all/accept_source_route", "0"),
    // Links are born as `of_link` wants them, which spares one write for each.
    ("net/ipv4/conf/default/proxy_arp", "1"),
    // An accepted socket bears the mark of its route table, and what the kernel answers by itself that of its question.
    ("net/ipv4/tcp_fwmark_accept", "1"),
    ("net/ipv4/fwmark_reflect", "1"),
    // A connection that we did not see begin is none.
    ("net/netfilter/nf_conntrack_tcp_loose", "0"),
];

/// The setting by which a packet finds the socket of its connection before its route. Where routes lead by way of an
/// appliance to an endpoint, it passes here twice, and the kernel forwards nothing that has found a socket of its own.
pub(super) const fn early_demux(redirected: bool) -> (&'static str, &'static str) {
    ("net/ipv4/tcp_early_demux", if redirected { "0" } else { "1" })
}

/// The settings of IPv6 of a VPC's namespace: of one that has a block of it, or of one that is silent.
pub(super) const fn ipv6(spoken: bool) -> [(&'static str, &'static str); 9] {
    let off = if spoken { "0" } else { "1" };
    [
        ("net/ipv6/conf/all/forwarding", "1"),
        // The router's neighbours are known, and it tells them nothing of itself.
        ("net/ipv6/conf/default/accept_ra", "0"),
        ("net/ipv6/conf/all/accept_redirects", "0"),
        ("net/ipv6/conf/default/accept_redirects", "0"),
        ("net/ipv6/conf/all/accept_source_route", "0"),
        ("net/ipv6/conf/default/dad_transmits", "0"),
        ("net/ipv6/fwmark_reflect", "1"),
        // Last: with these, links get their addresses.
        ("net/ipv6/conf/default/disable_ipv6", off),
        ("net/ipv6/conf/all/disable_ipv6", off),
    ]
}

/// The settings of a program's namespace.
const PROGRAM: &[(&str, &str)] = &[
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    // A program is nobody on the host, and yet may ping and serve port 80, as root on an instance may.
    ("net/ipv4/ping_group_range", "0 2147483647"),
    ("net/ipv4/ip_unprivileged_port_start", "0"),
];

/// The setting that keeps a link from speaking IPv6.
pub(super) fn disable_ipv6(name: &str) -> String {
    format!("net/ipv6/conf/{name}/disable_ipv6")
}

/// The settings of a program's namespace, with those of its end of the link, which may speak IPv6. What is spoken on a
/// program's own `lo` is its own affair.
pub(super) fn of_end(name: &str, ipv6: bool) -> impl Iterator<Item = (Cow<'static, str>, &'static str)> {
    let own = |family: &str, key: &str| Cow::Owned(format!("net/{family}/conf/{name}/{key}"));
    let own = [
        (own("ipv4", "rp_filter"), "0"),
        (own("ipv6", "accept_ra"), "0"),
        (own("ipv6", "accept_redirects"), "0"),
        (own("ipv6", "dad_transmits"), "0"),
        (Cow::Owned(disable_ipv6(name)), if ipv6 { "0" } else { "1" }),
    ];
    PROGRAM.iter().map(|&(path, value)| (Cow::Borrowed(path), value)).chain(own)
}

/// The settings of the VPC's end of a link: it answers for every neighbour, at once.
pub(super) fn of_link(name: &str) -> [(String, &'static str); 4] {
    [
        (format!("net/ipv4/conf/{name}/proxy_arp"), "1"),
        (format!("net/ipv4/conf/{name}/rp_filter"), "0"),
        (format!("net/ipv4/conf/{name}/send_redirects"), "0"),
        (format!("net/ipv4/neigh/{name}/proxy_delay"), "0"),
    ]
}

/// The settings of whatever namespace the thread is in that asks.
///
/// They are reached through an instance of procfs of our own, which lasts as long as this value: the kernel keeps the
/// settings of all namespaces that were ever looked at under one name in one list, and searches that list each time. With
/// thousands of namespaces, a look through `/proc` takes half a millisecond. So a value should see some dozens at most.
#[derive(Debug)]
pub(super) struct Settings {
    proc: OwnedFd,
}

impl Settings {
    /// Opens them.
    pub(super) fn open() -> io::Result<Self> {
        // A user namespace may not mount procfs; there are not thousands of namespaces in one either.
        let proc = own_proc().or_else(|_| File::open("/proc").map(OwnedFd::from))?;
        Ok(Self { proc })
    }

    /// The value of a setting, with one space between numbers. A kernel without IPv6 has what keeps a
    /// namespace silent.
    pub(super) fn read(&self, path: &str) -> io::Result<String> {
        let mut text = String::new();
        match self.file(path, OFlag::O_RDONLY).and_then(|mut file| file.read_to_string(&mut text)) {
            Ok(_) => Ok(text.split_whitespace().collect::<Vec<_>>().join(" ")),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.is_without_ipv6(path) => {
                const ON: [&str; 3] = ["forwarding", "fwmark_reflect", "disable_ipv6"];
                Ok(if ON.iter().any(|name| path.ends_with(name)) { "1" } else { "0" }.to_owned())
            }
            Err(error) => Err(error),
        }
    }

    /// Sets it, unless it is so already, and reads it back.
    pub(super) fn set(&self, path: &str, value: &str) -> io::Result<()> {
        if self.read(path)? == value {
            return Ok(());
        }
        if self.is_without_ipv6(path) {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "this kernel has no IPv6, or was started without it",
            ));
        }
        self.file(path, OFlag::O_WRONLY)?.write_all(value.as_bytes())?;
        match self.read(path)? {
            found if found == value => Ok(()),
            found => Err(io::Error::other(format!("the kernel keeps `{found}` in place of `{value}`"))),
        }
    }

    fn file(&self, path: &str, access: OFlag) -> io::Result<File> {
        let path = Path::new("sys").join(path);
        Ok(openat(&self.proc, &path, access | OFlag::O_CLOEXEC, Mode::empty())?.into())
    }

    fn is_without_ipv6(&self, path: &str) -> bool {
        path.starts_with("net/ipv6/") && self.file("net/ipv6", OFlag::O_PATH).is_err()
    }
}

/// A mount of procfs that is nowhere in the file system (fsopen(2), fsmount(2)).
#[expect(unsafe_code, reason = "these calls have no wrapper")]
fn own_proc() -> io::Result<OwnedFd> {
    const CLOEXEC: libc::c_uint = 1;
    const CREATE: libc::c_uint = 6;
    let owned = |result: libc::c_long| {
        let fd = RawFd::try_from(result).map_err(io::Error::other)?;
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just made this descriptor for us.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    };
    // SAFETY: a C string and a number.
    let context = owned(unsafe { libc::syscall(libc::SYS_fsopen, c"proc".as_ptr(), CLOEXEC) })?;
    let nothing = std::ptr::null::<libc::c_char>();
    // SAFETY: an open descriptor, and no strings, which this command does not want.
    if unsafe { libc::syscall(libc::SYS_fsconfig, context.as_raw_fd(), CREATE, nothing, nothing, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: an open descriptor and numbers.
    owned(unsafe { libc::syscall(libc::SYS_fsmount, context.as_raw_fd(), CLOEXEC, 0) })
}
