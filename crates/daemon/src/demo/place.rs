//! Where the demo takes place: a directory of its own, and a daemon with its state directory in there.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;
use sidegate_edge::events::Event;
use tokio::process::Command;

use super::instance::Instance;
use super::narration::{self, Narration};
use super::{DemoError, Models, Step as _};
use crate::billing::Records;
use crate::client::Client;
use crate::control::{self, Answer, Request};
use crate::detached::Detached;
use crate::own_directory::OwnDirectory;
use crate::shell;
use crate::state_dir::StateDir;
use crate::store::AccessKey;

/// The Region of the demo.
pub(super) const REGION: &str = "us-east-1";

/// How long the daemon may take to start, and to end.
const DAEMON_LIMIT: Duration = Duration::from_secs(60);

/// How long the process may take to go once `sidegate down` has ended its work.
const PATIENCE_AFTER_DOWN: Duration = Duration::from_secs(10);

/// How often the daemon is looked at meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

/// How many events are read: as many as a daemon keeps in memory.
const EVENTS: usize = 4096;

/// All that the demo leaves on the machine until [`Place::clear`]: a directory, and a daemon with what runs inside.
pub(super) struct Place {
    exe: PathBuf,
    /// Holds the state directory.
    directory: OwnDirectory,
    daemon: Option<Detached>,
}

/// A running daemon, as its administrator has it.
pub(super) struct Stage {
    exe: PathBuf,
    directory: PathBuf,
    address: String,
    pub(super) account: String,
    pub(super) client: Client,
}

/// What a program inside left.
pub(super) struct Inside {
    pub(super) output: String,
    errors: String,
    is_success: bool,
}

impl Place {
    /// Makes the directory; nothing runs yet.
    pub(super) fn prepare(exe: &Path) -> Result<Self, DemoError> {
        let directory = OwnDirectory::create("demo", exe).step("making a directory for the demo")?;
        Ok(Self { exe: exe.to_owned(), directory, daemon: None })
    }

    /// Starts a daemon on a state directory of its own, perhaps with models of another server.
    pub(super) async fn start(&mut self, models: Option<&Models>) -> Result<Stage, DemoError> {
        const STEP: &str = "starting the daemon";
        let key = access_key()?;
        let account = key.account.clone();
        let state = StateDir::open(&state(self.directory.path())).step("making a state directory")?;
        let mut command = std::process::Command::new(&self.exe);
        command.args(["up", "--listen", "127.0.0.1:0", "--region", REGION, "--state"]).arg(state.path());
        command.env("SIDEGATE_ACCESS_KEY_ID", &key.id).env("SIDEGATE_SECRET_ACCESS_KEY", &key.secret);
        if let Some(models) = models {
            let config = self.directory.path().join("sidegate.toml");
            std::fs::write(&config, models.config()).step("writing the daemon's configuration")?;
            command.arg("--config").arg(config);
        }
        let daemon = self.daemon.insert(Detached::start(state, command).step(STEP)?);
        let limit = Instant::now() + DAEMON_LIMIT;
        let address = loop {
            match daemon.serves().step(STEP)? {
                Some(note) => break note.api.to_string(),
                None if Instant::now() < limit => tokio::time::sleep(PAUSE).await,
                None => {
                    let reason = format!("it does not serve after {} s", DAEMON_LIMIT.as_secs());
                    return Err(DemoError::step(STEP, reason));
                }
            }
        };
        let client = Client::new(&address, key, REGION);
        Ok(Stage { exe: self.exe.clone(), directory: self.directory.path().to_owned(), address, account, client })
    }

    /// Ends the daemon and all that runs inside, and removes the directory.
    pub(super) async fn clear(mut self) -> Result<(), DemoError> {
        if let Some(mut daemon) = self.daemon.take() {
            // One that is about to start listens to nobody, and would be in the middle of something.
            let limit = Instant::now() + DAEMON_LIMIT;
            while matches!(daemon.serves(), Ok(None)) && Instant::now() < limit {
                tokio::time::sleep(PAUSE).await;
            }
            let mut ended = self.down().await;
            let limit = Instant::now() + PATIENCE_AFTER_DOWN;
            while ended.is_ok() && !daemon.has_ended() && Instant::now() < limit {
                tokio::time::sleep(PAUSE).await;
            }
            if !daemon.has_ended() {
                daemon.kill();
                ended = self.down().await;
            }
            ended?;
        }
        self.directory.remove().step("removing the demo's directory")
    }

    /// Leaves all of it.
    pub(super) fn keep(self) -> Result<(), DemoError> {
        self.directory.keep().step("keeping the demo's directory")
    }

    async fn down(&self) -> Result<(), DemoError> {
        const STEP: &str = "ending the daemon";
        let mut command = Command::new(&self.exe);
        command.arg("down").arg("--state").arg(state(self.directory.path())).stdin(Stdio::null());
        // What is typed at the terminal does not end it half-way.
        let output = command.process_group(0).output().await.step(STEP)?;
        if output.status.success() {
            return Ok(());
        }
        Err(DemoError::step(STEP, String::from_utf8_lossy(&output.stderr).trim()))
    }
}

fn state(directory: &Path) -> PathBuf {
    directory.join("state")
}

fn access_key() -> Result<AccessKey, DemoError> {
    let random = |length: usize| -> Result<String, DemoError> {
        let mut bytes = vec![0_u8; length];
        aws_lc_rs::rand::fill(&mut bytes).step("making an access key")?;
        Ok(bytes.iter().map(|b| format!("{b:02X}")).collect())
    };
    Ok(AccessKey {
        id: format!("AKIA{}", random(8)?),
        account: crate::accounts::FIRST_ACCOUNT.to_owned(),
        secret: random(20)?,
    })
}

impl Stage {
    /// The state directory.
    pub(super) fn state(&self) -> PathBuf {
        state(&self.directory)
    }

    /// Calls an action of EC2 that makes or finds something, and returns one element of the answer.
    pub(super) async fn make(
        &self, action: &'static str, parameters: &[(&str, &str)], element: &str,
    ) -> Result<String, DemoError> {
        let answer = self.client.ec2(action, parameters).await.step(action)?;
        let found = answer.text(element).map(str::to_owned);
        found.ok_or_else(|| DemoError::step(action, format!("the answer has no {element}")))
    }

    /// Runs a program in an instance, with this at its standard input, and waits for it.
    pub(super) async fn inside(&self, instance: &str, program: &[&str], input: Vec<u8>) -> std::io::Result<Inside> {
        use tokio::io::AsyncWriteExt as _;
        let mut command = self.own("exec");
        command.arg(instance).arg("--").args(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let stdin = child.stdin.take();
        let write = async {
            // A program that does not want it says itself why.
            if let Some(mut stdin) = stdin {
                let _ = stdin.write_all(&input).await;
            }
        };
        let (output, ()) = tokio::join!(child.wait_with_output(), write);
        let output = output?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        Ok(Inside { output: text(&output.stdout), errors: text(&output.stderr), is_success: output.status.success() })
    }

    /// The events of the daemon, newest last.
    pub(super) async fn events(&self) -> Result<Vec<Event>, DemoError> {
        const STEP: &str = "reading the events";
        let state = self.state();
        let read = tokio::task::spawn_blocking(move || {
            let mut client = control::Client::connect(&state)?;
            let mut events = Vec::new();
            let mut answer = Some(client.ask(&Request::Events { last: EVENTS, follow: false })?);
            while let Some(Answer::Event(event)) = answer {
                events.push(event);
                answer = client.next()?;
            }
            Ok::<_, control::ControlError>(events)
        });
        let events = read.await.step(STEP)?.step(STEP)?;
        events.into_iter().map(serde_json::from_value).collect::<Result<_, _>>().step(STEP)
    }

    /// What was used from one moment until another.
    pub(super) async fn records(&self, from: i64, until: i64) -> Result<Records, DemoError> {
        const STEP: &str = "reading what was used";
        let state = self.state();
        let read = tokio::task::spawn_blocking(move || {
            let mut client = control::Client::connect(&state)?;
            match client.ask(&Request::Records { from, until })? {
                Answer::Records(records) => Ok(*records),
                other => Err(client.unexpected(&other)),
            }
        });
        read.await.step(STEP)?.step(STEP)
    }

    fn own(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.exe);
        command.arg(subcommand).arg("--state").arg(self.state()).stdin(Stdio::null());
        command
    }

    /// Leaves everything as it is and says how to go on.
    pub(super) fn keep(&self, narration: &Narration, function: &str, instance: &Instance, question: &str) {
        narration.title("Kept");
        let serves = format!(
            "The daemon serves http://{}. In a root shell, with `sidegate` and the AWS CLI in the PATH:",
            self.address
        );
        narration.text(&narration::wrapped(&serves, narration.prose()).join("\n"));
        narration.text("");
        let going_on = going_on(&self.directory, function, (&instance.id, instance.clients()), question);
        narration.text(&going_on);
    }
}

/// The commands with which one goes on: no line is longer than a narrow terminal, but for paths and questions in it.
fn going_on(directory: &Path, function: &str, (instance, clients): (&str, &Path), question: &str) -> String {
    let word = |path: &Path| shell::word(&path.to_string_lossy());
    // In one line, since it stands in one.
    let question = question.split_whitespace().collect::<Vec<_>>().join(" ");
    format!(
        "export SIDEGATE_STATE={state}\n\
         eval \"$(sidegate env)\"      # leads the AWS CLI to it\n\
         printf '%s\\n' {question} \\\n  > question.json\n\
         aws lambda invoke --function-name {function} \\\n  --payload fileb://question.json answer.json\n\
         python3 -m json.tool answer.json\n\
         sidegate events            # the newest requests, with path and decision\n\
         # a shell on the instance, with the AWS CLI:\n\
         sidegate exec {instance} -- env AWS_REGION={REGION} \\\n  \
         PATH={clients}:\"$PATH\" sh\n\
         sidegate down && rm -r {}  # ends it\n",
        word(directory),
        state = word(&state(directory)),
        clients = word(clients),
        question = shell::word(&json!({ "question": question }).to_string()),
    )
}

impl Inside {
    /// What the program printed, if it ended well.
    pub(super) fn success(self, step: &'static str) -> Result<String, DemoError> {
        if self.is_success {
            return Ok(self.output);
        }
        let said = if self.errors.is_empty() { self.output } else { self.errors };
        Err(DemoError::step(step, said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_with_which_one_goes_on_are_narrow_and_find_the_clients() {
        let place = ("i-0123456789abcdef0", Path::new("/s/.venv/bin"));
        let told = going_on(Path::new("/t"), "document-qa", place, "What does REJECT mean in a flow log?");
        assert!(told.lines().all(|line| line.chars().count() <= 78), "{told}");
        let expected =
            "sidegate exec i-0123456789abcdef0 -- env AWS_REGION=us-east-1 \\\n  PATH=/s/.venv/bin:\"$PATH\" sh\n";
        assert!(told.contains(expected), "{told}");
    }

    #[test]
    fn the_commands_with_which_one_goes_on_mean_the_paths_and_the_question_that_there_are() {
        let place = ("i-0123456789abcdef0", Path::new("/s p/bin"));
        let told = going_on(Path::new("/tmp/a b'c"), "document-qa", place, "What's\n new?");
        for line in [
            r"export SIDEGATE_STATE='/tmp/a b'\''c/state'",
            r#"printf '%s\n' '{"question":"What'\''s new?"}' \"#,
            r#"  PATH='/s p/bin':"$PATH" sh"#,
            r"sidegate down && rm -r '/tmp/a b'\''c'  # ends it",
        ] {
            assert!(told.lines().any(|told| told == line), "{line}\n{told}");
        }
    }
}
