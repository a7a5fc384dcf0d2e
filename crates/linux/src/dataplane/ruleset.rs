//! The fixed part of the filter: loaded by the program `nft`, and compared with what that program would load.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write};
use std::process::{Command, Stdio};

use super::netlink::{Family, Socket};
use super::nftables;
use crate::netns::{NetNs, NetNsError};
use crate::preflight::find_program;

/// Sets, maps, chains and rules, as `nft` reads them.
const TEXT: &str = include_str!("ruleset.nft");

/// What our table consists of but its elements, as the kernel describes it; empty if there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Structure(Vec<Vec<u8>>);

impl Structure {
    /// What the namespace of this thread has.
    pub(super) fn read(socket: &mut Socket) -> io::Result<Self> {
        let mut objects = Vec::new();
        for (request, kinds) in nftables::structure() {
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

/// Puts the fixed part into the namespace of this thread, in the place of whatever table has our name, as one
/// transaction. The table is then without elements: it lets nothing through.
pub(crate) fn load() -> io::Result<()> {
    load_text(TEXT)
}

/// Makes sure that the namespace of this thread has a table of our name with this text, which begins with the table. The
/// table's comment tells which text it is from, so that nothing is loaded where it is there: to start `nft` takes longer
/// than all else that a passage needs.
pub(super) fn keep_text(text: &str) -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let mark = format!("sidegate {:016x}", hasher.finish());
    if nftables::is_marked(&mut Socket::open(Family::Netfilter)?, &mark)? {
        return Ok(());
    }
    let head = format!("table inet {} {{", nftables::TABLE);
    load_text(&text.replacen(&head, &format!("{head}\n\tcomment \"{mark}\""), 1))
}

/// Puts a table of our name into the namespace of this thread, in the place of the one that has it, as one transaction.
pub(super) fn load_text(text: &str) -> io::Result<()> {
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
    let table = nftables::TABLE;
    let text = format!("add table inet {table}\ndelete table inet {table}\n{text}");
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
