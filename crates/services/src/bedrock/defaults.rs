//! What Bedrock says of what nobody has made or configured, where nobody can do so here.
//!
//! Source: Bedrock API reference.

use serde_json::{Value as Json, json};

use super::catalog::Model;

/// `ListGuardrails`
pub(super) fn guardrails() -> Json {
    json!({ "guardrails": [] })
}

/// `GetModelInvocationLoggingConfiguration`
pub(super) fn logging() -> Json {
    json!({})
}

/// `GetFoundationModelAvailability`, of a model that somebody answers for or nobody does.
pub(super) fn availability(model: &Model, is_there: bool) -> Json {
    let available = if is_there { "AVAILABLE" } else { "NOT_AVAILABLE" };
    json!({
        "modelId": model.id,
        "agreementAvailability": { "status": available },
        "authorizationStatus": if is_there { "AUTHORIZED" } else { "NOT_AUTHORIZED" },
        "entitlementAvailability": available,
        "regionAvailability": "AVAILABLE",
    })
}
