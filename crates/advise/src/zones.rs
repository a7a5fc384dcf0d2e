//! What it costs to have interface endpoints in every zone with clients, and in one alone.

use std::collections::BTreeSet;

use serde::Serialize;
use sidegate_cost::{Money, Traffic, Way};
use sidegate_model::{Region, Zone};

use crate::choice::{Choice, Costs};
use crate::recommendation::Recommendation;
use crate::workload::Network;

/// The zones of a VPC's interface endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Zones {
    /// The zones with clients.
    #[serde(serialize_with = "crate::workload::zone_names")]
    pub zones: BTreeSet<Zone>,
    /// How many interface endpoints there would be.
    pub endpoints: u32,
    /// What their hours cost in all these zones in a month.
    pub in_each: Money,
    /// What their hours cost in one zone.
    pub in_one: Money,
    /// The bytes that would go from another zone then, if clients are alike in all of them. They cost nothing more, by what
    /// AWS announced in 2022 of traffic between zones on the way to an interface endpoint; that is not verified.
    pub crossing: u64,
}

impl Zones {
    /// Those of a VPC. `None` if it has no interface endpoints, or clients in one zone alone.
    pub(crate) fn of(
        network: &Network, region: Region, made: &[Recommendation], costs: &mut Costs<'_>,
    ) -> Option<Self> {
        let zones = network.zones();
        let count = u32::try_from(zones.len()).ok().filter(|count| *count > 1)?;
        let interfaces =
            made.iter().filter(|one| matches!(one.choice, Choice::Interface | Choice::GatewayAndInterface));
        let (mut endpoints, mut bytes) = (0_u32, 0_u64);
        for one in interfaces {
            endpoints += 1;
            bytes = bytes.saturating_add(interface_bytes(one));
        }
        if endpoints == 0 {
            return None;
        }
        let bytes = bytes.saturating_mul(network.count.into());
        let hours = |zones| Way::InterfaceEndpoints { endpoints, zones, vpcs: network.count };
        let crossing = bytes / u64::from(count) * u64::from(count - 1);
        Some(Self {
            in_each: costs.standing(hours(count), region)?,
            in_one: costs.standing(hours(1), region)?,
            zones,
            endpoints,
            crossing,
        })
    }
}

/// The bytes of one VPC that pass an interface endpoint.
pub(crate) fn interface_bytes(made: &Recommendation) -> u64 {
    let (inside, outside) = made.volumes;
    match made.choice {
        Choice::Interface => inside.plus(outside).total(),
        Choice::GatewayAndInterface => outside.total(),
        _ => 0,
    }
}

/// The traffic of bytes that nobody told the direction of.
pub(crate) fn undirected(region: Region, bytes: u64) -> Traffic {
    Traffic { region, service: region, sent: bytes, received: 0 }
}
