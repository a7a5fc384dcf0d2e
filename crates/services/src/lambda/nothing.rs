//! What nobody can configure here: the answers are those of AWS for a function that has nothing of it.
//!
//! Function URLs, provisioned concurrency and code signing are not served; that there is none of them is told, and that one
//! be made is refused.

use serde_json::{Value, json};
use sidegate_iam::Requirement;

use super::fault::{Code, Fault};
use super::name::Qualifier;
use super::operation::{Answer, Call, present, present_version};

/// An empty list of a function.
pub(super) fn none_of_function(call: &Call<'_>, list: &str) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.whole_requirement(&named.place, function.as_deref())])?;
    present(&named, function.as_deref())?;
    let (none, _) = call.page::<Value>(Vec::new(), 50)?;
    Answer::ok(&json!({ list: none }))
}

/// `ListCodeSigningConfigs`
pub(super) fn list_code_signing_configs(call: &Call<'_>) -> Result<Answer, Fault> {
    call.authorize(&[Requirement::new("lambda:ListCodeSigningConfigs", "*")])?;
    let (none, _) = call.page::<Value>(Vec::new(), 50)?;
    Answer::ok(&json!({"CodeSigningConfigs": none}))
}

/// `GetFunctionUrlConfig` and `DeleteFunctionUrlConfig`
pub(super) fn no_function_url_config(call: &Call<'_>) -> Result<Answer, Fault> {
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

/// `DeleteFunctionCodeSigningConfig`, which succeeds where there is none.
pub(super) fn delete_function_code_signing_config(call: &Call<'_>) -> Result<Answer, Fault> {
    get_function_code_signing_config(call)?;
    Ok(Answer::nothing())
}

/// `DeleteProvisionedConcurrencyConfig`, which succeeds where there is none.
///
/// Source: LocalStack's tests that run against AWS.
pub(super) fn delete_provisioned_concurrency_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    if named.qualifier.as_ref().is_none_or(|qualifier| *qualifier == Qualifier::Latest) {
        return Err(Fault::invalid("The function resource provided must be an alias or a published version."));
    }
    present_version(&named, function.as_deref())?;
    Ok(Answer::nothing())
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
