//! A bare link: two namespaces joined by a veth pair, for the servers that Sidegate is compared with.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use sidegate_linux::netns::NetNs;

use super::site::Site;
use super::{Bench, BenchError, Step as _};

/// The addresses of both ends.
const CLIENT: Ipv4Addr = Ipv4Addr::new(172, 31, 0, 1);
pub(super) const SERVER: Ipv4Addr = Ipv4Addr::new(172, 31, 0, 2);

/// A bare link. Dropping it removes it, and the directory for what serves behind it.
pub(super) struct Link {
    pub(super) client: NetNs,
    pub(super) server: NetNs,
    site: Site,
}

impl Link {
    pub(super) fn new(bench: &Bench) -> Result<Self, BenchError> {
        const STEP: &str = "choosing a congestion control";
        let site = Site::new(&bench.exe)?;
        let (client, server) = (site.namespace("bench-client")?, site.namespace("bench-server")?);
        site.join((&client, "raw", CLIENT), (&server, "raw", SERVER))?;
        // As the data plane's listeners do, it sends with a congestion control that does not pace.
        server.run(|| fs::write("/proc/sys/net/ipv4/tcp_congestion_control", "reno")).step(STEP)?.step(STEP)?;
        Ok(Self { client, server, site })
    }

    /// A directory for what serves.
    pub(super) fn directory(&self) -> &Path {
        self.site.directory()
    }
}
