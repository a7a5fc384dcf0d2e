//! From hops to components, there and back.

use sidegate_model::{
    Attachment, ComponentId, Deciding, Direction, FINAL_IPV4_ENTRY, IpCidr, IpProtocol, Ipv4Cidr, MetRoute,
    NetworkAclEntry, NetworkInterfaceId, PacketHeader, PathComponent, Route, RouteTableId, RouteTarget, RuleAction,
    VpcId,
};

use super::attempt::Attempt;
use super::end::Sender;
use super::explain::detail;
use super::site::Site;
use crate::analyze::{Candidate, Hop, Leg, RouteChoice, Rule, Step};

/// What a packet passes on its way there: from its source to the goal, or to where it is stopped.
pub(super) fn forward(site: &Site<'_>, attempt: &Attempt<'_>) -> Vec<PathComponent> {
    let mut components: Vec<PathComponent> = Vec::new();
    let mut header = attempt.left.clone();
    for hop in attempt.there() {
        let before = components.len();
        let next = Attempt::after(&header, hop);
        components.extend(of_hop(site, hop));
        if let Some(own) = components.get_mut(before..).and_then(<[_]>::last_mut) {
            own.details.extend(hop.notes.iter().filter_map(|code| detail(*code)));
            if next != header {
                own.outbound = Some(next.clone());
            }
        }
        header = next;
    }
    bounded(site, attempt, components)
}

/// Puts the instances before and behind the interfaces at the ends of a path, and the headers on both.
fn bounded(site: &Site<'_>, attempt: &Attempt<'_>, mut components: Vec<PathComponent>) -> Vec<PathComponent> {
    let definition = &site.path.definition;
    match attempt.sender {
        Sender::Interface(_) => {
            if let ComponentId::Instance(id) = &definition.source.id {
                components.insert(0, PathComponent::new(site.named(id.clone())));
            }
            if let Some(first) = components.first_mut() {
                first.outbound = Some(attempt.left.clone());
            }
        }
        Sender::Gateway(..) => {
            if let Some(first) = components.first_mut() {
                first.inbound = Some(attempt.left.clone());
            }
        }
    }
    if !attempt.arrives {
        return components;
    }
    if let Some(ComponentId::Instance(id)) = definition.destination.as_ref().map(|end| &end.id) {
        components.push(PathComponent::new(site.named(id.clone())));
    }
    let takes = |own: &PathComponent| {
        matches!(
            own.component.component.id,
            ComponentId::Instance(_) | ComponentId::NetworkInterface(_) | ComponentId::VpcEndpoint(_)
        )
    };
    if let Some(last) = components.last_mut().filter(|own| takes(own)) {
        last.inbound = Some(attempt.arriving());
    }
    components
}

/// What answers pass on their way back. Groups and gateways remember what they answer; network ACLs and route tables do
/// not.
pub(super) fn back(site: &Site<'_>, attempt: &Attempt<'_>, forward: &[PathComponent]) -> Vec<PathComponent> {
    if !attempt.arrives {
        return Vec::new();
    }
    let mut met: Vec<&Hop> = attempt.hops.iter().filter(|hop| hop.leg == Leg::Back).collect();
    let mut back = Vec::new();
    for own in forward.iter().rev() {
        match &own.component.component.id {
            ComponentId::NetworkAcl(_) => {
                let Some(Deciding::Acl(passed)) = &own.deciding else { continue };
                let is_it = |hop: &&Hop| match &hop.step {
                    Step::NetworkAcl { acl, direction, .. } => {
                        ComponentId::from(acl.clone()) == own.component.component.id && *direction != passed.direction
                    }
                    _ => false,
                };
                let Some(place) = met.iter().position(is_it) else { continue };
                back.extend(of_hop(site, met.remove(place)));
                // The table of the same subnet is asked next.
                let subnet = own.subnet.as_ref().map(|own| own.component.id.as_str());
                let is_next = |hop: &&Hop| match &hop.step {
                    Step::Routes(choice) => Some(choice.subnet.as_str()) == subnet,
                    _ => false,
                };
                while let Some(place) = met.iter().position(is_next) {
                    back.extend(of_hop(site, met.remove(place)));
                }
            }
            ComponentId::RouteTable(_) => {}
            _ => back.push(PathComponent { deciding: None, details: Vec::new(), ..answered(own) }),
        }
    }
    let left = attempt.arriving().answered();
    match back.first_mut() {
        // What answers over a gateway or a peering connection comes in there.
        Some(first) if is_passage(first) => first.inbound = Some(left),
        Some(first) => first.outbound = Some(left),
        None => {}
    }
    back
}

/// A component with the headers of the answers: what comes in goes out, and the other way round.
fn answered(own: &PathComponent) -> PathComponent {
    let between = own.between.clone().map(|[source, destination]| [destination, source]);
    PathComponent {
        inbound: own.outbound.as_ref().filter(|_| is_end(own)).map(PacketHeader::answered),
        outbound: own.inbound.as_ref().map(PacketHeader::answered),
        between,
        ..own.clone()
    }
}

/// Whether packets begin or end there.
fn is_end(own: &PathComponent) -> bool {
    matches!(own.component.component.id, ComponentId::Instance(_) | ComponentId::NetworkInterface(_))
}

/// Whether packets pass it from or to elsewhere.
fn is_passage(own: &PathComponent) -> bool {
    matches!(
        own.component.component.id,
        ComponentId::InternetGateway(_) | ComponentId::Peering(_) | ComponentId::VpnGateway(_)
    )
}

/// The components of a hop.
fn of_hop(site: &Site<'_>, hop: &Hop) -> Vec<PathComponent> {
    let of_vpc = |id: ComponentId, vpc: Option<&VpcId>| PathComponent {
        vpc: vpc.map(|vpc| site.named(vpc.clone())),
        ..PathComponent::new(site.named(id))
    };
    let world = site.world;
    match &hop.step {
        Step::Source { interface, .. } | Step::Interface { interface, .. } | Step::Appliance { interface } => {
            vec![of_interface(site, interface)]
        }
        Step::SecurityGroups { interface, groups, rule, .. } => {
            let group = rule.as_ref().map(|rule| &rule.group).or_else(|| groups.first());
            let vpc = world.interfaces.get(interface).map(|own| &own.vpc);
            let deciding = rule.as_ref().and_then(|rule| group_rule(site, rule));
            let component = group.map(|group| of_vpc(group.clone().into(), vpc));
            component.map(|own| PathComponent { deciding, ..own }).into_iter().collect()
        }
        Step::NetworkAcl { acl, subnet, direction, entry, .. } => {
            let number = entry.as_ref().map(|entry| entry.number);
            let deciding = acl_entry(site, acl, *direction, number);
            let subnet_named = site.named(subnet.clone());
            let own = of_vpc(acl.clone().into(), site.vpc_of(subnet));
            vec![PathComponent { deciding: Some(Deciding::Acl(deciding)), subnet: Some(subnet_named), ..own }]
        }
        Step::Routes(choice) => {
            let own = of_vpc(choice.table.clone().into(), site.vpc_of(&choice.subnet));
            vec![PathComponent { deciding: met_route(site, choice).map(Deciding::Route), ..own }]
        }
        Step::IngressRoutes(choice) => {
            let vpc = world.internet_gateways.get(&choice.gateway).and_then(|own| own.vpc.as_ref());
            let own = of_vpc(choice.table.clone().into(), vpc);
            let route = choice.chosen.as_ref().and_then(|own| route_of(site, &choice.table, own));
            vec![PathComponent { deciding: route.map(Deciding::Route), ..own }]
        }
        Step::NatGateway { gateway, interface, .. } => {
            let interface = world.interfaces.get(interface);
            let own = of_vpc(gateway.clone().into(), interface.map(|own| &own.vpc));
            vec![PathComponent { subnet: interface.map(|own| site.named(own.subnet.clone())), ..own }]
        }
        Step::InternetGateway { gateway, .. } => {
            let vpc = world.internet_gateways.get(gateway).and_then(|own| own.vpc.as_ref());
            vec![of_vpc(gateway.clone().into(), vpc)]
        }
        Step::EgressOnlyInternetGateway { gateway, .. } => {
            let vpc = world.egress_only_internet_gateways.get(gateway).map(|own| &own.vpc);
            vec![of_vpc(gateway.clone().into(), vpc)]
        }
        Step::Peering { peering, to } => {
            let from = world.peerings.get(peering).and_then(|own| own.beyond(to)).map(|own| own.vpc.clone());
            let between = from.map(|from| [site.named(from), site.named(to.clone())]);
            vec![PathComponent { between, ..of_vpc(peering.clone().into(), None) }]
        }
        Step::Endpoint(met) => {
            let endpoint = world.endpoints.get(&met.endpoint);
            let own = of_vpc(met.endpoint.clone().into(), endpoint.map(|own| &own.vpc));
            let own = PathComponent { service_name: endpoint.map(sidegate_model::Endpoint::service_name), ..own };
            met.interface.iter().map(|interface| of_interface(site, interface)).chain([own]).collect()
        }
        Step::Name(_)
        | Step::Outside { .. }
        | Step::Platform { .. }
        | Step::Nobody { .. }
        | Step::Internet { .. }
        | Step::Service { .. }
        | Step::Listener { .. }
        | Step::ServerName { .. }
        | Step::Policy(_) => Vec::new(),
    }
}

fn of_interface(site: &Site<'_>, id: &NetworkInterfaceId) -> PathComponent {
    let own = PathComponent::new(site.named(id.clone()));
    let Some(interface) = site.world.interfaces.get(id) else { return own };
    let attached_to = match &interface.attachment {
        Attachment::Instance { instance, .. } => Some(site.named(instance.clone())),
        Attachment::Endpoint(endpoint) => Some(site.named(endpoint.clone())),
        Attachment::NatGateway(gateway) => Some(site.named(gateway.clone())),
        Attachment::None | Attachment::Program | Attachment::Functions(_) => None,
    };
    PathComponent {
        attached_to,
        subnet: Some(site.named(interface.subnet.clone())),
        vpc: Some(site.named(interface.vpc.clone())),
        ..own
    }
}

fn group_rule(site: &Site<'_>, rule: &Rule) -> Option<Deciding> {
    let group = site.world.security_groups.get(&rule.group)?;
    let found = group.rules.iter().find(|own| own.id == rule.id)?;
    Some(Deciding::SecurityGroup { group: group.id.clone(), rule: found.rule.clone() })
}

/// An entry of an ACL; the last one, which denies, if it has no number.
pub(super) fn acl_entry(
    site: &Site<'_>, acl: &sidegate_model::NetworkAclId, direction: Direction, number: Option<u16>,
) -> NetworkAclEntry {
    let acl = site.world.network_acls.get(acl);
    let own = acl.and_then(|acl| acl.entries_of(direction).find(|own| Some(own.number) == number));
    own.cloned().unwrap_or(NetworkAclEntry {
        direction,
        number: FINAL_IPV4_ENTRY,
        action: RuleAction::Deny,
        protocol: IpProtocol::All,
        cidr: IpCidr::V4(Ipv4Cidr::ANY),
        ports: None,
    })
}

/// The route that a table has for a packet.
pub(super) fn met_route(site: &Site<'_>, choice: &RouteChoice) -> Option<MetRoute> {
    route_of(site, &choice.table, choice.chosen.as_ref()?)
}

/// The route of a table with this destination and target.
pub(super) fn route_of(site: &Site<'_>, table: &RouteTableId, wanted: &Candidate) -> Option<MetRoute> {
    let table = site.world.route_tables.get(table)?;
    let is_it =
        |own: &Route| own.destination.to_string() == wanted.destination && target_text(&own.target) == wanted.target;
    let route = site.world.routes(table).into_iter().find(is_it)?;
    let state = site.world.route_state(table, &route.target);
    Some(MetRoute { route, state })
}

fn target_text(target: &RouteTarget) -> &str {
    match target {
        RouteTarget::Local => "local",
        RouteTarget::GatewayEndpoint(id) => id.as_str(),
        RouteTarget::Interface(id) => id.as_str(),
        RouteTarget::InternetGateway(id) => id.as_str(),
        RouteTarget::EgressOnlyInternetGateway(id) => id.as_str(),
        RouteTarget::VpnGateway(id) => id.as_str(),
        RouteTarget::NatGateway(id) => id.as_str(),
        RouteTarget::Peering(id) => id.as_str(),
    }
}
