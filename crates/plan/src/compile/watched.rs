//! The interfaces that flow logs watch.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{FlowLog, NetworkInterface, NetworkInterfaceId};

use super::Parts;
use crate::{WATCH_NUMBERS, WatchNumber};

/// The watched interfaces of a VPC, each with its number.
pub(super) fn watched(parts: &Parts<'_>) -> BTreeMap<NetworkInterfaceId, WatchNumber> {
    let logs: Vec<&FlowLog> = parts.world.flow_logs.of_vpc(&parts.vpc.id).collect();
    if logs.is_empty() {
        return BTreeMap::new();
    }
    let is_watched = |interface: &&&NetworkInterface| logs.iter().any(|log| log.watches(interface));
    numbered(parts.interfaces.iter().filter(is_watched).map(|interface| &interface.id))
}

/// The last bits of an interface's id are its number, so that it is the same whatever else is watched; two that share them
/// are hardly ever there at once.
fn numbered<'a>(interfaces: impl Iterator<Item = &'a NetworkInterfaceId>) -> BTreeMap<NetworkInterfaceId, WatchNumber> {
    let mut taken = BTreeSet::new();
    let number = |id: &NetworkInterfaceId| {
        let digits = id.as_str().trim_start_matches(NetworkInterfaceId::PREFIX);
        let bits = u128::from_str_radix(digits, 16).unwrap_or_default();
        let wanted = WatchNumber::try_from(bits % u128::from(WATCH_NUMBERS)).unwrap_or_default();
        let free = (wanted.max(1)..WATCH_NUMBERS).chain(1..wanted).find(|number| !taken.contains(number))?;
        taken.insert(free);
        Some((id.clone(), free))
    };
    interfaces.filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_never_zero_and_belongs_to_one_interface() {
        let ids = ["eni-00000000000000000", "eni-00000000000000001", "eni-00000000004000001", "eni-00000000003ffffff"]
            .map(|id| id.parse::<NetworkInterfaceId>().unwrap());
        let numbers = numbered(ids.iter());
        assert_eq!(ids.map(|id| numbers[&id]), [1, 2, 3, WATCH_NUMBERS - 1]);
    }
}
