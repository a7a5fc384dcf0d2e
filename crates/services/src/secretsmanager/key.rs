//! The keys of KMS that values are encrypted under, as they are used in the name of whoever calls.
//!
//! Each version has a data key of its own, which is kept encrypted beside it. Where a secret names no key, it is the one of
//! Secrets Manager in its account, `aws/secretsmanager`.
//!
//! Source: user guide, "Secret encryption and decryption in AWS Secrets Manager".

use std::collections::BTreeMap;

use super::fault::Fault;
use super::id::VersionId;
use super::store::{Secret, Version, VersionKey};
use crate::constraint::length;
use crate::kms::{DataKey, EncryptionContext, Keys, OnBehalf, UseError};
use crate::{Authorizer, Caller, ForwardedBy};

/// The alias of the key that is used where a secret names none.
const DEFAULT: &str = "alias/aws/secretsmanager";

/// Stands for the id of a version where it is only tried whether a key can be used.
const TRIAL: &str = "RequestToValidateKeyAccess";

/// The key that a request gives; `None` for the default one. The alias of another account or Region does not name that
/// one: KMS is asked for it, and refuses it.
pub(super) fn named(caller: &Caller, key: Option<String>) -> Result<Option<String>, Fault> {
    length("kmsKeyId", key.as_deref().unwrap_or_default(), 0, 2048)?;
    let default = format!("arn:aws:kms:{}:{}:{DEFAULT}", caller.scope.region, caller.scope.account);
    Ok(key.filter(|key| !key.is_empty() && key != DEFAULT && *key != default))
}

/// What an operation needs of KMS.
#[derive(Default)]
pub(super) struct KeyUse {
    /// A key that is tried, with the ARN of the secret that is to have it.
    pub(super) trial: Option<(String, Option<String>)>,
    /// A data key for a new version of a secret.
    pub(super) seal: Option<NewKey>,
    /// Versions that are read.
    pub(super) open: Vec<WrappedKey>,
    /// Versions that another key of KMS is to protect.
    pub(super) moves: Option<Moves>,
}

/// Versions of a secret whose data keys are to be encrypted under another key of KMS.
pub(super) struct Moves {
    /// The key that the secret is to name.
    pub(super) key: Option<String>,
    pub(super) versions: Vec<WrappedKey>,
}

/// A data key to make.
pub(super) struct NewKey {
    pub(super) arn: String,
    pub(super) version: VersionId,
    /// The key that the secret names.
    pub(super) key: Option<String>,
}

/// The data key of a version, encrypted.
pub(super) struct WrappedKey {
    arn: String,
    version: VersionId,
    wrapped: Vec<u8>,
}

impl WrappedKey {
    /// That of a version; one from before there were keys has none.
    pub(super) fn of(secret: &Secret, version: &Version) -> Option<Self> {
        let wrapped = version.key.as_ref()?.wrapped.clone();
        Some(Self { arn: secret.arn.clone(), version: version.id.clone(), wrapped })
    }
}

impl KeyUse {
    /// With a version that is read.
    pub(super) fn opening(mut self, secret: &Secret, version: &Version) -> Self {
        self.open.extend(WrappedKey::of(secret, version));
        self
    }

    /// With a new version of a secret.
    pub(super) fn sealing(mut self, arn: &str, version: &VersionId, key: Option<String>) -> Self {
        self.seal = Some(NewKey { arn: arn.to_owned(), version: version.clone(), key });
        self
    }
}

/// The data keys of an operation, in the clear.
#[derive(Default)]
pub(super) struct DataKeys {
    new: Option<DataKey>,
    opened: BTreeMap<(String, VersionId), Result<Vec<u8>, NoKey>>,
    moved: Vec<Moved>,
}

/// A data key that was encrypted under another key of KMS.
pub(super) struct Moved {
    pub(super) version: VersionId,
    /// As it was encrypted before.
    pub(super) before: Vec<u8>,
    pub(super) key: VersionKey,
}

/// Why there is no data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    Denied,
    Unusable,
    Failed,
}

impl From<UseError> for NoKey {
    fn from(error: UseError) -> Self {
        match error {
            UseError::Denied(_) => Self::Denied,
            UseError::Refused(_) => Self::Unusable,
            _ => Self::Failed,
        }
    }
}

impl NoKey {
    fn of_encryption(self) -> Fault {
        match self {
            Self::Denied => Fault::NoAccessToKey,
            Self::Unusable => Fault::Unencryptable,
            Self::Failed => Fault::Interrupted,
        }
    }

    fn of_decryption(self) -> Fault {
        match self {
            Self::Denied => Fault::NoAccessToKey,
            Self::Unusable => Fault::Undecryptable,
            Self::Failed => Fault::Interrupted,
        }
    }
}

impl DataKeys {
    /// The data key of the new version; none where there is no KMS.
    pub(super) fn new_version(&self) -> Option<&DataKey> {
        self.new.as_ref()
    }

    /// The data key of a version that is read.
    pub(super) fn of(&self, arn: &str, version: &VersionId) -> Result<&[u8], Fault> {
        match self.opened.get(&(arn.to_owned(), version.clone())) {
            Some(Ok(key)) => Ok(key),
            Some(Err(reason)) => Err(reason.of_decryption()),
            // Another version has become the current one in the meantime.
            None => Err(Fault::Interrupted),
        }
    }

    /// The data keys that were encrypted under another key.
    pub(super) fn moved(&self) -> &[Moved] {
        &self.moved
    }

    /// Asks KMS, with the permissions of the caller.
    pub(super) async fn ask(
        keys: Option<&Keys>, wanted: KeyUse, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Self, Fault> {
        let KeyUse { trial, seal, open, moves } = wanted;
        let mut found = Self::default();
        let Some(keys) = keys else {
            let named = trial.and_then(|(_, key)| key).or(seal.and_then(|new| new.key));
            return if named.is_some() { Err(Fault::Unserved("keys of KMS")) } else { Ok(found) };
        };
        let by = ForwardedBy { service: "secretsmanager", region: caller.scope.region };
        let whom = OnBehalf { caller, authorizer, by };
        if let Some((arn, key)) = trial {
            let name = name_of(&arn, key);
            let tried = keys.generate_data_key(whom, &name, context(&arn, TRIAL)).await;
            let tried = tried.map_err(|error| NoKey::from(error).of_encryption())?;
            let opened = keys.decrypt(whom, &tried.ciphertext, context(&arn, TRIAL)).await;
            opened.map_err(|error| NoKey::from(error).of_encryption())?;
        }
        if let Some(NewKey { arn, version, key }) = seal {
            let made = keys.generate_data_key(whom, &name_of(&arn, key), context(&arn, version.as_str())).await;
            found.new = Some(made.map_err(|error| NoKey::from(error).of_encryption())?);
        }
        for WrappedKey { arn, version, wrapped } in open {
            let opened = keys.decrypt(whom, &wrapped, context(&arn, version.as_str())).await;
            let opened = opened.map(|plain| plain.plaintext).map_err(NoKey::from);
            found.opened.insert((arn, version), opened);
        }
        if let Some(moves) = moves {
            found.moved = moved(keys, whom, moves).await;
        }
        Ok(found)
    }
}

/// Encrypts data keys under another key, as far as the caller may: a version whose data key it may not decrypt, or not
/// encrypt under the new one, keeps the one that it has.
///
/// Source: API reference, "UpdateSecret", `KmsKeyId`.
async fn moved(keys: &Keys, whom: OnBehalf<'_>, moves: Moves) -> Vec<Moved> {
    let mut all = Vec::new();
    for WrappedKey { arn, version, wrapped } in moves.versions {
        let context = || context(&arn, version.as_str());
        let name = name_of(&arn, moves.key.clone());
        let moved = match keys.decrypt(whom, &wrapped, context()).await {
            Ok(plain) => keys.encrypt_data_key(whom, &name, plain.plaintext, context()).await,
            Err(error) => Err(error),
        };
        match moved {
            Ok(DataKey { key: arn, ciphertext: wrapped_anew, .. }) => {
                let key = VersionKey { arn, wrapped: wrapped_anew };
                all.push(Moved { version, before: wrapped, key });
            }
            Err(error) => {
                tracing::debug!(%error, arn, version = version.as_str(), "a version keeps the key that it has");
            }
        }
    }
    all
}

/// The name of the key of a secret. The default one is that of the secret's account.
fn name_of(arn: &str, key: Option<String>) -> String {
    key.unwrap_or_else(|| {
        let mut parts = arn.split(':').skip(3);
        let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        format!("arn:aws:kms:{region}:{account}:{DEFAULT}")
    })
}

fn context(arn: &str, version: &str) -> EncryptionContext {
    [("SecretARN", arn), ("SecretVersionId", version)].into_iter().collect()
}
