//! What an operation on a secret would require.

use sidegate_iam::Requirement;

use super::fault::Fault;
use super::operation::Subject;
use super::store::Store;
use crate::supposed::{Parts, operation};
use crate::{Caller, Supposed};

/// The operations that are about no secret.
const OF_NO_SECRET: [&str; 3] = ["BatchGetSecretValue", "GetRandomPassword", "ListSecrets"];

/// What is required for an action on a secret. Blocks.
pub(super) fn suppose(store: &Store, action: &str, resource: &str, caller: &Caller) -> Result<Supposed, Fault> {
    let operation = operation(action);
    let plain = || vec![Requirement::new(action, resource)];
    if OF_NO_SECRET.contains(&operation) {
        return Ok(Supposed::Required(plain()));
    }
    if resource == "*" {
        return Ok(Supposed::Elsewhere(plain()));
    }
    if !Parts::of("secretsmanager", resource).is_some_and(|parts| parts.resource.starts_with("secret:")) {
        return Ok(Supposed::NotOfAction { form: "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX" });
    }
    let subject = Subject::find(caller, store, Some(resource))?;
    Ok(Supposed::Required(vec![subject.requirement(operation)]))
}
