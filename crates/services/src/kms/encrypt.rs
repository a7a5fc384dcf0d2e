//! `Encrypt`, and what all have in common that encrypt.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::blob::Blob;
use super::ciphertext::Ciphertext;
use super::context::EncryptionContext;
use super::fault::Fault;
use super::grant::check_tokens;
use super::id::MaterialId;
use super::key::Key;
use super::material::{Material, encrypt_oaep};
use super::operation::{Operation, Prepared, end_if_dry};
use super::spec::{EncryptionAlgorithm, KeyUsage};
use super::store::{MaterialRow, Store};
use super::subject::Subject;
use crate::constraint::required;
use crate::{Authorized, Caller};

/// The longest plaintext.
pub(super) const LONGEST: usize = 4096;

/// The algorithm that a request gives.
pub(super) fn algorithm(member: &'static str, name: Option<&str>) -> Result<EncryptionAlgorithm, Fault> {
    let given = name.map(|name| EncryptionAlgorithm::parse(member, name)).transpose()?;
    Ok(given.unwrap_or(EncryptionAlgorithm::SymmetricDefault))
}

/// The encryption context that a request gives.
pub(super) fn context(
    given: Option<EncryptionContext>, algorithm: EncryptionAlgorithm,
) -> Result<EncryptionContext, Fault> {
    let context = given.unwrap_or_default();
    context.check()?;
    if !context.is_empty() && algorithm != EncryptionAlgorithm::SymmetricDefault {
        // Source: API reference, "Encrypt": not for asymmetric keys, whose algorithms bind to nothing.
        return Err(Fault::Validation(format!("EncryptionContext is not supported by {}.", algorithm.as_str())));
    }
    Ok(context)
}

/// What has to be allowed for an operation that encrypts or decrypts.
pub(super) fn requirement(
    subject: &Subject, caller: &Caller, operation: &str, algorithm: EncryptionAlgorithm, context: &EncryptionContext,
) -> Requirement {
    subject.requirement_in(caller, operation, context).with("kms:EncryptionAlgorithm", algorithm.as_str())
}

/// Checks that a key encrypts by an algorithm.
pub(super) fn check(key: &Key, algorithm: EncryptionAlgorithm, operation: &'static str) -> Result<(), Fault> {
    key.check_usage(KeyUsage::EncryptDecrypt, operation)?;
    if key.spec.encryption_algorithms().contains(&algorithm) {
        return Ok(());
    }
    Err(Fault::WrongAlgorithm { algorithm: algorithm.as_str(), spec: key.spec.as_str() })
}

/// The current material of a key.
pub(super) fn current(
    store: &Store, allowed: &Authorized, caller: &Caller, connection: &Connection, key: &Key,
) -> Result<(MaterialId, Material), Fault> {
    let id = key.material.clone().ok_or_else(|| Fault::PendingImport(key.arn()))?;
    let material = store.material(allowed, connection, &key.arn(), &id, caller.now)?;
    Ok((id, material.ok_or_else(|| Fault::PendingImport(key.arn()))?))
}

/// Encrypts under a symmetric key.
pub(super) fn seal(
    store: &Store, allowed: &Authorized, caller: &Caller, connection: &Connection, key: &Key,
    context: &EncryptionContext, plain: Vec<u8>,
) -> Result<(Vec<u8>, MaterialId), Fault> {
    let (id, material) = current(store, allowed, caller, connection, key)?;
    let account = key.scope()?.account;
    let text = Ciphertext::seal(&account, &key.id, &id, &material.secret, context, plain)?;
    Ok((text, id))
}

/// Encrypts under a key of any kind, of which it was made sure that it encrypts by the algorithm.
#[expect(clippy::too_many_arguments, reason = "they are what encryption takes, and none follows from another")]
pub(super) fn encrypt(
    store: &Store, allowed: &Authorized, caller: &Caller, connection: &Connection, key: &Key,
    algorithm: EncryptionAlgorithm, context: &EncryptionContext, plain: Vec<u8>,
) -> Result<(Vec<u8>, Option<MaterialId>), Fault> {
    if plain.len() > key.spec.longest_plaintext(algorithm) {
        return Err(Fault::Validation(format!(
            "Algorithm {} and key spec {} cannot encrypt data larger than {} bytes.",
            algorithm.as_str(),
            key.spec.as_str(),
            key.spec.longest_plaintext(algorithm)
        )));
    }
    if algorithm == EncryptionAlgorithm::SymmetricDefault {
        return seal(store, allowed, caller, connection, key, context, plain).map(|(text, id)| (text, Some(id)));
    }
    let id = key.material.as_ref().ok_or_else(|| Fault::PendingImport(key.arn()))?;
    let public = MaterialRow::public(connection, &key.arn(), id)?.ok_or(Fault::Material)?;
    Ok((encrypt_oaep(&public, algorithm, &plain)?, None))
}

/// `Encrypt`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Encrypt {
    key_id: Option<String>,
    plaintext: Option<Blob>,
    encryption_context: Option<EncryptionContext>,
    grant_tokens: Option<Vec<String>>,
    encryption_algorithm: Option<String>,
    dry_run: Option<bool>,
}

/// What is to be encrypted.
pub(super) struct Plain {
    subject: Subject,
    plain: Vec<u8>,
    context: EncryptionContext,
    algorithm: EncryptionAlgorithm,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Encrypted {
    ciphertext_blob: Blob,
    key_id: String,
    encryption_algorithm: EncryptionAlgorithm,
}

impl Operation for Encrypt {
    const NAME: &'static str = "Encrypt";
    type Ready = Plain;
    type Answer = Encrypted;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Plain>, Fault> {
        let plain = required("plaintext", self.plaintext)?.within("plaintext", LONGEST)?;
        let algorithm = algorithm("encryptionAlgorithm", self.encryption_algorithm.as_deref())?;
        let context = context(self.encryption_context, algorithm)?;
        check_tokens(store, self.grant_tokens.as_deref())?;
        let subject = Subject::find_any(caller, store, self.key_id.as_deref())?;
        let requirement = requirement(&subject, caller, Self::NAME, algorithm, &context);
        Ok(Prepared::one(Plain { subject, plain, context, algorithm, dry_run: self.dry_run }, requirement))
    }

    fn act(asked: Plain, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Encrypted, Fault> {
        let Plain { subject, plain, context, algorithm, dry_run } = asked;
        store.read(|connection| {
            let key = subject.usable(allowed, caller, connection)?;
            check(&key, algorithm, Self::NAME)?;
            let (text, _) = encrypt(store, allowed, caller, connection, &key, algorithm, &context, plain)?;
            end_if_dry(dry_run)?;
            Ok(Encrypted { ciphertext_blob: Blob(text), key_id: key.arn(), encryption_algorithm: algorithm })
        })
    }
}
