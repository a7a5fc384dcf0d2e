//! When a function's runtime is updated, and whether it may call itself for ever: `GetRuntimeManagementConfig`,
//! `PutRuntimeManagementConfig`, `GetFunctionRecursionConfig` and `PutFunctionRecursionConfig`.
//!
//! Runtimes are the machine's and are not updated here, so that the first is kept and told, and changes nothing.
//!
//! Source: API reference.

use serde::Deserialize;
use serde_json::{Value, json};

use super::event_invoke::key_of;
use super::fault::Fault;
use super::function::RuntimeUpdates;
use super::name::Named;
use super::operation::{Answer, Call, present, present_version};
use super::settings::one_of;
use crate::constraint::{length, required};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutRuntimeManagementConfig {
    update_runtime_on: Option<String>,
    runtime_version_arn: Option<String>,
}

impl RuntimeUpdates {
    /// What a function has of which nothing was said.
    fn automatic() -> Self {
        Self { on: "Auto".to_owned(), arn: None }
    }

    fn document(&self, named: &Named) -> Value {
        let mut document = json!({"UpdateRuntimeOn": self.on, "FunctionArn": named.arn()});
        if let (Some(arn), Some(document)) = (&self.arn, document.as_object_mut()) {
            document.insert("RuntimeVersionArn".to_owned(), arn.as_str().into());
        }
        document
    }
}

/// `GetRuntimeManagementConfig`
pub(super) fn get_runtime_management_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    present_version(&named, function.as_deref())?;
    let updates = &present(&named, function.as_deref())?.head.runtime_updates;
    let own = updates.get(&key_of(named.qualifier.as_ref())).cloned();
    Answer::ok(&own.unwrap_or_else(RuntimeUpdates::automatic).document(&named))
}

/// `PutRuntimeManagementConfig`
pub(super) async fn put_runtime_management_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: PutRuntimeManagementConfig = call.document()?;
    let on = required("updateRuntimeOn", input.update_runtime_on)?;
    one_of("updateRuntimeOn", &on, &["Auto", "Manual", "FunctionUpdate"])?;
    length(
        "runtimeVersionArn",
        input.runtime_version_arn.as_deref().unwrap_or("arn:of:a:version:of:a:runtime"),
        26,
        2048,
    )?;
    match (on.as_str(), &input.runtime_version_arn) {
        ("Manual", None) => {
            return Err(Fault::invalid("A runtime that is updated by hand needs the ARN of its version."));
        }
        ("Auto" | "FunctionUpdate", Some(_)) => {
            return Err(Fault::invalid("Only a runtime that is updated by hand can have the ARN of a version."));
        }
        _ => {}
    }
    let named = call.named()?;
    let function = call.store().function(&named.place);
    let allowed = call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    let updates = RuntimeUpdates { on, arn: input.runtime_version_arn };
    let (own, kept) = (named.clone(), updates.clone());
    call.store()
        .change_function(&allowed, &named.place, move |function| {
            let mut function = present(&own, function.as_ref())?.clone();
            present_version(&own, Some(&function))?;
            function.head.runtime_updates.insert(key_of(own.qualifier.as_ref()), kept);
            Ok((Some(function), ()))
        })
        .await?;
    Answer::ok(&updates.document(&named))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutFunctionRecursionConfig {
    recursive_loop: Option<String>,
}

fn recursion(allows_loops: bool) -> Value {
    json!({"RecursiveLoop": if allows_loops { "Allow" } else { "Terminate" }})
}

/// `GetFunctionRecursionConfig`
pub(super) fn get_function_recursion_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let place = call.place()?;
    let function = call.store().function(&place);
    call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place, qualifier: None };
    Answer::ok(&recursion(present(&named, function.as_deref())?.head.allows_loops))
}

/// `PutFunctionRecursionConfig`
pub(super) async fn put_function_recursion_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: PutFunctionRecursionConfig = call.document()?;
    let wanted = required("recursiveLoop", input.recursive_loop)?;
    one_of("recursiveLoop", &wanted, &["Allow", "Terminate"])?;
    let place = call.place()?;
    let function = call.store().function(&place);
    let allowed = call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let (named, allows_loops) = (Named { place: place.clone(), qualifier: None }, wanted == "Allow");
    call.store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            function.head.allows_loops = allows_loops;
            Ok((Some(function), ()))
        })
        .await?;
    Answer::ok(&recursion(allows_loops))
}
