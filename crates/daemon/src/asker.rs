//! Calls to services by what works for an account: a session of the role of a flow log or a function, or a service itself.
//! Each is decided by the policies that are in force when it is made.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use sidegate_edge::gate::Credentials as _;
use sidegate_iam::{Context, Denial, Path, Policies, Principal, Requirement, decide};
use sidegate_model::{Region, Scope};
use sidegate_services::{Authorizer, Body, Caller, ForwardedBy, Service};

use crate::clock::rfc3339;
use crate::identities::Identities;

/// The most bytes of an answer that are read.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Who calls, and what is known of the call.
pub(crate) struct Asker<'a> {
    pub(crate) identities: &'a Identities,
    pub(crate) principal: Principal,
    /// The condition keys of the principal and of what it delivers.
    pub(crate) context: Context,
    /// What policies say of it.
    pub(crate) policies: Policies,
    pub(crate) access_key: Option<String>,
    pub(crate) scope: Scope,
    /// What the calls are for, such as `flow-log`; told in their ids.
    pub(crate) errand: &'static str,
    /// Unix time in milliseconds.
    pub(crate) now: i64,
}

/// What a service answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The Region of the bucket that was asked for, where S3 tells it.
    pub(crate) region: Option<Region>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as text, for errors and documents.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

impl Asker<'_> {
    /// Makes a call. The answer is read as far as it may matter.
    pub(crate) async fn call(
        &self, service: &Arc<dyn Service>, request: http::request::Builder, body: Vec<u8>,
    ) -> Answer {
        match request.body(body) {
            Ok(request) => self.send(service, request).await,
            Err(_) => Answer { status: StatusCode::BAD_REQUEST, region: None, body: Bytes::new() },
        }
    }

    /// The same with a request that is whole.
    pub(crate) async fn send(&self, service: &Arc<dyn Service>, request: Request<Vec<u8>>) -> Answer {
        self.send_for(service, request, LONGEST_ANSWER).await
    }

    /// The same for an answer that may have this many bytes.
    pub(crate) async fn send_for(&self, service: &Arc<dyn Service>, request: Request<Vec<u8>>, most: usize) -> Answer {
        let (mut head, body) = request.into_parts();
        head.headers.insert(CONTENT_LENGTH, body.len().into());
        let request = Request::from_parts(head, whole(body));
        let caller = Caller {
            request_id: format!("{}-{}", self.errand, self.now),
            principal: self.principal.clone(),
            scope: self.scope.clone(),
            access_key: self.access_key.clone(),
            // It comes from within AWS.
            path: Path::Public { source: IpAddr::V4(Ipv4Addr::UNSPECIFIED) },
            now: self.now,
        };
        let (head, body) = service.handle(request, &caller, self).await.into_parts();
        let region = region_of(&head.headers);
        match read(body, most).await {
            Some(body) => Answer { status: head.status, region, body },
            None => Answer { status: StatusCode::INTERNAL_SERVER_ERROR, region, body: Bytes::new() },
        }
    }

    /// The condition keys of its calls: they come over TLS, from no network of anybody's.
    fn keys(&self) -> Context {
        let context = self
            .context
            .clone()
            .with("aws:SecureTransport", "true")
            .with("aws:EpochTime", (self.now / 1000).to_string())
            .with("aws:RequestedRegion", self.scope.region.as_str());
        match rfc3339(self.now) {
            Some(time) => context.with("aws:CurrentTime", time),
            None => context,
        }
    }

    fn decide_all(&self, requirements: &[Requirement]) -> Result<(), Denial> {
        for requirement in requirements {
            let (mut context, mut policies) = (self.keys(), self.policies.clone());
            let membership = self.principal.account().and_then(|own| self.identities.membership(own));
            if let Some(own) = &membership {
                policies.service_control.clone_from(&own.service_control);
                context = context
                    .with("aws:PrincipalOrgID", own.organization.as_str())
                    .with_many("aws:PrincipalOrgPaths", [own.path.as_str()]);
            }
            let owner = requirement.owner().or_else(|| self.principal.account().cloned());
            if let Some(owner) = owner.and_then(|owner| self.identities.membership(&owner)) {
                policies.resource_control.clone_from(&owner.resource_control);
                context = context
                    .with("aws:ResourceOrgID", owner.organization.as_str())
                    .with_many("aws:ResourceOrgPaths", [owner.path.as_str()]);
            }
            let request = sidegate_iam::Request { principal: &self.principal, context: &context, requirement };
            if let Some(denial) = decide(&request, &policies).denial(&request, &policies) {
                return Err(denial);
            }
        }
        Ok(())
    }
}

impl Authorizer for Asker<'_> {
    fn authorize(&self, operation: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        let decided = self.decide_all(requirements);
        if let Err(denial) = &decided {
            tracing::debug!(operation, errand = self.errand, %denial, "a call for an account is not let in");
        }
        decided
    }

    fn authorize_forwarded(&self, by: &ForwardedBy, requirements: &[Requirement]) -> Result<(), Denial> {
        let service = by.principal();
        // A service is of no account; what it does for one with keys counts as that account's.
        let context = match (&self.principal, requirements.first().map(|first| first.action.as_str())) {
            (Principal::Service(_), Some(action)) if action.starts_with("kms:") => {
                self.context.clone().with("kms:CallerAccount", self.scope.account.as_str())
            }
            _ => self.context.clone(),
        };
        let context = context
            .with("aws:ViaAWSService", "true")
            .with("aws:CalledViaFirst", service.as_str())
            .with("aws:CalledViaLast", service.as_str())
            .with_many("aws:CalledVia", [service]);
        let behind = Asker {
            context,
            principal: self.principal.clone(),
            policies: self.policies.clone(),
            access_key: None,
            scope: self.scope.clone(),
            ..*self
        };
        behind.decide_all(requirements)
    }
}

/// The Region of a bucket, as S3 tells it.
pub(crate) fn region_of(headers: &HeaderMap) -> Option<Region> {
    headers.get("x-amz-bucket-region")?.to_str().ok()?.parse().ok()
}

/// The whole of a body, if it is not too long.
pub(crate) async fn read(mut body: Body, most: usize) -> Option<Bytes> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Some(data) = frame.ok()?.data_ref() {
            if bytes.len() + data.len() > most {
                return None;
            }
            bytes.extend_from_slice(data);
        }
    }
    Some(bytes.into())
}

pub(crate) fn whole(body: Vec<u8>) -> Body {
    Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed_unsync()
}
