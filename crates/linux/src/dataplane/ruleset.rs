//! The fixed part of the filter, in its two forms: loaded by the program `nft`, and compared with what that program would load.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use sidegate_model::AddressFamily;

use super::netlink::{Family, Socket};
use super::nftables;
use super::objects::Ruleset;
use crate::netns::{NetNs, NetNsError};
use crate::preflight::find_program;

/// Sets, maps, chains and rules, as `nft` reads them, but for the words of a family.
const TEXT: &str = include_str!("ruleset.nft");

/// The beginning of a line for IPv6 alone.
const IPV6_ALONE: &str = "6:";

/// The beginnings of lines for the form that counts, and for the one that does not.
const COUNTING_ALONE: &str = "F:";
const PLAIN_ALONE: &str = "P:";

/// What lets through, with the chains that note it where flows are counted.
const VERDICTS: [(&str, &str); 3] = [("ADMIT", "admitted"), ("RECEIVE", "received"), ("ANSWER", "answered")];

/// The text for a family, in one of its forms.
fn text_of(family: AddressFamily, form: Form) -> String {
    let (ip, address, icmp) = match family {
        AddressFamily::Ipv4 => ("ip", "ipv4_addr", "icmp"),
        AddressFamily::Ipv6 => ("ip6", "ipv6_addr", "icmpv6"),
    };
    let words = lines(family, form).map(|line| {
        let line = line.replace("IP ", &format!("{ip} ")).replace("ADDR", address).replace("ICMP", icmp);
        VERDICTS.iter().fold(line, |line, (word, chain)| match form {
            Form::Plain => line.replace(word, "accept"),
            Form::Counting => line.replace(word, &format!("goto {chain}")),
        })
    });
    words.fold(String::new(), |text, line| text + &line + "\n")
}

/// The lines of a form, without their beginnings.
fn lines(family: AddressFamily, form: Form) -> impl Iterator<Item = &'static str> {
    let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(move |line| {
        let [ipv6, counting, plain] = [IPV6_ALONE, COUNTING_ALONE, PLAIN_ALONE].map(|begin| line.strip_prefix(begin));
        match (ipv6, counting, plain) {
            (Some(line), ..) => (family == AddressFamily::Ipv6).then_some(line),
            (_, Some(line), _) => (form == Form::Counting).then_some(line),
            (.., Some(line)) => (form == Form::Plain).then_some(line),
            (None, None, None) => Some(line),
        }
    })
}

/// One of the two forms of the filter, which let the same through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// It counts nothing.
    Plain,
    /// It counts what passes watched interfaces and what does not.
    Counting,
}

impl Form {
    /// The form of a VPC's filter.
    pub(super) fn of(ruleset: Ruleset) -> Self {
        if ruleset == Ruleset::Counting { Self::Counting } else { Self::Plain }
    }
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
            let mut of_kind: Vec<_> = replies
                .iter()
                .filter_map(|reply| Some((nftables::chain_of(reply), nftables::lasting(reply, kinds)?)))
                .collect();
            // What was added when the form changed comes last. Only rules have an order, those of one chain.
            if nftables::asks_for_rules(&request) {
                of_kind.sort_by(|(a, _), (b, _)| a.cmp(b));
            } else {
                of_kind.sort_by(|(_, a), (_, b)| a.cmp(b));
            }
            objects.extend(of_kind.into_iter().map(|(_, lasting)| lasting));
        }
        Ok(Self(objects))
    }

    /// What it shall be: read from a namespace that has nothing else and vanishes again.
    pub(super) fn reference(form: Form) -> Result<io::Result<Self>, NetNsError> {
        NetNs::create()?.run(|| {
            load(form)?;
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
pub(crate) fn load(form: Form) -> io::Result<()> {
    let tables = AddressFamily::ALL.map(|family| (nftables::family_word(family), text_of(family, form)));
    load_tables(&tables.each_ref().map(|(family, text)| (*family, text.as_str())))
}

/// Gives the fixed part that is in the namespace of this thread, in the one form, the other one, as one transaction. Elements
/// stay, so that nothing is held up.
pub(super) fn change(to: Form) -> io::Result<()> {
    let name = nftables::TABLE;
    let of_family = |family| {
        let word = nftables::family_word(family);
        let text = text_of(family, to);
        let removed: String = match to {
            Form::Counting => String::new(),
            Form::Plain => left_out(family).map(|(kind, of)| format!("delete {kind} {word} {name} {of}\n")).collect(),
        };
        format!("flush table {word} {name}\n{text}\n{removed}")
    };
    nft(&AddressFamily::ALL.map(of_family).concat())
}

/// The chains and sets that only the form has that counts: what `nft` calls their kind, and their names.
fn left_out(family: AddressFamily) -> impl Iterator<Item = (&'static str, &'static str)> {
    let own: BTreeSet<&str> = lines(family, Form::Plain).collect();
    let alone = lines(family, Form::Counting).filter(move |line| !own.contains(line));
    alone.filter_map(|line| {
        let mut words = line.split_whitespace();
        let kind = words.next().filter(|kind| ["chain", "set", "map"].contains(kind))?;
        Some((kind, words.next()?))
    })
}

/// Puts a table of our name into the namespace of this thread, in the place of the one that has it, as one transaction.
/// It is of both families.
pub(super) fn load_text(text: &str) -> io::Result<()> {
    load_tables(&[("inet", text)])
}

/// Puts tables of our name, each of another family, in the place of those that have it, as one transaction.
fn load_tables(tables: &[(&str, &str)]) -> io::Result<()> {
    let name = nftables::TABLE;
    let place =
        |(family, text): &(&str, &str)| format!("add table {family} {name}\ndelete table {family} {name}\n{text}\n");
    nft(&tables.iter().map(place).collect::<String>())
}

/// Has `nft` carry commands out, as one transaction.
fn nft(text: &str) -> io::Result<()> {
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
