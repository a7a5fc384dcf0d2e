//! `sidegate down`: ends the daemon and everything that runs inside.
//!
//! Instances, programs of `sidegate exec`, the holder with its namespaces: nothing of a state directory runs afterwards.
//! What is stored stays, for the next `sidegate up`. (A daemon that is merely killed leaves all of it running.) Works
//! without a daemon too, for what one that was killed has left.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use sidegate_linux::holder;

use super::error::CliError;
use super::status::count;
use super::{StateArgs, print, remark};
use crate::control::{self, Answer, Client, ControlError, Request};
use crate::programs::end_remaining;
use crate::state_dir::{StateDir, StateDirError};

/// Arguments of `sidegate down`.
#[derive(Debug, Args)]
pub(crate) struct DownArgs {
    #[command(flatten)]
    state: StateArgs,
}

/// How long a daemon may take to end once nothing runs inside, or to start before it can be told to.
const END_LIMIT: Duration = Duration::from_secs(60);

/// How often the user hears how much is left.
const NEWS: Duration = Duration::from_secs(2);

/// Ends everything.
pub(super) fn run(args: &DownArgs) -> Result<ExitCode, CliError> {
    let path = args.state.path();
    // Perhaps that of a daemon which was down before its directory was removed.
    StateDir::forget_gone();
    if !path.is_dir() {
        print(&format!("nothing runs: there is no state directory `{}`\n", path.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let state = StateDir::open(&path)?;
    let mut had_daemon = stop_daemon(state.path())?;
    // No other daemon comes up while the rest is ended.
    let _lock = lock(&state, &mut had_daemon)?;
    let programs = end_remaining(state.path()).map_err(|e| CliError::system("end a program", &e))?;
    let had_holder = stop_holder(state.path())?;
    for name in [control::SOCKET, "daemon.json"] {
        let _ = fs::remove_file(state.join(name));
    }
    let kept = format!("what is stored in `{}` stays", state.path().display());
    print(&match (had_daemon, had_holder || programs > 0) {
        (true, _) => format!("ended the daemon and all that ran inside; {kept}\n"),
        (false, true) => format!(
            "no daemon ran; ended what one had left ({} and its networks); {kept}\n",
            count(programs, "program")
        ),
        (false, false) => format!("nothing ran; {kept}\n"),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Asks the daemon to end; says whether there was one.
fn stop_daemon(state: &Path) -> Result<bool, CliError> {
    let mut client = match Client::connect(state) {
        Err(ControlError::NoDaemon(_)) => return Ok(false),
        other => other?,
    };
    // However much there is to be ended.
    client.wait_for_ever()?;
    let mut answer = client.ask(&Request::Stop)?;
    let mut told = Instant::now();
    while let Answer::Ending { left } = answer {
        if told.elapsed() > NEWS {
            remark(&format!("ending what runs inside, {} left", count(left, "program")));
            told = Instant::now();
        }
        answer = client.next()?.unwrap_or(Answer::Done);
    }
    match answer {
        Answer::Done => Ok(true),
        other => Err(client.unexpected(&other).into()),
    }
}

/// Takes the daemon's place once it has ended. One that was about to start is told to end as soon as it listens.
fn lock(state: &StateDir, had_daemon: &mut bool) -> Result<File, CliError> {
    let limit = Instant::now() + END_LIMIT;
    loop {
        match state.lock() {
            Err(StateDirError::Taken { .. }) if Instant::now() < limit => {
                if !*had_daemon {
                    *had_daemon = stop_daemon(state.path())?;
                }
                thread::sleep(Duration::from_millis(10));
            }
            Err(StateDirError::Taken { path }) => return Err(CliError::Lingering(path)),
            other => return Ok(other?),
        }
    }
}

/// Ends the holder; says whether there was one. With it go the namespaces that nothing else is in.
fn stop_holder(state: &Path) -> Result<bool, CliError> {
    let socket = holder::socket_path(state);
    match fs::metadata(&socket) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        _ => {}
    }
    let Ok(client) = holder::Client::connect(&socket) else {
        // One that was killed leaves its socket.
        let _ = fs::remove_file(socket);
        return Ok(false);
    };
    client.stop().map_err(|e| CliError::system("end the namespace holder", &e))?;
    Ok(true)
}
