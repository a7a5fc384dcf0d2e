//! What this machine lacks to carry networks and programs, and what to do about it.
//!
//! Wherever that is possible the thing itself is tried, in namespaces that
//! vanish again, rather than a version number or a list of modules believed.

use std::fmt;
use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::thread;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};
use nix::sys::utsname::uname;

use crate::dataplane::{Form, load_ruleset};
use crate::netns::NetNs;

/// The oldest kernel with all that is used: mount attributes (5.12), and an
/// overlay whose layer lies below the directory that it covers (5.13).
const OLDEST_KERNEL: (u32, u32) = (5, 15);

/// Capabilities by number and name (capabilities(7)).
const CAPABILITIES: [(u32, &str); 2] = [(12, "CAP_NET_ADMIN"), (21, "CAP_SYS_ADMIN")];

/// Kinds of namespaces as they stand in `/proc/self/ns`.
const NAMESPACES: [(&str, &str); 6] = [
    ("net", "every VPC and every program is a network of its own"),
    ("user", "a program in a subnet must not be root on the host"),
    ("pid", "a program in a subnet must not see the host's processes"),
    ("mnt", "a program in a subnet must not write to the host's files"),
    ("ipc", "a program in a subnet must not share memory with the host"),
    ("uts", "an instance has a host name of its own"),
];

/// Something that this machine lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What is missing.
    pub what: String,
    /// What it is needed for.
    pub why: String,
    /// What to do.
    pub remedy: String,
    /// Whether Sidegate runs without it.
    pub optional: bool,
}

impl Missing {
    fn new(what: impl Into<String>, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), remedy: remedy.into(), optional: false }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let optional = if self.optional { " (optional)" } else { "" };
        write!(f, "missing{optional}: {}; needed because {}; {}", self.what, self.why, self.remedy)
    }
}

/// Everything that is missing; empty when Sidegate can run here.
pub fn check() -> Vec<Missing> {
    let mut missing = Vec::new();
    missing.extend(kernel_version());
    missing.extend(namespaces());
    let capable = capabilities();
    let privileged = capable.is_empty();
    missing.extend(capable);
    missing.extend(user_namespaces());
    let nft = find_program("nft");
    if nft.is_none() {
        missing.push(Missing::new(
            "the program `nft`",
            "security groups and network ACLs are nftables rules",
            "install it: `apt-get install nftables`",
        ));
    }
    // The rest is tried out, which takes privileges: without them it would only repeat the above.
    if privileged {
        missing.extend(network(nft.as_deref()));
        missing.extend(overlay());
    }
    if find_program("ip").is_none() {
        missing.push(Missing {
            optional: true,
            ..Missing::new(
                "the program `ip`",
                "it shows the networks to people; Sidegate itself does not use it",
                "install it: `apt-get install iproute2`",
            )
        });
    }
    missing
}

fn kernel_version() -> Option<Missing> {
    let name = uname().ok()?;
    let release = name.release().to_str()?;
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let version = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (version < OLDEST_KERNEL).then(|| {
        Missing::new(
            format!("a Linux kernel of {}.{} or later (this is {release})", OLDEST_KERNEL.0, OLDEST_KERNEL.1),
            "older ones cannot make a whole root read-only, nor keep its changes below itself",
            "upgrade to Debian 12 or Ubuntu 22.04, or later",
        )
    })
}

fn namespaces() -> Vec<Missing> {
    NAMESPACES
        .iter()
        .filter(|(kind, _)| !Path::new("/proc/self/ns").join(kind).exists())
        .map(|(kind, why)| {
            Missing::new(
                format!("{kind} namespaces in the kernel"),
                *why,
                "boot a kernel of the distribution, or one with CONFIG_NAMESPACES and its options",
            )
        })
        .collect()
}

fn capabilities() -> Vec<Missing> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default();
    CAPABILITIES
        .iter()
        .filter(|(number, _)| effective & (1 << number) == 0)
        .map(|(_, name)| {
            Missing::new(
                *name,
                "networks and mounts are made with it",
                "run as root (`sudo sidegate …`); in a container, start that with `--privileged`",
            )
        })
        .collect()
}

fn user_namespaces() -> Option<Missing> {
    let limit = fs::read_to_string("/proc/sys/user/max_user_namespaces").ok()?;
    (limit.trim() == "0").then(|| {
        Missing::new(
            "user namespaces, which are switched off",
            "a program in a subnet must not be root on the host",
            "allow them: `sysctl -w user.max_user_namespaces=15000`",
        )
    })
}

/// Tries links and rules in a network that vanishes with this function.
fn network(nft: Option<&Path>) -> Vec<Missing> {
    let netns = match NetNs::create() {
        Ok(netns) => netns,
        Err(error) => {
            return vec![Missing::new(
                "permission to create a network namespace",
                "every VPC is one",
                format!("see to this: {error}"),
            )];
        }
    };
    let tried = netns.run(|| {
        let mut missing = Vec::new();
        if let Err(error) = create_veth() {
            missing.push(Missing::new(
                format!("veth links ({error})"),
                "they join a program to its VPC",
                "load the module: `modprobe veth`; cloud kernels may want `apt-get install linux-modules-extra-$(uname -r)`",
            ));
        }
        if let Some(Err(error)) = nft.map(|_| load_ruleset(Form::Plain)) {
            missing.push(Missing::new(
                format!("what the filter of a VPC needs of nftables in the kernel ({error})"),
                "security groups and network ACLs are nftables rules",
                "load the modules: `modprobe -a nf_tables nf_conntrack nft_ct nft_socket`; cloud kernels may \
                 want `apt-get install linux-modules-extra-$(uname -r)`",
            ));
        }
        missing
    });
    tried.unwrap_or_else(|error| {
        vec![Missing::new(
            "permission to enter a network namespace",
            "every VPC is one",
            format!("see to this: {error}"),
        )]
    })
}

/// Asks the kernel for a veth pair in the network of this thread (rtnetlink(7)).
fn create_veth() -> io::Result<()> {
    let socket = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::NetlinkRoute)?;
    send(socket.as_raw_fd(), &new_veth_request(), MsgFlags::empty())?;
    let mut reply = [0_u8; 256];
    let length = recv(socket.as_raw_fd(), &mut reply, MsgFlags::empty())?;
    // The error code follows the header of 16 bytes; zero is the acknowledgement.
    let code = reply.get(..length).and_then(|reply| reply.get(16..20)).and_then(|code| code.try_into().ok());
    match code.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(code) => Err(io::Error::from_raw_os_error(-code)),
        None => Err(io::Error::new(io::ErrorKind::InvalidData, "the kernel's answer is too short")),
    }
}

/// `RTM_NEWLINK` with nothing but `IFLA_LINKINFO { IFLA_INFO_KIND = "veth" }`.
fn new_veth_request() -> Vec<u8> {
    const REQUEST_ACK_CREATE_EXCL: u16 = 0x1 | 0x4 | 0x200 | 0x400;
    const KIND: &[u8; 8] = b"veth\0\0\0\0";
    let mut body = vec![0_u8; 16]; // struct ifinfomsg
    let mut attribute = |kind: u16, length: u16| {
        body.extend_from_slice(&length.to_ne_bytes());
        body.extend_from_slice(&kind.to_ne_bytes());
    };
    attribute(libc::IFLA_LINKINFO, 4 + 4 + 8);
    attribute(libc::IFLA_INFO_KIND, 4 + 5);
    body.extend_from_slice(KIND);
    let length = u32::try_from(16 + body.len()).unwrap_or_default();
    let mut message = Vec::new();
    message.extend_from_slice(&length.to_ne_bytes());
    message.extend_from_slice(&libc::RTM_NEWLINK.to_ne_bytes());
    message.extend_from_slice(&REQUEST_ACK_CREATE_EXCL.to_ne_bytes());
    message.extend_from_slice(&[0; 8]); // sequence, port
    message.extend_from_slice(&body);
    message
}

/// Mounts an overlay where nobody sees it, in a thread of its own.
fn overlay() -> Option<Missing> {
    let tried = thread::spawn(try_overlay).join().unwrap_or_else(|_| Err(io::Error::other("the attempt crashed")));
    let error = tried.err()?;
    Some(Missing::new(
        format!("overlay file systems ({error})"),
        "a program in a subnet sees the host's files through one and cannot change them",
        "load the module: `modprobe overlay`",
    ))
}

fn try_overlay() -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNS)?;
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)?;
    let stage = Path::new("/tmp");
    mount(Some("tmpfs"), stage, Some("tmpfs"), MsFlags::empty(), Some("size=1m"))?;
    for name in ["lower", "upper", "work", "root"] {
        fs::create_dir(stage.join(name))?;
    }
    let options = "lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work";
    mount(Some("overlay"), &stage.join("root"), Some("overlay"), MsFlags::empty(), Some(options))?;
    Ok(())
}

/// The path of a program; `/usr/sbin` counts even where PATH leaves it out.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|dir| dir.join(name))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_says_why_and_what_to_do() {
        let missing = Missing::new("x", "y", "do z");
        assert_eq!(missing.to_string(), "missing: x; needed because y; do z");
    }

    #[test]
    fn this_machine_can_carry_networks() {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
        let missing: Vec<_> = check().into_iter().filter(|missing| !missing.optional).collect();
        assert_eq!(missing, []);
    }
}
