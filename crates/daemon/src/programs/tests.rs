//! The life of instances and programs, with real sandboxes in bare namespaces.
//!
//! There is no data plane here: the actuator makes the namespaces of all interfaces and no more.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use base64::Engine as _;
use sidegate_linux::sandbox::{Entry, Identity};
use sidegate_linux::{holder, sandbox};
use sidegate_model::{
    Context, Error, InstanceId, InstanceState, NetworkInterfaceId, RunInstance, Scope, SubnetId, World,
};
use sidegate_plan::Plan;
use sidegate_services::iam::Iam;
use sidegate_services::reserve::Reserve;
use tokio::task::JoinHandle;

use super::{Programs, end_remaining, lock, lock_path};
use crate::accounts::{Accounts, Wanted};
use crate::engine::{Actuator, ApplyError, Engine};
use crate::state_dir::StateDir;
use crate::store::Store;

const LIMIT: Duration = Duration::from_secs(30);
const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\nsidegate\n-----END CERTIFICATE-----\n";

/// Skips a test, aloud, where it cannot run.
macro_rules! need_root {
    () => {
        if !$crate::programs::tests::can_sandbox() {
            eprintln!("skipped: needs root, and the program beside the tests (`cargo test` builds it)");
            return;
        }
    };
}
pub(crate) use need_root;

/// The program itself, which `cargo test` builds beside the tests.
pub(crate) fn exe() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join("sidegate")
}

pub(crate) fn can_sandbox() -> bool {
    fs::metadata("/root/.").is_ok() && fs::read_dir("/root").is_ok() && exe().exists()
}

/// A daemon without an API: what remains of it when it is dropped is ended.
pub(crate) struct Daemon {
    pub(crate) engine: Engine,
    pub(crate) programs: Programs,
    pub(crate) accounts: Accounts,
    pub(crate) state: StateDir,
    pub(crate) holder: holder::Client,
    runner: Option<JoinHandle<()>>,
    place: Arc<Place>,
}

/// The state directory, shared by a daemon and those after it.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = end_remaining(&self.state());
        if let Ok(holder) = holder::Client::connect(&holder::socket_path(&self.state())) {
            let _ = holder.stop();
        }
    }
}

/// Makes the namespaces of interfaces, going by the world that is stored by then.
struct Namespaces {
    store: Store,
    holder: holder::Client,
}

#[async_trait]
impl Actuator for Namespaces {
    async fn apply(&self, _: &Arc<Plan>) -> Result<(), ApplyError> {
        for interface in self.store.world().map_err(ApplyError::whole)?.interfaces.iter() {
            let _ = self.holder.ensure(interface.id.as_str());
        }
        Ok(())
    }
}

fn entropy() -> Box<dyn FnMut() -> u64 + Send> {
    Box::new(|| {
        let mut bytes = [0; 8];
        aws_lc_rs::rand::fill(&mut bytes).unwrap();
        u64::from_ne_bytes(bytes)
    })
}

impl Daemon {
    /// With a holder, if sandboxes can be made here; it has no namespaces otherwise.
    pub(crate) fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("sidegate-run-").tempdir_in("/var/lib");
        let dir = dir.or_else(|_| tempfile::tempdir()).unwrap();
        Self::open(Arc::new(Place { dir }))
    }

    fn open(place: Arc<Place>) -> Self {
        let state = StateDir::open(&place.state()).unwrap();
        let holder = if can_sandbox() {
            holder::spawn(state.path(), &exe()).unwrap()
        } else {
            holder::Client::new(&holder::socket_path(state.path()))
        };
        let database = state.join("state.sqlite");
        let store = Arc::new(Store::open(&database).unwrap());
        let accounts = Accounts::open(Arc::clone(&store), &Wanted::default(), entropy()).unwrap();
        let actuator = Namespaces { store: Store::open(&database).unwrap(), holder: holder.clone() };
        let engine = Engine::open(store, entropy()).unwrap();
        engine.drive(Arc::new(actuator));
        let (exe, pem) = (exe(), AUTHORITY.to_owned());
        let iam = Iam::open(&state.join("iam"), Reserve::of(state.path())).unwrap();
        let (kept, directory) = (accounts.clone(), iam.directory());
        let programs = Programs::new(engine.clone(), state.clone(), holder.clone(), exe, pem, kept, directory);
        Self { engine, programs, accounts, state, holder, runner: None, place }
    }

    pub(crate) fn start(mut self) -> Self {
        self.runner = Some(tokio::spawn(self.programs.clone().run()));
        self
    }

    /// What a daemon is that comes after this one was killed.
    fn after_kill(mut self) -> Self {
        self.runner.take().unwrap().abort();
        Self::open(Arc::clone(&self.place)).start()
    }

    pub(crate) async fn change<T: Send + 'static>(
        &self, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error> + Send + 'static,
    ) -> T {
        let scope = Scope { account: "000000000000".parse().unwrap(), region: "eu-west-1".parse().unwrap() };
        self.engine.change(scope, command).await.unwrap()
    }

    pub(crate) async fn subnet(&self) -> SubnetId {
        self.change(|world, context| {
            let vpc = world.create_vpc(context, "10.9.0.0/16".parse().unwrap(), "default")?;
            world.create_subnet(context, &vpc, "10.9.1.0/28".parse().unwrap(), None)
        })
        .await
    }

    pub(crate) async fn launch(&self, user_data: Option<&str>) -> InstanceId {
        let subnet = self.subnet().await;
        let wanted = RunInstance {
            image: "ami-0".to_owned(),
            instance_type: "t3.micro".to_owned(),
            client_token: String::new(),
            user_data: user_data.map(|text| base64::engine::general_purpose::STANDARD.encode(text).into()),
            key_name: None,
            subnet,
            address: None,
            groups: Vec::new(),
            more_addresses: sidegate_model::SecondaryAddresses::default(),
            public_address: None,
            interface: None,
            delete_on_termination: true,
            devices: Vec::new(),
            ebs_optimized: false,
            count: 1,
        };
        self.change(move |world, context| world.run_instances(context, &wanted)).await.1.remove(0)
    }

    async fn end(&self, id: &InstanceId) {
        let (id, reason) = (id.clone(), Some(("Client.UserInitiatedShutdown".to_owned(), "as asked".to_owned())));
        let note = self.engine.note(move |world, now| world.instance_is(now, &id, InstanceState::ShuttingDown, reason));
        note.await.unwrap();
    }

    pub(crate) fn state_of(&self, id: &InstanceId) -> InstanceState {
        self.engine.world().instances.get(id).unwrap().state
    }

    pub(crate) async fn is(&self, id: &InstanceId, state: InstanceState) {
        eventually(&format!("the instance is {state:?}"), || self.state_of(id) == state).await;
    }

    fn interface_of(&self, id: &InstanceId) -> NetworkInterfaceId {
        self.engine.world().instances.get(id).unwrap().interface.clone().unwrap()
    }

    fn reason_of(&self, id: &InstanceId) -> (String, String) {
        self.engine.world().instances.get(id).unwrap().reason.clone().unwrap()
    }

    fn dir_of(&self, id: &InstanceId) -> PathBuf {
        self.state.join("instances").join(id.as_str())
    }

    fn log_of(&self, id: &InstanceId) -> String {
        fs::read_to_string(self.dir_of(id).join("log")).unwrap_or_default()
    }

    pub(crate) fn has_interface(&self, id: &NetworkInterfaceId) -> bool {
        self.engine.world().interfaces.get(id).is_some()
    }
}

pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let limit = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < limit, "not within {LIMIT:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_runs_its_user_data_as_root_of_itself_and_goes_without_a_trace() {
    need_root!();
    let daemon = Daemon::new().start();
    let script = "#!/bin/sh\nid -u\nhostname\ncat /etc/resolv.conf /etc/hostname\ntouch /etc/was-here && echo wrote\n\
                  env | sort\nls /root/.aws 2>&1\necho script-ended\n";
    let id = daemon.launch(Some(script)).await;
    daemon.is(&id, InstanceState::Running).await;
    eventually("the script ended", || daemon.log_of(&id).contains("script-ended")).await;
    let log = daemon.log_of(&id);
    let name = "ip-10-9-1-4.eu-west-1.compute.internal";
    let begin = format!("0\n{name}\nsearch eu-west-1.compute.internal\nnameserver 10.9.0.2\n");
    assert!(log.starts_with(&begin), "{log}");
    for line in
        ["wrote", name, "AWS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt", "AWS_REGION=eu-west-1", "HOME=/root"]
    {
        assert!(log.lines().any(|l| l == line), "{line} in {log}");
    }
    assert!(!log.contains("AWS_SECRET"), "{log}");
    assert!(!Path::new("/etc/was-here").exists());

    // Its script has ended, and it runs.
    assert!(sandbox::is_running(&daemon.dir_of(&id).join("pid")).unwrap());
    let interface = daemon.interface_of(&id);
    daemon.end(&id).await;
    daemon.is(&id, InstanceState::Terminated).await;
    assert_eq!(daemon.reason_of(&id).0, "Client.UserInitiatedShutdown");
    assert!(!daemon.has_interface(&interface));
    eventually("nothing is left", || {
        !daemon.dir_of(&id).exists() && !daemon.holder.list().unwrap().contains(&interface.to_string())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_without_user_data_can_be_entered() {
    need_root!();
    let daemon = Daemon::new().start();
    let id = daemon.launch(None).await;
    daemon.is(&id, InstanceState::Running).await;
    let entrance = daemon.programs.entrance(&id).unwrap();
    assert_eq!(entrance.key.unwrap().id, daemon.accounts.administrator().id);
    let entry = Entry {
        pid_file: entrance.pid_file,
        workdir: "/".into(),
        identity: Identity::RootInside,
        environment: entrance.place.instance_environment(),
        command: ["sh", "-c", "test \"$(hostname)\" = ip-10-9-1-4.eu-west-1.compute.internal && exit 7"]
            .map(Into::into)
            .to_vec(),
    };
    let null = std::process::Stdio::null;
    assert_eq!(entry.spawn(&exe(), null(), null(), null()).unwrap().wait().unwrap(), 7);
    daemon.end(&id).await;
    daemon.is(&id, InstanceState::Terminated).await;
    assert!(daemon.programs.entrance(&id).unwrap_err().to_string().contains("is terminated, not running"));
}

#[tokio::test(flavor = "multi_thread")]
async fn user_data_that_is_not_run_is_refused_in_the_console_log_and_the_instance_runs() {
    need_root!();
    let daemon = Daemon::new().start();
    let id = daemon.launch(Some("#cloud-config\npackages: [nginx]\n")).await;
    daemon.is(&id, InstanceState::Running).await;
    assert!(daemon.log_of(&id).contains("not run: it is cloud-config"), "{}", daemon.log_of(&id));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_outlives_the_daemon_and_its_loss_is_noticed() {
    need_root!();
    let daemon = Daemon::new().start();
    let id = daemon.launch(Some("#!/bin/sh\necho started; exec sleep 1000\n")).await;
    daemon.is(&id, InstanceState::Running).await;
    let pid_file = daemon.dir_of(&id).join("pid");
    let shim = fs::read_to_string(&pid_file).unwrap();

    let daemon = daemon.after_kill();
    tokio::time::sleep(Duration::from_millis(300)).await;
    daemon.is(&id, InstanceState::Running).await;
    assert_eq!(fs::read_to_string(&pid_file).unwrap(), shim);
    assert_eq!(daemon.log_of(&id).matches("started").count(), 1);

    kill(shim.trim(), "KILL");
    daemon.is(&id, InstanceState::Terminated).await;
    assert_eq!(daemon.reason_of(&id).0, "Server.InternalError");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_was_lost_while_no_daemon_ran_is_terminated_by_the_next() {
    need_root!();
    let daemon = Daemon::new().start();
    let id = daemon.launch(None).await;
    daemon.is(&id, InstanceState::Running).await;
    daemon.runner.as_ref().unwrap().abort();
    sandbox::terminate(&daemon.dir_of(&id).join("pid"), Duration::ZERO).unwrap();
    let stray = daemon.state.join("instances").join("i-00000000000000000");
    fs::create_dir(&stray).unwrap();
    let daemon = daemon.after_kill();
    daemon.is(&id, InstanceState::Terminated).await;
    eventually("nothing is left", || !daemon.dir_of(&id).exists() && !stray.exists()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_cannot_start_is_terminated_and_says_why() {
    need_root!();
    let daemon = Daemon::new().start();
    let id = daemon.launch(Some("#!/no/such/interpreter\n")).await;
    daemon.is(&id, InstanceState::Terminated).await;
    let (code, message) = daemon.reason_of(&id);
    assert_eq!(code, "Server.InternalError");
    assert!(message.contains("/no/such/interpreter"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_all_ends_instances_and_programs_and_lets_nothing_start() {
    need_root!();
    let daemon = Daemon::new().start();
    let id = daemon.launch(Some("#!/bin/sh\nexec sleep 1000\n")).await;
    daemon.is(&id, InstanceState::Running).await;
    let subnet = daemon.engine.world().instances.get(&id).unwrap().subnet.clone();
    let attached = daemon.programs.attach(&subnet, Vec::new(), None).await.unwrap();
    daemon.programs.end_all(&tokio::sync::watch::Sender::new(0)).await;
    assert_eq!(daemon.state_of(&id), InstanceState::Terminated);
    assert_eq!(daemon.reason_of(&id).0, "Client.UserInitiatedShutdown");
    assert!(!daemon.has_interface(&attached.interface));
    assert!(daemon.programs.attach(&subnet, Vec::new(), None).await.is_err());
}

#[tokio::test]
async fn an_interface_stays_as_long_as_its_lock_is_held() {
    let daemon = Daemon::new().start();
    let subnet = daemon.subnet().await;
    let attached = daemon.programs.attach(&subnet, Vec::new(), None).await.unwrap();
    let id = attached.interface;
    assert!(daemon.programs.hold(&id).is_err(), "nobody holds it");
    let held = lock::take(&lock_path(daemon.state.path(), &id)).unwrap();
    daemon.programs.hold(&id).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(daemon.has_interface(&id));
    drop(held);
    eventually("the interface is gone", || !daemon.has_interface(&id)).await;
    eventually("so is its lock", || !lock_path(daemon.state.path(), &id).exists()).await;
}

#[tokio::test]
async fn a_restart_keeps_the_interfaces_of_programs_that_run_and_takes_those_of_others() {
    let daemon = Daemon::new().start();
    let subnet = daemon.subnet().await;
    let [held, ended, unheld] = [
        daemon.programs.attach(&subnet, Vec::new(), None).await.unwrap().interface,
        daemon.programs.attach(&subnet, Vec::new(), None).await.unwrap().interface,
        daemon.programs.attach(&subnet, Vec::new(), None).await.unwrap().interface,
    ];
    let path = |id: &NetworkInterfaceId| lock_path(daemon.state.path(), id);
    let lock = lock::take(&path(&held)).unwrap();
    daemon.programs.hold(&held).unwrap();
    let (other, stray) = (lock::take(&path(&ended)).unwrap(), path(&"eni-00000000000000000".parse().unwrap()));
    daemon.programs.hold(&ended).unwrap();
    drop(lock::take(&stray).unwrap());
    daemon.runner.as_ref().unwrap().abort();
    drop(other);

    let daemon = daemon.after_kill();
    eventually("those without a program are gone", || {
        !daemon.has_interface(&ended) && !daemon.has_interface(&unheld) && !stray.exists()
    })
    .await;
    assert!(daemon.has_interface(&held));
    drop(lock);
    eventually("the last one is gone", || !daemon.has_interface(&held)).await;
}

#[tokio::test]
async fn a_refused_program_leaves_nothing_and_says_what_to_do() {
    let daemon = Daemon::new().start();
    let unknown: SubnetId = "subnet-00000000000000000".parse().unwrap();
    let error = daemon.programs.attach(&unknown, Vec::new(), None).await.unwrap_err().to_string();
    assert!(error.contains("no subnet `subnet-00000000000000000`") && error.contains("describe-subnets"), "{error}");

    let subnet = daemon.subnet().await;
    for _ in 0..11 {
        daemon.programs.attach(&subnet, Vec::new(), None).await.unwrap();
    }
    let error = daemon.programs.attach(&subnet, Vec::new(), None).await.unwrap_err().to_string();
    assert!(error.contains("no address is free"), "{error}");
    let error = daemon.programs.entrance(&"i-00000000000000000".parse().unwrap()).unwrap_err().to_string();
    assert!(error.contains("no instance `i-00000000000000000`"), "{error}");
}

pub(crate) fn kill(pid: &str, signal: &str) {
    let status = std::process::Command::new("kill").args([&format!("-{signal}"), pid]).status().unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_stopped_starts_again_without_its_user_data() {
    need_root!();
    let daemon = Daemon::new().start();
    let id = daemon.launch(Some("#!/bin/sh\necho started; exec sleep 1000\n")).await;
    daemon.is(&id, InstanceState::Running).await;
    eventually("its user data ran", || daemon.log_of(&id).contains("started")).await;
    let pid_file = daemon.dir_of(&id).join("pid");
    let interface = daemon.interface_of(&id);

    let stopped = id.clone();
    daemon.change(move |world, context| world.stop_instance(context, &stopped)).await;
    daemon.is(&id, InstanceState::Stopped).await;
    assert!(!sandbox::is_running(&pid_file).unwrap());
    assert!(daemon.has_interface(&interface));
    eventually("its namespace is gone", || !daemon.holder.list().unwrap().contains(&interface.to_string())).await;

    let daemon = daemon.after_kill();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(daemon.state_of(&id), InstanceState::Stopped, "nothing starts it but its owner");
    let started = id.clone();
    daemon.change(move |world, context| world.start_instance(context, &started)).await;
    daemon.is(&id, InstanceState::Running).await;
    assert!(sandbox::is_running(&pid_file).unwrap());
    assert_eq!(daemon.log_of(&id).matches("started").count(), 1);

    let shim = fs::read_to_string(&pid_file).unwrap();
    let again = id.clone();
    daemon.change(move |world, context| world.reboot_instance(context, &again)).await;
    eventually("it began anew", || fs::read_to_string(&pid_file).is_ok_and(|pid| !pid.is_empty() && pid != shim)).await;
    eventually("that is noted", || !daemon.engine.world().instances.get(&id).unwrap().rebooting).await;
    assert_eq!(daemon.state_of(&id), InstanceState::Running);
    daemon.end(&id).await;
    daemon.is(&id, InstanceState::Terminated).await;
    eventually("nothing is left", || !daemon.dir_of(&id).exists()).await;
}
