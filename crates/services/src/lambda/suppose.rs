//! What an operation on a function would require, and which role a function runs with.

use sidegate_model::Scope;

use super::name::Named;
use super::operation::requirement;
use super::store::Store;
use crate::supposed::{Parts, operation};
use crate::{Caller, Supposed};

/// What is required for an action on a function, one of its versions or its aliases, or an event source mapping.
pub(super) fn suppose(store: &Store, action: &str, resource: &str, caller: &Caller) -> Supposed {
    if resource == "*" {
        return Supposed::plain(action, resource);
    }
    let Some(parts) = Parts::of("lambda", resource) else {
        return Supposed::NotOfAction { form: "arn:aws:lambda:REGION:ACCOUNT:function:NAME" };
    };
    if let Some(id) = parts.resource.strip_prefix("event-source-mapping:")
        && let Some(mapping) = store.mapping(id).filter(|mapping| mapping.arn() == resource)
    {
        return Supposed::Required(vec![mapping.requirement(operation(action))]);
    }
    if !parts.resource.starts_with("function:") {
        return Supposed::plain(action, resource);
    }
    match Named::parse(caller, resource) {
        Ok(named) => {
            let function = store.function(&named.place);
            Supposed::Required(vec![requirement(operation(action), &named, function.as_deref())])
        }
        Err(_) => Supposed::NotOfAction { form: "arn:aws:lambda:REGION:ACCOUNT:function:NAME" },
    }
}

/// The ARN of the execution role of a function, by the function's ARN.
pub(super) fn role(store: &Store, scope: &Scope, function: &str) -> Option<String> {
    let named = Named::parse_in(scope, function).ok()?;
    let function = store.function(&named.place)?;
    function.qualified(named.qualifier.as_ref()).map(|version| version.role.clone())
}
