//! What was seen of a flow with packets, and where that differs from a trace.

use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, SocketAddr};

use serde::Serialize;
use sidegate_model::{NetworkInterfaceId, VpcEndpointId};
use sidegate_plan::analyze::{Code, Disposition, Step, Trace, Unknown};

/// What was seen from the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Live {
    /// Where it was looked from.
    pub(crate) from: From,
    /// What the resolver said; `None` if no name was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dns: Option<Dns>,
    /// What came of a connection to each address, or of a datagram.
    pub(crate) connections: Vec<Connection>,
    /// What came of TLS; `None` if it was not spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls: Option<Tls>,
    /// What the gate decided of the call; `None` if it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision: Option<Decision>,
    /// Whether nothing that was seen differs from the trace.
    pub(crate) agrees: bool,
    /// What differs, in words.
    pub(crate) differences: Vec<String>,
    /// What else is worth knowing, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// Where it was looked from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct From {
    /// The interface; `None` on the internet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) interface: Option<NetworkInterfaceId>,
    /// Its addresses.
    pub(crate) addresses: Vec<IpAddr>,
    /// Whether it was there for the look alone.
    pub(crate) supposed: bool,
}

/// What the resolver said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dns {
    /// The name.
    pub(crate) name: String,
    /// The response code, or why there was no answer.
    pub(crate) answer: String,
    /// The addresses.
    pub(crate) addresses: Vec<IpAddr>,
}

/// What came of a connection or a datagram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection {
    /// Where to.
    pub(crate) to: SocketAddr,
    /// What came of it.
    pub(crate) outcome: Outcome,
}

/// What came of a connection or a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
    /// It was taken, or answered.
    Connected,
    /// Whoever is there said that nobody listens: it arrived.
    Refused,
    /// Nobody said anything.
    Silent,
    /// A datagram was sent and nobody said anything, which tells nothing.
    Unanswered,
    /// The source itself has no way there.
    Unreachable,
}

impl Outcome {
    /// Whether it arrived, as far as that can be told.
    const fn arrived(self) -> Option<bool> {
        match self {
            Self::Connected | Self::Refused => Some(true),
            Self::Silent | Self::Unreachable => Some(false),
            Self::Unanswered => None,
        }
    }
}

/// What came of TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tls {
    /// The name that was asked for.
    pub(crate) name: String,
    /// The version that was agreed on, with a certificate that programs trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// Why there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
}

/// What the gate decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decision {
    /// Whether the call would be allowed; `None` if the gate was not asked in the end.
    pub(crate) allowed: Option<bool>,
    /// The code of the layer that denies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<Code>,
    /// The endpoint on whose path it was decided; `None` if that is a public address, or the gate was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<VpcEndpointId>,
    /// The address that the call came from, as the service sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<IpAddr>,
    /// The denial in AWS's words, or why the gate was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
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
            (_, Some(Code::PlainHttpNotServed)) => None,
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
    /// Notes where what was seen differs from a trace.
    pub(super) fn compare(mut self, trace: &Trace) -> Self {
        let expected = Expected::of(trace);
        let mut differences = Vec::new();
        if let (Some(seen), Some(told)) = (&self.dns, expected.addresses()) {
            let sorted = |all: &[IpAddr]| {
                let mut all = all.to_vec();
                all.sort_unstable();
                all.dedup();
                all
            };
            if sorted(&seen.addresses) != sorted(told) {
                differences.push(format!(
                    "the resolver says {} of {}, and the trace says {}",
                    listed(&seen.addresses),
                    seen.name,
                    listed(told)
                ));
            }
        }
        for Connection { to, outcome } in &self.connections {
            match (outcome.arrived(), expected.arrives(to.ip())) {
                (Some(true), Some(false)) => {
                    differences.push(format!("{to} is reached, and the trace says that it is not"));
                }
                (Some(false), Some(true)) => {
                    differences.push(format!("{to} is not reached ({outcome}), and the trace says that it is"));
                }
                _ => {}
            }
        }
        if let (Some(tls), Some(has_name)) = (&self.tls, expected.has_name())
            && tls.version.is_some() != has_name
        {
            differences.push(if has_name {
                format!("there is no TLS for {}, and the trace says that it is served", tls.name)
            } else {
                format!("there is TLS for {}, and the trace says that it is not served", tls.name)
            });
        }
        if let (Some(decision), Some(told)) = (&self.decision, expected.decision()) {
            let words =
                |code: Option<Code>| code.map_or_else(|| "allowed".to_owned(), |code| format!("denied: {code}"));
            match decision.allowed {
                Some(_) if decision.code == told => {}
                Some(_) => differences.push(format!(
                    "the call is {}, and the trace says {}",
                    words(decision.code),
                    words(told)
                )),
                None => differences.push("the gate was not asked, and the trace says that it is".to_owned()),
            }
        }
        differences.extend(self.decision.as_ref().and_then(|decision| self.elsewhere(decision, &expected)));
        self.agrees = differences.is_empty();
        self.differences = differences;
        self
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

fn listed(addresses: &[IpAddr]) -> String {
    match addresses {
        [] => "nothing".to_owned(),
        all => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connected => "connected",
            Self::Refused => "arrived, and nobody listens",
            Self::Silent => "no answer",
            Self::Unanswered => "sent; no answer, which tells nothing",
            Self::Unreachable => "the source has no way there",
        })
    }
}

impl Display for Live {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "live: {}", if self.agrees { "as explained" } else { "not as explained" })?;
        let interface = self.from.interface.as_ref().map_or("the internet", NetworkInterfaceId::as_str);
        let supposed = if self.from.supposed { ", attached for the look" } else { "" };
        writeln!(f, "  from {interface} ({}{supposed})", listed(&self.from.addresses))?;
        if let Some(Dns { name, answer, addresses }) = &self.dns {
            match addresses.as_slice() {
                [] => writeln!(f, "  dns {name}: {answer}")?,
                all => writeln!(f, "  dns {name}: {}", listed(all))?,
            }
        }
        for Connection { to, outcome } in &self.connections {
            writeln!(f, "  {to}: {outcome}")?;
        }
        if let Some(Tls { name, version, failure }) = &self.tls {
            match (version, failure) {
                (Some(version), _) => writeln!(f, "  tls {name}: version {version}, a certificate that is trusted")?,
                (None, failure) => writeln!(f, "  tls {name}: {}", failure.as_deref().unwrap_or("none"))?,
            }
        }
        if let Some(Decision { allowed, reason, .. }) = &self.decision {
            let reason = reason.as_deref().unwrap_or_default();
            match allowed {
                Some(true) => writeln!(f, "  decision: allowed; nothing was called")?,
                Some(false) => writeln!(f, "  decision: denied: {reason}")?,
                None => writeln!(f, "  decision: none: {reason}")?,
            }
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        for difference in &self.differences {
            writeln!(f, "  differs: {difference}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
