//! An authorizer that notes what it is asked.

use std::sync::Mutex;

use sidegate_iam::{Denial, PolicyKind, Principal, Requirement};
use sidegate_services::Authorizer;

/// Allows everything and notes what it was asked, or denies everything.
#[derive(Default)]
pub(crate) struct Notes {
    /// Whom it denies everything.
    pub(crate) denies: Option<Principal>,
    pub(crate) asked: Mutex<Vec<(String, Vec<String>)>>,
}

impl Notes {
    /// Denies everything.
    pub(crate) fn denying(principal: Principal) -> Self {
        Self { denies: Some(principal), asked: Mutex::default() }
    }
}

impl Authorizer for Notes {
    fn authorize(&self, operation: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        let asked = requirements.iter().map(|r| format!("{} {}", r.action, r.resource)).collect();
        self.asked.lock().unwrap().push((operation.to_owned(), asked));
        let (Some(requirement), Some(principal)) = (requirements.first(), &self.denies) else { return Ok(()) };
        Err(Denial {
            principal: Box::new(principal.clone()),
            action: requirement.action.clone(),
            resource: requirement.resource.clone(),
            policy: PolicyKind::Identity,
            statement: None,
            name: None,
            matched: None,
            context: Box::default(),
            is_discreet: false,
        })
    }
}
