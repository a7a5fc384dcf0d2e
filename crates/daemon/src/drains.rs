//! Takes addresses off NAT gateways that are draining, once their connections have ended or their time is over.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use sidegate_model::NatGatewayId;

use crate::clock;
use crate::engine::Engine;
use crate::machine::Machine;

/// How often the connections of a gateway are looked at while one of its addresses is draining.
const LOOK: Duration = Duration::from_millis(500);

/// A gateway of which an address is draining.
struct Draining {
    gateway: NatGatewayId,
    /// The name of its passage.
    passage: String,
    /// The addresses that are.
    addresses: Vec<Ipv4Addr>,
    /// When the first of them must go: Unix time in milliseconds.
    until: i64,
}

/// Follows the world for ever. To be called once the plan in force has been applied.
pub(crate) async fn run(engine: Engine, machine: Machine) {
    let mut plans = engine.plan();
    loop {
        plans.mark_unchanged();
        let draining = draining(&engine);
        if draining.is_empty() {
            if plans.changed().await.is_err() {
                return;
            }
            continue;
        }
        tokio::time::sleep(LOOK).await;
        for gateway in draining {
            release(&engine, &machine, gateway).await;
        }
    }
}

fn draining(engine: &Engine) -> Vec<Draining> {
    let world = engine.world();
    let all = world.draining_nat_gateways().filter_map(|gateway| {
        Some(Draining {
            gateway: gateway.id.clone(),
            passage: gateway.interface.as_ref()?.to_string(),
            addresses: gateway.drained().collect(),
            until: gateway.addresses.iter().filter_map(|address| address.draining).min()?,
        })
    });
    all.collect()
}

/// Takes off what has no connection any more, and what must go. Where it is not known which connections there are, they get
/// their time.
async fn release(engine: &Engine, machine: &Machine, draining: Draining) {
    let Draining { gateway, passage, addresses, until } = draining;
    let idle: BTreeSet<Ipv4Addr> = match machine.lent_addresses(passage).await {
        Ok(Some(lent)) => addresses.into_iter().filter(|address| !lent.contains(address)).collect(),
        Ok(None) => BTreeSet::new(),
        Err(error) => {
            tracing::warn!(%gateway, error, "the connections of a NAT gateway cannot be looked at; this is tried again");
            BTreeSet::new()
        }
    };
    if idle.is_empty() && clock::now_ms() < until {
        return;
    }
    let id = gateway.clone();
    let released =
        engine.note(move |world, now| world.release_nat_addresses(&id, now, |address| idle.contains(&address))).await;
    if let Err(error) = released {
        tracing::warn!(%gateway, %error, "addresses of a NAT gateway cannot be taken off; this is tried again");
    }
}
