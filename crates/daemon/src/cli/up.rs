//! `sidegate up`: runs the daemon, here or detached.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use super::error::CliError;
use super::{UpArgs, print, runtime};
use crate::accounts::Wanted;
use crate::daemon::{self, Note, Options};
use crate::state_dir::StateDir;

/// How long a detached daemon may take until it serves: a machine with thousands of networks takes some seconds.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Runs the daemon until it is told to stop; with `--detach`, starts it and returns once it serves.
pub(super) fn run(args: &UpArgs) -> Result<ExitCode, CliError> {
    if args.detach {
        return detach(args);
    }
    log();
    let wanted = Wanted { account: args.account.clone(), access_key: args.access_key()?, region: args.region };
    let options = Options { state: args.state.path(), listen: args.listen, wanted };
    runtime()?.block_on(daemon::run(options))?;
    Ok(ExitCode::SUCCESS)
}

/// Logs to the standard error: what `SIDEGATE_LOG` says, in the form of `RUST_LOG`, or else all from `info` on.
fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SIDEGATE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_target(false)
        .init();
}

fn detach(args: &UpArgs) -> Result<ExitCode, CliError> {
    let state = StateDir::open(&args.state.path())?;
    let log_path = state.join("daemon.log");
    let log = fs::File::options().create(true).append(true).open(&log_path);
    let log = log.map_err(|e| CliError::system(format!("write `{}`", log_path.display()), &e))?;
    let begins = log.metadata().map_or(0, |meta| meta.len());
    let exe = std::env::current_exe().map_err(|e| CliError::system("find this program's file", &e))?;
    let mut command = Command::new(exe);
    command.args(std::env::args_os().skip(1).filter(|argument| argument != "--detach"));
    let for_errors = log.try_clone().map_err(|e| CliError::system("share the log", &e))?;
    command.stdin(Stdio::null()).stderr(for_errors).stdout(log);
    // A group of its own: what is typed at the caller's terminal is not for the daemon.
    let mut child = command.process_group(0).spawn().map_err(|e| CliError::system("start the daemon", &e))?;
    let limit = Instant::now() + START_LIMIT;
    loop {
        if let Some(note) = Note::read(&state).filter(|note| note.pid == child.id()) {
            print(&format!("Sidegate serves http://{} (pid {}); `sidegate down` ends it\n", note.api, note.pid))?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Ok(Some(status)) = child.try_wait() {
            let said = fs::read(&log_path).unwrap_or_default();
            let said = said.get(usize::try_from(begins).unwrap_or(usize::MAX)..).unwrap_or_default();
            let said = String::from_utf8_lossy(said);
            let said = said.trim().trim_start_matches("sidegate: ");
            let reason = if said.is_empty() { format!("it ended with {status}") } else { said.to_owned() };
            return Err(CliError::system("start the daemon", &reason));
        }
        if Instant::now() > limit {
            let reason = format!("it does not serve yet; see `{}`", log_path.display());
            return Err(CliError::system("start the daemon", &reason));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
