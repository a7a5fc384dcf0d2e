//! The caller's side of a sandbox: starts the shim, hands it the description,
//! waits for word that the program runs.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, pthread_sigmask, sigaction};
use nix::unistd::{getpgrp, tcgetpgrp, tcsetpgrp};

use super::error::Attempt;
use super::shim::FROM_KERNEL;
use super::spec::{Report, Spec, SpecDetached, read_line, validate};
use super::{Entry, Sandbox, SandboxError, sys};
use crate::cgroup::Group;

/// How long the inside may take to be built. A network file system of the host may be slow.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The files of a detached program, all in directories that the program cannot see.
#[derive(Debug, Clone, Copy)]
pub struct Detached<'a> {
    /// Takes what the program prints; appended to.
    pub log: &'a Path,
    /// Takes the program's [`super::Outcome`]; removed at the start.
    pub status_file: &'a Path,
    /// Locked for as long as the sandbox lives.
    pub pid_file: &'a Path,
}

/// A program with pipes, or whatever its standard descriptors were given.
/// Dropping it ends the program and everything that it started.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// The shim ends the inside when this is closed.
    lifeline: Option<UnixStream>,
    /// The program's input, if that is a pipe.
    pub stdin: Option<ChildStdin>,
    /// The program's output, if that is a pipe.
    pub stdout: Option<ChildStdout>,
    /// The program's error output, if that is a pipe.
    pub stderr: Option<ChildStderr>,
}

impl Sandbox {
    /// Runs the program on the caller's terminal and waits for it. Signals to
    /// the caller reach the program; if the caller dies, everything inside does.
    ///
    /// `exe` is run as `exe shim --spec-fd N`; it must call [`super::shim_main`].
    /// Returns the exit status as a shell gives it. One program at a time has
    /// the caller's signals; use [`Sandbox::spawn`] for many.
    pub fn run(&self, exe: &Path) -> Result<i32, SandboxError> {
        in_foreground(|| self.spawn(exe, Stdio::inherit(), Stdio::inherit(), Stdio::inherit()))
    }

    /// Starts the program with the given standard descriptors.
    pub fn spawn(&self, exe: &Path, stdin: Stdio, stdout: Stdio, stderr: Stdio) -> Result<Running, SandboxError> {
        self.spawn_in(exe, [stdin, stdout, stderr], None)
    }

    /// The same, with everything of the sandbox in a control group from its first moment on.
    pub fn spawn_in(&self, exe: &Path, standard: [Stdio; 3], group: Option<&Group>) -> Result<Running, SandboxError> {
        validate(self)?;
        let doors = group.map_or(Ok(Vec::new()), Group::doors).attempt("open a control group")?;
        let child_and_socket = start_shim(exe, standard, doors, |to| Spec::of(self, None).send(to, Some(self)))?;
        Running::start(child_and_socket, exe)
    }

    /// Starts the program so that it outlives the caller. It is found again by its `pid_file`.
    ///
    /// When the command has ended, the sandbox goes on, with whatever the command
    /// left running, until [`super::terminate`].
    pub fn spawn_detached(&self, exe: &Path, files: Detached<'_>) -> Result<(), SandboxError> {
        let files = SpecDetached {
            log: absolute(files.log)?.into_os_string(),
            status_file: absolute(files.status_file)?.into_os_string(),
            pid_file: absolute(files.pid_file)?.into_os_string(),
        };
        validate(self)?;
        let standard = [Stdio::null(), Stdio::null(), Stdio::null()];
        let (mut child, socket) =
            start_shim(exe, standard, Vec::new(), |to| Spec::of(self, Some(files)).send(to, Some(self)))?;
        let started = await_start(&socket, exe);
        // Not the shim, but the process that started it and ended at once.
        child.wait().attempt("wait for the start of the sandbox")?;
        started
    }
}

impl Entry {
    /// Runs the program on the caller's terminal and waits for it, as [`Sandbox::run`] does.
    pub fn run(&self, exe: &Path) -> Result<i32, SandboxError> {
        in_foreground(|| self.spawn(exe, Stdio::inherit(), Stdio::inherit(), Stdio::inherit()))
    }

    /// Starts the program with the given standard descriptors. Only the program itself
    /// ends with its caller; what it started belongs to the sandbox.
    pub fn spawn(&self, exe: &Path, stdin: Stdio, stdout: Stdio, stderr: Stdio) -> Result<Running, SandboxError> {
        let pid_file = absolute(&self.pid_file)?;
        let child_and_socket =
            start_shim(exe, [stdin, stdout, stderr], Vec::new(), |to| Spec::of_entry(self, pid_file).send(to, None))?;
        Running::start(child_and_socket, exe)
    }
}

/// Starts the shim, and describes to it what to do.
fn start_shim(
    exe: &Path, [stdin, stdout, stderr]: [Stdio; 3], doors: Vec<File>,
    describe: impl FnOnce(&UnixStream) -> io::Result<()>,
) -> Result<(Child, UnixStream), SandboxError> {
    let failed = |reason: io::Error| SandboxError::Shim { exe: exe.display().to_string(), reason: reason.to_string() };
    let (ours, theirs) = UnixStream::pair().map_err(failed)?;
    let mut command = Command::new(exe);
    command.arg("shim").arg("--spec-fd").arg(theirs.as_raw_fd().to_string());
    command.env_clear().stdin(stdin).stdout(stdout).stderr(stderr);
    keep_open(&mut command, theirs.as_raw_fd());
    enter_groups(&mut command, doors);
    let child = command.spawn().map_err(failed)?;
    drop(theirs);
    // A shim that dies over it says why, or its silence is reported.
    let _ = describe(&ours);
    Ok((child, ours))
}

/// Gives a program the caller's signals and terminal while it runs.
fn in_foreground(spawn: impl FnOnce() -> Result<Running, SandboxError>) -> Result<i32, SandboxError> {
    let _terminal = Foreground::remember();
    // Before the start: a signal may come as soon as the program runs.
    let forwarding = Forwarding::claim();
    let mut running = spawn()?;
    if let Some(forwarding) = &forwarding {
        forwarding.direct_to(&running.child);
    }
    running.wait()
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, SandboxError> {
    std::path::absolute(path).attempt(&format!("find `{}`", path.display()))
}

/// Lets one descriptor survive exec in the child only, so that no other child of a busy daemon gets it.
#[expect(unsafe_code, reason = "pre_exec runs between fork and exec")]
fn keep_open(command: &mut Command, fd: RawFd) {
    let keep = move || {
        // SAFETY: fcntl is async-signal-safe, and the descriptor is open: its owner lives until after the spawn.
        let result = unsafe { libc::fcntl(fd, libc::F_SETFD, 0) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    };
    // SAFETY: `keep` makes one async-signal-safe call and allocates nothing.
    unsafe { command.pre_exec(keep) };
}

/// Puts a process into control groups before it does anything.
#[expect(unsafe_code, reason = "pre_exec runs between fork and exec")]
pub(crate) fn enter_groups(command: &mut Command, doors: Vec<File>) {
    // Zero is whoever writes it.
    let enter = move || doors.iter().try_for_each(|mut door| door.write_all(b"0"));
    // SAFETY: `enter` writes to open descriptors, which is async-signal-safe, and allocates nothing.
    unsafe { command.pre_exec(enter) };
}

fn await_start(socket: &UnixStream, exe: &Path) -> Result<(), SandboxError> {
    let failed = |reason: String| SandboxError::Shim { exe: exe.display().to_string(), reason };
    socket.set_read_timeout(Some(START_LIMIT)).attempt("limit the wait for the sandbox")?;
    match read_line(socket) {
        Ok(Some(Report::Started)) => Ok(()),
        Ok(Some(Report::Failed(error))) => Err(error),
        Ok(Some(other)) => Err(failed(format!("unexpected report {other:?}"))),
        Ok(None) => Err(failed("it ended without a word".to_owned())),
        Err(error) => Err(failed(error.to_string())),
    }
}

impl Running {
    fn start((mut child, socket): (Child, UnixStream), exe: &Path) -> Result<Self, SandboxError> {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let started = await_start(&socket, exe);
        // Dropped on failure, which waits for the shim to end.
        let running = Self { child, lifeline: Some(socket), stdin, stdout, stderr };
        started.map(|()| running)
    }

    /// Waits for the program, and returns its exit status as a shell gives it.
    pub fn wait(&mut self) -> Result<i32, SandboxError> {
        drop(self.stdin.take());
        let status = self.child.wait().attempt("wait for the sandbox")?;
        shell_status(status)
    }

    /// The exit status, if the program has ended.
    pub fn try_wait(&mut self) -> Result<Option<i32>, SandboxError> {
        self.child.try_wait().attempt("look at the sandbox")?.map(shell_status).transpose()
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) -> Result<(), SandboxError> {
        let pid = i32::try_from(self.child.id()).attempt("find the sandbox")?;
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal).attempt("signal the sandbox")
    }

    /// Has everything inside a function's sandbox stand still, in a moment. What was asked for last counts.
    pub fn freeze(&mut self) -> Result<(), SandboxError> {
        self.signal_if_there(Signal::SIGTSTP)
    }

    /// Has everything inside a function's sandbox go on, in a moment.
    pub fn thaw(&mut self) -> Result<(), SandboxError> {
        self.signal_if_there(Signal::SIGCONT)
    }

    /// Once the shim has been waited for, its pid may be another process's.
    fn signal_if_there(&mut self, signal: Signal) -> Result<(), SandboxError> {
        match self.child.try_wait().attempt("look at the sandbox")? {
            None => self.signal(signal),
            Some(_) => Ok(()),
        }
    }

    /// Ends the program and everything that it started, at once, and waits for it.
    pub fn kill(&mut self) -> Result<(), SandboxError> {
        drop(self.lifeline.take());
        self.child.wait().attempt("wait for the sandbox").map(drop)
    }

    /// The end of the program and of everything inside, for whoever waits for it and has not this value.
    pub fn ending(&self) -> Result<Ending, SandboxError> {
        let pid = i32::try_from(self.child.id()).attempt("find the sandbox")?;
        // Nobody else has this number: the shim is waited for by this value alone.
        sys::pidfd_open(nix::unistd::Pid::from_raw(pid)).map(Ending).attempt("watch the sandbox")
    }

    /// Has the program ended with everything that it started, without waiting for that.
    pub fn begin_end(&mut self) {
        drop(self.lifeline.take());
    }

    /// The pid of the shim, for logs.
    pub fn shim_pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Reaps the shim; a program that has ended is not touched.
        let _ = self.kill();
    }
}

/// The end of a sandbox.
#[derive(Debug)]
pub struct Ending(OwnedFd);

impl Ending {
    /// Waits for it.
    pub fn wait(self) {
        // Interrupted, it is waited for again.
        while poll(&mut [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE) == Err(Errno::EINTR) {}
    }
}

fn shell_status(status: ExitStatus) -> Result<i32, SandboxError> {
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .ok_or_else(|| SandboxError::system("understand how the sandbox ended", &format!("{status}")))
}

/// The shim that gets the signals of this process, or one of the two below.
static FOREGROUND: AtomicI32 = AtomicI32::new(NOBODY);
/// No foreground program.
const NOBODY: i32 = 0;
/// A foreground program that does not run yet.
const STARTING: i32 = -1;
/// The last signal that came while it was starting, or zero.
static EARLY: AtomicI32 = AtomicI32::new(0);

/// Signals that would otherwise end the caller, and leave the program to be killed, or stop it alone.
const TAKEN: [Signal; 9] = [
    Signal::SIGTERM,
    Signal::SIGINT,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGWINCH,
    Signal::SIGTSTP,
    Signal::SIGCONT,
];

/// While it lives, signals to this process go to the shim.
struct Forwarding {
    previous: Vec<(Signal, SigAction)>,
}

impl Forwarding {
    /// Takes the signals, unless another foreground program has them already.
    fn claim() -> Option<Self> {
        FOREGROUND.compare_exchange(NOBODY, STARTING, Ordering::SeqCst, Ordering::SeqCst).ok()?;
        let action = SigAction::new(SigHandler::SigAction(forward), SaFlags::SA_RESTART, SigSet::empty());
        let previous = TAKEN
            .iter()
            .filter_map(|signal| {
                let before = replace_action(*signal, &action)?;
                // What the caller ignores (nohup), the program is to ignore, too.
                if matches!(before.handler(), SigHandler::SigIgn) {
                    replace_action(*signal, &before);
                    return None;
                }
                Some((*signal, before))
            })
            .collect();
        Some(Self { previous })
    }

    /// Sends them to the shim from now on, and what came meanwhile.
    fn direct_to(&self, child: &Child) {
        let Ok(pid) = i32::try_from(child.id()) else {
            return;
        };
        FOREGROUND.store(pid, Ordering::SeqCst);
        if let Ok(signal) = Signal::try_from(EARLY.swap(0, Ordering::SeqCst)) {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal);
        }
    }
}

impl Drop for Forwarding {
    fn drop(&mut self) {
        for (signal, action) in &self.previous {
            replace_action(*signal, action);
        }
        EARLY.store(0, Ordering::SeqCst);
        FOREGROUND.store(NOBODY, Ordering::SeqCst);
    }
}

#[expect(unsafe_code, reason = "changing a signal's disposition")]
fn replace_action(signal: Signal, action: &SigAction) -> Option<SigAction> {
    // SAFETY: the handler is `forward`, which is async-signal-safe, or what was there before.
    unsafe { sigaction(signal, action) }.ok()
}

/// Passes a signal on to the shim, unless the terminal has sent it to the whole process group anyway.
#[expect(unsafe_code, reason = "a signal handler")]
extern "C" fn forward(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    let shim = FOREGROUND.load(Ordering::SeqCst);
    // SAFETY: with SA_SIGINFO the kernel passes a valid siginfo; nix sets that flag for this kind of handler.
    let code = unsafe { (*info).si_code };
    if shim == STARTING && code != FROM_KERNEL {
        EARLY.store(signal, Ordering::SeqCst);
    }
    if shim > 0 && code != FROM_KERNEL {
        // SAFETY: both calls are async-signal-safe, and the location of errno is this thread's own; it
        // is put back, for the interrupted code may be about to read it.
        unsafe {
            let errno = libc::__errno_location();
            let before = *errno;
            libc::kill(shim, signal);
            *errno = before;
        }
    }
    // Who is stopped stops with the program, whoever else was told.
    if signal == libc::SIGTSTP {
        // SAFETY: async-signal-safe, and without effect on errno if it succeeds, which stopping oneself does.
        unsafe {
            libc::raise(libc::SIGSTOP);
        }
    }
}

/// The terminal's foreground process group, given back at the end: a shell
/// inside makes its own the foreground, and cannot know the number of ours.
struct Foreground;

impl Foreground {
    fn remember() -> Option<Self> {
        (tcgetpgrp(io::stdin().as_fd()).ok()? == getpgrp()).then_some(Self)
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        let stdin = io::stdin();
        if tcgetpgrp(stdin.as_fd()) == Ok(getpgrp()) {
            return;
        }
        // Out of the foreground, the request itself would stop this process.
        let mut blocked = SigSet::empty();
        blocked.add(Signal::SIGTTOU);
        let mut before = SigSet::empty();
        if pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut before)).is_ok() {
            let _ = tcsetpgrp(stdin.as_fd(), getpgrp());
            let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None);
        }
    }
}
