//! The fixed part of the filter: loaded by the program `nft`, and compared with what that program would load.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use sidegate_model::AddressFamily;

use super::netlink::{Family, Socket};
use super::nftables;
use crate::netns::{NetNs, NetNsError};
use crate::preflight::find_program;

/// Sets, maps, chains and rules, as `nft` reads them, but for the words of a family.
const TEXT: &str = include_str!("ruleset.nft");

/// The beginning of a line for IPv6 alone.
const IPV6_ALONE: &str = "6:";

/// The text for a family.
fn text_of(family: AddressFamily) -> String {
    let (ip, address, icmp) = match family {
        AddressFamily::Ipv4 => ("ip", "ipv4_addr", "icmp"),
        AddressFamily::Ipv6 => ("ip6", "ipv6_addr", "icmpv6"),
    };
    let lines =
        TEXT.lines().filter(|line| !line.starts_with('#')).filter_map(|line| match line.strip_prefix(IPV6_ALONE) {
            Some(line) => (family == AddressFamily::Ipv6).then_some(line),
            None => Some(line),
        });
    let words = lines.map(|line| line.replace("IP ", &format!("{ip} ")).replace("ADDR", address).replace("ICMP", icmp));
    words.fold(String::new(), |text, line| text + &line + "\n")
}

/// What our table consists of but its elements, as the kernel describes it; empty if there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Structure(Vec<Vec<u8>>);

impl Structure {
    /// What the namespace of this thread has.
    pub(super) fn read(socket: &mut Socket) -> io::Result<Self> {
        let mut objects = Vec::new();
        for (request, kinds) in AddressFamily::ALL.into_iter().flat_map(nftables::structure) {
            let replies = match socket.dump(&request) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            };
            objects.extend(replies.iter().filter_map(|reply| nftables::lasting(reply, kinds)));
        }
        Ok(Self(objects))
    }

    /// What it shall be: read from a namespace that has nothing else and vanishes again.
    pub(super) fn reference() -> Result<io::Result<Self>, NetNsError> {
        NetNs::create()?.run(|| {
            load()?;
            Self::read(&mut Socket::open(Family::Netfilter)?)
        })
    }

    /// Whether there is none.
    pub(super) fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

/// Puts the fixed part into the namespace of this thread, in the place of whatever tables have our name, as one
/// transaction. They are then without elements: they let nothing through.
pub(crate) fn load() -> io::Result<()> {
    let tables = AddressFamily::ALL.map(|family| (nftables::family_word(family), text_of(family)));
    load_tables(&tables.each_ref().map(|(family, text)| (*family, text.as_str())))
}

/// Puts a table of our name into the namespace of this thread, in the place of the one that has it, as one transaction.
/// It is of both families.
pub(super) fn load_text(text: &str) -> io::Result<()> {
    load_tables(&[("inet", text)])
}

/// Puts tables of our name, each of another family, in the place of those that have it, as one transaction.
fn load_tables(tables: &[(&str, &str)]) -> io::Result<()> {
    let program = find_program("nft").ok_or_else(|| {
        io::Error::new(io::ErrorKind::NotFound, "the program `nft` is missing: `apt-get install nftables`")
    })?;
    let mut nft = Command::new(program)
        .args(["-f", "-"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let name = nftables::TABLE;
    let place =
        |(family, text): &(&str, &str)| format!("add table {family} {name}\ndelete table {family} {name}\n{text}\n");
    let text: String = tables.iter().map(place).collect();
    // A refusal to read shows in the exit status.
    let written = nft.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()));
    let output = nft.wait_with_output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let words = words.lines().next().unwrap_or("no message");
        return Err(io::Error::other(format!("`nft` ended with {}: {words}", output.status)));
    }
    written
}
