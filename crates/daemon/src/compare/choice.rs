//! Choices: which endpoints of a world are compared, and which flow shows the way to each.

use sidegate_model::{Attachment, Endpoint, Region, SecurityGroupId, Service, SubnetId, VpcId};
use sidegate_plan::analyze::{Flow, Goal, Source, Trace};

use super::end::End;
use super::network::Network;

/// The port of services.
pub(super) const HTTPS: u16 = 443;

/// Of how many endpoints, interfaces, subnets and security groups each is tried who reaches what. More would take long, and
/// show nothing else.
const TRIED: usize = 6;

/// An endpoint, with a flow that is meant for it.
pub(super) struct Choice<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) service: &'static Service,
    pub(super) flow: Flow,
    pub(super) trace: Trace,
    /// What becomes of the flow.
    pub(super) end: End,
}

/// The endpoints that are compared: a gateway endpoint and an interface endpoint, as far as there are some.
///
/// Those come first that are reached, then those of one VPC, then interface endpoints of services that have no other.
pub(super) fn choose<'a>(
    network: &Network<'a>, service: Option<&'static Service>, region: Option<Region>,
) -> [Option<Choice<'a>>; 2] {
    let wanted = |own: &&Endpoint| {
        service.is_none_or(|service| own.service() == Some(service))
            && region.is_none_or(|region| own.scope.region == region)
    };
    let best = |is_interface: bool, home: Option<&VpcId>| {
        let of_type = |own: &&Endpoint| own.interface().is_some() == is_interface;
        let mut all: Vec<&Endpoint> = network.world.endpoints.iter().filter(wanted).filter(of_type).collect();
        all.sort_by_key(|own| {
            (home.is_some_and(|home| own.vpc != *home), is_interface && own.service().is_some_and(Service::gateway))
        });
        let mut first = None;
        for choice in all.into_iter().take(TRIED).filter_map(|own| asked_for(network, own)) {
            if choice.is_reached() {
                return Some(choice);
            }
            first.get_or_insert(choice);
        }
        first
    };
    let gateway = best(false, None);
    let interface = best(true, gateway.as_ref().map(|own| &own.endpoint.vpc));
    [gateway, interface]
}

impl Choice<'_> {
    fn is_reached(&self) -> bool {
        self.end.arrives == Some(true)
    }
}

/// A flow that is meant for an endpoint: the first that it takes, or else the first that there is.
fn asked_for<'a>(network: &Network<'a>, endpoint: &'a Endpoint) -> Option<Choice<'a>> {
    let service = endpoint.service()?;
    let goal = goal(network, endpoint);
    let mut first = None;
    for source in sources(network, &endpoint.vpc) {
        let flow = Flow::tcp(source, goal.clone(), HTTPS);
        let Some(trace) = network.trace(&flow) else { continue };
        let end = End::of(network, &flow, &trace, &endpoint.id);
        let choice = Choice { endpoint, service, flow, trace, end };
        if choice.is_reached() {
            return Some(choice);
        }
        first.get_or_insert(choice);
    }
    first
}

/// What leads to an endpoint: the service's own name, unless only the endpoint's does.
fn goal(network: &Network<'_>, endpoint: &Endpoint) -> Goal {
    let by_service = endpoint.interface().is_none() || !endpoint.resolved_names(network.world).is_empty();
    let own = if by_service { None } else { own_name(network, endpoint) };
    own.map_or_else(|| Goal::Service(endpoint.service.clone()), Goal::Name)
}

/// The name that an endpoint has for all its zones. S3's takes a word of the client in front.
pub(super) fn own_name(network: &Network<'_>, endpoint: &Endpoint) -> Option<String> {
    let (name, _) = endpoint.own_names(network.world).into_iter().next()?;
    Some(name.replacen("*.", "bucket.", 1))
}

/// Who may ask in a VPC: what runs there, and then programs that could be started.
fn sources(network: &Network<'_>, vpc: &VpcId) -> Vec<Source> {
    let world = network.world;
    let asks =
        |own: &Attachment| matches!(own, Attachment::Instance { .. } | Attachment::Functions(_) | Attachment::Program);
    let running = world.interfaces.of_vpc(vpc).filter(|own| asks(&own.attachment)).take(TRIED);
    let running = running.map(|own| Source::Interface(own.id.clone()));
    let subnets: Vec<SubnetId> = world.subnets.of_vpc(vpc).map(|own| own.id.clone()).take(TRIED).collect();
    let groups = world.security_groups.of_vpc(vpc).map(|own| vec![own.id.clone()]).take(TRIED);
    let groups: Vec<Vec<SecurityGroupId>> = std::iter::once(Vec::new()).chain(groups).collect();
    let startable = groups.iter().flat_map(|groups| {
        subnets.iter().map(|subnet| Source::Subnet { subnet: subnet.clone(), groups: groups.clone() })
    });
    running.chain(startable).collect()
}

/// The security groups of who asks.
pub(super) fn groups_of(network: &Network<'_>, source: &Source) -> Vec<SecurityGroupId> {
    match source {
        Source::Interface(id) | Source::Address { interface: id, .. } => {
            network.world.interfaces.get(id).map(|own| own.groups.clone()).unwrap_or_default()
        }
        Source::Subnet { groups, .. } => groups.clone(),
        Source::Instance(_) | Source::Function(_) | Source::Internet(_) => Vec::new(),
    }
}
