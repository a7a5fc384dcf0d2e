//! Random sequences of commands: whatever is asked for, the world stays in order.

mod networks;
mod peerings;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use proptest::prelude::*;
use sidegate_model::{
    AddressFamily, Attachment, Change, Context, CreatePrefixList, CreateRoute, CreateVpcEndpoint, Destination,
    Direction, Entity, Error, FixedAddresses, InstanceId, InstanceState, IpAddressType, IpCidr, IpProtocol, Ipv4Cidr,
    ModifyPrefixList, ModifyVpcEndpoint, NetworkInterfaceId, NewRule, Peer, PortRange, PrefixListEntry, PrefixListId,
    RouteTableId, RouteTarget, RunInstance, SecurityGroupId, Subnet, SubnetId, Table, VpcAttribute, VpcDhcpOptions,
    VpcEndpointId, VpcId, World,
};

use crate::account::{Account, DYNAMODB, S3, SECRETS, cidr, instances};

/// A command, as numbers from which it picks what it is about; any numbers make a command.
type Step = (u8, [u8; 5]);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0_u8..COMMANDS, any::<[u8; 5]>()), 1..80)
}

/// The commands of [`run`], and behind them those of [`networks`].
const COMMANDS: u8 = NETWORKS + networks::COMMANDS;

const LISTS: u8 = 30;

const PEERINGS: u8 = 31;

const NETWORKS: u8 = 32;

fn pick<T: Clone>(from: &[T], by: u8) -> Option<T> {
    (!from.is_empty()).then(|| from[usize::from(by) % from.len()].clone())
}

/// Ids to pick from: now and then one of nothing.
struct Ids {
    vpcs: Vec<VpcId>,
    subnets: Vec<SubnetId>,
    tables: Vec<RouteTableId>,
    groups: Vec<SecurityGroupId>,
    nics: Vec<NetworkInterfaceId>,
    endpoints: Vec<VpcEndpointId>,
    instances: Vec<InstanceId>,
    lists: Vec<PrefixListId>,
}

fn ids<T: Entity>(table: &Table<T>, unknown: &str) -> Vec<T::Id>
where
    T::Id: std::str::FromStr<Err = Error>,
{
    let known: Vec<_> = table.iter().map(Entity::id).collect();
    let some = if known.is_empty() { 0 } else { 12.max(known.len()) };
    known.into_iter().cycle().take(some).chain(unknown.parse()).collect()
}

impl Ids {
    fn of(world: &World) -> Self {
        Self {
            vpcs: ids(&world.vpcs, "vpc-0"),
            subnets: ids(&world.subnets, "subnet-0"),
            tables: ids(&world.route_tables, "rtb-0"),
            groups: ids(&world.security_groups, "sg-0"),
            nics: ids(&world.interfaces, "eni-0"),
            endpoints: ids(&world.endpoints, "vpce-0"),
            instances: ids(&world.instances, "i-0"),
            lists: ids(&world.prefix_lists, "pl-63a5400a"),
        }
    }
}

fn some<T: Clone>(from: &[T], bits: u8) -> Vec<T> {
    (0..bits % 4).filter_map(|i| pick(from, (bits >> 2).wrapping_add(i * 3))).collect()
}

fn rule(from: &Ids, [a, b, c, ..]: [u8; 5]) -> NewRule {
    let peer = match a % 4 {
        0 => Peer::Cidr(Ipv4Cidr::new(Ipv4Addr::new(10, b % 4, 0, 0), 16)),
        1 => Peer::PrefixList(pick(&from.lists, b).unwrap()),
        _ => Peer::Group(pick(&from.groups, b).unwrap()),
    };
    let direction = if c % 3 == 0 { Direction::Egress } else { Direction::Ingress };
    let port = i32::from(c % 4);
    NewRule::new(direction, IpProtocol::TCP, Some(PortRange { from: port, to: port }), peer, None).unwrap()
}

fn flag(bits: u8) -> Option<bool> {
    [None, Some(true), Some(false)][usize::from(bits % 3)]
}

fn address_type(bits: u8) -> Option<IpAddressType> {
    match bits % 8 {
        0 => Some(IpAddressType::Ipv4),
        1 | 2 => Some(IpAddressType::Dualstack),
        3 => Some(IpAddressType::Ipv6),
        _ => None,
    }
}

/// Addresses wanted for an endpoint, for some of the subnets.
fn addresses(world: &World, subnets: &[SubnetId], bits: u8) -> BTreeMap<SubnetId, FixedAddresses> {
    if !bits.is_multiple_of(5) {
        return BTreeMap::new();
    }
    let at = |id: &SubnetId| world.subnets.get(id)?.cidr.nth(u32::from(bits) % 18);
    let fixed = |ipv4| FixedAddresses { ipv4: Some(ipv4), ipv6: None };
    subnets.iter().filter_map(|id| Some((id.clone(), fixed(at(id)?)))).collect()
}

fn endpoint(world: &World, from: &Ids, [a, b, c, d, e]: [u8; 5]) -> CreateVpcEndpoint {
    let subnets = some(&from.subnets, c);
    CreateVpcEndpoint {
        vpc: pick(&from.vpcs, a),
        service: [S3, DYNAMODB, SECRETS, SECRETS, "nonsense"][usize::from(b % 5)].to_owned(),
        interface: b % 5 != 1 && e % 2 == 0,
        route_tables: if e % 2 == 1 { some(&from.tables, d) } else { Vec::new() },
        addresses: addresses(world, &subnets, d),
        subnets: if e % 2 == 0 { subnets } else { Vec::new() },
        groups: if e % 6 == 0 { some(&from.groups, d) } else { Vec::new() },
        private_dns: if e % 2 == 0 { flag(d) } else { None },
        inbound_resolver_only: if b % 5 == 0 && e % 2 == 0 { flag(d / 3) } else { None },
        ip_address_type: address_type(c),
        ..CreateVpcEndpoint::default()
    }
}

fn change(world: &World, from: &Ids, [_, b, c, d, e]: [u8; 5]) -> ModifyVpcEndpoint {
    let add_subnets = if e % 3 == 0 { some(&from.subnets, b) } else { Vec::new() };
    ModifyVpcEndpoint {
        add_route_tables: if e % 3 == 1 { some(&from.tables, b) } else { Vec::new() },
        remove_route_tables: if e % 3 == 1 { some(&from.tables, c) } else { Vec::new() },
        addresses: addresses(world, &add_subnets, d),
        add_subnets,
        remove_subnets: if e % 3 == 0 { some(&from.subnets, c) } else { Vec::new() },
        add_groups: if e % 3 == 2 { some(&from.groups, b) } else { Vec::new() },
        remove_groups: if e % 3 == 2 { some(&from.groups, c) } else { Vec::new() },
        private_dns: if d % 3 == 0 { flag(d / 3) } else { None },
        inbound_resolver_only: if d % 7 == 0 { flag(d / 7) } else { None },
        ip_address_type: address_type(b ^ e),
        ..ModifyVpcEndpoint::default()
    }
}

/// Runs one command; whether it was refused does not matter.
fn run(account: &mut Account, (kind, bytes): Step) -> Result<(), Error> {
    let [a, b, c, d, e] = bytes;
    let from = Ids::of(&account.world);
    let vpc = pick(&from.vpcs, a).unwrap();
    let subnet = pick(&from.subnets, a).unwrap();
    let table = pick(&from.tables, a).unwrap();
    let group = pick(&from.groups, a).unwrap();
    let nic = pick(&from.nics, a).unwrap();
    let id = pick(&from.endpoints, a).unwrap();
    let instance = pick(&from.instances, a).unwrap();
    let world = account.world.clone();
    let now = account.now;
    let block = || Ipv4Cidr::new(Ipv4Addr::new(10, 0, b % 4, c & 0xf0), [24, 25, 28, 28][usize::from(d % 4)]);
    let target = pick(&from.nics, e).unwrap();
    let associations: Vec<_> = world
        .route_tables
        .iter()
        .flat_map(|t| t.main.iter().cloned().chain(t.associations.keys().cloned()).collect::<Vec<_>>())
        .collect();
    let association = pick(&associations, b);
    let own = world.prefix_lists.iter().next().filter(|_| e % 2 == 0).map(|list| list.id.clone());
    let destination = match b % 3 {
        0 => Destination::PrefixList(own.unwrap_or_else(|| "pl-63a5400a".parse().unwrap())),
        1 => Destination::Cidr(cidr("0.0.0.0/0")),
        _ => Destination::Cidr(block()),
    };
    let route =
        CreateRoute { table: table.clone(), destination: destination.clone(), target: RouteTarget::Interface(target) };
    account.try_run(|w, x| match kind {
        0 if w.vpcs.len() < 3 => {
            w.create_vpc(x, Ipv4Cidr::new(Ipv4Addr::new(10, 0, 0, 0), 15 + a % 3), "default").map(drop)
        }
        0 | 1 => w.authorize(x, &group, vec![rule(&from, bytes)]).map(drop),
        2 => w.delete_vpc(x, &vpc),
        3 => w.modify_vpc_attribute(x, &vpc, VpcAttribute::DnsHostnames(b % 8 != 0)),
        4 => w.modify_vpc_attribute(x, &vpc, VpcAttribute::DnsSupport(b % 8 != 0)),
        5..=7 => {
            let zone = ["us-east-1a", "us-east-1b", "us-east-1c", "nowhere"][usize::from(e % 4)];
            w.create_subnet(x, &vpc, block(), Some(zone)).map(drop)
        }
        8 => w.delete_subnet(x, &subnet),
        9 => w.create_route_table(x, &vpc).map(drop),
        10 => w.delete_route_table(x, &table),
        11 => w.associate_route_table(x, &table, &pick(&from.subnets, b).unwrap()).map(drop),
        12 => association.map_or(Ok(()), |id| w.disassociate_route_table(x, &id)),
        13 => association.map_or(Ok(()), |id| w.replace_route_table_association(x, &id, &table).map(drop)),
        14 => w.create_route(x, route),
        15 => {
            // Mostly one that is there.
            let known = w.route_tables.get(&table).and_then(|own| pick(&own.routes, b)).map(|own| own.destination);
            w.replace_route(x, CreateRoute { destination: known.unwrap_or(destination), ..route })
        }
        16 => w.delete_route(x, &table, &destination),
        17 => w.create_security_group(x, &vpc, ["a", "b", "c", "default"][usize::from(b % 4)], "d").map(drop),
        18 => w.delete_security_group(x, &group),
        19 => w.authorize(x, &group, vec![rule(&from, bytes), rule(&from, [b, c, d, e, a])]).map(drop),
        20 => {
            let rules: Vec<_> =
                w.security_groups.get(&group).into_iter().flat_map(|g| &g.rules).map(|r| r.rule.clone()).collect();
            w.revoke(x, &group, &[pick(&rules, b).unwrap_or_else(|| rule(&from, bytes))])
        }
        21 | 22 => {
            let free = world.subnets.get(&subnet).and_then(|s| lowest_free(&world, s));
            let made = w.attach_program(x, &subnet, &some(&from.groups, b))?;
            assert_eq!(w.interfaces.get(&made).map(|i| i.address), free);
            Ok(())
        }
        23 if b % 2 == 0 => {
            w.detach_program(&nic);
            Ok(())
        }
        23 | 24 => {
            let owned: Vec<_> =
                w.interfaces.iter().filter(|i| !i.is_requester_managed()).map(|i| i.id.clone()).collect();
            let nic = if c % 4 == 0 { nic } else { pick(&owned, a).unwrap_or(nic) };
            w.modify_network_interface(x, &nic, Some(&some(&from.groups, b)), None, None)
        }
        25 | 26 => w.create_vpc_endpoint(x, endpoint(&world, &from, bytes)).map(drop),
        27 => w.modify_vpc_endpoint(x, &id, change(&world, &from, bytes)),
        28 if b % 2 == 0 => w.delete_vpc_endpoint(x, &id),
        28 => w.create_tags(
            x,
            &[vpc.to_string(), subnet.to_string(), nic.to_string(), id.to_string(), group.to_string()],
            &[("k".to_owned(), "v".to_owned())],
        ),
        PEERINGS => peerings::run(w, x, bytes),
        LISTS => change_list(w, x, &world, bytes),
        NETWORKS.. => networks::run(w, x, kind - NETWORKS, bytes),
        _ if b % 2 == 0 => w.run_instances(x, &launch(&subnet, some(&from.groups, c), u32::from(d % 4))).map(drop),
        _ => {
            let states = [InstanceState::Running, InstanceState::ShuttingDown, InstanceState::Terminated];
            w.instance_is(now, &instance, states[usize::from(c % 3)], None);
            Ok(())
        }
    })
}

/// Makes, changes, restores or deletes a prefix list.
fn change_list(w: &mut World, x: &mut Context<'_>, world: &World, [a, b, _, d, e]: [u8; 5]) -> Result<(), Error> {
    let entry = |bits: u8| PrefixListEntry {
        block: IpCidr::V4(Ipv4Cidr::new(Ipv4Addr::new(10, bits % 4, 0, 0), 16)),
        description: "random".to_owned(),
    };
    let lists: Vec<_> = world.prefix_lists.iter().collect();
    let Some(list) = pick(&lists, a).filter(|_| b % 4 > 0 || lists.len() > 3) else {
        let (name, family) = ("random".to_owned(), AddressFamily::Ipv4);
        let wanted = CreatePrefixList { name, family, max_entries: i32::from(d % 3), entries: vec![entry(e)] };
        return w.create_prefix_list(x, wanted).map(drop);
    };
    let change = ModifyPrefixList { current: Some(i64::from(d % 3) + 1), ..ModifyPrefixList::default() };
    match b % 16 {
        0..4 => w.delete_prefix_list(x, &list.id),
        4..8 => w.modify_prefix_list(x, &list.id, ModifyPrefixList { add: vec![entry(e)], ..change }),
        8..12 => w.modify_prefix_list(x, &list.id, ModifyPrefixList { remove: vec![entry(e).block], ..change }),
        12 | 13 => w.modify_prefix_list(x, &list.id, ModifyPrefixList { max_entries: Some((e % 70).into()), ..change }),
        _ => w.restore_prefix_list(x, &list.id, 1, i64::try_from(list.version).unwrap_or(1)),
    }
}

fn launch(subnet: &SubnetId, groups: Vec<SecurityGroupId>, count: u32) -> RunInstance {
    RunInstance { groups, ..instances(subnet, count) }
}

fn used(world: &World, subnet: &SubnetId) -> BTreeSet<Ipv4Addr> {
    world.interfaces.iter().filter(|i| i.subnet == *subnet).map(|i| i.address).collect()
}

fn lowest_free(world: &World, subnet: &Subnet) -> Option<Ipv4Addr> {
    let used = used(world, &subnet.id);
    let last = subnet.cidr.last();
    (4..).map_while(|n| subnet.cidr.nth(n)).find(|a| *a != last && !used.contains(a))
}

/// Everything in the world as text.
fn dump(world: &World) -> String {
    fn rows<T: Entity>(table: &Table<T>) -> String {
        table.iter().map(|e| serde_json::to_string(e).unwrap() + "\n").collect()
    }
    [
        rows(&world.vpcs),
        rows(&world.subnets),
        rows(&world.route_tables),
        rows(&world.opened_regions),
        rows(&world.dhcp_options),
        rows(&world.network_acls),
        rows(&world.security_groups),
        rows(&world.interfaces),
        rows(&world.endpoints),
        rows(&world.instances),
        rows(&world.internet_gateways),
        rows(&world.egress_only_internet_gateways),
        rows(&world.vpn_gateways),
        rows(&world.nat_gateways),
        rows(&world.elastic_ips),
        rows(&world.flow_logs),
        rows(&world.network_insights_paths),
        rows(&world.network_insights_analyses),
        rows(&world.peerings),
        rows(&world.prefix_lists),
        rows(&world.prefix_list_versions),
        rows(&world.observed_prefix_lists),
        rows(&world.tags),
        rows(&world.tokens),
    ]
    .concat()
}

/// The newer table, made from the older one and what changed.
fn patched<T: Entity>(old: &Table<T>, new: &Table<T>) -> Table<T> {
    let mut patched = old.clone();
    for change in old.changes(new) {
        match change {
            Change::Put(entity) => patched.insert((*entity).clone()),
            Change::Removed(entity) => drop(patched.remove(&entity.id())),
        }
    }
    patched
}

/// The table as it is when each row was stored and read back.
fn restored<T: Entity>(table: &Table<T>) -> Table<T> {
    let mut restored = Table::default();
    let mut keys = BTreeSet::new();
    for entity in table.iter() {
        assert!(keys.insert(entity.key()), "two rows with the key {}", entity.key());
        restored.insert(serde_json::from_str(&serde_json::to_string(entity).unwrap()).unwrap());
    }
    restored
}

macro_rules! every_table {
    ($function:ident($($world:expr),+)) => {
        World {
            vpcs: $function($(&$world.vpcs),+),
            subnets: $function($(&$world.subnets),+),
            subnet_cidr_reservations: $function($(&$world.subnet_cidr_reservations),+),
            route_tables: $function($(&$world.route_tables),+),
            opened_regions: $function($(&$world.opened_regions),+),
            dhcp_options: $function($(&$world.dhcp_options),+),
            network_acls: $function($(&$world.network_acls),+),
            security_groups: $function($(&$world.security_groups),+),
            interfaces: $function($(&$world.interfaces),+),
            endpoints: $function($(&$world.endpoints),+),
            instances: $function($(&$world.instances),+),
            volumes: $function($(&$world.volumes),+),
            key_pairs: $function($(&$world.key_pairs),+),
            internet_gateways: $function($(&$world.internet_gateways),+),
            egress_only_internet_gateways: $function($(&$world.egress_only_internet_gateways),+),
            vpn_gateways: $function($(&$world.vpn_gateways),+),
            nat_gateways: $function($(&$world.nat_gateways),+),
            elastic_ips: $function($(&$world.elastic_ips),+),
            flow_logs: $function($(&$world.flow_logs),+),
            network_insights_paths: $function($(&$world.network_insights_paths),+),
            network_insights_analyses: $function($(&$world.network_insights_analyses),+),
            peerings: $function($(&$world.peerings),+),
            prefix_lists: $function($(&$world.prefix_lists),+),
            prefix_list_versions: $function($(&$world.prefix_list_versions),+),
            observed_prefix_lists: $function($(&$world.observed_prefix_lists),+),
            tags: $function($(&$world.tags),+),
            tokens: $function($(&$world.tokens),+),
        }
    };
}

fn check(world: &World) {
    check_vpcs(world);
    check_subnets(world);
    check_tables(world);
    check_network_acls(world);
    check_groups(world);
    check_interfaces(world);
    check_endpoints(world);
    check_instances(world);
    check_lists(world);
    check_peerings(world);
    check_tags(world);
}

fn check_vpcs(world: &World) {
    for vpc in world.vpcs.iter() {
        let mains = world.route_tables.iter().filter(|t| t.vpc == vpc.id && t.main.is_some());
        assert_eq!(mains.count(), 1, "one main table in {}", vpc.id);
        let defaults = world.security_groups.iter().filter(|g| g.vpc == vpc.id && g.is_default());
        assert_eq!(defaults.count(), 1, "one default group in {}", vpc.id);
        if let VpcDhcpOptions::Set(set) = &vpc.dhcp_options {
            assert!(world.dhcp_options.get(set).is_some());
        }
        let blocks: Vec<_> = vpc.cidrs().collect();
        assert!(blocks.iter().all(|block| (16..=28).contains(&block.length())));
        let apart = |(i, a): (usize, &Ipv4Cidr)| blocks.iter().skip(i + 1).all(|b| !a.overlaps(*b));
        assert!(blocks.len() <= 5 && blocks.iter().enumerate().all(apart), "the blocks of {} are apart", vpc.id);
    }
}

fn check_subnets(world: &World) {
    for subnet in world.subnets.iter() {
        let vpc = world.vpcs.get(&subnet.vpc).unwrap();
        assert!(vpc.covers(subnet.cidr));
        let ipv6 = subnet.ipv6_cidr.as_ref().map(|b| b.cidr);
        assert!(ipv6.is_none_or(|cidr| vpc.ipv6_cidrs.iter().any(|b| b.cidr.covers(cidr))));
        let siblings = world.subnets.iter().filter(|s| s.vpc == subnet.vpc && s.id != subnet.id);
        assert!(siblings.into_iter().all(|s| !s.cidr.overlaps(subnet.cidr)));
        let used = used(world, &subnet.id).len() as u64;
        assert_eq!(world.free_addresses(subnet), subnet.cidr.size() - 5 - used);
        assert!(world.route_table_of(&subnet.id).is_some());
    }
}

fn check_tables(world: &World) {
    let mut indices = BTreeSet::new();
    let mut associated = BTreeSet::new();
    for table in world.route_tables.iter() {
        assert!(world.vpcs.get(&table.vpc).is_some());
        assert!(table.index > 0 && indices.insert((&table.vpc, table.index)), "the index of {} is its own", table.id);
        for subnet in table.associations.values() {
            assert_eq!(world.subnets.get(subnet).unwrap().vpc, table.vpc);
            assert!(associated.insert(subnet), "{subnet} is associated once");
        }
        let routes = world.routes(table);
        let destinations: BTreeSet<_> = routes.iter().map(|r| &r.destination).collect();
        assert_eq!(destinations.len(), routes.len(), "one route for each destination in {}", table.id);
    }
}

fn check_network_acls(world: &World) {
    for vpc in world.vpcs.iter() {
        let defaults: Vec<_> = world.network_acls.iter().filter(|a| a.vpc == vpc.id && a.is_default).collect();
        assert_eq!(defaults.iter().map(|a| &a.id).collect::<Vec<_>>(), [&vpc.network_acl]);
    }
    for subnet in world.subnets.iter() {
        let association = world.network_acl_of(subnet).unwrap();
        assert_eq!(world.network_acls.get(&association.acl).unwrap().vpc, subnet.vpc);
    }
    for acl in world.network_acls.iter() {
        assert!(world.vpcs.get(&acl.vpc).is_some());
        let places: Vec<_> = acl.entries().iter().map(|e| (e.direction == Direction::Ingress, e.number)).collect();
        assert!(places.is_sorted_by(|a, b| a < b), "entries of {} are in order", acl.id);
    }
}

fn check_groups(world: &World) {
    let mut names = BTreeSet::new();
    for group in world.security_groups.iter() {
        assert!(world.vpcs.get(&group.vpc).is_some());
        assert!(names.insert((&group.vpc, &group.name)));
        for (i, rule) in group.rules.iter().enumerate() {
            if let (Peer::Group(peer), None) = (&rule.rule.peer, &rule.beyond) {
                assert_eq!(world.security_groups.get(peer).unwrap().vpc, group.vpc);
            }
            assert!(group.rules.iter().skip(i + 1).all(|r| !r.rule.is_same(&rule.rule) && r.id != rule.id));
        }
    }
}

fn check_interfaces(world: &World) {
    let mut addresses = BTreeSet::new();
    let mut numbers = BTreeMap::new();
    let mut combinations = BTreeMap::new();
    for nic in world.interfaces.iter() {
        let subnet = world.subnets.get(&nic.subnet).unwrap();
        assert_eq!(subnet.vpc, nic.vpc);
        assert!(subnet.is_usable(nic.address), "{} may be had in {}", nic.address, subnet.cidr);
        assert!(addresses.insert((&nic.vpc, nic.address)), "{} is given once", nic.address);
        let block = subnet.ipv6_cidr.as_ref().map(|block| block.cidr);
        assert!(nic.ipv6.iter().all(|address| block.is_some_and(|block| block.contains(*address))));
        assert!((1..=5).contains(&nic.groups.len()));
        assert!(nic.groups.iter().all(|g| world.security_groups.get(g).unwrap().vpc == nic.vpc));
        let mut groups = nic.groups.clone();
        groups.sort();
        assert!(nic.group_number > 0);
        let number = (&nic.vpc, nic.group_number);
        assert_eq!(*numbers.entry(number).or_insert_with(|| groups.clone()), groups);
        assert_eq!(*combinations.entry((&nic.vpc, groups)).or_insert(nic.group_number), nic.group_number);
        match &nic.attachment {
            Attachment::NatGateway(_) | Attachment::Program | Attachment::Functions(_) | Attachment::None => {}
            Attachment::Instance { instance, .. } => {
                assert_eq!(world.instances.get(instance).unwrap().interface.as_ref(), Some(&nic.id));
            }
            Attachment::Endpoint(id) => {
                let interfaces = &world.endpoints.get(id).unwrap().interface().unwrap().interfaces;
                assert_eq!(interfaces.get(&nic.subnet), Some(&nic.id));
            }
        }
    }
}

fn check_endpoints(world: &World) {
    let mut routes = BTreeSet::new();
    let mut names = BTreeSet::new();
    for endpoint in world.endpoints.iter() {
        assert!(world.vpcs.get(&endpoint.vpc).is_some() && endpoint.service().is_some());
        for table in endpoint.route_tables().into_iter().flatten() {
            assert_eq!(world.route_tables.get(table).unwrap().vpc, endpoint.vpc);
            assert!(routes.insert((table, &endpoint.service)), "one {} endpoint in {table}", endpoint.service);
        }
        for name in endpoint.private_names() {
            assert!(names.insert((&endpoint.vpc, name.clone())), "{name} is claimed once");
        }
        let Some(interface) = endpoint.interface() else { continue };
        let mut zones = BTreeSet::new();
        for (subnet, nic) in &interface.interfaces {
            assert!(zones.insert(world.subnets.get(subnet).unwrap().zone));
            let nic = world.interfaces.get(nic).unwrap();
            assert_eq!((&nic.groups, &nic.vpc), (&interface.groups, &endpoint.vpc));
            assert_eq!(nic.ipv6.len(), usize::from(endpoint.ip_address_type.has_ipv6()));
            assert_eq!(nic.attachment, Attachment::Endpoint(endpoint.id.clone()));
        }
        assert!(!interface.groups.is_empty());
        if interface.private_dns && interface.inbound_resolver_only {
            let gateway = |e: &&sidegate_model::Endpoint| {
                e.vpc == endpoint.vpc && e.service == endpoint.service && e.route_tables().is_some()
            };
            assert!(world.endpoints.iter().any(|e| gateway(&e)), "{} has its gateway endpoint", endpoint.id);
        }
    }
}

fn check_instances(world: &World) {
    for instance in world.instances.iter() {
        let ended = instance.state == InstanceState::Terminated;
        assert_eq!(instance.interface.is_none(), ended);
        if let Some(nic) = &instance.interface {
            let nic = world.interfaces.get(nic).unwrap();
            assert_eq!((&nic.subnet, &nic.vpc), (&instance.subnet, &instance.vpc));
        }
    }
}

fn check_peerings(world: &World) {
    for peering in world.peerings.iter().filter(|peering| peering.is_active()) {
        let (one, two) = (&peering.requester, &peering.accepter);
        let (one, two) = (world.vpcs.get(&one.vpc).unwrap(), world.vpcs.get(&two.vpc).unwrap());
        assert!(one.cidrs().all(|block| two.cidrs().all(|other| !block.overlaps(other))), "peers do not overlap");
        let between = world.peerings.iter().filter(|p| p.is_active() && p.joins(&one.id, &two.id));
        assert_eq!(between.count(), 1);
    }
}

fn check_lists(world: &World) {
    for list in world.prefix_lists.iter() {
        assert!(list.entries.len() <= list.max_entries as usize && (1..=1000).contains(&list.max_entries));
        assert!(list.entries.is_sorted_by(|a, b| a.block < b.block), "each block once, in order");
        for version in list.oldest..list.version {
            assert!(world.prefix_list_versions.get(&(list.id.clone(), version)).is_some());
        }
    }
    let kept: u64 = world.prefix_lists.iter().map(|list| list.version - list.oldest).sum();
    assert_eq!(kept, world.prefix_list_versions.len() as u64, "no versions of what is gone");
    for peer in world.security_groups.iter().flat_map(|g| &g.rules).map(|r| &r.rule.peer) {
        if let Peer::PrefixList(id) = peer {
            assert!(world.prefix_lists.get(id).is_some() || id.as_str() == "pl-63a5400a");
        }
    }
}

fn check_tags(world: &World) {
    let mut known: BTreeSet<String> = BTreeSet::new();
    known.extend(world.vpcs.iter().map(|v| v.id.to_string()));
    known.extend(world.subnets.iter().map(|s| s.id.to_string()));
    known.extend(world.route_tables.iter().map(|t| t.id.to_string()));
    known.extend(world.dhcp_options.iter().map(|o| o.id.to_string()));
    known.extend(world.network_acls.iter().map(|a| a.id.to_string()));
    known.extend(world.security_groups.iter().map(|g| g.id.to_string()));
    known.extend(world.interfaces.iter().map(|i| i.id.to_string()));
    known.extend(world.endpoints.iter().map(|e| e.id.to_string()));
    known.extend(world.instances.iter().map(|i| i.id.to_string()));
    known.extend(world.flow_logs.iter().map(|l| l.id.to_string()));
    known.extend(world.network_insights_paths.iter().map(|p| p.id.to_string()));
    known.extend(world.network_insights_analyses.iter().map(|a| a.id.to_string()));
    known.extend(world.peerings.iter().map(|p| p.id.to_string()));
    known.extend(world.prefix_lists.iter().map(|l| l.id.to_string()));
    assert!(world.tags.iter().all(|t| known.contains(&t.resource)), "no tags of what is gone");
}

/// An account with a VPC and a few things in it, so that random commands soon meet something.
fn furnished() -> Account {
    let mut account = Account::new();
    let vpc = account.vpc_with_dns("10.0.0.0/16");
    for (block, zone) in [("10.0.9.0/28", "us-east-1a"), ("10.0.10.0/24", "us-east-1b"), ("10.0.11.0/28", "us-east-1b")]
    {
        account.subnet(&vpc, block, zone);
    }
    account.table(&vpc);
    account.group(&vpc, "web");
    account
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn any_commands_leave_a_world_in_order_and_a_refused_one_leaves_it_alone(steps in steps()) {
        let mut account = furnished();
        for step in steps {
            let before = account.world.clone();
            let text = dump(&before);
            let outcome = run(&mut account, step);
            prop_assert_eq!(&dump(&before), &text, "the clone that was kept has not changed");
            if outcome.is_err() {
                prop_assert_eq!(&dump(&account.world), &text, "a refused command changes nothing");
            }
            check(&account.world);
        }
    }

    #[test]
    fn what_changed_between_two_worlds_makes_the_one_into_the_other(steps in steps(), more in steps()) {
        let mut account = furnished();
        steps.into_iter().for_each(|step| drop(run(&mut account, step)));
        let old = account.world.clone();
        more.into_iter().for_each(|step| drop(run(&mut account, step)));
        let new = &account.world;
        prop_assert_eq!(dump(&every_table!(patched(old, new))), dump(new));
        prop_assert_eq!(dump(&every_table!(patched(new, old))), dump(&old));
        prop_assert!(new.interfaces.changes(&new.interfaces).is_empty());
        prop_assert_eq!(old == *new, dump(&old) == dump(new));
    }

    #[test]
    fn a_world_that_was_stored_and_read_back_is_the_same_and_goes_on_the_same(steps in steps(), more in steps()) {
        let mut account = furnished();
        steps.into_iter().for_each(|step| drop(run(&mut account, step)));
        let world = every_table!(restored(account.world));
        prop_assert_eq!(&world, &account.world);
        check(&world);
        let mut other = furnished();
        other.world = world;
        account.restart();
        other.restart();
        for step in more {
            prop_assert_eq!(run(&mut account, step), run(&mut other, step));
            prop_assert_eq!(&account.world, &other.world);
        }
    }
}

#[test]
fn the_random_commands_are_both_accepted_and_refused() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut accepted, mut refused) = (BTreeMap::new(), BTreeMap::new());
    for _ in 0..200 {
        let mut account = furnished();
        for step in steps().new_tree(&mut runner).unwrap().current() {
            match run(&mut account, step) {
                Ok(()) => *accepted.entry(step.0).or_insert(0) += 1,
                Err(error) => *refused.entry(error.code()).or_insert(0) += 1,
            }
        }
    }
    println!("accepted: {accepted:?}\nrefused: {refused:?}");
    assert_eq!(accepted.len(), usize::from(COMMANDS), "every command is accepted sometimes: {accepted:?}");
    assert!(refused.len() >= 24, "and refused for many reasons: {refused:?}");
}
