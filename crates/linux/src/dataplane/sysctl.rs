//! Settings of the kernel below `/proc/sys`, each written and read back in the namespace of the calling thread: a
//! refused setting can report success, and most are inherited from the host in ways that depend on its distribution.

use std::fs;
use std::io;
use std::path::Path;

/// The settings of a VPC's namespace.
pub(super) const NAMESPACE: &[(&str, &str)] = &[
    // First, since the kernel resets others when it becomes a router.
    ("net/ipv4/ip_forward", "1"),
    // Debian and Ubuntu may have 2. Spoofed sources are the filter's business.
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/lo/rp_filter", "0"),
    ("net/ipv4/conf/all/src_valid_mark", "0"),
    ("net/ipv4/conf/default/src_valid_mark", "0"),
    ("net/ipv4/conf/all/send_redirects", "0"),
    ("net/ipv4/conf/default/send_redirects", "0"),
    // Senders do not choose the way.
    ("net/ipv4/conf/all/accept_redirects", "0"),
    ("net/ipv4/conf/all/accept_source_route", "0"),
    // Links are born as `of_link` wants them, which spares one write for each.
    ("net/ipv4/conf/default/proxy_arp", "1"),
    // An accepted socket bears the mark of its route table.
    ("net/ipv4/tcp_fwmark_accept", "1"),
    ("net/ipv6/conf/all/disable_ipv6", "1"),
    ("net/ipv6/conf/default/disable_ipv6", "1"),
    // A connection that we did not see begin is none.
    ("net/netfilter/nf_conntrack_tcp_loose", "0"),
];

/// The settings of a program's namespace.
pub(super) const PROGRAM: &[(&str, &str)] = &[
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/eth0/rp_filter", "0"),
    ("net/ipv6/conf/all/disable_ipv6", "1"),
    ("net/ipv6/conf/default/disable_ipv6", "1"),
    // A program is nobody on the host, and yet may ping and serve port 80, as root on an instance may.
    ("net/ipv4/ping_group_range", "0 2147483647"),
    ("net/ipv4/ip_unprivileged_port_start", "0"),
];

/// The settings of the VPC's end of a link: it answers for every neighbour, at once.
pub(super) fn of_link(name: &str) -> [(String, &'static str); 4] {
    [
        (format!("net/ipv4/conf/{name}/proxy_arp"), "1"),
        (format!("net/ipv4/conf/{name}/rp_filter"), "0"),
        (format!("net/ipv4/conf/{name}/send_redirects"), "0"),
        (format!("net/ipv4/neigh/{name}/proxy_delay"), "0"),
    ]
}

/// The value of a setting, with one space between numbers. A kernel without IPv6 has it disabled.
pub(super) fn read(path: &str) -> io::Result<String> {
    match fs::read_to_string(Path::new("/proc/sys").join(path)) {
        Ok(text) => Ok(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_without_ipv6(path) => Ok("1".to_owned()),
        Err(error) => Err(error),
    }
}

/// Sets it, unless it is so already, and reads it back.
pub(super) fn set(path: &str, value: &str) -> io::Result<()> {
    if read(path)? == value {
        return Ok(());
    }
    fs::write(Path::new("/proc/sys").join(path), value)?;
    match read(path)? {
        found if found == value => Ok(()),
        found => Err(io::Error::other(format!("the kernel keeps `{found}` in place of `{value}`"))),
    }
}

fn is_without_ipv6(path: &str) -> bool {
    path.starts_with("net/ipv6/") && !Path::new("/proc/sys/net/ipv6").exists()
}
