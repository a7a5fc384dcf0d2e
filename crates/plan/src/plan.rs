//! The plan of all networks, and of one VPC.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use sidegate_iam::Policy;
use sidegate_model::{
    InternetGatewayId, IpCidr, Ipv4Cidr, Ipv6Cidr, NetworkAclId, NetworkInterfaceId, RouteTableId, Scope,
    SecurityGroupId, SubnetId, VpcEndpointId, VpcId,
};

use crate::{Domains, Permit};

/// The number of a route table in its VPC: the lower 16 bits of the firewall mark. Never 0.
pub type TableIndex = u16;

/// The number of a combination of security groups in its VPC, by which packets are judged. Never 0.
pub type GroupNumber = u16;

/// The number of a subnet whose network ACL stops something. Never 0.
pub type AclNumber = u16;

/// The number of a subnet or gateway that has [redirects](Redirects). Never 0, and at most [`LAST_REDIRECT`].
pub type RedirectNumber = u16;

/// The most that such a number can be: that of a VPC's internet gateway, of which there is one. Subnets have smaller ones.
pub const LAST_REDIRECT: RedirectNumber = 0x7ffe;

/// The number by which the traffic of a watched interface is counted. Never 0, and less than 2²⁶; an interface keeps its own
/// as far as that can be, so that what was counted before a restart is known after it.
pub type WatchNumber = u32;

/// The first number that no watched interface can have.
pub const WATCH_NUMBERS: WatchNumber = 1 << 26;

/// The groups of what has none and stops nothing: passages and NAT gateways.
pub const OPEN_GROUP: GroupNumber = GroupNumber::MAX;

/// The table of what comes over the first passage of a VPC; each further one has the number below.
pub const FIRST_PASSAGE_TABLE: TableIndex = TableIndex::MAX;

/// The link-local address of the resolver, beside the VPC's own base + 2.
///
/// Source: VPC user guide, "DNS attributes for your VPC".
pub const LINK_LOCAL_RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);

/// The resolver's address of IPv6, the same in every VPC that has a block of it.
///
/// Source: VPC user guide, "Amazon DNS server".
pub const IPV6_RESOLVER: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253);

/// The metadata service's address of IPv6.
///
/// Source: EC2 user guide, "Access instance metadata for an EC2 instance".
pub const IPV6_METADATA_ADDRESS: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// The address of the instance metadata service.
///
/// Source: EC2 user guide, "Use the Instance Metadata Service".
pub const METADATA_ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// The TCP ports on which all endpoints take connections, and services at their public addresses: TLS, and plain HTTP for
/// the services that have it. Those of an endpoint are its [`service_ports`].
pub const SERVICE_PORTS: [u16; 2] = [80, 443];

/// The service of mail by SMTP.
pub const MAIL: &str = "email-smtp";

/// The TCP ports of SMTP that begin without TLS, on which endpoints take connections where one leads to [`MAIL`].
///
/// Source: SES guide, "Connecting to the Amazon SES SMTP endpoint".
pub const SMTP_PORTS: [u16; 3] = [25, 587, 2587];

/// The same that begin with TLS.
pub const SMTPS_PORTS: [u16; 2] = [465, 2465];

/// The TCP ports on which endpoints for a service take connections.
pub fn service_ports(service: &str) -> impl Iterator<Item = u16> + use<> {
    let is_mail = service == MAIL;
    let mail = SMTP_PORTS.into_iter().chain(SMTPS_PORTS).filter(move |_| is_mail);
    SERVICE_PORTS.into_iter().chain(mail)
}

/// What the machine shall do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Each VPC. A VPC that did not change keeps its value, and maps share what is equal, so that what changed is found
    /// without looking at the rest.
    pub vpcs: OrdMap<VpcId, Arc<VpcPlan>>,
    /// Names of endpoints, which stand in public DNS and lead to private addresses.
    pub endpoint_names: Arc<Names>,
    /// The host names of public addresses.
    pub public_names: Arc<OrdMap<String, PublicName>>,
    /// The domains that the names of both kinds lie below.
    pub domains: Arc<Domains>,
    /// What stands between networks, by the name of its namespace.
    pub passages: OrdMap<String, Arc<Passage>>,
}

impl Plan {
    /// The VPCs of which a newer plan says something else, or which only one of the two has, in the order of their ids.
    /// It takes time in proportion to what changed, if one plan was made from the other.
    pub fn changed_vpcs<'a>(&'a self, newer: &'a Self) -> impl Iterator<Item = &'a VpcId> {
        changed_keys(&self.vpcs, &newer.vpcs)
    }

    /// The same for passages.
    pub fn changed_passages<'a>(&'a self, newer: &'a Self) -> impl Iterator<Item = &'a String> {
        changed_keys(&self.passages, &newer.passages)
    }
}

/// The keys whose values differ between two maps. What they share is passed over.
fn changed_keys<'a, K: Ord, V: PartialEq>(old: &'a OrdMap<K, V>, new: &'a OrdMap<K, V>) -> impl Iterator<Item = &'a K> {
    old.diff(new).map(|item| match item {
        DiffItem::Add(key, _) | DiffItem::Remove(key, _) | DiffItem::Update { new: (key, _), .. } => key,
    })
}

/// Names in lower case without a final dot, each with its addresses. A name that begins with `*.` covers every name
/// below the rest that has no entry of its own. Cloning it is cheap.
pub type Names = OrdMap<String, Vec<IpAddr>>;

/// What the host name of a public address leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicName {
    /// The VPC of the interface.
    pub vpc: VpcId,
    /// The public address.
    pub public: IpAddr,
    /// The private one, which those see that are near; `None` where the VPC's `enableDnsSupport` is off.
    pub private: Option<IpAddr>,
}

/// What the machine shall do for one VPC, in its own network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcPlan {
    /// The VPC; its id is also the name of the namespace.
    pub vpc: VpcId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its blocks, of IPv4 and then of IPv6. What is in them and is no interface goes nowhere.
    pub cidrs: Vec<IpCidr>,
    /// The router's own addresses on `lo`: the first of each subnet, the resolver's and the metadata service's.
    pub router: BTreeSet<IpAddr>,
    /// Where the resolver listens, beside its [fixed addresses](Self::resolvers): the VPC's base + 2. `None` if the VPC's
    /// `enableDnsSupport` is off: then nothing answers on port 53.
    pub resolver: Option<Ipv4Addr>,
    /// The interfaces of programs: each a link from this namespace into the program's own.
    pub links: BTreeMap<NetworkInterfaceId, Link>,
    /// The links to passages, by the name of the passage's namespace.
    pub passages: BTreeMap<String, PassageLink>,
    /// The route tables, by their number.
    pub tables: BTreeMap<TableIndex, TablePlan>,
    /// The routes that win over the local one, for each subnet that has any, and for the internet gateway.
    pub redirects: BTreeMap<RedirectNumber, Redirects>,
    /// What each combination of security groups lets through.
    pub groups: BTreeMap<GroupNumber, GroupRules>,
    /// What crosses the borders of subnets, where their network ACLs stop something. If there is any, every packet of the
    /// VPC is asked whether it crosses one.
    pub acls: BTreeMap<AclNumber, AclRules>,
    /// The private addresses of interface endpoints.
    pub endpoint_addresses: BTreeMap<IpAddr, EndpointAddress>,
    /// The public blocks of services for which a gateway endpoint can exist. Where a route table leads them to an
    /// endpoint, the filter lets them in on the VPC's [`service_ports`](VpcPlan::service_ports).
    pub gateway_prefixes: BTreeSet<IpCidr>,
    /// The endpoints, of both kinds.
    pub endpoints: BTreeMap<VpcEndpointId, EndpointPlan>,
    /// The zones that are private to the VPC: those of endpoints with private DNS, and the VPC's own host names.
    pub zones: Vec<DnsZone>,
    /// The public names of services whose records are others in this VPC: a gateway endpoint decides of them. One without
    /// addresses exists and has no record.
    pub service_names: Names,
    /// The peers whose public host names lead to private addresses here.
    pub named_peers: BTreeSet<VpcId>,
    /// What the metadata service tells, by the primary private address of who asks.
    pub metadata: BTreeMap<Ipv4Addr, Metadata>,
    /// The interfaces that flow logs watch, each with a number of its own. Where there is none, nothing is counted.
    pub watched: BTreeMap<NetworkInterfaceId, WatchNumber>,
}

/// An interface of a program: a layer-3 link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The name of the VPC's end, at most 15 characters.
    pub name: String,
    /// The name of the program's namespace: the id of its first interface.
    pub namespace: String,
    /// Which of the program's interfaces it is: its end is `eth0`, `eth1`, …. The default route is that of the first; what
    /// goes out from another's own address goes out there.
    pub device: u32,
    /// The subnet.
    pub subnet: SubnetId,
    /// The primary private address.
    pub address: Ipv4Addr,
    /// The secondary private addresses.
    pub secondary: Vec<Ipv4Addr>,
    /// The IPv6 addresses.
    pub ipv6: Vec<Ipv6Addr>,
    /// The length of the subnet's IPv4 prefix.
    pub prefix: u8,
    /// The subnet's gateway: the program's default route.
    pub gateway: Ipv4Addr,
    /// The MAC address of the program's end.
    pub mac: [u8; 6],
    /// The route table of the subnet.
    pub table: TableIndex,
    /// The subnet's number, if what leaves it for another part of the VPC has ways of its own.
    pub redirects: Option<RedirectNumber>,
    /// The combination of security groups.
    pub group: GroupNumber,
    /// What its subnet's network ACL lets through, if that is not everything.
    pub acl: Option<AclNumber>,
    /// Whether its packets may have any source: the interface's source/destination check is off.
    ///
    /// Source: VPC user guide, "Disable source and destination checks".
    pub forwards: bool,
}

/// A link from a VPC to a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassageLink {
    /// The name of the VPC's end, at most 15 characters.
    pub name: String,
    /// The name of the passage's end.
    pub end: String,
    /// The table of what comes in over it: none of the VPC's own, and empty, so that nothing is reached from there but what
    /// is in the VPC.
    pub table: TableIndex,
    /// The gateway's number, if a route table leads what comes in over it aside.
    pub redirects: Option<RedirectNumber>,
    /// The VPC on the other side of a peering connection, whose connections to addresses of this one are answered over it.
    pub peer: Option<VpcId>,
}

/// What stands between networks, in a network namespace of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    /// A VPC's way into the emulated internet: each private address goes out as its public one, and no other goes.
    ///
    /// Source: VPC user guide, "Enable internet access for a VPC using an internet gateway".
    InternetGateway {
        /// The VPC's blocks.
        cidrs: Vec<IpCidr>,
        /// The public addresses, by the private ones.
        public: BTreeMap<Ipv4Addr, Ipv4Addr>,
        /// The addresses of IPv6, which go out and are reached as they are: those of programs, and none of an endpoint.
        ipv6: BTreeSet<Ipv6Addr>,
    },
    /// A VPC's way into the emulated internet for IPv6: what is begun inside goes out and is answered, and nothing else
    /// gets in.
    ///
    /// Source: VPC user guide, "Enable outbound IPv6 traffic using an egress-only internet gateway".
    EgressOnlyInternetGateway {
        /// The VPC's blocks.
        cidrs: Vec<IpCidr>,
        /// The addresses that go out: those of programs.
        ipv6: BTreeSet<Ipv6Addr>,
    },
    /// A NAT gateway: connections go out under its own private addresses.
    ///
    /// Source: VPC user guide, "NAT gateways".
    NatGateway {
        /// Those that new connections get, in turn; the primary one first.
        addresses: Vec<Ipv4Addr>,
        /// Those that serve the connections that they have, and get no others.
        draining: Vec<Ipv4Addr>,
    },
    /// A peering connection: what comes from one side goes to the other, if it is from and to their own addresses.
    ///
    /// Source: VPC Peering Guide, "VPC peering limitations": what lies behind a VPC is not reached through it.
    Peering {
        /// The blocks of the VPC that asked for it, whose end of the passage is `eth0`.
        requester: Vec<IpCidr>,
        /// The blocks of the VPC that accepted it, whose end is `eth1`.
        accepter: Vec<IpCidr>,
    },
}

/// A route table. What it does not route ends in silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablePlan {
    /// The route table.
    pub id: RouteTableId,
    /// Its routes to what is outside the VPC, ordered, each destination once.
    pub routes: BTreeMap<IpCidr, Route>,
}

/// How what leaves a subnet, or comes in over a gateway, gets to parts of the VPC where the route table of that says so.
/// What no route here is about takes the local one.
///
/// Source: VPC user guide, "Subnet route tables": a route may be more specific than the local one, or take its place;
/// "Gateway route tables".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirects {
    /// Whose packets they are about.
    pub from: Redirected,
    /// The table of what else it sends: that of the subnet, or that of the [link](PassageLink) of the gateway.
    pub table: TableIndex,
    /// The blocks of the subnet; a gateway has none. What stays in them is not routed.
    pub blocks: Vec<IpCidr>,
    /// The routes, ordered, each destination once; those to [`RouteTarget::Local`] are exceptions from others.
    pub routes: BTreeMap<IpCidr, Route>,
}

/// Whose packets [redirects](Redirects) are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirected {
    /// What leaves a subnet.
    Subnet(SubnetId),
    /// What comes in over an internet gateway.
    Gateway(InternetGatewayId),
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it leads.
    pub target: RouteTarget,
    /// The destination as the user knows it: the block, or the prefix list that holds it.
    pub named: String,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteTarget {
    /// To a gateway endpoint: packets end in the VPC's namespace, on the edge's listener.
    GatewayEndpoint(VpcEndpointId),
    /// To what runs behind an interface of the VPC, whatever address the packet has.
    Interface {
        /// The interface.
        interface: NetworkInterfaceId,
        /// The name of its link.
        link: String,
        /// Its address on the link: for packets of IPv6 the [link-local](link_local) one.
        address: IpAddr,
    },
    /// Over a passage, by the name of its namespace.
    Passage(String),
    /// Straight to who has the address in the VPC. Only [redirects](Redirects) have such.
    Local,
    /// Nowhere, in silence.
    Blackhole,
}

/// What a combination of security groups lets through. Permits are sorted and do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupRules {
    /// The groups.
    pub groups: Vec<SecurityGroupId>,
    /// What may come in.
    pub ingress: Vec<Permit>,
    /// What may go out.
    pub egress: Vec<Permit>,
}

/// A private address of an interface endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointAddress {
    /// The endpoint.
    pub endpoint: VpcEndpointId,
    /// Its network interface.
    pub interface: NetworkInterfaceId,
    /// The combination of security groups that guards it.
    pub group: GroupNumber,
    /// The route table of its subnet, by which it answers what is outside the VPC: who asks over a peering connection.
    pub table: TableIndex,
    /// What its subnet's network ACL lets through, if that is not everything.
    pub acl: Option<AclNumber>,
}

/// What a network ACL lets across the border of a subnet, packet by packet, replies too; what stays in the subnet is let
/// through. Ports are those of the packet's destination. Permits are sorted and do not overlap.
///
/// Source: VPC user guide, "Network ACL basics", "Network ACL rules".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclRules {
    /// The network ACL.
    pub acl: NetworkAclId,
    /// The subnet.
    pub subnet: SubnetId,
    /// What may come in.
    pub ingress: Vec<Permit>,
    /// What may go out.
    pub egress: Vec<Permit>,
}

/// Which kind of endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// A gateway endpoint.
    Gateway,
    /// An interface endpoint.
    Interface,
}

/// What the edge must know of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPlan {
    /// Its kind.
    pub kind: EndpointKind,
    /// The service that it leads to, by the last part of its endpoint service name, such as `s3`.
    pub service: &'static str,
    /// Names that may stand in a request's Host: the service's own, and for an interface endpoint the endpoint's. A
    /// name that begins with `*.` covers every name below.
    pub hosts: Vec<String>,
    /// Its policy.
    pub policy: Arc<Policy>,
}

/// A zone that is private to a VPC. A name in it that it does not have does not exist: there is no way on to public
/// DNS.
///
/// Source: Route 53 developer guide, "Considerations when working with a private hosted zone".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsZone {
    /// The name of the zone, in lower case without a final dot.
    pub name: String,
    /// Its A records; names are full.
    pub records: Names,
}

/// What the metadata service tells a program of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The interface.
    pub interface: NetworkInterfaceId,
    /// The instance; a program of `sidegate exec` has an id of the same form.
    pub instance: String,
    /// The reservation.
    pub reservation: String,
    /// The image.
    pub image: String,
    /// The instance's type.
    pub instance_type: String,
    /// The zone's name.
    pub zone: String,
    /// The zone's id.
    pub zone_id: String,
    /// The private host name.
    pub hostname: String,
    /// The private address.
    pub address: Ipv4Addr,
    /// The IPv6 addresses.
    pub ipv6: Vec<Ipv6Addr>,
    /// The public addresses of the interface with the private ones that they belong to, that of the primary one first.
    pub public: Vec<(Ipv4Addr, Ipv4Addr)>,
    /// The public host name, which goes with the public address of the primary private one.
    pub public_hostname: Option<String>,
    /// The MAC address, as text.
    pub mac: String,
    /// The subnet and its block.
    pub subnet: (SubnetId, Ipv4Cidr),
    /// The blocks of IPv6 of the VPC and of the subnet, if they have any.
    pub ipv6_blocks: [Option<Ipv6Cidr>; 2],
    /// The security groups: their ids and names.
    pub groups: Vec<(SecurityGroupId, String)>,
    /// When it was started: Unix time in milliseconds.
    pub launched: i64,
    /// The user data, as given.
    pub user_data: Option<Arc<str>>,
    /// The position among the instances that were launched together.
    pub launch_index: u32,
    /// The name and the public key, in OpenSSH's form, that the instance was launched with.
    pub key: Option<(String, String)>,
    /// Whose credentials are told.
    pub role: Option<RoleSource>,
    /// Whether requests without a token are refused.
    pub tokens_required: bool,
    /// How many hops a token's reply may travel.
    pub hop_limit: u8,
    /// Whether it is told at [`IPV6_METADATA_ADDRESS`] too.
    pub over_ipv6: bool,
    /// Whether anything is told at all.
    pub enabled: bool,
    /// The tags of the instance, if they are told.
    pub tags: Option<Vec<(String, String)>>,
}

/// Whose credentials a program finds at the metadata service. What they are, only IAM knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RoleSource {
    /// Those of the role in the profile of an instance.
    Profile {
        /// The profile's ARN.
        arn: Arc<str>,
        /// Its unique id.
        id: Arc<str>,
    },
    /// Those of the role with this ARN, which a program of `sidegate exec` was given.
    Role(Arc<str>),
}

impl VpcPlan {
    /// Whether an endpoint leads to [`MAIL`].
    pub fn has_mail(&self) -> bool {
        self.endpoints.values().any(|endpoint| endpoint.service == MAIL)
    }

    /// The TCP ports on which the kernel takes connections to its endpoints: all [those](service_ports) that any of them
    /// has. Where an endpoint does not have the port itself, the connection is closed as soon as it is made.
    pub fn service_ports(&self) -> Vec<u16> {
        if self.has_mail() { service_ports(MAIL).collect() } else { SERVICE_PORTS.to_vec() }
    }

    /// The endpoint that a connection uses: an interface endpoint by the address it was made to, a gateway endpoint by
    /// the route table that its mark names. `None` if there is none: then the connection has no right to exist.
    pub fn classify(&self, destination: IpAddr, mark: u32) -> Option<&VpcEndpointId> {
        if let Some(address) = self.endpoint_addresses.get(&destination) {
            return Some(&address.endpoint);
        }
        let table = self.tables.get(&TableIndex::try_from(mark & 0xffff).ok()?)?;
        match table.lookup(destination)? {
            Route { target: RouteTarget::GatewayEndpoint(endpoint), .. } => Some(endpoint),
            Route {
                target:
                    RouteTarget::Interface { .. } | RouteTarget::Passage(_) | RouteTarget::Local | RouteTarget::Blackhole,
                ..
            } => None,
        }
    }

    /// The VPCs that are peered with this one.
    pub fn peers(&self) -> impl Iterator<Item = &VpcId> {
        self.passages.values().filter_map(|link| link.peer.as_ref())
    }

    /// What the host name of a public address leads to in this VPC: a private address of its own or of a peer that
    /// allows it, or else the public one.
    pub fn address_of<'a>(&self, name: &'a PublicName) -> &'a IpAddr {
        let is_near = name.vpc == self.vpc || self.named_peers.contains(&name.vpc);
        name.private.as_ref().filter(|_| is_near).unwrap_or(&name.public)
    }

    /// The interface with this address.
    pub fn link_at(&self, address: IpAddr) -> Option<(&NetworkInterfaceId, &Link)> {
        let told = match address {
            IpAddr::V4(address) => self.metadata.get(&address),
            IpAddr::V6(_) => None,
        };
        told.and_then(|told| self.links.get_key_value(&told.interface))
            .filter(|(_, link)| address == link.address)
            .or_else(|| self.links.iter().find(|(_, link)| link.addresses().any(|own| own == address)))
    }

    /// What the metadata service tells who asks from an address.
    pub fn metadata_of(&self, address: IpAddr) -> Option<&Metadata> {
        let primary = match address {
            IpAddr::V4(address) if self.metadata.contains_key(&address) => address,
            _ => self.link_at(address).map(|(_, link)| link.address)?,
        };
        self.metadata.get(&primary)
    }

    /// Whether it has a block of IPv6.
    pub fn has_ipv6(&self) -> bool {
        self.cidrs.iter().any(|block| block.is_ipv6())
    }

    /// The addresses on which the resolver answers; none if `enableDnsSupport` is off.
    pub fn resolvers(&self) -> impl Iterator<Item = IpAddr> {
        let ipv6 = self.has_ipv6().then_some(IpAddr::V6(IPV6_RESOLVER));
        self.resolver
            .into_iter()
            .flat_map(move |own| [Some(own.into()), Some(LINK_LOCAL_RESOLVER.into()), ipv6])
            .flatten()
    }

    /// The routes by which what comes in over a passage is led aside, if there are any.
    pub fn redirects_of(&self, passage: &str) -> Option<&Redirects> {
        self.redirects.get(&self.passages.get(passage)?.redirects?)
    }

    /// Whether it needs its namespace: a program is in it, or one of a peered VPC may ask for its endpoints. Else nothing
    /// can send a packet there.
    pub fn is_inhabited(&self) -> bool {
        !self.links.is_empty() || (!self.endpoint_addresses.is_empty() && self.peers().next().is_some())
    }
}

impl Link {
    /// The private addresses, the primary one first, and those of IPv6.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let ipv4 = std::iter::once(self.address).chain(self.secondary.iter().copied());
        ipv4.map(IpAddr::from).chain(self.ipv6.iter().copied().map(IpAddr::from))
    }
}

impl TablePlan {
    /// The most specific route to an address outside the VPC.
    pub fn lookup(&self, address: IpAddr) -> Option<&Route> {
        self.route_to(address).map(|(_, route)| route)
    }

    /// The most specific route to an address outside the VPC, and its block.
    pub fn route_to(&self, address: IpAddr) -> Option<(IpCidr, &Route)> {
        most_specific(&self.routes, address)
    }
}

impl Redirected {
    /// The id of the subnet or gateway.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Subnet(id) => id.as_str(),
            Self::Gateway(id) => id.as_str(),
        }
    }
}

impl Redirects {
    /// The most specific route to an address in the VPC; without one, the local route holds.
    pub fn lookup(&self, address: IpAddr) -> Option<&Route> {
        self.route_to(address).map(|(_, route)| route)
    }

    /// The most specific route to an address in the VPC, and its block; `None` where the local route holds.
    pub fn route_to(&self, address: IpAddr) -> Option<(IpCidr, &Route)> {
        most_specific(&self.routes, address).filter(|(_, route)| route.target != RouteTarget::Local)
    }
}

fn most_specific(routes: &BTreeMap<IpCidr, Route>, address: IpAddr) -> Option<(IpCidr, &Route)> {
    let length = IpCidr::host(address).length();
    let mut blocks = (0..=length).rev().map(|length| IpCidr::new(address, length));
    blocks.find_map(|block| Some((block, routes.get(&block)?)))
}

/// The link-local address that an interface makes from its MAC address.
///
/// Source: RFC 4291, appendix A.
pub const fn link_local([a, b, c, d, e, f]: [u8; 6]) -> Ipv6Addr {
    let [first, second] = [u16::from_be_bytes([a ^ 2, b]), u16::from_be_bytes([c, 0xff])];
    let [third, fourth] = [u16::from_be_bytes([0xfe, d]), u16::from_be_bytes([e, f])];
    Ipv6Addr::new(0xfe80, 0, 0, 0, first, second, third, fourth)
}
