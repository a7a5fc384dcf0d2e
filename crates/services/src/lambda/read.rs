//! `GetFunction`, `GetFunctionConfiguration`, `ListFunctions` and `DeleteFunction`

use std::sync::Arc;

use serde_json::{Value, json};
use sidegate_iam::Requirement;

use super::archive;
use super::fault::Fault;
use super::function::{Version, as_listed};
use super::name::{Place, Qualifier};
use super::operation::{Answer, Call, listed, present, present_version};
use super::settings::one_of;
use crate::constraint::Constraint;

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

/// `GetFunction`
pub(super) async fn get_function(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    let version = present_version(&named, function.as_deref())?;
    let head = &present(&named, function.as_deref())?.head;
    let mut configuration = call.configuration(&named.place, version, false).await;
    tell(&mut configuration, &named.place, named.qualifier.as_ref());
    let mut code = json!({"RepositoryType": "S3"});
    let location = archive::of_function(call, &named.place, named.qualifier.as_ref());
    if let (Some(location), Some(code)) = (location, code.as_object_mut()) {
        code.insert("Location".to_owned(), location.into());
    }
    let mut document = json!({"Configuration": configuration, "Code": code});
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

/// Which Region's functions at the edge are asked for. There are none of those, so that it changes nothing.
fn check_master_region(region: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = region.split('-').collect();
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_digit = |text: &str| text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_region = match parts.as_slice() {
        [place, part, number] | [place, "gov", part, number] => {
            place.len() == 2 && is_word(place) && is_word(part) && is_digit(number)
        }
        _ => region == "ALL",
    };
    if is_region {
        return Ok(());
    }
    let pattern = r"Member must satisfy regular expression pattern: ALL|[a-z]{2}(-gov)?-[a-z]+-\d{1}";
    Err(Constraint::of(region, "masterRegion", pattern).into())
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
    if let Some(region) = call.parameter("MasterRegion") {
        check_master_region(region)?;
    }
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
        let document = call.configuration(&place, &version, with_versions).await;
        documents.push(as_listed(document));
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
                    let version = number.to_string();
                    let aliases = function.head.aliases.iter();
                    let using =
                        aliases.filter(|(_, alias)| alias.version == version || alias.weights.contains_key(&version));
                    let using: Vec<&str> = using.map(|(name, _)| name.as_str()).collect();
                    if !using.is_empty() {
                        return Err(Fault::conflict(format!(
                            "Unable to delete version because the following aliases reference it: [{}]",
                            using.join(", ")
                        )));
                    }
                    function.versions.remove(&number);
                    function.head.policies.remove(&version);
                    function.head.event_invoke.remove(&version);
                    function.head.runtime_updates.remove(&version);
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
