//! Secrets Manager: secrets, their versions and staging labels, in one SQLite file with the values encrypted.
//!
//! A request goes through `operation::Operation` in three steps: the document is checked and the secret looked up,
//! the authorizer is asked once, and only with its token does the `store` write anything or decrypt a value.
//!
//! What a secret's own policy says, and who owns it, goes with the requirement, so that the authorizer decides about
//! secrets of other accounts as well.
//!
//! Values are encrypted under keys of KMS in the name of whoever calls, once there is KMS. Rotation and replication are not
//! served; a request for them is refused.

mod create;
mod delete;
mod describe;
mod fault;
mod filter;
mod get;
mod id;
mod key;
mod labels;
mod operation;
mod page;
mod password;
mod put;
mod random;
mod resource_policy;
mod stage;
mod store;
mod tags;
mod upstream;
mod value;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use serde::Deserialize;
use sidegate_iam::{Denial, PolicyKind};
use sidegate_wire::aws_json;
use sidegate_wire::protocol::JsonVersion;
use tokio::task::spawn_blocking;

pub use crate::vault::KeyError;
pub use store::OpenError;
pub use upstream::Upstream;

use crate::iam::Names;
use crate::kms::Keys;
use crate::reserve::Reserve;
use crate::upstream::Outcome;
use crate::{Authorized, Authorizer, Body, Caller, Service, whole};
use fault::Fault;
use key::DataKeys;
use operation::Operation;
use store::Store;

/// The name before the dot in the target of a request.
const TARGET: &str = "secretsmanager";

/// The operations that Secrets Manager has and that are not served.
const UNSERVED: [&str; 5] = [
    "CancelRotateSecret",
    "RemoveRegionsFromReplication",
    "ReplicateSecretToRegions",
    "RotateSecret",
    "StopReplicationToReplica",
];

/// The Secrets Manager service of all accounts and Regions.
#[derive(Debug)]
pub struct SecretsManager {
    store: Arc<Store>,
    keys: Option<Keys>,
    /// Whether it only decides, because another server acts.
    decides_only: bool,
}

impl SecretsManager {
    /// Opens the store in a directory, and makes its database and its key if they do not exist. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the key in it cannot be used.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_beside(dir, Reserve::none(), Names::default())
    }

    /// The same on a disk on which room is set aside for deletions, with the names that policies of secrets use.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the key in it cannot be used.
    pub fn open_beside(dir: &Path, reserve: Arc<Reserve>, names: Names) -> Result<Self, OpenError> {
        Store::open(dir, reserve, names).map(|store| Self { store, keys: None, decides_only: false })
    }

    /// With keys of KMS, under which values are encrypted from now on. Without them a secret cannot name a key.
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
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
        let decides_only = self.decides_only;
        let call = Call { store: &self.store, keys: self.keys.as_ref(), decides_only, body, caller, authorizer };
        match operation.as_str() {
            "BatchGetSecretValue" => call.run::<get::BatchGetSecretValue>().await,
            "CreateSecret" => call.run::<create::CreateSecret>().await,
            "DeleteResourcePolicy" => call.run::<resource_policy::DeleteResourcePolicy>().await,
            "DeleteSecret" => call.run::<delete::DeleteSecret>().await,
            "DescribeSecret" => call.run::<describe::DescribeSecret>().await,
            "GetRandomPassword" => call.run::<password::GetRandomPassword>().await,
            "GetResourcePolicy" => call.run::<resource_policy::GetResourcePolicy>().await,
            "GetSecretValue" => call.run::<get::GetSecretValue>().await,
            "ListSecretVersionIds" => call.run::<describe::ListSecretVersionIds>().await,
            "ListSecrets" => call.run::<describe::ListSecrets>().await,
            "PutResourcePolicy" => call.run::<resource_policy::PutResourcePolicy>().await,
            "PutSecretValue" => call.run::<put::PutSecretValue>().await,
            "RestoreSecret" => call.run::<delete::RestoreSecret>().await,
            "TagResource" => call.run::<tags::TagResource>().await,
            "UntagResource" => call.run::<tags::UntagResource>().await,
            "UpdateSecret" => call.run::<put::UpdateSecret>().await,
            "UpdateSecretVersionStage" => call.run::<stage::UpdateSecretVersionStage>().await,
            "ValidateResourcePolicy" => call.run::<resource_policy::ValidateResourcePolicy>().await,
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
    keys: Option<&'a Keys>,
    decides_only: bool,
    body: Bytes,
    caller: &'a Caller,
    authorizer: &'a dyn Authorizer,
}

impl Call<'_> {
    async fn run<O: Operation>(self) -> Result<Outcome, Fault> {
        let input: O = aws_json::parse(&self.body)?;
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let prepared = blocking(move || input.prepare(&caller, &store)).await?;
        let allowed = Authorized::by(self.authorizer, O::NAME, &prepared.requirements)
            .map_err(|denial| Fault::Denied(Box::new(as_asked(denial, &self.body))))?;
        if self.decides_only {
            return Ok(Outcome::Allowed(allowed));
        }
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let (mut ready, wanted) = blocking(move || {
            let wanted = O::key_use(&prepared.ready, &caller, &store)?;
            Ok((prepared.ready, wanted))
        })
        .await?;
        O::take_keys(&mut ready, DataKeys::ask(self.keys, wanted, self.caller, self.authorizer).await?);
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let answer = blocking(move || O::act(ready, &allowed, &caller, &store)).await?;
        Ok(Outcome::Answered(aws_json::response(JsonVersion::V1_1, &answer, &self.caller.request_id)?))
    }
}

/// What a request calls its secret.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    secret_id: Option<String>,
    name: Option<String>,
}

/// A denial as Secrets Manager tells it: of the secret by what the request calls it. A caller from another account is
/// told as well whose policies do not allow it, but not what is in the policy of somebody else's endpoint.
///
/// Source: IAM user guide, "Troubleshoot access denied error messages"; denials that users quote, see docs/claims.md.
fn as_asked(mut denial: Denial, body: &[u8]) -> Denial {
    if let Ok(Asked { secret_id, name }) = aws_json::parse::<Asked>(body)
        && let Some(called) = secret_id.or(name)
        && denial.resource != "*"
    {
        denial.resource = called;
    }
    denial.is_discreet &= denial.policy == PolicyKind::Endpoint;
    denial
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
        whole::answer(self.answer(request, caller, authorizer).await.unwrap_or_else(|fault| refused(&fault, caller)))
    }
}

/// The answer that tells a fault.
fn refused(fault: &Fault, caller: &Caller) -> Response<Vec<u8>> {
    let failure = fault.failure();
    if failure.status.is_server_error() && failure.status != http::StatusCode::NOT_IMPLEMENTED {
        tracing::error!(error = fault as &dyn std::error::Error, "a request of Secrets Manager failed");
    }
    aws_json::error(JsonVersion::V1_1, &failure, &caller.request_id)
}
