//! The process of an execution environment: its sandbox, what it says to the Runtime API, what it writes, and its end.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sidegate_linux::sandbox::{Ending, Running, Sandbox, SandboxError};
use sidegate_services::lambda::environment::{Event, StartError};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::NotStarted;
use super::freezer::Freezer;
use super::log_stream::LogStream;
use super::memory::{MemoryWatch, Watched};
use super::network::Lease;
use super::output::Output;
use super::runtime_api::{RuntimeApi, Told};

/// How long the kernel may take to end what was killed.
const END_LIMIT: Duration = Duration::from_secs(10);

/// Enough for a thread that waits.
const STACK: usize = 64 * 1024;

/// From where exit statuses mean signals, as with shells.
const SIGNALS: i32 = 128;

/// A process with its Runtime API.
pub(super) struct Process {
    api: Arc<RuntimeApi>,
    told: mpsc::UnboundedReceiver<Told>,
    pub(super) output: Output,
    pub(super) memory: Arc<Watched>,
    pub(super) started: Instant,
    ended: watch::Receiver<Option<i32>>,
    running: Handle,
    freezer: Arc<Freezer>,
    serving: JoinHandle<()>,
    /// Goes back when the process has ended; see [`Process::end`].
    _lease: Arc<Lease>,
}

/// The sandbox, for whoever ends it.
type Handle = Arc<Mutex<Running>>;

/// What happens to a process first.
#[derive(Debug)]
pub(super) enum Happening {
    /// It told something.
    Told(Told),
    /// It ended, with this status as a shell gives it.
    Ended(i32),
    /// It takes too much memory.
    OutOfMemory,
    /// Time is over.
    TimedOut,
}

/// What a process is started from.
pub(super) struct Start<'a> {
    pub(super) exe: &'a Path,
    pub(super) sandbox: Sandbox,
    pub(super) runtime_api: std::net::TcpListener,
    pub(super) lease: Lease,
    pub(super) log: Arc<LogStream>,
    pub(super) memory: &'a MemoryWatch,
    /// The most bytes.
    pub(super) limit: u64,
}

impl Process {
    /// Starts it. It runs when this returns; what goes wrong in it later, it tells.
    pub(super) async fn start(start: Start<'_>) -> Result<Self, NotStarted> {
        let Start { exe, sandbox, runtime_api, lease, log, memory, limit } = start;
        let failed = |error: &dyn std::fmt::Display| StartError::Failed(error.to_string());
        let listener = TcpListener::from_std(runtime_api).map_err(|error| failed(&error))?;
        let (exe, group) = (exe.to_owned(), memory.group(limit));
        let spawned = tokio::task::spawn_blocking(move || {
            let group = group();
            let mut running =
                sandbox.spawn_in(&exe, [Stdio::null(), Stdio::piped(), Stdio::piped()], group.as_deref())?;
            let ending = running.ending()?;
            let out = running.stdout.take().map(OwnedFd::from);
            let error = running.stderr.take().map(OwnedFd::from);
            Ok::<_, SandboxError>((running, ending, out, error, group))
        });
        let (running, ending, out, error, group) = match spawned.await.map_err(|error| failed(&error))? {
            Ok(spawned) => spawned,
            Err(SandboxError::CommandNotFound { .. } | SandboxError::CommandNotExecutable { .. }) => {
                return Err(NotStarted::Entrypoint);
            }
            Err(error) => return Err(failed(&error).into()),
        };
        let started = Instant::now();
        let (Some(out), Some(error)) = (out, error) else {
            return Err(StartError::Failed("its output cannot be read".to_owned()).into());
        };
        let output = Output::read(out, error, log).map_err(|error| failed(&error))?;
        let memory = memory.watch(running.shim_pid(), limit, group.clone());
        let (api, told) = RuntimeApi::new();
        let serving = Arc::clone(&api).serve(listener);
        let running: Handle = Arc::new(Mutex::new(running));
        let freezer = Freezer::new(Arc::clone(&running));
        let lease = Arc::new(lease);
        let held = (Arc::clone(&lease), group);
        let ended = await_end(ending, Arc::clone(&running), held).map_err(|error| failed(&error))?;
        Ok(Self { api, told, output, memory, started, ended, running, freezer, serving, _lease: lease })
    }

    /// What happens next, until a time.
    pub(super) async fn next(&mut self, until: Instant) -> Happening {
        let ended = async {
            let mut ended = self.ended.clone();
            match ended.wait_for(Option::is_some).await.map(|status| *status) {
                Ok(Some(status)) => status,
                _ => SIGNALS,
            }
        };
        tokio::select! {
            biased;
            // Who had too much for a moment may have told something before it was killed.
            Some(told) = self.told.recv() => if self.memory.has_exceeded() {
                Happening::OutOfMemory
            } else {
                Happening::Told(told)
            },
            () = self.memory.exceeded() => Happening::OutOfMemory,
            status = ended => {
                // What it told before it ended comes first, unless it was the kernel that ended it.
                match self.told.try_recv() {
                    _ if self.memory.has_exceeded() => Happening::OutOfMemory,
                    Ok(told) => Happening::Told(told),
                    Err(_) => Happening::Ended(status),
                }
            }
            () = tokio::time::sleep_until(until.into()) => Happening::TimedOut,
        }
    }

    /// Hands it an event, which it has so long for.
    pub(super) fn offer(&self, event: Event) {
        self.freezer.wake();
        self.api.offer(event);
    }

    /// Has it stand still until the next event.
    pub(super) fn rest(&self) {
        self.freezer.rest(&self.api);
    }

    /// Whether it has not ended.
    pub(super) fn is_alive(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Begins to end it, with all that it has left running.
    fn begin_end(&self) {
        self.serving.abort();
        self.running.lock().unwrap_or_else(PoisonError::into_inner).begin_end();
    }

    /// Ends it, and waits until nothing of it is there any more.
    pub(super) async fn end(&self) {
        self.begin_end();
        let mut ended = self.ended.clone();
        if tokio::time::timeout(END_LIMIT, ended.wait_for(Option::is_some)).await.is_err() {
            tracing::error!("the kernel does not end an execution environment");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.begin_end();
    }
}

/// Tells the status of a sandbox once it has ended. It is reaped, and what was held for it given back, before that: its place
/// in the network, and its group.
fn await_end(
    ending: Ending, running: Handle, held: impl Send + 'static,
) -> std::io::Result<watch::Receiver<Option<i32>>> {
    let (tell, ended) = watch::channel(None);
    let wait = move || {
        ending.wait();
        let status = running.lock().unwrap_or_else(PoisonError::into_inner).wait();
        drop(held);
        let _ = tell.send(Some(status.unwrap_or(SIGNALS)));
    };
    thread::Builder::new().name("ending".to_owned()).stack_size(STACK).spawn(wait)?;
    Ok(ended)
}

/// A status as Lambda says it: `exit status 1`, `signal: killed`. See [`exited`] for the one that means success.
///
/// [`exited`]: sidegate_services::lambda::environment::exited
pub(super) fn described(status: i32) -> String {
    let name = match status - SIGNALS {
        4 => "illegal instruction",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        15 => "terminated",
        _ => return format!("exit status {status}"),
    };
    format!("signal: {name}")
}

#[cfg(test)]
mod tests {
    use super::described;

    #[test]
    fn a_status_is_told_in_the_words_of_lambda() {
        assert_eq!(described(1), "exit status 1");
        assert_eq!(described(137), "signal: killed");
        assert_eq!(described(139), "signal: segmentation fault");
        assert_eq!(described(129), "exit status 129");
    }
}
