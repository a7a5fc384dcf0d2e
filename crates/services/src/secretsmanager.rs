//! Secrets Manager: secrets, their versions and staging labels, in one SQLite file with the values encrypted.
//!
//! A request goes through `operation::Operation` in three steps: the document is checked and the secret looked up,
//! the authorizer is asked once, and only with its token does the `store` write anything or decrypt a value.
//!
//! Rotation, replication, resource policies and keys of KMS are not served; a request for them is refused.

mod create;
mod delete;
mod describe;
mod fault;
mod filter;
mod get;
mod id;
mod labels;
mod operation;
mod page;
mod password;
mod put;
mod random;
mod stage;
mod store;
mod tags;
mod value;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use sidegate_wire::aws_json::{self, JsonError, Target};
use sidegate_wire::protocol::JsonVersion;
use tokio::task::spawn_blocking;

pub use crate::vault::KeyError;
pub use store::OpenError;

use crate::reserve::Reserve;
use crate::whole::ReadError;
use crate::{Authorized, Authorizer, Body, Caller, Service, whole};
use fault::Fault;
use operation::Operation;
use store::Store;

/// The name before the dot in the target of a request.
const TARGET: &str = "secretsmanager";

/// The operations that Secrets Manager has and that are not served.
const UNSERVED: [&str; 8] = [
    "CancelRotateSecret",
    "DeleteResourcePolicy",
    "PutResourcePolicy",
    "RemoveRegionsFromReplication",
    "ReplicateSecretToRegions",
    "RotateSecret",
    "StopReplicationToReplica",
    "ValidateResourcePolicy",
];

/// The Secrets Manager service of all accounts and Regions.
#[derive(Debug)]
pub struct SecretsManager {
    store: Arc<Store>,
}

impl SecretsManager {
    /// Opens the store in a directory, and makes its database and its key if they do not exist. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the key in it cannot be used.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_beside(dir, Reserve::none())
    }

    /// The same on a disk on which room is set aside for deletions.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the key in it cannot be used.
    pub fn open_beside(dir: &Path, reserve: Arc<Reserve>) -> Result<Self, OpenError> {
        Store::open(dir, reserve).map(|store| Self { store })
    }

    async fn answer(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Vec<u8>>, Fault> {
        let (head, body) = request.into_parts();
        let target = Target::parse(&head.headers)?;
        if head.method != Method::POST || target.service != TARGET {
            return Err(JsonError::NoTarget.into());
        }
        let body = whole::read(body, aws_json::MAX_BYTES).await.map_err(|error| match error {
            ReadError::TooLong => JsonError::TooLarge.into(),
            ReadError::Broken(_) => Fault::Body,
        })?;
        let call = Call { store: &self.store, body, caller, authorizer };
        match target.operation {
            "BatchGetSecretValue" => call.run::<get::BatchGetSecretValue>().await,
            "CreateSecret" => call.run::<create::CreateSecret>().await,
            "DeleteSecret" => call.run::<delete::DeleteSecret>().await,
            "DescribeSecret" => call.run::<describe::DescribeSecret>().await,
            "GetRandomPassword" => call.run::<password::GetRandomPassword>().await,
            "GetResourcePolicy" => call.run::<describe::GetResourcePolicy>().await,
            "GetSecretValue" => call.run::<get::GetSecretValue>().await,
            "ListSecretVersionIds" => call.run::<describe::ListSecretVersionIds>().await,
            "ListSecrets" => call.run::<describe::ListSecrets>().await,
            "PutSecretValue" => call.run::<put::PutSecretValue>().await,
            "RestoreSecret" => call.run::<delete::RestoreSecret>().await,
            "TagResource" => call.run::<tags::TagResource>().await,
            "UntagResource" => call.run::<tags::UntagResource>().await,
            "UpdateSecret" => call.run::<put::UpdateSecret>().await,
            "UpdateSecretVersionStage" => call.run::<stage::UpdateSecretVersionStage>().await,
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
    body: Bytes,
    caller: &'a Caller,
    authorizer: &'a dyn Authorizer,
}

impl Call<'_> {
    async fn run<O: Operation>(self) -> Result<Response<Vec<u8>>, Fault> {
        let input: O = aws_json::parse(&self.body)?;
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let prepared = blocking(move || input.prepare(&caller, &store)).await?;
        let allowed = Authorized::by(self.authorizer, O::NAME, &prepared.requirements)
            .map_err(|denial| Fault::Denied(Box::new(denial)))?;
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let answer = blocking(move || O::act(prepared.ready, &allowed, &caller, &store)).await?;
        Ok(aws_json::response(JsonVersion::V1_1, &answer, &self.caller.request_id)?)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    spawn_blocking(work).await.map_err(|_| Fault::Interrupted)?
}

#[async_trait]
impl Service for SecretsManager {
    fn name(&self) -> &'static str {
        "secretsmanager"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let answer = self.answer(request, caller, authorizer).await.unwrap_or_else(|fault| {
            let failure = fault.failure();
            if failure.status.is_server_error() && failure.status != http::StatusCode::NOT_IMPLEMENTED {
                tracing::error!(error = &fault as &dyn std::error::Error, "a request of Secrets Manager failed");
            }
            aws_json::error(JsonVersion::V1_1, &failure, &caller.request_id)
        });
        whole::answer(answer)
    }
}
