//! s3s-fs, another server of S3, behind a bare link and over plain HTTP, which is all that it speaks.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{BUCKET, UNSIGNED};
use crate::bench::curl::Client;
use crate::bench::daemon::REGION;
use crate::bench::link::{Link, SERVER};
use crate::bench::process::{Process, installed};
use crate::bench::{BenchError, Step as _};

/// The program, as `cargo install s3s-fs --features binary` installs it.
pub(super) const NAME: &str = "s3s-fs";

/// How long it may take to serve.
const START_LIMIT: Duration = Duration::from_secs(5);

/// An access key that opens nothing but this.
const KEY: &str = "AKIABENCH";
const SECRET: &str = "bench";

/// A running server.
pub(super) struct Rival {
    process: Process,
}

impl Rival {
    /// Starts it, if it is installed, with a bucket. Its client runs in the directory `work`.
    pub(super) fn start(link: &Link, work: &Path) -> Result<Option<Self>, BenchError> {
        if !installed(NAME) {
            return Ok(None);
        }
        let root = link.directory().join("rival");
        fs::create_dir(&root).step("making a directory for another server")?;
        let mut command = Command::new(NAME);
        command.args(["--host", &SERVER.to_string(), "--port", "80", "--access-key", KEY, "--secret-key", SECRET]);
        command.arg(root);
        let log = link.directory().join("rival.log");
        let mut rival = Self { process: Process::start_in(&link.server, NAME, command, &log)? };
        rival.wait(link, work, &log)?;
        Ok(Some(rival))
    }

    /// curl at the other end of the link.
    pub(super) fn client<'a>(&self, link: &'a Link, work: &Path) -> Client<'a> {
        let options = format!("{UNSIGNED} --aws-sigv4 aws:amz:{REGION}:s3 --user {KEY}:{SECRET}");
        Client::bare(&link.client, work, &options, format!("http://{SERVER}/{BUCKET}"), self.process.id())
    }

    fn wait(&mut self, link: &Link, work: &Path, log: &Path) -> Result<(), BenchError> {
        let limit = Instant::now() + START_LIMIT;
        loop {
            self.process.check(log)?;
            let client = self.client(link, work);
            match client.command(&format!("--request PUT {}", client.url())) {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > limit => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}
