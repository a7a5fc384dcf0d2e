//! `GenerateDataKey`, `GenerateDataKeyWithoutPlaintext` and `GenerateRandom`

use rusqlite::Connection;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::blob::Blob;
use super::context::EncryptionContext;
use super::decrypt::no_recipient;
use super::encrypt::{check, requirement, seal};
use super::fault::Fault;
use super::grant::check_tokens;
use super::id::MaterialId;
use super::key::Key;
use super::operation::{Operation, Prepared, end_if_dry};
use super::spec::EncryptionAlgorithm;
use super::store::Store;
use super::subject::{Subject, caller_account};
use crate::constraint::{Constraint, length, within};
use crate::{Authorized, Caller};

/// Random bytes.
pub(super) fn random(length: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; length];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(bytes)
}

/// What a data key is asked for by.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Asked {
    key_id: Option<String>,
    encryption_context: Option<EncryptionContext>,
    number_of_bytes: Option<i64>,
    key_spec: Option<String>,
    grant_tokens: Option<Vec<String>>,
    recipient: Option<IgnoredAny>,
    dry_run: Option<bool>,
}

/// A data key to make.
pub(super) struct NewDataKey {
    subject: Subject,
    context: EncryptionContext,
    length: usize,
    dry_run: Option<bool>,
}

/// A data key, in the clear and encrypted.
pub(super) struct DataKey {
    pub(super) key: Key,
    pub(super) plain: Vec<u8>,
    pub(super) text: Vec<u8>,
    pub(super) material: MaterialId,
}

impl Asked {
    fn prepare(self, caller: &Caller, store: &Store, operation: &str) -> Result<Prepared<NewDataKey>, Fault> {
        no_recipient(self.recipient.as_ref())?;
        let length = match (self.key_spec.as_deref(), self.number_of_bytes) {
            (Some("AES_256"), None) => 32,
            (Some("AES_128"), None) => 16,
            (Some(other), None) => {
                let constraint = "Member must satisfy enum value set: [AES_256, AES_128]";
                return Err(Constraint::of(other, "keySpec", constraint).into());
            }
            (None, Some(number)) => {
                within("numberOfBytes", number, 1, 1024)?;
                usize::try_from(number).unwrap_or_default()
            }
            _ => return Err(Fault::Validation("Please specify either number of bytes or key spec.".to_owned())),
        };
        let context = self.encryption_context.unwrap_or_default();
        context.check()?;
        check_tokens(store, self.grant_tokens.as_deref())?;
        let subject = Subject::find_any(caller, store, self.key_id.as_deref())?;
        let requirement = requirement(&subject, caller, operation, EncryptionAlgorithm::SymmetricDefault, &context);
        Ok(Prepared::one(NewDataKey { subject, context, length, dry_run: self.dry_run }, requirement))
    }
}

impl NewDataKey {
    fn make(
        self, allowed: &Authorized, caller: &Caller, store: &Store, operation: &'static str,
    ) -> Result<DataKey, Fault> {
        store.read(|connection| {
            let key = self.subject.usable(allowed, caller, connection)?;
            check(&key, EncryptionAlgorithm::SymmetricDefault, operation)?;
            end_if_dry(self.dry_run)?;
            DataKey::make(store, allowed, caller, connection, key, &self.context, random(self.length)?)
        })
    }
}

impl DataKey {
    /// Encrypts a data key under a key.
    pub(super) fn make(
        store: &Store, allowed: &Authorized, caller: &Caller, connection: &Connection, key: Key,
        context: &EncryptionContext, plain: Vec<u8>,
    ) -> Result<Self, Fault> {
        let (text, material) = seal(store, allowed, caller, connection, &key, context, plain.clone())?;
        Ok(Self { key, plain, text, material })
    }
}

/// `GenerateDataKey`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct GenerateDataKey(Asked);

/// `GenerateDataKeyWithoutPlaintext`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct GenerateDataKeyWithoutPlaintext(Asked);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Generated {
    ciphertext_blob: Blob,
    #[serde(skip_serializing_if = "Option::is_none")]
    plaintext: Option<Blob>,
    key_id: String,
    key_material_id: MaterialId,
}

impl Operation for GenerateDataKey {
    const NAME: &'static str = "GenerateDataKey";
    type Ready = NewDataKey;
    type Answer = Generated;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewDataKey>, Fault> {
        self.0.prepare(caller, store, Self::NAME)
    }

    fn act(new: NewDataKey, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Generated, Fault> {
        let DataKey { key, plain, text, material } = new.make(allowed, caller, store, Self::NAME)?;
        Ok(Generated {
            ciphertext_blob: Blob(text),
            plaintext: Some(Blob(plain)),
            key_id: key.arn(),
            key_material_id: material,
        })
    }
}

impl Operation for GenerateDataKeyWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyWithoutPlaintext";
    type Ready = NewDataKey;
    type Answer = Generated;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewDataKey>, Fault> {
        self.0.prepare(caller, store, Self::NAME)
    }

    fn act(new: NewDataKey, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Generated, Fault> {
        let DataKey { key, text, material, .. } = new.make(allowed, caller, store, Self::NAME)?;
        Ok(Generated { ciphertext_blob: Blob(text), plaintext: None, key_id: key.arn(), key_material_id: material })
    }
}

/// `GenerateRandom`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GenerateRandom {
    number_of_bytes: Option<i64>,
    custom_key_store_id: Option<String>,
    recipient: Option<IgnoredAny>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Random {
    plaintext: Blob,
}

impl Operation for GenerateRandom {
    const NAME: &'static str = "GenerateRandom";
    type Ready = usize;
    type Answer = Random;

    fn prepare(self, caller: &Caller, _: &Store) -> Result<Prepared<usize>, Fault> {
        no_recipient(self.recipient.as_ref())?;
        let number = self.number_of_bytes.ok_or_else(|| Fault::Validation("NumberOfBytes is required.".to_owned()))?;
        within("numberOfBytes", number, 1, 1024)?;
        if let Some(store) = self.custom_key_store_id {
            length("customKeyStoreId", &store, 1, 64)?;
            return Err(Fault::NoCustomKeyStore(store));
        }
        let requirement = caller_account(Requirement::new("kms:GenerateRandom", "*"), caller);
        Ok(Prepared::one(usize::try_from(number).unwrap_or_default(), requirement))
    }

    fn act(length: usize, _: &Authorized, _: &Caller, _: &Store) -> Result<Random, Fault> {
        Ok(Random { plaintext: Blob(random(length)?) })
    }
}
