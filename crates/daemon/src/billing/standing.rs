//! What of a world is billed, or counted for the bill, and what of that a change begins and ends. Pure.
//!
//! Source: PrivateLink pricing: an interface endpoint is billed by the hour in each zone, whatever its state, until it is
//! deleted; VPC pricing: NAT gateways by the hour, public IPv4 addresses whether they are in use or not;
//! re:Post, "Why am I being billed for Elastic IP addresses": which of them are idle.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sidegate_model::{
    AllocationId, Attachment, Change, Connectivity, EgressOnlyInternetGateway, ElasticIp, Endpoint, EndpointKind,
    Entity as _, InstanceState, InternetGateway, NatGateway, NetworkInterface, Scope, SubnetId, VpcId, World,
};

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// A gateway endpoint, which costs nothing.
    GatewayEndpoint,
    /// An interface endpoint in one zone.
    InterfaceEndpoint,
    /// A NAT gateway.
    NatGateway,
    /// A public IPv4 address that something has which runs.
    Address,
    /// An Elastic IP address that nothing has, an unattached network interface, or a stopped instance.
    IdleAddress,
    /// An internet gateway of either kind, which costs nothing but what goes over it.
    InternetGateway,
}

impl Kind {
    /// Its name in the store, as in the answer.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::GatewayEndpoint => "gateway-endpoint",
            Self::InterfaceEndpoint => "interface-endpoint",
            Self::NatGateway => "nat-gateway",
            Self::Address => "address",
            Self::IdleAddress => "idle-address",
            Self::InternetGateway => "internet-gateway",
        }
    }

    /// What people call it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::GatewayEndpoint => "gateway endpoint",
            Self::InterfaceEndpoint => "interface endpoint",
            Self::NatGateway => "NAT gateway",
            Self::Address => "public address",
            Self::IdleAddress => "idle public address",
            Self::InternetGateway => "internet gateway",
        }
    }
}

/// Something that stands, and is billed for as long as it does: of an interface endpoint each of its zones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its id.
    pub(crate) resource: String,
    /// By what its bytes are counted: the network interface of an endpoint in a zone, and of a NAT gateway; else its id.
    pub(crate) point: String,
    /// Whose it is, and where.
    pub(crate) scope: Scope,
    /// Its VPC.
    pub(crate) vpc: Option<VpcId>,
    /// Its zone, of what is in one.
    pub(crate) zone: Option<String>,
    /// The service of an endpoint, the address, or what else there is to know.
    pub(crate) about: String,
}

/// What tells one thing that stands from every other that stands at the same time.
pub(crate) type Key = (Kind, String, String);

impl Standing {
    /// Its key.
    pub(crate) fn key(&self) -> Key {
        (self.kind, self.resource.clone(), self.point.clone())
    }
}

/// What a change begins and ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Turnover {
    /// What stands from then on.
    pub(crate) began: BTreeSet<Standing>,
    /// What stood until then.
    pub(crate) ended: BTreeSet<Standing>,
}

/// What a change from one world to another begins and ends. It looks at what changed alone.
pub(crate) fn turnover(old: &World, new: &World) -> Turnover {
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    macro_rules! compare {
        ($($table:ident by $standings:ident),*) => { $(
            for change in old.$table.changes(&new.$table) {
                let (Change::Put(entity) | Change::Removed(entity)) = change;
                let id = entity.id();
                before.extend(old.$table.get(&id).into_iter().flat_map(|entity| $standings(old, entity)));
                after.extend(new.$table.get(&id).into_iter().flat_map(|entity| $standings(new, entity)));
            }
        )* };
    }
    compare!(
        endpoints by of_endpoint,
        nat_gateways by of_nat_gateway,
        elastic_ips by of_elastic_ip,
        interfaces by of_interface,
        internet_gateways by of_internet_gateway,
        egress_only_internet_gateways by of_egress_only_internet_gateway
    );
    for id in moved_elastic_ips(old, new) {
        before.extend(old.elastic_ips.get(&id).into_iter().flat_map(|elastic| of_elastic_ip(old, elastic)));
        after.extend(new.elastic_ips.get(&id).into_iter().flat_map(|elastic| of_elastic_ip(new, elastic)));
    }
    Turnover {
        began: after.difference(&before).cloned().collect(),
        ended: before.difference(&after).cloned().collect(),
    }
}

/// The Elastic IP addresses of network interfaces, and of instances, that changed.
fn moved_elastic_ips(old: &World, new: &World) -> BTreeSet<AllocationId> {
    let id = |change: Change<NetworkInterface>| match change {
        Change::Put(interface) | Change::Removed(interface) => interface.id.clone(),
    };
    let mut interfaces: BTreeSet<_> = old.interfaces.changes(&new.interfaces).into_iter().map(id).collect();
    for change in old.instances.changes(&new.instances) {
        let (Change::Put(instance) | Change::Removed(instance)) = change;
        interfaces.extend(new.interfaces_of(&instance.id).into_iter().map(|interface| interface.id.clone()));
    }
    let mut found = BTreeSet::new();
    if !interfaces.is_empty() {
        for elastic in old.elastic_ips.iter().chain(new.elastic_ips.iter()) {
            if elastic.association.as_ref().is_some_and(|own| interfaces.contains(&own.interface)) {
                found.insert(elastic.id());
            }
        }
    }
    found
}

/// All that stands in a world, each with the time at which it was made, if the world says it.
pub(crate) fn all(world: &World) -> BTreeMap<Standing, Option<i64>> {
    let present = turnover(&World::default(), world).began.into_iter();
    let with_time = present.map(|standing| {
        let created = created(world, &standing);
        (standing, created)
    });
    with_time.collect()
}

fn created(world: &World, standing: &Standing) -> Option<i64> {
    match standing.kind {
        Kind::GatewayEndpoint => Some(world.endpoints.get(&standing.resource.parse().ok()?)?.created),
        // That of the zone, which may be younger than the endpoint.
        Kind::InterfaceEndpoint => Some(world.interfaces.get(&standing.point.parse().ok()?)?.created),
        Kind::NatGateway => Some(world.nat_gateways.get(&standing.resource.parse().ok()?)?.created),
        Kind::Address | Kind::IdleAddress | Kind::InternetGateway => None,
    }
}

fn of_endpoint(world: &World, endpoint: &Endpoint) -> Vec<Standing> {
    let standing = |kind, point: String, zone| Standing {
        kind,
        resource: endpoint.id.to_string(),
        point,
        scope: endpoint.scope.clone(),
        vpc: Some(endpoint.vpc.clone()),
        zone,
        about: endpoint.service.clone(),
    };
    match &endpoint.kind {
        EndpointKind::Gateway { .. } => vec![standing(Kind::GatewayEndpoint, endpoint.id.to_string(), None)],
        EndpointKind::Interface(own) => {
            let zones = own.interfaces.iter();
            zones
                .map(|(subnet, interface)| {
                    standing(Kind::InterfaceEndpoint, interface.to_string(), zone_of(world, subnet))
                })
                .collect()
        }
    }
}

fn zone_of(world: &World, subnet: &SubnetId) -> Option<String> {
    world.subnets.get(subnet).map(|subnet| subnet.zone.name())
}

/// One that has ended is shown for a while, and not billed.
fn of_nat_gateway(world: &World, gateway: &NatGateway) -> Option<Standing> {
    let interface = gateway.interface.as_ref().filter(|_| gateway.ended.is_none())?;
    Some(Standing {
        kind: Kind::NatGateway,
        resource: gateway.id.to_string(),
        point: interface.to_string(),
        scope: gateway.scope.clone(),
        vpc: Some(gateway.vpc.clone()),
        zone: zone_of(world, &gateway.subnet),
        about: match gateway.connectivity {
            Connectivity::Public => "public".to_owned(),
            Connectivity::Private => "private".to_owned(),
        },
    })
}

fn of_elastic_ip(world: &World, elastic: &ElasticIp) -> Option<Standing> {
    Some(Standing {
        kind: if is_in_use(world, elastic) { Kind::Address } else { Kind::IdleAddress },
        resource: elastic.id.to_string(),
        point: elastic.id.to_string(),
        scope: elastic.scope.clone(),
        vpc: None,
        zone: None,
        about: elastic.address.to_string(),
    })
}

/// Whether an Elastic IP address is associated with an interface that something has; an instance has to be there and not to
/// be stopped.
fn is_in_use(world: &World, elastic: &ElasticIp) -> bool {
    let interface = elastic.association.as_ref().and_then(|own| world.interfaces.get(&own.interface));
    match interface.map(|interface| &interface.attachment) {
        None | Some(Attachment::None) => false,
        Some(Attachment::Instance { instance, .. }) => world
            .instances
            .get(instance)
            .is_some_and(|own| !matches!(own.state, InstanceState::Stopped | InstanceState::Terminated)),
        Some(Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::Program | Attachment::Functions(_)) => {
            true
        }
    }
}

/// The address that it has without the account's doing.
fn of_interface(world: &World, interface: &NetworkInterface) -> Option<Standing> {
    Some(Standing {
        kind: Kind::Address,
        resource: interface.id.to_string(),
        point: interface.id.to_string(),
        scope: interface.scope.clone(),
        vpc: Some(interface.vpc.clone()),
        zone: zone_of(world, &interface.subnet),
        about: interface.automatic.address?.to_string(),
    })
}

fn of_internet_gateway(_: &World, gateway: &InternetGateway) -> Option<Standing> {
    let vpc = gateway.vpc.clone()?;
    Some(leading_out(gateway.id.to_string(), &gateway.scope, vpc, "internet"))
}

fn of_egress_only_internet_gateway(_: &World, gateway: &EgressOnlyInternetGateway) -> Option<Standing> {
    Some(leading_out(gateway.id.to_string(), &gateway.scope, gateway.vpc.clone(), "egress-only"))
}

fn leading_out(id: String, scope: &Scope, vpc: VpcId, about: &str) -> Standing {
    Standing {
        kind: Kind::InternetGateway,
        point: id.clone(),
        resource: id,
        scope: scope.clone(),
        vpc: Some(vpc),
        zone: None,
        about: about.to_owned(),
    }
}
