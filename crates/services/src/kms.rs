//! KMS: keys, their aliases, policies and grants, in one SQLite file with the key material encrypted.
//!
//! A request goes through `operation::Operation` in three steps: the document is checked and the key looked up, the
//! authorizer is asked once, and only with its token does the `store` write anything or decrypt key material.
//!
//! What a key's policy says, who was granted what of it, and who owns it goes with the requirement, so that the authorizer
//! decides about keys of other accounts as well. Other services use keys in their callers' names: [`Keys`].
//!
//! The cryptography is that of aws-lc-rs. Not served are custom key stores, keys of SM2, attestation documents of enclaves,
//! and when a key was used last.

mod agree;
mod alias;
mod blob;
mod change;
mod ciphertext;
mod context;
mod create;
mod custom_key_store;
mod data_key;
mod data_key_pair;
mod decrypt;
mod deletion;
mod describe;
mod encrypt;
mod fault;
mod forward;
mod grant;
mod id;
mod import;
mod key;
mod list;
mod mac;
mod managed;
mod material;
mod operation;
mod page;
mod policy;
mod replicate;
mod rotation;
mod sign;
mod spec;
mod store;
mod subject;
mod suppose;
mod tags;
mod upstream;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use sidegate_wire::aws_json;
use sidegate_wire::protocol::JsonVersion;
use tokio::task::spawn_blocking;

pub use crate::database::OpenError;
pub use crate::vault::KeyError;
pub use context::EncryptionContext;
pub use forward::{DataKey, KeyDescription, Keys, OnBehalf, Plaintext, UseError};
pub use upstream::Upstream;

use crate::iam::Names;
use crate::reserve::Reserve;
use crate::upstream::Outcome;
use crate::{Authorized, Authorizer, Body, Caller, Service, Supposed, whole};
use fault::Fault;
use operation::Operation;
use store::Store;

/// The name before the dot in the target of a request.
const TARGET: &str = "TrentService";

/// The operations that KMS has and that are not served.
const UNSERVED: [&str; 2] = ["CreateCustomKeyStore", "GetKeyLastUsage"];

/// The KMS service of all accounts and Regions.
#[derive(Debug)]
pub struct Kms {
    store: Arc<Store>,
    /// Whether it only decides, because another server acts.
    decides_only: bool,
}

impl Kms {
    /// Opens the store in a directory, and makes its database and its master key if they do not exist. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the master key in it cannot be used.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_beside(dir, Reserve::none(), Names::default())
    }

    /// The same on a disk on which room is set aside for deletions, with the names that policies of keys use.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the master key in it cannot be used.
    pub fn open_beside(dir: &Path, reserve: Arc<Reserve>, names: Names) -> Result<Self, OpenError> {
        Store::open(dir, reserve, names).map(|store| Self { store, decides_only: false })
    }

    /// The keys, for services that use them in the names of their callers.
    pub fn keys(&self) -> Keys {
        Keys::new(Arc::clone(&self.store))
    }

    async fn answer(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Vec<u8>>, Fault> {
        let (operation, body) = whole::document(request, TARGET).await?;
        self.carry_out(operation, body, caller, authorizer).await?.answered().ok_or(Fault::Interrupted)
    }

    async fn carry_out(
        &self, operation: String, body: Bytes, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Outcome, Fault> {
        let call = Call { store: &self.store, decides_only: self.decides_only, body, caller, authorizer };
        match operation.as_str() {
            "CancelKeyDeletion" => call.run::<deletion::CancelKeyDeletion>().await,
            "ConnectCustomKeyStore" => call.run::<custom_key_store::ConnectCustomKeyStore>().await,
            "CreateAlias" => call.run::<alias::CreateAlias>().await,
            "CreateGrant" => call.run::<grant::CreateGrant>().await,
            "CreateKey" => call.run::<create::CreateKey>().await,
            "Decrypt" => call.run::<decrypt::Decrypt>().await,
            "DeleteAlias" => call.run::<alias::DeleteAlias>().await,
            "DeleteCustomKeyStore" => call.run::<custom_key_store::DeleteCustomKeyStore>().await,
            "DeleteImportedKeyMaterial" => call.run::<import::DeleteImportedKeyMaterial>().await,
            "DeriveSharedSecret" => call.run::<agree::DeriveSharedSecret>().await,
            "DescribeCustomKeyStores" => call.run::<custom_key_store::DescribeCustomKeyStores>().await,
            "DescribeKey" => call.run::<describe::DescribeKey>().await,
            "DisableKey" => call.run::<change::DisableKey>().await,
            "DisableKeyRotation" => call.run::<rotation::DisableKeyRotation>().await,
            "DisconnectCustomKeyStore" => call.run::<custom_key_store::DisconnectCustomKeyStore>().await,
            "EnableKey" => call.run::<change::EnableKey>().await,
            "EnableKeyRotation" => call.run::<rotation::EnableKeyRotation>().await,
            "Encrypt" => call.run::<encrypt::Encrypt>().await,
            "GenerateDataKey" => call.run::<data_key::GenerateDataKey>().await,
            "GenerateDataKeyPair" => call.run::<data_key_pair::GenerateDataKeyPair>().await,
            "GenerateDataKeyPairWithoutPlaintext" => {
                call.run::<data_key_pair::GenerateDataKeyPairWithoutPlaintext>().await
            }
            "GenerateDataKeyWithoutPlaintext" => call.run::<data_key::GenerateDataKeyWithoutPlaintext>().await,
            "GenerateMac" => call.run::<mac::GenerateMac>().await,
            "GenerateRandom" => call.run::<data_key::GenerateRandom>().await,
            "GetKeyPolicy" => call.run::<policy::GetKeyPolicy>().await,
            "GetKeyRotationStatus" => call.run::<rotation::GetKeyRotationStatus>().await,
            "GetParametersForImport" => call.run::<import::GetParametersForImport>().await,
            "GetPublicKey" => call.run::<sign::GetPublicKey>().await,
            "ImportKeyMaterial" => call.run::<import::ImportKeyMaterial>().await,
            "ListAliases" => call.run::<alias::ListAliases>().await,
            "ListGrants" => call.run::<grant::ListGrants>().await,
            "ListKeyPolicies" => call.run::<policy::ListKeyPolicies>().await,
            "ListKeyRotations" => call.run::<rotation::ListKeyRotations>().await,
            "ListKeys" => call.run::<list::ListKeys>().await,
            "ListResourceTags" => call.run::<tags::ListResourceTags>().await,
            "ListRetirableGrants" => call.run::<grant::ListRetirableGrants>().await,
            "PutKeyPolicy" => call.run::<policy::PutKeyPolicy>().await,
            "ReEncrypt" => call.run::<decrypt::ReEncrypt>().await,
            "ReplicateKey" => call.run::<replicate::ReplicateKey>().await,
            "RetireGrant" => call.run::<grant::RetireGrant>().await,
            "RevokeGrant" => call.run::<grant::RevokeGrant>().await,
            "RotateKeyOnDemand" => call.run::<rotation::RotateKeyOnDemand>().await,
            "ScheduleKeyDeletion" => call.run::<deletion::ScheduleKeyDeletion>().await,
            "Sign" => call.run::<sign::Sign>().await,
            "TagResource" => call.run::<tags::TagResource>().await,
            "UntagResource" => call.run::<tags::UntagResource>().await,
            "UpdateAlias" => call.run::<alias::UpdateAlias>().await,
            "UpdateCustomKeyStore" => call.run::<custom_key_store::UpdateCustomKeyStore>().await,
            "UpdateKeyDescription" => call.run::<change::UpdateKeyDescription>().await,
            "UpdatePrimaryRegion" => call.run::<replicate::UpdatePrimaryRegion>().await,
            "Verify" => call.run::<sign::Verify>().await,
            "VerifyMac" => call.run::<mac::VerifyMac>().await,
            other => match UNSERVED.iter().find(|name| **name == other) {
                Some(name) => Err(Fault::Unserved(name)),
                None => Err(Fault::UnknownOperation(other.to_owned())),
            },
        }
    }
}

/// A request whose operation is known.
struct Call<'a> {
    store: &'a Arc<Store>,
    decides_only: bool,
    body: Bytes,
    caller: &'a Caller,
    authorizer: &'a dyn Authorizer,
}

impl Call<'_> {
    async fn run<O: Operation>(self) -> Result<Outcome, Fault> {
        let input: O = aws_json::parse(&self.body)?;
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let prepared = blocking(move || {
            store.settle(caller.now)?;
            input.prepare(&caller, &store)
        })
        .await?;
        let allowed = Authorized::by(self.authorizer, O::NAME, &prepared.requirements)
            .map_err(|denial| Fault::Denied(Box::new(denial)))?;
        if self.decides_only {
            return Ok(Outcome::Allowed(allowed));
        }
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let answer = blocking(move || O::act(prepared.ready, &allowed, &caller, &store)).await?;
        Ok(Outcome::Answered(aws_json::response(JsonVersion::V1_1, &answer, &self.caller.request_id)?))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    spawn_blocking(work).await.map_err(|_| Fault::Interrupted)?
}

#[async_trait]
impl Service for Kms {
    fn name(&self) -> &'static str {
        "kms"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        whole::answer(self.answer(request, caller, authorizer).await.unwrap_or_else(|fault| refused(&fault, caller)))
    }

    async fn suppose(&self, action: &str, resource: &str, caller: &Caller) -> Result<Supposed, String> {
        let (store, caller) = (Arc::clone(&self.store), caller.clone());
        let (action, resource) = (action.to_owned(), resource.to_owned());
        let supposed = blocking(move || suppose::suppose(&store, &action, &resource, &caller)).await;
        supposed.map_err(|fault| fault.to_string())
    }
}

/// The answer that tells a fault.
fn refused(fault: &Fault, caller: &Caller) -> Response<Vec<u8>> {
    let failure = fault.failure();
    if failure.status.is_server_error() && failure.status != http::StatusCode::NOT_IMPLEMENTED {
        tracing::error!(error = fault as &dyn std::error::Error, "a request of KMS failed");
    }
    // Denials are none of the errors of the model.
    let message = if failure.code == "AccessDeniedException" { "Message" } else { "message" };
    aws_json::error_with(JsonVersion::V1_1, &failure, &caller.request_id, message)
}
