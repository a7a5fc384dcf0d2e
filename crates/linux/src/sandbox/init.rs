//! PID 1 of a sandbox. It builds the inside while it is real root, becomes the
//! program's user, starts the program, and then reaps and passes signals on.
//!
//! It is not dumpable, so that the program, which has the same user, can
//! neither trace it nor reach its descriptors through /proc/1.

use std::convert::Infallible;
use std::ffi::{CString, OsStr, OsString};
use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, chdir, execve, isatty, sethostname, setsid, ttyname};

use super::error::Attempt;
use super::root::{Sources, Stage};
use super::shim::{FORWARDED, FROM_KERNEL, handled_signals};
use super::spec::{Report, Spec, read_line, write_line};
use super::{Limits, Outcome, SandboxError, privileges, seccomp, sys};

/// Where programs are looked up when the environment has no PATH.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Settings of the network that a program without capabilities needs to
/// serve low ports and to ping.
const NETWORK_SETTINGS: [(&str, &str); 2] =
    [("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"), ("/proc/sys/net/ipv4/ping_group_range", "0 2147483647")];

/// Is PID 1 until the end.
pub(super) fn main(spec: &Spec, netns: OwnedFd, shim: UnixStream) -> ! {
    let status = match prepare(spec, netns, &shim).and_then(|()| launch(spec, || Ok(()))) {
        Ok(program) => {
            let _ = write_line(&shim, &Report::Started);
            let mut init = Init {
                program: Some(program),
                detached: spec.detached.is_some(),
                freezes: spec.is_function(),
                stopping: false,
                shim,
            };
            init.attend()
        }
        Err(error) => {
            let status = error.exit_status();
            let _ = write_line(&shim, &Report::Failed(error));
            status
        }
    };
    // The kernel ends everything else inside when its PID 1 exits.
    sys::exit_now(status)
}

/// Builds the inside, and gives up what is not needed any more.
fn prepare(spec: &Spec, netns: OwnedFd, shim: &UnixStream) -> Result<(), SandboxError> {
    prctl::set_pdeathsig(Signal::SIGKILL).attempt("follow the shim")?;
    prctl::set_dumpable(false).attempt("hide init from the program")?;
    let entered = |what: &str, result: Result<(), Errno>| {
        result.map_err(|errno| SandboxError::Namespace { what: what.to_owned(), reason: errno.to_string() })
    };
    let new =
        CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS | CloneFlags::CLONE_NEWCGROUP;
    entered("mount, IPC, UTS and cgroup namespaces", unshare(new))?;
    entered("the network namespace", setns(&netns, CloneFlags::CLONE_NEWNET))?;
    drop(netns);
    sethostname(&spec.hostname).attempt("set the host name")?;
    for (path, value) in NETWORK_SETTINGS {
        fs::write(path, value).attempt(&format!("write `{value}` to `{path}`"))?;
    }
    // A daemon that is protected from the kernel's out-of-memory killer does not protect its programs.
    let _ = fs::write("/proc/self/oom_score_adj", "0");

    let sources = Sources::open(spec, terminal().as_deref())?;
    Stage::build(spec, sources)?.furnish(spec)?;

    unshare(CloneFlags::CLONE_NEWUSER).map_err(|errno| SandboxError::UserNamespace { reason: errno.to_string() })?;
    write_line(shim, &Report::MapIds).attempt("ask for ids")?;
    // Nothing: the shim has gone, or says itself what is wrong.
    let mapped: Option<()> = read_line(shim).attempt("wait for ids")?;
    if mapped.is_none() {
        sys::exit_now(1);
    }
    privileges::give_up(spec.caller)?;
    // A change of user takes both away.
    prctl::set_dumpable(false).attempt("hide init from the program")?;
    prctl::set_pdeathsig(Signal::SIGKILL).attempt("follow the shim")
}

/// The terminal that the program will have as one of its standard descriptors.
fn terminal() -> Option<PathBuf> {
    let (stdin, stdout, stderr) = (io::stdin(), io::stdout(), io::stderr());
    let fds = [stdin.as_fd(), stdout.as_fd(), stderr.as_fd()];
    fds.into_iter().find(|fd| isatty(fd) == Ok(true)).and_then(|fd| ttyname(fd).ok())
}

/// Starts the program, and waits until it is certain that it runs. `first` is done by the new process.
pub(super) fn launch(spec: &Spec, first: impl FnOnce() -> Result<(), SandboxError>) -> Result<Pid, SandboxError> {
    let (mut reader, writer) = io::pipe().attempt("make a pipe")?;
    match sys::fork().attempt("fork")? {
        None => {
            drop(reader);
            let error = first().and_then(|()| become_program(spec)).unwrap_or_else(|error| error);
            let _ = serde_json::to_vec(&error).map(|json| (&writer).write_all(&json));
            sys::exit_now(error.exit_status())
        }
        Some(program) => {
            drop(writer);
            let mut answer = Vec::new();
            reader.read_to_end(&mut answer).attempt("wait for the program")?;
            // The pipe closes without a word when the program is executed.
            if answer.is_empty() {
                return Ok(program);
            }
            let error = serde_json::from_slice(&answer).attempt("understand why the program failed")?;
            Err(error)
        }
    }
}

fn become_program(spec: &Spec) -> Result<SandboxError, SandboxError> {
    // A function has no part in the terminal of whoever runs it. The scheduler also shares processors among sessions
    // (sched(7), "The autogroup feature"), so that one with many processes gets no more than another.
    if spec.detached.is_some() || spec.is_function() {
        setsid().attempt("start a session")?;
    }
    let workdir = Path::new(&spec.workdir);
    chdir(workdir)
        .map_err(|errno| SandboxError::WorkingDirectory { path: workdir.to_owned(), reason: errno.to_string() })?;
    let command = Executable::new(spec)?;
    // Rust ignores SIGPIPE; what else is ignored is the caller's wish (nohup), where there is a caller.
    if spec.detached.is_some() {
        sys::default_signals(Signal::iterator());
    } else {
        sys::default_signals(std::iter::once(Signal::SIGPIPE));
    }
    SigSet::empty().thread_set_mask().attempt("unblock signals")?;
    limit(&spec.limits)?;
    sys::close_descriptors_on_exec(3).attempt("close descriptors")?;
    seccomp::install(spec.caller.is_some(), spec.is_function()).attempt("filter system calls")?;
    Ok(command.execute())
}

/// Limits this process and what it starts. Processes are counted by the user namespace that they are in.
fn limit(limits: &Limits) -> Result<(), SandboxError> {
    let all = [
        (Resource::RLIMIT_NPROC, limits.processes),
        (Resource::RLIMIT_NOFILE, limits.open_files),
        (Resource::RLIMIT_DATA, limits.data),
        (Resource::RLIMIT_STACK, limits.stack),
    ];
    for (resource, most) in all {
        if let Some(most) = most {
            setrlimit(resource, most, most).attempt("limit what the program uses")?;
        }
    }
    Ok(())
}

/// A command, ready for execve.
struct Executable {
    name: String,
    candidates: Vec<CString>,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

impl Executable {
    fn new(spec: &Spec) -> Result<Self, SandboxError> {
        let arguments = spec.command.iter().map(|part| c_string(part)).collect::<Result<Vec<_>, _>>()?;
        let name = spec.command.first().map(OsString::as_os_str).unwrap_or_default();
        let environment = spec
            .environment
            .iter()
            .map(|(key, value)| {
                let mut pair = key.clone();
                pair.push("=");
                pair.push(value);
                c_string(&pair)
            })
            .collect::<Result<_, _>>()?;
        let candidates = if name.as_bytes().contains(&b'/') {
            vec![c_string(name)?]
        } else {
            let path = spec.environment.iter().find(|(key, _)| key == "PATH").map(|(_, value)| value.as_os_str());
            std::env::split_paths(path.unwrap_or(OsStr::new(DEFAULT_PATH)))
                .filter(|dir| !dir.as_os_str().is_empty())
                .map(|dir| c_string(dir.join(name).as_os_str()))
                .collect::<Result<_, _>>()?
        };
        Ok(Self { name: name.display().to_string(), candidates, arguments, environment })
    }

    /// Returns only when nothing could be executed.
    fn execute(&self) -> SandboxError {
        let mut refusal = None;
        for path in &self.candidates {
            match execve(path, &self.arguments, &self.environment) {
                Err(Errno::ENOENT | Errno::ENOTDIR) => {}
                Err(Errno::ENOEXEC) => match self.execute_by_shell(path) {
                    Err(errno) => refusal = Some(errno),
                    Ok(never) => match never {},
                },
                Err(errno) => refusal = refusal.or(Some(errno)),
                Ok(never) => match never {},
            }
        }
        match refusal {
            Some(errno) => SandboxError::CommandNotExecutable { command: self.name.clone(), reason: errno.to_string() },
            None => SandboxError::CommandNotFound { command: self.name.clone() },
        }
    }

    /// A script without `#!` is the shell's, as with execvp(3).
    fn execute_by_shell(&self, script: &CString) -> Result<Infallible, Errno> {
        let shell = c"/bin/sh".to_owned();
        let mut arguments = vec![shell.clone(), script.clone()];
        arguments.extend(self.arguments.iter().skip(1).cloned());
        execve(&shell, &arguments, &self.environment)
    }
}

fn c_string(text: &OsStr) -> Result<CString, SandboxError> {
    CString::new(text.as_bytes())
        .map_err(|_| SandboxError::Invalid { reason: format!("`{}` contains a zero byte; remove it", text.display()) })
}

/// PID 1 once the program runs.
struct Init {
    /// The program, until it has ended.
    program: Option<Pid>,
    detached: bool,
    /// Stopping and going on are for everything inside.
    freezes: bool,
    /// Everything inside was asked to end.
    stopping: bool,
    shim: UnixStream,
}

impl Init {
    /// Reaps and forwards until it is time to exit, with this status.
    fn attend(&mut self) -> i32 {
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let Ok(signals) = SignalFd::with_flags(&handled_signals(), flags) else {
            return 125;
        };
        loop {
            if let Some(status) = self.reap() {
                return status;
            }
            let mut fds =
                [PollFd::new(signals.as_fd(), PollFlags::POLLIN), PollFd::new(self.shim.as_fd(), PollFlags::POLLIN)];
            match poll(&mut fds, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return 125,
            }
            // The shim says nothing any more: readable means that it is gone.
            if fds.last().and_then(PollFd::any) == Some(true) {
                return 125;
            }
            while let Ok(Some(signal)) = signals.read_signal() {
                let number = i32::try_from(signal.ssi_signo).unwrap_or_default();
                if let Ok(kind) = Signal::try_from(number)
                    && signal.ssi_code != FROM_KERNEL
                    && FORWARDED.contains(&kind)
                {
                    self.pass_on(kind);
                }
            }
        }
    }

    fn pass_on(&mut self, signal: Signal) {
        if self.detached && signal == Signal::SIGTERM {
            self.stopping = true;
            // Everything but this process; stopped programs hear it, too.
            let everything = Pid::from_raw(-1);
            let _ = kill(everything, Signal::SIGTERM);
            let _ = kill(everything, Signal::SIGCONT);
        } else if self.freezes && matches!(signal, Signal::SIGTSTP | Signal::SIGCONT) {
            // The kernel has nobody fork meanwhile: whoever does hears the signal first. No program can refuse to stop.
            let signal = if signal == Signal::SIGTSTP { Signal::SIGSTOP } else { signal };
            let _ = kill(Pid::from_raw(-1), signal);
        } else if let Some(program) = self.program {
            let _ = kill(program, signal);
        }
    }

    /// Collects the dead, and says whether it is time to exit.
    fn reap(&mut self) -> Option<i32> {
        loop {
            let (pid, outcome) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, Outcome::Exited { code }),
                Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, Outcome::Killed { signal: signal as i32 }),
                Err(Errno::EINTR) => continue,
                Err(Errno::ECHILD) if self.stopping => return Some(0),
                Ok(_) | Err(_) => return None,
            };
            if self.program != Some(pid) {
                continue;
            }
            self.program = None;
            let _ = write_line(&self.shim, &Report::Ended(outcome));
            if !self.detached {
                return Some(outcome.exit_status());
            }
        }
    }
}
