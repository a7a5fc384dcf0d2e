//! How programs run in subnets: instances, and what `sidegate exec` attaches.
//!
//! Programs outlive the daemon: each runs under its shim, in a namespace that the holder keeps. What is here follows
//! the world (it starts what is pending and ends what shuts down) and notes in it what became of the programs; after
//! a restart it recognises them by their locks.
//!
//! | file | about |
//! |---|---|
//! | `instance.rs` | the life of an instance |
//! | `attachment.rs` | the interface of a program of `sidegate exec`, from its start to its end |
//! | `custodian.rs` | the networks of programs that live, for a holder that is new |
//! | `furniture.rs` | what a program finds inside |
//! | `environment.rs` | what of the caller's environment goes along |
//! | `user_data.rs` | what an instance is to run |
//! | `lock.rs` | files whose lock says that a process lives |

mod attachment;
mod custodian;
pub(crate) mod environment;
pub(crate) mod furniture;
mod instance;
pub(crate) mod lock;
#[cfg(test)]
pub(crate) mod tests;
mod user_data;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sidegate_linux::holder;
use sidegate_model::{AccountId, InstanceId, InstanceState, NetworkInterfaceId, SubnetId, World};
use sidegate_services::iam::Directory;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::MissedTickBehavior;

pub(crate) use self::attachment::lock_path;
pub(crate) use self::custodian::Custodian;
use self::furniture::Place;
pub(crate) use self::instance::end_remaining;
use crate::accounts::{Accounts, AccountsError};
use crate::clock;
use crate::engine::{ChangeError, Engine};
use crate::state_dir::StateDir;
use crate::store::AccessKey;

/// How often all is looked at that no news come of.
const ROUND: Duration = Duration::from_secs(5);

/// How many instances are started or ended at once.
const AT_ONCE: usize = 8;

/// How long programs get to end when they are asked to.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long a program waits for its network, which a holder that died may have taken along: the daemon makes it anew.
pub(crate) const NETWORK_PATIENCE: Duration = Duration::from_secs(8);

/// An access key that a program uses.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    /// The access key id.
    pub(crate) id: String,
    /// The secret access key.
    pub(crate) secret: String,
}

impl From<AccessKey> for Key {
    fn from(AccessKey { id, secret, .. }: AccessKey) -> Self {
        Self { id, secret }
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An interface for a program of `sidegate exec`, ready in the kernel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attached {
    /// The interface; also the name of the program's namespace in the holder.
    pub(crate) interface: NetworkInterfaceId,
    /// Where it is.
    pub(crate) place: Place,
    /// The key that the program uses; none if it has a role.
    pub(crate) key: Option<Key>,
}

/// The way into a running instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entrance {
    /// The pid file of its sandbox.
    pub(crate) pid_file: PathBuf,
    /// Where it is.
    pub(crate) place: Place,
    /// The key that the program uses; none if the instance has a profile.
    pub(crate) key: Option<Key>,
}

/// The way onto the emulated internet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Guest {
    /// Where it is.
    pub(crate) place: Place,
    /// The key that the program uses.
    pub(crate) key: Key,
}

/// Why a program cannot be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    /// There is no such subnet.
    #[error("there is no subnet `{0}` here; `aws ec2 describe-subnets` lists those that there are")]
    Subnet(SubnetId),
    /// There is no such instance.
    #[error("there is no instance `{0}` here; `aws ec2 describe-instances` lists those that there are")]
    Instance(InstanceId),
    /// The instance does not run.
    #[error("the instance `{id}` is {state}, not running; {}", if *state == "pending" { "try again in a moment" } else { "launch another one with `aws ec2 run-instances`" })]
    NotRunning {
        /// The instance.
        id: InstanceId,
        /// Its state, by AWS's name.
        state: &'static str,
    },
    /// No address is left.
    #[error(
        "no address is free in the subnet `{0}`; end a program, an instance or an endpoint in it (`aws ec2 describe-network-interfaces` lists what has one), or use a larger subnet"
    )]
    Full(SubnetId),
    /// Its account's access key cannot be stored.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// There is no such role in the account of the subnet.
    #[error(
        "there is no role `{role}` in the account {account}, whose subnet it is; `aws iam list-roles` lists those that there are"
    )]
    Role {
        /// What was asked for.
        role: String,
        /// The account.
        account: AccountId,
    },
    /// The model refuses it otherwise.
    #[error("{reason} ({})", .reason.code())]
    Refused {
        /// Why.
        reason: sidegate_model::Error,
    },
    /// It could not be stored or applied.
    #[error("cannot attach a program to the subnet ({0}); `sidegate status` tells how the daemon is")]
    Failed(ChangeError),
    /// Whoever asked does not hold the lock of the interface.
    #[error("the interface `{0}` is not held by its program any more; run it again")]
    NotHeld(NetworkInterfaceId),
    /// The program of the interface still runs.
    #[error("the interface `{0}` is that of a program that still runs; end that first")]
    Held(NetworkInterfaceId),
    /// The daemon is being ended.
    #[error("the daemon is being ended; start it again with `sidegate up`")]
    Closing,
}

/// The runner of programs. Cloning it gives another handle of the same one.
#[derive(Clone)]
pub(crate) struct Programs(Arc<Inner>);

struct Inner {
    engine: Engine,
    state: StateDir,
    holder: holder::Client,
    exe: PathBuf,
    authority: String,
    accounts: Accounts,
    directory: Directory,
    /// Interfaces of programs that are being attached, or whose lock is waited for.
    present: Mutex<HashSet<NetworkInterfaceId>>,
    followed: Mutex<Followed>,
    closing: AtomicBool,
    turns: Semaphore,
    ended: mpsc::UnboundedSender<Ended>,
    endings: Mutex<Option<mpsc::UnboundedReceiver<Ended>>>,
}

/// The instances, as the runner knows them.
#[derive(Default)]
struct Followed {
    phases: HashMap<InstanceId, Phase>,
    /// Those that the next look is to see although they may not have changed.
    waiting: HashSet<InstanceId>,
    /// The world of the last look.
    seen: Option<Arc<World>>,
}

/// What the runner has to do with an instance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It is being started, looked for or ended.
    Busy,
    /// It runs, and its end will be heard of.
    Watched,
}

/// Whose lock became free.
enum Ended {
    Program(NetworkInterfaceId),
    Instance(InstanceId),
}

impl Programs {
    /// A runner; nothing is started yet. `exe` is this program, `authority` the certificate of the local authority.
    pub(crate) fn new(
        engine: Engine, state: StateDir, holder: holder::Client, exe: PathBuf, authority: String, accounts: Accounts,
        directory: Directory,
    ) -> Self {
        let (ended, endings) = mpsc::unbounded_channel();
        Self(Arc::new(Inner {
            engine,
            state,
            holder,
            exe,
            authority,
            accounts,
            directory,
            present: Mutex::default(),
            followed: Mutex::default(),
            closing: AtomicBool::new(false),
            turns: Semaphore::new(AT_ONCE),
            ended,
            endings: Mutex::new(Some(endings)),
        }))
    }

    /// What a program on the emulated internet finds.
    pub(crate) fn guest(&self) -> Guest {
        let place = Place::on_internet(self.0.accounts.region(), &self.0.authority);
        Guest { place, key: self.0.accounts.administrator().clone().into() }
    }

    /// Follows the world for ever. To be called once, when the plan in force has been applied: left-overs go first.
    pub(crate) async fn run(self) {
        let Some(mut endings) = locked(&self.0.endings).take() else {
            return;
        };
        let mut plans = self.0.engine.plan();
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.sweep().await;
        loop {
            let mut all = false;
            tokio::select! {
                changed = plans.changed() => if changed.is_err() { return },
                _ = rounds.tick() => {
                    self.go_round().await;
                    all = true;
                }
                Some(ended) = endings.recv() => self.attend(ended),
            }
            self.look(all).await;
        }
    }

    /// Ends every instance and every program, and notes it; nothing starts any more. For `sidegate down`. `left` is told
    /// how many there are still.
    pub(crate) async fn end_all(&self, left: &watch::Sender<usize>) {
        self.0.closing.store(true, Ordering::SeqCst);
        // Who got a turn before goes first.
        let Ok(turns) = self.0.turns.acquire_many(u32::try_from(AT_ONCE).unwrap_or(1)).await else {
            return;
        };
        drop(turns);
        let world = self.0.engine.world();
        let mut tasks = tokio::task::JoinSet::new();
        for instance in world.instances.iter().filter(|i| i.state != InstanceState::Terminated) {
            tasks.spawn(self.clone().end_instance(instance.id.clone(), Some(instance::by_user())));
        }
        for interface in world.interfaces.iter().filter(|i| attachment::is_program(i)) {
            tasks.spawn(self.clone().end_program(interface.id.clone()));
        }
        left.send_replace(tasks.len());
        while tasks.join_next().await.is_some() {
            left.send_replace(tasks.len());
        }
    }

    /// One look at the world: which instance is to be started, ended or watched. Between rounds, a look costs what
    /// changed.
    async fn look(&self, all: bool) {
        let behind = self.0.engine.behind().await;
        if !self.0.closing.load(Ordering::SeqCst) {
            self.follow_instances(self.0.engine.world(), behind.as_ref(), all);
        }
    }

    /// What no change calls for: programs of an earlier daemon, and what is to be forgotten.
    async fn go_round(&self) {
        if self.0.closing.load(Ordering::SeqCst) {
            return;
        }
        let world = self.0.engine.world();
        self.adopt_programs(&world).await;
        let now = clock::now_ms();
        if world.has_forgettable_instances(now) {
            self.note("forget terminated instances", |world, now| world.forget_terminated(now)).await;
        }
    }

    fn attend(&self, ended: Ended) {
        match ended {
            Ended::Program(id) => {
                let programs = self.clone();
                tokio::spawn(async move { programs.detach(&id).await });
            }
            Ended::Instance(id) => {
                // The next look finds it without a phase. Whoever is busy with it knows that it ends.
                let mut followed = locked(&self.0.followed);
                if followed.phases.get(&id) == Some(&Phase::Watched) {
                    followed.phases.remove(&id);
                    followed.waiting.insert(id);
                }
            }
        }
    }

    /// Takes away what an earlier daemon left: directories and locks of what the world does not know.
    async fn sweep(&self) {
        let state = self.0.state.clone();
        // Listed before the world is looked at: what comes meanwhile is known to the world first.
        let listed = blocking(move || (names(&state.join("instances")), names(&state.join("programs")))).await;
        let Some((instances, locks)) = listed else { return };
        let world = self.0.engine.world();
        let is_unknown = |name: &String| {
            let known = name.parse().ok().and_then(|id| world.instances.get(&id));
            known.is_none_or(|i| i.state == InstanceState::Terminated)
        };
        let mut tasks = tokio::task::JoinSet::new();
        for name in instances.iter().filter(|name| is_unknown(name)) {
            let dir = self.0.state.join("instances").join(name);
            tasks.spawn_blocking(move || instance::remove(&dir));
        }
        while tasks.join_next().await.is_some() {}
        let is_stale = |name: &&String| {
            let id = name.strip_suffix(".lock").and_then(|id| id.parse().ok());
            id.is_none_or(|id| world.interfaces.get(&id).is_none())
        };
        for name in locks.iter().filter(is_stale) {
            let path = self.0.state.join("programs").join(name);
            if matches!(lock::is_held(&path), Ok(false)) {
                let _ = std::fs::remove_file(path);
            }
        }
    }

    /// Notes something in the world. Whether that was stored, the world tells.
    async fn note(&self, what: &str, command: impl FnOnce(&mut World, i64) + Send + 'static) {
        if let Err(error) = self.0.engine.note(command).await {
            tracing::error!(%error, "cannot {what}; it will be tried again");
        }
    }

    /// Hears when the process that holds a lock ends; says whether it will.
    fn watch(&self, path: PathBuf, whose: Ended) -> bool {
        let ended = self.0.ended.clone();
        let outcome = lock::when_free(path, move || drop(ended.send(whose)));
        if let Err(error) = &outcome {
            tracing::warn!(%error, "cannot start a thread that waits for a program; it will be tried again");
        }
        outcome.is_ok()
    }

    async fn drop_namespace(&self, id: &NetworkInterfaceId) {
        let (holder, name) = (self.0.holder.clone(), id.to_string());
        if let Some(Err(error)) = blocking(move || holder.drop_namespace(&name)).await {
            tracing::warn!(%error, interface = %id, "cannot let go of a namespace");
        }
    }

    /// The access key that programs of an account find.
    fn key_of(&self, account: &AccountId) -> Result<Key, ProgramError> {
        Ok(self.0.accounts.key_of(account)?.into())
    }
}

/// Runs what blocks on a thread for that; nothing comes back if it panicked.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The names in a directory; none if it cannot be read.
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}
