//! The shim: the process that watches over one sandbox from the outside.
//!
//! It keeps what the program must not have: real root, the host's file system,
//! the files of a detached program. It maps the ids of the inside, passes
//! signals on, and ends the inside when the caller of a foreground program is gone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::stat::{Mode, SFlag, umask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, dup2_stderr, dup2_stdin, dup2_stdout, getpid, setsid};

use super::error::Attempt;
use super::spec::{Report, Spec, SpecDetached, read_line, write_line};
use super::{Outcome, SandboxError, entry, init, privileges, sys};

/// Signals that are passed on to the program.
pub(super) const FORWARDED: [Signal; 9] = [
    Signal::SIGTERM,
    Signal::SIGINT,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGWINCH,
    Signal::SIGCONT,
    Signal::SIGTSTP,
];

/// `si_code` of what the kernel itself sends, such as the terminal's Ctrl-C:
/// the whole foreground process group has it already.
pub(super) const FROM_KERNEL: i32 = 0x80;

/// Exit status when the sandbox itself failed.
const SANDBOX_FAILED: u8 = 125;

/// Becomes the shim of the sandbox that is described on the socket `spec_fd`,
/// which the process inherited from [`super::Sandbox::run`] and its like.
///
/// Must be called while the process has a single thread. The exit code is the program's.
pub fn main(spec_fd: RawFd) -> ExitCode {
    let caller = match sys::inherit(spec_fd) {
        Ok(fd) => UnixStream::from(fd),
        Err(error) => {
            eprintln!("sidegate shim: {spec_fd} is no open descriptor: {error}");
            return ExitCode::from(SANDBOX_FAILED);
        }
    };
    let (spec, netns) = match Spec::receive(&caller) {
        Ok(received) => received,
        Err(error) => {
            eprintln!("sidegate shim: no sandbox was described: {error}");
            return ExitCode::from(SANDBOX_FAILED);
        }
    };
    match start(spec, netns) {
        Ok(Role::Shim(mut shim)) => shim.watch(caller),
        Ok(Role::Init(spec, netns, channel)) => {
            drop(caller);
            init::main(&spec, netns, channel)
        }
        Ok(Role::Watcher(mut shim)) => {
            let _ = write_line(&caller, &Report::Started);
            shim.watch(caller)
        }
        Ok(Role::Starter) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = write_line(&caller, &Report::Failed(error));
            ExitCode::from(SANDBOX_FAILED)
        }
    }
}

/// What this process has become.
enum Role {
    /// The process that the caller of a detached program waits for, and that has nothing to do.
    Starter,
    Shim(Shim),
    /// The shim of one more program in a running sandbox, which is started already.
    Watcher(Shim),
    Init(Spec, OwnedFd, UnixStream),
}

struct Shim {
    init: Pid,
    channel: UnixStream,
    signals: SignalFd,
    spec: Spec,
    /// Held for life by a detached program.
    _lock: Option<File>,
    /// What became of the program.
    outcome: Option<Outcome>,
    /// Why the program was not started.
    failure: Option<SandboxError>,
}

/// Everything up to the fork of init.
fn start(mut spec: Spec, netns: Option<OwnedFd>) -> Result<Role, SandboxError> {
    let mut lock = None;
    if let Some(files) = &spec.detached {
        if sys::fork().attempt("fork")?.is_some() {
            return Ok(Role::Starter);
        }
        lock = Some(detach(files)?);
    }
    refuse_open_directories()?;

    let mask = handled_signals();
    mask.thread_block().attempt("block signals")?;
    let signals =
        SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).attempt("receive signals")?;
    let (channel, inner) = UnixStream::pair().attempt("make a socket pair")?;
    if let Some(pid_file) = &spec.entered {
        let init = entry::start(&spec, Path::new(pid_file))?;
        return Ok(Role::Watcher(Shim { init, channel, signals, spec, _lock: None, outcome: None, failure: None }));
    }
    let netns = netns.ok_or_else(|| SandboxError::Invalid { reason: "there is no network to run in".to_owned() })?;
    unshare(CloneFlags::CLONE_NEWPID)
        .map_err(|errno| SandboxError::Namespace { what: "a PID namespace".to_owned(), reason: errno.to_string() })?;
    match sys::fork().attempt("fork")? {
        Some(init) => {
            // Init has them; the shim stays for as long as the program, and should be small.
            spec.contents = Vec::new();
            Ok(Role::Shim(Shim { init, channel, signals, spec, _lock: lock, outcome: None, failure: None }))
        }
        None => Ok(Role::Init(spec, netns, inner)),
    }
}

/// What shim and init wait for by descriptor.
pub(super) fn handled_signals() -> SigSet {
    let mut mask: SigSet = FORWARDED.into_iter().collect();
    mask.add(Signal::SIGCHLD);
    mask
}

/// Becomes a session of its own, with the files of a detached program.
fn detach(files: &SpecDetached) -> Result<File, SandboxError> {
    setsid().attempt("start a session")?;
    umask(Mode::from_bits_truncate(0o022));
    let lock = lock_pid_file(Path::new(&files.pid_file))?;
    match fs::remove_file(&files.status_file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(SandboxError::system("remove the last exit status", &error));
        }
        _ => {}
    }
    let null = File::open("/dev/null").attempt("open /dev/null")?;
    let log = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&files.log)
        .attempt(&format!("open the log `{}`", files.log.display()))?;
    dup2_stdin(&null).attempt("leave the caller's input")?;
    dup2_stdout(&log).attempt("leave the caller's output")?;
    dup2_stderr(&log).attempt("leave the caller's output")?;
    Ok(lock)
}

fn lock_pid_file(path: &Path) -> Result<File, SandboxError> {
    let action = format!("lock `{}`", path.display());
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).attempt(&action)?;
    // Somebody who asks whether the program runs holds a shared lock for a moment.
    let mut tries = 0;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(fs::TryLockError::WouldBlock) if tries < 20 => thread::sleep(Duration::from_millis(25)),
            Err(fs::TryLockError::WouldBlock) => {
                return Err(SandboxError::AlreadyRunning { pid_file: path.to_owned() });
            }
            Err(fs::TryLockError::Error(error)) => {
                return Err(SandboxError::system(action, &error));
            }
        }
        tries += 1;
    }
    file.set_len(0).attempt(&action)?;
    file.write_all(format!("{}\n", getpid()).as_bytes()).attempt(&action)?;
    Ok(file)
}

/// A directory among the standard descriptors would be a way out of the sandbox's root.
fn refuse_open_directories() -> Result<(), SandboxError> {
    for (name, fd) in
        [("input", io::stdin().as_fd()), ("output", io::stdout().as_fd()), ("error", io::stderr().as_fd())]
    {
        let is_directory = nix::sys::stat::fstat(fd)
            .is_ok_and(|stat| SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT == SFlag::S_IFDIR);
        if is_directory {
            let reason = format!("standard {name} is a directory; redirect it from a file");
            return Err(SandboxError::Invalid { reason });
        }
    }
    Ok(())
}

impl Shim {
    /// Waits for everything at once, until init has ended.
    fn watch(&mut self, caller: UnixStream) -> ExitCode {
        let mut caller = Some(caller);
        let mut channel_open = true;
        loop {
            if let Some(code) = self.reap(&mut caller) {
                return code;
            }
            let mut fds = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
            if channel_open {
                fds.push(PollFd::new(self.channel.as_fd(), PollFlags::POLLIN));
            }
            if let Some(caller) = &caller {
                fds.push(PollFd::new(caller.as_fd(), PollFlags::POLLIN));
            }
            if let Err(errno) = poll(&mut fds, PollTimeout::NONE)
                && errno != Errno::EINTR
            {
                self.kill_init();
            }
            let ready: Vec<bool> = fds.iter().map(|fd| fd.any() == Some(true)).collect();
            let is_ready = |index: usize| ready.get(index) == Some(&true);

            // Nothing is ever sent here after the description: readable means that the caller is gone.
            let caller_gone = caller.is_some() && is_ready(1 + usize::from(channel_open));
            self.forward_signals();
            if channel_open && is_ready(1) {
                channel_open = self.listen(&mut caller);
            }
            if caller_gone {
                caller = None;
                self.kill_init();
            }
        }
    }

    /// Takes one report of init, and says whether more may come.
    fn listen(&mut self, caller: &mut Option<UnixStream>) -> bool {
        let report = match read_line(&self.channel) {
            Ok(Some(report)) => report,
            Ok(None) | Err(_) => return false,
        };
        match report {
            Report::MapIds => self.map_ids(),
            Report::Started => {
                if let Some(caller) = caller {
                    let _ = write_line(caller, &Report::Started);
                }
                // A foreground program keeps the socket, as its lifeline.
                if self.spec.detached.is_some() {
                    *caller = None;
                }
            }
            Report::Failed(error) => self.failure = Some(error),
            Report::Ended(outcome) => self.record(outcome),
        }
        true
    }

    fn map_ids(&mut self) {
        match privileges::map_ids(self.init, self.spec.caller) {
            Ok(()) => {
                let _ = write_line(&self.channel, &());
            }
            Err(error) => {
                self.failure = Some(SandboxError::UserNamespace { reason: format!("mapping ids: {error}") });
                self.kill_init();
            }
        }
    }

    fn forward_signals(&mut self) {
        while let Ok(Some(signal)) = self.signals.read_signal() {
            let number = i32::try_from(signal.ssi_signo).unwrap_or_default();
            let Ok(kind) = Signal::try_from(number) else {
                continue;
            };
            if kind == Signal::SIGCHLD || signal.ssi_code == FROM_KERNEL {
                continue;
            }
            if self.spec.detached.is_none() {
                let _ = kill(self.init, kind);
                continue;
            }
            // A detached program has no terminal: TERM asks it to end, INT does not ask (see `detached.rs`).
            match kind {
                Signal::SIGTERM => drop(kill(self.init, kind)),
                Signal::SIGINT => self.kill_init(),
                _ => {}
            }
        }
    }

    fn kill_init(&self) {
        let _ = kill(self.init, Signal::SIGKILL);
    }

    /// The exit code, once init, and with it everything inside, has ended.
    fn reap(&mut self, caller: &mut Option<UnixStream>) -> Option<ExitCode> {
        let outcome = match waitpid(self.init, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(_, code)) => Outcome::Exited { code },
            Ok(WaitStatus::Signaled(_, signal, _)) => Outcome::Killed { signal: signal as i32 },
            Ok(_) | Err(Errno::EINTR) => return None,
            Err(_) => Outcome::Terminated,
        };
        // What init said last may still wait.
        while self.listen(caller) {}
        if let Some(error) = self.failure.take() {
            if let Some(caller) = caller {
                let _ = write_line(caller, &Report::Failed(error));
            }
            return Some(ExitCode::from(SANDBOX_FAILED));
        }
        if self.outcome.is_none() {
            self.record(if self.spec.detached.is_some() { Outcome::Terminated } else { outcome });
        }
        let status = outcome.exit_status();
        Some(ExitCode::from(u8::try_from(status).unwrap_or(SANDBOX_FAILED)))
    }

    /// Keeps what became of the program; on disk, where the daemon looks for it.
    fn record(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
        let Some(files) = &self.spec.detached else {
            return;
        };
        if let Err(error) = write_whole(Path::new(&files.status_file), &outcome) {
            // Goes to the program's log, the only place that is left.
            eprintln!("sidegate: cannot keep the exit status: {error}");
        }
    }
}

/// Writes a file so that a reader sees all of it or none.
fn write_whole(path: &Path, outcome: &Outcome) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&name)?;
    serde_json::to_writer(&mut file, outcome)?;
    file.sync_all()?;
    fs::rename(name, path)
}
