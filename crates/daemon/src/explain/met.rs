//! Meetings: which resources a trace has met, and how, each with the address that the packet had there.
//!
//! What files leave open of a resource is asked for by these.

use std::net::IpAddr;

use sidegate_iam::PolicyKind;
use sidegate_import::{How, Met, Packet, name_in};
use sidegate_model::{Attachment, Direction, NetworkInterfaceId, VpcId, World};
use sidegate_plan::analyze::{Code, Disposition, Flow, Hop, Leg, NameOrigin, Step, Trace};

/// A resource that was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meeting {
    /// Its id.
    resource: String,
    /// How.
    how: How,
}

impl Meeting {
    /// The same, as it is asked about.
    pub(super) fn as_met(&self) -> Met<'_> {
        Met { resource: &self.resource, how: self.how }
    }
}

/// What the trace of a flow has met, hop by hop, each with the address that the packet was going to.
pub(super) fn met(world: &World, flow: &Flow, trace: &Trace) -> Vec<(Option<IpAddr>, Vec<Meeting>)> {
    let mut walk = Walk {
        world,
        flow,
        to: trace.hops.iter().find_map(|hop| destination(&hop.step)),
        from: trace.hops.iter().find_map(|hop| origin(&hop.step)),
        vpc: None,
        endpoint: None,
    };
    let mut all: Vec<_> = trace.hops.iter().map(|hop| walk.hop(hop)).collect();
    if let Disposition::Delivered { interface } = &trace.disposition {
        all.push((walk.to, walk.interface(interface, How::Passed)));
    }
    all
}

/// The address that a packet on its way there goes to, as a step tells it.
fn destination(step: &Step) -> Option<IpAddr> {
    match step {
        Step::SecurityGroups { direction: Direction::Egress, peer, .. }
        | Step::NetworkAcl { direction: Direction::Egress, peer, .. } => Some(*peer),
        Step::Routes(choice) => Some(choice.address),
        Step::IngressRoutes(choice) => Some(choice.address),
        Step::Endpoint(met) => Some(met.address),
        Step::InternetGateway { direction: Direction::Ingress, private, .. } => Some(*private),
        Step::Interface { address, .. }
        | Step::Platform { address, .. }
        | Step::Nobody { address }
        | Step::Internet { address }
        | Step::Service { address, .. } => Some(*address),
        _ => None,
    }
}

fn origin(step: &Step) -> Option<IpAddr> {
    match step {
        Step::Source { address, .. } => *address,
        Step::Outside { address } => Some(*address),
        _ => None,
    }
}

/// A name that was asked for in a VPC, as it is and as one of those below each of its domains.
fn asked(name: &str, vpc: &VpcId) -> Vec<Meeting> {
    let domains = name.match_indices('.').filter_map(|(at, _)| name.get(at..));
    let names = domains.map(|domain| format!("*{domain}")).chain([name.to_owned()]);
    names.map(|name| Meeting { resource: name_in(&name, vpc), how: How::Resolved }).collect()
}

/// A walk along a trace.
struct Walk<'a> {
    world: &'a World,
    flow: &'a Flow,
    /// Where the packet goes.
    to: Option<IpAddr>,
    /// Where it comes from, and the answer goes.
    from: Option<IpAddr>,
    /// The VPC that it is in.
    vpc: Option<VpcId>,
    /// The endpoint that took it.
    endpoint: Option<String>,
}

impl Walk<'_> {
    fn hop(&mut self, hop: &Hop) -> (Option<IpAddr>, Vec<Meeting>) {
        let to = match hop.leg {
            Leg::There => {
                self.to = destination(&hop.step).or(self.to);
                self.to
            }
            Leg::Back => destination(&hop.step).or(self.from),
        };
        // Some of the client's ports are stopped there.
        let stops = hop.blocks.is_some() || hop.notes.contains(&Code::ResponseAclRestriction);
        let how = if stops { How::Stopped } else { How::Passed };
        (to, self.step(&hop.step, how))
    }

    fn step(&mut self, step: &Step, how: How) -> Vec<Meeting> {
        let own = |id: &dyn ToString| Meeting { resource: id.to_string(), how };
        match step {
            Step::Name(resolution) => {
                let vpc = resolution.vpc.iter().map(|vpc| Meeting { resource: vpc.to_string(), how: How::Resolved });
                let of = match &resolution.origin {
                    NameOrigin::PrivateDns(id) | NameOrigin::EndpointName(id) | NameOrigin::GatewayRecords(id) => {
                        Some(Meeting { resource: id.to_string(), how: How::Resolved })
                    }
                    _ => None,
                };
                let names = resolution.vpc.iter().flat_map(|vpc| asked(&resolution.name, vpc));
                vpc.chain(of).chain(names).collect()
            }
            Step::Source { interface, subnet, vpc, .. } => {
                self.vpc = Some(vpc.clone());
                let mut met = self.interface(interface, how);
                met.extend([own(subnet), own(vpc)]);
                met
            }
            Step::SecurityGroups { interface, groups, direction, .. } => {
                let packet = Packet { direction: *direction, protocol: self.flow.protocol, port: self.flow.port };
                let how = if how == How::Stopped { How::Refused(packet) } else { how };
                let mut met = self.interface(interface, How::Passed);
                met.extend(groups.iter().map(|group| Meeting { resource: group.to_string(), how }));
                met
            }
            Step::NetworkAcl { acl, subnet, .. } => vec![own(acl), own(subnet)],
            Step::Routes(choice) => vec![own(&choice.table), own(&choice.subnet)],
            Step::IngressRoutes(choice) => vec![own(&choice.table), own(&choice.gateway)],
            Step::NatGateway { gateway, interface, .. } => {
                let mut met = self.interface(interface, how);
                met.push(own(gateway));
                met
            }
            Step::InternetGateway { gateway, .. } => {
                let vpc = self.world.internet_gateways.get(gateway).and_then(|own| own.vpc.clone());
                self.vpc = vpc.or_else(|| self.vpc.take());
                vec![own(gateway)]
            }
            Step::EgressOnlyInternetGateway { gateway, .. } => vec![own(gateway)],
            Step::Peering { peering, to } => {
                self.vpc = Some(to.clone());
                vec![own(peering), own(to)]
            }
            Step::Appliance { interface } | Step::Interface { interface, .. } => self.interface(interface, how),
            Step::Endpoint(met) => {
                self.endpoint = Some(met.endpoint.to_string());
                let interface = met.interface.as_ref().map(|id| self.interface(id, how));
                interface.into_iter().flatten().chain([own(&met.endpoint)]).collect()
            }
            Step::Nobody { .. } | Step::Platform { .. } => self.vpc.iter().map(|vpc| own(vpc)).collect(),
            Step::Policy(layer) if layer.layer == PolicyKind::Endpoint => {
                self.endpoint.iter().map(|id| Meeting { resource: id.clone(), how: How::Judged }).collect()
            }
            Step::Outside { .. }
            | Step::Internet { .. }
            | Step::Service { .. }
            | Step::Listener { .. }
            | Step::ServerName { .. }
            | Step::Policy(_) => Vec::new(),
        }
    }

    /// An interface with what it belongs to.
    fn interface(&self, id: &NetworkInterfaceId, how: How) -> Vec<Meeting> {
        let mut met = vec![Meeting { resource: id.to_string(), how }];
        let Some(own) = self.world.interfaces.get(id) else { return met };
        if let Attachment::Instance { instance, .. } = &own.attachment {
            met.push(Meeting { resource: instance.to_string(), how });
        }
        met.push(Meeting { resource: own.subnet.to_string(), how: How::Passed });
        met.push(Meeting { resource: own.vpc.to_string(), how: How::Passed });
        met
    }
}
