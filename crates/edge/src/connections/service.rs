//! What is served on the ports of a VPC: AWS services over TLS, some of them over plain HTTP as well, the greeting of mail
//! on the ports of SMTP where an endpoint leads to that, and the metadata service. A connection to an endpoint whose service
//! does not have the port is closed.

use std::sync::Arc;

use ::http::request::Parts;
use ::http::{Method, Request, Response};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use rustls::ServerConfig;
use rustls::server::{Acceptor, ClientHello};
use sidegate_model::{Catalog, Region, Service, VpcId};
use sidegate_plan::{EndpointPlan, MAIL, Plan};
use time::OffsetDateTime;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};

use super::live::Live;
use super::socket::{Handle, Socket};
use super::{Shared, accept, http, smtp};
use crate::authority::AuthorityError;
use crate::gate::{Arrival, EndpointArrival, PathGone, Tls, is_covered};
use crate::metadata::Tokens;
use crate::path::{Facts, Standing, Target};

/// How much plain text TLS takes at a time, and so how much goes to the kernel with one call: a chunk of an object and
/// its framing.
pub(super) const TLS_BUFFER: usize = 512 * 1024;

/// The alert `unrecognized_name`, fatal, before any keys are agreed on.
///
/// Source: RFC 6066, 3; RFC 8446, 5.1 and 6.
const UNRECOGNIZED_NAME: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];

/// Which port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    /// 443.
    Tls,
    /// 80.
    Http,
    /// One of SMTP that begins without TLS.
    Smtp,
    /// One of SMTP that begins with TLS.
    Smtps,
}

/// What is needed to serve a port of a VPC.
pub(super) struct Serving {
    pub(super) shared: Arc<Shared>,
    pub(super) vpc: VpcId,
    pub(super) port: Port,
}

/// Accepts connections for as long as it is polled.
pub(super) async fn accept(listener: TcpListener, live: Arc<Live>, serving: Arc<Serving>) {
    loop {
        let stream = accept::next(&listener).await;
        match (serving.shared.facts)(&stream) {
            Ok(facts) => {
                let serving = &serving;
                live.admit(stream, facts, |socket, plan, standing| {
                    Serving::begin(serving, socket, facts, plan, standing)
                });
            }
            // The peer is gone already, or the kernel does not say where it came from: then it has no standing.
            Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "a connection without facts"),
        }
    }
}

impl Serving {
    /// What there is to do for a connection. `None` if its target does not serve this port.
    fn begin(
        self: &Arc<Self>, socket: Socket, facts: Facts, plan: &Plan, standing: &Standing,
    ) -> Option<impl Future<Output = ()> + Send + use<>> {
        let vpc = plan.vpcs.get(&self.vpc)?;
        let endpoint = match &standing.target {
            Target::Endpoint(id) => Some(vpc.endpoints.get(id)?),
            Target::Metadata => None,
        };
        let serves = match (self.port, endpoint) {
            (Port::Tls, endpoint) => endpoint.is_some(),
            (Port::Http, Some(endpoint)) => Catalog::named(endpoint.service).is_some_and(Service::speaks_plain_http),
            (Port::Http, None) => true,
            (Port::Smtp | Port::Smtps, endpoint) => endpoint.is_some_and(|endpoint| endpoint.service == MAIL),
        };
        if !serves {
            return None;
        }
        let serving = Arc::clone(self);
        let arrival = EndpointArrival {
            plans: self.shared.plans.clone(),
            vpc: self.vpc.clone(),
            facts,
            standing: standing.clone(),
            tls: None,
        };
        Some(async move {
            match (serving.port, &arrival.standing.target) {
                (_, Target::Metadata) => serving.metadata(socket, facts, arrival.standing).await,
                (Port::Http, Target::Endpoint(_)) => serving.plain(socket, arrival).await,
                (Port::Tls, Target::Endpoint(_)) => serving.tls(socket, arrival).await,
                (Port::Smtp, Target::Endpoint(_)) => smtp::refuse(socket).await,
                (Port::Smtps, Target::Endpoint(_)) => {
                    if let Some(stream) = serving.shake(socket, &arrival).await {
                        smtp::refuse(stream).await;
                    }
                }
            }
        })
    }

    async fn plain(&self, socket: Socket, arrival: EndpointArrival) {
        let service = http::to_gate(Arc::clone(&self.shared.gate), Arrival::Endpoint(arrival));
        http::serve_http1(socket, service, &self.shared.limits).await;
    }

    /// Speaks TLS as the endpoint's service does, whatever name the client asks for.
    async fn tls(&self, socket: Socket, mut arrival: EndpointArrival) {
        let Some(stream) = self.shake(socket, &arrival).await else { return };
        let session = stream.get_ref().1;
        let http2 = session.alpn_protocol() == Some(b"h2");
        arrival.tls = Some(Tls::agreed(session));
        let service = http::to_gate(Arc::clone(&self.shared.gate), Arrival::Endpoint(arrival));
        if http2 {
            http::serve_http2(stream, service).await;
        } else {
            http::serve_http1(stream, service, &self.shared.limits).await;
        }
    }

    /// Agrees on TLS. `None` if that fails.
    async fn shake(&self, socket: Socket, arrival: &EndpointArrival) -> Option<TlsStream<Socket>> {
        let deadline = Instant::now() + self.shared.limits.handshake;
        let start = timeout_at(deadline, LazyConfigAcceptor::new(Acceptor::default(), socket)).await.ok()?.ok()?;
        let Greeting::Config(config) = self.greeting(&start.client_hello(), arrival)? else {
            refuse_name(start, deadline).await;
            return None;
        };
        let shake = start.into_stream_with(config, |tls| tls.set_buffer_limit(Some(TLS_BUFFER)));
        timeout_at(deadline, shake).await.ok()?.ok()
    }

    /// What a client is greeted with. `None` if there is nothing to say.
    fn greeting(&self, hello: &ClientHello<'_>, arrival: &EndpointArrival) -> Option<Greeting> {
        let plan = self.shared.plans.load();
        let vpc = plan.vpcs.get(&arrival.vpc)?;
        let Target::Endpoint(id) = &arrival.standing.target else { return None };
        let endpoint = vpc.endpoints.get(id)?;
        // A client that names nobody gets the certificate as well: it may not verify it.
        let covers = |name: &str| is_covered(&name.to_ascii_lowercase(), &endpoint.hosts);
        if !hello.server_name().is_none_or(covers) {
            return Some(Greeting::UnrecognizedName);
        }
        match self.config(vpc.scope.region, endpoint)? {
            Ok(config) => Some(Greeting::Config(config)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "there is no certificate for an endpoint");
                None
            }
        }
    }

    /// How the endpoint's service speaks TLS, under the endpoint's own names as well. `None` if there is no such
    /// service.
    fn config(&self, region: Region, endpoint: &EndpointPlan) -> Option<Result<Arc<ServerConfig>, AuthorityError>> {
        let service = Catalog::named(endpoint.service)?;
        let domain = service.endpoint_domain(region);
        let own: Vec<String> = endpoint.hosts.iter().filter(|host| host.ends_with(&domain)).cloned().collect();
        Some(self.shared.authority.server_config(service, region, &own, OffsetDateTime::now_utc()))
    }

    async fn metadata(&self, socket: Socket, facts: Facts, standing: Standing) {
        let Ok(handle) = socket.handle() else { return };
        let service = service_fn(|request: Request<Incoming>| {
            self.metadata_reply(request.into_parts().0, facts, &standing, &handle)
        });
        http::serve_http1(socket, service, &self.shared.limits).await;
    }

    async fn metadata_reply(
        &self, head: Parts, facts: Facts, standing: &Standing, handle: &Handle,
    ) -> Result<Response<Full<Bytes>>, PathGone> {
        let plan = self.shared.plans.load();
        let vpc = plan.vpcs.get(&self.vpc).ok_or(PathGone)?;
        if Standing::of(&plan, &self.vpc, &facts).as_ref() != Some(standing) {
            return Err(PathGone);
        }
        limit_hops(handle, &head.method, vpc.metadata_of(facts.source).map(|metadata| metadata.hop_limit));
        let now = u64::try_from(crate::now() / 1000).unwrap_or_default();
        if !Tokens::may_block(&head) {
            return Ok(self.shared.tokens.handle(&head, vpc, facts.source, now).map(Full::new));
        }
        let (tokens, vpc) = (Arc::clone(&self.shared.tokens), Arc::clone(vpc));
        let reply = spawn_blocking(move || tokens.handle(&head, &vpc, facts.source, now)).await;
        reply.map(|reply| reply.map(Full::new)).map_err(|_| PathGone)
    }
}

/// Tells a client that nobody here has the name that it asks for. Whether it hears of it or not, this is the end.
pub(super) async fn refuse_name(mut start: StartHandshake<Socket>, deadline: Instant) {
    let _ = timeout_at(deadline, start.io.write_all(&UNRECOGNIZED_NAME)).await;
    let _ = timeout_at(deadline, start.io.shutdown()).await;
}

/// Lets the reply to the metadata service's `PUT`, which asks for a token, travel no further than its program's limit.
///
/// What follows on the same connection stays limited: else the next request would let the reply go, which the kernel sends
/// again as long as nobody has acknowledged it.
///
/// Source: EC2 user guide, "Use the Instance Metadata Service to access instance metadata".
fn limit_hops(handle: &Handle, method: &Method, limit: Option<u8>) {
    if let Some(limit) = limit.filter(|_| method == Method::PUT) {
        handle.set_hops(limit);
    }
}

/// The first answer to a client of TLS.
enum Greeting {
    Config(Arc<ServerConfig>),
    UnrecognizedName,
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::TcpStream;

    use super::super::socket::End;
    use super::*;
    use crate::Limits;

    #[tokio::test]
    async fn the_reply_that_bears_a_token_goes_as_far_as_the_limit_says_and_no_other_is_limited() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        for limit in [1, 2, 64] {
            let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let stream = listener.accept().await.unwrap().0.into_std().unwrap();
            let options = stream.try_clone().unwrap();
            let free = options.ttl().unwrap();
            let socket = Socket::new(TcpStream::from_std(stream).unwrap(), End::default(), Limits::default());
            let handle = socket.handle().unwrap();
            limit_hops(&handle, &Method::GET, Some(limit));
            limit_hops(&handle, &Method::PUT, None);
            assert_eq!(options.ttl().unwrap(), free);
            for method in [Method::PUT, Method::GET, Method::HEAD] {
                limit_hops(&handle, &method, Some(limit));
                assert_eq!(options.ttl().unwrap(), u32::from(limit), "{method}");
            }
        }
    }
}
