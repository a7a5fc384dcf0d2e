//! Components and explanations of analyses, as answers show them.
//!
//! Source: EC2 API reference, `PathComponent`, `Explanation`; Reachability Analyzer guide, "Getting started with
//! Reachability Analyzer using the AWS CLI".

use sidegate_model::{
    ComponentId, Deciding, Destination, Direction, Explanation, ExplanationCode, IpProtocol, Ipv4Cidr, MetRoute,
    NamedComponent, NetworkAclEntry, NewRule, PacketHeader, PathComponent, Peer, PortRange, PortSpan, RouteTarget,
};
use sidegate_wire::ec2;

/// The components of a path in order, with their numbers.
pub(super) fn components(components: &[PathComponent]) -> Vec<ec2::PathComponent> {
    (1..).zip(components).map(|(number, own)| component(number, own)).collect()
}

fn component(number: i32, own: &PathComponent) -> ec2::PathComponent {
    let mut answer = ec2::PathComponent {
        sequence_number: Some(number),
        component: Some(named(&own.component)),
        attached_to: own.attached_to.as_ref().map(named),
        subnet: own.subnet.as_ref().map(named),
        vpc: own.vpc.as_ref().map(named),
        inbound_header: own.inbound.as_ref().map(header),
        outbound_header: own.outbound.as_ref().map(header),
        additional_details: own.details.iter().map(|code| detail(*code)).collect(),
        service_name: own.service_name.clone(),
        ..ec2::PathComponent::default()
    };
    if let Some([source, destination]) = &own.between {
        answer.source_vpc = Some(named(source));
        answer.destination_vpc = Some(named(destination));
    }
    match &own.deciding {
        Some(Deciding::Acl(entry)) => answer.acl_rule = Some(acl_rule(entry)),
        Some(Deciding::SecurityGroup { rule, .. }) => answer.security_group_rule = Some(group_rule(rule)),
        Some(Deciding::Route(met)) => answer.route_table_route = Some(route(met)),
        None => {}
    }
    answer
}

fn named(own: &NamedComponent) -> ec2::AnalysisComponent {
    ec2::AnalysisComponent {
        id: Some(own.component.id.as_str().to_owned()),
        arn: Some(own.component.arn().to_string()),
        name: own.name.clone(),
    }
}

fn detail(code: ExplanationCode) -> ec2::AdditionalDetail {
    ec2::AdditionalDetail { additional_detail_type: Some(code.as_str().to_owned()), ..ec2::AdditionalDetail::default() }
}

fn header(own: &PacketHeader) -> ec2::AnalysisPacketHeader {
    ec2::AnalysisPacketHeader {
        destination_addresses: vec![own.destination.to_string()],
        destination_port_ranges: vec![span(own.destination_ports)],
        protocol: Some(own.protocol.to_string()),
        source_addresses: vec![own.source.to_string()],
        source_port_ranges: vec![span(own.source_ports)],
    }
}

fn span(own: PortSpan) -> ec2::PortRange {
    ec2::PortRange { from: Some(i32::from(own.from)), to: Some(i32::from(own.to)) }
}

fn range(own: PortRange) -> ec2::PortRange {
    ec2::PortRange { from: Some(own.from), to: Some(own.to) }
}

/// A protocol as rules name it.
fn protocol(own: IpProtocol) -> String {
    match own {
        IpProtocol::All => "all".to_owned(),
        own => own.to_string(),
    }
}

fn acl_rule(entry: &NetworkAclEntry) -> ec2::AnalysisAclRule {
    ec2::AnalysisAclRule {
        cidr: Some(entry.cidr.to_string()),
        egress: Some(entry.direction == Direction::Egress),
        port_range: entry.ports.map(range),
        protocol: Some(protocol(entry.protocol)),
        rule_action: Some(entry.action.as_str().to_owned()),
        rule_number: Some(i32::from(entry.number)),
    }
}

fn group_rule(rule: &NewRule) -> ec2::AnalysisSecurityGroupRule {
    let mut answer = ec2::AnalysisSecurityGroupRule {
        direction: Some(direction(rule.direction).to_owned()),
        port_range: rule.ports.map(range),
        protocol: Some(protocol(rule.protocol)),
        ..ec2::AnalysisSecurityGroupRule::default()
    };
    match &rule.peer {
        Peer::Group(group) => answer.security_group_id = Some(group.to_string()),
        Peer::PrefixList(list) => answer.prefix_list_id = Some(list.to_string()),
        block => answer.cidr = Some(block.to_string()),
    }
    answer
}

const fn direction(own: Direction) -> &'static str {
    match own {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    }
}

fn route(met: &MetRoute) -> ec2::AnalysisRouteTableRoute {
    let is_local = met.route.target == RouteTarget::Local;
    let mut answer = ec2::AnalysisRouteTableRoute {
        origin: Some(if is_local { "createroutetable" } else { "createroute" }.to_owned()),
        state: Some(met.state.as_str().to_owned()),
        ..ec2::AnalysisRouteTableRoute::default()
    };
    match &met.route.destination {
        Destination::PrefixList(list) => answer.destination_prefix_list_id = Some(list.to_string()),
        block => answer.destination_cidr = Some(block.to_string()),
    }
    match &met.route.target {
        RouteTarget::Local => answer.gateway_id = Some("local".to_owned()),
        RouteTarget::GatewayEndpoint(id) => answer.gateway_id = Some(id.to_string()),
        RouteTarget::InternetGateway(id) => answer.gateway_id = Some(id.to_string()),
        RouteTarget::VpnGateway(id) => answer.gateway_id = Some(id.to_string()),
        RouteTarget::EgressOnlyInternetGateway(id) => {
            answer.egress_only_internet_gateway_id = Some(id.to_string());
        }
        RouteTarget::NatGateway(id) => answer.nat_gateway_id = Some(id.to_string()),
        RouteTarget::Peering(id) => answer.vpc_peering_connection_id = Some(id.to_string()),
        RouteTarget::Interface(id) => answer.network_interface_id = Some(id.to_string()),
    }
    answer
}

/// An explanation. What stops the path stands under the name of its kind, or as the component where the kind has none.
pub(super) fn explanation(own: &Explanation) -> ec2::Explanation {
    let mut answer = ec2::Explanation {
        explanation_code: Some(own.code.as_str().to_owned()),
        acl: own.acl.as_ref().map(named),
        address: own.address.map(|own| own.to_string()),
        cidrs: own.cidrs.iter().map(Ipv4Cidr::to_string).collect(),
        destination: own.destination.as_ref().map(named),
        direction: own.direction.map(|own| direction(own).to_owned()),
        ingress_route_table: own.ingress_route_table.as_ref().map(named),
        missing_component: own.missing.clone(),
        port_ranges: own.port_ranges.iter().copied().map(span).collect(),
        protocols: own.protocols.iter().map(u8::to_string).collect(),
        route_table: own.route_table.as_ref().map(named),
        security_groups: own.security_groups.iter().map(named).collect(),
        subnet: own.subnet.as_ref().map(named),
        vpc: own.vpc.as_ref().map(named),
        ..ec2::Explanation::default()
    };
    match &own.deciding {
        Some(Deciding::Acl(entry)) => answer.acl_rule = Some(acl_rule(entry)),
        Some(Deciding::SecurityGroup { rule, .. }) => answer.security_group_rule = Some(group_rule(rule)),
        Some(Deciding::Route(met)) => answer.route_table_route = Some(route(met)),
        None => {}
    }
    if let Some(component) = &own.component {
        let shown = Some(named(component));
        match component.component.id {
            ComponentId::NetworkInterface(_) => answer.network_interface = shown,
            ComponentId::InternetGateway(_) => answer.internet_gateway = shown,
            ComponentId::NatGateway(_) => answer.nat_gateway = shown,
            ComponentId::Peering(_) => answer.vpc_peering_connection = shown,
            ComponentId::VpcEndpoint(_) => answer.vpc_endpoint = shown,
            ComponentId::VpnGateway(_) => answer.vpn_gateway = shown,
            _ => answer.component = shown,
        }
    }
    answer
}
