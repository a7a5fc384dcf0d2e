//! Network interfaces: those that an endpoint has, with their addresses and zones.

use std::net::IpAddr;

use serde::Serialize;
use sidegate_model::{Endpoint, NetworkInterfaceId, SubnetId, World};

/// A network interface of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Interface {
    id: NetworkInterfaceId,
    /// Its addresses, that of IPv4 first.
    addresses: Vec<IpAddr>,
    zone: String,
    subnet: SubnetId,
}

/// The interfaces of an endpoint, in the order of their zones.
pub(super) fn interfaces(world: &World, endpoint: &Endpoint) -> Vec<Interface> {
    let all = endpoint.interface().into_iter().flat_map(|own| &own.interfaces);
    let mut all: Vec<Interface> = all
        .filter_map(|(subnet, id)| {
            let own = world.interfaces.get(id)?;
            let addresses = std::iter::once(own.address.into()).chain(own.ipv6.iter().map(|&own| own.into())).collect();
            let zone = world.subnets.get(subnet).map(|own| own.zone.to_string()).unwrap_or_default();
            Some(Interface { id: id.clone(), addresses, zone, subnet: subnet.clone() })
        })
        .collect();
    all.sort_by(|one, other| (&one.zone, &one.subnet).cmp(&(&other.zone, &other.subnet)));
    all
}

/// The same in words.
pub(super) fn lines(interfaces: &[Interface]) -> Vec<String> {
    if interfaces.is_empty() {
        return vec!["none".to_owned()];
    }
    let one = |own: &Interface| {
        let addresses: Vec<_> = own.addresses.iter().map(ToString::to_string).collect();
        format!("{}: {}, in {} of {}", own.id, addresses.join(", "), own.subnet, own.zone)
    };
    interfaces.iter().map(one).collect()
}
