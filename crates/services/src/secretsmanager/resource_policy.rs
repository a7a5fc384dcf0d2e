//! Resource policies: `PutResourcePolicy`, `GetResourcePolicy`, `DeleteResourcePolicy` and `ValidateResourcePolicy`.
//!
//! A policy is stored as it was put, but for the users and roles that it names.
//!
//! Source: API reference; user guide, "Resource-based policies", and its former chapter "Managing a resource-based policy
//! for a secret", which has the wordings of the refusals.

mod breadth;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use sidegate_iam::{
    Context, Decision, Fault as Flaw, Policies, Policy, PolicyError, PolicyType, Principal, Request, Requirement,
    decide,
};

use super::fault::Fault;
use super::operation::{Named, Operation, Prepared, Subject};
use super::store::{ResourcePolicy, Store};
use crate::asked::with_given;
use crate::constraint::{length, required};
use crate::{Authorized, Caller};

/// The longest policy, in characters.
const LONGEST: usize = 20_480;

const PRINCIPAL: &str = "an unsupported principal";
const BROAD: &str = "This resource policy grants broad access to your secret.";
const LOCKOUT: &str = "Your requested changes will not allow you to manage this secret in the future.";

/// A policy that is one for secrets.
fn checked(document: Option<String>) -> Result<String, Fault> {
    let document = required("resourcePolicy", document)?;
    length("resourcePolicy", &document, 1, LONGEST)?;
    match Policy::parse(&document, PolicyType::Secret) {
        Ok(_) => Ok(document),
        Err(PolicyError::Grammar { fault: Flaw::Principal { .. } | Flaw::PrincipalKind { .. }, .. }) => {
            Err(Fault::MalformedPolicy(PRINCIPAL))
        }
        Err(_) => Err(Fault::MalformedPolicy("a syntax error")),
    }
}

/// A policy of the caller's account as it is kept.
fn kept(store: &Store, caller: &Caller, document: &str) -> Result<String, Fault> {
    store.names.keep(&caller.scope.account, document).map_err(|_| Fault::MalformedPolicy(PRINCIPAL))
}

/// Whether a policy would keep its author from changing it, whatever else is known of a request.
fn locks_out(principal: &Principal, subject: Option<&Subject>, document: &str) -> bool {
    let resource = subject.map_or("arn:aws:secretsmanager:us-east-1:000000000000:secret:any-AAAAAA", Subject::arn);
    let Some(policy) = breadth::without_conditions(document) else { return false };
    let requirement = Requirement::new("secretsmanager:PutResourcePolicy", resource).under(policy);
    let request = Request { principal, context: &Context::new(), requirement: &requirement };
    matches!(decide(&request, &Policies::default()), Decision::ExplicitlyDenied { .. })
}

/// `PutResourcePolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutResourcePolicy {
    secret_id: Option<String>,
    resource_policy: Option<String>,
    block_public_policy: Option<bool>,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Ready = (Subject, String, bool);
    type Answer = Named;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let document = checked(self.resource_policy)?;
        let requirement = subject.requirement(Self::NAME);
        let requirements = vec![with_given(requirement, "secretsmanager:BlockPublicPolicy", self.block_public_policy)];
        let blocks = self.block_public_policy.unwrap_or(false);
        Ok(Prepared { ready: (subject, document, blocks), requirements })
    }

    fn act(
        (subject, document, blocks): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Named, Fault> {
        if blocks && breadth::is_broad(&document) {
            return Err(Fault::PublicPolicy);
        }
        if locks_out(&caller.principal, Some(&subject), &document) {
            return Err(Fault::InvalidRequest(LOCKOUT.to_owned()));
        }
        let kept = kept(store, caller, &document)?;
        store.write(allowed, caller.now, |transaction| {
            let mut secret = subject.secret(allowed, caller, transaction)?;
            ResourcePolicy::write(transaction, &secret.arn, &kept)?;
            secret.changed = caller.now;
            secret.update(transaction)?;
            Ok(secret.into())
        })
    }
}

/// `GetResourcePolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetResourcePolicy {
    secret_id: Option<String>,
}

/// A policy, if the secret has one.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Found {
    #[serde(flatten)]
    secret: Named,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_policy: Option<String>,
}

impl Operation for GetResourcePolicy {
    const NAME: &'static str = "GetResourcePolicy";
    type Ready = Subject;
    type Answer = Found;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: subject, requirements })
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Found, Fault> {
        store.read(|connection| {
            let secret = subject.secret(allowed, caller, connection)?;
            let kept = ResourcePolicy::read(connection, &secret.arn)?;
            let resource_policy = kept.map(|document| store.names.show(&document).into_owned());
            Ok(Found { secret: secret.into(), resource_policy })
        })
    }
}

/// `DeleteResourcePolicy`, which succeeds where there is none.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteResourcePolicy {
    secret_id: Option<String>,
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Ready = Subject;
    type Answer = Named;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: subject, requirements })
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Named, Fault> {
        store.free(allowed, caller.now, |transaction| {
            let secret = subject.secret(allowed, caller, transaction)?;
            ResourcePolicy::remove(transaction, &secret.arn)?;
            Ok(secret.into())
        })
    }
}

/// `ValidateResourcePolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ValidateResourcePolicy {
    secret_id: Option<String>,
    resource_policy: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Validation {
    policy_validation_passed: bool,
    validation_errors: Vec<ValidationError>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ValidationError {
    check_name: &'static str,
    error_message: &'static str,
}

impl Operation for ValidateResourcePolicy {
    const NAME: &'static str = "ValidateResourcePolicy";
    type Ready = (Option<Subject>, String);
    type Answer = Validation;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let find = |id: &str| Subject::find(caller, store, Some(id));
        let subject = self.secret_id.as_deref().map(find).transpose()?;
        let document = checked(self.resource_policy)?;
        let requirements = match &subject {
            Some(subject) => vec![subject.requirement(Self::NAME), subject.requirement(PutResourcePolicy::NAME)],
            None => vec![Requirement::new("secretsmanager:ValidateResourcePolicy", "*")],
        };
        Ok(Prepared { ready: (subject, document), requirements })
    }

    fn act(
        (subject, document): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Validation, Fault> {
        kept(store, caller, &document)?;
        if let Some(subject) = &subject {
            store.read(|connection| subject.secret(allowed, caller, connection).map(drop))?;
        }
        let mut validation_errors = Vec::new();
        let mut check = |failed: bool, check_name, error_message| {
            validation_errors.extend(failed.then_some(ValidationError { check_name, error_message }));
        };
        check(breadth::is_broad(&document), "BroadAccess", BROAD);
        check(locks_out(&caller.principal, subject.as_ref(), &document), "Lockout", LOCKOUT);
        Ok(Validation { policy_validation_passed: validation_errors.is_empty(), validation_errors })
    }
}
