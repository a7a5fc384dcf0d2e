//! Tags of event source mappings, for `TagResource`, `UntagResource` and `ListTags`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use sidegate_iam::Requirement;

use super::mapping::{Mapping, arn};
use crate::asked::with_request_tags;
use crate::lambda::fault::Fault;
use crate::lambda::operation::{Answer, Call};
use crate::lambda::tags;

/// The id in the ARN of a mapping of the caller's; `None` if it is the ARN of something else.
pub(crate) fn id_of(call: &Call<'_>, text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", _, "lambda", _, _, "event-source-mapping", id] = parts.as_slice() else { return None };
    Some((*id).to_owned()).filter(|id| arn(&call.caller.scope, id) == text)
}

fn found(call: &Call<'_>, id: &str) -> Option<Arc<Mapping>> {
    call.store().mapping(id).filter(|mapping| mapping.scope == call.caller.scope)
}

fn requirement(call: &Call<'_>, id: &str, mapping: Option<&Mapping>) -> Requirement {
    match mapping {
        Some(mapping) => mapping.requirement(call.operation),
        None => Requirement::new(format!("lambda:{}", call.operation), arn(&call.caller.scope, id))
            .owned_by(call.caller.scope.account.clone()),
    }
}

/// Changes the tags of a mapping.
async fn change(
    call: &Call<'_>, id: &str, needed: Requirement, change: impl FnOnce(&mut BTreeMap<String, String>) + Send + 'static,
) -> Result<Answer, Fault> {
    let allowed = call.authorize(&[needed])?;
    let (id, scope) = (id.to_owned(), call.caller.scope.clone());
    call.store()
        .change_mapping(&allowed, move |all| {
            let own = all.get(&id).filter(|mapping| mapping.scope == scope);
            let mut mapping = Mapping::clone(own.ok_or_else(Fault::no_resource)?);
            change(&mut mapping.tags);
            tags::checked(&mapping.tags)?;
            Ok((mapping, ()))
        })
        .await?;
    Ok(Answer::nothing())
}

/// `TagResource`
pub(crate) async fn tag_resource(call: &Call<'_>, id: &str, tags: BTreeMap<String, String>) -> Result<Answer, Fault> {
    let needed = with_request_tags(requirement(call, id, found(call, id).as_deref()), &tags);
    change(call, id, needed, move |own| own.extend(tags)).await
}

/// `UntagResource`
pub(crate) async fn untag_resource(call: &Call<'_>, id: &str, keys: Vec<String>) -> Result<Answer, Fault> {
    let needed = requirement(call, id, found(call, id).as_deref());
    let needed = needed.with_many("aws:TagKeys", keys.iter().map(String::as_str));
    change(call, id, needed, move |own| own.retain(|key, _| !keys.contains(key))).await
}

/// `ListTags`
pub(crate) fn list_tags(call: &Call<'_>, id: &str) -> Result<Answer, Fault> {
    let mapping = found(call, id);
    call.authorize(&[requirement(call, id, mapping.as_deref())])?;
    Answer::ok(&json!({"Tags": mapping.ok_or_else(Fault::no_resource)?.tags}))
}
