//! What a call of STS would require.

use sidegate_iam::Requirement;

use super::assume_role::{AssumeRole, requirements};
use crate::Supposed;
use crate::iam::Directory;
use crate::supposed::{Parts, operation};

/// What is required: of `AssumeRole` that the role trusts the caller, too.
pub(super) fn suppose(directory: &Directory, action: &str, resource: &str) -> Supposed {
    match operation(action) {
        "GetCallerIdentity" | "GetSessionToken" => Supposed::Required(vec![Requirement::new(action, "*").free()]),
        "AssumeRole" if resource == "*" => Supposed::Elsewhere(vec![Requirement::new(action, resource)]),
        "AssumeRole" => match Parts::of("iam", resource) {
            Some(parts) if parts.resource.starts_with("role/") => {
                let role = directory.role(resource);
                Supposed::Required(requirements(role.as_ref(), &AssumeRole::plain(resource)))
            }
            _ => Supposed::NotOfAction { form: "arn:aws:iam::ACCOUNT:role/NAME" },
        },
        _ => Supposed::plain(action, resource),
    }
}
