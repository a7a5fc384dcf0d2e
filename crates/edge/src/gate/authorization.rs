//! The step between classification and effect: whether the caller may do what the operation requires, on this path.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sidegate_iam::{
    Attached, Context, Decision, Denial, Explanation, Policies, Policy, PolicyKind, PolicyType, Principal, Request,
    Requirement, decide, explain,
};
use sidegate_model::AccountId;
use sidegate_services::{Authorizer, ForwardedBy};

use super::credentials::{Credentials, Grants, Membership};
use crate::events::Judgement;

/// How many requirements an event lists.
const MOST_LISTED: usize = 32;

/// What was decided about a request.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) operation: Option<String>,
    pub(super) judgements: Vec<Judgement>,
    pub(super) left_out: usize,
    /// The denial that decided, with all that led to it.
    pub(super) denial: Option<String>,
    pub(super) explanation: Option<String>,
}

/// Decides for one caller on one path, and notes what it decided.
pub(super) struct Authorization<'a> {
    pub(super) principal: &'a Principal,
    /// The condition keys of the request.
    pub(super) context: Context,
    /// The policies that apply whatever is asked for: the principal's, its organization's, and that of the endpoint.
    pub(super) policies: Policies,
    /// The organization of the principal's account.
    pub(super) membership: Option<Arc<Membership>>,
    /// The account of the endpoint on the path.
    pub(super) endpoint_account: Option<&'a AccountId>,
    pub(super) credentials: &'a dyn Credentials,
    pub(super) notes: &'a Mutex<Notes>,
}

/// What holds for the resources of one account.
pub(super) struct Side {
    /// Whether the principal is of another account and another organization.
    is_foreign: bool,
    pub(super) context: Context,
    pub(super) policies: Policies,
}

impl<'a> Authorization<'a> {
    /// Of a principal of whom policies say `grants`, with the condition keys of the request. `endpoint` is the policy and the
    /// account of the one on the path.
    pub(super) fn new(
        principal: &'a Principal, mut context: Context, grants: Grants, membership: Option<Arc<Membership>>,
        endpoint: (Option<&Arc<Policy>>, Option<&'a AccountId>), credentials: &'a dyn Credentials,
        notes: &'a Mutex<Notes>,
    ) -> Self {
        context.extend(&grants.context);
        let mut policies = grants.policies;
        policies.service_control = membership.as_ref().map(|own| own.service_control.clone()).unwrap_or_default();
        let (policy, endpoint_account) = endpoint;
        policies.endpoint = policy.map(|policy| Arc::clone(policy).into());
        Self { principal, context, policies, membership, endpoint_account, credentials, notes }
    }
}

impl Authorization<'_> {
    /// What holds for the resources of an account.
    pub(super) fn side(&self, owner: Option<&AccountId>) -> Side {
        let is_own = owner == self.principal.account();
        let membership = match owner {
            Some(_) if is_own => self.membership.clone(),
            other => other.and_then(|owner| self.credentials.membership(owner)),
        };
        let (mut context, mut policies) = (self.context.clone(), self.policies.clone());
        if let Some(membership) = &membership {
            context = context
                .with("aws:ResourceOrgID", membership.organization.as_str())
                .with_many("aws:ResourceOrgPaths", [membership.path.as_str()]);
            policies.resource_control.clone_from(&membership.resource_control);
        }
        let organization =
            |membership: &Option<Arc<Membership>>| membership.as_ref().map(|own| own.organization.clone());
        let (theirs, own) = (organization(&membership), organization(&self.membership));
        let is_foreign = !is_own && (theirs.is_none() || theirs != own);
        Side { is_foreign, context, policies }
    }

    /// What decides about what needs no permission.
    fn policies_of_free(&self) -> Policies {
        /// Stands for the policies of the principal.
        static ALL: LazyLock<Attached> = LazyLock::new(|| {
            let text = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
            let all = Policy::parse(text, PolicyType::Identity).unwrap_or_else(|_| Policy::nothing());
            Attached::named(all, "that nobody needs")
        });
        Policies { identity: vec![ALL.clone()], endpoint: self.policies.endpoint.clone(), ..Policies::default() }
    }

    /// Whether the caller is not told which policy denies: those of a stranger's resource, and of a stranger's endpoint.
    ///
    /// Source: S3 user guide, "Troubleshoot access denied (403 Forbidden) errors in Amazon S3".
    fn is_discreet(&self, side: &Side, kind: PolicyKind) -> bool {
        let own = self.principal.account();
        side.is_foreign || (kind == PolicyKind::Endpoint && own.is_some() && self.endpoint_account != own)
    }
}

/// What a call in somebody's name bears of the network: nothing. It comes from the service.
///
/// Source: IAM user guide, "AWS global condition context keys": `aws:SourceIp`, `aws:ViaAWSService`; "Forward access
/// sessions".
fn is_of_network(key: &str) -> bool {
    const KEYS: [&str; 9] = [
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:vpcsourceip",
        "aws:referer",
    ];
    KEYS.contains(&key) || key.starts_with("s3:")
}

impl Authorization<'_> {
    /// The same caller behind a service.
    fn behind(&self, by: &ForwardedBy) -> Self {
        let principal = by.principal();
        let context = self.context.clone().without(is_of_network);
        let context = context
            .with("aws:ViaAWSService", "true")
            .with("aws:CalledViaFirst", principal.as_str())
            .with("aws:CalledViaLast", principal.as_str())
            .with_many("aws:CalledVia", [principal]);
        Self {
            context,
            policies: Policies { endpoint: None, ..self.policies.clone() },
            membership: self.membership.clone(),
            endpoint_account: None,
            ..*self
        }
    }

    fn decide_all(&self, notes: &mut Notes, requirements: &[Requirement]) -> Result<(), Denial> {
        let mut outcome = Ok(());
        // Most operations ask for the resources of one account.
        let mut sides: Vec<(Option<AccountId>, Side)> = Vec::new();
        for requirement in requirements {
            let owner = requirement.owner().or_else(|| self.principal.account().cloned());
            let at = sides.iter().position(|(known, _)| *known == owner).unwrap_or_else(|| {
                let side = self.side(owner.as_ref());
                sides.push((owner, side));
                sides.len() - 1
            });
            let Some((_, side)) = sides.get(at) else { continue };
            let request = Request { principal: self.principal, context: &side.context, requirement };
            let free;
            let policies = if requirement.is_free {
                free = self.policies_of_free();
                &free
            } else {
                &side.policies
            };
            let decision = decide(&request, policies);
            if notes.judgements.len() < MOST_LISTED {
                notes.judgements.push(judgement(&request, policies, &decision));
            } else {
                notes.left_out += 1;
            }
            if let (Some(mut denial), Ok(())) = (decision.denial(&request, policies), &outcome) {
                notes.denial = Some(denial.to_string());
                let explanation: Explanation<'_> = explain(&request, policies);
                notes.explanation = Some(explanation.to_string());
                denial.is_discreet = self.is_discreet(side, denial.policy);
                outcome = Err(denial);
            }
        }
        outcome
    }
}

impl Authorizer for Authorization<'_> {
    fn authorize(&self, operation: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.operation = Some(operation.to_owned());
        self.decide_all(&mut notes, requirements)
    }

    fn authorize_forwarded(&self, by: &ForwardedBy, requirements: &[Requirement]) -> Result<(), Denial> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        self.behind(by).decide_all(&mut notes, requirements)
    }
}

fn judgement(request: &Request<'_>, policies: &Policies, decision: &Decision) -> Judgement {
    Judgement {
        action: request.requirement.action.clone(),
        resource: request.requirement.resource.clone(),
        allowed: decision.is_allowed(),
        because: if request.requirement.is_free && decision.is_allowed() {
            "nobody who is known needs a permission for it".to_owned()
        } else {
            decision.reason(request, policies)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::credentials::{Credential, NoCredential};
    use super::*;

    /// Two accounts are in an organization.
    struct Accounts;

    impl Credentials for Accounts {
        fn credential(&self, _: &str, _: i64) -> Result<Credential, NoCredential> {
            Err(NoCredential::Unknown)
        }

        fn membership(&self, account: &AccountId) -> Option<Arc<Membership>> {
            let path = "o-a/r-1/".to_owned();
            let is_member = ["123456789012", "222222222222"].contains(&account.as_str());
            is_member.then(|| Membership { organization: "o-a".to_owned(), path, ..Membership::default() }.into())
        }

        fn note_use(&self, _: &str, _: &str, _: &str, _: i64) {}
    }

    fn root() -> Principal {
        Principal::Root("123456789012".parse().unwrap())
    }

    fn authorization<'a>(
        principal: &'a Principal, endpoint: Option<Policy>, notes: &'a Mutex<Notes>,
    ) -> Authorization<'a> {
        Authorization {
            principal,
            context: Context::new(),
            policies: Policies::through(endpoint.map(Into::into)),
            membership: principal.account().and_then(|account| Accounts.membership(account)),
            endpoint_account: principal.account(),
            credentials: &Accounts,
            notes,
        }
    }

    #[test]
    fn who_is_of_another_account_and_organization_is_not_told_which_policy_denies() {
        let told = |owner: &str| {
            let (principal, notes) = (root(), Mutex::default());
            let requirement =
                Requirement::new("s3:GetObject", "arn:aws:s3:::theirs/a").owned_by(owner.parse().unwrap());
            authorization(&principal, None, &notes).authorize("GetObject", &[requirement]).unwrap_err().to_string()
        };
        assert!(told("222222222222").ends_with("because no resource-based policy allows the s3:GetObject action"));
        assert!(told("333333333333").ends_with("on resource: arn:aws:s3:::theirs/a"));
    }

    #[test]
    fn every_requirement_is_noted_and_the_first_denial_decides() {
        let policy = Policy::parse(
            r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "*"},
                {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::closed/*"}]}"#,
            PolicyType::Endpoint,
        )
        .unwrap();
        let (principal, notes) = (root(), Mutex::default());
        let authorization = authorization(&principal, Some(policy), &notes);
        let requirements = [
            Requirement::new("s3:GetObject", "arn:aws:s3:::open/a"),
            Requirement::new("s3:GetObject", "arn:aws:s3:::closed/a"),
            Requirement::new("s3:PutObject", "arn:aws:s3:::open/a"),
        ];
        let denial = authorization.authorize("CopyObject", &requirements).unwrap_err();
        assert_eq!((denial.action.as_str(), denial.resource.as_str()), ("s3:GetObject", "arn:aws:s3:::closed/a"));
        let notes = notes.into_inner().unwrap();
        let because: Vec<_> = notes.judgements.iter().map(|j| (j.allowed, j.because.as_str())).collect();
        assert_eq!(
            because,
            [
                (
                    true,
                    "statement 1 of the VPC endpoint policy allows it, and the root user may do everything in its account"
                ),
                (false, "statement 2 of the VPC endpoint policy denies it"),
                (false, "no VPC endpoint policy allows it"),
            ]
        );
        assert!(notes.explanation.unwrap().contains("statement 2 denies it"));
        assert_eq!(notes.operation.as_deref(), Some("CopyObject"));
        assert!(notes.denial.unwrap().ends_with("with an explicit deny in a VPC endpoint policy"));
    }

    #[test]
    fn a_call_in_the_callers_name_does_not_pass_its_endpoint() {
        let policy = Policy::parse(
            r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#,
            PolicyType::Endpoint,
        )
        .unwrap();
        let principal = root();
        let key = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:CalledViaLast": "s3.amazonaws.com"}}},
            {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
                "Condition": {"Null": {"aws:SourceVpce": "false"}}},
            {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
                "Condition": {"Bool": {"aws:ViaAWSService": "false"}}}]}"#;
        let key = Policy::parse(key, PolicyType::Key).unwrap();
        let requirement = Requirement::new("kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/0").under(key);
        let by = ForwardedBy { service: "s3", region: "us-east-1".parse().unwrap() };
        let notes = Mutex::default();
        let mut authorization = authorization(&principal, Some(policy), &notes);
        authorization.context = Context::new().with("aws:SourceVpce", "vpce-1a").with("aws:ViaAWSService", "false");
        let requirements = [requirement];
        authorization.authorize_forwarded(&by, &requirements).unwrap();
        authorization.authorize("Decrypt", &requirements).unwrap_err();
        let notes = notes.into_inner().unwrap();
        assert_eq!(notes.operation.as_deref(), Some("Decrypt"), "the call of a service is no operation of its own");
        assert_eq!(notes.judgements.iter().map(|j| j.allowed).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn the_list_of_requirements_is_bounded_and_each_is_decided() {
        let (principal, notes) = (root(), Mutex::default());
        let authorization = authorization(&principal, None, &notes);
        let requirements = vec![Requirement::new("s3:DeleteObject", "arn:aws:s3:::a/b"); 1000];
        authorization.authorize("DeleteObjects", &requirements).unwrap();
        let notes = notes.into_inner().unwrap();
        assert_eq!((notes.judgements.len(), notes.left_out), (MOST_LISTED, 1000 - MOST_LISTED));
    }
}
