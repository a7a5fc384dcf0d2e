//! How long and how much a client may take.

use std::time::Duration;

use sidegate_services::Budget;

/// The bounds of connections, and of what all requests take together. Those of a single request are constants of the
/// [`crate::gate`].
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a request's head may take, counted from the end of the request before it on the same connection.
    pub head: Duration,
    /// How long a connection may be without a byte in either direction. It may last up to twice as long.
    ///
    /// Source: PrivateLink guide, "AWS PrivateLink quotas": 350 seconds.
    pub idle: Duration,
    /// How many connections a VPC may have at a time, and how many the public API.
    pub connections: usize,
    /// How many of them may come from one address.
    pub connections_per_source: usize,
    /// How long a connection to the resolver may be without a query.
    pub dns_idle: Duration,
    /// How many connections each of the resolver's sockets may have at a time.
    pub dns_connections: usize,
    /// How much memory the bodies of all requests together may take that are held whole, in bytes.
    pub bodies: usize,
    /// How long such a body waits for its share before the request is refused.
    pub bodies_patience: Duration,
}

impl Limits {
    /// What all bodies together may take.
    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.bodies, self.bodies_patience)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(15),
            head: Duration::from_secs(30),
            idle: Duration::from_secs(350),
            connections: 8192,
            connections_per_source: 4096,
            dns_idle: Duration::from_secs(10),
            dns_connections: 256,
            bodies: 256 * 1024 * 1024,
            bodies_patience: Duration::from_secs(2),
        }
    }
}
