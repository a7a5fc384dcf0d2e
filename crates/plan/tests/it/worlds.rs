//! Random small worlds: sequences of commands as data, and probes into what they made.
//!
//! A step names what it acts on by small numbers, taken modulo what there is, so that every sequence makes sense and
//! shrinks well. A step that the model refuses changes nothing. Only the model, proptest and the standard library, so
//! that other crates' tests can include this file.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sidegate_model::{
    AddressFamily, AmazonSideAsn, AssignNatAddresses, AssociateNatAddresses, AssociationId, Attachment, Change,
    Connectivity, Context, CreateNatGateway, CreatePrefixList, CreateRoute, CreateVpcEndpoint, Destination, Direction,
    DrainDuration, Endpoint, Entity as _, Error, Instance, InstanceState, IpAddressType, IpCidr, IpProtocol, Ipv4Cidr,
    Ipv6Cidr, ModifyPrefixList, ModifyVpcEndpoint, NatSources, NetworkAclEntry, NetworkInterface, NetworkInterfaceId,
    NewRule, Peer, PolicyChange, PortRange, PrefixListEntry, Region, RouteTable, RouteTarget, RuleAction, RunInstance,
    Scope, SecurityGroup, SecurityGroupId, Service, SubnetAttribute, SubnetId, Table, Vpc, VpcAttribute, World,
};

/// A command, with small numbers for what it is about.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Vpc { block: u8, owner: u8 },
    DeleteVpc { vpc: u8 },
    DnsSupport { vpc: u8, on: bool },
    DnsHostnames { vpc: u8, on: bool },
    Subnet { vpc: u8, slot: u8, zone: u8 },
    DeleteSubnet { subnet: u8 },
    RouteTable { vpc: u8 },
    DeleteRouteTable { table: u8 },
    Associate { table: u8, subnet: u8 },
    Disassociate { association: u8 },
    Reassociate { association: u8, table: u8 },
    Route { table: u8, to: u8, over: u8 },
    ReplaceRoute { table: u8, to: u8, over: u8 },
    DeleteRoute { table: u8, to: u8 },
    Group { vpc: u8 },
    DeleteGroup { group: u8 },
    Authorize { group: u8, rule: Rule },
    Revoke { group: u8, rule: u8 },
    Gateway { vpc: u8, service: u8, tables: Vec<u8> },
    Interface { vpc: u8, service: u8, subnets: Vec<u8>, groups: Vec<u8>, private: Option<bool>, inbound: Option<bool> },
    Modify { endpoint: u8, change: Modification },
    DeleteEndpoint { endpoint: u8 },
    Run { subnet: u8, groups: Vec<u8>, count: u8 },
    InstanceIs { instance: u8, state: u8 },
    Stop { instance: u8 },
    Start { instance: u8 },
    MapPublic { subnet: u8, on: bool },
    Exec { subnet: u8, groups: Vec<u8> },
    Ended { interface: u8 },
    Regroup { interface: u8, groups: Vec<u8> },
    Check { interface: u8, on: bool },
    Propose { requester: u8, accepter: u8 },
    Accept { peering: u8 },
    Unpeer { peering: u8 },
    PeerNames { peering: u8, requester: Option<bool>, accepter: Option<bool> },
    InternetGateway { vpc: u8 },
    Detach { gateway: u8 },
    Edge { table: u8 },
    EdgeRoute { to: u8, over: u8 },
    Elastic { interface: u8 },
    Release { address: u8 },
    Nat { subnet: u8, public: bool, more: u8 },
    MoreNat { nat: u8 },
    LessNat { nat: u8, which: u8 },
    Drained { nat: u8 },
    DeleteNat { nat: u8 },
    PrefixList { vpc: u8, block: u8 },
    AddEntry { list: u8, block: u8 },
    RemoveEntry { list: u8, block: u8 },
    DeletePrefixList { list: u8 },
    Acl { vpc: u8 },
    DeleteAcl { acl: u8 },
    AclEntry { acl: u8, entry: Entry },
    ReplaceAclEntry { acl: u8, at: u8, entry: Entry },
    DeleteAclEntry { acl: u8, at: u8 },
    Reborder { subnet: u8, acl: u8 },
    Ipv6 { vpc: u8 },
    Ipv6Subnet { subnet: u8 },
    Ipv6Address { interface: u8 },
    WithoutIpv6 { interface: u8 },
    EgressOnly { vpc: u8 },
    DeleteEgressOnly { gateway: u8 },
    VpnGateway { vpc: u8 },
    DetachVpn { gateway: u8 },
}

/// An entry of a network ACL.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    ingress: bool,
    number: u8,
    allow: bool,
    traffic: u8,
    block: u8,
}

/// A rule of a security group.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) ingress: bool,
    pub(crate) traffic: u8,
    pub(crate) peer: u8,
    pub(crate) which: u8,
}

/// What to change of an endpoint.
#[derive(Clone, Debug)]
pub(crate) enum Modification {
    AddTable(u8),
    RemoveTable(u8),
    AddSubnet(u8),
    RemoveSubnet(u8),
    AddGroup(u8),
    RemoveGroup(u8),
    PrivateDns(bool),
    Dualstack(bool),
    InboundOnly(bool),
    Policy(u8),
}

/// The blocks of VPCs: half of them can be peered with the first, which is likely to be taken twice. They are those of
/// tests with packets, which run in such worlds too.
const BLOCKS: [&str; 4] = ["10.77.0.0/16", "10.78.0.0/20", "10.77.0.0/24", "10.78.0.0/20"];

/// The owners: account and Region. Worlds that lie side by side have accounts of their own, from these on.
const OWNERS: [(u64, &str); 4] = [
    (111_111_111_111, "us-east-1"),
    (111_111_111_111, "us-east-1"),
    (222_222_222_222, "us-east-1"),
    (111_111_111_111, "eu-west-1"),
];

/// The services of interface endpoints.
const SERVICES: [&str; 5] = crate::naive::ASKED;

/// Policies: two that parse, one that does not.
const POLICIES: [&str; 3] = [
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}"#,
    r#"{"Statement":[]}"#,
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"*"}]}"#,
];

/// The blocks of prefix lists.
const LISTED: [&str; 6] =
    ["10.77.0.0/16", "198.18.0.0/22", "198.18.0.0/24", "10.77.0.0/26", "0.0.0.0/0", "198.18.6.0/24"];

/// The targets of routes, but for the VPC itself.
const OVER: u8 = 28;

/// The target of a route that is the VPC itself.
const LOCAL: u8 = u8::MAX;

/// The most VPCs at a time.
const VPC_LIMIT: usize = 2;

/// Sequences of at most `limit` random steps, behind some that make a small private network.
pub(crate) fn steps(limit: usize) -> impl Strategy<Value = Vec<Step>> {
    (furnishing(), any::<bool>(), vec(step(), 0..=limit)).prop_map(|(mut first, furnished, rest)| {
        if !furnished {
            first.truncate(2);
        }
        first.extend(rest);
        first
    })
}

fn furnishing() -> impl Strategy<Value = Vec<Step>> {
    let few = || vec(0..3_u8, 1..3);
    (0..4_u8, 0..4_u8, few(), few(), option::of(any::<bool>()), rule(), rule()).prop_map(
        |(block, owner, tables, groups, inbound, one, other)| {
            let mut all = vec![
                Step::Vpc { block: 0, owner: 0 },
                Step::Subnet { vpc: 0, slot: 0, zone: 0 },
                Step::DnsHostnames { vpc: 0, on: true },
                Step::Subnet { vpc: 0, slot: 1, zone: 1 },
                Step::RouteTable { vpc: 0 },
                Step::Associate { table: 0, subnet: 1 },
                Step::Group { vpc: 0 },
                Step::PrefixList { vpc: 0, block },
                Step::AddEntry { list: 0, block: owner },
                Step::Authorize { group: 0, rule: one },
                Step::Authorize { group: 1, rule: other },
                Step::Gateway { vpc: 0, service: 0, tables },
                Step::Gateway { vpc: 0, service: 1, tables: vec![0, 1] },
                Step::Interface { vpc: 0, service: 0, subnets: vec![0, 1], groups, private: None, inbound: None },
                Step::Interface { vpc: 0, service: 1, subnets: vec![1], groups: vec![0], private: Some(true), inbound },
                Step::MapPublic { subnet: owner % 3, on: true },
                Step::Run { subnet: 0, groups: vec![0], count: 2 },
                Step::Exec { subnet: 1, groups: vec![1] },
                Step::Vpc { block, owner },
                Step::Subnet { vpc: 1, slot: 0, zone: 0 },
                Step::Exec { subnet: 2, groups: vec![] },
                Step::Authorize { group: owner, rule: Rule { ingress: true, traffic: 0, peer: 0, which: 0 } },
                Step::Propose { requester: block, accepter: owner },
                Step::Route { table: 0, to: 10, over: 8 },
                Step::Route { table: 1, to: 10, over: 8 },
                Step::Route { table: 2, to: 10, over: 8 },
            ];
            all.extend([
                Step::InternetGateway { vpc: 0 },
                Step::VpnGateway { vpc: 0 },
                Step::Elastic { interface: block },
                Step::Route { table: owner % 2, to: 3, over: 12 },
            ]);
            all.extend(inbound.is_none().then_some(Step::Accept { peering: 0 }));
            // Half of them, which have no peer, have a way of their own from one subnet to the other.
            if block.is_multiple_of(2) {
                all.extend([0, 1, 2].map(|subnet| Step::Nat { subnet, public: false, more: subnet }));
                all.push(Step::Check { interface: owner, on: false });
                let ways = if block == 0 { 16..19 } else { owner..owner + 1 };
                let tables = [0, 1, 2].into_iter().flat_map(|table| ways.clone().map(move |over| (table, over)));
                all.extend(tables.map(|(table, over)| Step::Route { table, to: 16 + owner % 2, over }));
            } else {
                // The others have a way to the internet by NAT, under two addresses.
                all.extend([0, 1, 2].map(|subnet| Step::Nat { subnet, public: true, more: 1 }));
                all.extend([0, 1, 2].map(|table| Step::Route { table, to: 3, over: 16 + owner % 3 }));
            }
            // Half of them speak IPv6.
            if inbound != Some(false) {
                all.extend(dual_stack(block, owner));
            }
            // In a fourth of them a table leads aside what comes in over the internet gateway.
            if owner == 3 {
                all.push(Step::RouteTable { vpc: 0 });
                all.extend((0..4).map(|table| Step::Edge { table }));
                all.extend([block, block + 1].map(|interface| Step::Check { interface, on: false }));
                all.extend([16, 17, 20, 21].map(|to| Step::EdgeRoute { to, over: block }));
            }
            all
        },
    )
}

/// What gives the small network IPv6, and ways for it.
fn dual_stack(block: u8, owner: u8) -> Vec<Step> {
    let mut all = vec![Step::Ipv6 { vpc: 0 }, Step::Ipv6 { vpc: 1 }];
    all.extend((0..3).map(|subnet| Step::Ipv6Subnet { subnet }));
    all.extend((0..8).map(|interface| Step::Ipv6Address { interface }));
    all.extend([0, 1].map(|endpoint| Step::Modify { endpoint, change: Modification::Dualstack(true) }));
    all.extend([
        Step::EgressOnly { vpc: 0 },
        Step::Route { table: owner % 2, to: 12, over: if block.is_multiple_of(2) { 12 } else { 20 } },
        Step::Authorize { group: block, rule: Rule { ingress: true, traffic: 0, peer: 7, which: 0 } },
    ]);
    all.extend([0, 1, 2].map(|table| Step::Route { table, to: 14, over: 8 }));
    all
}

fn rule() -> impl Strategy<Value = Rule> {
    (any::<bool>(), 0..13_u8, 0..12_u8, 0..8_u8).prop_map(|(ingress, traffic, peer, which)| Rule {
        ingress,
        traffic,
        peer,
        which,
    })
}

/// A random step.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    let n = || 0..8_u8;
    let some = |count| vec(0..8_u8, 0..count);
    prop_oneof![3 => networks(), 4 => groups_and_routes(), 3 => endpoints(), 2 => acls(), 2 => internet(), 1 => ipv6(), 2 => prop_oneof![
        2 => (n(), some(3), 1..3_u8).prop_map(|(subnet, groups, count)| Step::Run { subnet, groups, count }),
        1 => (n(), 0..4_u8).prop_map(|(instance, state)| Step::InstanceIs { instance, state }),
        2 => (n(), some(3)).prop_map(|(subnet, groups)| Step::Exec { subnet, groups }),
        1 => n().prop_map(|interface| Step::Ended { interface }),
        1 => n().prop_map(|instance| Step::Stop { instance }),
        1 => n().prop_map(|instance| Step::Start { instance }),
        1 => (n(), some(3)).prop_map(|(interface, groups)| Step::Regroup { interface, groups }),
        1 => (n(), prop::bool::weighted(0.4)).prop_map(|(interface, on)| Step::Check { interface, on }),
    ]]
}

fn networks() -> impl Strategy<Value = Step> {
    let n = || 0..8_u8;
    prop_oneof![
        1 => (0..4_u8, 0..4_u8).prop_map(|(block, owner)| Step::Vpc { block, owner }),
        1 => n().prop_map(|vpc| Step::DeleteVpc { vpc }),
        1 => (n(), any::<bool>()).prop_map(|(vpc, on)| Step::DnsSupport { vpc, on }),
        2 => (n(), any::<bool>()).prop_map(|(vpc, on)| Step::DnsHostnames { vpc, on }),
        3 => (n(), 0..4_u8, 0..3_u8).prop_map(|(vpc, slot, zone)| Step::Subnet { vpc, slot, zone }),
        1 => n().prop_map(|subnet| Step::DeleteSubnet { subnet }),
        2 => n().prop_map(|vpc| Step::RouteTable { vpc }),
        1 => n().prop_map(|table| Step::DeleteRouteTable { table }),
        2 => (n(), n()).prop_map(|(table, subnet)| Step::Associate { table, subnet }),
        1 => n().prop_map(|association| Step::Disassociate { association }),
        2 => (n(), n()).prop_map(|(association, table)| Step::Reassociate { association, table }),
        1 => (n(), n()).prop_map(|(requester, accepter)| Step::Propose { requester, accepter }),
        2 => n().prop_map(|peering| Step::Accept { peering }),
        1 => n().prop_map(|peering| Step::Unpeer { peering }),
        1 => (n(), option::of(any::<bool>()), option::of(any::<bool>()))
            .prop_map(|(peering, requester, accepter)| Step::PeerNames { peering, requester, accepter }),
    ]
}

fn internet() -> impl Strategy<Value = Step> {
    let n = || 0..8_u8;
    prop_oneof![
        2 => n().prop_map(|vpc| Step::InternetGateway { vpc }),
        1 => n().prop_map(|gateway| Step::Detach { gateway }),
        1 => n().prop_map(|table| Step::Edge { table }),
        2 => (16..24_u8, 0..8_u8).prop_map(|(to, over)| Step::EdgeRoute { to, over }),
        3 => n().prop_map(|interface| Step::Elastic { interface }),
        2 => (n(), prop::bool::weighted(0.7)).prop_map(|(subnet, on)| Step::MapPublic { subnet, on }),
        1 => n().prop_map(|address| Step::Release { address }),
        2 => (n(), any::<bool>(), 0..3_u8).prop_map(|(subnet, public, more)| Step::Nat { subnet, public, more }),
        1 => n().prop_map(|nat| Step::DeleteNat { nat }),
        2 => n().prop_map(|nat| Step::MoreNat { nat }),
        2 => (n(), 0..3_u8).prop_map(|(nat, which)| Step::LessNat { nat, which }),
        1 => n().prop_map(|nat| Step::Drained { nat }),
        1 => n().prop_map(|vpc| Step::VpnGateway { vpc }),
        1 => n().prop_map(|gateway| Step::DetachVpn { gateway }),
        4 => (n(), prop::sample::select(vec![0_u8, 3, 12, 13]), 12..OVER)
            .prop_map(|(table, to, over)| Step::Route { table, to, over }),
    ]
}

fn ipv6() -> impl Strategy<Value = Step> {
    let n = || 0..8_u8;
    prop_oneof![
        1 => n().prop_map(|vpc| Step::Ipv6 { vpc }),
        1 => n().prop_map(|subnet| Step::Ipv6Subnet { subnet }),
        3 => n().prop_map(|interface| Step::Ipv6Address { interface }),
        1 => n().prop_map(|interface| Step::WithoutIpv6 { interface }),
        1 => n().prop_map(|vpc| Step::EgressOnly { vpc }),
        1 => n().prop_map(|gateway| Step::DeleteEgressOnly { gateway }),
    ]
}

fn groups_and_routes() -> impl Strategy<Value = Step> {
    let n = || 0..8_u8;
    let entry = || (n(), 0..6_u8);
    prop_oneof![
        1 => entry().prop_map(|(vpc, block)| Step::PrefixList { vpc, block }),
        2 => entry().prop_map(|(list, block)| Step::AddEntry { list, block }),
        1 => entry().prop_map(|(list, block)| Step::RemoveEntry { list, block }),
        1 => n().prop_map(|list| Step::DeletePrefixList { list }),
        3 => (n(), 0..16_u8, 0..OVER).prop_map(|(table, to, over)| Step::Route { table, to, over }),
        1 => (n(), 0..16_u8, 0..OVER).prop_map(|(table, to, over)| Step::ReplaceRoute { table, to, over }),
        1 => (n(), 0..16_u8).prop_map(|(table, to)| Step::DeleteRoute { table, to }),
        2 => (n(), 16..22_u8, over_inside()).prop_map(|(table, to, over)| Step::Route { table, to, over }),
        1 => (n(), 16..24_u8, over_inside()).prop_map(|(table, to, over)| Step::ReplaceRoute { table, to, over }),
        1 => (n(), 16..24_u8).prop_map(|(table, to)| Step::DeleteRoute { table, to }),
        1 => (n(), 22..24_u8).prop_map(|(table, to)| Step::ReplaceRoute { table, to, over: LOCAL }),
        2 => n().prop_map(|vpc| Step::Group { vpc }),
        1 => n().prop_map(|group| Step::DeleteGroup { group }),
        8 => (n(), rule()).prop_map(|(group, rule)| Step::Authorize { group, rule }),
        4 => (n(), n()).prop_map(|(group, rule)| Step::Revoke { group, rule }),
    ]
}

/// What a route inside a VPC can lead over.
fn over_inside() -> impl Strategy<Value = u8> {
    prop_oneof![1 => 0..8_u8, 1 => 16..20_u8]
}

fn entry() -> impl Strategy<Value = Entry> {
    (any::<bool>(), 0..6_u8, prop::bool::weighted(0.7), 0..12_u8, 0..10_u8)
        .prop_map(|(ingress, number, allow, traffic, block)| Entry { ingress, number, allow, traffic, block })
}

fn acls() -> impl Strategy<Value = Step> {
    let n = || 0..8_u8;
    prop_oneof![
        1 => n().prop_map(|vpc| Step::Acl { vpc }),
        1 => n().prop_map(|acl| Step::DeleteAcl { acl }),
        4 => (n(), entry()).prop_map(|(acl, entry)| Step::AclEntry { acl, entry }),
        1 => (n(), n(), entry()).prop_map(|(acl, at, entry)| Step::ReplaceAclEntry { acl, at, entry }),
        2 => (n(), n()).prop_map(|(acl, at)| Step::DeleteAclEntry { acl, at }),
        2 => (n(), n()).prop_map(|(subnet, acl)| Step::Reborder { subnet, acl }),
    ]
}

fn endpoints() -> impl Strategy<Value = Step> {
    let n = || 0..8_u8;
    let some = |count| vec(0..8_u8, 0..count);
    let change = prop_oneof![
        n().prop_map(Modification::AddTable),
        n().prop_map(Modification::RemoveTable),
        n().prop_map(Modification::AddSubnet),
        n().prop_map(Modification::RemoveSubnet),
        n().prop_map(Modification::AddGroup),
        n().prop_map(Modification::RemoveGroup),
        any::<bool>().prop_map(Modification::PrivateDns),
        any::<bool>().prop_map(Modification::Dualstack),
        any::<bool>().prop_map(Modification::InboundOnly),
        (0..4_u8).prop_map(Modification::Policy),
    ];
    let dns = || option::of(any::<bool>());
    prop_oneof![
        3 => (n(), 0..2_u8, some(4)).prop_map(|(vpc, service, tables)| Step::Gateway { vpc, service, tables }),
        3 => (n(), 0..5_u8, some(4), some(3), dns(), dns()).prop_map(
            |(vpc, service, subnets, groups, private, inbound)| {
                Step::Interface { vpc, service, subnets, groups, private, inbound }
            }
        ),
        4 => (n(), change).prop_map(|(endpoint, change)| Step::Modify { endpoint, change }),
        1 => n().prop_map(|endpoint| Step::DeleteEndpoint { endpoint }),
    ]
}

impl Entry {
    /// The entry, with fifty times this number. Ranges of ports hold all that programs connect from, or none of them.
    fn made(&self, number: u8) -> Option<NetworkAclEntry> {
        let range = |from, to| Some(PortRange { from, to });
        let traffics = [
            (IpProtocol::All, None),
            (IpProtocol::All, None),
            (IpProtocol::TCP, range(443, 443)),
            (IpProtocol::TCP, range(1024, 65_535)),
            (IpProtocol::TCP, range(0, 65_535)),
            (IpProtocol::UDP, range(0, 65_535)),
            (IpProtocol::UDP, range(53, 443)),
            (IpProtocol::ICMP, range(-1, -1)),
            (IpProtocol::ICMP, range(8, -1)),
            (IpProtocol::ICMP, range(0, 0)),
            (IpProtocol::ICMPV6, range(-1, -1)),
            (IpProtocol::ICMPV6, range(128, -1)),
        ];
        let ipv4 = ["0.0.0.0/0", "0.0.0.0/0", "10.77.0.0/16", "10.77.0.64/26", "198.18.0.0/15", "10.77.0.4/31"];
        let blocks = [&ipv4[..], &["::/0", "::/0", "2001:db8::/32", "2001:2::/48"]].concat();
        let (protocol, ports) = nth(traffics.to_vec(), self.traffic)?;
        let cidr: IpCidr = nth(blocks, self.block)?.parse().ok()?;
        let direction = if self.ingress { Direction::Ingress } else { Direction::Egress };
        let action = if self.allow { RuleAction::Allow } else { RuleAction::Deny };
        let is_icmp = [IpProtocol::ICMP, IpProtocol::ICMPV6].contains(&protocol);
        let (icmp, ports) = (ports.filter(|_| is_icmp), ports.filter(|_| !is_icmp));
        NetworkAclEntry::new(direction, i32::from(number.max(1)) * 50, action, protocol, cidr, ports, icmp).ok()
    }
}

/// A world that grows by steps. Its ids are the same for the same steps.
#[derive(Clone, Debug)]
pub(crate) struct Maker {
    pub(crate) world: World,
    /// The same and the worlds of others beside it, if there are any.
    all: Option<World>,
    /// Its place among those.
    number: u64,
    now: i64,
    random: u64,
}

impl Default for Maker {
    fn default() -> Self {
        Self { world: World::default(), all: None, number: 0, now: 1_700_000_000_000, random: 1 }
    }
}

/// Carries what a command changed in one world over to another, table by table.
macro_rules! carry_over {
    ($from:expr, $old:expr, $new:expr; $($table:ident),*) => {
        $(for change in $old.$table.changes(&$new.$table) {
            match change {
                Change::Put(entity) => $from.$table.insert((*entity).clone()),
                Change::Removed(entity) => drop($from.$table.remove(&entity.id())),
            }
        })*
    };
}

impl Maker {
    /// One that makes a world beside others, which it neither sees nor touches: nothing has the same id or the same public
    /// address. Each has another number. It begins at `now`, in Unix milliseconds.
    pub(crate) fn beside(all: World, number: u64, now: i64) -> Self {
        let random = number.wrapping_add(1).wrapping_mul(0xd134_2543_de82_ef95) | 1;
        Self { world: World::default(), all: Some(all), number, now, random }
    }

    /// The world, and the others beside it.
    pub(crate) fn all(self) -> World {
        self.all.unwrap_or(self.world)
    }

    /// Takes a step; `false` if the model refused it, or if there is nothing that it could be about.
    pub(crate) fn apply(&mut self, step: &Step) -> bool {
        self.now += 1000;
        match step {
            Step::Vpc { .. } | Step::DeleteVpc { .. } | Step::DnsSupport { .. } | Step::DnsHostnames { .. } => {
                self.vpc(step)
            }
            Step::Subnet { .. } | Step::DeleteSubnet { .. } => self.subnet(step),
            Step::RouteTable { .. }
            | Step::DeleteRouteTable { .. }
            | Step::Associate { .. }
            | Step::Disassociate { .. }
            | Step::Reassociate { .. } => self.table(step),
            Step::Route { .. } | Step::ReplaceRoute { .. } | Step::DeleteRoute { .. } => self.route(step),
            Step::Group { .. } | Step::DeleteGroup { .. } | Step::Authorize { .. } | Step::Revoke { .. } => {
                self.group(step)
            }
            Step::Gateway { .. } | Step::Interface { .. } => self.endpoint(step),
            Step::Acl { .. }
            | Step::DeleteAcl { .. }
            | Step::AclEntry { .. }
            | Step::ReplaceAclEntry { .. }
            | Step::DeleteAclEntry { .. }
            | Step::Reborder { .. } => self.acl(step),
            Step::Modify { .. } | Step::DeleteEndpoint { .. } => self.change_endpoint(step),
            Step::Run { .. }
            | Step::InstanceIs { .. }
            | Step::Stop { .. }
            | Step::Start { .. }
            | Step::MapPublic { .. }
            | Step::Exec { .. }
            | Step::Ended { .. }
            | Step::Check { .. }
            | Step::Regroup { .. } => self.program(step),
            Step::Propose { .. } | Step::Accept { .. } | Step::Unpeer { .. } | Step::PeerNames { .. } => {
                self.peering(step)
            }
            Step::InternetGateway { .. }
            | Step::Detach { .. }
            | Step::Edge { .. }
            | Step::EdgeRoute { .. }
            | Step::Elastic { .. }
            | Step::Release { .. }
            | Step::VpnGateway { .. }
            | Step::DetachVpn { .. }
            | Step::Nat { .. }
            | Step::MoreNat { .. }
            | Step::LessNat { .. }
            | Step::Drained { .. }
            | Step::DeleteNat { .. } => self.internet(step),
            Step::Ipv6 { .. }
            | Step::Ipv6Subnet { .. }
            | Step::Ipv6Address { .. }
            | Step::WithoutIpv6 { .. }
            | Step::EgressOnly { .. }
            | Step::DeleteEgressOnly { .. } => self.ipv6(step),
            Step::PrefixList { .. }
            | Step::AddEntry { .. }
            | Step::RemoveEntry { .. }
            | Step::DeletePrefixList { .. } => self.prefix_list(step),
        }
        .is_some()
    }

    /// Runs a command; on an error the world stays as it was.
    fn run<T>(
        &mut self, scope: &Scope, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error>,
    ) -> Option<()> {
        // SplitMix64: small, and the same everywhere.
        let random = &mut self.random;
        let mut entropy = || {
            *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (*random ^ (*random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        let mut context = Context { scope: scope.clone(), now: self.now, entropy: &mut entropy };
        let old = self.all.as_ref().unwrap_or(&self.world);
        let mut world = old.clone();
        command(&mut world, &mut context).ok()?;
        match &mut self.all {
            None => self.world = world,
            Some(all) => {
                let own = &mut self.world;
                carry_over!(own, all, world; vpcs, subnets, route_tables, network_acls, security_groups, interfaces,
                    endpoints, instances, volumes, internet_gateways, egress_only_internet_gateways, vpn_gateways,
                    nat_gateways, elastic_ips, peerings, prefix_lists, prefix_list_versions);
                *all = world;
            }
        }
        Some(())
    }

    fn vpc(&mut self, step: &Step) -> Option<()> {
        if let Step::Vpc { block, owner } = step {
            if self.world.vpcs.len() >= VPC_LIMIT {
                return None;
            }
            let (account, region) = OWNERS[usize::from(*owner) % OWNERS.len()];
            let account = format!("{:012}", account + self.number);
            let scope = Scope { account: account.parse().ok()?, region: region.parse().ok()? };
            let cidr: Ipv4Cidr = BLOCKS[usize::from(*block) % BLOCKS.len()].parse().ok()?;
            return self.run(&scope, |world, context| world.create_vpc(context, cidr, "default"));
        }
        let (number, attribute) = match step {
            Step::DnsSupport { vpc, on } => (*vpc, Some(VpcAttribute::DnsSupport(*on))),
            Step::DnsHostnames { vpc, on } => (*vpc, Some(VpcAttribute::DnsHostnames(*on))),
            Step::DeleteVpc { vpc } => (*vpc, None),
            _ => return None,
        };
        let vpc = pick(&self.world.vpcs, number)?;
        self.run(&vpc.scope, |world, context| match attribute {
            Some(attribute) => world.modify_vpc_attribute(context, &vpc.id, attribute),
            None => world.delete_vpc(context, &vpc.id),
        })
    }

    fn subnet(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Subnet { vpc, slot, zone } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                let cidr = Ipv4Cidr::new(vpc.cidr.nth(u32::from(*slot) * 64)?, 26);
                let zone = vpc.scope.region.zones().nth(usize::from(*zone))?.name();
                self.run(&vpc.scope, |world, context| world.create_subnet(context, &vpc.id, cidr, Some(&zone)))
            }
            Step::DeleteSubnet { subnet } => {
                let subnet = pick(&self.world.subnets, *subnet)?;
                self.run(&subnet.scope, |world, context| world.delete_subnet(context, &subnet.id))
            }
            _ => None,
        }
    }

    fn table(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::RouteTable { vpc } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                self.run(&vpc.scope, |world, context| world.create_route_table(context, &vpc.id))
            }
            Step::DeleteRouteTable { table } => {
                let table = pick(&self.world.route_tables, *table)?;
                self.run(&table.scope, |world, context| world.delete_route_table(context, &table.id))
            }
            Step::Associate { table, subnet } => {
                let table = pick(&self.world.route_tables, *table)?;
                let subnet = pick_of(&self.world.subnets, *subnet, |s| s.vpc == table.vpc)?;
                self.run(&table.scope, |world, context| world.associate_route_table(context, &table.id, &subnet.id))
            }
            Step::Disassociate { association } => {
                let (scope, association) = self.association(*association)?;
                self.run(&scope, |world, context| world.disassociate_route_table(context, &association))
            }
            Step::Reassociate { association, table } => {
                let (scope, association) = self.association(*association)?;
                let table = pick_of(&self.world.route_tables, *table, |t| t.scope == scope)?;
                self.run(&scope, |world, context| {
                    world.replace_route_table_association(context, &association, &table.id)
                })
            }
            _ => None,
        }
    }

    /// An association of a route table, with a subnet, with a gateway or as the main one.
    fn association(&self, number: u8) -> Option<(Scope, AssociationId)> {
        let all = |table: &RouteTable| {
            let ids: Vec<_> =
                table.associations.keys().chain(table.gateways.keys()).chain(&table.main).cloned().collect();
            let scope = table.scope.clone();
            ids.into_iter().map(move |id| (scope.clone(), id))
        };
        nth(self.world.route_tables.iter().flat_map(all).collect(), number)
    }

    fn route(&mut self, step: &Step) -> Option<()> {
        let (Step::Route { table, to, .. } | Step::ReplaceRoute { table, to, .. } | Step::DeleteRoute { table, to }) =
            step
        else {
            return None;
        };
        let table = pick(&self.world.route_tables, *table)?;
        let destination = destination(&self.world, &table, *to)?;
        let (Step::Route { over, .. } | Step::ReplaceRoute { over, .. }) = step else {
            return self.run(&table.scope, |world, context| world.delete_route(context, &table.id, &destination));
        };
        let target = match over {
            0..8 => RouteTarget::Interface(pick_of(&self.world.interfaces, *over, |i| i.vpc == table.vpc)?.id),
            8..12 => RouteTarget::Peering(pick(&self.world.peerings, *over)?.id),
            12..16 => RouteTarget::InternetGateway(pick(&self.world.internet_gateways, *over)?.id),
            16..20 => RouteTarget::NatGateway(pick(&self.world.nat_gateways, *over)?.id),
            &LOCAL => RouteTarget::Local,
            24..OVER => RouteTarget::VpnGateway(pick(&self.world.vpn_gateways, *over)?.id),
            _ => {
                let gateway = pick(&self.world.egress_only_internet_gateways, *over)?;
                RouteTarget::EgressOnlyInternetGateway(gateway.id)
            }
        };
        let route = CreateRoute { table: table.id, destination, target };
        self.run(&table.scope, |world, context| match step {
            Step::Route { .. } => world.create_route(context, route),
            _ => world.replace_route(context, route),
        })
    }

    fn prefix_list(&mut self, step: &Step) -> Option<()> {
        let entry = |block: u8| {
            let block = LISTED[usize::from(block) % LISTED.len()].parse::<IpCidr>().ok()?;
            Some(PrefixListEntry { block, description: String::new() })
        };
        match step {
            Step::PrefixList { vpc, block } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                let wanted = CreatePrefixList {
                    name: "random".to_owned(),
                    family: AddressFamily::Ipv4,
                    max_entries: 3,
                    entries: vec![entry(*block)?],
                };
                self.run(&vpc.scope, |world, context| world.create_prefix_list(context, wanted))
            }
            Step::AddEntry { list, block } => {
                let change = ModifyPrefixList { add: vec![entry(*block)?], ..ModifyPrefixList::default() };
                let list = pick(&self.world.prefix_lists, *list)?;
                self.run(&list.scope, |world, context| world.modify_prefix_list(context, &list.id, change))
            }
            Step::RemoveEntry { list, block } => {
                let change = ModifyPrefixList { remove: vec![entry(*block)?.block], ..ModifyPrefixList::default() };
                let list = pick(&self.world.prefix_lists, *list)?;
                self.run(&list.scope, |world, context| world.modify_prefix_list(context, &list.id, change))
            }
            Step::DeletePrefixList { list } => {
                let list = pick(&self.world.prefix_lists, *list)?;
                self.run(&list.scope, |world, context| world.delete_prefix_list(context, &list.id))
            }
            _ => None,
        }
    }

    fn group(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Group { vpc } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                let name = format!("group {}", self.now);
                self.run(&vpc.scope, |world, context| world.create_security_group(context, &vpc.id, &name, "random"))
            }
            Step::DeleteGroup { group } => {
                let group = pick(&self.world.security_groups, *group)?;
                self.run(&group.scope, |world, context| world.delete_security_group(context, &group.id))
            }
            Step::Authorize { group, rule } => {
                let group = pick(&self.world.security_groups, *group)?;
                let rule = self.rule(&group, rule)?;
                self.run(&group.scope, |world, context| world.authorize(context, &group.id, vec![rule]))
            }
            Step::Revoke { group, rule } => {
                let group = pick(&self.world.security_groups, *group)?;
                let rule = nth(group.rules.clone(), *rule)?;
                self.run(&group.scope, |world, context| {
                    world.revoke_by_id(context, &group.id, rule.rule.direction, &[rule.id])
                })
            }
            _ => None,
        }
    }

    fn acl(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Acl { vpc } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                self.run(&vpc.scope, |world, context| world.create_network_acl(context, &vpc.id))
            }
            Step::Reborder { subnet, acl } => {
                let subnet = pick(&self.world.subnets, *subnet)?;
                let acl = pick_of(&self.world.network_acls, *acl, |acl| acl.vpc == subnet.vpc)?;
                let association = self.world.network_acl_of(&subnet)?.id;
                self.run(&subnet.scope, |world, context| {
                    world.replace_network_acl_association(context, &association, &acl.id)
                })
            }
            Step::DeleteAcl { acl }
            | Step::AclEntry { acl, .. }
            | Step::ReplaceAclEntry { acl, .. }
            | Step::DeleteAclEntry { acl, .. } => {
                let acl = pick(&self.world.network_acls, *acl)?;
                let there = |at: &u8| nth(acl.entries().to_vec(), *at);
                match step {
                    Step::AclEntry { entry, .. } => {
                        let entry = entry.made(entry.number)?;
                        self.run(&acl.scope, |world, context| world.create_network_acl_entry(context, &acl.id, entry))
                    }
                    Step::ReplaceAclEntry { at, entry, .. } => {
                        let old = there(at)?;
                        let number = u8::try_from(old.number / 50).ok()?;
                        let entry =
                            Entry { ingress: old.direction == Direction::Ingress, ..entry.clone() }.made(number)?;
                        self.run(&acl.scope, |world, context| world.replace_network_acl_entry(context, &acl.id, entry))
                    }
                    Step::DeleteAclEntry { at, .. } => {
                        let old = there(at)?;
                        self.run(&acl.scope, |world, context| {
                            world.delete_network_acl_entry(context, &acl.id, old.direction, old.number.into())
                        })
                    }
                    _ => self.run(&acl.scope, |world, context| world.delete_network_acl(context, &acl.id)),
                }
            }
            _ => None,
        }
    }

    fn rule(&self, group: &SecurityGroup, rule: &Rule) -> Option<NewRule> {
        let range = |from, to| Some(PortRange { from, to });
        let traffics = [
            (IpProtocol::All, None),
            (IpProtocol::TCP, range(443, 443)),
            (IpProtocol::TCP, range(80, 443)),
            (IpProtocol::TCP, range(0, 65_535)),
            (IpProtocol::UDP, range(53, 53)),
            (IpProtocol::UDP, range(-1, -1)),
            (IpProtocol::ICMP, range(-1, -1)),
            (IpProtocol::ICMP, range(8, -1)),
            (IpProtocol::ICMP, range(3, 4)),
            (IpProtocol::Number(50), None),
            (IpProtocol::ICMPV6, None),
            (IpProtocol::ICMPV6, range(128, -1)),
            (IpProtocol::ICMPV6, range(1, 4)),
        ];
        let (protocol, ports) = nth(traffics.to_vec(), rule.traffic)?;
        let lists = self.world.prefix_lists_of(&group.scope);
        let peer = match rule.peer {
            0 => Peer::Cidr(Ipv4Cidr::ANY),
            1 => Peer::Cidr(self.world.vpcs.get(&group.vpc)?.cidr),
            2 => Peer::Cidr(pick_of(&self.world.subnets, rule.which, |s| s.vpc == group.vpc)?.cidr),
            3 => Peer::Cidr(Ipv4Cidr::host(pick(&self.world.interfaces, rule.which)?.address)),
            4 => Peer::Group(pick_of(&self.world.security_groups, rule.which, |g| g.vpc == group.vpc)?.id),
            5 => Peer::Group(pick(&self.world.security_groups, rule.which)?.id),
            6 => Peer::PrefixList(nth(lists, rule.which)?.id),
            7 => Peer::Cidr6(Ipv6Addr::UNSPECIFIED, 0),
            8 => {
                let own = self.world.vpcs.get(&group.vpc)?.ipv6_cidrs.first()?.cidr;
                Peer::Cidr6(own.first(), own.length())
            }
            9 => Peer::Cidr6(*pick(&self.world.interfaces, rule.which)?.ipv6.first()?, 128),
            10 => Peer::Cidr6("2001:2::".parse().ok()?, 48),
            _ => Peer::Cidr("198.18.0.0/15".parse().ok()?),
        };
        let direction = if rule.ingress { Direction::Ingress } else { Direction::Egress };
        NewRule::new(direction, protocol, ports, peer, None).ok()
    }

    fn endpoint(&mut self, step: &Step) -> Option<()> {
        let wanted = match step {
            Step::Gateway { vpc, service, tables } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                let service = ["s3", "dynamodb"].get(usize::from(*service))?;
                let table = |n: &u8| pick_of(&self.world.route_tables, *n, |t| t.vpc == vpc.id).map(|t| t.id);
                CreateVpcEndpoint {
                    service: format!("com.amazonaws.{}.{service}", vpc.scope.region),
                    route_tables: tables.iter().filter_map(table).collect(),
                    vpc: Some(vpc.id.clone()),
                    ..CreateVpcEndpoint::default()
                }
            }
            Step::Interface { vpc, service, subnets, groups, private, inbound } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                let service = SERVICES.get(usize::from(*service))?;
                let subnet = |n: &u8| pick_of(&self.world.subnets, *n, |s| s.vpc == vpc.id).map(|s| s.id);
                CreateVpcEndpoint {
                    service: format!("com.amazonaws.{}.{service}", vpc.scope.region),
                    interface: true,
                    subnets: subnets.iter().filter_map(subnet).collect(),
                    groups: self.groups(&vpc, groups),
                    private_dns: *private,
                    inbound_resolver_only: *inbound,
                    vpc: Some(vpc.id.clone()),
                    ..CreateVpcEndpoint::default()
                }
            }
            _ => return None,
        };
        let scope = self.world.vpcs.get(wanted.vpc.as_ref()?)?.scope.clone();
        self.run(&scope, |world, context| world.create_vpc_endpoint(context, wanted))
    }

    fn groups(&self, vpc: &Vpc, numbers: &[u8]) -> Vec<SecurityGroupId> {
        let group = |n: &u8| pick_of(&self.world.security_groups, *n, |g| g.vpc == vpc.id).map(|g| g.id);
        numbers.iter().filter_map(group).collect()
    }

    fn change_endpoint(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Modify { endpoint, change } => {
                let endpoint = pick(&self.world.endpoints, *endpoint)?;
                let change = self.modification(&endpoint, change)?;
                self.run(&endpoint.scope, |world, context| world.modify_vpc_endpoint(context, &endpoint.id, change))
            }
            Step::DeleteEndpoint { endpoint } => {
                let endpoint = pick(&self.world.endpoints, *endpoint)?;
                self.run(&endpoint.scope, |world, context| world.delete_vpc_endpoint(context, &endpoint.id))
            }
            _ => None,
        }
    }

    fn modification(&self, endpoint: &Endpoint, change: &Modification) -> Option<ModifyVpcEndpoint> {
        let table = |n: &u8| pick_of(&self.world.route_tables, *n, |t| t.vpc == endpoint.vpc).map(|t| vec![t.id]);
        let subnet = |n: &u8| pick_of(&self.world.subnets, *n, |s| s.vpc == endpoint.vpc).map(|s| vec![s.id]);
        let group = |n: &u8| pick_of(&self.world.security_groups, *n, |g| g.vpc == endpoint.vpc).map(|g| vec![g.id]);
        let none = ModifyVpcEndpoint::default();
        Some(match change {
            Modification::AddTable(n) => ModifyVpcEndpoint { add_route_tables: table(n)?, ..none },
            Modification::RemoveTable(n) => ModifyVpcEndpoint { remove_route_tables: table(n)?, ..none },
            Modification::AddSubnet(n) => ModifyVpcEndpoint { add_subnets: subnet(n)?, ..none },
            Modification::RemoveSubnet(n) => ModifyVpcEndpoint { remove_subnets: subnet(n)?, ..none },
            Modification::AddGroup(n) => ModifyVpcEndpoint { add_groups: group(n)?, ..none },
            Modification::RemoveGroup(n) => ModifyVpcEndpoint { remove_groups: group(n)?, ..none },
            Modification::PrivateDns(on) => ModifyVpcEndpoint { private_dns: Some(*on), ..none },
            Modification::Dualstack(on) => ModifyVpcEndpoint {
                ip_address_type: Some(if *on { IpAddressType::Dualstack } else { IpAddressType::Ipv4 }),
                ..none
            },
            Modification::InboundOnly(on) => ModifyVpcEndpoint { inbound_resolver_only: Some(*on), ..none },
            Modification::Policy(n) => ModifyVpcEndpoint {
                policy: POLICIES
                    .get(usize::from(*n))
                    .map_or(PolicyChange::Reset, |text| PolicyChange::Replace((*text).to_owned())),
                ..none
            },
        })
    }

    fn program(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Run { subnet, groups, count } => {
                let subnet = pick(&self.world.subnets, *subnet)?;
                let groups = self.groups(self.world.vpcs.get(&subnet.vpc)?, groups);
                let wanted = run(&subnet.id, groups, u32::from(*count));
                self.run(&subnet.scope, |world, context| world.run_instances(context, &wanted))
            }
            Step::InstanceIs { instance, state } => {
                let instance = pick(&self.world.instances, *instance)?;
                if instance.state == InstanceState::Terminated {
                    return None;
                }
                let state = [
                    InstanceState::Pending,
                    InstanceState::Running,
                    InstanceState::ShuttingDown,
                    InstanceState::Terminated,
                ][usize::from(*state) % 4];
                self.run(&instance.scope, |world, context| {
                    world.instance_is(context.now, &instance.id, state, None);
                    Ok(())
                })
            }
            Step::Stop { instance } => {
                let instance = pick(&self.world.instances, *instance)?;
                self.run(&instance.scope, |world, context| {
                    world.stop_instance(context, &instance.id)?;
                    world.instance_is(context.now, &instance.id, InstanceState::Stopped, None);
                    Ok(())
                })
            }
            Step::Start { instance } => {
                let stopped = |instance: &Instance| instance.state == InstanceState::Stopped;
                let instance = pick_of(&self.world.instances, *instance, stopped)?;
                self.run(&instance.scope, |world, context| world.start_instance(context, &instance.id))
            }
            Step::MapPublic { subnet, on } => {
                let subnet = pick(&self.world.subnets, *subnet)?;
                let attribute = SubnetAttribute::PublicAddresses(*on);
                self.run(&subnet.scope, |world, context| world.modify_subnet_attribute(context, &subnet.id, attribute))
            }
            Step::Exec { subnet, groups } => {
                let subnet = pick(&self.world.subnets, *subnet)?;
                let groups = self.groups(self.world.vpcs.get(&subnet.vpc)?, groups);
                self.run(&subnet.scope, |world, context| world.attach_program(context, &subnet.id, &groups))
            }
            Step::Ended { interface } => {
                let interface = pick(&self.world.interfaces, *interface)?;
                self.run(&interface.scope, |world, _| {
                    world.detach_program(&interface.id);
                    Ok(())
                })
            }
            Step::Regroup { interface, groups } => {
                let interface = pick(&self.world.interfaces, *interface)?;
                let groups = self.groups(self.world.vpcs.get(&interface.vpc)?, groups);
                self.run(&interface.scope, |world, context| {
                    world.modify_network_interface(context, &interface.id, Some(&groups), None, None)
                })
            }
            Step::Check { interface, on } => {
                let interface = pick(&self.world.interfaces, *interface)?;
                self.run(&interface.scope, |world, context| {
                    world.modify_network_interface(context, &interface.id, None, None, Some(*on))
                })
            }
            _ => None,
        }
    }

    fn internet(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::InternetGateway { vpc } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                self.run(&vpc.scope, |world, context| {
                    let id = world.create_internet_gateway(context)?;
                    world.attach_internet_gateway(context, &id, &vpc.id)
                })
            }
            Step::Detach { gateway } => {
                let gateway = pick(&self.world.internet_gateways, *gateway)?;
                let vpc = gateway.vpc?;
                self.run(&gateway.scope, |world, context| {
                    world.detach_internet_gateway(context, &gateway.id, &vpc)?;
                    world.delete_internet_gateway(context, &gateway.id)
                })
            }
            Step::Edge { table } => {
                let table = pick(&self.world.route_tables, *table)?;
                let gateway = pick_of(&self.world.internet_gateways, 0, |own| own.vpc.as_ref() == Some(&table.vpc))?;
                self.run(&table.scope, |world, context| {
                    world.associate_route_table_with_gateway(context, &table.id, &gateway.id)
                })
            }
            Step::EdgeRoute { to, over } => {
                let table = pick_of(&self.world.route_tables, 0, |table| !table.gateways.is_empty())?;
                let destination = destination(&self.world, &table, *to)?;
                let interface = pick_of(&self.world.interfaces, *over, |own| own.vpc == table.vpc)?.id;
                let target = RouteTarget::Interface(interface);
                let is_local = self.world.is_local(&table, &destination);
                let route = CreateRoute { table: table.id, destination, target };
                self.run(&table.scope, |world, context| match is_local {
                    true => world.replace_route(context, route),
                    false => world.create_route(context, route),
                })
            }
            Step::Elastic { interface } => {
                let interface = pick(&self.world.interfaces, *interface)?;
                self.run(&interface.scope, |world, context| {
                    let id = world.allocate_address(context, None)?;
                    world.associate_address(context, &id, &interface.id, None, true)
                })
            }
            Step::Release { address } => {
                let elastic = pick(&self.world.elastic_ips, *address)?;
                self.run(&elastic.scope, |world, context| {
                    if let Some(own) = &elastic.association {
                        world.disassociate_address(context, &own.id)?;
                    }
                    world.release_address(context, &elastic.id)
                })
            }
            Step::VpnGateway { vpc } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                self.run(&vpc.scope, |world, context| {
                    let id = world.create_vpn_gateway(context, AmazonSideAsn::default(), None)?;
                    world.attach_vpn_gateway(context, &id, &vpc.id)
                })
            }
            Step::DetachVpn { gateway } => {
                let gateway = pick(&self.world.vpn_gateways, *gateway)?;
                let vpc = gateway.vpc?;
                self.run(&gateway.scope, |world, context| {
                    world.detach_vpn_gateway(context, &gateway.id, &vpc)?;
                    world.delete_vpn_gateway(context, &gateway.id)
                })
            }
            _ => self.nat(step),
        }
    }

    fn ipv6(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Ipv6 { vpc } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                self.run(&vpc.scope, |world, context| world.associate_vpc_ipv6_cidr_block(context, &vpc.id))
            }
            Step::Ipv6Subnet { subnet } => {
                let subnet = pick(&self.world.subnets, *subnet)?;
                let block = self.world.vpcs.get(&subnet.vpc)?.ipv6_cidrs.first()?.cidr;
                let slot = u128::from(subnet.cidr.first().to_bits() >> 6 & 3);
                let cidr = Ipv6Cidr::new(block.nth(slot << 64)?, 64);
                self.run(&subnet.scope, |world, context| world.associate_subnet_cidr_block(context, &subnet.id, cidr))
            }
            // Of several addresses a program's system would choose by its own rules.
            Step::Ipv6Address { interface } => {
                let interface = pick_of(&self.world.interfaces, *interface, |i| i.ipv6.is_empty())?;
                self.run(&interface.scope, |world, context| world.assign_ipv6_addresses(context, &interface.id, &[], 1))
            }
            Step::WithoutIpv6 { interface } => {
                let interface = pick(&self.world.interfaces, *interface)?;
                self.run(&interface.scope, |world, context| {
                    world.unassign_ipv6_addresses(context, &interface.id, &interface.ipv6)
                })
            }
            Step::EgressOnly { vpc } => {
                let vpc = pick(&self.world.vpcs, *vpc)?;
                self.run(&vpc.scope, |world, context| world.create_egress_only_internet_gateway(context, &vpc.id))
            }
            Step::DeleteEgressOnly { gateway } => {
                let gateway = pick(&self.world.egress_only_internet_gateways, *gateway)?;
                self.run(&gateway.scope, |world, context| {
                    world.delete_egress_only_internet_gateway(context, &gateway.id)
                })
            }
            _ => None,
        }
    }

    fn nat(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Nat { subnet, public, more } => {
                let subnet = pick(&self.world.subnets, *subnet)?;
                self.run(&subnet.scope, |world, context| {
                    let sources = if *public {
                        let allocation = world.allocate_address(context, None)?;
                        let secondary = elastic(world, context, (*more).min(1))?;
                        NatSources::Public { allocation, secondary }
                    } else {
                        NatSources::Private(AssignNatAddresses { private: Vec::new(), count: (*more).into() })
                    };
                    world.create_nat_gateway(context, CreateNatGateway { subnet: subnet.id, private: None, sources })
                })
            }
            Step::DeleteNat { nat } => {
                let nat = pick(&self.world.nat_gateways, *nat)?;
                self.run(&nat.scope, |world, context| world.delete_nat_gateway(context, &nat.id))
            }
            Step::MoreNat { nat } => {
                let nat = pick_of(&self.world.nat_gateways, *nat, |nat| nat.addresses.len() < 4)?;
                self.run(&nat.scope, |world, context| match nat.connectivity {
                    Connectivity::Public => {
                        let wanted = elastic(world, context, 1)?;
                        world.associate_nat_gateway_address(context, &nat.id, &wanted)
                    }
                    Connectivity::Private => {
                        let wanted = AssignNatAddresses { private: Vec::new(), count: 1 };
                        world.assign_private_nat_gateway_address(context, &nat.id, &wanted)
                    }
                })
            }
            Step::LessNat { nat, which } => {
                let nat = pick(&self.world.nat_gateways, *nat)?;
                let address = nth(nat.addresses, *which)?;
                let duration = DrainDuration::default();
                self.run(&nat.scope, |world, context| match (address.association, address.private) {
                    (Some(own), _) => world.disassociate_nat_gateway_address(context, &nat.id, &[own], duration),
                    (None, private) => {
                        let private: Vec<_> = private.into_iter().collect();
                        world.unassign_private_nat_gateway_address(context, &nat.id, &private, duration)
                    }
                })
            }
            Step::Drained { nat } => {
                let nat = pick(&self.world.nat_gateways, *nat)?;
                self.run(&nat.scope, |world, context| {
                    world.release_nat_addresses(&nat.id, context.now, |_| true);
                    Ok(())
                })
            }
            _ => None,
        }
    }

    fn peering(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Propose { requester, accepter } => {
                let one = pick(&self.world.vpcs, *requester)?;
                let other = pick_of(&self.world.vpcs, *accepter, |vpc| vpc.id != one.id)?;
                let Scope { account, region } = other.scope.clone();
                self.run(&one.scope, |world, context| {
                    world.create_peering(context, &one.id, &other.id, Some(account), Some(region))
                })
            }
            Step::Accept { peering } => {
                let peering = pick(&self.world.peerings, *peering)?;
                self.run(&peering.accepter.scope, |world, context| world.accept_peering(context, &peering.id))
            }
            Step::Unpeer { peering } => {
                let peering = pick(&self.world.peerings, *peering)?;
                self.run(&peering.accepter.scope, |world, context| world.delete_peering(context, &peering.id))
            }
            Step::PeerNames { peering, requester, accepter } => {
                let peering = pick_of(&self.world.peerings, *peering, |peering| peering.is_active())?;
                // Each side says it for itself.
                let one = requester.and_then(|on| {
                    self.run(&peering.requester.scope, |world, context| {
                        world.modify_peering(context, &peering.id, Some(on), None)
                    })
                });
                let other = accepter.and_then(|on| {
                    self.run(&peering.accepter.scope, |world, context| {
                        world.modify_peering(context, &peering.id, None, Some(on))
                    })
                });
                one.or(other)
            }
            _ => None,
        }
    }
}

/// New Elastic IP addresses, as secondary ones of a NAT gateway.
fn elastic(world: &mut World, context: &mut Context<'_>, count: u8) -> Result<AssociateNatAddresses, Error> {
    let allocations = (0..count).map(|_| world.allocate_address(context, None));
    Ok(AssociateNatAddresses { allocations: allocations.collect::<Result<_, _>>()?, private: Vec::new() })
}

fn run(subnet: &SubnetId, groups: Vec<SecurityGroupId>, count: u32) -> RunInstance {
    RunInstance {
        image: "ami-0abcdef1234567890".to_owned(),
        instance_type: "t3.micro".to_owned(),
        client_token: String::new(),
        user_data: None,
        key_name: None,
        subnet: subnet.clone(),
        address: None,
        groups,
        more_addresses: sidegate_model::SecondaryAddresses::default(),
        public_address: None,
        interface: None,
        delete_on_termination: true,
        devices: Vec::new(),
        ebs_optimized: false,
        count,
    }
}

/// The destination of a route: around what gateway endpoints take over, and elsewhere.
fn destination(world: &World, table: &RouteTable, number: u8) -> Option<Destination> {
    let mut lists = world.prefix_lists_of(&table.scope).into_iter();
    let (s3, dynamodb) = (lists.next()?, lists.next()?);
    let first = *s3.cidrs.first()?;
    Some(match number {
        0 => Destination::Cidr(Ipv4Cidr::ANY),
        1 => Destination::Cidr(first),
        2 => Destination::Cidr(Ipv4Cidr::new(first.first(), 24)),
        3 => Destination::Cidr("198.18.0.0/15".parse().ok()?),
        4 => Destination::Cidr("10.0.0.0/8".parse().ok()?),
        5 => Destination::PrefixList(s3.id),
        6 => Destination::PrefixList(dynamodb.id),
        // The account's own lists; of several, the first and the last.
        7 => Destination::PrefixList(lists.find(|list| list.cidrs6.is_empty())?.id),
        8 => Destination::PrefixList(lists.filter(|list| list.cidrs6.is_empty()).last()?.id),
        9 => Destination::Cidr("192.168.0.0/16".parse().ok()?),
        12 => Destination::Ipv6(Ipv6Cidr::ANY),
        13 => Destination::Ipv6("2001:2::/48".parse().ok()?),
        14 => Destination::Ipv6(world.vpcs.iter().find(|vpc| vpc.id != table.vpc)?.ipv6_cidrs.first()?.cidr),
        15 => Destination::PrefixList(lists.find(|list| !list.cidrs6.is_empty())?.id),
        // Parts of the own VPC, and the whole.
        16..20 => Destination::Cidr(pick_of(&world.subnets, number, |s| s.vpc == table.vpc)?.cidr),
        20..22 => Destination::Ipv6(pick_of(&world.subnets, number, |s| s.vpc == table.vpc)?.ipv6_cidr?.cidr),
        22 => Destination::Cidr(world.vpcs.get(&table.vpc)?.cidr),
        23 => Destination::Ipv6(world.vpcs.get(&table.vpc)?.ipv6_cidrs.first()?.cidr),
        // Another VPC, and a half of it.
        _ => {
            let other = world.vpcs.iter().find(|vpc| vpc.id != table.vpc)?.cidr;
            let length = if number == 10 { other.length() } else { other.length() + 1 };
            Destination::Cidr(Ipv4Cidr::new(other.first(), length))
        }
    })
}

fn pick<T: sidegate_model::Entity>(table: &Table<T>, number: u8) -> Option<T> {
    pick_of(table, number, |_| true)
}

fn pick_of<T: sidegate_model::Entity>(table: &Table<T>, number: u8, fits: impl Fn(&T) -> bool) -> Option<T> {
    nth(table.iter().filter(|entity| fits(entity)).collect(), number).cloned()
}

fn nth<T>(all: Vec<T>, number: u8) -> Option<T> {
    let count = all.len();
    all.into_iter().nth(usize::from(number).checked_rem(count)?)
}

/// A connection to try, by small numbers.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) source: u8,
    pub(crate) aim: Aim,
    pub(crate) protocol: u8,
    /// The port; for ICMP the type times 256 plus the code.
    pub(crate) port: u16,
}

/// What a probe is aimed at.
#[derive(Clone, Debug)]
pub(crate) enum Aim {
    /// The address of some interface, perhaps of another VPC.
    Interface(u8),
    /// The first usable address of a subnet.
    Router(u8),
    /// An address of a subnet that hardly anything has.
    Nobody(u8),
    Resolver,
    LinkLocal(u8),
    /// A public address of a service, in the Region of the source.
    Public(u8),
    /// The same over IPv6.
    PublicIpv6(u8),
    /// The first IPv6 address of some interface.
    InterfaceIpv6(u8),
    /// The resolver, the metadata service, and what is beside them, over IPv6.
    PlatformIpv6(u8),
    Elsewhere(u8),
}

/// A connection in the terms of the world: source, destination, protocol, port.
pub(crate) type Aimed = (NetworkInterfaceId, IpAddr, u8, u16);

/// Probes, most of them at what is likely to answer.
pub(crate) fn probes(count: usize) -> impl Strategy<Value = Vec<Probe>> {
    let n = || 0..8_u8;
    let services = || {
        prop_oneof![
            2 => n().prop_map(Aim::Interface),
            2 => (0..10_u8).prop_map(Aim::Public),
            1 => n().prop_map(Aim::InterfaceIpv6),
            1 => n().prop_map(Aim::PublicIpv6),
        ]
    };
    let platform =
        || prop_oneof![Just(Aim::Resolver), (0..3_u8).prop_map(Aim::LinkLocal), (0..3_u8).prop_map(Aim::PlatformIpv6)];
    let others = prop_oneof![
        n().prop_map(Aim::Router),
        n().prop_map(Aim::Nobody),
        (0..5_u8).prop_map(Aim::Elsewhere),
        services(),
        platform(),
    ];
    let service = prop_oneof![3 => Just((6, 443)), 1 => Just((6, 80))];
    let asked = prop_oneof![Just((17, 53)), Just((6, 53)), Just((6, 80))];
    let traffic = [
        (6, 443),
        (6, 80),
        (6, 22),
        (6, 65_535),
        (17, 53),
        (17, 443),
        (1, 8 << 8),
        (1, 3 << 8 | 4),
        (50, 0),
        (58, 0),
        (58, 128 << 8),
    ];
    let aimed = prop_oneof![
        8 => (services(), service),
        2 => (platform(), asked),
        4 => (others, prop::sample::select(traffic.to_vec())),
    ];
    let probe = (n(), aimed).prop_map(|(source, (aim, (protocol, port)))| Probe { source, aim, protocol, port });
    vec(probe, count)
}

impl Probe {
    /// The connection in this world; `None` if nothing is there that could open it.
    pub(crate) fn place(&self, world: &World) -> Option<Aimed> {
        let is_own = |i: &NetworkInterface| matches!(i.attachment, Attachment::Endpoint(_) | Attachment::NatGateway(_));
        let source = pick_of(&world.interfaces, self.source, |i| !is_own(i))?;
        let region = source.scope.region;
        let ipv6 = |to: Ipv6Addr| Some((source.id.clone(), to.into(), self.protocol, self.port));
        let to = match self.aim {
            Aim::InterfaceIpv6(n) => {
                return ipv6(*pick_of(&world.interfaces, n, |i| !i.ipv6.is_empty())?.ipv6.first()?);
            }
            Aim::PublicIpv6(n) => {
                let services = Service::all().iter().filter_map(|service| service.public_ipv6(region));
                return ipv6(nth(services.collect(), n)?);
            }
            Aim::PlatformIpv6(n) => {
                return ipv6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x252 + u16::from(n % 3)));
            }
            Aim::Interface(n) => pick(&world.interfaces, n)?.address,
            Aim::Router(n) => pick(&world.subnets, n)?.gateway(),
            Aim::Nobody(n) => pick(&world.subnets, n)?.cidr.nth(60)?,
            Aim::Resolver => world.vpcs.get(&source.vpc)?.cidr.nth(2)?,
            Aim::LinkLocal(n) => Ipv4Addr::new(169, 254, 169, 252 + n % 3),
            Aim::Public(n) => {
                let service = Service::all().iter().find(|s| s.name == SERVICES[usize::from(n) % SERVICES.len()])?;
                nth(service.public_addresses(region), n / 5)?
            }
            Aim::Elsewhere(n) => {
                let somewhere = ["192.168.1.1", "10.200.0.1", "8.8.8.8", "198.18.0.77", "198.18.0.1"];
                somewhere[usize::from(n) % somewhere.len()].parse().ok()?
            }
        };
        Some((source.id, to.into(), self.protocol, self.port))
    }
}

/// Names that are worth asking the resolver of any VPC of a world for.
pub(crate) fn names(world: &World) -> Vec<String> {
    let mut names: Vec<String> = ["s3.amazonaws.com", "a.s3.amazonaws.com", "ec2.internal", "internal", "example.com"]
        .map(str::to_owned)
        .to_vec();
    names.extend(["vpce.amazonaws.com", "us-east-1.amazonaws.com", "amazonaws.com"].map(str::to_owned));
    let regions: BTreeMap<Region, ()> = world.vpcs.iter().map(|vpc| (vpc.scope.region, ())).collect();
    for region in regions.into_keys() {
        for service in Service::all().iter().filter(|s| SERVICES.contains(&s.name)) {
            for name in service.private_names(region).into_iter().chain(service.public_names(region)) {
                let stem = name.trim_start_matches("*.");
                names.extend([stem.to_owned(), format!("x.{stem}"), format!("x.y.{stem}")]);
            }
        }
    }
    for endpoint in world.endpoints.iter() {
        for (name, _) in endpoint.own_names(world) {
            let stem = name.trim_start_matches("*.");
            names.extend([stem.to_owned(), format!("bucket.{stem}")]);
        }
    }
    names.extend(world.interfaces.iter().map(NetworkInterface::private_dns_name));
    names.extend(world.public_addresses().map(|mapped| mapped.interface.scope.region.public_host_name(mapped.public)));
    names.extend(["ec2-198-18-12-1.compute-1.amazonaws.com", "compute-1.amazonaws.com"].map(str::to_owned));
    names.push("ip-10-77-0-77.ec2.internal".to_owned());
    names.sort();
    names.dedup();
    names
}
