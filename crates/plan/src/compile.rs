//! From a world to the plan that makes it so.
//!
//! Compilation is total: what a world should never hold (an endpoint of an unknown service, a subnet without a table)
//! is left out of the plan, so that its packets end in silence, and never lets something through.

mod acls;
mod endpoints;
mod groups;
mod links;
mod passages;
pub(crate) mod permits;
mod public_names;
mod redirects;
mod routes;
mod watched;
mod zones;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use imbl::OrdMap;
use sidegate_model::{
    Attachment, Change, EgressOnlyInternetGateway, Endpoint, Entity, Instance, InternetGateway, IpCidr, NatGateway,
    NetworkInterface, Peer, PrefixList, PrefixListId, PrefixListUser, RouteTable, SecurityGroup, SecurityGroupId,
    SecurityGroupRule, Subnet, Table, Vpc, VpcEndpointId, VpcId, VpcPeeringConnection, World,
};

use crate::{Domains, IPV6_METADATA_ADDRESS, IPV6_RESOLVER, LINK_LOCAL_RESOLVER, METADATA_ADDRESS, Plan, VpcPlan};

/// How far the resolver's address stands behind the first of the VPC's block.
///
/// Source: VPC user guide, "Amazon DNS server".
pub(crate) const RESOLVER_OFFSET: u32 = 2;

/// The whole plan of a world.
pub fn compile(world: &World) -> Plan {
    let vpcs =
        world.vpcs.iter().map(|vpc| (vpc.id.clone(), Arc::new(compile_vpc(&Parts::of(world, vpc), None)))).collect();
    let passages = passages::all(world, &vpcs);
    let (endpoint_names, public_names) = (endpoints::own_names(world), public_names::all(world));
    let domains = Arc::new(Domains::of(endpoint_names.keys().chain(public_names.keys())));
    Plan { vpcs, endpoint_names: Arc::new(endpoint_names), public_names: Arc::new(public_names), domains, passages }
}

/// The plan of `new`, where `previous` is the plan of `old`: equal to `compile(new)`, but a VPC that nothing touched
/// keeps its `Arc`.
pub fn recompile(previous: &Plan, old: &World, new: &World) -> Plan {
    let changes = Changes::between(old, new);
    let mut vpcs = previous.vpcs.clone();
    for id in &changes.vpcs {
        let Some(vpc) = new.vpcs.get(id) else {
            vpcs.remove(id);
            continue;
        };
        let before = previous.vpcs.get(id).map(|plan| Before { plan, old, changes: &changes });
        vpcs.insert(id.clone(), Arc::new(compile_vpc(&Parts::of(new, vpc), before.as_ref())));
    }
    let mut domains = Arc::clone(&previous.domains);
    let endpoint_names = endpoints::own_names_after(&previous.endpoint_names, &mut domains, old, new, &changes.named);
    let public_names = public_names::after(&previous.public_names, &mut domains, old, new, &changes.vpcs);
    let passages = passages::after(previous, old, new, &vpcs, &changes.vpcs);
    Plan { vpcs, endpoint_names, public_names, domains, passages }
}

/// The names after a change in which these were lost and those were won; `domains` are those above them.
fn names_after<V: Clone + PartialEq>(
    names: &Arc<OrdMap<String, V>>, domains: &mut Arc<Domains>, lost: &[(String, V)], won: Vec<(String, V)>,
) -> Arc<OrdMap<String, V>> {
    if lost == won {
        return Arc::clone(names);
    }
    let (mut after, domains) = (OrdMap::clone(names), Arc::make_mut(domains));
    for (name, _) in lost {
        if after.remove(name).is_some() {
            domains.lose(name);
        }
    }
    for (name, leads) in won {
        if !after.contains_key(&name) {
            domains.gain(&name);
        }
        after.insert(name, leads);
    }
    Arc::new(after)
}

/// What there is in one VPC, each kind in the order of its ids.
struct Parts<'a> {
    world: &'a World,
    vpc: &'a Vpc,
    subnets: Vec<&'a Subnet>,
    tables: Vec<&'a RouteTable>,
    groups: Vec<&'a SecurityGroup>,
    interfaces: Vec<&'a NetworkInterface>,
    endpoints: Vec<&'a Endpoint>,
    internet_gateways: Vec<&'a InternetGateway>,
    egress_only_internet_gateways: Vec<&'a EgressOnlyInternetGateway>,
    nat_gateways: Vec<&'a NatGateway>,
    /// Those that are active.
    peerings: Vec<&'a VpcPeeringConnection>,
}

impl<'a> Parts<'a> {
    /// A prefix list that the account may name.
    fn list(&self, id: &PrefixListId) -> Option<PrefixList> {
        self.world.prefix_list(&self.vpc.scope, id)
    }

    /// The blocks of a prefix list that the account may name; none if there is no such list.
    fn blocks_of(&self, id: &PrefixListId) -> Vec<IpCidr> {
        self.list(id).map(|list| blocks_of(&list).collect()).unwrap_or_default()
    }

    /// Whether the VPC has a block of IPv6.
    fn has_ipv6(&self) -> bool {
        !self.vpc.ipv6_cidrs.is_empty()
    }

    /// The parts of a VPC.
    fn of(world: &'a World, vpc: &'a Vpc) -> Self {
        let is_here = |peering: &&VpcPeeringConnection| peering.sides().iter().any(|side| side.vpc == vpc.id);
        Self {
            world,
            vpc,
            subnets: world.subnets.of_vpc(&vpc.id).collect(),
            tables: world.route_tables.of_vpc(&vpc.id).collect(),
            groups: world.security_groups.of_vpc(&vpc.id).collect(),
            interfaces: world.interfaces.of_vpc(&vpc.id).collect(),
            endpoints: world.endpoints.of_vpc(&vpc.id).collect(),
            internet_gateways: world.internet_gateways.of_vpc(&vpc.id).collect(),
            egress_only_internet_gateways: world.egress_only_internet_gateways.of_vpc(&vpc.id).collect(),
            nat_gateways: world.nat_gateways.of_vpc(&vpc.id).collect(),
            peerings: world.active_peerings().filter(is_here).collect(),
        }
    }
}

/// The blocks of a prefix list.
pub(crate) fn blocks_of(list: &PrefixList) -> impl Iterator<Item = IpCidr> {
    list.cidrs.iter().map(|&block| block.into()).chain(list.cidrs6.iter().map(|&block| block.into()))
}

/// What changed between two worlds.
#[derive(Default)]
struct Changes {
    /// The VPCs in which something did.
    vpcs: BTreeSet<VpcId>,
    /// The groups that did.
    groups: BTreeSet<SecurityGroupId>,
    /// The endpoints whose names may lead elsewhere now.
    named: BTreeSet<VpcEndpointId>,
    /// The groups of interfaces that did: who refers to one of these may refer to other addresses now.
    members: BTreeSet<SecurityGroupId>,
}

impl Changes {
    fn between(old: &World, new: &World) -> Self {
        let mut all = Self::default();
        each_change(&old.vpcs, &new.vpcs, |vpc| {
            all.vpcs.insert(vpc.id.clone());
        });
        each_change(&old.subnets, &new.subnets, |subnet| {
            all.vpcs.insert(subnet.vpc.clone());
            all.named.extend(new.endpoints.of_vpc(&subnet.vpc).map(|endpoint| endpoint.id.clone()));
        });
        each_change(&old.route_tables, &new.route_tables, |table| {
            all.vpcs.insert(table.vpc.clone());
        });
        each_change(&old.network_acls, &new.network_acls, |acl| {
            all.vpcs.insert(acl.vpc.clone());
        });
        each_change(&old.security_groups, &new.security_groups, |group| {
            all.vpcs.insert(group.vpc.clone());
            all.groups.insert(group.id.clone());
        });
        each_change(&old.interfaces, &new.interfaces, |interface| {
            all.vpcs.insert(interface.vpc.clone());
            all.members.extend(interface.groups.iter().cloned());
            if let Attachment::Endpoint(endpoint) = &interface.attachment {
                all.named.insert(endpoint.clone());
            }
        });
        // What has one is told its public address.
        for world in [old, new] {
            each_change(&old.elastic_ips, &new.elastic_ips, |elastic| {
                let own = elastic.association.as_ref().and_then(|own| world.interfaces.get(&own.interface));
                all.vpcs.extend(own.map(|interface| interface.vpc.clone()));
            });
        }
        each_change(&old.endpoints, &new.endpoints, |endpoint| {
            all.vpcs.insert(endpoint.vpc.clone());
            all.named.insert(endpoint.id.clone());
        });
        each_change(&old.prefix_lists, &new.prefix_lists, |list| {
            for user in new.prefix_list_users(&list.scope, &list.id) {
                all.note_user(new, user);
            }
        });
        each_change(&old.internet_gateways, &new.internet_gateways, |gateway| {
            all.vpcs.extend(gateway.vpc.clone());
        });
        each_change(&old.egress_only_internet_gateways, &new.egress_only_internet_gateways, |gateway| {
            all.vpcs.insert(gateway.vpc.clone());
        });
        each_change(&old.nat_gateways, &new.nat_gateways, |nat| {
            all.vpcs.insert(nat.vpc.clone());
        });
        each_change(&old.instances, &new.instances, |instance| {
            all.vpcs.insert(instance.vpc.clone());
        });
        each_change(&old.flow_logs, &new.flow_logs, |log| {
            all.vpcs.insert(log.vpc.clone());
        });
        // Some are told their tags.
        each_change(&old.tags, &new.tags, |tags| {
            let instance = tags.resource.parse().ok().and_then(|id| new.instances.get(&id));
            let is_told = |instance: &&Instance| instance.metadata.tags;
            all.vpcs.extend(instance.filter(is_told).map(|instance| instance.vpc.clone()));
        });
        each_change(&old.peerings, &new.peerings, |peering| {
            for side in peering.sides() {
                all.vpcs.insert(side.vpc.clone());
                let groups = naming_others(new).filter(|group| group.vpc == side.vpc);
                all.groups.extend(groups.map(|group| group.id.clone()));
            }
        });
        all.note_references(new);
        all
    }

    /// Notes the VPCs whose groups name, beyond a peering connection, a group of interfaces that changed.
    fn note_references(&mut self, world: &World) {
        if self.members.is_empty() || world.peerings.is_empty() {
            return;
        }
        let named = |rule: &SecurityGroupRule| names(rule, &self.members);
        let groups = naming_others(world).filter(|group| group.rules.iter().any(named));
        self.vpcs.extend(groups.map(|group| group.vpc.clone()));
    }

    /// Notes that what a route table or group names has changed.
    fn note_user(&mut self, world: &World, user: PrefixListUser) {
        match user {
            PrefixListUser::RouteTable(id) => {
                self.vpcs.extend(world.route_tables.get(&id).map(|table| table.vpc.clone()));
            }
            PrefixListUser::SecurityGroup(id) => {
                self.vpcs.extend(world.security_groups.get(&id).map(|group| group.vpc.clone()));
                self.groups.insert(id);
            }
        }
    }
}

/// The groups that name groups of other VPCs.
fn naming_others(world: &World) -> impl Iterator<Item = &SecurityGroup> {
    world.security_groups.iter().filter(|group| group.rules.iter().any(|rule| rule.beyond.is_some()))
}

/// Whether a rule names one of these groups.
fn names(rule: &SecurityGroupRule, groups: &BTreeSet<SecurityGroupId>) -> bool {
    matches!(&rule.rule.peer, Peer::Group(id) if groups.contains(id))
}

/// Calls `note` with what every entity that changed was and is.
fn each_change<T: Entity>(old: &Table<T>, new: &Table<T>, mut note: impl FnMut(&T)) {
    for change in old.changes(new) {
        match change {
            Change::Put(entity) => {
                old.get(&entity.id()).into_iter().for_each(&mut note);
                note(&entity);
            }
            Change::Removed(entity) => note(&entity),
        }
    }
}

/// What was there before, so that what costs time and did not change is taken over.
struct Before<'a> {
    plan: &'a VpcPlan,
    old: &'a World,
    changes: &'a Changes,
}

fn compile_vpc(parts: &Parts<'_>, before: Option<&Before<'_>>) -> VpcPlan {
    let vpc = parts.vpc;
    let resolver = vpc.cidr.nth(RESOLVER_OFFSET);
    let (acls, guarded) = acls::acls(parts);
    let by_subnet = routes::by_subnet(parts);
    let (mut links, metadata) = links::links(parts, &by_subnet, &guarded);
    let mut passages = passages::links(parts);
    let redirects = redirects::redirects(parts, &by_subnet, &links, &passages, resolver);
    redirects::number(&mut links, &mut passages, &redirects);
    VpcPlan {
        vpc: vpc.id.clone(),
        scope: vpc.scope.clone(),
        cidrs: vpc.cidrs().map(IpCidr::from).chain(vpc.ipv6_cidrs.iter().map(|block| block.cidr.into())).collect(),
        router: parts
            .subnets
            .iter()
            .map(|subnet| subnet.gateway())
            .chain(resolver)
            .chain([LINK_LOCAL_RESOLVER, METADATA_ADDRESS])
            .map(IpAddr::from)
            .chain(
                parts
                    .has_ipv6()
                    .then_some([IPV6_RESOLVER, IPV6_METADATA_ADDRESS])
                    .into_iter()
                    .flatten()
                    .map(IpAddr::from),
            )
            .collect(),
        resolver: resolver.filter(|_| vpc.dns_support),
        tables: routes::tables(parts, &links, &passages),
        links,
        passages,
        redirects,
        groups: groups::groups(parts, before),
        acls,
        endpoint_addresses: endpoints::addresses(parts, &by_subnet, &guarded),
        // An account elsewhere has lists of its own.
        gateway_prefixes: PrefixList::managed(vpc.scope.region)
            .into_iter()
            .chain(parts.endpoints.iter().flat_map(|own| own.gateway_lists()))
            .flat_map(|list| blocks_of(&list).collect::<Vec<_>>())
            .filter(|block| parts.has_ipv6() || !block.is_ipv6())
            .collect(),
        endpoints: endpoints::endpoints(parts, before),
        zones: zones::zones(parts),
        service_names: zones::service_names(parts),
        named_peers: public_names::named_peers(parts),
        metadata,
        watched: watched::watched(parts),
    }
}
