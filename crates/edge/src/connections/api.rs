//! The port of the public API.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::socket::{End, Socket, reset};
use super::{accept, http};
use crate::Limits;
use crate::gate::Gate;

/// Serves the public API over HTTP/1.1, and over HTTP/2 for clients that begin with it, for as long as this is polled.
/// When it is dropped, its connections end.
pub async fn serve_api(listener: TcpListener, gate: Arc<Gate>, limits: Limits) {
    let counts = Arc::new(Counts::default());
    let mut connections = JoinSet::new();
    loop {
        let stream = accept::next(&listener).await;
        while connections.try_join_next().is_some() {}
        let Ok(peer) = stream.peer_addr() else { continue };
        let source = peer.ip().to_canonical();
        let Some(place) = Counts::take(&counts, source, &limits) else {
            reset(&stream);
            continue;
        };
        let gate = Arc::clone(&gate);
        connections.spawn(async move {
            let _place = place;
            http::serve_either(Socket::new(stream, End::default(), limits), gate, source, &limits).await;
        });
    }
}

/// How many connections there are from each address.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<IpAddr, usize>>);

/// A connection's place among them.
pub(super) struct Place {
    counts: Arc<Counts>,
    source: IpAddr,
}

impl Counts {
    pub(super) fn take(counts: &Arc<Self>, source: IpAddr, limits: &Limits) -> Option<Place> {
        let mut all = counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = all.values().sum();
        let of_source = all.get(&source).copied().unwrap_or_default();
        if total >= limits.connections || of_source >= limits.connections_per_source {
            return None;
        }
        all.insert(source, of_source + 1);
        Some(Place { counts: Arc::clone(counts), source })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.source);
            }
        }
    }
}
