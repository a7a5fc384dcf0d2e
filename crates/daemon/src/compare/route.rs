//! Routes: the entries that an endpoint has in route tables, and the one that who asks for it follows.

use serde::Serialize;
use sidegate_model::{Endpoint, RouteTableId};
use sidegate_plan::analyze::{Leg, RouteChoice, Step, Trace};

/// The routes to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Routes {
    /// Those that stand in route tables because of it.
    own: Vec<Entry>,
    /// The one that the flow follows; `None` where it stays within a subnet, or is stopped before.
    followed: Option<RouteChoice>,
}

/// A route that an endpoint has in some tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// The prefix list.
    destination: String,
    /// The name of that.
    name: String,
    /// The endpoint.
    target: String,
    tables: Vec<RouteTableId>,
}

impl Routes {
    pub(super) fn of(endpoint: &Endpoint, trace: &Trace) -> Self {
        let tables: Vec<_> = endpoint.route_tables().into_iter().flatten().cloned().collect();
        let entry = |(id, name): (String, String)| Entry {
            destination: id,
            name,
            target: endpoint.id.to_string(),
            tables: tables.clone(),
        };
        let lists = endpoint.gateway_lists().into_iter().map(|list| (list.id.to_string(), list.name));
        Self { own: lists.map(entry).collect(), followed: followed(trace) }
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let own = self.own.iter().map(|entry| {
            let Entry { destination, name, target, tables } = entry;
            let tables: Vec<_> = tables.iter().map(ToString::to_string).collect();
            let place = if tables.is_empty() { "no route table".to_owned() } else { tables.join(", ") };
            format!("{destination} ({name}) to {target}, in {place}")
        });
        let mut lines: Vec<String> = own.collect();
        if lines.is_empty() {
            lines.push("none of its own".to_owned());
        }
        lines.push(said(self.followed.as_ref()));
        lines
    }
}

/// The first route on the way there.
pub(super) fn followed(trace: &Trace) -> Option<RouteChoice> {
    trace.hops.iter().find_map(|hop| match (&hop.step, hop.leg) {
        (Step::Routes(choice), Leg::There) => Some(choice.clone()),
        _ => None,
    })
}

/// Which route is followed.
pub(super) fn said(followed: Option<&RouteChoice>) -> String {
    match followed.map(|own| (own, &own.chosen)) {
        Some((RouteChoice { table, .. }, Some(chosen))) => format!("followed: {chosen}, in {table}"),
        Some((RouteChoice { table, address, .. }, None)) => format!("followed: none; {table} has none to {address}"),
        None => "followed: none".to_owned(),
    }
}
