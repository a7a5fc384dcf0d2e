//! The keys of KMS of tables, as they are used in the name of whoever calls.
//!
//! A table that has a key of KMS has a data key, which is kept encrypted under it. Whoever reads or writes items has to be
//! allowed to decrypt it, as on AWS, and the key has to be usable. What was decrypted is forgotten at once: the files of the
//! engine are not encrypted, so that the key decides who gets at items through the API and no more.
//!
//! Source: developer guide, "DynamoDB encryption at rest", "DynamoDB encryption at rest: how it works" (the encryption
//! context; calls of KMS in the caller's name).

use serde_json::Value;
use sidegate_model::Region;

use super::fault::Fault;
use super::name::TableName;
use super::operation::Asked;
use super::table::{Table, TableKey};
use crate::kms::{EncryptionContext, Keys, OnBehalf};
use crate::{Authorizer, Caller, ForwardedBy};

/// The alias of the key that a table has whose request names none.
const DEFAULT: &str = "alias/aws/dynamodb";

/// The data key of a table, encrypted.
#[derive(Clone, Debug)]
pub(super) struct WrappedKey {
    table: TableName,
    key: TableKey,
}

impl WrappedKey {
    pub(super) fn of(table: &Table) -> Option<Self> {
        table.key().map(|key| Self { table: table.name.clone(), key: key.clone() })
    }
}

/// The key that a table is to have.
#[derive(Clone, Debug)]
pub(super) struct Sealing {
    pub(super) table: TableName,
    /// The name of the key.
    pub(super) key: String,
}

/// What a request says of the encryption of a table.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// Nothing.
    Unsaid,
    /// The key that AWS owns: none of KMS.
    Owned,
    Key(Sealing),
}

impl Wanted {
    /// Takes `SSESpecification` out of the document.
    pub(super) fn take(asked: &mut Asked, table: &TableName) -> Result<Self, Fault> {
        let taken = asked.document.as_object_mut().and_then(|document| document.remove("SSESpecification"));
        let Some(specification) = taken.filter(|value| !value.is_null()) else { return Ok(Self::Unsaid) };
        let member = |name: &str| specification.get(name).filter(|value| !value.is_null());
        let text = |name: &str| member(name).and_then(Value::as_str);
        let (enabled, kind, key) = (member("Enabled"), text("SSEType"), text("KMSMasterKeyId"));
        let is_enabled = enabled.and_then(Value::as_bool).unwrap_or(false);
        if let Some(kind) = kind.filter(|kind| *kind != "KMS") {
            return Err(Fault::Validation(match kind {
                "AES256" => "One or more parameter values were invalid: SSEType AES256 is not supported".to_owned(),
                _ => format!(
                    "1 validation error detected: Value '{kind}' at 'sSESpecification.sSEType' failed to satisfy \
                     constraint: Member must satisfy enum value set: [AES256, KMS]"
                ),
            }));
        }
        match (is_enabled, key.or(kind)) {
            (false, Some(_)) => Err(Fault::Validation(
                "One or more parameter values were invalid: SSEType and KMSMasterKeyId can be given only if server-side \
                 encryption is enabled"
                    .to_owned(),
            )),
            (false, None) => Ok(Self::Owned),
            (true, _) => {
                let key = key.map_or_else(
                    || format!("arn:aws:kms:{}:{}:{DEFAULT}", table.region, table.account),
                    str::to_owned,
                );
                Ok(Self::Key(Sealing { table: table.clone(), key }))
            }
        }
    }
}

/// What DynamoDB asks KMS for.
pub(super) struct Kms<'a> {
    pub(super) keys: Option<&'a Keys>,
    pub(super) caller: &'a Caller,
    pub(super) authorizer: &'a dyn Authorizer,
}

impl Kms<'_> {
    /// Sees that the caller may use the keys of tables.
    pub(super) async fn open(&self, wrapped: Vec<WrappedKey>) -> Result<(), Fault> {
        for WrappedKey { table, key } in wrapped {
            let keys = self.keys.ok_or_else(|| Fault::Unserved("keys of KMS".to_owned()))?;
            keys.decrypt(self.whom(table.region), &key.wrapped, context(&table)).await?;
        }
        Ok(())
    }

    /// Makes the data key of a table.
    pub(super) async fn seal(&self, Sealing { table, key }: Sealing) -> Result<TableKey, Fault> {
        let keys = self.keys.ok_or_else(|| Fault::Unserved("keys of KMS".to_owned()))?;
        let whom = self.whom(table.region);
        let described = keys.describe(whom, &key).await?;
        if !described.is_symmetric {
            return Err(Fault::Validation("KMS key must be a symmetric encryption key".to_owned()));
        }
        let made = keys.generate_data_key(whom, &key, context(&table)).await?;
        Ok(TableKey { arn: made.key, wrapped: made.ciphertext })
    }

    fn whom(&self, region: Region) -> OnBehalf<'_> {
        OnBehalf { caller: self.caller, authorizer: self.authorizer, by: ForwardedBy { service: "dynamodb", region } }
    }
}

fn context(table: &TableName) -> EncryptionContext {
    let account = table.account.to_string();
    [("aws:dynamodb:tableName", table.name.as_str()), ("aws:dynamodb:subscriberId", account.as_str())]
        .into_iter()
        .collect()
}
