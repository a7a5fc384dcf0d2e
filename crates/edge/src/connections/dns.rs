//! The resolver's sockets.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sidegate_model::VpcId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::accept;
use crate::Limits;
use crate::path::CurrentPlan;
use crate::resolver::{self, Transport};

/// The longest query that is read. A longer one asks for nothing that there is.
const LONGEST_QUERY: usize = 4096;

/// How many queries a connection may bring.
const MOST_QUERIES: usize = 4096;

/// How long to wait where the system has no memory for a datagram.
const PAUSE: Duration = Duration::from_millis(100);

/// The resolver of a VPC, or that of the internet.
#[derive(Clone)]
pub(super) struct Resolver {
    pub(super) plans: CurrentPlan,
    pub(super) vpc: Option<VpcId>,
}

impl Resolver {
    /// The answer to a query. `None` is silence: also where the VPC has its resolver switched off.
    fn answer(&self, query: &[u8], transport: Transport) -> Option<Vec<u8>> {
        let plan = self.plans.load();
        let Some(vpc) = &self.vpc else {
            return resolver::answer_publicly(query, transport, &plan);
        };
        let vpc = plan.vpcs.get(vpc).filter(|vpc| vpc.resolver.is_some())?;
        resolver::answer(query, transport, vpc, &plan)
    }
}

/// Answers datagrams for as long as it is polled.
pub(super) async fn serve_udp(socket: UdpSocket, resolver: Resolver) {
    let mut buffer = vec![0; LONGEST_QUERY];
    loop {
        let (query, from) = match socket.recv_from(&mut buffer).await {
            Ok((length, from)) => (buffer.get(..length).unwrap_or_default(), from),
            // The error of an answer that went before: its peer is not there.
            Err(error) if is_of_peer(&error) => continue,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot receive DNS queries for now");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        if let Some(answer) = resolver.answer(query, Transport::Udp) {
            // A client that gets no answer asks again.
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

fn is_of_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable};
    matches!(error.kind(), ConnectionRefused | ConnectionReset | HostUnreachable | NetworkUnreachable)
}

/// Answers queries over connections for as long as it is polled.
pub(super) async fn serve_tcp(listener: TcpListener, resolver: Resolver, limits: Limits) {
    let places = Arc::new(Semaphore::new(limits.dns_connections));
    let mut connections = JoinSet::new();
    loop {
        let stream = accept::next(&listener).await;
        while connections.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let resolver = resolver.clone();
        connections.spawn(async move {
            let _place = place;
            // However it ends, the client may come again.
            let _ = converse(stream, &resolver, &limits).await;
        });
    }
}

/// Answers the queries of one connection, each with its length before it, one after the other.
///
/// Source: RFC 1035, 4.2.2; RFC 7766, 6.2.
async fn converse(mut stream: TcpStream, resolver: &Resolver, limits: &Limits) -> io::Result<()> {
    let mut query = vec![0; LONGEST_QUERY];
    for _ in 0..MOST_QUERIES {
        let exchange = async {
            let length = usize::from(stream.read_u16().await?);
            let query = query.get_mut(..length).ok_or(io::ErrorKind::InvalidData)?;
            stream.read_exact(query).await?;
            let answer = resolver.answer(query, Transport::Tcp).ok_or(io::ErrorKind::InvalidData)?;
            let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
            // One write, so that one segment holds both.
            let message = [&length.to_be_bytes()[..], &answer].concat();
            stream.write_all(&message).await
        };
        timeout(limits.dns_idle, exchange).await.map_err(io::Error::from)??;
    }
    Ok(())
}
