//! Explanations: from what stopped a packet to the code that Reachability Analyzer has for it, with what it rests on.

use std::net::IpAddr;

use sidegate_model::{
    AccountId, ComponentId, Deciding, Direction, Explanation, ExplanationCode, InternetGatewayId, NetworkInterfaceId,
    PortSpan, VpcId,
};

use super::attempt::{Attempt, is_at};
use super::component::{acl_entry, met_route, route_of};
use super::site::Site;
use crate::analyze::{Code, Hop, IngressChoice, Leg, RouteChoice, Step, Unknown, is_let_out};
use crate::service_ports;

/// Why a packet does not count as one that arrives.
pub(super) struct Refusal {
    pub(super) explanation: Explanation,
    /// The account of what lies beyond, which is not looked at.
    pub(super) beyond: Option<AccountId>,
}

/// Why a packet does not arrive as the path wants it; `None` if it does.
pub(super) fn refusal(site: &Site<'_>, attempt: &Attempt<'_>) -> Option<Explanation> {
    if let Some(hop) = attempt.hops.iter().find(|hop| hop.blocks.is_some() && !attempt.arrives) {
        return Some(stopped(site, attempt, hop));
    }
    if !attempt.arrives {
        return Some(elsewhere(site, attempt));
    }
    let (wanted, arriving) = (site.at_destination(), attempt.arriving());
    let (code, address) = if !is_at(arriving.source, wanted.source_address) {
        (ExplanationCode::FilterAtDestinationSourceAddress, wanted.source_address)
    } else if !is_at(arriving.destination, wanted.destination_address) {
        (ExplanationCode::FilterAtDestinationDestinationAddress, wanted.destination_address)
    } else {
        return None;
    };
    let destination = site.path.definition.destination.as_ref().map(|end| site.named(end.id.clone()));
    Some(Explanation { address, destination, ..Explanation::new(code) })
}

/// What stops a packet at a hop.
fn stopped(site: &Site<'_>, attempt: &Attempt<'_>, hop: &Hop) -> Explanation {
    let world = site.world;
    let code = hop.blocks.map_or(ExplanationCode::NoPath, code_of);
    let mut explanation = Explanation::new(code);
    let vpc = |id: &VpcId| Some(site.named(id.clone()));
    match &hop.step {
        Step::SecurityGroups { interface, direction, groups, .. } => {
            at_interface(site, &mut explanation, interface);
            explanation.direction = Some(*direction);
            explanation.security_groups = groups.iter().map(|group| site.named(group.clone())).collect();
        }
        Step::NetworkAcl { acl, subnet, direction, entry, .. } => {
            let number = entry.as_ref().filter(|_| hop.leg == Leg::There || !lets_through(hop)).map(|own| own.number);
            explanation.acl = Some(site.named(acl.clone()));
            explanation.deciding = Some(Deciding::Acl(acl_entry(site, acl, *direction, number)));
            explanation.direction = Some(*direction);
            explanation.subnet = Some(site.named(subnet.clone()));
            explanation.vpc = site.vpc_of(subnet).and_then(vpc);
        }
        // An answer that a route takes elsewhere ends where it would as a packet.
        Step::Routes(choice) if hop.leg == Leg::Back && code == ExplanationCode::NoRouteToDestination => {
            at_table(site, &mut explanation, choice);
            let chosen = choice.chosen.as_ref().and_then(|own| own.target.parse::<InternetGatewayId>().ok());
            if let (Some(gateway), Some(code)) = (chosen, is_let_out(choice.address)) {
                explanation = Explanation::new(code_of(code));
                explanation.address = v4(choice.address);
                at_gateway(site, &mut explanation, &gateway);
            }
        }
        Step::Routes(choice) => {
            at_table(site, &mut explanation, choice);
            explanation.deciding = met_route(site, choice).map(Deciding::Route);
        }
        Step::IngressRoutes(choice) => at_ingress_table(site, &mut explanation, choice),
        Step::InternetGateway { gateway, direction, private, public } => {
            at_gateway(site, &mut explanation, gateway);
            explanation.address = match (direction, code) {
                (Direction::Egress, ExplanationCode::IgwPublicIpAssociationForEgress) => v4(*private),
                (Direction::Egress, _) => Some(attempt.left.destination.first()),
                (Direction::Ingress, _) => public.and_then(v4),
            };
        }
        Step::NatGateway { gateway, interface, .. } => {
            explanation.component = Some(site.named(gateway.clone()));
            explanation.vpc = world.interfaces.get(interface).and_then(|own| vpc(&own.vpc));
        }
        Step::Peering { peering, to } => {
            explanation.component = Some(site.named(peering.clone()));
            explanation.cidrs = world.vpcs.get(to).map(|own| own.cidrs().collect()).unwrap_or_default();
        }
        Step::Endpoint(met) => {
            explanation.component = Some(site.named(met.endpoint.clone()));
            explanation.vpc = world.endpoints.get(&met.endpoint).and_then(|own| vpc(&own.vpc));
            explanation.protocols = vec![6];
            explanation.port_ranges =
                service_ports(met.service).map(|port| PortSpan { from: port, to: port }).collect();
        }
        Step::Source { interface, .. } | Step::Interface { interface, .. } | Step::Appliance { interface } => {
            at_interface(site, &mut explanation, interface);
        }
        Step::Outside { .. }
        | Step::Platform { .. }
        | Step::Nobody { .. }
        | Step::Internet { .. }
        | Step::Service { .. }
        | Step::Listener { .. }
        | Step::EgressOnlyInternetGateway { .. }
        | Step::Name(_)
        | Step::ServerName { .. }
        | Step::Policy(_) => {
            explanation.address = Some(attempt.left.destination.first());
        }
    }
    explanation
}

/// Why a packet that nothing stops is not where it was to arrive.
fn elsewhere(site: &Site<'_>, attempt: &Attempt<'_>) -> Explanation {
    // Answers that do not come back the same way: AWS tells that of the gateway's table.
    let aside = attempt.hops.iter().find_map(|hop| match &hop.step {
        Step::IngressRoutes(choice) if hop.leg == Leg::Back => Some(choice),
        _ => None,
    });
    let last = attempt.hops.last().filter(|hop| hop.leg == Leg::Back);
    if let (Some(choice), Some(Step::Appliance { .. })) = (aside, last.map(|hop| &hop.step)) {
        let mut explanation = Explanation::new(ExplanationCode::IngressRtbTrafficRedirection);
        at_ingress_table(site, &mut explanation, choice);
        return explanation;
    }
    if let Some(Unknown::Appliance { interface }) = &attempt.unknown {
        let mut explanation = Explanation::new(ExplanationCode::UnknownDestination);
        at_interface(site, &mut explanation, interface);
        return explanation;
    }
    // A table that led it elsewhere may have a route to the destination, which another one beats.
    let destination = site.path.definition.destination.as_ref().map(|end| end.id.as_str());
    let choices = attempt.there().filter_map(|hop| match &hop.step {
        Step::Routes(choice) => Some(choice),
        _ => None,
    });
    let choices: Vec<&RouteChoice> = choices.collect();
    let beaten = choices.iter().find_map(|choice| {
        let own = choice.lost.iter().find(|(candidate, _)| Some(candidate.target.as_str()) == destination)?;
        Some((*choice, own))
    });
    if let Some((choice, (candidate, code))) = beaten {
        let mut explanation = Explanation::new(code_of(*code));
        let route = route_of(site, &choice.table, candidate);
        explanation.deciding = route.map(Deciding::Route);
        at_table(site, &mut explanation, choice);
        return explanation;
    }
    if let Some(choice) = choices.first() {
        let mut explanation = Explanation::new(ExplanationCode::NoRouteToDestination);
        at_table(site, &mut explanation, choice);
        return explanation;
    }
    let mut explanation = Explanation::new(ExplanationCode::NoPath);
    explanation.destination = site.path.definition.destination.as_ref().map(|end| site.named(end.id.clone()));
    explanation
}

pub(super) fn at_gateway(site: &Site<'_>, explanation: &mut Explanation, gateway: &InternetGatewayId) {
    explanation.component = Some(site.named(gateway.clone()));
    let vpc = site.world.internet_gateways.get(gateway).and_then(|own| own.vpc.clone());
    explanation.vpc = vpc.map(|vpc| site.named(vpc));
}

pub(super) fn at_interface(site: &Site<'_>, explanation: &mut Explanation, interface: &NetworkInterfaceId) {
    explanation.component = Some(site.named(interface.clone()));
    if let Some(own) = site.world.interfaces.get(interface) {
        explanation.subnet = Some(site.named(own.subnet.clone()));
        explanation.vpc = Some(site.named(own.vpc.clone()));
    }
}

fn at_table(site: &Site<'_>, explanation: &mut Explanation, choice: &RouteChoice) {
    explanation.route_table = Some(site.named(ComponentId::from(choice.table.clone())));
    explanation.address = v4(choice.address);
    explanation.vpc = site.vpc_of(&choice.subnet).map(|vpc| site.named(vpc.clone()));
    explanation.destination = site.path.definition.destination.as_ref().map(|end| site.named(end.id.clone()));
}

fn at_ingress_table(site: &Site<'_>, explanation: &mut Explanation, choice: &IngressChoice) {
    explanation.ingress_route_table = Some(site.named(ComponentId::from(choice.table.clone())));
    explanation.component = Some(site.named(choice.gateway.clone()));
    explanation.address = v4(choice.address);
    let route = choice.chosen.as_ref().and_then(|own| route_of(site, &choice.table, own));
    explanation.deciding = route.map(Deciding::Route);
    let gateway = site.world.internet_gateways.get(&choice.gateway);
    explanation.vpc = gateway.and_then(|own| own.vpc.as_ref()).map(|vpc| site.named(vpc.clone()));
}

/// Whether the entry of an ACL's hop allows: then it is not that one which stops the answers.
fn lets_through(hop: &Hop) -> bool {
    matches!(&hop.step, Step::NetworkAcl { entry: Some(entry), .. } if entry.action == sidegate_model::RuleAction::Allow)
}

fn v4(address: IpAddr) -> Option<std::net::Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

/// A note of a hop as a detail of its component.
pub(super) fn detail(code: Code) -> Option<ExplanationCode> {
    (code == Code::AvailabilityZoneCrossed).then_some(ExplanationCode::AvailabilityZoneCrossed)
}

/// AWS's code. Where a trace tells more than AWS does, it is the one for the same component.
fn code_of(code: Code) -> ExplanationCode {
    match code {
        Code::BadState => ExplanationCode::BadState,
        Code::BadStateRoute => ExplanationCode::BadStateRoute,
        Code::EniSgRulesMismatch => ExplanationCode::EniSgRulesMismatch,
        Code::SgHasNoRules => ExplanationCode::SgHasNoRules,
        Code::SubnetAclRestriction | Code::ResponseAclRestriction => ExplanationCode::SubnetAclRestriction,
        Code::NoRouteToDestination | Code::ResponseNoRoute => ExplanationCode::NoRouteToDestination,
        Code::MoreSpecificRoute | Code::ResponseRouteRedirection => ExplanationCode::MoreSpecificRoute,
        Code::HigherPriorityRoute => ExplanationCode::HigherPriorityRoute,
        Code::NoPossibleDestination | Code::RouteLoop => ExplanationCode::NoPossibleDestination,
        Code::ProtocolRestriction => ExplanationCode::ProtocolRestriction,
        Code::VpceGatewayProtocolRestriction => ExplanationCode::VpceGatewayProtocolRestriction,
        Code::EniSourceDestCheckRestriction => ExplanationCode::EniSourceDestCheckRestriction,
        Code::EniAddressRestriction => ExplanationCode::EniAddressRestriction,
        Code::IgwPublicIpAssociationForEgress => ExplanationCode::IgwPublicIpAssociationForEgress,
        Code::IgwPrivateIpAssociationForIngress => ExplanationCode::IgwPrivateIpAssociationForIngress,
        Code::IgwDestinationAddressNotInRfc1918Egress => ExplanationCode::IgwDestinationAddressNotInRfc1918Egress,
        Code::IgwDestinationAddressNotInRfc6598Egress => ExplanationCode::IgwDestinationAddressNotInRfc6598Egress,
        Code::IngressRtbNoPublicIp => ExplanationCode::IngressRtbNoPublicIp,
        Code::PcxRequiresAddressInVpcCidr => ExplanationCode::PcxRequiresAddressInVpcCidr,
        Code::UnknownDestination => ExplanationCode::UnknownDestination,
        Code::AvailabilityZoneCrossed => ExplanationCode::AvailabilityZoneCrossed,
        // Names and calls are not what paths are about, nor is IPv6.
        _ => ExplanationCode::NoPath,
    }
}
