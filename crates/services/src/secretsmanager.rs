//! Secrets Manager: secrets, their versions and staging labels, in one SQLite file with the values encrypted.
//!
//! A request goes through `operation::Operation` in three steps: the document is checked and the secret looked up,
//! the authorizer is asked once, and only with its token does the `store` write anything or decrypt a value.
//!
//! What a secret's own policy says, and who owns it, goes with the requirement, so that the authorizer decides about
//! secrets of other accounts as well.
//!
//! Values are encrypted under keys of KMS in the name of whoever calls, once there is KMS. Secrets are rotated by the
//! functions that Secrets Manager is given, at once or when [`SecretsManager::keep`] finds that it is time. Replication is
//! not served; a request for it is refused.

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
mod rotation;
mod stage;
mod store;
mod suppose;
mod tags;
mod upstream;
mod value;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use serde::Deserialize;
use sidegate_iam::{Denial, PolicyKind, Requirement};
use sidegate_wire::aws_json;
use sidegate_wire::protocol::JsonVersion;
use tokio::task::spawn_blocking;

pub use crate::database::OpenError;
pub use crate::vault::KeyError;
pub use upstream::Upstream;

use crate::functions::{Functions, NoFunctions};
use crate::iam::Names;
use crate::kms::Keys;
use crate::reserve::Reserve;
use crate::upstream::Outcome;
use crate::{Authorized, Authorizer, Body, Caller, ForwardedBy, Service, Supposed, whole};
use fault::Fault;
use key::DataKeys;
use operation::Operation;
use rotation::Rotator;
use store::Store;

/// The name before the dot in the target of a request.
const TARGET: &str = "secretsmanager";

/// The operations that Secrets Manager has and that are not served.
const UNSERVED: [&str; 3] = ["RemoveRegionsFromReplication", "ReplicateSecretToRegions", "StopReplicationToReplica"];

/// The Secrets Manager service of all accounts and Regions.
pub struct SecretsManager {
    store: Arc<Store>,
    keys: Option<Keys>,
    rotator: Arc<Rotator>,
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
        Store::open(dir, reserve, names).map(Self::of)
    }

    fn of(store: Arc<Store>) -> Self {
        let rotator = Arc::new(Rotator::new(Arc::clone(&store), Arc::new(NoFunctions)));
        Self { store, keys: None, rotator, decides_only: false }
    }

    /// With keys of KMS, under which values are encrypted from now on. Without them a secret cannot name a key.
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// With functions that rotate secrets. Without them there is none, and no secret can be rotated.
    #[must_use]
    pub fn with_functions(mut self, functions: Arc<dyn Functions>) -> Self {
        self.rotator = Arc::new(Rotator::new(Arc::clone(&self.store), functions));
        self
    }

    /// Rotates the secrets whose time has come and goes on with rotations that were interrupted or failed, and destroys
    /// the secrets whose waiting period is over. Ends when all functions that it calls have answered.
    ///
    /// # Errors
    /// [`UpkeepError`] if the database cannot be used.
    pub async fn keep(&self, now: i64) -> Result<(), UpkeepError> {
        let store = Arc::clone(&self.store);
        blocking(move || store.settle(now)).await.map_err(UpkeepError)?;
        self.rotator.run(now).await.map_err(UpkeepError)
    }

    /// Carries out at once what a request has made due.
    fn rotate_now(&self, now: i64) {
        let rotator = Arc::clone(&self.rotator);
        tokio::spawn(async move {
            if let Err(error) = rotator.run(now).await {
                tracing::error!(error = &error as &dyn std::error::Error, "secrets were not rotated");
            }
        });
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
        let (keys, functions, decides_only) = (self.keys.as_ref(), self.rotator.functions(), self.decides_only);
        let call = Call { store: &self.store, keys, functions, decides_only, body, caller, authorizer };
        match operation.as_str() {
            "BatchGetSecretValue" => call.run::<get::BatchGetSecretValue>().await,
            "CancelRotateSecret" => call.run::<rotation::CancelRotateSecret>().await,
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
            "RotateSecret" => {
                let answer = call.run::<rotation::RotateSecret>().await;
                if matches!(answer, Ok(Outcome::Answered(_)) | Err(Fault::RotationGoingOn)) {
                    self.rotate_now(caller.now);
                }
                answer
            }
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

/// Secrets were not rotated, or not destroyed.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep the secrets up")]
pub struct UpkeepError(#[source] Fault);

/// A request whose operation is known.
struct Call<'a> {
    store: &'a Arc<Store>,
    keys: Option<&'a Keys>,
    functions: &'a dyn Functions,
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
        let denials = self.decide_parts(O::NAME, &O::parts(&prepared.ready))?;
        if self.decides_only && denials.iter().all(Option::is_none) {
            return Ok(Outcome::Allowed(allowed));
        }
        if self.decides_only {
            let told = |denial| {
                let failure = Fault::Denied(Box::new(denial)).failure();
                (failure.code.into_owned(), failure.message)
            };
            return Ok(Outcome::AllowedInPart(allowed, denials.into_iter().map(|denial| denial.map(told)).collect()));
        }
        if let Some((function, arn)) = O::function(&prepared.ready) {
            self.check_function(function, arn).await?;
        }
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let (mut ready, wanted) = blocking(move || {
            let mut ready = prepared.ready;
            O::take_denials(&mut ready, denials);
            let wanted = O::key_use(&ready, &caller, &store)?;
            Ok((ready, wanted))
        })
        .await?;
        O::take_keys(&mut ready, DataKeys::ask(self.keys, wanted, self.caller, self.authorizer).await?);
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let answer = blocking(move || O::act(ready, &allowed, &caller, &store)).await?;
        Ok(Outcome::Answered(aws_json::response(JsonVersion::V1_1, &answer, &self.caller.request_id)?))
    }

    /// Which parts of an operation are not allowed. What the policy of an endpoint denies denies all of it.
    ///
    /// Source: user guide, "Get a batch of Secrets Manager secret values using the Python AWS SDK".
    fn decide_parts(&self, operation: &str, parts: &[Requirement]) -> Result<Vec<Option<Denial>>, Fault> {
        let decide = |part| match Authorized::by(self.authorizer, operation, std::slice::from_ref(part)) {
            Ok(_) => Ok(None),
            Err(denial) if denial.policy == PolicyKind::Endpoint => {
                Err(Fault::Denied(Box::new(as_asked(denial, &self.body))))
            }
            Err(denial) => Ok(Some(as_asked(denial, &self.body))),
        };
        parts.iter().map(decide).collect()
    }

    /// Checks that the caller may call a function, and that Secrets Manager may.
    ///
    /// Source: API reference, "RotateSecret"; user guide, "Troubleshoot rotation".
    async fn check_function(&self, function: &str, arn: &str) -> Result<(), Fault> {
        let Caller { scope, .. } = self.caller;
        // What the policy of a function of another account says is asked below.
        let needed = Requirement::new("lambda:InvokeFunction", function).owned_by(scope.account.clone());
        let by = ForwardedBy { service: "secretsmanager", region: scope.region };
        Authorized::forwarded(self.authorizer, &by, &[needed]).map_err(|denial| Fault::Denied(Box::new(denial)))?;
        let invocation = rotation::invocation(function, arn)?;
        self.functions.check(&invocation).await.map_err(|error| {
            tracing::debug!(%error, function, "a function that is to rotate a secret cannot be called");
            Fault::NoFunction
        })
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
        tracing::error!(error = fault as &dyn std::error::Error, "a request of Secrets Manager failed");
    }
    aws_json::error(JsonVersion::V1_1, &failure, &caller.request_id)
}
