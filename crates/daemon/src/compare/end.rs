//! Ends: whether a flow arrives at the endpoint that it is meant for, and what becomes of it otherwise.

use serde::Serialize;
use sidegate_model::VpcEndpointId;
use sidegate_plan::analyze::{Disposition, Flow, Step, Trace};

use super::network::Network;

/// What becomes of a flow that is meant for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct End {
    /// Whether the endpoint takes it; `None` if nobody can say.
    pub(super) arrives: Option<bool>,
    /// The same in words.
    pub(super) words: String,
}

impl End {
    /// What becomes of a flow, by its trace.
    pub(super) fn of(network: &Network<'_>, flow: &Flow, trace: &Trace, endpoint: &VpcEndpointId) -> Self {
        if let Some(first) = network.open(flow, trace).first() {
            return Self { arrives: None, words: format!("not known: {first}") };
        }
        let (arrives, words) = match &trace.disposition {
            Disposition::Endpoint { endpoint: own, .. } if own == endpoint => (Some(true), reached(trace)),
            Disposition::Endpoint { endpoint: other, .. } => (Some(false), format!("{other} takes it")),
            Disposition::Internet { .. } => (Some(false), "it goes past it, over the internet".to_owned()),
            Disposition::Undetermined { unknown } => (None, format!("not known: {unknown}")),
            Disposition::Blocked { by } => (Some(false), format!("blocked: {by}: {}", by.meaning())),
            other => (Some(false), other.to_string()),
        };
        Self { arrives, words }
    }
}

/// That it is reached, and at which interface.
fn reached(trace: &Trace) -> String {
    let met = trace.hops.iter().find_map(|hop| match &hop.step {
        Step::Endpoint(met) => met.zone.as_ref().map(|zone| (zone, met.address)),
        _ => None,
    });
    met.map_or_else(|| "reached".to_owned(), |(zone, address)| format!("reached, at {address} in {zone}"))
}
