//! What differs between two plans of a VPC, so that one change costs the same in a large VPC as in a small one.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use sidegate_plan::VpcPlan;

use super::objects::Objects;
use super::render::{RenderError, render};

/// The objects of both plans without those that come from equal links, groups and endpoint addresses.
///
/// Each of these makes objects of its own, which no other makes too; so what they make is in both or in neither, and makes
/// no difference.
pub(super) fn of_both(old: &VpcPlan, new: &VpcPlan) -> Result<(Objects, Objects), RenderError> {
    let (old_links, new_links) = differing(&old.links, &new.links);
    let (old_groups, new_groups) = differing(&old.groups, &new.groups);
    let (old_addresses, new_addresses) = differing(&old.endpoint_addresses, &new.endpoint_addresses);
    let part = |of: &VpcPlan, links, groups, endpoint_addresses| VpcPlan {
        vpc: of.vpc.clone(),
        scope: of.scope.clone(),
        cidrs: of.cidrs.clone(),
        router: of.router.clone(),
        resolver: of.resolver,
        links,
        tables: of.tables.clone(),
        groups,
        endpoint_addresses,
        gateway_prefixes: of.gateway_prefixes.clone(),
        endpoints: BTreeMap::new(),
        zones: Vec::new(),
        metadata: BTreeMap::new(),
    };
    Ok((
        render(&part(old, old_links, old_groups, old_addresses))?,
        render(&part(new, new_links, new_groups, new_addresses))?,
    ))
}

/// The entries that are not in both.
fn differing<K: Ord + Clone, V: PartialEq + Clone>(
    old: &BTreeMap<K, V>, new: &BTreeMap<K, V>,
) -> (BTreeMap<K, V>, BTreeMap<K, V>) {
    let (mut only_old, mut only_new) = (BTreeMap::new(), BTreeMap::new());
    let (mut olds, mut news) = (old.iter().peekable(), new.iter().peekable());
    let keep = |into: &mut BTreeMap<K, V>, entry: Option<(&K, &V)>| {
        into.extend(entry.map(|(key, value)| (key.clone(), value.clone())));
    };
    loop {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => return (only_old, only_new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((new, _))) => old.cmp(new),
        };
        match order {
            Ordering::Less => keep(&mut only_old, olds.next()),
            Ordering::Greater => keep(&mut only_new, news.next()),
            Ordering::Equal => {
                let (old, new) = (olds.next(), news.next());
                if old != new {
                    keep(&mut only_old, old);
                    keep(&mut only_new, new);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_are_equal_in_both_are_left_out() {
        let map = |entries: &[(u8, u8)]| entries.iter().copied().collect::<BTreeMap<_, _>>();
        let old = map(&[(1, 1), (2, 2), (3, 3), (5, 5)]);
        let new = map(&[(0, 0), (2, 2), (3, 4), (6, 6), (7, 7)]);
        let expected = (map(&[(1, 1), (3, 3), (5, 5)]), map(&[(0, 0), (3, 4), (6, 6), (7, 7)]));
        assert_eq!(differing(&old, &new), expected);
        assert_eq!(differing(&old, &old), (map(&[]), map(&[])));
    }
}
