//! `GetAccountSettings`, and the concurrency that is set aside for functions: `PutFunctionConcurrency`,
//! `GetFunctionConcurrency`, `DeleteFunctionConcurrency`.
//!
//! Sources: API reference; Lambda developer guide, "Lambda quotas", "Configuring reserved concurrency for a function".

use serde::Deserialize;
use serde_json::json;
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::create::CODE_STORAGE;
use super::fault::Fault;
use super::name::Named;
use super::operation::{Answer, Call, present};
use super::package::{LARGEST_INLINE, LARGEST_UNZIPPED};
use super::store::Store;
use crate::constraint::{required, within};

/// How many invocations an account may have at once in a Region.
pub(super) const CONCURRENCY: u32 = 1000;
/// How much of that cannot be set aside.
const UNRESERVED: u32 = 100;

/// What all code of an account in a Region has together, zipped, in bytes.
pub(super) fn code_size(store: &Store, scope: &Scope) -> u64 {
    let functions = store.functions(scope);
    let own = functions.iter().map(|function| {
        function.head.latest.package.size + function.versions.values().map(|version| version.package.size).sum::<u64>()
    });
    let layers = store.layers(scope);
    let layers = layers.iter().flat_map(|(_, layer)| layer.versions.values().map(|version| version.package.size));
    own.sum::<u64>() + layers.sum::<u64>()
}

/// How many invocations are set aside for the functions of an account in a Region, but for the one of this name.
pub(super) fn reserved(store: &Store, scope: &Scope, but: Option<&str>) -> u32 {
    let all = store.functions(scope);
    let others = all.iter().filter(|function| function.head.reserved.is_some());
    let but = but.and_then(|name| {
        let place = super::name::Place { scope: scope.clone(), name: name.to_owned() };
        store.function(&place)?.head.reserved
    });
    others.filter_map(|function| function.head.reserved).sum::<u32>() - but.unwrap_or(0)
}

/// `GetAccountSettings`
pub(super) fn get_account_settings(call: &Call<'_>) -> Result<Answer, Fault> {
    call.authorize(&[Requirement::new("lambda:GetAccountSettings", "*")])?;
    let (store, scope) = (call.store(), &call.caller.scope);
    Answer::ok(&json!({
        "AccountLimit": {
            "TotalCodeSize": CODE_STORAGE,
            "CodeSizeUnzipped": LARGEST_UNZIPPED,
            "CodeSizeZipped": LARGEST_INLINE,
            "ConcurrentExecutions": CONCURRENCY,
            "UnreservedConcurrentExecutions": CONCURRENCY.saturating_sub(reserved(store, scope, None)),
        },
        "AccountUsage": {
            "TotalCodeSize": code_size(store, scope),
            "FunctionCount": store.functions(scope).len(),
        },
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutFunctionConcurrency {
    reserved_concurrent_executions: Option<i64>,
}

/// `PutFunctionConcurrency`
pub(super) async fn put_function_concurrency(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: PutFunctionConcurrency = call.document()?;
    let asked = required("reservedConcurrentExecutions", input.reserved_concurrent_executions)?;
    within("reservedConcurrentExecutions", asked, 0, i64::MAX)?;
    let place = call.unqualified_place()?;
    let function = call.store().function(&place);
    let allowed = call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    present(&named, function.as_deref())?;
    let others = reserved(call.store(), &place.scope, Some(&place.name));
    let asked = u32::try_from(asked).unwrap_or(u32::MAX);
    if others.saturating_add(asked) > CONCURRENCY - UNRESERVED {
        return Err(Fault::invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [{UNRESERVED}]."
        )));
    }
    call.store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            function.head.reserved = Some(asked);
            Ok((Some(function), ()))
        })
        .await?;
    Answer::ok(&json!({"ReservedConcurrentExecutions": asked}))
}

/// `GetFunctionConcurrency`
pub(super) fn get_function_concurrency(call: &Call<'_>) -> Result<Answer, Fault> {
    let place = call.unqualified_place()?;
    let function = call.store().function(&place);
    call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place, qualifier: None };
    Answer::ok(&match present(&named, function.as_deref())?.head.reserved {
        Some(reserved) => json!({"ReservedConcurrentExecutions": reserved}),
        None => json!({}),
    })
}

/// `DeleteFunctionConcurrency`
pub(super) async fn delete_function_concurrency(call: &Call<'_>) -> Result<Answer, Fault> {
    let place = call.unqualified_place()?;
    let function = call.store().function(&place);
    let allowed = call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    call.store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            function.head.reserved = None;
            Ok((Some(function), ()))
        })
        .await?;
    Ok(Answer::nothing())
}
