//! What a passage has let through that is billed by the byte, counted in its namespace.
//!
//! The counter stands in a table of its own, which setting the passage anew leaves as it is. So it outlives the daemon, and
//! ends with the namespace. It counts packets as they are on the network layer.

use std::fs;
use std::io;
use std::mem;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use sidegate_plan::Passage;

use super::super::error::VpcError;
use super::super::netlink::{Attributes, Family, Socket};
use super::super::nftables;
use super::{INTERNET_HOSTS, INTERNET_HOSTS_IPV6, UP};
use crate::netns::NetNs;

/// The name of the table, and of the counter in it.
const TABLE: &str = "sidegate_meter";
const COUNTER: &str = "passed";

/// What a counter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The passage, by the name of its namespace: the interface of a NAT gateway, or an internet gateway of either kind.
    pub passage: String,
    /// What tells the namespace from every other there was or will be: another one counts from zero.
    pub namespace: String,
    /// How many bytes were let through: by a NAT gateway, in both directions; by an internet gateway, to hosts on the
    /// internet that are not AWS's.
    pub bytes: u64,
    /// Whether the passage is gone, so that this is the last.
    pub is_last: bool,
}

/// The commands that begin to count, or go on with it; none where nothing is billed by the byte.
///
/// What goes from one side of a gateway to the other passes the forward hook once, behind the filter, whose priority is 0.
pub(super) fn commands(passage: &Passage) -> String {
    let what = match passage {
        Passage::NatGateway { .. } => vec![String::new()],
        Passage::InternetGateway { .. } | Passage::EgressOnlyInternetGateway { .. } => vec![
            format!("oifname \"{UP}\" ip daddr {INTERNET_HOSTS} "),
            format!("oifname \"{UP}\" ip6 daddr {INTERNET_HOSTS_IPV6} "),
        ],
        Passage::Peering { .. } => return String::new(),
    };
    let rules: String =
        what.iter().map(|what| format!("add rule inet {TABLE} forward {what}counter name {COUNTER}\n")).collect();
    format!(
        "add table inet {TABLE}\n\
         add counter inet {TABLE} {COUNTER}\n\
         add chain inet {TABLE} forward {{ type filter hook forward priority 10; policy accept; }}\n\
         flush chain inet {TABLE} forward\n\
         {rules}"
    )
}

/// What the counter of a namespace says; `None` if it has none.
pub(super) fn read(namespace: &NetNs) -> Result<Option<(String, u64)>, VpcError> {
    let read = namespace.run(|| {
        let mut socket = Socket::open(Family::Netfilter)?;
        let name = name_of(socket.as_fd())?;
        Ok(counted(&mut socket)?.map(|bytes| (name, bytes)))
    })?;
    read.map_err(VpcError::read("what a gateway has let through"))
}

/// `NFT_MSG_GETOBJ`; of its attributes `NFTA_OBJ_TABLE`, `_NAME`, `_TYPE` and `_DATA`; `NFT_OBJECT_COUNTER`, and
/// `NFTA_COUNTER_BYTES` in the data.
fn counted(socket: &mut Socket) -> io::Result<Option<u64>> {
    const GET: u16 = 19;
    const OF_TABLE: u16 = 1;
    const NAME: u16 = 2;
    const TYPE: u16 = 3;
    const DATA: u16 = 4;
    const IS_COUNTER: u32 = 1;
    const BYTES: u16 = 1;
    let request = nftables::inet(GET).text(OF_TABLE, TABLE).text(NAME, COUNTER);
    let reply = match socket.ask(request.attribute(TYPE, &IS_COUNTER.to_be_bytes())) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let bytes = reply.as_ref().and_then(|reply| {
        let data = Attributes::after(&reply.body, nftables::HEADER).inside(DATA)?;
        Some(u64::from_be_bytes(data.find(BYTES)?.try_into().ok()?))
    });
    bytes.map(Some).ok_or_else(|| io::Error::other("the kernel tells of a counter without a count"))
}

/// A name of the namespace of a socket that no other gets: the kernel numbers them from each start of the machine on.
fn name_of(socket: BorrowedFd<'_>) -> io::Result<String> {
    let start = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(format!("{} {}", start.trim(), cookie(socket)?))
}

/// `SO_NETNS_COOKIE`, which Linux has since 5.14.
#[expect(unsafe_code, reason = "an option of sockets that nix does not know")]
fn cookie(socket: BorrowedFd<'_>) -> io::Result<u64> {
    let mut cookie = 0_u64;
    let mut length = libc::socklen_t::try_from(mem::size_of::<u64>()).unwrap_or_default();
    // SAFETY: both pointers are to values that live during the call, and the length is that of the first.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_NETNS_COOKIE,
            (&raw mut cookie).cast(),
            &raw mut length,
        )
    };
    if result == 0 { Ok(cookie) } else { Err(io::Error::last_os_error()) }
}
