//! Grants: who may use a key for what, beside what its policy says.
//!
//! A grant is in force as soon as it is made, so that its token is needed by nobody; what is given as a token has to be one.
//!
//! Source: KMS developer guide, "Grants in AWS KMS"; API reference, "CreateGrant".

mod create;
mod end;
mod list;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sidegate_iam::{Account, Policy, PolicyType, Principal};
use sidegate_model::AccountId;

pub(super) use create::CreateGrant;
pub(super) use end::{RetireGrant, RevokeGrant};
pub(super) use list::{ListGrants, ListRetirableGrants};

use super::context::EncryptionContext;
use super::fault::Fault;
use super::store::Store;
use super::subject::root_arn;
use crate::constraint::{characters, length, size};

/// The most pairs of a constraint, and the longest value in it.
const MOST_PAIRS: usize = 8;
const LONGEST_VALUE: usize = 384;

/// What tokens are sealed for.
const TOKEN: &str = "grant token";

/// The operations that a grant can allow.
const OPERATIONS: [&str; 17] = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
];

/// A grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) id: String,
    /// The ARN of the key.
    pub(super) key: String,
    pub(super) name: Option<String>,
    /// Unix milliseconds.
    pub(super) created: i64,
    /// As policies keep principals: by the unique id of a user or role.
    pub(super) grantee: String,
    /// In the same way.
    pub(super) retiree: Option<String>,
    /// The ARN of the root user of the account that made it.
    pub(super) issuer: String,
    pub(super) operations: Vec<String>,
    pub(super) constraints: Constraints,
}

/// In which encryption contexts a grant is in force. A constraint that is not known is not left out, since the grant would
/// allow more without it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Constraints {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encryption_context_subset: Option<EncryptionContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encryption_context_equals: Option<EncryptionContext>,
    /// For which resource a service may use the grant; no grant has it here.
    #[serde(skip_serializing)]
    pub(super) source_arn: Option<String>,
}

impl Constraints {
    /// Checks how many pairs there are, and how long.
    ///
    /// Source: API reference, "CreateGrant": up to 8 pairs in each, and values of up to 384 characters.
    fn check(&self) -> Result<(), Fault> {
        if self.source_arn.is_some() {
            return Err(Fault::Unserved("the constraint SourceArn of grants"));
        }
        for context in [&self.encryption_context_subset, &self.encryption_context_equals].into_iter().flatten() {
            context.check()?;
            if context.len() > MOST_PAIRS || context.values().any(|value| value.chars().count() > LONGEST_VALUE) {
                return Err(Fault::Validation(format!(
                    "A grant constraint can have at most {MOST_PAIRS} encryption context pairs, with values of at most \
                     {LONGEST_VALUE} characters."
                )));
            }
        }
        Ok(())
    }

    /// The encryption context that the constraints speak of, as conditions of policies know it.
    fn context(&self) -> Option<&EncryptionContext> {
        self.encryption_context_equals.as_ref().or(self.encryption_context_subset.as_ref())
    }

    fn is_met_by(&self, context: &EncryptionContext) -> bool {
        self.encryption_context_subset.as_ref().is_none_or(|subset| context.contains(subset))
            && self.encryption_context_equals.as_ref().is_none_or(|equal| context.is_like(equal))
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What constraints of a grant are called in conditions of policies.
    fn kind(&self) -> Option<&'static str> {
        match self {
            Self { encryption_context_equals: Some(_), .. } => Some("EncryptionContextEquals"),
            Self { encryption_context_subset: Some(_), .. } => Some("EncryptionContextSubset"),
            Self { .. } => None,
        }
    }

    /// Whether whatever meets these meets others as well.
    fn imply(&self, others: &Self) -> bool {
        let subset = others.encryption_context_subset.as_ref().is_none_or(|wanted| {
            let of = |own: &Option<EncryptionContext>| own.as_ref().is_some_and(|own| own.contains(wanted));
            of(&self.encryption_context_subset) || of(&self.encryption_context_equals)
        });
        let equal = others
            .encryption_context_equals
            .as_ref()
            .is_none_or(|wanted| self.encryption_context_equals.as_ref().is_some_and(|own| own.is_like(wanted)));
        subset && equal
    }
}

impl Grant {
    /// Whether it allows an operation, in the encryption context if the operation has one.
    pub(super) fn allows(&self, operation: &str, context: Option<&EncryptionContext>) -> bool {
        self.has(operation) && context.is_none_or(|context| self.constraints.is_met_by(context))
    }

    fn has(&self, operation: &str) -> bool {
        self.operations.iter().any(|own| own == operation)
    }

    /// Whether it allows its grantee to make another grant: one of no more than itself.
    ///
    /// Source: KMS developer guide, "Granting CreateGrant permission".
    fn allows_to_grant(&self, operations: &[String], constraints: &Constraints) -> bool {
        self.has("CreateGrant")
            && operations.iter().all(|operation| self.has(operation))
            && constraints.imply(&self.constraints)
    }

    /// Who may retire it: whom it names for that, and its grantee if it says so.
    pub(super) fn retirers(&self) -> Vec<&str> {
        let grantee = self.has("RetireGrant").then_some(self.grantee.as_str());
        self.retiree.as_deref().into_iter().chain(grantee).collect()
    }
}

/// What allows an action to these grantees; `None` if there are none.
pub(super) fn policy(action: &str, grantees: &[&str]) -> Option<Policy> {
    if grantees.is_empty() {
        return None;
    }
    Policy::parse(&document(action, json!(grantees)), PolicyType::Key).ok()
}

fn document(action: &str, principal: Value) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// By what a grant may name a principal.
pub(super) fn names(principal: &Principal) -> Vec<String> {
    let iam = |account: &Account, kind: &str, path: &str, name: &str| {
        format!("arn:{}:iam::{}:{kind}{path}{name}", account.partition.as_str(), account.id)
    };
    let mut names = vec![principal.to_string()];
    match principal {
        Principal::User { account, path, name, id } => {
            names.push(iam(account, "user", path, name));
            names.extend(id.clone());
        }
        Principal::AssumedRole { account, role_path, role, role_id, .. } => {
            names.push(iam(account, "role", role_path.as_deref().unwrap_or("/"), role));
            names.extend(role_id.clone());
        }
        Principal::FederatedUser { by: Some(user), .. } => names.extend(self::names(user)),
        _ => {}
    }
    if let Some(account) = principal.account() {
        names.push(root_arn(account));
        names.push(account.to_string());
    }
    names.sort();
    names.dedup();
    names
}

/// A principal of a grant, as it is kept.
fn kept_principal(store: &Store, account: &AccountId, member: &'static str, principal: &str) -> Result<String, Fault> {
    length(member, principal, 1, 256)?;
    let allowed = |c: char| c.is_alphanumeric() || "_+=,.@:/-".contains(c);
    characters(member, principal, "^[\\w+=,.@:/-]+$", allowed)?;
    let none = || Fault::InvalidArn(format!("ARN does not refer to a valid principal: {principal}"));
    if !principal.starts_with("arn:") {
        return Err(none());
    }
    let document = document("kms:Decrypt", json!(principal));
    Policy::parse(&document, PolicyType::Key).map_err(|_| none())?;
    let kept = store.names.keep(account, &document).map_err(|_| none())?;
    principal_of(&kept).ok_or_else(none)
}

/// A principal of a grant, as it is shown.
fn shown_principal(store: &Store, kept: &str) -> String {
    let document = document("kms:Decrypt", json!(kept));
    principal_of(&store.names.show(&document)).unwrap_or_else(|| kept.to_owned())
}

fn principal_of(document: &str) -> Option<String> {
    let document: Value = serde_json::from_str(document).ok()?;
    document.pointer("/Statement/0/Principal/AWS")?.as_str().map(str::to_owned)
}

/// The token of a grant.
fn token(store: &Store, key: &str, id: &str) -> Result<String, Fault> {
    Ok(STANDARD.encode(store.vault.seal(TOKEN, format!("{key}\n{id}").into_bytes())?))
}

/// The ARN of the key and the id of the grant that a token is of.
fn read_token(store: &Store, token: &str) -> Option<(String, String)> {
    let plain = store.vault.open_sealed(TOKEN, STANDARD.decode(token).ok()?)?;
    let text = String::from_utf8(plain).ok()?;
    text.split_once('\n').map(|(key, id)| (key.to_owned(), id.to_owned()))
}

/// Checks the tokens that a request gives.
pub(super) fn check_tokens(store: &Store, tokens: Option<&[String]>) -> Result<(), Fault> {
    let tokens = tokens.unwrap_or_default();
    size("grantTokens", tokens.len(), 0, 10)?;
    for token in tokens {
        length("grantTokens", token, 1, 8192)?;
        read_token(store, token).ok_or(Fault::InvalidGrantToken)?;
    }
    Ok(())
}

/// The id of a grant that a request gives.
fn check_id(id: &str) -> Result<(), Fault> {
    length("grantId", id, 1, 128)?;
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) { Ok(()) } else { Err(Fault::InvalidGrantId) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constraints(subset: Option<&[(&str, &str)]>, equal: Option<&[(&str, &str)]>) -> Constraints {
        let of = |pairs: &[(&str, &str)]| pairs.iter().copied().collect();
        let (encryption_context_subset, encryption_context_equals) = (subset.map(of), equal.map(of));
        Constraints { encryption_context_subset, encryption_context_equals, source_arn: None }
    }

    #[test]
    fn a_constraint_is_met_by_a_context_that_has_or_is_what_it_says() {
        let context: EncryptionContext = [("a", "1"), ("b", "2")].into_iter().collect();
        assert!(constraints(Some(&[("a", "1")]), None).is_met_by(&context));
        assert!(!constraints(Some(&[("a", "2")]), None).is_met_by(&context));
        assert!(constraints(Some(&[("A", "1")]), None).is_met_by(&context), "the case of keys does not matter");
        assert!(constraints(None, Some(&[("B", "2"), ("A", "1")])).is_met_by(&context));
        assert!(!constraints(None, Some(&[("a", "1")])).is_met_by(&context));
        assert!(constraints(None, Some(&[("b", "2"), ("a", "1")])).is_met_by(&context));
    }

    #[test]
    fn a_grantee_can_grant_no_more_than_it_was_granted() {
        let grant = Grant {
            id: String::new(),
            key: String::new(),
            name: None,
            created: 0,
            grantee: String::new(),
            retiree: None,
            issuer: String::new(),
            operations: vec!["Decrypt".into(), "CreateGrant".into()],
            constraints: constraints(Some(&[("a", "1")]), None),
        };
        let decrypt = ["Decrypt".to_owned()];
        assert!(grant.allows_to_grant(&decrypt, &constraints(Some(&[("a", "1"), ("b", "2")]), None)));
        assert!(grant.allows_to_grant(&decrypt, &constraints(None, Some(&[("a", "1")]))));
        assert!(!grant.allows_to_grant(&decrypt, &constraints(None, None)));
        assert!(!grant.allows_to_grant(&decrypt, &constraints(Some(&[("b", "2")]), None)));
        assert!(!grant.allows_to_grant(&["Encrypt".to_owned()], &constraints(Some(&[("a", "1")]), None)));
    }
}
