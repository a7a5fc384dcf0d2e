//! What nobody can configure here: the answers are those of AWS for a function that has nothing of it.
//!
//! Event source mappings, function URLs, provisioned concurrency and code signing are not served; that there is none of
//! them is told, and that one be made is refused.

use serde_json::json;
use sidegate_iam::Requirement;

use super::fault::{Code, Fault};
use super::operation::{Answer, Call, present};

/// An empty list of a function.
pub(super) fn none_of_function(call: &Call<'_>, list: &str) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.whole_requirement(&named.place, function.as_deref())])?;
    present(&named, function.as_deref())?;
    Answer::ok(&json!({ list: [] }))
}

/// `ListEventSourceMappings`
pub(super) fn list_event_source_mappings(call: &Call<'_>) -> Result<Answer, Fault> {
    call.authorize(&[Requirement::new("lambda:ListEventSourceMappings", "*")])?;
    Answer::ok(&json!({"EventSourceMappings": []}))
}

/// `GetEventSourceMapping`
pub(super) fn get_event_source_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    let scope = &call.caller.scope;
    let arn = format!("arn:aws:lambda:{}:{}:event-source-mapping:{}", scope.region, scope.account, call.segment(0));
    call.authorize(&[Requirement::new("lambda:GetEventSourceMapping", arn)])?;
    Err(Fault::no_resource())
}

/// `GetFunctionUrlConfig`
pub(super) fn get_function_url_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    present(&named, function.as_deref())?;
    Err(Fault::no_resource())
}

/// `GetFunctionCodeSigningConfig`
pub(super) fn get_function_code_signing_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.whole_requirement(&named.place, function.as_deref())])?;
    present(&named, function.as_deref())?;
    Answer::ok(&json!({"FunctionName": named.place.name}))
}

/// `GetProvisionedConcurrencyConfig`
pub(super) fn get_provisioned_concurrency_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    present(&named, function.as_deref())?;
    Err(Fault::Told(
        Code::ProvisionedConcurrencyNotFound,
        "No Provisioned Concurrency Config found for this function".to_owned(),
    ))
}
