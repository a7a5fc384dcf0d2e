//! Dynoxide, the engine behind Sidegate's DynamoDB, as a server of its own behind a bare link.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::bench::curl::Client;
use crate::bench::daemon::REGION;
use crate::bench::link::{Link, SERVER};
use crate::bench::process::{Process, installed};
use crate::bench::{BenchError, Step as _};

/// The program, as `cargo install dynoxide-rs` installs it.
pub(super) const NAME: &str = "dynoxide";

const PORT: u16 = 8000;

/// How long it may take to serve.
const START_LIMIT: Duration = Duration::from_secs(5);

/// A running server.
pub(super) struct Rival {
    process: Process,
}

impl Rival {
    /// Starts it on a file, if it is installed.
    pub(super) fn start(link: &Link) -> Result<Option<Self>, BenchError> {
        if !installed(NAME) {
            return Ok(None);
        }
        let (file, log) = (link.directory().join("rival.sqlite"), link.directory().join("rival.log"));
        let mut command = Command::new(NAME);
        command.args(["serve", "--host", &SERVER.to_string(), "--port", &PORT.to_string(), "--db-path"]).arg(file);
        let mut rival = Self { process: Process::start_in(&link.server, NAME, command, &log)? };
        let limit = Instant::now() + START_LIMIT;
        loop {
            rival.process.check(&log)?;
            let connected = link.client.run(|| std::net::TcpStream::connect((SERVER, PORT))).step(NAME)?;
            match connected {
                Ok(_) => return Ok(Some(rival)),
                Err(_) if Instant::now() < limit => std::thread::sleep(Duration::from_millis(50)),
                Err(error) => return Err(error).step(NAME),
            }
        }
    }

    /// curl at the other end of the link, with these options.
    pub(super) fn client<'a>(&self, link: &'a Link, work: &Path, options: &str) -> Client<'a> {
        let options = format!("{options} --aws-sigv4 aws:amz:{REGION}:dynamodb --user AKIABENCH:bench");
        Client::bare(&link.client, work, &options, format!("http://{SERVER}:{PORT}"), self.process.id())
    }
}
