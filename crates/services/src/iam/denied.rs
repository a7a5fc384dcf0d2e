//! What IAM calls a resource when it tells that something was denied: most by a word and a name, and those that are made
//! or listed by their ARNs.
//!
//! Source: messages of IAM that its users and AWS's troubleshooting pages quote.

use sidegate_iam::Denial;

/// The actions on resources that are not there yet, or on a path; those whose parameter is an ARN; and `PassRole`, which is
/// asked by other services.
const BY_ARN: [&str; 12] = [
    "CreateGroup",
    "CreateInstanceProfile",
    "CreateRole",
    "CreateServiceLinkedRole",
    "CreateUser",
    "GetContextKeysForPrincipalPolicy",
    "ListGroups",
    "ListInstanceProfiles",
    "ListRoles",
    "ListUsers",
    "PassRole",
    "SimulatePrincipalPolicy",
];

/// A denial in IAM's words.
pub(super) fn told(denial: Denial) -> Denial {
    let action = denial.action.strip_prefix("iam:").unwrap_or(&denial.action);
    match resource(action, &denial.resource) {
        Some(resource) => Denial { resource, ..denial },
        None => denial,
    }
}

/// What IAM calls the resource of an action; `None` if that is its ARN.
fn resource(action: &str, arn: &str) -> Option<String> {
    if action == "ListPolicies" {
        return Some("policy path /".to_owned());
    }
    let (kind, rest) = arn.splitn(6, ':').nth(5)?.split_once('/')?;
    let name = rest.rsplit('/').next().filter(|name| !name.is_empty() && !BY_ARN.contains(&action))?;
    match kind {
        "policy" if action == "CreatePolicy" => Some(format!("policy {name}")),
        "policy" => Some(format!("policy {arn}")),
        "group" | "role" | "user" => Some(format!("{kind} {name}")),
        "instance-profile" => Some(format!("instance profile {name}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_called_by_its_word_and_name_or_by_its_arn() {
        let arn = |rest: &str| format!("arn:aws:iam::111122223333:{rest}");
        for (action, rest, expected) in [
            ("GetRole", "role/app", Some("role app")),
            ("PutRolePolicy", "role/a/b/app", Some("role app")),
            ("GetUser", "user/bob", Some("user bob")),
            ("AddUserToGroup", "group/g", Some("group g")),
            ("GetInstanceProfile", "instance-profile/p", Some("instance profile p")),
            ("CreatePolicy", "policy/a/p", Some("policy p")),
            ("GetPolicy", "policy/p", Some("policy arn:aws:iam::111122223333:policy/p")),
            ("CreateRole", "role/app", None),
            ("ListUsers", "user/", None),
            ("PassRole", "role/app", None),
            ("GetUser", "root", None),
            ("GetSAMLProvider", "saml-provider/x", None),
        ] {
            assert_eq!(resource(action, &arn(rest)).as_deref(), expected, "{action} {rest}");
        }
        assert_eq!(resource("ListPolicies", "*").as_deref(), Some("policy path /"));
        assert_eq!(resource("GetAccountSummary", "*"), None);
    }
}
