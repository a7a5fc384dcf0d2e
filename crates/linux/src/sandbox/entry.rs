//! One more program in a sandbox that is already running.

use std::path::Path;

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::detached::verified_init;
use super::error::Attempt;
use super::spec::Spec;
use super::{SandboxError, init, privileges};

/// Starts the program of `spec` beside the others in the sandbox of `pid_file`. The caller
/// stays outside; only its children to come are in the sandbox's PID namespace.
pub(super) fn start(spec: &Spec, pid_file: &Path) -> Result<Pid, SandboxError> {
    let sandbox = verified_init(pid_file)?.ok_or_else(|| SandboxError::NotRunning { pid_file: pid_file.to_owned() })?;
    let enter = |kinds: CloneFlags, what: &str| {
        setns(&sandbox, kinds).map_err(|errno: Errno| SandboxError::Namespace {
            what: format!("{what} of the sandbox `{}`", pid_file.display()),
            reason: errno.to_string(),
        })
    };
    enter(CloneFlags::CLONE_NEWPID, "the PID namespace")?;
    init::launch(spec, || {
        // From here on the others inside see this process, which is still real root.
        prctl::set_dumpable(false).attempt("hide from the sandbox")?;
        let kinds = CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWUTS
            | CloneFlags::CLONE_NEWCGROUP;
        enter(kinds, "the namespaces")?;
        enter(CloneFlags::CLONE_NEWUSER, "the user namespace")?;
        privileges::give_up(spec.caller)?;
        prctl::set_dumpable(false).attempt("hide from the sandbox")?;
        prctl::set_pdeathsig(Signal::SIGKILL).attempt("follow the shim")
    })
}
