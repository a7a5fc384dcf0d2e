//! The networks of programs that live, for a holder that is new.
//!
//! A namespace lives as long as a process in it, and every program has files whose lock says which process that is. So no
//! death of a holder takes a name from a namespace that a program is in.

use std::path::PathBuf;

use sidegate_linux::holder::{self, HolderError};
use sidegate_linux::netns::NetNs;
use sidegate_linux::{dataplane, sandbox};

use super::{lock_path, names};
use crate::engine::Engine;
use crate::functions::Functions;
use crate::state_dir::StateDir;

/// Knows what the holder of a state directory is to keep, and starts it.
pub(crate) struct Custodian {
    engine: Engine,
    state: StateDir,
    exe: PathBuf,
    functions: Functions,
}

impl Custodian {
    /// The custodian of a state directory. `exe` is this program.
    pub(crate) fn new(engine: Engine, state: StateDir, exe: PathBuf, functions: Functions) -> Self {
        Self { engine, state, exe, functions }
    }

    /// The files whose locks say what runs, each with the name of the namespace.
    fn locks(&self) -> Vec<(String, PathBuf)> {
        let programs = names(&self.state.join("programs"));
        let programs = programs.iter().filter_map(|name| name.strip_suffix(".lock")?.parse().ok());
        let mut locks: Vec<_> = programs.map(|id| (format!("{id}"), lock_path(self.state.path(), &id))).collect();
        let world = self.engine.world();
        for instance in world.instances.iter() {
            if let Some(interface) = &instance.interface {
                let directory = self.state.join("instances").join(instance.id.as_str());
                locks.push((interface.to_string(), directory.join("pid")));
            }
        }
        locks
    }
}

impl std::fmt::Debug for Custodian {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Custodian").field("state", &self.state.path()).finish_non_exhaustive()
    }
}

impl dataplane::Custodian for Custodian {
    fn start(&self) -> Result<(), HolderError> {
        holder::spawn(self.state.path(), &self.exe).map(drop)
    }

    fn living(&self) -> Vec<(String, NetNs)> {
        let network = |(name, path): (String, PathBuf)| match sandbox::network_of(&path) {
            Ok(network) => network.map(|network| (name, network)),
            Err(error) => {
                tracing::warn!(interface = name, %error, "the network of a program cannot be found");
                None
            }
        };
        let programs = self.locks().into_iter().filter_map(network);
        // No process is in those of functions' interfaces, but the daemon has them open.
        programs.chain(self.functions.living()).collect()
    }
}
