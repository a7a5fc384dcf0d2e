//! Lambda: functions, their versions, aliases and layers, and what runs them.
//!
//! A request's method and path are an operation (`route`). Each operation checks what it is given, says what it requires,
//! asks the authorizer once, and only with its token does the `store` change anything. Functions and layers are values in
//! memory with rows on disk; their code lies in files beside (`package`).
//!
//! An invocation takes an environment from the `pool`, which has it made by the [`Environments`] that Lambda is given.
//! Those know nothing of this API: they are told what an environment is made of, and run one event after another.
//! Asynchronous invocations wait in a durable `queue`.
//!
//! Container images, file systems, SnapStart, provisioned concurrency, function URLs, response streaming, code signing,
//! durable functions and capacity providers are not served. Event source mappings (`event_source`) are, of DynamoDB's streams.

mod account;
mod alias;
mod archive;
mod complaint;
mod create;
mod destination;
pub mod environment;
mod event_invoke;
mod event_source;
mod fault;
mod forward;
mod function;
mod invoke;
mod layer;
mod lineage;
mod name;
mod nothing;
mod objects;
mod operation;
mod package;
mod page;
mod permission;
mod pool;
mod queue;
mod read;
mod route;
mod runtime;
mod settings;
mod source;
mod state;
mod store;
mod suppose;
mod tags;
mod update;
mod upkeep;
mod version;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, Response};
use sidegate_model::Scope;
use tokio::sync::watch;

pub use crate::database::OpenError;
pub use crate::vault::KeyError;
pub use archive::Secrets;
pub use runtime::{ProvidedBase, Runtime};

use crate::iam::Names;
use crate::kms::Keys;
use crate::random::uuid;
use crate::reserve::Reserve;
use crate::upstream::parameters;
use crate::whole::{self, ReadError};
use crate::{Authorizer, Body, Caller, Insecure, Service, Supposed};
use environment::Environments;
use event_source::Pump;
use fault::{Code, Fault};
use function::{Failure, Function, State, Update};
use name::Place;
use objects::Objects;
use operation::{Answer, Call};
use package::Packages;
use pool::{Concurrency, Pools};
use queue::Queue;
use route::Route;
use store::{Store, blocking};

/// The largest request, in bytes: an archive of 50 MiB in base64, and what is around it.
///
/// Source: an error of Lambda's that names it.
pub const LARGEST_BODY: usize = 70_167_211;

/// The operations that Lambda has and that are not served.
const UNSERVED: [&str; 28] = [
    "CheckpointDurableExecution",
    "CreateCapacityProvider",
    "CreateCodeSigningConfig",
    "CreateFunctionUrlConfig",
    "DeleteCapacityProvider",
    "DeleteCodeSigningConfig",
    "GetCapacityProvider",
    "GetCodeSigningConfig",
    "GetDurableExecution",
    "GetDurableExecutionHistory",
    "GetDurableExecutionState",
    "GetFunctionScalingConfig",
    "InvokeAsync",
    "InvokeWithResponseStream",
    "ListCapacityProviders",
    "ListDurableExecutionsByFunction",
    "ListFunctionVersionsByCapacityProvider",
    "ListFunctionsByCodeSigningConfig",
    "PutFunctionCodeSigningConfig",
    "PutFunctionScalingConfig",
    "PutProvisionedConcurrencyConfig",
    "SendDurableExecutionCallbackFailure",
    "SendDurableExecutionCallbackHeartbeat",
    "SendDurableExecutionCallbackSuccess",
    "StopDurableExecution",
    "UpdateCapacityProvider",
    "UpdateCodeSigningConfig",
    "UpdateFunctionUrlConfig",
];

/// The Lambda service of all accounts and Regions. Copies of it are the same.
#[derive(Clone)]
pub struct Lambda {
    inner: Arc<Inner>,
    keys: Option<Keys>,
    objects: Option<Objects>,
    secrets: Option<Secrets>,
}

/// What invocations need.
struct Inner {
    store: Arc<Store>,
    packages: Arc<Packages>,
    pools: Arc<Pools>,
    concurrency: Arc<Concurrency>,
    queue: Queue,
    pump: Pump,
}

impl Lambda {
    /// Opens the store in a directory, and makes it if there is none. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the key in it cannot be used.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_beside(dir, Reserve::none(), Names::default())
    }

    /// The same on a disk on which room is set aside for deletions, with the names that policies of functions use.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the key in it cannot be used.
    pub fn open_beside(dir: &Path, reserve: Arc<Reserve>, names: Names) -> Result<Self, OpenError> {
        let store = Store::open(dir, reserve, names)?;
        let packages = Packages::open(dir).map_err(|source| OpenError::Directory { of: "functions", source })?;
        let pools = Pools::new(Arc::clone(&store), pool::MOST_LIVING);
        let (concurrency, queue, pump) = (Arc::default(), Queue::default(), Pump::default());
        let inner = Arc::new(Inner { store, packages, pools, concurrency, queue, pump });
        Ok(Self { inner, keys: None, objects: None, secrets: None })
    }

    /// With keys of KMS, under which variables of functions can be encrypted.
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// With the service that has the objects which code is in: S3.
    #[must_use]
    pub fn with_objects(mut self, s3: Arc<dyn Service>) -> Self {
        self.objects = Some(Objects::of(s3));
        self
    }

    /// With the secrets of access keys, in whose names addresses of archives are presigned. Without them none are told.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// With what runs functions. Without it they can be made and not invoked. It is said once.
    #[must_use]
    pub fn with_environments(self, environments: Arc<dyn Environments>) -> Self {
        self.inner.pools.run_in(environments);
        self
    }

    /// With other pauses before a failed asynchronous invocation is tried again. It is said once.
    #[must_use]
    pub fn retrying_after(self, first: Duration, second: Duration) -> Self {
        self.inner.queue.go(first, second);
        self
    }

    /// With somebody who tells when something is written to a table of DynamoDB, so that its stream is read at once. It is
    /// said once.
    #[must_use]
    pub fn woken_by(self, writes: watch::Receiver<()>) -> Self {
        self.inner.pump.wake_on(writes);
        self
    }

    /// Does for ever what nobody asks for: handles events, hands streams to functions, ends environments that are not used any more, and removes code
    /// that nobody has.
    pub async fn run(&self) {
        for (place, function) in self.inner.store.all_functions() {
            // What a stop has interrupted.
            if function.head.latest.state == State::Pending || function.head.latest.update == Update::InProgress {
                self.prepare(place);
                continue;
            }
            // Its interfaces are known to be its own from now on; one that does not come back, an invocation tells.
            let _ = self.inner.attach(&place, &function).await;
        }
        self.sweep();
        let events = tokio::spawn(Arc::clone(&self.inner).handle_events());
        let _aborted = AbortOnDrop(events);
        let mappings = tokio::spawn(Arc::clone(&self.inner).tend_mappings());
        let _ended = AbortOnDrop(mappings);
        loop {
            tokio::time::sleep(Duration::from_secs(10)).await;
            self.inner.pools.reap();
            if self.inner.pools.take_ended() {
                self.inner.sweep().await;
            }
        }
    }

    /// The ARN of the execution role of a function, by the function's ARN with or without a version or an alias.
    pub fn execution_role(&self, scope: &Scope, function: &str) -> Option<String> {
        suppose::role(&self.inner.store, scope, function)
    }

    /// Ends all environments, as far as they wait for an invocation, and lets none begin. Returns when none lives any more,
    /// or after this time.
    pub async fn close(&self, patience: Duration) {
        self.inner.pools.close(patience).await;
    }

    /// How many environments live now.
    pub fn environments_living(&self) -> usize {
        self.inner.pools.living()
    }

    fn environments(&self) -> Arc<dyn Environments> {
        self.inner.pools.environments()
    }

    /// Makes ready what environments of a function need, and then has the function say that it can be invoked. Environments
    /// from before a change end.
    fn prepare(&self, place: Place) {
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            if let Err(error) = inner.prepare(&place).await {
                tracing::error!(error = &error as &dyn std::error::Error, "a function could not be made ready");
            }
            inner.pools.retire(&place).await;
            inner.sweep().await;
        });
    }

    /// Ends the environments of what is gone of a function.
    fn retire(&self, place: Place) {
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            inner.pools.retire(&place).await;
            inner.sweep().await;
        });
    }

    /// Removes code that nobody has any more.
    fn sweep(&self) {
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move { inner.sweep().await });
    }

    async fn answer(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Vec<u8>>, Fault> {
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or_default();
        let route = Route::of(&head.method, head.uri.path(), query).ok_or(Fault::UnknownOperation)?;
        let body = whole::read(body, LARGEST_BODY).await.map_err(|error| match error {
            ReadError::TooLong => Fault::Told(
                Code::RequestTooLarge,
                format!("Request must be smaller than {LARGEST_BODY} bytes for the {} operation", route.operation),
            ),
            ReadError::Broken(_) => Fault::Body,
        })?;
        let call = Call {
            lambda: self,
            caller,
            authorizer,
            operation: route.operation,
            path: route.parameters,
            query: parameters(query).map(|(_, name, value)| (name, value)).collect(),
            headers: head.headers,
            is_secure: head.extensions.get::<Insecure>().is_none(),
            body,
        };
        Ok(carry_out(&call).await?.response(&caller.request_id))
    }
}

/// Ends a task with whoever began it.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Inner {
    async fn prepare(self: &Arc<Self>, place: &Place) -> Result<(), Fault> {
        let Some(function) = self.store.function(place) else { return Ok(()) };
        let generation = function.head.latest.generation;
        let failed = self.make_ready(place, &function).await.err();
        let settled = self.store.settle_function(place, move |function| {
            let version = &mut function.head.latest;
            let is_new = version.state == State::Pending;
            if version.generation == generation && (is_new || version.update == Update::InProgress) {
                version.state = match &failed {
                    Some(failure) if is_new => State::Failed(failure.clone()),
                    _ => State::Active,
                };
                version.update = match failed {
                    Some(failure) if !is_new => Update::Failed(failure),
                    _ => Update::Successful,
                };
                version.revision = uuid()?;
            }
            let latest = function.head.latest.clone();
            for version in function.versions.values_mut() {
                // A version that was made of it meanwhile is as ready as it is.
                let is_unsettled = version.state == State::Pending || version.update == Update::InProgress;
                if is_unsettled && version.generation == latest.generation {
                    let version = Arc::make_mut(version);
                    version.state = latest.state.clone();
                    version.update = latest.update.clone();
                    version.revision = uuid()?;
                }
            }
            Ok(())
        });
        settled.await.map(drop)
    }

    /// Unpacks the code and the layers of the unpublished version, and has the interfaces of all versions made.
    async fn make_ready(&self, place: &Place, function: &Function) -> Result<(), Failure> {
        let latest = &function.head.latest;
        let layers: Vec<String> = latest.layers.iter().map(|layer| layer.digest.clone()).collect();
        let code = latest.package.digest.clone();
        let packages = Arc::clone(&self.packages);
        let unpacked = blocking(move || {
            packages.unpacked(&code)?;
            packages.merged(&layers)
        });
        if let Err(error) = unpacked.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the code of a function cannot be unpacked");
            return Err(Failure::internal("The code of the function cannot be unpacked."));
        }
        self.attach(place, function).await
    }

    /// Has the interfaces of all versions made.
    async fn attach(&self, place: &Place, function: &Function) -> Result<(), Failure> {
        let networks = function.networks();
        if networks.is_empty() {
            return Ok(());
        }
        let attached = self.pools.environments().attach(&place.scope, &place.function_arn(), &networks).await;
        attached.map_err(|error| {
            tracing::warn!(%error, function = place.function_arn(), "a function has no network interface");
            Failure::from(&error)
        })
    }

    async fn sweep(self: &Arc<Self>) {
        let inner = Arc::clone(self);
        let swept = blocking(move || inner.packages.sweep(|| inner.store.digests())).await;
        if let Err(error) = swept {
            tracing::error!(error = &error as &dyn std::error::Error, "code that nobody has could not be removed");
        }
    }
}

/// Carries out an operation.
async fn carry_out(call: &Call<'_>) -> Result<Answer, Fault> {
    match call.operation {
        "AddLayerVersionPermission" => layer::add_layer_version_permission(call).await,
        "AddPermission" => permission::add_permission(call).await,
        "CreateAlias" => alias::create_alias(call).await,
        "CreateEventSourceMapping" => event_source::create_event_source_mapping(call).await,
        "CreateFunction" => create::create_function(call).await,
        "DeleteAlias" => alias::delete_alias(call).await,
        "DeleteEventSourceMapping" => event_source::delete_event_source_mapping(call).await,
        "DeleteFunction" => read::delete_function(call).await,
        "DeleteFunctionCodeSigningConfig" => nothing::delete_function_code_signing_config(call),
        "DeleteFunctionConcurrency" => account::delete_function_concurrency(call).await,
        "DeleteFunctionEventInvokeConfig" => event_invoke::delete_event_invoke_config(call).await,
        "DeleteFunctionUrlConfig" | "GetFunctionUrlConfig" => nothing::no_function_url_config(call),
        "DeleteLayerVersion" => layer::delete_layer_version(call).await,
        "DeleteProvisionedConcurrencyConfig" => nothing::delete_provisioned_concurrency_config(call),
        "FetchFunctionArchive" => archive::fetch_of_function(call).await,
        "FetchLayerArchive" => archive::fetch_of_layer(call).await,
        "GetAccountSettings" => account::get_account_settings(call),
        "GetAlias" => alias::get_alias(call),
        "GetEventSourceMapping" => event_source::get_event_source_mapping(call),
        "GetFunction" => read::get_function(call).await,
        "GetFunctionCodeSigningConfig" => nothing::get_function_code_signing_config(call),
        "GetFunctionConcurrency" => account::get_function_concurrency(call),
        "GetFunctionConfiguration" => read::get_function_configuration(call).await,
        "GetFunctionEventInvokeConfig" => event_invoke::get_event_invoke_config(call),
        "GetFunctionRecursionConfig" => upkeep::get_function_recursion_config(call),
        "GetLayerVersion" => layer::get_layer_version(call),
        "GetLayerVersionByArn" => layer::get_layer_version_by_arn(call),
        "GetLayerVersionPolicy" => layer::get_layer_version_policy(call),
        "GetPolicy" => permission::get_policy(call),
        "GetProvisionedConcurrencyConfig" => nothing::get_provisioned_concurrency_config(call),
        "GetRuntimeManagementConfig" => upkeep::get_runtime_management_config(call),
        "Invoke" => invoke::invoke(call).await,
        "ListAliases" => alias::list_aliases(call),
        "ListCodeSigningConfigs" => nothing::list_code_signing_configs(call),
        "ListEventSourceMappings" => event_source::list_event_source_mappings(call),
        "ListFunctionEventInvokeConfigs" => event_invoke::list_event_invoke_configs(call),
        "ListFunctionUrlConfigs" => nothing::none_of_function(call, "FunctionUrlConfigs"),
        "ListFunctions" => read::list_functions(call).await,
        "ListLayerVersions" => layer::list_layer_versions(call),
        "ListLayers" => layer::list_layers(call),
        "ListProvisionedConcurrencyConfigs" => nothing::none_of_function(call, "ProvisionedConcurrencyConfigs"),
        "ListTags" => tags::list_tags(call),
        "ListVersionsByFunction" => version::list_versions(call).await,
        "PublishLayerVersion" => layer::publish_layer_version(call).await,
        "PublishVersion" => version::publish_version(call).await,
        "PutFunctionConcurrency" => account::put_function_concurrency(call).await,
        "PutFunctionEventInvokeConfig" => event_invoke::put_event_invoke_config(call).await,
        "PutFunctionRecursionConfig" => upkeep::put_function_recursion_config(call).await,
        "PutRuntimeManagementConfig" => upkeep::put_runtime_management_config(call).await,
        "RemoveLayerVersionPermission" => layer::remove_layer_version_permission(call).await,
        "RemovePermission" => permission::remove_permission(call).await,
        "TagResource" => tags::tag_resource(call).await,
        "UntagResource" => tags::untag_resource(call).await,
        "UpdateAlias" => alias::update_alias(call).await,
        "UpdateEventSourceMapping" => event_source::update_event_source_mapping(call).await,
        "UpdateFunctionCode" => update::update_function_code(call).await,
        "UpdateFunctionConfiguration" => update::update_function_configuration(call).await,
        "UpdateFunctionEventInvokeConfig" => event_invoke::update_event_invoke_config(call).await,
        other => Err(UNSERVED
            .iter()
            .find(|name| **name == other)
            .map_or(Fault::UnknownOperation, |name| Fault::Unserved(name))),
    }
}

#[async_trait]
impl Service for Lambda {
    fn name(&self) -> &'static str {
        "lambda"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let answer = self.answer(request, caller, authorizer).await;
        whole::answer(answer.unwrap_or_else(|fault| {
            if fault.is_internal() {
                tracing::error!(error = &fault as &dyn std::error::Error, "a request of Lambda failed");
            }
            fault.answer(&caller.request_id)
        }))
    }

    async fn suppose(&self, action: &str, resource: &str, caller: &Caller) -> Result<Supposed, String> {
        Ok(suppose::suppose(&self.inner.store, action, resource, caller))
    }
}
