//! The daemon: everything put together, from the start to the stop.

mod error;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sidegate_edge::Limits;
use sidegate_edge::authority::Authority;
use sidegate_edge::connections::{Edge, serve_api};
use sidegate_edge::gate::Gate;
use sidegate_edge::metadata::Tokens;
use sidegate_edge::path::Facts;
use sidegate_linux::dataplane::{Dataplane, mark_of};
use sidegate_linux::{holder, open_files, preflight, workbench};
use sidegate_model::{Catalog, Scope};
use sidegate_services::bedrock::{Bedrock, BedrockRuntime, ChatServer};
use sidegate_services::cloudwatch::{self, CloudWatch, Recorder};
use sidegate_services::dynamodb::DynamoDb;
use sidegate_services::iam::Iam;
use sidegate_services::kms::{self, Kms};
use sidegate_services::lambda::{self, Lambda};
use sidegate_services::logs::{self, Logs};
use sidegate_services::organizations::Organizations;
use sidegate_services::reserve::{self, Reserve};
use sidegate_services::s3::{self, S3, SecretText};
use sidegate_services::secretsmanager::{self, SecretsManager};
use sidegate_services::sts::Sts;
use sidegate_services::upstream::{Origin, Relay};
use sidegate_services::{BoxError, Service};
use sidegate_wire::sigv4::SecretKey;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

pub(crate) use self::error::DaemonError;
use crate::accounts::{Accounts, Wanted};
use crate::billing::Meter;
use crate::clock;
use crate::control::{self, Control};
use crate::deliveries::Deliveries;
use crate::drains;
use crate::ec2::Ec2;
use crate::elsewhere::Relayed;
use crate::engine::Engine;
use crate::event_log::{Bounds, EventLog};
use crate::explain::Grounds;
use crate::flow_logs::{Buckets, Delivery, FlowLogs};
use crate::functions::{Functions, OnMachine};
use crate::identities::Identities;
use crate::log_metrics::LogMetrics;
use crate::machine::Machine;
use crate::metrics;
use crate::programs::{Custodian, Programs};
use crate::role_sessions::RoleSessions;
use crate::rotations;
use crate::state_dir::StateDir;
use crate::store::Store;
use crate::tables;
use crate::tagging::Tagging;

/// How soon a plan that could not be carried out is tried again; each time it fails the pause gets longer.
const RETRY: Duration = Duration::from_secs(1);

/// The longest pause between two tries.
const LONGEST_RETRY: Duration = Duration::from_secs(60);

/// How long the stop waits for execution environments to end, and for their logs to be written.
const LAST_INVOCATIONS: Duration = Duration::from_secs(5);

/// Below how many open files one VPC cannot have all the connections that [`Limits`] grant it.
const LEAST_OPEN_FILES: u64 = 16_384;

/// What a daemon is started with.
pub(crate) struct Options {
    /// The state directory.
    pub(crate) state: PathBuf,
    /// Where the API listens.
    pub(crate) listen: SocketAddr,
    /// The first account, its key, and the Region.
    pub(crate) wanted: Wanted,
    /// The servers that answer in place of services, by the names of these.
    pub(crate) upstreams: BTreeMap<String, Origin>,
    /// The server that answers for models of Bedrock, if it is not Sidegate itself.
    pub(crate) models: Option<ChatServer>,
}

/// What a running daemon notes of itself in its state directory, as `daemon.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// Its process id.
    pub(crate) pid: u32,
    /// The address of its API.
    pub(crate) api: SocketAddr,
}

impl Note {
    const NAME: &str = "daemon.json";

    /// The note in a state directory, if there is one. It may be that of a daemon which was killed.
    pub(crate) fn read(state: &StateDir) -> Option<Self> {
        serde_json::from_slice(&fs::read(state.join(Self::NAME)).ok()?).ok()
    }

    fn write(&self, state: &StateDir) -> Result<(), DaemonError> {
        let (aside, path) = (state.join("daemon.json.new"), state.join(Self::NAME));
        let written = serde_json::to_vec(self).map_err(io::Error::from).and_then(|text| fs::write(&aside, text));
        written.and_then(|()| fs::rename(&aside, &path)).map_err(DaemonError::file(&path))
    }
}

/// Runs a daemon until it is told to stop. Programs inside are left as they are: they keep their network, and the next
/// start takes them over.
pub(crate) async fn run(options: Options) -> Result<(), DaemonError> {
    if !options.listen.ip().is_loopback() {
        return Err(DaemonError::NotLocal(options.listen));
    }
    let state = StateDir::open(&options.state)?;
    let _lock: File = state.lock()?;
    if let Err(error) = state.announce() {
        tracing::warn!(%error, "cannot announce the state directory; programs of other daemons may see it");
    }
    let _ = fs::remove_file(state.join(Note::NAME));
    let unheard = |reason| DaemonError::Listen { address: options.listen, reason };
    let api = TcpListener::bind(options.listen).await.map_err(unheard)?;
    match open_files::raise() {
        Ok(files) if files < LEAST_OPEN_FILES => {
            tracing::warn!(files, "few files may be open at a time; raise the hard limit (`ulimit -Hn`)");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "cannot raise the bound on open files"),
    }
    let checked = tokio::task::spawn_blocking(preflight::check);

    let reserve = Reserve::of(state.path());
    if workbench::free_space(state.path()).is_ok_and(|free| free < reserve::BYTES) && reserve.lend() {
        tracing::warn!(
            "the disk of the state directory is nearly full; this start uses the room that is set aside for deletions"
        );
    }
    let store = Arc::new(Store::open_beside(&state.join("state.sqlite"), Arc::clone(&reserve))?);
    let accounts = Accounts::open(Arc::clone(&store), &options.wanted, entropy())?;
    let log = state.join("events.jsonl");
    let events = Arc::new(EventLog::open(&log, Bounds::default()).map_err(DaemonError::file(&log))?);
    let engine = Engine::open(Arc::clone(&store), entropy())?;
    let authority =
        Authority::open(&state.join("authority"), time::OffsetDateTime::now_utc()).map_err(DaemonError::Authority)?;
    let authority = Arc::new(authority);
    let limits = Limits::default();
    let iam = Iam::open(&state.join("iam"), Arc::clone(&reserve)).map_err(DaemonError::Identities)?;
    let directory = iam.directory();
    let organizations = Organizations::open(&state.join("organizations"), Arc::clone(&reserve));
    let organizations = organizations.map_err(DaemonError::Organizations)?.with_identities(directory.clone());
    let iam = iam.with_organizations(organizations.directory());
    let identities = Identities::new(accounts.clone(), directory.clone(), organizations.directory());
    let cloudwatch = CloudWatch::open_beside(&state.join("cloudwatch"), Arc::clone(&reserve));
    let cloudwatch = Arc::new(cloudwatch.map_err(DaemonError::Metrics)?);
    let recorder = cloudwatch.recorder();
    let keys = identities.clone();
    let secrets: s3::Secrets = Arc::new(move |id: &str| keys.secret(id, clock::now_ms()).map(SecretText::new));
    let Own { mut answering, s3, secrets_manager, dynamodb, lambda } =
        services(&state, &engine, Arc::clone(&secrets), iam, organizations, recorder, &reserve)?;
    answering.push(Arc::clone(&cloudwatch) as _);
    answering.extend(bedrock(options.models));
    let is_s3_elsewhere = options.upstreams.contains_key("s3");
    let mut relayed: Vec<Arc<dyn Service>> = Vec::new();
    for (name, origin) in options.upstreams {
        tracing::info!(%origin, service = %name, "another server answers");
        if let Some(upstream) = upstream(&name, origin, &secrets)? {
            answering.retain(|service| service.name() != upstream.name());
            relayed.push(Arc::clone(&upstream));
            answering.push(upstream);
        }
    }
    s3.send_by(Arc::new(Relayed(relayed)));
    let (named_by, home) = (identities.clone(), Scope { account: accounts.home(), region: accounts.region() });
    let functions = Functions::new(engine.clone(), state.clone(), identities.clone(), directory.clone());
    let deliveries = Deliveries::kept_in(state.join("flow-logs/failed.json"));
    let named = |name: &str| answering.iter().find(|service| service.name() == name).map(Arc::clone);
    let buckets = named("s3").map(|s3| Buckets::new(s3, identities.clone(), is_s3_elsewhere));
    if let Some(buckets) = &buckets {
        deliveries.go_to(buckets.clone());
    }
    let (who, roles) = (identities.clone(), directory.clone());
    let delivery = Delivery::new(engine.clone(), named("logs"), buckets, who, roles, deliveries.clone());
    let (objects, logs) = (named("s3"), named("logs"));
    let keys = identities.clone();
    let signing: lambda::Secrets = Arc::new(move |id: &str| keys.secret(id, clock::now_ms()).map(SecretKey::new));
    let lambda = lambda.with_environments(Arc::new(functions.clone())).with_secrets(signing);
    let lambda = objects.into_iter().fold(lambda, Lambda::with_objects);
    let services = answering.clone();
    answering.push(Arc::new(lambda.clone()));
    answering.push(Arc::new(Ec2::new(engine.clone(), directory.clone(), deliveries)));
    let served = answering.clone();
    let gate = Arc::new(Gate::new(answering, Arc::new(identities), Arc::clone(&events) as _, home.clone(), &limits));

    let checked = checked.await.map_err(DaemonError::system("check the machine"))?;
    let missing: Vec<_> = checked.into_iter().filter(|m| !m.optional).collect();
    if !missing.is_empty() {
        return Err(DaemonError::Unfit(missing));
    }
    let exe = std::env::current_exe().map_err(DaemonError::system("find this program's file"))?;
    let holder = holder::spawn(state.path(), &exe)?;
    let tokens = Arc::new(Tokens::new(&metadata_key(&state)?, Arc::new(RoleSessions::new(directory.clone()))));
    let facts: sidegate_edge::path::FactsOf = Arc::new(|stream| Facts::read(stream, mark_of(stream)?));
    let edge = Edge::new(Arc::clone(&gate), Arc::clone(&authority), tokens, facts, limits);
    if let Some(logs) = logs {
        let authority = authority.certificate_pem().to_owned();
        // For tests of what machines without control groups do.
        let groups = std::env::var_os("SIDEGATE_CONTROL_GROUPS").is_none_or(|value| value != "off");
        functions.stand_on(OnMachine { holder: holder.clone(), exe: exe.clone(), authority, logs, services, groups });
    }
    let custodian = Custodian::new(engine.clone(), state.clone(), exe.clone(), functions.clone());
    let machine = Machine::new(Dataplane::new(holder.clone()).with_custodian(custodian), edge);
    engine.drive(Arc::new(machine.clone()));

    let programs = Programs::new(
        engine.clone(),
        state.clone(),
        holder.clone(),
        exe,
        authority.certificate_pem().to_owned(),
        accounts.clone(),
        directory.clone(),
    );
    let grounds = Grounds {
        engine: engine.clone(),
        programs: programs.clone(),
        identities: named_by,
        directory,
        lambda: lambda.clone(),
        services: served,
        holder,
        authority: authority.certificate_pem().to_owned(),
        probes: gate.probes().clone(),
        home,
    };
    let mut upkeep = Upkeep { engine: engine.clone(), machine, swept: false };
    upkeep.settle().await;
    if let Err(reason) = upkeep.machine.open_internet().await {
        tracing::warn!(reason, "the emulated internet cannot be made; internet gateways lead nowhere");
    }

    let meter = Meter::new(store, upkeep.machine.clone())?;
    let note = Note { pid: std::process::id(), api: api.local_addr().map_err(unheard)? };
    let flow_logs = FlowLogs::new(engine.clone(), upkeep.machine.clone(), delivery, state.join("flow-logs"));
    let control = Arc::new(
        Control::new(
            engine.clone(),
            programs.clone(),
            accounts,
            Arc::clone(&events),
            state.clone(),
            format!("http://{}", note.api),
        )
        .with_flow_logs(flow_logs.clone())
        .with_grounds(grounds)
        .with_meter(meter.clone()),
    );
    let asking = control::listen(&state).map_err(DaemonError::file(&state.join(control::SOCKET)))?;
    let controlling = tokio::spawn(control::serve(asking, Arc::clone(&control)));
    let serving = tokio::spawn(serve_api(api, gate, limits));
    let running = tokio::spawn(programs.run());
    let measuring = tokio::spawn(metrics::run(engine.clone(), upkeep.machine.clone(), Arc::clone(&cloudwatch)));
    let metering = tokio::spawn(meter.clone().run());
    let (measured, machine) = (engine.clone(), upkeep.machine.clone());
    let logging = tokio::spawn(flow_logs.clone().run());
    let rotating = tokio::spawn(rotations::run(secrets_manager));
    let expiring = tokio::spawn(tables::run(dynamodb));
    let telling = tokio::spawn(async move { s3.tell().await });
    let draining = tokio::spawn(drains::run(engine, upkeep.machine.clone()));
    let reclaiming = tokio::spawn(functions.clone().run());
    let invoking = {
        let lambda = lambda.clone();
        tokio::spawn(async move { lambda.run().await })
    };
    let keeping = tokio::spawn(async move { upkeep.run().await });
    note.write(&state)?;
    if !reserve.fill() {
        tracing::warn!(
            "the disk of the state directory is full; nothing is taken in until something is deleted or there is room on it"
        );
    }
    tracing::info!(api = %note.api, state = %state.path().display(), "serving");
    wait(&control).await?;
    let _ = fs::remove_file(state.join(Note::NAME));
    functions.close();
    lambda.close(LAST_INVOCATIONS).await;
    functions.written(LAST_INVOCATIONS).await;
    // What flow logs have recorded until now arrives; what it should go to is still open.
    if !flow_logs.end().await {
        tracing::warn!("not all records of flow logs could be delivered in time; the next start goes on with it");
    }
    metrics::flush(&measured, &machine, &cloudwatch).await;
    meter.flush().await;
    let tasks = [
        serving,
        running,
        measuring,
        metering,
        logging,
        rotating,
        expiring,
        telling,
        draining,
        reclaiming,
        invoking,
        keeping,
        controlling,
    ];
    for task in tasks {
        task.abort();
    }
    // What was recorded is on disk when a stop that was asked for has ended.
    tokio::task::spawn_blocking(move || events.close()).await.map_err(DaemonError::system("write the newest events"))
}

/// A service that another server answers; `None` if it is none that can be.
fn upstream(name: &str, origin: Origin, secrets: &s3::Secrets) -> Result<Option<Arc<dyn Service>>, DaemonError> {
    let undecided = |reason: BoxError| DaemonError::Upstream { service: name.to_owned(), reason };
    let upstream: Arc<dyn Service> = match name {
        "kms" => Arc::new(kms::Upstream::new(origin)),
        "logs" => Arc::new(logs::Upstream::new(origin).map_err(|error| undecided(error.into()))?),
        "monitoring" => Arc::new(cloudwatch::Upstream::new(origin).map_err(|error| undecided(error.into()))?),
        "s3" => Arc::new(s3::Upstream::new(origin, Arc::clone(secrets))),
        "secretsmanager" => Arc::new(secretsmanager::Upstream::new(origin)),
        other => match Catalog::named(other) {
            Some(entry) => Arc::new(Relay::new(entry, origin)),
            None => return Ok(None),
        },
    };
    Ok(Some(upstream))
}

/// The services of Amazon Bedrock, with the server that answers for models, if there is one.
fn bedrock(models: Option<ChatServer>) -> [Arc<dyn Service>; 2] {
    let runtime = match models {
        Some(server) => {
            tracing::info!(?server, service = "bedrock-runtime", "another server answers");
            BedrockRuntime::answered_by(server)
        }
        None => BedrockRuntime::new(),
    };
    [Arc::new(Bedrock::of(&runtime)), Arc::new(runtime)]
}

/// The services of this program's own.
struct Own {
    answering: Vec<Arc<dyn Service>>,
    /// Those among them that have to be kept up.
    s3: Arc<S3>,
    secrets_manager: Arc<SecretsManager>,
    dynamodb: DynamoDb,
    /// What is yet to be given what runs functions.
    lambda: Lambda,
}

/// What answers requests, but for CloudWatch, which others report to, and EC2, which asks others.
fn services(
    state: &StateDir, engine: &Engine, secrets: s3::Secrets, iam: Iam, organizations: Organizations,
    recorder: Recorder, reserve: &Arc<Reserve>,
) -> Result<Own, DaemonError> {
    let names = iam.directory().names();
    let kms = Kms::open_beside(&state.join("kms"), Arc::clone(reserve), names.clone());
    let kms = kms.map_err(DaemonError::Keys)?;
    let s3 = S3::open_beside(&state.join("s3"), secrets, Arc::clone(reserve), names.clone());
    let s3 = s3.map_err(DaemonError::Objects)?.with_keys(kms.keys());
    let lambda = Lambda::open_beside(&state.join("lambda"), Arc::clone(reserve), names.clone());
    let lambda = lambda.map_err(DaemonError::Functions)?.with_keys(kms.keys());
    let s3 = Arc::new(s3.with_functions(Arc::new(lambda.clone())));
    let dynamodb = DynamoDb::open_beside(&state.join("dynamodb"), Arc::clone(reserve), names.clone());
    let dynamodb = dynamodb.map_err(DaemonError::Tables)?.with_keys(kms.keys());
    let lambda = lambda.woken_by(dynamodb.writes());
    let secrets_manager = SecretsManager::open_beside(&state.join("secretsmanager"), Arc::clone(reserve), names);
    let secrets_manager = secrets_manager.map_err(DaemonError::Secrets)?.with_keys(kms.keys());
    let secrets_manager = Arc::new(secrets_manager.with_functions(Arc::new(lambda.clone())));
    let logs = Logs::open_beside(&state.join("logs"), Arc::clone(reserve));
    let logs = logs.map_err(DaemonError::Logs)?.with_keys(kms.keys()).with_metrics(Arc::new(LogMetrics(recorder)));
    let tagging = Tagging::new(engine.clone());
    let sts = Sts::new(iam.directory());
    let own: [Arc<dyn Service>; 1] = [Arc::new(tagging)];
    let stored: [Arc<dyn Service>; 4] =
        [Arc::clone(&s3) as _, Arc::clone(&secrets_manager) as _, Arc::new(kms), Arc::new(logs)];
    let tables: [Arc<dyn Service>; 2] = [Arc::new(dynamodb.streams()), Arc::new(dynamodb.clone())];
    let others: [Arc<dyn Service>; 3] = [Arc::new(iam), Arc::new(sts), Arc::new(organizations)];
    let answering = own.into_iter().chain(stored).chain(tables).chain(others).collect();
    Ok(Own { answering, s3, secrets_manager, dynamodb, lambda })
}

/// Keeps the machine as the plan says: applies what could not be applied, and once all of it is, lets go of what is left
/// over from before the start.
struct Upkeep {
    engine: Engine,
    machine: Machine,
    swept: bool,
}

impl Upkeep {
    /// Tries to be up to date. A part that the kernel refuses does not keep the daemon from serving the rest: it is
    /// closed, and tried again.
    async fn settle(&mut self) {
        if let Err(error) = self.engine.reconcile().await {
            tracing::error!(%error, "the networks are not all applied; this is tried again");
            return;
        }
        if self.swept {
            return;
        }
        let plan = Arc::clone(&self.engine.plan().borrow());
        match self.machine.sweep(plan).await {
            Ok(swept) => {
                self.swept = true;
                tracing::info!(namespaces = swept.len(), "the networks are applied, and what was left over is gone");
            }
            Err(error) => tracing::error!(error, "what was left over cannot be let go of; this is tried again"),
        }
    }

    /// A holder that died gets a successor, which is given the namespaces of VPCs and of programs. What only the dead one
    /// had is made anew.
    async fn mind_the_holder(&mut self) {
        match self.machine.follow_holder().await {
            Ok(false) => {}
            Ok(true) => self.settle().await,
            Err(error) => {
                tracing::error!(error, "the namespace holder has ended, and another one cannot take its place")
            }
        }
    }

    async fn run(&mut self) {
        let mut pause = RETRY;
        loop {
            tokio::time::sleep(pause).await;
            self.mind_the_holder().await;
            let behind = self.engine.behind().await.is_some();
            pause = if behind { (pause * 2).min(LONGEST_RETRY) } else { RETRY };
            if behind || !self.swept {
                self.settle().await;
            }
        }
    }
}

async fn wait(control: &Control) -> Result<(), DaemonError> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(DaemonError::system("listen to signals"))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(DaemonError::system("listen to signals"))?;
    tokio::select! {
        _ = interrupt.recv() => tracing::info!("interrupted; programs inside keep their network"),
        _ = terminate.recv() => tracing::info!("terminated; programs inside keep their network"),
        () = control.stopped() => tracing::info!("stopped"),
    }
    Ok(())
}

/// The system's randomness. It fails at no time after the start of the system.
fn entropy() -> Box<dyn FnMut() -> u64 + Send> {
    Box::new(|| {
        let mut bytes = [0; 8];
        while aws_lc_rs::rand::fill(&mut bytes).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        u64::from_ne_bytes(bytes)
    })
}

/// The key of the metadata service's tokens, which outlive a restart.
fn metadata_key(state: &StateDir) -> Result<[u8; 32], DaemonError> {
    let path = state.join("metadata.key");
    if let Ok(bytes) = fs::read(&path)
        && let Ok(key) = <[u8; 32]>::try_from(bytes.as_slice())
    {
        return Ok(key);
    }
    let mut key = [0; 32];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| {
        let reason = io::Error::other("the system gives none");
        DaemonError::System { step: "take random numbers", reason }
    })?;
    write_private(&path, &key).map_err(DaemonError::file(&path))?;
    Ok(key)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}
