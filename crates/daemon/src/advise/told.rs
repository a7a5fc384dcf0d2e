//! What is to be known of flow logs beside the traffic that counts.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_advise::gigabytes;
use sidegate_import::flow_logs::{Interface, Observed, Owner, Peer};

use super::happened::duration;
use super::listed;

/// Bytes that are not counted as one may think.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// With services by published names that no endpoint is known by.
    pub(super) elsewhere: BTreeMap<String, u64>,
    /// Recorded at one more interface on their way.
    pub(super) repeated: u64,
    /// Between private addresses, at interfaces that are no endpoints' and no NAT gateways'.
    pub(super) private: u64,
    /// With endpoints whose services nobody knows.
    pub(super) unknown: u64,
    /// Whether there is no world beside the logs.
    pub(super) is_alone: bool,
}

impl Told {
    /// What is told of it, and of the logs as a whole.
    pub(super) fn remarks(&self, observed: &Observed) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some((first, last)) = observed.span {
            let milliseconds = i64::try_from(last.saturating_sub(first).saturating_mul(1_000)).unwrap_or(i64::MAX);
            remarks.push(format!(
                "The traffic is that of {} flows in {}. It is taken as that of a month; `--scale N` multiplies it.",
                observed.total.flows,
                duration(milliseconds)
            ));
        }
        for (name, bytes) in &self.elsewhere {
            remarks.push(format!(
                "{} with addresses that AWS publishes as {name} are counted as the internet's: no endpoint is known by that \
                 name.",
                gigabytes((*bytes).into())
            ));
        }
        let mut tell = |bytes: u64, what: &str| {
            if bytes > 0 {
                remarks.push(format!("{} {what}", gigabytes(bytes.into())));
            }
        };
        tell(
            self.repeated,
            "were recorded at more than one interface on their way, such as a client's and a NAT gateway's, and count once.",
        );
        tell(self.unknown, "with interface endpoints of services that Sidegate does not know are not considered.");
        tell(observed.other_rows.bytes, "of interfaces beyond the most that are kept apart are not considered.");
        if self.is_alone {
            tell(
                self.private,
                "went between private addresses and are not considered: what of them is with interface endpoints, only \
                 --world tells.",
            );
            remarks.extend(between(observed));
        }
        if observed.skipped > 0 {
            remarks.push(format!("{} records say that traffic is missing in the logs (SKIPDATA).", observed.skipped));
        }
        remarks
    }
}

/// Which interfaces of logs alone are taken as those of NAT gateways. Nothing where it makes no difference.
fn between(observed: &Observed) -> Option<String> {
    let outward = observed.rows.iter().filter(|row| matches!(row.peer, Peer::Service { .. } | Peer::Internet));
    let all: BTreeSet<&Interface> = outward.map(|row| &row.interface).collect();
    let is_between = |interface: &&&Interface| interface.owner == Some(Owner::Intermediate);
    let ids: Vec<String> = all.iter().filter(is_between).map(|interface| interface.id.clone()).collect();
    if ids.is_empty() {
        let remark = "No interface has the traffic of others passing it, as far as the logs tell. If one is a NAT gateway's all \
                      the same, its traffic counts twice where its clients are in the logs too. With --world it is known.";
        return (all.len() > 1).then(|| remark.to_owned());
    }
    let vpcs: BTreeSet<_> = observed.rows.iter().map(|row| row.interface.vpc.as_deref()).collect();
    let others = " What clients in other VPCs send through them counts there too.";
    Some(format!(
        "By what the logs tell, the traffic of others passes {}, as it passes NAT gateways.{} With --world it is known.",
        listed(&ids),
        if vpcs.len() > 1 { others } else { "" }
    ))
}
