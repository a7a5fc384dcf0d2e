//! The step between classification and effect: whether the caller may do what the operation requires, on this path.

use std::sync::{Mutex, PoisonError};

use sidegate_iam::{Decision, Denial, Policy, PolicyKind, Principal, Requirement, decide};
use sidegate_services::Authorizer;

use crate::events::Judgement;

/// How many requirements an event lists.
const MOST_LISTED: usize = 32;

/// What was decided about a request.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) operation: Option<String>,
    pub(super) judgements: Vec<Judgement>,
    pub(super) left_out: usize,
    /// The denial that decided.
    pub(super) denial: Option<String>,
}

/// Decides for one caller on one path, and notes what it decided.
pub(super) struct Authorization<'a> {
    pub(super) principal: &'a Principal,
    /// The policy of the endpoint on the path.
    pub(super) policy: Option<&'a Policy>,
    pub(super) notes: &'a Mutex<Notes>,
}

impl Authorizer for Authorization<'_> {
    fn authorize(&self, operation: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.operation = Some(operation.to_owned());
        let mut outcome = Ok(());
        for requirement in requirements {
            let decision = decide(self.principal, self.policy, std::slice::from_ref(requirement));
            if notes.judgements.len() < MOST_LISTED {
                notes.judgements.push(judgement(requirement, &decision));
            } else {
                notes.left_out += 1;
            }
            if let (Decision::Deny(denial), Ok(())) = (decision, &outcome) {
                notes.denial = Some(denial.to_string());
                outcome = Err(denial);
            }
        }
        outcome
    }
}

fn judgement(requirement: &Requirement, decision: &Decision) -> Judgement {
    let (allowed, by) = match decision {
        Decision::Allow { endpoint_statement: None } => (true, "the root user may do everything in its account".into()),
        Decision::Allow { endpoint_statement: Some(at) } => {
            (true, format!("statement {} of the endpoint policy, and the root user may do everything", at + 1))
        }
        Decision::Deny(denial) => (false, denied_by(denial)),
    };
    Judgement { action: requirement.action.clone(), resource: requirement.resource.clone(), allowed, by }
}

fn denied_by(denial: &Denial) -> String {
    let policy = match denial.policy {
        PolicyKind::Endpoint => "the endpoint policy",
        PolicyKind::Identity => "an identity-based policy",
        _ => "another policy",
    };
    match denial.statement {
        Some(at) => format!("explicit deny in statement {} of {policy}", at + 1),
        None => format!("no statement of {policy} allows it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_is_noted_and_the_first_denial_decides() {
        let policy = Policy::parse(
            r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "*"},
                {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::closed/*"}]}"#,
        )
        .unwrap();
        let principal = Principal::Root("123456789012".parse().unwrap());
        let notes = Mutex::default();
        let authorization = Authorization { principal: &principal, policy: Some(&policy), notes: &notes };
        let requirements = [
            Requirement::new("s3:GetObject", "arn:aws:s3:::open/a"),
            Requirement::new("s3:GetObject", "arn:aws:s3:::closed/a"),
            Requirement::new("s3:PutObject", "arn:aws:s3:::open/a"),
        ];
        let denial = authorization.authorize("CopyObject", &requirements).unwrap_err();
        assert_eq!(denial.requirement, requirements[1]);
        let notes = notes.into_inner().unwrap();
        let by: Vec<_> = notes.judgements.iter().map(|j| (j.allowed, j.by.as_str())).collect();
        assert_eq!(
            by,
            [
                (true, "statement 1 of the endpoint policy, and the root user may do everything"),
                (false, "explicit deny in statement 2 of the endpoint policy"),
                (false, "no statement of the endpoint policy allows it"),
            ]
        );
        assert_eq!(notes.operation.as_deref(), Some("CopyObject"));
        assert!(notes.denial.unwrap().ends_with("with an explicit deny in a VPC endpoint policy"));
    }

    #[test]
    fn the_list_of_requirements_is_bounded_and_each_is_decided() {
        let principal = Principal::Root("123456789012".parse().unwrap());
        let notes = Mutex::default();
        let authorization = Authorization { principal: &principal, policy: None, notes: &notes };
        let requirements = vec![Requirement::new("s3:DeleteObject", "arn:aws:s3:::a/b"); 1000];
        authorization.authorize("DeleteObjects", &requirements).unwrap();
        let notes = notes.into_inner().unwrap();
        assert_eq!((notes.judgements.len(), notes.left_out), (MOST_LISTED, 1000 - MOST_LISTED));
    }
}
