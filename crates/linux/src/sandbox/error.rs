//! Why a program could not be run in a sandbox. The error may arise three
//! processes away, so it is plain data that can be sent home.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Why a program could not be run in a sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// What was asked for cannot be.
    #[error("cannot build the sandbox: {reason}")]
    Invalid {
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The helper process could not be started, or died.
    #[error("cannot start the sandbox with `{exe} shim` ({reason})")]
    Shim {
        /// The program that was to become the shim.
        exe: String,
        /// What went wrong.
        reason: String,
    },
    /// A namespace could not be made or entered.
    #[error("cannot enter new {what} ({reason}); Sidegate must run as root, with CAP_SYS_ADMIN")]
    Namespace {
        /// Which.
        what: String,
        /// The kernel's answer.
        reason: String,
    },
    /// The user namespace could not be made.
    #[error(
        "cannot create a user namespace ({reason}); see that `sysctl user.max_user_namespaces` is above zero, that `sysctl kernel.unprivileged_userns_clone`, where it exists, is 1, and that `sysctl kernel.apparmor_restrict_unprivileged_userns`, where it exists, is 0 unless Sidegate runs as root"
    )]
    UserNamespace {
        /// The kernel's answer.
        reason: String,
    },
    /// The writable layer could not be mounted.
    #[error(
        "cannot lay a writable layer over `{lower}` ({reason}); put the state directory on ext4, xfs, btrfs or tmpfs, not on overlayfs, NFS or a shared folder"
    )]
    Overlay {
        /// The host's file system below.
        lower: PathBuf,
        /// The kernel's answer.
        reason: String,
    },
    /// Something else could not be mounted.
    #[error("cannot mount {what} at `{target}` ({reason})")]
    Mount {
        /// What.
        what: String,
        /// Where.
        target: PathBuf,
        /// The kernel's answer.
        reason: String,
    },
    /// The program may not start where it should.
    #[error("the working directory `{path}` cannot be entered inside the sandbox ({reason}); start from another one")]
    WorkingDirectory {
        /// Where.
        path: PathBuf,
        /// The kernel's answer.
        reason: String,
    },
    /// There is no such program.
    #[error("`{command}` was not found inside the sandbox; give its full path, or check PATH")]
    CommandNotFound {
        /// As it was given.
        command: String,
    },
    /// The program cannot be executed.
    #[error("`{command}` cannot be executed inside the sandbox ({reason})")]
    CommandNotExecutable {
        /// As it was given.
        command: String,
        /// The kernel's answer.
        reason: String,
    },
    /// A detached program of that name is still running.
    #[error("`{pid_file}` belongs to a program that is still running; terminate it first")]
    AlreadyRunning {
        /// The file whose lock is held.
        pid_file: PathBuf,
    },
    /// There is no sandbox to enter.
    #[error("the sandbox of `{pid_file}` is not running; start it first")]
    NotRunning {
        /// The file whose lock should be held.
        pid_file: PathBuf,
    },
    /// A detached program did not end.
    #[error("the program of `{pid_file}` did not end, even when killed ({reason})")]
    NotTerminated {
        /// The file whose lock is still held.
        pid_file: PathBuf,
        /// What is known.
        reason: String,
    },
    /// Anything else.
    #[error("cannot {action} ({reason})")]
    System {
        /// What was attempted.
        action: String,
        /// The system's answer.
        reason: String,
    },
}

impl SandboxError {
    /// The exit status that a shell would give: 127 and 126 when the program
    /// cannot be found or executed, 125 when the sandbox itself failed.
    pub fn exit_status(&self) -> i32 {
        match self {
            Self::CommandNotFound { .. } => 127,
            Self::CommandNotExecutable { .. } => 126,
            _ => 125,
        }
    }

    pub(super) fn system(action: impl Into<String>, reason: &impl ToString) -> Self {
        Self::System { action: action.into(), reason: reason.to_string() }
    }

    pub(super) fn mount(what: &str, target: &Path, reason: &impl ToString) -> Self {
        Self::Mount { what: what.to_owned(), target: target.to_owned(), reason: reason.to_string() }
    }
}

/// Names what was attempted when a system call fails.
pub(super) trait Attempt<T> {
    /// Turns the failure into a [`SandboxError::System`].
    fn attempt(self, action: &str) -> Result<T, SandboxError>;
}

impl<T, E: ToString> Attempt<T> for Result<T, E> {
    fn attempt(self, action: &str) -> Result<T, SandboxError> {
        self.map_err(|error| SandboxError::system(action, &error))
    }
}
