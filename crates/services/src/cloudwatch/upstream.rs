//! CloudWatch that another server answers, in whichever of the three protocols the client speaks. What a request requires
//! is found out by the operations of this crate, from the request alone.
//!
//! Tags, and whether an alarm or a dashboard is there, are the server's, and take no part in the decision: tags that are put
//! want the permission as if it were new.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};
use sidegate_wire::protocol::JsonVersion;

use super::fault::Fault;
use super::form::{self, Form, TARGET};
use super::store::Store;
use super::{CloudWatch, refused};
use crate::upstream::{Origin, RemoteCall, Server};
use crate::{Authorizer, Body, Caller, Service, whole};

/// The CloudWatch of all accounts and Regions, where another server has it.
pub struct Upstream {
    server: Server,
    /// Knows nothing.
    judge: CloudWatch,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Why requests cannot be decided about.
#[derive(Debug, thiserror::Error)]
#[error("cannot decide about requests of CloudWatch")]
pub struct UpstreamError(#[source] Fault);

impl Upstream {
    /// Sends requests to this server. No connection is made before there is a request.
    ///
    /// # Errors
    /// [`UpstreamError`] if there is no memory or no randomness to decide with.
    pub fn new(origin: Origin) -> Result<Self, UpstreamError> {
        let store: Arc<Store> = Store::empty().map_err(UpstreamError)?;
        Ok(Self { server: Server::new(origin, "monitoring"), judge: CloudWatch { store, decides_only: true } })
    }

    async fn forward(
        &self, form: Form, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Body>, Fault> {
        let (head, body) = request.into_parts();
        let body = form::plain(&head.headers, body).await?;
        let (operation, mut judged) = form.parse(&head, &body)?;
        let call = match form {
            Form::Cbor => RemoteCall::cbor(&head.headers, TARGET, &operation, body),
            Form::Json => {
                let target = format!("{TARGET}.{operation}");
                RemoteCall::json(&head.headers, JsonVersion::V1_0, &target, &judged)
            }
            Form::Query => RemoteCall::query(&head.headers, head.uri.query(), body),
        };
        self.server.place("cloudwatch", &caller.scope).put_here(&mut judged, &["ResourceARN"]);
        if let Some(members) = judged.as_object_mut() {
            // Its places are the server's.
            members.remove("NextToken");
        }
        let outcome = self.judge.carry_out(form, (operation, judged), caller, authorizer).await?;
        let allowed = outcome.allowed().ok_or(Fault::Interrupted)?;
        Ok(self.server.pass_on(&allowed, call, caller).await?)
    }
}

#[async_trait]
impl Service for Upstream {
    fn name(&self) -> &'static str {
        "monitoring"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let form = Form::of(request.headers());
        let answer = self.forward(form, request, caller, authorizer).await;
        answer.unwrap_or_else(|fault| whole::answer(refused(form, &fault, caller)))
    }
}
