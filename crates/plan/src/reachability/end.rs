//! The ends of a path: who sends, and what counts as arrived.

use std::net::Ipv4Addr;

use sidegate_model::{
    AnalysisOutcome, Attachment, Component, ComponentId, Endpoint, Explanation, ExplanationCode, InternetGatewayId,
    NetworkInterface, VpcEndpointId, VpcId, VpcPeeringConnection, VpnGatewayId,
};

use super::site::Site;
use super::{unreachable, unsupported};

/// Who sends.
#[derive(Clone, Copy)]
pub(super) enum Sender<'w> {
    /// What runs behind an interface.
    Interface(&'w NetworkInterface),
    /// Somebody beyond an internet gateway, which is attached to this VPC.
    Gateway(&'w InternetGatewayId, &'w VpcId),
}

/// Where packets are to arrive.
pub(super) enum Goal<'w> {
    /// At one of these interfaces.
    Interfaces(Vec<&'w NetworkInterface>),
    /// At a VPC endpoint.
    Endpoint(&'w Endpoint),
    /// At an internet gateway, on the way out.
    InternetGateway(&'w InternetGatewayId),
    /// At a peering connection, on the way to this VPC.
    Peering(&'w VpcPeeringConnection, &'w VpcId),
    /// At a virtual private gateway.
    VpnGateway(&'w VpnGatewayId),
    /// At an address, whoever has it.
    Address(Ipv4Addr),
}

impl<'w> Sender<'w> {
    /// The VPC that packets come into or start in.
    pub(super) const fn vpc(&self) -> &'w VpcId {
        match self {
            Self::Interface(own) => &own.vpc,
            Self::Gateway(_, vpc) => vpc,
        }
    }
}

/// Who sends the packets of a path.
///
/// # Errors
/// What comes of the analysis if nobody does.
pub(super) fn senders<'w>(site: &Site<'w>) -> Result<Vec<Sender<'w>>, AnalysisOutcome> {
    let (world, source) = (site.world, &site.path.definition.source);
    match &source.id {
        ComponentId::Instance(id) => {
            let interfaces = site.interfaces_of(id);
            if interfaces.is_empty() {
                return Err(absent(site, source, world.instances.get(id).is_none()));
            }
            Ok(interfaces.into_iter().map(Sender::Interface).collect())
        }
        ComponentId::NetworkInterface(id) => {
            let interface = world.interfaces.get(id).ok_or_else(|| absent(site, source, true))?;
            match &interface.attachment {
                Attachment::Endpoint(id) => Err(begins_nothing(site, id, &interface.vpc)),
                Attachment::NatGateway(_) => Err(no_path(site, source)),
                _ => Ok(vec![Sender::Interface(interface)]),
            }
        }
        ComponentId::InternetGateway(id) => {
            let gateway = world.internet_gateways.get(id).ok_or_else(|| absent(site, source, true))?;
            let vpc = gateway.vpc.as_ref().ok_or_else(|| absent(site, source, false))?;
            Ok(vec![Sender::Gateway(&gateway.id, vpc)])
        }
        ComponentId::VpcEndpoint(id) => {
            let endpoint = world.endpoints.get(id).ok_or_else(|| absent(site, source, true))?;
            Err(begins_nothing(site, id, &endpoint.vpc))
        }
        _ => Err(unsupported()),
    }
}

/// Where the packets of a path are to arrive.
///
/// # Errors
/// What comes of the analysis if nothing can arrive there.
pub(super) fn goal<'w>(site: &Site<'w>, senders: &[Sender<'w>]) -> Result<Goal<'w>, AnalysisOutcome> {
    let world = site.world;
    let Some(destination) = &site.path.definition.destination else {
        return site.at_source().destination_address.map(Goal::Address).ok_or_else(unsupported);
    };
    let gone = || absent(site, destination, true);
    let apart = || absent(site, destination, false);
    match &destination.id {
        ComponentId::Instance(id) => {
            let interfaces = site.interfaces_of(id);
            if interfaces.is_empty() {
                return Err(absent(site, destination, world.instances.get(id).is_none()));
            }
            Ok(Goal::Interfaces(interfaces))
        }
        ComponentId::NetworkInterface(id) => Ok(Goal::Interfaces(vec![world.interfaces.get(id).ok_or_else(gone)?])),
        ComponentId::InternetGateway(id) => {
            let gateway = world.internet_gateways.get(id).ok_or_else(gone)?;
            gateway.vpc.is_some().then_some(Goal::InternetGateway(&gateway.id)).ok_or_else(apart)
        }
        ComponentId::VpcEndpoint(id) => Ok(Goal::Endpoint(world.endpoints.get(id).ok_or_else(gone)?)),
        ComponentId::Peering(id) => {
            let peering = world.peerings.get(id).ok_or_else(gone)?;
            if !peering.is_active() {
                let mut explanation = Explanation::new(ExplanationCode::BadState);
                explanation.component = Some(site.named(id.clone()));
                return Err(unreachable(explanation));
            }
            let far = senders.iter().find_map(|sender| peering.beyond(sender.vpc()));
            far.map(|far| Goal::Peering(peering, &far.vpc)).ok_or_else(|| no_path(site, destination))
        }
        ComponentId::VpnGateway(id) => {
            let gateway = world.vpn_gateways.get(id).ok_or_else(gone)?;
            gateway.vpc.is_some().then_some(Goal::VpnGateway(&gateway.id)).ok_or_else(apart)
        }
        _ => Err(unsupported()),
    }
}

/// That an end is gone, or is there and in no VPC.
fn absent(site: &Site<'_>, end: &Component, is_gone: bool) -> AnalysisOutcome {
    if is_gone {
        let mut explanation = Explanation::new(ExplanationCode::NoSourceOrDestination);
        explanation.missing = Some(end.arn().to_string());
        return unreachable(explanation);
    }
    let mut explanation = Explanation::new(ExplanationCode::UnassociatedComponent);
    explanation.component = Some(site.named(end.id.clone()));
    unreachable(explanation)
}

fn no_path(site: &Site<'_>, end: &Component) -> AnalysisOutcome {
    let mut explanation = Explanation::new(ExplanationCode::NoPath);
    explanation.component = Some(site.named(end.id.clone()));
    unreachable(explanation)
}

fn begins_nothing(site: &Site<'_>, endpoint: &VpcEndpointId, vpc: &VpcId) -> AnalysisOutcome {
    let mut explanation = Explanation::new(ExplanationCode::VpceIntraVpcTraffic);
    explanation.component = Some(site.named(endpoint.clone()));
    explanation.vpc = Some(site.named(vpc.clone()));
    unreachable(explanation)
}
