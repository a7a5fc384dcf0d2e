//! A place to measure in: a world, its data plane, and a holder, all of the benchmark's own.
//!
//! It is the daemon's chain without API, store and edge: command, plan, kernel.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use sidegate_linux::dataplane::{self, BareEnd, Dataplane};
use sidegate_linux::holder;
use sidegate_linux::netns::NetNs;
use sidegate_linux::workbench;
use sidegate_model::{Context, Error, Scope, World};
use sidegate_plan::Plan;

use super::sample::Shuffle;
use super::{BenchError, Step as _};
use crate::clock;
use crate::own_directory::OwnDirectory;

/// Whose everything is. No other daemon meets it: the namespaces are the holder's.
const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";

/// A world that the kernel follows. Dropping it removes all of it.
pub(super) struct Site {
    world: World,
    plan: Plan,
    dataplane: Dataplane,
    holder: holder::Client,
    scope: Scope,
    entropy: Shuffle,
    directory: OwnDirectory,
}

/// How long the parts of a change took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// The command on a copy of the world.
    pub(super) command: Duration,
    /// The plan of the new world.
    pub(super) compile: Duration,
    /// The kernel.
    pub(super) apply: Duration,
}

impl Change {
    /// All of it.
    pub(super) fn total(self) -> Duration {
        self.command + self.compile + self.apply
    }
}

impl Site {
    /// An empty world, and a holder that keeps no namespace yet.
    pub(super) fn new(exe: &Path) -> Result<Self, BenchError> {
        let scope = Scope {
            account: ACCOUNT.parse().step("naming an account")?,
            region: REGION.parse().step("naming a Region")?,
        };
        let directory = OwnDirectory::create("bench", exe).step("making a directory")?;
        let holder = holder::spawn(directory.path(), exe).step("starting a namespace holder")?;
        Ok(Self {
            world: World::default(),
            plan: Plan::default(),
            dataplane: Dataplane::new(holder.clone()),
            holder,
            scope,
            entropy: Shuffle::new(),
            directory,
        })
    }

    /// Changes the world, and makes the kernel follow, as the daemon's engine does.
    pub(super) fn change<T>(
        &mut self, what: &str, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error>,
    ) -> Result<(T, Change), BenchError> {
        let begin = Instant::now();
        let mut world = self.world.clone();
        let entropy = &mut self.entropy;
        let mut random = || entropy.next();
        let mut context = Context { scope: self.scope.clone(), now: clock::now_ms(), entropy: &mut random };
        let made = command(&mut world, &mut context).step(what)?;
        let commanded = Instant::now();
        let plan = sidegate_plan::recompile(&self.plan, &self.world, &world);
        let compiled = Instant::now();
        self.dataplane.set(&plan).step(format!("{what}, in the kernel"))?;
        let applied = Instant::now();
        (self.world, self.plan) = (world, plan);
        let change = Change { command: commanded - begin, compile: compiled - commanded, apply: applied - compiled };
        Ok((made, change))
    }

    /// Its plan.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The driver.
    pub(super) fn dataplane(&mut self) -> &mut Dataplane {
        &mut self.dataplane
    }

    /// Puts a driver in the place of the old one that knows nothing, as after a restart, and returns how long it takes
    /// to find that all is as the plan says.
    pub(super) fn restart(&mut self) -> Result<Duration, BenchError> {
        let begin = Instant::now();
        self.dataplane = Dataplane::new(self.holder.clone());
        let applied = self.dataplane.set(&self.plan).step("reading the networks back")?;
        let took = begin.elapsed();
        if applied.changes.is_empty() {
            return Ok(took);
        }
        let reason = format!("a new driver found {:?} to change where nothing had changed", applied.changes);
        Err(BenchError::Step { step: "reading the networks back".to_owned(), reason })
    }

    /// Lets go of the namespaces of interfaces that are gone. Those that were made beside the world go, too.
    pub(super) fn sweep(&mut self) -> Result<(), BenchError> {
        self.dataplane.sweep(&self.plan).step("letting namespaces go").map(drop)
    }

    /// A namespace, made if there is none of that name.
    pub(super) fn namespace(&self, name: &str) -> Result<NetNs, BenchError> {
        Ok(self.holder.ensure(name).step(format!("making the namespace `{name}`"))?.0)
    }

    /// Joins two namespaces by a bare link.
    pub(super) fn join(
        &self, one: (&NetNs, &str, Ipv4Addr), other: (&NetNs, &str, Ipv4Addr),
    ) -> Result<(), BenchError> {
        let end = |(namespace, name, address)| BareEnd { namespace, name, address };
        dataplane::join(end(one), end(other)).step("joining two namespaces")?.step("joining two namespaces")
    }

    /// The directory, for what else has to be put somewhere.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The process that keeps the namespaces.
    pub(super) fn holder_process(&self) -> Result<u32, BenchError> {
        let socket = holder::socket_path(self.directory.path());
        workbench::listening_process(&socket).step("finding the namespace holder")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.holder.stop();
    }
}
