//! `sidegate up`: runs the daemon, here or detached.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::accounts::Wanted;
use crate::cli::UpArgs;
use crate::daemon::{self, Note, Options};
use crate::state_dir::StateDir;

/// How long a detached daemon may take until it serves: a machine with thousands of networks takes some seconds.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Runs the daemon until it is told to stop; with `--detach`, starts it and returns once it serves.
pub(crate) fn run(args: &UpArgs) -> Result<(), String> {
    if args.detach {
        return detach(args);
    }
    let access_key = match (&args.access_key_id, &args.secret_access_key) {
        (Some(id), Some(secret)) => Some((id.clone(), secret.clone())),
        (None, None) => None,
        _ => {
            return Err("an access key id and a secret access key belong together: give both, or neither".to_owned());
        }
    };
    let wanted = Wanted { account: args.account.clone(), access_key, region: args.region };
    let options = Options { state: args.state_path(), listen: args.listen, wanted };
    crate::cli::runtime()?.block_on(daemon::run(options)).map_err(|error| error.to_string())
}

fn detach(args: &UpArgs) -> Result<(), String> {
    let state = StateDir::open(&args.state_path()).map_err(|e| e.to_string())?;
    let log_path = state.join("daemon.log");
    let log = fs::File::options().create(true).append(true).open(&log_path);
    let log = log.map_err(|e| format!("cannot write `{}` ({e})", log_path.display()))?;
    let begins = log.metadata().map_or(0, |meta| meta.len());
    let exe = std::env::current_exe().map_err(|e| format!("cannot find this program's file ({e})"))?;
    let mut command = Command::new(exe);
    command.args(std::env::args_os().skip(1).filter(|argument| argument != "--detach"));
    command.stdin(Stdio::null()).stderr(log.try_clone().map_err(|e| e.to_string())?).stdout(log);
    // A group of its own: what is typed at the caller's terminal is not for the daemon.
    let mut child = command.process_group(0).spawn().map_err(|e| format!("cannot start the daemon ({e})"))?;
    let limit = Instant::now() + START_LIMIT;
    loop {
        if let Some(note) = Note::read(&state).filter(|note| note.pid == child.id()) {
            println!("Sidegate serves http://{} (pid {}); `sidegate down` ends it.", note.api, note.pid);
            return Ok(());
        }
        if let Ok(Some(status)) = child.try_wait() {
            let said = fs::read(&log_path).unwrap_or_default();
            let said = said.get(usize::try_from(begins).unwrap_or(usize::MAX)..).unwrap_or_default();
            let said = String::from_utf8_lossy(said);
            let said = said.trim().trim_start_matches("error: ");
            return Err(if said.is_empty() { format!("the daemon ended with {status}") } else { said.to_owned() });
        }
        if Instant::now() > limit {
            return Err(format!("the daemon does not serve yet; see `{}`", display(&log_path)));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn display(path: &Path) -> String {
    path.display().to_string()
}
