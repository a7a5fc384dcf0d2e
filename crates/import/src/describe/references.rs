//! What is done once everything is read: what is missing is made up for where the rest tells it, numbers are given, and
//! what refers to nothing is told and leaves open what hangs on it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use sidegate_model::{
    Attachment, Destination, Direction, IpCidr, NetworkInterface, NewRule, Peer, PeeringState, RouteTarget,
    SecurityGroupId, SubnetId, VpcEndpointId, VpcId, VpcPeeringConnectionId,
};

use super::kind::Kind;
use super::places::NOBODY;
use super::reading::Reading;
use super::{name_servers, told_routes, vpc};
use crate::{Bearing, RuleTraffic};

/// Why something is not known that is described elsewhere.
const UNDESCRIBED: &str = "no file describes it";

pub(super) fn settle(reading: &mut Reading) {
    rebuild_vpcs(reading);
    lend_addresses(reading);
    number_tables(reading);
    number_groups(reading);
    told_routes::settle(reading);
    check_vpcs(reading);
    check_subnets(reading);
    check_interfaces(reading);
    check_groups(reading);
    check_endpoints(reading);
    check_others(reading);
    hide_addresses(reading);
}

/// Makes the VPCs that no file describes from what is in them: their blocks are those of the local routes.
fn rebuild_vpcs(reading: &mut Reading) {
    let world = &reading.world;
    let named = world.subnets.iter().map(|subnet| &subnet.vpc).chain(world.route_tables.iter().map(|table| &table.vpc));
    let missing: BTreeSet<VpcId> = named.filter(|vpc| world.vpcs.get(vpc).is_none()).cloned().collect();
    let mut local: BTreeMap<VpcId, BTreeSet<Destination>> =
        missing.into_iter().map(|id| (id, BTreeSet::new())).collect();
    for told in reading.routes.iter().filter(|told| told.route.target == RouteTarget::Local) {
        let vpc = reading.world.route_tables.get(&told.table).map(|table| &table.vpc);
        if let Some(blocks) = vpc.and_then(|vpc| local.get_mut(vpc)) {
            blocks.insert(told.route.destination.clone());
        }
    }
    for (id, local) in local {
        let mut ipv4 = local.iter().filter_map(|to| match to {
            Destination::Cidr(block) => Some(*block),
            Destination::Ipv6(_) | Destination::PrefixList(_) => None,
        });
        let (Some(first), Some(scope)) = (ipv4.next(), reading.places.scope_of_vpc(id.as_str())) else { continue };
        let mut made = vpc::bare(&id, &scope, first);
        made.secondary_cidrs = ipv4.enumerate().map(|(at, cidr)| vpc::block_of(&id, at, cidr)).collect();
        let ipv6 = local.iter().filter_map(|to| match to {
            Destination::Ipv6(block) => Some(*block),
            Destination::Cidr(_) | Destination::PrefixList(_) => None,
        });
        made.ipv6_cidrs = ipv6.enumerate().map(|(at, cidr)| vpc::block_of(&id, at, cidr)).collect();
        if let Some(acl) = reading.world.network_acls.of_vpc(&id).find(|acl| acl.is_default) {
            made.network_acl = acl.id.clone();
        }
        reading.world.vpcs.insert(made);
        let why = "no file describes it; its blocks are those of the local routes of its tables";
        reading.open(id.as_str(), "its DHCP options and all but its blocks", why, Bearing::Names);
    }
}

/// Elastic IP addresses that are in no list of addresses are taken from the interfaces that have them.
fn lend_addresses(reading: &mut Reading) {
    for lent in std::mem::take(&mut reading.lent) {
        let (told, interface) = (lent.elastic(), lent.association.interface);
        match reading.world.elastic_ips.get(&told.id) {
            None => reading.world.elastic_ips.insert(told),
            Some(known) if known.association == told.association && known.address == told.address => {}
            Some(_) => {
                let what = format!("whether it has the address {}", told.address);
                let why = format!("{} is told otherwise", told.id);
                reading.open(interface.as_str(), what, why, Bearing::Flow);
            }
        }
    }
}

/// Gives each table its number in the VPC.
fn number_tables(reading: &mut Reading) {
    let mut last: BTreeMap<VpcId, u16> = BTreeMap::new();
    let tables: Vec<_> = reading.world.route_tables.iter().map(|table| (table.id.clone(), table.vpc.clone())).collect();
    for (table, vpc) in tables {
        let number = last.entry(vpc.clone()).or_default();
        // More than AWS allows would be needed to come to an end of the numbers.
        *number = number.saturating_add(1);
        reading.world.route_tables.update(&table, |table| table.index = *number);
        reading.world.vpcs.update(&vpc, |vpc| vpc.last_table = *number);
    }
}

/// Gives each combination of groups its number in the VPC.
fn number_groups(reading: &mut Reading) {
    let mut numbers: BTreeMap<VpcId, BTreeMap<Vec<SecurityGroupId>, u16>> = BTreeMap::new();
    let mut given = Vec::new();
    for interface in reading.world.interfaces.iter().filter(|interface| !interface.groups.is_empty()) {
        let mut groups = interface.groups.clone();
        groups.sort();
        let of_vpc = numbers.entry(interface.vpc.clone()).or_default();
        let next = u16::try_from(of_vpc.len() + 1).ok();
        match of_vpc.get(&groups).copied().or(next) {
            Some(number) => {
                of_vpc.insert(groups, number);
                given.push((interface.id.clone(), number));
            }
            None => given.push((interface.id.clone(), 0)),
        }
    }
    // The number of a combination is that of the first interface with it, so that none may keep its old one meanwhile.
    let taken = |(id, number)| Some((reading.world.interfaces.remove(&id)?, number));
    let taken: Vec<_> = given.into_iter().filter_map(taken).collect();
    for (interface, number) in taken {
        if number == 0 {
            let why = "its VPC has more combinations of security groups than can be told apart";
            reading.open(interface.id.as_str(), "what it lets through", why, Bearing::Flow);
        }
        reading.world.interfaces.insert(NetworkInterface { group_number: number, ..Arc::unwrap_or_clone(interface) });
    }
}

/// What is not known of VPCs as a whole.
fn check_vpcs(reading: &mut Reading) {
    let incomplete = reading.incomplete.clone();
    let vpcs: Vec<_> = reading.world.vpcs.iter().cloned().collect();
    for vpc in vpcs {
        let id = vpc.id.as_str();
        let told = reading.dns.get(&vpc.id).copied().unwrap_or_default();
        let shown = reading.with_public_names.contains(&vpc.id).then_some(true);
        let [support, hostnames] = told.map(|told| told.or(shown));
        reading.world.vpcs.update(&vpc.id, |vpc| {
            vpc.dns_support = support.unwrap_or(vpc.dns_support);
            vpc.dns_hostnames = hostnames.unwrap_or(vpc.dns_hostnames);
        });
        let why = "describe-vpcs does not tell it; describe-vpc-attribute does";
        if vpc.scope.account.as_str() == NOBODY {
            reading.assume(id, "its account", "no file names one", NOBODY, Bearing::Requests);
        }
        if support.is_none() {
            reading.assume(id, "enableDnsSupport", why, "true", Bearing::Names);
        }
        if hostnames.is_none() {
            reading.assume(id, "enableDnsHostnames", why, "false", Bearing::Names);
        }
        name_servers::check(reading, &vpc);
        if incomplete.contains(&Kind::VpcEndpoints) {
            reading.hide_endpoints(id);
        }
        if incomplete.contains(&Kind::NetworkInterfaces) {
            reading.hide_interfaces(id);
        }
    }
    let blocked = std::mem::take(&mut reading.public_access_blocked);
    let world = &reading.world;
    let internet = blocked.iter().flat_map(|vpc| world.internet_gateways.of_vpc(vpc)).map(|own| own.id.to_string());
    let egress_only = blocked.iter().flat_map(|vpc| world.egress_only_internet_gateways.of_vpc(vpc));
    let gateways: Vec<String> = internet.chain(egress_only.map(|own| own.id.to_string())).collect();
    for gateway in gateways {
        let why = "the model does not know it, and it is on";
        reading.open(&gateway, "what Block Public Access lets through", why, Bearing::Flow);
    }
}

fn check_subnets(reading: &mut Reading) {
    let incomplete = reading.incomplete.clone();
    let subnets: Vec<_> = reading.world.subnets.iter().cloned().collect();
    let tables: Vec<_> = reading.world.route_tables.iter().cloned().collect();
    let explicit: BTreeSet<&SubnetId> = tables.iter().flat_map(|table| table.associations.values()).collect();
    let with_main: BTreeSet<&VpcId> =
        tables.iter().filter(|table| table.main.is_some()).map(|table| &table.vpc).collect();
    for subnet in &subnets {
        let id = subnet.id.as_str();
        if reading.world.vpcs.get(&subnet.vpc).is_none() {
            reading.dangling(id, subnet.vpc.as_str());
            reading.open(id, format!("its VPC {}", subnet.vpc), UNDESCRIBED, Bearing::Flow);
        }
        if explicit.contains(&subnet.id) {
            // It has a table, whatever else is not described.
        } else if !with_main.contains(&subnet.vpc) {
            let why = if incomplete.contains(&Kind::RouteTables) {
                "the output of describe-route-tables is missing or not whole"
            } else {
                "no file describes one that is associated with it, or the main one of its VPC"
            };
            reading.open(id, "its route table", why, Bearing::Flow);
        } else if incomplete.contains(&Kind::RouteTables) {
            let why = "the output of describe-route-tables is missing or not whole";
            reading.open(id, "whether it has a route table of its own", why, Bearing::Flow);
        }
        let acl = subnet.network_acl.as_ref();
        if acl.is_none_or(|association| reading.world.network_acls.get(&association.acl).is_none()) {
            let why = if incomplete.contains(&Kind::NetworkAcls) {
                "the output of describe-network-acls is missing or not whole"
            } else {
                "no file describes one that is associated with it"
            };
            reading.open(id, "its network ACL", why, Bearing::Flow);
        }
    }
}

fn check_interfaces(reading: &mut Reading) {
    let interfaces: Vec<_> = reading.world.interfaces.iter().cloned().collect();
    for interface in interfaces {
        let id = interface.id.as_str();
        for missing in missing_of(reading, &interface) {
            reading.dangling(id, &missing);
            reading.open(id, missing, UNDESCRIBED, Bearing::Flow);
        }
        if let Attachment::Endpoint(endpoint) = &interface.attachment
            && reading.world.endpoints.get(endpoint).is_none()
            && is_told(reading, endpoint)
        {
            reading.open(id, "what is behind it", format!("{endpoint} is not known in full"), Bearing::Flow);
        }
    }
    let instances: Vec<_> = reading.world.instances.iter().cloned().collect();
    for instance in instances.iter().filter(|instance| instance.interface.is_none()) {
        let why = "no file describes one that is attached to it";
        reading.open(instance.id.as_str(), "its first network interface", why, Bearing::Flow);
    }
    let elastic: Vec<_> = reading.world.elastic_ips.iter().cloned().collect();
    for elastic in elastic {
        let Some(association) = &elastic.association else { continue };
        let known = reading.world.interfaces.get(&association.interface);
        if known.is_none_or(|interface| !interface.addresses().any(|own| own == association.private)) {
            reading.dangling(elastic.id.as_str(), association.interface.as_str());
        }
    }
}

/// Whether a file tells of an endpoint, be it one that the model has no place for.
fn is_told(reading: &Reading, endpoint: &VpcEndpointId) -> bool {
    reading.world.endpoints.get(endpoint).is_some() || !reading.unknown.of(endpoint.as_str()).is_empty()
}

/// What an interface refers to and no file describes.
fn missing_of(reading: &Reading, interface: &NetworkInterface) -> Vec<String> {
    let world = &reading.world;
    let subnet = world.subnets.get(&interface.subnet).filter(|subnet| subnet.vpc == interface.vpc);
    let mut missing: Vec<String> = Vec::new();
    missing.extend(subnet.is_none().then(|| interface.subnet.to_string()));
    let groups = interface.groups.iter().filter(|group| world.security_groups.get(group).is_none());
    missing.extend(groups.map(ToString::to_string));
    match &interface.attachment {
        Attachment::Instance { instance, .. } if world.instances.get(instance).is_none() => {
            missing.push(instance.to_string());
        }
        Attachment::Endpoint(endpoint) if !is_told(reading, endpoint) => missing.push(endpoint.to_string()),
        Attachment::NatGateway(gateway) if world.nat_gateways.get(gateway).is_none() => {
            missing.push(gateway.to_string());
        }
        _ => {}
    }
    missing
}

/// Whether a peering connection is no more, as it or a rule says.
fn is_gone(reading: &Reading, peering: &VpcPeeringConnectionId) -> bool {
    use PeeringState::{Deleted, Expired, Rejected};
    let known = reading.world.peerings.get(peering);
    reading.gone_peerings.contains(peering)
        || known.is_some_and(|own| matches!(own.state, Deleted(_) | Expired | Rejected))
}

fn check_groups(reading: &mut Reading) {
    let groups: Vec<_> = reading.world.security_groups.iter().cloned().collect();
    for group in groups {
        let id = group.id.as_str();
        if reading.world.vpcs.get(&group.vpc).is_none() {
            reading.dangling(id, group.vpc.as_str());
        }
        for rule in &group.rules {
            let missing = match &rule.rule.peer {
                Peer::Group(peer) => reading.world.security_groups.get(peer).is_none().then(|| peer.to_string()),
                Peer::PrefixList(list) => (!reading.whole_lists.contains(list)).then(|| list.to_string()),
                Peer::Cidr(_) | Peer::Cidr6(..) => None,
            };
            // A rule by a peering connection that is gone lets nobody through.
            let is_gone = rule.beyond.as_ref().is_some_and(|beyond| is_gone(reading, &beyond.peering));
            if let Some(missing) = missing.filter(|_| !is_gone) {
                let what = format!("whom its rule {} lets through: {missing}", rule.id);
                let NewRule { direction, protocol, ports, .. } = rule.rule;
                let traffic = RuleTraffic { direction, protocol, ports };
                reading.open(id, what, UNDESCRIBED, Bearing::Rule(traffic));
            }
            if rule.rule.direction == Direction::Egress && told_routes::is_partial_public(&rule.rule.peer) {
                let what =
                    format!("whether {} of its rule {} holds the addresses of services", rule.rule.peer, rule.id);
                reading.open(id, what, told_routes::NO_ADDRESSES, Bearing::Services);
            }
        }
    }
    let acls: Vec<_> = reading.world.network_acls.iter().cloned().collect();
    for acl in acls {
        for entry in acl.entries().iter().filter(|entry| told_routes::is_partial_public_block(entry.cidr)) {
            let what = format!("whether {} of its entry {} holds the addresses of services", entry.cidr, entry.number);
            reading.open(acl.id.as_str(), what, told_routes::NO_ADDRESSES, Bearing::Services);
        }
    }
}

fn check_endpoints(reading: &mut Reading) {
    let endpoints: Vec<_> = reading.world.endpoints.iter().cloned().collect();
    for endpoint in endpoints {
        let id = endpoint.id.as_str();
        let mut missing: Vec<String> = Vec::new();
        missing.extend(reading.world.vpcs.get(&endpoint.vpc).is_none().then(|| endpoint.vpc.to_string()));
        let groups = endpoint.groups().iter().filter(|group| reading.world.security_groups.get(group).is_none());
        missing.extend(groups.map(ToString::to_string));
        for missing in missing {
            reading.dangling(id, &missing);
            reading.open(id, missing, UNDESCRIBED, Bearing::Flow);
        }
        // What leads to an endpoint's interfaces meets them, and need not meet the endpoint.
        let open: Vec<_> =
            reading.unknown.of(id).iter().filter(|open| open.bearing == Bearing::Flow).cloned().collect();
        for interface in endpoint.interface().into_iter().flat_map(|own| own.interfaces.values()) {
            for open in &open {
                let what = format!("{id}: {}", open.what);
                reading.open(interface.as_str(), what, open.why.clone(), Bearing::Flow);
            }
        }
    }
}

/// Gateways and peering connections whose VPCs no file describes.
fn check_others(reading: &mut Reading) {
    let world = &reading.world;
    let nats = world.nat_gateways.iter().filter(|nat| nat.is_available());
    let nats = nats.filter(|nat| nat.interface.as_ref().is_none_or(|own| world.interfaces.get(own).is_none()));
    let nats: Vec<String> = nats.map(|nat| nat.id.to_string()).collect();
    let peerings: Vec<(String, VpcId)> = world
        .active_peerings()
        .flat_map(|peering| peering.sides().map(|side| (peering.id.to_string(), side.vpc.clone())))
        .filter(|(_, vpc)| world.vpcs.get(vpc).is_none())
        .collect();
    for nat in nats {
        reading.open(&nat, "its addresses", "it names none, and no interface", Bearing::Flow);
    }
    for (peering, vpc) in peerings {
        reading.open(&peering, format!("the VPC {vpc} behind it"), UNDESCRIBED, Bearing::Flow);
        reading.open(vpc.as_str(), "all of it", UNDESCRIBED, Bearing::Flow);
    }
}

/// What goes to the address of an interface of which something is open may not meet the interface, since the plan has none
/// there: it is open in the whole VPC.
fn hide_addresses(reading: &mut Reading) {
    let mut hidden: BTreeMap<VpcId, Vec<IpCidr>> = BTreeMap::new();
    for interface in reading.world.interfaces.iter() {
        let open = reading.unknown.of(interface.id.as_str());
        if open.iter().any(|unknown| unknown.bearing == Bearing::Flow) {
            let ipv4 = interface.addresses().map(IpAddr::from);
            let addresses = ipv4.chain(interface.ipv6.iter().copied().map(IpAddr::from)).map(IpCidr::host);
            hidden.entry(interface.vpc.clone()).or_default().extend(addresses);
        }
    }
    for (vpc, addresses) in hidden {
        let why = "not all is known of the interfaces that have them";
        reading.open(vpc.as_str(), "what is behind some of its addresses", why, Bearing::Destinations(addresses));
    }
}
