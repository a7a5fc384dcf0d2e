//! Why a daemon did not start, or did not go on.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use sidegate_edge::authority::AuthorityError;
use sidegate_linux::holder::HolderError;
use sidegate_linux::preflight::Missing;
use sidegate_services::{BoxError, cloudwatch, dynamodb, iam, kms, lambda, logs, organizations, s3, secretsmanager};

use crate::accounts::AccountsError;
use crate::state_dir::StateDirError;
use crate::store::StoreError;

/// Why a daemon did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DaemonError {
    /// Others could reach the API at this address.
    #[error("`{0}` is not an address of this machine alone: the API listens on 127.0.0.0/8 or [::1] only")]
    NotLocal(SocketAddr),
    /// The API cannot listen there.
    #[error("cannot listen on {address} ({reason}); choose another address with `--listen`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's answer.
        reason: io::Error,
    },
    /// The state directory cannot be used.
    #[error(transparent)]
    State(#[from] StateDirError),
    /// The world cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There are no accounts.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// The namespaces have no holder.
    #[error(transparent)]
    Holder(#[from] HolderError),
    /// Nothing can be decided about requests that another server is to answer.
    #[error("cannot let another server answer for {service} ({reason})")]
    Upstream {
        /// The service.
        service: String,
        /// What is wrong.
        reason: BoxError,
    },
    /// There is no authority for TLS.
    #[error("{}", chain(.0))]
    Authority(AuthorityError),
    /// The objects cannot be read.
    #[error("{}", chain(.0))]
    Objects(s3::OpenError),
    /// The secrets cannot be read.
    #[error("{}", chain(.0))]
    Secrets(secretsmanager::OpenError),
    /// The functions cannot be read.
    #[error("{}", chain(.0))]
    Functions(lambda::OpenError),
    /// The keys cannot be read.
    #[error("{}", chain(.0))]
    Keys(kms::OpenError),
    /// The logs cannot be read.
    #[error("{}", chain(.0))]
    Logs(logs::OpenError),
    /// The tables cannot be read.
    #[error("{}", chain(.0))]
    Tables(dynamodb::OpenError),
    /// The metrics cannot be read.
    #[error("{}", chain(.0))]
    Metrics(cloudwatch::OpenError),
    /// The identities cannot be read.
    #[error("{}", chain(.0))]
    Identities(iam::OpenError),
    /// The organizations cannot be read.
    #[error("{}", chain(.0))]
    Organizations(organizations::OpenError),
    /// The machine lacks something.
    #[error("this machine cannot carry networks yet\n{}", lines(.0))]
    Unfit(Vec<Missing>),
    /// A file of the state directory cannot be used.
    #[error("cannot use `{}` ({reason}); see whether the disk is full, and whose the file is", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// The system does not do what it does on every healthy machine.
    #[error("cannot {step} ({reason})")]
    System {
        /// What was to be done.
        step: &'static str,
        /// The system's answer.
        reason: io::Error,
    },
}

impl DaemonError {
    /// For a file of the state directory.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |reason| Self::File { path, reason }
    }

    /// For what the system hardly ever refuses.
    pub(super) fn system<E: Into<io::Error>>(step: &'static str) -> impl FnOnce(E) -> Self {
        move |reason| Self::System { step, reason: reason.into() }
    }
}

/// An error that leaves the reason to its source, with the reason.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}

fn lines(missing: &[Missing]) -> String {
    missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_thing_the_reason_and_what_to_do() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let file = DaemonError::file(Path::new("/state/metadata.key"))(denied());
        assert_eq!(
            file.to_string(),
            "cannot use `/state/metadata.key` (permission denied); see whether the disk is full, and whose the file is"
        );
        let objects = DaemonError::Objects(s3::OpenError::Directory(denied()));
        assert_eq!(objects.to_string(), "cannot use the directory of the objects: permission denied");
    }
}
