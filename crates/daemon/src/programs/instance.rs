//! The life of an instance: started when it is pending, watched while it runs, ended when it stops or shuts down.
//!
//! ```text
//! STATE/instances/ID/
//!   pid, status    the shim's (crates/linux)
//!   log            the console: what the user data prints
//!   upper/, work/  the layer that takes its writes
//! ```
//!
//! The end of the user data does not end the instance. An instance that is stopped keeps its directory, and its user data
//! does not run again.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sidegate_linux::holder;
use sidegate_linux::sandbox::{self, Detached, Identity, InjectedFile, Limits, Root, Sandbox};
use sidegate_model::{Change, Instance, InstanceId, InstanceState, NetworkInterfaceId, World};

use super::furniture::{self, Place};
use super::user_data::{self, UserData};
use super::{
    Ended, Entrance, Followed, NETWORK_PATIENCE, PATIENCE, Phase, ProgramError, Programs, blocking, lock, locked,
};
use crate::engine::ApplyError;

/// Why an instance is in its state, as AWS says it: code and message.
type Reason = (String, String);

/// Source: EC2 API reference, "StateReason".
const INTERNAL_ERROR: &str = "Server.InternalError";
const USER_SHUTDOWN: &str = "Client.UserInitiatedShutdown";

/// All that is needed to start an instance, apart from the engine.
struct Launch {
    dir: PathBuf,
    exe: PathBuf,
    state: PathBuf,
    holder: holder::Client,
    interface: NetworkInterfaceId,
    place: Place,
    user_data: Option<Arc<str>>,
    /// Whether it has run before, and has files.
    booted: bool,
}

/// Why an instance did not start.
#[derive(Debug, thiserror::Error)]
enum LaunchError {
    /// Its directory cannot be made.
    #[error("its directory `{}`: {reason}", path.display())]
    Directory { path: PathBuf, reason: io::Error },
    /// Its log cannot be written.
    #[error("its log `{}`: {reason}", path.display())]
    Log { path: PathBuf, reason: io::Error },
    /// The world has no interface of it any more.
    #[error("its interface is gone")]
    NoInterface,
    /// The data plane did not make its namespace.
    #[error("the network of `{0}` was not made")]
    NoNetwork(NetworkInterfaceId),
    /// The holder does not give its namespace.
    #[error(transparent)]
    Holder(#[from] holder::HolderError),
    /// The sandbox was not made.
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    /// The thread that started it panicked.
    #[error("it broke off")]
    BrokeOff,
}

/// The reason of an instance that the user ended together with the daemon.
pub(super) fn by_user() -> Reason {
    (USER_SHUTDOWN.to_owned(), format!("{USER_SHUTDOWN}: User initiated shutdown"))
}

impl Programs {
    /// The way into an instance.
    pub(crate) fn entrance(&self, id: &InstanceId) -> Result<Entrance, ProgramError> {
        let world = self.0.engine.world();
        let instance = world.instances.get(id).ok_or_else(|| ProgramError::Instance(id.clone()))?;
        let refused = || ProgramError::NotRunning { id: id.clone(), state: instance.state.wire().1 };
        if instance.state != InstanceState::Running {
            return Err(refused());
        }
        let place = self.place_of(&world, instance).ok_or_else(refused)?;
        // Whoever has a role finds its credentials at the metadata service, and no others.
        let key = match instance.profile {
            Some(_) => None,
            None => Some(self.key_of(&instance.scope.account)?),
        };
        Ok(Entrance { pid_file: self.instance_dir(id).join("pid"), place, key })
    }

    /// Begins what the states of instances ask for, of `all` of them or of those that changed since the last look and of
    /// those that wait. One whose network is behind is not started yet.
    pub(super) fn follow_instances(&self, world: Arc<World>, behind: Option<&ApplyError>, all: bool) {
        let is_behind = |vpc| behind.is_some_and(|error| error.whole.is_some() || error.vpcs.contains_key(vpc));
        let mut followed = locked(&self.0.followed);
        for id in followed.concerned(&world, all) {
            let phase = followed.phases.get(&id).copied();
            let Some(instance) = world.instances.get(&id) else {
                if phase == Some(Phase::Watched) {
                    followed.phases.remove(&id);
                }
                continue;
            };
            match (instance.state, phase) {
                (_, Some(Phase::Busy)) => continue,
                (InstanceState::Pending, _) if is_behind(&instance.vpc) => {
                    followed.waiting.insert(id);
                    continue;
                }
                (InstanceState::Pending, _) => {
                    let launch = self.launch_of(&world, instance);
                    tokio::spawn(self.clone().start(id.clone(), launch));
                }
                (InstanceState::Stopping, _) => {
                    tokio::spawn(self.clone().stop(id.clone()));
                }
                (InstanceState::Running, _) if instance.rebooting => {
                    let launch = self.launch_of(&world, instance);
                    tokio::spawn(self.clone().reboot(id.clone(), launch));
                }
                (InstanceState::ShuttingDown, _) => {
                    tokio::spawn(self.clone().end_instance(id.clone(), None));
                }
                (InstanceState::Running, None) => {
                    tokio::spawn(self.clone().adopt(id.clone()));
                }
                (InstanceState::Stopped | InstanceState::Terminated, _) => {
                    followed.phases.remove(&id);
                    continue;
                }
                (InstanceState::Running, Some(Phase::Watched)) => continue,
            }
            followed.phases.insert(id, Phase::Busy);
        }
        followed.seen = Some(world);
    }

    async fn start(self, id: InstanceId, launch: Option<Launch>) {
        let Ok(_turn) = self.0.turns.acquire().await else { return };
        if self.0.closing.load(std::sync::atomic::Ordering::SeqCst) {
            return;
        }
        let outcome = match launch {
            Some(launch) => blocking(move || launch.run()).await.unwrap_or(Err(LaunchError::BrokeOff)),
            None => Err(LaunchError::NoInterface),
        };
        match outcome {
            Ok(()) => {
                let running = id.clone();
                self.note("note that an instance runs", move |world, now| {
                    if world.instances.get(&running).is_some_and(|i| i.state == InstanceState::Pending) {
                        world.instance_is(now, &running, InstanceState::Running, None);
                    }
                })
                .await;
            }
            Err(error) => {
                tracing::error!(instance = %id, %error, "cannot start an instance");
                let message = format!("{INTERNAL_ERROR}: Internal error on launch ({error})");
                self.bury(&id, Some((INTERNAL_ERROR.to_owned(), message))).await;
            }
        }
        self.settle(&id);
    }

    /// Ends what an instance runs, and notes that it is stopped. It keeps its files and its interfaces.
    async fn stop(self, id: InstanceId) {
        let Ok(turn) = self.0.turns.acquire().await else { return };
        let pid_file = self.instance_dir(&id).join("pid");
        match blocking(move || sandbox::terminate(&pid_file, PATIENCE)).await {
            Some(Ok(())) => {
                let stopped = id.clone();
                self.note("note that an instance is stopped", move |world, now| {
                    let present = world.instances.get(&stopped).filter(|i| i.state == InstanceState::Stopping);
                    let Some(reason) = present.map(|i| i.reason.clone()) else { return };
                    world.instance_is(now, &stopped, InstanceState::Stopped, reason);
                })
                .await;
                self.leave_network(&id).await;
            }
            Some(Err(error)) => {
                tracing::error!(instance = %id, %error, "cannot stop an instance; it will be tried again");
            }
            None => {}
        }
        drop(turn);
        self.settle(&id);
    }

    /// Lets go of the namespace of an instance that is stopped: the next start makes a new one.
    async fn leave_network(&self, id: &InstanceId) {
        let world = self.0.engine.world();
        let stopped = world.instances.get(id).filter(|i| i.state == InstanceState::Stopped);
        if let Some(interface) = stopped.and_then(|i| i.interface.clone()) {
            self.drop_namespace(&interface).await;
        }
    }

    /// Ends what an instance runs, and starts it again.
    async fn reboot(self, id: InstanceId, launch: Option<Launch>) {
        let Ok(turn) = self.0.turns.acquire().await else { return };
        let pid_file = self.instance_dir(&id).join("pid");
        let outcome = blocking(move || {
            sandbox::terminate(&pid_file, PATIENCE)?;
            launch.map_or(Err(LaunchError::NoInterface), |launch| launch.run())
        })
        .await;
        drop(turn);
        match outcome.unwrap_or(Err(LaunchError::BrokeOff)) {
            Ok(()) => {
                let again = id.clone();
                self.note("note that an instance runs again", move |world, _| world.note_rebooted(&again)).await;
            }
            Err(error) => {
                tracing::error!(instance = %id, %error, "cannot start an instance again");
                let message = format!("{INTERNAL_ERROR}: Internal error on launch ({error})");
                self.bury(&id, Some((INTERNAL_ERROR.to_owned(), message))).await;
            }
        }
        self.settle(&id);
    }

    /// Recognises an instance that an earlier daemon started, or whose end was heard of.
    async fn adopt(self, id: InstanceId) {
        let pid_file = self.instance_dir(&id).join("pid");
        match blocking(move || sandbox::is_running(&pid_file)).await {
            Some(Ok(false)) => {
                let message = format!("{INTERNAL_ERROR}: The instance ended without being asked to");
                self.bury(&id, Some((INTERNAL_ERROR.to_owned(), message))).await;
            }
            Some(Err(error)) => tracing::warn!(instance = %id, %error, "cannot look at an instance"),
            Some(Ok(true)) | None => {}
        }
        self.settle(&id);
    }

    /// Ends an instance. It keeps the reason that it has unless another is given.
    pub(super) async fn end_instance(self, id: InstanceId, reason: Option<Reason>) {
        let Ok(turn) = self.0.turns.acquire().await else { return };
        let pid_file = self.instance_dir(&id).join("pid");
        let ended = blocking(move || sandbox::terminate(&pid_file, PATIENCE)).await;
        match ended {
            Some(Ok(())) => self.bury(&id, reason).await,
            Some(Err(error)) => {
                tracing::error!(instance = %id, %error, "cannot end an instance; it will be tried again");
            }
            None => {}
        }
        drop(turn);
        self.settle(&id);
    }

    /// Notes that an instance is terminated, for its own reason or the one given, and removes what it had. Nothing of it runs any more.
    async fn bury(&self, id: &InstanceId, reason: Option<Reason>) {
        let interface = self.0.engine.world().instances.get(id).and_then(|i| i.interface.clone());
        let dead = id.clone();
        self.note("note that an instance is terminated", move |world, now| {
            let present = world.instances.get(&dead).and_then(|i| i.reason.clone());
            // Who asked for its end before comes first.
            let asked = world.instances.get(&dead).is_some_and(|i| i.state == InstanceState::ShuttingDown);
            let reason = if asked { present.or(reason) } else { reason.or(present) };
            world.instance_is(now, &dead, InstanceState::Terminated, reason);
        })
        .await;
        if self.0.engine.world().instances.get(id).is_some_and(|i| i.state != InstanceState::Terminated) {
            return;
        }
        if let Some(interface) = interface {
            self.drop_namespace(&interface).await;
        }
        let dir = self.instance_dir(id);
        blocking(move || remove(&dir)).await;
    }

    /// The end of something that was done with an instance: what is next, its state tells.
    fn settle(&self, id: &InstanceId) {
        let state = self.0.engine.world().instances.get(id).map(|i| i.state);
        let watched = state == Some(InstanceState::Running)
            && self.watch(self.instance_dir(id).join("pid"), Ended::Instance(id.clone()));
        let mut followed = locked(&self.0.followed);
        if watched {
            followed.phases.insert(id.clone(), Phase::Watched);
        } else {
            // The next look goes on with it; at once would be too often where something does not work.
            followed.phases.remove(id);
        }
        // Its state may ask for something new since this was begun.
        followed.waiting.insert(id.clone());
    }

    fn launch_of(&self, world: &World, instance: &Instance) -> Option<Launch> {
        Some(Launch {
            dir: self.instance_dir(&instance.id),
            exe: self.0.exe.clone(),
            state: self.0.state.path().to_owned(),
            holder: self.0.holder.clone(),
            interface: instance.interface.clone()?,
            place: self.place_of(world, instance)?,
            user_data: instance.user_data.clone(),
            booted: instance.booted,
        })
    }

    fn place_of(&self, world: &World, instance: &Instance) -> Option<Place> {
        let interface = world.interfaces.get(instance.interface.as_ref()?)?;
        Place::of(world, interface, &self.0.authority)
    }

    fn instance_dir(&self, id: &InstanceId) -> PathBuf {
        self.0.state.join("instances").join(id.as_str())
    }
}

impl Followed {
    /// The instances to look at: all, or those that differ from the world that was seen and those that wait.
    fn concerned(&mut self, world: &World, all: bool) -> BTreeSet<InstanceId> {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        match &self.seen {
            Some(seen) if !all => {
                let changes = seen.instances.changes(&world.instances).into_iter();
                let changed = changes.map(|(Change::Put(instance) | Change::Removed(instance))| instance.id.clone());
                changed.chain(waiting).collect()
            }
            _ => world.instances.iter().map(|i| i.id.clone()).chain(self.phases.keys().cloned()).collect(),
        }
    }
}

impl Launch {
    /// Starts the instance, unless it runs already: the daemon may have ended before that was noted.
    fn run(&self) -> Result<(), LaunchError> {
        let pid_file = self.dir.join("pid");
        if sandbox::is_running(&pid_file)? {
            return Ok(());
        }
        self.prepare().map_err(|reason| LaunchError::Directory { path: self.dir.clone(), reason })?;
        let netns = self.holder.wait_for(self.interface.as_str(), NETWORK_PATIENCE)?;
        let netns = netns.ok_or_else(|| LaunchError::NoNetwork(self.interface.clone()))?;
        let log = self.dir.join("log");
        let (command, script) = self.program(&log).map_err(|reason| LaunchError::Log { path: log.clone(), reason })?;
        let mut files = self.place.files();
        files.extend(script);
        let sandbox = Sandbox {
            netns: netns.into(),
            hostname: self.place.hostname.clone(),
            root: Root::Overlay { upper: self.dir.join("upper"), work: self.dir.join("work") },
            workdir: "/".into(),
            identity: Identity::RootInside,
            files,
            environment: self.place.instance_environment(),
            command,
            hidden: furniture::hidden_from_instance(&self.state),
            // Where the host has none, the layer takes it.
            scratch: Some(furniture::aws_files(Path::new(furniture::HOME)))
                .filter(|own| own.exists())
                .into_iter()
                .collect(),
            limits: Limits::default(),
        };
        let status_file = self.dir.join("status");
        let files = Detached { log: &log, status_file: &status_file, pid_file: &pid_file };
        Ok(sandbox.spawn_detached(&self.exe, files)?)
    }

    /// The directory: that of an instance which has run before, but for what told of its last run. Otherwise a fresh one,
    /// since what an attempt before left was never seen to run.
    fn prepare(&self) -> io::Result<()> {
        let is_gone = |outcome: io::Result<()>| match outcome {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        if self.booted {
            is_gone(fs::remove_file(self.dir.join("status")))?;
        } else {
            is_gone(fs::remove_dir_all(&self.dir))?;
        }
        for dir in [self.dir.clone(), self.dir.join("upper"), self.dir.join("work")] {
            match DirBuilder::new().mode(0o700).create(dir) {
                Err(error) if self.booted && error.kind() == io::ErrorKind::AlreadyExists => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }

    /// What the instance runs, and the script that it needs for that. Without one it idles, and can be entered.
    fn program(&self, log: &Path) -> io::Result<(Vec<OsString>, Option<InjectedFile>)> {
        let idle = || vec!["/bin/sh".into(), "-c".into(), ":".into()];
        let text = self.user_data.as_deref().filter(|_| !self.booted);
        match user_data::read(text) {
            UserData::Nothing => Ok((idle(), None)),
            UserData::Script(script) => {
                Ok((script.command, Some(InjectedFile { path: user_data::SCRIPT_PATH.into(), contents: script.text })))
            }
            UserData::Refused(reason) => {
                let mut log = OpenOptions::new().append(true).create(true).mode(0o600).open(log)?;
                writeln!(log, "sidegate: the user data was not run: {reason}")?;
                Ok((idle(), None))
            }
        }
    }
}

/// Removes the directory of an instance, and ends what still runs there.
pub(super) fn remove(dir: &Path) {
    if let Err(error) = sandbox::terminate(&dir.join("pid"), PATIENCE) {
        tracing::warn!(dir = %dir.display(), %error, "cannot end an instance that is gone");
        return;
    }
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(dir = %dir.display(), %error, "cannot remove the directory of an instance");
        }
        _ => {}
    }
}

/// Ends everything that runs under a state directory whose daemon is gone; says how much that was.
///
/// # Errors
/// The first that did not end.
pub(crate) fn end_remaining(state: &Path) -> Result<usize, sandbox::SandboxError> {
    let instances =
        super::names(&state.join("instances")).into_iter().map(|id| state.join("instances").join(id).join("pid"));
    let programs = super::names(&state.join("programs")).into_iter().map(|name| state.join("programs").join(name));
    let running: Vec<PathBuf> =
        instances.chain(programs).filter(|path| matches!(lock::is_held(path), Ok(true))).collect();
    let outcomes: Vec<Result<(), sandbox::SandboxError>> = std::thread::scope(|scope| {
        let ends: Vec<_> = running.iter().map(|path| scope.spawn(|| sandbox::terminate(path, PATIENCE))).collect();
        ends.into_iter().filter_map(|end| end.join().ok()).collect()
    });
    outcomes.into_iter().collect::<Result<Vec<()>, _>>().map(|ended| ended.len())
}
