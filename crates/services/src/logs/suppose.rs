//! What an operation on a log group, or on a stream of it, would require.

use sidegate_iam::Requirement;

use super::fault::Fault;
use super::id::GroupId;
use super::operation::Subject;
use super::store::Store;
use crate::supposed::{Parts, operation};
use crate::{Caller, Supposed};

/// Between the name of a group and that of a stream.
const STREAM: &str = ":log-stream:";

/// What is required for an action on a group or a stream. Other resources have no policies that a call is judged by. Blocks.
pub(super) fn suppose(store: &Store, action: &str, resource: &str, caller: &Caller) -> Result<Supposed, Fault> {
    if resource == "*" {
        return Ok(Supposed::plain(action, resource));
    }
    let Some(parts) = Parts::of("logs", resource) else {
        return Ok(Supposed::NotOfAction { form: "arn:aws:logs:REGION:ACCOUNT:log-group:NAME" });
    };
    if !parts.resource.starts_with("log-group:") {
        return Ok(Supposed::plain(action, resource));
    }
    let (group, stream) = match resource.split_once(STREAM) {
        Some((group, stream)) => (group, Some(stream)),
        None => (resource, None),
    };
    let Some(id) = GroupId::of_arn(&caller.scope, group) else { return Ok(Supposed::plain(action, resource)) };
    let subject = Subject::find(store, id)?;
    let operation = operation(action);
    let mut requirement = match stream {
        Some(stream) => subject.stream_requirement(operation, stream),
        None => subject.requirement(operation),
    };
    requirement = Requirement { action: action.to_owned(), ..requirement };
    Ok(Supposed::Required(vec![requirement]))
}
