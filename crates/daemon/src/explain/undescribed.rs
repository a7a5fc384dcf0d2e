//! Calls of which files tell nothing but the policy of the endpoint on the path.

use sidegate_iam::{Context, Policies, PolicyKind, Principal, Requirement};
use sidegate_plan::analyze::Call;

use super::question::{Question, QuestionError};

/// The layers of which `aws ec2 describe-*` tells nothing.
const UNKNOWN: [PolicyKind; 6] = [
    PolicyKind::ResourceControl,
    PolicyKind::ServiceControl,
    PolicyKind::Resource,
    PolicyKind::Identity,
    PolicyKind::Boundary,
    PolicyKind::Session,
];

/// The call that a question asks about, if it asks about one; `named` is the resource that its far end names.
///
/// # Errors
/// If nobody says who calls, or it is no principal.
pub(super) fn call(question: &Question, named: Option<&str>) -> Result<Option<Call>, QuestionError> {
    let Some(action) = &question.action else { return Ok(None) };
    let principal = question.principal.as_deref().ok_or(QuestionError::NoPrincipal)?;
    let resource = question.resource.as_deref().or(named).unwrap_or("*");
    Ok(Some(Call {
        principal: Principal::parse(principal)?,
        requirements: vec![Requirement::new(action.as_str(), resource)],
        policies: Policies::default(),
        context: Context::new(),
        unknown: UNKNOWN.to_vec(),
    }))
}
