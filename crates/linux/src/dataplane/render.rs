//! From a VPC's plan to the objects that carry it out. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sidegate_model::{AddressFamily, IpCidr, IpRange, Ipv4Range, Ipv6Range};
use sidegate_plan::{
    IPV6_METADATA_ADDRESS, METADATA_ADDRESS, OPEN_GROUP, PassageLink, Permit, RedirectNumber, Route, RouteTarget,
    TableIndex, TablePlan, VpcPlan, link_local,
};

use super::objects::{
    ANSWERED, Direction, Element, FIRST_REDIRECTS, FIRST_TABLE, GUARDED, LAST_METRIC, LinkEnds, LinkName, MTU, Objects,
    REDIRECTS_SHIFT, RouteKey, RouteKind, Rule, Ruleset, SHARED_TABLE, first_metric,
};
use super::{program_end, sysctl};

/// The address of a passage at the end of each of its links.
pub(super) const PASSAGE_ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 174, 1);

/// The MAC address of a passage at the end of each of its links: locally administered, and the same for all, since it has
/// one neighbour on each.
pub(super) const PASSAGE_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];

/// The addresses of the Amazon Time Sync Service.
///
/// Source: EC2 user guide, "Set the time reference on your EC2 instance to use the local Amazon Time Sync Service".
const TIME_ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 123);
const IPV6_TIME_ADDRESS: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x123);

/// The port of DNS.
const DNS: u16 = 53;

/// The port of the metadata service.
const HTTP: u16 = 80;

/// The protocol numbers of TCP and UDP.
const TCP: u8 = 6;
const UDP: u8 = 17;

/// A plan that no kernel can carry out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// A link whose name no link can have.
    #[error("`{name}` cannot be the name of a link: use 1 to 15 letters, digits, `-`, `_` and `.`")]
    LinkName {
        /// What was given.
        name: String,
    },
    /// A mark or a class of 0 means that nothing was found, so no table and no group may have that number.
    #[error("{what} has the number 0, which stands for none")]
    Zero {
        /// What has it.
        what: String,
    },
}

/// The objects of a VPC's namespace.
pub fn render(plan: &VpcPlan) -> Result<Objects, RenderError> {
    check_numbers(plan)?;
    let rules = |family| {
        let marked = tables(plan).map(move |index| Rule::Marked(family, index));
        let redirected = plan.redirects.iter().flat_map(move |(&number, of)| {
            let blocks = of.blocks.iter().filter(move |block| block.family() == family);
            let answered = blocks.map(move |&block| Rule::Answered(block, number));
            [Rule::Redirected(family, number)].into_iter().chain(answered)
        });
        [Rule::Shared(family)].into_iter().chain(redirected).chain(marked).collect::<Vec<_>>()
    };
    let mut objects = Objects {
        sysctls: sysctls(plan.has_ipv6(), !plan.redirects.is_empty()),
        loopback: true,
        addresses: plan.router.clone(),
        rules: families(plan).flat_map(rules).collect(),
        ruleset: if plan.watched.is_empty() { Ruleset::Current } else { Ruleset::Counting },
        ..Objects::default()
    };
    let mut elements = fixed_elements(plan);
    objects.routes = routes(plan)?;
    for (interface, link) in &plan.links {
        let name = link_name(&link.name)?;
        let number = plan.watched.get(interface).copied();
        objects.links.insert(name, program_ends(link));
        for address in link.addresses() {
            objects.routes.insert(to_address(address), RouteKind::Link(name));
            elements.push(Element::Program(address));
            if !link.forwards {
                let mark = mark(plan, link.table, link.redirects);
                elements.push(if plan.acls.is_empty() {
                    Element::Source(name, address, mark)
                } else {
                    Element::Guarded(name, address, mark)
                });
            }
        }
        let spoken = [Some(AddressFamily::Ipv4), link.ipv6.first().map(|_| AddressFamily::Ipv6)];
        for family in spoken.into_iter().flatten() {
            if link.forwards {
                elements.push(Element::Unchecked(family, name, mark(plan, link.table, link.redirects)));
            }
            elements.push(Element::LinkGroup(family, name, link.group));
            elements.extend(link.acl.map(|acl| Element::LinkAcl(family, name, acl)));
            elements.extend(number.map(|number| Element::Watched(family, name, number)));
        }
    }
    for (passage, link) in &plan.passages {
        let name = link_name(&link.name)?;
        objects.links.insert(name, passage_ends(passage, link, plan.has_ipv6())?);
        for family in families(plan) {
            elements.push(Element::LinkGroup(family, name, OPEN_GROUP));
            elements.push(Element::Unchecked(family, name, mark(plan, link.table, link.redirects)));
        }
    }
    objects.elements = elements.into_iter().collect();
    Ok(objects)
}

/// The families that are spoken in a VPC.
fn families(plan: &VpcPlan) -> impl Iterator<Item = AddressFamily> {
    let ipv6 = plan.has_ipv6();
    AddressFamily::ALL.into_iter().filter(move |family| ipv6 || *family == AddressFamily::Ipv4)
}

/// The place of a route to one address, in the table that every packet looks up first.
fn to_address(address: IpAddr) -> RouteKey {
    RouteKey {
        table: SHARED_TABLE,
        destination: IpCidr::host(address),
        metric: first_metric(AddressFamily::of(address)),
    }
}

/// The objects of a VPC that is gone: its namespace lets nothing through.
pub(super) fn emptied() -> Objects {
    Objects { sysctls: sysctls(false, false), loopback: true, ruleset: Ruleset::Current, ..Objects::default() }
}

fn sysctls(ipv6: bool, redirected: bool) -> BTreeMap<&'static str, Cow<'static, str>> {
    let fixed = sysctl::NAMESPACE.iter().copied().chain([sysctl::early_demux(redirected)]).chain(sysctl::ipv6(ipv6));
    fixed.map(|(path, value)| (path, Cow::Borrowed(value))).collect()
}

/// The mark of packets that are routed by a table, and by the redirects of a subnet that has any.
fn mark(plan: &VpcPlan, table: TableIndex, redirects: Option<RedirectNumber>) -> u32 {
    let guarded = if plan.acls.is_empty() { 0 } else { GUARDED };
    u32::from(table) | guarded | u32::from(redirects.unwrap_or_default()) << REDIRECTS_SHIFT
}

fn link_name(name: &str) -> Result<LinkName, RenderError> {
    LinkName::new(name).ok_or_else(|| RenderError::LinkName { name: name.to_owned() })
}

/// The numbers of all tables: the VPC's own, and one for what comes over each passage.
fn tables(plan: &VpcPlan) -> impl Iterator<Item = TableIndex> {
    plan.tables.keys().copied().chain(plan.passages.values().map(|link| link.table))
}

fn check_numbers(plan: &VpcPlan) -> Result<(), RenderError> {
    let table = plan.tables.get(&0).map(|table| format!("the route table {}", table.id));
    let group = plan.groups.get(&0).map(|_| "a combination of security groups".to_owned());
    let link = plan
        .links
        .iter()
        .find(|(_, link)| link.table == 0 || link.group == 0)
        .map(|(interface, _)| format!("the route table or group of {interface}"));
    let endpoint = plan
        .endpoint_addresses
        .iter()
        .find(|(_, endpoint)| endpoint.group == 0 || endpoint.table == 0)
        .map(|(address, _)| format!("the route table or group of the endpoint address {address}"));
    match table.or(group).or(link).or(endpoint) {
        Some(what) => Err(RenderError::Zero { what }),
        None => Ok(()),
    }
}

fn program_ends(link: &sidegate_plan::Link) -> LinkEnds {
    LinkEnds {
        namespace: link.namespace.clone(),
        end: program_end::name(link.device),
        address: link.address,
        secondary: link.secondary.iter().copied().collect(),
        ipv6: link.ipv6.iter().copied().collect(),
        speaks_ipv6: !link.ipv6.is_empty(),
        prefix: link.prefix,
        gateway: Some(link.gateway),
        mac: link.mac,
        mtu: MTU,
        settled: true,
    }
}

fn passage_ends(passage: &str, link: &PassageLink, speaks_ipv6: bool) -> Result<LinkEnds, RenderError> {
    let end = link_name(&link.end)?;
    let namespace = passage.to_owned();
    Ok(LinkEnds {
        namespace,
        end,
        address: PASSAGE_ADDRESS,
        secondary: BTreeSet::new(),
        ipv6: BTreeSet::new(),
        speaks_ipv6,
        prefix: 32,
        gateway: None,
        mac: PASSAGE_MAC,
        mtu: MTU,
        settled: true,
    })
}

/// Where a route leads that the plan has.
fn route_kind(plan: &VpcPlan, target: &RouteTarget, family: AddressFamily) -> Result<RouteKind, RenderError> {
    Ok(match target {
        RouteTarget::GatewayEndpoint(_) => RouteKind::Local,
        RouteTarget::Blackhole => RouteKind::Blackhole,
        RouteTarget::Local => RouteKind::Throw,
        RouteTarget::Interface { link, address, .. } => RouteKind::Via(link_name(link)?, *address),
        RouteTarget::Passage(name) => match plan.passages.get(name) {
            Some(link) => RouteKind::Via(link_name(&link.name)?, passage_address(family)),
            None => RouteKind::Blackhole,
        },
    })
}

/// The address of a passage at the end of each of its links.
fn passage_address(family: AddressFamily) -> IpAddr {
    match family {
        AddressFamily::Ipv4 => PASSAGE_ADDRESS.into(),
        AddressFamily::Ipv6 => link_local(PASSAGE_MAC).into(),
    }
}

/// Whether a table has routes of a family that lead over links.
fn leads(plan: &VpcPlan, table: &TablePlan, family: AddressFamily) -> bool {
    let mut routes = table.routes.iter().filter(|(destination, _)| destination.family() == family);
    routes.any(|(_, route)| match &route.target {
        RouteTarget::Interface { .. } => true,
        RouteTarget::Passage(name) => plan.passages.contains_key(name),
        RouteTarget::GatewayEndpoint(_) | RouteTarget::Local | RouteTarget::Blackhole => false,
    })
}

/// All routes but those to links.
fn routes(plan: &VpcPlan) -> Result<BTreeMap<RouteKey, RouteKind>, RenderError> {
    let catch_all = |table, destination| RouteKey { table, destination, metric: LAST_METRIC };
    let mut routes = BTreeMap::new();
    // What lies in the VPC and is no interface goes nowhere, whatever the route table says: the local route of AWS.
    for &block in &plan.cidrs {
        routes.insert(catch_all(SHARED_TABLE, block), RouteKind::Blackhole);
    }
    for &address in plan.endpoint_addresses.keys() {
        routes.insert(to_address(address), RouteKind::Local);
    }
    for (&index, table) in &plan.tables {
        let number = FIRST_TABLE + u32::from(index);
        for (&destination, Route { target, .. }) in &table.routes {
            let family = destination.family();
            let key = RouteKey { table: number, destination, metric: first_metric(family) };
            routes.insert(key, route_kind(plan, target, family)?);
        }
    }
    for (&number, redirects) in &plan.redirects {
        let table = FIRST_REDIRECTS + u32::from(number);
        for (&destination, Route { target, .. }) in &redirects.routes {
            let family = destination.family();
            let key = RouteKey { table, destination, metric: first_metric(family) };
            routes.insert(key, route_kind(plan, target, family)?);
            // Whatever becomes of the link meanwhile, the local route is no way out.
            if let RouteTarget::Interface { .. } = target {
                routes.insert(catch_all(table, destination), RouteKind::Blackhole);
            }
        }
    }
    for index in tables(plan) {
        for family in families(plan) {
            routes.insert(catch_all(FIRST_TABLE + u32::from(index), IpCidr::any(family)), RouteKind::Blackhole);
        }
    }
    Ok(routes)
}

/// All elements but those of links.
fn fixed_elements(plan: &VpcPlan) -> Vec<Element> {
    let mut elements = vec![Element::Platform(METADATA_ADDRESS.into(), TCP, HTTP)];
    elements.extend(plan.has_ipv6().then_some(Element::Platform(IPV6_METADATA_ADDRESS.into(), TCP, HTTP)));
    // With `enableDnsSupport` off nothing answers on port 53.
    for address in plan.resolvers() {
        elements.extend([TCP, UDP].map(|protocol| Element::Platform(address, protocol, DNS)));
    }
    elements.extend(prefixes(plan).into_iter().map(Element::Prefix));
    for (&address, endpoint) in &plan.endpoint_addresses {
        elements.push(Element::GroupOf(address, endpoint.group));
        elements.push(Element::Answering(address, mark(plan, endpoint.table, None) | ANSWERED));
        elements.extend((!plan.redirects.is_empty()).then_some(Element::Tracked(address)));
        for (&number, redirects) in &plan.redirects {
            if redirects.lookup(address).is_some_and(|route| route.target == RouteTarget::Blackhole) {
                elements.push(Element::Lost(mark(plan, redirects.table, Some(number)), address));
            }
        }
        elements.extend(endpoint.acl.map(|acl| Element::EndpointAcl(address, acl)));
        elements.extend(plan.watched.get(&endpoint.interface).map(|&number| Element::WatchedHere(address, number)));
    }
    elements.extend(unlogged(plan).into_iter().map(Element::Unlogged));
    for family in families(plan) {
        elements.extend(plan.service_ports().into_iter().map(|port| Element::ServicePort(family, port)));
        let leading = plan.tables.iter().filter(|(_, table)| leads(plan, table, family));
        elements.extend(leading.map(|(&index, _)| Element::Leading(family, mark(plan, index, None))));
        for (&number, redirects) in &plan.redirects {
            elements.push(Element::Leading(family, mark(plan, redirects.table, Some(number))));
        }
        let open =
            [Direction::Ingress, Direction::Egress].map(|way| Element::Permit(way, OPEN_GROUP, Permit::any(family)));
        elements.extend(open);
    }
    for (&acl, rules) in &plan.acls {
        let crossing = |way, permits: &[Permit]| {
            permits.iter().map(|&permit| Element::Crossing(way, acl, permit)).collect::<Vec<_>>()
        };
        elements.extend(crossing(Direction::Ingress, &rules.ingress));
        elements.extend(crossing(Direction::Egress, &rules.egress));
    }
    for (&group, rules) in &plan.groups {
        let permits = |direction, permits: &[_]| {
            permits.iter().map(|&permit| Element::Permit(direction, group, permit)).collect::<Vec<_>>()
        };
        elements.extend(permits(Direction::Ingress, &rules.ingress));
        elements.extend(permits(Direction::Egress, &rules.egress));
    }
    elements
}

/// The addresses whose traffic flow logs leave out, in a VPC that has any: the router's, the resolver's, those of the
/// metadata and the time service.
///
/// Source: VPC user guide, "Flow log limitations".
fn unlogged(plan: &VpcPlan) -> BTreeSet<IpAddr> {
    if plan.watched.is_empty() {
        return BTreeSet::new();
    }
    let time = families(plan).map(|family| match family {
        AddressFamily::Ipv4 => IpAddr::V4(TIME_ADDRESS),
        AddressFamily::Ipv6 => IpAddr::V6(IPV6_TIME_ADDRESS),
    });
    plan.router.iter().copied().chain(plan.resolvers()).chain(time).collect()
}

/// The prefixes of gateway endpoints. Blocks may hold one another; the kernel's intervals must not.
fn prefixes(plan: &VpcPlan) -> Vec<IpRange> {
    let (mut ipv4, mut ipv6) = (Vec::new(), Vec::new());
    for block in &plan.gateway_prefixes {
        match block.range() {
            IpRange::V4(range) => ipv4.push(range),
            IpRange::V6(range) => ipv6.push(range),
        }
    }
    let ipv4 = Ipv4Range::union(ipv4).into_iter().map(IpRange::V4);
    ipv4.chain(Ipv6Range::union(ipv6).into_iter().map(IpRange::V6)).collect()
}
