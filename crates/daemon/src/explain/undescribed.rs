//! Calls of which files tell nothing but the endpoint's policy on the path.

use sidegate_iam::{Context, Policies, PolicyKind, Principal, PrincipalError, Requirement};
use sidegate_plan::analyze::Call;

use super::question::{Question, QuestionError};

/// The name of a role's session of which only the role is known.
const SUPPOSED: &str = "supposed";

/// The call that a question asks about, if it asks about one, and what was taken for granted; `named` is the resource that
/// its far end names.
///
/// # Errors
/// If nobody says who calls, or it is no principal.
pub(super) fn call(question: &Question, named: Option<&str>) -> Result<Option<(Call, Vec<String>)>, QuestionError> {
    let Some(action) = &question.action else { return Ok(None) };
    let text = question.principal.as_deref().ok_or(QuestionError::NoPrincipal)?;
    let (principal, note) = principal(text)?;
    let resource = question.resource.as_deref().or(named).unwrap_or("*");
    let unknown = layers(&principal, action);
    let call = Call {
        principal,
        requirements: vec![Requirement::new(action.as_str(), resource)],
        policies: Policies::default(),
        context: Context::new(),
        unknown,
    };
    Ok(Some((call, note.into_iter().collect())))
}

/// Who calls. A role calls by its sessions alone.
fn principal(text: &str) -> Result<(Principal, Option<String>), PrincipalError> {
    match session_of(text) {
        Some(session) => Ok((session, Some(format!("of {text} it is a session of which nothing else is known")))),
        None => Ok((Principal::parse(text)?, None)),
    }
}

/// A session of a role, of which the ARN alone is known; `None` for what is no ARN of a role.
pub(crate) fn session_of(role: &str) -> Option<Principal> {
    let as_user = role.replacen(":role/", ":user/", 1);
    match Principal::parse(&as_user) {
        Ok(Principal::User { account, path, name, .. }) if as_user != role => {
            let (role_path, session) = (Some(path), SUPPOSED.to_owned());
            Some(Principal::AssumedRole { account, role_path, role: name, role_id: None, session })
        }
        _ => None,
    }
}

/// The layers that speak of a principal and of which `aws ec2 describe-*` tells nothing.
fn layers(principal: &Principal, action: &str) -> Vec<PolicyKind> {
    let is_trust = action.starts_with("sts:AssumeRole");
    let of_resource =
        [PolicyKind::ResourceControl, if is_trust { PolicyKind::RoleTrust } else { PolicyKind::Resource }];
    let of_principal: &[PolicyKind] = match principal {
        Principal::Anonymous | Principal::Service(_) | Principal::Federated(_) => &[],
        Principal::Root(_) => &[PolicyKind::ServiceControl],
        Principal::User { .. } => &[PolicyKind::ServiceControl, PolicyKind::Identity, PolicyKind::Boundary],
        _ => &[PolicyKind::ServiceControl, PolicyKind::Identity, PolicyKind::Boundary, PolicyKind::Session],
    };
    of_resource.into_iter().chain(of_principal.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_a_role_stands_for_a_session_of_it() {
        let arn = "arn:aws:iam::111111111111:role/team/app";
        let (session, note) = principal(arn).unwrap();
        assert_eq!(session.role_arn().as_deref(), Some(arn));
        assert!(note.unwrap().contains(arn));
        let user = "arn:aws:iam::111111111111:user/ann";
        assert_eq!(principal(user), Ok((Principal::parse(user).unwrap(), None)));
        assert!(principal("arn:aws:iam::111111111111:role/").is_err() && principal("nobody").is_err());
    }

    #[test]
    fn no_layer_is_unknown_that_does_not_speak_of_the_principal() {
        let of = |text: &str| layers(&principal(text).unwrap().0, "s3:GetObject");
        assert_eq!(of("anonymous"), [PolicyKind::ResourceControl, PolicyKind::Resource]);
        assert!(!of("arn:aws:iam::111111111111:root").contains(&PolicyKind::Identity));
        assert!(!of("arn:aws:iam::111111111111:user/ann").contains(&PolicyKind::Session));
        assert_eq!(of("arn:aws:iam::111111111111:role/app").len(), 6);
        assert!(layers(&Principal::Anonymous, "sts:AssumeRole").contains(&PolicyKind::RoleTrust));
    }
}
