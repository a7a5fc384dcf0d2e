//! Comparisons: what of a look can be held against a trace, and where the two differ.

use std::net::IpAddr;

use sidegate_model::VpcEndpointId;
use sidegate_plan::analyze::{Code, Disposition, NameOrigin, Step, Trace, Unknown};

use super::seen::{Connection, Decision, Live, listed, place};

/// That a flow arrives, among what is compared.
const ARRIVAL: &str = "whether it arrives";

/// What came of comparing.
#[derive(Default)]
struct Comparison {
    compared: Vec<&'static str>,
    uncompared: Vec<String>,
    differences: Vec<String>,
}

/// What a trace says that is to be seen.
struct Expected<'t> {
    trace: &'t Trace,
    /// Why the flow ends, if it does.
    by: Option<Code>,
}

impl<'t> Expected<'t> {
    fn of(trace: &'t Trace) -> Self {
        Self { trace, by: trace.disposition.blocked_by() }
    }

    /// The addresses that the name leads to.
    fn addresses(&self) -> Option<&'t [IpAddr]> {
        self.trace.hops.iter().find_map(|hop| match &hop.step {
            // What others answer, a trace does not say.
            Step::Name(resolution) if matches!(resolution.origin, NameOrigin::OtherServers(_)) => None,
            Step::Name(resolution) => Some(resolution.addresses.as_slice()),
            _ => None,
        })
    }

    /// Whether a connection to an address arrives. `None` if the trace does not say.
    fn arrives(&self, at: IpAddr) -> Option<bool> {
        match (&self.trace.disposition, self.by) {
            (Disposition::Undetermined { unknown: Unknown::Address { passing, lost } }, _) => {
                passing.contains(&at).then_some(true).or_else(|| lost.contains(&at).then_some(false))
            }
            (Disposition::Undetermined { unknown: Unknown::Policies { .. } }, _) => Some(true),
            (Disposition::Undetermined { .. }, _) => None,
            // The kernel takes it, and the service does not.
            (_, Some(Code::PlainHttpNotServed | Code::PortNotServed)) => None,
            // Who is there, nobody knows.
            (Disposition::Outside { .. }, _) => None,
            (_, Some(by)) => Some(by == Code::TlsNameNotServed || is_of_policy(by)),
            (_, None) => Some(true),
        }
    }

    /// Whether the service has the name.
    fn has_name(&self) -> Option<bool> {
        match self.by {
            Some(Code::TlsNameNotServed) => Some(false),
            Some(by) if is_of_policy(by) => Some(true),
            Some(_) => None,
            None => self.trace.disposition.is_reached().then_some(true),
        }
    }

    /// The endpoint that takes the call; `None` within if it is none.
    fn endpoint(&self) -> Option<Option<&'t VpcEndpointId>> {
        self.trace.hops.iter().rev().find_map(|hop| match &hop.step {
            Step::Endpoint(met) => Some(Some(&met.endpoint)),
            Step::Service { .. } => Some(None),
            _ => None,
        })
    }

    /// The address that the call comes from, as the service sees it.
    fn source(&self) -> Option<IpAddr> {
        // A NAT gateway lends its addresses in turn.
        let lent = self.trace.hops.iter().any(|hop| matches!(hop.step, Step::NatGateway { .. }));
        match &self.trace.disposition {
            Disposition::Endpoint { source, .. } | Disposition::Internet { source, .. } if !lent => Some(*source),
            _ => None,
        }
    }

    /// Whether it comes as far as to policies.
    fn is_call(&self) -> bool {
        self.trace.hops.iter().any(|hop| matches!(hop.step, Step::Policy(_)))
    }

    /// What decides about the call: nothing, or a layer. `None` if the trace does not say.
    fn decision(&self) -> Option<Option<Code>> {
        match self.by {
            Some(by) if is_of_policy(by) => Some(Some(by)),
            Some(_) => None,
            None => self.trace.disposition.is_reached().then_some(None),
        }
    }
}

/// Whether a code is that of a layer of policies.
fn is_of_policy(code: Code) -> bool {
    use sidegate_iam::PolicyKind::{
        Boundary, Endpoint, Identity, Resource, ResourceControl, RoleTrust, ServiceControl, Session,
    };
    let all = [Boundary, Endpoint, Identity, Resource, ResourceControl, RoleTrust, ServiceControl, Session];
    all.into_iter().any(|kind| [false, true].into_iter().any(|explicit| Code::of_policy(kind, explicit) == code))
}

impl Live {
    /// Notes what of it can be compared with a trace, and where it differs.
    pub(super) fn compare(mut self, trace: &Trace) -> Self {
        let expected = Expected::of(trace);
        let mut found = Comparison::default();
        self.compare_name(&expected, &mut found);
        self.compare_connections(&expected, &mut found);
        self.compare_tls(&expected, &mut found);
        self.compare_decision(&expected, &mut found);
        found.differences.extend(self.decision.as_ref().and_then(|decision| self.elsewhere(decision, &expected)));
        if self.connections.is_empty() && self.uncompared.is_empty() && found.compared.is_empty() {
            found.uncompared.push("there is no address that could be tried from there".to_owned());
        }
        self.agrees = (!found.compared.is_empty()).then_some(found.differences.is_empty());
        self.compared = found.compared;
        self.uncompared.extend(found.uncompared);
        self.differences = found.differences;
        self
    }

    fn compare_name(&self, expected: &Expected<'_>, found: &mut Comparison) {
        let (Some(seen), Some(told)) = (&self.dns, expected.addresses()) else { return };
        found.compared.push("the resolver's answer");
        let sorted = |all: &[IpAddr]| {
            let mut all = all.to_vec();
            all.sort_unstable();
            all.dedup();
            all
        };
        if sorted(&seen.addresses) != sorted(told) {
            found.differences.push(format!(
                "the resolver says {} of {}, and the trace says {}",
                listed(&seen.addresses),
                seen.name,
                listed(told)
            ));
        }
    }

    fn compare_connections(&self, expected: &Expected<'_>, found: &mut Comparison) {
        for Connection { to, outcome } in &self.connections {
            let (seen, told, to) = (outcome.arrived(), expected.arrives(to.ip()), place(*to));
            if seen.is_some() && told.is_some() && !found.compared.contains(&ARRIVAL) {
                found.compared.push(ARRIVAL);
            }
            match (seen, told) {
                (Some(true), Some(false)) => {
                    found.differences.push(format!("{to} is reached, and the trace says that it is not"));
                }
                (Some(false), Some(true)) => {
                    let difference = format!("{to} is not reached ({outcome}), and the trace says that it is");
                    found.differences.push(difference);
                }
                (Some(_), Some(_)) => {}
                (None, _) => found.uncompared.push(format!(
                    "{to}: nothing answered, and who gets a datagram need not answer, so that silence tells nothing"
                )),
                (Some(_), None) => {
                    found.uncompared.push(format!("{to}: the trace does not say whether anybody answers there"));
                }
            }
        }
    }

    fn compare_tls(&self, expected: &Expected<'_>, found: &mut Comparison) {
        let (Some(tls), Some(has_name)) = (&self.tls, expected.has_name()) else { return };
        found.compared.push("TLS");
        let name = &tls.name;
        match (tls.version.is_some(), has_name) {
            (false, true) => {
                found.differences.push(format!("there is no TLS for {name}, and the trace says that it is served"));
            }
            (true, false) => {
                found.differences.push(format!("there is TLS for {name}, and the trace says that it is not served"));
            }
            (true, true) | (false, false) => {}
        }
    }

    fn compare_decision(&self, expected: &Expected<'_>, found: &mut Comparison) {
        match (&self.decision, expected.decision()) {
            (Some(decision), Some(told)) => {
                found.compared.push("the decision about the call");
                let words =
                    |code: Option<Code>| code.map_or_else(|| "allowed".to_owned(), |code| format!("denied: {code}"));
                match decision.allowed {
                    Some(_) if decision.code == told => {}
                    Some(_) => found.differences.push(format!(
                        "the call is {}, and the trace says {}",
                        words(decision.code),
                        words(told)
                    )),
                    None => found.differences.push("the gate was not asked, and the trace says that it is".to_owned()),
                }
            }
            (None, _) if expected.is_call() => {
                found.uncompared.push("the call: the gate was not asked about it".to_owned());
            }
            (Some(_), None) => {
                found.uncompared.push("the call: the trace does not say whether it is allowed".to_owned());
            }
            (None, _) => {}
        }
    }

    /// Whether the gate was asked on another path than the trace has.
    fn elsewhere(&self, decision: &Decision, expected: &Expected<'_>) -> Option<String> {
        let told = expected.endpoint().filter(|_| decision.allowed.is_some())?;
        if decision.endpoint.as_ref() != told {
            let words =
                |own: Option<&VpcEndpointId>| own.map_or_else(|| "a public address".to_owned(), ToString::to_string);
            let seen = words(decision.endpoint.as_ref());
            return Some(format!("the call came by {seen}, and the trace says by {}", words(told)));
        }
        // An interface that was there for the look alone has an address of its own.
        let (seen, told) = (decision.source?, expected.source().filter(|_| !self.from.supposed)?);
        let host = self.from.interface.is_none();
        (seen != told && !host).then(|| format!("the call came from {seen}, and the trace says from {told}"))
    }
}
