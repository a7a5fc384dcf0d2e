//! A daemon of the benchmark's own, with a state directory that goes with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{BenchError, Step as _};
use crate::client::Client;
use crate::own_directory::OwnDirectory;
use crate::store::AccessKey;

/// Where it is said to be. Everything stays on this machine.
pub(super) const REGION: &str = "us-east-1";

/// The configuration file, in the directory of a daemon.
const CONFIG: &str = "sidegate.toml";

/// How long a start may take before it has failed: on nothing, and where there is much to be read back.
const START_LIMIT: Duration = Duration::from_secs(60);
const RESTART_LIMIT: Duration = Duration::from_secs(600);

/// How often a start looks whether it is done: a fraction of what is measured.
const GLANCE: Duration = Duration::from_millis(1);

/// A running daemon. Dropping it ends it with all that runs inside, and removes its state.
pub(super) struct Daemon {
    exe: PathBuf,
    pub(super) client: Client,
    key: AccessKey,
    /// Of its API.
    address: String,
    child: Child,
    directory: OwnDirectory,
}

impl Daemon {
    /// Starts one on an empty state directory; tells how long it took until it served.
    pub(super) fn start(exe: &Path) -> Result<(Self, Duration), BenchError> {
        Self::configured(exe, "")
    }

    /// One with this configuration file.
    pub(super) fn configured(exe: &Path, config: &str) -> Result<(Self, Duration), BenchError> {
        let directory = OwnDirectory::create("bench", exe).step("making a directory")?;
        fs::create_dir(directory.path().join("work")).step("making a directory for programs")?;
        fs::write(directory.path().join(CONFIG), config).step("writing a configuration")?;
        let key = key()?;
        let (child, address, took) = launch(exe, directory.path(), &key, START_LIMIT)?;
        let client = Client::new(&address, key.clone(), REGION);
        Ok((Self { exe: exe.to_owned(), client, key, address, child, directory }, took))
    }

    /// Stops it, starts it on the same state, and tells how long the start took.
    pub(super) fn restart(&mut self) -> Result<Duration, BenchError> {
        self.down()?;
        let (child, address, took) = launch(&self.exe, self.directory.path(), &self.key, RESTART_LIMIT)?;
        (self.child, self.client) = (child, Client::new(&address, self.key.clone(), REGION));
        self.address = address;
        Ok(took)
    }

    /// Kills it as a crash would, starts it on the same state, and tells how long the start took.
    pub(super) fn crash_and_start(&mut self) -> Result<Duration, BenchError> {
        self.child.kill().step("killing the daemon")?;
        self.child.wait().step("killing the daemon")?;
        // Else the start would be seen as done before it began.
        fs::remove_file(self.state().join("daemon.json")).step("killing the daemon")?;
        let (child, address, took) = launch(&self.exe, self.directory.path(), &self.key, RESTART_LIMIT)?;
        (self.child, self.client) = (child, Client::new(&address, self.key.clone(), REGION));
        self.address = address;
        Ok(took)
    }

    /// A client of another account, which is made with it.
    pub(super) fn client_of(&self, account: &str, region: &str) -> Result<Client, BenchError> {
        const STEP: &str = "making an account";
        let output = self.command("env").args(["--account", account]).output().step(STEP)?;
        let said = String::from_utf8_lossy(&output.stdout);
        let value = |name: &str| {
            let lines = said.lines().filter_map(|line| line.strip_prefix("export ")?.strip_prefix(name));
            lines
                .filter_map(|rest| rest.strip_prefix('='))
                .next()
                .map(|text| text.trim_matches('\'').to_owned())
                .step(STEP)
        };
        let (id, secret) = (value("AWS_ACCESS_KEY_ID")?, value("AWS_SECRET_ACCESS_KEY")?);
        Ok(Client::new(&self.address, AccessKey { id, account: account.to_owned(), secret }, region))
    }

    /// Its state directory.
    pub(super) fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// The key of its first account's root user.
    pub(super) fn key(&self) -> &AccessKey {
        &self.key
    }

    /// Its process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The directory that programs inside start from.
    pub(super) fn work(&self) -> PathBuf {
        self.directory.path().join("work")
    }

    /// One of the program's own commands on this daemon.
    pub(super) fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.exe);
        command.arg(subcommand).arg("--state").arg(self.state());
        command.current_dir(self.work()).stdin(Stdio::null());
        command
    }

    /// Ends it, and tells if that fails.
    pub(super) fn stop(mut self) -> Result<(), BenchError> {
        self.down()
    }

    fn down(&mut self) -> Result<(), BenchError> {
        let output = self.command("down").output().step("ending the daemon")?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(BenchError::Step { step: "ending the daemon".to_owned(), reason });
        }
        self.child.wait().step("ending the daemon").map(drop)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.command("down").stdout(Stdio::null()).stderr(Stdio::null()).status();
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn key() -> Result<AccessKey, BenchError> {
    let random = |length: usize| -> Result<String, BenchError> {
        let mut bytes = vec![0_u8; length];
        aws_lc_rs::rand::fill(&mut bytes).step("making an access key")?;
        Ok(bytes.iter().map(|b| format!("{b:02X}")).collect())
    };
    let account = crate::accounts::FIRST_ACCOUNT.to_owned();
    Ok(AccessKey { id: format!("AKIA{}", random(8)?), account, secret: random(20)? })
}

fn launch(
    exe: &Path, directory: &Path, key: &AccessKey, limit: Duration,
) -> Result<(Child, String, Duration), BenchError> {
    const STEP: &str = "starting a daemon";
    use std::os::unix::process::CommandExt as _;
    let (state, log) = (directory.join("state"), directory.join("daemon.log"));
    let note = state.join("daemon.json");
    let output = fs::File::options().create(true).append(true).open(&log).step(STEP)?;
    let mut command = Command::new(exe);
    command.args(["up", "--listen", "127.0.0.1:0", "--region", REGION, "--state"]).arg(&state);
    command.arg("--config").arg(directory.join(CONFIG));
    command.env("SIDEGATE_ACCESS_KEY_ID", &key.id).env("SIDEGATE_SECRET_ACCESS_KEY", &key.secret);
    command.stdin(Stdio::null()).stdout(output.try_clone().step(STEP)?).stderr(output).process_group(0);
    let begin = Instant::now();
    let mut child = command.spawn().step(STEP)?;
    loop {
        if let Some(address) = fs::read(&note).ok().as_deref().and_then(address_in) {
            return Ok((child, address, begin.elapsed()));
        }
        let ended = child.try_wait().step(STEP)?;
        if ended.is_some() || begin.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            let said = fs::read_to_string(&log).unwrap_or_default();
            return Err(BenchError::Step { step: STEP.to_owned(), reason: said.trim().to_owned() });
        }
        std::thread::sleep(GLANCE);
    }
}

fn address_in(note: &[u8]) -> Option<String> {
    let note: serde_json::Value = serde_json::from_slice(note).ok()?;
    note.get("api")?.as_str().map(str::to_owned)
}
