//! `sidegate up`: runs the daemon, here or detached.

use std::io;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidegate_linux::log_file::{self, StandardError};

use super::error::CliError;
use super::{UpArgs, print, runtime};
use crate::accounts::Wanted;
use crate::config::Config;
use crate::daemon::{self, Note, Options};
use crate::detached::{Detached, LOG};
use crate::interruption::Interruption;
use crate::state_dir::{self, StateDir};

/// How long a detached daemon may take until it serves: a machine with thousands of networks takes some seconds.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How often it is looked at meanwhile.
const PAUSE: Duration = Duration::from_millis(5);

/// Runs the daemon until it is told to stop; with `--detach`, starts it and returns once it serves.
pub(super) fn run(args: &UpArgs) -> Result<ExitCode, CliError> {
    if args.detach {
        return detach(args);
    }
    log(args);
    let access_key = args.access_key()?.map(|key| (key.id, key.secret));
    let wanted = Wanted { account: args.account.clone(), access_key, region: args.region };
    let config = args.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
    let options = Options {
        state: args.state.path(),
        listen: args.listen,
        wanted,
        upstreams: config.upstreams()?,
        models: config.models()?,
    };
    runtime()?.block_on(daemon::run(options))?;
    Ok(ExitCode::SUCCESS)
}

/// Logs to the standard error: what `SIDEGATE_LOG` says, in the form of `RUST_LOG`, or else all from `info` on. For a
/// detached daemon that is a file, which has bounds.
fn log(args: &UpArgs) {
    let error = Arc::new(StandardError::of(&args.state.path().join(LOG), log_file::LARGEST));
    let filter = tracing_subscriber::EnvFilter::try_from_env("SIDEGATE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || Line(Arc::clone(&error)))
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_target(false)
        .init();
}

/// A line of the log.
struct Line(Arc<StandardError>);

impl io::Write for Line {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.write(text).map(|()| text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn detach(args: &UpArgs) -> Result<ExitCode, CliError> {
    let state = StateDir::open(&args.state.path())?;
    let exe = std::env::current_exe().map_err(|e| CliError::system("find this program's file", &e))?;
    let mut command = Command::new(exe);
    command.args(std::env::args_os().skip(1).filter(|argument| argument != "--detach"));
    let end = state_dir::command(state.path(), "down");
    let note = runtime()?.block_on(start(state, command))?;
    print(&format!("Sidegate serves http://{} (pid {}); `{end}` ends it\n", note.api, note.pid))?;
    Ok(ExitCode::SUCCESS)
}

/// Starts a daemon and waits until it serves. One that does not, in time or before the user has had enough, is ended.
async fn start(state: StateDir, command: Command) -> Result<Note, CliError> {
    let mut interruption = Interruption::listen().map_err(|e| CliError::system("listen to signals", &e))?;
    let mut daemon = Detached::start(state, command)?;
    let limit = Instant::now() + START_LIMIT;
    loop {
        if let Some(note) = daemon.serves()? {
            return Ok(note);
        }
        if Instant::now() > limit {
            return Err(daemon.give_up(START_LIMIT).into());
        }
        tokio::select! {
            () = interruption.comes() => return Err(daemon.break_off().into()),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
