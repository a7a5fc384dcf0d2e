//! CloudWatch Logs that another server answers. What a request requires is found out by the operations of this crate, from
//! the request alone: names of log groups tell their ARNs.
//!
//! Tags, and the policies of destinations, are the server's, and take no part in the decision.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value as Json;
use sidegate_wire::aws_json;
use sidegate_wire::protocol::JsonVersion;

use super::fault::Fault;
use super::id::split_arn;
use super::store::Store;
use super::{Logs, TARGET, refused};
use crate::upstream::{Origin, RemoteCall, Server, members};
use crate::{Authorizer, Body, Caller, Service, whole};

/// The members that name log groups and destinations by ARNs, each a text or a list of texts.
const NAMING: [&str; 4] = ["logGroupIdentifier", "logGroupIdentifiers", "resourceArn", "resourceIdentifier"];

/// The CloudWatch Logs of all accounts and Regions, where another server has it.
pub struct Upstream {
    server: Server,
    /// Knows nothing.
    store: Arc<Store>,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Why requests cannot be decided about.
#[derive(Debug, thiserror::Error)]
#[error("cannot decide about requests of CloudWatch Logs")]
pub struct UpstreamError(#[source] Fault);

impl Upstream {
    /// Sends requests to this server. No connection is made before there is a request.
    ///
    /// # Errors
    /// [`UpstreamError`] if there is no memory or no randomness to decide with.
    pub fn new(origin: Origin) -> Result<Self, UpstreamError> {
        let store = Store::empty().map_err(UpstreamError)?;
        Ok(Self { server: Server::new(origin, "logs"), store })
    }

    async fn forward(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Body>, Fault> {
        let (head, body) = request.into_parts();
        let request = Request::from_parts(head.clone(), body);
        let (operation, body) = whole::document_within(request, TARGET, aws_json::MAX_LOGS_BYTES).await?;
        let read = aws_json::parse_within(&body, aws_json::MAX_LOGS_BYTES)?;
        let mut judged = members::own("logs", &operation, read)?;
        let target = format!("{TARGET}.{operation}");
        let call = RemoteCall::json(&head.headers, JsonVersion::V1_1, &target, &judged);
        let leads_to_destination = judged.get("destinationArn").and_then(Json::as_str).and_then(split_arn).is_some();
        if operation == "PutSubscriptionFilter" && leads_to_destination {
            // Who may lead events there is told by the destination's policy, which nobody but the server has.
            return Err(Fault::Unserved("subscriptions to destinations in front of another server"));
        }
        self.server.place("logs", &caller.scope).put_here(&mut judged, &NAMING);
        if let Some(members) = judged.as_object_mut() {
            // Its places are the server's.
            members.remove("nextToken");
        }
        let judge = Logs { decides_only: true, ..Logs::with_store(Arc::clone(&self.store)) };
        let outcome = judge.carry_out(operation, Bytes::from(judged.to_string()), caller, authorizer).await?;
        let allowed = outcome.allowed().ok_or(Fault::Interrupted)?;
        Ok(self.server.pass_on(&allowed, call, caller).await?)
    }
}

#[async_trait]
impl Service for Upstream {
    fn name(&self) -> &'static str {
        "logs"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        self.forward(request, caller, authorizer).await.unwrap_or_else(|fault| whole::answer(refused(&fault, caller)))
    }
}
