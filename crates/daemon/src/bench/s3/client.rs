//! curl, in a subnet or in a namespace with a bare link, and what it took to carry objects.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use sidegate_linux::netns::NetNs;

use super::BUCKET;
use crate::bench::daemon::{Daemon, REGION};
use crate::bench::process::cpu_time_of;
use crate::bench::{BenchError, Step as _};

/// Which way objects go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    /// To the server.
    Put,
    /// From it.
    Get,
}

/// What it took to carry some objects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    bytes: f64,
    took: Duration,
    cpu: Duration,
}

impl Sample {
    /// Gigabytes in a second.
    pub(super) fn speed(&self) -> f64 {
        self.bytes / 1e9 / self.took.as_secs_f64()
    }

    /// Seconds of the server's CPU for a gigabyte.
    pub(super) fn cost(&self) -> f64 {
        self.cpu.as_secs_f64() / (self.bytes / 1e9)
    }
}

/// A place to run curl in, and what it talks to.
pub(super) struct Client<'a> {
    place: Place<'a>,
    /// curl with the options that this server needs, as the shell takes it.
    curl: String,
    url: String,
    server: u32,
}

enum Place<'a> {
    /// A subnet of a daemon.
    Subnet(&'a Daemon, String),
    /// A namespace, and a directory to start from.
    Namespace(&'a NetNs, PathBuf),
}

/// Starts curls, waits for them, and tells how long they took in nanoseconds.
const SCRIPT: &str = r#"
begin=$(date +%s%N)
children=
for number in $(seq "$STREAMS"); do
  eval "$TRANSFER" &
  children="$children $!"
done
for child in $children; do wait "$child" || exit 1; done
end=$(date +%s%N)
echo $((end - begin))
"#;

impl<'a> Client<'a> {
    /// curl in a subnet, with the signature of the key that programs there have.
    pub(super) fn gateway(daemon: &'a Daemon, subnet: &str) -> Self {
        let curl = format!(
            r#"curl --silent --show-error --fail --max-time 600 --header x-amz-content-sha256:UNSIGNED-PAYLOAD --aws-sigv4 aws:amz:{REGION}:s3 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY""#
        );
        let url = format!("https://{BUCKET}.s3.{REGION}.amazonaws.com");
        Self { place: Place::Subnet(daemon, subnet.to_owned()), curl, url, server: daemon.process() }
    }

    /// curl in a namespace, with further options.
    pub(super) fn bare(namespace: &'a NetNs, directory: &Path, options: &str, url: String, server: u32) -> Self {
        let curl = format!("curl --silent --show-error --fail --max-time 600 {options}");
        Self { place: Place::Namespace(namespace, directory.to_owned()), curl, url, server }
    }

    /// What stands before an object's name.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Runs curl once.
    pub(super) fn command(&self, arguments: &str) -> Result<String, BenchError> {
        self.run(&format!("{} {arguments}", self.curl))
    }

    /// Carries a file, or what a PUT made of it, some times at once.
    pub(super) fn transfer(
        &self, direction: Direction, file: &str, streams: u8, size: u64,
    ) -> Result<Sample, BenchError> {
        let (curl, url) = (&self.curl, &self.url);
        let transfer = match direction {
            Direction::Put => format!("{curl} --upload-file {file} {url}/{file}-$number"),
            Direction::Get => format!("{curl} --output /dev/null {url}/{file}-$number"),
        };
        let before = cpu_time_of(self.server);
        let script = format!("STREAMS={streams}\nTRANSFER='{transfer}'\n{SCRIPT}");
        let took = self.run(&script)?;
        let cpu = cpu_time_of(self.server).saturating_sub(before);
        let took = took.trim().parse().map(Duration::from_nanos).step("reading how long it took")?;
        Ok(Sample { bytes: size as f64 * f64::from(streams), took, cpu })
    }

    fn run(&self, script: &str) -> Result<String, BenchError> {
        let output = self.output(script)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = format!("{}: {}", output.status, said.trim());
        Err(BenchError::Step { step: format!("carrying objects to {}", self.url), reason })
    }

    fn output(&self, script: &str) -> Result<Output, BenchError> {
        const STEP: &str = "running curl";
        match &self.place {
            Place::Subnet(daemon, subnet) => {
                let mut command = daemon.command("exec");
                command.args(["--subnet", subnet, "--", "sh", "-c", script]).output().step(STEP)
            }
            Place::Namespace(namespace, directory) => {
                let mut command = Command::new("sh");
                command.args(["-c", script]).current_dir(directory).stdin(Stdio::null());
                namespace.run(|| command.output()).step(STEP)?.step(STEP)
            }
        }
    }
}
