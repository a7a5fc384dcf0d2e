//! `PublishVersion` and `ListVersionsByFunction`: versions, which do not change any more.

use std::sync::Arc;

use serde::Deserialize;

use super::fault::Fault;
use super::function::{Function, State, Update, Version, as_listed};
use super::name::Named;
use super::operation::{Answer, Call, check_revision, listed, present};
use crate::constraint::length;
use crate::random::uuid;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublishVersion {
    #[serde(rename = "CodeSha256")]
    code_sha256: Option<String>,
    description: Option<String>,
    revision_id: Option<String>,
    publish_to: Option<String>,
}

/// Makes a version of the unpublished one, which gets another revision by that. Where nothing has changed since the last
/// one, that is the one, whatever description is given now.
///
/// Source: API reference, "PublishVersion".
pub(super) fn publish(function: &mut Function, description: Option<String>) -> Result<Version, Fault> {
    let latest = &function.head.latest;
    if let Some((_, newest)) = function.versions.last_key_value()
        && latest.is_published_as(newest)
    {
        return Ok(newest.as_ref().clone());
    }
    let number = function.head.next;
    let version = Version {
        number: Some(number),
        description: description.unwrap_or_else(|| latest.description.clone()),
        published_from: Some(latest.description.clone()),
        revision: uuid()?,
        ..latest.clone()
    };
    function.renew(None, &uuid()?);
    function.versions.insert(number, Arc::new(version.clone()));
    function.head.next = number + 1;
    Ok(version)
}

/// `PublishVersion`
pub(super) async fn publish_version(call: &Call<'_>) -> Result<Answer, Fault> {
    let input: PublishVersion = call.document()?;
    length("description", input.description.as_deref().unwrap_or_default(), 0, 256)?;
    if input.publish_to.is_some() {
        return Err(Fault::Unserved("capacity providers"));
    }
    let place = call.place()?;
    let function = call.store().function(&place);
    let allowed = call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    let kept = call
        .store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            let latest = &function.head.latest;
            let own = latest.package.code_sha256();
            if let Some(given) = input.code_sha256.filter(|given| !given.is_empty() && *given != own) {
                return Err(Fault::invalid(format!(
                    "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({own}). Please try again with \
                     the CodeSHA256 in $LATEST."
                )));
            }
            check_revision(input.revision_id.as_deref(), &latest.revision)?;
            if latest.update == Update::InProgress && latest.state == State::Active {
                return Err(Fault::conflict(format!(
                    "The operation cannot be performed at this time. An update is in progress for resource: {}",
                    named.place.function_arn()
                )));
            }
            let version = publish(&mut function, input.description)?;
            Ok((Some(function), version))
        })
        .await?;
    call.lambda.prepare(place.clone());
    Answer::created(&call.configuration(&place, &kept, true).await)
}

/// `ListVersionsByFunction`
pub(super) async fn list_versions(call: &Call<'_>) -> Result<Answer, Fault> {
    let place = call.place()?;
    let function = call.store().function(&place);
    call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    let function = present(&named, function.as_deref())?;
    let versions = function.versions.values().map(Arc::as_ref);
    let all = std::iter::once(&function.head.latest).chain(versions);
    let all = all.map(|version| (format!("{:020}", version.number.unwrap_or(0)), version)).collect();
    let (page, marker) = call.page(all, 50)?;
    let mut documents = Vec::new();
    for version in page {
        documents.push(as_listed(call.configuration(&place, version, true).await));
    }
    Answer::ok(&listed("Versions", documents, marker))
}
