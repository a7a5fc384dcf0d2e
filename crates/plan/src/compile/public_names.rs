//! The host names of public addresses: they stand in public DNS, and lead to the private addresses where these are nearer.
//!
//! Source: VPC user guide, "DNS attributes for your VPC"; VPC Peering Guide, "Enable DNS resolution for a VPC peering
//! connection".

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{VpcId, World};

use super::Parts;
use crate::PublicName;

/// The names of all public addresses that have one.
pub(super) fn all(world: &World) -> BTreeMap<String, PublicName> {
    let named = world.public_addresses().filter_map(|mapped| {
        let name = world.public_host_name(mapped.interface, mapped.public)?;
        let vpc = world.vpcs.get(&mapped.interface.vpc)?;
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
