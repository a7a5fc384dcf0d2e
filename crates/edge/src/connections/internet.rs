//! The services' public addresses on the emulated internet.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::server::Acceptor;
use sidegate_model::{Catalog, Region, Service};
use time::OffsetDateTime;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::LazyConfigAcceptor;

use super::api::Counts;
use super::service::{Port, TLS_BUFFER, refuse_name};
use super::socket::{End, Socket, reset};
use super::{Shared, accept, http};
use crate::gate::{Arrival, Tls, is_covered};

/// A connection to the public address of a service.
struct Visit {
    source: IpAddr,
    service: &'static Service,
    region: Region,
}

impl Visit {
    /// Where a connection comes from and leads to. `None` if no service has the address, or it does not serve the port.
    fn of(stream: &TcpStream, port: Port) -> Option<Self> {
        let (source, own) = (stream.peer_addr().ok()?.ip(), stream.local_addr().ok()?.ip());
        let (region, service) = match own {
            IpAddr::V4(own) => Catalog::at(own)?,
            IpAddr::V6(own) => Catalog::at_ipv6(own)?,
        };
        let serves = port == Port::Tls || port == Port::Http && service.speaks_plain_http();
        serves.then_some(Self { source, service, region })
    }

    fn arrival(&self, tls: Option<Tls>) -> Arrival {
        Arrival::Internet { source: self.source, service: self.service, region: self.region, tls }
    }
}

/// Serves a port of all public addresses for as long as this is polled. When it is dropped, its connections end.
pub(super) async fn serve(listener: TcpListener, port: Port, shared: Arc<Shared>) {
    let counts = Arc::new(Counts::default());
    let mut connections = JoinSet::new();
    loop {
        let stream = accept::next(&listener).await;
        while connections.try_join_next().is_some() {}
        let visit = Visit::of(&stream, port);
        let place = visit.as_ref().and_then(|visit| Counts::take(&counts, visit.source, &shared.limits));
        let (Some(visit), Some(place)) = (visit, place) else {
            reset(&stream);
            continue;
        };
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let _place = place;
            let socket = Socket::new(stream, End::default(), shared.limits);
            match port {
                Port::Tls => tls(socket, &visit, &shared).await,
                // Nobody listens there on the internet.
                Port::Smtp | Port::Smtps => {}
                Port::Http => {
                    let service = http::to_gate(Arc::clone(&shared.gate), visit.arrival(None));
                    http::serve_http1(socket, service, &shared.limits).await;
                }
            }
        });
    }
}

async fn tls(socket: Socket, visit: &Visit, shared: &Shared) {
    let deadline = Instant::now() + shared.limits.handshake;
    let Ok(Ok(start)) = timeout_at(deadline, LazyConfigAcceptor::new(Acceptor::default(), socket)).await else {
        return;
    };
    let names = visit.service.public_names(visit.region);
    let covers = |name: &str| is_covered(&name.to_ascii_lowercase(), &names);
    if !start.client_hello().server_name().is_none_or(covers) {
        return refuse_name(start, deadline).await;
    }
    let config = shared.authority.server_config(visit.service, visit.region, &[], OffsetDateTime::now_utc());
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "there is no certificate for a service");
            return;
        }
    };
    let shake = start.into_stream_with(config, |tls| tls.set_buffer_limit(Some(TLS_BUFFER)));
    let Ok(Ok(stream)) = timeout_at(deadline, shake).await else { return };
    let session = stream.get_ref().1;
    let (http2, tls) = (session.alpn_protocol() == Some(b"h2"), Tls::agreed(session));
    let service = http::to_gate(Arc::clone(&shared.gate), visit.arrival(Some(tls)));
    if http2 {
        http::serve_http2(stream, service).await;
    } else {
        http::serve_http1(stream, service, &shared.limits).await;
    }
}
