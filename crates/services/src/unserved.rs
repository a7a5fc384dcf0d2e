//! A service that is reached, but that is not emulated yet.

use async_trait::async_trait;
use http::{Request, Response, StatusCode};
use sidegate_iam::Path;
use sidegate_model::{Catalog, Service as ModelService};
use sidegate_wire::protocol::Failure;

use crate::spoken::ErrorForm;
use crate::{Authorizer, Body, Caller, Service, whole};

/// Stands where a service will be. It has no effect, so it asks nobody, and says in the service's own error form that
/// the request arrived.
#[derive(Clone, Copy, Debug)]
pub struct Unserved {
    /// The last part of the service's endpoint service name, such as `bedrock-runtime`.
    pub name: &'static str,
    /// The form in which it tells errors.
    pub form: ErrorForm,
}

#[async_trait]
impl Service for Unserved {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, _: &dyn Authorizer) -> Response<Body> {
        let has_endpoints = Catalog::named(self.name).is_none_or(ModelService::has_endpoints);
        let way = match caller.path {
            Path::Endpoint { .. } => "through the endpoint",
            Path::Public { .. } if has_endpoints => "over the emulated internet",
            Path::Public { .. } => "over the emulated internet, since no VPC endpoint leads there,",
        };
        let message =
            format!("Sidegate carries requests to {} {way} but does not emulate the service itself yet.", self.name);
        let failure = Failure::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message);
        whole::answer(self.form.render(&failure, &caller.request_id, request.uri().path()))
    }
}
