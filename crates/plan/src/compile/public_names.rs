//! The host names of public addresses: they stand in public DNS, and lead to the private addresses where these are nearer.
//!
//! Source: VPC user guide, "DNS attributes for your VPC"; VPC Peering Guide, "Enable DNS resolution for a VPC peering
//! connection".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sidegate_model::{VpcId, World};

use super::Parts;
use crate::PublicName;

/// The names of all public addresses that have one.
pub(super) fn all(world: &World) -> BTreeMap<String, PublicName> {
    world.vpcs.iter().flat_map(|vpc| of_vpc(world, &vpc.id)).collect()
}

/// The names of `new`, where `names` are those of `old`, and only those of VPCs that `changed` may differ.
pub(super) fn after(
    names: &Arc<BTreeMap<String, PublicName>>, old: &World, new: &World, changed: &BTreeSet<VpcId>,
) -> Arc<BTreeMap<String, PublicName>> {
    let of = |world: &World| -> Vec<_> { changed.iter().flat_map(|vpc| of_vpc(world, vpc)).collect() };
    let (lost, won) = (of(old), of(new));
    if lost == won {
        return Arc::clone(names);
    }
    let mut after = BTreeMap::clone(names);
    for (name, _) in &lost {
        after.remove(name);
    }
    after.extend(won);
    Arc::new(after)
}

/// The names of the public addresses of a VPC.
fn of_vpc(world: &World, vpc: &VpcId) -> Vec<(String, PublicName)> {
    let Some(vpc) = world.vpcs.get(vpc) else { return Vec::new() };
    let named = world.public_addresses_of(&vpc.id).filter_map(|mapped| {
        let name = world.public_host_name(mapped.interface, mapped.public)?;
        let private = vpc.dns_support.then_some(mapped.private.into());
        Some((name, PublicName { vpc: vpc.id.clone(), public: mapped.public.into(), private }))
    });
    named.collect()
}

/// The peers of a VPC that let it see their private addresses. Its own attributes have to be on, as theirs.
pub(super) fn named_peers(parts: &Parts<'_>) -> BTreeSet<VpcId> {
    if !(parts.vpc.dns_support && parts.vpc.dns_hostnames) {
        return BTreeSet::new();
    }
    let beyond = parts.peerings.iter().filter_map(|peering| peering.beyond(&parts.vpc.id));
    beyond.filter(|side| side.remote_dns).map(|side| side.vpc.clone()).collect()
}
