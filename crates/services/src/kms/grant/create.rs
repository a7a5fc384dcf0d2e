//! `CreateGrant`

use serde::{Deserialize, Serialize};

use super::{Constraints, Grant, OPERATIONS, check_tokens, kept_principal, token};
use crate::asked::with_given;
use crate::constraint::{Constraint, characters, length, required, size};
use crate::kms::fault::Fault;
use crate::kms::key::Key;
use crate::kms::operation::{Operation, Prepared, end_if_dry};
use crate::kms::spec::KeyUsage;
use crate::kms::store::Store;
use crate::kms::subject::{Subject, root_arn};
use crate::{Authorized, Caller};

/// The most grants of a key.
///
/// Source: KMS developer guide, "Resource quotas".
const MOST: i64 = 50_000;

/// `CreateGrant`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateGrant {
    key_id: Option<String>,
    grantee_principal: Option<String>,
    retiring_principal: Option<String>,
    operations: Option<Vec<String>>,
    constraints: Option<Constraints>,
    grant_tokens: Option<Vec<String>>,
    name: Option<String>,
    dry_run: Option<bool>,
    grantee_service_principal: Option<String>,
    retiring_service_principal: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Created {
    grant_token: String,
    grant_id: String,
}

/// A grant to make.
pub(crate) struct NewGrant {
    subject: Subject,
    grant: Grant,
    dry_run: Option<bool>,
}

impl Operation for CreateGrant {
    const NAME: &'static str = "CreateGrant";
    type Ready = NewGrant;
    type Answer = Created;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewGrant>, Fault> {
        if self.grantee_service_principal.is_some() || self.retiring_service_principal.is_some() {
            return Err(Fault::Unserved("grants to services (GranteeServicePrincipal, RetiringServicePrincipal)"));
        }
        let grantee = required("granteePrincipal", self.grantee_principal)?;
        let operations = checked(required("operations", self.operations)?)?;
        let constraints = self.constraints.unwrap_or_default();
        constraints.check()?;
        if let Some(name) = &self.name {
            length("name", name, 1, 256)?;
            let allowed = |c: char| c.is_ascii_alphanumeric() || ":/_-".contains(c);
            characters("name", name, "^[a-zA-Z0-9:/_-]+$", allowed)?;
        }
        check_tokens(store, self.grant_tokens.as_deref())?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let account = caller.principal.account().unwrap_or(&caller.scope.account);
        let kept = |member, principal: &str| kept_principal(store, &subject.scope.account, member, principal);
        let retiree = self.retiring_principal.as_deref().map(|who| kept("retiringPrincipal", who)).transpose()?;
        let requirement = subject.bare(caller, Self::NAME);
        let requirement =
            subject.with_grants_that(requirement, |grant| grant.allows_to_grant(&operations, &constraints));
        let requirement = match constraints.context() {
            Some(context) => context.add_to(requirement),
            None => requirement,
        };
        let requirement = requirement
            .with_many("kms:GrantOperations", operations.iter().map(String::as_str))
            .with("kms:GranteePrincipal", grantee.as_str())
            .with("kms:GrantIsForAWSResource", "false");
        let requirement = with_given(requirement, "kms:RetiringPrincipal", self.retiring_principal.as_ref());
        let requirement = with_given(requirement, "kms:GrantConstraintType", constraints.kind());
        let grant = Grant {
            id: hex::encode(crate::random::bytes::<32>()?),
            key: subject.arn().to_owned(),
            name: self.name,
            created: caller.now,
            grantee: kept("granteePrincipal", &grantee)?,
            retiree,
            issuer: root_arn(account),
            operations,
            constraints,
        };
        Ok(Prepared::one(NewGrant { subject, grant, dry_run: self.dry_run }, requirement))
    }

    fn act(new: NewGrant, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Created, Fault> {
        let NewGrant { subject, mut grant, dry_run } = new;
        store.write(allowed, caller.now, |transaction| {
            let key = subject.usable(allowed, caller, transaction)?;
            check_operations(&key, &grant)?;
            if grant.name.is_some() {
                // The same request again gives the grant that it made, with a new token.
                let like = |own: &Grant| Grant { id: grant.id.clone(), created: grant.created, ..own.clone() } == grant;
                if let Some(own) = Grant::to(transaction, &grant.key, &[grant.grantee.clone()])?.into_iter().find(like)
                {
                    end_if_dry(dry_run)?;
                    grant.id = own.id;
                    return Ok(());
                }
            }
            if Grant::count(transaction, &grant.key)? >= MOST {
                return Err(Fault::LimitExceeded(format!("A key can have at most {MOST} grants.")));
            }
            end_if_dry(dry_run)?;
            grant.insert(transaction)
        })?;
        Ok(Created { grant_token: token(store, &grant.key, &grant.id)?, grant_id: grant.id })
    }
}

/// The operations that a request gives, each once and in their order.
fn checked(operations: Vec<String>) -> Result<Vec<String>, Fault> {
    for operation in &operations {
        if !OPERATIONS.contains(&operation.as_str()) {
            let constraint = format!(
                "Member must satisfy constraint: [Member must satisfy enum value set: [{}]]",
                OPERATIONS.join(", ")
            );
            return Err(Constraint::of(&format!("[{operation}]"), "operations", constraint).into());
        }
    }
    size("operations", operations.len(), 1, OPERATIONS.len())?;
    let mut operations = operations;
    operations.sort();
    operations.dedup();
    Ok(operations)
}

/// Checks that a key can do what a grant of it allows.
///
/// Source: API reference, "CreateGrant": the operation must be supported on the KMS key, or else a `ValidationException`.
fn check_operations(key: &Key, grant: &Grant) -> Result<(), Fault> {
    let is_symmetric = !key.spec.is_asymmetric() && !key.spec.is_hmac();
    let supported = |operation: &str| match operation {
        "CreateGrant" | "DescribeKey" | "RetireGrant" => true,
        "Encrypt" | "Decrypt" | "ReEncryptFrom" | "ReEncryptTo" => key.usage == KeyUsage::EncryptDecrypt,
        "Sign" | "Verify" => key.usage == KeyUsage::SignVerify,
        "GenerateMac" | "VerifyMac" => key.usage == KeyUsage::GenerateVerifyMac,
        "DeriveSharedSecret" => key.usage == KeyUsage::KeyAgreement,
        "GetPublicKey" => key.spec.is_asymmetric(),
        _ => is_symmetric,
    };
    if let Some(operation) = grant.operations.iter().find(|operation| !supported(operation)) {
        let (spec, usage) = (key.spec.as_str(), key.usage.as_str());
        return Err(Fault::Validation(format!(
            "Grant operation {operation} is not supported on a KMS key with key spec {spec} and key usage {usage}."
        )));
    }
    if !grant.constraints.is_empty() && !is_symmetric {
        return Err(Fault::Validation(
            "Grant constraints are supported on symmetric encryption KMS keys only.".to_owned(),
        ));
    }
    Ok(())
}
