//! What an operation on a key would require.

use sidegate_iam::Requirement;

use super::fault::Fault;
use super::store::Store;
use super::subject::{Subject, caller_account};
use crate::supposed::{Parts, operation};
use crate::{Caller, Supposed};

/// The operations that are about no key.
const OF_NO_KEY: [&str; 11] = [
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateKey",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "GenerateRandom",
    "ListAliases",
    "ListKeys",
    "ListRetirableGrants",
    "UpdateCustomKeyStore",
];

/// The form of the ARNs of keys; an alias stands for its key.
const KEY: &str = "arn:aws:kms:REGION:ACCOUNT:key/ID";

/// What is required for an action on a key, which an alias may name. Blocks.
pub(super) fn suppose(store: &Store, action: &str, resource: &str, caller: &Caller) -> Result<Supposed, Fault> {
    let operation = operation(action);
    let plain = || vec![caller_account(Requirement::new(action, resource), caller)];
    if OF_NO_KEY.contains(&operation) {
        return Ok(Supposed::Required(plain()));
    }
    if resource == "*" {
        return Ok(Supposed::Elsewhere(plain()));
    }
    let is_key = |rest: &str| rest.starts_with("key/") || rest.starts_with("alias/");
    if !Parts::of("kms", resource).is_some_and(|parts| is_key(parts.resource)) {
        return Ok(Supposed::NotOfAction { form: KEY });
    }
    match Subject::find_any(caller, store, Some(resource)) {
        Ok(subject) => Ok(Supposed::Required(vec![subject.requirement(caller, operation)])),
        // No policy speaks of what an alias does not lead to.
        Err(Fault::NoAlias(_)) => Ok(Supposed::Required(plain())),
        Err(Fault::InvalidKeyId(_) | Fault::OtherRegion(_)) => Ok(Supposed::NotOfAction { form: KEY }),
        Err(fault) => Err(fault),
    }
}
