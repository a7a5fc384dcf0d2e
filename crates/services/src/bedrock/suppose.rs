//! What asking a model would require. Models and profiles have no policies.

use super::model_id::Target;
use crate::supposed::operation;
use crate::{Caller, Supposed};

/// The actions that ask a model.
const ASKING: [&str; 2] = ["InvokeModel", "InvokeModelWithResponseStream"];

/// What is required for an action on a model or an inference profile.
pub(super) fn suppose(action: &str, resource: &str, caller: &Caller) -> Supposed {
    if !ASKING.contains(&operation(action)) || resource == "*" {
        return Supposed::plain(action, resource);
    }
    match Target::parse(resource, &caller.scope) {
        Ok(target) => Supposed::Required(target.requirements(action, &caller.scope)),
        Err(_) => Supposed::NotOfAction { form: "arn:aws:bedrock:REGION::foundation-model/ID" },
    }
}
