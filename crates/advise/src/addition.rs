//! What is to be added, endpoint by endpoint.

use std::collections::BTreeSet;

use serde::Serialize;
use sidegate_model::{Region, RouteTableId, Service, SubnetId, VpcEndpointId, Zone};

use crate::choice::Choice;
use crate::port::ports;
use crate::recommendation::State;
use crate::workload::{Need, Network, PresentKind};

/// An endpoint that is to be added, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Addition {
    /// The service.
    #[serde(serialize_with = "crate::workload::service_name")]
    pub service: &'static Service,
    /// Its Region.
    pub region: Region,
    /// What is added.
    #[serde(flatten)]
    pub added: Added,
}

/// What is added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "added")]
pub enum Added {
    /// A gateway endpoint, for the route tables of the clients' subnets.
    Gateway,
    /// Route tables of a gateway endpoint that is there.
    Tables {
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The tables.
        tables: Vec<RouteTableId>,
    },
    /// An interface endpoint, in a subnet of each zone with clients.
    Interface {
        /// Which names lead to it.
        private_dns: PrivateDns,
    },
    /// Subnets of an interface endpoint that is there.
    Subnets {
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The subnets.
        subnets: Vec<SubnetId>,
    },
    /// Private DNS of an interface endpoint that is there, past which the service's names lead.
    Names {
        /// The endpoint.
        endpoint: VpcEndpointId,
    },
}

/// Which of the service's names lead to an interface endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PrivateDns {
    /// All that it has.
    On,
    /// Those, but only for who asks an inbound resolver endpoint.
    InboundOnly,
    /// None: the service has none, or they are for others.
    Off,
}

impl Addition {
    /// What a choice adds for a need, and how much of it is there already. Additions that are missing an id, since nobody
    /// said which subnets there are, are of new endpoints alone.
    pub(crate) fn of(network: &Network, home: Region, need: &Need, choice: Choice) -> (State, Vec<Self>) {
        let wants_gateway = matches!(choice, Choice::Gateway | Choice::GatewayAndInterface);
        let wants_interface = matches!(choice, Choice::Interface | Choice::GatewayAndInterface);
        let mut parts: Vec<Vec<Added>> = Vec::new();
        if wants_gateway {
            parts.push(gateway(network, need.service).into_iter().collect());
        }
        if wants_interface {
            parts.push(interface(network, home, need, choice));
        }
        let added: Vec<Added> = parts.iter().flatten().cloned().collect();
        let is_new = |part: &Vec<Added>| matches!(part.as_slice(), [Added::Gateway | Added::Interface { .. }]);
        let state = match () {
            () if choice == Choice::PeeredInterface => State::New,
            () if parts.is_empty() => State::Kept,
            () if added.is_empty() => State::Present,
            () if parts.iter().all(is_new) => State::New,
            () => State::Extended,
        };
        let whole = |added| Self { service: need.service, region: need.region, added };
        (state, added.into_iter().map(whole).collect())
    }
}

/// Which clients outside of a VPC are to reach the interface endpoints that are added to it: those on premises, and those in
/// peered VPCs. The VPC's own blocks are not theirs, so the endpoints' security group must know them.
pub(crate) fn outside_clients(network: &Network, additions: &[Addition]) -> (bool, bool) {
    let is_added = |need: &&Need| {
        let is_its = |one: &Addition| one.service.name == need.service.name && one.region == need.region;
        additions.iter().any(|one| is_its(one) && matches!(one.added, Added::Interface { .. }))
    };
    let needs = || network.needs.iter().filter(is_added);
    (needs().any(|need| !need.on_premises.is_none()), needs().any(|need| !need.peered.is_none()))
}

/// The ports that the group of the interface endpoints that are added lets in.
pub(crate) fn group_ports(additions: &[Addition]) -> BTreeSet<u16> {
    let interfaces = additions.iter().filter(|one| matches!(one.added, Added::Interface { .. }));
    interfaces.flat_map(|one| ports(one.service)).copied().collect()
}

/// What is to be added so that the tables of all clients lead to a gateway endpoint.
fn gateway(network: &Network, service: &'static Service) -> Option<Added> {
    let mut there = network.present(service).filter_map(|present| match &present.kind {
        PresentKind::Gateway { tables } => Some((present, tables)),
        PresentKind::Interface { .. } => None,
    });
    let all: Vec<_> = there.by_ref().collect();
    let Some((first, _)) = all.first() else { return Some(Added::Gateway) };
    let wanted: BTreeSet<&RouteTableId> = network.subnets.iter().filter_map(|subnet| subnet.table.as_ref()).collect();
    let is_led = |table: &&&RouteTableId| all.iter().any(|(_, tables)| tables.contains(**table));
    let tables: Vec<RouteTableId> =
        wanted.iter().filter(|table| !is_led(table)).map(|table| (*table).clone()).collect();
    (!tables.is_empty()).then(|| Added::Tables { endpoint: first.id.clone(), tables })
}

/// What is to be added so that an interface endpoint is in all zones with clients, and these are led to it.
fn interface(network: &Network, home: Region, need: &Need, choice: Choice) -> Vec<Added> {
    let has_names = !need.service.private_names(need.region).is_empty();
    let kept = if need.region == home { network.kept(need.service) } else { Vec::new() };
    let Some(first) = kept.first() else {
        let private_dns = match choice {
            _ if !has_names => PrivateDns::Off,
            Choice::GatewayAndInterface => PrivateDns::InboundOnly,
            _ => PrivateDns::On,
        };
        return vec![Added::Interface { private_dns }];
    };
    let mut added = Vec::new();
    let zones: BTreeSet<Zone> = kept.iter().flat_map(|present| present.zones()).collect();
    let missing = network.one_subnet_each().into_iter().filter(|subnet| !zones.contains(&subnet.zone));
    let subnets: Vec<SubnetId> = missing.filter_map(|subnet| subnet.id.clone()).collect();
    if !subnets.is_empty() {
        added.push(Added::Subnets { endpoint: first.id.clone(), subnets });
    }
    if choice == Choice::Interface && has_names && network.has_dns && !first.leads(network) {
        added.push(Added::Names { endpoint: first.id.clone() });
    }
    added
}
