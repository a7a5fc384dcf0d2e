//! `GetFunction`, `GetFunctionConfiguration`, `ListFunctions` and `DeleteFunction`

use std::sync::Arc;

use serde_json::{Value, json};
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::function::Version;
use super::name::{Place, Qualifier};
use super::operation::{Answer, Call, listed, present, present_version};
use super::settings::one_of;

/// Whether the ARN of an answer bears the qualifier: where one was given, it does.
fn tell(document: &mut Value, place: &Place, qualifier: Option<&Qualifier>) {
    if let (Some(qualifier), Some(document)) = (qualifier, document.as_object_mut()) {
        document.insert("FunctionArn".to_owned(), place.qualified_arn(&qualifier.to_string()).into());
    }
}

/// `GetFunctionConfiguration`
pub(super) async fn get_function_configuration(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    let version = present_version(&named, function.as_deref())?;
    let mut document = call.configuration(&named.place, version, false).await;
    tell(&mut document, &named.place, named.qualifier.as_ref());
    Answer::ok(&document)
}

/// `GetFunction`. The code itself is not given out: there is no `Location`.
pub(super) async fn get_function(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    let version = present_version(&named, function.as_deref())?;
    let head = &present(&named, function.as_deref())?.head;
    let mut configuration = call.configuration(&named.place, version, false).await;
    tell(&mut configuration, &named.place, named.qualifier.as_ref());
    let mut document = json!({"Configuration": configuration, "Code": {"RepositoryType": "S3"}});
    if let Some(document) = document.as_object_mut() {
        if !head.tags.is_empty() {
            document.insert("Tags".to_owned(), json!(head.tags));
        }
        if let Some(reserved) = head.reserved {
            document.insert("Concurrency".to_owned(), json!({"ReservedConcurrentExecutions": reserved}));
        }
    }
    Answer::ok(&document)
}

/// `ListFunctions`
pub(super) async fn list_functions(call: &Call<'_>) -> Result<Answer, Fault> {
    let with_versions = match call.parameter("FunctionVersion") {
        Some(version) => {
            one_of("functionVersion", version, &["ALL"])?;
            true
        }
        None => false,
    };
    call.authorize(&[Requirement::new("lambda:ListFunctions", "*")])?;
    let scope = &call.caller.scope;
    let mut items: Vec<(String, (Place, Version))> = Vec::new();
    for (place, function) in call.store().all_functions().into_iter().filter(|(place, _)| place.scope == *scope) {
        let published = function.versions.values().map(Arc::as_ref).filter(|_| with_versions);
        for version in std::iter::once(&function.head.latest).chain(published) {
            // A name has no slash.
            let order = format!("{}/{:020}", place.name, version.number.unwrap_or(0));
            items.push((order, (place.clone(), version.clone())));
        }
    }
    let (page, marker) = call.page(items, 50)?;
    let mut documents = Vec::new();
    for (place, version) in page {
        let mut document = call.configuration(&place, &version, with_versions).await;
        // How it goes with a function is told of one alone.
        if let Some(document) = document.as_object_mut() {
            for member in [
                "State",
                "StateReason",
                "StateReasonCode",
                "LastUpdateStatus",
                "LastUpdateStatusReason",
                "LastUpdateStatusReasonCode",
            ] {
                document.shift_remove(member);
            }
        }
        documents.push(document);
    }
    Answer::ok(&listed("Functions", documents, marker))
}

/// `DeleteFunction`
pub(super) async fn delete_function(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    let allowed = call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    let place = named.place.clone();
    match named.qualifier.clone() {
        Some(Qualifier::Latest) => {
            return Err(Fault::invalid("$LATEST version cannot be deleted without deleting the function."));
        }
        Some(Qualifier::Alias(_)) => {
            return Err(Fault::invalid("Deletion of aliases is not currently supported."));
        }
        Some(Qualifier::Version(number)) => {
            let own = named.clone();
            call.store()
                .change_function(&allowed, &place, move |function| {
                    let mut function = present(&own, function.as_ref())?.clone();
                    let is_used = function.head.aliases.values().any(|alias| {
                        let name = number.to_string();
                        alias.version == name || alias.weights.contains_key(&name)
                    });
                    if is_used {
                        return Err(Fault::conflict(format!(
                            "The version {} cannot be deleted: an alias refers to it.",
                            own.arn()
                        )));
                    }
                    function.versions.remove(&number);
                    function.head.policies.remove(&number.to_string());
                    function.head.event_invoke.remove(&number.to_string());
                    Ok((Some(function), ()))
                })
                .await?;
        }
        None => {
            call.store()
                .change_function(&allowed, &place, move |function| {
                    present(&named, function.as_ref())?;
                    Ok((None, ()))
                })
                .await?;
        }
    }
    call.lambda.retire(place);
    Ok(Answer::nothing())
}
