//! Reach: all that gets to something, or all that something gets to, as sets with what decided.
//!
//! Nothing is traced for each pair. Those ends are one class of which no rule, entry, route or gateway on the way
//! can tell one from the other, and one of a class is traced for all. Ports are taken by the ranges within which no filter
//! tells one from the next.

mod class;
mod judge;
mod member;
mod outside;
mod query;
mod set;

mod tracing;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde::Serialize;
use sidegate_model::{NetworkInterfaceId, VpcId, World};

use self::class::{Classes, Near};
use self::judge::Judges;
pub use self::member::{Decided, Member};
pub use self::query::{Addresses, Ends, Known, Query, Traffic, Whole};
use self::set::Gathered;
pub use self::set::{Set, Span, Unreached};
use self::tracing::Tracing;
use super::{Code, Disposition, Hop, Leg, Step, Trace};
use crate::Plan;

/// What gets where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// Those that arrive: each of `from` at each of `to`.
    pub sets: Vec<Set>,
    /// Those of which it cannot be said.
    pub undetermined: Vec<Set>,
    /// Those that arrive on no port that was asked about, by what stops them.
    pub unreached: Vec<Unreached>,
}

/// What of one end gets to another, where `plan` is that of `world`. It takes time in proportion to the ends, and to the
/// product of the classes that they fall into.
pub fn reach(world: &World, plan: &Plan, query: &Query, known: &dyn Known) -> Reach {
    let mut judges = Judges::new(world, plan, known.blocks());
    let classes = Classes::new(world, plan, query, known);
    let mut gathered = Gathered::default();
    let homes: Vec<Option<&VpcId>> = classes.homes().map(Some).chain(query.from.internet.then_some(None)).collect();
    let mut ports = known.ports();
    ports.sort_unstable();
    ports.dedup();
    let tracing = Tracing { world, plan, query, known, ports };
    for near in homes {
        for far in classes.aimed_at(near) {
            let (sources, targets) = classes.between(&mut judges, near, &far);
            for source in &sources {
                for target in &targets {
                    if let Some((sender, aim)) = pair(source, target) {
                        gathered.take(source, target, tracing.pieces(sender, aim));
                    }
                }
            }
        }
    }
    if query.from.internet {
        for (interface, address) in classes.hidden() {
            let blocks = Some(Code::IgwPrivateIpAssociationForIngress);
            let step = Step::Interface { interface: interface.clone(), address };
            let hops = vec![Hop { leg: Leg::There, step, blocks, notes: Vec::new() }];
            let by = Code::IgwPrivateIpAssociationForIngress;
            let path = Trace { source: None, hops, disposition: Disposition::Blocked { by } };
            let all = (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::BROADCAST.into());
            let from = Member::Internet { ranges: vec![all] };
            let to = Member::Interface { interface: interface.clone(), address: Some(address) };
            gathered.bar(from, to, by, path);
        }
    }
    gathered.settle(query)
}

/// One of each class, which are not the same interface.
fn pair<'c>(
    source: &'c class::Class<Near>, target: &'c class::Class<class::Aim>,
) -> Option<(&'c Near, &'c class::Aim)> {
    let is_other = |near: &Near, aim: &class::Aim| near.interface().is_none() || near.interface() != aim.interface();
    let (near, aim) = (source.ends.first()?, target.ends.first()?);
    if is_other(near, aim) {
        return Some((near, aim));
    }
    let by_aim = target.ends.iter().find(|aim| is_other(near, aim)).map(|aim| (near, aim));
    by_aim.or_else(|| source.ends.iter().find(|near| is_other(near, aim)).map(|near| (near, aim)))
}

impl Reach {
    /// The interfaces of which something arrives.
    pub fn senders(&self) -> BTreeSet<&NetworkInterfaceId> {
        self.sets.iter().flat_map(|set| &set.from).filter_map(Member::interface).collect()
    }

    /// Whether nothing arrives, and that is certain.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.undetermined.is_empty()
    }
}
