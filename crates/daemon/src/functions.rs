//! Execution environments of Lambda's functions, as this machine runs them: each a process in a sandbox and a network of
//! its own, to which the daemon is the Runtime API.
//!
//! Unlike instances and the programs of `sidegate exec`, they do not outlive the daemon.
//!
//! | file | about |
//! |---|---|
//! | `environment.rs` | one environment, from its initialisation to its end |
//! | `process.rs`, `freezer.rs` | its process, and how it stands still between events |
//! | `runtime_api.rs` | what a runtime asks, and tells |
//! | `inside.rs` | what a function finds inside: variables, files |
//! | `interpreter.rs`, `client/` | Python and Node.js |
//! | `network.rs` | network interfaces, and who is behind which |
//! | `roles.rs` | sessions of execution roles |
//! | `output.rs`, `output/line.rs`, `level.rs`, `lines.rs`, `log_stream.rs` | what is logged, by the function and by Lambda; and where to |
//! | `memory.rs`, `memory/` | who takes too much: control groups, or a look at processes |

mod environment;
mod freezer;
mod inside;
mod interpreter;
mod level;
mod lines;
mod log_stream;
mod memory;
mod network;
mod output;
mod process;
mod roles;
mod runtime_api;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use sidegate_iam::Requirement;
use sidegate_linux::holder;
use sidegate_linux::netns::NetNs;
use sidegate_model::Scope;
use sidegate_services::Service;
use sidegate_services::iam::{Directory, SessionCredentials};
use sidegate_services::lambda::Runtime;
use sidegate_services::lambda::environment::{
    Blueprint, Environment, Environments, Network, NetworkError, RoleError, StartError,
};
use tokio::sync::Semaphore;

use self::environment::{Begun, Stillborn};
use self::inside::Inside;
use self::interpreter::{Interpreter, Interpreters};
use self::level::Level;
use self::lines::Lines;
use self::log_stream::{Destination, LogStream};
use self::memory::MemoryWatch;
use self::network::{Located, Networks};
use self::process::{Process, Start};
use self::roles::Roles;
use crate::engine::Engine;
use crate::identities::Identities;
use crate::state_dir::StateDir;

pub(crate) use self::interpreter::{Boto3, boto3, virtual_environments};
pub(crate) use self::memory::children;

/// The most environments at a time on this machine.
const MOST_ENVIRONMENTS: usize = 1000;

/// How many environments are initialised at once, for each processor.
const STARTS_FOR_EACH: usize = 3;

/// The environments of this machine. Cloning it gives another handle.
#[derive(Clone)]
pub(crate) struct Functions(Arc<Inner>);

/// What all environments share.
struct Inner {
    engine: Engine,
    state: StateDir,
    identities: Identities,
    roles: Arc<Roles>,
    interpreters: Interpreters,
    /// Who waits for a turn to initialise.
    starting: Arc<Semaphore>,
    live: Arc<AtomicUsize>,
    /// How many logs are not written to their ends.
    writing: Arc<AtomicUsize>,
    is_closing: AtomicBool,
    /// What there is once the daemon is put together.
    machinery: OnceLock<Machinery>,
}

/// What stands on the machine.
pub(crate) struct OnMachine {
    /// Who keeps the namespaces.
    pub(crate) holder: holder::Client,
    /// This program.
    pub(crate) exe: PathBuf,
    /// The certificate of the local authority.
    pub(crate) authority: String,
    /// CloudWatch Logs.
    pub(crate) logs: Arc<dyn Service>,
    /// What else answers, for what becomes of events.
    pub(crate) services: Vec<Arc<dyn Service>>,
    /// Whether control groups are used where there are some.
    pub(crate) groups: bool,
}

/// The same, in use.
struct Machinery {
    networks: Arc<Networks>,
    memory: MemoryWatch,
    exe: PathBuf,
    logs: Arc<dyn Service>,
    services: Vec<Arc<dyn Service>>,
}

/// What the processes of one environment have in common.
struct Kit {
    interpreter: Option<Interpreter>,
    session: SessionCredentials,
    stream: String,
    /// How long its session lasts.
    usable: Duration,
    _live: Live,
}

/// One of those that are counted.
struct Live(Arc<AtomicUsize>);

impl Live {
    fn count(among: &Arc<AtomicUsize>) -> Self {
        among.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(among))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Functions {
    /// Functions that cannot run yet, since nothing stands on the machine.
    pub(crate) fn new(engine: Engine, state: StateDir, identities: Identities, directory: Directory) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let roles = Arc::new(Roles::new(directory, identities.clone()));
        Self(Arc::new(Inner {
            engine,
            state,
            identities,
            roles,
            interpreters: Interpreters::default(),
            starting: Arc::new(Semaphore::new(processors * STARTS_FOR_EACH)),
            live: Arc::default(),
            writing: Arc::default(),
            is_closing: AtomicBool::default(),
            machinery: OnceLock::new(),
        }))
    }

    /// Says what stands on the machine, once.
    pub(crate) fn stand_on(&self, machine: OnMachine) {
        let OnMachine { holder, exe, authority, logs, services, groups } = machine;
        let networks = Networks::new(self.0.engine.clone(), holder, authority);
        let memory = MemoryWatch::new(groups.then(|| memory::control_groups(&self.0.state)).flatten());
        let _ = self.0.machinery.set(Machinery { networks, memory, exe, logs, services });
    }

    /// The namespaces of functions' network interfaces, by their names, for a holder that is new.
    pub(crate) fn living(&self) -> Vec<(String, NetNs)> {
        self.0.machinery.get().map(|machinery| machinery.networks.living()).unwrap_or_default()
    }

    /// Lets go of what is idle, for ever.
    pub(crate) async fn run(self) {
        if let Some(machinery) = self.0.machinery.get() {
            machinery.networks.keep().await;
        }
    }

    /// Lets no more environments begin. For the end of the daemon.
    pub(crate) fn close(&self) {
        self.0.is_closing.store(true, Ordering::SeqCst);
        self.0.starting.close();
    }

    /// Waits until the logs of environments that have ended are written, for a while. None can begin afterwards.
    pub(crate) async fn written(&self, patience: Duration) {
        let limit = Instant::now() + patience;
        while self.0.writing.load(Ordering::SeqCst) > 0 && Instant::now() < limit {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if let Some(machinery) = self.0.machinery.get() {
            machinery.memory.close();
        }
    }
}

impl Inner {
    fn machinery(&self) -> Result<&Machinery, StartError> {
        let is_open = !self.is_closing.load(Ordering::SeqCst);
        let found = self.machinery.get().filter(|_| is_open);
        found.ok_or_else(|| StartError::Failed("the daemon is being started or ended".to_owned()))
    }

    fn count_one(&self) -> Result<Live, StartError> {
        let live = Live::count(&self.live);
        if self.live.load(Ordering::SeqCst) <= MOST_ENVIRONMENTS {
            return Ok(live);
        }
        Err(StartError::NoRoom(format!("{MOST_ENVIRONMENTS} execution environments are there already")))
    }

    /// Starts a process of an environment, in a network of its own.
    async fn process(
        self: &Arc<Self>, blueprint: &Blueprint, kit: &Kit, log: &Arc<LogStream>,
    ) -> Result<Process, NotStarted> {
        let machinery = self.machinery()?;
        let located = machinery.networks.locate(blueprint).await?;
        let made = tokio::task::spawn_blocking(move || located.open().map(|network| (located, network)));
        let (Located { lease, place, .. }, network) =
            made.await.map_err(|error| StartError::Failed(error.to_string()))??;
        let inside = Inside {
            blueprint,
            interpreter: kit.interpreter.as_ref(),
            session: &kit.session,
            stream: &kit.stream,
            state: self.state.path(),
        };
        let place = crate::programs::furniture::Place { address: network.address, ..place };
        Process::start(Start {
            exe: &machinery.exe,
            sandbox: inside.sandbox(network.namespace.into(), place),
            runtime_api: network.runtime_api,
            lease,
            log: Arc::clone(log),
            memory: &machinery.memory,
            limit: u64::from(blueprint.memory) * 1024 * 1024,
        })
        .await
    }

    /// Interpreter and session, looked up on a thread that may block.
    async fn kit(self: &Arc<Self>, blueprint: &Blueprint, live: Live) -> Result<Kit, StartError> {
        let (own, runtime) = (Arc::clone(self), blueprint.runtime);
        let (scope, role, function) = (blueprint.scope.clone(), blueprint.role.clone(), blueprint.function.clone());
        let stream = log_stream::stream_name(&blueprint.version);
        let found = tokio::task::spawn_blocking(move || {
            let interpreter = own.interpreters.of(runtime);
            if interpreter.is_none() && !runtime.is_provided() {
                return Err(StartError::NoRuntime(runtime.to_string()));
            }
            let session = own.roles.session(&scope, &role, &function)?;
            let usable = Duration::from_millis(u64::try_from(roles::usable_for(&session)).unwrap_or_default());
            Ok(Kit { interpreter, session, stream, usable, _live: live })
        });
        found.await.unwrap_or_else(|error| Err(StartError::Failed(error.to_string())))
    }

    fn log(&self, blueprint: &Blueprint, kit: &Kit) -> Result<Arc<LogStream>, StartError> {
        let least = blueprint.logging.application_level.as_deref().and_then(Level::named);
        let destination = Destination {
            logs: Arc::clone(&self.machinery()?.logs),
            identities: self.identities.clone(),
            roles: Arc::clone(&self.roles),
            scope: blueprint.scope.clone(),
            role: blueprint.role.clone(),
            function: blueprint.function.clone(),
            group: blueprint.logging.group.clone(),
            stream: kit.stream.clone(),
            _open: Live::count(&self.writing),
        };
        let log = LogStream::begin(destination, least);
        let version = version_of(blueprint.runtime, kit.interpreter.as_ref());
        if let Some(line) = Lines::of(blueprint).init_start(&version) {
            log.write(line);
        }
        Ok(log)
    }
}

/// Why no process was started.
#[derive(Debug, thiserror::Error)]
enum NotStarted {
    /// The code has no program that could be.
    #[error("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")]
    Entrypoint,
    /// The machine does not do it.
    #[error(transparent)]
    Machine(#[from] StartError),
}

/// What runs a function, as the log says it.
fn version_of(runtime: Runtime, interpreter: Option<&Interpreter>) -> String {
    match (runtime, interpreter) {
        (Runtime::Python { .. }, Some(found)) => format!("python:{}", found.version),
        (Runtime::Node { .. }, Some(found)) => format!("nodejs:{}", found.version),
        (other, _) => other.to_string().replacen('.', ":", 1),
    }
}

#[async_trait]
impl Environments for Functions {
    async fn start(&self, blueprint: &Blueprint) -> Result<Box<dyn Environment>, StartError> {
        let own = &self.0;
        own.machinery()?;
        let live = own.count_one()?;
        let closed = |_| StartError::Failed("the daemon is being ended".to_owned());
        let turn = Arc::clone(&own.starting).acquire_owned().await.map_err(closed)?;
        let kit = own.kit(blueprint, live).await?;
        let log = own.log(blueprint, &kit)?;
        match own.process(blueprint, &kit, &log).await {
            Ok(process) => Ok(Box::new(Begun::new(Arc::clone(own), blueprint.clone(), kit, process, log, turn))),
            Err(NotStarted::Entrypoint) => Ok(Box::new(Stillborn::new(blueprint, log))),
            Err(NotStarted::Machine(error)) => {
                log.close();
                Err(error)
            }
        }
    }

    async fn check_network(&self, scope: &Scope, network: &Network) -> Result<String, NetworkError> {
        let machinery = self.0.machinery().map_err(|error| NetworkError::Failed(error.to_string()))?;
        machinery.networks.check(scope, network)
    }

    async fn may(&self, scope: &Scope, role: &str, requirement: &Requirement) -> bool {
        let (roles, scope, role) = (Arc::clone(&self.0.roles), scope.clone(), role.to_owned());
        let requirement = requirement.clone();
        tokio::task::spawn_blocking(move || roles.may(&scope, &role, &requirement)).await.unwrap_or_default()
    }

    async fn call(
        &self, scope: &Scope, role: &str, service: &str, request: http::Request<Vec<u8>>,
    ) -> Option<http::Response<Bytes>> {
        let services = &self.0.machinery().ok()?.services;
        let service = services.iter().find(|one| one.name() == service)?;
        Some(self.0.roles.call(scope, role, service, request).await)
    }

    async fn check_role(&self, scope: &Scope, role: &str) -> Result<(), RoleError> {
        self.0.roles.assumable(scope, role).map(drop)
    }

    fn has(&self, runtime: Runtime) -> bool {
        runtime.is_provided() || self.0.interpreters.of(runtime).is_some()
    }

    async fn attach(&self, scope: &Scope, function_arn: &str, networks: &[Network]) -> Result<(), StartError> {
        self.0.machinery()?.networks.attach(scope, function_arn, networks).await
    }

    async fn release(&self, scope: &Scope, function_arn: &str, networks: &[Network]) {
        if let Ok(machinery) = self.0.machinery() {
            machinery.networks.release(scope, function_arn, networks).await;
        }
    }
}

/// A random UUID, such as the descriptions of interfaces have.
fn random_uuid() -> String {
    let mut random = [0_u8; 16];
    // Nothing rests on its being random but that descriptions differ.
    let _ = aws_lc_rs::rand::fill(&mut random);
    let bits = u128::from_be_bytes(random) & !(0xF000 << 64 | 0xC000 << 48) | 0x4000 << 64 | 0x8000 << 48;
    let hex = format!("{bits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    parts.join("-")
}

#[cfg(test)]
mod tests;
