//! curl as a client: in a subnet, or in a namespace with a bare link; some at once, each with requests one after the other
//! over a connection of its own. And what those requests took.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use sidegate_linux::netns::NetNs;

use super::daemon::{Daemon, REGION};
use super::process::cpu_time_of;
use super::{BenchError, Step as _};

/// How long a sample shall last, of which the start of the clients is a small part.
const LASTS: Duration = Duration::from_millis(500);

/// What every client does: says nothing, fails with the first request that fails, and waits no longer than this.
const CURL: &str = "curl --silent --show-error --fail --fail-early --max-time 600";

/// How many clients there are at once, and how many requests each makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) clients: u8,
    pub(super) requests: u32,
}

impl Load {
    fn total(self) -> f64 {
        f64::from(self.clients) * f64::from(self.requests)
    }

    /// What lasts as long as a sample shall, going by a run that took so long; at most `most` requests of each client.
    fn after(self, took: Duration, most: u32) -> Self {
        let factor = LASTS.as_secs_f64() / took.as_secs_f64().max(1e-3);
        let requests = (f64::from(self.requests) * factor.clamp(1.0, 20.0)).ceil();
        Self { requests: (requests as u32).clamp(1, most), ..self }
    }
}

/// What some requests took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    requests: f64,
    took: Duration,
    cpu: Duration,
}

impl Sample {
    /// Requests in a second.
    pub(super) fn rate(&self) -> f64 {
        self.requests / self.took.as_secs_f64()
    }

    /// Microseconds of the server's CPU for a request.
    pub(super) fn cpu(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.requests
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

/// Starts clients, waits for them, and tells how long they took in nanoseconds.
const SCRIPT: &str = r#"
begin=$(date +%s%N)
children=
for number in $(seq "$CLIENTS"); do
  eval "$REQUESTS" &
  children="$children $!"
done
for child in $children; do wait "$child" || exit 1; done
end=$(date +%s%N)
echo $((end - begin))
"#;

impl<'a> Client<'a> {
    /// curl in a subnet, with the signature for a service of the key that programs there have.
    pub(super) fn inside(daemon: &'a Daemon, subnet: &str, service: &str, options: &str, url: String) -> Self {
        let curl = format!(
            r#"{CURL} {options} --aws-sigv4 aws:amz:{REGION}:{service} --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY""#
        );
        Self { place: Place::Subnet(daemon, subnet.to_owned()), curl, url, server: daemon.process() }
    }

    /// curl in a namespace, with further options.
    pub(super) fn bare(namespace: &'a NetNs, directory: &Path, options: &str, url: String, server: u32) -> Self {
        let curl = format!("{CURL} {options}");
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

    /// Makes requests. In `options` and `path`, `$number` is the client's. A URL's fragment is sent to nobody, which lets
    /// curl be told a number of requests that are the same.
    pub(super) fn sample(&self, options: &str, path: &str, load: Load) -> Result<Sample, BenchError> {
        self.mixed(&self.requests(options, path, load.requests), load)
    }

    /// curl with requests, as the shell takes it.
    pub(super) fn requests(&self, options: &str, path: &str, requests: u32) -> String {
        format!("{} --output /dev/null {options} {}{path}#[1-{requests}]", self.curl, self.url)
    }

    /// What the shell makes of a command for each client.
    pub(super) fn mixed(&self, requests: &str, load: Load) -> Result<Sample, BenchError> {
        let before = cpu_time_of(self.server);
        let took = self.run(&format!("CLIENTS={}\nREQUESTS='{requests}'\n{SCRIPT}", load.clients))?;
        let cpu = cpu_time_of(self.server).saturating_sub(before);
        let took = took.trim().parse().map(Duration::from_nanos).step("reading how long it took")?;
        Ok(Sample { requests: load.total(), took, cpu })
    }

    /// How many requests, at most `most` by each client, last as long as a sample shall. Makes some.
    pub(super) fn calibrate(&self, options: &str, path: &str, clients: u8, most: u32) -> Result<Load, BenchError> {
        let mut load = Load { clients, requests: (most / 10).clamp(1, 10) };
        while load.requests < most {
            let took = self.sample(options, path, load)?.took;
            if took > LASTS / 2 {
                break;
            }
            load = load.after(took, most);
        }
        Ok(load)
    }

    fn run(&self, script: &str) -> Result<String, BenchError> {
        let output = self.output(script)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = format!("{}: {}", output.status, said.trim());
        Err(BenchError::Step { step: format!("asking {}", self.url), reason })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_grows_until_it_lasts_and_never_over_its_bound() {
        let load = Load { clients: 4, requests: 10 };
        assert_eq!(load.after(LASTS / 5, 1000).requests, 50);
        assert_eq!(load.after(Duration::ZERO, 1000).requests, 200);
        assert_eq!(load.after(Duration::ZERO, 60).requests, 60);
        assert_eq!(load.after(LASTS * 9, 60), load);
        let sample = Sample { requests: load.total(), took: Duration::from_secs(2), cpu: Duration::from_secs(1) };
        assert_eq!((sample.rate(), sample.cpu()), (20.0, 25_000.0));
    }
}
