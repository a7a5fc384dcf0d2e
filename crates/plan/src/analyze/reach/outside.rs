//! Those on the internet, by the ranges of addresses that a VPC's rules and routes tell apart.

use std::collections::HashMap;
use std::net::IpAddr;

use sidegate_model::{IpCidr, Region};

use super::judge::{Bench, LAST, address, ends_of};
use crate::VpcPlan;
use crate::analyze::internet::{GLOBAL, NEVER};

/// The ranges of the internet's addresses that these judges say the same of. Those of the VPC are left out, and so are those
/// that `taken` are by ends of their own.
pub(super) fn classes(vpc: &VpcPlan, bench: &Bench, taken: &[IpCidr]) -> Vec<Vec<(IpAddr, IpAddr)>> {
    let mut places: HashMap<(usize, Vec<u32>), usize> = HashMap::new();
    let mut classes: Vec<Vec<(IpAddr, IpAddr)>> = Vec::new();
    for (family, ranges) in all(vpc, taken).into_iter().enumerate() {
        let mut borders: Vec<u128> = bench.judges().flat_map(|judge| judge.borders(family)).collect();
        borders.sort_unstable();
        borders.dedup();
        for (first, last) in ranges {
            let inside = borders.iter().copied().filter(|at| *at > first && *at <= last);
            let starts: Vec<u128> = std::iter::once(first).chain(inside).collect();
            let ends = starts.iter().skip(1).map(|next| next - 1).chain([last]);
            for (first, last) in starts.iter().copied().zip(ends) {
                let range = (address((family, first)), address((family, last)));
                let place = *places.entry((family, bench.say(range.0))).or_insert(classes.len());
                match classes.get_mut(place) {
                    Some(class) => class.push(range),
                    None => classes.push(vec![range]),
                }
            }
        }
    }
    classes
}

/// The internet's addresses of both families, as a VPC sees them.
fn all(vpc: &VpcPlan, taken: &[IpCidr]) -> [Vec<(u128, u128)>; 2] {
    let never = NEVER.map(IpCidr::from);
    let mut holes: [Vec<(u128, u128)>; 2] = [Vec::new(), Vec::new()];
    for block in never.into_iter().chain(vpc.cidrs.iter().chain(taken).copied()) {
        let (family, first, last) = ends_of(block);
        if let Some(own) = holes.get_mut(family) {
            own.push((first, last));
        }
    }
    let (_, first, last) = ends_of(GLOBAL.into());
    let [v4, v6] = holes;
    let [last_v4, _] = LAST;
    [without((0, last_v4), v4), without((first, last), v6)]
}

/// The public addresses of services and accounts, which are no strangers'.
pub(super) fn given_out() -> Vec<IpCidr> {
    let blocks = |region: Region| {
        [IpCidr::from(region.public_block()), region.public_ipv6_block().into(), region.ipv6_block().into()]
    };
    Region::all().flat_map(blocks).collect()
}

/// What is left of a range without others.
fn without((first, last): (u128, u128), mut holes: Vec<(u128, u128)>) -> Vec<(u128, u128)> {
    holes.sort_unstable();
    let (mut left, mut next) = (Vec::new(), Some(first));
    for (begin, end) in holes {
        let Some(start) = next else { break };
        if end < start || begin > last {
            continue;
        }
        if begin > start {
            left.push((start, begin - 1));
        }
        next = end.checked_add(1).filter(|next| *next <= last);
    }
    left.extend(next.map(|start| (start, last)));
    left
}
