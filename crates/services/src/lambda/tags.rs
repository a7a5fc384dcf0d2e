//! `TagResource`, `UntagResource` and `ListTags`: tags of functions, and of event source mappings (`event_source`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::event_source;
use super::fault::Fault;
use super::name::{Named, Place};
use super::operation::{Answer, Call, present};
use crate::asked::with_request_tags;
use crate::constraint::{length, required};

/// The most tags of a function.
const MOST: usize = 50;

/// The tags that a request gives, checked.
pub(super) fn checked(tags: &BTreeMap<String, String>) -> Result<(), Fault> {
    for (key, value) in tags {
        length("tags.key", key, 1, 128)?;
        length("tags.value", value, 0, 256)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Fault::invalid("Tag keys that begin with aws: are for the use of AWS alone."));
        }
    }
    check_count(tags)
}

fn check_count(tags: &BTreeMap<String, String>) -> Result<(), Fault> {
    if tags.len() <= MOST {
        return Ok(());
    }
    Err(Fault::invalid(format!("Number of tags exceeds resource tag limit of {MOST}.")))
}

/// The function that an ARN of a request names.
fn tagged(call: &Call<'_>) -> Result<Place, Fault> {
    let arn = call.segment(0);
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "lambda", _, _, "function", _] => Ok(Named::parse(call.caller, arn)?.place),
        ["arn", _, "lambda", _, _, "function", _, _] => Err(Fault::invalid(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        )),
        ["arn", _, "lambda", _, _, "event-source-mapping" | "code-signing-config" | "capacity-provider", ..] => {
            Err(Fault::no_resource())
        }
        _ => Err(Fault::Told(
            super::fault::Code::Validation,
            format!(
                "1 validation error detected: Value '{arn}' at 'resource' failed to satisfy constraint: Member must be the \
                 ARN of a function"
            ),
        )),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagInput {
    tags: Option<BTreeMap<String, String>>,
}

/// `TagResource`
pub(super) async fn tag_resource(call: &Call<'_>) -> Result<Answer, Fault> {
    let tags = required("tags", call.document::<TagInput>()?.tags)?;
    checked(&tags)?;
    if let Some(id) = event_source::id_of(call, call.segment(0)) {
        return event_source::tag_resource(call, &id, tags).await;
    }
    let place = tagged(call)?;
    let function = call.store().function(&place);
    let needed = with_request_tags(call.whole_requirement(&place, function.as_deref()), &tags);
    let allowed = call.authorize(&[needed])?;
    let named = Named { place: place.clone(), qualifier: None };
    call.store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            function.head.tags.extend(tags);
            check_count(&function.head.tags)?;
            Ok((Some(function), ()))
        })
        .await?;
    Ok(Answer::nothing())
}

/// `UntagResource`
pub(super) async fn untag_resource(call: &Call<'_>) -> Result<Answer, Fault> {
    let keys: Vec<String> =
        call.query.iter().filter(|(name, _)| name == "tagKeys").map(|(_, key)| key.clone()).collect();
    if keys.is_empty() {
        required::<()>("tagKeys", None)?;
    }
    if let Some(id) = event_source::id_of(call, call.segment(0)) {
        return event_source::untag_resource(call, &id, keys).await;
    }
    let place = tagged(call)?;
    let function = call.store().function(&place);
    let needed = call.whole_requirement(&place, function.as_deref());
    let allowed = call.authorize(&[needed.with_many("aws:TagKeys", keys.iter().map(String::as_str))])?;
    let named = Named { place: place.clone(), qualifier: None };
    call.store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            function.head.tags.retain(|key, _| !keys.contains(key));
            Ok((Some(function), ()))
        })
        .await?;
    Ok(Answer::nothing())
}

/// `ListTags`
pub(super) fn list_tags(call: &Call<'_>) -> Result<Answer, Fault> {
    if let Some(id) = event_source::id_of(call, call.segment(0)) {
        return event_source::list_tags(call, &id);
    }
    let place = tagged(call)?;
    let function = call.store().function(&place);
    call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place, qualifier: None };
    Answer::ok(&json!({"Tags": present(&named, function.as_deref())?.head.tags}))
}
