//! What one VPC's namespace consists of, as a value: sysctls, addresses, links, rules, routes and the filter's elements.
//!
//! An [`Objects`] is what a plan wants ([`render`](super::render())) and what the kernel has ([`read`](super::Dataplane::read));
//! where the two are equal, the plan is applied. Its lines are made to be read and compared by people.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sidegate_model::{AddressFamily, IpCidr, IpRange};
use sidegate_plan::{AclNumber, GroupNumber, Permit, RedirectNumber, Selector, TableIndex, WatchNumber};

/// The transmission unit of every link: that of EC2's jumbo frames. Both ends must agree, since a veth drops in silence
/// what its peer would not take.
pub const MTU: u32 = 9001;

/// The kernel table that every packet looks up first: the VPC's interfaces and endpoint addresses.
pub const SHARED_TABLE: u32 = 100;

/// The kernel table of a route table is this plus the table's index.
pub const FIRST_TABLE: u32 = 1000;

/// The metric of a route that is none of those. The kernel takes 0 for this one where a route is of IPv6.
pub(super) const fn first_metric(family: AddressFamily) -> u32 {
    match family {
        AddressFamily::Ipv4 => 0,
        AddressFamily::Ipv6 => 1024,
    }
}

/// The metric of the blackholes that catch what nothing else routes.
pub const LAST_METRIC: u32 = 4096;

/// The kernel table of a subnet's redirects is this plus the subnet's number.
pub const FIRST_REDIRECTS: u32 = 100_000;

/// The bits of a mark that hold the route table's index.
pub const TABLE_MASK: u32 = 0xffff;

/// The bit of a mark that says that network ACLs are to be asked, of which some in the VPC stop something.
pub const GUARDED: u32 = 0x1_0000;

/// The bits of a mark that hold the number of the subnet whose redirects a packet takes.
pub const REDIRECTS_MASK: u32 = 0xfffe_0000;

/// The lowest of these bits.
pub const REDIRECTS_SHIFT: u32 = 17;

/// What stands there when an endpoint answers: then its address tells the subnet. No subnet has that number.
pub const ANSWERED: u32 = REDIRECTS_MASK;

/// The protocol that marks a route as ours, among those that rtnetlink(7) leaves to user space.
pub const ROUTE_PROTOCOL: u8 = 0x53;

/// The priority of a packet while groups or a network ACL judge it: their number in the upper half, and in the lower half its two bytes
/// swapped.
///
/// So it reads the same in both byte orders: versions of nft differ on which of them a set of intervals holds.
pub fn group_class(group: GroupNumber) -> u32 {
    u32::from(group) << 16 | u32::from(group.swap_bytes())
}

/// The groups whose class this is.
pub fn group_of_class(class: u32) -> Option<GroupNumber> {
    let group = GroupNumber::try_from(class >> 16).ok()?;
    (group_class(group) == class).then_some(group)
}

/// What one VPC's namespace consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// Settings of the namespace, by their path below `/proc/sys`.
    pub sysctls: BTreeMap<&'static str, Cow<'static, str>>,
    /// Whether `lo` is up.
    pub loopback: bool,
    /// The router's addresses, each alone on `lo`: `/32`, or `/128` of IPv6.
    pub addresses: BTreeSet<IpAddr>,
    /// Which kernel table is looked up for which mark.
    pub rules: BTreeSet<Rule>,
    /// The routes of all our tables.
    pub routes: BTreeMap<RouteKey, RouteKind>,
    /// The links to programs.
    pub links: BTreeMap<LinkName, LinkEnds>,
    /// The filter's fixed part.
    pub ruleset: Ruleset,
    /// The filter's data.
    pub elements: BTreeSet<Element>,
    /// What was found and is not ours. A plan never wants any.
    pub foreign: BTreeSet<Foreign>,
}

/// The name of a network link: 1 to 15 characters, of which none means anything to nftables or to a path.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkName {
    bytes: [u8; 15],
    length: u8,
}

impl LinkName {
    /// The name, if a link can have it.
    pub fn new(name: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let mut bytes = [0; 15];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        let length = u8::try_from(name.len()).ok()?;
        let reserved = matches!(name, "" | "." | ".." | "lo" | "all" | "default");
        (!reserved && name.bytes().all(allowed)).then_some(Self { bytes, length })
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Display for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A link into the namespace of a program or a passage, both of its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkEnds {
    /// The other namespace; the VPC's end bears it as its alias.
    pub namespace: String,
    /// The name of the other end.
    pub end: LinkName,
    /// The address of the other end.
    pub address: Ipv4Addr,
    /// Its further addresses.
    pub secondary: BTreeSet<Ipv4Addr>,
    /// Its addresses of IPv6, each `/128`.
    pub ipv6: BTreeSet<Ipv6Addr>,
    /// Whether it speaks IPv6.
    pub speaks_ipv6: bool,
    /// The length of its subnet's prefix.
    pub prefix: u8,
    /// Where the default route of a program leads. A passage has routes of its own.
    pub gateway: Option<Ipv4Addr>,
    /// The MAC address of the other end.
    pub mac: [u8; 6],
    /// The transmission unit of both ends.
    pub mtu: u32,
    /// Whether the ends are up and set as a link's ends must be. A plan always wants it so.
    pub settled: bool,
}

impl LinkEnds {
    /// All addresses of the other end.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let ipv4 = std::iter::once(self.address).chain(self.secondary.iter().copied());
        ipv4.map(IpAddr::from).chain(self.ipv6.iter().copied().map(IpAddr::from))
    }

    /// Whether both are one link that at most wants settling, or other further addresses.
    pub fn is_same_link(&self, other: &Self) -> bool {
        let settled = |ends: &Self| Self {
            settled: true,
            secondary: BTreeSet::new(),
            ipv6: BTreeSet::new(),
            speaks_ipv6: false,
            ..ends.clone()
        };
        self == other || settled(self) == settled(other)
    }
}

/// Which kernel table is looked up, by packets of which family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// What an endpoint in this block answers looks up the redirects of its subnet.
    Answered(IpCidr, RedirectNumber),
    /// Packets that bear the number of a subnet look up its redirects.
    Redirected(AddressFamily, RedirectNumber),
    /// Every packet, but for those, looks up the shared table first.
    Shared(AddressFamily),
    /// Packets that bear this route table's index look up its kernel table.
    Marked(AddressFamily, TableIndex),
}

impl Rule {
    /// The family of the packets.
    pub fn family(self) -> AddressFamily {
        match self {
            Self::Answered(block, _) => block.family(),
            Self::Redirected(family, _) | Self::Shared(family) | Self::Marked(family, _) => family,
        }
    }

    /// The place among the rules: lower ones come first.
    pub fn preference(self) -> u32 {
        match self {
            Self::Answered(..) => SHARED_TABLE - 20,
            Self::Redirected(..) => SHARED_TABLE - 10,
            Self::Shared(_) => SHARED_TABLE,
            Self::Marked(..) => FIRST_TABLE,
        }
    }

    /// The kernel table.
    pub fn table(self) -> u32 {
        match self {
            Self::Answered(_, number) | Self::Redirected(_, number) => FIRST_REDIRECTS + u32::from(number),
            Self::Shared(_) => SHARED_TABLE,
            Self::Marked(_, index) => FIRST_TABLE + u32::from(index),
        }
    }

    /// The mark of the packets, and which bits of it count; `None` for all packets.
    pub fn mark(self) -> Option<(u32, u32)> {
        match self {
            Self::Answered(..) => Some((ANSWERED, REDIRECTS_MASK)),
            Self::Redirected(_, number) => Some((u32::from(number) << REDIRECTS_SHIFT, REDIRECTS_MASK)),
            Self::Shared(_) => None,
            Self::Marked(_, index) => Some((index.into(), TABLE_MASK)),
        }
    }
}

/// What tells one route from another: the kernel keeps one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteKey {
    /// The kernel table.
    pub table: u32,
    /// The destination.
    pub destination: IpCidr,
    /// The metric; the lowest wins.
    pub metric: u32,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// To our own sockets.
    Local,
    /// Over a link, where every address has its neighbour.
    Link(LinkName),
    /// Over a link, to this neighbour.
    Via(LinkName, IpAddr),
    /// As if there were none in its table.
    Throw,
    /// Nowhere, in silence: `unreachable` would answer at once, and the router of AWS does not.
    Blackhole,
}

impl RouteKind {
    /// The link that it leads over.
    pub fn link(self) -> Option<LinkName> {
        match self {
            Self::Link(name) | Self::Via(name, _) => Some(name),
            Self::Local | Self::Throw | Self::Blackhole => None,
        }
    }
}

/// Which way traffic goes, seen from the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Into it.
    Ingress,
    /// Out of it.
    Egress,
}

/// The filter's fixed part: its sets, chains and rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ruleset {
    /// There is none.
    #[default]
    Absent,
    /// As this program would make it.
    Current,
    /// The same in the form that counts, for VPCs in which flow logs watch interfaces.
    Counting,
    /// Another program's, or changed.
    Other,
}

impl Ruleset {
    /// Whether it is as this program would make it.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Current | Self::Counting)
    }
}

/// One entry of one of the filter's sets or maps, of the table of its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// An address that a link leads to.
    Program(IpAddr),
    /// The groups that a link's packets leave under.
    LinkGroup(AddressFamily, LinkName, GroupNumber),
    /// A source address that a link may use, and the mark that its packets get.
    Source(LinkName, IpAddr, u32),
    /// The same in a VPC with network ACLs that stop something.
    Guarded(LinkName, IpAddr, u32),
    /// A link whose packets may have any source, and the mark that they get.
    Unchecked(AddressFamily, LinkName, u32),
    /// A mark by which routes lead over links, or nowhere in the VPC.
    Leading(AddressFamily, u32),
    /// A mark by which an endpoint's address is led nowhere.
    Lost(u32, IpAddr),
    /// The address of an endpoint whose connections are tracked.
    Tracked(IpAddr),
    /// The address of an endpoint, and the mark that its replies have: that of the route table of its subnet.
    Answering(IpAddr, u32),
    /// Public addresses that are let in where a route leads them to us.
    Prefix(IpRange),
    /// A port on which endpoints take connections.
    ServicePort(AddressFamily, u16),
    /// What every program may reach whatever its groups say: address, protocol, port.
    Platform(IpAddr, u8, u16),
    /// The groups that guard the address of an endpoint.
    GroupOf(IpAddr, GroupNumber),
    /// The network ACL at the border of a link's subnet.
    LinkAcl(AddressFamily, LinkName, AclNumber),
    /// The network ACL at the border of the subnet of an endpoint's address.
    EndpointAcl(IpAddr, AclNumber),
    /// What network ACLs let through.
    Crossing(Direction, AclNumber, Permit),
    /// What groups let through.
    Permit(Direction, GroupNumber, Permit),
    /// A link that flow logs watch, and its interface's number.
    Watched(AddressFamily, LinkName, WatchNumber),
    /// The address of an endpoint whose interface flow logs watch, and the interface's number.
    WatchedHere(IpAddr, WatchNumber),
    /// An address of the platform's own, whose traffic flow logs leave out.
    Unlogged(IpAddr),
}

impl Element {
    /// The family of the packets that it is about.
    pub fn family(&self) -> AddressFamily {
        match self {
            Self::LinkGroup(family, ..)
            | Self::Unchecked(family, ..)
            | Self::Leading(family, _)
            | Self::ServicePort(family, _)
            | Self::LinkAcl(family, ..)
            | Self::Watched(family, ..) => *family,
            Self::Program(address)
            | Self::Source(_, address, _)
            | Self::Guarded(_, address, _)
            | Self::Lost(_, address)
            | Self::Tracked(address)
            | Self::Answering(address, _)
            | Self::Platform(address, ..)
            | Self::GroupOf(address, _)
            | Self::EndpointAcl(address, _)
            | Self::WatchedHere(address, _)
            | Self::Unlogged(address) => AddressFamily::of(*address),
            Self::Prefix(range) => range.family(),
            Self::Crossing(_, _, permit) | Self::Permit(_, _, permit) => permit.family(),
        }
    }
}

/// Something in a namespace that no plan of ours made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Foreign {
    /// What it is.
    pub kind: ForeignKind,
    /// How it is called.
    pub name: String,
    /// The kernel's own description, by which it is removed.
    pub message: Vec<u8>,
}

/// The kinds of foreign things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForeignKind {
    /// A table of nftables.
    Table,
    /// A route.
    Route,
    /// A rule.
    Rule,
    /// An address.
    Address,
    /// A link.
    Link,
}

impl Objects {
    /// One line for each object, in order.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.sysctls.iter().map(|(path, value)| format!("sysctl {path} {value}")));
        lines.extend(self.loopback.then(|| "loopback up".to_owned()));
        lines.extend(self.addresses.iter().map(|address| format!("address {} dev lo", IpCidr::host(*address))));
        lines.extend(self.rules.iter().map(ToString::to_string));
        lines.extend(self.routes.iter().map(|(key, kind)| format!("route {key} {kind}")));
        lines.extend(self.links.iter().map(|(name, ends)| format!("link {name} {ends}")));
        if self.ruleset != Ruleset::Absent {
            lines.push(format!("ruleset {}", self.ruleset));
        }
        lines.extend(self.elements.iter().map(|element| format!("element {element}")));
        lines.extend(self.foreign.iter().map(|foreign| format!("foreign {foreign}")));
        lines
    }
}

impl fmt::Display for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for LinkEnds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, end, address, secondary, ipv6, speaks_ipv6, prefix, gateway, mac, mtu, settled } = self;
        let [a, b, c, d, e, g] = mac;
        write!(f, "into {namespace} as {end} address {address}/{prefix} ")?;
        for further in secondary {
            write!(f, "and {further} ")?;
        }
        for own in ipv6 {
            write!(f, "and {own} ")?;
        }
        if let Some(gateway) = gateway {
            write!(f, "via {gateway} ")?;
        }
        write!(f, "mac {a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x} mtu {mtu}")?;
        if *speaks_ipv6 {
            f.write_str(" with IPv6")?;
        }
        if *settled { Ok(()) } else { f.write_str(" unsettled") }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}rule {}", of_family(self.family()), self.preference())?;
        if let Self::Answered(block, _) = self {
            write!(f, " from {block} iif lo")?;
        }
        if let Some((mark, mask)) = self.mark() {
            write!(f, " fwmark {mark:#x}/{mask:#x}")?;
        }
        write!(f, " table {}", self.table())
    }
}

/// What stands before a thing that does not say by itself of which family it is.
fn of_family(family: AddressFamily) -> &'static str {
    match family {
        AddressFamily::Ipv4 => "",
        AddressFamily::Ipv6 => "ipv6 ",
    }
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {} {}", self.table, self.destination)?;
        if self.metric == first_metric(self.destination.family()) {
            Ok(())
        } else {
            write!(f, " metric {}", self.metric)
        }
    }
}

impl fmt::Display for RouteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local dev lo"),
            Self::Link(name) => write!(f, "dev {name}"),
            Self::Via(name, neighbour) => write!(f, "via {neighbour} dev {name}"),
            Self::Throw => f.write_str("throw"),
            Self::Blackhole => f.write_str("blackhole"),
        }
    }
}

impl fmt::Display for Ruleset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "absent",
            Self::Current => "current",
            Self::Counting => "counting",
            Self::Other => "other",
        })
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        })
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(address) => write!(f, "programs {address}"),
            Self::LinkGroup(family, link, group) => {
                write!(f, "{}link_group {link} : group {group}", of_family(*family))
            }
            Self::Source(link, address, mark) => write!(f, "sources {link} {address} : {mark:#x}"),
            Self::Guarded(link, address, mark) => write!(f, "guarded {link} {address} : {mark:#x}"),
            Self::Unchecked(family, link, mark) => write!(f, "{}unchecked {link} : {mark:#x}", of_family(*family)),
            Self::Leading(family, mark) => write!(f, "{}leading {mark:#x}", of_family(*family)),
            Self::Tracked(address) => write!(f, "tracked {address}"),
            Self::Lost(mark, address) => write!(f, "lost {mark:#x} {address}"),
            Self::Answering(address, mark) => write!(f, "answering {address} : {mark:#x}"),
            Self::LinkAcl(family, link, acl) => write!(f, "{}link_acl {link} : {acl}", of_family(*family)),
            Self::EndpointAcl(address, acl) => write!(f, "endpoint_acl {address} : {acl}"),
            Self::Prefix(range) => write!(f, "prefixes {range}"),
            Self::ServicePort(family, port) => write!(f, "{}service_ports {port}", of_family(*family)),
            Self::Platform(address, protocol, port) => {
                write!(f, "platform {address} protocol {protocol} port {port}")
            }
            Self::GroupOf(address, group) => write!(f, "group_of {address} : group {group}"),
            Self::Permit(direction, group, permit) => {
                write!(f, "{direction} group {group} ")?;
                write_permit(f, permit)
            }
            Self::Crossing(direction, acl, permit) => {
                write!(f, "{direction} acl {acl} ")?;
                write_permit(f, permit)
            }
            Self::Watched(family, link, number) => write!(f, "{}watched {link} : {number}", of_family(*family)),
            Self::WatchedHere(address, number) => write!(f, "watched_here {address} : {number}"),
            Self::Unlogged(address) => write!(f, "unlogged {address}"),
        }
    }
}

fn write_permit(f: &mut fmt::Formatter<'_>, Permit { peers, selector }: &Permit) -> fmt::Result {
    write!(f, "peers {peers} ")?;
    match selector {
        Selector::Ports { protocols, ports } => write!(f, "protocol {} port {}", span(*protocols), span(*ports)),
        Selector::Icmp { types, codes } => write!(f, "icmp {} code {}", span(*types), span(*codes)),
    }
}

/// A range as nftables and people write it: one number where both ends are the same.
pub(super) fn span<T: PartialEq + fmt::Display>((first, last): (T, T)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ForeignKind::Table => "nftables table",
            ForeignKind::Route => "route",
            ForeignKind::Rule => "rule",
            ForeignKind::Address => "address",
            ForeignKind::Link => "link",
        };
        write!(f, "{kind} {}", self.name)
    }
}
