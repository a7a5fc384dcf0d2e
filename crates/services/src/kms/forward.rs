//! The keys for other services, which use them in the name of whoever calls them.
//!
//! A service of AWS that encrypts for its caller asks KMS with the caller's permissions: the caller has to be allowed what is
//! done with the key, by the key's policy, its own policies or a grant, and both may hold it to the service by the condition
//! keys `kms:ViaService`, `aws:ViaAWSService` and `aws:CalledVia`. What the service passes as the encryption context is in
//! `kms:EncryptionContext:…`. The policy of the endpoint on the caller's path is not asked, and the condition keys of the
//! caller's network are not there.
//!
//! Source: KMS developer guide, "kms:ViaService"; IAM user guide, "Forward access sessions".

use std::sync::Arc;

use sidegate_iam::Denial;
use sidegate_wire::protocol::Failure;
use tokio::task::spawn_blocking;

use super::context::EncryptionContext;
use super::data_key::{self, random};
use super::decrypt::{Given, Source};
use super::encrypt::{check, requirement, seal};
use super::fault::Fault;
use super::key::Key;
use super::managed;
use super::spec::EncryptionAlgorithm;
use super::store::{Store, StoredKey};
use super::subject::Subject;
use crate::kms::blob::Blob;
use crate::{Authorized, Authorizer, Caller, ForwardedBy};

/// The keys of all accounts and Regions, for other services. Copies of it are the same.
#[derive(Clone, Debug)]
pub struct Keys {
    store: Arc<Store>,
}

/// In whose name a service uses keys.
#[derive(Clone, Copy)]
pub struct OnBehalf<'a> {
    /// Who calls the service.
    pub caller: &'a Caller,
    /// What decides about the caller.
    pub authorizer: &'a dyn Authorizer,
    /// The service.
    pub by: ForwardedBy,
}

/// What is known of a key that a service may use for its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDescription {
    /// The ARN of the key.
    pub arn: String,
    /// The service whose key it is, if AWS manages it.
    pub managed_by: Option<String>,
    /// Whether it is a symmetric key for encryption, which are the ones that services use.
    pub is_symmetric: bool,
}

/// A key for data, which KMS keeps no copy of.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey {
    /// The ARN of the key that it is encrypted under.
    pub key: String,
    /// The 32 bytes of the data key. They are to be kept nowhere.
    pub plaintext: Vec<u8>,
    /// The data key, encrypted: what is kept beside the data.
    pub ciphertext: Vec<u8>,
}

/// What was decrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Plaintext {
    /// The ARN of the key that it was encrypted under.
    pub key: String,
    /// The plaintext.
    pub plaintext: Vec<u8>,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataKey").field("key", &self.key).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plaintext").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Why a key could not be used for a caller. The text is that of KMS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UseError {
    /// The caller may not.
    #[error("{}", Fault::Denied(.0.clone()))]
    Denied(Box<Denial>),
    /// KMS refuses: there is no such key, it is disabled, or the ciphertext is none. The code is KMS's, such as
    /// `DisabledException`.
    #[error("{}", .0.message)]
    Refused(Failure),
    /// KMS failed.
    #[error("{}", .0.message)]
    Failed(Failure),
}

impl From<Fault> for UseError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Denied(denial) => Self::Denied(denial),
            other => {
                let failure = other.failure();
                if failure.status.is_server_error() {
                    tracing::error!(error = &other as &dyn std::error::Error, "a key could not be used for a service");
                    return Self::Failed(failure);
                }
                Self::Refused(failure)
            }
        }
    }
}

impl UseError {
    /// The code of KMS: `AccessDeniedException`, `NotFoundException`, `DisabledException`, `KMSInvalidStateException` and so
    /// on.
    pub fn code(&self) -> &str {
        match self {
            Self::Denied(_) => "AccessDeniedException",
            Self::Refused(failure) | Self::Failed(failure) => &failure.code,
        }
    }
}

impl Keys {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// What a name stands for: the id or ARN of a key, the name or ARN of an alias. The alias of a service's own key, such as
    /// `alias/aws/s3`, always stands for one. The caller has to be allowed `kms:DescribeKey`.
    ///
    /// # Errors
    /// [`UseError`] if the caller may not describe it, or there is no such key.
    pub async fn describe(&self, whom: OnBehalf<'_>, key: &str) -> Result<KeyDescription, UseError> {
        let found = self.find(whom, key).await?;
        let needed = found.subject.requirement(whom.caller, "DescribeKey");
        let allowed = whom.authorize(needed)?;
        let key = self.run(whom, move |caller, store| Ok(found.stored(&allowed, caller, store)?.key)).await?;
        Ok(KeyDescription {
            arn: key.arn(),
            is_symmetric: check(&key, EncryptionAlgorithm::SymmetricDefault, "GenerateDataKey").is_ok(),
            managed_by: key.managed_by,
        })
    }

    /// Makes a data key of 32 bytes and encrypts it under a key, which is named as in [`Keys::describe`]. The caller has to
    /// be allowed `kms:GenerateDataKey`.
    ///
    /// # Errors
    /// [`UseError`] if the caller may not, or the key is not there or cannot be used.
    pub async fn generate_data_key(
        &self, whom: OnBehalf<'_>, key: &str, context: EncryptionContext,
    ) -> Result<DataKey, UseError> {
        context.check()?;
        let found = self.find(whom, key).await?;
        let algorithm = EncryptionAlgorithm::SymmetricDefault;
        let needed = requirement(&found.subject, whom.caller, "GenerateDataKey", algorithm, &context);
        let allowed = whom.authorize(needed)?;
        self.run(whom, move |caller, store| {
            let key = found.stored(&allowed, caller, store)?.key;
            key.check_usable(caller.now)?;
            check(&key, algorithm, "GenerateDataKey")?;
            let made = store.read(|connection| {
                data_key::DataKey::make(store, &allowed, caller, connection, key, &context, random(32)?)
            })?;
            Ok(DataKey { key: made.key.arn(), plaintext: made.plain, ciphertext: made.text })
        })
        .await
    }

    /// Encrypts a data key that there is already under a key, which is named as in [`Keys::describe`]. The caller has to be
    /// allowed `kms:Encrypt`.
    ///
    /// # Errors
    /// [`UseError`] if the caller may not, or the key is not there or cannot be used.
    pub async fn encrypt_data_key(
        &self, whom: OnBehalf<'_>, key: &str, plaintext: Vec<u8>, context: EncryptionContext,
    ) -> Result<DataKey, UseError> {
        context.check()?;
        let found = self.find(whom, key).await?;
        let algorithm = EncryptionAlgorithm::SymmetricDefault;
        let needed = requirement(&found.subject, whom.caller, "Encrypt", algorithm, &context);
        let allowed = whom.authorize(needed)?;
        self.run(whom, move |caller, store| {
            let key = found.stored(&allowed, caller, store)?.key;
            key.check_usable(caller.now)?;
            check(&key, algorithm, "Encrypt")?;
            let text = plaintext.clone();
            let (ciphertext, _) =
                store.read(|connection| seal(store, &allowed, caller, connection, &key, &context, text))?;
            Ok(DataKey { key: key.arn(), plaintext, ciphertext })
        })
        .await
    }

    /// Decrypts what was encrypted under a key in this encryption context. The caller has to be allowed `kms:Decrypt`.
    ///
    /// # Errors
    /// [`UseError`] if the caller may not, the key cannot be used, or it is no such ciphertext.
    pub async fn decrypt(
        &self, whom: OnBehalf<'_>, ciphertext: &[u8], context: EncryptionContext,
    ) -> Result<Plaintext, UseError> {
        let text = Blob(ciphertext.to_vec());
        let source = self
            .run(whom, move |caller, store| {
                let context = Some(context);
                let given = Given { text: Some(text), key_id: None, context, algorithm: None, ignores_text: false };
                Source::find(caller, store, ("keyId", "encryptionAlgorithm"), given)
            })
            .await?;
        let allowed = whom.authorize(source.requirement(whom.caller, "Decrypt"))?;
        self.run(whom, move |caller, store| {
            store.read(|connection| {
                let key = source.subject.usable(&allowed, caller, connection)?;
                let (plaintext, _) = source.open(&allowed, caller, store, connection, &key)?;
                Ok(Plaintext { key: key.arn(), plaintext })
            })
        })
        .await
    }

    async fn find(&self, whom: OnBehalf<'_>, key: &str) -> Result<Found, UseError> {
        let key = key.to_owned();
        self.run(whom, move |caller, store| match Subject::find_any(caller, store, Some(&key)) {
            Err(Fault::NoAlias(arn)) => match managed::by_alias(caller, &arn)? {
                Some((subject, new)) => Ok(Found { subject, new }),
                None => Err(Fault::NoAlias(arn)),
            },
            found => Ok(Found { subject: found?, new: None }),
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self, whom: OnBehalf<'_>, work: impl FnOnce(&Caller, &Store) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, UseError> {
        let (store, caller) = (Arc::clone(&self.store), whom.caller.clone());
        let done = spawn_blocking(move || {
            store.settle(caller.now)?;
            work(&caller, &store)
        });
        Ok(done.await.map_err(|_| Fault::Interrupted)??)
    }
}

/// A key that was found by its name, or that is to be made for the service whose it is.
struct Found {
    subject: Subject,
    new: Option<StoredKey>,
}

impl Found {
    fn stored(self, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Stored, Fault> {
        let stored = match self.new {
            Some(new) => managed::make(store, allowed, caller, new)?,
            None => store.read(|connection| self.subject.key(allowed, caller, connection))?,
        };
        Ok(Stored { key: stored.key })
    }
}

/// A key as it is now.
struct Stored {
    key: Key,
}

impl OnBehalf<'_> {
    fn authorize(&self, needed: sidegate_iam::Requirement) -> Result<Authorized, UseError> {
        let needed = needed.with("kms:ViaService", self.by.regional_name());
        Authorized::forwarded(self.authorizer, &self.by, &[needed]).map_err(|denial| UseError::Denied(Box::new(denial)))
    }
}
