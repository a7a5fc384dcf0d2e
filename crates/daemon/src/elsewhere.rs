//! Services that other servers answer for, as services of AWS call them in their own names.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use async_trait::async_trait;
use http::header::CONTENT_LENGTH;
use http::{Request, StatusCode};
use sidegate_iam::{Denial, Path, Principal, Requirement};
use sidegate_model::Scope;
use sidegate_services::elsewhere::Elsewhere;
use sidegate_services::{Authorizer, Caller, Service};

use crate::asker::{read, whole};
use crate::clock;

/// The most bytes of an answer that are read.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Those services.
pub(crate) struct Relayed(pub(crate) Vec<Arc<dyn Service>>);

/// Lets in what the other server is to decide: it alone knows the policies of its resources.
struct Theirs;

impl Authorizer for Theirs {
    fn authorize(&self, _: &str, _: &[Requirement]) -> Result<(), Denial> {
        Ok(())
    }
}

#[async_trait]
impl Elsewhere for Relayed {
    async fn call(
        &self, principal: &'static str, scope: &Scope, service: &str, request: Request<Vec<u8>>,
    ) -> Option<StatusCode> {
        let service = self.0.iter().find(|one| one.name() == service)?;
        let (mut head, body) = request.into_parts();
        head.headers.insert(CONTENT_LENGTH, body.len().into());
        let now = clock::now_ms();
        let caller = Caller {
            request_id: format!("event-{now}"),
            principal: Principal::Service(principal.to_owned()),
            scope: scope.clone(),
            access_key: None,
            // It comes from within AWS.
            path: Path::Public { source: IpAddr::V4(Ipv4Addr::UNSPECIFIED) },
            now,
        };
        let (head, body) = service.handle(Request::from_parts(head, whole(body)), &caller, &Theirs).await.into_parts();
        read(body, LONGEST_ANSWER).await;
        Some(head.status)
    }
}
