//! `Decrypt` and `ReEncrypt`

use rusqlite::Connection;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sidegate_model::Scope;

use super::blob::Blob;
use super::ciphertext::{self, Ciphertext};
use super::context::EncryptionContext;
use super::encrypt::{algorithm, check, context, current, encrypt, requirement};
use super::fault::Fault;
use super::grant::check_tokens;
use super::id::{MaterialId, Takes};
use super::key::Key;
use super::operation::{Operation, Prepared, end_if_dry};
use super::spec::EncryptionAlgorithm;
use super::store::Store;
use super::subject::Subject;
use crate::constraint::{Constraint, required};
use crate::{Authorized, Caller};

/// A ciphertext, and the key that is to decrypt it.
pub(super) struct Source {
    pub(super) subject: Subject,
    pub(super) context: EncryptionContext,
    algorithm: EncryptionAlgorithm,
    /// `None` where a request asks no more than whether it would be allowed, whatever the ciphertext.
    text: Option<Vec<u8>>,
}

/// What a request says of a ciphertext.
pub(super) struct Given<'a> {
    pub(super) text: Option<Blob>,
    pub(super) key_id: Option<&'a str>,
    pub(super) context: Option<EncryptionContext>,
    pub(super) algorithm: Option<&'a str>,
    /// Whether the ciphertext is not looked at.
    pub(super) ignores_text: bool,
}

impl Source {
    /// Looks for the key: the one that is given, or the one that the ciphertext names.
    pub(super) fn find(
        caller: &Caller, store: &Store, (key_member, algorithm_member): (&'static str, &'static str), given: Given<'_>,
    ) -> Result<Self, Fault> {
        let text = if given.ignores_text {
            None
        } else {
            Some(required("ciphertextBlob", given.text)?.within("ciphertextBlob", ciphertext::LONGEST)?)
        };
        let algorithm = algorithm(algorithm_member, given.algorithm)?;
        let context = context(given.context, algorithm)?;
        let subject = match given.key_id {
            Some(id) => Subject::find_as(caller, store, key_member, Some(id), Takes::KeysAndAliases)?,
            None if algorithm != EncryptionAlgorithm::SymmetricDefault || given.ignores_text => {
                required(key_member, None::<&str>)?;
                return Err(Fault::IncorrectKey);
            }
            None => {
                let named = text.as_deref().and_then(Ciphertext::parse).ok_or(Fault::InvalidCiphertext)?;
                let scope = Scope { account: named.account, region: caller.scope.region };
                let subject = store.read(|connection| Subject::of_id(caller, connection, scope, &named.key))?;
                if !subject.is_there() {
                    return Err(Fault::UnknownCiphertextKey);
                }
                subject
            }
        };
        Ok(Self { subject, context, algorithm, text })
    }

    pub(super) fn requirement(&self, caller: &Caller, operation: &str) -> sidegate_iam::Requirement {
        requirement(&self.subject, caller, operation, self.algorithm, &self.context)
    }

    /// Checks that the key can be used for it.
    fn check(
        &self, allowed: &Authorized, caller: &Caller, connection: &Connection, operation: &'static str,
    ) -> Result<Key, Fault> {
        let key = self.subject.key(allowed, caller, connection)?.key;
        key.check_usable(caller.now)?;
        check(&key, self.algorithm, operation)?;
        Ok(key)
    }

    /// Decrypts it. Which material did is told of symmetric keys.
    pub(super) fn open(
        self, allowed: &Authorized, caller: &Caller, store: &Store, connection: &Connection, key: &Key,
    ) -> Result<(Vec<u8>, Option<MaterialId>), Fault> {
        let text = self.text.unwrap_or_default();
        if self.algorithm != EncryptionAlgorithm::SymmetricDefault {
            let (_, material) = current(store, allowed, caller, connection, key)?;
            let plain = material.decrypt_oaep(self.algorithm, &text)?.ok_or(Fault::InvalidCiphertext)?;
            return Ok((plain, None));
        }
        let text = Ciphertext::parse(&text).ok_or(Fault::InvalidCiphertext)?;
        if text.key != key.id || text.account.as_str() != key.account {
            return Err(Fault::IncorrectKey);
        }
        let id = text.material.clone();
        let material = store.material(allowed, connection, &key.arn(), &id, caller.now)?;
        let material = material.ok_or(Fault::InvalidCiphertext)?;
        let plain = text.open(&material.secret, &self.context).ok_or(Fault::InvalidCiphertext)?;
        Ok((plain, Some(id)))
    }
}

/// Whether a dry run is asked for that does not look at the ciphertext.
fn ignores_ciphertext(dry_run: Option<bool>, modifiers: Option<&[String]>) -> Result<bool, Fault> {
    let modifiers = modifiers.unwrap_or_default();
    for modifier in modifiers {
        if modifier != "IGNORE_CIPHERTEXT" {
            let constraint = "Member must satisfy enum value set: [IGNORE_CIPHERTEXT]";
            return Err(Constraint::of(modifier, "dryRunModifiers", constraint).into());
        }
    }
    if !modifiers.is_empty() && dry_run != Some(true) {
        return Err(Fault::Validation("DryRunModifiers can be used with DryRun only.".to_owned()));
    }
    Ok(!modifiers.is_empty())
}

/// `Decrypt`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Decrypt {
    ciphertext_blob: Option<Blob>,
    encryption_context: Option<EncryptionContext>,
    grant_tokens: Option<Vec<String>>,
    key_id: Option<String>,
    encryption_algorithm: Option<String>,
    recipient: Option<IgnoredAny>,
    dry_run: Option<bool>,
    dry_run_modifiers: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Decrypted {
    key_id: String,
    plaintext: Blob,
    encryption_algorithm: EncryptionAlgorithm,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_material_id: Option<MaterialId>,
}

/// Refuses what an enclave would have to attest.
pub(super) fn no_recipient(recipient: Option<&IgnoredAny>) -> Result<(), Fault> {
    recipient.map_or(Ok(()), |_| Err(Fault::Unserved("attestation documents of Nitro enclaves (Recipient)")))
}

impl Operation for Decrypt {
    const NAME: &'static str = "Decrypt";
    type Ready = (Source, Option<bool>);
    type Answer = Decrypted;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        no_recipient(self.recipient.as_ref())?;
        check_tokens(store, self.grant_tokens.as_deref())?;
        let given = Given {
            text: self.ciphertext_blob,
            key_id: self.key_id.as_deref(),
            context: self.encryption_context,
            algorithm: self.encryption_algorithm.as_deref(),
            ignores_text: ignores_ciphertext(self.dry_run, self.dry_run_modifiers.as_deref())?,
        };
        let source = Source::find(caller, store, ("keyId", "encryptionAlgorithm"), given)?;
        let requirement = source.requirement(caller, Self::NAME);
        Ok(Prepared::one((source, self.dry_run), requirement))
    }

    fn act(
        (source, dry_run): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Decrypted, Fault> {
        store.read(|connection| {
            let key = source.check(allowed, caller, connection, Self::NAME)?;
            let encryption_algorithm = source.algorithm;
            if source.text.is_none() {
                return Err(Fault::DryRun);
            }
            let (plain, key_material_id) = source.open(allowed, caller, store, connection, &key)?;
            end_if_dry(dry_run)?;
            Ok(Decrypted { key_id: key.arn(), plaintext: Blob(plain), encryption_algorithm, key_material_id })
        })
    }
}

/// `ReEncrypt`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReEncrypt {
    ciphertext_blob: Option<Blob>,
    source_encryption_context: Option<EncryptionContext>,
    source_key_id: Option<String>,
    destination_key_id: Option<String>,
    destination_encryption_context: Option<EncryptionContext>,
    source_encryption_algorithm: Option<String>,
    destination_encryption_algorithm: Option<String>,
    grant_tokens: Option<Vec<String>>,
    dry_run: Option<bool>,
    dry_run_modifiers: Option<Vec<String>>,
}

/// What is to be decrypted, and encrypted again.
pub(super) struct Move {
    source: Source,
    to: Subject,
    context: EncryptionContext,
    algorithm: EncryptionAlgorithm,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Moved {
    ciphertext_blob: Blob,
    source_key_id: String,
    key_id: String,
    source_encryption_algorithm: EncryptionAlgorithm,
    destination_encryption_algorithm: EncryptionAlgorithm,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_key_material_id: Option<MaterialId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_key_material_id: Option<MaterialId>,
}

impl Operation for ReEncrypt {
    const NAME: &'static str = "ReEncrypt";
    type Ready = Move;
    type Answer = Moved;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Move>, Fault> {
        let algorithm = algorithm("destinationEncryptionAlgorithm", self.destination_encryption_algorithm.as_deref())?;
        let context = context(self.destination_encryption_context, algorithm)?;
        check_tokens(store, self.grant_tokens.as_deref())?;
        let destination = self.destination_key_id.as_deref();
        let to = Subject::find_as(caller, store, "destinationKeyId", destination, Takes::KeysAndAliases)?;
        let given = Given {
            text: self.ciphertext_blob,
            key_id: self.source_key_id.as_deref(),
            context: self.source_encryption_context,
            algorithm: self.source_encryption_algorithm.as_deref(),
            ignores_text: ignores_ciphertext(self.dry_run, self.dry_run_modifiers.as_deref())?,
        };
        let source = Source::find(caller, store, ("sourceKeyId", "sourceEncryptionAlgorithm"), given)?;
        let is_same = (source.subject.arn() == to.arn()).to_string();
        let requirements = vec![
            source.requirement(caller, "ReEncryptFrom").with("kms:ReEncryptOnSameKey", is_same.as_str()),
            requirement(&to, caller, "ReEncryptTo", algorithm, &context).with("kms:ReEncryptOnSameKey", is_same),
        ];
        Ok(Prepared { ready: Move { source, to, context, algorithm, dry_run: self.dry_run }, requirements })
    }

    fn act(asked: Move, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Moved, Fault> {
        let Move { source, to, context, algorithm, dry_run } = asked;
        store.read(|connection| {
            let from = source.check(allowed, caller, connection, Self::NAME)?;
            let key = to.usable(allowed, caller, connection)?;
            check(&key, algorithm, Self::NAME)?;
            let source_encryption_algorithm = source.algorithm;
            if source.text.is_none() {
                return Err(Fault::DryRun);
            }
            let (plain, source_key_material_id) = source.open(allowed, caller, store, connection, &from)?;
            let (text, destination_key_material_id) =
                encrypt(store, allowed, caller, connection, &key, algorithm, &context, plain)?;
            end_if_dry(dry_run)?;
            Ok(Moved {
                ciphertext_blob: Blob(text),
                source_key_id: from.arn(),
                key_id: key.arn(),
                source_encryption_algorithm,
                destination_encryption_algorithm: algorithm,
                source_key_material_id,
                destination_key_material_id,
            })
        })
    }
}
