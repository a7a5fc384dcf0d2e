//! The host names of public addresses: they stand in public DNS, and lead to the private addresses where these are nearer.
//!
//! Source: VPC user guide, "DNS attributes for your VPC"; VPC Peering Guide, "Enable DNS resolution for a VPC peering
//! connection".

use std::collections::BTreeSet;
use std::sync::Arc;

use imbl::OrdMap;
use sidegate_model::{MappedAddress, VpcId, World};

use super::{Parts, names_after};
use crate::{Domains, PublicName};

/// The names of all public addresses that have one.
pub(super) fn all(world: &World) -> OrdMap<String, PublicName> {
    world.public_addresses().filter_map(|mapped| named(world, mapped)).collect()
}

/// The names of `new`, where `names` are those of `old`, and only those of VPCs that `changed` may differ.
pub(super) fn after(
    names: &Arc<OrdMap<String, PublicName>>, domains: &mut Arc<Domains>, old: &World, new: &World,
    changed: &BTreeSet<VpcId>,
) -> Arc<OrdMap<String, PublicName>> {
    let of = |world: &World| -> Vec<_> {
        let addresses = changed.iter().flat_map(|vpc| world.public_addresses_of(vpc));
        addresses.filter_map(|mapped| named(world, mapped)).collect()
    };
    names_after(names, domains, &of(old), of(new))
}

/// The name of a public address, if it has one.
fn named(world: &World, mapped: MappedAddress<'_>) -> Option<(String, PublicName)> {
    let vpc = world.vpcs.get(&mapped.interface.vpc)?;
    let name = world.public_host_name(mapped.interface, mapped.public)?;
    let private = vpc.dns_support.then_some(mapped.private.into());
    Some((name, PublicName { vpc: vpc.id.clone(), public: mapped.public.into(), private }))
}

/// The peers of a VPC that let it see their private addresses. Its own attributes have to be on, as theirs.
pub(super) fn named_peers(parts: &Parts<'_>) -> BTreeSet<VpcId> {
    if !(parts.vpc.dns_support && parts.vpc.dns_hostnames) {
        return BTreeSet::new();
    }
    let beyond = parts.peerings.iter().filter_map(|peering| peering.beyond(&parts.vpc.id));
    beyond.filter(|side| side.remote_dns).map(|side| side.vpc.clone()).collect()
}
