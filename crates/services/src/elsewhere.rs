//! Services that only other servers answer for, as a service of AWS calls them for an account, in its own name.

use async_trait::async_trait;
use http::{Request, StatusCode};
use sidegate_model::Scope;

/// Those services.
#[async_trait]
pub trait Elsewhere: Send + Sync {
    /// Makes a request for an account to a service, by the last part of its endpoint service name, in the name of a service
    /// principal, and says how it was answered; `None` where no other server answers for the service. What its resources let
    /// in, the server decides.
    async fn call(
        &self, principal: &'static str, scope: &Scope, service: &str, request: Request<Vec<u8>>,
    ) -> Option<StatusCode>;
}
