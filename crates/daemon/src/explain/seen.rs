//! What was seen of a flow with packets.

use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, SocketAddr};

use serde::Serialize;
use sidegate_model::{NetworkInterfaceId, VpcEndpointId};
use sidegate_plan::analyze::Code;

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
    /// Whether nothing that was seen differs from the trace; `None` if nothing could be compared.
    pub(crate) agrees: Option<bool>,
    /// What was compared.
    pub(crate) compared: Vec<&'static str>,
    /// What was not, and why, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) uncompared: Vec<String>,
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
    /// Where to; the port is 0 for what has none.
    pub(crate) to: SocketAddr,
    /// What came of it.
    pub(crate) outcome: Outcome,
}

/// What came of a connection or a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
    /// The connection was taken.
    Connected,
    /// A datagram or an echo request was answered.
    Answered,
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
    pub(super) const fn arrived(self) -> Option<bool> {
        match self {
            Self::Connected | Self::Answered | Self::Refused => Some(true),
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

impl Live {
    /// What comes of the comparison, in words.
    pub(super) fn verdict(&self) -> String {
        let compared = self.compared.join(", ");
        match self.agrees {
            Some(true) => format!("as explained, as far as was compared: {compared}"),
            Some(false) => "not as explained".to_owned(),
            None => "nothing of it could be compared with what is explained".to_owned(),
        }
    }
}

/// Addresses in a text.
pub(super) fn listed(addresses: &[IpAddr]) -> String {
    match addresses {
        [] => "nothing".to_owned(),
        all => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// An address with its port, if it has one.
pub(super) fn place(to: SocketAddr) -> String {
    if to.port() == 0 { to.ip().to_string() } else { to.to_string() }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connected => "connected",
            Self::Answered => "answered",
            Self::Refused => "arrived, and nobody listens",
            Self::Silent => "no answer",
            Self::Unanswered => "sent; no answer, which tells nothing",
            Self::Unreachable => "the source has no way there",
        })
    }
}

impl Display for Live {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "live: {}", self.verdict())?;
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
            writeln!(f, "  {}: {outcome}", place(*to))?;
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
        for own in &self.uncompared {
            writeln!(f, "  not compared: {own}")?;
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
