//! Commands around peering connections.

use std::net::Ipv4Addr;

use sidegate_model::{Context, Error, Ipv4Cidr, World};

use super::{ids, pick};

/// Runs one; whether it was refused does not matter.
pub(super) fn run(world: &mut World, context: &mut Context<'_>, [a, b, c, d, e]: [u8; 5]) -> Result<(), Error> {
    let vpcs = ids(&world.vpcs, "vpc-0");
    if world.vpcs.len() < 3 && d % 2 == 0 {
        // One that does not overlap the others.
        let block = Ipv4Cidr::new(Ipv4Addr::new(192, 168, c, 0), 24);
        return world.create_vpc(context, block, "default").map(drop);
    }
    let waiting =
        world.peerings.iter().find(|p| *p.state_at(context.now) == sidegate_model::PeeringState::PendingAcceptance);
    let waiting = waiting.map(|p| p.id.clone()).filter(|_| e % 4 > 0);
    let id = waiting.unwrap_or_else(|| pick(&ids(&world.peerings, "pcx-0"), a).unwrap());
    match b % 8 {
        0..4 => world.create_peering(context, &pick(&vpcs, a).unwrap(), &pick(&vpcs, c).unwrap(), None, None).map(drop),
        4 | 5 => world.accept_peering(context, &id),
        6 if c % 2 == 0 => world.reject_peering(context, &id),
        6 => world.modify_peering(context, &id, Some(c % 4 == 0), None),
        _ => world.delete_peering(context, &id),
    }
}
