//! The AWS clients that the demo shows the network with: the AWS CLI and boto3 in the instance, boto3 in the function.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::DemoError;
use crate::functions::{self, Boto3};

/// Directories that an instance has of its own, so that it does not see what the machine has in there.
const UNSEEN: [&str; 3] = ["/tmp", "/run", "/dev"];

/// The programs, by their paths.
pub(super) struct Clients {
    /// The AWS CLI.
    pub(super) aws: PathBuf,
    /// A Python that has boto3.
    pub(super) python: PathBuf,
}

impl Clients {
    /// Finds them: in the virtual environment that functions have boto3 from, or else on the machine. Blocks.
    ///
    /// # Errors
    /// If one is lacking, or where an instance does not see it.
    pub(super) fn find() -> Result<Self, DemoError> {
        match functions::boto3() {
            Boto3::NoPython => {
                return Err(lacking("Python 3 in /usr/bin or /usr/local/bin, which the function runs with"));
            }
            Boto3::Lacking { python } => {
                return Err(lacking(&format!("boto3 for {}, which the function runs with", python.display())));
            }
            Boto3::There => {}
        }
        let own = functions::virtual_environments()
            .map(|path| Self { aws: path.join("bin/aws"), python: path.join("bin/python3") })
            .find(|clients| clients.aws.is_file() && clients.python.is_file());
        let found = own.or_else(on_machine).ok_or_else(|| lacking("an AWS CLI and a Python that has boto3"))?;
        let unseen = UNSEEN.iter().find(|unseen| real(&found.aws).starts_with(unseen));
        match unseen {
            Some(place) => Err(DemoError::Unseen { path: found.aws, place }),
            None => Ok(found),
        }
    }
}

/// Those of the machine itself.
fn on_machine() -> Option<Clients> {
    let path = std::env::var_os("PATH")?;
    let of = |name: &str| std::env::split_paths(&path).map(|place| place.join(name)).find(|path| path.is_file());
    let clients = Clients { aws: of("aws")?, python: of("python3")? };
    let mut boto3 = Command::new(&clients.python);
    let is_there = boto3.args(["-c", "import boto3"]).stdin(Stdio::null()).stderr(Stdio::null()).status();
    is_there.is_ok_and(|status| status.success()).then_some(clients)
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn lacking(what: &str) -> DemoError {
    DemoError::Lacking(what.to_owned())
}
